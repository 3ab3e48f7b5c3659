/* scenarios_late.c
 * What comes late, to ends that are closing: copies of SYNs, which "fourth, check
 * the SYN bit" answers with a challenge ACK in every synchronized state (RFC 9293 3.10.7.4), and
 * RSTs.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "scenario.h"

/* clang-format off */

/* Both ends have spoken, so no copy says that anything had not arrived. The client next sends 6,
 * the server 8. */
#define OPEN_WITH_DATA \
    THREE_WAY, \
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1), \
    SRV("P.", 1, 6, 7, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 2), \
    CLI(".",  6, 8, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 2)
#define COPIES_OF_SYNS(client_, server_) \
    CLI("S",  0, 0, 0, client_, server_, T, "syn retransmission", "1/3", .experts = "syn_retransmitted", .notes = ANY_NOTES), \
    SRV("S.", 0, 1, 0, client_, server_, T, "syn-ack retransmission", "2/3", .experts = "syn_ack_retransmitted", .notes = ANY_NOTES)

static const struct row late_syns_when_the_client_closes[] = {
    OPEN_WITH_DATA,
    CLI("F.", 6, 8, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    COPIES_OF_SYNS(FIN_WAIT_1, CLOSE_WAIT),
    SRV(".",  8, 7, 0, FIN_WAIT_2, CLOSE_WAIT, T, "ack-of-fin", "2/4", .acks = 7),
    COPIES_OF_SYNS(FIN_WAIT_2, CLOSE_WAIT),
    SRV("F.", 8, 7, 0, TIME_WAIT,  LAST_ACK,   T, "fin", "3/4"),
    COPIES_OF_SYNS(TIME_WAIT, LAST_ACK),
    CLI(".",  7, 9, 0, TIME_WAIT,  CLOSED,     T, "ack-of-fin", "4/4", .acks = 13),
};
static const struct ending late_syns_when_the_client_closes_end = {
    OPENED, .closing = "four-segment", .verdict = "orderly", .closed_by = "client",
    .time_wait = "client", .teardown = 90, .bytes = { 5, 7 },
};

static const struct row late_syns_when_the_server_closes[] = {
    OPEN_WITH_DATA,
    SRV("F.", 8, 6, 0, CLOSE_WAIT, FIN_WAIT_1, T, "fin", "1/4"),
    COPIES_OF_SYNS(CLOSE_WAIT, FIN_WAIT_1),
    CLI(".",  6, 9, 0, CLOSE_WAIT, FIN_WAIT_2, T, "ack-of-fin", "2/4", .acks = 7),
    COPIES_OF_SYNS(CLOSE_WAIT, FIN_WAIT_2),
    CLI("F.", 6, 9, 0, LAST_ACK,   TIME_WAIT,  T, "fin", "3/4"),
    COPIES_OF_SYNS(LAST_ACK, TIME_WAIT),
    SRV(".",  9, 7, 0, CLOSED,     TIME_WAIT,  T, "ack-of-fin", "4/4", .acks = 13),
};
static const struct ending late_syns_when_the_server_closes_end = {
    OPENED, .closing = "four-segment", .verdict = "orderly", .closed_by = "server",
    .time_wait = "server", .teardown = 90, .bytes = { 5, 7 },
};

#define BOTH_CLOSE_AT_ONCE \
    OPEN_WITH_DATA, \
    CLI("F.", 6, 8, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"), \
    SRV("F.", 8, 6, 0, CLOSING, FIN_WAIT_1, T, "fin", "3/4", .server_was = WAS(ESTABLISHED), \
        .experts = "simultaneous_close", .notes = TCP_NOTE_SHORT_OF_FIN | TCP_NOTE_CROSSED_FIN)

static const struct row late_syns_when_both_close[] = {
    BOTH_CLOSE_AT_ONCE,
    COPIES_OF_SYNS(CLOSING, FIN_WAIT_1),
    CLI(".",  7, 9, 0, CLOSING,    TIME_WAIT, T, "ack-of-fin", "4/4", .acks = 8),
    SRV(".",  9, 7, 0, TIME_WAIT,  TIME_WAIT, T, "ack-of-fin", "2/4", .acks = 7),
};
static const struct ending late_syns_when_both_close_end = {
    OPENED, .closing = "simultaneous", .verdict = "orderly", .closed_by = "client",
    .time_wait = "both", .teardown = 50, .bytes = { 5, 7 },
};

/* A FIN that waits for data leaves the other end in FIN_WAIT_2. */
static const struct row late_syns_before_the_last_data[] = {
    OPEN_WITH_DATA,
    CLI("F.", 6,  8, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV(".",  8,  7, 0, FIN_WAIT_2, CLOSE_WAIT, T, "ack-of-fin", "2/4", .acks = 7),
    SRV("F.", 13, 7, 0, FIN_WAIT_2, LAST_ACK,   T, "fin", "3/4", .notes = TCP_NOTE_GAP_BEFORE | TCP_NOTE_FIN_WAITS),
    COPIES_OF_SYNS(FIN_WAIT_2, LAST_ACK),
    SRV("P.", 8,  7, 5, TIME_WAIT,  LAST_ACK,   T, "data", .exchange = 2, .notes = ANY_NOTES,
        .experts = "data_after_fin half_close"),
    CLI(".",  7, 14, 0, TIME_WAIT,  CLOSED,     T, "ack-of-fin", "4/4", .acks = 9, .exchange = 2),
};
static const struct ending late_syns_before_the_last_data_end = {
    OPENED, .closing = "four-segment", .verdict = "orderly", .closed_by = "client",
    .time_wait = "client", .half_close = true, .teardown = 60, .bytes = { 5, 12 },
};

static const struct row late_syns_before_the_clients_last_data[] = {
    OPEN_WITH_DATA,
    SRV("F.", 8,  6, 0, CLOSE_WAIT, FIN_WAIT_1, T, "fin", "1/4"),
    CLI(".",  6,  9, 0, CLOSE_WAIT, FIN_WAIT_2, T, "ack-of-fin", "2/4", .acks = 7),
    CLI("F.", 11, 9, 0, LAST_ACK,   FIN_WAIT_2, T, "fin", "3/4", .notes = TCP_NOTE_GAP_BEFORE | TCP_NOTE_FIN_WAITS),
    COPIES_OF_SYNS(LAST_ACK, FIN_WAIT_2),
    CLI("P.", 6,  9, 5, LAST_ACK,   TIME_WAIT,  T, "data", .exchange = 3, .notes = ANY_NOTES,
        .experts = "data_after_fin half_close"),
    SRV(".",  9, 12, 0, CLOSED,     TIME_WAIT,  T, "ack-of-fin", "4/4", .acks = 9, .exchange = 3),
};
static const struct ending late_syns_before_the_clients_last_data_end = {
    OPENED, .closing = "four-segment", .verdict = "orderly", .closed_by = "server",
    .time_wait = "server", .half_close = true, .teardown = 60, .bytes = { 10, 7 },
};

/* --- segments with an old timestamp (RFC 7323 5.3, R1: "drop the segment") --- */

#define OPEN_WITH_TIMESTAMPS \
    THREE_WAY, \
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1, .stamp = 1000), \
    SRV("P.", 1, 6, 7, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 2, .stamp = 70), \
    CLI(".",  6, 8, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 2, .stamp = 1010)

/* It may be of an earlier connection whose numbers were these: the FIN does not arrive. */
static const struct row fin_with_an_old_timestamp[] = {
    OPEN_WITH_TIMESTAMPS,
    CLI("F.", 6, 8, 0, FIN_WAIT_1, ESTABLISHED, T, "fin", "1/4", .stamp = 900, .notes = ANY_NOTES),
};
static const struct ending fin_with_an_old_timestamp_end = {
    OPENED, .closing = "half-closed", .verdict = "half-closed", .closed_by = "client",
    .bytes = { 5, 7 },
};

/* The clock goes round: the number is smaller, the time is not (5.2). */
static const struct row fin_whose_timestamp_has_gone_round[] = {
    THREE_WAY,
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1, .stamp = UINT32_MAX),
    SRV(".",  1, 6, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 1, .stamp = 70),
    CLI("F.", 6, 1, 0, FIN_WAIT_1,  CLOSE_WAIT,  T, "fin", "1/4", .stamp = 9),
};
static const struct ending fin_whose_timestamp_has_gone_round_end = {
    OPENED, .closing = "half-closed", .verdict = "half-closed", .closed_by = "client",
    .bytes = { 5, 0 },
};

/* --- RSTs (RFC 9293 3.10.7.4, second) --- */

/* The server goes before the FIN has come to it. */
static const struct row reset_in_fin_wait_1[] = {
    OPEN_WITH_DATA,
    CLI("F.", 6, 8, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV("R.", 8, 6, 0, CLOSED,     CLOSED,     T, "rst", .experts = "reset", .notes = ANY_NOTES),
};
static const struct ending reset_in_fin_wait_1_end = {
    OPENED, .closing = "reset-after-fin", .verdict = "late-reset", .closed_by = "client",
    .teardown = 10, .bytes = { 5, 7 },
};

static const struct row reset_in_closing[] = {
    BOTH_CLOSE_AT_ONCE,
    CLI(".",  6, 8, 0, CLOSING, FIN_WAIT_1, T, "ack", .exchange = ANY, .notes = ANY_NOTES),
    CLI("R.", 7, 9, 0, CLOSED,  CLOSED,     T, "rst", .experts = "reset", .notes = ANY_NOTES),
};
static const struct ending reset_in_closing_end = {
    OPENED, .closing = "reset-after-fin", .verdict = "late-reset", .closed_by = "client",
    .teardown = 30, .bytes = { 5, 7 },
};

/* The FIN waits for data that is never sent: its sender gives up. */
static const struct row reset_in_last_ack[] = {
    OPEN_WITH_DATA,
    CLI("F.", 6,  8, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV(".",  8,  7, 0, FIN_WAIT_2, CLOSE_WAIT, T, "ack-of-fin", "2/4", .acks = 7),
    SRV("F.", 13, 7, 0, FIN_WAIT_2, LAST_ACK,   T, "fin", "3/4", .notes = TCP_NOTE_GAP_BEFORE | TCP_NOTE_FIN_WAITS),
    SRV("R",  8,  0, 0, CLOSED,     CLOSED,     T, "rst", .experts = "reset reset_lost_data", .notes = ANY_NOTES),
};
static const struct ending reset_in_last_ack_end = {
    OPENED, .closing = "reset-after-fin", .verdict = "late-reset", .closed_by = "client",
    .teardown = 30, .bytes = { 5, 12 },
};

/* "Do not process the FIN if the state is CLOSED, LISTEN, or SYN-SENT" (eighth): the server is in a
 * connection that nobody saw, and closes it. */
static const struct row fin_to_syn_sent[] = {
    CLI("S",   0,   0, 0, SYN_SENT, SYN_RCVD,   H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("F.", 40, 900, 0, SYN_SENT, FIN_WAIT_1, T, "fin", "1/4", .notes = TCP_NOTE_CHALLENGE_ACK, .unnumbered = true),
};
static const struct ending fin_to_syn_sent_end = {
    .opening = ANY_WORD, .closing = "half-closed", .verdict = ANY_WORD, .closed_by = "server",
    .isn_any = true, .bytes = { ANY_BYTES, ANY_BYTES },
};

/* clang-format on */

static const struct scenario scenarios[] = {
    SCENARIO(late_syns_when_the_client_closes),
    SCENARIO(late_syns_when_the_server_closes),
    SCENARIO(late_syns_when_both_close),
    SCENARIO(late_syns_before_the_last_data),
    SCENARIO(late_syns_before_the_clients_last_data),
    SCENARIO(fin_with_an_old_timestamp),
    SCENARIO(fin_whose_timestamp_has_gone_round),
    SCENARIO(reset_in_fin_wait_1),
    SCENARIO(reset_in_closing),
    SCENARIO(reset_in_last_ack),
    SCENARIO(fin_to_syn_sent),
};
const struct scenario_list late_scenarios = { scenarios, COUNT_OF(scenarios) };
