/* ladder_svg_rows.h
 * Where the rows of a ladder lie in its drawing, and what they look like.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_LADDER_SVG_ROWS_H
#define HANDSHARK_LADDER_SVG_ROWS_H

#include "ladder.h"

/* All in pixels. */
#define SVG_MARGIN  24
#define SVG_BAR     10 /* width of a life line */
#define SVG_CHIP    92 /* width of a state */
#define SVG_GAP     6
#define SVG_GUTTER  128 /* frame and time */
#define SVG_FRAME   44  /* frame alone */
#define SVG_BRACKET 120 /* a phase and its name */

/** Where a row lies. */
struct svg_place {
    int top;    /**< where it departs; the upper edge of a box */
    int bottom; /**< where it arrives; the lower edge of a box */
    int pause;  /**< the middle of the silence above it; 0: there is none */
};

/** A ladder being drawn. */
struct svg_drawing {
    const struct ladder *ladder;
    const char *const *table;
    int life[2];              /**< the middle of each life line */
    int begin;                /**< where the life lines begin */
    int end;                  /**< where they end */
    struct svg_place *places; /**< of the rows */
};

/** @return the distance between the life lines that the labels ask for. */
int svg_span(const struct ladder *ladder, const char *const *table);

/** Find the places of all rows below .begin, and .end. */
void svg_place_rows(struct svg_drawing *drawing);

/** Draw what lies between the life lines, and frames and times at the side. */
void svg_draw_rows(GString *out, const struct svg_drawing *drawing);

/** Draw the life lines with their states. */
void svg_draw_lives(GString *out, const struct svg_drawing *drawing);

#endif
