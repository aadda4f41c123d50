
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/* Envelopes of the operator's own: the block telephony_envelope. */

#include "ngx_tel_load.h"
#include "ngx_tel_own.h"


typedef struct {
    ngx_str_t         name;
    ngx_tel_member_e  type;
} ngx_tel_member_type_t;


static ngx_int_t ngx_tel_own_name(ngx_conf_t *cf, ngx_array_t *envelopes,
    ngx_str_t *name);
static ngx_uint_t ngx_tel_media_type(ngx_str_t *type);
static char *ngx_tel_own_line(ngx_conf_t *cf, ngx_command_t *dummy, void *conf);
static ngx_int_t ngx_tel_own_path(ngx_conf_t *cf, ngx_str_t *arg,
    ngx_str_t *path, ngx_tel_member_e *type);
static ngx_int_t ngx_tel_own_value(ngx_conf_t *cf, ngx_str_t *arg,
    ngx_tel_member_e type, ngx_http_complex_value_t *cv);
static ngx_int_t ngx_tel_own_constant(ngx_conf_t *cf, ngx_str_t *arg,
    ngx_tel_member_e type);


static ngx_tel_member_type_t  ngx_tel_member_types[] = {

    { ngx_string("string"), NGX_TEL_MEMBER_STRING },
    { ngx_string("number"), NGX_TEL_MEMBER_NUMBER },
    { ngx_string("boolean"), NGX_TEL_MEMBER_BOOLEAN },
    { ngx_null_string, NGX_TEL_MEMBER_OBJECT }
};


char *
ngx_tel_envelope_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    char           *rv;
    ngx_str_t      *value;
    ngx_conf_t      save;
    ngx_array_t    *envelopes;
    ngx_tel_own_t  *own, **slot;

    envelopes = (ngx_array_t *) (p + cmd->offset);
    value = cf->args->elts;

    if (ngx_tel_own_name(cf, envelopes, &value[1]) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (!ngx_tel_media_type(&value[2])) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid type of telephony_envelope \"%V\": use a "
                           "media type such as application/json", &value[1]);
        return NGX_CONF_ERROR;
    }

    own = ngx_pcalloc(cf->pool, sizeof(ngx_tel_own_t));
    slot = ngx_array_push(envelopes);

    if (own == NULL || slot == NULL
        || ngx_array_init(&own->values, cf->pool, 8,
                          sizeof(ngx_http_complex_value_t))
           != NGX_OK
        || ngx_tel_place(cf, &own->place) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    *slot = own;
    own->name = value[1];
    own->type = value[2];

    save = *cf;
    cf->handler = ngx_tel_own_line;
    cf->handler_conf = (void *) own;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (own->root.child == NULL) {
        (void) ngx_tel_refuse(cf, &own->place,
                      "telephony_envelope \"%V\" is empty: give it members, as "
                      "in \"error.code $telephony_code;\"", &own->name);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_tel_own_name(ngx_conf_t *cf, ngx_array_t *envelopes, ngx_str_t *name)
{
    ngx_uint_t       i;
    ngx_tel_own_t  **own;

    if (name->len == 0 || ngx_strcmp(name->data, "problem") == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid name \"%V\" of telephony_envelope: choose "
                           "another, \"problem\" is the built-in one", name);
        return NGX_ERROR;
    }

    own = envelopes->elts;

    for (i = 0; i < envelopes->nelts; i++) {

        if (own[i]->name.len == name->len
            && ngx_strncmp(own[i]->name.data, name->data, name->len) == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "telephony_envelope \"%V\" is given already, "
                               "in %V:%ui: choose another name",
                               name, own[i]->place.file, own[i]->place.line);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* type "/" subtype, and parameters of visible ASCII (RFC 9110 8.3.1) */

static ngx_uint_t
ngx_tel_media_type(ngx_str_t *type)
{
    u_char      ch;
    size_t      i, start;
    ngx_uint_t  slashes;

    slashes = 0;
    start = 0;

    for (i = 0; i < type->len && type->data[i] != ';'; i++) {
        ch = type->data[i];

        if (ch == '/' && i > start) {
            slashes++;
            start = i + 1;
            continue;
        }

        if (ch <= 0x20 || ch >= 0x7f || ngx_strchr("\"(),/:<=>?@[\\]{}", ch)) {
            return 0;
        }
    }

    if (slashes != 1 || i == start) {
        return 0;
    }

    for ( /* void */ ; i < type->len; i++) {
        if (type->data[i] < 0x20 || type->data[i] >= 0x7f) {
            return 0;
        }
    }

    return 1;
}


static char *
ngx_tel_own_line(ngx_conf_t *cf, ngx_command_t *dummy, void *conf)
{
    ngx_tel_own_t *own = conf;

    char                      *err;
    ngx_str_t                  path, *value;
    ngx_http_complex_value_t  *cv;
    ngx_tel_member_e           type;

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[0].data, "include") == 0) {
        return ngx_conf_include(cf, dummy, conf);
    }

    if (cf->args->nelts != 2) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "wrong number of arguments in telephony_envelope, "
                           "expected: member[:string|:number|:boolean] value; "
                           "quote a value with spaces");
        return NGX_CONF_ERROR;
    }

    if (ngx_tel_own_path(cf, &value[0], &path, &type) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    err = ngx_tel_add_member(cf->pool, &own->root, &path, type,
                             own->values.nelts);
    if (err) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "member \"%V\" of telephony_envelope \"%V\" %s",
                           &path, &own->name, err);
        return NGX_CONF_ERROR;
    }

    cv = ngx_array_push(&own->values);

    if (cv == NULL || ngx_tel_own_value(cf, &value[1], type, cv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* what follows the last colon of a member is its JSON type */

static ngx_int_t
ngx_tel_own_path(ngx_conf_t *cf, ngx_str_t *arg, ngx_str_t *path,
    ngx_tel_member_e *type)
{
    ngx_str_t               name;
    ngx_tel_member_type_t  *t;

    *path = *arg;
    *type = NGX_TEL_MEMBER_STRING;

    while (path->len && path->data[path->len - 1] != ':') {
        path->len--;
    }

    if (path->len == 0) {
        path->len = arg->len;
        return NGX_OK;
    }

    name.data = path->data + path->len;
    name.len = arg->len - path->len;
    path->len--;

    for (t = ngx_tel_member_types; t->name.len; t++) {

        if (t->name.len == name.len
            && ngx_strncmp(t->name.data, name.data, name.len) == 0)
        {
            *type = t->type;
            return NGX_OK;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "unknown JSON type \"%V\" in \"%V\" of "
                       "telephony_envelope, use string, number or boolean",
                       &name, arg);

    return NGX_ERROR;
}


static ngx_int_t
ngx_tel_own_value(ngx_conf_t *cf, ngx_str_t *arg, ngx_tel_member_e type,
    ngx_http_complex_value_t *cv)
{
    ngx_http_compile_complex_value_t  ccv;

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = arg;
    ccv.complex_value = cv;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_ERROR;
    }

    if (cv->lengths || type == NGX_TEL_MEMBER_STRING) {
        return NGX_OK;
    }

    return ngx_tel_own_constant(cf, arg, type);
}


/* A constant that would always be written as null is a mistake. */

static ngx_int_t
ngx_tel_own_constant(ngx_conf_t *cf, ngx_str_t *arg, ngx_tel_member_e type)
{
    ngx_buf_t         *b;
    ngx_tel_writer_t   w;
    ngx_tel_member_t   root, member;

    static u_char  none[] = "{\"\":null}";

    ngx_memzero(&root, sizeof(ngx_tel_member_t));
    ngx_memzero(&member, sizeof(ngx_tel_member_t));

    root.child = &member;
    member.type = type;

    ngx_tel_writer_init(&w, cf->temp_pool, arg->len + sizeof(none));
    ngx_tel_members(&w, &root, arg);

    if (w.failed) {
        return NGX_ERROR;
    }

    b = w.first->buf;

    if (b->last - b->pos != sizeof(none) - 1
        || ngx_strncmp(b->pos, none, sizeof(none) - 1) != 0
        || ngx_strcmp(arg->data, "null") == 0)
    {
        return NGX_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "\"%V\" in telephony_envelope is no JSON %s: correct "
                       "it, or make the member a string", arg,
                       (type == NGX_TEL_MEMBER_NUMBER)
                       ? "number" : "boolean");

    return NGX_ERROR;
}
