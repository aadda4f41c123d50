
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#ifndef _NGX_TEL_CHOICE_H_INCLUDED_
#define _NGX_TEL_CHOICE_H_INCLUDED_


/* The errors that a directive names: by code, by category, or all. */


#include "ngx_tel_load.h"


/* what a choice says of one code */

#define NGX_TEL_CHOSEN  1
#define NGX_TEL_NAMED   2  /* itself, not by its category */
#define NGX_TEL_ANYWAY  4  /* with non_idempotent */


typedef struct {
    ngx_array_t   words;  /* ..._chosen_t */
    u_char       *codes;  /* by number; NULL: not resolved */
    ngx_uint_t    ncodes;
} ngx_tel_choice_t;


/*
 * A slot for CODE|CATEGORY ... | off, of which several lines make one choice;
 * with a post that is not NULL for "all" and "non_idempotent", too.  "off" is
 * NULL.
 */

char *ngx_tel_set_choice(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/*
 * Finds what the words of a choice name, once; choice may be NULL, and so may
 * catalogs.  NGX_OK, or NGX_ERROR after a message about that directive.
 */

ngx_int_t ngx_tel_resolve_choice(ngx_conf_t *cf, ngx_tel_catalogs_t *catalogs,
    ngx_tel_choice_t *choice, char *directive);

/* Where the first word of a choice stands. */

ngx_tel_place_t *ngx_tel_choice_place(ngx_tel_choice_t *choice);

/* What the choice says of the code, 0 if it is not chosen; both may be NULL. */

ngx_uint_t ngx_tel_chosen(ngx_tel_choice_t *choice, ngx_tel_code_t *code);


#endif /* _NGX_TEL_CHOICE_H_INCLUDED_ */
