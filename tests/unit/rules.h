/* rules.h
 * What holds for whatever is said of a conversation, whichever segments come in whichever order:
 *  - states are the eleven, and every transition is made of events of the state table that this
 *    segment can cause;
 *  - a state does not change between two segments, unless an arrival is withdrawn, and says so;
 *  - counters and times do not run backwards;
 *  - events, steps and phase agree with the segment's flags and with the states;
 *  - what the conversation amounts to agrees with the states shown and with itself.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_RULES_H
#define HANDSHARK_RULES_H

#include "tcp_verdict.h"

/** Frame numbers of the segments that are followed: 1 and every third from there on, so that a
 *  number that is off by one or two is none. */
#define RULES_FRAME(index) (1U + 3U * (uint32_t)(index))
/** Segments that a struct rules can follow. */
#define RULES_SEGMENTS_MAX 128

/** What is known of the segments; it decides how much can be asked for. */
struct rules_manner {
    bool ordinary; /**< they begin with SYN and SYN-ACK, and no SYN has another number later */
    bool orderly;  /**< times go forwards (they may stand still) */
};

/** The conversations of one pair of addresses and ports, one after the other. */
struct rules {
    struct rules_manner manner;
    bool has_earlier;   /* not the first conversation */
    int shown[2];       /* enum tcp_state: what was shown last */
    int64_t entered[2]; /* when it was first shown; TCP_NO_TIME: not known */
    int64_t first;      /* time of the first segment */
    uint64_t bytes[2];
    uint32_t runs; /* segments with data: there are no more exchanges */
    unsigned count;
    unsigned begin; /* the first segment of this conversation */
    bool reset;     /* a RST was accepted that closes both ends */
    bool refused;   /* ... and answered a SYN */
    bool quoted;    /* an ICMP error came */
    bool fins[2];   /* a FIN of that end took part in the teardown */
    bool over;      /* both ends were closed or in TIME_WAIT */
    struct {
        uint16_t flags;
        uint8_t sender;
    } past[RULES_SEGMENTS_MAX];
};

/** Begin with the first conversation. */
void rules_begin(struct rules *rules, struct rules_manner manner);
/** Go on with another conversation of the same addresses and ports. */
void rules_begin_next(struct rules *rules, struct rules_manner manner);
/** Check what was said of a segment, and what the conversation amounts to after it.
 *  @param rules         what came before
 *  @param segment       the segment; its frame is RULES_FRAME() of how many came before it
 *  @param note          what tcp_tracker_step() said of it
 *  @param conversation  the conversation after it */
void rules_check(struct rules *rules, const struct tcp_segment *segment,
                 const struct tcp_annotation *note, const struct tcp_conversation *conversation);
/** Check what was said of the second capture of a segment.
 *  @param original  what was said of the first capture, in frame @p frame
 *  @param copy      what tcp_tracker_copy() said */
void rules_check_copy(const struct rules *rules, const struct tcp_annotation *original,
                      uint32_t frame, const struct tcp_annotation *copy,
                      const struct tcp_conversation *conversation);
/** Check what a conversation amounts to, after an ICMP error or a copy. */
void rules_check_outcome(struct rules *rules, const struct tcp_conversation *conversation);

#endif
