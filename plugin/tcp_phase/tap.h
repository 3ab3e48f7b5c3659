/* tap.h
 * What listeners of the tap "tcp_phase" are told: each TCP layer of each frame, outermost first.
 *
 *     register_tap_listener(TCP_PHASE_TAP, data, filter, flags, reset, packet, draw, finish)
 *
 * and what packet() gets is a struct tapped_segment. Those of the tap "tcp_phase_news" are told of ICMP
 * errors too that quote a segment: they can change what is said of a conversation. Without a listener
 * nothing is gathered.
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

/** The taps' names. */
#define TCP_PHASE_TAP      "tcp_phase"
#define TCP_PHASE_NEWS_TAP "tcp_phase_news"

/** A TCP layer of a frame. All of it is valid until the listener returns, unless said otherwise. */
struct tapped_segment {
    uint32_t stream; /**< the conversation's tcp.stream, its first where it has several */
    uint32_t frame;  /**< frame number */
    int64_t time;    /**< when it was captured: nanoseconds since 1970, UTC */
    int64_t since;   /**< the same since the first frame of the capture */
    const struct tcp_annotation
        *annotation; /**< what is said of it. NULL, for the second tap only: an
                                                  ICMP error that quotes it, and ends and ports are
                                                  those of the segment quoted */
    const struct tcp_conversation *conversation; /**< as known by now, this segment included. Valid
                                                      until the file is closed (see
                                                      tcp_phase_conversation()) */
    bool is_final;  /**< a later pass: what is known of the conversation is all there is to know. (A
                        listener cannot tell by the packet: it is marked as visited before.) */
    address source; /**< of this layer, not the innermost one's */
    address destination;
    uint16_t source_port;
    uint16_t destination_port;
};

/** Register the taps. To be called when protocols are registered. */
void tap_register(void);

/** @return whether anybody listens. */
bool tap_has_listener(void);

/** Tell the listeners of the segments of a frame.
 *  @param pinfo        its packet
 *  @param layers       what is kept of it; copied
 *  @param count        how many layers
 *  @param found        what was found in the frame on this pass, quoted headers included. A layer that is
 *                      not among them gets the packet's addresses and ports
 *  @param found_count  how many those are */
void tap_frame(packet_info *pinfo, const struct annotated_layer *layers, unsigned count,
               const struct found_segment *found, unsigned found_count);

#endif
