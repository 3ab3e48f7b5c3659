/* test_echo_answer.c
 * The server's half of the framed echo protocol: however a stream of requests is cut, the same
 * stream of replies comes out.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "echo_answer.h"
#include "echo_crc32c.h"

#include <string.h>

#define RECEIVED UINT64_C(1700000000000000001)
#define SENT     UINT64_C(1700000000000000002)

static const struct echo_service no_check = { 1000, false };
static const struct echo_service with_check = { 1000, true };

/* What a client sends and what must come back. */
struct stream {
    uint8_t asked[1200];
    uint8_t answered[1200];
    size_t size;
    size_t frames;
};

static void add_frame(struct stream *stream, struct echo_head head)
{
    uint8_t *asked = stream->asked + stream->size, *answered = stream->answered + stream->size;
    size_t at = echo_head_size(head.flags);

    for (uint32_t i = 0; i < head.length; i++)
        asked[at + i] = (uint8_t)(head.id * 31 + i * UINT64_C(7));
    if (head.flags & ECHO_FLAG_CRC)
        head.checksum = echo_crc32c(0, asked + at, head.length);
    echo_head_write(asked, &head);
    memcpy(answered, asked, at + head.length);
    head.type = ECHO_REPLY;
    head.server_received = RECEIVED;
    head.server_sent = SENT;
    echo_head_write(answered, &head);
    stream->size += at + head.length;
    stream->frames++;
}

/* Requests of several sizes with all combinations of flags, one after the other. */
static void make_stream(struct stream *stream)
{
    static const uint32_t lengths[] = { 0, 5, 0, 60, 1, 0, 48, 24, 130, 0 };

    memset(stream, 0, sizeof *stream);
    for (unsigned i = 0; i < COUNT_OF(lengths); i++) {
        struct echo_head head = echo_head_make(ECHO_REQUEST, i + 1, lengths[i]);

        head.flags = (uint16_t)(i % 4);
        if (head.flags & ECHO_FLAG_TIMES)
            head.client_sent = 5000 + i;
        add_frame(stream, head);
    }
}

/* A server that is given a stream in pieces. */
struct server {
    const struct echo_service *service;
    struct echo_answering answering;
    uint8_t kept[1200];
    size_t kept_size;
    uint8_t written[1200];
    size_t written_size;
    size_t frames;
    struct echo_batch batch; /* the last one */
};

static struct server start_server(const struct echo_service *service)
{
    return (struct server){ .service = service };
}

static enum echo_stop give(struct server *server, const uint8_t *octets, size_t size)
{
    uint8_t *bytes = server->kept; /* as large as a stream: the pieces are put together in it */
    struct echo_batch *batch = &server->batch;

    memcpy(bytes + server->kept_size, octets, size);
    size += server->kept_size;
    echo_answer(&server->answering, bytes, size, RECEIVED, server->service, batch);
    echo_stamp_sent(bytes, batch, SENT);
    memcpy(server->written + server->written_size, bytes, batch->ready);
    server->written_size += batch->ready;
    server->frames += batch->frames;
    server->kept_size = size - batch->ready;
    memmove(bytes, bytes + batch->ready, server->kept_size);

    CHECK(batch->ready <= size);
    CHECK_NUMBER(batch->stop == ECHO_STOP_END, server->kept_size == 0);
    CHECK_NUMBER(batch->stop == ECHO_STOP_MORE, batch->missing > 0);
    if (batch->stop == ECHO_STOP_MORE && !server->service->check_crc)
        CHECK(server->kept_size < ECHO_HEAD_MAX);
    return batch->stop;
}

static void check_written(const struct server *server, const struct stream *stream)
{
    CHECK_NUMBER(stream->size, server->written_size);
    CHECK_NUMBER(stream->frames, server->frames);
    CHECK_NUMBER(ECHO_STOP_END, server->batch.stop);
    CHECK(memcmp(stream->answered, server->written, stream->size) == 0);
}

static void in_pieces_of_every_size(void)
{
    const struct echo_service *const services[] = { &no_check, &with_check };
    struct stream stream;

    make_stream(&stream);
    for (unsigned s = 0; s < COUNT_OF(services); s++) {
        for (size_t piece = 1; piece <= stream.size; piece++) {
            struct server server = start_server(services[s]);

            check_about("%s, pieces of %zu", s ? "checked" : "unchecked", piece);
            for (size_t at = 0; at < stream.size; at += piece)
                give(&server, stream.asked + at,
                     stream.size - at < piece ? stream.size - at : piece);
            check_written(&server, &stream);
        }
    }
    check_about(NULL);
}

static void cut_at_every_point(void)
{
    struct stream stream;

    make_stream(&stream);
    for (size_t cut = 0; cut <= stream.size; cut++) {
        struct server server = start_server(&no_check);

        check_about("cut at %zu", cut);
        give(&server, stream.asked, cut);
        give(&server, stream.asked + cut, stream.size - cut);
        check_written(&server, &stream);
    }
    check_about(NULL);
}

/* With what is said to be missing, and no octet less, it goes on. */
static void missing_is_what_it_takes(void)
{
    const struct echo_service *const services[] = { &no_check, &with_check };
    struct stream stream;

    make_stream(&stream);
    for (unsigned s = 0; s < COUNT_OF(services); s++) {
        struct server server = start_server(services[s]);
        size_t at = 0, steps = 0;

        while (at < stream.size) {
            size_t piece = server.batch.missing > 0 ? (size_t)server.batch.missing : 1;

            CHECK(piece <= stream.size - at);
            if (piece > stream.size - at)
                return;
            if (piece > 1) { /* one less: nothing */
                size_t before = server.written_size;

                give(&server, stream.asked + at, piece - 1);
                CHECK_NUMBER(before, server.written_size);
                CHECK_NUMBER(1, server.batch.missing);
                at += piece - 1;
                piece = 1;
            }
            give(&server, stream.asked + at, piece);
            at += piece;
            steps++;
        }
        CHECK(steps < stream.size);
        check_written(&server, &stream);
    }
}

/* A payload passes through: what has come of it is sent on at once. */
static void a_large_payload_passes_through(void)
{
    struct echo_service service = { UINT32_MAX, false };
    struct echo_head head = echo_head_make(ECHO_REQUEST, 1, UINT32_MAX);
    struct echo_answering answering = { 0 };
    struct echo_batch batch;
    uint8_t octets[4096] = { 0 };
    uint64_t passed = 0;

    head.flags = ECHO_FLAG_CRC;
    head.checksum = 99;
    echo_head_write(octets, &head);
    CHECK_NUMBER(ECHO_STOP_END, echo_answer(&answering, octets, 24, RECEIVED, &service, &batch));
    CHECK_NUMBER(24, batch.ready);
    CHECK_NUMBER(ECHO_REPLY, octets[ECHO_FIELD_TYPE]);
    CHECK_NUMBER(UINT32_MAX, answering.payload_left);
    while (answering.payload_left >= sizeof octets) {
        memset(octets, 0xEC, 64); /* nothing is read into it */
        if (echo_answer(&answering, octets, sizeof octets, RECEIVED, &service, &batch) !=
                ECHO_STOP_END ||
            batch.ready != sizeof octets || batch.frames != 0 || octets[3] != 0xEC)
            break;
        passed += sizeof octets;
    }
    CHECK_NUMBER(UINT32_MAX - answering.payload_left, passed);
    CHECK_NUMBER(4095, answering.payload_left);
    octets[4095] = 0xEC; /* the next frame begins in the same piece */
    CHECK_NUMBER(ECHO_STOP_MORE, echo_answer(&answering, octets, 4096, RECEIVED, &service, &batch));
    CHECK_NUMBER(4095, batch.ready);
    CHECK_NUMBER(23, batch.missing);
}

/* Behind good requests, whatever of it came with them: all of these are answered, none after it. */
static void check_stop(const struct echo_head *last, const struct echo_service *service,
                       enum echo_stop stop, enum echo_error error, enum echo_field field,
                       uint64_t id)
{
    for (size_t extra = 0; extra < 100; extra += 33) {
        uint8_t end[ECHO_HEAD_MAX + 200] = { 0 };
        struct stream stream;
        size_t size = echo_head_write(end, last) + last->length + extra;

        make_stream(&stream);
        for (size_t piece = 1; piece <= 3; piece++) {
            struct server server = start_server(service);
            enum echo_stop got = ECHO_STOP_END;

            check_about("%zu behind it, pieces of %zu", extra, piece);
            give(&server, stream.asked, stream.size);
            for (size_t at = 0; at < size && got != stop; at += piece)
                got = give(&server, end + at, size - at < piece ? size - at : piece);
            CHECK_NUMBER(stop, got);
            CHECK_NUMBER(stream.size, server.written_size);
            CHECK(memcmp(stream.answered, server.written, stream.size) == 0);
            CHECK(memcmp(end, server.kept, server.kept_size) == 0); /* it is not touched */
            CHECK_NUMBER(error, server.batch.front.error);
            CHECK_NUMBER(field, server.batch.front.field);
            CHECK_NUMBER(id, server.batch.front.error_id);
            CHECK_NUMBER(stop == ECHO_STOP_GOODBYE ? echo_head_size(last->flags) : 0,
                         server.batch.front.size);
        }
    }
    check_about(NULL);
}

static void a_goodbye_stops(void)
{
    struct echo_head head = echo_head_make(ECHO_GOODBYE, 42, 0);

    for (unsigned how = 0; how <= ECHO_CLOSE_LINGER; how++) {
        head.code = echo_goodbye_code((enum echo_close)how, 100);
        head.flags = (uint16_t)(how & ECHO_FLAG_TIMES);
        check_stop(&head, &no_check, ECHO_STOP_GOODBYE, ECHO_NO_ERROR, ECHO_FIELD_NONE, 0);
        check_stop(&head, &with_check, ECHO_STOP_GOODBYE, ECHO_NO_ERROR, ECHO_FIELD_NONE, 0);
    }
    /* A checksum that is not looked at. */
    head.flags = ECHO_FLAG_CRC;
    head.length = 20;
    head.checksum = 1;
    check_stop(&head, &no_check, ECHO_STOP_GOODBYE, ECHO_NO_ERROR, ECHO_FIELD_NONE, 0);
    check_stop(&head, &with_check, ECHO_STOP_ERROR, ECHO_BAD_CHECKSUM, ECHO_FIELD_CHECKSUM, 42);
    head.flags = 0;
    head.checksum = 0; /* there is none */
    check_stop(&head, &with_check, ECHO_STOP_GOODBYE, ECHO_NO_ERROR, ECHO_FIELD_NONE, 0);
    head.flags = ECHO_FLAG_CRC;
    head.checksum = echo_crc32c(0, (uint8_t[20]){ 0 }, 20);
    check_stop(&head, &with_check, ECHO_STOP_GOODBYE, ECHO_NO_ERROR, ECHO_FIELD_NONE, 0);
}

static void a_bad_frame_stops(void)
{
    const struct echo_head good = echo_head_make(ECHO_REQUEST, 9, 0);
    struct echo_head head;

#define CHECK_BAD(where, value, error, at, id)                    \
    head = good;                                                  \
    head.where = value;                                           \
    check_stop(&head, &no_check, ECHO_STOP_ERROR, error, at, id); \
    check_stop(&head, &with_check, ECHO_STOP_ERROR, error, at, id)
    CHECK_BAD(magic, 0x4745, ECHO_BAD_MAGIC, ECHO_FIELD_MAGIC, 0);
    CHECK_BAD(magic, 0xEC41, ECHO_BAD_MAGIC, ECHO_FIELD_MAGIC, 0);
    CHECK_BAD(version, 0, ECHO_BAD_VERSION, ECHO_FIELD_VERSION, 0);
    CHECK_BAD(type, 0, ECHO_BAD_TYPE, ECHO_FIELD_TYPE, 9);
    CHECK_BAD(type, ECHO_REPLY, ECHO_BAD_TYPE, ECHO_FIELD_TYPE, 9);
    CHECK_BAD(type, ECHO_ERROR, ECHO_BAD_TYPE, ECHO_FIELD_TYPE, 9);
    CHECK_BAD(flags, 0x8000, ECHO_BAD_FLAGS, ECHO_FIELD_FLAGS, 9);
    CHECK_BAD(code, 1, ECHO_BAD_FLAGS, ECHO_FIELD_CODE, 9);
    CHECK_BAD(checksum, 1, ECHO_BAD_CHECKSUM, ECHO_FIELD_CHECKSUM, 9);
#undef CHECK_BAD
}

static void a_length_beyond_the_limit_stops(void)
{
    struct echo_answering answering = { 0 };
    struct echo_batch batch;
    uint8_t octets[ECHO_HEADER_SIZE];
    static const struct {
        uint32_t length, max;
        enum echo_stop stop;
    } cases[] = { { 0, 0, ECHO_STOP_END },
                  { 1, 0, ECHO_STOP_ERROR },
                  { 1000, 1000, ECHO_STOP_END },
                  { 1001, 1000, ECHO_STOP_ERROR },
                  { UINT32_MAX, UINT32_MAX - 1, ECHO_STOP_ERROR },
                  { UINT32_MAX, UINT32_MAX, ECHO_STOP_END } };

    for (unsigned i = 0; i < COUNT_OF(cases); i++) {
        struct echo_service service = { cases[i].max, false };
        struct echo_head head = echo_head_make(ECHO_REQUEST, 3, cases[i].length);

        check_about("%u of %u", cases[i].length, cases[i].max);
        echo_head_write(octets, &head);
        answering.payload_left = 0;
        CHECK_NUMBER(cases[i].stop,
                     echo_answer(&answering, octets, sizeof octets, RECEIVED, &service, &batch));
        CHECK_NUMBER(cases[i].stop == ECHO_STOP_END ? cases[i].length : 0, answering.payload_left);
        if (cases[i].stop == ECHO_STOP_ERROR) {
            CHECK_NUMBER(ECHO_TOO_LARGE, batch.front.error);
            CHECK_NUMBER(ECHO_FIELD_LENGTH, batch.front.field);
            CHECK_NUMBER(3, batch.front.error_id);
        }
    }
    check_about(NULL);
}

static void a_bad_checksum(void)
{
    struct echo_head head = echo_head_make(ECHO_REQUEST, 10, 20);

    head.flags = ECHO_FLAG_CRC | ECHO_FLAG_TIMES;
    head.checksum = 1;
    check_stop(&head, &with_check, ECHO_STOP_ERROR, ECHO_BAD_CHECKSUM, ECHO_FIELD_CHECKSUM, 10);
}

/* What a client puts into the server's two times is written over, in every frame that has them. */
static void times_are_filled_in(void)
{
    struct echo_head head = echo_head_make(ECHO_REQUEST, 1, 3);
    uint8_t octets[3 * (ECHO_HEAD_MAX + 3)] = { 0 };
    struct echo_answering answering = { 0 };
    struct echo_batch batch;
    struct echo_head reply;
    size_t size = 0;

    for (unsigned i = 0; i < 3; i++) {
        head.flags = i == 0 ? 0 : ECHO_FLAG_TIMES;
        head.client_sent = 100 + i;
        head.server_received = head.server_sent = UINT64_MAX;
        size += echo_head_write(octets + size, &head) + head.length;
    }
    CHECK_NUMBER(ECHO_STOP_END,
                 echo_answer(&answering, octets, size - 1, RECEIVED, &no_check, &batch));
    CHECK_NUMBER(27, batch.timed);
    CHECK_NUMBER(3, batch.frames);
    CHECK_NUMBER(1, answering.payload_left);
    echo_head_read(&reply, octets + 27, ECHO_HEAD_MAX);
    CHECK_NUMBER(0, reply.server_sent); /* not yet */
    echo_stamp_sent(octets, &batch, SENT);
    for (unsigned i = 0; i < 2; i++) {
        echo_head_read(&reply, octets + 27 + 51 * (size_t)i, ECHO_HEAD_MAX);
        CHECK_NUMBER(101 + i, reply.client_sent);
        CHECK_NUMBER(RECEIVED, reply.server_received);
        CHECK_NUMBER(SENT, reply.server_sent);
    }
}

static void nothing_at_all(void)
{
    struct echo_answering answering = { 0 };
    struct echo_batch batch;
    uint8_t octet = 0;

    CHECK_NUMBER(ECHO_STOP_END, echo_answer(&answering, &octet, 0, RECEIVED, &no_check, &batch));
    CHECK_NUMBER(0, batch.ready);
    CHECK_NUMBER(0, batch.timed);
    CHECK_NUMBER(0, batch.frames);
    echo_stamp_sent(&octet, &batch, SENT);
}

int main(void)
{
    RUN(in_pieces_of_every_size);
    RUN(cut_at_every_point);
    RUN(missing_is_what_it_takes);
    RUN(a_large_payload_passes_through);
    RUN(a_goodbye_stops);
    RUN(a_bad_frame_stops);
    RUN(a_length_beyond_the_limit_stops);
    RUN(a_bad_checksum);
    RUN(times_are_filled_in);
    RUN(nothing_at_all);
    return check_end();
}
