/* tls.c
 * The way over TLS: libevent's OpenSSL bufferevents, which know when TLS wants to read or to write.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "connection.h"
#include "log.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Nothing is read while more than this waits to be written. */
#define OUTPUT_MAX READ_MAX

struct tls {
    SSL_CTX *context;
};

/* set up ------------------------------------------------------------------------------------- */

/* The key log is the process's: OpenSSL's callback has no argument of its own. */
static int key_log = -1;

static void write_key(const SSL *ssl, const char *line)
{
    char text[512];
    int size = snprintf(text, sizeof text, "%s\n", line);
    ssize_t written;

    (void)ssl;
    if (size > 0 && (size_t)size < sizeof text) {
        written = write(key_log, text, (size_t)size); /* whole lines, from any thread */
        (void)written;
    }
}

static void open_key_log(SSL_CTX *context)
{
    const char *path = getenv("SSLKEYLOGFILE");

    if (!path || !*path)
        return;
    key_log = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (key_log < 0) {
        log_line("SSLKEYLOGFILE %s: %s; no keys are logged", path, strerror(errno));
        return;
    }
    log_line("the keys of all connections are written to %s", path);
    SSL_CTX_set_keylog_callback(context, write_key);
}

/* RFC 7301 3.2: a client that offers protocols of which none is ours is refused. */
static int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *size,
                           const unsigned char *offered, unsigned offered_size, void *argument)
{
    static const unsigned char ours[] = "\x10" ECHO_ALPN;
    unsigned char *found;

    (void)ssl;
    (void)argument;
    _Static_assert(sizeof ours == 1 + 0x10 + 1, "the protocol's name has the length that it says");
    if (SSL_select_next_proto(&found, size, ours, sizeof ours - 1, offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

/* A server must not stop and ask at a terminal. */
static int no_password(char *text, int size, int is_to_write, void *argument)
{
    (void)text;
    (void)size;
    (void)is_to_write;
    (void)argument;
    return -1;
}

static bool complain(const char *option, const char *path)
{
    const char *reason = "not usable";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    unsigned long error;

    if (fd < 0) {
        log_line("--%s %s: %s", option, path, strerror(errno));
        return false;
    }
    close(fd);
    /* OpenSSL says first what happened and then, layer by layer, to whom. */
    while ((error = ERR_get_error()) != 0) {
        if (ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE)
            reason = "not what is wanted here, in PEM";
        else if (ERR_GET_REASON(error) == ERR_R_INTERRUPTED_OR_CANCELLED) /* no_password() */
            reason = "the key is encrypted";
        else if (ERR_GET_REASON(error) < ERR_R_FATAL && ERR_reason_error_string(error))
            reason = ERR_reason_error_string(error);
        else
            continue;
        break;
    }
    ERR_clear_error();
    log_line("--%s %s: %s", option, path, reason);
    return false;
}

static bool load_files(SSL_CTX *context, const struct options *options)
{
    const char *authorities = options->tls_client_ca;

    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, options->tls_cert) != 1)
        return complain("tls-cert", options->tls_cert);
    if (SSL_CTX_use_PrivateKey_file(context, options->tls_key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        return complain("tls-key", options->tls_key);
    if (!authorities)
        return true;
    if (SSL_CTX_load_verify_file(context, authorities) != 1)
        return complain("tls-client-ca", authorities);
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(authorities));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return true;
}

struct tls *tls_new(const struct options *options)
{
    struct tls *tls = calloc(1, sizeof *tls);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    if (!tls || !context) {
        log_line("no memory for TLS");
        free(tls);
        SSL_CTX_free(context);
        return NULL;
    }
    tls->context = context;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    /* A FIN without close_notify ends the stream as well: of a frame it cuts off, that is an error
     * by itself. */
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    /* Tickets that a client has not read when it closes make its kernel send a RST. */
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_default_passwd_cb(context, no_password);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    if (!load_files(context, options)) {
        tls_free(tls);
        return NULL;
    }
    open_key_log(context);
    return tls;
}

void tls_free(struct tls *tls)
{
    if (!tls)
        return;
    SSL_CTX_free(tls->context);
    free(tls);
    if (key_log >= 0)
        close(key_log);
}

/* connections -------------------------------------------------------------------------------- */

static bool tls_is_blocked(const struct connection *connection)
{
    return evbuffer_get_length(bufferevent_get_output(connection->io.tls)) > 0;
}

static bool tls_send(struct connection *connection, const uint8_t *bytes, size_t size)
{
    if (bufferevent_write(connection->io.tls, bytes, size) == 0)
        return true;
    connection_no_memory(connection);
    return false;
}

static void tls_settle(struct connection *connection)
{
    struct bufferevent *tls = connection->io.tls;
    size_t waiting = evbuffer_get_length(bufferevent_get_output(tls));
    uint8_t wanted = connection->has_eof || waiting > OUTPUT_MAX ? 0 : EV_READ;

    if (connection->stage == STAGE_HANDSHAKE || wanted == connection->watched)
        return;
    connection->watched = wanted;
    if (wanted)
        bufferevent_enable(tls, EV_READ);
    else
        bufferevent_disable(tls, EV_READ);
}

static void take_input(struct connection *connection)
{
    struct evbuffer *input = bufferevent_get_input(connection->io.tls);
    uint8_t *bytes = connection->loop->buffer + ECHO_HEAD_MAX;
    int size;

    while (connection->stage != STAGE_CLOSED &&
           (size = evbuffer_remove(input, bytes, READ_MAX)) > 0) {
        connection->is_active = true;
        session_input(connection, bytes, (size_t)size);
    }
}

static void on_read(struct bufferevent *tls, void *argument)
{
    (void)tls;
    take_input(argument);
    connection_leave(argument);
}

/* All is written. */
static void on_written(struct bufferevent *tls, void *argument)
{
    (void)tls;
    connection_leave(argument);
}

static void begin_session(struct connection *connection)
{
    SSL *ssl = bufferevent_openssl_get_ssl(connection->io.tls);
    char text[128];

    connection->stage = connection->is_refused ? STAGE_REFUSED : STAGE_UNDECIDED;
    snprintf(text, sizeof text, "%s, %s", SSL_get_version(ssl), SSL_get_cipher_name(ssl));
    story_tell(connection, "TLS: ", text);
}

static void fail(struct connection *connection)
{
    unsigned long error = bufferevent_get_openssl_error(connection->io.tls);
    const char *reason = error ? ERR_reason_error_string(error) : NULL;

    if (error || connection->stage == STAGE_HANDSHAKE) {
        connection_count(connection, COUNT_TLS_FAILED, 1);
        story_tell(connection, "TLS: ", reason ? reason : "failed");
    }
    connection_end(connection, ENDED_LOST);
}

static void on_event(struct bufferevent *tls, short what, void *argument)
{
    struct connection *connection = argument;

    (void)tls;
    if (what & BEV_EVENT_CONNECTED) {
        begin_session(connection);
    } else if (what & BEV_EVENT_EOF && connection->stage != STAGE_HANDSHAKE) {
        /* What came before it has not been told of yet. */
        take_input(connection);
        if (connection->stage != STAGE_CLOSED && !connection->has_eof)
            session_eof(connection);
    } else {
        fail(connection);
    }
    connection_leave(connection);
}

/* Nothing tells that there is no more to read: tls_drain_tick() finds out. */
static void tls_nudge(struct connection *connection)
{
    connection->is_active = true;
}

void tls_drain_tick(struct connection *connection)
{
    bool was_active = connection->is_active;

    connection->is_active = false;
    if (!was_active && !tls_is_blocked(connection))
        session_quit(connection, false);
    connection_leave(connection);
}

/* RFC 8446 6.1: close_notify before the FIN; reading may go on after it. */
static void tls_send_fin(struct connection *connection)
{
    SSL_shutdown(bufferevent_openssl_get_ssl(connection->io.tls));
    ERR_clear_error();
    shutdown(connection->fd, SHUT_WR);
}

static void tls_release(struct connection *connection)
{
    bufferevent_free(connection->io.tls); /* which closes the descriptor */
}

bool tls_begin(struct connection *connection)
{
    struct loop *loop = connection->loop;
    SSL *ssl = SSL_new(loop->service->tls->context);

    if (!ssl)
        return false;
    connection->io.tls = bufferevent_openssl_socket_new(
        loop->base, connection->fd, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    if (!connection->io.tls)
        return false;
    connection->is_refused = connection->stage == STAGE_REFUSED;
    connection->stage = STAGE_HANDSHAKE;
    connection->watched = EV_READ;
    bufferevent_openssl_set_allow_dirty_shutdown(connection->io.tls, 1);
    bufferevent_setcb(connection->io.tls, on_read, on_written, on_event, connection);
    bufferevent_enable(connection->io.tls, EV_READ | EV_WRITE);
    return true;
}

const struct transport tls_transport = { .send = tls_send,
                                         .is_blocked = tls_is_blocked,
                                         .settle = tls_settle,
                                         .nudge = tls_nudge,
                                         .send_fin = tls_send_fin,
                                         .release = tls_release };
