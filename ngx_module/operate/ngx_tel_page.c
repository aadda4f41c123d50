
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/* The page of telephony_errors_metrics, for people. */

#include "ngx_tel_metrics.h"
#include "ngx_tel_text.h"


/* a piece of page.html and what is written behind it */

typedef struct {
    ngx_str_t  text;
    void       (*handler)(ngx_tel_writer_t *w, ngx_tel_report_t *report);
} ngx_tel_part_t;


static void ngx_tel_page_reference(ngx_tel_writer_t *w,
    ngx_tel_report_t *report);
static void ngx_tel_page_status(ngx_tel_writer_t *w, ngx_tel_report_t *report);
static void ngx_tel_page_warnings(ngx_tel_writer_t *w,
    ngx_tel_report_t *report);
static void ngx_tel_page_tiles(ngx_tel_writer_t *w, ngx_tel_report_t *report);
static void ngx_tel_page_providers(ngx_tel_writer_t *w,
    ngx_tel_report_t *report);
static void ngx_tel_page_unmapped(ngx_tel_writer_t *w,
    ngx_tel_report_t *report);
static void ngx_tel_page_codes(ngx_tel_writer_t *w, ngx_tel_report_t *report);
static void ngx_tel_page_reasons(ngx_tel_writer_t *w, ngx_tel_report_t *report);
static void ngx_tel_page_matches(ngx_tel_writer_t *w, ngx_tel_report_t *report);
static void ngx_tel_page_catalogs(ngx_tel_writer_t *w,
    ngx_tel_report_t *report);
static void ngx_tel_page_footer(ngx_tel_writer_t *w, ngx_tel_report_t *report);

static void ngx_tel_page_tile(ngx_tel_writer_t *w, ngx_uint_t kind,
    ngx_uint_t n, ngx_uint_t total);
static void ngx_tel_page_codes_of(ngx_tel_writer_t *w,
    ngx_tel_report_t *report, ngx_tel_provider_count_t *p);
static void ngx_tel_page_code(ngx_tel_writer_t *w, ngx_tel_report_t *report,
    ngx_str_t *name);
static void ngx_tel_page_row(ngx_tel_writer_t *w, ngx_str_t *provider);
static void ngx_tel_page_number(ngx_tel_writer_t *w, ngx_uint_t n);
static void ngx_tel_page_share(ngx_tel_writer_t *w, ngx_uint_t n,
    ngx_uint_t total);
static void ngx_tel_page_number_cell(ngx_tel_writer_t *w, ngx_uint_t n);
static void ngx_tel_page_share_cell(ngx_tel_writer_t *w, ngx_uint_t n,
    ngx_uint_t total);
static void ngx_tel_page_bar(ngx_tel_writer_t *w, ngx_tel_provider_count_t *p);
static void ngx_tel_page_time(ngx_tel_writer_t *w, time_t t);


#include "ngx_tel_page_html.h"


/* nothing from elsewhere, and of its own only the one style and script */

ngx_str_t  ngx_tel_page_policy = ngx_string(
    "default-src 'none'; connect-src 'self'; img-src data:; "
    "style-src " NGX_TEL_PAGE_STYLE "; "
    "script-src " NGX_TEL_PAGE_SCRIPT "; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");


/* as they stand in a bar */

static ngx_uint_t  ngx_tel_page_kinds[] = {
    NGX_TEL_SUCCESS,
    NGX_TEL_NOTICE,
    NGX_TEL_ERROR,
    NGX_TEL_NONE
};


static char  *ngx_tel_page_whys[] = {
    "no reason is known",
    "the body is no JSON",
    "the JSON is nested too deeply",
    "a string or an array in the JSON is too large",
    "no code within telephony_errors_window",
    "a content coding that cannot be read, so ask the upstream for gzip",
    "the JSON has no code where the catalog looks for one",
    "the body broke off before a code",
    "there was no body",
    "the request was HEAD",
    "the gateway itself answered"
};


void
ngx_tel_page(ngx_tel_writer_t *w, void *data)
{
    ngx_tel_report_t *report = data;

    const ngx_tel_part_t  *part;

    for (part = ngx_tel_page_parts; part->text.data; part++) {

        ngx_tel_write(w, part->text.data, part->text.len);

        if (part->handler) {
            part->handler(w, report);
        }
    }
}


static void
ngx_tel_page_reference(ngx_tel_writer_t *w, ngx_tel_report_t *report)
{
    if (report->reference->len) {
        ngx_tel_write_text(w, "<a href=\"");
        ngx_tel_write_html(w, report->reference);
        ngx_tel_write_text(w, "\">All codes</a>\n");
    }
}


static void
ngx_tel_page_status(ngx_tel_writer_t *w, ngx_tel_report_t *report)
{
    ngx_tel_page_time(w, report->now);

    ngx_tel_write_text(w, " UTC, counting since ");
    ngx_tel_page_time(w, report->counters.since);
    ngx_tel_write_text(w, " UTC");
}


static void
ngx_tel_page_warnings(ngx_tel_writer_t *w, ngx_tel_report_t *report)
{
    if (report->counters.full) {
        ngx_tel_write_text(w,
                  "<section class=\"warning\"><h2>The zone is full</h2>\n"
                  "<p>Codes that came since are counted as <code>other</code>. "
                  "Give <code>telephony_errors_zone</code> a larger size; "
                  "the counters then begin anew.</p></section>\n");
    }
}


static void
ngx_tel_page_tiles(ngx_tel_writer_t *w, ngx_tel_report_t *report)
{
    ngx_uint_t                 i, j, total, unmapped;
    ngx_uint_t                 kinds[NGX_TEL_KINDS];
    ngx_tel_provider_count_t  *p;

    total = 0;
    unmapped = 0;
    ngx_memzero(kinds, sizeof(kinds));

    p = report->counters.providers.elts;

    for (i = 0; i < report->counters.providers.nelts; i++) {
        total += p[i].responses;
        unmapped += p[i].unmapped;

        for (j = 0; j < NGX_TEL_KINDS; j++) {
            kinds[j] += p[i].kinds[j];
        }
    }

    ngx_tel_write_text(w, "<div><dt>Responses</dt><dd class=\"big\">");
    ngx_tel_page_number(w, total);
    ngx_tel_writef(w, "</dd><dd class=\"faint\">%ui provider%s</dd></div>\n",
                   report->counters.providers.nelts,
                   report->counters.providers.nelts == 1 ? "" : "s");

    for (i = 0; i < NGX_TEL_KINDS; i++) {
        j = ngx_tel_page_kinds[i];
        ngx_tel_page_tile(w, j, kinds[j], total);
    }

    ngx_tel_write_text(w, "<div><dt>Unmapped</dt><dd class=\"big\">");
    ngx_tel_page_number(w, unmapped);
    ngx_tel_writef(w, "</dd><dd class=\"faint\">%ui code%s</dd></div>",
                   report->counters.unmapped.nelts,
                   report->counters.unmapped.nelts == 1 ? "" : "s");
}


static void
ngx_tel_page_tile(ngx_tel_writer_t *w, ngx_uint_t kind, ngx_uint_t n,
    ngx_uint_t total)
{
    ngx_str_t  *name;

    name = ngx_tel_kind_name(kind);

    ngx_tel_writef(w, "<div><dt class=\"key %V\">%V</dt><dd class=\"big\">",
                   name, name);
    ngx_tel_page_share(w, n, total);
    ngx_tel_write_text(w, "</dd><dd class=\"faint\">");
    ngx_tel_page_number(w, n);
    ngx_tel_write_text(w, "</dd></div>\n");
}


static void
ngx_tel_page_providers(ngx_tel_writer_t *w, ngx_tel_report_t *report)
{
    ngx_uint_t                 i;
    ngx_tel_provider_count_t  *p;

    p = report->counters.providers.elts;

    for (i = 0; i < report->counters.providers.nelts; i++) {
        ngx_tel_page_row(w, &p[i].name);

        ngx_tel_page_number_cell(w, p[i].responses);

        ngx_tel_write_text(w, "<td class=\"bar\">");
        ngx_tel_page_bar(w, &p[i]);
        ngx_tel_write_text(w, "</td>");

        ngx_tel_page_share_cell(w, p[i].kinds[NGX_TEL_ERROR], p[i].responses);
        ngx_tel_page_share_cell(w, p[i].kinds[NGX_TEL_NOTICE], p[i].responses);
        ngx_tel_page_share_cell(w, p[i].kinds[NGX_TEL_NONE], p[i].responses);
        ngx_tel_page_number_cell(w, p[i].unmapped);

        ngx_tel_write_text(w, "</tr>\n");
    }
}


static void
ngx_tel_page_unmapped(ngx_tel_writer_t *w, ngx_tel_report_t *report)
{
    u_char               word[2 * NGX_TEL_PLAIN];
    ngx_str_t            code;
    ngx_uint_t           i;
    ngx_tel_unmapped_t  *u;

    if (report->counters.unmapped.nelts == 0) {
        ngx_tel_write_text(w,
                      "<p class=\"faint\">Every code that came has a row.</p>");
        return;
    }

    u = report->counters.unmapped.elts;

    ngx_tel_write_text(w,
         "<p class=\"faint\">No row of the catalog names these codes. Give each"
         " a row in a file of your own, then <code>nginx -t</code> and"
         " reload:</p>\n<pre>telephony_catalog ");
    ngx_tel_write_html(w, &u[0].provider);
    ngx_tel_write_text(w, " {\n    error  ");

    code.data = word;
    code.len = ngx_tel_row_word(word, &u[0].code) - word;

    ngx_tel_write_html(w, &code);
    ngx_tel_write_text(w,
        "  UNIFIED_CODE  \"What it means\";\n}</pre>\n"
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\""
        " aria-labelledby=\"unmapped\">\n"
        "<table class=\"sort\" id=\"t-unmapped\">\n"
        "<caption class=\"hidden\">Unmapped codes, the latest first</caption>\n"
        "<thead>\n<tr><th scope=\"col\">Provider</th>"
        "<th scope=\"col\">Code</th>"
        "<th scope=\"col\" class=\"number\">Times</th>"
        "<th scope=\"col\">Answered as</th>"
        "<th scope=\"col\">Last (UTC)</th>"
        "<th scope=\"col\">First (UTC)</th></tr>\n</thead>\n<tbody>\n");

    for (i = 0; i < report->counters.unmapped.nelts; i++) {
        ngx_tel_write_text(w, "<tr><td>");
        ngx_tel_write_html(w, &u[i].provider);
        ngx_tel_write_text(w, "</td><th scope=\"row\"><code>");
        ngx_tel_write_html(w, &u[i].code);
        ngx_tel_write_text(w, "</code></th>");
        ngx_tel_page_number_cell(w, u[i].count);
        ngx_tel_write_text(w, "<td><code>");
        ngx_tel_write_html(w, &u[i].unified);
        ngx_tel_write_text(w, "</code></td><td class=\"time\">");
        ngx_tel_page_time(w, u[i].last);
        ngx_tel_write_text(w, "</td><td class=\"time\">");
        ngx_tel_page_time(w, u[i].first);
        ngx_tel_write_text(w, "</td></tr>\n");
    }

    ngx_tel_write_text(w, "</tbody>\n</table>\n</div>");
}


static void
ngx_tel_page_codes(ngx_tel_writer_t *w, ngx_tel_report_t *report)
{
    ngx_uint_t                 i;
    ngx_tel_provider_count_t  *p;

    p = report->counters.providers.elts;

    for (i = 0; i < report->counters.providers.nelts; i++) {
        ngx_tel_page_codes_of(w, report, &p[i]);
    }
}


static void
ngx_tel_page_codes_of(ngx_tel_writer_t *w, ngx_tel_report_t *report,
    ngx_tel_provider_count_t *p)
{
    ngx_str_t             *kind;
    ngx_uint_t             i, width;
    ngx_tel_code_count_t  *c;

    /* the column of the few that hand errors over may stick out on a phone */

    ngx_tel_writef(w, "<div%s><table class=\"sort\" id=\"t-codes-",
                   p->intercepted ? " class=\"scroll\" role=\"region\""
                                    " tabindex=\"0\" aria-labelledby=\"codes\""
                                  : "");
    ngx_tel_write_html(w, &p->name);
    ngx_tel_write_text(w, "\">\n<caption>");
    ngx_tel_write_html(w, &p->name);
    ngx_tel_writef(w,
                   "</caption>\n<thead>\n<tr><th scope=\"col\">Code</th>"
                   "<th scope=\"col\">Verdict</th>"
                   "<th scope=\"col\" class=\"number\">Count</th>"
                   "<th scope=\"col\" class=\"number\">Share</th>%s</tr>\n"
                   "</thead>\n<tbody>\n",
                   p->intercepted ? "<th scope=\"col\" class=\"number\">"
                                    "Intercepted</th>"
                                  : "");

    c = p->codes.elts;

    for (i = 0; i < p->codes.nelts; i++) {
        kind = ngx_tel_kind_name(c[i].kind);

        /* a new code may be seen before it is counted */

        width = p->responses
                ? (ngx_uint_t) (1000.0 * c[i].count / p->responses) : 0;

        ngx_tel_write_text(w, "<tr><th scope=\"row\" class=\"plain\"><code>");

        ngx_tel_page_code(w, report, &c[i].code);

        ngx_tel_writef(w,
               "</code><svg viewBox=\"0 0 1000 1\" preserveAspectRatio=\"none\""
               " aria-hidden=\"true\"><rect class=\"rest\" width=\"1000\""
               " height=\"1\"/><rect class=\"%V\" width=\"%ui\" height=\"1\"/>"
               "</svg></th>", kind, ngx_max(width, 6));
        ngx_tel_writef(w, "<td><span class=\"key %V\">%V</span></td>", kind,
                       kind);
        ngx_tel_page_number_cell(w, c[i].count);
        ngx_tel_page_share_cell(w, c[i].count, p->responses);

        if (p->intercepted) {
            ngx_tel_page_number_cell(w, c[i].intercepted);
        }

        ngx_tel_write_text(w, "</tr>\n");
    }

    ngx_tel_write_text(w, "</tbody>\n</table></div>\n");
}


/* The unified code, and where it is told of if that is known. */

static void
ngx_tel_page_code(ngx_tel_writer_t *w, ngx_tel_report_t *report,
    ngx_str_t *name)
{
    ngx_tel_code_t  *code;

    if (name->len == 0) {
        ngx_tel_write_text(w, "&ndash;");
        return;
    }

    code = report->reference->len ? ngx_tel_find_code(report->codes, name)
                                  : NULL;

    if (code) {
        ngx_tel_write_text(w, "<a href=\"");
        ngx_tel_write_html(w, report->reference);
        ngx_tel_writef(w, "%V\">", &code->slug);
    }

    ngx_tel_write_name(w, name);

    if (code) {
        ngx_tel_write_text(w, "</a>");
    }
}


static void
ngx_tel_page_reasons(ngx_tel_writer_t *w, ngx_tel_report_t *report)
{
    ngx_uint_t                 i, j, some;
    ngx_tel_provider_count_t  *p;

    some = 0;
    p = report->counters.providers.elts;

    for (i = 0; i < report->counters.providers.nelts; i++) {

        for (j = 0; j < NGX_TEL_REASONS; j++) {

            if (p[i].reasons[j] == 0) {
                continue;
            }

            if (!some) {
                some = 1;
                ngx_tel_write_text(w,
                      "<div class=\"scroll\" role=\"region\" tabindex=\"0\""
                      " aria-labelledby=\"none\">\n"
                      "<table class=\"sort\" id=\"t-none\">\n"
                      "<caption class=\"hidden\">Responses without a verdict"
                      "</caption>\n<thead>\n<tr><th scope=\"col\">Provider</th>"
                      "<th scope=\"col\">Reason</th>"
                      "<th scope=\"col\" class=\"number\">Responses</th>"
                      "<th scope=\"col\">Meaning</th></tr>\n"
                      "</thead>\n<tbody>\n");
            }

            ngx_tel_page_row(w, &p[i].name);
            ngx_tel_writef(w, "<td><code>%V</code></td>",
                           ngx_tel_reason_name(j));
            ngx_tel_page_number_cell(w, p[i].reasons[j]);
            ngx_tel_writef(w, "<td class=\"path\">%s</td></tr>\n",
                           ngx_tel_page_whys[j]);
        }
    }

    if (some) {
        ngx_tel_write_text(w, "</tbody>\n</table>\n</div>");

    } else {
        ngx_tel_write_text(w,
                        "<p class=\"faint\">Every response got a verdict.</p>");
    }
}


static void
ngx_tel_page_matches(ngx_tel_writer_t *w, ngx_tel_report_t *report)
{
    ngx_uint_t                 i, j;
    ngx_tel_provider_count_t  *p;

    p = report->counters.providers.elts;

    for (i = 0; i < report->counters.providers.nelts; i++) {
        ngx_tel_page_row(w, &p[i].name);

        for (j = NGX_TEL_BY_EXACT; j < NGX_TEL_MATCHES; j++) {
            ngx_tel_page_number_cell(w, p[i].matches[j]);
        }

        ngx_tel_page_number_cell(w, p[i].matches[NGX_TEL_BY_NONE]);
        ngx_tel_page_number_cell(w, p[i].generated);
        ngx_tel_page_number_cell(w, p[i].held);
        ngx_tel_page_number_cell(w,
                                 p[i].held ? p[i].held_bytes / p[i].held : 0);
        ngx_tel_page_number_cell(w, p[i].inflated);
        ngx_tel_write_text(w, "</tr>\n");
    }
}


static void
ngx_tel_page_catalogs(ngx_tel_writer_t *w, ngx_tel_report_t *report)
{
    ngx_uint_t          i;
    ngx_tel_catalog_t  *catalog;

    for (i = 0; i < report->ncatalogs; i++) {
        catalog = report->catalogs[i];

        ngx_tel_page_row(w, &catalog->name);
        ngx_tel_page_number_cell(w, catalog->index->nrows);
        ngx_tel_write_text(w, "<td class=\"path\"><code>");

        if (catalog->place.file) {
            ngx_tel_write_html(w, catalog->place.file);
        }

        ngx_tel_write_text(w, "</code></td></tr>\n");
    }
}


static void
ngx_tel_page_footer(ngx_tel_writer_t *w, ngx_tel_report_t *report)
{
    ngx_tel_writef(w, "ngx_http_telephony_errors_module %s, nginx %s",
                   NGX_TEL_VERSION, NGINX_VERSION);

    ngx_tel_write_text(w, "; zone ");
    ngx_tel_write_html(w, &report->counters.name);
    ngx_tel_writef(w, ": %uzk of %uzk free", report->counters.free / 1024,
                   report->counters.size / 1024);
}


/* The beginning of a row that is about a provider. */

static void
ngx_tel_page_row(ngx_tel_writer_t *w, ngx_str_t *provider)
{
    ngx_tel_write_text(w, "<tr><th scope=\"row\">");
    ngx_tel_write_html(w, provider);
    ngx_tel_write_text(w, "</th>");
}


/* 1234567 as 1,234,567 */

static void
ngx_tel_page_number(ngx_tel_writer_t *w, ngx_uint_t n)
{
    size_t   i, len;
    u_char  *p, digits[NGX_INT64_LEN], text[2 * NGX_INT64_LEN];

    len = ngx_sprintf(digits, "%ui", n) - digits;
    p = text;

    for (i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0) {
            *p++ = ',';
        }

        *p++ = digits[i];
    }

    ngx_tel_writef(w, "<data value=\"%ui\">%*s</data>", n, (size_t) (p - text),
                   text);
}


/* In per cent; what is neither nothing nor all does not look so. */

static void
ngx_tel_page_share(ngx_tel_writer_t *w, ngx_uint_t n, ngx_uint_t total)
{
    double  share;

    share = total ? 100.0 * n / total : 0;

    ngx_tel_writef(w, "<data value=\"%.6f\">", share);

    if (n == 0 || n == total) {
        ngx_tel_writef(w, "%s%%", n ? "100" : "0");

    } else if (share < 0.1) {
        ngx_tel_write_text(w, "&lt;0.1%");

    } else if (share > 99.9) {
        ngx_tel_write_text(w, "&gt;99.9%");

    } else {
        ngx_tel_writef(w, "%.1f%%", share);
    }

    ngx_tel_write_text(w, "</data>");
}


static void
ngx_tel_page_number_cell(ngx_tel_writer_t *w, ngx_uint_t n)
{
    ngx_tel_write_text(w, "<td class=\"number\">");
    ngx_tel_page_number(w, n);
    ngx_tel_write_text(w, "</td>");
}


static void
ngx_tel_page_share_cell(ngx_tel_writer_t *w, ngx_uint_t n, ngx_uint_t total)
{
    ngx_tel_write_text(w, "<td class=\"number\">");
    ngx_tel_page_share(w, n, total);
    ngx_tel_write_text(w, "</td>");
}


/* The shares of all verdicts in one bar. */

static void
ngx_tel_page_bar(ngx_tel_writer_t *w, ngx_tel_provider_count_t *p)
{
    double      x, width;
    ngx_uint_t  i, kind;

    ngx_tel_write_text(w,
                     "<svg viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\""
                     " role=\"img\" aria-label=\"");

    for (i = 0; i < NGX_TEL_KINDS; i++) {
        kind = ngx_tel_page_kinds[i];

        ngx_tel_writef(w, "%s%V %ui", i ? ", " : "", ngx_tel_kind_name(kind),
                       p->kinds[kind]);
    }

    ngx_tel_write_text(w, "\">");

    x = 0;

    for (i = 0; i < NGX_TEL_KINDS; i++) {
        kind = ngx_tel_page_kinds[i];

        if (p->kinds[kind] == 0) {
            continue;
        }

        width = 1000.0 * p->kinds[kind] / p->responses;

        ngx_tel_writef(w, "<rect class=\"%V\" x=\"%.2f\" width=\"%.2f\""
                       " height=\"10\"/>", ngx_tel_kind_name(kind), x, width);
        x += width;
    }

    ngx_tel_write_text(w, "</svg>");
}


/* 2026-11-21 09:40:00, with the full form for the machine */

static void
ngx_tel_page_time(ngx_tel_writer_t *w, time_t t)
{
    ngx_tm_t  tm;

    ngx_gmtime(t, &tm);

    ngx_tel_write_text(w, "<time datetime=\"");
    ngx_tel_write_time(w, t);
    ngx_tel_writef(w, "\">%4d-%02d-%02d %02d:%02d:%02d</time>", tm.ngx_tm_year,
                   tm.ngx_tm_mon, tm.ngx_tm_mday, tm.ngx_tm_hour, tm.ngx_tm_min,
                   tm.ngx_tm_sec);
}
