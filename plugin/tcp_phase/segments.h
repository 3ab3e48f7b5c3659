/* segments.h
 * Finds the TCP layers of a frame, wherever they lie: in Ethernet, in tunnels, reassembled.
 *
 * Whatever carries TCP in IP hands it to the dissector table "ip.proto". The entry for TCP is
 * replaced by one that notes the header and then calls the dissector that stood there. To read the
 * headers from the tree instead, the tree would have to be forced on every frame, which by itself takes
 * a quarter more CPU time in tshark's columns; and it does not show whether a header is quoted in an
 * error, or is that of a fragment.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_SEGMENTS_H
#define HANDSHARK_SEGMENTS_H

#include <epan/packet.h>

#include "engine/tcp_copies.h"

/** A TCP layer of a frame. */
struct found_segment {
    uint32_t stream;  /**< tcp.stream */
    bool has_stream;  /**< ... which is known */
    uint32_t earlier; /**< 1 + the tcp.stream that used the same addresses and ports before; 0:
                               none. Known on the first segment of a stream */
    bool is_quoted;   /**< quoted in an ICMP error: no segment of the conversation; of .segment
                               only the ids, ports and .seq are set */
    struct tcp_identity identity; /**< what tells it from a segment that is sent again */
    address source;               /**< valid for this packet */
    address destination;
    struct tcp_segment segment;
};

/** Register the entry that notes TCP headers. To be called when protocols are registered.
 *  @param proto  tcp_phase; nothing is noted while it is disabled. Where a tap of ours has listeners (tap.h),
 *                headers are noted on later passes too */
void segments_register(int proto);

/** @return whether tcp_phase is enabled. */
bool segments_are_wanted(void);

/** Put that entry in place. To be called when all protocols are registered. */
void segments_handoff(void);

/** Forget the capture file. To be called when one is opened or closed. */
void segments_forget(void);

/** The TCP layers that belong to a connection, and headers of one that an ICMP error quotes. A
 *  header of a fragment, or one too short to have a length, is none.
 *  @param tvb    the frame
 *  @param pinfo  the packet, on its first pass, or on a later one while the tap has a listener
 *  @param found  set to an array, outermost layer first, valid until the next frame
 *  @return how many there are */
unsigned segments_find(tvbuff_t *tvb, packet_info *pinfo, const struct found_segment **found);

#endif
