/* conversations.h
 * The conversations of a capture, by Wireshark's stream number.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_CONVERSATIONS_H
#define HANDSHARK_CONVERSATIONS_H

#include "engine/tcp_tracker.h"

struct conversation_table;

/** @return an empty table, to be freed with conversations_free(). */
struct conversation_table *conversations_new(void);

/** Free a table and all in it. @param table may be NULL. */
void conversations_free(struct conversation_table *table);

/** @return the conversation of a stream, made (zeroed) where there is none yet; owned by
 *  @p table. @param table the table @param stream tcp.stream, numbered from 0 without gaps */
struct tcp_conversation *conversations_make(struct conversation_table *table, uint32_t stream);

/** @return the conversation of a stream, or NULL; owned by @p table. */
const struct tcp_conversation *conversations_find(const struct conversation_table *table,
                                                  uint32_t stream);

/** Have a stream's conversation, if there is one, fetched into the processor's cache.
 *  @param table the table @param stream tcp.stream */
void conversations_expect(const struct conversation_table *table, uint32_t stream);

/** Let a stream be another one's conversation: conversations_make() and conversations_find() give that
 *  one's for it from now on.
 *  @param table the table @param stream the stream, of which nothing was followed yet
 *  @param earlier the one that it continues */
void conversations_continue(struct conversation_table *table, uint32_t stream, uint32_t earlier);

/** Note which stream had a new stream's addresses and ports before.
 *  @param table the table @param stream the new one @param earlier the other one */
void conversations_set_earlier(struct conversation_table *table, uint32_t stream, uint32_t earlier);

/** @return the conversation that had a stream's addresses and ports before, as noted; NULL: none.
 *  @param table the table @param stream the stream */
const struct tcp_conversation *conversations_earlier(const struct conversation_table *table,
                                                     uint32_t stream);

/** @return the stream that a stream continues, the first of them; itself where it continues none.
 *  @param table the table @param stream the stream */
uint32_t conversations_first(const struct conversation_table *table, uint32_t stream);

#endif
