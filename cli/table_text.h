/* table_text.h
 * A table for people, which fits a terminal.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_TABLE_TEXT_H
#define HANDSHARK_TABLE_TEXT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/** A column. */
struct column {
    const char *title;
    bool is_number; /**< set against the right */
    unsigned
        shortest; /**< cells may lose characters at their beginning, down to so many; 0: they stay */
    unsigned
        dropped; /**< where there is no room the column with the lowest goes first; 0: it stays */
};

/** The width of the terminal that standard output is.
 *  @return characters; $COLUMNS if that is set; 0, which stands for no limit, where it is no terminal */
unsigned table_terminal_width(void);

/** Print a table on standard output.
 *  @param columns  ends with a NULL title
 *  @param rows     each a block of as many strings as there are columns, one behind the other with the NULs
 *                  that end them; what is not printable in them is shown as "?"
 *  @param width    in characters, not to be exceeded; 0: no limit
 *  @return the titles of columns that there was no room for, ", " between; NULL for none; to be freed with
 *  g_free() */
char *table_print(const struct column *columns, const GPtrArray *rows, unsigned width);

/** Print a sentence on standard output, broken between words where it would exceed the width.
 *  @param width as table_print() */
void table_print_sentence(const char *sentence, unsigned width);

#endif
