/* output.h
 * A file that a statistic writes: it is there whole, or it is not there. What is written goes into a file
 * beside it, which takes its name at the end.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_OUTPUT_H
#define HANDSHARK_OUTPUT_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

struct output;

/** Whether a file can be written, as far as can be said beforehand.
 *  @param name   the file; "-" is standard output
 *  @param error  set where not, to a G_FILE_ERROR whose message says which file and why */
bool output_check(const char *name, GError **error);

/** Begin to write. What is no ordinary file (a device, a pipe) is written at once.
 *  @param name   the file; "-" is standard output
 *  @param error  as output_check()
 *  @return for output_close() or output_abandon(); NULL: an error */
struct output *output_open(const char *name, GError **error);

/** @return where to write to; whether that succeeds is asked by output_close() alone. */
FILE *output_stream(const struct output *output);

/** Put the file in its place.
 *  @param output  freed in any case
 *  @param error   as output_check()
 *  @return whether all of it was written; if not, nothing of it is left, and what stood there before is
 *          as it was */
bool output_close(struct output *output, GError **error);

/** Leave nothing of the file. @param output is freed; may be NULL. */
void output_abandon(struct output *output);

#endif
