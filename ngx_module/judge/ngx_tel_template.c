
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_template.h"
#include "ngx_tel_text.h"


/*
 * A template is literals with wildcards between them.  Every literal is put at
 * its leftmost place behind the one before, the last one at the end: that is
 * what a lazy and anchored regular expression finds, and nothing is ever tried
 * again, so that a match costs what reading the text costs.
 */

/* a literal, folded, and the wildcard behind it */

typedef struct {
    ngx_str_t  literal;
    ngx_int_t  capture;  /* number of the {name}, or -1 */
} ngx_tel_part_t;


struct ngx_tel_template_s {
    ngx_str_t        key;       /* folded, wildcards as in the catalog */
    ngx_str_t       *names;
    ngx_uint_t       ncaptures;
    ngx_uint_t       literals;  /* characters */
    ngx_uint_t       nparts;    /* the last part has no wildcard */

    ngx_tel_part_t  *parts;
};


static ngx_uint_t ngx_tel_template_valid(ngx_str_t *text);
static char *ngx_tel_template_parse(ngx_pool_t *pool, ngx_tel_template_t *t,
    ngx_str_t *text, u_char *buf);
static ngx_int_t ngx_tel_template_part(ngx_pool_t *pool, ngx_tel_template_t *t,
    const u_char *literal, size_t len);
static char *ngx_tel_template_wildcard(ngx_tel_template_t *t, u_char **p,
    u_char *last);
static ngx_int_t ngx_tel_template_name(ngx_tel_template_t *t, u_char **p,
    u_char *last);
static u_char *ngx_tel_template_ends(ngx_tel_template_t *t, ngx_str_t *text,
    u_char **last);
static u_char *ngx_tel_template_find(u_char *p, u_char *last,
    ngx_str_t *literal);
static u_char *ngx_tel_template_unfold(u_char *p, u_char *last,
    const u_char *from, const u_char *to);


ngx_tel_template_t *
ngx_tel_template(ngx_pool_t *pool, ngx_str_t *text, char **err)
{
    u_char              *buf;
    ngx_str_t            trimmed;
    ngx_tel_template_t  *t;

    *err = NULL;

    trimmed = ngx_tel_trim(text);

    if (trimmed.len == 0) {
        *err = "is empty; write the vendor's text";
        return NULL;
    }

    if (!ngx_tel_template_valid(&trimmed)) {
        *err = "is no valid UTF-8; save the file as UTF-8";
        return NULL;
    }

    t = ngx_pcalloc(pool, sizeof(ngx_tel_template_t));
    if (t == NULL) {
        return NULL;
    }

    buf = ngx_alloc(ngx_tel_text_size(trimmed.len), pool->log);
    if (buf == NULL) {
        return NULL;
    }

    *err = ngx_tel_template_parse(pool, t, &trimmed, buf);

    ngx_free(buf);

    return *err ? NULL : t;
}


static ngx_uint_t
ngx_tel_template_valid(ngx_str_t *text)
{
    const u_char  *p, *start, *last;

    p = text->data;
    last = p + text->len;

    while (p < last) {
        start = p;

        if (ngx_tel_utf8(&p, last) == 0xfffd
            && (p - start != 3 || ngx_memcmp(start, "\xef\xbf\xbd", 3) != 0))
        {
            return 0;
        }
    }

    return 1;
}


static char *
ngx_tel_template_parse(ngx_pool_t *pool, ngx_tel_template_t *t, ngx_str_t *text,
    u_char *buf)
{
    char        *err;
    u_char      *p, *last, *literal;
    ngx_uint_t   n;

    static char  no_memory[] = "cannot be kept: no memory";

    p = ngx_tel_fold(buf, text->data, text->len);

    t->key.len = p - buf;
    t->key.data = ngx_pnalloc(pool, t->key.len);

    if (t->key.data == NULL) {
        return no_memory;
    }

    ngx_memcpy(t->key.data, buf, t->key.len);

    p = text->data;
    last = p + text->len;

    for (n = 0; p < last; p++) {
        n += (*p == '{' || *p == '*');
    }

    t->parts = ngx_palloc(pool, (n + 1) * sizeof(ngx_tel_part_t));
    t->names = ngx_palloc(pool, ngx_min(n, NGX_TEL_MAX_CAPTURES)
                                * sizeof(ngx_str_t) + 1);

    if (t->parts == NULL || t->names == NULL) {
        return no_memory;
    }

    p = text->data;
    literal = buf;

    while (p < last) {

        if (*p == '*' || *p == '{') {

            if (ngx_tel_template_part(pool, t, buf, literal - buf) != NGX_OK) {
                return no_memory;
            }

            err = ngx_tel_template_wildcard(t, &p, last);
            if (err) {
                return err;
            }

            literal = buf;
            continue;
        }

        if (*p == '\\' && p + 1 < last) {
            p++;
        }

        t->literals += ((*p & 0xc0) != 0x80);
        *literal++ = *p++;
    }

    if (ngx_tel_template_part(pool, t, buf, literal - buf) != NGX_OK) {
        return no_memory;
    }

    return NULL;
}


/* A literal is complete; a wildcard follows it, or the end. */

static ngx_int_t
ngx_tel_template_part(ngx_pool_t *pool, ngx_tel_template_t *t,
    const u_char *literal, size_t len)
{
    ngx_tel_part_t  *part;

    part = &t->parts[t->nparts++];

    part->capture = -1;

    part->literal.data = ngx_pnalloc(pool, ngx_tel_text_size(len) + 1);
    if (part->literal.data == NULL) {
        return NGX_ERROR;
    }

    part->literal.len = ngx_tel_fold(part->literal.data, literal, len)
                        - part->literal.data;

    return NGX_OK;
}


/* "*" or "{name}" at *p, behind the last part. */

static char *
ngx_tel_template_wildcard(ngx_tel_template_t *t, u_char **p, u_char *last)
{
    if (**p == '*') {
        (*p)++;
        return NULL;
    }

    switch (ngx_tel_template_name(t, p, last)) {

    case NGX_OK:
        t->parts[t->nparts - 1].capture = t->ncaptures - 1;
        return NULL;

    case NGX_BUSY:
        return "has too many {names}; nine are the most";

    case NGX_ABORT:
        return "has one {name} twice";

    default:
        return "has a \"{\" that begins no {name} of letters, digits and "
               "\"_\"; write \"\\{\" for the character";
    }
}


u_char *
ngx_tel_placeholder(u_char *p, u_char *last, ngx_str_t *name)
{
    if (p == last || *p != '{') {
        return NULL;
    }

    name->data = ++p;

    while (p < last
           && (*p == '_' || (*p >= '0' && *p <= '9')
               || ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z')))
    {
        p++;
    }

    name->len = p - name->data;

    return (p < last && *p == '}' && name->len) ? p + 1 : NULL;
}


/* Reads "{name}" at *p: NGX_OK, or why not. */

static ngx_int_t
ngx_tel_template_name(ngx_tel_template_t *t, u_char **p, u_char *last)
{
    u_char     *end;
    ngx_str_t   name;

    end = ngx_tel_placeholder(*p, last, &name);

    if (end == NULL) {
        return NGX_DECLINED;
    }

    if (t->ncaptures == NGX_TEL_MAX_CAPTURES) {
        return NGX_BUSY;
    }

    if (ngx_tel_template_capture(t, &name) >= 0) {
        return NGX_ABORT;
    }

    t->names[t->ncaptures++] = name;
    *p = end;

    return NGX_OK;
}


ngx_str_t *
ngx_tel_template_key(ngx_tel_template_t *t)
{
    return &t->key;
}


ngx_uint_t
ngx_tel_template_literals(ngx_tel_template_t *t)
{
    return t->literals;
}


ngx_int_t
ngx_tel_template_capture(ngx_tel_template_t *t, ngx_str_t *name)
{
    ngx_uint_t  i;

    for (i = 0; i < t->ncaptures; i++) {

        if (t->names[i].len == name->len
            && ngx_strncmp(t->names[i].data, name->data, name->len) == 0)
        {
            return i;
        }
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_tel_subject(ngx_pool_t *pool, ngx_str_t *message,
    ngx_tel_subject_t *subject)
{
    size_t      max, size;
    u_char     *p;
    ngx_str_t   trimmed;

    trimmed = ngx_tel_trim(message);

    max = ngx_tel_text_size(ngx_min(trimmed.len, NGX_TEL_MAX_SUBJECT));
    max = ngx_min(max, NGX_TEL_MAX_SUBJECT);

    /* the text, and behind it the folded one; both may be empty */

    size = max + ngx_tel_text_size(max) + 1;

    if (subject->size < size) {

        /* growing in steps would cost a body the square of its texts */

        size = ngx_max(size, 2 * subject->size);

        subject->text.data = ngx_pnalloc(pool, size);
        if (subject->text.data == NULL) {
            subject->size = 0;
            return NGX_ERROR;
        }

        subject->size = size;
    }

    p = ngx_tel_clean(subject->text.data, trimmed.data, trimmed.len, max);
    subject->text.len = p - subject->text.data;

    subject->folded.data = p;
    p = ngx_tel_fold(p, subject->text.data, subject->text.len);
    subject->folded.len = p - subject->folded.data;

    return NGX_OK;
}


ngx_int_t
ngx_tel_template_match(ngx_tel_template_t *t, ngx_tel_subject_t *subject)
{
    u_char      *p, *last;
    ngx_uint_t   i;

    p = ngx_tel_template_ends(t, &subject->folded, &last);
    if (p == NULL) {
        return NGX_DECLINED;
    }

    for (i = 1; i + 1 < t->nparts; i++) {
        p = ngx_tel_template_find(p, last, &t->parts[i].literal);
        if (p == NULL) {
            return NGX_DECLINED;
        }

        p += t->parts[i].literal.len;
    }

    return NGX_OK;
}


void
ngx_tel_template_captures(ngx_tel_template_t *t, ngx_tel_subject_t *subject,
    ngx_tel_captures_t *captures)
{
    u_char      *p, *next, *last, *text, *start, *end;
    ngx_str_t   *value;
    ngx_uint_t   i;

    if (t->ncaptures == 0) {
        return;
    }

    /*
     * Folding makes one character of one, but not always as many bytes: both
     * texts are walked along together.
     */

    text = subject->text.data;
    end = text + subject->text.len;

    next = subject->folded.data;
    p = ngx_tel_template_ends(t, &subject->folded, &last);

    for (i = 0; p && i + 1 < t->nparts; i++) {

        start = ngx_tel_template_unfold(text, end, next, p);

        next = (i + 2 == t->nparts)
               ? last
               : ngx_tel_template_find(p, last, &t->parts[i + 1].literal);
        if (next == NULL) {
            return;
        }

        text = ngx_tel_template_unfold(start, end, p, next);

        if (t->parts[i].capture >= 0) {
            value = &captures->value[t->parts[i].capture];
            value->data = start;
            value->len = text - start;
        }

        p = next + t->parts[i + 1].literal.len;
    }
}


/*
 * Puts the first literal at the beginning of the text and the last one at its
 * end.  Returns what is behind the first and sets *last to where the other
 * begins, or returns NULL.
 */

static u_char *
ngx_tel_template_ends(ngx_tel_template_t *t, ngx_str_t *text, u_char **last)
{
    ngx_str_t  *prefix, *suffix;

    prefix = &t->parts[0].literal;
    suffix = &t->parts[t->nparts - 1].literal;

    if (t->nparts == 1) {

        if (text->len != prefix->len) {
            return NULL;
        }

    } else if (text->len < prefix->len + suffix->len) {
        return NULL;
    }

    /* most texts differ in their first byte */

    if (prefix->len && (text->len == 0 || *text->data != *prefix->data)) {
        return NULL;
    }

    *last = text->data + text->len - suffix->len;

    if (ngx_memcmp(text->data, prefix->data, prefix->len) != 0
        || ngx_memcmp(*last, suffix->data, suffix->len) != 0)
    {
        return NULL;
    }

    return text->data + prefix->len;
}


/* The leftmost place of a literal, or NULL. */

static u_char *
ngx_tel_template_find(u_char *p, u_char *last, ngx_str_t *literal)
{
    return literal->len ? memmem(p, last - p, literal->data, literal->len) : p;
}


/* What follows as many characters as stand between from and to. */

static u_char *
ngx_tel_template_unfold(u_char *p, u_char *last, const u_char *from,
    const u_char *to)
{
    size_t  n;

    for (n = 0; from < to; from++) {
        n += ((*from & 0xc0) != 0x80);
    }

    for ( /* void */ ; n && p < last; n--) {

        do {
            p++;
        } while (p < last && (*p & 0xc0) == 0x80);
    }

    return p;
}


ngx_uint_t
ngx_tel_wildcard(ngx_str_t *pattern, ngx_str_t *code)
{
    size_t  p, c, star, mark;

    p = 0;
    c = 0;
    mark = 0;
    star = (size_t) -1;

    while (c < code->len) {

        if (p < pattern->len && pattern->data[p] == '*') {
            star = p++;
            mark = c;

        } else if (p < pattern->len && pattern->data[p] == code->data[c]) {
            p++;
            c++;

        } else if (star != (size_t) -1) {
            p = star + 1;
            c = ++mark;

        } else {
            return 0;
        }
    }

    while (p < pattern->len && pattern->data[p] == '*') {
        p++;
    }

    return p == pattern->len;
}
