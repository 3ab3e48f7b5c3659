/* options.c
 * The command line.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "options.h"
#include "log.h"

#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_WRONG_USE 2

#define THREADS_MAX         256
#define SECONDS_MAX         (365.0 * 24 * 3600)
#define PAYLOAD_MAX         (1U << 30)
#define CHECKED_PAYLOAD_MAX (1U << 20) /* a frame that is checked is kept whole */

static const char help_text[] =
    "Usage: " PROGRAM " [OPTION...] [ADDR[:PORT] ...]\n"
    "Echo server: frames of the framed echo protocol, and plain echo (RFC 862).\n"
    "\n"
    "ADDR is a name, an IPv4 address, [IPv6] in brackets, * for every address of this machine,\n"
    "or unix:PATH. Without one: 127.0.0.1 and [::1]. PORT is 2333; 0 is any that is free.\n"
    "\n"
    "      --threads N             loops that serve connections (default: the processors)\n"
    "      --max-connections N     more are told \"server busy\" (16384, and what the limit on\n"
    "                              open files allows)\n"
    "      --max-payload BYTES     of a request; K, M and G are understood (1G; 1M with\n"
    "                              --check-crc)\n"
    "      --check-crc             check requests' checksums; frames are then kept until whole\n"
    "      --idle-time SECONDS     without a request a connection is closed (300; 0: never)\n"
    "      --frame-deadline SECONDS  for a frame from its first octet to its last (30; 0: never)\n"
    "      --closing-time SECONDS  for the client's FIN after the server's (5)\n"
    "      --drain-time SECONDS    for open connections after SIGTERM (5)\n"
    "      --tls-cert FILE         certificate chain, PEM: all connections are TLS\n"
    "      --tls-key FILE          its private key, PEM\n"
    "      --tls-client-ca FILE    clients must have a certificate of one of these authorities\n"
    "      --metrics ADDR:PORT     counters for Prometheus, http://ADDR:PORT/metrics\n"
    "  -v, --verbose               what happens to each connection, with the kernel's TCP state\n"
    "  -h, --help                  this text\n"
    "  -V, --version               the version\n"
    "\n"
    "SIGTERM and SIGINT end it in order, a second one at once; SIGUSR1 prints the counters.\n"
    "Exit status: 0 in order, 1 a failure, 2 wrong use.\n";

enum {
    OPT_THREADS = 256,
    OPT_MAX_CONNECTIONS,
    OPT_MAX_PAYLOAD,
    OPT_CHECK_CRC,
    OPT_IDLE_TIME,
    OPT_FRAME_DEADLINE,
    OPT_CLOSING_TIME,
    OPT_DRAIN_TIME,
    OPT_TLS_CERT,
    OPT_TLS_KEY,
    OPT_TLS_CLIENT_CA,
    OPT_METRICS
};

static const struct option long_options[] = {
    { "threads", required_argument, NULL, OPT_THREADS },
    { "max-connections", required_argument, NULL, OPT_MAX_CONNECTIONS },
    { "max-payload", required_argument, NULL, OPT_MAX_PAYLOAD },
    { "check-crc", no_argument, NULL, OPT_CHECK_CRC },
    { "idle-time", required_argument, NULL, OPT_IDLE_TIME },
    { "frame-deadline", required_argument, NULL, OPT_FRAME_DEADLINE },
    { "closing-time", required_argument, NULL, OPT_CLOSING_TIME },
    { "drain-time", required_argument, NULL, OPT_DRAIN_TIME },
    { "tls-cert", required_argument, NULL, OPT_TLS_CERT },
    { "tls-key", required_argument, NULL, OPT_TLS_KEY },
    { "tls-client-ca", required_argument, NULL, OPT_TLS_CLIENT_CA },
    { "metrics", required_argument, NULL, OPT_METRICS },
    { "verbose", no_argument, NULL, 'v' },
    { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, 'V' },
    { NULL, 0, NULL, 0 },
};

static const char *name_of(int option)
{
    for (size_t i = 0; long_options[i].name; i++)
        if (long_options[i].val == option)
            return long_options[i].name;
    return "?";
}

/* values ------------------------------------------------------------------------------------- */

static bool wrong(int option, const char *text, const char *why)
{
    log_line("--%s %s: %s", name_of(option), text, why);
    return false;
}

/* A whole number, with a suffix if it may have one. */
static bool read_number(int option, const char *text, uint64_t least, uint64_t most, bool has_unit,
                        uint64_t *number)
{
    static const char units[] = "KMG";
    unsigned long long value;
    const char *unit;
    unsigned shift = 0;
    char why[80];
    char *end;

    if (*text < '0' || *text > '9')
        return wrong(option, text, "not a number");
    value = strtoull(text, &end, 10);
    if (has_unit && *end != '\0' && (unit = strchr(units, *end)) != NULL) {
        shift = 10U * (unsigned)(unit - units + 1);
        end++;
    }
    if (*end != '\0')
        return wrong(option, text, "not a number");
    if (value > most >> shift || value << shift < least) {
        snprintf(why, sizeof why, "must be %llu to %llu", (unsigned long long)least,
                 (unsigned long long)most);
        return wrong(option, text, why);
    }
    *number = value << shift;
    return true;
}

static bool read_seconds(int option, const char *text, bool may_be_0, int64_t *ms)
{
    char *end;
    double seconds = strtod(text, &end);

    if (end == text || *end != '\0' || !isfinite(seconds))
        return wrong(option, text, "not a number of seconds");
    if (seconds < 0 || seconds > SECONDS_MAX || (!may_be_0 && seconds < 0.001))
        return wrong(option, text, may_be_0 ? "must be 0 to a year" : "must be 0.001 to a year");
    *ms = (int64_t)ceil(seconds * 1000);
    return true;
}

static bool add_address(struct options *options, const char *text)
{
    const char *problem;

    if (options->address_count == ADDRESSES_MAX) {
        log_line("%s: more than %d addresses", text, ADDRESSES_MAX);
        return false;
    }
    problem = echo_address_parse(&options->addresses[options->address_count], text);
    if (problem) {
        log_line("%s: %s", text, problem);
        return false;
    }
    options->address_count++;
    return true;
}

static bool read_metrics(struct options *options, const char *text)
{
    const char *problem = echo_address_parse(&options->metrics, text);

    if (!problem && options->metrics.is_unix)
        problem = "metrics are for a TCP port";
    if (!problem && !options->metrics.has_port)
        problem = "there is no port";
    if (problem)
        return wrong(OPT_METRICS, text, problem);
    options->has_metrics = true;
    return true;
}

/* options ------------------------------------------------------------------------------------ */

static unsigned processors(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;

    return count < 1 ? 1 : count > THREADS_MAX ? THREADS_MAX : (unsigned)count;
}

static void set_defaults(struct options *options)
{
    *options = (struct options){ .threads = processors(),
                                 .max_connections = 16384,
                                 .idle_ms = 300000,
                                 .frame_ms = 30000,
                                 .closing_ms = 5000,
                                 .drain_ms = 5000 };
}

static bool read_option(struct options *options, int option, const char *value)
{
    uint64_t number = 0;
    bool good;

    switch (option) {
    case OPT_THREADS:
        good = read_number(option, value, 1, THREADS_MAX, false, &number);
        options->threads = (unsigned)number;
        return good;
    case OPT_MAX_CONNECTIONS:
        return read_number(option, value, 1, INT_MAX, false, &options->max_connections);
    case OPT_MAX_PAYLOAD:
        good = read_number(option, value, 1, UINT32_MAX, true, &number);
        options->max_payload = (uint32_t)number;
        return good;
    case OPT_CHECK_CRC:
        return options->check_crc = true;
    case OPT_IDLE_TIME:
        return read_seconds(option, value, true, &options->idle_ms);
    case OPT_FRAME_DEADLINE:
        return read_seconds(option, value, true, &options->frame_ms);
    case OPT_CLOSING_TIME:
        return read_seconds(option, value, false, &options->closing_ms);
    case OPT_DRAIN_TIME:
        return read_seconds(option, value, true, &options->drain_ms);
    case OPT_TLS_CERT:
        options->tls_cert = value;
        return true;
    case OPT_TLS_KEY:
        options->tls_key = value;
        return true;
    case OPT_TLS_CLIENT_CA:
        options->tls_client_ca = value;
        return true;
    case OPT_METRICS:
        return read_metrics(options, value);
    case 'v':
        return options->verbose = true;
    default: /* getopt has said what is wrong */
        return false;
    }
}

static bool finish(struct options *options, char **addresses)
{
    if (!options->tls_cert != !options->tls_key) {
        log_line("--tls-cert and --tls-key belong together");
        return false;
    }
    if (options->tls_client_ca && !options->tls_cert) {
        log_line("--tls-client-ca needs --tls-cert and --tls-key");
        return false;
    }
    if (options->max_payload == 0)
        options->max_payload = options->check_crc ? CHECKED_PAYLOAD_MAX : PAYLOAD_MAX;
    options->is_default = !*addresses;
    if (options->is_default)
        return add_address(options, "127.0.0.1") && add_address(options, "::1");
    for (; *addresses; addresses++)
        if (!add_address(options, *addresses))
            return false;
    return true;
}

bool options_read(struct options *options, int argc, char **argv, int *status)
{
    static char name[] = PROGRAM;
    int option;

    set_defaults(options);
    argv[0] = name; /* as getopt's messages begin */
    *status = 0;
    while ((option = getopt_long(argc, argv, "vhV", long_options, NULL)) != -1) {
        if (option == 'h') {
            fputs(help_text, stdout);
            return false;
        }
        if (option == 'V') {
            puts(PROGRAM " " HANDSHARK_VERSION);
            return false;
        }
        if (!read_option(options, option, optarg))
            break;
    }
    if (option == -1 && finish(options, argv + optind))
        return true;
    fputs("Try: " PROGRAM " --help\n", stderr);
    *status = EXIT_WRONG_USE;
    return false;
}
