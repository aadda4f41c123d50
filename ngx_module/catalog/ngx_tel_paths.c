
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/* The paths of a catalog as a tree, by which a JSON text is read. */

#include "ngx_tel_paths.h"


static ngx_str_t ngx_tel_path_name(ngx_pool_t *pool, u_char **p, u_char *last);
static ngx_tel_node_t *ngx_tel_child(ngx_pool_t *pool, ngx_tel_paths_t *paths,
    ngx_tel_node_t *node, ngx_str_t *name);
static ngx_tel_node_t *ngx_tel_element(ngx_pool_t *pool, ngx_tel_paths_t *paths,
    ngx_tel_node_t *node);
static char *ngx_tel_new_path(ngx_pool_t *pool, ngx_tel_paths_t *paths,
    ngx_tel_node_t *node, ngx_tel_path_t *path, ngx_uint_t *number);


ngx_int_t
ngx_tel_init_paths(ngx_pool_t *pool, ngx_tel_paths_t *paths)
{
    ngx_memzero(paths, sizeof(ngx_tel_paths_t));

    paths->root.path = -1;
    paths->nnodes = 1;

    return ngx_array_init(&paths->paths, pool, 8, sizeof(ngx_tel_path_t));
}


char *
ngx_tel_add_path(ngx_pool_t *pool, ngx_tel_paths_t *paths, ngx_str_t *text,
    ngx_uint_t *number)
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
            node = ngx_tel_element(pool, paths, node);

            if (node == NULL) {
                return "cannot be kept: no memory";
            }

            if (path.arrays++ == 0) {
                path.first = node->id;
                path.least = node->least;
            }

            path.last = node->id;

        } else if (begins) {
            name = ngx_tel_path_name(pool, &p, last);
            if (name.len == 0) {
                return "has an empty name; a dotted path like "
                       "\"error.code\" or \"errors[].code\" is expected";
            }

            node = ngx_tel_child(pool, paths, node, &name);
            if (node == NULL) {
                return "cannot be kept: no memory";
            }

            path.key = name;

        } else {
            return "is no path; a dotted path like \"error.code\" or "
                   "\"errors[].code\" is expected";
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

    if (node->path >= 0) {
        *number = node->path;
        return NULL;
    }

    return ngx_tel_new_path(pool, paths, node, &path, number);
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

    for (s = *p; s < last && *s != '.' && *s != '['; s++) {

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

    child = ngx_pcalloc(pool, sizeof(ngx_tel_node_t));
    if (child == NULL) {
        return NULL;
    }

    child->name = *name;
    child->path = -1;
    child->id = paths->nnodes++;
    child->sibling = node->child;
    node->child = child;

    return child;
}


static ngx_tel_node_t *
ngx_tel_element(ngx_pool_t *pool, ngx_tel_paths_t *paths, ngx_tel_node_t *node)
{
    if (node->element) {
        return node->element;
    }

    node->element = ngx_pcalloc(pool, sizeof(ngx_tel_node_t));
    if (node->element == NULL) {
        return NULL;
    }

    node->element->path = -1;
    node->element->least = paths->paths.nelts;
    node->element->id = paths->nnodes++;

    return node->element;
}


static char *
ngx_tel_new_path(ngx_pool_t *pool, ngx_tel_paths_t *paths, ngx_tel_node_t *node,
    ngx_tel_path_t *path, ngx_uint_t *number)
{
    u_char          *p;
    size_t           i;
    ngx_str_t        name;
    ngx_tel_path_t  *added;

    name = path->key;
    ngx_str_null(&path->key);

    for (i = 0; i < name.len; i++) {
        if (name.data[i] == '"' || name.data[i] == '\\'
            || name.data[i] == '/' || name.data[i] < 0x20)
        {
            break;
        }
    }

    /* a key that may be written with an escape cannot be searched for */

    if (i == name.len && name.len) {
        p = ngx_pnalloc(pool, name.len + 2);
        if (p == NULL) {
            return "cannot be kept: no memory";
        }

        path->key.data = p;
        path->key.len = name.len + 2;
        *p++ = '"';
        p = ngx_cpymem(p, name.data, name.len);
        *p = '"';
    }

    added = ngx_array_push(&paths->paths);
    if (added == NULL) {
        return "cannot be kept: no memory";
    }

    *added = *path;
    node->path = paths->paths.nelts - 1;
    *number = node->path;

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

    /* what a JSON text mentions as good as never: see ..._mentions() */

    ngx_str_set(&added->key, "\"\"");

    return NGX_OK;
}
