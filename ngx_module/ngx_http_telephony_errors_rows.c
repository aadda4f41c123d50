
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/*
 * Reads the rows of a catalog and sorts them into the index in which they are
 * looked up.  The order of precedence of rows is decided in
 * ngx_http_telephony_errors_cmp_order().
 */


#include "ngx_http_telephony_errors_catalog.h"
#include "ngx_http_telephony_errors_source.h"
#include "ngx_http_telephony_errors_text.h"


/* a row under one of its keys; an error statement with two codes makes two */

typedef struct {
    ngx_uint_t                               match;    /* exact, class, ... */
    ngx_str_t                                key;      /* folded */
    ngx_uint_t                               rank;     /* by narrowing */
    ngx_uint_t                               literals; /* of the message */
    ngx_uint_t                               width;    /* of the key */
    ngx_uint_t                               order;    /* as read */
    ngx_uint_t                               list;     /* of rows of the key */
    ngx_http_telephony_errors_row_t         *row;
    ngx_http_telephony_errors_statement_t   *st;
} ngx_http_telephony_errors_entry_t;


/* the parts of a row statement */

typedef struct {
    ngx_http_telephony_errors_kind_e         kind;
    ngx_http_telephony_errors_match_e        match;    /* 0: by the code */
    ngx_str_t                               *keys;
    ngx_uint_t                               nkeys;
    ngx_str_t                               *unified;  /* NULL: success */
    ngx_str_t                               *sentence;
    ngx_str_t                                scope;
    ngx_str_t                                status;
    ngx_str_t                                message;
    ngx_str_t                                field;
} ngx_http_telephony_errors_parts_t;


typedef struct {
    ngx_conf_t                              *cf;
    ngx_pool_t                              *pool;
    ngx_http_telephony_errors_codes_t       *codes;
    ngx_http_telephony_errors_catalog_t     *catalog;  /* NULL: codes */
    ngx_http_telephony_errors_index_t       *index;
    ngx_array_t                              entries;
    ngx_uint_t                               nlists;
    ngx_array_t                              words;    /* of one row */
} ngx_http_telephony_errors_build_t;


static ngx_int_t ngx_http_telephony_errors_init_build(
    ngx_http_telephony_errors_build_t *b, ngx_uint_t n);
static ngx_int_t ngx_http_telephony_errors_aliases(
    ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st, ngx_uint_t n, ngx_uint_t base);
static ngx_int_t ngx_http_telephony_errors_alias(
    ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st, ngx_array_t *keys,
    ngx_uint_t *ours);
static ngx_int_t ngx_http_telephony_errors_push_key(
    ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st, ngx_str_t *word, void *value,
    ngx_array_t *keys, ngx_uint_t n);
static ngx_int_t ngx_http_telephony_errors_row(
    ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st);
static ngx_int_t ngx_http_telephony_errors_split(
    ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_parts_t *parts);
static ngx_int_t ngx_http_telephony_errors_words(
    ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_parts_t *parts);
static ngx_int_t ngx_http_telephony_errors_option(
    ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st, ngx_str_t *arg,
    ngx_http_telephony_errors_parts_t *parts);
static ngx_int_t ngx_http_telephony_errors_unified(
    ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_parts_t *parts);
static ngx_uint_t ngx_http_telephony_errors_like_code(ngx_str_t *word);
static ngx_int_t ngx_http_telephony_errors_narrow(
    ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_parts_t *parts,
    ngx_http_telephony_errors_row_t *row);
static ngx_int_t ngx_http_telephony_errors_narrow_status(
    ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_parts_t *parts,
    ngx_http_telephony_errors_row_t *row);
static ngx_int_t ngx_http_telephony_errors_status_arg(ngx_str_t *word);
static ngx_int_t ngx_http_telephony_errors_target(
    ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_parts_t *parts,
    ngx_http_telephony_errors_row_t *row);
static ngx_int_t ngx_http_telephony_errors_check_sentence(
    ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_row_t *row);
static ngx_int_t ngx_http_telephony_errors_add_entry(
    ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_parts_t *parts,
    ngx_http_telephony_errors_row_t *row, ngx_str_t *word);
static ngx_int_t ngx_http_telephony_errors_entry_key(
    ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_entry_t *entry, ngx_str_t *word);
static ngx_uint_t ngx_http_telephony_errors_width(
    ngx_http_telephony_errors_entry_t *entry);
static ngx_int_t ngx_http_telephony_errors_drop_twins(
    ngx_http_telephony_errors_build_t *b);
static ngx_int_t ngx_http_telephony_errors_link(
    ngx_http_telephony_errors_build_t *b);
static ngx_int_t ngx_http_telephony_errors_place_list(
    ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_entry_t *entry, ngx_array_t *exact,
    ngx_array_t *classes, ngx_array_t *patterns);
static ngx_int_t ngx_http_telephony_errors_keep_sure(
    ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_entry_t *entry);
static ngx_int_t ngx_http_telephony_errors_cmp_str(ngx_str_t *a, ngx_str_t *b);
static ngx_int_t ngx_http_telephony_errors_cmp_list(
    const ngx_http_telephony_errors_entry_t *a,
    const ngx_http_telephony_errors_entry_t *b);
static ngx_int_t ngx_http_telephony_errors_cmp_key(
    const ngx_http_telephony_errors_entry_t *a,
    const ngx_http_telephony_errors_entry_t *b);
static int ngx_libc_cdecl ngx_http_telephony_errors_cmp_twin(const void *one,
    const void *two);
static int ngx_libc_cdecl ngx_http_telephony_errors_cmp_order(const void *one,
    const void *two);


ngx_int_t
ngx_http_telephony_errors_index(ngx_conf_t *cf, ngx_pool_t *pool,
    ngx_http_telephony_errors_catalogs_t *catalogs,
    ngx_http_telephony_errors_catalog_t *catalog,
    ngx_http_telephony_errors_statement_t *statements, ngx_uint_t n,
    ngx_uint_t base, ngx_http_telephony_errors_index_t *index)
{
    ngx_uint_t                         i;
    ngx_http_telephony_errors_build_t  b;

    ngx_memzero(index, sizeof(ngx_http_telephony_errors_index_t));

    b.cf = cf;
    b.pool = pool;
    b.codes = &catalogs->codes;
    b.catalog = catalog;
    b.index = index;

    if (ngx_http_telephony_errors_init_build(&b, n) != NGX_OK
        || ngx_http_telephony_errors_aliases(&b, statements, n, base)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {

        if (base && !statements[i].block->base) {
            continue;
        }

        if (ngx_http_telephony_errors_row(&b, &statements[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (ngx_http_telephony_errors_drop_twins(&b) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_telephony_errors_link(&b);
}


ngx_int_t
ngx_http_telephony_errors_general_statuses(ngx_conf_t *cf,
    ngx_http_telephony_errors_catalogs_t *catalogs,
    ngx_http_telephony_errors_statement_t *statements, ngx_uint_t n)
{
    ngx_uint_t                         i;
    ngx_http_telephony_errors_build_t  b;
    ngx_http_telephony_errors_index_t  index;

    ngx_memzero(&index, sizeof(ngx_http_telephony_errors_index_t));
    index.statuses = &catalogs->codes.statuses;

    b.cf = cf;
    b.pool = cf->pool;
    b.codes = &catalogs->codes;
    b.catalog = NULL;
    b.index = &index;

    if (ngx_http_telephony_errors_init_build(&b, n) != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        if (ngx_http_telephony_errors_row(&b, &statements[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (ngx_http_telephony_errors_drop_twins(&b) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_telephony_errors_link(&b);
}


static ngx_int_t
ngx_http_telephony_errors_init_build(ngx_http_telephony_errors_build_t *b,
    ngx_uint_t n)
{
    b->nlists = 0;

    if (ngx_array_init(&b->entries, b->cf->temp_pool, n + 1,
                       sizeof(ngx_http_telephony_errors_entry_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_array_init(&b->words, b->cf->temp_pool, 64, sizeof(ngx_str_t));
}


/*
 * Aliases and nocodes come first, for rows are looked up under the names; and
 * those of extensions before those of the base, which they replace.
 */

static ngx_int_t
ngx_http_telephony_errors_aliases(ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st, ngx_uint_t n, ngx_uint_t base)
{
    ngx_uint_t   i, pass, ours[2];
    ngx_array_t  keys[2];

    ngx_memzero(ours, sizeof(ours));

    for (i = 0; i < 2; i++) {
        if (ngx_array_init(&keys[i], b->cf->temp_pool, 16,
                           sizeof(ngx_hash_key_t))
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    for (pass = base; pass < 2; pass++) {

        for (i = 0; i < n; i++) {
            if (st[i].block->base == pass
                && ngx_http_telephony_errors_alias(b, &st[i], keys, ours)
                   != NGX_OK)
            {
                return NGX_ERROR;
            }
        }

        ours[0] = keys[0].nelts;
        ours[1] = keys[1].nelts;
    }

    if (ngx_http_telephony_errors_hash(b->cf, b->pool, &b->index->aliases,
                                       &keys[0])
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_telephony_errors_hash(b->cf, b->pool, &b->index->nocodes,
                                          &keys[1]);
}


/* Takes up an alias into keys[0] or a nocode into keys[1]. */

static ngx_int_t
ngx_http_telephony_errors_alias(ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st, ngx_array_t *keys,
    ngx_uint_t *ours)
{
    ngx_str_t   *name;
    ngx_uint_t   i;

    if (ngx_strcmp(st->args[0].data, "nocode") == 0) {

        for (i = 1; i < st->nargs; i++) {
            if (ngx_http_telephony_errors_push_key(b, st, &st->args[i],
                                                   (void *) "", &keys[1],
                                                   ours[1])
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }

        return NGX_OK;
    }

    if (ngx_strcmp(st->args[0].data, "alias") != 0) {
        return NGX_OK;
    }

    if (st->args[2].len > NGX_HTTP_TELEPHONY_ERRORS_MAX_CODE) {
        return ngx_http_telephony_errors_refuse(b->cf, &st->place,
                   "alias name \"%V\" is too long; 256 bytes are the most",
                   &st->args[2]);
    }

    name = ngx_palloc(b->pool, sizeof(ngx_str_t));

    if (name == NULL
        || ngx_http_telephony_errors_keep(b->pool, &st->args[2], name)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_telephony_errors_push_key(b, st, &st->args[1], name,
                                              &keys[0], ours[0]);
}


/*
 * The first n keys are those of extensions, while the base is read: the base's
 * yield to them.  Otherwise a value is given once.
 */

static ngx_int_t
ngx_http_telephony_errors_push_key(ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st, ngx_str_t *word, void *value,
    ngx_array_t *keys, ngx_uint_t n)
{
    ngx_str_t        key;
    ngx_uint_t       i;
    ngx_hash_key_t  *k;

    switch (ngx_http_telephony_errors_fold_arg(b->cf->temp_pool, word, &key)) {

    case NGX_OK:
        break;

    case NGX_DECLINED:
        return ngx_http_telephony_errors_refuse(b->cf, &st->place,
                   "value \"%V\" is empty or longer than 256 bytes", word);

    default:
        return NGX_ERROR;
    }

    k = keys->elts;

    for (i = 0; i < keys->nelts; i++) {

        if (k[i].key.len != key.len
            || ngx_memcmp(k[i].key.data, key.data, key.len) != 0)
        {
            continue;
        }

        if (i < n) {
            return NGX_OK;
        }

        return ngx_http_telephony_errors_refuse(b->cf, &st->place,
                   "\"%V\" is given twice in \"%V\" statements: write it "
                   "once", word, &st->args[0]);
    }

    k = ngx_array_push(keys);
    if (k == NULL) {
        return NGX_ERROR;
    }

    k->key = key;
    k->key_hash = ngx_hash_key(key.data, key.len);
    k->value = value;

    return NGX_OK;
}


static ngx_int_t
ngx_http_telephony_errors_row(ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st)
{
    ngx_uint_t                          i;
    ngx_http_telephony_errors_row_t     row, *made;
    ngx_http_telephony_errors_parts_t   parts;

    if (ngx_strcmp(st->args[0].data, "alias") == 0
        || ngx_strcmp(st->args[0].data, "nocode") == 0)
    {
        return NGX_OK;
    }

    ngx_memzero(&row, sizeof(ngx_http_telephony_errors_row_t));
    ngx_memzero(&parts, sizeof(ngx_http_telephony_errors_parts_t));

    if (ngx_http_telephony_errors_split(b, st, &parts) != NGX_OK) {
        return NGX_ERROR;
    }

    row.kind = parts.kind;
    row.file = st->place.file;
    row.line = st->place.line;

    if (ngx_http_telephony_errors_narrow(b, st, &parts, &row) != NGX_OK
        || ngx_http_telephony_errors_target(b, st, &parts, &row) != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < ngx_max(parts.nkeys, 1); i++) {

        made = ngx_palloc(b->pool, sizeof(ngx_http_telephony_errors_row_t));
        if (made == NULL) {
            return NGX_ERROR;
        }

        *made = row;

        if (ngx_http_telephony_errors_add_entry(b, st, &parts, made,
                                             parts.nkeys ? &parts.keys[i]
                                                         : NULL)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* Sorts the arguments of a statement into their parts. */

static ngx_int_t
ngx_http_telephony_errors_split(ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_parts_t *parts)
{
    u_char  *word;

    word = st->args[0].data;

    parts->kind = NGX_HTTP_TELEPHONY_ERRORS_ERROR;

    if (ngx_strcmp(word, "success") == 0) {
        parts->kind = NGX_HTTP_TELEPHONY_ERRORS_SUCCESS;

    } else if (ngx_strcmp(word, "notice") == 0) {
        parts->kind = NGX_HTTP_TELEPHONY_ERRORS_NOTICE;

    } else if (ngx_strcmp(word, "absent") == 0) {
        parts->match = NGX_HTTP_TELEPHONY_ERRORS_BY_ABSENT;

    } else if (ngx_strcmp(word, "status") == 0) {
        parts->match = NGX_HTTP_TELEPHONY_ERRORS_BY_STATUS;
    }

    if (ngx_http_telephony_errors_words(b, st, parts) != NGX_OK) {
        return NGX_ERROR;
    }

    if (parts->match == NGX_HTTP_TELEPHONY_ERRORS_BY_ABSENT
        && parts->nkeys == 1
        && ngx_strcmp(parts->keys[0].data, "success") == 0)
    {
        parts->kind = NGX_HTTP_TELEPHONY_ERRORS_SUCCESS;
        parts->nkeys = 0;
    }

    if (parts->kind != NGX_HTTP_TELEPHONY_ERRORS_SUCCESS
        && ngx_http_telephony_errors_unified(b, st, parts) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (parts->match == NGX_HTTP_TELEPHONY_ERRORS_BY_ABSENT) {

        if (parts->nkeys) {
            return ngx_http_telephony_errors_refuse(b->cf, &st->place,
                       "unexpected argument \"%V\": an \"absent\" row has no "
                       "code", &parts->keys[0]);
        }

    } else if (parts->nkeys == 0) {
        return ngx_http_telephony_errors_refuse(b->cf, &st->place,
                   "no %s is given in \"%V\"",
                   parts->match ? "HTTP status" : "provider code",
                   &st->args[0]);
    }

    return NGX_OK;
}


/* The words that are no options, in their order. */

static ngx_int_t
ngx_http_telephony_errors_words(ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_parts_t *parts)
{
    ngx_str_t   *key;
    ngx_uint_t   i;

    b->words.nelts = 0;

    for (i = 1; i < st->nargs; i++) {

        switch (ngx_http_telephony_errors_option(b, st, &st->args[i], parts)) {

        case NGX_OK:
            break;

        case NGX_DECLINED:

            key = ngx_array_push(&b->words);
            if (key == NULL) {
                return NGX_ERROR;
            }

            *key = st->args[i];
            break;

        default: /* NGX_ERROR */
            return NGX_ERROR;
        }
    }

    parts->keys = b->words.elts;
    parts->nkeys = b->words.nelts;

    return NGX_OK;
}


/* NGX_OK if the argument is an option, NGX_DECLINED if it is none. */

static ngx_int_t
ngx_http_telephony_errors_option(ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st, ngx_str_t *arg,
    ngx_http_telephony_errors_parts_t *parts)
{
    ngx_uint_t  i;
    ngx_str_t  *dst;

    static ngx_str_t  names[] = {
        ngx_string("scope="),
        ngx_string("status="),
        ngx_string("message="),
        ngx_string("field=")
    };

    for (i = 0; i < 4; i++) {

        if (arg->len >= names[i].len
            && ngx_strncmp(arg->data, names[i].data, names[i].len) == 0)
        {
            break;
        }
    }

    if (i == 4) {
        return NGX_DECLINED;
    }

    dst = (i == 0) ? &parts->scope
          : (i == 1) ? &parts->status
          : (i == 2) ? &parts->message : &parts->field;

    if (dst->data) {
        return ngx_http_telephony_errors_refuse(b->cf, &st->place,
                   "\"%V\" is given twice in one row", arg);
    }

    dst->data = arg->data + names[i].len;
    dst->len = arg->len - names[i].len;

    if (dst->len == 0) {
        return ngx_http_telephony_errors_refuse(b->cf, &st->place,
                   "\"%V\" needs a value", arg);
    }

    return NGX_OK;
}


/* The last word is the sentence unless it names a unified code. */

static ngx_int_t
ngx_http_telephony_errors_unified(ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_parts_t *parts)
{
    ngx_str_t  *last;

    if (parts->nkeys == 0) {
        return ngx_http_telephony_errors_refuse(b->cf, &st->place,
                   "no unified code is given in \"%V\"", &st->args[0]);
    }

    last = &parts->keys[parts->nkeys - 1];

    if (ngx_http_telephony_errors_find_code(b->codes, last)) {
        parts->unified = last;
        parts->nkeys--;
        return NGX_OK;
    }

    if (ngx_http_telephony_errors_like_code(last)) {
        return ngx_http_telephony_errors_refuse(b->cf, &st->place,
                   "\"%V\" is no unified code: correct it, or define it in "
                   "telephony_codes", last);
    }

    if (parts->nkeys >= 2
        && ngx_http_telephony_errors_find_code(b->codes, last - 1))
    {
        parts->unified = last - 1;
        parts->sentence = last;
        parts->nkeys -= 2;
        return NGX_OK;
    }

    if (parts->nkeys >= 2) {
        last--;
    }

    return ngx_http_telephony_errors_refuse(b->cf, &st->place,
               "\"%V\" is no unified code: a row ends with a code of "
               "telephony_codes and may have a sentence behind it", last);
}


static ngx_uint_t
ngx_http_telephony_errors_like_code(ngx_str_t *word)
{
    size_t  i;

    for (i = 0; i < word->len; i++) {
        if (!((word->data[i] >= 'A' && word->data[i] <= 'Z')
              || word->data[i] == '_'
              || (i && word->data[i] >= '0' && word->data[i] <= '9')))
        {
            return 0;
        }
    }

    return word->len > 2;
}


static ngx_int_t
ngx_http_telephony_errors_narrow(ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_parts_t *parts,
    ngx_http_telephony_errors_row_t *row)
{
    char                                *err;
    ngx_http_telephony_errors_narrow_t  *narrow;

    if (parts->scope.data == NULL && parts->status.data == NULL
        && parts->message.data == NULL && parts->field.data == NULL)
    {
        return NGX_OK;
    }

    narrow = ngx_pcalloc(b->pool, sizeof(ngx_http_telephony_errors_narrow_t));
    if (narrow == NULL) {
        return NGX_ERROR;
    }

    row->narrow = narrow;

    if (parts->status.data
        && ngx_http_telephony_errors_narrow_status(b, st, parts, row)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (parts->scope.data) {

        if (b->catalog == NULL || b->catalog->scope == NULL) {
            return ngx_http_telephony_errors_refuse(b->cf, &st->place,
                       "\"scope=%V\" in a catalog that has no scope: give one "
                       "first, as in \"scope $variable;\"", &parts->scope);
        }

        if (ngx_http_telephony_errors_fold_arg(b->pool, &parts->scope,
                                               &narrow->scope)
            != NGX_OK)
        {
            return ngx_http_telephony_errors_refuse(b->cf, &st->place,
                       "invalid \"scope=%V\"", &parts->scope);
        }
    }

    if (parts->message.data) {

        if (b->catalog == NULL || b->catalog->messages.nelts == 0) {
            return ngx_http_telephony_errors_refuse(b->cf, &st->place,
                       "a row asks for a message in a catalog that names no "
                       "\"message\" path");
        }

        /* names of the template are kept: copy its text */

        if (ngx_http_telephony_errors_keep(b->pool, &parts->message,
                                           &parts->message)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        narrow->message = ngx_http_telephony_errors_template(b->pool,
                                                      &parts->message, &err);
        if (narrow->message == NULL) {
            return ngx_http_telephony_errors_refuse(b->cf, &st->place,
                       "the message template %s",
                       err ? err : "cannot be kept: no memory");
        }

        narrow->number = b->index->nmessages++;
    }

    return ngx_http_telephony_errors_keep(b->pool, &parts->field,
                                          &narrow->field);
}


static ngx_int_t
ngx_http_telephony_errors_narrow_status(ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_parts_t *parts,
    ngx_http_telephony_errors_row_t *row)
{
    ngx_int_t  n;

    n = ngx_http_telephony_errors_status_arg(&parts->status);

    if (n == NGX_ERROR || parts->match == NGX_HTTP_TELEPHONY_ERRORS_BY_STATUS)
    {
        return ngx_http_telephony_errors_refuse(b->cf, &st->place,
                   "invalid \"status=%V\": use a status like 404, or a class "
                   "like 4xx, and none in a \"status\" row", &parts->status);
    }

    if (row->kind != NGX_HTTP_TELEPHONY_ERRORS_ERROR
        && (n >= 400 || (n < 10 && n >= 4)))
    {
        return ngx_http_telephony_errors_refuse(b->cf, &st->place,
                   "\"status=%V\" can never match: an HTTP status of 400 or "
                   "more is never a success or a notice", &parts->status);
    }

    row->narrow->status = n;

    return NGX_OK;
}


/* "404" is 404 and "4xx" is 4; else NGX_ERROR */

static ngx_int_t
ngx_http_telephony_errors_status_arg(ngx_str_t *word)
{
    ngx_int_t  n;

    if (word->len != 3 || word->data[0] < '1' || word->data[0] > '5') {
        return NGX_ERROR;
    }

    if (ngx_strncasecmp(&word->data[1], (u_char *) "xx", 2) == 0) {
        return word->data[0] - '0';
    }

    n = ngx_atoi(word->data, word->len);

    return (n >= 100 && n <= 599) ? n : NGX_ERROR;
}


static ngx_int_t
ngx_http_telephony_errors_target(ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_parts_t *parts,
    ngx_http_telephony_errors_row_t *row)
{
    if (parts->unified == NULL) {

        if (parts->field.data) {
            return ngx_http_telephony_errors_refuse(b->cf, &st->place,
                       "\"field=%V\" in a row of success, which has no "
                       "envelope", &parts->field);
        }

        row->code = b->codes->ok;
        return NGX_OK;
    }

    row->code = ngx_http_telephony_errors_find_code(b->codes, parts->unified);

    if (row->kind == NGX_HTTP_TELEPHONY_ERRORS_ERROR
        && row->code->status < 400)
    {
        return ngx_http_telephony_errors_refuse(b->cf, &st->place,
                   "\"%V\" is never an error, its HTTP status is %ui: use a "
                   "\"notice\" row, or another code",
                   &row->code->name, row->code->status);
    }

    if (parts->sentence == NULL) {
        return NGX_OK;
    }

    if (parts->sentence->len > NGX_HTTP_TELEPHONY_ERRORS_MAX_TEXT) {
        return ngx_http_telephony_errors_refuse(b->cf, &st->place,
                   "the sentence is longer than 1024 bytes");
    }

    if (ngx_http_telephony_errors_keep(b->pool, parts->sentence,
                                       &row->sentence)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_telephony_errors_check_sentence(b, st, row);
}


static ngx_int_t
ngx_http_telephony_errors_check_sentence(ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_row_t *row)
{
    u_char     *p, *last;
    ngx_str_t   name;

    last = row->sentence.data + row->sentence.len;

    for (p = row->sentence.data; p < last; p++) {

        if (ngx_http_telephony_errors_placeholder(p, last, &name) == NULL) {
            continue;
        }

        if (row->narrow == NULL || row->narrow->message == NULL
            || ngx_http_telephony_errors_template_capture(
                                                  row->narrow->message, &name)
               < 0)
        {
            return ngx_http_telephony_errors_refuse(b->cf, &st->place,
                       "the sentence uses {%V}, which the row's message does "
                       "not capture", &name);
        }

        row->captures = 1;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_telephony_errors_add_entry(ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_parts_t *parts,
    ngx_http_telephony_errors_row_t *row, ngx_str_t *word)
{
    ngx_http_telephony_errors_entry_t   *entry;
    ngx_http_telephony_errors_narrow_t  *narrow;

    entry = ngx_array_push(&b->entries);
    if (entry == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(entry, sizeof(ngx_http_telephony_errors_entry_t));

    entry->row = row;
    entry->st = st;
    entry->order = b->entries.nelts;
    entry->match = parts->match;

    narrow = row->narrow;

    if (narrow) {
        entry->rank = (narrow->message ? 8 : 0) + (narrow->scope.len ? 4 : 0)
                      + (narrow->status ? 1 : 0)
                      + (narrow->status >= 100 ? 1 : 0);

        if (narrow->message) {
            entry->literals = ngx_http_telephony_errors_template_literals(
                                                             narrow->message);
        }
    }

    if (word && ngx_http_telephony_errors_entry_key(b, entry, word) != NGX_OK)
    {
        return NGX_ERROR;
    }

    row->match = entry->match;
    entry->width = ngx_http_telephony_errors_width(entry);

    return NGX_OK;
}


/* The key that the word means: a status, else an alias's name, or as it is. */

static ngx_int_t
ngx_http_telephony_errors_entry_key(ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_entry_t *entry, ngx_str_t *word)
{
    ngx_int_t   status;
    ngx_str_t  *key, *name;

    key = &entry->key;

    if (ngx_http_telephony_errors_fold_arg(b->cf->temp_pool, word, key)
        != NGX_OK)
    {
        return ngx_http_telephony_errors_refuse(b->cf, &entry->st->place,
                   "code \"%V\" is empty or longer than 256 bytes", word);
    }

    if (entry->match == NGX_HTTP_TELEPHONY_ERRORS_BY_STATUS) {
        status = ngx_http_telephony_errors_status_arg(key);

        return (status == 4 || status == 5 || status >= 400)
               ? NGX_OK
               : ngx_http_telephony_errors_refuse(b->cf, &entry->st->place,
                     "\"%V\" is no HTTP status of an error: use 400 to 599, "
                     "4xx or 5xx", word);
    }

    name = ngx_http_telephony_errors_find(&b->index->aliases, key);

    if (name && ngx_http_telephony_errors_fold_arg(b->cf->temp_pool, name, key)
                != NGX_OK)
    {
        return NGX_ERROR;
    }

    entry->match = ngx_strlchr(key->data, key->data + key->len, '*')
                   ? NGX_HTTP_TELEPHONY_ERRORS_BY_PATTERN
                   : ngx_http_telephony_errors_is_class(key)
                     ? NGX_HTTP_TELEPHONY_ERRORS_BY_CLASS
                     : NGX_HTTP_TELEPHONY_ERRORS_BY_EXACT;

    return NGX_OK;
}


/*
 * How much of a code the key spells out: digits of a class or of a status,
 * characters of a pattern.
 */

static ngx_uint_t
ngx_http_telephony_errors_width(ngx_http_telephony_errors_entry_t *entry)
{
    size_t      i;
    ngx_uint_t  n;

    switch (entry->match) {

    case NGX_HTTP_TELEPHONY_ERRORS_BY_CLASS:
    case NGX_HTTP_TELEPHONY_ERRORS_BY_PATTERN:
    case NGX_HTTP_TELEPHONY_ERRORS_BY_STATUS:
        break;

    default:
        return 0;
    }

    for (i = 0, n = 0; i < entry->key.len; i++) {
        n += (entry->match == NGX_HTTP_TELEPHONY_ERRORS_BY_PATTERN)
             ? (entry->key.data[i] != '*'
                && (entry->key.data[i] & 0xc0) != 0x80)
             : (entry->key.data[i] != 'x');
    }

    return n;
}


ngx_uint_t
ngx_http_telephony_errors_is_class(ngx_str_t *key)
{
    size_t  i, digits;

    for (i = 0; i < key->len; i++) {
        if (key->data[i] < '0' || key->data[i] > '9') {
            break;
        }
    }

    digits = i;

    for ( /* void */ ; i < key->len; i++) {
        if (key->data[i] != 'x') {
            return 0;
        }
    }

    return digits && digits < key->len
           && key->len <= NGX_HTTP_TELEPHONY_ERRORS_MAX_CLASS;
}


/*
 * Of two rows with one key the extension's wins over the base's; two in one
 * block are a mistake, and so are two in different extensions, for the order
 * of files must not decide.
 */

static ngx_int_t
ngx_http_telephony_errors_drop_twins(ngx_http_telephony_errors_build_t *b)
{
    ngx_uint_t                          i, n;
    ngx_http_telephony_errors_entry_t  *e;

    e = b->entries.elts;

    ngx_qsort(e, b->entries.nelts, sizeof(ngx_http_telephony_errors_entry_t),
              ngx_http_telephony_errors_cmp_twin);

    for (i = 0, n = 0; i < b->entries.nelts; i++) {

        if (n && ngx_http_telephony_errors_cmp_key(&e[n - 1], &e[i]) == 0) {

            if (e[n - 1].st->block->base == e[i].st->block->base) {
                return ngx_http_telephony_errors_refuse(b->cf,
                           &e[i].st->place,
                           "a row for \"%V\" with the same scope, status and "
                           "message stands in %V:%ui already: write it once",
                           e[i].key.len ? &e[i].key : &e[i].st->args[0],
                           e[n - 1].row->file,
                           (ngx_uint_t) e[n - 1].row->line);
            }

            continue;
        }

        if (n && ngx_http_telephony_errors_cmp_list(&e[n - 1], &e[i]) != 0) {
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

static ngx_int_t
ngx_http_telephony_errors_link(ngx_http_telephony_errors_build_t *b)
{
    ngx_uint_t                           i;
    ngx_array_t                          exact, classes, patterns;
    ngx_http_telephony_errors_row_t    **last;
    ngx_http_telephony_errors_entry_t   *e;
    ngx_http_telephony_errors_index_t   *index;

    e = b->entries.elts;
    index = b->index;

    ngx_qsort(e, b->entries.nelts, sizeof(ngx_http_telephony_errors_entry_t),
              ngx_http_telephony_errors_cmp_order);

    last = ngx_pcalloc(b->cf->temp_pool,
                       b->nlists * sizeof(ngx_http_telephony_errors_row_t *));
    if (last == NULL) {
        return NGX_ERROR;
    }

    if (ngx_array_init(&exact, b->cf->temp_pool, b->entries.nelts + 1,
                       sizeof(ngx_hash_key_t))
        != NGX_OK
        || ngx_array_init(&classes, b->cf->temp_pool, 16,
                          sizeof(ngx_hash_key_t))
           != NGX_OK
        || ngx_array_init(&patterns, b->pool, 4,
                          sizeof(ngx_http_telephony_errors_pattern_t))
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

        if (ngx_http_telephony_errors_place_list(b, &e[i], &exact, &classes,
                                                 &patterns)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    index->nrows = b->entries.nelts;
    index->patterns = patterns.elts;
    index->npatterns = patterns.nelts;

    if (ngx_http_telephony_errors_hash(b->cf, b->pool, &index->exact, &exact)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_telephony_errors_hash(b->cf, b->pool, &index->classes,
                                          &classes);
}


static ngx_int_t
ngx_http_telephony_errors_place_list(ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_entry_t *entry, ngx_array_t *exact,
    ngx_array_t *classes, ngx_array_t *patterns)
{
    ngx_int_t                             n;
    ngx_array_t                          *keys;
    ngx_hash_key_t                       *key;
    ngx_http_telephony_errors_index_t    *index;
    ngx_http_telephony_errors_pattern_t  *pattern;

    index = b->index;

    switch (entry->match) {

    case NGX_HTTP_TELEPHONY_ERRORS_BY_EXACT:
    case NGX_HTTP_TELEPHONY_ERRORS_BY_CLASS:
        keys = (entry->match == NGX_HTTP_TELEPHONY_ERRORS_BY_EXACT)
               ? exact : classes;

        key = ngx_array_push(keys);
        if (key == NULL) {
            return NGX_ERROR;
        }

        key->key = entry->key;
        key->key_hash = ngx_hash_key(entry->key.data, entry->key.len);
        key->value = entry->row;

        return ngx_http_telephony_errors_keep_sure(b, entry);

    case NGX_HTTP_TELEPHONY_ERRORS_BY_PATTERN:
        pattern = ngx_array_push(patterns);
        if (pattern == NULL) {
            return NGX_ERROR;
        }

        pattern->rows = entry->row;

        return ngx_http_telephony_errors_keep(b->pool, &entry->key,
                                              &pattern->text);

    case NGX_HTTP_TELEPHONY_ERRORS_BY_ABSENT:
        index->absent = entry->row;
        return NGX_OK;

    default: /* NGX_HTTP_TELEPHONY_ERRORS_BY_STATUS */
        if (index->statuses == NULL) {
            index->statuses = ngx_pcalloc(b->pool,
                                sizeof(ngx_http_telephony_errors_statuses_t));
            if (index->statuses == NULL) {
                return NGX_ERROR;
            }
        }

        n = ngx_http_telephony_errors_status_arg(&entry->key);

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
ngx_http_telephony_errors_keep_sure(ngx_http_telephony_errors_build_t *b,
    ngx_http_telephony_errors_entry_t *entry)
{
    ngx_str_t                          *key;
    ngx_http_telephony_errors_sure_t   *sure;
    ngx_http_telephony_errors_index_t  *index;

    index = b->index;
    key = &entry->key;

    if (entry->match != NGX_HTTP_TELEPHONY_ERRORS_BY_EXACT
        || entry->row->kind != NGX_HTTP_TELEPHONY_ERRORS_SUCCESS
        || entry->row->narrow
        || index->nsure == NGX_HTTP_TELEPHONY_ERRORS_MAX_SURE
        || ngx_http_telephony_errors_find(&index->aliases, key)
        || ngx_http_telephony_errors_find(&index->nocodes, key))
    {
        return NGX_OK;
    }

    sure = &index->sure[index->nsure++];
    sure->row = entry->row;

    return ngx_http_telephony_errors_keep(b->pool, key, &sure->key);
}


static ngx_int_t
ngx_http_telephony_errors_cmp_str(ngx_str_t *a, ngx_str_t *b)
{
    return ngx_memn2cmp(a->data, b->data, a->len, b->len);
}


/* 0 if both are looked up by one key */

static ngx_int_t
ngx_http_telephony_errors_cmp_list(const ngx_http_telephony_errors_entry_t *a,
    const ngx_http_telephony_errors_entry_t *b)
{
    if (a->match != b->match) {
        return (a->match < b->match) ? -1 : 1;
    }

    return ngx_http_telephony_errors_cmp_str((ngx_str_t *) &a->key,
                                             (ngx_str_t *) &b->key);
}


/* 0 if both ask for the same: one key, scope, status and message */

static ngx_int_t
ngx_http_telephony_errors_cmp_key(const ngx_http_telephony_errors_entry_t *a,
    const ngx_http_telephony_errors_entry_t *b)
{
    ngx_int_t                            rc;
    ngx_http_telephony_errors_narrow_t  *m, *n;

    rc = ngx_http_telephony_errors_cmp_list(a, b);
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

    rc = ngx_http_telephony_errors_cmp_str(&m->scope, &n->scope);

    if (rc || m->message == NULL) {
        return rc;
    }

    return ngx_http_telephony_errors_cmp_str(
                          ngx_http_telephony_errors_template_key(m->message),
                          ngx_http_telephony_errors_template_key(n->message));
}


static int ngx_libc_cdecl
ngx_http_telephony_errors_cmp_twin(const void *one, const void *two)
{
    const ngx_http_telephony_errors_entry_t  *a = one;
    const ngx_http_telephony_errors_entry_t  *b = two;

    ngx_int_t  rc;

    rc = ngx_http_telephony_errors_cmp_key(a, b);

    if (rc) {
        return rc;
    }

    if (a->st->block->base != b->st->block->base) {
        return b->st->block->base ? -1 : 1;
    }

    return (a->order < b->order) ? -1 : 1;
}


/*
 * The order in which the rows that one code may have on a level are tried: by
 * message before by scope before by status; then the message with more literal
 * characters, the pattern with more of them or the class with more digits; then
 * the extension's, for the order of files must not decide; then the earlier.
 */

static int ngx_libc_cdecl
ngx_http_telephony_errors_cmp_order(const void *one, const void *two)
{
    const ngx_http_telephony_errors_entry_t  *a = one;
    const ngx_http_telephony_errors_entry_t  *b = two;

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
