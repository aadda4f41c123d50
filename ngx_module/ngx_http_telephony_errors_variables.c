
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_http_telephony_errors_module.h"
#include "ngx_http_telephony_errors_text.h"


typedef enum {
    NGX_HTTP_TELEPHONY_ERRORS_VAR_VERDICT = 0,
    NGX_HTTP_TELEPHONY_ERRORS_VAR_REASON,
    NGX_HTTP_TELEPHONY_ERRORS_VAR_CODE,
    NGX_HTTP_TELEPHONY_ERRORS_VAR_CATEGORY,
    NGX_HTTP_TELEPHONY_ERRORS_VAR_STATUS,
    NGX_HTTP_TELEPHONY_ERRORS_VAR_RETRYABLE,
    NGX_HTTP_TELEPHONY_ERRORS_VAR_DETAIL,
    NGX_HTTP_TELEPHONY_ERRORS_VAR_PROVIDER,
    NGX_HTTP_TELEPHONY_ERRORS_VAR_PROVIDER_CODE,
    NGX_HTTP_TELEPHONY_ERRORS_VAR_PROVIDER_MESSAGE,
    NGX_HTTP_TELEPHONY_ERRORS_VAR_PROVIDER_STATUS,
    NGX_HTTP_TELEPHONY_ERRORS_VAR_MATCH,
    NGX_HTTP_TELEPHONY_ERRORS_VAR_RULE
} ngx_http_telephony_errors_var_e;


static ngx_int_t ngx_http_telephony_errors_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_telephony_errors_text_value(ngx_http_request_t *r,
    ngx_http_telephony_errors_ctx_t *ctx, uintptr_t data, ngx_str_t *value);
static ngx_int_t ngx_http_telephony_errors_number(ngx_http_request_t *r,
    ngx_uint_t n, ngx_str_t *value);
static ngx_int_t ngx_http_telephony_errors_rule(ngx_http_request_t *r,
    ngx_http_telephony_errors_row_t *row, ngx_str_t *value);


#define ngx_http_telephony_errors_var(name, data)                             \
    { ngx_string("telephony_" name), NULL, ngx_http_telephony_errors_variable,\
      data, NGX_HTTP_VAR_NOCACHEABLE, 0 }


static ngx_http_variable_t  ngx_http_telephony_errors_vars[] = {

    ngx_http_telephony_errors_var("verdict",
                              NGX_HTTP_TELEPHONY_ERRORS_VAR_VERDICT),
    ngx_http_telephony_errors_var("reason",
                              NGX_HTTP_TELEPHONY_ERRORS_VAR_REASON),
    ngx_http_telephony_errors_var("code",
                              NGX_HTTP_TELEPHONY_ERRORS_VAR_CODE),
    ngx_http_telephony_errors_var("category",
                              NGX_HTTP_TELEPHONY_ERRORS_VAR_CATEGORY),
    ngx_http_telephony_errors_var("status",
                              NGX_HTTP_TELEPHONY_ERRORS_VAR_STATUS),
    ngx_http_telephony_errors_var("retryable",
                              NGX_HTTP_TELEPHONY_ERRORS_VAR_RETRYABLE),
    ngx_http_telephony_errors_var("detail",
                              NGX_HTTP_TELEPHONY_ERRORS_VAR_DETAIL),
    ngx_http_telephony_errors_var("provider",
                              NGX_HTTP_TELEPHONY_ERRORS_VAR_PROVIDER),
    ngx_http_telephony_errors_var("provider_code",
                              NGX_HTTP_TELEPHONY_ERRORS_VAR_PROVIDER_CODE),
    ngx_http_telephony_errors_var("provider_message",
                              NGX_HTTP_TELEPHONY_ERRORS_VAR_PROVIDER_MESSAGE),
    ngx_http_telephony_errors_var("provider_status",
                              NGX_HTTP_TELEPHONY_ERRORS_VAR_PROVIDER_STATUS),
    ngx_http_telephony_errors_var("match",
                              NGX_HTTP_TELEPHONY_ERRORS_VAR_MATCH),
    ngx_http_telephony_errors_var("rule",
                              NGX_HTTP_TELEPHONY_ERRORS_VAR_RULE),

      ngx_http_null_variable
};


ngx_int_t
ngx_http_telephony_errors_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_telephony_errors_vars; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


/*
 * Before 1.31.2 nginx asks OpenSSL for every single id, which takes a third of
 * the time of an error.  So if nobody has asked for the id of this request,
 * it is made here, of random bytes that were drawn for many.
 */

ngx_http_variable_value_t *
ngx_http_telephony_errors_request_id(ngx_http_request_t *r, ngx_int_t index)
{
#if (NGX_OPENSSL && nginx_version < 1031002)

    u_char                     *id;
    ngx_http_variable_value_t  *vv;

    static u_char  bytes[64 * 16];
    static size_t  left;

    vv = &r->variables[index];

    if (vv->valid || vv->not_found) {
        return vv;
    }

    if (left == 0 && RAND_bytes(bytes, sizeof(bytes)) == 1) {
        left = sizeof(bytes);
    }

    /* else nginx says in the log what is wrong, and has another way */

    if (left) {
        id = ngx_pnalloc(r->pool, 32);
        if (id == NULL) {
            return NULL;
        }

        left -= 16;
        ngx_hex_dump(id, bytes + left, 16);

        vv->valid = 1;
        vv->no_cacheable = 0;
        vv->not_found = 0;
        vv->len = 32;
        vv->data = id;

        return vv;
    }

#endif

    return ngx_http_get_indexed_variable(r, index);
}


static ngx_int_t
ngx_http_telephony_errors_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                         value;
    ngx_http_telephony_errors_ctx_t  *ctx;

    ngx_str_null(&value);

    ctx = ngx_http_telephony_errors_get_ctx(r);

    if (ctx && ctx->decided
        && ngx_http_telephony_errors_text_value(r, ctx, data, &value)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (value.len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->len = value.len;
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;
    v->data = value.data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_telephony_errors_text_value(ngx_http_request_t *r,
    ngx_http_telephony_errors_ctx_t *ctx, uintptr_t data, ngx_str_t *value)
{
    ngx_http_telephony_errors_verdict_t  *verdict;

    verdict = &ctx->verdict;

    switch (data) {

    case NGX_HTTP_TELEPHONY_ERRORS_VAR_VERDICT:
        *value = *ngx_http_telephony_errors_kind_name(verdict->kind);
        return NGX_OK;

    case NGX_HTTP_TELEPHONY_ERRORS_VAR_REASON:
        *value = *ngx_http_telephony_errors_reason_name(verdict->reason);
        return NGX_OK;

    case NGX_HTTP_TELEPHONY_ERRORS_VAR_PROVIDER:
        *value = ctx->catalog->name;
        return NGX_OK;

    case NGX_HTTP_TELEPHONY_ERRORS_VAR_PROVIDER_STATUS:
        return ngx_http_telephony_errors_number(r, verdict->provider_status,
                                                value);
    }

    if (verdict->code == NULL) {
        return NGX_OK;
    }

    switch (data) {

    case NGX_HTTP_TELEPHONY_ERRORS_VAR_CODE:
        *value = verdict->code->name;
        return NGX_OK;

    case NGX_HTTP_TELEPHONY_ERRORS_VAR_CATEGORY:
        *value = verdict->code->category;
        return NGX_OK;

    case NGX_HTTP_TELEPHONY_ERRORS_VAR_STATUS:
        return ngx_http_telephony_errors_number(r, verdict->status, value);

    case NGX_HTTP_TELEPHONY_ERRORS_VAR_RETRYABLE:
        if (ctx->retryable) {
            ngx_str_set(value, "true");

        } else {
            ngx_str_set(value, "false");
        }

        return NGX_OK;

    case NGX_HTTP_TELEPHONY_ERRORS_VAR_DETAIL:
        return ngx_http_telephony_errors_printable(r->pool, &verdict->detail,
                                                   value);

    case NGX_HTTP_TELEPHONY_ERRORS_VAR_PROVIDER_CODE:
        return ngx_http_telephony_errors_printable(r->pool,
                                                   &verdict->provider_code,
                                                   value);

    case NGX_HTTP_TELEPHONY_ERRORS_VAR_PROVIDER_MESSAGE:
        return ngx_http_telephony_errors_printable(r->pool,
                                                   &verdict->provider_message,
                                                   value);

    case NGX_HTTP_TELEPHONY_ERRORS_VAR_MATCH:
        *value = *ngx_http_telephony_errors_match_name(verdict->match);
        return NGX_OK;

    default: /* NGX_HTTP_TELEPHONY_ERRORS_VAR_RULE */
        return ngx_http_telephony_errors_rule(r, verdict->row, value);
    }
}


static ngx_int_t
ngx_http_telephony_errors_number(ngx_http_request_t *r, ngx_uint_t n,
    ngx_str_t *value)
{
    if (n == 0) {
        return NGX_OK;
    }

    value->data = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
    if (value->data == NULL) {
        return NGX_ERROR;
    }

    value->len = ngx_sprintf(value->data, "%ui", n) - value->data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_telephony_errors_rule(ngx_http_request_t *r,
    ngx_http_telephony_errors_row_t *row, ngx_str_t *value)
{
    if (row == NULL || row->file == NULL) {
        return NGX_OK;
    }

    value->data = ngx_pnalloc(r->pool, row->file->len + 1 + NGX_INT_T_LEN);
    if (value->data == NULL) {
        return NGX_ERROR;
    }

    value->len = ngx_sprintf(value->data, "%V:%uD", row->file, row->line)
                 - value->data;

    return NGX_OK;
}
