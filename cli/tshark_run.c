/* tshark_run.c
 * Starts, reads and ends tshark.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tshark_run.h"

#include "cli.h"
#include "interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PLUGIN "handshark.so"

/** How much of a tshark's standard error is kept. */
#define ERRORS_MAX ((size_t)64 << 10)

struct tshark {
    char *path;
    char *version;
};

struct tshark_run {
    pid_t process;
    FILE *out;  /* NULL where it went to the caller's file */
    int errors; /* a file without a name, so that nobody has to read along */
    char *line;
    size_t line_size;
};

/* Finding ------------------------------------------------------------------------------------- */

static void fail_without_plugin(const struct tshark *tshark, const char *found, GError **error)
{
    g_set_error(
        error, CLI_ERROR, STATUS_FAILED,
        "%s %s%s, and the plugin handshark " HANDSHARK_VERSION " is needed.\n"
        "  To install it for this user: cmake --build build/release --target install-personal,\n"
        "  or copy its handshark.so to the subfolder epan of the folder that `%s -G folders` "
        "calls\n"
        "  Personal Plugins. It has to be built for the same Wireshark, such as 4.0 or 4.4; as "
        "root,\n"
        "  only Global Plugins are loaded. Another tshark: --tshark PATH.",
        tshark->path, found ? "has the plugin handshark " : "has no plugin handshark",
        found ? found : "", tshark->path);
}

/* The version in a line of `tshark -G plugins`: NAME, VERSION, KIND, PATH with tabs between; NULL for
 * other plugins' lines. */
static char *version_of_plugin(const char *line)
{
    char **fields = g_strsplit(line, "\t", 3);
    char *version = NULL;

    if (fields[0] && strcmp(g_strchomp(fields[0]), PLUGIN) == 0 && fields[1])
        version = g_strdup(g_strstrip(fields[1]));
    g_strfreev(fields);
    return version;
}

/* A plugin that cannot be loaded is no error for tshark: it is looked for in the list of those that are. */
static bool check_plugin(const struct tshark *tshark, GError **error)
{
    static const char *const ARGUMENTS[] = { "-G", "plugins", NULL };
    struct tshark_run *run = tshark_start(tshark, ARGUMENTS, -1, error);
    struct tshark_end end;
    char *version = NULL;
    const char *line;
    size_t length;
    bool is_right;

    if (!run)
        return false;
    while ((line = tshark_read_line(run, &length)))
        if (!version)
            version = version_of_plugin(line);
    tshark_finish(run, &end);
    is_right = tshark_check_end(&end, tshark->path, error);
    if (is_right && (!version || strcmp(version, HANDSHARK_VERSION) != 0)) {
        fail_without_plugin(tshark, version, error);
        is_right = false;
    }
    g_free(version);
    tshark_end_clear(&end);
    return is_right;
}

struct tshark *tshark_find(const char *option, GError **error)
{
    struct tshark *tshark = g_new0(struct tshark, 1);

    tshark->path = g_find_program_in_path(option ? option : "tshark");
    if (tshark->path && check_plugin(tshark, error))
        return tshark;
    if (!tshark->path && option)
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: no such program", option);
    else if (!tshark->path)
        g_set_error(
            error, CLI_ERROR, STATUS_FAILED,
            "tshark is not installed (Debian: apt-get install tshark), or not in the PATH: then "
            "--tshark PATH says where it is");
    tshark_free(tshark);
    return NULL;
}

void tshark_free(struct tshark *tshark)
{
    if (!tshark)
        return;
    g_free(tshark->path);
    g_free(tshark->version);
    g_free(tshark);
}

const char *tshark_path(const struct tshark *tshark)
{
    return tshark->path;
}

const char *tshark_version(struct tshark *tshark)
{
    static const char *const ARGUMENTS[] = { "--version", NULL };
    struct tshark_run *run;
    struct tshark_end end;
    const char *line;
    size_t length;

    if (tshark->version || !(run = tshark_start(tshark, ARGUMENTS, -1, NULL)))
        return tshark->version;
    while ((line = tshark_read_line(run, &length)))
        if (!tshark->version && length > 0)
            tshark->version = g_strdup(line);
    tshark_finish(run, &end);
    tshark_end_clear(&end);
    if (tshark->version && g_str_has_suffix(tshark->version, "."))
        tshark->version[strlen(tshark->version) - 1] = '\0';
    return tshark->version;
}

/* Running -------------------------------------------------------------------------------------- */

/* tshark's own environment: -G plugins would start every capture helper to ask for its version. */
static char **make_environment(void)
{
    return g_environ_setenv(g_get_environ(), "WIRESHARK_EXTCAP_DIR", "/nonexistent", TRUE);
}

static char **make_arguments(const struct tshark *tshark, const char *const *arguments)
{
    GPtrArray *all = g_ptr_array_new();

    g_ptr_array_add(all, tshark->path);
    for (; *arguments; arguments++)
        g_ptr_array_add(all, (void *)*arguments);
    g_ptr_array_add(all, NULL);
    return (char **)g_ptr_array_free(all, FALSE);
}

/* The child is noted before a signal can come that would leave it behind. */
static bool spawn(struct tshark_run *run, char **arguments, int in, int out, GError **error)
{
    char **environment = make_environment();
    sigset_t before;
    bool is_started;

    interrupt_hold(&before);
    is_started = g_spawn_async_with_fds(NULL, arguments, environment, G_SPAWN_DO_NOT_REAP_CHILD,
                                        interrupt_child_setup, NULL, &run->process, in, out,
                                        run->errors, error);
    if (is_started) {
        setpgid(run->process, run->process); /* whoever is first, it or we */
        interrupt_note_process(run->process);
    }
    interrupt_release(&before);
    g_strfreev(environment);
    return is_started;
}

struct tshark_run *tshark_start(const struct tshark *tshark, const char *const *arguments, int out,
                                GError **error)
{
    return tshark_start_with_input(tshark, arguments, -1, out, error);
}

struct tshark_run *tshark_start_with_input(const struct tshark *tshark,
                                           const char *const *arguments, int in, int out,
                                           GError **error)
{
    struct tshark_run *run = g_new0(struct tshark_run, 1);
    char **all = make_arguments(tshark, arguments);
    GError *problem = NULL;
    int ends[2] = { -1, -1 };

    run->errors = memfd_create("errors", MFD_CLOEXEC);
    if (run->errors < 0 || (out < 0 && pipe2(ends, O_CLOEXEC) != 0)) {
        g_set_error(&problem, CLI_ERROR, STATUS_FAILED, "%s: %s", tshark->path, g_strerror(errno));
    } else if (!spawn(run, all, in, out < 0 ? ends[1] : out, &problem)) {
        problem->domain = CLI_ERROR;
        problem->code = STATUS_FAILED;
        g_prefix_error(&problem, "%s: ", tshark->path);
    }
    g_free(all);
    if (ends[1] >= 0)
        close(ends[1]);
    if (!problem) {
        run->out = ends[0] >= 0 ? fdopen(ends[0], "rb") : NULL;
        return run;
    }
    g_propagate_error(error, problem);
    if (ends[0] >= 0)
        close(ends[0]);
    if (run->errors >= 0)
        close(run->errors);
    g_free(run);
    return NULL;
}

struct tshark_run *tshark_start_array(const struct tshark *tshark, GPtrArray *arguments,
                                      GError **error)
{
    struct tshark_run *run;

    g_ptr_array_add(arguments, NULL);
    run = tshark_start(tshark, (const char *const *)arguments->pdata, -1, error);
    g_ptr_array_unref(arguments);
    return run;
}

char *tshark_read_line(struct tshark_run *run, size_t *length)
{
    ssize_t got = getline(&run->line, &run->line_size, run->out);

    if (got < 0)
        return NULL;
    if (got > 0 && run->line[got - 1] == '\n')
        run->line[--got] = '\0';
    *length = (size_t)got;
    return run->line;
}

size_t tshark_read(struct tshark_run *run, void *buffer, size_t size)
{
    return fread(buffer, 1, size, run->out);
}

pid_t tshark_process(const struct tshark_run *run)
{
    return run->process;
}

/* What is no news: as root tshark warns of itself each time. */
static bool is_idle(const char *line)
{
    return *line == '\0' || g_str_has_prefix(line, "Running as user \"root\"");
}

static char *read_errors(int fd)
{
    GString *text = g_string_new(NULL);
    char *all = g_malloc(ERRORS_MAX + 1);
    ssize_t got = pread(fd, all, ERRORS_MAX, 0);
    char **lines;

    all[got > 0 ? got : 0] = '\0';
    lines = g_strsplit(all, "\n", -1);
    for (char **line = lines; *line; line++) {
        const char *rest = *line + (g_str_has_prefix(*line, "tshark: ") ? strlen("tshark: ") : 0);

        if (!is_idle(rest))
            g_string_append_printf(text, "%s%s", text->len > 0 ? "\n" : "", rest);
        if (strstr(rest, "Invalid -z argument")) /* what follows are all that there are */
            break;
    }
    g_strfreev(lines);
    g_free(all);
    return g_string_free(text, FALSE);
}

static int wait_for(pid_t process)
{
    int status = 0;

    while (waitpid(process, &status, 0) < 0 && errno == EINTR)
        continue;
    interrupt_forget_process(process);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void tshark_finish(struct tshark_run *run, struct tshark_end *end)
{
    if (run->out)
        fclose(run->out);
    end->status = wait_for(run->process);
    end->errors = read_errors(run->errors);
    close(run->errors);
    free(run->line);
    g_free(run);
}

void tshark_stop(struct tshark_run *run)
{
    struct tshark_end end;

    if (!run)
        return;
    kill(-run->process, SIGTERM);
    tshark_finish(run, &end);
    tshark_end_clear(&end);
}

void tshark_end_clear(struct tshark_end *end)
{
    g_free(end->errors);
    end->errors = NULL;
}

bool tshark_check_end(const struct tshark_end *end, const char *what, GError **error)
{
    if (end->status == 0)
        return true;
    if (end->status > 128)
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: tshark was ended by a signal: %s%s%s",
                    what, g_strsignal(end->status - 128), *end->errors ? "\n" : "", end->errors);
    else if (*end->errors)
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: %s", what, end->errors);
    else
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: tshark failed, with exit status %d", what,
                    end->status);
    return false;
}
