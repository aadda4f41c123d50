
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/* The body in the module's own envelope, a problem document. */

#include "ngx_tel_problem.h"
#include "ngx_tel_text.h"


static void ngx_tel_put_type(ngx_tel_writer_t *w, ngx_tel_problem_t *problem);
static void ngx_tel_put_instance(ngx_tel_writer_t *w, ngx_str_t *id);
static void ngx_tel_put_fields(ngx_tel_writer_t *w, ngx_tel_verdict_t *verdict);
static void ngx_tel_put_provider(ngx_tel_writer_t *w,
    ngx_tel_problem_t *problem);
static void ngx_tel_put_status(ngx_tel_writer_t *w, ngx_uint_t status);


/*
 * A member with a text of any kind, or with a word that JSON need not escape;
 * name is all up to and with the opening quote.
 */

#define ngx_tel_put_member(w, name, text)                   \
    ngx_tel_puts(w, name);                                  \
    ngx_tel_write_escaped(w, text);                         \
    ngx_tel_puts(w, "\"")

#define ngx_tel_put_word(w, name, word)                     \
    ngx_tel_puts(w, name);                                  \
    ngx_tel_put(w, (word)->data, (word)->len);              \
    ngx_tel_puts(w, "\"")


/* the reason phrases of RFC 9110 and of the registry of HTTP status codes */

typedef struct {
    ngx_uint_t  status;
    ngx_str_t   phrase;
} ngx_tel_phrase_t;


static ngx_tel_phrase_t  ngx_tel_phrases[] = {
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


ngx_str_t  ngx_tel_problem_type = ngx_string("application/problem+json");


void
ngx_tel_problem(ngx_tel_writer_t *w, ngx_tel_problem_t *problem)
{
    ngx_str_t           message;
    ngx_tel_verdict_t  *verdict;

    verdict = problem->verdict;

    message = verdict->detail;
    message.len = ngx_tel_prefix(&message, NGX_TEL_MAX_MESSAGE);

    ngx_tel_put_type(w, problem);
    ngx_tel_puts(w, ",\"status\":");
    ngx_tel_put_status(w, verdict->status);
    ngx_tel_put_member(w, ",\"detail\":\"", &verdict->detail);
    ngx_tel_put_instance(w, &problem->request_id);
    ngx_tel_put_word(w, ",\"code\":\"", &verdict->code->name);
    ngx_tel_put_member(w, ",\"message\":\"", &message);

    if (verdict->code->category.len) {
        ngx_tel_put_word(w, ",\"category\":\"", &verdict->code->category);
    }

    if (problem->retryable) {
        ngx_tel_puts(w, ",\"retryable\":true");

    } else {
        ngx_tel_puts(w, ",\"retryable\":false");
    }

    ngx_tel_put_fields(w, verdict);

    if (problem->provider.len) {
        ngx_tel_put_provider(w, problem);
    }

    ngx_tel_puts(w, "}");
}


ngx_uint_t
ngx_tel_is_problem(ngx_str_t *type)
{
    return type->len >= ngx_tel_problem_type.len
           && ngx_strncasecmp(type->data, ngx_tel_problem_type.data,
                              ngx_tel_problem_type.len)
              == 0;
}


/* RFC 9457 4.2.1: about:blank has the reason phrase as its title. */

static void
ngx_tel_put_type(ngx_tel_writer_t *w, ngx_tel_problem_t *problem)
{
    ngx_str_t        base, *title;
    ngx_tel_code_t  *code;

    code = problem->verdict->code;
    base = problem->type_base;

    if (base.len == 0) {
        title = ngx_tel_reason_phrase(problem->verdict->status);

        ngx_tel_puts(w, "{\"type\":\"about:blank\"");
        ngx_tel_put_member(w, ",\"title\":\"", title);
        return;
    }

    while (base.len && base.data[base.len - 1] == '/') {
        base.len--;
    }

    ngx_tel_puts(w, "{\"type\":\"");
    ngx_tel_write_escaped(w, &base);
    ngx_tel_put_word(w, "/", &code->slug);
    ngx_tel_put_member(w, ",\"title\":\"", &code->title);
}


/* The request id as a UUID URN (RFC 9562): 8-4-4-4-12. */

static void
ngx_tel_put_instance(ngx_tel_writer_t *w, ngx_str_t *id)
{
    u_char  *p, *s, urn[sizeof("01234567-89ab-cdef-0123-456789abcdef") - 1];

    if (id->len != 32) {
        return;
    }

    s = id->data;

    p = ngx_cpymem(urn, s, 8);
    *p++ = '-';
    p = ngx_cpymem(p, s + 8, 4);
    *p++ = '-';
    p = ngx_cpymem(p, s + 12, 4);
    *p++ = '-';
    p = ngx_cpymem(p, s + 16, 4);
    *p++ = '-';
    ngx_memcpy(p, s + 20, 12);

    ngx_tel_puts(w, ",\"instance\":\"urn:uuid:");
    ngx_tel_put(w, urn, sizeof(urn));
    ngx_tel_puts(w, "\"");
}


static void
ngx_tel_put_fields(ngx_tel_writer_t *w, ngx_tel_verdict_t *verdict)
{
    ngx_uint_t        i, j, first;
    ngx_str_t        *texts[3];
    ngx_tel_field_t  *field;

    static ngx_str_t  names[] = {
        ngx_string(",\"field\":\""),
        ngx_string(",\"detail\":\""),
        ngx_string(",\"pointer\":\"")
    };

    for (i = 0; i < verdict->nfields; i++) {
        field = &verdict->fields[i];

        texts[0] = &field->field;
        texts[1] = &field->detail;
        texts[2] = &field->pointer;

        if (i == 0) {
            ngx_tel_puts(w, ",\"errors\":[{");

        } else {
            ngx_tel_puts(w, ",{");
        }

        first = 1;

        for (j = 0; j < 3; j++) {
            if (texts[j]->len) {
                ngx_tel_put(w, names[j].data + first, names[j].len - first);
                ngx_tel_write_escaped(w, texts[j]);
                ngx_tel_puts(w, "\"");
                first = 0;
            }
        }

        ngx_tel_puts(w, "}");
    }

    if (verdict->nfields) {
        ngx_tel_puts(w, "]");
    }
}


/* An error of the gateway itself has neither a status nor a code here. */

static void
ngx_tel_put_provider(ngx_tel_writer_t *w, ngx_tel_problem_t *problem)
{
    ngx_tel_verdict_t  *verdict;

    verdict = problem->verdict;

    ngx_tel_put_word(w, ",\"provider\":{\"name\":\"", &problem->provider);

    if (verdict->provider_status) {
        ngx_tel_puts(w, ",\"status\":");
        ngx_tel_put_status(w, verdict->provider_status);
    }

    if (verdict->provider_code.len) {
        ngx_tel_put_member(w, ",\"code\":\"", &verdict->provider_code);
    }

    if (verdict->provider_message.len) {
        ngx_tel_put_member(w, ",\"message\":\"", &verdict->provider_message);
    }

    ngx_tel_put_word(w, ",\"match\":\"", ngx_tel_match_name(verdict->match));

    ngx_tel_puts(w, "}");
}


static void
ngx_tel_put_status(ngx_tel_writer_t *w, ngx_uint_t status)
{
    u_char  digits[NGX_TEL_STATUS_LEN];

    ngx_tel_status(digits, status);
    ngx_tel_put(w, digits, NGX_TEL_STATUS_LEN);
}


u_char *
ngx_tel_status(u_char *p, ngx_uint_t status)
{
    *p++ = (u_char) ('0' + status / 100);
    *p++ = (u_char) ('0' + status / 10 % 10);
    *p++ = (u_char) ('0' + status % 10);

    return p;
}


ngx_str_t *
ngx_tel_reason_phrase(ngx_uint_t status)
{
    ngx_tel_phrase_t  *phrase;

    static ngx_str_t  client = ngx_string("Client Error");
    static ngx_str_t  server = ngx_string("Server Error");

    for (phrase = ngx_tel_phrases; phrase->status; phrase++) {
        if (phrase->status == status) {
            return &phrase->phrase;
        }
    }

    return (status < 500) ? &client : &server;
}
