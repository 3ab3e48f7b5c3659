/* part.h
 * A capture that is a part of another one: its frames keep the numbers that they have there.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_PART_H
#define HANDSHARK_PART_H

#include <stdint.h>

/** What the file begins with that says which frame of the whole lies in which part: this, then 8 octets for the
 *  program's own use, PART_HEADER_SIZE octets in all; then an octet for each frame. */
#define PART_MAGIC       "hspart01"
#define PART_HEADER_SIZE 16

/** @return the number of a frame in the whole capture: @p frame itself, where there is no other.
 *  @param frame its number in the capture that is dissected, from 1 */
uint32_t part_frame(uint32_t frame);

#endif
