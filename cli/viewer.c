/* viewer.c
 * Becomes a viewer.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "viewer.h"

#include "cli.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool is_picture(const char *format)
{
    return strcmp(format, "svg") == 0;
}

char *viewer_file(const char *format, GError **error)
{
    char *folder = g_build_filename(g_get_user_cache_dir(), PROGRAM, NULL);
    char *file = NULL;

    if (g_mkdir_with_parents(folder, 0700) == 0)
        file = g_build_filename(folder, is_picture(format) ? "ladder.svg" : "ladder.txt", NULL);
    else
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: %s", folder, g_strerror(errno));
    g_free(folder);
    return file;
}

/* Such a variable may hold options too: "less -S". */
static char **parse_command(const char *format, const char *path, GError **error)
{
    const char *command = g_getenv("HANDSHARK_VIEWER");
    char *quoted = g_shell_quote(path);
    char *line;
    char **words = NULL;

    if (!command || !*command)
        command = is_picture(format) ? "xdg-open" : g_getenv("PAGER");
    if (!command || !*command)
        command = "less";
    line = g_strconcat(command, " ", quoted, NULL);
    g_shell_parse_argv(line, NULL, &words, error);
    g_free(line);
    g_free(quoted);
    return words;
}

bool viewer_become(const char *path, const char *format, GError **error)
{
    GError *problem = NULL;
    char **words = parse_command(format, path, &problem);

    if (words)
        execvp(words[0], words);
    g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: cannot be shown by %s: %s", path,
                words ? words[0] : "a viewer", words ? g_strerror(errno) : problem->message);
    g_clear_error(&problem);
    g_strfreev(words);
    return false;
}
