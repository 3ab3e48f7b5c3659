/* batch.h
 * What the parts of `handshark batch` share: the plan of what is to be done, and the records of what was.
 *
 * A folder of results holds
 *
 *     conversations/NAME.jsonl   a capture's conversations
 *     manifest.jsonl             a line for each capture: what it was, by whom it was read, how that ended
 *     summary.json summary.csv report.html
 *     work/                      while it is not done: the plan, the records of units, results of parts
 *     logs/                      what jobs of other machines said
 *
 * A unit is what one tshark does: a capture that is still to be done, or a part of a large one. A task is a run of units, for those who hand
 * out many at a time. Any number of processes may do units side by side, on any machine that sees the folder:
 * each appends to a file of records of its own.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_BATCH_H
#define HANDSHARK_BATCH_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "options.h"

/** A file of a capture. */
struct batch_file {
    char *path; /**< absolute */
    uint64_t size;
    int64_t modified; /**< nanoseconds since 1970 */
};

/** A capture: one file, or several that one program wrote one after the other. */
struct batch_capture {
    char *name;       /**< of its results; no other capture has it */
    GPtrArray *files; /**< struct batch_file *, in the order of time */
    uint64_t size;    /**< of all files together */
    char *problem;    /**< why it cannot be read, or NULL */
    unsigned shards;  /**< by how many tshark it is read; 0: by one */
};

/** What one tshark does. */
struct batch_unit {
    unsigned capture; /**< index in batch_plan.captures */
    unsigned shard;   /**< which part of it, from 0 */
    unsigned shards;  /**< of how many; 0: all of it */
};

/** A run of units. */
struct batch_task {
    unsigned first;
    unsigned count;
};

/** What is to be done in a folder. */
struct batch_plan {
    char *folder;           /**< of the results, absolute */
    struct options options; /**< for tshark; strings owned by the plan */
    char *tshark_version;   /**< of the tshark that the plan was made with */
    unsigned ladders;       /**< how many conversations are drawn in the report */
    GPtrArray *captures;    /**< struct batch_capture *, in the order of their names */
    GArray *units;          /**< of struct batch_unit; those that are still to be done */
    GArray *tasks;          /**< of struct batch_task */
};

/* batch_find.c */

/** Find captures.
 *  @param paths     files and folders; ends with a NULL
 *  @param outside   a folder that is not looked into (that of the results), absolute
 *  @param separate  whether rotated files are captures of their own
 *  @param skipped   set to how many files in folders are no captures
 *  @return struct batch_capture * by name; files that were named and cannot be read are among them, with their
 *          problem. To be freed with g_ptr_array_unref() */
GPtrArray *batch_find(char *const *paths, const char *outside, bool separate, unsigned *skipped);

/** @return a capture, to be freed with batch_capture_free(). */
struct batch_capture *batch_capture_new(void);

/** Add a file to a capture. @param path is copied */
void batch_capture_add(struct batch_capture *capture, const char *path, uint64_t size,
                       int64_t modified);

/** Free a capture. @param capture a struct batch_capture */
void batch_capture_free(void *capture);

/* batch_plan.c */

/** @return an empty plan, to be freed with batch_plan_free(). @param folder of the results */
struct batch_plan *batch_plan_new(const char *folder);

/** Free a plan. @param plan may be NULL */
void batch_plan_free(struct batch_plan *plan);

/** Write the plan into its folder. @param error set on false, of CLI_ERROR */
bool batch_plan_write(const struct batch_plan *plan, GError **error);

/** Read the plan of a folder.
 *  @param error set on failure, of CLI_ERROR @return to be freed with batch_plan_free(), or NULL */
struct batch_plan *batch_plan_read(const char *folder, GError **error);

/** Pack the plan's units into tasks of about the same size.
 *  @param tasks how many at most */
void batch_plan_pack(struct batch_plan *plan, unsigned tasks);

/** @return about how much there is to be done for a unit, in octets. */
uint64_t batch_unit_cost(const struct batch_plan *plan, const struct batch_unit *unit);

/** @return the name of a file in the plan's folder, to be freed with g_free().
 *  @param part such as "manifest.jsonl" */
char *batch_path(const struct batch_plan *plan, const char *part);

/** @return where the conversations of a capture go, to be freed with g_free(). */
char *batch_result_path(const struct batch_plan *plan, const struct batch_capture *capture);

/** @return where the conversations of a unit go, to be freed with g_free(). */
char *batch_unit_path(const struct batch_plan *plan, const struct batch_unit *unit);

/** @return how many captures there are still to be done. */
unsigned batch_plan_captures_left(const struct batch_plan *plan);

/** @return the name of a unit for messages, to be freed with g_free(). */
char *batch_unit_name(const struct batch_plan *plan, const struct batch_unit *unit);

/* batch_record.c */

/** What is known of a unit that was done, or of a capture. */
struct batch_record {
    char *name;             /**< of the capture */
    unsigned shard, shards; /**< as in struct batch_unit */
    bool is_whole;          /**< a part that is the whole capture: it could not be split */
    GPtrArray *files;       /**< struct batch_file * */
    GPtrArray *hashes;      /**< char *: SHA-256 of each, in hexadecimal; empty where unknown */
    char *settings;         /**< the options that change results, with the programs' versions */
    char *tshark;           /**< version of tshark */
    bool has_result;        /**< whether there is a file of conversations */
    uint64_t conversations; /**< how many */
    uint64_t bytes;         /**< size of the result */
    int exit;               /**< tshark's exit status; -1: it was not started */
    char *reason;           /**< why it failed; NULL: it did not */
    char *finished;         /**< when, UTC */
    double seconds;         /**< how long it took */
};

/** @return a record for a unit of a plan, to be freed with batch_record_free(). */
struct batch_record *batch_record_new(const struct batch_plan *plan, const struct batch_unit *unit);

/** @return a copy of a record, to be freed likewise. */
struct batch_record *batch_record_copy(const struct batch_record *record);

/** Free a record. @param record a struct batch_record, or NULL */
void batch_record_free(void *record);

/** @return its line, without an end, to be freed with g_free(). */
char *batch_record_line(const struct batch_record *record);

/** Append a record to a file, in one piece.
 *  @param path @param error set on false, of CLI_ERROR */
bool batch_record_append(const struct batch_record *record, const char *path, GError **error);

/** Read records, the later ones in place of earlier ones of the same unit. A line that is not whole is passed
 *  over: whoever wrote it was ended.
 *  @param records  of batch_records_new() @param path may be missing */
void batch_records_read(GHashTable *records, const char *path);

/** @return a table of records by unit, to be freed with g_hash_table_unref(). */
GHashTable *batch_records_new(void);

/** Read all that a folder has: its manifest and the records of those who worked in it. */
GHashTable *batch_records_of(const struct batch_plan *plan);

/** @return the record of a unit, owned by @p records; NULL: there is none, or the capture, the options or the
 *  programs were others. */
const struct batch_record *batch_record_find(GHashTable *records, const struct batch_plan *plan,
                                             const struct batch_unit *unit);

/** @return what results depend on beside the capture, to be freed with g_free(). */
char *batch_settings(const struct batch_plan *plan);

/* batch_work.c */

struct tshark;

/** Do a unit and record it.
 *  @param unit     which
 *  @param records  the file of records
 *  @param reason   set to why it failed, to be freed with g_free(); NULL: it did not
 *  @param error    set on false, of CLI_ERROR: it could not even be recorded */
bool batch_do_unit(const struct batch_plan *plan, const struct tshark *tshark,
                   const struct batch_unit *unit, const char *records, char **reason,
                   GError **error);

/** Do the units of a task that are not done. @return the exit code */
int batch_do_task(const char *folder, unsigned task);

/** Do units whose numbers come on standard input, and say on standard output how each ended.
 *  @param worker names the file of records @return the exit code */
int batch_do_worker(const char *folder, unsigned worker);

/* batch_shards.c */

/** @return the map of a capture of which the unit is a part (capture_split.h), to be freed with g_free(). */
char *batch_shards_map(const struct batch_plan *plan, const struct batch_unit *unit);

/** What the line begins with in which tshark says with which frames a part's streams begin. */
#define BATCH_STREAMS    "{\"streams\":["
#define BATCH_NO_STREAMS BATCH_STREAMS "]}"

/** @return the file that has that line, to be freed with g_free(). */
char *batch_shards_streams(const struct batch_plan *plan, const struct batch_unit *unit);

/** Split the capture of a unit, if it is not: whoever comes first does it, and where two do at once, they do the
 *  same.
 *  @param parts set to how many parts there are; 0: it is read as one, by the first part
 *  @param reason  set to why that is so, to be freed with g_free(), or NULL @param error set on false, of CLI_ERROR */
bool batch_shards_split(const struct batch_plan *plan, const struct batch_unit *unit,
                        unsigned *parts, char **reason, GError **error);

/** Write a part as pcapng to standard output: what a process before tshark calls. @return the exit code */
int batch_shards_feed(const char *folder, unsigned unit);

/** Put the parts of a capture together: streams get the numbers that they have in the whole.
 *  @param records  of batch_records_of() @param capture which
 *  @return a record of it, to be freed with batch_record_free(); its reason says what went wrong.
 *          NULL: conversations lie in several parts, and it has to be read as one */
struct batch_record *batch_shards_join(const struct batch_plan *plan, GHashTable *records,
                                       unsigned capture);

/* batch_local.c */

/** Do all units of a plan on this machine.
 *  @param workers how many side by side @param error set on false, of CLI_ERROR
 *  @return whether they were tried, whatever came of them */
bool batch_run_local(const struct batch_plan *plan, unsigned workers, GError **error);

/* batch_remote.c */

/** Hand the tasks of a plan to Slurm: a job array, and a job that merges when it has ended.
 *  @param options for sbatch, as the shell would have them; or NULL
 *  @param wait    whether to wait for the last job @return the exit code */
int batch_run_slurm(const struct batch_plan *plan, const char *options, bool wait);

/** Hand the tasks of a plan to GNU Parallel, and wait for them.
 *  @param joblog  its log @param logins for --sshlogin, or NULL @param jobs at a time on each machine; 0: as
 *  many as it has cores
 *  @param error   set on false, of CLI_ERROR */
bool batch_run_parallel(const struct batch_plan *plan, const char *joblog, const char *logins,
                        unsigned jobs, GError **error);

/* batch_merge.c */

/** Put together what the units gave: manifest, summaries, report.
 *  @return the exit code: STATUS_FAILED where a capture failed */
int batch_merge(const struct batch_plan *plan);

/* batch_process.c */

/** A process that we started. */
struct batch_process {
    int id;
    int in;  /**< where its standard input is written to; -1: it has none */
    int out; /**< where its standard output is read; -1: it is ours */
};

/** Start a program, or ourselves.
 *  @param words    its arguments; words[0] is its path; ends with a NULL
 *  @param has_in   whether it is written to @param has_out whether it is read
 *  @param error    set on false, of CLI_ERROR */
bool batch_process_start(struct batch_process *process, char **words, bool has_in, bool has_out,
                         GError **error);

/** Wait for a process. @return its exit status; 128 + the signal that ended it */
int batch_process_wait(struct batch_process *process);

/** @return the path of this program, to be freed with g_free(). */
char *batch_own_path(void);

#endif
