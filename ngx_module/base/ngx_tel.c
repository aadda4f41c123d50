
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/* The words for what is concluded, in the order of their enumerations. */


#include "ngx_tel.h"


static ngx_str_t  ngx_tel_kinds[] = {
    ngx_string("none"),
    ngx_string("success"),
    ngx_string("notice"),
    ngx_string("error")
};


static ngx_str_t  ngx_tel_reasons[] = {
    ngx_string(""),
    ngx_string("not_json"),
    ngx_string("too_deep"),
    ngx_string("too_large"),
    ngx_string("window"),
    ngx_string("encoding"),
    ngx_string("no_code"),
    ngx_string("truncated"),
    ngx_string("empty"),
    ngx_string("head"),
    ngx_string("generated")
};


static ngx_str_t  ngx_tel_matches[] = {
    ngx_string("none"),
    ngx_string("exact"),
    ngx_string("message"),
    ngx_string("class"),
    ngx_string("pattern"),
    ngx_string("absent"),
    ngx_string("status")
};


ngx_str_t *
ngx_tel_kind_name(ngx_uint_t kind)
{
    return &ngx_tel_kinds[kind];
}


ngx_str_t *
ngx_tel_reason_name(ngx_uint_t reason)
{
    return &ngx_tel_reasons[reason];
}


ngx_str_t *
ngx_tel_match_name(ngx_uint_t match)
{
    return &ngx_tel_matches[match];
}
