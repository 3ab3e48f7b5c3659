/* check.h
 * What the unit tests share: checks that say where they stand, what was expected and what came.
 *
 * A test is a function without arguments. A check that fails is printed and counted, and the test
 * goes on, so that one run shows all that is wrong.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_CHECK_H
#define HANDSHARK_CHECK_H

#include <stdbool.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/** The condition holds. */
#define CHECK(condition) check_that((condition), #condition, __FILE__, __LINE__)
/** Two whole numbers are equal. */
#define CHECK_NUMBER(expected, got) \
    check_number(#got, (long long)(expected), (long long)(got), __FILE__, __LINE__)
/** Two texts are equal. */
#define CHECK_TEXT(expected, got) check_text(#got, (expected), (got), __FILE__, __LINE__)
/** Run a test and name it in what it reports. */
#define RUN(test) check_run(#test, test)

/** Run one test; its name stands in every failure. */
void check_run(const char *name, void (*test)(void));
/** Say what the checks that follow are about, beside the test's name; NULL: nothing. printf format. */
void check_about(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Count a check, and say what failed. */
void check_report_that(bool holds, const char *what, const char *file, int line);
void check_report_number(const char *what, long long expected, long long got, const char *file,
                         int line);

/* What the macros call. @p what names the value; each returns whether the check holds. In a header, so
 * that an analyser of one file sees that. */
static inline bool check_that(bool holds, const char *what, const char *file, int line)
{
    check_report_that(holds, what, file, line);
    return holds;
}

static inline bool check_number(const char *what, long long expected, long long got,
                                const char *file, int line)
{
    check_report_number(what, expected, got, file, line);
    return expected == got;
}

bool check_text(const char *what, const char *expected, const char *got, const char *file,
                int line);

/** @return how many checks have failed so far. */
unsigned long check_failures(void);
/** Print the sum. @return what main() returns: 1 if a check failed or no check was made, else 0. */
int check_end(void);

#endif
