#include "ngx_http_telephony_errors_module.h"
char *ngx_http_telephony_errors_envelope_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) { return "stub"; }
ngx_int_t ngx_http_telephony_errors_own_envelope(ngx_http_request_t *r, ngx_http_telephony_errors_own_t *own, ngx_str_t *out) { return NGX_ERROR; }
