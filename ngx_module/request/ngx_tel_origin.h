
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_ORIGIN_H_INCLUDED_
#define _NGX_TEL_ORIGIN_H_INCLUDED_


#include "ngx_tel_request.h"


/* Who made an answer, and whether it is judged here at all. */


typedef enum {
    NGX_TEL_FROM_UPSTREAM = 0,
    NGX_TEL_FROM_NGINX,    /* an error page of its own */
    NGX_TEL_FROM_OTHER,
    NGX_TEL_UNREADABLE     /* an upstream's, no status */
} ngx_tel_origin_e;


ngx_tel_origin_e ngx_tel_origin(ngx_http_request_t *r);

/* 1 if an upstream made what is being sent, now or for the cache. */

ngx_uint_t ngx_tel_vendors(ngx_http_request_t *r);

/* 1 if an error of nginx's own is to be an envelope here. */

ngx_uint_t ngx_tel_wanted(ngx_http_request_t *r, ngx_tel_loc_conf_t *tlcf);

/* 1 if an upstream's answer with that status is neither judged nor delayed. */

ngx_uint_t ngx_tel_untouched(ngx_http_request_t *r, ngx_uint_t status);

/* 1 if a type is read as it comes, or is no document of its own. */

ngx_uint_t ngx_tel_stream(ngx_str_t *type);

/* The catalog by which answers are judged here; NULL if they are not. */

ngx_tel_catalog_t *ngx_tel_provider(ngx_http_request_t *r,
    ngx_tel_loc_conf_t *tlcf);

/* 1 if this request is only observed. */

ngx_uint_t ngx_tel_observe(ngx_http_request_t *r, ngx_tel_loc_conf_t *tlcf);

/* 1 if nginx's own error says that a vendor was asked and did not answer. */

ngx_uint_t ngx_tel_dead(ngx_http_request_t *r);

/* 1 if nginx's own 503 says that a limit of its own was reached. */

ngx_uint_t ngx_tel_limited(ngx_http_request_t *r);

/*
 * Warns, once a worker, of a location whose upstream may repeat a call that
 * the catalog forbids to repeat.
 */

void ngx_tel_check_repeat(ngx_http_request_t *r, ngx_tel_loc_conf_t *tlcf,
    ngx_tel_catalog_t *catalog);


#endif /* _NGX_TEL_ORIGIN_H_INCLUDED_ */
