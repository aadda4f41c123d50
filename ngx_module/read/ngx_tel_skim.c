
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_skim.h"
#include "ngx_tel_text.h"


static const u_char *ngx_tel_skip_escape(const u_char *p, const u_char *last);
static uint32_t ngx_tel_join(uint32_t ch, const u_char **p, const u_char *last);
static const u_char *ngx_tel_skip_digits(const u_char *p, const u_char *last);
static ngx_int_t ngx_tel_exponent(const u_char *p, const u_char *last);
static const u_char *ngx_tel_skip_scalar(const u_char *p, const u_char *last);


const u_char *
ngx_tel_skip_string(const u_char *p, const u_char *last, ngx_uint_t *escaped)
{
    const u_char  *start;

    start = p;
    *escaped = 0;

    for ( ;; ) {
        p = ngx_tel_run(p, last, 0);

        if (p - start > NGX_TEL_MAX_TOKEN) {
            return NULL;
        }

        if (p == last || *p == '"') {
            return p;
        }

        *escaped = 1;

        p = ngx_tel_skip_escape(p, last);
        if (p == NULL) {
            return NULL;
        }
    }
}


static const u_char *
ngx_tel_skip_escape(const u_char *p, const u_char *last)
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
ngx_tel_unescape(u_char *dst, const u_char *p, const u_char *last)
{
    uint32_t       ch;
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
            ch = (uint32_t) ngx_hextoi((u_char *) p, 4);
            p += 4;

            if (ch >= 0xd800 && ch <= 0xdfff) {
                ch = ngx_tel_join(ch, &p, last);
            }

            dst = ngx_tel_put_char(dst, ch);
            break;

        default: /* a quote, a backslash or a slash */
            *dst++ = s[1];
        }
    }
}


/* A surrogate and, if it stands behind it, its other half. */

static uint32_t
ngx_tel_join(uint32_t ch, const u_char **p, const u_char *last)
{
    uint32_t       low;
    const u_char  *s;

    s = *p;

    if (ch >= 0xdc00 || last - s < 6 || s[0] != '\\' || s[1] != 'u') {
        return 0xfffd;
    }

    low = (uint32_t) ngx_hextoi((u_char *) s + 2, 4);

    if (low < 0xdc00 || low > 0xdfff) {
        return 0xfffd;
    }

    *p = s + 6;

    return 0x10000 + ((ch - 0xd800) << 10) + (low - 0xdc00);
}


const u_char *
ngx_tel_skip_word(const u_char *p, const u_char *last)
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
        p = ngx_tel_skip_digits(p, last);
    }

    if (p && p < last && *p == '.') {
        p = ngx_tel_skip_digits(p + 1, last);
    }

    if (p && p < last && (*p | 0x20) == 'e') {
        p++;

        if (p < last && (*p == '+' || *p == '-')) {
            p++;
        }

        p = ngx_tel_skip_digits(p, last);
    }

    return p;
}


/* One or more. */

static const u_char *
ngx_tel_skip_digits(const u_char *p, const u_char *last)
{
    const u_char  *start;

    start = p;

    while (p < last && *p >= '0' && *p <= '9') {
        p++;
    }

    return (p == start || p - start > NGX_TEL_MAX_TOKEN / 4)
           ? NULL : p;
}


u_char *
ngx_tel_integer(u_char *dst, const u_char *p, const u_char *last)
{
    u_char         digits[NGX_TEL_DIGITS];
    ngx_int_t      n, zeros, scale;
    ngx_uint_t     minus, point;
    const u_char  *s;

    for (s = p; s < last && *s >= '0' && *s <= '9'; s++) {
        /* void */
    }

    if (s == last) {
        return NULL;
    }

    minus = (*p == '-');

    n = 0;          /* of digits, from the first that is not 0 */
    zeros = 0;      /* behind them */
    scale = 0;
    point = 0;

    for (s = p + minus; s < last && (*s | 0x20) != 'e'; s++) {

        if (*s == '.') {
            point = 1;
            continue;
        }

        scale -= point;

        if (*s == '0') {
            zeros += (n > 0);
            continue;
        }

        if (n + zeros >= NGX_TEL_DIGITS) {
            return NULL;
        }

        ngx_memset(digits + n, '0', zeros);
        n += zeros;
        zeros = 0;
        digits[n++] = *s;
    }

    if (n == 0) {
        *dst++ = '0';
        return dst;
    }

    zeros += scale + ngx_tel_exponent(s, last);

    if (zeros < 0 || n + zeros > NGX_TEL_DIGITS) {
        return NULL;
    }

    if (minus) {
        *dst++ = '-';
    }

    dst = ngx_cpymem(dst, digits, n);
    ngx_memset(dst, '0', zeros);

    return dst + zeros;
}


/* Behind the digits of a number; no token is so long that more would matter. */

static ngx_int_t
ngx_tel_exponent(const u_char *p, const u_char *last)
{
    ngx_int_t   n;
    ngx_uint_t  minus;

    if (p == last) {
        return 0;
    }

    p++;
    minus = (*p == '-');
    p += (*p == '-' || *p == '+');

    for (n = 0; p < last && n < 4 * NGX_TEL_MAX_TOKEN; p++) {
        n = n * 10 + (*p - '0');
    }

    return minus ? -n : n;
}


const u_char *
ngx_tel_skip_value(const u_char *p, const u_char *last, ngx_uint_t *open)
{
    uint64_t    objects;
    ngx_str_t   name;
    ngx_uint_t  escaped;

    *open = 0;
    objects = 0;       /* a bit a level, the lowest is the innermost */

    for ( ;; ) {

        /* a value begins here */

        p = ngx_tel_skip_space(p, last);

        if (p < last && (*p == '{' || *p == '[')) {

            if (++*open > NGX_TEL_SKIP_DEPTH) {
                return NULL;
            }

            objects = (objects << 1) | (*p == '{');
            p = ngx_tel_skip_space(p + 1, last);

            if (p == last || *p != ((objects & 1) ? '}' : ']')) {

                if (objects & 1) {
                    p = ngx_tel_skip_key(p, last, &name, &escaped);
                }

                if (p == NULL || p == last) {
                    return p;
                }

                continue;
            }

        } else {
            p = ngx_tel_skip_scalar(p, last);

            if (p == NULL) {
                return NULL;
            }
        }

        /* it has ended, and may be the last of its container */

        while (*open) {
            p = ngx_tel_skip_space(p, last);

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
            p = ngx_tel_skip_key(p, last, &name, &escaped);

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
ngx_tel_skip_key(const u_char *p, const u_char *last, ngx_str_t *name,
    ngx_uint_t *escaped)
{
    const u_char  *s;

    p = ngx_tel_skip_space(p, last);

    if (p == last) {
        return last;
    }

    if (*p != '"') {
        return NULL;
    }

    s = p + 1;
    p = ngx_tel_skip_string(s, last, escaped);

    if (p == NULL || p == last) {
        return p;
    }

    name->data = (u_char *) s;
    name->len = p - s;

    p = ngx_tel_skip_space(p + 1, last);

    if (p == last) {
        return last;
    }

    return (*p == ':') ? p + 1 : NULL;
}


static const u_char *
ngx_tel_skip_scalar(const u_char *p, const u_char *last)
{
    ngx_uint_t  escaped;

    if (p == last) {
        return last;
    }

    if (*p != '"') {
        return ngx_tel_skip_word(p, last);
    }

    p = ngx_tel_skip_string(p + 1, last, &escaped);

    return (p == NULL || p == last) ? p : p + 1;
}
