/* race.h
 * Two system calls at the same time, so that the segments that they send cross.
 *
 * On a link with a delay that is no art; on the loopback interface a segment arrives within some
 * microseconds, and both ends have to be at work on two processors. It fails now and then: the
 * caller looks, and tries again.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_CLIENT_RACE_H
#define HANDSHARK_ECHO_CLIENT_RACE_H

#include "echo_address.h"

/** One of the two. */
struct racer {
    int fd;
    const struct echo_endpoint *to; /**< connect there; NULL: send a FIN */
    int error;                      /**< receives 0 or an errno */
};

/** Let both do it at once, and wait for both.
 *  @return 0, or -1: there was no second thread */
int race(struct racer *one, struct racer *other);

#endif
