
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_CLASSIFY_H_INCLUDED_
#define _NGX_TEL_CLASSIFY_H_INCLUDED_


#include "ngx_tel_judge.h"


/*
 * Adds a header of the response, the first of its name counts.  NGX_OK,
 * NGX_DECLINED if the catalog reads no code of that header, or NGX_ERROR.
 */

ngx_int_t ngx_tel_judge_header(ngx_tel_judge_t *j, ngx_str_t *name,
    ngx_str_t *value);

/*
 * The verdict on a decoded body, of which data is the beginning or all.
 *
 * NGX_OK     the verdict is final, whatever may follow
 * NGX_AGAIN  it depends on what follows (only with MORE)
 * NGX_ERROR  out of memory
 *
 * An error or a notice has its texts copied to the pool.
 */

ngx_int_t ngx_tel_judge(ngx_tel_judge_t *j, const u_char *data, size_t len,
    ngx_tel_end_e end, ngx_tel_verdict_t *verdict);

/*
 * The verdict without a body: by a header, else by the HTTP status alone, none
 * below 400, else an error with the reason why the body was not judged.
 */

void ngx_tel_judge_status(ngx_tel_judge_t *j, ngx_tel_reason_e reason,
    ngx_tel_verdict_t *verdict);

/*
 * The verdict on an error that the gateway itself made: asked is 1 if a vendor
 * was asked and could not answer, and 0 if the gateway never came so far.
 */

void ngx_tel_judge_generated(ngx_tel_codes_t *codes, ngx_uint_t status,
    ngx_uint_t asked, ngx_tel_verdict_t *verdict);

/*
 * The verdict on a problem document: NGX_OK if it is an envelope of this
 * module (its member "code" is one of the codes, not OK), else NGX_DECLINED.
 * It is known by its beginning, if the window is full.
 */

ngx_int_t ngx_tel_judge_envelope(ngx_tel_judge_t *j, const u_char *data,
    size_t len, ngx_tel_end_e end, ngx_tel_verdict_t *verdict);


#endif /* _NGX_TEL_CLASSIFY_H_INCLUDED_ */
