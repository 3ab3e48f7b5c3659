/* player.h
 * Octets, as a fuzzer makes them, into a sequence of segments between two ends.
 *
 * An input is two octets of header (see player.c) and then one event after the other, each of an
 * octet that says which segment, who sends it and how much later, and of more octets where the event
 * asks for them. What is sent is numbered by what each end has sent and got before, so that a few
 * octets make a conversation that goes on as TCP does; a second octet moves the numbers, and one
 * kind of event takes a segment as it stands, so that anything can come at any time. Any octets are
 * an input, and a longer input begins as the shorter one does.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_PLAYER_H
#define HANDSHARK_PLAYER_H

#include <stddef.h>

#include "rules.h"

/** Conversations on the same addresses and ports, one after the other. */
#define PLAYER_CONVERSATIONS_MAX 8

/** What happens. */
enum player_event {
    PLAYER_END,     /**< nothing any more */
    PLAYER_SEGMENT, /**< a segment */
    PLAYER_COPY,    /**< the last segment was captured a second time */
    PLAYER_ICMP     /**< an ICMP error quotes it */
};

/** Sequence numbers of an end, counted from its ISN. */
struct player_numbers {
    uint32_t next; /* what it sends next */
    uint32_t got;  /* what it has got from the other end: its acknowledgment number */
    uint32_t last; /* where its last data began */
    uint32_t last_len;
};

/** An input being played. */
struct player {
    const uint8_t *at;
    const uint8_t *end;
    struct rules_manner manner; /**< what the input's header asks for */
    bool absolute;              /**< a number did not depend on an ISN */
    unsigned conversation;      /**< number of the one that the event belongs to, from 0 */
    unsigned count;             /* segments so far */
    bool has_begun;             /* the conversation has had a segment */
    uint32_t isn[2];
    uint32_t isn_step; /* by how much ISNs grow from one conversation to the next */
    uint16_t port[2];
    int64_t now;
    struct player_numbers numbers[PLAYER_CONVERSATIONS_MAX][2];
    struct tcp_segment segment; /**< the event's segment; the last one where it is no segment */
};

/** Begin with an input.
 *  @param isn  initial sequence numbers of both ends */
void player_begin(struct player *player, const uint8_t *data, size_t size, const uint32_t isn[2]);

/** @return the next event. */
enum player_event player_next(struct player *player);

#endif
