/* items.h
 * Adds fields to a tree: generated ones, to which no octets of the frame belong.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ITEMS_H
#define HANDSHARK_ITEMS_H

#include <epan/proto.h>
#include <stdbool.h>
#include <stdint.h>

/** Add a string. It is copied.
 *  @param tree   not NULL, with an ett  @param field  its number, a FT_STRING
 *  @param value  ends with a NUL
 *  @return the item; in a tree that is not shown it may be @p tree itself, as Wireshark has it */
proto_item *items_add_string(proto_tree *tree, int field, const char *value);

/** Add a number. Arguments as items_add_string(); the field is a FT_UINT32 or FT_FRAMENUM. */
void items_add_uint(proto_tree *tree, int field, uint32_t value);

/** Add a number. Arguments as items_add_string(); the field is a FT_UINT64. */
void items_add_uint64(proto_tree *tree, int field, uint64_t value);

/** Add a truth value. Arguments as items_add_string(); the field is a FT_BOOLEAN. */
void items_add_boolean(proto_tree *tree, int field, bool value);

/** Add a length of time in nanoseconds. Arguments as items_add_string(); the field is a
 *  FT_RELATIVE_TIME. */
void items_add_time(proto_tree *tree, int field, int64_t value);

#endif
