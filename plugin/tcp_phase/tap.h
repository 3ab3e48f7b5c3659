/* tap.h
 * What listeners of the tap "tcp_phase" are told: each TCP layer of each frame, outermost first.
 *
 *     register_tap_listener(TCP_PHASE_TAP, data, filter, flags, reset, packet, draw, finish)
 *
 * and the data that packet() gets is a struct tapped_segment. Quoted headers are not told of.
 * Without a listener nothing is gathered.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_TCP_PHASE_TAP_H
#define HANDSHARK_TCP_PHASE_TAP_H

#include <epan/packet.h>
#include <stdbool.h>

#include "annotations.h"
#include "segments.h"

/** The tap's name. */
#define TCP_PHASE_TAP "tcp_phase"

/** A TCP layer of a frame. All of it is valid until the listener returns, unless said otherwise. */
struct tapped_segment {
    uint32_t stream; /**< tcp.stream */
    uint32_t frame;  /**< frame number */
    int64_t time;    /**< when it was captured: nanoseconds since 1970, UTC */
    int64_t since;   /**< the same since the first frame of the capture */
    const struct tcp_annotation *annotation;
    const struct tcp_conversation *conversation; /**< as known by now, this segment included; final
                                                      on a later pass. Valid until the file is
                                                      closed (see tcp_phase_conversation()) */
    address source;      /**< of this layer, not of the innermost one as in packet_info */
    address destination; /**< likewise */
    uint16_t source_port;
    uint16_t destination_port;
};

/** Register the tap. To be called when protocols are registered. @return its number */
int tap_register(void);

/** @return whether anybody listens. */
bool tap_has_listener(void);

/** Tell the listeners of a segment.
 *  @param pinfo         its packet
 *  @param layer         what is kept of it; copied
 *  @param conversation  its conversation
 *  @param found         the segment; NULL: it is not found again, and the addresses and ports are the
 *                       packet's */
void tap_segment(packet_info *pinfo, const struct annotated_layer *layer,
                 const struct tcp_conversation *conversation, const struct found_segment *found);

#endif
