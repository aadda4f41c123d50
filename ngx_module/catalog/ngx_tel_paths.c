
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/* The paths of a catalog as a tree, by which a JSON text is read. */

#include "ngx_tel_paths.h"


static ngx_uint_t ngx_tel_is_star(u_char *p, u_char *last);
static ngx_str_t ngx_tel_path_name(ngx_pool_t *pool, u_char **p, u_char *last);
static char *ngx_tel_no_name(u_char *p, u_char *last, ngx_uint_t begins);
static ngx_tel_node_t *ngx_tel_child(ngx_pool_t *pool, ngx_tel_paths_t *paths,
    ngx_tel_node_t *node, ngx_str_t *name);
static ngx_tel_node_t *ngx_tel_list(ngx_pool_t *pool, ngx_tel_paths_t *paths,
    ngx_tel_node_t *node, ngx_tel_node_t **list, ngx_tel_path_t *path);
static ngx_tel_node_t *ngx_tel_new_node(ngx_pool_t *pool,
    ngx_tel_paths_t *paths, ngx_tel_node_t *parent);
static char *ngx_tel_new_path(ngx_pool_t *pool, ngx_tel_paths_t *paths,
    ngx_tel_path_t *path, ngx_uint_t *number);
static ngx_int_t ngx_tel_search_key(ngx_pool_t *pool, ngx_str_t *key);
static ngx_int_t *ngx_tel_link_of(ngx_tel_paths_t *paths, ngx_tel_path_t *path);


ngx_int_t
ngx_tel_init_paths(ngx_pool_t *pool, ngx_tel_paths_t *paths)
{
    ngx_memzero(paths, sizeof(ngx_tel_paths_t));

    paths->root.path = -1;
    paths->root.present = -1;
    paths->root.named = -1;
    paths->nnodes = 1;
    paths->most = 1;

    return ngx_array_init(&paths->paths, pool, 8, sizeof(ngx_tel_path_t));
}


char *
ngx_tel_add_path(ngx_pool_t *pool, ngx_tel_paths_t *paths, ngx_str_t *text,
    ngx_tel_path_e kind, ngx_uint_t *number)
{
    u_char          *p, *last;
    ngx_str_t        name;
    ngx_uint_t       begins;
    ngx_tel_node_t  *node;
    ngx_tel_path_t   path;

    ngx_memzero(&path, sizeof(ngx_tel_path_t));
    path.text = *text;

    node = &paths->root;
    begins = 1;
    p = text->data;
    last = p + text->len;

    while (p < last) {

        if (p[0] == '[' && last - p >= 2 && p[1] == ']') {
            p += 2;
            node = ngx_tel_list(pool, paths, node, &node->element, &path);

        } else if (begins && ngx_tel_is_star(p, last)) {
            p++;
            node = ngx_tel_list(pool, paths, node, &node->member, &path);

        } else if (begins) {
            name = ngx_tel_path_name(pool, &p, last);
            if (name.len == 0) {
                return ngx_tel_no_name(p, last, 1);
            }

            node = ngx_tel_child(pool, paths, node, &name);
            path.key = name;

        } else {
            return ngx_tel_no_name(p, last, 0);
        }

        if (node == NULL) {
            return "cannot be kept: no memory";
        }

        begins = (p < last && *p == '.');
        p += begins;

        if (begins && p == last) {
            return "ends with a dot";
        }
    }

    if (node == &paths->root) {
        return "is empty";
    }

    path.node = node;
    path.kind = kind;

    if (kind == NGX_TEL_PATH_NAME && node->parent->member != node) {
        path.kind = NGX_TEL_PATH_VALUE;
    }

    return ngx_tel_new_path(pool, paths, &path, number);
}


ngx_uint_t
ngx_tel_path_through(ngx_tel_path_t *path, ngx_uint_t id)
{
    ngx_tel_node_t  *node;

    if (path->node == NULL) {
        return path->lists && path->first == id;
    }

    for (node = path->node; node; node = node->parent) {
        if (node->id == id) {
            return 1;
        }
    }

    return 0;
}


/* A star that is all of a name. */

static ngx_uint_t
ngx_tel_is_star(u_char *p, u_char *last)
{
    return *p == '*' && (p + 1 == last || p[1] == '.' || p[1] == '[');
}


static char *
ngx_tel_no_name(u_char *p, u_char *last, ngx_uint_t begins)
{
    if (p < last && *p == '*') {
        return "has a \"*\" in a name: alone, as in \"errors.*.code\", it is "
               "every member of an object; a star in a name is written "
               "\"\\*\"";
    }

    return begins ? "has an empty name; a dotted path like \"error.code\" or "
                    "\"errors[].code\" is expected"
                  : "is no path; a dotted path like \"error.code\" or "
                    "\"errors[].code\" is expected";
}


/* Reads a name up to its dot or bracket; a backslash makes both plain. */

static ngx_str_t
ngx_tel_path_name(ngx_pool_t *pool, u_char **p, u_char *last)
{
    u_char     *s, *dst;
    ngx_str_t   name;

    ngx_str_null(&name);

    dst = ngx_pnalloc(pool, last - *p + 1);
    if (dst == NULL) {
        return name;
    }

    name.data = dst;

    for (s = *p; s < last && *s != '.' && *s != '[' && *s != '*'; s++) {

        if (*s == '\\' && s + 1 < last) {
            s++;
        }

        *dst++ = *s;
    }

    name.len = dst - name.data;
    *p = s;

    return name;
}


static ngx_tel_node_t *
ngx_tel_child(ngx_pool_t *pool, ngx_tel_paths_t *paths, ngx_tel_node_t *node,
    ngx_str_t *name)
{
    ngx_tel_node_t  *child;

    for (child = node->child; child; child = child->sibling) {

        if (child->name.len == name->len
            && ngx_memcmp(child->name.data, name->data, name->len) == 0)
        {
            return child;
        }
    }

    child = ngx_tel_new_node(pool, paths, node);
    if (child == NULL) {
        return NULL;
    }

    child->name = *name;
    child->sibling = node->child;
    node->child = child;

    return child;
}


/* Goes on through the items of an array or the members of an object. */

static ngx_tel_node_t *
ngx_tel_list(ngx_pool_t *pool, ngx_tel_paths_t *paths, ngx_tel_node_t *node,
    ngx_tel_node_t **list, ngx_tel_path_t *path)
{
    if (*list == NULL) {
        *list = ngx_tel_new_node(pool, paths, node);
        if (*list == NULL) {
            return NULL;
        }
    }

    node = *list;

    if (path->lists++ == 0) {
        path->first = node->id;
        path->least = node->least;
    }

    path->last = node->id;

    return node;
}


static ngx_tel_node_t *
ngx_tel_new_node(ngx_pool_t *pool, ngx_tel_paths_t *paths,
    ngx_tel_node_t *parent)
{
    ngx_tel_node_t  *node;

    node = ngx_pcalloc(pool, sizeof(ngx_tel_node_t));
    if (node == NULL) {
        return NULL;
    }

    node->parent = parent;
    node->path = -1;
    node->present = -1;
    node->named = -1;
    node->least = paths->paths.nelts;
    node->id = paths->nnodes++;

    return node;
}


static char *
ngx_tel_new_path(ngx_pool_t *pool, ngx_tel_paths_t *paths,
    ngx_tel_path_t *path, ngx_uint_t *number)
{
    ngx_int_t       *link;
    ngx_tel_path_t  *added;

    link = ngx_tel_link_of(paths, path);

    if (*link >= 0) {
        *number = *link;
        return NULL;
    }

    if (ngx_tel_search_key(pool, &path->key) != NGX_OK) {
        return "cannot be kept: no memory";
    }

    *number = paths->paths.nelts;
    *link = *number;

    if (path->kind == NGX_TEL_PATH_PRESENT) {
        path->node->present = *number;
    }

    path->next = -1;

    /* it may move the link */

    added = ngx_array_push(&paths->paths);
    if (added == NULL) {
        return "cannot be kept: no memory";
    }

    *added = *path;

    return NULL;
}


ngx_int_t
ngx_tel_add_source(ngx_tel_paths_t *paths, ngx_tel_path_t *source,
    ngx_uint_t *number)
{
    ngx_tel_path_t  *added;

    added = ngx_array_push(&paths->paths);
    if (added == NULL) {
        return NGX_ERROR;
    }

    *added = *source;
    *number = paths->paths.nelts - 1;

    /* there are as many nodes as paths at the least: what is by path fits */

    paths->nnodes++;

    /* what a JSON text mentions as good as never: see ..._mentions() */

    ngx_str_set(&added->key, "\"\"");

    return NGX_OK;
}


/*
 * Where the number of the path stands, or is to stand: the paths at a node are
 * a chain.
 */

static ngx_int_t *
ngx_tel_link_of(ngx_tel_paths_t *paths, ngx_tel_path_t *path)
{
    ngx_int_t       *link;
    ngx_uint_t       n;
    ngx_tel_path_t  *other;

    if (path->kind == NGX_TEL_PATH_NAME) {
        return &path->node->named;
    }

    other = paths->paths.elts;
    link = &path->node->path;

    for (n = 1; *link >= 0; n++) {

        if (other[*link].kind == path->kind
            && path->kind != NGX_TEL_PATH_INSIDE)
        {
            return link;
        }

        link = &other[*link].next;
    }

    paths->most = ngx_max(paths->most, n);

    return link;
}


/*
 * The key as it is searched for in a text, with its quotes; empty if it may be
 * written with an escape.
 */

static ngx_int_t
ngx_tel_search_key(ngx_pool_t *pool, ngx_str_t *key)
{
    u_char     *p;
    size_t      i;
    ngx_str_t   name;

    name = *key;
    ngx_str_null(key);

    for (i = 0; i < name.len; i++) {
        if (name.data[i] == '"' || name.data[i] == '\\'
            || name.data[i] == '/' || name.data[i] < 0x20)
        {
            return NGX_OK;
        }
    }

    if (name.len == 0) {
        return NGX_OK;
    }

    p = ngx_pnalloc(pool, name.len + 2);
    if (p == NULL) {
        return NGX_ERROR;
    }

    key->data = p;
    key->len = name.len + 2;
    *p++ = '"';
    p = ngx_cpymem(p, name.data, name.len);
    *p = '"';

    return NGX_OK;
}
