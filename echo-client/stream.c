/* stream.c
 * A socket to the server, with TLS or without.
 *
 * TLS is OpenSSL on the socket itself, not on libevent's bufferevents: those read 4 KiB at a time and
 * need four times the system calls, and one way of reading and writing serves all connections.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stream.h"
#include "echo_frame.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* TLS ---------------------------------------------------------------------------------------- */

static FILE *key_log;

static void log_key(const SSL *ssl, const char *line)
{
    (void)ssl;
    fprintf(key_log, "%s\n", line); /* one call: threads do not mix their lines */
    fflush(key_log);
}

/* The first error is the cause; those behind it say what could not be done therefore. */
static const char *tls_reason(void)
{
    unsigned long error = ERR_peek_error();

    if (error == 0)
        return strerror(errno);
    return ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error))
                                   : ERR_reason_error_string(error);
}

__attribute__((noreturn)) static void tls_failed(const char *what)
{
    fprintf(stderr, "handshark-echo-client: %s: %s\n", what, tls_reason());
    exit(STATUS_FAILED);
}

SSL_CTX *stream_tls(const struct options *options)
{
    static const unsigned char alpn[] = "\x10" ECHO_ALPN;
    const char *log = getenv("SSLKEYLOGFILE");
    SSL_CTX *tls;

    if (!options->tls)
        return NULL;
    tls = SSL_CTX_new(TLS_client_method());
    if (!tls)
        tls_failed("TLS");
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_alpn_protos(tls, alpn, sizeof alpn - 1);
    SSL_CTX_set_verify(tls, options->tls_insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
    if (options->tls_ca ? SSL_CTX_load_verify_file(tls, options->tls_ca) != 1
                        : SSL_CTX_set_default_verify_paths(tls) != 1)
        tls_failed(options->tls_ca ? options->tls_ca : "the system's certificates");
    if (options->tls_cert && SSL_CTX_use_certificate_chain_file(tls, options->tls_cert) != 1)
        tls_failed(options->tls_cert);
    if (options->tls_key &&
        SSL_CTX_use_PrivateKey_file(tls, options->tls_key, SSL_FILETYPE_PEM) != 1)
        tls_failed(options->tls_key);
    if (log && *log) {
        key_log = fopen(log, "ae");
        if (!key_log)
            tls_failed(log);
        SSL_CTX_set_keylog_callback(tls, log_key);
    }
    return tls;
}

static int tls_result(const struct stream *stream, int result)
{
    switch (SSL_get_error(stream->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return STREAM_WANTS_READ;
    case SSL_ERROR_WANT_WRITE:
        return STREAM_WANTS_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return STREAM_END;
    default:
        return STREAM_FAILED;
    }
}

static int tls_begin(struct stream *stream, SSL_CTX *tls, const struct options *options)
{
    const char *name = options->tls_name ? options->tls_name : options->address.host;
    struct in6_addr unused;

    stream->ssl = SSL_new(tls);
    if (!stream->ssl || SSL_set_fd(stream->ssl, stream->fd) != 1)
        return -1;
    if (inet_pton(AF_INET, name, &unused) == 1 || inet_pton(AF_INET6, name, &unused) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(stream->ssl), name) == 1 ? 0 : -1;
    if (options->address.is_unix && !options->tls_name)
        return 0;
    SSL_set_tlsext_host_name(stream->ssl, name);
    return SSL_set1_host(stream->ssl, name) == 1 ? 0 : -1;
}

int stream_secure(struct stream *stream, SSL_CTX *tls, const struct options *options)
{
    int result;

    if (!tls)
        return 1;
    ERR_clear_error();
    if (!stream->ssl && tls_begin(stream, tls, options) != 0)
        return STREAM_FAILED;
    result = SSL_connect(stream->ssl);
    if (result == 1)
        return 1;
    result = tls_result(stream, result);
    return result == STREAM_END ? STREAM_FAILED : result;
}

const char *stream_problem(const struct stream *stream)
{
    static _Thread_local char text[256];
    long verified = stream->ssl ? SSL_get_verify_result(stream->ssl) : X509_V_OK;

    if (verified != X509_V_OK)
        snprintf(text, sizeof text, "TLS: %s", X509_verify_cert_error_string(verified));
    else if (stream->ssl && ERR_peek_error() != 0)
        snprintf(text, sizeof text, "TLS: %s", tls_reason());
    else if (stream->ssl && errno == 0)
        snprintf(text, sizeof text, "TLS: the server closed the connection");
    else
        snprintf(text, sizeof text, "%s", strerror(errno));
    return text;
}

/* sockets ------------------------------------------------------------------------------------ */

static void set_option(int fd, int name, int value)
{
    /* A hint that a kernel or a Unix socket does not take changes nothing that is promised. */
    (void)setsockopt(fd, IPPROTO_TCP, name, &value, sizeof value);
}

int stream_connect(struct stream *stream, const struct echo_endpoint *endpoint,
                   enum opening opening)
{
    *stream = (struct stream){ .fd = socket(endpoint->address.ss_family,
                                            SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) };
    if (stream->fd < 0)
        return -1;
    set_option(stream->fd, TCP_NODELAY, 1);
    if (opening == OPEN_DATA)
        set_option(stream->fd, TCP_QUICKACK, 0); /* the ACK of the SYN-ACK waits for our data */
    if (opening == OPEN_FAST)
        set_option(stream->fd, TCP_FASTOPEN_CONNECT, 1); /* the SYN waits, if there is a cookie */
    if (connect(stream->fd, (const struct sockaddr *)&endpoint->address, endpoint->size) == 0 ||
        errno == EINPROGRESS)
        return 0;
    /* A Unix socket whose queue is full says EAGAIN, and would never become writable. */
    if (errno == EAGAIN)
        errno = ECONNREFUSED;
    stream_close(stream);
    return -1;
}

void stream_hold(struct stream *stream)
{
    set_option(stream->fd, TCP_CORK, 1);
}

int stream_connected(const struct stream *stream)
{
    int error = 0;
    socklen_t size = sizeof error;

    return getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

ssize_t stream_read(struct stream *stream, void *octets, size_t size)
{
    ssize_t result;

    if (stream->ssl) {
        ERR_clear_error();
        errno = 0;
        result = SSL_read(stream->ssl, octets, size > INT32_MAX ? INT32_MAX : (int)size);
        return result > 0 ? result : tls_result(stream, (int)result);
    }
    do
        result = recv(stream->fd, octets, size, 0); /* read() takes a longer way to it */
    while (result < 0 && errno == EINTR);
    return result < 0 && errno == EAGAIN ? STREAM_WANTS_READ : result;
}

ssize_t stream_write(struct stream *stream, const void *octets, size_t size)
{
    ssize_t result;

    if (stream->ssl) {
        ERR_clear_error();
        errno = 0;
        result = SSL_write(stream->ssl, octets, size > INT32_MAX ? INT32_MAX : (int)size);
        return result > 0 ? result : tls_result(stream, (int)result);
    }
    do
        result = send(stream->fd, octets, size, MSG_NOSIGNAL);
    while (result < 0 && errno == EINTR);
    return result < 0 && errno == EAGAIN ? STREAM_WANTS_WRITE : result;
}

ssize_t stream_write_parts(struct stream *stream, struct iovec *parts, size_t count)
{
    const struct msghdr message = { .msg_iov = parts, .msg_iovlen = count };
    ssize_t result;

    do
        result = sendmsg(stream->fd, &message, MSG_NOSIGNAL);
    while (result < 0 && errno == EINTR);
    return result < 0 && errno == EAGAIN ? STREAM_WANTS_WRITE : result;
}

void stream_shutdown(struct stream *stream)
{
    if (stream->ssl)
        SSL_shutdown(stream->ssl);
    shutdown(stream->fd, SHUT_WR);
}

void stream_close(struct stream *stream)
{
    int error = errno;

    SSL_free(stream->ssl);
    if (stream->fd >= 0)
        close(stream->fd);
    *stream = (struct stream){ .fd = -1 };
    errno = error;
}

void stream_abort(struct stream *stream)
{
    const struct linger now = { .l_onoff = 1, .l_linger = 0 };

    setsockopt(stream->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    stream_close(stream);
}

int stream_vanish(struct stream *stream)
{
    int on = 1;

    if (setsockopt(stream->fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof on) != 0)
        return -1;
    stream_close(stream);
    return 0;
}

static bool get_info(const struct stream *stream, struct tcp_info *info)
{
    socklen_t size = sizeof *info;

    memset(info, 0, sizeof *info);
    return getsockopt(stream->fd, IPPROTO_TCP, TCP_INFO, info, &size) == 0;
}

bool stream_was_fast(const struct stream *stream)
{
    struct tcp_info info;

    return get_info(stream, &info) && info.tcpi_options & TCPI_OPT_SYN_DATA;
}

const char *stream_state(const struct stream *stream)
{
    /* The kernel's numbers (net/tcp_states.h), RFC 9293's names. */
    static const char *const names[] = { "",           "ESTABLISHED", "SYN_SENT",  "SYN_RCVD",
                                         "FIN_WAIT_1", "FIN_WAIT_2",  "TIME_WAIT", "CLOSED",
                                         "CLOSE_WAIT", "LAST_ACK",    "LISTEN",    "CLOSING" };
    struct tcp_info info;

    if (!get_info(stream, &info) || info.tcpi_state >= sizeof names / sizeof names[0])
        return "";
    return names[info.tcpi_state];
}
