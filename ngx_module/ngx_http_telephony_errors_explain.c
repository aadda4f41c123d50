#include "ngx_http_telephony_errors_module.h"
char *ngx_http_telephony_errors_explain_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *conf) { return "stub"; }
