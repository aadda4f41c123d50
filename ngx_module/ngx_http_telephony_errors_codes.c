
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/*
 * The unified codes: the block telephony_codes, and the codes that the module
 * concludes by itself.
 */


#include "ngx_http_telephony_errors_catalog.h"
#include "ngx_http_telephony_errors_source.h"


static ngx_int_t ngx_http_telephony_errors_add_code(ngx_conf_t *cf,
    ngx_http_telephony_errors_catalogs_t *catalogs,
    ngx_http_telephony_errors_statement_t *st);
static ngx_http_telephony_errors_code_t *ngx_http_telephony_errors_listed(
    ngx_http_telephony_errors_codes_t *codes, ngx_str_t *name);
static ngx_int_t ngx_http_telephony_errors_append(
    ngx_http_telephony_errors_codes_t *codes,
    ngx_http_telephony_errors_code_t *code);
static ngx_int_t ngx_http_telephony_errors_set_retry(ngx_conf_t *cf,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_code_t *code);
static ngx_int_t ngx_http_telephony_errors_check_code(ngx_conf_t *cf,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_code_t *code);
static ngx_int_t ngx_http_telephony_errors_builtin_codes(ngx_conf_t *cf,
    ngx_http_telephony_errors_codes_t *codes);
static ngx_int_t ngx_http_telephony_errors_hash_codes(ngx_conf_t *cf,
    ngx_http_telephony_errors_codes_t *codes);
static ngx_int_t ngx_http_telephony_errors_envelope_paths(
    ngx_http_telephony_errors_codes_t *codes, ngx_pool_t *pool);


/* what the module concludes without any row */

static ngx_http_telephony_errors_code_t  ngx_http_telephony_errors_builtin[] = {

    { ngx_string("OK"), ngx_null_string, ngx_string("Success"),
      ngx_string("ok"), 200, NGX_HTTP_TELEPHONY_ERRORS_RETRY_NO, 0,
      { NULL, 0 } },

    { ngx_string("PARTIAL_FAILURE"), ngx_null_string,
      ngx_string("Partly failed"), ngx_string("partial-failure"), 200,
      NGX_HTTP_TELEPHONY_ERRORS_RETRY_NO, 0, { NULL, 0 } },

    { ngx_string("PROVIDER_UNAVAILABLE"), ngx_string("UNAVAILABLE"),
      ngx_string("Provider unavailable"), ngx_string("provider-unavailable"),
      503, NGX_HTTP_TELEPHONY_ERRORS_RETRY_SAFE, 0, { NULL, 0 } },

    { ngx_string("PROVIDER_TIMEOUT"), ngx_string("TIMEOUT"),
      ngx_string("Provider timed out"), ngx_string("provider-timeout"), 504,
      NGX_HTTP_TELEPHONY_ERRORS_RETRY_SAFE, 0, { NULL, 0 } },

    { ngx_string("BAD_PROVIDER_RESPONSE"), ngx_string("INTERNAL"),
      ngx_string("Unreadable provider response"),
      ngx_string("bad-provider-response"), 502,
      NGX_HTTP_TELEPHONY_ERRORS_RETRY_SAFE, 0, { NULL, 0 } },

    { ngx_string("UNKNOWN"), ngx_string("UNKNOWN"),
      ngx_string("Unknown provider error"), ngx_string("unknown"), 502,
      NGX_HTTP_TELEPHONY_ERRORS_RETRY_NO, 0, { NULL, 0 } }
};


ngx_int_t
ngx_http_telephony_errors_compile_codes(ngx_conf_t *cf,
    ngx_http_telephony_errors_catalogs_t *catalogs)
{
    ngx_str_t                              *args;
    ngx_uint_t                              i, n;
    ngx_http_telephony_errors_source_t     *source;
    ngx_http_telephony_errors_statement_t  *st, *status;

    source = catalogs->source;
    st = source->codes.elts;

    status = ngx_palloc(source->pool, (source->codes.nelts + 1)
                              * sizeof(ngx_http_telephony_errors_statement_t));
    if (status == NULL) {
        return NGX_ERROR;
    }

    for (i = 0, n = 0; i < source->codes.nelts; i++) {
        args = st[i].args;

        if (args[0].len == 6 && ngx_strncmp(args[0].data, "status", 6) == 0) {
            status[n++] = st[i];
            continue;
        }

        if (ngx_http_telephony_errors_add_code(cf, catalogs, &st[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (ngx_http_telephony_errors_builtin_codes(cf, &catalogs->codes)
        != NGX_OK
        || ngx_http_telephony_errors_hash_codes(cf, &catalogs->codes)
           != NGX_OK
        || ngx_http_telephony_errors_envelope_paths(&catalogs->codes,
                                                    source->kept)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_telephony_errors_general_statuses(cf, catalogs, status, n);
}


static ngx_int_t
ngx_http_telephony_errors_add_code(ngx_conf_t *cf,
    ngx_http_telephony_errors_catalogs_t *catalogs,
    ngx_http_telephony_errors_statement_t *st)
{
    size_t                             i;
    ngx_int_t                          status;
    ngx_pool_t                        *pool;
    ngx_http_telephony_errors_code_t  *code, *same;

    pool = catalogs->source->kept;

    if (st->nargs != 5) {
        return ngx_http_telephony_errors_refuse(cf, &st->place,
                   "wrong number of arguments, expected: CODE status category "
                   "retry \"title\"; or: status NNN CODE;");
    }

    code = ngx_pcalloc(pool, sizeof(ngx_http_telephony_errors_code_t));
    if (code == NULL) {
        return NGX_ERROR;
    }

    status = ngx_atoi(st->args[1].data, st->args[1].len);
    code->status = (status == NGX_ERROR) ? 0 : status;
    code->place = st->place;

    if (ngx_http_telephony_errors_keep(pool, &st->args[0], &code->name)
        != NGX_OK
        || ngx_http_telephony_errors_keep(pool, &st->args[0], &code->slug)
           != NGX_OK
        || ngx_http_telephony_errors_keep(pool, &st->args[2], &code->category)
           != NGX_OK
        || ngx_http_telephony_errors_keep(pool, &st->args[4], &code->title)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_telephony_errors_set_retry(cf, st, code) != NGX_OK
        || ngx_http_telephony_errors_check_code(cf, st, code) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (code->category.len == 1 && code->category.data[0] == '-') {
        code->category.len = 0;
    }

    for (i = 0; i < code->slug.len; i++) {
        code->slug.data[i] = (code->slug.data[i] == '_')
                             ? '-' : ngx_tolower(code->slug.data[i]);
    }

    same = ngx_http_telephony_errors_listed(&catalogs->codes, &code->name);

    if (same) {
        return ngx_http_telephony_errors_refuse(cf, &st->place,
                   "unified code \"%V\" is given twice, first in %V:%ui",
                   &code->name, same->place.file, same->place.line);
    }

    return ngx_http_telephony_errors_append(&catalogs->codes, code);
}


/* The code of that name among those read so far, or NULL. */

static ngx_http_telephony_errors_code_t *
ngx_http_telephony_errors_listed(ngx_http_telephony_errors_codes_t *codes,
    ngx_str_t *name)
{
    ngx_uint_t                          i;
    ngx_http_telephony_errors_code_t  **c;

    c = codes->list.elts;

    for (i = 0; i < codes->list.nelts; i++) {
        if (c[i]->name.len == name->len
            && ngx_strncmp(c[i]->name.data, name->data, name->len) == 0)
        {
            return c[i];
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_telephony_errors_append(ngx_http_telephony_errors_codes_t *codes,
    ngx_http_telephony_errors_code_t *code)
{
    ngx_http_telephony_errors_code_t  **c;

    c = ngx_array_push(&codes->list);
    if (c == NULL) {
        return NGX_ERROR;
    }

    *c = code;
    code->number = codes->list.nelts - 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_telephony_errors_set_retry(ngx_conf_t *cf,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_code_t *code)
{
    if (ngx_strcmp(st->args[3].data, "yes") == 0) {
        code->retry = NGX_HTTP_TELEPHONY_ERRORS_RETRY_YES;

    } else if (ngx_strcmp(st->args[3].data, "safe") == 0) {
        code->retry = NGX_HTTP_TELEPHONY_ERRORS_RETRY_SAFE;

    } else if (ngx_strcmp(st->args[3].data, "no") != 0) {
        return ngx_http_telephony_errors_refuse(cf, &st->place,
                   "retry \"%V\" is none of yes, no and safe", &st->args[3]);
    }

    return NGX_OK;
}


/* names go into headers, metrics and URIs: only what is safe in all of them */

static ngx_int_t
ngx_http_telephony_errors_check_code(ngx_conf_t *cf,
    ngx_http_telephony_errors_statement_t *st,
    ngx_http_telephony_errors_code_t *code)
{
    u_char      ch;
    size_t      j;
    ngx_uint_t  i;
    ngx_str_t  *names[2];

    names[0] = &code->name;
    names[1] = &code->category;

    for (i = 0; i < 2; i++) {

        if (i == 1 && names[1]->len == 1 && names[1]->data[0] == '-') {
            break;
        }

        for (j = 0; j < names[i]->len; j++) {
            ch = names[i]->data[j];

            if (!((ch >= 'A' && ch <= 'Z') || ch == '_'
                  || (j && ch >= '0' && ch <= '9')))
            {
                break;
            }
        }

        if (j < names[i]->len || names[i]->len > 64) {
            return ngx_http_telephony_errors_refuse(cf, &st->place,
                       "invalid name \"%V\": use capital letters, digits and "
                       "\"_\", 64 at the most", names[i]);
        }
    }

    if (code->status != 200 && (code->status < 400 || code->status > 599)) {
        return ngx_http_telephony_errors_refuse(cf, &st->place,
                   "invalid HTTP status \"%V\" of \"%V\": use 400 to 599, or "
                   "200 for a code that is never an error",
                   &st->args[1], &code->name);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_telephony_errors_builtin_codes(ngx_conf_t *cf,
    ngx_http_telephony_errors_codes_t *codes)
{
    ngx_uint_t                          i;
    ngx_http_telephony_errors_code_t   *builtin, *code, **roles[6];

    roles[0] = &codes->ok;
    roles[1] = &codes->partial_failure;
    roles[2] = &codes->provider_unavailable;
    roles[3] = &codes->provider_timeout;
    roles[4] = &codes->bad_provider_response;
    roles[5] = &codes->unknown;

    for (i = 0; i < 6; i++) {
        builtin = &ngx_http_telephony_errors_builtin[i];
        code = ngx_http_telephony_errors_listed(codes, &builtin->name);

        if (code == NULL) {
            code = ngx_palloc(cf->pool,
                              sizeof(ngx_http_telephony_errors_code_t));
            if (code == NULL) {
                return NGX_ERROR;
            }

            *code = *builtin;

            if (ngx_http_telephony_errors_append(codes, code) != NGX_OK) {
                return NGX_ERROR;
            }
        }

        *roles[i] = code;

        if (builtin->status >= 400 && code->status < 400) {
            return ngx_http_telephony_errors_refuse(cf, &code->place,
                       "\"%V\" is what the module concludes by itself as an "
                       "error: give it an HTTP status of 400 to 599",
                       &code->name);
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_telephony_errors_hash_codes(ngx_conf_t *cf,
    ngx_http_telephony_errors_codes_t *codes)
{
    ngx_uint_t                          i;
    ngx_array_t                         keys;
    ngx_hash_key_t                     *key;
    ngx_http_telephony_errors_code_t  **c;

    if (ngx_array_init(&keys, cf->temp_pool, codes->list.nelts,
                       sizeof(ngx_hash_key_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    c = codes->list.elts;

    for (i = 0; i < codes->list.nelts; i++) {
        key = ngx_array_push(&keys);
        if (key == NULL) {
            return NGX_ERROR;
        }

        key->key = c[i]->name;
        key->key_hash = ngx_hash_key_lc(c[i]->name.data, c[i]->name.len);
        key->value = c[i];
    }

    return ngx_http_telephony_errors_hash(cf, cf->pool, &codes->hash, &keys);
}


ngx_http_telephony_errors_code_t *
ngx_http_telephony_errors_find_code(ngx_http_telephony_errors_codes_t *codes,
    ngx_str_t *name)
{
    u_char                             low[64];
    ngx_uint_t                         hash;
    ngx_http_telephony_errors_code_t  *code;

    if (name->len == 0 || name->len > sizeof(low)) {
        return NULL;
    }

    hash = ngx_hash_strlow(low, name->data, name->len);
    code = ngx_hash_find(&codes->hash, hash, low, name->len);

    return (code && ngx_strncmp(code->name.data, name->data, name->len) == 0)
           ? code : NULL;
}


static ngx_int_t
ngx_http_telephony_errors_envelope_paths(
    ngx_http_telephony_errors_codes_t *codes, ngx_pool_t *pool)
{
    ngx_uint_t  i, number;

    static ngx_str_t  paths[] = {
        ngx_string("code"),
        ngx_string("detail"),
        ngx_string("provider.code"),
        ngx_string("provider.message")
    };

    if (ngx_http_telephony_errors_init_paths(pool, &codes->envelope)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (ngx_http_telephony_errors_add_path(pool, &codes->envelope,
                                               &paths[i], &number)
            != NULL)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
