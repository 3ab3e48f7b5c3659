/* output.c
 * A file that a statistic writes.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _XOPEN_SOURCE 700 /* realpath(), fchmod() */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW_FILE_MODE 0666 /* less the umask */
#define MODE_BITS     0777

struct output {
    char *name;   /* as it was given, for messages */
    char *path;   /* the file itself, links followed */
    char *beside; /* what is written in its place; NULL: it is written itself */
    FILE *stream;
};

static bool fail(GError **error, const char *name, int code)
{
    g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(code), "%s: %s", name,
                g_strerror(code));
    return false;
}

static bool is_standard(const char *name)
{
    return g_strcmp0(name, "-") == 0;
}

/* The file that a name leads to; the name, where there is none. */
static char *follow_links(const char *name)
{
    char path[PATH_MAX];

    return g_strdup(realpath(name, path) ? path : name);
}

static bool check_folder_of(const char *name, GError **error)
{
    char *path = follow_links(name);
    char *folder = g_path_get_dirname(path);
    bool is_good = g_access(folder, W_OK | X_OK) == 0 || fail(error, name, errno);

    g_free(folder);
    g_free(path);
    return is_good;
}

bool output_check(const char *name, GError **error)
{
    GStatBuf status;

    if (is_standard(name))
        return true;
    if (g_stat(name, &status) != 0)
        return errno == ENOENT ? check_folder_of(name, error) : fail(error, name, errno);
    if (S_ISDIR(status.st_mode))
        return fail(error, name, EISDIR);
    if (g_access(name, W_OK) != 0)
        return fail(error, name, errno);
    return !S_ISREG(status.st_mode) || check_folder_of(name, error);
}

/* The file beside, with the mode of the file that it replaces. Returns -1 and errno on failure. */
static int make_beside(struct output *output, const GStatBuf *replaced)
{
    char *folder = g_path_get_dirname(output->path);
    int file;

    output->beside = g_build_filename(folder, ".handshark-XXXXXX", NULL);
    g_free(folder);
    file = g_mkstemp_full(output->beside, O_WRONLY | O_CLOEXEC, NEW_FILE_MODE);
    if (file < 0) {
        g_free(output->beside);
        output->beside = NULL;
    } else if (replaced && fchmod(file, replaced->st_mode & MODE_BITS) != 0) {
        int code = errno;

        close(file);
        errno = code;
        return -1;
    }
    return file;
}

static void free_output(struct output *output)
{
    g_free(output->name);
    g_free(output->path);
    g_free(output->beside);
    g_free(output);
}

/* Close the file, and remove what is beside it. */
static void drop(struct output *output)
{
    if (output->stream && output->stream != stdout)
        fclose(output->stream);
    if (output->beside)
        g_unlink(output->beside);
    free_output(output);
}

struct output *output_open(const char *name, GError **error)
{
    struct output *output = g_new0(struct output, 1);
    GStatBuf status;
    bool exists;
    int file;

    output->name = g_strdup(name);
    if (is_standard(name)) {
        output->stream = stdout;
        return output;
    }
    output->path = follow_links(name);
    exists = g_stat(output->path, &status) == 0;
    if (exists && !S_ISREG(status.st_mode))
        file = g_open(output->path, O_WRONLY | O_CLOEXEC, 0);
    else
        file = make_beside(output, exists ? &status : NULL);
    if (file < 0 || !(output->stream = fdopen(file, "w"))) {
        fail(error, name, errno);
        if (file >= 0)
            close(file);
        drop(output);
        return NULL;
    }
    return output;
}

FILE *output_stream(const struct output *output)
{
    return output->stream;
}

/* Whether all that was written is out. Returns 0, or what went wrong. */
static int finish_stream(struct output *output)
{
    FILE *stream = output->stream;
    int code = 0;

    errno = 0;
    if (fflush(stream) != 0 || ferror(stream))
        code = errno ? errno : EIO;
    output->stream = NULL;
    if (stream == stdout)
        clearerr(stream);
    else if (fclose(stream) != 0 && code == 0)
        code = errno;
    return code;
}

bool output_close(struct output *output, GError **error)
{
    int code = finish_stream(output);

    if (code == 0 && output->beside && g_rename(output->beside, output->path) != 0)
        code = errno;
    if (code != 0) {
        fail(error, output->name, code);
        drop(output);
        return false;
    }
    free_output(output);
    return true;
}

void output_abandon(struct output *output)
{
    if (output)
        drop(output);
}
