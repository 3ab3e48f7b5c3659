/* figure.c
 * handshark segments, ladder and explain: conversations drawn and told.
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
#include "viewer.h"

#include <string.h>

#define COMMON_HELP                                                                             \
    "      --stream=N       only conversation N, as tcp.stream and the table have it\n"         \
    "      --where=FILTER   only conversations with a segment that this display filter finds\n" \
    "      --language=L     en, zh_CN or zh_TW\n"                                               \
    "  -o, --output=OUT     to a file, which is there when it is whole\n"                       \
    "      --tshark=PATH    the tshark to run\n"                                                \
    "  -h, --help\n"                                                                            \
    "\n"                                                                                        \
    "Exit status: 0 all went well; 1 something failed, or there is no such conversation;\n"     \
    "2 wrong use.\n"

static const char SEGMENTS_HELP[] =
    "usage: " PROGRAM " segments [OPTION...] FILE\n"
    "\n"
    "Each conversation as the figures of RFC 9293 have it: state, segment, state.\n"
    "\n" COMMON_HELP;

static const char LADDER_HELP[] =
    "usage: " PROGRAM " ladder [OPTION...] FILE\n"
    "\n"
    "Each conversation as a drawing, time downwards: states on both sides, segments as arrows.\n"
    "\n"
    "      --text           for a terminal (default)\n"
    "      --svg            a picture (default where OUT ends in .svg)\n"
    "      --mermaid        for Markdown (default where OUT ends in .mmd)\n"
    "      --view           show it, by $HANDSHARK_VIEWER, xdg-open or $PAGER\n" COMMON_HELP;

static const char EXPLAIN_HELP[] =
    "usage: " PROGRAM " explain [OPTION...] FILE\n"
    "\n"
    "Each conversation told in sentences; what went wrong comes first.\n"
    "\n" COMMON_HELP;

enum {
    OPTION_TEXT = OPTION_OF_COMMAND,
    OPTION_SVG,
    OPTION_MERMAID,
    OPTION_VIEW,
};

#define COMMON_LONG                                                                \
    OPTIONS_STREAM, OPTIONS_WHERE, OPTIONS_LANGUAGE, OPTIONS_TSHARK, OPTIONS_HELP, \
    {                                                                              \
        "output", required_argument, NULL, 'o'                                     \
    }

static const struct option LONG[] = {
    COMMON_LONG,
    { NULL, 0, NULL, 0 },
};

static const struct option LADDER_LONG[] = {
    COMMON_LONG,
    { "text", no_argument, NULL, OPTION_TEXT },
    { "svg", no_argument, NULL, OPTION_SVG },
    { "mermaid", no_argument, NULL, OPTION_MERMAID },
    { "view", no_argument, NULL, OPTION_VIEW },
    { NULL, 0, NULL, 0 },
};

/* What is asked for. */
struct figure {
    const char *command;
    const char *help;
    const struct option *long_options;
    struct options options;
    const char *format; /* as -z tcp_phase,ladder has it; NULL: by the name of the output */
    const char *out;    /* NULL: standard output */
    const char *in;
    bool is_to_view;
};

/** The longest filter: an argument of a program may have 128 KiB (MAX_ARG_STRLEN of Linux). */
#define FILTER_MAX 100000U

static bool fail_without_conversation(const struct figure *figure, GError **error)
{
    bool is_chosen = figure->options.stream || figure->options.where;

    g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: no conversation of TCP%s is in it",
                figure->in, is_chosen ? " that was asked for" : "");
    return false;
}

/* Streams ---------------------------------------------------------------------------------------- */

static bool read_streams(struct tshark_run *run, GString *filter, GError **error)
{
    struct json_rows *rows = json_rows_new();
    bool is_good = true;
    const char *line;
    size_t length;

    while (is_good && (line = tshark_read_line(run, &length)) &&
           (is_good = json_rows_read(rows, line, length, error)))
        g_string_append_printf(filter, "%s%s", filter->len > 0 ? ", " : "tcp_phase.stream in {",
                               json_rows_text(rows, "stream"));
    json_rows_free(rows);
    return is_good;
}

/* A statistic is told of the segments that a filter finds, and would draw those alone: which conversations they
 * are of is asked first.
 * @return the filter that finds these whole, or NULL */
static char *find_streams(const struct tshark *tshark, const struct figure *figure, GError **error)
{
    GPtrArray *arguments = options_arguments(&figure->options, figure->in);
    GString *filter = g_string_new(NULL);
    struct tshark_run *run;
    struct tshark_end end;
    bool is_good = false;

    options_add_statistic(&figure->options, arguments, "tcp_phase,jsonl,-");
    run = tshark_start_array(tshark, arguments, error);
    if (run) {
        is_good = read_streams(run, filter, error);
        tshark_finish(run, &end);
        /* A capture that is cut short is told of when it is drawn. */
        if (is_good && filter->len == 0 && tshark_check_end(&end, figure->in, error))
            fail_without_conversation(figure, error);
        else if (is_good && filter->len > FILTER_MAX)
            g_set_error(error, CLI_ERROR, STATUS_FAILED,
                        "%s: --where finds more conversations than can be drawn at once",
                        figure->in);
        is_good = is_good && filter->len > 0 && filter->len <= FILTER_MAX;
        tshark_end_clear(&end);
    }
    g_string_append_c(filter, '}');
    return g_string_free(filter, !is_good);
}

/* Drawing ---------------------------------------------------------------------------------------- */

/* Passes on what tshark writes, and counts its octets. @return false where it cannot be written */
static bool relay(struct tshark_run *run, struct output *output, size_t *total)
{
    static char buffer[1 << 16];
    size_t got;

    *total = 0;
    while ((got = tshark_read(run, buffer, sizeof buffer)) > 0) {
        if (!output_write(output, buffer, got))
            return false;
        *total += got;
    }
    return true;
}

/* Of a capture that is cut short, and of which tshark complains, there is what could be read. */
static bool finish(struct output *output, const struct tshark_end *end, size_t total,
                   const struct figure *figure, GError **error)
{
    bool is_good = tshark_check_end(end, figure->in, error);

    if (is_good && total == 0)
        is_good = fail_without_conversation(figure, error);
    if (total == 0 || end->status > 128)
        output_abandon(output);
    else if (!output_finish(output, is_good ? error : NULL))
        is_good = false;
    return is_good;
}

static bool draw_to(struct output *output, const struct tshark *tshark, const struct figure *figure,
                    GError **error)
{
    char *statistic = g_strdup_printf("tcp_phase,ladder,%s,-", figure->format);
    GPtrArray *arguments = options_arguments(&figure->options, figure->in);
    struct tshark_run *run;
    struct tshark_end end;
    size_t total;
    bool is_good;

    options_add_statistic(&figure->options, arguments, statistic);
    g_free(statistic);
    run = tshark_start_array(tshark, arguments, error);
    if (!run) {
        output_abandon(output);
        return false;
    }
    if (!relay(run, output, &total)) {
        tshark_stop(run);
        return output_finish(output, error);
    }
    tshark_finish(run, &end);
    is_good = finish(output, &end, total, figure, error);
    tshark_end_clear(&end);
    return is_good;
}

static bool draw(const struct tshark *tshark, const struct figure *figure, GError **error)
{
    struct figure whole = *figure;
    struct output *output;
    char *streams = NULL;
    bool is_good;

    if (figure->options.where) {
        streams = find_streams(tshark, figure, error);
        if (!streams)
            return false;
        whole.options.where = streams;
    }
    output = output_begin(figure->out ? figure->out : "-", error);
    is_good = output && draw_to(output, tshark, &whole, error);
    g_free(streams);
    return is_good;
}

static int run(struct figure *figure)
{
    GError *error = NULL;
    struct tshark *tshark = NULL;
    char *viewed = NULL;
    bool is_good;

    if (figure->out && file_is_same(figure->in, figure->out)) {
        cli_say("%s and %s are one file: FILE stays as it is, OUT has to be another", figure->in,
                figure->out);
        return STATUS_WRONG_USE;
    }
    is_good = file_check_capture(figure->in, &error) &&
              (tshark = tshark_find(figure->options.tshark, &error));
    if (is_good && figure->is_to_view && !figure->out)
        is_good = (figure->out = viewed = viewer_file(figure->format, &error)) != NULL;
    is_good = is_good && draw(tshark, figure, &error) &&
              (!figure->is_to_view || viewer_become(figure->out, figure->format, &error));
    g_free(viewed);
    tshark_free(tshark);
    return is_good ? STATUS_OK : cli_fail(error);
}

static const char *format_of_name(const char *name)
{
    if (name && g_str_has_suffix(name, ".svg"))
        return "svg";
    return name && g_str_has_suffix(name, ".mmd") ? "mermaid" : "text";
}

/* An option of the ladder, or of all three. @return whether it was one */
static bool take(struct figure *figure, int option, const char *value)
{
    switch (option) {
    case 'o':
        figure->out = value;
        return true;
    case OPTION_TEXT:
        figure->format = "text";
        return true;
    case OPTION_SVG:
        figure->format = "svg";
        return true;
    case OPTION_MERMAID:
        figure->format = "mermaid";
        return true;
    case OPTION_VIEW:
        figure->is_to_view = true;
        return true;
    default:
        return options_take(&figure->options, option, value);
    }
}

static int read_options_and_run(struct figure *figure, int argc, char **argv)
{
    int option;

    while ((option = getopt_long(argc, argv, "ho:", figure->long_options, NULL)) != -1) {
        if (option == 'h')
            return cli_help(figure->help);
        if (!take(figure, option, optarg))
            return cli_try_help(figure->command);
    }
    if (argc - optind != 1) {
        cli_say("%s: one capture is wanted", figure->command);
        return cli_try_help(figure->command);
    }
    figure->in = argv[optind];
    if (figure->is_to_view && figure->out && strcmp(figure->out, "-") == 0) {
        cli_say("%s: --view and standard output do not go together", figure->command);
        return cli_try_help(figure->command);
    }
    if (!figure->format)
        figure->format = format_of_name(figure->out);
    return run(figure);
}

int segments_command(int argc, char **argv)
{
    struct figure figure = {
        .command = "segments",
        .help = SEGMENTS_HELP,
        .long_options = LONG,
        .format = "segments",
    };

    return read_options_and_run(&figure, argc, argv);
}

int ladder_command(int argc, char **argv)
{
    struct figure figure = {
        .command = "ladder",
        .help = LADDER_HELP,
        .long_options = LADDER_LONG,
    };

    return read_options_and_run(&figure, argc, argv);
}

int explain_command(int argc, char **argv)
{
    struct figure figure = {
        .command = "explain",
        .help = EXPLAIN_HELP,
        .long_options = LONG,
        .format = "story",
    };

    return read_options_and_run(&figure, argc, argv);
}
