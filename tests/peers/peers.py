#!/usr/bin/env python3
"""tcp_phase.conn_state and tcp_phase.history against the conn.log of Zeek's own tests.

peers.py --plugins BUILD/plugins FOLDER    FOLDER/zeek: captures, NAME.truth.tsv beside each, and
                                           MANIFEST.tsv, which says how Zeek was run

Every row of Zeek's that can be compared is. Which cannot is decided by rule, counted and shown:
  cut       Zeek took what is one conversation for several (it forgets one by time-out); of the first
            of them, whose time is known, the history must still be how ours begins
  no frames tshark finds no segment between these ends (a tunnel that it does not open)
  checksum  Zeek left out segments with a bad checksum (no -C), and the capture has some
  no column the test that the row is from does not show it
Zeek's letter x (an analyser of the application gave up) is left out of the comparison: it tells
nothing of TCP. accepted.tsv lists the differences that are understood, each with its reason; an entry
that nothing needs is a failure.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import collections
import csv
import pathlib
import sys

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from exempt import Exceptions  # noqa: E402
from tshark import TestFailure, Tshark, argument_parser  # noqa: E402

SKIPPED = 77
ACCEPTED = ["trace", "connection", "field", "ours", "zeek", "reason"]
COMPARED = ["conn_state", "history"]
ADDRESSES = ["ip.src", "ip.dst", "ipv6.src", "ipv6.dst"]
FIELDS = ["frame.time_epoch", *ADDRESSES, "tcp.srcport", "tcp.dstport", "tcp.stream"]
PHASE = ["tcp_phase.stream", "tcp_phase.conn_state", "tcp_phase.history"]
UNKNOWN = "-"


class Stream:
    """A conversation as the plugin shows it."""

    def __init__(self, first, addresses, ports):
        self.first, self.addresses, self.ports = first, addresses, ports
        self.sent = collections.Counter()  # source port -> segments
        self.conn_state = self.history = None


def rows_of(path):
    """The rows of a table whose header line begins with '#'."""
    lines = path.read_text(encoding="utf-8").splitlines()
    header = lines[0].removeprefix("#").split("\t")
    return [dict(zip(header, cells)) for cells in csv.reader(lines[1:], delimiter="\t")]


def observe(tshark, capture):
    """The conversations of a capture, by their number. What is said of them is final."""
    arguments = ["-2", "-r", tshark.stage(capture), "-T", "fields", "-E", "separator=/t"]
    arguments += ["-E", "aggregator= "]
    for field in [*FIELDS, *PHASE]:
        arguments += ["-e", field]
    streams = {}
    for line in tshark.run(arguments).out.splitlines():
        cells = [cell.split(" ") for cell in line.split("\t")]
        (time,), *addresses, sources, destinations, numbers = cells[: len(FIELDS)]
        where = {address for cell in addresses for address in cell if address}
        for number, state, history in zip(*cells[len(FIELDS) :]):
            if number == "":
                continue
            layer = numbers.index(number)
            ports = (sources[layer], destinations[layer])
            stream = streams.setdefault(int(number), Stream(float(time), where, frozenset(ports)))
            stream.sent[ports[0]] += 1
            stream.conn_state, stream.history = state, history
    return streams


def endpoints(row):
    return tuple(row[key] for key in ("orig_h", "orig_p", "resp_h", "resp_p"))


def name_of(row):
    orig_h, orig_p, resp_h, resp_p = endpoints(row)
    return f"{orig_h} {orig_p} > {resp_h} {resp_p}"


def fits(row, stream):
    """Whether a row can be about this conversation, by all that it tells of who and when."""
    if row["ts"] != UNKNOWN and abs(float(row["ts"]) - stream.first) > 2e-6:
        return False
    hosts = {row["orig_h"], row["resp_h"]} - {UNKNOWN}
    ports = {row["orig_p"], row["resp_p"]} - {UNKNOWN}
    return hosts <= stream.addresses and ports <= stream.ports


def equal(row, stream):
    return all(row[field] in (UNKNOWN, getattr(stream, field)) for field in COMPARED)


def counts_fit(row, stream):
    """Whether the numbers of segments are those of the row, whoever sent them."""
    wanted = [int(row[key]) for key in ("orig_pkts", "resp_pkts") if row[key] != UNKNOWN]
    sent = [stream.sent.get(port, 0) for port in stream.ports]
    return len(wanted) == 2 and sorted(wanted) == sorted(sent)


def pair(rows, streams):
    """(row, number of the stream or None) for each row. Rows that tell nothing of who and when are
    paired by what they say, so that the sets of both sides are compared."""
    left, pairs = dict(streams), []
    definite = [row for row in rows if row["ts"] != UNKNOWN]
    vague = [row for row in rows if row["ts"] == UNKNOWN]
    for row in [*definite, *vague]:
        candidates = [number for number, stream in left.items() if fits(row, stream)]
        if row in vague:
            candidates.sort(key=lambda n: (not counts_fit(row, left[n]), not equal(row, left[n])))
        number = candidates[0] if candidates else None
        left.pop(number, None)
        pairs.append((row, number))
    return pairs


def not_comparable(rows, streams, checksums):
    """Why the conversations between some ends cannot be compared: their ends -> the reason."""
    known = collections.Counter(frozenset(endpoints(row)) for row in rows)
    reasons = {}
    for ends, count in known.items():
        ours = [s for s in streams.values() if s.ports | s.addresses >= ends]
        if checksums:
            reasons[ends] = "checksum"
        elif UNKNOWN not in ends and not ours:
            reasons[ends] = "no frames"
        elif UNKNOWN not in ends and count > len(ours):
            reasons[ends] = "cut"
    return reasons


class Score:
    def __init__(self):
        self.rows = 0
        self.skipped = collections.Counter()  # (field, why)
        self.equal, self.accepted, self.wrong = (collections.Counter() for _ in range(3))
        self.without_x = self.beginnings = 0
        self.failures = []

    def fail(self, text):
        self.failures.append(text)
        print(f"WRONG {text}")


def compare(score, accepted, trace, row, stream):
    """One row of Zeek's and the conversation that it is about."""
    name = name_of(row)
    for field in COMPARED:
        zeek, ours = row[field], getattr(stream, field)
        if zeek == UNKNOWN:
            score.skipped[field, "no column"] += 1
            continue
        without = zeek.replace("x", "").replace("X", "") if field == "history" else zeek
        score.without_x += without != zeek
        if ours == without:
            score.equal[field] += 1
            continue
        entry = accepted.find(
            trace=trace, connection=name, field=field, ours=ours, zeek=zeek
        )
        if entry:
            score.accepted[field] += 1
            print(f"      {trace}: {name}: {field} {ours}, Zeek {zeek}: {entry['reason']}")
        else:
            score.wrong[field] += 1
            score.fail(f"{trace}: {name}: {field} {ours}, Zeek {zeek}")


def check_beginning(score, trace, row, stream):
    """The first of several connections that Zeek made of one conversation."""
    ours = stream.history if stream else "none"
    if ours.startswith(row["history"]):
        score.beginnings += 1
    else:
        score.fail(f"{trace}: {name_of(row)}: history {ours} does not begin with {row['history']}")


def check_capture(score, accepted, tshark, folder, manifest, observed):
    """All rows of one test. observed: trace -> its conversations; tests share traces."""
    trace = manifest["name"]
    rows = rows_of(folder / f"{trace}.truth.tsv")
    if manifest["trace"] not in observed:
        capture = folder / (trace + manifest["ext"])
        observed[manifest["trace"]] = observe(tshark, capture)
    streams = observed[manifest["trace"]]
    checksums = int(manifest["bad_tcp_checksums"]) and "-C" not in manifest["options"].split()
    reasons = not_comparable(rows, streams, checksums)
    score.rows += len(rows)
    seen = set()
    for row, number in pair(rows, streams):
        why = reasons.get(frozenset(endpoints(row)))
        if why:
            for field in COMPARED:
                score.skipped[field, why] += 1
            print(f"      {trace}: {name_of(row)}: not compared: {why}")
            if why == "cut" and row["ts"] != UNKNOWN:
                check_beginning(score, trace, row, streams.get(number))
        elif number is None:
            score.fail(f"{trace}: {name_of(row)}: no such conversation")
        else:
            seen.add(number)
            compare(score, accepted, trace, row, streams[number])
    if not reasons:
        for number in sorted(set(streams) - seen):
            score.fail(f"{trace}: Zeek has no row for stream {number}")


def report(score, captures):
    print(f"{captures} captures, {score.rows} rows of Zeek's")
    for field in COMPARED:
        compared = score.equal[field] + score.accepted[field] + score.wrong[field]
        share = 100 * score.equal[field] / compared if compared else 0
        skipped = [f"{n} {why}" for (f, why), n in sorted(score.skipped.items()) if f == field]
        print(
            f"{field}: {score.equal[field]} of {compared} equal ({share:.1f} %), "
            f"{score.accepted[field]} differ as accepted, {score.wrong[field]} wrong; "
            f"not compared: {', '.join(skipped) or 'none'}"
        )
    print(f"compared without Zeek's letter x: {score.without_x}")
    print(f"cut, and begins as Zeek's does: {score.beginnings}")


def main():
    parser = argument_parser(__doc__)
    parser.add_argument("folder", nargs="?", type=pathlib.Path)
    options = parser.parse_args()
    folder = options.folder / "zeek" if options.folder else None
    if folder is None or not (folder / "MANIFEST.tsv").exists():
        print(f"skipped: {folder or 'no folder'}: no captures with Zeek's words (HANDSHARK_PEERS_DIR)")
        return SKIPPED
    score = Score()
    accepted = Exceptions(HERE / "accepted.tsv", ACCEPTED)
    manifests = rows_of(folder / "MANIFEST.tsv")
    observed = {}
    with Tshark(options.plugins, program=options.tshark) as tshark:
        for manifest in manifests:
            check_capture(score, accepted, tshark, folder, manifest, observed)
    for row in accepted.idle():
        score.fail(f"accepted.tsv: nothing needs this entry: {' '.join(list(row.values())[:-1])}")
    report(score, len(manifests))
    return 1 if score.failures else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except TestFailure as failure:
        sys.exit(str(failure))
