/* race.c
 * Two threads that wait for each other without sleeping.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "race.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

struct start {
    struct racer *racer;
    atomic_bool is_ready, may_go;
};

static void act(struct racer *racer)
{
    int result;

    if (racer->to)
        result = connect(racer->fd, (const struct sockaddr *)&racer->to->address, racer->to->size);
    else
        result = shutdown(racer->fd, SHUT_WR);
    racer->error = result == 0 ? 0 : errno;
}

static void *run_other(void *data)
{
    struct start *start = data;

    atomic_store(&start->is_ready, true);
    while (!atomic_load_explicit(&start->may_go, memory_order_acquire))
        ;
    act(start->racer);
    return NULL;
}

int race(struct racer *one, struct racer *other)
{
    struct start start = { .racer = other };
    pthread_t thread;

    if (pthread_create(&thread, NULL, run_other, &start) != 0)
        return -1;
    while (!atomic_load(&start.is_ready))
        ;
    atomic_store_explicit(&start.may_go, true, memory_order_release);
    act(one);
    pthread_join(thread, NULL);
    return 0;
}
