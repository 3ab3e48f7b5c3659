/* segments.h
 * Finds the TCP layers of a frame, wherever they lie: in Ethernet, in tunnels, reassembled.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_SEGMENTS_H
#define HANDSHARK_SEGMENTS_H

#include <epan/packet.h>

#include "engine/tcp_tracker.h"

/** A TCP layer of a frame. */
struct found_segment {
    uint32_t stream;      /**< tcp.stream */
    uint64_t fingerprint; /**< hash of what the sender chose (tcp_copies.h) */
    bool identified;      /**< the fingerprint holds an IPv4 identification */
    bool has_addresses;   /**< .source and .destination are set */
    address source;       /**< of the IP layer around it; valid for this packet */
    address destination;
    struct tcp_segment segment;
};

/** Ask the dissection for what segments_find() reads. To be called from an init routine: each time,
 *  or a protocol that is enabled again would find nothing (epan/packet.h,
 *  set_postdissector_wanted_hfids).
 *  @param postdissector  the handle that was registered */
void segments_want(dissector_handle_t postdissector);

/** Find the TCP layers that belong to a connection. A header quoted in an error, of a fragment, or too
 *  short to have a length (no tcp.len) is none.
 *  @param pinfo  the packet, on its first pass
 *  @param tree   the packet's tree; NULL: nothing is found
 *  @param found  filled in, outermost layer first
 *  @param room   how many layers fit into @p found
 *  @return how many there are */
unsigned segments_find(packet_info *pinfo, proto_tree *tree, struct found_segment *found,
                       unsigned room);

#endif
