/* facts.c
 * All that is said of a conversation in a table or a file.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "facts.h"

#include <epan/to_str.h>
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>

#include "languages.h"
#include "packet-tcp_phase.h"
#include "tokens.h"

#define NANOSECONDS 1000000000

#define FACT(name, title, kind, width, member)                                \
    {                                                                         \
        name, title, kind, width, offsetof(struct conversation_facts, member) \
    }

const struct fact fact_list[] = {
    FACT("stream", "Stream", FACT_NUMBER, 7, stream),
    FACT("start", "Start", FACT_MOMENT, 20, start),
    FACT("first_frame", "First frame", FACT_NUMBER, 11, first_frame),
    FACT("last_frame", "Last frame", FACT_NUMBER, 10, last_frame),
    FACT("segments", "Segments", FACT_NUMBER, 8, segments),
    FACT("client.addr", "Client", FACT_TEXT, 15, address[TCP_CLIENT]),
    FACT("client.port", "Client port", FACT_NUMBER, 11, port[TCP_CLIENT]),
    FACT("server.addr", "Server", FACT_TEXT, 15, address[TCP_SERVER]),
    FACT("server.port", "Server port", FACT_NUMBER, 11, port[TCP_SERVER]),
    FACT("client.state", "Client state", FACT_TOKEN, 12, state[TCP_CLIENT]),
    FACT("server.state", "Server state", FACT_TOKEN, 12, state[TCP_SERVER]),
    FACT("opening", "Opening", FACT_TOKEN, 12, opening),
    FACT("closing", "Closing", FACT_TOKEN, 15, closing),
    FACT("closed_by", "Closed by", FACT_TOKEN, 9, closed_by),
    FACT("time_wait", "TIME_WAIT", FACT_TOKEN, 9, time_wait),
    FACT("half_close", "Half-close", FACT_TRUTH, 10, half_close),
    FACT("verdict", "Verdict", FACT_TOKEN, 20, verdict),
    FACT("verdict.by", "Verdict by", FACT_TOKEN, 10, verdict_by),
    FACT("verdict.frame", "Verdict since", FACT_MAYBE, 13, verdict_frame),
    FACT("conn_state", "Zeek", FACT_TOKEN, 6, conn_state),
    FACT("history", "History", FACT_TEXT, 12, history),
    FACT("handshake.rtt", "Handshake", FACT_TIME, 14, rtt),
    FACT("handshake.server_rtt", "To the server", FACT_TIME, 14, server_rtt),
    FACT("handshake.client_rtt", "To the client", FACT_TIME, 14, client_rtt),
    FACT("teardown.time", "Teardown", FACT_TIME, 14, teardown),
    FACT("duration", "Duration", FACT_TIME, 14, duration),
    FACT("client.isn", "Client's ISN", FACT_MAYBE, 12, isn[TCP_CLIENT]),
    FACT("server.isn", "Server's ISN", FACT_MAYBE, 12, isn[TCP_SERVER]),
    FACT("client.bytes", "Client's bytes", FACT_AMOUNT, 14, bytes[TCP_CLIENT]),
    FACT("server.bytes", "Server's bytes", FACT_AMOUNT, 14, bytes[TCP_SERVER]),
    FACT("summary", "Conversation", FACT_TEXT, 0, summary),
    { NULL, NULL, FACT_TEXT, 0, 0 },
};

G_STATIC_ASSERT(G_N_ELEMENTS(fact_list) == FACT_COUNT + 1);

/* An address as Wireshark writes it, with names not resolved; as UTF-8, whatever it is. */
static const char *write_address(const struct conversation_row *row, enum tcp_role role, char *out)
{
    const char *end;
    address addr;

    row_address(row, role, &addr);
    address_to_str_buf(&addr, out, FACT_ADDRESS_MAX);
    if (!g_utf8_validate(out, -1, NULL)) {
        char *valid = g_utf8_make_valid(out, -1);

        g_strlcpy(out, valid, FACT_ADDRESS_MAX);
        g_utf8_validate(out, -1, &end);
        out[end - out] = '\0'; /* the part of a character that was left */
        g_free(valid);
    }
    return out;
}

static void take_row(const struct conversation_row *row, struct conversation_facts *facts)
{
    facts->stream = row->stream;
    facts->first_frame = row->first_frame;
    facts->last_frame = row->last_frame;
    facts->segments = row->segments;
    for (unsigned role = 0; role < 2; role++) {
        facts->address[role] = write_address(row, (enum tcp_role)role, facts->address_text[role]);
        facts->port[role] = row->port[role];
    }
}

static void take_outcome(const struct tcp_outcome *outcome, struct conversation_facts *facts)
{
    bool is_settled = tcp_verdict_is_settled(outcome->verdict);

    facts->start = outcome->start;
    facts->opening = token_of_opening(outcome->opening);
    facts->closing = token_of_closing(outcome->closing);
    facts->closed_by = token_of_either(outcome->closed_by);
    facts->time_wait = token_of_holders(outcome->time_wait);
    facts->half_close = outcome->half_close;
    facts->verdict = token_of_verdict(outcome->verdict);
    facts->verdict_by = is_settled ? token_of_either(outcome->decided_by) : NULL;
    facts->verdict_frame = is_settled ? outcome->decided_in : FACT_NO_NUMBER;
    facts->conn_state = token_of_conn_state(outcome->conn_state);
    facts->history = outcome->history;
    facts->rtt = outcome->rtt;
    facts->server_rtt = outcome->server_rtt;
    facts->client_rtt = outcome->client_rtt;
    facts->teardown = outcome->teardown;
    facts->duration = outcome->duration;
    for (unsigned role = 0; role < 2; role++) {
        facts->state[role] = tcp_state_name(outcome->state[role]);
        facts->isn[role] = outcome->has_isn[role] ? outcome->isn[role] : FACT_NO_NUMBER;
        facts->bytes[role] = outcome->bytes[role];
    }
}

bool facts_of(const struct conversation_row *row, struct conversation_facts *facts)
{
    const struct tcp_conversation *conversation = tcp_phase_conversation(row->stream);

    if (!conversation)
        return false;
    take_row(row, facts);
    tcp_verdict(conversation, &facts->outcome);
    take_outcome(&facts->outcome, facts);
    text_clear(&facts->summary_text);
    wording_summary(&facts->summary_text, language_words(), &facts->outcome);
    facts->summary = facts->summary_text.at;
    return true;
}

static const void *place_of(const struct fact *fact, const struct conversation_facts *facts)
{
    return (const char *)facts + fact->offset;
}

const char *fact_text(const struct fact *fact, const struct conversation_facts *facts)
{
    return *(const char *const *)place_of(fact, facts);
}

uint64_t fact_number(const struct fact *fact, const struct conversation_facts *facts)
{
    return *(const uint64_t *)place_of(fact, facts);
}

bool fact_truth(const struct fact *fact, const struct conversation_facts *facts)
{
    return *(const bool *)place_of(fact, facts);
}

int64_t fact_time(const struct fact *fact, const struct conversation_facts *facts)
{
    return *(const int64_t *)place_of(fact, facts);
}

const char *seconds_print(int64_t time, char *buffer)
{
    uint64_t size = time < 0 ? 0 - (uint64_t)time : (uint64_t)time;

    snprintf(buffer, FACT_PRINTED_MAX, "%s%" PRIu64 ".%09" PRIu64, time < 0 ? "-" : "",
             size / NANOSECONDS, size % NANOSECONDS);
    return buffer;
}

const char *fact_print(const struct fact *fact, const struct conversation_facts *facts,
                       char *buffer)
{
    const char *text = NULL;

    switch (fact->kind) {
    case FACT_TOKEN:
    case FACT_TEXT:
        text = fact_text(fact, facts);
        break;
    case FACT_TRUTH:
        text = fact_truth(fact, facts) ? "yes" : "no";
        break;
    case FACT_NUMBER:
    case FACT_AMOUNT:
    case FACT_MAYBE:
        if (fact_number(fact, facts) != FACT_NO_NUMBER) {
            snprintf(buffer, FACT_PRINTED_MAX, "%" PRIu64, fact_number(fact, facts));
            text = buffer;
        }
        break;
    case FACT_MOMENT:
    case FACT_TIME:
        if (fact_time(fact, facts) != TCP_NO_TIME)
            text = seconds_print(fact_time(fact, facts), buffer);
        break;
    }
    return text ? text : "";
}
