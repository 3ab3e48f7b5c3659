/* table_text.c
 * Prints a table within a width.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "table_text.h"

#include <langinfo.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

/** Between two columns. */
#define GAP 2U

/** Whether a column is printed, and how wide. */
struct fit {
    bool is_shown;
    unsigned width;
};

unsigned table_terminal_width(void)
{
    const char *columns = getenv("COLUMNS");
    unsigned long wanted = columns ? strtoul(columns, NULL, 10) : 0;
    struct winsize size;

    if (!isatty(STDOUT_FILENO))
        return 0;
    if (wanted > 0 && wanted <= UINT16_MAX)
        return (unsigned)wanted;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

/* Characters -------------------------------------------------------------------------------------- */

/* The next character of a text, and the width it takes: what cannot be printed is "?".
 * @return its length in octets, 0 at the end */
static size_t next_character(const char *text, wchar_t *character, unsigned *width)
{
    mbstate_t state = { 0 };
    size_t length = mbrtowc(character, text, MB_CUR_MAX, &state);
    int columns;

    if (length == 0)
        return 0;
    columns = length > MB_CUR_MAX ? -1 : wcwidth(*character);
    if (columns >= 0) {
        *width = (unsigned)columns;
        return length;
    }
    *character = L'?';
    *width = 1;
    return length > MB_CUR_MAX ? 1 : length;
}

static unsigned width_of(const char *text)
{
    unsigned total = 0;
    unsigned width;
    wchar_t character;
    size_t length;

    while ((length = next_character(text, &character, &width)) > 0) {
        text += length;
        total += width;
    }
    return total;
}

static void print_spaces(unsigned count)
{
    printf("%*s", (int)count, "");
}

static void print_text(const char *text)
{
    unsigned width;
    wchar_t character;
    size_t length;

    while ((length = next_character(text, &character, &width)) > 0) {
        printf("%lc", (wint_t)character);
        text += length;
    }
}

/* What tells addresses and files apart stands at their ends: the beginning goes. @return the width taken */
static unsigned print_end(const char *text, unsigned most)
{
    unsigned needed = width_of(text);
    unsigned width;
    wchar_t character;
    size_t length;

    if (most == 0)
        return 0;
    while (needed > most - 1 && (length = next_character(text, &character, &width)) > 0) {
        text += length;
        needed -= width;
    }
    fputs(strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? "…" : "~", stdout);
    print_text(text);
    return needed + 1;
}

static void print_cell(const char *text, const struct column *column, unsigned width, bool is_last)
{
    unsigned used = width_of(text);

    if (used > width) {
        used = print_end(text, width);
    } else if (column->is_number) {
        print_spaces(width - used);
        print_text(text);
        used = width;
    } else {
        print_text(text);
    }
    if (!is_last)
        print_spaces(width - used + GAP);
}

/* Fitting ------------------------------------------------------------------------------------------ */

static unsigned total_width(const struct column *columns, const struct fit *fits)
{
    unsigned total = 0;

    for (; columns->title; columns++, fits++)
        if (fits->is_shown)
            total += fits->width + (total > 0 ? GAP : 0);
    return total;
}

static void measure(const struct column *columns, const GPtrArray *rows, struct fit *fits)
{
    unsigned count = 0;

    for (; columns[count].title; count++)
        fits[count] = (struct fit){ true, width_of(columns[count].title) };
    for (guint i = 0; i < rows->len; i++) {
        const char *cell = g_ptr_array_index(rows, i);

        for (unsigned c = 0; c < count; c++) {
            unsigned width = width_of(cell);

            fits[c].width = MAX(fits[c].width, width);
            cell += strlen(cell) + 1;
        }
    }
}

/* The column that may lose a character: the widest of those that can be shortened.
 * @param least whether by as much as it says, or by any */
static struct fit *widest(const struct column *columns, struct fit *fits, bool by_any)
{
    struct fit *found = NULL;

    for (; columns->title; columns++, fits++) {
        unsigned least = by_any ? 1 : columns->shortest;

        if (fits->is_shown && least > 0 && fits->width > least &&
            (!found || fits->width > found->width))
            found = fits;
    }
    return found;
}

static bool drop_one(const struct column *columns, struct fit *fits)
{
    unsigned lowest = 0;
    struct fit *found = NULL;

    for (; columns->title; columns++, fits++)
        if (fits->is_shown && columns->dropped > 0 && (!found || columns->dropped < lowest)) {
            lowest = columns->dropped;
            found = fits;
        }
    if (found)
        found->is_shown = false;
    return found != NULL;
}

static void shorten(const struct column *columns, struct fit *fits, unsigned width, bool by_any)
{
    struct fit *fit;

    while (total_width(columns, fits) > width && (fit = widest(columns, fits, by_any)))
        fit->width--;
}

/* First columns go, by their order; then cells are shortened, and at last by any length. Columns that are only just
 * too wide are not worth dropping one for: cells that can be shortened are counted as such. */
static void fit_in(const struct column *columns, struct fit *fits, unsigned count, unsigned width)
{
    struct fit *tried = g_new(struct fit, count);

    for (;;) {
        memcpy(tried, fits, count * sizeof *fits);
        shorten(columns, tried, width, false);
        if (total_width(columns, tried) <= width || !drop_one(columns, fits))
            break;
    }
    memcpy(fits, tried, count * sizeof *fits);
    shorten(columns, fits, width, true);
    g_free(tried);
}

/* Printing ------------------------------------------------------------------------------------------ */

static bool is_last_shown(const struct column *columns, const struct fit *fits)
{
    while ((++columns)->title)
        if ((++fits)->is_shown)
            return false;
    return true;
}

static void print_row(const struct column *columns, const struct fit *fits, const char *cell)
{
    for (; columns->title; columns++, fits++) {
        if (fits->is_shown)
            print_cell(cell, columns, fits->width, is_last_shown(columns, fits));
        cell += strlen(cell) + 1;
    }
    putchar('\n');
}

static void print_titles(const struct column *columns, const struct fit *fits)
{
    for (; columns->title; columns++, fits++)
        if (fits->is_shown)
            print_cell(columns->title, columns, fits->width, is_last_shown(columns, fits));
    putchar('\n');
}

static char *name_dropped(const struct column *columns, const struct fit *fits)
{
    GString *names = g_string_new(NULL);

    for (; columns->title; columns++, fits++)
        if (!fits->is_shown)
            g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", columns->title);
    return g_string_free(names, names->len == 0);
}

char *table_print(const struct column *columns, const GPtrArray *rows, unsigned width)
{
    unsigned count = 0;
    struct fit *fits;
    char *dropped;

    while (columns[count].title)
        count++;
    fits = g_new(struct fit, count);
    measure(columns, rows, fits);
    if (width > 0)
        fit_in(columns, fits, count, width);
    print_titles(columns, fits);
    for (guint i = 0; i < rows->len; i++)
        print_row(columns, fits, g_ptr_array_index(rows, i));
    dropped = name_dropped(columns, fits);
    g_free(fits);
    return dropped;
}

void table_print_sentence(const char *sentence, unsigned width)
{
    char **words = g_strsplit(sentence, " ", -1);
    unsigned used = 0;

    for (char **word = words; *word; word++) {
        unsigned needed = width_of(*word);

        if (used > 0 && width > 0 && used + 1 + needed > width) {
            putchar('\n');
            used = 0;
        }
        used += (unsigned)printf("%s", used > 0 ? " " : "") + needed;
        fputs(*word, stdout);
    }
    putchar('\n');
    g_strfreev(words);
}
