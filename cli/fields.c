/* fields.c
 * The fields of a conversation.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fields.h"

#include "tcp_phase/tokens.h"

#include <glib.h>
#include <string.h>

const struct field fields[] = {
    { "stream", true },
    { "start", true },
    { "first_frame", true },
    { "last_frame", true },
    { "segments", true },
    { "client.addr", false },
    { "client.port", true },
    { "server.addr", false },
    { "server.port", true },
    { "client.state", false },
    { "server.state", false },
    { "opening", false },
    { "closing", false },
    { "closed_by", false },
    { "time_wait", false },
    { "half_close", false },
    { "verdict", false },
    { "verdict.by", false },
    { "verdict.frame", true },
    { "conn_state", false },
    { "history", false },
    { "handshake.rtt", true },
    { "handshake.server_rtt", true },
    { "handshake.client_rtt", true },
    { "teardown.time", true },
    { "duration", true },
    { "client.isn", true },
    { "server.isn", true },
    { "client.bytes", true },
    { "server.bytes", true },
    { "summary", false },
    { NULL, false },
};

const struct field *field_find(const char *name)
{
    for (const struct field *field = fields; field->name; field++)
        if (strcmp(field->name, name) == 0)
            return field;
    return NULL;
}

bool field_is_verdict(const char *word)
{
    for (unsigned i = 0; i < TCP_VERDICT_COUNT; i++)
        if (strcmp(token_of_verdict(i), word) == 0)
            return true;
    return false;
}

char *field_verdicts(void)
{
    const char *words[TCP_VERDICT_COUNT + 1] = { NULL };

    for (unsigned i = 0; i < TCP_VERDICT_COUNT; i++)
        words[i] = token_of_verdict(i);
    return g_strjoinv(", ", (char **)words);
}
