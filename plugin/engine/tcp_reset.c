/* tcp_reset.c
 * Which RST counts, and what it ends (RFC 9293 3.10.7, RFC 5961 3.2).
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp_tracker_private.h"

/* In SYN_SENT a RST counts if it acknowledges the SYN (RFC 9293 3.10.7.3, second check). */
static uint32_t check_in_syn_sent(const struct turn *turn)
{
    const struct tcp_segment *seg = turn->seg;

    if ((seg->flags & TCP_ACK) && numbers_ack_fits(turn->receiver, seg->ack))
        return 0;
    return TCP_NOTE_RST_BAD_ACK;
}

/* After a FIN, Linux also takes a RST with the FIN's own number (net/ipv4/tcp_input.c,
 * tcp_reset_check: some stacks number a RST that follows their FIN so). */
static bool follows_own_fin(const struct turn *turn)
{
    enum tcp_state state = turn->receiver->state;

    return (turn->sender->flags & END_FIN) && turn->seg->seq == turn->sender->fin &&
           (state == TCP_STATE_CLOSE_WAIT || state == TCP_STATE_LAST_ACK ||
            state == TCP_STATE_CLOSING);
}

/* A capture that begins on an idle connection with keep-alives, which repeat a number (RFC 9293
 * 3.8.4): as long as none is answered, the number expected next may be one more. */
static bool was_one_short(const struct turn *turn)
{
    const struct tcp_end *sender = turn->sender;

    return (turn->conv->flags & CONV_MIDSTREAM) && !(sender->flags & END_ACKED) &&
           sender->next == sender->isn + 1;
}

/* What the receiver expects next from the sender; in an earlier connection of these ports, what it
 * expected there. It is known: whatever opened the receiver has numbered both ends. */
static uint32_t expected_number(const struct turn *turn)
{
    const struct tcp_end *sender = turn->sender;

    if ((turn->receiver->flags & END_BORROWED) && turn->earlier)
        sender = turn_same_end(turn->earlier, turn->conv, turn->role);
    return sender->edge;
}

/* Whether the receiver, as the sender's SYN shows or its own past, is in another connection than this
 * one. In this one it has given a wrong number, and expects another. */
static bool is_elsewhere(const struct turn *turn)
{
    return turn->sender->state == TCP_STATE_SYN_SENT || (turn->receiver->flags & END_BORROWED);
}

/* In the synchronized states and SYN_RCVD it counts if its number is the one expected next; inside
 * the window, but not exact, it is answered with a challenge ACK (RFC 5961 3.2). */
static uint32_t check_by_number(struct turn *turn)
{
    uint32_t window = numbers_window(turn->receiver, turn->sender);
    int32_t off = seq_diff(turn->seg->seq, expected_number(turn));

    if (off == 0 || follows_own_fin(turn) || (off == 1 && was_one_short(turn)))
        return 0;
    if (turn->receiver->state == TCP_STATE_TIME_WAIT)
        return TCP_NOTE_RST_TIME_WAIT;
    if (turn_answers_challenge(turn) && is_elsewhere(turn))
        return 0; /* the number that the receiver itself just named (RFC 9293 figures 9 and 10) */
    if (off > 0 && (uint32_t)off < window) {
        turn->receiver->flags |= END_CHALLENGES;
        return TCP_NOTE_RST_INEXACT;
    }
    return TCP_NOTE_RST_OUTSIDE;
}

/* Why the receiver does not take the RST; 0: it does. */
static uint32_t reason_to_ignore(struct turn *turn)
{
    switch (turn->receiver->state) {
    case TCP_STATE_CLOSED:
    case TCP_STATE_LISTEN:
        /* The first segment of all that was captured: there was a connection to reset. */
        return tcp_conversation_has_begun(turn->conv) ? TCP_NOTE_RST_CLOSED : 0;
    case TCP_STATE_SYN_SENT:
        return check_in_syn_sent(turn);
    default:
        return check_by_number(turn);
    }
}

/* Octets that an end had sent and that were never acknowledged when the reset came. */
static bool has_unacknowledged_data(const struct tcp_end *end)
{
    uint32_t data_end = (end->flags & END_FIN) ? end->fin : end->next;

    return end->data_frame != 0 && seq_lt(end->acked, data_end);
}

/* The segment that the RST is about: what it answers, or where the teardown began. */
static uint32_t subject_of(const struct turn *turn)
{
    if (turn->conv->flags & CONV_REFUSED)
        return turn->receiver->syn_frame;
    if (turn->sender->flags & END_FIN)
        return turn->sender->fin_frame;
    return 0;
}

static void refuse(struct turn *turn)
{
    turn->conv->flags |= CONV_REFUSED;
    turn->note->experts |= TCP_EXPERT_REFUSED;
    if (turn->receiver->syn_acked_in == 0) {
        turn->receiver->syn_acked_in = turn->seg->frame;
        turn->note->acks_frame = turn->receiver->syn_frame;
    }
}

/* The RST is taken: both ends are closed (RFC 9293 3.10.7.3 and .4). */
static void accept_reset(struct turn *turn)
{
    struct tcp_conversation *conv = turn->conv;

    if (turn->sender->state == TCP_STATE_SYN_SENT && turn_answers_challenge(turn)) {
        /* The answer to an ACK that does not fit; its sender goes on opening (figures 9 and 10). */
        turn->note->notes |= TCP_NOTE_RST_STAYS;
        turn->receiver->flags &= ~(uint32_t)END_BORROWED;
        turn_feed(turn, turn->receiver, TCP_EVENT_GETS_RST);
        return;
    }
    if (turn->receiver->state == TCP_STATE_SYN_SENT && !(conv->flags & CONV_SYN_ACK))
        refuse(turn);
    else
        turn->note->experts |= TCP_EXPERT_RESET;
    conv->flags |= CONV_RESET | CONV_LIVE;
    if (!(conv->flags & CONV_OPEN))
        conv->flags |= CONV_RESET_UNOPENED;
    if (turn->role == TCP_SERVER)
        conv->flags |= CONV_RESET_BY_SERVER;
    if (turn->was_open && (turn->sender->flags & END_TRIED_AGAIN))
        conv->flags |= CONV_PEER_GONE;
    conv->close_time = turn->seg->time;
    if (has_unacknowledged_data(turn->sender) || has_unacknowledged_data(turn->receiver)) {
        turn->note->experts |= TCP_EXPERT_RESET_LOST_DATA;
        turn->note->notes |= TCP_NOTE_LOST_DATA;
    }
    turn->note->about = subject_of(turn);
    turn->sender->flags &=
        ~(uint32_t)(END_INFERRED | END_CLOSED_BY_FIN | END_BORROWED | END_TIME_WAIT);
    turn->receiver->flags &= ~(uint32_t)(END_INFERRED | END_CLOSED_BY_FIN | END_BORROWED);
    turn_feed(turn, turn->sender, TCP_EVENT_SENDS_RST);
    turn_feed(turn, turn->receiver, TCP_EVENT_GETS_RST);
}

void reset_take(struct turn *turn)
{
    const struct tcp_segment *seg = turn->seg;
    uint32_t reason = reason_to_ignore(turn);

    turn->note->events |= TCP_DOES_RST;
    if ((seg->flags & TCP_ACK) && numbers_ack_fits(turn->receiver, seg->ack) &&
        turn->receiver->state != TCP_STATE_SYN_SENT)
        numbers_acked(turn->receiver, seg->ack);
    if (reason) {
        turn->note->notes |= reason;
        turn->note->experts |= TCP_EXPERT_RESET_IGNORED;
        if (turn_answers_challenge(turn) && (turn->sender->state == TCP_STATE_SYN_SENT ||
                                             turn->sender->state == TCP_STATE_SYN_RCVD))
            turn->note->notes |= TCP_NOTE_RST_STAYS;
        return;
    }
    turn->note->accepted = true;
    accept_reset(turn);
}
