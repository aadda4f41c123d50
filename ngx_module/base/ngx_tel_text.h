
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_TEXT_H_INCLUDED_
#define _NGX_TEL_TEXT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#if (__SSE2__)
#include <emmintrin.h>
#endif


/* the most bytes that clean() and fold() write for n bytes */

#define ngx_tel_text_size(n)  (3 * (n))


/*
 * Reads one character.  Advances *p and returns its code point, or 0xFFFD for
 * a byte that is no part of valid UTF-8 (RFC 3629: neither overlong nor a
 * surrogate), and then *p is behind that one byte.
 */

uint32_t ngx_tel_utf8(const u_char **p, const u_char *last);

/* Writes a character of up to four bytes and returns the end. */

u_char *ngx_tel_put_char(u_char *dst, uint32_t ch);

/*
 * Copies src to dst as valid UTF-8, every bad byte as U+FFFD, not more than
 * max bytes and never half a character.  Returns the end.
 */

u_char *ngx_tel_clean(u_char *dst, const u_char *src, size_t len, size_t max);

/*
 * The form in which texts and codes are compared: simple case folding of
 * Unicode, bad bytes as U+FFFD.  The caller trims the ends.  dst takes up to
 * ngx_tel_text_size(len) bytes.  Returns the end.
 */

u_char *ngx_tel_fold(u_char *dst, const u_char *src, size_t len);

/* The part of text without white space at both ends. */

ngx_str_t ngx_tel_trim(const ngx_str_t *text);

/* How many bytes the first n characters of a valid text have. */

size_t ngx_tel_prefix(const ngx_str_t *text, ngx_uint_t n);

/*
 * Writes a JSON string without its quotes: controls, quote and backslash
 * escaped, bad UTF-8 as U+FFFD.  json_size() counts the bytes that json() will
 * write; json() returns the end.
 */

size_t ngx_tel_json_size(const u_char *src, size_t len);
u_char *ngx_tel_json(u_char *dst, const u_char *src, size_t len);

/*
 * Makes upstream bytes safe for a variable, which may end up in a header or a
 * log line: valid UTF-8, controls as \u00XX.  Returns NGX_OK or NGX_ERROR.
 */

ngx_int_t ngx_tel_printable(ngx_pool_t *pool, ngx_str_t *src, ngx_str_t *dst);

/*
 * Where the bytes end that a JSON string may hold as they stand: at a quote, a
 * backslash or a control character; with ascii set, at 0x7f and all beyond,
 * too.  Most of a large answer is looked at here only.
 */

#define NGX_TEL_NOT_PLAIN  0x01
#define NGX_TEL_NOT_ASCII  0x02

extern const u_char  ngx_tel_stops[256];

#if (__SSE2__)

/* By bit, which of sixteen bytes stop. */

static ngx_inline int
ngx_tel_stop(__m128i s, ngx_uint_t ascii)
{
    __m128i  at;

    at = _mm_cmpeq_epi8(_mm_min_epu8(s, _mm_set1_epi8(0x1f)), s);
    at = _mm_or_si128(at, _mm_cmpeq_epi8(s, _mm_set1_epi8('"')));
    at = _mm_or_si128(at, _mm_cmpeq_epi8(s, _mm_set1_epi8('\\')));

    if (ascii) {
        at = _mm_or_si128(at, s);
        at = _mm_or_si128(at, _mm_cmpeq_epi8(s, _mm_set1_epi8(0x7f)));
    }

    return _mm_movemask_epi8(at);
}

#endif


static ngx_inline const u_char *
ngx_tel_run(const u_char *p, const u_char *last, ngx_uint_t ascii)
{
    ngx_uint_t  stops;

#if (__SSE2__)

    int      stop;
    __m128i  s;

    while (last - p >= 16) {

        stop = ngx_tel_stop(_mm_loadu_si128((const __m128i *) p), ascii);

        if (stop) {
            return p + __builtin_ctz(stop);
        }

        p += 16;

        if (last - p < 16 && p < last) {
            p = last - 16;
        }
    }

    if (last - p >= 8) {

        /* the first eight and the last eight */

        s = _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *) p),
                               _mm_loadl_epi64((const __m128i *) (last - 8)));

        stop = ngx_tel_stop(s, ascii);

        if (stop == 0) {
            return last;
        }

        stop = __builtin_ctz(stop);

        return (stop < 8) ? p + stop : last - 16 + stop;
    }

#endif

    stops = ascii ? NGX_TEL_NOT_PLAIN|NGX_TEL_NOT_ASCII : NGX_TEL_NOT_PLAIN;

    while (p < last && !(ngx_tel_stops[*p] & stops)) {
        p++;
    }

    return p;
}

/* Where the ASCII characters end. */

static ngx_inline const u_char *
ngx_tel_ascii(const u_char *p, const u_char *last)
{
#if (__SSE2__)

    int  stop;

    while (last - p >= 16) {

        stop = _mm_movemask_epi8(_mm_loadu_si128((const __m128i *) p));

        if (stop) {
            return p + __builtin_ctz(stop);
        }

        p += 16;
    }

#endif

    while (p < last && *p < 0x80) {
        p++;
    }

    return p;
}

/* 1 if the code may stand in logs and metrics: [A-Za-z0-9_.:-]{1,64} */

#define NGX_TEL_PLAIN  64

ngx_uint_t ngx_tel_plain(const ngx_str_t *code);

/*
 * Such a code as a row names it: with a backslash before an "x" behind a
 * digit, which would be a class.  Room for twice the code is at dst; returns
 * the end.
 */

u_char *ngx_tel_row_word(u_char *dst, const ngx_str_t *code);


#endif /* _NGX_TEL_TEXT_H_INCLUDED_ */
