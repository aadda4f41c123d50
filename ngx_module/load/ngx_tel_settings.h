
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_SETTINGS_H_INCLUDED_
#define _NGX_TEL_SETTINGS_H_INCLUDED_


#include "ngx_tel_load.h"


/*
 * The settings of a catalog: where its codes, messages and fields stand, and
 * what it says of retries, language and headers.  Each function applies one
 * statement.  NGX_OK, or NGX_ERROR after a message.
 */

ngx_int_t ngx_tel_set_code(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st);
ngx_int_t ngx_tel_set_present(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st);
ngx_int_t ngx_tel_set_text(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st);
ngx_int_t ngx_tel_set_message(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st);
ngx_int_t ngx_tel_set_field(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st);
ngx_int_t ngx_tel_set_scope(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st);
ngx_int_t ngx_tel_set_repeatable(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st);
ngx_int_t ngx_tel_set_language(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st);
ngx_int_t ngx_tel_set_challenge(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st);
ngx_int_t ngx_tel_set_allow(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st);

/* Whether a pattern follows: 1 with ~, 2 with ~*, no letter case; else 0. */

ngx_int_t ngx_tel_is_regex(ngx_str_t *arg);

/* Compiles the value of a scope while its block is read. */

ngx_int_t ngx_tel_compile_scope(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st);


#endif /* _NGX_TEL_SETTINGS_H_INCLUDED_ */
