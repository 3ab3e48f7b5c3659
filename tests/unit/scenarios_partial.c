/* scenarios_partial.c
 * Captures that do not hold all: begun in the middle, one direction only, a segment missing; and
 * segments that belong to no connection.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "scenario.h"

/* clang-format off */

/* In the middle, both ends are past a handshake that nobody captured; each until it has spoken. */
#define FOUND_OPEN .inferred = true, .client_was = WAS(ESTABLISHED), .server_was = WAS(ESTABLISHED), .notes = TCP_NOTE_MIDSTREAM
#define FOUND .opening = "mid-stream", .isn_unknown = { true, true }

static const struct row begins_with_clients_data[] = {
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", FOUND_OPEN, .exchange = 1),
    SRV(".",  1, 6, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 1),
    SRV("P.", 1, 6, 7, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 2),
    CLI("F.", 6, 8, 0, FIN_WAIT_1,  CLOSE_WAIT,  T, "fin", "1/4", .exchange = 2),
    SRV("F.", 8, 7, 0, TIME_WAIT,   LAST_ACK,    T, "ack-of-fin fin", "2/4 3/4", .acks = 4),
    CLI(".",  7, 9, 0, TIME_WAIT,   CLOSED,      T, "ack-of-fin", "4/4", .acks = 5),
};
static const struct ending begins_with_clients_data_end = {
    FOUND, .closing = "three-segment", .verdict = "orderly", .closed_by = "client",
    .time_wait = "client", .teardown = 20, .bytes = { 5, 7 },
};

/* The lower port is the service's, whoever speaks first. */
static const struct row begins_with_servers_data[] = {
    SRV("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", FOUND_OPEN, .exchange = 1),
    CLI(".",  1, 6, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 1),
};
static const struct ending begins_with_servers_data_end = { FOUND, .verdict = "open", .bytes = { 0, 5 } };

/* Equal ports: the first sender is the client. */
static const struct row begins_between_equal_ports[] = {
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", FOUND_OPEN, .exchange = 1),
    SRV("P.", 1, 6, 7, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 2),
};
static const struct ending begins_between_equal_ports_end = { FOUND, .verdict = "open", .bytes = { 5, 7 } };

static const struct row begins_with_ack[] = {
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, D, "ack", FOUND_OPEN),
    SRV("P.", 1, 1, 7, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
    CLI(".",  1, 8, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 1),
};
static const struct ending begins_with_ack_end = { FOUND, .verdict = "open", .bytes = { 0, 7 } };

static const struct row begins_with_fin[] = {
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4", FOUND_OPEN),
    SRV(".",  1, 2, 0, FIN_WAIT_2, CLOSE_WAIT, T, "ack-of-fin", "2/4", .acks = 1),
    SRV("F.", 1, 2, 0, TIME_WAIT,  LAST_ACK,   T, "fin", "3/4"),
    CLI(".",  2, 2, 0, TIME_WAIT,  CLOSED,     T, "ack-of-fin", "4/4", .acks = 3),
};
static const struct ending begins_with_fin_end = {
    FOUND, .closing = "four-segment", .verdict = "orderly", .closed_by = "client",
    .time_wait = "client", .teardown = 30,
};

/* The capture begins between the two FINs: what is seen is half a teardown. */
static const struct row begins_with_second_fin[] = {
    SRV("F.", 1, 1, 0, CLOSE_WAIT, FIN_WAIT_1, T, "fin", "1/4", FOUND_OPEN),
    CLI(".",  1, 2, 0, CLOSE_WAIT, FIN_WAIT_2, T, "ack-of-fin", "2/4", .acks = 1),
};
static const struct ending begins_with_second_fin_end = {
    FOUND, .closing = "half-closed", .verdict = "half-closed", .closed_by = "server", .teardown = 10,
};

/* A RST is all: there was a connection to reset. */
static const struct row lone_reset[] = {
    CLI("R.", 1, 1, 0, CLOSED, CLOSED, T, "rst", .experts = "reset", .unnumbered = true),
};
static const struct ending lone_reset_end = {
    FOUND, .closing = "reset", .verdict = "aborted", .closed_by = "client", .teardown = INSTANT,
};

static const struct row begins_with_ack_answered_by_reset[] = { /* an ACK scan */
    CLI(".", 1, 1, 0, ESTABLISHED, ESTABLISHED, D, "ack", FOUND_OPEN),
    SRV("R", 1, 0, 0, CLOSED,      CLOSED,      T, "rst", .experts = "reset"),
};
static const struct ending begins_with_ack_answered_by_reset_end = {
    FOUND, .closing = "reset", .verdict = "aborted", .closed_by = "server", .teardown = INSTANT,
};

/* --- the handshake in part --- */

/* A state that rests on a segment nobody captured is inferred until its end sends again. What is not
 * captured bounds no time: neither a round trip nor how long a state had lasted. */

static const struct row syn_not_captured[] = {
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .client_was = WAS(SYN_SENT), .server_was = WAS(SYN_RCVD),
        .inferred = true, .experts = "not_captured", .notes = TCP_NOTE_SYN_UNSEEN),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 1),
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
};
static const struct ending syn_not_captured_end = {
    .opening = "three-way", .verdict = "open", .client_rtt = 10, .bytes = { 5, 0 },
};

static const struct row syn_ack_not_captured[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .inferred = true,
        .experts = "not_captured", .notes = TCP_NOTE_SYN_ACK_UNSEEN),
    SRV("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1, .inferred = true),
    CLI(".",  1, 6, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 1),
};
static const struct ending syn_ack_not_captured_end = {
    .opening = "three-way", .verdict = "open", .rtt = 10, .bytes = { 0, 5 },
};

static const struct row handshake_ack_not_captured[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1),
    SRV("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1, .inferred = true,
        .experts = "not_captured", .notes = TCP_NOTE_ACK_UNSEEN),
    CLI(".",  1, 6, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 1, .inferred = true),
    SRV(".",  6, 1, 0, ESTABLISHED, ESTABLISHED, D, "ack"),
};
static const struct ending handshake_ack_not_captured_end = {
    .opening = "three-way", .verdict = "open", .server_rtt = 10, .bytes = { 0, 5 },
};

static const struct row syn_ack_and_ack_not_captured[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1, .inferred = true,
        .experts = "not_captured", .notes = TCP_NOTE_SYN_ACK_UNSEEN | TCP_NOTE_ACK_UNSEEN),
    CLI(".",  1, 6, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 1, .inferred = true),
    SRV(".",  6, 1, 0, ESTABLISHED, ESTABLISHED, D, "ack"),
};
static const struct ending syn_ack_and_ack_not_captured_end = {
    .opening = "three-way", .verdict = "open", .bytes = { 0, 5 },
};

/* Nothing is known of the other end's window: a hole may be of any size. */
static const struct row one_direction_with_a_large_hole[] = {
    CLI("P.",      1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", FOUND_OPEN, .exchange = 1),
    CLI("P.", 900001, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1, .inferred = true, .notes = TCP_NOTE_GAP_BEFORE),
};
static const struct ending one_direction_with_a_large_hole_end = { FOUND, .verdict = "open", .bytes = { 900005, 0 } };

/* The SYNs would have told how windows are scaled; without them the largest shift is assumed (RFC 7323
 * 2.3): 1000 << 14. */
static const struct row reset_where_the_scale_is_unknown[] = {
    CLI("P.",        1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", FOUND_OPEN, .exchange = 1),
    SRV(".",         1, 6, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 1),
    SRV("R",  16384000, 0, 0, ESTABLISHED, ESTABLISHED, D, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_INEXACT),
    CLI(".",         6, 1, 0, ESTABLISHED, ESTABLISHED, D, "ack", .notes = TCP_NOTE_CHALLENGE_ACK),
    SRV("R",  16384001, 0, 0, ESTABLISHED, ESTABLISHED, D, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_OUTSIDE),
};
static const struct ending reset_where_the_scale_is_unknown_end = { FOUND, .verdict = "open", .bytes = { 5, 0 } };

/* Only what the client sends. */
static const struct row clients_direction_only[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .inferred = true,
        .experts = "not_captured", .notes = TCP_NOTE_SYN_ACK_UNSEEN),
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1, .inferred = true),
    CLI(".",  6, 9, 0, ESTABLISHED, ESTABLISHED, D, "ack", .inferred = true,
        .experts = "not_captured", .notes = TCP_NOTE_ACKS_UNSEEN),
    CLI("F.", 6, 9, 0, FIN_WAIT_1,  CLOSE_WAIT,  T, "fin", "1/4", .inferred = true),
};
static const struct ending clients_direction_only_end = {
    .opening = "three-way", .closing = "half-closed", .verdict = "half-closed", .closed_by = "client",
    .rtt = 10, .bytes = { 5, 8 },
};

/* Only what the server sends. */
static const struct row servers_direction_only[] = {
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .client_was = WAS(SYN_SENT), .server_was = WAS(SYN_RCVD),
        .inferred = true, .experts = "not_captured", .notes = TCP_NOTE_SYN_UNSEEN),
    SRV("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1, .inferred = true,
        .experts = "not_captured", .notes = TCP_NOTE_ACK_UNSEEN),
    SRV("P.", 6, 4, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = ANY, .inferred = true,
        .experts = "not_captured", .notes = TCP_NOTE_ACKS_UNSEEN),
    SRV("F.", 11, 4, 0, CLOSE_WAIT, FIN_WAIT_1,  T, "fin", "1/4", .inferred = true),
};
static const struct ending servers_direction_only_end = {
    .opening = "three-way", .closing = "half-closed", .verdict = "half-closed", .closed_by = "server",
    .bytes = { 3, 10 },
};

/* --- a segment of the data or the teardown is missing --- */

static const struct row data_not_captured[] = {
    THREE_WAY,
    SRV(".",   1, 6, 0, ESTABLISHED, ESTABLISHED, D, "ack", .experts = "not_captured", .notes = TCP_NOTE_ACKS_UNSEEN, .exchange = ANY),
    CLI("P.",  6, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = ANY),
    SRV(".",   1, 11, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = ANY),
};
static const struct ending data_not_captured_end = { OPENED, .verdict = "open", .bytes = { 10, 0 } };

/* The FIN's ACK was not captured; the second FIN carries the same number. */
static const struct row ack_of_fin_not_captured[] = {
    THREE_WAY,
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV("P.", 1, 2, 5, FIN_WAIT_2, CLOSE_WAIT, T, "data ack-of-fin", "2/4", .acks = 4, .exchange = 1,
        .experts = "data_after_fin half_close", .notes = TCP_NOTE_HALF_CLOSE),
    SRV("F.", 6, 2, 0, TIME_WAIT,  LAST_ACK,   T, "fin", "3/4"),
    CLI(".",  2, 7, 0, TIME_WAIT,  CLOSED,     T, "ack-of-fin", "4/4", .acks = 6, .exchange = 1),
};
static const struct ending ack_of_fin_not_captured_end = {
    OPENED, .closing = "four-segment", .verdict = "orderly", .closed_by = "client",
    .time_wait = "client", .half_close = true, .teardown = 30, .bytes = { 0, 5 },
};

/* --- part of no connection: states stay as they are --- */

static const struct row null_scan[] = {
    CLI("",   0, 0, 0, CLOSED, CLOSED, H, "ack", .notes = TCP_NOTE_NO_ACK_FLAG),
    SRV("R.", 0, 0, 0, CLOSED, CLOSED, ANY_PHASE, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_CLOSED, .unnumbered = true),
};
static const struct ending null_scan_end = { FOUND, .verdict = ANY_WORD };

static const struct row fin_scan[] = {
    CLI("F",  0, 0, 0, CLOSED, CLOSED, T, "fin", .notes = TCP_NOTE_NO_ACK_FLAG),
    SRV("R.", 0, 1, 0, CLOSED, CLOSED, ANY_PHASE, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_CLOSED, .unnumbered = true),
};
static const struct ending fin_scan_end = {
    FOUND, .closing = "half-closed", .verdict = ANY_WORD, .closed_by = "client",
};

static const struct row xmas_scan[] = {
    CLI("FPU", 0, 0, 0, CLOSED, CLOSED, T, "fin", .notes = TCP_NOTE_NO_ACK_FLAG),
    SRV("R.",  0, 1, 0, CLOSED, CLOSED, ANY_PHASE, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_CLOSED, .unnumbered = true),
};
static const struct ending xmas_scan_end = {
    FOUND, .closing = "half-closed", .verdict = ANY_WORD, .closed_by = "client",
};

/* SYN and FIN in one: Linux's LISTEN drops it, CLOSED answers with RST. */
static const struct row syn_fin_scan[] = {
    CLI("SF", 0, 0, 0, CLOSED, CLOSED, H, "syn fin", .notes = TCP_NOTE_NO_ACK_FLAG),
    SRV("R.", 0, 2, 0, CLOSED, CLOSED, ANY_PHASE, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_CLOSED, .unnumbered = true),
};
static const struct ending syn_fin_scan_end = { FOUND, .verdict = ANY_WORD };

/* After a scan the same ports open a connection. */
static const struct row null_scan_then_connection[] = {
    CLI("",   0, 0, 0, CLOSED,      CLOSED,      H, "ack", .notes = TCP_NOTE_NO_ACK_FLAG),
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 2),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 3),
};
static const struct ending null_scan_then_connection_end = { OPENED, .verdict = "open" };

/* RFC 9293 3.10.7.4, fifth: "if the ACK bit is off, drop the segment". */
static const struct row null_and_xmas_inside_a_connection[] = {
    THREE_WAY,
    CLI("",    1, 0, 0, ESTABLISHED, ESTABLISHED, D, "ack", .notes = TCP_NOTE_NO_ACK_FLAG),
    CLI("FPU", 1, 0, 0, ESTABLISHED, ESTABLISHED, D, "fin", .notes = TCP_NOTE_NO_ACK_FLAG),
    CLI("F",   1, 0, 0, ESTABLISHED, ESTABLISHED, D, "fin", .notes = TCP_NOTE_NO_ACK_FLAG),
    CLI("P.",  1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
};
static const struct ending null_and_xmas_inside_a_connection_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

/* clang-format on */

static const struct scenario scenarios[] = {
    SCENARIO(begins_with_clients_data),
    SCENARIO(begins_with_servers_data),
    SCENARIO(begins_between_equal_ports, .ports = { 5000, 5000 }),
    SCENARIO(begins_with_ack),
    SCENARIO(begins_with_fin),
    SCENARIO(begins_with_second_fin),
    SCENARIO(lone_reset),
    SCENARIO(begins_with_ack_answered_by_reset),
    SCENARIO(syn_not_captured),
    SCENARIO(syn_ack_not_captured),
    SCENARIO(handshake_ack_not_captured),
    SCENARIO(syn_ack_and_ack_not_captured),
    SCENARIO(one_direction_with_a_large_hole),
    SCENARIO(reset_where_the_scale_is_unknown),
    SCENARIO(clients_direction_only),
    SCENARIO(servers_direction_only),
    SCENARIO(data_not_captured),
    SCENARIO(ack_of_fin_not_captured),
    SCENARIO(null_scan),
    SCENARIO(fin_scan),
    SCENARIO(xmas_scan),
    SCENARIO(syn_fin_scan),
    SCENARIO(null_scan_then_connection),
    SCENARIO(null_and_xmas_inside_a_connection),
};
const struct scenario_list partial_scenarios = { scenarios, COUNT_OF(scenarios) };
