
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_headers.h"
#include "ngx_tel_field.h"
#include "ngx_tel_problem.h"


static void ngx_tel_drop_old(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);
static void ngx_tel_drop(ngx_list_t *headers, ngx_str_t *names);
static ngx_int_t ngx_tel_owed(ngx_http_request_t *r, ngx_tel_ctx_t *ctx);
static ngx_int_t ngx_tel_status_line(ngx_http_request_t *r, ngx_uint_t status);
static ngx_uint_t ngx_tel_visible(ngx_str_t *value);


#define NGX_TEL_MAX_HEADER  128


static ngx_str_t  ngx_tel_names[] = {
    ngx_string("Telephony-Code"),
    ngx_string("Telephony-Category"),
    ngx_string("Telephony-Retryable"),
    ngx_string("Telephony-Provider"),
    ngx_string("Telephony-Provider-Code"),
    ngx_null_string
};


/* what described the old body (RFC 9110 8, 14.4; RFC 9530; RFC 6266) */

static ngx_str_t  ngx_tel_gone[] = {
    ngx_string("Content-Encoding"),
    ngx_string("Content-Language"),
    ngx_string("Content-Location"),
    ngx_string("Content-Range"),
    ngx_string("Content-MD5"),
    ngx_string("Content-Digest"),
    ngx_string("Content-Disposition"),
    ngx_string("Repr-Digest"),
    ngx_string("Digest"),
    ngx_string("ETag"),
    ngx_string("Last-Modified"),
    ngx_string("Accept-Ranges"),
    ngx_string("Location"),
    ngx_string("Refresh"),
    ngx_string("Trailer"),
    ngx_null_string
};


/* for how long it was good, which stays with the error of a vendor */

static ngx_str_t  ngx_tel_freshness[] = {
    ngx_string("Cache-Control"),
    ngx_string("Expires"),
    ngx_string("Age"),
    ngx_string("Pragma"),
    ngx_null_string
};


void
ngx_tel_drop_forged(ngx_list_t *headers)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    /* of nearly every answer a letter of each name tells that there is none */

    for (part = &headers->part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].key.len && (h[i].key.data[0] | 0x20) == 't') {
                ngx_tel_drop(headers, ngx_tel_names);
                return;
            }
        }
    }
}


ngx_int_t
ngx_tel_add_headers(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    ngx_str_t           value[5], *code;
    ngx_uint_t          i, n;
    ngx_tel_verdict_t  *verdict;

    static ngx_str_t  yes = ngx_string("true");
    static ngx_str_t  no = ngx_string("false");

    verdict = &ctx->verdict;

    if (verdict->kind < NGX_TEL_NOTICE) {
        return NGX_OK;
    }

    code = &verdict->provider_code;

    value[0] = verdict->code->name;
    value[1] = verdict->code->category;
    value[2] = ctx->retryable ? yes : no;
    value[3] = ctx->catalog->name;

    if (ngx_tel_visible(code)) {
        value[4] = *code;

    } else {
        ngx_str_null(&value[4]);
    }

    /* those of the vendor are the last two */

    n = ctx->conf->hide_provider ? 3 : 5;

    for (i = 0; i < n; i++) {

        if (value[i].len
            && ngx_tel_push_header(r, &ngx_tel_names[i], &value[i]) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_tel_replace_headers(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, off_t length)
{
    u_char      *p;
    ngx_str_t    type;
    ngx_uint_t   status;

    static ngx_str_t  language = ngx_string("Content-Language");
    static ngx_str_t  english = ngx_string("en");

    status = ctx->verdict.status;

    ngx_tel_drop_old(r, ctx);

    if (ngx_tel_status_line(r, status) != NGX_OK) {
        return NGX_ERROR;
    }

    r->headers_out.status = status;

    /* $status and the log look there first */

    if (r->err_status) {
        r->err_status = status;
    }

    type = ctx->conf->own ? ctx->conf->own->type : ngx_tel_problem_type;

    /* nginx compares types, as in gzip_types, without their parameters */

    p = ngx_strlchr(type.data, type.data + type.len, ';');

    r->headers_out.content_type = type;
    r->headers_out.content_type_len = p ? (size_t) (p - type.data) : type.len;
    r->headers_out.content_type_lowcase = NULL;
    ngx_str_null(&r->headers_out.charset);
    r->headers_out.override_charset = NULL;

    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);
    ngx_http_clear_location(r);
    r->headers_out.content_length_n = length;
    r->headers_out.content_encoding = NULL;
    r->headers_out.content_range = NULL;
    r->headers_out.refresh = NULL;

    /* the upstream's trailers are pushed before its last buffer */

    r->headers_out.trailers.part.nelts = 0;
    r->headers_out.trailers.part.next = NULL;
    r->headers_out.trailers.last = &r->headers_out.trailers.part;

    if (length > 0 && ngx_tel_push_header(r, &language, &english) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_tel_owed(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_tel_add_headers(r, ctx);
}


static void
ngx_tel_drop_old(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    ngx_tel_drop(&r->headers_out.headers, ngx_tel_gone);

    if (ctx->status == 0 || ctx->status >= 400) {
        return;
    }

    ngx_tel_drop(&r->headers_out.headers, ngx_tel_freshness);

    /* an array before 1.23, a list since */

    ngx_memzero(&r->headers_out.cache_control,
                sizeof(r->headers_out.cache_control));
    r->headers_out.expires = NULL;
}


static void
ngx_tel_drop(ngx_list_t *headers, ngx_str_t *names)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    part = &headers->part;
    i = 0;

    while ((h = ngx_tel_next_header(&part, &i, names)) != NULL) {
        h->hash = 0;
    }
}


/*
 * A 401 owes a challenge and a 405 the allowed methods (RFC 9110 15.5.2,
 * 15.5.6); and without no-store a cache may keep what was no error to the
 * vendor.
 */

static ngx_int_t
ngx_tel_owed(ngx_http_request_t *r, ngx_tel_ctx_t *ctx)
{
    ngx_uint_t  i, status;

    static ngx_str_t  no_store = ngx_string("no-store");
    static ngx_str_t  names[] = {
        ngx_string("WWW-Authenticate"),
        ngx_string("Allow"),
        ngx_string("Cache-Control")
    };

    ngx_str_t  *values[] = {
        &ctx->catalog->challenge, &ctx->catalog->allow, &no_store
    };

    static ngx_uint_t  when[] = { 401, 405, 0 };

    status = ctx->verdict.status;

    for (i = 0; i < 3; i++) {

        if ((when[i] && when[i] != status)
            || values[i]->len == 0
            || ngx_tel_find_header(r, &names[i]))
        {
            continue;
        }

        if (ngx_tel_push_header(r, &names[i], values[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* nginx knows no phrase for 422, 428 and others, and would send none. */

static ngx_int_t
ngx_tel_status_line(ngx_http_request_t *r, ngx_uint_t status)
{
    u_char     *p;
    ngx_str_t  *phrase;

    phrase = ngx_tel_reason_phrase(status);

    p = ngx_pnalloc(r->pool, sizeof("NNN ") + phrase->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    r->headers_out.status_line.data = p;

    p = ngx_tel_status(p, status);
    *p++ = ' ';
    p = ngx_cpymem(p, phrase->data, phrase->len);

    r->headers_out.status_line.len = p - r->headers_out.status_line.data;

    return NGX_OK;
}


static ngx_uint_t
ngx_tel_visible(ngx_str_t *value)
{
    size_t  i;

    if (value->len > NGX_TEL_MAX_HEADER) {
        return 0;
    }

    for (i = 0; i < value->len; i++) {
        if (value->data[i] <= 0x20 || value->data[i] >= 0x7f) {
            return 0;
        }
    }

    return value->len != 0;
}
