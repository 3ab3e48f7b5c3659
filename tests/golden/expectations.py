"""What is expected of each capture: expected*.tsv and conversations*.tsv beside it.

expected.tsv       one row a segment (a tcp_phase layer), as on the last of two passes
conversations.tsv  one row a stream: what holds at its end

capture.server.pcapng has expected.server.tsv, and so on. expected.since-4.4.tsv stands in for
expected.tsv where the stream numbers of Wireshark 4.4 make another conversation of the same segments. '#' begins a comment line; then a header
line. Several values of a field are joined with ','; an absent field is an empty cell; '*' in
conversations.tsv stands for any text.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import decimal
import re

TEXT, NUMBER, TIME, FLAG = "text", "number", "time", "flag"

# Field names without "tcp_phase.", in the order of the columns, and what kind of value they have.
SEGMENT = {
    "stream": NUMBER,
    "phase": TEXT,
    "event": TEXT,
    "step": TEXT,
    "sender": TEXT,
    "client.state": TEXT,
    "server.state": TEXT,
    "transition": TEXT,
    "acks_frame": NUMBER,
    "acked_in": NUMBER,
    "rejected_in": NUMBER,
    "client.dwell": TIME,
    "server.dwell": TIME,
    "evidence": TEXT,
    "exchange": NUMBER,
}
PROSE = {"label": TEXT, "explanation": TEXT}
CONVERSATION = {
    "opening": TEXT,
    "closing": TEXT,
    "closed_by": TEXT,
    "time_wait": TEXT,
    "half_close": FLAG,
    "verdict": TEXT,
    "verdict.by": TEXT,
    "verdict.frame": NUMBER,
    "conn_state": TEXT,
    "history": TEXT,
    "summary": TEXT,
    "handshake.rtt": TIME,
    "handshake.server_rtt": TIME,
    "handshake.client_rtt": TIME,
    "teardown.time": TIME,
    "duration": TIME,
    "client.isn": NUMBER,
    "server.isn": NUMBER,
    "client.bytes": NUMBER,
    "server.bytes": NUMBER,
}
KIND = {**SEGMENT, **PROSE, **CONVERSATION}
FORWARD = ("acked_in", "rejected_in")  # what only a second pass can know
FRAMES = ("acks_frame", "acked_in", "rejected_in", "verdict.frame")

_IN_FRAME = re.compile(r"(?<=frame )\d+")  # in a summary
_TRUE = {"1", "true", "set", "yes"}


def normal(field, value):
    """One value in one form, however a mode or a version of tshark prints it."""
    kind = KIND[field]
    if kind == NUMBER:
        return str(int(value, 0))
    if kind == TIME:
        seconds = decimal.Decimal(value.removesuffix(" seconds"))
        return f"{seconds:.9f}"
    if kind == FLAG:
        return "true" if value.lower() in _TRUE else "false"
    return value


def join(field, values):
    """The values of a field of one layer, or of one frame, as a cell."""
    return ",".join(normal(field, value) for value in values if value != "")


# Releases of Wireshark that number streams otherwise than the one before.
RENUMBERED = [(4, 4)]


def names(capture, release, new=False):
    """The two files that go with a capture under a release; new: also where they are not there yet."""
    variant = capture.name.removeprefix("capture").removesuffix(".pcapng")
    for since in sorted((s for s in RENUMBERED if s <= release), reverse=True):
        pair = _pair(capture, f"{variant}.since-{since[0]}.{since[1]}")
        if new or all(path.exists() for path in pair):
            return pair
    return _pair(capture, variant)


def _pair(capture, variant):
    return (
        capture.with_name(f"expected{variant}.tsv"),
        capture.with_name(f"conversations{variant}.tsv"),
    )


def read(path):
    """(comment lines, column names, rows as dictionaries)"""
    lines = path.read_text(encoding="utf-8").splitlines()
    comments = [line for line in lines if line.startswith("#")]
    table = [line.split("\t") for line in lines if not line.startswith("#")]
    if not table:
        raise ValueError(f"{path}: no header line")
    header = table[0]
    for row in table[1:]:
        if len(row) != len(header):
            raise ValueError(f"{path}: {len(row)} cells where the header has {len(header)}: {row}")
    unknown = set(header) - set(KIND) - {"frame"}
    if unknown:
        raise ValueError(f"{path}: no such field: {', '.join(sorted(unknown))}")
    return comments, header, [dict(zip(header, row)) for row in table[1:]]


def write(path, comments, header, rows):
    """The counterpart of read()."""
    lines = [*comments, "\t".join(header)]
    lines += ["\t".join(row.get(column, "") for column in header) for row in rows]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def flat(rows):
    """Rows of layers to rows of frames: where a frame has several layers their values follow each
    other, as -T fields and columns show them."""
    frames = {}
    for row in rows:
        known = frames.setdefault(row["frame"], {})
        for field, value in row.items():
            if field != "frame" and value != "":
                known[field] = f"{known[field]},{value}" if field in known else value
    return [{"frame": frame, **row} for frame, row in frames.items()]


def shift(rows, frames, streams):
    """The rows of a capture that lies behind others in one file."""
    moved = []
    for row in rows:
        row = dict(row)
        for field in ("frame", *FRAMES):
            if row.get(field):
                row[field] = str(int(row[field]) + frames)
        row["stream"] = str(int(row["stream"]) + streams)
        if row.get("summary"):
            row["summary"] = _IN_FRAME.sub(lambda n: str(int(n[0]) + frames), row["summary"])
        moved.append(row)
    return moved
