/* plain.h
 * Plain echo (RFC 862): which of the client's octets the server's are.
 *
 * The server's octet number n is the client's octet number n. Where the capture began later than the
 * connection, the first octets of the server that the client was seen to send tell which is which.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_FECHO_PLAIN_H
#define HANDSHARK_FECHO_PLAIN_H

#include <epan/tvbuff.h>
#include <epan/wmem_scopes.h>
#include <wsutil/nstime.h>

#include <stdbool.h>
#include <stdint.h>

/** What the client sent at a time, and where it came back. */
struct fecho_chunk {
    uint64_t at;          /**< its first octet's place in the client's stream */
    uint32_t size;        /**< octets */
    uint32_t captured;    /**< how many of them were captured */
    uint8_t *octets;      /**< those; NULL when all have come back */
    uint32_t asked_in;    /**< the frame */
    uint32_t answered_in; /**< the frame in which its last octet came back; 0: none */
    nstime_t asked_at;
    nstime_t answered_at;
    struct fecho_chunk *next; /**< by place */
};

/** A chunk that a segment of the server sends back, or a part of it. */
struct fecho_echoed {
    const struct fecho_chunk *chunk;
    bool is_last; /**< the chunk's last octet is among them */
    struct fecho_echoed *next;
};

/** A segment of a plain echo: what the first pass says of it. */
struct fecho_plain {
    bool from_server;
    bool is_sure;                 /**< the connection is known to be a plain echo: what does not fit
                                       is a fault */
    unsigned faults;              /**< bits of enum fecho_fault */
    struct fecho_chunk *asks;     /**< the client's: its chunk; NULL: sent before */
    struct fecho_echoed *answers; /**< the server's: what it sends back; NULL: nothing known */
};

/** @return all faults of a segment, those included that show when the whole file was read.
 *  @param is_final  it was */
unsigned fecho_plain_faults(const struct fecho_plain *plain, bool is_final);

/** The octets of a connection that are on their way. */
struct fecho_plain_stream;

/** @return the octets of a connection, none so far; they live as long as the file.
 *  @param is_aligned  both streams are known from their first octet, which is at FECHO_STREAM_START */
struct fecho_plain_stream *fecho_plain_stream_new(bool is_aligned);

/** A segment was captured. Sets what it asks or answers, and its faults.
 *  @param plain  its from_server and is_sure are set
 *  @param tvb    its octets  @param at  the place of the first one in its stream
 *  @param frame  its number  @param when  its time */
void fecho_plain_add(struct fecho_plain_stream *stream, struct fecho_plain *plain, tvbuff_t *tvb,
                     uint64_t at, uint32_t frame, const nstime_t *when);

#endif
