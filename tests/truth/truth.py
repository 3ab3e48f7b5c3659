#!/usr/bin/env python3
"""The states shown against the states that the kernels at both ends recorded.

truth.py --plugins BUILD/plugins [FOLDER]   every *truth.json below FOLDER (test-captures), with the
                                            captures that it names, which lie beside it
         --encap OTHER                      also NAME.WRAP.pcap in OTHER: frame for frame the plain
                                            capture of scenario NAME in another wrapping

The kernel speaks of sender and receiver, so roles do not matter. A frame is hard where the order at
the place of the capture is not the order at the ends: counted, but no failure; hard.tsv has the
kinds that are missed, each with the reason. unknowable.tsv lists the states that no onlooker can
know, words.tsv the connections that the kernel's words do not fit, each with its reason; an entry
that nothing needs is a failure.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import collections
import json
import pathlib
import sys

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from exempt import Exceptions  # noqa: E402
from tshark import CAPTURES, TestFailure, Tshark, argument_parser  # noqa: E402

FIELDS = ["stream", "sender", "client.state", "server.state"]
WORDS = ["opening", "closing", "closed_by", "half_close"]
PEERS = ["conn_state", "history"]  # Zeek's, where the record has them
NO_REASON = "no reason known"
HARD = ["lost", "network_duplicate", "receiver_ahead_by", "sender_behind_by"]

# The kernel record's words for what the contract has other words for.
OPENINGS = {"tfo": "fast-open", "half-open": "incomplete"}
PEER = {"client": "server", "server": "client", "c2s": "s2c", "s2c": "c2s"}
ROLES = {"c2s": "client", "s2c": "server"}
CLOSINGS = {"4-segment": "four-segment", "one FIN only": "half-closed"}


TABLES = {
    "unknowable": ["scenario", "variant", "frames", "end", "truth", "shown", "reason"],
    "hard": ["end", "truth", "shown", "reason"],
    "words": ["scenario", "variant", "connection", "field", "words", "reason"],
}


def read_tables():
    return {name: Exceptions(HERE / f"{name}.tsv", TABLES[name]) for name in TABLES}


class Score:
    def __init__(self):
        self.right = self.unknowable = self.wrong = self.words = self.wrong_words = 0
        self.hard = self.hard_right = 0
        self.hard_missed = collections.Counter()  # by reason
        self.lines = []
        self.streams_are_whole = True  # a connection has one tcp.stream

    def wrong_state(self, line):
        self.wrong += 1
        self.lines.append(f"WRONG {line}")

    def wrong_word(self, line):
        self.wrong_words += 1
        self.lines.append(f"WRONG {line}")


def observe(tshark, capture):
    """Frame -> what tcp_phase says; the innermost layer's where there are several. The values of
    the conversation are final."""
    arguments = ["-2", "-r", tshark.stage(capture), "-T", "fields", "-E", "separator=/t"]
    arguments += ["-E", "occurrence=l", "-e", "frame.number"]
    for field in [*FIELDS, *WORDS, *PEERS]:
        arguments += ["-e", f"tcp_phase.{field}"]
    frames = {}
    for line in tshark.run(arguments).out.splitlines():
        number, *cells = line.split("\t")
        if cells[1]:
            frames[int(number)] = dict(zip([*FIELDS, *WORDS, *PEERS], cells))
    return frames


class Connection:
    """What the frames of one connection have taught so far."""

    def __init__(self):
        self.spoken = set()  # directions in which anything was sent
        self.stream = None
        self.client = None  # the direction in which the client sends


def cannot_tell(frame, end, truth, shown, spoken):
    """States that look the same from the wire. No wider than this:
    - before an end has sent anything, CLOSED is LISTEN;
    - at the receiver of a SYN that has sent nothing, nor is either told from SYN_RCVD;
    - who answers with a SYN cookie is LISTEN to the kernel and SYN_RCVD on the wire."""
    pair = {truth, shown}
    flags = frame["flags"]
    silent = end == "receiver" and PEER[frame["dir"]] not in spoken
    if silent and pair <= {"CLOSED", "LISTEN"}:
        return True
    is_syn = "S" in flags and "A" not in flags and "R" not in flags
    if silent and is_syn and pair <= {"CLOSED", "LISTEN", "SYN_RCVD"}:
        return True
    is_syn_ack = "S" in flags and "A" in flags and "R" not in flags
    return end == "sender" and is_syn_ack and (truth, shown) == ("LISTEN", "SYN_RCVD")


def reason_of_miss(table, end, truth, shown):
    """Why the state of a hard frame is missed; hard.tsv has the kinds."""
    entry = table.find(end=end, truth=truth, shown=shown)
    return entry["reason"] if entry else f"{NO_REASON}: {end}, {truth}, shown {shown}"


def check_frame(score, tables, place, frame, row, connection):
    """One segment: both ends' states after it."""
    scenario, variant, where = place
    connection.spoken.add(frame["dir"])
    client = frame["dir"] if row["sender"] == "client" else PEER[frame["dir"]]
    if score.streams_are_whole and connection.stream not in (None, row["stream"]):
        score.wrong_state(f"{where}: tcp_phase.stream {row['stream']}, before {connection.stream}")
    if connection.client not in (None, client):
        score.wrong_state(f"{where}: tcp_phase.sender {row['sender']}: the roles have changed")
    connection.stream, connection.client = row["stream"], client

    hard = any(frame.get(key) for key in HARD)
    for end in ("sender", "receiver"):
        if frame[end] is None:
            continue
        truth = frame[end][1]
        role = row["sender"] if end == "sender" else PEER[row["sender"]]
        shown = row[f"{role}.state"]
        right = truth == shown or cannot_tell(frame, end, truth, shown, connection.spoken)
        excused = not right and tables["unknowable"].find(
            scenario=scenario,
            variant=variant,
            frames=frame["frame"],
            end=end,
            truth=truth,
            shown=shown,
        )
        if hard:
            score.hard += not excused
            score.hard_right += right
            if not right and not excused:
                score.hard_missed[reason_of_miss(tables["hard"], end, truth, shown)] += 1
        elif right:
            score.right += 1
        elif excused:
            score.unknowable += 1
        else:
            score.wrong_state(f"{where}: {end} ({role}): the kernel says {truth}, shown {shown}")


def expected_words(connection, frames):
    """The contract's words for a connection of the kernel's record: field -> the word. closed_by is
    a role of that record, as in words.tsv."""
    closing, detail = connection["closing"], connection["detail"]
    before = detail.get("closing_before_reset", "none")
    merged = any("FIN-2" in f["phase"] and "ACK-of-FIN-1" in f["phase"] for f in frames)
    if closing == "3-segment" or (closing == "half-close with data" and merged):
        word = "three-segment"
    elif closing == "half-close with data":
        word = "four-segment"
    elif closing == "reset":
        word = "reset" if before == "none" else "reset-after-fin"
    else:
        word = CLOSINGS.get(closing, closing)
    late = "half_close_bytes" in detail or "half-close with data" in (closing, before)
    first = connection["closed_first"] or ""
    if first == "both":  # whose FIN this capture shows first
        first = ROLES[next(frame["dir"] for frame in frames if "F" in frame["flags"])]
    return {
        "opening": OPENINGS.get(connection["opening"], connection["opening"]),
        "closing": word,
        "closed_by": first,
        "half_close": "true" if late else "false",
        **{field: connection[field] for field in PEERS if connection[field] is not None},
    }


def check_words(score, exceptions, place, connection, frames, row, client):
    """Opening, closing, who closed, Zeek's words: one connection."""
    scenario, variant, where = place
    shown = {field: row[field] for field in [*WORDS, *PEERS]}
    shown["half_close"] = "true" if row["half_close"].lower() in ("1", "true") else "false"
    if shown["closed_by"]:
        shown["closed_by"] = ROLES[client if shown["closed_by"] == "client" else PEER[client]]
    for field, word in expected_words(connection, frames).items():
        score.words += 1
        entry = exceptions.find(
            scenario=scenario, variant=variant, connection=connection["id"], field=field
        )
        accepted = entry["words"].split(",") if entry else [word]
        if (shown[field] or "-") not in [word or "-" for word in accepted]:
            accepted = " or ".join(word or "-" for word in accepted)
            score.wrong_word(f"{where}: {field}: expected {accepted}, shown {shown[field] or '-'}")


def check_capture(score, tables, truth, key, name, variant, rows):
    """rows: what observe() gives; taken from."""
    scenario = truth["name"]
    name = f"{scenario} {name}"
    frames = truth["captures"][key]["frames"]
    connections = {}
    for frame in frames:
        row = rows.pop(frame["frame"], None)
        where = f"{name} frame {frame['frame']}"
        if frame["conn"] is None:
            if row:
                score.wrong_state(f"{where}: no segment of a connection, yet it has a tcp_phase")
        elif row is None:
            score.wrong_state(f"{where}: no tcp_phase")
        else:
            connection, seen, _ = connections.setdefault(frame["conn"], (Connection(), [], row))
            seen.append(frame)
            place = (scenario, variant, where)
            check_frame(score, tables, place, frame, row, connection)
    for number in rows:
        score.wrong_state(f"{name} frame {number}: tcp_phase on a frame that nobody sent")
    streams = [connection.stream for connection, _, _ in connections.values()]
    if len(set(streams)) != len(streams):
        score.wrong_state(f"{name}: several connections share a tcp_phase.stream")
    for identity, (connection, seen, row) in connections.items():
        place = (scenario, variant, f"{name} connection {identity}")
        record = next(c for c in truth["connections"] if c["id"] == identity)
        check_words(score, tables["words"], place, record, seen, row, connection.client)


def variant_of(scenario, name):
    """capture.server.pcapng or close4.server.pcap: "server"; the plain one: "plain"."""
    stem = name.rsplit(".", 1)[0]
    for prefix in ("capture", scenario):
        if stem == prefix or stem.startswith(prefix + "."):
            return stem[len(prefix) + 1 :] or "plain"
    return stem


def plain_capture(truth):
    """The key of the capture that the wrapped ones were made from."""
    plain = [key for key in truth["captures"] if variant_of(truth["name"], key) == "plain"]
    return plain[0] if plain else None


def wrapped(folder, truths):
    """(truth, key, capture) for NAME.WRAP.pcap."""
    by_name = {truth["name"]: truth for _, truth in truths}
    for capture in sorted(folder.glob("*.*.pcap*")):
        truth = by_name.get(capture.name.split(".")[0])
        if truth is None or plain_capture(truth) is None:
            raise TestFailure(f"{capture}: no truth for it")
        yield truth, plain_capture(truth), capture


def main():
    parser = argument_parser(__doc__)
    parser.add_argument("--encap", type=pathlib.Path, metavar="OTHER")
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=CAPTURES)
    options = parser.parse_args()

    score, truths, connections, captures = Score(), [], 0, 0
    try:
        tables = read_tables()
        paths = sorted(options.folder.rglob("*truth.json"))
        truths = [(path, json.loads(path.read_text(encoding="utf-8"))) for path in paths]
        with Tshark(options.plugins, program=options.tshark) as tshark:
            # Wireshark 4.4 gives some connections a second stream (tcp_tracker_continues()).
            score.streams_are_whole = tshark.release < (4, 4)
            for path, truth in truths:
                connections += len(truth["connections"])
                for key in truth["captures"]:
                    captures += 1
                    variant = variant_of(truth["name"], key)
                    rows = observe(tshark, path.with_name(key))
                    check_capture(score, tables, truth, key, key, variant, rows)
            for truth, key, capture in wrapped(options.encap, truths) if options.encap else ():
                captures += 1
                rows = observe(tshark, capture)
                check_capture(score, tables, truth, key, capture.name, "plain", rows)
        if options.folder == CAPTURES:
            for reason in score.hard_missed:
                if reason.startswith(NO_REASON):
                    score.wrong_word(f"hard.tsv: {reason}")
            for table in tables.values():
                for row in table.idle():
                    entry = " ".join(list(row.values())[:-1])
                    score.wrong_word(f"{table.path.name}: nothing needs this entry: {entry}")
    except TestFailure as failure:
        score.wrong_state(str(failure))

    print("".join(line + "\n" for line in score.lines), end="")
    known = score.right + score.wrong
    total = known + score.unknowable
    print(f"{len(truths)} scenarios, {connections} connections, {captures} captures")
    if total:
        share = f"{100 * score.right / total:.2f} %"
        print(f"states: {score.right} of {total} right ({share}); {score.wrong} wrong;")
        print(f"        {score.unknowable} that no onlooker can know (unknowable.tsv)")
        print(f"hard frames: {score.hard_right} of {score.hard} right")
        for reason, count in score.hard_missed.most_common():
            print(f"        {count} missed: {reason}")
        print(f"words: {score.words - score.wrong_words} of {score.words} right")
    return 1 if score.wrong or score.wrong_words or not score.right else 0


if __name__ == "__main__":
    sys.exit(main())
