"""TCP segments as bytes: taken apart, made by hand, and written to pcap and pcapng.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import dataclasses
import ipaddress
import struct

FLAGS = "FSRPAUEC"  # from the lowest bit on
ETHER_IPV4, ETHER_IPV6 = 0x0800, 0x86DD
TCP, ICMP, ICMPV6 = 6, 1, 58
MODULUS = 1 << 32


@dataclasses.dataclass
class Segment:
    """One TCP segment. flags: letters of FLAGS. window: as in the header, not scaled."""

    source: tuple  # (address, port)
    target: tuple
    flags: str
    seq: int
    ack: int = 0
    data: bytes = b""
    window: int = 65535
    options: bytes = b""
    urgent: int = 0

    @property
    def length(self):
        """What it takes of the sequence space."""
        return len(self.data) + ("S" in self.flags) + ("F" in self.flags)

    @property
    def end(self):
        return (self.seq + self.length) % MODULUS

    @property
    def opens(self):
        """A SYN that asks for a connection."""
        return "S" in self.flags and not {"A", "R"} & set(self.flags)

    @property
    def path(self):
        return (self.source, self.target)


def before(one, other):
    """Is sequence number one before other?"""
    return one != other and (other - one) % MODULUS < MODULUS // 2


def _sum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _packed(address):
    return ipaddress.ip_address(address).packed


def _ip_packet(source, target, protocol, payload):
    """An IP packet with its Ethernet type in front."""
    if ipaddress.ip_address(source).version == 6:
        header = struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64)
        return struct.pack("!H", ETHER_IPV6) + header + _packed(source) + _packed(target) + payload
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, protocol, 0)
    header += _packed(source) + _packed(target)
    header = header[:10] + struct.pack("!H", _sum(header)) + header[12:]
    return struct.pack("!H", ETHER_IPV4) + header + payload


def _tcp_header(segment):
    bits = sum(1 << FLAGS.index(letter) for letter in segment.flags)
    options = segment.options + b"\0" * (-len(segment.options) % 4)
    return struct.pack(
        "!HHIIBBHHH",
        segment.source[1],
        segment.target[1],
        segment.seq % MODULUS,
        segment.ack % MODULUS,
        (20 + len(options)) << 2,
        bits,
        segment.window,
        0,
        segment.urgent,
    ) + options


def build(segment, from_mac, to_mac):
    """The Ethernet frame of a segment."""
    tcp = _tcp_header(segment) + segment.data
    addresses = _packed(segment.source[0]) + _packed(segment.target[0])
    checksum = _sum(addresses + struct.pack("!II", len(tcp), TCP) + tcp)
    tcp = tcp[:16] + struct.pack("!H", checksum) + tcp[18:]
    return to_mac + from_mac + _ip_packet(segment.source[0], segment.target[0], TCP, tcp)


def build_unreachable(frame, router, code, from_mac, to_mac):
    """The ICMP error "destination unreachable" that quotes an IPv4 frame, as router sends it."""
    packet = frame[14:]
    quoted = packet[:28]  # RFC 792: the IP header and 64 bits
    icmp = struct.pack("!BBHI", 3, code, 0, 0) + quoted
    icmp = icmp[:2] + struct.pack("!H", _sum(icmp)) + icmp[4:]
    sender = str(ipaddress.ip_address(packet[12:16]))
    return to_mac + from_mac + _ip_packet(router, sender, ICMP, icmp)


def _transport(frame):
    """Protocol, addresses and payload of an IP frame without extension headers, or None."""
    if len(frame) < 34:
        return None
    kind = struct.unpack_from("!H", frame, 12)[0]
    packet = frame[14:]
    if kind == ETHER_IPV4:
        head, length = (packet[0] & 15) * 4, struct.unpack_from("!H", packet, 2)[0]
        return packet[9], packet[12:16], packet[16:20], packet[head:length]
    if kind == ETHER_IPV6 and len(packet) >= 40:
        length = struct.unpack_from("!H", packet, 4)[0]
        return packet[6], packet[8:24], packet[24:40], packet[40 : 40 + length]
    return None


def parse(frame):
    """The TCP segment in an Ethernet frame, or None."""
    found = _transport(frame)
    if not found or found[0] != TCP or len(found[3]) < 20:
        return None
    _, source, target, tcp = found
    sport, dport, seq, ack, offset, bits, window, _, urgent = struct.unpack_from("!HHIIBBHHH", tcp)
    head = offset >> 4 << 2
    return Segment(
        (str(ipaddress.ip_address(source)), sport),
        (str(ipaddress.ip_address(target)), dport),
        "".join(letter for number, letter in enumerate(FLAGS) if bits >> number & 1),
        seq,
        ack,
        tcp[head:],
        window,
        tcp[20:head],
        urgent,
    )


def is_error(frame):
    """Is it an ICMP error? Other frames that are not TCP (neighbours, multicast) are no one's."""
    found = _transport(frame)
    if not found or not found[3]:
        return False
    protocol, _, _, payload = found
    return protocol == ICMP and payload[0] in (3, 11, 12) or protocol == ICMPV6 and payload[0] < 5


def timestamps(options):
    """(TSval, TSecr) of a segment's options, or None."""
    position = 0
    while position + 1 < len(options) and options[position]:
        if options[position] == 1:
            position += 1
            continue
        if options[position] == 8:
            return struct.unpack_from("!II", options, position + 2)
        position += max(options[position + 1], 2)
    return None


def timestamp_option(value, echo):
    return struct.pack("!BBBBII", 1, 1, 8, 10, value % MODULUS, echo % MODULUS)


def write_pcap(path, frames):
    """frames: (nanoseconds since 1970, bytes), in order. Nanosecond pcap, Ethernet."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
        for time, frame in frames:
            seconds, rest = divmod(time, 10**9)
            file.write(struct.pack("<IIII", seconds, rest, len(frame), len(frame)) + frame)


def write_pcapng(path, frames):
    """The same as pcapng."""

    def block(kind, body):
        body += b"\0" * (-len(body) % 4)
        length = struct.pack("<I", len(body) + 12)
        return struct.pack("<I", kind) + length + body + length

    with open(path, "wb") as file:
        file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        resolution = struct.pack("<HHB3x", 9, 1, 9) + struct.pack("<HH", 0, 0)
        file.write(block(1, struct.pack("<HHI", 1, 0, 65535) + resolution))
        for time, frame in frames:
            head = struct.pack("<IIIII", 0, time >> 32, time % MODULUS, len(frame), len(frame))
            file.write(block(6, head + frame))
