
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/* Which errors are given up for an error_page, and what is left of them. */


#include "ngx_tel_intercept.h"
#include "ngx_tel_field.h"
#include "ngx_tel_origin.h"
#include "ngx_tel_zone.h"


#define NGX_TEL_MAX_CHALLENGES  4


static ngx_uint_t ngx_tel_may_repeat(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_uint_t chosen);
static ngx_uint_t ngx_tel_has_page(ngx_http_request_t *r, ngx_uint_t status);
static ngx_uint_t ngx_tel_leads(ngx_http_request_t *r,
    ngx_http_err_page_t *page);
static ngx_uint_t ngx_tel_challenges(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_str_t *challenges);


static ngx_str_t  ngx_tel_challenge_name[] = {
    ngx_string("WWW-Authenticate"),
    ngx_null_string
};


void
ngx_tel_intercept_begin(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    ctx->vendors = 1;
    ctx->keepalive = r->keepalive;

    /* else nginx closes the file of the body before the verdict */

    if (ctx->conf->intercept && !ctx->observe) {
        r->preserve_body = 1;
    }
}


ngx_uint_t
ngx_tel_intercepts(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    ngx_uint_t          chosen;
    ngx_tel_verdict_t  *verdict;

    verdict = &ctx->verdict;

    if (ctx->conf->intercept == NULL || ctx->observe || !ctx->vendors
        || verdict->kind != NGX_TEL_ERROR)
    {
        return 0;
    }

    chosen = ngx_tel_chosen(ctx->conf->intercept, verdict->code);

    if (!chosen || !ngx_tel_may_repeat(r, ctx, chosen)) {
        return 0;
    }

    /*
     * at its last change of the URI nginx would send its own 500, and a body
     * that was passed on as it came cannot be sent once more
     */

    if (r->header_sent || r->filter_finalize || r->error_page
        || r->uri_changes < 2
        || (r->request_body_no_buffering
            && (r->headers_in.content_length_n > 0 || r->headers_in.chunked)))
    {
        return 0;
    }

    return ngx_tel_has_page(r, verdict->status);
}


/*
 * A call may have acted if the retry advice of its error is "safe".  So may one
 * of which the vendor says nothing, or only that something happened: these
 * are given up if the code is named itself.
 */

static ngx_uint_t
ngx_tel_may_repeat(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, ngx_uint_t chosen)
{
    ngx_tel_code_t  *code;

    code = ctx->verdict.code;

    if ((chosen & NGX_TEL_ANYWAY)
        || (code->retry == NGX_TEL_RETRY_YES && !ctx->noticed)
        || (ngx_tel_method(r) & ctx->catalog->repeatable))
    {
        return 1;
    }

    if (code->retry == NGX_TEL_RETRY_SAFE) {
        return 0;
    }

    if (chosen & NGX_TEL_NAMED) {
        return 1;
    }

    return !ctx->noticed
           && (code->status < NGX_HTTP_INTERNAL_SERVER_ERROR
               || code->status == NGX_HTTP_NOT_IMPLEMENTED);
}


/* Some statuses nginx does not look up, but has other uses for them. */

static ngx_uint_t
ngx_tel_has_page(ngx_http_request_t *r, ngx_uint_t status)
{
    ngx_uint_t                 i;
    ngx_http_err_page_t       *page;
    ngx_http_core_loc_conf_t  *clcf;

    if (status == NGX_HTTP_REQUEST_TIME_OUT
        || status == NGX_HTTP_CLOSE
        || (status >= NGX_HTTP_NGINX_CODES
            && status <= NGX_HTTP_CLIENT_CLOSED_REQUEST))
    {
        return 0;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (clcf->error_pages == NULL) {
        return 0;
    }

    page = clcf->error_pages->elts;

    for (i = 0; i < clcf->error_pages->nelts; i++) {
        if (page[i].status == (ngx_int_t) status) {
            return ngx_tel_leads(r, &page[i]);
        }
    }

    return 0;
}


/* nginx sends its own 500 for a named location that does not exist. */

static ngx_uint_t
ngx_tel_leads(ngx_http_request_t *r, ngx_http_err_page_t *page)
{
    ngx_str_t                   uri;
    ngx_http_core_loc_conf_t   *clcf, **clcfp;
    ngx_http_core_srv_conf_t   *cscf;

    if (ngx_tel_value(r, &page->value, &uri) != NGX_OK || uri.len == 0) {
        return 0;
    }

    if (uri.data[0] != '@') {
        return 1;
    }

    cscf = ngx_http_get_module_srv_conf(r, ngx_http_core_module);

    for (clcfp = cscf->named_locations; clcfp && *clcfp; clcfp++) {

        if ((*clcfp)->name.len == uri.len
            && ngx_strncmp((*clcfp)->name.data, uri.data, uri.len) == 0)
        {
            return 1;
        }
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    ngx_log_error(NGX_LOG_ERR, ngx_tel_log(r), 0,
                  "telephony: \"error_page\" of location \"%V\" leads to "
                  "\"%V\", which does not exist", &clcf->name,
                  &page->value.value);

    return 0;
}


ngx_int_t
ngx_tel_give_up(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    ngx_str_t             challenges[NGX_TEL_MAX_CHALLENGES];
    ngx_uint_t            i, n;
    ngx_tel_main_conf_t  *tmcf;

    n = ngx_tel_challenges(r, ctx, challenges);

    ngx_http_clean_header(r);

    for (i = 0; i < n; i++) {
        if (ngx_tel_push_header(r, ngx_tel_challenge_name, &challenges[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    r->allow_ranges = 0;
    r->single_range = 0;
    r->keepalive = ctx->keepalive;

    if (ctx->in_memory) {
        r->filter_need_in_memory = 0;
    }

#if (NGX_HTTP_CACHE)

    r->cached = 0;

    /* nginx would cache a 502 or 504 as one of its own, without a body */

    if (r->upstream->cleanup) {
        r->upstream->cacheable = 0;
    }

#endif

    ctx->handed = 1;
    ctx->challenges = n;
    ctx->state = NGX_TEL_PASS;

    tmcf = ngx_http_get_module_main_conf(r, ngx_http_telephony_errors_module);

    ngx_tel_count_intercepted(tmcf->zone, &ctx->catalog->name, &ctx->verdict);

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "telephony intercept: %V %V, error_page %ui",
                   &ctx->catalog->name, &ctx->verdict.code->name,
                   ctx->verdict.status);

    return ctx->verdict.status;
}


/* What a 401 has to say for itself: the vendor's words, else the catalog's. */

static ngx_uint_t
ngx_tel_challenges(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_str_t *challenges)
{
    ngx_uint_t        i, n;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    if (ctx->verdict.status != NGX_HTTP_UNAUTHORIZED) {
        return 0;
    }

    n = 0;
    i = 0;
    part = &r->headers_out.headers.part;

    while (n < NGX_TEL_MAX_CHALLENGES
           && (h = ngx_tel_next_header(&part, &i, ngx_tel_challenge_name))
              != NULL)
    {
        challenges[n++] = h->value;
    }

    if (n == 0 && ctx->catalog->challenge.len) {
        challenges[n++] = ctx->catalog->challenge;
    }

    return n;
}


void
ngx_tel_drop_challenge(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_tel_ctx_t    *ctx;
    ngx_table_elt_t  *h;

    ctx = ngx_tel_get_ctx(r);

    if (ctx == NULL || !ctx->handed || ctx->challenges == 0
        || (r->headers_out.status == NGX_HTTP_UNAUTHORIZED
            && !ngx_tel_vendors(r)))
    {
        return;
    }

    /* they were the first headers, and few */

    h = r->headers_out.headers.part.elts;

    for (i = 0; i < ctx->challenges; i++) {
        h[i].hash = 0;
    }

    ctx->challenges = 0;
}


ngx_int_t
ngx_tel_intercepted(ngx_http_request_t *r, ngx_str_t *value)
{
    u_char         *p;
    size_t          len;
    ngx_tel_ctx_t  *ctx, *last;

    len = 0;
    last = ngx_tel_get_ctx(r);

    for (ctx = last; ctx; ctx = ctx->previous) {
        if (ctx->handed) {
            len += ctx->catalog->name.len + 1 + ctx->verdict.code->name.len
                   + sizeof(", ") - 1;
        }
    }

    if (len == 0) {
        return NGX_OK;
    }

    value->data = ngx_pnalloc(r->pool, len);
    if (value->data == NULL) {
        return NGX_ERROR;
    }

    /* from the last one to the first, and so from the end */

    p = value->data + len;

    for (ctx = last; ctx; ctx = ctx->previous) {
        if (ctx->handed) {
            p -= ctx->catalog->name.len + 1 + ctx->verdict.code->name.len
                 + sizeof(", ") - 1;

            (void) ngx_sprintf(p, "%V:%V, ", &ctx->catalog->name,
                               &ctx->verdict.code->name);
        }
    }

    value->len = len - (sizeof(", ") - 1);

    return NGX_OK;
}
