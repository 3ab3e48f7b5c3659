/* segments.c
 * Finds the TCP layers of a frame.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "segments.h"

#include <epan/address.h>
#include <epan/conversation.h>
#include <epan/dissectors/packet-ip.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/proto.h>
#include <epan/tvbuff.h>
#include <string.h>
#include <wiretap/wtap.h>
#include <wsutil/exported_pdu_tlvs.h>

#include "annotations.h"

#define IP_PROTOCOL_TCP 6

/* Offsets in the TCP header (RFC 9293 3.1). */
#define TCP_SEQ_AT      4
#define TCP_ACK_AT      8
#define TCP_FLAGS_AT    12
#define TCP_WINDOW_AT   14
#define TCP_CHECKSUM_AT 16
#define TCP_OPTIONS_AT  20
#define TCP_HEADER_MIN  20
#define TCP_HEADER_MAX  60
#define TCP_FLAGS_MASK  0x1ff

#define TCP_OPTION_END          0
#define TCP_OPTION_NOP          1
#define TCP_OPTION_WINDOW_SCALE 3
#define WINDOW_SCALE_MAX        14 /* RFC 7323 2.3 */

static int proto_tcp_phase;
static int proto_tcp;
static dissector_handle_t noting_handle; /* ours, in the table */
static dissector_handle_t tcp_handle;    /* what stood there */

/* The headers noted in the frame being dissected. */
static struct {
    uint32_t frame;
    unsigned count;
    struct found_segment segments[ANNOTATED_LAYERS_MAX];
} noted;

/* Streams found of late: a look-up in Wireshark's table costs more than all that the engine does. */
#define RECENT_STREAMS 1024 /* a power of two */
static struct recent_stream {
    uint64_t ends; /* sender_id and receiver_id, the smaller first; 0: free */
    uint32_t stream;
} recent[RECENT_STREAMS];

/* A multiplicative hash, eight octets at a time; only ever compared within one capture. */
static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

static uint64_t mix_octets(uint64_t hash, const uint8_t *octets, unsigned length)
{
    uint64_t part;

    for (; length >= sizeof part; octets += sizeof part, length -= (unsigned)sizeof part) {
        memcpy(&part, octets, sizeof part);
        hash = mix(hash, part);
    }
    if (length > 0) {
        part = 0;
        memcpy(&part, octets, length);
        hash = mix(hash, part);
    }
    return hash;
}

static uint32_t hash_end(const address *addr, uint16_t port)
{
    uint64_t hash = mix((uint64_t)addr->type << 16, port);

    return (uint32_t)mix_octets(hash, (const uint8_t *)addr->data, (unsigned)addr->len);
}

/* The shift count of the window scale option (RFC 7323 2.2); -1: there is none. */
static int8_t read_window_scale(const uint8_t *header, unsigned length)
{
    unsigned at = TCP_OPTIONS_AT;

    while (at < length && header[at] != TCP_OPTION_END) {
        if (header[at] == TCP_OPTION_NOP) {
            at++;
            continue;
        }
        if (at + 1 >= length || header[at + 1] < 2)
            break;
        if (header[at] == TCP_OPTION_WINDOW_SCALE && header[at + 1] == 3 && at + 2 < length)
            return (int8_t)MIN(header[at + 2], WINDOW_SCALE_MAX);
        at += header[at + 1];
    }
    return -1;
}

static uint16_t be16(const uint8_t *octets)
{
    return (uint16_t)(octets[0] << 8 | octets[1]);
}

static uint32_t be32(const uint8_t *octets)
{
    return (uint32_t)be16(octets) << 16 | be16(octets + 2);
}

static void read_header(struct tcp_segment *segment, const uint8_t *header, unsigned length)
{
    segment->source_port = be16(header);
    segment->destination_port = be16(header + 2);
    segment->seq = be32(header + TCP_SEQ_AT);
    segment->ack = be32(header + TCP_ACK_AT);
    segment->flags = be16(header + TCP_FLAGS_AT) & TCP_FLAGS_MASK;
    /* A window that was cut off is taken to be open. */
    segment->window = length >= TCP_CHECKSUM_AT ? be16(header + TCP_WINDOW_AT) : UINT16_MAX;
    segment->window_scale =
        (segment->flags & TCP_SYN) ? read_window_scale(header, length) : (int8_t)-1;
}

/* The IPv4 identification tells packets apart; a router leaves it as it is. */
static void take_fingerprint(struct found_segment *out, const uint8_t *header, unsigned length,
                             const ws_ip4 *ip)
{
    uint64_t hash =
        mix((uint64_t)out->segment.sender_id << 32 | out->segment.receiver_id, out->segment.len);

    if (ip) {
        out->identified = ip->ip_id != 0;
        hash = mix(hash, ip->ip_id);
    }
    hash = mix_octets(hash, header, MIN(length, TCP_CHECKSUM_AT));
    if (length > TCP_OPTIONS_AT)
        hash = mix_octets(hash, header + TCP_OPTIONS_AT, length - TCP_OPTIONS_AT);
    out->fingerprint = hash;
}

/* Room for one more header of this frame; NULL: there is none. */
static struct found_segment *next_noted(packet_info *pinfo)
{
    struct found_segment *out;

    if (noted.frame != pinfo->num) {
        noted.frame = pinfo->num;
        noted.count = 0;
    }
    if (noted.count == ANNOTATED_LAYERS_MAX)
        return NULL;
    out = &noted.segments[noted.count++];
    memset(out, 0, sizeof *out);
    out->segment.frame = pinfo->num;
    copy_address_shallow(&out->source, &pinfo->src);
    copy_address_shallow(&out->destination, &pinfo->dst);
    return out;
}

static void number_ends(struct found_segment *out)
{
    out->segment.sender_id = hash_end(&out->source, out->segment.source_port);
    out->segment.receiver_id = hash_end(&out->destination, out->segment.destination_port);
}

/* An ICMP error quotes at least the first eight octets (RFC 792): ports and sequence number. */
static void note_quoted(tvbuff_t *tvb, packet_info *pinfo)
{
    struct found_segment *out;

    if (tvb_captured_length(tvb) < TCP_ACK_AT || !(out = next_noted(pinfo)))
        return;
    out->is_quoted = true;
    out->segment.source_port = tvb_get_ntohs(tvb, 0);
    out->segment.destination_port = tvb_get_ntohs(tvb, 2);
    out->segment.seq = tvb_get_ntohl(tvb, TCP_SEQ_AT);
    number_ends(out);
}

/* Note the TCP header that a tvb begins with; ip is the header around it, where it is IPv4. Nothing
 * is noted where Wireshark itself computes no tcp.len, and so no analysis (packet-tcp.c). */
static void note_header(tvbuff_t *tvb, packet_info *pinfo, const ws_ip4 *ip)
{
    unsigned captured = MIN(tvb_captured_length(tvb), TCP_HEADER_MAX);
    unsigned reported = tvb_reported_length(tvb);
    struct found_segment *out;
    const uint8_t *header;
    unsigned header_length;

    if (pinfo->fragmented || captured < TCP_WINDOW_AT)
        return;
    header = tvb_get_ptr(tvb, 0, (int)captured);
    header_length = (unsigned)(header[TCP_FLAGS_AT] >> 4) * 4;
    if (header_length < TCP_HEADER_MIN || header_length > reported || !(out = next_noted(pinfo)))
        return;
    read_header(&out->segment, header, MIN(header_length, captured));
    out->segment.len = reported - header_length;
    out->segment.time = (int64_t)pinfo->abs_ts.secs * 1000000000 + pinfo->abs_ts.nsecs;
    number_ends(out);
    take_fingerprint(out, header, MIN(header_length, captured), ip);
}

/* Stands in the table "ip.proto" for TCP. */
static int note_and_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!PINFO_FD_VISITED(pinfo) &&
        proto_is_protocol_enabled(find_protocol_by_id(proto_tcp_phase))) {
        if (pinfo->flags.in_error_pkt)
            note_quoted(tvb, pinfo);
        else
            note_header(tvb, pinfo, WS_IP4_PTR(data));
    }
    return call_dissector_only(tcp_handle, tvb, pinfo, tree, data);
}

/* TCP without IP, exported or written as such (text2pcap -P tcp): tags, then the segment
 * (wsutil/exported_pdu_tlvs.h). Its dissector is called by name, not through the table. */
static void note_exported(tvbuff_t *tvb, packet_info *pinfo)
{
    bool is_tcp = false;
    int at = 0;

    while (tvb_captured_length_remaining(tvb, at) >= 4) {
        uint16_t tag = tvb_get_ntohs(tvb, at);
        int length = tvb_get_ntohs(tvb, at + 2);

        at += 4;
        if (tag == EXP_PDU_TAG_END_OF_OPT) {
            if (is_tcp && tvb_captured_length_remaining(tvb, at) > 0)
                note_header(tvb_new_subset_remaining(tvb, at), pinfo, NULL);
            return;
        }
        if (tag == EXP_PDU_TAG_DISSECTOR_NAME) /* with or without a NUL */
            is_tcp = length >= 3 &&
                     tvb_memeql(tvb, at, (const guint8 *)"tcp", (size_t)MIN(length, 4)) == 0;
        at += length;
    }
}

/* Wireshark's conversation between the two ends as it stood at a frame; NULL: there was none. */
static const conversation_t *conversation_at(const struct found_segment *found, uint32_t frame)
{
    return find_conversation(frame, &found->source, &found->destination, CONVERSATION_TCP,
                             found->segment.source_port, found->segment.destination_port, 0);
}

/* What TCP keeps of a conversation. */
static const struct tcp_analysis *analysis_of(const conversation_t *conversation)
{
    if (!conversation)
        return NULL;
    return (const struct tcp_analysis *)conversation_get_proto_data(conversation, proto_tcp);
}

/* Ask Wireshark which stream it is, and which one had the same ends before. */
static bool look_up_stream(struct found_segment *found)
{
    uint32_t frame = found->segment.frame;
    const conversation_t *conversation = conversation_at(found, frame);
    const struct tcp_analysis *analysis = analysis_of(conversation);
    const struct tcp_analysis *before;

    if (!analysis)
        return false;
    found->stream = analysis->stream;
    if (conversation->setup_frame == frame && frame > 1) {
        before = analysis_of(conversation_at(found, frame - 1));
        if (before && before->stream != found->stream)
            found->earlier = before->stream + 1;
    }
    return true;
}

/* The stream of a segment, now that TCP has dissected it. Only a SYN begins another stream between
 * the same ends (packet-tcp.c). */
static bool find_stream(struct found_segment *found)
{
    uint32_t low = MIN(found->segment.sender_id, found->segment.receiver_id);
    uint32_t high = MAX(found->segment.sender_id, found->segment.receiver_id);
    uint64_t ends = (uint64_t)low << 32 | high;
    struct recent_stream *slot = &recent[mix(0, ends) & (RECENT_STREAMS - 1)];

    if (slot->ends == ends && !(found->segment.flags & TCP_SYN)) {
        found->stream = slot->stream;
        return true;
    }
    if (!look_up_stream(found))
        return false;
    slot->ends = ends;
    slot->stream = found->stream;
    return true;
}

void segments_forget(void)
{
    memset(recent, 0, sizeof recent);
    noted.frame = 0;
}

unsigned segments_find(tvbuff_t *tvb, packet_info *pinfo, const struct found_segment **found)
{
    unsigned count = 0;

    if (pinfo->rec->rec_type == REC_TYPE_PACKET &&
        pinfo->rec->rec_header.packet_header.pkt_encap == WTAP_ENCAP_WIRESHARK_UPPER_PDU)
        note_exported(tvb, pinfo);
    if (noted.frame != pinfo->num)
        return 0;
    for (unsigned i = 0; i < noted.count; i++)
        if (find_stream(&noted.segments[i]))
            noted.segments[count++] = noted.segments[i];
    noted.frame = 0;
    *found = noted.segments;
    return count;
}

void segments_register(int proto)
{
    int proto_noting;

    proto_tcp_phase = proto;
    proto_tcp = proto_get_id_by_filter_name("tcp");
    /* In name only: no layer in frame.protocols; enabled and disabled with TCP, not with us. */
    proto_noting = proto_register_protocol_in_name_only(
        "TCP, noted by TCP Phases", "TCP (noted)", "tcp_phase.segment", proto_tcp, FT_PROTOCOL);
    noting_handle = create_dissector_handle(note_and_dissect, proto_noting);
}

void segments_handoff(void)
{
    dissector_table_t table = find_dissector_table("ip.proto");

    tcp_handle = dissector_get_uint_handle(table, IP_PROTOCOL_TCP);
    if (tcp_handle)
        dissector_add_uint("ip.proto", IP_PROTOCOL_TCP, noting_handle);
}
