
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_tel_text.h"


#define NGX_TEL_BAD_CHAR  0xfffd


typedef struct {
    uint32_t  first;
    uint32_t  last;
    uint32_t  step;
    int32_t   delta;
} ngx_tel_fold_t;


#include "ngx_tel_fold.h"


#if (__SSE2__)
static ngx_inline ngx_uint_t ngx_tel_fold_ascii(u_char *dst, const u_char *src);
#endif
static uint32_t ngx_tel_fold_char(uint32_t ch);


/* for each byte NGX_TEL_NOT_PLAIN, NGX_TEL_NOT_ASCII or 0 */

const u_char  ngx_tel_stops[256] = {
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
    2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2
};


uint32_t
ngx_tel_utf8(const u_char **p, const u_char *last)
{
    size_t         i, n;
    uint32_t       ch, min;
    const u_char  *s;

    s = *p;
    ch = *s++;
    *p = s;

    if (ch < 0x80) {
        return ch;
    }

    if (ch >= 0xc2 && ch <= 0xdf) {
        n = 1; min = 0x80; ch &= 0x1f;

    } else if (ch >= 0xe0 && ch <= 0xef) {
        n = 2; min = 0x800; ch &= 0x0f;

    } else if (ch >= 0xf0 && ch <= 0xf4) {
        n = 3; min = 0x10000; ch &= 0x07;

    } else {
        return NGX_TEL_BAD_CHAR;
    }

    if ((size_t) (last - s) < n) {
        return NGX_TEL_BAD_CHAR;
    }

    for (i = 0; i < n; i++) {

        if ((s[i] & 0xc0) != 0x80) {
            return NGX_TEL_BAD_CHAR;
        }

        ch = (ch << 6) | (s[i] & 0x3f);
    }

    if (ch < min || ch > 0x10ffff || (ch >= 0xd800 && ch <= 0xdfff)) {
        return NGX_TEL_BAD_CHAR;
    }

    *p = s + n;

    return ch;
}


u_char *
ngx_tel_clean(u_char *dst, const u_char *src, size_t len, size_t max)
{
    u_char         buf[4], *end;
    size_t         n;
    uint32_t       ch;
    const u_char  *p, *last;

    last = src + len;

    for ( ;; ) {
        p = ngx_tel_run(src, last, 1);

        n = ngx_min((size_t) (p - src), max);
        dst = ngx_cpymem(dst, src, n);
        max -= n;

        if (p == last || max == 0) {
            return dst;
        }

        src = p;
        ch = ngx_tel_utf8(&src, last);
        end = ngx_tel_put_char(buf, ch);

        n = end - buf;

        if (n > max) {
            return dst;
        }

        dst = ngx_cpymem(dst, buf, n);
        max -= n;
    }
}


u_char *
ngx_tel_fold(u_char *dst, const u_char *src, size_t len)
{
    uint32_t       ch;
    const u_char  *p, *last;

    p = src;
    last = src + len;

    for ( ;; ) {

#if (__SSE2__)
        while (last - p >= 16 && ngx_tel_fold_ascii(dst, p)) {
            dst += 16;
            p += 16;
        }
#endif

        while (p < last && *p < 0x80) {
            *dst++ = ngx_tolower(*p);
            p++;
        }

        if (p == last) {
            return dst;
        }

        /* by way of src, for p is to stay in a register */

        src = p;
        ch = ngx_tel_utf8(&src, last);
        p = src;

        dst = ngx_tel_put_char(dst, ngx_tel_fold_char(ch));
    }
}


#if (__SSE2__)

/* Sixteen bytes, if all of them are ASCII. */

static ngx_inline ngx_uint_t
ngx_tel_fold_ascii(u_char *dst, const u_char *src)
{
    __m128i  s, upper;

    s = _mm_loadu_si128((const __m128i *) src);

    if (_mm_movemask_epi8(s)) {
        return 0;
    }

    upper = _mm_and_si128(_mm_cmpgt_epi8(s, _mm_set1_epi8('A' - 1)),
                          _mm_cmplt_epi8(s, _mm_set1_epi8('Z' + 1)));

    s = _mm_or_si128(s, _mm_and_si128(upper, _mm_set1_epi8(0x20)));

    _mm_storeu_si128((__m128i *) dst, s);

    return 1;
}

#endif


ngx_str_t
ngx_tel_trim(const ngx_str_t *text)
{
    ngx_str_t  s;

    s = *text;

    while (s.len && (*s.data == ' ' || (*s.data >= '\t' && *s.data <= '\r'))) {
        s.data++;
        s.len--;
    }

    while (s.len && (s.data[s.len - 1] == ' '
                     || (s.data[s.len - 1] >= '\t'
                         && s.data[s.len - 1] <= '\r')))
    {
        s.len--;
    }

    return s;
}


size_t
ngx_tel_prefix(const ngx_str_t *text, ngx_uint_t n)
{
    size_t  i;

    if (text->len <= n) {
        return text->len;
    }

    for (i = 0; i < text->len; i++) {

        if ((text->data[i] & 0xc0) != 0x80 && n-- == 0) {
            break;
        }
    }

    return i;
}


size_t
ngx_tel_json_size(const u_char *src, size_t len)
{
    size_t         size;
    uint32_t       ch;
    const u_char  *last, *start;

    size = 0;
    last = src + len;

    for ( ;; ) {
        start = src;
        src = ngx_tel_run(src, last, 1);
        size += src - start;

        if (src == last) {
            return size;
        }

        if (*src >= 0x80) {
            start = src;
            ch = ngx_tel_utf8(&src, last);
            size += (ch == NGX_TEL_BAD_CHAR) ? 3 : (size_t) (src - start);
            continue;
        }

        size += (*src == '"' || *src == '\\') ? 2 : sizeof("\\u0000") - 1;
        src++;
    }
}


u_char *
ngx_tel_json(u_char *dst, const u_char *src, size_t len)
{
    u_char         ch;
    const u_char  *last, *start;

    static u_char  hex[] = "0123456789abcdef";

    last = src + len;

    for ( ;; ) {
        start = src;
        src = ngx_tel_run(src, last, 1);
        dst = ngx_cpymem(dst, start, src - start);

        if (src == last) {
            return dst;
        }

        ch = *src;

        if (ch >= 0x80) {
            dst = ngx_tel_put_char(dst, ngx_tel_utf8(&src, last));
            continue;
        }

        if (ch == '"' || ch == '\\') {
            *dst++ = '\\';
            *dst++ = ch;

        } else {
            dst = ngx_cpymem(dst, "\\u00", 4);
            *dst++ = hex[ch >> 4];
            *dst++ = hex[ch & 0xf];
        }

        src++;
    }
}


ngx_int_t
ngx_tel_printable(ngx_pool_t *pool, ngx_str_t *src, ngx_str_t *dst)
{
    u_char      *p, *from, *last;
    ngx_uint_t   i;

    for (i = 0; i < src->len; i++) {
        if (src->data[i] < 0x20 || src->data[i] >= 0x7f) {
            break;
        }
    }

    if (i == src->len) {
        *dst = *src;
        return NGX_OK;
    }

    p = ngx_pnalloc(pool, 6 * src->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    dst->data = p;
    last = src->data + src->len;

    for (from = src->data; from < last; from++) {

        if (*from == '"' || *from == '\\') {
            *p++ = *from;
            continue;
        }

        for (i = 1; from + i < last && (from[i] & 0xc0) == 0x80; i++) {
            /* the rest of one character */
        }

        p = ngx_tel_json(p, from, i);
        from += i - 1;
    }

    dst->len = p - dst->data;

    return NGX_OK;
}


ngx_uint_t
ngx_tel_plain(const ngx_str_t *code)
{
    u_char  ch;
    size_t  i;

    if (code->len == 0 || code->len > NGX_TEL_PLAIN) {
        return 0;
    }

    for (i = 0; i < code->len; i++) {
        ch = code->data[i];

        if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z')
              || (ch >= '0' && ch <= '9')
              || ch == '_' || ch == '.' || ch == ':' || ch == '-'))
        {
            return 0;
        }
    }

    return 1;
}


u_char *
ngx_tel_row_word(u_char *dst, const ngx_str_t *code)
{
    size_t  i;

    for (i = 0; i < code->len; i++) {

        if (i && (code->data[i] == 'x' || code->data[i] == 'X')
            && code->data[i - 1] >= '0' && code->data[i - 1] <= '9')
        {
            *dst++ = '\\';
        }

        *dst++ = code->data[i];
    }

    return dst;
}


static uint32_t
ngx_tel_fold_char(uint32_t ch)
{
    ngx_uint_t             first, last, i;
    const ngx_tel_fold_t  *f;

    first = 0;
    last = sizeof(ngx_tel_folds) / sizeof(ngx_tel_fold_t);

    while (first < last) {
        i = (first + last) / 2;
        f = &ngx_tel_folds[i];

        if (ch < f->first) {
            last = i;

        } else if (ch > f->last) {
            first = i + 1;

        } else {
            return (ch - f->first) % f->step ? ch : ch + f->delta;
        }
    }

    return ch;
}


u_char *
ngx_tel_put_char(u_char *dst, uint32_t ch)
{
    if (ch < 0x80) {
        *dst++ = (u_char) ch;

    } else if (ch < 0x800) {
        *dst++ = (u_char) (0xc0 | (ch >> 6));
        *dst++ = (u_char) (0x80 | (ch & 0x3f));

    } else if (ch < 0x10000) {
        *dst++ = (u_char) (0xe0 | (ch >> 12));
        *dst++ = (u_char) (0x80 | ((ch >> 6) & 0x3f));
        *dst++ = (u_char) (0x80 | (ch & 0x3f));

    } else {
        *dst++ = (u_char) (0xf0 | (ch >> 18));
        *dst++ = (u_char) (0x80 | ((ch >> 12) & 0x3f));
        *dst++ = (u_char) (0x80 | ((ch >> 6) & 0x3f));
        *dst++ = (u_char) (0x80 | (ch & 0x3f));
    }

    return dst;
}
