
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/*
 * The reader that steps over values, beside yajl.  The input is a JSON text.
 *
 * - A value that is stepped over whole is one value to yajl.
 * - A text that ends in a value that is right so far is right to yajl.
 * - The end of a value does not depend on what follows it.
 * - Containers left open are counted.
 * - A string without its escapes is what it is in UTF-16, put together; yajl
 *   makes something else of surrogates.
 * - A number written as an integer is that number, and every short integer is.
 */


#include "fuzz.h"
#include "ngx_tel_skim.h"
#include "ngx_tel_text.h"

#include <math.h>
#include <yajl/yajl_parse.h>


typedef struct {
    ngx_uint_t     open;      /* containers */
    const u_char  *text;      /* what a string must be, or NULL */
    size_t         len;
} fuzz_reading_t;


static void fuzz_skim(const u_char *text, size_t len);
static void fuzz_unescape(const u_char *p, const u_char *last);
static size_t fuzz_units(uint32_t *unit, const u_char *p, const u_char *last);
static void fuzz_integer(const u_char *p, const u_char *last);
static ngx_uint_t fuzz_read_by_yajl(const u_char *text, size_t len,
    ngx_uint_t complete, fuzz_reading_t *reading);
static int fuzz_string(void *data, const u_char *text, size_t len);
static int fuzz_begin(void *data);
static int fuzz_end(void *data);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t  i;

    fuzz_skim(data, size);

    for (i = 1; i < size && i < 64; i++) {
        fuzz_skim(data, size - i);
        fuzz_skim(data, i);
    }

    return 0;
}


static void
fuzz_skim(const u_char *text, size_t len)
{
    u_char        *copy;
    ngx_uint_t     escaped, open, again;
    const u_char  *p, *q, *last;

    copy = fuzz_copy(text, len);
    last = copy + len;

    p = ngx_tel_skip_value(copy, last, &open);

    if (p) {
        fuzz_check(p >= copy && p <= last);
        fuzz_check(fuzz_read_by_yajl(copy, p - copy, p < last, NULL) == open);

        if (p < last) {
            q = ngx_tel_skip_value(copy, p, &again);
            fuzz_check(q == p || q == NULL);
        }
    }

    p = ngx_tel_skip_space(copy, last);
    fuzz_check(p >= copy && p <= last);

    if (p < last && *p == '"') {
        q = ngx_tel_skip_string(p + 1, last, &escaped);

        if (q) {
            fuzz_check(q > p && q <= last && (q == last || *q == '"'));
            fuzz_check(escaped == (memchr(p, '\\', q - p) != NULL));
            fuzz_read_by_yajl(p, q - p + (q < last), q < last, NULL);

            if (q < last) {
                fuzz_unescape(p + 1, q);
            }
        }
    }

    if (p < last && *p != '"') {
        q = ngx_tel_skip_word(p, last);

        if (q) {
            fuzz_check(q > p && q <= last);
            fuzz_read_by_yajl(p, q - p, q < last, NULL);

            if (*p == '-' || (*p >= '0' && *p <= '9')) {
                fuzz_integer(p, q);
            }
        }
    }

    free(copy);
}


/* The string between its quotes. */

static void
fuzz_unescape(const u_char *p, const u_char *last)
{
    u_char          *text, *end, *want, *w;
    size_t           i, n;
    uint32_t        *unit, ch;
    ngx_uint_t       surrogate;
    fuzz_reading_t   reading;

    text = malloc(last - p + 1);
    end = ngx_tel_unescape(text, p, last);

    fuzz_check(end >= text && end <= text + (last - p));

    unit = malloc((last - p + 1) * sizeof(uint32_t));
    want = malloc(4 * (last - p) + 1);

    n = fuzz_units(unit, p, last);
    w = want;
    surrogate = 0;

    for (i = 0; i < n; i++) {
        ch = unit[i];

        if (ch & 0x80000000) {
            *w++ = (u_char) ch;
            continue;
        }

        if ((ch & 0xf800) == 0xd800) {
            surrogate = 1;

            if (ch < 0xdc00 && i + 1 < n && (unit[i + 1] & ~0x3ffU) == 0xdc00) {
                i++;
                ch = 0x10000 + (((ch & 0x3ff) << 10) | (unit[i] & 0x3ff));

            } else {
                ch = 0xfffd;
            }
        }

        w = ngx_tel_put_char(w, ch);
    }

    fuzz_check(w - want == end - text && memcmp(want, text, w - want) == 0,
               "%.*s", (int) (last - p), p);

    if (!surrogate) {
        reading.text = text;
        reading.len = end - text;

        fuzz_read_by_yajl(p - 1, last - p + 2, 1, &reading);
    }

    free(want);
    free(unit);
    free(text);
}


/* A unit of an escape, or with the highest bit a byte as it stands. */

static size_t
fuzz_units(uint32_t *unit, const u_char *p, const u_char *last)
{
    size_t       n;
    char         digits[5], *at;

    static char  names[] = "bfnrt";
    static char  values[] = "\b\f\n\r\t";

    for (n = 0; p < last; n++) {

        if (*p != '\\') {
            unit[n] = 0x80000000 | *p++;
            continue;
        }

        if (p[1] == 'u') {
            ngx_memcpy(digits, p + 2, 4);
            digits[4] = '\0';
            unit[n] = (uint32_t) strtoul(digits, NULL, 16);
            p += 6;
            continue;
        }

        at = strchr(names, p[1]);
        unit[n] = at ? (uint32_t) values[at - names] : p[1];
        p += 2;
    }

    return n;
}


static void
fuzz_integer(const u_char *p, const u_char *last)
{
    char         *text, want[64];
    u_char        buf[NGX_TEL_INTEGER_LEN], *end;
    long double   value;

    text = calloc(1, last - p + 1);
    ngx_memcpy(text, p, last - p);
    errno = 0;
    value = strtold(text, NULL);

    end = ngx_tel_integer(buf, p, last);

    if (end) {
        fuzz_check(end > buf && end <= buf + sizeof(buf));

        snprintf(want, sizeof(want), "%.0Lf", value == 0 ? 0 : value);
        fuzz_check((size_t) (end - buf) == strlen(want)
                   && memcmp(want, buf, end - buf) == 0, "%s", text);

    } else if (last - p <= 18 && errno == 0
               && strspn(text, "0123456789") != (size_t) (last - p))
    {
        fuzz_check(fabsl(value) > 999999999999999.0L || value != rintl(value),
                   "%s", text);
    }

    free(text);
}


/* Returns the number of containers left open. */

static ngx_uint_t
fuzz_read_by_yajl(const u_char *text, size_t len, ngx_uint_t complete,
    fuzz_reading_t *reading)
{
    yajl_handle      yajl;
    fuzz_reading_t   any;

    static yajl_callbacks  callbacks = {
        NULL, NULL, NULL, NULL, NULL, fuzz_string,
        fuzz_begin, NULL, fuzz_end,
        fuzz_begin, fuzz_end
    };

    if (reading == NULL) {
        any.text = NULL;
        reading = &any;
    }

    reading->open = 0;

    yajl = yajl_alloc(&callbacks, NULL, reading);
    yajl_config(yajl, yajl_dont_validate_strings, 1);

    fuzz_check(yajl_parse(yajl, text, len) == yajl_status_ok, "%.*s",
               (int) len, text);

    if (complete) {
        fuzz_check(yajl_complete_parse(yajl) == yajl_status_ok, "%.*s",
                   (int) len, text);
    }

    yajl_free(yajl);

    return reading->open;
}


static int
fuzz_string(void *data, const u_char *text, size_t len)
{
    fuzz_reading_t *reading = data;

    if (reading->text) {
        fuzz_check(len == reading->len
                   && memcmp(text, reading->text, len) == 0,
                   "%.*s", (int) len, text);
    }

    return 1;
}


static int
fuzz_begin(void *data)
{
    fuzz_reading_t *reading = data;

    reading->open++;

    return 1;
}


static int
fuzz_end(void *data)
{
    fuzz_reading_t *reading = data;

    reading->open--;

    return 1;
}
