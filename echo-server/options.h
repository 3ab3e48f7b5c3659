/* options.h
 * The command line.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_OPTIONS_H
#define HANDSHARK_ECHO_OPTIONS_H

#include "echo_address.h"

#define ADDRESSES_MAX 32

/** What the server was told, defaults filled in. Times in milliseconds, 0: never. */
struct options {
    struct echo_address addresses[ADDRESSES_MAX];
    size_t address_count;
    bool is_default; /**< no address was given */
    unsigned threads;
    uint64_t max_connections;
    uint32_t max_payload; /**< octets */
    bool check_crc;
    int64_t idle_ms;
    int64_t frame_ms;
    int64_t closing_ms;
    int64_t drain_ms;
    const char *tls_cert, *tls_key, *tls_client_ca; /**< files, or NULL */
    bool has_metrics;
    struct echo_address metrics;
    bool verbose;
};

/** Read the command line; --help and --version are answered here.
 *  @param options  receives it
 *  @param status   receives what to exit with, if it is not to go on: 0 or 2
 *  @return whether to go on */
bool options_read(struct options *options, int argc, char **argv, int *status);

#endif
