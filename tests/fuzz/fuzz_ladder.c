/* fuzz_ladder.c
 * Any conversations, between ends of any name, drawn in every format.
 *
 * The input: the length of a name, the name, which language; the rest are segments (player.h).
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "check.h"
#include "fuzz.h"
#include "ladder/ladder.h"
#include "ladder_rules.h"
#include "player.h"
#include "tcp_phase/languages.h"

/* A conversation that is played, and its drawing. */
struct drawn {
    struct tcp_conversation conversation;
    struct ladder *ladder;
    uint32_t speaker; /* who sent its first segment */
    uint64_t segments;
};

static void draw(struct drawn *drawn, const struct drawn *earlier, const struct player *player,
                 const char *name)
{
    const struct tcp_segment *segment = &player->segment;
    struct tcp_annotation note;

    tcp_tracker_step(&drawn->conversation, earlier ? &earlier->conversation : NULL, segment, &note);
    if (!drawn->ladder) {
        drawn->ladder = ladder_new(player->conversation, name, "other");
        drawn->speaker = segment->sender_id;
    }
    ladder_add(drawn->ladder, segment->frame, segment->time, segment->sender_id == drawn->speaker,
               &note);
    drawn->segments++;
}

static void check(struct drawn *drawn, const char *const *table)
{
    struct ladder *ladders[PLAYER_CONVERSATIONS_MAX];
    unsigned count = 0;

    for (unsigned i = 0; i < PLAYER_CONVERSATIONS_MAX; i++) {
        if (!drawn[i].ladder)
            continue;
        ladder_end(drawn[i].ladder, &drawn[i].conversation);
        ladder_check_rows(drawn[i].ladder, drawn[i].segments);
        ladders[count++] = drawn[i].ladder;
    }
    if (count > 0)
        ladder_check_formats(ladders, count, table);
    for (unsigned i = 0; i < count; i++)
        ladder_free(ladders[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t isn[2] = { 4000000000U, 17 };
    struct drawn drawn[PLAYER_CONVERSATIONS_MAX] = { 0 };
    struct fuzz_reader reader = { data, data + size };
    size_t length = (size_t)fuzz_take(&reader, 1);
    char name[UINT8_MAX + 1] = { 0 };
    struct player player;
    enum player_event event;
    unsigned language;

    length = MIN(length, (size_t)(reader.end - reader.at));
    memcpy(name, reader.at, length);
    reader.at += length;
    language = LANGUAGE_EN + (unsigned)fuzz_take(&reader, 1) % (LANGUAGE_COUNT - LANGUAGE_EN);
    player_begin(&player, reader.at, (size_t)(reader.end - reader.at), isn);
    while ((event = player_next(&player)) != PLAYER_END) {
        struct drawn *current = &drawn[player.conversation];

        if (event == PLAYER_SEGMENT) {
            draw(current, player.conversation > 0 ? current - 1 : NULL, &player, name);
        } else if (event == PLAYER_ICMP) {
            tcp_tracker_icmp_error(&current->conversation, &player.segment);
            if (current->ladder)
                ladder_set_rejected(current->ladder, player.segment.time);
        }
    }
    check(drawn, languages[language].table);
    check_about(NULL);
    if (check_failures() > 0)
        fuzz_give_up();
    return 0;
}
