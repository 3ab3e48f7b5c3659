/* same_layer.h
 * Whether two annotated layers are the same, field by field.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_SAME_LAYER_H
#define HANDSHARK_SAME_LAYER_H

#include "annotations.h"
#include "check.h"

/** Check that what was looked up is what was kept. */
static inline void check_same_layer(const struct annotated_layer *expected,
                                    const struct annotated_layer *got)
{
    const struct tcp_annotation *a = &expected->annotation, *b = &got->annotation;

    CHECK_NUMBER(expected->stream, got->stream);
    for (int role = 0; role < 2; role++) {
        CHECK_NUMBER(a->dwell[role], b->dwell[role]);
        CHECK_NUMBER(a->state[role], b->state[role]);
        CHECK_NUMBER(a->from[role], b->from[role]);
    }
    CHECK_NUMBER(a->seq, b->seq);
    CHECK_NUMBER(a->ack, b->ack);
    CHECK_NUMBER(a->len, b->len);
    CHECK_NUMBER(a->acks_frame, b->acks_frame);
    CHECK_NUMBER(a->about, b->about);
    CHECK_NUMBER(a->exchange, b->exchange);
    CHECK_NUMBER(a->notes, b->notes);
    CHECK_NUMBER(a->events, b->events);
    CHECK_NUMBER(a->steps, b->steps);
    CHECK_NUMBER(a->experts, b->experts);
    CHECK_NUMBER(a->flags, b->flags);
    CHECK_NUMBER(a->phase, b->phase);
    CHECK_NUMBER(a->sender, b->sender);
    CHECK_NUMBER(a->inferred, b->inferred);
    CHECK_NUMBER(a->accepted, b->accepted);
}

#endif
