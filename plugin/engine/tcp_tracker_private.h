/* tcp_tracker_private.h
 * What the parts of the tracker share: the flags kept in a conversation, and the turn, which is one
 * segment on its way through them.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_TCP_TRACKER_PRIVATE_H
#define HANDSHARK_TCP_TRACKER_PRIVATE_H

#include "tcp_seq.h"
#include "tcp_tracker.h"

/* tcp_end.flags */
enum {
    END_NUMBERED = 1 << 0,       /* isn, next and edge are known */
    END_SYN = 1 << 1,            /* its SYN was captured */
    END_SYN_DATA = 1 << 2,       /* ... with data */
    END_SPOKE = 1 << 3,          /* it sent a segment other than SYN and RST */
    END_FIN = 1 << 4,            /* its FIN was captured */
    END_FIN_AGAIN = 1 << 5,      /* ... and sent again since it was last acknowledged */
    END_PASSIVE = 1 << 6,        /* ... and it had got the other end's FIN when it sent it */
    END_INFERRED = 1 << 7,       /* its state rests on a segment that was not captured */
    END_ISLAND = 1 << 8,         /* .island_begin and .island_past are in use */
    END_WINDOW = 1 << 9,         /* .window is known */
    END_SCALED = 1 << 10,        /* it offered window scaling */
    END_TIME_WAIT = 1 << 11,     /* it came into TIME_WAIT */
    END_BORROWED = 1 << 12,      /* it is still in the earlier connection of these ports */
    END_CLOSED_BY_FIN = 1 << 13, /* CLOSED by the ACK of its FIN, not by a RST */
    END_ACKED = 1 << 14,         /* .acked is known */
    END_CHALLENGES = 1 << 15,    /* what came to it calls for a challenge ACK (RFC 5961 3 and 4) */
    END_PROBES = 1 << 16,        /* it sent a keep-alive or window probe, not answered yet */
    END_CHALLENGED = 1 << 17,    /* .challenged came to it, and it has not sent its FIN */
    END_SCATTERED = 1 << 18,     /* more was seen beyond the gap than .island_... holds */
    END_AHEAD = 1 << 19,         /* .acked lies beyond all that it was seen to send */
    END_DOUBTED =
        1 << 20, /* its last segment may have been dropped; .island_begin is the edge before */
    END_TIMED = 1 << 21, /* the conversation's .timestamp is known */
    /* retransmissions and keep-alives since the other end last spoke; after two it counts as gone */
    END_TRIED = 1 << 22,
    END_TRIED_AGAIN = 1 << 23,
};

/* How many more segments of the conversation are taken to be captured twice (tcp_copies.c) is in four bits of
 * either end's flags, the lower ones in the client's. */
#define END_DOUBLING_AT   24
#define END_DOUBLING_BITS 4
#define END_DOUBLING_MAX  0xf

/* The window shift count that an end announced is in the four highest bits of its flags. */
#define END_SCALE_AT  28
#define END_SCALE_MAX 0xf

/* tcp_conversation.flags */
enum {
    CONV_LOW_CLIENT = 1 << 0,  /* the client's number (tcp_segment.sender_id) is the lower one */
    CONV_LIVE = 1 << 1,        /* a segment was seen that belongs to a connection */
    CONV_MIDSTREAM = 1 << 2,   /* neither SYN nor SYN-ACK was captured; then CONV_OPEN too */
    CONV_SYN = 1 << 3,         /* a SYN was captured */
    CONV_SYN_ACK = 1 << 4,     /* a SYN-ACK was captured that fits, or must have been sent */
    CONV_OPEN = 1 << 5,        /* the handshake is complete */
    CONV_BOTH_OPEN = 1 << 6,   /* simultaneous open */
    CONV_BOTH_STEP_3 = 1 << 7, /* ... one of the two SYNs is acknowledged */
    CONV_FAST_OPEN = 1 << 8,   /* the SYN's data was acknowledged */
    CONV_REFUSED = 1 << 9,     /* a RST answered the SYN */
    CONV_RESET = 1 << 10,      /* a RST was accepted */
    CONV_RESET_BY_SERVER = 1 << 11,
    CONV_RESET_UNOPENED = 1 << 12, /* ... before the handshake was complete */
    CONV_FIN = 1 << 13,            /* a FIN was captured */
    CONV_FIN_BY_SERVER = 1 << 14,  /* ... the server's came first */
    CONV_BOTH_FINS = 1 << 15,
    CONV_MERGED_CLOSE = 1 << 16,      /* the second FIN is the first to acknowledge the first */
    CONV_CROSSED_CLOSE = 1 << 17,     /* the second FIN does not acknowledge the first */
    CONV_HALF_CLOSE = 1 << 18,        /* data went out after the other end's FIN */
    CONV_DATA = 1 << 19,              /* there was data */
    CONV_DATA_BY_SERVER = 1 << 20,    /* ... last from the server */
    CONV_DECIDED_BY_SERVER = 1 << 21, /* who sent .decided_in */
    CONV_PEER_GONE = 1 << 22,     /* reset by an end whose repeated segments were not answered */
    CONV_TIMED_OPEN = 1 << 23,    /* the time of the handshake's last step is known */
    CONV_TIMED_SYN = 1 << 24,     /* .syn_time is known */
    CONV_TIMED_SYN_ACK = 1 << 25, /* .syn_ack_time is known */
    CONV_TIMED_CLOSE = 1 << 26,   /* .close_time is known */
    CONV_RESUMED = 1 << 27,       /* its SYN opened nothing: the earlier connection goes on */
};

/* The verdict so far (enum tcp_verdict) is in the four highest bits of the flags. */
#define CONV_VERDICT_AT 28

/* .close_time is in use, in place of .open_time. */
#define CONV_CLOSED (CONV_RESET | CONV_TIMED_CLOSE)

/* What is said of the close by FINs. */
#define CONV_CLOSING                                                                           \
    (CONV_FIN | CONV_FIN_BY_SERVER | CONV_BOTH_FINS | CONV_MERGED_CLOSE | CONV_CROSSED_CLOSE | \
     CONV_HALF_CLOSE)

/* One segment on its way through the tracker. */
struct turn {
    struct tcp_conversation *conv;
    const struct tcp_conversation *earlier;
    const struct tcp_segment *seg;
    struct tcp_annotation *note;
    struct tcp_end *sender;
    struct tcp_end *receiver;
    enum tcp_role role;    /* the sender's */
    uint32_t fin_seq;      /* where a FIN on this segment stands: after SYN and data */
    uint32_t acked_before; /* the receiver's .acked before this segment */
    bool is_new;           /* it carries something not sent before */
    bool is_dropped;       /* the receiver drops what it carries */
    bool was_open;         /* the handshake was complete before it */
    bool was_over;         /* both ends had closed before it */
    int64_t since[2];      /* when the ends came into the states that it finds them in */
};

/* tcp_tracker.c */

/* Let something happen to an end; keeps the time when its state changes. */
void turn_feed(struct turn *turn, struct tcp_end *end, enum tcp_event event);
/* Put an end back into a state that it turned out not to have left, entered at time since. */
void turn_withdraw(struct turn *turn, struct tcp_end *end, enum tcp_state state, int64_t since);
/* Say which state this segment finds an end in, and since when, where that is not what it was in. */
void turn_from(struct turn *turn, const struct tcp_end *end, enum tcp_state state, int64_t since);
/* The segment acknowledges what its receiver has not sent: its answer would be a RST with that number
 * (RFC 9293 3.10.7.3, 3.10.7.4). */
void turn_challenge(struct turn *turn);
/* Whether the segment, a RST, is that answer. */
bool turn_answers_challenge(const struct turn *turn);
/* Count one more segment that the sender repeats, or probes with, without an answer. */
void turn_count_try(struct turn *turn);
/* The other end has answered: begin to count anew. */
void turn_count_no_try(struct tcp_end *end);
/* Which end of another conversation has the same address and port. */
enum tcp_role turn_same_role(const struct tcp_conversation *other,
                             const struct tcp_conversation *conv, enum tcp_role role);
/* ... and that end. */
const struct tcp_end *turn_same_end(const struct tcp_conversation *other,
                                    const struct tcp_conversation *conv, enum tcp_role role);

/* tcp_numbers.c */

/* Start the numbering of an end: isn is taken, next is the first number after it. */
void numbers_begin(struct tcp_end *end, uint32_t isn, uint32_t next);
/* The window that an end offers, in octets, as the onlooker must assume it at least to be. */
uint32_t numbers_window(const struct tcp_end *end, const struct tcp_end *peer);
/* Whether octets from seq on can be taken by the peer: not beyond its window. */
bool numbers_in_window(const struct tcp_end *end, const struct tcp_end *peer, uint32_t seq);
/* Note that an end has sent [seq, past). Returns whether any of it had not been seen. */
bool numbers_sent(struct tcp_end *end, uint32_t seq, uint32_t past);
/* Note that the peer acknowledged all before ack. */
void numbers_acked(struct tcp_end *end, uint32_t ack);
/* Note that the peer acknowledges what the end was not seen to send: either that was not captured, or
 * it was never sent. What the end sends next will tell. */
void numbers_acked_ahead(struct tcp_end *end, uint32_t ack);
/* The end sends a segment with this number: judge by it what was acknowledged ahead. */
void numbers_judge_ahead(struct tcp_end *end, uint32_t seq);
/* The end's FIN turns out to have been dropped: as if it had not been sent. */
void numbers_forget_fin(struct tcp_end *end);
/* Whether ack is one that the end can have been sent: (isn, next]. */
bool numbers_ack_fits(const struct tcp_end *end, uint32_t ack);
/* The frame that first acknowledges the end's FIN; 0: none, as long as there is a gap before it. */
uint32_t numbers_fin_acked_in(const struct tcp_end *end);
/* Note that frame. Nothing follows a FIN: what was seen beyond a gap is forgotten. */
void numbers_set_fin_acked_in(struct tcp_end *end, uint32_t frame);
/* Whether all of the end's octets up to and with its FIN have been seen or acknowledged. */
bool numbers_fin_complete(const struct tcp_end *end);

/* tcp_handshake.c */
/* When an end came into ESTABLISHED. TCP_NO_TIME: not known, or the conversation has closed. */
int64_t handshake_opened_at(const struct tcp_conversation *conv, enum tcp_role role);
void handshake_take_syn(struct turn *turn);
void handshake_take_syn_ack(struct turn *turn);
/* What a segment without SYN and RST does for the handshake, at its sender and at its receiver. */
void handshake_take_ack(struct turn *turn);

/* tcp_stream.c */
void stream_take(struct turn *turn);
/* A segment without RST and ACK that opens nothing (a SYN with FIN neither): part of no connection. */
void stream_take_stray(struct turn *turn);
/* Data on a segment: what is new, and which exchange it is. */
void stream_take_data(struct turn *turn, uint32_t seq);

/* tcp_reset.c */
void reset_take(struct turn *turn);

/* tcp_verdict.c */

/* Note whether what is known of the conversation now makes another verdict of it; if so, since the
 * given frame, which that end sent. */
void verdict_follow(struct tcp_conversation *conv, uint32_t frame, enum tcp_role by);

#endif
