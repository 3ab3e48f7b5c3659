/* segments.c
 * Finds the TCP layers of a frame.
 *
 * Wireshark computes no tcp.len for a header that is quoted in an ICMP error, belongs to a fragment
 * or is cut or malformed; what has none is no segment of a conversation.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "segments.h"

#include <epan/address.h>
#include <epan/proto.h>
#include <epan/tvbuff.h>
#include <string.h>

#include "compat.h"

/* Offsets in the TCP header (RFC 9293 3.1). */
#define TCP_SEQ_AT 4
#define TCP_ACK_AT 8
#define TCP_FLAGS_AT 12
#define TCP_WINDOW_AT 14
#define TCP_CHECKSUM_AT 16
#define TCP_OPTIONS_AT 20
#define TCP_HEADER_MAX 60

#define TCP_OPTION_END 0
#define TCP_OPTION_NOP 1
#define TCP_OPTION_WINDOW_SCALE 3

/* Offsets in the IP headers (RFC 791 3.1, RFC 8200 3). */
#define IPV4_ID_AT 4
#define IPV4_SOURCE_AT 12
#define IPV4_LENGTH 4
#define IPV6_SOURCE_AT 8
#define IPV6_LENGTH 16

/* A walk through the tree. */
struct walk {
    packet_info *pinfo;
    struct found_segment *found;
    unsigned count;
    unsigned room;
    const field_info *ip; /* the IP layer met last: the one around what follows */
    bool is_ipv6;
};

static int id_of(const char *name, int *cache)
{
    if (*cache <= 0)
        *cache = proto_registrar_get_id_byname(name);
    return *cache;
}

static int id_tcp, id_tcp_len, id_tcp_stream, id_ip, id_ipv6;

void segments_want(dissector_handle_t postdissector)
{
    /* The ICMP layers are wanted so that what they quote hangs below them in the tree. */
    static const char *const also[] = { "icmp", "icmpv6" };
    GArray *wanted = g_array_new(FALSE, FALSE, sizeof(int));
    int ids[] = {
        id_of("tcp", &id_tcp), id_of("tcp.len", &id_tcp_len), id_of("tcp.stream", &id_tcp_stream),
        id_of("ip", &id_ip),   id_of("ipv6", &id_ipv6),
    };

    g_array_append_vals(wanted, ids, G_N_ELEMENTS(ids));
    for (unsigned i = 0; i < G_N_ELEMENTS(also); i++) {
        int id = proto_registrar_get_id_byname(also[i]);

        if (id > 0)
            g_array_append_val(wanted, id);
    }
    set_postdissector_wanted_hfids(postdissector, wanted); /* takes the array */
}

/* A multiplicative hash, eight octets at a time; only ever compared within one capture. */
static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

static uint64_t mix_octets(uint64_t hash, const uint8_t *octets, unsigned length)
{
    uint64_t part = 0;

    for (; length >= 8; octets += 8, length -= 8) {
        memcpy(&part, octets, 8);
        hash = mix(hash, part);
    }
    if (length > 0) {
        part = 0;
        memcpy(&part, octets, length);
        hash = mix(hash, part);
    }
    return hash;
}

static uint64_t hash_address(const address *addr, uint16_t port)
{
    return mix_octets(port, (const uint8_t *)addr->data, (unsigned)addr->len);
}

static void read_addresses(const struct walk *walk, struct found_segment *out)
{
    int start, length;

    if (walk->ip == NULL) { /* no IP layer in the capture: what the packet itself is said to have */
        copy_address_shallow(&out->source, &walk->pinfo->src);
        copy_address_shallow(&out->destination, &walk->pinfo->dst);
        out->has_addresses = true;
        return;
    }
    start = walk->ip->start + (walk->is_ipv6 ? IPV6_SOURCE_AT : IPV4_SOURCE_AT);
    length = walk->is_ipv6 ? IPV6_LENGTH : IPV4_LENGTH;
    if (tvb_captured_length_remaining(walk->ip->ds_tvb, start) < 2 * length)
        return;
    set_address_tvb(&out->source, walk->is_ipv6 ? AT_IPv6 : AT_IPv4, length, walk->ip->ds_tvb,
                    start);
    set_address_tvb(&out->destination, walk->is_ipv6 ? AT_IPv6 : AT_IPv4, length, walk->ip->ds_tvb,
                    start + length);
    out->has_addresses = true;
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
            return (int8_t)MIN(header[at + 2], 14);
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

/* The IPv4 identification tells packets apart; a router leaves it as it is. */
static void fingerprint(const struct walk *walk, struct found_segment *out, const uint8_t *header,
                        unsigned length)
{
    uint64_t hash = mix((uint64_t)out->segment.sender_id << 32 | out->segment.receiver_id,
                        out->segment.len);

    if (walk->ip && !walk->is_ipv6 &&
        tvb_captured_length_remaining(walk->ip->ds_tvb, walk->ip->start) >= IPV4_SOURCE_AT) {
        uint16_t id = tvb_get_ntohs(walk->ip->ds_tvb, walk->ip->start + IPV4_ID_AT);

        out->identified = id != 0;
        hash = mix(hash, id);
    }
    hash = mix_octets(hash, header, MIN(length, TCP_CHECKSUM_AT));
    if (length > TCP_OPTIONS_AT)
        hash = mix_octets(hash, header + TCP_OPTIONS_AT, length - TCP_OPTIONS_AT);
    out->fingerprint = hash;
}

/* Read the TCP header at a field; false where not enough of it was captured. */
static bool read_header(const struct walk *walk, const field_info *tcp, struct found_segment *out)
{
    struct tcp_segment *segment = &out->segment;
    int captured = tvb_captured_length_remaining(tcp->ds_tvb, tcp->start);
    const uint8_t *header;
    unsigned length;

    if (captured < TCP_WINDOW_AT)
        return false;
    captured = MIN(captured, TCP_HEADER_MAX);
    header = tvb_get_ptr(tcp->ds_tvb, tcp->start, captured);
    length = MIN((unsigned)(header[TCP_FLAGS_AT] >> 4) * 4U, (unsigned)captured);
    segment->source_port = be16(header);
    segment->destination_port = be16(header + 2);
    segment->seq = be32(header + TCP_SEQ_AT);
    segment->ack = be32(header + TCP_ACK_AT);
    segment->flags = be16(header + TCP_FLAGS_AT) & 0x1ff;
    /* A window that was cut off is taken to be open. */
    segment->window =
        captured >= TCP_WINDOW_AT + 2 ? be16(header + TCP_WINDOW_AT) : (uint16_t)UINT16_MAX;
    segment->window_scale =
        (segment->flags & TCP_SYN) ? read_window_scale(header, length) : (int8_t)-1;
    segment->sender_id = (uint32_t)hash_address(&out->source, segment->source_port);
    segment->receiver_id = (uint32_t)hash_address(&out->destination, segment->destination_port);
    fingerprint(walk, out, header, length);
    return true;
}

/* A tcp layer: its length and stream number hang below it. */
static void take_tcp(struct walk *walk, const proto_node *node)
{
    struct found_segment *out = &walk->found[walk->count];
    bool has_len = false, has_stream = false;

    if (walk->count == walk->room)
        return;
    memset(out, 0, sizeof *out);
    for (const proto_node *child = node->first_child; child; child = child->next) {
        const field_info *info = PNODE_FINFO(child);

        if (!info)
            continue;
        if (info->hfinfo->id == id_tcp_len) {
            out->segment.len = compat_fvalue_uint(info);
            has_len = true;
        } else if (info->hfinfo->id == id_tcp_stream) {
            out->stream = compat_fvalue_uint(info);
            has_stream = true;
        }
    }
    if (!has_len || !has_stream)
        return;
    read_addresses(walk, out);
    if (!read_header(walk, PNODE_FINFO(node), out))
        return;
    out->segment.frame = walk->pinfo->num;
    out->segment.time = (int64_t)walk->pinfo->abs_ts.secs * 1000000000 + walk->pinfo->abs_ts.nsecs;
    walk->count++;
}

static void walk_below(struct walk *walk, const proto_node *parent)
{
    for (const proto_node *node = parent->first_child; node; node = node->next) {
        const field_info *info = PNODE_FINFO(node);
        int id = info ? info->hfinfo->id : 0;

        if (id == id_ip || id == id_ipv6) {
            walk->ip = info;
            walk->is_ipv6 = id == id_ipv6;
        } else if (id == id_tcp) {
            take_tcp(walk, node);
        }
        if (node->first_child)
            walk_below(walk, node);
    }
}

unsigned segments_find(packet_info *pinfo, proto_tree *tree, struct found_segment *found,
                       unsigned room)
{
    struct walk walk = { .pinfo = pinfo, .found = found, .room = room };

    if (tree)
        walk_below(&walk, tree);
    return walk.count;
}
