
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_EXPLAIN_H_INCLUDED_
#define _NGX_TEL_EXPLAIN_H_INCLUDED_


#include "ngx_tel_classify.h"


/* of the location in which an answer is explained */

typedef struct {
    ngx_tel_catalog_t  *catalog;
    ngx_tel_codes_t    *codes;
    ngx_array_t        *overrides;  /* ..._override_t, or NULL */
    size_t              window;
} ngx_tel_explained_t;


/*
 * Judges the answer that a request has brought as its body, which was read,
 * and sends what is to be said.  Returns what a handler returns.
 */

ngx_int_t ngx_tel_explain(ngx_http_request_t *r, ngx_tel_explained_t *conf);


#endif /* _NGX_TEL_EXPLAIN_H_INCLUDED_ */
