/* batch_process.c
 * Starts programs other than tshark, and this one.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "batch.h"

#include "cli.h"
#include "interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void close_pair(int pair[2])
{
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
}

bool batch_process_start(struct batch_process *process, char **words, bool has_in, bool has_out,
                         GError **error)
{
    int in[2] = { -1, -1 }, out[2] = { -1, -1 };
    GError *problem = NULL;
    sigset_t before;
    bool is_started = false;

    if ((has_in && pipe2(in, O_CLOEXEC) != 0) || (has_out && pipe2(out, O_CLOEXEC) != 0)) {
        g_set_error(&problem, CLI_ERROR, STATUS_FAILED, "%s", g_strerror(errno));
    } else {
        interrupt_hold(&before);
        is_started = g_spawn_async_with_fds(NULL, words, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
                                            interrupt_child_setup, NULL, &process->id, in[0],
                                            has_out ? out[1] : -1, -1, &problem);
        if (is_started) {
            setpgid(process->id, process->id);
            interrupt_note_process(process->id);
        }
        interrupt_release(&before);
    }
    if (!is_started) {
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: %s", words[0], problem->message);
        g_error_free(problem);
        close_pair(in);
        close_pair(out);
        return false;
    }
    if (in[0] >= 0)
        close(in[0]);
    if (out[1] >= 0)
        close(out[1]);
    process->in = in[1];
    process->out = out[0];
    return true;
}

int batch_process_wait(struct batch_process *process)
{
    int status = 0;

    if (process->in >= 0)
        close(process->in);
    if (process->out >= 0)
        close(process->out);
    process->in = process->out = -1;
    while (waitpid(process->id, &status, 0) < 0 && errno == EINTR)
        continue;
    interrupt_forget_process(process->id);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

char *batch_own_path(void)
{
    static const char GONE[] =
        " (deleted)"; /* of a program that was replaced meanwhile (proc(5)) */
    GError *error = NULL;
    char *path = g_file_read_link("/proc/self/exe", &error);

    if (!path) {
        g_error_free(error);
        path = g_strdup(PROGRAM);
    } else if (g_str_has_suffix(path, GONE) && !g_file_test(path, G_FILE_TEST_EXISTS)) {
        path[strlen(path) - strlen(GONE)] = '\0';
    }
    return path;
}
