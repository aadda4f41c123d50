
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_UNMAPPED_H_INCLUDED_
#define _NGX_TEL_UNMAPPED_H_INCLUDED_


#include "ngx_tel_catalog.h"


/*
 * Logs a provider code without a row, once per code and worker.  The log's
 * handler must not write the request line.
 */

void ngx_tel_log_unmapped(ngx_log_t *log, ngx_tel_catalog_t *catalog,
    ngx_tel_verdict_t *verdict);


#endif /* _NGX_TEL_UNMAPPED_H_INCLUDED_ */
