/* tshark_run.h
 * Finds tshark, makes sure that it has the plugin, and runs it.
 *
 * A tshark that runs is a process group of its own, which is ended when this program is (interrupt.h).
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_TSHARK_RUN_H
#define HANDSHARK_TSHARK_RUN_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/** A tshark that has this version's plugin. */
struct tshark;

/** Find tshark and ask it for its plugins.
 *  @param option  where it is, as --tshark has it, or NULL: then the PATH is searched
 *  @param error   set on failure, of CLI_ERROR: what is missing and how to get it
 *  @return to be freed with tshark_free(), or NULL */
struct tshark *tshark_find(const char *option, GError **error);

/** Free what tshark_find() returned. @param tshark may be NULL */
void tshark_free(struct tshark *tshark);

/** @return its path; owned by @p tshark. */
const char *tshark_path(const struct tshark *tshark);

/** @return what it calls itself, such as "TShark (Wireshark) 4.0.17 (Git v4.0.17 ...)"; owned by
 *  @p tshark, NULL if it does not say. Starts it once. */
const char *tshark_version(struct tshark *tshark);

/** A tshark that runs. */
struct tshark_run;

/** Start tshark, with no standard input.
 *  @param tshark     from tshark_find(); not needed after this
 *  @param arguments  ends with a NULL, without the program's name
 *  @param out        a file descriptor for its standard output, which stays the caller's; -1: read it with
 *                    tshark_read_line() or tshark_read()
 *  @param error      set on failure, of CLI_ERROR
 *  @return to be given to tshark_finish(), or NULL */
struct tshark_run *tshark_start(const struct tshark *tshark, const char *const *arguments, int out,
                                GError **error);

/** Start tshark likewise, with a standard input.
 *  @param in a file descriptor for it, which stays the caller's */
struct tshark_run *tshark_start_with_input(const struct tshark *tshark,
                                           const char *const *arguments, int in, int out,
                                           GError **error);

/** Start tshark likewise, to be read.
 *  @param arguments  of options_arguments(): strings, without a NULL; freed with g_ptr_array_unref() */
struct tshark_run *tshark_start_array(const struct tshark *tshark, GPtrArray *arguments,
                                      GError **error);

/** Read a line of its standard output.
 *  @param length  set to its length, the line end not counted
 *  @return the line, without its end, valid until the next call; NULL at the end */
char *tshark_read_line(struct tshark_run *run, size_t *length);

/** Read from its standard output, as read(). @return how many octets, 0 at the end */
size_t tshark_read(struct tshark_run *run, void *buffer, size_t size);

/** @return its process id, which is the id of its group too. */
pid_t tshark_process(const struct tshark_run *run);

/** How a tshark ended. */
struct tshark_end {
    int status; /**< its exit status; 128 + the signal that ended it */
    char *
        errors; /**< what it said on standard error, at most 64 KiB of it, without its name in front of each
                   *   line; "" for nothing; freed by tshark_end_clear() */
};

/** Wait for a tshark to end, after its output has been read.
 *  @param run  freed @param end filled in, to be cleared with tshark_end_clear() */
void tshark_finish(struct tshark_run *run, struct tshark_end *end);

/** End a tshark whose output is not wanted any more. @param run freed; may be NULL */
void tshark_stop(struct tshark_run *run);

/** Free what an end holds. */
void tshark_end_clear(struct tshark_end *end);

/** Make an error of an end, or of what tshark said though its status is 0.
 *  @param end    from tshark_finish()
 *  @param what   what the message begins with: the name of the capture
 *  @param error  set on false, of CLI_ERROR @return whether all went well */
bool tshark_check_end(const struct tshark_end *end, const char *what, GError **error);

#endif
