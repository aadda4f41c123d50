
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_INFLATE_H_INCLUDED_
#define _NGX_TEL_INFLATE_H_INCLUDED_


#include "ngx_tel.h"


/*
 * Reads compressed bodies.
 *
 * Like the inspection, decode() keeps nothing between two calls: it always
 * begins with the first byte, so that an undecided response costs its held
 * bytes and no decompressor.
 */


typedef enum {
    NGX_TEL_CODING_IDENTITY = 0,
    NGX_TEL_CODING_GZIP,
    NGX_TEL_CODING_DEFLATE,
    NGX_TEL_CODING_BROTLI,
    NGX_TEL_CODING_UNKNOWN
} ngx_tel_coding_e;


/*
 * What a Content-Encoding says.  What is no coding at all, as "utf-8", "none"
 * or "8bit", is IDENTITY.  A list of codings is UNKNOWN if more than one of
 * them is not IDENTITY; "br" is UNKNOWN in a build without brotli.
 */

ngx_tel_coding_e ngx_tel_coding(ngx_str_t *value);

/*
 * Decodes the first len bytes of a body to at most max bytes.  *out is never
 * NULL but with NGX_ERROR; it lies in memory that the next call reuses, and it
 * must not be freed.
 *
 * NGX_OK      the bytes end a stream.  They may still be followed by another
 *             gzip member: only the end of the body is the end.
 * NGX_AGAIN   right so far, more input is needed.  All that can be decoded is
 *             given.
 * NGX_BUSY    there is more than max bytes of output; max bytes are given
 * NGX_DECLINED  no valid stream, or one that is not decoded.  What came before
 *             the fault is given, but of brotli nothing.
 * NGX_ERROR   out of memory
 *
 * "deflate" is read with the wrapper of zlib or, as some servers send it,
 * without.  The members of a gzip body are joined.  Bytes after a complete
 * stream that do not begin a gzip member are ignored, and less than three
 * begin none yet.
 *
 * A call costs time in proportion to len + max, whatever the stream says.
 * The process keeps about 40 KB for zlib, and the output: max bytes at most,
 * or 256 KB after the call that follows a larger one.  A brotli decoder lives
 * for one call.  It fills its window before it gives any output, so that a
 * stream which needs a window of more than 1 MB is declined.
 */

ngx_int_t ngx_tel_decode(ngx_tel_coding_e coding, const u_char *src, size_t len,
    size_t max, ngx_log_t *log, u_char **out, size_t *out_len);

/* Gives back the memory of the process; for tools that look for leaks. */

void ngx_tel_inflate_done(void);


#endif /* _NGX_TEL_INFLATE_H_INCLUDED_ */
