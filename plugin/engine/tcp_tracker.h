/* tcp_tracker.h
 * One TCP conversation: a segment in, an annotation out.
 *
 * A conversation feeds two endpoints (tcp_fsm.h): what departs at one arrives at the other. The
 * onlooker's rules:
 *  - a segment is taken to arrive when it is seen, in the order in which it is seen;
 *  - a SYN, SYN-ACK or FIN shows the state that its sender is in as it departs. Where that contradicts
 *    what was taken to have arrived there (a SYN again after the SYN-ACK, a FIN that does not
 *    acknowledge the other's FIN), the arrival is withdrawn, and counts again with the next segment;
 *  - nothing is changed backwards: annotations already given stand.
 *
 * The engine knows no Wireshark, does no I/O and allocates nothing.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_TCP_TRACKER_H
#define HANDSHARK_TCP_TRACKER_H

#include <stdbool.h>
#include <stdint.h>

#include "tcp_fsm.h"

/** Flags of the TCP header as it carries them (RFC 9293 3.1; AE: RFC 9768). */
enum {
    TCP_FIN = 0x001,
    TCP_SYN = 0x002,
    TCP_RST = 0x004,
    TCP_PSH = 0x008,
    TCP_ACK = 0x010,
    TCP_URG = 0x020,
    TCP_ECE = 0x040,
    TCP_CWR = 0x080,
    TCP_AE = 0x100,
};

/** The two ends of a conversation; also the index into tcp_conversation.end. */
enum tcp_role { TCP_CLIENT, TCP_SERVER };

/** @return the end that the given one talks to. */
static inline enum tcp_role tcp_other_role(enum tcp_role role)
{
    return role == TCP_CLIENT ? TCP_SERVER : TCP_CLIENT;
}

/** One captured TCP segment, as its header has it. */
struct tcp_segment {
    int64_t time;         /**< when it was captured, in nanoseconds since any fixed moment */
    uint32_t frame;       /**< frame number, from 1 */
    uint32_t sender_id;   /**< a number for the sender's address and port, the same all along */
    uint32_t receiver_id; /**< the same for the receiver's */
    uint32_t seq;         /**< sequence number, as in the header */
    uint32_t ack;         /**< acknowledgment number; without meaning where TCP_ACK is not set */
    uint32_t len;         /**< payload octets sent, captured or not */
    uint32_t timestamp;   /**< TSval of the timestamps option (RFC 7323 3); 0 without it */
    uint16_t flags;       /**< TCP_FIN and so on */
    uint16_t window;      /**< window field, unscaled */
    uint16_t source_port; /**< only used to guess who the server is */
    uint16_t destination_port;
    int8_t window_scale; /**< shift count of the window scale option; -1: no such option */
    bool has_timestamp;  /**< there is a timestamps option */
};

/** What a segment does: bits of tcp_annotation.events, in the order of mention. */
enum {
    TCP_DOES_SYN = 1 << 0,
    TCP_DOES_SYN_ACK = 1 << 1,
    TCP_DOES_HANDSHAKE_ACK = 1 << 2,
    TCP_DOES_DATA = 1 << 3,
    TCP_DOES_ACK_OF_FIN = 1 << 4,
    TCP_DOES_FIN = 1 << 5,
    TCP_DOES_RST = 1 << 6,
    TCP_DOES_KEEP_ALIVE = 1 << 7,
    TCP_DOES_KEEP_ALIVE_ACK = 1 << 8,
    TCP_DOES_ZERO_WINDOW = 1 << 9,
    TCP_DOES_WINDOW_UPDATE = 1 << 10,
    TCP_DOES_ACK = 1 << 11,
    TCP_DOES_RETRANSMISSION = 1 << 12,
};

/** Steps: bits of tcp_annotation.steps. */
enum {
    TCP_STEP_OPEN_1_OF_3 = 1 << 0,   /**< SYN */
    TCP_STEP_OPEN_2_OF_3 = 1 << 1,   /**< SYN and ACK */
    TCP_STEP_OPEN_3_OF_3 = 1 << 2,   /**< ACK of the server's SYN */
    TCP_STEP_BOTH_1_OF_4 = 1 << 3,   /**< simultaneous open: a SYN */
    TCP_STEP_BOTH_2_OF_4 = 1 << 4,   /**< the other SYN */
    TCP_STEP_BOTH_3_OF_4 = 1 << 5,   /**< the first of the two ACKs */
    TCP_STEP_BOTH_4_OF_4 = 1 << 6,   /**< the second */
    TCP_STEP_CLOSE_1_OF_4 = 1 << 7,  /**< first FIN */
    TCP_STEP_CLOSE_2_OF_4 = 1 << 8,  /**< ACK of it */
    TCP_STEP_CLOSE_3_OF_4 = 1 << 9,  /**< second FIN */
    TCP_STEP_CLOSE_4_OF_4 = 1 << 10, /**< ACK of it */
};

enum tcp_phase { TCP_PHASE_HANDSHAKE, TCP_PHASE_DATA, TCP_PHASE_TEARDOWN, TCP_PHASE_CLOSED };

/** What a learner would wonder at: bits of tcp_annotation.notes. Each has its sentence. */
enum {
    TCP_NOTE_COPY = 1 << 0,            /**< the same segment was captured before, in .about */
    TCP_NOTE_SHORT_OF_FIN = 1 << 1,    /**< its ACK does not reach the other end's FIN (.about) */
    TCP_NOTE_CROSSED_FIN = 1 << 2,     /**< the sender had not got that FIN when this left */
    TCP_NOTE_CROSSED_SYN_ACK = 1 << 3, /**< a SYN again: the SYN-ACK had not reached its sender */
    TCP_NOTE_CROSSED_ACK = 1 << 4,     /**< a SYN-ACK or FIN again: its ACK had not come */
    TCP_NOTE_CROSSED_SYN = 1 << 5,     /**< a SYN of its own: both ends opened at once */
    TCP_NOTE_RST_OUTSIDE = 1 << 6,     /**< a RST outside the window: ignored */
    TCP_NOTE_RST_INEXACT = 1 << 7,     /**< inside, not the number expected: challenge ACK */
    TCP_NOTE_RST_TIME_WAIT = 1 << 8,   /**< an inexact RST into TIME_WAIT: ignored */
    TCP_NOTE_RST_BAD_ACK = 1 << 9,     /**< a RST to a SYN that does not acknowledge it */
    TCP_NOTE_RST_CLOSED = 1 << 10,     /**< a RST to an end that is closed: nothing to reset */
    TCP_NOTE_RST_STAYS = 1 << 11,      /**< the RST refuses a bad ACK; its sender stays SYN_SENT */
    TCP_NOTE_CHALLENGE_ACK = 1 << 12,  /**< answers a SYN or RST that does not fit */
    TCP_NOTE_FIN_WAITS = 1 << 13,      /**< the FIN came before data that is still missing */
    TCP_NOTE_GAP_BEFORE = 1 << 14,     /**< octets before this segment were not captured (yet) */
    TCP_NOTE_ACKS_UNSEEN = 1 << 15,    /**< acknowledges octets that were not captured */
    TCP_NOTE_SYN_UNSEEN = 1 << 16,     /**< the SYN was not captured */
    TCP_NOTE_SYN_ACK_UNSEEN = 1 << 17, /**< the SYN-ACK was not captured */
    TCP_NOTE_ACK_UNSEEN = 1 << 18,     /**< the handshake's ACK was not captured */
    TCP_NOTE_WINDOW_PROBE = 1 << 19,   /**< a keep-alive's form, but the window is closed */
    TCP_NOTE_MIDSTREAM = 1 << 20,      /**< the capture begins inside the connection, here */
    TCP_NOTE_SYN_DATA_TAKEN = 1 << 21, /**< the SYN's data is acknowledged: Fast Open */
    TCP_NOTE_SYN_DATA_REFUSED = 1 << 22,  /**< only the SYN is acknowledged, not its data */
    TCP_NOTE_PORT_REUSED = 1 << 23,       /**< a SYN on a 4-tuple used before */
    TCP_NOTE_OLD_OPEN = 1 << 24,          /**< ... whose old connection was still open */
    TCP_NOTE_HALF_CLOSE = 1 << 25,        /**< data after the other end's FIN, knowing it */
    TCP_NOTE_BAD_HANDSHAKE_ACK = 1 << 26, /**< acknowledges another number than ISN+1 */
    TCP_NOTE_NO_ACK_FLAG = 1 << 27,       /**< flags that no connection's segment has */
    TCP_NOTE_OUTSIDE = 1 << 28,           /**< outside the window: changes nothing */
    TCP_NOTE_FILLS_GAP = 1 << 29,         /**< data that comes after what follows it */
    TCP_NOTE_LOST_DATA = 1 << 30,         /**< the reset comes before all data was acknowledged */
    TCP_NOTE_ACK_WITHOUT_SYN = 1U << 31,  /**< acknowledges the SYN, but has none itself */
};

/** Expert infos: bits of tcp_annotation.experts (contract: tcp_phase.expert.*). */
enum {
    TCP_EXPERT_SYN_RETRANSMITTED = 1 << 0,
    TCP_EXPERT_SYN_ACK_RETRANSMITTED = 1 << 1,
    TCP_EXPERT_FIN_RETRANSMITTED = 1 << 2,
    TCP_EXPERT_REFUSED = 1 << 3,
    TCP_EXPERT_RESET = 1 << 4,
    TCP_EXPERT_RESET_IGNORED = 1 << 5,
    TCP_EXPERT_RESET_LOST_DATA = 1 << 6,
    TCP_EXPERT_ACK_MISMATCH = 1 << 7,
    TCP_EXPERT_NOT_CAPTURED = 1 << 8,
    TCP_EXPERT_DATA_AFTER_FIN = 1 << 9,
    TCP_EXPERT_HALF_CLOSE = 1 << 10,
    TCP_EXPERT_SIMULTANEOUS_OPEN = 1 << 11,
    TCP_EXPERT_SIMULTANEOUS_CLOSE = 1 << 12,
    TCP_EXPERT_FAST_OPEN = 1 << 13,
    TCP_EXPERT_PORT_REUSED = 1 << 14,
};
#define TCP_EXPERT_COUNT 15

/** A time, or a length of time, that is not known. */
#define TCP_NO_TIME INT64_MIN

/** What is said of one segment. Index [TCP_CLIENT], [TCP_SERVER]. */
struct tcp_annotation {
    int64_t dwell[2];    /**< nanoseconds spent in the state that this segment ended;
                               TCP_NO_TIME: no transition, or its begin was not seen */
    uint32_t seq;        /**< sequence number relative to the sender's ISN */
    uint32_t ack;        /**< acknowledgment number relative to the receiver's ISN; 0 without ACK */
    uint32_t len;        /**< payload octets */
    uint32_t acks_frame; /**< frame of the SYN or FIN that this segment is the first to acknowledge;
                               0: none */
    uint32_t about;      /**< frame that the explanation speaks of beside it; 0: none */
    uint32_t exchange;   /**< number of the data exchange, from 1; 0: none */
    uint32_t notes;      /**< TCP_NOTE_... */
    uint16_t events;     /**< TCP_DOES_... */
    uint16_t steps;      /**< TCP_STEP_... */
    uint16_t experts;    /**< TCP_EXPERT_... */
    uint16_t flags;      /**< TCP_FIN and so on, as in the header */
    uint8_t state[2];    /**< enum tcp_state after the segment: departed at its sender, arrived */
    uint8_t from[2];     /**< enum tcp_state before it; equal to .state where nothing changed */
    uint8_t phase;       /**< enum tcp_phase */
    uint8_t sender;      /**< enum tcp_role */
    bool inferred;       /**< a state shown rests on a segment that was not captured */
    bool accepted;       /**< for a RST: the receiver takes it */
};

/** One end of a conversation, 72 octets. Private to the engine; read it through tcp_verdict.h. */
struct tcp_end {
    int64_t since;         /* when it came into its state; TCP_NO_TIME: not seen */
    int64_t fin_time;      /* when its FIN was first seen */
    uint32_t isn;          /* initial sequence number; mid-stream: one less than the first seen */
    uint32_t next;         /* one past the highest number it has sent (SND.NXT) */
    uint32_t edge;         /* one past what it has sent without a gap: the other end's RCV.NXT */
    uint32_t acked;        /* highest acknowledgment that the other end has sent it */
    uint32_t island_begin; /* what was seen beyond a gap: its first number */
    union {
        uint32_t island_past;  /* with END_ISLAND: ... and one past its last */
        uint32_t fin_acked_in; /* else: frame that first acknowledges its FIN; 0: none */
    };
    union {
        uint32_t fin;        /* with END_FIN: sequence number of its FIN */
        uint32_t challenged; /* with END_CHALLENGED: number of an ACK that it cannot accept */
    };
    uint32_t syn_frame;    /* its SYN, the last time it was sent */
    uint32_t syn_acked_in; /* frame that first acknowledges it */
    uint32_t fin_frame;    /* its FIN, the last time it was sent */
    uint32_t data_frame;   /* last frame with data that was new */
    uint32_t run_begin;    /* first number of its latest run of new data */
    uint32_t flags;        /* END_... in tcp_tracker_private.h */
    uint16_t window;       /* last window field seen, unscaled */
    uint8_t wraps; /* how often its sequence numbers went round; counted up to 255, or 1 TiB */
    uint8_t state; /* enum tcp_state */
};

/** What Zeek notes of a conversation (tcp_zeek.h), 40 octets. Index [TCP_CLIENT], [TCP_SERVER]. */
struct tcp_zeek {
    uint32_t letters[4]; /* of the history, 5 bits each, six to a number */
    uint32_t last[2];    /* one past the highest number sent, SYN, FIN and RST counted */
    uint32_t counts[2];  /* retransmissions, zero windows, gaps: COUNT_... in tcp_zeek.c */
    uint16_t marks[2];   /* of the number of the last RST, or of a FIN or SYN unlike the first */
    uint16_t flags[2];   /* the end's state and what it was before, what was seen of it */
};

/** A conversation, 256 octets, whatever it carries. Zeroed memory is a conversation not begun.
 *  Private to the engine. */
struct tcp_conversation {
    struct tcp_end end[2]; /* [TCP_CLIENT], [TCP_SERVER] */
    int64_t first;         /* time of the first segment */
    int64_t last;          /* time of the last one */
    int64_t server_rtt;    /* client's last SYN before the first SYN-ACK, to that SYN-ACK */
    union {
        int64_t syn_time; /* of that SYN */
        int64_t rtt;      /* with CONV_TIMED_OPEN: from there to the handshake's last step */
    };
    union {
        int64_t syn_ack_time; /* of the server's last SYN-ACK before the ACK */
        int64_t client_rtt;   /* with CONV_TIMED_OPEN: from there to the handshake's last step */
    };
    union {
        int64_t open_time;  /* of the handshake's last step */
        int64_t close_time; /* with CONV_CLOSED: of the last ACK of a FIN; once reset, of the RST */
    };
    uint32_t timestamp[2]; /* TSval that the other end has of an end (TS.Recent, RFC 7323 4.3) */
    uint32_t exchange;     /* data exchanges so far */
    uint32_t flags;        /* CONV_... in tcp_tracker_private.h */
    uint32_t decided_in;   /* frame since which the verdict is what it is; 0: no segment so far */
    uint32_t rejected_in;  /* frame of the first ICMP error that quotes its SYN; 0: none */
    struct tcp_zeek zeek;
};

/** @return whether a segment of the conversation has been followed. */
static inline bool tcp_conversation_has_begun(const struct tcp_conversation *conversation)
{
    return conversation->decided_in != 0;
}

/** Whether a SYN or SYN-ACK with which an onlooker began a new conversation belongs to the one before
 *  it of the same addresses and ports: a SYN by its number, which is that one's, a SYN-ACK by what it
 *  acknowledges. (Wireshark 4.4 begins a new stream with a SYN sent again after a RST, and with a SYN-ACK
 *  into an open connection.)
 *  @param earlier the conversation before  @param segment the new one's first segment
 *  Source: RFC 9293 3.4.1, 3.10.7. */
bool tcp_tracker_continues(const struct tcp_conversation *earlier,
                           const struct tcp_segment *segment);

/** Follow one segment.
 *  @param conversation  the conversation it belongs to, zeroed before its first segment
 *  @param earlier       the conversation that used the same addresses and ports before, or NULL.
 *                       Needed as long as a SYN into an old connection is not answered: pass it
 *                       whenever there is one
 *  @param segment       the segment; frames come in capture order
 *  @param annotation    filled in; owned by the caller
 *  Source: RFC 9293 3.10.7, RFC 5961 3 and 4, RFC 7413 (Fast Open). */
void tcp_tracker_step(struct tcp_conversation *conversation, const struct tcp_conversation *earlier,
                      const struct tcp_segment *segment, struct tcp_annotation *annotation);

/** Follow an ICMP error that quotes a segment: it changes no state, but a SYN that is quoted is
 *  rejected as long as nothing else answers it (RFC 9293 3.9.2.2).
 *  @param conversation  the conversation of the segment that is quoted
 *  @param quoted        of it .sender_id, .receiver_id and .seq; .frame is the ICMP error's */
void tcp_tracker_icmp_error(struct tcp_conversation *conversation,
                            const struct tcp_segment *quoted);

/** Annotate a second capture of a segment that tcp_tracker_step() has seen, of a part of one, or of
 *  several in one: it is neither a retransmission nor a second step, and changes no state.
 *  @param conversation  its conversation
 *  @param segment       the copy
 *  @param original      what was said of the first capture, in frame @p original_frame
 *  @param annotation    filled in */
void tcp_tracker_copy(struct tcp_conversation *conversation, const struct tcp_segment *segment,
                      const struct tcp_annotation *original, uint32_t original_frame,
                      struct tcp_annotation *annotation);

#endif
