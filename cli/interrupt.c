/* interrupt.c
 * Undoes what is unfinished when a signal ends the program.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "interrupt.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const int SIGNALS[] = { SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM };

/* Changed only while the signals are held back: the handler reads them. */
static GArray *processes; /* of pid_t */
static GPtrArray *files;  /* of char * */

/* How long a child has to end by itself, in steps of 10 ms. */
enum { STEPS_OF_GRACE = 500 };

static void wait_for(pid_t child)
{
    const struct timespec step = { .tv_nsec = 10000000 };

    for (int i = 0; i < STEPS_OF_GRACE; i++) {
        pid_t ended = waitpid(child, NULL, WNOHANG);

        if (ended == child || (ended < 0 && errno == ECHILD))
            break;
        nanosleep(&step, NULL);
    }
    /* Those that are left, of its children too. */
    kill(-child, SIGKILL);
    waitpid(child, NULL, 0);
}

/* Calls only what POSIX allows in a handler (signal-safety(7)). */
static void undo(int number)
{
    sigset_t just_this;

    for (guint i = 0; i < processes->len; i++)
        kill(-g_array_index(processes, pid_t, i), SIGTERM);
    for (guint i = 0; i < files->len; i++)
        unlink(g_ptr_array_index(files, i));
    for (guint i = 0; i < processes->len; i++)
        wait_for(g_array_index(processes, pid_t, i));
    /* Die of it: whoever waits for us is to know. */
    signal(number, SIG_DFL);
    raise(number);
    sigemptyset(&just_this);
    sigaddset(&just_this, number);
    sigprocmask(SIG_UNBLOCK, &just_this, NULL);
    _exit(128 + number);
}

static void make_set(sigset_t *set)
{
    sigemptyset(set);
    for (guint i = 0; i < G_N_ELEMENTS(SIGNALS); i++)
        sigaddset(set, SIGNALS[i]);
}

void interrupt_catch(void)
{
    struct sigaction action = { .sa_handler = undo };

    processes = g_array_new(FALSE, FALSE, sizeof(pid_t));
    files = g_ptr_array_new_with_free_func(g_free);
    make_set(&action.sa_mask);
    for (guint i = 0; i < G_N_ELEMENTS(SIGNALS); i++) {
        struct sigaction now;

        if (sigaction(SIGNALS[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            sigaction(SIGNALS[i], &action, NULL);
    }
}

void interrupt_hold(sigset_t *before)
{
    sigset_t set;

    make_set(&set);
    sigprocmask(SIG_BLOCK, &set, before);
}

void interrupt_release(const sigset_t *before)
{
    sigprocmask(SIG_SETMASK, before, NULL);
}

void interrupt_note_process(pid_t leader)
{
    sigset_t before;

    interrupt_hold(&before);
    g_array_append_val(processes, leader);
    interrupt_release(&before);
}

void interrupt_forget_process(pid_t leader)
{
    sigset_t before;

    interrupt_hold(&before);
    for (guint i = 0; i < processes->len; i++)
        if (g_array_index(processes, pid_t, i) == leader) {
            g_array_remove_index_fast(processes, i);
            break;
        }
    interrupt_release(&before);
}

void interrupt_note_file(const char *path)
{
    sigset_t before;

    interrupt_hold(&before);
    g_ptr_array_add(files, g_strdup(path));
    interrupt_release(&before);
}

void interrupt_forget_file(const char *path)
{
    sigset_t before;

    interrupt_hold(&before);
    for (guint i = 0; i < files->len; i++)
        if (strcmp(g_ptr_array_index(files, i), path) == 0) {
            g_ptr_array_remove_index_fast(files, i);
            break;
        }
    interrupt_release(&before);
}

void interrupt_child_setup(void *unused)
{
    sigset_t none;

    (void)unused;
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    for (guint i = 0; i < G_N_ELEMENTS(SIGNALS); i++)
        signal(SIGNALS[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}
