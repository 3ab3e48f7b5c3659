/* check.c
 * Checks that say where they stand, what was expected and what came.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Failures printed in full; what is wrong in a loop need not fill a terminal. */
#define PRINTED_MAX 200

static unsigned long tests, checks, failures;
static const char *test_name = "";
static char subject[256];

void check_run(const char *name, void (*test)(void))
{
    test_name = name;
    check_about(NULL);
    tests++;
    test();
    check_about(NULL);
}

void check_about(const char *format, ...)
{
    va_list arguments;

    subject[0] = '\0';
    if (!format)
        return;
    va_start(arguments, format);
    vsnprintf(subject, sizeof subject, format, arguments);
    va_end(arguments);
}

/* Count a check. Returns whether its failure is to be printed; then the line's begin has been. */
static bool begin_report(bool holds, const char *file, int line)
{
    checks++;
    if (holds)
        return false;
    failures++;
    if (failures > PRINTED_MAX)
        return false;
    printf("%s:%d: %s", file, line, test_name);
    if (subject[0])
        printf(", %s", subject);
    return true;
}

void check_report_that(bool holds, const char *what, const char *file, int line)
{
    if (begin_report(holds, file, line))
        printf(": expected %s\n", what);
}

void check_report_number(const char *what, long long expected, long long got, const char *file,
                         int line)
{
    if (begin_report(expected == got, file, line))
        printf(": %s: expected %lld, got %lld\n", what, expected, got);
}

bool check_text(const char *what, const char *expected, const char *got, const char *file, int line)
{
    bool holds = strcmp(expected, got) == 0;

    if (begin_report(holds, file, line))
        printf(": %s: expected \"%s\", got \"%s\"\n", what, expected, got);
    return holds;
}

unsigned long check_failures(void)
{
    return failures;
}

int check_end(void)
{
    if (failures > PRINTED_MAX)
        printf("... and %lu more\n", failures - PRINTED_MAX);
    printf("%lu tests, %lu checks, %lu failed\n", tests, checks, failures);
    return failures > 0 || checks == 0;
}
