
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_inspect.h"
#include "ngx_tel_skim.h"
#include "ngx_tel_text.h"

#include <yajl/yajl_parse.h>


/*
 * yajl checks no allocation, so its hooks must not fail: all it can ask for
 * while it reads n bytes is reserved beforehand.  Its two buffers (the decoded
 * string and a token cut by the end) grow by doubling to at most 2n each, and
 * a bump allocator keeps the smaller ones: 4n each.  Of what they may hold
 * together with the texts without escapes and the numbers written anew, all of
 * them aligned, 6n is the most.  The rest is its handles and a byte a level.
 */

#define NGX_TEL_ARENA_FIXED  16384
#define NGX_TEL_ARENA_KEPT   (256 * 1024)

/* a place in seen and in items, by node, and in texts, by path */

#define ngx_tel_arena_paths(tree)                           \
    ((tree)->nnodes * 2 * sizeof(ngx_uint_t)                                  \
     + (tree)->paths.nelts * sizeof(ngx_tel_value_t *))

#define ngx_tel_arena_size(n)                               \
    (9 * (n) + NGX_TEL_ARENA_FIXED)


typedef struct {
    u_char  *start;
    u_char  *pos;
    u_char  *last;
    u_char  *end;
} ngx_tel_arena_t;


/* a level of the JSON text that lies on a path */

typedef struct {
    ngx_tel_node_t  *node;
    ngx_uint_t       serial;  /* of this very object */
    ngx_uint_t       item;    /* of a list, from 1 */
    ngx_uint_t       inner;   /* number of that item */
    ngx_str_t        name;    /* of that item, a member */
    ngx_uint_t       filled;  /* an object has a key */
    unsigned         array:1;
} ngx_tel_level_t;


typedef struct {
    ngx_tel_inspection_t  *in;

    ngx_uint_t             depth;    /* of the JSON text */
    ngx_uint_t             matched;  /* levels on a path */
    ngx_tel_node_t        *next;     /* of the coming value */
    ngx_uint_t             serial;
    ngx_uint_t             inner;
    ngx_uint_t            *seen;     /* serial by node */
    ngx_uint_t             listed;   /* values of no element */
    const u_char          *data;
    const u_char          *last;
    ngx_log_t             *log;

    yajl_handle            yajl;
    const u_char          *end;      /* of the text, to yajl */

    ngx_tel_level_t
                       levels[NGX_TEL_MAX_DEPTH + 1];
} ngx_tel_parse_t;



static void ngx_tel_begin(ngx_tel_parse_t *p);
static ngx_int_t ngx_tel_yajl(ngx_tel_parse_t *p);

static ngx_int_t ngx_tel_skim(ngx_tel_parse_t *p);
static const u_char *ngx_tel_skim_key(ngx_tel_parse_t *p, const u_char *s);
static const u_char *ngx_tel_skim_value(ngx_tel_parse_t *p, const u_char *s);
static const u_char *ngx_tel_skim_scalar(ngx_tel_parse_t *p, const u_char *s);
static const u_char *ngx_tel_skim_string(ngx_tel_parse_t *p, const u_char *s);
static const u_char *ngx_tel_skim_end(ngx_tel_parse_t *p, const u_char *s);

static void *ngx_tel_arena_alloc(void *data, size_t size);
static void *ngx_tel_arena_realloc(void *data, void *p, size_t size);
static void ngx_tel_arena_free(void *data, void *p);

static int ngx_tel_on_null(void *data);
static int ngx_tel_on_boolean(void *data, int value);
static int ngx_tel_on_number(void *data, const char *text, size_t len);
static int ngx_tel_on_word(void *data, ngx_tel_type_e type, size_t len);
static int ngx_tel_on_string(void *data, const u_char *text, size_t len);
static int ngx_tel_on_key(void *data, const u_char *text, size_t len);
static ngx_str_t ngx_tel_raw(ngx_tel_parse_t *p);
static int ngx_tel_on_start_map(void *data);
static int ngx_tel_on_start_array(void *data);
static int ngx_tel_on_end(void *data);

static ngx_str_t ngx_tel_decoded(const u_char *p, const u_char *last);
static ngx_uint_t ngx_tel_key(ngx_tel_parse_t *p, const u_char *text,
    size_t len);
static ngx_uint_t ngx_tel_escaped_key(ngx_tel_parse_t *p, const u_char *text,
    size_t len);
static ngx_uint_t ngx_tel_member(ngx_tel_parse_t *p, const u_char *text,
    size_t len);
static ngx_uint_t ngx_tel_end(ngx_tel_parse_t *p);
static ngx_uint_t ngx_tel_scalar(ngx_tel_parse_t *p, ngx_tel_type_e type,
    const u_char *text, size_t len);
static ngx_uint_t ngx_tel_store(ngx_tel_parse_t *p, ngx_uint_t number,
    ngx_tel_type_e type, const u_char *text, size_t len);
static ngx_uint_t ngx_tel_is_present(ngx_tel_type_e type, const u_char *text,
    size_t len);
static void ngx_tel_number(ngx_tel_value_t *value);
static ngx_int_t ngx_tel_pick_code(ngx_tel_parse_t *p, ngx_tel_regex_t *regex,
    ngx_tel_value_t *value);
static void ngx_tel_place(ngx_tel_parse_t *p, ngx_tel_value_t *value);
static ngx_uint_t ngx_tel_start(ngx_tel_parse_t *p, ngx_uint_t array);
static ngx_uint_t ngx_tel_item(ngx_tel_parse_t *p);
static ngx_uint_t ngx_tel_next_item(ngx_tel_parse_t *p, ngx_tel_level_t *level,
    ngx_tel_node_t *node);


static const yajl_callbacks  ngx_tel_callbacks = {
    ngx_tel_on_null,
    ngx_tel_on_boolean,
    NULL,
    NULL,
    ngx_tel_on_number,
    ngx_tel_on_string,
    ngx_tel_on_start_map,
    ngx_tel_on_key,
    ngx_tel_on_end,
    ngx_tel_on_start_array,
    ngx_tel_on_end
};


/* one for the process: an inspection begins and ends in one call */

static ngx_tel_arena_t   ngx_tel_arena;
static ngx_tel_parse_t   ngx_tel_parse;
static ngx_tel_value_t  *ngx_tel_values;
static ngx_uint_t        ngx_tel_nvalues;


ngx_int_t
ngx_tel_like_json(const u_char *data, size_t len)
{
    size_t  i;

    static const u_char  bom[] = { 0xef, 0xbb, 0xbf };

    if (len && (data[0] == '{' || data[0] == '[')) {
        return NGX_OK;
    }

    if (len && ngx_memcmp(data, bom, ngx_min(len, sizeof(bom))) == 0) {
        i = ngx_min(len, sizeof(bom));

    } else {
        i = 0;
    }

    while (i < len && (data[i] == ' ' || (data[i] >= '\t' && data[i] <= '\r')))
    {
        i++;
    }

    if (i == len) {
        return NGX_AGAIN;
    }

    return (data[i] == '{' || data[i] == '[') ? NGX_OK : NGX_DECLINED;
}


ngx_uint_t
ngx_tel_is_text(ngx_tel_value_t *value)
{
    ngx_str_t  *text;

    text = &value->text;

    switch (value->type) {

    case NGX_TEL_STRING:

        if (text->len && text->data[0] > ' ' && text->data[0] < 0x7f) {
            return 1;
        }

        return ngx_tel_trim(text).len != 0;

    case NGX_TEL_NUMBER:
        return text->len != 1 || text->data[0] != '0';

    default:
        return 0;
    }
}


ngx_uint_t
ngx_tel_mentions(ngx_tel_paths_t *paths, ngx_uint_t n, const u_char *data,
    size_t len, size_t from)
{
    ngx_str_t       *key;
    ngx_uint_t       i;
    const u_char    *p, *name, *last;
    ngx_tel_path_t  *path;

    path = paths->paths.elts;
    last = data + len;

    for (i = 0; i < n; i++) {
        if (path[i].key.len == 0) {
            return 1;
        }
    }

    /* a key has a colon behind it; memchr() is the fastest search there is */

    for (p = data + from; (p = memchr(p, ':', last - p)) != NULL; p++) {

        name = p;

        while (name > data
               && (name[-1] == ' ' || (name[-1] >= '\t' && name[-1] <= '\r')))
        {
            name--;
        }

        if (name == data || name[-1] != '"') {
            continue;
        }

        for (i = 0; i < n; i++) {
            key = &path[i].key;

            if ((size_t) (name - data) >= key->len
                && name[-2] == key->data[key->len - 2]
                && ngx_memcmp(name - key->len, key->data, key->len) == 0)
            {
                return 1;
            }
        }
    }

    for (p = data + (from ? from - 1 : 0);
         (p = memchr(p, '\\', last - p)) != NULL;
         p++)
    {
        if (last - p >= 2 && p[1] == 'u') {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_tel_inspect(ngx_tel_inspection_t *in, const u_char *data, size_t len,
    ngx_log_t *log)
{
    u_char           *pos;
    ngx_int_t         rc;
    ngx_uint_t        n;
    ngx_tel_parse_t  *p;
    ngx_tel_arena_t  *arena;

    if (len >= 3 && ngx_memcmp(data, "\xef\xbb\xbf", 3) == 0) {
        data += 3;
        len -= 3;
    }

    if (ngx_tel_inspect_reserve(in->paths, len, log) != NGX_OK) {
        return NGX_ERROR;
    }

    arena = &ngx_tel_arena;
    p = &ngx_tel_parse;

    ngx_memzero(p, offsetof(ngx_tel_parse_t, levels));

    n = in->paths->nnodes;

    p->in = in;
    p->log = log;
    p->data = data;
    p->last = data + len;
    p->seen = ngx_tel_arena_alloc(arena, ngx_tel_arena_paths(in->paths));

    in->items = p->seen + n;
    in->texts = (ngx_tel_value_t **) (in->items + n);
    in->values = ngx_tel_values;

    pos = arena->pos;

    ngx_tel_begin(p);

    rc = ngx_tel_skim(p);

    if (rc == NGX_DECLINED) {
        arena->pos = pos;
        arena->last = pos;

        ngx_tel_begin(p);
        rc = ngx_tel_yajl(p);
    }

    return rc;
}


static void
ngx_tel_begin(ngx_tel_parse_t *p)
{
    p->depth = 0;
    p->matched = 0;
    p->next = &p->in->paths->root;
    p->serial = 0;
    p->inner = 0;
    p->listed = 0;
    p->end = NULL;

    p->in->nvalues = 0;
    p->in->reason = NGX_TEL_NO_REASON;

    ngx_memzero(p->seen, ngx_tel_arena_paths(p->in->paths));
}


static ngx_int_t
ngx_tel_yajl(ngx_tel_parse_t *p)
{
    yajl_status       status;
    yajl_alloc_funcs  alloc;

    alloc.malloc = ngx_tel_arena_alloc;
    alloc.realloc = ngx_tel_arena_realloc;
    alloc.free = ngx_tel_arena_free;
    alloc.ctx = &ngx_tel_arena;

    p->yajl = yajl_alloc(&ngx_tel_callbacks, &alloc, p);

    /* bad UTF-8 is judged all the same and replaced where it is shown */

    yajl_config(p->yajl, yajl_dont_validate_strings, 1);

    status = yajl_parse(p->yajl, p->data, p->last - p->data);

    if (p->in->stopped) {
        return NGX_OK;
    }

    /*
     * yajl_complete_parse() would take a number that the end has cut for a
     * whole one, and a string that has no end for none
     */

    if (status == yajl_status_ok && p->end == NULL) {

        if (!p->in->complete) {
            return NGX_AGAIN;
        }

        p->in->reason = NGX_TEL_TRUNCATED;
        return NGX_DECLINED;
    }

    while (status == yajl_status_ok && p->end < p->last) {

        if (*p->end != ' ' && (*p->end < '\t' || *p->end > '\r')) {
            status = yajl_status_error;
        }

        p->end++;
    }

    if (status == yajl_status_ok) {
        return p->in->complete ? NGX_OK : NGX_AGAIN;
    }

    if (p->in->reason == NGX_TEL_NO_REASON) {
        p->in->reason = NGX_TEL_NOT_JSON;
    }

    return NGX_DECLINED;
}


/*
 * yajl takes 20 instructions a byte, and nearly all of a large answer is on no
 * path.  So the text is read here first, with the same events: what is on no
 * path is stepped over.  NGX_DECLINED if anything is not plain: a mistake, a
 * bound, an end that comes too early.  Then yajl reads it all again.
 */

static ngx_int_t
ngx_tel_skim(ngx_tel_parse_t *p)
{
    ngx_uint_t     depth;
    const u_char  *s;

    s = ngx_tel_skip_space(p->data, p->last);

    while (s && s < p->last) {

        depth = p->depth;

        s = ngx_tel_skim_value(p, s);

        if (s && p->depth == depth) {
            s = ngx_tel_skim_end(p, s);

        } else if (s) {

            /* a container on a path has begun, and may be empty */

            s = ngx_tel_skip_space(s, p->last);

            if (s < p->last && (*s == '}' || *s == ']')) {
                s = ngx_tel_skim_end(p, s);
            }
        }

        if (s && p->depth == 0) {
            s = ngx_tel_skip_space(s, p->last);

            if (s == p->last && p->in->complete) {
                return NGX_OK;
            }

            break;
        }

        if (s && s < p->last && !p->levels[p->matched - 1].array) {
            s = ngx_tel_skim_key(p, s);
        }
    }

    if (p->in->stopped) {
        return NGX_OK;
    }

    /* yajl knows best what is wrong with an end that comes too early */

    return (s == p->last && !p->in->complete) ? NGX_AGAIN : NGX_DECLINED;
}


static const u_char *
ngx_tel_skim_key(ngx_tel_parse_t *p, const u_char *s)
{
    ngx_str_t   name;
    ngx_uint_t  escaped;

    s = ngx_tel_skip_key(s, p->last, &name, &escaped);

    if (s == NULL || s == p->last) {
        return s;
    }

    if (escaped) {
        return ngx_tel_escaped_key(p, name.data, name.len) ? s : NULL;
    }

    return ngx_tel_key(p, name.data, name.len) ? s : NULL;
}


/* A scalar, a container on no path, or the beginning of one on a path. */

static const u_char *
ngx_tel_skim_value(ngx_tel_parse_t *p, const u_char *s)
{
    ngx_uint_t  array, open;

    s = ngx_tel_skip_space(s, p->last);

    if (s == p->last) {
        return s;
    }

    array = p->matched && p->levels[p->matched - 1].array;

    if (p->next == NULL && !array) {
        return ngx_tel_skip_value(s, p->last, &open);
    }

    if (*s != '{' && *s != '[') {
        return p->depth ? ngx_tel_skim_scalar(p, s) : NULL;
    }

    if (!ngx_tel_start(p, *s == '[')
        || p->depth + NGX_TEL_SKIP_DEPTH
           > NGX_TEL_MAX_DEPTH)
    {
        return NULL;
    }

    if (p->depth == p->matched) {
        return s + 1;
    }

    p->depth--;

    s = ngx_tel_skip_value(s, p->last, &open);

    return (open && p->in->complete) ? NULL : s;
}


static const u_char *
ngx_tel_skim_scalar(ngx_tel_parse_t *p, const u_char *s)
{
    const u_char    *end;
    ngx_tel_type_e   type;

    if (*s == '"') {
        return ngx_tel_skim_string(p, s + 1);
    }

    end = ngx_tel_skip_word(s, p->last);

    if (end == NULL || end == p->last) {
        return end;
    }

    if (!ngx_tel_is_delimiter(*end)) {
        return NULL;
    }

    switch (*s) {

    case 'n':
        type = NGX_TEL_NULL;
        break;

    case 't':
    case 'f':
        type = NGX_TEL_BOOLEAN;
        break;

    default:
        type = NGX_TEL_NUMBER;
        break;
    }

    return ngx_tel_scalar(p, type, s, end - s) ? end : NULL;
}


static const u_char *
ngx_tel_skim_string(ngx_tel_parse_t *p, const u_char *s)
{
    ngx_str_t      text;
    ngx_uint_t     escaped;
    const u_char  *end;

    end = ngx_tel_skip_string(s, p->last, &escaped);

    if (end == NULL || end == p->last) {
        return end;
    }

    text.data = (u_char *) s;
    text.len = end - s;

    if (escaped) {
        text = ngx_tel_decoded(s, end);
    }

    return ngx_tel_scalar(p, NGX_TEL_STRING, text.data, text.len)
           ? end + 1 : NULL;
}


/* Behind a value: the ends of containers, then a comma. */

static const u_char *
ngx_tel_skim_end(ngx_tel_parse_t *p, const u_char *s)
{
    while (p->depth) {
        s = ngx_tel_skip_space(s, p->last);

        if (s == p->last) {
            return s;
        }

        if (*s != (p->levels[p->matched - 1].array ? ']' : '}')) {
            return (*s == ',') ? s + 1 : NULL;
        }

        if (!ngx_tel_end(p)) {
            return NULL;
        }

        s++;
    }

    return s;
}


/* yajl's events.  In them it can be asked how far it has read. */

static int
ngx_tel_on_null(void *data)
{
    return ngx_tel_on_word(data, NGX_TEL_NULL, 4);
}


static int
ngx_tel_on_boolean(void *data, int value)
{
    return ngx_tel_on_word(data, NGX_TEL_BOOLEAN, value ? 4 : 5);
}


static int
ngx_tel_on_number(void *data, const char *text, size_t len)
{
    return ngx_tel_on_word(data, NGX_TEL_NUMBER, len);
}


/* To yajl a word ends where it is complete, whatever stands behind it. */

static int
ngx_tel_on_word(void *data, ngx_tel_type_e type, size_t len)
{
    ngx_tel_parse_t *p = data;

    const u_char  *end;

    end = p->data + yajl_get_bytes_consumed(p->yajl);

    if (p->depth && end == p->last) {
        return 1;
    }

    if (p->depth == 0 || !ngx_tel_is_delimiter(*end)) {
        return 0;
    }

    return ngx_tel_scalar(p, type, end - len, len);
}


static int
ngx_tel_on_string(void *data, const u_char *text, size_t len)
{
    ngx_tel_parse_t *p = data;

    ngx_str_t  raw;

    if (p->depth == 0) {
        return 0;
    }

    /* what yajl has decoded lies in its buffer, which changes */

    if (p->depth == p->matched && (text < p->data || text >= p->last)) {
        raw = ngx_tel_raw(p);
        raw = ngx_tel_decoded(raw.data, raw.data + raw.len);

        text = raw.data;
        len = raw.len;
    }

    return ngx_tel_scalar(p, NGX_TEL_STRING, text, len);
}


static int
ngx_tel_on_key(void *data, const u_char *text, size_t len)
{
    ngx_tel_parse_t *p = data;

    ngx_str_t  raw;

    if (text >= p->data && text < p->last) {
        return ngx_tel_key(p, text, len);
    }

    if (p->depth == p->matched) {
        raw = ngx_tel_raw(p);
        return ngx_tel_escaped_key(p, raw.data, raw.len);
    }

    return 1;
}


/*
 * The string that yajl has just read, with its escapes: yajl takes any \u
 * behind a high surrogate for the other half.
 */

static ngx_str_t
ngx_tel_raw(ngx_tel_parse_t *p)
{
    ngx_str_t      raw;
    const u_char  *start, *end;

    end = p->data + yajl_get_bytes_consumed(p->yajl) - 1;

    /* a quote in it has a backslash before it, the opening one has not */

    for (start = end; start[-1] != '"' || start[-2] == '\\'; start--) {
        /* void */
    }

    raw.data = (u_char *) start;
    raw.len = end - start;

    return raw;
}


static int
ngx_tel_on_start_map(void *data)
{
    return ngx_tel_start(data, 0);
}


static int
ngx_tel_on_start_array(void *data)
{
    return ngx_tel_start(data, 1);
}


static int
ngx_tel_on_end(void *data)
{
    ngx_tel_parse_t *p = data;

    if (!ngx_tel_end(p)) {
        return 0;
    }

    if (p->depth == 0) {
        p->end = p->data + yajl_get_bytes_consumed(p->yajl);
    }

    return 1;
}


/* A string without its escapes, until the next inspection. */

static ngx_str_t
ngx_tel_decoded(const u_char *p, const u_char *last)
{
    ngx_str_t  text;

    ngx_str_null(&text);

    text.data = ngx_tel_arena_alloc(&ngx_tel_arena, last - p);
    if (text.data == NULL) {
        return text;
    }

    text.len = ngx_tel_unescape(text.data, p, last)
               - text.data;

    return text;
}


/* The events of both readers. */

static ngx_uint_t
ngx_tel_key(ngx_tel_parse_t *p, const u_char *text, size_t len)
{
    ngx_tel_node_t   *node;
    ngx_tel_level_t  *level;

    if (p->depth != p->matched) {
        return 1;
    }

    level = &p->levels[p->matched - 1];
    level->filled = 1;
    p->next = NULL;

    for (node = level->node->child; node; node = node->sibling) {

        if (node->name.len == len
            && ngx_memcmp(node->name.data, text, len) == 0)
        {
            /* of duplicate keys the first counts */

            if (p->seen[node->id] != level->serial) {
                p->seen[node->id] = level->serial;
                p->next = node;
            }

            return 1;
        }
    }

    return level->node->member ? ngx_tel_member(p, text, len) : 1;
}


static ngx_uint_t
ngx_tel_escaped_key(ngx_tel_parse_t *p, const u_char *text, size_t len)
{
    ngx_str_t         name;
    ngx_uint_t        rc;
    ngx_tel_arena_t   saved;
    ngx_tel_level_t  *level;

    saved = ngx_tel_arena;
    level = &p->levels[p->matched - 1];

    name = ngx_tel_decoded(text, text + len);
    rc = ngx_tel_key(p, name.data, name.len);

    /* the name of a member is kept */

    if (p->next == NULL || p->next != level->node->member) {
        ngx_tel_arena = saved;
    }

    return rc;
}


/* A name that no path spells out: the next item of *. */

static ngx_uint_t
ngx_tel_member(ngx_tel_parse_t *p, const u_char *text, size_t len)
{
    ngx_tel_node_t   *node;
    ngx_tel_level_t  *level;

    level = &p->levels[p->matched - 1];
    node = level->node->member;

    if (!ngx_tel_next_item(p, level, node)) {
        return 0;
    }

    if (p->next == NULL) {
        return 1;
    }

    level->name.len = len;
    level->name.data = (u_char *) text;

    return node->named < 0
           || ngx_tel_store(p, node->named, NGX_TEL_STRING, text, len);
}


static ngx_uint_t
ngx_tel_end(ngx_tel_parse_t *p)
{
    ngx_tel_level_t  *level;

    if (p->depth-- != p->matched) {
        return 1;
    }

    level = &p->levels[--p->matched];

    if (level->node->present < 0 || !(level->filled || level->item)) {
        return 1;
    }

    p->next = level->node;

    return ngx_tel_store(p, level->node->present, NGX_TEL_NULL, NULL, 0);
}


static ngx_uint_t
ngx_tel_start(ngx_tel_parse_t *p, ngx_uint_t array)
{
    ngx_tel_node_t   *node;
    ngx_tel_level_t  *level;

    if (!ngx_tel_item(p)) {
        return 0;
    }

    if (p->depth == NGX_TEL_MAX_DEPTH) {
        p->in->reason = NGX_TEL_TOO_DEEP;
        return 0;
    }

    node = (p->depth == p->matched) ? p->next : NULL;

    p->depth++;

    if (node == NULL
        || ((array ? node->element : node->child) == NULL
            && (array || node->member == NULL)
            && node->present < 0))
    {
        return 1;
    }

    level = &p->levels[p->matched++];
    level->node = node;
    level->serial = ++p->serial;
    level->array = array;
    level->item = 0;
    level->filled = 0;

    return 1;
}


/* Any value is at hand: if an array on a path holds it, it is its next item. */

static ngx_uint_t
ngx_tel_item(ngx_tel_parse_t *p)
{
    ngx_tel_level_t  *level;

    if (p->depth != p->matched || p->matched == 0) {
        return 1;
    }

    level = &p->levels[p->matched - 1];

    if (!level->array) {
        return 1;
    }

    return ngx_tel_next_item(p, level, level->node->element);
}


/* node is that of the items, or NULL: only whether there are any counts. */

static ngx_uint_t
ngx_tel_next_item(ngx_tel_parse_t *p, ngx_tel_level_t *level,
    ngx_tel_node_t *node)
{
    p->next = node;

    if (node == NULL) {
        level->filled = 1;
        return 1;
    }

    if (level->item == NGX_TEL_MAX_ELEMENTS) {

        if (node->least < p->in->ncodes) {
            p->in->reason = NGX_TEL_TOO_LARGE;
            return 0;
        }

        p->next = NULL;
        return 1;
    }

    level->item++;
    level->inner = ++p->inner;

    p->in->items[node->id]++;

    return 1;
}


static ngx_uint_t
ngx_tel_scalar(ngx_tel_parse_t *p, ngx_tel_type_e type, const u_char *text,
    size_t len)
{
    ngx_int_t        n;
    ngx_tel_path_t  *path;

    if (len > NGX_TEL_MAX_TOKEN) {
        p->in->reason = NGX_TEL_TOO_LARGE;
        return 0;
    }

    if (p->depth != p->matched) {
        return 1;
    }

    if (!ngx_tel_item(p)) {
        return 0;
    }

    if (p->next == NULL || p->next->path < 0 || type == NGX_TEL_NULL) {
        return 1;
    }

    path = p->in->paths->paths.elts;

    for (n = p->next->path; n >= 0; n = path[n].next) {
        if (!ngx_tel_store(p, n, type, text, len)) {
            return 0;
        }
    }

    return 1;
}


/* With NGX_TEL_NULL it is a container that is not empty. */

static ngx_uint_t
ngx_tel_store(ngx_tel_parse_t *p, ngx_uint_t number, ngx_tel_type_e type,
    const u_char *text, size_t len)
{
    ngx_tel_path_t        *path;
    ngx_tel_value_t       *value;
    ngx_tel_inspection_t  *in;

    in = p->in;
    path = in->paths->paths.elts;
    path = &path[number];

    if (path->kind == NGX_TEL_PATH_PRESENT) {

        if (!ngx_tel_is_present(type, text, len)) {
            return 1;
        }

        type = NGX_TEL_STRING;
        text = path->value.data;
        len = path->value.len;
    }

    /* a list that holds no code changes no verdict, however long it is */

    if (path->lists && path->least >= in->ncodes
        && p->listed++ >= NGX_TEL_MAX_ELEMENTS)
    {
        return 1;
    }

    if (in->nvalues == ngx_tel_nvalues) {
        in->reason = NGX_TEL_TOO_LARGE;
        return 0;
    }

    value = &ngx_tel_values[in->nvalues++];
    ngx_memzero(value, sizeof(ngx_tel_value_t));

    value->path = number;
    value->type = type;
    value->text.len = len;
    value->text.data = (u_char *) text;

    if (type == NGX_TEL_NUMBER) {
        ngx_tel_number(value);
    }

    ngx_tel_place(p, value);

    if (path->regex && ngx_tel_pick_code(p, path->regex, value) != NGX_OK) {
        in->nvalues--;
        return 1;
    }

    if (in->first && number == in->first_path
        && in->first(in->data, value) == NGX_OK)
    {
        in->stopped = 1;
        return 0;
    }

    if (in->texts[number] == NULL && ngx_tel_is_text(value)) {
        in->texts[number] = value;
    }

    return 1;
}


/* 0 if it is false or empty; null is never asked. */

static ngx_uint_t
ngx_tel_is_present(ngx_tel_type_e type, const u_char *text, size_t len)
{
    switch (type) {

    case NGX_TEL_STRING:
        return len != 0;

    case NGX_TEL_BOOLEAN:
        return *text == 't';

    default:
        return 1;
    }
}


static void
ngx_tel_number(ngx_tel_value_t *value)
{
    u_char  buf[NGX_TEL_INTEGER_LEN], *last, *p;

    last = ngx_tel_integer(buf, value->text.data, value->text.data
                           + value->text.len);
    if (last == NULL) {
        return;
    }

    p = ngx_tel_arena_alloc(&ngx_tel_arena, last - buf);
    if (p == NULL) {
        return;
    }

    value->text.data = p;
    value->text.len = ngx_cpymem(p, buf, last - buf) - p;
}


/* A code inside a value; NGX_DECLINED if there is none. */

static ngx_int_t
ngx_tel_pick_code(ngx_tel_parse_t *p, ngx_tel_regex_t *regex,
    ngx_tel_value_t *value)
{
    size_t     start;
    ngx_str_t  groups[NGX_TEL_GROUPS];

    start = 0;

    ngx_tel_regex_subject(&value->text, 0);

    if (ngx_tel_regex_exec(regex, &start, groups, p->log) != NGX_OK
        || groups[NGX_TEL_GROUP_CODE].len == 0)
    {
        return NGX_DECLINED;
    }

    value->text = groups[NGX_TEL_GROUP_CODE];

    return NGX_OK;
}


/* Which item of which list the value stands in. */

static void
ngx_tel_place(ngx_tel_parse_t *p, ngx_tel_value_t *value)
{
    ngx_uint_t        i;
    ngx_tel_node_t   *node;
    ngx_tel_level_t  *level;

    for (i = 0; i < p->matched; i++) {
        level = &p->levels[i];

        if (level->item == 0) {
            continue;
        }

        if (!level->array) {

            /* a name that a path spells out is no item */

            node = (i + 1 < p->matched) ? level[1].node : p->next;

            if (node != level->node->member) {
                continue;
            }

            value->member = level->name;
        }

        if (value->inner == 0) {
            value->element = level->item - 1;
        }

        value->inner = level->inner;
    }
}


ngx_int_t
ngx_tel_inspect_reserve(ngx_tel_paths_t *paths, size_t len, ngx_log_t *log)
{
    size_t            size, values;
    ngx_tel_arena_t  *arena;

    arena = &ngx_tel_arena;

    size = ngx_tel_arena_size(ngx_max(len, 8192))
           + ngx_tel_arena_paths(paths) + 64;

    /*
     * A value takes two bytes of JSON at the least, of nine of size, and is one
     * at every path of its node.
     */

    values = ngx_min(size / 18 * paths->most, 5 * NGX_TEL_MAX_ELEMENTS);

    if ((size_t) (arena->end - arena->start) < size
        || ngx_tel_nvalues < values
        || ((size_t) (arena->end - arena->start)
            > NGX_TEL_ARENA_KEPT
            && size <= NGX_TEL_ARENA_KEPT))
    {
        ngx_tel_inspect_done();

        ngx_tel_values = ngx_alloc(values * sizeof(ngx_tel_value_t), log);
        if (ngx_tel_values == NULL) {
            return NGX_ERROR;
        }

        ngx_tel_nvalues = values;

        arena->start = ngx_alloc(size, log);
        if (arena->start == NULL) {
            return NGX_ERROR;
        }

        arena->end = arena->start + size;
    }

    arena->pos = arena->start;
    arena->last = arena->start;

    return NGX_OK;
}


void
ngx_tel_inspect_done(void)
{
    ngx_tel_arena_t  *arena;

    arena = &ngx_tel_arena;

    if (arena->start) {
        ngx_free(arena->start);
        ngx_memzero(arena, sizeof(ngx_tel_arena_t));
    }

    if (ngx_tel_values) {
        ngx_free(ngx_tel_values);
        ngx_tel_values = NULL;
        ngx_tel_nvalues = 0;
    }
}


static void *
ngx_tel_arena_alloc(void *data, size_t size)
{
    ngx_tel_arena_t *arena = data;

    u_char  *p;

    p = ngx_align_ptr(arena->pos, NGX_ALIGNMENT);

    if (size > (size_t) (arena->end - p)) {
        return NULL;
    }

    arena->last = p;
    arena->pos = p + size;

    return p;
}


static void *
ngx_tel_arena_realloc(void *data, void *p, size_t size)
{
    ngx_tel_arena_t *arena = data;

    void    *new;
    size_t   old;

    if (p == NULL) {
        return ngx_tel_arena_alloc(data, size);
    }

    if (p == arena->last) {

        if (size > (size_t) (arena->end - arena->last)) {
            return NULL;
        }

        arena->pos = arena->last + size;
        return p;
    }

    /*
     * yajl only grows: the block is shorter than size, and what lies behind
     * it in the arena may be read
     */

    old = ngx_min(size, (size_t) (arena->pos - (u_char *) p));

    new = ngx_tel_arena_alloc(data, size);
    if (new == NULL) {
        return NULL;
    }

    ngx_memmove(new, p, old);

    return new;
}


static void
ngx_tel_arena_free(void *data, void *p)
{
    /* all goes at once, at the next inspection */
}
