/* socket.c
 * The way over a plain socket: read() into the loop's buffer, one write() for all answers.
 *
 * No bufferevents: they need four system calls more for each request, and read 4 KiB at a time.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "connection.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static bool is_for_later(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static bool socket_is_blocked(const struct connection *connection)
{
    return connection->pending != NULL;
}

static bool socket_send(struct connection *connection, const uint8_t *bytes, size_t size)
{
    ssize_t sent = 0;

    if (!connection->pending) {
        sent = send(connection->fd, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && !is_for_later(errno)) {
            connection_end(connection, ENDED_LOST);
            return false;
        }
        if (sent < 0)
            sent = 0;
        if ((size_t)sent == size)
            return true;
    }
    /* No more than this read brought: nothing is read until it is gone. */
    if (octets_append(&connection->pending, bytes + sent, size - (size_t)sent))
        return true;
    connection_no_memory(connection);
    return false;
}

/* Send more of what waits. Returns whether the connection is of use. */
static bool send_pending(struct connection *connection)
{
    struct octets *pending = connection->pending;
    ssize_t sent = send(connection->fd, pending->bytes + pending->begin,
                        pending->end - pending->begin, MSG_NOSIGNAL);

    if (sent < 0) {
        if (is_for_later(errno))
            return true;
        connection_end(connection, ENDED_LOST);
        return false;
    }
    pending->begin += (size_t)sent;
    if (pending->begin == pending->end) {
        free(pending);
        connection->pending = NULL;
    }
    return true;
}

static void socket_nudge(struct connection *connection)
{
    if (connection->watched == EV_READ)
        event_active(&connection->io.event, EV_READ, 1);
}

static void receive(struct connection *connection)
{
    struct loop *loop = connection->loop;
    uint8_t *bytes = loop->buffer + ECHO_HEAD_MAX;
    ssize_t size = recv(connection->fd, bytes, READ_MAX, 0);

    if (size > 0) {
        session_input(connection, bytes, (size_t)size);
        if (loop_is_draining(loop))
            socket_nudge(connection);
    } else if (size == 0) {
        session_eof(connection);
    } else if (!is_for_later(errno)) {
        connection_end(connection, ENDED_LOST);
    } else if (loop_is_draining(loop)) {
        session_quit(connection, false);
    }
}

static void on_socket(evutil_socket_t fd, short what, void *argument)
{
    struct connection *connection = argument;
    bool may_receive = !connection->pending;

    (void)fd;
    (void)what;
    if (connection->pending)
        may_receive =
            send_pending(connection) && !connection->pending && loop_is_draining(connection->loop);
    if (may_receive)
        receive(connection);
    connection_leave(connection);
}

static void socket_settle(struct connection *connection)
{
    uint8_t wanted = EV_READ;
    struct event *event = &connection->io.event;

    if (connection->pending)
        wanted = EV_WRITE;
    else if (connection->has_eof)
        wanted = 0; /* a socket at its end can be read for ever */
    if (wanted == connection->watched)
        return;
    if (connection->watched != 0)
        event_del(event);
    connection->watched = wanted;
    if (wanted == 0)
        return;
    event_assign(event, connection->loop->base, connection->fd, (short)(wanted | EV_PERSIST),
                 on_socket, connection);
    if (event_add(event, NULL) != 0) {
        connection->watched = 0;
        connection_no_memory(connection);
    } else if (loop_is_draining(connection->loop)) {
        socket_nudge(connection);
    }
}

static void socket_send_fin(struct connection *connection)
{
    shutdown(connection->fd, SHUT_WR);
}

static void socket_release(struct connection *connection)
{
    if (connection->watched != 0)
        event_del(&connection->io.event);
    close(connection->fd);
}

const struct transport socket_transport = { .send = socket_send,
                                            .is_blocked = socket_is_blocked,
                                            .settle = socket_settle,
                                            .nudge = socket_nudge,
                                            .send_fin = socket_send_fin,
                                            .release = socket_release };
