/* streams.h
 * A connection as the dissector follows it: what it speaks, who is the client, where frames begin.
 *
 * TCP hands over what a segment holds, or what it put together of several; what was not captured, came
 * late, or is cut off is found out here, once, on the first pass over a file.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_FECHO_STREAMS_H
#define HANDSHARK_FECHO_STREAMS_H

#include <epan/conversation.h>
#include <epan/packet_info.h>

#include "exchanges.h"
#include "plain.h"

/** What is kept with a packet while it is dissected: keys of p_add_proto_data(). */
enum { FECHO_DATA_COUNT, FECHO_DATA_INFO };

/** Octets that a dissector of a protocol over TCP was given. */
struct fecho_input {
    tvbuff_t *tvb;
    uint32_t seq;     /**< TCP: the sequence number of the first one. TLS: 0, there is none */
    bool is_tls;      /**< they were encrypted */
    bool is_last;     /**< a FIN follows them */
    bool is_complete; /**< all of the segment was captured: TCP can put frames together */
};

/** What a piece of a stream is. */
enum fecho_kind {
    FECHO_WAITS,       /**< too short to tell: more is needed */
    FECHO_FRAMES,      /**< frames */
    FECHO_PLAIN_OCTETS /**< RFC 862 */
};

/** A piece of a stream: what the first pass says of it. */
struct fecho_piece {
    enum fecho_kind kind;
    enum echo_sender sender;
    uint32_t skipped; /**< octets before the first frame that belong to one which began earlier */
    const struct fecho_message *ends; /**< a frame of which these are the last; NULL: none known */
    uint64_t at;                      /**< the place of its first octet in the stream */
    struct fecho_plain plain;         /**< only of a plain echo */
};

/** A connection. */
struct fecho_connection;

/** @return the connection that a packet belongs to; made if there was none. Lives as long as the file. */
struct fecho_connection *fecho_connection_of(packet_info *pinfo);

/** @return whether no octet of a connection was followed yet. */
bool fecho_connection_is_new(const struct fecho_connection *connection);

/** What is this piece? On the first pass this follows the stream, later it looks up.
 *  @param payload_max  octets of payload that a frame may have
 *  @return the same as long as the file lives; NULL: nothing was kept of it */
const struct fecho_piece *fecho_piece_of(struct fecho_connection *connection, packet_info *pinfo,
                                         const struct fecho_input *input, uint32_t payload_max);

/** Where a frame lies in a piece. */
struct fecho_place {
    uint32_t offset; /**< of its first octet */
    uint32_t there;  /**< how many octets of it the piece has, captured or not */
    bool is_whole;   /**< these are all */
};

/** How many octets does the frame take that begins here? What cannot be one is taken with what follows it
 *  until the next one; of one that is too long to be put together, those that are here.
 *  @param tvb     the octets, @p offset of the first one of the frame
 *  @param sender  whose stream it is
 *  @param is_whole  receives whether its last octet is among them
 *  @return at least ECHO_HEADER_SIZE, even where there are fewer */
uint32_t fecho_frame_size(tvbuff_t *tvb, int offset, enum echo_sender sender, uint32_t payload_max,
                          bool *is_whole);

/** What is this frame? On the first pass it is matched with the others, later this looks up.
 *  @param tvb    its octets, as far as they were captured
 *  @param piece  the piece that it begins in  @param place  where in it
 *  @return as fecho_piece_of() */
const struct fecho_message *fecho_message_of(struct fecho_connection *connection,
                                             packet_info *pinfo, const struct fecho_input *input,
                                             const struct fecho_piece *piece,
                                             const struct fecho_place *place, tvbuff_t *tvb,
                                             uint32_t payload_max);

#endif
