/* ladder.c
 * Segments into rows.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ladder.h"

#include <string.h>

#include "ladder_fold.h"

#define FOLD_EVERY    256U                  /* rows that come before they are folded */
#define WORTH_A_PAUSE (INT64_C(1000000000)) /* nanoseconds */
#define SOONEST_AGAIN (INT64_C(200000000))  /* the shortest time-out of the kernels in use */

struct ladder *ladder_new(uint32_t stream, const char *speaker, const char *other)
{
    struct ladder *ladder = g_new0(struct ladder, 1);

    ladder->stream = stream;
    ladder->name[TCP_CLIENT] = ladder_clean_name(speaker);
    ladder->name[TCP_SERVER] = ladder_clean_name(other);
    ladder->first_is_client = true;
    ladder->rows = g_array_new(FALSE, TRUE, sizeof(struct ladder_row));
    return ladder;
}

void ladder_free(struct ladder *ladder)
{
    if (!ladder)
        return;
    g_free(ladder->name[TCP_CLIENT]);
    g_free(ladder->name[TCP_SERVER]);
    g_array_free(ladder->rows, TRUE);
    g_free(ladder);
}

static bool turns_writing(gunichar c)
{
    return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

/* Characters that XML 1.0 has none of, that a terminal obeys, or that nobody sees. */
static bool is_harmless(gunichar c)
{
    return c >= 0x20 && !(c >= 0x7f && c < 0xa0) && !turns_writing(c) && c != 0xfeff &&
           (c & 0xfffe) != 0xfffe && !(c >= 0xfdd0 && c <= 0xfdef);
}

char *ladder_clean_name(const char *name)
{
    char *valid = g_utf8_make_valid(name, -1);
    GString *clean = g_string_new(NULL);

    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        g_string_append_unichar(clean, is_harmless(c) ? c : 0xfffd);
    }
    g_free(valid);
    return g_string_free(clean, FALSE);
}

/* What is said of the two ends, said of them the other way round. */
static void swap_ends(struct tcp_annotation *note)
{
    struct tcp_annotation was = *note;

    note->sender = (uint8_t)tcp_other_role((enum tcp_role)was.sender);
    for (int role = 0; role < 2; role++) {
        note->state[role] = was.state[1 - role];
        note->from[role] = was.from[1 - role];
        note->dwell[role] = was.dwell[1 - role];
    }
}

/* After stray segments a SYN may show that the roles are others than they seemed. */
static void swap_roles(struct ladder *ladder)
{
    struct ladder_row *rows = ladder_rows(ladder);
    char *name = ladder->name[TCP_CLIENT];
    struct ladder_facts *facts = &ladder->facts;

    ladder->name[TCP_CLIENT] = ladder->name[TCP_SERVER];
    ladder->name[TCP_SERVER] = name;
    ladder->first_is_client = !ladder->first_is_client;
    for (unsigned i = 0; i < ladder->rows->len; i++)
        swap_ends(&rows[i].note);
    memset(facts, 0, sizeof *facts); /* of strays there is nothing to tell */
    ladder->has_next[TCP_CLIENT] = ladder->has_next[TCP_SERVER] = false;
}

static void count(struct ladder_count *what, uint32_t frame)
{
    if (what->count++ == 0)
        what->first = frame;
}

static void note_again(struct ladder_facts *facts, uint32_t frame,
                       const struct tcp_annotation *note)
{
    if (!(note->events & TCP_DOES_RETRANSMISSION) ||
        (note->notes & (TCP_NOTE_COPY | TCP_NOTE_OUTSIDE)) || (note->events & TCP_DOES_KEEP_ALIVE))
        return;
    if (note->events & TCP_DOES_SYN)
        count(&facts->syn_again, frame);
    else if (note->events & TCP_DOES_SYN_ACK)
        count(&facts->syn_ack_again, frame);
    else if (note->events & TCP_DOES_FIN)
        count(&facts->fin_again, frame);
    else if (note->events & TCP_DOES_DATA)
        count(&facts->data_again, frame);
}

static void note_opening(struct ladder_facts *facts, const struct ladder_row *row)
{
    const struct tcp_annotation *note = &row->note;

    if ((note->events & (TCP_DOES_SYN | TCP_DOES_SYN_ACK)) && note->steps &&
        facts->syn[note->sender] == 0) {
        facts->syn[note->sender] = row->frame;
        facts->syn_time[note->sender] = row->time;
    }
    if (note->sender == TCP_CLIENT && note->from[TCP_SERVER] == TCP_STATE_SYN_RCVD &&
        tcp_state_is_synchronized((enum tcp_state)note->state[TCP_SERVER]) && facts->open == 0) {
        facts->open = row->frame;
        facts->open_time = row->time;
    }
}

static void note_facts(struct ladder_facts *facts, const struct ladder_row *row)
{
    const struct tcp_annotation *note = &row->note;
    const uint16_t fins = TCP_STEP_CLOSE_1_OF_4 | TCP_STEP_CLOSE_3_OF_4;
    uint32_t frame = row->frame;

    if (note->notes & TCP_NOTE_COPY)
        return;
    note_again(facts, frame, note);
    note_opening(facts, row);
    facts->exchanges = MAX(facts->exchanges, note->exchange);
    /* Of a FIN that is not taken, the next one is not a repetition. */
    if ((note->events & TCP_DOES_FIN) && (note->steps & fins) &&
        (facts->fin[note->sender] == 0 || !(note->events & TCP_DOES_RETRANSMISSION)))
        facts->fin[note->sender] = frame;
    if (note->accepted && facts->rst == 0) {
        facts->rst = frame;
        facts->closer_rst = note->sender;
    }
    if ((note->events & TCP_DOES_RST) && !note->accepted)
        count(&facts->rst_ignored[note->sender], frame);
    if (note->events & TCP_DOES_ZERO_WINDOW)
        count(&facts->zero_window[note->sender], frame);
    if (note->events & TCP_DOES_KEEP_ALIVE && !(note->notes & TCP_NOTE_WINDOW_PROBE))
        count(&facts->keep_alive, frame);
    if (note->experts & TCP_EXPERT_NOT_CAPTURED)
        count(&facts->unseen, frame);
    if (note->experts & TCP_EXPERT_ACK_MISMATCH)
        count(&facts->mismatch, frame);
    if (note->notes & TCP_NOTE_FILLS_GAP)
        count(&facts->out_of_order, frame);
    if (note->notes & TCP_NOTE_LOST_DATA)
        count(&facts->lost_data, frame);
    if (note->notes & TCP_NOTE_PORT_REUSED)
        count(&facts->port_reused, frame);
}

static enum ladder_phase phase_of(const struct tcp_annotation *note)
{
    static const enum ladder_phase phases[] = {
        [TCP_PHASE_HANDSHAKE] = LADDER_HANDSHAKE,
        [TCP_PHASE_DATA] = LADDER_DATA,
        [TCP_PHASE_TEARDOWN] = LADDER_TEARDOWN,
        [TCP_PHASE_CLOSED] = LADDER_CLOSED,
    };

    if ((note->events & TCP_DOES_RST) && note->accepted)
        return LADDER_RESET;
    return phases[note->phase];
}

static bool is_odd(const struct tcp_annotation *note)
{
    const uint32_t odd = TCP_NOTE_COPY | TCP_NOTE_OUTSIDE | TCP_NOTE_NO_ACK_FLAG |
                         TCP_NOTE_BAD_HANDSHAKE_ACK | TCP_NOTE_CHALLENGE_ACK;

    return (note->events & TCP_DOES_RETRANSMISSION) || (note->notes & odd) ||
           ((note->events & TCP_DOES_RST) && !note->accepted);
}

/* What must have been sent before a segment, but was not captured. */
static void add_unseen(struct ladder *ladder, const struct ladder_row *shown,
                       enum ladder_unseen unseen, unsigned sender)
{
    struct ladder_row row = {
        .kind = LADDER_UNSEEN,
        .phase = unseen == LADDER_UNSEEN_DATA ? shown->phase : LADDER_HANDSHAKE,
        .frame = shown->frame,
        .last = shown->frame,
        .time = shown->time,
        .until = shown->time,
        .odd = true,
        .unseen = unseen,
        .note = { .sender = (uint8_t)sender },
    };

    for (int role = 0; role < 2; role++)
        row.note.from[role] = row.note.state[role] = shown->note.from[role];
    g_array_append_val(ladder->rows, row);
}

/* Numbers of an end that nobody has seen so far. */
static void add_unseen_data(struct ladder *ladder, const struct ladder_row *shown, unsigned sender,
                            uint32_t past)
{
    uint32_t from = ladder->next[sender];
    struct ladder_row *row;

    if (!ladder->has_next[sender] || (int32_t)(past - from) <= 0)
        return;
    add_unseen(ladder, shown, LADDER_UNSEEN_DATA, sender);
    row = &ladder_rows(ladder)[ladder->rows->len - 1];
    row->from = from;
    row->to = past - 1;
    ladder->next[sender] = past;
}

static void add_what_is_unseen(struct ladder *ladder, const struct ladder_row *row)
{
    const struct tcp_annotation *note = &row->note;
    unsigned sender = note->sender;
    unsigned receiver = 1 - sender;

    if (note->notes & TCP_NOTE_COPY)
        return;
    if (note->notes & TCP_NOTE_SYN_UNSEEN)
        add_unseen(ladder, row, LADDER_UNSEEN_SYN, receiver);
    if (note->notes & TCP_NOTE_SYN_ACK_UNSEEN)
        add_unseen(ladder, row, LADDER_UNSEEN_SYN_ACK,
                   note->from[sender] == TCP_STATE_SYN_SENT ? receiver : sender);
    if (note->notes & TCP_NOTE_ACK_UNSEEN)
        add_unseen(ladder, row, LADDER_UNSEEN_ACK, receiver);
    if (note->notes & TCP_NOTE_GAP_BEFORE)
        add_unseen_data(ladder, row, sender, note->seq);
    if (note->notes & TCP_NOTE_ACKS_UNSEEN)
        add_unseen_data(ladder, row, receiver, note->ack);
}

/* Data that comes late: it was taken for not captured. */
static void find_late(struct ladder *ladder, const struct ladder_row *row)
{
    const struct tcp_annotation *note = &row->note;
    struct ladder_row *rows = ladder_rows(ladder);

    if (!(note->notes & TCP_NOTE_FILLS_GAP))
        return;
    for (unsigned i = ladder->rows->len; i-- > 0;)
        if (rows[i].kind == LADDER_UNSEEN && rows[i].unseen == LADDER_UNSEEN_DATA &&
            rows[i].note.sender == note->sender && rows[i].late == 0 &&
            (int32_t)(note->seq - rows[i].to) <= 0 &&
            (int32_t)(note->seq + note->len - rows[i].from) > 0) {
            rows[i].late = row->frame;
            return;
        }
}

/* How far an end's numbers have come. */
static void follow_numbers(struct ladder *ladder, const struct tcp_annotation *note)
{
    uint32_t past = note->seq + note->len;
    unsigned sender = note->sender;

    if (note->notes & (TCP_NOTE_OUTSIDE | TCP_NOTE_NO_ACK_FLAG) || note->events & TCP_DOES_RST)
        return;
    if (note->flags & TCP_SYN)
        past++;
    if (note->flags & TCP_FIN)
        past++;
    if (!ladder->has_next[sender] || (int32_t)(past - ladder->next[sender]) > 0)
        ladder->next[sender] = past;
    ladder->has_next[sender] = true;
}

/* How long a segment may well be on its way: two round trips, as far as the handshake shows one, but not less
 * than it takes a sender to give it up for lost. */
static int64_t longest_way(const struct ladder *ladder)
{
    const struct ladder_facts *facts = &ladder->facts;
    int64_t trip = 0;

    if (facts->syn[TCP_CLIENT] && facts->syn[TCP_SERVER])
        trip = facts->syn_time[TCP_SERVER] - facts->syn_time[TCP_CLIENT];
    return MAX(2 * trip, SOONEST_AGAIN);
}

/* A segment that says that it had left before the one above it came. */
static void cross(struct ladder *ladder, struct ladder_row *row)
{
    uint32_t crossed = TCP_NOTE_CROSSED_FIN | TCP_NOTE_CROSSED_SYN | TCP_NOTE_CROSSED_SYN_ACK |
                       TCP_NOTE_CROSSED_ACK;
    struct ladder_row *above;

    if (ladder->rows->len == 0 || (row->note.notes & TCP_NOTE_COPY))
        return;
    above = &ladder_rows(ladder)[ladder->rows->len - 1];
    if (!(above->note.notes & TCP_NOTE_FIN_WAITS)) /* else it came, but could not be taken yet */
        crossed |= TCP_NOTE_SHORT_OF_FIN;
    if (!(row->note.notes & crossed))
        return;
    if (above->kind != LADDER_SEGMENT || above->note.sender == row->note.sender || above->crosses ||
        (row->note.about && row->note.about != above->frame))
        return;
    above->is_withdrawn = row->note.from[row->note.sender] != above->note.state[row->note.sender];
    if (row->time - above->until < longest_way(ladder))
        row->crosses = true;
    else
        above->is_lost = above->is_withdrawn;
}

void ladder_add(struct ladder *ladder, uint32_t frame, int64_t time, bool speaker,
                const struct tcp_annotation *note)
{
    struct ladder_row row = {
        .kind = LADDER_SEGMENT,
        .phase = phase_of(note),
        .frame = frame,
        .last = frame,
        .odd = is_odd(note),
        .note = *note,
    };

    if (ladder->segments == 0) {
        ladder->first = frame;
        ladder->start = ladder->previous = time;
    }
    if (speaker != (ladder->first_is_client == (note->sender == TCP_CLIENT)))
        swap_roles(ladder);
    row.time = row.until = time - ladder->start;
    if (time - ladder->previous > ladder->facts.silence) {
        ladder->facts.silence = time - ladder->previous;
        ladder->facts.silence_before = frame;
    }
    note_facts(&ladder->facts, &row);
    find_late(ladder, &row);
    add_what_is_unseen(ladder, &row);
    cross(ladder, &row);
    follow_numbers(ladder, note);
    g_array_append_val(ladder->rows, row);
    ladder->last = frame;
    ladder->previous = time;
    ladder->segments++;
    if (ladder->rows->len >= LADDER_ROWS_MAX + FOLD_EVERY)
        ladder_fold(ladder);
}

/* The ICMP error that answers the SYN is no segment; it has its place among them. */
static void add_icmp(struct ladder *ladder)
{
    struct ladder_row row = {
        .kind = LADDER_ICMP,
        .phase = LADDER_HANDSHAKE,
        .frame = ladder->rejected_in,
        .last = ladder->rejected_in,
        .time = ladder->rejected,
        .until = ladder->rejected,
        .odd = true,
        .note = { .sender = TCP_SERVER },
    };
    const struct ladder_row *rows = ladder_rows(ladder);
    unsigned at = 0;

    for (unsigned i = 0; i < ladder->rows->len; i++)
        if (rows[i].kind == LADDER_ICMP)
            return; /* it has it already */
    while (at < ladder->rows->len && rows[at].last < row.frame)
        at++;
    if (at < ladder->rows->len && rows[at].crosses) /* the two that cross stay together */
        at++;
    if (at > 0) {
        row.phase = rows[at - 1].phase;
        for (int role = 0; role < 2; role++)
            row.note.from[role] = row.note.state[role] = rows[at - 1].note.state[role];
    }
    g_array_insert_val(ladder->rows, at, row);
}

void ladder_set_rejected(struct ladder *ladder, int64_t time)
{
    ladder->rejected = time - ladder->start;
}

void ladder_end(struct ladder *ladder, const struct tcp_conversation *conversation)
{
    ladder_fold(ladder);
    tcp_verdict(conversation, &ladder->outcome);
    for (int role = 0; role < 2; role++) {
        ladder->facts.syn_acked[role] =
            tcp_acknowledged_in(conversation, (enum tcp_role)role, false);
        ladder->facts.fin_acked[role] =
            tcp_acknowledged_in(conversation, (enum tcp_role)role, true);
        if (ladder->rows->len > 0)
            ladder->begin[role] = (enum tcp_state)ladder_rows(ladder)[0].note.from[role];
    }
    ladder->rejected_in = tcp_rejected_in(conversation);
    if (ladder->rejected_in != 0)
        add_icmp(ladder);
}

int64_t ladder_pause(const struct ladder *ladder, unsigned row)
{
    const struct ladder_row *rows = ladder_rows(ladder);
    int64_t pause;

    if (row == 0)
        return 0;
    pause = rows[row].time - rows[row - 1].until;
    return pause >= WORTH_A_PAUSE ? pause : 0;
}
