/* compat.h
 * What differs between the releases of Wireshark; nothing else names one.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_COMPAT_H
#define HANDSHARK_COMPAT_H

#include <stdbool.h>
#include <ws_version.h>

#define COMPAT_AT_LEAST(major, minor)     \
    (WIRESHARK_VERSION_MAJOR > (major) || \
     (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

/** From 4.2 on a plugin says what it is (doc/README.plugins). */
#if COMPAT_AT_LEAST(4, 2)
#include <wsutil/plugins.h>
#define COMPAT_PLUGIN_DESCRIBES_ITSELF
#endif

/** What a truth value of Wireshark's is: a preference's, a heuristic dissector's. */
#if COMPAT_AT_LEAST(4, 2)
typedef bool compat_bool;
#else
typedef int compat_bool; /* GLib's gboolean */
#endif

/** Until 4.2 an item holds its value itself, and its layout is open. From then on the value is opaque, and
 *  tshark makes only the fields that `-T fields` is asked for, so that less is to be gained. */
#if !COMPAT_AT_LEAST(4, 2)
#define COMPAT_ITEMS_CAN_BE_COPIED
#endif

/** What the function that begins a statistic (`-z`) returns: from 4.6 on, whether it could. */
#if COMPAT_AT_LEAST(4, 6)
typedef bool compat_tap_init;
#define COMPAT_TAP_INIT_RETURN(has_begun) return (has_begun)
#else
typedef void compat_tap_init;
#define COMPAT_TAP_INIT_RETURN(has_begun) ((void)(has_begun))
#endif

/** For programs that copy captures by libwiretap. Until 4.2 the names of a capture are told one by one while it is
 *  read, and are written as a list; from then on the blocks that hold them are kept, and the writer knows
 *  which interface a packet's number means where a capture has several sections. */
#if !COMPAT_AT_LEAST(4, 2)
#define COMPAT_NAMES_ARE_TOLD
#define COMPAT_SECTIONS_ARE_NOT_MAPPED
#endif

/** From 4.6 on a record holds its data too. */
#if COMPAT_AT_LEAST(4, 6)
#define COMPAT_RECORD_HOLDS_DATA
#endif

/** What the functions of a conversation filter are called with, and how it is registered. */
#if COMPAT_AT_LEAST(4, 2)
#define COMPAT_FILTER_PARAMETERS struct _packet_info *pinfo, void *user_data G_GNUC_UNUSED
#define COMPAT_REGISTER_CONVERSATION_FILTER(protocol, title, is_valid, build) \
    register_conversation_filter(protocol, title, is_valid, build, NULL)
#else
#define COMPAT_FILTER_PARAMETERS struct _packet_info *pinfo
#define COMPAT_REGISTER_CONVERSATION_FILTER(protocol, title, is_valid, build) \
    register_conversation_filter(protocol, title, is_valid, build)
#endif

#endif
