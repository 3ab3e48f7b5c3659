/* tcp_copies.h
 * Tells a segment that was captured twice from one that was sent twice.
 *
 * A capture on all interfaces of a router holds each segment as it comes in and as it goes out; a
 * mirror port may do the same. Such a copy is equal in every octet that the sender chose, and comes
 * at once; a retransmission has another IP identification or another timestamp, or comes later.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_TCP_COPIES_H
#define HANDSHARK_TCP_COPIES_H

#include "tcp_tracker.h"

/** How many of the latest segments are remembered; a power of two. */
#define TCP_COPIES_SLOTS 1024

/** A segment remembered. */
struct tcp_remembered {
    uint64_t fingerprint;
    int64_t time;
    uint32_t frame; /**< 0: free */
    struct tcp_annotation annotation;
};

/** The latest segments of all conversations, about 90 KiB. Zeroed memory is none. */
struct tcp_copies {
    struct tcp_remembered slot[TCP_COPIES_SLOTS];
};

/** Look for an earlier capture of the same segment.
 *  @param copies       what is remembered
 *  @param fingerprint  a hash over all of the segment that its sender chose: addresses, ports, TCP
 *                      header without the checksum, length, and the IPv4 identification
 *  @param identified   the fingerprint holds an identification that differs between packets
 *  @param segment      the segment
 *  @return what is remembered of it, owned by @p copies; NULL: this is the first capture of it */
const struct tcp_remembered *tcp_copies_find(const struct tcp_copies *copies, uint64_t fingerprint,
                                             bool identified, const struct tcp_segment *segment);

/** Remember a segment that is no copy, in place of an older one.
 *  @param copies       what is remembered
 *  @param fingerprint  as for tcp_copies_find()
 *  @param segment      the segment
 *  @param annotation   what was said of it; copied */
void tcp_copies_remember(struct tcp_copies *copies, uint64_t fingerprint,
                         const struct tcp_segment *segment,
                         const struct tcp_annotation *annotation);

#endif
