
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_TEMPLATE_H_INCLUDED_
#define _NGX_TEL_TEMPLATE_H_INCLUDED_


#include "ngx_tel.h"


/*
 * A message template: text with {name} (captured) and * (not), each of which
 * may be empty.  It is anchored at both ends and compared with case folding.
 * A backslash makes the next character plain.
 */


/*
 * A vendor's message, prepared once for any number of templates.  Zeroed
 * before its first message; the buffer serves the next ones.
 */

typedef struct {
    ngx_str_t  text;  /* trimmed, valid UTF-8 */
    ngx_str_t  folded;
    size_t     size;  /* of the buffer of both */
} ngx_tel_subject_t;


/* What the wildcards of a template matched; slices of the subject's text. */

typedef struct {
    ngx_str_t  value[NGX_TEL_MAX_CAPTURES];
} ngx_tel_captures_t;


/*
 * Compiles a template into pool.  On failure returns NULL and sets *err to a
 * text for the operator, or leaves it NULL when out of memory.
 */

ngx_tel_template_t *ngx_tel_template(ngx_pool_t *pool, ngx_str_t *text,
    char **err);

/* The folded text, which tells two templates of one row apart. */

ngx_str_t *ngx_tel_template_key(ngx_tel_template_t *t);

/* How many literal characters it has: the more, the earlier it is tried. */

ngx_uint_t ngx_tel_template_literals(ngx_tel_template_t *t);

/* The number of the capture called name, or NGX_DECLINED. */

ngx_int_t ngx_tel_template_capture(ngx_tel_template_t *t, ngx_str_t *name);

/*
 * If "{name}" stands at p, sets name and returns what follows it, else NULL.
 * A name has letters, digits and "_".
 */

u_char *ngx_tel_placeholder(u_char *p, u_char *last, ngx_str_t *name);

/*
 * Prepares the beginning of a message of any bytes, instead of the one before.
 * NGX_OK or NGX_ERROR.
 */

ngx_int_t ngx_tel_subject(ngx_pool_t *pool, ngx_str_t *message,
    ngx_tel_subject_t *subject);

/*
 * NGX_OK if the template covers the subject, else NGX_DECLINED.  Needs no
 * memory, and time as the length of the text.
 */

ngx_int_t ngx_tel_template_match(ngx_tel_template_t *t,
    ngx_tel_subject_t *subject);

/* Fills the captures of a template that covers the subject. */

void ngx_tel_template_captures(ngx_tel_template_t *t,
    ngx_tel_subject_t *subject, ngx_tel_captures_t *captures);

/*
 * The same wildcard * in a code: 1 if the folded pattern covers the folded
 * code.  Needs no memory and at most pattern.len * code.len steps.
 */

ngx_uint_t ngx_tel_wildcard(ngx_str_t *pattern, ngx_str_t *code);


#endif /* _NGX_TEL_TEMPLATE_H_INCLUDED_ */
