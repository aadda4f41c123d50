
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_LOAD_H_INCLUDED_
#define _NGX_TEL_LOAD_H_INCLUDED_


/*
 * The catalogs while they are read: statements as written.  Names may be used
 * before they are given, so nothing is resolved until the http block is
 * complete.  All of this lies in a pool that is destroyed then.
 */


#include "ngx_tel_catalog.h"


/* arguments of one statement; nginx itself knows no bound */

#define NGX_TEL_MAX_ARGS  1024


/* Those that may have options come behind the others, rows are the last. */

typedef enum {
    NGX_TEL_SETTING = 0,
    NGX_TEL_INCLUDE,
    NGX_TEL_CATEGORY,
    NGX_TEL_UNIFIED,
    NGX_TEL_ALIAS,
    NGX_TEL_NOCODE,
    NGX_TEL_EXAMPLE,
    NGX_TEL_ROW_SUCCESS,
    NGX_TEL_ROW_NOTICE,
    NGX_TEL_ROW_ERROR,
    NGX_TEL_ROW_ABSENT,
    NGX_TEL_ROW_STATUS
} ngx_tel_statement_e;


/* the options of rows; an example has scope and match */

typedef enum {
    NGX_TEL_OPTION_SCOPE = 0,
    NGX_TEL_OPTION_STATUS,
    NGX_TEL_OPTION_MESSAGE,
    NGX_TEL_OPTION_FIELD,
    NGX_TEL_OPTION_SENTENCE,
    NGX_TEL_OPTION_MATCH,
    NGX_TEL_OPTIONS
} ngx_tel_option_e;


typedef struct ngx_tel_statement_s  ngx_tel_statement_t;


typedef ngx_int_t (*ngx_tel_setting_pt)(ngx_conf_t *cf,
    ngx_tel_source_t *source, ngx_tel_statement_t *st);


/* what is known of a statement by its first word */

typedef struct {
    ngx_str_t             name;
    ngx_tel_statement_e   type;
    ngx_uint_t            codes;  /* of telephony_codes */
    ngx_uint_t            base;   /* names a path */
    size_t                list;   /* where it is kept */
    ngx_tel_setting_pt    set;    /* of a setting */
    ngx_uint_t            min;    /* arguments */
    ngx_uint_t            max;

    /* how many that are no options can not be the next statement's word */

    ngx_uint_t            own;
    char                 *usage;
} ngx_tel_keyword_t;


typedef struct {
    ngx_tel_catalog_t  *catalog;   /* NULL: codes */
    ngx_uint_t          base;      /* no extension */
    ngx_uint_t          replaces;  /* the base elsewhere */
    ngx_uint_t          replaced;  /* by another block */
    ngx_tel_place_t     place;
} ngx_tel_block_t;


struct ngx_tel_statement_s {
    ngx_tel_keyword_t         *kw;
    ngx_tel_block_t           *block;
    ngx_str_t                 *args;
    ngx_uint_t                 nargs;
    ngx_http_complex_value_t  *value;   /* of scope */
    ngx_uint_t                 text;    /* its number */
    ngx_uint_t                 number;  /* as read */
    ngx_tel_place_t            place;
};


struct ngx_tel_source_s {
    ngx_pool_t       *pool;      /* temporary */
    ngx_pool_t       *kept;      /* of the cycle */
    ngx_str_t        *file;      /* the last one */

    ngx_array_t       blocks;    /* ..._block_t * */
    ngx_tel_block_t  *block;     /* being read */
    ngx_uint_t        nstatements;

    /* ..._statement_t, by what reads them */

    ngx_array_t       categories;
    ngx_array_t       codes;
    ngx_array_t       statuses;  /* general rows */
    ngx_array_t       settings;
    ngx_array_t       rows;
    ngx_array_t       examples;

    /* without those of "replaces"; NULL: there are none of these */

    ngx_tel_statuses_t  *shipped;
};


/* The blocks telephony_codes and telephony_catalog. */

char *ngx_tel_codes_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_tel_catalog_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/*
 * Resolves all names, checks and indexes the rows, and runs the examples.
 * NGX_ERROR after a message with file, line and remedy.
 */

ngx_int_t ngx_tel_compile(ngx_conf_t *cf, ngx_tel_catalogs_t *catalogs);

/*
 * Logs "..." in file:line as nginx does for its own directives.  Returns
 * NGX_ERROR.
 */

ngx_int_t ngx_tel_refuse(ngx_conf_t *cf, ngx_tel_place_t *place,
    const char *fmt, ...);

/* The same as a warning, after which nginx goes on. */

void ngx_tel_warn(ngx_conf_t *cf, ngx_tel_place_t *place, const char *fmt, ...);

/*
 * What to do about something given twice: the remedy, or the question whether
 * a file is included twice if both stand in one place.
 */

char *ngx_tel_twice(ngx_tel_place_t *one, ngx_tel_place_t *two, char *remedy);

/*
 * Which option of a statement of that type the argument is, and what stands
 * behind its "="; ..._OPTIONS if it is none.
 */

ngx_uint_t ngx_tel_option(ngx_tel_statement_e type, ngx_str_t *arg,
    ngx_str_t *value);

/* Where the configuration is being read. */

ngx_int_t ngx_tel_here(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_place_t *place);

/* Where the configuration is being read, kept with it.  NGX_OK or NGX_ERROR. */

ngx_int_t ngx_tel_place(ngx_conf_t *cf, ngx_tel_place_t *place);

/* Copies a string, to be kept with the catalogs.  NGX_OK or NGX_ERROR. */

ngx_int_t ngx_tel_keep(ngx_pool_t *pool, ngx_str_t *src, ngx_str_t *dst);

/*
 * Folds a code, a scope or an alias of the configuration into pool.  NGX_OK,
 * NGX_ERROR when out of memory, NGX_DECLINED if it is empty or too long.
 */

ngx_int_t ngx_tel_fold_arg(ngx_pool_t *pool, ngx_str_t *src, ngx_str_t *dst);

/* A status from 100 to 599, the first digit of a class (4xx), or NGX_ERROR. */

ngx_int_t ngx_tel_status_arg(ngx_str_t *word);

/*
 * Makes a hash of the keys; an empty one has no buckets.  NGX_OK or NGX_ERROR.
 */

ngx_int_t ngx_tel_hash(ngx_conf_t *cf, ngx_pool_t *pool, ngx_hash_t *hash,
    ngx_array_t *keys);

/*
 * Reads the unified codes and their status rows.  NGX_OK, or NGX_ERROR after a
 * message.
 */

ngx_int_t ngx_tel_compile_codes(ngx_conf_t *cf, ngx_tel_catalogs_t *catalogs);

/*
 * Reads the rows of a catalog, those of its base alone if base is 1, into an
 * index in pool; catalog NULL: the status rows of telephony_codes.  The
 * statements are sorted by catalog.  NGX_OK or NGX_ERROR after a message.
 */

ngx_int_t ngx_tel_index(ngx_conf_t *cf, ngx_pool_t *pool,
    ngx_tel_catalogs_t *catalogs, ngx_tel_catalog_t *catalog,
    ngx_tel_statement_t *statements, ngx_uint_t n, ngx_uint_t base,
    ngx_tel_index_t *index);

/*
 * Judges the examples of the catalog's base (base is 1) or of its extensions
 * by the index.  NGX_OK, or NGX_ERROR after a message.
 */

ngx_int_t ngx_tel_examples(ngx_conf_t *cf, ngx_tel_catalogs_t *catalogs,
    ngx_tel_catalog_t *catalog, ngx_uint_t base, ngx_tel_index_t *index);

/* Applies the settings (paths, scope) of all blocks.  NGX_OK or NGX_ERROR. */

ngx_int_t ngx_tel_apply_settings(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_uint_t base);

/*
 * The block telephony_envelope: adds a ngx_tel_own_t * to the array at the
 * command's offset.
 */

char *ngx_tel_envelope_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


#endif /* _NGX_TEL_LOAD_H_INCLUDED_ */
