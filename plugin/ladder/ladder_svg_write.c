/* ladder_svg_write.c
 * Elements of SVG.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ladder_svg_write.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "ladder_layout.h"

#define HEAD_LENGTH 10.0
#define CROSS       5   /* half of it */
#define HEAD_WIDTH  4.0 /* half of it */

/* XML 1.0, production 2: Char. */
static bool is_xml_char(gunichar c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0xd800) ||
           (c >= 0xe000 && c < 0xfffe) || c >= 0x10000;
}

void svg_add_escaped(GString *out, const char *text)
{
    for (; *text; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);

        if (c == '&')
            g_string_append(out, "&amp;");
        else if (c == '<')
            g_string_append(out, "&lt;");
        else if (c == '>')
            g_string_append(out, "&gt;");
        else if (c == '"')
            g_string_append(out, "&quot;");
        else
            g_string_append_unichar(out, is_xml_char(c) ? c : 0xfffd);
    }
}

void svg_add_text(GString *out, const char *style, int x, int y, const char *text)
{
    g_string_append_printf(out, "<text class=\"%s\" x=\"%d\" y=\"%d\">", style, x, y);
    svg_add_escaped(out, text);
    g_string_append(out, "</text>\n");
}

/* Three decimals, with a point. */
static void add_decimal(GString *out, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append(out, g_ascii_formatd(text, sizeof text, "%.3f", value));
}

void svg_add_turned_text(GString *out, const char *style, int x, int y, int dx, int dy, int rise,
                         const char *text)
{
    double length = sqrt((double)dx * dx + (double)dy * dy);
    double turn[] = { dx / length, dy / length, -dy / length, dx / length };

    g_string_append_printf(out, "<text class=\"%s\" xml:space=\"preserve\" transform=\"matrix(",
                           style);
    for (unsigned i = 0; i < G_N_ELEMENTS(turn); i++) {
        add_decimal(out, turn[i]);
        g_string_append_c(out, ' ');
    }
    g_string_append_printf(out, "%d %d)\" y=\"%d\">", x, y, -rise);
    svg_add_escaped(out, text);
    g_string_append(out, "</text>\n");
}

void svg_add_note(GString *out, const char *element, const char *text)
{
    g_string_append_printf(out, "<%s>", element);
    svg_add_escaped(out, text);
    g_string_append_printf(out, "</%s>\n", element);
}

void svg_add_line(GString *out, const char *style, unsigned colour, int x1, int y1, int x2, int y2)
{
    g_string_append_printf(out,
                           "<line class=\"%s\" stroke=\"#%06X\" x1=\"%d\" y1=\"%d\" x2=\"%d\" "
                           "y2=\"%d\"/>\n",
                           style, colour, x1, y1, x2, y2);
}

void svg_add_arrowhead(GString *out, unsigned colour, int x, int y, int dx, int dy)
{
    double length = sqrt((double)dx * dx + (double)dy * dy);
    double ux = dx / length, uy = dy / length;
    double at[] = { x,
                    y,
                    x - HEAD_LENGTH * ux - HEAD_WIDTH * uy,
                    y - HEAD_LENGTH * uy + HEAD_WIDTH * ux,
                    x - HEAD_LENGTH * ux + HEAD_WIDTH * uy,
                    y - HEAD_LENGTH * uy - HEAD_WIDTH * ux };

    g_string_append_printf(out, "<polygon fill=\"#%06X\" points=\"", colour);
    for (unsigned i = 0; i < G_N_ELEMENTS(at); i++) {
        g_string_append(out, i > 0 ? (i % 2 ? "," : " ") : "");
        add_decimal(out, at[i]);
    }
    g_string_append(out, "\"/>\n");
}

void svg_add_cross(GString *out, unsigned colour, int x, int y)
{
    svg_add_line(out, "l-cross", colour, x - CROSS, y - CROSS, x + CROSS, y + CROSS);
    svg_add_line(out, "l-cross", colour, x - CROSS, y + CROSS, x + CROSS, y - CROSS);
}

void svg_add_box(GString *out, const char *style, unsigned colour, int x, int y, int width,
                 int height)
{
    g_string_append_printf(out,
                           "<rect class=\"%s\" fill=\"#%06X\" x=\"%d\" y=\"%d\" width=\"%d\" "
                           "height=\"%d\"/>\n",
                           style, colour, x, y, width, height);
}

/* Thousandths of the font's size. */
static int width_of(gunichar c)
{
    if (g_unichar_iszerowidth(c))
        return 0;
    if (g_unichar_iswide(c))
        return 1000;
    if (c < 0x80 && strchr(" .,:;'|!ijlIft[]()/-", (int)c))
        return 320;
    if (c == 'm' || c == 'M' || c == 'w' || c == 'W' || c == '@' || c == '%')
        return 900;
    return g_unichar_isupper(c) ? 720 : 570;
}

int svg_text_width(const char *text, int size)
{
    int width = 0;

    for (; *text; text = g_utf8_next_char(text))
        width += width_of(g_utf8_get_char(text));
    return (width * size + 999) / 1000;
}

char *svg_shorten(const char *text, int size, int width)
{
    unsigned columns = ladder_columns(text);
    char *shorter = g_strdup(text);

    while (svg_text_width(shorter, size) > width && columns > 3) {
        g_free(shorter);
        shorter = ladder_shorten(text, --columns);
    }
    return shorter;
}
