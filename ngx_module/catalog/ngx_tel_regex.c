
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_regex.h"
#include "ngx_tel_text.h"

#if !(NGX_PCRE2)
#error the module needs nginx built with PCRE2
#endif

#define PCRE2_CODE_UNIT_WIDTH  8
#include <pcre2.h>


/* An expression may need a power of the text's length: PCRE2 counts steps. */

#define NGX_TEL_REGEX_LIMIT   20000
#define NGX_TEL_REGEX_HEAP    1024  /* KB, without a JIT */
#define NGX_TEL_REGEX_STACK   (512 * 1024)  /* bytes, with one */
#define NGX_TEL_REGEX_PAIRS   16    /* groups of a pattern, and the match */

/*
 * PCRE2's JIT looks at several bytes at a time, also behind the end; it heeds
 * none of those, but valgrind cannot know.
 */

#define NGX_TEL_REGEX_BEHIND  32

/* in place of a byte that is no UTF-8: SUB, which is for that */

#define NGX_TEL_REGEX_BAD     0x1a


struct ngx_tel_regex_s {
    pcre2_code  *code;
    int          groups[NGX_TEL_GROUPS];   /* numbers, or 0: none */
    ngx_uint_t   logged;                   /* by this worker: it gave up */
};


static ngx_int_t ngx_tel_regex_groups(ngx_pool_t *pool, ngx_tel_regex_t *re,
    ngx_uint_t allowed, ngx_str_t *err);
static void ngx_tel_regex_free(void *data);
static size_t ngx_tel_regex_behind(size_t from, size_t to, size_t start);
static ngx_int_t ngx_tel_regex_worker(void);
static void ngx_tel_regex_say(ngx_pool_t *pool, ngx_str_t *err,
    const char *fmt, ...);


static ngx_str_t  ngx_tel_group_names[] = {
    ngx_string("code"),
    ngx_string("message"),
    ngx_string("field"),
    ngx_string("detail")
};


/* one for the process, made at the first match */

static pcre2_match_context  *ngx_tel_regex_context;
static pcre2_match_data     *ngx_tel_regex_data;
static pcre2_jit_stack      *ngx_tel_regex_stack;

static u_char      ngx_tel_regex_text[NGX_TEL_REGEX_SUBJECT
                                      + NGX_TEL_REGEX_BEHIND];
static ngx_str_t   ngx_tel_regex_origin;
static ngx_uint_t  ngx_tel_regex_open;


ngx_tel_regex_t *
ngx_tel_regex(ngx_pool_t *pool, ngx_str_t *pattern, ngx_uint_t caseless,
    ngx_uint_t groups, ngx_str_t *err)
{
    int                  errcode;
    uint32_t             options;
    u_char               text[128];
    PCRE2_SIZE           offset;
    ngx_tel_regex_t     *re;
    ngx_pool_cleanup_t  *cln;

    ngx_str_null(err);

    re = ngx_pcalloc(pool, sizeof(ngx_tel_regex_t));
    cln = ngx_pool_cleanup_add(pool, 0);

    if (re == NULL || cln == NULL) {
        return NULL;
    }

    options = PCRE2_UTF|PCRE2_NEVER_BACKSLASH_C;

    if (caseless) {
        options |= PCRE2_CASELESS;
    }

    re->code = pcre2_compile(pattern->data, pattern->len, options, &errcode,
                             &offset, NULL);
    if (re->code == NULL) {
        (void) pcre2_get_error_message(errcode, text, sizeof(text));
        ngx_tel_regex_say(pool, err, "%s at its character %uz", text,
                          (size_t) offset + 1);
        return NULL;
    }

    cln->handler = ngx_tel_regex_free;
    cln->data = re;

    if (ngx_tel_regex_groups(pool, re, groups, err) != NGX_OK) {
        return NULL;
    }

    /* without a JIT the interpreter serves */

    (void) pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE);

    return re;
}


static ngx_int_t
ngx_tel_regex_groups(ngx_pool_t *pool, ngx_tel_regex_t *re, ngx_uint_t allowed,
    ngx_str_t *err)
{
    size_t       len;
    u_char      *name;
    uint32_t     i, count, size, captures;
    ngx_uint_t   group;

    (void) pcre2_pattern_info(re->code, PCRE2_INFO_CAPTURECOUNT, &captures);
    (void) pcre2_pattern_info(re->code, PCRE2_INFO_NAMECOUNT, &count);
    (void) pcre2_pattern_info(re->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    (void) pcre2_pattern_info(re->code, PCRE2_INFO_NAMETABLE, &name);

    if (captures >= NGX_TEL_REGEX_PAIRS) {
        ngx_tel_regex_say(pool, err, "it has too many groups, %d are the most; "
                          "write (?:...) for what is not kept",
                          NGX_TEL_REGEX_PAIRS - 1);
        return NGX_ERROR;
    }

    for (i = 0; i < count; i++, name += size) {
        len = ngx_strlen(name + 2);

        for (group = 0; group < NGX_TEL_GROUPS; group++) {
            if ((allowed & (1 << group))
                && len == ngx_tel_group_names[group].len
                && ngx_memcmp(name + 2, ngx_tel_group_names[group].data, len)
                   == 0)
            {
                break;
            }
        }

        if (group == NGX_TEL_GROUPS) {
            ngx_tel_regex_say(pool, err, "unknown group \"%s\"; %s",
                              name + 2,
                              (allowed == 1 << NGX_TEL_GROUP_CODE)
                              ? "it has the group \"code\" alone"
                              : "use code, message, field or detail");
            return NGX_ERROR;
        }

        if (re->groups[group]) {
            ngx_tel_regex_say(pool, err, "group \"%V\" is there twice; write "
                              "(?|...|...) around the two",
                              &ngx_tel_group_names[group]);
            return NGX_ERROR;
        }

        re->groups[group] = (name[0] << 8) + name[1];
    }

    return NGX_OK;
}


static void
ngx_tel_regex_say(ngx_pool_t *pool, ngx_str_t *err, const char *fmt, ...)
{
    u_char   buf[256], *last;
    va_list  args;

    va_start(args, fmt);
    last = ngx_vslprintf(buf, buf + sizeof(buf), fmt, args);
    va_end(args);

    err->data = ngx_pnalloc(pool, last - buf);
    if (err->data) {
        ngx_memcpy(err->data, buf, last - buf);
        err->len = last - buf;
    }
}


static void
ngx_tel_regex_free(void *data)
{
    ngx_tel_regex_t *re = data;

    pcre2_code_free(re->code);
}


ngx_uint_t
ngx_tel_regex_has(ngx_tel_regex_t *re, ngx_tel_group_e group)
{
    return re->groups[group] != 0;
}


void
ngx_tel_regex_subject(ngx_str_t *text, ngx_uint_t open)
{
    u_char        *last;
    const u_char  *p, *s;

    ngx_tel_regex_origin = *text;
    ngx_tel_regex_open = open;

    if (ngx_tel_regex_origin.len > NGX_TEL_REGEX_SUBJECT) {
        ngx_tel_regex_origin.len = NGX_TEL_REGEX_SUBJECT;
        ngx_tel_regex_open = 1;
    }

    last = ngx_cpymem(ngx_tel_regex_text, text->data, ngx_tel_regex_origin.len);
    ngx_memzero(last, NGX_TEL_REGEX_BEHIND);

    /* a byte that is no UTF-8 is a character all the same */

    for (p = ngx_tel_regex_text; p < last; /* void */ ) {

        if (*p < 0x80) {
            p = ngx_tel_ascii(p + 1, last);
            continue;
        }

        s = p;

        (void) ngx_tel_utf8(&p, last);

        if (p - s == 1) {
            ngx_tel_regex_text[s - ngx_tel_regex_text] = NGX_TEL_REGEX_BAD;
        }
    }
}


ngx_int_t
ngx_tel_regex_exec(ngx_tel_regex_t *re, size_t *start, ngx_str_t *groups,
    ngx_log_t *log)
{
    int          rc;
    size_t       len;
    PCRE2_SIZE  *pair;
    ngx_uint_t   i;

    len = ngx_tel_regex_origin.len;

    if (*start > len || ngx_tel_regex_worker() != NGX_OK) {
        return NGX_DECLINED;
    }

    rc = pcre2_match(re->code, ngx_tel_regex_text, len, *start,
                     ngx_tel_regex_open ? PCRE2_NO_UTF_CHECK|PCRE2_NOTEOL
                                        : PCRE2_NO_UTF_CHECK,
                     ngx_tel_regex_data, ngx_tel_regex_context);

    if (rc < 0) {

        if (rc != PCRE2_ERROR_NOMATCH && !re->logged) {
            re->logged = 1;
            ngx_log_error(NGX_LOG_WARN, log, 0,
                          "telephony: PCRE2 gave up a pattern of a catalog "
                          "with error %d, taken as no match; said once", rc);
        }

        return (rc == PCRE2_ERROR_NOMATCH) ? NGX_DECLINED : NGX_ABORT;
    }

    pair = pcre2_get_ovector_pointer(ngx_tel_regex_data);

    if (ngx_tel_regex_open && pair[1] == len) {
        return NGX_DECLINED;
    }

    for (i = 0; i < NGX_TEL_GROUPS; i++) {
        groups[i].len = 0;
        groups[i].data = ngx_tel_regex_origin.data;

        rc = 2 * re->groups[i];

        if (rc == 0 || pair[rc] == PCRE2_UNSET || pair[rc] >= pair[rc + 1]) {
            continue;
        }

        /* one may look ahead of the match */

        if (ngx_tel_regex_open && pair[rc + 1] == len) {
            return NGX_DECLINED;
        }

        groups[i].data += pair[rc];
        groups[i].len = pair[rc + 1] - pair[rc];
    }

    *start = ngx_tel_regex_behind(pair[0], pair[1], *start);

    return NGX_OK;
}


/* Where the next match may begin: one of nothing must not be found twice. */

static size_t
ngx_tel_regex_behind(size_t from, size_t to, size_t start)
{
    if (from < to && to > start) {
        return to;
    }

    to = ngx_max(to, start) + 1;

    while (to < ngx_tel_regex_origin.len
           && (ngx_tel_regex_text[to] & 0xc0) == 0x80)
    {
        to++;
    }

    return to;
}


static ngx_int_t
ngx_tel_regex_worker(void)
{
    if (ngx_tel_regex_data) {
        return NGX_OK;
    }

    ngx_tel_regex_context = pcre2_match_context_create(NULL);
    ngx_tel_regex_data = pcre2_match_data_create(NGX_TEL_REGEX_PAIRS, NULL);

    if (ngx_tel_regex_context == NULL || ngx_tel_regex_data == NULL) {
        ngx_tel_regex_done();
        return NGX_ERROR;
    }

    /* it grows as needed; without one 32 KB of the worker's own serve */

    ngx_tel_regex_stack = pcre2_jit_stack_create(16384, NGX_TEL_REGEX_STACK,
                                                 NULL);
    pcre2_jit_stack_assign(ngx_tel_regex_context, NULL, ngx_tel_regex_stack);

    (void) pcre2_set_match_limit(ngx_tel_regex_context, NGX_TEL_REGEX_LIMIT);
    (void) pcre2_set_heap_limit(ngx_tel_regex_context, NGX_TEL_REGEX_HEAP);

    return NGX_OK;
}


void
ngx_tel_regex_done(void)
{
    pcre2_match_data_free(ngx_tel_regex_data);
    pcre2_match_context_free(ngx_tel_regex_context);
    pcre2_jit_stack_free(ngx_tel_regex_stack);

    ngx_tel_regex_data = NULL;
    ngx_tel_regex_stack = NULL;
    ngx_tel_regex_context = NULL;
}
