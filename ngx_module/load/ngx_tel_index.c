
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/* The index of a catalog: which row is tried before which. */

#include "ngx_tel_index.h"
#include "ngx_tel_settings.h"
#include "ngx_tel_template.h"
#include "ngx_tel_text.h"


static ngx_int_t ngx_tel_drop_twins(ngx_tel_build_t *b);
static ngx_int_t ngx_tel_place_list(ngx_tel_build_t *b, ngx_tel_entry_t *entry,
    ngx_array_t *exact, ngx_array_t *classes, ngx_array_t *patterns);
static ngx_int_t ngx_tel_keep_sure(ngx_tel_build_t *b, ngx_tel_entry_t *entry);
static ngx_uint_t ngx_tel_named(ngx_tel_statement_t *st, ngx_str_t *value);
static ngx_uint_t ngx_tel_covered(ngx_tel_build_t *b, ngx_str_t *key);
static ngx_uint_t ngx_tel_covers(ngx_tel_entry_t *entry, ngx_str_t *key);
static ngx_int_t ngx_tel_cmp_key(const ngx_tel_entry_t *a,
    const ngx_tel_entry_t *b);
static int ngx_libc_cdecl ngx_tel_cmp_twin(const void *one, const void *two);
static ngx_int_t ngx_tel_cmp_list(const ngx_tel_entry_t *a,
    const ngx_tel_entry_t *b);
static int ngx_libc_cdecl ngx_tel_cmp_order(const void *one, const void *two);


char *
ngx_tel_remedy(ngx_tel_statement_t *one, ngx_tel_statement_t *two)
{
    if (one->number == two->number) {
        return "write it once";
    }

    return ngx_tel_twice(&one->place, &two->place,
                         (one->block->catalog == NULL && one->block->base)
                         ? "write it once, or put yours into \"telephony_codes "
                           "replaces { ... }\""
                         : "write it once");
}


/*
 * Of two rows with one key the extension's wins over the base's; two in one
 * block are a mistake, and so are two in different extensions, for the order
 * of files must not decide.
 */

static ngx_int_t
ngx_tel_drop_twins(ngx_tel_build_t *b)
{
    ngx_uint_t        i, n;
    ngx_tel_entry_t  *e;

    e = b->entries.elts;

    ngx_qsort(e, b->entries.nelts, sizeof(ngx_tel_entry_t), ngx_tel_cmp_twin);

    for (i = 0, n = 0; i < b->entries.nelts; i++) {

        if (n && ngx_tel_cmp_key(&e[n - 1], &e[i]) == 0) {

            if (e[n - 1].st->block->base == e[i].st->block->base) {
                return ngx_tel_refuse(b->cf,
                             &e[i].st->place,
                             "a row for \"%V\" with the same scope, status and "
                             "message stands in %V:%ui already: %s",
                             e[i].key.len ? &e[i].key : &e[i].st->args[0],
                             e[n - 1].row->file,
                             (ngx_uint_t) e[n - 1].row->line,
                             ngx_tel_remedy(e[n - 1].st, e[i].st));
            }

            continue;
        }

        if (n && ngx_tel_cmp_list(&e[n - 1], &e[i]) != 0) {
            b->nlists++;
        }

        e[n] = e[i];
        e[n++].list = b->nlists;
    }

    b->entries.nelts = n;
    b->nlists++;

    return NGX_OK;
}


/*
 * Links the rows of each key and puts the first one into the index.  They come
 * in their order, so that patterns stand by their first rows.
 */

ngx_int_t
ngx_tel_link(ngx_tel_build_t *b)
{
    ngx_uint_t         i;
    ngx_array_t        exact, classes, patterns;
    ngx_tel_row_t    **last;
    ngx_tel_entry_t   *e;
    ngx_tel_index_t   *index;

    if (ngx_tel_drop_twins(b) != NGX_OK) {
        return NGX_ERROR;
    }

    e = b->entries.elts;
    index = b->index;

    ngx_qsort(e, b->entries.nelts, sizeof(ngx_tel_entry_t), ngx_tel_cmp_order);

    last = ngx_pcalloc(b->cf->temp_pool, b->nlists * sizeof(ngx_tel_row_t *));
    if (last == NULL) {
        return NGX_ERROR;
    }

    if (ngx_array_init(&exact, b->cf->temp_pool, b->entries.nelts + 1,
                       sizeof(ngx_hash_key_t))
        != NGX_OK
        || ngx_array_init(&classes, b->cf->temp_pool, 16,
                          sizeof(ngx_hash_key_t))
           != NGX_OK
        || ngx_array_init(&patterns, b->pool, 4, sizeof(ngx_tel_pattern_t))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < b->entries.nelts; i++) {

        e[i].row->order = i;

        if (last[e[i].list]) {
            last[e[i].list]->next = e[i].row;
            last[e[i].list] = e[i].row;
            continue;
        }

        last[e[i].list] = e[i].row;

        if (ngx_tel_place_list(b, &e[i], &exact, &classes, &patterns) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    index->nrows = b->entries.nelts;
    index->patterns = patterns.elts;
    index->npatterns = patterns.nelts;

    if (ngx_tel_hash(b->cf, b->pool, &index->exact, &exact) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_tel_hash(b->cf, b->pool, &index->classes, &classes);
}


static ngx_int_t
ngx_tel_place_list(ngx_tel_build_t *b, ngx_tel_entry_t *entry,
    ngx_array_t *exact, ngx_array_t *classes, ngx_array_t *patterns)
{
    ngx_int_t           n;
    ngx_array_t        *keys;
    ngx_hash_key_t     *key;
    ngx_tel_index_t    *index;
    ngx_tel_pattern_t  *pattern;

    index = b->index;

    switch (entry->match) {

    case NGX_TEL_BY_EXACT:
    case NGX_TEL_BY_CLASS:
        keys = (entry->match == NGX_TEL_BY_EXACT)
               ? exact : classes;

        key = ngx_array_push(keys);
        if (key == NULL) {
            return NGX_ERROR;
        }

        key->key = entry->key;
        key->key_hash = ngx_hash_key(entry->key.data, entry->key.len);
        key->value = entry->row;

        return ngx_tel_keep_sure(b, entry);

    case NGX_TEL_BY_PATTERN:
        pattern = ngx_array_push(patterns);
        if (pattern == NULL) {
            return NGX_ERROR;
        }

        pattern->rows = entry->row;

        return ngx_tel_keep(b->pool, &entry->key, &pattern->text);

    case NGX_TEL_BY_ABSENT:
        index->absent = entry->row;
        return NGX_OK;

    default: /* NGX_TEL_BY_STATUS */
        if (index->statuses == NULL) {
            index->statuses = ngx_pcalloc(b->pool, sizeof(ngx_tel_statuses_t));
            if (index->statuses == NULL) {
                return NGX_ERROR;
            }
        }

        n = ngx_tel_status_arg(&entry->key);

        if (n < 10) {
            index->statuses->classes[n - 4] = entry->row;

        } else {
            index->statuses->exact[n - 400] = entry->row;
        }

        return NGX_OK;
    }
}


/* The first row of a key, if it asks for nothing else, decides alone. */

static ngx_int_t
ngx_tel_keep_sure(ngx_tel_build_t *b, ngx_tel_entry_t *entry)
{
    ngx_str_t        *key;
    ngx_tel_sure_t   *sure;
    ngx_tel_index_t  *index;

    index = b->index;
    key = &entry->key;

    if (entry->match != NGX_TEL_BY_EXACT
        || entry->row->kind != NGX_TEL_SUCCESS
        || entry->row->narrow
        || index->nsure == NGX_TEL_MAX_SURE
        || ngx_tel_find(&index->aliases, key)
        || ngx_tel_find(&index->nocodes, key))
    {
        return NGX_OK;
    }

    sure = &index->sure[index->nsure++];
    sure->row = entry->row;

    return ngx_tel_keep(b->pool, key, &sure->key);
}


ngx_int_t
ngx_tel_cmp_str(ngx_str_t *a, ngx_str_t *b)
{
    return ngx_memn2cmp(a->data, b->data, a->len, b->len);
}


ngx_int_t
ngx_tel_check_named(ngx_tel_build_t *b, ngx_tel_source_t *source)
{
    ngx_str_t             key, value, *name;
    ngx_uint_t            i;
    ngx_tel_statement_t  *st;

    if (b->catalog == NULL) {
        return NGX_OK;
    }

    st = source->settings.elts;

    for (i = 0; i < source->settings.nelts; i++) {

        if (st[i].block->catalog != b->catalog
            || !ngx_tel_named(&st[i], &value))
        {
            continue;
        }

        if (ngx_tel_fold_arg(b->cf->temp_pool, &value, &key) != NGX_OK) {
            return ngx_tel_refuse(b->cf, &st[i].place,
                               "\"code=%V\" must name a code of 1 to 256 bytes",
                               &value);
        }

        name = ngx_tel_find(&b->index->aliases, &key);

        if (name
            && ngx_tel_fold_arg(b->cf->temp_pool, name, &key) != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (!ngx_tel_covered(b, &key)) {
            return ngx_tel_refuse(b->cf, &st[i].place,
                              "no row says what \"code=%V\" means: add one, as "
                              "in \"error %V UNIFIED_CODE;\"", &value, &value);
        }
    }

    return NGX_OK;
}


/* Takes what "code=" of the statement names; 0 if it has none. */

static ngx_uint_t
ngx_tel_named(ngx_tel_statement_t *st, ngx_str_t *value)
{
    ngx_tel_text_t  *text;

    if (st->kw->set == ngx_tel_set_text) {
        text = st->block->catalog->texts.elts;
        *value = text[st->text].value;

        return value->len != 0;
    }

    if (st->kw->set != ngx_tel_set_present) {
        return 0;
    }

    value->len = st->args[2].len - 5;
    value->data = st->args[2].data + 5;

    return 1;
}


static ngx_uint_t
ngx_tel_covered(ngx_tel_build_t *b, ngx_str_t *key)
{
    ngx_uint_t        i;
    ngx_tel_entry_t  *e;

    e = b->entries.elts;

    for (i = 0; i < b->entries.nelts; i++) {

        if (ngx_tel_covers(&e[i], key)) {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
ngx_tel_covers(ngx_tel_entry_t *entry, ngx_str_t *key)
{
    size_t  i;

    switch (entry->match) {

    case NGX_TEL_BY_EXACT:
        return ngx_tel_cmp_str(&entry->key, key) == 0;

    case NGX_TEL_BY_PATTERN:
        return ngx_tel_wildcard(&entry->key, key);

    case NGX_TEL_BY_CLASS:
        break;

    default:
        return 0;
    }

    if (entry->key.len != key->len) {
        return 0;
    }

    for (i = 0; i < key->len; i++) {

        if (entry->key.data[i] == 'x'
            ? (key->data[i] < '0' || key->data[i] > '9')
            : (key->data[i] != entry->key.data[i]))
        {
            return 0;
        }
    }

    return 1;
}


/* 0 if both ask for the same: one key, scope, status and message */

static ngx_int_t
ngx_tel_cmp_key(const ngx_tel_entry_t *a, const ngx_tel_entry_t *b)
{
    ngx_int_t          rc;
    ngx_tel_narrow_t  *m, *n;

    rc = ngx_tel_cmp_list(a, b);
    if (rc) {
        return rc;
    }

    if (a->rank != b->rank) {
        return (a->rank < b->rank) ? -1 : 1;
    }

    if (a->rank == 0) {
        return 0;
    }

    m = a->row->narrow;
    n = b->row->narrow;

    if (m->status != n->status) {
        return (m->status < n->status) ? -1 : 1;
    }

    rc = ngx_tel_cmp_str(&m->scope, &n->scope);

    if (rc || m->message == NULL) {
        return rc;
    }

    return ngx_tel_cmp_str(ngx_tel_template_key(m->message),
                           ngx_tel_template_key(n->message));
}


static int ngx_libc_cdecl
ngx_tel_cmp_twin(const void *one, const void *two)
{
    const ngx_tel_entry_t  *a = one;
    const ngx_tel_entry_t  *b = two;

    ngx_int_t  rc;

    rc = ngx_tel_cmp_key(a, b);

    if (rc) {
        return rc;
    }

    if (a->st->block->base != b->st->block->base) {
        return b->st->block->base ? -1 : 1;
    }

    return (a->order < b->order) ? -1 : 1;
}


/* 0 if both are looked up by one key */

static ngx_int_t
ngx_tel_cmp_list(const ngx_tel_entry_t *a, const ngx_tel_entry_t *b)
{
    if (a->match != b->match) {
        return (a->match < b->match) ? -1 : 1;
    }

    return ngx_tel_cmp_str((ngx_str_t *) &a->key, (ngx_str_t *) &b->key);
}


/*
 * The order in which the rows that one code may have on a level are tried: by
 * message before by scope before by status; then the message with more literal
 * characters, the pattern with more of them or the class with more digits; then
 * the extension's, for the order of files must not decide; then the earlier.
 */

static int ngx_libc_cdecl
ngx_tel_cmp_order(const void *one, const void *two)
{
    const ngx_tel_entry_t  *a = one;
    const ngx_tel_entry_t  *b = two;

    if (a->match != b->match) {
        return (a->match < b->match) ? -1 : 1;
    }

    if (a->rank != b->rank) {
        return (a->rank > b->rank) ? -1 : 1;
    }

    if (a->literals != b->literals) {
        return (a->literals > b->literals) ? -1 : 1;
    }

    if (a->width != b->width) {
        return (a->width > b->width) ? -1 : 1;
    }

    if (a->st->block->base != b->st->block->base) {
        return b->st->block->base ? -1 : 1;
    }

    return (a->order < b->order) ? -1 : 1;
}
