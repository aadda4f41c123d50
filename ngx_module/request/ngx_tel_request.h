
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_REQUEST_H_INCLUDED_
#define _NGX_TEL_REQUEST_H_INCLUDED_


/* What knows a request: configuration, filter, headers and variables. */


#include "ngx_tel.h"
#include "ngx_tel_catalog.h"
#include "ngx_tel_choice.h"
#include "ngx_tel_classify.h"
#include "ngx_tel_own.h"
#include "ngx_tel_inflate.h"


typedef struct {
    ngx_tel_catalogs_t  *catalogs;    /* NULL: no block */
    ngx_shm_zone_t      *zone;        /* NULL: not counted */
    ngx_tel_place_t      metrics;     /* no file: none */
    ngx_array_t          envelopes;   /* ..._own_t * */
    ngx_int_t            request_id;  /* variable */
    ngx_tel_place_t      reference;   /* first; file NULL: none */
} ngx_tel_main_conf_t;


typedef struct {
    ngx_str_t  reference;  /* path of the first one here, or empty */
} ngx_tel_srv_conf_t;


typedef enum {
    NGX_TEL_GENERATED_OFF = 0,
    NGX_TEL_GENERATED_UPSTREAM,
    NGX_TEL_GENERATED_ALL
} ngx_tel_generated_e;


/* of telephony_errors_explain; inherited by an "if", like the handler */

typedef struct {
    ngx_str_t           name;     /* empty: not here */
    ngx_tel_catalog_t  *catalog;
    ngx_tel_place_t     place;
} ngx_tel_explain_conf_t;


typedef struct {
    ngx_http_complex_value_t  *provider;       /* NULL: off */
    ngx_tel_catalog_t         *catalog;        /* if no variable */
    size_t                     window;
    ngx_array_t               *overrides;      /* ..._override_t */
    ngx_str_t                  type_base;
    ngx_http_complex_value_t  *observe;        /* NULL: off */
    ngx_uint_t                 generated;
    ngx_flag_t                 hide_provider;
    ngx_str_t                  envelope;       /* its name */
    ngx_tel_own_t             *own;            /* NULL: problem */
    ngx_tel_choice_t          *intercept;      /* NULL: none */
    ngx_tel_choice_t          *peer_failed;

    /* of the directives that name something, for messages */

    ngx_tel_place_t            provider_place;
    ngx_tel_place_t            envelope_place;

    ngx_tel_explain_conf_t     explain;

    unsigned                   repeat_said:1;  /* by this worker */
} ngx_tel_loc_conf_t;


typedef enum {
    NGX_TEL_HOLD = 0,  /* the verdict is open */
    NGX_TEL_ANSWER,    /* header replaced, body to come */
    NGX_TEL_PASS,      /* released: transparent */
    NGX_TEL_SWALLOW,   /* replaced: the rest is eaten */
    NGX_TEL_HANDOVER   /* given up: eaten up to the last buffer */
} ngx_tel_state_e;


typedef struct ngx_tel_ctx_s  ngx_tel_ctx_t;


/*
 * Judges what is held, which is all that came: COMPLETE or BROKEN.  The verdict
 * is in ctx and not yet decided.  NGX_OK, NGX_AGAIN or NGX_ERROR.
 */

typedef ngx_int_t (*ngx_tel_judge_pt)(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_tel_end_e end);


struct ngx_tel_ctx_s {
    ngx_tel_ctx_t       *previous;     /* what was answered before */

    ngx_tel_state_e      state;
    ngx_tel_loc_conf_t  *conf;
    ngx_tel_catalog_t   *catalog;

    ngx_uint_t           status;       /* the vendor's */
    ngx_str_t            scope;        /* folded */
    ngx_tel_value_t     *headers;      /* codes in them */
    ngx_uint_t           nheaders;
    ngx_tel_coding_e     coding;

    u_char              *held;
    size_t               len;
    size_t               size;
    size_t               judged;       /* of len, last time */
    size_t               searched;     /* without a key */

    ngx_chain_t         *body;         /* with ANSWER */

    /* of an upstream's server that is watched */

    ngx_peer_connection_t   *peer;
    ngx_event_free_peer_pt   free_peer;
    ngx_tel_judge_pt         judge_peer;

    /* of an upstream whose bytes are watched as they come */

    ngx_int_t          (*input_init)(void *data);
    ngx_int_t          (*input_filter)(void *data, ssize_t bytes);
    ngx_event_pipe_input_filter_pt
                         pipe_filter;

    ngx_uint_t           challenges;   /* of a 401 given up */

    unsigned             vendors:1;    /* not nginx's own */
    unsigned             noticed:1;    /* a notice, with a status */
    unsigned             handed:1;     /* given up */
    unsigned             decided:1;    /* verdict stands */
    unsigned             observe:1;
    unsigned             retryable:1;
    unsigned             problem:1;    /* vendor's type is */
    unsigned             flush:1;      /* asked while held */
    unsigned             last:1;       /* last_buf was seen */
    unsigned             died:1;       /* the upstream did */
    unsigned             broken:1;     /* its chunks are */
    unsigned             keepalive:1;  /* as was promised */
    unsigned             inflated:1;
    unsigned             in_memory:1;  /* asked for here */

    ngx_tel_verdict_t    verdict;      /* once decided */
};


extern ngx_module_t  ngx_http_telephony_errors_module;


/* The request's ctx, also after an internal redirect; NULL if there is none. */

ngx_tel_ctx_t *ngx_tel_get_ctx(ngx_http_request_t *r);

/*
 * Evaluates a value without changing the $1 of the operator.  NGX_OK or
 * NGX_ERROR.
 */

ngx_int_t ngx_tel_value(ngx_http_request_t *r, ngx_http_complex_value_t *cv,
    ngx_str_t *value);

/*
 * The request's log without its handler, which would add the request line:
 * some vendors' credentials stand there.  Good until the next call.
 */

ngx_log_t *ngx_tel_log(ngx_http_request_t *r);

/* A context of this request, zeroed but for its verdict; NULL: no memory. */

ngx_tel_ctx_t *ngx_tel_create_ctx(ngx_http_request_t *r,
    ngx_tel_loc_conf_t *tlcf, ngx_tel_catalog_t *catalog);

/*
 * The client's method, or 0: an error_page or X-Accel-Redirect has made a POST
 * a GET, and the client would repeat the POST.
 */

ngx_uint_t ngx_tel_method(ngx_http_request_t *r);

/* Puts the filters into the chains; called at postconfiguration. */

void ngx_tel_filter_init(void);

/* $request_id, which has that index; NULL on an error. */

ngx_http_variable_value_t *ngx_tel_request_id(ngx_http_request_t *r,
    ngx_int_t index);

/* Adds $telephony_*; called at preconfiguration. */

ngx_int_t ngx_tel_add_variables(ngx_conf_t *cf);


#endif /* _NGX_TEL_REQUEST_H_INCLUDED_ */
