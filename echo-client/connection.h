/* connection.h
 * A connection of the load: opens, sends requests, checks their answers, closes as it was told to.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_CLIENT_CONNECTION_H
#define HANDSHARK_ECHO_CLIENT_CONNECTION_H

#include "echo_frame.h"
#include "load.h"

/** What it is doing. */
enum phase {
    PHASE_NEW,
    PHASE_CONNECTING,
    PHASE_SECURING, /**< the TLS handshake */
    PHASE_RUNNING,
    PHASE_CLOSING,
    PHASE_GONE
};

/** A request that has no answer yet. */
struct pending {
    uint64_t start;       /**< monotonic ns, what the latency counts from */
    uint64_t client_sent; /**< the timing block's */
    const uint8_t *payload;
    uint32_t length, checksum;
};

/** Octets that the processor's cache loads at a time, on most. */
#define CACHE_LINE 64

/** What each answer touches stands first: with many connections the processor's cache decides. */
struct connection {
    _Alignas(CACHE_LINE) struct loop *loop;
    enum phase phase;
    bool goodbye_answered, fin_sent, fin_seen, is_finishing;
    struct stream stream;
    uint64_t sent, answered; /**< requests; the ids are 1, 2, 3 … */
    uint64_t owed;           /**< open loop: planned by now */
    uint64_t payload_left;   /**< octets of the frame that is being read that are to come */
    size_t kept_size;
    size_t out_size;         /**< octets that the socket did not take */
    struct pending *pending; /**< ring: more than the pipeline, since the closing may add one */
    uint64_t pending_mask;   /**< its size, a power of two, less 1 */
    uint64_t progress;       /**< the last time anything came or was begun; monotonic ns */
    struct event *readable, *writable, *pause;

    unsigned number; /**< in the run, from 1 */
    enum opening opening;
    struct way way;
    size_t endpoint;
    uint64_t began; /**< connecting; monotonic ns */
    uint8_t *out;   /**< what the socket did not take */
    size_t out_at;
    struct echo_front front;            /**< the frame that is being read, if it came in parts */
    uint32_t checksum;                  /**< of its payload so far */
    struct echo_head goodbye;           /**< sent, when its type is set */
    uint8_t kept[LOOP_KEPT];            /**< of a head that was cut off */
    char text[ECHO_ERROR_TEXT_MAX + 1]; /**< an ERROR's */
};

/** Octets that a GOODBYE of the way "linger" has returned after the FIN. */
#define LINGER_PAYLOAD "handshark: said after your FIN\n"

/** Begin to connect. Without success at once this fails by itself, as later. */
void connection_start(struct connection *connection);

/** Send as many requests as may be on their way now, and close when all are done. */
void connection_push(struct connection *connection);

/** Give up: counts what is missing, says why, and is gone. */
__attribute__((format(printf, 2, 3))) void connection_fail(struct connection *connection,
                                                           const char *format, ...);

static inline const struct options *connection_options(const struct connection *connection)
{
    return connection->loop->run->options;
}

/** @return what is known of a request in flight. */
static inline struct pending *connection_pending(const struct connection *connection, uint64_t id)
{
    return &connection->pending[id & connection->pending_mask];
}

/** @return the server's address; storage of the thread. */
const char *connection_server(const struct connection *connection);

/** @return requests without an answer. */
static inline uint64_t connection_waiting(const struct connection *connection)
{
    return connection->sent - connection->answered;
}

/** Look whether what is due is late. */
void connection_check_time(struct connection *connection, uint64_t now);

/** Free its events: before its socket is closed, since the number may be another one's then. */
void connection_quiet(struct connection *connection);

/** Free what it holds but for its socket. */
void connection_free(struct connection *connection);

/* Between connection.c, answers.c and closing.c: */

/** Take octets of the server's stream: all that a read brought, and `kept` before it. */
void answers_take(struct connection *connection, const uint8_t *octets, size_t size);

/** All requests are answered: begin to close. */
void closing_begin(struct connection *connection);
/** The GOODBYE's answer has come. */
void closing_answered(struct connection *connection);
/** The server's FIN has come. */
void closing_end(struct connection *connection);
/** Reading failed, as a reset lets it. @return whether that was asked for. */
bool closing_failed(struct connection *connection);
/** What was written is out. */
void closing_written(struct connection *connection);

/** Build and write a request now, beyond the plan. */
void connection_send_one(struct connection *connection);
/** Write octets; what the socket does not take is kept. */
void connection_write(struct connection *connection, const uint8_t *octets, size_t size);
/** It has ended as it should; the socket has been closed, or is now. */
void connection_done(struct connection *connection);

#endif
