/* packet-tcp_phase.h
 * The post-dissector tcp_phase.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_PACKET_TCP_PHASE_H
#define HANDSHARK_PACKET_TCP_PHASE_H

#include "engine/tcp_tracker.h"

struct found_segment;

/** What is known by now of a conversation: at the end of a pass, all.
 *  @param stream  tcp.stream
 *  @return the conversation, valid until the capture file is closed or dissected anew; NULL: there is
 *  none, or no file */
const struct tcp_conversation *tcp_phase_conversation(uint32_t stream);

/** The innermost TCP layer of a frame that was dissected.
 *  @param frame   its number
 *  @param stream  set to its tcp.stream
 *  @return false: there is none */
bool tcp_phase_stream_of(uint32_t frame, uint32_t *stream);

/** @return when the last of all segments so far was captured: nanoseconds since 1970, UTC; TCP_NO_TIME:
 *  there was none. */
int64_t tcp_phase_capture_end(void);

/** The first tcp.stream of a stream's conversation; most conversations have one only.
 *  @param stream tcp.stream @return a stream; @p stream itself without a file */
uint32_t tcp_phase_first_stream(uint32_t stream);

/** A segment was found, which will be followed when the frame's dissection is complete. What will then be looked at
 *  is fetched into the processor's cache meanwhile.
 *  @param found  the segment; its stream may not be known yet */
void tcp_phase_expect(const struct found_segment *found);

/** Register protocol, fields, expert infos and preferences (README.plugins, proto_plugin). */
void proto_register_tcp_phase(void);

/** Register the post-dissector and ask for what it reads (README.plugins, proto_plugin). */
void proto_reg_handoff_tcp_phase(void);

#endif
