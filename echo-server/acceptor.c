/* acceptor.c
 * The sockets that listen.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "acceptor.h"
#include "log.h"
#include "systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* -1 is 128 in libevent, and 2,000 clients that come at once then wait for seconds. The kernel cuts
 * it to net.core.somaxconn. */
#define BACKLOG 4096
/* Accepted in a row before other events have their turn. */
#define ACCEPT_MAX 256
/* Without descriptors or memory: when to try again. */
#define RETRY_MS 100
/* Beyond the maximum so many more are told so; others are closed without a word. */
#define REFUSED_MAX   64
#define LISTENERS_MAX 64

struct listener {
    struct event event;
    struct acceptor *acceptor;
    int fd;
    bool is_handed_over;
    char *path; /* to be removed at the end, or NULL */
};

struct acceptor {
    struct event_base *base;
    struct service *service;
    struct loop **loops;
    unsigned loop_count, next;
    uint64_t max_connections;
    struct listener listeners[LISTENERS_MAX];
    size_t count;
    struct event retry;
    struct counters counters;
};

/* listening ---------------------------------------------------------------------------------- */

/* Linux hands these on to the sockets that are accepted. */
static void set_options(int fd, int family)
{
    const int on = 1, idle = 120, interval = 15, probes = 4, fast_open = 256;

    if (family != AF_INET && family != AF_INET6)
        return;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (family == AF_INET6) /* [::] and 0.0.0.0 are two addresses */
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    /* Answers are written whole: there is nothing to wait for. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    /* A client that vanished is noticed within three minutes, whatever the idle time. */
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    /* RFC 7413; the kernel takes part if net.ipv4.tcp_fastopen says so. */
    setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &fast_open, sizeof fast_open);
}

/* A socket file that a server left behind when it was killed: nobody listens there. */
static void remove_stale(const struct echo_endpoint *endpoint)
{
    const struct sockaddr_un *address = (const struct sockaddr_un *)&endpoint->address;
    struct stat status;
    int fd;

    if (endpoint->address.ss_family != AF_UNIX || address->sun_path[0] == '\0' ||
        lstat(address->sun_path, &status) != 0 || !S_ISSOCK(status.st_mode))
        return;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    if (connect(fd, (const struct sockaddr *)address, endpoint->size) != 0 && errno == ECONNREFUSED)
        unlink(address->sun_path);
    close(fd);
}

static void complain(const char *name, int error)
{
    const char *hint = "";

    if (error == EADDRINUSE)
        hint = "; another program listens there";
    else if (error == EACCES)
        hint = "; ports below 1024 are for root, or for socket activation";
    else if (error == EADDRNOTAVAIL)
        hint = "; this machine does not have that address";
    log_line("cannot listen on %s: %s%s", name, strerror(error), hint);
}

int listen_on(const struct echo_endpoint *endpoint, const char *name, bool is_quiet)
{
    int family = endpoint->address.ss_family;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error;

    if (fd >= 0) {
        set_options(fd, family);
        remove_stale(endpoint);
        if (bind(fd, (const struct sockaddr *)&endpoint->address, endpoint->size) == 0 &&
            listen(fd, BACKLOG) == 0)
            return fd;
    }
    error = errno;
    if (fd >= 0)
        close(fd);
    if (!is_quiet)
        complain(name, error);
    errno = error;
    return -1;
}

static bool add_listener(struct acceptor *acceptor, int fd, bool is_handed_over, const char *path)
{
    struct listener *listener = &acceptor->listeners[acceptor->count];

    if (acceptor->count == LISTENERS_MAX) {
        log_line("more than %d sockets to listen on", LISTENERS_MAX);
        close(fd);
        return false;
    }
    *listener = (struct listener){ .acceptor = acceptor, .fd = fd };
    listener->is_handed_over = is_handed_over;
    acceptor->count++;
    if (!path || *path == '@')
        return true;
    listener->path = strdup(path);
    if (!listener->path)
        log_line("no memory");
    return listener->path != NULL;
}

static bool listen_on_address(struct acceptor *acceptor, const struct echo_address *address)
{
    bool is_default = acceptor->service->options->is_default;
    struct echo_endpoint endpoints[16];
    const char *problem;
    size_t count = echo_address_resolve(address, true, endpoints, 16, &problem);

    if (problem)
        log_line("%s: %s", address->host, problem);
    for (size_t i = 0; i < count; i++) {
        char name[ECHO_ENDPOINT_TEXT_MAX];
        int fd;

        echo_endpoint_text(&endpoints[i], name, sizeof name);
        fd = listen_on(&endpoints[i], name, is_default);
        if (fd >= 0) {
            if (!add_listener(acceptor, fd, false, address->is_unix ? address->host : NULL))
                return false;
        } else if (is_default && (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT)) {
            continue; /* a machine without IPv6, or without IPv4 */
        } else {
            if (is_default)
                complain(name, errno);
            return false;
        }
    }
    return count > 0;
}

static bool take_over(struct acceptor *acceptor, int fd)
{
    int is_listening = 0, type = 0;
    socklen_t size = sizeof is_listening;
    struct echo_endpoint own = { .size = sizeof own.address };

    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) != 0 || !is_listening ||
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM) {
        log_line("the descriptor %d that was handed over is no stream socket that listens", fd);
        return false;
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    if (getsockname(fd, (struct sockaddr *)&own.address, &own.size) == 0 &&
        own.address.ss_family != AF_UNIX) {
        const int on = 1;

        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    return add_listener(acceptor, fd, true, NULL);
}

bool acceptor_listen(struct acceptor *acceptor, int handed_over)
{
    const struct options *options = acceptor->service->options;
    bool is_good = true;

    for (int i = 0; i < handed_over && is_good; i++)
        is_good = take_over(acceptor, SYSTEMD_FIRST_FD + i);
    if (handed_over == 0 || !options->is_default)
        for (size_t i = 0; i < options->address_count && is_good; i++)
            is_good = listen_on_address(acceptor, &options->addresses[i]);
    if (is_good && acceptor->count == 0) {
        log_line("there is no address to listen on");
        is_good = false;
    }
    return is_good;
}

/* accepting ---------------------------------------------------------------------------------- */

static void count_here(struct acceptor *acceptor, unsigned counter)
{
    count_more(&acceptor->counters, counter, 1);
}

static void hand_over(struct acceptor *acceptor, int fd)
{
    uint64_t open = atomic_fetch_add(&acceptor->service->connections, 1);
    bool is_refused = open >= acceptor->max_connections;

    if (is_refused)
        log_seldom("%llu connections are open, no more are served",
                   (unsigned long long)acceptor->max_connections);
    if (open < acceptor->max_connections + REFUSED_MAX &&
        loop_hand_over(acceptor->loops[acceptor->next], fd, is_refused)) {
        acceptor->next = (acceptor->next + 1) % acceptor->loop_count;
        return;
    }
    count_here(acceptor, is_refused ? COUNT_REFUSED : COUNT_NO_MEMORY);
    atomic_fetch_sub(&acceptor->service->connections, 1);
    close(fd);
}

/* Without a descriptor or memory a socket stays readable: watching it would be a busy loop. */
static void pause_all(struct acceptor *acceptor, int error)
{
    const struct timeval time = { .tv_usec = RETRY_MS * 1000L };

    log_seldom("cannot accept: %s; trying again", strerror(error));
    for (size_t i = 0; i < acceptor->count; i++)
        event_del(&acceptor->listeners[i].event);
    event_add(&acceptor->retry, &time);
}

/* Returns whether it may go on. */
static bool accept_one(struct acceptor *acceptor, const struct listener *listener)
{
    int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd >= 0) {
        hand_over(acceptor, fd);
        return true;
    }
    switch (errno) {
    case EAGAIN:
        return false;
    case ECONNABORTED:
    case EINTR:
    case EPERM:
    case EPROTO:
    case ENETDOWN:
    case ENETUNREACH:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
    case EOPNOTSUPP: /* accept(2): what is wrong with one connection is not with the next */
        return true;
    default: /* above all EMFILE, ENFILE, ENOBUFS, ENOMEM */
        pause_all(acceptor, errno);
        return false;
    }
}

static void on_connection(evutil_socket_t fd, short what, void *argument)
{
    struct listener *listener = argument;

    (void)fd;
    (void)what;
    for (int i = 0; i < ACCEPT_MAX; i++)
        if (!accept_one(listener->acceptor, listener))
            break;
}

static void on_retry(evutil_socket_t fd, short what, void *argument)
{
    struct acceptor *acceptor = argument;

    (void)fd;
    (void)what;
    for (size_t i = 0; i < acceptor->count; i++)
        event_add(&acceptor->listeners[i].event, NULL);
}

bool acceptor_start(struct acceptor *acceptor, uint64_t max_connections)
{
    acceptor->max_connections = max_connections;
    for (size_t i = 0; i < acceptor->count; i++) {
        struct listener *listener = &acceptor->listeners[i];
        struct echo_endpoint own = { .size = sizeof own.address };
        char name[ECHO_ENDPOINT_TEXT_MAX] = "?";

        event_assign(&listener->event, acceptor->base, listener->fd, EV_READ | EV_PERSIST,
                     on_connection, listener);
        if (event_add(&listener->event, NULL) != 0) {
            log_line("no memory");
            return false;
        }
        if (getsockname(listener->fd, (struct sockaddr *)&own.address, &own.size) == 0)
            echo_endpoint_text(&own, name, sizeof name);
        log_line("listening on %s%s", name, acceptor->service->tls ? ", TLS" : "");
    }
    return true;
}

/* life --------------------------------------------------------------------------------------- */

struct acceptor *acceptor_new(struct event_base *base, struct service *service, struct loop **loops,
                              unsigned loop_count)
{
    struct acceptor *acceptor = calloc(1, sizeof *acceptor);

    if (!acceptor)
        return NULL;
    acceptor->base = base;
    acceptor->service = service;
    acceptor->loops = loops;
    acceptor->loop_count = loop_count;
    evtimer_assign(&acceptor->retry, base, on_retry, acceptor);
    return acceptor;
}

static void close_listener(struct listener *listener)
{
    if (event_initialized(&listener->event))
        event_del(&listener->event);
    close(listener->fd);
    if (listener->path)
        unlink(listener->path);
    free(listener->path);
}

void acceptor_stop(struct acceptor *acceptor)
{
    event_del(&acceptor->retry);
    for (size_t i = 0; i < acceptor->count; i++) {
        struct listener *listener = &acceptor->listeners[i];

        /* Closing resets what waits in the backlog; what was handed over is another's as well. */
        for (int n = 0; !listener->is_handed_over && n < BACKLOG; n++)
            if (!accept_one(acceptor, listener))
                break;
        close_listener(listener);
    }
    event_del(&acceptor->retry);
    acceptor->count = 0;
}

const struct counters *acceptor_counters(const struct acceptor *acceptor)
{
    return &acceptor->counters;
}

void acceptor_free(struct acceptor *acceptor)
{
    if (!acceptor)
        return;
    for (size_t i = 0; i < acceptor->count; i++)
        close_listener(&acceptor->listeners[i]);
    free(acceptor);
}
