/* test_random.c
 * Segments at random through the tracker. What is said of them may be anything that makes sense;
 * the rules of rules.h hold whatever comes, and where the ISNs lie makes no difference.
 *
 *     test_random [SEED [CONVERSATIONS]]
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chain.h"
#include "check.h"
#include "notation.h"
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t seed = UINT64_C(0x48616e647368616b);
static unsigned long conversations = 12000;

/* What can be asked for. */
static struct rules_manner manner_of(const struct chain *chain)
{
    return (struct rules_manner){ .ordinary = chain->manner.ordinary,
                                  .orderly = chain->manner.orderly };
}

static void say_where(unsigned long number, const struct chain *chain, unsigned index)
{
    const struct tcp_segment *segment = &chain->segments[index];

    check_about("seed %llu, conversation %lu, segment %u (from %u, flags %03x, seq %u, ack %u, "
                "len %u)",
                (unsigned long long)seed, number, index, segment->sender_id, segment->flags,
                segment->seq, segment->ack, segment->len);
}

/* Play a conversation and check the rules after each segment. */
static void play(unsigned long number, const struct chain *chain, struct tcp_annotation *notes,
                 struct tcp_outcome *outcome)
{
    static const uint32_t isn[2] = { 100000, 500000 };
    struct tcp_conversation conversation = { 0 };
    struct rules rules;

    rules_begin(&rules, manner_of(chain));
    for (unsigned i = 0; i < chain->count; i++) {
        struct tcp_segment segment = chain_segment(&chain->segments[i], isn);

        say_where(number, chain, i);
        tcp_tracker_step(&conversation, NULL, &segment, &notes[i]);
        rules_check(&rules, &segment, &notes[i], &conversation);
    }
    tcp_verdict(&conversation, outcome);
}

/* --- where the ISNs lie --- */

static void play_elsewhere(unsigned long number, const struct chain *chain,
                           const struct tcp_annotation *notes, const struct tcp_outcome *expected)
{
    /* Close before a border, so that a few octets cross it. */
    uint32_t isn[2] = { 0U - chance(16), (chance(2) ? 0U : UINT32_C(1) << 31) - chance(16) };
    struct tcp_conversation conversation = { 0 };
    struct tcp_annotation note;
    struct tcp_outcome outcome;
    char text[NOTATION_MAX];

    for (unsigned i = 0; i < chain->count; i++) {
        struct tcp_segment segment = chain_segment(&chain->segments[i], isn);

        say_where(number, chain, i);
        tcp_tracker_step(&conversation, NULL, &segment, &note);
        CHECK_TEXT("", write_difference(text, &notes[i], &note, IN_ALL));
    }
    tcp_verdict(&conversation, &outcome);
    for (int role = 0; role < 2; role++)
        CHECK_NUMBER((long long)expected->bytes[role], (long long)outcome.bytes[role]);
    CHECK_NUMBER(expected->verdict, outcome.verdict);
}

static void random_conversations(void)
{
    static struct tcp_annotation notes[CHAIN_MAX];
    struct chain chain;
    struct tcp_outcome outcome;
    unsigned long segments = 0;

    chance_begin(seed);
    for (unsigned long number = 0; number < conversations; number++) {
        chain_make(&chain);
        play(number, &chain, notes, &outcome);
        play_elsewhere(number, &chain, notes, &outcome);
        segments += 2UL * chain.count;
    }
    printf("random conversations: %lu, segments: %lu\n", conversations, segments);
}

/* The second part of a chain belongs to another conversation, in which some segments have the numbers
 * of the first. */
static void random_conversations_on_used_ports(void)
{
    static const uint32_t isn[2] = { UINT32_MAX - 5, 700 }, other_isn[2] = { 300, UINT32_MAX - 3 };
    struct chain chain;
    struct tcp_annotation note, copy;
    struct rules rules;

    chance_begin(seed + 1);
    for (unsigned long number = 0; number < conversations / 4; number++) {
        struct tcp_conversation pair[2] = { 0 };
        unsigned turn;

        chain_make(&chain);
        turn = 1 + chance(chain.count - 1);
        rules_begin(&rules, manner_of(&chain));
        for (unsigned i = 0; i < chain.count; i++) {
            bool second = i >= turn;
            const uint32_t *base = second && chance(2) ? other_isn : isn;
            struct tcp_segment segment = chain_segment(&chain.segments[i], base);

            say_where(number, &chain, i);
            if (i == turn)
                rules_begin_next(&rules, (struct rules_manner){ .orderly = chain.manner.orderly });
            tcp_tracker_step(&pair[second], second ? &pair[0] : NULL, &segment, &note);
            rules_check(&rules, &segment, &note, &pair[second]);
            segment.frame++;
            tcp_tracker_copy(&pair[second], &segment, &note, segment.frame - 1, &copy);
            rules_check_copy(&rules, &note, segment.frame - 1, &copy, &pair[second]);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc > 1)
        seed = strtoull(argv[1], NULL, 0);
    if (argc > 2)
        conversations = strtoul(argv[2], NULL, 0);
    RUN(random_conversations);
    RUN(random_conversations_on_used_ports);
    return check_end();
}
