/* race.c
 * Two threads, each on a processor of its own, that act when the clock says so.
 *
 * They sleep until shortly before that and do not wait for each other: on a busy machine a thread
 * that has slept gets its processor soon, and one that waits without sleeping loses it.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "race.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/** Until the threads run. */
#define AHEAD_NS 1000000
/** Of that, what is waited without sleeping: longer than it takes to wake. */
#define AWAKE_NS 100000

struct start {
    struct racer *racer;
    int64_t at;    /**< when, on CLOCK_MONOTONIC */
    int processor; /**< -1: any */
};

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The two processors that the threads get; -1 where there is only one. */
static void choose_processors(int chosen[2])
{
    int found = 0;
    cpu_set_t allowed;

    chosen[0] = chosen[1] = -1;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) < 2)
        return;
    for (int i = 0; i < CPU_SETSIZE && found < 2; i++)
        if (CPU_ISSET((size_t)i, &allowed))
            chosen[found++] = i;
}

/* What of this is not allowed is done without. */
static void hurry(int processor)
{
    const struct sched_param first = { .sched_priority = sched_get_priority_min(SCHED_FIFO) };
    cpu_set_t own;

    if (processor >= 0) {
        CPU_ZERO(&own);
        CPU_SET((size_t)processor, &own);
        pthread_setaffinity_np(pthread_self(), sizeof own, &own);
    }
    pthread_setschedparam(pthread_self(), SCHED_FIFO, &first);
}

static void *run(void *data)
{
    const struct start *start = data;
    struct racer *racer = start->racer;
    const int64_t awake = start->at - AWAKE_NS;
    const struct timespec time = { .tv_sec = awake / 1000000000, .tv_nsec = awake % 1000000000 };
    int result;

    hurry(start->processor);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
    while (now_ns() < start->at)
        ;
    if (racer->to)
        result = connect(racer->fd, (const struct sockaddr *)&racer->to->address, racer->to->size);
    else
        result = shutdown(racer->fd, SHUT_WR);
    racer->error = result == 0 ? 0 : errno;
    return NULL;
}

int race(struct racer *one, struct racer *other)
{
    const int64_t at = now_ns() + AHEAD_NS;
    struct start starts[] = { { one, at, -1 }, { other, at, -1 } };
    int processors[2], made = 0;
    pthread_t threads[2];

    choose_processors(processors);
    for (; made < 2; made++) {
        starts[made].processor = processors[made];
        if (pthread_create(&threads[made], NULL, run, &starts[made]) != 0)
            break;
    }
    for (int i = 0; i < made; i++)
        pthread_join(threads[i], NULL);
    return made == 2 ? 0 : -1;
}
