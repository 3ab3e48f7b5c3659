/* facts.h
 * All that is said of a conversation in a table or a file: the fields, once, in their order.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_FACTS_H
#define HANDSHARK_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/tcp_verdict.h"
#include "rows.h"
#include "wording.h"

/** What a fact is, and so where its value lies. */
enum fact_kind {
    FACT_TOKEN,  /**< a word of a fixed vocabulary: const char *, NULL where there is none */
    FACT_TEXT,   /**< any text, of UTF-8: likewise */
    FACT_NUMBER, /**< uint64_t, of 32 bits */
    FACT_AMOUNT, /**< uint64_t */
    FACT_MAYBE,  /**< uint64_t, of 32 bits, or FACT_NO_NUMBER where it is not known */
    FACT_TRUTH,  /**< bool */
    FACT_MOMENT, /**< int64_t: nanoseconds since 1970, UTC */
    FACT_TIME,   /**< int64_t: nanoseconds, TCP_NO_TIME where they are not known */
};

#define FACT_NO_NUMBER UINT64_MAX

/** The text of an address: a name can stand in its place. */
#define FACT_ADDRESS_MAX 1024

/** The facts of one conversation. All that they point to is theirs, or static. */
struct conversation_facts {
    uint64_t stream, first_frame, last_frame, segments;
    int64_t start; /* since 1970, UTC */
    const char *address[2];
    uint64_t port[2];
    const char *state[2]; /* after the last segment */
    const char *opening, *closing, *closed_by, *time_wait;
    bool half_close;
    const char *verdict, *verdict_by;
    uint64_t verdict_frame;
    const char *conn_state, *history, *summary;
    int64_t rtt, server_rtt, client_rtt, teardown, duration;
    uint64_t isn[2], bytes[2];
    struct tcp_outcome outcome;
    struct text summary_text;
    char address_text[2][FACT_ADDRESS_MAX];
};

/** A field. */
struct fact {
    const char *name;    /**< as in the plugin's fields, without "tcp_phase." */
    const char *title;   /**< for people */
    enum fact_kind kind; /**< what it is */
    unsigned width;      /**< characters that a column of it mostly needs */
    size_t offset;       /**< where it lies in struct conversation_facts */
};

/** All fields; ends with a NULL name. */
extern const struct fact fact_list[];

/** How many there are. */
#define FACT_COUNT 31

/** Longest text that fact_print() gives to what is neither a FACT_TEXT nor a FACT_TOKEN, with its NUL. */
#define FACT_PRINTED_MAX 32

/** What is known of a conversation.
 *  @param row    its row
 *  @param facts  filled in
 *  @return false: its capture file is closed */
bool facts_of(const struct conversation_row *row, struct conversation_facts *facts);

/** @return the value of a field that is a FACT_TOKEN or FACT_TEXT; NULL: none. */
const char *fact_text(const struct fact *fact, const struct conversation_facts *facts);

/** @return the value of a field that is a FACT_NUMBER, FACT_AMOUNT or FACT_MAYBE. */
uint64_t fact_number(const struct fact *fact, const struct conversation_facts *facts);

/** @return the value of a field that is a FACT_TRUTH. */
bool fact_truth(const struct fact *fact, const struct conversation_facts *facts);

/** @return the value of a field that is a FACT_MOMENT or FACT_TIME. */
int64_t fact_time(const struct fact *fact, const struct conversation_facts *facts);

/** The value of a field for people: times in seconds, truths as "yes" and "no", "" where there is none.
 *  @param fact    the field  @param facts  the conversation
 *  @param buffer  FACT_PRINTED_MAX octets, which the result may lie in
 *  @return the text */
const char *fact_print(const struct fact *fact, const struct conversation_facts *facts,
                       char *buffer);

/** Nanoseconds as seconds with nine decimals.
 *  @param time    not TCP_NO_TIME
 *  @param buffer  FACT_PRINTED_MAX octets, filled in
 *  @return @p buffer */
const char *seconds_print(int64_t time, char *buffer);

#endif
