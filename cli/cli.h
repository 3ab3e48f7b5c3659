/* cli.h
 * What the commands of handshark share: exit codes, errors, messages.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_CLI_H
#define HANDSHARK_CLI_H

#include <glib.h>

#define PROGRAM "handshark"

/** Exit codes, and the codes of GErrors in CLI_ERROR. */
enum { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_WRONG_USE = 2 };

/** The domain of all GErrors of this program. The code is the exit code that the error asks for. */
#define CLI_ERROR (cli_error_quark())
GQuark cli_error_quark(void);

/** Say something on standard error, after "handshark: " and with a line end.
 *  @param format as for printf() */
void cli_say(const char *format, ...) G_GNUC_PRINTF(1, 2);

/** Say an error, and free it.
 *  @return the exit code that it asks for @param error of CLI_ERROR, not NULL */
int cli_fail(GError *error);

/** Say how the command is called, after getopt has complained.
 *  @return STATUS_WRONG_USE @param command its name */
int cli_try_help(const char *command);

/** Write a help text. @return STATUS_OK, or STATUS_FAILED where standard output takes no more */
int cli_help(const char *text);

/** Flush standard output, and complain where not all of what was written could be.
 *  @return @p status, or STATUS_FAILED */
int cli_finish_output(int status);

#endif
