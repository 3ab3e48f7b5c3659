/* connection.h
 * One connection: what is known of it, how it sends and receives, how it begins and ends.
 *
 * connection.c  memory, deadlines, the end
 * session.c     what the octets mean and what is answered: the protocol
 * socket.c      the way over a plain socket
 * tls.c         the way over TLS
 * story.c       what --verbose tells
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_CONNECTION_H
#define HANDSHARK_ECHO_CONNECTION_H

#include "loop.h"

#include <event2/bufferevent.h>

/** What is done with a connection. */
enum stage {
    STAGE_HANDSHAKE, /**< of TLS */
    STAGE_REFUSED,   /**< it is to be told so */
    STAGE_UNDECIDED, /**< nothing came yet, or `EC` */
    STAGE_PLAIN,
    STAGE_FRAMED,
    STAGE_GOODBYE,   /**< a GOODBYE's payload is coming */
    STAGE_AWAIT_FIN, /**< GOODBYE, ways 0 and 3: nothing happens before the client's FIN */
    STAGE_WAIT_DUE,  /**< GOODBYE: its wait begins when all is sent */
    STAGE_WAIT,      /**< GOODBYE: the wait */
    STAGE_FIN_DUE,   /**< our FIN goes out when all is sent */
    STAGE_FIN_SENT,  /**< what comes is thrown away until the client's FIN */
    STAGE_CLOSED     /**< to be freed by connection_leave() */
};

/** How it ended. */
enum ending {
    ENDED_IN_ORDER, /**< both FINs */
    ENDED_BY_RESET, /**< a GOODBYE asked for it */
    ENDED_CUT,      /**< the server had enough of it: a RST */
    ENDED_LOST      /**< the client's RST, or an error */
};

/** Octets that wait. */
struct octets {
    size_t begin, end, capacity;
    uint8_t bytes[];
};

/** What few connections need. */
struct extra {
    struct octets *held; /**< a frame that must be whole: with its checksum checked, a GOODBYE */
    uint64_t wanted;     /**< of held, before it is worth looking at */
    struct echo_head goodbye;
    struct event wait; /**< of the GOODBYE */
    bool has_wait;
    int64_t blocked_since; /**< since when output waits; 0: it does not */
    int unacknowledged; /**< octets in the kernel when its idle time was last over; 0: not asked yet */
};

struct connection {
    union {
        struct event event;      /**< a plain socket's */
        struct bufferevent *tls; /**< TLS */
    } io;
    struct loop *loop;
    TAILQ_ENTRY(connection) siblings; /**< in the loop */
    TAILQ_ENTRY(connection) queued;   /**< in a queue of deadlines */
    int64_t queued_since;
    int64_t stage_since; /**< when the frame began that is coming, or the stage */
    struct echo_answering answering;
    struct octets *pending; /**< a plain socket's output that waits */
    struct extra *extra;    /**< NULL until it is needed */
    struct story *story;    /**< NULL without --verbose */
    int fd;
    uint8_t stage;     /**< enum stage */
    uint8_t queue;     /**< enum deadline */
    uint8_t ending;    /**< enum ending; in STAGE_CLOSED */
    uint8_t watched;   /**< EV_READ, EV_WRITE or 0: what io.event is for */
    bool is_refused;   /**< TLS: STAGE_REFUSED follows the handshake */
    bool has_eof;      /**< the client's FIN has come */
    bool is_active;    /**< TLS: something came since the last tick of the drain */
    uint8_t kept_size; /**< octets of a head that is not whole */
    uint8_t kept[ECHO_HEAD_MAX];
};

/** A way to send and receive. What comes is given to session_input() and session_eof(). */
struct transport {
    /** Send octets, all of them, later if need be. @return false: the connection is of no use. */
    bool (*send)(struct connection *connection, const uint8_t *bytes, size_t size);
    /** @return whether octets wait that were to be sent. */
    bool (*is_blocked)(const struct connection *connection);
    /** Watch for what is of interest now, after a call that may have changed that. */
    void (*settle)(struct connection *connection);
    /** Look at once whether there is something to read, because the server ends. */
    void (*nudge)(struct connection *connection);
    /** Send our FIN. Nothing waits. */
    void (*send_fin)(struct connection *connection);
    /** Give up the descriptor and all else. */
    void (*release)(struct connection *connection);
};

extern const struct transport socket_transport;
extern const struct transport tls_transport;

/* connection.c ------------------------------------------------------------------------------- */

/** A new connection in its loop. The descriptor is its own from here on, whatever happens. */
void connection_open(struct loop *loop, int fd, bool is_refused);

/** Each function that is called by libevent ends with this: it does what is due, frees a connection
 *  that has ended, and else sets what is watched and its deadline. */
void connection_leave(struct connection *connection);

/** It has ended; connection_leave() will free it. */
void connection_end(struct connection *connection, enum ending ending);

/** Its deadline is over. */
void connection_expire(struct connection *connection);

/** @return its extra part, made if need be; NULL: no memory, and the connection has ended. */
struct extra *connection_extra(struct connection *connection);

/** Out of memory: count it and end the connection. */
void connection_no_memory(struct connection *connection);

static inline void connection_count(const struct connection *connection, unsigned counter,
                                    uint64_t by)
{
    count_more(&connection->loop->counters, counter, by);
}

/** Put octets behind others. @return false: no memory; nothing has changed. */
bool octets_append(struct octets **octets, const uint8_t *bytes, size_t size);

/* session.c ---------------------------------------------------------------------------------- */

/** Octets came. @param bytes  with room for ECHO_HEAD_MAX octets in front of them */
void session_input(struct connection *connection, uint8_t *bytes, size_t size);

/** The client's FIN came. */
void session_eof(struct connection *connection);

/** Do what is due, now that nothing waits to be sent. */
void session_proceed(struct connection *connection);

/** The deadline of a frame is over. */
void session_late(struct connection *connection);

/** The server ends, and there is nothing more to read: say so and close.
 *  @param is_forced  a frame that is passing through is not waited for either */
void session_quit(struct connection *connection, bool is_forced);

/** @return whether a frame has begun that is not whole. */
bool session_is_in_frame(const struct connection *connection);

/* story.c ------------------------------------------------------------------------------------ */

/** With --verbose: a connection begins. */
void story_begin(struct connection *connection);
/** Something happened to it that is told with the kernel's state; detail may be "". No-op without
 *  a story. */
void story_tell(struct connection *connection, const char *what, const char *detail);
/** Count for the story's end. No-op without a story. */
void story_count(struct connection *connection, size_t in, size_t out, size_t requests);
/** It ended; the descriptor is still open. Frees the story. */
void story_end(struct connection *connection);

/* tls.c -------------------------------------------------------------------------------------- */

/** Read certificate, key and authorities; a key log is kept where SSLKEYLOGFILE says.
 *  @return NULL: the log says what is wrong */
struct tls *tls_new(const struct options *options);
void tls_free(struct tls *tls);
/** Begin the handshake of a new connection. @return false: no memory; the descriptor is as it was. */
bool tls_begin(struct connection *connection);
/** The server ends: close a connection on which nothing came since the last call. */
void tls_drain_tick(struct connection *connection);

#endif
