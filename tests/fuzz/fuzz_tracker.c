/* fuzz_tracker.c
 * Any sequence of segments through the tracker: the rules hold (rules.h), and the same input gives
 * the same annotations wherever the ISNs lie.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "fuzz.h"
#include "notation.h"
#include "player.h"

/* What was said of one input. */
struct said {
    unsigned count;
    struct tcp_annotation notes[RULES_SEGMENTS_MAX];
    uint64_t bytes[2];
    enum tcp_verdict verdict;
};

static const uint32_t plain_isn[2] = { 1000000, 500000 };
/* Close before a border, so that a few octets cross it. */
static const uint32_t border_isn[2] = { UINT32_MAX - 5, (UINT32_C(1) << 31) - 7 };

static void describe(const struct player *player, enum player_event event,
                     const struct tcp_annotation *note)
{
    static const char *const names[] = { "end", "segment", "copy", "ICMP error" };
    const struct tcp_segment *segment = &player->segment;
    char events[NOTATION_MAX], steps[NOTATION_MAX], notes[NOTATION_MAX];

    printf("conversation %u, %s: frame %u at %lld ns from %u: flags %03x, seq %u, ack %u, len %u, "
           "window %u\n",
           player->conversation, names[event], segment->frame, (long long)segment->time,
           segment->sender_id, segment->flags, segment->seq, segment->ack, segment->len,
           segment->window);
    if (!note) /* no segment */
        return;
    printf("    %s: %s -> %s, %s -> %s: %s; %s; %s; %s\n", word_for_role(note->sender),
           tcp_state_name(note->from[0]), tcp_state_name(note->state[0]),
           tcp_state_name(note->from[1]), tcp_state_name(note->state[1]),
           word_for_phase(note->phase), write_events(events, note->events),
           write_steps(steps, note->steps), write_notes(notes, note->notes));
}

/* One segment. */
static void follow(struct player *player, struct tcp_conversation *conversations,
                   struct rules *rules, struct tcp_annotation *note, bool loud)
{
    unsigned number = player->conversation;
    struct tcp_conversation *conversation = &conversations[number];
    bool is_first = !tcp_conversation_has_begun(conversation);

    if (is_first && number == 0)
        rules_begin(rules, player->manner);
    else if (is_first)
        rules_begin_next(rules, (struct rules_manner){ .orderly = player->manner.orderly });
    tcp_tracker_step(conversation, number > 0 ? conversation - 1 : NULL, &player->segment, note);
    if (loud)
        describe(player, PLAYER_SEGMENT, note);
    rules_check(rules, &player->segment, note, conversation);
}

static void follow_copy(const struct player *player, struct tcp_conversation *conversation,
                        const struct rules *rules, const struct tcp_annotation *original)
{
    struct tcp_segment segment = player->segment;
    struct tcp_annotation copy;

    segment.frame++;
    tcp_tracker_copy(conversation, &segment, original, player->segment.frame, &copy);
    rules_check_copy(rules, original, player->segment.frame, &copy, conversation);
}

/* Play an input; loud: print what happens. */
static struct player play(const uint8_t *data, size_t size, const uint32_t *isn, struct said *said,
                          bool loud)
{
    struct tcp_conversation conversations[PLAYER_CONVERSATIONS_MAX] = { 0 };
    struct rules rules = { 0 };
    struct player player;
    struct tcp_outcome outcome;
    enum player_event event;

    said->count = 0;
    player_begin(&player, data, size, isn);
    while ((event = player_next(&player)) != PLAYER_END) {
        struct tcp_conversation *conversation = &conversations[player.conversation];
        struct tcp_annotation *note = &said->notes[said->count];

        if (event == PLAYER_SEGMENT) {
            follow(&player, conversations, &rules, note, loud);
            said->count++;
            continue;
        }
        if (loud)
            describe(&player, event, NULL);
        if (event == PLAYER_COPY) {
            follow_copy(&player, conversation, &rules, note - 1);
        } else {
            struct tcp_segment quoted = player.segment;

            quoted.frame += 2;
            tcp_tracker_icmp_error(conversation, &quoted);
            rules.quoted = true;
            rules_check_outcome(&rules, conversation);
        }
    }
    tcp_verdict(&conversations[player.conversation], &outcome);
    memcpy(said->bytes, outcome.bytes, sizeof said->bytes);
    said->verdict = outcome.verdict;
    return player;
}

static void check(const uint8_t *data, size_t size, bool loud)
{
    static struct said once, again;
    struct player player = play(data, size, plain_isn, &once, loud);

    /* A number that is none of an end's does not move with its ISN. */
    play(data, size, player.absolute ? plain_isn : border_isn, &again, loud);
    CHECK_NUMBER(once.count, again.count);
    /* The tracker sets an annotation to 0 first, so that no octet of it is by chance. */
    for (unsigned i = 0; i < once.count; i++)
        /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c) */
        if (!CHECK(memcmp(&once.notes[i], &again.notes[i], sizeof once.notes[i]) == 0) && loud)
            printf("    ... of frame %u\n", RULES_FRAME(i));
    CHECK_NUMBER((long long)once.bytes[0], (long long)again.bytes[0]);
    CHECK_NUMBER((long long)once.bytes[1], (long long)again.bytes[1]);
    CHECK_NUMBER(once.verdict, again.verdict);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(data, size, false);
    if (check_failures() > 0) {
        check(data, size, true);
        fuzz_give_up();
    }
    return 0;
}
