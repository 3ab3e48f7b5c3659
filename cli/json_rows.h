/* json_rows.h
 * Reads the lines of `-z tcp_phase,jsonl`: a flat JSON object each, a conversation.
 *
 * By json-c: of Debian's libraries it alone keeps whole numbers up to 2^64 (cJSON makes doubles of all
 * numbers, jansson refuses those beyond 2^63, json-glib wraps them), and it needs half of json-glib's time.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_JSON_ROWS_H
#define HANDSHARK_JSON_ROWS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A reader; it holds one row at a time. */
struct json_rows;

/** @return a reader, to be freed with json_rows_free(). */
struct json_rows *json_rows_new(void);

/** Free a reader and the row in it. @param rows may be NULL */
void json_rows_free(struct json_rows *rows);

/** Read a line, which becomes the reader's row.
 *  @param line    the object @param length of the line, without its end
 *  @param error   set on false, of CLI_ERROR: the line is no JSON object */
bool json_rows_read(struct json_rows *rows, const char *line, size_t length, GError **error);

/** @return whether the row has the field, with a value other than null. @param name such as "verdict" */
bool json_rows_has(const struct json_rows *rows, const char *name);

/** @return the field's value as text: a string as it is, a number as it was written; "" where there is no
 *  such field. Owned by @p rows, valid until the next line is read. */
const char *json_rows_text(const struct json_rows *rows, const char *name);

/** @return the field's value as a number; 0 where there is none. */
double json_rows_double(const struct json_rows *rows, const char *name);

/** @return the field's value as a whole number; 0 where there is none. */
uint64_t json_rows_uint(const struct json_rows *rows, const char *name);

/** A text as JSON has it, in quotes.
 *  @param text what is not UTF-8 in it becomes U+FFFD @return to be freed with g_free() */
char *json_quote(const char *text);

#endif
