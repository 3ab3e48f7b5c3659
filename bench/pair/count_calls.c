/* count_calls.c
 * Counts the system calls of a program, and how often it reads a clock, exactly and at next to no
 * cost: to be preloaded (LD_PRELOAD) into a program that links the C library dynamically.
 *
 * HANDSHARK_CALLS names a file that is mapped into the program: a record of 32 octets for each
 * function, its name in 24, a count in 8, so that another program can read it at any time. Counted
 * are calls of the C library's functions by the program and by its libraries; what the C library
 * calls by itself (to get memory, to wait for a lock) is not. strace sees that too, but makes every
 * call many times as slow: more requests then arrive for each read, and there are fewer calls to
 * count. And a clock is read without a system call, so that whoever traces those does not see it.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* None of them has more than six arguments, or one that is neither an integer nor a pointer: on
Linux  * they can be passed on without being known. Those with two underscores are what the compiler
makes of  * the others where it knows the buffer's size. */
/* clang-format off */
#define FUNCTIONS(X) \
    X(__poll_chk) X(__read_chk) X(__recv_chk) X(__recvfrom_chk) X(accept) X(accept4) X(close) \
    X(epoll_ctl) X(epoll_pwait) X(epoll_wait) X(fcntl) X(fcntl64) X(getpeername) \
    X(getsockname) X(getsockopt) X(ioctl) X(poll) X(ppoll) X(read) X(readv) X(recv) \
    X(recvfrom) X(recvmsg) X(select) X(send) X(sendmsg) X(sendto) X(setsockopt) X(shutdown) \
    X(syscall) X(timerfd_settime) X(write) X(writev)
/* clang-format on */

#define NUMBER(name) CALL_##name,
enum { FUNCTIONS(NUMBER) CLOCK_FINE, CLOCK_COARSE, CALLS };

struct record {
    char name[24];
    _Atomic uint64_t count;
};

#define RECORD(function) { .name = #function },
/* A clock with the resolution of the kernel's tick costs a tenth of the others. */
static struct record before[CALLS] = { FUNCTIONS(RECORD){ .name = "clock" },
                                       { .name = "clock, coarse" } };
static struct record *records = before;

static void *find(void *_Atomic *found, const char *name)
{
    void *function = atomic_load_explicit(found, memory_order_relaxed);

    if (!function) {
        function = dlsym(RTLD_NEXT, name);
        if (!function) {
            fprintf(stderr, "count_calls: there is no %s\n", name);
            abort();
        }
        atomic_store_explicit(found, function, memory_order_relaxed);
    }
    return function;
}

static void count(unsigned call)
{
    atomic_fetch_add_explicit(&records[call].count, 1, memory_order_relaxed);
}

/* By their names in the library alone: in C they have other types. */
#define PASS_ON(name)                                                                        \
    long count_##name(long, long, long, long, long, long) __asm__(#name);                    \
    __attribute__((visibility("default"))) long count_##name(long a, long b, long c, long d, \
                                                             long e, long f)                 \
    {                                                                                        \
        static void *_Atomic found;                                                          \
        long (*function)(long, long, long, long, long, long);                                \
                                                                                             \
        *(void **)&function = find(&found, #name);                                           \
        count(CALL_##name);                                                                  \
        return function(a, b, c, d, e, f);                                                   \
    }
FUNCTIONS(PASS_ON)

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *time)
{
    static void *_Atomic found;
    int (*function)(clockid_t, struct timespec *);
    bool is_coarse = clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE;

    *(void **)&function = find(&found, "clock_gettime");
    count(is_coarse ? CLOCK_COARSE : CLOCK_FINE);
    return function(clock, time);
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("HANDSHARK_CALLS");
    int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    void *mapped = MAP_FAILED;

    if (fd >= 0 && ftruncate(fd, sizeof before) == 0)
        mapped = mmap(NULL, sizeof before, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED) {
        fprintf(stderr, "count_calls: %s: cannot be mapped\n", path ? path : "HANDSHARK_CALLS");
        abort();
    }
    memcpy(mapped, before, sizeof before);
    records = mapped;
}
