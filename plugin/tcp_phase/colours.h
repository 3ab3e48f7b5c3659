/* colours.h
 * The colours, named once: for the profile's packet list, the flow graph and the ladder.
 *
 * Each phase has a ground and the ink on it. Every pair has a contrast of 7:1 or more (WCAG 2.1,
 * level AAA), so that a light theme and a dark one show the same; and the grounds differ in lightness
 * or in blue against yellow, so that the colour-blind tell them apart. tests/profile measures both.
 * The line of a phase is for arrows and brackets on white paper: 3:1 or more against that. Lines and
 * states are of the palette of Okabe and Ito, some made darker or lighter; the name stands beside each.
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
#define COLOUR_HANDSHAKE_INK    0x00263D
#define COLOUR_DATA_GROUND      0xF3F7EC
#define COLOUR_DATA_INK         0x1F2B14
#define COLOUR_TEARDOWN_GROUND  0xFFCF70
#define COLOUR_TEARDOWN_INK     0x3D2600
/* What still comes after both ends have closed. */
#define COLOUR_CLOSED_GROUND 0xA9A9A9
#define COLOUR_CLOSED_INK    0x141414
#define COLOUR_RESET_GROUND  0x8F1D00
#define COLOUR_RESET_INK     0xFFFFFF
/* Sent again, without effect, not fitting, or resting on what was not captured. */
#define COLOUR_ODD_GROUND 0x4B2A6B
#define COLOUR_ODD_INK    0xFFFFFF

#define COLOUR_HANDSHAKE_LINE 0x0072B2
#define COLOUR_DATA_LINE      0x00805D
#define COLOUR_TEARDOWN_LINE  0xB86E00
#define COLOUR_CLOSED_LINE    0x6B6B6B
#define COLOUR_RESET_LINE     0xA32700
#define COLOUR_ODD_LINE       0x7A4FA8

/* The ground of a reset behind dark writing that is not ours to choose. */
#define COLOUR_RESET_PALE 0xF6C9BC

/* The states of an endpoint: COLOUR(state, fill), in the order of enum tcp_state. */
#define COLOURS_OF_STATES(COLOUR) \
    COLOUR(CLOSED, 0xC4C4C4)      \
    COLOUR(LISTEN, 0xE4E4E4)      \
    COLOUR(SYN_SENT, 0x56B4E9)    \
    COLOUR(SYN_RCVD, 0x0072B2)    \
    COLOUR(ESTABLISHED, 0x009E73) \
    COLOUR(CLOSE_WAIT, 0xF0E442)  \
    COLOUR(FIN_WAIT_1, 0xE69F00)  \
    COLOUR(FIN_WAIT_2, 0xF7CB76)  \
    COLOUR(CLOSING, 0xCC79A7)     \
    COLOUR(LAST_ACK, 0xD55E00)    \
    COLOUR(TIME_WAIT, 0x7A5FA8)

/* What a drawing is on, what its writing is in, and its thin lines. */
#define COLOUR_HEAD_GROUND   0xF4F6F8
#define COLOUR_PAPER         0xFFFFFF
#define COLOUR_WRITING       0x1A1A1A
#define COLOUR_FAINT_WRITING 0x5A5A5A
#define COLOUR_RULE          0xD0D0D0

#endif
