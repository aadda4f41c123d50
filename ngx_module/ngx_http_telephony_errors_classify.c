
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_http_telephony_errors_classify.h"
#include "ngx_http_telephony_errors_verdict.h"
#include "ngx_http_telephony_errors_text.h"


/* how much of a 2xx without the code's key is read: text, or too deep? */

#define NGX_HTTP_TELEPHONY_ERRORS_LOOK                                        \
    (NGX_HTTP_TELEPHONY_ERRORS_MAX_DEPTH + 32)


static ngx_int_t ngx_http_telephony_errors_judge_body(
    ngx_http_telephony_errors_judge_t *j, const u_char *data, size_t len,
    ngx_http_telephony_errors_end_e end,
    ngx_http_telephony_errors_verdict_t *verdict);
static ngx_int_t ngx_http_telephony_errors_first(void *data,
    ngx_http_telephony_errors_value_t *value);
static ngx_uint_t ngx_http_telephony_errors_is_sure(
    ngx_http_telephony_errors_case_t *c,
    ngx_http_telephony_errors_value_t *value);
static ngx_int_t ngx_http_telephony_errors_judge_found(
    ngx_http_telephony_errors_judge_t *j,
    ngx_http_telephony_errors_inspection_t *in, ngx_uint_t complete,
    ngx_http_telephony_errors_verdict_t *verdict);
static ngx_http_telephony_errors_value_t *ngx_http_telephony_errors_find_value(
    ngx_http_telephony_errors_judge_t *j,
    ngx_http_telephony_errors_inspection_t *in, ngx_uint_t complete);
static ngx_int_t ngx_http_telephony_errors_judge_elements(
    ngx_http_telephony_errors_case_t *c,
    ngx_http_telephony_errors_verdict_t *verdict);
static ngx_http_telephony_errors_value_t *
    ngx_http_telephony_errors_first_failed(ngx_http_telephony_errors_case_t *c,
    ngx_uint_t array, ngx_uint_t *failed, ngx_uint_t *good);
static ngx_uint_t ngx_http_telephony_errors_is_element_code(
    ngx_http_telephony_errors_case_t *c,
    ngx_http_telephony_errors_value_t *value, ngx_uint_t array);

static ngx_uint_t ngx_http_telephony_errors_is_code(
    ngx_http_telephony_errors_judge_t *j,
    ngx_http_telephony_errors_value_t *value);
static void ngx_http_telephony_errors_take(ngx_http_telephony_errors_case_t *c,
    ngx_http_telephony_errors_judge_t *j,
    ngx_http_telephony_errors_inspection_t *in,
    ngx_http_telephony_errors_value_t *value);
static void ngx_http_telephony_errors_take_next(
    ngx_http_telephony_errors_case_t *c,
    ngx_http_telephony_errors_value_t *value);
static ngx_http_telephony_errors_row_t *ngx_http_telephony_errors_classify(
    ngx_http_telephony_errors_case_t *c);
static ngx_http_telephony_errors_row_t *ngx_http_telephony_errors_by_class(
    ngx_http_telephony_errors_case_t *c);
static ngx_http_telephony_errors_row_t *ngx_http_telephony_errors_by_pattern(
    ngx_http_telephony_errors_case_t *c);
static ngx_http_telephony_errors_row_t *ngx_http_telephony_errors_by_status(
    ngx_http_telephony_errors_case_t *c);
static ngx_http_telephony_errors_row_t *ngx_http_telephony_errors_pick(
    ngx_http_telephony_errors_case_t *c,
    ngx_http_telephony_errors_row_t *rows);
static void ngx_http_telephony_errors_note_tried(
    ngx_http_telephony_errors_judge_t *j,
    ngx_http_telephony_errors_row_t *row);
static ngx_uint_t ngx_http_telephony_errors_applies(
    ngx_http_telephony_errors_case_t *c,
    ngx_http_telephony_errors_row_t *row);
static ngx_uint_t ngx_http_telephony_errors_says(
    ngx_http_telephony_errors_case_t *c,
    ngx_http_telephony_errors_template_t *t);

static ngx_http_telephony_errors_value_t *ngx_http_telephony_errors_near(
    ngx_http_telephony_errors_case_t *c, ngx_uint_t path);


ngx_int_t
ngx_http_telephony_errors_judge(ngx_http_telephony_errors_judge_t *j,
    const u_char *data, size_t len, ngx_http_telephony_errors_end_e end,
    ngx_http_telephony_errors_verdict_t *verdict)
{
    ngx_int_t                           rc;
    ngx_http_telephony_errors_reason_e  reason;

    ngx_memzero(verdict, sizeof(ngx_http_telephony_errors_verdict_t));
    verdict->provider_status = j->status;
    verdict->status = j->status;

    /* an error status is never released early: all of it is to be read */

    if (end == NGX_HTTP_TELEPHONY_ERRORS_MORE && j->status >= 400) {
        return NGX_AGAIN;
    }

    switch (ngx_http_telephony_errors_like_json(data, len)) {

    case NGX_OK:
        break;

    case NGX_AGAIN:

        if (end == NGX_HTTP_TELEPHONY_ERRORS_MORE) {
            return NGX_AGAIN;
        }

        reason = (end == NGX_HTTP_TELEPHONY_ERRORS_COMPLETE)
                 ? NGX_HTTP_TELEPHONY_ERRORS_EMPTY
                 : (end == NGX_HTTP_TELEPHONY_ERRORS_FULL)
                 ? NGX_HTTP_TELEPHONY_ERRORS_WINDOW
                 : NGX_HTTP_TELEPHONY_ERRORS_TRUNCATED;

        ngx_http_telephony_errors_judge_status(j, reason, verdict);
        return NGX_OK;

    default: /* NGX_DECLINED */

        ngx_http_telephony_errors_judge_status(j,
                                  NGX_HTTP_TELEPHONY_ERRORS_NOT_JSON, verdict);
        return NGX_OK;
    }

    if (j->status >= 400
        || end == NGX_HTTP_TELEPHONY_ERRORS_COMPLETE
        || end == NGX_HTTP_TELEPHONY_ERRORS_BROKEN
        || ngx_http_telephony_errors_mentions(&j->catalog->paths,
                                              j->catalog->ncodes, data, len,
                                              ngx_min(j->searched, len)))
    {
        return ngx_http_telephony_errors_judge_body(j, data, len, end,
                                                    verdict);
    }

    /*
     * Without the code's key there is no code and no need to parse, but the
     * first bytes tell JSON from text that begins like it.
     */

    if (j->searched < NGX_HTTP_TELEPHONY_ERRORS_LOOK) {

        rc = ngx_http_telephony_errors_judge_body(j, data,
                              ngx_min(len, NGX_HTTP_TELEPHONY_ERRORS_LOOK),
                              NGX_HTTP_TELEPHONY_ERRORS_MORE, verdict);
        if (rc != NGX_AGAIN) {
            return rc;
        }
    }

    j->searched = len;

    if (end == NGX_HTTP_TELEPHONY_ERRORS_MORE) {
        return NGX_AGAIN;
    }

    ngx_http_telephony_errors_judge_status(j, NGX_HTTP_TELEPHONY_ERRORS_WINDOW,
                                           verdict);
    return NGX_OK;
}


static ngx_int_t
ngx_http_telephony_errors_judge_body(ngx_http_telephony_errors_judge_t *j,
    const u_char *data, size_t len, ngx_http_telephony_errors_end_e end,
    ngx_http_telephony_errors_verdict_t *verdict)
{
    ngx_int_t                                rc;
    ngx_http_telephony_errors_case_t         c;
    ngx_http_telephony_errors_path_t        *path;
    ngx_http_telephony_errors_inspection_t  *in, found;

    in = j->found ? j->found : &found;

    ngx_memzero(in, sizeof(ngx_http_telephony_errors_inspection_t));
    in->paths = &j->catalog->paths;
    in->ncodes = j->catalog->ncodes;
    in->complete = (end == NGX_HTTP_TELEPHONY_ERRORS_COMPLETE);

    c.judge = j;
    c.row = NULL;

    path = in->paths->paths.elts;

    if (j->status < 400 && j->catalog->ncodes && path[0].arrays == 0) {
        in->first = ngx_http_telephony_errors_first;
        in->data = &c;
    }

    rc = ngx_http_telephony_errors_inspect(in, data, len, j->log);

    if (in->stopped) {
        return ngx_http_telephony_errors_conclude(&c, c.row, verdict);
    }

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_AGAIN) {

        if (end == NGX_HTTP_TELEPHONY_ERRORS_MORE) {
            return NGX_AGAIN;
        }

        in->reason = (end == NGX_HTTP_TELEPHONY_ERRORS_FULL)
                     ? NGX_HTTP_TELEPHONY_ERRORS_WINDOW
                     : NGX_HTTP_TELEPHONY_ERRORS_TRUNCATED;
    }

    return ngx_http_telephony_errors_judge_found(j, in, rc == NGX_OK, verdict);
}


/*
 * The first code path ends the inspection if its code can only mean success:
 * no row that also asks for a message could make it an error.
 */

static ngx_int_t
ngx_http_telephony_errors_first(void *data,
    ngx_http_telephony_errors_value_t *value)
{
    ngx_http_telephony_errors_case_t *c = data;

    ngx_uint_t                          ntried;
    ngx_http_telephony_errors_judge_t  *j;

    j = c->judge;

    if (ngx_http_telephony_errors_is_sure(c, value)) {
        return NGX_OK;
    }

    if (!ngx_http_telephony_errors_is_code(j, value)) {
        return NGX_DECLINED;
    }

    ntried = j->tried ? j->tried->nelts : 0;

    ngx_http_telephony_errors_take(c, j, NULL, value);
    c->early = 1;
    c->row = ngx_http_telephony_errors_classify(c);

    if (c->row && c->row->kind == NGX_HTTP_TELEPHONY_ERRORS_SUCCESS) {
        return NGX_OK;
    }

    /* all of the body will be classified again */

    if (j->tried) {
        j->tried->nelts = ntried;
    }

    return NGX_DECLINED;
}


/* 1 if the code is one of those that need no look-up: the case is taken up. */

static ngx_uint_t
ngx_http_telephony_errors_is_sure(ngx_http_telephony_errors_case_t *c,
    ngx_http_telephony_errors_value_t *value)
{
    ngx_uint_t                         i;
    ngx_http_telephony_errors_sure_t  *sure;

    sure = c->judge->index->sure;

    for (i = 0; i < c->judge->index->nsure; i++) {

        if (sure[i].key.len == value->text.len
            && ngx_memcmp(sure[i].key.data, value->text.data, value->text.len)
               == 0)
        {
            c->value = value;
            c->name = sure[i].key;
            c->row = sure[i].row;
            c->kept = 1;
            c->failed = 0;

            ngx_http_telephony_errors_note_tried(c->judge, c->row);

            return 1;
        }
    }

    return 0;
}


/*
 * complete is 0 if the body goes on unseen or is no JSON: then a 2xx is judged
 * by its first code path only, and an error status by what is known.
 */

static ngx_int_t
ngx_http_telephony_errors_judge_found(ngx_http_telephony_errors_judge_t *j,
    ngx_http_telephony_errors_inspection_t *in, ngx_uint_t complete,
    ngx_http_telephony_errors_verdict_t *verdict)
{
    ngx_http_telephony_errors_row_t    *row;
    ngx_http_telephony_errors_path_t   *path;
    ngx_http_telephony_errors_case_t    c;
    ngx_http_telephony_errors_value_t  *value;

    value = ngx_http_telephony_errors_find_value(j, in, complete);

    ngx_http_telephony_errors_take(&c, j, in, value);

    if (value) {
        path = in->paths->paths.elts;

        if (path[value->path].arrays) {
            return ngx_http_telephony_errors_judge_elements(&c, verdict);
        }

        row = ngx_http_telephony_errors_classify(&c);

        if (complete || j->status >= 400 || c.message || row == NULL
            || row->kind != NGX_HTTP_TELEPHONY_ERRORS_SUCCESS)
        {
            return ngx_http_telephony_errors_conclude(&c, row, verdict);
        }

        /* ..._first() has let it open: what is unseen may say an error */

    } else if (complete) {
        row = ngx_http_telephony_errors_pick(&c, j->index->absent);

        if (row) {
            return ngx_http_telephony_errors_conclude(&c, row, verdict);
        }

        in->reason = NGX_HTTP_TELEPHONY_ERRORS_NO_CODE;
    }

    if (j->status < 400) {
        ngx_http_telephony_errors_judge_status(j, in->reason, verdict);
        return NGX_OK;
    }

    verdict->reason = in->reason;

    row = ngx_http_telephony_errors_by_status(&c);

    return ngx_http_telephony_errors_conclude(&c, row, verdict);
}


/* The first code, by the order of the code paths. */

static ngx_http_telephony_errors_value_t *
ngx_http_telephony_errors_find_value(ngx_http_telephony_errors_judge_t *j,
    ngx_http_telephony_errors_inspection_t *in, ngx_uint_t complete)
{
    ngx_uint_t                          i, best;
    ngx_http_telephony_errors_path_t   *path;
    ngx_http_telephony_errors_value_t  *value;

    best = j->catalog->ncodes;
    path = in->paths->paths.elts;
    value = NULL;

    if (!complete && j->status < 400) {
        best = (best && path[0].arrays == 0) ? 1 : 0;
    }

    for (i = 0; i < in->nvalues; i++) {

        if (in->values[i].path < best
            && ngx_http_telephony_errors_is_code(j, &in->values[i]))
        {
            value = &in->values[i];
            best = value->path;
        }
    }

    return value;
}


/*
 * A code path with []: every element is judged by itself.  All failed is an
 * error by the first, some failed is a notice, for the answer is good in part.
 */

static ngx_int_t
ngx_http_telephony_errors_judge_elements(ngx_http_telephony_errors_case_t *c,
    ngx_http_telephony_errors_verdict_t *verdict)
{
    ngx_int_t                           rc;
    ngx_uint_t                          failed, good;
    ngx_http_telephony_errors_row_t    *row;
    ngx_http_telephony_errors_path_t   *path;
    ngx_http_telephony_errors_judge_t  *j;
    ngx_http_telephony_errors_value_t  *value;

    j = c->judge;

    path = c->in->paths->paths.elts;

    value = ngx_http_telephony_errors_first_failed(c,
                                                   path[c->value->path].first,
                                                   &failed, &good);
    if (value == NULL) {
        return NGX_ERROR;
    }

    /* anew, so that its templates are tried however many were before */

    ngx_http_telephony_errors_take(c, j, c->in, value);
    row = ngx_http_telephony_errors_classify(c);

    rc = ngx_http_telephony_errors_conclude(c, row, verdict);

    if (rc != NGX_OK || j->status >= 400
        || failed == 0 || good == 0)
    {
        return rc;
    }

    verdict->kind = NGX_HTTP_TELEPHONY_ERRORS_NOTICE;
    verdict->code = j->codes->partial_failure;
    verdict->status = j->status;

    if (verdict->detail.len == 0) {
        verdict->detail = verdict->code->title;
    }

    return NGX_OK;
}


/*
 * The element that stands for all: the first that failed, else the first that
 * is a success, else the first that is a notice.  NULL when out of memory.
 */

static ngx_http_telephony_errors_value_t *
ngx_http_telephony_errors_first_failed(ngx_http_telephony_errors_case_t *c,
    ngx_uint_t array, ngx_uint_t *failed, ngx_uint_t *good)
{
    ngx_http_telephony_errors_row_t    *row;
    ngx_http_telephony_errors_judge_t  *j;
    ngx_http_telephony_errors_value_t  *v, *last, *first, *success, *notice;

    j = c->judge;
    last = c->in->values + c->in->nvalues;

    *failed = 0;
    first = NULL;
    success = NULL;
    notice = NULL;

    for (v = c->in->values; v < last; v++) {

        if (!ngx_http_telephony_errors_is_element_code(c, v, array)) {
            continue;
        }

        ngx_http_telephony_errors_take_next(c, v);
        row = ngx_http_telephony_errors_classify(c);

        if (c->failed) {
            return NULL;
        }

        if (row && row->kind == NGX_HTTP_TELEPHONY_ERRORS_SUCCESS) {
            success = success ? success : v;

        } else if (row && row->kind == NGX_HTTP_TELEPHONY_ERRORS_NOTICE) {
            notice = notice ? notice : v;

        } else {
            first = (*failed)++ ? first : v;

            if (j->status >= 400
                && row && row->match != NGX_HTTP_TELEPHONY_ERRORS_BY_STATUS)
            {
                /* success has no rows here: a known code is the answer */

                first = v;
                break;
            }
        }
    }

    *good = c->in->items[array] - ngx_min(*failed, c->in->items[array]);

    return first ? first : success ? success : notice;
}


/*
 * 1 if the value is the code of an element of the array: of several code paths
 * in one element the first in order of preference.
 */

static ngx_uint_t
ngx_http_telephony_errors_is_element_code(ngx_http_telephony_errors_case_t *c,
    ngx_http_telephony_errors_value_t *value, ngx_uint_t array)
{
    ngx_uint_t                          ncodes;
    ngx_http_telephony_errors_path_t   *paths;
    ngx_http_telephony_errors_value_t  *v, *start, *last;

    paths = c->in->paths->paths.elts;
    ncodes = c->judge->catalog->ncodes;

    if (value->path >= ncodes || paths[value->path].first != array
        || !ngx_http_telephony_errors_is_code(c->judge, value))
    {
        return 0;
    }

    start = c->in->values;
    last = start + c->in->nvalues;

    /* the values of one element stand together */

    for (v = value;
         v > start && v[-1].element == value->element
         && paths[v[-1].path].first == array;
         v--)
    {
        /* void */
    }

    for ( /* void */ ;
         v < last && v->element == value->element
         && paths[v->path].first == array;
         v++)
    {
        if (v->path < value->path
            && ngx_http_telephony_errors_is_code(c->judge, v))
        {
            return 0;
        }
    }

    return 1;
}


void
ngx_http_telephony_errors_judge_status(ngx_http_telephony_errors_judge_t *j,
    ngx_http_telephony_errors_reason_e reason,
    ngx_http_telephony_errors_verdict_t *verdict)
{
    ngx_http_telephony_errors_row_t   *row;
    ngx_http_telephony_errors_case_t   c;

    ngx_memzero(verdict, sizeof(ngx_http_telephony_errors_verdict_t));

    verdict->reason = reason;
    verdict->provider_status = j->status;
    verdict->status = j->status;

    if (j->status < 400) {
        return;
    }

    ngx_http_telephony_errors_take(&c, j, NULL, NULL);
    row = ngx_http_telephony_errors_by_status(&c);

    if (ngx_http_telephony_errors_conclude(&c, row, verdict) != NGX_OK) {

        /* out of memory only costs the sentence */

        ngx_str_null(&verdict->detail);
    }
}


void
ngx_http_telephony_errors_judge_generated(
    ngx_http_telephony_errors_codes_t *codes, ngx_uint_t status,
    ngx_http_telephony_errors_verdict_t *verdict)
{
    ngx_http_telephony_errors_row_t   *row;
    ngx_http_telephony_errors_code_t  *code;

    ngx_memzero(verdict, sizeof(ngx_http_telephony_errors_verdict_t));

    row = NULL;

    switch (status) {

    case NGX_HTTP_BAD_GATEWAY:
        code = codes->provider_unavailable;
        break;

    case NGX_HTTP_GATEWAY_TIME_OUT:
        code = codes->provider_timeout;
        break;

    default:
        if (status >= 400 && status < 600) {
            row = codes->statuses.exact[status - 400];

            if (row == NULL) {
                row = codes->statuses.classes[status / 100 - 4];
            }
        }

        code = row ? row->code : codes->unknown;
        break;
    }

    verdict->kind = NGX_HTTP_TELEPHONY_ERRORS_ERROR;
    verdict->reason = NGX_HTTP_TELEPHONY_ERRORS_GENERATED;
    verdict->code = code;
    verdict->status = (code == codes->unknown && status >= 400)
                      ? status : code->status;
    verdict->detail = code->title;
}


ngx_int_t
ngx_http_telephony_errors_judge_envelope(ngx_http_telephony_errors_judge_t *j,
    const u_char *data, size_t len,
    ngx_http_telephony_errors_verdict_t *verdict)
{
    ngx_str_t                               *dst;
    ngx_uint_t                               i;
    ngx_http_telephony_errors_code_t        *code;
    ngx_http_telephony_errors_inspection_t   in;

    ngx_memzero(&in, sizeof(ngx_http_telephony_errors_inspection_t));
    in.paths = &j->codes->envelope;
    in.complete = 1;

    if (ngx_http_telephony_errors_inspect(&in, data, len, j->log) != NGX_OK) {
        return NGX_DECLINED;
    }

    ngx_memzero(verdict, sizeof(ngx_http_telephony_errors_verdict_t));
    code = NULL;

    for (i = 0; i < in.nvalues; i++) {

        switch (in.values[i].path) {

        case NGX_HTTP_TELEPHONY_ERRORS_ENVELOPE_CODE:
            code = ngx_http_telephony_errors_find_code(j->codes,
                                                       &in.values[i].text);
            continue;

        case NGX_HTTP_TELEPHONY_ERRORS_ENVELOPE_DETAIL:
            dst = &verdict->detail;
            break;

        case NGX_HTTP_TELEPHONY_ERRORS_ENVELOPE_PROVIDER_CODE:
            dst = &verdict->provider_code;
            break;

        default: /* NGX_HTTP_TELEPHONY_ERRORS_ENVELOPE_PROVIDER_MESSAGE */
            dst = &verdict->provider_message;
            break;
        }

        if (ngx_http_telephony_errors_copy(j->pool, &in.values[i].text, dst,
                                          NGX_HTTP_TELEPHONY_ERRORS_MAX_TEXT)
            != NGX_OK)
        {
            return NGX_DECLINED;
        }
    }

    if (code == NULL || code == j->codes->ok) {
        return NGX_DECLINED;
    }

    verdict->kind = NGX_HTTP_TELEPHONY_ERRORS_ERROR;
    verdict->code = code;
    verdict->status = j->status;
    verdict->provider_status = j->status;
    verdict->enveloped = 1;

    return NGX_OK;
}


static ngx_uint_t
ngx_http_telephony_errors_is_code(ngx_http_telephony_errors_judge_t *j,
    ngx_http_telephony_errors_value_t *value)
{
    u_char      buf[3 * NGX_HTTP_TELEPHONY_ERRORS_MAX_CODE];
    ngx_str_t   text;

    text = ngx_http_telephony_errors_trim(&value->text);

    if (text.len == 0) {
        return 0;
    }

    if (j->index->nocodes.buckets == NULL
        || text.len > NGX_HTTP_TELEPHONY_ERRORS_MAX_CODE)
    {
        return 1;
    }

    text.len = ngx_http_telephony_errors_fold(buf, text.data, text.len) - buf;
    text.data = buf;

    return ngx_http_telephony_errors_find(&j->index->nocodes, &text) == NULL;
}


/* Takes up a code, or with value NULL a body without one. */

static void
ngx_http_telephony_errors_take(ngx_http_telephony_errors_case_t *c,
    ngx_http_telephony_errors_judge_t *j,
    ngx_http_telephony_errors_inspection_t *in,
    ngx_http_telephony_errors_value_t *value)
{
    ngx_str_t                          *name;
    ngx_uint_t                          i;
    ngx_uint_t                         *message;
    ngx_http_telephony_errors_value_t  *found;

    ngx_memzero(c, offsetof(ngx_http_telephony_errors_case_t, buf));

    c->judge = j;
    c->in = in;
    c->value = value;

    if (value) {
        c->text = ngx_http_telephony_errors_trim(&value->text);
        c->name = c->text;

        if (c->text.len <= NGX_HTTP_TELEPHONY_ERRORS_MAX_CODE) {
            c->key.data = c->buf;
            c->key.len = ngx_http_telephony_errors_fold(c->buf, c->text.data,
                                                        c->text.len)
                         - c->buf;

            name = ngx_http_telephony_errors_find(&j->index->aliases,
                                                  &c->key);

            if (name) {
                c->name = *name;
                c->key.len = ngx_http_telephony_errors_fold(c->buf,
                                                            name->data,
                                                            name->len)
                             - c->buf;
            }
        }
    }

    if (in == NULL) {
        return;
    }

    message = j->catalog->messages.elts;

    for (i = 0; i < j->catalog->messages.nelts; i++) {
        found = ngx_http_telephony_errors_near(c, message[i]);

        if (found) {
            c->message = found;
            break;
        }
    }
}


/*
 * Takes up another code of the same body.  Thousands of elements may have one
 * message: it is prepared once, and PCRE2's tries are counted for all.
 */

static void
ngx_http_telephony_errors_take_next(ngx_http_telephony_errors_case_t *c,
    ngx_http_telephony_errors_value_t *value)
{
    ngx_uint_t                            ready;
    ngx_http_telephony_errors_value_t    *message;
    ngx_http_telephony_errors_subject_t   subject;

    ready = c->ready;
    message = c->message;
    subject = c->subject;

    ngx_http_telephony_errors_take(c, c->judge, c->in, value);

    c->subject.tries = subject.tries;

    if (ready && c->message == message) {
        c->subject = subject;
        c->ready = 1;
    }
}


/*
 * The row for a code: exact before class before pattern before HTTP status.
 * NULL if there is none: the code is unknown.
 */

static ngx_http_telephony_errors_row_t *
ngx_http_telephony_errors_classify(ngx_http_telephony_errors_case_t *c)
{
    ngx_http_telephony_errors_row_t  *row;

    if (c->key.len) {
        row = ngx_http_telephony_errors_pick(c,
                 ngx_http_telephony_errors_find(&c->judge->index->exact,
                                                &c->key));
        if (row) {
            return row;
        }

        row = ngx_http_telephony_errors_by_class(c);
        if (row) {
            return row;
        }

        row = ngx_http_telephony_errors_by_pattern(c);
        if (row) {
            return row;
        }
    }

    return ngx_http_telephony_errors_by_status(c);
}


/* 2219 is looked up as 221x, 22xx and 2xxx: more digits first. */

static ngx_http_telephony_errors_row_t *
ngx_http_telephony_errors_by_class(ngx_http_telephony_errors_case_t *c)
{
    u_char                            key[32];
    size_t                            i, len;
    ngx_http_telephony_errors_row_t  *row;

    len = c->key.len;

    if (c->judge->index->classes.buckets == NULL || len > sizeof(key)) {
        return NULL;
    }

    for (i = 0; i < len; i++) {
        if (c->key.data[i] < '0' || c->key.data[i] > '9') {
            return NULL;
        }
    }

    ngx_memcpy(key, c->key.data, len);

    for (i = len - 1; i > 0; i--) {
        key[i] = 'x';

        row = ngx_http_telephony_errors_pick(c,
                            ngx_hash_find(&c->judge->index->classes,
                                          ngx_hash_key(key, len), key, len));
        if (row) {
            return row;
        }
    }

    return NULL;
}


static ngx_http_telephony_errors_row_t *
ngx_http_telephony_errors_by_pattern(ngx_http_telephony_errors_case_t *c)
{
    ngx_uint_t                            i;
    ngx_http_telephony_errors_row_t      *row;
    ngx_http_telephony_errors_index_t    *index;
    ngx_http_telephony_errors_pattern_t  *pattern;

    index = c->judge->index;

    for (i = 0; i < index->npatterns; i++) {
        pattern = &index->patterns[i];

        if (!ngx_http_telephony_errors_wildcard(&pattern->text, &c->key)) {
            continue;
        }

        row = ngx_http_telephony_errors_pick(c, pattern->rows);
        if (row) {
            return row;
        }
    }

    return NULL;
}


/* An HTTP status of 400 or more: the catalog's row, else the general one. */

static ngx_http_telephony_errors_row_t *
ngx_http_telephony_errors_by_status(ngx_http_telephony_errors_case_t *c)
{
    ngx_uint_t                             i, status;
    ngx_http_telephony_errors_row_t       *row;
    ngx_http_telephony_errors_statuses_t  *statuses[2];

    status = c->judge->status;

    if (status < 400 || status > 599) {
        return NULL;
    }

    statuses[0] = c->judge->index->statuses;
    statuses[1] = &c->judge->codes->statuses;

    for (i = 0; i < 2; i++) {

        if (statuses[i] == NULL) {
            continue;
        }

        row = ngx_http_telephony_errors_pick(c,
                                            statuses[i]->exact[status - 400]);
        if (row) {
            return row;
        }

        row = ngx_http_telephony_errors_pick(c,
                                      statuses[i]->classes[status / 100 - 4]);
        if (row) {
            return row;
        }
    }

    return NULL;
}


/* The first of the rows that applies; they stand in order of precedence. */

static ngx_http_telephony_errors_row_t *
ngx_http_telephony_errors_pick(ngx_http_telephony_errors_case_t *c,
    ngx_http_telephony_errors_row_t *rows)
{
    ngx_http_telephony_errors_row_t  *row;

    for (row = rows; row; row = row->next) {

        ngx_http_telephony_errors_note_tried(c->judge, row);

        if (ngx_http_telephony_errors_applies(c, row)) {
            return row;
        }
    }

    return NULL;
}


static void
ngx_http_telephony_errors_note_tried(ngx_http_telephony_errors_judge_t *j,
    ngx_http_telephony_errors_row_t *row)
{
    ngx_http_telephony_errors_row_t  **tried;

    if (j->tried == NULL) {
        return;
    }

    tried = ngx_array_push(j->tried);

    if (tried) {
        *tried = row;
    }
}


static ngx_uint_t
ngx_http_telephony_errors_applies(ngx_http_telephony_errors_case_t *c,
    ngx_http_telephony_errors_row_t *row)
{
    ngx_uint_t                           status;
    ngx_http_telephony_errors_narrow_t  *narrow;

    status = c->judge->status;

    if (status >= 400 && row->kind != NGX_HTTP_TELEPHONY_ERRORS_ERROR) {
        return 0;
    }

    narrow = row->narrow;

    if (narrow == NULL) {
        return 1;
    }

    if (narrow->status
        && narrow->status != status && narrow->status != status / 100)
    {
        return 0;
    }

    if (narrow->scope.len
        && (narrow->scope.len != c->judge->scope.len
            || ngx_memcmp(narrow->scope.data, c->judge->scope.data,
                          narrow->scope.len)
               != 0))
    {
        return 0;
    }

    if (narrow->message == NULL) {
        return 1;
    }

    if (c->early) {

        /* it may, once the message is known: only success may be missed */

        return row->kind != NGX_HTTP_TELEPHONY_ERRORS_SUCCESS;
    }

    return ngx_http_telephony_errors_says(c, narrow->message);
}


static ngx_uint_t
ngx_http_telephony_errors_says(ngx_http_telephony_errors_case_t *c,
    ngx_http_telephony_errors_template_t *t)
{
    if (c->message == NULL || c->failed) {
        return 0;
    }

    if (!c->ready) {

        if (ngx_http_telephony_errors_subject(c->judge->pool,
                                              &c->message->text, &c->subject)
            != NGX_OK)
        {
            c->failed = 1;
            return 0;
        }

        c->ready = 1;
    }

    return ngx_http_telephony_errors_template_match(t, &c->subject,
                                                 &c->captures, c->judge->log)
           == NGX_OK;
}


/*
 * The value at a path that belongs to the code: of the same array element if
 * both stand in one array, else the first with any text.
 */

static ngx_http_telephony_errors_value_t *
ngx_http_telephony_errors_near(ngx_http_telephony_errors_case_t *c,
    ngx_uint_t path)
{
    ngx_uint_t                          first;
    ngx_http_telephony_errors_path_t   *paths;
    ngx_http_telephony_errors_value_t  *v, *start, *last;

    paths = c->in->paths->paths.elts;
    first = paths[path].first;

    if (c->value == NULL
        || paths[path].arrays == 0 || paths[c->value->path].arrays == 0
        || paths[c->value->path].first != first)
    {
        return c->in->texts[path];
    }

    /* the values of one element stand together, around its code */

    start = c->in->values;
    last = start + c->in->nvalues;

    for (v = c->value;
         v > start && v[-1].element == c->value->element
         && paths[v[-1].path].first == first;
         v--)
    {
        /* void */
    }

    for ( /* void */ ;
         v < last && v->element == c->value->element
         && paths[v->path].first == first;
         v++)
    {
        if (v->path == path && v->text.len) {
            return v;
        }
    }

    return NULL;
}
