/* ladder_rules.c
 * What holds of every ladder.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ladder_rules.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "ladder/ladder_fold.h"
#include "ladder/ladder_formats.h"
#include "ladder/ladder_layout.h"

void ladder_check_rows(const struct ladder *ladder, uint64_t segments)
{
    const struct ladder_row *rows = ladder_rows(ladder);
    uint64_t counted = 0;
    uint32_t before = 0;

    CHECK(ladder->rows->len > 0);
    CHECK(ladder->rows->len <= LADDER_ROWS_MAX + 1); /* one for an ICMP error */
    for (unsigned i = 0; i < ladder->rows->len; i++) {
        const struct ladder_row *row = &rows[i];

        CHECK(row->kind == LADDER_ICMP || row->frame >= before);
        CHECK(row->last >= row->frame);
        CHECK(row->phase < LADDER_PHASE_COUNT);
        CHECK(row->note.sender <= TCP_SERVER);
        for (int role = 0; role < 2; role++)
            CHECK(row->note.state[role] < TCP_STATE_COUNT);
        if (row->crosses) {
            CHECK(i > 0 && rows[i - 1].kind == LADDER_SEGMENT);
            CHECK(i > 0 && rows[i - 1].note.sender != row->note.sender);
            CHECK(i > 0 && !rows[i - 1].crosses && !rows[i - 1].is_lost);
        }
        if (row->kind == LADDER_SEGMENT)
            counted++;
        else if (row->kind == LADDER_FOLD)
            counted += row->segments;
        if (row->kind != LADDER_ICMP)
            before = row->last;
    }
    CHECK_NUMBER(segments, ladder->segments);
    CHECK_NUMBER(segments, counted);
}

/* Nothing that a terminal obeys. */
static void check_text_is_clean(const GString *text)
{
    const char *at = text->str;

    if (!CHECK(g_utf8_validate(text->str, (gssize)text->len, NULL)))
        return;
    while (*at == '\n' || (*at && !g_unichar_iscntrl(g_utf8_get_char(at))))
        at = g_utf8_next_char(at);
    CHECK_TEXT("", at);
}

/* What the reader of an SVG keeps in mind. */
struct svg_reader {
    long width, height;
    unsigned depth;
};

static void check_attribute(struct svg_reader *reader, const char *element, const char *name,
                            const char *value)
{
    static const char *const wide[] = { "x", "x1", "x2" }, *const high[] = { "y1", "y2" };

    CHECK(strncmp(name, "on", 2) != 0 && strcmp(name, "href") != 0);
    CHECK(!strstr(value, "url("));
    if (strcmp(element, "svg") == 0) {
        if (strcmp(name, "width") == 0)
            reader->width = strtol(value, NULL, 10);
        else if (strcmp(name, "height") == 0)
            reader->height = strtol(value, NULL, 10);
        return;
    }
    for (unsigned i = 0; i < COUNT_OF(wide); i++)
        if (strcmp(name, wide[i]) == 0)
            CHECK(strtol(value, NULL, 10) >= 0 && strtol(value, NULL, 10) <= reader->width);
    for (unsigned i = 0; i < COUNT_OF(high); i++)
        if (strcmp(name, high[i]) == 0)
            CHECK(strtol(value, NULL, 10) >= 0 && strtol(value, NULL, 10) <= reader->height);
}

static void take_element(GMarkupParseContext *context, const char *element, const char **names,
                         const char **values, gpointer data, GError **error)
{
    static const char *const known[] = { "svg",  "style", "g",    "title",  "desc",
                                         "text", "line",  "rect", "polygon" };
    struct svg_reader *reader = data;
    bool is_known = false;

    (void)context;
    (void)error;
    for (unsigned i = 0; i < COUNT_OF(known); i++)
        is_known |= strcmp(element, known[i]) == 0;
    check_about("<%s>", element);
    CHECK(is_known);
    CHECK((reader->depth++ == 0) == (strcmp(element, "svg") == 0));
    for (unsigned i = 0; names[i]; i++)
        check_attribute(reader, element, names[i], values[i]);
    check_about(NULL);
}

static void end_element(GMarkupParseContext *context, const char *element, gpointer data,
                        GError **error)
{
    (void)context;
    (void)element;
    (void)error;
    ((struct svg_reader *)data)->depth--;
}

static void check_svg(const GString *text)
{
    static const GMarkupParser parser = { .start_element = take_element,
                                          .end_element = end_element };
    struct svg_reader reader = { 0 };
    GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, &reader, NULL);
    GError *error = NULL;
    bool is_well_formed =
        g_markup_parse_context_parse(context, text->str, (gssize)text->len, &error) &&
        g_markup_parse_context_end_parse(context, &error);

    CHECK_TEXT("", is_well_formed ? "" : error->message);
    CHECK_NUMBER(0, reader.depth);
    g_clear_error(&error);
    g_markup_parse_context_free(context);
}

/* The columns of the two life lines of a line: '|' or ':' with the frame and states around them. */
static void check_life_lines(const char *line, unsigned *first, unsigned *second)
{
    unsigned column = 0;
    unsigned at[2] = { 0, 0 };

    /* frame 6, time 12, states 11, and the spaces between */
    for (const char *c = line; *c; c = g_utf8_next_char(c)) {
        char one[8] = { 0 };

        memcpy(one, c, (size_t)(g_utf8_next_char(c) - c));
        if (column == 33)
            at[0] = (*c == '|' || *c == ':') ? column : 0;
        if (column > 33 && at[1] == 0 && (*c == '|' || *c == ':') &&
            (*second == 0 || column == *second))
            at[1] = column;
        column += ladder_columns(one);
    }
    if (*first == 0) {
        *first = at[0];
        *second = at[1];
    }
    CHECK_NUMBER(*first, at[0]);
    CHECK_NUMBER(*second, at[1]);
}

/* Of one ladder: the first line with a life line is the one of the initial states. */
static void check_lines(const GString *text)
{
    char **lines = g_strsplit(text->str, "\n", -1);
    unsigned first = 0, second = 0;
    bool has_begun = false;

    for (unsigned i = 0; lines[i]; i++) {
        CHECK(!g_str_has_suffix(lines[i], " "));
        has_begun |= g_str_has_prefix(lines[i], "                     ") &&
                     strchr(lines[i], '|') == lines[i] + 33;
        if (has_begun && lines[i][0])
            check_life_lines(lines[i], &first, &second);
    }
    CHECK(has_begun);
    g_strfreev(lines);
}

/* A line of Mermaid's sequence diagrams, as far as we write them. */
static bool is_statement(const char *line)
{
    static const char *const beginnings[] = { "sequenceDiagram",
                                              "title ",
                                              "participant C as ",
                                              "participant S as ",
                                              "Note over C,S: ",
                                              "Note left of C: ",
                                              "Note right of S: ",
                                              "rect rgba(",
                                              "end",
                                              "C->>S: ",
                                              "S->>C: ",
                                              "C-->>S: ",
                                              "S-->>C: ",
                                              "C--xS: ",
                                              "S--xC: ",
                                              "C-xS: ",
                                              "S-xC: ",
                                              "```" };

    while (*line == ' ')
        line++;
    for (unsigned i = 0; i < COUNT_OF(beginnings); i++)
        if (g_str_has_prefix(line, beginnings[i]))
            return true;
    return *line == '\0';
}

/* '#' and ';' only as a character's number; "%%" would be a comment. */
static bool is_escaped(const char *line)
{
    for (; *line; line++) {
        if (*line == '#') {
            size_t digits = strspn(line + 1, "0123456789");

            if (digits == 0 || line[1 + digits] != ';')
                return false;
            line += 1 + digits;
        } else if (strchr(";%", *line)) {
            return false;
        }
    }
    return true;
}

static void check_mermaid(const GString *text)
{
    char **lines = g_strsplit(text->str, "\n", -1);
    unsigned open = 0;

    for (unsigned i = 0; lines[i]; i++) {
        check_about("%s", lines[i]);
        CHECK(is_statement(lines[i]));
        CHECK(is_escaped(lines[i]));
        if (g_str_has_prefix(lines[i], "    rect "))
            open++;
        else if (strcmp(lines[i], "    end") == 0)
            CHECK(open-- > 0);
    }
    check_about(NULL);
    CHECK_NUMBER(0, open);
    g_strfreev(lines);
}

void ladder_check_formats(struct ladder *const *ladders, unsigned count, const char *const *table)
{
    for (const struct ladder_format *format = ladder_formats; format->name; format++) {
        GString *text = g_string_new(NULL);

        format->write(text, ladders, count, table);
        CHECK(text->len > 0 && text->str[text->len - 1] == '\n');
        check_text_is_clean(text);
        if (format->write == ladder_svg)
            check_svg(text);
        else if (format->write == ladder_mermaid)
            check_mermaid(text);
        else if (format->write == ladder_text && count == 1)
            check_lines(text);
        g_string_free(text, TRUE);
    }
}
