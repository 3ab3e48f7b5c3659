/* wording.c
 * Tokens into sentences: which entries of the table a segment calls for.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wording.h"

#include <string.h>

#include "tokens.h"

/* What the placeholders stand for, for one annotation or one conversation. */
struct values {
    const char *const *table;
    const struct tcp_annotation *note;
    const struct tcp_outcome *outcome;
};

static enum wording name_of(unsigned role, bool capital)
{
    if (role == TCP_CLIENT)
        return capital ? WORDING_CLIENT_CAPITAL : WORDING_CLIENT;
    return capital ? WORDING_SERVER_CAPITAL : WORDING_SERVER;
}

static const char *who(const struct values *values, unsigned role, bool capital)
{
    return values->table[name_of(role, capital)];
}

static unsigned waiter_of(const struct tcp_annotation *note)
{
    return note->state[TCP_CLIENT] == TCP_STATE_TIME_WAIT ? TCP_CLIENT : TCP_SERVER;
}

static uint32_t end_of(const struct tcp_annotation *note)
{
    uint32_t end = note->seq + note->len;

    if (note->events & (TCP_DOES_SYN | TCP_DOES_SYN_ACK))
        end++;
    if (note->events & TCP_DOES_FIN)
        end++;
    return end;
}

static const char *step_of(const struct tcp_annotation *note)
{
    for (const struct bit_token *step = step_tokens; step->token; step++)
        if (note->steps & step->bit)
            return step->token;
    return "";
}

/* The placeholders of segments. Returns whether the name is one of them. */
static bool put_segment_value(GString *text, const struct values *values, const char *name)
{
    const struct tcp_annotation *note = values->note;
    unsigned receiver = note->sender == TCP_CLIENT ? TCP_SERVER : TCP_CLIENT;
    struct {
        const char *name;
        uint32_t number;
    } numbers[] = {
        { "seq", note->seq },
        { "ack", note->ack },
        { "ack_less_one", note->ack - 1 },
        { "len", note->len },
        { "end", end_of(note) },
        { "last", note->seq + note->len - 1 },
        { "fin", note->seq + note->len },
        { "frame", note->acks_frame },
        { "about", note->about },
    };
    struct {
        const char *name;
        const char *text;
    } words[] = {
        { "sender", who(values, note->sender, false) },
        { "Sender", who(values, note->sender, true) },
        { "receiver", who(values, receiver, false) },
        { "Receiver", who(values, receiver, true) },
        { "Waiter", who(values, waiter_of(note), true) },
        { "state", tcp_state_name((enum tcp_state)note->state[receiver]) },
        { "step", step_of(note) },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(numbers); i++) {
        if (strcmp(name, numbers[i].name) == 0) {
            g_string_append_printf(text, "%u", numbers[i].number);
            return true;
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
        if (strcmp(name, words[i].name) == 0) {
            g_string_append(text, words[i].text);
            return true;
        }
    }
    return false;
}

static void put_text(GString *text, const struct values *values, unsigned entry);

/* The placeholders of summaries. Returns whether the name is one of them. */
static bool put_outcome_value(GString *text, const struct values *values, const char *name)
{
    const struct tcp_outcome *outcome = values->outcome;

    if (strcmp(name, "opening") == 0)
        put_text(text, values, WORDING_OPENING_FIRST + (unsigned)outcome->opening);
    else if (strcmp(name, "closing") == 0)
        put_text(text, values, WORDING_CLOSING_FIRST + (unsigned)outcome->closing);
    else if (strcmp(name, "verdict") == 0)
        put_text(text, values, WORDING_VERDICT_FIRST + (unsigned)outcome->verdict);
    else if (strcmp(name, "closer") == 0)
        g_string_append(text, who(values, outcome->closed_by == TCP_SERVER, false));
    else if (strcmp(name, "waiter") == 0)
        g_string_append(text, who(values, !outcome->time_wait[TCP_CLIENT], false));
    else if (strcmp(name, "bytes_client") == 0)
        g_string_append_printf(text, "%" G_GUINT64_FORMAT, (guint64)outcome->bytes[TCP_CLIENT]);
    else if (strcmp(name, "bytes_server") == 0)
        g_string_append_printf(text, "%" G_GUINT64_FORMAT, (guint64)outcome->bytes[TCP_SERVER]);
    else
        return false;
    return true;
}

/* Append an entry, its placeholders filled in. */
static void put_text(GString *text, const struct values *values, unsigned entry)
{
    const char *at = values->table[entry];

    while (*at) {
        const char *open = strchr(at, '{');
        const char *close = open ? strchr(open, '}') : NULL;
        char name[24];

        if (!close || (size_t)(close - open) > sizeof name) {
            g_string_append(text, at);
            return;
        }
        g_string_append_len(text, at, open - at);
        g_strlcpy(name, open + 1, (gsize)(close - open));
        if (!(values->note ? put_segment_value(text, values, name)
                           : put_outcome_value(text, values, name)))
            g_string_append_len(text, open, close - open + 1);
        at = close + 1;
    }
}

/* A sentence after another: a space between them, where the language puts one (its texts decide). */
static void put_sentence(GString *text, const struct values *values, unsigned entry)
{
    if (text->len > 0)
        g_string_append_c(text, ' ');
    put_text(text, values, entry);
}

static unsigned label_of_rst(const struct tcp_annotation *note)
{
    if (!note->accepted)
        return WORDING_LABEL_RST_IGNORED;
    if (note->experts & TCP_EXPERT_REFUSED || note->acks_frame)
        return WORDING_LABEL_REFUSED;
    if (note->notes & TCP_NOTE_RST_STAYS || note->from[TCP_SERVER] == TCP_STATE_SYN_RCVD ||
        note->from[TCP_CLIENT] == TCP_STATE_SYN_RCVD)
        return WORDING_LABEL_HANDSHAKE_ABORTED;
    if (tcp_state_has_sent_fin((enum tcp_state)note->from[TCP_CLIENT]) ||
        tcp_state_has_sent_fin((enum tcp_state)note->from[TCP_SERVER]))
        return WORDING_LABEL_RESET_AFTER_FIN;
    return WORDING_LABEL_RESET;
}

static unsigned label_of_handshake(const struct tcp_annotation *note)
{
    const uint16_t both = TCP_STEP_BOTH_1_OF_4 | TCP_STEP_BOTH_2_OF_4 | TCP_STEP_BOTH_3_OF_4 |
                          TCP_STEP_BOTH_4_OF_4;

    if (note->events & TCP_DOES_SYN)
        return (note->steps & both) ? WORDING_LABEL_BOTH_SYN : WORDING_LABEL_SYN;
    if (note->events & TCP_DOES_SYN_ACK) {
        if (note->notes & TCP_NOTE_BAD_HANDSHAKE_ACK)
            return WORDING_LABEL_SYN_ACK_UNFIT;
        return (note->steps & both) ? WORDING_LABEL_BOTH_SYN_ACK : WORDING_LABEL_SYN_ACK;
    }
    return (note->steps & both) ? WORDING_LABEL_BOTH_ACK : WORDING_LABEL_HANDSHAKE_ACK;
}

static unsigned label_of_teardown_step(const struct tcp_annotation *note)
{
    if ((note->steps & TCP_STEP_CLOSE_2_OF_4) && (note->steps & TCP_STEP_CLOSE_3_OF_4))
        return WORDING_LABEL_ACK_AND_FIN;
    if (note->steps & TCP_STEP_CLOSE_1_OF_4)
        return WORDING_LABEL_FIN_1;
    if (note->steps & TCP_STEP_CLOSE_3_OF_4)
        return (note->experts & TCP_EXPERT_SIMULTANEOUS_CLOSE) ? WORDING_LABEL_FIN_2_CROSSING
                                                               : WORDING_LABEL_FIN_2;
    return (note->steps & TCP_STEP_CLOSE_2_OF_4) ? WORDING_LABEL_ACK_OF_FIN_1
                                                 : WORDING_LABEL_ACK_OF_FIN_2;
}

static unsigned label_of_ack(const struct tcp_annotation *note)
{
    if (note->notes & TCP_NOTE_CHALLENGE_ACK)
        return WORDING_LABEL_CHALLENGE_ACK;
    if (note->events & TCP_DOES_KEEP_ALIVE)
        return (note->notes & TCP_NOTE_WINDOW_PROBE) ? WORDING_LABEL_WINDOW_PROBE
                                                     : WORDING_LABEL_KEEP_ALIVE;
    if (note->events & TCP_DOES_KEEP_ALIVE_ACK)
        return WORDING_LABEL_KEEP_ALIVE_ACK;
    if (note->events & TCP_DOES_ZERO_WINDOW)
        return WORDING_LABEL_ZERO_WINDOW;
    if (note->events & TCP_DOES_WINDOW_UPDATE)
        return WORDING_LABEL_WINDOW_UPDATE;
    if (note->phase != TCP_PHASE_TEARDOWN)
        return WORDING_LABEL_ACK;
    return (note->notes & TCP_NOTE_SHORT_OF_FIN) ? WORDING_LABEL_TEARDOWN_ACK_SHORT
                                                 : WORDING_LABEL_TEARDOWN_ACK;
}

static unsigned label_of_data(const struct tcp_annotation *note)
{
    if (note->notes & TCP_NOTE_HALF_CLOSE)
        return WORDING_LABEL_HALF_CLOSE_DATA;
    return note->phase == TCP_PHASE_TEARDOWN ? WORDING_LABEL_TEARDOWN_DATA : WORDING_LABEL_DATA;
}

static bool is_teardown_step(const struct tcp_annotation *note)
{
    return (note->steps & (TCP_STEP_CLOSE_1_OF_4 | TCP_STEP_CLOSE_2_OF_4 | TCP_STEP_CLOSE_3_OF_4 |
                           TCP_STEP_CLOSE_4_OF_4)) != 0;
}

static unsigned label_of(const struct tcp_annotation *note)
{
    if (note->events & TCP_DOES_RST)
        return label_of_rst(note);
    if (note->events & (TCP_DOES_SYN | TCP_DOES_SYN_ACK))
        return label_of_handshake(note);
    if (note->notes & TCP_NOTE_NO_ACK_FLAG)
        return WORDING_LABEL_STRAY;
    if (is_teardown_step(note))
        return label_of_teardown_step(note);
    if (note->notes & TCP_NOTE_OUTSIDE)
        return (note->events & TCP_DOES_FIN) ? WORDING_LABEL_FIN_UNFIT : WORDING_LABEL_OUTSIDE;
    if (note->events & TCP_DOES_HANDSHAKE_ACK)
        return label_of_handshake(note);
    return (note->events & TCP_DOES_DATA) ? label_of_data(note) : label_of_ack(note);
}

/* The label's own words say that there is data, or how much. */
static bool label_counts_data(unsigned label)
{
    return label == WORDING_LABEL_DATA || label == WORDING_LABEL_HALF_CLOSE_DATA ||
           label == WORDING_LABEL_TEARDOWN_DATA;
}

void wording_label(GString *text, const char *const *table, const struct tcp_annotation *note)
{
    struct values values = { .table = table, .note = note };
    unsigned label = label_of(note);

    if (note->phase == TCP_PHASE_CLOSED)
        put_text(text, &values, WORDING_LABEL_AFTER_CLOSE);
    put_text(text, &values, label);
    if ((note->events & TCP_DOES_DATA) && !label_counts_data(label))
        put_text(text, &values,
                 label == WORDING_LABEL_ACK_OF_FIN_1 || label == WORDING_LABEL_ACK_OF_FIN_2
                     ? WORDING_LABEL_ON_DATA
                     : WORDING_LABEL_WITH_DATA);
    if (note->notes & TCP_NOTE_COPY)
        put_text(text, &values, WORDING_LABEL_COPY);
    else if (note->events & TCP_DOES_RETRANSMISSION)
        put_text(text, &values, WORDING_LABEL_AGAIN);
}

static void explain_rst(GString *text, const struct values *values)
{
    static const struct {
        unsigned label;
        unsigned why;
    } whys[] = {
        { WORDING_LABEL_RST_IGNORED, WORDING_WHY_RST_IGNORED },
        { WORDING_LABEL_REFUSED, WORDING_WHY_REFUSED },
        { WORDING_LABEL_HANDSHAKE_ABORTED, WORDING_WHY_HANDSHAKE_ABORTED },
        { WORDING_LABEL_RESET_AFTER_FIN, WORDING_WHY_RESET_AFTER_FIN },
        { WORDING_LABEL_RESET, WORDING_WHY_RESET },
    };
    unsigned label = label_of_rst(values->note);

    if (values->note->notes & TCP_NOTE_RST_STAYS)
        return; /* the note says it all */
    for (unsigned i = 0; i < G_N_ELEMENTS(whys); i++)
        if (whys[i].label == label)
            put_sentence(text, values, whys[i].why);
}

static void explain_handshake(GString *text, const struct values *values)
{
    const struct tcp_annotation *note = values->note;
    bool again = (note->events & TCP_DOES_RETRANSMISSION) != 0;

    if (note->steps & TCP_STEP_BOTH_2_OF_4)
        put_sentence(text, values, WORDING_WHY_BOTH_SYN);
    else if (note->events & TCP_DOES_SYN)
        put_sentence(text, values, again ? WORDING_WHY_SYN_AGAIN : WORDING_WHY_SYN);
    else if ((note->events & TCP_DOES_SYN_ACK) && again)
        put_sentence(text, values, WORDING_WHY_SYN_ACK_AGAIN);
    else if (note->steps & (TCP_STEP_BOTH_3_OF_4 | TCP_STEP_BOTH_4_OF_4))
        put_sentence(text, values, WORDING_WHY_BOTH_ACK);
    else if ((note->steps & TCP_STEP_OPEN_2_OF_3) && note->acks_frame)
        put_sentence(text, values, WORDING_WHY_SYN_ACK);
    else if (note->steps & TCP_STEP_OPEN_3_OF_3)
        put_sentence(text, values,
                     note->acks_frame ? WORDING_WHY_HANDSHAKE_ACK
                                      : WORDING_WHY_HANDSHAKE_ACK_UNLINKED);
}

static void explain_fin(GString *text, const struct values *values)
{
    const struct tcp_annotation *note = values->note;

    if (!(note->events & TCP_DOES_FIN) || !is_teardown_step(note))
        return;
    if (note->events & TCP_DOES_RETRANSMISSION)
        put_sentence(text, values, WORDING_WHY_FIN_AGAIN);
    else if ((note->steps & TCP_STEP_CLOSE_2_OF_4) && note->acks_frame)
        put_sentence(text, values, WORDING_WHY_ACK_AND_FIN);
    else
        put_sentence(text, values,
                     (note->steps & TCP_STEP_CLOSE_1_OF_4) ? WORDING_WHY_FIN_1 : WORDING_WHY_FIN_2);
}

static void explain_ack_of_fin(GString *text, const struct values *values)
{
    const struct tcp_annotation *note = values->note;
    bool merged = (note->steps & TCP_STEP_CLOSE_2_OF_4) && (note->steps & TCP_STEP_CLOSE_3_OF_4);

    if (!(note->events & TCP_DOES_ACK_OF_FIN))
        return;
    if (!note->acks_frame)
        put_sentence(text, values, WORDING_WHY_ACK_OF_FIN_AGAIN);
    else if (!merged)
        put_sentence(text, values,
                     (note->events & TCP_DOES_DATA) ? WORDING_WHY_ACK_OF_FIN_ON_DATA
                                                    : WORDING_WHY_ACK_OF_FIN);
    if (note->steps & TCP_STEP_CLOSE_4_OF_4 && note->state[waiter_of(note)] == TCP_STATE_TIME_WAIT)
        put_sentence(text, values, WORDING_WHY_TIME_WAIT);
}

static void explain_data(GString *text, const struct values *values)
{
    const struct tcp_annotation *note = values->note;

    if (!(note->events & TCP_DOES_DATA) || (note->notes & TCP_NOTE_OUTSIDE))
        return;
    if (note->events & (TCP_DOES_SYN | TCP_DOES_SYN_ACK)) {
        put_sentence(text, values, WORDING_WHY_SYN_DATA);
        return;
    }
    put_sentence(text, values,
                 (note->events & TCP_DOES_RETRANSMISSION) ? WORDING_WHY_DATA_AGAIN
                                                          : WORDING_WHY_DATA);
}

static void explain_bare_ack(GString *text, const struct values *values)
{
    const struct tcp_annotation *note = values->note;
    bool short_of_fin = (note->notes & TCP_NOTE_SHORT_OF_FIN) != 0;

    if (note->events & TCP_DOES_KEEP_ALIVE)
        put_sentence(text, values,
                     (note->notes & TCP_NOTE_WINDOW_PROBE) ? WORDING_WHY_WINDOW_PROBE
                                                           : WORDING_WHY_KEEP_ALIVE);
    if (note->events & TCP_DOES_KEEP_ALIVE_ACK)
        put_sentence(text, values, WORDING_WHY_KEEP_ALIVE_ACK);
    if (note->events & TCP_DOES_ACK && !(note->notes & TCP_NOTE_CHALLENGE_ACK)) {
        if (note->about && !short_of_fin)
            put_sentence(text, values, WORDING_WHY_ACK_OF_DATA);
        else if (!short_of_fin && !(note->notes & (TCP_NOTE_ACKS_UNSEEN | TCP_NOTE_OUTSIDE |
                                                   TCP_NOTE_NO_ACK_FLAG |
                                                   TCP_NOTE_BAD_HANDSHAKE_ACK)))
            put_sentence(text, values, WORDING_WHY_ACK_AGAIN);
    }
    if (note->events & TCP_DOES_ZERO_WINDOW)
        put_sentence(text, values, WORDING_WHY_ZERO_WINDOW);
    if (note->events & TCP_DOES_WINDOW_UPDATE)
        put_sentence(text, values, WORDING_WHY_WINDOW_UPDATE);
}

void wording_explanation(GString *text, const char *const *table,
                         const struct tcp_annotation *note)
{
    struct values values = { .table = table, .note = note };

    if (note->events & TCP_DOES_RST)
        explain_rst(text, &values);
    else if (!(note->notes & TCP_NOTE_COPY)) {
        explain_handshake(text, &values);
        explain_data(text, &values);
        explain_ack_of_fin(text, &values);
        explain_fin(text, &values);
        explain_bare_ack(text, &values);
    }
    for (unsigned bit = 0; bit < WORDING_NOTE_LOST_DATA - WORDING_NOTE_FIRST + 1; bit++)
        if (note->notes & (1U << bit))
            put_sentence(text, &values, WORDING_NOTE_FIRST + bit);
}

void wording_summary(GString *text, const char *const *table, const struct tcp_outcome *outcome)
{
    struct values values = { .table = table, .outcome = outcome };

    put_text(text, &values, WORDING_SUMMARY);
    if (outcome->half_close)
        put_text(text, &values, WORDING_SUMMARY_HALF_CLOSE);
    if (outcome->time_wait[TCP_CLIENT] && outcome->time_wait[TCP_SERVER])
        put_text(text, &values, WORDING_SUMMARY_TIME_WAIT_BOTH);
    else if (outcome->time_wait[TCP_CLIENT] || outcome->time_wait[TCP_SERVER])
        put_text(text, &values, WORDING_SUMMARY_TIME_WAIT);
}
