
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_SKIM_H_INCLUDED_
#define _NGX_TEL_SKIM_H_INCLUDED_


#include "ngx_tel.h"


/*
 * Steps over JSON that nobody wants to know, several times faster than a
 * parser with its events.  What is stepped over is valid JSON; whatever is not
 * surely so is declined, and yajl has the say.
 *
 * All return where they stopped, "last" if the text ends before the value
 * does, or NULL: declined.
 */


/* White space. */

static ngx_inline const u_char *
ngx_tel_skip_space(const u_char *p, const u_char *last)
{
    while (p < last && *p <= ' '
           && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
    {
        p++;
    }

    return p;
}

/*
 * A string behind its opening quote, up to the closing one.  Sets *escaped to
 * 1 if there is a backslash in it.
 */

const u_char *ngx_tel_skip_string(const u_char *p, const u_char *last,
    ngx_uint_t *escaped);

/*
 * Copies a valid JSON string, what stands between its quotes, to dst, without
 * its escapes; a surrogate without its other half becomes U+FFFD.  Writes no
 * more than it reads.  Returns the end.
 */

u_char *ngx_tel_unescape(u_char *dst, const u_char *p, const u_char *last);

/*
 * A number, true, false or null.  Only a delimiter behind it says that it was
 * all of it.
 */

const u_char *ngx_tel_skip_word(const u_char *p, const u_char *last);

/* 1 if a number or a word ends before this byte. */

#define ngx_tel_is_delimiter(ch)                            \
    ((ch) == ',' || (ch) == '}' || (ch) == ']' || (ch) == ' '                 \
     || ((ch) >= '\t' && (ch) <= '\r'))

/*
 * Writes a JSON number that is an integer of at most 15 digits as that integer
 * to dst: 3103.0 and 3.103e3 as 3103, -0 as 0.  Returns the end, or NULL: it
 * is another number, or written so already.
 */

#define NGX_TEL_DIGITS  15
#define NGX_TEL_INTEGER_LEN                                 \
    (sizeof("-") - 1 + NGX_TEL_DIGITS)

u_char *ngx_tel_integer(u_char *dst, const u_char *p, const u_char *last);

/*
 * A name and its colon.  Unless it ends before, *name is what stands between
 * the quotes, and *escaped as above.
 */

const u_char *ngx_tel_skip_key(const u_char *p, const u_char *last,
    ngx_str_t *name, ngx_uint_t *escaped);

/*
 * Any value, no deeper than NGX_TEL_SKIP_DEPTH.  Sets *open
 * to the number of containers that the text leaves open.
 */

#define NGX_TEL_SKIP_DEPTH  60

const u_char *ngx_tel_skip_value(const u_char *p, const u_char *last,
    ngx_uint_t *open);


#endif /* _NGX_TEL_SKIM_H_INCLUDED_ */
