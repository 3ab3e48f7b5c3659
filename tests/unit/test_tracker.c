/* test_tracker.c
 * Whole conversations through the tracker: as they are, with the sequence numbers going round at each
 * step, and with every segment captured twice.
 *
 *     test_tracker [NAME]    only the scenarios whose name holds NAME
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "notation.h"
#include "scenario.h"

#include <stdio.h>

static const char *wanted = "";
static unsigned long plays;

static void count_wraps(const struct scenario *scenario)
{
    plays += scenario_check_wraps(scenario);
}

static void as_captured(void)
{
    scenarios_each(scenario_check, wanted);
}

static void sequence_numbers_go_round(void)
{
    scenarios_each(count_wraps, wanted);
    printf("conversations with numbers that go round: %lu\n", plays);
}

static void captured_twice(void)
{
    scenarios_each(scenario_check_copies, wanted);
}

/* NAME on the command line finds one. */
static void names_are_unique(void)
{
    CHECK(scenarios_have_names_of_their_own());
}

/* The header promises these sizes; they are what a capture with many conversations costs. */
static void sizes(void)
{
    CHECK_NUMBER(256, sizeof(struct tcp_conversation));
    CHECK_NUMBER(72, sizeof(struct tcp_end));
}

/* tcp_phase.*.bytes is a 64-bit number: a stream may go round more than once. */
static void bytes_beyond_32_bits(void)
{
    struct tcp_conversation conversation = { 0 };
    struct tcp_annotation note;
    struct tcp_outcome outcome;
    struct tcp_segment segment = { .flags = TCP_SYN,
                                   .window = 1000,
                                   .window_scale = -1,
                                   .sender_id = 1,
                                   .receiver_id = 2,
                                   .frame = 1,
                                   .seq = UINT32_MAX };
    uint64_t sent = 0;

    tcp_tracker_step(&conversation, NULL, &segment, &note);
    segment.flags = TCP_ACK;
    segment.seq++;
    segment.ack = 1;
    for (int i = 0; i < 20; i++) {
        segment.time++;
        segment.frame++;
        segment.len = UINT32_C(1) << 29;
        tcp_tracker_step(&conversation, NULL, &segment, &note);
        segment.seq += segment.len;
        sent += segment.len;
        tcp_verdict(&conversation, &outcome);
        CHECK_NUMBER((long long)sent, (long long)outcome.bytes[TCP_CLIENT]);
    }
}

/* A segment of end 0, whose port is the higher one, or of end 1. */
static void pass_in(struct tcp_conversation *conversation, uint32_t frame, const char *flags,
                    uint32_t sender, uint32_t seq, uint32_t ack)
{
    struct tcp_segment segment = { .flags = flags_of(flags),
                                   .sender_id = sender,
                                   .receiver_id = 1 - sender,
                                   .source_port = sender == 0 ? 40000 : 80,
                                   .destination_port = sender == 0 ? 80 : 40000,
                                   .seq = seq,
                                   .ack = ack,
                                   .window = 1000,
                                   .window_scale = -1,
                                   .frame = frame };
    struct tcp_annotation note;

    tcp_tracker_step(conversation, NULL, &segment, &note);
}

static void pass(struct tcp_conversation *conversation, const char *flags, uint32_t sender,
                 uint32_t seq, uint32_t ack)
{
    pass_in(conversation, 1, flags, sender, seq, ack);
}

/* Segments that are never answered are counted as far as the counter goes, and no further. */
static void tries_without_end(void)
{
    struct tcp_conversation conversation = { 0 };
    struct tcp_outcome outcome;

    pass(&conversation, "S", 0, 100, 0);
    pass(&conversation, "S.", 1, 300, 101);
    pass(&conversation, ".", 0, 101, 301);
    for (int i = 0; i <= UINT8_MAX; i++)
        pass(&conversation, ".", 0, 100, 301);
    tcp_verdict(&conversation, &outcome);
    CHECK_TEXT("peer-gone", word_for_verdict(outcome.verdict));
}

/* Without timestamps a SYN opens again what is in TIME_WAIT only with a number "larger than the
 * largest sequence number it used on the previous connection" (RFC 9293 3.6.1), also where numbers
 * go round. */
static void reopened_by_a_larger_number(void)
{
    static const struct {
        uint32_t seq;
        enum tcp_state server;
    } syns[] = { { 0, TCP_STATE_SYN_RCVD },
                 { 1000, TCP_STATE_SYN_RCVD },
                 { UINT32_MAX - 3000, TCP_STATE_TIME_WAIT },
                 { UINT32_MAX - 10, TCP_STATE_TIME_WAIT } };
    struct tcp_conversation earlier = { 0 };

    pass(&earlier, "S", 0, UINT32_MAX - 10, 0);
    pass(&earlier, "S.", 1, 300, UINT32_MAX - 9);
    pass(&earlier, ".", 0, UINT32_MAX - 9, 301);
    pass(&earlier, "F.", 1, 301, UINT32_MAX - 9);
    pass(&earlier, "F.", 0, UINT32_MAX - 9, 302);
    pass(&earlier, ".", 1, 302, UINT32_MAX - 8);
    for (size_t i = 0; i < COUNT_OF(syns); i++) {
        const struct tcp_segment syn = { .flags = TCP_SYN,
                                         .sender_id = 0,
                                         .receiver_id = 1,
                                         .seq = syns[i].seq,
                                         .window_scale = -1,
                                         .frame = 9 };
        struct tcp_conversation conversation = { 0 };
        struct tcp_annotation note;

        check_about("a SYN with number %u", syn.seq);
        tcp_tracker_step(&conversation, &earlier, &syn, &note);
        CHECK_TEXT(tcp_state_name(syns[i].server),
                   tcp_state_name((enum tcp_state)note.state[TCP_SERVER]));
    }
}

static void begun_with_the_first_segment(void)
{
    struct tcp_conversation conversation = { 0 };

    CHECK(!tcp_conversation_has_begun(&conversation));
    pass(&conversation, "", 0, 100, 0);
    CHECK(tcp_conversation_has_begun(&conversation));
}

static void check_opening(const struct tcp_conversation *conversation, const char *opening,
                          const char *verdict)
{
    struct tcp_outcome outcome;

    tcp_verdict(conversation, &outcome);
    CHECK_TEXT(opening, word_for_opening(outcome.opening));
    CHECK_TEXT(verdict, word_for_verdict(outcome.verdict));
    CHECK_TEXT("none", word_for_closing(outcome.closing));
}

/* A scan comes first, of which the ports say that the scanned end is the client. But "client" is who
 * sends the SYN, and what a scan's FIN closes is not this connection. */
static void opened_after_a_scan(void)
{
    static const char *const scans[] = { "", "F", "FPU" };

    for (size_t i = 0; i < COUNT_OF(scans); i++) {
        struct tcp_conversation conversation = { 0 };
        struct tcp_outcome outcome;

        check_about("flags \"%s\"", scans[i]);
        pass(&conversation, scans[i], 1, 100, 0);
        pass(&conversation, "S", 1, 100, 0);
        pass(&conversation, "S.", 0, 300, 101);
        pass(&conversation, ".", 1, 101, 301);
        check_opening(&conversation, "three-way", "open");
        tcp_verdict(&conversation, &outcome);
        CHECK_NUMBER(100, outcome.isn[TCP_CLIENT]);
        CHECK_NUMBER(300, outcome.isn[TCP_SERVER]);
    }
}

/* --- an ICMP error that quotes a segment --- */

/* An ICMP error, in frame 9, quotes a segment with this number from that end. */
static void quote(struct tcp_conversation *conversation, uint32_t sender_id, uint32_t seq)
{
    const struct tcp_segment quoted = {
        .sender_id = sender_id, .receiver_id = 1 - sender_id, .seq = seq, .frame = 9
    };

    tcp_tracker_icmp_error(conversation, &quoted);
}

/* Only an error about this SYN rejects it. */
static void rejected_by_an_icmp_error(void)
{
    struct tcp_conversation conversation = { 0 };

    pass(&conversation, "S", 0, 100, 0);
    quote(&conversation, 0, 99);
    quote(&conversation, 0, 101);
    quote(&conversation, 1, 100);
    check_opening(&conversation, "unanswered", "unanswered");
    CHECK_NUMBER(0, tcp_rejected_in(&conversation));
    quote(&conversation, 0, 100);
    CHECK_NUMBER(9, tcp_rejected_in(&conversation));
    check_opening(&conversation, "rejected", "rejected");
}

static void an_icmp_error_about_nothing(void)
{
    struct tcp_conversation conversation = { 0 };

    quote(&conversation, 0, 0);
    pass(&conversation, ".", 0, 100, 200);
    quote(&conversation, 0, 99);
    check_opening(&conversation, "mid-stream", "open");
}

/* RFC 1122 4.2.3.9: an error may pass; a SYN that is answered after all was not rejected. */
static void opened_after_an_icmp_error(void)
{
    struct tcp_conversation conversation = { 0 };

    pass(&conversation, "S", 0, 100, 0);
    quote(&conversation, 0, 100);
    pass(&conversation, "S", 0, 100, 0);
    pass(&conversation, "S.", 1, 300, 101);
    pass(&conversation, ".", 0, 101, 301);
    check_opening(&conversation, "three-way", "open");
}

static void check_decided(const struct tcp_conversation *conversation, const char *verdict,
                          uint32_t frame, int role)
{
    struct tcp_outcome outcome;

    tcp_verdict(conversation, &outcome);
    CHECK_TEXT(verdict, word_for_verdict(outcome.verdict));
    CHECK_NUMBER(frame, outcome.decided_in);
    CHECK_NUMBER(role, outcome.decided_by);
}

/* A verdict names the frame that made it what it is, not the last one. */
static void a_verdict_has_its_frame(void)
{
    struct tcp_conversation conversation = { 0 };

    pass_in(&conversation, 1, "S", 0, 100, 0);
    pass_in(&conversation, 2, "S", 0, 100, 0);
    check_decided(&conversation, "unanswered", 1, TCP_CLIENT);
    quote(&conversation, 0, 100);
    check_decided(&conversation, "rejected", 9, -1);
    pass_in(&conversation, 10, "S", 0, 100, 0);
    quote(&conversation, 0, 100);
    check_decided(&conversation, "rejected", 9, -1);
    pass_in(&conversation, 11, "S.", 1, 300, 101);
    check_decided(&conversation, "handshake-unfinished", 11, TCP_SERVER);
    pass_in(&conversation, 12, ".", 0, 101, 301);
    pass_in(&conversation, 13, ".", 0, 101, 301);
    check_decided(&conversation, "open", 12, TCP_CLIENT);
    pass_in(&conversation, 14, "F.", 1, 301, 101);
    check_decided(&conversation, "half-closed", 14, TCP_SERVER);
    pass_in(&conversation, 15, "F.", 0, 101, 302);
    pass_in(&conversation, 16, ".", 1, 302, 102);
    check_decided(&conversation, "orderly", 15, TCP_CLIENT);
}

static void a_refusal_has_its_frame(void)
{
    struct tcp_conversation conversation = { 0 };

    pass_in(&conversation, 1, "S", 0, 100, 0);
    pass_in(&conversation, 4, "R.", 1, 0, 101);
    check_decided(&conversation, "refused", 4, TCP_SERVER);
}

/* Whether a segment with which a new stream begins belongs to the conversation before. */
static bool continues(const struct tcp_conversation *earlier, uint8_t flags, uint32_t sender_id,
                      uint32_t seq, uint32_t ack)
{
    struct tcp_segment segment = {
        .flags = flags,
        .sender_id = sender_id,
        .receiver_id = 1 - sender_id,
        .seq = seq,
        .ack = ack,
    };

    return tcp_tracker_continues(earlier, &segment);
}

/* The client is 0, its ISN 1000; the server is 1, its ISN 5000. */
static void continued_in_another_stream(void)
{
    struct tcp_conversation conversation = { 0 };

    CHECK(!continues(&conversation, TCP_SYN, 0, 0, 0)); /* nothing to continue */
    pass(&conversation, "S", 0, 1000, 0);
    CHECK(continues(&conversation, TCP_SYN, 0, 1000, 0));
    CHECK(!continues(&conversation, TCP_SYN, 0, 1001, 0));
    CHECK(!continues(&conversation, TCP_SYN, 1, 1000, 0)); /* the other end's */
    CHECK(continues(&conversation, TCP_SYN | TCP_ACK, 1, 7777, 1001));
    CHECK(!continues(&conversation, TCP_SYN | TCP_ACK, 1, 7777, 1000));
    CHECK(!continues(&conversation, TCP_SYN | TCP_ACK, 1, 7777, 1002));
    pass(&conversation, "S.", 1, 5000, 1001);
    pass(&conversation, ".", 0, 1001, 5001);
    CHECK(continues(&conversation, TCP_SYN | TCP_ACK, 0, 9999, 5001));
    CHECK(!continues(&conversation, TCP_SYN | TCP_ACK, 0, 9999, 5002));
    CHECK(!continues(&conversation, TCP_ACK, 0, 1001, 5001)); /* begins no stream */
}

int main(int argc, char **argv)
{
    if (argc > 1)
        wanted = argv[1];
    RUN(as_captured);
    RUN(sequence_numbers_go_round);
    RUN(captured_twice);
    RUN(names_are_unique);
    RUN(sizes);
    RUN(bytes_beyond_32_bits);
    RUN(tries_without_end);
    RUN(reopened_by_a_larger_number);
    RUN(begun_with_the_first_segment);
    RUN(opened_after_a_scan);
    RUN(rejected_by_an_icmp_error);
    RUN(an_icmp_error_about_nothing);
    RUN(opened_after_an_icmp_error);
    RUN(a_verdict_has_its_frame);
    RUN(a_refusal_has_its_frame);
    RUN(continued_in_another_stream);
    return check_end();
}
