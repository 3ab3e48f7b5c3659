/* annotate.c
 * handshark annotate: a capture again, with what its segments are as comments for any Wireshark.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "commands.h"

#include "capture.h"
#include "cli.h"
#include "comments.h"
#include "files.h"
#include "options.h"
#include "tshark_run.h"

#include <string.h>

/** What our comments are known by when the file is annotated again. */
#define PREFIX "[handshark] "

static const char HELP[] =
    "usage: " PROGRAM " annotate [OPTION...] IN OUT\n"
    "\n"
    "Write the capture again, as pcapng, with a comment on each TCP segment: what it is and the\n"
    "states after it; on a conversation's first segment also how it went. Any Wireshark shows\n"
    "them, without the plugin. All else is kept; comments of an earlier run are replaced.\n"
    "\n"
    "  IN                   any kind of capture that Wireshark reads, compressed too\n"
    "  OUT                  is there when it is whole; - is standard output\n"
    "      --language=L     of the comments: en, zh_CN, zh_TW\n"
    "      --tshark=PATH    the tshark to run\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 all went well; 1 something failed, or IN is cut short (OUT has what could\n"
    "be read); 2 wrong use.\n";

static const struct option LONG[] = {
    OPTIONS_LANGUAGE,
    OPTIONS_TSHARK,
    OPTIONS_HELP,
    { NULL, 0, NULL, 0 },
};

static const char *comment(void *data, uint32_t frame)
{
    return comments_of(data, frame);
}

/* What tshark's end means. A capture that is damaged is an error of tshark's too; what it said of the frames before
 * that is good. */
static bool check_tshark(const struct tshark_end *end, const struct capture *capture,
                         const struct comments *comments, const char *in, GError **error)
{
    bool is_damaged = capture_damage(capture) && end->status <= 128;

    if (!is_damaged && !tshark_check_end(end, in, error))
        return false;
    if (comments_last_frame(comments) <= capture_records(capture))
        return true;
    g_set_error(error, CLI_ERROR, STATUS_FAILED,
                "%s: tshark reads %u frames in it, and %u are there", in,
                comments_last_frame(comments), capture_records(capture));
    return false;
}

/* Have tshark read the capture, and read it beside. */
static struct comments *ask_tshark(const struct tshark *tshark, const struct options *options,
                                   const char *in, struct capture **capture, GError **error)
{
    GPtrArray *arguments = options_arguments(options, in);
    struct comments *comments = NULL;
    struct tshark_run *run;
    struct tshark_end end;

    options_add_statistic(options, arguments, "tcp_phase,comments,-");
    run = tshark_start_array(tshark, arguments, error);
    if (!run)
        return NULL;
    *capture = capture_open(in, error);
    if (*capture)
        comments = comments_read(run, error);
    if (!comments) {
        tshark_stop(run);
        return NULL;
    }
    tshark_finish(run, &end);
    if (!check_tshark(&end, *capture, comments, in, error)) {
        comments_free(comments);
        comments = NULL;
    }
    tshark_end_clear(&end);
    return comments;
}

static bool write_copy(struct capture *capture, struct comments *comments, const char *out,
                       GError **error)
{
    struct output *output = output_begin(out, error);

    if (!output)
        return false;
    if (capture_copy(capture, output, PREFIX, comment, comments, error))
        return output_finish(output, error);
    output_abandon(output);
    return false;
}

static bool annotate(const struct tshark *tshark, const struct options *options, const char *in,
                     const char *out, GError **error)
{
    struct capture *capture = NULL;
    struct comments *comments = ask_tshark(tshark, options, in, &capture, error);
    bool is_good = comments && write_copy(capture, comments, out, error);

    if (is_good && capture_damage(capture)) {
        is_good = false;
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: %s; the %u frames before that are in %s",
                    in, capture_damage(capture), capture_records(capture), out);
    }
    comments_free(comments);
    capture_close(capture);
    return is_good;
}

static int run(const struct options *options, const char *in, const char *out)
{
    GError *error = NULL;
    struct tshark *tshark = NULL;
    bool is_good;

    if (file_is_same(in, out)) {
        cli_say("%s and %s are one file: IN stays as it is, OUT has to be another", in, out);
        return STATUS_WRONG_USE;
    }
    is_good = file_check_capture(in, &error) && (tshark = tshark_find(options->tshark, &error)) &&
              annotate(tshark, options, in, out, &error);
    tshark_free(tshark);
    return is_good ? STATUS_OK : cli_fail(error);
}

int annotate_command(int argc, char **argv)
{
    struct options options = { 0 };
    int option;

    while ((option = getopt_long(argc, argv, "h", LONG, NULL)) != -1) {
        if (option == 'h')
            return cli_help(HELP);
        if (!options_take(&options, option, optarg))
            return cli_try_help("annotate");
    }
    if (argc - optind != 2) {
        cli_say("annotate: a capture to read and a file to write are wanted");
        return cli_try_help("annotate");
    }
    return run(&options, argv[optind], argv[optind + 1]);
}
