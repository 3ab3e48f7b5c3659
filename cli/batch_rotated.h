/* batch_rotated.h
 * Files that one program wrote one after the other.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_BATCH_ROTATED_H
#define HANDSHARK_BATCH_ROTATED_H

#include <glib.h>

/** Join captures of one file each that are the files of one capture, by their names and what is in them:
 *  - dumpcap's (-b): NAME_00001_20240101120000.EXT, also with time and number the other way round;
 *  - tcpdump's (-C): NAME, NAME1, NAME2 ...; with -W: NAME0, NAME1 ..., or NAME00, NAME01 ..., where the
 *    oldest may have any number. Names like these are given for other reasons too: such files are joined only
 *    where all are there, of one kind, and none begins before the one before it ends.
 *  @param captures  struct batch_capture *, sorted by path; those that are joined become one */
void batch_join_rotated(GPtrArray *captures);

#endif
