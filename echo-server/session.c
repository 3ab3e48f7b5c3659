/* session.c
 * What a client's octets mean, and what it gets for them: echo-protocol/specification.md.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "connection.h"
#include "echo_crc32c.h"

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

/* sending ------------------------------------------------------------------------------------ */

static bool send_octets(struct connection *connection, const uint8_t *bytes, size_t size)
{
    if (!connection->loop->transport->send(connection, bytes, size))
        return false;
    connection_count(connection, COUNT_BYTES_OUT, size);
    story_count(connection, 0, size, 0);
    return true;
}

static void drop_held(struct connection *connection)
{
    if (connection->extra) {
        free(connection->extra->held);
        connection->extra->held = NULL;
    }
}

static bool has_held(const struct connection *connection)
{
    return connection->extra && connection->extra->held;
}

static void close_in_order(struct connection *connection)
{
    connection->kept_size = 0;
    drop_held(connection);
    connection->stage = STAGE_FIN_DUE;
}

/* An ERROR is the last frame. */
static void send_error(struct connection *connection, enum echo_error error, uint64_t id)
{
    uint8_t frame[ECHO_ERROR_FRAME_MAX];
    size_t size = echo_write_error(frame, sizeof frame, error, id, NULL);

    connection_count(connection, COUNT_ERRORS + error - ECHO_BAD_MAGIC, 1);
    story_tell(connection, "ERROR: ", echo_error_text(error));
    if (send_octets(connection, frame, size))
        close_in_order(connection);
}

/* The id of the frame whose beginning is there. */
static uint64_t id_of_unfinished(const struct connection *connection)
{
    struct echo_head head = { .id = 0 };

    if (has_held(connection))
        echo_head_read(&head, connection->extra->held->bytes + connection->extra->held->begin,
                       connection->extra->held->end - connection->extra->held->begin);
    else if (connection->kept_size >= ECHO_HEADER_SIZE)
        echo_head_read(&head, connection->kept, connection->kept_size);
    return head.id;
}

/* GOODBYE ------------------------------------------------------------------------------------ */

static void set_time(const struct connection *connection, enum echo_field field)
{
    struct extra *extra = connection->extra;

    if (extra->goodbye.flags & ECHO_FLAG_TIMES)
        echo_set_time(extra->held->bytes + extra->held->begin, field, clock_utc_ns());
}

static void send_held(struct connection *connection)
{
    struct octets *held = connection->extra->held;

    set_time(connection, ECHO_FIELD_SERVER_SENT);
    send_octets(connection, held->bytes + held->begin, held->end - held->begin);
}

static void enter(struct connection *connection, enum stage stage)
{
    if (connection->stage == STAGE_CLOSED)
        return;
    connection->stage = (uint8_t)stage;
    connection->stage_since = clock_ms();
}

/* The GOODBYE is whole. */
static void say_goodbye(struct connection *connection)
{
    struct extra *extra = connection->extra;
    const struct echo_head *head = &extra->goodbye;
    unsigned how = echo_goodbye_how(head->code);

    if (connection->loop->service->echo.check_crc && head->flags & ECHO_FLAG_CRC &&
        echo_crc32c(0, extra->held->bytes + extra->held->begin + echo_head_size(head->flags),
                    head->length) != head->checksum) {
        send_error(connection, ECHO_BAD_CHECKSUM, head->id);
        return;
    }
    connection_count(connection, COUNT_GOODBYES + how, 1);
    story_tell(connection, "GOODBYE: ", echo_close_text(how));
    switch ((enum echo_close)how) {
    case ECHO_CLOSE_CLIENT_FIRST:
        send_held(connection);
        enter(connection, STAGE_AWAIT_FIN);
        drop_held(connection);
        break;
    case ECHO_CLOSE_SERVER_FIRST:
        send_held(connection);
        enter(connection, STAGE_WAIT_DUE);
        drop_held(connection);
        break;
    case ECHO_CLOSE_RESET:
        enter(connection, STAGE_WAIT_DUE);
        drop_held(connection);
        break;
    case ECHO_CLOSE_LINGER:
        enter(connection, STAGE_AWAIT_FIN);
        break;
    }
}

/* More of a GOODBYE. What is behind it is thrown away. */
static void take_goodbye(struct connection *connection, const uint8_t *bytes, size_t size)
{
    struct extra *extra = connection->extra;
    size_t there = extra->held ? extra->held->end - extra->held->begin : 0;

    if (size > extra->wanted - there)
        size = (size_t)(extra->wanted - there);
    if (!octets_append(&extra->held, bytes, size))
        connection_no_memory(connection);
    else if (there + size == extra->wanted)
        say_goodbye(connection);
}

static void begin_goodbye(struct connection *connection, const struct echo_front *front,
                          const uint8_t *bytes, size_t size)
{
    struct octets *old = has_held(connection) ? connection->extra->held : NULL;
    struct extra *extra = connection_extra(connection);

    if (!extra)
        return;
    extra->held = NULL; /* the octets are in it, where a frame was held */
    extra->goodbye = front->head;
    extra->wanted = front->size + (uint64_t)front->head.length;
    connection->stage = STAGE_GOODBYE;
    if (octets_append(&extra->held, bytes, front->size)) {
        set_time(connection, ECHO_FIELD_SERVER_RECEIVED);
        take_goodbye(connection, bytes + front->size, size - front->size);
    } else {
        connection_no_memory(connection);
    }
    free(old);
}

static void finish_goodbye(struct connection *connection)
{
    switch ((enum echo_close)echo_goodbye_how(connection->extra->goodbye.code)) {
    case ECHO_CLOSE_CLIENT_FIRST:
    case ECHO_CLOSE_SERVER_FIRST:
        enter(connection, STAGE_FIN_DUE);
        break;
    case ECHO_CLOSE_RESET:
        connection_end(connection, ENDED_BY_RESET);
        break;
    case ECHO_CLOSE_LINGER:
        echo_make_reply(connection->extra->held->bytes + connection->extra->held->begin);
        send_held(connection);
        enter(connection, STAGE_FIN_DUE);
        drop_held(connection);
        break;
    }
}

static void on_waited(evutil_socket_t fd, short what, void *argument)
{
    struct connection *connection = argument;

    (void)fd;
    (void)what;
    connection->extra->has_wait = false;
    finish_goodbye(connection);
    connection_leave(connection);
}

static void begin_wait(struct connection *connection)
{
    struct extra *extra = connection->extra;
    unsigned ms = echo_goodbye_wait_ms(extra->goodbye.code);
    struct timeval time = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000L };

    if (ms == 0) {
        finish_goodbye(connection);
        return;
    }
    enter(connection, STAGE_WAIT);
    event_assign(&extra->wait, connection->loop->base, -1, 0, on_waited, connection);
    extra->has_wait = event_add(&extra->wait, &time) == 0;
    if (!extra->has_wait)
        connection_no_memory(connection);
}

/* requests ----------------------------------------------------------------------------------- */

/* Keep the beginning of a frame. The octets may lie in what is held already. */
static void keep(struct connection *connection, const uint8_t *bytes, size_t size, uint64_t missing)
{
    struct octets *old = has_held(connection) ? connection->extra->held : NULL;
    struct extra *extra;

    if (size + missing <= ECHO_HEAD_MAX) {
        memcpy(connection->kept, bytes, size);
        connection->kept_size = (uint8_t)size;
        drop_held(connection);
        return;
    }
    extra = connection_extra(connection);
    if (!extra)
        return;
    extra->wanted = size + missing;
    if (old && bytes == old->bytes + old->begin)
        return;
    extra->held = NULL;
    if (!octets_append(&extra->held, bytes, size))
        connection_no_memory(connection);
    free(old);
}

/* Where a client's stream stood before some octets came. */
struct place {
    bool was_in_payload;
    bool was_in_head;
};

/* A frame's time counts from its first octet, however much of it has come since. */
static void note_beginning(struct connection *connection, struct place before,
                           const struct echo_batch *batch)
{
    bool is_in_head = connection->kept_size > 0 || has_held(connection);
    size_t beginnings = batch->frames + is_in_head;
    bool is_same =
        (before.was_in_head && beginnings == 1) || (before.was_in_payload && beginnings == 0);

    if (!is_same && session_is_in_frame(connection))
        connection->stage_since = clock_ms();
}

static void answer(struct connection *connection, uint8_t *bytes, size_t size, struct place before)
{
    const struct echo_service *service = &connection->loop->service->echo;
    struct echo_batch batch;

    echo_answer(&connection->answering, bytes, size, clock_utc_ns(), service, &batch);
    if (batch.frames > 0)
        connection_count(connection, COUNT_REQUESTS, batch.frames);
    story_count(connection, 0, 0, batch.frames);
    if (batch.ready > 0) {
        if (batch.timed < batch.ready)
            echo_stamp_sent(bytes, &batch, clock_utc_ns());
        if (!send_octets(connection, bytes, batch.ready))
            return;
    }
    bytes += batch.ready;
    size -= batch.ready;
    switch (batch.stop) {
    case ECHO_STOP_END:
        drop_held(connection);
        break;
    case ECHO_STOP_MORE:
        keep(connection, bytes, size, batch.missing);
        break;
    case ECHO_STOP_GOODBYE:
        begin_goodbye(connection, &batch.front, bytes, size);
        break;
    case ECHO_STOP_ERROR:
        send_error(connection, batch.front.error, batch.front.error_id);
        return;
    }
    note_beginning(connection, before, &batch);
}

static void take_framed(struct connection *connection, uint8_t *bytes, size_t size)
{
    struct place before = { connection->answering.payload_left > 0,
                            connection->kept_size > 0 || has_held(connection) };

    if (has_held(connection)) {
        struct extra *extra = connection->extra;

        if (!octets_append(&extra->held, bytes, size)) {
            connection_no_memory(connection);
            return;
        }
        bytes = extra->held->bytes + extra->held->begin;
        size = extra->held->end - extra->held->begin;
        if (size < extra->wanted)
            return;
    } else if (connection->kept_size > 0) {
        bytes -= connection->kept_size;
        size += connection->kept_size;
        memcpy(bytes, connection->kept, connection->kept_size);
        connection->kept_size = 0;
    }
    answer(connection, bytes, size, before);
}

/* what it is --------------------------------------------------------------------------------- */

static void become(struct connection *connection, enum stage stage)
{
    connection->stage = (uint8_t)stage;
    connection_count(connection, stage == STAGE_FRAMED ? COUNT_FRAMED : COUNT_PLAIN, 1);
    story_tell(connection, stage == STAGE_FRAMED ? "framed" : "plain", "");
}

/* `EC` alone, and nothing will follow it. */
static void decide_for_plain(struct connection *connection)
{
    uint8_t size = connection->kept_size;

    connection->kept_size = 0;
    if (size > 0) {
        become(connection, STAGE_PLAIN);
        send_octets(connection, connection->kept, size);
    }
}

static void take_undecided(struct connection *connection, uint8_t *bytes, size_t size)
{
    size_t kept = connection->kept_size; /* one octet at most, which take_framed() wants kept */

    if (kept > 0)
        *(bytes - kept) = connection->kept[0];
    switch (echo_detect(bytes - kept, size + kept)) {
    case ECHO_UNDECIDED:
        connection->kept[0] = *bytes;
        connection->kept_size = 1;
        connection->stage_since = clock_ms();
        break;
    case ECHO_PLAIN:
        connection->kept_size = 0;
        become(connection, STAGE_PLAIN);
        send_octets(connection, bytes - kept, size + kept);
        break;
    case ECHO_FRAMED:
        become(connection, STAGE_FRAMED);
        take_framed(connection, bytes, size);
        break;
    }
}

/* events ------------------------------------------------------------------------------------- */

void session_input(struct connection *connection, uint8_t *bytes, size_t size)
{
    connection_count(connection, COUNT_BYTES_IN, size);
    story_count(connection, size, 0, 0);
    switch ((enum stage)connection->stage) {
    case STAGE_FRAMED:
        take_framed(connection, bytes, size);
        break;
    case STAGE_PLAIN:
        send_octets(connection, bytes, size);
        break;
    case STAGE_UNDECIDED:
        take_undecided(connection, bytes, size);
        break;
    case STAGE_GOODBYE:
        take_goodbye(connection, bytes, size);
        break;
    case STAGE_HANDSHAKE:
    case STAGE_REFUSED:
    case STAGE_AWAIT_FIN:
    case STAGE_WAIT_DUE:
    case STAGE_WAIT:
    case STAGE_FIN_DUE:
    case STAGE_FIN_SENT:
    case STAGE_CLOSED:
        break; /* thrown away */
    }
}

bool session_is_in_frame(const struct connection *connection)
{
    return connection->answering.payload_left > 0 || connection->kept_size > 0 ||
           connection->stage == STAGE_GOODBYE || has_held(connection);
}

/* A frame is not finished and will not be: say so if its REPLY has not begun. */
static void end_unfinished(struct connection *connection)
{
    if (connection->answering.payload_left > 0) {
        connection_count(connection, COUNT_UNFINISHED, 1);
        close_in_order(connection);
    } else {
        send_error(connection, ECHO_TIMED_OUT, id_of_unfinished(connection));
    }
}

/* Plain echo, or what has to be taken for it, has no last word: it is closed in order. */
static void end_plain(struct connection *connection)
{
    if (connection->stage == STAGE_UNDECIDED)
        decide_for_plain(connection);
    if (connection->stage != STAGE_CLOSED)
        close_in_order(connection);
}

void session_eof(struct connection *connection)
{
    connection->has_eof = true;
    story_tell(connection, "client's FIN", "");
    switch ((enum stage)connection->stage) {
    case STAGE_UNDECIDED:
    case STAGE_PLAIN:
        end_plain(connection);
        break;
    case STAGE_FRAMED:
    case STAGE_GOODBYE:
        if (session_is_in_frame(connection))
            end_unfinished(connection);
        else
            close_in_order(connection);
        break;
    case STAGE_AWAIT_FIN:
        enter(connection, STAGE_WAIT_DUE);
        break;
    case STAGE_FIN_SENT:
        connection_end(connection, ENDED_IN_ORDER);
        break;
    case STAGE_HANDSHAKE:
        connection_end(connection, ENDED_LOST);
        break;
    case STAGE_REFUSED:
    case STAGE_WAIT_DUE:
    case STAGE_WAIT:
    case STAGE_FIN_DUE:
    case STAGE_CLOSED:
        break; /* what is due comes first */
    }
}

void session_late(struct connection *connection)
{
    switch ((enum stage)connection->stage) {
    case STAGE_HANDSHAKE:
        connection_count(connection, COUNT_TLS_FAILED, 1);
        connection_end(connection, ENDED_CUT);
        break;
    case STAGE_UNDECIDED:
        decide_for_plain(connection);
        break;
    default:
        end_unfinished(connection);
        break;
    }
}

static void send_fin(struct connection *connection)
{
    connection->loop->transport->send_fin(connection);
    enter(connection, STAGE_FIN_SENT);
    story_tell(connection, "server's FIN", "");
    if (connection->has_eof)
        connection_end(connection, ENDED_IN_ORDER);
}

void session_proceed(struct connection *connection)
{
    if (connection->stage == STAGE_REFUSED) {
        connection_count(connection, COUNT_REFUSED, 1);
        send_error(connection, ECHO_BUSY, 0);
    }
    if (connection->stage == STAGE_WAIT_DUE && !connection->loop->transport->is_blocked(connection))
        begin_wait(connection);
    if (connection->stage == STAGE_FIN_DUE && !connection->loop->transport->is_blocked(connection))
        send_fin(connection);
}

void session_quit(struct connection *connection, bool is_forced)
{
    switch ((enum stage)connection->stage) {
    case STAGE_UNDECIDED:
    case STAGE_PLAIN:
        end_plain(connection);
        break;
    case STAGE_FRAMED:
        if (connection->answering.payload_left == 0)
            send_error(connection, ECHO_SHUTTING_DOWN, id_of_unfinished(connection));
        else if (is_forced)
            end_unfinished(connection);
        break;
    case STAGE_HANDSHAKE:
        if (is_forced)
            connection_end(connection, ENDED_CUT);
        break;
    case STAGE_GOODBYE: /* the client is about to end it; and the drain has its own time */
    case STAGE_REFUSED:
    case STAGE_AWAIT_FIN:
    case STAGE_WAIT_DUE:
    case STAGE_WAIT:
    case STAGE_FIN_DUE:
    case STAGE_FIN_SENT:
    case STAGE_CLOSED:
        break;
    }
}
