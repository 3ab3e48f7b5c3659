/* payload.c
 * The octets that payloads are taken from.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "payload.h"

#include <stdio.h>
#include <stdlib.h>

struct payloads payloads_make(uint32_t size_min, uint32_t size_max)
{
    static const char LETTERS[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct payloads payloads = { size_min, size_max, NULL };
    size_t size = (size_t)size_max + PAYLOAD_OFFSETS;
    uint64_t noise = UINT64_C(88172645463325252);

    payloads.octets = malloc(size);
    if (!payloads.octets) {
        perror("handshark-echo-client");
        exit(1);
    }
    for (size_t i = 0; i < size; i++) {
        noise ^= noise << 13; /* xorshift64 */
        noise ^= noise >> 7;
        noise ^= noise << 17;
        payloads.octets[i] = (uint8_t)LETTERS[noise >> 58];
    }
    return payloads;
}

void payloads_free(struct payloads *payloads)
{
    free(payloads->octets);
    payloads->octets = NULL;
}
