/* tcp_seq.h
 * Sequence number arithmetic modulo 2^32 (RFC 9293 3.4).
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_TCP_SEQ_H
#define HANDSHARK_TCP_SEQ_H

#include <stdbool.h>
#include <stdint.h>

/** How far @p a lies after @p b: negative when it lies before. Numbers 2^31 or more apart have no
 *  order; such a pair counts as "before" (RFC 9293 3.4 leaves it open: windows are below 2^30). */
static inline int32_t seq_diff(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

/** @return whether @p a comes before @p b in sequence space. */
static inline bool seq_lt(uint32_t a, uint32_t b)
{
    return seq_diff(a, b) < 0;
}

/** @return whether @p a comes before @p b in sequence space or is equal to it. */
static inline bool seq_le(uint32_t a, uint32_t b)
{
    return seq_diff(a, b) <= 0;
}

/** @return the later of two sequence numbers. */
static inline uint32_t seq_max(uint32_t a, uint32_t b)
{
    return seq_lt(a, b) ? b : a;
}

#endif
