/* connection.c
 * Opens, sends, checks.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "connection.h"
#include "echo_crc32c.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Payloads of so many octets are not copied, and so many frames make one write then. */
#define GATHERED_MIN 1024U
#define GATHERED_MAX 64U

const char *connection_server(const struct connection *connection)
{
    static _Thread_local char text[ECHO_ENDPOINT_TEXT_MAX];

    return echo_endpoint_text(&connection->loop->run->endpoints[connection->endpoint], text,
                              sizeof text);
}

/* the end ------------------------------------------------------------------------------------ */

static void leave(struct connection *connection)
{
    connection->phase = PHASE_GONE;
    connection_free(connection);
    stream_close(&connection->stream);
    loop_gone(connection->loop);
}

void connection_quiet(struct connection *connection)
{
    struct event **events[] = { &connection->readable, &connection->writable, &connection->pause };

    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        if (*events[i])
            event_free(*events[i]);
        *events[i] = NULL;
    }
}

void connection_free(struct connection *connection)
{
    connection_quiet(connection);
    free(connection->pending);
    free(connection->out);
    connection->pending = NULL;
    connection->out = NULL;
    connection->out_size = 0;
}

void connection_fail(struct connection *connection, const char *format, ...)
{
    struct results *results = &connection->loop->results;
    char text[1024];
    va_list values;

    if (connection->phase == PHASE_GONE)
        return;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    results->failures++;
    results->missing += connection_waiting(connection);
    run_say(connection->loop->run, "connection %u to %s: %s", connection->number,
            connection_server(connection), text);
    leave(connection);
}

void connection_done(struct connection *connection)
{
    connection->loop->results.ended++;
    leave(connection);
}

void connection_check_time(struct connection *connection, uint64_t now)
{
    const struct options *options = connection_options(connection);
    double allowed = options->timeout;
    bool is_due = connection->phase != PHASE_RUNNING || connection_waiting(connection) > 0 ||
                  connection->out_size > 0;

    if (connection->phase == PHASE_CLOSING)
        allowed += (connection->way.wait_ms + 2 * options->pause_ms + 100) / 1e3;
    if (connection->phase == PHASE_NEW || connection->phase == PHASE_GONE || !is_due ||
        now < connection->progress || (double)(now - connection->progress) / 1e9 < allowed)
        return;
    if (connection->phase == PHASE_CONNECTING)
        connection_fail(connection, "no connection within %g s", options->timeout);
    else if (connection->phase == PHASE_SECURING)
        connection_fail(connection, "no end of the TLS handshake within %g s", options->timeout);
    else if (connection_waiting(connection) > 0)
        connection_fail(connection, "no answer to request %" PRIu64 " within %g s",
                        connection->answered + 1, options->timeout);
    else
        connection_fail(connection, "it did not end (--close %s) within %g s",
                        closing_name(connection->way.closing), allowed);
}

/* writing ------------------------------------------------------------------------------------ */

/* Make room for what the socket did not take, which is written when it is ready. @return room for that
 * many octets, which the caller fills; NULL: the connection has failed */
static uint8_t *keep(struct connection *connection, size_t size)
{
    connection->out = malloc(size);
    if (!connection->out) {
        connection_fail(connection, "no memory for %zu octets", size);
        return NULL;
    }
    connection->out_size = size;
    connection->out_at = 0;
    event_add(connection->writable, NULL);
    return connection->out;
}

static void keep_rest(struct connection *connection, const uint8_t *octets, size_t size)
{
    uint8_t *kept = keep(connection, size);

    if (kept)
        memcpy(kept, octets, size);
}

static void write_failed(struct connection *connection)
{
    if (connection->phase != PHASE_CLOSING || !closing_failed(connection))
        connection_fail(connection, "could not send: %s", stream_problem(&connection->stream));
}

void connection_write(struct connection *connection, const uint8_t *octets, size_t size)
{
    ssize_t written = stream_write(&connection->stream, octets, size);

    if (written == STREAM_FAILED) {
        write_failed(connection);
        return;
    }
    if (written < 0)
        written = 0;
    if ((size_t)written < size)
        keep_rest(connection, octets + written, size - (size_t)written);
}

/* More of what the socket did not take. */
static void write_rest(struct connection *connection)
{
    ssize_t written = stream_write(&connection->stream, connection->out + connection->out_at,
                                   connection->out_size - connection->out_at);

    if (written == STREAM_FAILED) {
        write_failed(connection);
        return;
    }
    if (written > 0)
        connection->out_at += (size_t)written;
    if (connection->out_at < connection->out_size) {
        event_add(connection->writable, NULL);
        return;
    }
    free(connection->out);
    connection->out = NULL;
    connection->out_size = 0;
    if (connection->phase == PHASE_CLOSING)
        closing_written(connection);
    else
        connection_push(connection);
}

/* When this request was to be sent in an open loop: the loop deals its schedule out in turn. */
static uint64_t planned_time(const struct connection *connection, uint64_t id)
{
    const struct loop *loop = connection->loop;
    uint64_t place = (id - 1) * loop->count + (uint64_t)(connection - loop->connections);

    return loop->began + (uint64_t)((double)place * loop->gap);
}

/* The next request: its head, if it has one, is written to `octets`. */
static inline const struct pending *build_head(struct connection *connection, uint8_t *octets,
                                               uint64_t now)
{
    const struct options *options = connection_options(connection);
    const struct payloads *payloads = &connection->loop->run->payloads;
    uint64_t id = ++connection->sent;
    struct pending *pending = connection_pending(connection, id);
    struct wire_head head = connection->loop->request;

    *pending = (struct pending){ .start = now,
                                 .payload = payload_octets(payloads, id),
                                 .length = payload_size(payloads, id) };
    if (connection->owed > 0) {
        connection->owed--;
        if (connection->phase == PHASE_RUNNING && options->mode == MODE_LOAD)
            pending->start = planned_time(connection, id);
    }
    if (options->plain)
        return pending;
    if (options->crc)
        pending->checksum = echo_crc32c(0, pending->payload, pending->length);
    head.id = htobe64(id);
    head.length = htobe32(pending->length);
    head.checksum = htobe32(pending->checksum);
    memcpy(octets, &head, sizeof head);
    if (options->times) {
        pending->client_sent = now + (uint64_t)connection->loop->wall;
        memset(octets + sizeof head, 0, ECHO_TIMES_SIZE);
        echo_set_time(octets, ECHO_FIELD_CLIENT_SENT, pending->client_sent);
    }
    return pending;
}

/* Keep what a gathered write left over. */
static void keep_parts(struct connection *connection, const struct iovec *parts, size_t count,
                       size_t written, size_t size)
{
    uint8_t *octets = keep(connection, size - written);
    size_t kept = 0;

    for (size_t i = 0; octets && i < count; i++) {
        size_t skipped = written < parts[i].iov_len ? written : parts[i].iov_len;

        written -= skipped;
        memcpy(octets + kept, (const uint8_t *)parts[i].iov_base + skipped,
               parts[i].iov_len - skipped);
        kept += parts[i].iov_len - skipped;
    }
}

/* Large payloads go to the kernel from where they are. */
static void send_gathered(struct connection *connection, uint64_t count, uint64_t now)
{
    struct loop *loop = connection->loop;
    struct iovec parts[2 * GATHERED_MAX];
    size_t used = 0, size = 0;
    ssize_t written;

    for (; count > 0 && used < sizeof parts / sizeof *parts && size < loop->out_capacity; count--) {
        uint8_t *head = loop->out + used * ECHO_HEAD_MAX;
        const struct pending *pending = build_head(connection, head, now);

        parts[used++] = (struct iovec){ head, loop->head_size };
        parts[used++] = (struct iovec){ (void *)pending->payload, pending->length };
        size += loop->head_size + pending->length;
    }
    written = stream_write_parts(&connection->stream, parts, used);
    if (written == STREAM_FAILED)
        write_failed(connection);
    else if ((size_t)(written < 0 ? 0 : written) < size)
        keep_parts(connection, parts, used, written < 0 ? 0 : (size_t)written, size);
}

static void send_copied(struct connection *connection, uint64_t count, uint64_t now)
{
    struct loop *loop = connection->loop;
    const struct payloads *payloads = &loop->run->payloads;
    size_t head_size = loop->head_size, size = 0;

    for (; count > 0; count--) {
        uint8_t *octets = loop->out + size;
        const struct pending *pending;

        if (size + head_size + payload_size(payloads, connection->sent + 1) > loop->out_capacity)
            break;
        pending = build_head(connection, octets, now);
        memcpy(octets + head_size, pending->payload, pending->length);
        size += head_size + pending->length;
    }
    connection_write(connection, loop->out, size);
}

static void send_batch(struct connection *connection, uint64_t count)
{
    struct loop *loop = connection->loop;
    uint64_t now = load_now(), before = connection->sent;

    if (connection_waiting(connection) == 0)
        connection->progress = now;
    if (loop->run->payloads.size_min >= GATHERED_MIN && !connection->stream.ssl)
        send_gathered(connection, count, now);
    else
        send_copied(connection, count, now);
    loop->results.sent += connection->sent - before;
}

void connection_send_one(struct connection *connection)
{
    send_batch(connection, 1);
}

/* How many requests may go out now. */
static uint64_t may_send(const struct connection *connection)
{
    const struct options *options = connection_options(connection);
    uint64_t room = options->pipeline - connection_waiting(connection);
    uint64_t left = options->count - connection->sent;

    if (connection->loop->is_stopping)
        return 0;
    if (options->rate > 0 && connection->owed < room)
        room = connection->owed;
    return room < left ? room : left;
}

void connection_push(struct connection *connection)
{
    uint64_t count;

    while (connection->phase == PHASE_RUNNING && connection->out_size == 0 &&
           (count = may_send(connection)) > 0)
        send_batch(connection, count);
    if (connection->phase == PHASE_RUNNING && connection->out_size == 0 &&
        connection_waiting(connection) == 0 &&
        (connection->loop->is_stopping ||
         connection->sent >= connection_options(connection)->count)) {
        connection->phase = PHASE_CLOSING;
        connection->progress = load_now();
        closing_begin(connection);
    }
}

/* reading ------------------------------------------------------------------------------------ */

static void end_of_stream(struct connection *connection)
{
    connection->fin_seen = true;
    if (connection->kept_size > 0 || connection->payload_left > 0)
        connection_fail(connection, "the server closed within an answer, that to request %" PRIu64,
                        connection->answered + 1);
    else if (connection_waiting(connection) > 0)
        connection_fail(connection, "the server closed with %" PRIu64 " requests unanswered",
                        connection_waiting(connection));
    else if (connection->phase == PHASE_CLOSING)
        closing_end(connection);
    else
        connection_fail(connection, "the server closed after %" PRIu64 " answers",
                        connection->answered);
}

static void read_failed(struct connection *connection)
{
    if (connection->phase != PHASE_CLOSING || !closing_failed(connection))
        connection_fail(connection, "%s after %" PRIu64 " answers, with %" PRIu64 " more due",
                        stream_problem(&connection->stream), connection->answered,
                        connection_waiting(connection));
}

static void read_all(struct connection *connection)
{
    uint8_t *in = connection->loop->in + LOOP_KEPT;

    do {
        ssize_t size = stream_read(&connection->stream, in, LOOP_READ);

        if (size == STREAM_WANTS_READ || size == STREAM_WANTS_WRITE)
            break;
        if (size == STREAM_END) {
            event_del(connection->readable);
            end_of_stream(connection);
            return;
        }
        if (size < 0) {
            read_failed(connection);
            return;
        }
        memcpy(in - connection->kept_size, connection->kept, connection->kept_size);
        answers_take(connection, in - connection->kept_size, (size_t)size + connection->kept_size);
    } while (connection->stream.ssl && SSL_pending(connection->stream.ssl) > 0);
    if (connection->phase == PHASE_RUNNING)
        connection_push(connection);
}

/* opening ------------------------------------------------------------------------------------ */

static void run(struct connection *connection)
{
    struct loop *loop = connection->loop;

    connection->phase = PHASE_RUNNING;
    connection->progress = load_now();
    loop->results.opened++;
    loop->endpoint = connection->endpoint;
    histogram_add(&loop->results.connect, connection->progress - connection->began, 1);
    event_add(connection->readable, NULL);
    loop_stands(loop);
    connection_push(connection);
}

static void secure(struct connection *connection)
{
    struct run *run_data = connection->loop->run;
    int result = stream_secure(&connection->stream, run_data->tls, run_data->options);

    connection->phase = PHASE_SECURING;
    if (result == 1)
        run(connection);
    else if (result == STREAM_WANTS_WRITE)
        event_add(connection->writable, NULL);
    else if (result == STREAM_WANTS_READ)
        event_add(connection->readable, NULL);
    else
        connection_fail(connection, "no TLS: %s", stream_problem(&connection->stream));
}

static void on_readable(evutil_socket_t fd, short what, void *data)
{
    struct connection *connection = data;

    (void)fd;
    (void)what;
    if (connection->phase != PHASE_SECURING) {
        read_all(connection);
        return;
    }
    event_del(connection->readable);
    secure(connection);
}

static void connect_failed(struct connection *connection, int error)
{
    connection_quiet(connection);
    if (connection->endpoint + 1 < connection->loop->run->endpoint_count) {
        stream_close(&connection->stream);
        connection->endpoint++;
        connection_start(connection);
        return;
    }
    connection_fail(connection, "could not connect: %s", strerror(error));
}

static void on_writable(evutil_socket_t fd, short what, void *data)
{
    struct connection *connection = data;
    int error;

    (void)fd;
    (void)what;
    switch (connection->phase) {
    case PHASE_CONNECTING:
        error = stream_connected(&connection->stream);
        if (error)
            connect_failed(connection, error);
        else
            secure(connection);
        break;
    case PHASE_SECURING:
        secure(connection);
        break;
    case PHASE_RUNNING:
    case PHASE_CLOSING:
        write_rest(connection);
        break;
    default:
        break;
    }
}

static void on_pause(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    closing_written(data);
}

static bool allocate(struct connection *connection)
{
    struct event_base *base = connection->loop->base;

    if (!connection->pending) {
        connection->pending_mask = 1;
        while (connection->pending_mask <= connection_options(connection)->pipeline)
            connection->pending_mask = 2 * connection->pending_mask + 1;
        connection->pending = calloc(connection->pending_mask + 1, sizeof *connection->pending);
    }
    connection->readable =
        event_new(base, connection->stream.fd, EV_READ | EV_PERSIST, on_readable, connection);
    connection->writable =
        event_new(base, connection->stream.fd, EV_WRITE, on_writable, connection);
    connection->pause = event_new(base, -1, 0, on_pause, connection);
    return connection->pending && connection->readable && connection->writable && connection->pause;
}

void connection_start(struct connection *connection)
{
    struct loop *loop = connection->loop;

    if (connection->phase == PHASE_NEW) {
        connection->endpoint = loop->endpoint;
        connection->began = connection->progress = load_now();
    }
    connection->phase = PHASE_CONNECTING;
    while (stream_connect(&connection->stream, &loop->run->endpoints[connection->endpoint],
                          connection->opening) != 0) {
        if (connection->endpoint + 1 == loop->run->endpoint_count) {
            connection_fail(connection, "could not connect: %s", strerror(errno));
            return;
        }
        connection->endpoint++;
    }
    if (!allocate(connection)) {
        connection_fail(connection, "no memory");
        return;
    }
    /* With a Fast Open cookie it can be written to at once, and that sends the SYN. */
    event_add(connection->writable, NULL);
}
