/* tap-conv.c
 * -z tcp_phase,conv[,filter]: a row for each conversation.
 *
 * tshark prints the rows when all has been read. Wireshark's table (stat_tap_ui.h) has nothing that is called
 * at that time: its cells are filled as segments come. It is filled on a later pass, when what is said of a
 * conversation is final, so that each row is written once. A row of its window takes 14 kB, so that there is
 * a limit to them.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <epan/packet.h>
#include <epan/stat_tap_ui.h>
#include <stdio.h>
#include <string.h>

#include "facts.h"
#include "rows.h"
#include "statistic.h"
#include "statistics.h"

#define TITLE "TCP Phases: Conversations"

/* In tshark ----------------------------------------------------------------------------------- */

struct printed {
    struct conversation_rows *rows;
    char *filter;
};

static void print_cell(const struct fact *fact, const char *text)
{
    bool is_last = !fact[1].name;
    bool is_text = fact->kind == FACT_TOKEN || fact->kind == FACT_TEXT || fact->kind == FACT_TRUTH;
    int width = is_last ? 0 : (int)fact->width;

    printf(is_text ? "%-*s" : "%*s", width, text);
    fputs(is_last ? "\n" : " | ", stdout);
}

static void print_rows(void *data)
{
    struct printed *printed = data;
    struct conversation_facts *facts = g_new(struct conversation_facts, 1);
    const struct conversation_row *row;
    char buffer[FACT_PRINTED_MAX];
    uint32_t next = 0;

    printf("\n%s\nFilter: %s\nConversations: %u\n\n", TITLE,
           printed->filter ? printed->filter : "<none>", rows_count(printed->rows));
    for (const struct fact *fact = fact_list; fact->name; fact++)
        print_cell(fact, fact->title);
    while ((row = rows_next(printed->rows, &next))) {
        if (!facts_of(row, facts))
            continue;
        for (const struct fact *fact = fact_list; fact->name; fact++)
            print_cell(fact, fact_print(fact, facts, buffer));
    }
    g_free(facts);
}

static void forget_printed(void *data)
{
    struct printed *printed = data;

    rows_clear(printed->rows);
}

static tap_packet_status count_printed(void *data, packet_info *pinfo, epan_dissect_t *edt,
                                       const void *segment, tap_flags_t flags)
{
    struct printed *printed = data;

    (void)pinfo;
    (void)edt;
    (void)flags;
    rows_add(printed->rows, segment);
    return TAP_PACKET_REDRAW;
}

static void finish_printed(void *data)
{
    struct printed *printed = data;

    rows_free(printed->rows);
    g_free(printed->filter);
    g_free(printed);
    statistic_end();
}

static bool begin(const struct statistic *statistic, char *const *words, const char *filter)
{
    struct printed *printed = g_new0(struct printed, 1);

    (void)words;
    printed->rows = rows_new();
    printed->filter = g_strdup(filter);
    return statistic_listen(statistic, filter, printed, forget_printed, count_printed, print_rows,
                            finish_printed);
}

/* In Wireshark -------------------------------------------------------------------------------- */

/* Wireshark has one table, however many windows show it. */
static struct {
    struct conversation_rows *rows;
    GArray *places;   /* guint by stream: 1 + the row of the table, NOT_SHOWN; 0: not seen yet */
    GPtrArray *spare; /* rows that were in the table: a window may still show them */
    struct conversation_facts *facts;
    unsigned left_out; /* conversations above SHOWN_MAX */
    char left_out_text[128];
} shown;

/* Conversations that the table shows; then one row says how many more there are. */
#define SHOWN_MAX 20000U
#define NOT_SHOWN UINT_MAX

/* What is printed with as many characters as this sorts as text as it does as numbers. */
#define PADDED_NUMBER 10
#define PADDED_TIME   20

/* The columns that every segment changes. */
enum { LAST_FRAME = 3, SEGMENTS = 4 };

static stat_tap_table_item columns[FACT_COUNT];

static stat_tap_table_item describe_column(const struct fact *fact)
{
    stat_tap_table_item column = { .type = TABLE_ITEM_STRING,
                                   .align = TAP_ALIGN_RIGHT,
                                   .column_name = fact->title,
                                   .field_format = "%s" };

    switch (fact->kind) {
    case FACT_TOKEN:
    case FACT_TEXT:
    case FACT_TRUTH:
        column.align = TAP_ALIGN_LEFT;
        break;
    case FACT_NUMBER:
        column.type = TABLE_ITEM_UINT;
        column.field_format = "%u";
        break;
    case FACT_AMOUNT:
        column.type = TABLE_ITEM_FLOAT;
        column.field_format = "%.0f";
        break;
    case FACT_MOMENT:
        column.type = TABLE_ITEM_FLOAT;
        column.field_format = "%.6f";
        break;
    case FACT_MAYBE: /* strings: a cell cannot be empty otherwise */
    case FACT_TIME:
        break;
    }
    return column;
}

/* Append what a cell says to the texts of its row. */
static void add_text(GString *texts, const struct fact *fact)
{
    char buffer[FACT_PRINTED_MAX];
    const char *printed = fact_print(fact, shown.facts, buffer);
    int width = fact->kind == FACT_MAYBE  ? PADDED_NUMBER
                : fact->kind == FACT_TIME ? PADDED_TIME
                                          : 0;

    g_string_append_printf(texts, "%*s", *printed ? width : 0, printed);
    g_string_append_c(texts, '\0');
}

/* Fill in a row. Its texts lie one after the other, in memory that the first cell knows. */
static void fill_row(stat_tap_table_item_type *cells)
{
    GString *texts = g_string_new(NULL);
    const char *text;

    for (unsigned i = 0; i < FACT_COUNT; i++)
        if (columns[i].type == TABLE_ITEM_STRING)
            add_text(texts, &fact_list[i]);
    g_free(cells[0].user_data.ptr_value);
    cells[0].user_data.ptr_value = g_string_free(texts, FALSE);
    text = cells[0].user_data.ptr_value;
    for (unsigned i = 0; i < FACT_COUNT; i++) {
        const struct fact *fact = &fact_list[i];

        cells[i].type = columns[i].type;
        if (fact->kind == FACT_NUMBER)
            cells[i].value.uint_value = (guint)fact_number(fact, shown.facts);
        else if (fact->kind == FACT_AMOUNT)
            cells[i].value.float_value = (double)fact_number(fact, shown.facts);
        else if (fact->kind == FACT_MOMENT)
            cells[i].value.float_value = (double)fact_time(fact, shown.facts) / 1e9;
        else {
            cells[i].value.string_value = text;
            text += strlen(text) + 1;
        }
    }
}

/* The cells of a conversation, in a row of the table that is new to it. */
static stat_tap_table_item_type *append_row(stat_tap_table *table)
{
    stat_tap_table_item_type none[FACT_COUNT] = { 0 };
    guint row = table->num_elements;

    if (shown.spare->len == 0) {
        stat_tap_init_table_row(table, row, FACT_COUNT, none);
        return table->elements[row];
    }
    table->elements = g_renew(stat_tap_table_item_type *, table->elements, (gsize)row + 1);
    table->elements[row] = g_ptr_array_steal_index_fast(shown.spare, shown.spare->len - 1);
    table->num_elements++;
    return table->elements[row];
}

/* The row below all others. */
static void show_left_out(stat_tap_table *table)
{
    stat_tap_table_item_type *cells =
        table->num_elements > SHOWN_MAX ? table->elements[SHOWN_MAX] : append_row(table);

    g_free(cells[0].user_data.ptr_value);
    memset(cells, 0, FACT_COUNT * sizeof *cells);
    snprintf(shown.left_out_text, sizeof shown.left_out_text,
             "%u more conversations are not shown: a display filter picks among them",
             ++shown.left_out);
    for (unsigned i = 0; i < FACT_COUNT; i++) {
        cells[i].type = columns[i].type;
        if (columns[i].type == TABLE_ITEM_STRING)
            cells[i].value.string_value = "";
    }
    cells[0].value.uint_value = UINT_MAX;
    cells[FACT_COUNT - 1].value.string_value = shown.left_out_text;
}

static tap_packet_status show_segment(void *data, packet_info *pinfo, epan_dissect_t *edt,
                                      const void *tapped, tap_flags_t flags)
{
    const stat_data_t *stat = data;
    stat_tap_table *table = g_array_index(stat->stat_tap_data->tables, stat_tap_table *, 0);
    const struct tapped_segment *segment = tapped;
    const struct conversation_row *row;
    stat_tap_table_item_type *cells;
    guint *place;

    (void)pinfo;
    (void)edt;
    (void)flags;
    if (segment->stream >= shown.places->len)
        g_array_set_size(shown.places, segment->stream + 1);
    place = &g_array_index(shown.places, guint, segment->stream);
    if (*place == 0 && table->num_elements >= SHOWN_MAX) {
        *place = NOT_SHOWN;
        show_left_out(table);
    }
    if (*place == NOT_SHOWN)
        return TAP_PACKET_REDRAW;
    row = rows_add(shown.rows, segment);
    if (*place == 0) {
        cells = append_row(table);
        *place = table->num_elements;
    } else {
        cells = table->elements[*place - 1];
        if (segment->is_final) { /* only what grows */
            cells[LAST_FRAME].value.uint_value = row->last_frame;
            cells[SEGMENTS].value.uint_value = row->segments;
            return TAP_PACKET_REDRAW;
        }
    }
    if (facts_of(row, shown.facts))
        fill_row(cells);
    return TAP_PACKET_REDRAW;
}

static void empty_table(stat_tap_table *table)
{
    for (guint i = 0; i < table->num_elements; i++)
        g_ptr_array_add(shown.spare, table->elements[i]);
    table->num_elements = 0;
    rows_clear(shown.rows);
    g_array_set_size(shown.places, 0);
    shown.left_out = 0;
}

static void free_cell(stat_tap_table *table, guint row, guint column,
                      stat_tap_table_item_type *cell)
{
    (void)table;
    (void)row;
    if (column == 0)
        g_free(cell->user_data.ptr_value);
}

static void free_cells(void *cells)
{
    free_cell(NULL, 0, 0, cells);
    g_free(cells);
}

/* A window is opened. */
static void open_table(stat_tap_table_ui *ui)
{
    stat_tap_table *table = stat_tap_find_table(ui, TITLE);

    if (!shown.rows) {
        shown.rows = rows_new();
        shown.places = g_array_new(FALSE, TRUE, sizeof(guint));
        shown.spare = g_ptr_array_new_with_free_func(free_cells);
        shown.facts = g_new(struct conversation_facts, 1);
    }
    if (table) {
        empty_table(table);
        return;
    }
    /* The last window was closed since, and no spare row is shown any more. */
    table = stat_tap_init_table(TITLE, FACT_COUNT, 0, NULL);
    stat_tap_add_table(ui, table);
    g_ptr_array_set_size(shown.spare, 0);
    empty_table(table);
}

static void register_table(void)
{
    static tap_param parameters[] = { { PARAM_FILTER, "filter", "Filter", NULL, TRUE } };
    static stat_tap_table_ui ui = {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = TITLE,
        .tap_name = TCP_PHASE_TAP,
        .cli_string = TCP_PHASE_TAP ",conv",
        .stat_tap_init_cb = open_table,
        .packet_func = show_segment,
        .stat_tap_reset_table_cb = empty_table,
        .stat_tap_free_table_item_cb = free_cell,
        .nfields = FACT_COUNT,
        .fields = columns,
        .nparams = G_N_ELEMENTS(parameters),
        .params = parameters,
    };

    for (unsigned i = 0; i < FACT_COUNT; i++)
        columns[i] = describe_column(&fact_list[i]);
    register_stat_tap_table_ui(&ui);
}

void tap_conv_register(void)
{
    static const struct statistic statistic = {
        .name = TCP_PHASE_TAP ",conv",
        .title = TITLE,
        .tap = TCP_PHASE_TAP,
        .usage = "[,filter]",
        .begin = begin,
    };

    statistic_register(&statistic);
    register_table();
}
