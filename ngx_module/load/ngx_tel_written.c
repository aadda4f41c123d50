
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/* Rows as their catalogs write them, for telephony_errors_reference. */

#include "ngx_tel_index.h"


static ngx_int_t ngx_tel_keep_entry(ngx_tel_build_t *b,
    ngx_tel_entry_t *entry, ngx_tel_written_t *written);
static ngx_int_t ngx_tel_keep_option(ngx_tel_build_t *b,
    ngx_tel_statement_t *st, char *name, ngx_str_t *dst);


ngx_array_t *
ngx_tel_keep_written(ngx_tel_build_t *b)
{
    ngx_uint_t          i;
    ngx_array_t        *list;
    ngx_tel_entry_t    *e;
    ngx_tel_written_t  *written;

    e = b->entries.elts;

    list = ngx_array_create(b->pool, ngx_max(b->entries.nelts, 1),
                            sizeof(ngx_tel_written_t));
    if (list == NULL) {
        return NULL;
    }

    for (i = 0; i < b->entries.nelts; i++) {
        written = ngx_array_push(list);

        if (written == NULL
            || ngx_tel_keep_entry(b, &e[i], written) != NGX_OK)
        {
            return NULL;
        }
    }

    return list;
}


static ngx_int_t
ngx_tel_keep_entry(ngx_tel_build_t *b, ngx_tel_entry_t *entry,
    ngx_tel_written_t *written)
{
    ngx_str_t  *word;

    written->row = entry->row;

    if (ngx_tel_keep_option(b, entry->st, "scope=", &written->scope) != NGX_OK
        || ngx_tel_keep_option(b, entry->st, "status=", &written->status)
           != NGX_OK
        || ngx_tel_keep_option(b, entry->st, "message=", &written->message)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_null(&written->code);

    word = (entry->match == NGX_TEL_BY_STATUS) ? &written->status
                                               : &written->code;

    return entry->word.len ? ngx_tel_keep(b->pool, &entry->word, word)
                           : NGX_OK;
}


/* The value of an option of the statement; empty if it has none. */

static ngx_int_t
ngx_tel_keep_option(ngx_tel_build_t *b, ngx_tel_statement_t *st, char *name,
    ngx_str_t *dst)
{
    size_t      len;
    ngx_str_t   value;
    ngx_uint_t  i;

    ngx_str_null(dst);

    len = ngx_strlen(name);

    for (i = 1; i < st->nargs; i++) {

        if (st->args[i].len > len
            && ngx_strncmp(st->args[i].data, name, len) == 0)
        {
            value.len = st->args[i].len - len;
            value.data = st->args[i].data + len;

            return ngx_tel_keep(b->pool, &value, dst);
        }
    }

    return NGX_OK;
}
