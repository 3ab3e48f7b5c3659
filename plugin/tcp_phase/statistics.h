/* statistics.h
 * The statistics of tcp_phase, and its conversation filter. Each function registers one, and is to be
 * called when protocols are registered.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_STATISTICS_H
#define HANDSHARK_STATISTICS_H

/** -z tcp_phase,tree: counts. */
void tap_tree_register(void);

/** -z tcp_phase,conv[,filter]: a row for each conversation. */
void tap_conv_register(void);

/** -z tcp_phase,states[,filter]: the time spent in each state. */
void tap_states_register(void);

/** -z tcp_phase,jsonl,FILE[,filter]: a JSON object for each conversation. */
void tap_jsonl_register(void);

/** -z tcp_phase,ladder,FORMAT,FILE[,filter]: conversations drawn, or told. */
void tap_ladder_register(void);

/** -z tcp_phase,comments,FILE[,filter]: what is to be said of each frame. */
void tap_comments_register(void);

/** -z tcp_phase,part,FRAMES,NUMBER,FILE: the capture is a part of another one. */
void tap_part_register(void);

/** The menu Conversation Filter > TCP Phases. */
void conversation_filter_register(void);

#endif
