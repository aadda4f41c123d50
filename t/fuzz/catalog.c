
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/*
 * The grammar of the catalogs.  The input is the inside of the http block,
 * read by nginx's own parser; a few unified codes are there already.
 *
 * - What is refused is refused with a message.
 * - What is taken judges any body without harm.
 */


#include "fuzz.h"
#include "ngx_tel_classify.h"
#include "ngx_tel_text.h"


static ngx_uint_t fuzz_says(const uint8_t *data, size_t size, const char *word);
static void fuzz_use(ngx_pool_t *pool, ngx_tel_catalogs_t *catalogs);


static const char  fuzz_codes[] =
    "telephony_codes {\n"
    "    OK 200 - no Success;\n"
    "    PARTIAL_FAILURE 200 - no \"Partly failed\";\n"
    "    NO_RESULTS 404 NOT_FOUND no \"No results\";\n"
    "    NOT_FOUND 404 NOT_FOUND no \"Resource not found\";\n"
    "    INVALID_PARAMETER 400 INVALID_ARGUMENT no \"Invalid parameter\";\n"
    "    RATE_LIMITED 429 RATE_LIMITED yes \"Too many requests\";\n"
    "    PROVIDER_UNAVAILABLE 503 UNAVAILABLE safe \"Unavailable\";\n"
    "    PROVIDER_TIMEOUT 504 TIMEOUT safe \"Provider timed out\";\n"
    "    UNKNOWN 502 UNKNOWN no \"Unknown\";\n"
    "    status 404 NOT_FOUND;\n"
    "    status 4xx INVALID_PARAMETER;\n"
    "}\n";


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t               len;
    u_char              *text;
    ngx_pool_t          *pool;
    ngx_tel_catalogs_t  *catalogs;

    /* files of this machine would make an input that cannot be repeated */

    if (fuzz_says(data, size, "include") || fuzz_says(data, size, "file=")) {
        return 0;
    }

    len = sizeof(fuzz_codes) - 1;

    text = malloc(len + size);
    ngx_memcpy(text, fuzz_codes, len);
    ngx_memcpy(text + len, data, size);

    pool = ngx_create_pool(4096, &fuzz_log);

    fuzz_emergencies = 0;

    catalogs = fuzz_configure(pool, text, len + size, 0);

    if (catalogs) {
        fuzz_check(fuzz_emergencies == 0);
        fuzz_use(pool, catalogs);

    } else {
        fuzz_check(fuzz_emergencies > 0, "refused without a message");
    }

    ngx_destroy_pool(pool);
    free(text);

    return 0;
}


static ngx_uint_t
fuzz_says(const uint8_t *data, size_t size, const char *word)
{
    return memmem(data, size, word, ngx_strlen(word)) != NULL;
}


static void
fuzz_use(ngx_pool_t *pool, ngx_tel_catalogs_t *catalogs)
{
    size_t               len;
    ngx_uint_t           i, n, s;
    ngx_tel_judge_t      j;
    ngx_tel_verdict_t    v;
    ngx_tel_catalog_t  **c;

    static ngx_uint_t  statuses[] = { 200, 201, 404, 503 };

    static char  *bodies[] = {
        "{\"code\":1,\"status\":\"ok\",\"message\":\"it failed: no\"}",
        "{\"code\":2210,\"error\":{\"code\":\"bad\",\"message\":\"x y\"}}",
        "{\"items\":[{\"code\":1},{\"code\":2,\"text\":\"no x\"}],\"a\":{}}",
        "[{\"a\":\"b\"},[[1]],\"\\u0000\"]",
        "{}",
        "1",
        ""
    };

    c = catalogs->catalogs.elts;

    for (i = 0; i < catalogs->catalogs.nelts && i < 8; i++) {

        fuzz_check(ngx_tel_find_catalog(catalogs, &c[i]->name) == c[i]);

        for (n = 0; n < sizeof(bodies) / sizeof(bodies[0]); n++) {

            for (s = 0; s < 4; s++) {
                ngx_memzero(&j, sizeof(ngx_tel_judge_t));

                j.catalog = c[i];
                j.index = c[i]->index;
                j.codes = &catalogs->codes;
                j.status = statuses[s];
                ngx_str_set(&j.scope, "a");
                j.pool = pool;
                j.log = &fuzz_log;

                len = ngx_strlen(bodies[n]);

                fuzz_check(ngx_tel_judge(&j, (u_char *) bodies[n], len,
                                         NGX_TEL_COMPLETE, &v)
                           == NGX_OK);

                if (v.kind == NGX_TEL_ERROR) {
                    fuzz_check(v.code != NULL && v.status >= 400);
                }
            }
        }
    }
}
