/* packet-fecho.c
 * The dissector of the framed echo protocol (echo-protocol/specification.md), and of plain echo on its port.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "packet-fecho.h"

#include <epan/column-utils.h>
#include <epan/conversation.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/packet.h>
#include <epan/prefs.h>

#include "compat.h"
#include "streams.h"
#include "taps.h"
#include "tree.h"

/* A TLS record that begins a connection: handshake, version 3.x, and in it a ClientHello. */
#define TLS_HANDSHAKE    0x16
#define TLS_MAJOR        0x03
#define TLS_CLIENT_HELLO 0x01
#define TLS_HELLO_AT     5

/* Payload that a frame may have at most; what the server takes when it is not told otherwise. */
#define PAYLOAD_MAX_DEFAULT (1U << 30)
/* Sizes of what TCP hands over are ints. */
#define PAYLOAD_MAX_MAX ((1U << 31) - 1024)

#define TEXT(number) #number
#define PORTS(port)  TEXT(port)

static int proto_fecho;
static dissector_handle_t tcp_handle, over_tls_handle, tls_handle;

static compat_bool pref_desegment = TRUE;
static compat_bool pref_check_checksum = TRUE;
static guint pref_payload_max = PAYLOAD_MAX_DEFAULT;

static uint32_t payload_max(void)
{
    return pref_payload_max < PAYLOAD_MAX_MAX ? pref_payload_max : PAYLOAD_MAX_MAX;
}

/* What the dissector of a frame needs to know of where it lies. */
struct context {
    struct fecho_connection *connection;
    const struct fecho_input *input;
    const struct fecho_piece *piece;
    struct fecho_place place;
};

static guint frame_size(packet_info *pinfo _U_, tvbuff_t *tvb, int offset, void *data)
{
    struct context *context = data;
    struct fecho_place *place = &context->place;
    uint32_t there = (uint32_t)tvb_reported_length_remaining(tvb, offset);
    uint32_t size =
        fecho_frame_size(tvb, offset, context->piece->sender, payload_max(), &place->is_whole);

    place->offset = context->piece->skipped + (uint32_t)offset;
    place->there = size < there ? size : there;
    return size;
}

static int dissect_frame(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    struct context *context = data;
    const struct fecho_message *message =
        fecho_message_of(context->connection, pinfo, context->input, context->piece,
                         &context->place, tvb, payload_max());
    tvbuff_t *payload = fecho_tree_add_message(tvb, pinfo, tree, message, pref_check_checksum);

    /* Where a frame is not put together TCP would keep what is left of it to itself. */
    pinfo->want_pdu_tracking = 0;
    if (message)
        fecho_taps_message(pinfo, message, payload);
    return (int)tvb_captured_length(tvb);
}

/* Frames one after the other. More is asked for where one goes on behind the piece. */
static void dissect_frames(struct context *context, packet_info *pinfo, proto_tree *tree)
{
    tvbuff_t *tvb = context->input->tvb;
    uint32_t skipped = context->piece->skipped;

    if (skipped > 0)
        fecho_tree_add_skipped(tvb, pinfo, tree, skipped, context->piece->ends);
    if (context->piece->ends)
        fecho_taps_end(pinfo, context->piece->ends);
    if (skipped >= tvb_reported_length(tvb))
        return;
    /* After a FIN there is no more to ask for. */
    tcp_dissect_pdus(tvb_new_subset_remaining(tvb, (int)skipped), pinfo, tree,
                     pref_desegment && !context->input->is_last, ECHO_HEADER_SIZE, frame_size,
                     dissect_frame, context);
    if (pinfo->desegment_len != 0)
        pinfo->desegment_offset += (int)skipped;
}

static void dissect_piece(const struct fecho_input *input, packet_info *pinfo, proto_tree *tree)
{
    struct fecho_connection *connection = fecho_connection_of(pinfo);
    const struct fecho_piece *piece = fecho_piece_of(connection, pinfo, input, payload_max());
    struct context context = { .connection = connection, .input = input, .piece = piece };

    col_set_str(pinfo->cinfo, COL_PROTOCOL, "FECHO");
    col_clear(pinfo->cinfo, COL_INFO);
    if (!piece)
        return;
    if (piece->kind == FECHO_WAITS) {
        pinfo->desegment_offset = 0;
        pinfo->desegment_len = DESEGMENT_ONE_MORE_SEGMENT;
    } else if (piece->kind == FECHO_PLAIN_OCTETS) {
        fecho_tree_add_plain(input->tvb, pinfo, tree, &piece->plain);
        fecho_taps_plain(pinfo, &piece->plain, tvb_reported_length(input->tvb));
    } else {
        dissect_frames(&context, pinfo, tree);
    }
}

static bool is_whole_segment(const packet_info *pinfo, tvbuff_t *tvb)
{
    return pref_desegment && pinfo->can_desegment > 0 &&
           tvb_captured_length(tvb) == tvb_reported_length(tvb);
}

/* A server that speaks TLS does so on the same port: are these a connection's first octets in TLS? */
static bool is_tls(tvbuff_t *tvb)
{
    uint8_t octets[TLS_HELLO_AT + 1];

    if (tvb_captured_length(tvb) < sizeof octets)
        return false;
    tvb_memcpy(tvb, octets, 0, sizeof octets);
    return octets[0] == TLS_HANDSHAKE && octets[1] == TLS_MAJOR &&
           octets[TLS_HELLO_AT] == TLS_CLIENT_HELLO;
}

static int dissect_over_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    const struct tcpinfo *tcp = data;
    struct fecho_input input = { .tvb = tvb };

    if (tls_handle && is_tls(tvb) && fecho_connection_is_new(fecho_connection_of(pinfo))) {
        conversation_set_dissector(find_or_create_conversation(pinfo), tls_handle);
        /* Each call takes one away; TLS is to ask TCP for the rest of a ClientHello as if called by it. */
        if (pinfo->can_desegment > 0)
            pinfo->can_desegment++;
        return call_dissector_with_data(tls_handle, tvb, pinfo, tree, data);
    }
    if (tcp) {
        /* A piece that is not put together of several ends where its segment does; it may begin later. */
        input.seq = tcp->is_reassembled ? tcp->seq : tcp->nxtseq - tvb_reported_length(tvb);
        if (tcp->flags & TH_SYN)
            input.seq++; /* its data comes after the SYN's own number (RFC 9293 3.4, RFC 7413) */
        input.is_last = (tcp->flags & TH_FIN) != 0;
    }
    input.is_complete = is_whole_segment(pinfo, tvb);
    dissect_piece(&input, pinfo, tree);
    return (int)tvb_captured_length(tvb);
}

static int dissect_over_tls(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    const struct fecho_input input = { .tvb = tvb,
                                       .is_tls = true,
                                       .is_complete = is_whole_segment(pinfo, tvb) };

    dissect_piece(&input, pinfo, tree);
    return (int)tvb_captured_length(tvb);
}

/* A segment that begins with a good header, and has another one behind the frame if there is anything. */
static compat_bool dissect_heuristically(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                                         void *data)
{
    const struct echo_rules rules = { ECHO_FROM_ANYONE, payload_max() };
    uint32_t captured = tvb_captured_length(tvb);

    if (captured < ECHO_HEADER_SIZE ||
        echo_find_header(tvb_get_ptr(tvb, 0, (int)captured), captured, &rules) != 0)
        return FALSE;
    conversation_set_dissector(find_or_create_conversation(pinfo), tcp_handle);
    dissect_over_tcp(tvb, pinfo, tree, data);
    return TRUE;
}

static void register_preferences(void)
{
    module_t *module = prefs_register_protocol(proto_fecho, NULL);

    prefs_register_bool_preference(
        module, "desegment", "Reassemble frames that span several TCP segments",
        "TCP's own preference \"Allow subdissector to reassemble TCP streams\" must be set as well",
        &pref_desegment);
    prefs_register_bool_preference(module, "check_checksum", "Check the payload's CRC-32C",
                                   "Where a frame has the flag CRC and was captured whole",
                                   &pref_check_checksum);
    prefs_register_uint_preference(module, "payload_max", "Longest payload of a frame",
                                   "In octets; a frame that promises more is taken for malformed",
                                   10, &pref_payload_max);
}

void proto_register_fecho(void)
{
    proto_fecho = proto_register_protocol("Framed Echo Protocol", "FECHO", "fecho");
    fecho_tree_register(proto_fecho);
    register_preferences();
    tcp_handle = register_dissector("fecho", dissect_over_tcp, proto_fecho);
    over_tls_handle = register_dissector("fecho.tls", dissect_over_tls, proto_fecho);
    fecho_taps_register(proto_fecho);
}

void proto_reg_handoff_fecho(void)
{
    tls_handle = find_dissector("tls");
    dissector_add_uint_range_with_preference("tcp.port", PORTS(ECHO_PORT), tcp_handle);
    heur_dissector_add("tcp", dissect_heuristically, "Framed Echo over TCP", "fecho_tcp",
                       proto_fecho, HEURISTIC_DISABLE);
    dissector_add_string("tls.alpn", ECHO_ALPN, over_tls_handle);
}
