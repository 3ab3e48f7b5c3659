/* tcp_verdict.c
 * What a conversation amounts to.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp_verdict.h"

#include "tcp_tracker_private.h"

/* An ICMP error about the SYN is the last word only while nothing else answers (RFC 9293 3.9.2.2). */
static bool is_rejected(const struct tcp_conversation *conv)
{
    return conv->rejected_in != 0 &&
           !(conv->flags & (CONV_SYN_ACK | CONV_OPEN | CONV_REFUSED | CONV_FIN | CONV_RESET));
}

static enum tcp_opening opening_of(const struct tcp_conversation *conv)
{
    uint32_t flags = conv->flags;

    if (is_rejected(conv))
        return TCP_OPENING_REJECTED;
    if ((flags & (CONV_MIDSTREAM | CONV_RESUMED)) || !(flags & (CONV_SYN | CONV_SYN_ACK)))
        return TCP_OPENING_MID_STREAM;
    if (flags & CONV_REFUSED)
        return TCP_OPENING_REFUSED;
    if (flags & CONV_BOTH_OPEN)
        return TCP_OPENING_SIMULTANEOUS;
    if (flags & CONV_FAST_OPEN)
        return TCP_OPENING_FAST_OPEN;
    if (flags & CONV_OPEN)
        return TCP_OPENING_THREE_WAY;
    return (flags & CONV_SYN_ACK) ? TCP_OPENING_INCOMPLETE : TCP_OPENING_UNANSWERED;
}

static enum tcp_closing closing_of(const struct tcp_conversation *conv)
{
    uint32_t flags = conv->flags;

    if (flags & CONV_REFUSED)
        return TCP_CLOSING_NONE; /* there was nothing to close */
    if (flags & CONV_RESET)
        return (flags & CONV_FIN) ? TCP_CLOSING_RESET_AFTER_FIN : TCP_CLOSING_RESET;
    if (!(flags & CONV_FIN))
        return TCP_CLOSING_NONE;
    if (!(flags & CONV_BOTH_FINS))
        return TCP_CLOSING_HALF_CLOSED;
    if (flags & CONV_CROSSED_CLOSE)
        return TCP_CLOSING_SIMULTANEOUS;
    return (flags & CONV_MERGED_CLOSE) ? TCP_CLOSING_THREE_SEGMENT : TCP_CLOSING_FOUR_SEGMENT;
}

static int closer_of(const struct tcp_conversation *conv)
{
    uint32_t flags = conv->flags;

    if (flags & CONV_FIN)
        return (flags & CONV_FIN_BY_SERVER) ? TCP_SERVER : TCP_CLIENT;
    if ((flags & CONV_RESET) && !(flags & CONV_REFUSED))
        return (flags & CONV_RESET_BY_SERVER) ? TCP_SERVER : TCP_CLIENT;
    return -1;
}

/* An end repeats itself or probes, and the other one, which is in the capture, does not answer. */
static bool is_left_alone(const struct tcp_end *end, const struct tcp_end *other)
{
    return (end->flags & END_TRIED_AGAIN) && (other->flags & (END_SPOKE | END_SYN));
}

static bool a_peer_is_gone(const struct tcp_conversation *conv)
{
    const struct tcp_end *client = &conv->end[TCP_CLIENT];
    const struct tcp_end *server = &conv->end[TCP_SERVER];

    return is_left_alone(client, server) || is_left_alone(server, client);
}

static enum tcp_verdict verdict_of_reset(const struct tcp_conversation *conv)
{
    uint32_t flags = conv->flags;

    if (flags & CONV_PEER_GONE)
        return TCP_VERDICT_PEER_GONE;
    if (flags & CONV_FIN)
        return TCP_VERDICT_LATE_RESET;
    return (flags & CONV_RESET_UNOPENED) && (flags & CONV_SYN_ACK) ? TCP_VERDICT_HANDSHAKE_ABORTED
                                                                   : TCP_VERDICT_ABORTED;
}

static enum tcp_verdict verdict_of(const struct tcp_conversation *conv)
{
    uint32_t flags = conv->flags;

    if (is_rejected(conv))
        return TCP_VERDICT_REJECTED;
    if (flags & CONV_REFUSED)
        return TCP_VERDICT_REFUSED;
    if (flags & CONV_RESET)
        return verdict_of_reset(conv);
    if (flags & CONV_BOTH_FINS)
        return TCP_VERDICT_ORDERLY;
    if (!(flags & (CONV_OPEN | CONV_FIN)))
        return (flags & (CONV_SYN_ACK | CONV_BOTH_OPEN)) ? TCP_VERDICT_HANDSHAKE_UNFINISHED
                                                         : TCP_VERDICT_UNANSWERED;
    if (a_peer_is_gone(conv))
        return TCP_VERDICT_PEER_GONE;
    return (flags & CONV_FIN) ? TCP_VERDICT_HALF_CLOSED : TCP_VERDICT_OPEN;
}

static enum tcp_verdict verdict_so_far(const struct tcp_conversation *conv)
{
    return (enum tcp_verdict)(conv->flags >> CONV_VERDICT_AT);
}

void verdict_follow(struct tcp_conversation *conv, uint32_t frame, enum tcp_role by)
{
    enum tcp_verdict verdict = verdict_of(conv);

    if (conv->decided_in != 0 && verdict_so_far(conv) == verdict)
        return;
    conv->flags &= (1U << CONV_VERDICT_AT) - 1 - CONV_DECIDED_BY_SERVER;
    conv->flags |= (uint32_t)verdict << CONV_VERDICT_AT;
    if (by == TCP_SERVER)
        conv->flags |= CONV_DECIDED_BY_SERVER;
    conv->decided_in = frame;
}

static void time_handshake(const struct tcp_conversation *conv, struct tcp_outcome *outcome)
{
    bool syn = (conv->flags & CONV_TIMED_SYN) != 0;
    bool syn_ack = (conv->flags & CONV_TIMED_SYN_ACK) != 0;
    bool open = (conv->flags & CONV_TIMED_OPEN) != 0;

    outcome->rtt = syn && open ? conv->rtt : TCP_NO_TIME;
    outcome->server_rtt = syn && syn_ack ? conv->server_rtt : TCP_NO_TIME;
    outcome->client_rtt = syn_ack && open ? conv->client_rtt : TCP_NO_TIME;
}

static void time_teardown(const struct tcp_conversation *conv, struct tcp_outcome *outcome)
{
    int64_t begin;

    outcome->teardown = TCP_NO_TIME;
    if (conv->flags & CONV_FIN) {
        const struct tcp_end *closer = &conv->end[outcome->closed_by];

        if (!(closer->flags & END_FIN))
            return;
        begin = closer->fin_time;
    } else if ((conv->flags & CONV_RESET) && !(conv->flags & CONV_REFUSED))
        begin = conv->close_time;
    else
        return;
    if (conv->flags & CONV_CLOSED)
        outcome->teardown = conv->close_time - begin;
}

static uint64_t bytes_of(const struct tcp_end *end)
{
    uint64_t numbers;

    if (!(end->flags & END_NUMBERED))
        return 0;
    numbers = ((uint64_t)end->wraps << 32) + end->next - end->isn - 1;
    return numbers - ((end->flags & END_FIN) && end->next == end->fin + 1 && numbers > 0 ? 1 : 0);
}

void tcp_verdict(const struct tcp_conversation *conversation, struct tcp_outcome *outcome)
{
    outcome->opening = opening_of(conversation);
    outcome->closing = closing_of(conversation);
    outcome->verdict = verdict_so_far(conversation);
    if (outcome->verdict == TCP_VERDICT_REJECTED) {
        outcome->decided_in = conversation->rejected_in;
        outcome->decided_by = -1;
    } else {
        outcome->decided_in = conversation->decided_in;
        outcome->decided_by =
            (conversation->flags & CONV_DECIDED_BY_SERVER) ? TCP_SERVER : TCP_CLIENT;
    }
    outcome->closed_by = closer_of(conversation);
    outcome->half_close = (conversation->flags & CONV_HALF_CLOSE) != 0;
    outcome->start = conversation->first;
    outcome->duration = conversation->last - conversation->first;
    time_handshake(conversation, outcome);
    time_teardown(conversation, outcome);
    for (int role = 0; role < 2; role++) {
        const struct tcp_end *end = &conversation->end[role];

        outcome->time_wait[role] = (end->flags & END_TIME_WAIT) != 0;
        outcome->state[role] = (enum tcp_state)end->state;
        outcome->since[role] = end->since;
        outcome->isn[role] = end->isn;
        outcome->has_isn[role] = (end->flags & END_NUMBERED) &&
                                 !(conversation->flags & (CONV_MIDSTREAM | CONV_RESUMED)) &&
                                 (conversation->flags & (CONV_SYN | CONV_SYN_ACK));
        outcome->bytes[role] = bytes_of(end);
    }
    outcome->conn_state = tcp_zeek_conn_state(
        conversation, outcome->bytes[TCP_CLIENT] + outcome->bytes[TCP_SERVER] > 0);
    tcp_zeek_history(conversation, outcome->history);
}

bool tcp_verdict_is_settled(enum tcp_verdict verdict)
{
    return verdict != TCP_VERDICT_OPEN && verdict != TCP_VERDICT_UNANSWERED &&
           verdict != TCP_VERDICT_HANDSHAKE_UNFINISHED;
}

uint32_t tcp_acknowledged_in(const struct tcp_conversation *conversation, enum tcp_role role,
                             bool fin)
{
    const struct tcp_end *end = &conversation->end[role];

    return fin ? numbers_fin_acked_in(end) : end->syn_acked_in;
}

uint32_t tcp_rejected_in(const struct tcp_conversation *conversation)
{
    return conversation->rejected_in;
}
