/* conversations.c
 * The conversations of a capture. Stream numbers have no gaps, so a table of tables serves.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "conversations.h"

#include <glib.h>

#define PART_SIZE  64U
#define CACHE_LINE 64 /* octets that a processor fetches at once; a guess does no harm */

struct conversation_table {
    GPtrArray *parts;      /* struct tcp_conversation[PART_SIZE], or NULL */
    GHashTable *continues; /* stream to the one that it continues; NULL: none does */
    GHashTable *earlier;   /* stream to the one of the same ends before; NULL: none has any */
};

struct conversation_table *conversations_new(void)
{
    struct conversation_table *table = g_new0(struct conversation_table, 1);

    table->parts = g_ptr_array_new_with_free_func(g_free);
    return table;
}

void conversations_free(struct conversation_table *table)
{
    if (!table)
        return;
    if (table->continues)
        g_hash_table_destroy(table->continues);
    if (table->earlier)
        g_hash_table_destroy(table->earlier);
    g_ptr_array_free(table->parts, TRUE);
    g_free(table);
}

void conversations_continue(struct conversation_table *table, uint32_t stream, uint32_t earlier)
{
    if (!table->continues)
        table->continues = g_hash_table_new(NULL, NULL);
    g_hash_table_insert(table->continues, GUINT_TO_POINTER(stream),
                        GUINT_TO_POINTER(conversations_first(table, earlier)));
}

uint32_t conversations_first(const struct conversation_table *table, uint32_t stream)
{
    void *first;

    if (table->continues &&
        g_hash_table_lookup_extended(table->continues, GUINT_TO_POINTER(stream), NULL, &first))
        return GPOINTER_TO_UINT(first);
    return stream;
}

void conversations_set_earlier(struct conversation_table *table, uint32_t stream, uint32_t earlier)
{
    if (!table->earlier)
        table->earlier = g_hash_table_new(NULL, NULL);
    g_hash_table_insert(table->earlier, GUINT_TO_POINTER(stream), GUINT_TO_POINTER(earlier));
}

const struct tcp_conversation *conversations_earlier(const struct conversation_table *table,
                                                     uint32_t stream)
{
    void *earlier;

    if (!table->earlier ||
        !g_hash_table_lookup_extended(table->earlier, GUINT_TO_POINTER(stream), NULL, &earlier))
        return NULL;
    return conversations_find(table, GPOINTER_TO_UINT(earlier));
}

struct tcp_conversation *conversations_make(struct conversation_table *table, uint32_t stream)
{
    guint part;

    stream = conversations_first(table, stream);
    part = stream / PART_SIZE;
    if (part >= table->parts->len)
        g_ptr_array_set_size(table->parts, (gint)part + 1);
    if (!g_ptr_array_index(table->parts, part))
        g_ptr_array_index(table->parts, part) = g_new0(struct tcp_conversation, PART_SIZE);
    return (struct tcp_conversation *)g_ptr_array_index(table->parts, part) + stream % PART_SIZE;
}

void conversations_expect(const struct conversation_table *table, uint32_t stream)
{
    const char *conversation = (const char *)conversations_find(table, stream);

    for (size_t at = 0; conversation && at < sizeof(struct tcp_conversation); at += CACHE_LINE)
        __builtin_prefetch(conversation + at, 1);
}

const struct tcp_conversation *conversations_find(const struct conversation_table *table,
                                                  uint32_t stream)
{
    guint part;

    stream = conversations_first(table, stream);
    part = stream / PART_SIZE;
    if (part >= table->parts->len || !g_ptr_array_index(table->parts, part))
        return NULL;
    return (const struct tcp_conversation *)g_ptr_array_index(table->parts, part) +
           stream % PART_SIZE;
}
