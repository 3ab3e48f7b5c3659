/* table.c
 * handshark table: a line for each conversation.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "commands.h"

#include "cli.h"
#include "fields.h"
#include "files.h"
#include "json_rows.h"
#include "options.h"
#include "table_text.h"
#include "tshark_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char HELP[] =
    "usage: " PROGRAM " table [OPTION...] FILE...\n"
    "\n"
    "A line for each conversation in the captures, and one with the totals.\n"
    "\n"
    "      --sort=FIELD     in the order of this field, such as duration or server.bytes;\n"
    "                       -FIELD: the other way round; bytes: those of both ends together\n"
    "      --verdict=LIST   only those that ended so, such as refused,aborted\n"
    "      --where=FILTER   only those with a segment that this display filter finds; segments\n"
    "                       are then counted among these\n"
    "      --stream=N       only conversation N, as tcp.stream has it\n"
    "      --csv            all fields, as comma-separated values\n"
    "      --json           all fields, as an array of objects with a line for each\n"
    "      --width=N        fit N columns, not the terminal; 0: no limit, as for a file\n"
    "      --language=L     of the summaries in --csv and --json: en, zh_CN or zh_TW\n"
    "      --tshark=PATH    the tshark to run\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 all went well; 1 not all captures could be read; 2 wrong use.\n";

enum {
    OPTION_SORT = OPTION_OF_COMMAND,
    OPTION_VERDICT,
    OPTION_CSV,
    OPTION_JSON,
    OPTION_WIDTH,
};

static const struct option LONG[] = {
    { "sort", required_argument, NULL, OPTION_SORT },
    { "verdict", required_argument, NULL, OPTION_VERDICT },
    { "csv", no_argument, NULL, OPTION_CSV },
    { "json", no_argument, NULL, OPTION_JSON },
    { "width", required_argument, NULL, OPTION_WIDTH },
    OPTIONS_WHERE,
    OPTIONS_STREAM,
    OPTIONS_LANGUAGE,
    OPTIONS_TSHARK,
    OPTIONS_HELP,
    { NULL, 0, NULL, 0 },
};

enum format { FORMAT_TEXT, FORMAT_CSV, FORMAT_JSON };

/** A conversation that is kept until all are known. */
struct row {
    double number;    /* what it is sorted by, */
    const char *word; /* or this */
    char *text;       /* what is printed: a line, or cells (table_print()) */
};

/* What is asked for, and what is known by now. */
struct table {
    struct options options;
    const char *sort; /* a field, or SORT_BYTES, or NULL */
    bool is_backwards;
    char **verdicts; /* NULL: all */
    enum format format;
    unsigned width;
    bool has_many_files;
    size_t common_head,
        common_tail; /* octets that all files' names begin and end with, and that are left out */
    struct json_rows *line; /* the conversation that is being read */
    GArray *rows;           /* of struct row */
    GStringChunk *words;
    uint64_t conversations, segments, bytes[2];
    uint64_t files;
    GHashTable *verdict_counts; /* from a verdict to a uint64_t */
};

#define SORT_BYTES "bytes"

/* Text ------------------------------------------------------------------------------------------ */

static const struct column COLUMNS[] = {
    { "file", false, 12, 9 },        { "stream", true, 0, 0 },
    { "client", false, 16, 0 },      { "server", false, 16, 0 },
    { "opening", false, 0, 7 },      { "closing", false, 0, 6 },
    { "verdict", false, 0, 0 },      { "closed by", false, 0, 8 },
    { "client state", false, 0, 3 }, { "server state", false, 0, 4 },
    { "start", false, 0, 1 },        { "seconds", true, 0, 5 },
    { "client bytes", true, 0, 2 },  { "server bytes", true, 0, 2 },
    { NULL, false, 0, 0 },
};

static void add_end(GString *cells, const struct json_rows *line, const char *address,
                    const char *port)
{
    const char *text = json_rows_text(line, address);

    g_string_append_printf(cells, strchr(text, ':') ? "[%s]:%s" : "%s:%s", text,
                           json_rows_text(line, port));
    g_string_append_c(cells, '\0');
}

static void add_field(GString *cells, const struct json_rows *line, const char *name)
{
    g_string_append(cells, json_rows_text(line, name));
    g_string_append_c(cells, '\0');
}

/* In local time, as tshark's own times are. */
static void add_time(GString *cells, double seconds)
{
    GDateTime *time = g_date_time_new_from_unix_local((gint64)seconds);
    char *text = time ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S") : g_strdup("?");

    g_string_append(cells, text);
    g_string_append_c(cells, '\0');
    g_free(text);
    if (time)
        g_date_time_unref(time);
}

static char *make_cells(const struct table *table, const char *file)
{
    static const char *const TOKENS[] = { "opening",   "closing",      "verdict",
                                          "closed_by", "client.state", "server.state" };
    const struct json_rows *line = table->line;
    GString *cells = g_string_new(NULL);

    if (table->has_many_files) {
        size_t length = strlen(file) - table->common_head - table->common_tail;

        g_string_append_len(cells, file + table->common_head, (gssize)length);
        g_string_append_c(cells, '\0');
    }
    add_field(cells, line, "stream");
    add_end(cells, line, "client.addr", "client.port");
    add_end(cells, line, "server.addr", "server.port");
    for (size_t i = 0; i < G_N_ELEMENTS(TOKENS); i++)
        add_field(cells, line, TOKENS[i]);
    add_time(cells, json_rows_double(line, "start"));
    g_string_append_printf(cells, "%.6f", json_rows_double(line, "duration"));
    g_string_append_c(cells, '\0');
    add_field(cells, line, "client.bytes");
    add_field(cells, line, "server.bytes");
    return g_string_free(cells, FALSE);
}

static int compare_words(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

/* " (2 orderly, 1 refused)" */
static void add_verdicts(GString *text, GHashTable *counts)
{
    GPtrArray *names = g_ptr_array_new();
    GHashTableIter iter;
    void *name;

    g_hash_table_iter_init(&iter, counts);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        g_ptr_array_add(names, name);
    g_ptr_array_sort(names, compare_words);
    for (guint i = 0; i < names->len; i++) {
        const uint64_t *count = g_hash_table_lookup(counts, g_ptr_array_index(names, i));

        g_string_append_printf(text, "%s%" PRIu64 " %s", i > 0 ? ", " : ": ", *count,
                               (const char *)g_ptr_array_index(names, i));
    }
    g_ptr_array_unref(names);
}

static void print_totals(const struct table *table)
{
    GString *text = g_string_new(NULL);

    g_string_printf(text, "%" PRIu64 " conversation%s", table->conversations,
                    table->conversations == 1 ? "" : "s");
    if (table->has_many_files)
        g_string_append_printf(text, " in %" PRIu64 " captures", table->files);
    add_verdicts(text, table->verdict_counts);
    g_string_append_printf(
        text, "; %" PRIu64 " segments, %" PRIu64 " bytes from clients, %" PRIu64 " from servers",
        table->segments, table->bytes[0], table->bytes[1]);
    table_print_sentence(text->str, table->width);
    g_string_free(text, TRUE);
}

static void print_text(const struct table *table)
{
    GPtrArray *cells = g_ptr_array_new();
    char *dropped;

    for (guint i = 0; i < table->rows->len; i++)
        g_ptr_array_add(cells, g_array_index(table->rows, struct row, i).text);
    dropped = table_print(COLUMNS + (table->has_many_files ? 0 : 1), cells, table->width);
    g_ptr_array_unref(cells);
    print_totals(table);
    if (dropped) {
        char *sentence = g_strdup_printf("(not shown, for want of width: %s)", dropped);

        table_print_sentence(sentence, table->width);
        g_free(sentence);
        g_free(dropped);
    }
}

/* CSV (RFC 4180) and JSON ------------------------------------------------------------------------ */

static void add_value(GString *text, const char *value)
{
    g_string_append_c(text, ',');
    if (!strpbrk(value, ",\"\r\n")) {
        g_string_append(text, value);
        return;
    }
    g_string_append_c(text, '"');
    for (; *value; value++)
        g_string_append_printf(text, *value == '"' ? "\"%c" : "%c", *value);
    g_string_append_c(text, '"');
}

static char *make_csv(const struct table *table, const char *file)
{
    GString *text = g_string_new(NULL);

    add_value(text, file);
    for (const struct field *field = fields; field->name; field++)
        add_value(text, json_rows_text(table->line, field->name));
    g_string_erase(text, 0, 1); /* the first comma */
    return g_string_free(text, FALSE);
}

static void print_csv_titles(void)
{
    fputs("file", stdout);
    for (const struct field *field = fields; field->name; field++)
        printf(",%s", field->name);
    putchar('\n');
}

/* The object that was read, and the file in front. */
static char *make_json(const char *file, const char *object)
{
    char *name = json_quote(file);
    char *text = g_strdup_printf("{\"file\":%s,%s", name, object + 1);

    g_free(name);
    return text;
}

static void print_line(const struct table *table, const char *text, bool is_first)
{
    if (table->format == FORMAT_JSON)
        printf("%s\n%s", is_first ? "" : ",", text);
    else
        puts(text);
}

static void print_begin(const struct table *table)
{
    if (table->format == FORMAT_CSV)
        print_csv_titles();
    else if (table->format == FORMAT_JSON)
        putchar('[');
}

static void print_end(const struct table *table)
{
    if (table->format == FORMAT_JSON)
        puts("\n]");
}

/* Reading ---------------------------------------------------------------------------------------- */

static bool is_wanted(const struct table *table)
{
    return !table->verdicts || g_strv_contains((const char *const *)table->verdicts,
                                               json_rows_text(table->line, "verdict"));
}

static void count(struct table *table)
{
    const char *verdict = json_rows_text(table->line, "verdict");
    uint64_t *of_verdict = g_hash_table_lookup(table->verdict_counts, verdict);

    if (!of_verdict) {
        of_verdict = g_new0(uint64_t, 1);
        g_hash_table_insert(table->verdict_counts, g_strdup(verdict), of_verdict);
    }
    ++*of_verdict;
    table->conversations++;
    table->segments += json_rows_uint(table->line, "segments");
    table->bytes[0] += json_rows_uint(table->line, "client.bytes");
    table->bytes[1] += json_rows_uint(table->line, "server.bytes");
}

/* Values that are not there come first: less than any. */
static void set_key(struct table *table, struct row *row)
{
    if (!table->sort)
        return;
    if (strcmp(table->sort, SORT_BYTES) == 0)
        row->number = json_rows_double(table->line, "client.bytes") +
                      json_rows_double(table->line, "server.bytes");
    else if (field_find(table->sort)->is_number)
        row->number = json_rows_has(table->line, table->sort)
                          ? json_rows_double(table->line, table->sort)
                          : -1;
    else
        row->word =
            g_string_chunk_insert_const(table->words, json_rows_text(table->line, table->sort));
}

static void take_row(struct table *table, const char *file, const char *object)
{
    struct row row = { 0 };

    count(table);
    if (table->format == FORMAT_TEXT)
        row.text = make_cells(table, file);
    else if (table->format == FORMAT_CSV)
        row.text = make_csv(table, file);
    else
        row.text = make_json(file, object);
    if (table->format == FORMAT_TEXT || table->sort) {
        set_key(table, &row);
        g_array_append_val(table->rows, row);
        return;
    }
    print_line(table, row.text, table->conversations == 1);
    g_free(row.text);
}

static bool read_rows(struct table *table, struct tshark_run *run, const char *file, GError **error)
{
    const char *line;
    size_t length;

    while ((line = tshark_read_line(run, &length))) {
        if (!json_rows_read(table->line, line, length, error))
            return false;
        if (is_wanted(table))
            take_row(table, file, line);
    }
    return true;
}

static bool read_file(struct table *table, const struct tshark *tshark, const char *file,
                      GError **error)
{
    GPtrArray *arguments;
    struct tshark_run *run;
    struct tshark_end end;
    bool is_good;

    if (!file_check_capture(file, error))
        return false;
    table->files++;
    arguments = options_arguments(&table->options, file);
    options_add_statistic(&table->options, arguments, "tcp_phase,jsonl,-");
    run = tshark_start_array(tshark, arguments, error);
    if (!run)
        return false;
    if (!read_rows(table, run, file, error)) {
        tshark_stop(run);
        return false;
    }
    tshark_finish(run, &end);
    is_good = tshark_check_end(&end, file, error);
    tshark_end_clear(&end);
    return is_good;
}

/* Sorting ----------------------------------------------------------------------------------------- */

static int compare_rows(const void *one, const void *other, void *data)
{
    const struct table *table = data;
    const struct row *a = one;
    const struct row *b = other;
    int order =
        a->word ? strcmp(a->word, b->word) : (a->number > b->number) - (a->number < b->number);

    return table->is_backwards ? -order : order;
}

/* The command -------------------------------------------------------------------------------------- */

static void print_all(struct table *table)
{
    if (table->sort) /* stable: equal ones stay in the order of their captures */
        g_array_sort_with_data(table->rows, compare_rows, table);
    if (table->format == FORMAT_TEXT) {
        print_text(table);
        return;
    }
    for (guint i = 0; i < table->rows->len; i++)
        print_line(table, g_array_index(table->rows, struct row, i).text, i == 0);
    print_end(table);
}

/* Where the width is limited, of the files' names only what tells them apart is shown: without the folders that all
 * begin with, and the parts behind a slash that all end with. The same name twice keeps its last part. */
static void find_common(struct table *table, char **files)
{
    const char *first = files[0];
    size_t head = strlen(first);
    size_t tail = head;

    for (char **file = files; *file; file++) {
        size_t same = 0;

        while (same < head && (*file)[same] == first[same])
            same++;
        head = same;
    }
    while (head > 0 && first[head - 1] != '/')
        head--;
    for (char **file = files; *file; file++) {
        size_t length = strlen(*file);
        size_t same = 0;

        while (same < tail && same < length - head &&
               (*file)[length - same - 1] == first[strlen(first) - same - 1])
            same++;
        tail = same;
    }
    while (tail > 0 && first[strlen(first) - tail] != '/')
        tail--;
    for (char **file = files; *file; file++)
        if (head + tail >= strlen(*file))
            tail = 0;
    table->common_head = head;
    table->common_tail = tail;
}

static int run(struct table *table, char **files)
{
    GError *error = NULL;
    struct tshark *tshark = tshark_find(table->options.tshark, &error);
    int status = STATUS_OK;

    if (!tshark)
        return cli_fail(error);
    if (table->has_many_files && table->format == FORMAT_TEXT && table->width > 0)
        find_common(table, files);
    print_begin(table);
    for (; *files; files++)
        if (!read_file(table, tshark, *files, &error)) {
            status = cli_fail(error);
            error = NULL;
        }
    print_all(table);
    tshark_free(tshark);
    return cli_finish_output(status);
}

static bool take_sort(struct table *table, const char *value)
{
    table->is_backwards = *value == '-';
    table->sort = value + table->is_backwards;
    if (strcmp(table->sort, SORT_BYTES) == 0 || field_find(table->sort))
        return true;
    cli_say("--sort %s: there is no such field; --csv has all of them in its first line", value);
    return false;
}

static bool take_verdicts(struct table *table, const char *value)
{
    g_strfreev(table->verdicts);
    table->verdicts = g_strsplit(value, ",", -1);
    for (char **word = table->verdicts; *word; word++)
        if (!field_is_verdict(*word)) {
            char *all = field_verdicts();

            cli_say("--verdict %s: there are %s", *word, all);
            g_free(all);
            return false;
        }
    return true;
}

static bool take_width(struct table *table, const char *value)
{
    guint64 width;

    if (!g_ascii_string_to_unsigned(value, 10, 0, 100000, &width, NULL)) {
        cli_say("--width %s: is not a number of columns", value);
        return false;
    }
    table->width = (unsigned)width;
    return true;
}

static bool take(struct table *table, int option, const char *value)
{
    switch (option) {
    case OPTION_SORT:
        return take_sort(table, value);
    case OPTION_VERDICT:
        return take_verdicts(table, value);
    case OPTION_CSV:
        table->format = FORMAT_CSV;
        return true;
    case OPTION_JSON:
        table->format = FORMAT_JSON;
        return true;
    case OPTION_WIDTH:
        return take_width(table, value);
    default:
        return options_take(&table->options, option, value);
    }
}

static int read_options_and_run(struct table *table, int argc, char **argv)
{
    int option;

    while ((option = getopt_long(argc, argv, "h", LONG, NULL)) != -1) {
        if (option == 'h')
            return cli_help(HELP);
        if (!take(table, option, optarg))
            return cli_try_help("table");
    }
    if (optind == argc) {
        cli_say("table: which capture?");
        return cli_try_help("table");
    }
    table->has_many_files = argc - optind > 1;
    return run(table, argv + optind);
}

static void free_row(void *row)
{
    g_free(((struct row *)row)->text);
}

int table_command(int argc, char **argv)
{
    struct table table = {
        .width = table_terminal_width(),
        .line = json_rows_new(),
        .rows = g_array_new(FALSE, FALSE, sizeof(struct row)),
        .words = g_string_chunk_new(1024),
        .verdict_counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
    };
    int status;

    g_array_set_clear_func(table.rows, free_row);
    status = read_options_and_run(&table, argc, argv);
    json_rows_free(table.line);
    g_array_unref(table.rows);
    g_string_chunk_free(table.words);
    g_hash_table_unref(table.verdict_counts);
    g_strfreev(table.verdicts);
    return status;
}
