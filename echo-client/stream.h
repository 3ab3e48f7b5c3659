/* stream.h
 * A socket to the server, with TLS or without.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_CLIENT_STREAM_H
#define HANDSHARK_ECHO_CLIENT_STREAM_H

#include "options.h"

#include <openssl/ssl.h>
#include <sys/types.h>
#include <sys/uio.h>

/** One end of a connection. */
struct stream {
    int fd; /**< -1: none */
    SSL *ssl;
};

/** What stream_read(), stream_write() and stream_secure() return beside numbers of octets. */
enum {
    STREAM_END = 0,         /**< reading: the server's FIN */
    STREAM_FAILED = -1,     /**< errno, or stream_problem(), says why */
    STREAM_WANTS_READ = -2, /**< try again when there is something to read */
    STREAM_WANTS_WRITE = -3 /**< try again when there is room to write */
};

/** Make what all TLS connections of a run share. Ends the program with a message if that fails.
 *  @return it; NULL without --tls */
SSL_CTX *stream_tls(const struct options *options);

/** Begin a connection, without waiting for it.
 *  @param stream    receives it
 *  @param endpoint  where to
 *  @param opening   OPEN_THREE_WAY, OPEN_DATA or OPEN_FAST
 *  @return 0: it is on its way or there; -1: errno says why not */
int stream_connect(struct stream *stream, const struct echo_endpoint *endpoint,
                   enum opening opening);

/** How did the connecting end? To be asked once the socket can be written to.
 *  @return 0: connected; else an errno */
int stream_connected(const struct stream *stream);

/** Go on with the TLS handshake.
 *  @return 1: done, or no TLS; else STREAM_FAILED or what it waits for */
int stream_secure(struct stream *stream, SSL_CTX *tls, const struct options *options);

ssize_t stream_read(struct stream *stream, void *octets, size_t size);
ssize_t stream_write(struct stream *stream, const void *octets, size_t size);
/** The same for octets in several places; not with TLS. */
ssize_t stream_write_parts(struct stream *stream, struct iovec *parts, size_t count);

/** Hold back what is written from now on and fills no segment, so that our FIN travels with it. */
void stream_hold(struct stream *stream);
/** Send our FIN, with TLS after a close_notify. */
void stream_shutdown(struct stream *stream);
/** Close: a FIN, if none was sent. */
void stream_close(struct stream *stream);
/** Close with an RST. */
void stream_abort(struct stream *stream);
/** Close without a segment.
 *  @return 0, or -1 where that is not allowed: nothing was done then */
int stream_vanish(struct stream *stream);

/** @return what went wrong: the TLS library's words or errno's; static storage. */
const char *stream_problem(const struct stream *stream);

/** @return whether the server acknowledged the data of our SYN. */
bool stream_was_fast(const struct stream *stream);
/** @return the kernel's name for our end's state; "" where it has none to tell. */
const char *stream_state(const struct stream *stream);

#endif
