
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_INSPECT_H_INCLUDED_
#define _NGX_TEL_INSPECT_H_INCLUDED_


#include "ngx_tel_paths.h"


/*
 * Finds the values at the paths of a catalog in a JSON text.
 *
 * inspect() is a function of the bytes alone: it keeps nothing between two
 * calls, so that an undecided response costs its held bytes and no parser,
 * and so that the verdict cannot depend on how the upstream's bytes were cut.
 */


typedef enum {
    NGX_TEL_NULL = 0,   /* also an object or an array */
    NGX_TEL_STRING,
    NGX_TEL_NUMBER,
    NGX_TEL_BOOLEAN
} ngx_tel_type_e;


/*
 * A value is there only if its end was seen: the closing quote of a string,
 * behind a number or a word white space, a comma or a bracket, the bracket of
 * what is present.  The text of a string is without its escapes; a number that
 * is an integer of at most 15 digits is written as one.  The name of a member
 * stands before what is in the member.
 */

typedef struct {
    ngx_uint_t      path;
    ngx_uint_t      element;  /* of the first list, from 0 */
    ngx_uint_t      inner;    /* which item of the last */
    ngx_tel_type_e  type;
    ngx_str_t       text;
    ngx_str_t       member;   /* of the last *, or empty */
} ngx_tel_value_t;


/*
 * Called as soon as the path first_path has a value.  NGX_OK ends the
 * inspection, NGX_DECLINED goes on.
 */

typedef ngx_int_t (*ngx_tel_first_pt)(void *data, ngx_tel_value_t *value);


typedef struct {
    ngx_tel_paths_t    *paths;
    ngx_uint_t          ncodes;    /* so many are of codes */
    ngx_tel_first_pt    first;     /* may be NULL */
    ngx_uint_t          first_path;
    void               *data;
    ngx_uint_t          complete;  /* no byte will follow */

    /*
     * The findings.  The values' texts point into the inspected bytes or into
     * memory that the next inspection reuses: copy what is to be kept.
     */

    ngx_tel_value_t    *values;
    ngx_uint_t          nvalues;
    ngx_uint_t         *items;     /* of a list, by node */
    ngx_tel_value_t   **texts;     /* first with any, by path */
    ngx_tel_reason_e    reason;
    ngx_uint_t          stopped;   /* by first() */
} ngx_tel_inspection_t;


/*
 * A JSON text is an object or a list here.
 *
 * NGX_OK      the JSON text is complete, or first() ended the inspection
 * NGX_AGAIN   the text is right so far and not complete
 * NGX_DECLINED  it is no JSON or beyond a bound: see reason; what was found
 *             before stands
 * NGX_ERROR   out of memory; nothing was read
 *
 * Of a [] or a * that stands in the path of a code more than
 * NGX_TEL_MAX_ELEMENTS are beyond a bound; of another one
 * the first are read, and the rest is passed over.
 */

ngx_int_t ngx_tel_inspect(ngx_tel_inspection_t *in, const u_char *data,
    size_t len, ngx_log_t *log);

/*
 * NGX_OK      the text begins like a JSON object or list, perhaps behind a BOM
 *             and white space
 * NGX_AGAIN   there is nothing else yet
 * NGX_DECLINED  it is something else
 */

ngx_int_t ngx_tel_like_json(const u_char *data, size_t len);

/* 1 if the value says something to a reader: 0, false and blanks do not. */

ngx_uint_t ngx_tel_is_text(ngx_tel_value_t *value);

/*
 * 1 if one of the first n paths may be in the text, by its last key alone,
 * which may be written with an escape.  Of the first "from" bytes it is known
 * that they mention none.  Costs a tenth of reading the text.
 */

ngx_uint_t ngx_tel_mentions(ngx_tel_paths_t *paths, ngx_uint_t n,
    const u_char *data, size_t len, size_t from);

/*
 * Takes the memory that an inspection of len bytes may need, so that no hook
 * of yajl can fail; inspect() does so by itself.  NGX_OK or NGX_ERROR.
 */

ngx_int_t ngx_tel_inspect_reserve(ngx_tel_paths_t *paths, size_t len,
    ngx_log_t *log);

/* Gives back the memory of the process; for tools that look for leaks. */

void ngx_tel_inspect_done(void);


#endif /* _NGX_TEL_INSPECT_H_INCLUDED_ */
