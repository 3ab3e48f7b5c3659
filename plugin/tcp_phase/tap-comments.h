/* tap-comments.h
 * `-z tcp_phase,comments,FILE`: what is to be said of each frame, for those who write it into the capture.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_TAP_COMMENTS_H
#define HANDSHARK_TAP_COMMENTS_H

/** Register the statistic. To be called when protocols are handed off. */
void tap_comments_register(void);

#endif
