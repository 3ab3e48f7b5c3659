/* test_annotations.c
 * What is kept for each frame comes back as it was, in any order, and takes little.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "annotations.h"
#include "same_layer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state_of_chance = UINT64_C(0x7463705f7068617a);

/* xorshift64: the same numbers everywhere. */
static uint64_t chance(void)
{
    state_of_chance ^= state_of_chance << 13;
    state_of_chance ^= state_of_chance >> 7;
    state_of_chance ^= state_of_chance << 17;
    return state_of_chance;
}

static uint64_t chance_below(uint64_t limit)
{
    return (chance() >> 16) % limit;
}

/* A number of any size: small ones come as often as large ones. */
static uint64_t number_of_bits(unsigned bits)
{
    uint64_t size = chance_below(bits + 1);

    return size == 0 ? 0 : chance() >> (64 - size);
}

static int64_t random_time(void)
{
    int64_t time = (int64_t)number_of_bits(63);

    switch (chance_below(4)) {
    case 0:
        return TCP_NO_TIME;
    case 1:
        return -time;
    default:
        return time;
    }
}

static struct annotated_layer random_layer(void)
{
    struct annotated_layer layer = {
        .stream = (uint32_t)number_of_bits(32),
        .annotation = {
            .dwell = { random_time(), random_time() },
            .seq = (uint32_t)number_of_bits(32),
            .ack = (uint32_t)number_of_bits(32),
            .len = (uint32_t)number_of_bits(32),
            .acks_frame = (uint32_t)number_of_bits(32),
            .about = (uint32_t)number_of_bits(32),
            .exchange = (uint32_t)number_of_bits(32),
            .notes = (uint32_t)number_of_bits(32),
            .events = (uint16_t)number_of_bits(16),
            .steps = (uint16_t)number_of_bits(16),
            .experts = (uint16_t)number_of_bits(16),
            .flags = (uint16_t)number_of_bits(16),
            .phase = (uint8_t)chance_below(4),
            .sender = (uint8_t)chance_below(2),
            .inferred = chance_below(2) != 0,
            .accepted = chance_below(2) != 0,
        },
    };

    for (int role = 0; role < 2; role++) {
        layer.annotation.state[role] = (uint8_t)chance_below(TCP_STATE_COUNT);
        layer.annotation.from[role] =
            chance_below(3) ? layer.annotation.state[role] : (uint8_t)chance_below(TCP_STATE_COUNT);
    }
    return layer;
}

/* Keep layers for a frame, look them up, and compare. */
static void check_round_trip(struct annotation_store *store, uint32_t frame,
                             const struct annotated_layer *layers, unsigned count)
{
    struct annotated_layer got[ANNOTATED_LAYERS_MAX];
    unsigned expected = count > ANNOTATED_LAYERS_MAX ? ANNOTATED_LAYERS_MAX : count;

    annotations_set(store, frame, layers, count);
    memset(got, 0xa5, sizeof got);
    if (!CHECK_NUMBER(expected, annotations_get(store, frame, got)))
        return;
    for (unsigned i = 0; i < expected; i++)
        check_same_layer(&layers[i], &got[i]);
}

static void random_annotations(void)
{
    struct annotation_store *store = annotations_new();

    for (unsigned i = 0; i < 100000; i++) {
        struct annotated_layer layer = random_layer();

        check_about("number %u", i);
        check_round_trip(store, 1 + (uint32_t)chance_below(300000), &layer, 1);
    }
    annotations_free(store);
}

/* Frames in any order, some with several layers, some set anew, most missing; read when all is set. */
static void frames_in_any_order(void)
{
    enum { FRAMES = 20000, KEPT = 5000 };
    static struct annotated_layer kept[FRAMES + 1][3];
    static unsigned counts[FRAMES + 1];
    struct annotation_store *store = annotations_new();
    struct annotated_layer got[ANNOTATED_LAYERS_MAX];

    for (unsigned i = 0; i < KEPT; i++) {
        uint32_t frame = 1 + (uint32_t)chance_below(FRAMES);

        counts[frame] = (unsigned)chance_below(4); /* 0: what was kept is taken back */
        for (unsigned k = 0; k < counts[frame]; k++)
            kept[frame][k] = random_layer();
        annotations_set(store, frame, kept[frame], counts[frame]);
    }
    for (uint32_t frame = FRAMES; frame > 0; frame--) {
        check_about("frame %u", frame);
        CHECK_NUMBER(counts[frame], annotations_get(store, frame, got));
        for (unsigned k = 0; k < counts[frame]; k++)
            check_same_layer(&kept[frame][k], &got[k]);
    }
    annotations_free(store);
}

static void extreme_values(void)
{
    static const int64_t times[] = { TCP_NO_TIME, INT64_MIN + 1, INT64_MIN + 2, -1, 0,
                                     1,           INT64_MAX - 1, INT64_MAX };
    struct annotation_store *store = annotations_new();
    struct annotated_layer layer;

    for (unsigned i = 0; i < COUNT_OF(times); i++)
        for (unsigned k = 0; k < COUNT_OF(times); k++) {
            check_about("times %u and %u", i, k);
            memset(&layer, 0, sizeof layer);
            layer.annotation.dwell[TCP_CLIENT] = times[i];
            layer.annotation.dwell[TCP_SERVER] = times[k];
            check_round_trip(store, 1, &layer, 1);
        }
    check_about("all bits");
    memset(&layer, 0xff, sizeof layer);
    layer.annotation.phase = TCP_PHASE_CLOSED;
    layer.annotation.sender = TCP_SERVER;
    layer.annotation.inferred = layer.annotation.accepted = true;
    for (int role = 0; role < 2; role++) {
        layer.annotation.state[role] = TCP_STATE_TIME_WAIT;
        layer.annotation.from[role] = TCP_STATE_LAST_ACK;
        layer.annotation.dwell[role] = INT64_MAX;
    }
    check_round_trip(store, 1, &layer, 1);
    check_round_trip(store, 5000000, &layer, 1);
    check_about("all bits, in the last frame of all");
    check_round_trip(store, UINT32_MAX, &layer, 1);
    annotations_free(store);
}

/* Frames referred to may lie on either side: a later frame is none that the engine gives, but must
 * not break anything. */
static void references_in_both_directions(void)
{
    static const uint32_t frames[] = { 1, 2, 127, 128, 70000, UINT32_MAX - 1 };
    struct annotation_store *store = annotations_new();
    struct annotated_layer layer;

    memset(&layer, 0, sizeof layer);
    for (unsigned i = 0; i < COUNT_OF(frames); i++)
        for (unsigned k = 0; k < COUNT_OF(frames); k++) {
            check_about("from frame %u to %u", 1000 + i, frames[k]);
            layer.annotation.acks_frame = frames[k];
            layer.annotation.about = frames[i];
            check_round_trip(store, 1000 + i, &layer, 1);
        }
    annotations_free(store);
}

static void layers_of_a_frame(void)
{
    struct annotated_layer layers[ANNOTATED_LAYERS_MAX + 3];
    struct annotation_store *store = annotations_new();

    for (unsigned i = 0; i < COUNT_OF(layers); i++)
        layers[i] = random_layer();
    for (unsigned count = 0; count <= COUNT_OF(layers); count++) {
        check_about("%u layers", count);
        check_round_trip(store, 10, layers, count);
        check_round_trip(store, 11 + count, layers, count);
    }
    annotations_free(store);
}

static void missing_frames(void)
{
    struct annotation_store *store = annotations_new();
    struct annotated_layer layer, got[ANNOTATED_LAYERS_MAX];

    CHECK_NUMBER(0, annotations_get(store, 1, got));
    CHECK_NUMBER(0, annotations_get(store, UINT32_MAX, got));
    layer = random_layer();
    annotations_set(store, 3000, &layer, 1);
    CHECK_NUMBER(0, annotations_get(store, 0, got));
    CHECK_NUMBER(0, annotations_get(store, 1, got));
    CHECK_NUMBER(0, annotations_get(store, 2999, got));
    CHECK_NUMBER(0, annotations_get(store, 3001, got));
    CHECK_NUMBER(0, annotations_get(store, 1000000, got));
    CHECK_NUMBER(1, annotations_get(store, 3000, got));
    annotations_set(store, 3000, &layer, 0);
    CHECK_NUMBER(0, annotations_get(store, 3000, got));
    annotations_free(store);
    annotations_free(NULL);
}

/* Two stores know nothing of each other. */
static void two_stores(void)
{
    struct annotation_store *one = annotations_new(), *other = annotations_new();
    struct annotated_layer layer = random_layer(), got[ANNOTATED_LAYERS_MAX];

    annotations_set(one, 5, &layer, 1);
    CHECK_NUMBER(0, annotations_get(other, 5, got));
    annotations_free(one);
    CHECK_NUMBER(0, annotations_get(other, 5, got));
    annotations_free(other);
}

/* --- what it takes --- */

/* One end sends a segment of a connection that echoes; all as the tracker annotates it. */
static void step(struct annotation_store *store, struct tcp_conversation *conversation,
                 struct tcp_segment *segment, uint32_t stream)
{
    struct annotated_layer layer = { .stream = stream };

    tcp_tracker_step(conversation, NULL, segment, &layer.annotation);
    annotations_set(store, segment->frame, &layer, 1);
    segment->frame++;
    segment->time += 100000;
}

static void send_from(struct tcp_segment *segment, uint32_t sender, uint16_t flags, uint32_t seq,
                      uint32_t ack, uint32_t len)
{
    segment->sender_id = sender;
    segment->receiver_id = 1 - sender;
    segment->flags = flags;
    segment->seq = seq;
    segment->ack = ack;
    segment->len = len;
}

static void echo_connection(struct annotation_store *store, uint32_t *frame, uint32_t stream,
                            unsigned rounds)
{
    struct tcp_conversation conversation = { 0 };
    struct tcp_segment segment = { .window = 1000, .window_scale = 7, .frame = *frame };
    uint32_t client = 3000000000U + stream * 1000, server = 100 + stream * 77;

#define SENDS(sender, flags, seq, ack, len)             \
    (send_from(&segment, sender, flags, seq, ack, len), \
     step(store, &conversation, &segment, stream))
    SENDS(0, TCP_SYN, client, 0, 0);
    SENDS(1, TCP_SYN | TCP_ACK, server, client + 1, 0);
    SENDS(0, TCP_ACK, ++client, ++server, 0);
    for (unsigned i = 0; i < rounds; i++) {
        SENDS(0, TCP_ACK | TCP_PSH, client, server, 1000);
        client += 1000;
        SENDS(1, TCP_ACK | TCP_PSH, server, client, 1000);
        server += 1000;
        SENDS(0, TCP_ACK, client, server, 0);
    }
    SENDS(0, TCP_FIN | TCP_ACK, client, server, 0);
    SENDS(1, TCP_FIN | TCP_ACK, server, client + 1, 0);
    SENDS(0, TCP_ACK, client + 1, server + 1, 0);
#undef SENDS
    *frame = segment.frame;
}

/* The header promises "16 to 20 octets for most segments"; two more say where they are. */
static void memory(void)
{
    static const struct {
        uint32_t connections;
        unsigned rounds;
    } captures[] = { { 20000, 1 }, { 10000, 10 }, { 10, 10000 } };

    for (unsigned i = 0; i < COUNT_OF(captures); i++) {
        struct annotation_store *store = annotations_new();
        uint32_t frame = 1;
        double each;

        for (uint32_t stream = 0; stream < captures[i].connections; stream++)
            echo_connection(store, &frame, stream, captures[i].rounds);
        each = (double)annotations_memory(store) / (frame - 1);
        check_about("%u connections", captures[i].connections);
        printf("%u connections of %u segments: %.1f octets a segment\n", captures[i].connections,
               3 * captures[i].rounds + 6, each);
        CHECK(each <= 22.5);
        annotations_free(store);
    }
}

int main(void)
{
    RUN(random_annotations);
    RUN(frames_in_any_order);
    RUN(extreme_values);
    RUN(references_in_both_directions);
    RUN(layers_of_a_frame);
    RUN(missing_frames);
    RUN(two_stores);
    RUN(memory);
    return check_end();
}
