/* echo_address.h
 * Addresses as people write them, for the echo server and the echo client.
 *
 *     HOST  HOST:PORT  [V6]  [V6]:PORT  V6  *  *:PORT  unix:PATH  unix:@NAME
 *
 * HOST is a name or an IPv4 address. Without a port it is ECHO_PORT. `*` is every address of this
 * machine and makes sense for a server only. unix:@NAME is in Linux's abstract name space.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_ADDRESS_H
#define HANDSHARK_ECHO_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/** Room for a name of the DNS (RFC 1035 2.3.4), or for the path of a Unix socket. */
#define ECHO_HOST_MAX 256
/** Room for what echo_endpoint_text() writes, its zero included. */
#define ECHO_ENDPOINT_TEXT_MAX 128

/** An address as it was written. */
struct echo_address {
    char host[ECHO_HOST_MAX]; /**< without brackets; "*": every address; with is_unix the path */
    uint16_t port;
    bool has_port; /**< it was written, not filled in */
    bool is_unix;
};

/** What a socket binds to or connects to. */
struct echo_endpoint {
    struct sockaddr_storage address;
    socklen_t size;
};

/** Take an address apart.
 *  @param address  receives it
 *  @param text     one of the forms above
 *  @return NULL: it is good; else what is wrong with it, a few words, static storage */
const char *echo_address_parse(struct echo_address *address, const char *text);

/** Find the endpoints of an address; names are looked up.
 *  @param address    what echo_address_parse() made
 *  @param to_listen  for a server: `*` is allowed
 *  @param endpoints  receives them, each once, in the order in which they are to be tried
 *  @param capacity   how many there is room for
 *  @param problem    receives NULL, or why there is none: static storage
 *  @return how many there are; 0 with a problem */
size_t echo_address_resolve(const struct echo_address *address, bool to_listen,
                            struct echo_endpoint *endpoints, size_t capacity, const char **problem);

/** Write an endpoint as people do: `127.0.0.1:2333`, `[::1]:2333`, `unix:PATH`, `unix` for an end
 *  without a name.
 *  @param text      receives it; @p capacity octets, ECHO_ENDPOINT_TEXT_MAX are always enough
 *  @return @p text */
const char *echo_endpoint_text(const struct echo_endpoint *endpoint, char *text, size_t capacity);

#endif
