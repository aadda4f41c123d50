
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/*
 * telephony_errors_explain: judges an answer that somebody posts as the filter
 * would, and says why it judged so.
 */


#include "ngx_tel_explain.h"
#include "ngx_tel_format.h"
#include "ngx_tel_load.h"
#include "ngx_tel_problem.h"
#include "ngx_tel_text.h"
#include "ngx_tel_writer.h"


#define NGX_TEL_EXPLAIN_LIST  100    /* items shown */
#define NGX_TEL_EXPLAIN_TEXT  256    /* bytes of a value */


typedef struct {
    ngx_str_t   name;
    ngx_uint_t  method;
} ngx_tel_explain_method_t;


/* one question: the answer of a vendor, and the call that it answers */

typedef struct {
    ngx_http_request_t        *request;
    ngx_tel_explained_t       *conf;
    ngx_tel_explain_method_t  *method;
    ngx_str_t                  scope;  /* as given */

    u_char                    *data;
    size_t                     len;    /* up to the window */
    off_t                      size;   /* of all */

    ngx_tel_judge_t            judge;
    ngx_tel_inspection_t       found;
    ngx_tel_verdict_t          verdict;
    ngx_uint_t                 retryable;

    ngx_str_t                  error;  /* in the question */
    ngx_tel_writer_t           out;
    ngx_uint_t                 parts;  /* of an item, so far */
} ngx_tel_explain_t;


static ngx_int_t ngx_tel_explain_unknown(ngx_tel_explain_t *e);
static ngx_uint_t ngx_tel_explain_known(u_char *p, u_char *end);
static ngx_int_t ngx_tel_explain_arguments(ngx_tel_explain_t *e);
static ngx_int_t ngx_tel_explain_scope(ngx_tel_explain_t *e, ngx_str_t *value);
static ngx_int_t ngx_tel_explain_headers(ngx_tel_explain_t *e);
static ngx_int_t ngx_tel_explain_add(ngx_tel_explain_t *e, ngx_str_t *value);
static ngx_int_t ngx_tel_explain_decode(ngx_tel_explain_t *e, ngx_str_t *value,
    ngx_str_t *text);
static ngx_int_t ngx_tel_explain_read(ngx_tel_explain_t *e);
static ngx_int_t ngx_tel_explain_judge(ngx_tel_explain_t *e);
static ngx_int_t ngx_tel_explain_verdict(ngx_tel_explain_t *e);

static void ngx_tel_explain_conclusion(ngx_tel_explain_t *e);
static void ngx_tel_explain_fields(ngx_tel_explain_t *e);
static void ngx_tel_explain_question(ngx_tel_explain_t *e);
static void ngx_tel_explain_values(ngx_tel_explain_t *e);
static void ngx_tel_explain_value(ngx_tel_explain_t *e, ngx_tel_value_t *value);
static void ngx_tel_explain_tried(ngx_tel_explain_t *e);
static void ngx_tel_explain_row(ngx_tel_explain_t *e, ngx_tel_row_t *row);
static void ngx_tel_explain_next(ngx_tel_explain_t *e);

static void ngx_tel_explain_name(ngx_tel_explain_t *e, char *name);
static void ngx_tel_explain_text(ngx_tel_explain_t *e, char *name,
    ngx_str_t *text);
static void ngx_tel_explain_number(ngx_tel_explain_t *e, char *name, off_t n);
static void ngx_tel_explain_boolean(ngx_tel_explain_t *e, char *name,
    ngx_uint_t value);
static void ngx_tel_explain_rule(ngx_tel_explain_t *e, ngx_tel_row_t *row);
static void ngx_tel_explain_item(ngx_tel_explain_t *e, ngx_uint_t n);
static void ngx_tel_explain_part(ngx_tel_explain_t *e, char *name,
    ngx_str_t *text);
static void ngx_tel_explain_label(ngx_tel_explain_t *e, char *name);

static ngx_int_t ngx_tel_explain_send(ngx_tel_explain_t *e, ngx_uint_t status);


static ngx_tel_explain_method_t  ngx_tel_explain_methods[] = {

    { ngx_string("GET"), NGX_HTTP_GET },
    { ngx_string("HEAD"), NGX_HTTP_HEAD },
    { ngx_string("POST"), NGX_HTTP_POST },
    { ngx_string("PUT"), NGX_HTTP_PUT },
    { ngx_string("PATCH"), NGX_HTTP_PATCH },
    { ngx_string("DELETE"), NGX_HTTP_DELETE },
    { ngx_string("OPTIONS"), NGX_HTTP_OPTIONS },
    { ngx_null_string, 0 }
};


/* the arguments of a question */

static ngx_str_t  ngx_tel_explain_args[] = {
    ngx_string("status"),
    ngx_string("scope"),
    ngx_string("method"),
    ngx_string("header"),
    ngx_null_string
};


static ngx_str_t  ngx_tel_explain_types[] = {
    ngx_string("null"),
    ngx_string("string"),
    ngx_string("number"),
    ngx_string("boolean")
};


static ngx_str_t  ngx_tel_explain_always = ngx_string("always");


ngx_int_t
ngx_tel_explain(ngx_http_request_t *r, ngx_tel_explained_t *conf)
{
    ngx_tel_explain_t  *e;

    e = ngx_pcalloc(r->pool, sizeof(ngx_tel_explain_t));
    if (e == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    e->request = r;
    e->conf = conf;
    e->judge.catalog = conf->catalog;
    e->judge.pool = r->pool;

    ngx_tel_writer_init(&e->out, r->pool, NGX_TEL_WRITER_PAGE);

    if (ngx_tel_explain_arguments(e) != NGX_OK
        || ngx_tel_explain_read(e) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (e->error.len) {
        ngx_tel_write_text(&e->out, "{\"error\": ");
        ngx_tel_write_json(&e->out, &e->error);
        ngx_tel_write_text(&e->out, "}\n");

        return ngx_tel_explain_send(e, NGX_HTTP_BAD_REQUEST);
    }

    if (ngx_tel_explain_judge(e) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_tel_explain_conclusion(e);
    ngx_tel_explain_question(e);
    ngx_tel_explain_values(e);
    ngx_tel_explain_tried(e);
    ngx_tel_explain_next(e);
    ngx_tel_write_text(&e->out, "\n}\n");

    return ngx_tel_explain_send(e, NGX_HTTP_OK);
}


/* A misspelt argument would be judged as if it were not given. */

static ngx_int_t
ngx_tel_explain_unknown(ngx_tel_explain_t *e)
{
    u_char     *p, *end, *last, *names, *n;
    ngx_str_t  *args;

    args = &e->request->args;
    last = args->data + args->len;

    names = ngx_pnalloc(e->request->pool, 2 * args->len + 1);
    if (names == NULL) {
        return NGX_ERROR;
    }

    for (p = args->data, n = names; p < last; p = end + 1) {

        end = ngx_strlchr(p, last, '&');
        end = end ? end : last;

        if (p < end && !ngx_tel_explain_known(p, end)) {
            n = ngx_cpystrn(n, (u_char *) ", ", (n > names) ? 3 : 1);

            while (p < end && *p != '=') {
                *n++ = *p++;
            }
        }
    }

    if (n == names) {
        return NGX_OK;
    }

    e->error.data = ngx_pnalloc(e->request->pool, NGX_TEL_EXPLAIN_TEXT + 128);
    if (e->error.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(e->error.data, "unknown arguments: ",
                   sizeof("unknown arguments: ") - 1);
    p = ngx_tel_clean(p, names, n - names, NGX_TEL_EXPLAIN_TEXT);
    p = ngx_sprintf(p, "; known are status=405, scope=NAME, method=POST "
                    "and header=NAME:VALUE");

    e->error.len = p - e->error.data;

    return NGX_OK;
}


static ngx_uint_t
ngx_tel_explain_known(u_char *p, u_char *end)
{
    ngx_str_t  *name;

    for (name = ngx_tel_explain_args; name->len; name++) {
        if ((size_t) (end - p) > name->len && p[name->len] == '='
            && ngx_strncasecmp(p, name->data, name->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_tel_explain_arguments(ngx_tel_explain_t *e)
{
    ngx_int_t                  status;
    ngx_str_t                  value;
    ngx_http_request_t        *r;
    ngx_tel_explain_method_t  *m;

    r = e->request;
    status = 200;

    if (ngx_tel_explain_unknown(e) != NGX_OK) {
        return NGX_ERROR;
    }

    if (e->error.len) {
        return NGX_OK;
    }

    if (ngx_http_arg(r, (u_char *) "status", 6, &value) == NGX_OK) {
        status = ngx_atoi(value.data, value.len);
    }

    if (status < 200 || status > 599) {
        ngx_str_set(&e->error, "status must be the HTTP status of the "
                    "answer, 200 to 599, as in ?status=405");
        return NGX_OK;
    }

    if (status == 204 || status == 205 || status == 206 || status == 416
        || (status >= 300 && status < 400))
    {
        ngx_str_set(&e->error, "204, 205, 206, 3xx and 416 are never judged: "
                    "such answers pass as they came");
        return NGX_OK;
    }

    e->judge.status = status;

    m = ngx_tel_explain_methods;

    if (ngx_http_arg(r, (u_char *) "method", 6, &value) == NGX_OK) {

        while (m->name.len
               && (m->name.len != value.len
                   || ngx_strncmp(m->name.data, value.data, value.len) != 0))
        {
            m++;
        }

        if (m->name.len == 0) {
            ngx_str_set(&e->error, "method must be that of the call: GET, "
                        "HEAD, POST, PUT, PATCH, DELETE or OPTIONS");
            return NGX_OK;
        }
    }

    e->method = m;

    if (ngx_http_arg(r, (u_char *) "scope", 5, &value) == NGX_OK && value.len
        && ngx_tel_explain_scope(e, &value) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_tel_explain_headers(e);
}


static ngx_int_t
ngx_tel_explain_scope(ngx_tel_explain_t *e, ngx_str_t *value)
{
    ngx_int_t  rc;

    if (ngx_tel_explain_decode(e, value, &e->scope) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_tel_fold_arg(e->request->pool, &e->scope, &e->judge.scope);
    if (rc == NGX_DECLINED) {
        ngx_str_set(&e->error, "scope must have 1 to 256 bytes");
        return NGX_OK;
    }

    return rc;
}


/* Every header=NAME:VALUE, of those in which the catalog's codes stand. */

static ngx_int_t
ngx_tel_explain_headers(ngx_tel_explain_t *e)
{
    u_char     *p, *end, *last;
    ngx_str_t   value;

    p = e->request->args.data;
    last = p + e->request->args.len;

    for ( /* void */ ; p < last && e->error.len == 0; p = end + 1) {

        end = ngx_strlchr(p, last, '&');
        end = end ? end : last;

        if (end - p < 7 || ngx_strncasecmp(p, (u_char *) "header=", 7) != 0) {
            continue;
        }

        value.data = p + 7;
        value.len = end - value.data;

        if (ngx_tel_explain_add(e, &value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_tel_explain_add(ngx_tel_explain_t *e, ngx_str_t *value)
{
    u_char     *colon, *last;
    ngx_int_t   rc;
    ngx_str_t   name, text;

    if (ngx_tel_explain_decode(e, value, &name) != NGX_OK) {
        return NGX_ERROR;
    }

    last = name.data + name.len;
    colon = ngx_strlchr(name.data, last, ':');

    if (colon == NULL) {
        ngx_str_set(&e->error, "header must be one of the answer, as in "
                    "?header=x-error-code:Throttled");
        return NGX_OK;
    }

    name.len = colon - name.data;
    text.data = colon + 1;
    text.len = last - text.data;
    text = ngx_tel_trim(&text);

    rc = ngx_tel_judge_header(&e->judge, &name, &text);

    if (rc == NGX_DECLINED) {
        ngx_str_set(&e->error, "the catalog reads no code of that header; "
                    "leave it out");
        return NGX_OK;
    }

    return rc;
}


static ngx_int_t
ngx_tel_explain_decode(ngx_tel_explain_t *e, ngx_str_t *value, ngx_str_t *text)
{
    u_char  *p, *src;

    p = ngx_pnalloc(e->request->pool, value->len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text->data = p;
    src = value->data;

    ngx_unescape_uri(&p, &src, value->len, 0);

    text->len = p - text->data;

    return NGX_OK;
}


/* What the filter would hold of it: up to the window. */

static ngx_int_t
ngx_tel_explain_read(ngx_tel_explain_t *e)
{
    size_t               size;
    ssize_t              n;
    ngx_buf_t           *b;
    ngx_chain_t         *cl;
    ngx_http_request_t  *r;

    r = e->request;

    if (e->error.len || r->request_body == NULL) {
        return NGX_OK;
    }

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        e->size += ngx_buf_size(cl->buf);
    }

    if (e->size == 0) {
        return NGX_OK;
    }

    e->data = ngx_pnalloc(r->pool,
                          (size_t) ngx_min(e->size, (off_t) e->conf->window));
    if (e->data == NULL) {
        return NGX_ERROR;
    }

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        b = cl->buf;
        size = (size_t) ngx_min(ngx_buf_size(b),
                                (off_t) (e->conf->window - e->len));

        if (size == 0) {
            continue;
        }

        if (ngx_buf_in_memory(b)) {
            ngx_memcpy(e->data + e->len, b->pos, size);

        } else {
            n = ngx_read_file(b->file, e->data + e->len, size, b->file_pos);

            if (n != (ssize_t) size) {
                return NGX_ERROR;
            }
        }

        e->len += size;
    }

    if (e->len >= 2 && e->data[0] == 0x1f && e->data[1] == 0x8b) {
        ngx_str_set(&e->error, "the body is compressed: post it decoded, "
                    "as curl --compressed saves it");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_tel_explain_judge(ngx_tel_explain_t *e)
{
    ngx_tel_judge_t  *j;

    j = &e->judge;

    j->index = j->catalog->index;
    j->codes = e->conf->codes;
    j->log = e->request->connection->log;
    j->found = &e->found;

    j->tried = ngx_array_create(j->pool, 16, sizeof(ngx_tel_row_t *));
    if (j->tried == NULL) {
        return NGX_ERROR;
    }

    if (ngx_tel_explain_verdict(e) != NGX_OK) {
        return NGX_ERROR;
    }

    e->retryable = ngx_tel_settle(e->conf->overrides, j->catalog,
                                  e->method->method, &e->verdict);

    return NGX_OK;
}


static ngx_int_t
ngx_tel_explain_verdict(ngx_tel_explain_t *e)
{
    ngx_table_elt_t  *type;
    ngx_tel_end_e     end;

    if (e->method->method == NGX_HTTP_HEAD) {
        ngx_tel_judge_status(&e->judge, NGX_TEL_HEAD, &e->verdict);
        return NGX_OK;
    }

    end = (e->size > (off_t) e->len) ? NGX_TEL_FULL : NGX_TEL_COMPLETE;

    type = e->request->headers_in.content_type;

    if (e->judge.status >= 400
        && type && ngx_tel_is_problem(&type->value)
        && ngx_tel_judge_envelope(&e->judge, e->data, e->len, end, &e->verdict)
           == NGX_OK)
    {
        return NGX_OK;
    }

    return ngx_tel_judge(&e->judge, e->data, e->len, end, &e->verdict);
}


/* The variables by their names, those that are set. */

static void
ngx_tel_explain_conclusion(ngx_tel_explain_t *e)
{
    ngx_tel_verdict_t  *v;

    v = &e->verdict;

    ngx_tel_explain_text(e, "verdict", ngx_tel_kind_name(v->kind));
    ngx_tel_explain_text(e, "reason", ngx_tel_reason_name(v->reason));

    if (v->code) {
        ngx_tel_explain_text(e, "code", &v->code->name);
        ngx_tel_explain_text(e, "category", &v->code->category);
        ngx_tel_explain_number(e, "status", v->status);
        ngx_tel_explain_boolean(e, "retryable", e->retryable);
        ngx_tel_explain_text(e, "detail", &v->detail);
    }

    ngx_tel_explain_text(e, "provider", &e->judge.catalog->name);
    ngx_tel_explain_text(e, "provider_code", &v->provider_code);
    ngx_tel_explain_text(e, "provider_message", &v->provider_message);
    ngx_tel_explain_number(e, "provider_status", v->provider_status);

    if (v->code) {
        ngx_tel_explain_text(e, "match", ngx_tel_match_name(v->match));
    }

    if (v->row && v->row->file) {
        ngx_tel_explain_name(e, "rule");
        ngx_tel_explain_rule(e, v->row);
    }

    if (v->row && v->row->always) {
        ngx_tel_explain_text(e, "sentence", &ngx_tel_explain_always);
    }

    ngx_tel_explain_fields(e);
}


static void
ngx_tel_explain_fields(ngx_tel_explain_t *e)
{
    ngx_uint_t        i;
    ngx_tel_field_t  *field;

    if (e->verdict.nfields == 0) {
        return;
    }

    ngx_tel_explain_name(e, "errors");

    for (i = 0; i < e->verdict.nfields; i++) {
        field = &e->verdict.fields[i];

        ngx_tel_explain_item(e, i);
        ngx_tel_explain_part(e, "field", &field->field);
        ngx_tel_explain_part(e, "detail", &field->detail);
        ngx_tel_explain_part(e, "pointer", &field->pointer);
        ngx_tel_write_text(&e->out, "}");
    }

    ngx_tel_write_text(&e->out, "\n  ]");
}


/* What was taken for granted: the call, and how much of the body was read. */

static void
ngx_tel_explain_question(ngx_tel_explain_t *e)
{
    ngx_tel_explain_text(e, "scope", &e->scope);
    ngx_tel_explain_text(e, "method", &e->method->name);
    ngx_tel_explain_number(e, "window", e->conf->window);
    ngx_tel_explain_number(e, "size", e->size);
    ngx_tel_explain_boolean(e, "cut", e->size > (off_t) e->len);
}


static void
ngx_tel_explain_values(ngx_tel_explain_t *e)
{
    ngx_uint_t  i, n, headers;

    ngx_tel_explain_name(e, "values");

    headers = e->judge.nheaders;
    n = headers + e->found.nvalues;

    if (n == 0) {
        ngx_tel_write_text(&e->out, "[]");
        return;
    }

    for (i = 0; i < n; i++) {

        if (i == NGX_TEL_EXPLAIN_LIST) {
            break;
        }

        ngx_tel_explain_item(e, i);
        ngx_tel_explain_value(e, (i < headers) ? &e->judge.headers[i]
                                 : &e->found.values[i - headers]);
        ngx_tel_write_text(&e->out, "}");
    }

    ngx_tel_write_text(&e->out, "\n  ]");

    if (i < n) {
        ngx_tel_explain_number(e, "values_more", n - i);
    }
}


static void
ngx_tel_explain_value(ngx_tel_explain_t *e, ngx_tel_value_t *value)
{
    u_char           buf[NGX_TEL_EXPLAIN_TEXT];
    ngx_str_t        text, *use;
    ngx_uint_t       i, *message;
    ngx_tel_path_t  *path;

    static ngx_str_t  code = ngx_string("code");
    static ngx_str_t  present = ngx_string("present");
    static ngx_str_t  words = ngx_string("message");
    static ngx_str_t  field = ngx_string("field");

    path = e->judge.catalog->paths.paths.elts;
    path = &path[value->path];

    use = (path->kind == NGX_TEL_PATH_PRESENT)
          ? &present
          : (value->path < e->judge.catalog->ncodes) ? &code : &field;
    message = e->judge.catalog->messages.elts;

    for (i = 0; i < e->judge.catalog->messages.nelts; i++) {
        if (use == &field && message[i] == value->path) {
            use = &words;
        }
    }

    ngx_tel_explain_part(e, "path", &path->text);
    ngx_tel_explain_part(e, "pattern", &path->pattern);

    if (path->lists) {
        ngx_tel_explain_label(e, "element");
        ngx_tel_writef(&e->out, "%ui", value->element);
    }

    if (value->member.len) {
        text.data = buf;
        text.len = ngx_tel_clean(buf, value->member.data, value->member.len,
                                 sizeof(buf))
                   - buf;

        ngx_tel_explain_part(e, "member", &text);
    }

    ngx_tel_explain_part(e, "use", use);
    ngx_tel_explain_part(e, "type", &ngx_tel_explain_types[value->type]);

    text.data = buf;
    text.len = ngx_tel_clean(buf, value->text.data, value->text.len,
                             sizeof(buf))
               - buf;

    ngx_tel_explain_label(e, "text");
    ngx_tel_write_json(&e->out, &text);
}


/* Every row that was asked and did not apply, once, in that order. */

static void
ngx_tel_explain_tried(ngx_tel_explain_t *e)
{
    ngx_uint_t       i, k, n;
    ngx_tel_row_t   *shown[NGX_TEL_EXPLAIN_LIST];
    ngx_tel_row_t  **row;

    ngx_tel_explain_name(e, "tried");

    row = e->judge.tried->elts;
    n = 0;

    for (i = 0; i < e->judge.tried->nelts; i++) {

        if (row[i] == e->verdict.row) {
            continue;
        }

        for (k = 0; k < n; k++) {
            if (shown[k] == row[i]) {
                break;
            }
        }

        if (k < n) {
            continue;
        }

        if (n == NGX_TEL_EXPLAIN_LIST) {
            break;
        }

        ngx_tel_explain_item(e, n);
        ngx_tel_explain_row(e, row[i]);
        ngx_tel_write_text(&e->out, "}");

        shown[n++] = row[i];
    }

    if (n == 0) {
        ngx_tel_write_text(&e->out, "[]");
        return;
    }

    ngx_tel_write_text(&e->out, "\n  ]");

    if (i < e->judge.tried->nelts) {
        ngx_tel_explain_boolean(e, "tried_more", 1);
    }
}


static void
ngx_tel_explain_row(ngx_tel_explain_t *e, ngx_tel_row_t *row)
{
    u_char             buf[NGX_INT_T_LEN];
    ngx_str_t          status;
    ngx_tel_narrow_t  *narrow;

    if (row->file) {
        ngx_tel_explain_label(e, "rule");
        ngx_tel_explain_rule(e, row);
    }

    ngx_tel_explain_part(e, "verdict", ngx_tel_kind_name(row->kind));
    ngx_tel_explain_part(e, "code", &row->code->name);
    ngx_tel_explain_part(e, "match", ngx_tel_match_name(row->match));

    if (row->always) {
        ngx_tel_explain_part(e, "sentence", &ngx_tel_explain_always);
    }

    narrow = row->narrow;

    if (narrow == NULL) {
        return;
    }

    ngx_tel_explain_part(e, "scope", &narrow->scope);

    if (narrow->status) {
        status.data = buf;
        status.len = ngx_sprintf(buf, (narrow->status < 10) ? "%uixx" : "%ui",
                                 narrow->status)
                     - buf;

        ngx_tel_explain_part(e, "status", &status);
    }

    if (narrow->message) {
        ngx_tel_explain_part(e, "message",
                             ngx_tel_template_key(narrow->message));
    }
}


/*
 * A code without a row, or with none for this scope or message: what to add,
 * in a file of one's own.
 */

static void
ngx_tel_explain_next(ngx_tel_explain_t *e)
{
    u_char             *p;
    u_char              buf[512], word[128];
    ngx_str_t           text, code;
    ngx_tel_verdict_t  *v;

    v = &e->verdict;

    if (!v->unmapped && !v->elsewhere) {
        return;
    }

    ngx_tel_explain_boolean(e, v->unmapped ? "unmapped" : "elsewhere", 1);

    /* what would be read as a class or as something else is left out */

    if (!ngx_tel_plain(&v->provider_code)
        || ngx_tel_is_class(&v->provider_code)
        || ngx_tel_find_code(e->judge.codes, &v->provider_code))
    {
        return;
    }

    code.data = word;
    code.len = ngx_tel_row_word(word, &v->provider_code)
               - word;

    p = ngx_snprintf(buf, sizeof(buf), "telephony_catalog %V { %s %V",
                     &e->judge.catalog->name, v->kind == NGX_TEL_SUCCESS
                     ? "success" : "error", &code);

    if (v->elsewhere && ngx_tel_plain(&e->scope)) {
        p = ngx_slprintf(p, buf + sizeof(buf), " scope=%V", &e->scope);
    }

    if (e->judge.status >= 400) {
        p = ngx_slprintf(p, buf + sizeof(buf), " status=%ui", e->judge.status);
    }

    if (v->kind != NGX_TEL_SUCCESS) {
        p = ngx_slprintf(p, buf + sizeof(buf),
                         " UNIFIED_CODE \"What it means.\"");
    }

    p = ngx_slprintf(p, buf + sizeof(buf), "; }");

    text.data = buf;
    text.len = p - buf;

    ngx_tel_explain_text(e, "add", &text);
}


/* the members of the answer stand on lines of their own, for eyes */

static void
ngx_tel_explain_name(ngx_tel_explain_t *e, char *name)
{
    ngx_tel_writef(&e->out, "%s\n  \"%s\": ", e->out.first ? "," : "{", name);
}


static void
ngx_tel_explain_text(ngx_tel_explain_t *e, char *name, ngx_str_t *text)
{
    if (text->len) {
        ngx_tel_explain_name(e, name);
        ngx_tel_write_json(&e->out, text);
    }
}


static void
ngx_tel_explain_number(ngx_tel_explain_t *e, char *name, off_t n)
{
    ngx_tel_explain_name(e, name);
    ngx_tel_writef(&e->out, "%O", n);
}


static void
ngx_tel_explain_boolean(ngx_tel_explain_t *e, char *name, ngx_uint_t value)
{
    ngx_tel_explain_name(e, name);
    ngx_tel_writef(&e->out, "%s", value ? "true" : "false");
}


static void
ngx_tel_explain_rule(ngx_tel_explain_t *e, ngx_tel_row_t *row)
{
    ngx_str_t  text;

    text.data = ngx_pnalloc(e->request->pool,
                            row->file->len + 1 + NGX_INT_T_LEN);
    if (text.data == NULL) {
        e->out.failed = 1;
        return;
    }

    text.len = ngx_sprintf(text.data, "%V:%uD", row->file, row->line)
               - text.data;

    ngx_tel_write_json(&e->out, &text);
}


/* the n-th item of a list, an object */

static void
ngx_tel_explain_item(ngx_tel_explain_t *e, ngx_uint_t n)
{
    ngx_tel_writef(&e->out, "%s\n    {", n ? "," : "[");
    e->parts = 0;
}


static void
ngx_tel_explain_part(ngx_tel_explain_t *e, char *name, ngx_str_t *text)
{
    if (text->len) {
        ngx_tel_explain_label(e, name);
        ngx_tel_write_json(&e->out, text);
    }
}


static void
ngx_tel_explain_label(ngx_tel_explain_t *e, char *name)
{
    ngx_tel_writef(&e->out, "%s\"%s\": ", e->parts++ ? ", " : "", name);
}


static ngx_int_t
ngx_tel_explain_send(ngx_tel_explain_t *e, ngx_uint_t status)
{
    ngx_http_request_t  *r;

    static ngx_str_t  no_store = ngx_string("no-store");

    r = e->request;

    if (e->out.failed
        || ngx_tel_format_header(r, "Cache-Control", &no_store) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = status;
    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;

    return ngx_tel_format_output(r, &e->out);
}
