/* compat.h
 * What differs between the releases of Wireshark; nothing else names one.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_COMPAT_H
#define HANDSHARK_COMPAT_H

#include <epan/proto.h>
#include <ws_version.h>

#define COMPAT_AT_LEAST(major, minor)                                                              \
    (WIRESHARK_VERSION_MAJOR > (major) ||                                                          \
     (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

/** The value of an unsigned integer field; fvalue became opaque in 4.2. */
static inline uint32_t compat_fvalue_uint(const field_info *info)
{
#if COMPAT_AT_LEAST(4, 2)
    return fvalue_get_uinteger(info->value);
#else
    return fvalue_get_uinteger(&((field_info *)(uintptr_t)info)->value);
#endif
}

#endif
