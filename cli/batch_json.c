/* batch_json.c
 * Small things of json-c.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "batch_json.h"

#include "batch.h"
#include "files.h"

#include <string.h>

void json_put_text(json_object *object, const char *name, const char *text)
{
    char *valid = text ? g_utf8_make_valid(text, -1) : NULL;

    json_object_object_add(object, name, valid ? json_object_new_string(valid) : NULL);
    g_free(valid);
}

/* Names of files are octets, JSON is UTF-8. As in a URI's path, after a scheme that no absolute name has. */
#define ESCAPED "file:"

void json_put_path(json_object *object, const char *name, const char *path)
{
    char *escaped;

    if (path && !g_utf8_validate(path, -1, NULL)) {
        escaped = g_uri_escape_string(path, "/", FALSE);
        json_object_object_add(
            object, name,
            (path = g_strconcat(ESCAPED, escaped, NULL), json_object_new_string(path)));
        g_free((char *)path);
        g_free(escaped);
    } else {
        json_put_text(object, name, path);
    }
}

void json_put_uint(json_object *object, const char *name, uint64_t number)
{
    json_object_object_add(object, name, json_object_new_uint64(number));
}

json_object *json_get(json_object *object, const char *name)
{
    json_object *value = NULL;

    if (json_object_is_type(object, json_type_object))
        json_object_object_get_ex(object, name, &value);
    return value;
}

char *json_get_text(json_object *object, const char *name)
{
    json_object *value = json_get(object, name);

    return json_object_is_type(value, json_type_string) ? g_strdup(json_object_get_string(value))
                                                        : NULL;
}

char *json_get_path(json_object *object, const char *name)
{
    char *text = json_get_text(object, name);
    char *path;

    if (!text || !g_str_has_prefix(text, ESCAPED))
        return text;
    path = g_uri_unescape_string(text + strlen(ESCAPED), NULL);
    g_free(text);
    return path;
}

uint64_t json_get_uint(json_object *object, const char *name)
{
    return json_object_get_uint64(json_get(object, name));
}

size_t json_length(json_object *array)
{
    return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

json_object *json_of_files(const GPtrArray *files, const GPtrArray *hashes)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < files->len; i++) {
        const struct batch_file *file = g_ptr_array_index(files, i);
        json_object *object = json_object_new_object();

        json_put_path(object, "path", file->path);
        json_put_uint(object, "size", file->size);
        json_object_object_add(object, "modified", json_object_new_int64(file->modified));
        if (hashes)
            json_put_text(object, "sha256", i < hashes->len ? g_ptr_array_index(hashes, i) : NULL);
        json_object_array_add(array, object);
    }
    return array;
}

void json_to_files(json_object *array, GPtrArray *files, GPtrArray *hashes)
{
    for (size_t i = 0; i < json_length(array); i++) {
        json_object *object = json_object_array_get_idx(array, i);
        char *path = json_get_path(object, "path");
        char *hash = json_get_text(object, "sha256");
        struct batch_file *file;

        if (!path) {
            g_free(hash);
            continue;
        }
        file = g_new0(struct batch_file, 1);
        file->path = path;
        file->size = json_get_uint(object, "size");
        file->modified = json_object_get_int64(json_get(object, "modified"));
        g_ptr_array_add(files, file);
        if (hashes && hash)
            g_ptr_array_add(hashes, hash);
        else
            g_free(hash);
    }
}

bool json_write_file(json_object *object, const char *path, GError **error)
{
    const char *text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
                                                                  JSON_C_TO_STRING_NOSLASHESCAPE);
    struct output *output = output_begin(path, error);
    bool is_good = false;

    if (output) {
        output_write(output, text, strlen(text));
        output_write(output, "\n", 1);
        is_good = output_finish(output, error);
    }
    json_object_put(object);
    return is_good;
}
