/* tap-flow.h
 * The flow type "TCP Phases" of Statistics > Flow Graph, and of `tshark -z flow,tcp_phase,standard`.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_TAP_FLOW_H
#define HANDSHARK_TAP_FLOW_H

/** Offer the flow type. To be called when protocols are registered, after the tap (tap.h).
 *  @param proto  tcp_phase */
void flow_register(int proto);

#endif
