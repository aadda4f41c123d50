
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_http_telephony_errors_template.h"
#include "ngx_http_telephony_errors_text.h"

#if !(NGX_PCRE2)
#error the module needs nginx built with PCRE2
#endif

#define PCRE2_CODE_UNIT_WIDTH  8
#include <pcre2.h>


/*
 * A template over a text of 4 KB may have several wildcards, so that matching
 * could cost a power of its length: PCRE2 counts the steps and gives up.  An
 * array may have thousands of messages: the tries are counted, too, and one
 * that was given up as many.
 */

#define NGX_HTTP_TELEPHONY_ERRORS_MATCH_LIMIT  20000
#define NGX_HTTP_TELEPHONY_ERRORS_MAX_TRIES    4096
#define NGX_HTTP_TELEPHONY_ERRORS_GIVEN_UP     128

/*
 * PCRE2's JIT looks at sixteen bytes at a time, also behind the end; it heeds
 * none of those, but valgrind cannot know (t/02-catalog.t)
 */

#define NGX_HTTP_TELEPHONY_ERRORS_BEHIND       16


struct ngx_http_telephony_errors_template_s {
    ngx_str_t    key;       /* folded, wildcards as in the catalog */
    ngx_str_t    prefix;    /* folded literal before the first wildcard */
    ngx_str_t    suffix;    /* and after the last one */
    ngx_str_t   *names;
    ngx_uint_t   ncaptures;
    ngx_uint_t   literals;
    ngx_uint_t   logged;    /* by this worker: PCRE2 gave up */
    pcre2_code  *code;      /* NULL: no wildcard, the prefix is all */
};


typedef struct {
    u_char      *pattern;   /* PCRE2's, being written */
    u_char      *start;     /* the literal since the last wildcard */
    u_char      *literal;   /* and its end */
    ngx_uint_t   wildcards;
} ngx_http_telephony_errors_template_ctx_t;


static char *ngx_http_telephony_errors_template_parse(ngx_pool_t *pool,
    ngx_http_telephony_errors_template_t *t,
    ngx_http_telephony_errors_template_ctx_t *ctx, ngx_str_t *text);
static char *ngx_http_telephony_errors_template_wildcard(ngx_pool_t *pool,
    ngx_http_telephony_errors_template_t *t,
    ngx_http_telephony_errors_template_ctx_t *ctx, u_char **p, u_char *last);
static ngx_int_t ngx_http_telephony_errors_template_end_literal(
    ngx_pool_t *pool, ngx_http_telephony_errors_template_t *t,
    ngx_http_telephony_errors_template_ctx_t *ctx);
static ngx_int_t ngx_http_telephony_errors_template_name(
    ngx_http_telephony_errors_template_t *t, u_char **p, u_char *last);
static ngx_int_t ngx_http_telephony_errors_template_compile(ngx_pool_t *pool,
    ngx_http_telephony_errors_template_t *t, u_char *pattern, size_t len);
static void ngx_http_telephony_errors_template_free(void *data);
static void ngx_http_telephony_errors_template_gave_up(
    ngx_http_telephony_errors_template_t *t, int rc, ngx_log_t *log);
static ngx_int_t ngx_http_telephony_errors_template_worker(void);


/* one for the process, made at the first match */

static pcre2_match_context  *ngx_http_telephony_errors_match_context;
static pcre2_match_data     *ngx_http_telephony_errors_match_data;


ngx_http_telephony_errors_template_t *
ngx_http_telephony_errors_template(ngx_pool_t *pool, ngx_str_t *text,
    char **err)
{
    u_char                                    *buf;
    size_t                                     size;
    ngx_str_t                                  trimmed;
    ngx_http_telephony_errors_template_t      *t;
    ngx_http_telephony_errors_template_ctx_t   ctx;

    *err = NULL;

    trimmed = ngx_http_telephony_errors_trim(text);

    if (trimmed.len == 0) {
        *err = "is empty; write the vendor's text";
        return NULL;
    }

    t = ngx_pcalloc(pool, sizeof(ngx_http_telephony_errors_template_t));
    if (t == NULL) {
        return NULL;
    }

    size = ngx_http_telephony_errors_text_size(trimmed.len);

    t->key.data = ngx_pnalloc(pool, size);
    if (t->key.data == NULL) {
        return NULL;
    }

    t->key.len = ngx_http_telephony_errors_fold(t->key.data, trimmed.data,
                                                trimmed.len)
                 - t->key.data;

    /* a wildcard byte becomes "(.*?)", a literal one "\x" at the most */

    size = trimmed.len * (sizeof("(.*?)") - 1) + sizeof("\\A\\z");

    buf = ngx_alloc(2 * size, pool->log);
    if (buf == NULL) {
        return NULL;
    }

    ctx.pattern = ngx_cpymem(buf, "\\A", 2);
    ctx.start = buf + size;
    ctx.literal = ctx.start;
    ctx.wildcards = 0;

    *err = ngx_http_telephony_errors_template_parse(pool, t, &ctx, &trimmed);

    if (*err == NULL && ctx.wildcards) {
        ctx.pattern = ngx_cpymem(ctx.pattern, "\\z", 2);

        if (ngx_http_telephony_errors_template_compile(pool, t, buf,
                                                       ctx.pattern - buf)
            != NGX_OK)
        {
            *err = "is not understood by PCRE2; is it valid UTF-8?";
        }
    }

    ngx_free(buf);

    return *err ? NULL : t;
}


static char *
ngx_http_telephony_errors_template_parse(ngx_pool_t *pool,
    ngx_http_telephony_errors_template_t *t,
    ngx_http_telephony_errors_template_ctx_t *ctx, ngx_str_t *text)
{
    char        *err;
    u_char      *p, *last, ch;
    ngx_uint_t   n;

    p = text->data;
    last = p + text->len;

    for (n = 0; p < last; p++) {
        n += (*p == '{');
    }

    p = text->data;

    t->names = ngx_palloc(pool, ngx_min(n,
                                       NGX_HTTP_TELEPHONY_ERRORS_MAX_CAPTURES)
                                * sizeof(ngx_str_t) + 1);
    if (t->names == NULL) {
        return "cannot be kept: no memory";
    }

    while (p < last) {
        if (*p == '*' || *p == '{') {
            err = ngx_http_telephony_errors_template_wildcard(pool, t, ctx,
                                                              &p, last);
            if (err) {
                return err;
            }

            continue;
        }

        ch = *p++;

        if (ch == '\\' && p < last) {
            ch = *p++;
        }

        *ctx->literal++ = ch;

        if ((ch & 0xc0) != 0x80) {
            t->literals++;
        }

        if (ch < 0x80 && !(ch >= '0' && ch <= '9')
            && !((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z'))
        {
            *ctx->pattern++ = '\\';
        }

        *ctx->pattern++ = ch;
    }

    if (ngx_http_telephony_errors_template_end_literal(pool, t, ctx)
        != NGX_OK)
    {
        return "cannot be kept: no memory";
    }

    return NULL;
}


/* "*" or "{name}" at *p ends the literal before it. */

static char *
ngx_http_telephony_errors_template_wildcard(ngx_pool_t *pool,
    ngx_http_telephony_errors_template_t *t,
    ngx_http_telephony_errors_template_ctx_t *ctx, u_char **p, u_char *last)
{
    if (ngx_http_telephony_errors_template_end_literal(pool, t, ctx)
        != NGX_OK)
    {
        return "cannot be kept: no memory";
    }

    ctx->wildcards++;

    if (**p == '*') {
        (*p)++;
        ctx->pattern = ngx_cpymem(ctx->pattern, ".*?", 3);
        return NULL;
    }

    switch (ngx_http_telephony_errors_template_name(t, p, last)) {

    case NGX_OK:
        ctx->pattern = ngx_cpymem(ctx->pattern, "(.*?)", 5);
        return NULL;

    case NGX_BUSY:
        return "has too many {names}; nine are the most";

    case NGX_ABORT:
        return "has one {name} twice";

    default:
        return "has a \"{\" that begins no {name} of letters, digits and "
               "\"_\"; write \"\\{\" for the character";
    }
}


/*
 * Only the first literal and the last are kept: they refuse most texts before
 * PCRE2 is asked.
 */

static ngx_int_t
ngx_http_telephony_errors_template_end_literal(ngx_pool_t *pool,
    ngx_http_telephony_errors_template_t *t,
    ngx_http_telephony_errors_template_ctx_t *ctx)
{
    size_t      len;
    ngx_str_t  *s;

    s = ctx->wildcards ? &t->suffix : &t->prefix;

    len = ctx->literal - ctx->start;
    ctx->literal = ctx->start;

    s->data = ngx_pnalloc(pool, ngx_http_telephony_errors_text_size(len) + 1);
    if (s->data == NULL) {
        return NGX_ERROR;
    }

    s->len = ngx_http_telephony_errors_fold(s->data, ctx->start, len)
             - s->data;

    return NGX_OK;
}


u_char *
ngx_http_telephony_errors_placeholder(u_char *p, u_char *last, ngx_str_t *name)
{
    if (p == last || *p != '{') {
        return NULL;
    }

    name->data = ++p;

    while (p < last
           && (*p == '_' || (*p >= '0' && *p <= '9')
               || ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z')))
    {
        p++;
    }

    name->len = p - name->data;

    return (p < last && *p == '}' && name->len) ? p + 1 : NULL;
}


/* Reads "{name}" at *p: NGX_OK, or why not. */

static ngx_int_t
ngx_http_telephony_errors_template_name(
    ngx_http_telephony_errors_template_t *t, u_char **p, u_char *last)
{
    u_char     *end;
    ngx_str_t   name;

    end = ngx_http_telephony_errors_placeholder(*p, last, &name);

    if (end == NULL) {
        return NGX_DECLINED;
    }

    if (t->ncaptures == NGX_HTTP_TELEPHONY_ERRORS_MAX_CAPTURES) {
        return NGX_BUSY;
    }

    if (ngx_http_telephony_errors_template_capture(t, &name) >= 0) {
        return NGX_ABORT;
    }

    t->names[t->ncaptures++] = name;
    *p = end;

    return NGX_OK;
}


static ngx_int_t
ngx_http_telephony_errors_template_compile(ngx_pool_t *pool,
    ngx_http_telephony_errors_template_t *t, u_char *pattern, size_t len)
{
    int                  err;
    PCRE2_SIZE           offset;
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    t->code = pcre2_compile(pattern, len,
                            PCRE2_UTF|PCRE2_UCP|PCRE2_CASELESS|PCRE2_DOTALL,
                            &err, &offset, NULL);
    if (t->code == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_telephony_errors_template_free;
    cln->data = t->code;

    /* a build without JIT, or a system that forbids it, only costs time */

    (void) pcre2_jit_compile(t->code, PCRE2_JIT_COMPLETE);

    return NGX_OK;
}


static void
ngx_http_telephony_errors_template_free(void *data)
{
    pcre2_code_free(data);
}


ngx_str_t *
ngx_http_telephony_errors_template_key(ngx_http_telephony_errors_template_t *t)
{
    return &t->key;
}


ngx_uint_t
ngx_http_telephony_errors_template_literals(
    ngx_http_telephony_errors_template_t *t)
{
    return t->literals;
}


ngx_int_t
ngx_http_telephony_errors_template_capture(
    ngx_http_telephony_errors_template_t *t, ngx_str_t *name)
{
    ngx_uint_t  i;

    for (i = 0; i < t->ncaptures; i++) {

        if (t->names[i].len == name->len
            && ngx_strncmp(t->names[i].data, name->data, name->len) == 0)
        {
            return i;
        }
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_telephony_errors_subject(ngx_pool_t *pool, ngx_str_t *message,
    ngx_http_telephony_errors_subject_t *subject)
{
    size_t      size;
    u_char     *p;
    ngx_str_t   trimmed;

    trimmed = ngx_http_telephony_errors_trim(message);

    size = ngx_http_telephony_errors_text_size(
                  ngx_min(trimmed.len, NGX_HTTP_TELEPHONY_ERRORS_MAX_SUBJECT));

    p = ngx_pnalloc(pool, 2 * size + NGX_HTTP_TELEPHONY_ERRORS_BEHIND);
    if (p == NULL) {
        return NGX_ERROR;
    }

    subject->text.data = p;
    p = ngx_http_telephony_errors_clean(p, trimmed.data, trimmed.len,
                                        ngx_min(size,
                                       NGX_HTTP_TELEPHONY_ERRORS_MAX_SUBJECT));
    subject->text.len = p - subject->text.data;

    subject->folded.data = p;
    p = ngx_http_telephony_errors_fold(p, subject->text.data,
                                       subject->text.len);
    subject->folded.len = p - subject->folded.data;

    ngx_memzero(p, NGX_HTTP_TELEPHONY_ERRORS_BEHIND);

    return NGX_OK;
}


ngx_int_t
ngx_http_telephony_errors_template_match(
    ngx_http_telephony_errors_template_t *t,
    ngx_http_telephony_errors_subject_t *subject,
    ngx_http_telephony_errors_captures_t *captures, ngx_log_t *log)
{
    int          rc;
    ngx_str_t   *s;
    ngx_uint_t   i;
    PCRE2_SIZE  *ovector;

    s = &subject->folded;

    if (t->code == NULL) {
        return (s->len == t->prefix.len
                && ngx_memcmp(s->data, t->prefix.data, s->len) == 0)
               ? NGX_OK : NGX_DECLINED;
    }

    if (s->len < t->prefix.len + t->suffix.len
        || ngx_memcmp(s->data, t->prefix.data, t->prefix.len) != 0
        || ngx_memcmp(s->data + s->len - t->suffix.len, t->suffix.data,
                      t->suffix.len)
           != 0)
    {
        return NGX_DECLINED;
    }

    if (subject->tries >= NGX_HTTP_TELEPHONY_ERRORS_MAX_TRIES
        || ngx_http_telephony_errors_template_worker() != NGX_OK)
    {
        return NGX_DECLINED;
    }

    subject->tries++;

    rc = pcre2_match(t->code, subject->text.data, subject->text.len, 0, 0,
                     ngx_http_telephony_errors_match_data,
                     ngx_http_telephony_errors_match_context);

    if (rc < 0) {

        if (rc != PCRE2_ERROR_NOMATCH) {
            subject->tries += NGX_HTTP_TELEPHONY_ERRORS_GIVEN_UP;
            ngx_http_telephony_errors_template_gave_up(t, rc, log);
        }

        return NGX_DECLINED;
    }

    ovector = pcre2_get_ovector_pointer(ngx_http_telephony_errors_match_data);

    for (i = 0; i < t->ncaptures; i++) {
        captures->value[i].data = subject->text.data + ovector[2 * i + 2];
        captures->value[i].len = ovector[2 * i + 3] - ovector[2 * i + 2];
    }

    return NGX_OK;
}


/* Said once per template and worker: an upstream could fill the log. */

static void
ngx_http_telephony_errors_template_gave_up(
    ngx_http_telephony_errors_template_t *t, int rc, ngx_log_t *log)
{
    if (t->logged) {
        return;
    }

    t->logged = 1;

    ngx_log_error(NGX_LOG_NOTICE, log, 0,
                  "telephony: PCRE2 gave up with %d on a message for the "
                  "template \"%V\", taken as no match; said once",
                  rc, &t->key);
}


static ngx_int_t
ngx_http_telephony_errors_template_worker(void)
{
    if (ngx_http_telephony_errors_match_data) {
        return NGX_OK;
    }

    if (ngx_http_telephony_errors_match_context == NULL) {
        ngx_http_telephony_errors_match_context =
                                             pcre2_match_context_create(NULL);

        if (ngx_http_telephony_errors_match_context == NULL) {
            return NGX_ERROR;
        }

        (void) pcre2_set_match_limit(ngx_http_telephony_errors_match_context,
                                     NGX_HTTP_TELEPHONY_ERRORS_MATCH_LIMIT);
        (void) pcre2_set_heap_limit(ngx_http_telephony_errors_match_context,
                                    1024);
    }

    ngx_http_telephony_errors_match_data = pcre2_match_data_create(
                            NGX_HTTP_TELEPHONY_ERRORS_MAX_CAPTURES + 1, NULL);

    return ngx_http_telephony_errors_match_data ? NGX_OK : NGX_ERROR;
}


void
ngx_http_telephony_errors_template_done(void)
{
    /* both take NULL */

    pcre2_match_data_free(ngx_http_telephony_errors_match_data);
    pcre2_match_context_free(ngx_http_telephony_errors_match_context);

    ngx_http_telephony_errors_match_data = NULL;
    ngx_http_telephony_errors_match_context = NULL;
}


ngx_uint_t
ngx_http_telephony_errors_wildcard(ngx_str_t *pattern, ngx_str_t *code)
{
    size_t  p, c, star, mark;

    p = 0;
    c = 0;
    mark = 0;
    star = (size_t) -1;

    while (c < code->len) {

        if (p < pattern->len && pattern->data[p] == '*') {
            star = p++;
            mark = c;

        } else if (p < pattern->len && pattern->data[p] == code->data[c]) {
            p++;
            c++;

        } else if (star != (size_t) -1) {
            p = star + 1;
            c = ++mark;

        } else {
            return 0;
        }
    }

    while (p < pattern->len && pattern->data[p] == '*') {
        p++;
    }

    return p == pattern->len;
}
