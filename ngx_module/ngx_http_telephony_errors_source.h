
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_HTTP_TELEPHONY_ERRORS_SOURCE_H_INCLUDED_
#define _NGX_HTTP_TELEPHONY_ERRORS_SOURCE_H_INCLUDED_


/*
 * The catalogs while they are read: statements as written.  Names may be used
 * before they are given, so nothing is resolved until the http block is
 * complete.  All of this lies in a pool that is destroyed then.
 */


#include "ngx_http_telephony_errors_catalog.h"


typedef struct {
    ngx_http_telephony_errors_catalog_t     *catalog;  /* NULL: codes */
    ngx_uint_t                               base;     /* names the paths */
    ngx_http_telephony_errors_place_t        place;
} ngx_http_telephony_errors_block_t;


typedef struct {
    ngx_http_telephony_errors_block_t       *block;
    ngx_str_t                               *args;
    ngx_uint_t                               nargs;
    ngx_http_complex_value_t                *value;    /* of scope */
    ngx_uint_t                               number;   /* as read */
    ngx_http_telephony_errors_place_t        place;
} ngx_http_telephony_errors_statement_t;


struct ngx_http_telephony_errors_source_s {
    ngx_pool_t                              *pool;     /* temporary */
    ngx_pool_t                              *kept;     /* of the cycle */
    ngx_str_t                               *file;     /* the last one */

    ngx_http_telephony_errors_block_t       *block;    /* being read */
    ngx_uint_t                               nstatements;

    /* ..._statement_t, by what reads them */

    ngx_array_t                              codes;
    ngx_array_t                              settings;
    ngx_array_t                              rows;
    ngx_array_t                              examples;
};


/*
 * Logs "..." in file:line as nginx does for its own directives.  Returns
 * NGX_ERROR.
 */

ngx_int_t ngx_http_telephony_errors_refuse(ngx_conf_t *cf,
    ngx_http_telephony_errors_place_t *place, const char *fmt, ...);

/* Where the configuration is being read. */

ngx_int_t ngx_http_telephony_errors_here(ngx_conf_t *cf,
    ngx_http_telephony_errors_source_t *source,
    ngx_http_telephony_errors_place_t *place);

/* Copies a string, to be kept with the catalogs.  NGX_OK or NGX_ERROR. */

ngx_int_t ngx_http_telephony_errors_keep(ngx_pool_t *pool, ngx_str_t *src,
    ngx_str_t *dst);

/*
 * Folds a code, a scope or an alias of the configuration into pool.  NGX_OK,
 * NGX_ERROR when out of memory, NGX_DECLINED if it is empty or too long.
 */

ngx_int_t ngx_http_telephony_errors_fold_arg(ngx_pool_t *pool, ngx_str_t *src,
    ngx_str_t *dst);

/*
 * Makes a hash of the keys; an empty one has no buckets.  NGX_OK or NGX_ERROR.
 */

ngx_int_t ngx_http_telephony_errors_hash(ngx_conf_t *cf, ngx_pool_t *pool,
    ngx_hash_t *hash, ngx_array_t *keys);

/*
 * Reads the unified codes and their status rows.  NGX_OK, or NGX_ERROR after a
 * message.
 */

ngx_int_t ngx_http_telephony_errors_compile_codes(ngx_conf_t *cf,
    ngx_http_telephony_errors_catalogs_t *catalogs);

/*
 * Reads the rows of a catalog, those of its base alone if base is 1, into an
 * index in pool.  The statements are sorted by catalog.  NGX_OK or NGX_ERROR
 * after a message.
 */

ngx_int_t ngx_http_telephony_errors_index(ngx_conf_t *cf, ngx_pool_t *pool,
    ngx_http_telephony_errors_catalogs_t *catalogs,
    ngx_http_telephony_errors_catalog_t *catalog,
    ngx_http_telephony_errors_statement_t *statements, ngx_uint_t n,
    ngx_uint_t base, ngx_http_telephony_errors_index_t *index);

/*
 * The same for the status rows of the codes.
 */

ngx_int_t ngx_http_telephony_errors_general_statuses(ngx_conf_t *cf,
    ngx_http_telephony_errors_catalogs_t *catalogs,
    ngx_http_telephony_errors_statement_t *statements, ngx_uint_t n);

/*
 * Judges the examples of the catalog's base (base is 1) or of its extensions
 * by the index.  NGX_OK, or NGX_ERROR after a message.
 */

ngx_int_t ngx_http_telephony_errors_examples(ngx_conf_t *cf,
    ngx_http_telephony_errors_catalogs_t *catalogs,
    ngx_http_telephony_errors_catalog_t *catalog, ngx_uint_t base,
    ngx_http_telephony_errors_index_t *index);


#endif /* _NGX_HTTP_TELEPHONY_ERRORS_SOURCE_H_INCLUDED_ */
