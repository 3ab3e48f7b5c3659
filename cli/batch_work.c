/* batch_work.c
 * Does units: one tshark each, its lines written to a file, and a record of it.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "batch.h"

#include "capture_split.h"
#include "cli.h"
#include "files.h"
#include "tshark_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* tshark's exit status where it could not read to the end, of older and of newer releases: what it says of the
 * frames before that is good. */
static bool was_cut_short(int status)
{
    return status == 2 || status == 14;
}

struct work {
    const struct batch_plan *plan;
    const struct tshark *tshark;
    const struct batch_capture *capture;
    const struct batch_unit *unit;
    struct batch_record *record;
    bool is_part; /* of the capture, which was split */
};

/* Hashes ---------------------------------------------------------------------------------------- */

/* @return its SHA-256 in hexadecimal, to be freed; NULL: it could not be read, and *problem is errno */
static char *hash_file(const char *path, int *problem)
{
    enum { PIECE = 1 << 17 };
    GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
    unsigned char *piece = g_malloc(PIECE);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *hash = NULL;
    ssize_t got = -1;

    while (fd >= 0 && (got = read(fd, piece, PIECE)) > 0)
        g_checksum_update(checksum, piece, got);
    if (got == 0)
        hash = g_strdup(g_checksum_get_string(checksum));
    else
        *problem = errno;
    if (fd >= 0)
        close(fd);
    g_free(piece);
    g_checksum_free(checksum);
    return hash;
}

static bool hash_all(struct work *work, GError **error)
{
    for (unsigned i = 0; i < work->capture->files->len; i++) {
        const struct batch_file *file = g_ptr_array_index(work->capture->files, i);
        int problem = 0;
        char *hash = hash_file(file->path, &problem);

        if (!hash) {
            g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s", g_strerror(problem));
            return false;
        }
        g_ptr_array_add(work->record->hashes, hash);
    }
    return true;
}

/* tshark ---------------------------------------------------------------------------------------- */

/* One of Wireshark's programs, from where tshark is. */
static char *find_beside(const struct tshark *tshark, const char *name)
{
    char *folder = g_path_get_dirname(tshark_path(tshark));
    char *path = g_build_filename(folder, name, NULL);

    if (!g_file_test(path, G_FILE_TEST_IS_EXECUTABLE)) {
        g_free(path);
        path = g_find_program_in_path(name);
    }
    g_free(folder);
    return path;
}

/* The files of a capture one after the other. */
static bool start_mergecap(const struct work *work, struct batch_process *process, GError **error)
{
    char *path = find_beside(work->tshark, "mergecap");
    GPtrArray *words = g_ptr_array_new();
    bool is_started = false;

    if (!path) {
        g_set_error(error, CLI_ERROR, STATUS_FAILED,
                    "mergecap, which comes with tshark, is needed for a capture of several files");
    } else {
        g_ptr_array_add(words, path);
        g_ptr_array_add(words, (char[]){ "-a" });
        g_ptr_array_add(words, (char[]){ "-w" });
        g_ptr_array_add(words, (char[]){ "-" });
        for (unsigned i = 0; i < work->capture->files->len; i++) {
            struct batch_file *file = g_ptr_array_index(work->capture->files, i);

            g_ptr_array_add(words, file->path);
        }
        g_ptr_array_add(words, NULL);
        is_started = batch_process_start(process, (char **)words->pdata, false, true, error);
    }
    g_ptr_array_unref(words);
    g_free(path);
    return is_started;
}

/* Ourselves, writing a part of a capture. */
static bool start_feed(const struct work *work, struct batch_process *process, GError **error)
{
    char *path = batch_own_path();
    char *feed = g_strdup_printf(
        "--feed=%u", (unsigned)(work->unit - (const struct batch_unit *)work->plan->units->data));
    char *words[] = { path, (char[]){ "batch" }, feed, (char[]){ "-o" }, work->plan->folder, NULL };
    bool is_started = batch_process_start(process, words, false, true, error);

    g_free(feed);
    g_free(path);
    return is_started;
}

/* The plugin takes names as in a URI, in which there is no comma. */
static void add_part(const struct work *work, GPtrArray *arguments)
{
    char *map = batch_shards_map(work->plan, work->unit);
    char *safe = g_uri_escape_string(map, "/", TRUE);

    g_ptr_array_add(arguments, g_strdup("-z"));
    g_ptr_array_add(arguments, g_strdup_printf("tcp_phase,part,%s,%u,-", safe, work->unit->shard));
    g_free(safe);
    g_free(map);
}

static GPtrArray *arguments_of(const struct work *work, const char *file)
{
    GPtrArray *arguments = options_arguments(&work->plan->options, file);

    if (work->is_part)
        add_part(work, arguments);
    options_add_statistic(&work->plan->options, arguments, "tcp_phase,jsonl,-");
    g_ptr_array_add(arguments, NULL);
    return arguments;
}

static struct tshark_run *start_tshark(const struct work *work, struct batch_process *before,
                                       GError **error)
{
    const struct batch_file *first = g_ptr_array_index(work->capture->files, 0);
    bool is_fed = work->is_part || work->capture->files->len > 1;
    GPtrArray *arguments = arguments_of(work, is_fed ? "-" : first->path);
    struct tshark_run *run = NULL;

    if (!is_fed)
        run = tshark_start(work->tshark, (const char *const *)arguments->pdata, -1, error);
    else if (work->is_part ? start_feed(work, before, error) : start_mergecap(work, before, error))
        run = tshark_start_with_input(work->tshark, (const char *const *)arguments->pdata,
                                      before->out, -1, error);
    g_ptr_array_unref(arguments);
    return run;
}

/* Where the streams of a part begin: a line of its own, kept in a file beside the conversations. */
static bool write_streams(const struct work *work, const char *line, size_t length, GError **error)
{
    char *path = batch_shards_streams(work->plan, work->unit);
    struct output *output = output_begin(path, error);

    g_free(path);
    if (!output)
        return false;
    output_write(output, line, length);
    return output_finish(output, error);
}

/* Its lines go to the file. A line that is no object comes from a tshark that is none of ours. */
static bool take_lines(struct work *work, struct tshark_run *run, struct output *output,
                       GError **error)
{
    const char *line;
    size_t length;

    while ((line = tshark_read_line(run, &length))) {
        if (length < 2 || line[0] != '{' || line[length - 1] != '}') {
            g_set_error(error, CLI_ERROR, STATUS_FAILED,
                        "tshark wrote a line that is no JSON object: %.80s", line);
            return false;
        }
        if (work->is_part && g_str_has_prefix(line, BATCH_STREAMS)) {
            if (!write_streams(work, line, length, error))
                return false;
            continue;
        }
        work->record->conversations++;
        work->record->bytes += length + 1;
        output_write(output, line, length);
        output_write(output, "\n", 1);
    }
    return true;
}

/* What tshark's end, and that of the program before it, mean. */
static bool check_end(struct work *work, struct tshark_run *run, struct batch_process *before,
                      GError **error)
{
    const struct batch_file *first = g_ptr_array_index(work->capture->files, 0);
    struct tshark_end end;
    bool is_good;
    int status = 0;

    tshark_finish(run, &end);
    if (before->id > 0)
        status = batch_process_wait(before);
    work->record->exit = end.status;
    is_good = tshark_check_end(&end, first->path, error);
    if (is_good && status != 0) {
        is_good = false;
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s failed with exit status %d",
                    work->is_part ? "who reads the part"
                                  : "mergecap, which puts its files together,",
                    status);
    }
    tshark_end_clear(&end);
    return is_good;
}

static bool run_tshark(struct work *work, struct output *output, GError **error)
{
    struct batch_process before = { .id = 0, .in = -1, .out = -1 };
    struct tshark_run *run = start_tshark(work, &before, error);
    bool is_good;

    if (before.out >= 0)
        close(before.out); /* tshark's now: when it ends, so does who writes */
    before.out = -1;
    if (!run) {
        if (before.id > 0)
            batch_process_wait(&before);
        return false;
    }
    is_good = take_lines(work, run, output, error);
    if (!is_good) {
        tshark_stop(run);
        if (before.id > 0)
            batch_process_wait(&before);
        return false;
    }
    return check_end(work, run, &before, error);
}

/* Units ----------------------------------------------------------------------------------------- */

/* What was there before belongs to a capture that has changed, or to other settings. */
static bool make_result(struct work *work, bool is_empty, GError **error)
{
    char *target = batch_unit_path(work->plan, work->unit);
    struct output *output;
    bool is_good = false;

    unlink(target);
    output = output_begin(target, error);
    if (output) {
        is_good = is_empty ? !work->is_part || write_streams(work, BATCH_NO_STREAMS,
                                                             strlen(BATCH_NO_STREAMS), error)
                           : run_tshark(work, output, error);
        work->record->has_result = is_good || was_cut_short(work->record->exit);
        if (!work->record->has_result)
            output_abandon(output);
        else if (!output_finish(output, is_good ? error : NULL))
            work->record->has_result = is_good = false;
        if (!work->record->has_result)
            work->record->bytes = work->record->conversations = 0;
    }
    g_free(target);
    return is_good;
}

/* A part. One that has no frames has no conversations; a capture that cannot be split is the first part. */
static bool do_part(struct work *work, GError **error)
{
    char *map = batch_shards_map(work->plan, work->unit);
    char *reason = NULL;
    unsigned parts;
    bool is_good = batch_shards_split(work->plan, work->unit, &parts, &reason, error);

    if (is_good) {
        work->is_part = parts > 0;
        work->record->is_whole = !work->is_part;
        if (reason && work->unit->shard == 0)
            cli_say("%s is read as one: %s", work->capture->name, reason);
        is_good = make_result(work,
                              work->is_part ? capture_split_frames(map, work->unit->shard) == 0
                                            : work->unit->shard > 0,
                              error);
    }
    g_free(reason);
    g_free(map);
    return is_good;
}

static bool do_it(struct work *work, GError **error)
{
    if (work->capture->problem) {
        g_set_error_literal(error, CLI_ERROR, STATUS_FAILED, work->capture->problem);
        return false;
    }
    if (work->unit->shard == 0 && !hash_all(work, error))
        return false;
    return work->unit->shards > 0 ? do_part(work, error) : make_result(work, false, error);
}

/* A message without the name of the file that it begins with: the record has that. */
static char *reason_of(const struct work *work, const GError *error)
{
    const struct batch_file *first = g_ptr_array_index(work->capture->files, 0);
    char *prefix = g_strconcat(first->path, ": ", NULL);
    char *reason = g_strdup(error->message);

    if (g_str_has_prefix(reason, prefix))
        memmove(reason, reason + strlen(prefix), strlen(reason + strlen(prefix)) + 1);
    g_free(prefix);
    return reason;
}

static char *now(void)
{
    GDateTime *time = g_date_time_new_now_utc();
    char *text = g_date_time_format(time, "%Y-%m-%dT%H:%M:%S");
    char *fine = g_strdup_printf("%s.%06dZ", text, g_date_time_get_microsecond(time));

    g_free(text);
    g_date_time_unref(time);
    return fine;
}

bool batch_do_unit(const struct batch_plan *plan, const struct tshark *tshark,
                   const struct batch_unit *unit, const char *records, char **reason,
                   GError **error)
{
    const struct batch_capture *capture = g_ptr_array_index(plan->captures, unit->capture);
    struct work work = { .plan = plan, .tshark = tshark, .capture = capture, .unit = unit };
    int64_t begin = g_get_monotonic_time();
    GError *problem = NULL;
    bool is_recorded;

    work.record = batch_record_new(plan, unit);
    if (!do_it(&work, &problem)) {
        work.record->reason = reason_of(&work, problem);
        g_error_free(problem);
    }
    *reason = g_strdup(work.record->reason);
    work.record->seconds = (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
    work.record->finished = now();
    is_recorded = batch_record_append(work.record, records, error);
    batch_record_free(work.record);
    return is_recorded;
}

/* Workers --------------------------------------------------------------------------------------- */

/* The plan of a folder, and a tshark for it. The plan's versions become those found here: what one machine did
 * with another tshark is known by its records. */
static struct batch_plan *begin(const char *folder, struct tshark **tshark, GError **error)
{
    struct batch_plan *plan = batch_plan_read(folder, error);
    const char *version;

    if (!plan)
        return NULL;
    *tshark = tshark_find(plan->options.tshark, error);
    version = *tshark ? tshark_version(*tshark) : NULL;
    if (*tshark && g_strcmp0(version, plan->tshark_version) != 0)
        g_set_error(error, CLI_ERROR, STATUS_FAILED,
                    "%s: is %s, and the batch was begun with %s: results would not be alike",
                    tshark_path(*tshark), version ? version : "of no known version",
                    plan->tshark_version);
    else if (*tshark)
        return plan;
    tshark_free(*tshark);
    *tshark = NULL;
    batch_plan_free(plan);
    return NULL;
}

static const struct batch_unit *unit_at(const struct batch_plan *plan, unsigned number)
{
    return &g_array_index(plan->units, struct batch_unit, number);
}

static bool is_done(GHashTable *records, const struct batch_plan *plan, unsigned unit)
{
    const struct batch_record *record = batch_record_find(records, plan, unit_at(plan, unit));

    return record && !record->reason;
}

int batch_do_task(const char *folder, unsigned number)
{
    GError *error = NULL;
    struct tshark *tshark = NULL;
    struct batch_plan *plan = begin(folder, &tshark, &error);
    const struct batch_task *task;
    GHashTable *records;
    char *path, *name;
    int status = STATUS_OK;

    if (!plan)
        return cli_fail(error);
    if (number >= plan->tasks->len) {
        cli_say("--task %u: there are %u tasks, from 0", number, plan->tasks->len);
        tshark_free(tshark);
        batch_plan_free(plan);
        return STATUS_WRONG_USE;
    }
    task = &g_array_index(plan->tasks, struct batch_task, number);
    name = g_strdup_printf("work/records/task-%u.jsonl", number);
    path = batch_path(plan, name);
    records = batch_records_new();
    batch_records_read(records, path); /* of ourselves, before we were ended and begun again */
    for (unsigned unit = task->first; !error && unit < task->first + task->count; unit++) {
        char *reason = NULL;

        if (is_done(records, plan, unit))
            continue;
        batch_do_unit(plan, tshark, unit_at(plan, unit), path, &reason, &error);
        if (reason) {
            char *what = batch_unit_name(plan, unit_at(plan, unit));

            cli_say("%s: %s", what, reason);
            g_free(what);
            status = STATUS_FAILED;
        }
        g_free(reason);
    }
    g_hash_table_unref(records);
    g_free(path);
    g_free(name);
    tshark_free(tshark);
    batch_plan_free(plan);
    return error ? cli_fail(error) : status;
}

/* An answer is a line: what is in a reason that would end it is a blank. */
static void answer(unsigned unit, const char *reason)
{
    char *line = reason ? g_strdelimit(g_strdup(reason), "\r\n", ' ') : NULL;

    printf("%u %s\n", unit, line ? line : "");
    fflush(stdout);
    g_free(line);
}

/* The number on the next line of standard input; false: there is none. */
static bool next_unit(unsigned *unit)
{
    char line[32];
    char *end;

    if (!fgets(line, sizeof line, stdin))
        return false;
    *unit = (unsigned)strtoul(line, &end, 10);
    return end != line && *end == '\n';
}

int batch_do_worker(const char *folder, unsigned worker)
{
    GError *error = NULL;
    struct tshark *tshark = NULL;
    struct batch_plan *plan = begin(folder, &tshark, &error);
    char *name = g_strdup_printf("work/records/worker-%u.jsonl", worker);
    char *path = plan ? batch_path(plan, name) : NULL;
    unsigned unit;

    while (!error && next_unit(&unit)) {
        char *reason = NULL;

        if (unit >= plan->units->len)
            g_set_error(&error, CLI_ERROR, STATUS_WRONG_USE, "there is no unit %u", unit);
        else if (batch_do_unit(plan, tshark, unit_at(plan, unit), path, &reason, &error))
            answer(unit, reason);
        g_free(reason);
    }
    g_free(path);
    g_free(name);
    tshark_free(tshark);
    batch_plan_free(plan);
    return error ? cli_fail(error) : STATUS_OK;
}
