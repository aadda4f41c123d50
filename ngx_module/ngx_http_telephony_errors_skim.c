
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_http_telephony_errors_skim.h"
#include "ngx_http_telephony_errors_text.h"


static const u_char *ngx_http_telephony_errors_skip_escape(const u_char *p,
    const u_char *last);
static const u_char *ngx_http_telephony_errors_skip_digits(const u_char *p,
    const u_char *last);
static const u_char *ngx_http_telephony_errors_skip_scalar(const u_char *p,
    const u_char *last);


const u_char *
ngx_http_telephony_errors_skip_string(const u_char *p, const u_char *last,
    ngx_uint_t *escaped)
{
    const u_char  *start;

    start = p;
    *escaped = 0;

    for ( ;; ) {
        p = ngx_http_telephony_errors_run(p, last, 0);

        if (p - start > NGX_HTTP_TELEPHONY_ERRORS_MAX_TOKEN) {
            return NULL;
        }

        if (p == last || *p == '"') {
            return p;
        }

        *escaped = 1;

        p = ngx_http_telephony_errors_skip_escape(p, last);
        if (p == NULL) {
            return NULL;
        }
    }
}


static const u_char *
ngx_http_telephony_errors_skip_escape(const u_char *p, const u_char *last)
{
    ngx_uint_t  i;

    if (*p != '\\' || last - p < 6) {
        return NULL;
    }

    switch (p[1]) {

    case '"': case '\\': case '/':
    case 'b': case 'f': case 'n': case 'r': case 't':
        return p + 2;

    case 'u':
        for (i = 2; i < 6; i++) {
            if (!((p[i] >= '0' && p[i] <= '9')
                  || ((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'f')))
            {
                return NULL;
            }
        }

        return p + 6;

    default:
        return NULL;
    }
}


u_char *
ngx_http_telephony_errors_unescape(u_char *dst, const u_char *p,
    const u_char *last)
{
    ngx_int_t      ch;
    const u_char  *s;

    for ( ;; ) {
        s = memchr(p, '\\', last - p);

        if (s == NULL) {
            return ngx_cpymem(dst, p, last - p);
        }

        dst = ngx_cpymem(dst, p, s - p);
        p = s + 2;

        switch (s[1]) {

        case 'b': *dst++ = '\b'; break;
        case 'f': *dst++ = '\f'; break;
        case 'n': *dst++ = '\n'; break;
        case 'r': *dst++ = '\r'; break;
        case 't': *dst++ = '\t'; break;

        case 'u':
            ch = ngx_hextoi((u_char *) p, 4);

            if (ch >= 0xd800 && ch <= 0xdfff) {
                return NULL;
            }

            dst = ngx_http_telephony_errors_put_char(dst, (uint32_t) ch);
            p += 4;
            break;

        default: /* a quote, a backslash or a slash */
            *dst++ = s[1];
        }
    }
}


const u_char *
ngx_http_telephony_errors_skip_word(const u_char *p, const u_char *last)
{
    switch (*p) {

    case 't':
        return (last - p >= 4 && ngx_memcmp(p, "true", 4) == 0) ? p + 4 : NULL;

    case 'f':
        return (last - p >= 5 && ngx_memcmp(p, "false", 5) == 0)
               ? p + 5 : NULL;

    case 'n':
        return (last - p >= 4 && ngx_memcmp(p, "null", 4) == 0) ? p + 4 : NULL;
    }

    if (*p == '-') {
        p++;
    }

    if (p < last && *p == '0') {
        p++;

    } else {
        p = ngx_http_telephony_errors_skip_digits(p, last);
    }

    if (p && p < last && *p == '.') {
        p = ngx_http_telephony_errors_skip_digits(p + 1, last);
    }

    return (p && p < last && (*p | 0x20) == 'e') ? NULL : p;
}


/* One or more. */

static const u_char *
ngx_http_telephony_errors_skip_digits(const u_char *p, const u_char *last)
{
    const u_char  *start;

    start = p;

    while (p < last && *p >= '0' && *p <= '9') {
        p++;
    }

    return (p == start || p - start > NGX_HTTP_TELEPHONY_ERRORS_MAX_TOKEN / 4)
           ? NULL : p;
}


const u_char *
ngx_http_telephony_errors_skip_value(const u_char *p, const u_char *last,
    ngx_uint_t *open)
{
    uint64_t    objects;
    ngx_str_t   name;
    ngx_uint_t  escaped;

    *open = 0;
    objects = 0;       /* a bit a level, the lowest is the innermost */

    for ( ;; ) {

        /* a value begins here */

        p = ngx_http_telephony_errors_skip_space(p, last);

        if (p < last && (*p == '{' || *p == '[')) {

            if (++*open > NGX_HTTP_TELEPHONY_ERRORS_SKIP_DEPTH) {
                return NULL;
            }

            objects = (objects << 1) | (*p == '{');
            p = ngx_http_telephony_errors_skip_space(p + 1, last);

            if (p == last || *p != ((objects & 1) ? '}' : ']')) {

                if (objects & 1) {
                    p = ngx_http_telephony_errors_skip_key(p, last, &name,
                                                           &escaped);
                }

                if (p == NULL || p == last) {
                    return p;
                }

                continue;
            }

        } else {
            p = ngx_http_telephony_errors_skip_scalar(p, last);

            if (p == NULL) {
                return NULL;
            }
        }

        /* it has ended, and may be the last of its container */

        while (*open) {
            p = ngx_http_telephony_errors_skip_space(p, last);

            if (p == last || *p != ((objects & 1) ? '}' : ']')) {
                break;
            }

            p++;
            (*open)--;
            objects >>= 1;
        }

        if (*open == 0 || p == last) {
            return p;
        }

        if (*p++ != ',') {
            return NULL;
        }

        if (objects & 1) {
            p = ngx_http_telephony_errors_skip_key(p, last, &name, &escaped);

            if (p == NULL) {
                return NULL;
            }
        }

        if (p == last) {
            return p;
        }
    }
}


const u_char *
ngx_http_telephony_errors_skip_key(const u_char *p, const u_char *last,
    ngx_str_t *name, ngx_uint_t *escaped)
{
    const u_char  *s;

    p = ngx_http_telephony_errors_skip_space(p, last);

    if (p == last) {
        return last;
    }

    if (*p != '"') {
        return NULL;
    }

    s = p + 1;
    p = ngx_http_telephony_errors_skip_string(s, last, escaped);

    if (p == NULL || p == last) {
        return p;
    }

    name->data = (u_char *) s;
    name->len = p - s;

    p = ngx_http_telephony_errors_skip_space(p + 1, last);

    if (p == last) {
        return last;
    }

    return (*p == ':') ? p + 1 : NULL;
}


static const u_char *
ngx_http_telephony_errors_skip_scalar(const u_char *p, const u_char *last)
{
    ngx_uint_t  escaped;

    if (p == last) {
        return last;
    }

    if (*p != '"') {
        return ngx_http_telephony_errors_skip_word(p, last);
    }

    p = ngx_http_telephony_errors_skip_string(p + 1, last, &escaped);

    return (p == NULL || p == last) ? p : p + 1;
}
