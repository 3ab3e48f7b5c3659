/* tap-jsonl.c
 * -z tcp_phase,jsonl,FILE[,filter]: each conversation as a JSON object on a line of its own.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <inttypes.h>
#include <wsutil/json_dumper.h>

#include "facts.h"
#include "output.h"
#include "rows.h"
#include "statistic.h"
#include "statistics.h"

struct jsonl {
    const struct statistic *statistic;
    struct conversation_rows *rows;
    char *file;
};

static void write_value(json_dumper *dumper, const struct fact *fact,
                        const struct conversation_facts *facts)
{
    char buffer[FACT_PRINTED_MAX];
    const char *printed = fact_print(fact, facts, buffer);

    if (*printed == '\0')
        json_dumper_value_anyf(dumper, "null");
    else if (fact->kind == FACT_TOKEN || fact->kind == FACT_TEXT)
        json_dumper_value_string(dumper, printed);
    else if (fact->kind == FACT_TRUTH)
        json_dumper_value_anyf(dumper, fact_truth(fact, facts) ? "true" : "false");
    else
        json_dumper_value_anyf(dumper, "%s", printed);
}

/* Write a line. */
static void write_conversation(FILE *stream, const struct conversation_facts *facts)
{
    json_dumper dumper = { .output_file = stream };

    json_dumper_begin_object(&dumper);
    for (const struct fact *fact = fact_list; fact->name; fact++) {
        json_dumper_set_member_name(&dumper, fact->name);
        write_value(&dumper, fact, facts);
    }
    json_dumper_end_object(&dumper);
    json_dumper_finish(&dumper); /* ends the line */
}

static void reset(void *data)
{
    struct jsonl *jsonl = data;

    rows_clear(jsonl->rows);
}

static tap_packet_status take_packet(void *data, packet_info *pinfo, epan_dissect_t *edt,
                                     const void *segment, tap_flags_t flags)
{
    struct jsonl *jsonl = data;

    (void)pinfo;
    (void)edt;
    (void)flags;
    rows_add(jsonl->rows, segment);
    return TAP_PACKET_REDRAW;
}

static void draw(void *data)
{
    struct jsonl *jsonl = data;
    struct conversation_facts *facts = g_new(struct conversation_facts, 1);
    const struct conversation_row *row;
    GError *error = NULL;
    struct output *output = output_open(jsonl->file, &error);
    uint32_t next = 0;

    while (output && (row = rows_next(jsonl->rows, &next)))
        if (facts_of(row, facts))
            write_conversation(output_stream(output), facts);
    if (!output || !output_close(output, &error))
        statistic_fail(jsonl->statistic, error);
    g_free(facts);
}

static void finish(void *data)
{
    struct jsonl *jsonl = data;

    rows_free(jsonl->rows);
    g_free(jsonl->file);
    g_free(jsonl);
    statistic_end();
}

static bool begin(const struct statistic *statistic, char *const *words, const char *filter)
{
    GError *error = NULL;
    struct jsonl *jsonl;

    if (!output_check(words[0], &error)) {
        statistic_fail(statistic, error);
        return false;
    }
    jsonl = g_new0(struct jsonl, 1);
    jsonl->statistic = statistic;
    jsonl->rows = rows_new();
    jsonl->file = g_strdup(words[0]);
    return statistic_listen(statistic, filter, jsonl, reset, take_packet, draw, finish);
}

void tap_jsonl_register(void)
{
    static const struct statistic statistic = {
        .name = TCP_PHASE_TAP ",jsonl",
        .title = "TCP Phases: Conversations as JSON Lines",
        .tap = TCP_PHASE_TAP,
        .usage = ",FILE[,filter]",
        .words = 1,
        .begin = begin,
    };

    statistic_register(&statistic);
}
