
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/* The errors that a directive names: by code, by category, or all. */


#include "ngx_tel_choice.h"


typedef struct {
    ngx_str_t        name;
    ngx_uint_t       flags;
    ngx_tel_place_t  place;
} ngx_tel_chosen_t;


static char *ngx_tel_add_choice(ngx_conf_t *cf, ngx_command_t *cmd,
    ngx_tel_choice_t *choice);
static char *ngx_tel_add_word(ngx_conf_t *cf, ngx_command_t *cmd,
    ngx_tel_choice_t *choice, ngx_str_t *word, ngx_uint_t flags);
static ngx_uint_t ngx_tel_is(ngx_str_t *word, char *name);
static ngx_int_t ngx_tel_resolve_word(ngx_conf_t *cf,
    ngx_tel_catalogs_t *catalogs, ngx_tel_choice_t *choice,
    ngx_tel_chosen_t *word, char *directive);


char *
ngx_tel_set_choice(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    ngx_str_t          *value;
    ngx_tel_choice_t  **slot, *choice;

    slot = (ngx_tel_choice_t **) (p + cmd->offset);
    choice = *slot;
    value = cf->args->elts;

    if (ngx_tel_is(&value[1], "off") && cf->args->nelts == 2
        && choice == NGX_CONF_UNSET_PTR)
    {
        *slot = NULL;
        return NGX_CONF_OK;
    }

    if (choice == NULL) {
        return "says \"off\" here already: take one of both away";
    }

    if (choice == NGX_CONF_UNSET_PTR) {

        choice = ngx_pcalloc(cf->pool, sizeof(ngx_tel_choice_t));
        if (choice == NULL) {
            return NGX_CONF_ERROR;
        }

        if (ngx_array_init(&choice->words, cf->pool, 4,
                           sizeof(ngx_tel_chosen_t))
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }

        *slot = choice;
    }

    return ngx_tel_add_choice(cf, cmd, choice);
}


static char *
ngx_tel_add_choice(ngx_conf_t *cf, ngx_command_t *cmd, ngx_tel_choice_t *choice)
{
    char        *rv;
    ngx_str_t   *value;
    ngx_uint_t   i, flags, names;

    value = cf->args->elts;
    names = cf->args->nelts - 1;
    flags = NGX_TEL_CHOSEN;

    for (i = 1; cmd->post && i < cf->args->nelts; i++) {
        if (ngx_tel_is(&value[i], "non_idempotent")) {
            flags |= NGX_TEL_ANYWAY;
            names--;
        }
    }

    if (names == 0) {
        return "names no code: which errors are meant?";
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (cmd->post && ngx_tel_is(&value[i], "non_idempotent")) {
            continue;
        }

        rv = ngx_tel_add_word(cf, cmd, choice, &value[i], flags);

        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_tel_add_word(ngx_conf_t *cf, ngx_command_t *cmd, ngx_tel_choice_t *choice,
    ngx_str_t *word, ngx_uint_t flags)
{
    ngx_uint_t         i;
    ngx_tel_chosen_t  *chosen;

    if (word->len == 0) {
        return "has an empty name: take it away, or name a code";
    }

    if (ngx_tel_is(word, "off")) {
        return "has \"off\" beside other names: it stands alone";
    }

    if (ngx_tel_is(word, "all") && cmd->post == NULL) {
        return "takes no \"all\": name the codes that speak of the server, "
               "such as PROVIDER_UNAVAILABLE";
    }

    chosen = choice->words.elts;

    for (i = 0; i < choice->words.nelts; i++) {

        if (ngx_tel_is(&chosen[i].name, "all") || ngx_tel_is(word, "all")) {
            return "has \"all\" beside other names: take one of both away";
        }

        if (chosen[i].name.len == word->len
            && ngx_strcmp(chosen[i].name.data, word->data) == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"%V\" is named twice in \"%V\" here",
                               word, &cmd->name);
            return NGX_CONF_ERROR;
        }
    }

    chosen = ngx_array_push(&choice->words);

    if (chosen == NULL || ngx_tel_place(cf, &chosen->place) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    chosen->name = *word;
    chosen->flags = flags;

    return NGX_CONF_OK;
}


static ngx_uint_t
ngx_tel_is(ngx_str_t *word, char *name)
{
    return ngx_strcmp(word->data, name) == 0;
}


ngx_int_t
ngx_tel_resolve_choice(ngx_conf_t *cf, ngx_tel_catalogs_t *catalogs,
    ngx_tel_choice_t *choice, char *directive)
{
    ngx_uint_t         i;
    ngx_tel_chosen_t  *word;

    if (choice == NULL || choice->codes) {
        return NGX_OK;
    }

    word = choice->words.elts;

    if (catalogs == NULL) {
        return ngx_tel_refuse(cf, &word->place,
                              "\"%s\" without any telephony_codes: include the "
                              "catalogs in the http block", directive);
    }

    choice->ncodes = catalogs->codes.list.nelts;

    choice->codes = ngx_pcalloc(cf->pool, choice->ncodes);
    if (choice->codes == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < choice->words.nelts; i++) {
        if (ngx_tel_resolve_word(cf, catalogs, choice, &word[i], directive)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* What is the name of a code and of its category is that code alone. */

static ngx_int_t
ngx_tel_resolve_word(ngx_conf_t *cf, ngx_tel_catalogs_t *catalogs,
    ngx_tel_choice_t *choice, ngx_tel_chosen_t *word, char *directive)
{
    ngx_uint_t        i, all, some;
    ngx_tel_code_t   *code, **list;

    code = ngx_tel_find_code(&catalogs->codes, &word->name);

    if (code && code != catalogs->codes.ok) {
        choice->codes[code->number] |= word->flags | NGX_TEL_NAMED;
        return NGX_OK;
    }

    all = ngx_tel_is(&word->name, "all");
    some = 0;
    list = catalogs->codes.list.elts;

    for (i = 0; code == NULL && i < catalogs->codes.list.nelts; i++) {

        if (all
            || (list[i]->category.len == word->name.len
                && ngx_strncmp(list[i]->category.data, word->name.data,
                               word->name.len)
                   == 0))
        {
            choice->codes[list[i]->number] |= word->flags;
            some = 1;
        }
    }

    if (some) {
        return NGX_OK;
    }

    return ngx_tel_refuse(cf, &word->place,
                          "\"%V\" in \"%s\" is no unified code of an error and "
                          "no category: correct the name, or add it to "
                          "telephony_codes", &word->name, directive);
}


ngx_tel_place_t *
ngx_tel_choice_place(ngx_tel_choice_t *choice)
{
    ngx_tel_chosen_t  *word;

    word = choice->words.elts;

    return &word->place;
}


ngx_uint_t
ngx_tel_chosen(ngx_tel_choice_t *choice, ngx_tel_code_t *code)
{
    if (choice == NULL || code == NULL || code->number >= choice->ncodes) {
        return 0;
    }

    return choice->codes[code->number];
}
