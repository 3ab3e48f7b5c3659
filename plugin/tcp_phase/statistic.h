/* statistic.h
 * What the statistics share that `tshark -z` begins: their names, their arguments, and what becomes of the
 * program where one of them fails.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_STATISTIC_H
#define HANDSHARK_STATISTIC_H

#include <epan/tap.h>
#include <glib.h>
#include <stdbool.h>

/** A statistic. Static storage. */
struct statistic {
    const char *name;  /**< as -z has it: "tcp_phase,jsonl" */
    const char *title; /**< for people */
    const char *tap;   /**< what it listens to (tap.h) */
    const char *usage; /**< its arguments: ",FILE[,filter]" */
    unsigned words;    /**< how many arguments come before the filter; none is empty */
    /** Begin. @param words the arguments  @param filter NULL: none
     *  @return false: it cannot; statistic_fail() has said why */
    bool (*begin)(const struct statistic *statistic, char *const *words, const char *filter);
};

/** Register a statistic, unless the program is Wireshark. To be called when protocols are registered. */
void statistic_register(const struct statistic *statistic);

/** Say that a statistic failed: on standard error. tshark's exit status will be 1, but what else was asked
 *  for is done first.
 *  @param statistic  which  @param error what went wrong; freed */
void statistic_fail(const struct statistic *statistic, GError *error);

/** Listen to the statistic's tap. To be called by .begin.
 *  @param statistic  which
 *  @param filter     a display filter, or NULL
 *  @param data       what the callbacks get
 *  @param reset      forget everything  @param packet a segment (tap.h)  @param draw show it
 *  @param finish     free the data; called on failure too
 *  @return false: the filter is none, and statistic_fail() has been called */
bool statistic_listen(const struct statistic *statistic, const char *filter, void *data,
                      tap_reset_cb reset, tap_packet_cb packet, tap_draw_cb draw,
                      tap_finish_cb finish);

/** The end of a statistic: the last thing that its .finish does. Where a statistic failed, tshark ends
 *  here. */
void statistic_end(void);

#endif
