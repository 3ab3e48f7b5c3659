/* tree.h
 * The fields of fecho: their registration, and the tree of a frame or of a plain echo's segment.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_FECHO_TREE_H
#define HANDSHARK_FECHO_TREE_H

#include <epan/packet.h>

#include "streams.h"

/** Register the fields and expert infos of a protocol. */
void fecho_tree_register(int protocol);

/** Show a frame, as far as it was captured: tree, expert infos, Info column.
 *  @param tvb      its octets
 *  @param message  what is known of it; NULL: nothing, only its octets are shown
 *  @param check    whether the payload's checksum is to be judged
 *  @return its payload as far as it was captured; NULL: there is none */
tvbuff_t *fecho_tree_add_message(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                                 const struct fecho_message *message, bool check);

/** Show a segment of a plain echo. Arguments as above. */
void fecho_tree_add_plain(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                          const struct fecho_plain *plain);

/** Show octets in front of the first frame of a segment, which began earlier.
 *  @param size  how many
 *  @param ends  the frame that they end; NULL: none that is known */
void fecho_tree_add_skipped(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, uint32_t size,
                            const struct fecho_message *ends);

/** Is a payload a text: printable UTF-8, line feeds and tabulators included?
 *  @return it, with a NUL behind it, in the packet's memory; NULL: it is none */
const char *fecho_text_of(tvbuff_t *payload, packet_info *pinfo);

#endif
