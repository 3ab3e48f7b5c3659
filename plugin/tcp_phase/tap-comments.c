/* tap-comments.c
 * `-z tcp_phase,comments,FILE[,filter]`: lines FRAME <tab> TEXT.
 *
 * One for each segment as it comes: its label, both states, its steps. Then one for each conversation, of its first
 * frame: the summary, which is known at the end only. A frame with tunnelled TCP has several.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tap-comments.h"

#include <epan/packet.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "engine/tcp_verdict.h"
#include "languages.h"
#include "packet-tcp_phase.h"
#include "tap.h"
#include "tokens.h"
#include "wording.h"

#define ARGUMENT "tcp_phase,comments,"

/* One that was asked for. */
struct comments {
    FILE *file;
    char *name;
    GArray *first_frames; /* of uint32_t, by stream; 0: none of its segments was told of */
    struct text text;
};

static void forget(void *data)
{
    struct comments *comments = data;

    g_array_set_size(comments->first_frames, 0);
}

static void add_steps(struct text *text, unsigned steps)
{
    const char *before = " | step ";

    for (const struct bit_token *token = step_tokens; steps; token++)
        if (steps & token->bit) {
            text_add(text, before);
            text_add(text, token->token);
            steps &= ~token->bit;
            before = " ";
        }
}

static void add_segment(struct text *text, const struct tcp_annotation *note)
{
    text_clear(text);
    wording_label(text, language_words(), note);
    for (unsigned role = 0; role < 2; role++) {
        text_add(text, " | ");
        text_add(text, token_of_role(role));
        text_add(text, " ");
        text_add(text, tcp_state_name((enum tcp_state)note->state[role]));
    }
    add_steps(text, note->steps);
}

static void note_stream(struct comments *comments, const struct tapped_segment *segment)
{
    uint32_t *first;

    if (segment->stream >= comments->first_frames->len)
        g_array_set_size(comments->first_frames, segment->stream + 1);
    first = &g_array_index(comments->first_frames, uint32_t, segment->stream);
    if (*first == 0)
        *first = segment->frame;
}

static tap_packet_status say_segment(void *data, packet_info *pinfo _U_,
                                     epan_dissect_t *dissection _U_, const void *tapped,
                                     tap_flags_t flags _U_)
{
    const struct tapped_segment *segment = tapped;
    struct comments *comments = data;

    note_stream(comments, segment);
    add_segment(&comments->text, segment->annotation);
    fprintf(comments->file, "%u\t%s\n", segment->frame, comments->text.at);
    return TAP_PACKET_DONT_REDRAW;
}

static void say_conversation(struct comments *comments, uint32_t stream)
{
    uint32_t frame = g_array_index(comments->first_frames, uint32_t, stream);
    const struct tcp_conversation *conversation = frame > 0 ? tcp_phase_conversation(stream) : NULL;
    struct tcp_outcome outcome;

    if (!conversation)
        return;
    tcp_verdict(conversation, &outcome);
    text_clear(&comments->text);
    wording_summary(&comments->text, language_words(), &outcome);
    fprintf(comments->file, "%u\t%s\n", frame, comments->text.at);
}

static void say_conversations(void *data)
{
    struct comments *comments = data;

    for (uint32_t stream = 0; stream < comments->first_frames->len; stream++)
        say_conversation(comments, stream);
    if (fflush(comments->file) != 0 || ferror(comments->file)) {
        fprintf(stderr, "tshark: %s: %s\n", comments->name, strerror(errno));
        exit(EXIT_FAILURE);
    }
}

static void finish(void *data)
{
    struct comments *comments = data;

    if (comments->file != stdout)
        fclose(comments->file);
    g_array_unref(comments->first_frames);
    g_free(comments->name);
    g_free(comments);
}

static _Noreturn void fail(const char *what, const char *why)
{
    fprintf(stderr, "tshark: %s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

/* The argument is the whole of it: tcp_phase,comments,FILE[,filter]. */
static compat_tap_init start(const char *argument, void *user_data _U_)
{
    struct comments *comments = g_new0(struct comments, 1);
    char **parts = g_strsplit(argument, ",", 4);
    GString *problem;

    if (g_strv_length(parts) < 3 || !*parts[2])
        fail(argument, "-z " ARGUMENT "FILE[,filter] wants a file; - is standard output");
    comments->name = g_strdup(parts[2]);
    comments->first_frames = g_array_new(FALSE, TRUE, sizeof(uint32_t));
    comments->file = strcmp(parts[2], "-") == 0 ? stdout : fopen(parts[2], "w");
    if (!comments->file)
        fail(parts[2], strerror(errno));
    problem = register_tap_listener(TCP_PHASE_TAP, comments, parts[3], TL_REQUIRES_NOTHING, forget,
                                    say_segment, say_conversations, finish);
    if (problem)
        fail(argument, problem->str);
    g_strfreev(parts);
    return COMPAT_TAP_INIT_DONE;
}

void tap_comments_register(void)
{
    static stat_tap_ui ui = {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .cli_string = "tcp_phase,comments",
        .tap_init_cb = start,
    };

    register_stat_tap_ui(&ui, NULL);
}
