/* colours.h
 * The colours, named once: for the profile's packet list, the flow graph and the ladder.
 *
 * Each phase has a ground and the ink on it. Every pair has a contrast of 7:1 or more (WCAG 2.1,
 * level AAA), so that a light theme and a dark one show the same; and the grounds differ in lightness
 * or in blue against yellow, so that the colour-blind tell them apart. tests/profile measures both.
 *
 * cmake/Profile.cmake reads the lines below too: a name, and a number of six hexadecimal digits.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_COLOURS_H
#define HANDSHARK_COLOURS_H

/* 0xRRGGBB */
#define COLOUR_HANDSHAKE_GROUND 0xB9DCF7
#define COLOUR_HANDSHAKE_INK 0x00263D
#define COLOUR_DATA_GROUND 0xF3F7EC
#define COLOUR_DATA_INK 0x1F2B14
#define COLOUR_TEARDOWN_GROUND 0xFFCF70
#define COLOUR_TEARDOWN_INK 0x3D2600
/* What still comes after both ends have closed. */
#define COLOUR_CLOSED_GROUND 0xA9A9A9
#define COLOUR_CLOSED_INK 0x141414
#define COLOUR_RESET_GROUND 0x8F1D00
#define COLOUR_RESET_INK 0xFFFFFF
/* Sent again, without effect, not fitting, or resting on what was not captured. */
#define COLOUR_ODD_GROUND 0x4B2A6B
#define COLOUR_ODD_INK 0xFFFFFF

#endif
