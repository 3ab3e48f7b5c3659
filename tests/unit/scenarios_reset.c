/* scenarios_reset.c
 * Which RST ends a connection, and which one is ignored (RFC 9293 3.10.7, RFC 5961 3).
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "scenario.h"

/* clang-format off */

#define OPEN_STILL ESTABLISHED, ESTABLISHED, D

/* --- to a SYN --- */

/* RFC 9293 3.10.7.3, second: in SYN_SENT a RST counts if it acknowledges the SYN. */
static const struct row to_a_syn_with_wrong_ack[] = {
    CLI("S",  0,  0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("R.", 0, 99, 0, SYN_SENT,    SYN_RCVD,    H, "rst", .inferred = true, .experts = "reset_ignored",
        .notes = TCP_NOTE_RST_BAD_ACK, .zero_seq = true),
    SRV("S.", 0,  1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1),
    CLI(".",  1,  1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 3),
};
static const struct ending to_a_syn_with_wrong_ack_end = {
    .opening = "three-way", .verdict = "open", .rtt = 30, .server_rtt = 20, .client_rtt = 10,
};

static const struct row to_a_syn_with_the_isn_itself[] = {
    CLI("S",  0, 0, 0, SYN_SENT, SYN_RCVD, H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("R.", 0, 0, 0, SYN_SENT, SYN_RCVD, H, "rst", .inferred = true, .experts = "reset_ignored",
        .notes = TCP_NOTE_RST_BAD_ACK, .zero_seq = true),
};
static const struct ending to_a_syn_with_the_isn_itself_end = {
    .opening = "unanswered", .verdict = "unanswered", .isn_unknown = { false, true },
};

static const struct row to_a_syn_without_ack[] = {
    CLI("S", 0, 0, 0, SYN_SENT, SYN_RCVD, H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("R", 0, 0, 0, SYN_SENT, SYN_RCVD, H, "rst", .inferred = true, .experts = "reset_ignored",
        .notes = TCP_NOTE_RST_BAD_ACK, .zero_seq = true),
};
static const struct ending to_a_syn_without_ack_end = {
    .opening = "unanswered", .verdict = "unanswered", .isn_unknown = { false, true },
};

/* The SYN carried data; "SND.UNA < SEG.ACK =< SND.NXT": any of its octets will do. */
static const struct row to_a_syn_with_data[] = {
    CLI("S",  0, 0, 5, SYN_SENT, SYN_RCVD, H, "syn data", "1/3", .inferred = true, .exchange = 1, .server_was = WAS(LISTEN)),
    SRV("R.", 0, 6, 0, CLOSED,   CLOSED,   T, "rst", .acks = 1, .experts = ANY_WORD, .notes = ANY_NOTES, .zero_seq = true),
};
static const struct ending to_a_syn_with_data_end = {
    .opening = "refused", .verdict = "refused", .isn_unknown = { false, true }, .bytes = { 5, 0 },
};

/* --- in the handshake --- */

static const struct row by_client_after_syn_ack[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD, H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD, H, "syn-ack", "2/3", .acks = 1),
    CLI("R",  1, 0, 0, CLOSED,      CLOSED,   T, "rst", .experts = "reset"), /* a SYN scan */
};
static const struct ending by_client_after_syn_ack_end = {
    .opening = "incomplete", .closing = "reset", .verdict = "handshake-aborted", .closed_by = "client",
    .server_rtt = 10, .teardown = INSTANT,
};

static const struct row by_server_after_syn_ack[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD, H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD, H, "syn-ack", "2/3", .acks = 1),
    SRV("R.", 1, 1, 0, CLOSED,      CLOSED,   T, "rst", .experts = "reset"),
};
static const struct ending by_server_after_syn_ack_end = {
    .opening = "incomplete", .closing = "reset", .verdict = "handshake-aborted", .closed_by = "server",
    .server_rtt = 10, .teardown = INSTANT,
};

/* A RST after the server's SYN-ACK is no refusal, though the client, to judge by its SYN, has not got
 * the SYN-ACK yet. */
static const struct row by_server_to_a_syn_again[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD, H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD, H, "syn-ack", "2/3", .acks = 1),
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD, H, "syn retransmission", "1/3", .client_was = WAS(SYN_SENT),
        .experts = "syn_retransmitted", .notes = TCP_NOTE_CROSSED_SYN_ACK, .after = 1000),
    SRV("R.", 1, 1, 0, CLOSED,      CLOSED,   T, "rst", .experts = "reset"),
};
static const struct ending by_server_to_a_syn_again_end = {
    .opening = "incomplete", .closing = "reset", .verdict = "handshake-aborted", .closed_by = "server",
    .server_rtt = 10, .teardown = INSTANT,
};

/* The client gives up before any answer. */
static const struct row by_client_after_its_syn[] = {
    CLI("S", 0, 0, 0, SYN_SENT, SYN_RCVD, H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    CLI("R", 1, 0, 0, CLOSED,   CLOSED,   T, "rst", .experts = "reset"),
};
static const struct ending by_client_after_its_syn_end = {
    .opening = "unanswered", .closing = "reset", .verdict = "aborted", .closed_by = "client",
    .teardown = INSTANT, .isn_unknown = { false, true },
};

/* RFC 9293 3.10.7.4, first: in SYN_RCVD a RST outside the window is dropped. */
static const struct row outside_the_window_in_syn_rcvd[] = {
    CLI("S",      0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.",     0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1),
    CLI("R", 500000, 0, 0, ESTABLISHED, SYN_RCVD,    H, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_OUTSIDE),
    CLI(".",      1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 2),
};
static const struct ending outside_the_window_in_syn_rcvd_end = {
    .opening = "three-way", .verdict = "open", .rtt = 30, .server_rtt = 10, .client_rtt = 20,
};

/* The client's ACK names a number of the server's that it cannot have: a RST of the server's with it
 * would be the answer. One of the client's, whose numbers are others, is not: 9 is 4009 to it here. */
static const struct row with_the_number_of_the_other_direction[] = {
    CLI("S",    0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.",   0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1),
    CLI(".",    1, 9, 0, ESTABLISHED, SYN_RCVD,    H, "ack", .experts = "ack_mismatch", .notes = TCP_NOTE_BAD_HANDSHAKE_ACK),
    CLI("R", 4009, 0, 0, ESTABLISHED, SYN_RCVD,    H, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_OUTSIDE),
    CLI(".",    1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 2),
};
static const struct ending with_the_number_of_the_other_direction_end = {
    .opening = "three-way", .verdict = "open", .rtt = 40, .server_rtt = 10, .client_rtt = 30,
};

/* --- in data --- */

static const struct row by_client_in_data[] = {
    THREE_WAY,
    CLI("P.", 1, 1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV(".",  1, 6, 0, OPEN_STILL, "ack", .exchange = 1),
    CLI("R.", 6, 1, 0, CLOSED, CLOSED, T, "rst", .experts = "reset"),
};
static const struct ending by_client_in_data_end = {
    OPENED, .closing = "reset", .verdict = "aborted", .closed_by = "client", .teardown = INSTANT, .bytes = { 5, 0 },
};

/* Data that had not been acknowledged is lost. */
static const struct row by_server_with_data_unread[] = {
    THREE_WAY,
    CLI("P.", 1, 1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV("R",  1, 0, 0, CLOSED, CLOSED, T, "rst", .experts = "reset reset_lost_data", .notes = TCP_NOTE_LOST_DATA),
};
static const struct ending by_server_with_data_unread_end = {
    OPENED, .closing = "reset", .verdict = "aborted", .closed_by = "server", .teardown = INSTANT, .bytes = { 5, 0 },
};

/* The RST itself acknowledges it. */
static const struct row by_server_acknowledging_data[] = {
    THREE_WAY,
    CLI("P.", 1, 1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV("R.", 1, 6, 0, CLOSED, CLOSED, T, "rst", .experts = "reset", .exchange = ANY),
};
static const struct ending by_server_acknowledging_data_end = {
    OPENED, .closing = "reset", .verdict = "aborted", .closed_by = "server", .teardown = INSTANT, .bytes = { 5, 0 },
};

/* A RST may carry text (RFC 9293 3.5.3, SHLD-2); it is no data. */
static const struct row with_text[] = {
    THREE_WAY,
    SRV("R.", 1, 1, 12, CLOSED, CLOSED, T, "rst", .experts = "reset"),
};
static const struct ending with_text_end = {
    OPENED, .closing = "reset", .verdict = "aborted", .closed_by = "server", .teardown = INSTANT,
};

/* --- with another number than the next (RFC 5961 3.2); the window is 1000 --- */

static const struct row just_below_the_window[] = {
    THREE_WAY,
    CLI("P.", 1, 1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV(".",  1, 6, 0, OPEN_STILL, "ack", .exchange = 1),
    CLI("R",  5, 0, 0, OPEN_STILL, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_OUTSIDE),
    CLI("P.", 6, 1, 5, OPEN_STILL, "data", .exchange = 1),
};
static const struct ending just_below_the_window_end = { OPENED, .verdict = "open", .bytes = { 10, 0 } };

static const struct row last_number_of_the_window[] = {
    THREE_WAY,
    SRV("R", 1000, 0, 0, OPEN_STILL, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_INEXACT),
    CLI(".",    1, 1, 0, OPEN_STILL, "ack", .notes = TCP_NOTE_CHALLENGE_ACK),
    CLI(".",    1, 1, 0, OPEN_STILL, "ack"),
    CLI("P.",   1, 1, 5, OPEN_STILL, "data", .exchange = 1),
};
static const struct ending last_number_of_the_window_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

static const struct row just_above_the_window[] = {
    THREE_WAY,
    SRV("R", 1001, 0, 0, OPEN_STILL, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_OUTSIDE),
    CLI("P.",   1, 1, 5, OPEN_STILL, "data", .exchange = 1),
};
static const struct ending just_above_the_window_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

/* A blind guess far away. */
static const struct row far_outside_the_window[] = {
    THREE_WAY,
    SRV("R", 2000000000, 0, 0, OPEN_STILL, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_OUTSIDE),
    CLI("P.",         1, 1, 5, OPEN_STILL, "data", .exchange = 1),
};
static const struct ending far_outside_the_window_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

/* The challenge ACK tells the right number; the RST that has it counts. */
static const struct row inexact_then_exact[] = {
    THREE_WAY,
    SRV("R", 101, 0, 0, OPEN_STILL, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_INEXACT),
    CLI(".",   1, 1, 0, OPEN_STILL, "ack", .notes = TCP_NOTE_CHALLENGE_ACK),
    SRV("R",   1, 0, 0, CLOSED, CLOSED, T, "rst", .experts = "reset"),
};
static const struct ending inexact_then_exact_end = {
    OPENED, .closing = "reset", .verdict = "aborted", .closed_by = "server", .teardown = INSTANT,
};

/* Windows are scaled where both SYNs say so: 1000 << 4. */
static const struct row window_scaled[] = {
    CLI("S",     0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN), .shift = SHIFT(4)),
    SRV("S.",    0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1, .shift = SHIFT(7)),
    CLI(".",     1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 2),
    SRV("R", 16000, 0, 0, OPEN_STILL, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_INEXACT),
    CLI(".",     1, 1, 0, OPEN_STILL, "ack", .notes = TCP_NOTE_CHALLENGE_ACK),
    SRV("R", 16001, 0, 0, OPEN_STILL, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_OUTSIDE),
};
static const struct ending window_scaled_end = { OPENED, .verdict = "open" };

/* ... and not where only one does. */
static const struct row window_scaled_by_one[] = {
    CLI("S",    0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN), .shift = SHIFT(4)),
    SRV("S.",   0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1),
    CLI(".",    1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 2),
    SRV("R", 1001, 0, 0, OPEN_STILL, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_OUTSIDE),
};
static const struct ending window_scaled_by_one_end = { OPENED, .verdict = "open" };

/* Data is missing before it: the next number expected is the gap's. */
static const struct row beyond_a_gap[] = {
    THREE_WAY,
    CLI("P.",  6, 1, 5, OPEN_STILL, "data", .exchange = 1, .notes = TCP_NOTE_GAP_BEFORE),
    CLI("R",  11, 0, 0, OPEN_STILL, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_INEXACT),
    SRV(".",   1, 1, 0, OPEN_STILL, "ack", .notes = TCP_NOTE_CHALLENGE_ACK),
    CLI("R",   1, 0, 0, CLOSED, CLOSED, T, "rst", .experts = "reset reset_lost_data", .notes = TCP_NOTE_LOST_DATA),
};
static const struct ending beyond_a_gap_end = {
    OPENED, .closing = "reset", .verdict = "aborted", .closed_by = "client", .teardown = INSTANT,
    .bytes = { 10, 0 },
};

/* With the window closed the exact number counts still (RFC 9293 3.4, MUST-66). */
static const struct row into_a_closed_window[] = {
    THREE_WAY,
    CLI("P.", 1, 1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV("P.", 1, 6, 7, OPEN_STILL, "data zero-window", .exchange = 2, .zero_window = true),
    CLI("R",  7, 0, 0, OPEN_STILL, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_OUTSIDE),
    CLI("R",  6, 0, 0, CLOSED, CLOSED, T, "rst", .experts = "reset reset_lost_data", .notes = TCP_NOTE_LOST_DATA),
};
static const struct ending into_a_closed_window_end = {
    OPENED, .closing = "reset", .verdict = "aborted", .closed_by = "client", .teardown = INSTANT, .bytes = { 5, 7 },
};

/* --- after a FIN --- */

static const struct row after_the_fin_by_its_receiver[] = {
    THREE_WAY,
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV(".",  1, 2, 0, FIN_WAIT_2, CLOSE_WAIT, T, "ack-of-fin", "2/4", .acks = 4),
    SRV("R.", 1, 2, 0, CLOSED,     CLOSED,     T, "rst", .experts = "reset"),
};
static const struct ending after_the_fin_by_its_receiver_end = {
    OPENED, .closing = "reset-after-fin", .verdict = "late-reset", .closed_by = "client", .teardown = 20,
};

/* It had closed altogether, so data that comes still is answered with RST. */
static const struct row after_the_fin_by_its_sender[] = {
    THREE_WAY,
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV(".",  1, 2, 0, FIN_WAIT_2, CLOSE_WAIT, T, "ack-of-fin", "2/4", .acks = 4),
    SRV("P.", 1, 2, 9, FIN_WAIT_2, CLOSE_WAIT, T, "data", .exchange = 1,
        .experts = "data_after_fin half_close", .notes = TCP_NOTE_HALF_CLOSE),
    CLI("R",  2, 0, 0, CLOSED,     CLOSED,     T, "rst", .experts = "reset reset_lost_data", .notes = TCP_NOTE_LOST_DATA),
};
static const struct ending after_the_fin_by_its_sender_end = {
    OPENED, .closing = "reset-after-fin", .verdict = "late-reset", .closed_by = "client", .half_close = true,
    .teardown = 30, .bytes = { 0, 9 },
};

/* Linux takes a RST that follows a FIN and has the FIN's number, not the next one, because some stacks
 * send it so (tcp_reset_check in net/ipv4/tcp_input.c); no other number of the past. */
static const struct row with_the_number_of_its_own_fin[] = {
    THREE_WAY,
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
    CLI("F.", 6, 1, 0, FIN_WAIT_1,  CLOSE_WAIT,  T, "fin", "1/4"),
    SRV(".",  1, 7, 0, FIN_WAIT_2,  CLOSE_WAIT,  T, "ack-of-fin", "2/4", .acks = 5, .exchange = 1),
    CLI("R",  5, 0, 0, FIN_WAIT_2,  CLOSE_WAIT,  T, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_OUTSIDE),
    CLI("R",  6, 0, 0, CLOSED,      CLOSED,      T, "rst", .experts = "reset"),
};
static const struct ending with_the_number_of_its_own_fin_end = {
    OPENED, .closing = "reset-after-fin", .verdict = "late-reset", .closed_by = "client", .teardown = 30,
    .bytes = { 5, 0 },
};

static const struct row with_the_number_of_its_own_fin_into_last_ack[] = {
    THREE_WAY,
    SRV("F.", 1, 1, 0, CLOSE_WAIT, FIN_WAIT_1, T, "fin", "1/4"),
    CLI("F.", 1, 2, 0, LAST_ACK,   TIME_WAIT,  T, "ack-of-fin fin", "2/4 3/4", .acks = 4),
    SRV("R",  1, 0, 0, CLOSED,     CLOSED,     T, "rst", .experts = "reset"),
};
static const struct ending with_the_number_of_its_own_fin_into_last_ack_end = {
    OPENED, .closing = "reset-after-fin", .verdict = "late-reset", .closed_by = "server",
    .time_wait = ANY_WORD, .teardown = 20,
};

static const struct row into_last_ack[] = {
    THREE_WAY,
    SRV("F.", 1, 1, 0, CLOSE_WAIT, FIN_WAIT_1, T, "fin", "1/4"),
    CLI("F.", 1, 2, 0, LAST_ACK,   TIME_WAIT,  T, "ack-of-fin fin", "2/4 3/4", .acks = 4),
    SRV("R",  2, 0, 0, CLOSED,     CLOSED,     T, "rst", .experts = "reset"),
};
static const struct ending into_last_ack_end = {
    OPENED, .closing = "reset-after-fin", .verdict = "late-reset", .closed_by = "server",
    .time_wait = ANY_WORD, .teardown = 20,
};

/* RFC 9293 3.10.7.4, second, CLOSING. */
static const struct row into_closing[] = {
    THREE_WAY,
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV("F.", 1, 1, 0, CLOSING,    FIN_WAIT_1, T, "fin", "3/4", .server_was = WAS(ESTABLISHED),
        .experts = "simultaneous_close", .notes = TCP_NOTE_SHORT_OF_FIN | TCP_NOTE_CROSSED_FIN),
    SRV("R",  2, 0, 0, CLOSED,     CLOSED,     T, "rst", .experts = "reset"),
};
static const struct ending into_closing_end = {
    OPENED, .closing = "reset-after-fin", .verdict = "late-reset", .closed_by = "client", .teardown = 20,
};

/* Inexact after the FIN: the connection goes on closing. */
static const struct row inexact_in_fin_wait_2[] = {
    THREE_WAY,
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV(".",  1, 2, 0, FIN_WAIT_2, CLOSE_WAIT, T, "ack-of-fin", "2/4", .acks = 4),
    SRV("R", 50, 0, 0, FIN_WAIT_2, CLOSE_WAIT, T, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_INEXACT),
    CLI(".",  2, 1, 0, FIN_WAIT_2, CLOSE_WAIT, T, "ack", .notes = TCP_NOTE_CHALLENGE_ACK),
    SRV("F.", 1, 2, 0, TIME_WAIT,  LAST_ACK,   T, "fin", "3/4"),
    CLI(".",  2, 2, 0, TIME_WAIT,  CLOSED,     T, "ack-of-fin", "4/4", .acks = 8),
};
static const struct ending inexact_in_fin_wait_2_end = {
    OPENED, .closing = "four-segment", .verdict = "orderly", .closed_by = "client", .time_wait = "client", .teardown = 50,
};

/* --- where nothing is to be reset --- */

/* A RST with the number expected next cuts TIME_WAIT short (RFC 9293 3.10.7.4, RST bit); so does
 * Linux (tcp_timewait_state_process()) where net.ipv4.tcp_rfc1337 is 0, its default. */
static const struct row into_time_wait[] = {
    THREE_WAY,
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV("F.", 1, 2, 0, TIME_WAIT,  LAST_ACK,   T, "ack-of-fin fin", "2/4 3/4", .acks = 4),
    CLI(".",  2, 2, 0, TIME_WAIT,  CLOSED,     T, "ack-of-fin", "4/4", .acks = 5),
    SRV("R",  2, 0, 0, CLOSED,     CLOSED,     T, "rst", .experts = "reset"),
};
static const struct ending into_time_wait_end = {
    OPENED, .closing = "reset-after-fin", .verdict = "late-reset", .closed_by = "client", .time_wait = "client", .teardown = 30,
};

static const struct row into_time_wait_inexact[] = {
    THREE_WAY,
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV("F.", 1, 2, 0, TIME_WAIT,  LAST_ACK,   T, "ack-of-fin fin", "2/4 3/4", .acks = 4),
    CLI(".",  2, 2, 0, TIME_WAIT,  CLOSED,     T, "ack-of-fin", "4/4", .acks = 5),
    SRV("R",  3, 0, 0, TIME_WAIT,  CLOSED,     X, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_TIME_WAIT),
};
static const struct ending into_time_wait_inexact_end = {
    OPENED, .closing = "three-segment", .verdict = "orderly", .closed_by = "client", .time_wait = "client", .teardown = 20,
};

static const struct row to_an_end_that_has_closed[] = {
    THREE_WAY,
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV("F.", 1, 2, 0, TIME_WAIT,  LAST_ACK,   T, "ack-of-fin fin", "2/4 3/4", .acks = 4),
    CLI(".",  2, 2, 0, TIME_WAIT,  CLOSED,     T, "ack-of-fin", "4/4", .acks = 5),
    CLI("R",  2, 0, 0, TIME_WAIT,  CLOSED,     X, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_CLOSED),
};
static const struct ending to_an_end_that_has_closed_end = {
    OPENED, .closing = "three-segment", .verdict = "orderly", .closed_by = "client", .time_wait = "client", .teardown = 20,
};

static const struct row again_after_reset[] = {
    THREE_WAY,
    CLI("R.", 1, 1, 0, CLOSED, CLOSED, T, "rst", .experts = "reset"),
    CLI("R.", 1, 1, 0, CLOSED, CLOSED, X, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_CLOSED),
    SRV("P.", 1, 1, 9, CLOSED, CLOSED, X, "data", .exchange = 1),
    CLI("R",  1, 0, 0, CLOSED, CLOSED, X, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_CLOSED),
};
static const struct ending again_after_reset_end = {
    OPENED, .closing = "reset", .verdict = "aborted", .closed_by = "client", .teardown = INSTANT, .bytes = { 0, 9 },
};

/* A FIN that was on its way when the RST came opens nothing again. */
static const struct row fin_after_reset[] = {
    THREE_WAY,
    CLI("R.", 1, 1, 0, CLOSED, CLOSED, T, "rst", .experts = "reset"),
    SRV("F.", 1, 1, 0, CLOSED, CLOSED, X, "fin", ANY_WORD),
    CLI("R",  1, 0, 0, CLOSED, CLOSED, X, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_CLOSED),
};
static const struct ending fin_after_reset_end = {
    OPENED, .closing = "reset", .verdict = "aborted", .closed_by = "client", .teardown = INSTANT,
};

/* A connection that was refused is; what comes again changes nothing. */
static const struct row again_after_refusal[] = {
    CLI("S",  0, 0, 0, SYN_SENT, SYN_RCVD, H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("R.", 0, 1, 0, CLOSED,   CLOSED,   T, "rst", .acks = 1, .experts = "refused", .zero_seq = true),
    SRV("R.", 0, 1, 0, CLOSED,   CLOSED,   X, "rst", .experts = "reset_ignored", .notes = TCP_NOTE_RST_CLOSED, .zero_seq = true),
};
static const struct ending again_after_refusal_end = {
    .opening = "refused", .verdict = "refused", .isn_unknown = { false, true },
};

/* clang-format on */

static const struct scenario scenarios[] = {
    SCENARIO(to_a_syn_with_wrong_ack),
    SCENARIO(to_a_syn_with_the_isn_itself),
    SCENARIO(to_a_syn_without_ack),
    SCENARIO(to_a_syn_with_data),
    SCENARIO(by_client_after_syn_ack),
    SCENARIO(by_server_after_syn_ack),
    SCENARIO(by_server_to_a_syn_again),
    SCENARIO(by_client_after_its_syn),
    SCENARIO(outside_the_window_in_syn_rcvd),
    SCENARIO(with_the_number_of_the_other_direction),
    SCENARIO(by_client_in_data),
    SCENARIO(by_server_with_data_unread),
    SCENARIO(by_server_acknowledging_data),
    SCENARIO(with_text),
    SCENARIO(just_below_the_window),
    SCENARIO(last_number_of_the_window),
    SCENARIO(just_above_the_window),
    SCENARIO(far_outside_the_window),
    SCENARIO(inexact_then_exact),
    SCENARIO(window_scaled),
    SCENARIO(window_scaled_by_one),
    SCENARIO(beyond_a_gap),
    SCENARIO(into_a_closed_window),
    SCENARIO(after_the_fin_by_its_receiver),
    SCENARIO(after_the_fin_by_its_sender),
    SCENARIO(with_the_number_of_its_own_fin),
    SCENARIO(with_the_number_of_its_own_fin_into_last_ack),
    SCENARIO(into_last_ack),
    SCENARIO(into_closing),
    SCENARIO(inexact_in_fin_wait_2),
    SCENARIO(into_time_wait),
    SCENARIO(into_time_wait_inexact),
    SCENARIO(to_an_end_that_has_closed),
    SCENARIO(again_after_reset),
    SCENARIO(fin_after_reset),
    SCENARIO(again_after_refusal),
};
const struct scenario_list reset_scenarios = { scenarios, COUNT_OF(scenarios) };
