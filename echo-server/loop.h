/* loop.h
 * A loop: one thread, one event base, its share of the connections, and the one buffer that all of
 * them are read into.
 *
 * A connection belongs to its loop from the hand-over to its end, so that nothing of it needs a lock.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_LOOP_H
#define HANDSHARK_ECHO_LOOP_H

#include "counters.h"
#include "echo_answer.h"
#include "options.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <pthread.h>
#include <sys/queue.h>

/** Octets read from a connection each time that it is its turn: more makes few connections faster and
 *  many connections wait for one that is busy. */
#define READ_MAX 65536U

struct connection;
struct transport;
struct tls;

/** What a connection's clock is for. */
enum deadline {
    DEADLINE_IDLE,    /**< something is to come, or to go */
    DEADLINE_FRAME,   /**< a frame that has begun, or a TLS handshake */
    DEADLINE_CLOSING, /**< the client's FIN after ours */
    DEADLINES,
    DEADLINE_NONE = DEADLINES
};

/** Connections in the order in which their time is over: all in a queue have the same time, so that
 *  one timer serves them all. */
struct deadline_queue {
    TAILQ_HEAD(deadline_list, connection) connections;
    struct loop *loop;
    struct event timer;
    int64_t time_ms; /**< 0: never */
    bool is_armed;
};

/** What all loops share. */
struct service {
    const struct options *options;
    struct echo_service echo;
    struct tls *tls;                     /**< NULL: no TLS */
    _Atomic uint64_t connections;        /**< that are open, in all loops */
    _Atomic uint64_t connection_numbers; /**< that were given out */
    _Atomic unsigned loops_running;
    int done_fd; /**< an eventfd: a loop has ended */
};

/** A connection on its way to its loop. */
struct arrival {
    int fd;
    bool is_refused; /**< it gets an ERROR 7 and is closed */
};

struct loop {
    struct event_base *base;
    struct service *service;
    const struct transport *transport; /**< of all connections */
    pthread_t thread;
    bool has_thread;

    int wake_fd; /**< an eventfd: look at what follows */
    struct event wake;
    pthread_mutex_t lock;
    struct arrival *arrivals; /**< under the lock, as the next three */
    size_t arrival_count, arrival_capacity;
    bool is_told_to_drain, is_told_to_stop;

    TAILQ_HEAD(, connection) connections;
    struct deadline_queue deadlines[DEADLINES];
    struct event drain_tick;
    int64_t drain_since; /**< 0: not draining */
    struct counters counters;
    /** Room for a head that was kept, and what is read behind it. */
    uint8_t buffer[ECHO_HEAD_MAX + READ_MAX];
};

/** Make a loop; its thread does not run yet.
 *  @return NULL: there is no memory, or no descriptor for it; errno says which */
struct loop *loop_new(struct service *service);

/** Start its thread. @return 0 or an error number. */
int loop_start(struct loop *loop);

/** Wait for its end, if it was started, and free it; what it holds is closed. */
void loop_free(struct loop *loop);

/** From another thread: here is a connection. @return false: no memory; the descriptor is the
 *  caller's. */
bool loop_hand_over(struct loop *loop, int fd, bool is_refused);

/** From another thread: answer what was read, close in order, and end when all are gone. */
void loop_drain(struct loop *loop);

/** From another thread: close all connections as they are, and end. */
void loop_stop(struct loop *loop);

/** @return whether the loop is draining. */
static inline bool loop_is_draining(const struct loop *loop)
{
    return loop->drain_since != 0;
}

/** Put a connection into a queue, out of the one that it is in.
 *  @param which  DEADLINE_NONE: into none
 *  @param since  when its time began, by clock_ms() */
void loop_set_deadline(struct loop *loop, struct connection *connection, enum deadline which,
                       int64_t since);

/** @return a clock for time-outs, in ms, with the resolution of the kernel's tick; cheap. */
int64_t clock_ms(void);

/** @return nanoseconds since 1970 UTC. */
uint64_t clock_utc_ns(void);

#endif
