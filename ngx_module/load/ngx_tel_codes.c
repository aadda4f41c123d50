
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/*
 * The unified codes: the block telephony_codes, and the codes that the module
 * concludes by itself.
 */


#include "ngx_tel_catalog.h"
#include "ngx_tel_load.h"


static ngx_int_t ngx_tel_add_codes(ngx_conf_t *cf, ngx_tel_catalogs_t *catalogs,
    ngx_uint_t base);
static ngx_int_t ngx_tel_add_code(ngx_conf_t *cf, ngx_tel_catalogs_t *catalogs,
    ngx_tel_statement_t *st, ngx_uint_t replaced);
static ngx_int_t ngx_tel_make_code(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st, ngx_tel_code_t *code);
static ngx_int_t ngx_tel_general_statuses(ngx_conf_t *cf,
    ngx_tel_catalogs_t *catalogs);
static ngx_int_t ngx_tel_shipped_statuses(ngx_conf_t *cf,
    ngx_tel_catalogs_t *catalogs);
static ngx_tel_code_t *ngx_tel_listed(ngx_tel_codes_t *codes, ngx_str_t *name);
static ngx_int_t ngx_tel_append(ngx_tel_codes_t *codes, ngx_tel_code_t *code);
static ngx_int_t ngx_tel_set_retry(ngx_conf_t *cf, ngx_tel_statement_t *st,
    ngx_tel_code_t *code);
static ngx_int_t ngx_tel_check_name(ngx_conf_t *cf, ngx_tel_statement_t *st,
    ngx_str_t *name);
static ngx_int_t ngx_tel_check_category(ngx_conf_t *cf,
    ngx_tel_source_t *source, ngx_tel_statement_t *st, ngx_str_t *category);
static ngx_int_t ngx_tel_builtin_codes(ngx_conf_t *cf, ngx_tel_codes_t *codes);
static ngx_int_t ngx_tel_hash_codes(ngx_conf_t *cf, ngx_tel_codes_t *codes);
static ngx_int_t ngx_tel_envelope_paths(ngx_tel_codes_t *codes,
    ngx_pool_t *pool);


/* the categories of the shipped codes, on which a client can rely */

static ngx_str_t  ngx_tel_categories[] = {
    ngx_string("CONFLICT"),
    ngx_string("FAILED_PRECONDITION"),
    ngx_string("INTERNAL"),
    ngx_string("INVALID_ARGUMENT"),
    ngx_string("MISSING_ARGUMENT"),
    ngx_string("NOT_FOUND"),
    ngx_string("NOT_IMPLEMENTED"),
    ngx_string("PAYMENT_REQUIRED"),
    ngx_string("PERMISSION_DENIED"),
    ngx_string("QUOTA_EXCEEDED"),
    ngx_string("RATE_LIMITED"),
    ngx_string("TIMEOUT"),
    ngx_string("UNAUTHENTICATED"),
    ngx_string("UNAVAILABLE"),
    ngx_string("UNKNOWN"),
    ngx_null_string
};


/* what the module concludes without any row */

static ngx_tel_code_t  ngx_tel_builtin[] = {

    { ngx_string("OK"), ngx_null_string, ngx_string("Success"),
      ngx_null_string, ngx_string("ok"), 200,
      NGX_TEL_RETRY_NO, 0, { NULL, 0 } },

    { ngx_string("PARTIAL_FAILURE"), ngx_null_string,
      ngx_string("Partly failed"), ngx_null_string,
      ngx_string("partial-failure"), 200,
      NGX_TEL_RETRY_NO, 0, { NULL, 0 } },

    { ngx_string("PROVIDER_UNAVAILABLE"), ngx_string("UNAVAILABLE"),
      ngx_string("Provider unavailable"), ngx_null_string,
      ngx_string("provider-unavailable"), 503,
      NGX_TEL_RETRY_SAFE, 0, { NULL, 0 } },

    { ngx_string("PROVIDER_TIMEOUT"), ngx_string("TIMEOUT"),
      ngx_string("Provider timed out"), ngx_null_string,
      ngx_string("provider-timeout"), 504,
      NGX_TEL_RETRY_SAFE, 0, { NULL, 0 } },

    { ngx_string("BAD_PROVIDER_RESPONSE"), ngx_string("INTERNAL"),
      ngx_string("Unreadable provider response"), ngx_null_string,
      ngx_string("bad-provider-response"), 502,
      NGX_TEL_RETRY_SAFE, 0, { NULL, 0 } },

    { ngx_string("UNKNOWN"), ngx_string("UNKNOWN"),
      ngx_string("Unknown provider error"), ngx_null_string,
      ngx_string("unknown"), 502,
      NGX_TEL_RETRY_NO, 0, { NULL, 0 } }
};


ngx_int_t
ngx_tel_compile_codes(ngx_conf_t *cf, ngx_tel_catalogs_t *catalogs)
{
    ngx_uint_t            i;
    ngx_array_t          *categories;
    ngx_tel_statement_t  *st;

    categories = &catalogs->source->categories;
    st = categories->elts;

    for (i = 0; i < categories->nelts; i++) {
        if (ngx_tel_check_name(cf, &st[i], &st[i].args[1]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (ngx_tel_add_codes(cf, catalogs, 0) != NGX_OK
        || ngx_tel_add_codes(cf, catalogs, 1) != NGX_OK
        || ngx_tel_builtin_codes(cf, &catalogs->codes)
           != NGX_OK
        || ngx_tel_hash_codes(cf, &catalogs->codes)
           != NGX_OK
        || ngx_tel_envelope_paths(&catalogs->codes, catalogs->source->kept)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_tel_general_statuses(cf, catalogs);
}


/* Those of blocks that replace others come first, base is 0, and stay. */

static ngx_int_t
ngx_tel_add_codes(ngx_conf_t *cf, ngx_tel_catalogs_t *catalogs, ngx_uint_t base)
{
    ngx_uint_t            i, replaced;
    ngx_array_t          *list;
    ngx_tel_statement_t  *st;

    list = &catalogs->source->codes;
    st = list->elts;

    replaced = catalogs->codes.list.nelts;

    for (i = 0; i < list->nelts; i++) {
        if (st[i].block->base == base
            && ngx_tel_add_code(cf, catalogs, &st[i], replaced)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_tel_add_code(ngx_conf_t *cf, ngx_tel_catalogs_t *catalogs,
    ngx_tel_statement_t *st, ngx_uint_t replaced)
{
    ngx_tel_code_t  *code, *same;

    code = ngx_pcalloc(catalogs->source->kept, sizeof(ngx_tel_code_t));

    if (code == NULL
        || ngx_tel_make_code(cf, catalogs->source, st, code)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    same = ngx_tel_listed(&catalogs->codes, &code->name);

    if (same == NULL) {
        return ngx_tel_append(&catalogs->codes, code);
    }

    if (same->number < replaced) {
        return NGX_OK;
    }

    return ngx_tel_refuse(cf, &st->place,
                      "unified code \"%V\" is given twice, first in %V:%ui: %s",
                      &code->name, same->place.file, same->place.line,
                      ngx_tel_twice(&same->place, &st->place,
                   "for another HTTP status use telephony_errors_override, for "
                   "another meaning put yours into \"telephony_codes replaces "
                   "{ ... }\""));
}


static ngx_int_t
ngx_tel_make_code(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st, ngx_tel_code_t *code)
{
    size_t      i;
    ngx_int_t   status;
    ngx_str_t  *args, none;

    args = st->args;
    ngx_str_null(&none);

    status = ngx_atoi(args[1].data, args[1].len);

    if (ngx_tel_check_name(cf, st, &args[0]) != NGX_OK
        || ngx_tel_check_category(cf, source, st, &args[2])
           != NGX_OK
        || ngx_tel_set_retry(cf, st, code) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (status != 200 && (status < 400 || status > 599)) {
        return ngx_tel_refuse(cf, &st->place,
                     "invalid HTTP status \"%V\" of \"%V\": use 400 to 599, or "
                     "200 for a code that is never an error",
                     &args[1], &args[0]);
    }

    code->status = status;
    code->place = st->place;

    if (ngx_tel_keep(source->kept, &args[0], &code->name)
        != NGX_OK
        || ngx_tel_keep(source->kept, &args[0], &code->slug)
           != NGX_OK
        || ngx_tel_keep(source->kept, &args[2], &code->category)
           != NGX_OK
        || ngx_tel_keep(source->kept, &args[4], &code->title)
           != NGX_OK
        || ngx_tel_keep(source->kept, (st->nargs == 6) ? &args[5] : &none,
                        &code->description)
           != NGX_OK)
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

    return NGX_OK;
}


static ngx_int_t
ngx_tel_general_statuses(ngx_conf_t *cf, ngx_tel_catalogs_t *catalogs)
{
    ngx_array_t      *list;
    ngx_tel_index_t   index;

    list = &catalogs->source->statuses;

    if (ngx_tel_index(cf, cf->pool, catalogs, NULL,
                      list->elts, list->nelts, 0, &index)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (index.statuses) {
        catalogs->codes.statuses = *index.statuses;
    }

    return ngx_tel_shipped_statuses(cf, catalogs);
}


/* The examples of a base are judged as if nothing had been replaced. */

static ngx_int_t
ngx_tel_shipped_statuses(ngx_conf_t *cf, ngx_tel_catalogs_t *catalogs)
{
    ngx_uint_t            i;
    ngx_array_t          *list;
    ngx_tel_index_t       index;
    ngx_tel_statement_t  *st;

    list = &catalogs->source->statuses;
    st = list->elts;

    for (i = 0; i < list->nelts; i++) {

        if (!st[i].block->base) {
            break;
        }
    }

    if (i == list->nelts) {
        return NGX_OK;
    }

    if (ngx_tel_index(cf, cf->temp_pool, catalogs, NULL, st, list->nelts, 1,
                      &index)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    catalogs->source->shipped = index.statuses;

    if (index.statuses == NULL) {
        catalogs->source->shipped = ngx_pcalloc(cf->temp_pool,
                                                sizeof(ngx_tel_statuses_t));
    }

    return catalogs->source->shipped ? NGX_OK : NGX_ERROR;
}


/* The code of that name among those read so far, or NULL. */

static ngx_tel_code_t *
ngx_tel_listed(ngx_tel_codes_t *codes, ngx_str_t *name)
{
    ngx_uint_t        i;
    ngx_tel_code_t  **c;

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
ngx_tel_append(ngx_tel_codes_t *codes, ngx_tel_code_t *code)
{
    ngx_tel_code_t  **c;

    c = ngx_array_push(&codes->list);
    if (c == NULL) {
        return NGX_ERROR;
    }

    *c = code;
    code->number = codes->list.nelts - 1;

    return NGX_OK;
}


static ngx_int_t
ngx_tel_set_retry(ngx_conf_t *cf, ngx_tel_statement_t *st, ngx_tel_code_t *code)
{
    if (ngx_strcmp(st->args[3].data, "yes") == 0) {
        code->retry = NGX_TEL_RETRY_YES;

    } else if (ngx_strcmp(st->args[3].data, "safe") == 0) {
        code->retry = NGX_TEL_RETRY_SAFE;

    } else if (ngx_strcmp(st->args[3].data, "no") != 0) {
        return ngx_tel_refuse(cf, &st->place,
                      "retry \"%V\" is none of yes, no and safe", &st->args[3]);
    }

    return NGX_OK;
}


/* names go into headers, metrics and URIs: only what is safe in all of them */

static ngx_int_t
ngx_tel_check_name(ngx_conf_t *cf, ngx_tel_statement_t *st, ngx_str_t *name)
{
    u_char  ch;
    size_t  i;

    for (i = 0; i < name->len; i++) {
        ch = name->data[i];

        if (!((ch >= 'A' && ch <= 'Z') || ch == '_'
              || (i && ch >= '0' && ch <= '9')))
        {
            break;
        }
    }

    if (i < name->len || name->len > 64) {
        return ngx_tel_refuse(cf, &st->place,
                         "invalid name \"%V\": use capital letters, digits and "
                         "\"_\", 64 at the most", name);
    }

    return NGX_OK;
}


/* a closed list, so that a client's switch over it can be complete */

static ngx_int_t
ngx_tel_check_category(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st, ngx_str_t *category)
{
    u_char                list[512], *p;
    ngx_str_t            *name;
    ngx_uint_t            i;
    ngx_tel_statement_t  *declared;

    if (category->len == 1 && category->data[0] == '-') {
        return NGX_OK;
    }

    if (ngx_tel_check_name(cf, st, category) != NGX_OK) {
        return NGX_ERROR;
    }

    for (name = ngx_tel_categories; name->len; name++) {
        if (ngx_strcmp(name->data, category->data) == 0) {
            return NGX_OK;
        }
    }

    declared = source->categories.elts;

    for (i = 0; i < source->categories.nelts; i++) {
        if (ngx_strcmp(declared[i].args[1].data, category->data) == 0) {
            return NGX_OK;
        }
    }

    p = list;

    for (name = ngx_tel_categories; name->len; name++) {
        p = ngx_slprintf(p, list + sizeof(list), "%V, ", name);
    }

    return ngx_tel_refuse(cf, &st->place,
                 "unknown category \"%V\" of \"%V\": use %*s\"-\" for none, or "
                 "declare your own with \"category %V;\" in telephony_codes",
                 category, &st->args[0], (size_t) (p - list), list, category);
}


static ngx_int_t
ngx_tel_builtin_codes(ngx_conf_t *cf, ngx_tel_codes_t *codes)
{
    ngx_uint_t       i;
    ngx_tel_code_t  *builtin, *code, **roles[6];

    roles[0] = &codes->ok;
    roles[1] = &codes->partial_failure;
    roles[2] = &codes->provider_unavailable;
    roles[3] = &codes->provider_timeout;
    roles[4] = &codes->bad_provider_response;
    roles[5] = &codes->unknown;

    for (i = 0; i < 6; i++) {
        builtin = &ngx_tel_builtin[i];
        code = ngx_tel_listed(codes, &builtin->name);

        if (code == NULL) {
            code = ngx_palloc(cf->pool, sizeof(ngx_tel_code_t));
            if (code == NULL) {
                return NGX_ERROR;
            }

            *code = *builtin;

            if (ngx_tel_append(codes, code) != NGX_OK) {
                return NGX_ERROR;
            }
        }

        *roles[i] = code;

        if (builtin->status >= 400 && code->status < 400) {
            return ngx_tel_refuse(cf, &code->place,
                          "\"%V\" is what the module concludes by itself as an "
                          "error: give it an HTTP status of 400 to 599",
                          &code->name);
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_tel_hash_codes(ngx_conf_t *cf, ngx_tel_codes_t *codes)
{
    ngx_uint_t        i;
    ngx_array_t       keys;
    ngx_hash_key_t   *key;
    ngx_tel_code_t  **c;

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

    return ngx_tel_hash(cf, cf->pool, &codes->hash, &keys);
}


static ngx_int_t
ngx_tel_envelope_paths(ngx_tel_codes_t *codes, ngx_pool_t *pool)
{
    ngx_uint_t  i, number;

    static ngx_str_t  paths[] = {
        ngx_string("code"),
        ngx_string("detail"),
        ngx_string("provider.code"),
        ngx_string("provider.message")
    };

    if (ngx_tel_init_paths(pool, &codes->envelope) != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (ngx_tel_add_path(pool, &codes->envelope, &paths[i],
                             NGX_TEL_PATH_VALUE, &number)
            != NULL)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
