"""Headers to put around a packet: each function returns octets with a header in front.

Addresses are those of the two routers that a tunnel runs between; .forward of a Packet says which
way.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import struct
import zlib

IPV4, IPV6 = 0x0800, 0x86DD
VLAN, PROVIDER_VLAN, OLD_QINQ = 0x8100, 0x88A8, 0x9100
BRIDGED = 0x6558  # Ethernet in GRE, GENEVE, NSH
MPLS = 0x8847
PROTO_IPIP, PROTO_TCP, PROTO_UDP, PROTO_IPV6, PROTO_GRE = 4, 6, 17, 41, 47
PROTO_ESP, PROTO_AH, PROTO_ETHERIP, PROTO_L2TP, PROTO_MPLS = 50, 51, 97, 115, 137

# Of known makers: by that Wireshark knows Ethernet in an MPLS pseudowire.
MACS = bytes.fromhex("54bf640000a1"), bytes.fromhex("3cfdfe0000b2")
OUTER4 = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])
OUTER6 = bytes.fromhex("20010db8" + "0" * 22 + "01"), bytes.fromhex("20010db8" + "0" * 22 + "02")


class Packet:
    """An IP packet of the original capture, to be wrapped. .octets; .forward: sent in the direction
    of the first one; .number counts from 1; .time in nanoseconds; .ethertype; .protocol: its number
    as an IP protocol.
    """

    def __init__(self, octets, forward, number, time):
        self.octets, self.forward, self.number, self.time = octets, forward, number, time
        self.is_ipv6 = octets[0] >> 4 == 6
        self.ethertype = IPV6 if self.is_ipv6 else IPV4
        self.protocol = PROTO_IPV6 if self.is_ipv6 else PROTO_IPIP
        self.ppp = 0x0057 if self.is_ipv6 else 0x0021

    def ends(self, pair):
        """(source, destination) of a pair of addresses."""
        return pair if self.forward else pair[::-1]


def checksum(octets):
    """The Internet checksum (RFC 1071)."""
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack(f">{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def be16(*values):
    return struct.pack(f">{len(values)}H", *values)


def be32(*values):
    return struct.pack(f">{len(values)}I", *values)


def macs(p):
    """Destination and source."""
    source, destination = p.ends(MACS)
    return destination + source


def ethernet(p, payload=None, ethertype=None):
    """An Ethernet frame; without arguments of the packet itself."""
    payload = p.octets if payload is None else payload
    return macs(p) + be16(p.ethertype if ethertype is None else ethertype) + payload


def tag(ethertype, number, inner_ethertype, payload):
    """The payload of an Ethernet frame that carries a VLAN tag; (ethertype, payload)."""
    return ethertype, be16(number, inner_ethertype) + payload


def ipv4(p, payload, protocol, options=b"", identification=None, fragment=0, ttl=61):
    source, destination = p.ends(OUTER4)
    number = 0x4000 + p.number if identification is None else identification
    length = 20 + len(options) + len(payload)
    start = bytes([0x45 + len(options) // 4, 0]) + be16(length, number, fragment)
    start += bytes([ttl, protocol])
    end = source + destination + options
    return start + be16(checksum(start + end)) + end + payload


def ipv6(p, payload, protocol):
    source, destination = p.ends(OUTER6)
    return (
        be32(6 << 28) + be16(len(payload)) + bytes([protocol, 61]) + source + destination + payload
    )


def over_ipv4(p, payload, protocol):
    """In IPv4 in Ethernet."""
    return ethernet(p, ipv4(p, payload, protocol), IPV4)


def over_ipv6(p, payload, protocol):
    """In IPv6 in Ethernet."""
    return ethernet(p, ipv6(p, payload, protocol), IPV6)


def udp(payload, port, source_port=None):
    return be16(port if source_port is None else source_port, port, 8 + len(payload), 0) + payload


def over_udp(p, payload, port, source_port=None):
    """In UDP in IPv4 in Ethernet."""
    return over_ipv4(p, udp(payload, port, source_port), PROTO_UDP)


def mpls_label(label, bottom=True):
    return be32(label << 12 | bottom << 8 | 61)


def gre(payload, ethertype, key=None, sequence=None, with_checksum=False):
    """GRE (RFC 2784, RFC 2890)."""
    flags = 0x8000 * with_checksum | 0x2000 * (key is not None) | 0x1000 * (sequence is not None)
    start, rest = be16(flags, ethertype), b""
    if key is not None:
        rest += be32(key)
    if sequence is not None:
        rest += be32(sequence)
    if with_checksum:
        rest = be16(checksum(start + bytes(4) + rest + payload), 0) + rest
    return start + rest + payload


def vxlan(payload, identifier=77):
    return be32(0x08000000, identifier << 8) + payload


def geneve(payload, ethertype, options=b""):
    return bytes([len(options) // 4, 0]) + be16(ethertype) + be32(77 << 8) + options + payload


def gtp_u(p, payload, extension=b""):
    """GTPv1-U, a G-PDU; extension: type of the first extension header, then that header."""
    if not extension:
        return be16(0x30FF, len(payload)) + be32(0x1000 + p.forward) + payload
    rest = be16(p.number) + bytes([0]) + extension
    return be16(0x36FF, len(rest) + len(payload)) + be32(0x1000 + p.forward) + rest + payload


def llc_snap(p, payload=None, ethertype=None):
    """IEEE 802.2 LLC and SNAP (RFC 1042)."""
    payload = p.octets if payload is None else payload
    return (
        bytes.fromhex("aaaa03000000")
        + be16(p.ethertype if ethertype is None else ethertype)
        + payload
    )


def ppp(p):
    """A PPP protocol field and the packet."""
    return be16(p.ppp) + p.octets


def pppoe(p):
    """PPPoE session payload."""
    return bytes([0x11, 0]) + be16(9, len(ppp(p))) + ppp(p)


def ieee80211(p, body, qos=False, amsdu=False):
    """A data frame to the access point or from it."""
    control = bytes([0x88 if qos else 0x08, 0x01 if p.forward else 0x02])
    station, ap, far = MACS[0], bytes.fromhex("0200000000cc"), MACS[1]
    addresses = ap + station + far if p.forward else station + ap + far
    header = control + be16(0) + addresses + struct.pack("<H", (p.number & 0xFFF) << 4)
    if qos:
        header += bytes([0x80 if amsdu else 0, 0])
    return header + body


def with_fcs(frame):
    """With the frame check sequence that Ethernet and 802.11 end with."""
    return frame + struct.pack("<I", zlib.crc32(frame))


def fragments(p, payload, protocol, size):
    """The payload in IPv4 fragments of the given size, a multiple of 8."""
    parts = [payload[at : at + size] for at in range(0, len(payload), size)]
    last = len(parts) - 1
    return [
        ipv4(p, part, protocol, fragment=index * size // 8 | (0x2000 if index < last else 0))
        for index, part in enumerate(parts)
    ]
