/* metrics.c
 * The counters over HTTP.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "metrics.h"
#include "acceptor.h"
#include "log.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RETRY_MS        500
#define TIMEOUT_SECONDS 10
#define HEADERS_MAX     8192

struct metrics {
    struct evhttp *http;
    struct evconnlistener *listener;
    struct event retry;
    metrics_sum *sum;
    void *argument;
};

static void on_metrics(struct evhttp_request *request, void *argument)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    struct metrics *metrics = argument;
    uint64_t sum[COUNTERS] = { 0 };
    char text[COUNTERS_TEXT_MAX];
    struct evbuffer *body = evbuffer_new();

    if (!body) {
        evhttp_send_error(request, HTTP_INTERNAL, NULL);
        return;
    }
    metrics->sum(metrics->argument, sum);
    evbuffer_add(body, text, counters_prometheus(sum, text, sizeof text));
    evhttp_add_header(headers, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    evhttp_send_reply(request, HTTP_OK, NULL, body);
    evbuffer_free(body);
}

/* Without descriptors the listener would be ready for ever: see acceptor.c. */
static void on_error(struct evconnlistener *listener, void *argument)
{
    const struct timeval time = { .tv_usec = RETRY_MS * 1000L };
    struct metrics *metrics = argument;

    evconnlistener_disable(listener);
    event_add(&metrics->retry, &time);
}

static void on_retry(evutil_socket_t fd, short what, void *argument)
{
    struct metrics *metrics = argument;

    (void)fd;
    (void)what;
    evconnlistener_enable(metrics->listener);
}

static int open_socket(const struct echo_address *address)
{
    char name[ECHO_ENDPOINT_TEXT_MAX];
    struct echo_endpoint endpoint;
    const char *problem;
    int fd;

    if (echo_address_resolve(address, true, &endpoint, 1, &problem) == 0) {
        log_line("--metrics %s: %s", address->host, problem);
        return -1;
    }
    fd = listen_on(&endpoint, echo_endpoint_text(&endpoint, name, sizeof name), false);
    if (fd < 0)
        return -1;
    endpoint.size = sizeof endpoint.address;
    getsockname(fd, (struct sockaddr *)&endpoint.address, &endpoint.size);
    log_line("metrics on http://%s/metrics", echo_endpoint_text(&endpoint, name, sizeof name));
    return fd;
}

struct metrics *metrics_start(struct event_base *base, const struct echo_address *address,
                              metrics_sum *sum, void *argument)
{
    struct metrics *metrics = calloc(1, sizeof *metrics);
    int fd = open_socket(address);
    struct evhttp_bound_socket *bound = NULL;

    if (metrics && fd >= 0) {
        metrics->sum = sum;
        metrics->argument = argument;
        metrics->http = evhttp_new(base);
        bound = metrics->http ? evhttp_accept_socket_with_handle(metrics->http, fd) : NULL;
    }
    if (!bound || evhttp_set_cb(metrics->http, "/metrics", on_metrics, metrics) != 0) {
        if (fd >= 0)
            log_line("no memory for metrics");
        if (fd >= 0 && !bound)
            close(fd);
        metrics_free(metrics);
        return NULL;
    }
    evhttp_set_allowed_methods(metrics->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
    evhttp_set_timeout(metrics->http, TIMEOUT_SECONDS);
    evhttp_set_max_headers_size(metrics->http, HEADERS_MAX);
    evhttp_set_max_body_size(metrics->http, 0);
    metrics->listener = evhttp_bound_socket_get_listener(bound);
    evtimer_assign(&metrics->retry, base, on_retry, metrics);
    evconnlistener_set_error_cb(metrics->listener, on_error);
    return metrics;
}

void metrics_free(struct metrics *metrics)
{
    if (!metrics)
        return;
    if (metrics->listener)
        event_del(&metrics->retry);
    if (metrics->http)
        evhttp_free(metrics->http);
    free(metrics);
}
