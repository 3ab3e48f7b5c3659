/* conversation_filter.c
 * Wireshark's menu Conversation Filter: the segments of the conversation that a packet belongs to.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <epan/packet.h>
#include <epan/conversation_filter.h>

#include "compat.h"
#include "packet-tcp_phase.h"
#include "statistics.h"

static compat_bool is_valid(COMPAT_FILTER_PARAMETERS)
{
    uint32_t stream;

    return tcp_phase_stream_of(pinfo->num, &stream);
}

/* The result is the caller's, who frees it. */
static char *build(COMPAT_FILTER_PARAMETERS)
{
    uint32_t stream;

    if (!tcp_phase_stream_of(pinfo->num, &stream))
        return NULL;
    return g_strdup_printf("tcp_phase.stream == %u", stream);
}

void conversation_filter_register(void)
{
    COMPAT_REGISTER_CONVERSATION_FILTER("tcp_phase", "TCP Phases", is_valid, build);
}
