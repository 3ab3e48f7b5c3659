/* flow_keys.h
 * Which conversations a packet belongs to: what a capture is split by.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_FLOW_KEYS_H
#define HANDSHARK_FLOW_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** More keys than a packet mostly has. */
enum { FLOW_KEYS_MAX = 24 };

/** What a packet is known by: numbers, each of
 *  - the two ends of a TCP connection, whoever sends; in tunnels, of those in the tunnel, and in an ICMP error of
 *    the one that it quotes;
 *  - a datagram that is in fragments;
 *  - where there is neither, the two addresses; without these, one for all.
 *  All packets that share a key belong together, and all keys of a packet: then a conversation is whole however its
 *  packets were captured. */
struct flow_keys {
    uint64_t key[FLOW_KEYS_MAX];
    unsigned count; /**< at least one */
    bool is_opaque; /**< there may be TCP in it that cannot be seen here */
};

/** The keys of a packet.
 *  @param link_type  WTAP_ENCAP_...
 *  @param octets     what was captured @param captured how much @param length how much there was
 *  @param keys       filled in */
void flow_keys_of(int link_type, const uint8_t *octets, size_t captured, size_t length,
                  struct flow_keys *keys);

#endif
