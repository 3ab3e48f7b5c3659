/* tcp_fsm.c
 * The state table of one TCP endpoint.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp_fsm.h"

#define CLO TCP_STATE_CLOSED
#define LIS TCP_STATE_LISTEN
#define SYS TCP_STATE_SYN_SENT
#define SYR TCP_STATE_SYN_RCVD
#define EST TCP_STATE_ESTABLISHED
#define CLW TCP_STATE_CLOSE_WAIT
#define FW1 TCP_STATE_FIN_WAIT_1
#define FW2 TCP_STATE_FIN_WAIT_2
#define CLG TCP_STATE_CLOSING
#define LAK TCP_STATE_LAST_ACK
#define TIW TCP_STATE_TIME_WAIT

static const char *const state_names[TCP_STATE_COUNT] = {
    [CLO] = "CLOSED",      [LIS] = "LISTEN",     [SYS] = "SYN_SENT",   [SYR] = "SYN_RCVD",
    [EST] = "ESTABLISHED", [CLW] = "CLOSE_WAIT", [FW1] = "FIN_WAIT_1", [FW2] = "FIN_WAIT_2",
    [CLG] = "CLOSING",     [LAK] = "LAST_ACK",   [TIW] = "TIME_WAIT",
};

/* next[state][event]. "-" in a comment: the event changes nothing there. What the end itself sends
 * is listed before what it gets. Section numbers are those of RFC 9293. */
/* clang-format off */
static const unsigned char next[TCP_STATE_COUNT][TCP_EVENT_COUNT] = {
    [CLO] = {
        [TCP_EVENT_LISTENS]         = LIS, /* passive open (3.10.1) */
        [TCP_EVENT_SENDS_SYN]       = SYS, /* active open (3.10.1) */
        [TCP_EVENT_SENDS_SYN_ACK]   = SYR, /* its SYN was answered, so one had come that nobody saw */
        [TCP_EVENT_SENDS_ACK]       = CLO, /* - on its way before the close: no way back (3.3.2) */
        [TCP_EVENT_SENDS_FIN]       = CLO, /* - likewise */
        [TCP_EVENT_SENDS_RST]       = CLO, /* - the answer of an end without a connection (3.10.7.1) */
        [TCP_EVENT_GETS_SYN]        = CLO, /* - is answered with RST (3.10.7.1) */
        [TCP_EVENT_GETS_SYN_ACK]    = CLO, /* - is answered with RST (3.10.7.1) */
        [TCP_EVENT_GETS_ACK_OF_SYN] = CLO, /* - is answered with RST (3.10.7.1) */
        [TCP_EVENT_GETS_ACK_OF_FIN] = CLO, /* - is answered with RST (3.10.7.1) */
        [TCP_EVENT_GETS_FIN]        = CLO, /* - is answered with RST (3.10.7.1) */
        [TCP_EVENT_GETS_RST]        = CLO, /* - is discarded (3.10.7.1) */
        [TCP_EVENT_IS_MIDSTREAM]    = EST, /* it talks, so the handshake is behind it */
    },
    [LIS] = {
        [TCP_EVENT_LISTENS]         = LIS, /* - it does already */
        [TCP_EVENT_SENDS_SYN]       = SYS, /* turned into an active open (3.10.2, SEND call) */
        [TCP_EVENT_SENDS_SYN_ACK]   = SYR, /* the SYN it answers was not captured (3.10.7.2) */
        [TCP_EVENT_SENDS_ACK]       = LIS, /* - has no connection to send it in */
        [TCP_EVENT_SENDS_FIN]       = LIS, /* - likewise */
        [TCP_EVENT_SENDS_RST]       = CLO, /* says that there is no such connection (3.10.7.2) */
        [TCP_EVENT_GETS_SYN]        = SYR, /* second step of the passive open (3.10.7.2) */
        [TCP_EVENT_GETS_SYN_ACK]    = LIS, /* - any ACK here is answered with RST (3.10.7.2) */
        [TCP_EVENT_GETS_ACK_OF_SYN] = LIS, /* - likewise */
        [TCP_EVENT_GETS_ACK_OF_FIN] = LIS, /* - likewise */
        [TCP_EVENT_GETS_FIN]        = LIS, /* - dropped: there is no number to check it by */
        [TCP_EVENT_GETS_RST]        = LIS, /* - is ignored (3.10.7.2) */
        [TCP_EVENT_IS_MIDSTREAM]    = EST, /* it talks, so the handshake is behind it */
    },
    [SYS] = {
        [TCP_EVENT_LISTENS]         = SYS, /* - it opened actively */
        [TCP_EVENT_SENDS_SYN]       = SYS, /* - the SYN again */
        [TCP_EVENT_SENDS_SYN_ACK]   = SYR, /* simultaneous open: the other SYN had come unseen */
        [TCP_EVENT_SENDS_ACK]       = EST, /* the SYN-ACK had come unseen */
        [TCP_EVENT_SENDS_FIN]       = SYS, /* - waits until ESTABLISHED (3.10.4) */
        [TCP_EVENT_SENDS_RST]       = CLO, /* gave up */
        [TCP_EVENT_GETS_SYN]        = SYR, /* simultaneous open (3.10.7.3, figure 7) */
        [TCP_EVENT_GETS_SYN_ACK]    = EST, /* third step can leave (3.10.7.3, figure 6) */
        [TCP_EVENT_GETS_ACK_OF_SYN] = SYS, /* - an ACK without SYN does not open (3.10.7.3) */
        [TCP_EVENT_GETS_ACK_OF_FIN] = SYS, /* - has no FIN */
        [TCP_EVENT_GETS_FIN]        = SYS, /* - not processed in this state (3.10.7.3) */
        [TCP_EVENT_GETS_RST]        = CLO, /* refused (3.10.7.3) */
        [TCP_EVENT_IS_MIDSTREAM]    = EST, /* the SYN-ACK had come unseen */
    },
    [SYR] = {
        [TCP_EVENT_LISTENS]         = SYR, /* - it does no longer */
        [TCP_EVENT_SENDS_SYN]       = SYR, /* - its SYN again, sent before the other's came */
        [TCP_EVENT_SENDS_SYN_ACK]   = SYR, /* - second step, or the same again */
        [TCP_EVENT_SENDS_ACK]       = EST, /* the ACK of its SYN had come unseen */
        [TCP_EVENT_SENDS_FIN]       = FW1, /* closed before it was established (3.10.4) */
        [TCP_EVENT_SENDS_RST]       = CLO, /* gave up */
        [TCP_EVENT_GETS_SYN]        = SYR, /* - the same SYN again */
        [TCP_EVENT_GETS_SYN_ACK]    = EST, /* simultaneous open, last step (figure 7) */
        [TCP_EVENT_GETS_ACK_OF_SYN] = EST, /* third step (3.10.7.4, ACK bit) */
        [TCP_EVENT_GETS_ACK_OF_FIN] = SYR, /* - has no FIN */
        [TCP_EVENT_GETS_FIN]        = CLW, /* (3.10.7.4, FIN bit) */
        [TCP_EVENT_GETS_RST]        = CLO, /* back to LISTEN or CLOSED: nobody can tell (3.10.7.4) */
        [TCP_EVENT_IS_MIDSTREAM]    = EST, /* the ACK of its SYN had come unseen */
    },
    [EST] = {
        [TCP_EVENT_LISTENS]         = EST, /* - cannot: it has a connection */
        [TCP_EVENT_SENDS_SYN]       = EST, /* - a late copy of its SYN */
        [TCP_EVENT_SENDS_SYN_ACK]   = EST, /* - a late copy of its SYN */
        [TCP_EVENT_SENDS_ACK]       = EST, /* - data and ACKs */
        [TCP_EVENT_SENDS_FIN]       = FW1, /* active close (3.10.4, figure 12) */
        [TCP_EVENT_SENDS_RST]       = CLO, /* abort (3.10.5) */
        [TCP_EVENT_GETS_SYN]        = EST, /* - is answered with a challenge ACK (3.10.7.4) */
        [TCP_EVENT_GETS_SYN_ACK]    = EST, /* - likewise */
        [TCP_EVENT_GETS_ACK_OF_SYN] = EST, /* - again */
        [TCP_EVENT_GETS_ACK_OF_FIN] = EST, /* - has no FIN */
        [TCP_EVENT_GETS_FIN]        = CLW, /* passive close (3.10.7.4, FIN bit) */
        [TCP_EVENT_GETS_RST]        = CLO, /* aborted (3.10.7.4, RST bit) */
        [TCP_EVENT_IS_MIDSTREAM]    = EST, /* - it is */
    },
    [CLW] = {
        [TCP_EVENT_LISTENS]         = CLW, /* - cannot: it has a connection */
        [TCP_EVENT_SENDS_SYN]       = CLW, /* - a late copy of its SYN */
        [TCP_EVENT_SENDS_SYN_ACK]   = CLW, /* - a late copy of its SYN */
        [TCP_EVENT_SENDS_ACK]       = CLW, /* - data and ACKs: half-closed the other way */
        [TCP_EVENT_SENDS_FIN]       = LAK, /* the second FIN (3.10.4, figure 12) */
        [TCP_EVENT_SENDS_RST]       = CLO, /* abort (3.10.5) */
        [TCP_EVENT_GETS_SYN]        = CLW, /* - is answered with a challenge ACK (3.10.7.4) */
        [TCP_EVENT_GETS_SYN_ACK]    = CLW, /* - likewise */
        [TCP_EVENT_GETS_ACK_OF_SYN] = CLW, /* - again */
        [TCP_EVENT_GETS_ACK_OF_FIN] = CLW, /* - has not sent its FIN */
        [TCP_EVENT_GETS_FIN]        = CLW, /* - the same FIN again (3.10.7.4, FIN bit) */
        [TCP_EVENT_GETS_RST]        = CLO, /* aborted (3.10.7.4, RST bit) */
        [TCP_EVENT_IS_MIDSTREAM]    = CLW, /* - it is */
    },
    [FW1] = {
        [TCP_EVENT_LISTENS]         = FW1, /* - cannot: it has a connection */
        [TCP_EVENT_SENDS_SYN]       = FW1, /* - a late copy of its SYN */
        [TCP_EVENT_SENDS_SYN_ACK]   = FW1, /* - a late copy of its SYN */
        [TCP_EVENT_SENDS_ACK]       = FW1, /* - ACKs, and data again */
        [TCP_EVENT_SENDS_FIN]       = FW1, /* - its FIN again */
        [TCP_EVENT_SENDS_RST]       = CLO, /* abort (3.10.5) */
        [TCP_EVENT_GETS_SYN]        = FW1, /* - is answered with a challenge ACK (3.10.7.4) */
        [TCP_EVENT_GETS_SYN_ACK]    = FW1, /* - likewise */
        [TCP_EVENT_GETS_ACK_OF_SYN] = FW1, /* - again, or late: the connection was closed early */
        [TCP_EVENT_GETS_ACK_OF_FIN] = FW2, /* (3.10.7.4, ACK bit) */
        [TCP_EVENT_GETS_FIN]        = CLG, /* both FINs crossed (3.10.7.4, FIN bit, figure 13) */
        [TCP_EVENT_GETS_RST]        = CLO, /* aborted (3.10.7.4, RST bit) */
        [TCP_EVENT_IS_MIDSTREAM]    = FW1, /* - it is */
    },
    [FW2] = {
        [TCP_EVENT_LISTENS]         = FW2, /* - cannot: it has a connection */
        [TCP_EVENT_SENDS_SYN]       = FW2, /* - a late copy of its SYN */
        [TCP_EVENT_SENDS_SYN_ACK]   = FW2, /* - a late copy of its SYN */
        [TCP_EVENT_SENDS_ACK]       = FW2, /* - ACKs: half-closed */
        [TCP_EVENT_SENDS_FIN]       = FW2, /* - a late copy of its FIN */
        [TCP_EVENT_SENDS_RST]       = CLO, /* abort (3.10.5) */
        [TCP_EVENT_GETS_SYN]        = FW2, /* - is answered with a challenge ACK (3.10.7.4) */
        [TCP_EVENT_GETS_SYN_ACK]    = FW2, /* - likewise */
        [TCP_EVENT_GETS_ACK_OF_SYN] = FW2, /* - again */
        [TCP_EVENT_GETS_ACK_OF_FIN] = FW2, /* - again */
        [TCP_EVENT_GETS_FIN]        = TIW, /* (3.10.7.4, FIN bit, figure 12) */
        [TCP_EVENT_GETS_RST]        = CLO, /* aborted (3.10.7.4, RST bit) */
        [TCP_EVENT_IS_MIDSTREAM]    = FW2, /* - it is */
    },
    [CLG] = {
        [TCP_EVENT_LISTENS]         = CLG, /* - cannot: it has a connection */
        [TCP_EVENT_SENDS_SYN]       = CLG, /* - a late copy of its SYN */
        [TCP_EVENT_SENDS_SYN_ACK]   = CLG, /* - a late copy of its SYN */
        [TCP_EVENT_SENDS_ACK]       = CLG, /* - the ACK of the other FIN */
        [TCP_EVENT_SENDS_FIN]       = CLG, /* - its FIN again */
        [TCP_EVENT_SENDS_RST]       = CLO, /* abort (3.10.5) */
        [TCP_EVENT_GETS_SYN]        = CLG, /* - is answered with a challenge ACK (3.10.7.4) */
        [TCP_EVENT_GETS_SYN_ACK]    = CLG, /* - likewise */
        [TCP_EVENT_GETS_ACK_OF_SYN] = CLG, /* - again */
        [TCP_EVENT_GETS_ACK_OF_FIN] = TIW, /* (3.10.7.4, ACK bit, figure 13) */
        [TCP_EVENT_GETS_FIN]        = CLG, /* - the same FIN again (3.10.7.4, FIN bit) */
        [TCP_EVENT_GETS_RST]        = CLO, /* (3.10.7.4, RST bit) */
        [TCP_EVENT_IS_MIDSTREAM]    = CLG, /* - it is */
    },
    [LAK] = {
        [TCP_EVENT_LISTENS]         = LAK, /* - cannot: it has a connection */
        [TCP_EVENT_SENDS_SYN]       = LAK, /* - a late copy of its SYN */
        [TCP_EVENT_SENDS_SYN_ACK]   = LAK, /* - a late copy of its SYN */
        [TCP_EVENT_SENDS_ACK]       = LAK, /* - ACKs, and data again */
        [TCP_EVENT_SENDS_FIN]       = LAK, /* - its FIN again */
        [TCP_EVENT_SENDS_RST]       = CLO, /* abort (3.10.5) */
        [TCP_EVENT_GETS_SYN]        = LAK, /* - is answered with a challenge ACK (3.10.7.4) */
        [TCP_EVENT_GETS_SYN_ACK]    = LAK, /* - likewise */
        [TCP_EVENT_GETS_ACK_OF_SYN] = LAK, /* - again */
        [TCP_EVENT_GETS_ACK_OF_FIN] = CLO, /* the last step (3.10.7.4, ACK bit, figure 12) */
        [TCP_EVENT_GETS_FIN]        = LAK, /* - the same FIN again (3.10.7.4, FIN bit) */
        [TCP_EVENT_GETS_RST]        = CLO, /* (3.10.7.4, RST bit) */
        [TCP_EVENT_IS_MIDSTREAM]    = LAK, /* - it is */
    },
    [TIW] = {
        [TCP_EVENT_LISTENS]         = TIW, /* - cannot: it has a connection */
        [TCP_EVENT_SENDS_SYN]       = SYS, /* the same ports again: RFC 6191 */
        [TCP_EVENT_SENDS_SYN_ACK]   = SYR, /* it took a new SYN out of TIME_WAIT (RFC 6191) */
        [TCP_EVENT_SENDS_ACK]       = TIW, /* - the last ACK, and the same again */
        [TCP_EVENT_SENDS_FIN]       = TIW, /* - a late copy of its FIN */
        [TCP_EVENT_SENDS_RST]       = CLO, /* it had ended */
        [TCP_EVENT_GETS_SYN]        = SYR, /* a new connection on the same ports (3.6.1, RFC 6191) */
        [TCP_EVENT_GETS_SYN_ACK]    = TIW, /* - is acknowledged again (3.10.7.4) */
        [TCP_EVENT_GETS_ACK_OF_SYN] = TIW, /* - again */
        [TCP_EVENT_GETS_ACK_OF_FIN] = TIW, /* - again */
        [TCP_EVENT_GETS_FIN]        = TIW, /* - the same FIN again: waits another 2 MSL (3.10.7.4) */
        [TCP_EVENT_GETS_RST]        = CLO, /* the wait is cut short (3.10.7.4, RST bit; RFC 1337 F1 would not) */
        [TCP_EVENT_IS_MIDSTREAM]    = TIW, /* - it is */
    },
};
/* clang-format on */

enum tcp_state tcp_fsm_next(enum tcp_state state, enum tcp_event event)
{
    if ((unsigned)state >= TCP_STATE_COUNT || (unsigned)event >= TCP_EVENT_COUNT)
        return state;
    return (enum tcp_state)next[state][event];
}

const char *tcp_state_name(enum tcp_state state)
{
    return (unsigned)state < TCP_STATE_COUNT ? state_names[state] : "?";
}
