/* batch_local.c
 * Does units on this machine, several side by side: each by a process of this program, which gets the number of a
 * unit and answers when it is done. The longest come first, so that none is left over at the end.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "batch.h"

#include "batch_progress.h"
#include "cli.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** How often the bar is drawn, in ms. */
enum { TICK = 500 };

struct worker {
    struct batch_process process;
    bool is_running;
    unsigned number;
    unsigned done;
    int unit; /* what it is at; -1: nothing */
    GString *said;
};

struct local {
    const struct batch_plan *plan;
    char *program;
    struct worker *workers;
    unsigned count;
    unsigned *order;
    unsigned next; /* in order */
    struct progress *progress;
};

static uint64_t cost_of(const struct batch_plan *plan, unsigned unit)
{
    return batch_unit_cost(plan, &g_array_index(plan->units, struct batch_unit, unit));
}

static int by_cost(const void *one, const void *other, void *plan)
{
    unsigned a = *(const unsigned *)one, b = *(const unsigned *)other;
    uint64_t first = cost_of(plan, a), second = cost_of(plan, b);

    if (first != second)
        return first > second ? -1 : 1;
    return (a > b) - (a < b);
}

static bool start(struct local *local, struct worker *worker, GError **error)
{
    char *number = g_strdup_printf("--worker=%u", worker->number);
    char *words[] = { local->program,   (char[]){ "batch" }, number,
                      (char[]){ "-o" }, local->plan->folder, NULL };

    worker->unit = -1;
    worker->done = 0;
    g_string_truncate(worker->said, 0);
    worker->is_running = batch_process_start(&worker->process, words, true, true, error);
    g_free(number);
    return worker->is_running;
}

/* A unit for a worker, or the end. */
static void give(struct local *local, struct worker *worker)
{
    if (local->next < local->plan->units->len) {
        char line[32];
        int length = snprintf(line, sizeof line, "%u\n", local->order[local->next]);

        worker->unit = (int)local->order[local->next++];
        if (write(worker->process.in, line, (size_t)length) < 0 && errno != EPIPE)
            cli_say("a worker: %s", g_strerror(errno));
    } else if (worker->process.in >= 0) {
        worker->unit = -1;
        close(worker->process.in);
        worker->process.in = -1;
    }
}

static void step(struct local *local, unsigned unit, const char *problem)
{
    char *name =
        batch_unit_name(local->plan, &g_array_index(local->plan->units, struct batch_unit, unit));

    progress_step(local->progress, cost_of(local->plan, unit), name, problem);
    g_free(name);
}

static void take_answers(struct local *local, struct worker *worker)
{
    char *end;

    while ((end = memchr(worker->said->str, '\n', worker->said->len))) {
        char *reason = strchr(worker->said->str, ' ');

        *end = '\0';
        reason = reason ? reason + 1 : end;
        if (worker->unit >= 0)
            step(local, (unsigned)worker->unit, *reason ? reason : NULL);
        g_string_erase(worker->said, 0, end + 1 - worker->said->str);
        worker->done++;
        give(local, worker);
    }
}

/* A worker that ended with a unit undone, as by a want of memory: the unit has failed, the rest goes on. */
static bool bury(struct local *local, struct worker *worker, GError **error)
{
    int status = batch_process_wait(&worker->process);
    const struct batch_unit *unit;
    struct batch_record *record;
    char *path;
    bool is_good;

    worker->is_running = false;
    if (worker->unit < 0)
        return true;
    if (worker->done == 0 && status < 128) {
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "a worker failed, with exit status %d",
                    status);
        return false;
    }
    unit = &g_array_index(local->plan->units, struct batch_unit, worker->unit);
    record = batch_record_new(local->plan, unit);
    record->reason = status > 128
                         ? g_strdup_printf("the process that read it was ended by a signal: %s",
                                           g_strsignal(status - 128))
                         : g_strdup_printf("the process that read it failed, with exit "
                                           "status %d",
                                           status);
    path = batch_path(local->plan, "work/records/local.jsonl");
    is_good = batch_record_append(record, path, error);
    step(local, (unsigned)worker->unit, record->reason);
    batch_record_free(record);
    g_free(path);
    if (!is_good || local->next >= local->plan->units->len)
        return is_good;
    if (!start(local, worker, error))
        return false;
    give(local, worker);
    return true;
}

static bool listen_to(struct local *local, struct worker *worker, GError **error)
{
    char piece[4096];
    ssize_t got = read(worker->process.out, piece, sizeof piece);

    if (got <= 0)
        return bury(local, worker, error);
    g_string_append_len(worker->said, piece, got);
    take_answers(local, worker);
    return true;
}

static bool loop(struct local *local, GError **error)
{
    struct pollfd *polled = g_new0(struct pollfd, local->count);
    bool is_good = true;

    while (is_good) {
        unsigned running = 0;

        for (unsigned i = 0; i < local->count; i++) {
            polled[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
            if (local->workers[i].is_running) {
                polled[i].fd = local->workers[i].process.out;
                running++;
            }
        }
        if (running == 0)
            break;
        poll(polled, local->count, TICK);
        for (unsigned i = 0; is_good && i < local->count; i++)
            if (polled[i].fd >= 0 && polled[i].revents)
                is_good = listen_to(local, &local->workers[i], error);
        progress_tick(local->progress);
    }
    g_free(polled);
    return is_good;
}

/* What is left of workers where one of them could not go on. */
static void dismiss(struct local *local)
{
    for (unsigned i = 0; i < local->count; i++) {
        struct worker *worker = &local->workers[i];

        if (worker->is_running) {
            close(worker->process.in);
            worker->process.in = -1;
            batch_process_wait(&worker->process);
        }
        g_string_free(worker->said, TRUE);
    }
    g_free(local->workers);
    g_free(local->order);
    g_free(local->program);
}

bool batch_run_local(const struct batch_plan *plan, unsigned workers, GError **error)
{
    struct local local = { .plan = plan, .count = MIN(workers, plan->units->len) };
    uint64_t cost = 0;
    bool is_good = true;

    signal(SIGPIPE, SIG_IGN); /* a worker that is gone is noticed by its output */
    local.program = batch_own_path();
    local.order = g_new(unsigned, plan->units->len);
    for (unsigned i = 0; i < plan->units->len; i++) {
        local.order[i] = i;
        cost += cost_of(plan, i);
    }
    qsort_r(local.order, plan->units->len, sizeof(unsigned), by_cost, (void *)plan);
    local.workers = g_new0(struct worker, local.count);
    local.progress = progress_begin(plan->units->len, cost);
    for (unsigned i = 0; i < local.count; i++) {
        local.workers[i].number = i;
        local.workers[i].said = g_string_new(NULL);
        if (is_good)
            is_good = start(&local, &local.workers[i], error);
        if (is_good)
            give(&local, &local.workers[i]);
    }
    if (is_good)
        is_good = loop(&local, error);
    progress_end(local.progress);
    dismiss(&local);
    return is_good;
}
