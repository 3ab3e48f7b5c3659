/* loop.c
 * A loop: its thread, the hand-over of connections to it, its queues of deadlines, its end.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "loop.h"
#include "connection.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define DRAIN_TICK_MS 20

static struct timeval timeval_of(int64_t ms)
{
    return (struct timeval){ .tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000 * 1000) };
}

int64_t clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint64_t clock_utc_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* deadlines ---------------------------------------------------------------------------------- */

static void arm(struct deadline_queue *queue)
{
    struct connection *first = TAILQ_FIRST(&queue->connections);
    int64_t left = first->queued_since + queue->time_ms - clock_ms();
    struct timeval time = timeval_of(left > 1 ? left : 1);

    queue->is_armed = event_add(&queue->timer, &time) == 0;
}

static void on_deadline(evutil_socket_t fd, short what, void *argument)
{
    struct deadline_queue *queue = argument;
    int64_t now = clock_ms();
    struct connection *first;

    (void)fd;
    (void)what;
    /* What expires leaves the queue, or goes to its end with a new time. */
    while ((first = TAILQ_FIRST(&queue->connections)) != NULL &&
           first->queued_since + queue->time_ms <= now)
        connection_expire(first);
    queue->is_armed = false;
    if (first)
        arm(queue);
}

void loop_set_deadline(struct loop *loop, struct connection *connection, enum deadline which,
                       int64_t since)
{
    struct deadline_queue *queue = &loop->deadlines[which == DEADLINE_NONE ? 0 : which];
    struct connection *before;

    if (which != DEADLINE_NONE && queue->time_ms == 0)
        which = DEADLINE_NONE;
    if (connection->queue == which && connection->queued_since == since)
        return;
    if (connection->queue != DEADLINE_NONE)
        TAILQ_REMOVE(&loop->deadlines[connection->queue].connections, connection, queued);
    connection->queue = (uint8_t)which;
    connection->queued_since = since;
    if (which == DEADLINE_NONE)
        return;
    /* Nearly always the last one is not later. */
    before = TAILQ_LAST(&queue->connections, deadline_list);
    while (before && before->queued_since > since)
        before = TAILQ_PREV(before, deadline_list, queued);
    if (before)
        TAILQ_INSERT_AFTER(&queue->connections, before, connection, queued);
    else
        TAILQ_INSERT_HEAD(&queue->connections, connection, queued);
    if (!queue->is_armed)
        arm(queue);
}

static void init_deadlines(struct loop *loop)
{
    const struct options *options = loop->service->options;
    const int64_t times[DEADLINES] = { [DEADLINE_IDLE] = options->idle_ms,
                                       [DEADLINE_FRAME] = options->frame_ms,
                                       [DEADLINE_CLOSING] = options->closing_ms };

    for (unsigned i = 0; i < DEADLINES; i++) {
        struct deadline_queue *queue = &loop->deadlines[i];

        TAILQ_INIT(&queue->connections);
        queue->loop = loop;
        queue->time_ms = times[i];
        evtimer_assign(&queue->timer, loop->base, on_deadline, queue);
    }
}

/* draining ----------------------------------------------------------------------------------- */

/* Calls for each connection, which may be freed by that. */
static void for_each(struct loop *loop, void (*call)(struct connection *connection))
{
    struct connection *next;

    for (struct connection *at = TAILQ_FIRST(&loop->connections); at; at = next) {
        next = TAILQ_NEXT(at, siblings);
        call(at);
    }
}

static void nudge(struct connection *connection)
{
    connection->loop->transport->nudge(connection);
}

static void force(struct connection *connection)
{
    session_quit(connection, true);
    connection_leave(connection);
}

static void cut(struct connection *connection)
{
    connection_end(connection, ENDED_CUT);
    connection_leave(connection);
}

/* A socket says when it has nothing more to read; TLS does not, and there is a limit for both. */
static void on_drain_tick(evutil_socket_t fd, short what, void *argument)
{
    struct loop *loop = argument;
    struct timeval time = timeval_of(DRAIN_TICK_MS);

    (void)fd;
    (void)what;
    if (clock_ms() - loop->drain_since >= loop->service->options->drain_ms / 2)
        for_each(loop, force);
    else if (loop->service->tls)
        for_each(loop, tls_drain_tick);
    event_add(&loop->drain_tick, &time);
}

static void begin_drain(struct loop *loop)
{
    struct timeval time = timeval_of(DRAIN_TICK_MS);

    if (loop_is_draining(loop))
        return;
    loop->drain_since = clock_ms();
    event_add(&loop->drain_tick, &time);
    for_each(loop, nudge);
}

static void stop(struct loop *loop)
{
    for_each(loop, cut);
    event_base_loopbreak(loop->base);
}

/* hand-over ---------------------------------------------------------------------------------- */

static void wake_up(struct loop *loop)
{
    const uint64_t one = 1;
    ssize_t written = write(loop->wake_fd, &one, sizeof one);

    (void)written; /* it fails only where the loop is awake already */
}

static void on_wake(evutil_socket_t fd, short what, void *argument)
{
    struct loop *loop = argument;
    struct arrival *arrivals;
    bool is_to_drain, is_to_stop;
    uint64_t wakes;
    size_t count;

    (void)what;
    if (read(fd, &wakes, sizeof wakes) < 0 && errno == EAGAIN)
        return;
    pthread_mutex_lock(&loop->lock);
    arrivals = loop->arrivals;
    count = loop->arrival_count;
    is_to_drain = loop->is_told_to_drain;
    is_to_stop = loop->is_told_to_stop;
    loop->arrivals = NULL;
    loop->arrival_count = loop->arrival_capacity = 0;
    pthread_mutex_unlock(&loop->lock);

    for (size_t i = 0; i < count; i++)
        connection_open(loop, arrivals[i].fd, arrivals[i].is_refused);
    free(arrivals);
    if (is_to_stop)
        stop(loop);
    else if (is_to_drain)
        begin_drain(loop);
    if (is_to_drain && TAILQ_EMPTY(&loop->connections))
        event_base_loopbreak(loop->base);
}

bool loop_hand_over(struct loop *loop, int fd, bool is_refused)
{
    bool is_first, has_room = true;

    pthread_mutex_lock(&loop->lock);
    is_first = loop->arrival_count == 0;
    if (loop->arrival_count == loop->arrival_capacity) {
        size_t capacity = loop->arrival_capacity == 0 ? 64 : loop->arrival_capacity * 2;
        struct arrival *grown = realloc(loop->arrivals, capacity * sizeof *grown);

        if (grown) {
            loop->arrivals = grown;
            loop->arrival_capacity = capacity;
        } else {
            has_room = false;
        }
    }
    if (has_room)
        loop->arrivals[loop->arrival_count++] = (struct arrival){ fd, is_refused };
    pthread_mutex_unlock(&loop->lock);
    if (has_room && is_first)
        wake_up(loop);
    return has_room;
}

void loop_drain(struct loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    loop->is_told_to_drain = true;
    pthread_mutex_unlock(&loop->lock);
    wake_up(loop);
}

void loop_stop(struct loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    loop->is_told_to_stop = true;
    pthread_mutex_unlock(&loop->lock);
    wake_up(loop);
}

/* life --------------------------------------------------------------------------------------- */

struct loop *loop_new(struct service *service)
{
    struct event_config *config = event_config_new();
    struct loop *loop = calloc(1, sizeof *loop);

    if (!loop || !config)
        goto failed;
    loop->service = service;
    loop->transport = service->tls ? &tls_transport : &socket_transport;
    TAILQ_INIT(&loop->connections);
    loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (loop->wake_fd < 0)
        goto failed;
    /* No other thread touches this base. */
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    loop->base = event_base_new_with_config(config);
    if (!loop->base) {
        close(loop->wake_fd);
        goto failed;
    }
    event_config_free(config);
    pthread_mutex_init(&loop->lock, NULL);
    init_deadlines(loop);
    evtimer_assign(&loop->drain_tick, loop->base, on_drain_tick, loop);
    event_assign(&loop->wake, loop->base, loop->wake_fd, EV_READ | EV_PERSIST, on_wake, loop);
    event_add(&loop->wake, NULL);
    return loop;
failed:
    if (config)
        event_config_free(config);
    free(loop);
    return NULL;
}

static void *run(void *argument)
{
    const uint64_t one = 1;
    struct loop *loop = argument;
    ssize_t written;

    event_base_dispatch(loop->base);
    atomic_fetch_sub(&loop->service->loops_running, 1);
    written = write(loop->service->done_fd, &one, sizeof one);
    (void)written;
    return NULL;
}

int loop_start(struct loop *loop)
{
    int error = pthread_create(&loop->thread, NULL, run, loop);

    loop->has_thread = error == 0;
    return error;
}

void loop_free(struct loop *loop)
{
    if (loop->has_thread)
        pthread_join(loop->thread, NULL);
    for_each(loop, cut);
    for (size_t i = 0; i < loop->arrival_count; i++)
        close(loop->arrivals[i].fd);
    free(loop->arrivals);
    event_base_free(loop->base);
    pthread_mutex_destroy(&loop->lock);
    close(loop->wake_fd);
    free(loop);
}
