/* batch_shards.c
 * Large captures in parts: conversations are whole in them, and the numbers of frames those of the whole, which the
 * plugin is told (-z tcp_phase,part). What is left to do is to number the streams, which count from the first frame
 * of the capture on, and to make sure that the capture was split well.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "batch.h"

#include "capture_split.h"
#include "cli.h"
#include "files.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Files ----------------------------------------------------------------------------------------- */

/* A name for what is kept of a capture as it is now: another one has another. */
static char *path_for(const struct batch_plan *plan, const struct batch_unit *unit,
                      const char *suffix)
{
    const struct batch_capture *capture = g_ptr_array_index(plan->captures, unit->capture);
    char *settings = batch_settings(plan);
    GString *about = g_string_new(settings);
    char *hash, *name, *path;

    for (unsigned i = 0; i < capture->files->len; i++) {
        const struct batch_file *file = g_ptr_array_index(capture->files, i);

        g_string_append_printf(about, "\n%s\n%" PRIu64 " %" PRId64, file->path, file->size,
                               file->modified);
    }
    hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, about->str, -1);
    name = g_strdup_printf("work/shards/%.20s.%u%s", hash, unit->shards, suffix);
    path = batch_path(plan, name);
    g_free(name);
    g_free(hash);
    g_string_free(about, TRUE);
    g_free(settings);
    return path;
}

static char *part_path(const struct batch_plan *plan, const struct batch_unit *unit,
                       const char *suffix)
{
    char *end = g_strdup_printf(".%u%s", unit->shard, suffix);
    char *path = path_for(plan, unit, end);

    g_free(end);
    return path;
}

char *batch_shards_map(const struct batch_plan *plan, const struct batch_unit *unit)
{
    return path_for(plan, unit, ".map");
}

char *batch_shards_streams(const struct batch_plan *plan, const struct batch_unit *unit)
{
    return part_path(plan, unit, ".streams");
}

char *batch_unit_path(const struct batch_plan *plan, const struct batch_unit *unit)
{
    if (unit->shards > 0)
        return part_path(plan, unit, ".jsonl");
    return batch_result_path(plan, g_ptr_array_index(plan->captures, unit->capture));
}

/* Splitting ------------------------------------------------------------------------------------- */

static GPtrArray *paths_of(const struct batch_plan *plan, const struct batch_unit *unit)
{
    const struct batch_capture *capture = g_ptr_array_index(plan->captures, unit->capture);
    GPtrArray *paths = g_ptr_array_new();

    for (unsigned i = 0; i < capture->files->len; i++)
        g_ptr_array_add(paths, ((struct batch_file *)g_ptr_array_index(capture->files, i))->path);
    return paths;
}

bool batch_shards_split(const struct batch_plan *plan, const struct batch_unit *unit,
                        unsigned *parts, char **reason, GError **error)
{
    char *map = batch_shards_map(plan, unit);
    GPtrArray *paths = paths_of(plan, unit);
    bool is_good = capture_split_read(map, parts, reason);

    if (!is_good && capture_split(paths, unit->shards, map, error)) {
        is_good = capture_split_read(map, parts, reason);
        if (!is_good)
            g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: has gone", map);
    }
    g_ptr_array_unref(paths);
    g_free(map);
    return is_good;
}

int batch_shards_feed(const char *folder, unsigned number)
{
    GError *error = NULL;
    struct batch_plan *plan = batch_plan_read(folder, &error);
    const struct batch_unit *unit;
    GPtrArray *paths;
    bool is_good;
    char *map;

    if (!plan)
        return cli_fail(error);
    if (number >= plan->units->len) {
        cli_say("--feed %u: there are %u units, from 0", number, plan->units->len);
        batch_plan_free(plan);
        return STATUS_WRONG_USE;
    }
    unit = &g_array_index(plan->units, struct batch_unit, number);
    paths = paths_of(plan, unit);
    map = batch_shards_map(plan, unit);
    is_good = capture_split_write(paths, map, unit->shard, dup(STDOUT_FILENO), &error);
    g_free(map);
    g_ptr_array_unref(paths);
    batch_plan_free(plan);
    return is_good ? STATUS_OK : cli_fail(error);
}

/* Joining --------------------------------------------------------------------------------------- */

/* A part being read. */
struct part {
    FILE *rows;
    char *line; /* the next row; NULL at the end */
    size_t size;
    uint32_t stream;    /* its number in the part */
    size_t rest;        /* where the row goes on after that number */
    char *streams;      /* text: the frames with which streams begin */
    const char *begins; /* of those that are left */
    uint32_t begin;     /* that of the next stream; 0: there is none */
    uint32_t next;      /* its number in the part */
};

/* Whose conversation a row is, to find those that are in two parts. */
struct owner {
    uint64_t ends;
    unsigned part;
};

struct join {
    struct part *parts;
    unsigned count;
    GArray *owners; /* of struct owner */
    struct output *output;
    struct batch_record *record;
};

static bool fail(GError **error, const char *path, const char *what)
{
    g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: %s", path, what);
    return false;
}

static bool next_row(struct part *part, GError **error)
{
    static const char BEGIN[] = "{\"stream\":";
    ssize_t got = getline(&part->line, &part->size, part->rows);
    char *rest;

    if (got < 0) {
        free(part->line);
        part->line = NULL;
        return true;
    }
    if (!g_str_has_prefix(part->line, BEGIN))
        return fail(error, "a part", "has a line that is no conversation's");
    part->stream = (uint32_t)strtoul(part->line + strlen(BEGIN), &rest, 10);
    if (*rest != ',')
        return fail(error, "a part", "has a conversation without a number");
    part->rest = (size_t)(rest - part->line);
    return true;
}

/* "17,": a frame; "]" is the end. */
static void next_stream(struct part *part)
{
    char *end;

    part->begin = (uint32_t)strtoul(part->begins, &end, 10); /* 0 where there is no number */
    part->begins = *end == ',' ? end + 1 : end;
}

static bool open_part(const struct batch_plan *plan, const struct batch_unit *unit,
                      struct part *part, GError **error)
{
    char *rows = batch_unit_path(plan, unit);
    char *streams = batch_shards_streams(plan, unit);
    bool is_good = false;

    part->rows = fopen(rows, "re");
    if (!part->rows || !g_file_get_contents(streams, &part->streams, NULL, NULL) ||
        !g_str_has_prefix(part->streams, BATCH_STREAMS)) {
        fail(error, rows, "is not there any more");
    } else {
        part->begins = part->streams + strlen(BATCH_STREAMS);
        next_stream(part);
        is_good = next_row(part, error);
    }
    g_free(streams);
    g_free(rows);
    return is_good;
}

static void close_part(struct part *part)
{
    if (part->rows)
        fclose(part->rows);
    g_free(part->streams);
    free(part->line);
}

static uint64_t hash_text(const char *text, size_t length)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return hash ^ (hash >> 31);
}

/* The text between two others in a row, hashed; *at is moved on. */
static uint64_t hash_between(const char **at, const char *before, const char *after)
{
    const char *begin = *at ? strstr(*at, before) : NULL;
    const char *end = begin ? strstr(begin + strlen(before), after) : NULL;

    *at = end;
    return end ? hash_text(begin + strlen(before), (size_t)(end - begin) - strlen(before)) : 0;
}

static void note_owner(struct join *join, unsigned part, const char *row)
{
    const char *at = row;
    uint64_t one = hash_between(&at, "\"client.addr\":", ",\"client.port\":");
    uint64_t other;
    struct owner owner = { .part = part };

    one = one * 31 + hash_between(&at, "\"client.port\":", ",");
    other = hash_between(&at, "\"server.addr\":", ",\"server.port\":");
    other = other * 31 + hash_between(&at, "\"server.port\":", ",");
    owner.ends = MIN(one, other) * UINT64_C(0x9e3779b97f4a7c15) + MAX(one, other);
    g_array_append_val(join->owners, owner);
}

static int by_ends(const void *one, const void *other)
{
    const struct owner *a = one, *b = other;

    return (a->ends > b->ends) - (a->ends < b->ends);
}

static bool is_well_split(struct join *join)
{
    const struct owner *owners = (const struct owner *)(const void *)join->owners->data;

    g_array_sort(join->owners, by_ends);
    for (guint i = 1; i < join->owners->len; i++)
        if (owners[i].ends == owners[i - 1].ends && owners[i].part != owners[i - 1].part)
            return false;
    return true;
}

/* The part with the stream that begins first, of those that are left; a frame is in one part only. */
static struct part *earliest(struct join *join)
{
    struct part *found = NULL;

    for (unsigned i = 0; i < join->count; i++) {
        struct part *part = &join->parts[i];

        if (part->begin != 0 && (!found || part->begin < found->begin))
            found = part;
    }
    return found;
}

static void write_row(struct join *join, const struct part *part, uint32_t stream)
{
    char begin[32];
    int length = snprintf(begin, sizeof begin, "{\"stream\":%" PRIu32, stream);
    size_t rest = strlen(part->line + part->rest);

    note_owner(join, (unsigned)(part - join->parts), part->line + part->rest);
    output_write(join->output, begin, (size_t)length);
    output_write(join->output, part->line + part->rest, rest);
    join->record->conversations++;
    join->record->bytes += (size_t)length + rest;
}

/* A stream may have no row: one that nothing but an ICMP error speaks of. */
static bool write_rows(struct join *join, GError **error)
{
    struct part *part;

    for (uint32_t stream = 0; (part = earliest(join)); stream++) {
        if (part->line && part->stream == part->next) {
            write_row(join, part, stream);
            if (!next_row(part, error))
                return false;
        }
        part->next++;
        next_stream(part);
    }
    for (unsigned i = 0; i < join->count; i++)
        if (join->parts[i].line)
            return fail(error, "a part", "has a conversation that begins nowhere");
    return true;
}

/* @return false: an error, or conversations in several parts, which is none */
static bool join_parts(const struct batch_plan *plan, struct join *join,
                       const struct batch_unit *first, GError **error)
{
    const struct batch_capture *capture = g_ptr_array_index(plan->captures, first->capture);
    char *target = batch_result_path(plan, capture);
    struct batch_unit unit = *first;
    bool is_good = true;

    for (; is_good && unit.shard < unit.shards; unit.shard++)
        is_good = open_part(plan, &unit, &join->parts[unit.shard], error);
    if (is_good)
        is_good = (join->output = output_begin(target, error)) && write_rows(join, error) &&
                  is_well_split(join);
    if (is_good)
        is_good = output_finish(join->output, error);
    else
        output_abandon(join->output);
    for (unsigned i = 0; i < join->count; i++)
        close_part(&join->parts[i]);
    g_free(target);
    return is_good;
}

/* What is known of a capture by its parts; NULL: they are not all done. */
static struct batch_record *gather(const struct batch_plan *plan, GHashTable *records,
                                   struct batch_unit unit)
{
    struct batch_unit whole = { .capture = unit.capture };
    struct batch_record *record = batch_record_new(plan, &whole);

    record->exit = 0;
    for (; unit.shard < unit.shards; unit.shard++) {
        const struct batch_record *part = batch_record_find(records, plan, &unit);

        if (!part) {
            batch_record_free(record);
            return NULL;
        }
        record->seconds += part->seconds;
        if (g_strcmp0(part->finished, record->finished) > 0) {
            g_free(record->finished);
            record->finished = g_strdup(part->finished);
        }
        if (part->hashes->len > 0) {
            g_ptr_array_unref(record->hashes);
            record->hashes = g_ptr_array_ref(part->hashes);
        }
        if (part->reason && !record->reason) {
            record->exit = part->exit;
            record->reason = part->is_whole ? g_strdup(part->reason)
                                            : g_strdup_printf("part %u of %u: %s", unit.shard + 1,
                                                              unit.shards, part->reason);
        }
    }
    return record;
}

/* The first part is all of it: its result is the capture's. */
static void take_whole(const struct batch_plan *plan, const struct batch_unit *unit,
                       const struct batch_record *part, struct batch_record *record)
{
    char *from = batch_unit_path(plan, unit);
    char *to = batch_result_path(plan, g_ptr_array_index(plan->captures, unit->capture));

    /* The part's stays, for who does this again; some file systems have one name to a file. */
    unlink(to);
    if (part->has_result && (link(from, to) == 0 || g_rename(from, to) == 0)) {
        record->has_result = true;
        record->bytes = part->bytes;
        record->conversations = part->conversations;
        record->exit = part->exit;
    } else if (!record->reason) {
        record->reason = g_strdup("its result is not there any more");
    }
    g_free(to);
    g_free(from);
}

struct batch_record *batch_shards_join(const struct batch_plan *plan, GHashTable *records,
                                       unsigned number)
{
    const struct batch_capture *capture = g_ptr_array_index(plan->captures, number);
    struct batch_unit unit = { .capture = number, .shards = capture->shards };
    struct join join = { .count = capture->shards };
    const struct batch_record *first = batch_record_find(records, plan, &unit);
    GError *error = NULL;

    join.record = gather(plan, records, unit);
    if (!join.record) {
        unit = (struct batch_unit){ .capture = number };
        join.record = batch_record_new(plan, &unit);
        join.record->reason =
            g_strdup("not all of its parts were done: whoever was to do them was ended");
    } else if (first->is_whole) {
        take_whole(plan, &unit, first, join.record);
    } else if (!join.record->reason) {
        join.parts = g_new0(struct part, join.count);
        join.owners = g_array_new(FALSE, FALSE, sizeof(struct owner));
        join.record->has_result = join_parts(plan, &join, &unit, &error);
        g_array_unref(join.owners);
        g_free(join.parts);
        if (error) {
            join.record->reason = g_strdup(error->message);
            g_error_free(error);
        } else if (!join.record->has_result) {
            batch_record_free(join.record);
            return NULL;
        }
        if (!join.record->has_result)
            join.record->bytes = join.record->conversations = 0;
    }
    return join.record;
}
