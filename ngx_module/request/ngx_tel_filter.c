
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/*
 * Holds a response until its verdict falls, then releases it as it came or
 * replaces it, exactly once: ngx_tel_release() and
 * ngx_tel_replace().
 */


#include "ngx_tel_request.h"
#include "ngx_tel_text.h"
#include "ngx_tel_zone.h"


#define NGX_TEL_SHORT  512


typedef enum {
    NGX_TEL_FROM_UPSTREAM = 0,
    NGX_TEL_FROM_NGINX,    /* an error page of its own */
    NGX_TEL_FROM_OTHER,
    NGX_TEL_UNREADABLE     /* an upstream's, no status */
} ngx_tel_origin_e;


typedef ngx_int_t (*ngx_tel_handler_pt)(
    ngx_http_request_t *r, ngx_tel_ctx_t *ctx, ngx_chain_t *in);


static ngx_int_t ngx_tel_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_tel_judge_origin(ngx_http_request_t *r,
    ngx_tel_loc_conf_t *tlcf, ngx_tel_catalog_t *catalog);
static ngx_tel_origin_e ngx_tel_origin(ngx_http_request_t *r);
static ngx_uint_t ngx_tel_vendors(ngx_http_request_t *r);
static ngx_uint_t ngx_tel_dead(ngx_http_request_t *r);
static ngx_uint_t ngx_tel_own_upstream(ngx_http_request_t *r);
static ngx_uint_t ngx_tel_own_page(ngx_http_request_t *r);
static void ngx_tel_check_repeat(ngx_http_request_t *r,
    ngx_tel_loc_conf_t *tlcf, ngx_tel_catalog_t *catalog);
static ngx_uint_t ngx_tel_repeats(ngx_http_request_t *r);
static ngx_uint_t ngx_tel_untouched(ngx_http_request_t *r, ngx_uint_t status);
static ngx_uint_t ngx_tel_stream(ngx_str_t *type);
static ngx_uint_t ngx_tel_wanted(ngx_http_request_t *r,
    ngx_tel_loc_conf_t *tlcf);
static ngx_tel_catalog_t *ngx_tel_provider(ngx_http_request_t *r,
    ngx_tel_loc_conf_t *tlcf);
static ngx_uint_t ngx_tel_observe(ngx_http_request_t *r,
    ngx_tel_loc_conf_t *tlcf);

static ngx_tel_ctx_t *ngx_tel_create_ctx(ngx_http_request_t *r,
    ngx_tel_loc_conf_t *tlcf, ngx_tel_catalog_t *catalog);
static void ngx_tel_cleanup(void *data);
static ngx_int_t ngx_tel_upstream(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);
static void ngx_tel_unreadable(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);
static ngx_tel_coding_e ngx_tel_codings(ngx_http_request_t *r);
static ngx_int_t ngx_tel_set_scope(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);
static ngx_int_t ngx_tel_at_header(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);

#if (nginx_version >= 1029000)
static ngx_int_t ngx_tel_early_hints_filter(ngx_http_request_t *r);
#endif
static ngx_int_t ngx_tel_body_filter(ngx_http_request_t *r, ngx_chain_t *in);
static ngx_int_t ngx_tel_hold(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_chain_t *in);
static ngx_uint_t ngx_tel_died(ngx_http_request_t *r, ngx_chain_t *in);
static ngx_uint_t ngx_tel_short_of(ngx_http_request_t *r, size_t len);
static ngx_uint_t ngx_tel_whole(ngx_http_request_t *r, size_t len);
static ngx_uint_t ngx_tel_filed(ngx_http_request_t *r, size_t len);
static ngx_int_t ngx_tel_peek(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_chain_t *in);
static ngx_int_t ngx_tel_collect(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_chain_t **in);
static ngx_uint_t ngx_tel_too_soon(ngx_tel_ctx_t *ctx);
static ngx_int_t ngx_tel_grow(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    size_t size);
static ngx_int_t ngx_tel_judge_held(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    u_char *data, size_t len, ngx_tel_end_e end);
static ngx_int_t ngx_tel_decode_held(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    u_char **data, size_t *len, ngx_tel_end_e *end);
static void ngx_tel_init_judge(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_tel_judge_t *j);
static void ngx_tel_generate(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_uint_t status, ngx_uint_t asked);
static ngx_uint_t ngx_tel_limited(ngx_http_request_t *r);

static void ngx_tel_decide(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);
static ngx_uint_t ngx_tel_method(ngx_http_request_t *r);
static ngx_uint_t ngx_tel_replaces(ngx_tel_ctx_t *ctx);
static ngx_int_t ngx_tel_finish(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_chain_t *rest);
static ngx_int_t ngx_tel_release(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_chain_t *rest);
static ngx_int_t ngx_tel_replace(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_chain_t *rest);
static ngx_int_t ngx_tel_answer(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_chain_t *rest);
static ngx_int_t ngx_tel_envelope_header(ngx_http_request_t *r,
    ngx_tel_ctx_t *ctx);
static ngx_int_t ngx_tel_make_body(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);
static void ngx_tel_keep_out(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);
static void ngx_tel_cut(ngx_http_request_t *r);
static ngx_int_t ngx_tel_send_header(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);
static ngx_int_t ngx_tel_header_sent(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_int_t rc);
static ngx_int_t ngx_tel_pass(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_chain_t *in);
static ngx_int_t ngx_tel_swallow(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_chain_t *in);
static void ngx_tel_consume(ngx_chain_t *in);


/* by state, what is done with the upstream's buffers */

static ngx_tel_handler_pt  ngx_tel_handlers[] = {

    ngx_tel_hold,
    ngx_tel_answer,
    ngx_tel_pass,
    ngx_tel_swallow
};


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;

#if (nginx_version >= 1029000)
static ngx_http_output_header_filter_pt  ngx_http_next_early_hints_filter;
#endif


/* global in every nginx, declared in no header of it */

extern ngx_module_t  ngx_http_copy_filter_module;


void
ngx_tel_filter_init(void)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_tel_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_tel_body_filter;

#if (nginx_version >= 1029000)
    ngx_http_next_early_hints_filter = ngx_http_top_early_hints_filter;
    ngx_http_top_early_hints_filter = ngx_tel_early_hints_filter;
#endif
}


static ngx_int_t
ngx_tel_header_filter(ngx_http_request_t *r)
{
    ngx_tel_catalog_t   *catalog;
    ngx_tel_loc_conf_t  *tlcf;

    tlcf = ngx_http_get_module_loc_conf(r, ngx_http_telephony_errors_module);

    catalog = ngx_tel_provider(r, tlcf);

    if (catalog == NULL) {
        return ngx_http_next_header_filter(r);
    }

    if (ngx_tel_vendors(r)) {
        ngx_tel_drop_forged(&r->headers_out.headers);
    }

    if (ngx_tel_get_ctx(r)) {

        /* a second header is an error page for what was judged already */

        return ngx_http_next_header_filter(r);
    }

    return ngx_tel_judge_origin(r, tlcf, catalog);
}


static ngx_int_t
ngx_tel_judge_origin(ngx_http_request_t *r, ngx_tel_loc_conf_t *tlcf,
    ngx_tel_catalog_t *catalog)
{
    ngx_tel_ctx_t     *ctx;
    ngx_tel_origin_e   origin;

    origin = ngx_tel_origin(r);

    if (origin == NGX_TEL_FROM_OTHER
        || (origin == NGX_TEL_FROM_NGINX
            && !ngx_tel_wanted(r, tlcf))
        || (origin == NGX_TEL_FROM_UPSTREAM
            && ngx_tel_untouched(r, r->upstream->headers_in.status_n)))
    {
        return ngx_http_next_header_filter(r);
    }

    if (r->upstream && !tlcf->repeat_said) {
        ngx_tel_check_repeat(r, tlcf, catalog);
    }

    ctx = ngx_tel_create_ctx(r, tlcf, catalog);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (origin == NGX_TEL_FROM_NGINX) {
        ngx_tel_generate(r, ctx, r->headers_out.status, ngx_tel_dead(r));
        return ngx_tel_at_header(r, ctx);
    }

    if (origin == NGX_TEL_UNREADABLE) {
        ngx_tel_unreadable(r, ctx);
        return ngx_tel_at_header(r, ctx);
    }

    return ngx_tel_upstream(r, ctx);
}


/*
 * An upstream's own answer has a status; without one nginx has not understood
 * its status line, and takes all of it for the body of HTTP/0.9.
 */

static ngx_tel_origin_e
ngx_tel_origin(ngx_http_request_t *r)
{
    ngx_http_upstream_t  *u;

    u = r->upstream;

    /* behind filter_finalize comes the page of a filter that refused */

    if (!r->filter_finalize && ngx_tel_vendors(r)) {

        if (u->headers_in.status_n >= 100) {
            return NGX_TEL_FROM_UPSTREAM;
        }

        if (r->http_version == NGX_HTTP_VERSION_9
            || u->headers_in.status_line.len)
        {
            return NGX_TEL_UNREADABLE;
        }
    }

    return (r->err_status >= NGX_HTTP_BAD_REQUEST)
           ? NGX_TEL_FROM_NGINX
           : NGX_TEL_FROM_OTHER;
}


/*
 * 1 if an upstream made what is being sent: its request is not finalized yet,
 * or was not made since the answer came from the cache.
 */

static ngx_uint_t
ngx_tel_vendors(ngx_http_request_t *r)
{
    if (r->upstream == NULL) {
        return 0;
    }

#if (NGX_HTTP_CACHE)
    if (r->cached) {
        return 1;
    }
#endif

    return r->upstream->cleanup != NULL;
}


/* An error of nginx's own: never one whose body an error_page supplied. */

static ngx_uint_t
ngx_tel_wanted(ngx_http_request_t *r, ngx_tel_loc_conf_t *tlcf)
{
    switch (tlcf->generated) {

    case NGX_TEL_GENERATED_UPSTREAM:
        return ngx_tel_dead(r);

    case NGX_TEL_GENERATED_ALL:
        return ngx_tel_dead(r)
               || ngx_tel_own_page(r);

    default: /* NGX_TEL_GENERATED_OFF */
        return 0;
    }
}


/* 1 if this location asked an upstream, which could not answer. */

static ngx_uint_t
ngx_tel_dead(ngx_http_request_t *r)
{
    return r->upstream
           && !r->filter_finalize
           && (r->err_status == NGX_HTTP_BAD_GATEWAY
               || r->err_status == NGX_HTTP_GATEWAY_TIME_OUT)
           && ngx_tel_own_upstream(r);
}


/*
 * 1 if this very location asked the upstream, not one from which an error_page
 * or X-Accel-Redirect came here: the configuration of an upstream is the first
 * thing in that of the modules which have one.
 */

static ngx_uint_t
ngx_tel_own_upstream(ngx_http_request_t *r)
{
    ngx_uint_t  i;

    for (i = 0; i < ngx_http_max_module; i++) {
        if (r->loc_conf[i] == (void *) r->upstream->conf) {
            return 1;
        }
    }

    return 0;
}


/*
 * 1 if the page is one of nginx's built-in ones.  Nothing in a request says
 * so; but they have the type text/html, or nothing at all, are no file, and
 * their type was not taken from the configuration, as that of a text is which
 * a "return" behind an error_page supplies.
 */

static ngx_uint_t
ngx_tel_own_page(ngx_http_request_t *r)
{
    size_t                     len;
    u_char                    *lowcase;
    ngx_str_t                  type;
    ngx_uint_t                 own;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (!r->internal || !(r->error_page || clcf->recursive_error_pages)) {

        /* no error_page came by */

        return 1;
    }

    type = r->headers_out.content_type;

    if (!r->expect_tested || r->headers_out.last_modified_time != -1) {
        return 0;
    }

    if (type.len == 0) {
        return r->headers_out.content_length_n == 0;
    }

    if (type.len != sizeof("text/html") - 1
        || ngx_strncmp(type.data, "text/html", type.len) != 0)
    {
        return 0;
    }

    len = r->headers_out.content_type_len;
    lowcase = r->headers_out.content_type_lowcase;
    r->headers_out.content_type.len = 0;

    own = (ngx_http_set_content_type(r) == NGX_OK
           && r->headers_out.content_type.data != type.data);

    r->headers_out.content_type = type;
    r->headers_out.content_type_len = len;
    r->headers_out.content_type_lowcase = lowcase;

    return own;
}


/*
 * nginx itself sends a GET once more when a server fails or a kept connection
 * is stale.  Where the catalog says that a call may not be repeated, the first
 * request that nginx could have repeated is a warning.
 */

static void
ngx_tel_check_repeat(ngx_http_request_t *r, ngx_tel_loc_conf_t *tlcf,
    ngx_tel_catalog_t *catalog)
{
    ngx_uint_t                 methods, next;
    ngx_http_core_loc_conf_t  *clcf;

    if (r->upstream->conf == NULL) {
        return;
    }

    next = r->upstream->conf->next_upstream;
    methods = NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_OPTIONS|NGX_HTTP_PUT
              |NGX_HTTP_DELETE|NGX_HTTP_TRACE;

    if (next & NGX_HTTP_UPSTREAM_FT_NON_IDEMPOTENT) {
        methods |= NGX_HTTP_POST|NGX_HTTP_PATCH;
    }

    if ((methods & ~catalog->repeatable) == 0
        || (next & (NGX_HTTP_UPSTREAM_FT_ERROR|NGX_HTTP_UPSTREAM_FT_TIMEOUT
                    |NGX_HTTP_UPSTREAM_FT_INVALID_HEADER
                    |NGX_HTTP_UPSTREAM_FT_STATUS))
           == 0
        || !ngx_tel_repeats(r))
    {
        return;
    }

    tlcf->repeat_said = 1;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    ngx_log_error(NGX_LOG_WARN, ngx_tel_log(r), 0,
                  "telephony: nginx may send a call of location \"%V\" to "
                  "\"%V\" twice, which the catalog does not allow: add "
                  "\"%V_next_upstream off;\", or correct \"repeatable\"; said "
                  "once", &clcf->name, &catalog->name,
                  &r->upstream->conf->module);
}


/* 1 if nginx had another server or a kept connection, or did repeat. */

static ngx_uint_t
ngx_tel_repeats(ngx_http_request_t *r)
{
    ngx_uint_t                  n;
    ngx_http_upstream_state_t  *state;

    if (r->upstream->peer.tries > 1 || r->upstream->peer.cached) {
        return 1;
    }

    n = r->upstream_states ? r->upstream_states->nelts : 0;
    state = n ? r->upstream_states->elts : NULL;

    /* one without a peer parts the upstreams of a redirected request */

    return n > 1 && state[n - 1].peer && state[n - 2].peer;
}


/* Answers that are neither judged nor delayed. */

static ngx_uint_t
ngx_tel_untouched(ngx_http_request_t *r, ngx_uint_t status)
{
    ngx_str_t  *type;

    static ngx_str_t  grpc = ngx_string("application/grpc");

    if (status < 200 || status == 204 || status == 205 || status == 206
        || (status >= 300 && status < 400) || status == 416
        || r->headers_out.status == NGX_HTTP_NOT_MODIFIED
        || r->upstream->upgrade)
    {
        return 1;
    }

    type = &r->headers_out.content_type;

    if (status < 400) {
        return ngx_tel_stream(type);
    }

    return type->len >= grpc.len
           && ngx_strncasecmp(type->data, grpc.data, grpc.len) == 0;
}


/* What is read as it comes, or is no document of its own. */

static ngx_uint_t
ngx_tel_stream(ngx_str_t *type)
{
    ngx_uint_t  i;

    static ngx_str_t  streams[] = {
        ngx_string("text/event-stream"),
        ngx_string("application/x-ndjson"),
        ngx_string("application/grpc"),
        ngx_string("multipart/")
    };

    for (i = 0; i < sizeof(streams) / sizeof(ngx_str_t); i++) {
        if (type->len >= streams[i].len
            && (type->data[streams[i].len - 1] | 0x20)
               == streams[i].data[streams[i].len - 1]
            && ngx_strncasecmp(type->data, streams[i].data, streams[i].len)
               == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* The catalog by which answers are judged here, NULL if they are not. */

static ngx_tel_catalog_t *
ngx_tel_provider(ngx_http_request_t *r, ngx_tel_loc_conf_t *tlcf)
{
    ngx_str_t             name;
    ngx_tel_catalog_t    *catalog;
    ngx_tel_main_conf_t  *tmcf;

    static ngx_uint_t  logged;

    if (tlcf->provider == NULL || r != r->main || r->post_action) {
        return NULL;
    }

    if (tlcf->catalog) {
        return tlcf->catalog;
    }

    if (ngx_tel_value(r, tlcf->provider, &name) != NGX_OK) {
        return NULL;
    }

    if (name.len == 3 && ngx_strncmp(name.data, "off", 3) == 0) {
        return NULL;
    }

    tmcf = ngx_http_get_module_main_conf(r, ngx_http_telephony_errors_module);

    catalog = ngx_tel_find_catalog(tmcf->catalogs, &name);

    if (catalog == NULL && !logged) {
        logged = 1;
        ngx_log_error(NGX_LOG_WARN, ngx_tel_log(r), 0,
                      "telephony: \"%V\" of \"telephony_errors\" names no "
                      "telephony_catalog%s, taken as off; said once",
                      ngx_tel_plain(&name) ? &name
                      : &tlcf->provider->value,
                      name.len ? "" : " (it is empty)");
    }

    return catalog;
}


static ngx_uint_t
ngx_tel_observe(ngx_http_request_t *r, ngx_tel_loc_conf_t *tlcf)
{
    ngx_str_t  value;

    if (tlcf->observe == NULL) {
        return 0;
    }

    /* in doubt nothing is changed: all but "off" and an empty value observe */

    if (ngx_tel_value(r, tlcf->observe, &value) != NGX_OK) {
        return 1;
    }

    return !(value.len == 0
             || (value.len == 1 && value.data[0] == '0')
             || (value.len == 3 && ngx_strncmp(value.data, "off", 3) == 0));
}


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

static ngx_tel_ctx_t *
ngx_tel_create_ctx(ngx_http_request_t *r, ngx_tel_loc_conf_t *tlcf,
    ngx_tel_catalog_t *catalog)
{
    ngx_pool_cleanup_t  *cln;
    ngx_tel_ctx_t       *ctx;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_tel_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_tel_cleanup;

    /* the verdict at the end begins with its judgement */

    ctx = cln->data;
    ngx_memzero(ctx, offsetof(ngx_tel_ctx_t, verdict));

    ctx->conf = tlcf;
    ctx->catalog = catalog;
    ctx->observe = ngx_tel_observe(r, tlcf);

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


/* The vendor's answer: judged now by its status, or held. */

static ngx_int_t
ngx_tel_upstream(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    ngx_str_t         *type;
    ngx_tel_judge_t    j;
    ngx_tel_reason_e   reason;

    ctx->status = r->upstream->headers_in.status_n;

    if (ctx->status > 599) {

        /* RFC 9110 15: as if it were a 5xx */

        ctx->status = NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    reason = NGX_TEL_NO_REASON;
    type = &r->headers_out.content_type;

    if (r->headers_out.content_encoding) {
        ctx->coding = ngx_tel_codings(r);
    }

    if (r->method == NGX_HTTP_HEAD || r->header_only) {
        reason = NGX_TEL_HEAD;

    } else if (ctx->coding == NGX_TEL_CODING_UNKNOWN) {
        reason = NGX_TEL_ENCODING;

    } else if (ctx->status < 400 && r->headers_out.content_length_n == 0) {
        reason = NGX_TEL_EMPTY;

    } else if (ngx_tel_stream(type)) {
        reason = NGX_TEL_NOT_JSON;
    }

    if (ngx_tel_set_scope(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    if (reason != NGX_TEL_NO_REASON) {
        ngx_tel_init_judge(r, ctx, &j);
        ngx_tel_judge_status(&j, reason, &ctx->verdict);

        return ngx_tel_at_header(r, ctx);
    }

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "telephony hold: %V %ui", &ctx->catalog->name, ctx->status);

    ctx->problem = (ctx->status >= 400
                    && type->len >= sizeof("application/problem+json") - 1
                    && ngx_strncasecmp(type->data,
                                       (u_char *) "application/problem+json",
                                       sizeof("application/problem+json") - 1)
                       == 0);

    ctx->in_memory = !r->filter_need_in_memory;
    r->filter_need_in_memory = 1;

    /*
     * the range body filter runs before this one and the range header filter
     * after it: a delayed 206 would have the whole body behind it
     */

    if (r->headers_in.range) {
        r->allow_ranges = 0;
    }

    return NGX_OK;
}


/* The version that nginx has changed for it is the client's once more. */

static void
ngx_tel_unreadable(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    ngx_int_t             minor;
    ngx_str_t            *protocol;
    ngx_tel_code_t       *code;
    ngx_tel_main_conf_t  *tmcf;

    ngx_tel_generate(r, ctx, NGX_HTTP_BAD_GATEWAY, 1);

    tmcf = ngx_http_get_module_main_conf(r, ngx_http_telephony_errors_module);
    code = tmcf->catalogs->codes.bad_provider_response;

    ctx->verdict.code = code;
    ctx->verdict.status = code->status;
    ctx->verdict.detail = code->title;

    /* "HTTP/1.1"; a request of HTTP/0.9 has none */

    protocol = &r->http_protocol;

    if (ctx->observe || protocol->len < sizeof("HTTP/1.1") - 1) {
        return;
    }

    minor = ngx_atoi(protocol->data + 7, protocol->len - 7);

    if (minor != NGX_ERROR) {
        r->http_version = (protocol->data[5] - '0') * 1000 + minor;
    }
}


/* Of all Content-Encoding lines: nginx itself knows the last one only. */

static ngx_tel_coding_e
ngx_tel_codings(ngx_http_request_t *r)
{
    ngx_uint_t         i;
    ngx_list_part_t   *part;
    ngx_table_elt_t   *h;
    ngx_tel_coding_e   coding, next;

    static ngx_str_t  name = ngx_string("Content-Encoding");

    coding = NGX_TEL_CODING_IDENTITY;

    for (part = &r->headers_out.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].hash == 0 || h[i].key.len != name.len
                || ngx_strncasecmp(h[i].key.data, name.data, name.len) != 0)
            {
                continue;
            }

            next = ngx_tel_coding(&h[i].value);

            if (next == NGX_TEL_CODING_IDENTITY) {
                continue;
            }

            if (coding != NGX_TEL_CODING_IDENTITY) {
                return NGX_TEL_CODING_UNKNOWN;
            }

            coding = next;
        }
    }

    return coding;
}


static ngx_int_t
ngx_tel_set_scope(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    u_char     *p;
    ngx_str_t   scope;

    if (ctx->catalog->scope == NULL) {
        return NGX_OK;
    }

    if (ngx_tel_value(r, ctx->catalog->scope, &scope) != NGX_OK) {
        return NGX_ERROR;
    }

    scope = ngx_tel_trim(&scope);

    if (scope.len == 0 || scope.len > NGX_TEL_MAX_CODE) {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, ngx_tel_text_size(scope.len));
    if (p == NULL) {
        return NGX_ERROR;
    }

    ctx->scope.data = p;
    ctx->scope.len = ngx_tel_fold(p, scope.data, scope.len)
                     - p;

    return NGX_OK;
}


/* The verdict is known before the body: the header goes out at once. */

static ngx_int_t
ngx_tel_at_header(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    ngx_int_t  rc;

    ngx_tel_decide(r, ctx);

    if (!ngx_tel_replaces(ctx)) {
        ctx->state = NGX_TEL_PASS;

        if (ngx_tel_add_headers(r, ctx) != NGX_OK) {
            return NGX_ERROR;
        }

        return ngx_http_next_header_filter(r);
    }

    ngx_tel_keep_out(r, ctx);

    rc = ngx_tel_envelope_header(r, ctx);

    if (rc > NGX_OK && !r->header_sent) {

        /* another filter refuses: nginx's own page follows */

        ctx->state = NGX_TEL_PASS;
        ngx_tel_drop_forged(&r->headers_out.headers);

        return rc;
    }

    ctx->state = NGX_TEL_ANSWER;
    ngx_tel_cut(r);

    return rc;
}


#if (nginx_version >= 1029000)

static ngx_int_t
ngx_tel_early_hints_filter(ngx_http_request_t *r)
{
    ngx_tel_loc_conf_t  *tlcf;

    tlcf = ngx_http_get_module_loc_conf(r, ngx_http_telephony_errors_module);

    if (ngx_tel_provider(r, tlcf)) {
        ngx_tel_drop_forged(&r->headers_out.headers);
    }

    return ngx_http_next_early_hints_filter(r);
}

#endif


static ngx_int_t
ngx_tel_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_tel_ctx_t       *ctx;
    ngx_tel_loc_conf_t  *tlcf;

    if (r->headers_out.trailers.part.nelts) {
        tlcf = ngx_http_get_module_loc_conf(r,
                                            ngx_http_telephony_errors_module);

        if (ngx_tel_provider(r, tlcf)) {
            ngx_tel_drop_forged(&r->headers_out.trailers);
        }
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_telephony_errors_module);

    if (ctx == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    return ngx_tel_handlers[ctx->state](r, ctx, in);
}


/*
 * Nothing is passed on while the verdict is open, not even an empty call: the
 * write filter would find no header to send.
 */

static ngx_int_t
ngx_tel_hold(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, ngx_chain_t *in)
{
    ngx_int_t       rc;
    ngx_chain_t    *rest;
    ngx_tel_end_e   end;

    rest = in;

    if (ngx_tel_died(r, in)) {
        ctx->died = 1;
        end = NGX_TEL_BROKEN;

    } else {
        rc = ngx_tel_peek(r, ctx, in);

        if (rc == NGX_OK) {
            return ngx_tel_finish(r, ctx, in);
        }

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        end = NGX_TEL_MORE;
    }

    if (ngx_tel_collect(r, ctx, &rest) != NGX_OK) {
        return NGX_ERROR;
    }

    if (end == NGX_TEL_MORE) {

        if (rest) {
            end = NGX_TEL_FULL;

        } else if (ctx->last && ngx_tel_short_of(r, ctx->len)) {
            ctx->died = 1;
            end = NGX_TEL_BROKEN;

        } else if (ctx->last || ngx_tel_whole(r, ctx->len)) {
            end = NGX_TEL_COMPLETE;

        } else if (ngx_tel_too_soon(ctx)) {
            return NGX_OK;
        }
    }

    rc = ngx_tel_judge_held(r, ctx, ctx->held, ctx->len, end);

    ctx->judged = ctx->len;

    if (rc == NGX_AGAIN) {
        return NGX_OK;
    }

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    return ngx_tel_finish(r, ctx, rest);
}


/*
 * An upstream that dies after its header is finalized with a flush and without
 * a last buffer.  A normal end has cleared u->cleanup, too, but has the last
 * buffer; and what only comes late, from a file that a thread has read, has no
 * flush.
 */

static ngx_uint_t
ngx_tel_died(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_uint_t  flush;

    if (in == NULL || r->upstream == NULL || r->upstream->cleanup) {
        return 0;
    }

#if (NGX_HTTP_CACHE)
    if (r->cached) {
        return 0;
    }
#endif

    for (flush = 0; in; in = in->next) {

        if (in->buf->last_buf) {
            return 0;
        }

        if (in->buf->flush && ngx_buf_size(in->buf) == 0) {
            flush = 1;
        }
    }

    return flush;
}


/*
 * FastCGI, uwsgi and SCGI end like this when their application is killed, but
 * not the answer to "proxy_method HEAD", of which nginx awaits no byte.
 */

static ngx_uint_t
ngx_tel_short_of(ngx_http_request_t *r, size_t len)
{
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (len == 0 && u && u->pipe && u->length == 0 && u->pipe->length == 0) {
        return 0;
    }

    return r->headers_out.content_length_n > (off_t) len;
}


/* All bytes are there; the last buffer, an empty one, is to come. */

static ngx_uint_t
ngx_tel_whole(ngx_http_request_t *r, size_t len)
{
    return len && (r->headers_out.content_length_n == (off_t) len
                   || ngx_tel_filed(r, len));
}


/*
 * What is to be cached or stored lies in a file by now, and nginx keeps it
 * before the last buffer comes: too late for what is not to be kept.
 */

static ngx_uint_t
ngx_tel_filed(ngx_http_request_t *r, size_t len)
{
    off_t                 size;
    ngx_event_pipe_t     *p;
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (u == NULL || u->cleanup == NULL || !u->buffering
        || !(u->cacheable || u->store)
        || r->headers_out.content_length_n != -1)
    {
        return 0;
    }

    p = u->pipe;

    if (p->in || p->writing
        || !(p->upstream_done || (p->upstream_eof && p->length == -1)))
    {
        return 0;
    }

    size = p->temp_file->offset;

#if (NGX_HTTP_CACHE)
    if (u->cacheable) {
        size -= r->cache->body_start;
    }
#endif

    return size == (off_t) len;
}


/*
 * Judges the first buffer where it lies: most responses are decided there,
 * and then nothing is copied.  NGX_OK, NGX_ERROR, or NGX_DECLINED to collect.
 */

static ngx_int_t
ngx_tel_peek(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, ngx_chain_t *in)
{
    size_t          len;
    ngx_int_t       rc;
    ngx_buf_t      *b;
    ngx_chain_t    *cl;
    ngx_tel_end_e   end;

    if (in == NULL || ctx->len || ctx->judged
        || ctx->coding != NGX_TEL_CODING_IDENTITY)
    {
        return NGX_DECLINED;
    }

    b = in->buf;
    len = ngx_buf_in_memory(b) ? b->last - b->pos : 0;

    end = (b->last_buf || ngx_tel_whole(r, len))
          ? NGX_TEL_COMPLETE
          : NGX_TEL_MORE;

    for (cl = in->next; cl; cl = cl->next) {

        if (ngx_buf_size(cl->buf) != 0) {
            end = NGX_TEL_MORE;
            break;
        }

        if (cl->buf->last_buf) {
            end = NGX_TEL_COMPLETE;
        }
    }

    if (len == 0 || (end == NGX_TEL_COMPLETE && ngx_tel_short_of(r, len))) {
        return NGX_DECLINED;
    }

    if (len > ctx->conf->window) {
        len = ctx->conf->window;
        end = NGX_TEL_FULL;
    }

    rc = ngx_tel_judge_held(r, ctx, b->pos, len, end);

    if (rc == NGX_AGAIN) {
        ctx->judged = len;
        return NGX_DECLINED;
    }

    return rc;
}


/*
 * Copies up to the window and gives the upstream's buffers back.  *in is left
 * at what did not fit, NULL if all did.
 */

static ngx_int_t
ngx_tel_collect(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, ngx_chain_t **in)
{
    size_t        size;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    for (cl = *in, size = ctx->len; cl; cl = cl->next) {
        if (ngx_buf_in_memory(cl->buf)) {
            size += cl->buf->last - cl->buf->pos;
        }
    }

    if (ngx_tel_grow(r, ctx, size) != NGX_OK) {
        return NGX_ERROR;
    }

    for (cl = *in; cl; cl = cl->next) {
        b = cl->buf;

        if (ngx_buf_in_memory(b)) {
            size = ngx_min((size_t) (b->last - b->pos),
                           ctx->conf->window - ctx->len);

            if (size) {
                ngx_memcpy(ctx->held + ctx->len, b->pos, size);
                ctx->len += size;
                b->pos += size;

                if (b->in_file) {
                    b->file_pos += size;
                }
            }

            if (b->pos < b->last) {
                break;
            }
        }

        ctx->flush |= b->flush;
        ctx->last |= b->last_buf;
    }

    *in = cl;

    return NGX_OK;
}


/*
 * The first bytes of a slow upstream are judged as they come, since a code
 * mostly stands there; what is long, or has to be inflated, only once it has
 * grown by a quarter: all judgements together cost no more than five.
 */

static ngx_uint_t
ngx_tel_too_soon(ngx_tel_ctx_t *ctx)
{
    if (ctx->coding == NGX_TEL_CODING_IDENTITY && ctx->judged < NGX_TEL_SHORT) {
        return 0;
    }

    return ctx->len < ctx->judged + ctx->judged / 4;
}


/* The held bytes are in one piece, for the parser starts anew each time. */

static ngx_int_t
ngx_tel_grow(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, size_t size)
{
    u_char  *p;

    size = ngx_min(size, ctx->conf->window);

    if (size <= ctx->size) {
        return NGX_OK;
    }

    if (r->headers_out.content_length_n > (off_t) size) {
        size = ngx_min((size_t) r->headers_out.content_length_n,
                       ctx->conf->window);

    } else if (r->headers_out.content_length_n < (off_t) size) {
        size = ngx_min(ngx_max(2 * ctx->size, ngx_max(size, 2048)),
                       ctx->conf->window);
    }

    p = ngx_palloc(r->pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (ctx->held) {
        ngx_memcpy(p, ctx->held, ctx->len);
        (void) ngx_pfree(r->pool, ctx->held);
    }

    ctx->held = p;
    ctx->size = size;

    return NGX_OK;
}


static ngx_int_t
ngx_tel_judge_held(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, u_char *data,
    size_t len, ngx_tel_end_e end)
{
    ngx_int_t           rc;
    ngx_uint_t          unreadable;
    ngx_tel_judge_t     j;
    ngx_tel_verdict_t  *verdict;

    unreadable = 0;
    verdict = &ctx->verdict;

    if (ctx->coding != NGX_TEL_CODING_IDENTITY && len) {

        if (end == NGX_TEL_MORE && ctx->status >= 400) {
            return NGX_AGAIN;
        }

        rc = ngx_tel_decode_held(r, ctx, &data, &len, &end);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        unreadable = (rc == NGX_DECLINED);
    }

    ngx_tel_init_judge(r, ctx, &j);

    if (ctx->problem && end != NGX_TEL_MORE
        && ngx_tel_judge_envelope(&j, data, len, end, verdict)
           == NGX_OK)
    {
        return NGX_OK;
    }

    j.searched = ctx->searched;

    rc = ngx_tel_judge(&j, data, len, end, verdict);

    ctx->searched = j.searched;

    if (rc != NGX_OK) {
        return rc;
    }

    if (unreadable && verdict->reason != NGX_TEL_NO_REASON) {
        verdict->reason = NGX_TEL_ENCODING;
    }

    /* it died before it said what it had to say */

    if (ctx->died && !unreadable
        && verdict->kind != NGX_TEL_ERROR
        && ctx->conf->generated != NGX_TEL_GENERATED_OFF)
    {
        ngx_tel_generate(r, ctx, NGX_HTTP_BAD_GATEWAY, 1);
    }

    return NGX_OK;
}


/*
 * Reads the compressed bytes from their beginning.  The window counts decoded
 * bytes.  NGX_OK, NGX_DECLINED if the coding is broken, or NGX_ERROR.
 */

static ngx_int_t
ngx_tel_decode_held(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, u_char **data,
    size_t *len, ngx_tel_end_e *end)
{
    ctx->inflated = 1;

    switch (ngx_tel_decode(ctx->coding, *data, *len, ctx->conf->window,
                           ngx_tel_log(r), data, len))
    {

    case NGX_OK:
        return NGX_OK;

    case NGX_AGAIN:
        if (*end == NGX_TEL_COMPLETE) {
            *end = NGX_TEL_BROKEN;
        }

        return NGX_OK;

    case NGX_BUSY:
        *end = NGX_TEL_FULL;
        return NGX_OK;

    case NGX_DECLINED:
        *end = NGX_TEL_BROKEN;
        return NGX_DECLINED;

    default: /* NGX_ERROR */
        return NGX_ERROR;
    }
}


static void
ngx_tel_init_judge(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_tel_judge_t *j)
{
    ngx_tel_main_conf_t  *tmcf;

    tmcf = ngx_http_get_module_main_conf(r, ngx_http_telephony_errors_module);

    ngx_memzero(j, sizeof(ngx_tel_judge_t));

    j->catalog = ctx->catalog;
    j->index = ctx->catalog->index;
    j->codes = &tmcf->catalogs->codes;
    j->status = ctx->status;
    j->scope = ctx->scope;
    j->pool = r->pool;
    j->log = ngx_tel_log(r);
}


/* An error of nginx's own; asked: a vendor was asked and could not answer. */

static void
ngx_tel_generate(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, ngx_uint_t status,
    ngx_uint_t asked)
{
    ngx_tel_main_conf_t  *tmcf;

    tmcf = ngx_http_get_module_main_conf(r, ngx_http_telephony_errors_module);

    if (status == NGX_HTTP_SERVICE_UNAVAILABLE && ngx_tel_limited(r)) {
        status = NGX_HTTP_TOO_MANY_REQUESTS;
    }

    ngx_tel_judge_generated(&tmcf->catalogs->codes, status, asked,
                            &ctx->verdict);
}


/* 1 if limit_req or limit_conn refused: their status is 503 unless set. */

static ngx_uint_t
ngx_tel_limited(ngx_http_request_t *r)
{
    ngx_uint_t                  i;
    ngx_http_variable_value_t  *vv;

    static ngx_str_t  names[] = {
        ngx_string("limit_req_status"),
        ngx_string("limit_conn_status")
    };

    for (i = 0; i < 2; i++) {
        vv = ngx_http_get_variable(r, &names[i],
                                   ngx_hash_key(names[i].data, names[i].len));

        if (vv && !vv->not_found && vv->len == sizeof("REJECTED") - 1
            && ngx_strncmp(vv->data, "REJECTED", vv->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* The verdict stands: overrides, retry advice, counters and the log. */

static void
ngx_tel_decide(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    ngx_uint_t            method;
    ngx_tel_verdict_t    *verdict;
    ngx_tel_main_conf_t  *tmcf;

    verdict = &ctx->verdict;
    ctx->decided = 1;

    method = (verdict->code && verdict->code->retry == NGX_TEL_RETRY_SAFE)
             ? ngx_tel_method(r) : 0;

    ctx->retryable = ngx_tel_settle(ctx->conf, ctx->catalog, method, verdict);

    if (verdict->provider_status && r->upstream->headers_in.status_n > 599) {

        /* what was read as 500 */

        verdict->provider_status = r->upstream->headers_in.status_n;
    }

    ngx_log_debug4(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "telephony verdict: %V %V, reason \"%V\", held %uz",
                   ngx_tel_kind_name(verdict->kind),
                   verdict->code ? &verdict->code->name
                   : ngx_tel_match_name(0),
                   ngx_tel_reason_name(verdict->reason), ctx->len);

    tmcf = ngx_http_get_module_main_conf(r, ngx_http_telephony_errors_module);

    if (tmcf->zone) {
        ngx_tel_count(tmcf->zone, &ctx->catalog->name, verdict, ctx->len,
                      ctx->inflated);
    }

    if (verdict->unmapped || verdict->elsewhere) {
        ngx_tel_log_unmapped(r, ctx);
    }
}


/*
 * The client's method, or 0: an error_page or X-Accel-Redirect has made a POST
 * a GET, and the client would repeat the POST.
 */

static ngx_uint_t
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


ngx_uint_t
ngx_tel_settle(ngx_tel_loc_conf_t *conf, ngx_tel_catalog_t *catalog,
    ngx_uint_t method, ngx_tel_verdict_t *verdict)
{
    ngx_uint_t           i, n;
    ngx_tel_override_t  *override;

    if (verdict->code == NULL) {
        return 0;
    }

    n = 0;
    override = NULL;

    if (conf->overrides && !verdict->enveloped
        && verdict->kind >= NGX_TEL_NOTICE)
    {
        n = conf->overrides->nelts;
        override = conf->overrides->elts;
    }

    for (i = 0; i < n; i++) {

        if (override[i].code == verdict->code) {
            verdict->kind = NGX_TEL_ERROR;
            verdict->status = override[i].status;
            break;
        }
    }

    return verdict->code->retry == NGX_TEL_RETRY_YES
           || (verdict->code->retry == NGX_TEL_RETRY_SAFE
               && (method & catalog->repeatable));
}


static ngx_uint_t
ngx_tel_replaces(ngx_tel_ctx_t *ctx)
{
    return ctx->verdict.kind == NGX_TEL_ERROR
           && !ctx->verdict.enveloped && !ctx->observe;
}


static ngx_int_t
ngx_tel_finish(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, ngx_chain_t *rest)
{
    ngx_tel_decide(r, ctx);

    if (!ngx_tel_replaces(ctx)) {
        return ngx_tel_release(r, ctx, rest);
    }

    ngx_tel_keep_out(r, ctx);

    return ngx_tel_replace(r, ctx, rest);
}


/* Sends the header and the held bytes as they came, then the rest. */

static ngx_int_t
ngx_tel_release(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, ngx_chain_t *rest)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    ctx->state = NGX_TEL_PASS;

    if (ngx_tel_add_headers(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_tel_header_sent(r, ctx, ngx_tel_send_header(r, ctx));
    if (rc != NGX_OK) {
        ngx_tel_consume(rest);
        return (rc == NGX_DONE) ? NGX_OK : rc;
    }

    if (ctx->len == 0 && !ctx->last && !ctx->flush) {
        return ngx_http_next_body_filter(r, rest);
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    /* without bytes it must have no memory flag: only then it is special */

    if (ctx->len) {
        b->start = ctx->held;
        b->pos = ctx->held;
        b->last = ctx->held + ctx->len;
        b->end = b->last;
        b->temporary = 1;
    }

    b->flush = ctx->flush;
    b->last_buf = ctx->last;
    b->last_in_chain = ctx->last;

    out.buf = b;
    out.next = rest;

    return ngx_http_next_body_filter(r, &out);
}


/* Sends the envelope; whatever the upstream still sends is eaten. */

static ngx_int_t
ngx_tel_replace(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, ngx_chain_t *rest)
{
    ngx_int_t  rc;

    ctx->state = NGX_TEL_SWALLOW;

    rc = ngx_tel_header_sent(r, ctx, ngx_tel_envelope_header(r, ctx));
    if (rc != NGX_OK) {
        ngx_tel_consume(rest);
        return (rc == NGX_DONE) ? NGX_OK : rc;
    }

    return ngx_tel_answer(r, ctx, rest);
}


/* The header of the envelope is out: its body in one last buffer. */

static ngx_int_t
ngx_tel_answer(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, ngx_chain_t *rest)
{
    ngx_buf_t    *b;
    ngx_chain_t   out;

    ctx->state = NGX_TEL_SWALLOW;

    if (rest) {
        (void) ngx_tel_swallow(r, ctx, rest);
    }

    ngx_tel_cut(r);

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    if (ctx->body.len) {
        b->start = ctx->body.data;
        b->pos = ctx->body.data;
        b->last = ctx->body.data + ctx->body.len;
        b->end = b->last;
        b->temporary = 1;
    }

    b->last_buf = 1;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_next_body_filter(r, &out);
}


/* Makes the envelope, and sends its header: what the next filters said. */

static ngx_int_t
ngx_tel_envelope_header(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    off_t      length;
    ngx_int_t  rc;

    length = -1;

    if (r->method != NGX_HTTP_HEAD && !r->header_only) {

        if (ngx_tel_make_body(r, ctx) != NGX_OK) {
            return NGX_ERROR;
        }

        length = ctx->body.len;
    }

    if (ngx_tel_replace_headers(r, ctx, length) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_tel_send_header(r, ctx);

    ctx->keepalive = r->keepalive;

    return rc;
}


/*
 * What this filter does not read any more may go from its file to the socket,
 * unless another one reads it.
 */

static ngx_int_t
ngx_tel_send_header(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    ngx_int_t                rc;
    ngx_output_chain_ctx_t  *copy;

    if (ctx->in_memory) {
        r->filter_need_in_memory = 0;
    }

    rc = ngx_http_next_header_filter(r);

    if (!ctx->in_memory || r->filter_need_in_memory
        || r->main_filter_need_in_memory || r->aio)
    {
        return rc;
    }

    copy = ngx_http_get_module_ctx(r, ngx_http_copy_filter_module);

    if (copy) {
        copy->need_in_memory = 0;
    }

    return rc;
}


/*
 * An error that was none to the vendor is neither cached nor stored: nginx
 * asks for both when the body is complete.  No file has that length, so what
 * would have been stored is deleted.
 */

static void
ngx_tel_keep_out(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (u == NULL || u->cleanup == NULL || ctx->status >= 400) {
        return;
    }

    u->cacheable = 0;

    if (u->store) {
        u->headers_in.content_length_n = NGX_MAX_OFF_T_VALUE;
    }
}


/*
 * The client has its answer: what the vendor still sends is nobody's, and its
 * connection is closed, as nginx does with errors that it intercepts.  What
 * is cached has to come whole.
 */

static void
ngx_tel_cut(ngx_http_request_t *r)
{
    ngx_http_upstream_t  *u;

    u = r->upstream;

    /* a connection may be kept as soon as all has come */

    if (u == NULL || u->cleanup == NULL || u->keepalive) {
        return;
    }

    if (!u->buffering) {
        u->length = 0;

    } else if (!u->cacheable) {
        u->pipe->upstream_done = 1;
    }
}


static ngx_int_t
ngx_tel_make_body(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    ngx_http_variable_value_t  *vv;
    ngx_tel_problem_t           problem;
    ngx_tel_main_conf_t        *tmcf;

    if (ctx->conf->own) {
        return ngx_tel_own_envelope(r, ctx->conf->own, &ctx->body);
    }

    ngx_memzero(&problem, sizeof(ngx_tel_problem_t));

    tmcf = ngx_http_get_module_main_conf(r, ngx_http_telephony_errors_module);

    vv = ngx_tel_request_id(r, tmcf->request_id);

    if (vv && !vv->not_found) {
        problem.request_id.data = vv->data;
        problem.request_id.len = vv->len;
    }

    problem.verdict = &ctx->verdict;
    problem.provider = ctx->catalog->name;
    problem.type_base = ctx->conf->type_base;
    problem.retryable = ctx->retryable;

    return ngx_tel_problem(r->pool, &problem, &ctx->body);
}


/*
 * What the next header filters said: NGX_OK also for NGX_AGAIN, since a full
 * socket must not strand the body; NGX_DONE if no body is to follow.
 */

static ngx_int_t
ngx_tel_header_sent(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, ngx_int_t rc)
{
    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc > NGX_OK && !r->header_sent) {
        ctx->state = NGX_TEL_PASS;

        return ngx_http_filter_finalize_request(r,
                                         &ngx_http_telephony_errors_module, rc);
    }

    return r->header_only ? NGX_DONE : NGX_OK;
}


static ngx_int_t
ngx_tel_pass(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, ngx_chain_t *in)
{
    return ngx_http_next_body_filter(r, in);
}


/*
 * The client has all of its answer, and what its header said of the connection
 * still holds when the upstream dies behind it.
 */

static ngx_int_t
ngx_tel_swallow(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, ngx_chain_t *in)
{
    if (in == NULL) {

        /* the envelope may still wait for a slow client */

        return ngx_http_next_body_filter(r, NULL);
    }

    if (ngx_tel_died(r, in)) {
        r->keepalive = ctx->keepalive;
    }

    ngx_tel_consume(in);

    return NGX_OK;
}


/* Bytes on sight: a buffer that is kept stalls the upstream. */

static void
ngx_tel_consume(ngx_chain_t *in)
{
    for ( /* void */ ; in; in = in->next) {
        in->buf->pos = in->buf->last;
        in->buf->file_pos = in->buf->file_last;
    }
}
