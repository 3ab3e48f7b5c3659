/* interrupt.h
 * What has to be undone when a signal ends the program: processes ended, unfinished files removed.
 *
 * The signal's handler does it itself, so that it works wherever the program is at that moment; the
 * program then dies of the same signal. All of this belongs to one thread.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_INTERRUPT_H
#define HANDSHARK_INTERRUPT_H

#include <signal.h>
#include <sys/types.h>

/** Catch the signals that end a program: SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM. One that is ignored
 *  (nohup) stays so. */
void interrupt_catch(void);

/** Hold the signals back, while a thing is made that a signal would have to undo.
 *  @param before what interrupt_release() is to be given */
void interrupt_hold(sigset_t *before);

/** Let the signals come again. @param before as interrupt_hold() set it */
void interrupt_release(const sigset_t *before);

/** Note a child that leads a process group: the group gets SIGTERM and, five seconds later, SIGKILL. */
void interrupt_note_process(pid_t leader);

/** Forget a child: it has been waited for. */
void interrupt_forget_process(pid_t leader);

/** Note an unfinished file: it is removed. @param path is copied */
void interrupt_note_file(const char *path);

/** Forget a file: it is finished, or gone. @param path as it was noted */
void interrupt_forget_file(const char *path);

/** In a child, before it becomes another program: signals as they are for a new program, a process
 *  group of its own, and an end when we end (as by SIGKILL, which nobody can catch). For g_spawn_*().
 *  @param unused nothing */
void interrupt_child_setup(void *unused);

#endif
