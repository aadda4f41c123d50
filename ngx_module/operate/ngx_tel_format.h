
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_FORMAT_H_INCLUDED_
#define _NGX_TEL_FORMAT_H_INCLUDED_


#include "ngx_tel.h"
#include "ngx_tel_writer.h"


/* The forms in which one content is served, and which a client wants. */


typedef void (*ngx_tel_format_pt)(ngx_tel_writer_t *w, void *data);


typedef struct {
    ngx_str_t          name;  /* of ?format= */
    ngx_str_t          type;  /* of Accept */
    ngx_str_t          content_type;
    ngx_str_t         *policy;  /* Content-Security-Policy, or NULL */
    ngx_tel_format_pt  handler;  /* NULL: end of the table */
} ngx_tel_format_t;


/*
 * Takes GET and HEAD, and does away with a body.  NGX_OK, or what a handler
 * returns.
 */

ngx_int_t ngx_tel_format_method(ngx_http_request_t *r);

/*
 * The format of a table that ?format= names, else the one that Accept prefers:
 * the first is what a client gets that asks for nothing of the kind.  NULL if
 * ?format= names none.
 */

ngx_tel_format_t *ngx_tel_format(ngx_http_request_t *r,
    ngx_tel_format_t *formats);

/* Sends what was written in that format, with the status that is set. */

ngx_int_t ngx_tel_format_send(ngx_http_request_t *r, ngx_tel_format_t *format,
    ngx_tel_writer_t *w);

/* Answers a ?format= that names none with 400 and those of the table. */

ngx_int_t ngx_tel_format_refuse(ngx_http_request_t *r,
    ngx_tel_format_t *formats);

/* Sends what was written, of the type and status that are set. */

ngx_int_t ngx_tel_format_output(ngx_http_request_t *r, ngx_tel_writer_t *w);

/* As ngx_tel_push_header(), by a name in letters. */

ngx_int_t ngx_tel_format_header(ngx_http_request_t *r, char *name,
    ngx_str_t *value);


#endif /* _NGX_TEL_FORMAT_H_INCLUDED_ */
