
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_HTTP_TELEPHONY_ERRORS_VERDICT_H_INCLUDED_
#define _NGX_HTTP_TELEPHONY_ERRORS_VERDICT_H_INCLUDED_


/* What a verdict says, once its row is found; used by classify alone. */


#include "ngx_http_telephony_errors_classify.h"


/*
 * One code of a response, and what a row may ask about it.  The elements of a
 * list are taken up one after the other, and share what is of the body.
 */

typedef struct {
    ngx_http_telephony_errors_judge_t       *judge;
    ngx_http_telephony_errors_inspection_t  *in;     /* NULL: only a code */

    /* the messages at hand: of the body [0], of an element [1] */

    ngx_http_telephony_errors_subject_t      subject[2];
    ngx_http_telephony_errors_value_t       *prepared[2];
    u_char                                  *said;   /* by [0], or NULL */

    /* the values of the code's element, or none if it stands in no list */

    ngx_http_telephony_errors_value_t       *first;
    ngx_http_telephony_errors_value_t       *last;
    ngx_http_telephony_errors_value_t       *message;

    ngx_http_telephony_errors_value_t       *value;  /* NULL: no code */
    ngx_str_t                                text;   /* trimmed */
    ngx_str_t                                name;   /* of its alias, or text */
    ngx_str_t                                key;    /* folded name */

    ngx_http_telephony_errors_captures_t     captures;
    ngx_http_telephony_errors_row_t         *row;    /* of first(), or NULL */

    ngx_http_telephony_errors_kind_e         unless; /* with unseen */

    unsigned                                 own:1;  /* message of element */
    unsigned                                 unseen:1; /* message may come */
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
 * Whether rows have the code's key, though none of them applies: NGX_DECLINED
 * if none has, NGX_OK if one has, NGX_AGAIN if it only asks for another scope
 * or message.
 */

ngx_int_t ngx_http_telephony_errors_known(ngx_http_telephony_errors_case_t *c);

/*
 * Copies a vendor's text to the pool as valid UTF-8, at most max bytes and no
 * half character.  NGX_OK or NGX_ERROR.
 */

ngx_int_t ngx_http_telephony_errors_copy(ngx_pool_t *pool,
    ngx_str_t *src, ngx_str_t *dst, size_t max);


#endif /* _NGX_HTTP_TELEPHONY_ERRORS_VERDICT_H_INCLUDED_ */
