/* options.c
 * The echo client's command line.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "options.h"
#include "echo_frame.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM "handshark-echo-client"

/** Octets of the largest payload: a frame is built in one buffer. */
#define SIZE_MAX_OCTETS (64U << 20)

static const char HELP[] =
    "usage: " PROGRAM " [OPTION...] [HOST[:PORT]]\n"
    "\n"
    "Without options each line of standard input is a request; Q, exit or its end ends.\n"
    "HOST is localhost and PORT 2333 unless given; also [V6]:PORT, unix:PATH, unix:@NAME.\n"
    "\n"
    "Requests\n"
    "  -p, --ping            a request each second, a line for each answer, until SIGINT\n"
    "  -i, --interval=SECS   the same, with another interval\n"
    "  -c, --count=N         requests on each connection\n"
    "  -d, --duration=SECS   requests for so long (10, if neither is given)\n"
    "  -s, --size=N[-M]      octets of a payload (64)\n"
    "  -n, --connections=N   connections (1)\n"
    "      --at-once=N       of them open at a time (all)\n"
    "  -P, --pipeline=N      requests in flight on a connection (1; 1024 with --rate)\n"
    "  -r, --rate=N          requests a second in all: open loop, latency from the planned time\n"
    "  -t, --threads=N       threads (1)\n"
    "  -T, --times           tell network time from server time (always with --ping)\n"
    "  -C, --crc             checksums, checked in the answers\n"
    "      --no-verify       do not compare payloads (heads are always checked)\n"
    "      --plain           plain echo (RFC 862), no frames\n"
    "  -w, --timeout=SECS    a failure after so long without what is due (5)\n"
    "      --busy-poll       do not sleep while waiting\n"
    "\n"
    "Opening and closing; lists are taken in turn by the connections, a request on each\n"
    "  -o, --open=HOW[,...]  three-way data fast; and with both ends made by this program:\n"
    "                        refused unanswered incomplete cancelled simultaneous\n"
    "  -x, --close=HOW[:MS][,...]  client server reset linger fin half abort unread fin-abort\n"
    "                        late vanish simultaneous; MS: the wait asked of the server\n"
    "      --pause=MS        wait before our own FIN or RST\n"
    "\n"
    "TLS\n"
    "      --tls             with --tls-ca=FILE, --tls-name=NAME, --tls-cert=FILE --tls-key=FILE,\n"
    "                        --tls-insecure; SSLKEYLOGFILE is heeded\n"
    "\n"
    "Output\n"
    "      --json            the result as JSON\n"
    "      --hgrm=FILE       the whole histogram of latencies, as HdrHistogram writes it\n"
    "  -q, --quiet           no progress\n"
    "  -v, --verbose         a line for each connection\n"
    "  -4, -6                IPv4 or IPv6 only\n"
    "  -h, --help  -V, --version\n"
    "\n"
    "Exit status: 0 all was answered; 1 an answer was wrong or missing; 2 wrong use.\n";

enum {
    OPTION_AT_ONCE = 256,
    OPTION_NO_VERIFY,
    OPTION_VERIFY,
    OPTION_PLAIN,
    OPTION_BUSY_POLL,
    OPTION_PAUSE,
    OPTION_TLS,
    OPTION_TLS_CA,
    OPTION_TLS_NAME,
    OPTION_TLS_CERT,
    OPTION_TLS_KEY,
    OPTION_TLS_INSECURE,
    OPTION_JSON,
    OPTION_HGRM
};

static const struct option LONG[] = {
    { "ping", no_argument, NULL, 'p' },
    { "interval", required_argument, NULL, 'i' },
    { "count", required_argument, NULL, 'c' },
    { "duration", required_argument, NULL, 'd' },
    { "size", required_argument, NULL, 's' },
    { "connections", required_argument, NULL, 'n' },
    { "at-once", required_argument, NULL, OPTION_AT_ONCE },
    { "pipeline", required_argument, NULL, 'P' },
    { "rate", required_argument, NULL, 'r' },
    { "threads", required_argument, NULL, 't' },
    { "times", no_argument, NULL, 'T' },
    { "crc", no_argument, NULL, 'C' },
    { "verify", no_argument, NULL, OPTION_VERIFY },
    { "no-verify", no_argument, NULL, OPTION_NO_VERIFY },
    { "plain", no_argument, NULL, OPTION_PLAIN },
    { "timeout", required_argument, NULL, 'w' },
    { "busy-poll", no_argument, NULL, OPTION_BUSY_POLL },
    { "open", required_argument, NULL, 'o' },
    { "close", required_argument, NULL, 'x' },
    { "pause", required_argument, NULL, OPTION_PAUSE },
    { "tls", no_argument, NULL, OPTION_TLS },
    { "tls-ca", required_argument, NULL, OPTION_TLS_CA },
    { "tls-name", required_argument, NULL, OPTION_TLS_NAME },
    { "tls-cert", required_argument, NULL, OPTION_TLS_CERT },
    { "tls-key", required_argument, NULL, OPTION_TLS_KEY },
    { "tls-insecure", no_argument, NULL, OPTION_TLS_INSECURE },
    { "json", no_argument, NULL, OPTION_JSON },
    { "hgrm", required_argument, NULL, OPTION_HGRM },
    { "quiet", no_argument, NULL, 'q' },
    { "verbose", no_argument, NULL, 'v' },
    { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, 'V' },
    { NULL, 0, NULL, 0 },
};

static const char *const OPENINGS[] = {
    [OPEN_THREE_WAY] = "three-way",
    [OPEN_DATA] = "data",
    [OPEN_FAST] = "fast",
    [OPEN_REFUSED] = "refused",
    [OPEN_UNANSWERED] = "unanswered",
    [OPEN_INCOMPLETE] = "incomplete",
    [OPEN_CANCELLED] = "cancelled",
    [OPEN_SIMULTANEOUS] = "simultaneous",
};

static const char *const CLOSINGS[] = {
    [CLOSE_CLIENT] = "client", [CLOSE_SERVER] = "server", [CLOSE_RESET] = "reset",
    [CLOSE_LINGER] = "linger", [CLOSE_FIN] = "fin",       [CLOSE_HALF] = "half",
    [CLOSE_ABORT] = "abort",   [CLOSE_UNREAD] = "unread", [CLOSE_FIN_ABORT] = "fin-abort",
    [CLOSE_LATE] = "late",     [CLOSE_VANISH] = "vanish", [CLOSE_SIMULTANEOUS] = "simultaneous",
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Which of the numbers were given: their defaults depend on each other. */
struct given {
    bool ping, load, count, duration, pipeline, at_once, connections, times;
    double interval;
};

__attribute__((noreturn, format(printf, 1, 2))) static void wrong_use(const char *format, ...)
{
    va_list values;

    va_start(values, format);
    fputs(PROGRAM ": ", stderr);
    vfprintf(stderr, format, values);
    fputs("\ntry: " PROGRAM " --help\n", stderr);
    va_end(values);
    exit(STATUS_WRONG_USE);
}

uint16_t options_flags(const struct options *options)
{
    return (uint16_t)((options->times ? ECHO_FLAG_TIMES : 0) | (options->crc ? ECHO_FLAG_CRC : 0));
}

const char *opening_name(enum opening opening)
{
    return OPENINGS[opening];
}

const char *closing_name(enum closing closing)
{
    return CLOSINGS[closing];
}

static double read_seconds(const char *text, const char *what)
{
    char *end;
    double value = strtod(text, &end);

    if (end == text || *end != '\0' || !isfinite(value) || value <= 0 || value > 1e9)
        wrong_use("%s: %s is no number above 0", what, text);
    return value;
}

static uint64_t read_number(const char *text, const char *what, uint64_t min, uint64_t max)
{
    char *end;
    unsigned long long value;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno || value < min || value > max)
        wrong_use("%s: %s is no number from %llu to %llu", what, text, (unsigned long long)min,
                  (unsigned long long)max);
    return value;
}

static void read_size(struct options *options, char *text)
{
    char *dash = strchr(text, '-');

    if (dash)
        *dash = '\0';
    options->size_min = (uint32_t)read_number(text, "--size", 0, SIZE_MAX_OCTETS);
    options->size_max = options->size_min;
    if (dash)
        options->size_max =
            (uint32_t)read_number(dash + 1, "--size", options->size_min, SIZE_MAX_OCTETS);
}

static void read_openings(struct options *options, char *text)
{
    char *rest;

    for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        size_t at = 0;

        while (at < COUNT(OPENINGS) && strcmp(word, OPENINGS[at]) != 0)
            at++;
        if (at == COUNT(OPENINGS))
            wrong_use("--open: there is no way to begin called %s", word);
        if (options->opening_count == WAYS_MAX)
            wrong_use("--open: more than %d ways", WAYS_MAX);
        options->openings[options->opening_count++] = (enum opening)at;
    }
}

static void read_closings(struct options *options, char *text)
{
    char *rest;

    for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        char *colon = strchr(word, ':');
        unsigned wait = 0;
        size_t at = 0;

        if (colon) {
            *colon = '\0';
            wait = (unsigned)read_number(colon + 1, "--close", 0, ECHO_WAIT_MAX_MS);
        }
        while (at < COUNT(CLOSINGS) && strcmp(word, CLOSINGS[at]) != 0)
            at++;
        if (at == COUNT(CLOSINGS))
            wrong_use("--close: there is no way to end called %s", word);
        if (options->closing_count == WAYS_MAX)
            wrong_use("--close: more than %d ways", WAYS_MAX);
        options->closings[options->closing_count++] = (struct way){ (enum closing)at, wait };
    }
}

static void read_load_option(struct options *options, struct given *given, int letter, char *text)
{
    given->load = true;
    switch (letter) {
    case 'c':
        options->count = read_number(text, "--count", 1, UINT64_MAX - 1);
        given->count = true;
        break;
    case 'd':
        options->duration = read_seconds(text, "--duration");
        given->duration = true;
        break;
    case 's':
        read_size(options, text);
        break;
    case 'n':
        options->connections = (unsigned)read_number(text, "--connections", 1, 1000000);
        given->connections = true;
        break;
    case OPTION_AT_ONCE:
        options->at_once = (unsigned)read_number(text, "--at-once", 1, 1000000);
        given->at_once = true;
        break;
    case 'P':
        options->pipeline = (unsigned)read_number(text, "--pipeline", 1, 1U << 20);
        given->pipeline = true;
        break;
    case 'r':
        options->rate = read_seconds(text, "--rate");
        break;
    case 't':
        options->threads = (unsigned)read_number(text, "--threads", 1, 256);
        break;
    case 'o':
        read_openings(options, text);
        break;
    case 'x':
        read_closings(options, text);
        break;
    case OPTION_JSON:
        options->json = true;
        break;
    case OPTION_HGRM:
        options->hgrm = text;
        break;
    default:
        break;
    }
}

static void read_option(struct options *options, struct given *given, int letter, char *text)
{
    switch (letter) {
    case 'p':
        given->ping = true;
        break;
    case 'i':
        given->ping = true;
        given->interval = read_seconds(text, "--interval");
        break;
    case 'T':
        options->times = true;
        break;
    case 'C':
        options->crc = true;
        break;
    case OPTION_VERIFY:
    case OPTION_NO_VERIFY:
        options->verify = letter == OPTION_VERIFY;
        break;
    case OPTION_PLAIN:
        options->plain = true;
        break;
    case 'w':
        options->timeout = read_seconds(text, "--timeout");
        break;
    case OPTION_BUSY_POLL:
        options->busy_poll = true;
        break;
    case OPTION_PAUSE:
        options->pause_ms = (unsigned)read_number(text, "--pause", 0, 600000);
        break;
    case 'q':
        options->quiet = true;
        break;
    case 'v':
        options->verbose = true;
        break;
    case '4':
    case '6':
        options->family = letter == '4' ? AF_INET : AF_INET6;
        break;
    default:
        read_load_option(options, given, letter, text);
    }
}

static bool read_tls_option(struct options *options, int letter, const char *text)
{
    switch (letter) {
    case OPTION_TLS:
        break;
    case OPTION_TLS_CA:
        options->tls_ca = text;
        break;
    case OPTION_TLS_NAME:
        options->tls_name = text;
        break;
    case OPTION_TLS_CERT:
        options->tls_cert = text;
        break;
    case OPTION_TLS_KEY:
        options->tls_key = text;
        break;
    case OPTION_TLS_INSECURE:
        options->tls_insecure = true;
        break;
    default:
        return false;
    }
    options->tls = true;
    return true;
}

static void check_ways(const struct options *options)
{
    for (unsigned i = 0; i < options->closing_count; i++) {
        enum closing closing = options->closings[i].closing;
        bool needs_goodbye =
            closing <= CLOSE_LINGER || closing == CLOSE_LATE || closing == CLOSE_FIN_ABORT;

        if (options->plain && needs_goodbye && closing != CLOSE_CLIENT)
            wrong_use("--close %s asks the server by a frame, which --plain does not have",
                      closing_name(closing));
        if (options->tls && closing == CLOSE_VANISH)
            wrong_use("--close vanish and --tls do not go together");
    }
    for (unsigned i = 0; i < options->opening_count; i++)
        if (options->tls && options->openings[i] == OPEN_DATA)
            wrong_use("--open data and --tls do not go together");
    if (options->address.is_unix && options->opening_count > 0)
        wrong_use("--open is for TCP, not for Unix sockets");
}

static void check(const struct options *options, const struct given *given)
{
    if (given->ping && options->rate > 0)
        wrong_use("--rate and --interval do not go together");
    if (given->at_once && (options->rate > 0 || given->ping || given->duration))
        wrong_use("--at-once needs a --count, and no rate, interval or duration");
    if (options->plain && (options->times || options->crc))
        wrong_use("--plain has no frames: no --times, no --crc");
    if (options->plain && options->size_min == 0)
        wrong_use("--plain: an empty payload has no answer");
    if (!options->tls_cert != !options->tls_key)
        wrong_use("--tls-cert and --tls-key go together");
    check_ways(options);
}

/* As many connections as the longer of the two lists, if no number was given. */
static void fill_in_ways(struct options *options, const struct given *given)
{
    unsigned ways = options->closing_count > options->opening_count ? options->closing_count
                                                                    : options->opening_count;

    if (ways > 0) {
        if (!given->connections)
            options->connections = ways;
        if (!given->count && !given->duration)
            options->count = 1;
        if (!given->at_once && !given->connections && !given->duration && options->rate == 0)
            options->at_once = 1;
    }
    if (options->opening_count == 0)
        options->openings[options->opening_count++] = OPEN_THREE_WAY;
    if (options->closing_count == 0)
        options->closings[options->closing_count++] =
            (struct way){ options->plain ? CLOSE_FIN : CLOSE_CLIENT, 0 };
}

static void fill_in(struct options *options, const struct given *given)
{
    if (given->ping) {
        options->mode = MODE_PING;
        options->rate = options->connections / (given->interval > 0 ? given->interval : 1.0);
        options->times = !options->plain;
    } else if (given->load) {
        options->mode = MODE_LOAD;
    } else {
        options->mode = MODE_INTERACTIVE;
        options->times = !options->plain;
    }
    if (!given->pipeline && options->rate > 0)
        options->pipeline = 1024;
    fill_in_ways(options, given);
    if (options->count == 0) {
        options->count = UINT64_MAX;
        if (!given->duration && !given->ping)
            options->duration = 10;
    }
    if (options->at_once == 0 || options->at_once > options->connections)
        options->at_once = options->connections;
    if (options->threads > options->at_once)
        options->threads = options->at_once;
}

void options_read(struct options *options, int argc, char **argv)
{
    static char name[] = PROGRAM;
    struct given given = { 0 };
    const char *problem;
    int letter;

    *options = (struct options){ .family = AF_UNSPEC,
                                 .size_min = 64,
                                 .size_max = 64,
                                 .timeout = 5,
                                 .connections = 1,
                                 .pipeline = 1,
                                 .threads = 1,
                                 .verify = true };
    argv[0] = name; /* as getopt's messages begin */
    while ((letter = getopt_long(argc, argv, "pi:c:d:s:n:P:r:t:TCw:o:x:qv46hV", LONG, NULL)) != -1)
        switch (letter) {
        case 'h':
            fputs(HELP, stdout);
            exit(STATUS_GOOD);
        case 'V':
            puts(PROGRAM " " HANDSHARK_VERSION);
            exit(STATUS_GOOD);
        case '?':
            fputs("try: " PROGRAM " --help\n", stderr);
            exit(STATUS_WRONG_USE);
        default:
            if (!read_tls_option(options, letter, optarg))
                read_option(options, &given, letter, optarg);
        }
    if (argc - optind > 1)
        wrong_use("one HOST[:PORT] at most");
    problem = echo_address_parse(&options->address, optind < argc ? argv[optind] : "localhost");
    if (problem)
        wrong_use("%s: %s", argv[optind], problem);
    check(options, &given);
    fill_in(options, &given);
}
