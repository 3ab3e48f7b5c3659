/* ladder_rules.h
 * What holds of every ladder, whatever the segments are.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_LADDER_RULES_H
#define HANDSHARK_LADDER_RULES_H

#include "ladder/ladder.h"

/** Check a ladder's rows: frames go up, states go on from each other, counts add up, nobody is drawn who
 *  did not send.
 *  @param ladder    from ladder_end()
 *  @param segments  how many were added */
void ladder_check_rows(const struct ladder *ladder, uint64_t segments);

/** Write ladders in every format and check what is written: valid UTF-8, no controls; SVG well-formed
 *  and all of it within the drawing; life lines of the text straight; of Mermaid what it can read.
 *  @param table  the language */
void ladder_check_formats(struct ladder *const *ladders, unsigned count, const char *const *table);

#endif
