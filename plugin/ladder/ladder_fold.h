/* ladder_fold.h
 * Folds long runs of segments into one row, so that a drawing stays one.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_LADDER_FOLD_H
#define HANDSHARK_LADDER_FOLD_H

#include "ladder.h"

/** Rows of a run that stay as they are at its beginning and at its end, and how many between them
 *  are worth a fold. */
#define LADDER_FOLD_HEAD 3U
#define LADDER_FOLD_TAIL 2U
#define LADDER_FOLD_MIN  4U

/** Above so many rows more is folded than plain data and its ACKs: first all that changes no state,
 *  then all but the first and the last half of so many rows. */
#define LADDER_ROWS_MAX 120U

/** Fold what is there. To be called now and then, and at the end: what is folded already grows. */
void ladder_fold(struct ladder *ladder);

#endif
