/* wording_fill.c
 * A table's entries as they stand: those it does not have yet, and those whose placeholders stand for what the
 * caller says.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "wording.h"

static const char *find(const struct wording_value *values, const char *name, size_t length)
{
    for (; values && values->name; values++)
        if (strlen(values->name) == length && memcmp(values->name, name, length) == 0)
            return values->text;
    return NULL;
}

const char *const *wording_complete(const char *const *table, const char **completed)
{
    bool is_complete = true;

    for (unsigned entry = 0; entry < WORDING_COUNT; entry++) {
        completed[entry] = table[entry] ? table[entry] : wording_en[entry];
        is_complete = is_complete && table[entry];
    }
    return is_complete ? table : completed;
}

void wording_fill(struct text *text, const char *const *table, unsigned entry,
                  const struct wording_value *values)
{
    const char *at = table[entry];

    while (*at) {
        const char *close = *at == '{' ? strchr(at, '}') : NULL;
        const char *value = close ? find(values, at + 1, (size_t)(close - at - 1)) : NULL;
        size_t length = value ? (size_t)(close - at) + 1 : strcspn(at + 1, "{") + 1;

        if (value)
            text_add(text, value);
        else
            text_put(text, at, length);
        at += length;
    }
}
