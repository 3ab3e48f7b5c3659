/* flow_keys.c
 * Finds the IP headers of a packet, as far as a few lines can: link types that carry IP plainly are read, and in what
 * else there is, IP headers are looked for. What is found too much joins packets that need not be together, which
 * costs nothing but balance.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "flow_keys.h"

#include "compat.h"

#include <string.h>
#include <wiretap/wtap.h>

/* Protocols in IP (IANA). */
enum {
    PROTOCOL_HOP_BY_HOP = 0,
    PROTOCOL_ICMP = 1,
    PROTOCOL_IPV4 = 4,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_IPV6 = 41,
    PROTOCOL_ROUTING = 43,
    PROTOCOL_FRAGMENT = 44,
    PROTOCOL_GRE = 47,
    PROTOCOL_AH = 51,
    PROTOCOL_ICMPV6 = 58,
    PROTOCOL_OPTIONS = 60,
    PROTOCOL_IPCOMP = 108,
    PROTOCOL_MOBILITY = 135,
};

enum { IPV4_HEADER = 20, IPV6_HEADER = 40, PORT_L2TP = 1701, DEPTH_MAX = 12 };

/* What a key is of: keys of different kinds are never equal. */
enum { OF_ALL, OF_ADDRESSES, OF_CONVERSATION, OF_FRAGMENTS };

/* A packet being read. */
struct packet {
    const uint8_t *octets;
    size_t captured, length;
    struct flow_keys *keys;
    uint64_t addresses; /* a key of the outermost, if there is nothing better; 0: none */
    unsigned depth;
    bool is_piece; /* what is in it may go on in another packet */
};

/* The ends of an IP header. */
struct ends {
    const uint8_t *source, *destination;
    const uint8_t *final; /* where the packet goes in the end, if it says so, or NULL */
    unsigned size;        /* of an address */
};

static uint16_t be16(const uint8_t *octets)
{
    return (uint16_t)(octets[0] << 8 | octets[1]);
}

/* Keys ------------------------------------------------------------------------------------------ */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

static uint64_t hash_end(const uint8_t *address, unsigned size, uint16_t port)
{
    uint64_t hash = mix(size, port), part;

    for (unsigned at = 0; at < size; at += 4) {
        part = (uint64_t)be16(address + at) << 16 | be16(address + at + 2);
        hash = mix(hash, part);
    }
    return hash;
}

/* The same whoever sends. */
static uint64_t hash_ends(unsigned kind, uint64_t one, uint64_t other)
{
    return mix(mix(kind, one < other ? one : other), one < other ? other : one);
}

static void add(struct packet *packet, uint64_t key)
{
    struct flow_keys *keys = packet->keys;

    for (unsigned i = 0; i < keys->count; i++)
        if (keys->key[i] == key)
            return;
    if (keys->count < FLOW_KEYS_MAX)
        keys->key[keys->count++] = key;
    else
        keys->is_opaque = true;
}

/* IP -------------------------------------------------------------------------------------------- */

static bool read_ip(struct packet *packet, size_t at);
static bool search(struct packet *packet, size_t at, bool is_coarse);

static size_t left(const struct packet *packet, size_t at)
{
    return at < packet->captured ? packet->captured - at : 0;
}

static void read_tcp(struct packet *packet, size_t at, const struct ends *ends)
{
    const uint8_t *tcp = packet->octets + at;
    uint64_t source;

    if (left(packet, at) < 4)
        return;
    source = hash_end(ends->source, ends->size, be16(tcp));
    add(packet,
        hash_ends(OF_CONVERSATION, source, hash_end(ends->destination, ends->size, be16(tcp + 2))));
    if (ends->final)
        add(packet,
            hash_ends(OF_CONVERSATION, source, hash_end(ends->final, ends->size, be16(tcp + 2))));
    /* Captures are sent over TCP, too. */
    packet->is_piece = true;
    search(packet, at + 20, true);
}

/* A protocol of PPP that carries none, or encrypts: those of control, and what CCP has agreed on. */
static bool is_harmless_in_ppp(unsigned protocol)
{
    return protocol >= 0x4000 || protocol == 0x00fd || protocol == 0x00fb;
}

/* PPP: the header of TCP may be compressed (RFC 1144), and packets cut in pieces (RFC 1990). */
static void read_ppp(struct packet *packet, size_t at)
{
    const uint8_t *ppp = packet->octets + at;
    size_t size = left(packet, at);
    unsigned protocol;

    if (size >= 2 && ppp[0] == 0xff && ppp[1] == 0x03) {
        ppp += 2;
        size -= 2;
    }
    if (size < 2)
        return;
    protocol = (ppp[0] & 1) ? ppp[0] : be16(ppp);
    if (!search(packet, (size_t)(ppp - packet->octets), false) && !is_harmless_in_ppp(protocol))
        packet->keys->is_opaque = true;
}

static void read_udp(struct packet *packet, size_t at)
{
    const uint8_t *udp = packet->octets + at;

    if (!search(packet, at + 8, false) && left(packet, at) > 8 + 2 &&
        (be16(udp) == PORT_L2TP || be16(udp + 2) == PORT_L2TP) && !(udp[8] & 0x80)) {
        /* RFC 2661 3.1: which of the header's fields there are. */
        size_t header = 6U + ((udp[8] & 0x40) ? 2 : 0) + ((udp[8] & 0x08) ? 4 : 0);

        if ((udp[8] & 0x02) && left(packet, at + 8 + header) >= 2)
            header += 2U + be16(udp + 8 + header);
        read_ppp(packet, at + 8 + header);
    }
}

static void read_gre(struct packet *packet, size_t at)
{
    const uint8_t *gre = packet->octets + at;

    /* RFC 2637 4.1: PPTP's, with a key always. */
    if (!search(packet, at + 4, false) && left(packet, at) >= 8 && be16(gre + 2) == 0x880b)
        read_ppp(packet, at + 8 + ((gre[0] & 0x10) ? 4U : 0) + ((gre[1] & 0x80) ? 4U : 0));
}

static void read_protocol(struct packet *packet, unsigned protocol, size_t at,
                          const struct ends *ends)
{
    const uint8_t *here = packet->octets + at;

    if (left(packet, at) == 0)
        return;
    switch (protocol) {
    case PROTOCOL_TCP:
        read_tcp(packet, at, ends);
        break;
    case PROTOCOL_ICMP: /* errors quote: RFC 792 */
        if (here[0] == 3 || here[0] == 4 || here[0] == 5 || here[0] == 11 || here[0] == 12)
            read_ip(packet, at + 8);
        break;
    case PROTOCOL_ICMPV6: /* RFC 4443 2.1 */
        if (here[0] < 128)
            read_ip(packet, at + 8);
        break;
    case PROTOCOL_IPV4:
    case PROTOCOL_IPV6:
        read_ip(packet, at);
        break;
    case PROTOCOL_UDP:
        read_udp(packet, at);
        break;
    case PROTOCOL_GRE:
        read_gre(packet, at);
        break;
    case PROTOCOL_IPCOMP:
        packet->keys->is_opaque = true;
        break;
    default:
        search(packet, at, false);
    }
}

static void note_ends(struct packet *packet, const struct ends *ends)
{
    if (packet->addresses == 0)
        packet->addresses = hash_ends(OF_ADDRESSES, hash_end(ends->source, ends->size, 0),
                                      hash_end(ends->destination, ends->size, 0));
}

static void add_fragments(struct packet *packet, const struct ends *ends, uint32_t number)
{
    uint64_t key = mix(OF_FRAGMENTS, hash_end(ends->source, ends->size, 0));

    add(packet, mix(mix(key, hash_end(ends->destination, ends->size, 0)), number));
}

/* Source routes (RFC 791 3.1): the last address is the destination. */
static const uint8_t *find_final(const uint8_t *options, size_t size)
{
    for (size_t at = 0; at + 1 < size && options[at] != 0;) {
        size_t length = options[at] == 1 ? 1 : options[at + 1];

        if (length == 0 || at + length > size)
            break;
        if ((options[at] == 131 || options[at] == 137) && length >= 7)
            return options + at + length - 4;
        at += length;
    }
    return NULL;
}

static bool read_ipv4(struct packet *packet, size_t at)
{
    const uint8_t *ip = packet->octets + at;
    size_t header = (size_t)(ip[0] & 0xf) * 4;
    struct ends ends = { .source = ip + 12, .destination = ip + 16, .size = 4 };

    if (left(packet, at) < IPV4_HEADER || header < IPV4_HEADER)
        return false;
    note_ends(packet, &ends);
    if (left(packet, at) > header)
        ends.final = find_final(ip + IPV4_HEADER, header - IPV4_HEADER);
    if ((be16(ip + 6) & 0x3fff) != 0) {
        packet->is_piece = true;
        add_fragments(packet, &ends, be16(ip + 4));
    }
    if ((be16(ip + 6) & 0x1fff) != 0)
        search(packet, at + header, false);
    else
        read_protocol(packet, ip[9], at + header, &ends);
    return true;
}

/* RFC 8200 4. */
static bool read_ipv6(struct packet *packet, size_t at)
{
    const uint8_t *ip = packet->octets + at;
    struct ends ends = { .source = ip + 8, .destination = ip + 24, .size = 16 };
    unsigned protocol;

    if (left(packet, at) < IPV6_HEADER)
        return false;
    note_ends(packet, &ends);
    protocol = ip[6];
    for (at += IPV6_HEADER; left(packet, at) >= 8;) {
        const uint8_t *next = packet->octets + at;
        size_t size = ((size_t)next[1] + 1) * 8;

        if (protocol == PROTOCOL_FRAGMENT) {
            size = 8;
            if ((be16(next + 2) & 0xfff9) != 0) {
                packet->is_piece = true;
                add_fragments(packet, &ends, (uint32_t)be16(next + 4) << 16 | be16(next + 6));
            }
            if ((be16(next + 2) & 0xfff8) != 0) {
                search(packet, at + 8, false);
                return true;
            }
        } else if (protocol == PROTOCOL_AH) {
            size = ((size_t)next[1] + 2) * 4;
        } else if (protocol == PROTOCOL_ROUTING) {
            /* The last address is that of type 0, the first that of segment routing (RFC 8754 2). */
            if (size >= 24 && left(packet, at) >= size)
                ends.final = next + (next[2] == 4 ? 8 : size - 16);
        } else if (protocol != PROTOCOL_HOP_BY_HOP && protocol != PROTOCOL_OPTIONS &&
                   protocol != PROTOCOL_MOBILITY) {
            break;
        }
        protocol = next[0];
        at += size;
    }
    read_protocol(packet, protocol, at, &ends);
    return true;
}

/* @return whether there is an IP header */
static bool read_ip(struct packet *packet, size_t at)
{
    unsigned version = left(packet, at) > 0 ? packet->octets[at] >> 4 : 0;
    bool is_good = false;

    if (packet->depth == DEPTH_MAX) {
        packet->keys->is_opaque = true;
        return false;
    }
    packet->depth++;
    if (version == 4)
        is_good = read_ipv4(packet, at);
    else if (version == 6)
        is_good = read_ipv6(packet, at);
    packet->depth--;
    return is_good;
}

/* Looking for IP -------------------------------------------------------------------------------- */

/* A header's sum is right, or was left to the network card. */
static bool has_right_sum(const uint8_t *ip, size_t header)
{
    uint32_t sum = 0;

    if (be16(ip + 10) == 0)
        return true;
    for (size_t i = 0; i < header; i += 2)
        sum += be16(ip + i);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return sum == 0xffff;
}

/* The size of the IP packet that seems to be here, 0: there is none. */
static size_t size_here(const struct packet *packet, size_t at)
{
    const uint8_t *ip = packet->octets + at;
    size_t captured = left(packet, at), size;

    if (ip[0] >> 4 == 4) {
        size_t header = (size_t)(ip[0] & 0xf) * 4;

        if (header < IPV4_HEADER || captured < header)
            return 0;
        size = be16(ip + 2);
        if (size == 0 && ip[9] == PROTOCOL_TCP) /* left to the network card, too */
            size = packet->length - at;
        if (size <= header || !has_right_sum(ip, header))
            return 0;
        return size <= packet->length - at || packet->is_piece ? size : 0;
    }
    if (ip[0] >> 4 != 6 || captured < IPV6_HEADER)
        return 0;
    size = be16(ip + 4);
    switch (ip[6]) {
    case PROTOCOL_HOP_BY_HOP:
    case PROTOCOL_IPV4:
    case PROTOCOL_TCP:
    case PROTOCOL_UDP:
    case PROTOCOL_IPV6:
    case PROTOCOL_ROUTING:
    case PROTOCOL_FRAGMENT:
    case PROTOCOL_GRE:
    case PROTOCOL_AH:
    case PROTOCOL_ICMPV6:
    case PROTOCOL_OPTIONS:
        return size > 8 && size + IPV6_HEADER <= packet->length - at ? size + IPV6_HEADER : 0;
    default:
        return 0;
    }
}

/* The next octet that an IP header may begin with. Coarse: without IPv4's options and IPv6's traffic classes,
 * which is much faster. */
static size_t next_candidate(const struct packet *packet, size_t at, bool is_coarse)
{
    const uint8_t *end = packet->octets + packet->captured, *here = packet->octets + at;

    if (is_coarse) {
        const uint8_t *four = memchr(here, 0x45, (size_t)(end - here));
        const uint8_t *six = memchr(here, 0x60, (size_t)((four ? four : end) - here));

        here = six ? six : four ? four : end;
    } else {
        while (here < end && *here >> 4 != 4 && *here >> 4 != 6)
            here++;
    }
    return (size_t)(here - packet->octets);
}

/* Read all IP packets that are found from here on. @return whether there was any */
static bool search(struct packet *packet, size_t at, bool is_coarse)
{
    bool has_found = false;

    for (at = at < packet->captured ? next_candidate(packet, at, is_coarse) : at;
         left(packet, at) >= IPV4_HEADER;) {
        size_t size = size_here(packet, at);

        if (size > 0 && read_ip(packet, at)) {
            has_found = true;
            at += size - 1;
        }
        if (++at >= packet->captured)
            break;
        at = next_candidate(packet, at, is_coarse);
    }
    return has_found;
}

/* Links ----------------------------------------------------------------------------------------- */

/* What follows an EtherType. */
static void read_ethertype(struct packet *packet, unsigned type, size_t at)
{
    for (unsigned tags = 0; tags < 8 && left(packet, at) >= 4; tags++) {
        if (type != 0x8100 && type != 0x88a8 && type != 0x9100)
            break;
        type = be16(packet->octets + at + 2);
        at += 4;
    }
    if ((type == 0x0800 || type == 0x86dd) && read_ip(packet, at))
        return;
    if (type == 0x8864)
        read_ppp(packet, at + 6);
    else
        search(packet, at, false);
}

static void read_link(struct packet *packet, int link_type)
{
    const uint8_t *octets = packet->octets;

    switch (link_type) {
    case WTAP_ENCAP_ETHERNET:
        if (packet->captured >= 14)
            read_ethertype(packet, be16(octets + 12), 14);
        break;
    case WTAP_ENCAP_SLL:
        if (packet->captured >= 16)
            read_ethertype(packet, be16(octets + 14), 16);
        break;
    case WTAP_ENCAP_SLL2:
        if (packet->captured >= 20)
            read_ethertype(packet, be16(octets), 20);
        break;
    case WTAP_ENCAP_RAW_IP:
    case WTAP_ENCAP_RAW_IP4:
    case WTAP_ENCAP_RAW_IP6:
        if (!read_ip(packet, 0))
            search(packet, 0, false);
        break;
    case WTAP_ENCAP_NULL:
    case WTAP_ENCAP_LOOP:
        if (!read_ip(packet, 4))
            search(packet, 0, false);
        break;
    case WTAP_ENCAP_PPP:
    case WTAP_ENCAP_PPP_WITH_PHDR:
        read_ppp(packet, 0);
        break;
    default: /* headers may be compressed, encrypted, cut in pieces */
        if (!search(packet, 0, false))
            packet->keys->is_opaque = true;
    }
}

void flow_keys_of(int link_type, const uint8_t *octets, size_t captured, size_t length,
                  struct flow_keys *keys)
{
    struct packet packet = { .octets = octets, .captured = captured, .keys = keys };

    packet.length = length > captured ? length : captured;
    keys->count = 0;
    keys->is_opaque = false;
    read_link(&packet, link_type);
    if (keys->count == 0)
        add(&packet, packet.addresses ? packet.addresses : OF_ALL);
}
