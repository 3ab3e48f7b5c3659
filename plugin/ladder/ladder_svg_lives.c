/* ladder_svg_lives.c
 * The life lines of a ladder: a bar at each side that takes the colour of the state.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ladder_svg_rows.h"
#include "ladder_svg_write.h"
#include "tcp_phase/colours.h"

#define CHIP_HEIGHT 17

#define FILL(state, fill) [TCP_STATE_##state] = (fill),
static const unsigned fills[TCP_STATE_COUNT] = { COLOURS_OF_STATES(FILL) };
#undef FILL

/* Black or white, whichever stands out more (WCAG 2.1's relative luminance, its curve taken for a
 * square). */
static unsigned writing_on(unsigned colour)
{
    unsigned red = colour >> 16, green = colour >> 8 & 0xff, blue = colour & 0xff;
    unsigned luminance = (2126 * red * red + 7152 * green * green + 722 * blue * blue) / 65025;

    return luminance > 2100 ? 0x000000 : 0xFFFFFF;
}

/* The name of a state beside the life line, from where on it holds. */
static void draw_chip(GString *out, const struct svg_drawing *drawing, unsigned role,
                      enum tcp_state state, int y)
{
    int x = role == TCP_CLIENT ? drawing->life[role] - SVG_BAR / 2 - SVG_CHIP
                               : drawing->life[role] + SVG_BAR / 2;

    svg_add_box(out, "l-chip", fills[state], x, y - CHIP_HEIGHT / 2, SVG_CHIP, CHIP_HEIGHT);
    g_string_append_printf(out, "<g fill=\"#%06X\">", writing_on(fills[state]));
    svg_add_text(out, "l-state l-mid", x + SVG_CHIP / 2, y + 4, tcp_state_name(state));
    g_string_append(out, "</g>");
}

static void draw_bar(GString *out, const struct svg_drawing *drawing, unsigned role,
                     enum tcp_state state, int from, int to)
{
    svg_add_box(out, "l-plain", fills[state], drawing->life[role] - SVG_BAR / 2, from, SVG_BAR,
                to - from);
}

/* Short pieces of a bar: the connection was there before the capture, or is there after it. */
static void draw_dots(GString *out, const struct svg_drawing *drawing, unsigned role,
                      enum tcp_state state, int from)
{
    for (int i = 0; i < 3; i++)
        draw_bar(out, drawing, role, state, from + 6 * i, from + 6 * i + 3);
}

/* One end, from top to bottom. */
static void draw_life(GString *out, const struct svg_drawing *drawing, unsigned role)
{
    const struct ladder *ladder = drawing->ladder;
    enum tcp_state state = ladder->begin[role];
    int since = drawing->begin;

    if (tcp_state_is_synchronized(state)) {
        draw_dots(out, drawing, role, state, since);
        since += 18;
    }
    draw_chip(out, drawing, role, state, drawing->begin + 26);
    for (unsigned i = 0; i < ladder->rows->len; i++) {
        const struct ladder_row *row = &ladder_rows(ladder)[i];
        enum tcp_state next = (enum tcp_state)row->note.state[role];
        bool departs = row->note.sender == role || row->kind != LADDER_SEGMENT;
        int y = departs ? drawing->places[i].top : drawing->places[i].bottom;

        if (next == state || (row->is_withdrawn && !departs))
            continue;
        draw_bar(out, drawing, role, state, since, y);
        draw_chip(out, drawing, role, next, y);
        state = next;
        since = y;
    }
    if (state == TCP_STATE_CLOSED || state == TCP_STATE_LISTEN) {
        draw_bar(out, drawing, role, state, since, drawing->end);
        return;
    }
    draw_bar(out, drawing, role, state, since, drawing->end - 18);
    draw_dots(out, drawing, role, state, drawing->end - 15);
}

void svg_draw_lives(GString *out, const struct svg_drawing *drawing)
{
    for (unsigned role = 0; role < 2; role++)
        draw_life(out, drawing, role);
}
