/* notation.h
 * How the tests write flags, and what is said of a segment, in words.
 *
 * The words are those of the field vocabularies, written down here a second time, so that a test
 * does not agree with the engine by construction.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_NOTATION_H
#define HANDSHARK_NOTATION_H

#include <stdint.h>

#include "tcp_verdict.h"

/** Room for any of the texts below. */
#define NOTATION_MAX 256

/** @return the bits of flags as tcpdump prints them: F S R P . U E W, and e for AE; "" for none. */
uint16_t flags_of(const char *letters);

/** The words for bits, in the order of mention, with a space between; written into @p text, which
 *  has NOTATION_MAX octets and is returned. */
const char *write_events(char *text, uint16_t events);
/** Steps of the teardown are plain (1/4); those of a simultaneous open are "open 1/4". */
const char *write_steps(char *text, uint16_t steps);
const char *write_experts(char *text, uint16_t experts);
const char *write_notes(char *text, uint32_t notes);

/** What two annotations are compared in: bits for write_difference(). */
enum {
    IN_STATES = 1 << 0,  /**< after the segment */
    IN_ORIGINS = 1 << 1, /**< before it */
    IN_DWELL = 1 << 2,
    IN_STEPS = 1 << 3,
    IN_EVENTS = 1 << 4,
    IN_EXPERTS = 1 << 5,
    IN_NOTES = 1 << 6,
    IN_PHASE = 1 << 7,
    IN_SENDER = 1 << 8,
    IN_EVIDENCE = 1 << 9,
    IN_ACCEPTED = 1 << 10, /**< whether a RST counts */
    IN_NUMBERS = 1 << 11,  /**< sequence, acknowledgment, length */
    IN_FRAMES = 1 << 12,
    IN_EXCHANGE = 1 << 13,
    IN_ALL = (1 << 14) - 1,
};

/** The first thing of @p aspects that two annotations do not agree in, as "what: expected, got";
 *  "" where they do. Written into @p text, which has NOTATION_MAX octets and is returned. */
const char *write_difference(char *text, const struct tcp_annotation *expected,
                             const struct tcp_annotation *got, unsigned aspects);

/** What two outcomes are compared in. */
enum {
    IN_WORDS = 1 << 0,   /**< opening, closing, who closed, TIME_WAIT, half-close */
    IN_VERDICT = 1 << 1, /**< the verdict */
    IN_TIMES = 1 << 2,   /**< round trips and the teardown */
    IN_DURATION = 1 << 3,
    IN_ISNS = 1 << 4,
    IN_BYTES = 1 << 5,
    IN_LAST_STATES = 1 << 6,
    IN_DECIDED = 1 << 7, /**< the verdict's frame and end */
    IN_ZEEK = 1 << 8,    /**< conn_state and history */
    IN_WHOLE = (1 << 9) - 1,
};

/** The same for two outcomes. */
const char *write_outcome_difference(char *text, const struct tcp_outcome *expected,
                                     const struct tcp_outcome *got, unsigned aspects);

/** @return the words for what a conversation amounts to; "?" for what is none of them. */
const char *word_for_opening(enum tcp_opening opening);
const char *word_for_closing(enum tcp_closing closing);
const char *word_for_verdict(enum tcp_verdict verdict);
const char *word_for_conn_state(enum tcp_conn_state state);
const char *word_for_phase(unsigned phase);
/** @return "client", "server", or "nobody" for -1. */
const char *word_for_role(int role);

#endif
