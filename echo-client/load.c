/* load.c
 * Loops and their threads.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "load.h"
#include "connection.h"
#include "craft.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/** Failures that are printed; the table counts all of them. */
#define SAID_MAX 10U

/** Octets that are built for one write, unless a single frame is larger. */
#define OUT_CAPACITY 262144U

static const struct timeval TICK = { 0, 50000 };

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
}

uint64_t load_now(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

void run_say(struct run *run, const char *format, ...)
{
    unsigned said = atomic_fetch_add(&run->said, 1);
    char text[1200];
    va_list values;

    if (said == SAID_MAX)
        fprintf(stderr, "handshark-echo-client: more failures are counted, not shown\n");
    if (said >= SAID_MAX)
        return;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    fprintf(stderr, "handshark-echo-client: %s\n", text);
}

/* a loop ------------------------------------------------------------------------------------- */

static void start_more(struct loop *loop)
{
    while (!loop->is_stopping && loop->started < loop->count &&
           loop->started - loop->gone < loop->at_once)
        connection_start(&loop->connections[loop->started++]);
    if (loop->is_stopping) { /* the rest never begins */
        loop->gone += loop->count - loop->started;
        loop->started = loop->count;
    }
    if (loop->gone == loop->count)
        event_base_loopbreak(loop->base);
}

/* Through the loop, not by a call: a connection that fails at once would go deeper each time. */
void loop_gone(struct loop *loop)
{
    loop->gone++;
    event_active(loop->more, EV_TIMEOUT, 1);
}

static void on_more(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    start_more(data);
}

static void wait_for_plan(struct loop *loop, uint64_t now)
{
    uint64_t due = loop->began + (uint64_t)((double)loop->next * loop->gap);
    uint64_t left = due > now ? due - now : 0;
    const struct timeval time = { (time_t)(left / 1000000000),
                                  (suseconds_t)(left / 1000 % 1000000) };

    evtimer_add(loop->planned, &time);
}

/* Has each connection had as many turns as it may send requests? */
static bool is_plan_over(const struct loop *loop)
{
    return loop->next / loop->count >= loop->run->options->count;
}

/* All requests of the schedule that are due by now, dealt out to the connections in turn. */
static void on_planned(evutil_socket_t fd, short what, void *data)
{
    struct loop *loop = data;
    uint64_t now = load_now(), first = loop->next, dealt;

    (void)fd;
    (void)what;
    if (loop->is_stopping)
        return;
    while (!is_plan_over(loop) && loop->began + (uint64_t)((double)loop->next * loop->gap) <= now)
        loop->connections[loop->next++ % loop->count].owed++;
    dealt = loop->next - first < loop->count ? loop->next - first : loop->count;
    for (uint64_t i = 0; i < dealt; i++)
        connection_push(&loop->connections[(first + i) % loop->count]);
    if (!is_plan_over(loop))
        wait_for_plan(loop, now);
}

/* The schedule and the duration begin when all connections stand, or have failed. */
void loop_stands(struct loop *loop)
{
    const struct options *options = loop->run->options;
    double seconds = options->duration;

    loop->standing++;
    if (loop->is_scheduling || loop->standing + loop->gone < loop->at_once)
        return;
    loop->is_scheduling = true;
    loop->began = load_now();
    if (seconds > 0) {
        const struct timeval time = { (time_t)seconds,
                                      (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6) };

        evtimer_add(loop->over, &time);
    }
    if (options->rate > 0)
        wait_for_plan(loop, loop->began);
}

static void stop(struct loop *loop)
{
    if (loop->is_stopping)
        return;
    loop->is_stopping = true;
    for (unsigned i = 0; i < loop->started; i++)
        connection_push(&loop->connections[i]);
    start_more(loop);
}

static void on_over(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    stop(data);
}

static void publish(struct loop *loop)
{
    atomic_fetch_add(&loop->run->progress, loop->results.answered - loop->reported);
    loop->reported = loop->results.answered;
}

static void on_tick(evutil_socket_t fd, short what, void *data)
{
    struct loop *loop = data;
    uint64_t now = load_now();
    int wanted = atomic_load(&loop->run->stop);

    (void)fd;
    (void)what;
    loop->wall = (int64_t)(clock_ns(CLOCK_REALTIME) - now);
    publish(loop);
    for (unsigned i = 0; i < loop->started; i++)
        connection_check_time(&loop->connections[i], now);
    if (wanted >= 1)
        stop(loop);
    if (wanted >= 2)
        event_base_loopbreak(loop->base);
}

static bool make_base(struct loop *loop)
{
    struct event_config *config = event_config_new();

    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK); /* threads share nothing */
    /* A schedule needs more than milliseconds; it costs a system call each time the loop waits. */
    if (loop->run->options->rate > 0)
        event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
    loop->base = event_base_new_with_config(config);
    event_config_free(config);
    if (!loop->base)
        return false;
    loop->tick = event_new(loop->base, -1, EV_PERSIST, on_tick, loop);
    loop->planned = evtimer_new(loop->base, on_planned, loop);
    loop->over = evtimer_new(loop->base, on_over, loop);
    loop->more = evtimer_new(loop->base, on_more, loop);
    return loop->tick && loop->planned && loop->over && loop->more;
}

static void loop_free(struct loop *loop)
{
    struct event *const events[] = { loop->tick, loop->planned, loop->over, loop->more };

    for (unsigned i = 0; loop->connections && i < loop->count; i++) {
        connection_free(&loop->connections[i]);
        if (loop->connections[i].phase != PHASE_NEW)
            stream_close(&loop->connections[i].stream);
    }
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (events[i])
            event_free(events[i]);
    if (loop->base)
        event_base_free(loop->base);
    free(loop->connections);
    free(loop->in);
    free(loop->out);
    free(loop);
}

static size_t prepare_head(struct wire_head *wire, enum echo_type type,
                           const struct options *options)
{
    struct echo_head head = echo_head_make(type, 0, 0);
    uint8_t octets[ECHO_HEAD_MAX];
    size_t size;

    head.flags = options_flags(options);
    size = echo_head_write(octets, &head);
    memcpy(wire, octets, sizeof *wire);
    return size;
}

static struct connection *make_connections(struct loop *loop, unsigned count)
{
    struct connection *connections = aligned_alloc(CACHE_LINE, count * sizeof *connections);

    for (unsigned i = 0; connections && i < count; i++)
        connections[i] = (struct connection){ .loop = loop, .stream.fd = -1 };
    return connections;
}

/* Connections number `numbers[0]` and on, of which `count` are this loop's. */
static struct loop *loop_make(struct run *run, const unsigned *numbers, unsigned count,
                              unsigned share)
{
    const struct options *options = run->options;
    struct loop *loop = calloc(1, sizeof *loop);

    if (!loop)
        return NULL;
    loop->run = run;
    loop->count = count;
    loop->at_once = options->at_once / share > 0 ? options->at_once / share : 1;
    if (loop->at_once > count || options->at_once == options->connections)
        loop->at_once = count;
    if (options->rate > 0)
        loop->gap = 1e9 * share / options->rate;
    prepare_head(&loop->request, ECHO_REQUEST, options);
    loop->head_size = prepare_head(&loop->reply, ECHO_REPLY, options);
    if (options->plain)
        loop->head_size = 0;
    loop->out_capacity = options->size_max + ECHO_HEAD_MAX;
    if (loop->out_capacity < OUT_CAPACITY)
        loop->out_capacity = OUT_CAPACITY;
    loop->in = malloc(LOOP_KEPT + LOOP_READ);
    loop->out = malloc(loop->out_capacity);
    loop->connections = make_connections(loop, count);
    if (!loop->in || !loop->out || !loop->connections || !make_base(loop)) {
        loop_free(loop);
        return NULL;
    }
    for (unsigned i = 0; i < count; i++) {
        struct connection *connection = &loop->connections[i];

        connection->number = numbers[i];
        connection->opening = options->openings[(numbers[i] - 1) % options->opening_count];
        connection->way = options->closings[(numbers[i] - 1) % options->closing_count];
    }
    return loop;
}

static void *loop_main(void *data)
{
    struct loop *loop = data;

    loop->wall = (int64_t)(clock_ns(CLOCK_REALTIME) - load_now());
    evtimer_add(loop->tick, &TICK);
    start_more(loop);
    if (loop->run->options->busy_poll)
        while (!event_base_got_break(loop->base))
            event_base_loop(loop->base, EVLOOP_NONBLOCK);
    else if (loop->gone < loop->count)
        event_base_dispatch(loop->base);
    publish(loop);
    atomic_fetch_sub(&loop->run->loops_left, 1);
    kill(getpid(), SIGUSR1); /* the main thread waits for signals */
    return NULL;
}

/* the run ------------------------------------------------------------------------------------ */

static void add_results(struct results *sum, const struct loop *loop)
{
    const struct results *results = &loop->results;

    histogram_merge(&sum->round_trip, &results->round_trip);
    histogram_merge(&sum->server, &results->server);
    histogram_merge(&sum->network, &results->network);
    histogram_merge(&sum->connect, &results->connect);
    sum->sent += results->sent;
    sum->answered += results->answered;
    sum->wrong += results->wrong;
    sum->missing += results->missing;
    sum->failures += results->failures;
    sum->fast += results->fast;
    sum->opened += results->opened;
    sum->ended += results->ended;
    sum->octets += results->octets;
    for (unsigned i = 0; i < loop->count; i++) {
        const struct connection *connection = &loop->connections[i];

        sum->unsent += connection->owed;
        if (connection->phase == PHASE_RUNNING || connection->phase == PHASE_CLOSING)
            sum->missing += connection_waiting(connection); /* ended at once */
    }
}

static void show_progress(struct run *run, uint64_t began, uint64_t *last)
{
    uint64_t answers = atomic_load(&run->progress);
    double seconds = (double)(load_now() - began) / 1e9;

    if (run->options->quiet || run->options->mode != MODE_LOAD || !isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\r\033[K%.0f s: %" PRIu64 " answers, %" PRIu64 " a second", seconds, answers,
            (answers - *last) * 2);
    *last = answers;
}

/* Until all loops are done. The first SIGINT or SIGTERM ends in order, the second at once. */
static void wait_for_loops(struct run *run)
{
    const struct timespec half = { 0, 500000000 };
    uint64_t began = load_now(), last = 0;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGUSR1);
    while (atomic_load(&run->loops_left) > 0) {
        int number = sigtimedwait(&set, NULL, &half);

        if (number == SIGINT || number == SIGTERM)
            atomic_fetch_add(&run->stop, 1);
        else if (number < 0 && errno == EAGAIN)
            show_progress(run, began, &last);
    }
    if (last > 0)
        fputs("\r\033[K", stderr);
}

static void block_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
}

static void raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int run_loops(struct run *run, const unsigned *numbers, unsigned count,
                     struct results *results)
{
    unsigned threads = run->options->threads < count ? run->options->threads : count;
    struct loop **loops = calloc(threads + 1U, sizeof(struct loop *));
    pthread_t *ids = calloc(threads + 1U, sizeof *ids);
    unsigned first = 0, made = 0, running = 0;

    for (; loops && ids && made < threads; made++) {
        unsigned share = count / threads + (made < count % threads);

        loops[made] = loop_make(run, numbers + first, share, threads);
        if (!loops[made])
            break;
        first += share;
    }
    atomic_store(&run->loops_left, threads);
    for (; made == threads && running < threads; running++)
        if (pthread_create(&ids[running], NULL, loop_main, loops[running]) != 0)
            break;
    if (running < threads) {
        fprintf(stderr, "handshark-echo-client: no memory or threads for %u loops\n", threads);
        exit(STATUS_FAILED);
    }
    wait_for_loops(run);
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
        add_results(results, loops[i]);
        loop_free(loops[i]);
    }
    free(loops);
    free(ids);
    return results->wrong || results->missing || results->failures ? STATUS_FAILED : STATUS_GOOD;
}

size_t load_resolve(const struct options *options, struct echo_endpoint *endpoints)
{
    const char *problem;
    size_t kept = 0, count = echo_address_resolve(&options->address, false, endpoints,
                                                  ENDPOINTS_MAX, &problem);

    for (size_t i = 0; i < count; i++)
        if (options->family == AF_UNSPEC || options->family == endpoints[i].address.ss_family)
            endpoints[kept++] = endpoints[i];
    if (kept == 0)
        fprintf(stderr, "handshark-echo-client: %s: %s\n", options->address.host,
                problem ? problem : "it has no address of that family");
    return kept;
}

/* Whose both ends craft.c makes. */
static bool is_crafted(const struct options *options, unsigned number)
{
    return is_crafted_opening(options->openings[(number - 1) % options->opening_count]) ||
           options->closings[(number - 1) % options->closing_count].closing == CLOSE_SIMULTANEOUS;
}

int load_run(const struct options *options, struct results *results, double *seconds)
{
    struct run run = { .options = options };
    unsigned *numbers = calloc(options->connections, sizeof *numbers);
    unsigned count = 0;
    int status = STATUS_GOOD;
    uint64_t began;

    if (!numbers)
        return STATUS_FAILED;
    for (unsigned number = 1; number <= options->connections; number++)
        if (!is_crafted(options, number))
            numbers[count++] = number;
    run.endpoint_count = load_resolve(options, run.endpoints);
    if (run.endpoint_count == 0) {
        free(numbers);
        return STATUS_FAILED;
    }
    run.tls = stream_tls(options);
    run.payloads = payloads_make(options->size_min, options->size_max);
    raise_limit();
    block_signals();
    began = load_now();
    if (count > 0)
        status = run_loops(&run, numbers, count, results);
    *seconds = (double)(load_now() - began) / 1e9;
    for (unsigned number = 1; number <= options->connections && !atomic_load(&run.stop); number++)
        if (is_crafted(options, number) && craft(&run, number, results) != 0)
            status = STATUS_FAILED;
    if (count == 0)
        *seconds = (double)(load_now() - began) / 1e9;
    payloads_free(&run.payloads);
    SSL_CTX_free(run.tls);
    free(numbers);
    return status;
}
