
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_format.h"
#include "ngx_tel_metrics.h"


/* a counter that every provider has once */

typedef struct {
    char    *name;
    char    *help;
    size_t   offset;
} ngx_tel_family_t;


static void ngx_tel_prometheus(ngx_tel_writer_t *w, void *data);
static void ngx_tel_prometheus_sample(ngx_tel_writer_t *w,
    ngx_tel_provider_count_t *p, ngx_uint_t kind, ngx_str_t *code,
    ngx_uint_t count);
static void ngx_tel_prometheus_head(ngx_tel_writer_t *w, char *name, char *type,
    char *help);
static void ngx_tel_prometheus_words(ngx_tel_writer_t *w,
    ngx_tel_provider_count_t *p, char *name, char *label, ngx_uint_t *counts,
    ngx_uint_t n, ngx_str_t *(*word)(ngx_uint_t i));
static void ngx_tel_prometheus_responses(ngx_tel_writer_t *w,
    ngx_tel_report_t *report);
static void ngx_tel_prometheus_intercepted(ngx_tel_writer_t *w,
    ngx_tel_report_t *report);
static void ngx_tel_prometheus_gauges(ngx_tel_writer_t *w,
    ngx_tel_report_t *report);

static void ngx_tel_metrics_json(ngx_tel_writer_t *w, void *data);
static void ngx_tel_json_provider(ngx_tel_writer_t *w,
    ngx_tel_provider_count_t *p);
static void ngx_tel_json_words(ngx_tel_writer_t *w, char *name,
    ngx_uint_t *counts, ngx_uint_t n, ngx_str_t *(*word)(ngx_uint_t i));
static void ngx_tel_json_unmapped(ngx_tel_writer_t *w, ngx_tel_unmapped_t *u);
static void ngx_tel_json_catalog(ngx_tel_writer_t *w,
    ngx_tel_catalog_t *catalog);


/* the first is what a client gets that asks for nothing of the kind */

static ngx_tel_format_t  ngx_tel_formats[] = {

    { ngx_string("prometheus"),
      ngx_string("text/plain"),
      ngx_string("text/plain; version=0.0.4"),
      NULL,
      ngx_tel_prometheus },

    { ngx_string("json"),
      ngx_string("application/json"),
      ngx_string("application/json"),
      NULL,
      ngx_tel_metrics_json },

    { ngx_string("html"),
      ngx_string("text/html"),
      ngx_string("text/html; charset=utf-8"),
      &ngx_tel_page_policy,
      ngx_tel_page },

    { ngx_null_string, ngx_null_string, ngx_null_string, NULL, NULL }
};


static ngx_tel_family_t  ngx_tel_families[] = {

    { "telephony_held_responses_total",
      "Responses that were held until their verdict.",
      offsetof(ngx_tel_provider_count_t, held) },

    { "telephony_held_bytes_total",
      "Bytes that were held until a verdict.",
      offsetof(ngx_tel_provider_count_t, held_bytes) },

    { "telephony_inflated_total",
      "Compressed responses that were inflated to be read.",
      offsetof(ngx_tel_provider_count_t, inflated) },

    { "telephony_unmapped_total",
      "Responses with a code that no row of the catalog names.",
      offsetof(ngx_tel_provider_count_t, unmapped) },

    { "telephony_generated_total",
      "Errors of the gateway itself in the envelope.",
      offsetof(ngx_tel_provider_count_t, generated) },

    { NULL, NULL, 0 }
};


ngx_int_t
ngx_tel_metrics(ngx_http_request_t *r, ngx_shm_zone_t *zone,
    ngx_tel_catalogs_t *catalogs, ngx_str_t *reference)
{
    ngx_int_t          rc;
    ngx_tel_format_t  *format;
    ngx_tel_report_t   report;
    ngx_tel_writer_t   w;

    static ngx_str_t  no_store = ngx_string("no-store");

    rc = ngx_tel_format_method(r);

    if (rc != NGX_OK) {
        return rc;
    }

    format = ngx_tel_format(r, ngx_tel_formats);
    if (format == NULL) {
        return ngx_tel_format_refuse(r, ngx_tel_formats);
    }

    ngx_memzero(&report, sizeof(ngx_tel_report_t));

    report.now = ngx_time();
    report.reference = reference;

    if (catalogs) {
        report.catalogs = catalogs->catalogs.elts;
        report.ncatalogs = catalogs->catalogs.nelts;
        report.codes = &catalogs->codes;
    }

    if (zone && ngx_tel_zone_read(zone, r->pool, &report.counters) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_tel_writer_init(&w, r->pool, NGX_TEL_WRITER_PAGE);

    format->handler(&w, &report);

    if (w.failed
        || ngx_tel_format_header(r, "Cache-Control", &no_store) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = NGX_HTTP_OK;

    return ngx_tel_format_send(r, format, &w);
}


/*
 * A counter that is born with its first event has no increase to show, so that
 * all series that can be foretold are there from the start.
 */

static void
ngx_tel_prometheus(ngx_tel_writer_t *w, void *data)
{
    ngx_tel_report_t *report = data;

    ngx_uint_t                 i, n;
    ngx_tel_family_t          *family;
    ngx_tel_provider_count_t  *p;

    for (i = 0; i < report->ncatalogs; i++) {
        if (ngx_tel_zone_zero(w->pool, &report->catalogs[i]->name,
                              &report->counters)
            != NGX_OK)
        {
            w->failed = 1;
            return;
        }
    }

    p = report->counters.providers.elts;
    n = report->counters.providers.nelts;

    ngx_tel_prometheus_responses(w, report);

    ngx_tel_prometheus_head(w, "telephony_matches_total", "counter",
                            "Verdicts by the kind of match.");

    for (i = 0; i < n; i++) {
        ngx_tel_prometheus_words(w, &p[i], "telephony_matches_total", "match",
                                 p[i].matches, NGX_TEL_MATCHES,
                                 ngx_tel_match_name);
    }

    ngx_tel_prometheus_head(w, "telephony_none_total", "counter",
                            "Responses left without a verdict, and why.");

    for (i = 0; i < n; i++) {
        ngx_tel_prometheus_words(w, &p[i], "telephony_none_total", "reason",
                                 p[i].reasons, NGX_TEL_REASONS,
                                 ngx_tel_reason_name);
    }

    for (family = ngx_tel_families; family->name; family++) {

        ngx_tel_prometheus_head(w, family->name, "counter", family->help);

        for (i = 0; i < n; i++) {
            ngx_tel_writef(w, "%s{provider=\"", family->name);
            ngx_tel_write_label(w, &p[i].name);
            ngx_tel_writef(w, "\"} %ui\n",
                           *(ngx_uint_t *) ((u_char *) &p[i] + family->offset));
        }
    }

    ngx_tel_prometheus_intercepted(w, report);
    ngx_tel_prometheus_gauges(w, report);
}


static void
ngx_tel_prometheus_head(ngx_tel_writer_t *w, char *name, char *type, char *help)
{
    ngx_tel_writef(w, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}


/* Samples of one provider, one for each word of a closed list. */

static void
ngx_tel_prometheus_words(ngx_tel_writer_t *w, ngx_tel_provider_count_t *p,
    char *name, char *label, ngx_uint_t *counts, ngx_uint_t n,
    ngx_str_t *(*word)(ngx_uint_t i))
{
    ngx_uint_t  i;

    for (i = 0; i < n; i++) {

        if (word(i)->len == 0 && counts[i] == 0) {
            continue;
        }

        ngx_tel_writef(w, "%s{provider=\"", name);
        ngx_tel_write_label(w, &p->name);
        ngx_tel_writef(w, "\",%s=\"%V\"} %ui\n", label, word(i), counts[i]);
    }
}


static void
ngx_tel_prometheus_responses(ngx_tel_writer_t *w, ngx_tel_report_t *report)
{
    ngx_str_t                  none;
    ngx_uint_t                 i, j;
    ngx_tel_code_count_t      *c;
    ngx_tel_provider_count_t  *p;

    ngx_tel_prometheus_head(w, "telephony_responses_total", "counter",
                            "Judged responses by provider, verdict and code.");

    ngx_str_null(&none);
    p = report->counters.providers.elts;

    for (i = 0; i < report->counters.providers.nelts; i++) {
        c = p[i].codes.elts;

        for (j = 0; j < p[i].codes.nelts; j++) {
            ngx_tel_prometheus_sample(w, &p[i], c[j].kind, &c[j].code,
                                      c[j].count);
        }

        if (p[i].kinds[NGX_TEL_NONE] == 0) {
            ngx_tel_prometheus_sample(w, &p[i], NGX_TEL_NONE, &none, 0);
        }
    }
}


static void
ngx_tel_prometheus_sample(ngx_tel_writer_t *w, ngx_tel_provider_count_t *p,
    ngx_uint_t kind, ngx_str_t *code, ngx_uint_t count)
{
    ngx_tel_write_text(w, "telephony_responses_total{provider=\"");
    ngx_tel_write_label(w, &p->name);
    ngx_tel_writef(w, "\",verdict=\"%V\",code=\"", ngx_tel_kind_name(kind));
    ngx_tel_write_label(w, code);
    ngx_tel_writef(w, "\"} %ui\n", count);
}


static void
ngx_tel_prometheus_intercepted(ngx_tel_writer_t *w, ngx_tel_report_t *report)
{
    ngx_uint_t                 i, j;
    ngx_tel_code_count_t      *c;
    ngx_tel_provider_count_t  *p;

    ngx_tel_prometheus_head(w, "telephony_intercepted_total", "counter",
                            "Errors that were given up for an error_page.");

    p = report->counters.providers.elts;

    for (i = 0; i < report->counters.providers.nelts; i++) {
        c = p[i].codes.elts;

        for (j = 0; j < p[i].codes.nelts; j++) {

            if (c[j].intercepted == 0) {
                continue;
            }

            ngx_tel_write_text(w, "telephony_intercepted_total{provider=\"");
            ngx_tel_write_label(w, &p[i].name);
            ngx_tel_write_text(w, "\",code=\"");
            ngx_tel_write_label(w, &c[j].code);
            ngx_tel_writef(w, "\"} %ui\n", c[j].intercepted);
        }
    }
}


static void
ngx_tel_prometheus_gauges(ngx_tel_writer_t *w, ngx_tel_report_t *report)
{
    ngx_uint_t          i;
    ngx_tel_catalog_t  *catalog;

    ngx_tel_prometheus_head(w, "telephony_catalog_rows", "gauge",
                            "Rows of a provider's catalog.");

    for (i = 0; i < report->ncatalogs; i++) {
        catalog = report->catalogs[i];

        ngx_tel_write_text(w, "telephony_catalog_rows{provider=\"");
        ngx_tel_write_label(w, &catalog->name);
        ngx_tel_writef(w, "\"} %ui\n", catalog->index->nrows);
    }

    ngx_tel_prometheus_head(w, "telephony_zone_size_bytes",
                         "gauge", "Size of the shared memory of the counters.");
    ngx_tel_writef(w, "telephony_zone_size_bytes %uz\n", report->counters.size);

    ngx_tel_prometheus_head(w, "telephony_zone_free_bytes",
                            "gauge", "What is left of it for further codes.");
    ngx_tel_writef(w, "telephony_zone_free_bytes %uz\n", report->counters.free);

    ngx_tel_prometheus_head(w, "telephony_build_info", "gauge",
                            "Versions of the module and nginx.");
    ngx_tel_writef(w, "telephony_build_info{version=\"%s\",nginx=\"%s\"} 1\n",
                   NGX_TEL_VERSION, NGINX_VERSION);
}


static void
ngx_tel_metrics_json(ngx_tel_writer_t *w, void *data)
{
    ngx_tel_report_t *report = data;

    ngx_uint_t                 i;
    ngx_tel_counters_t        *counters;
    ngx_tel_unmapped_t        *unmapped;
    ngx_tel_provider_count_t  *providers;

    counters = &report->counters;
    providers = counters->providers.elts;
    unmapped = counters->unmapped.elts;

    ngx_tel_writef(w, "{\"version\":\"%s\",\"nginx\":\"%s\",\"now\":\"",
                   NGX_TEL_VERSION, NGINX_VERSION);
    ngx_tel_write_time(w, report->now);
    ngx_tel_write_text(w, "\",\"zone\":{\"name\":");
    ngx_tel_write_json(w, &counters->name);
    ngx_tel_writef(w,
                   ",\"size\":%uz,\"free\":%uz,\"full\":%s,"
                   "\"since\":\"", counters->size, counters->free,
                   counters->full ? "true" : "false");
    ngx_tel_write_time(w, counters->since);
    ngx_tel_write_text(w, "\"},\"providers\":[");

    for (i = 0; i < counters->providers.nelts; i++) {
        ngx_tel_writef(w, i ? "," : "");
        ngx_tel_json_provider(w, &providers[i]);
    }

    ngx_tel_write_text(w, "],\"unmapped\":[");

    for (i = 0; i < counters->unmapped.nelts; i++) {
        ngx_tel_writef(w, i ? "," : "");
        ngx_tel_json_unmapped(w, &unmapped[i]);
    }

    ngx_tel_write_text(w, "],\"catalogs\":[");

    for (i = 0; i < report->ncatalogs; i++) {
        ngx_tel_writef(w, i ? "," : "");
        ngx_tel_json_catalog(w, report->catalogs[i]);
    }

    ngx_tel_write_text(w, "]}\n");
}


static void
ngx_tel_json_provider(ngx_tel_writer_t *w, ngx_tel_provider_count_t *p)
{
    ngx_uint_t             i;
    ngx_tel_code_count_t  *c;

    ngx_tel_write_text(w, "{\"name\":");
    ngx_tel_write_json(w, &p->name);
    ngx_tel_writef(w, ",\"responses\":%ui", p->responses);

    ngx_tel_json_words(w, "verdicts", p->kinds, NGX_TEL_KINDS,
                       ngx_tel_kind_name);
    ngx_tel_json_words(w, "matches", p->matches, NGX_TEL_MATCHES,
                       ngx_tel_match_name);
    ngx_tel_json_words(w, "none", p->reasons, NGX_TEL_REASONS,
                       ngx_tel_reason_name);

    ngx_tel_writef(w,
                   ",\"held_responses\":%ui,\"held_bytes\":%ui"
                   ",\"inflated\":%ui,\"unmapped\":%ui"
                   ",\"generated\":%ui,\"intercepted\":%ui,\"codes\":[",
                   p->held, p->held_bytes, p->inflated, p->unmapped,
                   p->generated, p->intercepted);

    c = p->codes.elts;

    for (i = 0; i < p->codes.nelts; i++) {
        ngx_tel_writef(w, "%s{\"verdict\":\"%V\",\"code\":", i ? "," : "",
                       ngx_tel_kind_name(c[i].kind));

        if (c[i].code.len) {
            ngx_tel_write_json(w, &c[i].code);

        } else {
            ngx_tel_write_text(w, "null");
        }

        ngx_tel_writef(w, ",\"count\":%ui,\"intercepted\":%ui}", c[i].count,
                       c[i].intercepted);
    }

    ngx_tel_write_text(w, "]}");
}


static void
ngx_tel_json_words(ngx_tel_writer_t *w, char *name, ngx_uint_t *counts,
    ngx_uint_t n, ngx_str_t *(*word)(ngx_uint_t i))
{
    ngx_uint_t  i, some;

    some = 0;

    ngx_tel_writef(w, ",\"%s\":{", name);

    for (i = 0; i < n; i++) {
        if (counts[i]) {
            ngx_tel_writef(w, "%s\"%V\":%ui", some ? "," : "", word(i),
                           counts[i]);
            some = 1;
        }
    }

    ngx_tel_write_text(w, "}");
}


static void
ngx_tel_json_unmapped(ngx_tel_writer_t *w, ngx_tel_unmapped_t *u)
{
    ngx_tel_write_text(w, "{\"provider\":");
    ngx_tel_write_json(w, &u->provider);
    ngx_tel_write_text(w, ",\"code\":");
    ngx_tel_write_json(w, &u->code);
    ngx_tel_write_text(w, ",\"unified\":");
    ngx_tel_write_json(w, &u->unified);
    ngx_tel_writef(w, ",\"count\":%ui,\"first\":\"", u->count);
    ngx_tel_write_time(w, u->first);
    ngx_tel_write_text(w, "\",\"last\":\"");
    ngx_tel_write_time(w, u->last);
    ngx_tel_write_text(w, "\"}");
}


static void
ngx_tel_json_catalog(ngx_tel_writer_t *w, ngx_tel_catalog_t *catalog)
{
    ngx_tel_write_text(w, "{\"provider\":");
    ngx_tel_write_json(w, &catalog->name);
    ngx_tel_writef(w, ",\"rows\":%ui,\"file\":", catalog->index->nrows);

    if (catalog->place.file) {
        ngx_tel_write_json(w, catalog->place.file);

    } else {
        ngx_tel_write_text(w, "null");
    }

    ngx_tel_writef(w, ",\"line\":%ui}", catalog->place.line);
}
