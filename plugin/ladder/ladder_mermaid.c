/* ladder_mermaid.c
 * A conversation as a sequence diagram of Mermaid.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "ladder_formats.h"
#include "ladder_layout.h"
#include "ladder_words.h"
#include "tcp_phase/colours.h"

/* Mermaid does not break a long text into lines. */
#define NOTE_COLUMNS 40U

/* How much of a phase's colour covers the page: Mermaid's theme, light or dark, chooses the colour of the
 * text, which has to be read on it. */
#define GROUND_ALPHA "0.3"

static const unsigned grounds[] = {
    [LADDER_HANDSHAKE] = COLOUR_HANDSHAKE_GROUND, [LADDER_DATA] = COLOUR_DATA_GROUND,
    [LADDER_TEARDOWN] = COLOUR_TEARDOWN_GROUND,   [LADDER_RESET] = COLOUR_RESET_PALE,
    [LADDER_CLOSED] = COLOUR_CLOSED_GROUND,
};

/* Text as it may stand anywhere in a diagram: all but what can mean nothing is written as a character's
 * number, which Mermaid takes back before it draws: '#' and ';' end a text, '%%' begins a comment, and
 * '<' an element of HTML. */
static void add_escaped(GString *out, const char *text)
{
    for (; *text; text++) {
        char c = *text;

        if (g_ascii_isalnum(c) || strchr(" .,:/()+-='_?!", c) || (c & 0x80))
            g_string_append_c(out, c);
        else
            g_string_append_printf(out, "#%u;", (unsigned)(unsigned char)c);
    }
}

static void add_participants(GString *out, const struct ladder *ladder, const char *const *table)
{
    static const unsigned roles[] = { WORDING_CLIENT, WORDING_SERVER };

    for (int role = 0; role < 2; role++) {
        g_string_append_printf(out, "    participant %c as ", role == TCP_CLIENT ? 'C' : 'S');
        add_escaped(out, table[roles[role]]);
        g_string_append(out, "<br/>");
        add_escaped(out, ladder->name[role]);
        g_string_append_c(out, '\n');
    }
}

static void add_note(GString *out, const char *place, const char *text)
{
    GPtrArray *lines = ladder_wrap(text, NOTE_COLUMNS);

    g_string_append_printf(out, "    Note %s: ", place);
    for (unsigned i = 0; i < lines->len; i++) {
        g_string_append(out, i == 0 ? "" : "<br/>");
        add_escaped(out, g_ptr_array_index(lines, i));
    }
    g_string_append_c(out, '\n');
    g_ptr_array_unref(lines);
}

/* The states of those ends that come into another one. */
static void add_states(GString *out, const struct ladder_row *row)
{
    static const char *const places[] = { "left of C", "right of S" };
    const struct tcp_annotation *note = &row->note;

    for (int role = 0; role < 2; role++)
        if (note->state[role] != note->from[role] && !(row->is_withdrawn && role != note->sender))
            add_note(out, places[role], tcp_state_name((enum tcp_state)note->state[role]));
}

static void add_arrow(GString *out, const struct ladder_row *row, const char *const *table)
{
    const char *dash = row->kind == LADDER_UNSEEN ? "--" : "-";
    const char *head = (row->late || row->is_lost) ? "x" : ">>";
    char from = row->note.sender == TCP_CLIENT ? 'C' : 'S';
    char to = row->note.sender == TCP_CLIENT ? 'S' : 'C';
    GString *text = g_string_new(NULL);

    ladder_add_label(text, row, table);
    g_string_append_printf(out, "    %c%s%s%c: ", from, dash, head, to);
    add_escaped(out, text->str);
    if (row->kind == LADDER_SEGMENT) {
        g_string_truncate(text, 0);
        ladder_add_numbers(text, &row->note);
        g_string_append(out, "<br/>");
        g_string_append_printf(out, "%u: ", row->frame);
        add_escaped(out, text->str);
    }
    g_string_append_c(out, '\n');
    g_string_free(text, TRUE);
    if (row->kind == LADDER_SEGMENT)
        add_states(out, row);
}

static void add_row(GString *out, const struct ladder *ladder, unsigned at,
                    const char *const *table)
{
    const struct ladder_row *row = &ladder_rows(ladder)[at];
    int64_t pause = ladder_pause(ladder, at);
    GString *text = g_string_new(NULL);

    if (pause) {
        ladder_add_pause(text, pause, table);
        add_note(out, "over C,S", text->str);
        g_string_truncate(text, 0);
    }
    if (row->kind == LADDER_SEGMENT || row->kind == LADDER_UNSEEN) {
        add_arrow(out, row, table);
    } else {
        ladder_add_label(text, row, table);
        add_note(out, "over C,S", text->str);
    }
    g_string_free(text, TRUE);
}

/* The rows of a phase stand on its colour, with its name above them. */
static void begin_phase(GString *out, enum ladder_phase phase, const char *const *table)
{
    unsigned ground = grounds[phase];

    g_string_append_printf(out, "    rect rgba(%u, %u, %u, " GROUND_ALPHA ")\n", ground >> 16,
                           ground >> 8 & 0xff, ground & 0xff);
    add_note(out, "over C,S", table[WORDING_LADDER_PHASE_FIRST + phase]);
}

static void add_diagram(GString *out, const struct ladder *ladder, const char *const *table)
{
    static const char *const places[] = { "left of C", "right of S" };
    const struct ladder_row *rows = ladder_rows(ladder);
    GString *text = g_string_new(NULL);

    g_string_append(out, "sequenceDiagram\n    title ");
    ladder_add_about(text, ladder, table);
    add_escaped(out, text->str);
    g_string_append_c(out, '\n');
    add_participants(out, ladder, table);
    g_string_truncate(text, 0);
    ladder_add_title(text, ladder, table);
    add_note(out, "over C,S", text->str);
    for (int role = 0; role < 2; role++)
        add_note(out, places[role], tcp_state_name(ladder->begin[role]));
    for (unsigned i = 0; i < ladder->rows->len; i++) {
        if (i == 0 || rows[i].phase != rows[i - 1].phase) {
            g_string_append(out, i == 0 ? "" : "    end\n");
            begin_phase(out, rows[i].phase, table);
        }
        add_row(out, ladder, i, table);
    }
    g_string_append(out, "    end\n");
    g_string_free(text, TRUE);
}

void ladder_mermaid(GString *out, struct ladder *const *ladders, unsigned count,
                    const char *const *table)
{
    for (unsigned i = 0; i < count; i++) {
        if (count > 1)
            g_string_append_printf(out, "%s```mermaid\n", i > 0 ? "\n" : "");
        add_diagram(out, ladders[i], table);
        if (count > 1)
            g_string_append(out, "```\n");
    }
}
