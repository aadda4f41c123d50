
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_PATHS_H_INCLUDED_
#define _NGX_TEL_PATHS_H_INCLUDED_


#include "ngx_tel.h"
#include "ngx_tel_regex.h"


/* The tree of all paths; one node a key or an array. */

typedef struct ngx_tel_node_s  ngx_tel_node_t;

struct ngx_tel_node_s {
    ngx_str_t        name;
    ngx_tel_node_t  *child;
    ngx_tel_node_t  *sibling;
    ngx_tel_node_t  *element;  /* of every array item */
    ngx_int_t        path;     /* number, or -1 */
    ngx_uint_t       least;    /* path through an element */
    ngx_uint_t       id;
};


/* where a value comes from */

typedef enum {
    NGX_TEL_PATH_JSON = 0,
    NGX_TEL_PATH_HEADER,   /* of the response */
    NGX_TEL_PATH_TEXT      /* a group of a "text" pattern */
} ngx_tel_path_e;


typedef struct {
    ngx_tel_path_e    kind;
    ngx_str_t         text;      /* as in the catalog */
    ngx_str_t         value;     /* header in small letters */
    ngx_tel_regex_t  *regex;     /* on the value, or NULL */
    ngx_str_t         pattern;   /* of the regex, or a text's */
    ngx_uint_t        fallback;  /* gives way without a row */
    ngx_str_t         key;       /* last name, in quotes */
    ngx_uint_t        arrays;    /* number of [] */
    ngx_uint_t        first;     /* node of the first [] */
    ngx_uint_t        last;      /* and of the last one */
    ngx_uint_t        least;     /* path through the first */
} ngx_tel_path_t;


typedef struct {
    ngx_tel_node_t  root;
    ngx_uint_t      nnodes;
    ngx_array_t     paths;  /* ..._path_t */
} ngx_tel_paths_t;


/* Makes an empty tree.  NGX_OK or NGX_ERROR. */

ngx_int_t ngx_tel_init_paths(ngx_pool_t *pool, ngx_tel_paths_t *paths);

/*
 * Adds a dotted path and sets *number to its number, the same for the same
 * path.  Returns NULL, or what is wrong with it.
 */

char *ngx_tel_add_path(ngx_pool_t *pool, ngx_tel_paths_t *paths,
    ngx_str_t *text, ngx_uint_t *number);

/*
 * Adds what stands at no place in a JSON text, and is called by its number as
 * a path is.  NGX_OK or NGX_ERROR.
 */

ngx_int_t ngx_tel_add_source(ngx_tel_paths_t *paths, ngx_tel_path_t *source,
    ngx_uint_t *number);


#endif /* _NGX_TEL_PATHS_H_INCLUDED_ */
