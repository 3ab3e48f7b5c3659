/* no_memory.c
 * A library to preload: memory that runs out when a test says so.
 *
 * The file that HANDSHARK_NO_MEMORY names is shared with the test: it reads there how many
 * allocations there were, and says from which one on how many are to fail. All threads of the
 * program count alike.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/** What is shared. The test has the same in memory.py. */
struct shared {
    _Atomic uint64_t made;  /**< allocations so far, those that failed included */
    _Atomic uint64_t from;  /**< the number of the first that fails, from 1; 0: none does */
    _Atomic uint64_t count; /**< how many fail from there on */
    _Atomic uint64_t failed;
};

static struct shared unused;
static struct shared *_Atomic shared = &unused;

static void *(*next_malloc)(size_t);
static void *(*next_calloc)(size_t, size_t);
static void *(*next_realloc)(void *, size_t);

/* A pointer to a function cannot be had from one to an object without a cast that C does not know. */
static void find(const char *name, void *function, size_t size)
{
    void *found = dlsym(RTLD_NEXT, name);

    memcpy(function, &found, size);
}

static void find_all(void)
{
    find("malloc", &next_malloc, sizeof next_malloc);
    find("calloc", &next_calloc, sizeof next_calloc);
    find("realloc", &next_realloc, sizeof next_realloc);
}

__attribute__((constructor)) static void open_shared(void)
{
    const char *path = getenv("HANDSHARK_NO_MEMORY");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *mapped = MAP_FAILED;

    if (fd >= 0) {
        mapped = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        close(fd);
    }
    if (mapped == MAP_FAILED)
        abort();
    atomic_store(&shared, mapped);
}

static bool is_to_fail(void)
{
    struct shared *state = atomic_load(&shared);
    uint64_t number = atomic_fetch_add(&state->made, 1) + 1;
    uint64_t from = atomic_load(&state->from);

    if (from == 0 || number < from || number - from >= atomic_load(&state->count))
        return false;
    atomic_fetch_add(&state->failed, 1);
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    if (!next_malloc)
        find_all();
    return is_to_fail() ? NULL : next_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    if (!next_calloc)
        find_all();
    return is_to_fail() ? NULL : next_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    if (!next_realloc)
        find_all();
    return is_to_fail() ? NULL : next_realloc(old, size);
}
