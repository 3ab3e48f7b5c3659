/* scenarios_closing.c
 * How connections close with FINs.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "scenario.h"

/* clang-format off */

/* --- in order (RFC 9293 figure 12) --- */

#define CLOSE_IN_FOUR \
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"), \
    SRV(".",  1, 2, 0, FIN_WAIT_2, CLOSE_WAIT, T, "ack-of-fin", "2/4", .acks = 4), \
    SRV("F.", 1, 2, 0, TIME_WAIT,  LAST_ACK,   T, "fin", "3/4"), \
    CLI(".",  2, 2, 0, TIME_WAIT,  CLOSED,     T, "ack-of-fin", "4/4", .acks = 6)
#define CLOSED_IN_FOUR \
    OPENED, .closing = "four-segment", .verdict = "orderly", .closed_by = "client", .time_wait = "client"

static const struct row four_segments[] = {
    THREE_WAY,
    CLOSE_IN_FOUR,
};
static const struct ending four_segments_end = { CLOSED_IN_FOUR, .teardown = 30 };

static const struct row four_segments_server_first[] = {
    THREE_WAY,
    SRV("F.", 1, 1, 0, CLOSE_WAIT, FIN_WAIT_1, T, "fin", "1/4"),
    CLI(".",  1, 2, 0, CLOSE_WAIT, FIN_WAIT_2, T, "ack-of-fin", "2/4", .acks = 4),
    CLI("F.", 1, 2, 0, LAST_ACK,   TIME_WAIT,  T, "fin", "3/4", .after = 700),
    SRV(".",  2, 2, 0, CLOSED,     TIME_WAIT,  T, "ack-of-fin", "4/4", .acks = 6),
};
static const struct ending four_segments_server_first_end = {
    OPENED, .closing = "four-segment", .verdict = "orderly", .closed_by = "server",
    .time_wait = "server", .teardown = 720,
};

/* The second FIN is the first to acknowledge the first: steps 2 and 3 in one segment. */
static const struct row three_segments[] = {
    THREE_WAY,
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV("F.", 1, 2, 0, TIME_WAIT,  LAST_ACK,   T, "ack-of-fin fin", "2/4 3/4", .acks = 4),
    CLI(".",  2, 2, 0, TIME_WAIT,  CLOSED,     T, "ack-of-fin", "4/4", .acks = 5),
};
static const struct ending three_segments_end = {
    OPENED, .closing = "three-segment", .verdict = "orderly", .closed_by = "client",
    .time_wait = "client", .teardown = 20,
};

static const struct row fin_with_data[] = {
    THREE_WAY,
    CLI("FP.", 1, 1, 5, FIN_WAIT_1, CLOSE_WAIT, T, "data fin", "1/4", .exchange = 1),
    SRV("FP.", 1, 7, 9, TIME_WAIT,  LAST_ACK,   T, "data ack-of-fin fin", "2/4 3/4", .acks = 4, .exchange = 2,
        .experts = "data_after_fin half_close", .notes = TCP_NOTE_HALF_CLOSE),
    CLI(".",  7, 11, 0, TIME_WAIT,  CLOSED,     T, "ack-of-fin", "4/4", .acks = 5, .exchange = 2),
};
static const struct ending fin_with_data_end = {
    OPENED, .closing = "three-segment", .verdict = "orderly", .closed_by = "client",
    .time_wait = "client", .half_close = true, .teardown = 20, .bytes = { 5, 9 },
};

/* The last ACK is missing: both FINs are there, so it was orderly. */
static const struct row last_ack_missing[] = {
    THREE_WAY,
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV(".",  1, 2, 0, FIN_WAIT_2, CLOSE_WAIT, T, "ack-of-fin", "2/4", .acks = 4),
    SRV("F.", 1, 2, 0, TIME_WAIT,  LAST_ACK,   T, "fin", "3/4"),
};
static const struct ending last_ack_missing_end = { CLOSED_IN_FOUR, .teardown = 10 };

static const struct row one_fin_only[] = {
    THREE_WAY,
    SRV("F.", 1, 1, 0, CLOSE_WAIT, FIN_WAIT_1, T, "fin", "1/4"),
    CLI(".",  1, 2, 0, CLOSE_WAIT, FIN_WAIT_2, T, "ack-of-fin", "2/4", .acks = 4),
};
static const struct ending one_fin_only_end = {
    OPENED, .closing = "half-closed", .verdict = "half-closed", .closed_by = "server", .teardown = 10,
};

/* --- half-close (RFC 9293 3.6.1) --- */

static const struct row half_close[] = {
    THREE_WAY,
    CLI("F.", 1,  1,  0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV(".",  1,  2,  0, FIN_WAIT_2, CLOSE_WAIT, T, "ack-of-fin", "2/4", .acks = 4),
    SRV("P.", 1,  2, 10, FIN_WAIT_2, CLOSE_WAIT, T, "data", .exchange = 1,
        .experts = "data_after_fin half_close", .notes = TCP_NOTE_HALF_CLOSE),
    CLI(".",  2, 11,  0, FIN_WAIT_2, CLOSE_WAIT, T, "ack", .exchange = 1),
    SRV("P.", 11, 2,  5, FIN_WAIT_2, CLOSE_WAIT, T, "data", .exchange = 1,
        .experts = "data_after_fin", .notes = TCP_NOTE_HALF_CLOSE),
    SRV("F.", 16, 2,  0, TIME_WAIT,  LAST_ACK,   T, "fin", "3/4"),
    CLI(".",  2, 17,  0, TIME_WAIT,  CLOSED,     T, "ack-of-fin", "4/4", .acks = 9, .exchange = 1),
};
static const struct ending half_close_end = {
    CLOSED_IN_FOUR, .half_close = true, .teardown = 60, .bytes = { 0, 15 },
};

/* The FIN's ACK rides on data. */
static const struct row ack_of_fin_on_data[] = {
    THREE_WAY,
    SRV("F.", 1,  1,  0, CLOSE_WAIT, FIN_WAIT_1, T, "fin", "1/4"),
    CLI("P.", 1,  2, 28, CLOSE_WAIT, FIN_WAIT_2, T, "data ack-of-fin", "2/4", .acks = 4, .exchange = 1,
        .experts = "data_after_fin half_close", .notes = TCP_NOTE_HALF_CLOSE),
    SRV(".",  2, 29,  0, CLOSE_WAIT, FIN_WAIT_2, T, "ack", .exchange = 1),
    CLI("F.", 29, 2,  0, LAST_ACK,   TIME_WAIT,  T, "fin", "3/4"),
    SRV(".",  2, 30,  0, CLOSED,     TIME_WAIT,  T, "ack-of-fin", "4/4", .acks = 7),
};
static const struct ending ack_of_fin_on_data_end = {
    OPENED, .closing = "four-segment", .verdict = "orderly", .closed_by = "server",
    .time_wait = "server", .half_close = true, .teardown = 40, .bytes = { 28, 0 },
};

/* --- ACKs that are not the FIN's --- */

static const struct row ack_short_of_the_fin[] = {
    THREE_WAY,
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
    CLI("F.", 6, 1, 0, FIN_WAIT_1,  CLOSE_WAIT,  T, "fin", "1/4"),
    SRV(".",  1, 6, 0, FIN_WAIT_1,  CLOSE_WAIT,  T, "ack", .exchange = 1, .notes = TCP_NOTE_SHORT_OF_FIN, .about = 5),
    SRV(".",  1, 7, 0, FIN_WAIT_2,  CLOSE_WAIT,  T, "ack-of-fin", "2/4", .acks = 5),
    SRV("F.", 1, 7, 0, TIME_WAIT,   LAST_ACK,    T, "fin", "3/4"),
    CLI(".",  7, 2, 0, TIME_WAIT,   CLOSED,      T, "ack-of-fin", "4/4", .acks = 8),
};
static const struct ending ack_short_of_the_fin_end = { CLOSED_IN_FOUR, .teardown = 40, .bytes = { 5, 0 } };

/* Data that left before the FIN came: after it on the wire, but no half-close. */
static const struct row data_crosses_the_fin[] = {
    THREE_WAY,
    CLI("F.",  1,  1,  0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV("P.",  1,  1, 10, FIN_WAIT_1, CLOSE_WAIT, T, "data", .exchange = 1, .notes = TCP_NOTE_SHORT_OF_FIN, .about = 4),
    SRV("F.", 11,  2,  0, TIME_WAIT,  LAST_ACK,   T, "ack-of-fin fin", "2/4 3/4", .acks = 4),
    CLI(".",   2, 12,  0, TIME_WAIT,  CLOSED,     T, "ack-of-fin", "4/4", .acks = 6, .exchange = 1),
};
static const struct ending data_crosses_the_fin_end = {
    OPENED, .closing = "three-segment", .verdict = "orderly", .closed_by = "client",
    .time_wait = "client", .teardown = 30, .bytes = { 0, 10 },
};

/* An old ACK, overtaken on its way, takes nothing back. */
static const struct row old_ack_after_ack_of_fin[] = {
    THREE_WAY,
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
    CLI("F.", 6, 1, 0, FIN_WAIT_1,  CLOSE_WAIT,  T, "fin", "1/4"),
    SRV(".",  1, 7, 0, FIN_WAIT_2,  CLOSE_WAIT,  T, "ack-of-fin", "2/4", .acks = 5, .exchange = 1),
    SRV(".",  1, 6, 0, FIN_WAIT_2,  CLOSE_WAIT,  T, "ack", .exchange = 1),
};
static const struct ending old_ack_after_ack_of_fin_end = {
    OPENED, .closing = "half-closed", .verdict = "half-closed", .closed_by = "client",
    .teardown = 10, .bytes = { 5, 0 },
};

/* RFC 9293 3.10.7.4, fifth: "If the ACK acks something not yet sent (SEG.ACK > SND.NXT), then send an
 * ACK, drop the segment": it is no ACK of the FIN. */
static const struct row ack_beyond_the_fin[] = {
    THREE_WAY,
    CLI("F.", 1,   1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV(".",  1, 500, 0, FIN_WAIT_1, CLOSE_WAIT, T, "ack"),
    SRV(".",  1,   2, 0, FIN_WAIT_2, CLOSE_WAIT, T, "ack-of-fin", "2/4", .acks = 4),
};
static const struct ending ack_beyond_the_fin_end = {
    OPENED, .closing = "half-closed", .verdict = "half-closed", .closed_by = "client", .teardown = 20,
};

/* A FIN with a number that has been acknowledged already is not acceptable (RFC 9293 3.10.7.4, first):
 * dropped. */
static const struct row fin_below_what_was_acknowledged[] = {
    THREE_WAY,
    CLI("P.", 1,  1, 10, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
    SRV(".",  1, 11,  0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 1),
    CLI("F.", 5,  1,  0, ESTABLISHED, ESTABLISHED, D, "fin", .notes = TCP_NOTE_OUTSIDE),
    CLI("F.", 11, 1,  0, FIN_WAIT_1,  CLOSE_WAIT,  T, "fin", "1/4"),
    SRV(".",  1, 12,  0, FIN_WAIT_2,  CLOSE_WAIT,  T, "ack-of-fin", "2/4", .acks = 7),
};
static const struct ending fin_below_what_was_acknowledged_end = {
    OPENED, .closing = "half-closed", .verdict = "half-closed", .closed_by = "client",
    .teardown = 10, .bytes = { 10, 0 },
};

/* --- a FIN out of order: its receiver has it when all before it has come --- */

static const struct row fin_before_its_data[] = {
    THREE_WAY,
    CLI("F.", 6, 1, 0, FIN_WAIT_1, ESTABLISHED, T, "fin", "1/4", .notes = TCP_NOTE_GAP_BEFORE | TCP_NOTE_FIN_WAITS),
    SRV(".",  1, 1, 0, FIN_WAIT_1, ESTABLISHED, T, "ack", .notes = TCP_NOTE_SHORT_OF_FIN),
    CLI("P.", 1, 1, 5, FIN_WAIT_1, CLOSE_WAIT,  T, "data", .exchange = 1, .notes = TCP_NOTE_FILLS_GAP),
    SRV(".",  1, 7, 0, FIN_WAIT_2, CLOSE_WAIT,  T, "ack-of-fin", "2/4", .acks = 4, .exchange = 1),
};
static const struct ending fin_before_its_data_end = {
    OPENED, .closing = "half-closed", .verdict = "half-closed", .closed_by = "client",
    .teardown = 30, .bytes = { 5, 0 },
};

/* The data before the FIN begins an exchange, though the FIN came first. */
static const struct row fin_before_the_data_of_a_later_exchange[] = {
    THREE_WAY,
    CLI("P.",  1,  1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
    SRV("P.",  1,  6, 7, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 2),
    CLI("F.", 11,  8, 0, FIN_WAIT_1,  ESTABLISHED, T, "fin", "1/4", .exchange = 2, .notes = TCP_NOTE_GAP_BEFORE | TCP_NOTE_FIN_WAITS),
    CLI("P.",  6,  8, 5, FIN_WAIT_1,  CLOSE_WAIT,  T, "data", .exchange = 3, .notes = TCP_NOTE_FILLS_GAP),
    SRV(".",   8, 12, 0, FIN_WAIT_2,  CLOSE_WAIT,  T, "ack-of-fin", "2/4", .acks = 6, .exchange = 3),
};
static const struct ending fin_before_the_data_of_a_later_exchange_end = {
    OPENED, .closing = "half-closed", .verdict = "half-closed", .closed_by = "client",
    .teardown = 20, .bytes = { 10, 7 },
};

/* The gap is never seen filled: the ACK says that it was. */
static const struct row fin_before_data_never_captured[] = {
    THREE_WAY,
    CLI("F.", 6, 1, 0, FIN_WAIT_1, ESTABLISHED, T, "fin", "1/4", .notes = TCP_NOTE_GAP_BEFORE | TCP_NOTE_FIN_WAITS),
    SRV(".",  1, 7, 0, FIN_WAIT_2, CLOSE_WAIT,  T, "ack-of-fin", "2/4", .acks = 4),
};
static const struct ending fin_before_data_never_captured_end = {
    OPENED, .closing = "half-closed", .verdict = "half-closed", .closed_by = "client",
    .teardown = 10, .bytes = { 5, 0 },
};

/* Half of the gap is filled: not yet. */
static const struct row fin_before_data_in_two_parts[] = {
    THREE_WAY,
    CLI("FP.", 11, 1, 3, FIN_WAIT_1, ESTABLISHED, T, "data fin", "1/4", .exchange = 1, .notes = TCP_NOTE_GAP_BEFORE | TCP_NOTE_FIN_WAITS),
    CLI("P.",   6, 1, 5, FIN_WAIT_1, ESTABLISHED, T, "data", .exchange = 1, .notes = TCP_NOTE_FILLS_GAP),
    SRV(".",    1, 1, 0, FIN_WAIT_1, ESTABLISHED, T, "ack", .notes = TCP_NOTE_SHORT_OF_FIN),
    CLI("P.",   1, 1, 5, FIN_WAIT_1, CLOSE_WAIT,  T, "data", .exchange = 1, .notes = TCP_NOTE_FILLS_GAP),
    SRV("F.",   1, 15, 0, TIME_WAIT, LAST_ACK,    T, "ack-of-fin fin", "2/4 3/4", .acks = 4, .exchange = 1),
};
static const struct ending fin_before_data_in_two_parts_end = {
    OPENED, .closing = "three-segment", .verdict = "orderly", .closed_by = "client",
    .time_wait = "client", .teardown = 40, .bytes = { 13, 0 },
};

/* --- simultaneous (RFC 9293 figure 13) --- */

#define BOTH_CLOSE \
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"), \
    SRV("F.", 1, 1, 0, CLOSING,    FIN_WAIT_1, T, "fin", "3/4", .server_was = WAS(ESTABLISHED), \
        .experts = "simultaneous_close", .notes = TCP_NOTE_SHORT_OF_FIN | TCP_NOTE_CROSSED_FIN, .about = 4)
#define CLOSED_BY_BOTH \
    OPENED, .closing = "simultaneous", .verdict = "orderly", .closed_by = "client", .time_wait = "both"

static const struct row simultaneous_close_acks_in_order[] = {
    THREE_WAY,
    BOTH_CLOSE,
    CLI(".",  2, 2, 0, CLOSING,   TIME_WAIT, T, "ack-of-fin", "4/4", .acks = 5),
    SRV(".",  2, 2, 0, TIME_WAIT, TIME_WAIT, T, "ack-of-fin", "2/4", .acks = 4),
};
static const struct ending simultaneous_close_acks_in_order_end = { CLOSED_BY_BOTH, .teardown = 30 };

static const struct row simultaneous_close_acks_crossed[] = {
    THREE_WAY,
    BOTH_CLOSE,
    SRV(".",  2, 2, 0, TIME_WAIT, CLOSING,   T, "ack-of-fin", "2/4", .acks = 4),
    CLI(".",  2, 2, 0, TIME_WAIT, TIME_WAIT, T, "ack-of-fin", "4/4", .acks = 5),
};
static const struct ending simultaneous_close_acks_crossed_end = { CLOSED_BY_BOTH, .teardown = 30 };

/* Both FINs carry data, and cross other data. */
static const struct row simultaneous_close_with_data[] = {
    THREE_WAY,
    CLI("FP.", 1,  1, 5, FIN_WAIT_1, CLOSE_WAIT, T, "data fin", "1/4", .exchange = 1),
    SRV("FP.", 1,  1, 9, CLOSING,    FIN_WAIT_1, T, "data fin", "3/4", .exchange = 2, .server_was = WAS(ESTABLISHED),
        .experts = "simultaneous_close", .notes = TCP_NOTE_SHORT_OF_FIN | TCP_NOTE_CROSSED_FIN),
    CLI(".",   7, 11, 0, CLOSING,    TIME_WAIT,  T, "ack-of-fin", "4/4", .acks = 5, .exchange = 2),
    SRV(".",  11,  7, 0, TIME_WAIT,  TIME_WAIT,  T, "ack-of-fin", "2/4", .acks = 4, .exchange = 1),
};
static const struct ending simultaneous_close_with_data_end = { CLOSED_BY_BOTH, .teardown = 30, .bytes = { 5, 9 } };

/* The FIN goes out again with the ACK of the other's in it. */
static const struct row simultaneous_close_fin_again[] = {
    THREE_WAY,
    BOTH_CLOSE,
    CLI("F.", 1, 2, 0, CLOSING,   TIME_WAIT, T, "ack-of-fin fin retransmission", "1/4 4/4", .acks = 5,
        .experts = "fin_retransmitted", .after = 200),
    SRV(".",  2, 2, 0, TIME_WAIT, TIME_WAIT, T, "ack-of-fin", "2/4", .acks = 6),
};
static const struct ending simultaneous_close_fin_again_end = { CLOSED_BY_BOTH, .teardown = 220 };

/* The FIN goes out again without an ACK of the other's, which so had not come yet. */
static const struct row simultaneous_close_fin_again_without_ack[] = {
    THREE_WAY,
    BOTH_CLOSE,
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSING,   T, "fin retransmission", "1/4", .client_was = WAS(FIN_WAIT_1),
        .experts = "fin_retransmitted", .notes = ANY_NOTES, .after = 200),
    SRV(".",  2, 2, 0, TIME_WAIT,  CLOSING,   T, "ack-of-fin", "2/4", .acks = 6),
    CLI(".",  2, 2, 0, TIME_WAIT,  TIME_WAIT, T, "ack-of-fin", "4/4", .acks = 5),
};
static const struct ending simultaneous_close_fin_again_without_ack_end = { CLOSED_BY_BOTH, .teardown = 230 };

/* --- again --- */

static const struct row fin_again[] = {
    THREE_WAY,
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin retransmission", "1/4", .experts = "fin_retransmitted", .after = 200),
    SRV("F.", 1, 2, 0, TIME_WAIT,  LAST_ACK,   T, "ack-of-fin fin", "2/4 3/4", .acks = 5),
    CLI(".",  2, 2, 0, TIME_WAIT,  CLOSED,     T, "ack-of-fin", "4/4", .acks = 6),
};
static const struct ending fin_again_end = {
    OPENED, .closing = "three-segment", .verdict = "orderly", .closed_by = "client",
    .time_wait = "client", .teardown = 220,
};

/* FIN and the data before it, in one segment this time. */
static const struct row fin_again_with_data[] = {
    THREE_WAY,
    CLI("P.",  1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
    CLI("F.",  6, 1, 0, FIN_WAIT_1,  CLOSE_WAIT,  T, "fin", "1/4"),
    CLI("FP.", 1, 1, 5, FIN_WAIT_1,  CLOSE_WAIT,  T, "data fin retransmission", "1/4", .exchange = 1,
        .experts = "fin_retransmitted", .after = 200),
    SRV(".",   1, 7, 0, FIN_WAIT_2,  CLOSE_WAIT,  T, "ack-of-fin", "2/4", .acks = 6, .exchange = 1),
};
static const struct ending fin_again_with_data_end = {
    OPENED, .closing = "half-closed", .verdict = "half-closed", .closed_by = "client",
    .teardown = 210, .bytes = { 5, 0 },
};

/* The data again, with the FIN for the first time: something is new in it. */
static const struct row data_again_with_fin[] = {
    THREE_WAY,
    CLI("P.",  1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
    CLI("FP.", 1, 1, 5, FIN_WAIT_1,  CLOSE_WAIT,  T, "data fin", "1/4", .exchange = 1, .after = 200),
    SRV(".",   1, 7, 0, FIN_WAIT_2,  CLOSE_WAIT,  T, "ack-of-fin", "2/4", .acks = 5, .exchange = 1),
};
static const struct ending data_again_with_fin_end = {
    OPENED, .closing = "half-closed", .verdict = "half-closed", .closed_by = "client",
    .teardown = 10, .bytes = { 5, 0 },
};

static const struct row data_again_after_fin[] = {
    THREE_WAY,
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
    CLI("F.", 6, 1, 0, FIN_WAIT_1,  CLOSE_WAIT,  T, "fin", "1/4"),
    CLI("P.", 1, 1, 5, FIN_WAIT_1,  CLOSE_WAIT,  T, "data retransmission", .exchange = 1, .after = 200),
    SRV(".",  1, 7, 0, FIN_WAIT_2,  CLOSE_WAIT,  T, "ack-of-fin", "2/4", .acks = 5, .exchange = 1),
};
static const struct ending data_again_after_fin_end = {
    OPENED, .closing = "half-closed", .verdict = "half-closed", .closed_by = "client",
    .teardown = 210, .bytes = { 5, 0 },
};

/* The FIN goes out again while the second one, with its ACK, is on its way; then that arrives. */
static const struct row fin_again_crosses_the_second_fin[] = {
    THREE_WAY,
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV("F.", 1, 2, 0, TIME_WAIT,  LAST_ACK,   T, "ack-of-fin fin", "2/4 3/4", .acks = 4, .after = 200),
    CLI("F.", 1, 1, 0, FIN_WAIT_1, LAST_ACK,   T, "fin retransmission", "1/4", .client_was = WAS(FIN_WAIT_1),
        .experts = "fin_retransmitted", .notes = ANY_NOTES),
    CLI(".",  2, 2, 0, TIME_WAIT,  CLOSED,     T, "ack-of-fin", "4/4", .acks = 5),
};
static const struct ending fin_again_crosses_the_second_fin_end = {
    OPENED, .closing = "three-segment", .verdict = "orderly", .closed_by = "client",
    .time_wait = "client", .teardown = 220,
};

/* ... and is not seen to arrive. */
static const struct row fin_again_at_the_end[] = {
    THREE_WAY,
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV("F.", 1, 2, 0, TIME_WAIT,  LAST_ACK,   T, "ack-of-fin fin", "2/4 3/4", .acks = 4, .after = 200),
    CLI("F.", 1, 1, 0, FIN_WAIT_1, LAST_ACK,   T, "fin retransmission", "1/4", .client_was = WAS(FIN_WAIT_1),
        .experts = "fin_retransmitted", .notes = ANY_NOTES),
};
static const struct ending fin_again_at_the_end_end = {
    OPENED, .closing = "three-segment", .verdict = "orderly", .closed_by = "client", .teardown = 200,
};

/* Nobody answers the FIN any more. */
static const struct row fin_never_answered[] = {
    THREE_WAY,
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin retransmission", "1/4", .experts = "fin_retransmitted", .after = 200),
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin retransmission", "1/4", .experts = "fin_retransmitted", .after = 400),
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin retransmission", "1/4", .experts = "fin_retransmitted", .after = 800),
};
static const struct ending fin_never_answered_end = {
    OPENED, .closing = "half-closed", .verdict = "peer-gone", .closed_by = "client",
};

/* The ACK of the first FIN was lost behind the onlooker. */
static const struct row ack_of_first_fin_lost[] = {
    THREE_WAY,
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV(".",  1, 2, 0, FIN_WAIT_2, CLOSE_WAIT, T, "ack-of-fin", "2/4", .acks = 4),
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin retransmission", "1/4", .client_was = WAS(FIN_WAIT_1),
        .experts = "fin_retransmitted", .notes = TCP_NOTE_CROSSED_ACK, .about = 5, .after = 200),
    SRV(".",  1, 2, 0, FIN_WAIT_2, CLOSE_WAIT, T, "ack-of-fin", "2/4"),
    SRV("F.", 1, 2, 0, TIME_WAIT,  LAST_ACK,   T, "fin", "3/4"),
    CLI(".",  2, 2, 0, TIME_WAIT,  CLOSED,     T, "ack-of-fin", "4/4", .acks = 8),
};
static const struct ending ack_of_first_fin_lost_end = { CLOSED_IN_FOUR, .teardown = 240 };

/* The last ACK was: LAST_ACK still, and CLOSED once more. */
static const struct row last_ack_lost[] = {
    THREE_WAY,
    CLOSE_IN_FOUR,
    SRV("F.", 1, 2, 0, TIME_WAIT, LAST_ACK, T, "fin retransmission", "3/4", .server_was = WAS(LAST_ACK),
        .experts = "fin_retransmitted", .notes = TCP_NOTE_CROSSED_ACK, .about = 7, .after = 200),
    CLI(".",  2, 2, 0, TIME_WAIT, CLOSED,   T, "ack-of-fin", "4/4"),
};
static const struct ending last_ack_lost_end = { CLOSED_IN_FOUR, .teardown = 240 };

static const struct row last_ack_lost_in_three_segments[] = {
    THREE_WAY,
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV("F.", 1, 2, 0, TIME_WAIT,  LAST_ACK,   T, "ack-of-fin fin", "2/4 3/4", .acks = 4),
    CLI(".",  2, 2, 0, TIME_WAIT,  CLOSED,     T, "ack-of-fin", "4/4", .acks = 5),
    SRV("F.", 1, 2, 0, TIME_WAIT,  LAST_ACK,   T, "fin retransmission", "3/4", .server_was = WAS(LAST_ACK),
        .experts = "fin_retransmitted", .notes = TCP_NOTE_CROSSED_ACK, .after = 200),
    CLI(".",  2, 2, 0, TIME_WAIT,  CLOSED,     T, "ack-of-fin", "4/4"),
};
static const struct ending last_ack_lost_in_three_segments_end = {
    OPENED, .closing = "three-segment", .verdict = "orderly", .closed_by = "client",
    .time_wait = "client", .teardown = 230,
};

/* --- after the end --- */

static const struct row ack_again_after_the_end[] = {
    THREE_WAY,
    CLOSE_IN_FOUR,
    CLI(".",  2, 2, 0, TIME_WAIT, CLOSED, X, "ack"),
    SRV(".",  2, 2, 0, TIME_WAIT, CLOSED, X, "ack"),
};
static const struct ending ack_again_after_the_end_end = { CLOSED_IN_FOUR, .teardown = 30 };

/* A copy of the SYN, late: the end in TIME_WAIT has opened nothing (RFC 9293 3.10.1, "connection
 * already exists"); what opens anew does so with another number. */
static const struct row syn_copy_after_the_end[] = {
    THREE_WAY,
    CLOSE_IN_FOUR,
    CLI("S", 0, 0, 0, TIME_WAIT, CLOSED, X, "syn retransmission", "1/3", .experts = "syn_retransmitted", .notes = ANY_NOTES),
};
static const struct ending syn_copy_after_the_end_end = { CLOSED_IN_FOUR, .teardown = 30 };

static const struct row syn_ack_copy_after_the_end[] = {
    THREE_WAY,
    SRV("F.", 1, 1, 0, CLOSE_WAIT, FIN_WAIT_1, T, "fin", "1/4"),
    CLI("F.", 1, 2, 0, LAST_ACK,   TIME_WAIT,  T, "ack-of-fin fin", "2/4 3/4", .acks = 4),
    SRV(".",  2, 2, 0, CLOSED,     TIME_WAIT,  T, "ack-of-fin", "4/4", .acks = 5),
    SRV("S.", 0, 1, 0, CLOSED,     TIME_WAIT,  X, "syn-ack retransmission", "2/3", .experts = "syn_ack_retransmitted", .notes = ANY_NOTES),
};
static const struct ending syn_ack_copy_after_the_end_end = {
    OPENED, .closing = "three-segment", .verdict = "orderly", .closed_by = "server",
    .time_wait = "server", .teardown = 20,
};

/* The last ACK is still to come, but one end is in TIME_WAIT already: only a SYN with a number "larger
 * than the largest sequence number it used on the previous connection" opens anew (RFC 9293 3.6.1). */
static const struct row syn_copies_before_the_last_ack[] = {
    THREE_WAY,
    CLI("F.", 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, T, "fin", "1/4"),
    SRV("F.", 1, 2, 0, TIME_WAIT,  LAST_ACK,   T, "ack-of-fin fin", "2/4 3/4", .acks = 4),
    CLI("S",  0, 0, 0, TIME_WAIT,  LAST_ACK,   T, "syn retransmission", "1/3", .experts = "syn_retransmitted", .notes = ANY_NOTES),
    SRV("S.", 0, 1, 0, TIME_WAIT,  LAST_ACK,   T, "syn-ack retransmission", "2/3", .experts = "syn_ack_retransmitted", .notes = ANY_NOTES),
    CLI(".",  2, 2, 0, TIME_WAIT,  CLOSED,     T, "ack-of-fin", "4/4", .acks = 5),
};
static const struct ending syn_copies_before_the_last_ack_end = {
    OPENED, .closing = "three-segment", .verdict = "orderly", .closed_by = "client",
    .time_wait = "client", .teardown = 40,
};

static const struct row syn_copies_to_a_server_in_time_wait[] = {
    THREE_WAY,
    SRV("F.", 1, 1, 0, CLOSE_WAIT, FIN_WAIT_1, T, "fin", "1/4"),
    CLI("F.", 1, 2, 0, LAST_ACK,   TIME_WAIT,  T, "ack-of-fin fin", "2/4 3/4", .acks = 4),
    CLI("S",  0, 0, 0, LAST_ACK,   TIME_WAIT,  T, "syn retransmission", "1/3", .experts = "syn_retransmitted", .notes = ANY_NOTES),
    SRV("S.", 0, 1, 0, LAST_ACK,   TIME_WAIT,  T, "syn-ack retransmission", "2/3", .experts = "syn_ack_retransmitted", .notes = ANY_NOTES),
    SRV(".",  2, 2, 0, CLOSED,     TIME_WAIT,  T, "ack-of-fin", "4/4", .acks = 5),
};
static const struct ending syn_copies_to_a_server_in_time_wait_end = {
    OPENED, .closing = "three-segment", .verdict = "orderly", .closed_by = "server",
    .time_wait = "server", .teardown = 40,
};

/* clang-format on */

static const struct scenario scenarios[] = {
    SCENARIO(four_segments),
    SCENARIO(four_segments_server_first),
    SCENARIO(three_segments),
    SCENARIO(fin_with_data),
    SCENARIO(last_ack_missing),
    SCENARIO(one_fin_only),
    SCENARIO(half_close),
    SCENARIO(ack_of_fin_on_data),
    SCENARIO(ack_short_of_the_fin),
    SCENARIO(data_crosses_the_fin),
    SCENARIO(old_ack_after_ack_of_fin),
    SCENARIO(ack_beyond_the_fin),
    SCENARIO(fin_below_what_was_acknowledged),
    SCENARIO(fin_before_its_data),
    SCENARIO(fin_before_the_data_of_a_later_exchange),
    SCENARIO(fin_before_data_never_captured),
    SCENARIO(fin_before_data_in_two_parts),
    SCENARIO(simultaneous_close_acks_in_order),
    SCENARIO(simultaneous_close_acks_crossed),
    SCENARIO(simultaneous_close_with_data),
    SCENARIO(simultaneous_close_fin_again),
    SCENARIO(simultaneous_close_fin_again_without_ack),
    SCENARIO(fin_again),
    SCENARIO(fin_again_crosses_the_second_fin),
    SCENARIO(fin_again_at_the_end),
    SCENARIO(fin_never_answered),
    SCENARIO(fin_again_with_data),
    SCENARIO(data_again_with_fin),
    SCENARIO(data_again_after_fin),
    SCENARIO(ack_of_first_fin_lost),
    SCENARIO(last_ack_lost),
    SCENARIO(last_ack_lost_in_three_segments),
    SCENARIO(ack_again_after_the_end),
    SCENARIO(syn_copy_after_the_end),
    SCENARIO(syn_ack_copy_after_the_end),
    SCENARIO(syn_copies_before_the_last_ack),
    SCENARIO(syn_copies_to_a_server_in_time_wait),
};
const struct scenario_list closing_scenarios = { scenarios, COUNT_OF(scenarios) };
