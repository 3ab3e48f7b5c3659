"""The ways in which a user can have the fields, each read back into the same rows.

A mode is a function of (tshark, capture, fields) that returns rows: dictionaries with "frame" and
the fields that are there. LAYERED modes give one row a tcp_phase layer, the others one a frame.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import json
import re
import xml.etree.ElementTree

from expectations import PROSE, join

_BETWEEN = "~"  # between the values of a field: no field has it in its text


def fields(tshark, capture, wanted, options=()):
    """-T fields, one pass."""
    arguments = ["-r", capture, *options, "-T", "fields", "-E", "separator=/t"]
    arguments += ["-E", f"aggregator={_BETWEEN}", "-e", "frame.number"]
    for field in wanted:
        arguments += ["-e", f"tcp_phase.{field}"]
    rows = []
    for line in tshark.run(arguments).out.splitlines():
        number, *cells = line.split("\t")
        row = {f: join(f, cell.split(_BETWEEN)) for f, cell in zip(wanted, cells) if cell != ""}
        if row:
            rows.append({"frame": number, **row})
    return rows


def two_pass(tshark, capture, wanted):
    """-T fields -2."""
    return fields(tshark, capture, wanted, ["-2"])


def json_tree(tshark, capture, wanted, options=()):
    """-T json: every leaf of every tcp_phase object."""
    rows = []
    text = tshark.run(["-r", capture, *options, "-T", "json"]).out
    for packet in json.loads(text, object_pairs_hook=_Pairs) if text.strip() else []:
        layers = packet.first("_source").first("layers")
        number = layers.first("frame").first("frame.number")
        for name, layer in layers:
            if name == "tcp_phase":
                rows.append(_row(number, wanted, _leaves(layer)))
    return rows


def pdml(tshark, capture, wanted, options=()):
    """-T pdml: every field of every tcp_phase proto."""
    rows = []
    root = xml.etree.ElementTree.fromstring(tshark.run(["-r", capture, *options, "-T", "pdml"]).out)
    for packet in root.iter("packet"):
        number = next(f.get("show") for f in packet.iter("field") if f.get("name") == "num")
        for proto in packet.iter("proto"):
            if proto.get("name") == "tcp_phase":
                leaves = [(f.get("name"), f.get("show")) for f in proto.iter("field")]
                rows.append(_row(number, wanted, leaves))
    return rows


def columns(tshark, capture, wanted, options=()):
    """Custom columns, one for each field, all of its occurrences."""
    layout = ['"No.","%m"'] + [f'"{field}","%Cus:tcp_phase.{field}:0:R"' for field in wanted]
    arguments = ["-r", capture, *options, "-T", "tabs", "-o", "gui.column.format:" + ",".join(layout)]
    rows = []
    for line in tshark.run(arguments).out.splitlines():
        number, *cells = (cell.strip() for cell in line.split("\t"))
        row = {f: _column(f, cell) for f, cell in zip(wanted, cells) if cell != ""}
        if row:
            rows.append({"frame": number, **row})
    return rows


def text_labels(tshark, capture, options=()):
    """-V: the lines of the tcp_phase trees of each frame, by frame number."""
    trees, number, inside = {}, None, False
    for line in tshark.run(["-r", capture, *options, "-V"]).out.splitlines():
        begins = re.match(r"Frame (\d+):", line)
        if begins:
            number = begins.group(1)
        if line and not line[0].isspace():
            inside = line.lstrip("[").startswith("TCP Phases")
        if inside:
            trees.setdefault(number, []).append(line)
    return {number: "\n".join(lines) for number, lines in trees.items()}


class _Pairs(list):
    """A JSON object with its order, and with a name as often as it is there."""

    def first(self, name):
        return next(value for key, value in self if key == name)


def _leaves(node):
    for name, value in node:
        if isinstance(value, _Pairs):
            yield from _leaves(value)
        elif isinstance(value, list):
            yield from ((name, item) for item in value if not isinstance(item, list))
        else:
            yield name, value


def _row(number, wanted, leaves):
    values = {}
    for name, value in leaves:
        field = str(name).removeprefix("tcp_phase.")
        if str(name).startswith("tcp_phase.") and field in wanted:
            values.setdefault(field, []).append(str(value))
    cells = {field: join(field, found) for field, found in values.items()}
    return {"frame": str(int(number)), **cells}


def _column(field, cell):
    """A column joins with ',' what -T fields gives one by one; prose has commas of its own."""
    return join(field, [cell] if field in PROSE or field == "summary" else cell.split(","))
