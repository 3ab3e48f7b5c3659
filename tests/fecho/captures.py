#!/usr/bin/env python3
"""What the dissector says of the captures in test-captures that have a fecho.tsv.

captures.py --plugins BUILD/plugins [--write] [CASE...]

fecho.tsv is for capture.pcapng: a row for each frame of it that has frames of the protocol, a column
for each field, as on the second of two passes; several values of a field are joined with ",". It is
compared in one pass and in two, as fields and as JSON. --write writes them anew, for the CASEs or for
all that have one, and shows which differ.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import pathlib
import sys

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "common")]

from fecho import LATER, Report, read, read_json  # noqa: E402
from tshark import CAPTURES, TestFailure, Tshark, argument_parser  # noqa: E402

COLUMNS = [
    "type", "id", "flags", "code", "length", "checksum.status", "plain", "response_in", "response_to",
    "rtt", "server_time", "network_time", "expert",
]  # fmt: skip
NEW = "# Written by tests/fecho/captures.py --write."


def table_of(capture):
    return capture.with_name("fecho.tsv")


def cells(row):
    return {name: ",".join(row[name]) for name in COLUMNS if row.get(name)}


def observe(tshark, capture, options=()):
    """Frame -> column -> cell, of frames that have anything."""
    fields = [name for name in COLUMNS if name != "expert"]
    rows = read(tshark, tshark.stage(capture), options, fields)
    return {number: cells(row) for number, row in rows.items()}


def observe_json(tshark, capture):
    """The same by JSON, of the columns that read_json() has."""
    rows = read_json(tshark, tshark.stage(capture), ["-2"])
    return {number: cells(row) for number, row in rows.items()}


def read_table(path):
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    if lines[0].split("\t") != ["frame", *COLUMNS]:
        raise TestFailure(f"{path}: the columns are not frame and {' '.join(COLUMNS)}")
    rows = {}
    for line in lines[1:]:
        number, *values = line.split("\t")
        rows[int(number)] = {name: value for name, value in zip(COLUMNS, values) if value}
    return rows


def write_table(path, rows):
    lines = [NEW, "\t".join(["frame", *COLUMNS])]
    for number, row in sorted(rows.items()):
        lines.append("\t".join([str(number), *(row.get(name, "") for name in COLUMNS)]))
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def without(rows, names):
    """Rows without some columns, and without what the expert infos say that only a second pass can."""
    kept = {}
    for number, row in rows.items():
        row = {name: value for name, value in row.items() if name not in names}
        if "expert" in row and LATER & set(names):
            experts = [name for name in row.pop("expert").split(",") if name not in LATER]
            row.update({"expert": ",".join(experts)} if experts else {})
        kept[number] = row
    return kept


def compare(report, tshark, capture):
    expected, name = read_table(table_of(capture)), capture.parent.name
    report.same_rows(f"{name}, two passes", expected, observe(tshark, capture, ["-2"]))
    one = observe(tshark, capture)
    report.same_rows(f"{name}, one pass", without(expected, LATER), without(one, LATER))
    shown = observe_json(tshark, capture)
    extra = set(COLUMNS) - {name for row in shown.values() for name in row}
    report.same_rows(f"{name}, JSON", without(expected, extra), without(shown, extra))


def renew(tshark, capture):
    path = table_of(capture)
    rows = observe(tshark, capture, ["-2"])
    if not path.exists() or read_table(path) != rows:
        print(f"{path.parent.name}/{path.name}: {len(rows)} frames")
        write_table(path, rows)


def main():
    parser = argument_parser(__doc__.splitlines()[0])
    parser.add_argument("--checker", help="asan")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--captures", type=pathlib.Path, default=CAPTURES)
    parser.add_argument("cases", nargs="*", metavar="CASE")
    options = parser.parse_args()
    with Tshark(options.plugins, options.checker, options.tshark) as tshark:
        tables = sorted(path.parent.name for path in options.captures.glob("*/fecho.tsv"))
        captures = [options.captures / case / "capture.pcapng" for case in options.cases or tables]
        if options.write:
            for capture in captures:
                renew(tshark, capture)
            return 0
        report = Report()
        for capture in captures:
            compare(report, tshark, capture)
        return report.end()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except TestFailure as failure:
        sys.exit(str(failure))
