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
 * A SYN is not sent again before a second is over (RFC 6298 2.1), nor is a probe that has no ACK. What has none of
 * these is a copy if it follows at once; later, if segments of the conversation before it had copies that did
 * not differ in hops either, and it had none yet.
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

/** A segment is remembered for so many frames. A router that keeps one for 200 milliseconds may see some thousand
 *  others before it goes out. Frames are counted, not segments: what is said of a conversation is then the same
 *  whatever else is remembered, and so it is in a capture of that conversation alone which has the frames' numbers of
 *  the whole. */
#define TCP_COPIES_FRAMES 8192
/** A run of segments with the same timestamps likewise, after its last one. */
#define TCP_COPIES_RUN_FRAMES 1024
/** Places for them, powers of two: two segments to a frame, for TCP in a tunnel of TCP. */
#define TCP_COPIES_SLOTS (2 * TCP_COPIES_FRAMES)
#define TCP_COPIES_RUNS  (2 * TCP_COPIES_RUN_FRAMES)
/** Chains of those with the same hash. */
#define TCP_COPIES_SLOT_CHAINS (2 * TCP_COPIES_SLOTS)
#define TCP_COPIES_RUN_CHAINS  (2 * TCP_COPIES_RUNS)

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
    uint32_t frame;
    uint32_t number; /**< with .layer, where the caller keeps what it said of the segment */
    uint8_t layer;
    uint8_t hops;
    uint8_t copies; /**< captures of it since the first */
};

/** What anything remembered begins with. */
struct tcp_link {
    uint64_t key;
    uint32_t before; /**< number of the one before it in its chain; 0: none */
};

/** A segment remembered, by its fingerprint. */
struct tcp_slot {
    struct tcp_link link;
    struct tcp_remembered segment;
};

/** Segments that follow each other, by an instant of their sender's clock. */
struct tcp_run {
    struct tcp_link link;
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

/** Where a chain begins. Most segments are no copies: that none of the chain is equal is mostly known without a look
 *  at it, which memory long not used would have to be fetched for. */
struct tcp_chain {
    uint32_t latest; /**< number of the latest in it; 0: none */
    uint32_t kinds;  /**< a bit for each kind of those in it, which more of the hash tells */
};

/** The latest segments of all conversations, about 1.1 MiB. Zeroed memory is none. What is remembered lies in the
 *  order of time, each in place of the one that is the longest there, so that memory is written to in line: it is
 *  known by its number in that order, from 1; 0 is none. */
struct tcp_copies {
    uint32_t slots, runs; /* how many there have been: the numbers of the latest */
    struct tcp_chain slot_chain[TCP_COPIES_SLOT_CHAINS];
    struct tcp_chain run_chain[TCP_COPIES_RUN_CHAINS];
    struct tcp_slot slot[TCP_COPIES_SLOTS];
    struct tcp_run run[TCP_COPIES_RUNS];
};

/** Have the memory that the other functions look at first fetched, where there is something else to do before.
 *  @param copies    what is remembered
 *  @param identity  what tells the packet from others */
void tcp_copies_expect(struct tcp_copies *copies, const struct tcp_identity *identity);

/** Look for an earlier capture of the same segment, or of one that it is a part of, or of its parts.
 *  @param copies        what is remembered; keeps count of copies
 *  @param conversation  the segment's; keeps count of copies, too
 *  @param identity      what tells the packet from others
 *  @param segment       the segment
 *  @return what is remembered of it, owned by @p copies; NULL: this is the first capture of it */
const struct tcp_remembered *tcp_copies_find(struct tcp_copies *copies,
                                             struct tcp_conversation *conversation,
                                             const struct tcp_identity *identity,
                                             const struct tcp_segment *segment);

/** Have a conversation begin with what the one before it of the same ends was known for: whether its segments were
 *  captured twice.
 *  @param conversation  which has no more than one segment */
void tcp_copies_go_on(struct tcp_conversation *conversation,
                      const struct tcp_conversation *earlier);

/** Remember a segment that is no copy, in place of an older one.
 *  @param copies        what is remembered
 *  @param conversation  the segment's
 *  @param identity      what tells the packet from others
 *  @param segment       the segment
 *  @param number        where the caller keeps what it says of the segment, for tcp_copies_find() to tell
 *  @param layer         likewise */
void tcp_copies_remember(struct tcp_copies *copies, struct tcp_conversation *conversation,
                         const struct tcp_identity *identity, const struct tcp_segment *segment,
                         uint32_t number, uint8_t layer);

#endif
