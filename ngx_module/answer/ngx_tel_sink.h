
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_SINK_H_INCLUDED_
#define _NGX_TEL_SINK_H_INCLUDED_


#include "ngx_tel.h"
#include "ngx_tel_text.h"


/*
 * Where an envelope is written to.  The same functions run twice: first they
 * count, with pos NULL, then they write into as many bytes as were counted.
 */

typedef struct {
    u_char  *pos;   /* NULL: only count */
    size_t   len;   /* bytes so far */
} ngx_tel_sink_t;


static ngx_inline void
ngx_tel_put(ngx_tel_sink_t *sink, const void *data, size_t len)
{
    if (sink->pos) {
        sink->pos = ngx_cpymem(sink->pos, data, len);
    }

    sink->len += len;
}


/* A string literal. */

#define ngx_tel_puts(sink, s)  ngx_tel_put(sink, s, sizeof(s) - 1)


/*
 * Room for what was counted, where it is written then; out is that room.
 * NGX_OK or NGX_ERROR.
 */

static ngx_inline ngx_int_t
ngx_tel_sink_room(ngx_tel_sink_t *sink, ngx_pool_t *pool, ngx_str_t *out)
{
    out->len = sink->len;
    out->data = ngx_pnalloc(pool, out->len);

    if (out->data == NULL) {
        return NGX_ERROR;
    }

    sink->pos = out->data;
    sink->len = 0;

    return NGX_OK;
}


/* A text of any kind, escaped as in a JSON string, without its quotes. */

static ngx_inline void
ngx_tel_put_json(ngx_tel_sink_t *sink, ngx_str_t *text)
{
    u_char  *last;

    if (sink->pos) {
        last = ngx_tel_json(sink->pos, text->data, text->len);
        sink->len += last - sink->pos;
        sink->pos = last;

    } else {
        sink->len += ngx_tel_json_size(text->data, text->len);
    }
}


#endif /* _NGX_TEL_SINK_H_INCLUDED_ */
