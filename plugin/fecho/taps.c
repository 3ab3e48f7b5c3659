/* taps.c
 * What is counted and kept of the frames.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "taps.h"

#include <epan/export_object.h>
#include <epan/srt_table.h>
#include <epan/stats_tree.h>
#include <epan/tap.h>
#include <epan/to_str.h>

#include "compat.h"
#include "tree.h"

static int fecho_tap = -1, objects_tap = -1;

/* What the listeners are told. */
struct tapped {
    const struct fecho_message *message; /* NULL: of a plain echo */
    const struct fecho_plain *plain;     /* NULL: a frame */
    uint32_t size;                       /* of the plain echo */
    tvbuff_t *payload;                   /* of the frame; NULL: none */
    struct fecho_times times;            /* of the frame, where it ends */
    bool is_end_only;                    /* the frame itself was told of before */
};

void fecho_taps_message(packet_info *pinfo, const struct fecho_message *message, tvbuff_t *payload)
{
    struct tapped *tapped;

    if (message->first_in != pinfo->num)
        return;
    tapped = wmem_new0(pinfo->pool, struct tapped);
    tapped->message = message;
    tapped->payload = payload;
    if (message->is_whole)
        tapped->times = fecho_message_times(message);
    tap_queue_packet(fecho_tap, pinfo, tapped);
    if (payload && have_tap_listener(objects_tap))
        tap_queue_packet(objects_tap, pinfo, tapped);
}

void fecho_taps_end(packet_info *pinfo, const struct fecho_message *message)
{
    struct tapped *tapped = wmem_new0(pinfo->pool, struct tapped);

    tapped->message = message;
    tapped->times = fecho_message_times(message);
    tapped->is_end_only = true;
    tap_queue_packet(fecho_tap, pinfo, tapped);
}

void fecho_taps_plain(packet_info *pinfo, const struct fecho_plain *plain, uint32_t size)
{
    struct tapped *tapped = wmem_new0(pinfo->pool, struct tapped);

    tapped->plain = plain;
    tapped->size = size;
    tap_queue_packet(fecho_tap, pinfo, tapped);
}

/* -z fecho,tree ------------------------------------------------------------------------------ */

static const char by_type[] = "Frames by type";
static const char matching[] = "Requests", answered[] = "Answered", unanswered[] = "Unanswered";
static const char strange[] = "What is wrong", strays[] = "Answers without a request",
                  mismatches[] = "Answers that do not fit", bads[] = "Malformed frames";
static const char times_us[] = "Times (us)", trips[] = "Round trip", networks[] = "Network time",
                  servers[] = "Server time";
static const char octets[] = "Octets", payloads[] = "Payload", plains[] = "Plain echo";

/* A node with what is below it; the names that are there from the beginning are shown with 0 too. */
static void make_nodes(stats_tree *tree, const char *name, const char *const *below)
{
    int parent = stats_tree_create_node(tree, name, 0, STAT_DT_INT, TRUE);

    for (; *below; below++)
        stats_tree_create_node(tree, *below, parent, STAT_DT_INT, FALSE);
}

static void init_tree(stats_tree *tree)
{
    static const char *const of_requests[] = { answered, unanswered, NULL };
    static const char *const of_strange[] = { strays, mismatches, bads, NULL };
    static const char *const none[] = { NULL };

    make_nodes(tree, matching, of_requests);
    make_nodes(tree, strange, of_strange);
    make_nodes(tree, by_type, none);
    make_nodes(tree, times_us, none);
    make_nodes(tree, octets, none);
}

static void count(stats_tree *tree, const char *parent, const char *name, int by)
{
    increase_stat_node(tree, name, stats_tree_parent_id_by_name(tree, parent), FALSE, by);
}

static void average(stats_tree *tree, const char *name, bool is_known, const nstime_t *time)
{
    if (is_known)
        avg_stat_node_add_value_float(tree, name, stats_tree_parent_id_by_name(tree, times_us),
                                      FALSE,
                                      (gfloat)((double)time->secs * 1e6 + time->nsecs / 1e3));
}

static void average_octets(stats_tree *tree, const char *name, uint32_t size)
{
    avg_stat_node_add_value_int(tree, name, stats_tree_parent_id_by_name(tree, octets), FALSE,
                                (gint)size);
}

static void count_type(stats_tree *tree, const struct fecho_message *message)
{
    const struct echo_head *head = &message->head;
    int parent, type;

    parent = tick_stat_node(tree, by_type, 0, TRUE);
    if (message->fault_field <= ECHO_FIELD_TYPE) {
        tick_stat_node(tree, "none", parent, FALSE);
        return;
    }
    type = tick_stat_node(tree, echo_type_name(head->type), parent, TRUE);
    if (head->type == ECHO_GOODBYE)
        tick_stat_node(tree, echo_close_text(echo_goodbye_how(head->code)), type, FALSE);
    else if (head->type == ECHO_ERROR)
        tick_stat_node(tree, echo_error_text(head->code), type, FALSE);
}

static void count_matching(stats_tree *tree, const struct fecho_message *message)
{
    const struct fecho_exchange *exchange = message->exchange;
    bool is_request = !message->from_server && exchange && !exchange->is_bad;
    bool is_reset = message->head.type == ECHO_GOODBYE &&
                    echo_goodbye_how(message->head.code) == ECHO_CLOSE_RESET;

    if (message->fault_field != ECHO_FIELD_NONE)
        count(tree, strange, bads, 1);
    if (message->faults & FECHO_UNEXPECTED_REPLY)
        count(tree, strange, strays, 1);
    if (message->faults & (FECHO_ANSWER_MISMATCH | FECHO_PAYLOAD_MISMATCH))
        count(tree, strange, mismatches, 1);
    if (is_request)
        tick_stat_node(tree, matching, 0, TRUE);
    if (is_request && !is_reset) /* who asks for a RST is not answered */
        count(tree, matching, unanswered, 1);
    if (message->from_server && exchange && !exchange->is_bad) {
        count(tree, matching, answered, 1);
        count(tree, matching, unanswered, -1);
    }
}

static tap_packet_status count_packet(stats_tree *tree, packet_info *pinfo, epan_dissect_t *edt,
                                      const void *data, tap_flags_t flags)
{
    const struct tapped *tapped = data;
    const struct fecho_message *message = tapped->message;

    (void)pinfo;
    (void)edt;
    (void)flags;
    if (!message) {
        average_octets(tree, plains, tapped->size);
        return TAP_PACKET_REDRAW;
    }
    if (!tapped->is_end_only) {
        count_type(tree, message);
        count_matching(tree, message);
        if (message->fault_field == ECHO_FIELD_NONE)
            average_octets(tree, payloads, message->head.length);
    }
    average(tree, trips, tapped->times.has_rtt, &tapped->times.rtt);
    average(tree, networks, tapped->times.has_network_time, &tapped->times.network_time);
    average(tree, servers, tapped->times.has_server_time, &tapped->times.server_time);
    return TAP_PACKET_REDRAW;
}

/* -z fecho,srt ------------------------------------------------------------------------------- */

enum { SRT_ROUND_TRIP, SRT_NETWORK, SRT_SERVER, SRT_TABLES };
enum { ROW_REQUEST, ROW_GOODBYE, ROW_ERROR, ROW_PLAIN, ROWS };

static void init_srt(struct register_srt *srt, GArray *tables)
{
    static const char *const names[SRT_TABLES][2] = { { "FECHO Round Trip", "Round trip" },
                                                      { "FECHO Network Time", "Network" },
                                                      { "FECHO Server Time", "Server" } };
    static const char *const rows[ROWS] = { "REQUEST", "GOODBYE", "Answered by ERROR",
                                            "Plain echo" };

    (void)srt;
    for (unsigned i = 0; i < SRT_TABLES; i++) {
        srt_stat_table *table =
            init_srt_table(names[i][0], names[i][1], tables, ROWS, "Request", NULL, NULL);

        for (int row = 0; row < ROWS; row++)
            init_srt_table_row(table, row, rows[row]);
    }
}

/* A table takes the time of a request and subtracts it from the packet's. */
static void add_srt(GArray *tables, guint table, int row, packet_info *pinfo, const nstime_t *time)
{
    nstime_t began;

    nstime_delta(&began, &pinfo->abs_ts, time);
    add_srt_table_data(g_array_index(tables, srt_stat_table *, table), row, &began, pinfo);
}

static tap_packet_status add_srt_packet(void *target, packet_info *pinfo, epan_dissect_t *edt,
                                        const void *data, tap_flags_t flags)
{
    GArray *tables = ((srt_data_t *)target)->srt_array;
    const struct tapped *tapped = data;
    const struct fecho_times *times = &tapped->times;
    int row = ROW_REQUEST;

    (void)edt;
    (void)flags;
    if (tapped->plain) {
        for (const struct fecho_echoed *each = tapped->plain->answers; each; each = each->next)
            if (each->is_last)
                add_srt_table_data(g_array_index(tables, srt_stat_table *, SRT_ROUND_TRIP),
                                   ROW_PLAIN, &each->chunk->asked_at, pinfo);
        return TAP_PACKET_REDRAW;
    }
    if (!times->has_rtt)
        return TAP_PACKET_DONT_REDRAW;
    if (tapped->message->head.type == ECHO_ERROR)
        row = ROW_ERROR;
    else if (tapped->message->exchange->request.type == ECHO_GOODBYE)
        row = ROW_GOODBYE;
    add_srt(tables, SRT_ROUND_TRIP, row, pinfo, &times->rtt);
    if (times->has_network_time) {
        add_srt(tables, SRT_NETWORK, row, pinfo, &times->network_time);
        add_srt(tables, SRT_SERVER, row, pinfo, &times->server_time);
    }
    return TAP_PACKET_REDRAW;
}

/* Export Objects ----------------------------------------------------------------------------- */

static tap_packet_status add_object(void *target, packet_info *pinfo, epan_dissect_t *edt,
                                    const void *data, tap_flags_t flags)
{
    const export_object_list_t *list = target;
    const struct tapped *tapped = data;
    const struct fecho_message *message = tapped->message;
    export_object_entry_t *entry = g_new0(export_object_entry_t, 1);
    bool is_text = fecho_text_of(tapped->payload, pinfo) != NULL;

    (void)edt;
    (void)flags;
    entry->pkt_num = pinfo->num;
    entry->hostname = address_to_str(NULL, &pinfo->src);
    entry->content_type = g_strdup(is_text ? "text/plain" : "application/octet-stream");
    entry->filename = g_strdup_printf("frame-%u-id-%" PRIu64 "-%s.%s", pinfo->num, message->head.id,
                                      echo_type_name(message->head.type), is_text ? "txt" : "bin");
    entry->payload_len = tvb_captured_length(tapped->payload);
    entry->payload_data = g_malloc(entry->payload_len);
    tvb_memcpy(tapped->payload, entry->payload_data, 0, entry->payload_len);
    list->add_entry(list->gui_data, entry);
    return TAP_PACKET_REDRAW;
}

void fecho_taps_register(int protocol)
{
    fecho_tap = register_tap("fecho");
    stats_tree_register_plugin("fecho", "fecho", "FECHO", 0, count_packet, init_tree, NULL);
    register_srt_table(protocol, NULL, SRT_TABLES, add_srt_packet, init_srt, NULL);
    objects_tap = register_export_object(protocol, add_object, NULL);
}
