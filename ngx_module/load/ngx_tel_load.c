
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/*
 * What the blocks have said becomes catalogs, once the http block is complete:
 * codes, settings, rows, and the examples that are judged by them.
 */

#include "ngx_tel_load.h"
#include "ngx_tel_inspect.h"
#include "ngx_tel_template.h"


static void ngx_tel_drop_replaced(ngx_array_t *list);
static ngx_int_t ngx_tel_compile_catalogs(ngx_conf_t *cf,
    ngx_tel_catalogs_t *catalogs);
static ngx_int_t ngx_tel_compile_catalog(ngx_conf_t *cf,
    ngx_tel_catalogs_t *catalogs, ngx_tel_catalog_t *catalog,
    ngx_tel_statement_t *rows, ngx_uint_t n);
static ngx_int_t ngx_tel_index_and_examples(ngx_conf_t *cf,
    ngx_tel_catalogs_t *catalogs, ngx_tel_catalog_t *catalog,
    ngx_tel_statement_t *rows, ngx_uint_t n, ngx_uint_t extended);
static int ngx_libc_cdecl ngx_tel_cmp_statements(const void *one,
    const void *two);


/* What a base says counts for nothing where another has replaced it. */

static void
ngx_tel_drop_replaced(ngx_array_t *list)
{
    ngx_uint_t            i, n;
    ngx_tel_statement_t  *st;

    st = list->elts;

    for (i = 0, n = 0; i < list->nelts; i++) {
        if (!st[i].block->replaced) {
            st[n++] = st[i];
        }
    }

    list->nelts = n;
}


ngx_int_t
ngx_tel_compile(ngx_conf_t *cf, ngx_tel_catalogs_t *catalogs)
{
    ngx_uint_t         failed;
    ngx_pool_t        *temp_pool;
    ngx_tel_source_t  *source;

    source = catalogs->source;

    temp_pool = cf->temp_pool;
    cf->temp_pool = source->pool;

    ngx_tel_drop_replaced(&source->settings);
    ngx_tel_drop_replaced(&source->rows);
    ngx_tel_drop_replaced(&source->examples);

    failed = ngx_tel_compile_codes(cf, catalogs) != NGX_OK
        || ngx_tel_apply_settings(cf, source, 0) != NGX_OK
        || ngx_tel_apply_settings(cf, source, 1) != NGX_OK
        || ngx_tel_compile_catalogs(cf, catalogs) != NGX_OK;

    cf->temp_pool = temp_pool;

    if (failed) {
        return NGX_ERROR;
    }

    catalogs->source = NULL;

    /* what the examples have used, lest the workers inherit it */

    ngx_tel_inspect_done();
    ngx_tel_regex_done();

    return NGX_OK;
}


static ngx_int_t
ngx_tel_compile_catalogs(ngx_conf_t *cf, ngx_tel_catalogs_t *catalogs)
{
    ngx_uint_t             i, n, first, nrows;
    ngx_array_t            keys;
    ngx_hash_key_t        *key;
    ngx_tel_statement_t   *rows;
    ngx_tel_catalog_t    **c;

    c = catalogs->catalogs.elts;
    n = catalogs->catalogs.nelts;

    rows = catalogs->source->rows.elts;
    nrows = catalogs->source->rows.nelts;

    ngx_qsort(rows, nrows, sizeof(ngx_tel_statement_t), ngx_tel_cmp_statements);

    if (ngx_array_init(&keys, cf->temp_pool, n + 1, sizeof(ngx_hash_key_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    first = 0;

    for (i = 0; i < n; i++) {
        key = ngx_array_push(&keys);
        if (key == NULL) {
            return NGX_ERROR;
        }

        key->key = c[i]->name;
        key->key_hash = ngx_hash_key_lc(c[i]->name.data, c[i]->name.len);
        key->value = c[i];

        while (first < nrows && rows[first].block->catalog != c[i]) {
            first++;
        }

        if (ngx_tel_compile_catalog(cf, catalogs, c[i], &rows[first],
                                    nrows - first)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        first = 0;
    }

    return ngx_tel_hash(cf, cf->pool, &catalogs->hash, &keys);
}


static ngx_int_t
ngx_tel_compile_catalog(ngx_conf_t *cf, ngx_tel_catalogs_t *catalogs,
    ngx_tel_catalog_t *catalog, ngx_tel_statement_t *rows, ngx_uint_t n)
{
    ngx_uint_t  i, extended, based;

    extended = 0;
    based = 0;

    for (i = 0; i < n; i++) {

        if (rows[i].block->catalog != catalog) {
            n = i;
            break;
        }

        if (!rows[i].block->base) {
            extended = 1;

        } else if (rows[i].kw->type >= NGX_TEL_ROW_SUCCESS) {
            based = 1;
        }
    }

    if (catalog->place.file == NULL) {
        return ngx_tel_refuse(cf, &catalog->opened,
                      "telephony_catalog \"%V\" extends a provider that has no "
                      "base: include its catalog, or name its paths with "
                      "\"code\" or \"message\"", &catalog->name);
    }

    if (ngx_tel_index_and_examples(cf, catalogs, catalog, rows, n, extended)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!based) {
        return ngx_tel_refuse(cf, &catalog->place,
                    "the base of telephony_catalog \"%V\" has no row: say with "
                    "\"success\", \"notice\", \"error\", \"absent\" or "
                    "\"status\" what its answers mean", &catalog->name);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_tel_index_and_examples(ngx_conf_t *cf, ngx_tel_catalogs_t *catalogs,
    ngx_tel_catalog_t *catalog, ngx_tel_statement_t *rows, ngx_uint_t n,
    ngx_uint_t extended)
{
    ngx_uint_t       examples;
    ngx_tel_index_t  base;

    catalog->index = ngx_pcalloc(cf->pool, sizeof(ngx_tel_index_t));
    if (catalog->index == NULL) {
        return NGX_ERROR;
    }

    /*
     * A master that serves has seen the examples pass in the process that
     * told it to reload.
     */

    examples = (ngx_process != NGX_PROCESS_MASTER);

    if (extended && examples) {

        if (ngx_tel_index(cf, cf->temp_pool, catalogs,
                          catalog, rows, n, 1, &base)
            != NGX_OK
            || ngx_tel_examples(cf, catalogs, catalog, 1, &base)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (ngx_tel_index(cf, cf->pool, catalogs, catalog, rows,
                      n, 0, catalog->index)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!examples) {
        return NGX_OK;
    }

    if (!extended
        && ngx_tel_examples(cf, catalogs, catalog, 1, catalog->index)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_tel_examples(cf, catalogs, catalog, 0, catalog->index);
}


/* by catalog, and within it as they were read */

static int ngx_libc_cdecl
ngx_tel_cmp_statements(const void *one, const void *two)
{
    const ngx_tel_statement_t  *a = one;
    const ngx_tel_statement_t  *b = two;

    if (a->block->catalog->number != b->block->catalog->number) {
        return (a->block->catalog->number < b->block->catalog->number)
               ? -1 : 1;
    }

    return (a->number < b->number) ? -1 : (a->number > b->number);
}
