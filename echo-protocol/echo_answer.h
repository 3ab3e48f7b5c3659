/* echo_answer.h
 * The server's half of the protocol: a run of requests becomes the run of their replies, in place.
 *
 * What a server does with the octets of one read():
 *
 *     uint8_t *bytes = buffer + ECHO_HEAD_MAX - kept;           // what was kept, in front of it
 *     memcpy(bytes, connection->kept, kept);
 *     ssize_t n = read(fd, buffer + ECHO_HEAD_MAX, 65536);
 *     echo_answer(&connection->answering, bytes, kept + n, now(), &rules, &batch);
 *     echo_stamp_sent(bytes, &batch, now());
 *     write(fd, bytes, batch.ready);                            // one write() for all replies
 *     // with ECHO_STOP_MORE keep what is behind them: less than ECHO_HEAD_MAX octets
 *     // with ECHO_STOP_ERROR echo_write_error(…, batch.front.error, batch.front.error_id, NULL)
 *     // with ECHO_STOP_GOODBYE take its payload, batch.front.head.length octets, and act
 *
 * A payload passes through as it comes, so that no frame is ever held whole (cut-through). Only a
 * server that checks checksums must keep more: a frame until it is whole.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_ANSWER_H
#define HANDSHARK_ECHO_ANSWER_H

#include "echo_frame.h"

/** Where a server stands in a client's stream. Zeroed memory is the stream's beginning. */
struct echo_answering {
    uint64_t payload_left; /**< octets of a payload that is passing through */
};

/** What a server demands of its clients. */
struct echo_service {
    uint32_t payload_max; /**< octets; more is answered by ECHO_TOO_LARGE */
    bool check_crc; /**< frames with the flag CRC wait until they are whole, and are checked */
};

/** Why echo_answer() came back. */
enum echo_stop {
    ECHO_STOP_END,     /**< all octets are answered */
    ECHO_STOP_MORE,    /**< the rest is the beginning of a frame: keep it for the next call */
    ECHO_STOP_GOODBYE, /**< the rest begins with a GOODBYE's good head; `front` holds it */
    ECHO_STOP_ERROR    /**< the rest is bad; `front` says why and what the ERROR must carry */
};

/** What a call of echo_answer() did. */
struct echo_batch {
    size_t ready;  /**< octets from the first on that are to be sent now */
    size_t frames; /**< how many replies begin in them */
    enum echo_stop stop;
    uint64_t missing;        /**< with ECHO_STOP_MORE: octets without which no call gets further */
    struct echo_front front; /**< with ECHO_STOP_GOODBYE and ECHO_STOP_ERROR */
    size_t timed;            /**< offset of the first reply with times; `ready`: there is none */
};

/** Turn what a client sent into what the server answers, in place.
 *  @param answering  where the client's stream stands; updated
 *  @param bytes      octets of the stream: what the last call did not make ready, then the new ones
 *  @param size       how many
 *  @param received   when they came, for the timing blocks: nanoseconds since 1970 UTC
 *  @param service    what is demanded
 *  @param batch      receives what was done
 *  @return batch->stop. After a GOODBYE or an error the stream is not to be given to this function
 *          again. A GOODBYE's payload may not all be there: batch->front.head.length says how much
 *          it is, at most ECHO_GOODBYE_PAYLOAD_MAX. */
enum echo_stop echo_answer(struct echo_answering *answering, uint8_t *bytes, size_t size,
                           uint64_t received, const struct echo_service *service,
                           struct echo_batch *batch);

/** Set "server sent" in all replies of a batch that have a timing block; costs nothing where none
 *  has one.
 *  @param bytes  the octets that were given to echo_answer()
 *  @param batch  what it did
 *  @param sent   nanoseconds since 1970 UTC, taken just before the write() */
void echo_stamp_sent(uint8_t *bytes, const struct echo_batch *batch, uint64_t sent);

#endif
