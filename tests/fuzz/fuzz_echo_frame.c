/* fuzz_echo_frame.c
 * The echo protocol's codec, given anything: what must hold whatever the octets are.
 *
 * The input: an octet that chooses how the stream is cut, one for the rules, and the stream.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "echo_answer.h"
#include "echo_crc32c.h"
#include "echo_frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STREAM_MAX 4096
#define RECEIVED   UINT64_C(0x1111111111111111)
#define SENT       UINT64_C(0x2222222222222222)

#define HOLDS(condition) ((condition) ? (void)0 : fail(#condition, __LINE__))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *condition, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, line, condition);
    abort();
}

static struct echo_rules choose_rules(uint8_t choice)
{
    static const uint32_t limits[] = { UINT32_MAX, 65536, 100, 0 };

    return (struct echo_rules){ (enum echo_sender)(choice % 3), limits[choice / 3 % 4] };
}

static bool is_same_front(const struct echo_front *a, const struct echo_front *b)
{
    return a->size == b->size && a->error == b->error && a->field == b->field &&
           a->error_id == b->error_id;
}

/* More octets do not change a verdict; what is missing is what it takes. */
static void parse_at_every_split(const uint8_t *bytes, size_t size, const struct echo_rules *rules)
{
    enum echo_parsed before = ECHO_INCOMPLETE;
    struct echo_front last = { .missing = ECHO_HEADER_SIZE };

    for (size_t cut = 0; cut <= size && cut <= ECHO_HEAD_MAX + 1; cut++) {
        struct echo_front front;
        enum echo_parsed parsed = echo_parse(bytes, cut, rules, &front);

        HOLDS(before == ECHO_INCOMPLETE || (parsed == before && is_same_front(&front, &last)));
        HOLDS((parsed == ECHO_INCOMPLETE) == (front.missing > 0));
        HOLDS((parsed == ECHO_MALFORMED) == (front.error != ECHO_NO_ERROR));
        HOLDS((parsed == ECHO_MALFORMED) == (front.field != ECHO_FIELD_NONE));
        HOLDS((parsed == ECHO_COMPLETE) == (front.size > 0));
        if (parsed == ECHO_COMPLETE)
            HOLDS(front.size <= cut);
        if (parsed != ECHO_MALFORMED && before == ECHO_INCOMPLETE && cut > 0)
            HOLDS(front.missing + 1 == last.missing ||
                  (cut == ECHO_HEADER_SIZE && front.missing == ECHO_TIMES_SIZE));
        before = parsed;
        last = front;
    }
}

/* A head that was read is written as it was; a good one has the answer that it must have. */
static void read_and_write(const uint8_t *bytes, size_t size, const struct echo_rules *rules)
{
    uint8_t again[ECHO_HEAD_MAX];
    struct echo_head head, reply;
    size_t head_size;

    if (echo_head_read(&head, bytes, size) > 0)
        return;
    head_size = echo_head_write(again, &head);
    HOLDS(head_size == echo_head_size(head.flags));
    HOLDS(memcmp(again, bytes, head_size) == 0);
    HOLDS(echo_frame_size(&head) >= head_size);
    HOLDS(echo_goodbye_code((enum echo_close)echo_goodbye_how(head.code),
                            echo_goodbye_wait_ms(head.code)) == head.code);
    if (echo_head_check(&head, rules, NULL) != ECHO_NO_ERROR || head.type != ECHO_REQUEST)
        return;
    echo_make_reply(again);
    HOLDS(echo_head_read(&reply, again, head_size) == 0);
    HOLDS(echo_answer_mismatch(&head, &reply) == ECHO_FIELD_NONE);
    HOLDS(echo_answer_mismatch(&head, &head) == ECHO_FIELD_TYPE);
    HOLDS(echo_head_check(&reply, &(struct echo_rules){ ECHO_FROM_SERVER, rules->payload_max },
                          NULL) == ECHO_NO_ERROR);
}

/* The octets from here on could begin a frame, by the public functions alone. */
static bool could_begin(const uint8_t *bytes, size_t size, const struct echo_rules *rules,
                        uint64_t *frame)
{
    struct echo_front front;

    *frame = UINT64_MAX;
    if (size >= ECHO_HEADER_SIZE) {
        struct echo_head head;

        echo_head_read(&head, bytes, size);
        *frame = echo_frame_size(&head);
        return echo_head_check(&head, rules, NULL) == ECHO_NO_ERROR;
    }
    return size == 0 || echo_parse(bytes, size, rules, &front) != ECHO_MALFORMED;
}

/* What is found is plausible, and nothing before it was. */
static void find_header(const uint8_t *bytes, size_t size, const struct echo_rules *rules)
{
    size_t found = echo_find_header(bytes, size, rules);
    uint64_t frame, unused;

    HOLDS(found <= size);
    if (found < size) {
        HOLDS(could_begin(bytes + found, size - found, rules, &frame));
        if (frame <= size - found)
            HOLDS(could_begin(bytes + found + frame, size - found - (size_t)frame, rules, &unused));
    }
    for (size_t at = 0; at < found && size - at >= ECHO_HEADER_SIZE; at++) {
        if (!could_begin(bytes + at, size - at, rules, &frame))
            continue;
        /* Passed by: then a whole frame must end here, and no other follow. A header that is not
         * whole may have been refused for a field that echo_parse() does not judge yet. */
        HOLDS(frame < size - at);
        if (size - at - frame >= ECHO_HEADER_SIZE)
            HOLDS(!could_begin(bytes + at + frame, size - at - (size_t)frame, rules, &unused));
    }
}

/* What came out of a server that was given a stream. */
struct output {
    uint8_t octets[STREAM_MAX];
    size_t size;
    size_t frames;
    enum echo_stop stop;
    struct echo_front front;
    size_t kept;
};

/* Give the stream in pieces: of one size, or, with 0, whole. */
static void serve(const uint8_t *bytes, size_t size, size_t piece,
                  const struct echo_service *service, struct output *output)
{
    struct echo_answering answering = { 0 };
    uint8_t buffer[STREAM_MAX];
    size_t kept = 0, at = 0;

    memset(output, 0, sizeof *output);
    while (at < size && output->stop != ECHO_STOP_GOODBYE && output->stop != ECHO_STOP_ERROR) {
        size_t more = piece > 0 && piece < size - at ? piece : size - at;
        struct echo_batch batch;

        memcpy(buffer + kept, bytes + at, more);
        at += more;
        more += kept;
        output->stop = echo_answer(&answering, buffer, more, RECEIVED, service, &batch);
        HOLDS(output->stop == batch.stop);
        HOLDS(batch.ready <= more && batch.timed <= batch.ready);
        HOLDS((batch.ready == more) == (batch.stop == ECHO_STOP_END));
        HOLDS((batch.missing > 0) == (batch.stop == ECHO_STOP_MORE));
        echo_stamp_sent(buffer, &batch, SENT);
        memcpy(output->octets + output->size, buffer, batch.ready);
        output->size += batch.ready;
        output->frames += batch.frames;
        output->front = batch.front;
        kept = more - batch.ready;
        memmove(buffer, buffer + batch.ready, kept);
        if (batch.stop == ECHO_STOP_MORE && !service->check_crc)
            HOLDS(kept < ECHO_HEAD_MAX);
    }
    output->kept = kept;
}

/* What came out is what went in, but for type and the server's times. */
static void check_output(const uint8_t *bytes, const struct echo_service *service,
                         const struct output *output)
{
    const struct echo_rules from_server = { ECHO_FROM_SERVER, service->payload_max };
    uint64_t at = 0;
    size_t frames = 0;

    while (at < output->size) {
        const uint8_t *in = bytes + at, *out = output->octets + at;
        size_t left = output->size - (size_t)at, rest;
        struct echo_head request, reply;

        HOLDS(echo_head_read(&request, in, left) == 0);
        HOLDS(echo_head_read(&reply, out, left) == 0);
        HOLDS(request.type == ECHO_REQUEST);
        HOLDS(echo_head_check(&reply, &from_server, NULL) == ECHO_NO_ERROR);
        HOLDS(echo_answer_mismatch(&request, &reply) == ECHO_FIELD_NONE);
        if (reply.flags & ECHO_FLAG_TIMES)
            HOLDS(reply.server_received == RECEIVED && reply.server_sent == SENT);
        rest = echo_head_size(reply.flags);
        if (echo_frame_size(&reply) <= left) {
            HOLDS(memcmp(in + rest, out + rest, reply.length) == 0);
            if (service->check_crc && reply.flags & ECHO_FLAG_CRC)
                HOLDS(echo_crc32c(0, out + rest, reply.length) == reply.checksum);
        } else {
            HOLDS(memcmp(in + rest, out + rest, left - rest) == 0);
        }
        at += echo_frame_size(&reply);
        frames++;
    }
    HOLDS(frames == output->frames);
}

/* However a stream is cut, the server answers the same. */
static void answer(const uint8_t *bytes, size_t size, size_t piece,
                   const struct echo_service *service)
{
    static struct output whole, cut;

    serve(bytes, size, 0, service, &whole);
    check_output(bytes, service, &whole);
    serve(bytes, size, piece, service, &cut);
    HOLDS(whole.size == cut.size);
    HOLDS(memcmp(whole.octets, cut.octets, whole.size) == 0);
    HOLDS(whole.frames == cut.frames);
    HOLDS(whole.stop == cut.stop);
    if (whole.stop == ECHO_STOP_GOODBYE || whole.stop == ECHO_STOP_ERROR)
        HOLDS(is_same_front(&whole.front, &cut.front));
    else
        HOLDS(whole.kept == cut.kept);
}

/* An ERROR can always be written, and its text is cut between characters. */
static void write_error(const uint8_t *bytes, size_t size, uint8_t choice)
{
    uint8_t frame[ECHO_ERROR_FRAME_MAX];
    size_t capacity = ECHO_HEADER_SIZE + choice, written;
    char text[256];
    struct echo_head head;

    size = size < sizeof text ? size : sizeof text - 1;
    if (size > 0)
        memcpy(text, bytes, size);
    text[size] = '\0';
    written = echo_write_error(frame, capacity, (enum echo_error)(choice % 9 + 1), choice, text);
    HOLDS(written >= ECHO_HEADER_SIZE && written <= capacity);
    HOLDS(echo_head_read(&head, frame, written) == 0);
    HOLDS(echo_frame_size(&head) == written);
    HOLDS(echo_head_check(&head, &(struct echo_rules){ ECHO_FROM_SERVER, UINT32_MAX }, NULL) ==
          ECHO_NO_ERROR);
    HOLDS(memcmp(frame + ECHO_HEADER_SIZE, text, head.length) == 0);
    HOLDS(((uint8_t)text[head.length] & 0xC0) != 0x80 || head.length == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct echo_rules rules;
    struct echo_service service;
    size_t piece;

    if (size < 2 || size > STREAM_MAX)
        return 0;
    piece = data[0] % 64 + 1U;
    rules = choose_rules(data[1]);
    service = (struct echo_service){ rules.payload_max, data[1] & 0x80 };
    data += 2;
    size -= 2;

    parse_at_every_split(data, size, &rules);
    read_and_write(data, size, &rules);
    find_header(data, size, &rules);
    answer(data, size, piece, &service);
    write_error(data, size, (uint8_t)(piece * 3));
    HOLDS(echo_crc32c(0, data, size) == echo_crc32c_portable(0, data, size));
    HOLDS(echo_crc32c(echo_crc32c(0, data, size / 3), data + size / 3, size - size / 3) ==
          echo_crc32c(0, data, size));
    return 0;
}
