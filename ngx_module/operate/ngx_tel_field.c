
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_field.h"


ngx_table_elt_t *
ngx_tel_next_header(ngx_list_part_t **part, ngx_uint_t *i, ngx_str_t *names)
{
    ngx_str_t        *name;
    ngx_table_elt_t  *h;

    for ( /* void */ ; *part; *part = (*part)->next, *i = 0) {

        while (*i < (*part)->nelts) {
            h = (ngx_table_elt_t *) (*part)->elts + (*i)++;

            if (h->hash == 0) {
                continue;
            }

            for (name = names; name->len; name++) {
                if (h->key.len == name->len
                    && ngx_strncasecmp(h->key.data, name->data, name->len) == 0)
                {
                    return h;
                }
            }
        }
    }

    return NULL;
}


ngx_table_elt_t *
ngx_tel_find_header(ngx_http_request_t *r, ngx_str_t *name)
{
    ngx_str_t         names[2];
    ngx_uint_t        i;
    ngx_list_part_t  *part;

    names[0] = *name;
    ngx_str_null(&names[1]);

    part = &r->headers_out.headers.part;
    i = 0;

    return ngx_tel_next_header(&part, &i, names);
}


ngx_int_t
ngx_tel_push_header(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    /* nginx 1.23 links the elements, older ones know no such member */

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    h->key = *name;
    h->value = *value;

    return NGX_OK;
}


ngx_int_t
ngx_tel_refuse_method(ngx_http_request_t *r, ngx_str_t *allow)
{
    static ngx_str_t  name = ngx_string("Allow");

    if (ngx_tel_find_header(r, &name) == NULL
        && ngx_tel_push_header(r, &name, allow) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_HTTP_NOT_ALLOWED;
}
