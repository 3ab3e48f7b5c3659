/* annotations.c
 * What is kept for each frame.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "annotations.h"

#include <glib.h>
#include <string.h>

#define BLOCK_SIZE 65536U /* octets of packed annotations in one block */
#define PART_SIZE  1024U  /* frames in one part of the table */
#define GROUP_SIZE 64U    /* frames whose annotations lie near each other */
#define RECORD_MAX 96U    /* a packed layer is never longer: 16 numbers of up to 5 or 10 octets */
#define NOTHING    0U     /* an entry without annotations */
#define FAR        UINT16_MAX /* ... with annotations that lie too far away */

/* Where annotations lie is 1 + their octet, counted over all blocks. */
struct part {
    guint32 first[PART_SIZE / GROUP_SIZE]; /* where the first ones of a group lie; NOTHING: none */
    guint16 entry[PART_SIZE];              /* of a frame: 1 + how far from there; NOTHING; FAR */
};

struct annotation_store {
    GPtrArray *blocks; /* guint8[BLOCK_SIZE] */
    GPtrArray *table;  /* struct part; or NULL */
    GHashTable *far;   /* frame -> where its annotations lie */
    guint used;        /* octets used in the last block */
};

/* First octet of a packed layer. */
enum {
    HEAD_CLIENT_MOVES = 1 << 0,
    HEAD_SERVER_MOVES = 1 << 1,
    HEAD_SENDER = 1 << 2,
    HEAD_INFERRED = 1 << 3,
    HEAD_ACCEPTED = 1 << 4,
    HEAD_PHASE = 3 << 5,
    HEAD_MORE = 1 << 7, /* another layer of the same frame follows */
};
#define HEAD_PHASE_SHIFT 5

/* Second octet: which of the numbers that are mostly 0 follow. */
enum {
    HAS_STEPS = 1 << 0,
    HAS_EXPERTS = 1 << 1,
    HAS_NOTES = 1 << 2,
    HAS_ACKS_FRAME = 1 << 3,
    HAS_ABOUT = 1 << 4,
    HAS_EXCHANGE = 1 << 5,
    HAS_LEN = 1 << 6,
    HAS_DWELL = 1 << 7,
};

struct annotation_store *annotations_new(void)
{
    struct annotation_store *store = g_new0(struct annotation_store, 1);

    store->blocks = g_ptr_array_new_with_free_func(g_free);
    store->table = g_ptr_array_new_with_free_func(g_free);
    store->far = g_hash_table_new(NULL, NULL);
    store->used = BLOCK_SIZE;
    return store;
}

void annotations_free(struct annotation_store *store)
{
    if (!store)
        return;
    g_ptr_array_free(store->blocks, TRUE);
    g_ptr_array_free(store->table, TRUE);
    g_hash_table_destroy(store->far);
    g_free(store);
}

size_t annotations_memory(const struct annotation_store *store)
{
    size_t size = sizeof *store + (size_t)store->blocks->len * BLOCK_SIZE;

    for (guint i = 0; i < store->table->len; i++)
        if (g_ptr_array_index(store->table, i))
            size += sizeof(struct part);
    return size;
}

/* Numbers: seven bits an octet, the lowest first; the top bit says that more follow. */
static guint8 *put(guint8 *at, guint64 number)
{
    while (number >= 0x80) {
        *at++ = (guint8)(number | 0x80);
        number >>= 7;
    }
    *at++ = (guint8)number;
    return at;
}

static const guint8 *take(const guint8 *at, guint64 *number)
{
    guint shift = 0;

    *number = 0;
    do {
        *number |= (guint64)(*at & 0x7f) << shift;
        shift += 7;
    } while (*at++ & 0x80);
    return at;
}

/* Numbers with a sign: small ones stay small. */
static guint64 fold(gint64 number)
{
    return number < 0 ? ~((guint64)number << 1) : (guint64)number << 1;
}

static gint64 unfold(guint64 number)
{
    return (gint64)((number & 1) ? ~(number >> 1) : number >> 1);
}

static guint8 head_of(const struct tcp_annotation *note, gboolean more)
{
    guint head = (guint)note->phase << HEAD_PHASE_SHIFT;

    if (note->from[TCP_CLIENT] != note->state[TCP_CLIENT])
        head |= HEAD_CLIENT_MOVES;
    if (note->from[TCP_SERVER] != note->state[TCP_SERVER])
        head |= HEAD_SERVER_MOVES;
    if (note->sender == TCP_SERVER)
        head |= HEAD_SENDER;
    if (note->inferred)
        head |= HEAD_INFERRED;
    if (note->accepted)
        head |= HEAD_ACCEPTED;
    if (more)
        head |= HEAD_MORE;
    return (guint8)head;
}

static guint8 presence_of(const struct tcp_annotation *note)
{
    guint has = 0;

    if (note->steps)
        has |= HAS_STEPS;
    if (note->experts)
        has |= HAS_EXPERTS;
    if (note->notes)
        has |= HAS_NOTES;
    if (note->acks_frame)
        has |= HAS_ACKS_FRAME;
    if (note->about)
        has |= HAS_ABOUT;
    if (note->exchange)
        has |= HAS_EXCHANGE;
    if (note->len)
        has |= HAS_LEN;
    if (note->dwell[TCP_CLIENT] != TCP_NO_TIME || note->dwell[TCP_SERVER] != TCP_NO_TIME)
        has |= HAS_DWELL;
    return (guint8)has;
}

static guint8 *put_dwell(guint8 *at, gint64 dwell)
{
    return put(at, dwell == TCP_NO_TIME ? 0 : fold(dwell) + 1);
}

/* The header's flags as they mostly are with what the segment does: they need not be kept. */
static uint16_t usual_flags(unsigned events)
{
    unsigned flags = (events & TCP_DOES_SYN) ? TCP_SYN : TCP_ACK;

    if (events & TCP_DOES_SYN_ACK)
        flags |= TCP_SYN;
    if (events & TCP_DOES_DATA)
        flags |= TCP_PSH;
    if (events & TCP_DOES_FIN)
        flags |= TCP_FIN;
    if (events & TCP_DOES_RST)
        flags |= TCP_RST;
    return (uint16_t)flags;
}

/* What the segment does as a number that is small for most: the bare ACK, which is among the last events,
 * first, and before it whether flags follow. */
enum { EVENTS_FLAGS = 1 << 0, EVENTS_ACK = 1 << 1, EVENTS_SHIFT = 2 };

static guint8 *put_events(guint8 *at, const struct tcp_annotation *note)
{
    unsigned number = (unsigned)(note->events & ~TCP_DOES_ACK) << EVENTS_SHIFT;

    if (note->events & TCP_DOES_ACK)
        number |= EVENTS_ACK;
    if (note->flags == usual_flags(note->events))
        return put(at, number);
    return put(put(at, number | EVENTS_FLAGS), note->flags);
}

static guint8 *pack(guint8 *at, const struct annotated_layer *layer, uint32_t frame, gboolean more)
{
    const struct tcp_annotation *note = &layer->annotation;
    guint8 head = head_of(note, more);
    guint8 has = presence_of(note);

    *at++ = head;
    *at++ = has;
    *at++ = (guint8)(note->state[TCP_CLIENT] << 4 | note->state[TCP_SERVER]);
    if (head & (HEAD_CLIENT_MOVES | HEAD_SERVER_MOVES))
        *at++ = (guint8)(note->from[TCP_CLIENT] << 4 | note->from[TCP_SERVER]);
    at = put(at, layer->stream);
    at = put_events(at, note);
    at = put(at, note->seq);
    at = put(at, note->ack);
    if (has & HAS_STEPS)
        at = put(at, note->steps);
    if (has & HAS_EXPERTS)
        at = put(at, note->experts);
    if (has & HAS_NOTES)
        at = put(at, note->notes);
    if (has & HAS_ACKS_FRAME)
        at = put(at, fold((gint64)frame - note->acks_frame));
    if (has & HAS_ABOUT)
        at = put(at, fold((gint64)frame - note->about));
    if (has & HAS_EXCHANGE)
        at = put(at, note->exchange);
    if (has & HAS_LEN)
        at = put(at, note->len);
    if (has & HAS_DWELL) {
        at = put_dwell(at, note->dwell[TCP_CLIENT]);
        at = put_dwell(at, note->dwell[TCP_SERVER]);
    }
    return at;
}

static const guint8 *take_u32(const guint8 *at, uint32_t *number)
{
    guint64 wide;

    at = take(at, &wide);
    *number = (uint32_t)wide;
    return at;
}

static const guint8 *take_u16(const guint8 *at, uint16_t *number)
{
    guint64 wide;

    at = take(at, &wide);
    *number = (uint16_t)wide;
    return at;
}

static const guint8 *take_events(const guint8 *at, struct tcp_annotation *note)
{
    uint32_t number;

    at = take_u32(at, &number);
    note->events = (uint16_t)(number >> EVENTS_SHIFT);
    if (number & EVENTS_ACK)
        note->events |= TCP_DOES_ACK;
    if (number & EVENTS_FLAGS)
        return take_u16(at, &note->flags);
    note->flags = usual_flags(note->events);
    return at;
}

static const guint8 *take_frame(const guint8 *at, uint32_t frame, uint32_t *number)
{
    guint64 wide;

    at = take(at, &wide);
    *number = (uint32_t)((gint64)frame - unfold(wide));
    return at;
}

static const guint8 *take_dwell(const guint8 *at, int64_t *dwell)
{
    guint64 wide;

    at = take(at, &wide);
    *dwell = wide == 0 ? TCP_NO_TIME : unfold(wide - 1);
    return at;
}

static const guint8 *take_optional(const guint8 *at, guint8 has, uint32_t frame,
                                   struct tcp_annotation *note)
{
    if (has & HAS_STEPS)
        at = take_u16(at, &note->steps);
    if (has & HAS_EXPERTS)
        at = take_u16(at, &note->experts);
    if (has & HAS_NOTES)
        at = take_u32(at, &note->notes);
    if (has & HAS_ACKS_FRAME)
        at = take_frame(at, frame, &note->acks_frame);
    if (has & HAS_ABOUT)
        at = take_frame(at, frame, &note->about);
    if (has & HAS_EXCHANGE)
        at = take_u32(at, &note->exchange);
    if (has & HAS_LEN)
        at = take_u32(at, &note->len);
    if (has & HAS_DWELL) {
        at = take_dwell(at, &note->dwell[TCP_CLIENT]);
        at = take_dwell(at, &note->dwell[TCP_SERVER]);
    }
    return at;
}

static const guint8 *unpack(const guint8 *at, uint32_t frame, struct annotated_layer *layer)
{
    struct tcp_annotation *note = &layer->annotation;
    guint8 head = *at++;
    guint8 has = *at++;

    memset(layer, 0, sizeof *layer);
    note->phase = (uint8_t)((head & HEAD_PHASE) >> HEAD_PHASE_SHIFT);
    note->sender = (head & HEAD_SENDER) ? TCP_SERVER : TCP_CLIENT;
    note->inferred = (head & HEAD_INFERRED) != 0;
    note->accepted = (head & HEAD_ACCEPTED) != 0;
    note->dwell[TCP_CLIENT] = note->dwell[TCP_SERVER] = TCP_NO_TIME;
    note->state[TCP_CLIENT] = *at >> 4;
    note->state[TCP_SERVER] = *at++ & 0xf;
    note->from[TCP_CLIENT] = note->state[TCP_CLIENT];
    note->from[TCP_SERVER] = note->state[TCP_SERVER];
    if (head & (HEAD_CLIENT_MOVES | HEAD_SERVER_MOVES)) {
        note->from[TCP_CLIENT] = *at >> 4;
        note->from[TCP_SERVER] = *at++ & 0xf;
    }
    at = take_u32(at, &layer->stream);
    at = take_events(at, note);
    at = take_u32(at, &note->seq);
    at = take_u32(at, &note->ack);
    return take_optional(at, has, frame, note);
}

static struct part *make_part(struct annotation_store *store, uint32_t frame)
{
    guint number = frame / PART_SIZE;

    if (number >= store->table->len)
        g_ptr_array_set_size(store->table, (gint)number + 1);
    if (!g_ptr_array_index(store->table, number))
        g_ptr_array_index(store->table, number) = g_new0(struct part, 1);
    return g_ptr_array_index(store->table, number);
}

/* Keep where a frame's annotations lie. Frames come in order, so that those of a group lie together;
 * where they do not, and when what was kept is replaced, the table of the far ones says it. */
static void keep_place(struct annotation_store *store, uint32_t frame, guint32 place)
{
    struct part *part = make_part(store, frame);
    guint16 *entry = &part->entry[frame % PART_SIZE];
    guint32 *first = &part->first[frame % PART_SIZE / GROUP_SIZE];

    if (*first == NOTHING)
        *first = place;
    if (place == NOTHING) {
        *entry = NOTHING;
    } else if (place - *first < FAR - 1U) {
        *entry = (guint16)(1 + place - *first);
    } else {
        *entry = FAR;
        g_hash_table_insert(store->far, GUINT_TO_POINTER(frame), GUINT_TO_POINTER(place));
    }
}

static guint32 place_of(const struct annotation_store *store, uint32_t frame)
{
    const struct part *part = NULL;
    guint16 entry;

    if (frame / PART_SIZE < store->table->len)
        part = g_ptr_array_index(store->table, frame / PART_SIZE);
    if (!part)
        return NOTHING;
    entry = part->entry[frame % PART_SIZE];
    if (entry == NOTHING)
        return NOTHING;
    if (entry == FAR)
        return GPOINTER_TO_UINT(g_hash_table_lookup(store->far, GUINT_TO_POINTER(frame)));
    return part->first[frame % PART_SIZE / GROUP_SIZE] + entry - 1;
}

void annotations_set(struct annotation_store *store, uint32_t frame,
                     const struct annotated_layer *layers, unsigned count)
{
    guint8 *begin, *end;

    if (count > ANNOTATED_LAYERS_MAX)
        count = ANNOTATED_LAYERS_MAX;
    if (count == 0) {
        keep_place(store, frame, NOTHING);
        return;
    }
    if (store->used + count * RECORD_MAX > BLOCK_SIZE) {
        g_ptr_array_add(store->blocks, g_malloc(BLOCK_SIZE));
        store->used = 0;
    }
    begin = (guint8 *)g_ptr_array_index(store->blocks, store->blocks->len - 1) + store->used;
    end = begin;
    for (unsigned i = 0; i < count; i++)
        end = pack(end, &layers[i], frame, i + 1 < count);
    keep_place(store, frame, (store->blocks->len - 1) * BLOCK_SIZE + store->used + 1);
    store->used += (guint)(end - begin);
}

unsigned annotations_get(const struct annotation_store *store, uint32_t frame,
                         struct annotated_layer *layers)
{
    guint32 place = place_of(store, frame);
    const guint8 *at;
    gboolean more = TRUE;
    unsigned count = 0;

    if (place == NOTHING)
        return 0;
    place--;
    at = (const guint8 *)g_ptr_array_index(store->blocks, place / BLOCK_SIZE) + place % BLOCK_SIZE;
    while (more && count < ANNOTATED_LAYERS_MAX) {
        more = (*at & HEAD_MORE) != 0;
        at = unpack(at, frame, &layers[count++]);
    }
    return count;
}
