/* files.h
 * Files that are read and written: checked before, and either whole or not there.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_FILES_H
#define HANDSHARK_FILES_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

/** Is this a file that can be read as a capture? Says what is wrong with one that is missing, a folder,
 *  unreadable, empty, or of no kind that Wireshark's library knows as a capture.
 *  @param path   its name, `-` is none @param error set on false, of CLI_ERROR */
bool file_check_capture(const char *path, GError **error);

/** @return whether both names are the same file, by whatever links. */
bool file_is_same(const char *one, const char *other);

/** A file being written beside its name, which it gets when it is whole. */
struct output;

/** Begin a file. It is written as a new file in the same folder; what the name stands for until now stays
 *  until output_finish(). A device or pipe is written to directly, `-` is standard output.
 *  A symbolic link stays: what it points to is replaced.
 *  @param path   the name @param error set on failure, of CLI_ERROR
 *  @return to be given to output_finish() or output_abandon(), or NULL */
struct output *output_begin(const char *path, GError **error);

/** Write. What fails is said by output_finish(); after that nothing more is written.
 *  @return whether it could be @param data octets @param length how many */
bool output_write(struct output *output, const void *data, size_t length);

/** @return the file descriptor, for those who write without output_write(); owned by @p output. */
int output_descriptor(struct output *output);

/** @return the name to use in messages; owned by @p output. */
const char *output_name(const struct output *output);

/** Finish a file and give it its name. Nothing is left where that fails: the name stands for what it stood
 *  for before.
 *  @param output freed either way @param error set on false, of CLI_ERROR */
bool output_finish(struct output *output, GError **error);

/** Remove what has been written. @param output freed; may be NULL */
void output_abandon(struct output *output);

#endif
