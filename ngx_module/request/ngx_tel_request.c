
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/* What every part that knows a request needs: context, values, log. */

#include "ngx_tel_request.h"


static void ngx_tel_cleanup(void *data);


ngx_int_t
ngx_tel_value(ngx_http_request_t *r, ngx_http_complex_value_t *cv,
    ngx_str_t *value)
{
    int         *captures;
    u_char      *data;
    ngx_int_t    rc;
    ngx_uint_t   ncaptures, realloc;

    if (cv->lengths == NULL) {
        *value = cv->value;
        return NGX_OK;
    }

    captures = r->captures;
    ncaptures = r->ncaptures;
    data = r->captures_data;
    realloc = r->realloc_captures;

    /* a regex then takes captures of its own, as in a cloned subrequest */

    r->realloc_captures = 1;

    rc = ngx_http_complex_value(r, cv, value);

    r->captures = captures;
    r->ncaptures = ncaptures;
    r->captures_data = data;
    r->realloc_captures = realloc;

    return rc;
}


/*
 * An internal redirect clears the contexts of a request, so the context lives
 * behind a cleanup, where realip, too, finds its own again.
 */

ngx_tel_ctx_t *
ngx_tel_create_ctx(ngx_http_request_t *r, ngx_tel_loc_conf_t *tlcf,
    ngx_tel_catalog_t *catalog)
{
    ngx_pool_cleanup_t  *cln;
    ngx_tel_ctx_t       *ctx, *previous;

    previous = ngx_tel_get_ctx(r);

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_tel_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_tel_cleanup;

    /* the verdict at the end begins with its judgement */

    ctx = cln->data;
    ngx_memzero(ctx, offsetof(ngx_tel_ctx_t, verdict));

    ctx->previous = previous;
    ctx->conf = tlcf;
    ctx->catalog = catalog;

    ngx_http_set_ctx(r, ctx, ngx_http_telephony_errors_module);

    return ctx;
}


static void
ngx_tel_cleanup(void *data)
{
    /* only marks the context: its memory goes with the pool */
}


ngx_tel_ctx_t *
ngx_tel_get_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t  *cln;
    ngx_tel_ctx_t       *ctx;

    r = r->main;
    ctx = ngx_http_get_module_ctx(r, ngx_http_telephony_errors_module);

    if (ctx || (!r->internal && !r->filter_finalize)) {
        return ctx;
    }

    for (cln = r->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_tel_cleanup) {
            return cln->data;
        }
    }

    return NULL;
}


/*
 * The client's method, or 0: an error_page or X-Accel-Redirect has made a POST
 * a GET, and the client would repeat the POST.
 */

ngx_uint_t
ngx_tel_method(ngx_http_request_t *r)
{
    ngx_str_t  *line, *name;

    line = &r->request_line;
    name = &r->method_name;

    if (line->len <= name->len || line->data[name->len] != ' '
        || ngx_strncmp(line->data, name->data, name->len) != 0)
    {
        return 0;
    }

    return r->method;
}


/*
 * Before 1.31.2 nginx asks OpenSSL for every single id, which takes a third of
 * the time of an error.  So if nobody has asked for the id of this request,
 * it is made here, of random bytes that were drawn for many.
 */

ngx_http_variable_value_t *
ngx_tel_request_id(ngx_http_request_t *r, ngx_int_t index)
{
#if (NGX_OPENSSL && nginx_version < 1031002)

    u_char                     *id;
    ngx_http_variable_value_t  *vv;

    static u_char  bytes[64 * 16];
    static size_t  left;

    vv = &r->variables[index];

    if (vv->valid || vv->not_found) {
        return vv;
    }

    if (left == 0 && RAND_bytes(bytes, sizeof(bytes)) == 1) {
        left = sizeof(bytes);
    }

    /* else nginx says in the log what is wrong, and has another way */

    if (left) {
        id = ngx_pnalloc(r->pool, 32);
        if (id == NULL) {
            return NULL;
        }

        left -= 16;
        ngx_hex_dump(id, bytes + left, 16);

        vv->valid = 1;
        vv->no_cacheable = 0;
        vv->not_found = 0;
        vv->len = 32;
        vv->data = id;

        return vv;
    }

#endif

    return ngx_http_get_indexed_variable(r, index);
}


ngx_log_t *
ngx_tel_log(ngx_http_request_t *r)
{
    static ngx_log_t  log;

    log = *r->connection->log;
    log.handler = NULL;

    return &log;
}
