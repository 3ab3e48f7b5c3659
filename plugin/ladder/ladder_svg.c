/* ladder_svg.c
 * A drawing of SVG 1.1 that needs nothing else: no script, no font, no other file.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "ladder_formats.h"
#include "ladder_layout.h"
#include "ladder_svg_rows.h"
#include "ladder_svg_write.h"
#include "ladder_words.h"
#include "tcp_phase/colours.h"
#include "tcp_phase/languages.h"

#define TITLE_SIZE  17
#define TITLE_LINE  23
#define NAME_SIZE   12
#define HEAD_HEIGHT 42
#define BETWEEN     40 /* two drawings */
#define LEGEND_LINE 44 /* length of a sample */

static const unsigned lines[] = {
    [LADDER_HANDSHAKE] = COLOUR_HANDSHAKE_LINE, [LADDER_DATA] = COLOUR_DATA_LINE,
    [LADDER_TEARDOWN] = COLOUR_TEARDOWN_LINE,   [LADDER_RESET] = COLOUR_RESET_LINE,
    [LADDER_CLOSED] = COLOUR_CLOSED_LINE,
};

/* Colours come from colours.h alone, so those are filled in. */
static const char style[] =
    "<style>\n"
    "text{font-family:'Helvetica Neue',Helvetica,Arial,'Liberation Sans','Noto Sans','PingFang SC',"
    "'Microsoft YaHei','Noto Sans CJK SC','DejaVu Sans',sans-serif}\n"
    ".l-title{font-size:17px;font-weight:bold}\n"
    ".l-about{font-size:12px;fill:#%1$06X}\n"
    ".l-role{font-size:13px;font-weight:bold}\n"
    ".l-name{font-size:12px}\n"
    ".l-label{font-size:12px;font-weight:bold}\n"
    ".l-numbers{font-size:11px;fill:#%1$06X}\n"
    ".l-frame{font-size:11px;font-weight:bold}\n"
    ".l-time{font-size:11px;fill:#%1$06X}\n"
    ".l-state{font-size:10px;font-weight:bold}\n"
    ".l-pause{font-size:12px;font-style:italic;fill:#%1$06X}\n"
    ".l-phase{font-size:13px;font-weight:bold}\n"
    ".l-start{text-anchor:start}\n"
    ".l-mid{text-anchor:middle}\n"
    ".l-end{text-anchor:end}\n"
    ".l-arrow,.l-again,.l-unseen{stroke-width:1.6}\n"
    ".l-reset{stroke-width:2.4}\n"
    ".l-again{stroke-dasharray:9 4}\n"
    ".l-unseen{stroke-dasharray:2 4}\n"
    ".l-cross,.l-bracket{stroke-width:2}\n"
    ".l-break,.l-rule{stroke-width:1}\n"
    ".l-head{stroke:#%2$06X}\n"
    ".l-fold{stroke-dasharray:4 3}\n"
    "@media print{svg.l-ladder{width:100%%;height:auto}}\n"
    "</style>\n";

/* The language's tag (BCP 47), by which a font is chosen that writes its characters as its readers do. */
static char *tag_of(const char *const *table)
{
    char *tag = NULL;

    for (unsigned i = 0; i < LANGUAGE_COUNT; i++)
        if (languages[i].table == table)
            tag = g_strdelimit(g_strdup(languages[i].name), "_", '-');
    return tag ? tag : g_strdup("en");
}

static void draw_titles(GString *out, const struct svg_drawing *drawing, int top, int width)
{
    GString *text = g_string_new(NULL);
    GPtrArray *title;

    ladder_add_title(text, drawing->ladder, drawing->table);
    title = ladder_wrap(text->str, (unsigned)((width - 2 * SVG_MARGIN) / (TITLE_SIZE * 11 / 20)));
    for (unsigned i = 0; i < title->len; i++)
        svg_add_text(out, "l-title", SVG_MARGIN, top + SVG_MARGIN + 10 + (int)i * TITLE_LINE,
                     g_ptr_array_index(title, i));
    g_string_truncate(text, 0);
    ladder_add_about(text, drawing->ladder, drawing->table);
    svg_add_text(out, "l-about", SVG_MARGIN, top + SVG_MARGIN + 10 + (int)title->len * TITLE_LINE,
                 text->str);
    g_ptr_array_unref(title);
    g_string_free(text, TRUE);
}

/* How high the titles are. */
static int height_of_titles(const struct ladder *ladder, const char *const *table, int width)
{
    GString *text = g_string_new(NULL);
    GPtrArray *title;
    int height;

    ladder_add_title(text, ladder, table);
    title = ladder_wrap(text->str, (unsigned)((width - 2 * SVG_MARGIN) / (TITLE_SIZE * 11 / 20)));
    height = SVG_MARGIN + 10 + (int)title->len * TITLE_LINE + 22;
    g_ptr_array_unref(title);
    g_string_free(text, TRUE);
    return height;
}

/* Who an end is, above its life line. */
static void draw_head(GString *out, const struct svg_drawing *drawing, unsigned role, int y)
{
    int middle = (drawing->life[TCP_CLIENT] + drawing->life[TCP_SERVER]) / 2;
    int room = middle - SVG_GAP - SVG_MARGIN;
    char *name = svg_shorten(drawing->ladder->name[role], NAME_SIZE, room - 24);
    int width = MAX(svg_text_width(name, NAME_SIZE) + 24, 130);
    int x = drawing->life[role] - width / 2;

    if (role == TCP_CLIENT)
        x = MAX(SVG_MARGIN, MIN(x, middle - SVG_GAP - width));
    else
        x = MAX(x, middle + SVG_GAP);
    g_string_append(out, "<g>\n");
    svg_add_note(out, "title", drawing->ladder->name[role]);
    svg_add_box(out, "l-head", COLOUR_HEAD_GROUND, x, y, width, HEAD_HEIGHT);
    svg_add_text(out, "l-role l-mid", x + width / 2, y + 17,
                 drawing->table[role == TCP_CLIENT ? WORDING_CLIENT : WORDING_SERVER]);
    svg_add_text(out, "l-name l-mid", x + width / 2, y + 33, name);
    g_string_append(out, "</g>\n");
    g_free(name);
}

/* The bracket of a phase, from a row to another, with its name and how long it took. */
static void draw_bracket(GString *out, const struct svg_drawing *drawing, unsigned first,
                         unsigned last)
{
    const struct ladder_row *rows = ladder_rows(drawing->ladder);
    unsigned colour = lines[rows[first].phase];
    int x = drawing->life[TCP_SERVER] + SVG_BAR / 2 + SVG_CHIP + SVG_GAP + 8;
    int top = drawing->places[first].top - 4;
    int bottom = drawing->places[last].bottom + 4;
    int y = (top + bottom) / 2;
    struct ladder_number time;

    for (unsigned i = first; i < last; i++)
        bottom = MAX(bottom, drawing->places[i].bottom + 4);
    svg_add_line(out, "l-bracket", colour, x, top, x, bottom);
    svg_add_line(out, "l-bracket", colour, x - 6, top, x + 1, top);
    svg_add_line(out, "l-bracket", colour, x - 6, bottom, x + 1, bottom);
    g_string_append_printf(out, "<g fill=\"#%06X\">", colour);
    svg_add_text(out, "l-phase", x + 10, rows[last].until > rows[first].time ? y : y + 4,
                 drawing->table[WORDING_LADDER_PHASE_FIRST + rows[first].phase]);
    g_string_append(out, "</g>");
    if (rows[last].until > rows[first].time)
        svg_add_text(out, "l-time", x + 10, y + 15,
                     ladder_time(&time, rows[last].until - rows[first].time));
}

static void draw_brackets(GString *out, const struct svg_drawing *drawing)
{
    const struct ladder_row *rows = ladder_rows(drawing->ladder);
    unsigned count = drawing->ladder->rows->len;
    unsigned first = 0;

    for (unsigned i = 0; i < count; i++)
        if (i + 1 == count || rows[i + 1].phase != rows[i].phase) {
            draw_bracket(out, drawing, first, i);
            first = i + 1;
        }
}

/* What a kind of line means: a sample and its meaning. @return where the next one goes */
static int draw_key(GString *out, const char *sample, int x, int y, const char *text)
{
    svg_add_line(out, sample, COLOUR_ODD_LINE, x, y - 4, x + LEGEND_LINE, y - 4);
    svg_add_text(out, "l-about", x + LEGEND_LINE + SVG_GAP, y, text);
    return x + LEGEND_LINE + 5 * SVG_GAP + svg_text_width(text, NAME_SIZE);
}

/* What the kinds of line mean, where there are such. */
static void draw_legend(GString *out, const struct svg_drawing *drawing)
{
    const struct ladder_row *rows = ladder_rows(drawing->ladder);
    bool again = false, unseen = false, lost = false;
    int y = drawing->end + 24;
    int x = SVG_MARGIN;

    for (unsigned i = 0; i < drawing->ladder->rows->len; i++) {
        lost |= rows[i].late || rows[i].is_lost;
        unseen |= rows[i].kind == LADDER_UNSEEN && !rows[i].late;
        again |=
            rows[i].kind == LADDER_SEGMENT && (rows[i].note.events & TCP_DOES_RETRANSMISSION) != 0;
    }
    if (again)
        x = draw_key(out, "l-again", x, y, drawing->table[WORDING_LADDER_KEY_AGAIN]);
    if (unseen)
        x = draw_key(out, "l-unseen", x, y, drawing->table[WORDING_LADDER_KEY_UNSEEN]);
    if (lost) {
        draw_key(out, "l-arrow", x, y, drawing->table[WORDING_LADDER_KEY_LOST]);
        svg_add_cross(out, COLOUR_ODD_LINE, x + LEGEND_LINE - SVG_GAP, y - 4);
    }
}

static void draw_story(GString *out, struct ladder *ladder, const char *const *table)
{
    GString *text = g_string_new(NULL);

    ladder_add_title(text, ladder, table);
    svg_add_note(out, "title", text->str);
    g_string_truncate(text, 0);
    ladder_story(text, &ladder, 1, table);
    svg_add_note(out, "desc", text->str);
    g_string_free(text, TRUE);
}

/* One conversation, from top on. @return where it ends */
static int draw_ladder(GString *out, struct ladder *ladder, const char *const *table, int top,
                       int width)
{
    struct svg_drawing drawing = {
        .ladder = ladder,
        .table = table,
        .places = g_new0(struct svg_place, ladder->rows->len),
    };
    int heads = top + height_of_titles(ladder, table, width);

    drawing.life[TCP_CLIENT] = SVG_MARGIN + SVG_GUTTER + SVG_CHIP + SVG_BAR / 2;
    drawing.life[TCP_SERVER] = drawing.life[TCP_CLIENT] + svg_span(ladder, table);
    drawing.begin = heads + HEAD_HEIGHT;
    svg_place_rows(&drawing);
    g_string_append(out, "<g>\n");
    draw_story(out, ladder, table);
    draw_titles(out, &drawing, top, width);
    draw_brackets(out, &drawing);
    svg_add_text(out, "l-about l-end", SVG_MARGIN + SVG_FRAME, drawing.begin + 30,
                 table[WORDING_LADDER_FRAME]);
    svg_add_text(out, "l-about l-end", SVG_MARGIN + SVG_GUTTER - SVG_GAP, drawing.begin + 30,
                 table[WORDING_LADDER_TIME]);
    svg_draw_lives(out, &drawing);
    svg_draw_rows(out, &drawing);
    for (unsigned role = 0; role < 2; role++)
        draw_head(out, &drawing, role, heads);
    draw_legend(out, &drawing);
    g_string_append(out, "</g>\n");
    g_free(drawing.places);
    return drawing.end + 24 + SVG_MARGIN;
}

void ladder_svg(GString *out, struct ladder *const *ladders, unsigned count,
                const char *const *table)
{
    GString *drawings = g_string_new(NULL);
    char *tag = tag_of(table);
    int width = 0;
    int y = 0;

    for (unsigned i = 0; i < count; i++)
        width = MAX(width, svg_span(ladders[i], table));
    width += 2 * SVG_MARGIN + SVG_GUTTER + 2 * SVG_CHIP + SVG_BAR + SVG_GAP + SVG_BRACKET;
    for (unsigned i = 0; i < count; i++) {
        if (i > 0) {
            y += BETWEEN;
            svg_add_line(drawings, "l-rule", COLOUR_RULE, SVG_MARGIN, y - BETWEEN / 2,
                         width - SVG_MARGIN, y - BETWEEN / 2);
        }
        y = draw_ladder(drawings, ladders[i], table, y, width);
    }
    g_string_append_printf(out,
                           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<svg class=\"l-ladder\" xmlns=\"http://www.w3.org/2000/svg\" "
                           "xml:lang=\"%s\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
                           "fill=\"#%06X\">\n",
                           tag, width, y, width, y, COLOUR_WRITING);
    g_string_append_printf(out, style, COLOUR_FAINT_WRITING, COLOUR_RULE);
    svg_add_box(out, "l-paper", COLOUR_PAPER, 0, 0, width, y);
    g_string_append_len(out, drawings->str, (gssize)drawings->len);
    g_string_append(out, "</svg>\n");
    g_string_free(drawings, TRUE);
    g_free(tag);
}
