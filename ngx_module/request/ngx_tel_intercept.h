
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_INTERCEPT_H_INCLUDED_
#define _NGX_TEL_INTERCEPT_H_INCLUDED_


/*
 * telephony_errors_intercept: an error is given up for what the location's
 * error_page has for its status.  That status counts for nginx only where
 * the filter's return code reaches ngx_http_finalize_request(): from the
 * header filter, and from the body filter in the call with the last buffer or
 * the one by which a dead upstream is finalized.
 */


#include "ngx_tel_request.h"


/* Keeps what a second location needs of a vendor's answer that begins here. */

void ngx_tel_intercept_begin(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);

/* 1 if the error that was decided is to be given up. */

ngx_uint_t ngx_tel_intercepts(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);

/*
 * Gives it up: nothing of the answer is left but a challenge.  The status to
 * return from the filter at once, or NGX_ERROR.
 */

ngx_int_t ngx_tel_give_up(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);

/*
 * Called for every header after an internal redirect: the challenge of what was
 * given up is for a 401 of nginx's, not for the answer of another upstream.
 */

void ngx_tel_drop_challenge(ngx_http_request_t *r);

/*
 * "provider:CODE, provider:CODE", what was given up in this request; empty if
 * nothing was.  NGX_OK or NGX_ERROR.
 */

ngx_int_t ngx_tel_intercepted(ngx_http_request_t *r, ngx_str_t *value);


#endif /* _NGX_TEL_INTERCEPT_H_INCLUDED_ */
