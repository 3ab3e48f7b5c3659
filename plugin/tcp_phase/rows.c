/* rows.c
 * A row for each conversation. Stream numbers have no gaps, so a table of tables serves.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"

#include <glib.h>
#include <string.h>

#define PART_SIZE 64U

struct conversation_rows {
    GPtrArray *parts; /* struct conversation_row[PART_SIZE], or NULL */
    unsigned count;
};

static void free_part(gpointer part)
{
    struct conversation_row *rows = part;

    for (unsigned i = 0; rows && i < PART_SIZE; i++)
        for (unsigned role = 0; role < 2; role++)
            if (rows[i].address_length[role] > ROW_ADDRESS_MAX)
                g_free(rows[i].address[role].outside);
    g_free(rows);
}

struct conversation_rows *rows_new(void)
{
    struct conversation_rows *rows = g_new0(struct conversation_rows, 1);

    rows->parts = g_ptr_array_new_with_free_func(free_part);
    return rows;
}

void rows_free(struct conversation_rows *rows)
{
    if (!rows)
        return;
    g_ptr_array_free(rows->parts, TRUE);
    g_free(rows);
}

void rows_clear(struct conversation_rows *rows)
{
    g_ptr_array_set_size(rows->parts, 0);
    rows->count = 0;
}

static struct conversation_row *place_of(struct conversation_rows *rows, uint32_t stream)
{
    guint part = stream / PART_SIZE;

    if (part >= rows->parts->len)
        g_ptr_array_set_size(rows->parts, (gint)part + 1);
    if (!g_ptr_array_index(rows->parts, part))
        g_ptr_array_index(rows->parts, part) = g_new0(struct conversation_row, PART_SIZE);
    return (struct conversation_row *)g_ptr_array_index(rows->parts, part) + stream % PART_SIZE;
}

static void keep_address(struct conversation_row *row, unsigned role, const address *addr)
{
    /* A name in place of an address can be of any length (AT_STRINGZ). */
    uint8_t length = (uint8_t)CLAMP(addr->len, 0, UINT8_MAX);

    row->address_type[role] = (uint8_t)addr->type;
    row->address_length[role] = length;
    if (length > ROW_ADDRESS_MAX) {
        row->address[role].outside = g_malloc0((gsize)length + 1);
        memcpy(row->address[role].outside, addr->data, length);
    } else if (length > 0) {
        memcpy(row->address[role].octets, addr->data, length);
    }
}

static void begin_row(struct conversation_row *row, const struct tapped_segment *segment)
{
    unsigned sender = segment->annotation->sender;

    row->stream = segment->stream;
    row->first_frame = segment->frame;
    row->start = segment->time;
    keep_address(row, sender, &segment->source);
    keep_address(row, !sender, &segment->destination);
    row->port[sender] = segment->source_port;
    row->port[!sender] = segment->destination_port;
}

/* What were taken for client and server by their ports are the other way round, where a SYN comes after
 * segments of no connection. */
static void swap_ends(struct conversation_row *row)
{
    struct conversation_row before = *row;

    for (unsigned role = 0; role < 2; role++) {
        row->address[role] = before.address[!role];
        row->address_type[role] = before.address_type[!role];
        row->address_length[role] = before.address_length[!role];
        row->port[role] = before.port[!role];
    }
}

static bool is_end(const struct conversation_row *row, unsigned role, const address *addr,
                   uint16_t port)
{
    address kept;

    row_address(row, (enum tcp_role)role, &kept);
    return row->port[role] == port && addresses_equal(&kept, addr);
}

struct conversation_row *rows_add(struct conversation_rows *rows,
                                  const struct tapped_segment *segment)
{
    struct conversation_row *row = place_of(rows, segment->stream);
    unsigned sender = segment->annotation->sender;

    if (row->segments == 0) {
        begin_row(row, segment);
        rows->count++;
    } else if (!is_end(row, sender, &segment->source, segment->source_port) &&
               is_end(row, !sender, &segment->source, segment->source_port)) {
        swap_ends(row);
    }
    row->last_frame = segment->frame;
    row->segments++;
    return row;
}

unsigned rows_count(const struct conversation_rows *rows)
{
    return rows->count;
}

const struct conversation_row *rows_next(const struct conversation_rows *rows, uint32_t *next)
{
    while (*next / PART_SIZE < rows->parts->len) {
        const struct conversation_row *part = g_ptr_array_index(rows->parts, *next / PART_SIZE);

        if (!part) {
            *next = (*next / PART_SIZE + 1) * PART_SIZE;
            continue;
        }
        part += (*next)++ % PART_SIZE;
        if (part->segments > 0)
            return part;
    }
    return NULL;
}

void row_address(const struct conversation_row *row, enum tcp_role role, address *addr)
{
    uint8_t length = row->address_length[role];
    const uint8_t *octets = row->address[role].octets;

    if (length > ROW_ADDRESS_MAX)
        octets = row->address[role].outside;
    set_address(addr, row->address_type[role], length, length > 0 ? octets : NULL);
}

size_t rows_memory(const struct conversation_rows *rows)
{
    size_t size = sizeof *rows + rows->parts->len * sizeof(gpointer);

    for (guint i = 0; i < rows->parts->len; i++)
        if (g_ptr_array_index(rows->parts, i))
            size += PART_SIZE * sizeof(struct conversation_row);
    return size;
}
