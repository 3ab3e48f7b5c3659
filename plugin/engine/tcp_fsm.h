/* tcp_fsm.h
 * One TCP endpoint: the eleven states of RFC 9293 and what moves between them.
 *
 * The table describes an endpoint as an onlooker can follow it: every event is a segment that
 * departs from the endpoint or arrives at it. The calls of the application and the time-outs that
 * RFC 9293 draws beside them are not on the wire.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_TCP_FSM_H
#define HANDSHARK_TCP_FSM_H

#include <stdbool.h>

/** The states of RFC 9293 3.3.2. Their order has a meaning:
 *  - up to TCP_STATE_SYN_RCVD the endpoint is not synchronized;
 *  - from TCP_STATE_ESTABLISHED on it is;
 *  - from TCP_STATE_FIN_WAIT_1 on it has sent its FIN. */
enum tcp_state {
    TCP_STATE_CLOSED,      /**< no connection */
    TCP_STATE_LISTEN,      /**< passive open: waits for a SYN */
    TCP_STATE_SYN_SENT,    /**< active open: our SYN has left */
    TCP_STATE_SYN_RCVD,    /**< the other end's SYN has come, our SYN is not acknowledged yet */
    TCP_STATE_ESTABLISHED, /**< both SYNs are acknowledged: data flows */
    TCP_STATE_CLOSE_WAIT,  /**< the other end's FIN has come, ours has not left */
    TCP_STATE_FIN_WAIT_1,  /**< our FIN has left, neither acknowledged nor answered */
    TCP_STATE_FIN_WAIT_2,  /**< our FIN is acknowledged, the other end's has not come */
    TCP_STATE_CLOSING,     /**< both FINs have left and crossed, ours is not acknowledged */
    TCP_STATE_LAST_ACK,    /**< we closed after the other end; our FIN is not acknowledged */
    TCP_STATE_TIME_WAIT,   /**< both FINs have come and are acknowledged; waits for 2 MSL */
    TCP_STATE_COUNT
};

/** What happens to an endpoint. */
enum tcp_event {
    TCP_EVENT_LISTENS,         /**< a passive open, known from the SYN that comes to it */
    TCP_EVENT_SENDS_SYN,       /**< a SYN without ACK departs: an active open */
    TCP_EVENT_SENDS_SYN_ACK,   /**< a SYN with ACK departs */
    TCP_EVENT_SENDS_ACK,       /**< a segment departs that only a synchronized end sends */
    TCP_EVENT_SENDS_FIN,       /**< a FIN departs */
    TCP_EVENT_SENDS_RST,       /**< a RST departs that the other end accepts */
    TCP_EVENT_GETS_SYN,        /**< a SYN without ACK arrives */
    TCP_EVENT_GETS_SYN_ACK,    /**< a SYN arrives that acknowledges ours */
    TCP_EVENT_GETS_ACK_OF_SYN, /**< the ACK of our SYN arrives on a segment without SYN */
    TCP_EVENT_GETS_ACK_OF_FIN, /**< the ACK of our FIN arrives */
    TCP_EVENT_GETS_FIN,        /**< a FIN arrives, and all before it has */
    TCP_EVENT_GETS_RST,        /**< an acceptable RST arrives */
    TCP_EVENT_IS_MIDSTREAM,    /**< the capture begins inside the connection */
    TCP_EVENT_COUNT
};

/** Next state of an endpoint.
 *  @param state  where it is
 *  @param event  what happens to it
 *  @return where it is afterwards: @p state itself where the event changes nothing, or cannot happen.
 *  Source: RFC 9293 3.3.2 (figure 5) and 3.10. */
enum tcp_state tcp_fsm_next(enum tcp_state state, enum tcp_event event);

/** @return the state's name as RFC 9293 has it, with '_' for '-', and SYN_RCVD for SYN-RECEIVED;
 *  static storage. "?" for what is no state. */
const char *tcp_state_name(enum tcp_state state);

/** @return whether the endpoint is past the handshake and not closed (RFC 9293: synchronized). */
static inline bool tcp_state_is_synchronized(enum tcp_state state)
{
    return state >= TCP_STATE_ESTABLISHED;
}

/** @return whether the endpoint's own FIN has departed. */
static inline bool tcp_state_has_sent_fin(enum tcp_state state)
{
    return state >= TCP_STATE_FIN_WAIT_1;
}

/** @return whether the other end's FIN has arrived at the endpoint. */
static inline bool tcp_state_has_got_fin(enum tcp_state state)
{
    return state == TCP_STATE_CLOSE_WAIT || state >= TCP_STATE_CLOSING;
}

#endif
