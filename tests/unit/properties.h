/* properties.h
 * What must hold for every conversation, whatever it is: a trace is changed in a way
 * that must make no difference, or only a certain one, and played again.
 *
 * What one changed segment may do to the rest is stated as a rule, with its reason; there is no
 * list of exceptions.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_PROPERTIES_H
#define HANDSHARK_PROPERTIES_H

#include "notation.h"
#include "trace.h"

/** A property: checks it for a trace, of which @p plain is said unchanged. */
typedef void property(const struct trace *trace, const struct replay *plain);

/* properties_cut.c */
property cut_at_the_end;
property cut_at_the_front;
/* properties_again.c */
property sent_again;
property captured_again;

/** Play a changed trace, and count it. */
struct replay property_play(const struct trace *trace);

/** Compare what is said of a segment.
 *  @param trace     the trace as it was
 *  @param index     which of its segments
 *  @param change    how the trace was changed, in words
 *  @param aspects   of write_difference() */
void property_compare(const struct trace *trace, size_t index, const char *change,
                      const struct tcp_annotation *expected, const struct tcp_annotation *got,
                      unsigned aspects);
/** The same for what a conversation amounts to, with the aspects of write_outcome_difference(). */
void property_compare_outcome(const struct trace *trace, unsigned stream, const char *change,
                              const struct tcp_outcome *expected, const struct tcp_outcome *got,
                              unsigned aspects);
/** Compare all conversations of a replay. */
void property_compare_outcomes(const struct trace *trace, const char *change,
                               const struct replay *expected, const struct replay *got,
                               unsigned aspects);
/** Compare everything. */
void property_compare_all(const struct trace *trace, const char *change,
                          const struct replay *expected, const struct replay *got);

/** How far to go from one place to the next: the places of long traces are not all tried. */
size_t property_stride(const struct trace *trace);

/** What is said of a segment, with "client" and "server" exchanged. */
struct tcp_annotation property_swapped(const struct tcp_annotation *note);

#endif
