"""The statistics of tcp_phase as tshark and sharkd give them, read back.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import json
import re
from decimal import Decimal

SEPARATOR = "\x1f"  # between the values of a field

# The members of an object of tcp_phase,jsonl, in their order.
PLACE = ["stream", "start", "first_frame", "last_frame", "segments"]
ENDS = ["client.addr", "client.port", "server.addr", "server.port", "client.state", "server.state"]
CONVERSATION = [
    "opening", "closing", "closed_by", "time_wait", "half_close", "verdict", "verdict.by",
    "verdict.frame", "conn_state", "history", "handshake.rtt", "handshake.server_rtt",
    "handshake.client_rtt", "teardown.time", "duration", "client.isn", "server.isn",
    "client.bytes", "server.bytes", "summary",
]  # fmt: skip
MEMBERS = PLACE + ENDS + CONVERSATION


def without_repetition(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f"a name occurs twice: {names}")
    return dict(pairs)


def json_lines(text):
    """The objects of tcp_phase,jsonl, numbers with all their digits."""
    if text and not text.endswith("\n"):
        raise ValueError("the last line does not end")
    return [
        json.loads(line, parse_float=Decimal, object_pairs_hook=without_repetition)
        for line in text.splitlines()
    ]


def plain(value):
    """A value of a JSON object as -T fields has it; truths as 1 and 0."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


CONV = "TCP Phases: Conversations"
STATES = "TCP Phases: Time in States"
COUNTS = "TCP Phases: Counts"


def parts(text):
    """What tshark prints with several -z: title -> the part that begins with it; "" -> what comes
    before them."""
    found, title = {"": []}, ""
    for line in text.splitlines(keepends=True):
        name = line.strip().rstrip(":")
        if name in (CONV, STATES, COUNTS):
            title = name
        found.setdefault(title, []).append(line)
    return {title: "".join(lines) for title, lines in found.items()}


def table(text):
    """A table that tshark prints: (how many conversations, titles, rows)."""
    lines = text.splitlines()
    count = int(lines[2].removeprefix("Conversations: "))
    titles = [cell.strip() for cell in lines[4].split(" | ")]
    rows = []
    for line in lines[5:]:
        if " | " not in line:
            break
        rows.append([cell.strip() for cell in line.split(" | ", len(titles) - 1)])
    return count, titles, rows


def conversations(text):
    """What tcp_phase,conv prints, as the objects of tcp_phase,jsonl have it."""
    count, titles, rows = table(parts(text)[CONV])
    if len(titles) != len(MEMBERS) or count != len(rows):
        raise ValueError(f"{len(titles)} columns, {count} conversations, {len(rows)} rows")
    return [dict(zip(MEMBERS, row)) for row in rows]


def as_printed(row):
    """An object of tcp_phase,jsonl as tcp_phase,conv has it."""
    said = {True: "yes", False: "no"}
    return {
        name: said[value] if isinstance(value, bool) else plain(value)
        for name, value in row.items()
    }


def states(text):
    """What tcp_phase,states prints: (endpoint, state) -> cells."""
    _, _, rows = table(parts(text)[STATES])
    return {tuple(row[:2]): row[2:] for row in rows}


def tree(text):
    """What tcp_phase,tree prints: path -> count."""
    counts, parent = {}, ""
    for line in parts(text)[COUNTS].splitlines():
        found = re.match(r"( ?)(\S+(?: \S+)*) +(\d+) ", line)
        if not found:
            continue
        if not found[1]:
            parent = found[2]
        path = f"{parent}/{found[2]}" if found[1] else parent
        counts[path] = int(found[3])
    return counts


def sharkd_tree(answer):
    """The same from sharkd."""
    counts = {}
    for node in answer["taps"][0]["stats"]:
        counts[node["name"]] = node["count"]
        for below in node["sub"]:
            counts[f"{node['name']}/{below['name']}"] = below["count"]
    return counts


def sharkd_rows(answer):
    """The rows of a table in sharkd."""
    tables = answer["taps"][0]["tables"]
    return tables[0]["i"] if tables else []


FRAME = ["frame.number", "frame.time_epoch", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst"]
FRAME += ["tcp.srcport", "tcp.dstport", "tcp_phase.stream", "tcp_phase.sender"]
FRAME += ["tcp_phase.transition", "tcp_phase.client.dwell", "tcp_phase.server.dwell"]
SHOWN = ["client.state", "server.state", *CONVERSATION]


def field_arguments():
    """Arguments for tshark: all that from_fields() reads."""
    arguments = ["-T", "fields", "-E", "separator=/t", "-E", f"aggregator={SEPARATOR}"]
    for field in [*FRAME, *[f"tcp_phase.{name}" for name in SHOWN]]:
        arguments += ["-e", field]
    return arguments


def segments(text):
    """What the fields say of each segment, with two passes, and as "conversation" the first stream of
    its conversation: Wireshark 4.4 and later begin a new stream where the same connection goes on
    (tcp_tracker_continues()), and all that is said of both is the same. Frames with several TCP layers
    are not understood."""
    rows = [dict(zip([*FRAME, *SHOWN], line.split("\t"))) for line in text.splitlines()]
    rows = [row for row in rows if row.get("tcp_phase.stream")]
    first = {}
    for row in rows:
        if SEPARATOR in row["tcp_phase.stream"]:
            raise ValueError(f"frame {row['frame.number']} has several TCP layers")
        source = row["ip.src"], row["ipv6.src"], row["tcp.srcport"]
        destination = row["ip.dst"], row["ipv6.dst"], row["tcp.dstport"]
        said = tuple(row[name] for name in CONVERSATION)
        same = frozenset([source, destination]), said
        row["conversation"] = first.setdefault(same, row["tcp_phase.stream"])
    return rows


def from_fields(rows):
    """What the last segment of each conversation says, with two passes: stream -> the members of
    tcp_phase,jsonl."""
    found = {}
    for cells in rows:
        stream = cells["conversation"]
        number = int(cells["frame.number"])
        row = found.setdefault(stream, {"segments": 0, "first_frame": number})
        if row["segments"] == 0:
            row["start"] = cells["frame.time_epoch"]
        row["segments"] += 1
        row["last_frame"] = number
        ends = {
            "src": (cells["ip.src"] or cells["ipv6.src"], cells["tcp.srcport"]),
            "dst": (cells["ip.dst"] or cells["ipv6.dst"], cells["tcp.dstport"]),
        }
        for role in ("client", "server"):
            end = ends["src" if role == cells["tcp_phase.sender"] else "dst"]
            row[f"{role}.addr"], row[f"{role}.port"] = end
        row.update({name: cells[name] for name in SHOWN})
        row["half_close"] = {"True": "1", "False": "0"}.get(row["half_close"], row["half_close"])
    for stream, row in found.items():
        row["stream"] = stream
    return {stream: {name: str(row[name]) for name in MEMBERS} for stream, row in found.items()}


def dwells(rows):
    """The times that the segments say a state lasted, and the states that conversations are left
    in: (endpoint, state) -> times, (endpoint, state) -> how many."""
    times, last = {}, {}
    for row in rows:
        last[row["conversation"]] = row
        for transition in row["tcp_phase.transition"].split(SEPARATOR):
            role, _, states_of = transition.partition(" ")
            time = row.get(f"tcp_phase.{role}.dwell")
            if time:
                times.setdefault((role, states_of.split(" ")[0]), []).append(Decimal(time))
    lasting = {}
    for row in last.values():
        for role in ("client", "server"):
            place = role, row[f"{role}.state"]
            lasting[place] = lasting.get(place, 0) + 1
    return times, lasting
