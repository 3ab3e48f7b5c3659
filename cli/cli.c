/* cli.c
 * Errors and messages.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

G_DEFINE_QUARK(handshark - cli - error, cli_error)

void cli_say(const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    fprintf(stderr, PROGRAM ": %s\n", text);
    g_free(text);
}

int cli_fail(GError *error)
{
    int status = error->domain == CLI_ERROR ? error->code : STATUS_FAILED;

    cli_say("%s", error->message);
    g_error_free(error);
    return status;
}

int cli_try_help(const char *command)
{
    cli_say("try: " PROGRAM " %s --help", command);
    return STATUS_WRONG_USE;
}

int cli_help(const char *text)
{
    fputs(text, stdout);
    return cli_finish_output(STATUS_OK);
}

int cli_finish_output(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    cli_say("standard output: %s", errno ? g_strerror(errno) : "not all could be written");
    return STATUS_FAILED;
}
