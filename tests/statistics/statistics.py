#!/usr/bin/env python3
"""The statistics of tcp_phase, through tshark and sharkd.

statistics.py --plugins BUILD/plugins fields PART PARTS
    tcp_phase,jsonl says what the fields say, tcp_phase,conv what jsonl says, one pass what two say:
    for every PARTS-th capture of test-captures/
statistics.py ... text [--write]
    what tcp_phase,conv, states and tree print of a few captures is in expected/
statistics.py ... filter | errors | tunnels | window
    filters; what is wrong; TCP in tunnels; the tables of Wireshark, by sharkd
statistics.py ... document
    docs/statistics.md has the columns
statistics.py --make-capture PROGRAM ... many
    thousands of conversations, and jq
          --checker asan                     ... under a checker

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import os
import pathlib
import re
import subprocess
import sys
from decimal import Decimal

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
for folder in ("common", "links"):
    sys.path.insert(0, str(HERE.parent / folder))

import reading  # noqa: E402
import tunnels  # noqa: E402
import wrong  # noqa: E402
from reading import MEMBERS, as_printed, plain  # noqa: E402
from sharkd import Sharkd  # noqa: E402
from tshark import CAPTURES, TestFailure, Tshark, argument_parser  # noqa: E402

EXPECTED = HERE / "expected"
# An ordinary one, several conversations, an ICMP error, resets, states that are left unfinished.
TEXTS = ["000", "tfo", "icmp_reject_port", "raw_scan", "keep_alive_in_every_state"]


class Report:
    LIMIT = 40

    def __init__(self):
        self.compared = self.failures = 0

    def same(self, where, expected, got):
        self.compared += 1
        if expected != got:
            self.failures += 1
            if self.failures <= self.LIMIT:
                print(f"FAIL {where}: expected {expected!r}, got {got!r}")

    def same_rows(self, where, expected, got):
        """Two lists of dictionaries."""
        self.same(f"{where}: how many", len(expected), len(got))
        for number, (want, row) in enumerate(zip(expected, got)):
            for name in {**want, **row}:
                self.same(f"{where}: row {number}: {name}", want.get(name), row.get(name))

    def end(self):
        print(f"{self.compared} values compared, {self.failures} differ")
        return 1 if self.failures or not self.compared else 0


def captures():
    found = sorted(CAPTURES.glob("*/capture*.pcapng"))
    if not found:
        raise TestFailure(f"no captures in {CAPTURES}")
    return found


def statistic(tshark, capture, name, *options):
    """What -z NAME prints."""
    return tshark.run(["-n", "-q", "-r", capture, *options, "-z", name]).out


def rows_of(tshark, capture, *options, filter_text=""):
    """The objects of tcp_phase,jsonl."""
    name = "tcp_phase,jsonl,-" + (f",{filter_text}" if filter_text else "")
    return reading.json_lines(statistic(tshark, capture, name, *options))


def every_statistic(tshark, capture, *options):
    """One run for all: what it prints, and the JSON Lines."""
    lines = tshark.private / "every.jsonl"
    arguments = ["-n", "-r", capture, *options, "-z", f"tcp_phase,jsonl,{lines}"]
    for name in ("tree", "states", "conv"):
        arguments += ["-z", f"tcp_phase,{name}"]
    printed = tshark.run(arguments).out
    text = lines.read_text(encoding="utf-8")
    lines.unlink()
    return printed, text


def check_capture(report, tshark, path):
    """Two passes give the fields, and the JSON Lines and the tables say the same; one pass gives
    the JSON Lines and the tables again."""
    where, capture = f"{path.parent.name}/{path.name}", tshark.stage(path)
    printed, text = every_statistic(tshark, capture, "-2", *reading.field_arguments())
    parts = reading.parts(printed)
    segments = reading.segments(parts[""])
    rows = reading.json_lines(text)
    for row in rows:
        report.same(f"{where}: stream {row['stream']}: names", MEMBERS, list(row))
    fields = reading.from_fields(segments)
    by_stream = [fields[stream] for stream in sorted(fields, key=int)]
    said = [{name: plain(value) for name, value in row.items()} for row in rows]
    report.same_rows(f"{where}: jsonl and the fields", by_stream, said)
    table = reading.conversations(printed)
    report.same_rows(f"{where}: conv and jsonl", [as_printed(row) for row in rows], table)
    check_states(report, where, segments, reading.states(printed))
    check_tree(report, where, rows, reading.tree(printed))
    again, once = every_statistic(tshark, capture, "-q")
    report.same(f"{where}: jsonl, one pass and two", text, once)
    for title in (reading.CONV, reading.STATES):
        here = f"{where}: {title}, one pass and two"
        report.same(here, parts[title], reading.parts(again)[title])
    report.same(f"{where}: tree, one pass and two", reading.tree(printed), reading.tree(again))


def check_states(report, where, segments, states):
    """The times are those that the fields say."""
    times, lasting = reading.dwells(segments)
    for place, cells in states.items():
        count, shortest, mean, longest = cells[:4]
        of_place = times.pop(place, [])
        here = f"{where}: states: {' '.join(place)}"
        report.same(f"{here}: count", str(len(of_place)), count)
        if of_place:
            wanted = (min(of_place), max(of_place))
            report.same(f"{here}: min, max", wanted, (Decimal(shortest), Decimal(longest)))
            difference = abs(Decimal(mean) - sum(of_place) / len(of_place))
            report.same(f"{here}: mean {mean}", True, difference < Decimal("1e-6"))
        report.same(f"{here}: lasting", str(lasting.get(place, 0)), cells[5])
    report.same(f"{where}: states: what else has a time", {}, times)


def check_tree(report, where, rows, counts):
    """What the tree counts is what the rows say."""
    kinds = {"Opening": "opening", "Closing": "closing", "Closed by": "closed_by"}
    kinds["Verdict"] = "verdict"
    for kind, name in kinds.items():
        report.same(f"{where}: {kind}", len(rows), counts[kind])
        for path, count in counts.items():
            if path.startswith(kind + "/"):
                token = path.partition("/")[2]
                wanted = sum((row[name] or "nobody") == token for row in rows)
                report.same(f"{where}: {path}", wanted, count)
    segments = sum(row["segments"] for row in rows)
    report.same(f"{where}: Phase, Event", (segments,) * 2, (counts["Phase"], counts["Event"]))


def run_fields(report, tshark, part, parts):
    for path in captures()[int(part) - 1 :: int(parts)]:
        check_capture(report, tshark, path)


def text_of(tshark, case):
    """All that is printed of a capture. The tree, whose looks depend on Wireshark, as path and
    count."""
    capture = tshark.stage(CAPTURES / case / "capture.pcapng")
    printed, _ = every_statistic(tshark, capture, "-q")
    parts, counts = reading.parts(printed), reading.tree(printed)
    text = parts[reading.CONV] + parts[reading.STATES]
    text += "".join(f"{path}: {count}\n" for path, count in sorted(counts.items()))
    return "".join(line.rstrip() + "\n" for line in text.splitlines())


def run_text(report, tshark, *options):
    for case in TEXTS:
        path, text = EXPECTED / f"{case}.txt", text_of(tshark, case)
        if options == ("--write",):
            path.write_text(text, encoding="utf-8")
        report.same(case, path.read_text(encoding="utf-8").splitlines(), text.splitlines())


def filtered(tshark, capture, filters, *options):
    """The objects of tcp_phase,jsonl for each of several filters, in one run."""
    files, arguments = [], ["-n", "-q", "-r", capture, *options]
    for number, text in enumerate(filters):
        files.append(tshark.private / f"filtered-{number}.jsonl")
        arguments += ["-z", f"tcp_phase,jsonl,{files[-1]},{text}"]
    tshark.run(arguments)
    return [reading.json_lines(path.read_text(encoding="utf-8")) for path in files]


def run_filter(report, tshark):
    capture = tshark.stage(CAPTURES / "raw_scan" / "capture.pcapng")
    rows = rows_of(tshark, capture)
    assert len(rows) > 3
    wanted = {
        "": rows,
        "tcp.stream == 2": [rows[2]],
        "tcp.stream in {1, 3}": [rows[1], rows[3]],  # a comma in the filter
        "tcp.stream == 99999": [],
    }
    for text, got in zip(wanted, filtered(tshark, capture, wanted)):
        report.same_rows(repr(text), wanted[text], got)
    tokens = sorted({row["verdict"] for row in rows})
    filters = [f'tcp_phase.verdict == "{token}"' for token in tokens]
    for token, got in zip(tokens, filtered(tshark, capture, filters, "-2")):
        chosen = [row for row in rows if row["verdict"] == token]
        report.same_rows(token, chosen, got)
    printed = statistic(tshark, capture, "tcp_phase,conv,tcp.stream == 2")
    report.same_rows("conv", [as_printed(rows[2])], reading.conversations(printed))
    report.same("conv: filter", True, "\nFilter: tcp.stream == 2\n" in printed)
    filter_segments(report, tshark)
    filter_states(report, tshark)


def filter_segments(report, tshark):
    """A filter on segments: frames and segments are of those that pass, the rest of the whole."""
    capture = tshark.stage(CAPTURES / "tfo" / "capture.pcapng")
    text = "tcp.flags.fin == 1"
    whole = rows_of(tshark, capture)
    listed = tshark.run(
        ["-r", capture, "-Y", text, "-T", "fields", "-e", "tcp.stream", "-e", "frame.number"]
    ).out
    frames = {}
    for line in listed.splitlines():
        stream, frame = line.split()
        frames.setdefault(int(stream), []).append(int(frame))
    wanted = []
    for row in whole:
        of_row = frames[row["stream"]]
        place = {"first_frame": of_row[0], "last_frame": of_row[-1], "segments": len(of_row)}
        wanted.append({**row, **place})
    report.same_rows("FINs", wanted, rows_of(tshark, capture, filter_text=text))


def filter_states(report, tshark):
    capture = tshark.stage(CAPTURES / "tfo" / "capture.pcapng")
    whole = reading.states(statistic(tshark, capture, "tcp_phase,states"))
    one = reading.states(statistic(tshark, capture, "tcp_phase,states,tcp.stream == 0"))
    report.same("states: how many", "1", one["client", "ESTABLISHED"][0])
    report.same("states: of how many", "4", whole["client", "ESTABLISHED"][0])
    counts = reading.tree(statistic(tshark, capture, "tcp_phase,tree,tcp.stream == 0"))
    rows = rows_of(tshark, capture, filter_text="tcp.stream == 0")
    report.same("tree", (1, 1), (counts["Opening"], counts["Opening/" + rows[0]["opening"]]))


def run_document(report, tshark):
    """docs/statistics.md names the members and the columns, in their order."""
    text = (HERE.parents[1] / "docs" / "statistics.md").read_text(encoding="utf-8")
    section = text.partition("## Conversations")[2].partition("\n## ")[0]
    members, titles = [], []
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            members += re.findall(r"`([^`]+)`", cells[0])
            titles += cells[1].split(", ")
    capture = tshark.stage(CAPTURES / "000" / "capture.pcapng")
    printed = statistic(tshark, capture, "tcp_phase,conv")
    report.same("members", MEMBERS, members)
    report.same("columns", reading.table(reading.parts(printed)[reading.CONV])[1], titles)
    section = text.partition("## Time in states")[2].partition("\n## ")[0]
    named = []
    for line in re.findall(r"^\| ([A-Z][^|]*) \|", section, re.MULTILINE):
        named += line.split(", ")
    printed = statistic(tshark, capture, "tcp_phase,states")
    titles = reading.table(reading.parts(printed)[reading.STATES])[1]
    report.same("columns of states", titles[2:], named)


def run_errors(report, tshark):
    wrong.run(report, tshark, CAPTURES)


def run_tunnels(report, tshark):
    tunnels.run(report, tshark, rows_of)


def of_window(rows):
    """Rows of the table of sharkd as tcp_phase,conv prints them."""
    made = []
    for row in rows:
        cells = dict(zip(MEMBERS, row))
        for name in ("client.bytes", "server.bytes"):
            cells[name] = f"{cells[name]:.0f}"
        cells["start"] = f"{cells['start']:.6f}"
        made.append({name: str(value).strip() for name, value in cells.items()})
    return made


def for_window(rows):
    """Objects of tcp_phase,jsonl likewise."""
    made = [as_printed(row) for row in rows]
    for row in made:
        row["start"] = f"{float(row['start']):.6f}"
    return made


def run_window(report, tshark):
    """One file after the other: nothing of the one before is left."""
    with Sharkd(tshark) as sharkd:
        for case in ["raw_scan", "000", "tfo", "icmp_reject_port"]:
            path = CAPTURES / case / "capture.pcapng"
            capture = tshark.stage(path)
            sharkd.load(path)
            printed, lines = every_statistic(tshark, capture, "-q")
            wanted = for_window(reading.json_lines(lines))
            for _ in range(2):
                got = of_window(reading.sharkd_rows(sharkd.ask("tap", tap0="nstat:tcp_phase,conv")))
                report.same_rows(f"{case}: conv", wanted, got)
            rows = reading.sharkd_rows(sharkd.ask("tap", tap0="nstat:tcp_phase,states"))
            got = {tuple(row[:2]): [str(cell).strip() for cell in row[2:]] for row in rows}
            report.same(f"{case}: states", reading.states(printed), got)
            got = reading.sharkd_tree(sharkd.ask("tap", tap0="stat:tcp_phase"))
            report.same(f"{case}: tree", reading.tree(printed), got)


def run_many(report, tshark, make_capture, conversations=20100):
    capture = tshark.scratch("many.pcap")
    command = [make_capture, "--segments", str(conversations * 7)]
    command += ["--conversations", str(conversations), str(capture)]
    subprocess.run(command, check=True)
    os.chmod(capture, 0o644)
    lines = tshark.private / "many.jsonl"
    tshark.run(["-n", "-q", "-r", capture, "-z", f"tcp_phase,jsonl,{lines}"])
    text = lines.read_text(encoding="utf-8")
    report.same("lines", conversations, text.count("\n"))
    counted = subprocess.run(
        ["jq", "-n", "[inputs | .segments] | length, add"],
        input=text, capture_output=True, text=True, check=True,
    )  # fmt: skip
    report.same("jq", [str(conversations), str(conversations * 7)], counted.stdout.split())
    rows = reading.json_lines(text)
    printed = reading.conversations(statistic(tshark, capture, "tcp_phase,conv"))
    report.same("conv", [as_printed(row) for row in rows], printed)
    many_in_window(report, tshark, capture, rows)


def many_in_window(report, tshark, capture, rows, limit=20000):
    """Wireshark's table shows so many, and how many more there are; of fewer, all."""
    with Sharkd(tshark, timeout=600) as sharkd:
        sharkd.ask("load", file=str(capture))
        *shown, last = reading.sharkd_rows(sharkd.ask("tap", tap0="nstat:tcp_phase,conv"))
        report.same("window", for_window(rows[:limit]), of_window(shown))
        text = "100 more conversations are not shown: a display filter picks among them"
        report.same("window: the rest", text, last[-1])
        sharkd.load(CAPTURES / "000" / "capture.pcapng")
        shown = reading.sharkd_rows(sharkd.ask("tap", tap0="nstat:tcp_phase,conv"))
        report.same("window: after it", 1, len(shown))


def main():
    parser = argument_parser(__doc__)
    parser.add_argument("--checker", choices=["asan"])
    parser.add_argument("--make-capture", metavar="PROGRAM")
    parser.add_argument("part")
    parser.add_argument("argument", nargs="*")
    options, others = parser.parse_known_args()
    parts = {"fields": run_fields, "text": run_text, "filter": run_filter, "errors": run_errors}
    parts |= {"document": run_document, "tunnels": run_tunnels, "window": run_window, "many": run_many}
    arguments = options.argument + others
    if options.part == "many":
        arguments = [options.make_capture]
    report = Report()
    try:
        with Tshark(options.plugins, options.checker, options.tshark) as tshark:
            parts[options.part](report, tshark, *arguments)
    except TestFailure as failure:
        print(f"FAIL {failure}")
        return 1
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
