
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_MATCH_H_INCLUDED_
#define _NGX_TEL_MATCH_H_INCLUDED_


#include "ngx_tel_catalog.h"
#include "ngx_tel_inspect.h"


/*
 * Finds the values of a catalog's "text" patterns in an answer that is no
 * JSON, as inspect() finds those at its paths.  A function of the bytes alone,
 * too: only the first NGX_TEL_REGEX_SUBJECT of them are searched.
 */


/* so many values of a text are kept, of all its matches */

#define NGX_TEL_MAX_MATCHED  4096


/*
 * The patterns are asked in order, and the first that matches counts: *text is
 * it.  open is 1 if the text may go on behind its end, or does: what reaches
 * that end is no match then.  in has its paths; the values' texts point into
 * the text, or are the catalog's.
 *
 * NGX_OK        a pattern matches
 * NGX_DECLINED  none does, or there are more matches than can be kept: then
 *               the reason is TOO_LARGE
 * NGX_ERROR     out of memory
 */

ngx_int_t ngx_tel_match(ngx_tel_inspection_t *in, ngx_tel_catalog_t *catalog,
    ngx_str_t *subject, ngx_uint_t open, ngx_pool_t *pool, ngx_log_t *log,
    ngx_tel_text_t **text);


#endif /* _NGX_TEL_MATCH_H_INCLUDED_ */
