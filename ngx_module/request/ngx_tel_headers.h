
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_HEADERS_H_INCLUDED_
#define _NGX_TEL_HEADERS_H_INCLUDED_


#include "ngx_tel_request.h"


/* Drops the Telephony-* among headers or trailers: nobody can forge them. */

void ngx_tel_drop_forged(ngx_list_t *headers);

/* Adds the Telephony-* of a notice or an error.  NGX_OK or NGX_ERROR. */

ngx_int_t ngx_tel_add_headers(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);

/*
 * Makes the header of the envelope: status, type, length (-1: none), what is
 * owed and what may not stay.  NGX_OK or NGX_ERROR.
 */

ngx_int_t ngx_tel_replace_headers(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    off_t length);


#endif /* _NGX_TEL_HEADERS_H_INCLUDED_ */
