/* scenarios_data.c
 * Data, acknowledgments, windows and keep-alives.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "scenario.h"

/* clang-format off */

#define OPEN_STILL ESTABLISHED, ESTABLISHED, D

/* --- exchanges --- */

static const struct row exchanges[] = {
    THREE_WAY,
    CLI("P.",  1,  1, 5, OPEN_STILL, "data", .exchange = 1),
    CLI("P.",  6,  1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV(".",   1, 11, 0, OPEN_STILL, "ack", .exchange = 1, .about = 5),
    SRV("P.",  1, 11, 7, OPEN_STILL, "data", .exchange = 2),
    SRV("P.",  8, 11, 7, OPEN_STILL, "data", .exchange = 2),
    CLI(".",  11, 15, 0, OPEN_STILL, "ack", .exchange = 2),
    CLI("P.", 11, 15, 1, OPEN_STILL, "data", .exchange = 3),
    SRV("P.", 15, 12, 1, OPEN_STILL, "data", .exchange = 4), /* its ACK rides on it */
    CLI(".",  12, 16, 0, OPEN_STILL, "ack", .exchange = 4),
};
static const struct ending exchanges_end = { OPENED, .verdict = "open", .bytes = { 11, 15 } };

/* The ACK of an exchange comes when the next one has begun. */
static const struct row late_ack_of_an_exchange[] = {
    THREE_WAY,
    CLI("P.",  1,  1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV("P.",  1,  1, 7, OPEN_STILL, "data", .exchange = 2), /* sent before the client's came */
    SRV(".",   8,  6, 0, OPEN_STILL, "ack", .exchange = 1),
    CLI(".",   6,  8, 0, OPEN_STILL, "ack", .exchange = 2),
};
static const struct ending late_ack_of_an_exchange_end = { OPENED, .verdict = "open", .bytes = { 5, 7 } };

/* The server speaks first. */
static const struct row server_speaks_first[] = {
    THREE_WAY,
    SRV("P.",  1,  1, 7, OPEN_STILL, "data", .exchange = 1),
    CLI(".",   1,  8, 0, OPEN_STILL, "ack", .exchange = 1),
    CLI("P.",  1,  8, 5, OPEN_STILL, "data", .exchange = 2),
    SRV(".",   8,  6, 0, OPEN_STILL, "ack", .exchange = 2),
};
static const struct ending server_speaks_first_end = { OPENED, .verdict = "open", .bytes = { 5, 7 } };

/* --- again, and out of order --- */

static const struct row data_again[] = {
    THREE_WAY,
    CLI("P.",  1,  1, 5, OPEN_STILL, "data", .exchange = 1),
    CLI("P.",  1,  1, 5, OPEN_STILL, "data retransmission", .exchange = 1, .after = 200),
    SRV(".",   1,  6, 0, OPEN_STILL, "ack", .exchange = 1),
    SRV(".",   1,  6, 0, OPEN_STILL, "ack", .exchange = 1),
};
static const struct ending data_again_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

/* Part of it is new: no retransmission. */
static const struct row data_again_with_more[] = {
    THREE_WAY,
    CLI("P.",  1,  1,  5, OPEN_STILL, "data", .exchange = 1),
    CLI("P.",  1,  1, 10, OPEN_STILL, "data", .exchange = 1),
    CLI("P.",  3,  1,  4, OPEN_STILL, "data retransmission", .exchange = 1),
    SRV(".",   1, 11,  0, OPEN_STILL, "ack", .exchange = 1),
};
static const struct ending data_again_with_more_end = { OPENED, .verdict = "open", .bytes = { 10, 0 } };

/* An exchange's data repeated when the next exchange has begun keeps its number. */
static const struct row data_again_after_the_answer[] = {
    THREE_WAY,
    CLI("P.",  1,  1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV("P.",  1,  6, 7, OPEN_STILL, "data", .exchange = 2),
    CLI("P.",  1,  1, 5, OPEN_STILL, "data retransmission", .exchange = 1, .after = 200),
    SRV("P.",  1,  6, 7, OPEN_STILL, "data retransmission", .exchange = 2),
    CLI(".",   6,  8, 0, OPEN_STILL, "ack", .exchange = 2),
};
static const struct ending data_again_after_the_answer_end = { OPENED, .verdict = "open", .bytes = { 5, 7 } };

/* ... and the exchange before the one of its own that goes on. */
static const struct row data_again_two_exchanges_later[] = {
    THREE_WAY,
    CLI("P.",  1,  1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV("P.",  1,  6, 7, OPEN_STILL, "data", .exchange = 2),
    CLI("P.",  6,  8, 5, OPEN_STILL, "data", .exchange = 3),
    CLI("P.",  1,  8, 5, OPEN_STILL, "data retransmission", .exchange = 1, .after = 200),
    CLI("P.",  6,  8, 5, OPEN_STILL, "data retransmission", .exchange = 3),
    SRV(".",   8, 11, 0, OPEN_STILL, "ack", .exchange = 3),
};
static const struct ending data_again_two_exchanges_later_end = { OPENED, .verdict = "open", .bytes = { 10, 7 } };

static const struct row data_out_of_order[] = {
    THREE_WAY,
    CLI("P.",  6,  1, 5, OPEN_STILL, "data", .exchange = 1, .notes = TCP_NOTE_GAP_BEFORE),
    SRV(".",   1,  1, 0, OPEN_STILL, "ack"),
    CLI("P.",  1,  1, 5, OPEN_STILL, "data", .exchange = 1, .notes = TCP_NOTE_FILLS_GAP),
    SRV(".",   1, 11, 0, OPEN_STILL, "ack", .exchange = 1),
};
static const struct ending data_out_of_order_end = { OPENED, .verdict = "open", .bytes = { 10, 0 } };

static const struct row data_out_of_order_again[] = {
    THREE_WAY,
    CLI("P.",  6,  1, 5, OPEN_STILL, "data", .exchange = 1, .notes = TCP_NOTE_GAP_BEFORE),
    CLI("P.",  6,  1, 5, OPEN_STILL, "data retransmission", .exchange = 1, .after = 200),
    CLI("P.",  8,  1, 2, OPEN_STILL, "data retransmission", .exchange = 1),
    CLI("P.",  1,  1, 5, OPEN_STILL, "data", .exchange = 1, .notes = TCP_NOTE_FILLS_GAP),
    CLI("P.",  6,  1, 5, OPEN_STILL, "data retransmission", .exchange = 1),
};
static const struct ending data_out_of_order_again_end = { OPENED, .verdict = ANY_WORD, .bytes = { 10, 0 } };

/* Two gaps, filled from the back; then all of it again. */
static const struct row data_with_two_gaps[] = {
    THREE_WAY,
    CLI("P.",  6,  1,  5, OPEN_STILL, "data", .exchange = 1, .notes = TCP_NOTE_GAP_BEFORE),
    CLI("P.", 16,  1,  5, OPEN_STILL, "data", .exchange = 1, .notes = TCP_NOTE_GAP_BEFORE),
    CLI("P.", 11,  1,  5, OPEN_STILL, "data", .exchange = 1, .notes = TCP_NOTE_FILLS_GAP),
    CLI("P.",  1,  1,  5, OPEN_STILL, "data", .exchange = 1, .notes = TCP_NOTE_FILLS_GAP),
    SRV(".",   1, 21,  0, OPEN_STILL, "ack", .exchange = 1),
    CLI("P.",  1,  1, 20, OPEN_STILL, "data retransmission", .exchange = 1),
};
static const struct ending data_with_two_gaps_end = { OPENED, .verdict = "open", .bytes = { 20, 0 } };

/* A gap is filled when the next exchange has begun: the octets are those of the first. */
static const struct row data_out_of_order_after_the_answer[] = {
    THREE_WAY,
    CLI("P.",  6,  1, 5, OPEN_STILL, "data", .exchange = 1, .notes = TCP_NOTE_GAP_BEFORE),
    SRV("P.",  1,  1, 7, OPEN_STILL, "data", .exchange = 2),
    CLI("P.",  1,  8, 5, OPEN_STILL, "data", .exchange = ANY, .notes = TCP_NOTE_FILLS_GAP),
    SRV(".",   8, 11, 0, OPEN_STILL, "ack", .exchange = ANY),
    CLI("P.", 11,  8, 5, OPEN_STILL, "data", .exchange = 3),
};
static const struct ending data_out_of_order_after_the_answer_end = { OPENED, .verdict = "open", .bytes = { 15, 7 } };

/* A segment far from the window is none of the connection's (RFC 9293 3.10.7.4, first). */
static const struct row data_outside_the_window[] = {
    THREE_WAY,
    CLI("P.",       1, 1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV(".",        1, 6, 0, OPEN_STILL, "ack", .exchange = 1),
    CLI("P.", 9000000, 1, 5, OPEN_STILL, "data", .notes = TCP_NOTE_OUTSIDE),
    CLI("P.",       6, 1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV(".",        1, 11, 0, OPEN_STILL, "ack", .exchange = 1),
};
static const struct ending data_outside_the_window_end = { OPENED, .verdict = "open", .bytes = { 10, 0 } };

/* Nor does a FIN there close anything. */
static const struct row fin_outside_the_window[] = {
    THREE_WAY,
    CLI("F.", 9000000, 1, 0, OPEN_STILL, "fin", .notes = TCP_NOTE_OUTSIDE),
    CLI("P.",       1, 1, 5, OPEN_STILL, "data", .exchange = 1),
};
static const struct ending fin_outside_the_window_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

/* An ACK of what cannot have been sent is dropped (RFC 9293 3.10.7.4, fifth). */
static const struct row ack_of_the_future[] = {
    THREE_WAY,
    CLI("P.", 1,          1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV(".",  1, 1500000000, 0, OPEN_STILL, "ack", .exchange = ANY),
    SRV(".",  1,          6, 0, OPEN_STILL, "ack", .exchange = 1),
    CLI("P.", 6,          1, 5, OPEN_STILL, "data", .exchange = 1),
};
static const struct ending ack_of_the_future_end = { OPENED, .verdict = "open", .bytes = { 10, 0 } };

/* --- keep-alives (RFC 9293 3.8.4) --- */

static const struct row keep_alive[] = {
    THREE_WAY,
    CLI("P.", 1, 1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV(".",  1, 6, 0, OPEN_STILL, "ack", .exchange = 1),
    CLI(".",  5, 1, 0, OPEN_STILL, "keep-alive", .exchange = ANY, .after = 60000),
    SRV(".",  1, 6, 0, OPEN_STILL, "keep-alive-ack", .exchange = ANY),
    CLI(".",  5, 1, 1, OPEN_STILL, "keep-alive", .exchange = ANY, .after = 60000), /* with an octet of garbage */
    SRV(".",  1, 6, 0, OPEN_STILL, "keep-alive-ack", .exchange = ANY),
    SRV(".",  1, 6, 0, OPEN_STILL, "ack", .exchange = 1),
};
static const struct ending keep_alive_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

/* From a server that has sent nothing but its SYN-ACK. */
static const struct row keep_alive_of_a_silent_server[] = {
    THREE_WAY,
    CLI("P.", 1, 1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV(".",  1, 6, 0, OPEN_STILL, "ack", .exchange = 1),
    SRV(".",  0, 6, 0, OPEN_STILL, "keep-alive", .exchange = ANY, .after = 60000),
    CLI(".",  6, 1, 0, OPEN_STILL, "keep-alive-ack", .exchange = ANY),
};
static const struct ending keep_alive_of_a_silent_server_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

static const struct row keep_alives_unanswered[] = {
    THREE_WAY,
    CLI("P.", 1, 1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV(".",  1, 6, 0, OPEN_STILL, "ack", .exchange = 1),
    CLI(".",  5, 1, 0, OPEN_STILL, "keep-alive", .exchange = ANY, .after = 60000),
    CLI(".",  5, 1, 0, OPEN_STILL, "keep-alive", .exchange = ANY, .after = 60000),
    CLI(".",  5, 1, 0, OPEN_STILL, "keep-alive", .exchange = ANY, .after = 60000),
    CLI("R.", 6, 1, 0, CLOSED, CLOSED, T, "rst", .experts = "reset"),
};
static const struct ending keep_alives_unanswered_end = {
    OPENED, .closing = "reset", .verdict = "peer-gone", .closed_by = "client", .teardown = INSTANT,
    .bytes = { 5, 0 },
};

/* One that is not answered may be answered after the capture's end. */
static const struct row keep_alive_at_the_end[] = {
    THREE_WAY,
    CLI("P.", 1, 1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV(".",  1, 6, 0, OPEN_STILL, "ack", .exchange = 1),
    CLI(".",  5, 1, 0, OPEN_STILL, "keep-alive", .exchange = ANY, .after = 60000),
};
static const struct ending keep_alive_at_the_end_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

static const struct row data_never_acknowledged[] = {
    THREE_WAY,
    CLI("P.", 1, 1, 5, OPEN_STILL, "data", .exchange = 1),
    CLI("P.", 1, 1, 5, OPEN_STILL, "data retransmission", .exchange = 1, .after = 200),
    CLI("P.", 1, 1, 5, OPEN_STILL, "data retransmission", .exchange = 1, .after = 400),
    CLI("P.", 1, 1, 5, OPEN_STILL, "data retransmission", .exchange = 1, .after = 800),
};
static const struct ending data_never_acknowledged_end = { OPENED, .verdict = "peer-gone", .bytes = { 5, 0 } };

/* --- windows --- */

/* `ack` is "a bare ACK that does nothing of the above": one that closes the window does. */
static const struct row zero_window[] = {
    THREE_WAY,
    CLI("P.",  1,  1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV(".",   1,  6, 0, OPEN_STILL, "zero-window", .exchange = 1, .zero_window = true),
    CLI(".",   5,  1, 0, OPEN_STILL, "keep-alive", .exchange = ANY, .notes = TCP_NOTE_WINDOW_PROBE, .after = 200),
    SRV(".",   1,  6, 0, OPEN_STILL, "keep-alive-ack zero-window", .exchange = ANY, .zero_window = true),
    SRV(".",   1,  6, 0, OPEN_STILL, "window-update", .exchange = ANY, .after = 500),
    CLI("P.",  6,  1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV(".",   1, 11, 0, OPEN_STILL, "ack", .exchange = 1),
};
static const struct ending zero_window_end = { OPENED, .verdict = "open", .bytes = { 10, 0 } };

/* A window probe with the next octet (RFC 9293 3.8.6.1: "at least one octet of new data"): taken only
 * when the window opens, and then sent again. */
static const struct row zero_window_probed_with_data[] = {
    THREE_WAY,
    CLI("P.",  1,  1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV(".",   1,  6, 0, OPEN_STILL, "zero-window", .exchange = 1, .zero_window = true),
    CLI(".",   6,  1, 1, OPEN_STILL, "data", .exchange = 1, .after = 200),
    SRV(".",   1,  6, 0, OPEN_STILL, "zero-window", .exchange = ANY, .zero_window = true),
    SRV(".",   1,  6, 0, OPEN_STILL, "window-update", .exchange = ANY, .after = 500),
    CLI("P.",  6,  1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV(".",   1, 11, 0, OPEN_STILL, "ack", .exchange = 1),
};
static const struct ending zero_window_probed_with_data_end = { OPENED, .verdict = "open", .bytes = { 10, 0 } };

/* Data with the window closed the other way. */
static const struct row zero_window_on_data[] = {
    THREE_WAY,
    CLI("P.",  1,  1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV("P.",  1,  6, 7, OPEN_STILL, "data zero-window", .exchange = 2, .zero_window = true),
    CLI(".",   6,  8, 0, OPEN_STILL, "ack", .exchange = 2),
};
static const struct ending zero_window_on_data_end = { OPENED, .verdict = "open", .bytes = { 5, 7 } };

static const struct row window_update[] = {
    THREE_WAY,
    CLI("P.",  1,  1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV(".",   1,  6, 0, OPEN_STILL, "ack", .exchange = 1),
    SRV(".",   1,  6, 0, OPEN_STILL, "window-update", .exchange = ANY, .window = 2000),
    SRV(".",   1,  6, 0, OPEN_STILL, "ack", .exchange = 1, .window = 2000),
    CLI("P.",  6,  1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV(".",   1, 11, 0, OPEN_STILL, "ack", .exchange = 1, .window = 3000),
};
static const struct ending window_update_end = { OPENED, .verdict = "open", .bytes = { 10, 0 } };

/* Windows on SYNs are never scaled (RFC 7323 2.2): what a server announces that acknowledges nothing
 * more is its window. */
static const struct row window_update_right_after_the_handshake[] = {
    THREE_WAY,
    SRV(".",   1,  1, 0, OPEN_STILL, "window-update"),
    CLI("P.",  1,  1, 5, OPEN_STILL, "data", .exchange = 1),
};
static const struct ending window_update_right_after_the_handshake_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

/* --- flags that change nothing --- */

static const struct row urgent_data[] = {
    THREE_WAY,
    CLI("P.U", 1, 1, 5, OPEN_STILL, "data", .exchange = 1),
    SRV(".P",  1, 6, 0, OPEN_STILL, "ack", .exchange = 1),
};
static const struct ending urgent_data_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

/* --- what the receiver drops --- */

/* RFC 9293 3.10.7.4, fifth, ESTABLISHED: an ACK of what was not sent is answered, the segment dropped.
 * That it was not sent is seen when its end goes on where it was. */
static const struct row ack_of_what_was_never_sent[] = {
    THREE_WAY,
    CLI(".",  1, 5001, 0, ESTABLISHED, ESTABLISHED, D, "ack", .experts = "not_captured", .notes = TCP_NOTE_ACKS_UNSEEN),
    SRV(".",  1, 1,    0, ESTABLISHED, ESTABLISHED, D, "ack", .notes = TCP_NOTE_CHALLENGE_ACK),
    CLI("P.", 1, 5001, 2, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1, .experts = "not_captured",
        .notes = TCP_NOTE_ACKS_UNSEEN),
    SRV(".",  1, 1,    0, ESTABLISHED, ESTABLISHED, D, "ack", .notes = TCP_NOTE_CHALLENGE_ACK),
    SRV("F.", 1, 1,    0, CLOSE_WAIT,  FIN_WAIT_1,  T, "fin", "1/4"),
    CLI("F.", 1, 2,    0, LAST_ACK,    TIME_WAIT,   T, "ack-of-fin fin", "2/4 3/4", .acks = 8),
    SRV(".",  2, 2,    0, CLOSED,      TIME_WAIT,   T, "ack-of-fin", "4/4", .acks = 9),
};
static const struct ending ack_of_what_was_never_sent_end = {
    OPENED, .closing = "three-segment", .verdict = "orderly", .closed_by = "server", .time_wait = "server",
    .teardown = 20, .bytes = { 2, 0 },
};

/* The same with a FIN: it has not closed, as the answer shows; the one that is good closes. */
static const struct row fin_with_an_ack_of_what_was_never_sent[] = {
    THREE_WAY,
    CLI("F.", 1, 5001, 0, FIN_WAIT_1,  ESTABLISHED, T, "fin", "1/4", .experts = "not_captured", .notes = TCP_NOTE_ACKS_UNSEEN),
    SRV(".",  1, 1,    0, ESTABLISHED, ESTABLISHED, D, "ack", .client_was = WAS(ESTABLISHED), .notes = TCP_NOTE_CHALLENGE_ACK,
        .about = 4),
    CLI("F.", 1, 1,    0, FIN_WAIT_1,  CLOSE_WAIT,  T, "fin", "1/4"),
    SRV(".",  1, 2,    0, FIN_WAIT_2,  CLOSE_WAIT,  T, "ack-of-fin", "2/4", .acks = 6),
};
static const struct ending fin_with_an_ack_of_what_was_never_sent_end = {
    OPENED, .closing = "half-closed", .verdict = "half-closed", .closed_by = "client", .teardown = 10,
};

/* It was sent, and only not captured: its end goes on behind it. */
static const struct row ack_of_what_was_not_captured[] = {
    THREE_WAY,
    CLI(".",  1, 101, 0, ESTABLISHED, ESTABLISHED, D, "ack", .experts = "not_captured", .notes = TCP_NOTE_ACKS_UNSEEN),
    SRV("F.", 101, 1, 0, CLOSE_WAIT,  FIN_WAIT_1,  T, "fin", "1/4"),
    CLI("F.", 1, 102, 0, LAST_ACK,    TIME_WAIT,   T, "ack-of-fin fin", "2/4 3/4", .acks = 5),
    SRV(".",  102, 2, 0, CLOSED,      TIME_WAIT,   T, "ack-of-fin", "4/4", .acks = 6),
};
static const struct ending ack_of_what_was_not_captured_end = {
    OPENED, .closing = "three-segment", .verdict = "orderly", .closed_by = "server", .time_wait = "server",
    .teardown = 20, .bytes = { 0, 100 },
};

/* PAWS (RFC 7323 5.3): an older timestamp than the last one; dropped, and answered with an ACK. */
static const struct row fin_again_after_an_old_timestamp[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN), .stamp = 1000),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1, .stamp = 7),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 2, .stamp = 1010),
    CLI("F.", 1, 1, 0, FIN_WAIT_1,  ESTABLISHED, T, "fin", "1/4", .stamp = 10),
    SRV(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, D, "ack", .client_was = WAS(ESTABLISHED), .notes = TCP_NOTE_CHALLENGE_ACK,
        .stamp = 30),
    CLI("F.", 1, 1, 0, FIN_WAIT_1,  CLOSE_WAIT,  T, "fin", "1/4", .stamp = 1040),
    SRV("F.", 1, 2, 0, TIME_WAIT,   LAST_ACK,    T, "ack-of-fin fin", "2/4 3/4", .acks = 6, .stamp = 50),
    CLI(".",  2, 2, 0, TIME_WAIT,   CLOSED,      T, "ack-of-fin", "4/4", .acks = 7, .stamp = 1060),
};
static const struct ending fin_again_after_an_old_timestamp_end = {
    OPENED, .closing = "three-segment", .verdict = "orderly", .closed_by = "client", .time_wait = "client", .teardown = 20,
};

/* RFC 9293 3.10.7.4, fourth (RFC 5961 4): a SYN in an open connection, with whatever number. */
static const struct row syn_ack_in_an_open_connection[] = {
    THREE_WAY,
    CLI("S.", 11, 1, 0, ESTABLISHED, ESTABLISHED, D, "syn-ack", .notes = TCP_NOTE_OUTSIDE),
    SRV(".",   1, 1, 0, ESTABLISHED, ESTABLISHED, D, "ack", .notes = TCP_NOTE_CHALLENGE_ACK),
    CLI("P.",  1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
    SRV(".",   1, 6, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 1),
};
static const struct ending syn_ack_in_an_open_connection_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

/* clang-format on */

static const struct scenario scenarios[] = {
    SCENARIO(ack_of_what_was_never_sent),
    SCENARIO(fin_with_an_ack_of_what_was_never_sent),
    SCENARIO(ack_of_what_was_not_captured),
    SCENARIO(fin_again_after_an_old_timestamp),
    SCENARIO(syn_ack_in_an_open_connection),
    SCENARIO(exchanges),
    SCENARIO(late_ack_of_an_exchange),
    SCENARIO(server_speaks_first),
    SCENARIO(data_again),
    SCENARIO(data_again_with_more),
    SCENARIO(data_again_after_the_answer),
    SCENARIO(data_again_two_exchanges_later),
    SCENARIO(data_out_of_order),
    SCENARIO(data_out_of_order_again),
    SCENARIO(data_with_two_gaps),
    SCENARIO(data_out_of_order_after_the_answer),
    SCENARIO(data_outside_the_window),
    SCENARIO(fin_outside_the_window),
    SCENARIO(ack_of_the_future),
    SCENARIO(keep_alive),
    SCENARIO(keep_alive_of_a_silent_server),
    SCENARIO(keep_alives_unanswered),
    SCENARIO(keep_alive_at_the_end),
    SCENARIO(data_never_acknowledged),
    SCENARIO(zero_window),
    SCENARIO(zero_window_probed_with_data),
    SCENARIO(zero_window_on_data),
    SCENARIO(window_update),
    SCENARIO(window_update_right_after_the_handshake),
    SCENARIO(urgent_data),
};
const struct scenario_list data_scenarios = { scenarios, COUNT_OF(scenarios) };
