
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_PATHS_H_INCLUDED_
#define _NGX_TEL_PATHS_H_INCLUDED_


#include "ngx_tel.h"
#include "ngx_tel_regex.h"


/*
 * What is read: the value at a path, or a part of it; the name of the member
 * that a last * has found; that something is there, which stands for a code; a
 * header of the response; or a group of a "text" pattern.
 */

typedef enum {
    NGX_TEL_PATH_VALUE = 0,
    NGX_TEL_PATH_INSIDE,
    NGX_TEL_PATH_NAME,
    NGX_TEL_PATH_PRESENT,
    NGX_TEL_PATH_HEADER,
    NGX_TEL_PATH_TEXT
} ngx_tel_path_e;


/* The tree of all paths; one node a name, a [] or a *. */

typedef struct ngx_tel_node_s  ngx_tel_node_t;

struct ngx_tel_node_s {
    ngx_str_t        name;
    ngx_tel_node_t  *parent;
    ngx_tel_node_t  *child;
    ngx_tel_node_t  *sibling;
    ngx_tel_node_t  *element;  /* of every array item */
    ngx_tel_node_t  *member;   /* of no child's name */
    ngx_int_t        path;     /* first number, or -1 */
    ngx_int_t        present;  /* one of those, or -1 */
    ngx_int_t        named;    /* its name's, or -1 */
    ngx_uint_t       least;    /* path through a list */
    ngx_uint_t       id;
};


/* A list is what [] or * goes through. */

typedef struct {
    ngx_tel_path_e    kind;
    ngx_str_t         text;      /* as in the catalog */
    ngx_str_t         value;     /* a present's code, a header in lower case */
    ngx_tel_regex_t  *regex;     /* on the value, or NULL */
    ngx_str_t         pattern;   /* of the regex, or a text's */
    ngx_uint_t        fallback;  /* gives way without a row */
    ngx_str_t         key;       /* last name, in quotes */
    ngx_tel_node_t   *node;      /* NULL: at no place in a JSON text */
    ngx_int_t         next;      /* at the node, or -1 */
    ngx_uint_t        lists;     /* number of [] and * */
    ngx_uint_t        first;     /* node of the first one */
    ngx_uint_t        last;      /* and of the last one */
    ngx_uint_t        least;     /* path through the first */
} ngx_tel_path_t;


typedef struct {
    ngx_tel_node_t  root;
    ngx_uint_t      nnodes;
    ngx_uint_t      most;   /* paths at a node */
    ngx_array_t     paths;  /* ..._path_t */
} ngx_tel_paths_t;


/* Makes an empty tree.  NGX_OK or NGX_ERROR. */

ngx_int_t ngx_tel_init_paths(ngx_pool_t *pool, ngx_tel_paths_t *paths);

/*
 * Adds a dotted path and sets *number to its number, the same for the same
 * path of that kind, but for one inside a value.  The name is that of a last *;
 * of any other path it is the value.  Returns NULL, or what is wrong with it.
 */

char *ngx_tel_add_path(ngx_pool_t *pool, ngx_tel_paths_t *paths,
    ngx_str_t *text, ngx_tel_path_e kind, ngx_uint_t *number);

/* 1 if the path goes through that node. */

ngx_uint_t ngx_tel_path_through(ngx_tel_path_t *path, ngx_uint_t id);

/*
 * Adds what stands at no place in a JSON text, and is called by its number as
 * a path is.  NGX_OK or NGX_ERROR.
 */

ngx_int_t ngx_tel_add_source(ngx_tel_paths_t *paths, ngx_tel_path_t *source,
    ngx_uint_t *number);


#endif /* _NGX_TEL_PATHS_H_INCLUDED_ */
