/* batch_json.h
 * The JSON that a batch keeps of itself, by json-c.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_BATCH_JSON_H
#define HANDSHARK_BATCH_JSON_H

#include <glib.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/** Add a text; one that is NULL becomes null. What is not UTF-8 in it becomes U+FFFD: names of files go by
 *  json_put_path(). */
void json_put_text(json_object *object, const char *name, const char *text);

/** Add the name of a file: octets that are not UTF-8 are written as %XX, and so is %.
 *  A name that can be kept as it is, is. */
void json_put_path(json_object *object, const char *name, const char *path);

/** Add a whole number. */
void json_put_uint(json_object *object, const char *name, uint64_t number);

/** @return a member; NULL where there is none, or null. @param object may be no object */
json_object *json_get(json_object *object, const char *name);

/** @return a copy of a text, to be freed with g_free(), or NULL where there is none. */
char *json_get_text(json_object *object, const char *name);

/** @return the name of a file that json_put_path() added, to be freed with g_free(), or NULL. */
char *json_get_path(json_object *object, const char *name);

/** @return a whole number; 0 where there is none. */
uint64_t json_get_uint(json_object *object, const char *name);

/** @return how many elements an array has; 0 where it is none. */
size_t json_length(json_object *array);

/** @return an array of files. @param files struct batch_file * @param hashes char *, of each; or NULL */
json_object *json_of_files(const GPtrArray *files, const GPtrArray *hashes);

/** Read an array of files. @param files struct batch_file * are added @param hashes char *; or NULL */
void json_to_files(json_object *array, GPtrArray *files, GPtrArray *hashes);

/** Write an object to a file, beside and renamed.
 *  @param object is put @param error set on false, of CLI_ERROR */
bool json_write_file(json_object *object, const char *path, GError **error);

#endif
