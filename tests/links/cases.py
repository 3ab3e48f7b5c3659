"""Frames that hold another number of segments than one: several, a sample, a quotation, a part.

CASES has a function for each. It is given the scenarios, their rows as they are plain, and read():
frames, link type and options for tshark -> rows of the frames. It yields (where, expected, got).

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import struct

from layers import *  # noqa: F403
from capture import Frame
from shown import SEPARATOR
from wraps import WRAPS
from wraps_links import amsdu_part, radiotap

# Fields that every segment has one of; frames with several segments show them in a row.
ONCE = [
    "stream",
    "label",
    "phase",
    "sender",
    "client.state",
    "server.state",
    "evidence",
    "opening",
    "closing",
]
CASES = {}


def case(name, title):
    def enter(check):
        check.title = title
        CASES[name] = check
        return check

    return enter


def packets_of(scenarios, name):
    return next(scenario for scenario in scenarios if scenario.name == name).packets


def compare_layers(where, row, expected, base=0):
    """One frame: its segments from the base-th on, against their rows when each has a frame."""
    for field in ONCE:
        got = row.get(field, "").split(SEPARATOR)[base:] if row.get(field) else []
        wanted = [plain[field] for plain in expected]
        if field == "stream":
            got, wanted = len(got), len(wanted)
        yield f"{where}: {field}", wanted, got


@case("amsdu-three", "802.11 A-MSDU of three segments")
def amsdu_three(scenarios, plain, read):
    packets = packets_of(scenarios, "fin_with_data")
    groups = [packets[at : at + 3] for at in range(0, len(packets), 3)]
    frames = []
    for group in groups:
        parts = [amsdu_part(p, index < len(group) - 1) for index, p in enumerate(group)]
        body = ieee80211(group[0], b"".join(parts), True, True)
        frames.append(Frame(group[-1].time, radiotap(group[0], body, 0)))
    rows = read(frames, 127)
    for number, group in enumerate(groups, 1):
        expected = [plain["fin_with_data"][str(p.number)] for p in group]
        yield from compare_layers(f"frame {number}", rows[number], expected)


def tcp(source, destination, seq, ack, flags, payload=b""):
    return (
        be16(source, destination)
        + be32(seq, ack)
        + bytes([0x50, flags])
        + be16(64000, 0, 0)
        + payload
    )


@case("tcp-in-tcp", "TCP in TCP (remote capture, RPCAP)")
def tcp_in_tcp(scenarios, plain, read):
    """The outer connection brings each frame of the inner one as data."""
    packets, frames, seq = packets_of(scenarios, "simul_close"), [], 1000
    for p in packets:
        inner = ethernet(p)
        message = be32(0, 0, len(inner), len(inner), p.number) + inner
        message = bytes([0, 7, 0, 0]) + be32(len(message)) + message
        outer = Packet(bytes([0x45]), False, p.number, p.time)
        segment = tcp(2002, 50000, seq, 1, 0x18, message)
        frames.append(Frame(p.time, over_ipv4(outer, segment, PROTO_TCP)))
        seq += len(message)
    rows = read(frames, 1, ["-o", "rpcap.linktype:1"])
    for p in packets:
        row, expected = rows[p.number], plain["simul_close"][str(p.number)]
        yield from compare_layers(f"frame {p.number}, inside", row, [expected], 1)
        outermost = {
            field: row.get(field, "").split(SEPARATOR)[0]
            for field in ("phase", "sender", "opening")
        }
        yield f"frame {p.number}, outside", {
            "phase": "data",
            "sender": "server",
            "opening": "mid-stream",
        }, outermost


def sflow(p, length):
    frame = ethernet(p)
    header = frame[:length] + bytes(-len(frame[:length]) % 4)
    record = be32(1, len(frame), 4, len(frame[:length])) + header
    sample = be32(p.number, 1, 100, 0, 0, 1, 2, 1, 1, len(record)) + record
    return be32(5, 1) + OUTER4[0] + be32(0, p.number, 1000, 1, 1, len(sample)) + sample


@case(
    "sflow",
    "sFlow samples: no segments, unless Wireshark is told to analyse them",
)
def sflow_samples(scenarios, plain, read):
    packets = packets_of(scenarios, "wrap_fin")
    frames = [Frame(p.time, over_udp(p, sflow(p, 72), 6343)) for p in packets]
    for number, row in read(frames, 1).items():
        yield f"frame {number}", "", row.get("sender", "")
    told = read(frames, 1, ["-o", "sflow.enable_analysis:TRUE"])
    for p in packets:
        yield from compare_layers(
            f"frame {p.number}, analysed", told[p.number], [plain["wrap_fin"][str(p.number)]]
        )


@case("sflow-syn", "an sFlow sample of a SYN rejects nothing")
def sflow_syn(scenarios, _, read):
    p = packets_of(scenarios, "icmp_reject_port")[0]
    rows = read(
        [Frame(p.time, ethernet(p)), Frame(p.time + 10**6, over_udp(p, sflow(p, 128), 6343))], 1
    )
    yield "frame 1", "unanswered", rows[1].get("opening")
    yield "frame 2", "", rows[2].get("sender", "")


# --- ICMP errors ----------------------------------------------------------------------------------


def backwards(p):
    """A packet in the other direction, whose octets do not count."""
    return Packet(p.octets, not p.forward, p.number + 1, p.time + 10**6)


def icmp4(p, quoted, extensions=b""):
    """Port unreachable (RFC 792), with extensions in the form of RFC 4884."""
    words = 0
    if extensions:
        quoted = quoted.ljust(128, b"\0")
        words = len(quoted) // 4
    rest = bytes([0, words, 0, 0]) + quoted + extensions
    octets = bytes([3, 3]) + be16(checksum(bytes([3, 3, 0, 0]) + rest)) + rest
    return ipv4(backwards(p), octets, 1)


def icmp6(p, quoted):
    """Port unreachable (RFC 4443). The checksum is not looked at."""
    return ipv6(backwards(p), bytes([1, 4, 0, 0]) + be32(0) + quoted, 58)


MPLS_EXTENSION = be16(0x2000, 0) + be16(8, 0x0101) + be32(0x00010140)


def rejections(p4, p6):
    """(what, frame with the SYN, frame with the error)"""
    back4, back6 = backwards(p4), backwards(p6)
    syn = ethernet(p4)
    yield "8 octets", syn, ethernet(back4, icmp4(p4, p4.octets[:28]), IPV4)
    yield "all", syn, ethernet(back4, icmp4(p4, p4.octets), IPV4)
    yield "with extensions", syn, ethernet(back4, icmp4(p4, p4.octets, MPLS_EXTENSION), IPV4)
    yield "in a VLAN", syn, ethernet(back4, be16(5, IPV4) + icmp4(p4, p4.octets[:28]), VLAN)
    yield "in GRE", WRAPS["gre"].make(p4), over_ipv4(
        back4, gre(icmp4(p4, p4.octets), IPV4), PROTO_GRE
    )
    inside = udp(vxlan(ethernet(back4, icmp4(p4, p4.octets), IPV4)), 4789)
    yield "in VXLAN", WRAPS["vxlan"].make(p4), over_ipv4(back4, inside, PROTO_UDP)
    for name in ("gre", "ipip", "vxlan"):
        tunnel = WRAPS[name].make(p4)
        yield f"of a packet in {name}", tunnel, ethernet(back4, icmp4(p4, tunnel[14:]), IPV4)
    syn = ethernet(p6)
    yield "ICMPv6", syn, ethernet(back6, icmp6(p6, p6.octets), IPV6)
    yield "ICMPv6, 8 octets", syn, ethernet(back6, icmp6(p6, p6.octets[:48]), IPV6)


@case(
    "icmp",
    "ICMP errors that quote a SYN: in part, with extensions, in tunnels, of tunnels",
)
def icmp_errors(scenarios, _, read):
    p4, p6 = packets_of(scenarios, "icmp_reject_port")[0], packets_of(scenarios, "ipv6")[0]
    for what, syn, error in rejections(p4, p6):
        rows = read([Frame(p4.time, syn), Frame(p4.time + 10**6, error)], 1)
        yield f"{what}: the SYN", "rejected", rows[1].get("opening")
        yield f"{what}: the error has no tree", "", rows[2].get("sender", "")


@case("icmp-open", "an ICMP error that quotes a segment of an open connection changes nothing")
def icmp_open(scenarios, plain, read):
    packets, frames = packets_of(scenarios, "wrap_fin"), []
    for p in packets:
        frames += [
            Frame(p.time, ethernet(p)),
            Frame(p.time, ethernet(backwards(p), icmp4(p, p.octets), IPV4)),
        ]
    rows = read(frames, 1)
    for p in packets:
        yield from compare_layers(
            f"frame {p.number}", rows[2 * p.number - 1], [plain["wrap_fin"][str(p.number)]]
        )
        yield f"the error about frame {p.number}", "", rows[2 * p.number].get("sender", "")


# --- parts ----------------------------------------------------------------------------------------


@case("first-fragment", "the first fragment alone: no segment")
def first_fragment(scenarios, _, read):
    p = packets_of(scenarios, "wrap_fin")[0]
    frames = [
        Frame(p.time, WRAPS[name].make(p)[0])
        for name in ("fragments", "gre-fragments", "ipip-fragments")
    ]
    rows = read(frames, 1)
    for number in range(1, len(frames) + 1):
        yield f"frame {number}", "", rows[number].get("sender", "")


USER = ["-o", 'uat:user_dlts:"User 0 (DLT=147)","tcp","0","","0",""']


@case("user-tcp", "TCP alone, link type USER 0 by preference")
def user_tcp(scenarios, plain, read):
    packets = packets_of(scenarios, "wrap_fin")
    rows = read(
        [Frame(p.time, p.octets[20 : struct.unpack(">H", p.octets[2:4])[0]]) for p in packets],
        147,
        USER,
    )
    for p in packets:
        yield from compare_layers(
            f"frame {p.number}", rows[p.number], [plain["wrap_fin"][str(p.number)]]
        )


@case("window-cut", "a SYN whose options are cut off: how its window is scaled is not known")
def window_cut(scenarios, _, read):
    """A RST far inside a scaled window is inexact (RFC 5961 3.2), options captured or not."""
    options = bytes.fromhex("020405b4" "0402" "080a0000000100000000" "01" "030307")
    back = Packet(bytes([0x45]), False, 2, 10**6)
    there = Packet(bytes([0x45]), True, 1, 0)

    def segment(p, number, seq, ack, flags, extra=b""):
        ports = (40000, 80) if p.forward else (80, 40000)
        octets = be16(*ports) + be32(seq, ack) + bytes([0x50 + len(extra) // 4 * 16, flags])
        octets += be16(500, 0, 0) + extra
        packet = ipv4(p, octets, PROTO_TCP, identification=number)
        return Frame(number * 10**9, ethernet(p, packet, IPV4))

    frames = [
        segment(there, 1, 100, 0, 0x02, options),
        segment(back, 2, 300, 101, 0x12, options),
        segment(there, 3, 101, 301, 0x10),
        segment(there, 4, 101 + 30000, 0, 0x04),
    ]
    whole = read(frames, 1)[4]
    for frame in frames:
        frame.octets = frame.octets[:60]
    cut = read(frames, 1)[4]
    yield "not exact", True, "challenge" in whole["explanation"]
    yield "explanation", whole["explanation"], cut["explanation"]
