
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_REFERENCE_H_INCLUDED_
#define _NGX_TEL_REFERENCE_H_INCLUDED_


#include "ngx_tel.h"
#include "ngx_tel_catalog.h"
#include "ngx_tel_writer.h"


/* what is told: all codes, or one of them */

typedef struct {
    ngx_tel_catalogs_t  *catalogs;
    ngx_tel_code_t      *code;      /* NULL: all */
} ngx_tel_reference_t;


/*
 * Answers with the unified codes, or with the one whose kebab-case name follows
 * the location's in the URI, in the format that the client prefers.  Returns
 * what a handler returns.
 */

ngx_int_t ngx_tel_reference(ngx_http_request_t *r, ngx_str_t *location,
    ngx_tel_catalogs_t *catalogs);

/* The page of a ngx_tel_reference_t, and its policy header. */

void ngx_tel_reference_page(ngx_tel_writer_t *w, void *data);

extern ngx_str_t  ngx_tel_reference_policy;

/*
 * The rows of list (may be NULL) that lead to the code, one by one: the first
 * from *i on, which is moved behind it; NULL behind the last.
 */

ngx_tel_written_t *ngx_tel_reference_row(ngx_array_t *list,
    ngx_tel_code_t *code, ngx_uint_t *i);

/* no, yes or safe */

ngx_str_t *ngx_tel_reference_retry(ngx_tel_code_t *code);


#endif /* _NGX_TEL_REFERENCE_H_INCLUDED_ */
