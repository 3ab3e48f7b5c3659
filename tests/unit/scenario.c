/* scenario.c
 * Plays conversations written as tables, and checks what is said of them.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "scenario.h"

#include "notation.h"
#include "tcp_copies.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_MAX    64
#define MILLISECOND INT64_C(1000000)
#define START       (INT64_C(5000) * MILLISECOND)
/* A second capture of the same segment comes this much later. */
#define COPY_DELAY (MILLISECOND / 10)

/* Where the numbers of the two conversations of a scenario begin. */
struct placement {
    uint32_t isn[2];
    uint32_t old_isn[2];
};

static const struct placement plain = { { 1000, 5000 }, { 700000, 900000 } };

/* All that was said in one play. */
struct played {
    struct tcp_annotation notes[ROWS_MAX];
    struct tcp_annotation copies[ROWS_MAX];
    struct tcp_outcome outcome;
    struct tcp_conversation conversation;
    int64_t times[ROWS_MAX];
};

/* A play going on. */
struct stage {
    const struct scenario *scenario;
    const struct placement *placement;
    struct tcp_conversation conversations[2]; /* the one before, and the fresh one */
    unsigned current;
    int64_t now;
    size_t row;
};

/* Frames are numbered so that there is room for a copy after each. */
static uint32_t frame_of(size_t row)
{
    return (uint32_t)(2 * row + 1);
}

static bool starts_afresh(const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->count; i++)
        if (scenario->rows[i].fresh)
            return true;
    return false;
}

static bool is_reused(const struct stage *stage)
{
    return starts_afresh(stage->scenario);
}

/* The ISN that a row's numbers of one end count from. Where there are two conversations, the first
 * one has the old ISNs; .swapped exchanges the ends in between. */
static uint32_t base_of(const struct stage *stage, const struct row *row, enum tcp_role role)
{
    bool old = is_reused(stage) && (stage->current == 0 || row->old);

    if (!old)
        return stage->placement->isn[role];
    if (row->old && stage->scenario->swapped)
        role = role == TCP_CLIENT ? TCP_SERVER : TCP_CLIENT;
    return stage->placement->old_isn[role];
}

static struct tcp_segment segment_of(const struct stage *stage, const struct row *row)
{
    const struct scenario *scenario = stage->scenario;
    enum tcp_role to = row->from == TCP_CLIENT ? TCP_SERVER : TCP_CLIENT;
    bool swap = stage->current == 1 && scenario->swapped;
    bool by_first = (row->from == TCP_CLIENT) != swap;
    uint16_t client_port = scenario->ports[0] ? scenario->ports[0] : 40000;
    uint16_t server_port = scenario->ports[1] ? scenario->ports[1] : 80;
    uint16_t flags = flags_of(row->flags);

    return (struct tcp_segment){
        .time = stage->now,
        .frame = frame_of(stage->row),
        .sender_id = by_first ? 7 : 4,
        .receiver_id = by_first ? 4 : 7,
        .source_port = by_first ? client_port : server_port,
        .destination_port = by_first ? server_port : client_port,
        .seq = row->zero_seq ? 0 : base_of(stage, row, row->from) + row->seq,
        .ack = (flags & TCP_ACK) ? base_of(stage, row, to) + row->ack : 0,
        .len = row->len,
        .flags = flags,
        .window = (uint16_t)(row->zero_window ? 0
                             : row->window    ? row->window
                                              : 1000),
        .window_scale = (int8_t)(row->shift - 1),
        /* wherever its number lies, it may open again what is in TIME_WAIT (RFC 6191 2) */
        .has_timestamp = row->fresh || row->stamp != 0,
        .timestamp = row->stamp,
    };
}

/* The segment of the row that the stage has come to. */
static struct tcp_segment next_segment(struct stage *stage)
{
    const struct row *row = &stage->scenario->rows[stage->row];

    if (row->fresh)
        stage->current = 1;
    stage->now += (row->after ? row->after : 10) * MILLISECOND;
    return segment_of(stage, row);
}

void scenario_write(const struct scenario *scenario, struct scenario_segment *segments)
{
    struct stage stage = { .scenario = scenario, .placement = &plain, .now = START };

    for (; stage.row < scenario->count; stage.row++) {
        segments[stage.row].segment = next_segment(&stage);
        segments[stage.row].conversation = stage.current;
    }
}

static void play_row(struct stage *stage, struct tcp_copies *copies, struct played *played)
{
    const struct tcp_remembered *found;
    struct tcp_identity identity = { .fingerprint = stage->row + UINT64_C(0x9e3779b97f4a7c15),
                                     .identified = true };
    struct tcp_segment segment = next_segment(stage);
    struct tcp_conversation *conversation = &stage->conversations[stage->current];

    played->times[stage->row] = segment.time;
    tcp_tracker_step(conversation, stage->current ? &stage->conversations[0] : NULL, &segment,
                     &played->notes[stage->row]);
    if (!copies)
        return;
    CHECK(tcp_copies_find(copies, conversation, &identity, &segment) == NULL);
    tcp_copies_remember(copies, conversation, &identity, &segment, (uint32_t)stage->row, 0);
    segment.time += COPY_DELAY;
    segment.frame++;
    found = tcp_copies_find(copies, conversation, &identity, &segment);
    if (CHECK(found != NULL))
        tcp_tracker_copy(conversation, &segment, &played->notes[found->number], found->frame,
                         &played->copies[stage->row]);
}

static void play(const struct scenario *scenario, const struct placement *placement, bool twice,
                 struct played *played)
{
    static struct tcp_copies copies;
    struct stage stage = { .scenario = scenario, .placement = placement, .now = START };

    memset(&copies, 0, sizeof copies);
    memset(played, 0, sizeof *played);
    if (!CHECK(scenario->count <= ROWS_MAX))
        return;
    for (stage.row = 0; stage.row < scenario->count; stage.row++)
        play_row(&stage, twice ? &copies : NULL, played);
    tcp_verdict(&stage.conversations[stage.current], &played->outcome);
    played->conversation = stage.conversations[stage.current];
}

/* What the rows before have shown: states, and when each was entered. */
struct shown {
    int state[2];
    int64_t entered[2][TCP_STATE_COUNT];
};

static void show_nothing(struct shown *shown)
{
    for (int role = 0; role < 2; role++) {
        shown->state[role] = CLOSED;
        for (int state = 0; state < TCP_STATE_COUNT; state++)
            shown->entered[role][state] = TCP_NO_TIME;
    }
}

/* Another conversation begins. What an end was in before is only known where a row says so. */
static void show_fresh(struct shown *shown, bool swapped)
{
    struct shown before = *shown;

    for (int role = 0; role < 2; role++) {
        memcpy(shown->entered[role], before.entered[swapped ? 1 - role : role],
               sizeof shown->entered[role]);
        shown->state[role] = CLOSED;
        shown->entered[role][CLOSED] = TCP_NO_TIME;
    }
}

static void check_end_of_row(const struct scenario *scenario, const struct row *row,
                             const struct tcp_annotation *note, int role, int64_t time,
                             struct shown *shown)
{
    int was = role == TCP_CLIENT ? row->client_was : row->server_was;
    int from = was ? was - 1 : shown->state[role];
    int64_t entered = shown->entered[role][from];
    int64_t dwell = TCP_NO_TIME;

    check_text(role == TCP_CLIENT ? "client's state" : "server's state",
               tcp_state_name((enum tcp_state)row->state[role]),
               tcp_state_name((enum tcp_state)note->state[role]), scenario->file, row->line);
    check_text(role == TCP_CLIENT ? "client's state before" : "server's state before",
               tcp_state_name((enum tcp_state)from),
               tcp_state_name((enum tcp_state)note->from[role]), scenario->file, row->line);
    if (from != row->state[role]) {
        dwell = entered == TCP_NO_TIME ? TCP_NO_TIME : time - entered;
        shown->entered[role][row->state[role]] = time;
    }
    check_number(role == TCP_CLIENT ? "client's dwell" : "server's dwell", dwell, note->dwell[role],
                 scenario->file, row->line);
    shown->state[role] = row->state[role];
}

/* A word, or several, where "*" expects nothing. */
static void check_word(const struct scenario *scenario, int line, const char *what,
                       const char *expected, const char *got)
{
    if (strcmp(expected, ANY_WORD) != 0)
        check_text(what, expected, got, scenario->file, line);
}

static void check_words_of_row(const struct scenario *scenario, const struct row *row,
                               const struct tcp_annotation *note)
{
    char text[NOTATION_MAX], expected[NOTATION_MAX];

    if ((int)row->phase != ANY_PHASE)
        check_text("phase", word_for_phase(row->phase), word_for_phase(note->phase), scenario->file,
                   row->line);
    check_text("events", row->does, write_events(text, note->events), scenario->file, row->line);
    check_word(scenario, row->line, "steps", row->steps ? row->steps : "",
               write_steps(text, note->steps));
    check_word(scenario, row->line, "experts", row->experts ? row->experts : "",
               write_experts(text, note->experts));
    if (row->notes != ANY_NOTES)
        check_text("notes", write_notes(expected, row->notes), write_notes(text, note->notes),
                   scenario->file, row->line);
    check_text("sender", word_for_role((int)row->from), word_for_role(note->sender), scenario->file,
               row->line);
    check_text("evidence", row->inferred ? "inferred" : "observed",
               note->inferred ? "inferred" : "observed", scenario->file, row->line);
}

static void check_numbers_of_row(const struct scenario *scenario, const struct row *row,
                                 const struct tcp_annotation *note)
{
    uint16_t flags = flags_of(row->flags);
    bool ignored = row->experts && strstr(row->experts, "reset_ignored");

    check_number("acks_frame", row->acks ? frame_of(row->acks - 1) : 0, note->acks_frame,
                 scenario->file, row->line);
    if (row->exchange != ANY)
        check_number("exchange", row->exchange, note->exchange, scenario->file, row->line);
    if (row->about)
        check_number("about", frame_of(row->about - 1), note->about, scenario->file, row->line);
    check_number("len", row->len, note->len, scenario->file, row->line);
    check_number("accepted", (flags & TCP_RST) && !ignored, note->accepted, scenario->file,
                 row->line);
    if (row->unnumbered)
        return;
    check_number("seq", row->seq, note->seq, scenario->file, row->line);
    check_number("ack", (flags & TCP_ACK) ? row->ack : 0, note->ack, scenario->file, row->line);
}

static void check_time(const struct scenario *scenario, const char *what, int expected, int64_t got)
{
    int64_t time = expected == 0 ? TCP_NO_TIME : expected == INSTANT ? 0 : expected * MILLISECOND;

    if (expected != ANY_TIME)
        check_number(what, time, got, scenario->file, scenario->rows[scenario->count - 1].line);
}

static const char *word_for_both(const bool *flags)
{
    if (flags[TCP_CLIENT] && flags[TCP_SERVER])
        return "both";
    return flags[TCP_CLIENT] ? "client" : flags[TCP_SERVER] ? "server" : "nobody";
}

static void check_words_of_ending(const struct scenario *scenario,
                                  const struct tcp_outcome *outcome)
{
    const struct ending *end = scenario->ending;
    int line = scenario->rows[scenario->count - 1].line;

    check_word(scenario, line, "opening", end->opening, word_for_opening(outcome->opening));
    check_word(scenario, line, "closing", end->closing ? end->closing : "none",
               word_for_closing(outcome->closing));
    check_word(scenario, line, "verdict", end->verdict, word_for_verdict(outcome->verdict));
    check_word(scenario, line, "closed_by", end->closed_by ? end->closed_by : "nobody",
               word_for_role(outcome->closed_by));
    check_word(scenario, line, "time_wait", end->time_wait ? end->time_wait : "nobody",
               word_for_both(outcome->time_wait));
    check_number("half_close", end->half_close, outcome->half_close, scenario->file, line);
}

static void check_end_of_ending(const struct scenario *scenario, const struct tcp_outcome *outcome,
                                int role)
{
    const struct ending *end = scenario->ending;
    const struct row *last = &scenario->rows[scenario->count - 1];
    const char *who = word_for_role(role);

    check_about("%s, the %s at the end", scenario->name, who);
    if (end->bytes[role] != ANY_BYTES)
        check_number("bytes", (long long)end->bytes[role], (long long)outcome->bytes[role],
                     scenario->file, last->line);
    check_text("state", tcp_state_name((enum tcp_state)last->state[role]),
               tcp_state_name(outcome->state[role]), scenario->file, last->line);
    if (end->isn_any)
        return;
    check_number("has_isn", !end->isn_unknown[role], outcome->has_isn[role], scenario->file,
                 last->line);
    if (outcome->has_isn[role])
        check_number("isn", plain.isn[role] + end->isn_offset[role], outcome->isn[role],
                     scenario->file, last->line);
}

static void check_ending(const struct scenario *scenario, const struct played *played,
                         int64_t duration)
{
    const struct ending *end = scenario->ending;
    const struct tcp_outcome *outcome = &played->outcome;
    const struct row *last = &scenario->rows[scenario->count - 1];

    check_about("%s, at the end", scenario->name);
    check_words_of_ending(scenario, outcome);
    check_time(scenario, "rtt", end->rtt, outcome->rtt);
    check_time(scenario, "server_rtt", end->server_rtt, outcome->server_rtt);
    check_time(scenario, "client_rtt", end->client_rtt, outcome->client_rtt);
    check_time(scenario, "teardown", end->teardown, outcome->teardown);
    check_number("duration", duration, outcome->duration, scenario->file, last->line);
    for (int role = 0; role < 2; role++)
        check_end_of_ending(scenario, outcome, role);
}

/* The SYNs and FINs of the last conversation know where they were first acknowledged; one that was
 * sent anew after a refusal, where the new one was. */
static void check_acknowledged_in(const struct scenario *scenario, const struct played *played,
                                  size_t first)
{
    size_t where[2][2] = { { 0 } }; /* [role][is a FIN], rows from 1 */

    for (size_t i = first; i < scenario->count; i++) {
        const struct row *acked;

        if (scenario->rows[i].acks == 0)
            continue;
        acked = &scenario->rows[scenario->rows[i].acks - 1];
        where[acked->from][(flags_of(acked->flags) & TCP_FIN) != 0] = i + 1;
    }
    for (unsigned role = 0; role < 2; role++)
        for (unsigned fin = 0; fin < 2; fin++) {
            uint32_t frame = tcp_acknowledged_in(&played->conversation, (enum tcp_role)role, fin);

            check_about("%s, where the %s's %s is acknowledged", scenario->name,
                        word_for_role((int)role), fin ? "FIN" : "SYN");
            if (where[role][fin])
                check_number("frame", frame_of(where[role][fin] - 1), frame, scenario->file,
                             scenario->rows[where[role][fin] - 1].line);
        }
}

void scenario_check(const struct scenario *scenario)
{
    static struct played played;
    struct shown shown;
    size_t first = 0;

    show_nothing(&shown);
    play(scenario, &plain, false, &played);
    for (size_t i = 0; i < scenario->count; i++) {
        const struct row *row = &scenario->rows[i];

        check_about("%s, row %zu (%s \"%s\" %u:%u(%u) ack %u)", scenario->name, i + 1,
                    word_for_role((int)row->from), row->flags, row->seq, row->seq + row->len,
                    row->len, row->ack);
        if (row->fresh) {
            first = i;
            show_fresh(&shown, scenario->swapped);
        }
        for (int role = 0; role < 2; role++)
            check_end_of_row(scenario, row, &played.notes[i], role, played.times[i], &shown);
        check_words_of_row(scenario, row, &played.notes[i]);
        check_numbers_of_row(scenario, row, &played.notes[i]);
    }
    check_ending(scenario, &played, played.times[scenario->count - 1] - played.times[first]);
    check_acknowledged_in(scenario, &played, first);
    check_about(NULL);
}

/* What one play says of a row and another one does not. A row .unnumbered counts from an end's other
 * ISN. */
static const char *difference_in_row(char *text, const struct row *row,
                                     const struct tcp_annotation *expected,
                                     const struct tcp_annotation *got)
{
    return write_difference(text, expected, got,
                            row->unnumbered ? IN_ALL & ~(unsigned)IN_NUMBERS : IN_ALL);
}

static void check_same_ending(const struct scenario *scenario, const struct tcp_outcome *expected,
                              const struct tcp_outcome *got, unsigned but)
{
    char text[NOTATION_MAX];

    check_text(
        "difference", "",
        write_outcome_difference(text, expected, got, IN_WHOLE & ~(IN_ISNS | IN_DURATION | but)),
        scenario->file, scenario->rows[scenario->count - 1].line);
}

static int by_size(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

#define OFFSETS_MAX (64 + ROWS_MAX * 12)

/* The relative numbers at which something happens, and those around them. */
static size_t offsets_of(const struct scenario *scenario, uint32_t *offsets)
{
    size_t count = 0, distinct = 0;

    for (uint32_t number = 0; number < 32; number++)
        offsets[count++] = number;
    for (size_t i = 0; i < scenario->count && i < ROWS_MAX; i++) {
        const struct row *row = &scenario->rows[i];
        uint32_t numbers[] = { row->seq, row->seq + row->len, row->ack };

        for (size_t k = 0; k < COUNT_OF(numbers); k++)
            for (uint32_t near = 0; near < 4; near++)
                offsets[count++] = numbers[k] + near - 1;
    }
    qsort(offsets, count, sizeof *offsets, by_size);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || offsets[i] != offsets[i - 1])
            offsets[distinct++] = offsets[i];
    return distinct;
}

static void compare_with_plain(const struct scenario *scenario, const struct placement *placement,
                               const struct played *expected)
{
    static struct played played;

    play(scenario, placement, false, &played);
    for (size_t i = 0; i < scenario->count; i++) {
        const struct row *row = &scenario->rows[i];
        char text[NOTATION_MAX];

        check_about("%s, row %zu with ISNs %u and %u (before: %u, %u)", scenario->name, i + 1,
                    placement->isn[0], placement->isn[1], placement->old_isn[0],
                    placement->old_isn[1]);
        check_text("difference", "",
                   difference_in_row(text, row, &expected->notes[i], &played.notes[i]),
                   scenario->file, row->line);
    }
    /* Zeek compares the numbers of a connection that goes on with the SYN's that opened none. */
    check_same_ending(scenario, &expected->outcome, &played.outcome,
                      starts_afresh(scenario) ? IN_ZEEK : 0);
    for (int role = 0; role < 2; role++)
        if (played.outcome.has_isn[role] && !scenario->ending->isn_any)
            CHECK_NUMBER(placement->isn[role] + scenario->ending->isn_offset[role],
                         played.outcome.isn[role]);
}

unsigned long scenario_check_wraps(const struct scenario *scenario)
{
    static struct played expected;
    /* Where unsigned numbers go round, and where the sign of their difference does. */
    static const uint32_t borders[] = { 0, UINT32_C(1) << 31 };
    uint32_t offsets[OFFSETS_MAX];
    size_t count = offsets_of(scenario, offsets);
    unsigned long plays = 0;

    play(scenario, &plain, false, &expected);
    for (size_t i = 0; i < count; i++)
        for (size_t border = 0; border < COUNT_OF(borders); border++)
            for (unsigned which = 1; which < 4; which++) {
                struct placement placement = plain;

                for (int role = 0; role < 2; role++)
                    if (which & (1U << role)) {
                        placement.isn[role] = borders[border] - offsets[i];
                        placement.old_isn[role] = borders[1 - border] - offsets[i];
                    }
                compare_with_plain(scenario, &placement, &expected);
                plays++;
            }
    check_about(NULL);
    return plays;
}

static void check_copy(const struct scenario *scenario, const struct row *row,
                       const struct tcp_annotation *original, const struct tcp_annotation *copy,
                       uint32_t original_frame)
{
    const char *file = scenario->file;

    for (int role = 0; role < 2; role++) {
        check_number("state", original->state[role], copy->state[role], file, row->line);
        check_number("state before", original->state[role], copy->from[role], file, row->line);
        check_number("dwell", TCP_NO_TIME, copy->dwell[role], file, row->line);
    }
    /* The same segment is the same step, and no other event than it was: no retransmission. */
    check_number("steps", original->steps, copy->steps, file, row->line);
    check_number("events", original->events, copy->events, file, row->line);
    check_number("phase", original->phase, copy->phase, file, row->line);
    check_number("exchange", original->exchange, copy->exchange, file, row->line);
    check_number("acks_frame", 0, copy->acks_frame, file, row->line);
    check_number("experts", 0, copy->experts, file, row->line);
    check_number("about", original_frame, copy->about, file, row->line);
    check_that((copy->notes & TCP_NOTE_COPY) != 0, "a note that it is a copy", file, row->line);
}

void scenario_check_copies(const struct scenario *scenario)
{
    static struct played once, twice;

    play(scenario, &plain, false, &once);
    play(scenario, &plain, true, &twice);
    for (size_t i = 0; i < scenario->count; i++) {
        const struct row *row = &scenario->rows[i];
        char text[NOTATION_MAX];

        check_about("%s, row %zu captured twice", scenario->name, i + 1);
        check_text("difference", "",
                   write_difference(text, &once.notes[i], &twice.notes[i], IN_ALL), scenario->file,
                   row->line);
        check_copy(scenario, row, &twice.notes[i], &twice.copies[i], frame_of(i));
    }
    check_same_ending(scenario, &once.outcome, &twice.outcome, 0);
    check_number("duration", once.outcome.duration + COPY_DELAY, twice.outcome.duration,
                 scenario->file, scenario->rows[scenario->count - 1].line);
    check_about(NULL);
}
