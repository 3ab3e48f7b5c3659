#!/usr/bin/env python3
"""The flow type "TCP Phases" as tshark draws it: every arrow of every capture against the fields.

flow.py --plugins BUILD/plugins [--checker asan]

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from tshark import CAPTURES, TestFailure, Tshark, argument_parser  # noqa: E402

LABEL_MAX = 19  # what tshark has room for
# Captures at a time: a drawing has at most 40 life lines, which are addresses.
AT_A_TIME = 12
# On loopback they are ports: this one has many, and is drawn by itself.
ALONE = "echo_ways"
FIELDS = [
    "tcp_phase.step", "tcp.flags", "tcp.len", "tcp_phase.transition", "tcp_phase.client.state",
    "tcp_phase.server.state", "tcp_phase.event", "tcp.srcport", "tcp.dstport",
]  # fmt: skip
FLAGS = {0x02: "SYN", 0x01: "FIN", 0x04: "RST", 0x10: "ACK"}


def expected_label(row):
    steps = row["tcp_phase.step"].split(",") if row["tcp_phase.step"] else []
    flags, length = int(row["tcp.flags"], 16), int(row["tcp.len"])
    step = ""
    if len(steps) == 2 and steps[0][1:] == steps[1][1:]:
        step = f"{steps[0][0]}+{steps[1]} "
    elif steps:
        step = " ".join(steps) + " "
    names = "+".join(name for bit, name in FLAGS.items() if flags & bit) or "no flags"
    if not step and length and not flags & 0x07:
        names = "data"
    size = f" {length // 1000}k" if length >= 100000 else f" {length}" if length else ""
    return (step + names + size)[:LABEL_MAX]


def expected_comment(row):
    moves = dict(
        text.split(" ", 1) for text in row["tcp_phase.transition"].split(",") if text
    )
    ends = [
        f"{role} " + moves.get(role, row[f"tcp_phase.{role}.state"]) for role in ("client", "server")
    ]
    again = "retransmission" in row["tcp_phase.event"].split(",")
    return ", ".join(ends) + (" (retransmission)" if again else "")


def rows(tshark, capture):
    options = [part for field in FIELDS for part in ("-e", field)]
    arguments = ["-r", capture, "-Y", "tcp_phase", "-T", "fields", *options]
    lines = tshark.run(arguments).out.splitlines()
    return [dict(zip(FIELDS, line.split("\t"))) for line in lines]


def arrows(tshark, capture, what="standard"):
    """(label, comment, from port, to port) of each arrow drawn."""
    text = tshark.run(["-q", "-r", capture, "-z", f"flow,tcp_phase,{what}"]).out
    # Two lines that name the ends, then two for each arrow, in front the conversation's number; rules
    # between conversations.
    lines = [line for line in text.splitlines() if not line.startswith("---")][2:]
    drawn = []
    for above, below in zip(lines[::2], lines[1::2]):
        drawing, comment = above.split("|", 2)[2].rsplit("|", 1)
        label = " ".join(drawing.replace("|", " ").split())
        ports = re.findall(r"\((\d+)\)", below)
        if "<--" in below:
            ports.reverse()
        drawn.append((label, comment, *ports))
    return drawn


def compare(tshark, capture):
    wanted, drawn = rows(tshark, capture), arrows(tshark, capture)
    if len(wanted) != len(drawn):
        raise TestFailure(f"{capture.name}: {len(drawn)} arrows for {len(wanted)} segments")
    for number, (row, (label, comment, *ports)) in enumerate(zip(wanted, drawn), 1):
        if row["tcp.len"] and "," not in row["tcp.len"]:
            expected = [expected_label(row), expected_comment(row)]
            expected += [row["tcp.srcport"], row["tcp.dstport"]]
            if [label, comment, *ports] != expected:
                said = f"{[label, comment, *ports]}, not {expected}"
                raise TestFailure(f"{capture.name}, arrow {number}: {said}")
    return len(drawn)


def filtered(tshark):
    capture = tshark.stage(CAPTURES / "refused_then_open" / "capture.pcapng")
    everything = arrows(tshark, capture)
    one = arrows(tshark, capture, "standard,tcp_phase.stream == 1")
    if not one or len(one) >= len(everything) or any(arrow not in everything for arrow in one):
        raise TestFailure(f"a filter leaves {one} of {everything}")


def main():
    parser = argument_parser(__doc__)
    parser.add_argument("--checker", choices=["asan"])
    arguments = parser.parse_args()
    try:
        with Tshark(arguments.plugins, arguments.checker, arguments.tshark, loads=True) as tshark:
            captures = sorted(CAPTURES.glob("*/capture.pcapng"))
            count = 0
            others = [capture for capture in captures if capture.parent.name != ALONE]
            groups = [others[at : at + AT_A_TIME] for at in range(0, len(others), AT_A_TIME)]
            groups.append([CAPTURES / ALONE / "capture.pcapng"])
            for some in groups:
                whole = tshark.scratch(f"from-{some[0].parent.name}.pcapng")
                subprocess.run(["mergecap", "-a", "-w", whole, *some], check=True)
                whole.chmod(0o644)
                count += compare(tshark, whole)
            filtered(tshark)
    except TestFailure as failure:
        print(f"FAIL {failure}")
        return 1
    print(f"{count} arrows compared")
    return 0 if count > 1000 else 1


if __name__ == "__main__":
    sys.exit(main())
