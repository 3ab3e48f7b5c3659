/* tcp_verdict.h
 * What a conversation amounts to: how it opened, how it ended, who closed, how long it took.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_TCP_VERDICT_H
#define HANDSHARK_TCP_VERDICT_H

#include "tcp_tracker.h"
#include "tcp_zeek.h"

/** How a conversation opened (contract: tcp_phase.opening). */
enum tcp_opening {
    TCP_OPENING_THREE_WAY,
    TCP_OPENING_SIMULTANEOUS,
    TCP_OPENING_FAST_OPEN,
    TCP_OPENING_REFUSED,
    TCP_OPENING_UNANSWERED,
    TCP_OPENING_INCOMPLETE,
    TCP_OPENING_REJECTED,
    TCP_OPENING_MID_STREAM,
    TCP_OPENING_COUNT
};

/** How it closed (contract: tcp_phase.closing). */
enum tcp_closing {
    TCP_CLOSING_NONE,
    TCP_CLOSING_HALF_CLOSED,
    TCP_CLOSING_FOUR_SEGMENT,
    TCP_CLOSING_THREE_SEGMENT,
    TCP_CLOSING_SIMULTANEOUS,
    TCP_CLOSING_RESET,
    TCP_CLOSING_RESET_AFTER_FIN,
    TCP_CLOSING_COUNT
};

/** How it ended (contract: tcp_phase.verdict). */
enum tcp_verdict {
    TCP_VERDICT_ORDERLY,
    TCP_VERDICT_OPEN,
    TCP_VERDICT_HALF_CLOSED,
    TCP_VERDICT_UNANSWERED,
    TCP_VERDICT_REFUSED,
    TCP_VERDICT_REJECTED,
    TCP_VERDICT_HANDSHAKE_UNFINISHED,
    TCP_VERDICT_HANDSHAKE_ABORTED,
    TCP_VERDICT_ABORTED,
    TCP_VERDICT_LATE_RESET,
    TCP_VERDICT_PEER_GONE,
    TCP_VERDICT_COUNT
};

/** All that is said of a conversation, up to the last segment followed. Times in nanoseconds;
 *  TCP_NO_TIME where what bounds them was not captured. Index [TCP_CLIENT], [TCP_SERVER]. */
struct tcp_outcome {
    enum tcp_opening opening;
    enum tcp_closing closing;
    enum tcp_verdict verdict;
    uint32_t decided_in; /**< frame since which the verdict is what it is: the second FIN, the
                                RST, the ICMP error, the last step of the handshake ... */
    int decided_by;      /**< who sent it: enum tcp_role; -1: an ICMP error's sender */
    enum tcp_conn_state conn_state;
    char history[TCP_HISTORY_MAX + 1]; /**< Zeek's letters */
    int closed_by;                     /**< enum tcp_role; -1: nobody yet */
    bool time_wait[2];                 /**< who holds, or held, TIME_WAIT */
    bool half_close;                   /**< data was sent after the other end's FIN */
    int64_t rtt;                       /**< SYN to the ACK that completes the handshake */
    int64_t server_rtt;                /**< SYN to SYN-ACK */
    int64_t client_rtt;                /**< SYN-ACK to ACK */
    int64_t teardown;                  /**< first FIN or RST to the last ACK of a FIN or RST */
    int64_t start;                     /**< when the first segment was captured */
    int64_t duration;                  /**< from there to the last */
    bool has_isn[2];                   /**< whether .isn is known */
    uint32_t isn[2];                   /**< initial sequence numbers, as in the headers */
    uint64_t bytes[2];                 /**< payload octets sent, each counted once */
    enum tcp_state state[2];           /**< states after the last segment */
    int64_t since[2];                  /**< when they came into them; TCP_NO_TIME: not seen */
};

/** Sum up a conversation.
 *  @param conversation  followed with tcp_tracker_step()
 *  @param outcome       filled in */
void tcp_verdict(const struct tcp_conversation *conversation, struct tcp_outcome *outcome);

/** Whether a segment, or an ICMP error, has decided a verdict. None has while the conversation waits for one: open,
 *  unanswered, handshake-unfinished.
 *  @param verdict  of an outcome
 *  @return whether .decided_in and .decided_by name what did */
bool tcp_verdict_is_settled(enum tcp_verdict verdict);

/** Where the SYN or FIN of one end was first acknowledged.
 *  @param conversation  followed with tcp_tracker_step()
 *  @param role          whose SYN or FIN
 *  @param fin           the FIN's, not the SYN's
 *  @return the frame number; 0: not acknowledged so far */
uint32_t tcp_acknowledged_in(const struct tcp_conversation *conversation, enum tcp_role role,
                             bool fin);

/** Where an ICMP error first quoted the client's SYN.
 *  @return the frame number; 0: none did so far */
uint32_t tcp_rejected_in(const struct tcp_conversation *conversation);

#endif
