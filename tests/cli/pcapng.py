"""Captures as octets: reads and makes pcapng files without Wireshark's library, which is under test.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import struct

SECTION, INTERFACE, PACKET_SIMPLE, NAMES, STATISTICS, PACKET = 0x0A0D0D0A, 1, 3, 4, 5, 6
SECRETS, CUSTOM = 10, 0xBAD
COMMENT = 1
TLS_KEY_LOG = 0x544C534B
LINK_ETHERNET, LINK_RAW = 1, 101


def pad(data):
    return data + b"\0" * (-len(data) % 4)


def option(code, value):
    return struct.pack("<HH", code, len(value)) + pad(value)


def options(*pairs):
    """(code, octets)..., with the end of them."""
    return b"".join(option(code, value) for code, value in pairs) + option(0, b"") if pairs else b""


def block(kind, body):
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def section(*pairs):
    return block(SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + options(*pairs))


def interface(link, *pairs, snap=262144):
    return block(INTERFACE, struct.pack("<HHI", link, 0, snap) + options(*pairs))


def packet(number, stamp, data, *pairs, length=None):
    """number: of its interface; stamp: in that interface's units."""
    head = struct.pack("<IIIII", number, stamp >> 32, stamp & 0xFFFFFFFF, len(data), length or len(data))
    return block(PACKET, head + pad(data) + options(*pairs))


def names(*pairs):
    """(address, name)..., each as octets."""
    body = b""
    for address, name in pairs:
        value = address + name + b"\0"
        body += struct.pack("<HH", 1 if len(address) == 4 else 2, len(value)) + pad(value)
    return block(NAMES, body + struct.pack("<HH", 0, 0))


def secrets(data, kind=TLS_KEY_LOG):
    return block(SECRETS, struct.pack("<II", kind, len(data)) + pad(data))


def statistics(number, stamp, *pairs):
    return block(STATISTICS, struct.pack("<III", number, stamp >> 32, stamp & 0xFFFFFFFF) + options(*pairs))


def _options(data):
    found = []
    while len(data) >= 4:
        code, length = struct.unpack_from("<HH", data)
        if code == 0:
            break
        found.append((code, data[4 : 4 + length]))
        data = data[4 + length + -length % 4 :]
    return found


class Pcapng:
    """A file of one section, little-endian, taken apart.

    .section      its options
    .interfaces   (link type, snap length, options)
    .packets      (interface, stamp, data, original length, options)
    .names        (address, name)
    .secrets      (kind, data)
    .statistics   (interface, stamp, options)
    """

    def __init__(self, data):
        self.interfaces, self.packets, self.names, self.secrets = [], [], [], []
        self.statistics, self.section = [], None
        while data:
            kind, length = struct.unpack_from("<II", data)
            if struct.unpack_from("<I", data, length - 4)[0] != length:
                raise ValueError("a block's two lengths differ")
            self._take(kind, data[8 : length - 4])
            data = data[length:]

    def _take(self, kind, body):
        if kind == SECTION:
            if self.section is not None:
                raise ValueError("a second section")
            self.section = _options(body[16:])
        elif kind == INTERFACE:
            link, _, snap = struct.unpack_from("<HHI", body)
            self.interfaces.append((link, snap, _options(body[8:])))
        elif kind == PACKET:
            number, high, low, kept, length = struct.unpack_from("<IIIII", body)
            rest = body[20 + kept + -kept % 4 :]
            data = body[20 : 20 + kept]
            self.packets.append((number, high << 32 | low, data, length, _options(rest)))
        elif kind == NAMES:
            self._take_names(body)
        elif kind == SECRETS:
            what, length = struct.unpack_from("<II", body)
            self.secrets.append((what, body[8 : 8 + length]))
        elif kind == STATISTICS:
            number, high, low = struct.unpack_from("<III", body)
            self.statistics.append((number, high << 32 | low, _options(body[12:])))
        else:
            raise ValueError(f"a block of kind {kind:#x}")

    def _take_names(self, body):
        while True:
            kind, length = struct.unpack_from("<HH", body)
            if kind == 0:
                return
            value = body[4 : 4 + length]
            size = 4 if kind == 1 else 16
            for name in value[size:].rstrip(b"\0").split(b"\0"):
                self.names.append((value[:size], name))
            body = body[4 + length + -length % 4 :]

    def comments(self, index):
        return [value.decode() for code, value in self.packets[index][4] if code == COMMENT]


# TCP to put into them ---------------------------------------------------------------------------


def _sum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


SYN, ACK, FIN, RST = 2, 16, 1, 4
CLIENT, SERVER = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])


def ipv4(to_server, flags, seq, ack, payload=b"", ports=(40000, 80)):
    """An IPv4 packet with a segment between two ends."""
    source, target = (CLIENT, SERVER) if to_server else (SERVER, CLIENT)
    one, other = ports if to_server else ports[::-1]
    head = struct.pack(">HHIIBBHHH", one, other, seq, ack, 5 << 4, flags, 65535, 0, 0)
    pseudo = source + target + struct.pack(">BBH", 0, 6, len(head) + len(payload))
    head = head[:16] + struct.pack(">H", _sum(pseudo + head + payload)) + head[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(payload), 0, 0x4000, 64, 6, 0) + source + target
    return ip[:10] + struct.pack(">H", _sum(ip)) + ip[12:] + head + payload


def ethernet(ip):
    return bytes([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0]) + ip


def conversation(ports=(40000, 80)):
    """The IPv4 packets of a whole conversation: handshake, a request and its answer, four segments."""
    say = [
        (True, SYN, 100, 0, b""),
        (False, SYN | ACK, 300, 101, b""),
        (True, ACK, 101, 301, b""),
        (True, ACK, 101, 301, b"hello"),
        (False, ACK, 301, 106, b"hello"),
        (True, FIN | ACK, 106, 306, b""),
        (False, ACK, 306, 107, b""),
        (False, FIN | ACK, 306, 107, b""),
        (True, ACK, 107, 307, b""),
    ]
    return [ipv4(*segment, ports=ports) for segment in say]
