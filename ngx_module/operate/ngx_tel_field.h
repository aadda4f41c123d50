
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_FIELD_H_INCLUDED_
#define _NGX_TEL_FIELD_H_INCLUDED_


#include "ngx_tel.h"


/* Header fields of a request or an answer. */


/*
 * The next field with one of the names, an array that a null string ends, from
 * part and *i on, which then stand behind it; NULL at the end.  What was
 * dropped is none.
 */

ngx_table_elt_t *ngx_tel_next_header(ngx_list_part_t **part, ngx_uint_t *i,
    ngx_str_t *names);

/* A header of the answer that is not dropped, or NULL. */

ngx_table_elt_t *ngx_tel_find_header(ngx_http_request_t *r, ngx_str_t *name);

/* Adds a header field to the answer.  NGX_OK or NGX_ERROR. */

ngx_int_t ngx_tel_push_header(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value);

/*
 * Names the methods that a handler takes, once: an error_page may lead to it
 * again.  Returns the status 405, or 500.
 */

ngx_int_t ngx_tel_refuse_method(ngx_http_request_t *r, ngx_str_t *allow);


#endif /* _NGX_TEL_FIELD_H_INCLUDED_ */
