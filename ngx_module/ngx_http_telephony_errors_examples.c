
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/* Judges the examples of the catalogs with the code that judges responses. */


#include "ngx_http_telephony_errors_classify.h"
#include "ngx_http_telephony_errors_envelope.h"
#include "ngx_http_telephony_errors_source.h"
#include "ngx_http_telephony_errors_text.h"


#define NGX_HTTP_TELEPHONY_ERRORS_MAX_EXAMPLE  1048576


static ngx_int_t ngx_http_telephony_errors_example(ngx_conf_t *cf,
    ngx_http_telephony_errors_judge_t *j,
    ngx_http_telephony_errors_statement_t *st);
static ngx_int_t ngx_http_telephony_errors_compare(ngx_conf_t *cf,
    ngx_http_telephony_errors_judge_t *j,
    ngx_http_telephony_errors_statement_t *st, ngx_str_t *match,
    ngx_str_t *expected, ngx_http_telephony_errors_verdict_t *verdict);
static ngx_int_t ngx_http_telephony_errors_example_file(ngx_conf_t *cf,
    ngx_pool_t *pool, ngx_http_telephony_errors_statement_t *st,
    ngx_str_t *body);


ngx_int_t
ngx_http_telephony_errors_examples(ngx_conf_t *cf,
    ngx_http_telephony_errors_catalogs_t *catalogs,
    ngx_http_telephony_errors_catalog_t *catalog, ngx_uint_t base,
    ngx_http_telephony_errors_index_t *index)
{
    ngx_int_t                               rc;
    ngx_uint_t                              i;
    ngx_array_t                            *list;
    ngx_http_telephony_errors_judge_t       j;
    ngx_http_telephony_errors_statement_t  *st;

    list = &catalogs->source->examples;
    st = list->elts;

    for (i = 0; i < list->nelts; i++) {

        if (st[i].block->catalog != catalog || st[i].block->base != base) {
            continue;
        }

        ngx_memzero(&j, sizeof(ngx_http_telephony_errors_judge_t));

        j.catalog = catalog;
        j.index = index;
        j.codes = &catalogs->codes;
        j.log = cf->log;

        j.pool = ngx_create_pool(4096, cf->log);
        if (j.pool == NULL) {
            return NGX_ERROR;
        }

        rc = ngx_http_telephony_errors_example(cf, &j, &st[i]);

        ngx_destroy_pool(j.pool);

        if (rc != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_telephony_errors_example(ngx_conf_t *cf,
    ngx_http_telephony_errors_judge_t *j,
    ngx_http_telephony_errors_statement_t *st)
{
    ngx_int_t                             status;
    ngx_str_t                             match, body, *arg;
    ngx_uint_t                            i;
    ngx_http_telephony_errors_verdict_t   verdict;

    ngx_str_null(&match);

    for (i = 1; i < st->nargs; i++) {
        arg = &st->args[i];

        if (arg->len > 6 && ngx_strncmp(arg->data, "scope=", 6) == 0) {
            match = *arg;
            match.data += 6;
            match.len -= 6;

            if (j->catalog->scope == NULL) {
                return ngx_http_telephony_errors_refuse(cf, &st->place,
                           "\"%V\" of an example in a catalog that has no "
                           "scope", arg);
            }

            if (ngx_http_telephony_errors_fold_arg(j->pool, &match, &j->scope)
                != NGX_OK)
            {
                return ngx_http_telephony_errors_refuse(cf, &st->place,
                           "invalid \"%V\" of an example", arg);
            }

            ngx_str_null(&match);

        } else {
            break;
        }
    }

    if (i < st->nargs && ngx_strncmp(st->args[i].data, "match=", 6) == 0) {
        match = st->args[i++];
        match.data += 6;
        match.len -= 6;
    }

    if (st->nargs - i != 3) {
        return ngx_http_telephony_errors_refuse(cf, &st->place,
                   "wrong example, expected: example [scope=] [match=] STATUS "
                   "BODY VERDICT;");
    }

    status = ngx_atoi(st->args[i].data, st->args[i].len);

    if (status < 100 || status > 599) {
        return ngx_http_telephony_errors_refuse(cf, &st->place,
                   "invalid HTTP status \"%V\" of an example", &st->args[i]);
    }

    j->status = status;
    body = st->args[i + 1];

    if (body.len > 5 && ngx_strncmp(body.data, "file=", 5) == 0
        && ngx_http_telephony_errors_example_file(cf, j->pool, st, &body)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_telephony_errors_judge(j, body.data, body.len,
                                        NGX_HTTP_TELEPHONY_ERRORS_COMPLETE,
                                        &verdict)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_telephony_errors_compare(cf, j, st, &match,
                                             &st->args[i + 2], &verdict);
}


static ngx_int_t
ngx_http_telephony_errors_compare(ngx_conf_t *cf,
    ngx_http_telephony_errors_judge_t *j,
    ngx_http_telephony_errors_statement_t *st, ngx_str_t *match,
    ngx_str_t *expected, ngx_http_telephony_errors_verdict_t *verdict)
{
    u_char      buf[128], place[NGX_MAX_PATH], *p;
    ngx_str_t   kind, got, by;

    kind = *ngx_http_telephony_errors_kind_name(verdict->kind);
    by = *ngx_http_telephony_errors_match_name(verdict->match);

    got.data = buf;
    p = ngx_cpymem(buf, kind.data, kind.len);

    if (verdict->kind == NGX_HTTP_TELEPHONY_ERRORS_NOTICE
        || verdict->kind == NGX_HTTP_TELEPHONY_ERRORS_ERROR)
    {
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

    p = place;

    if (verdict->row && verdict->row->file) {
        p = ngx_snprintf(place, sizeof(place), ", by the row in %V:%uD",
                         verdict->row->file, verdict->row->line);

    } else if (verdict->kind == NGX_HTTP_TELEPHONY_ERRORS_NONE) {
        p = ngx_snprintf(place, sizeof(place), ", reason %V",
                     ngx_http_telephony_errors_reason_name(verdict->reason));
    }

    return ngx_http_telephony_errors_refuse(cf, &st->place,
               "example of \"%V\" gives %V by match \"%V\"%*s, not %V%s%V: "
               "correct the example or the row",
               &j->catalog->name, &got, &by, (size_t) (p - place), place,
               expected, match->len ? " by match " : "", match);
}


/* file=NAME stands beside the catalog */

static ngx_int_t
ngx_http_telephony_errors_example_file(ngx_conf_t *cf, ngx_pool_t *pool,
    ngx_http_telephony_errors_statement_t *st, ngx_str_t *body)
{
    size_t            dir;
    ssize_t           n;
    ngx_str_t         name;
    ngx_file_t        file;
    ngx_file_info_t   fi;

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

        name.len = ngx_sprintf(name.data, "%*s%s%Z", dir,
                               st->place.file->data, body->data + 5)
                   - name.data - 1;
    }

    ngx_memzero(&file, sizeof(ngx_file_t));

    file.name = name;
    file.log = cf->log;

    /* a FIFO would wait for its other end */

    file.fd = ngx_open_file(name.data, NGX_FILE_RDONLY|NGX_FILE_NONBLOCK,
                            NGX_FILE_OPEN, 0);

    if (file.fd == NGX_INVALID_FILE) {
        return ngx_http_telephony_errors_refuse(cf, &st->place,
                   "example file \"%V\" cannot be opened", &name);
    }

    n = NGX_ERROR;

    if (ngx_fd_info(file.fd, &fi) != NGX_FILE_ERROR
        && ngx_is_file(&fi)
        && ngx_file_size(&fi) <= NGX_HTTP_TELEPHONY_ERRORS_MAX_EXAMPLE)
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
        return ngx_http_telephony_errors_refuse(cf, &st->place,
                   "example file \"%V\" cannot be read, or is larger than "
                   "1 MB", &name);
    }

    return NGX_OK;
}
