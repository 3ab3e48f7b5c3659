/* batch_progress.c
 * Says how far a batch is.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "batch_progress.h"

#include "cli.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

/** Cells of the bar. */
enum { CELLS = 30 };

/** How often a line is said where there is no terminal, in parts of the whole. */
enum { LINES = 10 };

struct progress {
    unsigned units, done, failed, lines;
    uint64_t cost, cost_done;
    int64_t begin;
    bool is_terminal;
};

struct progress *progress_begin(unsigned units, uint64_t cost)
{
    struct progress *progress = g_new0(struct progress, 1);
    const char *terminal = g_getenv("TERM");

    progress->units = units;
    progress->cost = MAX(cost, 1);
    progress->begin = g_get_monotonic_time();
    progress->is_terminal = isatty(STDERR_FILENO) && g_strcmp0(terminal, "dumb") != 0;
    progress_tick(progress);
    return progress;
}

static char *time_text(double seconds)
{
    unsigned whole = (unsigned)(seconds + 0.5);

    if (whole >= 3600)
        return g_strdup_printf("%u h %02u min", whole / 3600, whole / 60 % 60);
    if (whole >= 60)
        return g_strdup_printf("%u min %02u s", whole / 60, whole % 60);
    return g_strdup_printf("%u s", whole);
}

/* "12 of 100, 3.4 a second, 26 s left, 1 failed" */
static char *tell(const struct progress *progress)
{
    double elapsed = (double)(g_get_monotonic_time() - progress->begin) / G_USEC_PER_SEC;
    double share = (double)progress->cost_done / (double)progress->cost;
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "%u of %u", progress->done, progress->units);
    if (progress->done > 0 && elapsed > 0)
        g_string_append_printf(text, ", %.1f a second", progress->done / elapsed);
    if (share > 0 && progress->done < progress->units) {
        char *left = time_text(elapsed / share - elapsed);

        g_string_append_printf(text, ", %s left", left);
        g_free(left);
    }
    if (progress->failed > 0)
        g_string_append_printf(text, ", %u failed", progress->failed);
    return g_string_free(text, FALSE);
}

void progress_tick(struct progress *progress)
{
    unsigned full = (unsigned)((double)progress->cost_done / (double)progress->cost * CELLS);
    char *text;

    if (!progress->is_terminal)
        return;
    text = tell(progress);
    fprintf(stderr, "\r[%.*s%.*s] %s\033[K", (int)MIN(full, CELLS),
            "##############################", (int)(CELLS - MIN(full, CELLS)),
            "..............................", text);
    fflush(stderr);
    g_free(text);
}

static void clear(const struct progress *progress)
{
    if (progress->is_terminal)
        fputs("\r\033[K", stderr);
}

void progress_step(struct progress *progress, uint64_t cost, const char *name, const char *problem)
{
    unsigned lines;

    progress->done++;
    progress->cost_done += cost;
    if (problem) {
        progress->failed++;
        clear(progress);
        cli_say("%s: %s", name, problem);
    }
    progress_tick(progress);
    lines = (unsigned)((uint64_t)progress->done * LINES / MAX(progress->units, 1));
    if (!progress->is_terminal && lines > progress->lines) {
        char *text = tell(progress);

        cli_say("%s", text);
        g_free(text);
        progress->lines = lines;
    }
}

void progress_end(struct progress *progress)
{
    clear(progress);
    g_free(progress);
}
