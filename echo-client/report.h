/* report.h
 * What a run has seen, for people and for programs.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_CLIENT_REPORT_H
#define HANDSHARK_ECHO_CLIENT_REPORT_H

#include "load.h"

/** Print the table, or JSON, on standard output; write the histogram's file if one was asked for.
 *  @param seconds  how long the run took
 *  @return 0, or -1 if something could not be written: it has been said then */
int report(const struct options *options, const struct results *results, double seconds);

#endif
