
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/* Look-ups of names. */

#include "ngx_tel_catalog.h"


ngx_tel_code_t *
ngx_tel_find_code(ngx_tel_codes_t *codes, ngx_str_t *name)
{
    u_char           low[64];
    ngx_uint_t       hash;
    ngx_tel_code_t  *code;

    if (name->len == 0 || name->len > sizeof(low)) {
        return NULL;
    }

    hash = ngx_hash_strlow(low, name->data, name->len);
    code = ngx_hash_find(&codes->hash, hash, low, name->len);

    return (code && ngx_strncmp(code->name.data, name->data, name->len) == 0)
           ? code : NULL;
}


ngx_tel_catalog_t *
ngx_tel_find_catalog(ngx_tel_catalogs_t *catalogs, ngx_str_t *name)
{
    u_char              low[64];
    ngx_uint_t          hash;
    ngx_tel_catalog_t  *catalog;

    if (name->len == 0 || name->len > sizeof(low)
        || catalogs->hash.buckets == NULL)
    {
        return NULL;
    }

    hash = ngx_hash_strlow(low, name->data, name->len);
    catalog = ngx_hash_find(&catalogs->hash, hash, low, name->len);

    return (catalog
            && ngx_strncmp(catalog->name.data, name->data, name->len) == 0)
           ? catalog : NULL;
}


/* "221x", "-32xx": digits, then one x a digit; no more than a look-up tries */

ngx_uint_t
ngx_tel_is_class(ngx_str_t *key)
{
    size_t  i, digits, first;

    first = (key->len && key->data[0] == '-');

    for (i = first; i < key->len; i++) {
        if (key->data[i] < '0' || key->data[i] > '9') {
            break;
        }
    }

    digits = i - first;

    for ( /* void */ ; i < key->len; i++) {
        if (key->data[i] != 'x') {
            return 0;
        }
    }

    return digits && first + digits < key->len
           && key->len <= NGX_TEL_MAX_CLASS;
}
