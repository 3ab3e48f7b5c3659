/* json_rows.c
 * Conversations from JSON Lines, by json-c.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "json_rows.h"

#include "cli.h"

#include <json-c/json.h>
#include <limits.h>

struct json_rows {
    json_tokener *tokener;
    json_object *row;
};

struct json_rows *json_rows_new(void)
{
    struct json_rows *rows = g_new0(struct json_rows, 1);

    rows->tokener = json_tokener_new();
    return rows;
}

void json_rows_free(struct json_rows *rows)
{
    if (!rows)
        return;
    json_object_put(rows->row);
    json_tokener_free(rows->tokener);
    g_free(rows);
}

bool json_rows_read(struct json_rows *rows, const char *line, size_t length, GError **error)
{
    json_object_put(rows->row);
    rows->row = NULL;
    json_tokener_reset(rows->tokener);
    if (length <= INT_MAX)
        rows->row = json_tokener_parse_ex(rows->tokener, line, (int)length);
    if (json_object_is_type(rows->row, json_type_object))
        return true;
    g_set_error(error, CLI_ERROR, STATUS_FAILED, "tshark wrote a line that is no JSON object: %.*s",
                (int)MIN(length, 80), line);
    return false;
}

/* NULL where there is no such field, or null. */
static json_object *find(const struct json_rows *rows, const char *name)
{
    json_object *value = NULL;

    json_object_object_get_ex(rows->row, name, &value);
    return value;
}

bool json_rows_has(const struct json_rows *rows, const char *name)
{
    return find(rows, name) != NULL;
}

const char *json_rows_text(const struct json_rows *rows, const char *name)
{
    json_object *value = find(rows, name);

    return value ? json_object_get_string(value) : "";
}

double json_rows_double(const struct json_rows *rows, const char *name)
{
    return json_object_get_double(find(rows, name));
}

uint64_t json_rows_uint(const struct json_rows *rows, const char *name)
{
    return json_object_get_uint64(find(rows, name));
}

char *json_quote(const char *text)
{
    char *valid = g_utf8_make_valid(text, -1);
    json_object *value = json_object_new_string(valid);
    char *quoted = g_strdup(json_object_to_json_string_ext(value, JSON_C_TO_STRING_NOSLASHESCAPE));

    json_object_put(value);
    g_free(valid);
    return quoted;
}
