
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_HTTP_TELEPHONY_ERRORS_VERDICT_H_INCLUDED_
#define _NGX_HTTP_TELEPHONY_ERRORS_VERDICT_H_INCLUDED_


/* What a verdict says, once its row is found; used by classify alone. */


#include "ngx_http_telephony_errors_classify.h"


/* one code of a response, and what a row may ask about it */

typedef struct {
    ngx_http_telephony_errors_judge_t       *judge;
    ngx_http_telephony_errors_inspection_t  *in;

    ngx_http_telephony_errors_value_t       *value;  /* NULL: no code */
    ngx_str_t                                text;   /* trimmed */
    ngx_str_t                                name;   /* of its alias, or text */
    ngx_str_t                                key;    /* folded name */

    ngx_http_telephony_errors_value_t       *message;
    ngx_http_telephony_errors_subject_t      subject;
    ngx_http_telephony_errors_captures_t     captures;

    ngx_http_telephony_errors_row_t         *row;    /* of first(), or NULL */

    unsigned                                 early:1; /* message not known */
    unsigned                                 kept:1; /* name outlives body */
    unsigned                                 ready:1; /* subject is */
    unsigned                                 failed:1; /* out of memory */

    u_char    buf[3 * NGX_HTTP_TELEPHONY_ERRORS_MAX_CODE];
} ngx_http_telephony_errors_case_t;


/*
 * Fills the verdict from a row, or with row NULL from having none.  NGX_OK or
 * NGX_ERROR.
 */

ngx_int_t ngx_http_telephony_errors_conclude(
    ngx_http_telephony_errors_case_t *c, ngx_http_telephony_errors_row_t *row,
    ngx_http_telephony_errors_verdict_t *verdict);

/*
 * Copies a vendor's text to the pool as valid UTF-8, at most max bytes and no
 * half character.  NGX_OK or NGX_ERROR.
 */

ngx_int_t ngx_http_telephony_errors_copy(ngx_pool_t *pool,
    ngx_str_t *src, ngx_str_t *dst, size_t max);


#endif /* _NGX_HTTP_TELEPHONY_ERRORS_VERDICT_H_INCLUDED_ */
