/* ladder_svg_rows.c
 * The rows of a ladder: arrows, folds, silences.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ladder_svg_rows.h"

#include "ladder_svg_write.h"
#include "ladder_words.h"
#include "tcp_phase/colours.h"

#define SPAN_MIN     380
#define SPAN_MAX     600
#define SLANT        26  /* how far an arrow goes down */
#define CROSS_SLANT  104 /* the same of two that cross: their texts need the room between them */
#define CROSS_AFTER  16  /* from the departure of the one to that of the other */
#define FROM_LIFE    18  /* of their texts: from the tail, and */
#define AT_CROSSING  12  /* from the crossing */
#define AFTER_SAME   38  /* from a departure to the next of the same end */
#define AFTER_OTHER  30  /* from an arrival to the next departure */
#define BOX          34
#define PAUSE        46
#define LABEL_SIZE   12
#define NUMBERS_SIZE 11

static const unsigned lines[] = {
    [LADDER_HANDSHAKE] = COLOUR_HANDSHAKE_LINE, [LADDER_DATA] = COLOUR_DATA_LINE,
    [LADDER_TEARDOWN] = COLOUR_TEARDOWN_LINE,   [LADDER_RESET] = COLOUR_RESET_LINE,
    [LADDER_CLOSED] = COLOUR_CLOSED_LINE,
};

static bool is_arrow(const struct ladder_row *row)
{
    return row->kind == LADDER_SEGMENT || row->kind == LADDER_UNSEEN;
}

static bool is_crossed(const struct ladder *ladder, unsigned at)
{
    return at + 1 < ladder->rows->len && ladder_rows(ladder)[at + 1].crosses;
}

/* How far down an arrow is where it crosses the other one: the first of the two has the longer way. */
static int way_to_crossing(const struct ladder_row *row)
{
    return row->crosses ? CROSS_SLANT - CROSS_AFTER : CROSS_SLANT + CROSS_AFTER;
}

int svg_span(const struct ladder *ladder, const char *const *table)
{
    const struct ladder_row *rows = ladder_rows(ladder);
    GString *text = g_string_new(NULL);
    int span = SPAN_MIN;

    for (unsigned i = 0; i < ladder->rows->len; i++) {
        int width;

        g_string_truncate(text, 0);
        ladder_add_label(text, &rows[i], table);
        width = svg_text_width(text->str, LABEL_SIZE);
        g_string_truncate(text, 0);
        if (rows[i].kind == LADDER_SEGMENT)
            ladder_add_numbers(text, &rows[i].note);
        width = MAX(width, svg_text_width(text->str, NUMBERS_SIZE));
        if (rows[i].crosses || is_crossed(ladder, i))
            width = (width + FROM_LIFE + AT_CROSSING) * 2 * CROSS_SLANT / way_to_crossing(&rows[i]);
        else
            width += 60;
        span = MAX(span, width);
    }
    g_string_free(text, TRUE);
    return MIN(span, SPAN_MAX);
}

/* What is drawn further apart because more time lies between: four pixels for each power of ten above a
 * millisecond. */
static int room_for_time(int64_t nanoseconds)
{
    int room = 0;

    for (; nanoseconds >= 1000000 && room < 12; nanoseconds /= 10)
        room += 4;
    return room;
}

/* Where a row goes, below the one before. bottom: the lowest arrival so far. */
static struct svg_place place_after(const struct ladder *ladder, unsigned at,
                                    const struct svg_place *before, int bottom)
{
    const struct ladder_row *row = &ladder_rows(ladder)[at];
    const struct ladder_row *above = row - 1;
    struct svg_place place = { 0 };
    int64_t pause = ladder_pause(ladder, at);

    if (row->crosses)
        place.top = before->top + CROSS_AFTER;
    else if (is_arrow(row) && is_arrow(above) && row->note.sender == above->note.sender &&
             !above->crosses && !pause && !is_crossed(ladder, at))
        place.top = before->top + AFTER_SAME + room_for_time(row->time - above->until);
    else
        place.top = bottom + AFTER_OTHER + room_for_time(row->time - above->until);
    if (pause) {
        place.pause = bottom + PAUSE / 2 + 5;
        place.top = bottom + PAUSE + AFTER_OTHER / 2;
    }
    return place;
}

void svg_place_rows(struct svg_drawing *drawing)
{
    const struct ladder *ladder = drawing->ladder;
    int bottom = drawing->begin + 20;

    for (unsigned i = 0; i < ladder->rows->len; i++) {
        const struct ladder_row *row = &ladder_rows(ladder)[i];
        struct svg_place *place = &drawing->places[i];

        if (i == 0)
            place->top = drawing->begin + 56;
        else
            *place = place_after(ladder, i, place - 1, bottom);
        if (!is_arrow(row))
            place->bottom = place->top + BOX;
        else if (row->crosses || is_crossed(ladder, i))
            place->bottom = place->top + CROSS_SLANT;
        else
            place->bottom = place->top + SLANT;
        bottom = MAX(bottom, place->bottom);
    }
    drawing->end = bottom + 44;
}

static unsigned colour_of(const struct ladder_row *row)
{
    return row->odd ? COLOUR_ODD_LINE : lines[row->phase];
}

static const char *style_of(const struct ladder_row *row)
{
    if (row->kind == LADDER_UNSEEN)
        return "l-unseen";
    if (row->note.events & TCP_DOES_RETRANSMISSION)
        return "l-again";
    return row->phase == LADDER_RESET ? "l-reset" : "l-arrow";
}

/* The two texts of an arrow, along it: in its middle, or where it crosses another near its tail. */
static void draw_texts(GString *out, const struct svg_drawing *drawing, unsigned at, int dy)
{
    const struct ladder_row *row = &ladder_rows(drawing->ladder)[at];
    const struct svg_place *place = &drawing->places[at];
    int dx = drawing->life[TCP_SERVER] - drawing->life[TCP_CLIENT];
    bool near_tail = row->crosses || is_crossed(drawing->ladder, at);
    bool from_client = row->note.sender == TCP_CLIENT;
    int x = drawing->life[TCP_CLIENT] + dx / 2;
    int y = (place->top + place->bottom) / 2;
    const char *anchor = !near_tail ? "l-mid" : from_client ? "l-start" : "l-end";
    GString *text = g_string_new(NULL);
    int room = dx - 40;
    char *style;
    char *label;

    if (near_tail) {
        x = drawing->life[row->note.sender] + (from_client ? FROM_LIFE : -FROM_LIFE);
        y = place->top + FROM_LIFE * CROSS_SLANT / dx;
        room = dx * way_to_crossing(row) / (2 * CROSS_SLANT) - FROM_LIFE - AT_CROSSING / 2;
    }
    ladder_add_label(text, row, drawing->table);
    label = svg_shorten(text->str, LABEL_SIZE, room);
    style = g_strdup_printf("l-label %s", anchor);
    svg_add_turned_text(out, style, x, y, dx, dy, 5, label);
    g_free(style);
    g_free(label);
    if (row->kind == LADDER_SEGMENT) {
        g_string_truncate(text, 0);
        ladder_add_numbers(text, &row->note);
        style = g_strdup_printf("l-numbers %s", anchor);
        svg_add_turned_text(out, style, x, y, dx, dy, -13, text->str);
        g_free(style);
    }
    g_string_free(text, TRUE);
}

static void draw_arrow(GString *out, const struct svg_drawing *drawing, unsigned at)
{
    const struct ladder_row *row = &ladder_rows(drawing->ladder)[at];
    const struct svg_place *place = &drawing->places[at];
    bool from_client = row->note.sender == TCP_CLIENT;
    int left = drawing->life[TCP_CLIENT] + SVG_BAR / 2;
    int right = drawing->life[TCP_SERVER] - SVG_BAR / 2;
    int tail = from_client ? left : right;
    int head = from_client ? right : left;
    int fall = place->bottom - place->top;
    unsigned colour = colour_of(row);

    if (row->late || row->is_lost) { /* it does not get there */
        head = tail + (head - tail) * 4 / 5;
        fall = fall * 4 / 5;
    }
    svg_add_line(out, style_of(row), colour, tail, place->top, head, place->top + fall);
    if (row->late || row->is_lost)
        svg_add_cross(out, COLOUR_ODD_LINE, head, place->top + fall);
    else
        svg_add_arrowhead(out, colour, head, place->bottom, head - tail, fall);
    draw_texts(out, drawing, at,
               from_client ? place->bottom - place->top : place->top - place->bottom);
}

/* A fold, or an ICMP error. */
static void draw_box(GString *out, const struct svg_drawing *drawing, unsigned at)
{
    const struct ladder_row *row = &ladder_rows(drawing->ladder)[at];
    const struct svg_place *place = &drawing->places[at];
    int left = drawing->life[TCP_CLIENT] + 24;
    int width = drawing->life[TCP_SERVER] - 24 - left;
    GString *text = g_string_new(NULL);
    char *label;

    ladder_add_label(text, row, drawing->table);
    label = svg_shorten(text->str, LABEL_SIZE, width - 16);
    g_string_append_printf(out, "<g stroke=\"#%06X\">", colour_of(row));
    svg_add_box(out, "l-fold", COLOUR_PAPER, left, place->top, width, BOX);
    g_string_append(out, "</g>");
    svg_add_text(out, "l-label l-mid", left + width / 2, place->top + BOX / 2 + 4, label);
    g_free(label);
    g_string_free(text, TRUE);
}

/* Frame and time, at the height of the arrow's middle. */
static void draw_gutter(GString *out, const struct svg_drawing *drawing, unsigned at)
{
    const struct ladder_row *row = &ladder_rows(drawing->ladder)[at];
    const struct svg_place *place = &drawing->places[at];
    int y = (place->top + place->bottom) / 2 + 4;
    struct ladder_number number;

    if (row->kind == LADDER_UNSEEN)
        return;
    if (row->crosses || is_crossed(drawing->ladder, at))
        y = place->top + SLANT / 2 + 4;
    if (row->kind == LADDER_FOLD) {
        char *frames = g_strdup_printf("%u \xe2\x80\x93 %u", row->frame, row->last);

        svg_add_text(out, "l-frame l-end", SVG_MARGIN + SVG_GUTTER - SVG_GAP, y, frames);
        g_free(frames);
        return;
    }
    svg_add_text(out, "l-frame l-end", SVG_MARGIN + SVG_FRAME, y,
                 ladder_digits(&number, row->frame));
    if (row->kind != LADDER_FOLD)
        svg_add_text(out, "l-time l-end", SVG_MARGIN + SVG_GUTTER - SVG_GAP, y,
                     ladder_seconds(&number, row->time));
}

/* A silence: the life lines are broken. */
static void draw_pause(GString *out, const struct svg_drawing *drawing, unsigned at)
{
    int y = drawing->places[at].pause;
    GString *text = g_string_new(NULL);

    for (int role = 0; role < 2; role++) {
        int x = drawing->life[role];

        svg_add_box(out, "l-plain", COLOUR_PAPER, x - SVG_BAR, y - 4, 2 * SVG_BAR, 8);
        svg_add_line(out, "l-break", COLOUR_FAINT_WRITING, x - 9, y - 1, x + 9, y - 7);
        svg_add_line(out, "l-break", COLOUR_FAINT_WRITING, x - 9, y + 7, x + 9, y + 1);
    }
    ladder_add_pause(text, ladder_pause(drawing->ladder, at), drawing->table);
    svg_add_text(out, "l-pause l-mid", (drawing->life[TCP_CLIENT] + drawing->life[TCP_SERVER]) / 2,
                 y + 4, text->str);
    g_string_free(text, TRUE);
}

void svg_draw_rows(GString *out, const struct svg_drawing *drawing)
{
    const struct ladder_row *rows = ladder_rows(drawing->ladder);

    for (unsigned i = 0; i < drawing->ladder->rows->len; i++) {
        if (drawing->places[i].pause)
            draw_pause(out, drawing, i);
        g_string_append(out, "<g>\n");
        if (rows[i].kind == LADDER_SEGMENT) {
            GString *why = g_string_new(NULL);

            ladder_add_explanation(why, &rows[i], drawing->table);
            svg_add_note(out, "title", why->str);
            g_string_free(why, TRUE);
        }
        if (is_arrow(&rows[i]))
            draw_arrow(out, drawing, i);
        else
            draw_box(out, drawing, i);
        draw_gutter(out, drawing, i);
        g_string_append(out, "</g>\n");
    }
}
