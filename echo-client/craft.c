/* craft.c
 * Both ends of a connection, for what no server can be asked for.
 *
 * An end that does not answer takes packets of the highest TTL only (IP_MINTTL, meant for RFC 5082), and
 * the other end sends with a lower one: the kernel drops them after the place where captures are
 * taken. A socket filter would do the same, but takes CAP_NET_ADMIN on some systems.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "craft.h"
#include "echo_answer.h"
#include "race.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/** So often a crossing is tried. */
#define TRIES_MAX 1000U
/** How long an end is left without an answer: less than a SYN's first retransmission. */
#define SILENCE_MS 100U
/** Until a SYN-ACK has been sent again: its first time-out is 1 s (RFC 6298 2.1). */
#define SYN_ACK_AGAIN_MS 1300U

/** Both ends, and what was asked for. */
struct crafted {
    struct run *run;
    unsigned number;
    enum opening opening;
    struct way way;
    struct echo_endpoint local; /**< without a port */
    struct echo_endpoint client, server;
    int client_fd, server_fd;
    unsigned tries;
};

static void drop(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void drop_all(struct crafted *crafted)
{
    drop(&crafted->client_fd);
    drop(&crafted->server_fd);
}

static int failed(struct crafted *crafted, struct results *results, const char *what)
{
    int error = errno;

    run_say(crafted->run, "connection %u, --open %s --close %s: %s%s%s", crafted->number,
            opening_name(crafted->opening), closing_name(crafted->way.closing), what,
            error ? ": " : "", error ? strerror(error) : "");
    results->failures++;
    drop_all(crafted);
    return -1;
}

/* The address from which the server is reached. */
static int find_local(struct crafted *crafted)
{
    const struct echo_endpoint *server = &crafted->run->endpoints[0];
    int fd = socket(server->address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int result = -1;

    crafted->local.size = sizeof crafted->local.address;
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&server->address, server->size) == 0)
        result = getsockname(fd, (struct sockaddr *)&crafted->local.address, &crafted->local.size);
    drop(&fd);
    /* The port is at the same place in both families. */
    ((struct sockaddr_in *)&crafted->local.address)->sin_port = 0;
    return result;
}

/* A socket on a port of its own. */
static int make_end(struct crafted *crafted, struct echo_endpoint *own)
{
    double timeout = crafted->run->options->timeout;
    const struct timeval time = { (time_t)timeout,
                                  (suseconds_t)((timeout - (double)(time_t)timeout) * 1e6) };
    int fd = socket(crafted->local.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
    own->size = sizeof own->address;
    if (bind(fd, (const struct sockaddr *)&crafted->local.address, crafted->local.size) != 0 ||
        getsockname(fd, (struct sockaddr *)&own->address, &own->size) != 0)
        drop(&fd);
    return fd;
}

static int make_ends(struct crafted *crafted)
{
    drop_all(crafted);
    crafted->client_fd = make_end(crafted, &crafted->client);
    crafted->server_fd = make_end(crafted, &crafted->server);
    return crafted->client_fd < 0 || crafted->server_fd < 0 ? -1 : 0;
}

/* An end on which nothing arrives that the other end sends. An IPv6 socket may have IPv4 addresses. */
static int make_deaf(const struct crafted *crafted, int deaf_fd, int other_fd)
{
    const int highest = MAXTTL, lower = IPDEFTTL;

    if (setsockopt(deaf_fd, IPPROTO_IP, IP_MINTTL, &highest, sizeof highest) != 0 ||
        setsockopt(other_fd, IPPROTO_IP, IP_TTL, &lower, sizeof lower) != 0)
        return -1;
    if (crafted->local.address.ss_family != AF_INET6)
        return 0;
    if (setsockopt(deaf_fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, &highest, sizeof highest) != 0)
        return -1;
    return setsockopt(other_fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &lower, sizeof lower);
}

static int connect_to(int fd, const struct echo_endpoint *endpoint)
{
    return connect(fd, (const struct sockaddr *)&endpoint->address, endpoint->size);
}

/* Returns 0 if nothing comes of a connect for so long. */
static int wait_in_vain(int fd, unsigned ms)
{
    struct pollfd polled = { .fd = fd, .events = POLLOUT };
    int count;

    do
        count = poll(&polled, 1, (int)ms);
    while (count < 0 && errno == EINTR);
    if (count > 0)
        errno = 0;
    return count == 0 ? 0 : -1;
}

/* Connect without an end to it. Returns 0 if nothing came of it for so long. */
static int connect_in_vain(struct crafted *crafted, unsigned ms)
{
    const struct timeval time = { (time_t)(ms / 1000), (suseconds_t)(ms % 1000) * 1000 };

    setsockopt(crafted->client_fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
    if (connect_to(crafted->client_fd, &crafted->server) == 0) {
        errno = 0;
        return -1;
    }
    if (errno == EINTR) /* stopped, and going on by SIGCONT: so does the connect */
        return wait_in_vain(crafted->client_fd, ms);
    return errno == EINPROGRESS ? 0 : -1;
}

static unsigned silence(const struct crafted *crafted)
{
    unsigned pause = crafted->run->options->pause_ms;

    return pause ? pause : SILENCE_MS;
}

/* openings that lead to nothing -------------------------------------------------------------- */

static int open_refused(struct crafted *crafted)
{
    if (connect_to(crafted->client_fd, &crafted->server) == 0) {
        errno = 0;
        return -1;
    }
    return errno == ECONNREFUSED ? 0 : -1;
}

static int open_unanswered(struct crafted *crafted)
{
    if (make_deaf(crafted, crafted->server_fd, crafted->client_fd) != 0 ||
        listen(crafted->server_fd, 1) != 0)
        return -1;
    return connect_in_vain(crafted, silence(crafted));
}

/* The listener goes first: it takes the half-open connection with it, and nothing is sent again. */
static int open_incomplete(struct crafted *crafted)
{
    if (make_deaf(crafted, crafted->client_fd, crafted->server_fd) != 0 ||
        listen(crafted->server_fd, 1) != 0 || connect_in_vain(crafted, silence(crafted)) != 0)
        return -1;
    drop(&crafted->server_fd);
    return 0;
}

/* The client goes first: the next SYN-ACK finds no one, and its kernel resets. */
static int open_cancelled(struct crafted *crafted)
{
    if (make_deaf(crafted, crafted->client_fd, crafted->server_fd) != 0 ||
        listen(crafted->server_fd, 1) != 0 || connect_in_vain(crafted, 10) != 0)
        return -1;
    drop(&crafted->client_fd);
    poll(NULL, 0, (int)SYN_ACK_AGAIN_MS);
    return 0;
}

/* connections that stand --------------------------------------------------------------------- */

static int open_simultaneous(struct crafted *crafted)
{
    for (crafted->tries = 1; crafted->tries <= TRIES_MAX; crafted->tries++) {
        struct racer client = { crafted->client_fd, &crafted->server, 0 };
        struct racer server = { crafted->server_fd, &crafted->client, 0 };

        if (race(&client, &server) != 0)
            return -1;
        if (client.error == 0 && server.error == 0)
            return 0;
        if (make_ends(crafted) != 0)
            return -1;
    }
    errno = 0;
    return -1;
}

static int open_three_way(struct crafted *crafted)
{
    int accepted;

    if (listen(crafted->server_fd, 1) != 0 || connect_to(crafted->client_fd, &crafted->server) != 0)
        return -1;
    accepted = accept4(crafted->server_fd, NULL, NULL, SOCK_CLOEXEC);
    drop(&crafted->server_fd);
    crafted->server_fd = accepted;
    return accepted < 0 ? -1 : 0;
}

/* All of so many octets. */
static int receive(int fd, uint8_t *octets, size_t size)
{
    return recv(fd, octets, size, MSG_WAITALL) == (ssize_t)size ? 0 : -1;
}

/* A request and its reply. */
static int echo_once(struct crafted *crafted, struct results *results)
{
    static const struct echo_service service = { .payload_max = UINT32_MAX };
    uint8_t request[ECHO_HEADER_SIZE + 64], reply[sizeof request];
    struct echo_head head = echo_head_make(ECHO_REQUEST, 1, 64);
    struct echo_answering answering = { 0 };
    struct echo_batch batch;

    echo_head_write(request, &head);
    memset(request + ECHO_HEADER_SIZE, 'x', 64);
    results->sent++;
    if (send(crafted->client_fd, request, sizeof request, MSG_NOSIGNAL) != sizeof request ||
        receive(crafted->server_fd, reply, sizeof reply) != 0)
        return -1;
    echo_answer(&answering, reply, sizeof reply, 0, &service, &batch);
    if (batch.ready != sizeof reply ||
        send(crafted->server_fd, reply, sizeof reply, MSG_NOSIGNAL) != sizeof reply ||
        receive(crafted->client_fd, reply, sizeof reply) != 0)
        return -1;
    echo_make_reply(request);
    if (memcmp(request, reply, sizeof reply) != 0)
        return -1;
    results->answered++;
    return 0;
}

/* closings ----------------------------------------------------------------------------------- */

static int wait_for_fin(int fd)
{
    uint8_t octet;

    return recv(fd, &octet, 1, 0) == 0 ? 0 : -1;
}

static int close_in_turn(int *first, int *second)
{
    if (shutdown(*first, SHUT_WR) != 0 || wait_for_fin(*second) != 0)
        return -1;
    drop(second);
    if (wait_for_fin(*first) != 0)
        return -1;
    drop(first);
    return 0;
}

static int close_by_reset(int *fd)
{
    const struct linger now = { .l_onoff = 1, .l_linger = 0 };
    int result = setsockopt(*fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);

    drop(fd);
    return result;
}

/* A port that cannot be bound once its socket is closed is in TIME_WAIT. */
static bool is_in_time_wait(const struct echo_endpoint *endpoint)
{
    int fd = socket(endpoint->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_free = bind(fd, (const struct sockaddr *)&endpoint->address, endpoint->size) == 0;

    drop(&fd);
    return !is_free;
}

/* Where the FINs cross, both ends hold TIME_WAIT (RFC 9293 figure 13). Returns whether they do. */
static bool close_together(struct crafted *crafted)
{
    struct racer client = { crafted->client_fd, NULL, 0 };
    struct racer server = { crafted->server_fd, NULL, 0 };

    if (race(&client, &server) != 0 || wait_for_fin(crafted->client_fd) != 0 ||
        wait_for_fin(crafted->server_fd) != 0)
        return false;
    drop_all(crafted);
    return is_in_time_wait(&crafted->client) && is_in_time_wait(&crafted->server);
}

static void tell(const struct crafted *crafted)
{
    char client[ECHO_ENDPOINT_TEXT_MAX], server[ECHO_ENDPOINT_TEXT_MAX];

    if (!crafted->run->options->verbose)
        return;
    fprintf(stderr, "connection %u: %s open=%s close=%s to %s", crafted->number,
            echo_endpoint_text(&crafted->client, client, sizeof client),
            opening_name(crafted->opening),
            crafted->opening < OPEN_SIMULTANEOUS && is_crafted_opening(crafted->opening)
                ? "none"
                : closing_name(crafted->way.closing),
            echo_endpoint_text(&crafted->server, server, sizeof server));
    if (crafted->tries > 1)
        fprintf(stderr, " (try %u)", crafted->tries);
    fputc('\n', stderr);
}

static int end(struct crafted *crafted)
{
    switch (crafted->way.closing) {
    case CLOSE_SERVER:
        return close_in_turn(&crafted->server_fd, &crafted->client_fd);
    case CLOSE_RESET:
        return close_by_reset(&crafted->server_fd);
    case CLOSE_ABORT:
        return close_by_reset(&crafted->client_fd);
    default:
        return close_in_turn(&crafted->client_fd, &crafted->server_fd);
    }
}

/* Both ends stand, speak and close. */
static int live(struct crafted *crafted, struct results *results)
{
    bool is_simultaneous = crafted->opening == OPEN_SIMULTANEOUS;
    unsigned opening_tries = 0;

    if (crafted->way.closing > CLOSE_RESET && crafted->way.closing != CLOSE_ABORT &&
        crafted->way.closing != CLOSE_SIMULTANEOUS)
        crafted->way.closing = CLOSE_FIN;
    for (unsigned tries = 1; tries <= TRIES_MAX; tries++) {
        if ((is_simultaneous ? open_simultaneous(crafted) : open_three_way(crafted)) != 0)
            return failed(crafted, results,
                          is_simultaneous ? "the SYNs would not cross" : "no connection");
        opening_tries += crafted->tries;
        crafted->tries = is_simultaneous ? opening_tries : tries;
        if (echo_once(crafted, results) != 0)
            return failed(crafted, results, "no echo");
        if (crafted->way.closing != CLOSE_SIMULTANEOUS ? end(crafted) == 0
                                                       : close_together(crafted)) {
            results->opened++;
            results->ended++;
            tell(crafted);
            drop_all(crafted);
            return 0;
        }
        if (crafted->way.closing != CLOSE_SIMULTANEOUS)
            return failed(crafted, results, "it did not end so");
        if (make_ends(crafted) != 0)
            return failed(crafted, results, "no socket");
    }
    errno = 0;
    return failed(crafted, results, "the FINs would not cross");
}

int craft(struct run *run, unsigned number, struct results *results)
{
    static int (*const in_vain[])(struct crafted * crafted) = {
        [OPEN_REFUSED] = open_refused,
        [OPEN_UNANSWERED] = open_unanswered,
        [OPEN_INCOMPLETE] = open_incomplete,
        [OPEN_CANCELLED] = open_cancelled,
    };
    const struct options *options = run->options;
    struct crafted crafted = {
        .run = run,
        .number = number,
        .opening = options->openings[(number - 1) % options->opening_count],
        .way = options->closings[(number - 1) % options->closing_count],
        .client_fd = -1,
        .server_fd = -1,
    };

    errno = 0;
    if (run->endpoints[0].address.ss_family == AF_UNIX)
        return failed(&crafted, results, "that is for TCP, not for Unix sockets");
    if (find_local(&crafted) != 0 || make_ends(&crafted) != 0)
        return failed(&crafted, results, "no socket");
    if (crafted.opening < OPEN_REFUSED || crafted.opening == OPEN_SIMULTANEOUS)
        return live(&crafted, results);
    if (in_vain[crafted.opening](&crafted) != 0)
        return failed(&crafted, results, errno ? "not so" : "it was answered");
    results->ended++;
    tell(&crafted);
    drop_all(&crafted);
    return 0;
}
