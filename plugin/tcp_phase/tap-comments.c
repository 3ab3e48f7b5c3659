/* tap-comments.c
 * -z tcp_phase,comments,FILE[,filter]: what is to be said of each frame, for those who write it into the
 * capture. Lines FRAME <tab> TEXT.
 *
 * One for each segment as it comes: its label, both states, its steps. Then one for each conversation, of its
 * first frame: the summary, which is known at the end only. A frame with tunnelled TCP has several.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "engine/tcp_verdict.h"
#include "languages.h"
#include "output.h"
#include "packet-tcp_phase.h"
#include "rows.h"
#include "statistic.h"
#include "statistics.h"
#include "tokens.h"
#include "wording.h"

struct comments {
    const struct statistic *statistic;
    struct conversation_rows *rows;
    char *file;
    struct output *output; /* NULL: nothing is written yet */
    struct text text;
    GError *error; /* the file could not be begun: said once, at the end */
};

static void reset(void *data)
{
    struct comments *comments = data;

    rows_clear(comments->rows);
    output_abandon(comments->output);
    comments->output = NULL;
    g_clear_error(&comments->error);
}

/* @return where to write, or NULL */
static FILE *begin_file(struct comments *comments)
{
    if (!comments->output && !comments->error)
        comments->output = output_open(comments->file, &comments->error);
    return comments->output ? output_stream(comments->output) : NULL;
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
    wording_label(text, language_words(), note);
    for (unsigned role = 0; role < 2; role++) {
        text_add(text, " | ");
        text_add(text, token_of_role(role));
        text_add(text, " ");
        text_add(text, tcp_state_name((enum tcp_state)note->state[role]));
    }
    add_steps(text, note->steps);
}

static tap_packet_status take_packet(void *data, packet_info *pinfo, epan_dissect_t *edt,
                                     const void *tapped, tap_flags_t flags)
{
    const struct tapped_segment *segment = tapped;
    struct comments *comments = data;
    FILE *stream = begin_file(comments);

    (void)pinfo;
    (void)edt;
    (void)flags;
    rows_add(comments->rows, segment);
    if (stream) {
        text_clear(&comments->text);
        add_segment(&comments->text, segment->annotation);
        fprintf(stream, "%u\t%s\n", segment->frame, comments->text.at);
    }
    return TAP_PACKET_DONT_REDRAW; /* drawing ends the file */
}

static void write_conversation(struct comments *comments, const struct conversation_row *row)
{
    const struct tcp_conversation *conversation = tcp_phase_conversation(row->stream);
    struct tcp_outcome outcome;

    if (!conversation)
        return;
    tcp_verdict(conversation, &outcome);
    text_clear(&comments->text);
    wording_summary(&comments->text, language_words(), &outcome);
    fprintf(output_stream(comments->output), "%u\t%s\n", row->first_frame, comments->text.at);
}

static void draw(void *data)
{
    struct comments *comments = data;
    const struct conversation_row *row;
    uint32_t next = 0;

    begin_file(comments);
    while (comments->output && (row = rows_next(comments->rows, &next)))
        write_conversation(comments, row);
    if (!comments->output || !output_close(comments->output, &comments->error))
        statistic_fail(comments->statistic, g_steal_pointer(&comments->error));
    comments->output = NULL;
}

static void finish(void *data)
{
    struct comments *comments = data;

    reset(comments);
    rows_free(comments->rows);
    g_free(comments->file);
    g_free(comments);
    statistic_end();
}

static bool begin(const struct statistic *statistic, char *const *words, const char *filter)
{
    GError *error = NULL;
    struct comments *comments;

    if (!output_check(words[0], &error)) {
        statistic_fail(statistic, error);
        return false;
    }
    comments = g_new0(struct comments, 1);
    comments->statistic = statistic;
    comments->rows = rows_new();
    comments->file = g_strdup(words[0]);
    return statistic_listen(statistic, filter, comments, reset, take_packet, draw, finish);
}

void tap_comments_register(void)
{
    static const struct statistic statistic = {
        .name = TCP_PHASE_TAP ",comments",
        .tap = TCP_PHASE_TAP,
        .title = "TCP Phases: Comments for each Frame",
        .usage = ",FILE[,filter]",
        .words = 1,
        .begin = begin,
    };

    statistic_register(&statistic);
}
