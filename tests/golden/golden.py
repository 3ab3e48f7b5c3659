#!/usr/bin/env python3
"""Every field of every segment of the captures in test-captures/, in every way of reading them.

golden.py --plugins BUILD/plugins case NAME...   each capture of these folders by itself: -T fields,
                                                 -2, JSON, PDML, against expected*.tsv
golden.py --plugins BUILD/plugins merged         all captures, merged into a few files: the same,
                                                 and columns, -V, -Y
          --checker asan|valgrind                ... under a checker
golden.py --plugins BUILD/plugins filters        display filters select just the right frames
golden.py --plugins BUILD/plugins preferences    TCP's preferences change nothing

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

import modes  # noqa: E402
from expectations import FORWARD, PROSE, SEGMENT  # noqa: E402
from expectations import flat, names, read, shift  # noqa: E402
from tshark import CAPTURES, TestFailure, Tshark, argument_parser  # noqa: E402

LAYERED = {"json": modes.json_tree, "pdml": modes.pdml}
FLAT = {"fields": modes.fields, "two-pass": modes.two_pass, "columns": modes.columns}

# Preferences that must not change a word, and Wireshark's default of each.
PREFERENCES = [
    "tcp.relative_sequence_numbers:FALSE",
    "tcp.analyze_sequence_numbers:FALSE",
    "tcp.desegment_tcp_streams:FALSE",
    "ip.defragment:FALSE",
]

# For valgrind, which takes its time: a little of everything.
SELECTION = [
    "000", "003", "004a", "004b", "cancel_connect", "dup_synack", "fin_crosses_data",
    "icmp_reject_port", "ipv6", "keepalive", "last_ack_lost", "midstream", "raw_bad_synack",
    "raw_blind_rst", "raw_scan", "raw_third_has_data", "refused_then_open", "reuse_tw_server",
    "router_any", "simul_close", "simul_open", "snaplen", "tfo", "wrap_fin",
]  # fmt: skip


class Report:
    """Counts what was compared and prints what differs."""

    LIMIT = 60  # lines; one fault can differ in thousands of places

    def __init__(self):
        self.compared = self.failures = 0

    def fail(self, line):
        self.failures += 1
        if self.failures <= self.LIMIT:
            print(f"FAIL {line}")
        elif self.failures == self.LIMIT + 1:
            print("FAIL ... and more")

    def same(self, where, field, expected, got):
        self.compared += 1
        if expected != got:
            self.fail(f"{where}: {field}: expected {expected!r}, got {got!r}")

    def end(self):
        """The exit status. A run that compared nothing has proved nothing."""
        print(f"{self.compared} values compared, {self.failures} differ")
        return 1 if self.failures or not self.compared else 0


class Expected:
    """The expectations of one capture, or of several merged ones."""

    def __init__(self, segments, conversations, columns):
        self.segments, self.conversations, self.columns = segments, conversations, columns

    @classmethod
    def of(cls, capture, release):
        files = names(capture, release)
        for path in files:
            if not path.exists():
                raise TestFailure(f"{path} is missing: tests/golden/regenerate makes it")
        _, _, segments = read(files[0])
        _, header, conversations = read(files[1])
        columns = [column for column in header if column != "stream"]
        return cls(segments, {row["stream"]: row for row in conversations}, columns)

    def last_frames(self):
        """Stream -> frame of the last segment of its conversation, which may have several streams
        (tcp_tracker_continues()): all that is said of them is the same."""
        same = {}
        for stream, row in self.conversations.items():
            same[stream] = tuple(row[column] for column in self.columns)
        last = {same[row["stream"]]: row["frame"] for row in self.segments}
        return {stream: last[row] for stream, row in same.items() if row in last}


def compare_segments(report, where, expected, rows, second_pass):
    """Rows of one mode against the expected ones; both layered, or both flat."""
    wanted = {}
    for row in expected:
        wanted.setdefault(row["frame"], []).append(row)
    for row in rows:
        here = f"{where} frame {row['frame']}"
        if not wanted.get(row["frame"]):
            report.fail(f"{here}: expected no tcp_phase, got {row}")
            continue
        want = wanted[row["frame"]].pop(0)
        for field in SEGMENT:
            got = row.get(field, "")
            # On the first pass nothing can be known of later frames.
            if field in FORWARD and not second_pass and got == "":
                continue
            report.same(here, field, want.get(field, ""), got)
    for frame, left in wanted.items():
        for _ in left:
            report.fail(f"{where} frame {frame}: expected a tcp_phase, got none")


def compare_prose(report, where, reference, rows):
    """Label and explanation say the same in every mode, and say something."""
    for want, row in zip(reference, rows):
        for field in PROSE:
            here = f"{where} frame {row['frame']}"
            report.same(here, field, want.get(field, ""), row.get(field, ""))
            if not row.get(field):
                report.fail(f"{here}: {field}: expected some text, got none")


def compare_conversations(report, where, expected, rows, second_pass):
    """The final values: on every segment with two passes, on a stream's last one with one."""
    last = expected.last_frames()
    for row in rows:
        stream = row.get("stream", "")
        if "," in stream:  # several layers in a frame: the layered modes see them one by one
            continue
        if not second_pass and last.get(stream) != row["frame"]:
            continue
        want = expected.conversations.get(stream)
        here = f"{where} frame {row['frame']} (stream {stream})"
        if want is None:
            report.fail(f"{here}: expected no such stream")
            continue
        if want["opening"] == "rejected" and not second_pass:
            continue  # the ICMP error that says so comes after the last segment
        for field in expected.columns:
            if want[field] == "*" and row.get(field):
                continue
            report.same(here, field, want[field], row.get(field, ""))


def check_modes(report, tshark, where, capture, expected, kinds):
    """All of a capture in the given modes."""
    wanted = [*SEGMENT, *PROSE, *expected.columns]
    reference = modes.fields(tshark, capture, wanted)
    for kind in kinds:
        here = f"{where} {kind}"
        layered = kind in LAYERED
        read_back = {**LAYERED, **FLAT}[kind]
        rows = reference if kind == "fields" else read_back(tshark, capture, wanted)
        segments = expected.segments if layered else flat(expected.segments)
        second = kind == "two-pass"
        compare_segments(report, here, segments, rows, second)
        compare_conversations(report, here, expected, rows, second)
        compare_prose(report, here, reference, flat(rows) if layered else rows)
    return reference


def check_text(report, tshark, where, capture, reference):
    """-V shows each label."""
    trees = modes.text_labels(tshark, capture)
    for row in reference:
        here = f"{where} -V frame {row['frame']}"
        label = row.get("label", "")
        report.compared += 1
        if not label or label.split(",")[0] not in trees.get(row["frame"], ""):
            report.fail(f"{here}: expected a tree with {label!r}, got {trees.get(row['frame'])!r}")


def check_filtered(report, tshark, where, capture, expected, reference):
    """Under a display filter the segments that pass say the same as without."""
    wanted = [*SEGMENT, *PROSE, *expected.columns]
    for phase in sorted({row["phase"] for row in expected.segments}):
        here = f"{where} -Y {phase}"
        rows = modes.fields(tshark, capture, wanted, ["-Y", f'tcp_phase.phase == "{phase}"'])
        passing = {row["frame"] for row in expected.segments if row["phase"] == phase}
        segments = [row for row in flat(expected.segments) if row["frame"] in passing]
        compare_segments(report, here, segments, rows, False)
        compare_prose(report, here, [row for row in reference if row["frame"] in passing], rows)


def captures_of(folder):
    """The captures of one case, the plain one first."""
    found = folder.glob("capture*.pcapng")
    found = sorted(found, key=lambda path: (path.name != "capture.pcapng", path.name))
    if not found:
        raise TestFailure(f"{folder}: no capture*.pcapng")
    return found


def run_cases(report, tshark, folders):
    for folder in folders:
        for original in captures_of(folder):
            where = f"{folder.name}/{original.name}"
            expected = Expected.of(original, tshark.release)
            capture = tshark.stage(original)
            if not expected.segments:  # a capture without packets: silence is right
                report.same(where, "rows", [], modes.fields(tshark, capture, list(SEGMENT)))
                continue
            kinds = ["fields", "two-pass", "json", "pdml"]
            check_modes(report, tshark, where, capture, expected, kinds)


def merge(tshark, name, captures):
    """Several captures behind each other in one file: a path, and what is expected of it. Captures
    that use the same addresses and ports must not be in one file."""
    path = tshark.scratch(name)
    command = ["mergecap", "-a", "-F", "pcapng", "-w", path, *captures]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    path.chmod(0o644)
    segments, conversations, columns = [], {}, []
    frames = streams = 0
    for capture in captures:
        part = Expected.of(capture, tshark.release)
        segments += shift(part.segments, frames, streams)
        for row in shift(part.conversations.values(), frames, streams):
            conversations[row["stream"]] = row
        columns = part.columns
        frames += int(_count(capture))
        streams += len(part.conversations)
    return path, Expected(segments, conversations, columns)


def _count(capture):
    command = ["capinfos", "-c", "-M", "-T", "-r", capture]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return out.strip().split("\t")[-1]


def merged_files(tshark, folders):
    """All captures in a few files: the first of every case, the second of every case, ..."""
    cases = [captures_of(folder) for folder in folders]
    for index in range(max(map(len, cases))):
        captures = [case[index] for case in cases if index < len(case)]
        yield merge(tshark, f"merged-{index}.pcapng", captures)


def check_outputs(report, tshark, path):
    """Statistics and drawings in one run, for the checker; what they say is other tests' matter. Not
    tcp_phase,tree and fecho,tree: their nodes are Wireshark's, and tshark does not free them."""
    kinds = ["jsonl", "comments", "ladder,text", "ladder,svg", "ladder,mermaid"]
    kinds += ["ladder,segments", "ladder,story"]
    files = {kind: tshark.private / kind.replace(",", ".") for kind in kinds}
    some = ",tcp.stream < 40"  # not more are drawn
    wanted = [f"tcp_phase,{kind},{file}{some}" for kind, file in files.items()]
    wanted += ["tcp_phase,conv", "tcp_phase,states", "fecho,srt"]
    options = [part for statistic in wanted for part in ("-z", statistic)]
    printed = tshark.run(["-2", "-q", "-r", path, *options]).out
    report.same(path.name, "statistics", True, len(printed.splitlines()) > 50)
    for kind, file in files.items():
        report.same(path.name, kind, True, file.stat().st_size > 0)


def run_merged(report, tshark, folders):
    for path, expected in merged_files(tshark, folders):
        if tshark.checker == "valgrind":  # takes 15 s to start tshark
            check_modes(report, tshark, path.name, path, expected, ["fields", "two-pass", "json"])
            check_outputs(report, tshark, path)
            break
        kinds = ["fields", "two-pass", "json", "pdml", "columns"]
        reference = check_modes(report, tshark, path.name, path, expected, kinds)
        check_text(report, tshark, path.name, path, reference)
        check_filtered(report, tshark, path.name, path, expected, reference)


def run_preferences(report, tshark, folders):
    for path, expected in merged_files(tshark, folders):
        wanted = [*SEGMENT, *PROSE, *expected.columns]
        reference = modes.fields(tshark, path, wanted)
        compare_segments(report, path.name, flat(expected.segments), reference, False)
        for preference in PREFERENCES:
            rows = modes.fields(tshark, path, wanted, ["-o", preference])
            if len(rows) != len(reference):
                report.fail(f"{path.name} {preference}: {len(rows)} rows, not {len(reference)}")
            for want, row in zip(reference, rows):
                for field in wanted:
                    here = f"{path.name} -o {preference} frame {row['frame']}"
                    report.same(here, field, want.get(field, ""), row.get(field, ""))


# Two ways to have the numbers of frames. In columns only those items are made that the filter needs; with
# -T fields, Wireshark 4.0 makes all, whatever value is asked for.
COLUMNS = ["-o", 'gui.column.format:"No.","%m"']
FIELDS = ["-T", "fields", "-e", "frame.number"]


def run_filters(report, tshark, folders):
    """For every value that a token field has somewhere, and for every field's presence."""
    path, expected = next(merged_files(tshark, folders))
    rows = flat(expected.segments)
    tokens = ["phase", "event", "step", "sender", "client.state", "server.state", "transition"]
    tokens += ["evidence"]
    checks = [("tcp_phase", [], {row["frame"] for row in rows})]
    for field in tokens:
        values = sorted({value for row in rows for value in row.get(field, "").split(",")} - {""})
        for value in values:
            frames = {r["frame"] for r in rows if value in r.get(field, "").split(",")}
            checks.append((f'tcp_phase.{field} == "{value}"', [], frames))
    for field in SEGMENT:
        frames = {row["frame"] for row in rows if row.get(field)}
        checks.append((f"tcp_phase.{field}", ["-2"] if field in FORWARD else [], frames))
    checks.append(_numbers(rows))
    checks.append(_experts(tshark, path))
    for text, options, frames in checks:
        for way in (COLUMNS,) if '"' in text else (COLUMNS, FIELDS):
            got = _passed(tshark, path, text, [*options, *way])
            report.compared += 1
            if got != frames:
                missing, extra = sorted(frames - got, key=int), sorted(got - frames, key=int)
                report.fail(f"{path.name} {way} -Y '{text}': missing frames {missing}, too many {extra}")


def _passed(tshark, path, text, options):
    return set(tshark.run(["-r", path, *options, "-Y", text]).out.split())


def _experts(tshark, path):
    """A filter on what all protocols' expert infos have in common, against those on our own fields."""
    listed = [line.split("\t") for line in tshark.run(["-G", "fields"]).out.splitlines()]
    ours = {row[2]: row[1] for row in listed if row[2].startswith("tcp_phase.expert.")}
    frames = _passed(tshark, path, " || ".join(ours), COLUMNS)
    assert frames, "no expert info in any capture"
    return " || ".join(f'_ws.expert.message == "{words}"' for words in ours.values()), [], frames


def _numbers(rows):
    """A filter on numbers and times."""
    frames = {
        row["frame"]
        for row in rows
        if row.get("exchange") == "2" or any(float(d) > 0.05 for d in _times(row))
    }
    return (
        "tcp_phase.exchange == 2 || tcp_phase.client.dwell > 0.05 || tcp_phase.server.dwell > 0.05",
        [],
        frames,
    )


def _times(row):
    cells = (row.get("client.dwell", ""), row.get("server.dwell", ""))
    return [value for cell in cells for value in cell.split(",") if value]


def main():
    parser = argument_parser(__doc__)
    parser.add_argument("--captures", type=pathlib.Path, default=CAPTURES)
    parser.add_argument("--checker", choices=["asan", "valgrind"])
    parser.add_argument("what", choices=["case", "filters", "preferences", "merged"])
    parser.add_argument("names", nargs="*", help="folders in test-captures (all; or a selection)")
    options = parser.parse_args()

    folders = [options.captures / name for name in options.names]
    if not folders and options.checker == "valgrind":
        folders = [options.captures / name for name in SELECTION]
    elif not folders:
        folders = sorted(path.parent for path in options.captures.glob("*/README.md"))
    runs = {"case": run_cases, "filters": run_filters, "preferences": run_preferences}
    runs["merged"] = run_merged
    report = Report()
    try:
        with Tshark(options.plugins, options.checker, options.tshark) as tshark:
            runs[options.what](report, tshark, folders)
    except TestFailure as failure:
        report.fail(str(failure))
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
