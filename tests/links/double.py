#!/usr/bin/env python3
"""A capture that holds each segment twice says of the first ones what the plain capture says, and
of the second ones that nothing has changed.

double.py --plugins BUILD/plugins [NAME...]
    the kernel captures of test-captures/, doubled in each of these ways

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import pathlib
import re
import struct
import sys
import tempfile

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from capture import ETHERNET, Frame, read_pcapng, write_pcap  # noqa: E402
from layers import IPV4, PROTO_TCP, VLAN, be16, be32  # noqa: E402
from shown import known_fields, read_rows  # noqa: E402
from tshark import CAPTURES, TestFailure, Tshark, argument_parser  # noqa: E402

MICROSECOND, MILLISECOND = 1000, 10**6
HEADER = 14  # of Ethernet
# How long the capture lasts depends on when it ends.
LASTS = ["duration", "summary"]
MSS = 1448


def patched(frame, at, octets):
    return frame.with_octets(frame.octets[:at] + octets + frame.octets[at + len(octets) :])


def is_ipv4(frame):
    return frame.octets[12:14] == be16(IPV4)


def without_identification(frame):
    return patched(frame, HEADER + 4, b"\0\0") if is_ipv4(frame) else frame


def one_hop_less(frame):
    at = HEADER + (8 if is_ipv4(frame) else 7)
    return patched(frame, at, bytes([frame.octets[at] - 1]))


def other_macs(frame):
    return patched(frame, 0, bytes.fromhex("54bf640000c354bf640000d4"))


def in_vlan(frame):
    return frame.with_octets(frame.octets[:12] + be16(VLAN, 7) + frame.octets[12:])


def same(frame):
    return frame


class Way:
    """.delay of the second capture in nanoseconds, what it looks .like, what both do .before."""

    def __init__(self, delay, like, before=same):
        self.delay, self.like, self.before = delay, like, before


WAYS = {
    "at-once": Way(0, same),
    "at-once-vlan": Way(0, in_vlan),
    "router": Way(20 * MICROSECOND, one_hop_less),
    "router-slow": Way(200 * MILLISECOND, one_hop_less),
    "router-slow-no-id": Way(200 * MILLISECOND, one_hop_less, without_identification),
    "macs-5ms": Way(5 * MILLISECOND, other_macs),
    "vlan-50ms": Way(50 * MILLISECOND, in_vlan),
    "mirror-no-id": Way(100 * MICROSECOND, same, without_identification),
    "mirror-3ms-no-id": Way(3 * MILLISECOND, same, without_identification),
    "mirror-200ms": Way(200 * MILLISECOND, same),
    "mirror-200ms-no-id": Way(200 * MILLISECOND, same, without_identification),
}


SOON = 100 * MILLISECOND  # an identification proves nothing later
LATE = 50 * MILLISECOND  # by then a new connection may have begun on the same ports


def reuses_ports(frames):
    """Whether a SYN opens a second connection between ends that had one. The second capture of the
    old one's last segments may come after it: Wireshark gives those to the new stream."""
    numbers = {}
    for frame in frames:
        ip = frame.octets[HEADER:]
        size, at = (40, 8) if ip[0] >> 4 == 6 else ((ip[0] & 15) * 4, 12)
        tcp = ip[size:]
        if ip[6 if at == 8 else 9] == PROTO_TCP and len(tcp) > 13 and tcp[13] & 0x02:
            numbers.setdefault((ip[at:size], tcp[:4]), set()).add(tcp[4:8])
    return any(len(known) > 1 for known in numbers.values())


def sends_equal_segments(frames, way):
    """Whether a segment without identification is sent again unchanged, by its end or by a network
    that doubles it, before the second capture of the first one: nobody can tell which is which."""
    seen = {}
    for frame in map(way.before, frames):
        ip = frame.octets[HEADER:]
        size = 40 if ip[0] >> 4 == 6 else (ip[0] & 15) * 4
        tcp = ip[size:]
        if ip[0] >> 4 == 4 and ip[4:6] != b"\0\0":
            continue
        key = (ip[8 if size == 40 else 12 : size], ip[2:6], tcp[:16], tcp[18:])
        if frame.time - seen.get(key, -10 * way.delay - 1) <= way.delay:
            return True
        seen[key] = frame.time
    return False


def begins_unknown(frames, way):
    """Whether a conversation begins with a segment that may well be sent again, and that has neither what
    tells a copy from that, nor a segment before it in the conversation that had a copy."""
    if way.delay <= MILLISECOND or way.like is one_hop_less:
        return False
    seen = set()
    for frame in map(way.before, frames):
        ip = frame.octets[HEADER:]
        size, at = (40, 8) if ip[0] >> 4 == 6 else ((ip[0] & 15) * 4, 12)
        tcp = ip[size:]
        if ip[6 if at == 8 else 9] != PROTO_TCP or len(tcp) < 14:
            continue
        half = (size - at) // 2 if at == 8 else 4
        ends = frozenset([(ip[at : at + half], tcp[:2]), (ip[at + half : at + 2 * half], tcp[2:4])])
        is_identified = at == 12 and ip[4:6] != b"\0\0" and way.delay <= SOON
        has_options = tcp[12] >> 4 > 6
        if ends not in seen and tcp[13] & 0x14 and not is_identified and not has_options:
            return True
        seen.add(ends)
    return False


def can_tell(frames, way):
    if way.delay >= LATE and reuses_ports(frames):
        return False
    return not begins_unknown(frames, way) and not sends_equal_segments(frames, way)


def pieces_of(frame):
    """The segments that a network card makes of a large one; the frame itself where it is small."""
    if not is_ipv4(frame) or frame.octets[HEADER + 9] != PROTO_TCP:
        return [frame]
    tcp = HEADER + (frame.octets[HEADER] & 15) * 4
    data = tcp + (frame.octets[tcp + 12] >> 4) * 4
    total, identification = struct.unpack_from(">HH", frame.octets, HEADER + 2)
    seq = struct.unpack_from(">I", frame.octets, tcp + 4)[0]
    length = total + HEADER - data
    pieces = []
    for at in range(0, max(length, 1), MSS):
        size = min(MSS, length - at)
        octets = bytearray(frame.octets[:data])
        octets[HEADER + 2 : HEADER + 6] = be16(
            data - HEADER + size, identification + len(pieces) & 0xFFFF
        )
        octets[tcp + 4 : tcp + 8] = be32(seq + at & 0xFFFFFFFF)
        if at + size < length:
            octets[tcp + 13] &= ~0x09  # PSH and FIN are the last one's
        pieces.append(Frame(frame.time, bytes(octets), frame.link, data + size))
    return pieces if len(pieces) > 1 else [frame]


def doubled(frames, way):
    """(frame, number of the original, whether it is the second) in the order of time."""
    both = []
    for number, frame in enumerate(frames, 1):
        first = way.before(frame)
        second = way.like(first)
        both.append((first.time, 0, number, first))
        both.append((first.time + way.delay, 1, number, second))
    both.sort(key=lambda entry: entry[0])
    return [(Frame(t, f.octets, f.link, f.length), n, bool(s)) for t, s, n, f in both]


def in_pieces(frames, pieces_first):
    """Each large segment and its pieces, a little later, or the other way round."""
    both = []
    for number, frame in enumerate(frames, 1):
        pieces = pieces_of(frame)
        if pieces == [frame]:
            both.append((frame, number, False))
            continue
        groups = [[frame], pieces]
        for second, group in enumerate(groups[::-1] if pieces_first else groups):
            for one in group:
                time = frame.time + second * 3 * MICROSECOND
                both.append((Frame(time, one.octets, one.link, one.length), number, bool(second)))
    both.sort(key=lambda entry: entry[0].time)
    return both


class Doubled:
    """The captures one behind the other: .plain and doubled, .frames.
    .origin: frame -> (number in .plain, whether it is the second)"""

    def __init__(self, captures, double):
        self.plain, self.frames, self.origin = [], [], {}
        for frames in captures:
            base = len(self.plain)
            self.plain += frames
            for frame, number, second in double(frames):
                self.frames.append(frame)
                self.origin[len(self.frames)] = (base + number, second)


class Report:
    def __init__(self, name):
        self.name, self.compared, self.wrong, self.kinds = name, 0, 0, {}

    def same(self, where, expected, got):
        self.compared += 1
        if expected == got:
            return
        self.wrong += 1
        kind = where.rpartition(":")[2]
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        if self.kinds[kind] <= 4:
            print(f"{self.name}: {where}: expected {expected!r}, got {got!r}")

    def end(self):
        print(f"{self.name}: {self.compared} values compared, {self.wrong} differ")
        return 1 if self.wrong or not self.compared else 0


def in_plain_numbers(fields, doubled_, row):
    """A row with the frame numbers of the plain capture; those of second captures stand out."""

    def number(text):
        origin, second = doubled_.origin[int(text)]
        return f"second of {origin}" if second else str(origin)

    changed = {}
    for field, value in row.items():
        kind = fields.get(field)
        if kind == "FT_FRAMENUM" and value:
            value = number(value)
        elif kind == "FT_STRING":
            value = re.sub(r"(?<=frame )\d+", lambda found: number(found[0]), value)
        changed[field] = value
    return changed


def compare(report, fields, plain, rows, doubled_, exact=True):
    """exact: the first captures are those of the plain capture."""
    states = {}
    for number, row in rows.items():
        origin, second = doubled_.origin[number]
        where = f"frame {number}, {'again ' if second else ''}{origin} of the plain capture"
        if not row["sender"]:
            report.same(where, plain[origin]["sender"], "")
            continue
        now = row["client.state"], row["server.state"]
        if second:
            report.same(f"{where}: transition", "", row["transition"])
            report.same(f"{where}: states", states.get(row["stream"]), now)
            report.same(f"{where}: captured twice", True, "captured twice" in row["label"])
        elif exact:
            local = in_plain_numbers(fields, doubled_, row)
            for field, value in plain[origin].items():
                if field not in LASTS:
                    report.same(f"{where}: {field}", value, local[field])
        states[row["stream"]] = now
        wanted = "retransmission" in plain[origin]["event"]
        report.same(f"{where}: retransmission", wanted, "retransmission" in row["event"])


def check(tshark, work, name, captures, double, exact=True):
    made, report = Doubled(captures, double), Report(name)
    path = work / f"{name}.pcap"
    write_pcap(path, made.frames, ETHERNET)
    plain = work / f"{name}-plain.pcap"
    write_pcap(plain, made.plain, ETHERNET)
    compare(
        report, tshark.fields, read_rows(tshark, tshark.stage(plain)),
        read_rows(tshark, tshark.stage(path)), made, exact,
    )  # fmt: skip
    return report.end()


def main():
    parser = argument_parser(__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    captures = {
        path.parent.name: read_pcapng(path)
        for path in sorted(CAPTURES.glob("*/capture.pcapng"))
        if path.with_name("truth.json").exists()
    }
    captures = {name: frames for name, frames in captures.items() if frames[0].link == ETHERNET}
    large = [
        frames
        for frames in captures.values()
        if any(pieces_of(frame) != [frame] for frame in frames)
    ]
    failed = 0
    try:
        with Tshark(
            options.plugins, program=options.tshark
        ) as tshark, tempfile.TemporaryDirectory() as work:
            tshark.fields, work = known_fields(tshark), pathlib.Path(work)
            for name, way in WAYS.items():
                known = [frames for frames in captures.values() if can_tell(frames, way)]
                print(f"{name}: {len(known)} of {len(captures)} captures")
                if not options.names or name in options.names:
                    failed |= check(tshark, work, name, known, lambda f, way=way: doubled(f, way))
            if not options.names:
                failed |= check(
                    tshark, work, "large-first", large, lambda frames: in_pieces(frames, False)
                )
                failed |= check(
                    tshark,
                    work,
                    "pieces-first",
                    large,
                    lambda frames: in_pieces(frames, True),
                    False,
                )
    except TestFailure as failure:
        print(failure)
        return 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
