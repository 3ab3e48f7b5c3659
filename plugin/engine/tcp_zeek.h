/* tcp_zeek.h
 * A conversation in the words of Zeek's conn.log: conn_state and history.
 *
 * Zeek looks at each segment by rules of its own, simpler than RFC 9293's: no check of acknowledgment
 * numbers or windows, a RST counts whatever its number, each end has one state. They are followed
 * here apart from the state machines, so that the two may differ (docs/zeek.md says where). What Zeek
 * does by time (it forgets a conversation and begins another) is not followed: one conversation has
 * one conn_state and one history.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_TCP_ZEEK_H
#define HANDSHARK_TCP_ZEEK_H

#include "tcp_tracker.h"

/** What became of a conversation (contract: tcp_phase.conn_state). The originator is who sent the
 *  first segment, unless the ports or what follows a SYN-ACK say otherwise. */
enum tcp_conn_state {
    TCP_CONN_S0,     /**< SYN, nothing back */
    TCP_CONN_S1,     /**< established, not closed */
    TCP_CONN_SF,     /**< both ends sent FIN */
    TCP_CONN_REJ,    /**< a RST answered the SYN */
    TCP_CONN_S2,     /**< established, FIN of the originator alone */
    TCP_CONN_S3,     /**< established, FIN of the responder alone */
    TCP_CONN_RSTO,   /**< reset by the originator */
    TCP_CONN_RSTR,   /**< reset by the responder */
    TCP_CONN_RSTOS0, /**< SYN, then RST of the originator, no SYN-ACK */
    TCP_CONN_RSTRH,  /**< reset by the responder, no SYN seen */
    TCP_CONN_SH,     /**< FIN of the originator, no SYN-ACK seen */
    TCP_CONN_SHR,    /**< FIN of the responder, no SYN seen */
    TCP_CONN_OTH,    /**< none of these: from the middle */
    TCP_CONN_COUNT
};

/** Letters of a history that are kept; what comes after them is left out. The longest in Zeek's own
 *  tests has 12. Most letters come once an end, those that are counted for the 1st, 10th, 100th and
 *  1000th time and no more; only SYNs, FINs and RSTs with ever new numbers go on. */
#define TCP_HISTORY_MAX 24

/** Follow one segment; to be called before the tracker itself takes it.
 *  @param conversation  the conversation, whose numbers (ISNs, gaps, FINs) are read, .zeek written
 *  @param segment       the segment
 *  @param role          who sent it */
void tcp_zeek_step(struct tcp_conversation *conversation, const struct tcp_segment *segment,
                   enum tcp_role role);

/** @return the state that Zeek's conn.log would have.
 *  @param conversation  followed with tcp_zeek_step()
 *  @param has_payload   whether either end has sent any octet */
enum tcp_conn_state tcp_zeek_conn_state(const struct tcp_conversation *conversation,
                                        bool has_payload);

/** The history: capitals are the originator's letters, small ones the responder's.
 *  @param conversation  followed with tcp_zeek_step()
 *  @param text          filled in; room for TCP_HISTORY_MAX letters and a NUL
 *  @return how many letters */
unsigned tcp_zeek_history(const struct tcp_conversation *conversation, char *text);

#endif
