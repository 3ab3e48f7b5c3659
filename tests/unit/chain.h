/* chain.h
 * Conversations at random: what mostly happens, what seldom does, and what cannot.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_CHAIN_H
#define HANDSHARK_CHAIN_H

#include "tcp_tracker.h"

#define CHAIN_MAX 40

/** How a conversation comes about. */
struct manner {
    bool ordinary;   /**< it begins with SYN and SYN-ACK, and no SYN has another number later */
    bool orderly;    /**< times go forwards (they may stand still) */
    unsigned spread; /**< numbers are up to so far from the ISN */
};

/** One random conversation: numbers count from the ISNs. */
struct chain {
    struct tcp_segment segments[CHAIN_MAX];
    unsigned count;
    struct manner manner;
};

/** Begin a row of random numbers; the same seed gives the same row everywhere. */
void chance_begin(uint64_t seed);
/** @return the next number of the row, below @p below. */
uint32_t chance(uint32_t below);
/** Make a conversation from the next numbers of the row. */
void chain_make(struct chain *chain);
/** @return the segment as it is on the wire, with ISNs for both ends. */
struct tcp_segment chain_segment(const struct tcp_segment *segment, const uint32_t *isn);

#endif
