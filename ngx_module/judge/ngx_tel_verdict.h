
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_VERDICT_H_INCLUDED_
#define _NGX_TEL_VERDICT_H_INCLUDED_


/* What a verdict says, once its row is found; used by classify alone. */


#include "ngx_tel_judge.h"


/*
 * One code of a response, and what a row may ask about it.  The elements of a
 * list are taken up one after the other, and share what is of the body.
 */

typedef struct {
    ngx_tel_judge_t       *judge;
    ngx_tel_inspection_t  *in;        /* NULL: only a code */

    /* the messages at hand: of the body [0], of an element [1] */

    ngx_tel_subject_t      subject[2];
    ngx_tel_value_t       *prepared[2];
    u_char                *said;      /* by [0], or NULL */

    /* the values of the code's element, or none if it stands in no list */

    ngx_tel_value_t       *first;
    ngx_tel_value_t       *last;
    ngx_tel_value_t       *message;

    ngx_tel_value_t       *value;     /* NULL: no code */
    ngx_str_t              text;      /* trimmed */
    ngx_str_t              name;      /* of its alias, or text */
    ngx_str_t              key;       /* folded name */

    ngx_tel_captures_t     captures;
    ngx_tel_row_t         *row;       /* of first(), or NULL */

    ngx_tel_kind_e         unless;    /* with unseen */

    unsigned               own:1;     /* message of element */
    unsigned               unseen:1;  /* message may come */
    unsigned               failed:1;  /* out of memory */

    u_char                 buf[3 * NGX_TEL_MAX_CODE];
} ngx_tel_case_t;


/*
 * Fills the verdict from a row, or with row NULL from having none.  NGX_OK or
 * NGX_ERROR.
 */

ngx_int_t ngx_tel_conclude(ngx_tel_case_t *c, ngx_tel_row_t *row,
    ngx_tel_verdict_t *verdict);

/*
 * Whether rows have the code's key, though none of them applies: NGX_DECLINED
 * if none has, NGX_OK if one has, NGX_AGAIN if it only asks for another scope
 * or message.
 */

ngx_int_t ngx_tel_known(ngx_tel_case_t *c);

/*
 * Copies a vendor's text to the pool as valid UTF-8, at most max bytes and no
 * half character.  NGX_OK or NGX_ERROR.
 */

ngx_int_t ngx_tel_copy(ngx_pool_t *pool, ngx_str_t *src, ngx_str_t *dst,
    size_t max);


#endif /* _NGX_TEL_VERDICT_H_INCLUDED_ */
