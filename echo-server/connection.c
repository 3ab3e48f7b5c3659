/* connection.c
 * A connection's memory, its deadlines, its end.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "connection.h"
#include "log.h"

#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* octets that wait --------------------------------------------------------------------------- */

bool octets_append(struct octets **octets, const uint8_t *bytes, size_t size)
{
    struct octets *old = *octets;
    size_t used = old ? old->end - old->begin : 0;

    if (!old || old->capacity - old->end < size) {
        /* Twice as much as is there: a frame of n octets is copied no more than 2n times. */
        size_t capacity = used + (size > used ? size : used);
        struct octets *grown = malloc(sizeof *grown + capacity);

        if (!grown)
            return false;
        *grown = (struct octets){ .end = used, .capacity = capacity };
        if (used > 0)
            memcpy(grown->bytes, old->bytes + old->begin, used);
        free(old);
        *octets = grown;
    }
    memcpy((*octets)->bytes + (*octets)->end, bytes, size);
    (*octets)->end += size;
    return true;
}

/* begin and end ------------------------------------------------------------------------------ */

static void give_up(struct loop *loop, int fd)
{
    count_more(&loop->counters, COUNT_NO_MEMORY, 1);
    count_more(&loop->counters, COUNT_CLOSED, 1);
    atomic_fetch_sub(&loop->service->connections, 1);
    log_seldom("no memory for a connection");
    close(fd);
}

void connection_open(struct loop *loop, int fd, bool is_refused)
{
    struct connection *connection = calloc(1, sizeof *connection);

    count_more(&loop->counters, COUNT_OPENED, 1);
    if (!connection) {
        give_up(loop, fd);
        return;
    }
    connection->loop = loop;
    connection->fd = fd;
    connection->queue = DEADLINE_NONE;
    connection->stage_since = clock_ms();
    connection->stage = is_refused ? STAGE_REFUSED : STAGE_UNDECIDED;
    if (loop->service->tls && !tls_begin(connection)) {
        give_up(loop, fd);
        free(connection);
        return;
    }
    TAILQ_INSERT_TAIL(&loop->connections, connection, siblings);
    if (loop->service->options->verbose)
        story_begin(connection);
    connection_leave(connection);
}

static void connection_free(struct connection *connection)
{
    struct loop *loop = connection->loop;
    struct extra *extra = connection->extra;

    story_end(connection);
    loop_set_deadline(loop, connection, DEADLINE_NONE, 0);
    connection->loop->transport->release(connection);
    TAILQ_REMOVE(&loop->connections, connection, siblings);
    if (extra) {
        if (extra->has_wait)
            event_del(&extra->wait);
        free(extra->held);
        free(extra);
    }
    free(connection->pending);
    free(connection);
    count_more(&loop->counters, COUNT_CLOSED, 1);
    atomic_fetch_sub(&loop->service->connections, 1);
    if (loop_is_draining(loop) && TAILQ_EMPTY(&loop->connections))
        event_base_loopbreak(loop->base);
}

void connection_end(struct connection *connection, enum ending ending)
{
    const struct linger none = { .l_onoff = 1, .l_linger = 0 };

    if (connection->stage == STAGE_CLOSED)
        return;
    connection->stage = STAGE_CLOSED;
    connection->ending = (uint8_t)ending;
    if (ending == ENDED_BY_RESET || ending == ENDED_CUT)
        setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    if (ending == ENDED_LOST)
        connection_count(connection, COUNT_LOST, 1);
}

void connection_no_memory(struct connection *connection)
{
    connection_count(connection, COUNT_NO_MEMORY, 1);
    log_seldom("no memory for what a connection needs: closed");
    connection_end(connection, ENDED_CUT);
}

struct extra *connection_extra(struct connection *connection)
{
    if (!connection->extra) {
        connection->extra = calloc(1, sizeof *connection->extra);
        if (!connection->extra)
            connection_no_memory(connection);
    }
    return connection->extra;
}

/* deadlines ---------------------------------------------------------------------------------- */

/* Time in which the server did not read, because its answers were not read, is no fault of a frame's. */
static void forgive_blocked_time(struct connection *connection, bool is_blocked, int64_t now)
{
    struct extra *extra = connection->extra;

    if (is_blocked && (extra = connection_extra(connection)) != NULL) {
        if (extra->blocked_since == 0)
            extra->blocked_since = now;
    } else if (extra && extra->blocked_since != 0) {
        /* A frame may have begun since. */
        if (connection->stage_since < extra->blocked_since)
            connection->stage_since += now - extra->blocked_since;
        else
            connection->stage_since = now;
        extra->blocked_since = 0;
        extra->unacknowledged = 0;
    }
}

static void set_deadline(struct connection *connection)
{
    struct loop *loop = connection->loop;
    bool is_blocked = connection->loop->transport->is_blocked(connection);
    int64_t now = clock_ms();

    if (is_blocked || connection->extra)
        forgive_blocked_time(connection, is_blocked, now);
    if (is_blocked) {
        loop_set_deadline(loop, connection, DEADLINE_IDLE, now);
        return;
    }
    switch ((enum stage)connection->stage) {
    case STAGE_HANDSHAKE:
        loop_set_deadline(loop, connection, DEADLINE_FRAME, connection->stage_since);
        break;
    case STAGE_UNDECIDED:
    case STAGE_PLAIN:
    case STAGE_FRAMED:
    case STAGE_GOODBYE:
        if (session_is_in_frame(connection))
            loop_set_deadline(loop, connection, DEADLINE_FRAME, connection->stage_since);
        else
            loop_set_deadline(loop, connection, DEADLINE_IDLE, now);
        break;
    case STAGE_AWAIT_FIN: /* what is thrown away does not extend it */
        loop_set_deadline(loop, connection, DEADLINE_IDLE, connection->stage_since);
        break;
    case STAGE_FIN_SENT:
        loop_set_deadline(loop, connection, DEADLINE_CLOSING, connection->stage_since);
        break;
    case STAGE_REFUSED:
    case STAGE_WAIT_DUE:
    case STAGE_WAIT:
    case STAGE_FIN_DUE:
    case STAGE_CLOSED:
        loop_set_deadline(loop, connection, DEADLINE_NONE, 0);
        break;
    }
}

/* The kernel says that there is room when a good part of its buffer is free again, which takes a slow
 * reader longer than the idle time: does it read at all? Only the second time can tell. */
static bool is_still_reading(struct connection *connection)
{
    struct extra *extra = connection->extra;
    int before, now;

    if (!extra || ioctl(connection->fd, SIOCOUTQ, &now) != 0)
        return false;
    before = extra->unacknowledged;
    extra->unacknowledged = now;
    return before == 0 || now < before;
}

void connection_expire(struct connection *connection)
{
    switch ((enum deadline)connection->queue) {
    case DEADLINE_IDLE:
        if (connection->loop->transport->is_blocked(connection)) {
            if (is_still_reading(connection))
                break;
            connection_count(connection, COUNT_SLOW, 1);
            connection_end(connection, ENDED_CUT);
        } else {
            connection_count(connection, COUNT_IDLE, 1);
            connection->stage = STAGE_FIN_DUE;
        }
        break;
    case DEADLINE_FRAME:
        session_late(connection);
        break;
    case DEADLINE_CLOSING:
        connection_count(connection, COUNT_UNCLOSED, 1);
        connection_end(connection, ENDED_CUT);
        break;
    case DEADLINE_NONE:
        break;
    }
    connection_leave(connection);
}

void connection_leave(struct connection *connection)
{
    if (connection->stage >= STAGE_WAIT_DUE || connection->stage == STAGE_REFUSED)
        session_proceed(connection);
    if (connection->stage != STAGE_CLOSED)
        set_deadline(connection);
    if (connection->stage != STAGE_CLOSED)
        connection->loop->transport->settle(connection);
    if (connection->stage == STAGE_CLOSED)
        connection_free(connection);
}
