
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_HTTP_TELEPHONY_ERRORS_H_INCLUDED_
#define _NGX_HTTP_TELEPHONY_ERRORS_H_INCLUDED_


/*
 * What every part knows: the bounds on upstream bytes and the verdict.
 *
 * The life of a response, and the file that decides each step:
 *
 *   filter    gates, holds, releases or replaces once
 *   inflate   reads a compressed body, bounded
 *   inspect   finds the catalog's paths in the JSON
 *   classify  turns what was found into a verdict, by the catalog's rows
 *   envelope  writes the normalized body
 *   headers   rewrites the header fields
 *
 * inspect, classify and envelope know no request.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* bounds on what one response may cost, whatever it says */

#define NGX_HTTP_TELEPHONY_ERRORS_MAX_DEPTH     128    /* JSON levels */
#define NGX_HTTP_TELEPHONY_ERRORS_MAX_TOKEN     262144 /* bytes of a string */
#define NGX_HTTP_TELEPHONY_ERRORS_MAX_ELEMENTS  4096   /* of a [] code path */
#define NGX_HTTP_TELEPHONY_ERRORS_MAX_FIELDS    32     /* "errors" members */
#define NGX_HTTP_TELEPHONY_ERRORS_MAX_CODE      256    /* bytes shown */
#define NGX_HTTP_TELEPHONY_ERRORS_MAX_TEXT      1024   /* bytes shown */
#define NGX_HTTP_TELEPHONY_ERRORS_MAX_MESSAGE   512    /* characters shown */
#define NGX_HTTP_TELEPHONY_ERRORS_MAX_SUBJECT   4096   /* bytes matched */
#define NGX_HTTP_TELEPHONY_ERRORS_MAX_CAPTURES  9      /* of a template */


typedef enum {
    NGX_HTTP_TELEPHONY_ERRORS_NONE = 0,
    NGX_HTTP_TELEPHONY_ERRORS_SUCCESS,
    NGX_HTTP_TELEPHONY_ERRORS_NOTICE,
    NGX_HTTP_TELEPHONY_ERRORS_ERROR
} ngx_http_telephony_errors_kind_e;


/* why nothing was concluded, or an error was judged by its status alone */

typedef enum {
    NGX_HTTP_TELEPHONY_ERRORS_NO_REASON = 0,
    NGX_HTTP_TELEPHONY_ERRORS_NOT_JSON,
    NGX_HTTP_TELEPHONY_ERRORS_TOO_DEEP,
    NGX_HTTP_TELEPHONY_ERRORS_TOO_LARGE,
    NGX_HTTP_TELEPHONY_ERRORS_WINDOW,
    NGX_HTTP_TELEPHONY_ERRORS_ENCODING,
    NGX_HTTP_TELEPHONY_ERRORS_NO_CODE,
    NGX_HTTP_TELEPHONY_ERRORS_TRUNCATED,
    NGX_HTTP_TELEPHONY_ERRORS_EMPTY,
    NGX_HTTP_TELEPHONY_ERRORS_HEAD,
    NGX_HTTP_TELEPHONY_ERRORS_GENERATED,
    NGX_HTTP_TELEPHONY_ERRORS_REASONS
} ngx_http_telephony_errors_reason_e;


/* by which kind of row the verdict was found */

typedef enum {
    NGX_HTTP_TELEPHONY_ERRORS_BY_NONE = 0,
    NGX_HTTP_TELEPHONY_ERRORS_BY_EXACT,
    NGX_HTTP_TELEPHONY_ERRORS_BY_MESSAGE,
    NGX_HTTP_TELEPHONY_ERRORS_BY_CLASS,
    NGX_HTTP_TELEPHONY_ERRORS_BY_PATTERN,
    NGX_HTTP_TELEPHONY_ERRORS_BY_ABSENT,
    NGX_HTTP_TELEPHONY_ERRORS_BY_STATUS,
    NGX_HTTP_TELEPHONY_ERRORS_MATCHES
} ngx_http_telephony_errors_match_e;


typedef struct ngx_http_telephony_errors_code_s
    ngx_http_telephony_errors_code_t;
typedef struct ngx_http_telephony_errors_row_s
    ngx_http_telephony_errors_row_t;
typedef struct ngx_http_telephony_errors_catalog_s
    ngx_http_telephony_errors_catalog_t;


typedef struct {
    ngx_str_t                            field;
    ngx_str_t                            detail;
    ngx_str_t                            pointer;
} ngx_http_telephony_errors_field_t;


/*
 * What is concluded about one response.  All texts are in the pool that was
 * given to the judge, valid UTF-8 and bounded, except provider_code, which
 * stands as sent.
 */

typedef struct {
    ngx_http_telephony_errors_kind_e     kind;
    ngx_http_telephony_errors_reason_e   reason;
    ngx_http_telephony_errors_match_e    match;

    ngx_http_telephony_errors_code_t    *code;  /* NULL with none */
    ngx_http_telephony_errors_row_t     *row;   /* NULL: no row matched */

    ngx_uint_t                           status;  /* HTTP status to send */
    ngx_uint_t                           provider_status;  /* 0: gateway's */

    ngx_str_t                            provider_code;
    ngx_str_t                            provider_message;
    ngx_str_t                            detail;

    ngx_http_telephony_errors_field_t   *fields;
    ngx_uint_t                           nfields;

    unsigned                             unmapped:1;  /* no row for a code */
    unsigned                             elsewhere:1; /* but not here */
    unsigned                             enveloped:1; /* is our envelope */
} ngx_http_telephony_errors_verdict_t;


#endif /* _NGX_HTTP_TELEPHONY_ERRORS_H_INCLUDED_ */
