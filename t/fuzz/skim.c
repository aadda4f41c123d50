
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
 * - A string without its escapes is what yajl makes of it.
 */


#include "fuzz.h"
#include "ngx_http_telephony_errors_skim.h"

#include <yajl/yajl_parse.h>


typedef struct {
    ngx_uint_t     open;      /* containers */
    const u_char  *text;      /* what a string must be, or NULL */
    size_t         len;
} fuzz_reading_t;


static void fuzz_skim(const u_char *text, size_t len);
static void fuzz_unescape(const u_char *p, const u_char *last);
static ngx_uint_t fuzz_read_by_yajl(const u_char *text, size_t len,
    ngx_uint_t complete, fuzz_reading_t *reading);
static int fuzz_string(void *data, const u_char *text, size_t len);
static int fuzz_begin(void *data);
static int fuzz_end(void *data);


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    fuzz_init();

    return 0;
}


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

    copy = malloc(len + !len);
    ngx_memcpy(copy, text, len);
    last = copy + len;

    p = ngx_http_telephony_errors_skip_value(copy, last, &open);

    if (p) {
        fuzz_check(p >= copy && p <= last);
        fuzz_check(fuzz_read_by_yajl(copy, p - copy, p < last, NULL) == open);

        if (p < last) {
            q = ngx_http_telephony_errors_skip_value(copy, p, &again);
            fuzz_check(q == p || q == NULL);
        }
    }

    p = ngx_http_telephony_errors_skip_space(copy, last);
    fuzz_check(p >= copy && p <= last);

    if (p < last && *p == '"') {
        q = ngx_http_telephony_errors_skip_string(p + 1, last, &escaped);

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
        q = ngx_http_telephony_errors_skip_word(p, last);

        if (q) {
            fuzz_check(q > p && q <= last);
            fuzz_read_by_yajl(p, q - p, q < last, NULL);
        }
    }

    free(copy);
}


/* The string between its quotes. */

static void
fuzz_unescape(const u_char *p, const u_char *last)
{
    u_char          *text, *end;
    fuzz_reading_t   reading;

    text = malloc(last - p + 1);
    end = ngx_http_telephony_errors_unescape(text, p, last);

    if (end) {
        fuzz_check(end <= text + (last - p));

        reading.text = text;
        reading.len = end - text;

        fuzz_read_by_yajl(p - 1, last - p + 2, 1, &reading);
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
