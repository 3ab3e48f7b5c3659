/* tap-tree.c
 * -z tcp_phase,tree[,filter]: how often each opening, closing, verdict, phase and event occurs.
 *
 * What is said of a conversation changes as it goes on, and with it the place where it is counted. Wireshark
 * draws the tree; tshark has it drawn from here, because its own would go on without it where the filter
 * is none.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <epan/packet.h>
#include <epan/stats_tree_priv.h>
#include <stdio.h>
#include <string.h>

#include "statistic.h"
#include "statistics.h"
#include "tap.h"
#include "tokens.h"

#define TITLE "TCP Phases: Counts"

/* What conversations are counted by. */
enum { BY_OPENING, BY_CLOSING, BY_CLOSER, BY_VERDICT, KINDS };
#define VALUES_MAX 16

static const char *const kind_names[KINDS] = { "Opening", "Closing", "Closed by", "Verdict" };

/* Tokens of closed_by, with the one for none. */
enum { CLOSER_NOBODY = 2, CLOSER_COUNT };

/* Where a conversation is counted; not 0. By kind, 1 + the value. */
struct place {
    uint8_t values[KINDS];
};

/* A tree that is being filled. */
struct counts {
    int kinds[KINDS]; /* nodes */
    int phases, events;
    int conversations;
    int by[KINDS][VALUES_MAX];
    GArray *places; /* struct place, by stream */
};

static GHashTable *trees; /* stats_tree * to struct counts * */

static const char *token_of(unsigned kind, unsigned value)
{
    if (kind == BY_OPENING)
        return value < TCP_OPENING_COUNT ? token_of_opening((enum tcp_opening)value) : NULL;
    if (kind == BY_CLOSING)
        return value < TCP_CLOSING_COUNT ? token_of_closing((enum tcp_closing)value) : NULL;
    if (kind == BY_VERDICT)
        return value < TCP_VERDICT_COUNT ? token_of_verdict((enum tcp_verdict)value) : NULL;
    if (value == CLOSER_NOBODY)
        return "nobody";
    return value < CLOSER_COUNT ? token_of_role(value) : NULL;
}

/* All that can be counted is there from the beginning: the same lines, whatever the capture. */
static void make_nodes(stats_tree *tree, struct counts *counts)
{
    const char *token;

    for (unsigned kind = 0; kind < KINDS; kind++) {
        counts->kinds[kind] = stats_tree_create_node(tree, kind_names[kind], 0, STAT_DT_INT, TRUE);
        for (unsigned value = 0; (token = token_of(kind, value)); value++)
            stats_tree_create_node(tree, token, counts->kinds[kind], STAT_DT_INT, FALSE);
    }
    counts->phases = stats_tree_create_node(tree, "Phase", 0, STAT_DT_INT, TRUE);
    for (unsigned phase = TCP_PHASE_HANDSHAKE; phase <= TCP_PHASE_CLOSED; phase++)
        stats_tree_create_node(tree, token_of_phase(phase), counts->phases, STAT_DT_INT, FALSE);
    counts->events = stats_tree_create_node(tree, "Event", 0, STAT_DT_INT, TRUE);
    for (const struct bit_token *event = event_tokens; event->token; event++)
        stats_tree_create_node(tree, event->token, counts->events, STAT_DT_INT, FALSE);
}

static void free_counts(void *data)
{
    struct counts *counts = data;

    g_array_unref(counts->places);
    g_free(counts);
}

static void begin_tree(stats_tree *tree)
{
    struct counts *counts = g_new0(struct counts, 1);

    counts->places = g_array_new(FALSE, TRUE, sizeof(struct place));
    if (!trees)
        trees = g_hash_table_new_full(NULL, NULL, NULL, free_counts);
    g_hash_table_replace(trees, tree, counts);
    make_nodes(tree, counts);
}

static void end_tree(stats_tree *tree)
{
    if (trees)
        g_hash_table_remove(trees, tree);
}

static void count_segment(stats_tree *tree, const struct counts *counts,
                          const struct tcp_annotation *note)
{
    tick_stat_node(tree, "Phase", 0, TRUE);
    tick_stat_node(tree, token_of_phase(note->phase), counts->phases, FALSE);
    tick_stat_node(tree, "Event", 0, TRUE);
    for (const struct bit_token *event = event_tokens; event->token; event++)
        if (note->events & event->bit)
            tick_stat_node(tree, event->token, counts->events, FALSE);
}

static struct place place_of(const struct tcp_conversation *conversation)
{
    struct tcp_outcome outcome;
    struct place place;

    tcp_verdict(conversation, &outcome);
    place.values[BY_OPENING] = (uint8_t)(1 + outcome.opening);
    place.values[BY_CLOSING] = (uint8_t)(1 + outcome.closing);
    place.values[BY_CLOSER] =
        (uint8_t)(1 + (outcome.closed_by < 0 ? CLOSER_NOBODY : outcome.closed_by));
    place.values[BY_VERDICT] = (uint8_t)(1 + outcome.verdict);
    return place;
}

static void add_to(stats_tree *tree, struct counts *counts, unsigned kind, unsigned value, int by)
{
    counts->by[kind][value] += by;
    set_stat_node(tree, token_of(kind, value), counts->kinds[kind], FALSE, counts->by[kind][value]);
}

static void count_conversation(stats_tree *tree, struct counts *counts,
                               const struct tapped_segment *segment)
{
    static const struct place nowhere;
    struct place *known, now;

    if (segment->stream >= counts->places->len)
        g_array_set_size(counts->places, segment->stream + 1);
    known = &g_array_index(counts->places, struct place, segment->stream);
    if (memcmp(known, &nowhere, sizeof nowhere) == 0)
        counts->conversations++;
    else if (segment->is_final)
        return;
    now = place_of(segment->conversation);
    for (unsigned kind = 0; kind < KINDS; kind++) {
        if (now.values[kind] == known->values[kind])
            continue;
        if (known->values[kind] != 0)
            add_to(tree, counts, kind, known->values[kind] - 1U, -1);
        add_to(tree, counts, kind, now.values[kind] - 1U, 1);
    }
    *known = now;
}

static tap_packet_status count_packet(stats_tree *tree, packet_info *pinfo, epan_dissect_t *edt,
                                      const void *data, tap_flags_t flags)
{
    const struct tapped_segment *segment = data;
    struct counts *counts = trees ? g_hash_table_lookup(trees, tree) : NULL;

    (void)pinfo;
    (void)edt;
    (void)flags;
    if (!counts || !tcp_conversation_has_begun(segment->conversation))
        return TAP_PACKET_DONT_REDRAW;
    if (segment->annotation)
        count_segment(tree, counts, segment->annotation);
    count_conversation(tree, counts, segment);
    for (unsigned kind = 0; kind < KINDS; kind++)
        set_stat_node(tree, kind_names[kind], 0, TRUE, counts->conversations);
    return TAP_PACKET_REDRAW;
}

/* In tshark ----------------------------------------------------------------------------------- */

static void forget(void *data)
{
    struct counts *counts = g_hash_table_lookup(trees, data);

    stats_tree_reset(data);
    counts->conversations = 0;
    memset(counts->by, 0, sizeof counts->by);
    g_array_set_size(counts->places, 0);
}

static void print_tree(void *data)
{
    stats_tree *tree = data;
    GString *text =
        stats_tree_format_as_str(tree, ST_FORMAT_PLAIN, stats_tree_get_default_sort_col(tree),
                                 stats_tree_is_default_sort_DESC(tree));

    fputs(text->str, stdout);
    g_string_free(text, TRUE);
}

static void finish(void *data)
{
    stats_tree *tree = data;
    burst_bucket *next;

    /* Wireshark leaves these. */
    for (burst_bucket *bucket = tree->root.bh; bucket; bucket = next) {
        next = bucket->next;
        g_free(bucket);
    }
    tree->root.bh = tree->root.bt = NULL;
    g_free(tree->root.name);
    tree->root.name = NULL;
    stats_tree_free(tree);
    statistic_end();
}

static bool begin(const struct statistic *statistic, char *const *words, const char *filter)
{
    stats_tree *tree = stats_tree_new(stats_tree_get_cfg_by_abbr(TCP_PHASE_TAP), NULL, filter);

    (void)words;
    begin_tree(tree);
    return statistic_listen(statistic, filter, tree, forget, stats_tree_packet, print_tree, finish);
}

void tap_tree_register(void)
{
    static const struct statistic statistic = {
        .name = TCP_PHASE_TAP ",tree",
        .title = TITLE,
        .usage = "[,filter]",
        .tap = TCP_PHASE_NEWS_TAP,
        .begin = begin,
    };

    statistic_register(&statistic);
    stats_tree_register_plugin(TCP_PHASE_NEWS_TAP, TCP_PHASE_TAP, TITLE, TL_REQUIRES_NOTHING,
                               count_packet, begin_tree, end_tree);
}
