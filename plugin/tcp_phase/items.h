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
#include <stddef.h>
#include <stdint.h>

/** Prepare to add items to a tree and to trees in it. To be called before the first item of a frame,
 *  and again for each other tree of it.
 *  @param tree  not NULL, with an ett; of a protocol's item, whose fields will be added */
void items_begin(proto_tree *tree);

/** The last item has been added. */
void items_end(void);

/** Add a word of a fixed vocabulary.
 *  @param tree   the tree of items_begin(), or one in it, with an ett
 *  @param field  its number, a FT_STRING
 *  @param token  ends with a NUL; stays where and what it is as long as the program runs; NULL: there
 *                is none, and nothing is added */
void items_add_token(proto_tree *tree, int field, const char *token);

/** Add a text. It is copied. Arguments as items_add_token(), but for
 *  @param text    ends with a NUL
 *  @param length  its octets without the NUL
 *  @return the item; in a tree that is not shown it may be @p tree itself, as Wireshark has it */
proto_item *items_add_text(proto_tree *tree, int field, const char *text, size_t length);

/** Add a number. Arguments as items_add_token(); the field is a FT_UINT32 or FT_FRAMENUM. */
void items_add_uint(proto_tree *tree, int field, uint32_t value);

/** Add a number. Arguments as items_add_token(); the field is a FT_UINT64. */
void items_add_uint64(proto_tree *tree, int field, uint64_t value);

/** Add a truth value. Arguments as items_add_token(); the field is a FT_BOOLEAN. */
void items_add_boolean(proto_tree *tree, int field, bool value);

/** Add a length of time in nanoseconds. Arguments as items_add_token(); the field is a
 *  FT_RELATIVE_TIME. */
void items_add_time(proto_tree *tree, int field, int64_t value);

/** Set the line that an item is in a tree that is shown; it has none of its own yet.
 *  @param item    in the tree of items_begin(), or that tree itself
 *  @param text    the line, ending with a NUL
 *  @param length  its octets without the NUL */
void items_set_label(proto_item *item, const char *text, size_t length);

#endif
