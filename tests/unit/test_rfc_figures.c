/* test_rfc_figures.c
 * Figures 6 to 13 of RFC 9293, each with its own numbers: what an onlooker between the two peers is
 * told of every segment.
 *
 * The figures draw departures and arrivals apart; an onlooker captures each segment once. So a row
 * shows the sender's state after the departure and the receiver's after the arrival, and the rows
 * come in the order in which the segments pass. Where that must differ from the figure, a comment
 * says what the onlooker cannot know.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"
#include "notation.h"

#include <string.h>

enum peer { A, B };

enum {
    CLOSED = TCP_STATE_CLOSED,
    SYN_SENT = TCP_STATE_SYN_SENT,
    SYN_RCVD = TCP_STATE_SYN_RCVD,
    ESTABLISHED = TCP_STATE_ESTABLISHED,
    CLOSE_WAIT = TCP_STATE_CLOSE_WAIT,
    FIN_WAIT_1 = TCP_STATE_FIN_WAIT_1,
    FIN_WAIT_2 = TCP_STATE_FIN_WAIT_2,
    CLOSING = TCP_STATE_CLOSING,
    LAST_ACK = TCP_STATE_LAST_ACK,
    TIME_WAIT = TCP_STATE_TIME_WAIT,
};

/* A figure as it is played. Peer A is the client in all of them. */
static struct {
    struct tcp_conversation conversations[2];
    unsigned current;
    struct tcp_annotation note;
    uint32_t frame;
} figure;

static void begin(void)
{
    memset(&figure, 0, sizeof figure);
}

/* A SYN with another ISN: from here on it is another conversation on the same addresses and ports. */
static void begin_another(void)
{
    figure.current = 1;
}

/* A segment passes: <SEQ=seq><ACK=ack><CTL=flags>, with octets of data. */
static void passes(enum peer from, const char *flags, uint32_t seq, uint32_t ack, uint32_t octets)
{
    struct tcp_segment segment = {
        .time = (int64_t)figure.frame * 1000,
        .frame = ++figure.frame,
        .sender_id = from,
        .receiver_id = from == A ? B : A,
        .seq = seq,
        .ack = ack,
        .len = octets,
        .flags = flags_of(flags),
        .window = 1000,
        .source_port = from == A ? 40000 : 80,
        .destination_port = from == A ? 80 : 40000,
        .window_scale = -1,
    };

    tcp_tracker_step(&figure.conversations[figure.current],
                     figure.current ? &figure.conversations[0] : NULL, &segment, &figure.note);
}

#define SHOWS(a, b, events, steps) \
    shows((enum tcp_state)(a), (enum tcp_state)(b), (events), (steps), __LINE__)

/* What is said of the segment that passed last. */
static void shows(enum tcp_state a, enum tcp_state b, const char *events, const char *steps,
                  int line)
{
    char text[NOTATION_MAX];
    enum tcp_state shown_a = (enum tcp_state)figure.note.state[TCP_CLIENT];
    enum tcp_state shown_b = (enum tcp_state)figure.note.state[TCP_SERVER];

    check_text("peer A", tcp_state_name(a), tcp_state_name(shown_a), __FILE__, line);
    check_text("peer B", tcp_state_name(b), tcp_state_name(shown_b), __FILE__, line);
    check_text("events", events, write_events(text, figure.note.events), __FILE__, line);
    check_text("steps", steps, write_steps(text, figure.note.steps), __FILE__, line);
}

#define ENDS(opening, closing, verdict) ends((opening), (closing), (verdict), __LINE__)

static void ends(const char *opening, const char *closing, const char *verdict, int line)
{
    struct tcp_outcome outcome;

    tcp_verdict(&figure.conversations[figure.current], &outcome);
    check_text("opening", opening, word_for_opening(outcome.opening), __FILE__, line);
    check_text("closing", closing, word_for_closing(outcome.closing), __FILE__, line);
    check_text("verdict", verdict, word_for_verdict(outcome.verdict), __FILE__, line);
}

/* "(send 300,receive 100)": peer B's side of a connection that has been going on for some time. */
static void connection_in_progress(void)
{
    passes(A, "P.", 90, 300, 10);
    SHOWS(ESTABLISHED, ESTABLISHED, "data", "");
    passes(B, ".", 300, 100, 0);
    SHOWS(ESTABLISHED, ESTABLISHED, "ack", "");
}

/* Figure 6: Basic Three-Way Handshake for Connection Synchronization */
static void figure_6_basic_three_way_handshake_for_connection_synchronization(void)
{
    begin();
    passes(A, "S", 100, 0, 0);
    SHOWS(SYN_SENT, SYN_RCVD, "syn", "1/3");
    passes(B, "S.", 300, 101, 0);
    SHOWS(ESTABLISHED, SYN_RCVD, "syn-ack", "2/3");
    passes(A, ".", 101, 301, 0);
    SHOWS(ESTABLISHED, ESTABLISHED, "handshake-ack", "3/3");
    passes(A, ".", 101, 301, 10);
    SHOWS(ESTABLISHED, ESTABLISHED, "data", "");
    ENDS("three-way", "none", "open");
}

/* Figure 7: Simultaneous Connection Synchronization */
static void figure_7_simultaneous_connection_synchronization(void)
{
    begin();
    passes(A, "S", 100, 0, 0); /* lines 2 and 4 */
    SHOWS(SYN_SENT, SYN_RCVD, "syn", "1/3");
    passes(B, "S", 300, 0, 0); /* line 3: it had left before A's SYN came */
    SHOWS(SYN_RCVD, SYN_SENT, "syn", "open 2/4");
    passes(A, "S.", 100, 301, 0); /* lines 5 and 7 */
    SHOWS(SYN_RCVD, ESTABLISHED, "syn-ack", "open 3/4");
    /* Line 6, SYN-RECEIVED at B: it left before line 7's arrival, which has been seen already. */
    passes(B, "S.", 300, 101, 0);
    SHOWS(ESTABLISHED, ESTABLISHED, "syn-ack", "open 4/4");
    ENDS("simultaneous", "none", "open");
}

/* Figure 8: Recovery from Old Duplicate SYN, captured close to peer B: the duplicate is the first of
 * A's SYNs there. That A has sent another one (line 2) cannot be seen yet: so the SYN-ACK is taken to
 * open A, which is in SYN-SENT in lines 4 and 5. After the RST B is in LISTEN in the figure. */
static void figure_8_recovery_from_old_duplicate_syn(void)
{
    begin();
    passes(A, "S", 90, 0, 0); /* line 3 */
    SHOWS(SYN_SENT, SYN_RCVD, "syn", "1/3");
    passes(B, "S.", 300, 91, 0); /* line 4 */
    SHOWS(ESTABLISHED, SYN_RCVD, "syn-ack", "2/3");
    passes(A, "R", 91, 0, 0); /* line 5 */
    SHOWS(CLOSED, CLOSED, "rst", "");
    ENDS("incomplete", "reset", "handshake-aborted");
    begin_another();
    passes(A, "S", 100, 0, 0); /* line 6 */
    SHOWS(SYN_SENT, SYN_RCVD, "syn", "1/3");
    passes(B, "S.", 400, 101, 0); /* line 7 */
    SHOWS(ESTABLISHED, SYN_RCVD, "syn-ack", "2/3");
    passes(A, ".", 101, 401, 0); /* line 8 */
    SHOWS(ESTABLISHED, ESTABLISHED, "handshake-ack", "3/3");
    ENDS("three-way", "none", "open");
}

/* The same figure captured close to peer A, where the duplicate does not pass: all of A's states are
 * the figure's. */
static void figure_8_recovery_from_old_duplicate_syn_beside_peer_a(void)
{
    begin();
    passes(A, "S", 100, 0, 0); /* line 2 */
    SHOWS(SYN_SENT, SYN_RCVD, "syn", "1/3");
    passes(B, "S.", 300, 91, 0); /* line 4: the ACK is not acceptable */
    SHOWS(SYN_SENT, SYN_RCVD, "syn-ack", "");
    CHECK((figure.note.experts & TCP_EXPERT_ACK_MISMATCH) != 0);
    passes(A, "R", 91, 0, 0); /* line 5 */
    SHOWS(SYN_SENT, CLOSED, "rst", "");
    passes(B, "S.", 400, 101, 0); /* line 7 */
    SHOWS(ESTABLISHED, SYN_RCVD, "syn-ack", "2/3");
    passes(A, ".", 101, 401, 0); /* line 8 */
    SHOWS(ESTABLISHED, ESTABLISHED, "handshake-ack", "3/3");
    ENDS("three-way", "none", "open");
}

/* Figure 9: Half-Open Connection Discovery */
static void figure_9_half_open_connection_discovery(void)
{
    begin();
    connection_in_progress();
    begin_another();
    passes(A, "S", 400, 0, 0); /* line 3 */
    SHOWS(SYN_SENT, ESTABLISHED, "syn", "1/3");
    passes(B, ".", 300, 100, 0); /* line 4 */
    SHOWS(SYN_SENT, ESTABLISHED, "ack", "");
    passes(A, "R", 100, 0, 0); /* lines 5 and 6 */
    SHOWS(SYN_SENT, CLOSED, "rst", "");
    CHECK(figure.note.accepted);
    passes(A, "S", 400, 0, 0); /* line 7; then as in figure 6 */
    SHOWS(SYN_SENT, SYN_RCVD, "syn retransmission", "1/3");
    passes(B, "S.", 700, 401, 0);
    SHOWS(ESTABLISHED, SYN_RCVD, "syn-ack", "2/3");
    passes(A, ".", 401, 701, 0);
    SHOWS(ESTABLISHED, ESTABLISHED, "handshake-ack", "3/3");
    ENDS("three-way", "none", "open");
}

/* Figure 10: Active Side Causes Half-Open Connection Discovery. Which side has forgotten the
 * connection shows with the RST. */
static void figure_10_active_side_causes_half_open_connection_discovery(void)
{
    begin();
    connection_in_progress();
    passes(B, ".", 300, 100, 10); /* line 2 */
    SHOWS(ESTABLISHED, ESTABLISHED, "data", "");
    passes(A, "R", 100, 0, 0); /* line 3 */
    SHOWS(CLOSED, CLOSED, "rst", "");
    CHECK(figure.note.accepted);
    ENDS("mid-stream", "reset", "aborted");
}

/* Figure 11: Old Duplicate SYN Initiates a Reset on Two Passive Sockets. The SYN bears A's address,
 * so A is taken to have sent it; the RST shows that it has no such connection. */
static void figure_11_old_duplicate_syn_initiates_a_reset_on_two_passive_sockets(void)
{
    const uint32_t x = 300, z = 100;

    begin();
    passes(A, "S", z, 0, 0); /* line 2 */
    SHOWS(SYN_SENT, SYN_RCVD, "syn", "1/3");
    passes(B, "S.", x, z + 1, 0); /* line 3 */
    SHOWS(ESTABLISHED, SYN_RCVD, "syn-ack", "2/3");
    passes(A, "R", z + 1, 0, 0); /* line 4 */
    SHOWS(CLOSED, CLOSED, "rst", "");
    CHECK(figure.note.accepted);
    ENDS("incomplete", "reset", "handshake-aborted");
}

/* The connection that figures 12 and 13 close: A sends 100 next, B 300. */
static void connection_to_be_closed(void)
{
    begin();
    passes(A, "S", 99, 0, 0);
    passes(B, "S.", 299, 100, 0);
    passes(A, ".", 100, 300, 0);
    SHOWS(ESTABLISHED, ESTABLISHED, "handshake-ack", "3/3");
}

/* Figure 12: Normal Close Sequence */
static void figure_12_normal_close_sequence(void)
{
    connection_to_be_closed();
    passes(A, "F.", 100, 300, 0); /* line 2 */
    SHOWS(FIN_WAIT_1, CLOSE_WAIT, "fin", "1/4");
    passes(B, ".", 300, 101, 0); /* line 3 */
    SHOWS(FIN_WAIT_2, CLOSE_WAIT, "ack-of-fin", "2/4");
    passes(B, "F.", 300, 101, 0); /* line 4 */
    SHOWS(TIME_WAIT, LAST_ACK, "fin", "3/4");
    passes(A, ".", 101, 301, 0); /* line 5 */
    SHOWS(TIME_WAIT, CLOSED, "ack-of-fin", "4/4");
    ENDS("three-way", "four-segment", "orderly");
}

/* Figure 13: Simultaneous Close Sequence */
static void figure_13_simultaneous_close_sequence(void)
{
    connection_to_be_closed();
    passes(A, "F.", 100, 300, 0); /* line 2: on its way to B when B's FIN leaves */
    SHOWS(FIN_WAIT_1, CLOSE_WAIT, "fin", "1/4");
    passes(B, "F.", 300, 100, 0); /* its ACK says that A's FIN had not come */
    SHOWS(CLOSING, FIN_WAIT_1, "fin", "3/4");
    passes(A, ".", 101, 301, 0); /* line 3: B gets A's FIN, then the ACK of its own */
    SHOWS(CLOSING, TIME_WAIT, "ack-of-fin", "4/4");
    passes(B, ".", 301, 101, 0);
    SHOWS(TIME_WAIT, TIME_WAIT, "ack-of-fin", "2/4");
    ENDS("three-way", "simultaneous", "orderly");
}

int main(void)
{
    RUN(figure_6_basic_three_way_handshake_for_connection_synchronization);
    RUN(figure_7_simultaneous_connection_synchronization);
    RUN(figure_8_recovery_from_old_duplicate_syn);
    RUN(figure_8_recovery_from_old_duplicate_syn_beside_peer_a);
    RUN(figure_9_half_open_connection_discovery);
    RUN(figure_10_active_side_causes_half_open_connection_discovery);
    RUN(figure_11_old_duplicate_syn_initiates_a_reset_on_two_passive_sockets);
    RUN(figure_12_normal_close_sequence);
    RUN(figure_13_simultaneous_close_sequence);
    return check_end();
}
