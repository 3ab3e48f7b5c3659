/* tap-states.c
 * -z tcp_phase,states[,filter]: the time that the ends spend in each state.
 *
 * A time counts where the state was seen to begin and to end. Of a state that an end is left in when the
 * capture ends, it is only known that it lasted until then: those are counted beside the others, with
 * the longest of them. That is where sockets show that a program does not close, in CLOSE_WAIT.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <epan/packet.h>
#include <epan/stat_tap_ui.h>
#include <inttypes.h>
#include <stdio.h>

#include "facts.h"
#include "packet-tcp_phase.h"
#include "rows.h"
#include "statistic.h"
#include "statistics.h"
#include "tokens.h"

#define TITLE "TCP Phases: Time in States"

/* CLOSED and LISTEN are no states of a connection. */
#define FIRST_STATE TCP_STATE_SYN_SENT
#define STATE_ROWS  (TCP_STATE_COUNT - FIRST_STATE)

/* Columns. */
enum {
    ENDPOINT,
    STATE,
    COUNT,
    MIN,
    MEAN,
    MAX,
    MAX_STREAM,
    LASTING,
    LONGEST,
    LONGEST_STREAM,
    COLUMNS
};

static const struct column {
    const char *title;
    int width; /* negative: to the left */
} columns[COLUMNS] = {
    [ENDPOINT] = { "Endpoint", -8 },
    [STATE] = { "State", -11 },
    [COUNT] = { "Count", 10 },
    [MIN] = { "Min", 16 },
    [MEAN] = { "Mean", 16 },
    [MAX] = { "Max", 16 },
    [MAX_STREAM] = { "In stream", 10 },
    [LASTING] = { "Lasting", 10 },
    [LONGEST] = { "For up to", 16 },
    [LONGEST_STREAM] = { "Stream", 10 },
};

/* What is known of a state. Times in nanoseconds. */
struct spell {
    uint64_t count; /* times that it began and ended */
    int64_t min, max;
    double sum;
    uint32_t max_stream;
    uint64_t lasting; /* ends left in it */
    int64_t longest;  /* how long one of them has been in it */
    uint32_t longest_stream;
};

struct states {
    struct conversation_rows *rows;
    struct spell spells[2][TCP_STATE_COUNT]; /* by role and state */
    char *filter;
};

static void count_spell(struct spell *spell, int64_t time, uint32_t stream)
{
    if (spell->count == 0 || time < spell->min)
        spell->min = time;
    if (spell->count == 0 || time > spell->max) {
        spell->max = time;
        spell->max_stream = stream;
    }
    spell->sum += (double)time;
    spell->count++;
}

/* The states that a segment ends. */
static void count_segment(struct states *states, const struct tapped_segment *segment)
{
    const struct tcp_annotation *note = segment->annotation;

    for (unsigned role = 0; role < 2; role++)
        if (note->from[role] != note->state[role] && note->dwell[role] != TCP_NO_TIME)
            count_spell(&states->spells[role][note->from[role]], note->dwell[role],
                        segment->stream);
}

/* The states that a conversation is left in, which the outcome tells. Returns whether there is one. */
static bool count_lasting(struct states *states, uint32_t stream, struct tcp_outcome *outcome)
{
    const struct tcp_conversation *conversation = tcp_phase_conversation(stream);

    if (!conversation)
        return false;
    tcp_verdict(conversation, outcome);
    for (unsigned role = 0; role < 2; role++) {
        struct spell *spell = &states->spells[role][outcome->state[role]];
        /* Where its beginning was not captured, it lasts at least since the conversation's. */
        int64_t since = outcome->since[role] == TCP_NO_TIME ? outcome->start : outcome->since[role];
        int64_t time = tcp_phase_capture_end() - since;

        if (spell->lasting == 0 || time > spell->longest) {
            spell->longest = time;
            spell->longest_stream = stream;
        }
        spell->lasting++;
    }
    return true;
}

/* What a column says of a state; "" where there is nothing to be said. */
static const char *print_cell(const struct states *states, unsigned role, unsigned state,
                              unsigned column, char *buffer)
{
    const struct spell *spell = &states->spells[role][state];
    bool is_known = column < LASTING ? spell->count > 0 : spell->lasting > 0;

    buffer[0] = '\0';
    if (column == ENDPOINT)
        return token_of_role(role);
    if (column == STATE)
        return tcp_state_name((enum tcp_state)state);
    if (column == COUNT)
        snprintf(buffer, FACT_PRINTED_MAX, "%" PRIu64, spell->count);
    else if (column == LASTING)
        snprintf(buffer, FACT_PRINTED_MAX, "%" PRIu64, spell->lasting);
    else if (!is_known)
        return buffer;
    else if (column == MIN)
        seconds_print(spell->min, buffer);
    else if (column == MEAN)
        seconds_print((int64_t)(spell->sum / (double)spell->count), buffer);
    else if (column == MAX)
        seconds_print(spell->max, buffer);
    else if (column == LONGEST)
        seconds_print(spell->longest, buffer);
    else
        snprintf(buffer, FACT_PRINTED_MAX, "%u",
                 column == MAX_STREAM ? spell->max_stream : spell->longest_stream);
    return buffer;
}

static void clear(struct states *states)
{
    rows_clear(states->rows);
    memset(states->spells, 0, sizeof states->spells);
}

/* In tshark ----------------------------------------------------------------------------------- */

static void forget(void *data)
{
    clear(data);
}

static tap_packet_status take_segment(void *data, packet_info *pinfo, epan_dissect_t *edt,
                                      const void *segment, tap_flags_t flags)
{
    struct states *states = data;

    (void)pinfo;
    (void)edt;
    (void)flags;
    rows_add(states->rows, segment);
    count_segment(states, segment);
    return TAP_PACKET_REDRAW;
}

static void print_line(const struct states *states, unsigned role, unsigned state)
{
    char buffer[FACT_PRINTED_MAX];

    for (unsigned i = 0; i < COLUMNS; i++)
        printf("%*s%s", columns[i].width, print_cell(states, role, state, i, buffer),
               i + 1 < COLUMNS ? " | " : "\n");
}

static void print_states(void *data)
{
    const struct states *kept = data;
    struct states states = *kept; /* those that last are counted each time that it is drawn */
    const struct conversation_row *row;
    struct tcp_outcome outcome;
    uint32_t next = 0;

    while ((row = rows_next(states.rows, &next)))
        count_lasting(&states, row->stream, &outcome);
    printf("\n%s\nFilter: %s\nConversations: %u\n\n", TITLE,
           states.filter ? states.filter : "<none>", rows_count(states.rows));
    for (unsigned i = 0; i < COLUMNS; i++)
        printf("%*s%s", columns[i].width, columns[i].title, i + 1 < COLUMNS ? " | " : "\n");
    for (unsigned role = 0; role < 2; role++)
        for (unsigned state = FIRST_STATE; state < TCP_STATE_COUNT; state++)
            print_line(&states, role, state);
}

static void finish(void *data)
{
    struct states *states = data;

    rows_free(states->rows);
    g_free(states->filter);
    g_free(states);
    statistic_end();
}

static bool begin(const struct statistic *statistic, char *const *words, const char *filter)
{
    struct states *states = g_new0(struct states, 1);

    (void)words;
    states->rows = rows_new();
    states->filter = g_strdup(filter);
    return statistic_listen(statistic, filter, states, forget, take_segment, print_states, finish);
}

/* In Wireshark -------------------------------------------------------------------------------- */

/* Wireshark has one table, however many windows show it. Its rows are there from the beginning. */
static struct states shown;
static char texts[2 * STATE_ROWS][COLUMNS][FACT_PRINTED_MAX];
static stat_tap_table_item items[COLUMNS];

static void show_state(stat_tap_table *table, unsigned role, unsigned state)
{
    unsigned row = role * STATE_ROWS + state - FIRST_STATE;
    stat_tap_table_item_type *cells;

    if (state < FIRST_STATE)
        return;
    cells = table->elements[row];
    for (unsigned i = 0; i < COLUMNS; i++) {
        char buffer[FACT_PRINTED_MAX];
        const char *text = print_cell(&shown, role, state, i, buffer);

        cells[i].type = items[i].type;
        if (items[i].type == TABLE_ITEM_UINT) {
            cells[i].value.uint_value = (guint)(i == COUNT ? shown.spells[role][state].count
                                                           : shown.spells[role][state].lasting);
            continue;
        }
        /* Padded, it sorts as text as it does as a number. */
        snprintf(texts[row][i], FACT_PRINTED_MAX, "%*s",
                 *text && columns[i].width > 0 ? columns[i].width : 0, text);
        cells[i].value.string_value = texts[row][i];
    }
}

static tap_packet_status show_segment(void *data, packet_info *pinfo, epan_dissect_t *edt,
                                      const void *tapped, tap_flags_t flags)
{
    const stat_data_t *stat = data;
    stat_tap_table *table = g_array_index(stat->stat_tap_data->tables, stat_tap_table *, 0);
    const struct tapped_segment *segment = tapped;
    const struct tcp_annotation *note = segment->annotation;
    struct tcp_outcome outcome;
    bool is_first = rows_add(shown.rows, segment)->segments == 1;

    (void)pinfo;
    (void)edt;
    (void)flags;
    count_segment(&shown, segment);
    /* The table is filled on a later pass: what a conversation is left in is known at once. */
    is_first = is_first && count_lasting(&shown, segment->stream, &outcome);
    for (unsigned role = 0; role < 2; role++) {
        if (note->from[role] != note->state[role])
            show_state(table, role, note->from[role]);
        if (is_first)
            show_state(table, role, outcome.state[role]);
    }
    return TAP_PACKET_REDRAW;
}

static void empty_table(stat_tap_table *table)
{
    clear(&shown);
    for (unsigned role = 0; role < 2; role++)
        for (unsigned state = FIRST_STATE; state < TCP_STATE_COUNT; state++)
            show_state(table, role, state);
}

static void open_table(stat_tap_table_ui *ui)
{
    static const stat_tap_table_item_type none[COLUMNS];
    stat_tap_table *table = stat_tap_find_table(ui, TITLE);

    if (!shown.rows)
        shown.rows = rows_new();
    if (!table) {
        table = stat_tap_init_table(TITLE, COLUMNS, 0, NULL);
        stat_tap_add_table(ui, table);
        for (unsigned row = 0; row < 2 * STATE_ROWS; row++)
            stat_tap_init_table_row(table, row, COLUMNS, none);
    }
    empty_table(table);
}

static void register_table(void)
{
    static tap_param parameters[] = { { PARAM_FILTER, "filter", "Filter", NULL, TRUE } };
    static stat_tap_table_ui ui = {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = TITLE,
        .tap_name = TCP_PHASE_TAP,
        .cli_string = TCP_PHASE_TAP ",states",
        .stat_tap_init_cb = open_table,
        .packet_func = show_segment,
        .stat_tap_reset_table_cb = empty_table,
        .nfields = COLUMNS,
        .fields = items,
        .nparams = G_N_ELEMENTS(parameters),
        .params = parameters,
    };

    for (unsigned i = 0; i < COLUMNS; i++) {
        bool is_count = i == COUNT || i == LASTING;

        items[i] = (stat_tap_table_item){
            .type = is_count ? TABLE_ITEM_UINT : TABLE_ITEM_STRING,
            .align = columns[i].width < 0 ? TAP_ALIGN_LEFT : TAP_ALIGN_RIGHT,
            .column_name = columns[i].title,
            .field_format = is_count ? "%u" : "%s",
        };
    }
    register_stat_tap_table_ui(&ui);
}

void tap_states_register(void)
{
    static const struct statistic statistic = {
        .name = TCP_PHASE_TAP ",states",
        .title = TITLE,
        .tap = TCP_PHASE_TAP,
        .usage = "[,filter]",
        .begin = begin,
    };

    statistic_register(&statistic);
    register_table();
}
