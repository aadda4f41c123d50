
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_JUDGE_H_INCLUDED_
#define _NGX_TEL_JUDGE_H_INCLUDED_


/* What every file of this folder knows: the question, and the last word. */


#include "ngx_tel.h"
#include "ngx_tel_catalog.h"
#include "ngx_tel_inspect.h"
#include "ngx_tel_template.h"


/* how the bytes at hand end */

typedef enum {
    NGX_TEL_MORE = 0,     /* the upstream goes on */
    NGX_TEL_COMPLETE,     /* it has said all */
    NGX_TEL_FULL,         /* the window is full */
    NGX_TEL_BROKEN        /* it died */
} ngx_tel_end_e;


/* what a verdict depends on beside the body */

typedef struct {
    ngx_tel_catalog_t     *catalog;
    ngx_tel_index_t       *index;   /* of the catalog */
    ngx_tel_codes_t       *codes;
    ngx_uint_t             status;  /* of the vendor */
    ngx_str_t              scope;
    ngx_tel_value_t       *headers; /* of "header:NAME" codes */
    ngx_uint_t             nheaders;
    ngx_pool_t            *pool;    /* for the texts */
    ngx_log_t             *log;

    /*
     * How many bytes of this body an earlier call has searched for a code's
     * key in vain; judge() says how far it came.  0 is always right.
     */

    size_t                 searched;

    /* for explain: every row that was looked at, and what was read */

    ngx_array_t           *tried;   /* ..._row_t *, or NULL */
    ngx_tel_inspection_t  *found;   /* or NULL */
} ngx_tel_judge_t;


/* another HTTP status for a unified code, in one location */

typedef struct {
    ngx_str_t        name;
    ngx_uint_t       status;
    ngx_tel_code_t  *code;
    ngx_tel_place_t  place;
} ngx_tel_override_t;


/*
 * Applies overrides (..._override_t, or NULL) to a verdict: a notice with a
 * status of its own is an error.  Returns 1 if a call with that method may be
 * repeated.
 */

ngx_uint_t ngx_tel_settle(ngx_array_t *overrides, ngx_tel_catalog_t *catalog,
    ngx_uint_t method, ngx_tel_verdict_t *verdict);


#endif /* _NGX_TEL_JUDGE_H_INCLUDED_ */
