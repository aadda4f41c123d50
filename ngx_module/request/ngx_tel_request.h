
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_REQUEST_H_INCLUDED_
#define _NGX_TEL_REQUEST_H_INCLUDED_


/* What knows a request: configuration, filter, headers and variables. */


#include "ngx_tel.h"
#include "ngx_tel_catalog.h"
#include "ngx_tel_classify.h"
#include "ngx_tel_problem.h"
#include "ngx_tel_inflate.h"


/* an operator's own envelope: its tree, and the values of its members */

typedef struct {
    ngx_str_t         name;
    ngx_str_t         type;    /* Content-Type */
    ngx_tel_member_t  root;
    ngx_array_t       values;  /* complex values */
    ngx_tel_place_t   place;
} ngx_tel_own_t;


typedef struct {
    ngx_tel_catalogs_t  *catalogs;    /* NULL: no block */
    ngx_shm_zone_t      *zone;        /* NULL: not counted */
    ngx_tel_place_t      metrics;     /* no file: none */
    ngx_array_t          envelopes;   /* ..._own_t * */
    ngx_int_t            request_id;  /* variable */
} ngx_tel_main_conf_t;


typedef enum {
    NGX_TEL_GENERATED_OFF = 0,
    NGX_TEL_GENERATED_UPSTREAM,
    NGX_TEL_GENERATED_ALL
} ngx_tel_generated_e;


typedef struct {
    ngx_str_t         name;
    ngx_uint_t        status;
    ngx_tel_code_t   *code;
    ngx_tel_place_t   place;
} ngx_tel_override_t;


/* of telephony_errors_explain; inherited by an "if", like the handler */

typedef struct {
    ngx_str_t           name;  /* empty: not here */
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
    ngx_str_t                  envelope;       /* its name */
    ngx_tel_own_t             *own;            /* NULL: problem */

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
    NGX_TEL_SWALLOW    /* replaced: the rest is eaten */
} ngx_tel_state_e;


typedef struct {
    ngx_tel_state_e      state;
    ngx_tel_loc_conf_t  *conf;
    ngx_tel_catalog_t   *catalog;

    ngx_uint_t           status;       /* the vendor's */
    ngx_str_t            scope;        /* folded */
    ngx_tel_coding_e     coding;

    u_char              *held;
    size_t               len;
    size_t               size;
    size_t               judged;       /* of len, last time */
    size_t               searched;     /* without a key */

    ngx_str_t            body;         /* with ANSWER */

    unsigned             decided:1;    /* verdict stands */
    unsigned             observe:1;
    unsigned             retryable:1;
    unsigned             problem:1;    /* vendor's type is */
    unsigned             flush:1;      /* asked while held */
    unsigned             last:1;       /* last_buf was seen */
    unsigned             died:1;       /* the upstream did */
    unsigned             keepalive:1;  /* as was promised */
    unsigned             inflated:1;
    unsigned             in_memory:1;  /* asked for here */

    ngx_tel_verdict_t    verdict;      /* once decided */
} ngx_tel_ctx_t;


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

/*
 * Applies the overrides of a location to a verdict: a notice with a status of
 * its own there is an error.  Returns 1 if a call with that method may be
 * repeated.
 */

ngx_uint_t ngx_tel_settle(ngx_tel_loc_conf_t *conf, ngx_tel_catalog_t *catalog,
    ngx_uint_t method, ngx_tel_verdict_t *verdict);

/* Puts the filters into the chains; called at postconfiguration. */

void ngx_tel_filter_init(void);

/* $request_id, which has that index; NULL on an error. */

ngx_http_variable_value_t *ngx_tel_request_id(ngx_http_request_t *r,
    ngx_int_t index);

/* Adds $telephony_*; called at preconfiguration. */

ngx_int_t ngx_tel_add_variables(ngx_conf_t *cf);

/* Drops the Telephony-* among headers or trailers: nobody can forge them. */

void ngx_tel_drop_forged(ngx_list_t *headers);

/* A header of the answer that is not dropped, or NULL. */

ngx_table_elt_t *ngx_tel_find_header(ngx_http_request_t *r, ngx_str_t *name);

/* Adds the Telephony-* of a notice or an error.  NGX_OK or NGX_ERROR. */

ngx_int_t ngx_tel_add_headers(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);

/*
 * Makes the header of the envelope: status, type, length (-1: none), what is
 * owed and what may not stay.  NGX_OK or NGX_ERROR.
 */

ngx_int_t ngx_tel_replace_headers(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    off_t length);

/* Where the configuration is being read.  NGX_OK or NGX_ERROR. */

ngx_int_t ngx_tel_place(ngx_conf_t *cf, ngx_tel_place_t *place);

/* The block telephony_envelope. */

char *ngx_tel_envelope_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* The body in the operator's own envelope.  NGX_OK or NGX_ERROR. */

ngx_int_t ngx_tel_own_envelope(ngx_http_request_t *r, ngx_tel_own_t *own,
    ngx_str_t *out);

/* The directive telephony_errors_explain. */

char *ngx_tel_explain_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* Logs a provider code without a row, once per code and worker. */

void ngx_tel_log_unmapped(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);


#endif /* _NGX_TEL_REQUEST_H_INCLUDED_ */
