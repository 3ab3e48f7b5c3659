/* batch_plan.c
 * The plan of a batch: written by who begins it, read by all who work on it.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "batch.h"

#include "batch_json.h"
#include "capture_split.h"
#include "cli.h"
#include "files.h"

#include <stdio.h>
#include <string.h>

/** What a capture costs beside its octets, in octets: tshark has to start. */
#define COST_OF_START ((uint64_t)2 << 20)

struct batch_plan *batch_plan_new(const char *folder)
{
    struct batch_plan *plan = g_new0(struct batch_plan, 1);

    plan->folder = g_canonicalize_filename(folder, NULL);
    plan->captures = g_ptr_array_new_with_free_func(batch_capture_free);
    plan->units = g_array_new(FALSE, FALSE, sizeof(struct batch_unit));
    plan->tasks = g_array_new(FALSE, FALSE, sizeof(struct batch_task));
    return plan;
}

void batch_plan_free(struct batch_plan *plan)
{
    if (!plan)
        return;
    g_free(plan->folder);
    g_free((char *)plan->options.tshark);
    g_free((char *)plan->options.language);
    g_free((char *)plan->options.where);
    g_free(plan->tshark_version);
    g_ptr_array_unref(plan->captures);
    g_array_unref(plan->units);
    g_array_unref(plan->tasks);
    g_free(plan);
}

char *batch_path(const struct batch_plan *plan, const char *part)
{
    return g_build_filename(plan->folder, part, NULL);
}

char *batch_result_path(const struct batch_plan *plan, const struct batch_capture *capture)
{
    char *file = g_strconcat(capture->name, ".jsonl", NULL);
    char *path = g_build_filename(plan->folder, "conversations", file, NULL);

    g_free(file);
    return path;
}

char *batch_unit_name(const struct batch_plan *plan, const struct batch_unit *unit)
{
    const struct batch_capture *capture = g_ptr_array_index(plan->captures, unit->capture);
    const struct batch_file *file = g_ptr_array_index(capture->files, 0);

    if (unit->shards > 0)
        return g_strdup_printf("%s, part %u of %u", file->path, unit->shard + 1, unit->shards);
    return g_strdup(file->path);
}

uint64_t batch_unit_cost(const struct batch_plan *plan, const struct batch_unit *unit)
{
    const struct batch_capture *capture = g_ptr_array_index(plan->captures, unit->capture);

    return COST_OF_START + capture->size / MAX(unit->shards, 1);
}

unsigned batch_plan_captures_left(const struct batch_plan *plan)
{
    const struct batch_unit *units = (const struct batch_unit *)(const void *)plan->units->data;
    unsigned count = 0;

    for (unsigned i = 0; i < plan->units->len; i++)
        count += i == 0 || units[i].capture != units[i - 1].capture;
    return count;
}

void batch_plan_pack(struct batch_plan *plan, unsigned tasks)
{
    const struct batch_unit *units = (const struct batch_unit *)plan->units->data;
    uint64_t all = 0, done = 0;
    struct batch_task task = { 0 };

    g_array_set_size(plan->tasks, 0);
    for (unsigned i = 0; i < plan->units->len; i++)
        all += batch_unit_cost(plan, &units[i]);
    for (unsigned i = 0; i < plan->units->len; i++) {
        task.count++;
        done += batch_unit_cost(plan, &units[i]);
        /* The task ends where its share of the whole does. */
        if (done >= all / tasks * (plan->tasks->len + 1) || i + 1 == plan->units->len) {
            g_array_append_val(plan->tasks, task);
            task = (struct batch_task){ .first = i + 1 };
        }
    }
}

/* As JSON --------------------------------------------------------------------------------------- */

static json_object *write_capture(const struct batch_capture *capture)
{
    json_object *object = json_object_new_object();

    json_put_text(object, "name", capture->name);
    json_object_object_add(object, "files", json_of_files(capture->files, NULL));
    json_put_text(object, "problem", capture->problem);
    json_put_uint(object, "shards", capture->shards);
    return object;
}

static json_object *numbers(const unsigned *list, unsigned count)
{
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < count; i++)
        json_object_array_add(array, json_object_new_uint64(list[i]));
    return array;
}

bool batch_plan_write(const struct batch_plan *plan, GError **error)
{
    char *path = batch_path(plan, "work/plan.json");
    json_object *object = json_object_new_object();
    json_object *captures = json_object_new_array();
    json_object *units = json_object_new_array();
    json_object *tasks = json_object_new_array();
    bool is_good;

    json_put_text(object, "handshark", HANDSHARK_VERSION);
    json_put_text(object, "tshark", plan->options.tshark);
    json_put_text(object, "tshark.version", plan->tshark_version);
    json_put_text(object, "language", plan->options.language);
    json_put_text(object, "where", plan->options.where);
    json_put_uint(object, "ladders", plan->ladders);
    for (unsigned i = 0; i < plan->captures->len; i++)
        json_object_array_add(captures, write_capture(g_ptr_array_index(plan->captures, i)));
    for (unsigned i = 0; i < plan->units->len; i++) {
        const struct batch_unit *unit = &g_array_index(plan->units, struct batch_unit, i);

        unsigned list[] = { unit->capture, unit->shard, unit->shards };

        json_object_array_add(units, numbers(list, G_N_ELEMENTS(list)));
    }
    for (unsigned i = 0; i < plan->tasks->len; i++) {
        const struct batch_task *task = &g_array_index(plan->tasks, struct batch_task, i);

        unsigned list[] = { task->first, task->count };

        json_object_array_add(tasks, numbers(list, G_N_ELEMENTS(list)));
    }
    json_object_object_add(object, "captures", captures);
    json_object_object_add(object, "units", units);
    json_object_object_add(object, "tasks", tasks);
    is_good = json_write_file(object, path, error);
    g_free(path);
    return is_good;
}

static struct batch_capture *read_capture(json_object *object)
{
    struct batch_capture *capture = batch_capture_new();

    capture->name = json_get_text(object, "name");
    capture->problem = json_get_text(object, "problem");
    capture->shards = (unsigned)json_get_uint(object, "shards");
    json_to_files(json_get(object, "files"), capture->files, NULL);
    for (unsigned i = 0; i < capture->files->len; i++)
        capture->size += ((struct batch_file *)g_ptr_array_index(capture->files, i))->size;
    return capture;
}

static unsigned number_at(json_object *array, size_t index)
{
    return (unsigned)json_object_get_uint64(json_object_array_get_idx(array, index));
}

/* Whoever wrote the plan may have been another release, or a person. */
static bool is_sound(const struct batch_plan *plan)
{
    for (unsigned i = 0; i < plan->captures->len; i++) {
        const struct batch_capture *capture = g_ptr_array_index(plan->captures, i);

        if (!capture->name || strchr(capture->name, '/') || capture->files->len == 0 ||
            capture->shards > CAPTURE_PARTS_MAX)
            return false;
    }
    for (unsigned i = 0; i < plan->units->len; i++) {
        const struct batch_unit *unit = &g_array_index(plan->units, struct batch_unit, i);

        if (unit->capture >= plan->captures->len || unit->shards > CAPTURE_PARTS_MAX ||
            unit->shard >= MAX(unit->shards, 1))
            return false;
    }
    for (unsigned i = 0; i < plan->tasks->len; i++) {
        const struct batch_task *task = &g_array_index(plan->tasks, struct batch_task, i);

        if (task->first > plan->units->len || task->count > plan->units->len - task->first)
            return false;
    }
    return true;
}

static void fill(struct batch_plan *plan, json_object *object)
{
    json_object *captures = json_get(object, "captures");
    json_object *units = json_get(object, "units");
    json_object *tasks = json_get(object, "tasks");

    plan->options.tshark = json_get_text(object, "tshark");
    plan->options.language = json_get_text(object, "language");
    plan->options.where = json_get_text(object, "where");
    plan->tshark_version = json_get_text(object, "tshark.version");
    plan->ladders = (unsigned)json_get_uint(object, "ladders");
    for (size_t i = 0; i < json_length(captures); i++)
        g_ptr_array_add(plan->captures, read_capture(json_object_array_get_idx(captures, i)));
    for (size_t i = 0; i < json_length(units); i++) {
        json_object *one = json_object_array_get_idx(units, i);
        struct batch_unit unit = { number_at(one, 0), number_at(one, 1), number_at(one, 2) };

        g_array_append_val(plan->units, unit);
    }
    for (size_t i = 0; i < json_length(tasks); i++) {
        json_object *one = json_object_array_get_idx(tasks, i);
        struct batch_task task = { number_at(one, 0), number_at(one, 1) };

        g_array_append_val(plan->tasks, task);
    }
}

struct batch_plan *batch_plan_read(const char *folder, GError **error)
{
    struct batch_plan *plan = batch_plan_new(folder);
    char *path = batch_path(plan, "work/plan.json");
    json_object *object = json_object_from_file(path);
    char *version = object ? json_get_text(object, "handshark") : NULL;

    if (!version) {
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: %s", path,
                    g_file_test(path, G_FILE_TEST_EXISTS)
                        ? "is no plan of a batch"
                        : "there is no plan: has the batch been begun, and not finished?");
    } else if (strcmp(version, HANDSHARK_VERSION) != 0) {
        g_set_error(error, CLI_ERROR, STATUS_FAILED,
                    "%s: was begun by handshark %s; this one is " HANDSHARK_VERSION, path, version);
    } else {
        fill(plan, object);
        if (!is_sound(plan))
            g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: is no plan of a batch", path);
    }
    json_object_put(object);
    g_free(path);
    if (plan->captures->len == 0 || (error && *error)) {
        if (error && !*error)
            g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: the plan has no captures", folder);
        batch_plan_free(plan);
        plan = NULL;
    }
    g_free(version);
    return plan;
}
