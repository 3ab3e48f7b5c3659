/* acceptor.h
 * The sockets that listen, and the handing over of what they accept to the loops, in turn.
 *
 * In turn and not SO_REUSEPORT: with few connections the kernel's hash leaves loops idle.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_ACCEPTOR_H
#define HANDSHARK_ECHO_ACCEPTOR_H

#include "loop.h"

struct acceptor;

/** Make an acceptor without sockets. @return NULL: no memory. */
struct acceptor *acceptor_new(struct event_base *base, struct service *service, struct loop **loops,
                              unsigned loop_count);

/** Listen on all addresses of the options, or on the sockets that were handed over.
 *  @return false: not possible; the log says what and why */
bool acceptor_listen(struct acceptor *acceptor, int handed_over);

/** Begin to accept, and write to the log where.
 *  @param max_connections  more are refused */
bool acceptor_start(struct acceptor *acceptor, uint64_t max_connections);

/** Accept what the kernel has accepted already, and nothing after that. */
void acceptor_stop(struct acceptor *acceptor);

/** Counters of what never reached a loop. */
const struct counters *acceptor_counters(const struct acceptor *acceptor);

void acceptor_free(struct acceptor *acceptor);

/** A new socket that listens on an endpoint, with what our services want of it.
 *  @param name  the endpoint as text, for the log
 *  @return -1: not possible; errno says why, and the log too unless @p is_quiet */
int listen_on(const struct echo_endpoint *endpoint, const char *name, bool is_quiet);

#endif
