
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_PROBLEM_H_INCLUDED_
#define _NGX_TEL_PROBLEM_H_INCLUDED_


#include "ngx_tel.h"
#include "ngx_tel_catalog.h"


/* What the problem document (RFC 9457) says beside the verdict. */

typedef struct {
    ngx_tel_verdict_t  *verdict;
    ngx_str_t           provider;
    ngx_str_t           type_base;   /* or empty */
    ngx_str_t           request_id;  /* 32 hex, or empty */
    ngx_uint_t          retryable;
} ngx_tel_problem_t;


/*
 * Writes the problem document into pool: valid JSON whatever the texts hold.
 * NGX_OK or NGX_ERROR.
 */

ngx_int_t ngx_tel_problem(ngx_pool_t *pool, ngx_tel_problem_t *problem,
    ngx_str_t *out);


/* A member of an operator's own envelope; the tree is made by add_member(). */

typedef enum {
    NGX_TEL_MEMBER_OBJECT = 0,
    NGX_TEL_MEMBER_STRING,
    NGX_TEL_MEMBER_NUMBER,
    NGX_TEL_MEMBER_BOOLEAN
} ngx_tel_member_e;


typedef struct ngx_tel_member_s  ngx_tel_member_t;

struct ngx_tel_member_s {
    ngx_str_t          name;    /* as JSON, unquoted */
    ngx_tel_member_e   type;
    ngx_uint_t         number;  /* of its value */
    ngx_tel_member_t  *child;
    ngx_tel_member_t  *next;
};


/*
 * Adds the member at a dotted path to the tree under root, as the value of
 * that number.  Returns NULL, or what is wrong with the path.
 */

char *ngx_tel_add_member(ngx_pool_t *pool, ngx_tel_member_t *root,
    ngx_str_t *path, ngx_tel_member_e type, ngx_uint_t number);

/*
 * Writes the tree with the given values.  A number or a boolean whose text is
 * none is written as null.  NGX_OK or NGX_ERROR.
 */

ngx_int_t ngx_tel_members(ngx_pool_t *pool, ngx_tel_member_t *root,
    ngx_str_t *values, ngx_str_t *out);

/* The reason phrase of a status (RFC 9110 and others); never empty. */

ngx_str_t *ngx_tel_reason_phrase(ngx_uint_t status);

/* Writes the three digits of a status and returns the end. */

u_char *ngx_tel_put_status(u_char *p, ngx_uint_t status);

/* The words for a kind, a reason and a match; "-" for no reason is empty. */

ngx_str_t *ngx_tel_kind_name(ngx_uint_t kind);
ngx_str_t *ngx_tel_reason_name(ngx_uint_t reason);
ngx_str_t *ngx_tel_match_name(ngx_uint_t match);


#endif /* _NGX_TEL_PROBLEM_H_INCLUDED_ */
