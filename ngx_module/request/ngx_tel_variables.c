
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_request.h"
#include "ngx_tel_intercept.h"
#include "ngx_tel_text.h"


typedef enum {
    NGX_TEL_VAR_VERDICT = 0,
    NGX_TEL_VAR_REASON,
    NGX_TEL_VAR_CODE,
    NGX_TEL_VAR_CATEGORY,
    NGX_TEL_VAR_STATUS,
    NGX_TEL_VAR_RETRYABLE,
    NGX_TEL_VAR_DETAIL,
    NGX_TEL_VAR_PROVIDER,
    NGX_TEL_VAR_PROVIDER_CODE,
    NGX_TEL_VAR_PROVIDER_MESSAGE,
    NGX_TEL_VAR_PROVIDER_STATUS,
    NGX_TEL_VAR_MATCH,
    NGX_TEL_VAR_RULE,
    NGX_TEL_VAR_INTERCEPTED
} ngx_tel_var_e;


static ngx_int_t ngx_tel_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_tel_text_value(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    uintptr_t data, ngx_str_t *value);
static ngx_int_t ngx_tel_number(ngx_http_request_t *r, ngx_uint_t n,
    ngx_str_t *value);
static ngx_int_t ngx_tel_rule(ngx_http_request_t *r, ngx_tel_row_t *row,
    ngx_str_t *value);


#define ngx_tel_var(name, data)                             \
    { ngx_string("telephony_" name), NULL, ngx_tel_variable,\
      data, NGX_HTTP_VAR_NOCACHEABLE, 0 }


static ngx_http_variable_t  ngx_tel_vars[] = {

    ngx_tel_var("verdict", NGX_TEL_VAR_VERDICT),
    ngx_tel_var("reason", NGX_TEL_VAR_REASON),
    ngx_tel_var("code", NGX_TEL_VAR_CODE),
    ngx_tel_var("category", NGX_TEL_VAR_CATEGORY),
    ngx_tel_var("status", NGX_TEL_VAR_STATUS),
    ngx_tel_var("retryable", NGX_TEL_VAR_RETRYABLE),
    ngx_tel_var("detail", NGX_TEL_VAR_DETAIL),
    ngx_tel_var("provider", NGX_TEL_VAR_PROVIDER),
    ngx_tel_var("provider_code", NGX_TEL_VAR_PROVIDER_CODE),
    ngx_tel_var("provider_message", NGX_TEL_VAR_PROVIDER_MESSAGE),
    ngx_tel_var("provider_status", NGX_TEL_VAR_PROVIDER_STATUS),
    ngx_tel_var("match", NGX_TEL_VAR_MATCH),
    ngx_tel_var("rule", NGX_TEL_VAR_RULE),
    ngx_tel_var("intercepted", NGX_TEL_VAR_INTERCEPTED),

      ngx_http_null_variable
};


ngx_int_t
ngx_tel_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_tel_vars; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_tel_variable(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_str_t       value;
    ngx_tel_ctx_t  *ctx;

    ngx_str_null(&value);

    ctx = ngx_tel_get_ctx(r);

    if (ctx && (ctx->decided || data == NGX_TEL_VAR_INTERCEPTED)
        && ngx_tel_text_value(r, ctx, data, &value)
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
ngx_tel_text_value(ngx_http_request_t *r, ngx_tel_ctx_t *ctx, uintptr_t data,
    ngx_str_t *value)
{
    ngx_tel_verdict_t  *verdict;

    verdict = &ctx->verdict;

    switch (data) {

    case NGX_TEL_VAR_VERDICT:
        *value = *ngx_tel_kind_name(verdict->kind);
        return NGX_OK;

    case NGX_TEL_VAR_REASON:
        *value = *ngx_tel_reason_name(verdict->reason);
        return NGX_OK;

    case NGX_TEL_VAR_PROVIDER:
        *value = ctx->catalog->name;
        return NGX_OK;

    case NGX_TEL_VAR_PROVIDER_STATUS:
        return ngx_tel_number(r, verdict->provider_status, value);

    case NGX_TEL_VAR_INTERCEPTED:
        return ngx_tel_intercepted(r, value);
    }

    if (verdict->code == NULL) {
        return NGX_OK;
    }

    switch (data) {

    case NGX_TEL_VAR_CODE:
        *value = verdict->code->name;
        return NGX_OK;

    case NGX_TEL_VAR_CATEGORY:
        *value = verdict->code->category;
        return NGX_OK;

    case NGX_TEL_VAR_STATUS:
        return ngx_tel_number(r, verdict->status, value);

    case NGX_TEL_VAR_RETRYABLE:
        if (ctx->retryable) {
            ngx_str_set(value, "true");

        } else {
            ngx_str_set(value, "false");
        }

        return NGX_OK;

    case NGX_TEL_VAR_DETAIL:
        return ngx_tel_printable(r->pool, &verdict->detail, value);

    case NGX_TEL_VAR_PROVIDER_CODE:
        return ngx_tel_printable(r->pool, &verdict->provider_code, value);

    case NGX_TEL_VAR_PROVIDER_MESSAGE:
        return ngx_tel_printable(r->pool, &verdict->provider_message, value);

    case NGX_TEL_VAR_MATCH:
        *value = *ngx_tel_match_name(verdict->match);
        return NGX_OK;

    default: /* NGX_TEL_VAR_RULE */
        return ngx_tel_rule(r, verdict->row, value);
    }
}


static ngx_int_t
ngx_tel_number(ngx_http_request_t *r, ngx_uint_t n, ngx_str_t *value)
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
ngx_tel_rule(ngx_http_request_t *r, ngx_tel_row_t *row, ngx_str_t *value)
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
