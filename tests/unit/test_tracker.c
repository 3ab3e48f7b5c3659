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
#include <string.h>

static const struct scenario_list *const lists[] = {
    &opening_scenarios, &partial_scenarios, &data_scenarios,
    &closing_scenarios, &reset_scenarios,   &reuse_scenarios,
};

static const char *wanted = "";
static unsigned long plays;

static void with_each(void (*check)(const struct scenario *scenario))
{
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        for (size_t k = 0; k < lists[i]->count; k++)
            if (strstr(lists[i]->scenarios[k].name, wanted))
                check(&lists[i]->scenarios[k]);
}

static void count_wraps(const struct scenario *scenario)
{
    plays += scenario_check_wraps(scenario);
}

static void as_captured(void)
{
    with_each(scenario_check);
}

static void sequence_numbers_go_round(void)
{
    with_each(count_wraps);
    printf("conversations with numbers that go round: %lu\n", plays);
}

static void captured_twice(void)
{
    with_each(scenario_check_copies);
}

/* No two scenarios have the same name: NAME on the command line finds one. */
static void names_are_unique(void)
{
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        for (size_t k = 0; k < lists[i]->count; k++)
            for (size_t l = i; l < COUNT_OF(lists); l++)
                for (size_t m = l == i ? k + 1 : 0; m < lists[l]->count; m++)
                    CHECK(strcmp(lists[i]->scenarios[k].name, lists[l]->scenarios[m].name) != 0);
}

/* The header promises these sizes; they are what a capture with many conversations costs. */
static void sizes(void)
{
    CHECK(sizeof(struct tcp_conversation) <= 256);
    CHECK_NUMBER(248, sizeof(struct tcp_conversation));
    CHECK_NUMBER(80, sizeof(struct tcp_end));
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

/* --- an ICMP error that quotes a segment --- */

static void pass(struct tcp_conversation *conversation, const char *flags, uint32_t sender,
                 uint32_t seq, uint32_t ack)
{
    struct tcp_segment segment = { .flags = flags_of(flags),
                                   .sender_id = sender,
                                   .receiver_id = 1 - sender,
                                   .seq = seq,
                                   .ack = ack,
                                   .window = 1000,
                                   .window_scale = -1,
                                   .frame = 1 };
    struct tcp_annotation note;

    tcp_tracker_step(conversation, NULL, &segment, &note);
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

/* Only an error about this SYN rejects it. */
static void rejected_by_an_icmp_error(void)
{
    struct tcp_conversation conversation = { 0 };

    pass(&conversation, "S", 0, 100, 0);
    tcp_tracker_icmp_error(&conversation, 0, 99);
    tcp_tracker_icmp_error(&conversation, 0, 101);
    tcp_tracker_icmp_error(&conversation, 1, 100);
    check_opening(&conversation, "unanswered", "unanswered");
    tcp_tracker_icmp_error(&conversation, 0, 100);
    check_opening(&conversation, "rejected", "rejected");
}

static void an_icmp_error_about_nothing(void)
{
    struct tcp_conversation conversation = { 0 };

    tcp_tracker_icmp_error(&conversation, 0, 0);
    pass(&conversation, ".", 0, 100, 200);
    tcp_tracker_icmp_error(&conversation, 0, 99);
    check_opening(&conversation, "mid-stream", "open");
}

/* RFC 1122 4.2.3.9: an error may pass; a SYN that is answered after all was not rejected. */
static void opened_after_an_icmp_error(void)
{
    struct tcp_conversation conversation = { 0 };

    pass(&conversation, "S", 0, 100, 0);
    tcp_tracker_icmp_error(&conversation, 0, 100);
    pass(&conversation, "S", 0, 100, 0);
    pass(&conversation, "S.", 1, 300, 101);
    pass(&conversation, ".", 0, 101, 301);
    check_opening(&conversation, "three-way", "open");
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
    RUN(rejected_by_an_icmp_error);
    RUN(an_icmp_error_about_nothing);
    RUN(opened_after_an_icmp_error);
    return check_end();
}
