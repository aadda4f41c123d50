
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_ZONE_H_INCLUDED_
#define _NGX_TEL_ZONE_H_INCLUDED_


#include "ngx_tel_catalog.h"


/*
 * The counters of all workers, in shared memory.  A cell is found by its name
 * (provider, verdict, unified code) and never moves, so that a reload, also
 * one that brings further codes and providers, goes on counting where the old
 * workers are.  What finds no room is counted in a cell called "other".
 */


#define NGX_TEL_KINDS     4
#define NGX_TEL_UNMAPPED  256  /* remembered, at most */


/* how often one verdict was reached; the code is empty with none */

typedef struct {
    ngx_str_t       code;
    ngx_tel_kind_e  kind;
    ngx_uint_t      count;
    ngx_uint_t      intercepted;  /* of count */
} ngx_tel_code_count_t;


typedef struct {
    ngx_str_t    name;
    ngx_uint_t   responses;
    ngx_uint_t   kinds[NGX_TEL_KINDS];
    ngx_uint_t   matches[NGX_TEL_MATCHES];
    ngx_uint_t   reasons[NGX_TEL_REASONS];
    ngx_uint_t   held;       /* responses */
    ngx_uint_t   held_bytes;
    ngx_uint_t   inflated;   /* responses */
    ngx_uint_t   unmapped;   /* responses */
    ngx_uint_t   generated;  /* nginx's own errors */
    ngx_uint_t   intercepted;
    ngx_array_t  codes;      /* ..._code_count_t */
} ngx_tel_provider_count_t;


/* a provider's code that no row of the catalog names */

typedef struct {
    ngx_str_t   provider;
    ngx_str_t   code;     /* plain, or "(other)" */
    ngx_str_t   unified;  /* answered as, lastly */
    ngx_uint_t  count;
    time_t      first;
    time_t      last;
} ngx_tel_unmapped_t;


typedef struct {
    ngx_array_t  providers;  /* by name */
    ngx_array_t  unmapped;   /* the latest first */
    ngx_str_t    name;
    size_t       size;       /* bytes */
    size_t       free;       /* for further cells */
    time_t       since;
    ngx_uint_t   full;       /* "other" is in use */
} ngx_tel_counters_t;


/* A zone of this module, its tag.  Returns NULL after a message. */

ngx_shm_zone_t *ngx_tel_zone_add(ngx_conf_t *cf, ngx_str_t *name, size_t size,
    ngx_module_t *module);

/*
 * Counts one judged response: its verdict, kind of match, reason, the bytes
 * that were held for it (0: none) and whether it was inflated, and remembers
 * its code if that is unmapped.  Nothing happens if zone is NULL.
 */

void ngx_tel_count(ngx_shm_zone_t *zone, ngx_str_t *provider,
    ngx_tel_verdict_t *verdict, size_t held, ngx_uint_t inflated);

/*
 * Counts an error that was counted, and then given up for an error_page.
 * Nothing happens if zone is NULL.
 */

void ngx_tel_count_intercepted(ngx_shm_zone_t *zone, ngx_str_t *provider,
    ngx_tel_verdict_t *verdict);

/*
 * Copies all counters, as they are now, to counters, its texts to the pool.
 * NGX_OK or NGX_ERROR.
 */

ngx_int_t ngx_tel_zone_read(ngx_shm_zone_t *zone, ngx_pool_t *pool,
    ngx_tel_counters_t *counters);

/*
 * Adds a provider of which nothing was counted yet, all zero.  NGX_OK, also if
 * it is there, or NGX_ERROR.
 */

ngx_int_t ngx_tel_zone_zero(ngx_pool_t *pool, ngx_str_t *provider,
    ngx_tel_counters_t *counters);


#endif /* _NGX_TEL_ZONE_H_INCLUDED_ */
