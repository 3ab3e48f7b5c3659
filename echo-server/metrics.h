/* metrics.h
 * The counters over HTTP, as Prometheus reads them: libevent's own HTTP server.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_METRICS_H
#define HANDSHARK_ECHO_METRICS_H

#include "counters.h"
#include "echo_address.h"

struct event_base;
struct metrics;

/** Adds up the counters of the whole server. */
typedef void metrics_sum(void *argument, uint64_t sum[COUNTERS]);

/** Serve /metrics on an address.
 *  @return NULL: not possible; the log says why */
struct metrics *metrics_start(struct event_base *base, const struct echo_address *address,
                              metrics_sum *sum, void *argument);

void metrics_free(struct metrics *metrics);

#endif
