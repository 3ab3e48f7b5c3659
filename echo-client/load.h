/* load.h
 * Many connections at a time, on libevent: one loop for each thread, which shares nothing with the
 * others while it runs.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_CLIENT_LOAD_H
#define HANDSHARK_ECHO_CLIENT_LOAD_H

#include "echo_frame.h"
#include "histogram.h"
#include "options.h"
#include "payload.h"
#include "stream.h"

#include <event2/event.h>
#include <stdatomic.h>

/** Addresses of a host that are tried, one after the other. */
#define ENDPOINTS_MAX 8

/** What a run has seen. Durations in ns. */
struct results {
    struct histogram round_trip; /**< from sending, or in open loop from the planned time */
    struct histogram server;     /**< what the servers' times say they needed */
    struct histogram network;    /**< the rest of the round trip */
    struct histogram connect;    /**< until a connection stood */
    uint64_t sent, answered;
    uint64_t unsent;   /**< planned by an open loop, but not sent before its end */
    uint64_t wrong;    /**< answers that were not what they had to be */
    uint64_t missing;  /**< requests that got none */
    uint64_t failures; /**< connections that did not open, answer or end as they should */
    uint64_t fast;     /**< connections whose SYN's data was acknowledged */
    uint64_t opened, ended;
    uint64_t octets; /**< payload that came back */
};

struct connection;

/** A header as it is on the wire. */
struct wire_head {
    uint8_t begin[ECHO_FIELD_ID]; /**< magic to code */
    uint64_t id;
    uint32_t length, checksum;
};
_Static_assert(sizeof(struct wire_head) == ECHO_HEADER_SIZE, "no padding");

/** What all threads share and none changes, but for `stop` and `said`. */
struct run {
    const struct options *options;
    struct payloads payloads;
    SSL_CTX *tls;
    struct echo_endpoint endpoints[ENDPOINTS_MAX];
    size_t endpoint_count;
    atomic_int stop;               /**< 1: no new requests; 2: end at once */
    atomic_uint said;              /**< failures that were printed */
    atomic_uint_fast64_t progress; /**< answers, now and then */
    atomic_uint loops_left;
};

/** A thread's part of it. */
struct loop {
    struct run *run;
    struct event_base *base;
    struct event *tick, *planned, *over, *more;
    struct connection *connections;
    unsigned count;   /**< connections of this thread over the whole run */
    unsigned at_once; /**< of them open at a time */
    unsigned started, standing, gone;
    size_t endpoint;                 /**< the one that answers */
    bool is_stopping;                /**< no new requests */
    bool is_scheduling;              /**< `began` is set */
    uint64_t began;                  /**< monotonic ns: when the schedule of an open loop begins */
    double gap;                      /**< ns between two requests of this loop */
    uint64_t next;                   /**< the request of the schedule that comes next */
    int64_t wall;                    /**< what makes a monotonic time one since 1970 */
    uint64_t reported;               /**< answers counted in run->progress */
    struct wire_head request, reply; /**< headers without id and payload */
    size_t head_size;                /**< of their whole heads; 0 for plain echo */
    struct results results;
    uint8_t *in;  /**< what is read: LOOP_KEPT octets and LOOP_READ more */
    uint8_t *out; /**< what is to be written */
    size_t out_capacity;
};

/** Octets of one read; more at a time would let busy connections hold up the others. */
#define LOOP_READ 65536U
/** Room in front of it for a head that was cut off. */
#define LOOP_KEPT 64U

/** Do what the options ask for: resolve, connect, send, check, close; until it is done or SIGINT.
 *  @param results  receives what was seen; zeroed by the caller
 *  @param seconds  receives how long it took
 *  @return the exit status */
int load_run(const struct options *options, struct results *results, double *seconds);

/** @return the monotonic clock in ns. */
uint64_t load_now(void);

/** Find where to connect; says so where there is nothing.
 *  @param endpoints  receives them, at most ENDPOINTS_MAX
 *  @return how many there are */
size_t load_resolve(const struct options *options, struct echo_endpoint *endpoints);

/* For connection.c: */

/** A connection stands, for the first time. */
void loop_stands(struct loop *loop);
/** A connection is gone, for good. */
void loop_gone(struct loop *loop);
/** Say that something failed, on standard error, if not too much has been said already. */
__attribute__((format(printf, 2, 3))) void run_say(struct run *run, const char *format, ...);

#endif
