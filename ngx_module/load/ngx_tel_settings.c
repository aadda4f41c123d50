
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_settings.h"
#include "ngx_tel_text.h"


static ngx_int_t ngx_tel_code_header(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st, ngx_str_t *arg);
static ngx_int_t ngx_tel_code_source(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st, ngx_str_t *arg, ngx_tel_path_e kind);
static ngx_int_t ngx_tel_code_inside(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st);
static ngx_tel_regex_t *ngx_tel_regex_arg(ngx_conf_t *cf,
    ngx_tel_source_t *source, ngx_tel_statement_t *st, ngx_uint_t n,
    ngx_uint_t groups);
static ngx_int_t ngx_tel_text_args(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st, ngx_tel_text_t *text, ngx_tel_path_t *path);
static ngx_uint_t ngx_tel_matches_nothing(ngx_conf_t *cf,
    ngx_tel_regex_t *regex);
static ngx_int_t ngx_tel_text_groups(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st);
static ngx_uint_t ngx_tel_beside(ngx_tel_path_t *field, ngx_tel_path_t *path);
static ngx_int_t ngx_tel_header_value(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st, ngx_str_t *dst);
static ngx_int_t ngx_tel_path_arg(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st, ngx_str_t *arg, ngx_tel_path_e kind,
    ngx_uint_t *number);
static ngx_uint_t ngx_tel_has_comma(ngx_str_t *arg);
static u_char ngx_tel_plain_letter(u_char ch);
static ngx_uint_t ngx_tel_pass(ngx_tel_keyword_t *kw);
static ngx_int_t ngx_tel_check_once(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_uint_t n);


static struct {
    ngx_str_t    name;
    ngx_uint_t   method;
} ngx_tel_methods[] = {
    { ngx_string("GET"), NGX_HTTP_GET },
    { ngx_string("HEAD"), NGX_HTTP_HEAD },
    { ngx_string("POST"), NGX_HTTP_POST },
    { ngx_string("PUT"), NGX_HTTP_PUT },
    { ngx_string("DELETE"), NGX_HTTP_DELETE },
    { ngx_string("OPTIONS"), NGX_HTTP_OPTIONS },
    { ngx_string("PATCH"), NGX_HTTP_PATCH },
    { ngx_string("TRACE"), NGX_HTTP_TRACE },
    { ngx_null_string, 0 }
};


static ngx_int_t
ngx_tel_path_arg(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st, ngx_str_t *arg, ngx_tel_path_e kind,
    ngx_uint_t *number)
{
    char       *err;
    ngx_str_t   path;

    if (arg->len && (arg->data[0] == '$' || arg->data[0] == '/')) {
        (void) ngx_tel_refuse(cf, &st->place,
                    "path \"%V\" begins with \"%c\": a path is names and dots, "
                    "as in \"error.code\", or \"errors[].code\" for every "
                    "element of a list; a name that begins so is written "
                    "\"\\%V\"", arg, arg->data[0], arg);
        return NGX_ERROR;
    }

    if (ngx_strncasecmp(arg->data, (u_char *) "header:", 7) == 0) {
        (void) ngx_tel_refuse(cf, &st->place,
                    "path \"%V\" is no header: \"code header:NAME ...;\" reads "
                    "one, in small letters and for codes alone; a path that "
                    "begins so is written \"\\%V\"", arg, arg);
        return NGX_ERROR;
    }

    if (ngx_tel_has_comma(arg)) {
        (void) ngx_tel_refuse(cf, &st->place,
                    "path \"%V\" has a comma: paths are separated by spaces; "
                    "\"\\,\" is the character", arg);
        return NGX_ERROR;
    }

    if (ngx_tel_keep(source->kept, arg, &path) != NGX_OK) {
        return NGX_ERROR;
    }

    if (path.len) {
        path.data[0] = ngx_tel_plain_letter(path.data[0]);
    }

    err = ngx_tel_add_path(source->kept, &st->block->catalog->paths, &path,
                           kind, number);
    if (err) {
        return ngx_tel_refuse(cf, &st->place, "path \"%V\" %s", arg, err);
    }

    return NGX_OK;
}


/* As in codes, a comma beside a blank is meant. */

static ngx_uint_t
ngx_tel_has_comma(ngx_str_t *arg)
{
    size_t      i;
    ngx_uint_t  comma;

    comma = 0;

    for (i = 0; i < arg->len; i++) {

        if (arg->data[i] == ' ') {
            return 0;
        }

        if (arg->data[i] == '\\') {
            i++;
            continue;
        }

        comma |= (arg->data[i] == ',');
    }

    return comma;
}


/*
 * A backslash makes the first letter of a path plain.  nginx reads some of
 * these pairs as a control character, with which no name begins.
 */

static u_char
ngx_tel_plain_letter(u_char ch)
{
    switch (ch) {

    case '\t':
        return 't';

    case CR:
        return 'r';

    case LF:
        return 'n';

    default:
        return ch;
    }
}


ngx_int_t
ngx_tel_set_code(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st)
{
    ngx_int_t           rc;
    ngx_uint_t          i, n, first, fallback;
    ngx_tel_path_t     *path;
    ngx_tel_catalog_t  *catalog;

    for (i = 1; i < st->nargs; i++) {

        if (ngx_tel_is_regex(&st->args[i])) {
            return ngx_tel_code_inside(cf, source, st);
        }
    }

    catalog = st->block->catalog;
    first = catalog->ncodes;
    n = st->nargs;

    fallback = (n > 2 && ngx_strcmp(st->args[n - 1].data, "fallback") == 0);

    n -= fallback;

    if (fallback && n == 2) {
        return ngx_tel_refuse(cf, &st->place,
                              "\"fallback\" behind one path, where there is "
                              "none to fall back to; a path of that name is "
                              "written \"\\fallback\"");
    }

    for (i = 1; i < n; i++) {

        rc = (ngx_strncmp(st->args[i].data, "header:", 7) == 0)
             ? ngx_tel_code_header(cf, source, st, &st->args[i])
             : ngx_tel_code_source(cf, source, st, &st->args[i],
                                   NGX_TEL_PATH_VALUE);

        if (rc != NGX_OK) {
            return NGX_ERROR;
        }
    }

    path = catalog->paths.paths.elts;

    for (i = first; i < catalog->ncodes; i++) {
        path[i].fallback = fallback;
    }

    return NGX_OK;
}


/* header:NAME */

static ngx_int_t
ngx_tel_code_header(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st, ngx_str_t *arg)
{
    u_char             *name, c;
    size_t              j, len;
    ngx_uint_t          i;
    ngx_tel_path_t      path, *paths;
    ngx_tel_catalog_t  *catalog;

    catalog = st->block->catalog;

    ngx_memzero(&path, sizeof(ngx_tel_path_t));
    path.kind = NGX_TEL_PATH_HEADER;

    name = arg->data + 7;
    len = arg->len - 7;

    for (j = 0; j < len; j++) {
        c = ngx_tolower(name[j]);

        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-'
            && c != '_')
        {
            break;
        }
    }

    if (j < len || len == 0) {
        return ngx_tel_refuse(cf, &st->place,
                      "\"%V\" names no header: letters, digits, \"-\" and "
                      "\"_\" are expected, as in \"header:x-error-code\"; a "
                      "path that begins so is written \"\\%V\"", arg, arg);
    }

    if (ngx_tel_keep(source->kept, arg, &path.text) != NGX_OK) {
        return NGX_ERROR;
    }

    name = path.text.data + 7;
    ngx_strlow(name, name, len);

    path.value.data = name;
    path.value.len = len;

    paths = catalog->paths.paths.elts;

    for (i = 0; i < catalog->ncodes; i++) {

        if (paths[i].kind == NGX_TEL_PATH_HEADER && paths[i].value.len == len
            && ngx_strncmp(paths[i].value.data, name, len) == 0)
        {
            return ngx_tel_refuse(cf, &st->place, "\"%V\" is given twice", arg);
        }
    }

    catalog->ncodes++;
    catalog->nheaders++;

    return ngx_tel_add_source(&catalog->paths, &path, &i);
}


ngx_int_t
ngx_tel_set_present(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st)
{
    ngx_str_t         value, folded;
    ngx_tel_path_t   *path;
    ngx_tel_paths_t  *paths;

    value = st->args[2];

    if (value.len <= 5 || ngx_strncmp(value.data, "code=", 5) != 0) {
        return ngx_tel_refuse(cf, &st->place,
                        "\"%V\" where a code is expected: name the one that "
                        "something at \"%V\" stands for, as in \"present %V "
                        "code=REJECTED;\"", &value, &st->args[1], &st->args[1]);
    }

    value.data += 5;
    value.len -= 5;

    if (ngx_tel_fold_arg(source->pool, &value, &folded) != NGX_OK) {
        return ngx_tel_refuse(cf, &st->place,
                              "\"%V\" must name a code of 1 to 256 bytes",
                              &st->args[2]);
    }

    if (ngx_tel_code_source(cf, source, st, &st->args[1], NGX_TEL_PATH_PRESENT)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    paths = &st->block->catalog->paths;
    path = paths->paths.elts;

    return ngx_tel_keep(source->kept, &value,
                        &path[paths->paths.nelts - 1].value);
}


/* Adds one more place to look for a code, behind those before it. */

static ngx_int_t
ngx_tel_code_source(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st, ngx_str_t *arg, ngx_tel_path_e kind)
{
    ngx_uint_t          number;
    ngx_tel_path_t     *path;
    ngx_tel_catalog_t  *catalog;

    catalog = st->block->catalog;

    if (ngx_tel_path_arg(cf, source, st, arg, kind, &number) != NGX_OK) {
        return NGX_ERROR;
    }

    if (number != catalog->ncodes) {
        return ngx_tel_refuse(cf, &st->place, "path \"%V\" is given twice",
                              arg);
    }

    path = catalog->paths.paths.elts;

    if (path[number].lists > 1) {
        return ngx_tel_refuse(cf, &st->place,
                              "path \"%V\" has more than one [] or *; a code "
                              "path may have one", arg);
    }

    catalog->ncodes++;

    return NGX_OK;
}


/* code PATH ~ "...(?<code>...)"; */

static ngx_int_t
ngx_tel_code_inside(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st)
{
    ngx_tel_path_t     *path;
    ngx_tel_regex_t    *regex;
    ngx_tel_catalog_t  *catalog;

    catalog = st->block->catalog;

    if (st->nargs != 4 || !ngx_tel_is_regex(&st->args[2])) {
        return ngx_tel_refuse(cf, &st->place,
                     "\"~\" stands between one path and its pattern: code path "
                     "~ \"(?<code>...)\"; other paths have a \"code\" of their "
                     "own");
    }

    regex = ngx_tel_regex_arg(cf, source, st, 3, 1 << NGX_TEL_GROUP_CODE);
    if (regex == NULL) {
        return NGX_ERROR;
    }

    if (!ngx_tel_regex_has(regex, NGX_TEL_GROUP_CODE)) {
        return ngx_tel_refuse(cf, &st->place,
                          "pattern \"%V\" has no group \"code\": put "
                          "(?<code> ) around what is the code", &st->args[3]);
    }

    if (ngx_tel_code_source(cf, source, st, &st->args[1], NGX_TEL_PATH_INSIDE)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    path = catalog->paths.paths.elts;
    path = &path[catalog->ncodes - 1];

    path->regex = regex;

    return ngx_tel_keep(source->kept, &st->args[3], &path->pattern);
}


ngx_int_t
ngx_tel_is_regex(ngx_str_t *arg)
{
    if (arg->len == 0 || arg->len > 2 || arg->data[0] != '~') {
        return 0;
    }

    return (arg->len == 1) ? 1 : (arg->data[1] == '*') ? 2 : 0;
}


/* Argument n, a pattern, with "~" before it.  NULL after a message. */

static ngx_tel_regex_t *
ngx_tel_regex_arg(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st, ngx_uint_t n, ngx_uint_t groups)
{
    ngx_str_t         err;
    ngx_tel_regex_t  *regex;

    regex = ngx_tel_regex(source->kept, &st->args[n],
                          ngx_tel_is_regex(&st->args[n - 1]) == 2, groups,
                          &err);

    if (regex == NULL && err.len) {
        (void) ngx_tel_refuse(cf, &st->place, "bad pattern \"%V\": %V",
                              &st->args[n], &err);
    }

    return regex;
}


/* Texts come behind all paths: their codes have the last numbers of codes. */

ngx_int_t
ngx_tel_set_text(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st)
{
    ngx_uint_t          i, number;
    ngx_tel_text_t     *text;
    ngx_tel_path_t      path;
    ngx_tel_catalog_t  *catalog;

    catalog = st->block->catalog;

    text = ngx_array_push(&catalog->texts);
    if (text == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(text, sizeof(ngx_tel_text_t));
    ngx_memzero(&path, sizeof(ngx_tel_path_t));

    for (i = 0; i < NGX_TEL_GROUPS; i++) {
        text->paths[i] = -1;
    }

    path.kind = NGX_TEL_PATH_TEXT;

    if (ngx_tel_text_args(cf, source, st, text, &path) != NGX_OK) {
        return NGX_ERROR;
    }

    if (text->each) {

        /* the matches are the items of a list of their own */

        path.lists = 1;
        path.first = catalog->paths.nnodes++;
        path.last = path.first;
        path.least = catalog->ncodes;
    }

    if (ngx_tel_add_source(&catalog->paths, &path, &number) != NGX_OK) {
        return NGX_ERROR;
    }

    text->paths[NGX_TEL_GROUP_CODE] = number;
    catalog->ncodes++;

    st->text = catalog->texts.nelts - 1;

    return NGX_OK;
}


static ngx_int_t
ngx_tel_text_args(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st, ngx_tel_text_t *text, ngx_tel_path_t *path)
{
    ngx_str_t   value;
    ngx_uint_t  n;

    text->each = (ngx_strcmp(st->args[1].data, "each") == 0);

    n = 1 + text->each;

    if (!ngx_tel_is_regex(&st->args[n]) || st->nargs < n + 2
        || st->nargs > n + 3)
    {
        return ngx_tel_refuse(cf, &st->place, "expected: %s", st->kw->usage);
    }

    if (st->nargs == n + 3) {
        value = st->args[n + 2];

        if (value.len <= 5 || ngx_strncmp(value.data, "code=", 5) != 0) {
            return ngx_tel_refuse(cf, &st->place,
                                  "unexpected \"%V\", expected: %s",
                                  &value, st->kw->usage);
        }

        value.data += 5;
        value.len -= 5;

        if (ngx_tel_keep(source->kept, &value, &text->value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    text->regex = ngx_tel_regex_arg(cf, source, st, n + 1,
                                    (1 << NGX_TEL_GROUPS) - 1);
    if (text->regex == NULL) {
        return NGX_ERROR;
    }

    if (ngx_tel_regex_has(text->regex, NGX_TEL_GROUP_CODE)
        == (text->value.len != 0))
    {
        return ngx_tel_refuse(cf, &st->place,
                       text->value.len
                       ? "pattern \"%V\" has a group \"code\" and \"code=\"; "
                         "it takes one of them"
                       : "pattern \"%V\" has no group \"code\": put (?<code> ) "
                         "around what is the code, or name one with \"code=\"",
                       &st->args[n + 1]);
    }

    if (text->each && ngx_tel_matches_nothing(cf, text->regex)) {
        return ngx_tel_refuse(cf, &st->place,
                       "pattern \"%V\" of \"text each\" matches an empty text, "
                       "and what is between two results would be a good one: "
                       "let it ask for something", &st->args[n + 1]);
    }

    ngx_str_set(&path->text, "text");

    return ngx_tel_keep(source->kept, &st->args[n + 1], &path->pattern);
}


static ngx_uint_t
ngx_tel_matches_nothing(ngx_conf_t *cf, ngx_tel_regex_t *regex)
{
    size_t     start;
    ngx_str_t  nothing, groups[NGX_TEL_GROUPS];

    ngx_str_set(&nothing, "");
    start = 0;

    ngx_tel_regex_subject(&nothing, 0);

    return ngx_tel_regex_exec(regex, &start, groups, cf->log) == NGX_OK;
}


/* What else the groups of a text are: as if paths had been named for them. */

static ngx_int_t
ngx_tel_text_groups(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st)
{
    ngx_uint_t             i, number, *message;
    ngx_tel_text_t        *text;
    ngx_tel_path_t         path, *paths;
    ngx_tel_catalog_t     *catalog;
    ngx_tel_field_path_t  *field;

    catalog = st->block->catalog;

    text = catalog->texts.elts;
    text = &text[st->text];

    paths = catalog->paths.paths.elts;
    path = paths[text->paths[NGX_TEL_GROUP_CODE]];

    for (i = NGX_TEL_GROUP_MESSAGE; i < NGX_TEL_GROUPS; i++) {

        if (!ngx_tel_regex_has(text->regex, i)) {
            continue;
        }

        if (ngx_tel_add_source(&catalog->paths, &path, &number) != NGX_OK) {
            return NGX_ERROR;
        }

        text->paths[i] = number;
    }

    if (text->paths[NGX_TEL_GROUP_MESSAGE] >= 0) {

        message = ngx_array_push(&catalog->messages);
        if (message == NULL) {
            return NGX_ERROR;
        }

        *message = text->paths[NGX_TEL_GROUP_MESSAGE];
    }

    if (text->paths[NGX_TEL_GROUP_FIELD] < 0) {

        return (text->paths[NGX_TEL_GROUP_DETAIL] < 0)
               ? NGX_OK
               : ngx_tel_refuse(cf, &st->place,
                       "pattern \"%V\" has a group \"detail\" and no \"field\" "
                       "that it could tell of", &path.pattern);
    }

    field = ngx_array_push(&catalog->fields);
    if (field == NULL) {
        return NGX_ERROR;
    }

    field->field = text->paths[NGX_TEL_GROUP_FIELD];
    field->detail = text->paths[NGX_TEL_GROUP_DETAIL];
    field->pointer = -1;

    return NGX_OK;
}


ngx_int_t
ngx_tel_set_message(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st)
{
    ngx_uint_t    i, j, *number;
    ngx_array_t  *messages;

    messages = &st->block->catalog->messages;

    for (i = 1; i < st->nargs; i++) {
        number = ngx_array_push(messages);

        if (number == NULL
            || ngx_tel_path_arg(cf, source, st, &st->args[i],
                                NGX_TEL_PATH_VALUE, number)
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        for (j = 0; j < messages->nelts - 1; j++) {
            if (((ngx_uint_t *) messages->elts)[j] == *number) {
                return ngx_tel_refuse(cf, &st->place,
                                    "path \"%V\" is given twice", &st->args[i]);
            }
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_tel_set_field(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st)
{
    size_t                 skip;
    ngx_str_t              arg;
    ngx_int_t             *dst;
    ngx_uint_t             i, number;
    ngx_tel_path_t        *path;
    ngx_tel_field_path_t  *field;

    field = ngx_array_push(&st->block->catalog->fields);
    if (field == NULL) {
        return NGX_ERROR;
    }

    field->detail = -1;
    field->pointer = -1;

    for (i = 1; i < st->nargs; i++) {
        arg = st->args[i];
        dst = NULL;
        skip = 0;

        if (i > 1 && ngx_strncmp(arg.data, "detail=", 7) == 0) {
            dst = &field->detail;
            skip = 7;

        } else if (i > 1 && ngx_strncmp(arg.data, "pointer=", 8) == 0) {
            dst = &field->pointer;
            skip = 8;

        } else if (i > 1) {
            return ngx_tel_refuse(cf, &st->place,
                                "unknown argument \"%V\", expected: field path "
                                "[detail=path] [pointer=path];", &arg);
        }

        arg.data += skip;
        arg.len -= skip;

        if (ngx_tel_path_arg(cf, source, st, &arg,
                             dst ? NGX_TEL_PATH_VALUE : NGX_TEL_PATH_NAME,
                             &number)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (dst == NULL) {
            field->field = number;
            continue;
        }

        if (*dst >= 0) {
            return ngx_tel_refuse(cf, &st->place,
                                  "\"%V\" is given twice", &st->args[i]);
        }

        *dst = number;
        path = st->block->catalog->paths.paths.elts;

        if (!ngx_tel_beside(&path[field->field], &path[number])) {
            return ngx_tel_refuse(cf, &st->place,
                              "path \"%V\" does not stand in the same list as "
                              "\"%V\"", &arg, &st->args[1]);
        }
    }

    return NGX_OK;
}


/*
 * 1 if the path can be joined to the field: it stands in the same element, or
 * anywhere in the member of that name.
 */

static ngx_uint_t
ngx_tel_beside(ngx_tel_path_t *field, ngx_tel_path_t *path)
{
    if (field->kind == NGX_TEL_PATH_NAME) {
        return ngx_tel_path_through(path, field->last);
    }

    return path->lists == field->lists && path->last == field->last;
}


ngx_int_t
ngx_tel_compile_scope(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st)
{
    ngx_int_t                          rc;
    ngx_str_t                          value;
    ngx_pool_t                        *pool;
    ngx_http_complex_value_t          *cv;
    ngx_http_compile_complex_value_t   ccv;

    cv = ngx_palloc(source->kept, sizeof(ngx_http_complex_value_t));

    if (cv == NULL
        || ngx_tel_keep(source->kept, &st->args[1], &value)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    pool = cf->pool;
    cf->pool = source->kept;

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value;
    ccv.complex_value = cv;

    rc = ngx_http_compile_complex_value(&ccv);

    cf->pool = pool;

    st->value = cv;

    return rc;
}


ngx_int_t
ngx_tel_set_scope(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st)
{
    st->block->catalog->scope = st->value;

    return NGX_OK;
}


ngx_int_t
ngx_tel_set_repeatable(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st)
{
    ngx_uint_t  i, n, methods;

    methods = 0;

    if (st->nargs == 2 && ngx_strcmp(st->args[1].data, "never") == 0) {
        st->block->catalog->repeatable = 0;
        return NGX_OK;
    }

    for (i = 1; i < st->nargs; i++) {

        for (n = 0; ngx_tel_methods[n].name.len; n++) {
            if (ngx_strcmp(ngx_tel_methods[n].name.data, st->args[i].data) == 0)
            {
                break;
            }
        }

        if (ngx_tel_methods[n].method == 0) {
            return ngx_tel_refuse(cf, &st->place,
                         "unknown method \"%V\"; write \"never\" or methods in "
                         "capital letters, as in \"repeatable GET HEAD;\"",
                         &st->args[i]);
        }

        methods |= ngx_tel_methods[n].method;
    }

    st->block->catalog->repeatable = methods;

    return NGX_OK;
}


ngx_int_t
ngx_tel_set_language(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st)
{
    size_t      n;
    ngx_str_t  *tag;

    tag = &st->args[1];

    for (n = 0; n < tag->len && tag->data[n] != '-'; n++) { /* void */ }

    if (n < 2 || n > 3) {
        return ngx_tel_refuse(cf, &st->place,
                            "\"%V\" is no language tag: use one like \"en\" or "
                            "\"pt-BR\"", tag);
    }

    /* RFC 5646: the primary tag decides */

    st->block->catalog->english =
         (n == 2 && ngx_strncasecmp(tag->data, (u_char *) "en", 2) == 0);

    return NGX_OK;
}


ngx_int_t
ngx_tel_set_challenge(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st)
{
    return ngx_tel_header_value(cf, source, st, &st->block->catalog->challenge);
}


ngx_int_t
ngx_tel_set_allow(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st)
{
    size_t       j;
    ngx_str_t   *arg;
    ngx_uint_t   i;

    for (i = 1; i < st->nargs; i++) {
        arg = &st->args[i];

        for (j = 0; j < arg->len; j++) {
            if ((arg->data[j] < 'A' || arg->data[j] > 'Z')
                && arg->data[j] != '-')
            {
                return ngx_tel_refuse(cf, &st->place,
                              "unknown method \"%V\"; write methods in capital "
                              "letters, as in \"allow GET POST;\"", arg);
            }
        }
    }

    return ngx_tel_header_value(cf, source, st, &st->block->catalog->allow);
}


/* The value of a header, made of all arguments. */

static ngx_int_t
ngx_tel_header_value(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_tel_statement_t *st, ngx_str_t *dst)
{
    u_char      *p;
    size_t       j, len;
    ngx_uint_t   i;

    len = 0;

    for (i = 1; i < st->nargs; i++) {
        len += st->args[i].len + 2;

        for (j = 0; j < st->args[i].len; j++) {
            if (st->args[i].data[j] < 0x20 || st->args[i].data[j] >= 0x7f) {
                return ngx_tel_refuse(cf, &st->place,
                              "\"%V\" has a character that a header value must "
                              "not have", &st->args[0]);
            }
        }
    }

    p = ngx_pnalloc(source->kept, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    dst->data = p;

    for (i = 1; i < st->nargs; i++) {

        if (i > 1) {
            *p++ = ',';
            *p++ = ' ';
        }

        p = ngx_cpymem(p, st->args[i].data, st->args[i].len);
    }

    dst->len = p - dst->data;

    return NGX_OK;
}


/*
 * Code paths come first of all paths, those of texts behind the others; what an
 * extension says of retries, language and headers replaces what its base says.
 */

ngx_int_t
ngx_tel_apply_settings(ngx_conf_t *cf, ngx_tel_source_t *source,
    ngx_uint_t extension)
{
    ngx_uint_t            i, pass;
    ngx_tel_keyword_t    *kw;
    ngx_tel_statement_t  *st;

    st = source->settings.elts;

    for (pass = 0; pass < 4; pass++) {

        for (i = 0; i < source->settings.nelts; i++) {

            if (st[i].block->base == extension) {
                continue;
            }

            kw = st[i].kw;

            if (pass == 3 && kw->set == ngx_tel_set_text) {

                if (ngx_tel_text_groups(cf, source, &st[i]) != NGX_OK) {
                    return NGX_ERROR;
                }

                continue;
            }

            if (ngx_tel_pass(kw) != pass) {
                continue;
            }

            if ((!kw->base
                 && ngx_tel_check_once(cf, source, i)
                    != NGX_OK)
                || kw->set(cf, source, &st[i]) != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


/* In which order settings are read, whatever that of their lines. */

static ngx_uint_t
ngx_tel_pass(ngx_tel_keyword_t *kw)
{
    if (kw->set == ngx_tel_set_code || kw->set == ngx_tel_set_present) {
        return 0;
    }

    return (kw->set == ngx_tel_set_text) ? 1 : 2;
}


/*
 * A setting is given once by the base and once by the extensions: the order of
 * files must not decide.
 */

static ngx_int_t
ngx_tel_check_once(ngx_conf_t *cf, ngx_tel_source_t *source, ngx_uint_t n)
{
    ngx_uint_t            i;
    ngx_tel_statement_t  *st;

    st = source->settings.elts;

    for (i = 0; i < n; i++) {

        if (st[i].block->catalog == st[n].block->catalog
            && st[i].block->base == st[n].block->base
            && st[i].kw == st[n].kw)
        {
            return ngx_tel_refuse(cf, &st[n].place,
                             "\"%V\" is given twice, first in %V:%ui: %s",
                             &st[n].args[0], st[i].place.file, st[i].place.line,
                             ngx_tel_twice(&st[i].place,
                                                &st[n].place, "write it once"));
        }
    }

    return NGX_OK;
}
