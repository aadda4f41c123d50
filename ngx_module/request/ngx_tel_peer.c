
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/* Which verdicts are failures of an upstream's server. */


#include "ngx_tel_peer.h"


static void ngx_tel_free_peer(ngx_peer_connection_t *pc, void *data,
    ngx_uint_t state);
static ngx_uint_t ngx_tel_peer_failed(ngx_http_request_t *r,
    ngx_tel_ctx_t *ctx);
static ngx_tel_end_e ngx_tel_peer_end(ngx_http_request_t *r);


void
ngx_tel_watch_peer(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_tel_judge_pt judge)
{
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (ctx->conf->peer_failed == NULL || ctx->observe || u->peer.free == NULL)
    {
        return;
    }

#if (NGX_HTTP_CACHE)

    /* what a server said once is no news of it */

    if (r->cached) {
        return;
    }

#endif

    ctx->peer = &u->peer;
    ctx->free_peer = u->peer.free;
    ctx->judge_peer = judge;

    u->peer.free = ngx_tel_free_peer;
}


static void
ngx_tel_free_peer(ngx_peer_connection_t *pc, void *data, ngx_uint_t state)
{
    ngx_tel_ctx_t       *ctx;
    ngx_http_request_t  *r;

    /* an upstream's connection is there for as long as its peer */

    r = pc->connection->data;

    for (ctx = ngx_tel_get_ctx(r); ctx->peer != pc; ctx = ctx->previous) {
        /* void */
    }

    pc->free = ctx->free_peer;

    if (ngx_tel_peer_failed(r, ctx)) {

        ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                       "telephony peer failed: %V", &ctx->verdict.code->name);

        state |= NGX_PEER_FAILED;
    }

    pc->free(pc, data, state);
}


static ngx_uint_t
ngx_tel_peer_failed(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    ngx_tel_end_e  end;

    if (!ctx->decided) {
        end = ngx_tel_peer_end(r);

        if (end == NGX_TEL_MORE || ctx->judge_peer(r, ctx, end) != NGX_OK) {
            return 0;
        }

        (void) ngx_tel_settle(ctx->conf->overrides, ctx->catalog, 0,
                              &ctx->verdict);
    }

    return ctx->verdict.kind == NGX_TEL_ERROR
           && ngx_tel_chosen(ctx->conf->peer_failed, ctx->verdict.code);
}


/*
 * As nginx tells a whole answer from a broken one.  MORE: the client is gone,
 * or a thread still reads what belongs to it.
 */

static ngx_tel_end_e
ngx_tel_peer_end(ngx_http_request_t *r)
{
    ngx_event_t          *rev;
    ngx_event_pipe_t     *p;
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (r->aio || r->buffered) {
        return NGX_TEL_MORE;
    }

    if (u->buffering) {
        p = u->pipe;

        if (p->upstream_done || (p->upstream_eof && p->length == -1)) {
            return NGX_TEL_COMPLETE;
        }

        return (p->upstream_eof || p->upstream_error) ? NGX_TEL_BROKEN
                                                      : NGX_TEL_MORE;
    }

    rev = u->peer.connection->read;

    if (u->length == 0 || (u->length == -1 && rev->eof)) {
        return NGX_TEL_COMPLETE;
    }

    return (rev->eof || rev->error || rev->timedout) ? NGX_TEL_BROKEN
                                                     : NGX_TEL_MORE;
}
