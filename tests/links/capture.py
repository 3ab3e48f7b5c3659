"""Capture files, read and written frame by frame: pcapng as test-captures/ has it, pcap for what is
made of it.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import struct

SECTION, INTERFACE, ENHANCED = 0x0A0D0D0A, 1, 6
RESOLUTION = 9  # option if_tsresol
NANOSECOND_PCAP = 0xA1B23C4D
ETHERNET = 1


class Frame:
    """One captured frame: .time in nanoseconds, .octets, .link (LINKTYPE_), .length as sent."""

    def __init__(self, time, octets, link=ETHERNET, length=None):
        self.time, self.octets, self.link = time, octets, link
        self.length = len(octets) if length is None else length

    def with_octets(self, octets, time=None):
        cut = self.length - len(self.octets)
        when = self.time if time is None else time
        return Frame(when, octets, self.link, len(octets) + cut)


def _resolution(order, options):
    """Ticks a second, from the options of an interface block (little or big endian)."""
    at = 0
    while at + 4 <= len(options):
        code, length = struct.unpack_from(order + "HH", options, at)
        if code == RESOLUTION:
            exponent = options[at + 4]
            return 2 ** (exponent & 0x7F) if exponent & 0x80 else 10**exponent
        if code == 0:
            break
        at += 4 + (length + 3) // 4 * 4
    return 10**6


def read_pcapng(path):
    """The frames of a pcapng file."""
    data, at, order = path.read_bytes(), 0, "<"
    interfaces, frames = [], []
    while at < len(data):
        if struct.unpack_from("<I", data, at)[0] == SECTION:
            order = "<" if data[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
        kind, length = struct.unpack_from(order + "II", data, at)
        body = data[at + 8 : at + length - 4]
        if kind == INTERFACE:
            link = struct.unpack_from(order + "H", body)[0]
            interfaces.append((link, _resolution(order, body[8:])))
        elif kind == ENHANCED:
            which, high, low, captured, sent = struct.unpack_from(order + "IIIII", body)
            link, ticks = interfaces[which]
            time = (high << 32 | low) * 10**9 // ticks
            frames.append(Frame(time, body[20 : 20 + captured], link, sent))
        at += length
    return frames


def write_pcap(path, frames, link, order="<", network=None):
    """Frames of one link type as a pcap file with nanoseconds. network: the field of the file
    header, where it holds more than the link type."""
    field = link if network is None else network
    parts = [struct.pack(order + "IHHiIII", NANOSECOND_PCAP, 2, 4, 0, 0, 262144, field)]
    for frame in frames:
        seconds, rest = divmod(frame.time, 10**9)
        parts.append(struct.pack(order + "IIII", seconds, rest, len(frame.octets), frame.length))
        parts.append(frame.octets)
    path.write_bytes(b"".join(parts))
    path.chmod(0o644)
