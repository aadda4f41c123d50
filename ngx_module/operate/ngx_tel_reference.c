
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/*
 * The unified codes and what leads to them, as telephony_errors_reference
 * serves it.  All of it follows from the configuration alone.
 */


#include "ngx_tel_reference.h"
#include "ngx_tel_format.h"

#include <ngx_md5.h>


static ngx_int_t ngx_tel_reference_find(ngx_tel_reference_t *reference,
    ngx_str_t *location, ngx_str_t *uri);
static ngx_int_t ngx_tel_reference_etag(ngx_http_request_t *r,
    ngx_tel_writer_t *w);

static void ngx_tel_reference_json(ngx_tel_writer_t *w, void *data);
static void ngx_tel_reference_json_code(ngx_tel_writer_t *w,
    ngx_tel_code_t *code);
static void ngx_tel_reference_json_rows(ngx_tel_writer_t *w,
    ngx_tel_code_t *code, ngx_array_t *list);
static void ngx_tel_reference_json_row(ngx_tel_writer_t *w,
    ngx_tel_written_t *written);
static void ngx_tel_reference_json_text(ngx_tel_writer_t *w, char *name,
    ngx_str_t *text);


static ngx_tel_format_t  ngx_tel_reference_formats[] = {

    { ngx_string("html"),
      ngx_string("text/html"),
      ngx_string("text/html; charset=utf-8"),
      &ngx_tel_reference_policy,
      ngx_tel_reference_page },

    { ngx_string("json"),
      ngx_string("application/json"),
      ngx_string("application/json"),
      NULL,
      ngx_tel_reference_json },

    { ngx_null_string, ngx_null_string, ngx_null_string, NULL, NULL }
};


static ngx_str_t  ngx_tel_reference_retries[] = {
    ngx_string("no"),
    ngx_string("yes"),
    ngx_string("safe")
};


ngx_int_t
ngx_tel_reference(ngx_http_request_t *r, ngx_str_t *location,
    ngx_tel_catalogs_t *catalogs)
{
    ngx_int_t            rc;
    ngx_tel_format_t    *format;
    ngx_tel_writer_t     w;
    ngx_tel_reference_t  reference;

    static ngx_str_t  no_cache = ngx_string("no-cache");

    rc = ngx_tel_format_method(r);

    if (rc != NGX_OK) {
        return rc;
    }

    reference.catalogs = catalogs;

    if (ngx_tel_reference_find(&reference, location, &r->uri) != NGX_OK) {
        return NGX_HTTP_NOT_FOUND;
    }

    format = ngx_tel_format(r, ngx_tel_reference_formats);
    if (format == NULL) {
        return ngx_tel_format_refuse(r, ngx_tel_reference_formats);
    }

    ngx_tel_writer_init(&w, r->pool, NGX_TEL_WRITER_PAGE);

    format->handler(&w, &reference);

    if (w.failed
        || ngx_tel_reference_etag(r, &w) != NGX_OK
        || ngx_tel_format_header(r, "Cache-Control", &no_cache) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = NGX_HTTP_OK;

    return ngx_tel_format_send(r, format, &w);
}


/* NGX_DECLINED if no code has the name that follows the location's. */

static ngx_int_t
ngx_tel_reference_find(ngx_tel_reference_t *reference, ngx_str_t *location,
    ngx_str_t *uri)
{
    size_t            len;
    u_char           *name;
    ngx_uint_t        i;
    ngx_array_t      *list;
    ngx_tel_code_t  **code;

    /* a rewrite inside the location leads anywhere */

    if (uri->len < location->len
        || ngx_strncmp(uri->data, location->data, location->len) != 0)
    {
        return NGX_DECLINED;
    }

    name = uri->data + location->len;
    len = uri->len - location->len;

    reference->code = NULL;

    if (len == 0) {
        return NGX_OK;
    }

    list = &reference->catalogs->codes.list;
    code = list->elts;

    for (i = 0; i < list->nelts; i++) {
        if (code[i]->slug.len == len
            && ngx_memcmp(code[i]->slug.data, name, len) == 0)
        {
            reference->code = code[i];
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


/* By the content: another configuration may say the same, and nothing less. */

static ngx_int_t
ngx_tel_reference_etag(ngx_http_request_t *r, ngx_tel_writer_t *w)
{
    u_char            hash[16], *p;
    ngx_md5_t         md5;
    ngx_buf_t        *b;
    ngx_chain_t      *cl;
    ngx_table_elt_t  *etag;

    ngx_md5_init(&md5);

    for (cl = w->first; cl; cl = cl->next) {
        b = cl->buf;
        ngx_md5_update(&md5, b->pos, b->last - b->pos);
    }

    ngx_md5_final(hash, &md5);

    p = ngx_pnalloc(r->pool, 2 * sizeof(hash) + 2);
    etag = ngx_list_push(&r->headers_out.headers);

    if (p == NULL || etag == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(etag, sizeof(ngx_table_elt_t));

    etag->hash = 1;
    ngx_str_set(&etag->key, "ETag");
    etag->value.data = p;

    *p++ = '"';
    p = ngx_hex_dump(p, hash, sizeof(hash));
    *p++ = '"';

    etag->value.len = p - etag->value.data;

    r->headers_out.etag = etag;

    return NGX_OK;
}


static void
ngx_tel_reference_json(ngx_tel_writer_t *w, void *data)
{
    ngx_tel_reference_t *reference = data;

    ngx_uint_t           i, n, some;
    ngx_tel_code_t     **code;
    ngx_tel_codes_t     *codes;
    ngx_tel_catalog_t  **catalog;

    codes = &reference->catalogs->codes;

    if (reference->code == NULL) {
        code = codes->list.elts;

        ngx_tel_write_text(w, "{\"codes\":[");

        for (i = 0; i < codes->list.nelts; i++) {
            ngx_tel_writef(w, i ? ",{" : "{");
            ngx_tel_reference_json_code(w, code[i]);
            ngx_tel_write_text(w, "}");
        }

        ngx_tel_write_text(w, "]}\n");
        return;
    }

    ngx_tel_write_text(w, "{");
    ngx_tel_reference_json_code(w, reference->code);
    ngx_tel_write_text(w, ",\"providers\":[");

    catalog = reference->catalogs->catalogs.elts;
    some = 0;

    for (i = 0; i < reference->catalogs->catalogs.nelts; i++) {
        n = 0;

        if (ngx_tel_reference_row(catalog[i]->written, reference->code, &n)
            == NULL)
        {
            continue;
        }

        ngx_tel_writef(w, some ? ",{\"name\":" : "{\"name\":");
        ngx_tel_write_json(w, &catalog[i]->name);
        ngx_tel_write_text(w, ",\"rows\":");
        ngx_tel_reference_json_rows(w, reference->code, catalog[i]->written);
        ngx_tel_write_text(w, "}");
        some = 1;
    }

    ngx_tel_write_text(w, "],\"any_provider\":");
    ngx_tel_reference_json_rows(w, reference->code, codes->written);
    ngx_tel_write_text(w, "}\n");
}


static void
ngx_tel_reference_json_code(ngx_tel_writer_t *w, ngx_tel_code_t *code)
{
    ngx_tel_writef(w, "\"code\":\"%V\",\"slug\":\"%V\",\"status\":%ui",
                   &code->name, &code->slug, code->status);

    ngx_tel_reference_json_text(w, "category", &code->category);
    ngx_tel_reference_json_text(w, "retry", ngx_tel_reference_retry(code));
    ngx_tel_reference_json_text(w, "title", &code->title);
    ngx_tel_reference_json_text(w, "description", &code->description);
}


static void
ngx_tel_reference_json_rows(ngx_tel_writer_t *w, ngx_tel_code_t *code,
    ngx_array_t *list)
{
    ngx_uint_t          i, some;
    ngx_tel_written_t  *written;

    ngx_tel_write_text(w, "[");

    i = 0;
    some = 0;

    for ( ;; ) {
        written = ngx_tel_reference_row(list, code, &i);

        if (written == NULL) {
            break;
        }

        ngx_tel_writef(w, some ? "," : "");
        ngx_tel_reference_json_row(w, written);
        some = 1;
    }

    ngx_tel_write_text(w, "]");
}


static void
ngx_tel_reference_json_row(ngx_tel_writer_t *w, ngx_tel_written_t *written)
{
    ngx_tel_row_t  *row;

    row = written->row;

    /* as $telephony_match would tell it */

    ngx_tel_writef(w, "{\"match\":\"%V\",\"verdict\":\"%V\"",
                   ngx_tel_match_name(written->message.len
                                      ? NGX_TEL_BY_MESSAGE : row->match),
                   ngx_tel_kind_name(row->kind));

    ngx_tel_reference_json_text(w, "code", &written->code);
    ngx_tel_reference_json_text(w, "scope", &written->scope);
    ngx_tel_reference_json_text(w, "status", &written->status);
    ngx_tel_reference_json_text(w, "message", &written->message);
    ngx_tel_reference_json_text(w, "sentence", &row->sentence);

    ngx_tel_write_text(w, "}");
}


/* A member behind others: a string, or null if it is empty. */

static void
ngx_tel_reference_json_text(ngx_tel_writer_t *w, char *name, ngx_str_t *text)
{
    ngx_tel_writef(w, ",\"%s\":", name);

    if (text->len) {
        ngx_tel_write_json(w, text);

    } else {
        ngx_tel_write_text(w, "null");
    }
}


ngx_tel_written_t *
ngx_tel_reference_row(ngx_array_t *list, ngx_tel_code_t *code, ngx_uint_t *i)
{
    ngx_tel_written_t  *written;

    if (list == NULL) {
        return NULL;
    }

    written = list->elts;

    while (*i < list->nelts) {
        if (written[(*i)++].row->code == code) {
            return &written[*i - 1];
        }
    }

    return NULL;
}


ngx_str_t *
ngx_tel_reference_retry(ngx_tel_code_t *code)
{
    return &ngx_tel_reference_retries[code->retry];
}
