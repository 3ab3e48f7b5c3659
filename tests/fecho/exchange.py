"""TCP connections that speak the echo protocol, segment by segment, as capture files.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "links"))

from capture import Frame, write_pcap  # noqa: E402

REQUEST, REPLY, GOODBYE, ERROR = 1, 2, 3, 4
TIMES, CRC = 1, 2
FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
PORT = 2333
BEGIN = 1_700_000_000 * 10**9
MILLISECOND = 10**6


def _crc_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _crc_table()


def crc32c(octets):
    """RFC 3720 12.1, from its definition: not the code under test."""
    crc = 0xFFFFFFFF
    for octet in octets:
        crc = crc >> 8 ^ _TABLE[(crc ^ octet) & 0xFF]
    return crc ^ 0xFFFFFFFF


def frame(kind, number, payload=b"", *, code=0, times=None, crc=None, **bad):
    """The octets of a frame. times: three numbers; crc: True, or the checksum to put in. bad: magic,
    version, flags or length, as they are to be."""
    flags = (TIMES if times else 0) | (0 if crc is None else CRC)
    checksum = crc32c(payload) if crc is True else crc or 0
    head = struct.pack(
        ">HBBHHQII",
        bad.get("magic", 0xEC40), bad.get("version", 1), kind, bad.get("flags", flags), code,
        number, bad.get("length", len(payload)), bad.get("checksum", checksum),
    )  # fmt: skip
    return head + (struct.pack(">QQQ", *times) if times else b"") + payload


class Connection:
    """One connection of a Capture: who sends what."""

    def __init__(self, capture, client, server):
        self.capture, self.ports = capture, {"c": client, "s": server}
        self.seq = {"c": 1000, "s": 5000}

    def open(self):
        self._add("c", SYN)
        self.seq["c"] += 1
        self._add("s", SYN | ACK)
        self.seq["s"] += 1
        self._add("c", ACK)
        return self

    def open_fast(self, octets):
        """The SYN carries octets, and they are acknowledged (RFC 7413). Returns the SYN's number."""
        number = self._add("c", SYN, octets)
        self.seq["c"] += 1 + len(octets)
        self._add("s", SYN | ACK)
        self.seq["s"] += 1
        self._add("c", ACK)
        return number

    def send(self, who, octets, flags=PSH | ACK, **options):
        """A segment: its number in the capture. cut: octets of it that were captured."""
        number = self._add(who, flags, octets, **options)
        self.seq[who] += len(octets) + (1 if flags & FIN else 0)
        return number

    def lost(self, who, octets):
        """A segment that was not captured."""
        self.seq[who] += len(octets)

    def again(self, who, octets, back, flags=PSH | ACK):
        """A segment whose first octet lies so many octets back."""
        return self._add(who, flags, octets, seq=self.seq[who] - back)

    def close(self):
        self.send("c", b"", FIN | ACK)
        self.send("s", b"", FIN | ACK)
        self._add("c", ACK)

    def _add(self, who, flags, octets=b"", cut=None, seq=None):
        other = "s" if who == "c" else "c"
        seq = self.seq[who] if seq is None else seq
        acked = self.seq[other] if flags & ACK else 0
        tcp = struct.pack(
            ">HHIIBBHHH", self.ports[who], self.ports[other], seq % 2**32, acked % 2**32, 0x50,
            flags, 60000, 0, 0,
        )  # fmt: skip
        addresses = [b"\x0a\x00\x00\x01", b"\x0a\x00\x00\x02"]
        if who == "s":
            addresses.reverse()
        size = 40 + len(octets)
        packet = struct.pack(">BBHHHBBH", 0x45, 0, size, 0, 0x4000, 64, 6, 0)
        packet += b"".join(addresses) + tcp + octets
        ethernet = b"\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0" + packet
        length = len(ethernet)
        if cut is not None:
            ethernet = ethernet[: 54 + cut]
        return self.capture.add(ethernet, length)


class Capture:
    """Segments in the order of capture, a millisecond apart."""

    def __init__(self):
        self.frames, self.next_port = [], 40000

    def connect(self, server=PORT, client=None):
        if client is None:
            client, self.next_port = self.next_port, self.next_port + 1
        return Connection(self, client, server)

    def add(self, octets, length):
        time = BEGIN + len(self.frames) * MILLISECOND
        self.frames.append(Frame(time, octets, 1, length))
        return len(self.frames)

    def write(self, path, keep=None, snap=None):
        """keep: the numbers of the frames to write; snap: octets of each to write."""
        frames = [self.frames[number - 1] for number in keep] if keep else self.frames
        if snap:
            frames = [Frame(f.time, f.octets[:snap], f.link, f.length) for f in frames]
        write_pcap(path, frames, 1)
        return path
