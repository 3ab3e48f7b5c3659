/* fuzz_annotations.c
 * The store of annotations: whatever is kept for whichever frame comes back as it was, and nothing
 * else does.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "annotation_bytes.h"
#include "annotations.h"
#include "same_layer.h"

#define FRAMES_MAX 64
/* The table grows with the highest number: more would make every input slow. */
#define FRAME_NUMBER_MAX (1U << 22)

/* What is to come back. */
struct kept {
    uint32_t frame;
    unsigned count;
    struct annotated_layer layers[ANNOTATED_LAYERS_MAX];
};

static struct kept kept[FRAMES_MAX];
static unsigned kept_count;

static struct kept *find(uint32_t frame)
{
    for (unsigned i = 0; i < kept_count; i++)
        if (kept[i].frame == frame)
            return &kept[i];
    return NULL;
}

static void look_up(const struct annotation_store *store, uint32_t frame)
{
    struct annotated_layer got[ANNOTATED_LAYERS_MAX];
    const struct kept *expected = find(frame);
    unsigned count = annotations_get(store, frame, got);

    if (!CHECK_NUMBER(expected ? expected->count : 0, count))
        return;
    for (unsigned i = 0; i < count; i++)
        check_same_layer(&expected->layers[i], &got[i]);
}

static void keep(struct annotation_store *store, struct fuzz_reader *reader, uint32_t frame)
{
    struct annotated_layer layers[ANNOTATED_LAYERS_MAX + 2] = { 0 };
    unsigned count = (unsigned)fuzz_take(reader, 1) % (ANNOTATED_LAYERS_MAX + 3);
    struct kept *entry = find(frame);

    if (!entry && kept_count == FRAMES_MAX)
        return;
    if (!entry)
        entry = &kept[kept_count++];
    for (unsigned i = 0; i < count; i++) {
        layers[i].stream = (uint32_t)take_sized(reader, 4);
        layers[i].annotation = take_annotation(reader);
    }
    annotations_set(store, frame, layers, count);
    entry->frame = frame;
    entry->count = count > ANNOTATED_LAYERS_MAX ? ANNOTATED_LAYERS_MAX : count;
    for (unsigned i = 0; i < entry->count; i++)
        entry->layers[i] = layers[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_reader reader = { data, data + size };
    struct annotation_store *store = annotations_new();

    kept_count = 0;
    while (fuzz_has_more(&reader)) {
        uint32_t frame = (uint32_t)take_sized(&reader, 3) % FRAME_NUMBER_MAX;

        if (fuzz_take(&reader, 1) % 4 == 0)
            look_up(store, frame);
        else
            keep(store, &reader, frame);
    }
    for (unsigned i = 0; i < kept_count; i++) {
        look_up(store, kept[i].frame);
        look_up(store, kept[i].frame + 1);
    }
    annotations_free(store);
    if (check_failures() > 0)
        fuzz_give_up();
    return 0;
}
