#!/usr/bin/env python3
"""Captures of one direction alone: what the sender's own segments show is shown as in the whole
capture; the rest is inferred, or not known.

onesided.py --plugins BUILD/plugins    each kernel capture of test-captures/, once per direction

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from capture import ETHERNET, read_pcapng, write_pcap  # noqa: E402
from double import reuses_ports  # noqa: E402
from shown import SEPARATOR, known_fields, read_rows  # noqa: E402
from tshark import CAPTURES, TestFailure, Tshark, argument_parser  # noqa: E402

# State of the sender after its own segment, in the whole capture -> what else may be shown without
# the other direction, because that alone shows the rest:
ONLY_THE_OTHER_SHOWS = {
    "CLOSE_WAIT": ["ESTABLISHED"],  # the other's FIN
    "LAST_ACK": ["FIN_WAIT_1"],
    "CLOSING": ["FIN_WAIT_1"],
    "FIN_WAIT_2": ["FIN_WAIT_1"],  # the ACK of its FIN
    "TIME_WAIT": ["FIN_WAIT_1"],
    "CLOSED": ["FIN_WAIT_1", "ESTABLISHED"],  # the last ACK, the other's RST
}


class Score:
    def __init__(self):
        self.compared, self.lines = 0, []

    def check(self, right, line):
        self.compared += 1
        if not right:
            self.lines.append(line)


def rows_of(tshark, path, frames):
    write_pcap(path, frames, ETHERNET)
    return read_rows(tshark, tshark.stage(path))


def streams_with_dropped(whole):
    """Streams in which an end drops a segment: that its answer shows, or a SYN-ACK that comes only
    after other segments of its sender."""
    dropped, spoke = set(), set()
    for _, row in sorted(whole.items()):
        end = (row["stream"], row["sender"])
        late = "syn-ack" in row["event"].split(SEPARATOR) and end in spoke
        if late or row["label"].startswith("Challenge ACK"):
            dropped.add(row["stream"])
        spoke.add(end)
    return dropped


def compare(score, where, whole, alone):
    """One segment: what is said of it in the whole capture and with its own direction alone."""
    events = whole["event"].split(SEPARATOR)
    # Whether a RST counts is for its receiver to say, a simultaneous open for both.
    if "rst" in events or whole["opening"] == "simultaneous":
        return
    sender, role = whole["sender"], alone["sender"]
    score.check(role, f"{where}: no tcp_phase")
    expected, got = whole[f"{sender}.state"], alone.get(f"{role}.state")
    score.check(
        got == expected or got in ONLY_THE_OTHER_SHOWS.get(expected, []),
        f"{where}: {whole['label']}: state {expected}, alone {got}",
    )
    own = [event for event in ("syn", "syn-ack", "fin") if event in events]
    for event in own:
        score.check(event in alone["event"].split(SEPARATOR), f"{where}: not {event} alone")
    expected, got = whole[f"{sender}.bytes"], alone.get(f"{role}.bytes")
    score.check(expected == got, f"{where}: the sender's bytes {expected}, alone {got}")


def main():
    options = argument_parser(__doc__).parse_args()
    score, frames, names = Score(), [], []
    for path in sorted(CAPTURES.glob("*/capture.pcapng")):
        capture = read_pcapng(path)
        usable = path.with_name("truth.json").exists() and capture[0].link == ETHERNET
        if usable and not reuses_ports(capture):  # where a connection ends, the other end shows
            frames += capture
            names += [f"{path.parent.name} frame {n}" for n in range(1, len(capture) + 1)]
    try:
        with Tshark(options.plugins, program=options.tshark) as tshark:
            tshark.fields = known_fields(tshark)
            with tempfile.TemporaryDirectory() as work:
                work = pathlib.Path(work)
                whole = rows_of(tshark, work / "whole.pcap", frames)
                dropped = streams_with_dropped(whole)
                for side in ("client", "server"):
                    kept = [number for number, row in whole.items() if row["sender"] == side]
                    path = work / f"{side}.pcap"
                    alone = rows_of(tshark, path, [frames[number - 1] for number in kept])
                    for index, number in enumerate(kept, 1):
                        where = f"{names[number - 1]}, {side} alone"
                        if whole[number]["stream"] not in dropped:
                            compare(score, where, whole[number], alone[index])
    except TestFailure as failure:
        print(failure)
        return 1
    print("".join(line + "\n" for line in score.lines[:40]), end="")
    print(f"{score.compared} values compared, {len(score.lines)} wrong")
    return 1 if score.lines or not score.compared else 0


if __name__ == "__main__":
    sys.exit(main())
