/* story.c
 * What --verbose tells of a connection: its steps, each with the state that the kernel says its end of
 * the TCP connection is in.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "connection.h"
#include "log.h"

#include <inttypes.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

struct story {
    uint64_t number;
    uint64_t in, out, requests;
    uint64_t began_ns;
    char client[ECHO_ENDPOINT_TEXT_MAX], server[ECHO_ENDPOINT_TEXT_MAX];
};

/* The kernel's numbers (linux/tcp_states.h) with the names of RFC 9293. */
static const char *state_name(unsigned state)
{
    static const char *const names[] = { "?",          "ESTABLISHED", "SYN_SENT",  "SYN_RCVD",
                                         "FIN_WAIT_1", "FIN_WAIT_2",  "TIME_WAIT", "CLOSED",
                                         "CLOSE_WAIT", "LAST_ACK",    "LISTEN",    "CLOSING",
                                         "SYN_RCVD" };

    return state < sizeof names / sizeof *names ? names[state] : names[0];
}

/* Returns whether it is TCP and the kernel told. */
static bool ask_kernel(int fd, struct tcp_info *info)
{
    socklen_t size = sizeof *info;

    *info = (struct tcp_info){ .tcpi_state = 0 };
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &size) == 0;
}

static void name_ends(struct story *story, int fd)
{
    struct echo_endpoint end = { .size = sizeof end.address };

    if (getpeername(fd, (struct sockaddr *)&end.address, &end.size) == 0)
        echo_endpoint_text(&end, story->client, sizeof story->client);
    end.size = sizeof end.address;
    if (getsockname(fd, (struct sockaddr *)&end.address, &end.size) == 0)
        echo_endpoint_text(&end, story->server, sizeof story->server);
}

void story_begin(struct connection *connection)
{
    struct story *story = calloc(1, sizeof *story);
    struct tcp_info info;

    if (!story)
        return;
    connection->story = story;
    story->number = atomic_fetch_add(&connection->loop->service->connection_numbers, 1) + 1;
    story->began_ns = clock_utc_ns();
    name_ends(story, connection->fd);
    ask_kernel(connection->fd, &info);
    log_line("connection %" PRIu64 " opened: %s to %s, state %s", story->number, story->client,
             story->server, state_name(info.tcpi_state));
}

void story_tell(struct connection *connection, const char *what, const char *detail)
{
    struct tcp_info info;

    if (!connection->story)
        return;
    ask_kernel(connection->fd, &info);
    log_line("connection %" PRIu64 ": %s%s, state %s", connection->story->number, what, detail,
             state_name(info.tcpi_state));
}

void story_count(struct connection *connection, size_t in, size_t out, size_t requests)
{
    struct story *story = connection->story;

    if (!story)
        return;
    story->in += in;
    story->out += out;
    story->requests += requests;
}

void story_end(struct connection *connection)
{
    static const char *const endings[] = { [ENDED_IN_ORDER] = "in order",
                                           [ENDED_BY_RESET] = "reset, as the client asked",
                                           [ENDED_CUT] = "reset by the server",
                                           [ENDED_LOST] = "reset by the client, or lost" };
    struct story *story = connection->story;
    struct tcp_info info;

    if (!story)
        return;
    ask_kernel(connection->fd, &info);
    log_line("connection %" PRIu64 " closed: %s, %s to %s, state %s, requests %" PRIu64
             ", in %" PRIu64 ", out %" PRIu64 ", seconds %.6f, rtt_ms %.3f, retransmissions %u",
             story->number, endings[connection->ending], story->client, story->server,
             state_name(info.tcpi_state), story->requests, story->in, story->out,
             (double)(clock_utc_ns() - story->began_ns) / 1e9, info.tcpi_rtt / 1000.0,
             info.tcpi_total_retrans);
    free(story);
    connection->story = NULL;
}
