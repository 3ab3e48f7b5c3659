/* batch_remote.c
 * Hands tasks to other machines: to Slurm, or to GNU Parallel over ssh. The jobs are calls of this program, which
 * read the plan from the folder that all see.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "batch.h"

#include "cli.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/** More failed jobs than GNU Parallel's exit status can say; above that it is itself that failed. */
enum { PARALLEL_JOBS_FAILED_MAX = 101 };

/* A call of this program as the shell would want it typed. @param what such as "--merge" */
static char *own_call(const struct batch_plan *plan, const char *what)
{
    char *program = batch_own_path();
    char *quoted = g_shell_quote(program);
    char *folder = g_shell_quote(plan->folder);
    char *call = g_strdup_printf("exec %s batch %s -o %s", quoted, what, folder);

    g_free(folder);
    g_free(quoted);
    g_free(program);
    return call;
}

/* Slurm ----------------------------------------------------------------------------------------- */

struct slurm {
    const struct batch_plan *plan;
    char **options;
    char *sbatch;
};

/* The number of the job that sbatch says, to be freed with g_free(). */
static char *read_number(struct batch_process *process)
{
    FILE *stream = fdopen(dup(process->out), "r");
    char line[256] = "";
    char *said = stream ? fgets(line, sizeof line, stream) : NULL;

    if (stream)
        fclose(stream);
    g_strchomp(line);
    line[strcspn(line, ";")] = '\0'; /* the name of the cluster follows */
    return said && *line && strspn(line, "0123456789") == strlen(line) ? g_strdup(line) : NULL;
}

/* Submit a job. @param words more arguments @return its number, to be freed, or NULL */
static char *submit(const struct slurm *slurm, const char *name, const char *log, const char *call,
                    const char *const *words, GError **error)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
    struct batch_process process;
    char *number = NULL;
    int status = -1;

    g_ptr_array_add(all, g_strdup(slurm->sbatch));
    g_ptr_array_add(all, g_strdup("--parsable"));
    g_ptr_array_add(all, g_strdup("--requeue"));
    g_ptr_array_add(all, g_strdup("--open-mode=append"));
    g_ptr_array_add(all, g_strdup_printf("--job-name=%s", name));
    g_ptr_array_add(all, g_strdup_printf("--chdir=%s", slurm->plan->folder));
    g_ptr_array_add(all, g_strdup_printf("--output=%s/logs/%s", slurm->plan->folder, log));
    for (char **option = slurm->options; option && *option; option++)
        g_ptr_array_add(all, g_strdup(*option));
    for (; *words; words++)
        g_ptr_array_add(all, g_strdup(*words));
    g_ptr_array_add(all, g_strdup_printf("--wrap=%s", call));
    g_ptr_array_add(all, NULL);
    if (batch_process_start(&process, (char **)all->pdata, false, true, error)) {
        number = read_number(&process);
        status = batch_process_wait(&process);
        if (!number)
            g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: failed, with exit status %d",
                        slurm->sbatch, status);
    }
    g_ptr_array_unref(all);
    return number;
}

static char *submit_tasks(const struct slurm *slurm, GError **error)
{
    char *array = g_strdup_printf("--array=0-%u", slurm->plan->tasks->len - 1);
    char *call = own_call(slurm->plan, "--task \"$SLURM_ARRAY_TASK_ID\"");
    const char *words[] = { array, NULL };
    char *number = submit(slurm, "handshark", "task-%a.log", call, words, error);

    g_free(call);
    g_free(array);
    return number;
}

/* Whatever has become of the tasks: what failed is to be seen in the results. */
static char *submit_merge(const struct slurm *slurm, const char *after, bool wait, GError **error)
{
    char *dependency = after ? g_strdup_printf("--dependency=afterany:%s", after) : NULL;
    char *call = own_call(slurm->plan, "--merge");
    const char *words[3] = { NULL };
    unsigned count = 0;
    char *number;

    if (dependency)
        words[count++] = dependency;
    if (wait)
        words[count++] = "--wait";
    number = submit(slurm, "handshark-merge", "merge.log", call, words, error);

    g_free(call);
    g_free(dependency);
    return number;
}

static bool prepare(struct slurm *slurm, const char *options, GError **error)
{
    GError *problem = NULL;

    if (options && *options && !g_shell_parse_argv(options, NULL, &slurm->options, &problem)) {
        g_set_error(error, CLI_ERROR, STATUS_WRONG_USE, "--slurm-options %s: %s", options,
                    problem->message);
        g_error_free(problem);
        return false;
    }
    slurm->sbatch = g_find_program_in_path("sbatch");
    if (!slurm->sbatch)
        g_set_error(error, CLI_ERROR, STATUS_FAILED,
                    "--slurm: there is no sbatch here (Debian: slurm-client)");
    return slurm->sbatch;
}

int batch_run_slurm(const struct batch_plan *plan, const char *options, bool wait)
{
    struct slurm slurm = { .plan = plan };
    GError *error = NULL;
    char *tasks = NULL, *merge = NULL;
    char *report = batch_path(plan, "report.html");

    if (prepare(&slurm, options, &error)) {
        if (plan->units->len > 0)
            tasks = submit_tasks(&slurm, &error);
        if (!error && tasks)
            cli_say("job %s: %u captures in %u tasks", tasks, batch_plan_captures_left(plan),
                    plan->tasks->len);
        if (!error)
            merge = submit_merge(&slurm, tasks, wait, &error);
        if (merge)
            cli_say("job %s: puts the results together", merge);
    }
    if (!error && wait && !g_file_test(report, G_FILE_TEST_EXISTS))
        g_set_error(&error, CLI_ERROR, STATUS_FAILED, "job %s failed: see %s/logs/merge.log", merge,
                    plan->folder);
    g_free(report);
    g_free(tasks);
    g_free(merge);
    g_free(slurm.sbatch);
    g_strfreev(slurm.options);
    return error ? cli_fail(error) : STATUS_OK;
}

/* GNU Parallel ---------------------------------------------------------------------------------- */

/* There is another program of this name (moreutils). */
static bool is_gnu(const char *path)
{
    char *words[] = { (char *)path, (char[]){ "--version" }, NULL };
    char *said = NULL;
    bool is = g_spawn_sync(NULL, words, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &said, NULL,
                           NULL, NULL) &&
              said && g_str_has_prefix(said, "GNU parallel");

    g_free(said);
    return is;
}

static bool write_numbers(struct batch_process *process, unsigned count)
{
    FILE *stream = fdopen(dup(process->in), "w");
    bool is_good = stream != NULL;

    for (unsigned i = 0; is_good && i < count; i++)
        is_good = fprintf(stream, "%u\n", i) > 0;
    if (stream && fclose(stream) != 0)
        is_good = false;
    close(process->in);
    process->in = -1;
    return is_good;
}

static bool run_parallel(char **words, unsigned tasks, GError **error)
{
    struct batch_process process;
    int status;
    bool is_good;

    signal(SIGPIPE, SIG_IGN);
    if (!batch_process_start(&process, words, true, false, error))
        return false;
    is_good = write_numbers(&process, tasks);
    status = batch_process_wait(&process);
    if (is_good && status <= PARALLEL_JOBS_FAILED_MAX)
        return true;
    g_set_error(error, CLI_ERROR, STATUS_FAILED, "parallel: failed, with exit status %d", status);
    return false;
}

bool batch_run_parallel(const struct batch_plan *plan, const char *joblog, const char *logins,
                        unsigned jobs, GError **error)
{
    char *path = g_find_program_in_path("parallel");
    char *call = own_call(plan, "--task {}");
    char *count = g_strdup_printf("%u", jobs);
    GPtrArray *words = g_ptr_array_new();
    bool is_good = false;

    if (path && is_gnu(path)) {
        g_ptr_array_add(words, path);
        g_ptr_array_add(words, (char[]){ "--will-cite" });
        g_ptr_array_add(words, (char[]){ "--joblog" });
        g_ptr_array_add(words, (char *)joblog);
        if (logins) {
            g_ptr_array_add(words, (char[]){ "--sshlogin" });
            g_ptr_array_add(words, (char *)logins);
        }
        if (jobs > 0) {
            g_ptr_array_add(words, (char[]){ "--jobs" });
            g_ptr_array_add(words, count);
        }
        g_ptr_array_add(words, call);
        g_ptr_array_add(words, NULL);
        is_good = run_parallel((char **)words->pdata, plan->tasks->len, error);
    } else {
        g_set_error(error, CLI_ERROR, STATUS_FAILED,
                    "--joblog: there is no GNU Parallel here (Debian: parallel)");
    }
    g_ptr_array_unref(words);
    g_free(count);
    g_free(call);
    g_free(path);
    return is_good;
}
