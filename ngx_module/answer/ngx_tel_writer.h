
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
    ngx_chain_t  *first;
    ngx_chain_t  *last;
    size_t        size;  /* bytes written */
    ngx_uint_t    failed;
} ngx_tel_writer_t;


void ngx_tel_writer_init(ngx_tel_writer_t *w, ngx_pool_t *pool);

void ngx_tel_write(ngx_tel_writer_t *w, const u_char *data, size_t len);

/* ngx_sprintf()'s formats; at most 255 bytes, the rest is cut off. */

void ngx_cdecl ngx_tel_writef(ngx_tel_writer_t *w, const char *fmt, ...);

/* A JSON string with its quotes. */

void ngx_tel_write_json(ngx_tel_writer_t *w, ngx_str_t *text);

/* Text or an attribute's value in HTML. */

void ngx_tel_write_html(ngx_tel_writer_t *w, ngx_str_t *text);

/* The same of a name, which a narrow page may break behind its underscores. */

void ngx_tel_write_name(ngx_tel_writer_t *w, ngx_str_t *name);

/* The value of a Prometheus label, without its quotes. */

void ngx_tel_write_label(ngx_tel_writer_t *w, ngx_str_t *text);

/* 2026-11-21T09:40:00Z */

void ngx_tel_write_time(ngx_tel_writer_t *w, time_t t);


#define ngx_tel_write_text(w, text)                         \
    ngx_tel_write(w, (u_char *) text, sizeof(text) - 1)


#endif /* _NGX_TEL_WRITER_H_INCLUDED_ */
