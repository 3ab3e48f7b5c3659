/* rows.h
 * A row for each conversation that a listener of the tap is told of: who its ends are, where its segments
 * lie. A row takes 64 octets, and is made with the conversation's first segment; what the conversation
 * amounts to is asked of the conversation itself, at the end of a pass.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ROWS_H
#define HANDSHARK_ROWS_H

#include <epan/address.h>
#include <stddef.h>

#include "tap.h"

/** Octets of an address that lie in the row itself: those of IPv6. */
#define ROW_ADDRESS_MAX 16

/** A conversation. With a filter, a listener is told of the segments that pass it, and .first_frame,
 *  .last_frame and .segments are of those alone. Index [TCP_CLIENT], [TCP_SERVER]. */
struct conversation_row {
    uint32_t stream;      /**< tcp.stream */
    uint32_t first_frame; /**< frame of the first segment */
    uint32_t last_frame;  /**< frame of the last one */
    uint32_t segments;    /**< how many there are; 0: there is no such row */
    int64_t start;        /**< when the first was captured: nanoseconds since 1970, UTC */
    union {
        uint8_t octets[ROW_ADDRESS_MAX];
        uint8_t *outside; /* a longer one */
    } address[2];         /**< read it with row_address() */
    uint16_t port[2];
    uint8_t address_type[2];
    uint8_t address_length[2];
};

struct conversation_rows;

/** @return rows, none so far, to be freed with rows_free(). */
struct conversation_rows *rows_new(void);

/** Free rows. @param rows may be NULL. */
void rows_free(struct conversation_rows *rows);

/** Forget all rows: the reset of a tap. */
void rows_clear(struct conversation_rows *rows);

/** Count a segment.
 *  @param rows     the rows
 *  @param segment  what the listener was told
 *  @return the row of its conversation, owned by @p rows, valid until it is cleared or freed */
struct conversation_row *rows_add(struct conversation_rows *rows,
                                  const struct tapped_segment *segment);

/** @return how many rows there are. */
unsigned rows_count(const struct conversation_rows *rows);

/** Go through the rows in the order of their streams.
 *  @param rows  the rows
 *  @param next  where to look; 0 at first, and moved on
 *  @return a row, or NULL at the end */
const struct conversation_row *rows_next(const struct conversation_rows *rows, uint32_t *next);

/** The address of an end.
 *  @param row   the row
 *  @param role  which end
 *  @param addr  filled in; its octets are those of the row */
void row_address(const struct conversation_row *row, enum tcp_role role, address *addr);

/** @return the octets of memory that rows take. */
size_t rows_memory(const struct conversation_rows *rows);

#endif
