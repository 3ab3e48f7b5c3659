/* ladder_segments.c
 * A conversation as the figures 6 to 13 of RFC 9293 show one: state, segment, state.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ladder_formats.h"
#include "ladder_layout.h"
#include "ladder_words.h"

#define STATE_COLUMNS 11U /* the longest: ESTABLISHED */
#define FRAME_COLUMNS 6U
#define LINE_COLUMNS  96U /* of the lines above the figure */
#define NAME_COLUMNS  50U

/* What stands at the two sides of a segment: it departs, it arrives, it is on its way, or nothing. */
enum arrow { TO_SERVER, TO_CLIENT, ON_ITS_WAY, NONE };
static const char *const arrows[] = {
    [TO_SERVER] = "-->", [TO_CLIENT] = "<--", [ON_ITS_WAY] = "...", [NONE] = "   "
};

/* A line of the figure. */
struct line {
    uint32_t frame; /* 0: none */
    const char *state[2];
    enum arrow arrow[2]; /* after the client's state, before the server's */
    GString *middle;
};

static struct line line_of(const struct ladder_row *row)
{
    struct line line = { .frame = row->frame, .middle = g_string_new(NULL) };

    for (int role = 0; role < 2; role++)
        line.state[role] = tcp_state_name((enum tcp_state)row->note.state[role]);
    line.arrow[0] = line.arrow[1] = row->note.sender == TCP_CLIENT ? TO_SERVER : TO_CLIENT;
    return line;
}

static void add_segment(GArray *lines, const struct ladder_row *row)
{
    const struct tcp_annotation *note = &row->note;
    unsigned receiver = 1 - note->sender;
    struct line line = line_of(row);

    g_string_append_printf(line.middle, "<SEQ=%u>", note->seq);
    if (note->flags & TCP_ACK)
        g_string_append_printf(line.middle, "<ACK=%u>", note->ack);
    g_string_append(line.middle, "<CTL=");
    ladder_add_flags(line.middle, note->flags, ",");
    g_string_append_c(line.middle, '>');
    if (note->len > 0)
        g_string_append_printf(line.middle, "<DATA=%u>", note->len);
    if (row->is_withdrawn) {
        line.arrow[receiver] = ON_ITS_WAY;
        line.state[receiver] = tcp_state_name((enum tcp_state)note->from[receiver]);
    }
    g_array_append_val(lines, line);
}

/* The segment above has crossed this one, and arrives now: figures 7 and 13. */
static void add_arrival(GArray *lines, const struct ladder_row *row)
{
    const struct line *crossed = &g_array_index(lines, struct line, lines->len - 2);
    struct line line = line_of(row);
    unsigned sender = 1 - row->note.sender; /* of the one above */

    line.frame = 0;
    line.state[0] = line.state[1] = "";
    line.arrow[sender] = ON_ITS_WAY;
    line.arrow[1 - sender] = sender == TCP_CLIENT ? TO_SERVER : TO_CLIENT;
    g_string_append(line.middle, crossed->middle->str);
    g_array_append_val(lines, line);
}

static void add_other(GArray *lines, const struct ladder_row *row, const char *const *table)
{
    struct line line = line_of(row);

    if (row->kind == LADDER_UNSEEN) {
        line.frame = 0;
        line.arrow[row->late ? 1 - row->note.sender : row->note.sender] = ON_ITS_WAY;
    } else {
        line.arrow[0] = line.arrow[1] = NONE;
    }
    ladder_add_label(line.middle, row, table);
    g_array_append_val(lines, line);
}

static void add_pause(GArray *lines, int64_t pause, const char *const *table)
{
    struct line line = { .state = { "", "" },
                         .arrow = { NONE, NONE },
                         .middle = g_string_new("... ") };

    ladder_add_pause(line.middle, pause, table);
    g_string_append(line.middle, " ...");
    g_array_append_val(lines, line);
}

static void free_line(void *line)
{
    g_string_free(((struct line *)line)->middle, TRUE);
}

static GArray *lines_of(const struct ladder *ladder, const char *const *table)
{
    GArray *lines = g_array_new(FALSE, TRUE, sizeof(struct line));
    const struct ladder_row *rows = ladder_rows(ladder);
    struct line begin = { .arrow = { NONE, NONE }, .middle = g_string_new(NULL) };

    g_array_set_clear_func(lines, free_line);
    for (int role = 0; role < 2; role++)
        begin.state[role] = tcp_state_name(ladder->begin[role]);
    g_array_append_val(lines, begin);
    for (unsigned i = 0; i < ladder->rows->len; i++) {
        int64_t pause = ladder_pause(ladder, i);

        if (pause)
            add_pause(lines, pause, table);
        if (rows[i].kind != LADDER_SEGMENT)
            add_other(lines, &rows[i], table);
        else
            add_segment(lines, &rows[i]);
        if (rows[i].crosses && rows[i - 1].is_withdrawn)
            add_arrival(lines, &rows[i]);
    }
    return lines;
}

/* One line of the figure. columns: of the client's end, of what is between the ends, of the frame. */
static void write_line(GString *out, const char *frame, const char *const *ends,
                       const enum arrow *arrow, const char *middle, const unsigned *columns)
{
    ladder_add_aligned(out, frame, columns[2], LADDER_RIGHT);
    g_string_append(out, "  ");
    ladder_add_aligned(out, ends[TCP_CLIENT], columns[0], LADDER_LEFT);
    g_string_append_printf(out, " %s ", arrows[arrow[0]]);
    ladder_add_aligned(out, middle, columns[1], LADDER_LEFT);
    g_string_append_printf(out, " %s ", arrows[arrow[1]]);
    g_string_append(out, ends[TCP_SERVER]);
    ladder_trim(out);
    g_string_append_c(out, '\n');
}

static void write_lines(GString *out, const struct ladder *ladder, const GArray *lines,
                        const char *const *table)
{
    static const enum arrow no_arrows[] = { NONE, NONE };
    const char *const roles[] = { table[WORDING_CLIENT], table[WORDING_SERVER] };
    unsigned columns[] = { STATE_COLUMNS, 0, FRAME_COLUMNS };
    struct ladder_number last;
    char *names[2];

    for (int role = 0; role < 2; role++)
        names[role] = ladder_shorten(ladder->name[role], NAME_COLUMNS);
    for (unsigned i = 0; i < lines->len; i++)
        columns[1] =
            MAX(columns[1], ladder_columns(g_array_index(lines, struct line, i).middle->str));
    columns[2] = MAX(columns[2], ladder_columns(ladder_digits(&last, ladder->last)));
    columns[0] = MAX(columns[0], ladder_columns(names[TCP_CLIENT]));
    write_line(out, "", (const char *const *)names, no_arrows, "", columns);
    write_line(out, table[WORDING_LADDER_FRAME], roles, no_arrows, "", columns);
    for (unsigned i = 0; i < lines->len; i++) {
        const struct line *line = &g_array_index(lines, struct line, i);
        struct ladder_number frame;

        write_line(out, line->frame ? ladder_digits(&frame, line->frame) : "", line->state,
                   line->arrow, line->middle->str, columns);
    }
    g_free(names[TCP_CLIENT]);
    g_free(names[TCP_SERVER]);
}

static void write_wrapped(GString *out, GString *text)
{
    GPtrArray *lines = ladder_wrap(text->str, LINE_COLUMNS);

    for (unsigned i = 0; i < lines->len; i++)
        g_string_append_printf(out, "%s\n", (const char *)g_ptr_array_index(lines, i));
    g_ptr_array_unref(lines);
    g_string_truncate(text, 0);
}

void ladder_segments(GString *out, struct ladder *const *ladders, unsigned count,
                     const char *const *table)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < count; i++) {
        GArray *lines = lines_of(ladders[i], table);

        if (i > 0)
            g_string_append_c(out, '\n');
        ladder_add_title(text, ladders[i], table);
        write_wrapped(out, text);
        ladder_add_about(text, ladders[i], table);
        write_wrapped(out, text);
        ladder_add_entry(text, table, WORDING_LADDER_RELATIVE, NULL);
        write_wrapped(out, text);
        g_string_append_c(out, '\n');
        write_lines(out, ladders[i], lines, table);
        g_array_free(lines, TRUE);
    }
    g_string_free(text, TRUE);
}
