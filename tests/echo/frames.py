"""The framed echo protocol in Python, written from its specification and not from the codec in C.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import struct

MAGIC, VERSION = 0xEC40, 1
REQUEST, REPLY, GOODBYE, ERROR = 1, 2, 3, 4
TIMES, CRC = 1, 2
BAD_MAGIC, BAD_VERSION, BAD_TYPE, TOO_LARGE, BAD_CHECKSUM = 1, 2, 3, 4, 5
BAD_FLAGS, BUSY, SHUTTING_DOWN, TIMED_OUT = 6, 7, 8, 9
CLIENT_FIRST, SERVER_FIRST, RESET, LINGER = 0, 1, 2, 3

_HEADER = struct.Struct(">HBBHHQII")
_TIMES = struct.Struct(">QQQ")


def _crc_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _crc_table()


def crc32c(data):
    """CRC-32C (Castagnoli)."""
    crc = 0xFFFFFFFF
    for octet in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ octet) & 0xFF]
    return crc ^ 0xFFFFFFFF


class Frame:
    """A frame: its fields; .times is None or (client sent, server received, server sent)."""

    def __init__(self, kind=REQUEST, payload=b"", id=0, code=0, times=None, checksum=None, **odd):
        self.magic, self.version = odd.get("magic", MAGIC), odd.get("version", VERSION)
        self.kind, self.payload, self.id, self.code = kind, payload, id, code
        self.times = times
        flags = (TIMES if times else 0) | (CRC if checksum is not None else 0)
        self.flags = odd.get("flags", flags)
        self.checksum = checksum or 0
        self.length = odd.get("length", len(payload))

    def __bytes__(self):
        head = _HEADER.pack(
            self.magic, self.version, self.kind, self.flags, self.code, self.id, self.length,
            self.checksum,
        )  # fmt: skip
        return head + (_TIMES.pack(*self.times) if self.times else b"") + self.payload

    def __repr__(self):
        return (
            f"Frame(kind {self.kind}, flags {self.flags}, code {self.code}, id {self.id}, "
            f"length {self.length}, {bytes(self.payload[:20])!r})"
        )


def request(payload=b"", id=0, times=False, crc=False):
    """A REQUEST."""
    return Frame(
        REQUEST, payload, id, times=(1767323045000000006, 0, 0) if times else None,
        checksum=crc32c(payload) if crc else None,
    )  # fmt: skip


def goodbye(how, wait_ms=0, payload=b"", id=0, **fields):
    """A GOODBYE; the wait is a multiple of 10 ms."""
    return Frame(GOODBYE, payload, id, code=wait_ms // 10 << 8 | how, **fields)


def parse(data):
    """The first frame of some octets and how many it takes, or None if it is not whole."""
    if len(data) < _HEADER.size:
        return None
    magic, version, kind, flags, code, id, length, checksum = _HEADER.unpack_from(data)
    size = _HEADER.size + (_TIMES.size if flags & TIMES else 0)
    if len(data) < size + length:
        return None
    times = _TIMES.unpack_from(data, _HEADER.size) if flags & TIMES else None
    frame = Frame(
        kind, bytes(data[size : size + length]), id, code, times, checksum, magic=magic,
        version=version, flags=flags,
    )  # fmt: skip
    return frame, size + length


def parse_all(data):
    """All frames of some octets; ValueError if the last is not whole."""
    frames, at, view = [], 0, memoryview(data)
    while at < len(data):
        found = parse(view[at:])
        if not found:
            raise ValueError(f"the stream ends within a frame: {bytes(view[at : at + 48])!r}")
        frames.append(found[0])
        at += found[1]
    return frames
