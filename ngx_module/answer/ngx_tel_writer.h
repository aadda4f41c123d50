
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_WRITER_H_INCLUDED_
#define _NGX_TEL_WRITER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * Writes a text of any length as a chain of buffers.  Out of memory is kept in
 * "failed" and asked for once, at the end.
 */

typedef struct {
    ngx_pool_t   *pool;
    size_t        size;    /* of a buffer */
    ngx_chain_t  *first;
    ngx_chain_t  *last;
    ngx_buf_t    *buf;     /* of last */
    ngx_uint_t    failed;
} ngx_tel_writer_t;


/* What a page is written in; an envelope is smaller. */

#define NGX_TEL_WRITER_PAGE  16384

void ngx_tel_writer_init(ngx_tel_writer_t *w, ngx_pool_t *pool, size_t size);

/* How many bytes were written. */

size_t ngx_tel_writer_length(ngx_tel_writer_t *w);

void ngx_tel_write(ngx_tel_writer_t *w, const void *data, size_t len);

/* ngx_sprintf()'s formats; at most 255 bytes, the rest is cut off. */

void ngx_cdecl ngx_tel_writef(ngx_tel_writer_t *w, const char *fmt, ...);

/* A JSON string with its quotes, and what stands between them. */

void ngx_tel_write_json(ngx_tel_writer_t *w, ngx_str_t *text);
void ngx_tel_write_escaped(ngx_tel_writer_t *w, ngx_str_t *text);

/* Text or an attribute's value in HTML. */

void ngx_tel_write_html(ngx_tel_writer_t *w, ngx_str_t *text);

/* The same of a name, which a narrow page may break behind its underscores. */

void ngx_tel_write_name(ngx_tel_writer_t *w, ngx_str_t *name);

/* The value of a Prometheus label, without its quotes. */

void ngx_tel_write_label(ngx_tel_writer_t *w, ngx_str_t *text);

/* 2026-11-21T09:40:00Z */

void ngx_tel_write_time(ngx_tel_writer_t *w, time_t t);


#define ngx_tel_write_text(w, text)                         \
    ngx_tel_write(w, text, sizeof(text) - 1)


/* Both once more, inline, for what every error passes. */

static ngx_inline void
ngx_tel_put(ngx_tel_writer_t *w, const void *data, size_t len)
{
    ngx_buf_t  *b;

    b = w->buf;

    if (b && (size_t) (b->end - b->last) >= len) {
        b->last = ngx_cpymem(b->last, data, len);
        return;
    }

    ngx_tel_write(w, data, len);
}


#define ngx_tel_puts(w, text)  ngx_tel_put(w, text, sizeof(text) - 1)


#endif /* _NGX_TEL_WRITER_H_INCLUDED_ */
