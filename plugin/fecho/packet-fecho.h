/* packet-fecho.h
 * The dissector of the framed echo protocol.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_PACKET_FECHO_H
#define HANDSHARK_PACKET_FECHO_H

/** Register protocol, fields, expert infos, preferences and statistics (README.plugins, proto_plugin). */
void proto_register_fecho(void);

/** Register the dissector for its port, for TLS, and as a heuristic one that is off (README.plugins,
 *  proto_plugin). */
void proto_reg_handoff_fecho(void);

#endif
