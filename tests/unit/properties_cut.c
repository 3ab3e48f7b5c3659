/* properties_cut.c
 * Conversations of which only a part was captured.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "properties.h"

#include "tcp_seq.h"

#include <stdio.h>
#include <stdlib.h>

/* "nothing is changed backwards" (tcp_tracker.h): what comes later makes no difference. */
void cut_at_the_end(const struct trace *trace, const struct replay *plain)
{
    for (size_t count = 1; count < trace->count; count += property_stride(trace)) {
        struct trace *head = trace_copy(trace);
        struct replay replay;

        head->count = count;
        replay = property_play(head);
        for (size_t i = 0; i < count; i++)
            property_compare(trace, i, "cut at the end", &plain->notes[i], &replay.notes[i],
                             IN_ALL);
        replay_free(&replay);
        trace_free(head);
    }
}

/* --- cut at the front --- */

/* What is known of a stream of which the first segments are missing. */
struct rest {
    bool begun;    /* a segment of it was played */
    bool has_syn;  /* ... a SYN or SYN-ACK that opens */
    bool is_plain; /* nothing went wrong in it, and what is missing says nothing of its states */
    bool has_gap;  /* what was cut off was under way: a FIN waits for it until it is acknowledged */
};

/* A SYN or SYN-ACK. A SYN with FIN and without ACK asks for nothing. */
static bool opens(const struct tcp_segment *segment)
{
    return (segment->flags & (TCP_SYN | TCP_RST)) == TCP_SYN &&
           (segment->flags & (TCP_ACK | TCP_FIN)) != TCP_FIN;
}

static bool is_ack(const struct tcp_segment *segment)
{
    return (segment->flags & (TCP_SYN | TCP_RST | TCP_ACK)) == TCP_ACK;
}

/* Notes on conversations in which nothing was lost, crossed, ignored or out of order. */
#define NOTES_OF_NO_TROUBLE                                                           \
    ((uint32_t)(TCP_NOTE_HALF_CLOSE | TCP_NOTE_SHORT_OF_FIN | TCP_NOTE_WINDOW_PROBE | \
                TCP_NOTE_SYN_DATA_TAKEN | TCP_NOTE_SYN_DATA_REFUSED))
#define DOES_SYN_AGAIN(note)                                      \
    (((note)->events & (TCP_DOES_SYN | TCP_DOES_SYN_ACK)) != 0 && \
     ((note)->events & TCP_DOES_RETRANSMISSION) != 0)

/* Whether a segment's timestamp is older than one of its end's before. */
static bool has_old_timestamp(const struct trace *trace, size_t index)
{
    const struct tcp_segment *late = &trace->at[index].segment;

    for (size_t i = 0; i < index && late->has_timestamp; i++) {
        const struct tcp_segment *segment = &trace->at[i].segment;

        if (trace->at[i].stream == trace->at[index].stream && segment->has_timestamp &&
            segment->sender_id == late->sender_id && seq_lt(late->timestamp, segment->timestamp))
            return true;
    }
    return false;
}

/* Whether the first segment of a stream after the cut leaves data unacknowledged that was sent before
 * it: then there seems to be a gap before what comes next, and a FIN waits for it. */
static bool leaves_data_in_flight(const struct trace *trace, unsigned stream, size_t from)
{
    size_t first = from;

    while (first < trace->count && trace->at[first].stream != stream)
        first++;
    if (first == trace->count || !is_ack(&trace->at[first].segment))
        return false;
    for (size_t i = 0; i < from; i++) {
        const struct tcp_segment *segment = &trace->at[i].segment;

        if (trace->at[i].stream == stream &&
            segment->sender_id == trace->at[first].segment.receiver_id &&
            seq_lt(trace->at[first].segment.ack, segment->seq + segment->len))
            return true;
    }
    return false;
}

/* Whether the states are known from any place on: an open connection shows what it is in. That
 * takes
 *  - a connection without trouble: what is wrong with a number or a timestamp shows only beside
 *    those before it; nor is there a late SYN, which to who has not seen the first one is the
 *    first;
 *  - a place where no data is on its way;
 *  - a place before the first FIN and RST: of a FIN that was missed nobody knows;
 *  - a place that is not inside a handshake other than the usual one: of three segments each says
 *    what the ones before it were. */
static bool is_plain(const struct trace *trace, const struct replay *plain, unsigned stream,
                     size_t from)
{
    enum tcp_opening opening = plain->outcomes[stream].opening;
    bool open = opening == TCP_OPENING_THREE_WAY;

    if (leaves_data_in_flight(trace, stream, from))
        return false;
    for (size_t i = 0; i < trace->count; i++) {
        const struct tcp_annotation *note = &plain->notes[i];

        if (trace->at[i].stream != stream)
            continue;
        if ((note->notes & ~NOTES_OF_NO_TROUBLE) || DOES_SYN_AGAIN(note) ||
            has_old_timestamp(trace, i))
            return false;
        if (i >= from)
            continue;
        if (trace->at[i].segment.flags & (TCP_FIN | TCP_RST))
            return false;
        open = open || (note->steps & (TCP_STEP_OPEN_3_OF_3 | TCP_STEP_BOTH_4_OF_4));
    }
    return open;
}

/* The first segment of a connection that had begun before. */
static void check_first(const struct trace *trace, size_t index, const char *change,
                        const struct tcp_annotation *note)
{
    const struct tcp_segment *segment = &trace->at[index].segment;
    int line = trace->at[index].line;

    trace_about(trace, index, change);
    if (opens(segment) && (segment->flags & TCP_ACK)) { /* the SYN must have been there */
        check_that(note->notes & TCP_NOTE_SYN_UNSEEN, "a note on the SYN", trace->file, line);
        check_that(note->experts & TCP_EXPERT_NOT_CAPTURED, "an expert info", trace->file, line);
    } else if (is_ack(segment)) { /* "Captured from the middle: both ends ESTABLISHED" */
        check_that(note->notes & TCP_NOTE_MIDSTREAM, "mid-stream", trace->file, line);
        for (int role = 0; role < 2; role++)
            check_text("state before", "ESTABLISHED",
                       tcp_state_name((enum tcp_state)note->from[role]), trace->file, line);
    } else {
        return; /* a SYN begins; a RST ends; a stray belongs to nothing */
    }
    check_that(note->inferred, "inferred", trace->file, line);
}

/* Whether a SYN opened nothing, and the connection before it, known of, goes on. */
static bool is_resumed(const struct trace *trace, const struct replay *plain, unsigned stream,
                       const struct rest *rests)
{
    if (plain->outcomes[stream].opening != TCP_OPENING_MID_STREAM)
        return false;
    for (size_t i = 0; i < trace->count; i++)
        if (trace->at[i].stream == stream && trace->at[i].earlier)
            return rests[trace->at[i].earlier - 1].begun;
    return false;
}

/* "mid-stream (neither SYN nor SYN-ACK captured)"; then what only they tell is not known. */
static void check_opening(const struct trace *trace, const struct replay *plain,
                          const struct replay *replay, unsigned stream, const struct rest *rests,
                          const char *change)
{
    const struct tcp_outcome *outcome = &replay->outcomes[stream];
    bool midstream = !rests[stream].has_syn || is_resumed(trace, plain, stream, rests);

    check_about("%s, stream %u at the end, %s", trace->name, stream, change);
    CHECK_NUMBER(midstream, outcome->opening == TCP_OPENING_MID_STREAM);
    CHECK(!midstream || (!outcome->has_isn[TCP_CLIENT] && !outcome->has_isn[TCP_SERVER]));
    CHECK(rests[stream].has_syn ||
          (outcome->rtt == TCP_NO_TIME && outcome->server_rtt == TCP_NO_TIME &&
           outcome->client_rtt == TCP_NO_TIME));
}

static void check_rest(const struct trace *trace, const struct replay *plain,
                       const struct replay *replay, size_t from, const char *change)
{
    struct rest *rests = calloc(trace->streams, sizeof *rests);

    if (!rests) {
        CHECK(rests != NULL);
        return;
    }
    for (size_t i = from; i < trace->count; i++) {
        struct rest *rest = &rests[trace->at[i].stream];
        struct tcp_annotation note = replay->notes[i - from];

        if (!rest->begun) {
            check_first(trace, i, change, &note);
            rest->is_plain = is_plain(trace, plain, trace->at[i].stream, from);
        }
        rest->begun = true;
        /* A SYN-ACK that does not acknowledge what the client has sent opens nothing. */
        rest->has_syn = rest->has_syn || (opens(&trace->at[i].segment) &&
                                          !(note.notes & TCP_NOTE_BAD_HANDSHAKE_ACK));
        rest->has_gap = rest->has_gap || (note.notes & TCP_NOTE_GAP_BEFORE);
        if (rest->is_plain && !rest->has_gap) {
            if (note.sender != plain->notes[i].sender) /* the ports had to say who is who */
                note = property_swapped(&note);
            property_compare(trace, i, change, &plain->notes[i], &note, IN_STATES);
        }
    }
    for (unsigned stream = 0; stream < trace->streams; stream++)
        if (rests[stream].begun)
            check_opening(trace, plain, replay, stream, rests, change);
    free(rests);
}

void cut_at_the_front(const struct trace *trace, const struct replay *plain)
{
    for (size_t from = 1; from < trace->count; from += property_stride(trace)) {
        struct trace *tail = trace_like(trace);
        struct replay replay;
        char change[80];

        for (size_t i = from; i < trace->count; i++) {
            struct traced traced = trace->at[i];

            traced.copy_of = traced.copy_of > from ? traced.copy_of - from : 0;
            trace_append(tail, &traced);
        }
        snprintf(change, sizeof change, "cut at the front, before segment %zu", from + 1);
        replay = property_play(tail);
        check_rest(trace, plain, &replay, from, change);
        replay_free(&replay);
        trace_free(tail);
    }
}
