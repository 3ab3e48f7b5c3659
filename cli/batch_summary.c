/* batch_summary.c
 * Counts conversations, and writes the counts as JSON and CSV.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "batch_summary.h"

#include "batch_json.h"
#include "cli.h"
#include "files.h"
#include "json_rows.h"
#include "tcp_phase/tokens.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** The longest conversation that is drawn, in segments. */
enum { DRAWN_MAX = 60 };

static void free_server(void *data)
{
    struct summary_server *server = data;

    g_free(server->address);
    g_free(server->port);
    g_free(server);
}

static void free_example(struct summary_kind *kind)
{
    g_free(kind->file);
    g_free(kind->stream);
    g_free(kind->client);
    g_free(kind->server);
    g_free(kind->text);
}

static void free_kind(void *data)
{
    struct summary_kind *kind = data;

    free_example(kind);
    g_free(kind->opening);
    g_free(kind->closing);
    g_free(kind->verdict);
    g_free(kind->picture);
    g_free(kind);
}

static void free_failure(void *data)
{
    struct summary_failure *failure = data;

    g_free(failure->file);
    g_free(failure->reason);
    g_free(failure);
}

struct summary *summary_new(void)
{
    struct summary *summary = g_new0(struct summary, 1);

    summary->failures = g_ptr_array_new_with_free_func(free_failure);
    summary->servers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_server);
    summary->kinds = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_kind);
    return summary;
}

void summary_free(struct summary *summary)
{
    if (!summary)
        return;
    g_ptr_array_unref(summary->failures);
    g_hash_table_unref(summary->servers);
    g_hash_table_unref(summary->kinds);
    g_free(summary);
}

void summary_add_failure(struct summary *summary, const char *file, const char *reason)
{
    struct summary_failure *failure = g_new0(struct summary_failure, 1);

    failure->file = g_strdup(file);
    failure->reason = g_strdup(reason);
    g_ptr_array_add(summary->failures, failure);
}

/* Counting -------------------------------------------------------------------------------------- */

static const char *name_of_verdict(unsigned i)
{
    return token_of_verdict((enum tcp_verdict)i);
}

static const char *name_of_opening(unsigned i)
{
    return token_of_opening((enum tcp_opening)i);
}

static const char *name_of_closing(unsigned i)
{
    return token_of_closing((enum tcp_closing)i);
}

static void count_word(uint64_t *counts, unsigned count, const char *(*name)(unsigned),
                       const char *word)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(name(i), word) == 0)
            counts[i]++;
}

static void count_row(struct summary_counts *counts, const struct json_rows *row)
{
    counts->conversations++;
    counts->segments += json_rows_uint(row, "segments");
    counts->bytes[TCP_CLIENT] += json_rows_uint(row, "client.bytes");
    counts->bytes[TCP_SERVER] += json_rows_uint(row, "server.bytes");
    if (g_str_has_prefix(json_rows_text(row, "closing"), "reset"))
        counts->resets++;
    count_word(counts->verdicts, TCP_VERDICT_COUNT, name_of_verdict,
               json_rows_text(row, "verdict"));
}

static struct summary_server *server_of(struct summary *summary, const struct json_rows *row)
{
    char *address = g_strdup(json_rows_text(row, "server.addr"));
    const char *port = json_rows_text(row, "server.port");
    char *key = g_strconcat(address, "\t", port, NULL);
    struct summary_server *server = g_hash_table_lookup(summary->servers, key);

    if (server) {
        g_free(key);
        g_free(address);
        return server;
    }
    server = g_new0(struct summary_server, 1);
    server->address = address;
    server->port = g_strdup(port);
    g_hash_table_insert(summary->servers, key, server);
    return server;
}

static char *end_of(const struct json_rows *row, const char *address, const char *port)
{
    char *one = g_strdup(json_rows_text(row, address));
    char *all =
        g_strdup_printf(strchr(one, ':') ? "[%s]:%s" : "%s:%s", one, json_rows_text(row, port));

    g_free(one);
    return all;
}

static struct summary_kind *kind_of(struct summary *summary, const struct json_rows *row)
{
    static const char *const FIELDS[] = { "opening", "closing", "verdict", "half_close" };
    GString *key = g_string_new(NULL);
    struct summary_kind *kind;

    for (unsigned i = 0; i < G_N_ELEMENTS(FIELDS); i++)
        g_string_append_printf(key, "%s ", json_rows_text(row, FIELDS[i]));
    kind = g_hash_table_lookup(summary->kinds, key->str);
    if (!kind) {
        kind = g_new0(struct summary_kind, 1);
        kind->opening = g_strdup(json_rows_text(row, "opening"));
        kind->closing = g_strdup(json_rows_text(row, "closing"));
        kind->verdict = g_strdup(json_rows_text(row, "verdict"));
        kind->half_close = strcmp(json_rows_text(row, "half_close"), "true") == 0;
        g_hash_table_insert(summary->kinds, g_strdup(key->str), kind);
    }
    g_string_free(key, TRUE);
    return kind;
}

/* The first one stands for all, or the first that can be drawn. */
static void count_kind(struct summary_kind *kind, const struct json_rows *row, unsigned capture,
                       const char *file, bool is_drawable)
{
    uint64_t segments = json_rows_uint(row, "segments");
    bool is_better = is_drawable && segments <= DRAWN_MAX && !kind->is_drawable;

    if (kind->count++ > 0 && !is_better)
        return;
    free_example(kind);
    kind->is_drawable = is_drawable && segments <= DRAWN_MAX;
    kind->capture = capture;
    kind->file = g_strdup(file);
    kind->stream = g_strdup(json_rows_text(row, "stream"));
    kind->client = end_of(row, "client.addr", "client.port");
    kind->server = end_of(row, "server.addr", "server.port");
    kind->text = g_strdup(json_rows_text(row, "summary"));
    kind->segments = segments;
}

static void count_all(struct summary *summary, const struct json_rows *row)
{
    const char *by = json_rows_text(row, "closed_by");

    count_row(&summary->counts, row);
    count_row(&server_of(summary, row)->counts, row);
    count_word(summary->openings, TCP_OPENING_COUNT, name_of_opening,
               json_rows_text(row, "opening"));
    count_word(summary->closings, TCP_CLOSING_COUNT, name_of_closing,
               json_rows_text(row, "closing"));
    summary->closed_by[strcmp(by, "client") == 0 ? 0 : strcmp(by, "server") == 0 ? 1 : 2]++;
}

bool summary_add(struct summary *summary, const char *path, unsigned capture, const char *file,
                 bool is_drawable, GError **error)
{
    FILE *stream = fopen(path, "re");
    struct json_rows *rows = json_rows_new();
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    bool is_good = stream != NULL;

    if (!stream)
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: %s", path, g_strerror(errno));
    while (is_good && (length = getline(&line, &size, stream)) > 0) {
        is_good = json_rows_read(rows, line, (size_t)length, error);
        if (is_good) {
            count_all(summary, rows);
            count_kind(kind_of(summary, rows), rows, capture, file, is_drawable);
        }
    }
    free(line);
    json_rows_free(rows);
    if (stream)
        fclose(stream);
    return is_good;
}

/* In order -------------------------------------------------------------------------------------- */

static uint64_t trouble(const struct summary_server *server)
{
    const struct summary_counts *counts = &server->counts;

    return counts->conversations - counts->verdicts[TCP_VERDICT_ORDERLY] -
           counts->verdicts[TCP_VERDICT_OPEN];
}

static int by_trouble(const void *one, const void *other)
{
    const struct summary_server *a = *(struct summary_server *const *)one;
    const struct summary_server *b = *(struct summary_server *const *)other;
    int order;

    if (trouble(a) != trouble(b))
        return trouble(a) > trouble(b) ? -1 : 1;
    if (a->counts.conversations != b->counts.conversations)
        return a->counts.conversations > b->counts.conversations ? -1 : 1;
    order = strcmp(a->address, b->address);
    return order ? order : strcmp(a->port, b->port);
}

static bool is_orderly(const struct summary_kind *kind)
{
    return strcmp(kind->verdict, token_of_verdict(TCP_VERDICT_ORDERLY)) == 0;
}

static int by_rarity(const void *one, const void *other)
{
    const struct summary_kind *a = *(struct summary_kind *const *)one;
    const struct summary_kind *b = *(struct summary_kind *const *)other;
    int order;

    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    if (is_orderly(a) != is_orderly(b))
        return is_orderly(a) ? 1 : -1;
    order = strcmp(a->verdict, b->verdict);
    if (order == 0)
        order = strcmp(a->closing, b->closing);
    if (order == 0)
        order = strcmp(a->opening, b->opening);
    return order ? order : a->half_close - b->half_close;
}

static GPtrArray *sorted(GHashTable *table, GCompareFunc order)
{
    GPtrArray *array = g_ptr_array_new();
    GHashTableIter iterator;
    void *value;

    g_hash_table_iter_init(&iterator, table);
    while (g_hash_table_iter_next(&iterator, NULL, &value))
        g_ptr_array_add(array, value);
    g_ptr_array_sort(array, order);
    return array;
}

GPtrArray *summary_servers(const struct summary *summary)
{
    return sorted(summary->servers, by_trouble);
}

GPtrArray *summary_kinds(const struct summary *summary)
{
    return sorted(summary->kinds, by_rarity);
}

/* Writing --------------------------------------------------------------------------------------- */

static json_object *words(const uint64_t *counts, unsigned count, const char *(*name)(unsigned))
{
    json_object *object = json_object_new_object();

    for (unsigned i = 0; i < count; i++)
        json_put_uint(object, name(i), counts[i]);
    return object;
}

static void put_counts(json_object *object, const struct summary_counts *counts)
{
    json_put_uint(object, "conversations", counts->conversations);
    json_put_uint(object, "segments", counts->segments);
    json_put_uint(object, "client.bytes", counts->bytes[TCP_CLIENT]);
    json_put_uint(object, "server.bytes", counts->bytes[TCP_SERVER]);
    json_put_uint(object, "resets", counts->resets);
    json_object_object_add(object, "verdicts",
                           words(counts->verdicts, TCP_VERDICT_COUNT, name_of_verdict));
}

static json_object *json_of_kinds(const struct summary *summary)
{
    GPtrArray *kinds = summary_kinds(summary);
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < kinds->len; i++) {
        const struct summary_kind *kind = g_ptr_array_index(kinds, i);
        json_object *object = json_object_new_object();

        json_put_text(object, "opening", kind->opening);
        json_put_text(object, "closing", kind->closing);
        json_put_text(object, "verdict", kind->verdict);
        json_object_object_add(object, "half_close", json_object_new_boolean(kind->half_close));
        json_put_uint(object, "conversations", kind->count);
        json_put_path(object, "example", kind->file);
        json_put_uint(object, "example.stream", g_ascii_strtoull(kind->stream, NULL, 10));
        json_object_array_add(array, object);
    }
    g_ptr_array_unref(kinds);
    return array;
}

static json_object *json_of_servers(const struct summary *summary)
{
    GPtrArray *servers = summary_servers(summary);
    json_object *array = json_object_new_array();

    for (unsigned i = 0; i < servers->len; i++) {
        const struct summary_server *server = g_ptr_array_index(servers, i);
        json_object *object = json_object_new_object();

        json_put_text(object, "server.addr", server->address);
        json_put_uint(object, "server.port", g_ascii_strtoull(server->port, NULL, 10));
        put_counts(object, &server->counts);
        json_object_array_add(array, object);
    }
    g_ptr_array_unref(servers);
    return array;
}

bool summary_write_json(const struct summary *summary, const char *path, GError **error)
{
    json_object *object = json_object_new_object();
    json_object *closers = json_object_new_object();
    json_object *failures = json_object_new_array();

    json_put_uint(object, "captures", summary->captures);
    json_put_uint(object, "captures.failed", summary->failures->len);
    put_counts(object, &summary->counts);
    json_object_object_add(object, "openings",
                           words(summary->openings, TCP_OPENING_COUNT, name_of_opening));
    json_object_object_add(object, "closings",
                           words(summary->closings, TCP_CLOSING_COUNT, name_of_closing));
    json_put_uint(closers, "client", summary->closed_by[0]);
    json_put_uint(closers, "server", summary->closed_by[1]);
    json_put_uint(closers, "neither", summary->closed_by[2]);
    json_object_object_add(object, "closed_by", closers);
    json_object_object_add(object, "servers", json_of_servers(summary));
    json_object_object_add(object, "kinds", json_of_kinds(summary));
    for (unsigned i = 0; i < summary->failures->len; i++) {
        const struct summary_failure *failure = g_ptr_array_index(summary->failures, i);
        json_object *one = json_object_new_object();

        json_put_path(one, "file", failure->file);
        json_put_text(one, "reason", failure->reason);
        json_object_array_add(failures, one);
    }
    json_object_object_add(object, "failures", failures);
    return json_write_file(object, path, error);
}

bool summary_write_csv(const struct summary *summary, const char *path, GError **error)
{
    GPtrArray *servers = summary_servers(summary);
    GString *text =
        g_string_new("server.addr,server.port,conversations,segments,client.bytes,server.bytes,"
                     "resets");
    struct output *output = output_begin(path, error);

    for (unsigned i = 0; i < TCP_VERDICT_COUNT; i++)
        g_string_append_printf(text, ",%s", name_of_verdict(i));
    g_string_append(text, "\r\n"); /* RFC 4180 */
    for (unsigned i = 0; i < servers->len; i++) {
        const struct summary_server *server = g_ptr_array_index(servers, i);
        const struct summary_counts *counts = &server->counts;

        g_string_append_printf(
            text, "%s,%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, server->address,
            server->port, counts->conversations, counts->segments, counts->bytes[TCP_CLIENT],
            counts->bytes[TCP_SERVER], counts->resets);
        for (unsigned verdict = 0; verdict < TCP_VERDICT_COUNT; verdict++)
            g_string_append_printf(text, ",%" PRIu64, counts->verdicts[verdict]);
        g_string_append(text, "\r\n");
    }
    if (output)
        output_write(output, text->str, text->len);
    g_string_free(text, TRUE);
    g_ptr_array_unref(servers);
    return output && output_finish(output, error);
}
