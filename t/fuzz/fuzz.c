
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "fuzz.h"
#include "ngx_tel_load.h"

#include <stdarg.h>
#include <sys/mman.h>
#include <yajl/yajl_parse.h>


typedef struct {
    ngx_tel_catalogs_t  *catalogs;
} fuzz_main_conf_t;


typedef struct {
    ngx_uint_t    depth;
    char          key[16];
    ngx_int_t     status;
    char         *code;
} fuzz_json_t;


static void fuzz_write_log(ngx_log_t *log, ngx_uint_t level, u_char *buf,
    size_t len);
static void *fuzz_create_main_conf(ngx_conf_t *cf);
static ngx_int_t fuzz_parse(ngx_conf_t *cf, ngx_module_t **directives);


static ngx_command_t  fuzz_commands[] = {

    { ngx_string("telephony_codes"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_tel_codes_block,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(fuzz_main_conf_t, catalogs),
      NULL },

    { ngx_string("telephony_catalog"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE12,
      ngx_tel_catalog_block,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(fuzz_main_conf_t, catalogs),
      NULL },

      ngx_null_command
};


static ngx_http_module_t  fuzz_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    fuzz_create_main_conf,                 /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_fuzz_module = {
    NGX_MODULE_V1,
    &fuzz_module_ctx,                      /* module context */
    fuzz_commands,                         /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


extern ngx_module_t  ngx_http_map_module;


ngx_log_t                fuzz_log;
ngx_uint_t               fuzz_emergencies;
ngx_uint_t               fuzz_lines;
ngx_uint_t               fuzz_plain_log;

static int               fuzz_fd;
static ngx_str_t         fuzz_conf_name = ngx_string("fuzz.conf");
static u_char            fuzz_conf_path[64];
static ngx_cycle_t       fuzz_cycle;
static ngx_open_file_t   fuzz_log_file;

static ngx_module_t  *fuzz_modules[] = {
    &ngx_http_core_module,
    &ngx_http_map_module,
    &ngx_http_fuzz_module,
    NULL
};


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    fuzz_log.log_level = getenv("FUZZ_VERBOSE") ? NGX_LOG_DEBUG_ALL
                                                : NGX_LOG_INFO;
    fuzz_log.writer = fuzz_write_log;
    fuzz_log_file.fd = ngx_stderr;
    fuzz_log.file = &fuzz_log_file;
    ngx_use_stderr = 0;

    fuzz_cycle.log = &fuzz_log;
    ngx_cycle = &fuzz_cycle;

    ngx_pid = ngx_getpid();
    ngx_time_init();
    ngx_regex_init();

    /* what ngx_os_init() does beside the process title */

    ngx_pagesize = getpagesize();
    ngx_cacheline_size = NGX_CPU_CACHE_LINE;
    ngx_ncpu = 1;

    if (ngx_strerror_init() != NGX_OK
        || ngx_crc32_table_init() != NGX_OK
        || ngx_preinit_modules() != NGX_OK)
    {
        abort();
    }

    fuzz_cycle.modules = ngx_modules;
    ngx_http_max_module = ngx_count_modules(&fuzz_cycle, NGX_HTTP_MODULE);

    fuzz_fd = memfd_create("fuzz.conf", 0);
    if (fuzz_fd == -1) {
        abort();
    }

    (void) ngx_sprintf(fuzz_conf_path, "/proc/self/fd/%d%Z", fuzz_fd);

    fuzz_conf_name.data = fuzz_conf_path;
    fuzz_conf_name.len = ngx_strlen(fuzz_conf_path);

    return 0;
}


static void
fuzz_write_log(ngx_log_t *log, ngx_uint_t level, u_char *buf, size_t len)
{
    size_t  i;

    fuzz_lines++;
    fuzz_emergencies += (level <= NGX_LOG_EMERG);

    if (getenv("FUZZ_VERBOSE")) {
        fprintf(stderr, "log: %.*s\n", (int) len, buf);
    }

    fuzz_check(level != NGX_LOG_ALERT && level != NGX_LOG_CRIT, "%.*s",
               (int) len, buf);

    for (i = 0; fuzz_plain_log && i < len; i++) {
        fuzz_check((buf[i] >= 0x20 && buf[i] < 0x7f)
                   || (buf[i] == LF && i == len - 1),
                   "a log line with byte %02x: %.*s", buf[i], (int) len, buf);
    }
}


ngx_tel_catalogs_t *
fuzz_configure(ngx_pool_t *pool, const u_char *text, size_t len,
    ngx_uint_t maps)
{
    ngx_conf_t            cf;
    ngx_cycle_t          *cycle;
    ngx_module_t        **m;
    fuzz_main_conf_t     *fmcf;
    ngx_http_module_t    *module;
    ngx_http_conf_ctx_t   ctx;

    static ngx_module_t  *directives[2][3] = {
        { &ngx_http_fuzz_module, NULL, NULL },
        { &ngx_http_fuzz_module, &ngx_http_map_module, NULL },
    };

    if (ftruncate(fuzz_fd, 0) == -1
        || pwrite(fuzz_fd, text, len, 0) != (ssize_t) len)
    {
        abort();
    }

    cycle = ngx_pcalloc(pool, sizeof(ngx_cycle_t));
    cycle->pool = pool;
    cycle->log = &fuzz_log;
    cycle->modules = fuzz_modules;

    (void) ngx_array_init(&cycle->config_dump, pool, 1,
                          sizeof(ngx_conf_dump_t));
    ngx_rbtree_init(&cycle->config_dump_rbtree, &cycle->config_dump_sentinel,
                    ngx_str_rbtree_insert_value);

    ngx_memzero(&cf, sizeof(ngx_conf_t));
    ngx_memzero(&ctx, sizeof(ngx_http_conf_ctx_t));

    ctx.main_conf = ngx_pcalloc(pool, sizeof(void *) * ngx_http_max_module);

    cf.ctx = &ctx;
    cf.cycle = cycle;
    cf.pool = pool;
    cf.temp_pool = ngx_create_pool(4096, &fuzz_log);
    cf.log = &fuzz_log;
    cf.module_type = NGX_HTTP_MODULE;
    cf.cmd_type = NGX_HTTP_MAIN_CONF;
    cf.args = ngx_array_create(pool, 10, sizeof(ngx_str_t));

    for (m = fuzz_modules; *m; m++) {
        module = (*m)->ctx;
        ctx.main_conf[(*m)->ctx_index] = module->create_main_conf(&cf);
    }

    for (m = fuzz_modules; *m; m++) {
        module = (*m)->ctx;

        if (module->preconfiguration
            && module->preconfiguration(&cf) != NGX_OK)
        {
            abort();
        }
    }

    fmcf = ctx.main_conf[ngx_http_fuzz_module.ctx_index];

    if (fuzz_parse(&cf, directives[maps]) != NGX_OK
        || (fmcf->catalogs && ngx_tel_compile(&cf, fmcf->catalogs) != NGX_OK))
    {
        fmcf->catalogs = NULL;
    }

    ngx_destroy_pool(cf.temp_pool);

    return fmcf->catalogs;
}


static ngx_int_t
fuzz_parse(ngx_conf_t *cf, ngx_module_t **directives)
{
    char           *rv;
    ngx_module_t  **modules;

    modules = cf->cycle->modules;
    cf->cycle->modules = directives;

    rv = ngx_conf_parse(cf, &fuzz_conf_name);

    cf->cycle->modules = modules;

    return (rv == NGX_CONF_OK) ? NGX_OK : NGX_ERROR;
}


static void *
fuzz_create_main_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(fuzz_main_conf_t));
}


u_char *
fuzz_read(const char *name, size_t *len)
{
    FILE    *f;
    u_char  *p;
    char     path[1024];

    (void) snprintf(path, sizeof(path), "%s/%s",
                    getenv("FUZZ_ROOT") ? getenv("FUZZ_ROOT") : ".", name);

    f = fopen(path, "r");
    if (f == NULL) {
        perror(path);
        exit(1);
    }

    p = malloc(1024 * 1024);
    *len = fread(p, 1, 1024 * 1024 - 1, f);
    p[*len] = '\0';

    fclose(f);

    return p;
}


u_char *
fuzz_copy(const void *data, size_t len)
{
    u_char  *copy;

    copy = malloc(len + !len);
    ngx_memcpy(copy, data, len);

    return copy;
}


void
fuzz_fail(const char *file, int line, const char *expression,
    const char *fmt, ...)
{
    va_list  args;

    fprintf(stderr, "\n%s:%d: broken promise: %s\n", file, line, expression);

    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);

    fprintf(stderr, "\n");

    abort();
}


static int
fuzz_json_key(void *data, const u_char *text, size_t len)
{
    fuzz_json_t *json = data;

    json->key[0] = '\0';

    if (json->depth == 1 && len < sizeof(json->key)) {
        ngx_memcpy(json->key, text, len);
        json->key[len] = '\0';
    }

    return 1;
}


static int
fuzz_json_string(void *data, const u_char *text, size_t len)
{
    fuzz_json_t *json = data;

    if (json->depth == 1 && ngx_strcmp(json->key, "code") == 0 && len < 128) {
        ngx_memcpy(json->code, text, len);
        json->code[len] = '\0';
    }

    return 1;
}


static int
fuzz_json_number(void *data, const char *text, size_t len)
{
    fuzz_json_t *json = data;

    if (json->depth == 1 && ngx_strcmp(json->key, "status") == 0) {
        json->status = ngx_atoi((u_char *) text, len);
    }

    return 1;
}


static int
fuzz_json_start(void *data)
{
    fuzz_json_t *json = data;

    json->depth++;

    return 1;
}


static int
fuzz_json_end(void *data)
{
    fuzz_json_t *json = data;

    json->depth--;

    return 1;
}


void
fuzz_json(const u_char *text, size_t len, ngx_int_t *status, char code[128])
{
    yajl_handle   yajl;
    fuzz_json_t   json;

    static yajl_callbacks  callbacks = {
        NULL, NULL, NULL, NULL,
        fuzz_json_number,
        fuzz_json_string,
        fuzz_json_start,
        fuzz_json_key,
        fuzz_json_end,
        fuzz_json_start,
        fuzz_json_end
    };

    ngx_memzero(&json, sizeof(fuzz_json_t));
    json.code = code;
    code[0] = '\0';

    yajl = yajl_alloc(&callbacks, NULL, &json);

    fuzz_check(yajl_parse(yajl, text, len) == yajl_status_ok
               && yajl_complete_parse(yajl) == yajl_status_ok,
               "no JSON: %.*s", (int) len, text);

    yajl_free(yajl);

    *status = json.status;
}


/* The table of RFC 3629, part 4. */

ngx_uint_t
fuzz_is_utf8(const ngx_str_t *text)
{
    u_char       *p, *last;
    ngx_uint_t    i, n;

    static struct {
        u_char    first[2];
        u_char    second[2];
        size_t    len;
    } forms[] = {
        { { 0x00, 0x7f }, { 0x00, 0xff }, 1 },
        { { 0xc2, 0xdf }, { 0x80, 0xbf }, 2 },
        { { 0xe0, 0xe0 }, { 0xa0, 0xbf }, 3 },
        { { 0xe1, 0xec }, { 0x80, 0xbf }, 3 },
        { { 0xed, 0xed }, { 0x80, 0x9f }, 3 },
        { { 0xee, 0xef }, { 0x80, 0xbf }, 3 },
        { { 0xf0, 0xf0 }, { 0x90, 0xbf }, 4 },
        { { 0xf1, 0xf3 }, { 0x80, 0xbf }, 4 },
        { { 0xf4, 0xf4 }, { 0x80, 0x8f }, 4 }
    };

    p = text->data;
    last = p + text->len;

    while (p < last) {

        for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
            if (*p >= forms[i].first[0] && *p <= forms[i].first[1]) {
                break;
            }
        }

        if (i == sizeof(forms) / sizeof(forms[0])
            || (size_t) (last - p) < forms[i].len
            || (i && (p[1] < forms[i].second[0] || p[1] > forms[i].second[1])))
        {
            return 0;
        }

        for (n = 2; n < forms[i].len; n++) {
            if ((p[n] & 0xc0) != 0x80) {
                return 0;
            }
        }

        p += forms[i].len;
    }

    return 1;
}


ngx_uint_t
fuzz_same(const ngx_str_t *one, const ngx_str_t *two)
{
    return one->len == two->len
           && ngx_memcmp(one->data, two->data, one->len) == 0;
}
