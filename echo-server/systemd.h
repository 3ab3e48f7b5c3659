/* systemd.h
 * Socket activation and readiness, by hand: sd_listen_fds(3) and sd_notify(3) are an environment
 * variable and a datagram each, less than a library is worth.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_SYSTEMD_H
#define HANDSHARK_ECHO_SYSTEMD_H

/** How many listening sockets were handed over; they are the descriptors from SYSTEMD_FIRST_FD on.
 *  The environment forgets them.
 *  @return 0: none, -1: the environment says nonsense (and the log what) */
int systemd_sockets(void);

#define SYSTEMD_FIRST_FD 3

/** Tell the service manager, if there is one. @param state  "READY=1", "STOPPING=1" */
void systemd_notify(const char *state);

#endif
