/* trace.c
 * Lists of segments, from scenarios and captures, and how they are played.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "trace.h"

#include "tcp_copies.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROWTH 64

static void *must(void *memory)
{
    if (!memory) {
        fputs("no memory\n", stderr);
        exit(1);
    }
    return memory;
}

struct trace *trace_like(const struct trace *trace)
{
    struct trace *like = must(malloc(sizeof *like));

    *like = *trace;
    like->count = 0;
    like->at = NULL;
    return like;
}

void trace_append(struct trace *trace, const struct traced *traced)
{
    if (trace->count % GROWTH == 0)
        trace->at = must(realloc(trace->at, (trace->count + GROWTH) * sizeof *trace->at));
    trace->at[trace->count++] = *traced;
    if (traced->stream >= trace->streams)
        trace->streams = traced->stream + 1;
}

struct trace *trace_copy(const struct trace *trace)
{
    struct trace *copy = trace_like(trace);

    for (size_t i = 0; i < trace->count; i++)
        trace_append(copy, &trace->at[i]);
    return copy;
}

void trace_free(struct trace *trace)
{
    free(trace->at);
    free(trace);
}

struct trace *trace_of_scenario(const struct scenario *scenario)
{
    struct trace *trace = must(calloc(1, sizeof *trace));
    struct scenario_segment *segments = must(calloc(scenario->count, sizeof *segments));

    snprintf(trace->name, sizeof trace->name, "%s", scenario->name);
    trace->file = scenario->file;
    scenario_write(scenario, segments);
    for (size_t i = 0; i < scenario->count; i++)
        trace_append(trace, &(struct traced){
                                .segment = segments[i].segment,
                                .stream = segments[i].conversation,
                                .earlier = segments[i].conversation, /* the one before, plus 1 */
                                .line = scenario->rows[i].line,
                                .shown = { -1, -1 },
                            });
    free(segments);
    return trace;
}

/* --- the list of the captures' segments --- */

static int state_named(const char *name)
{
    for (int state = 0; state < TCP_STATE_COUNT; state++)
        if (strcmp(name, tcp_state_name((enum tcp_state)state)) == 0)
            return state;
    return -1;
}

static bool read_segment(const char *line, struct traced *traced, struct tcp_identity *identity)
{
    struct tcp_segment *segment = &traced->segment;
    char shown[2][16];
    int timed, hard, got, identified;

    got = sscanf(line,
                 "%" SCNu32 " %" SCNd64 " %" SCNu32 " %" SCNu32 " %" SCNu16 " %" SCNu16 " %" SCNu32
                 " %" SCNu32 " %" SCNu32 " %" SCNu16 " %" SCNu16 " %" SCNd8 " %" SCNu32
                 " %d %u %u %" SCNx64 " %d %15s %15s %d %" SCNu32,
                 &segment->frame, &segment->time, &segment->sender_id, &segment->receiver_id,
                 &segment->source_port, &segment->destination_port, &segment->seq, &segment->ack,
                 &segment->len, &segment->flags, &segment->window, &segment->window_scale,
                 &segment->timestamp, &timed, &traced->stream, &traced->earlier,
                 &identity->fingerprint, &identified, shown[0], shown[1], &hard, &traced->twin);
    if (got != 22)
        return false;
    segment->has_timestamp = timed != 0;
    identity->identified = identified != 0;
    for (int role = 0; role < 2; role++)
        traced->shown[role] = state_named(shown[role]);
    traced->hard = hard != 0;
    return true;
}

/** More than a capture of the tests has. */
#define STREAMS_MAX 4096

/* Whether a segment is a second capture of one before; the plugin finds that out in the same
 * way. */
static void find_original(struct tcp_copies *copies, const struct trace *trace,
                          struct traced *traced, const struct tcp_identity *identity)
{
    static struct tcp_conversation conversations[STREAMS_MAX]; /* of this capture */
    struct tcp_conversation *conversation = &conversations[traced->stream % STREAMS_MAX];
    const struct tcp_remembered *original;

    if (trace->count == 0)
        memset(conversations, 0, sizeof conversations);
    original = tcp_copies_find(copies, conversation, identity, &traced->segment);

    for (size_t i = 0; original && i < trace->count; i++)
        if (trace->at[i].segment.frame == original->frame)
            traced->copy_of = i + 1;
    if (!traced->copy_of)
        tcp_copies_remember(copies, conversation, identity, &traced->segment, traced->segment.frame,
                            0);
}

static struct trace *begin_capture(const char *path, const char *name)
{
    struct trace *trace = must(calloc(1, sizeof *trace));

    snprintf(trace->name, sizeof trace->name, "%s", name);
    trace->file = path;
    return trace;
}

size_t traces_read(const char *path, struct trace ***traces)
{
    static struct tcp_copies copies;
    FILE *in = fopen(path, "r");
    char line[256], name[80];
    size_t count = 0;

    *traces = NULL;
    for (int number = 1; in && fgets(line, sizeof line, in); number++) {
        struct traced traced = { .line = number };
        struct tcp_identity identity = { 0 };

        if (sscanf(line, "capture %79s", name) == 1) {
            *traces = must(realloc(*traces, (count + 1) * sizeof(struct trace *)));
            (*traces)[count++] = begin_capture(path, name);
            memset(&copies, 0, sizeof copies);
        } else if (count > 0 && read_segment(line, &traced, &identity)) {
            find_original(&copies, (*traces)[count - 1], &traced, &identity);
            trace_append((*traces)[count - 1], &traced);
        } else {
            fprintf(stderr, "%s:%d: no segment: %s", path, number, line);
            exit(1);
        }
    }
    if (!in || ferror(in)) {
        perror(path);
        exit(1);
    }
    fclose(in);
    return count;
}

/* --- playing --- */

struct replay trace_play(const struct trace *trace)
{
    struct tcp_conversation *conversations =
        must(calloc(trace->streams + 1, sizeof *conversations));
    struct replay replay = {
        .notes = must(calloc(trace->count + 1, sizeof *replay.notes)),
        .outcomes = must(calloc(trace->streams + 1, sizeof *replay.outcomes)),
        .begun = must(calloc(trace->streams + 1, sizeof *replay.begun)),
    };

    for (size_t i = 0; i < trace->count; i++) {
        const struct traced *traced = &trace->at[i];
        struct tcp_conversation *conversation = &conversations[traced->stream];
        const struct tcp_conversation *earlier = NULL;

        if (traced->earlier && replay.begun[traced->earlier - 1])
            earlier = &conversations[traced->earlier - 1];
        if (traced->copy_of)
            tcp_tracker_copy(conversation, &traced->segment, &replay.notes[traced->copy_of - 1],
                             trace->at[traced->copy_of - 1].segment.frame, &replay.notes[i]);
        else
            tcp_tracker_step(conversation, earlier, &traced->segment, &replay.notes[i]);
        replay.begun[traced->stream] = true;
    }
    for (unsigned stream = 0; stream < trace->streams; stream++)
        tcp_verdict(&conversations[stream], &replay.outcomes[stream]);
    free(conversations);
    return replay;
}

void replay_free(struct replay *replay)
{
    free(replay->notes);
    free(replay->outcomes);
    free(replay->begun);
}

void trace_about(const struct trace *trace, size_t index, const char *property)
{
    const struct tcp_segment *segment = &trace->at[index].segment;

    check_about("%s, segment %zu (frame %u, stream %u, end %u, flags %03x, seq %u, ack %u, len "
                "%u), %s",
                trace->name, index + 1, segment->frame, trace->at[index].stream, segment->sender_id,
                segment->flags, segment->seq, segment->ack, segment->len, property);
}
