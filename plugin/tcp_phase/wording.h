/* wording.h
 * Tokens into sentences. All wording of a language is one table; the code knows only its entries.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_WORDING_H
#define HANDSHARK_WORDING_H

#include <glib.h>

#include "engine/tcp_verdict.h"

/** The entries of a table. A text may hold placeholders in braces. For a segment: {seq} {ack} {len}
 *  relative numbers and the payload's length; {ack_less_one}; {last} its last number, {fin} its FIN's,
 *  {end} the one after it; {frame} the frame that it acknowledges; {about} another frame; {sender}
 *  {receiver} who, {Sender} {Receiver} the same at the beginning of a sentence; {Waiter} who is in
 *  TIME_WAIT; {state} the receiver's state; {step} the step. For a conversation: {opening} {closing}
 *  {verdict} {closer} {waiter} {bytes_client} {bytes_server}. For the ladder and the story, whose texts
 *  wording_fill() puts together: {stream} tcp.stream; {client} {server} addresses and ports; {first} {last} {frame} {fin} {fin2} {syn} {syn_ack}
 *  {ack} numbers of frames; {time} {time2} a length of time with its unit; {count} a number of things, two
 *  or more; {again} one of things; {size} {size2} bytes with their unit; {seq} {end} relative numbers; {who} {Who} {other} {Other}
 *  the client or the server; {What} what was sent again, one of WORDING_STORY_SYN to _DATA. */
enum wording {
    /* who */
    WORDING_CLIENT,
    WORDING_SERVER,
    WORDING_CLIENT_CAPITAL,
    WORDING_SERVER_CAPITAL,
    /* what stands between two sentences */
    WORDING_BETWEEN_SENTENCES,
    /* labels */
    WORDING_LABEL_SYN,
    WORDING_LABEL_SYN_ACK,
    WORDING_LABEL_SYN_ACK_UNFIT,
    WORDING_LABEL_HANDSHAKE_ACK,
    WORDING_LABEL_HANDSHAKE_ACK_UNFIT,
    WORDING_LABEL_BOTH_SYN,
    WORDING_LABEL_BOTH_SYN_ACK,
    WORDING_LABEL_BOTH_ACK,
    WORDING_LABEL_DATA,
    WORDING_LABEL_ACK,
    WORDING_LABEL_KEEP_ALIVE,
    WORDING_LABEL_KEEP_ALIVE_ACK,
    WORDING_LABEL_WINDOW_PROBE,
    WORDING_LABEL_ZERO_WINDOW,
    WORDING_LABEL_WINDOW_UPDATE,
    WORDING_LABEL_CHALLENGE_ACK,
    WORDING_LABEL_FIN_1,
    WORDING_LABEL_ACK_OF_FIN_1,
    WORDING_LABEL_FIN_2,
    WORDING_LABEL_FIN_2_CROSSING,
    WORDING_LABEL_ACK_AND_FIN,
    WORDING_LABEL_ACK_OF_FIN_2,
    WORDING_LABEL_FIN_UNFIT,
    WORDING_LABEL_HALF_CLOSE_DATA,
    WORDING_LABEL_TEARDOWN_DATA,
    WORDING_LABEL_TEARDOWN_ACK,
    WORDING_LABEL_TEARDOWN_ACK_SHORT,
    WORDING_LABEL_REFUSED,
    WORDING_LABEL_HANDSHAKE_ABORTED,
    WORDING_LABEL_RESET,
    WORDING_LABEL_RESET_AFTER_FIN,
    WORDING_LABEL_RST_IGNORED,
    WORDING_LABEL_STRAY,
    WORDING_LABEL_OUTSIDE,
    WORDING_LABEL_AFTER_CLOSE,
    WORDING_LABEL_WITH_DATA,
    WORDING_LABEL_AGAIN,
    WORDING_LABEL_COPY,
    /* explanations: what the segment does */
    WORDING_WHY_SYN,
    WORDING_WHY_SYN_AGAIN,
    WORDING_WHY_SYN_DATA,
    WORDING_WHY_SYN_ACK,
    WORDING_WHY_SYN_ACK_AGAIN,
    WORDING_WHY_HANDSHAKE_ACK,
    WORDING_WHY_HANDSHAKE_ACK_UNLINKED,
    WORDING_WHY_BOTH_SYN,
    WORDING_WHY_BOTH_ACK,
    WORDING_WHY_DATA,
    WORDING_WHY_DATA_AGAIN,
    WORDING_WHY_ACK_OF_DATA,
    WORDING_WHY_ACK_AGAIN,
    WORDING_WHY_KEEP_ALIVE,
    WORDING_WHY_KEEP_ALIVE_ACK,
    WORDING_WHY_WINDOW_PROBE,
    WORDING_WHY_ZERO_WINDOW,
    WORDING_WHY_WINDOW_UPDATE,
    WORDING_WHY_FIN_1,
    WORDING_WHY_FIN_2,
    WORDING_WHY_ACK_AND_FIN,
    WORDING_WHY_ACK_AND_FIN_ON_DATA,
    WORDING_WHY_FIN_AGAIN,
    WORDING_WHY_FIN_UNFIT,
    WORDING_WHY_ACK_OF_FIN,
    WORDING_WHY_ACK_OF_FIN_AGAIN,
    WORDING_WHY_ACK_OF_FIN_ON_DATA,
    WORDING_WHY_TIME_WAIT,
    WORDING_WHY_REFUSED,
    WORDING_WHY_HANDSHAKE_ABORTED,
    WORDING_WHY_RESET,
    WORDING_WHY_RESET_AFTER_FIN,
    WORDING_WHY_RST_IGNORED,
    WORDING_WHY_NOTHING,
    /* explanations: what one would wonder at; in the order of the TCP_NOTE_ bits */
    WORDING_NOTE_FIRST,
    WORDING_NOTE_COPY = WORDING_NOTE_FIRST,
    WORDING_NOTE_SHORT_OF_FIN,
    WORDING_NOTE_CROSSED_FIN,
    WORDING_NOTE_CROSSED_SYN_ACK,
    WORDING_NOTE_CROSSED_ACK,
    WORDING_NOTE_CROSSED_SYN,
    WORDING_NOTE_RST_OUTSIDE,
    WORDING_NOTE_RST_INEXACT,
    WORDING_NOTE_RST_TIME_WAIT,
    WORDING_NOTE_RST_BAD_ACK,
    WORDING_NOTE_RST_CLOSED,
    WORDING_NOTE_RST_STAYS,
    WORDING_NOTE_CHALLENGE_ACK,
    WORDING_NOTE_FIN_WAITS,
    WORDING_NOTE_GAP_BEFORE,
    WORDING_NOTE_ACKS_UNSEEN,
    WORDING_NOTE_SYN_UNSEEN,
    WORDING_NOTE_SYN_ACK_UNSEEN,
    WORDING_NOTE_ACK_UNSEEN,
    WORDING_NOTE_WINDOW_PROBE,
    WORDING_NOTE_MIDSTREAM,
    WORDING_NOTE_SYN_DATA_TAKEN,
    WORDING_NOTE_SYN_DATA_REFUSED,
    WORDING_NOTE_PORT_REUSED,
    WORDING_NOTE_OLD_OPEN,
    WORDING_NOTE_HALF_CLOSE,
    WORDING_NOTE_BAD_HANDSHAKE_ACK,
    WORDING_NOTE_NO_ACK_FLAG,
    WORDING_NOTE_OUTSIDE,
    WORDING_NOTE_FILLS_GAP,
    WORDING_NOTE_LOST_DATA,
    WORDING_NOTE_ACK_WITHOUT_SYN,
    /* summaries, in the order of the enums in tcp_verdict.h */
    WORDING_OPENING_FIRST,
    WORDING_CLOSING_FIRST = WORDING_OPENING_FIRST + TCP_OPENING_COUNT,
    WORDING_VERDICT_FIRST = WORDING_CLOSING_FIRST + TCP_CLOSING_COUNT,
    WORDING_SUMMARY = WORDING_VERDICT_FIRST + TCP_VERDICT_COUNT,
    WORDING_SUMMARY_HALF_CLOSE,
    WORDING_SUMMARY_TIME_WAIT,
    WORDING_SUMMARY_TIME_WAIT_BOTH,
    /* the heading of what a quiz hides */
    WORDING_ANSWER,
    /* the ladder (ladder.h): phases, in the order of enum ladder_phase, and what is written in it */
    WORDING_LADDER_PHASE_FIRST,
    WORDING_LADDER_ABOUT = WORDING_LADDER_PHASE_FIRST + 5,
    WORDING_LADDER_FRAME,
    WORDING_LADDER_TIME,
    WORDING_LADDER_FOLD,
    WORDING_LADDER_FOLD_AGAIN,
    WORDING_LADDER_PAUSE,
    WORDING_LADDER_SYN_UNSEEN,
    WORDING_LADDER_SYN_ACK_UNSEEN,
    WORDING_LADDER_ACK_UNSEEN,
    WORDING_LADDER_DATA_UNSEEN,
    WORDING_LADDER_DATA_LATE,
    WORDING_LADDER_ICMP,
    WORDING_LADDER_KEY_AGAIN,
    WORDING_LADDER_KEY_UNSEEN,
    WORDING_LADDER_KEY_LOST,
    WORDING_LADDER_RELATIVE,
    /* the story (ladder_story.c): what went wrong */
    WORDING_STORY_ABOUT,
    WORDING_STORY_BYTE,
    WORDING_STORY_BYTES,
    WORDING_STORY_FINE,
    WORDING_STORY_REFUSED,
    WORDING_STORY_UNANSWERED,
    WORDING_STORY_NO_ANSWER,
    WORDING_STORY_REJECTED,
    WORDING_STORY_UNFINISHED,
    WORDING_STORY_HANDSHAKE_ABORTED,
    WORDING_STORY_ABORTED,
    WORDING_STORY_LATE_RESET,
    WORDING_STORY_PEER_GONE,
    WORDING_STORY_SYN,
    WORDING_STORY_SYN_ACK,
    WORDING_STORY_FIN,
    WORDING_STORY_DATA,
    WORDING_STORY_AGAIN_ONCE,
    WORDING_STORY_AGAIN_TIMES,
    WORDING_STORY_UNSEEN,
    WORDING_STORY_OUT_OF_ORDER,
    WORDING_STORY_RST_IGNORED,
    WORDING_STORY_ACK_MISMATCH,
    WORDING_STORY_ZERO_WINDOW,
    /* ... how it opened */
    WORDING_STORY_OPEN_THREE_WAY,
    WORDING_STORY_OPEN_PARTLY,
    WORDING_STORY_OPEN_SIMULTANEOUS,
    WORDING_STORY_OPEN_FAST,
    WORDING_STORY_OPEN_ASKED,
    WORDING_STORY_OPEN_ANSWERED,
    /* ... what was exchanged */
    WORDING_STORY_NO_DATA,
    WORDING_STORY_DATA_OF_ONE,
    WORDING_STORY_DATA_OF_BOTH,
    WORDING_STORY_TURNS,
    WORDING_STORY_KEEP_ALIVE,
    WORDING_STORY_KEEP_ALIVES,
    WORDING_STORY_SILENCE,
    /* ... how it ended */
    WORDING_STORY_END_FOUR,
    WORDING_STORY_END_THREE,
    WORDING_STORY_END_SIMULTANEOUS,
    WORDING_STORY_END_HALF_CLOSE,
    WORDING_STORY_END_HALF_CLOSED,
    WORDING_STORY_END_FIRST_FIN,
    WORDING_STORY_END_LAST_ACK,
    WORDING_STORY_END_NO_LAST_ACK,
    WORDING_STORY_END_RESET,
    WORDING_STORY_END_NEVER,
    WORDING_STORY_END_OPEN,
    WORDING_STORY_TIME_WAIT,
    WORDING_STORY_TIME_WAIT_BOTH,
    WORDING_STORY_TOOK,
    WORDING_COUNT
};

/** Octets of a text at most; longer than any explanation of any language. */
#define TEXT_MAX 2047

/** Short texts are put together in strides of so many octets, which takes less than their length does. */
#define TEXT_STRIDE 64

/** A text being put together. */
struct text {
    size_t length;
    char at[TEXT_MAX + 1 + TEXT_STRIDE]; /**< ends with a NUL */
};

/** Empty a text. */
void text_clear(struct text *text);

/** Append octets; what does not fit is left out, and never a part of a character of UTF-8. */
void text_put(struct text *text, const char *octets, size_t length);

/** Append a word; what does not fit is left out. */
void text_add(struct text *text, const char *word);

/** A language: the text of each entry. */
typedef const char *const wording_table[WORDING_COUNT];

/** Languages that there can be. */
#define WORDING_LANGUAGES_MAX 8

extern wording_table wording_en;
extern wording_table wording_zh_CN;
extern wording_table wording_zh_TW;

/** A language that is being translated: the entries that it does not have yet are in English.
 *  @param table      the language
 *  @param completed  room for WORDING_COUNT entries, which are not copied: to be kept as long as the result
 *  @return what the functions below are called with: @p table itself, if it has all, otherwise @p completed */
const char *const *wording_complete(const char *const *table, const char **completed);

/** What a placeholder of the ladder's and the story's entries stands for. */
struct wording_value {
    const char *name; /**< without braces */
    const char *text;
};

/** An entry of the ladder or the story.
 *  @param text    the entry is appended to it  @param table  the language
 *  @param entry   WORDING_LADDER_... or WORDING_STORY_...
 *  @param values  what its placeholders stand for; ends with a NULL name; NULL: it has none */
void wording_fill(struct text *text, const char *const *table, unsigned entry,
                  const struct wording_value *values);

/** The label of a segment: what a person reads.
 *  @param text  the label is appended to it  @param table  the language
 *  @param note  what is said of the segment */
void wording_label(struct text *text, const char *const *table, const struct tcp_annotation *note);

/** The explanation of a segment: why, in its own numbers and frames. Arguments as wording_label(). */
void wording_explanation(struct text *text, const char *const *table,
                         const struct tcp_annotation *note);

/** One sentence on a conversation.
 *  @param text     the sentence is appended to it  @param table  the language
 *  @param outcome  what the conversation amounts to */
void wording_summary(struct text *text, const char *const *table,
                     const struct tcp_outcome *outcome);

#endif
