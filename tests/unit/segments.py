#!/usr/bin/env python3
"""Gives a test program of the engine the segments of all captures in test-captures/.

segments.py PROGRAM [ARG...]   runs PROGRAM [ARG...] LIST, and ends as it does
segments.py                    writes the list to standard output

tshark reads the headers, without the plugin; the streams, and the states to compare with, are those
of expected*.tsv. Where truth.json has the record of the kernels, the list says which frames are hard
(see tests/truth/truth.py), and which frame of the other end's capture shows the same segment.
Exits with 77 where there is no tshark.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import collections
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "common"), str(TESTS / "golden"), str(TESTS / "truth")]

import expectations  # noqa: E402
from truth import HARD, read_tables, variant_of  # noqa: E402
from tshark import CAPTURES, TestFailure, Tshark  # noqa: E402

SKIPPED = 77  # CTest's SKIP_RETURN_CODE
FIELDS = [
    "frame.number", "frame.time_epoch", "ip.src", "ipv6.src", "ip.dst", "ipv6.dst", "ip.id",
    "tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw", "tcp.len", "tcp.flags",
    "tcp.window_size_value", "tcp.options.wscale.shift",
    "tcp.options.timestamp.tsval", "tcp.options",
]  # fmt: skip
VANTAGES = ("capture.pcapng", "capture.server.pcapng")


def headers_of(tshark, captures):
    """For each capture, frame number -> the fields of its innermost TCP header. All are read at one
    go, behind each other in one file."""
    merged = tshark.scratch("all.pcapng")
    subprocess.run(["mergecap", "-a", "-w", merged, *captures], check=True)
    merged.chmod(0o644)
    arguments = ["-n", "-r", merged, "-T", "fields", "-E", "occurrence=l"]
    for field in FIELDS:
        arguments += ["-e", field]
    rows = [line.split("\t") for line in tshark.run(arguments).out.splitlines()]
    frames = iter([dict(zip(FIELDS, row)) for row in rows])
    for capture in captures:
        found = {}
        for number in range(1, frames_in(capture) + 1):
            found[number] = next(frames)
        yield found
    if next(frames, None):
        raise TestFailure("more frames than the captures have")


def frames_in(capture):
    command = ["capinfos", "-c", "-M", "-T", "-r", capture]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return int(out.strip().split("\t")[-1])


def is_hard(frame, unknowable, scenario, variant):
    """Whether an onlooker is excused: by the order of the segments, or for a reason that
    unknowable.tsv has."""
    place = {"scenario": scenario, "variant": variant, "frames": frame["frame"]}
    return any(frame.get(key) for key in HARD) or unknowable.find(**place) is not None


def what_truth_says(folder, unknowable):
    """Name of a capture -> frame -> (hard, frame of the same segment at the other end or 0)."""
    path = folder / "truth.json"
    if not path.exists():
        return {}
    record = json.loads(path.read_text(encoding="utf-8"))
    captures, scenario, said = record["captures"], record["name"], {}
    for name, capture in captures.items():
        variant = variant_of(scenario, name)
        said[name] = {
            frame["frame"]: [is_hard(frame, unknowable, scenario, variant), 0]
            for frame in capture["frames"]
        }
    if all(name in captures for name in VANTAGES):
        there, here = [same_segments(captures[name]["frames"]) for name in VANTAGES]
        for key in there.keys() & here.keys():
            said[VANTAGES[0]][there[key]][1] = here[key]
            said[VANTAGES[1]][here[key]][1] = there[key]
    return said


def same_segments(frames):
    """What a segment is known by at both ends -> its frame. Sent again it is known by its turn; one
    that was lost, or that the network doubled, would spoil the counting."""
    turns, known = collections.Counter(), {}
    for frame in frames:
        key = tuple(frame.get(name) for name in ("conn", "dir", "flags", "seq", "ack", "len"))
        if key[0] is None or frame.get("lost") or frame.get("network_duplicate"):
            continue
        turns[key] += 1
        known[(*key, turns[key])] = frame["frame"]
    return known


class Ends:
    """Numbers for addresses and ports; which stream the two used before."""

    def __init__(self):
        self.numbers, self.streams = {}, {}

    def number(self, *end):
        return self.numbers.setdefault(end, len(self.numbers) + 1)

    def earlier(self, pair, stream):
        """The stream before this one on the same pair, plus 1; 0: none."""
        known = self.streams.setdefault(frozenset(pair), [])
        if stream not in known:
            known.append(stream)
        at = known.index(stream)
        return known[at - 1] + 1 if at > 0 else 0


def nanoseconds(text):
    seconds, _, fraction = text.partition(".")
    return int(seconds) * 10**9 + int(fraction.ljust(9, "0"))


def line_of(header, row, ends, said):
    """One segment, as trace.c reads it."""
    sender = ends.number(header["ip.src"] or header["ipv6.src"], header["tcp.srcport"])
    receiver = ends.number(header["ip.dst"] or header["ipv6.dst"], header["tcp.dstport"])
    sent = [header[field] for field in FIELDS if field not in ("frame.number", "frame.time_epoch")]
    known_by = hashlib.blake2b("\t".join(sent).encode(), digest_size=8).hexdigest()
    cells = [
        header["frame.number"], nanoseconds(header["frame.time_epoch"]), sender, receiver,
        header["tcp.srcport"], header["tcp.dstport"], header["tcp.seq_raw"],
        header["tcp.ack_raw"], header["tcp.len"], int(header["tcp.flags"], 16),
        header["tcp.window_size_value"], header["tcp.options.wscale.shift"] or -1,
        header["tcp.options.timestamp.tsval"] or 0,
        int(header["tcp.options.timestamp.tsval"] != ""),
        row["stream"], ends.earlier((sender, receiver), int(row["stream"])), known_by,
        int(int(header["ip.id"] or "0", 0) != 0), row["client.state"], row["server.state"],
        int(said[0]), said[1],
    ]  # fmt: skip
    return " ".join(map(str, cells))


def lines_of(capture, headers, truth):
    """A line for the capture, and one for each of its segments."""
    _, _, rows = expectations.read(expectations.names(capture, (4, 0))[0])
    ends, numbers = Ends(), [int(row["frame"]) for row in rows]
    yield f"capture {capture.parent.name}/{capture.name}"
    for number, row in zip(numbers, rows):
        if numbers.count(number) > 1:
            continue  # several TCP layers: only the engine without the tunnel is of interest
        header = dict(headers[number], **{"frame.number": number})
        yield line_of(header, row, ends, truth.get(number, (False, 0)))


def write_list(out):
    captures = sorted(CAPTURES.glob("*/capture*.pcapng"))
    unknowable = read_tables()["unknowable"]
    with Tshark(None) as tshark:
        for capture, headers in zip(captures, headers_of(tshark, captures)):
            truth = what_truth_says(capture.parent, unknowable).get(capture.name, {})
            out.writelines(line + "\n" for line in lines_of(capture, headers, truth))


def main():
    if not shutil.which("tshark") or not shutil.which("mergecap"):
        print("skipped: there is no tshark here")
        return SKIPPED
    if len(sys.argv) == 1:
        write_list(sys.stdout)
        return 0
    with tempfile.NamedTemporaryFile("w", prefix="handshark-segments-", encoding="utf-8") as out:
        write_list(out)
        out.flush()
        return subprocess.run([*sys.argv[1:], out.name], check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except TestFailure as failure:
        sys.exit(str(failure))
