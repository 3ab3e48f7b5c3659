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

/** @return the words for what a conversation amounts to; "?" for what is none of them. */
const char *word_for_opening(enum tcp_opening opening);
const char *word_for_closing(enum tcp_closing closing);
const char *word_for_verdict(enum tcp_verdict verdict);
const char *word_for_phase(unsigned phase);
/** @return "client", "server", or "nobody" for -1. */
const char *word_for_role(int role);

#endif
