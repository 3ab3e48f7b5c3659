/* test_random.c
 * Segments at random through the tracker. What is said of them may be anything that makes sense;
 * these rules hold whatever comes:
 *  - states are the eleven, and every transition is made of steps of the state table;
 *  - a state does not change between two segments, unless an arrival is withdrawn, and says so;
 *  - counters and times do not run backwards;
 *  - what the conversation amounts to agrees with the states shown and with itself;
 *  - where the ISNs lie makes no difference.
 *
 *     test_random [SEED [CONVERSATIONS]]
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"
#include "notation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENTS_MAX 40
#define FRAME_STEP   3

static uint64_t seed = UINT64_C(0x48616e647368616b);
static unsigned long conversations = 12000;
static uint64_t state_of_chance;

/* xorshift64: the same numbers everywhere. */
static uint32_t chance(uint32_t below)
{
    state_of_chance ^= state_of_chance << 13;
    state_of_chance ^= state_of_chance >> 7;
    state_of_chance ^= state_of_chance << 17;
    return (uint32_t)(state_of_chance >> 32) % below;
}

/* How a conversation comes about. */
struct manner {
    bool ordinary;   /* it begins with SYN and SYN-ACK, and no SYN has another number later */
    bool orderly;    /* times go forwards (they may stand still) */
    unsigned spread; /* numbers are up to so far from the ISN */
};

/* One random conversation: numbers count from the ISNs. */
struct chain {
    struct tcp_segment segments[SEGMENTS_MAX];
    unsigned count;
    struct manner manner;
};

static uint16_t random_flags(void)
{
    /* What mostly happens comes more than once. */
    static const char *const likely[] = {
        "S",  "S", "S.", "S.", ".",  ".",   ".",    ".",   "P.", "P.", "P.",  "F.", "F.",
        "F.", "R", "R",  "R.", "R.", "FP.", "SEWe", "S.E", "",   "F",  "FPU", "SF", "SR",
    };

    if (chance(50) == 0)
        return (uint16_t)chance(512);
    return flags_of(likely[chance(COUNT_OF(likely))]);
}

static uint32_t random_number(unsigned spread)
{
    switch (chance(24)) {
    case 0:
        return chance(UINT32_MAX);
    case 1:
        return UINT32_C(1) << chance(32);
    case 2:
        return spread + chance(2000);
    default:
        return chance(spread);
    }
}

static struct tcp_segment random_segment(const struct manner *manner)
{
    static const uint16_t windows[] = { 0, 1, 20, 1000, 65535 };
    enum tcp_role from = (enum tcp_role)chance(2);
    struct tcp_segment segment = {
        .sender_id = from,
        .receiver_id = 1 - from,
        .source_port = from == TCP_CLIENT ? 40000 : 80,
        .destination_port = from == TCP_CLIENT ? 80 : 40000,
        .flags = random_flags(),
        .seq = random_number(manner->spread),
        .ack = random_number(manner->spread),
        .window = windows[chance(COUNT_OF(windows))],
        .window_scale = (int8_t)((int)chance(17) - 2),
    };

    if (segment.window_scale < -1)
        segment.window_scale = 14;
    if (chance(3) == 0)
        segment.len = chance(50) == 0 ? chance(UINT32_C(1) << 30) : 1 + chance(5);
    if ((segment.flags & TCP_SYN) && (manner->ordinary || chance(4) != 0))
        segment.seq = 0;
    return segment;
}

static void make_chain(struct chain *chain)
{
    int64_t now = chance(2) ? (int64_t)chance(1000) : -(int64_t)chance(1000);

    chain->manner = (struct manner){
        .ordinary = chance(2) != 0,
        .orderly = chance(8) != 0,
        .spread = 2 + chance(12),
    };
    chain->count = 2 + chance(SEGMENTS_MAX - 2);
    for (unsigned i = 0; i < chain->count; i++) {
        struct tcp_segment *segment = &chain->segments[i];

        *segment = random_segment(&chain->manner);
        if (chain->manner.ordinary && i < 2) {
            segment->sender_id = i;
            segment->receiver_id = 1 - i;
            segment->flags = i == 0 ? TCP_SYN : TCP_SYN | TCP_ACK;
            segment->seq = 0;
            segment->ack = 1;
            segment->len = 0;
        }
        now += chain->manner.orderly ? (int64_t)chance(3) : (int64_t)chance(9) - 4;
        segment->time = now;
        segment->frame = 1 + i * FRAME_STEP;
    }
}

/* The segment as it is on the wire, with ISNs for both ends. */
static struct tcp_segment on_the_wire(const struct tcp_segment *segment, const uint32_t *isn)
{
    struct tcp_segment moved = *segment;

    moved.seq += isn[segment->sender_id];
    moved.ack += isn[segment->receiver_id];
    return moved;
}

/* --- transitions --- */

#define STEPS_AT_ONCE 3

static bool reachable[TCP_STATE_COUNT][TCP_STATE_COUNT];

static void find_what_is_reachable(void)
{
    for (int from = 0; from < TCP_STATE_COUNT; from++)
        reachable[from][from] = true;
    for (int step = 0; step < STEPS_AT_ONCE; step++) {
        bool before[TCP_STATE_COUNT][TCP_STATE_COUNT];

        memcpy(before, reachable, sizeof before);
        for (int from = 0; from < TCP_STATE_COUNT; from++)
            for (int via = 0; via < TCP_STATE_COUNT; via++)
                for (int event = 0; before[from][via] && event < TCP_EVENT_COUNT; event++)
                    reachable[from][tcp_fsm_next((enum tcp_state)via, (enum tcp_event)event)] =
                        true;
    }
}

/* Notes that say why an end is found in another state than the one it was shown in last. */
#define NOTES_OF_A_WITHDRAWAL                                                 \
    (TCP_NOTE_CROSSED_FIN | TCP_NOTE_CROSSED_SYN_ACK | TCP_NOTE_CROSSED_ACK | \
     TCP_NOTE_CROSSED_SYN | TCP_NOTE_MIDSTREAM | TCP_NOTE_SYN_UNSEEN)

static void check_states(const struct chain *chain, const struct tcp_annotation *note, int role,
                         int *shown)
{
    int from = note->from[role], to = note->state[role];

    if (!CHECK(from < TCP_STATE_COUNT) || !CHECK(to < TCP_STATE_COUNT))
        return;
    check_that(reachable[from][to], "a transition of the table", __FILE__, __LINE__);
    if (from != *shown && from != TCP_STATE_LISTEN)
        check_that((note->notes & NOTES_OF_A_WITHDRAWAL) != 0, "a note that says why", __FILE__,
                   __LINE__);
    if (from == TCP_STATE_LISTEN)
        CHECK(*shown == TCP_STATE_LISTEN || *shown == TCP_STATE_CLOSED);
    if (from == to)
        CHECK(note->dwell[role] == TCP_NO_TIME);
    if (chain->manner.orderly)
        CHECK(note->dwell[role] == TCP_NO_TIME || note->dwell[role] >= 0);
    *shown = to;
}

static void check_note(const struct chain *chain, unsigned index, const struct tcp_annotation *note)
{
    const struct tcp_segment *segment = &chain->segments[index];
    bool rst = (segment->flags & TCP_RST) != 0;

    CHECK(note->phase <= TCP_PHASE_CLOSED);
    CHECK(note->sender <= TCP_SERVER);
    CHECK_NUMBER(segment->len, note->len);
    CHECK(note->events != 0);
    CHECK_NUMBER(rst, (note->events & TCP_DOES_RST) != 0);
    CHECK(rst || !note->accepted);
    CHECK(note->acks_frame < segment->frame);
    CHECK(note->about < segment->frame);
    CHECK((note->acks_frame == 0) || note->acks_frame % FRAME_STEP == 1);
    CHECK(!(note->events & TCP_DOES_ACK) || !(note->events & (TCP_DOES_DATA | TCP_DOES_FIN)));
}

/* --- what it amounts to --- */

static bool is_past_a_fin(enum tcp_state state)
{
    return state >= TCP_STATE_CLOSE_WAIT;
}

static void check_verdict(const struct tcp_outcome *outcome)
{
    bool reset =
        outcome->closing == TCP_CLOSING_RESET || outcome->closing == TCP_CLOSING_RESET_AFTER_FIN;

    if (!CHECK(outcome->opening < TCP_OPENING_COUNT) ||
        !CHECK(outcome->closing < TCP_CLOSING_COUNT) ||
        !CHECK(outcome->verdict < TCP_VERDICT_COUNT))
        return;
    if (outcome->opening != TCP_OPENING_REFUSED)
        check_that((outcome->closed_by == -1) == (outcome->closing == TCP_CLOSING_NONE),
                   "who closed where it closed", __FILE__, __LINE__);
    CHECK((outcome->verdict == TCP_VERDICT_REFUSED) == (outcome->opening == TCP_OPENING_REFUSED));
    switch (outcome->verdict) {
    case TCP_VERDICT_ORDERLY:
        CHECK(outcome->closing == TCP_CLOSING_FOUR_SEGMENT ||
              outcome->closing == TCP_CLOSING_THREE_SEGMENT ||
              outcome->closing == TCP_CLOSING_SIMULTANEOUS);
        break;
    case TCP_VERDICT_HALF_CLOSED:
        CHECK(outcome->closing == TCP_CLOSING_HALF_CLOSED);
        break;
    case TCP_VERDICT_ABORTED:
        CHECK(outcome->closing == TCP_CLOSING_RESET);
        break;
    case TCP_VERDICT_LATE_RESET:
        CHECK(outcome->closing == TCP_CLOSING_RESET_AFTER_FIN);
        break;
    case TCP_VERDICT_HANDSHAKE_ABORTED:
        CHECK(reset);
        break;
    case TCP_VERDICT_PEER_GONE:
        CHECK(outcome->closing == TCP_CLOSING_NONE || reset ||
              outcome->closing == TCP_CLOSING_HALF_CLOSED);
        break;
    default:
        CHECK(outcome->closing == TCP_CLOSING_NONE);
    }
}

static bool is_length(int64_t time)
{
    return time == TCP_NO_TIME || time >= 0;
}

static void check_times(const struct tcp_outcome *outcome)
{
    CHECK(is_length(outcome->rtt));
    CHECK(is_length(outcome->server_rtt));
    CHECK(is_length(outcome->client_rtt));
    CHECK(is_length(outcome->teardown));
}

static void check_outcome(const struct chain *chain, unsigned index,
                          const struct tcp_annotation *note, const struct tcp_outcome *outcome)
{
    /* After a refusal there is nothing to close, whatever is sent still. */
    bool unclosed = chain->manner.ordinary && outcome->closing == TCP_CLOSING_NONE &&
                    outcome->opening != TCP_OPENING_REFUSED;

    check_verdict(outcome);
    for (int role = 0; role < 2; role++) {
        CHECK_NUMBER(note->state[role], outcome->state[role]);
        CHECK(outcome->state[role] != TCP_STATE_TIME_WAIT || outcome->time_wait[role]);
        CHECK(!unclosed || !is_past_a_fin(outcome->state[role]));
    }
    CHECK(!unclosed || !outcome->half_close);
    CHECK_NUMBER(chain->segments[index].time - chain->segments[0].time, outcome->duration);
    if (chain->manner.orderly && chain->manner.ordinary)
        check_times(outcome);
}

/* Octets sent are never unsent; but a FIN where an octet was takes its number. Where an end's SYN
 * comes after its data, they are counted anew. */
static void check_counters(const struct chain *chain, unsigned index,
                           const struct tcp_annotation *note, const struct tcp_outcome *outcome,
                           uint64_t *bytes, uint32_t *runs_possible)
{
    for (int role = 0; role < 2; role++) {
        if (chain->manner.ordinary)
            check_that(outcome->bytes[role] + 1 >= bytes[role], "no fewer octets than before",
                       __FILE__, __LINE__);
        bytes[role] = outcome->bytes[role];
    }
    /* It takes data to begin an exchange. */
    *runs_possible += chain->segments[index].len > 0;
    CHECK(note->exchange <= *runs_possible);
}

static void say_where(unsigned long number, const struct chain *chain, unsigned index)
{
    const struct tcp_segment *segment = &chain->segments[index];

    check_about("seed %llu, conversation %lu, segment %u (from %u, flags %03x, seq %u, ack %u, "
                "len %u)",
                (unsigned long long)seed, number, index, segment->sender_id, segment->flags,
                segment->seq, segment->ack, segment->len);
}

/* Play a conversation and check the rules after each segment. */
static void play(unsigned long number, const struct chain *chain, struct tcp_annotation *notes,
                 struct tcp_outcome *outcome)
{
    static const uint32_t isn[2] = { 100000, 500000 };
    struct tcp_conversation conversation = { 0 };
    int shown[2] = { TCP_STATE_CLOSED, TCP_STATE_CLOSED };
    uint64_t bytes[2] = { 0, 0 };
    uint32_t runs_possible = 0;

    for (unsigned i = 0; i < chain->count; i++) {
        struct tcp_segment segment = on_the_wire(&chain->segments[i], isn);

        say_where(number, chain, i);
        tcp_tracker_step(&conversation, NULL, &segment, &notes[i]);
        tcp_verdict(&conversation, outcome);
        for (int role = 0; role < 2; role++)
            check_states(chain, &notes[i], role, &shown[role]);
        check_note(chain, i, &notes[i]);
        check_outcome(chain, i, &notes[i], outcome);
        check_counters(chain, i, &notes[i], outcome, bytes, &runs_possible);
    }
}

/* --- where the ISNs lie --- */

static bool same_note(const struct tcp_annotation *a, const struct tcp_annotation *b)
{
    return a->dwell[0] == b->dwell[0] && a->dwell[1] == b->dwell[1] && a->seq == b->seq &&
           a->ack == b->ack && a->acks_frame == b->acks_frame && a->about == b->about &&
           a->exchange == b->exchange && a->notes == b->notes && a->events == b->events &&
           a->steps == b->steps && a->experts == b->experts && a->state[0] == b->state[0] &&
           a->state[1] == b->state[1] && a->from[0] == b->from[0] && a->from[1] == b->from[1] &&
           a->phase == b->phase && a->sender == b->sender && a->inferred == b->inferred &&
           a->accepted == b->accepted;
}

static void play_elsewhere(unsigned long number, const struct chain *chain,
                           const struct tcp_annotation *notes, const struct tcp_outcome *expected)
{
    /* Close before a border, so that a few octets cross it. */
    uint32_t isn[2] = { 0U - chance(16), (chance(2) ? 0U : UINT32_C(1) << 31) - chance(16) };
    struct tcp_conversation conversation = { 0 };
    struct tcp_annotation note;
    struct tcp_outcome outcome;

    for (unsigned i = 0; i < chain->count; i++) {
        struct tcp_segment segment = on_the_wire(&chain->segments[i], isn);

        say_where(number, chain, i);
        tcp_tracker_step(&conversation, NULL, &segment, &note);
        check_that(same_note(&notes[i], &note), "the same as with other ISNs", __FILE__, __LINE__);
    }
    tcp_verdict(&conversation, &outcome);
    for (int role = 0; role < 2; role++)
        CHECK_NUMBER((long long)expected->bytes[role], (long long)outcome.bytes[role]);
    CHECK_NUMBER(expected->verdict, outcome.verdict);
}

static void random_conversations(void)
{
    static struct tcp_annotation notes[SEGMENTS_MAX];
    struct chain chain;
    struct tcp_outcome outcome;
    unsigned long segments = 0;

    state_of_chance = seed;
    for (unsigned long number = 0; number < conversations; number++) {
        make_chain(&chain);
        play(number, &chain, notes, &outcome);
        play_elsewhere(number, &chain, notes, &outcome);
        segments += 2 * chain.count;
    }
    printf("random conversations: %lu, segments: %lu\n", conversations, segments);
}

/* On ports used before the states may come from elsewhere: only that nothing breaks is checked. */
static void random_conversations_on_used_ports(void)
{
    static const uint32_t isn[2] = { UINT32_MAX - 5, 700 }, other_isn[2] = { 300, UINT32_MAX - 3 };
    struct chain chain;
    struct tcp_annotation note, copy;
    struct tcp_outcome outcome;

    state_of_chance = seed + 1;
    for (unsigned long number = 0; number < conversations / 4; number++) {
        struct tcp_conversation pair[2] = { 0 };
        unsigned turn;

        make_chain(&chain);
        turn = chance(chain.count);
        for (unsigned i = 0; i < chain.count; i++) {
            bool second = i >= turn;
            const uint32_t *base = second && chance(2) ? other_isn : isn;
            struct tcp_segment segment = on_the_wire(&chain.segments[i], base);

            say_where(number, &chain, i);
            tcp_tracker_step(&pair[second], second ? &pair[0] : NULL, &segment, &note);
            for (int role = 0; role < 2; role++)
                CHECK(note.state[role] < TCP_STATE_COUNT && note.from[role] < TCP_STATE_COUNT &&
                      reachable[note.from[role]][note.state[role]]);
            segment.frame++;
            tcp_tracker_copy(&pair[second], &segment, &note, segment.frame - 1, &copy);
            CHECK(memcmp(copy.state, note.state, sizeof copy.state) == 0);
            CHECK(memcmp(copy.from, note.state, sizeof copy.from) == 0);
            tcp_verdict(&pair[second], &outcome);
            check_verdict(&outcome);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc > 1)
        seed = strtoull(argv[1], NULL, 0);
    if (argc > 2)
        conversations = strtoul(argv[2], NULL, 0);
    if (seed == 0)
        seed = 1; /* xorshift stays at 0 */
    find_what_is_reachable();
    RUN(random_conversations);
    RUN(random_conversations_on_used_ports);
    return check_end();
}
