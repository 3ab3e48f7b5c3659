/* answers.c
 * Checks what comes: each answer has to be that of the oldest request without one.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "connection.h"
#include "echo_crc32c.h"

#include <endian.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

/* An answer is not what it has to be. */
__attribute__((format(printf, 2, 3))) static void wrong(struct connection *connection,
                                                        const char *format, ...)
{
    char text[512];
    va_list values;

    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    connection->loop->results.wrong++;
    connection_fail(connection, "answer %" PRIu64 " is wrong: %s", connection->answered + 1, text);
}

static void print_answer(const struct connection *connection, const struct pending *pending,
                         uint64_t round_trip, uint64_t received, uint64_t sent)
{
    printf("%" PRIu32 " octets from %s: id=%" PRIu64 " time=%.3f ms", pending->length,
           connection_server(connection), connection->answered, (double)round_trip / 1e6);
    if (sent && sent >= received)
        printf(" (server %.3f ms)", (double)(sent - received) / 1e6);
    putchar('\n');
    fflush(stdout);
}

/* Answers that came at the same time to requests that were sent at the same time, as those of a
 * pipeline do. */
struct answers {
    uint64_t count, octets;
    uint64_t start;          /* of the requests */
    uint64_t received, sent; /* the server's times */
};

static void count_answers(struct connection *connection, const struct answers *answers,
                          uint64_t now)
{
    struct results *results = &connection->loop->results;
    uint64_t round_trip = now > answers->start ? now - answers->start : 0;
    uint64_t server = answers->sent - answers->received;

    connection->answered += answers->count;
    results->answered += answers->count;
    results->octets += answers->octets;
    histogram_add(&results->round_trip, round_trip, answers->count);
    /* Clocks that were set meanwhile say nothing (specification.md, section 5). */
    if (answers->received && answers->sent >= answers->received && server <= round_trip) {
        histogram_add(&results->server, server, answers->count);
        histogram_add(&results->network, round_trip - server, answers->count);
    }
}

/* A request's answer is whole. */
static void take_answer(struct connection *connection, uint64_t now, const struct echo_head *head)
{
    const struct pending *pending = connection_pending(connection, connection->answered + 1);
    struct answers answer = { 1, pending->length, pending->start, head->server_received,
                              head->server_sent };

    count_answers(connection, &answer, now);
    if (connection_options(connection)->mode == MODE_PING)
        print_answer(connection, pending, now > pending->start ? now - pending->start : 0,
                     head->server_received, head->server_sent);
}

static void frame_is_whole(struct connection *connection, uint64_t now)
{
    const struct echo_head *head = &connection->front.head;

    if (head->type == ECHO_ERROR) {
        connection->text[head->length < ECHO_ERROR_TEXT_MAX ? head->length : ECHO_ERROR_TEXT_MAX] =
            '\0';
        for (char *at = connection->text; *at; at++)
            if ((unsigned char)*at < ' ' || *at == 0x7F)
                *at = '?'; /* not for a terminal (specification.md, section 12) */
        connection_fail(connection, "the server answers with error %u, %s: %s", head->code,
                        echo_error_text(head->code), connection->text);
        return;
    }
    if (head->flags & ECHO_FLAG_CRC && connection->checksum != head->checksum) {
        wrong(connection, "its payload's checksum is 0x%08" PRIX32 ", not 0x%08" PRIX32,
              connection->checksum, head->checksum);
        return;
    }
    if (connection_waiting(connection) > 0) {
        take_answer(connection, now, head);
        return;
    }
    connection->goodbye_answered = true;
    closing_answered(connection);
}

/* Octets that the payload has to have, from its beginning on. */
static const uint8_t *expected_payload(const struct connection *connection)
{
    if (connection_waiting(connection) > 0)
        return connection_pending(connection, connection->answered + 1)->payload;
    return (const uint8_t *)LINGER_PAYLOAD;
}

static size_t first_difference(const uint8_t *one, const uint8_t *other, size_t size)
{
    size_t at = 0;

    while (at < size && one[at] == other[at])
        at++;
    return at;
}

/* What is there of the payload. */
static size_t take_payload(struct connection *connection, const uint8_t *octets, size_t size,
                           uint64_t now)
{
    const struct echo_head *head = &connection->front.head;
    uint64_t at = head->length - connection->payload_left;
    size_t there = size < connection->payload_left ? size : (size_t)connection->payload_left;

    if (head->type == ECHO_ERROR) {
        for (size_t i = 0; i < there && at + i < ECHO_ERROR_TEXT_MAX; i++)
            connection->text[at + i] = (char)octets[i];
    } else if (connection_options(connection)->verify) {
        const uint8_t *expected = expected_payload(connection) + at;

        if (memcmp(octets, expected, there) != 0) {
            size_t bad = first_difference(octets, expected, there);

            wrong(connection, "octet %" PRIu64 " of its payload is 0x%02X, not 0x%02X", at + bad,
                  octets[bad], expected[bad]);
            return there;
        }
    }
    if (head->flags & ECHO_FLAG_CRC)
        connection->checksum = echo_crc32c(connection->checksum, octets, there);
    connection->payload_left -= there;
    if (connection->payload_left == 0)
        frame_is_whole(connection, now);
    return there;
}

/* The request that an answer has to belong to; false: there is none. */
static bool oldest_request(const struct connection *connection, struct echo_head *request)
{
    const struct options *options = connection_options(connection);
    const struct pending *pending;

    if (connection_waiting(connection) == 0) {
        *request = connection->goodbye;
        return connection->goodbye.type == ECHO_GOODBYE && !connection->goodbye_answered;
    }
    pending = connection_pending(connection, connection->answered + 1);
    *request = echo_head_make(ECHO_REQUEST, connection->answered + 1, pending->length);
    request->flags =
        (uint16_t)((options->times ? ECHO_FLAG_TIMES : 0) | (options->crc ? ECHO_FLAG_CRC : 0));
    request->checksum = pending->checksum;
    request->client_sent = pending->client_sent;
    return true;
}

static uint64_t field_value(const struct echo_head *head, enum echo_field field)
{
    switch (field) {
    case ECHO_FIELD_MAGIC:
        return head->magic;
    case ECHO_FIELD_VERSION:
        return head->version;
    case ECHO_FIELD_TYPE:
        return head->type;
    case ECHO_FIELD_FLAGS:
        return head->flags;
    case ECHO_FIELD_CODE:
        return head->code;
    case ECHO_FIELD_ID:
        return head->id;
    case ECHO_FIELD_LENGTH:
        return head->length;
    case ECHO_FIELD_CHECKSUM:
        return head->checksum;
    case ECHO_FIELD_CLIENT_SENT:
        return head->client_sent;
    default:
        return 0;
    }
}

static void judge_head(struct connection *connection)
{
    const struct echo_head *head = &connection->front.head;
    struct echo_head request;
    enum echo_field field;

    if (head->type == ECHO_ERROR)
        return;
    if (!oldest_request(connection, &request)) {
        wrong(connection, "nothing was asked");
        return;
    }
    field = echo_answer_mismatch(&request, head);
    if (field == ECHO_FIELD_TYPE)
        wrong(connection, "its type is %s, for a %s", echo_type_name(head->type),
              echo_type_name(request.type));
    else if (field != ECHO_FIELD_NONE)
        wrong(connection, "its %s is %" PRIu64 ", not %" PRIu64, echo_field_name(field),
              field_value(head, field), field_value(&request, field));
}

/* A head, if it is whole. Returns octets used. */
static size_t take_head(struct connection *connection, const uint8_t *octets, size_t size,
                        uint64_t now)
{
    static const struct echo_rules rules = { ECHO_FROM_SERVER, UINT32_MAX };
    struct echo_front *front = &connection->front;

    if (connection_options(connection)->plain) {
        front->size = 0;
        if (connection_waiting(connection) == 0) {
            wrong(connection, "%zu octets more than were sent came back", size);
            return size;
        }
        front->head.length = connection_pending(connection, connection->answered + 1)->length;
    } else {
        switch (echo_parse(octets, size, &rules, front)) {
        case ECHO_INCOMPLETE:
            return 0;
        case ECHO_MALFORMED:
            wrong(connection, "%s (its %s is %" PRIu64 ")", echo_error_text(front->error),
                  echo_field_name(front->field), field_value(&front->head, front->field));
            return size;
        case ECHO_COMPLETE:
            judge_head(connection);
        }
    }
    connection->payload_left = front->head.length;
    connection->checksum = 0;
    if (front->head.length == 0 && connection->phase != PHASE_GONE)
        frame_is_whole(connection, now);
    return front->size;
}

/* Is what is there the whole answer to a request, and as it has to be? Otherwise the long way finds out
 * what it is. */
static inline bool is_right(const struct loop *loop, const struct pending *pending, uint64_t id,
                            const uint8_t *octets, size_t size)
{
    const struct options *options = loop->run->options;
    const uint8_t *payload = octets + loop->head_size;
    struct wire_head expected = loop->reply;
    uint64_t client_sent;

    if (size < loop->head_size + pending->length)
        return false;
    expected.id = htobe64(id);
    expected.length = htobe32(pending->length);
    expected.checksum = htobe32(pending->checksum);
    if (memcmp(octets, &expected, sizeof expected) != 0)
        return false;
    if (options->times) {
        memcpy(&client_sent, octets + ECHO_FIELD_CLIENT_SENT, sizeof client_sent);
        if (be64toh(client_sent) != pending->client_sent)
            return false;
    }
    return (!options->verify || memcmp(payload, pending->payload, pending->length) == 0) &&
           (!options->crc || echo_crc32c(0, payload, pending->length) == pending->checksum);
}

/* The usual case: answers that are all there, and right. Returns their octets. */
static size_t take_right_answers(struct connection *connection, const uint8_t *octets, size_t size,
                                 uint64_t now)
{
    const struct loop *loop = connection->loop;
    uint64_t id = connection->answered + 1, sent = connection->sent;
    struct answers answers = { .count = 0 };
    size_t used = 0;

    if (loop->run->options->plain || loop->run->options->mode == MODE_PING)
        return 0;
    for (; id <= sent; id++) {
        const struct pending *pending = connection_pending(connection, id);
        uint64_t times[2] = { 0, 0 };

        if (!is_right(loop, pending, id, octets + used, size - used))
            break;
        if (loop->run->options->times)
            memcpy(times, octets + used + ECHO_FIELD_SERVER_RECEIVED, sizeof times);
        if (answers.count > 0 &&
            (answers.start != pending->start || answers.received != be64toh(times[0]) ||
             answers.sent != be64toh(times[1]))) {
            count_answers(connection, &answers, now);
            answers = (struct answers){ .count = 0 };
        }
        answers.count++;
        answers.octets += pending->length;
        answers.start = pending->start;
        answers.received = be64toh(times[0]);
        answers.sent = be64toh(times[1]);
        used += loop->head_size + pending->length;
    }
    if (answers.count > 0)
        count_answers(connection, &answers, now);
    return used;
}

void answers_take(struct connection *connection, const uint8_t *octets, size_t size)
{
    uint64_t now = load_now();

    connection->progress = now;
    connection->kept_size = 0;
    while (size > 0 && connection->phase != PHASE_GONE) {
        size_t used;

        if (connection->payload_left > 0) {
            used = take_payload(connection, octets, size, now);
        } else {
            used = take_right_answers(connection, octets, size, now);
            if (used == 0)
                used = take_head(connection, octets, size, now);
        }
        if (used == 0 && connection->payload_left == 0) {
            if (connection->phase == PHASE_GONE)
                return;
            memcpy(connection->kept, octets, size); /* less than a head */
            connection->kept_size = size;
            return;
        }
        octets += used;
        size -= used;
    }
}
