/* payload.h
 * What requests carry: letters that look like noise, other ones for each id.
 *
 * A request's size and octets follow from its id, so that nothing need be kept to check the answer.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_CLIENT_PAYLOAD_H
#define HANDSHARK_ECHO_CLIENT_PAYLOAD_H

#include <stdint.h>

/** Source of all payloads of a run. */
struct payloads {
    uint32_t size_min, size_max;
    uint8_t *octets; /**< printable, none of them the magic's; size_max + PAYLOAD_OFFSETS */
};

/** A payload begins at one of so many places in the same octets. */
#define PAYLOAD_OFFSETS 1021U

/** Make the source. Ends the program when there is no memory.
 *  @return it; payloads_free() frees it */
struct payloads payloads_make(uint32_t size_min, uint32_t size_max);
void payloads_free(struct payloads *payloads);

/** @return how many octets the request with this id carries. */
static inline uint32_t payload_size(const struct payloads *payloads, uint64_t id)
{
    uint32_t range = payloads->size_max - payloads->size_min;

    /* The golden ratio's multiplier spreads consecutive ids evenly. */
    return range == 0 ? payloads->size_min
                      : payloads->size_min +
                            (uint32_t)((id * UINT64_C(0x9E3779B97F4A7C15) >> 32) % (range + 1));
}

/** @return the octets that it carries. */
static inline const uint8_t *payload_octets(const struct payloads *payloads, uint64_t id)
{
    return payloads->octets + id % PAYLOAD_OFFSETS;
}

#endif
