/* capture_split.h
 * A capture split by conversation: which frame goes to which part, and a part as a capture of its own.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_CAPTURE_SPLIT_H
#define HANDSHARK_CAPTURE_SPLIT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** The most parts: the number of one is an octet, and one says that a frame is in none. */
enum { CAPTURE_PARTS_MAX = 255 };

/** Split a capture into parts of about as many frames, so that all that tells of one conversation lies in one part.
 *  @param paths  char *: its files, in order
 *  @param parts  how many; some may be empty
 *  @param map    the file to write, beside and renamed: for each frame, in which part it is. Where the capture cannot
 *                be split, it says why in place of that
 *  @param error  set on false, of CLI_ERROR: the map cannot be written, or a file not be opened */
bool capture_split(const GPtrArray *paths, unsigned parts, const char *map, GError **error);

/** Read what was made of a capture.
 *  @param map     a file that capture_split() wrote
 *  @param parts   set to how many parts there are; 0: it cannot be split
 *  @param reason  set to why not, for people, to be freed with g_free(); otherwise NULL
 *  @return whether there is such a file */
bool capture_split_read(const char *map, unsigned *parts, char **reason);

/** @return how many frames are in a part. @param map as above */
uint32_t capture_split_frames(const char *map, unsigned part);

/** Write a part as pcapng.
 *  @param paths  as for capture_split() @param map what it wrote
 *  @param part   which, from 0 @param fd where to: any kind of file, closed
 *  @param error  set on false, of CLI_ERROR */
bool capture_split_write(const GPtrArray *paths, const char *map, unsigned part, int fd,
                         GError **error);

#endif
