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
#include "packet-tcp_phase.h"
#include "part.h"
#include "tap.h"

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

#define USER_HEADER_MAX 64 /* octets before the TCP header on a link type of the user's own */

#define TCP_OPTION_END          0
#define TCP_OPTION_NOP          1
#define TCP_OPTION_WINDOW_SCALE 3
#define TCP_OPTION_TIMESTAMPS   8
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
#define RECENT_STREAMS     1024 /* a power of two */
#define RECENT_ADDRESS_MAX 16   /* octets of an IPv6 address */
static struct recent_stream {
    uint8_t address[2][RECENT_ADDRESS_MAX]; /* of the ends, in any order */
    uint32_t stream;
    uint16_t port[2];
    uint8_t length; /* of an address; 0: free */
    uint8_t type;   /* address_type */
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
    if (length == 0)
        return hash;
    for (part = 0; length > 0; length--)
        part = part << 8 | *octets++;
    return mix(hash, part);
}

static uint32_t hash_end(const address *addr, uint16_t port)
{
    uint64_t hash = mix((uint64_t)addr->type << 16, port);

    return (uint32_t)mix_octets(hash, (const uint8_t *)addr->data, (unsigned)addr->len);
}

static uint16_t be16(const uint8_t *octets)
{
    return (uint16_t)(octets[0] << 8 | octets[1]);
}

static uint32_t be32(const uint8_t *octets)
{
    return (uint32_t)be16(octets) << 16 | be16(octets + 2);
}

/* The options that say something of states: the shift count of the window (RFC 7323 2.2), which counts
 * on a SYN only, and the timestamp (RFC 7323 3). Where a SYN's options are cut off, the largest shift
 * is assumed, as for a SYN that was not captured. */
static void read_options(struct tcp_segment *segment, const uint8_t *header, unsigned length,
                         bool is_cut)
{
    bool is_syn = (segment->flags & TCP_SYN) != 0;
    unsigned at = TCP_OPTIONS_AT;

    segment->window_scale = is_syn && is_cut ? WINDOW_SCALE_MAX : -1;
    while (at < length) {
        unsigned size = at + 1 < length ? header[at + 1] : 0;

        if (header[at] == TCP_OPTION_NOP) {
            at++;
            continue;
        }
        if (header[at] == TCP_OPTION_END || size < 2 || at + size > length)
            break;
        if (header[at] == TCP_OPTION_WINDOW_SCALE && size == 3 && is_syn)
            segment->window_scale = (int8_t)MIN(header[at + 2], WINDOW_SCALE_MAX);
        if (header[at] == TCP_OPTION_TIMESTAMPS && size == 10) {
            segment->timestamp = be32(header + at + 2);
            segment->has_timestamp = true;
        }
        at += size;
    }
}

static void read_header(struct tcp_segment *segment, const uint8_t *header, unsigned length,
                        bool is_cut)
{
    segment->source_port = be16(header);
    segment->destination_port = be16(header + 2);
    segment->seq = be32(header + TCP_SEQ_AT);
    segment->ack = be32(header + TCP_ACK_AT);
    segment->flags = be16(header + TCP_FLAGS_AT) & TCP_FLAGS_MASK;
    /* A window that was cut off is taken to be open. */
    segment->window = length >= TCP_CHECKSUM_AT ? be16(header + TCP_WINDOW_AT) : UINT16_MAX;
    read_options(segment, header, length, is_cut);
}

/* What a router leaves as it is, and the hops, which it does not. */
static void take_identity(struct found_segment *out, const uint8_t *header, unsigned length,
                          const void *ip)
{
    struct tcp_identity *identity = &out->identity;
    uint64_t ends = (uint64_t)out->segment.sender_id << 32 | out->segment.receiver_id;
    uint64_t hash = mix(ends, out->segment.len);
    uint64_t options = 0;

    if (WS_IP4_PTR(ip)) {
        identity->ip_id = WS_IP4_PTR(ip)->ip_id;
        identity->hops = WS_IP4_PTR(ip)->ip_ttl;
        hash = mix(hash, identity->ip_id);
    } else if (WS_IP6_PTR(ip)) {
        identity->hops = WS_IP6_PTR(ip)->ip6_hop;
    }
    hash = mix_octets(hash, header, MIN(length, TCP_CHECKSUM_AT));
    if (length > TCP_OPTIONS_AT)
        options = mix_octets(ends, header + TCP_OPTIONS_AT, length - TCP_OPTIONS_AT);
    identity->fingerprint = mix(hash, options);
    identity->identified = identity->ip_id != 0;
    if (out->segment.has_timestamp)
        identity->instant =
            mix(options, (uint64_t)out->segment.ack << 32 | out->segment.window) | 1; /* never 0 */
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
    out->segment.frame = part_frame(pinfo->num);
    copy_address_shallow(&out->source, &pinfo->src);
    copy_address_shallow(&out->destination, &pinfo->dst);
    return out;
}

/* Which end comes first by address and port, whoever sends: negative, the source; 0: they are one. */
static int compare_ends(const struct found_segment *found)
{
    int order = cmp_address(&found->source, &found->destination);

    if (order != 0)
        return order;
    return (int)found->segment.source_port - (int)found->segment.destination_port;
}

/* Numbers only have to tell the two ends of a conversation apart, but that in any case: addresses can
 * be chosen so that they have the same hash. */
static void number_ends(struct found_segment *out)
{
    struct tcp_segment *segment = &out->segment;
    int order;

    segment->sender_id = hash_end(&out->source, segment->source_port);
    segment->receiver_id = hash_end(&out->destination, segment->destination_port);
    if (segment->sender_id != segment->receiver_id)
        return;
    order = compare_ends(out);
    if (order < 0)
        segment->receiver_id ^= 1;
    else if (order > 0)
        segment->sender_id ^= 1;
}

/* Whether what Wireshark marks as quoted is quoted by an ICMP error. It marks packets sampled by
 * sFlow or handed to an OpenFlow controller likewise, and those were not rejected. */
static bool is_in_icmp_error(const packet_info *pinfo)
{
    return (proto_is_frame_protocol(pinfo->layers, "icmp") ||
            proto_is_frame_protocol(pinfo->layers, "icmpv6")) &&
           !proto_is_frame_protocol(pinfo->layers, "sflow") &&
           !proto_is_frame_protocol(pinfo->layers, "openflow");
}

/* An ICMP error quotes at least the first eight octets (RFC 792): ports and sequence number. */
static void note_quoted(tvbuff_t *tvb, packet_info *pinfo)
{
    struct found_segment *out;

    if (tvb_captured_length(tvb) < TCP_ACK_AT || !is_in_icmp_error(pinfo) ||
        !(out = next_noted(pinfo)))
        return;
    out->is_quoted = true;
    out->segment.source_port = tvb_get_ntohs(tvb, 0);
    out->segment.destination_port = tvb_get_ntohs(tvb, 2);
    out->segment.seq = tvb_get_ntohl(tvb, TCP_SEQ_AT);
    number_ends(out);
}

/* Whether the ends of a segment can have a place in recent[]. */
static bool can_be_recent(const struct found_segment *found)
{
    return found->source.type == found->destination.type &&
           found->source.len == found->destination.len && found->source.len > 0 &&
           found->source.len <= RECENT_ADDRESS_MAX;
}

static bool is_end(const struct recent_stream *ends, unsigned index, const address *addr,
                   uint16_t port)
{
    return ends->port[index] == port && memcmp(ends->address[index], addr->data, ends->length) == 0;
}

/* Whether they are the ends of a segment, whoever sends. */
static bool are_ends_of(const struct recent_stream *ends, const struct found_segment *found)
{
    const struct tcp_segment *segment = &found->segment;

    if (ends->type != found->source.type || ends->length != found->source.len)
        return false;
    return (is_end(ends, 0, &found->source, segment->source_port) &&
            is_end(ends, 1, &found->destination, segment->destination_port)) ||
           (is_end(ends, 1, &found->source, segment->source_port) &&
            is_end(ends, 0, &found->destination, segment->destination_port));
}

/* Where recent[] has a segment's conversation, whoever sends; where others have the same place, they take turns. */
static struct recent_stream *recent_slot(const struct tcp_segment *segment)
{
    return &recent[mix(0, (uint64_t)segment->sender_id + segment->receiver_id) &
                   (RECENT_STREAMS - 1)];
}

/* Find the stream of a segment among those found of late. Only a SYN begins another stream between the same ends
 * (packet-tcp.c). */
static void find_recent_stream(struct found_segment *found)
{
    const struct recent_stream *slot = recent_slot(&found->segment);

    if ((found->segment.flags & TCP_SYN) || !can_be_recent(found) || !are_ends_of(slot, found))
        return;
    found->stream = slot->stream;
    found->has_stream = true;
}

/* Remember the stream of a segment. */
static void remember_stream(const struct found_segment *found)
{
    struct recent_stream *slot = recent_slot(&found->segment);

    if (!can_be_recent(found))
        return;
    slot->length = (uint8_t)found->source.len;
    slot->type = (uint8_t)found->source.type;
    memcpy(slot->address[0], found->source.data, slot->length);
    memcpy(slot->address[1], found->destination.data, slot->length);
    slot->port[0] = found->segment.source_port;
    slot->port[1] = found->segment.destination_port;
    slot->stream = found->stream;
}

/* Note the TCP header that a tvb begins with; ip is what Wireshark says of the header around it, or NULL. Nothing
 * is noted where Wireshark itself computes no tcp.len, and so no analysis (packet-tcp.c). */
static void note_header(tvbuff_t *tvb, packet_info *pinfo, const void *ip)
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
    read_header(&out->segment, header, MIN(header_length, captured), captured < header_length);
    out->segment.len = reported - header_length;
    out->segment.time = (int64_t)pinfo->abs_ts.secs * 1000000000 + pinfo->abs_ts.nsecs;
    number_ends(out);
    take_identity(out, header, MIN(header_length, captured), ip);
    /* On a later pass, the streams found of late may be later ones. */
    if (!PINFO_FD_VISITED(pinfo)) {
        find_recent_stream(out);
        tcp_phase_expect(out);
    }
}

bool segments_are_wanted(void)
{
    static const protocol_t *protocol;

    if (!protocol)
        protocol = find_protocol_by_id(proto_tcp_phase);
    return proto_is_protocol_enabled(protocol);
}

/* Stands in the table "ip.proto" for TCP. */
static int note_and_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if ((!PINFO_FD_VISITED(pinfo) || tap_has_listener()) && segments_are_wanted()) {
        if (pinfo->flags.in_error_pkt)
            note_quoted(tvb, pinfo);
        else
            note_header(tvb, pinfo, data);
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

/* TCP behind a link type that is the user's own, by preference (DLT_USER); it too is called by name.
 * How long the header before it is stands in that preference, so the ports are looked for. */
static void note_user_link(tvbuff_t *tvb, packet_info *pinfo)
{
    if (noted.frame == pinfo->num || pinfo->ptype != PT_TCP)
        return; /* found in IP, or no TCP */
    for (int at = 0; at <= USER_HEADER_MAX && tvb_captured_length_remaining(tvb, at) > 4; at++)
        if (tvb_get_ntohs(tvb, at) == pinfo->srcport &&
            tvb_get_ntohs(tvb, at + 2) == pinfo->destport) {
            note_header(tvb_new_subset_remaining(tvb, at), pinfo, NULL);
            return;
        }
}

/* TCP that does not come through the table, by the frame's link type. */
static void note_by_link(tvbuff_t *tvb, packet_info *pinfo)
{
    int encapsulation;

    if (pinfo->rec->rec_type != REC_TYPE_PACKET)
        return;
    encapsulation = pinfo->rec->rec_header.packet_header.pkt_encap;
    if (encapsulation == WTAP_ENCAP_WIRESHARK_UPPER_PDU)
        note_exported(tvb, pinfo);
    else if (encapsulation >= WTAP_ENCAP_USER0 && encapsulation <= WTAP_ENCAP_USER15)
        note_user_link(tvb, pinfo);
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
    uint32_t frame = noted.frame; /* in this capture, which may be a part of another one */
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

/* The stream of a segment, now that TCP has dissected it. */
static bool find_stream(struct found_segment *found, bool is_later_pass)
{
    if (found->has_stream)
        return true;
    if (!look_up_stream(found))
        return false;
    found->has_stream = true;
    if (!is_later_pass)
        remember_stream(found);
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

    note_by_link(tvb, pinfo);
    if (noted.frame != pinfo->num)
        return 0;
    for (unsigned i = 0; i < noted.count; i++) {
        if (!find_stream(&noted.segments[i], PINFO_FD_VISITED(pinfo)))
            continue;
        if (count != i)
            noted.segments[count] = noted.segments[i];
        count++;
    }
    noted.frame = 0;
    *found = noted.segments;
    return count;
}

void segments_register(int proto)
{
    int proto_noting;

    proto_tcp_phase = proto;
    proto_tcp = proto_get_id_by_filter_name("tcp");
    /* In name only: no layer in frame.protocols; enabled and disabled with TCP, not with us. As an entry of TCP itself
     * it would clash with TCP's own in Decode As (Wireshark 4.4). */
    proto_noting = proto_register_protocol_in_name_only(
        "TCP, noted by TCP Phases", "TCP (noted)", "tcp_phase_segment", proto_tcp, FT_PROTOCOL);
    noting_handle = create_dissector_handle(note_and_dissect, proto_noting);
}

void segments_handoff(void)
{
    dissector_table_t table = find_dissector_table("ip.proto");

    tcp_handle = dissector_get_uint_handle(table, IP_PROTOCOL_TCP);
    if (tcp_handle)
        dissector_add_uint("ip.proto", IP_PROTOCOL_TCP, noting_handle);
}
