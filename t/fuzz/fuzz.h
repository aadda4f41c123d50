
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _TELEPHONY_FUZZ_H_INCLUDED_
#define _TELEPHONY_FUZZ_H_INCLUDED_


/* What the harnesses share: an nginx that reads a configuration, no more. */


#include "ngx_tel.h"
#include "ngx_tel_catalog.h"
#include "ngx_tel_load.h"


extern ngx_log_t   fuzz_log;

/* the lines logged since the counters were last set to 0 */

extern ngx_uint_t  fuzz_emergencies;
extern ngx_uint_t  fuzz_lines;

/* 1: a log line must be printable ASCII, as it may hold upstream bytes */

extern ngx_uint_t  fuzz_plain_log;


/*
 * Reads text as the inside of the http block and compiles the catalogs in it,
 * into pool.  NULL if it is refused.  Directives of nginx are not known there,
 * but with maps "map" is.
 */

ngx_tel_catalogs_t *fuzz_configure(ngx_pool_t *pool, const u_char *text,
    size_t len, ngx_uint_t maps);

/* The file's bytes, zero terminated, to be freed; its name is below the root. */

u_char *fuzz_read(const char *name, size_t *len);

/* Bytes of their own, so that a byte too far is seen; to be freed. */

u_char *fuzz_copy(const void *data, size_t len);

/* Aborts if a promise is broken; libFuzzer keeps the input then. */

#define fuzz_check(expression, ...)                                           \
    if (!(expression)) {                                                      \
        fuzz_fail(__FILE__, __LINE__, #expression, "" __VA_ARGS__);           \
    }

void fuzz_fail(const char *file, int line, const char *expression,
    const char *fmt, ...);

/*
 * Aborts unless text is one JSON value in valid UTF-8.  *status and code get
 * the top-level members of these names, or 0 and an empty string.
 */

void fuzz_json(const u_char *text, size_t len, ngx_int_t *status,
    char code[128]);

/* 1 if the text is valid UTF-8, found out in another way than the module's. */

ngx_uint_t fuzz_is_utf8(const ngx_str_t *text);

ngx_uint_t fuzz_same(const ngx_str_t *one, const ngx_str_t *two);


/* Of libFuzzer: the first is in fuzz.c, the other one is the harness. */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


#endif /* _TELEPHONY_FUZZ_H_INCLUDED_ */
