
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_match.h"


static ngx_int_t ngx_tel_match_all(ngx_tel_inspection_t *in,
    ngx_tel_text_t *text, ngx_log_t *log);
static ngx_int_t ngx_tel_match_keep(ngx_tel_inspection_t *in,
    ngx_tel_text_t *text, ngx_str_t *groups, ngx_uint_t element);


/* one for the process, as the inspection has */

static ngx_tel_value_t  ngx_tel_matched[NGX_TEL_MAX_MATCHED];


ngx_int_t
ngx_tel_match(ngx_tel_inspection_t *in, ngx_tel_catalog_t *catalog,
    ngx_str_t *subject, ngx_uint_t open, ngx_pool_t *pool, ngx_log_t *log,
    ngx_tel_text_t **text)
{
    size_t       size;
    ngx_int_t    rc;
    ngx_uint_t   i;

    size = in->paths->nnodes * sizeof(ngx_uint_t)
           + in->paths->paths.nelts * sizeof(ngx_tel_value_t *);

    in->items = ngx_pcalloc(pool, size);
    if (in->items == NULL) {
        return NGX_ERROR;
    }

    in->texts = (ngx_tel_value_t **) (in->items + in->paths->nnodes);
    in->values = ngx_tel_matched;
    in->nvalues = 0;

    ngx_tel_regex_subject(subject, open);

    for (i = 0; i < catalog->texts.nelts; i++) {

        *text = (ngx_tel_text_t *) catalog->texts.elts + i;

        rc = ngx_tel_match_all(in, *text, log);

        if (rc == NGX_OK) {
            return NGX_OK;
        }

        if (in->reason != NGX_TEL_NO_REASON) {
            break;
        }
    }

    *text = NULL;
    in->nvalues = 0;

    return NGX_DECLINED;
}


static ngx_int_t
ngx_tel_match_all(ngx_tel_inspection_t *in, ngx_tel_text_t *text,
    ngx_log_t *log)
{
    size_t           start;
    ngx_int_t        rc;
    ngx_str_t        groups[NGX_TEL_GROUPS];
    ngx_uint_t       n;
    ngx_tel_path_t  *path;

    start = 0;
    n = 0;

    for ( ;; ) {
        rc = ngx_tel_regex_exec(text->regex, &start, groups, log);

        if (rc == NGX_ABORT && n) {
            in->reason = NGX_TEL_TOO_LARGE;
            return NGX_DECLINED;
        }

        if (rc != NGX_OK) {
            break;
        }

        if (text->value.len) {
            groups[NGX_TEL_GROUP_CODE] = text->value;
        }

        if (ngx_tel_match_keep(in, text, groups, n++) != NGX_OK) {
            in->reason = NGX_TEL_TOO_LARGE;
            return NGX_DECLINED;
        }

        if (!text->each) {
            break;
        }
    }

    if (text->each) {
        path = in->paths->paths.elts;
        in->items[path[text->paths[NGX_TEL_GROUP_CODE]].first] = n;
    }

    return n ? NGX_OK : NGX_DECLINED;
}


/* The groups of a match that took part in it. */

static ngx_int_t
ngx_tel_match_keep(ngx_tel_inspection_t *in, ngx_tel_text_t *text,
    ngx_str_t *groups, ngx_uint_t element)
{
    ngx_uint_t        i;
    ngx_tel_value_t  *value;

    for (i = 0; i < NGX_TEL_GROUPS; i++) {

        if (text->paths[i] < 0 || groups[i].len == 0) {
            continue;
        }

        if (in->nvalues == NGX_TEL_MAX_MATCHED) {
            return NGX_DECLINED;
        }

        value = &in->values[in->nvalues++];
        ngx_memzero(value, sizeof(ngx_tel_value_t));

        value->path = text->paths[i];
        value->type = NGX_TEL_STRING;
        value->text = groups[i];

        if (text->each) {
            value->element = element;
            value->inner = element + 1;
        }

        if (in->texts[value->path] == NULL && ngx_tel_is_text(value)) {
            in->texts[value->path] = value;
        }
    }

    return NGX_OK;
}
