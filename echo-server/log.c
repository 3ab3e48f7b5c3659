/* log.c
 * Lines on standard error.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_SIZE 1024

static void write_line(const char *format, va_list arguments)
{
    static const char name[] = PROGRAM ": ";
    char line[LINE_MAX_SIZE];
    size_t size = sizeof name - 1;
    int wanted;
    ssize_t ignored;

    snprintf(line, sizeof line, "%s", name);
    wanted = vsnprintf(line + size, sizeof line - size - 1, format, arguments);
    if (wanted > 0)
        size += (size_t)wanted < sizeof line - size - 1 ? (size_t)wanted : sizeof line - size - 2;
    line[size++] = '\n';
    ignored = write(STDERR_FILENO, line, size);
    (void)ignored; /* there is nowhere left to say so */
}

void log_line(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    write_line(format, arguments);
    va_end(arguments);
}

void log_seldom(const char *format, ...)
{
    static _Atomic int64_t last;
    struct timespec now;
    va_list arguments;
    int64_t then = atomic_load(&last);

    clock_gettime(CLOCK_MONOTONIC, &now);
    if ((then != 0 && now.tv_sec * 1000 + now.tv_nsec / 1000000 - then < 1000) ||
        !atomic_compare_exchange_strong(&last, &then, now.tv_sec * 1000 + now.tv_nsec / 1000000))
        return;
    va_start(arguments, format);
    write_line(format, arguments);
    va_end(arguments);
}
