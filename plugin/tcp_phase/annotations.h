/* annotations.h
 * What is kept for each frame, so that later passes look up what the first one found.
 *
 * Annotations are packed as numbers of variable length, 16 to 20 octets for most segments, one after
 * the other; a table by frame number says where.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ANNOTATIONS_H
#define HANDSHARK_ANNOTATIONS_H

#include <stddef.h>

#include "engine/tcp_tracker.h"

/** TCP layers of one frame that are kept; a frame with more is a malformed one. */
#define ANNOTATED_LAYERS_MAX 8

/** An annotation and the conversation that it belongs to. */
struct annotated_layer {
    uint32_t stream; /**< tcp.stream */
    struct tcp_annotation annotation;
};

struct annotation_store;

/** @return an empty store, to be freed with annotations_free(). */
struct annotation_store *annotations_new(void);

/** Free a store and all in it. @param store may be NULL. */
void annotations_free(struct annotation_store *store);

/** Keep the annotations of a frame, in place of what was kept for it before.
 *  @param store   the store
 *  @param frame   frame number, from 1
 *  @param layers  the frame's TCP layers, outermost first; copied
 *  @param count   how many; above ANNOTATED_LAYERS_MAX the rest is not kept */
void annotations_set(struct annotation_store *store, uint32_t frame,
                     const struct annotated_layer *layers, unsigned count);

/** Look up the annotations of a frame.
 *  @param store   the store
 *  @param frame   frame number
 *  @param layers  room for ANNOTATED_LAYERS_MAX layers; filled in
 *  @return how many there are; 0: none */
unsigned annotations_get(const struct annotation_store *store, uint32_t frame,
                         struct annotated_layer *layers);

/** @return the octets of memory that a store takes. */
size_t annotations_memory(const struct annotation_store *store);

#endif
