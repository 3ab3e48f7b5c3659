/* ladder_words.h
 * What the formats have in common: numbers with their units, flags, labels, the width of a text.
 *
 * Functions that return a text put it into the buffer given and return that.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_LADDER_WORDS_H
#define HANDSHARK_LADDER_WORDS_H

#include "ladder.h"
#include "tcp_phase/wording.h"

/** Room for a number with its unit. */
struct ladder_number {
    char at[48];
};

/** @return a length of time with three digits that count: "10.5 ms", "1.03 s", "10 min 21 s". The units
 *  are those of the SI and min, h, d beside it: the same in every language. */
const char *ladder_time(struct ladder_number *number, int64_t nanoseconds);

/** @return "0.010000": seconds, as Wireshark shows times, but in no more than 12 columns: with three decimals
 *  from ten thousand seconds on, without them from ten million. */
const char *ladder_seconds(struct ladder_number *number, int64_t nanoseconds);

/** @return "960 B", "168 kB", "1.68 MB": powers of ten. */
const char *ladder_size(struct ladder_number *number, uint64_t bytes);

/** @return the number. */
const char *ladder_digits(struct ladder_number *number, uint64_t digits);

/** Append the flags of a segment, in the order of the header's bits: "SYN, ACK".
 *  @param between  what stands between two of them */
void ladder_add_flags(GString *out, unsigned flags, const char *between);

/** Append "SYN, ACK  seq 0  ack 1", with "len 6" where there is data. */
void ladder_add_numbers(GString *out, const struct tcp_annotation *note);

/** Append what is written at a row: the label of a segment, what a fold holds, what was not captured. */
void ladder_add_label(GString *out, const struct ladder_row *row, const char *const *table);

/** Append an entry of the wording, its placeholders filled in: wording_fill(). */
void ladder_add_entry(GString *out, const char *const *table, unsigned entry,
                      const struct wording_value *values);

/** Append the summary of a conversation: its title. */
void ladder_add_title(GString *out, const struct ladder *ladder, const char *const *table);

/** Append which stream, frames and time it is. */
void ladder_add_about(GString *out, const struct ladder *ladder, const char *const *table);

/** Append the explanation of a segment. */
void ladder_add_explanation(GString *out, const struct ladder_row *row, const char *const *table);

/** Append the silence before a row. @param pause  from ladder_pause() */
void ladder_add_pause(GString *out, int64_t pause, const char *const *table);

#endif
