#!/usr/bin/env python3
"""Wireshark without its window (sharkd): all captures in one process, in any order, and each of them again.

headless.py --plugins BUILD/plugins [--checker asan]

Every state on every frame has to be what it is when the capture is the only one; then filters, the flow
graph and the statistics against tshark's.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import csv
import pathlib
import random
import re
import sys

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from flow import arrows  # noqa: E402
from sharkd import Sharkd  # noqa: E402
from tshark import CAPTURES, TestFailure, Tshark, argument_parser  # noqa: E402

SEED = 1
COLUMNS = ["step", "client.state", "server.state", "phase", "event"]
TABLES = ["refused_then_open", "tfo", "reuse_tw_server"]
FILTERS = [
    'tcp_phase.phase == "teardown"',
    'tcp_phase.verdict == "orderly" && tcp_phase.step',
    "tcp_phase.expert.fin_retransmitted || tcp_phase.expert.reset",
    "tcp_phase.acked_in",
]


def expect(condition, what):
    if not condition:
        raise TestFailure(what)


def expected(case):
    """frame -> cells of COLUMNS, as the case's expectations have them."""
    path = CAPTURES / case / "expected.tsv"
    with open(path, encoding="utf-8", newline="") as lines:
        rows = csv.DictReader((line for line in lines if line[0] != "#"), delimiter="\t")
        found = {}
        for row in rows:
            cells = found.setdefault(int(row["frame"]), [[] for _ in COLUMNS])
            for cell, column in zip(cells, COLUMNS):
                cell += row[column].split(",") if row[column] else []
    return {frame: [",".join(cell) for cell in cells] for frame, cells in found.items()}


def columns(sharkd, cases):
    """Load each case, and compare its columns."""
    wanted = {f"column{number}": f"tcp_phase.{name}:0" for number, name in enumerate(COLUMNS)}
    compared = 0
    for case in cases:
        sharkd.load(CAPTURES / case / "capture.pcapng")
        rows = {row["num"]: row["c"] for row in sharkd.ask("frames", **wanted)}
        for frame, cells in expected(case).items():
            expect(rows[frame] == cells, f"{case}, frame {frame}: {rows[frame]}, not {cells}")
            compared += 1
        again = {row["num"]: row["c"] for row in sharkd.ask("frames", **wanted)}
        expect(again == rows, f"{case}: not the same when asked again")
    return compared


def filters(sharkd, tshark, case):
    sharkd.load(CAPTURES / case / "capture.pcapng")
    capture = tshark.stage(CAPTURES / case / "capture.pcapng")
    for text in FILTERS:
        arguments = ["-2", "-r", capture, "-Y", text, "-T", "fields", "-e", "frame.number"]
        wanted = [int(line) for line in tshark.run(arguments).out.split()]
        found = sharkd.frames(text)
        expect(found == wanted, f"{case}, {text}: {found}, not {wanted}")


def _counts(nodes):
    found = []
    for node in nodes:
        found += [(node["name"], node["count"])] + _counts(node.get("sub", []))
    return found


def statistics(sharkd, tshark, case):
    """The flow graph and the statistics: as the window asks for them, after the file was read."""
    sharkd.load(CAPTURES / case / "capture.pcapng")
    capture = tshark.stage(CAPTURES / case / "capture.pcapng")
    asked = {"tap0": "seqa:tcp_phase", "tap1": "stat:tcp_phase"}
    asked |= {"tap2": "nstat:tcp_phase,conv", "tap3": "nstat:tcp_phase,states"}
    arrows_wanted = [arrow[1:] for arrow in arrows(tshark, capture)]
    texts = {
        name: tshark.run(["-q", "-2", "-r", capture, "-z", f"tcp_phase,{name}"]).out
        for name in ("tree", "conv", "states")
    }
    counts_wanted = sorted(re.findall(r"^ *(\S.*?) {2,}(\d+) ", texts["tree"], re.MULTILINE))
    for _ in range(2):  # the second time it counts anew
        taps = {tap["tap"]: tap for tap in sharkd.ask("tap", **asked)["taps"]}
        drawn = [(flow["c"], *map(str, flow["pn"])) for flow in taps["seqa:tcp_phase"]["flows"]]
        expect(drawn == arrows_wanted, f"{case}: flow graph {drawn}, not {arrows_wanted}")
        for name in ("conv", "states"):
            table = taps[f"nstat:tcp_phase,{name}"]["tables"][0]["i"]
            _same_table(case, name, table, texts[name])
        counts = _counts(taps["stats:tcp_phase"]["stats"])
        found = sorted((item, str(count)) for item, count in counts)
        expect(found == counts_wanted, f"{case}: counts {found}, not {counts_wanted}")


def _same_table(case, name, table, text):
    lines = [line for line in text.splitlines() if line.count(" | ") > 3][1:]
    wanted = [[cell.strip() for cell in line.split("|")] for line in lines]
    expect(len(table) == len(wanted), f"{case}, {name}: {len(table)} rows, not {len(wanted)}")
    for row, other in zip(table, wanted):
        for one, two in zip(row, other):
            one = str(one).strip()
            try:
                equal = float(one) == float(two)
            except ValueError:
                equal = one == two
            expect(equal, f"{case}, {name}: {row}, not {other}")


def main():
    parser = argument_parser(__doc__)
    parser.add_argument("--checker", choices=["asan"])
    arguments = parser.parse_args()
    cases = sorted(path.parent.name for path in CAPTURES.glob("*/capture.pcapng"))
    random.Random(SEED).shuffle(cases)
    if arguments.checker:  # which takes its time
        cases = cases[::4]
    try:
        with Tshark(arguments.plugins, arguments.checker, arguments.tshark, loads=True) as tshark:
            tshark.leaks = False  # a statistic lives as long as tshark
            with Sharkd(tshark) as sharkd:
                compared = columns(sharkd, cases + cases[::-1])
                for case in TABLES:
                    filters(sharkd, tshark, case)
                    statistics(sharkd, tshark, case)
    except TestFailure as failure:
        print(f"FAIL {failure}")
        return 1
    except FileNotFoundError as problem:
        print(f"skipped: {problem}")
        return 77
    print(f"{compared} frames compared")
    return 0 if compared > 500 else 1


if __name__ == "__main__":
    sys.exit(main())
