#!/usr/bin/env python3
"""The dissector of the echo protocol through tshark, in every way of reading.

fecho.py --plugins BUILD/plugins PART...    all parts without a name
         --checker asan                     ... under a checker

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import json
import pathlib
import random
import re
import ssl
import subprocess
import sys
import tempfile
from decimal import Decimal

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

import cases  # noqa: E402
import tls  # noqa: E402
from exchange import ACK, ERROR, FIN, GOODBYE, PSH, REPLY, REQUEST  # noqa: E402
from exchange import Capture, frame  # noqa: E402
from tshark import TestFailure, Tshark, argument_parser  # noqa: E402

SEPARATOR = "\x1f"
EXPERTS = [
    "payload_mismatch", "unanswered", "unexpected_reply", "duplicate_id", "bad_checksum",
    "bad_magic", "bad_version", "bad_type", "too_large", "truncated", "bad_flags", "bad_code",
    "answer_mismatch",
]  # fmt: skip
TYPES = {"REQUEST": "1", "REPLY": "2", "GOODBYE": "3", "ERROR": "4"}
SHOWN = ["type", "id", "code", "text", "plain", "response_in", "response_to", "rtt"]
SHOWN += ["server_time", "network_time"]
LATER = {"response_in", "unanswered"}  # what only a second pass can know


class Report:
    LIMIT = 60

    def __init__(self):
        self.compared = self.failures = 0

    def same(self, where, expected, got):
        self.compared += 1
        if expected != got:
            self.failures += 1
            if self.failures <= self.LIMIT:
                print(f"FAIL {where}: expected {expected!r}, got {got!r}")

    def same_rows(self, where, expected, got):
        for number in sorted({**expected, **got}):
            self.same(f"{where}: frame {number}", expected.get(number), got.get(number))

    def end(self):
        print(f"{self.compared} values compared, {self.failures} differ")
        return 1 if self.failures or not self.compared else 0


def read(tshark, capture, options=(), fields=SHOWN):
    """Frame -> field -> values, of frames with fecho only; expert infos as the field "expert"."""
    wanted = [f"fecho.{field}" for field in fields]
    wanted += [f"fecho.expert.{name}" for name in EXPERTS]
    arguments = ["-r", capture, *options, "-T", "fields", "-E", "separator=/t"]
    arguments += ["-E", f"aggregator={SEPARATOR}", "-e", "frame.number"]
    for name in wanted:
        arguments += ["-e", name]
    rows = {}
    for line in tshark.run(arguments).out.splitlines():
        number, *cells = line.split("\t")
        row = {f: cell.split(SEPARATOR) for f, cell in zip(fields, cells) if cell}
        experts = [name for name, cell in zip(EXPERTS, cells[len(fields) :]) if cell]
        if experts:
            row["expert"] = sorted(experts)
        if row:
            rows[int(number)] = row
    return rows


def read_json(tshark, capture, options=()):
    """The same by -T json."""
    rows = {}
    out = tshark.run(["-r", capture, *options, "-T", "json"]).out
    for packet in json.loads(out, object_pairs_hook=list):
        leaves = list(_leaves(packet))
        number = next(int(value) for name, value in leaves if name == "frame.number")
        row = {}
        for name, value in leaves:
            field = name.removeprefix("fecho.")
            if field in SHOWN and field != name:
                if field == "plain":
                    value = value.replace(":", "")
                row.setdefault(field, []).append(value.replace("\n", "\\n"))
            elif name.startswith("fecho.expert."):
                row.setdefault("expert", []).append(name.removeprefix("fecho.expert."))
        if row:
            if "expert" in row:
                row["expert"] = sorted(set(row["expert"]))
            rows[number] = row
    return rows


def _leaves(node):
    for name, value in node:
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, list) and value and isinstance(value[0], tuple):
            yield from _leaves(value)
        elif isinstance(value, list):
            yield from ((name, item) for item in value if isinstance(item, str))


def read_columns(tshark, capture):
    """The same by custom columns, which join with commas; without expert infos and texts."""
    names = [field for field in SHOWN if field not in ("text", "plain")]
    layout = ['"No.","%m"'] + [f'"{name}","%Cus:fecho.{name}:0:R"' for name in names]
    arguments = ["-r", capture, "-T", "tabs", "-o", "gui.column.format:" + ",".join(layout)]
    rows = {}
    for line in tshark.run(arguments).out.splitlines():
        number, *cells = (cell.strip() for cell in line.split("\t"))
        row = {f: cell.split(",") for f, cell in zip(names, cells) if cell}
        if "type" in row:
            row["type"] = [TYPES.get(name, name) for name in row["type"]]
        if row:
            rows[int(number)] = row
    return rows


def number(value):
    return int(str(value).split()[0], 0)


def flat(said, second):
    """What a frame's list of what it says comes to, as read() gives it."""
    row = {}
    for message in said:
        for field, value in message.items():
            values = value.split(" ") if field == "expert" else [value]
            values = [v for v in values if second or v not in LATER]
            if values and (second or field not in LATER):
                row.setdefault(field, []).extend(values)
    if "expert" in row:
        row["expert"] = sorted(set(row["expert"]))
    return row


def compare(report, where, want, rows, second, names):
    for frame_number in sorted(names):
        wanted, got = flat(want.get(frame_number, []), second), dict(rows.get(frame_number, {}))
        if "code" not in wanted:
            got.pop("code", None)
        else:
            wanted["code"] = [number(value) for value in wanted["code"]]
            got["code"] = [number(value) for value in got.get("code", [])]
        report.same(f"{where}: {names[frame_number]}, frame {frame_number}", wanted, got)


def without(rows, *fields):
    return {
        number: kept
        for number, row in rows.items()
        if (kept := {field: values for field, values in row.items() if field not in fields})
    }


def run_cases(report, tshark):
    capture, want, names = cases.build()
    path = capture.write(tshark.scratch("cases.pcap"))
    once = read(tshark, path)
    tshark.leaks = True
    twice = read(tshark, path, ["-2"])
    tshark.leaks = False
    compare(report, "one pass", want, once, False, names)
    compare(report, "two passes", want, twice, True, names)
    report.same_rows("-T json", once, read_json(tshark, path))
    report.same_rows("-2 -T json", twice, read_json(tshark, path, ["-2"]))
    report.same_rows(
        "columns", without(once, "text", "plain", "expert"), read_columns(tshark, path)
    )
    report.same_rows("-Y fecho", once, read(tshark, path, ["-Y", "fecho"]))
    report.same_rows("-2 -Y fecho", twice, read(tshark, path, ["-2", "-Y", "fecho"]))
    filtered = read(tshark, path, ["-2", "-Y", "fecho.response_in"])
    expected = {number: row for number, row in twice.items() if "response_in" in row}
    report.same_rows("-Y fecho.response_in", expected, filtered)
    for option in ("tcp.relative_sequence_numbers:FALSE", "tcp.summary_in_tree:FALSE"):
        report.same_rows(option, twice, read(tshark, path, ["-2", "-o", option]))


def run_order(report, tshark):
    """Segments in another order: where TCP hands them over as they come, and where it sorts them."""
    for build, options in (
        (cases.late_segments, ["-o", "tcp.analyze_sequence_numbers:FALSE"]),
        (cases.sorted_segments, ["-o", "tcp.reassemble_out_of_order:TRUE"]),
    ):
        capture, want = Capture(), cases.Wanted()
        build(capture, want)
        names = dict.fromkeys(range(1, len(capture.frames) + 1), build.__name__)
        path = capture.write(tshark.scratch(f"{build.__name__}.pcap"))
        compare(report, "one pass", want, read(tshark, path, options), False, names)
        compare(report, "two passes", want, read(tshark, path, ["-2", *options]), True, names)


class Load:
    """Many pipelined requests on several connections, that say little of themselves: ids are used again
    as soon as they may be, and payloads are alike. .answers: frame -> frames of what it answers."""

    CONNECTIONS, WINDOW = 10, 4

    def __init__(self, requests, seed, timed):
        self.capture, self.answers = Capture(), {}
        chance = random.Random(seed)
        connections = [self.capture.connect().open() for _ in range(self.CONNECTIONS)]
        sent = [0] * self.CONNECTIONS
        while sum(sent) < requests:
            which = chance.randrange(self.CONNECTIONS)
            batch = range(sent[which], sent[which] + chance.randint(1, self.WINDOW))
            sent[which] = batch.stop
            sizes = [chance.choice([0, 1, 64, 64, 300, 2000]) for _ in batch]
            _, asked = self._send(connections[which], "c", REQUEST, batch, sizes, timed)
            begun, answered = self._send(connections[which], "s", REPLY, batch, sizes, timed)
            for request, *answers in zip(asked, begun, answered):
                for answer in answers:
                    self.answers.setdefault(answer, set()).add(request)
        self.requests = sum(sent)

    def _send(self, connection, who, kind, batch, sizes, timed):
        """The frames with the first octet of each, and those with the last."""
        stream, begins, ends = b"", [], []
        for number, size in zip(batch, sizes):
            times = (1, 2, 3 + number) if kind == REPLY else (1, 0, 0)
            payload = b"x" * size
            begins.append(len(stream))
            stream += frame(kind, number % self.WINDOW, payload, times=times if timed else None)
            ends.append(len(stream))
        starts = range(0, len(stream), 1000)
        sent = [connection.send(who, stream[at : at + 1000]) for at in starts]
        return [sent[at // 1000] for at in begins], [sent[(end - 1) // 1000] for end in ends]


def check_pairs(report, tshark, where, load, keep=None, snap=None):
    """No wrong pair. Returns how many there are."""
    path = load.capture.write(tshark.scratch("load.pcap"), keep, snap)
    fields = ["response_to", "rtt", "server_time", "network_time"]
    matched = 0
    for number, row in read(tshark, path, fields=fields).items():
        name = keep[number - 1] if keep else number
        for request in map(int, row.get("response_to", [])):
            matched += 1
            real = keep[request - 1] if keep else request
            right = real in load.answers.get(name, ())
            report.same(f"{where}: {name} answers {real}", True, right)
        if "server_time" in row and len(row["server_time"]) == len(row.get("rtt", [])):
            parts = zip(row["rtt"], row["server_time"], row["network_time"])
            sums = all(Decimal(rtt) == Decimal(a) + Decimal(b) for rtt, a, b in parts)
            report.same(f"{where}: {name}: times", True, sums)
    return matched


def run_load(report, tshark):
    """Whole, cut, with gaps, begun in the middle."""
    for timed in (False, True):
        load = Load(300 if tshark.checker else 1500, 5, timed)
        where = f"load {'with' if timed else 'without'} times"
        every = range(1, len(load.capture.frames) + 1)
        matched = check_pairs(report, tshark, where, load)
        report.same(f"{where}: matched", load.requests, matched)
        for seed in (1, 2):
            chance = random.Random(seed)
            gaps = [number for number in every if chance.random() >= 0.05]
            matched = check_pairs(report, tshark, f"{where}, gaps", load, gaps)
            report.same(f"{where}, gaps: matched", True, matched > 0.6 * load.requests)
            later = list(every[chance.randrange(50, len(every) // 2) :])
            matched = check_pairs(report, tshark, f"{where}, begun later", load, later)
            share = len(later) / len(every)
            enough = matched > 0.9 * share * load.requests
            report.same(f"{where}, begun later: matched", True, enough)
        # Heads behind the cut are not there to be matched.
        matched = check_pairs(report, tshark, f"{where}, cut", load, snap=96)
        report.same(f"{where}, cut: matched", True, matched > 0.3 * load.requests)


def run_ways(report, tshark):
    """Ways to the dissector: another port, Decode As, the heuristic, preferences."""
    capture = Capture()
    x = capture.connect(server=40321).open()
    cases.ask_and_answer(x, cases.Wanted(), 5, b"elsewhere")
    path = capture.write(tshark.scratch("ways.pcap"))
    nothing = {}
    both = {4: ["5"], 5: ["5"]}
    plain = Capture()
    x = plain.connect(server=40321).open()
    x.send("c", b"hello\n")
    x.send("s", b"hello\n")
    plain_path = plain.write(tshark.scratch("ways-plain.pcap"))

    def ids(*options, capture=path):
        rows = read(tshark, capture, options, ["id", "plain"])
        return {number: row.get("id", row.get("plain")) for number, row in rows.items()}

    report.same("another port", nothing, ids())
    report.same("fecho.tcp.port", both, ids("-o", "fecho.tcp.port:40321"))
    report.same("a range", both, ids("-o", "fecho.tcp.port:2333,40320-40330"))
    report.same("Decode As", both, ids("-d", "tcp.port==40321,fecho"))
    report.same("Decode As, client's port", both, ids("-d", "tcp.port==40000,fecho"))
    report.same("heuristic", both, ids("--enable-heuristic", "fecho_tcp"))
    echo = {4: [b"hello\n".hex()], 5: [b"hello\n".hex()]}
    report.same("plain, Decode As", echo, ids("-d", "tcp.port==40321,fecho", capture=plain_path))
    on = ids("--enable-heuristic", "fecho_tcp", capture=plain_path)
    report.same("plain, heuristic", nothing, on)
    off = ids("-o", "fecho.tcp.port:40321", "--disable-protocol", "fecho")
    report.same("--disable-protocol", nothing, off)


def run_preferences(report, tshark):
    """Checksums; limits; frames that are not put together."""
    capture = Capture()
    x = capture.connect().open()
    x.send("c", frame(REQUEST, 1, b"123456789", crc=1))
    x.send("c", frame(REQUEST, 2, b"123456789", crc=True))
    x.send("c", frame(REQUEST, 3, b"123456789"))
    x.send("c", frame(REQUEST, 4, b"1234567890"))
    path = capture.write(tshark.scratch("preferences.pcap"))

    def shown(field, *options):
        rows = read(tshark, path, options, [field])
        return {n: (row.get(field, [None])[0], row.get("expert")) for n, row in rows.items()}

    status, value = "checksum.status", "checksum"
    checked = {4: ("0", ["bad_checksum"]), 5: ("1", None), 6: ("3", None), 7: ("3", None)}
    report.same("checked", checked, shown(status))
    unchecked = {4: ("2", None), 5: ("2", None), 6: ("3", None), 7: ("3", None)}
    report.same("unchecked", unchecked, shown(status, "-o", "fecho.check_checksum:FALSE"))
    report.same("checksum", "0xe3069283", shown(value)[5][0])
    limited = {4: None, 5: None, 6: None, 7: ["too_large"]}
    off = ["-o", "fecho.check_checksum:FALSE", "-o", "fecho.payload_max:9"]
    rows = shown("id", *off)
    report.same("payload_max", limited, {number: row[1] for number, row in rows.items()})
    load = Load(500, 9, True)
    path = load.capture.write(tshark.scratch("load.pcap"))
    for option in ("fecho.desegment:FALSE", "tcp.desegment_tcp_streams:FALSE"):
        for options in (["-o", option], ["-2", "-o", option]):
            rows = read(tshark, path, options, ["response_to", "rtt"])
            ends = sum(len(row.get("rtt", [])) for row in rows.values())
            # A head that is cut by a segment's end is not found: some are missing, none is wrong.
            report.same(f"{options}: matched", True, 0.7 * load.requests < ends <= load.requests)
            for number, row in rows.items():
                wrong = set(map(int, row.get("response_to", []))) - load.answers.get(number, set())
                report.same(f"{options}: frame {number}: wrong pairs", set(), wrong)


def run_outputs(report, tshark):
    """Statistics, Export Objects, Follow Stream, the Info column."""
    capture = Capture()
    x = capture.connect().open()
    for number in (1, 2):
        times = (1, 0, 0), (1, 1000, 301000)
        x.send("c", frame(REQUEST, number, b"text\n", times=times[0]))
        x.send("s", frame(REPLY, number, b"text\n", times=times[1]))
    x.send("c", frame(REQUEST, 3, b"\0\1") + frame(REQUEST, 4))
    x.send("c", frame(GOODBYE, 5, code=2))
    y = capture.connect().open()
    y.send("c", b"plain\n")
    y.send("s", b"plain\n")
    path = capture.write(tshark.scratch("outputs.pcap"))
    for options in ([], ["-2"]):
        out = tshark.run([*options, "-r", path, "-q", "-z", "fecho,tree"]).out
        lines = [re.split(r"\s{2,}", line.strip()) for line in out.splitlines() if line.strip()]
        counts = {line[0]: line[1:3] for line in lines if len(line) > 2}
        for name, count in (
            ("Requests", "5"), ("Answered", "2"), ("Unanswered", "2"), ("Frames by type", "7"),
            ("REQUEST", "4"), ("REPLY", "2"), ("GOODBYE", "1"), ("server resets", "1"),
            ("Answers without a request", "0"), ("Malformed frames", "0"),
        ):  # fmt: skip
            report.same(f"fecho,tree {options}: {name}", count, counts.get(name, [None])[0])
        for name, average in (
            ("Round trip", "1000.00"), ("Server time", "300.00"), ("Network time", "700.00"),
            ("Plain echo", "6.00"),
        ):  # fmt: skip
            report.same(f"fecho,tree {options}: {name}", ["2", average], counts.get(name))
        out = tshark.run([*options, "-r", path, "-q", "-z", "fecho,srt"]).out
        rows = re.findall(r"^ +\d+ +(REQUEST|Plain echo) +(\d+) +(\S+)", out, re.MULTILINE)
        wanted = [("REQUEST", "2", "0.001000"), ("Plain echo", "1", "0.001000")]
        wanted += [("REQUEST", "2", "0.000700"), ("REQUEST", "2", "0.000300")]
        report.same(f"fecho,srt {options}", wanted, rows)
    folder = tshark.private / "objects"
    tshark.run(["-r", path, "-q", "--export-objects", f"fecho,{folder}"])
    objects = {found.name: found.read_bytes() for found in folder.iterdir()}
    wanted = {f"frame-{4 + n}-id-{n // 2 + 1}-{'REPLY' if n % 2 else 'REQUEST'}.txt": b"text\n"
              for n in range(4)}  # fmt: skip
    report.same("objects", {**wanted, "frame-8-id-3-REQUEST.bin": b"\0\1"}, objects)
    out = tshark.run(["-r", path, "-q", "-z", "follow,tcp,raw,1"]).out
    report.same("follow", True, b"plain\n".hex() in out)
    out = tshark.run(["-r", path, "-T", "fields", "-e", "_ws.col.Info", "-e", "_ws.col.Protocol"])
    lines = out.out.splitlines()
    report.same("Info", "REQUEST, Id: 3, Len: 2 | REQUEST, Id: 4, Len: 0\tFECHO", lines[7])
    report.same("Info", "GOODBYE (server resets), Id: 5, Len: 0\tFECHO", lines[8])
    report.same("Info", "Plain echo, Len: 6\tFECHO", lines[12])


def run_tls(report, tshark):
    """Over TLS, on the same port, by its ALPN name; keys from a key log."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=tshark.folder))
    folder.chmod(0o755)
    exchange = [
        ("c", frame(REQUEST, 1, b"hello\n")),
        ("s", frame(REPLY, 1, b"hello\n")),
        ("c", frame(REQUEST, 2, b"a") + frame(REQUEST, 3)),
        ("s", frame(REPLY, 2, b"a") + frame(REPLY, 3)),
        ("c", frame(REQUEST, 4, bytes(40000))),  # three records
        ("s", frame(REPLY, 4, bytes(40000))),
        ("c", frame(REQUEST, 5, b"b", version=9)),
        ("s", frame(ERROR, 0, b"no", code=2)),
    ]
    for version, size in (
        (ssl.TLSVersion.TLSv1_2, tls.SEGMENT),
        (ssl.TLSVersion.TLSv1_3, tls.SEGMENT),
        (ssl.TLSVersion.TLSv1_3, 100),  # a ClientHello takes several
    ):
        capture = Capture()
        sent = tls.converse(capture.connect(), exchange, folder, version, size)
        if sent is None:
            print("no openssl: TLS is not tested")
            return
        path = capture.write(tshark.scratch("tls.pcap"))
        keys = ["-o", f"tls.keylog_file:{folder / 'keys'}"]
        want = cases.Wanted()
        numbers = [(1, 0, 1, "hello\\n"), (2, 2, 3, "a"), (3, 2, 3, None)]
        numbers.append((4, 4, 5, None))
        for number, request, reply, text in numbers:
            asked, got = sent[request], sent[reply]
            more = {"text": text} if text else {}
            want.add(asked, cases.said(REQUEST, number, response_in=got, **more))
            rtt = cases.milliseconds(got - asked)
            want.add(got, cases.said(REPLY, number, response_to=asked, rtt=rtt, **more))
        asked, got = sent[6:]
        want.add(asked, {"response_in": str(got), "expert": "bad_version"})
        error = cases.said(
            ERROR, 0, text="no", response_to=asked, rtt=cases.milliseconds(got - asked)
        )
        want.add(got, error)
        name = f"{version.name} in segments of {size}"
        names = dict.fromkeys(range(1, len(capture.frames) + 1), name)
        compare(report, "tls, one pass", want, read(tshark, path, keys), False, names)
        tshark.leaks = version == ssl.TLSVersion.TLSv1_3
        compare(report, "tls, two passes", want, read(tshark, path, ["-2", *keys]), True, names)
        tshark.leaks = False
        report.same("tls without keys", {}, read(tshark, path))


def run_bad_octets(report, tshark):
    """Frames with random octets in them, random bodies, and random errors in whole captures: nothing
    crashes, and two passes say what one says."""
    chance = random.Random(20260101)
    capture = Capture()
    for _ in range(15 if tshark.checker else 60):
        x = capture.connect()
        if chance.random() < 0.8:
            x.open()
        for _ in range(chance.randrange(1, 60)):
            kind = chance.choice([0, 1, 1, 1, 2, 2, 2, 3, 4, 5, 255])
            octets = bytearray(
                frame(
                    kind, chance.randrange(4), chance.randbytes(chance.choice([0, 1, 7, 100, 1400])),
                    code=chance.choice([0, 0, 1, 3, 0xFFFF]),
                    times=(1, chance.getrandbits(64), chance.getrandbits(64))
                    if chance.random() < 0.3 else None,
                    crc=chance.choice([None, None, True, 7]),
                )
            )  # fmt: skip
            for _ in range(chance.choice([0, 0, 0, 1, 2, 8])):
                octets[chance.randrange(len(octets))] = chance.randrange(256)
            if chance.random() < 0.1:
                octets = chance.randbytes(chance.randrange(1, 200))
            cut = chance.randrange(1, len(octets) + 1)
            who = chance.choice("cs")
            snap = chance.choice([None, None, None, chance.randrange(60)])
            flags = chance.choice([PSH | ACK] * 20 + [PSH | ACK | FIN])
            x.send(who, bytes(octets[:cut]), flags, cut=snap)
            if chance.random() < 0.8 and cut < len(octets):
                x.send(who, bytes(octets[cut:]))
    path = capture.write(tshark.scratch("bad.pcap"))
    paths = [path]
    mixed, _, _ = cases.build()
    source = mixed.write(tshark.scratch("cases.pcap"))
    for seed in (1,) if tshark.checker else (1, 2, 3):
        paths.append(tshark.scratch(f"errors-{seed}.pcap"))
        command = ["editcap", "-E", "0.02", "-o", "54", "--seed", str(seed), source, paths[-1]]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        paths[-1].chmod(0o644)
    seen = 0
    for path in paths:
        once, twice = read(tshark, path), read(tshark, path, ["-2"])
        seen += len(once)
        for number in sorted({**once, **twice}):
            first, second = dict(once.get(number, {})), dict(twice.get(number, {}))
            second.pop("response_in", None)
            first.pop("response_in", None)
            for row in (first, second):
                experts = [name for name in row.pop("expert", []) if name != "unanswered"]
                row.update({"expert": experts} if experts else {})
            report.same(f"{path.name} frame {number}", first, second)
        tshark.run(["-r", path, "-V", "-q", "-z", "fecho,tree", "-z", "fecho,srt"])
    report.same("frames with fecho in bad captures", True, seen > 300)


PARTS = {
    "cases": run_cases, "order": run_order, "load": run_load, "ways": run_ways,
    "preferences": run_preferences, "outputs": run_outputs, "tls": run_tls, "bad": run_bad_octets,
}  # fmt: skip


def main():
    parser = argument_parser(__doc__)
    parser.add_argument("--checker", choices=["asan"])
    parser.add_argument("parts", nargs="*", metavar="PART", choices=[*PARTS, []])
    options = parser.parse_args()
    report = Report()
    try:
        with Tshark(options.plugins, options.checker, options.tshark) as tshark:
            # A dissector's fault is a note in the tree otherwise.
            tshark.environment["WIRESHARK_ABORT_ON_DISSECTOR_BUG"] = "1"
            # The stacks that leaks need take seconds a run, and tshark never frees its statistics.
            tshark.leaks = False
            for part in options.parts or PARTS:
                PARTS[part](report, tshark)
    except TestFailure as failure:
        print(f"FAIL {failure}")
        return 1
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
