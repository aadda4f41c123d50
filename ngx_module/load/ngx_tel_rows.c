
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/*
 * Reads the row statements of a catalog into entries, which ngx_tel_index.c
 * sorts into the index.
 */


#include "ngx_tel_index.h"
#include "ngx_tel_template.h"
#include "ngx_tel_text.h"


/* the parts of a row statement */

typedef struct {
    ngx_tel_kind_e    kind;
    ngx_tel_match_e   match;    /* 0: by the code */
    ngx_str_t        *keys;
    ngx_uint_t        nkeys;
    ngx_str_t        *unified;  /* NULL: success */
    ngx_str_t        *sentence;
    ngx_str_t         scope;
    ngx_str_t         status;
    ngx_str_t         message;
    ngx_uint_t        before;   /* words before the message */
    ngx_str_t         field;
    ngx_str_t         always;   /* of sentence= */
} ngx_tel_parts_t;


/* how a code is written; what stands behind a backslash counts as plain */

typedef struct {
    unsigned  plain:1;      /* in part */
    unsigned  plain_star:1;
    unsigned  backslash:1;  /* of no use */
    unsigned  star:1;
    unsigned  comma:1;
    unsigned  blank:1;
    unsigned  tilde:1;      /* the first */
    unsigned  x:1;          /* behind a digit */
} ngx_tel_look_t;


/* a value of an alias or a nocode */

typedef struct {
    ngx_str_t             key;   /* folded */
    ngx_str_t            *word;  /* as written */
    void                 *value;
    ngx_tel_statement_t  *st;
} ngx_tel_word_t;


static ngx_int_t ngx_tel_init_build(ngx_tel_build_t *b, ngx_uint_t n);
static ngx_int_t ngx_tel_aliases(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_uint_t n, ngx_uint_t base);
static ngx_int_t ngx_tel_alias(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_array_t *list);
static ngx_int_t ngx_tel_push_word(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_str_t *word, void *value, ngx_array_t *list);
static ngx_int_t ngx_tel_hash_words(ngx_tel_build_t *b, ngx_array_t *list,
    ngx_hash_t *hash);
static ngx_int_t ngx_tel_row(ngx_tel_build_t *b, ngx_tel_statement_t *st);
static ngx_int_t ngx_tel_split(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts);
static ngx_int_t ngx_tel_words(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts);
static ngx_int_t ngx_tel_take_option(ngx_tel_build_t *b,
    ngx_tel_statement_t *st, ngx_str_t *arg, ngx_tel_parts_t *parts);
static ngx_int_t ngx_tel_unified(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts);
static ngx_int_t ngx_tel_no_unified(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts, ngx_str_t *word);
static ngx_int_t ngx_tel_check_codes(ngx_tel_build_t *b,
    ngx_tel_statement_t *st, ngx_tel_parts_t *parts);
static ngx_int_t ngx_tel_check_message(ngx_tel_build_t *b,
    ngx_tel_statement_t *st, ngx_tel_parts_t *parts);
static ngx_uint_t ngx_tel_like_code(ngx_str_t *word);
static ngx_uint_t ngx_tel_like_option(ngx_str_t *word);
static ngx_int_t ngx_tel_narrow(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts, ngx_tel_row_t *row);
static ngx_int_t ngx_tel_narrow_scope(ngx_tel_build_t *b,
    ngx_tel_statement_t *st, ngx_tel_parts_t *parts, ngx_tel_narrow_t *narrow);
static ngx_int_t ngx_tel_narrow_message(ngx_tel_build_t *b,
    ngx_tel_statement_t *st, ngx_tel_parts_t *parts, ngx_tel_narrow_t *narrow);
static ngx_int_t ngx_tel_narrow_status(ngx_tel_build_t *b,
    ngx_tel_statement_t *st, ngx_tel_parts_t *parts, ngx_tel_row_t *row);
static ngx_int_t ngx_tel_target(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts, ngx_tel_row_t *row);
static ngx_int_t ngx_tel_check_always(ngx_tel_build_t *b,
    ngx_tel_statement_t *st, ngx_tel_parts_t *parts, ngx_tel_row_t *row);
static ngx_int_t ngx_tel_check_sentence(ngx_tel_build_t *b,
    ngx_tel_statement_t *st, ngx_tel_row_t *row);
static ngx_int_t ngx_tel_add_entry(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts, ngx_tel_row_t *row, ngx_str_t *word);
static ngx_int_t ngx_tel_entry_key(ngx_tel_build_t *b, ngx_tel_entry_t *entry,
    ngx_str_t *word);
static ngx_int_t ngx_tel_code_arg(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_str_t *word, ngx_str_t *key);
static void ngx_tel_look(ngx_str_t *word, ngx_str_t *text,
    ngx_tel_look_t *look);
static char *ngx_tel_odd_code(ngx_tel_look_t *look);
static ngx_uint_t ngx_tel_width(ngx_tel_entry_t *entry);
static int ngx_libc_cdecl ngx_tel_cmp_word(const void *one, const void *two);


ngx_int_t
ngx_tel_index(ngx_conf_t *cf, ngx_pool_t *pool, ngx_tel_catalogs_t *catalogs,
    ngx_tel_catalog_t *catalog, ngx_tel_statement_t *statements, ngx_uint_t n,
    ngx_uint_t base, ngx_tel_index_t *index)
{
    ngx_uint_t        i;
    ngx_array_t      *written;
    ngx_tel_build_t   b;

    ngx_memzero(index, sizeof(ngx_tel_index_t));
    ngx_memzero(&b, sizeof(ngx_tel_build_t));

    b.cf = cf;
    b.pool = pool;
    b.codes = &catalogs->codes;
    b.catalog = catalog;
    b.index = index;
    b.nocodes = (catalogs->source->codes.nelts == 0);

    if (ngx_tel_init_build(&b, n) != NGX_OK
        || ngx_tel_aliases(&b, statements, n, base)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {

        if ((base && !statements[i].block->base)
            || statements[i].kw->type < NGX_TEL_ROW_SUCCESS)
        {
            continue;
        }

        if (ngx_tel_row(&b, &statements[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (b.unauthorized && !base && catalog->challenge.len == 0) {
        ngx_tel_warn(cf, &b.unauthorized->place,
             "a row of \"%V\" answers 401, which owes a WWW-Authenticate: give "
             "the catalog one for vendors that send none, as in "
             "challenge 'Basic realm=\"%V\"';", &catalog->name, &catalog->name);
    }

    if (ngx_tel_link(&b) != NGX_OK) {
        return NGX_ERROR;
    }

    if (base) {
        return NGX_OK;
    }

    if (ngx_tel_check_named(&b, catalogs->source) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!catalogs->reference) {
        return NGX_OK;
    }

    written = ngx_tel_keep_written(&b);

    if (catalog) {
        catalog->written = written;

    } else {
        catalogs->codes.written = written;
    }

    return written ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_tel_init_build(ngx_tel_build_t *b, ngx_uint_t n)
{
    b->nlists = 0;

    if (ngx_array_init(&b->entries, b->cf->temp_pool, n + 1,
                       sizeof(ngx_tel_entry_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_array_init(&b->words, b->cf->temp_pool, 64, sizeof(ngx_str_t));
}


/* Aliases and nocodes come first, for rows are looked up under the names. */

static ngx_int_t
ngx_tel_aliases(ngx_tel_build_t *b, ngx_tel_statement_t *st, ngx_uint_t n,
    ngx_uint_t base)
{
    ngx_uint_t   i;
    ngx_array_t  aliases, nocodes, *list;

    if (ngx_array_init(&aliases, b->cf->temp_pool, 16, sizeof(ngx_tel_word_t))
        != NGX_OK
        || ngx_array_init(&nocodes, b->cf->temp_pool, 4, sizeof(ngx_tel_word_t))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {

        list = (st[i].kw->type == NGX_TEL_ALIAS) ? &aliases
               : (st[i].kw->type == NGX_TEL_NOCODE)
                 ? &nocodes : NULL;

        if (list == NULL || (base && !st[i].block->base)) {
            continue;
        }

        if (ngx_tel_alias(b, &st[i], list) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (ngx_tel_hash_words(b, &aliases, &b->index->aliases) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_tel_hash_words(b, &nocodes, &b->index->nocodes);
}


/* Takes up the value of an alias, with its name, or those of a nocode. */

static ngx_int_t
ngx_tel_alias(ngx_tel_build_t *b, ngx_tel_statement_t *st, ngx_array_t *list)
{
    ngx_str_t   *name;
    ngx_uint_t   i;

    if (st->kw->type == NGX_TEL_NOCODE) {

        for (i = 1; i < st->nargs; i++) {
            if (ngx_tel_push_word(b, st, &st->args[i], (void *) "", list)
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }

        return NGX_OK;
    }

    if (st->args[2].len > NGX_TEL_MAX_CODE) {
        return ngx_tel_refuse(b->cf, &st->place,
                        "alias name \"%V\" is too long; 256 bytes are the most",
                        &st->args[2]);
    }

    name = ngx_palloc(b->pool, sizeof(ngx_str_t));

    if (name == NULL || ngx_tel_keep(b->pool, &st->args[2], name) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_tel_push_word(b, st, &st->args[1], name, list);
}


static ngx_int_t
ngx_tel_push_word(ngx_tel_build_t *b, ngx_tel_statement_t *st, ngx_str_t *word,
    void *value, ngx_array_t *list)
{
    ngx_int_t        match;
    ngx_tel_word_t  *w;

    w = ngx_array_push(list);
    if (w == NULL) {
        return NGX_ERROR;
    }

    w->word = word;
    w->value = value;
    w->st = st;

    match = ngx_tel_code_arg(b, st, word, &w->key);

    if (match == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (match != NGX_TEL_BY_EXACT) {
        return ngx_tel_refuse(b->cf, &st->place,
                         "\"%V\" in \"%V\" is a class or a pattern: name every "
                         "value; \"\\x\" and \"\\*\" are the characters",
                         word, &st->args[0]);
    }

    return NGX_OK;
}


/* A value is given once; what an extension says replaces what the base says. */

static ngx_int_t
ngx_tel_hash_words(ngx_tel_build_t *b, ngx_array_t *list, ngx_hash_t *hash)
{
    ngx_uint_t       i;
    ngx_array_t      keys;
    ngx_hash_key_t  *key;
    ngx_tel_word_t  *w;

    if (ngx_array_init(&keys, b->cf->temp_pool, list->nelts + 1,
                       sizeof(ngx_hash_key_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    w = list->elts;

    ngx_qsort(w, list->nelts, sizeof(ngx_tel_word_t), ngx_tel_cmp_word);

    for (i = 0; i < list->nelts; i++) {

        if (i && ngx_tel_cmp_str(&w[i - 1].key, &w[i].key) == 0) {
            if (w[i - 1].st->block->base != w[i].st->block->base) {

                /* the base's next of that value meets the extension's, too */

                w[i].st = w[i - 1].st;
                continue;
            }

            return ngx_tel_refuse(b->cf, &w[i].st->place,
                         "\"%V\" is given twice in \"%V\" statements, first in "
                         "%V:%ui: %s", w[i].word, &w[i].st->args[0],
                         w[i - 1].st->place.file, w[i - 1].st->place.line,
                         ngx_tel_remedy(w[i - 1].st, w[i].st));
        }

        key = ngx_array_push(&keys);
        if (key == NULL) {
            return NGX_ERROR;
        }

        key->key = w[i].key;
        key->key_hash = ngx_hash_key(w[i].key.data, w[i].key.len);
        key->value = w[i].value;
    }

    return ngx_tel_hash(b->cf, b->pool, hash, &keys);
}


static ngx_int_t
ngx_tel_row(ngx_tel_build_t *b, ngx_tel_statement_t *st)
{
    ngx_uint_t       i;
    ngx_tel_row_t    row, *made;
    ngx_tel_parts_t  parts;

    ngx_memzero(&row, sizeof(ngx_tel_row_t));
    ngx_memzero(&parts, sizeof(ngx_tel_parts_t));

    if (ngx_tel_split(b, st, &parts) != NGX_OK) {
        return NGX_ERROR;
    }

    row.kind = parts.kind;
    row.file = st->place.file;
    row.line = st->place.line;

    if (ngx_tel_narrow(b, st, &parts, &row) != NGX_OK
        || ngx_tel_target(b, st, &parts, &row) != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < ngx_max(parts.nkeys, 1); i++) {

        made = ngx_palloc(b->pool, sizeof(ngx_tel_row_t));
        if (made == NULL) {
            return NGX_ERROR;
        }

        *made = row;

        if (ngx_tel_add_entry(b, st, &parts, made, parts.nkeys ? &parts.keys[i]
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
ngx_tel_split(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts)
{
    parts->kind = NGX_TEL_ERROR;

    switch (st->kw->type) {

    case NGX_TEL_ROW_SUCCESS:
        parts->kind = NGX_TEL_SUCCESS;
        break;

    case NGX_TEL_ROW_NOTICE:
        parts->kind = NGX_TEL_NOTICE;
        break;

    case NGX_TEL_ROW_ABSENT:
        parts->match = NGX_TEL_BY_ABSENT;
        break;

    case NGX_TEL_ROW_STATUS:
        parts->match = NGX_TEL_BY_STATUS;
        break;

    default: /* NGX_TEL_ROW_ERROR */
        break;
    }

    if (ngx_tel_words(b, st, parts) != NGX_OK) {
        return NGX_ERROR;
    }

    if (parts->match == NGX_TEL_BY_ABSENT
        && parts->nkeys == 1
        && ngx_strcmp(parts->keys[0].data, "success") == 0)
    {
        parts->kind = NGX_TEL_SUCCESS;
        parts->nkeys = 0;
    }

    if (parts->kind != NGX_TEL_SUCCESS
        && ngx_tel_unified(b, st, parts) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_tel_check_codes(b, st, parts) != NGX_OK
        || ngx_tel_check_message(b, st, parts) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (parts->match == NGX_TEL_BY_ABSENT) {

        if (parts->nkeys) {
            return ngx_tel_refuse(b->cf, &st->place,
                         "unexpected argument \"%V\": an \"absent\" row has no "
                         "code", &parts->keys[0]);
        }

    } else if (parts->nkeys == 0) {
        return ngx_tel_refuse(b->cf, &st->place, "no %s is given in \"%V\"",
                              parts->match ? "HTTP status" : "provider code",
                              &st->args[0]);
    }

    return NGX_OK;
}


/* The words that are no options, in their order. */

static ngx_int_t
ngx_tel_words(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts)
{
    ngx_str_t   *key;
    ngx_uint_t   i;

    b->words.nelts = 0;

    for (i = 1; i < st->nargs; i++) {

        switch (ngx_tel_take_option(b, st, &st->args[i], parts)) {

        case NGX_OK:

            if (parts->message.data && parts->before == 0) {
                parts->before = b->words.nelts;
            }

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
ngx_tel_take_option(ngx_tel_build_t *b, ngx_tel_statement_t *st, ngx_str_t *arg,
    ngx_tel_parts_t *parts)
{
    ngx_str_t  value, *dst;

    switch (ngx_tel_option(st->kw->type, arg, &value)) {

    case NGX_TEL_OPTION_SCOPE:
        dst = &parts->scope;
        break;

    case NGX_TEL_OPTION_STATUS:
        dst = &parts->status;
        break;

    case NGX_TEL_OPTION_MESSAGE:
        dst = &parts->message;
        break;

    case NGX_TEL_OPTION_FIELD:
        dst = &parts->field;
        break;

    case NGX_TEL_OPTION_SENTENCE:
        dst = &parts->always;
        break;

    default:
        return NGX_DECLINED;
    }

    if (dst->data) {
        return ngx_tel_refuse(b->cf, &st->place,
                              "\"%V\" is given twice in one row", arg);
    }

    *dst = value;

    if (dst->len == 0) {
        return ngx_tel_refuse(b->cf, &st->place, "\"%V\" needs a value", arg);
    }

    return NGX_OK;
}


/* The last word is the sentence unless it names a unified code. */

static ngx_int_t
ngx_tel_unified(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts)
{
    ngx_str_t  *last;

    if (parts->nkeys == 0) {
        return ngx_tel_refuse(b->cf, &st->place,
                            "no unified code is given in \"%V\"", &st->args[0]);
    }

    last = &parts->keys[parts->nkeys - 1];

    if (ngx_tel_find_code(b->codes, last)) {
        parts->unified = last;
        parts->nkeys--;
        return NGX_OK;
    }

    if (!ngx_tel_like_code(last) && parts->nkeys >= 2) {

        if (ngx_tel_find_code(b->codes, last - 1)) {
            parts->unified = last - 1;
            parts->sentence = last;
            parts->nkeys -= 2;
            return NGX_OK;
        }

        last--;
    }

    return ngx_tel_no_unified(b, st, parts, last);
}


static ngx_int_t
ngx_tel_no_unified(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts, ngx_str_t *word)
{
    if (b->nocodes) {
        return ngx_tel_refuse(b->cf, &st->place,
                       "no telephony_codes was read: include codes.conf, where "
                       "\"%V\" may be defined", word);
    }

    if (ngx_tel_check_codes(b, st, parts) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_tel_refuse(b->cf, &st->place, ngx_tel_like_code(word)
                     && word == &parts->keys[parts->nkeys - 1]
                     ? "\"%V\" is no unified code: correct it, or define it in "
                          "telephony_codes"
                       : "\"%V\" is no unified code: a row ends with a code of "
                     "telephony_codes and may have a sentence behind it", word);
}


/*
 * A unified code among those of the provider: what stands behind it is the
 * next statement, or a second sentence.  "name=value" among them is an option
 * that is misspelt.  The first can be the provider's own, and OK is no row's.
 */

static ngx_int_t
ngx_tel_check_codes(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts)
{
    ngx_uint_t       i;
    ngx_tel_code_t  *code;

    for (i = parts->match ? 0 : 1; i < parts->nkeys; i++) {

        if (ngx_tel_like_option(&parts->keys[i])) {
            return ngx_tel_refuse(b->cf, &st->place,
                         "\"%V\" is no option: they are \"scope=\", "
                         "\"status=\", \"message=\", \"field=\" and "
                         "\"sentence=\"; in a code \"\\=\" is the character",
                         &parts->keys[i]);
        }

        code = ngx_tel_find_code(b->codes, &parts->keys[i]);

        if (code == NULL || code == b->codes->ok) {
            continue;
        }

        return ngx_tel_refuse(b->cf, &st->place,
                     "\"%V\" in the midst of %s \"%V\" row: is a \";\" missing "
                     "behind it or its sentence, or quotes around the "
                     "sentence?%s", &code->name,
                     ngx_strchr("ae", st->args[0].data[0]) ? "an" : "a",
                     &st->args[0],
                     parts->match ? "" : " A provider's code of that name is "
                              "named by an \"alias\"");
    }

    return NGX_OK;
}


/* Codes on both sides of a text without a space: it was not quoted. */

static ngx_int_t
ngx_tel_check_message(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts)
{
    if (parts->before == 0 || parts->before >= parts->nkeys
        || ngx_strchr(parts->message.data, ' '))
    {
        return NGX_OK;
    }

    return ngx_tel_refuse(b->cf, &st->place,
                          "\"%V\" behind \"message=%V\": quote all of the "
                          "option, as in \"message=a text\", and name codes "
                          "before it", &parts->keys[parts->before],
                          &parts->message);
}


static ngx_uint_t
ngx_tel_like_code(ngx_str_t *word)
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


static ngx_uint_t
ngx_tel_like_option(ngx_str_t *word)
{
    u_char  c;
    size_t  i;

    for (i = 0; i < word->len; i++) {

        c = ngx_tolower(word->data[i]);

        if (c < 'a' || c > 'z') {
            break;
        }
    }

    return i && i + 1 < word->len && word->data[i] == '='
           && word->data[i + 1] != '=';
}


static ngx_int_t
ngx_tel_narrow(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts, ngx_tel_row_t *row)
{
    ngx_tel_narrow_t  *narrow;

    if (parts->scope.data == NULL && parts->status.data == NULL
        && parts->message.data == NULL && parts->field.data == NULL)
    {
        return NGX_OK;
    }

    narrow = ngx_pcalloc(b->pool, sizeof(ngx_tel_narrow_t));
    if (narrow == NULL) {
        return NGX_ERROR;
    }

    row->narrow = narrow;

    if (parts->status.data
        && ngx_tel_narrow_status(b, st, parts, row)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (parts->scope.data
        && ngx_tel_narrow_scope(b, st, parts, narrow)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (parts->message.data
        && ngx_tel_narrow_message(b, st, parts, narrow)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_tel_keep(b->pool, &parts->field, &narrow->field);
}


static ngx_int_t
ngx_tel_narrow_scope(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts, ngx_tel_narrow_t *narrow)
{
    if (b->catalog == NULL || b->catalog->scope == NULL) {
        return ngx_tel_refuse(b->cf, &st->place,
                        "\"scope=%V\" in a catalog that has no scope: give one "
                        "first, as in \"scope $variable;\"", &parts->scope);
    }

    if (ngx_tel_fold_arg(b->pool, &parts->scope, &narrow->scope) != NGX_OK) {
        return ngx_tel_refuse(b->cf, &st->place,
                              "invalid \"scope=%V\"", &parts->scope);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_tel_narrow_message(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts, ngx_tel_narrow_t *narrow)
{
    char  *err;

    if (b->catalog == NULL || b->catalog->messages.nelts == 0) {
        return ngx_tel_refuse(b->cf, &st->place,
                          "a row asks for a message in a catalog that names no "
                          "\"message\" path");
    }

    if (parts->message.data[0] == '~') {
        return ngx_tel_refuse(b->cf, &st->place,
                    "\"message=%V\" is no regular expression: \"*\" and {name} "
                    "match any text; \"\\~\" is the character",
                    &parts->message);
    }

    /* names of the template are kept: copy its text */

    if (ngx_tel_keep(b->pool, &parts->message, &parts->message) != NGX_OK) {
        return NGX_ERROR;
    }

    narrow->message = ngx_tel_template(b->pool, &parts->message, &err);
    if (narrow->message == NULL) {
        return ngx_tel_refuse(b->cf, &st->place, "the message template %s",
                              err ? err : "cannot be kept: no memory");
    }

    narrow->number = b->index->nmessages++;

    return NGX_OK;
}


static ngx_int_t
ngx_tel_narrow_status(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts, ngx_tel_row_t *row)
{
    ngx_int_t  n;

    n = ngx_tel_status_arg(&parts->status);

    if (n == NGX_ERROR || parts->match == NGX_TEL_BY_STATUS)
    {
        return ngx_tel_refuse(b->cf, &st->place,
                     "invalid \"status=%V\": use a status like 404, or a class "
                     "like 4xx, and none in a \"status\" row", &parts->status);
    }

    if (row->kind != NGX_TEL_ERROR && (n >= 400 || (n < 10 && n >= 4))) {
        return ngx_tel_refuse(b->cf, &st->place,
                      "\"status=%V\" can never match: an HTTP status of 400 or "
                      "more is never a success or a notice", &parts->status);
    }

    row->narrow->status = n;

    return NGX_OK;
}


static ngx_int_t
ngx_tel_target(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts, ngx_tel_row_t *row)
{
    if (parts->always.data
        && ngx_tel_check_always(b, st, parts, row) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (parts->unified == NULL) {

        if (parts->field.data) {
            return ngx_tel_refuse(b->cf, &st->place,
                               "\"field=%V\" in a row of success, which has no "
                               "envelope", &parts->field);
        }

        row->code = b->codes->ok;
        return NGX_OK;
    }

    row->code = ngx_tel_find_code(b->codes, parts->unified);

    if (row->kind == NGX_TEL_ERROR && row->code->status < 400) {
        return ngx_tel_refuse(b->cf, &st->place,
                      "\"%V\" is never an error, its HTTP status is %ui: use a "
                      "\"notice\" row, or another code",
                      &row->code->name, row->code->status);
    }

    if (row->code->status == NGX_HTTP_UNAUTHORIZED
        && row->kind == NGX_TEL_ERROR
        && b->catalog && b->unauthorized == NULL)
    {
        b->unauthorized = st;
    }

    if (parts->sentence == NULL) {
        return NGX_OK;
    }

    if (parts->sentence->len > NGX_TEL_MAX_TEXT) {
        return ngx_tel_refuse(b->cf, &st->place,
                              "the sentence is longer than 1024 bytes");
    }

    if (ngx_tel_keep(b->pool, parts->sentence, &row->sentence) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_tel_check_sentence(b, st, row);
}


static ngx_int_t
ngx_tel_check_always(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts, ngx_tel_row_t *row)
{
    if (ngx_strcmp(parts->always.data, "always") != 0) {
        return ngx_tel_refuse(b->cf, &st->place,
                              "invalid \"sentence=%V\": the one value is "
                              "\"always\"", &parts->always);
    }

    if (parts->unified == NULL) {
        return ngx_tel_refuse(b->cf, &st->place,
                              "\"sentence=always\" in a row of success, which "
                              "has no envelope: take it away");
    }

    if (parts->sentence == NULL) {
        return ngx_tel_refuse(b->cf, &st->place,
                              "\"sentence=always\" in a row without a "
                              "sentence: write one behind the unified code, "
                              "or take the option away");
    }

    row->always = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_tel_check_sentence(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_row_t *row)
{
    u_char     *p, *last;
    ngx_str_t   name;

    last = row->sentence.data + row->sentence.len;

    for (p = row->sentence.data; p < last; p++) {

        if (ngx_tel_placeholder(p, last, &name) == NULL) {
            continue;
        }

        if (row->narrow == NULL || row->narrow->message == NULL
            || ngx_tel_template_capture(row->narrow->message, &name)
               < 0)
        {
            return ngx_tel_refuse(b->cf, &st->place,
                         "the sentence uses {%V}, which the row's message does "
                         "not capture", &name);
        }

        row->captures = 1;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_tel_add_entry(ngx_tel_build_t *b, ngx_tel_statement_t *st,
    ngx_tel_parts_t *parts, ngx_tel_row_t *row, ngx_str_t *word)
{
    ngx_tel_entry_t   *entry;
    ngx_tel_narrow_t  *narrow;

    entry = ngx_array_push(&b->entries);
    if (entry == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(entry, sizeof(ngx_tel_entry_t));

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
            entry->literals = ngx_tel_template_literals(narrow->message);
        }
    }

    if (word) {
        entry->word = *word;

        if (ngx_tel_entry_key(b, entry, word) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    row->match = entry->match;
    entry->width = ngx_tel_width(entry);

    return NGX_OK;
}


/* The key that the word means: a status, else an alias's name, or as it is. */

static ngx_int_t
ngx_tel_entry_key(ngx_tel_build_t *b, ngx_tel_entry_t *entry, ngx_str_t *word)
{
    ngx_int_t   status, match;
    ngx_str_t  *key, *name;

    key = &entry->key;

    if (entry->match == NGX_TEL_BY_STATUS) {

        status = ngx_tel_status_arg(word);

        if (status != 4 && status != 5 && status < 400) {
            return ngx_tel_refuse(b->cf, &entry->st->place,
                        "\"%V\" is no HTTP status of an error: use 400 to 599, "
                        "4xx or 5xx", word);
        }

        return ngx_tel_fold_arg(b->cf->temp_pool, word, key);
    }

    match = ngx_tel_code_arg(b, entry->st, word, key);

    if (match == NGX_ERROR) {
        return NGX_ERROR;
    }

    entry->match = match;

    name = (match == NGX_TEL_BY_EXACT)
           ? ngx_tel_find(&b->index->aliases, key) : NULL;

    return name ? ngx_tel_fold_arg(b->cf->temp_pool, name, key)
                : NGX_OK;
}


/*
 * Folds a code, a class or a pattern into key; returns which of them it is, by
 * the row's match, or NGX_ERROR after a message.
 */

static ngx_int_t
ngx_tel_code_arg(ngx_tel_build_t *b, ngx_tel_statement_t *st, ngx_str_t *word,
    ngx_str_t *key)
{
    char            *err;
    ngx_str_t        text;
    ngx_tel_look_t   look;

    text.data = ngx_pnalloc(b->cf->temp_pool, word->len);
    if (text.data == NULL) {
        return NGX_ERROR;
    }

    ngx_tel_look(word, &text, &look);

    switch (ngx_tel_fold_arg(b->cf->temp_pool, &text, key)) {

    case NGX_OK:
        break;

    case NGX_DECLINED:
        return ngx_tel_refuse(b->cf, &st->place,
                         "code \"%V\" is empty or longer than 256 bytes", word);

    default:
        return NGX_ERROR;
    }

    if (!look.plain && ngx_tel_is_class(key)) {
        return NGX_TEL_BY_CLASS;
    }

    err = ngx_tel_odd_code(&look);

    if (err) {
        return ngx_tel_refuse(b->cf, &st->place, "code \"%V\" %s", word, err);
    }

    return look.star ? NGX_TEL_BY_PATTERN
                     : NGX_TEL_BY_EXACT;
}


/* Looks at a code and takes the backslashes from it. */

static void
ngx_tel_look(ngx_str_t *word, ngx_str_t *text, ngx_tel_look_t *look)
{
    u_char  *p, *last, *dst;

    ngx_memzero(look, sizeof(ngx_tel_look_t));

    dst = text->data;
    last = word->data + word->len;

    for (p = word->data; p < last; p++) {

        if (*p == '\\') {
            look->plain = 1;

            if (++p == last || ngx_strchr("xX*,~=\\", *p) == NULL) {
                look->backslash = 1;
                break;
            }

            look->plain_star |= (*p == '*');
            *dst++ = *p;
            continue;
        }

        look->star |= (*p == '*');
        look->comma |= (*p == ',');
        look->blank |= (*p == ' ');
        look->tilde |= (*p == '~' && p == word->data);
        look->x |= ((*p == 'x' || *p == 'X') && p > word->data
                    && p[-1] >= '0' && p[-1] <= '9');

        *dst++ = *p;
    }

    text->len = dst - text->data;
}


/* What looks like something that a code is not, or NULL. */

static char *
ngx_tel_odd_code(ngx_tel_look_t *look)
{
    if (look->backslash) {
        return "has a backslash that makes no \"x\", \"*\", \",\", \"~\", "
               "\"=\" or backslash plain; four are the character";
    }

    if (look->tilde) {
        return "is no regular expression: \"*\" matches any text; \"\\~\" is "
               "the character";
    }

    if (look->comma && !look->blank) {
        return "has a comma: codes are separated by spaces; \"\\,\" is the "
               "character";
    }

    if (look->x) {
        return "is no class, which is digits and then one \"x\" a digit, as in "
               "\"12xx\", 32 characters at the most; \"\\x\" is the character";
    }

    if (look->star && look->plain_star) {
        return "has a \"*\" for any text beside a plain one";
    }

    return NULL;
}


/*
 * How much of a code the key spells out: digits of a class or of a status,
 * characters of a pattern.
 */

static ngx_uint_t
ngx_tel_width(ngx_tel_entry_t *entry)
{
    size_t      i;
    ngx_uint_t  n;

    switch (entry->match) {

    case NGX_TEL_BY_CLASS:
    case NGX_TEL_BY_PATTERN:
    case NGX_TEL_BY_STATUS:
        break;

    default:
        return 0;
    }

    for (i = 0, n = 0; i < entry->key.len; i++) {
        n += (entry->match == NGX_TEL_BY_PATTERN)
             ? (entry->key.data[i] != '*'
                && (entry->key.data[i] & 0xc0) != 0x80)
             : (entry->key.data[i] != 'x');
    }

    return n;
}


/* by value, then those of extensions, then as they were read */

static int ngx_libc_cdecl
ngx_tel_cmp_word(const void *one, const void *two)
{
    const ngx_tel_word_t  *a = one;
    const ngx_tel_word_t  *b = two;

    ngx_int_t  rc;

    rc = ngx_tel_cmp_str((ngx_str_t *) &a->key, (ngx_str_t *) &b->key);
    if (rc) {
        return rc;
    }

    if (a->st->block->base != b->st->block->base) {
        return b->st->block->base ? -1 : 1;
    }

    if (a->st->number != b->st->number) {
        return (a->st->number < b->st->number) ? -1 : 1;
    }

    return (a->word < b->word) ? -1 : 1;
}
