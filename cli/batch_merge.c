/* batch_merge.c
 * Puts together what the units gave.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "batch.h"

#include "batch_summary.h"
#include "cli.h"
#include "files.h"
#include "tshark_run.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/** The largest capture that is read again for a drawing, in octets. */
#define DRAWN_MAX ((uint64_t)64 << 20)

struct merge {
    const struct batch_plan *plan;
    GHashTable *records;
    struct summary *summary;
    struct output *manifest;
    bool has_parts; /* of captures that are not all done: they will be needed */
};

/* A capture whose parts have conversations in common, by a tunnel that could not be seen into, is read again, as
 * one. */
static struct batch_record *read_as_one(struct merge *merge, const struct batch_unit *unit,
                                        GError **error)
{
    const struct batch_plan *plan = merge->plan;
    const struct batch_capture *capture = g_ptr_array_index(plan->captures, unit->capture);
    struct tshark *tshark = tshark_find(plan->options.tshark, error);
    char *path = batch_path(plan, "work/records/merge.jsonl");
    struct batch_record *record = NULL;
    char *reason = NULL;

    if (tshark) {
        cli_say("%s is read as one: there are conversations in several of its parts",
                capture->name);
        if (batch_do_unit(plan, tshark, unit, path, &reason, error)) {
            batch_records_read(merge->records, path);
            record = batch_record_copy(batch_record_find(merge->records, plan, unit));
        }
    }
    g_free(reason);
    g_free(path);
    tshark_free(tshark);
    return record;
}

/* A capture's record: that of its unit, or of its parts, or one that says that there is none. NULL: an error. */
static struct batch_record *record_of(struct merge *merge, unsigned number, GError **error)
{
    const struct batch_unit unit = { .capture = number };
    const struct batch_capture *capture = g_ptr_array_index(merge->plan->captures, number);
    const struct batch_record *known = batch_record_find(merge->records, merge->plan, &unit);
    struct batch_record *record;

    if (known && (capture->shards == 0 || !known->reason))
        return batch_record_copy(known);
    if (capture->shards > 0) {
        record = batch_shards_join(merge->plan, merge->records, number);
        if (record && !record->has_result)
            merge->has_parts = true;
        return record ? record : read_as_one(merge, &unit, error);
    }
    record = batch_record_new(merge->plan, &unit);
    record->reason = g_strdup("was not done: whoever was to do it was ended");
    return record;
}

/* The result may have been removed since. */
static bool has_result(const struct merge *merge, unsigned capture,
                       const struct batch_record *record)
{
    char *path = batch_result_path(merge->plan, g_ptr_array_index(merge->plan->captures, capture));
    struct stat status;
    bool has =
        record->has_result && stat(path, &status) == 0 && (uint64_t)status.st_size == record->bytes;

    g_free(path);
    return has;
}

static bool take_result(struct merge *merge, unsigned number, GError **error)
{
    const struct batch_capture *capture = g_ptr_array_index(merge->plan->captures, number);
    const struct batch_file *file = g_ptr_array_index(capture->files, 0);
    char *path = batch_result_path(merge->plan, capture);
    bool is_drawable = capture->files->len == 1 && capture->size <= DRAWN_MAX;
    bool is_good = summary_add(merge->summary, path, number, file->path, is_drawable, error);

    g_free(path);
    return is_good;
}

static bool take_capture(struct merge *merge, unsigned number, GError **error)
{
    const struct batch_capture *capture = g_ptr_array_index(merge->plan->captures, number);
    const struct batch_file *file = g_ptr_array_index(capture->files, 0);
    struct batch_record *record = record_of(merge, number, error);
    bool is_good = true;
    char *line;

    if (!record)
        return false;
    if (record->has_result && !has_result(merge, number, record)) {
        record->has_result = false;
        g_free(record->reason);
        record->reason = g_strdup("its result is not there any more");
    }
    if (record->reason)
        summary_add_failure(merge->summary, file->path, record->reason);
    if (record->has_result)
        is_good = take_result(merge, number, error);
    line = batch_record_line(record);
    output_write(merge->manifest, line, strlen(line));
    output_write(merge->manifest, "\n", 1);
    g_free(line);
    batch_record_free(record);
    return is_good;
}

/* Drawings -------------------------------------------------------------------------------------- */

static char *read_all(int fd)
{
    GString *text = g_string_new(NULL);
    char piece[65536];
    ssize_t got;

    lseek(fd, 0, SEEK_SET);
    while ((got = read(fd, piece, sizeof piece)) > 0)
        g_string_append_len(text, piece, got);
    return g_string_free(text, FALSE);
}

struct drawing {
    struct summary_kind *kind;
    struct tshark_run *run;
    int file;
};

static void begin_drawing(const struct merge *merge, const struct tshark *tshark,
                          struct drawing *drawing)
{
    struct options options = merge->plan->options;
    GPtrArray *arguments;

    options.where = NULL;
    options.stream = drawing->kind->stream;
    arguments = options_arguments(&options, drawing->kind->file);
    options_add_statistic(&options, arguments, "tcp_phase,ladder,svg,-");
    g_ptr_array_add(arguments, NULL);
    drawing->file = memfd_create("drawing", MFD_CLOEXEC);
    if (drawing->file >= 0)
        drawing->run =
            tshark_start(tshark, (const char *const *)arguments->pdata, drawing->file, NULL);
    g_ptr_array_unref(arguments);
}

/* A report without one of its drawings is still one. */
static void end_drawing(struct drawing *drawing)
{
    struct tshark_end end;

    if (drawing->run) {
        tshark_finish(drawing->run, &end);
        if (end.status == 0 || end.status == 2)
            drawing->kind->picture = read_all(drawing->file);
        if (drawing->kind->picture && !strstr(drawing->kind->picture, "</svg>"))
            g_clear_pointer(&drawing->kind->picture, g_free);
        tshark_end_clear(&end);
    }
    if (drawing->file >= 0)
        close(drawing->file);
}

static void draw(const struct merge *merge, const struct tshark *tshark)
{
    GPtrArray *kinds = summary_kinds(merge->summary);
    unsigned side_by_side = g_get_num_processors();
    struct drawing *drawings = g_new0(struct drawing, side_by_side);
    unsigned begun = 0;

    for (unsigned i = 0; i < MIN(kinds->len, merge->plan->ladders); i++) {
        drawings[begun] = (struct drawing){ .kind = g_ptr_array_index(kinds, i), .file = -1 };
        if (drawings[begun].kind->is_drawable)
            begin_drawing(merge, tshark, &drawings[begun++]);
        if (begun == side_by_side)
            while (begun > 0)
                end_drawing(&drawings[--begun]);
    }
    while (begun > 0)
        end_drawing(&drawings[--begun]);
    g_free(drawings);
    g_ptr_array_unref(kinds);
}

/* All ------------------------------------------------------------------------------------------- */

static bool write_summary(struct merge *merge, GError **error)
{
    const struct batch_plan *plan = merge->plan;
    char *json = batch_path(plan, "summary.json");
    char *csv = batch_path(plan, "summary.csv");
    char *report = batch_path(plan, "report.html");
    bool is_good = summary_write_json(merge->summary, json, error) &&
                   summary_write_csv(merge->summary, csv, error) &&
                   summary_write_report(merge->summary, plan->ladders, report, error);

    g_free(report);
    g_free(csv);
    g_free(json);
    return is_good;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    remove(path);
    return 0;
}

static void remove_work(const struct batch_plan *plan)
{
    char *work = batch_path(plan, "work");

    nftw(work, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    g_free(work);
}

static bool merge_all(struct merge *merge, GError **error)
{
    const struct batch_plan *plan = merge->plan;
    struct tshark *tshark;

    merge->summary->captures = plan->captures->len;
    for (unsigned i = 0; i < plan->captures->len; i++)
        if (!take_capture(merge, i, error))
            return false;
    if (plan->ladders > 0 && g_hash_table_size(merge->summary->kinds) > 0) {
        tshark = tshark_find(plan->options.tshark, error);
        if (!tshark)
            return false;
        draw(merge, tshark);
        tshark_free(tshark);
    }
    return write_summary(merge, error);
}

int batch_merge(const struct batch_plan *plan)
{
    struct merge merge = { .plan = plan };
    char *path = batch_path(plan, "manifest.jsonl");
    GError *error = NULL;
    bool is_good = false;
    unsigned failed;

    merge.records = batch_records_of(plan);
    merge.summary = summary_new();
    merge.manifest = output_begin(path, &error);
    if (merge.manifest) {
        is_good = merge_all(&merge, &error);
        if (is_good)
            is_good = output_finish(merge.manifest, &error);
        else
            output_abandon(merge.manifest);
    }
    if (is_good && !merge.has_parts)
        remove_work(plan);
    failed = merge.summary->failures->len;
    if (is_good)
        cli_say("%u captures, %u failed; %" G_GUINT64_FORMAT " conversations; see %s/report.html",
                plan->captures->len, failed, merge.summary->counts.conversations, plan->folder);
    summary_free(merge.summary);
    g_hash_table_unref(merge.records);
    g_free(path);
    if (!is_good)
        return cli_fail(error);
    return failed > 0 ? STATUS_FAILED : STATUS_OK;
}
