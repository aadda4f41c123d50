
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


#include "ngx_tel_zone.h"
#include "ngx_tel_text.h"


/*
 * All memory of the zone is taken at once and given out from its beginning,
 * under the mutex: nothing is ever given back.  A provider and a cell are
 * filled before they are linked, so that they are found without the mutex.
 * All pointers lead into the zone.
 */

typedef struct ngx_tel_cell_s   ngx_tel_cell_t;
typedef struct ngx_tel_tally_s  ngx_tel_tally_t;


/* of one verdict of one provider */

struct ngx_tel_cell_s {
    ngx_tel_cell_t   *next;  /* in the bucket */
    ngx_tel_tally_t  *tally;
    ngx_atomic_t      count;
    ngx_atomic_t      intercepted;
    uint32_t          hash;
    uint32_t          kind;
    size_t            len;
    u_char            code[1];
};


/* of one provider */

struct ngx_tel_tally_s {
    ngx_tel_tally_t  *next;
    ngx_tel_cell_t    other[NGX_TEL_KINDS];
    ngx_atomic_t      matches[NGX_TEL_MATCHES];
    ngx_atomic_t      reasons[NGX_TEL_REASONS];
    ngx_atomic_t      held;
    ngx_atomic_t      held_bytes;
    ngx_atomic_t      inflated;
    ngx_atomic_t      unmapped;
    ngx_atomic_t      generated;
    size_t            len;
    u_char            name[1];
};


typedef struct {
    ngx_tel_tally_t  *tally;  /* NULL: free */
    ngx_tel_cell_t   *cell;   /* the last answer */
    ngx_uint_t        count;
    ngx_uint_t        turn;   /* of the last use */
    time_t            first;
    time_t            last;
    size_t            len;
    u_char            code[NGX_TEL_PLAIN];
} ngx_tel_trace_t;


typedef struct {
    u_char            *pos;       /* free memory */
    u_char            *end;
    ngx_tel_tally_t   *tallies;
    ngx_tel_tally_t   *other;     /* last of the tallies */
    ngx_tel_cell_t   **buckets;
    ngx_uint_t         nbuckets;  /* a power of two */
    ngx_tel_trace_t   *traces;
    ngx_uint_t         ntraces;
    ngx_uint_t         turn;
    ngx_uint_t         full;
    time_t             since;
} ngx_tel_shared_t;


/* of this process and this configuration */

typedef struct {
    ngx_tel_shared_t  *shared;
    ngx_slab_pool_t   *shpool;
} ngx_tel_zone_t;


static ngx_int_t ngx_tel_init_zone(ngx_shm_zone_t *zone, void *data);
static ngx_int_t ngx_tel_layout(ngx_tel_shared_t *sh, size_t size);
static void *ngx_tel_take(ngx_tel_shared_t *sh, size_t size);
static ngx_tel_cell_t *ngx_tel_find_cell(ngx_tel_shared_t *sh,
    ngx_str_t *provider, ngx_uint_t kind, ngx_str_t *code, uint32_t hash);
static ngx_tel_cell_t *ngx_tel_cell(ngx_tel_zone_t *z, ngx_str_t *provider,
    ngx_uint_t kind, ngx_str_t *code);
static ngx_tel_cell_t *ngx_tel_new_cell(ngx_tel_shared_t *sh,
    ngx_str_t *provider, ngx_uint_t kind, ngx_str_t *code, uint32_t hash);
static ngx_tel_tally_t *ngx_tel_tally(ngx_tel_shared_t *sh,
    ngx_str_t *provider);
static ngx_tel_tally_t *ngx_tel_new_tally(ngx_tel_shared_t *sh,
    ngx_str_t *name);
static void ngx_tel_unmapped(ngx_tel_zone_t *z, ngx_tel_cell_t *cell,
    ngx_str_t *code);
static ngx_tel_trace_t *ngx_tel_trace(ngx_tel_shared_t *sh,
    ngx_tel_tally_t *tally, ngx_str_t *code);

static ngx_tel_provider_count_t *ngx_tel_add_provider(ngx_pool_t *pool,
    ngx_tel_counters_t *counters);
static ngx_int_t ngx_tel_read_tally(ngx_tel_tally_t *tally,
    ngx_tel_provider_count_t *count);
static ngx_int_t ngx_tel_read_cells(ngx_tel_shared_t *sh,
    ngx_tel_counters_t *counters);
static void ngx_tel_sort(ngx_tel_counters_t *counters);
static ngx_int_t ngx_tel_read_cell(ngx_tel_cell_t *cell,
    ngx_tel_provider_count_t *count);
static ngx_int_t ngx_tel_read_traces(ngx_tel_zone_t *z, ngx_pool_t *pool,
    ngx_array_t *out);
static void ngx_tel_cell_code(ngx_tel_cell_t *cell, ngx_str_t *code);
static int ngx_libc_cdecl ngx_tel_cmp_providers(const void *one,
    const void *two);
static int ngx_libc_cdecl ngx_tel_cmp_codes(const void *one, const void *two);
static int ngx_libc_cdecl ngx_tel_cmp_traces(const void *one, const void *two);


static ngx_str_t  ngx_tel_other = ngx_string("other");
static ngx_str_t  ngx_tel_not_plain = ngx_string("(other)");


ngx_shm_zone_t *
ngx_tel_zone_add(ngx_conf_t *cf, ngx_str_t *name, size_t size,
    ngx_module_t *module)
{
    ngx_shm_zone_t  *zone;
    ngx_tel_zone_t  *z;

    z = ngx_pcalloc(cf->pool, sizeof(ngx_tel_zone_t));
    if (z == NULL) {
        return NULL;
    }

    zone = ngx_shared_memory_add(cf, name, size, module);
    if (zone == NULL) {
        return NULL;
    }

    if (zone->data) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the zone \"%V\" is already in use", name);
        return NULL;
    }

    zone->init = ngx_tel_init_zone;
    zone->data = z;

    return zone;
}


static ngx_int_t
ngx_tel_init_zone(ngx_shm_zone_t *zone, void *data)
{
    ngx_tel_zone_t *old = data;

    size_t             size;
    ngx_tel_zone_t    *z;
    ngx_tel_shared_t  *sh;

    z = zone->data;

    if (old) {
        *z = *old;
        return NGX_OK;
    }

    z->shpool = (ngx_slab_pool_t *) zone->shm.addr;

    if (zone->shm.exists) {
        z->shared = z->shpool->data;
        return NGX_OK;
    }

    z->shpool->log_nomem = 0;

    size = z->shpool->pfree * ngx_pagesize;

    sh = ngx_slab_calloc(z->shpool, size);
    if (sh == NULL) {
        return NGX_ERROR;
    }

    if (ngx_tel_layout(sh, size) != NGX_OK) {
        return NGX_ERROR;
    }

    z->shared = sh;
    z->shpool->data = sh;

    return NGX_OK;
}


/*
 * A quarter at most is for the unmapped codes, an eighth for the buckets; the
 * rest is for the cells.
 */

static ngx_int_t
ngx_tel_layout(ngx_tel_shared_t *sh, size_t size)
{
    size_t  n;

    sh->pos = (u_char *) sh
              + ngx_align(sizeof(ngx_tel_shared_t), NGX_ALIGNMENT);
    sh->end = (u_char *) sh + size;
    sh->since = ngx_time();

    n = size / 4 / sizeof(ngx_tel_trace_t);
    sh->ntraces = ngx_min(n, NGX_TEL_UNMAPPED);

    sh->nbuckets = 64;

    while (sh->nbuckets < 4096 && sh->nbuckets * 2 * sizeof(void *) <= size / 8)
    {
        sh->nbuckets *= 2;
    }

    sh->traces = ngx_tel_take(sh, sh->ntraces * sizeof(ngx_tel_trace_t));
    sh->buckets = ngx_tel_take(sh, sh->nbuckets * sizeof(void *));

    if (sh->traces == NULL || sh->buckets == NULL) {
        return NGX_ERROR;
    }

    sh->other = ngx_tel_new_tally(sh, &ngx_tel_other);

    return sh->other ? NGX_OK : NGX_ERROR;
}


/* The memory is zeroed.  NULL if the zone is full. */

static void *
ngx_tel_take(ngx_tel_shared_t *sh, size_t size)
{
    u_char  *p;

    size = ngx_align(size, NGX_ALIGNMENT);

    if ((size_t) (sh->end - sh->pos) < size) {
        return NULL;
    }

    p = sh->pos;
    sh->pos += size;

    return p;
}


void
ngx_tel_count(ngx_shm_zone_t *zone, ngx_str_t *provider,
    ngx_tel_verdict_t *verdict, size_t held, ngx_uint_t inflated)
{
    ngx_str_t         code;
    ngx_tel_cell_t   *cell;
    ngx_tel_tally_t  *tally;

    if (zone == NULL) {
        return;
    }

    if (verdict->code) {
        code = verdict->code->name;

    } else {
        ngx_str_null(&code);
    }

    cell = ngx_tel_cell(zone->data, provider, verdict->kind, &code);
    tally = cell->tally;

    (void) ngx_atomic_fetch_add(&cell->count, 1);

    if (verdict->kind == NGX_TEL_NONE) {
        (void) ngx_atomic_fetch_add(&tally->reasons[verdict->reason], 1);

    } else if (verdict->reason == NGX_TEL_GENERATED) {
        (void) ngx_atomic_fetch_add(&tally->generated, 1);

    } else {
        (void) ngx_atomic_fetch_add(&tally->matches[verdict->match], 1);
    }

    if (held) {
        (void) ngx_atomic_fetch_add(&tally->held, 1);
        (void) ngx_atomic_fetch_add(&tally->held_bytes, held);
    }

    if (inflated) {
        (void) ngx_atomic_fetch_add(&tally->inflated, 1);
    }

    if (verdict->unmapped) {
        (void) ngx_atomic_fetch_add(&tally->unmapped, 1);
        ngx_tel_unmapped(zone->data, cell, &verdict->provider_code);
    }
}


void
ngx_tel_count_intercepted(ngx_shm_zone_t *zone, ngx_str_t *provider,
    ngx_tel_verdict_t *verdict)
{
    ngx_tel_cell_t  *cell;

    if (zone == NULL) {
        return;
    }

    cell = ngx_tel_cell(zone->data, provider, verdict->kind,
                        &verdict->code->name);

    (void) ngx_atomic_fetch_add(&cell->intercepted, 1);
}


/* The cell of a verdict: the one there is, else a new one, else "other". */

static ngx_tel_cell_t *
ngx_tel_cell(ngx_tel_zone_t *z, ngx_str_t *provider, ngx_uint_t kind,
    ngx_str_t *code)
{
    uint32_t           hash;
    ngx_tel_cell_t    *cell;
    ngx_tel_tally_t   *tally;
    ngx_tel_shared_t  *sh;

    sh = z->shared;

    hash = ngx_murmur_hash2(provider->data, provider->len) * 31
           + ngx_murmur_hash2(code->data, code->len) + kind;

    cell = ngx_tel_find_cell(sh, provider, kind, code, hash);

    if (cell) {
        return cell;
    }

    if (!sh->full) {
        ngx_shmtx_lock(&z->shpool->mutex);

        /* another worker may have been faster */

        cell = ngx_tel_find_cell(sh, provider, kind, code, hash);
        if (cell == NULL) {
            cell = ngx_tel_new_cell(sh, provider, kind, code, hash);
        }

        ngx_shmtx_unlock(&z->shpool->mutex);

        if (cell) {
            return cell;
        }
    }

    tally = ngx_tel_tally(sh, provider);

    return &tally->other[kind];
}


static ngx_tel_cell_t *
ngx_tel_find_cell(ngx_tel_shared_t *sh, ngx_str_t *provider, ngx_uint_t kind,
    ngx_str_t *code, uint32_t hash)
{
    ngx_tel_cell_t  *cell;

    for (cell = sh->buckets[hash & (sh->nbuckets - 1)]; cell; cell = cell->next)
    {
        if (cell->hash == hash
            && cell->kind == kind
            && cell->len == code->len
            && cell->tally->len == provider->len
            && ngx_memcmp(cell->code, code->data, code->len) == 0
            && ngx_memcmp(cell->tally->name, provider->data, provider->len)
               == 0)
        {
            return cell;
        }
    }

    return NULL;
}


static ngx_tel_cell_t *
ngx_tel_new_cell(ngx_tel_shared_t *sh, ngx_str_t *provider, ngx_uint_t kind,
    ngx_str_t *code, uint32_t hash)
{
    ngx_tel_cell_t   *cell, **bucket;
    ngx_tel_tally_t  *tally;

    cell = NULL;
    tally = ngx_tel_tally(sh, provider);

    if (tally == sh->other) {
        tally = ngx_tel_new_tally(sh, provider);
    }

    if (tally) {
        cell = ngx_tel_take(sh, offsetof(ngx_tel_cell_t, code) + code->len);
    }

    if (cell == NULL) {
        sh->full = 1;
        return NULL;
    }

    bucket = &sh->buckets[hash & (sh->nbuckets - 1)];

    cell->next = *bucket;
    cell->tally = tally;
    cell->hash = hash;
    cell->kind = kind;
    cell->len = code->len;
    ngx_memcpy(cell->code, code->data, code->len);

    ngx_memory_barrier();

    /* one store: a worker that is killed here leaves no half a cell */

    *bucket = cell;

    return cell;
}


static ngx_tel_tally_t *
ngx_tel_tally(ngx_tel_shared_t *sh, ngx_str_t *provider)
{
    ngx_tel_tally_t  *tally;

    for (tally = sh->tallies; tally != sh->other; tally = tally->next) {
        if (tally->len == provider->len
            && ngx_memcmp(tally->name, provider->data, provider->len) == 0)
        {
            break;
        }
    }

    return tally;
}


static ngx_tel_tally_t *
ngx_tel_new_tally(ngx_tel_shared_t *sh, ngx_str_t *name)
{
    ngx_uint_t        i;
    ngx_tel_tally_t  *tally;

    tally = ngx_tel_take(sh, offsetof(ngx_tel_tally_t, name) + name->len);
    if (tally == NULL) {
        return NULL;
    }

    for (i = 0; i < NGX_TEL_KINDS; i++) {
        tally->other[i].tally = tally;
        tally->other[i].kind = i;
    }

    tally->len = name->len;
    ngx_memcpy(tally->name, name->data, name->len);
    tally->next = sh->tallies;

    ngx_memory_barrier();

    sh->tallies = tally;

    return tally;
}


static void
ngx_tel_unmapped(ngx_tel_zone_t *z, ngx_tel_cell_t *cell, ngx_str_t *code)
{
    ngx_tel_trace_t   *trace;
    ngx_tel_shared_t  *sh;

    sh = z->shared;

    if (!ngx_tel_plain(code)) {
        code = &ngx_tel_not_plain;
    }

    ngx_shmtx_lock(&z->shpool->mutex);

    trace = ngx_tel_trace(sh, cell->tally, code);

    trace->cell = cell;
    trace->count++;
    trace->turn = ++sh->turn;
    trace->last = ngx_time();

    ngx_shmtx_unlock(&z->shpool->mutex);
}


/* The trace of a code; the one that was unused for longest gives way. */

static ngx_tel_trace_t *
ngx_tel_trace(ngx_tel_shared_t *sh, ngx_tel_tally_t *tally, ngx_str_t *code)
{
    ngx_uint_t        i;
    ngx_tel_trace_t  *trace, *oldest;

    oldest = sh->traces;

    for (i = 0; i < sh->ntraces; i++) {
        trace = &sh->traces[i];

        if (trace->tally == tally
            && trace->len == code->len
            && ngx_strncasecmp(trace->code, code->data, code->len) == 0)
        {
            return trace;
        }

        if (trace->turn < oldest->turn) {
            oldest = trace;
        }
    }

    oldest->tally = tally;
    oldest->count = 0;
    oldest->first = ngx_time();
    oldest->len = code->len;
    ngx_memcpy(oldest->code, code->data, code->len);

    return oldest;
}


ngx_int_t
ngx_tel_zone_read(ngx_shm_zone_t *zone, ngx_pool_t *pool,
    ngx_tel_counters_t *counters)
{
    ngx_tel_zone_t            *z;
    ngx_tel_tally_t           *tally;
    ngx_tel_shared_t          *sh;
    ngx_tel_provider_count_t  *count;

    z = zone->data;
    sh = z->shared;

    counters->name = zone->shm.name;
    counters->size = zone->shm.size;
    counters->free = sh->full ? 0 : sh->end - sh->pos;
    counters->since = sh->since;
    counters->full = sh->full;

    if (ngx_array_init(&counters->providers, pool, 8,
                       sizeof(ngx_tel_provider_count_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (tally = sh->tallies; tally; tally = tally->next) {

        count = ngx_tel_add_provider(pool, counters);
        if (count == NULL || ngx_tel_read_tally(tally, count) != NGX_OK) {
            return NGX_ERROR;
        }

        if (tally == sh->other && count->responses == 0) {
            counters->providers.nelts--;
        }
    }

    if (ngx_tel_read_cells(sh, counters) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_tel_sort(counters);

    return ngx_tel_read_traces(z, pool, &counters->unmapped);
}


ngx_int_t
ngx_tel_zone_zero(ngx_pool_t *pool, ngx_str_t *provider,
    ngx_tel_counters_t *counters)
{
    ngx_uint_t                 i;
    ngx_tel_provider_count_t  *count;

    count = counters->providers.elts;

    for (i = 0; i < counters->providers.nelts; i++) {
        if (count[i].name.len == provider->len
            && ngx_strncmp(count[i].name.data, provider->data, provider->len)
               == 0)
        {
            return NGX_OK;
        }
    }

    count = ngx_tel_add_provider(pool, counters);
    if (count == NULL) {
        return NGX_ERROR;
    }

    count->name = *provider;

    return NGX_OK;
}


static ngx_tel_provider_count_t *
ngx_tel_add_provider(ngx_pool_t *pool, ngx_tel_counters_t *counters)
{
    ngx_tel_provider_count_t  *count;

    count = ngx_array_push(&counters->providers);
    if (count == NULL) {
        return NULL;
    }

    ngx_memzero(count, sizeof(ngx_tel_provider_count_t));

    if (ngx_array_init(&count->codes, pool, 16, sizeof(ngx_tel_code_count_t))
        != NGX_OK)
    {
        return NULL;
    }

    return count;
}


static ngx_int_t
ngx_tel_read_tally(ngx_tel_tally_t *tally, ngx_tel_provider_count_t *count)
{
    ngx_uint_t       i;
    ngx_tel_cell_t  *cell;

    /* the name stays where it is for longer than any pool */

    count->name.len = tally->len;
    count->name.data = tally->name;

    for (i = 0; i < NGX_TEL_KINDS; i++) {
        cell = &tally->other[i];

        if (cell->count && ngx_tel_read_cell(cell, count) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    for (i = 0; i < NGX_TEL_MATCHES; i++) {
        count->matches[i] = tally->matches[i];
    }

    for (i = 0; i < NGX_TEL_REASONS; i++) {
        count->reasons[i] = tally->reasons[i];
    }

    count->held = tally->held;
    count->held_bytes = tally->held_bytes;
    count->inflated = tally->inflated;
    count->unmapped = tally->unmapped;
    count->generated = tally->generated;

    return NGX_OK;
}


/* A cell is in its bucket and nowhere else. */

static ngx_int_t
ngx_tel_read_cells(ngx_tel_shared_t *sh, ngx_tel_counters_t *counters)
{
    ngx_uint_t                 i, k;
    ngx_tel_cell_t            *cell;
    ngx_tel_provider_count_t  *count;

    count = counters->providers.elts;

    for (i = 0; i < sh->nbuckets; i++) {

        for (cell = sh->buckets[i]; cell; cell = cell->next) {

            for (k = 0; k < counters->providers.nelts; k++) {
                if (count[k].name.data == cell->tally->name) {
                    break;
                }
            }

            /* a provider may have come since they were read */

            if (k < counters->providers.nelts
                && ngx_tel_read_cell(cell, &count[k])
                   != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


static void
ngx_tel_sort(ngx_tel_counters_t *counters)
{
    ngx_uint_t                 i;
    ngx_tel_provider_count_t  *count;

    count = counters->providers.elts;

    for (i = 0; i < counters->providers.nelts; i++) {
        ngx_qsort(count[i].codes.elts, count[i].codes.nelts,
                  sizeof(ngx_tel_code_count_t), ngx_tel_cmp_codes);
    }

    ngx_qsort(count, counters->providers.nelts,
              sizeof(ngx_tel_provider_count_t), ngx_tel_cmp_providers);
}


static ngx_int_t
ngx_tel_read_cell(ngx_tel_cell_t *cell, ngx_tel_provider_count_t *count)
{
    ngx_tel_code_count_t  *code;

    code = ngx_array_push(&count->codes);
    if (code == NULL) {
        return NGX_ERROR;
    }

    ngx_tel_cell_code(cell, &code->code);
    code->kind = cell->kind;
    code->count = cell->count;
    code->intercepted = cell->intercepted;

    count->kinds[cell->kind] += code->count;
    count->responses += code->count;
    count->intercepted += code->intercepted;

    return NGX_OK;
}


static void
ngx_tel_cell_code(ngx_tel_cell_t *cell, ngx_str_t *code)
{
    if (cell == &cell->tally->other[cell->kind]) {
        *code = ngx_tel_other;
        return;
    }

    code->len = cell->len;
    code->data = cell->code;
}


static ngx_int_t
ngx_tel_read_traces(ngx_tel_zone_t *z, ngx_pool_t *pool, ngx_array_t *out)
{
    ngx_uint_t           i, n;
    ngx_tel_trace_t     *traces;
    ngx_tel_shared_t    *sh;
    ngx_tel_unmapped_t  *unmapped;

    sh = z->shared;
    n = sh->ntraces;

    traces = ngx_palloc(pool, n * sizeof(ngx_tel_trace_t));
    if (traces == NULL) {
        return NGX_ERROR;
    }

    if (ngx_array_init(out, pool, n, sizeof(ngx_tel_unmapped_t)) != NGX_OK) {
        return NGX_ERROR;
    }

    /* these are not atomic, nor do they stay */

    ngx_shmtx_lock(&z->shpool->mutex);

    ngx_memcpy(traces, sh->traces, n * sizeof(ngx_tel_trace_t));

    ngx_shmtx_unlock(&z->shpool->mutex);

    ngx_qsort(traces, n, sizeof(ngx_tel_trace_t), ngx_tel_cmp_traces);

    for (i = 0; i < n; i++) {

        if (traces[i].count == 0) {
            continue;
        }

        unmapped = ngx_array_push(out);

        unmapped->provider.len = traces[i].tally->len;
        unmapped->provider.data = traces[i].tally->name;
        unmapped->code.len = traces[i].len;
        unmapped->code.data = traces[i].code;
        unmapped->count = traces[i].count;
        unmapped->first = traces[i].first;
        unmapped->last = traces[i].last;

        ngx_tel_cell_code(traces[i].cell, &unmapped->unified);
    }

    return NGX_OK;
}


static int ngx_libc_cdecl
ngx_tel_cmp_providers(const void *one, const void *two)
{
    const ngx_tel_provider_count_t *a = one, *b = two;

    return (int) ngx_memn2cmp(a->name.data, b->name.data, a->name.len,
                              b->name.len);
}


/* the most frequent first */

static int ngx_libc_cdecl
ngx_tel_cmp_codes(const void *one, const void *two)
{
    const ngx_tel_code_count_t *a = one, *b = two;

    if (a->count != b->count) {
        return a->count < b->count ? 1 : -1;
    }

    if (a->kind != b->kind) {
        return (int) b->kind - (int) a->kind;
    }

    return (int) ngx_memn2cmp(a->code.data, b->code.data, a->code.len,
                              b->code.len);
}


static int ngx_libc_cdecl
ngx_tel_cmp_traces(const void *one, const void *two)
{
    const ngx_tel_trace_t *a = one, *b = two;

    if (a->turn == b->turn) {
        return 0;
    }

    return a->turn < b->turn ? 1 : -1;
}
