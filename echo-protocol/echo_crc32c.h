/* echo_crc32c.h
 * CRC-32C (Castagnoli), the checksum of iSCSI (RFC 3720 12.1) and of this protocol's payloads.
 *
 * Own code: libisal is faster from 256 octets on and slower below, but would be a run-time dependency
 * of a Wireshark plugin for one function; libwsutil's is a table of single octets, and not for a server.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_CRC32C_H
#define HANDSHARK_ECHO_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/** The checksum of octets, or of more octets behind others.
 *  @param crc    the checksum of what came before; 0: nothing did
 *  @param bytes  octets; may be NULL when @p size is 0
 *  @param size   how many
 *  @return the checksum of all; 0 for none at all. With the processor's instruction where it has
 *          one. */
uint32_t echo_crc32c(uint32_t crc, const void *bytes, size_t size);

/** The same with arithmetic that every processor has. */
uint32_t echo_crc32c_portable(uint32_t crc, const void *bytes, size_t size);

/** @return what echo_crc32c() computes with on this processor: "sse4.2", "armv8" or "portable";
 *  static storage. */
const char *echo_crc32c_by(void);

#endif
