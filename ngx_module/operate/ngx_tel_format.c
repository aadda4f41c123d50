
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_field.h"
#include "ngx_tel_format.h"


static void ngx_tel_accept(ngx_str_t *accept, ngx_tel_format_t *formats,
    ngx_tel_format_t **best, ngx_uint_t *quality);
static ngx_tel_format_t *ngx_tel_by_type(ngx_tel_format_t *formats,
    ngx_str_t *type);
static ngx_uint_t ngx_tel_quality(u_char *p, u_char *last);


ngx_int_t
ngx_tel_format_method(ngx_http_request_t *r)
{
    static ngx_str_t  allow = ngx_string("GET, HEAD");

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return ngx_tel_refuse_method(r, &allow);
    }

    return ngx_http_discard_request_body(r);
}


ngx_tel_format_t *
ngx_tel_format(ngx_http_request_t *r, ngx_tel_format_t *formats)
{
    ngx_str_t          value;
    ngx_uint_t         i, quality;
    ngx_list_part_t   *part;
    ngx_table_elt_t   *h;
    ngx_tel_format_t  *format;

    static ngx_str_t  names[] = {
        ngx_string("Accept"),
        ngx_null_string
    };

    if (ngx_http_arg(r, (u_char *) "format", 6, &value) == NGX_OK) {

        for (format = formats; format->handler; format++) {
            if (value.len == format->name.len
                && ngx_strncmp(value.data, format->name.data, value.len) == 0)
            {
                return format;
            }
        }

        return NULL;
    }

    format = formats;
    quality = 0;

    part = &r->headers_in.headers.part;
    i = 0;

    while ((h = ngx_tel_next_header(&part, &i, names)) != NULL) {
        ngx_tel_accept(&h->value, formats, &format, &quality);
    }

    return format;
}


/* Of the types with the highest quality the first is taken. */

static void
ngx_tel_accept(ngx_str_t *accept, ngx_tel_format_t *formats,
    ngx_tel_format_t **best, ngx_uint_t *quality)
{
    u_char            *p, *last, *end;
    ngx_str_t          type;
    ngx_uint_t         q;
    ngx_tel_format_t  *format;

    p = accept->data;
    last = p + accept->len;

    while (p < last) {

        end = ngx_strlchr(p, last, ',');
        if (end == NULL) {
            end = last;
        }

        while (p < end && (*p == ' ' || *p == '\t')) {
            p++;
        }

        type.data = p;

        while (p < end && *p != ';' && *p != ' ' && *p != '\t') {
            p++;
        }

        type.len = p - type.data;

        format = ngx_tel_by_type(formats, &type);
        q = format ? ngx_tel_quality(p, end) : 0;

        if (q > *quality) {
            *quality = q;
            *best = format;
        }

        p = end + 1;
    }
}


static ngx_tel_format_t *
ngx_tel_by_type(ngx_tel_format_t *formats, ngx_str_t *type)
{
    ngx_tel_format_t  *format;

    for (format = formats; format->handler; format++) {
        if (type->len == format->type.len
            && ngx_strncasecmp(type->data, format->type.data, type->len) == 0)
        {
            return format;
        }
    }

    /* whoever takes anything, or OpenMetrics at best, reads the first */

    if ((type->len == 3 && ngx_strncmp(type->data, "*/*", 3) == 0)
        || (type->len == 6 && ngx_strncmp(type->data, "text/*", 6) == 0)
        || (type->len == 28
            && ngx_strncasecmp(type->data,
                               (u_char *) "application/openmetrics-text", 28)
               == 0))
    {
        return formats;
    }

    return NULL;
}


/* The weight among the parameters of a media range, in thousandths. */

static ngx_uint_t
ngx_tel_quality(u_char *p, u_char *last)
{
    ngx_int_t  q;

    while (p < last) {

        while (p < last && (*p == ';' || *p == ' ' || *p == '\t')) {
            p++;
        }

        if (last - p >= 2 && (*p == 'q' || *p == 'Q') && p[1] == '=') {
            p += 2;

            last = ngx_min(last, p + 5);

            while (last > p && (last[-1] == ' ' || last[-1] == '\t')) {
                last--;
            }

            q = ngx_atofp(p, last - p, 3);

            return (q == NGX_ERROR) ? 0 : ngx_min(q, 1000);
        }

        while (p < last && *p != ';') {
            p++;
        }
    }

    return 1000;
}


ngx_int_t
ngx_tel_format_refuse(ngx_http_request_t *r, ngx_tel_format_t *formats)
{
    ngx_tel_format_t  *format;
    ngx_tel_writer_t   w;

    static ngx_str_t         no_store = ngx_string("no-store");
    static ngx_tel_format_t  plain = {
        ngx_null_string,
        ngx_string("text/plain"),
        ngx_string("text/plain"),
        NULL,
        NULL
    };

    ngx_tel_writer_init(&w, r->pool, NGX_TEL_WRITER_PAGE);
    ngx_tel_write_text(&w, "Unknown format: use ");

    for (format = formats; format->handler; format++) {
        ngx_tel_writef(&w, "?format=%V%s", &format->name,
                       !format[1].handler ? ", or an Accept header.\n"
                       : !format[2].handler ? " or " : ", ");
    }

    if (w.failed
        || ngx_tel_format_header(r, "Cache-Control", &no_store) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = NGX_HTTP_BAD_REQUEST;

    return ngx_tel_format_send(r, &plain, &w);
}


ngx_int_t
ngx_tel_format_send(ngx_http_request_t *r, ngx_tel_format_t *format,
    ngx_tel_writer_t *w)
{
    static ngx_str_t  nosniff = ngx_string("nosniff");
    static ngx_str_t  accept = ngx_string("Accept");

    if (ngx_tel_format_header(r, "Vary", &accept) != NGX_OK
        || ngx_tel_format_header(r, "X-Content-Type-Options", &nosniff)
           != NGX_OK
        || (format->policy
            && ngx_tel_format_header(r, "Content-Security-Policy",
                                     format->policy)
               != NGX_OK))
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.content_type = format->content_type;
    r->headers_out.content_type_len = format->type.len;

    return ngx_tel_format_output(r, w);
}


ngx_int_t
ngx_tel_format_output(ngx_http_request_t *r, ngx_tel_writer_t *w)
{
    ngx_int_t  rc;

    r->headers_out.content_length_n = ngx_tel_writer_length(w);
    r->headers_out.content_type_lowcase = NULL;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    w->last->buf->last_buf = (r == r->main) ? 1 : 0;
    w->last->buf->last_in_chain = 1;

    return ngx_http_output_filter(r, w->first);
}


ngx_int_t
ngx_tel_format_header(ngx_http_request_t *r, char *name, ngx_str_t *value)
{
    ngx_str_t  key;

    key.data = (u_char *) name;
    key.len = ngx_strlen(name);

    return ngx_tel_push_header(r, &key, value);
}
