/* statistic.c
 * What the statistics share that -z begins.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "statistic.h"

#include <epan/stat_tap_ui.h>
#include <stdlib.h>
#include <string.h>
#include <wsutil/report_message.h>

#include "compat.h"

/* Whether one of them failed. */
static bool has_failed;

static bool is_program(const char *name)
{
    return g_strcmp0(get_friendly_program_name(), name) == 0;
}

void statistic_fail(const struct statistic *statistic, GError *error)
{
    report_failure("%s: %s", statistic->name, error->message);
    g_error_free(error);
    has_failed = true;
}

void statistic_end(void)
{
    /* sharkd goes on, whatever became of its statistics. */
    if (has_failed && is_program("TShark"))
        exit(EXIT_FAILURE);
}

bool statistic_listen(const struct statistic *statistic, const char *filter, void *data,
                      tap_reset_cb reset, tap_packet_cb packet, tap_draw_cb draw,
                      tap_finish_cb finish)
{
    GString *problem = register_tap_listener(statistic->tap, data, filter, TL_REQUIRES_NOTHING,
                                             reset, packet, draw, finish);

    if (!problem)
        return true;
    statistic_fail(statistic, g_error_new_literal(G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                                                  g_strchomp(problem->str)));
    g_string_free(problem, TRUE);
    finish(data);
    return false;
}

static bool refuse(const struct statistic *statistic)
{
    statistic_fail(statistic,
                   g_error_new(G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                               "what is wanted is -z %s%s", statistic->name, statistic->usage));
    return false;
}

/* Take the argument of -z apart, and begin. */
static bool parse_and_begin(const struct statistic *statistic, const char *argument)
{
    const char *rest = argument + strlen(statistic->name);
    const char *filter;
    unsigned count = 0;
    char **words;
    bool has_begun;

    if (*rest != '\0' && *rest != ',')
        return refuse(statistic);
    words = g_strsplit(*rest ? rest + 1 : rest, ",", (int)statistic->words + 1);
    while (count < statistic->words && words[count] && *words[count])
        count++;
    if (count == statistic->words) {
        filter = words[count] && *words[count] ? words[count] : NULL;
        has_begun = statistic->begin(statistic, words, filter);
    } else {
        has_begun = refuse(statistic);
    }
    g_strfreev(words);
    return has_begun;
}

static compat_tap_init begin(const char *argument, void *data)
{
    bool has_begun = parse_and_begin(data, argument);

    if (!has_begun)
        statistic_end();
    COMPAT_TAP_INIT_RETURN(has_begun);
}

void statistic_register(const struct statistic *statistic)
{
    stat_tap_ui ui = {
        .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
        .title = statistic->title,
        .cli_string = statistic->name,
        .tap_init_cb = begin,
    };

    /* Wireshark begins what -z asks for before it reads the capture, and shows it again and again: a file
     * would be written with nothing in it. What has a window is registered elsewhere. */
    if (!is_program("Wireshark"))
        /* Not changed; register_stat_tap_ui()'s prototype has no const. */
        register_stat_tap_ui(&ui, (void *)statistic);
}
