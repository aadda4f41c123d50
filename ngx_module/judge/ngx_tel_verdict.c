
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_verdict.h"
#include "ngx_tel_text.h"


static void ngx_tel_set_unmapped(ngx_tel_case_t *c, ngx_tel_verdict_t *verdict);
static ngx_int_t ngx_tel_set_texts(ngx_tel_case_t *c,
    ngx_tel_verdict_t *verdict);
static ngx_int_t ngx_tel_sentence(ngx_tel_case_t *c, ngx_tel_row_t *row,
    ngx_str_t *out);
static ngx_int_t ngx_tel_set_fields(ngx_tel_case_t *c,
    ngx_tel_verdict_t *verdict);
static ngx_uint_t ngx_tel_concerns(ngx_tel_case_t *c, ngx_tel_value_t *value);
static ngx_int_t ngx_tel_add_field(ngx_tel_case_t *c, ngx_tel_field_path_t *fp,
    ngx_tel_value_t *value, ngx_tel_verdict_t *verdict);
static ngx_int_t ngx_tel_row_field(ngx_tel_case_t *c,
    ngx_tel_verdict_t *verdict);
static ngx_tel_value_t *ngx_tel_joined(ngx_tel_inspection_t *in,
    ngx_tel_value_t *field, ngx_int_t path);


/* Fills the verdict from a row, or from having none. */

ngx_int_t
ngx_tel_conclude(ngx_tel_case_t *c, ngx_tel_row_t *row,
    ngx_tel_verdict_t *verdict)
{
    ngx_tel_judge_t  *j;

    j = c->judge;

    if (c->failed) {
        return NGX_ERROR;
    }

    verdict->row = row;

    if (row) {
        verdict->kind = row->kind;
        verdict->code = row->code;
        verdict->match = (row->narrow && row->narrow->message)
                         ? NGX_TEL_BY_MESSAGE : row->match;

    } else {
        verdict->kind = NGX_TEL_ERROR;
        verdict->code = j->codes->unknown;
    }

    ngx_tel_set_unmapped(c, verdict);

    if (verdict->kind != NGX_TEL_ERROR) {
        verdict->status = j->status;

    } else if (verdict->code == j->codes->unknown && j->status >= 400) {
        verdict->status = j->status;

    } else {
        verdict->status = verdict->code->status;
    }

    if (c->value
        && ngx_tel_copy(j->pool, &c->name, &verdict->provider_code,
                        NGX_TEL_MAX_CODE)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (verdict->kind == NGX_TEL_SUCCESS) {
        return NGX_OK;
    }

    return ngx_tel_set_texts(c, verdict);
}


/*
 * A code without a row of its own is to be told to the operator; one that rows
 * know, but not with this scope or message, too, in other words.
 */

static void
ngx_tel_set_unmapped(ngx_tel_case_t *c, ngx_tel_verdict_t *verdict)
{
    ngx_int_t       known;
    ngx_tel_row_t  *row;

    row = verdict->row;

    if (c->value == NULL) {
        return;
    }

    if (row == NULL || row->match == NGX_TEL_BY_STATUS) {
        known = ngx_tel_known(c);

        verdict->unmapped = (known == NGX_DECLINED);
        verdict->elsewhere = (known == NGX_AGAIN);

    } else if (row->match == NGX_TEL_BY_CLASS && row->kind == NGX_TEL_SUCCESS) {
        /* a success only by the letter of the class */

        verdict->unmapped = (ngx_tel_find(&c->judge->index->exact, &c->key)
                             == NULL);
    }
}


static ngx_int_t
ngx_tel_set_texts(ngx_tel_case_t *c, ngx_tel_verdict_t *verdict)
{
    ngx_str_t         text;
    ngx_tel_row_t    *row;
    ngx_tel_judge_t  *j;

    j = c->judge;
    row = verdict->row;

    if (c->message) {
        text = ngx_tel_trim(&c->message->text);

        if (ngx_tel_copy(j->pool, &text, &verdict->provider_message,
                         NGX_TEL_MAX_TEXT)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (row && row->narrow && row->narrow->message) {
        ngx_tel_template_captures(row->narrow->message, &c->subject[c->own],
                                  &c->captures);
    }

    if (j->catalog->english && verdict->provider_message.len
        && !(row && row->always))
    {
        verdict->detail = verdict->provider_message;

    } else if (row && ngx_tel_sentence(c, row, &verdict->detail) != NGX_OK) {
        return NGX_ERROR;
    }

    /* what fills a sentence may be blank */

    text = ngx_tel_trim(&verdict->detail);

    if (text.len == 0) {
        verdict->detail = verdict->code->title;
    }

    if (c->in == NULL) {
        return NGX_OK;
    }

    return ngx_tel_set_fields(c, verdict);
}


/* The row's sentence with its {names} filled from the template's captures. */

static ngx_int_t
ngx_tel_sentence(ngx_tel_case_t *c, ngx_tel_row_t *row, ngx_str_t *out)
{
    u_char     *p, *s, *last, *end, *next;
    ngx_int_t   n;
    ngx_str_t   part;

    if (!row->captures || row->narrow == NULL) {
        *out = row->sentence;
        return NGX_OK;
    }

    p = ngx_pnalloc(c->judge->pool, NGX_TEL_MAX_TEXT);
    if (p == NULL) {
        return NGX_ERROR;
    }

    out->data = p;
    end = p + NGX_TEL_MAX_TEXT;

    s = row->sentence.data;
    last = s + row->sentence.len;

    while (s < last) {
        next = ngx_tel_placeholder(s, last, &part);

        if (next) {
            n = ngx_tel_template_capture(row->narrow->message, &part);
            part = c->captures.value[n];

        } else {
            next = s + 1;

            while (next < last && *next != '{') {
                next++;
            }

            part.data = s;
            part.len = next - s;
        }

        p = ngx_tel_clean(p, part.data, part.len, end - p);
        s = next;
    }

    out->len = p - out->data;

    return NGX_OK;
}


/* The offending parameters: by the catalog's paths, else by the row. */

static ngx_int_t
ngx_tel_set_fields(ngx_tel_case_t *c, ngx_tel_verdict_t *verdict)
{
    ngx_uint_t             i, n;
    ngx_tel_value_t       *v, *last;
    ngx_tel_field_path_t  *fp;

    last = c->in->values + c->in->nvalues;
    fp = c->judge->catalog->fields.elts;
    n = c->judge->catalog->fields.nelts;

    for (i = 0; i < n; i++) {
        for (v = c->in->values; v < last; v++) {

            if (v->path == fp[i].field && v->text.len
                && ngx_tel_concerns(c, v)
                && ngx_tel_add_field(c, &fp[i], v, verdict)
                   != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    if (verdict->nfields) {
        return NGX_OK;
    }

    return ngx_tel_row_field(c, verdict);
}


/* 0 if the value stands in the list of the code, in another element */

static ngx_uint_t
ngx_tel_concerns(ngx_tel_case_t *c, ngx_tel_value_t *value)
{
    ngx_tel_path_t  *path;

    if (c->first == NULL || (value >= c->first && value < c->last)) {
        return 1;
    }

    path = c->in->paths->paths.elts;

    return path[value->path].first != path[c->first->path].first;
}


static ngx_int_t
ngx_tel_add_field(ngx_tel_case_t *c, ngx_tel_field_path_t *fp,
    ngx_tel_value_t *value, ngx_tel_verdict_t *verdict)
{
    ngx_uint_t        i;
    ngx_str_t        *dst[3];
    ngx_tel_field_t  *field;
    ngx_tel_value_t  *src[3];

    if (verdict->nfields == NGX_TEL_MAX_FIELDS) {
        return NGX_OK;
    }

    if (verdict->fields == NULL) {
        verdict->fields = ngx_pcalloc(c->judge->pool, NGX_TEL_MAX_FIELDS
                                      * sizeof(ngx_tel_field_t));
        if (verdict->fields == NULL) {
            return NGX_ERROR;
        }
    }

    field = &verdict->fields[verdict->nfields++];

    src[0] = value;
    src[1] = ngx_tel_joined(c->in, value, fp->detail);
    src[2] = ngx_tel_joined(c->in, value, fp->pointer);

    dst[0] = &field->field;
    dst[1] = &field->detail;
    dst[2] = &field->pointer;

    for (i = 0; i < 3; i++) {

        if (src[i]
            && ngx_tel_copy(c->judge->pool, &src[i]->text, dst[i],
                            NGX_TEL_MAX_TEXT)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_tel_row_field(ngx_tel_case_t *c, ngx_tel_verdict_t *verdict)
{
    ngx_int_t          n;
    ngx_str_t          text;
    ngx_uint_t         i;
    ngx_tel_field_t    field;
    ngx_tel_narrow_t  *narrow;

    static ngx_str_t  names[] = {
        ngx_string("field"),
        ngx_string("detail")
    };

    narrow = verdict->row ? verdict->row->narrow : NULL;

    if (narrow == NULL) {
        return NGX_OK;
    }

    ngx_memzero(&field, sizeof(ngx_tel_field_t));

    field.field = narrow->field;

    for (i = 0; i < 2 && narrow->message; i++) {

        n = ngx_tel_template_capture(narrow->message, &names[i]);
        if (n < 0) {
            continue;
        }

        text = ngx_tel_trim(&c->captures.value[n]);

        if (ngx_tel_copy(c->judge->pool, &text,
                         i ? &field.detail : &field.field, NGX_TEL_MAX_TEXT)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (field.field.len == 0 && field.detail.len == 0) {
        return NGX_OK;
    }

    verdict->fields = ngx_palloc(c->judge->pool, sizeof(ngx_tel_field_t));
    if (verdict->fields == NULL) {
        return NGX_ERROR;
    }

    *verdict->fields = field;
    verdict->nfields = 1;

    return NGX_OK;
}


/*
 * The value at path in the same list item as the field.  What is in a member
 * follows its name, up to the next one.
 */

static ngx_tel_value_t *
ngx_tel_joined(ngx_tel_inspection_t *in, ngx_tel_value_t *field, ngx_int_t path)
{
    ngx_uint_t        named;
    ngx_tel_path_t   *paths;
    ngx_tel_value_t  *v, *last;

    if (path < 0) {
        return NULL;
    }

    paths = in->paths->paths.elts;
    named = (paths[field->path].kind == NGX_TEL_PATH_NAME);

    last = in->values + in->nvalues;

    for (v = named ? field + 1 : in->values; v < last; v++) {

        if (named && v->path == field->path) {
            break;
        }

        if (v->path == (ngx_uint_t) path
            && (named || v->inner == field->inner))
        {
            return v;
        }
    }

    return NULL;
}


ngx_int_t
ngx_tel_copy(ngx_pool_t *pool, ngx_str_t *src, ngx_str_t *dst, size_t max)
{
    size_t  size;

    size = ngx_min(ngx_tel_text_size(src->len), max);

    dst->data = ngx_pnalloc(pool, size + 1);
    if (dst->data == NULL) {
        return NGX_ERROR;
    }

    dst->len = ngx_tel_clean(dst->data, src->data, src->len, size)
               - dst->data;

    return NGX_OK;
}


ngx_uint_t
ngx_tel_settle(ngx_array_t *overrides, ngx_tel_catalog_t *catalog,
    ngx_uint_t method, ngx_tel_verdict_t *verdict)
{
    ngx_uint_t           i, n;
    ngx_tel_override_t  *override;

    if (verdict->code == NULL) {
        return 0;
    }

    n = 0;
    override = NULL;

    if (overrides && !verdict->enveloped && verdict->kind >= NGX_TEL_NOTICE) {
        n = overrides->nelts;
        override = overrides->elts;
    }

    for (i = 0; i < n; i++) {

        if (override[i].code == verdict->code) {
            verdict->kind = NGX_TEL_ERROR;
            verdict->status = override[i].status;
            break;
        }
    }

    return verdict->code->retry == NGX_TEL_RETRY_YES
           || (verdict->code->retry == NGX_TEL_RETRY_SAFE
               && (method & catalog->repeatable));
}
