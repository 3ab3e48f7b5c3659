/* scenarios_reuse.c
 * A SYN with a new ISN where a connection is, or was, on the same addresses and ports: from there on
 * the rows belong to another conversation, which is told of the one before.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "scenario.h"

/* clang-format off */

/* The connection before, left open: the client next sends 6, the server 8. */
#define OLD_CONNECTION \
    THREE_WAY, \
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1), \
    SRV("P.", 1, 6, 7, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 2), \
    CLI(".",  6, 8, 0, ESTABLISHED, ESTABLISHED, D, "ack", .exchange = 2)
/* Row 7: the SYN into it. The end that did not send it keeps its state until it answers. */
#define SYN_INTO_IT(state) \
    CLI("S",  0, 0, 0, SYN_SENT, state, H, "syn", "1/3", .fresh = true, .server_was = WAS(state), \
        .experts = "port_reused", .notes = TCP_NOTE_PORT_REUSED | TCP_NOTE_OLD_OPEN)
/* Row 8: the challenge ACK, with the old numbers (RFC 9293 figure 9, RFC 5961 4.2). */
#define CHALLENGE(state) \
    SRV(".",  8, 6, 0, SYN_SENT, state, H, "ack", .old = true, .unnumbered = true, .exchange = ANY, \
        .notes = TCP_NOTE_CHALLENGE_ACK)

/* The SYN was none of the client's own: the old connection lives. */
static const struct row challenged_and_the_old_goes_on[] = {
    OLD_CONNECTION,
    SYN_INTO_IT(ESTABLISHED),
    CHALLENGE(ESTABLISHED),
    CLI("P.",  6,  8, 5, ESTABLISHED, ESTABLISHED, D, "data", .old = true, .exchange = ANY, .client_was = WAS(ESTABLISHED)),
    SRV(".",   8, 11, 0, ESTABLISHED, ESTABLISHED, D, "ack", .old = true, .exchange = ANY),
    CLI("F.", 11,  8, 0, FIN_WAIT_1,  CLOSE_WAIT,  T, "fin", "1/4", .old = true),
    SRV("F.",  8, 12, 0, TIME_WAIT,   LAST_ACK,    T, "ack-of-fin fin", "2/4 3/4", .old = true, .acks = 11),
    CLI(".",  12,  9, 0, TIME_WAIT,   CLOSED,      T, "ack-of-fin", "4/4", .old = true, .acks = 12),
};
static const struct ending challenged_and_the_old_goes_on_end = {
    .opening = ANY_WORD, .closing = "three-segment", .verdict = "orderly", .closed_by = "client",
    .time_wait = "client", .rtt = ANY_TIME, .server_rtt = ANY_TIME, .client_rtt = ANY_TIME, .teardown = 20,
    .isn_unknown = { true, true }, .bytes = { ANY_BYTES, ANY_BYTES },
};

/* The client was restarted: its RST ends the old connection, its SYN opens the new one (figure 9). */
static const struct row challenged_and_reset[] = {
    OLD_CONNECTION,
    SYN_INTO_IT(ESTABLISHED),
    CHALLENGE(ESTABLISHED),
    CLI("R",  6, 0, 0, SYN_SENT,    CLOSED,      T, "rst", .old = true, .unnumbered = true, .notes = TCP_NOTE_RST_STAYS),
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn retransmission", "1/3", .inferred = true, .server_was = WAS(LISTEN),
        .experts = "syn_retransmitted", .after = 1000),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 10),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 11),
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
};
static const struct ending challenged_and_reset_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

/* Nobody captured the old connection: the challenge ACK alone tells of it. */
static const struct row challenged_by_an_unseen_connection[] = {
    CLI("S",   0,   0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV(".",  40, 900, 0, SYN_SENT,    ESTABLISHED, H, "ack", .notes = TCP_NOTE_CHALLENGE_ACK, .unnumbered = true),
    CLI("R", 900,   0, 0, SYN_SENT,    CLOSED,      T, "rst", .notes = TCP_NOTE_RST_STAYS),
    CLI("S",   0,   0, 0, SYN_SENT,    SYN_RCVD,    H, "syn retransmission", "1/3", .inferred = true, .server_was = WAS(LISTEN),
        .experts = "syn_retransmitted", .after = 1000),
    SRV("S.",  0,   1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 4),
    CLI(".",   1,   1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 5),
};
static const struct ending challenged_by_an_unseen_connection_end = { OPENED, .verdict = "open" };

/* A RST that does not have the number that the challenge named does not end the old connection. */
static const struct row challenged_and_reset_in_vain[] = {
    OLD_CONNECTION,
    SYN_INTO_IT(ESTABLISHED),
    CHALLENGE(ESTABLISHED),
    CLI("R", 400000, 0, 0, SYN_SENT, ESTABLISHED, H, "rst", .old = true, .unnumbered = true,
        .experts = "reset_ignored", .notes = TCP_NOTE_RST_OUTSIDE),
};
static const struct ending challenged_and_reset_in_vain_end = {
    .opening = ANY_WORD, .verdict = ANY_WORD, .isn_any = true, .bytes = { ANY_BYTES, ANY_BYTES },
};

/* The server gave the old connection up without a word (it was restarted). */
static const struct row answered_with_syn_ack[] = {
    OLD_CONNECTION,
    SYN_INTO_IT(ESTABLISHED),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 7, .server_was = WAS(LISTEN)),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 8),
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
};
static const struct ending answered_with_syn_ack_end = { OPENED, .verdict = "open", .bytes = { 5, 0 } };

static const struct row answered_with_reset[] = {
    OLD_CONNECTION,
    SYN_INTO_IT(ESTABLISHED),
    SRV("R.", 0, 1, 0, CLOSED, CLOSED, T, "rst", .acks = 7, .experts = "refused", .zero_seq = true, .unnumbered = true),
};
static const struct ending answered_with_reset_end = {
    .opening = "refused", .verdict = "refused", .isn_any = true, .bytes = { 0, ANY_BYTES },
};

/* The RST ends the old connection too: the next SYN finds nothing of it. */
static const struct row answered_with_reset_and_tried_again[] = {
    OLD_CONNECTION,
    SYN_INTO_IT(ESTABLISHED),
    SRV("R.", 0, 1, 0, CLOSED,      CLOSED,      T, "rst", .acks = 7, .experts = "refused", .zero_seq = true, .unnumbered = true),
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn retransmission", "1/3", .inferred = true, .server_was = WAS(LISTEN),
        .experts = "syn_retransmitted", .after = 1000),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 9),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 10),
};
static const struct ending answered_with_reset_and_tried_again_end = { OPENED, .verdict = "open" };

static const struct row never_answered[] = {
    OLD_CONNECTION,
    SYN_INTO_IT(ESTABLISHED),
    CLI("S",  0, 0, 0, SYN_SENT, ESTABLISHED, H, "syn retransmission", "1/3", .experts = "syn_retransmitted", .after = 1000),
};
static const struct ending never_answered_end = {
    .opening = "unanswered", .verdict = "unanswered", .isn_any = true, .bytes = { 0, ANY_BYTES },
};

/* The server was closing: it keeps CLOSE_WAIT. */
static const struct row into_close_wait[] = {
    THREE_WAY,
    CLI("P.", 1, 1, 5, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 1),
    SRV("P.", 1, 6, 7, ESTABLISHED, ESTABLISHED, D, "data", .exchange = 2),
    CLI("F.", 6, 8, 0, FIN_WAIT_1,  CLOSE_WAIT,  T, "fin", "1/4", .exchange = 2),
    SYN_INTO_IT(CLOSE_WAIT),
    SRV(".",  8, 7, 0, SYN_SENT,    CLOSE_WAIT,  H, "ack", .old = true, .unnumbered = true, .exchange = ANY,
        .notes = TCP_NOTE_CHALLENGE_ACK),
    CLI("R",  7, 0, 0, SYN_SENT,    CLOSED,      T, "rst", .old = true, .unnumbered = true, .notes = TCP_NOTE_RST_STAYS),
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn retransmission", "1/3", .inferred = true, .server_was = WAS(LISTEN),
        .experts = "syn_retransmitted", .after = 1000),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 10),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 11),
};
static const struct ending into_close_wait_end = { OPENED, .verdict = "open" };

/* --- the old connection has ended --- */

/* RFC 9293 3.6.1 (MAY-2), RFC 6191: from TIME_WAIT directly to SYN_RCVD. */
static const struct row into_time_wait_of_the_server[] = {
    THREE_WAY,
    SRV("F.", 1, 1, 0, CLOSE_WAIT,  FIN_WAIT_1,  T, "fin", "1/4"),
    CLI("F.", 1, 2, 0, LAST_ACK,    TIME_WAIT,   T, "ack-of-fin fin", "2/4 3/4", .acks = 4),
    SRV(".",  2, 2, 0, CLOSED,      TIME_WAIT,   T, "ack-of-fin", "4/4", .acks = 5),
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(TIME_WAIT),
        .fresh = true, .experts = "port_reused", .notes = TCP_NOTE_PORT_REUSED, .after = 3000),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 7),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 8),
};
static const struct ending into_time_wait_of_the_server_end = { OPENED, .verdict = "open" };

static const struct row after_the_clients_time_wait[] = {
    THREE_WAY,
    CLI("F.", 1, 1, 0, FIN_WAIT_1,  CLOSE_WAIT,  T, "fin", "1/4"),
    SRV("F.", 1, 2, 0, TIME_WAIT,   LAST_ACK,    T, "ack-of-fin fin", "2/4 3/4", .acks = 4),
    CLI(".",  2, 2, 0, TIME_WAIT,   CLOSED,      T, "ack-of-fin", "4/4", .acks = 5),
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN),
        .client_was = WAS(CLOSED), .fresh = true, .experts = "port_reused", .notes = TCP_NOTE_PORT_REUSED, .after = 60000),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 7),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 8),
};
static const struct ending after_the_clients_time_wait_end = { OPENED, .verdict = "open" };

static const struct row after_a_reset[] = {
    THREE_WAY,
    CLI("R.", 1, 1, 0, CLOSED,      CLOSED,      T, "rst", .experts = "reset"),
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN),
        .fresh = true, .experts = "port_reused", .notes = TCP_NOTE_PORT_REUSED, .after = 500),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 5),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 6),
};
static const struct ending after_a_reset_end = { OPENED, .verdict = "open" };

static const struct row after_a_refusal[] = {
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN)),
    SRV("R.", 0, 1, 0, CLOSED,      CLOSED,      T, "rst", .acks = 1, .experts = "refused", .zero_seq = true),
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn", "1/3", .inferred = true, .server_was = WAS(LISTEN),
        .fresh = true, .experts = "port_reused", .notes = TCP_NOTE_PORT_REUSED, .after = 1000),
    SRV("R.", 0, 1, 0, CLOSED,      CLOSED,      T, "rst", .acks = 3, .experts = "refused", .zero_seq = true),
};
static const struct ending after_a_refusal_end = {
    .opening = "refused", .verdict = "refused", .isn_unknown = { false, true },
};

/* --- the roles turn round --- */

/* The old server opens to the old client's port, which is still open. */
static const struct row syn_from_the_old_server[] = {
    OLD_CONNECTION,
    SYN_INTO_IT(ESTABLISHED),
    SRV(".",  6, 8, 0, SYN_SENT,    ESTABLISHED, H, "ack", .old = true, .unnumbered = true, .exchange = ANY,
        .notes = TCP_NOTE_CHALLENGE_ACK),
    CLI("R",  8, 0, 0, SYN_SENT,    CLOSED,      T, "rst", .old = true, .unnumbered = true, .notes = TCP_NOTE_RST_STAYS),
    CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD,    H, "syn retransmission", "1/3", .inferred = true, .server_was = WAS(LISTEN),
        .experts = "syn_retransmitted", .after = 1000),
    SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD,    H, "syn-ack", "2/3", .acks = 10),
    CLI(".",  1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 11),
};
static const struct ending syn_from_the_old_server_end = { OPENED, .verdict = "open" };

/* clang-format on */

static const struct scenario scenarios[] = {
    SCENARIO(challenged_and_the_old_goes_on),
    SCENARIO(challenged_and_reset),
    SCENARIO(challenged_by_an_unseen_connection),
    SCENARIO(challenged_and_reset_in_vain),
    SCENARIO(answered_with_syn_ack),
    SCENARIO(answered_with_reset),
    SCENARIO(answered_with_reset_and_tried_again),
    SCENARIO(never_answered),
    SCENARIO(into_close_wait),
    SCENARIO(into_time_wait_of_the_server),
    SCENARIO(after_the_clients_time_wait),
    SCENARIO(after_a_reset),
    SCENARIO(after_a_refusal),
    SCENARIO(syn_from_the_old_server, .swapped = true),
};
const struct scenario_list reuse_scenarios = { scenarios, COUNT_OF(scenarios) };
