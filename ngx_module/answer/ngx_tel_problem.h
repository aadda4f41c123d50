
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_PROBLEM_H_INCLUDED_
#define _NGX_TEL_PROBLEM_H_INCLUDED_


#include "ngx_tel.h"
#include "ngx_tel_catalog.h"
#include "ngx_tel_writer.h"


/* What the problem document (RFC 9457) says beside the verdict. */

typedef struct {
    ngx_tel_verdict_t  *verdict;
    ngx_str_t           provider;    /* empty: hidden */
    ngx_str_t           type_base;   /* or empty */
    ngx_str_t           request_id;  /* 32 hex, or empty */
    ngx_uint_t          retryable;
} ngx_tel_problem_t;


/* Writes the problem document: valid JSON whatever the texts hold. */

void ngx_tel_problem(ngx_tel_writer_t *w, ngx_tel_problem_t *problem);

/* What most of them fit into. */

#define NGX_TEL_PROBLEM  1024


extern ngx_str_t  ngx_tel_problem_type;

/* 1 if a Content-Type is a problem document, whatever its parameters. */

ngx_uint_t ngx_tel_is_problem(ngx_str_t *type);

/* The reason phrase of a status (RFC 9110 and others); never empty. */

ngx_str_t *ngx_tel_reason_phrase(ngx_uint_t status);

/* Writes the three digits of a status and returns the end. */

#define NGX_TEL_STATUS_LEN  3

u_char *ngx_tel_status(u_char *p, ngx_uint_t status);


#endif /* _NGX_TEL_PROBLEM_H_INCLUDED_ */
