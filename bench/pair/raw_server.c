/* raw_server.c
 * What an echo server costs at least: the framed protocol on epoll, and nothing else.
 *
 * One thread, level-triggered epoll, one read buffer for all connections, types patched in place,
 * one write for all that a read brought; a payload passes through as it comes. No time-outs, no
 * limits but that of the payload, no counters, no ways to close but one: handshark-echo-server is
 * measured against this, and what it does beyond it is what the difference pays for.
 *
 * raw_server ADDR:PORT     IPv4; says where it listens, as handshark-echo-server does
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "echo_frame.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096, EVENTS = 1024, READ = 65536 };

#define PAYLOAD_MAX (UINT32_C(16) << 20)

struct peer {
    int fd;
    uint8_t kept_size; /* of a header that was cut off */
    uint8_t kept[ECHO_HEADER_SIZE];
    uint64_t payload_left; /* octets that are to pass through */
    uint8_t *waiting;      /* what the socket did not take; nothing is read meanwhile */
    size_t waiting_begin, waiting_end;
};

static int poller;
static uint8_t buffer[ECHO_HEADER_SIZE + READ]; /* room for what was kept in front */

static void watch(struct peer *peer, int operation, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = peer };

    if (epoll_ctl(poller, operation, peer->fd, &event) != 0) {
        perror("raw_server: epoll_ctl");
        exit(1);
    }
}

static void leave(struct peer *peer)
{
    close(peer->fd);
    free(peer->waiting);
    free(peer);
}

/* Returns octets that can be sent; SIZE_MAX for what is no request. */
static size_t answer(struct peer *peer, uint8_t *bytes, size_t size)
{
    size_t at = 0;

    for (;;) {
        size_t there = size - at;
        struct echo_head head;

        if (there >= peer->payload_left)
            there = (size_t)peer->payload_left;
        at += there;
        peer->payload_left -= there;
        if (size - at < ECHO_HEADER_SIZE)
            return at;
        echo_head_read(&head, bytes + at, ECHO_HEADER_SIZE);
        if (head.magic != ECHO_MAGIC || head.version != ECHO_VERSION || head.type != ECHO_REQUEST ||
            head.flags != 0 || head.code != 0 || head.length > PAYLOAD_MAX)
            return SIZE_MAX;
        bytes[at + ECHO_FIELD_TYPE] = ECHO_REPLY;
        peer->payload_left = head.length;
        at += ECHO_HEADER_SIZE;
    }
}

/* Returns whether the peer is of use. */
static bool send_all(struct peer *peer, const uint8_t *bytes, size_t size)
{
    ssize_t sent = send(peer->fd, bytes, size, MSG_NOSIGNAL);

    if (sent < 0 && errno != EAGAIN)
        return false;
    if (sent < 0)
        sent = 0;
    if ((size_t)sent == size)
        return true;
    peer->waiting_begin = 0;
    peer->waiting_end = size - (size_t)sent;
    peer->waiting = malloc(peer->waiting_end);
    if (!peer->waiting)
        return false;
    memcpy(peer->waiting, bytes + sent, peer->waiting_end);
    watch(peer, EPOLL_CTL_MOD, EPOLLOUT);
    return true;
}

static bool send_waiting(struct peer *peer)
{
    ssize_t sent = send(peer->fd, peer->waiting + peer->waiting_begin,
                        peer->waiting_end - peer->waiting_begin, MSG_NOSIGNAL);

    if (sent < 0)
        return errno == EAGAIN;
    peer->waiting_begin += (size_t)sent;
    if (peer->waiting_begin == peer->waiting_end) {
        free(peer->waiting);
        peer->waiting = NULL;
        watch(peer, EPOLL_CTL_MOD, EPOLLIN);
    }
    return true;
}

static bool serve(struct peer *peer)
{
    uint8_t *bytes = buffer + ECHO_HEADER_SIZE - peer->kept_size;
    size_t size, ready;
    ssize_t got;

    if (peer->waiting)
        return send_waiting(peer);
    got = recv(peer->fd, buffer + ECHO_HEADER_SIZE, READ, 0);
    if (got <= 0)
        return got < 0 && errno == EAGAIN;
    memcpy(bytes, peer->kept, peer->kept_size);
    size = (size_t)got + peer->kept_size;
    ready = answer(peer, bytes, size);
    if (ready == SIZE_MAX)
        return false;
    peer->kept_size = (uint8_t)(size - ready);
    memcpy(peer->kept, bytes + ready, peer->kept_size);
    return ready == 0 || send_all(peer, bytes, ready);
}

static void accept_all(int listener)
{
    int fd;

    /* The kernel has the peer, and gives it back with each event. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct peer *peer = calloc(1, sizeof *peer);

        if (!peer) {
            close(fd);
            continue;
        }
        peer->fd = fd;
        watch(peer, EPOLL_CTL_ADD, EPOLLIN);
    }
}

static int listen_on(const char *host, const char *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)strtoul(port, NULL, 10)) };
    socklen_t size = sizeof address;
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (inet_pton(AF_INET, host, &address.sin_addr) != 1 || fd < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        bind(fd, (const struct sockaddr *)&address, size) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        perror("raw_server");
        exit(1);
    }
    fprintf(stderr, "raw_server: listening on %s:%u\n", host, ntohs(address.sin_port));
    return fd;
}

static void on_term(int number)
{
    (void)number;
    _exit(0);
}

int main(int argc, char *argv[])
{
    static struct epoll_event events[EVENTS];
    char *colon = argc == 2 ? strrchr(argv[1], ':') : NULL;
    struct peer listener = { .fd = -1 };

    if (!colon) {
        fprintf(stderr, "usage: raw_server ADDR:PORT\n");
        return 2;
    }
    *colon = '\0';
    signal(SIGTERM, on_term);
    poller = epoll_create1(EPOLL_CLOEXEC);
    listener.fd = listen_on(argv[1], colon + 1);
    watch(&listener, EPOLL_CTL_ADD, EPOLLIN);
    for (;;) {
        int count = epoll_wait(poller, events, EVENTS, -1);

        for (int i = 0; i < count; i++) {
            struct peer *peer = events[i].data.ptr;

            if (peer == &listener)
                accept_all(peer->fd);
            else if (!serve(peer))
                leave(peer);
        }
    }
}
