
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_H_INCLUDED_
#define _NGX_TEL_H_INCLUDED_


/*
 * What every part knows: the bounds on upstream bytes and the verdict.
 *
 * The folders of ngx_module/.  A file uses its own folder and those in lines
 * above, read/ and answer/ not each other; "auto/lint folders" holds it:
 *
 *   base/     words that all know: bounds, verdict, texts
 *   catalog/  the model: codes, paths, rows, their index and look-ups
 *   read/     bytes to values: inflate, skim, inspect
 *   answer/   verdict to bytes: problem, own envelopes, writer
 *   judge/    values to verdict: classify, verdict, template
 *   load/     nginx.conf to catalog: statements, rows, codes, examples
 *   operate/  for people: counters, page, explain, log of unmapped codes
 *   request/  what touches a response: filter, origin, headers, variables
 *   ./        the module: directives, levels, processes
 *
 * Nothing up to load/ knows a request.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* bounds on what one response may cost, whatever it says */

#define NGX_TEL_MAX_DEPTH     128    /* JSON levels */
#define NGX_TEL_MAX_TOKEN     262144 /* bytes of a string */
#define NGX_TEL_MAX_ELEMENTS  4096   /* of a [] code path */
#define NGX_TEL_MAX_FIELDS    32     /* "errors" members */
#define NGX_TEL_MAX_CODE      256    /* bytes shown */
#define NGX_TEL_MAX_TEXT      1024   /* bytes shown */
#define NGX_TEL_MAX_MESSAGE   512    /* characters shown */
#define NGX_TEL_MAX_SUBJECT   4096   /* bytes matched */
#define NGX_TEL_MAX_CAPTURES  9      /* of a template */


typedef enum {
    NGX_TEL_NONE = 0,
    NGX_TEL_SUCCESS,
    NGX_TEL_NOTICE,
    NGX_TEL_ERROR
} ngx_tel_kind_e;


/* why nothing was concluded, or an error was judged by its status alone */

typedef enum {
    NGX_TEL_NO_REASON = 0,
    NGX_TEL_NOT_JSON,
    NGX_TEL_TOO_DEEP,
    NGX_TEL_TOO_LARGE,
    NGX_TEL_WINDOW,
    NGX_TEL_ENCODING,
    NGX_TEL_NO_CODE,
    NGX_TEL_TRUNCATED,
    NGX_TEL_EMPTY,
    NGX_TEL_HEAD,
    NGX_TEL_GENERATED,
    NGX_TEL_REASONS
} ngx_tel_reason_e;


/* by which kind of row the verdict was found */

typedef enum {
    NGX_TEL_BY_NONE = 0,
    NGX_TEL_BY_EXACT,
    NGX_TEL_BY_MESSAGE,
    NGX_TEL_BY_CLASS,
    NGX_TEL_BY_PATTERN,
    NGX_TEL_BY_ABSENT,
    NGX_TEL_BY_STATUS,
    NGX_TEL_MATCHES
} ngx_tel_match_e;


typedef struct ngx_tel_code_s      ngx_tel_code_t;
typedef struct ngx_tel_row_s       ngx_tel_row_t;
typedef struct ngx_tel_catalog_s   ngx_tel_catalog_t;
typedef struct ngx_tel_template_s  ngx_tel_template_t;


typedef struct {
    ngx_str_t  field;
    ngx_str_t  detail;
    ngx_str_t  pointer;
} ngx_tel_field_t;


/*
 * What is concluded about one response.  All texts are in the pool that was
 * given to the judge, valid UTF-8 and bounded, except provider_code, which
 * stands as sent.
 */

typedef struct {
    ngx_tel_kind_e     kind;
    ngx_tel_reason_e   reason;
    ngx_tel_match_e    match;

    ngx_tel_code_t    *code;             /* NULL with none */
    ngx_tel_row_t     *row;              /* NULL: no row matched */

    ngx_uint_t         status;           /* HTTP status to send */
    ngx_uint_t         provider_status;  /* 0: gateway's */

    ngx_str_t          provider_code;
    ngx_str_t          provider_message;
    ngx_str_t          detail;

    ngx_tel_field_t   *fields;
    ngx_uint_t         nfields;

    unsigned           unmapped:1;       /* no row for a code */
    unsigned           elsewhere:1;      /* but not here */
    unsigned           enveloped:1;      /* is our envelope */
} ngx_tel_verdict_t;


/* The words for a kind, a reason and a match; no reason is an empty word. */

ngx_str_t *ngx_tel_kind_name(ngx_uint_t kind);
ngx_str_t *ngx_tel_reason_name(ngx_uint_t reason);
ngx_str_t *ngx_tel_match_name(ngx_uint_t match);


#endif /* _NGX_TEL_H_INCLUDED_ */
