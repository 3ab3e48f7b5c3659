/* taps.h
 * What is counted and kept of the frames: -z fecho,tree, -z fecho,srt, and Export Objects.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_FECHO_TAPS_H
#define HANDSHARK_FECHO_TAPS_H

#include <epan/packet.h>

#include "exchanges.h"
#include "plain.h"

/** Register the statistics of a protocol. */
void fecho_taps_register(int protocol);

/** A frame was dissected. One that is sent again is counted once.
 *  @param payload  as far as it was captured; NULL: there is none */
void fecho_taps_message(packet_info *pinfo, const struct fecho_message *message, tvbuff_t *payload);

/** The last octet of a frame was dissected that was not put together. */
void fecho_taps_end(packet_info *pinfo, const struct fecho_message *message);

/** A segment of a plain echo was dissected.
 *  @param size  octets of it */
void fecho_taps_plain(packet_info *pinfo, const struct fecho_plain *plain, uint32_t size);

#endif
