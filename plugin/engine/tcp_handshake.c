/* tcp_handshake.c
 * How a conversation opens: SYN, SYN-ACK, and the ACK that completes them.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp_tracker_private.h"

static void note_window(struct turn *turn)
{
    struct tcp_end *sender = turn->sender;

    sender->window = turn->seg->window;
    sender->flags |= END_WINDOW;
    if (turn->seg->window_scale >= 0) {
        sender->flags &= ~((uint32_t)END_SCALE_MAX << END_SCALE_AT);
        sender->flags |= (uint32_t)turn->seg->window_scale << END_SCALE_AT | END_SCALED;
    }
}

/* A SYN or SYN-ACK of an end that was in the earlier connection: it gave that up for this one. */
static void leave_earlier(struct turn *turn, enum tcp_state state)
{
    if (!(turn->sender->flags & END_BORROWED))
        return;
    *turn->sender = (struct tcp_end){ .since = turn->seg->time, .state = (uint8_t)state };
    turn_from(turn, turn->sender, state, TCP_NO_TIME);
}

/* Number the sender by its SYN. Returns whether this SYN had been seen before. */
static bool number_by_syn(struct turn *turn)
{
    struct tcp_end *sender = turn->sender;
    const struct tcp_segment *seg = turn->seg;
    bool again = (sender->flags & END_SYN) && sender->isn == seg->seq;

    if (!again) {
        numbers_begin(sender, seg->seq, seg->seq + 1);
        sender->syn_acked_in = 0;
        sender->flags |= END_SYN;
    }
    sender->syn_frame = seg->frame;
    note_window(turn);
    if (seg->len > 0) {
        sender->flags |= END_SYN_DATA;
        stream_take_data(turn, seg->seq + 1);
    }
    return again;
}

static void repeat_syn(struct turn *turn, uint16_t expert)
{
    turn->note->events |= TCP_DOES_RETRANSMISSION;
    turn->note->experts |= expert;
    turn_count_try(turn);
}

/* Whether the end that sends its SYN had already acknowledged the other's, so that it has got that: in
 * a handshake split in two, by itself. */
static bool has_split(const struct turn *turn)
{
    return (turn->receiver->flags & END_ACKED) && turn->receiver->acked == turn->receiver->isn + 1;
}

/* The first SYN of the other end too: both opened at once (RFC 9293 3.5, figure 7). The sender was
 * taken to have got the first SYN; this one says that it had not when it left, unless it has
 * acknowledged it before. */
static void open_from_both_sides(struct turn *turn, bool again)
{
    turn->conv->flags |= CONV_BOTH_OPEN;
    turn->note->experts |= TCP_EXPERT_SIMULTANEOUS_OPEN;
    turn->note->steps |= TCP_STEP_BOTH_2_OF_4;
    if (again || has_split(turn))
        return;
    turn->note->notes |= TCP_NOTE_CROSSED_SYN;
    turn->note->about = turn->receiver->syn_frame;
    if (turn->sender->state == TCP_STATE_SYN_RCVD)
        turn_withdraw(turn, turn->sender, TCP_STATE_CLOSED, TCP_NO_TIME);
}

/* A SYN reaches an end that nothing is known of: it must have been listening, or it refuses. */
static void reach_with_syn(struct turn *turn)
{
    struct tcp_end *receiver = turn->receiver;

    if (receiver->flags & END_BORROWED)
        return;
    if (receiver->state == TCP_STATE_CLOSED) {
        turn_feed(turn, receiver, TCP_EVENT_LISTENS);
        turn_from(turn, receiver, TCP_STATE_LISTEN, TCP_NO_TIME);
    }
    if (receiver->state == TCP_STATE_LISTEN || receiver->state == TCP_STATE_TIME_WAIT)
        receiver->flags |= END_INFERRED;
    turn_feed(turn, receiver, TCP_EVENT_GETS_SYN);
}

/* Whether the connection was open once, and is over or in TIME_WAIT: a SYN of its own opens nothing
 * there, for that takes a higher number (RFC 9293 3.6.1). */
static bool is_past(const struct turn *turn)
{
    return (turn->conv->flags & CONV_OPEN) &&
           (turn->was_over || turn->sender->state == TCP_STATE_TIME_WAIT ||
            turn->receiver->state == TCP_STATE_TIME_WAIT);
}

/* When the client came into SYN_SENT, and the SYN to the server. */
static int64_t time_of_first_syn(const struct tcp_conversation *conv)
{
    return (conv->flags & CONV_SYN) ? conv->first : TCP_NO_TIME;
}

/* Whether the sender's SYN was answered with RST. */
static bool was_refused(const struct turn *turn)
{
    bool by_server = (turn->conv->flags & CONV_RESET_BY_SERVER) != 0;

    return (turn->conv->flags & CONV_REFUSED) && by_server == (turn->role == TCP_CLIENT);
}

static void forget_reset(struct tcp_conversation *conv)
{
    conv->flags &=
        ~(uint32_t)(CONV_REFUSED | CONV_RESET | CONV_RESET_BY_SERVER | CONV_RESET_UNOPENED);
}

void handshake_take_syn(struct turn *turn)
{
    struct tcp_conversation *conv = turn->conv;
    struct tcp_end *sender = turn->sender;
    bool from_server = turn->role == TCP_SERVER;
    bool again;

    leave_earlier(turn, TCP_STATE_CLOSED);
    again = number_by_syn(turn);
    turn->note->events |= TCP_DOES_SYN;
    if (again) {
        repeat_syn(turn, TCP_EXPERT_SYN_RETRANSMITTED);
        if (was_refused(turn)) { /* and tries again with the same number */
            forget_reset(conv);
            sender->syn_acked_in = 0;
        }
    } else if (!(conv->flags & (CONV_SYN | CONV_SYN_ACK | CONV_OPEN))) {
        forget_reset(conv); /* a RST before this SYN was of something older */
    }
    if (again && is_past(turn)) { /* a late copy: it opens nothing again */
        turn->note->steps |= TCP_STEP_OPEN_1_OF_3;
        return;
    }
    conv->flags |= CONV_SYN | CONV_LIVE;
    conv->flags &= ~(uint32_t)CONV_MIDSTREAM;
    if (from_server && (turn->receiver->flags & END_SYN))
        open_from_both_sides(turn, again);
    else if (conv->flags & CONV_BOTH_OPEN)
        turn->note->steps |= TCP_STEP_BOTH_1_OF_4;
    else
        turn->note->steps |= TCP_STEP_OPEN_1_OF_3;
    /* A SYN again, though the SYN-ACK was taken to have come: it had not when this SYN left. */
    if (again && sender->state == TCP_STATE_ESTABLISHED && !(sender->flags & END_SPOKE)) {
        turn_withdraw(turn, sender, TCP_STATE_SYN_SENT, time_of_first_syn(conv));
        turn->note->notes |= TCP_NOTE_CROSSED_SYN_ACK;
        turn->note->about = turn->receiver->syn_frame;
    }
    /* A SYN again without an ACK: the other's SYN, taken to have come, had not (3.10.7.3). */
    if (again && sender->state == TCP_STATE_SYN_RCVD && (conv->flags & CONV_BOTH_OPEN) &&
        !has_split(turn)) {
        turn_withdraw(turn, sender, TCP_STATE_SYN_SENT, from_server ? TCP_NO_TIME : conv->first);
        turn->note->notes |= TCP_NOTE_CROSSED_SYN;
        turn->note->about = turn->receiver->syn_frame;
    }
    sender->flags &= ~(uint32_t)END_INFERRED;
    turn_feed(turn, sender, TCP_EVENT_SENDS_SYN);
    reach_with_syn(turn);
    if (!from_server && !(conv->flags & (CONV_OPEN | CONV_TIMED_SYN_ACK))) {
        conv->syn_time = turn->seg->time;
        conv->flags |= CONV_TIMED_SYN;
    }
}

/* Mark the handshake as complete with this segment, its last one. */
static void complete(struct turn *turn)
{
    struct tcp_conversation *conv = turn->conv;

    if (!(conv->flags & (CONV_OPEN | CONV_TIMED_OPEN))) {
        if (conv->flags & CONV_TIMED_SYN)
            conv->rtt = turn->seg->time - conv->syn_time;
        if (conv->flags & CONV_TIMED_SYN_ACK)
            conv->client_rtt = turn->seg->time - conv->syn_ack_time;
        if (!(conv->flags & CONV_CLOSED))
            conv->open_time = turn->seg->time;
        conv->flags |= CONV_TIMED_OPEN;
    }
    conv->flags |= CONV_OPEN;
}

int64_t handshake_opened_at(const struct tcp_conversation *conv, enum tcp_role role)
{
    bool by_syn_ack = role == TCP_CLIENT && (conv->flags & CONV_TIMED_SYN_ACK);

    if (!(conv->flags & CONV_TIMED_OPEN))
        return by_syn_ack ? conv->syn_ack_time : TCP_NO_TIME;
    if (conv->flags & CONV_CLOSED)
        return TCP_NO_TIME;
    return by_syn_ack ? conv->open_time - conv->client_rtt : conv->open_time;
}

/* This segment acknowledges the receiver's SYN; the first one to do so is linked to it. */
static void link_ack_of_syn(struct turn *turn)
{
    struct tcp_end *receiver = turn->receiver;

    if (!(receiver->flags & END_SYN) || receiver->syn_acked_in != 0)
        return;
    receiver->syn_acked_in = turn->seg->frame;
    turn->note->acks_frame = receiver->syn_frame;
}

/* One of the two acknowledgments that complete a simultaneous open. Sent again it is the step that it
 * was. */
static void step_of_both(struct turn *turn)
{
    struct tcp_conversation *conv = turn->conv;
    uint32_t first = turn->receiver->syn_acked_in, other = turn->sender->syn_acked_in;

    if (first != turn->seg->frame) {
        turn->note->steps |=
            other == 0 || first < other ? TCP_STEP_BOTH_3_OF_4 : TCP_STEP_BOTH_4_OF_4;
        return;
    }
    if (conv->flags & CONV_OPEN)
        return;
    if (conv->flags & CONV_BOTH_STEP_3) {
        turn->note->steps |= TCP_STEP_BOTH_4_OF_4;
        complete(turn);
    } else {
        turn->note->steps |= TCP_STEP_BOTH_3_OF_4;
        conv->flags |= CONV_BOTH_STEP_3;
    }
}

/* What the SYN-ACK says of data on the SYN (RFC 7413 4.2). */
static void judge_syn_data(struct turn *turn)
{
    struct tcp_end *receiver = turn->receiver;

    if (!(receiver->flags & END_SYN_DATA))
        return;
    if (turn->seg->ack == receiver->isn + 1) {
        turn->note->notes |= TCP_NOTE_SYN_DATA_REFUSED;
        return;
    }
    turn->note->notes |= TCP_NOTE_SYN_DATA_TAKEN;
    turn->note->exchange = 1; /* the SYN's data is the first there can be */
    if (!(turn->conv->flags & CONV_FAST_OPEN))
        turn->note->experts |= TCP_EXPERT_FAST_OPEN;
    turn->conv->flags |= CONV_FAST_OPEN;
}

/* The SYN-ACK acknowledges another number than the SYN's (RFC 9293 3.10.7.3, first check). */
static void mismatch(struct turn *turn)
{
    turn->note->experts |= TCP_EXPERT_ACK_MISMATCH;
    turn->note->notes |= TCP_NOTE_BAD_HANDSHAKE_ACK;
    turn->note->about = turn->receiver->syn_frame;
    turn_challenge(turn);
}

/* The SYN-ACK reaches its receiver with the right number. */
static void reach_with_syn_ack(struct turn *turn)
{
    struct tcp_conversation *conv = turn->conv;
    struct tcp_end *receiver = turn->receiver;

    conv->flags |= CONV_SYN_ACK;
    link_ack_of_syn(turn);
    judge_syn_data(turn);
    numbers_acked(receiver, turn->seg->ack);
    if (!(receiver->flags & END_SYN) && receiver->state == TCP_STATE_CLOSED && !turn->was_open &&
        !(conv->flags & CONV_RESET)) {
        turn->note->notes |= TCP_NOTE_SYN_UNSEEN;
        turn->note->experts |= TCP_EXPERT_NOT_CAPTURED;
        turn_feed(turn, receiver, TCP_EVENT_SENDS_SYN);
        turn_from(turn, receiver, TCP_STATE_SYN_SENT, TCP_NO_TIME);
        turn_from(turn, turn->sender, TCP_STATE_SYN_RCVD, TCP_NO_TIME);
        turn->sender->since = TCP_NO_TIME;
        receiver->flags |= END_INFERRED;
    }
    turn_feed(turn, receiver, TCP_EVENT_GETS_SYN_ACK);
    if (conv->flags & CONV_BOTH_OPEN)
        step_of_both(turn);
    else
        turn->note->steps |= TCP_STEP_OPEN_2_OF_3;
    if (turn->role == TCP_SERVER && !(conv->flags & CONV_OPEN)) {
        if (!(conv->flags & CONV_TIMED_SYN_ACK))
            conv->server_rtt = turn->seg->time - conv->syn_time;
        conv->syn_ack_time = turn->seg->time;
        conv->flags |= CONV_TIMED_SYN_ACK;
    }
}

/* A SYN where none is taken: in an open connection (RFC 9293 3.10.7.4, fourth; RFC 5961 4), or the SYN
 * of a client again, with an ACK, where it was answered already. The answer is a challenge ACK. */
static bool is_taken_nowhere(const struct turn *turn)
{
    const struct tcp_conversation *conv = turn->conv;
    const struct tcp_end *sender = turn->sender;
    const struct tcp_end *receiver = turn->receiver;

    if (conv->flags & (CONV_MIDSTREAM | CONV_BOTH_OPEN) || (sender->flags & END_BORROWED))
        return false;
    if (turn->role == TCP_CLIENT && (sender->flags & END_SYN) && (receiver->flags & END_SYN))
        return true;
    return (conv->flags & CONV_OPEN) && (sender->flags & END_SYN) &&
           sender->isn != turn->seg->seq && tcp_state_is_synchronized(receiver->state);
}

/* The SYN-ACK comes after segments of its sender that were taken for those of an open connection, and its
 * receiver has not said a word: it has dropped them, in SYN_SENT (RFC 9293 3.10.7.3, fifth). */
static void take_back_opening(struct turn *turn)
{
    struct tcp_conversation *conv = turn->conv;
    struct tcp_end *sender = turn->sender;
    struct tcp_end *receiver = turn->receiver;

    if ((sender->flags & (END_SYN | END_BORROWED)) || !(receiver->flags & END_SYN) ||
        !numbers_ack_fits(receiver, turn->seg->ack) || (receiver->flags & END_SPOKE) ||
        (conv->flags & (CONV_OPEN | CONV_RESET | CONV_RESUMED)) != CONV_OPEN)
        return;
    if ((conv->flags & CONV_TIMED_OPEN) && (conv->flags & CONV_TIMED_SYN_ACK))
        conv->syn_ack_time = conv->open_time - conv->client_rtt;
    conv->flags &=
        ~(uint32_t)(CONV_OPEN | CONV_SYN_ACK | CONV_TIMED_OPEN | CONV_TIMED_CLOSE | CONV_CLOSING);
    *sender = (struct tcp_end){ 0 };
    turn_withdraw(turn, sender, TCP_STATE_SYN_RCVD, time_of_first_syn(conv));
    turn_withdraw(turn, receiver, TCP_STATE_SYN_SENT, time_of_first_syn(conv));
    receiver->flags &= ~(uint32_t)END_INFERRED;
    turn->note->notes |= TCP_NOTE_ACK_WITHOUT_SYN;
    turn->was_open = turn->was_over = false;
}

void handshake_take_syn_ack(struct turn *turn)
{
    struct tcp_conversation *conv = turn->conv;
    struct tcp_end *sender = turn->sender;
    struct tcp_end *receiver = turn->receiver;
    bool both = (conv->flags & CONV_BOTH_OPEN) != 0;
    bool again;

    turn->note->events |= TCP_DOES_SYN_ACK;
    if (is_taken_nowhere(turn)) {
        turn->note->notes |= TCP_NOTE_OUTSIDE;
        if (turn->seg->len > 0)
            turn->note->events |= TCP_DOES_DATA;
        receiver->flags |= END_CHALLENGES;
        return;
    }
    conv->flags |= CONV_LIVE;
    conv->flags &= ~(uint32_t)CONV_MIDSTREAM;
    leave_earlier(turn, TCP_STATE_LISTEN);
    take_back_opening(turn);
    if (!(receiver->flags & END_NUMBERED))
        numbers_begin(receiver, turn->seg->ack - 1, turn->seg->ack);
    again = number_by_syn(turn);
    /* The second step of an end that had opened actively is its SYN, now with an ACK. */
    if (again && !(both && receiver->syn_acked_in == 0)) {
        repeat_syn(turn, TCP_EXPERT_SYN_ACK_RETRANSMITTED);
        if (is_past(turn)) {
            if (both)
                step_of_both(turn);
            else
                turn->note->steps |= TCP_STEP_OPEN_2_OF_3;
            return;
        }
        /* Though its ACK was taken to have come: it had not when this SYN-ACK left. */
        if (!both && tcp_state_is_synchronized(sender->state) && !(sender->flags & END_SPOKE)) {
            turn_withdraw(turn, sender, TCP_STATE_SYN_RCVD, time_of_first_syn(conv));
            turn->note->notes |= TCP_NOTE_CROSSED_ACK;
            turn->note->about = sender->syn_acked_in;
        }
    }
    sender->flags &= ~(uint32_t)END_INFERRED;
    turn_feed(turn, sender, TCP_EVENT_SENDS_SYN_ACK);
    if (numbers_ack_fits(receiver, turn->seg->ack))
        reach_with_syn_ack(turn);
    else
        mismatch(turn);
}

/* The sender is past the handshake, and what brought it there was not captured. */
static void infer_sender_is_open(struct turn *turn)
{
    struct tcp_conversation *conv = turn->conv;
    struct tcp_end *sender = turn->sender;

    if (sender->state == TCP_STATE_SYN_SENT ||
        (sender->state == TCP_STATE_SYN_RCVD && !(sender->flags & END_SYN)))
        turn->note->notes |= TCP_NOTE_SYN_ACK_UNSEEN;
    if (sender->state == TCP_STATE_SYN_RCVD)
        turn->note->notes |= TCP_NOTE_ACK_UNSEEN;
    turn->note->experts |= TCP_EXPERT_NOT_CAPTURED;
    conv->flags |= CONV_SYN_ACK;
    sender->flags |= END_INFERRED;
    turn_feed(turn, sender, TCP_EVENT_SENDS_ACK);
    if (turn->role == TCP_SERVER) {
        conv->flags |= CONV_OPEN;
        if (!tcp_state_is_synchronized(turn->receiver->state)) {
            turn_feed(turn, turn->receiver, TCP_EVENT_IS_MIDSTREAM);
            turn->receiver->flags |= END_INFERRED;
        }
    }
}

/* An ACK that the receiver, in SYN_SENT or SYN_RCVD, cannot accept (RFC 9293 3.10.7.3 and .4; figures
 * 9 and 10): the answer of an end that is in another connection, or a wrong number. */
static void take_unfit_ack(struct turn *turn)
{
    bool challenge = turn->receiver->state == TCP_STATE_SYN_SENT;

    turn_challenge(turn);
    if (challenge) {
        turn->note->notes |= TCP_NOTE_CHALLENGE_ACK;
        turn->note->about = turn->receiver->syn_frame;
        if (!(turn->sender->flags & END_BORROWED)) {
            turn_feed(turn, turn->sender, TCP_EVENT_SENDS_ACK);
            turn->sender->flags &= ~(uint32_t)END_INFERRED;
        }
        return;
    }
    turn->is_dropped = true; /* a RST answers it (3.10.7.4, fifth, SYN-RECEIVED) */
    turn->note->notes |= TCP_NOTE_BAD_HANDSHAKE_ACK;
    turn->note->experts |= TCP_EXPERT_ACK_MISMATCH;
    turn->note->about = turn->receiver->syn_frame;
}

/* A server's ACK of the SYN without a SYN of its own, and nothing else. In SYN_SENT it opens nothing
 * (RFC 9293 3.10.7.3, fifth): the server's SYN may come by itself. With data or FIN it is taken for the
 * segment of a connection whose SYN-ACK was not captured. */
static bool is_ack_without_syn(const struct turn *turn)
{
    return turn->role == TCP_SERVER && turn->receiver->state == TCP_STATE_SYN_SENT &&
           !(turn->sender->flags & (END_SYN | END_BORROWED)) && turn->seg->len == 0 &&
           !(turn->seg->flags & TCP_FIN) && turn->seg->ack == turn->receiver->isn + 1;
}

/* Whether a server's segment can leave before the ACK of its SYN has come: with Fast Open it may
 * send at once (RFC 7413 4.2.2). */
static bool may_send_in_syn_rcvd(const struct turn *turn)
{
    return (turn->conv->flags & CONV_FAST_OPEN) && turn->role == TCP_SERVER;
}

/* Simultaneous open, completed by ACKs in place of SYN-ACKs. */
static void take_ack_of_both(struct turn *turn)
{
    struct tcp_end *sender = turn->sender;
    struct tcp_end *receiver = turn->receiver;

    if (sender->state == TCP_STATE_SYN_SENT)
        turn_feed(turn, sender, TCP_EVENT_GETS_SYN);
    if (receiver->state == TCP_STATE_SYN_SENT)
        turn_feed(turn, receiver, TCP_EVENT_GETS_SYN);
    if (!numbers_ack_fits(receiver, turn->seg->ack))
        return;
    if (receiver->syn_acked_in == 0) {
        turn->note->events |= TCP_DOES_HANDSHAKE_ACK;
        link_ack_of_syn(turn);
        step_of_both(turn);
    }
    turn_feed(turn, receiver, TCP_EVENT_GETS_ACK_OF_SYN);
}

/* The third step: the client acknowledges the server's SYN, with or without data or FIN. */
static void take_third_step(struct turn *turn)
{
    turn->note->events |= TCP_DOES_HANDSHAKE_ACK;
    turn->note->steps |= TCP_STEP_OPEN_3_OF_3;
    turn->receiver->flags &= ~(uint32_t)END_CHALLENGES;
    link_ack_of_syn(turn);
    complete(turn);
}

void handshake_take_ack(struct turn *turn)
{
    struct tcp_conversation *conv = turn->conv;
    struct tcp_end *sender = turn->sender;
    struct tcp_end *receiver = turn->receiver;
    bool open = (conv->flags & CONV_OPEN) != 0;

    if ((conv->flags & CONV_BOTH_OPEN) && !open) {
        take_ack_of_both(turn);
        return;
    }
    if (!(receiver->flags & END_NUMBERED)) /* its SYN was not captured */
        numbers_begin(receiver, turn->seg->ack - 1, turn->seg->ack);
    if (turn->was_over && (conv->flags & CONV_RESET))
        return; /* it was on its way when the RST came */
    if ((receiver->state == TCP_STATE_SYN_SENT ||
         (receiver->state == TCP_STATE_SYN_RCVD && (receiver->flags & END_SYN))) &&
        !numbers_ack_fits(receiver, turn->seg->ack)) {
        take_unfit_ack(turn);
        return;
    }
    if (sender->state == TCP_STATE_SYN_RCVD && (sender->flags & END_CHALLENGES) &&
        turn->seg->len == 0 && !(turn->seg->flags & TCP_FIN))
        return; /* the answer to what does not fit: it says nothing of an ACK */
    if (is_ack_without_syn(turn)) {
        turn->note->notes |= TCP_NOTE_ACK_WITHOUT_SYN;
        return;
    }
    if (sender->state == TCP_STATE_SYN_SENT && (receiver->flags & END_SYN)) {
        turn_feed(turn, sender, TCP_EVENT_GETS_SYN_ACK); /* it had come after all: an answer */
        turn_count_no_try(sender);
    } else if (sender->state == TCP_STATE_SYN_RCVD && sender->syn_acked_in != 0)
        turn_feed(turn, sender, TCP_EVENT_GETS_ACK_OF_SYN); /* likewise */
    else if ((sender->state == TCP_STATE_SYN_SENT || sender->state == TCP_STATE_SYN_RCVD) &&
             !may_send_in_syn_rcvd(turn))
        infer_sender_is_open(turn);
    if (turn->role == TCP_CLIENT && tcp_state_is_synchronized(sender->state) &&
        !(conv->flags & CONV_BOTH_OPEN) && (!open || receiver->state == TCP_STATE_SYN_RCVD))
        take_third_step(turn);
    if (receiver->state == TCP_STATE_SYN_RCVD) {
        if (!(receiver->flags & END_SYN)) {
            receiver->flags |= END_INFERRED;
            conv->flags |= CONV_SYN_ACK;
        }
        turn_feed(turn, receiver, TCP_EVENT_GETS_ACK_OF_SYN);
    }
}
