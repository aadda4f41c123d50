
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_METRICS_H_INCLUDED_
#define _NGX_TEL_METRICS_H_INCLUDED_


#include "ngx_tel.h"
#include "ngx_tel_catalog.h"
#include "ngx_tel_writer.h"
#include "ngx_tel_zone.h"


#define NGX_TEL_VERSION  "1.1.0"


/* what the three formats show */

typedef struct {
    ngx_tel_counters_t    counters;
    ngx_tel_catalog_t   **catalogs;
    ngx_uint_t            ncatalogs;
    ngx_tel_codes_t      *codes;
    ngx_str_t            *reference;  /* where it is, or empty */
    time_t                now;
} ngx_tel_report_t;


/*
 * Answers with the counters of a zone (NULL: none) and what the catalogs have,
 * in the format that the client prefers.  The page links to the reference, a
 * URI or empty.  Returns what a handler returns.
 */

ngx_int_t ngx_tel_metrics(ngx_http_request_t *r, ngx_shm_zone_t *zone,
    ngx_tel_catalogs_t *catalogs, ngx_str_t *reference);

/* The page of a ngx_tel_report_t, and the policy header that goes with it. */

void ngx_tel_page(ngx_tel_writer_t *w, void *data);

extern ngx_str_t  ngx_tel_page_policy;


#endif /* _NGX_TEL_METRICS_H_INCLUDED_ */
