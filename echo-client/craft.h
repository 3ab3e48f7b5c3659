/* craft.h
 * Openings and closings that no server can be asked for: both ends are made here.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_CLIENT_CRAFT_H
#define HANDSHARK_ECHO_CLIENT_CRAFT_H

#include "load.h"

/** Make the connection with this number: its opening is one from OPEN_REFUSED on, or its closing
 *  CLOSE_SIMULTANEOUS. Both ends are on the address from which the run's server is reached.
 *  @param results  what it adds to
 *  @return 0, or -1 if the kernel did otherwise: it has been said then */
int craft(struct run *run, unsigned number, struct results *results);

#endif
