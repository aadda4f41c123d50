
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/*
 * Compressed bodies.  Four bytes of the input choose the coding, the window
 * and a cut; the rest is a coded stream or, with bit 7 of the first byte, a
 * text to be coded here, since no fuzzer guesses a checksum.
 *
 * - Never more than the window is given, and BUSY gives all of it.
 * - The result depends on the bytes alone.
 * - What a prefix gives is the beginning of what the whole gives.
 * - What was coded is decoded, however it is cut.
 */


#include "fuzz.h"
#include "ngx_tel_inflate.h"

#include <zlib.h>


#define FUZZ_HEADER  4


typedef struct {
    ngx_int_t    rc;
    u_char      *out;
    size_t       len;
} fuzz_decoded_t;


static void fuzz_decode(ngx_tel_coding_e coding, const u_char *src, size_t len,
    size_t max, fuzz_decoded_t *d);
static void fuzz_prefix(ngx_tel_coding_e coding, const u_char *src, size_t len,
    size_t max, fuzz_decoded_t *whole);
static u_char *fuzz_encode(ngx_tel_coding_e coding, const uint8_t *header,
    const u_char *src, size_t len, size_t *size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t             len, max;
    u_char            *coded;
    const u_char      *src;
    fuzz_decoded_t     whole, again, other;
    ngx_tel_coding_e   coding;

    if (size < FUZZ_HEADER) {
        return 0;
    }

    coding = data[0] % (NGX_TEL_CODING_UNKNOWN + 1);
    max = 64 * data[1] + (data[0] >> 3) % 8;
    src = data + FUZZ_HEADER;
    len = size - FUZZ_HEADER;
    coded = NULL;

    if (data[0] & 0x80) {
        coded = fuzz_encode(coding, data, src, len, &size);
    }

    if (coded) {
        fuzz_decode(coding, coded, size, max, &whole);

        fuzz_check(whole.rc == (len > max ? NGX_BUSY : NGX_OK), "%d",
                   (int) whole.rc);
        fuzz_check(whole.len == ngx_min(len, max));
        fuzz_check(ngx_memcmp(whole.out, src, whole.len) == 0);

        src = coded;
        len = size;

    } else {
        fuzz_decode(coding, src, len, max, &whole);
    }

    /* something else in between, then the same again */

    fuzz_decode((coding + 1) % 4, src, len / 2, 100, &other);
    fuzz_decode(coding, src, len, max, &again);

    fuzz_check(whole.rc == again.rc && whole.len == again.len
               && ngx_memcmp(whole.out, again.out, whole.len) == 0);

    fuzz_prefix(coding, src, len * data[2] / 255, max, &whole);
    fuzz_prefix(coding, src, len * data[3] / 255, max, &whole);

    free(whole.out);
    free(again.out);
    free(other.out);
    free(coded);

    return 0;
}


static void
fuzz_decode(ngx_tel_coding_e coding, const u_char *src, size_t len, size_t max,
    fuzz_decoded_t *d)
{
    u_char  *copy, *out;

    copy = fuzz_copy(src, len);

    d->rc = ngx_tel_decode(coding, copy, len, max, &fuzz_log, &out, &d->len);

    free(copy);

    fuzz_check(d->rc != NGX_ERROR && out != NULL);
    fuzz_check(d->len <= max);
    fuzz_check(d->rc != NGX_BUSY || d->len == max);

    d->out = fuzz_copy(out, d->len);
}


static void
fuzz_prefix(ngx_tel_coding_e coding, const u_char *src, size_t len, size_t max,
    fuzz_decoded_t *whole)
{
    fuzz_decoded_t  d;

    fuzz_decode(coding, src, len, max, &d);

    /* brotli looks ahead: of a stream with a fault it may give less */

    if (coding != NGX_TEL_CODING_BROTLI || whole->rc != NGX_DECLINED) {
        fuzz_check(d.len <= whole->len
                   && ngx_memcmp(d.out, whole->out, d.len) == 0);

        if (d.rc == NGX_BUSY || d.rc == NGX_DECLINED) {
            fuzz_check(d.rc == whole->rc && d.len == whole->len, "%d and %d",
                       (int) d.rc, (int) whole->rc);
        }
    }

    free(d.out);
}


/* Two gzip members if the second byte is odd. */

static u_char *
fuzz_encode(ngx_tel_coding_e coding, const uint8_t *header, const u_char *src,
    size_t len, size_t *size)
{
    int         bits;
    u_char     *p;
    size_t      n, space;
    z_stream    zs;
    ngx_uint_t  i;

    if (coding == NGX_TEL_CODING_GZIP) {
        bits = 31;

    } else if (coding == NGX_TEL_CODING_DEFLATE) {
        bits = (header[1] & 1) ? 15 : -15;

    } else {
        return NULL;
    }

    space = 2 * len + 1024;
    p = malloc(space);
    *size = 0;

    n = (bits == 31 && (header[1] & 1)) ? 2 : 1;

    for (i = 0; i < n; i++) {
        ngx_memzero(&zs, sizeof(z_stream));
        deflateInit2(&zs, header[2] % 10, Z_DEFLATED, bits, 8,
                     header[3] % 5);

        zs.next_in = (u_char *) src + (i ? len / 2 : 0);
        zs.avail_in = (n == 1) ? len : i ? len - len / 2 : len / 2;
        zs.next_out = p + *size;
        zs.avail_out = space - *size;

        fuzz_check(deflate(&zs, Z_FINISH) == Z_STREAM_END);

        *size += zs.total_out;
        deflateEnd(&zs);
    }

    return p;
}
