
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_writer.h"
#include "ngx_tel_text.h"


/* the most bytes that a character or a bad byte becomes: \u001f */

#define NGX_TEL_ESCAPED  6


static ngx_int_t ngx_tel_writer_more(ngx_tel_writer_t *w);
static const char *ngx_tel_html_entity(u_char ch);


void
ngx_tel_writer_init(ngx_tel_writer_t *w, ngx_pool_t *pool, size_t size)
{
    ngx_memzero(w, sizeof(ngx_tel_writer_t));

    w->pool = pool;
    w->size = size;
}


size_t
ngx_tel_writer_length(ngx_tel_writer_t *w)
{
    size_t        length;
    ngx_chain_t  *cl;

    length = 0;

    for (cl = w->first; cl; cl = cl->next) {
        length += ngx_buf_size(cl->buf);
    }

    return length;
}


void
ngx_tel_write(ngx_tel_writer_t *w, const void *data, size_t len)
{
    size_t         n;
    ngx_buf_t     *b;
    const u_char  *p;

    p = data;

    while (len && !w->failed) {

        if (w->buf == NULL || w->buf->last == w->buf->end) {
            if (ngx_tel_writer_more(w) != NGX_OK) {
                w->failed = 1;
                return;
            }
        }

        b = w->buf;

        n = ngx_min(len, (size_t) (b->end - b->last));

        b->last = ngx_cpymem(b->last, p, n);

        p += n;
        len -= n;
    }
}


static ngx_int_t
ngx_tel_writer_more(ngx_tel_writer_t *w)
{
    ngx_chain_t  *cl;

    cl = ngx_alloc_chain_link(w->pool);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    cl->next = NULL;
    cl->buf = ngx_create_temp_buf(w->pool, w->size);
    if (cl->buf == NULL) {
        return NGX_ERROR;
    }

    if (w->last) {
        w->last->next = cl;

    } else {
        w->first = cl;
    }

    w->last = cl;
    w->buf = cl->buf;

    return NGX_OK;
}


void ngx_cdecl
ngx_tel_writef(ngx_tel_writer_t *w, const char *fmt, ...)
{
    u_char   *p, buf[255];
    va_list   args;

    va_start(args, fmt);
    p = ngx_vslprintf(buf, buf + sizeof(buf), fmt, args);
    va_end(args);

    ngx_tel_write(w, buf, p - buf);
}


void
ngx_tel_write_json(ngx_tel_writer_t *w, ngx_str_t *text)
{
    ngx_tel_puts(w, "\"");
    ngx_tel_write_escaped(w, text);
    ngx_tel_puts(w, "\"");
}


void
ngx_tel_write_escaped(ngx_tel_writer_t *w, ngx_str_t *text)
{
    size_t      size, room;
    u_char     *p;
    ngx_buf_t  *b;

    b = w->buf;
    room = b ? b->end - b->last : 0;
    size = text->len;

    if (size > room / NGX_TEL_ESCAPED) {
        size = ngx_tel_json_size(text->data, text->len);
    }

    if (size <= room) {
        if (size) {
            b->last = ngx_tel_json(b->last, text->data, text->len);
        }

        return;
    }

    p = ngx_pnalloc(w->pool, size);
    if (p == NULL) {
        w->failed = 1;
        return;
    }

    ngx_tel_json(p, text->data, text->len);
    ngx_tel_write(w, p, size);
}


void
ngx_tel_write_html(ngx_tel_writer_t *w, ngx_str_t *text)
{
    size_t       i, start;
    const char  *entity;

    start = 0;

    for (i = 0; i < text->len; i++) {
        entity = ngx_tel_html_entity(text->data[i]);

        if (entity) {
            ngx_tel_write(w, text->data + start, i - start);
            ngx_tel_write(w, entity, ngx_strlen(entity));
            start = i + 1;
        }
    }

    ngx_tel_write(w, text->data + start, i - start);
}


void
ngx_tel_write_name(ngx_tel_writer_t *w, ngx_str_t *name)
{
    u_char     *p, *last;
    ngx_str_t   word;

    p = name->data;
    last = p + name->len;

    while (p < last) {
        word.data = p;
        p = ngx_strlchr(p, last, '_');
        p = p ? p + 1 : last;
        word.len = p - word.data;

        ngx_tel_write_html(w, &word);

        if (p < last) {
            ngx_tel_write_text(w, "<wbr>");
        }
    }
}


static const char *
ngx_tel_html_entity(u_char ch)
{
    switch (ch) {

    case '<':
        return "&lt;";

    case '>':
        return "&gt;";

    case '&':
        return "&amp;";

    case '"':
        return "&quot;";

    case '\'':
        return "&#39;";

    default:
        return NULL;
    }
}


void
ngx_tel_write_label(ngx_tel_writer_t *w, ngx_str_t *text)
{
    size_t  i, start;

    start = 0;

    for (i = 0; i < text->len; i++) {

        if (text->data[i] == '\n') {
            ngx_tel_write(w, text->data + start, i - start);
            ngx_tel_write_text(w, "\\n");
            start = i + 1;

        } else if (text->data[i] == '"' || text->data[i] == '\\') {
            ngx_tel_write(w, text->data + start, i - start);
            ngx_tel_write_text(w, "\\");
            start = i;
        }
    }

    ngx_tel_write(w, text->data + start, i - start);
}


void
ngx_tel_write_time(ngx_tel_writer_t *w, time_t t)
{
    ngx_tm_t  tm;

    ngx_gmtime(t, &tm);

    ngx_tel_writef(w, "%4d-%02d-%02dT%02d:%02d:%02dZ", tm.ngx_tm_year,
                   tm.ngx_tm_mon, tm.ngx_tm_mday, tm.ngx_tm_hour, tm.ngx_tm_min,
                   tm.ngx_tm_sec);
}
