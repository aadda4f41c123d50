
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_INDEX_H_INCLUDED_
#define _NGX_TEL_INDEX_H_INCLUDED_


#include "ngx_tel_load.h"


/* Entries of rows, and the index in which rows are looked up. */


/* a row under one of its keys; an error statement with two codes makes two */

typedef struct {
    ngx_uint_t            match;     /* exact, class, ... */
    ngx_str_t             key;       /* folded */
    ngx_str_t             word;      /* as written */
    ngx_uint_t            rank;      /* by narrowing */
    ngx_uint_t            literals;  /* of the message */
    ngx_uint_t            width;     /* of the key */
    ngx_uint_t            order;     /* as read */
    ngx_uint_t            list;      /* of rows of the key */
    ngx_tel_row_t        *row;
    ngx_tel_statement_t  *st;
} ngx_tel_entry_t;


typedef struct {
    ngx_conf_t           *cf;
    ngx_pool_t           *pool;
    ngx_tel_codes_t      *codes;
    ngx_tel_catalog_t    *catalog;       /* NULL: codes */
    ngx_tel_index_t      *index;
    ngx_tel_statement_t  *unauthorized;  /* the first 401 */
    ngx_uint_t            nocodes;       /* no code was given */
    ngx_array_t           entries;
    ngx_uint_t            nlists;
    ngx_array_t           words;         /* of one row */
} ngx_tel_build_t;


/*
 * Sorts the entries and links them into the index.  The order of precedence of
 * rows of one key is decided here.  NGX_OK, or NGX_ERROR after a message.
 */

ngx_int_t ngx_tel_link(ngx_tel_build_t *b);

/* A code that "code=" names, and no row of the catalog, is a mistake. */

ngx_int_t ngx_tel_check_named(ngx_tel_build_t *b, ngx_tel_source_t *source);

/*
 * Keeps the linked rows as they are written, in the order of the index.
 * NULL: no memory.
 */

ngx_array_t *ngx_tel_keep_written(ngx_tel_build_t *b);

/* Compares as strings, the shorter first; returns as ngx_memcmp() does. */

ngx_int_t ngx_tel_cmp_str(ngx_str_t *a, ngx_str_t *b);

/* What is to be done about two statements of one key. */

char *ngx_tel_remedy(ngx_tel_statement_t *one, ngx_tel_statement_t *two);


#endif /* _NGX_TEL_INDEX_H_INCLUDED_ */
