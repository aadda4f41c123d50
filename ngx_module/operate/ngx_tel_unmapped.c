
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_unmapped.h"
#include "ngx_tel_text.h"


#define NGX_TEL_LOGGED  256


typedef struct {
    ngx_tel_catalog_t  *catalog;
    ngx_str_t           code;
    u_char              buf[NGX_TEL_PLAIN];
} ngx_tel_logged_t;


/* of this worker; a reload begins anew, for its rows may be new */

static ngx_tel_logged_t  ngx_tel_logged[NGX_TEL_LOGGED];
static ngx_uint_t        ngx_tel_nlogged;


void
ngx_tel_log_unmapped(ngx_log_t *log, ngx_tel_catalog_t *catalog,
    ngx_tel_verdict_t *verdict)
{
    ngx_str_t          code;
    ngx_uint_t         i, n;
    ngx_tel_logged_t  *l;

    /* nginx writes into its error log what it is given: only plain codes */

    if (ngx_tel_plain(&verdict->provider_code)) {
        code = verdict->provider_code;

    } else {
        ngx_str_set(&code, "(other)");
    }

    n = ngx_tel_nlogged;

    if (n > NGX_TEL_LOGGED) {
        return;
    }

    l = ngx_tel_logged;

    for (i = 0; i < n; i++) {
        if (l[i].catalog == catalog && l[i].code.len == code.len
            && ngx_memcmp(l[i].code.data, code.data, code.len) == 0)
        {
            return;
        }
    }

    ngx_tel_nlogged++;

    if (n == NGX_TEL_LOGGED) {
        ngx_log_error(NGX_LOG_NOTICE, log, 0,
                      "telephony: more than %d unmapped codes, further ones "
                      "are not logged by this worker", NGX_TEL_LOGGED);
        return;
    }

    l[n].catalog = catalog;
    l[n].code.len = code.len;
    l[n].code.data = l[n].buf;
    ngx_memcpy(l[n].buf, code.data, code.len);

    ngx_log_error(NGX_LOG_NOTICE, log, 0,
                  "telephony: %s code \"%V\" of provider \"%V\" with HTTP "
                  "status %ui, judged %V by match \"%V\"; %s",
                  verdict->unmapped ? "unmapped" : "partly mapped",
                  &code, &catalog->name, verdict->provider_status,
                  &verdict->code->name, ngx_tel_match_name(verdict->match),
                  verdict->unmapped
                  ? "add a row for it to its telephony_catalog"
                  : "its rows are only for another scope or message: add one "
                    "for this to its telephony_catalog");
}
