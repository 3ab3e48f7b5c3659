/* batch_record.c
 * Records of what was done, a line of JSON each.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "batch.h"

#include "batch_json.h"
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct batch_record *new_record(void)
{
    struct batch_record *record = g_new0(struct batch_record, 1);
    struct batch_capture *capture = batch_capture_new();

    record->files = g_ptr_array_ref(capture->files);
    batch_capture_free(capture);
    record->hashes = g_ptr_array_new_with_free_func(g_free);
    record->exit = -1;
    return record;
}

struct batch_record *batch_record_new(const struct batch_plan *plan, const struct batch_unit *unit)
{
    const struct batch_capture *capture = g_ptr_array_index(plan->captures, unit->capture);
    struct batch_record *record = new_record();

    record->shard = unit->shard;
    record->shards = unit->shards;
    record->name = g_strdup(capture->name);
    g_ptr_array_unref(record->files);
    record->files = g_ptr_array_ref(capture->files);
    record->settings = batch_settings(plan);
    record->tshark = g_strdup(plan->tshark_version);
    return record;
}

void batch_record_free(void *data)
{
    struct batch_record *record = data;

    if (!record)
        return;
    g_free(record->name);
    g_ptr_array_unref(record->files);
    g_ptr_array_unref(record->hashes);
    g_free(record->settings);
    g_free(record->tshark);
    g_free(record->reason);
    g_free(record->finished);
    g_free(record);
}

struct batch_record *batch_record_copy(const struct batch_record *record)
{
    struct batch_record *copy = g_memdup2(record, sizeof *record);

    copy->name = g_strdup(record->name);
    g_ptr_array_ref(copy->files);
    g_ptr_array_ref(copy->hashes);
    copy->settings = g_strdup(record->settings);
    copy->tshark = g_strdup(record->tshark);
    copy->reason = g_strdup(record->reason);
    copy->finished = g_strdup(record->finished);
    return copy;
}

char *batch_settings(const struct batch_plan *plan)
{
    json_object *object = json_object_new_object();
    char *text;

    json_put_text(object, "plugin", HANDSHARK_VERSION);
    json_put_text(object, "tshark", plan->tshark_version);
    json_put_text(object, "language", plan->options.language);
    json_put_text(object, "where", plan->options.where);
    text = g_strdup(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
                                                               JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
    return text;
}

/* Whole seconds as JSON have them in the plugin's lines: no exponent, no digits that mean nothing. */
static json_object *seconds(double number)
{
    char text[64];

    snprintf(text, sizeof text, "%.3f", number);
    return json_object_new_double_s(number, text);
}

char *batch_record_line(const struct batch_record *record)
{
    json_object *object = json_object_new_object();
    char *result = g_strconcat("conversations/", record->name, ".jsonl", NULL);
    char *line;

    json_put_text(object, "capture", record->name);
    if (record->shards > 0) {
        json_put_uint(object, "shard", record->shard);
        json_put_uint(object, "shards", record->shards);
        json_object_object_add(object, "whole", json_object_new_boolean(record->is_whole));
    }
    json_object_object_add(object, "files", json_of_files(record->files, record->hashes));
    json_put_text(object, "result", record->has_result ? result : NULL);
    json_put_uint(object, "bytes", record->bytes);
    json_put_uint(object, "conversations", record->conversations);
    json_object_object_add(object, "exit",
                           record->exit >= 0 ? json_object_new_int(record->exit) : NULL);
    json_put_text(object, "reason", record->reason);
    json_put_text(object, "handshark", HANDSHARK_VERSION);
    json_put_text(object, "tshark", record->tshark);
    json_object_object_add(object, "settings", json_tokener_parse(record->settings));
    json_put_text(object, "finished", record->finished);
    json_object_object_add(object, "seconds", seconds(record->seconds));
    line = g_strdup(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
                                                               JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
    g_free(result);
    return line;
}

bool batch_record_append(const struct batch_record *record, const char *path, GError **error)
{
    char *line = batch_record_line(record);
    /* A line that a process left unfinished when it was ended: ours begins on one of its own. */
    char *whole = g_strconcat("\n", line, "\n", NULL);
    size_t length = strlen(whole);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    ssize_t written = fd < 0 ? -1 : write(fd, whole, length);
    bool is_good = written == (ssize_t)length;

    if (!is_good)
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: %s", path,
                    g_strerror(written < 0 ? errno : ENOSPC));
    if (fd >= 0)
        close(fd);
    g_free(whole);
    g_free(line);
    return is_good;
}

static struct batch_record *read_record(json_object *object)
{
    struct batch_record *record = new_record();
    json_object *status = json_get(object, "exit");
    json_object *settings = json_get(object, "settings");
    char *result = json_get_text(object, "result");

    record->name = json_get_text(object, "capture");
    record->shard = (unsigned)json_get_uint(object, "shard");
    record->shards = (unsigned)json_get_uint(object, "shards");
    record->is_whole = json_object_get_boolean(json_get(object, "whole"));
    json_to_files(json_get(object, "files"), record->files, record->hashes);
    record->has_result = result != NULL;
    record->bytes = json_get_uint(object, "bytes");
    record->conversations = json_get_uint(object, "conversations");
    record->exit = status ? json_object_get_int(status) : -1;
    record->reason = json_get_text(object, "reason");
    record->tshark = json_get_text(object, "tshark");
    record->settings = g_strdup(json_object_to_json_string_ext(
        settings, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
    record->finished = json_get_text(object, "finished");
    record->seconds = json_object_get_double(json_get(object, "seconds"));
    g_free(result);
    return record;
}

GHashTable *batch_records_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, batch_record_free);
}

/* What a unit's record is known by; no name has a slash. */
static char *make_key(const char *name, unsigned shard, unsigned shards)
{
    return shards > 0 ? g_strdup_printf("%s/%u/%u", name, shard, shards) : g_strdup(name);
}

/* Files of records come in any order. */
static void keep_latest(GHashTable *records, struct batch_record *record)
{
    char *key = make_key(record->name, record->shard, record->shards);
    const struct batch_record *other = g_hash_table_lookup(records, key);

    if (other && g_strcmp0(other->finished, record->finished) > 0) {
        batch_record_free(record);
        g_free(key);
    } else {
        g_hash_table_replace(records, key, record);
    }
}

void batch_records_read(GHashTable *records, const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;

    while (file && getline(&line, &size, file) > 0) {
        json_object *object = json_tokener_parse(line);
        struct batch_record *record = NULL;

        if (json_get(object, "capture") && json_get(object, "settings"))
            record = read_record(object);
        if (record && record->name)
            keep_latest(records, record);
        else
            batch_record_free(record);
        json_object_put(object);
    }
    free(line);
    if (file)
        fclose(file);
}

GHashTable *batch_records_of(const struct batch_plan *plan)
{
    GHashTable *records = batch_records_new();
    char *manifest = batch_path(plan, "manifest.jsonl");
    char *folder = batch_path(plan, "work/records");
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;

    batch_records_read(records, manifest);
    while (dir && (name = g_dir_read_name(dir))) {
        char *path = g_build_filename(folder, name, NULL);

        batch_records_read(records, path);
        g_free(path);
    }
    if (dir)
        g_dir_close(dir);
    g_free(folder);
    g_free(manifest);
    return records;
}

static bool are_same_files(const GPtrArray *ones, const GPtrArray *others)
{
    if (ones->len != others->len)
        return false;
    for (unsigned i = 0; i < ones->len; i++) {
        const struct batch_file *one = g_ptr_array_index(ones, i);
        const struct batch_file *other = g_ptr_array_index(others, i);

        if (strcmp(one->path, other->path) != 0 || one->size != other->size ||
            one->modified != other->modified)
            return false;
    }
    return true;
}

const struct batch_record *batch_record_find(GHashTable *records, const struct batch_plan *plan,
                                             const struct batch_unit *unit)
{
    const struct batch_capture *capture = g_ptr_array_index(plan->captures, unit->capture);
    char *key = make_key(capture->name, unit->shard, unit->shards);
    const struct batch_record *record = g_hash_table_lookup(records, key);
    char *settings = batch_settings(plan);

    if (record &&
        (strcmp(record->settings, settings) != 0 || !are_same_files(record->files, capture->files)))
        record = NULL;
    g_free(settings);
    g_free(key);
    return record;
}
