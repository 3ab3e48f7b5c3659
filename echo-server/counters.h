/* counters.h
 * What has happened, counted by each loop for itself and added up when somebody asks.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_COUNTERS_H
#define HANDSHARK_ECHO_COUNTERS_H

#include "echo_frame.h"

#include <stdatomic.h>
#include <stdint.h>

/** What is counted. counters.c has a name and a sentence for each. */
enum counter {
    COUNT_OPENED,
    COUNT_CLOSED,
    COUNT_REFUSED, /**< more connections than allowed */
    COUNT_FRAMED,
    COUNT_PLAIN,
    COUNT_REQUESTS,
    COUNT_BYTES_IN,
    COUNT_BYTES_OUT,
    COUNT_GOODBYES,                                        /**< four: one for each way to close */
    COUNT_ERRORS = COUNT_GOODBYES + ECHO_CLOSE_LINGER + 1, /**< nine: one for each code, from 1 */
    COUNT_IDLE = COUNT_ERRORS + ECHO_TIMED_OUT,            /**< the idle time was over */
    COUNT_SLOW,       /**< reset: it did not read its answers */
    COUNT_UNFINISHED, /**< a payload that passed through was not finished in time, or cut off */
    COUNT_UNCLOSED,   /**< reset: its FIN did not come in time */
    COUNT_LOST,       /**< the client reset it, or vanished */
    COUNT_TLS_FAILED,
    COUNT_NO_MEMORY,
    COUNTERS
};

/** Written by one thread, read by any. */
struct counters {
    _Atomic uint64_t values[COUNTERS];
};

/** Add to a counter; for the one thread that writes it. */
static inline void count_more(struct counters *counters, unsigned counter, uint64_t by)
{
    uint64_t value = atomic_load_explicit(&counters->values[counter], memory_order_relaxed);

    atomic_store_explicit(&counters->values[counter], value + by, memory_order_relaxed);
}

/** Add the counters of a loop to a sum. */
void counters_add(uint64_t sum[COUNTERS], const struct counters *counters);

/** Write counters as Prometheus text (exposition format 0.0.4).
 *  @param sum       the counters
 *  @param text      receives it, zero included
 *  @param capacity  COUNTERS_TEXT_MAX is always enough
 *  @return its length */
size_t counters_prometheus(const uint64_t sum[COUNTERS], char *text, size_t capacity);

/** Write them as one line for the log: `name=value` for all that are not 0. Same arguments. */
size_t counters_line(const uint64_t sum[COUNTERS], char *text, size_t capacity);

#define COUNTERS_TEXT_MAX 8192

#endif
