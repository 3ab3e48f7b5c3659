/* test_properties.c
 * The properties of properties.h, for each scenario of the unit tests, or for each capture.
 *
 *     test_properties [-n NAME] [LIST]    LIST: the captures' segments, from tests/unit/segments.py;
 *                                         without it the scenarios.
 *                                         NAME: only what has NAME in its name
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "properties.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *wanted = "";
static struct trace **traces;
static size_t traces_count;
static unsigned long plays;

struct replay property_play(const struct trace *trace)
{
    plays++;
    return trace_play(trace);
}

void property_compare(const struct trace *trace, size_t index, const char *change,
                      const struct tcp_annotation *expected, const struct tcp_annotation *got,
                      unsigned aspects)
{
    char text[NOTATION_MAX];

    write_difference(text, expected, got, aspects);
    if (text[0])
        trace_about(trace, index, change);
    check_text("difference", "", text, trace->file, trace->at[index].line);
}

void property_compare_outcome(const struct trace *trace, unsigned stream, const char *change,
                              const struct tcp_outcome *expected, const struct tcp_outcome *got,
                              unsigned aspects)
{
    char text[NOTATION_MAX];

    write_outcome_difference(text, expected, got, aspects);
    if (text[0])
        check_about("%s, stream %u at the end, %s", trace->name, stream, change);
    check_text("difference", "", text, trace->file, trace->at[trace->count - 1].line);
}

void property_compare_outcomes(const struct trace *trace, const char *change,
                               const struct replay *expected, const struct replay *got,
                               unsigned aspects)
{
    for (unsigned stream = 0; stream < trace->streams; stream++)
        property_compare_outcome(trace, stream, change, &expected->outcomes[stream],
                                 &got->outcomes[stream], aspects);
}

void property_compare_all(const struct trace *trace, const char *change,
                          const struct replay *expected, const struct replay *got)
{
    for (size_t i = 0; i < trace->count; i++)
        property_compare(trace, i, change, &expected->notes[i], &got->notes[i], IN_ALL);
    property_compare_outcomes(trace, change, expected, got, IN_WHOLE);
}

#define PLACES_MAX 120

size_t property_stride(const struct trace *trace)
{
    return trace->count / PLACES_MAX + 1;
}

struct tcp_annotation property_swapped(const struct tcp_annotation *note)
{
    struct tcp_annotation swapped = *note;

    swapped.sender = !note->sender;
    for (int role = 0; role < 2; role++) {
        swapped.dwell[role] = note->dwell[!role];
        swapped.state[role] = note->state[!role];
        swapped.from[role] = note->from[!role];
    }
    return swapped;
}

static struct tcp_outcome swapped_outcome(const struct tcp_outcome *outcome)
{
    struct tcp_outcome swapped = *outcome;

    if (outcome->closed_by >= 0)
        swapped.closed_by = !outcome->closed_by;
    if (outcome->decided_by >= 0)
        swapped.decided_by = !outcome->decided_by;
    for (int role = 0; role < 2; role++) {
        swapped.time_wait[role] = outcome->time_wait[!role];
        swapped.has_isn[role] = outcome->has_isn[!role];
        swapped.isn[role] = outcome->isn[!role];
        swapped.bytes[role] = outcome->bytes[!role];
        swapped.state[role] = outcome->state[!role];
    }
    return swapped;
}

/* --- what is shown --- */

/* The list of the captures' segments is read as the plugin reads the captures. */
static void as_the_plugin_shows(const struct trace *trace, const struct replay *plain)
{
    for (size_t i = 0; i < trace->count; i++)
        for (int role = 0; role < 2; role++) {
            int shown = trace->at[i].shown[role];

            if (shown < 0)
                continue;
            trace_about(trace, i, "as expected.tsv has it");
            check_text("state", tcp_state_name((enum tcp_state)shown),
                       tcp_state_name((enum tcp_state)plain->notes[i].state[role]), trace->file,
                       trace->at[i].line);
        }
}

/* --- other sequence numbers --- */

/* Which of two ends a segment's sender is, the same in all streams between them. */
static unsigned side_of_sender(const struct tcp_segment *segment)
{
    return segment->sender_id < segment->receiver_id;
}

/* Which role an end has in a stream. */
static unsigned role_of_side(const struct trace *trace, const struct replay *plain, unsigned stream,
                             unsigned side)
{
    size_t i = 0;

    while (trace->at[i].stream != stream)
        i++;
    return side_of_sender(&trace->at[i].segment) == side ? plain->notes[i].sender
                                                         : !plain->notes[i].sender;
}

static void move_numbers(const struct trace *trace, const struct replay *plain, unsigned side,
                         uint32_t offset)
{
    struct trace *moved = trace_copy(trace);
    struct replay replay;
    char change[80];

    for (size_t i = 0; i < moved->count; i++) {
        struct tcp_segment *segment = &moved->at[i].segment;

        if (side_of_sender(segment) == side)
            segment->seq += offset;
        else
            segment->ack += offset;
    }
    snprintf(change, sizeof change, "the numbers of end %u moved by %u", side, offset);
    replay = property_play(moved);
    for (unsigned stream = 0; stream < trace->streams; stream++)
        replay.outcomes[stream].isn[role_of_side(trace, plain, stream, side)] -= offset;
    property_compare_all(trace, change, plain, &replay);
    replay_free(&replay);
    trace_free(moved);
}

/* Numbers are arithmetic modulo 2^32 (RFC 9293 3.4): where the ISN lies makes no difference. Each
 * segment in turn is put where unsigned numbers go round, and where the sign of a difference does:
 * before it, in it, and at its FIN. */
static void numbers_moved(const struct trace *trace, const struct replay *plain)
{
    static const uint32_t borders[] = { 0, UINT32_C(1) << 31 };

    for (unsigned side = 0; side < 2; side++)
        move_numbers(trace, plain, side, UINT32_C(1) << 31);
    for (size_t i = 0; i < trace->count; i += property_stride(trace)) {
        const struct tcp_segment *segment = &trace->at[i].segment;
        uint32_t end = segment->seq + segment->len;
        uint32_t places[] = { segment->seq, segment->seq + 1, segment->seq + segment->len / 2, end,
                              end + 1 };

        for (size_t place = 0; place < COUNT_OF(places); place++)
            for (size_t border = 0; border < COUNT_OF(borders); border++)
                move_numbers(trace, plain, side_of_sender(segment),
                             borders[border] - places[place]);
    }
}

/* Timestamps are numbers of the same kind (RFC 7323 5.2), of a clock that each end has for
 * itself: it may have begun anywhere. */
static void timestamps_moved(const struct trace *trace, const struct replay *plain)
{
    static const uint32_t borders[] = { 0, UINT32_C(1) << 31 };

    for (size_t k = 0; k < trace->count; k += property_stride(trace))
        for (size_t border = 0; border < COUNT_OF(borders); border++) {
            struct trace *moved = trace_copy(trace);
            const struct tcp_segment *first = &trace->at[k].segment;
            uint32_t offset = borders[border] - first->timestamp;
            struct replay replay;

            for (size_t i = 0; i < moved->count; i++)
                if (side_of_sender(&moved->at[i].segment) == side_of_sender(first))
                    moved->at[i].segment.timestamp += offset;
            replay = property_play(moved);
            property_compare_all(trace, "one end's timestamps moved", plain, &replay);
            replay_free(&replay);
            trace_free(moved);
        }
}

/* --- other names --- */

static void ends_numbered_otherwise(const struct trace *trace, const struct replay *plain)
{
    struct trace *renamed = trace_copy(trace);
    struct replay replay;

    for (size_t i = 0; i < renamed->count; i++) {
        renamed->at[i].segment.sender_id ^= UINT32_MAX;
        renamed->at[i].segment.receiver_id ^= UINT32_MAX;
    }
    replay = property_play(renamed);
    property_compare_all(trace, "ends with other numbers", plain, &replay);
    replay_free(&replay);
    trace_free(renamed);
}

/* Whether at a segment the ports have said who is the server: the end with the lower one. A SYN
 * says it otherwise, if it is the first segment, or only strays, of no connection, came before
 * it. */
static bool ports_decide(const struct trace *trace, size_t index)
{
    const struct tcp_segment *segment = &trace->at[index].segment;
    bool begun = false, live = false, by_syn = false;

    for (size_t i = 0; i <= index; i++) {
        uint16_t flags = trace->at[i].segment.flags;
        bool stray = !(flags & (TCP_RST | TCP_ACK)) && (flags & (TCP_SYN | TCP_FIN)) != TCP_SYN;

        if (trace->at[i].stream != trace->at[index].stream)
            continue;
        if ((flags & (TCP_SYN | TCP_RST)) == TCP_SYN && (!begun || (!live && !stray)))
            by_syn = true;
        begun = true;
        live = live || !stray;
    }
    return !by_syn && segment->source_port != segment->destination_port;
}

static void ports_swapped(const struct trace *trace, const struct replay *plain)
{
    struct trace *swapped = trace_copy(trace);
    struct replay replay;

    for (size_t i = 0; i < swapped->count; i++) {
        struct tcp_segment *segment = &swapped->at[i].segment;
        uint16_t port = segment->source_port;

        segment->source_port = segment->destination_port;
        segment->destination_port = port;
    }
    replay = property_play(swapped);
    for (size_t i = 0; i < trace->count; i++) {
        struct tcp_outcome *outcome = &replay.outcomes[trace->at[i].stream];
        bool last = true;

        for (size_t k = i + 1; k < trace->count; k++)
            last = last && trace->at[k].stream != trace->at[i].stream;
        if (!ports_decide(trace, i))
            continue;
        replay.notes[i] = property_swapped(&replay.notes[i]);
        if (last)
            *outcome = swapped_outcome(outcome);
    }
    for (size_t i = 0; i < trace->count; i++)
        property_compare(trace, i, "ports swapped", &plain->notes[i], &replay.notes[i], IN_ALL);
    /* Zeek has a list of services' ports, and takes who sends first where neither is on it. */
    property_compare_outcomes(trace, "ports swapped", plain, &replay,
                              IN_WHOLE & ~(unsigned)IN_ZEEK);
    replay_free(&replay);
    trace_free(swapped);
}

/* --- another time --- */

static void at_another_time(const struct trace *trace, const struct replay *plain)
{
    /* A little, before 1970, and so that what was before it is after it. */
    static const int64_t offsets[] = { 1, -1, -INT64_C(5010000000), -INT64_C(1700000000000000000),
                                       INT64_C(4000000000000000000) };

    for (size_t k = 0; k < COUNT_OF(offsets); k++) {
        struct trace *moved = trace_copy(trace);
        struct replay replay;

        for (size_t i = 0; i < moved->count; i++)
            moved->at[i].segment.time += offsets[k];
        replay = property_play(moved);
        property_compare_all(trace, "at another time", plain, &replay);
        replay_free(&replay);
        trace_free(moved);
    }
}

/* --- beside another conversation --- */

/* The trace that comes after this one in the list. */
static const struct trace *neighbour_of(const struct trace *trace)
{
    for (size_t i = 0; i < traces_count; i++)
        if (traces[i] == trace)
            return traces[(i + 1) % traces_count];
    return trace;
}

/* Segment index of one of two traces that are interleaved, whose streams come after others. */
static void deal(struct trace *both, const struct trace *from, size_t index, unsigned streams,
                 size_t *place)
{
    struct traced traced = from->at[index];

    traced.stream += streams;
    if (traced.earlier)
        traced.earlier += streams;
    if (traced.copy_of)
        traced.copy_of = place[traced.copy_of - 1] + 1;
    place[index] = both->count;
    trace_append(both, &traced);
}

/* One segment of the one, one of the other. */
static void interleaved(const struct trace *trace, const struct replay *plain)
{
    const struct trace *other = neighbour_of(trace);
    struct trace *both = trace_like(trace);
    size_t *places[] = { calloc(trace->count, sizeof(size_t)),
                         calloc(other->count, sizeof(size_t)) };
    struct replay replay;

    for (size_t i = 0; places[0] && places[1] && (i < trace->count || i < other->count); i++) {
        if (i < other->count)
            deal(both, other, i, trace->streams, places[1]);
        if (i < trace->count)
            deal(both, trace, i, 0, places[0]);
    }
    replay = property_play(both);
    for (size_t i = 0; i < trace->count && CHECK(places[0] != NULL); i++)
        property_compare(trace, i, "beside another conversation", &plain->notes[i],
                         &replay.notes[places[0][i]], IN_ALL);
    property_compare_outcomes(trace, "beside another conversation", plain, &replay, IN_WHOLE);
    replay_free(&replay);
    trace_free(both);
    free(places[0]);
    free(places[1]);
}

/* --- other frame numbers --- */

/* Numbers with gaps of several sizes, as where other protocols' frames lie between. */
static uint32_t spread(uint32_t frame)
{
    return frame ? 1000 + 3 * frame + frame / 3 * 20 : 0;
}

static void frames_spread(const struct trace *trace, const struct replay *plain)
{
    struct trace *moved = trace_copy(trace);
    struct replay replay;

    for (size_t i = 0; i < moved->count; i++)
        moved->at[i].segment.frame = spread(moved->at[i].segment.frame);
    replay = property_play(moved);
    for (size_t i = 0; i < moved->count; i++) {
        struct tcp_annotation expected = plain->notes[i];

        expected.acks_frame = spread(expected.acks_frame);
        expected.about = spread(expected.about);
        property_compare(trace, i, "other frame numbers", &expected, &replay.notes[i], IN_ALL);
    }
    for (unsigned stream = 0; stream < trace->streams; stream++) {
        struct tcp_outcome expected = plain->outcomes[stream];

        expected.decided_in = spread(expected.decided_in);
        property_compare_outcome(trace, stream, "other frame numbers", &expected,
                                 &replay.outcomes[stream], IN_WHOLE);
    }
    replay_free(&replay);
    trace_free(moved);
}

/* --- from the other end --- */

static const struct trace *capture_of_the_other_end(const struct trace *trace)
{
    size_t folder = strcspn(trace->name, "/");

    if (strcmp(trace->name + folder, "/capture.pcapng") != 0)
        return NULL;
    for (size_t i = 0; i < traces_count; i++)
        if (strncmp(traces[i]->name, trace->name, folder + 1) == 0 &&
            strcmp(traces[i]->name + folder, "/capture.server.pcapng") == 0)
            return traces[i];
    return NULL;
}

static unsigned long twins;

static bool is_seen_alike(const struct trace *trace)
{
    for (size_t i = 0; i < trace->count; i++)
        if (!trace->at[i].twin || trace->at[i].hard)
            return false;
    return true;
}

/* Where the network lost or doubled a segment, only one of the captures has it, and where segments
 * cross, each has its own order. Then they do not agree on which of two equal ones makes a step
 * (and so ends a phase), which one is a retransmission, and what answers what; but on the states
 * they do. */
#define SAME_STATES (IN_STATES | IN_ACCEPTED | IN_NUMBERS | IN_EXCHANGE)
#define SAME_ALL    (IN_ALL & ~(unsigned)(IN_SENDER | IN_DWELL | IN_FRAMES))

/* But for frames that are hard: there the order at one end is not the order at the other. */
static void from_the_other_end(const struct trace *trace, const struct replay *plain)
{
    const struct trace *other = capture_of_the_other_end(trace);
    unsigned aspects;
    struct replay replay;

    if (!other)
        return;
    aspects = is_seen_alike(trace) && is_seen_alike(other) ? SAME_ALL : SAME_STATES;
    replay = property_play(other);
    for (size_t i = 0; i < trace->count; i++)
        for (size_t k = 0; k < other->count; k++) {
            struct tcp_annotation there = replay.notes[k];

            if (other->at[k].segment.frame != trace->at[i].twin || other->at[k].hard ||
                trace->at[i].hard)
                continue;
            /* Both sent a SYN; whose comes first in a capture is the client there. */
            if (there.sender != plain->notes[i].sender)
                there = property_swapped(&there);
            property_compare(trace, i, "from the other end", &plain->notes[i], &there, aspects);
            twins++;
        }
    replay_free(&replay);
}

/* --- all of them --- */

static void for_each_trace(property *holds)
{
    for (size_t i = 0; i < traces_count; i++) {
        struct replay plain;

        if (!strstr(traces[i]->name, wanted))
            continue;
        plain = trace_play(traces[i]);
        holds(traces[i], &plain);
        replay_free(&plain);
    }
}

#define TEST(holds)                \
    static void test_##holds(void) \
    {                              \
        for_each_trace(holds);     \
    }
TEST(as_the_plugin_shows)
TEST(cut_at_the_end)
TEST(cut_at_the_front)
TEST(sent_again)
TEST(captured_again)
TEST(numbers_moved)
TEST(timestamps_moved)
TEST(ends_numbered_otherwise)
TEST(ports_swapped)
TEST(at_another_time)
TEST(interleaved)
TEST(frames_spread)
TEST(from_the_other_end)

static void take_scenario(const struct scenario *scenario)
{
    struct trace **more = realloc(traces, (traces_count + 1) * sizeof(struct trace *));

    if (!more) {
        CHECK(more != NULL);
        return;
    }
    traces = more;
    traces[traces_count++] = trace_of_scenario(scenario);
}

static void run_all(void)
{
    RUN(test_as_the_plugin_shows);
    RUN(test_cut_at_the_end);
    RUN(test_cut_at_the_front);
    RUN(test_sent_again);
    RUN(test_captured_again);
    RUN(test_numbers_moved);
    RUN(test_timestamps_moved);
    RUN(test_ends_numbered_otherwise);
    RUN(test_ports_swapped);
    RUN(test_at_another_time);
    RUN(test_interleaved);
    RUN(test_frames_spread);
    RUN(test_from_the_other_end);
}

int main(int argc, char **argv)
{
    bool captures = false;

    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "-n") == 0 && i + 1 < argc) {
            wanted = argv[++i];
        } else {
            captures = true;
            traces_count = traces_read(argv[i], &traces);
        }
    if (!captures)
        scenarios_each(take_scenario, "");
    run_all();
    printf("%zu conversations or captures, played %lu times\n", traces_count, plays);
    if (captures)
        printf("segments that both ends' captures have: %lu\n", twins);
    CHECK(!captures || wanted[0] || twins > 0);
    for (size_t i = 0; i < traces_count; i++)
        trace_free(traces[i]);
    free(traces);
    return check_end();
}
