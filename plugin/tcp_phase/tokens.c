/* tokens.c
 * The fixed vocabularies.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tokens.h"

#include <stddef.h>

const struct bit_token event_tokens[] = {
    { TCP_DOES_SYN, "syn" },
    { TCP_DOES_SYN_ACK, "syn-ack" },
    { TCP_DOES_HANDSHAKE_ACK, "handshake-ack" },
    { TCP_DOES_DATA, "data" },
    { TCP_DOES_ACK_OF_FIN, "ack-of-fin" },
    { TCP_DOES_FIN, "fin" },
    { TCP_DOES_RST, "rst" },
    { TCP_DOES_KEEP_ALIVE, "keep-alive" },
    { TCP_DOES_KEEP_ALIVE_ACK, "keep-alive-ack" },
    { TCP_DOES_ZERO_WINDOW, "zero-window" },
    { TCP_DOES_WINDOW_UPDATE, "window-update" },
    { TCP_DOES_ACK, "ack" },
    { TCP_DOES_RETRANSMISSION, "retransmission" },
    { 0, NULL },
};

const struct bit_token step_tokens[] = {
    { TCP_STEP_OPEN_1_OF_3, "1/3" },  { TCP_STEP_OPEN_2_OF_3, "2/3" },
    { TCP_STEP_OPEN_3_OF_3, "3/3" },  { TCP_STEP_BOTH_1_OF_4, "1/4" },
    { TCP_STEP_BOTH_2_OF_4, "2/4" },  { TCP_STEP_BOTH_3_OF_4, "3/4" },
    { TCP_STEP_BOTH_4_OF_4, "4/4" },  { TCP_STEP_CLOSE_1_OF_4, "1/4" },
    { TCP_STEP_CLOSE_2_OF_4, "2/4" }, { TCP_STEP_CLOSE_3_OF_4, "3/4" },
    { TCP_STEP_CLOSE_4_OF_4, "4/4" }, { 0, NULL },
};

static const char *const phases[] = {
    [TCP_PHASE_HANDSHAKE] = "handshake",
    [TCP_PHASE_DATA] = "data",
    [TCP_PHASE_TEARDOWN] = "teardown",
    [TCP_PHASE_CLOSED] = "closed",
};

static const char *const openings[TCP_OPENING_COUNT] = {
    [TCP_OPENING_THREE_WAY] = "three-way",   [TCP_OPENING_SIMULTANEOUS] = "simultaneous",
    [TCP_OPENING_FAST_OPEN] = "fast-open",   [TCP_OPENING_REFUSED] = "refused",
    [TCP_OPENING_UNANSWERED] = "unanswered", [TCP_OPENING_INCOMPLETE] = "incomplete",
    [TCP_OPENING_REJECTED] = "rejected",     [TCP_OPENING_MID_STREAM] = "mid-stream",
};

static const char *const closings[TCP_CLOSING_COUNT] = {
    [TCP_CLOSING_NONE] = "none",
    [TCP_CLOSING_HALF_CLOSED] = "half-closed",
    [TCP_CLOSING_FOUR_SEGMENT] = "four-segment",
    [TCP_CLOSING_THREE_SEGMENT] = "three-segment",
    [TCP_CLOSING_SIMULTANEOUS] = "simultaneous",
    [TCP_CLOSING_RESET] = "reset",
    [TCP_CLOSING_RESET_AFTER_FIN] = "reset-after-fin",
};

static const char *const verdicts[TCP_VERDICT_COUNT] = {
    [TCP_VERDICT_ORDERLY] = "orderly",
    [TCP_VERDICT_OPEN] = "open",
    [TCP_VERDICT_HALF_CLOSED] = "half-closed",
    [TCP_VERDICT_UNANSWERED] = "unanswered",
    [TCP_VERDICT_REFUSED] = "refused",
    [TCP_VERDICT_REJECTED] = "rejected",
    [TCP_VERDICT_HANDSHAKE_UNFINISHED] = "handshake-unfinished",
    [TCP_VERDICT_HANDSHAKE_ABORTED] = "handshake-aborted",
    [TCP_VERDICT_ABORTED] = "aborted",
    [TCP_VERDICT_LATE_RESET] = "late-reset",
    [TCP_VERDICT_PEER_GONE] = "peer-gone",
};

static const char *const conn_states[TCP_CONN_COUNT] = {
    [TCP_CONN_S0] = "S0",       [TCP_CONN_S1] = "S1",     [TCP_CONN_SF] = "SF",
    [TCP_CONN_REJ] = "REJ",     [TCP_CONN_S2] = "S2",     [TCP_CONN_S3] = "S3",
    [TCP_CONN_RSTO] = "RSTO",   [TCP_CONN_RSTR] = "RSTR", [TCP_CONN_RSTOS0] = "RSTOS0",
    [TCP_CONN_RSTRH] = "RSTRH", [TCP_CONN_SH] = "SH",     [TCP_CONN_SHR] = "SHR",
    [TCP_CONN_OTH] = "OTH",
};

const char *token_of_phase(unsigned phase)
{
    return phases[phase];
}

const char *token_of_role(unsigned role)
{
    return role == TCP_CLIENT ? "client" : "server";
}

const char *token_of_either(int role)
{
    return role < 0 ? NULL : token_of_role((unsigned)role);
}

const char *token_of_holders(const bool is[2])
{
    if (is[TCP_CLIENT] && is[TCP_SERVER])
        return "both";
    return is[TCP_CLIENT] ? "client" : is[TCP_SERVER] ? "server" : NULL;
}

const char *token_of_opening(enum tcp_opening opening)
{
    return openings[opening];
}

const char *token_of_closing(enum tcp_closing closing)
{
    return closings[closing];
}

const char *token_of_verdict(enum tcp_verdict verdict)
{
    return verdicts[verdict];
}

const char *token_of_conn_state(enum tcp_conn_state state)
{
    return conn_states[state];
}
