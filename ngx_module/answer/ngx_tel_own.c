
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/* The body in an envelope of the operator's own. */

#include "ngx_tel_own.h"
#include "ngx_tel_text.h"


#define NGX_TEL_MEMBER_DEPTH  8


static void ngx_tel_put_value(ngx_tel_writer_t *w, ngx_tel_member_e type,
    ngx_str_t *value);
static ngx_uint_t ngx_tel_is_number(ngx_str_t *text);


char *
ngx_tel_add_member(ngx_pool_t *pool, ngx_tel_member_t *root, ngx_str_t *path,
    ngx_tel_member_e type, ngx_uint_t number)
{
    u_char            *s, *last, *end;
    size_t             len;
    ngx_uint_t         depth;
    ngx_tel_member_t  *member, **next;

    s = path->data;
    end = s + path->len;

    for (depth = 0; /* void */ ; depth++) {

        if (depth == NGX_TEL_MEMBER_DEPTH) {
            return "is too deep; eight levels are the most";
        }

        last = ngx_strlchr(s, end, '.');
        last = last ? last : end;

        if (last == s) {
            return "has an empty name";
        }

        for (next = &root->child; *next; next = &(*next)->next) {
            if ((*next)->name.len == (size_t) (last - s)
                && ngx_memcmp((*next)->name.data, s, last - s) == 0)
            {
                break;
            }
        }

        member = *next;

        if (member == NULL) {
            member = ngx_pcalloc(pool, sizeof(ngx_tel_member_t));
            if (member == NULL) {
                return "cannot be kept: no memory";
            }

            len = ngx_tel_json_size(s, last - s);

            if (len != (size_t) (last - s)) {
                return "has a character that JSON would escape";
            }

            member->name.data = s;
            member->name.len = len;

            if (last == end) {
                member->type = type;
                member->number = number;
            }

            *next = member;

        } else if (last == end || member->type != NGX_TEL_MEMBER_OBJECT) {
            return "is given twice, or as an object and as a value";
        }

        if (last == end) {
            return NULL;
        }

        root = member;
        s = last + 1;
    }
}


/* recursion is as deep as the configuration says, eight levels at the most */

void
ngx_tel_members(ngx_tel_writer_t *w, ngx_tel_member_t *member,
    ngx_str_t *values)
{
    ngx_tel_member_t  *m;

    ngx_tel_puts(w, "{");

    for (m = member->child; m; m = m->next) {

        if (m != member->child) {
            ngx_tel_puts(w, ",");
        }

        ngx_tel_puts(w, "\"");
        ngx_tel_put(w, m->name.data, m->name.len);
        ngx_tel_puts(w, "\":");

        if (m->type == NGX_TEL_MEMBER_OBJECT) {
            ngx_tel_members(w, m, values);

        } else {
            ngx_tel_put_value(w, m->type, &values[m->number]);
        }
    }

    ngx_tel_puts(w, "}");
}


static void
ngx_tel_put_value(ngx_tel_writer_t *w, ngx_tel_member_e type, ngx_str_t *value)
{
    if (type == NGX_TEL_MEMBER_STRING) {
        ngx_tel_write_json(w, value);
        return;
    }

    if ((type == NGX_TEL_MEMBER_NUMBER)
        ? ngx_tel_is_number(value)
        : ((value->len == 4 && ngx_strncmp(value->data, "true", 4) == 0)
           || (value->len == 5 && ngx_strncmp(value->data, "false", 5) == 0)))
    {
        ngx_tel_put(w, value->data, value->len);

    } else {
        ngx_tel_puts(w, "null");
    }
}


/* RFC 8259 6: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? */

static ngx_uint_t
ngx_tel_is_number(ngx_str_t *text)
{
    u_char  *p, *last, *start;

    p = text->data;
    last = p + text->len;

    if (p < last && *p == '-') {
        p++;
    }

    start = p;

    while (p < last && *p >= '0' && *p <= '9') {
        p++;
    }

    if (p == start || (*start == '0' && p - start > 1)) {
        return 0;
    }

    if (p < last && *p == '.') {
        start = ++p;

        while (p < last && *p >= '0' && *p <= '9') {
            p++;
        }

        if (p == start) {
            return 0;
        }
    }

    if (p < last && (*p == 'e' || *p == 'E')) {
        p++;

        if (p < last && (*p == '+' || *p == '-')) {
            p++;
        }

        start = p;

        while (p < last && *p >= '0' && *p <= '9') {
            p++;
        }

        if (p == start) {
            return 0;
        }
    }

    return p == last;
}
