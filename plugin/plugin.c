/* plugin.c
 * What Wireshark looks for in a plugin.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <epan/proto.h>
#include <ws_version.h>

#include "compat.h"
#include "tcp_phase/packet-tcp_phase.h"

WS_DLL_PUBLIC_DEF const gchar plugin_version[] = VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

WS_DLL_PUBLIC void plugin_register(void);

void plugin_register(void)
{
    static proto_plugin tcp_phase = {
        .register_protoinfo = proto_register_tcp_phase,
        .register_handoff = proto_reg_handoff_tcp_phase,
    };

    proto_register_plugin(&tcp_phase);
}
