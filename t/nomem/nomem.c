
/*
 * Copyright (C) The ngx_http_telephony_errors authors
 */


/*
 * Preloaded by t/35-nomem.t: makes one allocation of one process fail.  Which
 * one is said in the file that NOMEM names, four numbers of 64 bits: a process,
 * and how many of its allocations from now on are good, or -1; then what is
 * told: how many it has made since, and how many failed.
 */


#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>


typedef struct {
    int64_t  pid;
    int64_t  good;
    int64_t  made;
    int64_t  failed;
} nomem_t;


static volatile nomem_t  *nomem;

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static int (*real_posix_memalign)(void **, size_t, size_t);
static void *(*real_aligned_alloc)(size_t, size_t);


__attribute__((constructor))
static void
nomem_open(void)
{
    int          fd;
    void        *p;
    const char  *name;

    name = getenv("NOMEM");
    if (name == NULL) {
        return;
    }

    fd = open(name, O_RDWR);
    if (fd == -1) {
        return;
    }

    p = mmap(NULL, sizeof(nomem_t), PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0);

    close(fd);

    if (p != MAP_FAILED) {
        nomem = p;
    }
}


static int
nomem_fails(void)
{
    if (nomem == NULL || nomem->pid != getpid() || nomem->good == -1) {
        return 0;
    }

    nomem->made++;

    if (nomem->made != nomem->good + 1) {
        return 0;
    }

    nomem->failed++;
    errno = ENOMEM;

    return 1;
}


void *
malloc(size_t size)
{
    if (real_malloc == NULL) {
        real_malloc = dlsym(RTLD_NEXT, "malloc");
    }

    return nomem_fails() ? NULL : real_malloc(size);
}


void *
calloc(size_t n, size_t size)
{
    if (real_calloc == NULL) {
        real_calloc = dlsym(RTLD_NEXT, "calloc");
    }

    return nomem_fails() ? NULL : real_calloc(n, size);
}


void *
realloc(void *p, size_t size)
{
    if (real_realloc == NULL) {
        real_realloc = dlsym(RTLD_NEXT, "realloc");
    }

    return nomem_fails() ? NULL : real_realloc(p, size);
}


int
posix_memalign(void **p, size_t alignment, size_t size)
{
    if (real_posix_memalign == NULL) {
        real_posix_memalign = dlsym(RTLD_NEXT, "posix_memalign");
    }

    return nomem_fails() ? ENOMEM : real_posix_memalign(p, alignment, size);
}


void *
aligned_alloc(size_t alignment, size_t size)
{
    if (real_aligned_alloc == NULL) {
        real_aligned_alloc = dlsym(RTLD_NEXT, "aligned_alloc");
    }

    return nomem_fails() ? NULL : real_aligned_alloc(alignment, size);
}
