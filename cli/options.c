/* options.c
 * Options that several commands have, and what they mean for tshark.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "options.h"

#include "cli.h"

#include <string.h>

/* The values of the preference tcp_phase.language; tshark takes any other for the default, in silence. */
static const char *const LANGUAGES[] = { "en", "zh_CN", "zh_TW", NULL };

static bool take_language(struct options *options, const char *value)
{
    if (g_strv_contains(LANGUAGES, value)) {
        options->language = value;
        return true;
    }
    cli_say("--language %s: there are en, zh_CN and zh_TW", value);
    return false;
}

static bool take_stream(struct options *options, const char *value)
{
    GError *error = NULL;

    if (g_ascii_string_to_unsigned(value, 10, 0, G_MAXUINT32, NULL, &error)) {
        options->stream = value;
        return true;
    }
    cli_say("--stream %s: is not the number of a conversation", value);
    g_error_free(error);
    return false;
}

bool options_take(struct options *options, int option, const char *value)
{
    switch (option) {
    case OPTION_TSHARK:
        options->tshark = value;
        return true;
    case OPTION_LANGUAGE:
        return take_language(options, value);
    case OPTION_WHERE:
        options->where = value;
        return true;
    case OPTION_STREAM:
        return take_stream(options, value);
    default:
        return false;
    }
}

static void add(GPtrArray *arguments, const char *argument)
{
    g_ptr_array_add(arguments, g_strdup(argument));
}

GPtrArray *options_arguments(const struct options *options, const char *file)
{
    GPtrArray *arguments = g_ptr_array_new_with_free_func(g_free);

    add(arguments, "-n");
    add(arguments, "-q");
    add(arguments, "-r");
    add(arguments, file);
    if (options->language) {
        add(arguments, "-o");
        g_ptr_array_add(arguments, g_strconcat("tcp_phase.language:", options->language, NULL));
    }
    return arguments;
}

void options_add_statistic(const struct options *options, GPtrArray *arguments,
                           const char *statistic)
{
    GString *text = g_string_new(statistic);

    if (options->stream)
        g_string_append_printf(text, ",tcp_phase.stream == %s%s", options->stream,
                               options->where ? " && " : "");
    if (options->where)
        g_string_append_printf(text, options->stream ? "(%s)" : ",%s", options->where);
    add(arguments, "-z");
    g_ptr_array_add(arguments, g_string_free(text, FALSE));
}
