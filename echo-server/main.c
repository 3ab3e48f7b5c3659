/* main.c
 * handshark-echo-server: starts what the options ask for, minds the signals, ends in order.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "acceptor.h"
#include "connection.h"
#include "log.h"
#include "metrics.h"
#include "options.h"
#include "systemd.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

/* Descriptors that are left for metrics, a resolver, a key log. */
#define SPARE_FDS 16

struct server {
    struct options options;
    struct service service;
    struct event_base *base;
    struct loop **loops;
    unsigned loop_count;
    struct acceptor *acceptor;
    struct metrics *metrics;
    struct event terminate, interrupt, report, done, drain_end;
    bool is_draining;
};

static void sum_counters(void *argument, uint64_t sum[COUNTERS])
{
    const struct server *server = argument;

    counters_add(sum, acceptor_counters(server->acceptor));
    for (unsigned i = 0; i < server->loop_count; i++)
        counters_add(sum, &server->loops[i]->counters);
}

/* ending ------------------------------------------------------------------------------------- */

static void stop_loops(struct server *server)
{
    unsigned long long left = atomic_load(&server->service.connections);

    if (left > 0)
        log_line("cutting off %llu connections", left);
    for (unsigned i = 0; i < server->loop_count; i++)
        loop_stop(server->loops[i]);
}

static void on_drain_end(evutil_socket_t fd, short what, void *argument)
{
    (void)fd;
    (void)what;
    stop_loops(argument);
}

static void on_end(evutil_socket_t number, short what, void *argument)
{
    struct server *server = argument;
    int64_t ms = server->options.drain_ms;
    struct timeval time = { .tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000 * 1000) };

    (void)number;
    (void)what;
    if (server->is_draining) {
        stop_loops(server);
        return;
    }
    server->is_draining = true;
    systemd_notify("STOPPING=1");
    acceptor_stop(server->acceptor);
    log_line("ending; %llu connections are open",
             (unsigned long long)atomic_load(&server->service.connections));
    for (unsigned i = 0; i < server->loop_count; i++)
        loop_drain(server->loops[i]);
    event_add(&server->drain_end, &time);
}

static void on_loop_done(evutil_socket_t fd, short what, void *argument)
{
    struct server *server = argument;
    uint64_t count;

    (void)what;
    if (read(fd, &count, sizeof count) > 0 && atomic_load(&server->service.loops_running) == 0)
        event_base_loopbreak(server->base);
}

static void on_report(evutil_socket_t number, short what, void *argument)
{
    uint64_t sum[COUNTERS] = { 0 };
    char text[COUNTERS_TEXT_MAX];

    (void)number;
    (void)what;
    sum_counters(argument, sum);
    counters_line(sum, text, sizeof text);
    log_line("%s", text);
}

/* starting ----------------------------------------------------------------------------------- */

static void on_libevent_log(int severity, const char *message)
{
    if (severity >= EVENT_LOG_WARN)
        log_seldom("libevent: %s", message);
}

static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* How many connections there are descriptors for, now that all else is open. */
static uint64_t limit_connections(const struct options *options)
{
    struct rlimit limit;
    int next = dup(STDERR_FILENO);
    uint64_t room;

    if (next < 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return options->max_connections;
    close(next);
    room = limit.rlim_cur > (rlim_t)next + SPARE_FDS + 1 ? limit.rlim_cur - (rlim_t)next - SPARE_FDS
                                                         : 1;
    if (room >= options->max_connections)
        return options->max_connections;
    log_line("the limit on open files leaves room for %llu connections, not %llu",
             (unsigned long long)room, (unsigned long long)options->max_connections);
    return room;
}

static bool start_signals(struct server *server)
{
    const struct {
        struct event *event;
        int number;
        event_callback_fn call;
    } signals[] = { { &server->terminate, SIGTERM, on_end },
                    { &server->interrupt, SIGINT, on_end },
                    { &server->report, SIGUSR1, on_report } };

    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        evsignal_assign(signals[i].event, server->base, signals[i].number, signals[i].call, server);
        if (event_add(signals[i].event, NULL) != 0)
            return false;
    }
    evtimer_assign(&server->drain_end, server->base, on_drain_end, server);
    event_assign(&server->done, server->base, server->service.done_fd, EV_READ | EV_PERSIST,
                 on_loop_done, server);
    return event_add(&server->done, NULL) == 0;
}

static bool make_loops(struct server *server)
{
    server->loops = calloc(server->options.threads, sizeof(struct loop *));
    for (unsigned i = 0; server->loops && i < server->options.threads; i++) {
        server->loops[i] = loop_new(&server->service);
        if (!server->loops[i])
            break;
        server->loop_count++;
    }
    if (server->loop_count == server->options.threads)
        return true;
    log_line("cannot make a loop: %s", strerror(errno));
    return false;
}

/* Signals are for the main thread: the others are born with all of them blocked. */
static bool start_loops(struct server *server)
{
    sigset_t all, before;
    int error = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (unsigned i = 0; i < server->loop_count && error == 0; i++) {
        atomic_fetch_add(&server->service.loops_running, 1);
        error = loop_start(server->loops[i]);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error == 0)
        return true;
    log_line("cannot start a thread: %s", strerror(error));
    return false;
}

static bool start(struct server *server)
{
    int handed_over = systemd_sockets();

    if (handed_over < 0)
        return false;
    server->service.options = &server->options;
    server->service.echo = (struct echo_service){ .payload_max = server->options.max_payload,
                                                  .check_crc = server->options.check_crc };
    if (server->options.tls_cert) {
        server->service.tls = tls_new(&server->options);
        if (!server->service.tls)
            return false;
    }
    server->base = event_base_new();
    server->service.done_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (!server->base || server->service.done_fd < 0 || !start_signals(server)) {
        log_line("cannot make an event loop: %s", strerror(errno));
        return false;
    }
    if (!make_loops(server))
        return false;
    server->acceptor =
        acceptor_new(server->base, &server->service, server->loops, server->loop_count);
    if (!server->acceptor)
        log_line("no memory");
    if (!server->acceptor || !acceptor_listen(server->acceptor, handed_over))
        return false;
    if (server->options.has_metrics) {
        server->metrics =
            metrics_start(server->base, &server->options.metrics, sum_counters, server);
        if (!server->metrics)
            return false;
    }
    return start_loops(server) &&
           acceptor_start(server->acceptor, limit_connections(&server->options));
}

static void finish(struct server *server)
{
    metrics_free(server->metrics);
    acceptor_free(server->acceptor);
    for (unsigned i = 0; i < server->loop_count; i++)
        loop_stop(server->loops[i]);
    for (unsigned i = 0; i < server->loop_count; i++)
        loop_free(server->loops[i]);
    free(server->loops);
    if (server->base)
        event_base_free(server->base);
    tls_free(server->service.tls);
    if (server->service.done_fd >= 0)
        close(server->service.done_fd);
    libevent_global_shutdown();
}

int main(int argc, char **argv)
{
    static struct server server = { .service.done_fd = -1 };
    int status;

    if (!options_read(&server.options, argc, argv, &status))
        return status;
    signal(SIGPIPE, SIG_IGN);
    event_set_log_callback(on_libevent_log);
    raise_file_limit();
    status = EXIT_FAILURE;
    if (start(&server)) {
        systemd_notify("READY=1");
        event_base_dispatch(server.base);
        status = EXIT_SUCCESS;
    }
    finish(&server);
    if (status == EXIT_SUCCESS)
        log_line("ended");
    return status;
}
