"""Conversations in tunnels have the addresses and ports of their own layer, on every pass.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import wraps_tunnels  # noqa: F401
from capture import ETHERNET, Frame, write_pcap
from cases import tcp
from layers import PROTO_TCP, Packet, be32, ethernet, over_ipv4
from links import Scenario
from sharkd import Sharkd
from wraps import WRAPS

TUNNELS = ["ipip", "gre-bridged", "vxlan", "ip-in-ipv6", "ipip-fragments"]
CASES = ["simul_close", "ipv6"]
# Numbers of frames are others where packets come in fragments.
LOCAL = ["first_frame", "last_frame", "verdict.frame", "summary"]


def without_frames(rows):
    return [{name: row[name] for name in row if name not in LOCAL} for row in rows]


def wrapped(tshark, scenario, name):
    frames = []
    for packet in scenario.packets:
        made = WRAPS[name].make(packet)
        parts = made if isinstance(made, list) else [made]
        frames += [Frame(packet.time, octets) for octets in parts]
    path = tshark.scratch(f"{scenario.name}-{name}.pcap")
    write_pcap(path, frames, WRAPS[name].link)
    return path


def run(report, tshark, rows_of):
    cases, names = CASES, TUNNELS
    if tshark.checker:  # which takes its time
        cases, names = CASES[:1], TUNNELS[-2:]
    for case in cases:
        scenario = Scenario(case)
        plain = without_frames(rows_of(tshark, wrapped(tshark, scenario, "ethernet")))
        assert len(plain) > 0
        for name in names:
            path = wrapped(tshark, scenario, name)
            for options in ((), ("-2",)):
                rows = without_frames(rows_of(tshark, path, *options))
                report.same_rows(f"{case} in {name} {options}", plain, rows)
    tcp_in_tcp(report, tshark, rows_of)


def tcp_in_tcp(report, tshark, rows_of):
    """Each frame of one connection is data of another."""
    frames, seq, scenario = [], 1000, Scenario("simul_close")
    for p in scenario.packets:
        inner = ethernet(p)
        message = be32(0, 0, len(inner), len(inner), p.number) + inner
        message = bytes([0, 7, 0, 0]) + be32(len(message)) + message
        outer = Packet(bytes([0x45]), False, p.number, p.time)
        segment = tcp(2002, 50000, seq, 1, 0x18, message)
        frames.append(Frame(p.time, over_ipv4(outer, segment, PROTO_TCP)))
        seq += len(message)
    path = tshark.scratch("tcp-in-tcp.pcap")
    write_pcap(path, frames, ETHERNET)
    options = ["-o", "rpcap.linktype:1"]
    plain = rows_of(tshark, wrapped(tshark, scenario, "ethernet"))
    ends = [("192.0.2.1", 50000, "192.0.2.2", 2002)] + [ends_of(row) for row in plain]
    for passes in ((), ("-2",)):
        rows = rows_of(tshark, path, *options, *passes)
        report.same(f"TCP in TCP {passes}: ends", ends, [ends_of(row) for row in rows])
        report.same(f"TCP in TCP {passes}: segments", len(frames), rows[0]["segments"])
        for name in ("opening", "closing", "segments", "client.state", "server.state"):
            wanted = [row[name] for row in plain]
            report.same(f"TCP in TCP {passes}: {name}", wanted, [row[name] for row in rows[1:]])


def ends_of(row):
    return row["client.addr"], row["client.port"], row["server.addr"], row["server.port"]
