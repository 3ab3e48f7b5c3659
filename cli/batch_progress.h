/* batch_progress.h
 * Says on standard error how far a batch is: a bar on a terminal, a line now and then elsewhere.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_BATCH_PROGRESS_H
#define HANDSHARK_BATCH_PROGRESS_H

#include <stdint.h>

struct progress;

/** @return for progress_end(). @param units how many there are @param cost of all of them, in any unit */
struct progress *progress_begin(unsigned units, uint64_t cost);

/** A unit is done. @param cost of it @param name of it @param problem why it failed, or NULL */
void progress_step(struct progress *progress, uint64_t cost, const char *name, const char *problem);

/** Draw the bar anew, as time goes by. */
void progress_tick(struct progress *progress);

/** Remove the bar. @param progress freed */
void progress_end(struct progress *progress);

#endif
