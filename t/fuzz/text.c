
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/*
 * Texts and templates.  The input is a template, a zero byte, and a text.
 *
 * - Every writer keeps to the size that its header promises.
 * - clean() and fold() give valid UTF-8 and change nothing the second time.
 * - json() gives what json_size() counted, and a JSON string.
 * - A template of plain text matches that text, in any case.
 * - A template with nothing but * matches what wildcard() matches.
 * - A template matches, and captures, what a lazy regular expression does.
 * - Captures lie in the subject.
 */


#include "fuzz.h"
#include "ngx_tel_template.h"
#include "ngx_tel_text.h"

#include <ctype.h>

#define PCRE2_CODE_UNIT_WIDTH  8
#include <pcre2.h>


static void fuzz_text(ngx_pool_t *pool, ngx_str_t *text);
static void fuzz_cleaned(ngx_str_t *text, size_t max);
static void fuzz_folded(ngx_pool_t *pool, ngx_str_t *text);
static void fuzz_escaped(ngx_pool_t *pool, ngx_str_t *text);
static void fuzz_plain_template(ngx_pool_t *pool, ngx_str_t *text);
static void fuzz_template(ngx_pool_t *pool, ngx_str_t *template,
                          ngx_str_t *text);
static void fuzz_regex(ngx_pool_t *pool, ngx_str_t *template,
                       ngx_tel_subject_t *subject, ngx_int_t rc,
                       ngx_tel_captures_t *captures);
static ngx_str_t fuzz_fold(ngx_pool_t *pool, ngx_str_t *text);


static pcre2_match_context  *fuzz_match_context;


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    u_char      *zero;
    ngx_str_t    template, text;
    ngx_pool_t  *pool;

    zero = memchr(data, '\0', size);

    if (zero == NULL) {
        return 0;
    }

    pool = ngx_create_pool(4096, &fuzz_log);

    /* exact copies, so that a byte too far is seen */

    template.len = zero - data;
    template.data = ngx_pnalloc(pool, template.len + !template.len);
    ngx_memcpy(template.data, data, template.len);

    text.len = size - template.len - 1;
    text.data = ngx_pnalloc(pool, text.len + !text.len);
    ngx_memcpy(text.data, zero + 1, text.len);

    fuzz_text(pool, &text);
    fuzz_template(pool, &template, &text);

    ngx_destroy_pool(pool);

    return 0;
}


static void
fuzz_text(ngx_pool_t *pool, ngx_str_t *text)
{
    size_t     n;
    ngx_str_t  part;

    fuzz_cleaned(text, ngx_tel_text_size(text->len));
    fuzz_cleaned(text, text->len / 2);
    fuzz_folded(pool, text);
    fuzz_escaped(pool, text);
    fuzz_plain_template(pool, text);

    part = ngx_tel_trim(text);

    fuzz_check(part.data >= text->data
               && part.data + part.len <= text->data + text->len);

    if (fuzz_is_utf8(text)) {
        part = *text;
        part.len = ngx_tel_prefix(text, 7);

        fuzz_check(part.len <= text->len && fuzz_is_utf8(&part));

        n = ngx_utf8_length(part.data, part.len);
        fuzz_check(n <= 7 && (n == 7 || part.len == text->len));
    }

    fuzz_check(ngx_tel_printable(pool, text, &part) == NGX_OK);
    fuzz_check(fuzz_is_utf8(&part));

    for (n = 0; n < part.len; n++) {
        fuzz_check(part.data[n] >= 0x20 && part.data[n] != 0x7f);
    }

    if (ngx_tel_plain(text)) {
        fuzz_check(text->len && text->len <= 64);
        fuzz_check(memchr(text->data, '"', text->len) == NULL
                   && memchr(text->data, LF, text->len) == NULL);
    }
}


static void
fuzz_cleaned(ngx_str_t *text, size_t max)
{
    u_char     *again, *end;
    ngx_str_t   clean;

    clean.data = malloc(max + !max);
    end = ngx_tel_clean(clean.data, text->data, text->len, max);
    clean.len = end - clean.data;

    fuzz_check(clean.len <= max && fuzz_is_utf8(&clean));

    again = malloc(clean.len + !clean.len);
    end = ngx_tel_clean(again, clean.data, clean.len, clean.len);

    fuzz_check((size_t) (end - again) == clean.len
               && ngx_memcmp(again, clean.data, clean.len) == 0);

    free(again);
    free(clean.data);
}


static ngx_str_t
fuzz_fold(ngx_pool_t *pool, ngx_str_t *text)
{
    u_char     *end;
    ngx_str_t   fold;

    fold.data = ngx_pnalloc(pool, ngx_tel_text_size(text->len) + !text->len);

    end = ngx_tel_fold(fold.data, text->data, text->len);
    fold.len = end - fold.data;

    return fold;
}


static void
fuzz_folded(ngx_pool_t *pool, ngx_str_t *text)
{
    ngx_str_t  once, twice;

    once = fuzz_fold(pool, text);
    twice = fuzz_fold(pool, &once);

    fuzz_check(fuzz_is_utf8(&once));
    fuzz_check(fuzz_same(&once, &twice));
}


static void
fuzz_escaped(ngx_pool_t *pool, ngx_str_t *text)
{
    char        code[128];
    u_char     *p, *end;
    size_t      size;
    ngx_int_t   status;

    size = ngx_tel_json_size(text->data, text->len);

    p = malloc(size + 2);
    p[0] = '"';

    end = ngx_tel_json(p + 1, text->data, text->len);

    fuzz_check((size_t) (end - p) == size + 1);

    *end = '"';

    fuzz_json(p, size + 2, &status, code);

    free(p);
}


static void
fuzz_plain_template(ngx_pool_t *pool, ngx_str_t *text)
{
    char                *err;
    u_char              *p;
    size_t               i;
    ngx_str_t            quoted, subject_text;
    ngx_tel_template_t  *t;
    ngx_tel_subject_t    subject;

    ngx_memzero(&subject, sizeof(ngx_tel_subject_t));

    subject_text = ngx_tel_trim(text);

    if (subject_text.len == 0
        || subject_text.len > NGX_TEL_MAX_SUBJECT
        || !fuzz_is_utf8(&subject_text))
    {
        return;
    }

    p = ngx_pnalloc(pool, 2 * subject_text.len);
    quoted.data = p;

    for (i = 0; i < subject_text.len; i++) {

        if (subject_text.data[i] == '*' || subject_text.data[i] == '{'
            || subject_text.data[i] == '\\')
        {
            *p++ = '\\';
        }

        *p++ = subject_text.data[i];
    }

    quoted.len = p - quoted.data;

    t = ngx_tel_template(pool, &quoted, &err);
    fuzz_check(t != NULL && err == NULL, "%s", err);

    fuzz_check(ngx_tel_subject(pool, text, &subject) == NGX_OK);
    fuzz_check(ngx_tel_template_match(t, &subject) == NGX_OK);

    subject_text = fuzz_fold(pool, &subject_text);

    if (subject_text.len > NGX_TEL_MAX_SUBJECT) {
        return;
    }

    fuzz_check(ngx_tel_subject(pool, &subject_text, &subject) == NGX_OK);
    fuzz_check(ngx_tel_template_match(t, &subject) == NGX_OK);
}


static void
fuzz_template(ngx_pool_t *pool, ngx_str_t *template, ngx_str_t *text)
{
    char                *err;
    ngx_int_t            rc;
    ngx_str_t            pattern;
    ngx_uint_t           i, covered;
    ngx_tel_template_t  *t;
    ngx_tel_subject_t    subject;
    ngx_tel_captures_t   captures;

    ngx_memzero(&subject, sizeof(ngx_tel_subject_t));

    t = ngx_tel_template(pool, template, &err);

    if (t == NULL) {
        fuzz_check(err != NULL);
        return;
    }

    fuzz_check(ngx_tel_subject(pool, text, &subject) == NGX_OK);

    fuzz_check(subject.text.len <= NGX_TEL_MAX_SUBJECT
               && fuzz_is_utf8(&subject.text));

    for (i = 0; i < NGX_TEL_MAX_CAPTURES; i++) {
        captures.value[i] = subject.text;
    }

    rc = ngx_tel_template_match(t, &subject);

    if (rc == NGX_OK) {
        ngx_tel_template_captures(t, &subject, &captures);
    }

    for (i = 0; rc == NGX_OK && i < NGX_TEL_MAX_CAPTURES; i++) {
        fuzz_check(captures.value[i].data >= subject.text.data
                   && captures.value[i].data + captures.value[i].len
                      <= subject.text.data + subject.text.len);
        fuzz_check(fuzz_is_utf8(&captures.value[i]));
    }

    fuzz_regex(pool, template, &subject, rc, &captures);

    /* the template may say more than wildcard() reads */

    if (memchr(template->data, '{', template->len)
        || memchr(template->data, '\\', template->len)
        || !fuzz_is_utf8(template))
    {
        return;
    }

    pattern = ngx_tel_trim(template);
    pattern = fuzz_fold(pool, &pattern);

    covered = ngx_tel_wildcard(&pattern, &subject.folded);

    fuzz_check(covered == (rc == NGX_OK), "%.*s", (int) pattern.len,
               pattern.data);
}


/* The regular expression that the template stands for finds the same. */

static void
fuzz_regex(ngx_pool_t *pool, ngx_str_t *template, ngx_tel_subject_t *subject,
    ngx_int_t rc, ngx_tel_captures_t *captures)
{
    int                err, n, i;
    u_char            *p, *last, *pattern, *end;
    ngx_str_t          text, name;
    PCRE2_SIZE         offset, *ovector;
    pcre2_code        *code;
    pcre2_match_data  *data;

    text = ngx_tel_trim(template);

    pattern = ngx_pnalloc(pool, 5 * text.len + sizeof("\\A\\z"));
    end = ngx_cpymem(pattern, "\\A", 2);

    p = text.data;
    last = p + text.len;

    while (p < last) {

        if (*p == '*') {
            end = ngx_cpymem(end, ".*?", 3);
            p++;
            continue;
        }

        if (*p == '{') {
            end = ngx_cpymem(end, "(.*?)", 5);
            p = ngx_tel_placeholder(p, last, &name);
            continue;
        }

        if (*p == '\\' && p + 1 < last) {
            p++;
        }

        if (*p < 0x80 && !isalnum(*p)) {
            *end++ = '\\';
        }

        *end++ = *p++;
    }

    end = ngx_cpymem(end, "\\z", 2);

    code = pcre2_compile(pattern, end - pattern,
                         PCRE2_UTF|PCRE2_UCP|PCRE2_CASELESS|PCRE2_DOTALL, &err,
                         &offset, NULL);
    fuzz_check(code != NULL, "%d at %zu", err, offset);

    data = pcre2_match_data_create_from_pattern(code, NULL);

    if (fuzz_match_context == NULL) {
        fuzz_match_context = pcre2_match_context_create(NULL);
        pcre2_set_match_limit(fuzz_match_context, 100000);
    }

    n = pcre2_match(code, subject->text.data, subject->text.len, 0, 0, data,
                    fuzz_match_context);

    /* or it gives up */

    if (n > 0 || n == PCRE2_ERROR_NOMATCH) {
        fuzz_check((n > 0) == (rc == NGX_OK), "%d: %.*s", n,
                   (int) (end - pattern), pattern);
    }

    ovector = pcre2_get_ovector_pointer(data);

    for (i = 1; i < n; i++) {
        fuzz_check(captures->value[i - 1].data
                   == subject->text.data + ovector[2 * i]);
        fuzz_check(captures->value[i - 1].len
                   == ovector[2 * i + 1] - ovector[2 * i]);
    }

    pcre2_match_data_free(data);
    pcre2_code_free(code);
}
