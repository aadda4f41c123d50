
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_HTTP_TELEPHONY_ERRORS_METRICS_H_INCLUDED_
#define _NGX_HTTP_TELEPHONY_ERRORS_METRICS_H_INCLUDED_


#include "ngx_http_telephony_errors.h"
#include "ngx_http_telephony_errors_catalog.h"
#include "ngx_http_telephony_errors_writer.h"
#include "ngx_http_telephony_errors_zone.h"


#define NGX_HTTP_TELEPHONY_ERRORS_VERSION  "1.0.0"


/* what the three formats show */

typedef struct {
    ngx_http_telephony_errors_counters_t     counters;
    ngx_http_telephony_errors_catalog_t    **catalogs;
    ngx_uint_t                               ncatalogs;
    time_t                                   now;
} ngx_http_telephony_errors_report_t;


/* telephony_errors_metrics; */

char *ngx_http_telephony_errors_metrics_directive(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);

/* The page for people, and the policy header that goes with it. */

void ngx_http_telephony_errors_page(ngx_http_telephony_errors_writer_t *w,
    ngx_http_telephony_errors_report_t *report);

extern ngx_str_t  ngx_http_telephony_errors_page_policy;


#endif /* _NGX_HTTP_TELEPHONY_ERRORS_METRICS_H_INCLUDED_ */
