/* report.c
 * The table, the JSON and the histogram's file.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>

static const struct {
    const char *name;
    double quantile;
} QUANTILES[] = {
    { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "p99.9", 0.999 }, { "p99.99", 0.9999 }
};

#define QUANTILE_COUNT (sizeof QUANTILES / sizeof QUANTILES[0])

/* CPU time of the whole process, in seconds. */
static double cpu_seconds(void)
{
    struct rusage usage;

    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void print_row(const char *name, const struct histogram *histogram)
{
    if (histogram->count == 0)
        return;
    printf("%-11s", name);
    for (size_t i = 0; i < QUANTILE_COUNT; i++)
        printf(" %9.1f", histogram_quantile(histogram, QUANTILES[i].quantile) / 1e3);
    printf(" %9.1f %9.1f\n", (double)histogram->max / 1e3, histogram_mean(histogram) / 1e3);
}

static void print_latencies(const struct options *options, const struct results *results)
{
    if (results->connect.count == 0)
        return;
    printf("\n%-11s", "us");
    for (size_t i = 0; i < QUANTILE_COUNT; i++)
        printf(" %9s", QUANTILES[i].name);
    printf(" %9s %9s\n", "max", "mean");
    print_row("round trip", &results->round_trip);
    print_row("  server", &results->server);
    print_row("  network", &results->network);
    print_row("connect", &results->connect);
    if (options->times && results->server.count > 0 && results->round_trip.sum > 0)
        printf("server's share %.1f %%, network's %.1f %%\n",
               100 * results->server.sum / results->round_trip.sum,
               100 * results->network.sum / results->round_trip.sum);
}

static const char *loop_text(const struct options *options)
{
    if (options->mode == MODE_PING)
        return "a request now and then: latency from its sending";
    return options->rate > 0
               ? "open loop: latency from the planned time, what a stalled server delays is counted"
               : "closed loop: not corrected, what a stalled server delays is not asked for";
}

static void print_table(const struct options *options, const struct results *results,
                        double seconds)
{
    double rate = seconds > 0 ? (double)results->answered / seconds : 0;

    puts(loop_text(options));
    printf("%" PRIu64 " answers to %" PRIu64
           " requests in %.3f s: %.1f a second, %.2f MB/s each way\n",
           results->answered, results->sent, seconds, rate,
           seconds > 0 ? (double)results->octets / seconds / 1e6 : 0);
    printf("connections: %" PRIu64 " opened, %" PRIu64 " ended as asked, %" PRIu64 " failed",
           results->opened, results->ended, results->failures);
    if (results->fast > 0)
        printf(", %" PRIu64 " by Fast Open", results->fast);
    putchar('\n');
    if (results->wrong || results->missing)
        printf("answers: %" PRIu64 " wrong, %" PRIu64 " missing\n", results->wrong,
               results->missing);
    if (results->unsent)
        printf("planned but never sent: %" PRIu64 "\n", results->unsent);
    print_latencies(options, results);
    if (results->answered > 0)
        printf("percentiles within %.2f %%; CPU of this program %.3f us a request\n",
               100 * HISTOGRAM_ERROR, cpu_seconds() * 1e6 / (double)results->answered);
}

static void print_json_histogram(const char *name, const struct histogram *histogram)
{
    printf(",\n  \"%s\": ", name);
    if (histogram->count == 0) {
        printf("null");
        return;
    }
    printf("{ \"count\": %" PRIu64 ", \"min\": %.3f, \"mean\": %.3f", histogram->count,
           (double)histogram->min / 1e3, histogram_mean(histogram) / 1e3);
    for (size_t i = 0; i < QUANTILE_COUNT; i++)
        printf(", \"%s\": %.3f", QUANTILES[i].name,
               histogram_quantile(histogram, QUANTILES[i].quantile) / 1e3);
    printf(", \"max\": %.3f }", (double)histogram->max / 1e3);
}

static void print_json(const struct options *options, const struct results *results, double seconds)
{
    printf("{\n  \"protocol\": \"%s\",\n  \"loop\": \"%s\",\n", options->plain ? "plain" : "framed",
           options->rate > 0 ? "open" : "closed");
    printf("  \"connections\": %u,\n  \"pipeline\": %u,\n  \"threads\": %u,\n",
           options->connections, options->pipeline, options->threads);
    printf("  \"size_min\": %" PRIu32 ",\n  \"size_max\": %" PRIu32 ",\n", options->size_min,
           options->size_max);
    printf("  \"planned_rate\": %.3f,\n  \"seconds\": %.6f,\n", options->rate, seconds);
    printf("  \"sent\": %" PRIu64 ",\n  \"answered\": %" PRIu64 ",\n", results->sent,
           results->answered);
    printf("  \"wrong\": %" PRIu64 ",\n  \"missing\": %" PRIu64 ",\n  \"unsent\": %" PRIu64 ",\n",
           results->wrong, results->missing, results->unsent);
    printf("  \"opened\": %" PRIu64 ",\n  \"fast_open\": %" PRIu64 ",\n  \"ended\": %" PRIu64
           ",\n  \"failed\": %" PRIu64 ",\n",
           results->opened, results->fast, results->ended, results->failures);
    printf("  \"rate\": %.3f,\n  \"cpu_us_per_request\": %.4f,\n  \"error\": %g",
           seconds > 0 ? (double)results->answered / seconds : 0,
           results->answered ? cpu_seconds() * 1e6 / (double)results->answered : 0,
           HISTOGRAM_ERROR);
    print_json_histogram("round_trip_us", &results->round_trip);
    print_json_histogram("server_us", &results->server);
    print_json_histogram("network_us", &results->network);
    print_json_histogram("connect_us", &results->connect);
    printf("\n}\n");
}

static int write_hgrm(const char *path, const struct histogram *histogram)
{
    FILE *file = fopen(path, "we");
    int result;

    if (file) {
        result = histogram_write_hgrm(histogram, file);
        if (fclose(file) == 0 && result == 0)
            return 0;
    }
    fprintf(stderr, "handshark-echo-client: %s: %s\n", path, strerror(errno));
    return -1;
}

int report(const struct options *options, const struct results *results, double seconds)
{
    if (options->json)
        print_json(options, results, seconds);
    else
        print_table(options, results, seconds);
    if (fflush(stdout) != 0) {
        fprintf(stderr, "handshark-echo-client: standard output: %s\n", strerror(errno));
        return -1;
    }
    return options->hgrm ? write_hgrm(options->hgrm, &results->round_trip) : 0;
}
