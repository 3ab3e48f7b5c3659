/* fields.h
 * The fields of a conversation, as `-z tcp_phase,jsonl` writes them and in that order.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_FIELDS_H
#define HANDSHARK_FIELDS_H

#include <stdbool.h>

/** A field. */
struct field {
    const char *name; /**< such as "client.addr" */
    bool is_number;   /**< whether its values are ordered as numbers */
};

/** All of them; ends with a NULL name. */
extern const struct field fields[];

/** @return the field of that name, or NULL. */
const struct field *field_find(const char *name);

/** @return whether there is such a verdict. @param length of the word */
bool field_is_verdict(const char *word);

/** @return all verdicts, a comma and a space between; to be freed with g_free(). */
char *field_verdicts(void);

#endif
