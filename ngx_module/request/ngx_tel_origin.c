
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/* Who made an answer, and whether it is judged here at all. */

#include "ngx_tel_origin.h"
#include "ngx_tel_text.h"


static ngx_uint_t ngx_tel_own_upstream(ngx_http_request_t *r);
static ngx_uint_t ngx_tel_own_page(ngx_http_request_t *r);
static ngx_uint_t ngx_tel_type_begins(ngx_str_t *type, ngx_str_t *name);
static ngx_uint_t ngx_tel_repeats(ngx_http_request_t *r);


/*
 * An upstream's own answer has a status; without one nginx has not understood
 * its status line, and takes all of it for the body of HTTP/0.9.
 */

ngx_tel_origin_e
ngx_tel_origin(ngx_http_request_t *r)
{
    ngx_http_upstream_t  *u;

    u = r->upstream;

    /* behind filter_finalize comes the page of a filter that refused */

    if (!r->filter_finalize && ngx_tel_vendors(r)) {

        if (u->headers_in.status_n >= 100) {
            return NGX_TEL_FROM_UPSTREAM;
        }

        if (r->http_version == NGX_HTTP_VERSION_9
            || u->headers_in.status_line.len)
        {
            return NGX_TEL_UNREADABLE;
        }
    }

    return (r->err_status >= NGX_HTTP_BAD_REQUEST)
           ? NGX_TEL_FROM_NGINX
           : NGX_TEL_FROM_OTHER;
}


/* An error of nginx's own: never one whose body an error_page supplied. */

ngx_uint_t
ngx_tel_wanted(ngx_http_request_t *r, ngx_tel_loc_conf_t *tlcf)
{
    switch (tlcf->generated) {

    case NGX_TEL_GENERATED_UPSTREAM:
        return ngx_tel_dead(r);

    case NGX_TEL_GENERATED_ALL:
        return ngx_tel_dead(r)
               || ngx_tel_own_page(r);

    default: /* NGX_TEL_GENERATED_OFF */
        return 0;
    }
}


/*
 * 1 if this very location asked the upstream, not one from which an error_page
 * or X-Accel-Redirect came here: the configuration of an upstream is the first
 * thing in that of the modules which have one.
 */

static ngx_uint_t
ngx_tel_own_upstream(ngx_http_request_t *r)
{
    ngx_uint_t  i;

    for (i = 0; i < ngx_http_max_module; i++) {
        if (r->loc_conf[i] == (void *) r->upstream->conf) {
            return 1;
        }
    }

    return 0;
}


/* Answers that are neither judged nor delayed. */

ngx_uint_t
ngx_tel_untouched(ngx_http_request_t *r, ngx_uint_t status)
{
    ngx_str_t  *type;

    static ngx_str_t  grpc = ngx_string("application/grpc");

    if (status < 200 || status == 204 || status == 205 || status == 206
        || (status >= 300 && status < 400) || status == 416
        || r->headers_out.status == NGX_HTTP_NOT_MODIFIED
        || r->upstream->upgrade)
    {
        return 1;
    }

    type = &r->headers_out.content_type;

    if (status < 400) {
        return ngx_tel_stream(type);
    }

    return ngx_tel_type_begins(type, &grpc);
}


/* The catalog by which answers are judged here, NULL if they are not. */

ngx_tel_catalog_t *
ngx_tel_provider(ngx_http_request_t *r, ngx_tel_loc_conf_t *tlcf)
{
    ngx_str_t             name;
    ngx_tel_catalog_t    *catalog;
    ngx_tel_main_conf_t  *tmcf;

    static ngx_uint_t  logged;

    if (tlcf->provider == NULL || r != r->main || r->post_action) {
        return NULL;
    }

    if (tlcf->catalog) {
        return tlcf->catalog;
    }

    if (ngx_tel_value(r, tlcf->provider, &name) != NGX_OK) {
        return NULL;
    }

    if (name.len == 3 && ngx_strncmp(name.data, "off", 3) == 0) {
        return NULL;
    }

    tmcf = ngx_http_get_module_main_conf(r, ngx_http_telephony_errors_module);

    catalog = ngx_tel_find_catalog(tmcf->catalogs, &name);

    if (catalog == NULL && !logged) {
        logged = 1;
        ngx_log_error(NGX_LOG_WARN, ngx_tel_log(r), 0,
                      "telephony: \"%V\" of \"telephony_errors\" names no "
                      "telephony_catalog%s, taken as off; said once",
                      ngx_tel_plain(&name) ? &name
                      : &tlcf->provider->value,
                      name.len ? "" : " (it is empty)");
    }

    return catalog;
}


ngx_uint_t
ngx_tel_observe(ngx_http_request_t *r, ngx_tel_loc_conf_t *tlcf)
{
    ngx_str_t  value;

    if (tlcf->observe == NULL) {
        return 0;
    }

    /* in doubt nothing is changed: all but "off" and an empty value observe */

    if (ngx_tel_value(r, tlcf->observe, &value) != NGX_OK) {
        return 1;
    }

    return !(value.len == 0
             || (value.len == 1 && value.data[0] == '0')
             || (value.len == 3 && ngx_strncmp(value.data, "off", 3) == 0));
}


/*
 * 1 if an upstream made what is being sent: its request is not finalized yet,
 * or was not made since the answer came from the cache.
 */

ngx_uint_t
ngx_tel_vendors(ngx_http_request_t *r)
{
    if (r->upstream == NULL) {
        return 0;
    }

#if (NGX_HTTP_CACHE)
    if (r->cached) {
        return 1;
    }
#endif

    return r->upstream->cleanup != NULL;
}


/* What is read as it comes, or is no document of its own. */

ngx_uint_t
ngx_tel_stream(ngx_str_t *type)
{
    ngx_uint_t  i;

    static ngx_str_t  streams[] = {
        ngx_string("text/event-stream"),
        ngx_string("application/x-ndjson"),
        ngx_string("application/grpc"),
        ngx_string("multipart/")
    };

    for (i = 0; i < sizeof(streams) / sizeof(ngx_str_t); i++) {
        if (ngx_tel_type_begins(type, &streams[i])) {
            return 1;
        }
    }

    return 0;
}


/* The last letter first: it tells them from "application/json". */

static ngx_uint_t
ngx_tel_type_begins(ngx_str_t *type, ngx_str_t *name)
{
    size_t  last;

    last = name->len - 1;

    return type->len > last
           && (type->data[last] | 0x20) == (name->data[last] | 0x20)
           && ngx_strncasecmp(type->data, name->data, name->len) == 0;
}


/* 1 if this location asked an upstream, which could not answer. */

ngx_uint_t
ngx_tel_dead(ngx_http_request_t *r)
{
    return r->upstream
           && !r->filter_finalize
           && (r->err_status == NGX_HTTP_BAD_GATEWAY
               || r->err_status == NGX_HTTP_GATEWAY_TIME_OUT)
           && ngx_tel_own_upstream(r);
}


/*
 * 1 if the page is one of nginx's built-in ones.  Nothing in a request says
 * so; but they have the type text/html, or nothing at all, are no file, and
 * their type was not taken from the configuration, as that of a text is which
 * a "return" behind an error_page supplies.
 */

static ngx_uint_t
ngx_tel_own_page(ngx_http_request_t *r)
{
    size_t                     len;
    u_char                    *lowcase;
    ngx_str_t                  type;
    ngx_uint_t                 own;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (!r->internal || !(r->error_page || clcf->recursive_error_pages)) {

        /* no error_page came by */

        return 1;
    }

    type = r->headers_out.content_type;

    if (!r->expect_tested || r->headers_out.last_modified_time != -1) {
        return 0;
    }

    if (type.len == 0) {
        return r->headers_out.content_length_n == 0;
    }

    if (type.len != sizeof("text/html") - 1
        || ngx_strncmp(type.data, "text/html", type.len) != 0)
    {
        return 0;
    }

    len = r->headers_out.content_type_len;
    lowcase = r->headers_out.content_type_lowcase;
    r->headers_out.content_type.len = 0;

    own = (ngx_http_set_content_type(r) == NGX_OK
           && r->headers_out.content_type.data != type.data);

    r->headers_out.content_type = type;
    r->headers_out.content_type_len = len;
    r->headers_out.content_type_lowcase = lowcase;

    return own;
}


/* 1 if limit_req or limit_conn refused: their status is 503 unless set. */

ngx_uint_t
ngx_tel_limited(ngx_http_request_t *r)
{
    ngx_uint_t                  i;
    ngx_http_variable_value_t  *vv;

    static ngx_str_t  names[] = {
        ngx_string("limit_req_status"),
        ngx_string("limit_conn_status")
    };

    for (i = 0; i < 2; i++) {
        vv = ngx_http_get_variable(r, &names[i],
                                   ngx_hash_key(names[i].data, names[i].len));

        if (vv && !vv->not_found && vv->len == sizeof("REJECTED") - 1
            && ngx_strncmp(vv->data, "REJECTED", vv->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/*
 * nginx itself sends a GET once more when a server fails or a kept connection
 * is stale.  Where the catalog says that a call may not be repeated, the first
 * request that nginx could have repeated is a warning.
 */

void
ngx_tel_check_repeat(ngx_http_request_t *r, ngx_tel_loc_conf_t *tlcf,
    ngx_tel_catalog_t *catalog)
{
    ngx_uint_t                 methods, next;
    ngx_http_core_loc_conf_t  *clcf;

    if (r->upstream->conf == NULL) {
        return;
    }

    next = r->upstream->conf->next_upstream;
    methods = NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_OPTIONS|NGX_HTTP_PUT
              |NGX_HTTP_DELETE|NGX_HTTP_TRACE;

    if (next & NGX_HTTP_UPSTREAM_FT_NON_IDEMPOTENT) {
        methods |= NGX_HTTP_POST|NGX_HTTP_PATCH;
    }

    if ((methods & ~catalog->repeatable) == 0
        || (next & (NGX_HTTP_UPSTREAM_FT_ERROR|NGX_HTTP_UPSTREAM_FT_TIMEOUT
                    |NGX_HTTP_UPSTREAM_FT_INVALID_HEADER
                    |NGX_HTTP_UPSTREAM_FT_STATUS))
           == 0
        || !ngx_tel_repeats(r))
    {
        return;
    }

    tlcf->repeat_said = 1;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    ngx_log_error(NGX_LOG_WARN, ngx_tel_log(r), 0,
                  "telephony: nginx may send a call of location \"%V\" to "
                  "\"%V\" twice, which the catalog does not allow: add "
                  "\"%V_next_upstream off;\", or correct \"repeatable\"; said "
                  "once", &clcf->name, &catalog->name,
                  &r->upstream->conf->module);
}


/* 1 if nginx had another server or a kept connection, or did repeat. */

static ngx_uint_t
ngx_tel_repeats(ngx_http_request_t *r)
{
    ngx_uint_t                  n;
    ngx_http_upstream_state_t  *state;

    if (r->upstream->peer.tries > 1 || r->upstream->peer.cached) {
        return 1;
    }

    n = r->upstream_states ? r->upstream_states->nelts : 0;
    state = n ? r->upstream_states->elts : NULL;

    /* one without a peer parts the upstreams of a redirected request */

    return n > 1 && state[n - 1].peer && state[n - 2].peer;
}
