
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_classify.h"
#include "ngx_tel_match.h"
#include "ngx_tel_verdict.h"
#include "ngx_tel_text.h"


/* how much of a 2xx without the code's key is read: text, or too deep? */

#define NGX_TEL_LOOK                                        \
    (NGX_TEL_MAX_DEPTH + 32)


/*
 * The values of one element of a list stand together, and one of them is its
 * code.
 */

typedef struct {
    ngx_tel_value_t  *code;  /* NULL: none */
    ngx_tel_value_t  *first;
    ngx_tel_value_t  *last;  /* behind the last one */
} ngx_tel_element_t;


/* how much of what the catalog asks for was to be seen */

typedef enum {
    NGX_TEL_SEEN_ALL = 0,
    NGX_TEL_SEEN_PART,     /* of a JSON text that goes on, or is none */
    NGX_TEL_SEEN_ENOUGH    /* what counts is known; nothing is absent */
} ngx_tel_seen_e;


static ngx_int_t ngx_tel_judge_text(ngx_tel_judge_t *j, const u_char *data,
    size_t len, ngx_tel_end_e end, ngx_tel_verdict_t *verdict);
static ngx_int_t ngx_tel_judge_body(ngx_tel_judge_t *j, const u_char *data,
    size_t len, ngx_tel_end_e end, ngx_tel_verdict_t *verdict);
static ngx_int_t ngx_tel_first(void *data, ngx_tel_value_t *value);
static ngx_tel_row_t *ngx_tel_by_text(ngx_tel_case_t *c,
    ngx_tel_value_t *value);
static ngx_int_t ngx_tel_judge_found(ngx_tel_judge_t *j,
    ngx_tel_inspection_t *in, ngx_tel_seen_e seen, ngx_tel_verdict_t *verdict);
static ngx_tel_value_t *ngx_tel_find_value(ngx_tel_judge_t *j,
    ngx_tel_inspection_t *in, ngx_tel_seen_e seen, ngx_uint_t from);
static ngx_tel_value_t *ngx_tel_with_row(ngx_tel_case_t *c,
    ngx_tel_value_t *value, ngx_tel_seen_e seen);
static ngx_uint_t ngx_tel_has_row(ngx_tel_row_t *row);
static ngx_uint_t ngx_tel_may_give_way(ngx_tel_case_t *c, ngx_tel_row_t *row);
static ngx_uint_t ngx_tel_first_path(ngx_tel_judge_t *j);
static ngx_uint_t ngx_tel_is_settled(ngx_tel_case_t *c, ngx_tel_row_t *row);

static ngx_int_t ngx_tel_judge_elements(ngx_tel_case_t *c, ngx_uint_t array,
    ngx_tel_verdict_t *verdict);
static ngx_uint_t ngx_tel_find_element(ngx_tel_case_t *c, ngx_uint_t array,
    ngx_tel_element_t *found);
static ngx_tel_row_t *ngx_tel_judge_element(ngx_tel_case_t *c,
    ngx_tel_element_t *element);
static ngx_uint_t ngx_tel_element_path(ngx_tel_case_t *c,
    ngx_tel_element_t *element, ngx_uint_t from);
static ngx_tel_row_t *ngx_tel_judge_element_path(ngx_tel_case_t *c,
    ngx_tel_element_t *element, ngx_uint_t path);
static ngx_uint_t ngx_tel_row_kind(ngx_tel_row_t *row);

static void ngx_tel_judge_bare(ngx_tel_judge_t *j, ngx_tel_reason_e reason,
    ngx_tel_verdict_t *verdict);
static ngx_uint_t ngx_tel_is_code(ngx_tel_judge_t *j, ngx_tel_value_t *value);
static void ngx_tel_init_case(ngx_tel_case_t *c, ngx_tel_judge_t *j,
    ngx_tel_inspection_t *in);
static void ngx_tel_take(ngx_tel_case_t *c, ngx_tel_value_t *value);
static void ngx_tel_take_message(ngx_tel_case_t *c, ngx_tel_element_t *element);
static ngx_tel_code_t *ngx_tel_generated_code(ngx_tel_codes_t *codes,
    ngx_uint_t status);

static void ngx_tel_take_blank(ngx_tel_case_t *c, ngx_tel_element_t *element);
static ngx_tel_row_t *ngx_tel_classify(ngx_tel_case_t *c);
static ngx_tel_row_t *ngx_tel_by_class(ngx_tel_case_t *c);
static ngx_uint_t ngx_tel_class_digits(ngx_tel_case_t *c);
static ngx_tel_row_t *ngx_tel_class_rows(ngx_tel_case_t *c, ngx_uint_t digits);
static ngx_tel_row_t *ngx_tel_by_pattern(ngx_tel_case_t *c);
static ngx_tel_row_t *ngx_tel_by_status(ngx_tel_case_t *c);
static ngx_tel_row_t *ngx_tel_pick(ngx_tel_case_t *c, ngx_tel_row_t *rows,
    ngx_tel_row_t *best);
static void ngx_tel_note_tried(ngx_tel_judge_t *j, ngx_tel_row_t *row);
static ngx_uint_t ngx_tel_applies(ngx_tel_case_t *c, ngx_tel_row_t *row);
static ngx_uint_t ngx_tel_has_status(ngx_tel_case_t *c, ngx_tel_row_t *row);
static ngx_uint_t ngx_tel_says(ngx_tel_case_t *c, ngx_tel_narrow_t *narrow);
static ngx_uint_t ngx_tel_covers(ngx_tel_case_t *c, ngx_tel_narrow_t *narrow);
static ngx_int_t ngx_tel_knows(ngx_tel_case_t *c, ngx_tel_row_t *rows,
    ngx_int_t known);


ngx_int_t
ngx_tel_judge(ngx_tel_judge_t *j, const u_char *data, size_t len,
    ngx_tel_end_e end, ngx_tel_verdict_t *verdict)
{
    ngx_int_t         rc;
    ngx_tel_reason_e  reason;

    ngx_memzero(verdict, sizeof(ngx_tel_verdict_t));
    verdict->provider_status = j->status;
    verdict->status = j->status;

    /* an error status is never released early: all of it is to be read */

    if (end == NGX_TEL_MORE && j->status >= 400) {
        return NGX_AGAIN;
    }

    switch (ngx_tel_like_json(data, len)) {

    case NGX_OK:
        break;

    case NGX_AGAIN:

        if (end == NGX_TEL_MORE) {
            return NGX_AGAIN;
        }

        reason = (end == NGX_TEL_COMPLETE)
                 ? NGX_TEL_EMPTY
                 : (end == NGX_TEL_FULL)
                 ? NGX_TEL_WINDOW
                 : NGX_TEL_TRUNCATED;

        ngx_tel_judge_status(j, reason, verdict);
        return NGX_OK;

    default: /* NGX_DECLINED */

        if (j->catalog->texts.nelts) {
            return ngx_tel_judge_text(j, data, len, end, verdict);
        }

        ngx_tel_judge_status(j, NGX_TEL_NOT_JSON, verdict);
        return NGX_OK;
    }

    if (j->status >= 400
        || end == NGX_TEL_COMPLETE
        || end == NGX_TEL_BROKEN
        || j->nheaders
        || ngx_tel_mentions(&j->catalog->paths, j->catalog->ncodes, data, len,
                            ngx_min(j->searched, len)))
    {
        return ngx_tel_judge_body(j, data, len, end, verdict);
    }

    /*
     * Without the code's key there is no code and no need to parse, but the
     * first bytes tell JSON from text that begins like it.
     */

    if (j->searched < NGX_TEL_LOOK) {

        rc = ngx_tel_judge_body(j, data, ngx_min(len, NGX_TEL_LOOK),
                                NGX_TEL_MORE, verdict);
        if (rc != NGX_AGAIN) {
            return rc;
        }
    }

    j->searched = len;

    if (end == NGX_TEL_MORE) {
        return NGX_AGAIN;
    }

    ngx_tel_judge_status(j, NGX_TEL_WINDOW, verdict);
    return NGX_OK;
}


/*
 * Text is judged once all of it is there, or more than is ever searched: by
 * the bytes alone, however they came.  Of a 2xx in part the matches of "each"
 * say nothing, as elements do not.
 */

static ngx_int_t
ngx_tel_judge_text(ngx_tel_judge_t *j, const u_char *data, size_t len,
    ngx_tel_end_e end, ngx_tel_verdict_t *verdict)
{
    ngx_int_t              rc;
    ngx_str_t              subject;
    ngx_uint_t             over, open;
    ngx_tel_seen_e         seen;
    ngx_tel_text_t        *text;
    ngx_tel_inspection_t  *in, found;

    if (len >= 3 && ngx_memcmp(data, "\xef\xbb\xbf", 3) == 0) {
        data += 3;
        len -= 3;
    }

    over = (len > NGX_TEL_REGEX_SUBJECT);

    if (end == NGX_TEL_MORE && !over) {
        return NGX_AGAIN;
    }

    open = (over || end != NGX_TEL_COMPLETE);

    subject.data = (u_char *) data;
    subject.len = len;

    in = j->found ? j->found : &found;

    ngx_memzero(in, sizeof(ngx_tel_inspection_t));
    in->paths = &j->catalog->paths;
    in->ncodes = j->catalog->ncodes;

    rc = ngx_tel_match(in, j->catalog, &subject, open, j->pool, j->log, &text);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    seen = NGX_TEL_SEEN_ENOUGH;

    if (rc == NGX_OK && !open) {
        seen = NGX_TEL_SEEN_ALL;

    } else if (rc == NGX_OK && text->each && j->status < 400) {
        seen = NGX_TEL_SEEN_PART;
    }

    if (in->reason == NGX_TEL_NO_REASON) {
        in->reason = (seen == NGX_TEL_SEEN_PART && over)
                     ? NGX_TEL_TOO_LARGE
                     : (over || !open)
                     ? NGX_TEL_NO_CODE
                     : (end == NGX_TEL_FULL)
                     ? NGX_TEL_WINDOW
                     : NGX_TEL_TRUNCATED;
    }

    return ngx_tel_judge_found(j, in, seen, verdict);
}


static ngx_int_t
ngx_tel_judge_body(ngx_tel_judge_t *j, const u_char *data, size_t len,
    ngx_tel_end_e end, ngx_tel_verdict_t *verdict)
{
    ngx_int_t              rc;
    ngx_uint_t             first;
    ngx_tel_case_t         c;
    ngx_tel_path_t        *path;
    ngx_tel_inspection_t  *in, found;

    in = j->found ? j->found : &found;

    ngx_memzero(in, sizeof(ngx_tel_inspection_t));
    in->paths = &j->catalog->paths;
    in->ncodes = j->catalog->ncodes;
    in->complete = (end == NGX_TEL_COMPLETE);

    c.judge = j;
    c.row = NULL;

    path = in->paths->paths.elts;
    first = ngx_tel_first_path(j);

    if (j->status < 400 && first < j->catalog->ncodes
        && path[first].lists == 0)
    {
        in->first = ngx_tel_first;
        in->first_path = first;
        in->data = &c;
    }

    rc = ngx_tel_inspect(in, data, len, j->log);

    if (in->stopped) {
        return ngx_tel_conclude(&c, c.row, verdict);
    }

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_AGAIN) {

        if (end == NGX_TEL_MORE) {
            return NGX_AGAIN;
        }

        in->reason = (end == NGX_TEL_FULL)
                     ? NGX_TEL_WINDOW
                     : NGX_TEL_TRUNCATED;
    }

    return ngx_tel_judge_found(j, in, (rc == NGX_OK)
                               ? NGX_TEL_SEEN_ALL : NGX_TEL_SEEN_PART, verdict);
}


/*
 * The first code path ends the inspection if its code can only mean success,
 * by a row that no message can take it from: none that asks for one comes
 * before.
 */

static ngx_int_t
ngx_tel_first(void *data, ngx_tel_value_t *value)
{
    ngx_tel_case_t *c = data;

    ngx_uint_t        ntried;
    ngx_tel_judge_t  *j;

    j = c->judge;

    ngx_tel_init_case(c, j, NULL);

    c->row = ngx_tel_by_text(c, value);

    if (c->row) {
        return NGX_OK;
    }

    if (!ngx_tel_is_code(j, value)) {
        return NGX_DECLINED;
    }

    ntried = j->tried ? j->tried->nelts : 0;

    ngx_tel_take(c, value);

    c->unseen = 1;
    c->unless = NGX_TEL_NONE;
    c->row = ngx_tel_classify(c);

    if (c->row && c->row->kind == NGX_TEL_SUCCESS
        && (c->row->narrow == NULL || c->row->narrow->message == NULL))
    {
        return NGX_OK;
    }

    /* all of the body will be classified again */

    if (j->tried) {
        j->tried->nelts = ntried;
    }

    return NGX_DECLINED;
}


/* The row of a code that means success for sure and stands as in its row. */

static ngx_tel_row_t *
ngx_tel_by_text(ngx_tel_case_t *c, ngx_tel_value_t *value)
{
    ngx_uint_t       i;
    ngx_tel_sure_t  *sure;

    sure = c->judge->index->sure;

    for (i = 0; i < c->judge->index->nsure; i++) {

        if (sure[i].key.len == value->text.len
            && ngx_memcmp(sure[i].key.data, value->text.data, value->text.len)
               == 0)
        {
            c->value = value;
            c->name = value->text;

            ngx_tel_note_tried(c->judge, sure[i].row);

            return sure[i].row;
        }
    }

    return NULL;
}


/*
 * A 2xx of which but a part was seen is judged by its first code path only, and
 * only if nothing unseen could judge it otherwise; an error status is judged by
 * what is known.
 */

static ngx_int_t
ngx_tel_judge_found(ngx_tel_judge_t *j, ngx_tel_inspection_t *in,
    ngx_tel_seen_e seen, ngx_tel_verdict_t *verdict)
{
    ngx_tel_row_t    *row;
    ngx_tel_path_t   *path;
    ngx_tel_case_t    c;
    ngx_tel_value_t  *value;

    value = ngx_tel_find_value(j, in, seen, 0);

    ngx_tel_init_case(&c, j, in);

    if (value) {
        path = in->paths->paths.elts;

        if (path[value->path].fallback) {
            value = ngx_tel_with_row(&c, value, seen);
        }

        if (path[value->path].lists) {
            return ngx_tel_judge_elements(&c, path[value->path].first, verdict);
        }

        ngx_tel_take(&c, value);
        ngx_tel_take_message(&c, NULL);

        row = ngx_tel_classify(&c);

        if (seen != NGX_TEL_SEEN_PART || j->status >= 400
            || ngx_tel_is_settled(&c, row))
        {
            return ngx_tel_conclude(&c, row, verdict);
        }

        ngx_tel_judge_bare(j, in->reason, verdict);
        return c.failed ? NGX_ERROR : NGX_OK;
    }

    ngx_tel_take_message(&c, NULL);

    if (seen == NGX_TEL_SEEN_ALL) {
        row = ngx_tel_pick(&c, j->index->absent, NULL);

        if (row) {
            return ngx_tel_conclude(&c, row, verdict);
        }

        in->reason = NGX_TEL_NO_CODE;
    }

    if (j->status < 400) {
        ngx_tel_judge_bare(j, in->reason, verdict);
        return c.failed ? NGX_ERROR : NGX_OK;
    }

    verdict->reason = in->reason;

    row = ngx_tel_by_status(&c);

    return ngx_tel_conclude(&c, row, verdict);
}


/*
 * Of codes that give way where they have no row, the first that has one; else
 * the first of all.
 */

static ngx_tel_value_t *
ngx_tel_with_row(ngx_tel_case_t *c, ngx_tel_value_t *value, ngx_tel_seen_e seen)
{
    ngx_uint_t          partial;
    ngx_tel_row_t      *row;
    ngx_tel_path_t     *path;
    ngx_tel_value_t    *v;
    ngx_tel_element_t   element;

    path = c->in->paths->paths.elts;

    for (v = value; v; v = ngx_tel_find_value(c->judge, c->in, seen,
                                              v->path + 1))
    {
        partial = 0;

        if (path[v->path].lists) {
            partial = ngx_tel_find_element(c, path[v->path].first, &element);
            row = ngx_tel_judge_element(c, &element);

        } else {
            ngx_tel_take(c, v);
            ngx_tel_take_message(c, NULL);
            row = ngx_tel_classify(c);
        }

        if (partial || ngx_tel_has_row(row)) {
            return v;
        }
    }

    return value;
}


/* 1 if it is the row of a code, not of an HTTP status. */

static ngx_uint_t
ngx_tel_has_row(ngx_tel_row_t *row)
{
    return row && row->match != NGX_TEL_BY_STATUS;
}


/* 1 if a code that is still unseen could count instead of the one at hand. */

static ngx_uint_t
ngx_tel_may_give_way(ngx_tel_case_t *c, ngx_tel_row_t *row)
{
    ngx_tel_path_t  *path;

    path = c->in->paths->paths.elts;

    return path[c->value->path].fallback && !ngx_tel_has_row(row);
}


/*
 * The first path that can have a code: headers are known beforehand, and one
 * that is not there does not count.
 */

static ngx_uint_t
ngx_tel_first_path(ngx_tel_judge_t *j)
{
    ngx_uint_t       i, n;
    ngx_tel_path_t  *path;

    if (j->catalog->nheaders == 0) {
        return 0;
    }

    path = j->catalog->paths.paths.elts;

    for (i = 0; i < j->catalog->ncodes; i++) {

        if (path[i].kind != NGX_TEL_PATH_HEADER) {
            return i;
        }

        for (n = 0; n < j->nheaders; n++) {

            if (j->headers[n].path == i && ngx_tel_is_code(j, &j->headers[n])) {
                return i;
            }
        }
    }

    return i;
}


/*
 * 1 if no message that is still unseen could make the verdict by this row one
 * of another kind: the message path that counts first has its text, or any
 * other message leaves a row of the same kind.  To find out, every row that
 * asks for a message and is of another kind is taken to apply, and every one of
 * the same kind not to.
 */

static ngx_uint_t
ngx_tel_is_settled(ngx_tel_case_t *c, ngx_tel_row_t *row)
{
    ngx_uint_t        ntried, *message;
    ngx_tel_judge_t  *j;

    j = c->judge;
    message = j->catalog->messages.elts;

    if (j->catalog->messages.nelts == 0
        || (c->message && c->message->path == message[0]))
    {
        return !ngx_tel_may_give_way(c, row);
    }

    ntried = j->tried ? j->tried->nelts : 0;

    c->unseen = 1;
    c->unless = ngx_tel_row_kind(row);

    row = ngx_tel_classify(c);

    c->unseen = 0;

    if (j->tried) {
        j->tried->nelts = ntried;
    }

    return ngx_tel_row_kind(row) == c->unless && !ngx_tel_may_give_way(c, row);
}


/* A code without a row is an error, too. */

static ngx_uint_t
ngx_tel_row_kind(ngx_tel_row_t *row)
{
    return row ? row->kind : NGX_TEL_ERROR;
}


/* The first code, by the order of the code paths, of those from "from" on. */

static ngx_tel_value_t *
ngx_tel_find_value(ngx_tel_judge_t *j, ngx_tel_inspection_t *in,
    ngx_tel_seen_e seen, ngx_uint_t from)
{
    ngx_uint_t        i, best;
    ngx_tel_path_t   *path;
    ngx_tel_value_t  *value;

    best = j->catalog->ncodes;
    path = in->paths->paths.elts;
    value = NULL;

    if (seen == NGX_TEL_SEEN_PART && j->status < 400) {
        i = ngx_tel_first_path(j);
        best = (i < best && path[i].lists == 0) ? i + 1 : 0;
    }

    for (i = 0; i < in->nvalues; i++) {

        if (in->values[i].path < best && in->values[i].path >= from
            && ngx_tel_is_code(j, &in->values[i]))
        {
            value = &in->values[i];
            best = value->path;
        }
    }

    for (i = 0; i < j->nheaders; i++) {

        if (j->headers[i].path < best && j->headers[i].path >= from
            && ngx_tel_is_code(j, &j->headers[i]))
        {
            value = &j->headers[i];
            best = value->path;
        }
    }

    return value;
}


/*
 * A code path with [] or *: every element is judged by itself.  All failed is
 * an error by the first, some failed is a notice: the answer is good in part.
 */

static ngx_int_t
ngx_tel_judge_elements(ngx_tel_case_t *c, ngx_uint_t array,
    ngx_tel_verdict_t *verdict)
{
    ngx_int_t           rc;
    ngx_uint_t          partial;
    ngx_tel_row_t      *row;
    ngx_tel_judge_t    *j;
    ngx_tel_element_t   element;

    j = c->judge;

    if (j->index->nmessages) {
        c->said = ngx_pcalloc(j->pool, j->index->nmessages);
        if (c->said == NULL) {
            return NGX_ERROR;
        }
    }

    partial = ngx_tel_find_element(c, array, &element);

    /* anew, for the last one was another */

    ngx_tel_take_message(c, &element);
    ngx_tel_take(c, element.code);
    row = ngx_tel_classify(c);

    rc = ngx_tel_conclude(c, row, verdict);

    if (rc != NGX_OK || !partial) {
        return rc;
    }

    verdict->kind = NGX_TEL_NOTICE;
    verdict->code = j->codes->partial_failure;
    verdict->status = j->status;

    if (verdict->detail.len == 0) {
        verdict->detail = verdict->code->title;
    }

    return NGX_OK;
}


/*
 * The element that stands for all: the first that failed, else the first that
 * is a success, else the first that is a notice.  Of an error status it is the
 * first with a code that a row knows, if there is one: no element is good
 * there.  Returns 1 if only some have failed.
 */

static ngx_uint_t
ngx_tel_find_element(ngx_tel_case_t *c, ngx_uint_t array,
    ngx_tel_element_t *found)
{
    ngx_uint_t          kind, failed;
    ngx_tel_row_t      *row;
    ngx_tel_path_t     *path;
    ngx_tel_value_t    *last;
    ngx_tel_element_t   e, first[4];

    path = c->in->paths->paths.elts;
    last = c->in->values + c->in->nvalues;

    ngx_memzero(first, sizeof(first));
    failed = 0;

    for (e.first = c->in->values; e.first < last; e.first = e.last) {

        e.last = e.first + 1;

        if (path[e.first->path].first != array) {
            continue;
        }

        while (e.last < last && path[e.last->path].first == array
               && e.last->element == e.first->element)
        {
            e.last++;
        }

        row = ngx_tel_judge_element(c, &e);

        if (e.code == NULL) {
            continue;
        }

        kind = ngx_tel_row_kind(row);
        failed += (kind == NGX_TEL_ERROR);

        if (first[kind].code == NULL) {
            first[kind] = e;
        }

        if (c->judge->status < 400) {

            if (failed && (first[NGX_TEL_SUCCESS].code
                           || first[NGX_TEL_NOTICE].code))
            {
                break;
            }

        } else if (row && row->match != NGX_TEL_BY_STATUS) {
            first[kind] = e;
            break;
        }
    }

    *found = first[NGX_TEL_ERROR].code
             ? first[NGX_TEL_ERROR]
             : first[NGX_TEL_SUCCESS].code
               ? first[NGX_TEL_SUCCESS]
               : first[NGX_TEL_NOTICE];

    return c->judge->status < 400 && failed && failed < c->in->items[array];
}


/*
 * Finds the code of an element, and its row: on the code path that is preferred
 * of those that have one there, unless it gives way.
 */

static ngx_tel_row_t *
ngx_tel_judge_element(ngx_tel_case_t *c, ngx_tel_element_t *element)
{
    ngx_uint_t        n;
    ngx_tel_row_t    *row, *other;
    ngx_tel_path_t   *path;
    ngx_tel_value_t  *code;

    element->code = NULL;

    n = ngx_tel_element_path(c, element, 0);

    if (n == c->judge->catalog->ncodes) {
        return NULL;
    }

    ngx_tel_take_message(c, element);

    row = ngx_tel_judge_element_path(c, element, n);

    path = c->in->paths->paths.elts;

    if (!path[n].fallback || ngx_tel_has_row(row)) {
        return row;
    }

    code = element->code;

    for ( ;; ) {
        n = ngx_tel_element_path(c, element, n + 1);

        if (n == c->judge->catalog->ncodes) {
            element->code = code;
            return row;
        }

        other = ngx_tel_judge_element_path(c, element, n);

        if (ngx_tel_has_row(other)) {
            return other;
        }
    }
}


/* The first code path from "from" on that has a code there, or ncodes. */

static ngx_uint_t
ngx_tel_element_path(ngx_tel_case_t *c, ngx_tel_element_t *element,
    ngx_uint_t from)
{
    ngx_uint_t        path;
    ngx_tel_value_t  *v;

    path = c->judge->catalog->ncodes;

    for (v = element->first; v < element->last; v++) {
        if (v->path < path && v->path >= from && ngx_tel_is_code(c->judge, v)) {
            path = v->path;
        }
    }

    return path;
}


/* Of several codes on one path the first that failed, else the first. */

static ngx_tel_row_t *
ngx_tel_judge_element_path(ngx_tel_case_t *c, ngx_tel_element_t *element,
    ngx_uint_t path)
{
    ngx_tel_row_t    *row, *first;
    ngx_tel_value_t  *v;

    element->code = NULL;
    first = NULL;

    for (v = element->first; v < element->last; v++) {

        if (v->path != path || !ngx_tel_is_code(c->judge, v))
        {
            continue;
        }

        ngx_tel_take(c, v);
        row = ngx_tel_classify(c);

        if (element->code == NULL) {
            element->code = v;
            first = row;
        }

        if (ngx_tel_row_kind(row) == NGX_TEL_ERROR) {
            element->code = v;
            return row;
        }
    }

    return first;
}


ngx_int_t
ngx_tel_judge_header(ngx_tel_judge_t *j, ngx_str_t *name, ngx_str_t *value)
{
    ngx_uint_t        i, n;
    ngx_tel_path_t   *path;
    ngx_tel_value_t  *v;

    path = j->catalog->paths.paths.elts;

    for (i = 0; i < j->catalog->ncodes; i++) {

        if (path[i].kind == NGX_TEL_PATH_HEADER
            && path[i].value.len == name->len
            && ngx_strncasecmp(path[i].value.data, name->data, name->len) == 0)
        {
            break;
        }
    }

    if (i == j->catalog->ncodes) {
        return NGX_DECLINED;
    }

    if (j->headers == NULL) {
        j->headers = ngx_pcalloc(j->pool, j->catalog->nheaders
                                          * sizeof(ngx_tel_value_t));
        if (j->headers == NULL) {
            return NGX_ERROR;
        }
    }

    for (n = 0; n < j->nheaders; n++) {
        if (j->headers[n].path == i) {
            return NGX_OK;
        }
    }

    if (value->len) {
        v = &j->headers[j->nheaders++];
        v->path = i;
        v->type = NGX_TEL_STRING;
        v->text = *value;
    }

    return NGX_OK;
}


void
ngx_tel_judge_status(ngx_tel_judge_t *j, ngx_tel_reason_e reason,
    ngx_tel_verdict_t *verdict)
{
    ngx_tel_inspection_t  in;

    if (j->nheaders) {
        ngx_memzero(verdict, sizeof(ngx_tel_verdict_t));
        verdict->provider_status = j->status;

        ngx_memzero(&in, sizeof(ngx_tel_inspection_t));
        in.paths = &j->catalog->paths;
        in.ncodes = j->catalog->ncodes;
        in.reason = reason;

        if (ngx_tel_judge_found(j, &in, NGX_TEL_SEEN_ENOUGH, verdict) == NGX_OK)
        {
            return;
        }
    }

    ngx_tel_judge_bare(j, reason, verdict);
}


/* By the HTTP status alone. */

static void
ngx_tel_judge_bare(ngx_tel_judge_t *j, ngx_tel_reason_e reason,
    ngx_tel_verdict_t *verdict)
{
    ngx_tel_row_t   *row;
    ngx_tel_case_t   c;

    ngx_memzero(verdict, sizeof(ngx_tel_verdict_t));

    verdict->reason = reason;
    verdict->provider_status = j->status;
    verdict->status = j->status;

    if (j->status < 400) {
        return;
    }

    ngx_tel_init_case(&c, j, NULL);
    row = ngx_tel_by_status(&c);

    if (ngx_tel_conclude(&c, row, verdict) != NGX_OK) {

        /* out of memory only costs the sentence */

        ngx_str_null(&verdict->detail);
    }
}


void
ngx_tel_judge_generated(ngx_tel_codes_t *codes, ngx_uint_t status,
    ngx_uint_t asked, ngx_tel_verdict_t *verdict)
{
    ngx_tel_code_t  *code;

    static ngx_str_t  failed = ngx_string("The gateway could not serve the "
                                          "request");
    static ngx_str_t  refused = ngx_string("The gateway refused the request");

    ngx_memzero(verdict, sizeof(ngx_tel_verdict_t));

    if (asked) {
        code = (status == NGX_HTTP_GATEWAY_TIME_OUT)
               ? codes->provider_timeout : codes->provider_unavailable;

    } else {
        code = ngx_tel_generated_code(codes, status);
    }

    verdict->kind = NGX_TEL_ERROR;
    verdict->reason = NGX_TEL_GENERATED;
    verdict->code = code;
    verdict->status = (code == codes->unknown && status >= 400)
                      ? status : code->status;
    verdict->detail = code->title;

    /* the titles of these speak of the provider */

    if (!asked && status >= 500) {
        verdict->detail = failed;

    } else if (!asked && code == codes->unknown) {
        verdict->detail = refused;
    }
}


/*
 * The code of an error for which no vendor was asked: by the general rows, but
 * never one with the retry advice "safe", which says that a vendor may have
 * acted.
 */

static ngx_tel_code_t *
ngx_tel_generated_code(ngx_tel_codes_t *codes, ngx_uint_t status)
{
    ngx_tel_row_t   *row;
    ngx_tel_code_t  *code;

    static ngx_str_t  capacity = ngx_string("CAPACITY_UNAVAILABLE");

    row = NULL;

    if (status >= 400 && status < 600) {
        row = codes->statuses.exact[status - 400];

        if (row == NULL) {
            row = codes->statuses.classes[status / 100 - 4];
        }
    }

    if (row == NULL) {
        return codes->unknown;
    }

    if (row->code->retry != NGX_TEL_RETRY_SAFE) {
        return row->code;
    }

    code = ngx_tel_find_code(codes, &capacity);

    return code ? code : codes->unknown;
}


ngx_int_t
ngx_tel_judge_envelope(ngx_tel_judge_t *j, const u_char *data, size_t len,
    ngx_tel_end_e end, ngx_tel_verdict_t *verdict)
{
    ngx_int_t              rc;
    ngx_str_t             *dst;
    ngx_uint_t             i;
    ngx_tel_code_t        *code;
    ngx_tel_inspection_t   in;

    ngx_memzero(&in, sizeof(ngx_tel_inspection_t));
    in.paths = &j->codes->envelope;
    in.complete = (end == NGX_TEL_COMPLETE);

    rc = ngx_tel_inspect(&in, data, len, j->log);

    switch (end) {

    case NGX_TEL_COMPLETE:
        if (rc != NGX_OK) {
            return NGX_DECLINED;
        }

        break;

    case NGX_TEL_FULL:
        if (rc != NGX_OK && rc != NGX_AGAIN) {
            return NGX_DECLINED;
        }

        break;

    default:
        return NGX_DECLINED;
    }

    ngx_memzero(verdict, sizeof(ngx_tel_verdict_t));
    code = NULL;

    for (i = 0; i < in.nvalues; i++) {

        switch (in.values[i].path) {

        case NGX_TEL_ENVELOPE_CODE:
            code = ngx_tel_find_code(j->codes, &in.values[i].text);
            continue;

        case NGX_TEL_ENVELOPE_DETAIL:
            dst = &verdict->detail;
            break;

        case NGX_TEL_ENVELOPE_PROVIDER_CODE:
            dst = &verdict->provider_code;
            break;

        default: /* NGX_TEL_ENVELOPE_PROVIDER_MESSAGE */
            dst = &verdict->provider_message;
            break;
        }

        if (ngx_tel_copy(j->pool, &in.values[i].text, dst, NGX_TEL_MAX_TEXT)
            != NGX_OK)
        {
            return NGX_DECLINED;
        }
    }

    if (code == NULL || code == j->codes->ok) {
        return NGX_DECLINED;
    }

    verdict->kind = NGX_TEL_ERROR;
    verdict->code = code;
    verdict->status = j->status;
    verdict->provider_status = j->status;
    verdict->enveloped = 1;

    return NGX_OK;
}


static ngx_uint_t
ngx_tel_is_code(ngx_tel_judge_t *j, ngx_tel_value_t *value)
{
    u_char     buf[3 * NGX_TEL_MAX_CODE];
    ngx_str_t  text;

    text = ngx_tel_trim(&value->text);

    if (text.len == 0) {
        return 0;
    }

    if (j->index->nocodes.buckets == NULL || text.len > NGX_TEL_MAX_CODE) {
        return 1;
    }

    text.len = ngx_tel_fold(buf, text.data, text.len) - buf;
    text.data = buf;

    return ngx_tel_find(&j->index->nocodes, &text) == NULL;
}


/* A body without a code, or with in NULL nothing but a status. */

static void
ngx_tel_init_case(ngx_tel_case_t *c, ngx_tel_judge_t *j,
    ngx_tel_inspection_t *in)
{
    ngx_memzero(c, offsetof(ngx_tel_case_t, buf));

    c->judge = j;
    c->in = in;
}


/* Takes up a code. */

static void
ngx_tel_take(ngx_tel_case_t *c, ngx_tel_value_t *value)
{
    ngx_str_t  *name;

    c->value = value;
    c->text = ngx_tel_trim(&value->text);
    c->name = c->text;
    c->key.data = c->buf;
    c->key.len = 0;

    if (c->text.len > NGX_TEL_MAX_CODE) {
        return;
    }

    c->key.len = ngx_tel_fold(c->buf, c->text.data, c->text.len)
                 - c->buf;

    name = ngx_tel_find(&c->judge->index->aliases, &c->key);

    if (name) {
        c->name = *name;
        c->key.len = ngx_tel_fold(c->buf, name->data, name->len)
                     - c->buf;
    }
}


/*
 * Takes up the message: of the paths in order of preference the first with a
 * text, in the element if it is a path of the element's list.
 */

static void
ngx_tel_take_message(ngx_tel_case_t *c, ngx_tel_element_t *element)
{
    ngx_uint_t        i, n, *message;
    ngx_tel_path_t   *path;
    ngx_tel_value_t  *v;

    path = c->in->paths->paths.elts;
    message = c->judge->catalog->messages.elts;

    c->first = element ? element->first : NULL;
    c->last = element ? element->last : NULL;
    c->message = NULL;
    c->own = 0;

    n = c->in->texts ? c->judge->catalog->messages.nelts : 0;

    for (i = 0; i < n; i++) {

        if (element == NULL
            || path[message[i]].first != path[element->first->path].first)
        {
            c->message = c->in->texts[message[i]];

        } else {
            for (v = element->first; v < element->last; v++) {
                if (v->path == message[i] && ngx_tel_is_text(v)) {
                    c->message = v;
                    c->own = 1;
                    break;
                }
            }
        }

        if (c->message) {
            return;
        }
    }

    ngx_tel_take_blank(c, element);
}


/* A text of blanks is one all the same, if there is no other. */

static void
ngx_tel_take_blank(ngx_tel_case_t *c, ngx_tel_element_t *element)
{
    ngx_uint_t        i, *message;
    ngx_tel_value_t  *v, *last;

    message = c->judge->catalog->messages.elts;

    v = element ? element->first : c->in->values;
    last = element ? element->last : v + c->in->nvalues;

    for ( /* void */ ; v < last; v++) {

        if (v->type != NGX_TEL_STRING || v->text.len == 0) {
            continue;
        }

        for (i = 0; i < c->judge->catalog->messages.nelts; i++) {
            if (v->path == message[i]) {
                c->message = v;
                c->own = (element != NULL);
                return;
            }
        }
    }
}


/*
 * The row for a code: exact before class before pattern before HTTP status.
 * NULL if there is none: the code is unknown.
 */

static ngx_tel_row_t *
ngx_tel_classify(ngx_tel_case_t *c)
{
    ngx_tel_row_t  *row;

    if (c->key.len) {
        row = ngx_tel_pick(c, ngx_tel_find(&c->judge->index->exact, &c->key),
                           NULL);
        if (row) {
            return row;
        }

        row = ngx_tel_by_class(c);
        if (row) {
            return row;
        }

        row = ngx_tel_by_pattern(c);
        if (row) {
            return row;
        }
    }

    return ngx_tel_by_status(c);
}


/* 2219 has rows under 221x, 22xx and 2xxx: the first in order of them all. */

static ngx_tel_row_t *
ngx_tel_by_class(ngx_tel_case_t *c)
{
    ngx_uint_t      n;
    ngx_tel_row_t  *row;

    row = NULL;

    for (n = ngx_tel_class_digits(c); n; n--) {
        row = ngx_tel_pick(c, ngx_tel_class_rows(c, n), row);
    }

    return row;
}


/*
 * How many characters of the code a class may spell out that covers it: its
 * digits but one, and a minus before them; 0: there is none.
 */

static ngx_uint_t
ngx_tel_class_digits(ngx_tel_case_t *c)
{
    size_t  i;

    if (c->judge->index->classes.buckets == NULL
        || c->key.len == 0 || c->key.len > NGX_TEL_MAX_CLASS)
    {
        return 0;
    }

    for (i = (c->key.data[0] == '-'); i < c->key.len; i++) {
        if (c->key.data[i] < '0' || c->key.data[i] > '9') {
            return 0;
        }
    }

    return c->key.len - 1;
}


static ngx_tel_row_t *
ngx_tel_class_rows(ngx_tel_case_t *c, ngx_uint_t digits)
{
    u_char     buf[NGX_TEL_MAX_CLASS];
    ngx_str_t  key;

    key.data = buf;
    key.len = c->key.len;

    ngx_memcpy(buf, c->key.data, digits);
    ngx_memset(buf + digits, 'x', key.len - digits);

    return ngx_tel_find(&c->judge->index->classes, &key);
}


static ngx_tel_row_t *
ngx_tel_by_pattern(ngx_tel_case_t *c)
{
    ngx_uint_t          i;
    ngx_tel_row_t      *row;
    ngx_tel_index_t    *index;
    ngx_tel_pattern_t  *pattern;

    index = c->judge->index;
    row = NULL;

    for (i = 0; i < index->npatterns; i++) {
        pattern = &index->patterns[i];

        if (row && row->order < pattern->rows->order) {
            break;
        }

        if (ngx_tel_wildcard(&pattern->text, &c->key)) {
            row = ngx_tel_pick(c, pattern->rows, row);
        }
    }

    return row;
}


/* An HTTP status of 400 or more: the catalog's row, else the general one. */

static ngx_tel_row_t *
ngx_tel_by_status(ngx_tel_case_t *c)
{
    ngx_uint_t           i, status;
    ngx_tel_row_t       *row;
    ngx_tel_statuses_t  *statuses[2];

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

        row = ngx_tel_pick(c, statuses[i]->exact[status - 400], NULL);
        row = ngx_tel_pick(c, statuses[i]->classes[status / 100 - 4], row);
        if (row) {
            return row;
        }
    }

    return NULL;
}


/*
 * The first of the rows that applies, unless best stands before it.  The rows
 * of one key stand in their order.
 */

static ngx_tel_row_t *
ngx_tel_pick(ngx_tel_case_t *c, ngx_tel_row_t *rows, ngx_tel_row_t *best)
{
    ngx_tel_row_t  *row;

    for (row = rows; row; row = row->next) {

        if (best && best->order < row->order) {
            break;
        }

        ngx_tel_note_tried(c->judge, row);

        if (ngx_tel_applies(c, row)) {
            return row;
        }
    }

    return best;
}


static void
ngx_tel_note_tried(ngx_tel_judge_t *j, ngx_tel_row_t *row)
{
    ngx_tel_row_t  **tried;

    if (j->tried == NULL) {
        return;
    }

    tried = ngx_array_push(j->tried);

    if (tried) {
        *tried = row;
    }
}


static ngx_uint_t
ngx_tel_applies(ngx_tel_case_t *c, ngx_tel_row_t *row)
{
    ngx_tel_narrow_t  *narrow;

    if (!ngx_tel_has_status(c, row)) {
        return 0;
    }

    narrow = row->narrow;

    if (narrow == NULL) {
        return 1;
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

    if (c->unseen) {
        return row->kind != c->unless;
    }

    return ngx_tel_says(c, narrow);
}


/* 1 if the HTTP status lets the row apply. */

static ngx_uint_t
ngx_tel_has_status(ngx_tel_case_t *c, ngx_tel_row_t *row)
{
    ngx_uint_t  status;

    status = c->judge->status;

    if (status >= 400 && row->kind != NGX_TEL_ERROR) {
        return 0;
    }

    return row->narrow == NULL || row->narrow->status == 0
           || row->narrow->status == status
           || row->narrow->status == status / 100;
}


/*
 * 1 if the message is that of the row.  What a row makes of the message of the
 * body is kept: thousands of elements may ask it.
 */

static ngx_uint_t
ngx_tel_says(ngx_tel_case_t *c, ngx_tel_narrow_t *narrow)
{
    u_char  *said;

    if (c->message == NULL || c->failed) {
        return 0;
    }

    if (c->said == NULL || c->own) {
        return ngx_tel_covers(c, narrow);
    }

    said = &c->said[narrow->number];

    if (*said == 0) {
        *said = 1 + ngx_tel_covers(c, narrow);
    }

    return *said - 1;
}


/* Whether the template covers the message, which is prepared once. */

static ngx_uint_t
ngx_tel_covers(ngx_tel_case_t *c, ngx_tel_narrow_t *narrow)
{
    ngx_tel_subject_t  *subject;

    subject = &c->subject[c->own];

    if (c->prepared[c->own] != c->message) {

        if (ngx_tel_subject(c->judge->pool, &c->message->text, subject)
            != NGX_OK)
        {
            c->failed = 1;
            return 0;
        }

        c->prepared[c->own] = c->message;
    }

    return ngx_tel_template_match(narrow->message, subject)
           == NGX_OK;
}


ngx_int_t
ngx_tel_known(ngx_tel_case_t *c)
{
    ngx_int_t           known;
    ngx_uint_t          i, n;
    ngx_tel_index_t    *index;
    ngx_tel_pattern_t  *pattern;

    known = NGX_DECLINED;

    if (c->key.len == 0) {
        return known;
    }

    index = c->judge->index;

    known = ngx_tel_knows(c, ngx_tel_find(&index->exact, &c->key), known);

    for (n = ngx_tel_class_digits(c); n; n--) {
        known = ngx_tel_knows(c, ngx_tel_class_rows(c, n), known);
    }

    for (i = 0; i < index->npatterns; i++) {
        pattern = &index->patterns[i];

        if (ngx_tel_wildcard(&pattern->text, &c->key)) {
            known = ngx_tel_knows(c, pattern->rows, known);
        }
    }

    return known;
}


static ngx_int_t
ngx_tel_knows(ngx_tel_case_t *c, ngx_tel_row_t *rows, ngx_int_t known)
{
    ngx_tel_row_t  *row;

    for (row = rows; row && known != NGX_AGAIN; row = row->next) {
        known = ngx_tel_has_status(c, row)
                ? NGX_AGAIN : NGX_OK;
    }

    return known;
}
