/* ladder_story.c
 * A conversation told in sentences: what went wrong first, then how it opened, what was exchanged, how
 * it ended.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ladder_formats.h"
#include "ladder_layout.h"
#include "ladder_words.h"

#define LINE_COLUMNS  80U
#define WORTH_TELLING (G_GINT64_CONSTANT(1000000000)) /* of a silence, nanoseconds */

struct story {
    const struct ladder *ladder;
    const char *const *table;
    GString *paragraph;
    GStringChunk *words; /* what the placeholders stand for */
};

/* SAY(story, entry, { "frame", frame(story, 1) }, ...) */
#define SAY(story, entry, ...) \
    say(story, entry, (const struct wording_value[]){ __VA_ARGS__, { NULL, NULL } })

/* Sentences have a space between them, but not after wide punctuation. */
static void say(struct story *story, unsigned entry, const struct wording_value *values)
{
    GString *out = story->paragraph;

    if (out->len > 0) {
        const char *last = g_utf8_prev_char(out->str + out->len);

        if (!g_unichar_iswide(g_utf8_get_char(last)))
            g_string_append_c(out, ' ');
    }
    ladder_add_entry(out, story->table, entry, values);
}

/* Keep a number and its unit: no line ends between them. */
static const char *keep_together(struct story *story, const char *text)
{
    char **parts = g_strsplit(text, " ", -1);
    char *joined = g_strjoinv(LADDER_NO_BREAK, parts);
    const char *kept = g_string_chunk_insert(story->words, joined);

    g_free(joined);
    g_strfreev(parts);
    return kept;
}

static const char *number(struct story *story, uint64_t value)
{
    struct ladder_number digits;

    return g_string_chunk_insert(story->words, ladder_digits(&digits, value));
}

static const char *duration(struct story *story, int64_t nanoseconds)
{
    struct ladder_number time;

    return keep_together(story, ladder_time(&time, nanoseconds));
}

static const char *who(const struct story *story, unsigned role)
{
    return story->table[role == TCP_CLIENT ? WORDING_CLIENT : WORDING_SERVER];
}

/* So many bytes, in words where they are few. */
static const char *bytes(struct story *story, uint64_t count)
{
    struct ladder_number size;
    GString *text = g_string_new(NULL);
    const char *words;

    if (count >= 1000)
        g_string_append(text, ladder_size(&size, count));
    else if (count == 1)
        ladder_add_entry(text, story->table, WORDING_STORY_BYTE, NULL);
    else
        ladder_add_entry(
            text, story->table, WORDING_STORY_BYTES,
            (const struct wording_value[]){ { "count", number(story, count) }, { NULL, NULL } });
    words = keep_together(story, text->str);
    g_string_free(text, TRUE);
    return words;
}

static void tell_verdict(struct story *story)
{
    static const unsigned entries[TCP_VERDICT_COUNT] = {
        [TCP_VERDICT_UNANSWERED] = WORDING_STORY_UNANSWERED,
        [TCP_VERDICT_REFUSED] = WORDING_STORY_REFUSED,
        [TCP_VERDICT_REJECTED] = WORDING_STORY_REJECTED,
        [TCP_VERDICT_HANDSHAKE_UNFINISHED] = WORDING_STORY_UNFINISHED,
        [TCP_VERDICT_HANDSHAKE_ABORTED] = WORDING_STORY_HANDSHAKE_ABORTED,
        [TCP_VERDICT_ABORTED] = WORDING_STORY_ABORTED,
        [TCP_VERDICT_LATE_RESET] = WORDING_STORY_LATE_RESET,
        [TCP_VERDICT_PEER_GONE] = WORDING_STORY_PEER_GONE,
    };
    const struct tcp_outcome *outcome = &story->ladder->outcome;
    unsigned role = outcome->decided_by == TCP_SERVER ? TCP_SERVER : TCP_CLIENT;

    if (outcome->verdict == TCP_VERDICT_UNANSWERED &&
        outcome->opening != TCP_OPENING_UNANSWERED) { /* not even a SYN */
        say(story, WORDING_STORY_NO_ANSWER, NULL);
        return;
    }
    if (entries[outcome->verdict])
        SAY(story, entries[outcome->verdict], { "who", who(story, role) },
            { "other", who(story, 1 - role) }, { "frame", number(story, outcome->decided_in) });
}

static void tell_again(struct story *story, const struct ladder_count *again, unsigned what)
{
    if (again->count > 0)
        SAY(story, again->count == 1 ? WORDING_STORY_AGAIN_ONCE : WORDING_STORY_AGAIN_TIMES,
            { "What", story->table[what] }, { "frame", number(story, again->first) },
            { "count", number(story, again->count) });
}

static void tell_once(struct story *story, const struct ladder_count *what, unsigned entry,
                      unsigned role)
{
    if (what->count > 0)
        SAY(story, entry, { "frame", number(story, what->first) }, { "who", who(story, role) },
            { "other", who(story, 1 - role) });
}

static void tell_what_went_wrong(struct story *story)
{
    const struct ladder_facts *facts = &story->ladder->facts;

    tell_verdict(story);
    tell_once(story, &facts->lost_data, WORDING_NOTE_LOST_DATA, TCP_CLIENT);
    tell_again(story, &facts->syn_again, WORDING_STORY_SYN);
    tell_again(story, &facts->syn_ack_again, WORDING_STORY_SYN_ACK);
    tell_once(story, &facts->mismatch, WORDING_STORY_ACK_MISMATCH, TCP_CLIENT);
    tell_again(story, &facts->data_again, WORDING_STORY_DATA);
    tell_once(story, &facts->out_of_order, WORDING_STORY_OUT_OF_ORDER, TCP_CLIENT);
    tell_again(story, &facts->fin_again, WORDING_STORY_FIN);
    for (unsigned role = 0; role < 2; role++)
        tell_once(story, &facts->zero_window[role], WORDING_STORY_ZERO_WINDOW, role);
    for (unsigned role = 0; role < 2; role++)
        tell_once(story, &facts->rst_ignored[role], WORDING_STORY_RST_IGNORED, role);
    tell_once(story, &facts->unseen, WORDING_STORY_UNSEEN, TCP_CLIENT);
    if (story->paragraph->len == 0)
        say(story, WORDING_STORY_FINE, NULL);
}

static void tell_three_way(struct story *story)
{
    const struct ladder_facts *facts = &story->ladder->facts;

    if (!facts->syn[TCP_CLIENT] || !facts->syn[TCP_SERVER] || !facts->open) {
        say(story, WORDING_STORY_OPEN_PARTLY, NULL);
        return;
    }
    SAY(story, WORDING_STORY_OPEN_THREE_WAY, { "syn", number(story, facts->syn[TCP_CLIENT]) },
        { "syn_ack", number(story, facts->syn[TCP_SERVER]) }, { "ack", number(story, facts->open) },
        { "time", duration(story, facts->syn_time[TCP_SERVER] - facts->syn_time[TCP_CLIENT]) },
        { "time2", duration(story, facts->open_time - facts->syn_time[TCP_SERVER]) });
}

static void tell_attempt(struct story *story)
{
    const struct ladder_facts *facts = &story->ladder->facts;

    if (facts->syn[TCP_CLIENT])
        SAY(story, WORDING_STORY_OPEN_ASKED, { "syn", number(story, facts->syn[TCP_CLIENT]) });
    if (facts->syn[TCP_SERVER])
        SAY(story, WORDING_STORY_OPEN_ANSWERED,
            { "syn_ack", number(story, facts->syn[TCP_SERVER]) });
}

static void tell_opening(struct story *story)
{
    const struct ladder_facts *facts = &story->ladder->facts;

    if (facts->port_reused.count > 0)
        say(story, WORDING_NOTE_PORT_REUSED, NULL);
    switch (story->ladder->outcome.opening) {
    case TCP_OPENING_THREE_WAY:
        tell_three_way(story);
        break;
    case TCP_OPENING_SIMULTANEOUS:
        SAY(story, WORDING_STORY_OPEN_SIMULTANEOUS,
            { "first", number(story, MIN(facts->syn[TCP_CLIENT], facts->syn[TCP_SERVER])) },
            { "syn", number(story, MAX(facts->syn[TCP_CLIENT], facts->syn[TCP_SERVER])) });
        break;
    case TCP_OPENING_FAST_OPEN:
        SAY(story, WORDING_STORY_OPEN_FAST, { "syn", number(story, facts->syn[TCP_CLIENT]) });
        break;
    case TCP_OPENING_MID_STREAM:
        say(story, WORDING_NOTE_MIDSTREAM, NULL);
        break;
    default:
        tell_attempt(story);
    }
}

static void tell_data(struct story *story)
{
    const struct ladder_facts *facts = &story->ladder->facts;
    const uint64_t *sent = story->ladder->outcome.bytes;

    if (sent[TCP_CLIENT] == 0 && sent[TCP_SERVER] == 0)
        say(story, WORDING_STORY_NO_DATA, NULL);
    else if (sent[TCP_CLIENT] == 0 || sent[TCP_SERVER] == 0)
        SAY(story, WORDING_STORY_DATA_OF_ONE, { "who", who(story, sent[TCP_CLIENT] == 0) },
            { "size", bytes(story, sent[TCP_CLIENT] + sent[TCP_SERVER]) });
    else
        SAY(story, WORDING_STORY_DATA_OF_BOTH, { "size", bytes(story, sent[TCP_CLIENT]) },
            { "size2", bytes(story, sent[TCP_SERVER]) });
    if (facts->exchanges > 2) /* more than a question and its answer */
        SAY(story, WORDING_STORY_TURNS, { "count", number(story, facts->exchanges) });
    if (facts->keep_alive.count > 0)
        SAY(story,
            facts->keep_alive.count == 1 ? WORDING_STORY_KEEP_ALIVE : WORDING_STORY_KEEP_ALIVES,
            { "count", number(story, facts->keep_alive.count) },
            { "frame", number(story, facts->keep_alive.first) });
    if (facts->silence >= WORTH_TELLING)
        SAY(story, WORDING_STORY_SILENCE, { "time", duration(story, facts->silence) },
            { "frame", number(story, facts->silence_before) });
}

/* An orderly close: the sentence of its kind, and its last step. */
static void tell_close(struct story *story, unsigned entry)
{
    const struct ladder_facts *facts = &story->ladder->facts;
    unsigned closer = story->ladder->outcome.closed_by == TCP_SERVER ? TCP_SERVER : TCP_CLIENT;
    uint32_t last = facts->fin_acked[1 - closer];

    SAY(story, entry, { "who", who(story, closer) }, { "other", who(story, 1 - closer) },
        { "fin", number(story, facts->fin[closer]) },
        { "ack", number(story, facts->fin_acked[closer]) },
        { "fin2", number(story, facts->fin[1 - closer]) });
    if (story->ladder->outcome.half_close)
        say(story, WORDING_STORY_END_HALF_CLOSE, NULL);
    if (entry == WORDING_STORY_END_SIMULTANEOUS)
        last = facts->fin_acked[closer] && last ? MAX(last, facts->fin_acked[closer]) : 0;
    if (last)
        SAY(story, WORDING_STORY_END_LAST_ACK, { "frame", number(story, last) });
    else
        say(story, WORDING_STORY_END_NO_LAST_ACK, NULL);
}

static void tell_half(struct story *story, unsigned entry)
{
    const struct tcp_outcome *outcome = &story->ladder->outcome;
    unsigned closer = outcome->closed_by == TCP_SERVER ? TCP_SERVER : TCP_CLIENT;

    if (story->ladder->facts.fin[closer])
        SAY(story, entry, { "who", who(story, closer) }, { "other", who(story, 1 - closer) },
            { "fin", number(story, story->ladder->facts.fin[closer]) });
}

static void tell_reset(struct story *story)
{
    if (story->ladder->outcome.verdict == TCP_VERDICT_HANDSHAKE_ABORTED)
        say(story, WORDING_STORY_END_NEVER, NULL);
    else if (story->ladder->facts.rst)
        SAY(story, WORDING_STORY_END_RESET, { "frame", number(story, story->ladder->facts.rst) });
}

static void tell_no_close(struct story *story)
{
    enum tcp_verdict verdict = story->ladder->outcome.verdict;
    bool is_open = verdict == TCP_VERDICT_OPEN || verdict == TCP_VERDICT_PEER_GONE;

    say(story, is_open ? WORDING_STORY_END_OPEN : WORDING_STORY_END_NEVER, NULL);
}

static void tell_end(struct story *story)
{
    const struct ladder *ladder = story->ladder;
    const bool time_wait[] = { ladder->outcome.state[TCP_CLIENT] == TCP_STATE_TIME_WAIT,
                               ladder->outcome.state[TCP_SERVER] == TCP_STATE_TIME_WAIT };

    switch (ladder->outcome.closing) {
    case TCP_CLOSING_FOUR_SEGMENT:
        tell_close(story, WORDING_STORY_END_FOUR);
        break;
    case TCP_CLOSING_THREE_SEGMENT:
        tell_close(story, WORDING_STORY_END_THREE);
        break;
    case TCP_CLOSING_SIMULTANEOUS:
        tell_close(story, WORDING_STORY_END_SIMULTANEOUS);
        break;
    case TCP_CLOSING_HALF_CLOSED:
        tell_half(story, WORDING_STORY_END_HALF_CLOSED);
        break;
    case TCP_CLOSING_RESET_AFTER_FIN:
        tell_half(story, WORDING_STORY_END_FIRST_FIN);
        tell_reset(story);
        break;
    case TCP_CLOSING_RESET:
        tell_reset(story);
        break;
    default:
        tell_no_close(story);
    }
    if (time_wait[TCP_CLIENT] && time_wait[TCP_SERVER])
        say(story, WORDING_STORY_TIME_WAIT_BOTH, NULL);
    else if (time_wait[TCP_CLIENT] || time_wait[TCP_SERVER])
        SAY(story, WORDING_STORY_TIME_WAIT, { "who", who(story, !time_wait[TCP_CLIENT]) });
    if (ladder->segments > 1)
        SAY(story, WORDING_STORY_TOOK, { "first", number(story, ladder->first) },
            { "last", number(story, ladder->last) },
            { "time", duration(story, ladder->previous - ladder->start) });
}

static void end_paragraph(GString *out, struct story *story)
{
    GPtrArray *lines = ladder_wrap(story->paragraph->str, LINE_COLUMNS);

    for (unsigned i = 0; i < lines->len; i++)
        g_string_append_printf(out, "%s\n", (const char *)g_ptr_array_index(lines, i));
    g_ptr_array_unref(lines);
    g_string_truncate(story->paragraph, 0);
}

static void tell(GString *out, struct story *story)
{
    static void (*const parts[])(struct story *) = { tell_what_went_wrong, tell_opening, tell_data,
                                                     tell_end };

    SAY(story, WORDING_STORY_ABOUT, { "stream", number(story, story->ladder->stream) },
        { "client", story->ladder->name[TCP_CLIENT] },
        { "server", story->ladder->name[TCP_SERVER] });
    end_paragraph(out, story);
    for (unsigned i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_string_append_c(out, '\n');
        parts[i](story);
        end_paragraph(out, story);
    }
}

void ladder_story(GString *out, struct ladder *const *ladders, unsigned count,
                  const char *const *table)
{
    for (unsigned i = 0; i < count; i++) {
        struct story story = {
            .ladder = ladders[i],
            .table = table,
            .paragraph = g_string_new(NULL),
            .words = g_string_chunk_new(1024),
        };

        if (i > 0)
            g_string_append(out, "\n\n");
        tell(out, &story);
        g_string_free(story.paragraph, TRUE);
        g_string_chunk_free(story.words);
    }
}
