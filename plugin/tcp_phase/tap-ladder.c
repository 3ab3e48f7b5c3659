/* tap-ladder.c
 * -z tcp_phase,ladder,FORMAT,FILE[,filter]: conversations drawn, or told.
 *
 * Gathers the segments of each conversation as they are tapped, and writes all of it at the end.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <epan/address.h>
#include <epan/to_str.h>
#include <errno.h>
#include <string.h>

#include "ladder/ladder_formats.h"
#include "languages.h"
#include "output.h"
#include "packet-tcp_phase.h"
#include "statistic.h"
#include "statistics.h"
#include "tap.h"

#define CONVERSATIONS_MAX 50U /* more would be looked at by nobody */

/* A conversation being gathered. */
struct gathered {
    struct ladder *ladder;
    address speaker; /* the sender of its first segment */
    uint16_t port;
};

/* One -z option. */
struct drawing {
    const struct statistic *statistic;
    const struct ladder_format *format;
    char *file;
    GHashTable *by_stream; /* stream -> struct gathered, of .order */
    GPtrArray *order;      /* struct gathered, as they began */
    bool is_too_many;
};

static void free_gathered(gpointer data)
{
    struct gathered *gathered = data;

    ladder_free(gathered->ladder);
    free_address(&gathered->speaker);
    g_free(gathered);
}

static void forget(struct drawing *drawing)
{
    g_hash_table_remove_all(drawing->by_stream);
    g_ptr_array_set_size(drawing->order, 0);
}

/* "name:port", "[2001:db8::1]:port" */
static char *name_of(const address *addr, uint16_t port)
{
    char *name = address_to_display(NULL, addr);
    char *both = g_strdup_printf(strchr(name, ':') ? "[%s]:%u" : "%s:%u", name, (unsigned)port);

    wmem_free(NULL, name);
    return both;
}

static struct gathered *gather(struct drawing *drawing, const struct tapped_segment *segment)
{
    struct gathered *gathered = g_new0(struct gathered, 1);
    char *speaker = name_of(&segment->source, segment->source_port);
    char *other = name_of(&segment->destination, segment->destination_port);

    gathered->ladder = ladder_new(segment->stream, speaker, other);
    copy_address(&gathered->speaker, &segment->source);
    gathered->port = segment->source_port;
    g_free(speaker);
    g_free(other);
    g_ptr_array_add(drawing->order, gathered);
    g_hash_table_insert(drawing->by_stream, GUINT_TO_POINTER(segment->stream), gathered);
    return gathered;
}

static tap_packet_status take_packet(void *data, packet_info *pinfo, epan_dissect_t *edt,
                                     const void *tapped, tap_flags_t flags)
{
    struct drawing *drawing = data;
    const struct tapped_segment *segment = tapped;
    struct gathered *gathered;
    bool is_speaker;

    (void)pinfo;
    (void)edt;
    (void)flags;
    if (drawing->is_too_many)
        return TAP_PACKET_DONT_REDRAW;
    gathered = g_hash_table_lookup(drawing->by_stream, GUINT_TO_POINTER(segment->stream));
    if (!gathered) {
        if (!segment->annotation)
            return TAP_PACKET_DONT_REDRAW; /* an ICMP error, whose SYN is not among the drawn */
        if (drawing->order->len == CONVERSATIONS_MAX) {
            drawing->is_too_many = true;
            forget(drawing);
            return TAP_PACKET_REDRAW;
        }
        gathered = gather(drawing, segment);
    }
    if (!segment->annotation) {
        if (tcp_rejected_in(segment->conversation) == segment->frame)
            ladder_set_rejected(gathered->ladder, segment->time);
        return TAP_PACKET_REDRAW;
    }
    is_speaker = gathered->port == segment->source_port &&
                 addresses_equal(&gathered->speaker, &segment->source);
    ladder_add(gathered->ladder, segment->frame, segment->time, is_speaker, segment->annotation);
    return TAP_PACKET_REDRAW;
}

/* All that is to be written. */
static GString *contents_of(const struct drawing *drawing)
{
    GPtrArray *ladders = g_ptr_array_new();
    GString *contents = g_string_new(NULL);

    for (unsigned i = 0; i < drawing->order->len; i++) {
        struct gathered *gathered = g_ptr_array_index(drawing->order, i);
        const struct tcp_conversation *conversation =
            tcp_phase_conversation(gathered->ladder->stream);

        if (!conversation)
            continue;
        ladder_end(gathered->ladder, conversation);
        g_ptr_array_add(ladders, gathered->ladder);
    }
    if (ladders->len > 0)
        drawing->format->write(contents, (struct ladder *const *)ladders->pdata, ladders->len,
                               language_words());
    g_ptr_array_unref(ladders);
    return contents;
}

static void write_contents(const struct drawing *drawing, const GString *contents, GError **error)
{
    struct output *output = output_open(drawing->file, error);

    if (!output)
        return;
    if (fwrite(contents->str, 1, contents->len, output_stream(output)) == contents->len) {
        output_close(output, error);
        return;
    }
    g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(errno), "%s: %s", drawing->file,
                g_strerror(errno));
    output_abandon(output);
}

static void draw(void *data)
{
    struct drawing *drawing = data;
    GError *error = NULL;
    GString *contents;

    if (drawing->is_too_many) {
        error = g_error_new(
            G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
            "there are more than %u conversations to draw; choose among them with "
            "a filter, as in -z %s,%s,%s,tcp.stream==0, or with --stream or --where "
            "of handshark",
            CONVERSATIONS_MAX, drawing->statistic->name, drawing->format->name, drawing->file);
        statistic_fail(drawing->statistic, error);
        return;
    }
    contents = contents_of(drawing);
    if (contents->len > 0)
        write_contents(drawing, contents, &error);
    else if (strcmp(drawing->file, "-") != 0) /* an empty file would be no drawing */
        error = g_error_new(G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                            "%s: there is no conversation to draw", drawing->file);
    if (error)
        statistic_fail(drawing->statistic, error);
    g_string_free(contents, TRUE);
}

static void reset(void *data)
{
    struct drawing *drawing = data;

    forget(drawing);
    drawing->is_too_many = false;
}

static void finish(void *data)
{
    struct drawing *drawing = data;

    g_hash_table_destroy(drawing->by_stream);
    g_ptr_array_unref(drawing->order);
    g_free(drawing->file);
    g_free(drawing);
    statistic_end();
}

static GError *no_such_format(const char *name)
{
    GString *names = g_string_new(NULL);
    GError *error;

    for (const struct ladder_format *format = ladder_formats; format->name; format++)
        g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", format->name);
    error = g_error_new(G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                        "no such format: %s; there are %s", name, names->str);
    g_string_free(names, TRUE);
    return error;
}

static bool begin(const struct statistic *statistic, char *const *words, const char *filter)
{
    const struct ladder_format *format = ladder_find_format(words[0]);
    GError *error = NULL;
    struct drawing *drawing;

    if (!format)
        error = no_such_format(words[0]);
    if (error || !output_check(words[1], &error)) {
        statistic_fail(statistic, error);
        return false;
    }
    drawing = g_new0(struct drawing, 1);
    drawing->statistic = statistic;
    drawing->format = format;
    drawing->file = g_strdup(words[1]);
    drawing->by_stream = g_hash_table_new(NULL, NULL);
    drawing->order = g_ptr_array_new_with_free_func(free_gathered);
    return statistic_listen(statistic, filter, drawing, reset, take_packet, draw, finish);
}

void tap_ladder_register(void)
{
    static const struct statistic statistic = {
        .name = TCP_PHASE_TAP ",ladder",
        .title = "TCP Phases: Ladder",
        .tap = TCP_PHASE_NEWS_TAP,
        .usage = ",FORMAT,FILE[,filter]",
        .words = 2,
        .begin = begin,
    };

    statistic_register(&statistic);
}
