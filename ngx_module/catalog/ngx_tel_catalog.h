
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_CATALOG_H_INCLUDED_
#define _NGX_TEL_CATALOG_H_INCLUDED_


#include "ngx_tel.h"
#include "ngx_tel_paths.h"


/* Where a statement stands in the configuration; file is NULL if built in. */

typedef struct {
    ngx_str_t   *file;
    ngx_uint_t   line;
} ngx_tel_place_t;


typedef enum {
    NGX_TEL_RETRY_NO = 0,
    NGX_TEL_RETRY_YES,
    NGX_TEL_RETRY_SAFE    /* if the request is repeatable */
} ngx_tel_retry_e;


/* a unified code */

struct ngx_tel_code_s {
    ngx_str_t        name;
    ngx_str_t        category;     /* empty: none */
    ngx_str_t        title;
    ngx_str_t        description;  /* or empty */
    ngx_str_t        slug;         /* kebab-case */
    ngx_uint_t       status;
    ngx_tel_retry_e  retry;
    ngx_uint_t       number;       /* from 0 */
    ngx_tel_place_t  place;
};


typedef struct {
    ngx_str_t            scope;    /* folded; or empty */
    ngx_tel_template_t  *message;  /* or NULL */
    ngx_str_t            field;    /* field=NAME */
    ngx_uint_t           status;   /* NNN, N for Nxx, 0 */
    ngx_uint_t           number;   /* of the message */
} ngx_tel_narrow_t;


/*
 * A row.  The rows of one key (code, class, pattern, absent or status) are
 * linked in the order in which they are tried; where a code has several keys
 * (two classes, two patterns), the row with the lower order comes first.
 */

struct ngx_tel_row_s {
    ngx_tel_row_t     *next;
    ngx_tel_code_t    *code;        /* OK for success */
    ngx_tel_narrow_t  *narrow;      /* NULL: always */
    ngx_str_t          sentence;    /* may hold {names} */
    ngx_str_t         *file;
    uint32_t           line;

    /* there may be 100,000 rows */

    unsigned           order:25;
    unsigned           kind:2;
    unsigned           match:3;
    unsigned           captures:1;  /* sentence has {} */
    unsigned           always:1;    /* sentence=always */
};


typedef struct {
    ngx_str_t       text;  /* folded */
    ngx_tel_row_t  *rows;
} ngx_tel_pattern_t;


/*
 * A row as its catalog writes it, for people: codes and texts are folded where
 * they are looked up.  What it does not ask for is empty.
 */

typedef struct {
    ngx_str_t       code;     /* or a class, a pattern */
    ngx_str_t       scope;
    ngx_str_t       status;   /* 405 or 4xx */
    ngx_str_t       message;
    ngx_tel_row_t  *row;
} ngx_tel_written_t;


/* rows by HTTP status: 400-599, and the classes 4xx and 5xx */

typedef struct {
    ngx_tel_row_t  *exact[200];
    ngx_tel_row_t  *classes[2];
} ngx_tel_statuses_t;


/* a code that is a success for sure, whatever else the answer says */

typedef struct {
    ngx_str_t       key;  /* folded */
    ngx_tel_row_t  *row;
} ngx_tel_sure_t;

#define NGX_TEL_MAX_SURE  4

#define NGX_TEL_MAX_CLASS  32   /* digits and x */


/*
 * Everything that rows say, ready for look-up.  Nearly all good answers say
 * one of few codes: these are compared before anything is folded and hashed.
 */

typedef struct {
    ngx_tel_sure_t
                              sure[NGX_TEL_MAX_SURE];
    ngx_uint_t           nsure;
    ngx_hash_t           exact;      /* folded code: rows */
    ngx_hash_t           classes;    /* "221x": rows */
    ngx_tel_pattern_t   *patterns;   /* by their first row */
    ngx_uint_t           npatterns;
    ngx_tel_row_t       *absent;
    ngx_tel_statuses_t  *statuses;   /* may be NULL */
    ngx_hash_t           aliases;    /* folded: ngx_str_t */
    ngx_hash_t           nocodes;
    ngx_uint_t           nrows;
    ngx_uint_t           nmessages;  /* rows with one */
} ngx_tel_index_t;


/* The value of a folded key, or NULL; also if the hash is empty. */

static ngx_inline void *
ngx_tel_find(ngx_hash_t *hash, ngx_str_t *key)
{
    return hash->buckets ? ngx_hash_find(hash,
                                         ngx_hash_key(key->data, key->len),
                                         key->data, key->len)
                         : NULL;
}


typedef struct {
    ngx_uint_t  field;    /* numbers of paths */
    ngx_int_t   detail;   /* or -1 */
    ngx_int_t   pointer;  /* or -1 */
} ngx_tel_field_path_t;


/* a "text" statement: what an answer that is no JSON says */

typedef struct {
    ngx_tel_regex_t  *regex;
    ngx_str_t         value;  /* code=VALUE, or empty */
    ngx_uint_t        each;   /* match is an element */
    ngx_int_t         paths[NGX_TEL_GROUPS];  /* or -1 */
} ngx_tel_text_t;


/* one provider, all its blocks together */

struct ngx_tel_catalog_s {
    ngx_str_t                  name;
    ngx_uint_t                 number;      /* from 0 */

    /*
     * Whatever gives a code has a number in the order of preference: a path,
     * a header, at last the texts.  These are the paths 0 .. ncodes - 1.
     */

    ngx_tel_paths_t            paths;
    ngx_uint_t                 ncodes;
    ngx_uint_t                 nheaders;    /* of these */
    ngx_array_t                messages;    /* ngx_uint_t */
    ngx_array_t                fields;      /* ..._field_path_t */
    ngx_array_t                texts;       /* ..._text_t */

    ngx_tel_index_t           *index;
    ngx_array_t               *written;     /* ..._written_t, or NULL */

    ngx_http_complex_value_t  *scope;       /* or NULL */
    ngx_uint_t                 repeatable;  /* methods */
    ngx_uint_t                 english;
    ngx_str_t                  challenge;
    ngx_str_t                  allow;

    ngx_tel_place_t            place;       /* of the base */
    ngx_tel_place_t            opened;      /* of the first block */
};


/* the paths by which an envelope of another gateway is read */

enum {
    NGX_TEL_ENVELOPE_CODE = 0,
    NGX_TEL_ENVELOPE_DETAIL,
    NGX_TEL_ENVELOPE_PROVIDER_CODE,
    NGX_TEL_ENVELOPE_PROVIDER_MESSAGE
};


/* the unified codes and what an HTTP status means by itself */

typedef struct {
    ngx_array_t          list;  /* ..._code_t * */
    ngx_hash_t           hash;  /* by lowcase name */
    ngx_tel_statuses_t   statuses;
    ngx_array_t         *written;  /* of statuses, or NULL */
    ngx_tel_paths_t      envelope;

    /* those that the module itself concludes; built in unless configured */

    ngx_tel_code_t      *ok;
    ngx_tel_code_t      *partial_failure;
    ngx_tel_code_t      *provider_unavailable;
    ngx_tel_code_t      *provider_timeout;
    ngx_tel_code_t      *bad_provider_response;
    ngx_tel_code_t      *unknown;
} ngx_tel_codes_t;


/* what the blocks have said, until the http block is complete */

typedef struct ngx_tel_source_s  ngx_tel_source_t;


typedef struct {
    ngx_tel_codes_t    codes;
    ngx_array_t        catalogs;  /* ..._catalog_t * */
    ngx_hash_t         hash;      /* catalogs by name */
    ngx_uint_t         reference; /* rows are kept as written */
    ngx_tel_source_t  *source;    /* NULL when compiled */
} ngx_tel_catalogs_t;


/* 1 if the folded key is a class: "221x", digits, then one x a digit. */

ngx_uint_t ngx_tel_is_class(ngx_str_t *key);

/* NULL if there is none of that name. */

ngx_tel_code_t *ngx_tel_find_code(ngx_tel_codes_t *codes, ngx_str_t *name);
ngx_tel_catalog_t *ngx_tel_find_catalog(ngx_tel_catalogs_t *catalogs,
    ngx_str_t *name);


#endif /* _NGX_TEL_CATALOG_H_INCLUDED_ */
