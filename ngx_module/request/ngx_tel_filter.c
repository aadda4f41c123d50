
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/*
 * Holds a response until its verdict falls, then releases it as it came or
 * replaces it, exactly once: ngx_tel_release() and
 * ngx_tel_replace().
 */


#include "ngx_tel_request.h"
#include "ngx_tel_field.h"
#include "ngx_tel_headers.h"
#include "ngx_tel_intercept.h"
#include "ngx_tel_origin.h"
#include "ngx_tel_peer.h"
#include "ngx_tel_problem.h"
#include "ngx_tel_unmapped.h"
#include "ngx_tel_text.h"
#include "ngx_tel_zone.h"


#define NGX_TEL_SHORT  512


typedef ngx_int_t (*ngx_tel_handler_pt)(
    ngx_http_request_t *r, ngx_tel_ctx_t *ctx, ngx_chain_t *in);


static ngx_int_t ngx_tel_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_tel_judge_origin(ngx_http_request_t *r,
    ngx_tel_loc_conf_t *tlcf, ngx_tel_catalog_t *catalog);

static ngx_int_t ngx_tel_upstream(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);
static void ngx_tel_unreadable(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);
static ngx_tel_coding_e ngx_tel_codings(ngx_http_request_t *r);
static ngx_int_t ngx_tel_set_scope(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);
static ngx_int_t ngx_tel_set_codes(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);
static ngx_int_t ngx_tel_at_header(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);

#if (nginx_version >= 1029000)
static ngx_int_t ngx_tel_early_hints_filter(ngx_http_request_t *r);
#endif
static ngx_int_t ngx_tel_body_filter(ngx_http_request_t *r, ngx_chain_t *in);
static void ngx_tel_trailers(ngx_http_request_t *r);
static ngx_int_t ngx_tel_hold(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_chain_t *in);
static ngx_uint_t ngx_tel_died(ngx_http_request_t *r, ngx_chain_t *in);
static ngx_uint_t ngx_tel_short_of(ngx_http_request_t *r, size_t len);
static ngx_uint_t ngx_tel_whole(ngx_http_request_t *r, size_t len);
static ngx_uint_t ngx_tel_filed(ngx_http_request_t *r, size_t len);
static void ngx_tel_watch_input(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);
static ngx_int_t ngx_tel_input_init(void *data);
static ngx_int_t ngx_tel_pipe_filter(ngx_event_pipe_t *p, ngx_buf_t *buf);
static ngx_int_t ngx_tel_input_filter(void *data, ssize_t bytes);
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
static ngx_int_t ngx_tel_judge_end(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_tel_end_e end);
static void ngx_tel_init_judge(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_tel_judge_t *j);
static void ngx_tel_generate(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_uint_t status, ngx_uint_t asked);

static void ngx_tel_decide(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);
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
static ngx_int_t ngx_tel_make_body(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    off_t *length);
static ngx_int_t ngx_tel_write_problem(ngx_http_request_t *r,
    ngx_tel_ctx_t *ctx, ngx_tel_writer_t *w);
static ngx_int_t ngx_tel_write_own(ngx_http_request_t *r, ngx_tel_own_t *own,
    ngx_tel_writer_t *w);
static void ngx_tel_keep_out(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);
static void ngx_tel_cut(ngx_http_request_t *r);
static ngx_int_t ngx_tel_send_header(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);
static ngx_int_t ngx_tel_header_sent(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_int_t rc);
static ngx_int_t ngx_tel_pass(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_chain_t *in);
static ngx_int_t ngx_tel_swallow(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_chain_t *in);
static ngx_int_t ngx_tel_handover(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_chain_t *in);
static void ngx_tel_consume(ngx_chain_t *in);


/* by state, what is done with the upstream's buffers */

static ngx_tel_handler_pt  ngx_tel_handlers[] = {

    ngx_tel_hold,
    ngx_tel_answer,
    ngx_tel_pass,
    ngx_tel_swallow,
    ngx_tel_handover
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
    ngx_tel_ctx_t       *ctx;
    ngx_tel_catalog_t   *catalog;
    ngx_tel_loc_conf_t  *tlcf;

    if (r->internal && r == r->main) {
        ngx_tel_drop_challenge(r);
    }

    tlcf = ngx_http_get_module_loc_conf(r, ngx_http_telephony_errors_module);

    catalog = ngx_tel_provider(r, tlcf);

    if (catalog == NULL) {
        return ngx_http_next_header_filter(r);
    }

    if (ngx_tel_vendors(r)) {
        ngx_tel_drop_forged(&r->headers_out.headers);
    }

    ctx = ngx_tel_get_ctx(r);

    if (ctx && !ctx->handed) {

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

    ctx->observe = ngx_tel_observe(r, tlcf);

    if (origin == NGX_TEL_FROM_NGINX) {
        ngx_tel_generate(r, ctx, r->headers_out.status, ngx_tel_dead(r));
        return ngx_tel_at_header(r, ctx);
    }

    ngx_tel_intercept_begin(r, ctx);
    ngx_tel_watch_peer(r, ctx, ngx_tel_judge_end);

    if (origin == NGX_TEL_UNREADABLE) {
        ngx_tel_unreadable(r, ctx);
        return ngx_tel_at_header(r, ctx);
    }

    return ngx_tel_upstream(r, ctx);
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

    } else if (ctx->status >= 400 && ngx_tel_stream(type)) {

        /* a good one is untouched */

        reason = NGX_TEL_NOT_JSON;
    }

    if (ngx_tel_set_scope(r, ctx) != NGX_OK
        || ngx_tel_set_codes(r, ctx) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (reason != NGX_TEL_NO_REASON) {
        ngx_tel_init_judge(r, ctx, &j);
        ngx_tel_judge_status(&j, reason, &ctx->verdict);

        return ngx_tel_at_header(r, ctx);
    }

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "telephony hold: %V %ui", &ctx->catalog->name, ctx->status);

    ctx->problem = (ctx->status >= 400 && ngx_tel_is_problem(type));

    ctx->in_memory = !r->filter_need_in_memory;
    r->filter_need_in_memory = 1;

    /*
     * the range body filter runs before this one and the range header filter
     * after it: a delayed 206 would have the whole body behind it
     */

    if (r->headers_in.range) {
        r->allow_ranges = 0;
    }

    ngx_tel_watch_input(r, ctx);

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

    static ngx_str_t  names[] = {
        ngx_string("Content-Encoding"),
        ngx_null_string
    };

    coding = NGX_TEL_CODING_IDENTITY;
    part = &r->headers_out.headers.part;
    i = 0;

    while ((h = ngx_tel_next_header(&part, &i, names)) != NULL) {
        next = ngx_tel_coding(&h->value);

        if (next == NGX_TEL_CODING_IDENTITY) {
            continue;
        }

        if (coding != NGX_TEL_CODING_IDENTITY) {
            return NGX_TEL_CODING_UNKNOWN;
        }

        coding = next;
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


/* The codes that stand in headers, as the vendor sent them. */

static ngx_int_t
ngx_tel_set_codes(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;
    ngx_tel_judge_t   j;

    if (ctx->catalog->nheaders == 0) {
        return NGX_OK;
    }

    ngx_tel_init_judge(r, ctx, &j);

    for (part = &r->upstream->headers_in.headers.part; part; part = part->next)
    {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (ngx_tel_judge_header(&j, &h[i].key, &h[i].value) == NGX_ERROR) {
                return NGX_ERROR;
            }
        }
    }

    ctx->headers = j.headers;
    ctx->nheaders = j.nheaders;

    return NGX_OK;
}


/* The verdict is known before the body: the header goes out at once. */

static ngx_int_t
ngx_tel_at_header(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    ngx_int_t  rc;

    ngx_tel_decide(r, ctx);

    if (ngx_tel_intercepts(r, ctx)) {
        return ngx_tel_give_up(r, ctx);
    }

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
    ngx_tel_ctx_t  *ctx;

    if (r->headers_out.trailers.part.nelts) {
        ngx_tel_trailers(r);
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_telephony_errors_module);

    if (ctx == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    return ngx_tel_handlers[ctx->state](r, ctx, in);
}


static void
ngx_tel_trailers(ngx_http_request_t *r)
{
    ngx_tel_loc_conf_t  *tlcf;

    tlcf = ngx_http_get_module_loc_conf(r, ngx_http_telephony_errors_module);

    if (ngx_tel_provider(r, tlcf)) {
        ngx_tel_drop_forged(&r->headers_out.trailers);
    }
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
        || !(p->upstream_done || p->length == 0
             || (p->upstream_eof && p->length == -1)))
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
 * What nginx asks no filter about: chunks that are none, for which it closes
 * the client's connection without a byte, and an end that comes alone, as a
 * last chunk does, before it keeps the file.  But all bytes pass the input
 * filter.
 */

static void
ngx_tel_watch_input(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (ctx->observe || u->input_filter_init == NULL
        || u->input_filter_ctx != r
        || r->headers_out.content_length_n != -1
        || !(u->headers_in.chunked || u->cacheable || u->store))
    {
        return;
    }

    ctx->input_init = u->input_filter_init;
    u->input_filter_init = ngx_tel_input_init;
}


static ngx_int_t
ngx_tel_input_init(void *data)
{
    ngx_http_request_t *r = data;

    ngx_int_t             rc;
    ngx_tel_ctx_t        *ctx;
    ngx_http_upstream_t  *u;

    u = r->upstream;
    ctx = ngx_tel_get_ctx(r);

    rc = ctx->input_init(data);

    if (rc != NGX_OK) {
        return rc;
    }

    if (u->buffering) {
        ctx->pipe_filter = u->pipe->input_filter;
        u->pipe->input_filter = ngx_tel_pipe_filter;

    } else {
        ctx->input_filter = u->input_filter;
        u->input_filter = ngx_tel_input_filter;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_tel_pipe_filter(ngx_event_pipe_t *p, ngx_buf_t *buf)
{
    ngx_int_t            rc;
    ngx_tel_ctx_t       *ctx;
    ngx_http_request_t  *r;

    r = p->output_ctx;
    ctx = ngx_tel_get_ctx(r);

    if (ctx->broken) {
        return NGX_OK;
    }

    rc = ctx->pipe_filter(p, buf);

    if (ctx->state != NGX_TEL_HOLD) {
        return rc;
    }

    if (rc == NGX_ERROR) {
        ctx->broken = 1;
        p->upstream_error = 1;

        return NGX_OK;
    }

    if (ngx_tel_filed(r, ctx->len)
        && ngx_tel_judge_end(r, ctx, NGX_TEL_COMPLETE) == NGX_OK)
    {
        (void) ngx_tel_settle(ctx->conf->overrides, ctx->catalog, 0,
                              &ctx->verdict);

        if (ngx_tel_replaces(ctx)) {
            ngx_tel_keep_out(r, ctx);
        }
    }

    return rc;
}


/* The same without buffers. */

static ngx_int_t
ngx_tel_input_filter(void *data, ssize_t bytes)
{
    ngx_http_request_t *r = data;

    ngx_int_t       rc;
    ngx_tel_ctx_t  *ctx;

    ctx = ngx_tel_get_ctx(r);

    rc = ctx->input_filter(data, bytes);

    if (rc == NGX_ERROR && ctx->state == NGX_TEL_HOLD) {
        r->upstream->error = 1;
        return NGX_OK;
    }

    return rc;
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


/* All is held that will come, though the last buffer did not. */

static ngx_int_t
ngx_tel_judge_end(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, ngx_tel_end_e end)
{
    if (end == NGX_TEL_BROKEN || ngx_tel_short_of(r, ctx->len)) {
        end = NGX_TEL_BROKEN;
        ctx->died = 1;
    }

    return ngx_tel_judge_held(r, ctx, ctx->held, ctx->len, end);
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
    j->headers = ctx->headers;
    j->nheaders = ctx->nheaders;
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


/* The verdict stands: overrides, retry advice, counters and the log. */

static void
ngx_tel_decide(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    ngx_uint_t            method;
    ngx_tel_verdict_t    *verdict;
    ngx_tel_main_conf_t  *tmcf;

    verdict = &ctx->verdict;
    ctx->decided = 1;
    ctx->noticed = (verdict->kind == NGX_TEL_NOTICE);

    method = (verdict->code && verdict->code->retry == NGX_TEL_RETRY_SAFE)
             ? ngx_tel_method(r) : 0;

    ctx->retryable = ngx_tel_settle(ctx->conf->overrides, ctx->catalog, method,
                                    verdict);

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
        ngx_tel_log_unmapped(ngx_tel_log(r), ctx->catalog, verdict);
    }
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

    if (ngx_tel_intercepts(r, ctx)) {
        ngx_tel_keep_out(r, ctx);
        ctx->state = NGX_TEL_HANDOVER;

        return ngx_tel_handover(r, ctx, rest);
    }

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


/* The header of the envelope is out: its body follows. */

static ngx_int_t
ngx_tel_answer(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, ngx_chain_t *rest)
{
    ctx->state = NGX_TEL_SWALLOW;

    if (rest) {
        (void) ngx_tel_swallow(r, ctx, rest);
    }

    ngx_tel_cut(r);

    return ngx_http_next_body_filter(r, ctx->body);
}


/* Makes the envelope, and sends its header: what the next filters said. */

static ngx_int_t
ngx_tel_envelope_header(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    off_t      length;
    ngx_int_t  rc;

    if (ngx_tel_make_body(r, ctx, &length) != NGX_OK
        || ngx_tel_replace_headers(r, ctx, length) != NGX_OK)
    {
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


/* Sets length to that of the envelope, or to -1 if only a header is sent. */

static ngx_int_t
ngx_tel_make_body(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, off_t *length)
{
    ngx_buf_t         *b;
    ngx_tel_writer_t   w;

    *length = -1;

    if (r->method == NGX_HTTP_HEAD || r->header_only) {

        b = ngx_calloc_buf(r->pool);
        ctx->body = ngx_alloc_chain_link(r->pool);

        if (b == NULL || ctx->body == NULL) {
            return NGX_ERROR;
        }

        ctx->body->buf = b;
        ctx->body->next = NULL;

    } else {

        ngx_tel_writer_init(&w, r->pool, NGX_TEL_PROBLEM);

        if ((ctx->conf->own ? ngx_tel_write_own(r, ctx->conf->own, &w)
                            : ngx_tel_write_problem(r, ctx, &w))
            != NGX_OK
            || w.failed)
        {
            return NGX_ERROR;
        }

        *length = ngx_tel_writer_length(&w);
        ctx->body = w.first;
        b = w.last->buf;
    }

    b->last_buf = 1;
    b->last_in_chain = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_tel_write_problem(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_tel_writer_t *w)
{
    ngx_tel_problem_t           problem;
    ngx_tel_main_conf_t        *tmcf;
    ngx_http_variable_value_t  *vv;

    ngx_memzero(&problem, sizeof(ngx_tel_problem_t));

    tmcf = ngx_http_get_module_main_conf(r, ngx_http_telephony_errors_module);

    vv = ngx_tel_request_id(r, tmcf->request_id);

    if (vv && !vv->not_found) {
        problem.request_id.data = vv->data;
        problem.request_id.len = vv->len;
    }

    problem.verdict = &ctx->verdict;

    if (!ctx->conf->hide_provider) {
        problem.provider = ctx->catalog->name;
    }

    problem.type_base = ctx->conf->type_base;
    problem.retryable = ctx->retryable;

    ngx_tel_problem(w, &problem);

    return NGX_OK;
}


static ngx_int_t
ngx_tel_write_own(ngx_http_request_t *r, ngx_tel_own_t *own,
    ngx_tel_writer_t *w)
{
    ngx_str_t                 *values;
    ngx_uint_t                 i;
    ngx_http_complex_value_t  *cv;

    values = ngx_palloc(r->pool, own->values.nelts * sizeof(ngx_str_t));
    if (values == NULL) {
        return NGX_ERROR;
    }

    cv = own->values.elts;

    for (i = 0; i < own->values.nelts; i++) {

        if (ngx_tel_value(r, &cv[i], &values[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    ngx_tel_members(w, &own->root, values);

    return NGX_OK;
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


/* Nothing is sent, and the error_page begins when nginx is done with this. */

static ngx_int_t
ngx_tel_handover(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, ngx_chain_t *in)
{
    ngx_chain_t  *cl;

    ctx->died |= ngx_tel_died(r, in);

    for (cl = in; cl; cl = cl->next) {
        ctx->last |= cl->buf->last_buf;
    }

    ngx_tel_consume(in);

    if (ctx->died || ctx->last) {
        return ngx_tel_give_up(r, ctx);
    }

    ngx_tel_cut(r);

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
