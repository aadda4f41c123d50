
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_HEADERS_H_INCLUDED_
#define _NGX_TEL_HEADERS_H_INCLUDED_


#include "ngx_tel_request.h"


/* Drops the Telephony-* among headers or trailers: nobody can forge them. */

void ngx_tel_drop_forged(ngx_list_t *headers);

/* A header of the answer that is not dropped, or NULL. */

ngx_table_elt_t *ngx_tel_find_header(ngx_http_request_t *r, ngx_str_t *name);

/* Adds the Telephony-* of a notice or an error.  NGX_OK or NGX_ERROR. */

ngx_int_t ngx_tel_add_headers(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);

/*
 * Makes the header of the envelope: status, type, length (-1: none), what is
 * owed and what may not stay.  NGX_OK or NGX_ERROR.
 */

ngx_int_t ngx_tel_replace_headers(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    off_t length);

/* Adds a header field to the answer.  NGX_OK or NGX_ERROR. */

ngx_int_t ngx_tel_push(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value);


#endif /* _NGX_TEL_HEADERS_H_INCLUDED_ */
