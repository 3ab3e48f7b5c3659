/* test_rows.c
 * A row for each conversation: its ends, whoever speaks first, and its frames.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "rows.h"

#include <string.h>

static const uint8_t client4[] = { 192, 0, 2, 1 }, server4[] = { 192, 0, 2, 2 };
static const uint8_t client6[16] = { 0x20, 1, 0x0d, 0xb8, [15] = 1 };
static const uint8_t server6[16] = { 0x20, 1, 0x0d, 0xb8, [15] = 2 };

struct end {
    int type, length;
    const void *octets;
    uint16_t port;
};

static const struct end client = { AT_IPv4, 4, client4, 40000 };
static const struct end server = { AT_IPv4, 4, server4, 80 };

/* A segment from one end to the other. */
static struct conversation_row *add(struct conversation_rows *rows, uint32_t stream, uint32_t frame,
                                    enum tcp_role sender, const struct end *from,
                                    const struct end *to)
{
    struct tcp_annotation note = { .sender = (uint8_t)sender };
    struct tapped_segment segment = { .stream = stream,
                                      .frame = frame,
                                      .time = (int64_t)frame * 1000,
                                      .annotation = &note,
                                      .source_port = from->port,
                                      .destination_port = to->port };

    set_address(&segment.source, from->type, from->length, from->octets);
    set_address(&segment.destination, to->type, to->length, to->octets);
    return rows_add(rows, &segment);
}

static void expect_end(const struct conversation_row *row, enum tcp_role role,
                       const struct end *expected)
{
    address addr;

    row_address(row, role, &addr);
    CHECK_NUMBER(expected->type, addr.type);
    CHECK_NUMBER(expected->length, addr.len);
    CHECK(addr.len == 0 || memcmp(addr.data, expected->octets, (size_t)addr.len) == 0);
    CHECK_NUMBER(expected->port, row->port[role]);
}

static void test_frames(void)
{
    struct conversation_rows *rows = rows_new();
    const struct conversation_row *row = add(rows, 0, 5, TCP_CLIENT, &client, &server);

    CHECK_NUMBER(1, row->segments);
    CHECK_NUMBER(5000, row->start);
    add(rows, 0, 6, TCP_SERVER, &server, &client);
    add(rows, 0, 9, TCP_CLIENT, &client, &server);
    CHECK_NUMBER(3, row->segments);
    CHECK_NUMBER(5, row->first_frame);
    CHECK_NUMBER(9, row->last_frame);
    CHECK_NUMBER(5000, row->start);
    expect_end(row, TCP_CLIENT, &client);
    expect_end(row, TCP_SERVER, &server);
    CHECK_NUMBER(1, rows_count(rows));
    rows_free(rows);
}

/* The first segment seen is the server's. */
static void test_server_first(void)
{
    struct conversation_rows *rows = rows_new();
    const struct conversation_row *row = add(rows, 0, 1, TCP_SERVER, &server, &client);

    expect_end(row, TCP_CLIENT, &client);
    expect_end(row, TCP_SERVER, &server);
    rows_free(rows);
}

/* Strays named the client by its port; then a SYN says that it is the other one. */
static void test_roles_change(void)
{
    static const struct end name = { AT_STRINGZ, 24, "a name, longer than IPv6", 80 };
    struct conversation_rows *rows = rows_new();
    const struct conversation_row *row = add(rows, 3, 1, TCP_CLIENT, &client, &name);

    expect_end(row, TCP_SERVER, &name);
    add(rows, 3, 2, TCP_CLIENT, &name, &client);
    expect_end(row, TCP_CLIENT, &name);
    expect_end(row, TCP_SERVER, &client);
    add(rows, 3, 3, TCP_SERVER, &client, &name);
    expect_end(row, TCP_CLIENT, &name);
    expect_end(row, TCP_SERVER, &client);
    rows_free(rows);
}

/* Both ends have the same address, or the same port, or both. */
static void test_ends_alike(void)
{
    static const struct end other = { AT_IPv4, 4, client4, 40001 };
    static const struct end same_port = { AT_IPv4, 4, server4, 40000 };
    struct conversation_rows *rows = rows_new();
    const struct conversation_row *row = add(rows, 0, 1, TCP_CLIENT, &client, &other);

    add(rows, 0, 2, TCP_SERVER, &other, &client);
    expect_end(row, TCP_CLIENT, &client);
    expect_end(row, TCP_SERVER, &other);
    row = add(rows, 1, 3, TCP_CLIENT, &client, &same_port);
    add(rows, 1, 4, TCP_SERVER, &same_port, &client);
    expect_end(row, TCP_CLIENT, &client);
    expect_end(row, TCP_SERVER, &same_port);
    row = add(rows, 2, 5, TCP_CLIENT, &client, &client);
    add(rows, 2, 6, TCP_SERVER, &client, &client);
    expect_end(row, TCP_CLIENT, &client);
    expect_end(row, TCP_SERVER, &client);
    rows_free(rows);
}

static void test_kinds_of_address(void)
{
    static const struct end client_6 = { AT_IPv6, 16, client6, 1 };
    static const struct end server_6 = { AT_IPv6, 16, server6, 2 };
    static const struct end nowhere = { AT_NONE, 0, NULL, 3 };
    static char long_name[400];
    struct end named = { AT_STRINGZ, sizeof long_name, long_name, 4 };
    struct conversation_rows *rows = rows_new();
    const struct conversation_row *row = add(rows, 0, 1, TCP_CLIENT, &client_6, &server_6);

    expect_end(row, TCP_CLIENT, &client_6);
    expect_end(row, TCP_SERVER, &server_6);
    memset(long_name, 'x', sizeof long_name);
    row = add(rows, 1, 2, TCP_CLIENT, &nowhere, &named);
    expect_end(row, TCP_CLIENT, &nowhere);
    named.length = UINT8_MAX; /* as much of it as is kept */
    expect_end(row, TCP_SERVER, &named);
    rows_free(rows);
}

/* Rows come in the order of their streams, whichever is seen first; then all are forgotten. */
static void test_order(void)
{
    static const uint32_t streams[] = { 1000000, 3, 64, 63, 0 };
    struct conversation_rows *rows = rows_new();
    const struct conversation_row *row;
    uint32_t next = 0, before = 0;
    unsigned count = 0;
    size_t empty = rows_memory(rows);

    CHECK(!rows_next(rows, &next));
    for (unsigned i = 0; i < COUNT_OF(streams); i++)
        add(rows, streams[i], i + 1, TCP_CLIENT, &client, &server);
    CHECK_NUMBER(COUNT_OF(streams), rows_count(rows));
    while ((row = rows_next(rows, &next))) {
        CHECK(count == 0 || row->stream > before);
        before = row->stream;
        count++;
    }
    CHECK_NUMBER(COUNT_OF(streams), count);
    CHECK_NUMBER(1000000, before);
    rows_clear(rows);
    next = 0;
    CHECK(!rows_next(rows, &next));
    CHECK_NUMBER(0, rows_count(rows));
    CHECK_NUMBER(empty, rows_memory(rows));
    rows_free(rows);
    rows_free(NULL);
}

/* What is said of the memory holds. */
static void test_memory(void)
{
    struct conversation_rows *rows = rows_new();

    for (uint32_t stream = 0; stream < 100000; stream++)
        add(rows, stream, stream + 1, TCP_CLIENT, &client, &server);
    CHECK_NUMBER(64, sizeof(struct conversation_row));
    CHECK(rows_memory(rows) < (size_t)100000 * 65);
    rows_free(rows);
}

int main(void)
{
    RUN(test_frames);
    RUN(test_server_first);
    RUN(test_roles_change);
    RUN(test_ends_alike);
    RUN(test_kinds_of_address);
    RUN(test_order);
    RUN(test_memory);
    return check_end();
}
