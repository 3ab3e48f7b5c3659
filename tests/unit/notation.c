/* notation.c
 * How the tests write flags, and what is said of a segment, in words.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "notation.h"

#include "check.h"

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
    NOTE(OUTSIDE),       NOTE(FILLS_GAP),      NOTE(LOST_DATA),
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

const char *word_for_phase(unsigned phase)
{
    static const char *const words[] = { "handshake", "data", "teardown", "closed" };

    return word_at(words, COUNT_OF(words), phase);
}

const char *word_for_role(int role)
{
    return role == TCP_CLIENT ? "client" : role == TCP_SERVER ? "server" : "nobody";
}
