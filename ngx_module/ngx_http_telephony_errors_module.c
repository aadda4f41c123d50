
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/* The module: its directives and their configurations. */


#include "ngx_tel_request.h"
#include "ngx_tel_explain.h"
#include "ngx_tel_field.h"
#include "ngx_tel_headers.h"
#include "ngx_tel_inflate.h"
#include "ngx_tel_load.h"
#include "ngx_tel_metrics.h"
#include "ngx_tel_reference.h"
#include "ngx_tel_template.h"
#include "ngx_tel_zone.h"


static char *ngx_tel_set_provider(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_tel_set_switch(ngx_conf_t *cf, ngx_str_t *text,
    ngx_http_complex_value_t **value);
static char *ngx_tel_set_observe(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_tel_set_override(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_tel_set_type_base(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_tel_set_generated(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_tel_set_envelope(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_tel_check_window(ngx_conf_t *cf, void *post, void *data);
static char *ngx_tel_set_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *ngx_tel_set_metrics(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_tel_metrics_handler(ngx_http_request_t *r);
static char *ngx_tel_set_reference(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_tel_keep_reference(ngx_conf_t *cf, ngx_str_t *location);
static ngx_int_t ngx_tel_reference_handler(ngx_http_request_t *r);
static char *ngx_tel_set_explain(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_tel_explain_handler(ngx_http_request_t *r);
static void ngx_tel_explain_body(ngx_http_request_t *r);

static ngx_int_t ngx_tel_preconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_tel_postconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_tel_init_process(ngx_cycle_t *cycle);
static void ngx_tel_tidy_heap(void);
static void ngx_tel_exit_process(ngx_cycle_t *cycle);
static void *ngx_tel_create_main_conf(ngx_conf_t *cf);
static char *ngx_tel_init_main_conf(ngx_conf_t *cf, void *conf);
static void *ngx_tel_create_srv_conf(ngx_conf_t *cf);
static void *ngx_tel_create_loc_conf(ngx_conf_t *cf);
static char *ngx_tel_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child);
static char *ngx_tel_resolve(ngx_conf_t *cf, ngx_tel_main_conf_t *tmcf,
    ngx_tel_loc_conf_t *conf);
static char *ngx_tel_resolve_overrides(ngx_conf_t *cf,
    ngx_tel_main_conf_t *tmcf, ngx_tel_loc_conf_t *conf);
static char *ngx_tel_resolve_envelope(ngx_conf_t *cf, ngx_tel_main_conf_t *tmcf,
    ngx_tel_loc_conf_t *conf);


static ngx_conf_enum_t  ngx_tel_generated[] = {
    { ngx_string("off"), NGX_TEL_GENERATED_OFF },
    { ngx_string("upstream"), NGX_TEL_GENERATED_UPSTREAM },
    { ngx_string("all"), NGX_TEL_GENERATED_ALL },
    { ngx_null_string, 0 }
};


static ngx_conf_post_t  ngx_tel_window_post = {
    ngx_tel_check_window
};


static ngx_command_t  ngx_tel_commands[] = {

    { ngx_string("telephony_codes"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_tel_codes_block,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_tel_main_conf_t, catalogs),
      NULL },

    { ngx_string("telephony_catalog"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE12,
      ngx_tel_catalog_block,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_tel_main_conf_t, catalogs),
      NULL },

    { ngx_string("telephony_envelope"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE2,
      ngx_tel_envelope_block,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_tel_main_conf_t, envelopes),
      NULL },

    { ngx_string("telephony_errors_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE2,
      ngx_tel_set_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("telephony_errors"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_tel_set_provider,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("telephony_errors_window"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_tel_loc_conf_t, window),
      &ngx_tel_window_post },

    { ngx_string("telephony_errors_override"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE2,
      ngx_tel_set_override,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("telephony_errors_type_base"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_tel_set_type_base,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("telephony_errors_observe"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_tel_set_observe,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("telephony_errors_generated"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_tel_set_generated,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_tel_loc_conf_t, generated),
      &ngx_tel_generated },

    { ngx_string("telephony_errors_hide_provider"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_tel_loc_conf_t, hide_provider),
      NULL },

    { ngx_string("telephony_errors_envelope"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_tel_set_envelope,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("telephony_errors_intercept"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_tel_set_choice,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_tel_loc_conf_t, intercept),
      "all, non_idempotent" },

    { ngx_string("telephony_errors_peer_failed"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_tel_set_choice,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_tel_loc_conf_t, peer_failed),
      NULL },

    { ngx_string("telephony_errors_metrics"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_tel_set_metrics,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("telephony_errors_reference"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_tel_set_reference,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("telephony_errors_explain"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_tel_set_explain,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_tel_ctx = {
    ngx_tel_preconfiguration,  /* preconfiguration */
    ngx_tel_postconfiguration, /* postconfiguration */

    ngx_tel_create_main_conf,  /* create main conf */
    ngx_tel_init_main_conf,    /* init main conf */

    ngx_tel_create_srv_conf,   /* create server conf */
    NULL,                                        /* merge server conf */

    ngx_tel_create_loc_conf,   /* create location conf */
    ngx_tel_merge_loc_conf     /* merge location conf */
};


ngx_module_t  ngx_http_telephony_errors_module = {
    NGX_MODULE_V1,
    &ngx_tel_ctx,       /* module context */
    ngx_tel_commands,          /* module directives */
    NGX_HTTP_MODULE,                             /* module type */
    NULL,                                        /* init master */
    NULL,                                        /* init module */
    ngx_tel_init_process,      /* init process */
    NULL,                                        /* init thread */
    NULL,                                        /* exit thread */
    ngx_tel_exit_process,      /* exit process */
    NULL,                                        /* exit master */
    NGX_MODULE_V1_PADDING
};


static char *
ngx_tel_set_provider(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_tel_loc_conf_t *tlcf = conf;

    ngx_str_t  *value;

    if (tlcf->provider != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    if (ngx_tel_place(cf, &tlcf->provider_place) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    return ngx_tel_set_switch(cf, &value[1], &tlcf->provider);
}


/* a complex value, or NULL for "off" */

static char *
ngx_tel_set_switch(ngx_conf_t *cf, ngx_str_t *text,
    ngx_http_complex_value_t **value)
{
    ngx_http_compile_complex_value_t  ccv;

    if (text->len == 0) {
        return "needs a value";
    }

    if (ngx_strcmp(text->data, "off") == 0) {
        *value = NULL;
        return NGX_CONF_OK;
    }

    *value = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (*value == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = text;
    ccv.complex_value = *value;

    return (ngx_http_compile_complex_value(&ccv) == NGX_OK)
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static char *
ngx_tel_set_observe(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_tel_loc_conf_t *tlcf = conf;

    char       *rv;
    ngx_str_t  *value;

    if (tlcf->observe != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    rv = ngx_tel_set_switch(cf, &value[1], &tlcf->observe);

    if (rv == NGX_CONF_OK && tlcf->observe && tlcf->observe->lengths == NULL
        && ngx_strcmp(value[1].data, "on") != 0)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"%V\" directive, it must "
                           "be \"on\", \"off\" or hold a variable",
                           &value[1], &cmd->name);
        return NGX_CONF_ERROR;
    }

    return rv;
}


static char *
ngx_tel_set_override(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_tel_loc_conf_t *tlcf = conf;

    ngx_int_t            status;
    ngx_str_t           *value;
    ngx_uint_t           i;
    ngx_tel_override_t  *override;

    value = cf->args->elts;
    status = ngx_atoi(value[2].data, value[2].len);

    if (status < 400 || status > 599) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid HTTP status \"%V\" in \"%V\" directive, "
                           "use 400 to 599", &value[2], &cmd->name);
        return NGX_CONF_ERROR;
    }

    if (tlcf->overrides == NGX_CONF_UNSET_PTR) {
        tlcf->overrides = ngx_array_create(cf->pool, 4,
                                           sizeof(ngx_tel_override_t));
        if (tlcf->overrides == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    override = tlcf->overrides->elts;

    for (i = 0; i < tlcf->overrides->nelts; i++) {
        if (override[i].name.len == value[1].len
            && ngx_strcmp(override[i].name.data, value[1].data) == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"%V\" is overridden twice here", &value[1]);
            return NGX_CONF_ERROR;
        }
    }

    override = ngx_array_push(tlcf->overrides);

    if (override == NULL || ngx_tel_place(cf, &override->place) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    override->name = value[1];
    override->status = status;
    override->code = NULL;

    return NGX_CONF_OK;
}


static char *
ngx_tel_set_type_base(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_tel_loc_conf_t *tlcf = conf;

    u_char      ch;
    size_t      i;
    ngx_str_t  *value;

    if (tlcf->type_base.data) {
        return "is duplicate";
    }

    value = cf->args->elts;

    for (i = 0; i < value[1].len; i++) {
        ch = value[1].data[i];

        if (ch <= 0x20 || ch >= 0x7f || ngx_strchr("\"<>\\^`{|}", ch)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"%V\" in \"%V\" directive is no URI; escape "
                               "what RFC 3986 does not allow",
                               &value[1], &cmd->name);
            return NGX_CONF_ERROR;
        }
    }

    tlcf->type_base = value[1];

    return NGX_CONF_OK;
}


/* ngx_conf_set_enum_slot() names neither the directive nor its values */

static char *
ngx_tel_set_generated(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t        *value;
    ngx_conf_enum_t  *e;

    value = cf->args->elts;

    for (e = ngx_tel_generated; e->name.len; e++) {
        if (e->name.len == value[1].len
            && ngx_strcasecmp(e->name.data, value[1].data) == 0)
        {
            return ngx_conf_set_enum_slot(cf, cmd, conf);
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" in \"%V\" directive, it must be "
                       "\"off\", \"upstream\" or \"all\"",
                       &value[1], &cmd->name);

    return NGX_CONF_ERROR;
}


static char *
ngx_tel_set_envelope(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_tel_loc_conf_t *tlcf = conf;

    ngx_str_t  *value;

    if (tlcf->envelope.data) {
        return "is duplicate";
    }

    value = cf->args->elts;
    tlcf->envelope = value[1];

    if (ngx_tel_place(cf, &tlcf->envelope_place) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_tel_check_window(ngx_conf_t *cf, void *post, void *data)
{
    size_t *sp = data;

    if (*sp < 256 || *sp > 16 * 1024 * 1024) {
        return "must be between 256 bytes and 16m";
    }

    return NGX_CONF_OK;
}


static char *
ngx_tel_set_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_tel_main_conf_t *tmcf = conf;

    ssize_t     size;
    ngx_str_t  *value;

    value = cf->args->elts;

    if (tmcf->zone) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" is duplicate: there is one zone, \"%V\"",
                           &cmd->name, &tmcf->zone->shm.name);
        return NGX_CONF_ERROR;
    }

    if (value[1].len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the zone needs a name: %V name size", &cmd->name);
        return NGX_CONF_ERROR;
    }

    size = ngx_parse_size(&value[2]);

    if (size == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid size \"%V\" of the zone \"%V\"",
                           &value[2], &value[1]);
        return NGX_CONF_ERROR;
    }

    if (size < (ssize_t) (8 * ngx_pagesize)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the zone \"%V\" is too small, it needs %uzk",
                           &value[1], 8 * ngx_pagesize / 1024);
        return NGX_CONF_ERROR;
    }

    tmcf->zone = ngx_tel_zone_add(cf, &value[1], size,
                                 &ngx_http_telephony_errors_module);
    if (tmcf->zone == NULL) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_tel_set_metrics(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_tel_main_conf_t       *tmcf;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler == ngx_tel_metrics_handler) {
        return "is duplicate";
    }

    clcf->handler = ngx_tel_metrics_handler;

    tmcf = ngx_http_conf_get_module_main_conf(cf,
                                              ngx_http_telephony_errors_module);

    return (ngx_tel_place(cf, &tmcf->metrics) == NGX_OK) ? NGX_CONF_OK
                                                         : NGX_CONF_ERROR;
}


static ngx_int_t
ngx_tel_metrics_handler(ngx_http_request_t *r)
{
    ngx_tel_srv_conf_t   *tscf;
    ngx_tel_main_conf_t  *tmcf;

    tmcf = ngx_http_get_module_main_conf(r, ngx_http_telephony_errors_module);
    tscf = ngx_http_get_module_srv_conf(r, ngx_http_telephony_errors_module);

    return ngx_tel_metrics(r, tmcf->zone, tmcf->catalogs, &tscf->reference);
}


static char *
ngx_tel_set_reference(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                 *name;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler == ngx_tel_reference_handler) {
        return "is duplicate";
    }

    name = &clcf->name;

    if (clcf->exact_match || clcf->named
#if (NGX_PCRE)
        || clcf->regex
#endif
        || name->len == 0 || name->data[name->len - 1] != '/')
    {
        return "needs a location whose name is the beginning of a path and "
               "ends in \"/\", as in \"location /errors/\"";
    }

    clcf->handler = ngx_tel_reference_handler;
    clcf->auto_redirect = 1;

    return (ngx_tel_keep_reference(cf, name) == NGX_OK) ? NGX_CONF_OK
                                                        : NGX_CONF_ERROR;
}


/* The first of a server is what its metrics page links to. */

static ngx_int_t
ngx_tel_keep_reference(ngx_conf_t *cf, ngx_str_t *location)
{
    size_t                len;
    ngx_str_t            *path;
    ngx_tel_srv_conf_t   *tscf;
    ngx_tel_main_conf_t  *tmcf;

    tmcf = ngx_http_conf_get_module_main_conf(cf,
                                              ngx_http_telephony_errors_module);
    tscf = ngx_http_conf_get_module_srv_conf(cf,
                                             ngx_http_telephony_errors_module);

    if (tmcf->reference.file == NULL
        && ngx_tel_place(cf, &tmcf->reference) != NGX_OK)
    {
        return NGX_ERROR;
    }

    path = &tscf->reference;

    if (path->len) {
        return NGX_OK;
    }

    len = 2 * ngx_escape_uri(NULL, location->data, location->len,
                             NGX_ESCAPE_URI);

    path->data = ngx_pnalloc(cf->pool, location->len + len);
    if (path->data == NULL) {
        return NGX_ERROR;
    }

    path->len = location->len + len;

    ngx_escape_uri(path->data, location->data, location->len, NGX_ESCAPE_URI);

    return NGX_OK;
}


static ngx_int_t
ngx_tel_reference_handler(ngx_http_request_t *r)
{
    ngx_tel_main_conf_t       *tmcf;
    ngx_http_core_loc_conf_t  *clcf;

    /* an "if" has a configuration of its own, but the location's name */

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    tmcf = ngx_http_get_module_main_conf(r, ngx_http_telephony_errors_module);

    return ngx_tel_reference(r, &clcf->name, tmcf->catalogs);
}


static char *
ngx_tel_set_explain(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_tel_loc_conf_t *tlcf = conf;

    ngx_str_t                 *value;
    ngx_http_core_loc_conf_t  *clcf;

    if (tlcf->explain.name.data) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (value[1].len == 0 || ngx_strchr(value[1].data, '$')) {
        return "needs the name of a provider, which holds no variables";
    }

    tlcf->explain.name = value[1];

    if (ngx_tel_place(cf, &tlcf->explain.place) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_tel_explain_handler;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_tel_explain_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    static ngx_str_t  allow = ngx_string("POST");

    if (r->method != NGX_HTTP_POST) {
        return ngx_tel_refuse_method(r, &allow);
    }

    rc = ngx_http_read_client_request_body(r, ngx_tel_explain_body);

    return (rc >= NGX_HTTP_SPECIAL_RESPONSE) ? rc : NGX_DONE;
}


static void
ngx_tel_explain_body(ngx_http_request_t *r)
{
    ngx_tel_explained_t   conf;
    ngx_tel_loc_conf_t   *tlcf;
    ngx_tel_main_conf_t  *tmcf;

    tlcf = ngx_http_get_module_loc_conf(r, ngx_http_telephony_errors_module);
    tmcf = ngx_http_get_module_main_conf(r, ngx_http_telephony_errors_module);

    conf.catalog = tlcf->explain.catalog;
    conf.codes = &tmcf->catalogs->codes;
    conf.overrides = tlcf->overrides;
    conf.window = tlcf->window;

    ngx_http_finalize_request(r, ngx_tel_explain(r, &conf));
}


static ngx_int_t
ngx_tel_preconfiguration(ngx_conf_t *cf)
{
    return ngx_tel_add_variables(cf);
}


static ngx_int_t
ngx_tel_postconfiguration(ngx_conf_t *cf)
{
    ngx_tel_filter_init();

    return NGX_OK;
}


/*
 * What every inspection needs is taken before the first request: in the midst
 * of one it would part the heap, see below.
 */

static ngx_int_t
ngx_tel_init_process(ngx_cycle_t *cycle)
{
    ngx_uint_t             i;
    ngx_array_t           *list;
    ngx_tel_catalog_t    **catalog;
    ngx_tel_main_conf_t   *tmcf;

    tmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                              ngx_http_telephony_errors_module);

    if (tmcf == NULL || tmcf->catalogs == NULL) {
        return NGX_OK;
    }

    list = &tmcf->catalogs->catalogs;
    catalog = list->elts;

    for (i = 0; i < list->nelts; i++) {

        if (ngx_tel_inspect_reserve(&catalog[i]->paths, 0, cycle->log)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    ngx_tel_tidy_heap();

    return NGX_OK;
}


/*
 * Reading a catalog takes more memory than is kept of it.  What was freed
 * since is still mapped in every worker, 100 bytes a row, and is given back
 * here.  The gaps that it leaves would then serve the requests, and to search
 * them costs each up to 1,500 instructions more than the heap's end: they are
 * taken out of malloc's lists, once, and never touched.
 */

static void
ngx_tel_tidy_heap(void)
{
#if (__GLIBC__)

    (void) malloc_trim(0);

#if (__GLIBC_PREREQ(2, 33))

    size_t             size, rest;
    u_char            *p, *top;
    ngx_uint_t         i;
    static ngx_uint_t  done;

    if (done) {
        return;
    }

    done = 1;
    rest = mallinfo2().keepcost;

    /* nothing: another allocator is at work */

    if (rest == 0) {
        return;
    }

    top = (u_char *) sbrk(0) - rest;

    for (size = 65536; size >= 2048; size /= 2) {

        for (i = 0; i < 1000; i++) {
            p = malloc(size);

            if (p == NULL || p >= top) {
                free(p);
                break;
            }
        }
    }

#endif
#endif
}


static void
ngx_tel_exit_process(ngx_cycle_t *cycle)
{
    ngx_tel_inspect_done();
    ngx_tel_regex_done();
    ngx_tel_inflate_done();
}


static void *
ngx_tel_create_main_conf(ngx_conf_t *cf)
{
    ngx_tel_main_conf_t  *tmcf;

    tmcf = ngx_pcalloc(cf->pool, sizeof(ngx_tel_main_conf_t));
    if (tmcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     tmcf->catalogs = NULL;
     *     tmcf->zone = NULL;
     *     tmcf->metrics = { NULL, 0 };
     *     tmcf->reference = { NULL, 0 };
     *     tmcf->request_id = 0;
     */

    if (ngx_array_init(&tmcf->envelopes, cf->pool, 2, sizeof(ngx_tel_own_t *))
        != NGX_OK)
    {
        return NULL;
    }

    return tmcf;
}


static char *
ngx_tel_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_tel_main_conf_t *tmcf = conf;

    static ngx_str_t  request_id = ngx_string("request_id");

    tmcf->request_id = ngx_http_get_variable_index(cf, &request_id);

    if (tmcf->request_id == NGX_ERROR) {
        return NGX_CONF_ERROR;
    }

    if (tmcf->reference.file) {

        if (tmcf->catalogs == NULL) {
            (void) ngx_tel_refuse(cf, &tmcf->reference,
                          "\"telephony_errors_reference\" without any "
                          "telephony_codes: include the catalogs in the http "
                          "block");
            return NGX_CONF_ERROR;
        }

        tmcf->catalogs->reference = 1;
    }

    /* all names are given now, in whatever order the files were read */

    if (tmcf->metrics.file && tmcf->zone == NULL) {
        (void) ngx_tel_refuse(cf, &tmcf->metrics,
                      "\"telephony_errors_metrics\" without a zone, nothing is "
                      "counted: add \"telephony_errors_zone telephony 1m;\" to "
                      "the http block");
        return NGX_CONF_ERROR;
    }

    if (tmcf->catalogs && ngx_tel_compile(cf, tmcf->catalogs) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static void *
ngx_tel_create_srv_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_tel_srv_conf_t));
}


static void *
ngx_tel_create_loc_conf(ngx_conf_t *cf)
{
    ngx_tel_loc_conf_t  *tlcf;

    tlcf = ngx_pcalloc(cf->pool, sizeof(ngx_tel_loc_conf_t));
    if (tlcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     tlcf->catalog = NULL;
     *     tlcf->type_base = { 0, NULL };
     *     tlcf->envelope = { 0, NULL };
     *     tlcf->own = NULL;
     *     tlcf->explain = { { 0, NULL }, NULL, { NULL, 0 } };
     *     tlcf->repeat_said = 0;
     */

    tlcf->provider = NGX_CONF_UNSET_PTR;
    tlcf->window = NGX_CONF_UNSET_SIZE;
    tlcf->overrides = NGX_CONF_UNSET_PTR;
    tlcf->observe = NGX_CONF_UNSET_PTR;
    tlcf->generated = NGX_CONF_UNSET_UINT;
    tlcf->hide_provider = NGX_CONF_UNSET;
    tlcf->intercept = NGX_CONF_UNSET_PTR;
    tlcf->peer_failed = NGX_CONF_UNSET_PTR;

    return tlcf;
}


static char *
ngx_tel_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_tel_loc_conf_t  *prev = parent;
    ngx_tel_loc_conf_t  *conf = child;

    ngx_http_core_loc_conf_t  *clcf;
    ngx_tel_main_conf_t       *tmcf;

    if (conf->provider == NGX_CONF_UNSET_PTR) {
        conf->provider_place = prev->provider_place;
    }

    if (conf->envelope.data == NULL) {
        conf->envelope_place = prev->envelope_place;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->noname && conf->explain.name.len == 0) {

        /* an "if" that matches has a configuration, but keeps the handler */

        conf->explain = prev->explain;
    }

    ngx_conf_merge_ptr_value(conf->provider, prev->provider, NULL);
    ngx_conf_merge_size_value(conf->window, prev->window, 8192);
    ngx_conf_merge_ptr_value(conf->overrides, prev->overrides, NULL);
    ngx_conf_merge_str_value(conf->type_base, prev->type_base, "");
    ngx_conf_merge_ptr_value(conf->observe, prev->observe, NULL);
    ngx_conf_merge_uint_value(conf->generated, prev->generated,
                              NGX_TEL_GENERATED_UPSTREAM);
    ngx_conf_merge_value(conf->hide_provider, prev->hide_provider, 0);
    ngx_conf_merge_str_value(conf->envelope, prev->envelope, "problem");
    ngx_conf_merge_ptr_value(conf->intercept, prev->intercept, NULL);
    ngx_conf_merge_ptr_value(conf->peer_failed, prev->peer_failed, NULL);

    tmcf = ngx_http_conf_get_module_main_conf(cf,
                                              ngx_http_telephony_errors_module);

    if (ngx_tel_resolve(cf, tmcf, conf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    if (conf->intercept && conf->intercept != prev->intercept
        && clcf->name.len && clcf->error_pages == NULL)
    {
        ngx_tel_warn(cf, ngx_tel_choice_place(conf->intercept),
                     "\"telephony_errors_intercept\" without any "
                     "\"error_page\" here: nothing is given up; add one, as in "
                     "\"error_page 402 = @second;\"");
    }

    return NGX_CONF_OK;
}


/* Names of this location that are given elsewhere. */

static char *
ngx_tel_resolve(ngx_conf_t *cf, ngx_tel_main_conf_t *tmcf,
    ngx_tel_loc_conf_t *conf)
{
    if (conf->provider && tmcf->catalogs == NULL) {
        (void) ngx_tel_refuse(cf, &conf->provider_place,
                          "\"telephony_errors\" without any telephony_catalog: "
                          "include the catalogs in the http block");
        return NGX_CONF_ERROR;
    }

    if (conf->provider && conf->provider->lengths == NULL) {
        conf->catalog = ngx_tel_find_catalog(tmcf->catalogs,
                                             &conf->provider->value);
        if (conf->catalog == NULL) {
            (void) ngx_tel_refuse(cf, &conf->provider_place,
                           "unknown provider \"%V\" in \"telephony_errors\": "
                           "include its telephony_catalog, or correct the name",
                           &conf->provider->value);
            return NGX_CONF_ERROR;
        }
    }

    if (conf->explain.name.len) {
        conf->explain.catalog = tmcf->catalogs
                     ? ngx_tel_find_catalog(tmcf->catalogs, &conf->explain.name)
                     : NULL;

        if (conf->explain.catalog == NULL
            && ngx_strlchr(conf->explain.name.data,
                           conf->explain.name.data + conf->explain.name.len,
                           '$'))
        {
            (void) ngx_tel_refuse(cf, &conf->explain.place,
                       "\"%V\" in \"telephony_errors_explain\", which takes no "
                       "variable: name one provider",
                       &conf->explain.name);
            return NGX_CONF_ERROR;
        }

        if (conf->explain.catalog == NULL) {
            (void) ngx_tel_refuse(cf, &conf->explain.place,
                                  "unknown provider \"%V\" in "
                                  "\"telephony_errors_explain\": include its "
                                  "telephony_catalog, or correct the name",
                                  &conf->explain.name);
            return NGX_CONF_ERROR;
        }
    }

    if (ngx_tel_resolve_overrides(cf, tmcf, conf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    if (ngx_tel_resolve_choice(cf, tmcf->catalogs, conf->intercept,
                               "telephony_errors_intercept")
        != NGX_OK
        || ngx_tel_resolve_choice(cf, tmcf->catalogs, conf->peer_failed,
                                  "telephony_errors_peer_failed")
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return ngx_tel_resolve_envelope(cf, tmcf, conf);
}


static char *
ngx_tel_resolve_overrides(ngx_conf_t *cf, ngx_tel_main_conf_t *tmcf,
    ngx_tel_loc_conf_t *conf)
{
    ngx_uint_t           i, n;
    ngx_tel_override_t  *override;

    n = conf->overrides ? conf->overrides->nelts : 0;
    override = n ? conf->overrides->elts : NULL;

    for (i = 0; i < n; i++) {
        override[i].code = tmcf->catalogs
                     ? ngx_tel_find_code(&tmcf->catalogs->codes,
                                         &override[i].name)
                     : NULL;

        if (override[i].code == NULL
            || override[i].code == tmcf->catalogs->codes.ok)
        {
            (void) ngx_tel_refuse(cf, &override[i].place,
                        "\"%V\" in \"telephony_errors_override\" is no unified "
                        "code of an error or a notice", &override[i].name);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_tel_resolve_envelope(ngx_conf_t *cf, ngx_tel_main_conf_t *tmcf,
    ngx_tel_loc_conf_t *conf)
{
    ngx_uint_t       i;
    ngx_tel_own_t  **own;

    if (ngx_strcmp(conf->envelope.data, "problem") == 0) {
        return NGX_CONF_OK;
    }

    own = tmcf->envelopes.elts;

    for (i = 0; i < tmcf->envelopes.nelts; i++) {
        if (own[i]->name.len == conf->envelope.len
            && ngx_strncmp(own[i]->name.data, conf->envelope.data,
                           conf->envelope.len)
               == 0)
        {
            conf->own = own[i];
            return NGX_CONF_OK;
        }
    }

    (void) ngx_tel_refuse(cf, &conf->envelope_place,
                  "unknown envelope \"%V\": define it with telephony_envelope, "
                  "or use \"problem\"", &conf->envelope);

    return NGX_CONF_ERROR;
}
