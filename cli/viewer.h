/* viewer.h
 * Shows a file in a program that the user has for it.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_VIEWER_H
#define HANDSHARK_VIEWER_H

#include <glib.h>
#include <stdbool.h>

/** A name for a file that is only to be looked at: in the user's folder for caches, the same each time. It stays
 *  there, for a viewer may read it later.
 *  @param format  "svg" or another @param error set on failure, of CLI_ERROR
 *  @return to be freed with g_free(), or NULL */
char *viewer_file(const char *format, GError **error);

/** Become the program that shows a file: $HANDSHARK_VIEWER if that is set, or else xdg-open for a picture, $PAGER
 *  or less for text. Does not return where that can be started.
 *  @param format  "svg" or another @param error set on return, of CLI_ERROR @return false */
bool viewer_become(const char *path, const char *format, GError **error);

#endif
