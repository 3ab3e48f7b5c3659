"""The wraps that are link types of their own, not Ethernet; most of them.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import struct

from layers import *  # noqa: F403
from wraps import simple, wrap

WIFI = "IEEE 802.11"


def le(form, *values):
    return struct.pack("<" + form, *values)


def wifi(p, **details):
    return ieee80211(p, llc_snap(p), **details)


def amsdu_part(p, pad):
    destination, source = MACS[::-1] if p.forward else MACS
    body = llc_snap(p)
    part = destination + source + be16(len(body)) + body
    return part + bytes(-len(part) % 4) if pad else part


def radiotap(p, frame, flags):
    return le("BBHI", 0, 0, 9, 2) + bytes([flags]) + frame


simple("wifi", WIFI, "802.11, data", wifi, link=105)
simple("wifi-qos", WIFI, "802.11, QoS data", lambda p: wifi(p, qos=True), link=105)
simple(
    "wifi-amsdu",
    WIFI,
    "802.11, A-MSDU of one",
    lambda p: ieee80211(p, amsdu_part(p, False), True, True),
    link=105,
)
simple("radiotap", WIFI, "802.11 with radiotap", lambda p: radiotap(p, wifi(p), 0), link=127)
simple(
    "radiotap-fcs",
    WIFI,
    "802.11 with radiotap and FCS",
    lambda p: radiotap(p, with_fcs(wifi(p, qos=True)), 0x10),
    link=127,
)
simple(
    "prism",
    WIFI,
    "802.11 with a Prism header",
    lambda p: le("II16s", 0x44, 144, b"wlan0") + bytes(120) + wifi(p),
    link=119,
)
simple(
    "avs",
    WIFI,
    "802.11 with an AVS header",
    lambda p: be32(0x80211001, 64) + bytes(56) + wifi(p),
    link=163,
)
simple("ppi", WIFI, "802.11 with PPI", lambda p: le("BBHI", 0, 0, 8, 105) + wifi(p), link=192)

POINT = "Serial and point-to-point"

simple("ppp", POINT, "PPP", ppp, link=9)
simple("ppp-address", POINT, "PPP with address and control", lambda p: b"\xff\x03" + ppp(p), link=9)
simple("ppp-hdlc", POINT, "PPP in HDLC framing", lambda p: b"\xff\x03" + ppp(p), link=50)
simple(
    "ppp-direction",
    POINT,
    "PPP with direction",
    lambda p: bytes([p.forward]) + b"\xff\x03" + ppp(p),
    link=204,
)
simple("pppoe-link", POINT, "PPPoE, link type 51", pppoe, link=51)
simple("chdlc", POINT, "Cisco HDLC", lambda p: be16(0x0F00, p.ethertype) + p.octets, link=104)


def frame_relay(p):
    return be16(0x1841) + bytes([0x03, 0x8E if p.is_ipv6 else 0xCC]) + p.octets


simple("frame-relay", POINT, "Frame Relay, NLPID (RFC 2427)", frame_relay, link=107)
simple(
    "frame-relay-snap",
    POINT,
    "Frame Relay, SNAP",
    lambda p: be16(0x1841) + bytes.fromhex("030080000000") + be16(p.ethertype) + p.octets,
    link=107,
)
simple("atm-llc", POINT, "ATM, RFC 1483 LLC", llc_snap, link=11)
simple(
    "sunatm",
    POINT,
    "ATM, SunATM header",
    lambda p: bytes([0x02 | 0x80 * p.forward, 0]) + be16(100) + llc_snap(p),
    link=123,
)

OTHER = "Other link types"

simple(
    "null",
    OTHER,
    "BSD loopback, little endian",
    lambda p: le("I", 30 if p.is_ipv6 else 2) + p.octets,
    link=0,
)
simple(
    "null-big-endian",
    OTHER,
    "BSD loopback, big endian",
    lambda p: be32(24 if p.is_ipv6 else 2) + p.octets,
    link=0,
)
simple(
    "null-freebsd",
    OTHER,
    "BSD loopback, FreeBSD's number of IPv6",
    lambda p: le("I", 28 if p.is_ipv6 else 2) + p.octets,
    link=0,
)
simple(
    "loop", OTHER, "OpenBSD loopback", lambda p: be32(24 if p.is_ipv6 else 2) + p.octets, link=108
)
simple("raw-12", OTHER, "raw IP, link type 12", lambda p: p.octets, link=12)
simple("raw-101", OTHER, "raw IP, link type 101", lambda p: p.octets, link=101)
simple("raw-ipv4", OTHER, "raw IPv4, link type 228", lambda p: p.octets, link=228, versions="4")
simple("raw-ipv6", OTHER, "raw IPv6, link type 229", lambda p: p.octets, link=229, versions="6")
simple(
    "sll",
    OTHER,
    "Linux cooked, version 1",
    lambda p: be16(4 * (not p.forward), 1, 6) + MACS[0] + bytes(2) + be16(p.ethertype) + p.octets,
    link=113,
)
simple(
    "sll2",
    OTHER,
    "Linux cooked, version 2",
    lambda p: be16(p.ethertype, 0)
    + be32(3)
    + be16(1)
    + bytes([4 * (not p.forward), 6])
    + MACS[0]
    + bytes(2)
    + p.octets,
    link=276,
)
simple(
    "sll-vlan",
    OTHER,
    "Linux cooked, VLAN",
    lambda p: be16(0, 1, 6) + MACS[0] + bytes(2) + be16(0x8100, 5, p.ethertype) + p.octets,
    link=113,
)
simple(
    "token-ring", OTHER, "Token Ring", lambda p: bytes([0x10, 0x40]) + macs(p) + llc_snap(p), link=6
)
simple("fddi", OTHER, "FDDI", lambda p: bytes([0x50]) + macs(p) + llc_snap(p), link=10)
simple(
    "arcnet",
    OTHER,
    "ARCNET",
    lambda p: bytes([1, 2, 212]) + bytes([0]) + be16(p.number) + p.octets,
    link=7,
    versions="4",
)
simple(
    "ip-over-fc",
    OTHER,
    "IP over Fibre Channel",
    lambda p: b"\x10\0" + MACS[1] + b"\x10\0" + MACS[0] + llc_snap(p),
    link=122,
)
simple(
    "ieee1394",
    OTHER,
    "Apple IP over IEEE 1394",
    lambda p: bytes(range(16)) + be16(p.ethertype) + p.octets,
    link=138,
)


@wrap("docsis", OTHER, "DOCSIS", link=143)
def docsis(p):
    frame = with_fcs(ethernet(p))
    header = bytes(2) + be16(len(frame))
    check = 0xFFFF  # CRC-16/X-25
    for octet in header:
        check ^= octet
        for _ in range(8):
            check = check >> 1 ^ 0x8408 * (check & 1)
    return header + le("H", check ^ 0xFFFF) + frame


simple(
    "enc", OTHER, "OpenBSD enc", lambda p: be32(24 if p.is_ipv6 else 2, 7, 0) + p.octets, link=109
)
simple(
    "pflog",
    OTHER,
    "OpenBSD pflog",
    lambda p: bytes([61, 24 if p.is_ipv6 else 2, 0, 0])
    + b"em0".ljust(16, b"\0")
    + bytes(16)
    + be32(1, 2, 3, 4, 5, 6)
    + bytes([1, 0, 0, 0])
    + p.octets,
    link=117,
)
simple(
    "ipoib",
    OTHER,
    "IP over InfiniBand",
    lambda p: bytes(40) + be16(p.ethertype, 0) + p.octets,
    link=242,
)


def tlv(kind, value):
    return le("HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


simple(
    "nflog",
    OTHER,
    "Linux NFLOG",
    lambda p: bytes([10 if p.is_ipv6 else 2, 0])
    + be16(1)
    + tlv(1, be16(p.ethertype) + bytes(2))
    + tlv(9, p.octets),
    link=239,
)


@wrap("pktap", OTHER, "Apple PKTAP", link=258)
def pktap(p):
    header = le("III24sIIIIiI20s", 108, 1, 1, b"en0", p.forward + 1, 2, 14, 0, 1, 0, b"nc")
    return header.ljust(108, b"\0") + ethernet(p)


simple(
    "netanalyzer",
    OTHER,
    "Hilscher netANALYZER",
    lambda p: le("I", 0x00010400) + with_fcs(ethernet(p).ljust(60, b"\0")),
    link=240,
)


def exported(name, payload, extra=b""):
    name = name.encode()
    return be16(12, len(name)) + name + extra + be32(0) + payload


simple(
    "exported-ip",
    OTHER,
    "exported PDU, IP",
    lambda p: exported("ipv6" if p.is_ipv6 else "ip", p.octets),
    link=252,
)
simple(
    "exported-ethernet",
    OTHER,
    "exported PDU, Ethernet",
    lambda p: exported("eth_withoutfcs", ethernet(p)),
    link=252,
)


def exported_tcp(p):
    start = 40 if p.is_ipv6 else 20
    if (p.octets[6] if p.is_ipv6 else p.octets[9]) != 6:
        return exported("ip", p.octets)
    kinds, size = ((22, 23), 16) if p.is_ipv6 else ((20, 21), 4)
    at = 8 if p.is_ipv6 else 12
    source, destination = p.octets[at : at + size], p.octets[at + size : at + 2 * size]
    length = struct.unpack(">H", p.octets[4:6] if p.is_ipv6 else p.octets[2:4])[0]
    segment = p.octets[40 : 40 + length] if p.is_ipv6 else p.octets[20:length]
    extra = be16(kinds[0], size) + source + be16(kinds[1], size) + destination
    return exported("tcp", segment, extra)


simple("exported-tcp", OTHER, "exported PDU, TCP", exported_tcp, link=252)


JUNIPER = "Juniper"
MAGIC = bytes.fromhex("4d4743")

simple(
    "juniper-ethernet",
    JUNIPER,
    "Juniper Ethernet",
    lambda p: MAGIC + bytes([0x80 | p.forward]) + be16(0) + ethernet(p),
    link=178,
)
simple(
    "juniper-chdlc",
    JUNIPER,
    "Juniper Cisco HDLC",
    lambda p: MAGIC + bytes([0x80 | p.forward]) + be16(0) + be16(0x0F00, p.ethertype) + p.octets,
    link=181,
)
simple(
    "juniper-frelay",
    JUNIPER,
    "Juniper Frame Relay",
    lambda p: MAGIC + bytes([0x80 | p.forward]) + be16(0) + frame_relay(p),
    link=180,
)
simple(
    "juniper-pppoe",
    JUNIPER,
    "Juniper PPPoE",
    lambda p: MAGIC + bytes([0x80 | p.forward]) + be16(0) + ethernet(p, pppoe(p), 0x8864),
    link=167,
)

# More that lies in PPP, ATM and Frame Relay; radio; Endace's header; whatever else Wireshark reads.
simple(
    "ppp-multilink",
    POINT,
    "PPP multilink, whole packets",
    lambda p: b"\xff\x03\x00\x3d\xc0" + bytes([0]) + be16(p.number) + ppp(p),
    link=9,
)
simple(
    "ppp-mpls",
    POINT,
    "MPLS in PPP",
    lambda p: b"\xff\x03" + be16(0x0281) + mpls_label(16) + p.octets,
    link=9,
)
simple(
    "ppp-bridged",
    POINT,
    "Ethernet in PPP (RFC 3518)",
    lambda p: b"\xff\x03" + be16(0x0031, 0x0001) + ethernet(p),
    link=9,
)
BRIDGED_LLC = bytes.fromhex("aaaa030080c20007")
simple(
    "atm-bridged",
    POINT,
    "ATM, RFC 1483 bridged Ethernet",
    lambda p: BRIDGED_LLC + bytes(2) + ethernet(p),
    link=11,
)
simple(
    "frame-relay-bridged",
    POINT,
    "Frame Relay, bridged Ethernet",
    lambda p: be16(0x1841) + bytes.fromhex("03008000 80c20007") + ethernet(p),
    link=107,
)
simple(
    "llc-bridged",
    OTHER,
    "Ethernet bridged in 802.2 (RFC 2684)",
    lambda p: macs(p)
    + be16(len(BRIDGED_LLC) + 2 + len(ethernet(p)))
    + BRIDGED_LLC
    + bytes(2)
    + ethernet(p),
)
simple(
    "6lowpan",
    OTHER,
    "IPv6 in IEEE 802.15.4 (6LoWPAN)",
    lambda p: le("HBHHH", 0x8841, p.number, 0xABCD, 1, 2) + b"\x41" + p.octets,
    link=230,
    versions="6",
)


def erf(p, kind, payload):
    """A record of Endace ERF, whose time is a binary fraction."""
    seconds, rest = divmod(p.time, 10**9)
    fraction = ((rest << 33) // 10**9 + 1) >> 1
    return (
        le("II", fraction, seconds)
        + bytes([kind, 4])
        + be16(16 + len(payload), 0, len(payload))
        + payload
    )


simple(
    "erf-ethernet",
    OTHER,
    "Endace ERF, Ethernet",
    lambda p: erf(p, 2, be16(0) + with_fcs(ethernet(p))),
    link=197,
)
simple(
    "erf-ipv4", OTHER, "Endace ERF, IPv4", lambda p: erf(p, 22, p.octets), link=197, versions="4"
)


@wrap("ppp-vj", POINT, "PPP, Van Jacobson uncompressed TCP", link=9, versions="4")
def ppp_vj(p):
    if p.octets[9] != PROTO_TCP:
        return ppp(p)
    return be16(0x002F) + p.octets[:9] + bytes([1]) + p.octets[10:]
