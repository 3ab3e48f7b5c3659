/* log.h
 * Lines on standard error, each written at once, from any thread.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_LOG_H
#define HANDSHARK_ECHO_LOG_H

/** The program's name, in front of every line. */
#define PROGRAM "handshark-echo-server"

/** Write one line. printf format, without a line feed. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Write one line unless one was written here within the last second: what a client can cause as
 *  often as it likes must not fill a disk. For one kind of event of the whole program. */
void log_seldom(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
