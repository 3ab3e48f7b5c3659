/* comments.c
 * Gathers texts by frame number from lines FRAME <tab> TEXT.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "comments.h"

#include "capture.h"
#include "cli.h"

#include <stdlib.h>
#include <string.h>

struct comments {
    GPtrArray
        *of_frame; /* of const char *, NULL for none; the first is of frame 0, which there is not */
    GStringChunk *texts;
};

static void add(struct comments *comments, uint32_t frame, const char *text)
{
    const char **entry;

    if (frame >= comments->of_frame->len)
        g_ptr_array_set_size(comments->of_frame, (int)frame + 1);
    entry = (const char **)&g_ptr_array_index(comments->of_frame, frame);
    if (*entry) {
        char *both = g_strdup_printf("%s%c%s", *entry, CAPTURE_NEXT_COMMENT, text);

        *entry = g_string_chunk_insert(comments->texts, both);
        g_free(both);
    } else {
        *entry = g_string_chunk_insert_const(comments->texts, text);
    }
}

static bool add_line(struct comments *comments, const char *line, GError **error)
{
    char *end;
    unsigned long frame = strtoul(line, &end, 10);

    if (frame > 0 && frame < INT_MAX && *end == '\t') {
        add(comments, (uint32_t)frame, end + 1);
        return true;
    }
    g_set_error(error, CLI_ERROR, STATUS_FAILED, "tshark wrote a line that is no comment: %.80s",
                line);
    return false;
}

struct comments *comments_read(struct tshark_run *run, GError **error)
{
    struct comments *comments = g_new(struct comments, 1);
    const char *line;
    size_t length;

    comments->of_frame = g_ptr_array_new();
    comments->texts = g_string_chunk_new(4096);
    while ((line = tshark_read_line(run, &length)))
        if (!add_line(comments, line, error)) {
            comments_free(comments);
            return NULL;
        }
    return comments;
}

const char *comments_of(const struct comments *comments, uint32_t frame)
{
    return frame < comments->of_frame->len ? g_ptr_array_index(comments->of_frame, frame) : NULL;
}

uint32_t comments_last_frame(const struct comments *comments)
{
    return comments->of_frame->len > 0 ? comments->of_frame->len - 1 : 0;
}

void comments_free(struct comments *comments)
{
    if (!comments)
        return;
    g_ptr_array_unref(comments->of_frame);
    g_string_chunk_free(comments->texts);
    g_free(comments);
}
