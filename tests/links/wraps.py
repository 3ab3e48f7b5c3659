"""The clothes that a TCP segment can come in: Ethernet, MPLS, PPPoE and IP itself.

A wrap is a function from a Packet (layers.py) to the octets of a frame, or to a list of frames of
which the last one holds the segment whole. WRAPS has them by name, in the order of the tables in
docs/links.md, which also says what was left out because Wireshark itself finds no TCP in it.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import struct
import zlib

from layers import *  # noqa: F403

ETHERNET_LINK = 1


class Wrap:
    """.make(packet); .link: LINKTYPE_ of its file; .versions of IP that it can carry; .options for
    tshark; .network: the field of the pcap header where it holds more than .link."""

    def __init__(self, make, group, title, link, versions, options, network):
        self.make, self.group, self.title, self.link = make, group, title, link
        self.versions, self.options, self.network = versions, options, network


WRAPS = {}


def wrap(name, group, title, link=ETHERNET_LINK, versions="46", options=(), network=None):
    """Enter a function into WRAPS. name: of the test links.NAME."""

    def enter(make):
        assert name not in WRAPS
        WRAPS[name] = Wrap(make, group, title, link, versions, options, network)
        return make

    return enter


def simple(name, group, title, make, **details):
    wrap(name, group, title, **details)(make)


# --- Ethernet -------------------------------------------------------------------------------------

ETH = "Ethernet"


def vlan(p, number=5, ethertype=None, payload=None):
    """(ethertype, payload) with one tag."""
    return tag(
        VLAN,
        number,
        p.ethertype if ethertype is None else ethertype,
        p.octets if payload is None else payload,
    )


def in_ethernet(p, pair):
    return ethernet(p, pair[1], pair[0])


def double_tagged(outer):
    return lambda p: ethernet(p, tag(outer, 100, *vlan(p))[1], outer)


simple("ethernet", ETH, "Ethernet II", ethernet)
simple("padded", ETH, "padded to 60 octets", lambda p: ethernet(p).ljust(60, b"\0"))
simple(
    "padded-odd", ETH, "padding that is not zero", lambda p: ethernet(p) + b"\xde\xad\xbe\xef\x01"
)
simple(
    "fcs",
    ETH,
    "frame check sequence, not announced",
    lambda p: with_fcs(ethernet(p).ljust(60, b"\0")),
)
simple(
    "fcs-announced",
    ETH,
    "frame check sequence, announced in the file",
    lambda p: with_fcs(ethernet(p).ljust(60, b"\0")),
    network=1 | 0x04000000 | 2 << 28,
)
simple("vlan", ETH, "IEEE 802.1Q VLAN", lambda p: in_ethernet(p, vlan(p)))
simple("priority-tag", ETH, "priority tag (VLAN 0)", lambda p: in_ethernet(p, vlan(p, 0xA000)))
simple("qinq", ETH, "QinQ: 0x88a8 and 0x8100", double_tagged(PROVIDER_VLAN))
simple("qinq-8100", ETH, "QinQ: 0x8100 twice", double_tagged(VLAN))
simple("qinq-9100", ETH, "QinQ: 0x9100 and 0x8100", double_tagged(OLD_QINQ))
simple(
    "vlan-three",
    ETH,
    "three tags",
    lambda p: ethernet(p, tag(PROVIDER_VLAN, 7, *tag(VLAN, 8, *vlan(p)))[1], PROVIDER_VLAN),
)


@wrap("snap", ETH, "IEEE 802.3 with 802.2 LLC and SNAP")
def snap(p):
    return macs(p) + be16(8 + len(p.octets)) + llc_snap(p)


@wrap("llc-ip", ETH, "IEEE 802.2 LLC with the SAP of IP", versions="4")
def llc_ip(p):
    return macs(p) + be16(3 + len(p.octets)) + bytes([6, 6, 3]) + p.octets


@wrap("vlan-snap", ETH, "VLAN with 802.2 LLC and SNAP")
def vlan_snap(p):
    return ethernet(p, be16(5, 8 + len(p.octets)) + llc_snap(p), VLAN)


@wrap("pbb", ETH, "IEEE 802.1ah provider backbone bridge")
def pbb(p):
    return ethernet(p, be32(0x000123) + ethernet(p), 0x88E7)


@wrap("pbb-b-tag", ETH, "IEEE 802.1ah with a backbone VLAN")
def pbb_b_tag(p):
    return ethernet(p, be16(300, 0x88E7) + be32(0x000123) + ethernet(p), PROVIDER_VLAN)


simple("bridged", ETH, "Ethernet in Ethernet (0x6558)", lambda p: ethernet(p, ethernet(p), BRIDGED))
simple(
    "vn-tag",
    ETH,
    "Cisco VN-Tag",
    lambda p: ethernet(p, be32(0x80010002) + be16(p.ethertype) + p.octets, 0x8926),
)
simple(
    "cisco-metadata",
    ETH,
    "Cisco MetaData",
    lambda p: ethernet(p, bytes.fromhex("0101000101a0") + be16(p.ethertype) + p.octets, 0x8909),
)
simple(
    "fabricpath",
    ETH,
    "Cisco FabricPath",
    lambda p: bytes.fromhex("020001000001020002000002")
    + be16(0x8903, 0x2801)
    + with_fcs(ethernet(p)),
)
simple("trill", ETH, "TRILL", lambda p: ethernet(p, be16(0x003F, 2, 1) + ethernet(p), 0x22F3))
simple(
    "hsr",
    ETH,
    "HSR",
    lambda p: ethernet(
        p, be16(0x1000 | len(p.octets) + 6, p.number, p.ethertype) + p.octets, 0x892F
    ),
)
simple(
    "prp",
    ETH,
    "PRP, with its trailer",
    lambda p: ethernet(p) + be16(p.number, 0xA000 | len(p.octets) + 6, 0x88FB),
)
simple(
    "batman",
    ETH,
    "B.A.T.M.A.N. advanced",
    lambda p: ethernet(p, bytes.fromhex("400f3201") + MACS[1] + ethernet(p), 0x4305),
)
simple("nsh", ETH, "NSH in Ethernet", lambda p: ethernet(p, nsh(p, 3, ethernet(p)), 0x894F))


def nsh(p, next_protocol, payload):
    """Network Service Header (RFC 8300), metadata type 2, none of it."""
    return be16(0x0FC2) + bytes([2, next_protocol]) + be32(0x00010200 | 0xFF) + payload


def isl(p):
    source = p.ends(MACS)[0]
    frame = with_fcs(ethernet(p).ljust(60, b"\0"))
    header = (
        bytes.fromhex("01000c000000")
        + source
        + be16(len(frame) + 18)
        + bytes.fromhex("aaaa0300000c")
        + be16(10, 0, 0)
    )
    return with_fcs(header + frame)


simple("isl", ETH, "Cisco ISL", isl)

# --- MPLS, PPPoE ----------------------------------------------------------------------------------

MPLS_GROUP = "MPLS and PPPoE"


def in_mpls(p, labels, payload=None, control_word=None):
    stack = b"".join(mpls_label(100 + index, index == labels - 1) for index in range(labels))
    word = b"" if control_word is None else be32(control_word)
    return stack + word + (p.octets if payload is None else payload)


simple("mpls", MPLS_GROUP, "MPLS, one label", lambda p: ethernet(p, in_mpls(p, 1), MPLS))
simple("mpls-two", MPLS_GROUP, "MPLS, two labels", lambda p: ethernet(p, in_mpls(p, 2), MPLS))
simple(
    "mpls-upstream",
    MPLS_GROUP,
    "MPLS, upstream-assigned (0x8848)",
    lambda p: ethernet(p, in_mpls(p, 1), 0x8848),
)
simple(
    "eompls",
    MPLS_GROUP,
    "Ethernet pseudowire without control word, by Decode As",
    lambda p: ethernet(p, in_mpls(p, 1, ethernet(p)), MPLS),
    options=("-d", "mpls.label==100,pwethnocw"),
)
simple(
    "eompls-control-word",
    MPLS_GROUP,
    "Ethernet pseudowire with control word",
    lambda p: ethernet(p, in_mpls(p, 2, ethernet(p), 0), MPLS),
)
simple(
    "eompls-vlan",
    MPLS_GROUP,
    "Ethernet pseudowire with control word, VLAN in it",
    lambda p: ethernet(p, in_mpls(p, 1, in_ethernet(p, vlan(p)), p.number), MPLS),
)

simple("pppoe", MPLS_GROUP, "PPPoE session", lambda p: ethernet(p, pppoe(p), 0x8864))
simple(
    "pppoe-padded",
    MPLS_GROUP,
    "PPPoE session, padded",
    lambda p: ethernet(p, pppoe(p), 0x8864) + bytes(9),
)
simple(
    "pppoe-vlan",
    MPLS_GROUP,
    "PPPoE in a VLAN",
    lambda p: in_ethernet(p, vlan(p, 7, 0x8864, pppoe(p))),
)

# --- IP itself ------------------------------------------------------------------------------------

IP_GROUP = "IP"


def ipv4_options(options):
    """The packet with options in its own IPv4 header."""

    def make(p):
        header = 20
        padded = options + bytes(-len(options) % 4)
        start = bytes([0x45 + len(padded) // 4]) + p.octets[1:2]
        start += be16(len(p.octets) + len(padded)) + p.octets[4:10]
        addresses = p.octets[12:header]
        packet = start + be16(checksum(start + addresses + padded)) + addresses + padded
        return ethernet(p, packet + p.octets[header:])

    return make


def ipv6_extension(kind, body):
    """The packet with an extension header behind its IPv6 header."""

    def make(p):
        header = bytes([p.octets[6]]) + body
        length = struct.unpack(">H", p.octets[4:6])[0] + len(header)
        start = p.octets[:4] + be16(length) + bytes([kind]) + p.octets[7:40]
        return ethernet(p, start + header + p.octets[40:])

    return make


def padding(length):
    """The length field and a PadN option that make an options header of that many octets."""
    return bytes([length // 8 - 1, 1, length - 4]) + bytes(length - 4)


simple("ipv4-nop", IP_GROUP, "IPv4 options: no-operation", ipv4_options(b"\1\1\1\0"), versions="4")
simple(
    "ipv4-router-alert",
    IP_GROUP,
    "IPv4 option: router alert",
    ipv4_options(b"\x94\4\0\0"),
    versions="4",
)
simple(
    "ipv4-record-route",
    IP_GROUP,
    "IPv4 option: record route",
    ipv4_options(b"\7\x13\x04" + bytes(16)),
    versions="4",
)
simple(
    "ipv4-timestamp",
    IP_GROUP,
    "IPv4 option: timestamp",
    ipv4_options(b"\x44\x0c\5\0" + bytes(8)),
    versions="4",
)
simple(
    "ipv4-source-route",
    IP_GROUP,
    "IPv4 option: source route, at its end",
    ipv4_options(b"\x83\7\x08\xc0\0\2\7"),
    versions="4",
)
simple(
    "ipv6-hop-by-hop",
    IP_GROUP,
    "IPv6 hop-by-hop options",
    ipv6_extension(0, padding(8)),
    versions="6",
)
simple(
    "ipv6-destination",
    IP_GROUP,
    "IPv6 destination options",
    ipv6_extension(60, padding(16)),
    versions="6",
)
simple(
    "ipv6-segment-routing",
    IP_GROUP,
    "IPv6 segment routing, no segment left",
    ipv6_extension(43, bytes([2, 4, 0, 0, 0, 0, 0]) + OUTER6[1]),
    versions="6",
)
simple(
    "ipv6-atomic",
    IP_GROUP,
    "IPv6 fragment header, all in one",
    ipv6_extension(44, bytes(3) + be32(99)),
    versions="6",
)
simple(
    "ipv6-chain",
    IP_GROUP,
    "IPv6 hop-by-hop, destination options and fragment header",
    ipv6_extension(0, padding(8)[:0] + bytes([0, 1, 4, 0, 0, 0, 0])),
    versions="6",
)


@wrap("tso", IP_GROUP, "IP total length 0 (segmentation offload)", versions="4")
def tso(p):
    return ethernet(p, p.octets[:2] + bytes(2) + p.octets[4:])


def fragmented(p, protocol, payload):
    return [ethernet(p, part, IPV4) for part in fragments(p, payload, protocol, 24)]


@wrap("fragments", IP_GROUP, "IPv4 fragments of the packet itself", versions="4")
def own_fragments(p):
    header, payload = p.octets[:20], p.octets[20:]
    frames = []
    for at in range(0, len(payload), 16):
        part = payload[at : at + 16]
        flags = at // 8 | (0x2000 if at + 16 < len(payload) else 0)
        start = header[:2] + be16(20 + len(part), 0x7000 + p.number, flags) + header[8:10]
        frames.append(ethernet(p, start + be16(checksum(start + header[12:])) + header[12:] + part))
    return frames
