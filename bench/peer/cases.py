"""The connections that the tools are asked about, and the truth of each.

The truth is what the kernels at both ends recorded (truth.json). The six captures that were rebuilt
from texts have no such record: theirs is the expectation that was worked out by hand from the RFCs,
before there was a program (expected.tsv says so in its first line).

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parents[1] / "tests"
sys.path[:0] = [str(TESTS / name) for name in ("common", "truth", "golden")]

import expectations  # noqa: E402
import truth as kernel  # noqa: E402
from tshark import CAPTURES, TestFailure  # noqa: E402

# What the record calls an opening -> (was the connection established, how).
OPENINGS = {
    "three-way": ("yes", "three-way"),
    "simultaneous": ("yes", "simultaneous"),
    "fast-open": ("yes", "fast-open"),
    "tfo": ("yes", "fast-open"),
    "refused": ("no", None),
    "unanswered": ("no", None),
    "half-open": ("no", None),
    "rejected": ("no", None),
}
CLOSINGS = {
    "4-segment": "orderly",
    "3-segment": "orderly",
    "simultaneous": "orderly",
    "half-close with data": "orderly",
    "one FIN only": "half-closed",
    "reset": "reset",
    "none": "open",
}
DEAD = ("CLOSED", "LISTEN")


class Connection:
    """One connection of one capture.

    name      "close4", "midstream/late", with "#2" for the third of several
    capture   its file
    frames    the numbers of its frames in that file
    ends      role -> (address, port); for a truth by hand tools.find_ends() fills them in
    truth     question -> the right word; a question that is not there is not asked
    by_hand   whether the truth is not a kernel's
    senders   frame -> role of the end that sent it
    """

    def __init__(self, name, capture, ends, by_hand=False):
        self.name, self.capture, self.ends, self.by_hand = name, capture, ends, by_hand
        self.frames, self.senders, self.truth = [], {}, {}
        self.record = None  # the kernel's frames
        self.facts = {}  # what else the record says; see facts_of()


def all_cases():
    """Connections in the order of the folders. Of each scenario capture.pcapng is taken, the
    client's view; where there is none, every capture that there is."""
    cases = []
    for folder in sorted(path.parent for path in CAPTURES.glob("*/README.md")):
        record = folder / "truth.json"
        if record.exists():
            cases += _recorded(folder, json.loads(record.read_text(encoding="utf-8")))
        elif "by hand" in (folder / "expected.tsv").read_text(encoding="utf-8").split("\n")[0]:
            cases += _by_hand(folder)
    return cases


# The kernel's record ----------------------------------------------------------------------------


def _recorded(folder, record):
    captures = record["captures"]
    plain = kernel.plain_capture(record)
    for key in [plain] if plain else sorted(captures):
        variant = kernel.variant_of(record["name"], key)
        where = folder.name if plain else f"{folder.name}/{variant}"
        several = len({frame["conn"] for frame in captures[key]["frames"]} - {None}) > 1
        for entry in record["connections"]:
            frames = [frame for frame in captures[key]["frames"] if frame["conn"] == entry["id"]]
            if not frames:
                continue
            ends = {role: tuple(entry[role]) for role in ("client", "server")}
            name = f"{where}#{entry['id']}" if several else where
            case = Connection(name, folder / key, ends)
            case.record = frames
            case.frames = [frame["frame"] for frame in frames]
            case.senders = {frame["frame"]: kernel.ROLES[frame["dir"]] for frame in frames}
            try:
                case.truth = _truth(entry, frames)
            except KeyError as word:
                raise TestFailure(
                    f"{folder.name}: the record has an unknown word: {word}"
                ) from None
            case.facts = _facts(entry, frames)
            yield case


def _truth(entry, frames):
    """Question -> the right word, as far as these frames go."""
    flags = "".join(frame["flags"] for frame in frames)
    truth = {}
    if entry["opening"] == "mid-stream":
        # Probes that belong to no connection; and a connection that began before the record.
        states = {state for end in ("client_end", "server_end") for state in entry[end]["sequence"]}
        truth["established"] = "no" if states <= set(DEAD) else "yes"
        how = None
    else:
        truth["established"], how = OPENINGS[entry["opening"]]
    if how and "S" in flags:
        truth["opening"] = how
    truth["end"] = _end(entry, frames, flags, truth["established"])
    # Probes have no course. And the SYN-ACKs of a simultaneous open carry the SYN's number again,
    # and are more than a repetition (RFC 9293 figure 7): counted or not, both can be said.
    is_probe = entry["opening"] == "mid-stream" and truth["established"] == "no"
    if not is_probe and how != "simultaneous":
        truth["again"] = str(len(_again(frames)))
    if entry["closed_first"] and truth["established"] == "yes" and ("F" in flags or "R" in flags):
        truth["first"] = entry["closed_first"]
    return {question: word for question, word in truth.items() if word}


def _end(entry, frames, flags, established):
    closing = CLOSINGS[entry["closing"]]
    if established == "no":
        if entry["opening"] == "mid-stream":
            return None  # what never was does not end
        # To TCP alone an ICMP error is no answer.
        ends = {"rejected": "unanswered"}
        return "reset" if closing == "reset" else ends.get(entry["opening"], entry["opening"])
    both = {frame["dir"] for frame in frames if "F" in frame["flags"]} == set(kernel.ROLES)
    if closing == "reset" and both and not _unacknowledged(frames):
        return None  # a RST after both FINs: it was closed in order and has been reset
    if "F" not in flags and "R" not in flags:
        return "open"  # the capture stops before the close
    return closing


def _facts(entry, frames):
    """What only some tools speak of: simultaneous close, half-close, TIME_WAIT, RSTs without
    effect, segments that are there twice."""
    ends = {role: entry[f"{role}_end"] for role in ("client", "server")}
    passed = {state for end in ends.values() for state in end["sequence"]}
    detail = entry["detail"]
    closing = (entry["closing"], detail.get("closing_before_reset"))
    seen = "".join(frame["flags"] for frame in frames)
    facts = {
        "fins": seen.count("F"),
        "simultaneous close": entry["closing"] == "simultaneous" or "CLOSING" in passed,
        "half-close": "half-close with data" in closing,
        "ignored": [f["frame"] for f in frames if _without_effect(f)],
        "copies": [f["frame"] for f in frames if f.get("captured_twice")],
        "duplicates": [f["frame"] for f in frames if f.get("network_duplicate")],
        "again": sorted({_kind(frame) for frame in _again(frames)}),
    }
    # Only where a kernel at each end tells, and the capture holds the close.
    if all(end["kernel"] for end in ends.values()) and seen.count("F") > 1:
        holders = [role for role, end in ends.items() if "TIME_WAIT" in end["sequence"]]
        facts["time_wait"] = "both" if len(holders) == 2 else "".join(holders)
    facts["unacknowledged"] = _unacknowledged(frames)
    facts["third has data"] = any(
        f["len"] and "handshake-3" in f["phase"] and not f.get("retransmission") for f in frames
    )
    return facts


def _without_effect(frame):
    """A RST that found its receiver alive and left it as it was."""
    receiver = frame["receiver"]
    if "R" not in frame["flags"] or receiver is None or frame.get("lost"):
        return False
    return receiver[0] == receiver[1] and receiver[0] not in DEAD


def _again(frames):
    """Segments that were sent again: frames all of whose sequence numbers earlier ones of the same
    end have had. Copies, which the recorder knows of, were sent once."""
    known, first, again = {}, {}, []
    for frame in frames:
        occupied = frame["len"] + ("S" in frame["flags"]) + ("F" in frame["flags"])
        if "R" in frame["flags"] or not occupied:
            continue
        # Offsets from the first number of this end, modulo 2**32 (RFC 9293 3.4).
        base = first.setdefault(frame["dir"], frame["seq"])
        start = (frame["seq"] - base + 2**31) % 2**32 - 2**31
        copy = frame.get("captured_twice") or frame.get("network_duplicate")
        spans = known.setdefault(frame["dir"], [])
        if not copy and any(a <= start and start + occupied <= b for a, b in spans):
            again.append(frame)
        known[frame["dir"]] = _merged([*spans, (start, start + occupied)])
    return again


def _merged(spans):
    result = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def _kind(frame):
    for flag, name in (("S", "SYN-ACK" if "A" in frame["flags"] else "SYN"), ("F", "FIN")):
        if flag in frame["flags"]:
            return name
    return "data"


def _unacknowledged(frames):
    """The ends none of whose FINs any segment of the other end acknowledges (RFC 9293 3.4: modulo
    2**32)."""
    fins, acked = set(), set()
    for frame in frames:
        if "F" in frame["flags"]:
            fins.add((frame["dir"], (frame["seq"] + frame["len"] + 1) % 2**32))
    for frame in frames:
        for direction, end in fins:
            reached = (frame["ack"] - end) % 2**32 < 2**31
            if frame["dir"] != direction and "A" in frame["flags"] and reached:
                acked.add(direction)
    return sorted(kernel.ROLES[direction] for direction in {d for d, _ in fins} - acked)


# By hand ----------------------------------------------------------------------------------------


def _by_hand(folder):
    capture = folder / "capture.pcapng"
    segments, conversations = expectations.names(capture, (0, 0))
    _, _, rows = expectations.read(segments)
    _, _, (words,) = expectations.read(conversations)  # each of them is one connection
    case = Connection(folder.name, capture, {}, by_hand=True)
    case.frames = [int(row["frame"]) for row in rows]
    case.senders = {int(row["frame"]): row["sender"] for row in rows}
    truth = {"end": words["verdict"], "first": words["closed_by"]}
    truth["again"] = str(sum("retransmission" in row["event"] for row in rows))
    if words["opening"] == "mid-stream":
        truth["established"] = "yes"
    else:
        truth["established"], truth["opening"] = OPENINGS[words["opening"]]
    case.truth = {question: word for question, word in truth.items() if word}
    case.facts = {
        "simultaneous close": words["closing"] == "simultaneous",
        "half-close": words["half_close"] == "true",
        "time_wait": words["time_wait"],
        "ignored": [], "copies": [], "duplicates": [], "again": [],
        "unacknowledged": [], "third has data": False, "fins": 0,
    }  # fmt: skip
    return [case]
