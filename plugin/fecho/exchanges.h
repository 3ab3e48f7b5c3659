/* exchanges.h
 * Which answer belongs to which request: the frames of one connection, as far as they were captured.
 *
 * All of it is done on the first pass over a file, in the order of the frames; later passes only look at
 * what was found. Answers are as long as their requests and come in their order (specification.md 3, 4),
 * so that an answer stands where its request stood: as many octets after the beginning, or after an earlier
 * pair. Where that is not known, an answer belongs to the oldest request with its id that has none
 * (specification.md 11). Where one of the two was not captured a gap is better than a wrong pair.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_FECHO_EXCHANGES_H
#define HANDSHARK_FECHO_EXCHANGES_H

#include <epan/tvbuff.h>
#include <epan/wmem_scopes.h>
#include <wsutil/nstime.h>

#include <stdbool.h>
#include <stdint.h>

#include "echo_frame.h"

/** What is wrong with a frame: bits, one for each expert info. */
enum fecho_fault {
    FECHO_PAYLOAD_MISMATCH = 1 << 0, /**< the answer's payload is not the request's */
    FECHO_UNANSWERED = 1 << 1,       /**< known when all was read: fecho_faults() */
    FECHO_UNEXPECTED_REPLY = 1 << 2, /**< no request was captured that it could answer */
    FECHO_DUPLICATE_ID = 1 << 3,     /**< an older request with this id has no answer yet */
    FECHO_BAD_CHECKSUM = 1 << 4,
    FECHO_BAD_MAGIC = 1 << 5,
    FECHO_BAD_VERSION = 1 << 6,
    FECHO_BAD_TYPE = 1 << 7,
    FECHO_TOO_LARGE = 1 << 8,
    FECHO_TRUNCATED = 1 << 9,  /**< octets of it are missing: snap length, or a FIN within it */
    FECHO_BAD_FLAGS = 1 << 10, /**< a reserved flag is set */
    FECHO_BAD_CODE = 1 << 11,  /**< a code that its type does not have */
    FECHO_ANSWER_MISMATCH = 1 << 12 /**< a field of the answer is not what the request makes it */
};
#define FECHO_FAULT_COUNT 13U

/** A request, and its answer where there is one. */
struct fecho_exchange {
    struct echo_head request;
    uint64_t at;    /**< where the request begins in the client's stream */
    uint64_t limit; /**< only an answer before this place in the server's stream can be its own */
    uint32_t head_captured;               /**< octets of its head that were captured */
    uint32_t captured;                    /**< octets of its payload that were captured */
    uint32_t checksum;                    /**< CRC-32C of those */
    uint32_t asked_in;                    /**< the frame with its last octet */
    uint32_t answered_in;                 /**< the same of its answer; 0: there is none */
    nstime_t asked_at;                    /**< when its last octet was captured */
    nstime_t answered_at;                 /**< the same of its answer */
    bool asked_whole;                     /**< its last octet was captured: asked_at is right */
    bool answered_whole;                  /**< the same of its answer */
    bool is_bad;                          /**< the request is malformed: only an ERROR answers it */
    bool is_queued;                       /**< no later request has been answered yet */
    struct fecho_exchange *older, *newer; /**< in the queue */
    struct fecho_exchange *same_id;       /**< the next younger one without an answer */
};

/** A frame of the protocol: what the first pass says of it. */
struct fecho_message {
    struct echo_head head;
    uint64_t at;                 /**< where it begins in its stream */
    uint32_t head_captured;      /**< octets of its head that were captured */
    uint32_t captured;           /**< octets of its payload that were captured */
    uint32_t checksum;           /**< CRC-32C of those */
    uint32_t first_in;           /**< the frame that it was first seen whole in */
    unsigned faults;             /**< bits of enum fecho_fault */
    enum echo_field fault_field; /**< the first bad field, ECHO_FIELD_NONE: it is good */
    bool from_server;
    bool is_whole;                   /**< its last octet is in the piece that it begins in */
    struct fecho_exchange *exchange; /**< what it asks or answers; NULL: nothing is known of that */
    uint32_t
        answers_in; /**< the frame of what it answers, as far as that was known then; 0: none */
};

/** The exchanges of a connection. */
struct fecho_exchanges;

/** @return exchanges without any; they live as long as the file (wmem_file_scope()). */
struct fecho_exchanges *fecho_exchanges_new(void);

/** Both streams are known from their first octets, which have the same place. */
void fecho_exchanges_align(struct fecho_exchanges *exchanges);

/** The server sent what is no answer: what stands where is not known any more. */
void fecho_exchanges_unalign(struct fecho_exchanges *exchanges);

/** A request was captured, or any other frame of the client's. Sets the message's exchange and faults.
 *  @param message  what was read of it
 *  @param frame    the number of the frame with its last octet  @param when  its time */
void fecho_exchanges_ask(struct fecho_exchanges *exchanges, struct fecho_message *message,
                         uint32_t frame, const nstime_t *when);

/** An answer was captured. Sets the message's exchange and faults.
 *  @param payload  its payload as far as it was captured; NULL: there is none
 *  @param message, frame, when  as above */
void fecho_exchanges_answer(struct fecho_exchanges *exchanges, struct fecho_message *message,
                            tvbuff_t *payload, uint32_t frame, const nstime_t *when);

/** The last octet of a frame was captured that was not put together. Arguments as above. */
void fecho_exchanges_end(struct fecho_message *message, uint32_t frame, const nstime_t *when);

/** The times of an answer. */
struct fecho_times {
    bool has_rtt, has_server_time, has_network_time; /**< which of the others are known */
    nstime_t rtt;                                    /**< request's last octet to answer's last */
    nstime_t server_time;
    nstime_t network_time;
};

/** Work out the times of an answer. A server time that is negative, or longer than the round trip, says
 *  nothing (specification.md 5) and is left out.
 *  @param message  any frame; only an answer has times */
struct fecho_times fecho_message_times(const struct fecho_message *message);

/** @return all faults of a message, those included that show when the whole file was read.
 *  @param is_final  it was */
unsigned fecho_message_faults(const struct fecho_message *message, bool is_final);

/** @return the CRC-32C of octets of a tvbuff, from its first on; @p size of them must be captured. */
uint32_t fecho_checksum(tvbuff_t *tvb, uint32_t size);

#endif
