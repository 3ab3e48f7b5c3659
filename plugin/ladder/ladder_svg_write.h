/* ladder_svg_write.h
 * Elements of SVG. Coordinates are whole pixels, so that no locale's decimal comma gets into them.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_LADDER_SVG_WRITE_H
#define HANDSHARK_LADDER_SVG_WRITE_H

#include <glib.h>

/** Append text, escaped for XML's content and attributes. What XML 1.0 has no character for becomes
 *  U+FFFD. @param text  UTF-8 */
void svg_add_escaped(GString *out, const char *text);

/** Append a text element.
 *  @param style   its class; where it is anchored is part of that
 *  @param x,y     of its anchor, on the base line */
void svg_add_text(GString *out, const char *style, int x, int y, const char *text);

/** Append a text element that is turned about its anchor.
 *  @param dx,dy  the direction of its base line; dx is above 0
 *  @param rise   how far above the line through the anchor the base line is; below 0: below it */
void svg_add_turned_text(GString *out, const char *style, int x, int y, int dx, int dy, int rise,
                         const char *text);

/** Append an element that only tells: <title> or <desc>. */
void svg_add_note(GString *out, const char *element, const char *text);

/** Append a straight line. @param style  its class @param colour  of its stroke, 0xRRGGBB */
void svg_add_line(GString *out, const char *style, unsigned colour, int x1, int y1, int x2, int y2);

/** Append the head of an arrow whose point is at x, y and that comes from the direction dx, dy. */
void svg_add_arrowhead(GString *out, unsigned colour, int x, int y, int dx, int dy);

/** Append a cross: an arrow that does not arrive. */
void svg_add_cross(GString *out, unsigned colour, int x, int y);

/** Append a rectangle. @param style  its class @param colour  of its inside */
void svg_add_box(GString *out, const char *style, unsigned colour, int x, int y, int width,
                 int height);

/** @return about how many pixels wide a text is in a font like Arial, rather too many than too few.
 *  @param size  of the font, in pixels */
int svg_text_width(const char *text, int size);

/** Take out the middle of what is too wide, for an ellipsis. @return to be freed with g_free() */
char *svg_shorten(const char *text, int size, int width);

#endif
