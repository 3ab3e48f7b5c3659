/* scenarios_opening.c
 * How connections open, and how they fail to.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "scenario.h"

/* clang-format off */

/* --- three-way (RFC 9293 figure 6) --- */

static const struct row three_way_bare[] = {
    THREE_WAY,
};
static const struct ending three_way_bare_end = { OPENED, .verdict = "open" };

static const struct row three_way_third_with_data[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1),
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, H, "handshake-ack data", "3/3", .acks = 2, .exchange = 1),
    SRV(".",  1, 6, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 1),
};
static const struct ending three_way_third_with_data_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

/* The server passes ESTABLISHED on its way: what it leaves is SYN_RCVD. */
static const struct row three_way_third_with_fin[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,   H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,   H, "syn-ack", "2/3", .acks = 1),
    CLI("F.", 1, 1, 0, FIN_WAIT_1,  CLOSE_WAIT, T, "handshake-ack fin", "3/3 1/4", .acks = 2),
    SRV(".",  1, 2, 0, FIN_WAIT_2,  CLOSE_WAIT, T, "ack-of-fin", "2/4", .acks = 3),
    SRV("F.", 1, 2, 0, TIME_WAIT,   LAST_ACK,   T, "fin", "3/4"),
    CLI(".",  2, 2, 0, TIME_WAIT,   CLOSED,     T, "ack-of-fin", "4/4", .acks = 5),
};
static const struct ending three_way_third_with_fin_end = {
    OPENED, .closing = "four-segment", .verdict = "orderly", .closed_by = "client",
    .time_wait = "client", .teardown = 30,
};

static const struct row three_way_third_with_data_and_fin[] = {
    CLI("S",   0, 0, 0, SYN_SENT,    SYN_RCVD,   H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.",  0, 1, 0, ESTABLISHED, SYN_RCVD,   H, "syn-ack", "2/3", .acks = 1),
    CLI("FP.", 1, 1, 5, FIN_WAIT_1,  CLOSE_WAIT, T, "handshake-ack data fin", "3/3 1/4", .acks = 2, .exchange = 1),
    SRV(".",   1, 7, 0, FIN_WAIT_2,  CLOSE_WAIT, T, "ack-of-fin", "2/4", .acks = 3, .exchange = 1),
};
static const struct ending three_way_third_with_data_and_fin_end = {
    OPENED, .closing = "half-closed", .verdict = "half-closed", .closed_by = "client",
    .teardown = 10, .bytes = { 5, 0 },
};

/* --- ECN: the SYN has more flags than one --- */

static const struct row ecn[] = { /* RFC 3168 6.1.1 */
    CLI("SEW", 0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.E", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1),
    CLI(".",   1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 2),
    CLI("P.W", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
    SRV(".E",  1, 6, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 1),
};
static const struct ending ecn_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

static const struct row accurate_ecn[] = { /* RFC 9768 3.1 */
    CLI("SEWe", 0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.We", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1),
    CLI(".We",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 2),
    CLI("P.Ee", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
    SRV(".EWe", 1, 6, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 1),
};
static const struct ending accurate_ecn_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

/* --- simultaneous (RFC 9293 figure 7) --- */

/* The second SYN had left before the first one came: until then the server was CLOSED, since when
 * nobody saw. A SYN-ACK is the end's SYN once more: the last one before the ACK is acknowledged. */

#define BOTH_OPEN \
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)), \
    SRV("S",  0, 0, 0, SYN_RCVD,    SYN_SENT,    H, "syn", "open 2/4", .server_was = WAS(CLOSED), \
        .experts = "simultaneous_open", .notes = TCP_NOTE_CROSSED_SYN, .about = 1), \
    CLI("S.", 0, 1, 0, SYN_RCVD,    ESTABLISHED, H, "syn-ack", "open 3/4", .acks = 2), \
    SRV("S.", 0, 1, 0, ESTABLISHED, ESTABLISHED, H, "syn-ack", "open 4/4", .acks = 3)
#define OPENED_BY_BOTH .opening = "simultaneous", .rtt = 30, .server_rtt = ANY_TIME, .client_rtt = ANY_TIME

static const struct row simultaneous_in_four[] = {
    BOTH_OPEN,
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
    SRV(".",  1, 6, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 1),
};
static const struct ending simultaneous_in_four_end = { OPENED_BY_BOTH, .verdict = "open", .bytes = { 5, 0 } };

/* Linux answers the SYN-ACK of the other end with an ACK of its own. */
static const struct row simultaneous_in_six[] = {
    BOTH_OPEN,
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, D, "ack"),
    SRV(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, D, "ack"),
    SRV("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
};
static const struct ending simultaneous_in_six_end = { OPENED_BY_BOTH, .verdict = "open", .bytes = { 0, 5 } };

/* "If our SYN has been acknowledged" (RFC 9293 3.10.7.4): the SYN-ACK of one end, sent again, is not
 * the other end's. */
static const struct row simultaneous_syn_ack_again[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S",  0, 0, 0, SYN_RCVD,    SYN_SENT,    H, "syn", "open 2/4", .server_was = WAS(CLOSED),
        .experts = "simultaneous_open", .notes = TCP_NOTE_CROSSED_SYN),
    CLI("S.", 0, 1, 0, SYN_RCVD,    ESTABLISHED, H, "syn-ack", "open 3/4", .acks = 2),
    CLI("S.", 0, 1, 0, SYN_RCVD,    ESTABLISHED, H, "syn-ack retransmission", "open 3/4",
        .experts = "syn_ack_retransmitted"),
    SRV("S.", 0, 1, 0, ESTABLISHED, ESTABLISHED, H, "syn-ack", "open 4/4", .acks = 4),
    SRV("S.", 0, 1, 0, ESTABLISHED, ESTABLISHED, D, "syn-ack retransmission", "open 4/4",
        .experts = "syn_ack_retransmitted"),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, D, "ack"),
};
static const struct ending simultaneous_syn_ack_again_end = {
    .opening = "simultaneous", .verdict = "open", .rtt = 40, .server_rtt = ANY_TIME, .client_rtt = ANY_TIME,
};

/* Sent again once, and not answered: that is no sign that the other end is gone. */
static const struct row simultaneous_syn_ack_again_at_the_end[] = {
    BOTH_OPEN,
    SRV("S.", 0, 1, 0, ESTABLISHED, ESTABLISHED, D, "syn-ack retransmission", "open 4/4",
        .experts = "syn_ack_retransmitted"),
};
static const struct ending simultaneous_syn_ack_again_at_the_end_end = { OPENED_BY_BOTH, .verdict = "open" };

/* A copy that comes after the end opens nothing again. */
static const struct row simultaneous_syn_ack_after_the_end[] = {
    BOTH_OPEN,
    CLI("F.", 1, 1, 0, FIN_WAIT_1,  CLOSE_WAIT,  T, "fin", "1/4"),
    SRV("F.", 1, 2, 0, TIME_WAIT,   LAST_ACK,    T, "ack-of-fin fin", "2/4 3/4", .acks = 5),
    CLI(".",  2, 2, 0, TIME_WAIT,   CLOSED,      T, "ack-of-fin", "4/4", .acks = 6),
    CLI("S.", 0, 1, 0, TIME_WAIT,   CLOSED,      X, "syn-ack retransmission", "open 3/4",
        .experts = "syn_ack_retransmitted"),
    SRV("S.", 0, 1, 0, TIME_WAIT,   CLOSED,      X, "syn-ack retransmission", "open 4/4",
        .experts = "syn_ack_retransmitted"),
};
static const struct ending simultaneous_syn_ack_after_the_end_end = {
    OPENED_BY_BOTH, .closing = "three-segment", .verdict = "orderly", .closed_by = "client",
    .time_wait = "client", .teardown = 20,
};

/* The server's SYN-ACK comes first. */
static const struct row simultaneous_other_order[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S",  0, 0, 0, SYN_RCVD,    SYN_SENT,    H, "syn", "open 2/4", .server_was = WAS(CLOSED),
        .experts = "simultaneous_open", .notes = TCP_NOTE_CROSSED_SYN),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "open 3/4", .acks = 1),
    CLI("S.", 0, 1, 0, ESTABLISHED, ESTABLISHED, H, "syn-ack", "open 4/4", .acks = 3),
};
static const struct ending simultaneous_other_order_end = { OPENED_BY_BOTH, .verdict = "open" };

/* Completed by bare ACKs. */
static const struct row simultaneous_with_acks[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S",  0, 0, 0, SYN_RCVD,    SYN_SENT,    H, "syn", "open 2/4", .server_was = WAS(CLOSED),
        .experts = "simultaneous_open", .notes = TCP_NOTE_CROSSED_SYN),
    CLI(".",  1, 1, 0, SYN_RCVD,    ESTABLISHED, H, "handshake-ack", "open 3/4", .acks = 2),
    SRV(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "open 4/4", .acks = 1),
    SRV("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
};
static const struct ending simultaneous_with_acks_end = { OPENED_BY_BOTH, .verdict = "open", .bytes = { 0, 5 } };

/* A bare SYN again: an end that has got the other's SYN repeats its own with an ACK (RFC 9293
 * 3.10.7.3, fourth), so this one has not. */
static const struct row simultaneous_syn_again[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S",  0, 0, 0, SYN_RCVD,    SYN_SENT,    H, "syn", "open 2/4", .server_was = WAS(CLOSED),
        .experts = "simultaneous_open", .notes = TCP_NOTE_CROSSED_SYN),
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn retransmission", "open 1/4", .client_was = WAS(SYN_SENT),
        .experts = "syn_retransmitted", .notes = ANY_NOTES, .after = 1000),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "open 3/4", .acks = 3),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "open 4/4", .acks = 4),
};
static const struct ending simultaneous_syn_again_end = {
    .opening = "simultaneous", .verdict = "open", .rtt = ANY_TIME, .server_rtt = ANY_TIME, .client_rtt = ANY_TIME,
};

/* The SYN-ACK split in two: in SYN_SENT the ACK opens nothing (RFC 9293 3.10.7.3, fifth), and the SYN
 * that follows finds its receiver there, as in a simultaneous open. */
static const struct row split_handshake[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV(".",  0, 1, 0, SYN_SENT,    SYN_RCVD,    H, "ack", .unnumbered = true, .notes = TCP_NOTE_ACK_WITHOUT_SYN),
    SRV("S",  0, 0, 0, SYN_RCVD,    SYN_RCVD,    H, "syn", "open 2/4", .experts = "simultaneous_open"),
    CLI("S.", 0, 1, 0, SYN_RCVD,    ESTABLISHED, H, "syn-ack", "open 3/4", .acks = 3),
    SRV(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "open 4/4", .acks = 4),
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
};
static const struct ending split_handshake_end = {
    .opening = "simultaneous", .verdict = "open", .rtt = 40, .server_rtt = ANY_TIME, .client_rtt = ANY_TIME,
    .bytes = { 5, 0 },
};

/* The server has acknowledged the client's SYN: its own, sent again, takes that not back. */
static const struct row split_handshake_syn_again[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV(".",  0, 1, 0, SYN_SENT,    SYN_RCVD,    H, "ack", .unnumbered = true, .notes = TCP_NOTE_ACK_WITHOUT_SYN),
    SRV("S",  0, 0, 0, SYN_RCVD,    SYN_RCVD,    H, "syn", "open 2/4", .experts = "simultaneous_open"),
    SRV("S",  0, 0, 0, SYN_RCVD,    SYN_RCVD,    H, "syn retransmission", "open 2/4",
        .experts = "syn_retransmitted simultaneous_open"),
    CLI("S.", 0, 1, 0, SYN_RCVD,    ESTABLISHED, H, "syn-ack", "open 3/4", .acks = 4),
    SRV(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "open 4/4", .acks = 5),
};
static const struct ending split_handshake_syn_again_end = {
    .opening = "simultaneous", .verdict = "open", .rtt = ANY_TIME, .server_rtt = ANY_TIME, .client_rtt = ANY_TIME,
};

/* The client's SYN again, with an ACK, where the server has answered it: not acceptable (RFC 9293
 * 3.10.7.4, first), so the server acknowledges what it has and stays in SYN_RCVD. */
static const struct row syn_ack_of_the_client[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1),
    CLI("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", .notes = TCP_NOTE_OUTSIDE),
    SRV(".",  1, 1, 0, ESTABLISHED, SYN_RCVD,    H, "ack", .notes = TCP_NOTE_CHALLENGE_ACK),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 2),
};
static const struct ending syn_ack_of_the_client_end = { .opening = "three-way", .verdict = "open", .rtt = 40, .server_rtt = 10, .client_rtt = 30 };

/* A RST for an ACK with a wrong number: SYN_RCVD stays (RFC 9293 3.10.7.4, fifth, SYN-RECEIVED), and so
 * does the other end, which expects another number than the one that it gave. */
static const struct row handshake_ack_with_a_wrong_number[] = {
    CLI("S",  0,  0,  0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.", 0,  1,  0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1),
    CLI(".",  1,  77, 0, ESTABLISHED, SYN_RCVD,    H, "ack", .experts = "ack_mismatch", .notes = TCP_NOTE_BAD_HANDSHAKE_ACK),
    SRV("R",  77, 0,  0, ESTABLISHED, SYN_RCVD,    H, "rst", .experts = "reset_ignored",
        .notes = TCP_NOTE_RST_INEXACT | TCP_NOTE_RST_STAYS),
    CLI(".",  1,  1,  0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 2, .notes = ANY_NOTES),
};
static const struct ending handshake_ack_with_a_wrong_number_end = {
    .opening = "three-way", .verdict = "open", .rtt = 40, .server_rtt = 10, .client_rtt = 30,
};

/* A FIN with it goes with it (3.10.7.4, fifth comes before the FIN bit). */
static const struct row fin_with_a_wrong_handshake_ack[] = {
    CLI("S",  0,  0, 0, SYN_SENT,    SYN_RCVD, H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.", 0,  1, 0, ESTABLISHED, SYN_RCVD, H, "syn-ack", "2/3", .acks = 1),
    CLI("F.", 1, 77, 0, FIN_WAIT_1,  SYN_RCVD, T, "fin", "1/4", .experts = "ack_mismatch", .notes = TCP_NOTE_BAD_HANDSHAKE_ACK),
};
static const struct ending fin_with_a_wrong_handshake_ack_end = {
    .opening = "incomplete", .closing = "half-closed", .verdict = "half-closed", .closed_by = "client", .server_rtt = 10,
};

/* What the server sends before its SYN-ACK is dropped in SYN_SENT (RFC 9293 3.10.7.3, fifth), as the
 * SYN-ACK shows. Until then it looks like a connection whose SYN-ACK was not captured. */
static const struct row fin_before_the_syn_ack[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("F.", 1, 1, 0, CLOSE_WAIT,  FIN_WAIT_1,  T, "fin", "1/4", .inferred = true,
        .experts = "not_captured", .notes = ANY_NOTES),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1, .client_was = WAS(SYN_SENT),
        .server_was = WAS(SYN_RCVD), .notes = TCP_NOTE_ACK_WITHOUT_SYN),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 3),
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
};
static const struct ending fin_before_the_syn_ack_end = {
    .opening = "three-way", .verdict = "open", .rtt = 30, .server_rtt = 20, .client_rtt = 10, .bytes = { 5, 0 },
};

static const struct row simultaneous_unfinished[] = {
    CLI("S",  0, 0, 0, SYN_SENT, SYN_RCVD, H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S",  0, 0, 0, SYN_RCVD, SYN_SENT, H, "syn", "open 2/4", .server_was = WAS(CLOSED),
        .experts = "simultaneous_open", .notes = TCP_NOTE_CROSSED_SYN),
};
static const struct ending simultaneous_unfinished_end = {
    .opening = "simultaneous", .verdict = "handshake-unfinished",
};

/* --- again --- */

static const struct row syn_again[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn retransmission", "1/3", .inferred = true,
        .experts = "syn_retransmitted", .after = 1000),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 2),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 3),
};
static const struct ending syn_again_end = { OPENED, .verdict = "open" };

static const struct row syn_ack_again[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack retransmission", "2/3",
        .experts = "syn_ack_retransmitted", .after = 1000),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 3),
};
/* The round trip to the server is that of its first answer; its patience is no round trip. */
static const struct ending syn_ack_again_end = {
    .opening = "three-way", .verdict = "open", .rtt = 1020, .server_rtt = 10, .client_rtt = 10,
};

/* The third segment was lost behind the onlooker: the server is in SYN_RCVD still, and the ACK that
 * comes then is the one that completes the handshake. */
static const struct row handshake_ack_lost[] = {
    THREE_WAY,
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack retransmission", "2/3", .server_was = WAS(SYN_RCVD),
        .experts = "syn_ack_retransmitted", .notes = TCP_NOTE_CROSSED_ACK, .about = 3, .after = 1000),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3"),
};
static const struct ending handshake_ack_lost_end = { OPENED, .verdict = "open" };

/* The same after a SYN that was repeated: SYN_RCVD lasts from the first one. */
static const struct row handshake_ack_lost_after_syn_again[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn retransmission", "1/3", .inferred = true,
        .experts = "syn_retransmitted", .after = 1000),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 2),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 3),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack retransmission", "2/3", .server_was = WAS(SYN_RCVD),
        .experts = "syn_ack_retransmitted", .notes = TCP_NOTE_CROSSED_ACK),
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, H, "handshake-ack data", "3/3", .exchange = 1),
};
static const struct ending handshake_ack_lost_after_syn_again_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

/* The ACK that was captured arrives in the end: what the server sends then rests on nothing unseen. */
static const struct row handshake_ack_comes_after_all[] = {
    THREE_WAY,
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack retransmission", "2/3", .server_was = WAS(SYN_RCVD),
        .experts = "syn_ack_retransmitted", .notes = TCP_NOTE_CROSSED_ACK),
    SRV("P.", 1, 1, 7, ESTABLISHED, ESTABLISHED, ANY_PHASE, "data", .exchange = 1),
    CLI(".",  1, 8, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 1),
};
static const struct ending handshake_ack_comes_after_all_end = { OPENED, .verdict = "open", .bytes = { 0, 7 } };

/* The SYN was not captured: nobody knows since when the server is in SYN_RCVD. */
static const struct row handshake_ack_lost_and_syn_unseen[] = {
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .client_was = WAS(SYN_SENT), .server_was = WAS(SYN_RCVD),
        .inferred = true, .experts = "not_captured", .notes = TCP_NOTE_SYN_UNSEEN),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 1),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack retransmission", "2/3", .server_was = WAS(SYN_RCVD),
        .experts = "syn_ack_retransmitted", .notes = TCP_NOTE_CROSSED_ACK, .after = 1000),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3"),
};
static const struct ending handshake_ack_lost_and_syn_unseen_end = {
    .opening = "three-way", .verdict = "open", .client_rtt = 10,
};

/* The SYN goes out again while the SYN-ACK is on its way, which is sent again too. */
static const struct row syn_again_crosses_syn_ack[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1),
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn retransmission", "1/3", .client_was = WAS(SYN_SENT),
        .experts = "syn_retransmitted", .notes = TCP_NOTE_CROSSED_SYN_ACK, .about = 2),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack retransmission", "2/3",
        .experts = "syn_ack_retransmitted"),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 4),
};
static const struct ending syn_again_crosses_syn_ack_end = {
    .opening = "three-way", .verdict = "open", .rtt = ANY_TIME, .server_rtt = ANY_TIME, .client_rtt = 10,
};

/* The same, but the first SYN-ACK arrives in the end: it was captured, so nothing is inferred. The
 * round trip is from the last SYN before the answer. */
static const struct row syn_ack_comes_after_all[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1),
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn retransmission", "1/3", .client_was = WAS(SYN_SENT),
        .experts = "syn_retransmitted", .notes = TCP_NOTE_CROSSED_SYN_ACK),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 2),
};
static const struct ending syn_ack_comes_after_all_end = {
    .opening = "three-way", .verdict = "open", .rtt = 30, .server_rtt = 10, .client_rtt = 20,
};

/* The SYN-ACK answers all the SYNs: the server was not gone. */
static const struct row syn_ack_comes_after_two_more_syns[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1),
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn retransmission", "1/3", .client_was = WAS(SYN_SENT),
        .experts = "syn_retransmitted", .notes = TCP_NOTE_CROSSED_SYN_ACK),
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn retransmission", "1/3", .experts = "syn_retransmitted"),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 2),
};
static const struct ending syn_ack_comes_after_two_more_syns_end = {
    .opening = "three-way", .verdict = "open", .rtt = 40, .server_rtt = 10, .client_rtt = 30,
};

/* A copy of the SYN that comes when the connection has long been open opens nothing; nor does the
 * server's answer, a challenge ACK. */
static const struct row syn_copy_in_data[] = {
    THREE_WAY,
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
    SRV("P.", 1, 6, 7, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 2),
    CLI("S",  0, 0, 0, ESTABLISHED, ESTABLISHED, D, "syn retransmission", "1/3", .experts = "syn_retransmitted"),
    SRV(".",  8, 6, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 1, .notes = ANY_NOTES),
    CLI(".",  6, 8, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 2),
};
static const struct ending syn_copy_in_data_end = { OPENED, .verdict = "open", .bytes = { 5, 7 } };

static const struct row syn_ack_copy_in_data[] = {
    THREE_WAY,
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
    SRV("P.", 1, 6, 7, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 2),
    SRV("S.", 0, 1, 0, ESTABLISHED, ESTABLISHED, D, "syn-ack retransmission", "2/3", .experts = "syn_ack_retransmitted"),
    CLI(".",  6, 8, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 2),
};
static const struct ending syn_ack_copy_in_data_end = { OPENED, .verdict = "open", .bytes = { 5, 7 } };

/* --- Fast Open (RFC 7413) --- */

static const struct row fast_open[] = {
    CLI("S",  0,  0,  5, SYN_SENT,    SYN_RCVD,    H, "syn data", "1/3", .inferred = true, .exchange = 1, .server_was = WAS(LISTEN)),
    SRV("S.", 0,  6,  0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1, .exchange = ANY,
        .experts = "fast_open", .notes = TCP_NOTE_SYN_DATA_TAKEN),
    CLI(".",  6,  1,  0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 2),
    SRV("P.", 1,  6,  9, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 2),
    CLI(".",  6, 10,  0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 2),
};
static const struct ending fast_open_end = {
    .opening = "fast-open", .verdict = "open", .rtt = 20, .server_rtt = 10, .client_rtt = 10, .bytes = { 5, 9 },
};

/* The server may send before its SYN is acknowledged (RFC 7413 4.2.2): in SYN_RCVD. */
static const struct row fast_open_server_data_first[] = {
    CLI("S",  0,  0,  5, SYN_SENT,    SYN_RCVD,    H, "syn data", "1/3", .inferred = true, .exchange = 1, .server_was = WAS(LISTEN)),
    SRV("S.", 0,  6,  0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1, .exchange = ANY,
        .experts = "fast_open", .notes = TCP_NOTE_SYN_DATA_TAKEN),
    SRV("P.", 1,  6, 10, ESTABLISHED, SYN_RCVD,    H, "data", .exchange = 2),
    CLI(".",  6, 11,  0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 2, .exchange = 2),
};
static const struct ending fast_open_server_data_first_end = {
    .opening = "fast-open", .verdict = "open", .rtt = 30, .server_rtt = 10, .client_rtt = 20, .bytes = { 5, 10 },
};

/* ... and close (RFC 9293 3.10.4: SYN-RECEIVED to FIN-WAIT-1). One ACK is for SYN and FIN. */
static const struct row fast_open_server_closes_first[] = {
    CLI("S",   0,  0,  5, SYN_SENT,    SYN_RCVD,   H, "syn data", "1/3", .inferred = true, .exchange = 1, .server_was = WAS(LISTEN)),
    SRV("S.",  0,  6,  0, ESTABLISHED, SYN_RCVD,   H, "syn-ack", "2/3", .acks = 1, .exchange = ANY,
        .experts = "fast_open", .notes = TCP_NOTE_SYN_DATA_TAKEN),
    SRV("FP.", 1,  6, 10, CLOSE_WAIT,  FIN_WAIT_1, T, "data fin", "1/4", .exchange = 2),
    CLI(".",   6, 12,  0, CLOSE_WAIT,  FIN_WAIT_2, T, "handshake-ack ack-of-fin", "3/3 2/4", .acks = 3, .exchange = 2),
    CLI("F.",  6, 12,  0, LAST_ACK,    TIME_WAIT,  T, "fin", "3/4"),
    SRV(".",  12,  7,  0, CLOSED,      TIME_WAIT,  T, "ack-of-fin", "4/4", .acks = 5),
};
static const struct ending fast_open_server_closes_first_end = {
    .opening = "fast-open", .closing = "four-segment", .verdict = "orderly", .closed_by = "server",
    .time_wait = "server", .rtt = 30, .server_rtt = 10, .client_rtt = 20, .teardown = 30, .bytes = { 5, 10 },
};

/* The cookie is not taken: the SYN alone is acknowledged, and the data goes out again. */
static const struct row fast_open_refused[] = {
    CLI("S",  0, 0, 5, SYN_SENT,    SYN_RCVD,    H, "syn data", "1/3", .inferred = true, .exchange = 1, .server_was = WAS(LISTEN)),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1, .notes = TCP_NOTE_SYN_DATA_REFUSED),
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, H, "handshake-ack data retransmission", "3/3", .acks = 2, .exchange = 1),
    SRV(".",  1, 6, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 1),
};
static const struct ending fast_open_refused_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

/* A middlebox drops the SYN with data; the client tries without. */
static const struct row fast_open_given_up[] = {
    CLI("S",  0, 0, 5, SYN_SENT,    SYN_RCVD,    H, "syn data", "1/3", .inferred = true, .exchange = 1, .server_was = WAS(LISTEN)),
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn retransmission", "1/3", .inferred = true,
        .experts = "syn_retransmitted", .after = 1000),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 2, .notes = TCP_NOTE_SYN_DATA_REFUSED),
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, H, "handshake-ack data retransmission", "3/3", .acks = 3, .exchange = 1),
};
static const struct ending fast_open_given_up_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

/* --- not opened --- */

static const struct row unanswered[] = {
    CLI("S", 0, 0, 0, SYN_SENT, SYN_RCVD, H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    CLI("S", 0, 0, 0, SYN_SENT, SYN_RCVD, H, "syn retransmission", "1/3", .inferred = true, .experts = "syn_retransmitted", .after = 1000),
    CLI("S", 0, 0, 0, SYN_SENT, SYN_RCVD, H, "syn retransmission", "1/3", .inferred = true, .experts = "syn_retransmitted", .after = 2000),
    CLI("S", 0, 0, 0, SYN_SENT, SYN_RCVD, H, "syn retransmission", "1/3", .inferred = true, .experts = "syn_retransmitted", .after = 4000),
};
static const struct ending unanswered_end = {
    .opening = "unanswered", .verdict = "unanswered", .isn_unknown = { false, true },
};

static const struct row syn_ack_never_acknowledged[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD, H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD, H, "syn-ack", "2/3", .acks = 1),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD, H, "syn-ack retransmission", "2/3", .experts = "syn_ack_retransmitted", .after = 1000),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD, H, "syn-ack retransmission", "2/3", .experts = "syn_ack_retransmitted", .after = 2000),
};
static const struct ending syn_ack_never_acknowledged_end = {
    .opening = "incomplete", .verdict = "handshake-unfinished", .server_rtt = ANY_TIME,
};

static const struct row refused[] = {
    CLI("S",  0, 0, 0, SYN_SENT, SYN_RCVD, H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("R.", 0, 1, 0, CLOSED,   CLOSED,   T, "rst", .acks = 1, .experts = "refused", .about = 1, .zero_seq = true),
};
static const struct ending refused_end = {
    .opening = "refused", .verdict = "refused", .isn_unknown = { false, true },
};

/* The SYN comes again with the same number, and is a new try: what the RST said of it is over. */
static const struct row refused_and_tried_again[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("R.", 0, 1, 0, CLOSED,      CLOSED,      T, "rst", .acks = 1, .experts = "refused", .zero_seq = true),
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn retransmission", "1/3", .inferred = true, .server_was = WAS(LISTEN),
        .experts = "syn_retransmitted", .after = 500),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 3),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 4),
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
};
static const struct ending refused_and_tried_again_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

static const struct row refused_twice[] = {
    CLI("S",  0, 0, 0, SYN_SENT, SYN_RCVD, H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("R.", 0, 1, 0, CLOSED,   CLOSED,   T, "rst", .acks = 1, .experts = "refused", .zero_seq = true),
    CLI("S",  0, 0, 0, SYN_SENT, SYN_RCVD, H, "syn retransmission", "1/3", .inferred = true, .server_was = WAS(LISTEN),
        .experts = "syn_retransmitted", .after = 500),
    SRV("R.", 0, 1, 0, CLOSED,   CLOSED,   T, "rst", .acks = 3, .experts = "refused", .about = 3, .zero_seq = true),
};
static const struct ending refused_twice_end = {
    .opening = "refused", .verdict = "refused", .isn_unknown = { false, true },
};

/* The RST came from somebody in between: the server's own answer finds a client that has given up,
 * and that says so. */
static const struct row refused_by_a_third_party[] = {
    CLI("S",  0, 0, 0, SYN_SENT, SYN_RCVD, H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("R.", 0, 1, 0, CLOSED,   CLOSED,   T, "rst", .acks = 1, .experts = "refused", .zero_seq = true),
    SRV("S.", 0, 1, 0, CLOSED,   SYN_RCVD, ANY_PHASE, "syn-ack", ANY_WORD),
    CLI("R",  1, 0, 0, CLOSED,   CLOSED,   T, "rst", .experts = "reset"),
};
static const struct ending refused_by_a_third_party_end = {
    .opening = "refused", .verdict = "refused", .server_rtt = ANY_TIME,
};

/* --- wrong numbers --- */

/* RFC 9293 3.10.7.3, first: the ACK is not acceptable, a RST with its number goes out, and the end
 * stays in SYN_SENT. The other end was not in a connection with it: CLOSED. */
static const struct row syn_ack_with_wrong_number[] = {
    CLI("S",  0,   0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.", 0, 500, 0, SYN_SENT,    SYN_RCVD,    H, "syn-ack", .experts = "ack_mismatch",
        .notes = TCP_NOTE_BAD_HANDSHAKE_ACK, .about = 1),
    CLI("R", 500,  0, 0, SYN_SENT,    CLOSED,      T, "rst", .notes = TCP_NOTE_RST_STAYS),
    CLI("S",  0,   0, 0, SYN_SENT,    SYN_RCVD,    H, "syn retransmission", "1/3", .inferred = true, .server_was = WAS(LISTEN),
        .experts = "syn_retransmitted"),
    SRV("S.", 7,   1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 4, .unnumbered = true),
    CLI(".",  1,   8, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 5, .unnumbered = true),
};
static const struct ending syn_ack_with_wrong_number_end = { OPENED, .verdict = "open", .isn_offset = { 0, 7 } };

/* RFC 9293 3.10.7.4, fifth, SYN-RECEIVED: an ACK of what was not sent opens nothing. */
static const struct row third_step_with_wrong_number[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 1),
    CLI(".",  1, 9, 0, ESTABLISHED, SYN_RCVD,    H, "ack", .experts = "ack_mismatch",
        .notes = TCP_NOTE_BAD_HANDSHAKE_ACK, .about = 2),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 2),
};
static const struct ending third_step_with_wrong_number_end = {
    .opening = "three-way", .verdict = "open", .rtt = 30, .server_rtt = 10, .client_rtt = 20,
};

/* clang-format on */

static const struct scenario scenarios[] = {
    SCENARIO(three_way_bare),
    SCENARIO(three_way_third_with_data),
    SCENARIO(three_way_third_with_fin),
    SCENARIO(three_way_third_with_data_and_fin),
    SCENARIO(ecn),
    SCENARIO(accurate_ecn),
    SCENARIO(simultaneous_in_four),
    SCENARIO(simultaneous_in_six),
    SCENARIO(simultaneous_syn_ack_again),
    SCENARIO(simultaneous_syn_ack_again_at_the_end),
    SCENARIO(simultaneous_syn_ack_after_the_end),
    SCENARIO(simultaneous_other_order),
    SCENARIO(simultaneous_with_acks),
    SCENARIO(simultaneous_syn_again),
    SCENARIO(split_handshake),
    SCENARIO(syn_ack_of_the_client),
    SCENARIO(fin_before_the_syn_ack),
    SCENARIO(handshake_ack_with_a_wrong_number),
    SCENARIO(fin_with_a_wrong_handshake_ack),
    SCENARIO(split_handshake_syn_again),
    SCENARIO(simultaneous_unfinished),
    SCENARIO(syn_again),
    SCENARIO(syn_ack_again),
    SCENARIO(handshake_ack_lost),
    SCENARIO(handshake_ack_lost_after_syn_again),
    SCENARIO(handshake_ack_lost_and_syn_unseen),
    SCENARIO(handshake_ack_comes_after_all),
    SCENARIO(syn_again_crosses_syn_ack),
    SCENARIO(syn_ack_comes_after_all),
    SCENARIO(syn_ack_comes_after_two_more_syns),
    SCENARIO(syn_copy_in_data),
    SCENARIO(syn_ack_copy_in_data),
    SCENARIO(fast_open),
    SCENARIO(fast_open_server_data_first),
    SCENARIO(fast_open_server_closes_first),
    SCENARIO(fast_open_refused),
    SCENARIO(fast_open_given_up),
    SCENARIO(unanswered),
    SCENARIO(syn_ack_never_acknowledged),
    SCENARIO(refused),
    SCENARIO(refused_and_tried_again),
    SCENARIO(refused_twice),
    SCENARIO(refused_by_a_third_party),
    SCENARIO(syn_ack_with_wrong_number),
    SCENARIO(third_step_with_wrong_number),
};
const struct scenario_list opening_scenarios = { scenarios, COUNT_OF(scenarios) };
