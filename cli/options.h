/* options.h
 * Options that several commands have.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_OPTIONS_H
#define HANDSHARK_OPTIONS_H

#include <getopt.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** What they ask for; all zero when none is given. */
struct options {
    const char *tshark;   /**< where tshark is; NULL: in the PATH */
    const char *language; /**< of what people read; NULL: as tshark's preferences have it */
    const char *where;    /**< a display filter, or NULL */
    const char *stream;   /**< a number, or NULL */
};

/** The values that getopt_long() returns for them; a command's own begin after these. */
enum {
    OPTION_TSHARK = 256,
    OPTION_LANGUAGE,
    OPTION_WHERE,
    OPTION_STREAM,
    OPTION_OF_COMMAND,
};

/* Entries for a command's table of options. */
#define OPTIONS_TSHARK                                   \
    {                                                    \
        "tshark", required_argument, NULL, OPTION_TSHARK \
    }
#define OPTIONS_LANGUAGE                                     \
    {                                                        \
        "language", required_argument, NULL, OPTION_LANGUAGE \
    }
#define OPTIONS_WHERE                                  \
    {                                                  \
        "where", required_argument, NULL, OPTION_WHERE \
    }
#define OPTIONS_STREAM                                   \
    {                                                    \
        "stream", required_argument, NULL, OPTION_STREAM \
    }
#define OPTIONS_HELP                   \
    {                                  \
        "help", no_argument, NULL, 'h' \
    }

/** Take one of these options.
 *  @param option   what getopt_long() returned @param value its argument
 *  @return false where it is none of these, or its value is wrong: that has been said */
bool options_take(struct options *options, int option, const char *value);

/** Begin tshark's arguments: read a file, resolve no names, print no packets, in the language asked for.
 *  @return an array of strings, to be freed with g_ptr_array_unref(); no NULL at its end yet */
GPtrArray *options_arguments(const struct options *options, const char *file);

/** Add "-z STATISTIC", with the filter that --where and --stream ask for.
 *  @param arguments from options_arguments() @param statistic such as "tcp_phase,jsonl,-" */
void options_add_statistic(const struct options *options, GPtrArray *arguments,
                           const char *statistic);

#endif
