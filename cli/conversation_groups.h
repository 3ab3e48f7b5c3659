/* conversation_groups.h
 * What has to stay together when a capture is split: packets that share a key, directly or by others.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_CONVERSATION_GROUPS_H
#define HANDSHARK_CONVERSATION_GROUPS_H

#include <stdint.h>

#include "flow_keys.h"

/** Groups of keys, and how many packets each has. */
struct groups;

/** @return groups, none so far, to be freed with groups_free(). */
struct groups *groups_new(void);

/** Free groups. @param groups may be NULL */
void groups_free(struct groups *groups);

/** Count a packet.
 *  @param keys  of the packet: from now on they are of one group
 *  @return a number for groups_part_of() */
uint32_t groups_add(struct groups *groups, const struct flow_keys *keys);

/** When all packets are counted, share the groups out: the largest first, each to the part that has least.
 *  @param parts how many */
void groups_share(struct groups *groups, unsigned parts);

/** @return the part of a packet, from 0; to be called after groups_share(). @param number from groups_add() */
unsigned groups_part_of(const struct groups *groups, uint32_t number);

#endif
