/* capture.h
 * Captures as Wireshark's own library reads them.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_CAPTURE_H
#define HANDSHARK_CAPTURE_H

#include <glib.h>
#include <stdbool.h>

/** Is this a capture, by its content? Wireshark's library opens texts, pictures and other documents too, as
 *  one packet that holds them: these are none.
 *  @param path   a regular file @param error set on false, of CLI_ERROR */
bool capture_check(const char *path, GError **error);

#endif
