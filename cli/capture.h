/* capture.h
 * Captures as Wireshark's own library (libwiretap) reads and writes them.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_CAPTURE_H
#define HANDSHARK_CAPTURE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "files.h"

/** Is this a capture, by its content? Wireshark's library opens texts, pictures and other documents too, as
 *  one packet that holds them: these are none.
 *  @param path   a regular file @param error set on false, of CLI_ERROR */
bool capture_check(const char *path, GError **error);

/** @return whether an error of capture_check() says that the file is no capture, and not that one cannot be
 *  read. */
bool capture_is_none(const GError *error);

/** Is a file that nobody said is a capture one? Some formats have no mark of their own, and texts and tables look
 *  like them: a file of a kind other than libpcap's and pcapng has to be readable to its end, too.
 *  @param path a file that capture_check() takes for a capture */
bool capture_is_certain(const char *path);

/** What is in a capture, as far as it tells whether captures were written one after the other. */
struct capture_times {
    int kind;      /**< of file */
    int link_type; /**< of the packets */
    int64_t first; /**< when the earliest packet was captured, nanoseconds since 1970 */
    int64_t last;  /**< and the latest */
};

/** Read a capture through for its times.
 *  @param times filled in @return whether it could be read to the end, and has packets */
bool capture_read_times(const char *path, struct capture_times *times);

/** A capture that has been read once, to know all that is to stand before its packets in a copy: interfaces,
 *  names and secrets may come anywhere in a pcapng file. */
struct capture;

/** Read a capture from beginning to end.
 *  @param path   a regular file
 *  @param error  set on failure, of CLI_ERROR: it cannot be opened, or memory would be exceeded
 *  @return to be freed with capture_close(), or NULL */
struct capture *capture_open(const char *path, GError **error);

/** @return how many records (packets and what else Wireshark numbers as frames) could be read. */
uint32_t capture_records(const struct capture *capture);

/** @return what is wrong with its end, for people, or NULL where it could be read to the end; owned by
 *  @p capture. What comes before that is good. */
const char *capture_damage(const struct capture *capture);

/** Says which comments a packet gets.
 *  @param data   what capture_copy() was given @param frame its number, from 1
 *  @return texts with CAPTURE_NEXT_COMMENT between, or NULL for none */
typedef const char *capture_comments_of(void *data, uint32_t frame);

/** Between two comments of a packet: no text has it. */
#define CAPTURE_NEXT_COMMENT '\x1f'

/** Write a capture again as pcapng, with comments.
 *  @param capture   all of its records that could be read
 *  @param output    where to
 *  @param prefix    what the comments begin with: those that a packet has with this prefix are removed
 *  @param comments  asked for each packet's comments; they get the prefix @param data for it
 *  @param error     set on false, of CLI_ERROR: what cannot be read, or not be written, and why */
bool capture_copy(struct capture *capture, struct output *output, const char *prefix,
                  capture_comments_of *comments, void *data, GError **error);

/** Free what capture_open() returned. @param capture may be NULL */
void capture_close(struct capture *capture);

#endif
