/* closing.c
 * The ways in which a connection of the load ends.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "connection.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

/* What --close asks of the server by a GOODBYE; -1: nothing. The wait is what the way needs to be
 * itself, when none was asked for. */
static const struct {
    int how;
    unsigned wait_ms;
} GOODBYES[] = {
    [CLOSE_CLIENT] = { ECHO_CLOSE_CLIENT_FIRST, 0 },
    [CLOSE_SERVER] = { ECHO_CLOSE_SERVER_FIRST, 0 },
    [CLOSE_RESET] = { ECHO_CLOSE_RESET, 0 },
    [CLOSE_LINGER] = { ECHO_CLOSE_LINGER, 0 },
    [CLOSE_FIN] = { -1, 0 },
    [CLOSE_HALF] = { -1, 0 },
    [CLOSE_ABORT] = { -1, 0 },
    [CLOSE_UNREAD] = { -1, 0 },
    /* Our RST comes between our FIN and the server's. */
    [CLOSE_FIN_ABORT] = { ECHO_CLOSE_CLIENT_FIRST, 200 },
    /* Our FIN is acknowledged by itself, then the REPLY meets a closed end. */
    [CLOSE_LATE] = { ECHO_CLOSE_LINGER, 100 },
    [CLOSE_VANISH] = { -1, 0 },
    [CLOSE_SIMULTANEOUS] = { -1, 0 },
};

/* Between our FIN and our RST: longer than a delayed ACK. */
#define FIN_ABORT_MS 60U

static void wait_ms(struct connection *connection, unsigned ms)
{
    const struct timeval time = { ms / 1000, (suseconds_t)(ms % 1000) * 1000 };

    evtimer_add(connection->pause, &time);
}

/* Go on after the --pause, at once if there is none. */
static void after_pause(struct connection *connection)
{
    connection->is_finishing = true;
    if (connection_options(connection)->pause_ms > 0)
        wait_ms(connection, connection_options(connection)->pause_ms);
    else
        closing_written(connection);
}

static void tell(const struct connection *connection)
{
    struct echo_endpoint own = { .size = sizeof own.address };
    char text[ECHO_ENDPOINT_TEXT_MAX];
    bool is_fast = connection->opening == OPEN_FAST && stream_was_fast(&connection->stream);

    connection->loop->results.fast += is_fast;
    if (!connection_options(connection)->verbose)
        return;
    if (getsockname(connection->stream.fd, (struct sockaddr *)&own.address, &own.size) != 0)
        own.size = 0;
    fprintf(stderr, "connection %u: %s open=%s%s close=%s answers=%llu state=%s\n",
            connection->number, own.size ? echo_endpoint_text(&own, text, sizeof text) : "?",
            opening_name(connection->opening),
            connection->opening == OPEN_FAST && !is_fast ? "(three-way)" : "",
            closing_name(connection->way.closing), (unsigned long long)connection->answered,
            stream_state(&connection->stream));
}

static void done(struct connection *connection)
{
    tell(connection);
    connection_done(connection);
}

static void abort_now(struct connection *connection)
{
    tell(connection);
    connection_quiet(connection);
    stream_abort(&connection->stream);
    connection_done(connection);
}

static void say_goodbye(struct connection *connection)
{
    uint8_t octets[ECHO_HEAD_MAX + sizeof LINGER_PAYLOAD];
    unsigned wait = connection->way.wait_ms;
    enum echo_close how = (enum echo_close)GOODBYES[connection->way.closing].how;
    uint32_t length = how == ECHO_CLOSE_LINGER ? sizeof LINGER_PAYLOAD - 1 : 0;
    struct echo_head head = echo_head_make(ECHO_GOODBYE, connection->sent + 1, length);
    size_t size;

    if (wait == 0)
        wait = GOODBYES[connection->way.closing].wait_ms;
    head.code = echo_goodbye_code(how, wait);
    if (connection_options(connection)->times) {
        head.flags = ECHO_FLAG_TIMES;
        head.client_sent = load_now() + (uint64_t)connection->loop->wall;
    }
    connection->goodbye = head;
    size = echo_head_write(octets, &head);
    memcpy(octets + size, LINGER_PAYLOAD, length);
    connection_write(connection, octets, size + length);
}

void closing_begin(struct connection *connection)
{
    switch (connection->way.closing) {
    case CLOSE_UNREAD:
        event_del(connection->readable);
        connection_send_one(connection);
        break;
    case CLOSE_HALF:
        stream_hold(&connection->stream); /* the answer shall not be faster than our FIN */
        connection_send_one(connection);
        break;
    case CLOSE_FIN:
    case CLOSE_ABORT:
    case CLOSE_VANISH:
        after_pause(connection);
        return;
    default:
        if (connection_options(connection)
                ->plain) { /* "client" is the default; there are no frames */
            connection->way.closing = CLOSE_FIN;
            after_pause(connection);
            return;
        }
        say_goodbye(connection);
    }
    if (connection->phase == PHASE_CLOSING && connection->out_size == 0)
        closing_written(connection);
}

static void send_fin(struct connection *connection)
{
    if (connection->fin_sent)
        return;
    connection->fin_sent = true;
    stream_shutdown(&connection->stream);
}

/* Wait until an answer lies unread, then close upon it. */
static void close_unread(struct connection *connection)
{
    int unread = 0;

    if (ioctl(connection->stream.fd, FIONREAD, &unread) == 0 && unread == 0) {
        wait_ms(connection, 1);
        return;
    }
    if (!connection->is_finishing) {
        after_pause(connection);
        return;
    }
    connection->answered = connection->sent; /* the one answer that we did not want */
    done(connection);
}

static void vanish(struct connection *connection)
{
    tell(connection);
    connection_quiet(connection);
    if (stream_vanish(&connection->stream) != 0)
        connection_fail(connection, "it cannot vanish: %s", strerror(errno));
    else
        connection_done(connection);
}

static void fin_then_abort(struct connection *connection)
{
    if (!connection->goodbye_answered || !connection->is_finishing)
        return;
    if (!connection->fin_sent) {
        send_fin(connection);
        wait_ms(connection, FIN_ABORT_MS);
        return;
    }
    abort_now(connection);
}

/* The next step: what was written is out, or a pause is over. */
void closing_written(struct connection *connection)
{
    if (connection->phase != PHASE_CLOSING)
        return;
    switch (connection->way.closing) {
    case CLOSE_LINGER:
    case CLOSE_HALF:
        send_fin(connection);
        break;
    case CLOSE_LATE:
        done(connection);
        break;
    case CLOSE_UNREAD:
        close_unread(connection);
        break;
    case CLOSE_ABORT:
        abort_now(connection);
        break;
    case CLOSE_VANISH:
        vanish(connection);
        break;
    case CLOSE_FIN_ABORT:
        fin_then_abort(connection);
        break;
    case CLOSE_SERVER:
        if (connection->fin_seen && connection->is_finishing)
            done(connection);
        break;
    case CLOSE_CLIENT:
    case CLOSE_FIN:
        if (connection->is_finishing)
            send_fin(connection);
        break;
    default:
        break;
    }
}

void closing_answered(struct connection *connection)
{
    if (connection->way.closing == CLOSE_CLIENT || connection->way.closing == CLOSE_FIN_ABORT)
        after_pause(connection);
}

void closing_end(struct connection *connection)
{
    bool is_due = false;

    switch (connection->way.closing) {
    case CLOSE_CLIENT:
    case CLOSE_FIN:
    case CLOSE_HALF:
        is_due = connection->fin_sent;
        break;
    case CLOSE_LINGER:
        is_due = connection->goodbye_answered;
        break;
    case CLOSE_SERVER:
        if (connection->goodbye_answered) {
            after_pause(connection);
            return;
        }
        break;
    case CLOSE_RESET:
        /* In the Unix domain a close is all there is (specification.md, section 1). */
        is_due = connection_options(connection)->address.is_unix;
        break;
    default:
        break;
    }
    if (is_due)
        done(connection);
    else if (connection->way.closing == CLOSE_RESET)
        connection_fail(connection, "the server closed in order; it was asked to reset");
    else
        connection_fail(connection, "the server closed before --close %s was done",
                        closing_name(connection->way.closing));
}

bool closing_failed(struct connection *connection)
{
    if (errno != ECONNRESET || connection->way.closing != CLOSE_RESET || !connection->goodbye.type)
        return false;
    done(connection);
    return true;
}
