/* properties_again.c
 * Conversations of which segments were sent twice, or captured twice.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "properties.h"

#include <stdio.h>
#include <stdlib.h>

/* A trace with some of its segments twice. */
struct doubled {
    struct trace *trace;
    size_t *place; /* where the segments of the trace before stand */
};

#define EVERY SIZE_MAX

/* Put a second one behind segment which, or behind every segment.
 * as_copies: captured twice; otherwise sent twice, which is another packet. */
static struct doubled double_segments(const struct trace *trace, size_t which, bool as_copies)
{
    struct doubled doubled = { trace_like(trace), calloc(trace->count + 1, sizeof(size_t)) };

    for (size_t i = 0; i < trace->count && CHECK(doubled.place != NULL); i++) {
        struct traced traced = trace->at[i];

        /* Frames in between stay free, so that those before it keep their numbers. */
        traced.segment.frame = 2 * traced.segment.frame - 1;
        if (traced.copy_of)
            traced.copy_of = doubled.place[traced.copy_of - 1] + 1;
        doubled.place[i] = doubled.trace->count;
        trace_append(doubled.trace, &traced);
        if (which != i && which != EVERY)
            continue;
        traced.segment.frame++;
        if (as_copies && !traced.copy_of)
            traced.copy_of = doubled.trace->count;
        else if (!as_copies)
            traced.copy_of = 0;
        trace_append(doubled.trace, &traced);
    }
    return doubled;
}

static uint32_t frame_in_doubled(uint32_t frame)
{
    return frame ? 2 * frame - 1 : 0;
}

static void free_doubled(struct doubled *doubled)
{
    trace_free(doubled->trace);
    free(doubled->place);
}

/* --- sent again --- */

/* What a segment that is sent again must not change. It is itself another event (a retransmission),
 * and links to a SYN or FIN go to its latest frame. */
#define UNCHANGED                                                                        \
    (IN_STATES | IN_ORIGINS | IN_DWELL | IN_STEPS | IN_PHASE | IN_SENDER | IN_ACCEPTED | \
     IN_NUMBERS | IN_EXCHANGE)

/* Whether the other end says anything after segment index, or after all. */
static bool is_answered(const struct trace *trace, unsigned stream, size_t index)
{
    for (size_t i = index + 1; index != EVERY && i < trace->count; i++)
        if (trace->at[i].stream == stream &&
            trace->at[i].segment.sender_id != trace->at[index].segment.sender_id)
            return true;
    return false;
}

static void check_outcome_again(const struct trace *trace, unsigned stream, const char *change,
                                const struct tcp_outcome *expected, const struct tcp_outcome *got,
                                size_t which)
{
    /* "retransmissions never answered" (peer-gone): one more of them may be the one that
     * counts, and the answer that comes after all then decides the verdict anew. */
    unsigned aspects = IN_WHOLE & ~(unsigned)(IN_DECIDED | IN_ZEEK);

    if (got->verdict == TCP_VERDICT_PEER_GONE && !is_answered(trace, stream, which))
        aspects &= ~(unsigned)IN_VERDICT;
    property_compare_outcome(trace, stream, change, expected, got, aspects);
}

/* Whether what a segment brings is kept count of. It is not where it lies outside the window, or
 * belongs to no connection, or to one that is over. Of what lies behind several gaps one piece
 * is remembered, so that another one seems to fill its gap each time. */
static bool is_looked_into(const struct tcp_annotation *first, const struct tcp_annotation *again)
{
    if ((first->notes & (TCP_NOTE_GAP_BEFORE | TCP_NOTE_FILLS_GAP)) &&
        (again->notes & TCP_NOTE_FILLS_GAP))
        return false;
    return !(again->notes & (TCP_NOTE_OUTSIDE | TCP_NOTE_NO_ACK_FLAG)) &&
           (again->from[TCP_CLIENT] != CLOSED || again->from[TCP_SERVER] != CLOSED);
}

/* "retransmission (nothing new in it)" */
static void check_named(const struct trace *trace, size_t index, const char *change,
                        const struct tcp_annotation *first, const struct tcp_annotation *again)
{
    const uint16_t numbered = TCP_DOES_SYN | TCP_DOES_SYN_ACK | TCP_DOES_DATA | TCP_DOES_FIN;

    trace_about(trace, index, change);
    if ((again->events & numbered) && is_looked_into(first, again))
        check_that((again->events & TCP_DOES_RETRANSMISSION) != 0, "a retransmission", trace->file,
                   trace->at[index].line);
}

static void send_again(const struct trace *trace, const struct replay *plain, size_t which)
{
    struct doubled doubled = double_segments(trace, which, false);
    struct replay replay = property_play(doubled.trace);
    char change[80];

    if (which == EVERY)
        snprintf(change, sizeof change, "each segment sent again");
    else
        snprintf(change, sizeof change, "segment %zu sent again", which + 1);
    for (size_t i = 0; i < trace->count; i++) {
        const struct tcp_annotation *note = &replay.notes[doubled.place[i]];

        /* Sent right after itself, a segment finds its sender where it was: a SYN in SYN_SENT, a
         * FIN in FIN_WAIT_1 or LAST_ACK. So nothing that had arrived has to be withdrawn. */
        if (which == i || which == EVERY) {
            property_compare(trace, i, "the segment sent again", note, note + 1, IN_STATES);
            check_named(trace, i, change, note, note + 1);
        }
        property_compare(trace, i, change, &plain->notes[i], note, UNCHANGED);
        /* An end is inferred to be where it is until it sends something, be it the same again. */
        trace_about(trace, i, change);
        check_that(plain->notes[i].inferred || !note->inferred, "observed as before", trace->file,
                   trace->at[i].line);
    }
    for (unsigned stream = 0; stream < trace->streams; stream++)
        check_outcome_again(trace, stream, change, &plain->outcomes[stream],
                            &replay.outcomes[stream], which);
    replay_free(&replay);
    free_doubled(&doubled);
}

void sent_again(const struct trace *trace, const struct replay *plain)
{
    for (size_t i = 0; i < trace->count; i += property_stride(trace))
        if (!trace->at[i].copy_of) /* a copy was not sent, so it is not sent again */
            send_again(trace, plain, i);
    for (size_t i = 0; i < trace->count; i++)
        if (trace->at[i].copy_of)
            return;
    send_again(trace, plain, EVERY);
}

/* --- captured again --- */

static void capture_again(const struct trace *trace, const struct replay *plain, size_t which)
{
    struct doubled doubled = double_segments(trace, which, true);
    struct replay replay = property_play(doubled.trace);

    for (size_t i = 0; i < trace->count; i++) {
        const struct tcp_annotation *note = &replay.notes[doubled.place[i]];
        struct tcp_annotation expected = plain->notes[i];

        expected.acks_frame = frame_in_doubled(expected.acks_frame);
        expected.about = frame_in_doubled(expected.about);
        if (which == i || which == EVERY)
            property_compare(trace, i, "the second capture", note, note + 1,
                             IN_STATES | IN_STEPS | IN_PHASE | IN_NUMBERS);
        property_compare(trace, i, "captured twice", &expected, note, IN_ALL);
    }
    for (unsigned stream = 0; stream < trace->streams; stream++) {
        struct tcp_outcome expected = plain->outcomes[stream];

        expected.decided_in = frame_in_doubled(expected.decided_in);
        property_compare_outcome(trace, stream, "captured twice", &expected,
                                 &replay.outcomes[stream], IN_WHOLE);
    }
    replay_free(&replay);
    free_doubled(&doubled);
}

void captured_again(const struct trace *trace, const struct replay *plain)
{
    for (size_t i = 0; i < trace->count; i += property_stride(trace))
        capture_again(trace, plain, i);
    capture_again(trace, plain, EVERY);
}
