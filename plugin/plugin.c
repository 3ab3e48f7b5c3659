/* plugin.c
 * What Wireshark looks for in a plugin.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <epan/proto.h>

#include "compat.h"
#include "fecho/packet-fecho.h"
#include "tcp_phase/packet-tcp_phase.h"

WS_DLL_PUBLIC_DEF const gchar plugin_version[] = VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

WS_DLL_PUBLIC void plugin_register(void);

#ifdef COMPAT_PLUGIN_DESCRIBES_ITSELF
WS_DLL_PUBLIC uint32_t plugin_describe(void);

uint32_t plugin_describe(void)
{
    return WS_PLUGIN_DESC_DISSECTOR;
}
#endif

void plugin_register(void)
{
    static proto_plugin tcp_phase = {
        .register_protoinfo = proto_register_tcp_phase,
        .register_handoff = proto_reg_handoff_tcp_phase,
    };

    static proto_plugin fecho = {
        .register_protoinfo = proto_register_fecho,
        .register_handoff = proto_reg_handoff_fecho,
    };

    proto_register_plugin(&tcp_phase);
    proto_register_plugin(&fecho);
}
