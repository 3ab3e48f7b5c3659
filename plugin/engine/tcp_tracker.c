/* tcp_tracker.c
 * One conversation: who is who, what departs and arrives, and what is said of it.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp_tracker_private.h"
#include "tcp_zeek.h"

#include <string.h>

static void set_state(struct turn *turn, struct tcp_end *end, enum tcp_state state)
{
    end->state = (uint8_t)state;
    end->since = turn->seg->time;
    if (state == TCP_STATE_TIME_WAIT)
        end->flags |= END_TIME_WAIT;
}

void turn_feed(struct turn *turn, struct tcp_end *end, enum tcp_event event)
{
    enum tcp_state state = (enum tcp_state)end->state;
    enum tcp_state next = tcp_fsm_next(state, event);

    if (next == state)
        return;
    if (state == TCP_STATE_LAST_ACK && event == TCP_EVENT_GETS_ACK_OF_FIN)
        end->flags |= END_CLOSED_BY_FIN;
    set_state(turn, end, next);
}

void turn_from(struct turn *turn, const struct tcp_end *end, enum tcp_state state, int64_t since)
{
    enum tcp_role role = end == &turn->conv->end[TCP_CLIENT] ? TCP_CLIENT : TCP_SERVER;

    turn->note->from[role] = (uint8_t)state;
    turn->since[role] = since;
}

void turn_withdraw(struct turn *turn, struct tcp_end *end, enum tcp_state state, int64_t since)
{
    end->state = (uint8_t)state;
    end->since = since;
    end->flags &= ~(uint32_t)(END_TIME_WAIT | END_CLOSED_BY_FIN);
    turn_from(turn, end, state, since);
}

void turn_challenge(struct turn *turn)
{
    turn->sender->flags &= ~(uint32_t)END_CHALLENGED;
    if (turn->receiver->flags & END_FIN)
        return; /* it is past all that opens a connection */
    turn->receiver->challenged = turn->seg->ack;
    turn->receiver->flags |= END_CHALLENGED;
}

bool turn_answers_challenge(const struct turn *turn)
{
    return (turn->sender->flags & END_CHALLENGED) && turn->seg->seq == turn->sender->challenged;
}

void turn_count_try(struct turn *turn)
{
    turn->sender->flags |= (turn->sender->flags & END_TRIED) ? END_TRIED_AGAIN : END_TRIED;
}

void turn_count_no_try(struct tcp_end *end)
{
    end->flags &= ~(uint32_t)(END_TRIED | END_TRIED_AGAIN);
}

enum tcp_role turn_same_role(const struct tcp_conversation *other,
                             const struct tcp_conversation *conv, enum tcp_role role)
{
    return ((other->flags ^ conv->flags) & CONV_LOW_CLIENT) ? tcp_other_role(role) : role;
}

const struct tcp_end *turn_same_end(const struct tcp_conversation *other,
                                    const struct tcp_conversation *conv, enum tcp_role role)
{
    return &other->end[turn_same_role(other, conv, role)];
}

/* Which end sent a segment. All of a conversation have the same two numbers. */
static enum tcp_role role_of(const struct tcp_conversation *conv, const struct tcp_segment *seg)
{
    bool low_client = (conv->flags & CONV_LOW_CLIENT) != 0;

    return low_client == (seg->sender_id < seg->receiver_id) ? TCP_CLIENT : TCP_SERVER;
}

/* The client is who sends the SYN; without one, who gets the SYN-ACK; without either, the end whose
 * port is not the service's, which is the lower one. */
static enum tcp_role guess_role(const struct tcp_segment *seg)
{
    if ((seg->flags & (TCP_SYN | TCP_RST)) == TCP_SYN)
        return (seg->flags & TCP_ACK) ? TCP_SERVER : TCP_CLIENT;
    return seg->source_port < seg->destination_port ? TCP_SERVER : TCP_CLIENT;
}

static void name_client(struct tcp_conversation *conv, const struct tcp_segment *seg)
{
    bool from_client = guess_role(seg) == TCP_CLIENT;

    conv->flags &= ~(uint32_t)CONV_LOW_CLIENT;
    if (from_client ? seg->sender_id < seg->receiver_id : seg->receiver_id < seg->sender_id)
        conv->flags |= CONV_LOW_CLIENT;
}

/* An end as it was in the earlier conversation; what that one has of its own stays there. */
static void take_over(struct turn *turn, enum tcp_role role)
{
    enum tcp_role before = turn_same_role(turn->earlier, turn->conv, role);
    struct tcp_end *end = &turn->conv->end[role];

    *end = turn->earlier->end[before];
    end->flags &= ~(uint32_t)END_CHALLENGED;
    turn->conv->timestamp[role] = turn->earlier->timestamp[before];
}

/* Whether the SYN may open a connection again out of TIME_WAIT: its number is larger than the last of
 * the earlier one, or its timestamp is newer (RFC 9293 3.6.1, RFC 6191 2). */
static bool may_reopen(const struct turn *turn)
{
    enum tcp_role role = turn_same_role(turn->earlier, turn->conv, turn->role);
    const struct tcp_end *before = &turn->earlier->end[role];

    if (turn->seg->has_timestamp)
        return !(before->flags & END_TIMED) ||
               seq_lt(turn->earlier->timestamp[role], turn->seg->timestamp) ||
               seq_lt(before->edge, turn->seg->seq);
    return !(before->flags & END_NUMBERED) || seq_lt(before->edge, turn->seg->seq);
}

/* A SYN on addresses and ports used before. The end that did not send it stays in what it was in
 * until it answers (RFC 9293 figure 10); a TIME_WAIT may be left by the SYN (3.6.1, RFC 6191). */
static void reuse_ports(struct turn *turn)
{
    const struct tcp_end *before;

    if (!turn->earlier || !(turn->earlier->flags & CONV_LIVE))
        return;
    turn->note->notes |= TCP_NOTE_PORT_REUSED;
    turn->note->experts |= TCP_EXPERT_PORT_REUSED;
    before = turn_same_end(turn->earlier, turn->conv, tcp_other_role(turn->role));
    if (before->state == TCP_STATE_TIME_WAIT && may_reopen(turn)) {
        turn->receiver->state = TCP_STATE_TIME_WAIT;
        turn->receiver->since = before->since;
    } else if (tcp_state_is_synchronized((enum tcp_state)before->state)) {
        take_over(turn, tcp_other_role(turn->role));
        turn->receiver->flags |= END_BORROWED;
        turn->note->notes |= TCP_NOTE_OLD_OPEN;
    }
}

/* The capture begins inside the connection: both ends are past the handshake. */
static void begin_midstream(struct turn *turn)
{
    turn->conv->flags |= CONV_LIVE | CONV_MIDSTREAM | CONV_OPEN;
    turn->note->notes |= TCP_NOTE_MIDSTREAM;
    turn_feed(turn, turn->sender, TCP_EVENT_IS_MIDSTREAM);
    turn_feed(turn, turn->receiver, TCP_EVENT_IS_MIDSTREAM);
    turn->sender->since = turn->receiver->since = TCP_NO_TIME;
    turn->receiver->flags |= END_INFERRED;
    turn_from(turn, turn->sender, (enum tcp_state)turn->sender->state, TCP_NO_TIME);
    turn_from(turn, turn->receiver, (enum tcp_state)turn->receiver->state, TCP_NO_TIME);
}

static void begin_conversation(struct tcp_conversation *conv, const struct tcp_segment *seg)
{
    name_client(conv, seg);
    conv->first = seg->time;
    conv->end[TCP_CLIENT].since = conv->end[TCP_SERVER].since = TCP_NO_TIME;
}

/* A SYN after segments of no connection: the ends were named by the ports alone, and a FIN closed
 * nothing. The client is who opens. */
static void begin_after_strays(struct tcp_conversation *conv, const struct tcp_segment *seg)
{
    if (!(seg->flags & TCP_SYN) || (seg->flags & (TCP_ACK | TCP_FIN)) == TCP_FIN)
        return;
    name_client(conv, seg);
    conv->flags &= ~(uint32_t)(CONV_FIN | CONV_FIN_BY_SERVER);
}

/* Whether the earlier connection of these ports goes on, past the SYN that did not open a new one:
 * the end that is said to have sent the SYN sends what comes next there. */
static bool earlier_goes_on(const struct turn *turn)
{
    const struct tcp_end *before;

    if (!turn->earlier || !(turn->receiver->flags & END_BORROWED) ||
        turn->sender->state != TCP_STATE_SYN_SENT ||
        (turn->seg->flags & (TCP_SYN | TCP_RST | TCP_ACK)) != TCP_ACK)
        return false;
    before = turn_same_end(turn->earlier, turn->conv, turn->role);
    return (before->flags & END_NUMBERED) && seq_diff(turn->seg->seq, before->edge) >= -1 &&
           numbers_in_window(before, turn->receiver, turn->seg->seq);
}

static void resume_earlier(struct turn *turn)
{
    struct tcp_conversation *conv = turn->conv;

    take_over(turn, turn->role);
    turn->receiver->flags &= ~(uint32_t)END_BORROWED;
    conv->flags |= CONV_OPEN | CONV_RESUMED | (turn->earlier->flags & CONV_CLOSING);
    if ((turn->earlier->flags & CONV_FIN) &&
        ((turn->earlier->flags ^ conv->flags) & CONV_LOW_CLIENT))
        conv->flags ^= CONV_FIN_BY_SERVER; /* the roles were the other way round */
    turn_from(turn, turn->sender, (enum tcp_state)turn->sender->state, turn->sender->since);
}

static bool is_over(const struct tcp_conversation *conv)
{
    for (int role = 0; role < 2; role++)
        if (conv->end[role].state != TCP_STATE_CLOSED &&
            conv->end[role].state != TCP_STATE_TIME_WAIT)
            return false;
    return (conv->flags & CONV_LIVE) != 0;
}

static void begin_turn(struct turn *turn)
{
    struct tcp_conversation *conv = turn->conv;
    const struct tcp_segment *seg = turn->seg;
    struct tcp_annotation *note = turn->note;

    memset(note, 0, sizeof *note);
    if (!tcp_conversation_has_begun(conv))
        begin_conversation(conv, seg);
    else if (!(conv->flags & CONV_LIVE) && !(seg->flags & TCP_RST))
        begin_after_strays(conv, seg);
    turn->role = role_of(conv, seg);
    turn->sender = &conv->end[turn->role];
    turn->receiver = &conv->end[tcp_other_role(turn->role)];
    turn->fin_seq = seg->seq + seg->len + ((seg->flags & TCP_SYN) ? 1U : 0U);
    turn->was_open = (conv->flags & CONV_OPEN) != 0;
    turn->was_over = is_over(conv);
    note->sender = (uint8_t)turn->role;
    note->len = seg->len;
    note->flags = seg->flags;
    if (!(conv->flags & CONV_LIVE) &&
        (seg->flags & (TCP_SYN | TCP_FIN | TCP_ACK | TCP_RST)) == TCP_SYN)
        reuse_ports(turn);
    for (int role = 0; role < 2; role++) {
        note->from[role] = conv->end[role].state;
        turn->since[role] = conv->end[role].since;
        note->dwell[role] = TCP_NO_TIME;
    }
}

static bool is_opening(const struct tcp_end *end)
{
    return end->state == TCP_STATE_SYN_SENT || end->state == TCP_STATE_SYN_RCVD;
}

static enum tcp_phase phase_of(const struct turn *turn)
{
    uint32_t flags = turn->conv->flags;

    if (turn->note->accepted)
        return TCP_PHASE_TEARDOWN;
    if (turn->was_over && is_over(turn->conv))
        return TCP_PHASE_CLOSED;
    if (flags & CONV_FIN)
        return TCP_PHASE_TEARDOWN;
    if ((turn->note->events & TCP_DOES_HANDSHAKE_ACK) || is_opening(turn->sender) ||
        is_opening(turn->receiver))
        return TCP_PHASE_HANDSHAKE;
    if (!turn->was_open &&
        (turn->note->events & TCP_DOES_SYN_ACK)) /* completes a simultaneous open */
        return TCP_PHASE_HANDSHAKE;
    return (flags & CONV_OPEN) ? TCP_PHASE_DATA : TCP_PHASE_HANDSHAKE;
}

static void note_states(struct turn *turn)
{
    struct tcp_annotation *note = turn->note;

    for (int role = 0; role < 2; role++) {
        const struct tcp_end *end = &turn->conv->end[role];

        note->state[role] = end->state;
        if ((end->flags & END_INFERRED) && end->state != TCP_STATE_CLOSED)
            note->inferred = true;
        if (note->state[role] != note->from[role] && turn->since[role] != TCP_NO_TIME)
            note->dwell[role] = turn->seg->time - turn->since[role];
    }
}

static void end_turn(struct turn *turn)
{
    struct tcp_annotation *note = turn->note;
    const struct tcp_segment *seg = turn->seg;

    note->phase = (uint8_t)phase_of(turn);
    note_states(turn);
    if (turn->sender->flags & END_NUMBERED)
        note->seq = seg->seq - turn->sender->isn;
    if ((seg->flags & TCP_ACK) && (turn->receiver->flags & END_NUMBERED))
        note->ack = seg->ack - turn->receiver->isn;
    turn_count_no_try(turn->receiver);
    turn->receiver->flags &= ~(uint32_t)END_PROBES;
    turn->conv->last = seg->time;
    verdict_follow(turn->conv, seg->frame, turn->role);
}

static void take(struct turn *turn)
{
    uint16_t flags = turn->seg->flags;

    if (flags & TCP_RST) {
        reset_take(turn);
    } else if ((flags & (TCP_SYN | TCP_FIN | TCP_ACK)) == TCP_SYN) {
        handshake_take_syn(turn);
    } else if (!(flags & TCP_ACK)) {
        stream_take_stray(turn);
    } else if (flags & TCP_SYN) {
        handshake_take_syn_ack(turn);
    } else {
        if (!(turn->conv->flags & CONV_LIVE))
            begin_midstream(turn);
        else if (earlier_goes_on(turn))
            resume_earlier(turn);
        stream_take(turn);
    }
}

bool tcp_tracker_continues(const struct tcp_conversation *earlier,
                           const struct tcp_segment *segment)
{
    enum tcp_role role = role_of(earlier, segment);
    const struct tcp_end *sender = &earlier->end[role];
    const struct tcp_end *receiver = &earlier->end[tcp_other_role(role)];

    if (!(earlier->flags & CONV_LIVE) || !(segment->flags & TCP_SYN))
        return false;
    if (segment->flags & TCP_ACK)
        return (receiver->flags & END_NUMBERED) && seq_lt(receiver->isn, segment->ack) &&
               seq_le(segment->ack, receiver->edge);
    return (sender->flags & END_SYN) && sender->isn == segment->seq;
}

void tcp_tracker_step(struct tcp_conversation *conversation, const struct tcp_conversation *earlier,
                      const struct tcp_segment *segment, struct tcp_annotation *annotation)
{
    struct turn turn = {
        .conv = conversation,
        .earlier = earlier,
        .seg = segment,
        .note = annotation,
    };

    begin_turn(&turn);
    numbers_judge_ahead(turn.sender, segment->seq);
    turn.acked_before = (turn.receiver->flags & END_NUMBERED) ? turn.receiver->acked : segment->ack;
    tcp_zeek_step(conversation, segment, turn.role);
    take(&turn);
    end_turn(&turn);
}

void tcp_tracker_icmp_error(struct tcp_conversation *conversation, const struct tcp_segment *quoted)
{
    const struct tcp_end *client = &conversation->end[TCP_CLIENT];

    if (role_of(conversation, quoted) != TCP_CLIENT || !(client->flags & END_SYN) ||
        client->isn != quoted->seq || conversation->rejected_in != 0)
        return;
    conversation->rejected_in = quoted->frame;
    verdict_follow(conversation, quoted->frame, TCP_SERVER);
}

void tcp_tracker_copy(struct tcp_conversation *conversation, const struct tcp_segment *segment,
                      const struct tcp_annotation *original, uint32_t original_frame,
                      struct tcp_annotation *annotation)
{
    *annotation = *original;
    for (int role = 0; role < 2; role++) {
        annotation->state[role] = annotation->from[role] = conversation->end[role].state;
        annotation->dwell[role] = TCP_NO_TIME;
    }
    annotation->acks_frame = 0;
    annotation->experts = 0;
    annotation->notes |= TCP_NOTE_COPY;
    annotation->about = original_frame;
    annotation->flags = segment->flags;
    conversation->last = segment->time;
    if (segment->len == original->len)
        return;
    annotation->len = segment->len; /* a part, or parts in one */
    annotation->seq = segment->seq - conversation->end[original->sender].isn;
    if (!(segment->flags & TCP_FIN)) {
        annotation->events &= (uint16_t)~TCP_DOES_FIN;
        annotation->steps &= (uint16_t) ~(TCP_STEP_CLOSE_1_OF_4 | TCP_STEP_CLOSE_3_OF_4);
    }
}
