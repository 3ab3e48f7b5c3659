/* annotation_bytes.h
 * Octets into an annotation: any value that its fields can have, engine or not.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ANNOTATION_BYTES_H
#define HANDSHARK_ANNOTATION_BYTES_H

#include "fuzz.h"
#include "tcp_tracker.h"

/** @return a number of up to so many octets: small ones take few octets of the input. */
static inline uint64_t take_sized(struct fuzz_reader *reader, unsigned octets)
{
    return fuzz_take(reader, (unsigned)fuzz_take(reader, 1) % (octets + 1));
}

/** @return an annotation. */
static inline struct tcp_annotation take_annotation(struct fuzz_reader *reader)
{
    struct tcp_annotation note = { .dwell = { TCP_NO_TIME, TCP_NO_TIME } };
    unsigned head = (unsigned)fuzz_take(reader, 2);

    note.phase = head & 3;
    note.sender = head >> 2 & 1;
    note.inferred = head >> 3 & 1;
    note.accepted = head >> 4 & 1;
    for (int role = 0; role < 2; role++) {
        unsigned states = (unsigned)fuzz_take(reader, 1);

        note.state[role] = (uint8_t)((states & 15) % TCP_STATE_COUNT);
        note.from[role] = (head >> (5 + role) & 1) ? (uint8_t)((states >> 4) % TCP_STATE_COUNT)
                                                   : note.state[role];
        if (head >> (7 + role) & 1)
            note.dwell[role] = (int64_t)take_sized(reader, 8);
    }
    note.events = (uint16_t)fuzz_take(reader, 2);
    note.seq = (uint32_t)take_sized(reader, 4);
    note.ack = (uint32_t)take_sized(reader, 4);
    note.len = (uint32_t)take_sized(reader, 4);
    note.steps = (uint16_t)take_sized(reader, 2);
    note.experts = (uint16_t)take_sized(reader, 2);
    note.notes = (uint32_t)take_sized(reader, 4);
    note.acks_frame = (uint32_t)take_sized(reader, 4);
    note.about = (uint32_t)take_sized(reader, 4);
    note.exchange = (uint32_t)take_sized(reader, 4);
    note.flags = (uint16_t)take_sized(reader, 2);
    return note;
}

#endif
