
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_reference.h"
#include "ngx_tel_problem.h"


/* a piece of reference.html and what is written behind it */

typedef struct {
    ngx_str_t  text;
    void       (*handler)(ngx_tel_writer_t *w, ngx_tel_reference_t *reference);
} ngx_tel_part_t;


static void ngx_tel_reference_title(ngx_tel_writer_t *w,
    ngx_tel_reference_t *reference);
static void ngx_tel_reference_heading(ngx_tel_writer_t *w,
    ngx_tel_reference_t *reference);
static void ngx_tel_reference_subtitle(ngx_tel_writer_t *w,
    ngx_tel_reference_t *reference);
static void ngx_tel_reference_index(ngx_tel_writer_t *w,
    ngx_tel_reference_t *reference);
static void ngx_tel_reference_main(ngx_tel_writer_t *w,
    ngx_tel_reference_t *reference);

static void ngx_tel_reference_all(ngx_tel_writer_t *w, ngx_tel_codes_t *codes);
static void ngx_tel_reference_category(ngx_tel_writer_t *w,
    ngx_tel_codes_t *codes, ngx_uint_t first);
static void ngx_tel_reference_one(ngx_tel_writer_t *w,
    ngx_tel_reference_t *reference);
static void ngx_tel_reference_facts(ngx_tel_writer_t *w, ngx_tel_code_t *code);
static ngx_uint_t ngx_tel_reference_rows(ngx_tel_writer_t *w,
    ngx_str_t *provider, ngx_tel_code_t *code, ngx_array_t *list);
static void ngx_tel_reference_line(ngx_tel_writer_t *w,
    ngx_tel_written_t *written);
static void ngx_tel_reference_only(ngx_tel_writer_t *w, char *name,
    ngx_str_t *text);
static ngx_uint_t ngx_tel_reference_same(ngx_str_t *a, ngx_str_t *b);


#include "ngx_tel_reference_html.h"


/* nothing from elsewhere, and of its own only the one style */

ngx_str_t  ngx_tel_reference_policy = ngx_string(
    "default-src 'none'; img-src data:; "
    "style-src " NGX_TEL_REFERENCE_STYLE "; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");


/* by ngx_tel_retry_e */

static char  *ngx_tel_reference_advice[] = {
    "the same request fails again",
    "send it again after a short pause",
    "send it again if it may be repeated"
};


void
ngx_tel_reference_page(ngx_tel_writer_t *w, void *data)
{
    ngx_tel_reference_t *reference = data;

    const ngx_tel_part_t  *part;

    for (part = ngx_tel_reference_parts; part->text.data; part++) {

        ngx_tel_write(w, part->text.data, part->text.len);

        if (part->handler) {
            part->handler(w, reference);
        }
    }
}


static void
ngx_tel_reference_title(ngx_tel_writer_t *w, ngx_tel_reference_t *reference)
{
    if (reference->code) {
        ngx_tel_write_html(w, &reference->code->name);
        ngx_tel_write_text(w, ": ");
    }

    ngx_tel_reference_heading(w, reference);
}


static void
ngx_tel_reference_heading(ngx_tel_writer_t *w, ngx_tel_reference_t *reference)
{
    if (reference->code) {
        ngx_tel_write_html(w, &reference->code->title);
        return;
    }

    ngx_tel_write_text(w, "Telephony error codes");
}


static void
ngx_tel_reference_subtitle(ngx_tel_writer_t *w, ngx_tel_reference_t *reference)
{
    if (reference->code) {
        ngx_tel_write_text(w, "<code>");
        ngx_tel_write_name(w, &reference->code->name);
        ngx_tel_write_text(w, "</code>");
        return;
    }

    ngx_tel_writef(w, "%ui codes for the errors of %ui provider%s",
                   reference->catalogs->codes.list.nelts,
                   reference->catalogs->catalogs.nelts,
                   reference->catalogs->catalogs.nelts == 1 ? "" : "s");
}


static void
ngx_tel_reference_index(ngx_tel_writer_t *w, ngx_tel_reference_t *reference)
{
    if (reference->code) {
        ngx_tel_write_text(w, "<a href=\"./\">All codes</a>\n");
    }
}


static void
ngx_tel_reference_main(ngx_tel_writer_t *w, ngx_tel_reference_t *reference)
{
    if (reference->code) {
        ngx_tel_reference_one(w, reference);

    } else {
        ngx_tel_reference_all(w, &reference->catalogs->codes);
    }
}


/* A table for every category, in the order in which they come first. */

static void
ngx_tel_reference_all(ngx_tel_writer_t *w, ngx_tel_codes_t *codes)
{
    ngx_uint_t        i, j;
    ngx_tel_code_t  **code;

    ngx_tel_write_text(w,
        "<section aria-labelledby=\"retry\">\n"
        "<h2 id=\"retry\">May it be sent again?</h2>\n"
        "<p><b>no</b>: the same request fails again. "
        "<b>yes</b>: it may be sent again after a short pause. "
        "<b>safe</b>: only if it may be repeated, since the provider may have "
        "acted, and a second call or message costs money.</p>\n</section>\n");

    code = codes->list.elts;

    for (i = 0; i < codes->list.nelts; i++) {

        for (j = 0; j < i; j++) {
            if (ngx_tel_reference_same(&code[j]->category, &code[i]->category))
            {
                break;
            }
        }

        if (j == i) {
            ngx_tel_reference_category(w, codes, i);
        }
    }
}


static void
ngx_tel_reference_category(ngx_tel_writer_t *w, ngx_tel_codes_t *codes,
    ngx_uint_t first)
{
    ngx_str_t        *category;
    ngx_uint_t        i;
    ngx_tel_code_t  **code;

    code = codes->list.elts;
    category = &code[first]->category;

    ngx_tel_writef(w, "<section aria-labelledby=\"category-%ui\">\n"
                   "<h2 id=\"category-%ui\">", first, first);

    if (category->len) {
        ngx_tel_write_name(w, category);

    } else {
        ngx_tel_write_text(w, "No error");
    }

    ngx_tel_writef(w, "</h2>\n<table class=\"reference\">\n"
                   "<caption class=\"hidden\">Codes of this category"
                   "</caption>\n<thead>\n<tr>");
    ngx_tel_write_text(w, "<th scope=\"col\">Code</th>"
                       "<th scope=\"col\" class=\"short\">Status</th>"
                       "<th scope=\"col\" class=\"short\">Retry</th>"
                       "<th scope=\"col\">Title</th></tr>\n"
                       "</thead>\n<tbody>\n");

    for (i = first; i < codes->list.nelts; i++) {

        if (!ngx_tel_reference_same(&code[i]->category, category)) {
            continue;
        }

        ngx_tel_writef(w, "<tr><th scope=\"row\"><a href=\"%V\"><code>",
                       &code[i]->slug);
        ngx_tel_write_name(w, &code[i]->name);
        ngx_tel_writef(w, "</code></a></th><td>%ui</td><td>%V</td><td>",
                       code[i]->status, ngx_tel_reference_retry(code[i]));
        ngx_tel_write_html(w, &code[i]->title);
        ngx_tel_write_text(w, "</td></tr>\n");
    }

    ngx_tel_write_text(w, "</tbody>\n</table>\n</section>\n");
}


static void
ngx_tel_reference_one(ngx_tel_writer_t *w, ngx_tel_reference_t *reference)
{
    ngx_uint_t           i, n;
    ngx_tel_code_t      *code;
    ngx_tel_catalog_t  **catalog;

    static ngx_str_t  any = ngx_string("Any provider");

    code = reference->code;

    ngx_tel_reference_facts(w, code);

    if (code->description.len) {
        ngx_tel_write_text(w, "<section aria-labelledby=\"meaning\">\n"
                           "<h2 id=\"meaning\">What it means</h2>\n<p>");
        ngx_tel_write_html(w, &code->description);
        ngx_tel_write_text(w, "</p>\n</section>\n");
    }

    ngx_tel_write_text(w, "<section aria-labelledby=\"rows\">\n"
                       "<h2 id=\"rows\">What leads to it</h2>\n");

    catalog = reference->catalogs->catalogs.elts;
    n = 0;

    for (i = 0; i < reference->catalogs->catalogs.nelts; i++) {
        n += ngx_tel_reference_rows(w, &catalog[i]->name, code,
                                    catalog[i]->written);
    }

    n += ngx_tel_reference_rows(w, &any, code,
                                reference->catalogs->codes.written);

    if (n == 0) {
        ngx_tel_write_text(w, "<p class=\"faint\">No code of a provider; the "
                           "gateway may conclude it by itself.</p>\n");
    }

    ngx_tel_write_text(w, "</section>");
}


static void
ngx_tel_reference_facts(ngx_tel_writer_t *w, ngx_tel_code_t *code)
{
    ngx_str_t  *phrase;

    phrase = ngx_tel_reason_phrase(code->status);

    ngx_tel_writef(w, "<dl class=\"tiles facts\">\n"
                   "<div><dt>HTTP status</dt><dd class=\"big\">%ui</dd>"
                   "<dd class=\"faint\">%V</dd></div>\n",
                   code->status, phrase);

    ngx_tel_writef(w, "<div><dt>Retry</dt><dd class=\"big\">%V</dd>"
                   "<dd class=\"faint\">%s</dd></div>\n",
                   ngx_tel_reference_retry(code),
                   ngx_tel_reference_advice[code->retry]);

    ngx_tel_write_text(w, "<div><dt>Category</dt><dd class=\"big word\">");

    if (code->category.len) {
        ngx_tel_write_name(w, &code->category);

    } else {
        ngx_tel_write_text(w, "&ndash;");
    }

    ngx_tel_write_text(w, "</dd></div>\n</dl>\n");
}


/* The table of one provider, if any of its rows leads to the code. */

static ngx_uint_t
ngx_tel_reference_rows(ngx_tel_writer_t *w, ngx_str_t *provider,
    ngx_tel_code_t *code, ngx_array_t *list)
{
    ngx_uint_t          i;
    ngx_tel_written_t  *written;

    i = 0;
    written = ngx_tel_reference_row(list, code, &i);

    if (written == NULL) {
        return 0;
    }

    ngx_tel_write_text(w, "<table class=\"reference\">\n<caption>");
    ngx_tel_write_html(w, provider);
    ngx_tel_write_text(w, "</caption>\n<thead>\n"
                       "<tr><th scope=\"col\">Its code</th>"
                       "<th scope=\"col\" class=\"verdict\">Verdict</th>"
                       "<th scope=\"col\">Meaning</th></tr>\n"
                       "</thead>\n<tbody>\n");

    do {
        ngx_tel_reference_line(w, written);

        written = ngx_tel_reference_row(list, code, &i);

    } while (written);

    ngx_tel_write_text(w, "</tbody>\n</table>\n");

    return 1;
}


static void
ngx_tel_reference_line(ngx_tel_writer_t *w, ngx_tel_written_t *written)
{
    ngx_str_t  *kind;

    ngx_tel_write_text(w, "<tr><th scope=\"row\" class=\"plain\">");

    if (written->code.len) {
        ngx_tel_write_text(w, "<code>");
        ngx_tel_write_name(w, &written->code);
        ngx_tel_write_text(w, "</code>");

    } else {
        ngx_tel_writef(w, "%s", written->row->match == NGX_TEL_BY_ABSENT
                                ? "no code" : "no known code");
    }

    ngx_tel_reference_only(w, "HTTP status", &written->status);
    ngx_tel_reference_only(w, "scope", &written->scope);
    ngx_tel_reference_only(w, "message", &written->message);

    kind = ngx_tel_kind_name(written->row->kind);

    ngx_tel_writef(w, "</th><td><span class=\"key %V\">%V</span></td><td>",
                   kind, kind);

    if (written->row->sentence.len) {
        ngx_tel_write_html(w, &written->row->sentence);

    } else {
        ngx_tel_write_text(w, "&ndash;");
    }

    ngx_tel_write_text(w, "</td></tr>\n");
}


/* What the row asks for beside the code. */

static void
ngx_tel_reference_only(ngx_tel_writer_t *w, char *name, ngx_str_t *text)
{
    if (text->len == 0) {
        return;
    }

    ngx_tel_writef(w, "<span class=\"only\">%s <code>", name);
    ngx_tel_write_html(w, text);
    ngx_tel_write_text(w, "</code></span>");
}


static ngx_uint_t
ngx_tel_reference_same(ngx_str_t *a, ngx_str_t *b)
{
    return a->len == b->len && ngx_strncmp(a->data, b->data, a->len) == 0;
}
