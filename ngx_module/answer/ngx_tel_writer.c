
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_writer.h"
#include "ngx_tel_text.h"


#define NGX_TEL_WRITER_BUFFER  16384


static ngx_int_t ngx_tel_writer_more(ngx_tel_writer_t *w);
static const char *ngx_tel_html_entity(u_char ch);


void
ngx_tel_writer_init(ngx_tel_writer_t *w, ngx_pool_t *pool)
{
    ngx_memzero(w, sizeof(ngx_tel_writer_t));

    w->pool = pool;
}


void
ngx_tel_write(ngx_tel_writer_t *w, const u_char *data, size_t len)
{
    size_t      n;
    ngx_buf_t  *b;

    while (len && !w->failed) {

        if (w->last == NULL || w->last->buf->last == w->last->buf->end) {
            if (ngx_tel_writer_more(w) != NGX_OK) {
                w->failed = 1;
                return;
            }
        }

        b = w->last->buf;

        n = ngx_min(len, (size_t) (b->end - b->last));

        b->last = ngx_cpymem(b->last, data, n);
        w->size += n;

        data += n;
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
    cl->buf = ngx_create_temp_buf(w->pool, NGX_TEL_WRITER_BUFFER);
    if (cl->buf == NULL) {
        return NGX_ERROR;
    }

    if (w->last) {
        w->last->next = cl;

    } else {
        w->first = cl;
    }

    w->last = cl;

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
    u_char  *p;
    size_t   size;

    size = ngx_tel_json_size(text->data, text->len);

    p = ngx_pnalloc(w->pool, size + 2);
    if (p == NULL) {
        w->failed = 1;
        return;
    }

    p[0] = '"';
    ngx_tel_json(p + 1, text->data, text->len);
    p[size + 1] = '"';

    ngx_tel_write(w, p, size + 2);
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
            ngx_tel_write(w, (u_char *) entity, ngx_strlen(entity));
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
