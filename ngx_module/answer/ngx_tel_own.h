
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_OWN_H_INCLUDED_
#define _NGX_TEL_OWN_H_INCLUDED_


#include "ngx_tel.h"
#include "ngx_tel_catalog.h"
#include "ngx_tel_writer.h"


/* A member of an operator's own envelope; the tree is made by add_member(). */

typedef enum {
    NGX_TEL_MEMBER_OBJECT = 0,
    NGX_TEL_MEMBER_STRING,
    NGX_TEL_MEMBER_NUMBER,
    NGX_TEL_MEMBER_BOOLEAN
} ngx_tel_member_e;


typedef struct ngx_tel_member_s  ngx_tel_member_t;

struct ngx_tel_member_s {
    ngx_str_t          name;    /* as JSON, unquoted */
    ngx_tel_member_e   type;
    ngx_uint_t         number;  /* of its value */
    ngx_tel_member_t  *child;
    ngx_tel_member_t  *next;
};


/* an operator's own envelope: its tree, and the values of its members */

typedef struct {
    ngx_str_t         name;
    ngx_str_t         type;    /* Content-Type */
    ngx_tel_member_t  root;
    ngx_array_t       values;  /* complex values */
    ngx_tel_place_t   place;
} ngx_tel_own_t;


/*
 * Adds the member at a dotted path to the tree under root, as the value of
 * that number.  Returns NULL, or what is wrong with the path.
 */

char *ngx_tel_add_member(ngx_pool_t *pool, ngx_tel_member_t *root,
    ngx_str_t *path, ngx_tel_member_e type, ngx_uint_t number);

/*
 * Writes the tree with the given values.  A number or a boolean whose text is
 * none is written as null.
 */

void ngx_tel_members(ngx_tel_writer_t *w, ngx_tel_member_t *root,
    ngx_str_t *values);


#endif /* _NGX_TEL_OWN_H_INCLUDED_ */
