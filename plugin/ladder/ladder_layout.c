/* ladder_layout.c
 * Texts in columns.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ladder_layout.h"

#include <stdbool.h>
#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"

static unsigned columns_of(gunichar c)
{
    if (g_unichar_iszerowidth(c))
        return 0;
    return g_unichar_iswide(c) ? 2 : 1;
}

unsigned ladder_columns(const char *text)
{
    unsigned columns = 0;

    for (; *text; text = g_utf8_next_char(text))
        columns += columns_of(g_utf8_get_char(text));
    return columns;
}

/* Punctuation that does not stand at the beginning of a line: of the wide kind all that closes. */
static bool may_begin_line(gunichar c)
{
    switch (g_unichar_type(c)) {
    case G_UNICODE_OTHER_PUNCTUATION:
    case G_UNICODE_CLOSE_PUNCTUATION:
    case G_UNICODE_FINAL_PUNCTUATION:
        return false;
    default:
        return true;
    }
}

/* Punctuation that does not stand at the end of a line. */
static bool may_end_line(gunichar c)
{
    GUnicodeType type = g_unichar_type(c);

    return type != G_UNICODE_OPEN_PUNCTUATION && type != G_UNICODE_INITIAL_PUNCTUATION;
}

/* Whether a line may end between two characters without a space. */
static bool may_break(gunichar before, gunichar after)
{
    return (g_unichar_iswide(before) || g_unichar_iswide(after)) && may_begin_line(after) &&
           may_end_line(before) && after != ' ' && before != ' ';
}

/* The octets of the next line; at least one character. */
static size_t line_at(const char *text, unsigned columns)
{
    const char *at = text;
    const char *end = NULL; /* the last place where it may end */
    gunichar before = 0;
    unsigned used = 0;

    while (*at) {
        gunichar c = g_utf8_get_char(at);

        if (at != text && (c == ' ' || may_break(before, c)))
            end = at;
        if (used + columns_of(c) > columns && at != text)
            return (size_t)((end ? end : at) - text);
        used += columns_of(c);
        before = c;
        at = g_utf8_next_char(at);
    }
    return (size_t)(at - text);
}

/* A line of a text, spaces that must not break made common ones, without those at its end. */
static char *with_common_spaces(const char *text, size_t length)
{
    char *line = g_strndup(text, length);
    char **parts = g_strsplit(line, LADDER_NO_BREAK, -1);

    g_free(line);
    line = g_strjoinv(" ", parts);
    g_strfreev(parts);
    return g_strchomp(line);
}

GPtrArray *ladder_wrap(const char *text, unsigned columns)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);

    while (*text == ' ')
        text++;
    while (*text) {
        size_t length = line_at(text, columns);

        g_ptr_array_add(lines, with_common_spaces(text, length));
        for (text += length; *text == ' ';)
            text++;
    }
    return lines;
}

char *ladder_shorten(const char *text, unsigned columns)
{
    unsigned head = (columns - 1) / 2;
    unsigned tail = columns - 1 - head;
    const char *end = text + strlen(text);
    const char *from = text;
    unsigned used = 0;

    if (ladder_columns(text) <= columns)
        return g_strdup(text);
    while (used + columns_of(g_utf8_get_char(from)) <= head) {
        used += columns_of(g_utf8_get_char(from));
        from = g_utf8_next_char(from);
    }
    for (used = 0;;) {
        const char *before = g_utf8_prev_char(end);

        used += columns_of(g_utf8_get_char(before));
        if (used > tail)
            break;
        end = before;
    }
    return g_strdup_printf("%.*s" ELLIPSIS "%s", (int)(from - text), text, end);
}

void ladder_add_times(GString *out, char character, unsigned times)
{
    while (times-- > 0)
        g_string_append_c(out, character);
}

void ladder_add_aligned(GString *out, const char *text, unsigned columns, enum ladder_side side)
{
    unsigned width = ladder_columns(text);
    unsigned spaces = width < columns ? columns - width : 0;
    unsigned before = side == LADDER_LEFT ? 0 : side == LADDER_RIGHT ? spaces : spaces / 2;

    ladder_add_times(out, ' ', before);
    g_string_append(out, text);
    ladder_add_times(out, ' ', spaces - before);
}

void ladder_trim(GString *out)
{
    while (out->len > 0 && out->str[out->len - 1] == ' ')
        g_string_truncate(out, out->len - 1);
}
