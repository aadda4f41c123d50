
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_REGEX_H_INCLUDED_
#define _NGX_TEL_REGEX_H_INCLUDED_


#include "ngx_tel.h"


/*
 * A PCRE2 expression of a catalog whose named groups say what a text says:
 * of a whole answer ("text"), or of the value at a path ("code PATH ~").
 */


#define NGX_TEL_REGEX_SUBJECT  4096   /* bytes searched */


typedef enum {
    NGX_TEL_GROUP_CODE = 0,
    NGX_TEL_GROUP_MESSAGE,
    NGX_TEL_GROUP_FIELD,
    NGX_TEL_GROUP_DETAIL,
    NGX_TEL_GROUPS
} ngx_tel_group_e;


typedef struct ngx_tel_regex_s  ngx_tel_regex_t;


/*
 * Compiles a pattern into pool, for a comparison without case if caseless.
 * groups is the set of the groups it may have, a bit each.  Returns NULL and
 * sets *err to what is wrong, or leaves it empty when out of memory.
 */

ngx_tel_regex_t *ngx_tel_regex(ngx_pool_t *pool, ngx_str_t *pattern,
    ngx_uint_t caseless, ngx_uint_t groups, ngx_str_t *err);

/* 1 if the pattern has the group. */

ngx_uint_t ngx_tel_regex_has(ngx_tel_regex_t *re, ngx_tel_group_e group);

/*
 * Takes up a text of any bytes, of which the first NGX_TEL_REGEX_SUBJECT are
 * searched; one at a time in a process.  If more follows, or may (open), what
 * reaches the end of these is no match: its own end was not seen.
 */

void ngx_tel_regex_subject(ngx_str_t *text, ngx_uint_t open);

/*
 * Searches the text from *start on: NGX_OK, with the groups as slices of the
 * text that was taken up, empty where a group took no part, and *start behind
 * the match.  NGX_DECLINED if there is none, NGX_ABORT if PCRE2 gave up at its
 * match limit, which is said once in the log.
 */

ngx_int_t ngx_tel_regex_exec(ngx_tel_regex_t *re, size_t *start,
    ngx_str_t *groups, ngx_log_t *log);

/* Gives back the memory of the process. */

void ngx_tel_regex_done(void);


#endif /* _NGX_TEL_REGEX_H_INCLUDED_ */
