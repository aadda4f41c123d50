
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/*
 * Reads the statements of the blocks telephony_codes and telephony_catalog.
 * What they say is made of them later, in ..._codes.c, ..._settings.c and
 * ..._rows.c.
 */


#include "ngx_tel_catalog.h"
#include "ngx_tel_load.h"
#include "ngx_tel_settings.h"
#include "ngx_tel_text.h"


#define NGX_TEL_SOURCE_BLOCK  (256 * 1024)


static void ngx_tel_say(ngx_conf_t *cf, ngx_uint_t level,
    ngx_tel_place_t *place, const char *fmt, va_list args);
static ngx_uint_t ngx_tel_provider_name(ngx_str_t *name);
static ngx_tel_catalog_t *ngx_tel_opened(ngx_conf_t *cf,
    ngx_tel_catalogs_t *catalogs, ngx_str_t *name);
static ngx_int_t ngx_tel_open(ngx_conf_t *cf, ngx_tel_catalogs_t **catalogs);
static ngx_pool_t *ngx_tel_source_pool(ngx_conf_t *cf);
static void ngx_tel_destroy_pool(void *data);
static ngx_tel_catalog_t *ngx_tel_new_catalog(ngx_tel_catalogs_t *catalogs,
    ngx_str_t *name);
static ngx_tel_block_t *ngx_tel_read_block(ngx_conf_t *cf,
    ngx_tel_source_t *source, ngx_tel_catalog_t *catalog, ngx_uint_t replaces);
static ngx_int_t ngx_tel_replaces(ngx_conf_t *cf, ngx_uint_t n);
static ngx_int_t ngx_tel_settle_base(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_block_t *block);
static char *ngx_tel_line(ngx_conf_t *cf, ngx_command_t *dummy, void *conf);
static ngx_tel_keyword_t *ngx_tel_keyword(ngx_uint_t codes, ngx_str_t *word);
static void ngx_tel_unknown(ngx_conf_t *cf, ngx_str_t *word);
static ngx_int_t ngx_tel_check_words(ngx_conf_t *cf, ngx_tel_keyword_t *kw);
static ngx_int_t ngx_tel_swallowed(ngx_conf_t *cf, ngx_tel_keyword_t *kw,
    ngx_str_t *word);
static ngx_int_t ngx_tel_statement(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_keyword_t *kw, ngx_tel_statement_t *st);
static ngx_int_t ngx_tel_stray_quote(ngx_str_t *arg);


#define ngx_tel_list(name)                                  \
    offsetof(ngx_tel_source_t, name)


/*
 * The statements of telephony_catalog, then those of telephony_codes, of which
 * the last, without a name, is for any other first word: a unified code.
 */

static ngx_tel_keyword_t  ngx_tel_keywords[] = {

    { ngx_string("code"), NGX_TEL_SETTING, 0, 1,
      ngx_tel_list(settings),
      ngx_tel_set_code, 1, 16, 1,
      "code path | header:NAME ... [fallback]; or: code path ~ "
      "\"(?<code>...)\";" },

    { ngx_string("present"), NGX_TEL_SETTING, 0, 1,
      ngx_tel_list(settings),
      ngx_tel_set_present, 2, 2, 1,
      "present path code=VALUE;" },

    { ngx_string("message"), NGX_TEL_SETTING, 0, 1,
      ngx_tel_list(settings),
      ngx_tel_set_message, 1, 16, 1,
      "message path [path ...];" },

    { ngx_string("field"), NGX_TEL_SETTING, 0, 1,
      ngx_tel_list(settings),
      ngx_tel_set_field, 1, 3, 1,
      "field path [detail=path] [pointer=path];" },

    { ngx_string("text"), NGX_TEL_SETTING, 0, 1,
      ngx_tel_list(settings),
      ngx_tel_set_text, 2, 4, 3,
      "text [each] ~|~* \"pattern\" [code=VALUE];" },

    { ngx_string("scope"), NGX_TEL_SETTING, 0, 0,
      ngx_tel_list(settings),
      ngx_tel_set_scope, 1, 1, 1,
      "scope value;" },

    { ngx_string("alias"), NGX_TEL_ALIAS, 0, 0,
      ngx_tel_list(rows), NULL,
      2, 2, 2,
      "alias wire-value name;" },

    { ngx_string("nocode"), NGX_TEL_NOCODE, 0, 0,
      ngx_tel_list(rows), NULL,
      1, NGX_TEL_MAX_ARGS, 1,
      "nocode value [value ...];" },

    { ngx_string("repeatable"), NGX_TEL_SETTING, 0, 0,
      ngx_tel_list(settings),
      ngx_tel_set_repeatable, 1, 16, 1,
      "repeatable never | method [method ...];" },

    { ngx_string("language"), NGX_TEL_SETTING, 0, 0,
      ngx_tel_list(settings),
      ngx_tel_set_language, 1, 1, 1,
      "language tag;" },

    { ngx_string("challenge"), NGX_TEL_SETTING, 0, 0,
      ngx_tel_list(settings),
      ngx_tel_set_challenge, 1, 1, 1,
      "challenge \"value of WWW-Authenticate\";" },

    { ngx_string("allow"), NGX_TEL_SETTING, 0, 0,
      ngx_tel_list(settings),
      ngx_tel_set_allow, 1, 16, 1,
      "allow method [method ...];" },

    { ngx_string("success"), NGX_TEL_ROW_SUCCESS, 0, 0,
      ngx_tel_list(rows), NULL,
      1, NGX_TEL_MAX_ARGS, 1,
      "success CODE ... [scope=] [status=] [\"message=...\"];" },

    { ngx_string("notice"), NGX_TEL_ROW_NOTICE, 0, 0,
      ngx_tel_list(rows), NULL,
      2, NGX_TEL_MAX_ARGS, 1,
      "notice CODE ... [scope=] [status=] [\"message=...\"] [field=] "
      "UNIFIED [\"sentence\" [sentence=always]];" },

    { ngx_string("error"), NGX_TEL_ROW_ERROR, 0, 0,
      ngx_tel_list(rows), NULL,
      2, NGX_TEL_MAX_ARGS, 1,
      "error CODE ... [scope=] [status=] [\"message=...\"] [field=] "
      "UNIFIED [\"sentence\" [sentence=always]];" },

    { ngx_string("absent"), NGX_TEL_ROW_ABSENT, 0, 0,
      ngx_tel_list(rows), NULL,
      1, 7, 1,
      "absent success; or: absent [scope=] [status=] [\"message=...\"] "
      "[field=] UNIFIED [\"sentence\" [sentence=always]];" },

    { ngx_string("status"), NGX_TEL_ROW_STATUS, 0, 0,
      ngx_tel_list(rows), NULL,
      2, NGX_TEL_MAX_ARGS, 1,
      "status NNN | Nxx ... [scope=] [\"message=...\"] UNIFIED "
      "[\"sentence\" [sentence=always]];" },

    { ngx_string("example"), NGX_TEL_EXAMPLE, 0, 0,
      ngx_tel_list(examples), NULL,
      3, 8, 3,
      "example [scope=] [match=] [header:NAME=VALUE] STATUS BODY VERDICT;" },

    { ngx_string("include"), NGX_TEL_INCLUDE, 0, 0,
      0, NULL,
      1, 1, 1,
      "include file;" },

    { ngx_string("status"), NGX_TEL_ROW_STATUS, 1, 0,
      ngx_tel_list(statuses), NULL,
      2, NGX_TEL_MAX_ARGS, 1,
      "status NNN | Nxx ... UNIFIED;" },

    { ngx_string("category"), NGX_TEL_CATEGORY, 1, 0,
      ngx_tel_list(categories), NULL,
      1, 1, 1,
      "category NAME;" },

    { ngx_string("include"), NGX_TEL_INCLUDE, 1, 0,
      0, NULL,
      1, 1, 1,
      "include file;" },

    { ngx_null_string, NGX_TEL_UNIFIED, 1, 0,
      ngx_tel_list(codes), NULL,
      4, 5, 3,
      "CODE status category retry \"title\" [\"description\"]; or: status "
      "NNN UNIFIED; or: category NAME;" }
};

#define ngx_tel_nkeywords                                   \
    (sizeof(ngx_tel_keywords)                               \
     / sizeof(ngx_tel_keyword_t))


ngx_int_t
ngx_tel_refuse(ngx_conf_t *cf, ngx_tel_place_t *place, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    ngx_tel_say(cf, NGX_LOG_EMERG, place, fmt, args);
    va_end(args);

    return NGX_ERROR;
}


void
ngx_tel_warn(ngx_conf_t *cf, ngx_tel_place_t *place, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    ngx_tel_say(cf, NGX_LOG_WARN, place, fmt, args);
    va_end(args);
}


static void
ngx_tel_say(ngx_conf_t *cf, ngx_uint_t level, ngx_tel_place_t *place,
    const char *fmt, va_list args)
{
    u_char  buf[NGX_MAX_CONF_ERRSTR], *last;

    last = ngx_vslprintf(buf, buf + sizeof(buf), fmt, args);

    ngx_log_error(level, cf->log, 0, "%*s in %V:%ui", (size_t) (last - buf),
                  buf, place->file, place->line);
}


char *
ngx_tel_twice(ngx_tel_place_t *one, ngx_tel_place_t *two, char *remedy)
{
    return (one->file && two->file
            && one->line == two->line
            && one->file->len == two->file->len
            && ngx_strncmp(one->file->data, two->file->data, one->file->len)
               == 0)
           ? "is the file included twice?" : remedy;
}


ngx_int_t
ngx_tel_here(ngx_conf_t *cf, ngx_tel_source_t *source, ngx_tel_place_t *place)
{
    ngx_str_t  *file;

    static ngx_str_t  parameter = ngx_string("command line");

    place->line = cf->conf_file->line;
    file = &cf->conf_file->file.name;

    if (cf->conf_file->file.fd == NGX_INVALID_FILE) {
        file = &parameter;
    }

    if (source->file == NULL
        || source->file->len != file->len
        || ngx_strncmp(source->file->data, file->data, file->len) != 0)
    {
        source->file = ngx_palloc(source->kept, sizeof(ngx_str_t));

        if (source->file == NULL
            || ngx_tel_keep(source->kept, file, source->file)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    place->file = source->file;

    return NGX_OK;
}


ngx_int_t
ngx_tel_keep(ngx_pool_t *pool, ngx_str_t *src, ngx_str_t *dst)
{
    u_char  *p;

    p = NULL;

    if (src->len) {
        p = ngx_pnalloc(pool, src->len + 1);
        if (p == NULL) {
            return NGX_ERROR;
        }

        /* nginx looks at the zero behind a word of its configuration */

        ngx_memcpy(p, src->data, src->len);
        p[src->len] = '\0';
    }

    /* src and dst may be one */

    dst->len = src->len;
    dst->data = p;

    return NGX_OK;
}


ngx_int_t
ngx_tel_fold_arg(ngx_pool_t *pool, ngx_str_t *src, ngx_str_t *dst)
{
    u_char     buf[3 * NGX_TEL_MAX_CODE];
    ngx_str_t  text;

    text = ngx_tel_trim(src);

    if (text.len == 0 || text.len > NGX_TEL_MAX_CODE) {
        return NGX_DECLINED;
    }

    text.len = ngx_tel_fold(buf, text.data, text.len) - buf;
    text.data = buf;

    return ngx_tel_keep(pool, &text, dst);
}


ngx_int_t
ngx_tel_hash(ngx_conf_t *cf, ngx_pool_t *pool, ngx_hash_t *hash,
    ngx_array_t *keys)
{
    size_t            size, max;
    ngx_uint_t        i;
    ngx_hash_key_t   *key;
    ngx_hash_init_t   init;

    ngx_memzero(hash, sizeof(ngx_hash_t));

    if (keys->nelts == 0) {
        return NGX_OK;
    }

    max = 0;
    key = keys->elts;

    for (i = 0; i < keys->nelts; i++) {
        size = 2 * sizeof(void *) + ngx_align(key[i].key.len, sizeof(void *));
        max = ngx_max(max, size);
    }

    init.hash = hash;
    init.key = ngx_hash_key;
    init.name = "telephony_catalog";
    init.pool = pool;
    init.temp_pool = cf->temp_pool;

    if (keys->nelts <= 2000) {
        init.max_size = 10000;
        init.bucket_size = ngx_align(2 * max + sizeof(void *),
                                     ngx_cacheline_size);

    } else {

        /*
         * above 10,000 ngx_hash_init() only tries the last 1,000 sizes: with
         * buckets large enough the first fits, and 100,000 rows load at once;
         * of some keys a bucket, since every bucket is rounded up
         */

        init.max_size = ngx_max(10001, keys->nelts / 5 + 1000);
        init.bucket_size = ngx_align(64 * max, ngx_cacheline_size);
    }

    return ngx_hash_init(&init, keys->elts, keys->nelts);
}


char *
ngx_tel_codes_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_int_t             replaces;
    ngx_tel_catalogs_t  **catalogs;

    catalogs = (ngx_tel_catalogs_t **)
                                               ((u_char *) conf + cmd->offset);

    replaces = ngx_tel_replaces(cf, 1);

    if (replaces == NGX_ERROR
        || ngx_tel_open(cf, catalogs) != NGX_OK
        || ngx_tel_read_block(cf, (*catalogs)->source, NULL, replaces)
           == NULL)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_tel_catalog_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_int_t             replaces;
    ngx_str_t            *value;
    ngx_tel_block_t      *block;
    ngx_tel_source_t     *source;
    ngx_tel_catalog_t    *catalog;
    ngx_tel_catalogs_t  **catalogs;

    catalogs = (ngx_tel_catalogs_t **)
                                               ((u_char *) conf + cmd->offset);

    value = cf->args->elts;

    if (!ngx_tel_provider_name(&value[1])) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid provider name \"%V\": use small letters, "
                           "digits, \"_\", \".\", \":\" and \"-\", 64 at the "
                           "most, and neither \"off\" nor \"other\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    replaces = ngx_tel_replaces(cf, 2);

    if (replaces == NGX_ERROR || ngx_tel_open(cf, catalogs) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    source = (*catalogs)->source;

    catalog = ngx_tel_opened(cf, *catalogs, &value[1]);
    if (catalog == NULL) {
        return NGX_CONF_ERROR;
    }

    block = ngx_tel_read_block(cf, source, catalog, replaces);
    if (block == NULL || ngx_tel_settle_base(cf, source, block) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* 1 if argument n is "replaces", 0 if there is none, or NGX_ERROR. */

static ngx_int_t
ngx_tel_replaces(ngx_conf_t *cf, ngx_uint_t n)
{
    ngx_str_t  *value;

    if (cf->args->nelts <= n) {
        return 0;
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[n].data, "replaces") == 0) {
        return 1;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "unexpected \"%V\" behind \"%V\": only \"replaces\" may "
                       "stand before the \"{\"", &value[n], &value[0]);

    return NGX_ERROR;
}


/*
 * A provider has one base; one that replaces another is not disturbed by what
 * is shipped under its name, in whatever order they are read.
 */

static ngx_int_t
ngx_tel_settle_base(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_block_t *block)
{
    ngx_uint_t           i;
    ngx_tel_block_t    **b;
    ngx_tel_catalog_t   *catalog;

    catalog = block->catalog;

    if (!block->base) {
        return !block->replaces
               ? NGX_OK
               : ngx_tel_refuse(cf, &block->place,
                      "what replaces the base of \"%V\" must name its paths "
                      "with \"code\" or \"message\"; leave out \"replaces\" to "
                      "extend it", &catalog->name);
    }

    b = source->blocks.elts;

    for (i = 0; i < source->blocks.nelts; i++) {

        if (b[i] == block || b[i]->catalog != catalog || !b[i]->base) {
            continue;
        }

        if (b[i]->replaces == block->replaces) {
            return ngx_tel_refuse(cf, &block->place,
                              "telephony_catalog \"%V\" has a base already, in "
                              "%V:%ui: %s", &catalog->name, b[i]->place.file,
                              b[i]->place.line,
                              ngx_tel_twice(&block->place,
                              &b[i]->place, block->replaces
                              ? "only one may replace it"
                              : "only one block may have \"code\", "
                               "\"present\", \"text\", \"message\" and "
                               "\"field\"; leave them out to extend that base, "
                               "or write \"replaces\" behind the name of your "
                               "own to put it in its place"));
        }

        b[i]->replaced = block->replaces;
        block->replaced = b[i]->replaces;
    }

    if (!block->replaced) {
        catalog->place = block->place;
    }

    return NGX_OK;
}


/* "other" is what a full zone counts under */

static ngx_uint_t
ngx_tel_provider_name(ngx_str_t *name)
{
    size_t  i;

    for (i = 0; i < name->len; i++) {
        if (name->data[i] >= 'A' && name->data[i] <= 'Z') {
            return 0;
        }
    }

    return ngx_tel_plain(name)
           && ngx_strcmp(name->data, "off") != 0
           && ngx_strcmp(name->data, "other") != 0;
}


/* The catalog of that name, a new one if it has no block so far. */

static ngx_tel_catalog_t *
ngx_tel_opened(ngx_conf_t *cf, ngx_tel_catalogs_t *catalogs, ngx_str_t *name)
{
    ngx_uint_t          i;
    ngx_tel_catalog_t  *catalog, **c;

    c = catalogs->catalogs.elts;

    for (i = 0; i < catalogs->catalogs.nelts; i++) {
        if (c[i]->name.len == name->len
            && ngx_strncmp(c[i]->name.data, name->data, name->len) == 0)
        {
            return c[i];
        }
    }

    catalog = ngx_tel_new_catalog(catalogs, name);

    if (catalog == NULL
        || ngx_tel_here(cf, catalogs->source, &catalog->opened)
           != NGX_OK)
    {
        return NULL;
    }

    return catalog;
}


static ngx_int_t
ngx_tel_open(ngx_conf_t *cf, ngx_tel_catalogs_t **catalogs)
{
    size_t               size;
    ngx_pool_t          *pool;
    ngx_tel_source_t    *source;
    ngx_tel_catalogs_t  *c;

    if (*catalogs) {
        return NGX_OK;
    }

    c = ngx_pcalloc(cf->pool, sizeof(ngx_tel_catalogs_t));
    if (c == NULL) {
        return NGX_ERROR;
    }

    pool = ngx_tel_source_pool(cf);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    source = ngx_pcalloc(pool, sizeof(ngx_tel_source_t));
    if (source == NULL) {
        return NGX_ERROR;
    }

    source->pool = pool;
    source->kept = cf->pool;

    size = sizeof(ngx_tel_statement_t);

    if (ngx_array_init(&c->catalogs, cf->pool, 8, sizeof(ngx_tel_catalog_t *))
        != NGX_OK
        || ngx_array_init(&c->codes.list, cf->pool, 64,
                          sizeof(ngx_tel_code_t *))
           != NGX_OK
        || ngx_array_init(&source->blocks, pool, 32, sizeof(ngx_tel_block_t *))
           != NGX_OK
        || ngx_array_init(&source->categories, pool, 4, size) != NGX_OK
        || ngx_array_init(&source->codes, pool, 128, size) != NGX_OK
        || ngx_array_init(&source->statuses, pool, 64, size) != NGX_OK
        || ngx_array_init(&source->settings, pool, 64, size) != NGX_OK
        || ngx_array_init(&source->rows, pool, 1024, size) != NGX_OK
        || ngx_array_init(&source->examples, pool, 128, size) != NGX_OK)
    {
        return NGX_ERROR;
    }

    c->source = source;
    *catalogs = c;

    return NGX_OK;
}


/*
 * Large blocks, which go back to the system whole: those of the cycle's pool
 * lie between, and every worker inherits the rest of a page.
 */

static ngx_pool_t *
ngx_tel_source_pool(ngx_conf_t *cf)
{
    ngx_pool_t          *pool;
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(cf->temp_pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    pool = ngx_create_pool(NGX_TEL_SOURCE_BLOCK, cf->log);
    if (pool == NULL) {
        return NULL;
    }

    cln->handler = ngx_tel_destroy_pool;
    cln->data = pool;

    return pool;
}


static void
ngx_tel_destroy_pool(void *data)
{
    ngx_destroy_pool(data);
}


static ngx_tel_catalog_t *
ngx_tel_new_catalog(ngx_tel_catalogs_t *catalogs, ngx_str_t *name)
{
    ngx_pool_t         *pool;
    ngx_tel_catalog_t  *catalog, **c;

    pool = catalogs->source->kept;

    catalog = ngx_pcalloc(pool, sizeof(ngx_tel_catalog_t));
    if (catalog == NULL
        || ngx_tel_keep(pool, name, &catalog->name)
           != NGX_OK
        || ngx_tel_init_paths(pool, &catalog->paths)
           != NGX_OK
        || ngx_array_init(&catalog->messages, pool, 4, sizeof(ngx_uint_t))
           != NGX_OK
        || ngx_array_init(&catalog->fields, pool, 4,
                          sizeof(ngx_tel_field_path_t))
           != NGX_OK
        || ngx_array_init(&catalog->texts, pool, 2, sizeof(ngx_tel_text_t))
           != NGX_OK)
    {
        return NULL;
    }

    /* RFC 9110 9.2.2: the idempotent methods */

    catalog->repeatable = NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_OPTIONS
                          |NGX_HTTP_PUT|NGX_HTTP_DELETE|NGX_HTTP_TRACE;

    c = ngx_array_push(&catalogs->catalogs);
    if (c == NULL) {
        return NULL;
    }

    *c = catalog;
    catalog->number = catalogs->catalogs.nelts - 1;

    return catalog;
}


/*
 * Reads a block; catalog NULL: the unified codes.  Its words are needed until
 * the http block is complete, and not by the workers.  NULL after a message.
 */

static ngx_tel_block_t *
ngx_tel_read_block(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_catalog_t *catalog, ngx_uint_t replaces)
{
    char              *rv;
    ngx_conf_t         save;
    ngx_tel_block_t  **b, *block;

    block = ngx_pcalloc(source->pool, sizeof(ngx_tel_block_t));
    b = ngx_array_push(&source->blocks);

    if (block == NULL || b == NULL
        || ngx_tel_here(cf, source, &block->place)
           != NGX_OK)
    {
        return NULL;
    }

    *b = block;

    /* codes that replace others are to these what an extension is to rows */

    block->catalog = catalog;
    block->base = (catalog == NULL && !replaces);
    block->replaces = replaces;

    save = *cf;

    cf->pool = source->pool;
    cf->handler = ngx_tel_line;
    cf->handler_conf = (void *) source;
    source->block = block;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    return (rv == NGX_CONF_OK) ? block : NULL;
}


static char *
ngx_tel_line(ngx_conf_t *cf, ngx_command_t *dummy, void *conf)
{
    ngx_tel_source_t *source = conf;

    ngx_str_t            *value;
    ngx_tel_keyword_t    *kw;
    ngx_tel_statement_t  *st;

    value = cf->args->elts;

    kw = ngx_tel_keyword(source->block->catalog == NULL, &value[0]);
    if (kw == NULL) {
        ngx_tel_unknown(cf, &value[0]);
        return NGX_CONF_ERROR;
    }

    if (ngx_tel_check_words(cf, kw) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (kw->type == NGX_TEL_INCLUDE) {
        return ngx_conf_include(cf, dummy, conf);
    }

    st = ngx_array_push((ngx_array_t *) ((u_char *) source + kw->list));

    if (st == NULL || ngx_tel_statement(cf, source, kw, st) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    source->block->base |= kw->base;

    if (kw->set == ngx_tel_set_scope
        && ngx_tel_compile_scope(cf, source, st) != NGX_OK)
    {
        /* now, so that nginx itself names the line of a bad variable */

        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* What a statement of telephony_codes or a catalog begins with, or NULL. */

static ngx_tel_keyword_t *
ngx_tel_keyword(ngx_uint_t codes, ngx_str_t *word)
{
    ngx_uint_t          i;
    ngx_tel_keyword_t  *kw;

    kw = ngx_tel_keywords;

    for (i = 0; i < ngx_tel_nkeywords; i++, kw++) {

        if (kw->codes == codes
            && (kw->name.len == 0
                || (kw->name.len == word->len
                    && ngx_strncmp(kw->name.data, word->data, word->len)
                       == 0)))
        {
            return kw;
        }
    }

    return NULL;
}


static void
ngx_tel_unknown(ngx_conf_t *cf, ngx_str_t *word)
{
    u_char              buf[512], *p;
    ngx_tel_keyword_t  *kw;

    p = buf;

    for (kw = ngx_tel_keywords; !kw->codes; kw++) {
        p = ngx_slprintf(p, buf + sizeof(buf), "%s%V",
                         (p == buf) ? "" : kw[1].codes ? " and " : ", ",
                         &kw->name);
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "unknown statement \"%V\" in telephony_catalog; it has "
                       "%*s", word, (size_t) (p - buf), buf);
}


/*
 * Most statements are lists without an end: a forgotten ";" makes the next one
 * a part of them.  It shows by that one's first word, which comes behind what
 * the statement itself must have, and before what the next must have.
 */

static ngx_int_t
ngx_tel_check_words(ngx_conf_t *cf, ngx_tel_keyword_t *kw)
{
    ngx_str_t          *value, rest;
    ngx_uint_t          i, n, words;
    ngx_tel_keyword_t  *next;

    value = cf->args->elts;
    n = cf->args->nelts - 1;
    words = 0;

    for (i = 1; i <= n; i++) {

        if (ngx_tel_option(kw->type, &value[i], &rest)
            != NGX_TEL_OPTIONS
            || words++ < kw->own || i == n)
        {
            continue;
        }

        next = ngx_tel_keyword(kw->codes, &value[i]);

        if (next && next->name.len) {
            return ngx_tel_swallowed(cf, kw, &value[i]);
        }
    }

    if (n >= kw->min && n <= kw->max) {
        return NGX_OK;
    }

    if (n > kw->max && kw->max >= 16) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "%ui arguments where %ui are the most, is a \";\" "
                           "missing? Expected: %s", n, kw->max, kw->usage);
        return NGX_ERROR;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "wrong number of arguments%s, expected: %s",
                       (n > kw->max) ? ", is a \";\" missing?" : "", kw->usage);

    return NGX_ERROR;
}


static ngx_int_t
ngx_tel_swallowed(ngx_conf_t *cf, ngx_tel_keyword_t *kw, ngx_str_t *word)
{
    u_char      remedy[128], *p;
    ngx_str_t  *value;

    value = cf->args->elts;
    p = remedy;

    if (kw->base) {
        p = ngx_slprintf(p, remedy + sizeof(remedy),
                         " A path of that name is written \"\\%V\"", word);

    } else if (kw->type >= NGX_TEL_ROW_SUCCESS && kw->type <= NGX_TEL_ROW_ERROR)
    {
        p = ngx_slprintf(p, remedy + sizeof(remedy),
                         " A code of that name is named by an \"alias\"");
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "\"%V\" in %s \"%V\" %s: is a \";\" missing before it?"
                       "%*s",
                       word, ngx_strchr("aei", value[0].data[0]) ? "an" : "a",
                       &value[0], kw->type < NGX_TEL_ROW_SUCCESS
                       ? "statement" : "row", (size_t) (p - remedy), remedy);

    return NGX_ERROR;
}


ngx_uint_t
ngx_tel_option(ngx_tel_statement_e type, ngx_str_t *arg, ngx_str_t *value)
{
    ngx_uint_t  i;

    static ngx_str_t  names[] = {
        ngx_string("scope="),
        ngx_string("status="),
        ngx_string("message="),
        ngx_string("field="),
        ngx_string("sentence="),
        ngx_string("match=")
    };

    for (i = 0; i < NGX_TEL_OPTIONS; i++) {

        if (arg->len < names[i].len
            || ngx_strncmp(arg->data, names[i].data, names[i].len) != 0)
        {
            continue;
        }

        if (type == NGX_TEL_EXAMPLE
            ? (i != NGX_TEL_OPTION_SCOPE
               && i != NGX_TEL_OPTION_MATCH)
            : (type < NGX_TEL_EXAMPLE
               || i == NGX_TEL_OPTION_MATCH))
        {
            break;
        }

        value->data = arg->data + names[i].len;
        value->len = arg->len - names[i].len;

        return i;
    }

    return NGX_TEL_OPTIONS;
}


static ngx_int_t
ngx_tel_statement(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_keyword_t *kw, ngx_tel_statement_t *st)
{
    ngx_str_t   *value;
    ngx_uint_t   i;

    value = cf->args->elts;

    st->kw = kw;
    st->block = source->block;
    st->value = NULL;
    st->number = source->nstatements++;
    st->nargs = cf->args->nelts;

    if (ngx_tel_here(cf, source, &st->place) != NGX_OK) {
        return NGX_ERROR;
    }

    st->args = ngx_palloc(source->pool, st->nargs * sizeof(ngx_str_t));
    if (st->args == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(st->args, value, st->nargs * sizeof(ngx_str_t));

    if (kw->type == NGX_TEL_EXAMPLE) {
        return NGX_OK;
    }

    for (i = 0; i < st->nargs; i++) {

        if (value[i].len == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "empty argument of \"%V\"", &value[0]);
            return NGX_ERROR;
        }

        if (i > 1 && ngx_tel_is_regex(&value[i - 1])
            && kw->type == NGX_TEL_SETTING)
        {
            continue;
        }

        if (ngx_tel_stray_quote(&value[i])) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "stray quote in argument %V: quote a whole "
                               "argument, never a part of it, as in "
                               "\"message=a text\"", &value[i]);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/*
 * nginx takes a quote in mid-word for a letter and splits at the next space:
 * message="a text" would be two arguments, and neither is what was meant.  An
 * argument with a space in it was quoted as a whole: its quotes are meant.  A
 * typographic quote in front is one of an editor that knows better.
 */

static ngx_int_t
ngx_tel_stray_quote(ngx_str_t *arg)
{
    u_char      ch;
    size_t      i;
    ngx_uint_t  n, stray;

    n = 0;
    stray = (arg->len > 3
             && (ngx_strncmp(arg->data, "\xe2\x80\x9c", 3) == 0
                 || ngx_strncmp(arg->data, "\xe2\x80\x9d", 3) == 0
                 || ngx_strncmp(arg->data, "\xe2\x80\x9e", 3) == 0));

    for (i = 0; i < arg->len; i++) {
        ch = arg->data[i];

        if (ch == ' ' || ch == '\t' || ch == CR || ch == LF) {
            return 0;
        }

        n += (ch == '"');
        stray |= ((ch == '"' || ch == '\'') && i && arg->data[i - 1] == '=');
    }

    return stray || n % 2;
}


ngx_int_t
ngx_tel_place(ngx_conf_t *cf, ngx_tel_place_t *place)
{
    place->line = cf->conf_file->line;

    place->file = ngx_palloc(cf->pool, sizeof(ngx_str_t));
    if (place->file == NULL) {
        return NGX_ERROR;
    }

    *place->file = cf->conf_file->file.name;

    return NGX_OK;
}


/* "404" is 404 and "4xx" is 4; else NGX_ERROR */

ngx_int_t
ngx_tel_status_arg(ngx_str_t *word)
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
