
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
 */


#include "fuzz.h"
#include "ngx_http_telephony_errors_skim.h"

#include <yajl/yajl_parse.h>


static void fuzz_skim(const u_char *text, size_t len);
static ngx_int_t fuzz_read_by_yajl(const u_char *text, size_t len,
    ngx_uint_t complete);
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
    ngx_uint_t     escaped, open;
    const u_char  *p, *q, *last;

    copy = malloc(len + !len);
    ngx_memcpy(copy, text, len);
    last = copy + len;

    p = ngx_http_telephony_errors_skip_value(copy, last, &open);

    if (p) {
        fuzz_check(p >= copy && p <= last);
        fuzz_read_by_yajl(copy, p - copy, p < last);

        if (p < last) {
            q = ngx_http_telephony_errors_skip_value(copy, p, &open);
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
            fuzz_read_by_yajl(p, q - p + (q < last), q < last);
        }
    }

    if (p < last && *p != '"') {
        q = ngx_http_telephony_errors_skip_word(p, last);

        if (q) {
            fuzz_check(q > p && q <= last);
            fuzz_read_by_yajl(p, q - p, q < last);
        }
    }

    free(copy);
}


/* Returns the number of containers left open. */

static ngx_int_t
fuzz_read_by_yajl(const u_char *text, size_t len, ngx_uint_t complete)
{
    ngx_int_t    depth;
    yajl_handle  yajl;

    static yajl_callbacks  callbacks = {
        NULL, NULL, NULL, NULL, NULL, NULL,
        fuzz_begin, NULL, fuzz_end,
        fuzz_begin, fuzz_end
    };

    depth = 0;

    yajl = yajl_alloc(&callbacks, NULL, &depth);
    yajl_config(yajl, yajl_dont_validate_strings, 1);

    fuzz_check(yajl_parse(yajl, text, len) == yajl_status_ok, "%.*s",
               (int) len, text);

    if (complete) {
        fuzz_check(yajl_complete_parse(yajl) == yajl_status_ok, "%.*s",
                   (int) len, text);
    }

    yajl_free(yajl);

    return depth;
}


static int
fuzz_begin(void *data)
{
    ngx_int_t *depth = data;

    (*depth)++;

    return 1;
}


static int
fuzz_end(void *data)
{
    ngx_int_t *depth = data;

    (*depth)--;

    return 1;
}
