/* commands.h
 * The sub-commands, of which main.c has a table.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_COMMANDS_H
#define HANDSHARK_COMMANDS_H

/** A command: reads its own options (with getopt; --help among them) and does its work.
 *  @param argc arguments, the name included @param argv argv[0] is "handshark NAME", ends with a NULL
 *  @return the exit code */
int table_command(int argc, char **argv);

/** As table_command(). */
int segments_command(int argc, char **argv);

/** As table_command(). */
int ladder_command(int argc, char **argv);

/** As table_command(). */
int explain_command(int argc, char **argv);

/** As table_command(). */
int annotate_command(int argc, char **argv);

/** As table_command(). */
int batch_command(int argc, char **argv);

#endif
