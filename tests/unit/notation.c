/* notation.c
 * How the tests write flags, and what is said of a segment, in words.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "notation.h"

#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct word {
    uint32_t bit;
    const char *word;
};

static const struct word event_words[] = {
    { TCP_DOES_SYN, "syn" },
    { TCP_DOES_SYN_ACK, "syn-ack" },
    { TCP_DOES_HANDSHAKE_ACK, "handshake-ack" },
    { TCP_DOES_DATA, "data" },
    { TCP_DOES_ACK_OF_FIN, "ack-of-fin" },
    { TCP_DOES_FIN, "fin" },
    { TCP_DOES_RST, "rst" },
    { TCP_DOES_KEEP_ALIVE, "keep-alive" },
    { TCP_DOES_KEEP_ALIVE_ACK, "keep-alive-ack" },
    { TCP_DOES_ZERO_WINDOW, "zero-window" },
    { TCP_DOES_WINDOW_UPDATE, "window-update" },
    { TCP_DOES_ACK, "ack" },
    { TCP_DOES_RETRANSMISSION, "retransmission" },
};

static const struct word step_words[] = {
    { TCP_STEP_OPEN_1_OF_3, "1/3" },      { TCP_STEP_OPEN_2_OF_3, "2/3" },
    { TCP_STEP_OPEN_3_OF_3, "3/3" },      { TCP_STEP_BOTH_1_OF_4, "open 1/4" },
    { TCP_STEP_BOTH_2_OF_4, "open 2/4" }, { TCP_STEP_BOTH_3_OF_4, "open 3/4" },
    { TCP_STEP_BOTH_4_OF_4, "open 4/4" }, { TCP_STEP_CLOSE_1_OF_4, "1/4" },
    { TCP_STEP_CLOSE_2_OF_4, "2/4" },     { TCP_STEP_CLOSE_3_OF_4, "3/4" },
    { TCP_STEP_CLOSE_4_OF_4, "4/4" },
};

static const struct word expert_words[] = {
    { TCP_EXPERT_SYN_RETRANSMITTED, "syn_retransmitted" },
    { TCP_EXPERT_SYN_ACK_RETRANSMITTED, "syn_ack_retransmitted" },
    { TCP_EXPERT_FIN_RETRANSMITTED, "fin_retransmitted" },
    { TCP_EXPERT_REFUSED, "refused" },
    { TCP_EXPERT_RESET, "reset" },
    { TCP_EXPERT_RESET_IGNORED, "reset_ignored" },
    { TCP_EXPERT_RESET_LOST_DATA, "reset_lost_data" },
    { TCP_EXPERT_ACK_MISMATCH, "ack_mismatch" },
    { TCP_EXPERT_NOT_CAPTURED, "not_captured" },
    { TCP_EXPERT_DATA_AFTER_FIN, "data_after_fin" },
    { TCP_EXPERT_HALF_CLOSE, "half_close" },
    { TCP_EXPERT_SIMULTANEOUS_OPEN, "simultaneous_open" },
    { TCP_EXPERT_SIMULTANEOUS_CLOSE, "simultaneous_close" },
    { TCP_EXPERT_FAST_OPEN, "fast_open" },
    { TCP_EXPERT_PORT_REUSED, "port_reused" },
};

#define NOTE(name)             \
    {                          \
        TCP_NOTE_##name, #name \
    }
static const struct word note_words[] = {
    NOTE(COPY),          NOTE(SHORT_OF_FIN),   NOTE(CROSSED_FIN),       NOTE(CROSSED_SYN_ACK),
    NOTE(CROSSED_ACK),   NOTE(CROSSED_SYN),    NOTE(RST_OUTSIDE),       NOTE(RST_INEXACT),
    NOTE(RST_TIME_WAIT), NOTE(RST_BAD_ACK),    NOTE(RST_CLOSED),        NOTE(RST_STAYS),
    NOTE(CHALLENGE_ACK), NOTE(FIN_WAITS),      NOTE(GAP_BEFORE),        NOTE(ACKS_UNSEEN),
    NOTE(SYN_UNSEEN),    NOTE(SYN_ACK_UNSEEN), NOTE(ACK_UNSEEN),        NOTE(WINDOW_PROBE),
    NOTE(MIDSTREAM),     NOTE(SYN_DATA_TAKEN), NOTE(SYN_DATA_REFUSED),  NOTE(PORT_REUSED),
    NOTE(OLD_OPEN),      NOTE(HALF_CLOSE),     NOTE(BAD_HANDSHAKE_ACK), NOTE(NO_ACK_FLAG),
    NOTE(OUTSIDE),       NOTE(FILLS_GAP),      NOTE(LOST_DATA),         NOTE(ACK_WITHOUT_SYN),
};

static const struct {
    char letter;
    uint16_t flag;
} flag_letters[] = {
    { 'F', TCP_FIN }, { 'S', TCP_SYN }, { 'R', TCP_RST }, { 'P', TCP_PSH }, { '.', TCP_ACK },
    { 'U', TCP_URG }, { 'E', TCP_ECE }, { 'W', TCP_CWR }, { 'e', TCP_AE },
};

uint16_t flags_of(const char *letters)
{
    uint16_t flags = 0;

    for (; *letters; letters++)
        for (size_t i = 0; i < COUNT_OF(flag_letters); i++)
            if (flag_letters[i].letter == *letters)
                flags |= flag_letters[i].flag;
    return flags;
}

static void append(char *text, const char *word)
{
    size_t used = strlen(text);

    if (used + 1 + strlen(word) >= NOTATION_MAX)
        return;
    if (used > 0)
        text[used++] = ' ';
    memcpy(text + used, word, strlen(word) + 1);
}

static const char *write_words(char *text, uint32_t bits, const struct word *words, size_t count)
{
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        if (bits & words[i].bit) {
            append(text, words[i].word);
            bits &= ~words[i].bit;
        }
    if (bits)
        append(text, "?");
    return text;
}

const char *write_events(char *text, uint16_t events)
{
    return write_words(text, events, event_words, COUNT_OF(event_words));
}

const char *write_steps(char *text, uint16_t steps)
{
    return write_words(text, steps, step_words, COUNT_OF(step_words));
}

const char *write_experts(char *text, uint16_t experts)
{
    return write_words(text, experts, expert_words, COUNT_OF(expert_words));
}

const char *write_notes(char *text, uint32_t notes)
{
    return write_words(text, notes, note_words, COUNT_OF(note_words));
}

/* Say the first thing that differs; what comes after it is not said. */
__attribute__((format(printf, 3, 4))) static void say(char *text, bool differs, const char *format,
                                                      ...)
{
    va_list arguments;

    if (!differs || text[0])
        return;
    va_start(arguments, format);
    vsnprintf(text, NOTATION_MAX, format, arguments);
    va_end(arguments);
}

static void say_number(char *text, const char *what, long long expected, long long got)
{
    say(text, expected != got, "%s: expected %lld, got %lld", what, expected, got);
}

static void say_bits(char *text, const char *what, uint32_t expected, uint32_t got,
                     const struct word *words, size_t count)
{
    char left[NOTATION_MAX], right[NOTATION_MAX];

    if (expected != got)
        say(text, true, "%s: expected \"%.80s\", got \"%.80s\"", what,
            write_words(left, expected, words, count), write_words(right, got, words, count));
}

static void say_state(char *text, const char *what, int role, unsigned expected, unsigned got)
{
    say(text, expected != got, "%s's %s: expected %s, got %s", word_for_role(role), what,
        tcp_state_name((enum tcp_state)expected), tcp_state_name((enum tcp_state)got));
}

static void say_ends(char *text, const struct tcp_annotation *expected,
                     const struct tcp_annotation *got, unsigned aspects)
{
    for (int role = 0; role < 2; role++) {
        if (aspects & IN_STATES)
            say_state(text, "state", role, expected->state[role], got->state[role]);
        if (aspects & IN_ORIGINS)
            say_state(text, "state before", role, expected->from[role], got->from[role]);
        if (aspects & IN_DWELL)
            say_number(text, role == TCP_CLIENT ? "client's dwell" : "server's dwell",
                       expected->dwell[role], got->dwell[role]);
    }
}

const char *write_difference(char *text, const struct tcp_annotation *expected,
                             const struct tcp_annotation *got, unsigned aspects)
{
    text[0] = '\0';
    say_ends(text, expected, got, aspects);
    if (aspects & IN_STEPS)
        say_bits(text, "steps", expected->steps, got->steps, step_words, COUNT_OF(step_words));
    if (aspects & IN_EVENTS)
        say_bits(text, "events", expected->events, got->events, event_words, COUNT_OF(event_words));
    if (aspects & IN_EXPERTS)
        say_bits(text, "experts", expected->experts, got->experts, expert_words,
                 COUNT_OF(expert_words));
    if (aspects & IN_NOTES)
        say_bits(text, "notes", expected->notes, got->notes, note_words, COUNT_OF(note_words));
    if (aspects & IN_PHASE)
        say(text, expected->phase != got->phase, "phase: expected %s, got %s",
            word_for_phase(expected->phase), word_for_phase(got->phase));
    if (aspects & IN_SENDER)
        say_number(text, "sender", expected->sender, got->sender);
    if (aspects & IN_EVIDENCE)
        say_number(text, "inferred", expected->inferred, got->inferred);
    if (aspects & IN_ACCEPTED)
        say_number(text, "accepted", expected->accepted, got->accepted);
    if (aspects & IN_NUMBERS) {
        say_number(text, "seq", expected->seq, got->seq);
        say_number(text, "ack", expected->ack, got->ack);
        say_number(text, "len", expected->len, got->len);
    }
    if (aspects & IN_FRAMES) {
        say_number(text, "acks_frame", expected->acks_frame, got->acks_frame);
        say_number(text, "about", expected->about, got->about);
    }
    if (aspects & IN_EXCHANGE)
        say_number(text, "exchange", expected->exchange, got->exchange);
    return text;
}

static void say_word(char *text, const char *what, const char *expected, const char *got)
{
    say(text, strcmp(expected, got) != 0, "%s: expected %s, got %s", what, expected, got);
}

static void say_words_of_outcome(char *text, const struct tcp_outcome *expected,
                                 const struct tcp_outcome *got)
{
    say_word(text, "opening", word_for_opening(expected->opening), word_for_opening(got->opening));
    say_word(text, "closing", word_for_closing(expected->closing), word_for_closing(got->closing));
    say_word(text, "closed_by", word_for_role(expected->closed_by), word_for_role(got->closed_by));
    say_number(text, "client in TIME_WAIT", expected->time_wait[TCP_CLIENT],
               got->time_wait[TCP_CLIENT]);
    say_number(text, "server in TIME_WAIT", expected->time_wait[TCP_SERVER],
               got->time_wait[TCP_SERVER]);
    say_number(text, "half_close", expected->half_close, got->half_close);
}

static void say_end_of_outcome(char *text, const struct tcp_outcome *expected,
                               const struct tcp_outcome *got, unsigned aspects, int role)
{
    if (aspects & IN_ISNS) {
        say_number(text, "has_isn", expected->has_isn[role], got->has_isn[role]);
        if (expected->has_isn[role])
            say_number(text, "isn", expected->isn[role], got->isn[role]);
    }
    if (aspects & IN_BYTES)
        say_number(text, "bytes", (long long)expected->bytes[role], (long long)got->bytes[role]);
    if (aspects & IN_LAST_STATES)
        say_state(text, "last state", role, expected->state[role], got->state[role]);
}

const char *write_outcome_difference(char *text, const struct tcp_outcome *expected,
                                     const struct tcp_outcome *got, unsigned aspects)
{
    text[0] = '\0';
    if (aspects & IN_WORDS)
        say_words_of_outcome(text, expected, got);
    if (aspects & IN_VERDICT)
        say_word(text, "verdict", word_for_verdict(expected->verdict),
                 word_for_verdict(got->verdict));
    if (aspects & IN_ZEEK) {
        say_word(text, "conn_state", word_for_conn_state(expected->conn_state),
                 word_for_conn_state(got->conn_state));
        say_word(text, "history", expected->history, got->history);
    }
    if (aspects & IN_DECIDED) {
        say_number(text, "decided_in", expected->decided_in, got->decided_in);
        say_word(text, "decided_by", word_for_role(expected->decided_by),
                 word_for_role(got->decided_by));
    }
    if (aspects & IN_TIMES) {
        say_number(text, "rtt", expected->rtt, got->rtt);
        say_number(text, "server_rtt", expected->server_rtt, got->server_rtt);
        say_number(text, "client_rtt", expected->client_rtt, got->client_rtt);
        say_number(text, "teardown", expected->teardown, got->teardown);
    }
    if (aspects & IN_DURATION)
        say_number(text, "duration", expected->duration, got->duration);
    for (int role = 0; role < 2; role++)
        say_end_of_outcome(text, expected, got, aspects, role);
    return text;
}

static const char *word_at(const char *const *words, size_t count, unsigned index)
{
    return index < count ? words[index] : "?";
}

const char *word_for_opening(enum tcp_opening opening)
{
    static const char *const words[] = { "three-way",  "simultaneous", "fast-open", "refused",
                                         "unanswered", "incomplete",   "rejected",  "mid-stream" };

    return word_at(words, COUNT_OF(words), opening);
}

const char *word_for_closing(enum tcp_closing closing)
{
    static const char *const words[] = { "none",           "half-closed",  "four-segment",
                                         "three-segment",  "simultaneous", "reset",
                                         "reset-after-fin" };

    return word_at(words, COUNT_OF(words), closing);
}

const char *word_for_verdict(enum tcp_verdict verdict)
{
    static const char *const words[] = { "orderly",
                                         "open",
                                         "half-closed",
                                         "unanswered",
                                         "refused",
                                         "rejected",
                                         "handshake-unfinished",
                                         "handshake-aborted",
                                         "aborted",
                                         "late-reset",
                                         "peer-gone" };

    return word_at(words, COUNT_OF(words), verdict);
}

const char *word_for_conn_state(enum tcp_conn_state state)
{
    static const char *const words[] = { "S0",   "S1",     "SF",    "REJ", "S2",  "S3", "RSTO",
                                         "RSTR", "RSTOS0", "RSTRH", "SH",  "SHR", "OTH" };

    return word_at(words, COUNT_OF(words), state);
}

const char *word_for_phase(unsigned phase)
{
    static const char *const words[] = { "handshake", "data", "teardown", "closed" };

    return word_at(words, COUNT_OF(words), phase);
}

const char *word_for_role(int role)
{
    return role == TCP_CLIENT ? "client" : role == TCP_SERVER ? "server" : "nobody";
}
