/* table.c
 * handshark table: a line for each conversation.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "commands.h"

#include "cli.h"
#include "files.h"
#include "json_rows.h"
#include "options.h"
#include "tshark_run.h"

#include <stdio.h>

static const char HELP[] =
    "usage: " PROGRAM " table [OPTION...] FILE...\n"
    "\n"
    "A line for each conversation in the captures.\n"
    "\n"
    "      --where=FILTER   only conversations with a segment that this display filter finds\n"
    "      --tshark=PATH    the tshark to run\n"
    "  -h, --help\n";

static const struct option LONG[] = {
    OPTIONS_WHERE,
    OPTIONS_TSHARK,
    OPTIONS_HELP,
    { NULL, 0, NULL, 0 },
};

static bool read_rows(struct tshark_run *run, GError **error)
{
    static const char *const FIELDS[] = { "stream",      "client.addr", "client.port",
                                          "server.addr", "server.port", "opening",
                                          "closing",     "verdict",     "closed_by" };
    struct json_rows *rows = json_rows_new();
    const char *line;
    size_t length;
    bool is_good = true;

    while (is_good && (line = tshark_read_line(run, &length))) {
        is_good = json_rows_read(rows, line, length, error);
        for (size_t i = 0; is_good && i < G_N_ELEMENTS(FIELDS); i++)
            printf("%s%s", json_rows_text(rows, FIELDS[i]),
                   i + 1 < G_N_ELEMENTS(FIELDS) ? "\t" : "\n");
    }
    json_rows_free(rows);
    return is_good;
}

static bool table_of(const struct tshark *tshark, const struct options *options, const char *file,
                     GError **error)
{
    GPtrArray *arguments;
    struct tshark_run *run;
    struct tshark_end end;
    bool is_good;

    if (!file_check_capture(file, error))
        return false;
    arguments = options_arguments(options, file);
    options_add_statistic(options, arguments, "tcp_phase,jsonl,-");
    run = tshark_start_array(tshark, arguments, error);
    if (!run)
        return false;
    is_good = read_rows(run, error);
    tshark_finish(run, &end);
    is_good = is_good && tshark_check_end(&end, file, error);
    tshark_end_clear(&end);
    return is_good;
}

int table_command(int argc, char **argv)
{
    struct options options = { 0 };
    GError *error = NULL;
    struct tshark *tshark;
    int status = STATUS_OK;
    int option;

    while ((option = getopt_long(argc, argv, "h", LONG, NULL)) != -1) {
        if (option == 'h')
            return cli_help(HELP);
        if (!options_take(&options, option, optarg))
            return cli_try_help("table");
    }
    if (optind == argc) {
        cli_say("table: which capture?");
        return cli_try_help("table");
    }
    tshark = tshark_find(options.tshark, &error);
    if (!tshark)
        return cli_fail(error);
    for (; optind < argc; optind++)
        if (!table_of(tshark, &options, argv[optind], &error)) {
            status = cli_fail(error);
            error = NULL;
        }
    tshark_free(tshark);
    return cli_finish_output(status);
}
