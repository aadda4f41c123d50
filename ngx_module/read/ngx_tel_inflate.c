
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_inflate.h"

#include <zlib.h>

#if (NGX_TEL_BROTLI)
#include <brotli/decode.h>
#endif


#define NGX_TEL_INFLATE_FIRST  8192
#define NGX_TEL_INFLATE_KEPT   (256 * 1024)

/*
 * The window of a brotli stream is a power of two and some bytes, up to 16 MB;
 * no other allocation of the decoder comes near this.
 */

#define NGX_TEL_BROTLI_WINDOW  (2 * 1024 * 1024 - 1)


/* The output grows as it is filled, so that a large window costs nothing. */

typedef struct {
    u_char  *start;
    u_char  *last;
    u_char  *end;
    size_t   limit;
} ngx_tel_output_t;


#if (NGX_TEL_BROTLI)

typedef struct {
    ngx_log_t   *log;
    ngx_uint_t   refused;
} ngx_tel_brotli_t;

#endif


static ngx_tel_coding_e ngx_tel_coding_name(u_char *name, size_t len);
static ngx_uint_t ngx_tel_no_coding(u_char *name, size_t len);
static ngx_int_t ngx_tel_room(ngx_tel_output_t *output, ngx_log_t *log);
static ngx_int_t ngx_tel_zlib_init(int bits, ngx_log_t *log);
static ngx_int_t ngx_tel_unzip(const u_char *src, size_t len, int bits,
    ngx_tel_output_t *output, ngx_log_t *log);
static ngx_int_t ngx_tel_member(z_stream *zs);
static ngx_int_t ngx_tel_deflated(const u_char *src, size_t len,
    ngx_tel_output_t *output, ngx_log_t *log);
static void *ngx_tel_zlib_alloc(void *data, u_int items, u_int size);
static void ngx_tel_zlib_free(void *data, void *p);
#if (NGX_TEL_BROTLI)
static ngx_int_t ngx_tel_unbrotli(const u_char *src, size_t len,
    ngx_tel_output_t *output, ngx_log_t *log);
static ngx_int_t ngx_tel_brotli_run(BrotliDecoderState *br, const u_char *src,
    size_t len, ngx_tel_output_t *output, ngx_log_t *log);
static void *ngx_tel_brotli_alloc(void *data, size_t size);
static void ngx_tel_brotli_free(void *data, void *p);
#endif


/* one for the process: a decoding begins and ends in one call */

static z_stream          ngx_tel_zlib;
static ngx_uint_t        ngx_tel_zlib_on;
static ngx_tel_output_t  ngx_tel_output;


ngx_tel_coding_e
ngx_tel_coding(ngx_str_t *value)
{
    u_char            *p, *last, *end;
    ngx_tel_coding_e   coding, next;

    coding = NGX_TEL_CODING_IDENTITY;

    p = value->data;
    last = p + value->len;

    while (p < last) {

        end = ngx_strlchr(p, last, ',');
        end = end ? end : last;

        next = ngx_tel_coding_name(p, end - p);

        if (next != NGX_TEL_CODING_IDENTITY) {

            if (coding != NGX_TEL_CODING_IDENTITY) {
                return NGX_TEL_CODING_UNKNOWN;
            }

            coding = next;
        }

        p = (end < last) ? end + 1 : last;
    }

    return coding;
}


static ngx_tel_coding_e
ngx_tel_coding_name(u_char *name, size_t len)
{
    ngx_uint_t  i;

    static const struct {
        ngx_str_t                            name;
        ngx_tel_coding_e   coding;
    } known[] = {
        { ngx_string("gzip"), NGX_TEL_CODING_GZIP },
        { ngx_string("x-gzip"), NGX_TEL_CODING_GZIP },
        { ngx_string("deflate"), NGX_TEL_CODING_DEFLATE },
#if (NGX_TEL_BROTLI)
        { ngx_string("br"), NGX_TEL_CODING_BROTLI },
#endif
    };

    while (len && (name[0] == ' ' || name[0] == '\t')) {
        name++;
        len--;
    }

    while (len && (name[len - 1] == ' ' || name[len - 1] == '\t')) {
        len--;
    }

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {

        if (known[i].name.len == len
            && ngx_strncasecmp(known[i].name.data, name, len) == 0)
        {
            return known[i].coding;
        }
    }

    return ngx_tel_no_coding(name, len)
           ? NGX_TEL_CODING_IDENTITY
           : NGX_TEL_CODING_UNKNOWN;
}


/*
 * Servers write a charset, or what mail calls an encoding, where the coding
 * belongs: these bytes are plain.
 */

static ngx_uint_t
ngx_tel_no_coding(u_char *name, size_t len)
{
    ngx_uint_t  i;

    static const ngx_str_t  names[] = {
        ngx_string(""), ngx_string("identity"), ngx_string("none"),
        ngx_string("7bit"), ngx_string("8bit"), ngx_string("binary"),
        ngx_string("utf8"), ngx_string("ascii"), ngx_string("latin1"),
        ngx_string("gbk"), ngx_string("gb2312"), ngx_string("gb18030"),
        ngx_string("big5"), ngx_string("shift_jis")
    };

    static const ngx_str_t  families[] = {
        ngx_string("charset="), ngx_string("utf-"), ngx_string("us-ascii"),
        ngx_string("iso-8859-"), ngx_string("windows-12"), ngx_string("koi8-"),
        ngx_string("euc-")
    };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].len == len
            && ngx_strncasecmp(names[i].data, name, len) == 0)
        {
            return 1;
        }
    }

    for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        if (families[i].len <= len
            && ngx_strncasecmp(families[i].data, name, families[i].len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_tel_decode(ngx_tel_coding_e coding, const u_char *src, size_t len,
    size_t max, ngx_log_t *log, u_char **out, size_t *out_len)
{
    ngx_int_t          rc;
    ngx_tel_output_t  *output;

    *out = NULL;
    *out_len = 0;

    output = &ngx_tel_output;

    if (output->end - output->start > NGX_TEL_INFLATE_KEPT) {
        ngx_free(output->start);
        output->start = NULL;
        output->end = NULL;
    }

    /* zlib counts in 32 bits; one byte more than max tells all from more */

    len = ngx_min(len, NGX_MAX_INT32_VALUE);
    max = ngx_min(max, NGX_MAX_INT32_VALUE - 1);

    output->limit = max + 1;
    output->last = output->start;

    if (ngx_tel_room(output, log) != NGX_OK) {
        return NGX_ERROR;
    }

    switch (coding) {

    case NGX_TEL_CODING_GZIP:
        rc = ngx_tel_unzip(src, len, MAX_WBITS + 16, output, log);
        break;

    case NGX_TEL_CODING_DEFLATE:
        rc = ngx_tel_deflated(src, len, output, log);
        break;

#if (NGX_TEL_BROTLI)
    case NGX_TEL_CODING_BROTLI:
        rc = ngx_tel_unbrotli(src, len, output, log);
        break;
#endif

    default:
        rc = NGX_DECLINED;
    }

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    *out = output->start;
    *out_len = output->last - output->start;

    if (*out_len > max) {
        *out_len = max;
        return NGX_BUSY;
    }

    return rc;
}


void
ngx_tel_inflate_done(void)
{
    if (ngx_tel_zlib_on) {
        (void) inflateEnd(&ngx_tel_zlib);
        ngx_tel_zlib_on = 0;
    }

    if (ngx_tel_output.start) {
        ngx_free(ngx_tel_output.start);
        ngx_memzero(&ngx_tel_output, sizeof(ngx_tel_output_t));
    }
}


/*
 * Makes room for at least a byte of output: NGX_OK, NGX_BUSY at the limit,
 * or NGX_ERROR.
 */

static ngx_int_t
ngx_tel_room(ngx_tel_output_t *output, ngx_log_t *log)
{
    u_char  *p;
    size_t   used, size;

    used = output->last - output->start;

    if (used >= output->limit) {
        return NGX_BUSY;
    }

    if (output->last < output->end) {
        return NGX_OK;
    }

    size = ngx_max(2 * used, NGX_TEL_INFLATE_FIRST + 1);
    size = ngx_min(size, output->limit);

    p = ngx_alloc(size, log);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (output->start) {
        ngx_memcpy(p, output->start, used);
        ngx_free(output->start);
    }

    output->start = p;
    output->last = p + used;
    output->end = p + size;

    return NGX_OK;
}


/* zlib's state is made once; a reset costs no memory. */

static ngx_int_t
ngx_tel_zlib_init(int bits, ngx_log_t *log)
{
    int        rc;
    z_stream  *zs;

    zs = &ngx_tel_zlib;

    if (ngx_tel_zlib_on) {
        zs->opaque = log;
        rc = inflateReset2(zs, bits);

    } else {
        ngx_memzero(zs, sizeof(z_stream));

        zs->zalloc = ngx_tel_zlib_alloc;
        zs->zfree = ngx_tel_zlib_free;
        zs->opaque = log;

        rc = inflateInit2(zs, bits);
    }

    if (rc != Z_OK) {
        ngx_log_error(NGX_LOG_ALERT, log, 0,
                      "telephony: zlib cannot be set up: %d", rc);
        return NGX_ERROR;
    }

    ngx_tel_zlib_on = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_tel_unzip(const u_char *src, size_t len, int bits, ngx_tel_output_t *output,
    ngx_log_t *log)
{
    ngx_int_t   rc;
    z_stream   *zs;

    if (ngx_tel_zlib_init(bits, log) != NGX_OK) {
        return NGX_ERROR;
    }

    zs = &ngx_tel_zlib;

    zs->next_in = (u_char *) src;
    zs->avail_in = len;

    for ( ;; ) {
        rc = ngx_tel_room(output, log);
        if (rc != NGX_OK) {
            return rc;
        }

        zs->next_out = output->last;
        zs->avail_out = ngx_min((size_t) (output->end - output->last),
                                output->limit
                                - (output->last - output->start));

        /* with Z_FINISH zlib copies no history if it comes to the end */

        rc = inflate(zs, Z_FINISH);

        output->last = zs->next_out;

        switch (rc) {

        case Z_STREAM_END:
            rc = (bits > MAX_WBITS) ? ngx_tel_member(zs)
                                    : NGX_OK;
            if (rc != NGX_DONE) {
                return rc;
            }

            break;

        case Z_OK:
        case Z_BUF_ERROR:
            if (zs->avail_out) {
                return NGX_AGAIN;
            }

            break;

        case Z_MEM_ERROR:
            return NGX_ERROR;

        default:
            return NGX_DECLINED;
        }
    }
}


/* A gzip member has ended: NGX_DONE if another one follows. */

static ngx_int_t
ngx_tel_member(z_stream *zs)
{
    static const u_char  begins[] = { 0x1f, 0x8b, Z_DEFLATED };

    if (zs->avail_in < sizeof(begins)
        || ngx_memcmp(zs->next_in, begins, sizeof(begins)) != 0)
    {
        return NGX_OK;
    }

    return (inflateReset(zs) == Z_OK) ? NGX_DONE : NGX_ERROR;
}


/*
 * No encoder's raw stream begins like the header of zlib: it would be a stored
 * block with bits set where there is only padding.
 */

static ngx_int_t
ngx_tel_deflated(const u_char *src, size_t len, ngx_tel_output_t *output,
    ngx_log_t *log)
{
    int  bits;

    bits = -MAX_WBITS;

    if (len && (src[0] & 0x8f) == Z_DEFLATED) {

        if (len == 1) {
            return NGX_AGAIN;
        }

        if ((src[0] * 256 + src[1]) % 31 == 0) {
            bits = MAX_WBITS;
        }
    }

    return ngx_tel_unzip(src, len, bits, output, log);
}


static void *
ngx_tel_zlib_alloc(void *data, u_int items, u_int size)
{
    return ngx_alloc((size_t) items * size, data);
}


static void
ngx_tel_zlib_free(void *data, void *p)
{
    ngx_free(p);
}


#if (NGX_TEL_BROTLI)

static ngx_int_t
ngx_tel_unbrotli(const u_char *src, size_t len, ngx_tel_output_t *output,
    ngx_log_t *log)
{
    ngx_int_t                rc;
    BrotliDecoderState      *br;
    BrotliDecoderErrorCode   code;
    ngx_tel_brotli_t         ctx;

    ctx.log = log;
    ctx.refused = 0;

    br = BrotliDecoderCreateInstance(ngx_tel_brotli_alloc, ngx_tel_brotli_free,
                                     &ctx);
    if (br == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_tel_brotli_run(br, src, len, output, log);

    if (rc == NGX_DECLINED && !ctx.refused) {
        code = BrotliDecoderGetErrorCode(br);

        if (code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES
            && code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES)
        {
            rc = NGX_ERROR;
        }
    }

    BrotliDecoderDestroyInstance(br);

    return rc;
}


static ngx_int_t
ngx_tel_brotli_run(BrotliDecoderState *br, const u_char *src, size_t len,
    ngx_tel_output_t *output, ngx_log_t *log)
{
    size_t               size;
    ngx_int_t            rc;
    BrotliDecoderResult  result;

    for ( ;; ) {
        rc = ngx_tel_room(output, log);
        if (rc != NGX_OK) {
            return rc;
        }

        size = ngx_min((size_t) (output->end - output->last),
                       output->limit - (output->last - output->start));

        result = BrotliDecoderDecompressStream(br, &len, &src, &size,
                                               &output->last, NULL);
        switch (result) {

        case BROTLI_DECODER_RESULT_SUCCESS:
            return NGX_OK;

        case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT:
            break;

        case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
            if (!BrotliDecoderHasMoreOutput(br)) {
                return NGX_AGAIN;
            }

            break;

        default:
            return NGX_DECLINED;
        }
    }
}


static void *
ngx_tel_brotli_alloc(void *data, size_t size)
{
    ngx_tel_brotli_t *ctx = data;

    if (size > NGX_TEL_BROTLI_WINDOW) {
        ctx->refused = 1;
        return NULL;
    }

    return ngx_alloc(size, ctx->log);
}


static void
ngx_tel_brotli_free(void *data, void *p)
{
    ngx_free(p);
}

#endif
