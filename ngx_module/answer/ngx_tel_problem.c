
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_problem.h"
#include "ngx_tel_text.h"


#define NGX_TEL_MEMBER_DEPTH  8


static size_t ngx_tel_problem_size(ngx_tel_problem_t *problem);
static u_char *ngx_tel_put_type(u_char *p, ngx_tel_problem_t *problem);
static u_char *ngx_tel_put_instance(u_char *p, ngx_str_t *id);
static u_char *ngx_tel_put_fields(u_char *p, ngx_tel_verdict_t *verdict);
static u_char *ngx_tel_put_provider(u_char *p, ngx_tel_problem_t *problem);
static u_char *ngx_tel_put_text(u_char *p, ngx_str_t *text);
static u_char *ngx_tel_put_word(u_char *p, ngx_str_t *word);

static size_t ngx_tel_members_size(ngx_tel_member_t *member, ngx_str_t *values);
static u_char *ngx_tel_put_members(u_char *p, ngx_tel_member_t *member,
    ngx_str_t *values);
static ngx_uint_t ngx_tel_is_number(ngx_str_t *text);


#define ngx_tel_put(p, s)                                   \
    ngx_cpymem(p, s, sizeof(s) - 1)

#define ngx_tel_text_len(text)                              \
    ngx_tel_json_size((text)->data, (text)->len)

/*
 * A member with a text of any kind, or with a word that JSON need not escape;
 * name is all up to and with the opening quote
 */

#define ngx_tel_put_member(p, name, text)                   \
    ngx_tel_put_text(ngx_tel_put(p, name),\
                                       text)

#define ngx_tel_put_word_member(p, name, word)              \
    ngx_tel_put_word(ngx_tel_put(p, name),\
                                       word)


/* all member names, quotes, commas, two statuses and an instance */

#define NGX_TEL_PROBLEM_FIXED  512

/* {"field":"","detail":"","pointer":""}, */

#define NGX_TEL_FIELD_FIXED    64


static ngx_str_t  ngx_tel_kinds[] = {
    ngx_string("none"),
    ngx_string("success"),
    ngx_string("notice"),
    ngx_string("error")
};


static ngx_str_t  ngx_tel_reasons[] = {
    ngx_string(""),
    ngx_string("not_json"),
    ngx_string("too_deep"),
    ngx_string("too_large"),
    ngx_string("window"),
    ngx_string("encoding"),
    ngx_string("no_code"),
    ngx_string("truncated"),
    ngx_string("empty"),
    ngx_string("head"),
    ngx_string("generated")
};


static ngx_str_t  ngx_tel_matches[] = {
    ngx_string("none"),
    ngx_string("exact"),
    ngx_string("message"),
    ngx_string("class"),
    ngx_string("pattern"),
    ngx_string("absent"),
    ngx_string("status")
};


/* the reason phrases of RFC 9110 and of the registry of HTTP status codes */

typedef struct {
    ngx_uint_t  status;
    ngx_str_t   phrase;
} ngx_tel_phrase_t;


static ngx_tel_phrase_t  ngx_tel_phrases[]
    = {
    { 400, ngx_string("Bad Request") },
    { 401, ngx_string("Unauthorized") },
    { 402, ngx_string("Payment Required") },
    { 403, ngx_string("Forbidden") },
    { 404, ngx_string("Not Found") },
    { 405, ngx_string("Method Not Allowed") },
    { 406, ngx_string("Not Acceptable") },
    { 407, ngx_string("Proxy Authentication Required") },
    { 408, ngx_string("Request Timeout") },
    { 409, ngx_string("Conflict") },
    { 410, ngx_string("Gone") },
    { 411, ngx_string("Length Required") },
    { 412, ngx_string("Precondition Failed") },
    { 413, ngx_string("Content Too Large") },
    { 414, ngx_string("URI Too Long") },
    { 415, ngx_string("Unsupported Media Type") },
    { 416, ngx_string("Range Not Satisfiable") },
    { 417, ngx_string("Expectation Failed") },
    { 421, ngx_string("Misdirected Request") },
    { 422, ngx_string("Unprocessable Content") },
    { 423, ngx_string("Locked") },
    { 424, ngx_string("Failed Dependency") },
    { 425, ngx_string("Too Early") },
    { 426, ngx_string("Upgrade Required") },
    { 428, ngx_string("Precondition Required") },
    { 429, ngx_string("Too Many Requests") },
    { 431, ngx_string("Request Header Fields Too Large") },
    { 451, ngx_string("Unavailable For Legal Reasons") },
    { 500, ngx_string("Internal Server Error") },
    { 501, ngx_string("Not Implemented") },
    { 502, ngx_string("Bad Gateway") },
    { 503, ngx_string("Service Unavailable") },
    { 504, ngx_string("Gateway Timeout") },
    { 505, ngx_string("HTTP Version Not Supported") },
    { 506, ngx_string("Variant Also Negotiates") },
    { 507, ngx_string("Insufficient Storage") },
    { 508, ngx_string("Loop Detected") },
    { 510, ngx_string("Not Extended") },
    { 511, ngx_string("Network Authentication Required") },
    { 0,   ngx_string("") }
};


ngx_int_t
ngx_tel_problem(ngx_pool_t *pool, ngx_tel_problem_t *problem, ngx_str_t *out)
{
    u_char             *p;
    ngx_str_t           message;
    ngx_tel_verdict_t  *verdict;

    verdict = problem->verdict;

    p = ngx_pnalloc(pool, ngx_tel_problem_size(problem));
    if (p == NULL) {
        return NGX_ERROR;
    }

    message = verdict->detail;
    message.len = ngx_tel_prefix(&message, NGX_TEL_MAX_MESSAGE);

    out->data = p;

    p = ngx_tel_put_type(p, problem);
    p = ngx_tel_put(p, ",\"status\":");
    p = ngx_tel_put_status(p, verdict->status);
    p = ngx_tel_put_member(p, ",\"detail\":\"", &verdict->detail);
    p = ngx_tel_put_instance(p, &problem->request_id);
    p = ngx_tel_put_word_member(p, ",\"code\":\"", &verdict->code->name);
    p = ngx_tel_put_member(p, ",\"message\":\"", &message);

    if (verdict->code->category.len) {
        p = ngx_tel_put_word_member(p, ",\"category\":\"",
                                    &verdict->code->category);
    }

    p = problem->retryable
        ? ngx_tel_put(p, ",\"retryable\":true")
        : ngx_tel_put(p, ",\"retryable\":false");

    p = ngx_tel_put_fields(p, verdict);
    p = ngx_tel_put_provider(p, problem);

    *p++ = '}';

    out->len = p - out->data;

    return NGX_OK;
}


static size_t
ngx_tel_problem_size(ngx_tel_problem_t *problem)
{
    size_t              size;
    ngx_uint_t          i;
    ngx_tel_code_t     *code;
    ngx_tel_field_t    *field;
    ngx_tel_verdict_t  *verdict;

    verdict = problem->verdict;
    code = verdict->code;

    size = NGX_TEL_PROBLEM_FIXED
           + problem->provider.len
           + code->name.len + code->slug.len + code->category.len
           + ngx_tel_text_len(&problem->type_base)
           + ngx_tel_text_len(&code->title)
           + ngx_tel_text_len(&verdict->provider_code)
           + ngx_tel_text_len(&verdict->provider_message);

    /* the message is the detail's beginning */

    size += 2 * ngx_tel_text_len(&verdict->detail);

    for (i = 0; i < verdict->nfields; i++) {
        field = &verdict->fields[i];

        size += NGX_TEL_FIELD_FIXED
                + ngx_tel_text_len(&field->field)
                + ngx_tel_text_len(&field->detail)
                + ngx_tel_text_len(&field->pointer);
    }

    return size;
}


/* RFC 9457 4.2.1: about:blank has the reason phrase as its title. */

static u_char *
ngx_tel_put_type(u_char *p, ngx_tel_problem_t *problem)
{
    ngx_str_t        base;
    ngx_tel_code_t  *code;

    code = problem->verdict->code;
    base = problem->type_base;

    if (base.len == 0) {
        p = ngx_tel_put(p, "{\"type\":\"about:blank\"");
        return ngx_tel_put_member(p, ",\"title\":\"",
                                  ngx_tel_reason_phrase(
                                                   problem->verdict->status));
    }

    while (base.len && base.data[base.len - 1] == '/') {
        base.len--;
    }

    p = ngx_tel_put(p, "{\"type\":\"");
    p = ngx_tel_json(p, base.data, base.len);
    *p++ = '/';
    p = ngx_tel_put_word(p, &code->slug);

    return ngx_tel_put_member(p, ",\"title\":\"", &code->title);
}


/* The request id as a UUID URN (RFC 9562): 8-4-4-4-12. */

static u_char *
ngx_tel_put_instance(u_char *p, ngx_str_t *id)
{
    u_char      *s;
    ngx_uint_t   i;

    static ngx_uint_t  groups[] = { 8, 4, 4, 4, 12 };

    if (id->len != 32) {
        return p;
    }

    p = ngx_tel_put(p, ",\"instance\":\"urn:uuid:");

    s = id->data;

    for (i = 0; i < 5; i++) {
        p = ngx_cpymem(p, s, groups[i]);
        s += groups[i];
        *p++ = '-';
    }

    p[-1] = '"';

    return p;
}


static u_char *
ngx_tel_put_fields(u_char *p, ngx_tel_verdict_t *verdict)
{
    ngx_uint_t        i, j;
    ngx_tel_field_t  *field;

    static ngx_str_t  names[] = {
        ngx_string(",\"field\":\""),
        ngx_string(",\"detail\":\""),
        ngx_string(",\"pointer\":\"")
    };

    if (verdict->nfields == 0) {
        return p;
    }

    p = ngx_tel_put(p, ",\"errors\":[");

    for (i = 0; i < verdict->nfields; i++) {
        field = &verdict->fields[i];

        ngx_str_t  *texts[] = {
            &field->field, &field->detail, &field->pointer
        };

        ngx_uint_t  first = 1;

        *p++ = '{';

        for (j = 0; j < 3; j++) {
            if (texts[j]->len) {
                p = ngx_cpymem(p, names[j].data + first, names[j].len - first);
                p = ngx_tel_put_text(p, texts[j]);
                first = 0;
            }
        }

        *p++ = '}';
        *p++ = ',';
    }

    p[-1] = ']';

    return p;
}


/* An error of the gateway itself has neither a status nor a code here. */

static u_char *
ngx_tel_put_provider(u_char *p, ngx_tel_problem_t *problem)
{
    ngx_tel_verdict_t  *verdict;

    verdict = problem->verdict;

    p = ngx_tel_put_word_member(p, ",\"provider\":{\"name\":\"",
                                &problem->provider);

    if (verdict->provider_status) {
        p = ngx_tel_put(p, ",\"status\":");
        p = ngx_tel_put_status(p, verdict->provider_status);
    }

    if (verdict->provider_code.len) {
        p = ngx_tel_put_member(p, ",\"code\":\"", &verdict->provider_code);
    }

    if (verdict->provider_message.len) {
        p = ngx_tel_put_member(p, ",\"message\":\"",
                               &verdict->provider_message);
    }

    p = ngx_tel_put_word_member(p, ",\"match\":\"",
                                ngx_tel_match_name(verdict->match));

    *p++ = '}';

    return p;
}


static u_char *
ngx_tel_put_text(u_char *p, ngx_str_t *text)
{
    p = ngx_tel_json(p, text->data, text->len);
    *p++ = '"';

    return p;
}


static u_char *
ngx_tel_put_word(u_char *p, ngx_str_t *word)
{
    p = ngx_cpymem(p, word->data, word->len);
    *p++ = '"';

    return p;
}


u_char *
ngx_tel_put_status(u_char *p, ngx_uint_t status)
{
    *p++ = (u_char) ('0' + status / 100);
    *p++ = (u_char) ('0' + status / 10 % 10);
    *p++ = (u_char) ('0' + status % 10);

    return p;
}


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


ngx_int_t
ngx_tel_members(ngx_pool_t *pool, ngx_tel_member_t *root, ngx_str_t *values,
    ngx_str_t *out)
{
    out->data = ngx_pnalloc(pool, ngx_tel_members_size(root, values));
    if (out->data == NULL) {
        return NGX_ERROR;
    }

    out->len = ngx_tel_put_members(out->data, root, values)
               - out->data;

    return NGX_OK;
}


/* recursion is as deep as the configuration says, eight levels at the most */

static size_t
ngx_tel_members_size(ngx_tel_member_t *member, ngx_str_t *values)
{
    size_t      size;
    ngx_str_t  *value;

    size = sizeof("{}");

    for (member = member->child; member; member = member->next) {
        size += member->name.len + sizeof("\"\":null,");

        if (member->type == NGX_TEL_MEMBER_OBJECT) {
            size += ngx_tel_members_size(member, values);
            continue;
        }

        value = &values[member->number];
        size += 2 + ngx_tel_text_len(value);
    }

    return size;
}


static u_char *
ngx_tel_put_members(u_char *p, ngx_tel_member_t *member, ngx_str_t *values)
{
    ngx_str_t  *value;

    *p++ = '{';

    for (member = member->child; member; member = member->next) {
        *p++ = '"';
        p = ngx_cpymem(p, member->name.data, member->name.len);
        p = ngx_tel_put(p, "\":");

        value = &values[member->number];

        switch (member->type) {

        case NGX_TEL_MEMBER_OBJECT:
            p = ngx_tel_put_members(p, member, values);
            break;

        case NGX_TEL_MEMBER_STRING:
            *p++ = '"';
            p = ngx_tel_put_text(p, value);
            break;

        default:
            if ((member->type == NGX_TEL_MEMBER_NUMBER)
                ? ngx_tel_is_number(value)
                : ((value->len == 4
                    && ngx_strncmp(value->data, "true", 4) == 0)
                   || (value->len == 5
                       && ngx_strncmp(value->data, "false", 5) == 0)))
            {
                p = ngx_cpymem(p, value->data, value->len);

            } else {
                p = ngx_tel_put(p, "null");
            }
        }

        *p++ = ',';
    }

    if (p[-1] == ',') {
        p--;
    }

    *p++ = '}';

    return p;
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


ngx_str_t *
ngx_tel_reason_phrase(ngx_uint_t status)
{
    ngx_tel_phrase_t  *phrase;

    static ngx_str_t  client = ngx_string("Client Error");
    static ngx_str_t  server = ngx_string("Server Error");

    for (phrase = ngx_tel_phrases; phrase->status; phrase++)
    {
        if (phrase->status == status) {
            return &phrase->phrase;
        }
    }

    return (status < 500) ? &client : &server;
}


ngx_str_t *
ngx_tel_kind_name(ngx_uint_t kind)
{
    return &ngx_tel_kinds[kind];
}


ngx_str_t *
ngx_tel_reason_name(ngx_uint_t reason)
{
    return &ngx_tel_reasons[reason];
}


ngx_str_t *
ngx_tel_match_name(ngx_uint_t match)
{
    return &ngx_tel_matches[match];
}
