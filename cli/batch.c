/* batch.c
 * handshark batch: the conversations of many captures, and what they amount to.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "commands.h"

#include "batch.h"
#include "capture_split.h"
#include "cli.h"
#include "tshark_run.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char HELP[] =
    "usage: " PROGRAM " batch [OPTION...] -o DIR PATH...\n"
    "\n"
    "The conversations of every capture in PATH..., one file of JSON Lines each, and what they\n"
    "amount to. A PATH is a capture or a folder, which is searched: captures are known by their\n"
    "content. Rotated files of one capture (dumpcap's and tcpdump's) are read as one.\n"
    "\n"
    "  -o, --output=DIR     where the results go; made if it is not there\n"
    "  -j, --jobs=N         how many tshark side by side; without, one for each core\n"
    "      --resume         do what is not done in DIR, or failed, or has changed since\n"
    "      --separate       rotated files are captures of their own\n"
    "      --shards=N       a large capture is read by N tshark, each with a part of its "
    "conversations\n"
    "      --shards-over=SIZE  what is large: more octets than this (64M)\n"
    "      --ladders=N      how many of the oddest conversations the report shows (8)\n"
    "      --where=FILTER   only conversations with a segment that this display filter finds\n"
    "      --language=L     of the summaries and drawings: en, zh_CN, zh_TW\n"
    "      --tshark=PATH    the tshark to run\n"
    "  -h, --help\n"
    "\n"
    "On other machines, which have to see the same folders, and to have handshark and tshark:\n"
    "      --slurm          hand the work to Slurm: a job array, and a job that puts the results\n"
    "                       together\n"
    "      --slurm-options=WORDS  for sbatch, such as '--partition=night --mem=4G'\n"
    "      --wait           with --slurm: until the last job has ended\n"
    "      --joblog=FILE    hand the work to GNU Parallel, which keeps this log\n"
    "      --sshlogin=LIST  with --joblog: the machines, as `parallel --sshlogin` has them\n"
    "      --tasks=N        how many tasks the work is packed into; without, by its size\n"
    "      --task=N         do one of them: what the jobs call\n"
    "      --merge          put the results together: what the last job calls\n"
    "\n"
    "DIR gets conversations/NAME.jsonl, manifest.jsonl, summary.json, summary.csv, report.html.\n"
    "\n"
    "Exit status: 0 all went well; 1 something failed, of captures manifest.jsonl says which;\n"
    "2 wrong use.\n";

enum {
    OPTION_RESUME = OPTION_OF_COMMAND,
    OPTION_SEPARATE,
    OPTION_SHARDS,
    OPTION_SHARDS_OVER,
    OPTION_LADDERS,
    OPTION_SLURM,
    OPTION_SLURM_OPTIONS,
    OPTION_WAIT,
    OPTION_JOBLOG,
    OPTION_SSHLOGIN,
    OPTION_TASKS,
    OPTION_TASK,
    OPTION_MERGE,
    OPTION_WORKER,
    OPTION_FEED,
};

static const struct option LONG[] = {
    { "output", required_argument, NULL, 'o' },
    { "jobs", required_argument, NULL, 'j' },
    { "resume", no_argument, NULL, OPTION_RESUME },
    { "separate", no_argument, NULL, OPTION_SEPARATE },
    { "shards", required_argument, NULL, OPTION_SHARDS },
    { "shards-over", required_argument, NULL, OPTION_SHARDS_OVER },
    { "ladders", required_argument, NULL, OPTION_LADDERS },
    { "slurm", no_argument, NULL, OPTION_SLURM },
    { "slurm-options", required_argument, NULL, OPTION_SLURM_OPTIONS },
    { "wait", no_argument, NULL, OPTION_WAIT },
    { "joblog", required_argument, NULL, OPTION_JOBLOG },
    { "sshlogin", required_argument, NULL, OPTION_SSHLOGIN },
    { "tasks", required_argument, NULL, OPTION_TASKS },
    { "task", required_argument, NULL, OPTION_TASK },
    { "merge", no_argument, NULL, OPTION_MERGE },
    { "worker", required_argument, NULL, OPTION_WORKER }, /* what this program calls */
    { "feed", required_argument, NULL, OPTION_FEED },     /* likewise */
    OPTIONS_WHERE,
    OPTIONS_LANGUAGE,
    OPTIONS_TSHARK,
    OPTIONS_HELP,
    { NULL, 0, NULL, 0 },
};

/** The most tasks: Slurm's arrays have up to 1001 elements, unless it is told otherwise. */
enum { TASKS_MAX = 1000 };

/** What a task is to have of work, in octets, if nobody says how many tasks there are to be. */
#define TASK_SIZE ((uint64_t)128 << 20)

/** A capture of more octets is large. */
#define SHARDS_OVER ((uint64_t)64 << 20)

/* What was asked for. */
struct asked {
    struct options options;
    const char *folder;
    unsigned jobs, ladders, tasks, shards;
    uint64_t shards_over;
    bool resume, separate, slurm, wait;
    const char *slurm_options, *joblog, *logins;
    int task, worker, feed; /* -1: no */
    bool merge;
};

static bool take_number(const char *option, const char *value, unsigned least, unsigned most,
                        unsigned *number)
{
    guint64 parsed;
    GError *error = NULL;

    if (g_ascii_string_to_unsigned(value, 10, least, most, &parsed, &error)) {
        *number = (unsigned)parsed;
        return true;
    }
    cli_say("%s %s: wants a number from %u to %u", option, value, least, most);
    g_error_free(error);
    return false;
}

static bool take_index(const char *option, const char *value, int *number)
{
    unsigned parsed;

    if (!take_number(option, value, 0, 1u << 30, &parsed))
        return false;
    *number = (int)parsed;
    return true;
}

/* A number of octets: 10, 10K, 10M, 10G, in powers of 1024. */
static bool take_size(const char *option, const char *value, uint64_t *size)
{
    static const char UNITS[] = "KMG";
    char *end;
    uint64_t number = g_ascii_strtoull(value, &end, 10);
    const char *unit = *end ? strchr(UNITS, g_ascii_toupper(*end)) : NULL;
    unsigned shift = unit ? 10 * (unsigned)(unit - UNITS + 1) : 0;

    if (end > value && g_ascii_isdigit(*value) && (unit ? end[1] : *end) == '\0' &&
        number <= (uint64_t)INT64_MAX >> shift) {
        *size = number << shift;
        return true;
    }
    cli_say("%s %s: wants a number of octets, such as 500000, 64M or 2G", option, value);
    return false;
}

static bool take_more(struct asked *asked, int option, const char *value)
{
    switch (option) {
    case OPTION_SLURM:
        return asked->slurm = true;
    case OPTION_SLURM_OPTIONS:
        return (asked->slurm_options = value);
    case OPTION_WAIT:
        return asked->wait = true;
    case OPTION_JOBLOG:
        return (asked->joblog = value);
    case OPTION_SSHLOGIN:
        return (asked->logins = value);
    case OPTION_TASKS:
        return take_number("--tasks", value, 1, TASKS_MAX, &asked->tasks);
    case OPTION_TASK:
        return take_index("--task", value, &asked->task);
    case OPTION_WORKER:
        return take_index("--worker", value, &asked->worker);
    case OPTION_FEED:
        return take_index("--feed", value, &asked->feed);
    case OPTION_MERGE:
        return asked->merge = true;
    default:
        return options_take(&asked->options, option, value);
    }
}

static bool take(struct asked *asked, int option, const char *value)
{
    switch (option) {
    case 'o':
        return (asked->folder = value);
    case 'j':
        return take_number("-j", value, 1, 1024, &asked->jobs);
    case OPTION_RESUME:
        return asked->resume = true;
    case OPTION_SEPARATE:
        return asked->separate = true;
    case OPTION_SHARDS:
        return take_number("--shards", value, 1, CAPTURE_PARTS_MAX, &asked->shards);
    case OPTION_SHARDS_OVER:
        return take_size("--shards-over", value, &asked->shards_over);
    case OPTION_LADDERS:
        return take_number("--ladders", value, 0, 1000, &asked->ladders);
    default:
        return take_more(asked, option, value);
    }
}

/* The folder ------------------------------------------------------------------------------------ */

static const char *const RESULTS[] = { "manifest.jsonl", "conversations", "summary.json",
                                       "summary.csv",    "report.html",   "work" };

/* Results that are there are not written over without being asked. */
static bool check_folder(const struct asked *asked)
{
    for (unsigned i = 0; !asked->resume && i < G_N_ELEMENTS(RESULTS); i++) {
        char *path = g_build_filename(asked->folder, RESULTS[i], NULL);
        bool is_there = g_file_test(path, G_FILE_TEST_EXISTS);

        g_free(path);
        if (is_there) {
            cli_say("%s: has %s already: --resume does what is not done; or name another folder",
                    asked->folder, RESULTS[i]);
            return false;
        }
    }
    return true;
}

static bool make_folders(const struct batch_plan *plan, GError **error)
{
    static const char *const FOLDERS[] = { "conversations", "work/records", "work/shards", "logs" };

    for (unsigned i = 0; i < G_N_ELEMENTS(FOLDERS); i++) {
        char *path = batch_path(plan, FOLDERS[i]);

        if (g_mkdir_with_parents(path, 0777) != 0)
            g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: %s", path, g_strerror(errno));
        g_free(path);
        if (*error)
            return false;
    }
    return true;
}

/* Nobody else is to work on it meanwhile. @return a descriptor that holds the lock, or -1 */
static int lock(const struct batch_plan *plan, GError **error)
{
    int fd = open(plan->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: %s", plan->folder,
                fd >= 0 && errno == EWOULDBLOCK ? "another handshark batch works in it"
                                                : g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

/* What a process that was killed left of a file that was not whole. */
static void remove_unfinished(const struct batch_plan *plan, const char *part)
{
    char *folder = batch_path(plan, part);
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        char *path = g_build_filename(folder, name, NULL);

        if (*name == '.' &&
            g_regex_match_simple("\\.(jsonl?|csv|html|map|streams)\\.[A-Za-z0-9]{6}$", name,
                                 G_REGEX_RAW, 0))
            unlink(path);
        g_free(path);
    }
    if (dir)
        g_dir_close(dir);
    g_free(folder);
}

/* The plan -------------------------------------------------------------------------------------- */

static bool is_done(const struct batch_plan *plan, GHashTable *records,
                    const struct batch_unit *unit)
{
    const struct batch_record *record = batch_record_find(records, plan, unit);
    char *path = batch_unit_path(plan, unit);
    char *streams = batch_shards_streams(plan, unit);
    struct stat status;
    bool is = record && !record->reason && stat(path, &status) == 0 &&
              (uint64_t)status.st_size == record->bytes &&
              (unit->shards == 0 || record->is_whole || stat(streams, &status) == 0);

    g_free(streams);
    g_free(path);
    return is;
}

/* What is to be done for a capture: all of it, or those of its parts that are not done. */
static void plan_capture(struct batch_plan *plan, GHashTable *records, unsigned number,
                         const struct asked *asked)
{
    struct batch_capture *capture = g_ptr_array_index(plan->captures, number);
    struct batch_unit unit = { .capture = number };

    capture->shards = 0;
    if (is_done(plan, records, &unit))
        return;
    if (asked->shards > 1 && capture->size > asked->shards_over && !capture->problem)
        unit.shards = capture->shards = asked->shards;
    do {
        if (unit.shards == 0 || !is_done(plan, records, &unit))
            g_array_append_val(plan->units, unit);
    } while (++unit.shard < unit.shards);
}

static void plan_units(struct batch_plan *plan, const struct asked *asked)
{
    GHashTable *records = batch_records_of(plan);
    uint64_t cost = 0;

    for (unsigned i = 0; i < plan->captures->len; i++)
        plan_capture(plan, records, i, asked);
    for (unsigned i = 0; i < plan->units->len; i++)
        cost += batch_unit_cost(plan, &g_array_index(plan->units, struct batch_unit, i));
    g_hash_table_unref(records);
    batch_plan_pack(plan,
                    asked->tasks ? asked->tasks : (unsigned)CLAMP(cost / TASK_SIZE, 1, TASKS_MAX));
}

static struct batch_plan *make_plan(const struct asked *asked, char *const *paths, GError **error)
{
    struct tshark *tshark = tshark_find(asked->options.tshark, error);
    struct batch_plan *plan;
    unsigned skipped;

    if (!tshark)
        return NULL;
    plan = batch_plan_new(asked->folder);
    plan->options.tshark = g_canonicalize_filename(tshark_path(tshark), NULL);
    plan->options.language = g_strdup(asked->options.language);
    plan->options.where = g_strdup(asked->options.where);
    plan->tshark_version = g_strdup(tshark_version(tshark));
    plan->ladders = asked->ladders;
    tshark_free(tshark);
    g_ptr_array_unref(plan->captures);
    plan->captures = batch_find(paths, plan->folder, asked->separate, &skipped);
    if (skipped > 0)
        cli_say("%u files in these folders are no captures", skipped);
    if (plan->captures->len > 0)
        return plan;
    g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: there are no captures in it", paths[0]);
    batch_plan_free(plan);
    return NULL;
}

/* Running --------------------------------------------------------------------------------------- */

static int run_plan(const struct batch_plan *plan, const struct asked *asked)
{
    unsigned left = batch_plan_captures_left(plan);
    GError *error = NULL;
    bool is_good = true;

    if (left < plan->captures->len)
        cli_say("%u of %u captures are done", plan->captures->len - left, plan->captures->len);
    if (asked->slurm)
        return batch_run_slurm(plan, asked->slurm_options, asked->wait);
    if (plan->units->len > 0 && asked->joblog)
        is_good = batch_run_parallel(plan, asked->joblog, asked->logins, asked->jobs, &error);
    else if (plan->units->len > 0)
        is_good = batch_run_local(plan, asked->jobs ? asked->jobs : g_get_num_processors(), &error);
    return is_good ? batch_merge(plan) : cli_fail(error);
}

static int run(const struct asked *asked, char *const *paths)
{
    GError *error = NULL;
    struct batch_plan *plan;
    int status, locked = -1;

    if (!check_folder(asked))
        return STATUS_FAILED;
    plan = make_plan(asked, paths, &error);
    if (!plan)
        return cli_fail(error);
    if (make_folders(plan, &error) && (locked = lock(plan, &error)) >= 0) {
        remove_unfinished(plan, "conversations");
        remove_unfinished(plan, "work/shards");
        remove_unfinished(plan, ".");
        plan_units(plan, asked);
        batch_plan_write(plan, &error);
    }
    status = error ? cli_fail(error) : run_plan(plan, asked);
    if (locked >= 0)
        close(locked);
    batch_plan_free(plan);
    return status;
}

static int merge(const char *folder)
{
    GError *error = NULL;
    struct batch_plan *plan = batch_plan_read(folder, &error);
    int status = plan ? batch_merge(plan) : cli_fail(error);

    batch_plan_free(plan);
    return status;
}

int batch_command(int argc, char **argv)
{
    struct asked asked = {
        .ladders = 8, .task = -1, .worker = -1, .feed = -1, .shards_over = SHARDS_OVER
    };
    int option;
    bool is_part;

    while ((option = getopt_long(argc, argv, "ho:j:", LONG, NULL)) != -1) {
        if (option == 'h')
            return cli_help(HELP);
        if (!take(&asked, option, optarg))
            return cli_try_help("batch");
    }
    is_part = asked.task >= 0 || asked.worker >= 0 || asked.feed >= 0 || asked.merge;
    if (!asked.folder)
        cli_say("batch: where do the results go? -o DIR");
    else if (!is_part && optind == argc)
        cli_say("batch: which captures?");
    else if (is_part && optind < argc)
        cli_say("batch: %s: what is to be read stands in the plan", argv[optind]);
    else if (asked.slurm && asked.joblog)
        cli_say("batch: --slurm or --joblog, not both");
    else if (asked.shards > 1 && asked.options.where)
        cli_say(
            "batch: --shards or --where, not both: a filter may ask for what is in another part");
    else if (asked.feed >= 0)
        return batch_shards_feed(asked.folder, (unsigned)asked.feed);
    else if (asked.worker >= 0)
        return batch_do_worker(asked.folder, (unsigned)asked.worker);
    else if (asked.task >= 0)
        return batch_do_task(asked.folder, (unsigned)asked.task);
    else if (asked.merge)
        return merge(asked.folder);
    else
        return run(&asked, argv + optind);
    return cli_try_help("batch");
}
