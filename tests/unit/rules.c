/* rules.c
 * What holds whatever comes.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rules.h"

#include <string.h>

#include "check.h"

#define CHECK_RULE(condition, what) check_that((condition), what, __FILE__, __LINE__)

/* --- transitions --- */

/* Kinds of segments, by what they can do to the two ends. */
enum kind { KIND_RST, KIND_SYN, KIND_SYN_ACK, KIND_ACK, KIND_FIN, KIND_STRAY, KIND_COUNT };

static enum kind kind_of(const struct tcp_segment *segment)
{
    uint16_t flags = segment->flags;

    if (flags & TCP_RST)
        return KIND_RST;
    if ((flags & (TCP_SYN | TCP_FIN | TCP_ACK)) == TCP_SYN)
        return KIND_SYN;
    if (!(flags & TCP_ACK))
        return KIND_STRAY;
    if (flags & TCP_SYN)
        return KIND_SYN_ACK;
    return (flags & TCP_FIN) ? KIND_FIN : KIND_ACK;
}

#define EVENT(name) (1U << TCP_EVENT_##name)
/* An ACK, or what lies behind it in the sequence space, shows that its sender got what came before. */
#define SENDER_OF_ACK                                                                 \
    (EVENT(SENDS_ACK) | EVENT(IS_MIDSTREAM) | EVENT(GETS_SYN) | EVENT(GETS_SYN_ACK) | \
     EVENT(GETS_ACK_OF_SYN) | EVENT(GETS_FIN) | EVENT(GETS_ACK_OF_FIN))
/* Data that fills a gap brings on a FIN that had come before. */
#define RECEIVER_OF_ACK                                                                 \
    (EVENT(IS_MIDSTREAM) | EVENT(GETS_SYN) | EVENT(GETS_ACK_OF_SYN) | EVENT(GETS_FIN) | \
     EVENT(GETS_ACK_OF_FIN))

/* What a segment of each kind can cause at its sender and at its receiver. */
static const unsigned causes[KIND_COUNT][2] = {
    [KIND_RST] = { EVENT(SENDS_RST), EVENT(GETS_RST) },
    [KIND_SYN] = { EVENT(SENDS_SYN), EVENT(LISTENS) | EVENT(GETS_SYN) },
    /* A SYN-ACK shows that the SYN was sent. */
    [KIND_SYN_ACK] = { EVENT(SENDS_SYN_ACK), EVENT(SENDS_SYN) | EVENT(GETS_SYN_ACK) },
    [KIND_ACK] = { SENDER_OF_ACK, RECEIVER_OF_ACK },
    [KIND_FIN] = { SENDER_OF_ACK | EVENT(SENDS_FIN), RECEIVER_OF_ACK },
    [KIND_STRAY] = { 0, 0 },
};

static bool reachable[KIND_COUNT][2][TCP_STATE_COUNT][TCP_STATE_COUNT];
static bool reachable_is_known;

/* One more event. Returns whether it leads to something new. */
static bool spread(bool (*reached)[TCP_STATE_COUNT], unsigned events)
{
    bool more = false;

    for (int from = 0; from < TCP_STATE_COUNT; from++)
        for (int via = 0; via < TCP_STATE_COUNT; via++)
            for (int event = 0; reached[from][via] && event < TCP_EVENT_COUNT; event++) {
                bool *to = &reached[from][tcp_fsm_next((enum tcp_state)via, (enum tcp_event)event)];

                if (!(events & (1U << event)) || *to)
                    continue;
                *to = more = true;
            }
    return more;
}

static void find_what_is_reachable(void)
{
    for (int kind = 0; kind < KIND_COUNT; kind++)
        for (int end = 0; end < 2; end++) {
            for (int state = 0; state < TCP_STATE_COUNT; state++)
                reachable[kind][end][state][state] = true;
            while (spread(reachable[kind][end], causes[kind][end])) {
            }
        }
    reachable_is_known = true;
}

/* Notes that say why an end is found in another state than the one it was shown in last. */
#define NOTES_OF_A_WITHDRAWAL                                                                   \
    (TCP_NOTE_CROSSED_FIN | TCP_NOTE_CROSSED_SYN_ACK | TCP_NOTE_CROSSED_ACK |                   \
     TCP_NOTE_CROSSED_SYN | TCP_NOTE_MIDSTREAM | TCP_NOTE_SYN_UNSEEN | TCP_NOTE_CHALLENGE_ACK | \
     TCP_NOTE_ACK_WITHOUT_SYN)

/* Whether the segment may find the end in a state that was not the one shown last. */
static bool may_be_found_elsewhere(const struct rules *rules, const struct tcp_annotation *note,
                                   int role)
{
    if (note->from[role] == TCP_STATE_LISTEN)
        return rules->shown[role] == TCP_STATE_LISTEN || rules->shown[role] == TCP_STATE_CLOSED ||
               rules->has_earlier;
    /* What goes on in the earlier conversation of these ports is found as it was there. */
    return (note->notes & NOTES_OF_A_WITHDRAWAL) || rules->has_earlier;
}

static void check_dwell(const struct rules *rules, const struct tcp_segment *segment,
                        const struct tcp_annotation *note, int role)
{
    int64_t dwell = note->dwell[role];

    if (note->from[role] == note->state[role])
        CHECK(dwell == TCP_NO_TIME);
    if (dwell == TCP_NO_TIME)
        return;
    if (rules->manner.orderly)
        CHECK(dwell >= 0);
    if (note->from[role] == rules->shown[role] && rules->entered[role] != TCP_NO_TIME &&
        !(note->notes & NOTES_OF_A_WITHDRAWAL) && !rules->has_earlier)
        CHECK_NUMBER(segment->time - rules->entered[role], dwell);
}

static void check_states(struct rules *rules, const struct tcp_segment *segment,
                         const struct tcp_annotation *note, int role)
{
    int from = note->from[role], to = note->state[role];
    int end = note->sender == role ? 0 : 1;

    if (!CHECK(from < TCP_STATE_COUNT) || !CHECK(to < TCP_STATE_COUNT))
        return;
    CHECK_RULE(reachable[kind_of(segment)][end][from][to], "a transition of the table");
    /* The challenge ACK says that its FIN was dropped. */
    if (from != rules->shown[role] && (note->notes & TCP_NOTE_CHALLENGE_ACK))
        rules->fins[role] = false;
    if (from != rules->shown[role])
        CHECK_RULE(may_be_found_elsewhere(rules, note, role), "a note that says why");
    check_dwell(rules, segment, note, role);
    if (to != from)
        rules->entered[role] = segment->time;
    else if (from != rules->shown[role])
        rules->entered[role] = TCP_NO_TIME;
    rules->shown[role] = to;
}

/* --- what the segment does --- */

static bool implies(bool if_this, bool then_this)
{
    return !if_this || then_this;
}

#define IMPLIES(if_this, then_this) \
    check_that(implies((if_this), (then_this)), #if_this " => " #then_this, __FILE__, __LINE__)

static void check_events(const struct tcp_segment *segment, const struct tcp_annotation *note)
{
    uint16_t events = note->events, opening = segment->flags & (TCP_SYN | TCP_ACK | TCP_RST);
    bool rst = (segment->flags & TCP_RST) != 0, fin = (segment->flags & TCP_FIN) != 0;
    bool plain = opening == TCP_ACK; /* neither SYN nor RST */

    CHECK(events != 0);
    CHECK_NUMBER(opening == TCP_SYN, (events & TCP_DOES_SYN) != 0);
    CHECK_NUMBER(opening == (TCP_SYN | TCP_ACK), (events & TCP_DOES_SYN_ACK) != 0);
    CHECK_NUMBER(rst, (events & TCP_DOES_RST) != 0);
    IMPLIES(rst, events == TCP_DOES_RST);
    IMPLIES(events & TCP_DOES_FIN, fin);
    IMPLIES(fin && !rst && opening != (TCP_SYN | TCP_ACK), events & TCP_DOES_FIN);
    IMPLIES(events & TCP_DOES_DATA, segment->len > 0);
    IMPLIES(segment->len > 0 && !rst, events & (TCP_DOES_DATA | TCP_DOES_KEEP_ALIVE));
    IMPLIES(events & (TCP_DOES_HANDSHAKE_ACK | TCP_DOES_ACK_OF_FIN), plain);
    IMPLIES(events & TCP_DOES_KEEP_ALIVE, plain && segment->len <= 1 && !fin);
    IMPLIES(events & (TCP_DOES_KEEP_ALIVE_ACK | TCP_DOES_WINDOW_UPDATE),
            plain && segment->len == 0 && !fin);
    IMPLIES(events & TCP_DOES_WINDOW_UPDATE, segment->window != 0);
    IMPLIES(events & TCP_DOES_ZERO_WINDOW, plain && segment->window == 0);
    IMPLIES(events & TCP_DOES_ACK, events == TCP_DOES_ACK);
}

static void check_steps(const struct tcp_annotation *note)
{
    const uint16_t fins = TCP_STEP_CLOSE_1_OF_4 | TCP_STEP_CLOSE_3_OF_4;
    const uint16_t acks = TCP_STEP_CLOSE_2_OF_4 | TCP_STEP_CLOSE_4_OF_4;
    uint16_t steps = note->steps, events = note->events;

    IMPLIES(steps & (TCP_STEP_OPEN_1_OF_3 | TCP_STEP_BOTH_1_OF_4 | TCP_STEP_BOTH_2_OF_4),
            events & TCP_DOES_SYN);
    IMPLIES(steps & TCP_STEP_OPEN_2_OF_3, events & TCP_DOES_SYN_ACK);
    IMPLIES(steps & TCP_STEP_OPEN_3_OF_3, events & TCP_DOES_HANDSHAKE_ACK);
    IMPLIES(steps & (TCP_STEP_BOTH_3_OF_4 | TCP_STEP_BOTH_4_OF_4),
            events & (TCP_DOES_SYN_ACK | TCP_DOES_HANDSHAKE_ACK));
    IMPLIES(events & TCP_DOES_HANDSHAKE_ACK,
            steps & (TCP_STEP_OPEN_3_OF_3 | TCP_STEP_BOTH_3_OF_4 | TCP_STEP_BOTH_4_OF_4));
    IMPLIES(steps & fins, events & TCP_DOES_FIN);
    CHECK((steps & fins) != fins);
    CHECK((steps & acks) != acks);
    CHECK_NUMBER((steps & acks) != 0, (events & TCP_DOES_ACK_OF_FIN) != 0);
}

static void check_links(const struct rules *rules, const struct tcp_segment *segment,
                        const struct tcp_annotation *note)
{
    unsigned index = (note->acks_frame - 1) / 3;

    CHECK(note->about < segment->frame);
    IMPLIES(note->about != 0, note->about % 3 == 1);
    if (note->acks_frame == 0)
        return;
    if (!CHECK(note->acks_frame < segment->frame) || !CHECK(note->acks_frame % 3 == 1))
        return;
    CHECK_RULE((rules->past[index].flags & (TCP_SYN | TCP_FIN)) != 0, "a link to a SYN or FIN");
    CHECK_RULE(rules->past[index].sender != segment->sender_id, "a link to the other end's frame");
    IMPLIES(!(segment->flags & TCP_RST), segment->flags & TCP_ACK);
}

static void check_rst(const struct tcp_annotation *note)
{
    bool stays = (note->notes & TCP_NOTE_RST_STAYS) != 0;

    if (!(note->events & TCP_DOES_RST)) {
        CHECK(!note->accepted);
        return;
    }
    CHECK_NUMBER(!note->accepted, (note->experts & TCP_EXPERT_RESET_IGNORED) != 0);
    for (int role = 0; role < 2; role++) {
        IMPLIES(!note->accepted, note->from[role] == note->state[role]);
        IMPLIES(note->accepted && !stays, note->state[role] == TCP_STATE_CLOSED);
        IMPLIES(note->accepted && stays && role != note->sender,
                note->state[role] == TCP_STATE_CLOSED);
    }
}

static bool has_ended(int state)
{
    return state == TCP_STATE_CLOSED || state == TCP_STATE_TIME_WAIT;
}

static void check_phase(const struct rules *rules, const struct tcp_annotation *note,
                        const struct tcp_outcome *outcome)
{
    if (!CHECK(note->phase <= TCP_PHASE_CLOSED))
        return;
    IMPLIES(note->accepted, note->phase == TCP_PHASE_TEARDOWN);
    IMPLIES(note->phase == TCP_PHASE_CLOSED, rules->over);
    IMPLIES(note->phase == TCP_PHASE_CLOSED,
            has_ended(note->state[0]) && has_ended(note->state[1]));
    IMPLIES(note->phase == TCP_PHASE_TEARDOWN && !note->accepted,
            outcome->closing != TCP_CLOSING_NONE || outcome->verdict == TCP_VERDICT_REFUSED);
    IMPLIES(note->phase == TCP_PHASE_DATA,
            outcome->closing == TCP_CLOSING_NONE || outcome->closing == TCP_CLOSING_RESET);
    /* In an earlier connection that is still open, too. */
    IMPLIES((note->steps & (TCP_STEP_CLOSE_1_OF_4 | TCP_STEP_CLOSE_2_OF_4 | TCP_STEP_CLOSE_3_OF_4 |
                            TCP_STEP_CLOSE_4_OF_4)) != 0 &&
                !rules->has_earlier,
            note->phase >= TCP_PHASE_TEARDOWN);
    IMPLIES(note->steps & (TCP_STEP_OPEN_3_OF_3 | TCP_STEP_BOTH_4_OF_4) && !rules->reset &&
                !(note->events & TCP_DOES_RETRANSMISSION) && outcome->closing == TCP_CLOSING_NONE &&
                outcome->verdict != TCP_VERDICT_REFUSED,
            note->phase == TCP_PHASE_HANDSHAKE);
}

/* Relative numbers count from the ISNs that the conversation says it has. */
static void check_numbers(const struct tcp_segment *segment, const struct tcp_annotation *note,
                          const struct tcp_outcome *outcome)
{
    int sender = note->sender, receiver = 1 - sender;

    CHECK_NUMBER(segment->len, note->len);
    CHECK_NUMBER(segment->flags, note->flags);
    if (outcome->has_isn[sender])
        CHECK_NUMBER(segment->seq - outcome->isn[sender], note->seq);
    if (!(segment->flags & TCP_ACK))
        CHECK_NUMBER(0, note->ack);
    else if (outcome->has_isn[receiver])
        CHECK_NUMBER(segment->ack - outcome->isn[receiver], note->ack);
}

/* --- what it amounts to --- */

static bool is_reset(enum tcp_closing closing)
{
    return closing == TCP_CLOSING_RESET || closing == TCP_CLOSING_RESET_AFTER_FIN;
}

/* The closings that each verdict can go with: bits of enum tcp_closing. */
#define CLOSED_BY(name) (1U << TCP_CLOSING_##name)
static const unsigned closings_of[TCP_VERDICT_COUNT] = {
    [TCP_VERDICT_ORDERLY] =
        CLOSED_BY(FOUR_SEGMENT) | CLOSED_BY(THREE_SEGMENT) | CLOSED_BY(SIMULTANEOUS),
    [TCP_VERDICT_OPEN] = CLOSED_BY(NONE),
    [TCP_VERDICT_HALF_CLOSED] = CLOSED_BY(HALF_CLOSED),
    [TCP_VERDICT_UNANSWERED] = CLOSED_BY(NONE),
    [TCP_VERDICT_REFUSED] = CLOSED_BY(NONE),
    [TCP_VERDICT_REJECTED] = CLOSED_BY(NONE),
    [TCP_VERDICT_HANDSHAKE_UNFINISHED] = CLOSED_BY(NONE),
    [TCP_VERDICT_HANDSHAKE_ABORTED] = CLOSED_BY(RESET) | CLOSED_BY(RESET_AFTER_FIN),
    [TCP_VERDICT_ABORTED] = CLOSED_BY(RESET),
    [TCP_VERDICT_LATE_RESET] = CLOSED_BY(RESET_AFTER_FIN),
    [TCP_VERDICT_PEER_GONE] =
        CLOSED_BY(NONE) | CLOSED_BY(HALF_CLOSED) | CLOSED_BY(RESET) | CLOSED_BY(RESET_AFTER_FIN),
};

/* The openings that each verdict can go with. */
#define OPENED_BY(name) (1U << TCP_OPENING_##name)
#define OPENED \
    (OPENED_BY(THREE_WAY) | OPENED_BY(SIMULTANEOUS) | OPENED_BY(FAST_OPEN) | OPENED_BY(MID_STREAM))
#define ANYHOW (OPENED | OPENED_BY(UNANSWERED) | OPENED_BY(INCOMPLETE))
static const unsigned openings_of[TCP_VERDICT_COUNT] = {
    [TCP_VERDICT_ORDERLY] = ANYHOW,
    [TCP_VERDICT_OPEN] = OPENED,
    [TCP_VERDICT_HALF_CLOSED] = ANYHOW,
    /* Mid-stream: stray segments only, none of a connection. */
    [TCP_VERDICT_UNANSWERED] = OPENED_BY(UNANSWERED) | OPENED_BY(MID_STREAM),
    [TCP_VERDICT_REFUSED] = OPENED_BY(REFUSED),
    [TCP_VERDICT_REJECTED] = OPENED_BY(REJECTED),
    [TCP_VERDICT_HANDSHAKE_UNFINISHED] =
        OPENED_BY(INCOMPLETE) | OPENED_BY(SIMULTANEOUS) | OPENED_BY(FAST_OPEN),
    [TCP_VERDICT_HANDSHAKE_ABORTED] = ANYHOW,
    [TCP_VERDICT_ABORTED] = ANYHOW,
    [TCP_VERDICT_LATE_RESET] = ANYHOW,
    [TCP_VERDICT_PEER_GONE] = ANYHOW,
};

static void check_verdict(const struct rules *rules, const struct tcp_outcome *outcome)
{
    if (!CHECK(outcome->opening < TCP_OPENING_COUNT) ||
        !CHECK(outcome->closing < TCP_CLOSING_COUNT) ||
        !CHECK(outcome->verdict < TCP_VERDICT_COUNT))
        return;
    CHECK_RULE((closings_of[outcome->verdict] >> outcome->closing) & 1,
               "a closing that goes with the verdict");
    if (!rules->has_earlier)
        CHECK_RULE((openings_of[outcome->verdict] >> outcome->opening) & 1,
                   "an opening that goes with the verdict");
    if (outcome->verdict != TCP_VERDICT_REFUSED)
        CHECK_RULE((outcome->closed_by == -1) == (outcome->closing == TCP_CLOSING_NONE),
                   "who closed where it closed");
    IMPLIES(outcome->verdict == TCP_VERDICT_REJECTED, rules->quoted);
}

/* What was seen of the teardown, segment by segment, and what is made of it. */
static void check_closing(const struct rules *rules, const struct tcp_outcome *outcome)
{
    bool both = rules->fins[TCP_CLIENT] && rules->fins[TCP_SERVER];
    bool orderly = outcome->verdict == TCP_VERDICT_ORDERLY;

    IMPLIES(is_reset(outcome->closing), rules->reset);
    if (rules->has_earlier)
        return; /* a FIN of the earlier conversation may count here */
    if (!rules->manner.ordinary)
        return; /* a SYN with another number makes an end begin anew */
    IMPLIES(orderly, both && !rules->reset);
    IMPLIES(both && !rules->reset, orderly);
    IMPLIES(outcome->closing == TCP_CLOSING_NONE && outcome->verdict != TCP_VERDICT_REFUSED,
            !rules->reset);
}

static bool is_length(int64_t time)
{
    return time == TCP_NO_TIME || time >= 0;
}

static void check_times(const struct rules *rules, const struct tcp_outcome *outcome)
{
    if (!rules->manner.orderly)
        return;
    CHECK(outcome->duration >= 0);
    if (!rules->manner.ordinary)
        return;
    CHECK(is_length(outcome->rtt));
    CHECK(is_length(outcome->server_rtt));
    CHECK(is_length(outcome->client_rtt));
    CHECK(is_length(outcome->teardown));
}

static void check_outcome(struct rules *rules, const struct tcp_outcome *outcome)
{
    /* After a refusal there is nothing to close, whatever is sent still. */
    bool unclosed = rules->manner.ordinary && outcome->closing == TCP_CLOSING_NONE &&
                    outcome->opening != TCP_OPENING_REFUSED;

    check_verdict(rules, outcome);
    check_closing(rules, outcome);
    check_times(rules, outcome);
    for (int role = 0; role < 2; role++) {
        CHECK_NUMBER(rules->shown[role], outcome->state[role]);
        /* It may still be the TIME_WAIT of an earlier connection. */
        IMPLIES(outcome->state[role] == TCP_STATE_TIME_WAIT,
                outcome->time_wait[role] || rules->has_earlier);
        IMPLIES(unclosed, !tcp_state_has_sent_fin(outcome->state[role]) &&
                              !tcp_state_has_got_fin(outcome->state[role]));
        /* Octets sent are never unsent; but a FIN where an octet was takes its number. Where an
         * end's SYN comes after its data, they are counted anew. */
        if (rules->manner.ordinary)
            CHECK_RULE(outcome->bytes[role] + 1 >= rules->bytes[role],
                       "no fewer octets than before");
        rules->bytes[role] = outcome->bytes[role];
    }
    IMPLIES(unclosed, !outcome->half_close);
}

/* --- the conversation --- */

static void begin(struct rules *rules, struct rules_manner manner)
{
    unsigned count = rules->count;

    rules->manner = manner;
    rules->begin = count;
    rules->entered[TCP_CLIENT] = rules->entered[TCP_SERVER] = TCP_NO_TIME;
}

void rules_begin(struct rules *rules, struct rules_manner manner)
{
    if (!reachable_is_known)
        find_what_is_reachable();
    memset(rules, 0, sizeof *rules);
    begin(rules, manner);
}

void rules_begin_next(struct rules *rules, struct rules_manner manner)
{
    struct rules next = { .has_earlier = true, .count = rules->count };

    memcpy(next.past, rules->past, sizeof next.past);
    *rules = next;
    begin(rules, manner);
}

void rules_check(struct rules *rules, const struct tcp_segment *segment,
                 const struct tcp_annotation *note, const struct tcp_conversation *conversation)
{
    struct tcp_outcome outcome;

    tcp_verdict(conversation, &outcome);
    if (rules->count == rules->begin)
        rules->first = segment->time;
    if (!CHECK(note->sender <= TCP_SERVER))
        return;
    for (int role = 0; role < 2; role++)
        check_states(rules, segment, note, role);
    check_events(segment, note);
    check_steps(note);
    check_links(rules, segment, note);
    check_rst(note);
    check_phase(rules, note, &outcome);
    check_numbers(segment, note, &outcome);
    if (note->accepted && !(note->notes & TCP_NOTE_RST_STAYS)) {
        rules->reset = true;
        rules->refused = (note->experts & TCP_EXPERT_REFUSED) != 0;
    } else if (rules->refused && (note->experts & TCP_EXPERT_SYN_RETRANSMITTED)) {
        rules->reset = rules->refused = false; /* refused, it tries again */
    }
    if (note->steps & (TCP_STEP_CLOSE_1_OF_4 | TCP_STEP_CLOSE_3_OF_4))
        rules->fins[note->sender] = true;
    /* It takes data to begin an exchange. */
    rules->runs += segment->len > 0;
    CHECK(note->exchange <= rules->runs || rules->has_earlier);
    CHECK_NUMBER(segment->time - rules->first, outcome.duration);
    rules->over = has_ended(note->state[0]) && has_ended(note->state[1]);
    if (rules->count < RULES_SEGMENTS_MAX) {
        rules->past[rules->count].flags = segment->flags;
        rules->past[rules->count].sender = (uint8_t)segment->sender_id;
    }
    rules->count++;
    check_outcome(rules, &outcome);
}

void rules_check_copy(const struct rules *rules, const struct tcp_annotation *original,
                      uint32_t frame, const struct tcp_annotation *copy,
                      const struct tcp_conversation *conversation)
{
    struct tcp_outcome outcome;

    tcp_verdict(conversation, &outcome);
    for (int role = 0; role < 2; role++) {
        CHECK_NUMBER(rules->shown[role], copy->state[role]);
        CHECK_NUMBER(rules->shown[role], copy->from[role]);
        CHECK_NUMBER(rules->shown[role], outcome.state[role]);
        CHECK(copy->dwell[role] == TCP_NO_TIME);
    }
    CHECK_NUMBER(original->notes | TCP_NOTE_COPY, copy->notes);
    CHECK_NUMBER(frame, copy->about);
    CHECK_NUMBER(0, copy->acks_frame);
    CHECK_NUMBER(0, copy->experts);
    CHECK_NUMBER(original->seq, copy->seq);
    CHECK_NUMBER(original->len, copy->len);
    CHECK_NUMBER(original->events, copy->events);
}

void rules_check_outcome(struct rules *rules, const struct tcp_conversation *conversation)
{
    struct tcp_outcome outcome;

    tcp_verdict(conversation, &outcome);
    check_outcome(rules, &outcome);
}
