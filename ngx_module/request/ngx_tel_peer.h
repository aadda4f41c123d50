
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_PEER_H_INCLUDED_
#define _NGX_TEL_PEER_H_INCLUDED_


/*
 * telephony_errors_peer_failed: a verdict counts as a failure of the server
 * that gave it.  nginx frees the server with an answer's last byte, and before
 * the last buffer comes to the filter: the verdict must have fallen by then.
 */


#include "ngx_tel_request.h"


/* Waits for the server of this answer to be freed; judge judges it then. */

void ngx_tel_watch_peer(ngx_http_request_t *r, ngx_tel_ctx_t *ctx,
    ngx_tel_judge_pt judge);


#endif /* _NGX_TEL_PEER_H_INCLUDED_ */
