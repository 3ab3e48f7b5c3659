/* counters.c
 * The counters' names, and their sum as text.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "counters.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* Counters with the same name stand together and differ by their label. */
static const struct {
    const char *name, *label, *help;
} names[COUNTERS] = {
    [COUNT_OPENED] = { "connections_opened", "", "Connections that were accepted." },
    [COUNT_CLOSED] = { "connections_closed", "", "Connections that have ended, however." },
    [COUNT_REFUSED] = { "connections_refused", "", "Connections beyond the maximum." },
    [COUNT_FRAMED] = { "conversations", "kind=\"framed\"", "Connections by what they speak." },
    [COUNT_PLAIN] = { "conversations", "kind=\"plain\"", NULL },
    [COUNT_REQUESTS] = { "requests", "", "Requests that were answered." },
    [COUNT_BYTES_IN] = { "bytes", "direction=\"in\"", "Octets read from and sent to clients." },
    [COUNT_BYTES_OUT] = { "bytes", "direction=\"out\"", NULL },
    [COUNT_GOODBYES + 0] = { "goodbyes", "how=\"client-first\"", "GOODBYEs by their way." },
    [COUNT_GOODBYES + 1] = { "goodbyes", "how=\"server-first\"", NULL },
    [COUNT_GOODBYES + 2] = { "goodbyes", "how=\"reset\"", NULL },
    [COUNT_GOODBYES + 3] = { "goodbyes", "how=\"linger\"", NULL },
    [COUNT_ERRORS + 0] = { "errors", "code=\"1\"", "ERROR frames sent, by their code." },
    [COUNT_ERRORS + 1] = { "errors", "code=\"2\"", NULL },
    [COUNT_ERRORS + 2] = { "errors", "code=\"3\"", NULL },
    [COUNT_ERRORS + 3] = { "errors", "code=\"4\"", NULL },
    [COUNT_ERRORS + 4] = { "errors", "code=\"5\"", NULL },
    [COUNT_ERRORS + 5] = { "errors", "code=\"6\"", NULL },
    [COUNT_ERRORS + 6] = { "errors", "code=\"7\"", NULL },
    [COUNT_ERRORS + 7] = { "errors", "code=\"8\"", NULL },
    [COUNT_ERRORS + 8] = { "errors", "code=\"9\"", NULL },
    [COUNT_IDLE] = { "ended", "why=\"idle\"", "Connections that the server ended, by reason." },
    [COUNT_SLOW] = { "ended", "why=\"slow-reader\"", NULL },
    [COUNT_UNFINISHED] = { "ended", "why=\"unfinished-payload\"", NULL },
    [COUNT_UNCLOSED] = { "ended", "why=\"unclosed\"", NULL },
    [COUNT_LOST] = { "connections_lost", "", "Connections that the client reset or left." },
    [COUNT_TLS_FAILED] = { "tls_failures", "", "Connections that ended in an error of TLS." },
    [COUNT_NO_MEMORY] = { "out_of_memory", "", "Connections closed for want of memory." },
};

void counters_add(uint64_t sum[COUNTERS], const struct counters *counters)
{
    for (unsigned i = 0; i < COUNTERS; i++)
        sum[i] += atomic_load_explicit(&counters->values[i], memory_order_relaxed);
}

/* A text that grows until it is full. */
struct text {
    char *at;
    size_t size, capacity;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
    va_list arguments;
    int wanted;

    va_start(arguments, format);
    wanted = vsnprintf(text->at + text->size, text->capacity - text->size, format, arguments);
    va_end(arguments);
    if (wanted > 0)
        text->size += (size_t)wanted;
    if (text->size >= text->capacity)
        text->size = text->capacity - 1;
}

size_t counters_prometheus(const uint64_t sum[COUNTERS], char *text, size_t capacity)
{
    struct text out = { text, 0, capacity };

    add(&out,
        "# HELP handshark_echo_connections Connections that are open.\n"
        "# TYPE handshark_echo_connections gauge\n"
        "handshark_echo_connections %" PRIu64 "\n",
        sum[COUNT_OPENED] - sum[COUNT_CLOSED]);
    for (unsigned i = 0; i < COUNTERS; i++) {
        const char *name = names[i].name, *label = names[i].label;

        if (names[i].help)
            add(&out, "# HELP handshark_echo_%s_total %s\n# TYPE handshark_echo_%s_total counter\n",
                name, names[i].help, name);
        add(&out, "handshark_echo_%s_total%s%s%s %" PRIu64 "\n", name, *label ? "{" : "", label,
            *label ? "}" : "", sum[i]);
    }
    return out.size;
}

size_t counters_line(const uint64_t sum[COUNTERS], char *text, size_t capacity)
{
    struct text out = { text, 0, capacity };

    add(&out, "connections=%" PRIu64, sum[COUNT_OPENED] - sum[COUNT_CLOSED]);
    for (unsigned i = 0; i < COUNTERS; i++)
        if (sum[i] != 0)
            add(&out, *names[i].label ? " %s{%s}=%" PRIu64 : " %s%s=%" PRIu64, names[i].name,
                names[i].label, sum[i]);
    return out.size;
}
