/* fuzz_wording.c
 * Sentences. Of any annotation whatever: they stay within their room, are UTF-8, and no placeholder is
 * left in them. Of what the engine says of a sequence of segments: they are also there, and short
 * enough to be read.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "languages.h"
#include "wording.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "annotation_bytes.h"
#include "check.h"
#include "player.h"

/* What Wireshark shows of an item (ITEM_LABEL_LENGTH less what stands in front), so that a sentence
 * of the engine's is not cut there. */
#define LABEL_MAX       100
#define EXPLANATION_MAX 1500
#define SUMMARY_MAX     320

static void check_text_is_whole(const char *what, const struct text *text, size_t longest)
{
    check_about("%s \"%.150s\"", what, text->at);
    CHECK(text->length < sizeof text->at);
    CHECK_NUMBER((long long)strlen(text->at), (long long)text->length);
    CHECK(text->length > 0);
    CHECK(text->length <= longest);
    CHECK(strpbrk(text->at, "{}") == NULL);
    CHECK(g_utf8_validate(text->at, -1, NULL));
    CHECK(strstr(text->at, "  ") == NULL);
}

/* A text of its very size, so that a checker sees what is written beyond it. */
static void check_words(const struct tcp_annotation *note, bool from_engine)
{
    struct text *text = g_new(struct text, 1);

    for (int language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++) {
        text_clear(text);
        wording_label(text, languages[language].table, note);
        check_text_is_whole("label", text, from_engine ? LABEL_MAX : sizeof text->at);
        text_clear(text);
        wording_explanation(text, languages[language].table, note);
        check_text_is_whole("explanation", text, from_engine ? EXPLANATION_MAX : sizeof text->at);
    }
    g_free(text);
}

static void check_summary(const struct tcp_outcome *outcome)
{
    struct text *text = g_new(struct text, 1);

    for (int language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++) {
        text_clear(text);
        wording_summary(text, languages[language].table, outcome);
        check_text_is_whole("summary", text, SUMMARY_MAX);
    }
    g_free(text);
}

static void any_annotation(struct fuzz_reader *reader)
{
    struct tcp_annotation note = take_annotation(reader);

    check_words(&note, false);
}

static void any_outcome(struct fuzz_reader *reader)
{
    struct tcp_outcome outcome = {
        .opening = (enum tcp_opening)(fuzz_take(reader, 1) % TCP_OPENING_COUNT),
        .closing = (enum tcp_closing)(fuzz_take(reader, 1) % TCP_CLOSING_COUNT),
        .verdict = (enum tcp_verdict)(fuzz_take(reader, 1) % TCP_VERDICT_COUNT),
        .closed_by = (int)(fuzz_take(reader, 1) % 3) - 1,
        .half_close = fuzz_take(reader, 1) % 2 != 0,
        .time_wait = { fuzz_take(reader, 1) % 2 != 0, fuzz_take(reader, 1) % 2 != 0 },
        .bytes = { take_sized(reader, 8), take_sized(reader, 8) },
    };

    check_summary(&outcome);
}

/* What the engine says. */
static void any_conversation(const uint8_t *data, size_t size)
{
    static const uint32_t isn[2] = { 4000000000U, 17 };
    struct tcp_conversation conversations[PLAYER_CONVERSATIONS_MAX] = { 0 };
    struct player player;
    enum player_event event;

    player_begin(&player, data, size, isn);
    while ((event = player_next(&player)) != PLAYER_END) {
        struct tcp_conversation *conversation = &conversations[player.conversation];
        struct tcp_annotation note;
        struct tcp_outcome outcome;

        if (event != PLAYER_SEGMENT)
            continue;
        tcp_tracker_step(conversation, player.conversation > 0 ? conversation - 1 : NULL,
                         &player.segment, &note);
        check_words(&note, true);
        tcp_verdict(conversation, &outcome);
        check_summary(&outcome);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_reader reader = { data, data + size };
    unsigned what = (unsigned)fuzz_take(&reader, 1) % 3;

    if (what == 0)
        any_annotation(&reader);
    else if (what == 1)
        any_outcome(&reader);
    else
        any_conversation(reader.at, (size_t)(reader.end - reader.at));
    check_about(NULL);
    if (check_failures() > 0)
        fuzz_give_up();
    return 0;
}
