/* interactive.h
 * A line is a request.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_CLIENT_INTERACTIVE_H
#define HANDSHARK_ECHO_CLIENT_INTERACTIVE_H

#include "options.h"

/** Connect, send each line of standard input, print its answer and how long it took, until `Q`,
 *  `exit`, the input's end or SIGINT; then close in order.
 *  @return the exit status */
int interactive_run(const struct options *options);

#endif
