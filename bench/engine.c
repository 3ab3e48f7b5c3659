/* engine.c
 * How many segments a second the engine follows, on one core and by itself: no file is
 * read, no packet dissected, nothing shown.
 *
 * The segments are made before the clock starts, and the conversations' memory is zeroed and
 * touched. Measured is the CPU time of tcp_tracker_step() for each of them, in the order of a
 * capture; printed are the medians of several rounds.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tcp_verdict.h"

enum { ROUNDS_MAX = 99, REQUEST_LEN = 96, REPLY_LEN = 1448, SHORTEST = 6 };

/* A segment, and which conversation it belongs to. */
struct item {
    struct tcp_segment segment;
    uint32_t conversation;
};

/* A conversation that is being made. */
struct making {
    uint32_t seq[2]; /* next to send */
    uint32_t number;
    uint32_t length; /* in segments */
    uint32_t done;
};

struct workload {
    const char *name;
    const char *what;
    uint32_t each; /* segments of a conversation; 0: all segments are dealt out to .count */
    uint32_t count;
    uint32_t open; /* conversations that go on at the same time */
    enum tcp_verdict verdict;
};

static const struct workload workloads[] = {
    { "short", "opened, 4 segments of data and ACKs, closed", 10, 0, 50, TCP_VERDICT_ORDERLY },
    { "long", "10 conversations that go on and on", 0, 10, 10, TCP_VERDICT_ORDERLY },
    { "flood", "SYNs, each with its SYN-ACK, and no more", 2, 0, 1000,
      TCP_VERDICT_HANDSHAKE_UNFINISHED },
};

static uint64_t random_state = UINT64_C(0x9e3779b97f4a7c15);

/* xorshift64: cheap, and the same everywhere. */
static uint32_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32);
}

static void begin(struct making *making, uint32_t number, uint32_t length)
{
    *making = (struct making){ .seq = { next_random(), next_random() },
                               .number = number,
                               .length = length };
}

/* What the next segment of a conversation is: opened, request, ACK, reply, ACK and so on, closed
 * in three segments by the client. */
static void choose(const struct making *making, enum tcp_role *from, uint16_t *flags, uint32_t *len)
{
    static const uint32_t lens[4] = { REQUEST_LEN, 0, REPLY_LEN, 0 };
    uint32_t at = making->done, left = making->length - at;

    *len = 0;
    *flags = TCP_ACK;
    *from = TCP_CLIENT;
    if (at == 0) {
        *flags = TCP_SYN;
    } else if (at == 1) {
        *from = TCP_SERVER;
        *flags = TCP_SYN | TCP_ACK;
    } else if (at > 2 && left <= 3) {
        *from = left == 2 ? TCP_SERVER : TCP_CLIENT;
        *flags = left == 1 ? TCP_ACK : TCP_FIN | TCP_ACK;
    } else if (at > 2) {
        uint32_t turn = (at - 3) % 4;

        *from = turn == 1 || turn == 2 ? TCP_SERVER : TCP_CLIENT;
        *len = lens[turn];
        *flags = *len ? TCP_PSH | TCP_ACK : TCP_ACK;
    }
}

static struct item next_item(struct making *making, uint32_t frame)
{
    enum tcp_role from;
    uint16_t flags;
    uint32_t len;
    struct item item;

    choose(making, &from, &flags, &len);
    item = (struct item){
        .segment = { .time = (int64_t)frame * 20000,
                     .frame = frame,
                     .sender_id = 2 * making->number + from,
                     .receiver_id = 2 * making->number + !from,
                     .seq = making->seq[from],
                     .ack = (flags & TCP_ACK) ? making->seq[!from] : 0,
                     .len = len,
                     .flags = flags,
                     .window = flags & TCP_SYN ? 64240 : 502,
                     .source_port = from == TCP_CLIENT ? 53000 : 443,
                     .destination_port = from == TCP_CLIENT ? 443 : 53000,
                     .window_scale = flags & TCP_SYN ? 7 : -1,
                     .has_timestamp = true,
                     .timestamp = making->number * 1000 + frame / 50 },
        .conversation = making->number,
    };
    making->seq[from] += len + ((flags & (TCP_SYN | TCP_FIN)) ? 1 : 0);
    making->done++;
    return item;
}

/* Make the segments of a workload; some conversations go on at a time, and chance says which is
 * next. */
static bool make(const struct workload *workload, uint32_t conversations, uint32_t each,
                 struct item *items)
{
    uint32_t open = workload->open < conversations ? workload->open : conversations;
    uint32_t begun = 0, frame = 1;
    struct making *makings = calloc(open, sizeof *makings);

    if (!makings)
        return false;
    for (; begun < open; begun++)
        begin(&makings[begun], begun, each);
    while (open > 0) {
        struct making *making = &makings[next_random() % open];

        items[frame - 1] = next_item(making, frame);
        frame++;
        if (making->done < making->length)
            continue;
        if (begun < conversations)
            begin(making, begun++, each);
        else
            *making = makings[--open];
    }
    free(makings);
    return true;
}

/* Follow all segments. Returns the CPU time in seconds. */
static double follow(const struct item *items, uint32_t count,
                     struct tcp_conversation *conversations)
{
    struct tcp_annotation annotation;
    clock_t start = clock();

    for (uint32_t i = 0; i < count; i++)
        tcp_tracker_step(&conversations[items[i].conversation], NULL, &items[i].segment,
                         &annotation);
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

/* A figure for what was not followed rightly would mean nothing. */
static bool is_right(const struct workload *workload, const struct tcp_conversation *conversations,
                     uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct tcp_outcome outcome;

        tcp_verdict(&conversations[i], &outcome);
        if (outcome.verdict != workload->verdict) {
            fprintf(stderr, "engine: %s: conversation %u is not what it should be\n",
                    workload->name, (unsigned)i);
            return false;
        }
    }
    return true;
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static void report(const struct workload *workload, uint32_t segments, uint32_t conversations,
                   double *times, unsigned rounds)
{
    double median;

    qsort(times, rounds, sizeof *times, by_size);
    median = times[rounds / 2];
    printf("%-6s %9u  %9u  %8.2f  %8.1f  %5.0f%%   %s\n", workload->name, (unsigned)segments,
           (unsigned)conversations, segments / median / 1e6, median / segments * 1e9,
           (times[rounds - 1] - times[0]) / median * 100, workload->what);
}

static bool measure(const struct workload *workload, uint32_t wanted, unsigned rounds)
{
    uint32_t count = workload->each ? wanted / workload->each : workload->count;
    uint32_t each = workload->each ? workload->each : wanted / workload->count;
    struct item *items = malloc((size_t)count * each * sizeof *items);
    struct tcp_conversation *conversations = malloc(count * sizeof *conversations);
    double times[ROUNDS_MAX];
    bool done = items && conversations && make(workload, count, each, items);

    for (unsigned round = 0; done && round < rounds; round++) {
        memset(conversations, 0, count * sizeof *conversations);
        times[round] = follow(items, count * each, conversations);
        done = is_right(workload, conversations, count);
    }
    if (done)
        report(workload, count * each, count, times, rounds);
    free(items);
    free(conversations);
    return done;
}

/* A number of the command line; 0: it is none between 1 and max. */
static uint32_t read_number(const char *text, uint32_t max)
{
    char *end;
    unsigned long number;

    errno = 0;
    number = strtoul(text, &end, 10);
    return text[0] < '0' || text[0] > '9' || *end || errno || number > max ? 0 : (uint32_t)number;
}

int main(int argc, char **argv)
{
    uint32_t segments = 2000000, rounds = 5;
    bool wrong = false;

    for (int i = 1; i < argc; i += 2)
        if (strcmp(argv[i], "--segments") == 0 && i + 1 < argc)
            segments = read_number(argv[i + 1], 100000000);
        else if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
            rounds = read_number(argv[i + 1], ROUNDS_MAX);
        else
            wrong = true;
    if (wrong || segments < 10 * SHORTEST || rounds == 0) {
        fputs("usage: engine [--segments N] [--rounds N]\n"
              "  --segments N  of each workload, at least 60 (default 2000000)\n"
              "  --rounds N    whose median is taken, up to 99 (default 5)\n",
              stderr);
        return 2;
    }
    puts("         segments  conversations  million/s  ns/segment  spread");
    for (size_t i = 0; i < sizeof workloads / sizeof workloads[0]; i++)
        if (!measure(&workloads[i], segments, rounds))
            return 1;
    return 0;
}
