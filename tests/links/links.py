#!/usr/bin/env python3
"""The labels hold whatever the link: captures of test-captures/ in other clothes, frame for frame.

links.py --plugins BUILD/plugins --work FOLDER plain
    read the captures as they are, for what follows
links.py ... wrap NAME...
    each wrap or kind of capture file: every field of tcp_phase is as it is without it, and the
    states are the kernels'
links.py ... case NAME...
    frames with another number of segments
links.py table [--write]
    whether docs/links.md has the tables of all this, or write them
links.py names
    all tests

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import argparse
import json
import pathlib
import re
import sys

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
for folder in ("common", "truth"):
    sys.path.insert(0, str(HERE.parent / folder))

import truth  # noqa: E402
import wraps_tunnels  # noqa: E402, F401, I001
import wraps_links  # noqa: E402, F401
from cases import CASES  # noqa: E402
from capture import Frame, read_pcapng, write_pcap  # noqa: E402
from formats import FORMATS  # noqa: E402
from layers import Packet  # noqa: E402
from shown import known_fields, read_rows  # noqa: E402
from table import with_tables  # noqa: E402
from tshark import CAPTURES, TestFailure, Tshark  # noqa: E402
from wraps import WRAPS  # noqa: E402

# What is wrapped: data, options, every kind of end, segments sent twice and captured twice, numbers
# that go round, ICMP errors. IPv6 comes last: the others keep their frame numbers without it.
SCENARIOS4 = [
    "simul_close",
    "wrap_fin",
    "data_lost",
    "tfo",
    "dup_synack",
    "icmp_reject_port",
    "fin_with_data",
    "raw_blind_rst",
]
SCENARIOS6 = ["ipv6"]

DOCUMENT = HERE.parents[1] / "docs" / "links.md"


class Scenario:
    def __init__(self, name):
        self.name = name
        folder = CAPTURES / name
        self.truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        self.frames = read_pcapng(folder / "capture.pcapng")
        first = self.frames[0].octets[14:]
        self.version = "6" if first[0] >> 4 == 6 else "4"
        at, size = (8, 16) if self.version == "6" else (12, 4)
        client = first[at : at + size]
        self.packets = []
        for number, frame in enumerate(self.frames, 1):
            octets = frame.octets[14:]
            self.packets.append(
                Packet(octets, octets[at : at + size] == client, number, frame.time)
            )


def load():
    return [Scenario(name) for name in SCENARIOS4 + SCENARIOS6]


class Shown:
    """What is shown of the scenarios, wrapped or not: .rows[scenario][frame], both numbered within
    the scenario."""

    def __init__(self, scenarios, fields):
        self.fields = fields
        self.frames = {}  # number in the file -> (scenario, number in it)
        self.rows = {scenario.name: {} for scenario in scenarios}

    def add_frame(self, number, scenario, frame):
        self.frames[number] = (scenario, frame)

    def take(self, rows):
        streams = {}
        for number, row in rows.items():
            if number not in self.frames:  # a fragment that is not the last one
                if row.get("sender"):
                    raise TestFailure(f"frame {number}: a tcp_phase on a part of a packet")
                continue
            scenario, frame = self.frames[number]
            row = {name: self._local(name, value) for name, value in row.items()}
            if row.get("stream"):
                known = streams.setdefault(scenario, {})
                row["stream"] = str(known.setdefault(row["stream"], len(known)))
            self.rows[scenario][frame] = row

    def _local(self, name, value):
        """Frame numbers as numbers within the scenario."""
        kind = self.fields.get(name)
        if kind == "FT_FRAMENUM" and value:
            return str(self.frames[int(value)][1])
        if kind == "FT_STRING":
            return re.sub(
                r"(?<=frame )\d+", lambda found: str(self.frames[int(found[0])][1]), value
            )
        return value


def wrapped_frames(scenarios, wrap, fields):
    """The frames of the scenarios in other clothes, and whose they are."""
    frames, shown = [], Shown(scenarios, fields)
    for scenario in scenarios:
        for frame, packet in zip(scenario.frames, scenario.packets):
            made = wrap.make(packet)
            parts = made if isinstance(made, list) else [made]
            frames += [Frame(frame.time, octets) for octets in parts]
            frames[-1].packet = packet
            shown.add_frame(len(frames), scenario.name, packet.number)
    return frames, shown


PLAIN = WRAPS["ethernet"]  # makes of each frame what it was


def show(tshark, work, name):
    """The scenarios in the wrap or file format of that name: (scenarios, their rows)."""
    wrap, form = WRAPS.get(name, PLAIN), FORMATS.get(name)
    scenarios = [scenario for scenario in load() if scenario.version in wrap.versions]
    if form:
        scenarios = [scenario for scenario in scenarios if scenario.name not in form.without]
    frames, shown = wrapped_frames(scenarios, wrap, tshark.fields)
    path = work / f"{name}.pcap"
    write_pcap(path, frames, wrap.link, network=wrap.network)
    if form:
        plain, path = path, work / name
        form.make(plain, frames, path)
    shown.take(read_rows(tshark, tshark.stage(path), wrap.options))
    return scenarios, shown.rows


def save_plain(tshark, work):
    tshark.fields = known_fields(tshark)
    _, rows = show(tshark, work, "plain")
    segments = sum(bool(row.get("sender")) for part in rows.values() for row in part.values())
    print(f"{segments} segments in {len(rows)} scenarios")
    saved = {"fields": tshark.fields, "rows": rows}
    (work / "plain.json").write_text(json.dumps(saved), encoding="utf-8")
    return 0 if segments else 1


def load_plain(tshark, work):
    saved = json.loads((work / "plain.json").read_text(encoding="utf-8"))
    tshark.fields = saved["fields"]
    return saved["rows"]


def check_states(scenario, rows, tables):
    """The kernels' record of one scenario. Returns truth.py's score."""
    score = truth.Score()
    key = truth.plain_capture(scenario.truth)
    seen = {number: row for number, row in rows.items() if row.get("sender")}
    truth.check_capture(score, tables, scenario.truth, key, "wrapped", "plain", seen)
    return score


def check_wrap(tshark, work, name):
    """Prints what differs; returns how many values were compared and how many differ."""
    plain = load_plain(tshark, work)
    scenarios, rows = show(tshark, work, name)
    tables, compared, wrong = truth.read_tables(), 0, []
    for scenario in scenarios:
        got = rows[scenario.name]
        exact = all(
            got.get(int(number), {}).get("time") == expected["time"]
            for number, expected in plain[scenario.name].items()
        )  # a kind of file may keep times less exactly
        for number, expected in plain[scenario.name].items():
            row = got.get(int(number), {})
            for field, value in expected.items():
                if field == "time" or tshark.fields.get(field) == "FT_RELATIVE_TIME" and not exact:
                    continue
                compared += 1
                if row.get(field, "") != value:
                    place = f"{name}: {scenario.name} frame {number}: {field}"
                    wrong.append(f"{place}: expected {value!r}, got {row.get(field, '')!r}")
        score = check_states(scenario, got, tables)
        compared += score.right
        wrong += score.lines
    for line in wrong[:40]:
        print(line)
    print(f"{name}: {compared} values compared, {len(wrong)} differ")
    return 1 if wrong or not compared else 0


def check_case(tshark, work, name):
    plain = load_plain(tshark, work)
    runs = []

    def read(frames, link, options=()):
        runs.append(work / f"{name}-{len(runs) + 1}.pcap")
        write_pcap(runs[-1], frames, link)
        return read_rows(tshark, tshark.stage(runs[-1]), options)

    compared = wrong = 0
    for where, expected, got in CASES[name](load(), plain, read):
        compared += 1
        if expected != got:
            wrong += 1
            print(f"{name}: {where}: expected {expected!r}, got {got!r}")
    print(f"{name}: {compared} values compared, {wrong} differ")
    return 1 if wrong or not compared else 0


def check_table(document, write):
    text = document.read_text(encoding="utf-8")
    wanted = with_tables(text)
    if write:
        document.write_text(wanted, encoding="utf-8")
    elif text != wanted:
        print(f"{document} is not up to date: tests/links/links.py table --write")
        return 1
    return 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--plugins", type=pathlib.Path, metavar="BUILD/plugins")
    parser.add_argument("--work", type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--tshark", default="tshark", help="the tshark to run")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("what", choices=["plain", "wrap", "case", "table", "names"])
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    if options.what == "names":
        names = [f"wrap {name}" for name in [*WRAPS, *FORMATS]] + [f"case {name}" for name in CASES]
        print(";".join(names), end="")
        return 0
    if options.what == "table":
        return check_table(DOCUMENT, options.write)
    options.work.mkdir(parents=True, exist_ok=True)
    try:
        loads = options.what != "plain"  # which is the first test
        with Tshark(options.plugins, program=options.tshark, loads=loads) as tshark:
            if options.what == "plain":
                return save_plain(tshark, options.work)
            check, every = check_wrap, [*WRAPS, *FORMATS]
            if options.what == "case":
                check, every = check_case, CASES
            return max(check(tshark, options.work, name) for name in options.names or every)
    except TestFailure as failure:
        print(failure)
        return 1


if __name__ == "__main__":
    sys.exit(main())
