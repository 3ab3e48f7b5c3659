/* files.c
 * Checks files that are read, and writes files beside their names.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "files.h"

#include "capture.h"
#include "cli.h"
#include "interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct output {
    char *name;   /* for messages */
    char *target; /* what is renamed to, links followed; NULL where written to directly */
    char *beside; /* what is written; NULL as above */
    FILE *stream;
    int error; /* of the first write that failed */
};

/* For errors of the system: "NAME: No such file or directory". */
static bool fail(GError **error, const char *name, int number)
{
    g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: %s", name, g_strerror(number));
    return false;
}

bool file_check_capture(const char *path, GError **error)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 || fstat(fd, &status) != 0) {
        int number = errno;

        if (fd >= 0)
            close(fd);
        return fail(error, path, number);
    }
    close(fd);
    if (S_ISDIR(status.st_mode))
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: is a folder, not a capture", path);
    else if (!S_ISREG(status.st_mode))
        g_set_error(error, CLI_ERROR, STATUS_FAILED,
                    "%s: is not a file; what comes from a pipe or a device has to be saved first",
                    path);
    else if (status.st_size == 0)
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: is empty", path);
    else
        return capture_check(path, error);
    return false;
}

bool file_is_same(const char *one, const char *other)
{
    struct stat first, second;

    return stat(one, &first) == 0 && stat(other, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

/* The name that a new file gets: links followed, for the last part of it may not be there yet. */
static char *resolve(const char *path)
{
    char *real = realpath(path, NULL);
    char *copy = g_strdup(real ? real : path);

    free(real);
    return copy;
}

/* A new file beside the target, with the permissions that one made by its name would have, or has. */
static FILE *open_beside(struct output *output, GError **error)
{
    char *folder = g_path_get_dirname(output->target);
    char *base = g_path_get_basename(output->target);
    struct stat status;
    mode_t mask = umask(0);
    mode_t mode = stat(output->target, &status) == 0 ? status.st_mode & 0777 : 0666 & ~mask;
    sigset_t before;
    int fd;

    umask(mask);
    output->beside = g_strdup_printf("%s/.%s.XXXXXX", folder, base);
    g_free(folder);
    g_free(base);
    interrupt_hold(&before);
    fd = mkostemp(output->beside, O_CLOEXEC);
    if (fd >= 0)
        interrupt_note_file(output->beside);
    interrupt_release(&before);
    if (fd < 0) {
        fail(error, output->name, errno);
        return NULL;
    }
    if (fchmod(fd, mode) != 0 || !(output->stream = fdopen(fd, "wb"))) {
        fail(error, output->name, errno);
        close(fd);
        unlink(output->beside);
        interrupt_forget_file(output->beside);
        return NULL;
    }
    return output->stream;
}

static void output_free(struct output *output)
{
    g_free(output->name);
    g_free(output->target);
    g_free(output->beside);
    g_free(output);
}

struct output *output_begin(const char *path, GError **error)
{
    struct output *output = g_new0(struct output, 1);
    struct stat status;
    bool is_there = stat(path, &status) == 0;

    output->name = g_strdup(strcmp(path, "-") == 0 ? "standard output" : path);
    if (strcmp(path, "-") == 0) {
        int fd = dup(STDOUT_FILENO);

        output->stream = fd < 0 ? NULL : fdopen(fd, "wb");
        if (!output->stream)
            fail(error, output->name, errno);
    } else if (is_there && S_ISDIR(status.st_mode)) {
        fail(error, path, EISDIR);
    } else if (is_there && !S_ISREG(status.st_mode)) {
        output->stream = fopen(path, "wbe");
        if (!output->stream)
            fail(error, path, errno);
    } else {
        output->target = resolve(path);
        open_beside(output, error);
    }
    if (output->stream)
        return output;
    output_free(output);
    return NULL;
}

int output_descriptor(struct output *output)
{
    return fileno(output->stream);
}

const char *output_name(const struct output *output)
{
    return output->name;
}

bool output_write(struct output *output, const void *data, size_t length)
{
    if (length > 0 && !output->error && fwrite(data, 1, length, output->stream) < length)
        output->error = errno ? errno : EIO;
    return !output->error;
}

bool output_finish(struct output *output, GError **error)
{
    if (!output->error && fflush(output->stream) != 0)
        output->error = errno;
    /* On the disk before it has the name: a machine that stops leaves the old file or the new one. */
    if (!output->error && output->beside && fsync(fileno(output->stream)) != 0)
        output->error = errno;
    if (output->error) {
        fail(error, output->name, output->error);
        output_abandon(output);
        return false;
    }
    if (fclose(output->stream) != 0 ||
        (output->beside && rename(output->beside, output->target) != 0)) {
        output->stream = NULL;
        fail(error, output->name, errno);
        output_abandon(output);
        return false;
    }
    if (output->beside)
        interrupt_forget_file(output->beside);
    output_free(output);
    return true;
}

void output_abandon(struct output *output)
{
    if (!output)
        return;
    if (output->stream)
        fclose(output->stream);
    if (output->beside) {
        unlink(output->beside);
        interrupt_forget_file(output->beside);
    }
    output_free(output);
}
