/* ladder_layout.h
 * Texts in columns: their width, where they may be broken, how they are cut and filled.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_LADDER_LAYOUT_H
#define HANDSHARK_LADDER_LAYOUT_H

#include <glib.h>

/** @return the columns that a text takes in a terminal: two for a wide character, none for one that
 *  is put onto another. @param text  UTF-8 */
unsigned ladder_columns(const char *text);

/** A space where no line ends; ladder_wrap() makes a common one of it. */
#define LADDER_NO_BREAK "\xc2\xa0"

/** Break a text into lines: at spaces, and between wide characters but not before punctuation.
 *  @param columns  of the longest line; a word that is longer is broken
 *  @return lines (char *), to be freed with g_ptr_array_unref() */
GPtrArray *ladder_wrap(const char *text, unsigned columns);

/** Take out the middle of what is too long, for an ellipsis.
 *  @return to be freed with g_free() */
char *ladder_shorten(const char *text, unsigned columns);

enum ladder_side { LADDER_LEFT, LADDER_RIGHT, LADDER_CENTRE };

/** Append a text and spaces.
 *  @param columns  that both take; a text that is longer is appended whole
 *  @param side     where the text goes */
void ladder_add_aligned(GString *out, const char *text, unsigned columns, enum ladder_side side);

/** Append a character so many times. */
void ladder_add_times(GString *out, char character, unsigned times);

/** Take the spaces off the end. */
void ladder_trim(GString *out);

#endif
