"""Puts names into a capture (the pcapng format's name resolution block, as they stand: any octets).

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import ipaddress
import struct

SECTION_HEADER, NAME_RESOLUTION = 0x0A0D0D0A, 4
END, IPV4 = 0, 1


def _padded(octets):
    return octets + b"\0" * (-len(octets) % 4)


def with_names(capture, names):
    """The capture with a name for each address (IPv4: octets) behind its section header."""
    magic, length = struct.unpack_from("<II", capture)
    if magic != SECTION_HEADER or capture[8:12] != b"\x4d\x3c\x2b\x1a":
        raise ValueError("not a pcapng file of little-endian order")
    records = b""
    for address, name in names.items():
        value = ipaddress.IPv4Address(address).packed + name + b"\0"
        records += struct.pack("<HH", IPV4, len(value)) + _padded(value)
    records += struct.pack("<HH", END, 0)
    size = 12 + len(records)
    block = struct.pack("<II", NAME_RESOLUTION, size) + records + struct.pack("<I", size)
    return capture[:length] + block + capture[length:]
