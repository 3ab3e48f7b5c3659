/* compat.h
 * What differs between the releases of Wireshark; nothing else names one.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_COMPAT_H
#define HANDSHARK_COMPAT_H

#include <ws_version.h>

#define COMPAT_AT_LEAST(major, minor)     \
    (WIRESHARK_VERSION_MAJOR > (major) || \
     (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

/** From 4.2 on a plugin says what it is (doc/README.plugins). */
#if COMPAT_AT_LEAST(4, 2)
#include <wsutil/plugins.h>
#define COMPAT_PLUGIN_DESCRIBES_ITSELF
#endif

#endif
