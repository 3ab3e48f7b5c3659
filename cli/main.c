/* main.c
 * handshark: what TCP did in capture files, by tshark and the plugin.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cli.h"
#include "commands.h"
#include "interrupt.h"

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *does;
};

static const struct command COMMANDS[] = {
    { "table", table_command, "a line for each conversation" },
    { "segments", segments_command, "state, segment, state, as RFC 9293 has it" },
    { "ladder", ladder_command, "each conversation drawn, as text or as a picture" },
    { "explain", explain_command, "each conversation told in sentences" },
    { "annotate", annotate_command, "the capture again, with comments for any Wireshark" },
    { "batch", batch_command, "all captures of a folder, and what they amount to" },
};

static int help(void)
{
    GString *text =
        g_string_new("usage: " PROGRAM " COMMAND [OPTION...] FILE...\n"
                     "\n"
                     "What TCP did in capture files: tshark reads them, the plugin says.\n"
                     "\n");
    int status;

    for (size_t i = 0; i < G_N_ELEMENTS(COMMANDS); i++)
        g_string_append_printf(text, "  %-10s%s\n", COMMANDS[i].name, COMMANDS[i].does);
    g_string_append(text, "\n"
                          "  " PROGRAM " COMMAND --help   a command's options\n"
                          "  " PROGRAM " --version\n"
                          "\n"
                          "Exit status: 0 all went well; 1 something failed; 2 wrong use.\n");
    status = cli_help(text->str);
    g_string_free(text, TRUE);
    return status;
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(COMMANDS); i++)
        if (strcmp(COMMANDS[i].name, name) == 0)
            return &COMMANDS[i];
    return NULL;
}

static int run(const struct command *command, int argc, char **argv)
{
    char *name =
        g_strdup_printf(PROGRAM " %s", command->name); /* what getopt's messages begin with */
    int status;

    argv[0] = name;
    status = command->run(argc, argv);
    g_free(name);
    return status;
}

static bool is_any(const char *word, const char *one, const char *other)
{
    return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

int main(int argc, char **argv)
{
    const struct command *command;

    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); /* what is written is read by programs too */
    interrupt_catch();
    if (argc < 2) {
        cli_say("which command? try: " PROGRAM " --help");
        return STATUS_WRONG_USE;
    }
    if (is_any(argv[1], "--version", "-V"))
        return cli_help(PROGRAM " " HANDSHARK_VERSION "\n");
    if (is_any(argv[1], "--help", "-h") || (argc == 2 && strcmp(argv[1], "help") == 0))
        return help();
    /* `handshark help table` is `handshark table --help`. */
    if (argc == 3 && strcmp(argv[1], "help") == 0 && (command = find(argv[2])))
        return run(command, 2, (char *[]){ NULL, (char[]){ "--help" }, NULL });
    command = find(argv[1]);
    if (command)
        return run(command, argc - 1, argv + 1);
    cli_say("no such command: %s; try: " PROGRAM " --help", argv[1]);
    return STATUS_WRONG_USE;
}
