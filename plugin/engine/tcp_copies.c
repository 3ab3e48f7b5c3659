/* tcp_copies.c
 * Tells a segment that was captured twice from one that was sent twice.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp_copies.h"

#include <stddef.h>

/* A packet that carries an identification is known by it; half a second is far more than a router
 * keeps it, and less than the identifications take to go round. Without one, equal segments can be
 * sent twice on purpose (duplicate ACKs, keep-alives): only what follows at once is a copy. */
#define COPY_TIME_IDENTIFIED   INT64_C(500000000)
#define COPY_TIME_UNIDENTIFIED INT64_C(1000000)

static uint64_t slot_of(uint64_t fingerprint)
{
    return (fingerprint ^ (fingerprint >> 32)) & (TCP_COPIES_SLOTS - 1);
}

const struct tcp_remembered *tcp_copies_find(const struct tcp_copies *copies, uint64_t fingerprint,
                                             bool identified, const struct tcp_segment *segment)
{
    const struct tcp_remembered *found = &copies->slot[slot_of(fingerprint)];
    int64_t limit = identified ? COPY_TIME_IDENTIFIED : COPY_TIME_UNIDENTIFIED;
    int64_t age = segment->time - found->time;

    if (found->frame == 0 || found->fingerprint != fingerprint || age < 0 || age > limit)
        return NULL;
    return found;
}

void tcp_copies_remember(struct tcp_copies *copies, uint64_t fingerprint,
                         const struct tcp_segment *segment, const struct tcp_annotation *annotation)
{
    struct tcp_remembered *slot = &copies->slot[slot_of(fingerprint)];

    slot->fingerprint = fingerprint;
    slot->time = segment->time;
    slot->frame = segment->frame;
    slot->annotation = *annotation;
}
