/* tcp_stream.c
 * Data, acknowledgments and FINs.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp_tracker_private.h"

/* Flags that say that a segment is a bare ACK, whatever ECN and PSH say beside it. */
#define FLAGS_BEYOND_BARE_ACK (TCP_FIN | TCP_SYN | TCP_RST)

static bool is_bare_ack(const struct tcp_segment *seg)
{
    return seg->len == 0 && (seg->flags & FLAGS_BEYOND_BARE_ACK) == 0;
}

/* Whether the last run of new data was the given end's. */
static bool last_run_is_of(const struct tcp_conversation *conv, enum tcp_role role)
{
    return (conv->flags & CONV_DATA) &&
           ((conv->flags & CONV_DATA_BY_SERVER) != 0) == (role == TCP_SERVER);
}

/* The exchange that an end's octet before seq belongs to: its latest run's, or the run's before it.
 * Runs take turns, so an end's runs have every second number. 0: there is none. */
static uint32_t exchange_of(const struct tcp_conversation *conv, enum tcp_role role, uint32_t past)
{
    const struct tcp_end *end = &conv->end[role];
    uint32_t number = conv->exchange;

    if (!last_run_is_of(conv, role))
        number = number > 0 ? number - 1 : 0;
    if (end->data_frame == 0)
        return 0;
    if (!seq_lt(end->run_begin, past) && number > 2)
        return number - 2;
    return number;
}

/* New data: a new exchange where the direction turns. */
static void begin_run(struct turn *turn, uint32_t seq)
{
    struct tcp_conversation *conv = turn->conv;

    if (!last_run_is_of(conv, turn->role)) {
        conv->exchange++;
        turn->sender->run_begin = seq;
    }
    conv->flags |= CONV_DATA;
    if (turn->role == TCP_SERVER)
        conv->flags |= CONV_DATA_BY_SERVER;
    else
        conv->flags &= ~(uint32_t)CONV_DATA_BY_SERVER;
    turn->sender->data_frame = turn->seg->frame;
}

void stream_take_data(struct turn *turn, uint32_t seq)
{
    struct tcp_end *sender = turn->sender;
    uint32_t past = seq + turn->seg->len;
    bool advances = seq_lt(sender->next, past);
    bool gap = seq_lt(sender->next, seq);

    uint32_t first_new = seq_lt(seq, sender->next) && advances ? sender->next : seq;

    turn->note->events |= TCP_DOES_DATA;
    turn->is_new = numbers_sent(sender, seq, past);
    if (turn->is_new)
        begin_run(turn, first_new);
    if (gap)
        turn->note->notes |= TCP_NOTE_GAP_BEFORE;
    if (turn->is_new && !advances)
        turn->note->notes |= TCP_NOTE_FILLS_GAP;
    if (!turn->is_new) {
        turn->note->events |= TCP_DOES_RETRANSMISSION;
        turn_count_try(turn);
    }
    turn->note->exchange = exchange_of(turn->conv, turn->role, past);
}

/* A keep-alive has the number before the next, and no octet or one (RFC 9293 3.8.4). With the
 * window closed the same form is a window probe (3.8.6.1). */
static bool is_keep_alive(const struct turn *turn)
{
    const struct tcp_end *sender = turn->sender;
    const struct tcp_segment *seg = turn->seg;

    return seg->len <= 1 && !(seg->flags & TCP_FIN) && (sender->flags & END_NUMBERED) &&
           (sender->flags & END_SPOKE) && seg->seq == sender->next - 1 &&
           !(sender->flags & END_FIN);
}

static void take_keep_alive(struct turn *turn)
{
    const struct tcp_end *receiver = turn->receiver;

    turn->note->events |= TCP_DOES_KEEP_ALIVE;
    turn->sender->flags |= END_PROBES;
    if ((receiver->flags & END_WINDOW) && receiver->window == 0)
        turn->note->notes |= TCP_NOTE_WINDOW_PROBE;
    turn_count_try(turn);
}

/* What the segment acknowledges of what its receiver has sent. */
static void take_ack(struct turn *turn)
{
    struct tcp_end *receiver = turn->receiver;
    uint32_t ack = turn->seg->ack;

    if (seq_lt(receiver->next, ack)) {
        turn->is_dropped = true;
        if ((receiver->flags & END_FIN) || seq_diff(ack, receiver->next) > (1 << 30))
            return; /* acknowledges what cannot have been sent */
        turn->note->notes |= TCP_NOTE_ACKS_UNSEEN;
        turn->note->experts |= TCP_EXPERT_NOT_CAPTURED;
        if (receiver->flags & (END_SYN | END_SPOKE)) {
            numbers_acked_ahead(receiver, ack);
            return;
        }
        turn->is_dropped = false; /* this end's segments are not captured at all */
    }
    if (seq_lt(receiver->isn, ack))
        numbers_acked(receiver, ack);
}

/* Whether the sender, by its ACK, has got the receiver's FIN. Nothing comes after a FIN, so an ACK
 * beyond it acknowledges what was never sent. */
static bool acks_fin(const struct turn *turn)
{
    return (turn->receiver->flags & END_FIN) && turn->seg->ack == turn->receiver->fin + 1;
}

/* Whether the ACK stops short of a FIN that the sender has not acknowledged before. An older ACK,
 * overtaken on its way, says nothing. */
static bool stops_short_of_fin(const struct turn *turn)
{
    const struct tcp_end *receiver = turn->receiver;

    if (!(receiver->flags & END_FIN) || seq_lt(receiver->fin, turn->seg->ack))
        return false;
    return !(receiver->flags & END_ACKED) || (seq_le(turn->acked_before, receiver->fin) &&
                                              seq_le(turn->acked_before, turn->seg->ack));
}

/* A FIN that does not acknowledge the other's: every segment carries RCV.NXT (RFC 9293 3.10.7.4), so
 * the first FIN, though taken to have arrived, had not when this one left (figure 13). */
static void withdraw_fin(struct turn *turn)
{
    struct tcp_conversation *conv = turn->conv;
    struct tcp_end *sender = turn->sender;

    if ((turn->seg->flags & TCP_FIN) && sender->state == TCP_STATE_CLOSING) {
        turn->note->notes |= TCP_NOTE_CROSSED_FIN;
        turn_withdraw(turn, sender, TCP_STATE_FIN_WAIT_1, sender->fin_time);
        return;
    }
    if (!(turn->seg->flags & TCP_FIN) || (sender->flags & END_FIN) ||
        sender->state != TCP_STATE_CLOSE_WAIT)
        return;
    turn->note->notes |= TCP_NOTE_CROSSED_FIN;
    turn_withdraw(turn, sender, TCP_STATE_ESTABLISHED, handshake_opened_at(conv, turn->role));
}

/* An ACK that stops short of the other's FIN is not the FIN's ACK. */
static void note_short_of_fin(struct turn *turn)
{
    if (!stops_short_of_fin(turn))
        return;
    turn->note->notes |= TCP_NOTE_SHORT_OF_FIN;
    turn->note->about = turn->receiver->fin_frame;
    withdraw_fin(turn);
}

/* A FIN again, though its ACK was taken to have come: it had not when this one left. */
static void withdraw_ack_of_fin(struct turn *turn)
{
    struct tcp_end *sender = turn->sender;
    enum tcp_state state;

    if (sender->state != TCP_STATE_FIN_WAIT_2 && sender->state != TCP_STATE_TIME_WAIT &&
        !(sender->state == TCP_STATE_CLOSED && (sender->flags & END_CLOSED_BY_FIN)))
        return;
    if (!acks_fin(turn))
        state = TCP_STATE_FIN_WAIT_1;
    else
        state = (sender->flags & END_PASSIVE) ? TCP_STATE_LAST_ACK : TCP_STATE_CLOSING;
    turn_withdraw(turn, sender, state, sender->fin_time);
    turn->note->notes |= TCP_NOTE_CROSSED_ACK;
    turn->note->about = numbers_fin_acked_in(sender);
}

/* The step of the teardown that a FIN of the given end is, and that its ACK is. A FIN of an earlier
 * connection, sent again, is none of this one's. */
static uint16_t step_of_fin(const struct tcp_conversation *conv, enum tcp_role role)
{
    bool first = ((conv->flags & CONV_FIN_BY_SERVER) != 0) == (role == TCP_SERVER);

    return first || !(conv->flags & CONV_FIN) ? TCP_STEP_CLOSE_1_OF_4 : TCP_STEP_CLOSE_3_OF_4;
}

static uint16_t step_of_ack(const struct tcp_conversation *conv, enum tcp_role role)
{
    return (uint16_t)(step_of_fin(conv, role) << 1);
}

/* The second FIN shows how the conversation closes. */
static void judge_second_fin(struct turn *turn)
{
    struct tcp_conversation *conv = turn->conv;

    conv->flags |= CONV_BOTH_FINS;
    if (numbers_fin_acked_in(turn->receiver) != 0)
        return; /* four segments */
    if (acks_fin(turn)) {
        conv->flags |= CONV_MERGED_CLOSE;
        return;
    }
    conv->flags |= CONV_CROSSED_CLOSE;
    turn->note->experts |= TCP_EXPERT_SIMULTANEOUS_CLOSE;
}

/* The first FIN of the conversation: its sender closes it. */
static void note_first_fin(struct turn *turn)
{
    turn->conv->flags |= CONV_FIN;
    if (turn->role == TCP_SERVER)
        turn->conv->flags |= CONV_FIN_BY_SERVER;
}

/* A FIN not seen before. */
static void take_new_fin(struct turn *turn)
{
    struct tcp_conversation *conv = turn->conv;
    struct tcp_end *sender = turn->sender;

    sender->fin = turn->fin_seq;
    sender->fin_frame = turn->seg->frame;
    sender->fin_time = turn->seg->time;
    sender->flags |= END_FIN;
    sender->flags &= ~(uint32_t)END_CHALLENGED;
    if (seq_lt(sender->next, turn->fin_seq))
        turn->note->notes |= TCP_NOTE_GAP_BEFORE;
    if (tcp_state_has_got_fin(sender->state))
        sender->flags |= END_PASSIVE;
    numbers_sent(sender, turn->fin_seq, turn->fin_seq + 1);
    if (!(conv->flags & CONV_FIN)) {
        note_first_fin(turn);
    } else if (turn->receiver->flags & END_FIN) {
        judge_second_fin(turn);
    }
    if (!numbers_fin_complete(sender))
        turn->note->notes |= TCP_NOTE_FIN_WAITS;
    turn->is_new = true;
    turn->note->steps |= step_of_fin(conv, turn->role);
    turn->note->events &= (uint16_t)~TCP_DOES_RETRANSMISSION;
}

/* Whether this can be the sender's FIN: it has one, and nothing that counts comes after it. */
static bool fin_fits(const struct turn *turn)
{
    const struct tcp_end *sender = turn->sender;

    if (sender->flags & END_FIN)
        return turn->fin_seq == sender->fin;
    return seq_le((sender->flags & END_ISLAND) ? sender->next : sender->edge, turn->fin_seq);
}

/* The FIN of this segment, as it departs. */
static void take_fin(struct turn *turn)
{
    struct tcp_end *sender = turn->sender;

    turn->note->events |= TCP_DOES_FIN;
    if (turn->conv->flags & CONV_RESET)
        return; /* on its way when the RST came: there is nothing left to close */
    if (!fin_fits(turn)) {
        turn->note->notes |= TCP_NOTE_OUTSIDE;
        return;
    }
    if (!(sender->flags & END_FIN)) {
        take_new_fin(turn);
        turn_feed(turn, sender, TCP_EVENT_SENDS_FIN);
        return;
    }
    if (!turn->is_new) {
        turn->note->events |= TCP_DOES_RETRANSMISSION;
        turn->note->experts |= TCP_EXPERT_FIN_RETRANSMITTED;
    }
    sender->fin_frame = turn->seg->frame;
    sender->flags |= END_FIN_AGAIN;
    turn_count_try(turn);
    turn->note->steps |= step_of_fin(turn->conv, turn->role);
    withdraw_ack_of_fin(turn);
    turn_feed(turn, sender, TCP_EVENT_SENDS_FIN);
}

/* The ACK of the receiver's FIN. */
static void take_ack_of_fin(struct turn *turn)
{
    struct tcp_conversation *conv = turn->conv;
    struct tcp_end *receiver = turn->receiver;
    enum tcp_role other = tcp_other_role(turn->role);

    if (!acks_fin(turn))
        return;
    if (numbers_fin_acked_in(receiver) == 0 || (receiver->flags & END_FIN_AGAIN)) {
        turn->note->events |= TCP_DOES_ACK_OF_FIN;
        turn->note->steps |= step_of_ack(conv, other);
        if (!(conv->flags & CONV_RESET)) {
            conv->close_time = turn->seg->time;
            conv->flags |= CONV_TIMED_CLOSE;
        }
    }
    if (numbers_fin_acked_in(receiver) == 0) {
        numbers_set_fin_acked_in(receiver, turn->seg->frame);
        turn->note->acks_frame = receiver->fin_frame;
    }
    receiver->flags &= ~(uint32_t)END_FIN_AGAIN;
    turn_feed(turn, receiver, TCP_EVENT_GETS_ACK_OF_FIN);
}

/* The sender's FIN reaches the receiver, now that all before it has. */
static void reach_with_fin(struct turn *turn)
{
    const struct tcp_segment *seg = turn->seg;
    struct tcp_end *sender = turn->sender;
    struct tcp_end *receiver = turn->receiver;

    if (!numbers_fin_complete(sender) || tcp_state_has_got_fin(receiver->state) || turn->is_dropped)
        return;
    /* Of what was sent before the FIN, only what fills the gap brings it on. */
    if (!(seg->flags & TCP_FIN) && seg->seq != sender->fin + 1 && !turn->is_new)
        return;
    turn_feed(turn, receiver, TCP_EVENT_GETS_FIN);
}

/* What the sender's ACK shows that it has got: the FIN, and so all before it. */
static void show_fin_got(struct turn *turn)
{
    struct tcp_end *sender = turn->sender;
    uint32_t acked_in = numbers_fin_acked_in(sender);

    if (!acks_fin(turn) || tcp_state_has_got_fin((enum tcp_state)sender->state))
        return;
    turn_feed(turn, sender, TCP_EVENT_GETS_FIN);
    /* That FIN carried the ACK of the sender's own, or came after it. */
    if (acked_in != 0 && acked_in <= turn->receiver->fin_frame)
        turn_feed(turn, sender, TCP_EVENT_GETS_ACK_OF_FIN);
}

/* Data sent in the knowledge of the other end's FIN: a half-close (RFC 9293 3.6, case 2). */
static void note_half_close(struct turn *turn)
{
    if (!(turn->note->events & TCP_DOES_DATA) || !turn->is_new || !acks_fin(turn))
        return;
    if ((turn->sender->flags & END_FIN) &&
        seq_lt(turn->sender->fin, turn->seg->seq + turn->seg->len))
        return; /* beyond its own FIN: nobody takes it */
    turn->note->notes |= TCP_NOTE_HALF_CLOSE;
    turn->note->experts |= TCP_EXPERT_DATA_AFTER_FIN;
    if (!(turn->conv->flags & CONV_HALF_CLOSE))
        turn->note->experts |= TCP_EXPERT_HALF_CLOSE;
    turn->conv->flags |= CONV_HALF_CLOSE;
}

/* The exchange of the data that a segment without data acknowledges. */
static void note_acked_exchange(struct turn *turn)
{
    const struct tcp_end *receiver = turn->receiver;
    enum tcp_role other = tcp_other_role(turn->role);
    uint32_t ack = turn->seg->ack;
    uint32_t past = (receiver->flags & END_FIN) && seq_lt(receiver->fin, ack) ? receiver->fin : ack;
    bool newly = seq_lt(turn->acked_before, past);

    if (turn->seg->len > 0 || receiver->data_frame == 0)
        return;
    if (!seq_lt(receiver->isn + 1, past))
        return; /* nothing but the SYN */
    if (newly || turn->note->events == TCP_DOES_ACK)
        turn->note->exchange = exchange_of(turn->conv, other, past);
    if (newly && turn->note->about == 0)
        turn->note->about = receiver->data_frame;
}

/* Whether a bare ACK that acknowledges nothing more announces another window. Windows in SYNs are
 * never scaled (RFC 7323 2.2), so the first bare ACK of a server that has nothing to acknowledge
 * announces the real one. */
static bool updates_window(const struct turn *turn)
{
    const struct tcp_end *sender = turn->sender;
    const struct tcp_end *receiver = turn->receiver;

    if (!(sender->flags & END_WINDOW))
        return false;
    if (sender->flags & END_SPOKE)
        return turn->seg->window != sender->window;
    return turn->role == TCP_SERVER && !(turn->conv->flags & CONV_BOTH_OPEN) &&
           (receiver->flags & END_SPOKE) && receiver->next == receiver->isn + 1;
}

/* What a bare ACK is for, where it is nothing else. */
static void name_bare_ack(struct turn *turn, bool acks_more, bool answers_probe)
{
    const struct tcp_segment *seg = turn->seg;
    struct tcp_end *sender = turn->sender;
    struct tcp_annotation *note = turn->note;
    bool bare = is_bare_ack(seg) && note->events == 0;
    bool idle = bare && !acks_more && seg->seq == sender->next;

    if (bare && (sender->flags & END_CHALLENGES)) {
        note->notes |= TCP_NOTE_CHALLENGE_ACK;
        if (sender->state != TCP_STATE_SYN_RCVD) /* there the ACK of its SYN ends it */
            sender->flags &= ~(uint32_t)END_CHALLENGES;
    } else if (idle) {
        if (answers_probe)
            note->events |= TCP_DOES_KEEP_ALIVE_ACK;
        if (seg->window != 0 && updates_window(turn))
            note->events |= TCP_DOES_WINDOW_UPDATE;
    }
    if (seg->window == 0)
        note->events |= TCP_DOES_ZERO_WINDOW;
    if (bare && note->events == 0)
        note->events |= TCP_DOES_ACK;
}

/* PAWS: a segment with a timestamp older than the last one taken in order is dropped (RFC 7323 5.3). */
static void check_timestamp(struct turn *turn)
{
    const struct tcp_segment *seg = turn->seg;
    struct tcp_end *sender = turn->sender;
    uint32_t *recent = &turn->conv->timestamp[turn->role];

    if (!seg->has_timestamp)
        return;
    if ((sender->flags & END_TIMED) && seq_lt(seg->timestamp, *recent)) {
        turn->is_dropped = true;
    } else if (!(sender->flags & END_TIMED) || seq_le(seg->seq, sender->edge)) {
        *recent = seg->timestamp;
        sender->flags |= END_TIMED;
    }
}

/* The FIN that its receiver has dropped: as if it had not been sent. */
static void forget_fin(struct turn *turn, struct tcp_end *end)
{
    struct tcp_conversation *conv = turn->conv;
    bool alone = end->state == TCP_STATE_FIN_WAIT_1;

    if (numbers_fin_acked_in(end) != 0 ||
        tcp_state_has_got_fin((enum tcp_state)turn->sender->state) ||
        (!alone && end->state != TCP_STATE_CLOSING && end->state != TCP_STATE_LAST_ACK))
        return;
    numbers_forget_fin(end);
    conv->flags &= ~(uint32_t)(CONV_BOTH_FINS | CONV_MERGED_CLOSE | CONV_CROSSED_CLOSE | CONV_FIN |
                               CONV_FIN_BY_SERVER);
    if (turn->sender->flags & END_FIN) /* then that one is the first */
        note_first_fin(turn);
    turn->note->notes |= TCP_NOTE_CHALLENGE_ACK;
    turn->note->about = end->fin_frame;
    if (alone)
        turn_withdraw(turn, end, TCP_STATE_ESTABLISHED,
                      handshake_opened_at(conv, tcp_other_role(turn->role)));
    else
        turn_withdraw(turn, end, TCP_STATE_CLOSE_WAIT, TCP_NO_TIME);
}

/* Whether what the other end sent last was dropped: the answer is an ACK of what came before it. */
static void judge_doubted(struct turn *turn)
{
    struct tcp_end *other = turn->receiver;
    uint32_t before = other->island_begin;

    if (!(other->flags & END_DOUBTED))
        return;
    if (!seq_lt(before, turn->seg->ack) && (!is_bare_ack(turn->seg) || turn->seg->ack != before))
        return;
    other->flags &= ~(uint32_t)END_DOUBTED;
    if (turn->seg->ack != before)
        return;
    other->edge = before;
    if ((other->flags & END_FIN) && seq_le(before, other->fin))
        forget_fin(turn, other);
}

/* The receiver may have dropped the segment: keep what it expected before it. */
static void doubt(struct turn *turn, uint32_t edge)
{
    struct tcp_end *sender = turn->sender;

    turn->receiver->flags |= END_CHALLENGES;
    if (sender->edge == edge || (sender->flags & END_ISLAND))
        return;
    sender->island_begin = edge;
    sender->flags |= END_DOUBTED;
}

/* The segment lies outside what the receiver can take: it changes no state (RFC 9293 3.10.7.4). */
static bool lies_outside(const struct turn *turn)
{
    return !numbers_in_window(turn->sender, turn->receiver, turn->seg->seq);
}

/* A bare ACK from before what its receiver has acknowledged, as a keep-alive is, is not acceptable: it is
 * answered and dropped before its ACK is looked at (RFC 9293 3.10.7.4, first). */
static bool is_left_of_window(const struct turn *turn)
{
    const struct tcp_end *sender = turn->sender;

    return is_bare_ack(turn->seg) && (sender->flags & END_ACKED) &&
           seq_lt(turn->seg->seq, sender->edge) && seq_le(sender->edge, sender->acked);
}

static void take_outside(struct turn *turn)
{
    turn->note->notes |= TCP_NOTE_OUTSIDE;
    if (turn->seg->len > 0)
        turn->note->events |= TCP_DOES_DATA;
    if (turn->seg->flags & TCP_FIN)
        turn->note->events |= TCP_DOES_FIN;
    if (turn->note->events == 0)
        turn->note->events |= TCP_DOES_ACK;
}

void stream_take(struct turn *turn)
{
    const struct tcp_segment *seg = turn->seg;
    struct tcp_end *sender = turn->sender;
    struct tcp_end *receiver = turn->receiver;
    bool keep_alive = is_keep_alive(turn);
    bool is_left;
    bool answers_probe = receiver->flags & END_PROBES;
    bool acks_more;
    uint32_t edge;

    if (!(sender->flags & END_NUMBERED))
        numbers_begin(sender, seg->seq - 1, seg->seq);
    edge = sender->edge;
    is_left = is_left_of_window(turn);
    sender->flags &= ~(uint32_t)END_INFERRED; /* what it sends shows what it is in */
    if (lies_outside(turn)) {
        take_outside(turn);
        return;
    }
    judge_doubted(turn);
    check_timestamp(turn);
    handshake_take_ack(turn);
    if (!(turn->note->notes & (TCP_NOTE_CHALLENGE_ACK | TCP_NOTE_BAD_HANDSHAKE_ACK)))
        take_ack(turn);
    acks_more = seq_lt(turn->acked_before, receiver->acked);
    note_short_of_fin(turn);
    show_fin_got(turn);
    if (keep_alive)
        take_keep_alive(turn);
    else if (seg->len > 0)
        stream_take_data(turn, seg->seq);
    if (seg->flags & TCP_FIN)
        take_fin(turn);
    /* It departed; now it arrives. A FIN sent before it came first. */
    if (!(seg->flags & TCP_FIN))
        reach_with_fin(turn);
    if (!is_left)
        take_ack_of_fin(turn);
    if (seg->flags & TCP_FIN)
        reach_with_fin(turn);
    if (turn->is_dropped)
        doubt(turn, edge);
    note_half_close(turn);
    name_bare_ack(turn, acks_more, answers_probe);
    note_acked_exchange(turn);
    sender->window = seg->window;
    sender->flags |= END_WINDOW | END_SPOKE;
}

void stream_take_stray(struct turn *turn)
{
    struct tcp_conversation *conv = turn->conv;

    turn->note->notes |= TCP_NOTE_NO_ACK_FLAG;
    if (turn->seg->flags & TCP_SYN)
        turn->note->events |= TCP_DOES_SYN;
    if (turn->seg->len > 0)
        turn->note->events |= TCP_DOES_DATA;
    if (turn->seg->flags & TCP_FIN) {
        turn->note->events |= TCP_DOES_FIN;
        if (!(conv->flags & (CONV_LIVE | CONV_FIN)) && !(turn->seg->flags & TCP_SYN))
            note_first_fin(turn);
    }
    if (turn->note->events == 0)
        turn->note->events |= TCP_DOES_ACK;
}
