
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/* Judges the examples of the catalogs with the code that judges responses. */


#include "ngx_tel_classify.h"
#include "ngx_tel_problem.h"
#include "ngx_tel_load.h"
#include "ngx_tel_text.h"


#define NGX_TEL_MAX_EXAMPLE  1048576


/* the parts of an example */

typedef struct {
    ngx_str_t  scope;
    ngx_str_t  match;  /* or empty */
    ngx_str_t  status;
    ngx_str_t  body;
    ngx_str_t  verdict;
} ngx_tel_example_t;


static ngx_int_t ngx_tel_example(ngx_conf_t *cf, ngx_tel_judge_t *j,
    ngx_tel_statement_t *st);
static ngx_int_t ngx_tel_example_args(ngx_conf_t *cf, ngx_tel_judge_t *j,
    ngx_tel_statement_t *st, ngx_tel_example_t *example);
static ngx_int_t ngx_tel_example_header(ngx_conf_t *cf, ngx_tel_judge_t *j,
    ngx_tel_statement_t *st, ngx_str_t *arg);
static ngx_int_t ngx_tel_check_verdict(ngx_conf_t *cf, ngx_tel_codes_t *codes,
    ngx_tel_statement_t *st, ngx_str_t *verdict);
static ngx_int_t ngx_tel_check_match(ngx_conf_t *cf, ngx_tel_statement_t *st,
    ngx_str_t *match);
static ngx_int_t ngx_tel_compare(ngx_conf_t *cf, ngx_tel_judge_t *j,
    ngx_tel_statement_t *st, ngx_tel_example_t *example,
    ngx_tel_verdict_t *verdict);
static u_char *ngx_tel_what_was_read(ngx_tel_judge_t *j, u_char *p,
    u_char *last);
static ngx_int_t ngx_tel_example_file(ngx_conf_t *cf, ngx_pool_t *pool,
    ngx_tel_statement_t *st, ngx_str_t *body);


ngx_int_t
ngx_tel_examples(ngx_conf_t *cf, ngx_tel_catalogs_t *catalogs,
    ngx_tel_catalog_t *catalog, ngx_uint_t base, ngx_tel_index_t *index)
{
    ngx_int_t              rc;
    ngx_uint_t             i;
    ngx_array_t           *list;
    ngx_tel_codes_t        codes;
    ngx_tel_judge_t        j;
    ngx_tel_statement_t   *st;
    ngx_tel_inspection_t   found;

    codes = catalogs->codes;

    if (base && catalogs->source->shipped) {
        codes.statuses = *catalogs->source->shipped;
    }

    list = &catalogs->source->examples;
    st = list->elts;

    for (i = 0; i < list->nelts; i++) {

        if (st[i].block->catalog != catalog || st[i].block->base != base) {
            continue;
        }

        ngx_memzero(&j, sizeof(ngx_tel_judge_t));
        ngx_memzero(&found, sizeof(ngx_tel_inspection_t));

        j.found = &found;
        j.catalog = catalog;
        j.index = index;
        j.codes = &codes;
        j.log = cf->log;

        j.pool = ngx_create_pool(4096, cf->log);
        if (j.pool == NULL) {
            return NGX_ERROR;
        }

        rc = ngx_tel_example(cf, &j, &st[i]);

        ngx_destroy_pool(j.pool);

        if (rc != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_tel_example(ngx_conf_t *cf, ngx_tel_judge_t *j, ngx_tel_statement_t *st)
{
    ngx_int_t          status;
    ngx_tel_example_t  example;
    ngx_tel_verdict_t  verdict;

    if (ngx_tel_example_args(cf, j, st, &example) != NGX_OK
        || ngx_tel_check_verdict(cf, j->codes, st, &example.verdict)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (example.scope.data) {

        if (j->catalog->scope == NULL) {
            return ngx_tel_refuse(cf, &st->place,
                          "\"scope=%V\" of an example in a catalog that has no "
                          "scope", &example.scope);
        }

        if (ngx_tel_fold_arg(j->pool, &example.scope, &j->scope) != NGX_OK) {
            return ngx_tel_refuse(cf, &st->place,
                          "invalid \"scope=%V\" of an example", &example.scope);
        }
    }

    status = ngx_atoi(example.status.data, example.status.len);

    if (status < 100 || status > 599) {
        return ngx_tel_refuse(cf, &st->place,
                              "invalid HTTP status \"%V\" of an example",
                              &example.status);
    }

    j->status = status;

    if (example.body.len > 5
        && ngx_strncmp(example.body.data, "file=", 5) == 0
        && ngx_tel_example_file(cf, j->pool, st, &example.body)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_tel_judge(j, example.body.data, example.body.len, NGX_TEL_COMPLETE,
                      &verdict)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_tel_compare(cf, j, st, &example, &verdict);
}


static ngx_int_t
ngx_tel_example_args(ngx_conf_t *cf, ngx_tel_judge_t *j,
    ngx_tel_statement_t *st, ngx_tel_example_t *example)
{
    ngx_str_t   *dst, value;
    ngx_uint_t   i, option;

    ngx_memzero(example, sizeof(ngx_tel_example_t));

    for (i = 1; i < st->nargs; i++) {

        if (ngx_strncmp(st->args[i].data, "header:", 7) == 0) {

            if (ngx_tel_example_header(cf, j, st, &st->args[i]) != NGX_OK) {
                return NGX_ERROR;
            }

            continue;
        }

        option = ngx_tel_option(st->kw->type, &st->args[i], &value);

        if (option == NGX_TEL_OPTIONS) {
            break;
        }

        dst = (option == NGX_TEL_OPTION_SCOPE)
              ? &example->scope : &example->match;

        if (dst->data || value.len == 0) {
            return ngx_tel_refuse(cf, &st->place,
                        "\"%V\" of an example needs a value, and is given once",
                        &st->args[i]);
        }

        *dst = value;
    }

    if (st->nargs - i != 3) {
        return ngx_tel_refuse(cf, &st->place,
                              "wrong example, expected: %s", st->kw->usage);
    }

    example->status = st->args[i];
    example->body = st->args[i + 1];
    example->verdict = st->args[i + 2];

    return ngx_tel_check_match(cf, st, &example->match);
}


/* header:NAME=VALUE */

static ngx_int_t
ngx_tel_example_header(ngx_conf_t *cf, ngx_tel_judge_t *j,
    ngx_tel_statement_t *st, ngx_str_t *arg)
{
    u_char     *equals;
    ngx_int_t   rc;
    ngx_str_t   name, value;

    equals = ngx_strlchr(arg->data, arg->data + arg->len, '=');

    if (equals == NULL) {
        return ngx_tel_refuse(cf, &st->place,
                              "\"%V\" of an example has no value: write "
                              "\"%V=VALUE\"", arg, arg);
    }

    name.data = arg->data + 7;
    name.len = equals - name.data;

    value.data = equals + 1;
    value.len = arg->data + arg->len - value.data;

    rc = ngx_tel_judge_header(j, &name, &value);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    return ngx_tel_refuse(cf, &st->place,
                          "\"%V\" of an example in a catalog that reads no "
                          "code of that header", arg);
}


static ngx_int_t
ngx_tel_check_verdict(ngx_conf_t *cf, ngx_tel_codes_t *codes,
    ngx_tel_statement_t *st, ngx_str_t *verdict)
{
    size_t           skip;
    ngx_str_t        name;
    ngx_tel_code_t  *code;

    if (ngx_strcmp(verdict->data, "success") == 0
        || ngx_strcmp(verdict->data, "none") == 0)
    {
        return NGX_OK;
    }

    skip = (ngx_strncmp(verdict->data, "error:", 6) == 0) ? 6
           : (ngx_strncmp(verdict->data, "notice:", 7) == 0) ? 7 : 0;

    name.data = verdict->data + skip;
    name.len = verdict->len - skip;

    code = ngx_tel_find_code(codes, &name);

    if (code && skip) {
        return NGX_OK;
    }

    if (code) {
        return ngx_tel_refuse(cf, &st->place,
                              "\"%V\" is no verdict: write \"%s:%V\"", &name,
                              code->status < 400 ? "notice" : "error", &name);
    }

    return ngx_tel_refuse(cf, &st->place,
                 skip ? "\"%V\" in the verdict of an example is no unified code"
                     : "\"%V\" is no verdict: use success, none, error:CODE or "
                          "notice:CODE, with a unified code", &name);
}


static ngx_int_t
ngx_tel_check_match(ngx_conf_t *cf, ngx_tel_statement_t *st, ngx_str_t *match)
{
    u_char       buf[256], *p;
    ngx_str_t   *name;
    ngx_uint_t   i;

    if (match->data == NULL) {
        return NGX_OK;
    }

    p = buf;

    for (i = 0; i < NGX_TEL_MATCHES; i++) {
        name = ngx_tel_match_name(i);

        if (ngx_strcmp(match->data, name->data) == 0) {
            return NGX_OK;
        }

        p = ngx_slprintf(p, buf + sizeof(buf), "%s%V", i ? ", " : "", name);
    }

    return ngx_tel_refuse(cf, &st->place,
                          "\"match=%V\" of an example is no match; they are "
                          "%*s", match,
                          (size_t) (p - buf), buf);
}


static ngx_int_t
ngx_tel_compare(ngx_conf_t *cf, ngx_tel_judge_t *j, ngx_tel_statement_t *st,
    ngx_tel_example_t *example, ngx_tel_verdict_t *verdict)
{
    char       *remedy;
    u_char      buf[128], why[NGX_MAX_CONF_ERRSTR], *p;
    ngx_str_t   kind, got, by, *expected, *match;

    expected = &example->verdict;
    match = &example->match;

    kind = *ngx_tel_kind_name(verdict->kind);
    by = *ngx_tel_match_name(verdict->match);

    got.data = buf;
    p = ngx_cpymem(buf, kind.data, kind.len);

    if (verdict->kind == NGX_TEL_NOTICE || verdict->kind == NGX_TEL_ERROR) {
        *p++ = ':';
        p = ngx_cpymem(p, verdict->code->name.data, verdict->code->name.len);
    }

    got.len = p - buf;

    if (got.len == expected->len
        && ngx_strncmp(got.data, expected->data, got.len) == 0
        && (match->len == 0
            || (match->len == by.len
                && ngx_strncmp(match->data, by.data, by.len) == 0)))
    {
        return NGX_OK;
    }

    p = why;
    remedy = "correct the example or the row";

    if (verdict->row && verdict->row->file) {
        p = ngx_slprintf(p, why + sizeof(why), ", by the row in %V:%uD",
                         verdict->row->file, verdict->row->line);

    } else if (verdict->reason) {
        p = ngx_slprintf(p, why + sizeof(why), ", reason %V",
                         ngx_tel_reason_name(verdict->reason));
    }

    if (verdict->reason == NGX_TEL_NOT_JSON) {
        remedy = "what is not JSON is read by \"text\" patterns only, and none "
                 "matches; below HTTP status 400 that is none, above the "
                 "status decides";

    } else {
        p = ngx_tel_what_was_read(j, p, why + sizeof(why));
    }

    return ngx_tel_refuse(cf, &st->place,
                "example of \"%V\" gives %V by match \"%V\"%*s, not %V%s%V: %s",
                &j->catalog->name, &got, &by, (size_t) (p - why), why,
                expected, match->len ? " by match " : "", match, remedy);
}


/* The codes that were read, or that there were none: a path may be wrong. */

static u_char *
ngx_tel_what_was_read(ngx_tel_judge_t *j, u_char *p, u_char *last)
{
    ngx_uint_t        i, n;
    ngx_tel_path_t   *path;
    ngx_tel_value_t  *value;

    path = j->catalog->paths.paths.elts;
    value = j->found->values;

    for (i = 0, n = 0; i < j->found->nvalues && n < 3; i++) {

        if (value[i].path >= j->catalog->ncodes) {
            continue;
        }

        p = ngx_slprintf(p, last, "%s%V", n++ ? ", " : ", read: ",
                         &path[value[i].path].text);

        if (ngx_tel_plain(&value[i].text)) {
            p = ngx_slprintf(p, last, " \"%V\"", &value[i].text);
        }
    }

    return n ? p : ngx_slprintf(p, last, ", nothing stood at a code path");
}


/* file=NAME stands beside the catalog */

static ngx_int_t
ngx_tel_example_file(ngx_conf_t *cf, ngx_pool_t *pool, ngx_tel_statement_t *st,
    ngx_str_t *body)
{
    size_t           dir;
    ssize_t          n;
    ngx_str_t        name;
    ngx_file_t       file;
    ngx_file_info_t  fi;

    name.data = body->data + 5;
    name.len = body->len - 5;

    if (name.data[0] != '/') {
        dir = st->place.file->len;

        while (dir && st->place.file->data[dir - 1] != '/') {
            dir--;
        }

        name.data = ngx_pnalloc(pool, dir + name.len + 1);
        if (name.data == NULL) {
            return NGX_ERROR;
        }

        name.len = ngx_sprintf(name.data, "%*s%s%Z", dir, st->place.file->data,
                               body->data + 5)
                   - name.data - 1;
    }

    ngx_memzero(&file, sizeof(ngx_file_t));

    file.name = name;
    file.log = cf->log;

    /* a FIFO would wait for its other end */

    file.fd = ngx_open_file(name.data, NGX_FILE_RDONLY|NGX_FILE_NONBLOCK,
                            NGX_FILE_OPEN, 0);

    if (file.fd == NGX_INVALID_FILE) {
        return ngx_tel_refuse(cf, &st->place,
                              "example file \"%V\" cannot be opened", &name);
    }

    n = NGX_ERROR;

    if (ngx_fd_info(file.fd, &fi) != NGX_FILE_ERROR
        && ngx_is_file(&fi)
        && ngx_file_size(&fi) <= NGX_TEL_MAX_EXAMPLE)
    {
        body->len = ngx_file_size(&fi);
        body->data = ngx_pnalloc(pool, body->len + 1);

        if (body->data) {
            n = ngx_read_file(&file, body->data, body->len, 0);
        }
    }

    if (ngx_close_file(file.fd) == NGX_FILE_ERROR) {
        ngx_log_error(NGX_LOG_ALERT, cf->log, ngx_errno,
                      ngx_close_file_n " \"%V\" failed", &name);
    }

    if (n != (ssize_t) body->len) {
        return ngx_tel_refuse(cf, &st->place,
                        "example file \"%V\" cannot be read, or is larger than "
                        "1 MB", &name);
    }

    return NGX_OK;
}
