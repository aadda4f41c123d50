
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/*
 * The verdict and the envelope.  Eight bytes of the input choose the catalog,
 * the HTTP status and where the body is cut; the rest is the body.
 *
 * - A verdict on a prefix that is said to be final is that on the whole.
 * - What is read of a prefix, though it be all, is the first of what is read of
 *   the whole: no value is half of one.
 * - The envelope is JSON in valid UTF-8, its members are the verdict's, and
 *   another gateway knows it again.
 * - Texts are valid UTF-8 and bounded; no byte of the body gets into the log.
 */


#include "fuzz.h"
#include "ngx_tel_classify.h"
#include "ngx_tel_own.h"
#include "ngx_tel_problem.h"


#define FUZZ_HEADER  8

#define fuzz_bit(n)  ((header[3] >> (n)) & 1)


static void fuzz_load(void);
static void fuzz_judge(const uint8_t *header, const u_char *body, size_t len);
static void fuzz_judge_prefix(ngx_tel_judge_t *j,
    const u_char *body, size_t len, size_t *searched,
    ngx_tel_verdict_t *whole);
static void fuzz_judge_end(ngx_tel_judge_t *j,
    const u_char *body, size_t len, ngx_tel_end_e end,
    ngx_tel_verdict_t *verdict);
static void fuzz_values(ngx_tel_judge_t *j,
    const uint8_t *header, const u_char *body, size_t len);
static ngx_uint_t fuzz_inspect(ngx_tel_judge_t *j,
    ngx_tel_inspection_t *in, const u_char *body, size_t len,
    ngx_uint_t complete);
static void fuzz_judge_spaced(ngx_tel_judge_t *j,
    const u_char *body, size_t len,
    ngx_tel_verdict_t *whole);
static void fuzz_judge_explained(ngx_tel_judge_t *j,
    const u_char *body, size_t len,
    ngx_tel_verdict_t *verdict);
static void fuzz_equal(ngx_tel_verdict_t *one,
    ngx_tel_verdict_t *two, size_t at);
static void fuzz_bounded(ngx_str_t *text, size_t max);
static void fuzz_verdict(ngx_tel_judge_t *j, ngx_tel_verdict_t *v);
static void fuzz_problem(ngx_tel_judge_t *j, const uint8_t *header,
    ngx_tel_verdict_t *v);
static void fuzz_members(ngx_pool_t *pool, ngx_tel_verdict_t *v);
static void fuzz_written(ngx_tel_writer_t *w, ngx_str_t *out);


static ngx_uint_t  fuzz_statuses[] = {
    200, 201, 202, 207, 299, 400, 401, 402, 403, 404, 405, 409, 413, 422, 429,
    499, 500, 502, 503, 504, 520, 599
};

static char  *fuzz_scopes[] = {
    "", "ramal", "sms", "conta", "audio", "chamada", "tts", "webhook",
    "webphone", "narrow"
};

/* what stands in the header of the catalog "texts" */

static ngx_str_t  fuzz_header = ngx_string("X-Error");

static char  *fuzz_values_of[] = { "", "1", " x_bad ", "ok" };

static ngx_tel_catalogs_t  *fuzz_catalogs;
static ngx_tel_member_t     fuzz_root;


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (fuzz_catalogs == NULL) {
        fuzz_load();
    }

    if (size >= FUZZ_HEADER) {
        fuzz_judge(data, data + FUZZ_HEADER, size - FUZZ_HEADER);
    }

    return 0;
}


/* The shipped catalogs, that of features.conf, and an envelope. */

static void
fuzz_load(void)
{
    size_t       len, n;
    u_char      *text, *part;
    ngx_str_t    path;
    ngx_uint_t   i;
    ngx_pool_t  *pool;

    static char  *files[] = {
        "catalogs/codes.conf",
        "catalogs/totalvoice.conf",
        "catalogs/fonedynamics.conf",
        "catalogs/voipms.conf",
        "catalogs/voipnow.conf",
        "catalogs/mango.conf",
        "t/fuzz/features.conf",
        "catalogs/twilio.conf",
        "catalogs/telnyx.conf",
        "catalogs/vonage.conf",
        "catalogs/bandwidth.conf",
        "catalogs/sinch.conf",
        "catalogs/ringcentral.conf",
        "catalogs/plivo.conf",
        "catalogs/infobip.conf",
        "catalogs/messagebird.conf",
        "catalogs/africastalking.conf",
        "catalogs/smsru.conf",
        "catalogs/clickatell.conf",
        "catalogs/smsapi.conf",
        NULL
    };

    static char  *members[] = {
        "error.status", "error.text.detail", "error.text.message", "ok",
        "error.code", "raw"
    };

    text = calloc(1, 2 * 1024 * 1024);
    len = 0;

    for (i = 0; files[i]; i++) {
        part = fuzz_read(files[i], &n);
        ngx_memcpy(text + len, part, n);
        len += n;
        free(part);
    }

    pool = ngx_create_pool(4096, &fuzz_log);

    fuzz_catalogs = fuzz_configure(pool, text, len, 1);
    free(text);

    if (fuzz_catalogs == NULL) {
        fprintf(stderr, "the catalogs are refused; see FUZZ_VERBOSE=1\n");
        exit(1);
    }

    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        path.data = (u_char *) members[i];
        path.len = ngx_strlen(members[i]);

        fuzz_check(ngx_tel_add_member(pool, &fuzz_root, &path,
                                      i == 0 ? NGX_TEL_MEMBER_NUMBER
                                      : i == 3 ? NGX_TEL_MEMBER_BOOLEAN
                                      : i == 5 ? NGX_TEL_MEMBER_NUMBER
                                      : NGX_TEL_MEMBER_STRING, i)
                   == NULL);
    }

    fuzz_plain_log = 1;
}


static void
fuzz_judge(const uint8_t *header, const u_char *body, size_t len)
{
    size_t               at, searched;
    ngx_str_t            name, value;
    ngx_uint_t           i;
    ngx_tel_judge_t      j;
    ngx_tel_verdict_t    whole, other;
    ngx_tel_catalog_t  **c;

    c = fuzz_catalogs->catalogs.elts;

    ngx_memzero(&j, sizeof(ngx_tel_judge_t));

    j.catalog = c[header[0] % fuzz_catalogs->catalogs.nelts];
    j.index = j.catalog->index;
    j.codes = &fuzz_catalogs->codes;
    j.status = fuzz_statuses[header[1] % (sizeof(fuzz_statuses)
                                          / sizeof(fuzz_statuses[0]))];
    j.scope.data = (u_char *) fuzz_scopes[header[2] % (sizeof(fuzz_scopes)
                                                   / sizeof(fuzz_scopes[0]))];
    j.scope.len = ngx_strlen(j.scope.data);
    j.pool = ngx_create_pool(4096, &fuzz_log);
    j.log = &fuzz_log;

    name = fuzz_header;
    value.data = (u_char *) fuzz_values_of[header[3] >> 6];
    value.len = ngx_strlen(value.data);

    fuzz_check(ngx_tel_judge_header(&j, &name, &value)
               == (j.catalog->nheaders ? NGX_OK : NGX_DECLINED));

    fuzz_judge_end(&j, body, len, NGX_TEL_COMPLETE, &whole);

    /* a growing body; every call may go on where the one before was */

    searched = 0;

    for (at = 0; at <= len; at++) {

        for (i = 4; i < FUZZ_HEADER && len * header[i] / 255 != at; i++) {
            /* void */
        }

        if (i < FUZZ_HEADER || (fuzz_bit(0) && len <= 512)) {
            fuzz_judge_prefix(&j, body, at, &searched, &whole);
        }
    }

    fuzz_values(&j, header, body, len);
    fuzz_judge_spaced(&j, body, len, &whole);

    if (fuzz_bit(1)) {
        fuzz_judge_explained(&j, body, len, &other);
        fuzz_equal(&whole, &other, len);
    }

    fuzz_problem(&j, header, &whole);
    fuzz_members(j.pool, &whole);

    fuzz_judge_end(&j, body, len, NGX_TEL_FULL, &other);
    j.searched = searched;
    fuzz_judge_end(&j, body, len, NGX_TEL_FULL, &whole);
    fuzz_equal(&whole, &other, len);

    at = len * header[4] / 255;

    fuzz_judge_end(&j, body, at, NGX_TEL_FULL, &other);
    fuzz_problem(&j, header, &other);

    fuzz_judge_end(&j, body, at, NGX_TEL_BROKEN, &other);
    fuzz_problem(&j, header, &other);

    (void) ngx_tel_judge_envelope(&j, body, len,
                                   NGX_TEL_COMPLETE, &other);

    ngx_tel_judge_generated(j.codes, j.status, 0, &other);
    fuzz_problem(&j, header, &other);

    ngx_tel_judge_generated(j.codes, j.status, 1, &other);
    fuzz_problem(&j, header, &other);

    ngx_destroy_pool(j.pool);
}


static void
fuzz_judge_prefix(ngx_tel_judge_t *j, const u_char *body, size_t len,
    size_t *searched, ngx_tel_verdict_t *whole)
{
    u_char             *copy;
    ngx_int_t           rc;
    ngx_tel_verdict_t   v;

    copy = fuzz_copy(body, len);

    j->searched = 0;

    rc = ngx_tel_judge(j, copy, len, NGX_TEL_MORE, &v);

    fuzz_check(rc == NGX_OK || rc == NGX_AGAIN);

    j->searched = *searched;

    fuzz_check(rc == ngx_tel_judge(j, copy, len, NGX_TEL_MORE, &v),
               "at %zu, searched %zu", len, *searched);

    *searched = j->searched;
    j->searched = 0;

    free(copy);

    if (rc == NGX_OK) {
        fuzz_verdict(j, &v);
        fuzz_equal(&v, whole, len);
    }
}


static void
fuzz_judge_end(ngx_tel_judge_t *j, const u_char *body, size_t len,
    ngx_tel_end_e end, ngx_tel_verdict_t *verdict)
{
    u_char     *copy;
    ngx_int_t   rc;

    copy = fuzz_copy(body, len);

    rc = ngx_tel_judge(j, copy, len, end, verdict);

    j->searched = 0;

    /* nothing of the verdict may point there */

    free(copy);

    fuzz_check(rc == NGX_OK, "rc %d at the end %d", (int) rc, (int) end);
    fuzz_verdict(j, verdict);
}


static void
fuzz_values(ngx_tel_judge_t *j, const uint8_t *header,
    const u_char *body, size_t len)
{
    size_t                                   at;
    ngx_uint_t                               i, n, end, nvalues;
    ngx_tel_value_t       *whole, *value;
    ngx_tel_inspection_t   in;

    if (!fuzz_bit(0) || len > 512) {
        return;
    }

    nvalues = fuzz_inspect(j, &in, body, len, 1);
    whole = calloc(nvalues + 1, sizeof(ngx_tel_value_t));

    for (i = 0; i < nvalues; i++) {
        whole[i] = in.values[i];
        whole[i].text.data = malloc(whole[i].text.len + 1);
        ngx_memcpy(whole[i].text.data, in.values[i].text.data,
                   whole[i].text.len);
        whole[i].member.data = malloc(whole[i].member.len + 1);
        ngx_memcpy(whole[i].member.data, in.values[i].member.data,
                   whole[i].member.len);
    }

    for (at = 0; at < len; at++) {
        for (end = 0; end < 2; end++) {

            n = fuzz_inspect(j, &in, body, at, end);
            fuzz_check(n <= nvalues, "at %zu", at);

            for (i = 0; i < n; i++) {
                value = &in.values[i];

                fuzz_check(value->path == whole[i].path
                           && value->element == whole[i].element
                           && value->inner == whole[i].inner
                           && value->type == whole[i].type, "at %zu", at);
                fuzz_check(fuzz_same(&value->text, &whole[i].text),
                           "at %zu: %.*s", at, (int) value->text.len,
                           value->text.data);
                fuzz_check(fuzz_same(&value->member, &whole[i].member),
                           "at %zu: %.*s", at, (int) value->member.len,
                           value->member.data);
            }
        }
    }

    for (i = 0; i < nvalues; i++) {
        free(whole[i].text.data);
        free(whole[i].member.data);
    }

    free(whole);
}


/* Returns the number of values; without a first path that could end it. */

static ngx_uint_t
fuzz_inspect(ngx_tel_judge_t *j,
    ngx_tel_inspection_t *in, const u_char *body, size_t len,
    ngx_uint_t complete)
{
    ngx_memzero(in, sizeof(ngx_tel_inspection_t));

    in->paths = &j->catalog->paths;
    in->ncodes = j->catalog->ncodes;
    in->complete = complete;

    fuzz_check(ngx_tel_inspect(in, body, len, j->log)
               != NGX_ERROR);

    return in->nvalues;
}


/*
 * A form feed is white space to yajl and to nothing else here: whatever reads
 * the JSON beside it must come to the same verdict.
 */

static void
fuzz_judge_spaced(ngx_tel_judge_t *j, const u_char *body, size_t len,
    ngx_tel_verdict_t *whole)
{
    u_char             *spaced;
    ngx_tel_verdict_t   v;

    if (len == 0 || body[0] == 0xef) {
        return;
    }

    /* a pattern may ask where a text begins */

    if (j->catalog->texts.nelts && ngx_tel_like_json(body, len) != NGX_OK) {
        return;
    }

    spaced = malloc(len + 1);
    spaced[0] = '\f';
    ngx_memcpy(spaced + 1, body, len);

    fuzz_judge_end(j, spaced, len + 1, NGX_TEL_COMPLETE, &v);
    fuzz_equal(whole, &v, len);

    free(spaced);
}


/* The verdict must not depend on being explained. */

static void
fuzz_judge_explained(ngx_tel_judge_t *j, const u_char *body, size_t len,
    ngx_tel_verdict_t *verdict)
{
    ngx_array_t           *tried;
    ngx_tel_inspection_t   found;

    tried = ngx_array_create(j->pool, 8, sizeof(void *));

    j->tried = tried;
    j->found = &found;

    fuzz_judge_end(j, body, len, NGX_TEL_COMPLETE, verdict);

    j->tried = NULL;
    j->found = NULL;
}


static void
fuzz_equal(ngx_tel_verdict_t *one, ngx_tel_verdict_t *two, size_t at)
{
    ngx_uint_t  i;

#define fuzz_equal_member(name)                                               \
    fuzz_check(one->name == two->name, "%d and %d, at %zu", (int) one->name,  \
               (int) two->name, at)

    fuzz_equal_member(kind);
    fuzz_equal_member(reason);
    fuzz_equal_member(match);
    fuzz_check(one->code == two->code, "at %zu", at);
    fuzz_check(one->row == two->row, "at %zu", at);
    fuzz_equal_member(status);
    fuzz_equal_member(provider_status);
    fuzz_equal_member(unmapped);
    fuzz_equal_member(enveloped);
    fuzz_equal_member(nfields);

    fuzz_check(fuzz_same(&one->provider_code, &two->provider_code));
    fuzz_check(fuzz_same(&one->provider_message, &two->provider_message));
    fuzz_check(fuzz_same(&one->detail, &two->detail));

    for (i = 0; i < one->nfields; i++) {
        fuzz_check(fuzz_same(&one->fields[i].field, &two->fields[i].field));
        fuzz_check(fuzz_same(&one->fields[i].detail, &two->fields[i].detail));
        fuzz_check(fuzz_same(&one->fields[i].pointer,
                             &two->fields[i].pointer));
    }
}


static void
fuzz_bounded(ngx_str_t *text, size_t max)
{
    fuzz_check(text->len <= max, "%zu bytes", text->len);
    fuzz_check(fuzz_is_utf8(text), "%.*s", (int) text->len, text->data);
}


static void
fuzz_verdict(ngx_tel_judge_t *j, ngx_tel_verdict_t *v)
{
    ngx_uint_t  i;

    fuzz_check(v->provider_status == j->status);

    switch (v->kind) {

    case NGX_TEL_NONE:
        fuzz_check(v->code == NULL && v->row == NULL);
        fuzz_check(v->reason != NGX_TEL_NO_REASON);
        break;

    case NGX_TEL_ERROR:
        fuzz_check(v->code != NULL);
        fuzz_check(v->status >= 400 && v->status <= 599);
        fuzz_check(v->detail.len > 0);
        break;

    default:
        fuzz_check(v->code != NULL);
        fuzz_check(v->reason == NGX_TEL_NO_REASON);
        break;
    }

    if (v->kind != NGX_TEL_ERROR) {
        fuzz_check(j->status < 400, "an error status is no success");
        fuzz_check(v->status == j->status);
    }

    fuzz_bounded(&v->provider_code, NGX_TEL_MAX_CODE);
    fuzz_bounded(&v->provider_message, NGX_TEL_MAX_TEXT);
    fuzz_bounded(&v->detail, NGX_TEL_MAX_TEXT);

    fuzz_check(v->nfields <= NGX_TEL_MAX_FIELDS);

    for (i = 0; i < v->nfields; i++) {
        fuzz_bounded(&v->fields[i].field, NGX_TEL_MAX_TEXT);
        fuzz_bounded(&v->fields[i].detail, NGX_TEL_MAX_TEXT);
        fuzz_bounded(&v->fields[i].pointer, NGX_TEL_MAX_TEXT);
    }
}


static void
fuzz_problem(ngx_tel_judge_t *j, const uint8_t *header, ngx_tel_verdict_t *v)
{
    char                code[128];
    ngx_int_t           status;
    ngx_str_t           out;
    ngx_tel_writer_t    w;
    ngx_tel_problem_t   problem;
    ngx_tel_verdict_t   again;

    if (v->kind != NGX_TEL_ERROR) {
        return;
    }

    ngx_memzero(&problem, sizeof(ngx_tel_problem_t));

    problem.verdict = v;
    problem.provider = j->catalog->name;
    problem.retryable = fuzz_bit(2);

    if (fuzz_bit(3)) {
        ngx_str_set(&problem.type_base, "https://errors.example.com/a\"b/");
    }

    if (fuzz_bit(4)) {
        ngx_str_set(&problem.request_id, "6f0c2d1e5b3a4c589e0d1a2b3c4d5e6f");
    }

    if (fuzz_bit(5)) {
        ngx_str_null(&problem.provider);
    }

    ngx_tel_writer_init(&w, j->pool, fuzz_bit(6) ? NGX_TEL_PROBLEM : 16);
    ngx_tel_problem(&w, &problem);

    fuzz_written(&w, &out);
    fuzz_json(out.data, out.len, &status, code);

    fuzz_check(status == (ngx_int_t) v->status, "%d", (int) status);
    fuzz_check(v->code->name.len == ngx_strlen(code)
               && ngx_memcmp(v->code->name.data, code, v->code->name.len)
                  == 0, "%s", code);

    fuzz_check(ngx_tel_judge_envelope(j, out.data, out.len,
                                   NGX_TEL_COMPLETE, &again)
               == NGX_OK);

    fuzz_check(again.code == v->code);
    fuzz_check(fuzz_same(&again.detail, &v->detail));

    if (problem.provider.len == 0) {
        fuzz_check(again.provider_code.len == 0);
        fuzz_check(again.provider_message.len == 0);
        return;
    }

    fuzz_check(fuzz_same(&again.provider_code, &v->provider_code));
    fuzz_check(fuzz_same(&again.provider_message, &v->provider_message));
}


static void
fuzz_members(ngx_pool_t *pool, ngx_tel_verdict_t *v)
{
    char              code[128];
    u_char            number[NGX_INT_T_LEN];
    ngx_int_t         status;
    ngx_str_t         values[6], out;
    ngx_tel_writer_t  w;

    values[0].data = number;
    values[0].len = ngx_sprintf(number, "%ui", v->status) - number;
    values[1] = v->detail;
    values[2] = v->provider_message;
    ngx_str_set(&values[3], "true");
    values[4] = v->provider_code;
    values[5] = v->provider_code;

    ngx_tel_writer_init(&w, pool, 64);
    ngx_tel_members(&w, &fuzz_root, values);

    fuzz_written(&w, &out);
    fuzz_json(out.data, out.len, &status, code);
}


/* The chain in one piece. */

static void
fuzz_written(ngx_tel_writer_t *w, ngx_str_t *out)
{
    u_char       *p;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    fuzz_check(!w->failed);

    out->len = ngx_tel_writer_length(w);

    p = ngx_pnalloc(w->pool, out->len);
    fuzz_check(p != NULL);

    out->data = p;

    for (cl = w->first; cl; cl = cl->next) {
        b = cl->buf;
        fuzz_check(b->last > b->pos && b->last <= b->end);
        p = ngx_cpymem(p, b->pos, b->last - b->pos);
    }
}
