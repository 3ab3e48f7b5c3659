/* tcp_copies.h
 * Tells a segment that was captured twice from one that was sent twice.
 *
 * A capture on all interfaces of a router holds each segment as it comes in and as it goes out; a
 * mirror port may do the same. Such a copy is equal in every octet that the sender chose. So is a
 * segment that was sent twice, but for what changes from one packet to the next:
 *  - the IPv4 identification, where it is in use (RFC 6864);
 *  - the clock of the timestamp option (RFC 7323 5.4), which mostly ticks each millisecond;
 *  - the hops that it may still take: a copy behind a router has fewer, a second one from the same end
 *    has as many.
 * A SYN is not sent again before a second is over (RFC 6298 2.1). What has none of these is a copy if
 * it follows at once; later, if segments before it had copies that did not differ in hops
 * either, and it had none yet.
 *
 * With segmentation offload one side may show a large segment and the other its pieces. They have the
 * acknowledgment, window and timestamps in common; what was sent again has other timestamps.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_TCP_COPIES_H
#define HANDSHARK_TCP_COPIES_H

#include "tcp_tracker.h"

/** How many of the latest segments are remembered; a power of two. A router that keeps a segment for
 *  200 milliseconds may see some thousand others before it goes out. */
#define TCP_COPIES_SLOTS 8192
/** Each fingerprint has so many slots to go to. */
#define TCP_COPIES_WAYS 4
/** How many runs of segments with the same timestamps; a power of two. */
#define TCP_COPIES_RUNS 256

/** What tells a packet from others with the same segment. */
struct tcp_identity {
    uint64_t fingerprint; /**< hash over all of the segment that its sender chose: addresses, ports,
                               TCP header without the checksum, length, IPv4 identification */
    uint64_t instant; /**< hash over what the pieces of a large segment have in common: addresses,
                               ports, acknowledgment number, window, options; 0: no timestamps */
    uint16_t ip_id;   /**< IPv4 identification; 0: none */
    uint8_t hops;     /**< TTL or hop limit; 0: not known */
    bool identified;  /**< the fingerprint holds an IPv4 identification */
};

/** A segment remembered. */
struct tcp_remembered {
    int64_t time;
    uint32_t frame; /**< 0: free */
    uint8_t hops;
    uint8_t copies; /**< captures of it since the first */
    struct tcp_annotation annotation;
};

/** Segments that follow each other, in one instant of their sender's clock. */
struct tcp_run {
    uint64_t instant;      /**< 0: free */
    uint32_t seq;          /**< first number */
    uint32_t past;         /**< one past the last */
    uint32_t latest_seq;   /**< first number of the latest */
    uint32_t piece;        /**< octets of the first */
    uint32_t joints;       /**< how many followed the first */
    uint16_t ip_id;        /**< identification of the first */
    uint16_t latest_ip_id; /**< ... and of the latest */
    bool has_fin;          /**< the latest has the FIN */
    struct tcp_remembered first;
    struct tcp_remembered latest; /**< the last one to be added */
};

/** The latest segments of all conversations, about 750 KiB. Zeroed memory is none. */
struct tcp_copies {
    uint64_t fingerprint[TCP_COPIES_SLOTS]; /* of what is in the slot */
    struct tcp_remembered slot[TCP_COPIES_SLOTS];
    uint8_t oldest[TCP_COPIES_SLOTS / TCP_COPIES_WAYS];
    struct tcp_run run[TCP_COPIES_RUNS];
    unsigned doubling; /* up with a copy that has as many hops left, down with what is no copy */
};

/** Look for an earlier capture of the same segment, or of one that it is a part of, or of its parts.
 *  @param copies    what is remembered; keeps count of copies
 *  @param identity  what tells the packet from others
 *  @param segment   the segment
 *  @return what is remembered of it, owned by @p copies; NULL: this is the first capture of it */
const struct tcp_remembered *tcp_copies_find(struct tcp_copies *copies,
                                             const struct tcp_identity *identity,
                                             const struct tcp_segment *segment);

/** Remember a segment that is no copy, in place of an older one.
 *  @param copies      what is remembered
 *  @param identity    what tells the packet from others
 *  @param segment     the segment
 *  @param annotation  what was said of it; copied */
void tcp_copies_remember(struct tcp_copies *copies, const struct tcp_identity *identity,
                         const struct tcp_segment *segment,
                         const struct tcp_annotation *annotation);

#endif
