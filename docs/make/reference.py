#!/usr/bin/env python3
"""Makes docs/fields.md and docs/states.md from the code: the fields from `tshark -G fields`, the
vocabularies and the table of states from the engine, an example of each field from the test captures.

reference.py --plugins BUILD/plugins --tables PROGRAM           write them
reference.py --plugins BUILD/plugins --tables PROGRAM --check   say whether they are up to date

The picture of the states, docs/images/states.svg, is made by dot (Debian package graphviz).

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import collections
import difflib
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path.insert(0, str(TOP / "tests" / "common"))

from tshark import CAPTURES, TestFailure, Tshark, argument_parser  # noqa: E402

MADE = "<!-- Made by docs/make/reference.py: change the code, not this. -->\n"
TYPES = {
    "FT_STRING": "text", "FT_UINT8": "number", "FT_UINT16": "number", "FT_UINT32": "number",
    "FT_UINT64": "number", "FT_BOOLEAN": "yes or no", "FT_FRAMENUM": "frame number",
    "FT_RELATIVE_TIME": "seconds", "FT_ABSOLUTE_TIME": "time", "FT_BYTES": "octets",
    "FT_NONE": "presence", "FT_PROTOCOL": "protocol",
}  # fmt: skip
# Where examples are looked for, in this order.
EXAMPLES = ["000", "001", "004b", "client_halfclose", "syn_lost", "icmp_reject_port"]
# Fields of the vocabulary of another.
SAME = {"server.state": "client.state"}


def tables(program):
    """The engine's tables: (field -> tokens), (state -> event -> state)."""
    out = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    tokens = collections.defaultdict(list)
    states = collections.defaultdict(dict)
    for line in out.splitlines():
        kind, *cells = line.split("\t")
        if kind == "vocabulary" and cells[1] not in tokens[cells[0]]:
            tokens[cells[0]].append(cells[1])
        elif kind == "next":
            states[cells[0]][cells[1]] = cells[2]
    return tokens, states


def meanings(tokens):
    """(field, token) -> what it means; the file and the code must name the same tokens."""
    path = HERE / "meanings.tsv"
    rows = [
        line.split("\t")
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    found = {(field, token): meaning for field, token, meaning in rows}
    wanted = {(field, token) for field, all_of_it in tokens.items() for token in all_of_it}
    if set(found) != wanted:
        odd = sorted(" ".join(pair) for pair in set(found) ^ wanted)
        raise TestFailure(f"{path}: and the code differ in: {', '.join(odd)}")
    return found


def fields(tshark, protocol):
    """(filter name, name, type, blurb) of the protocol's fields, in alphabetical order."""
    rows = [line.split("\t") for line in tshark.run(["-G", "fields"]).out.splitlines()]
    found = [
        (row[2], row[1], TYPES.get(row[3], row[3]), row[7] if len(row) > 7 else "")
        for row in rows
        if row[0] == "F" and row[2].startswith(protocol + ".")
    ]
    return sorted(found)


def examples(tshark, names):
    """Filter name -> a value, from the first capture that has one."""
    found = {}
    for case in EXAMPLES:
        left = [name for name in names if name not in found]
        if not left:
            break
        arguments = ["-n", "-2", "-r", tshark.stage(CAPTURES / case / "capture.pcapng"), "-T", "fields"]
        arguments += ["-E", "occurrence=f"]
        for name in left:
            arguments += ["-e", name]
        for line in tshark.run(arguments).out.splitlines():
            for name, value in zip(left, line.split("\t")):
                if value and name not in found:
                    found[name] = value
    return found


def cell(text):
    return text.replace("|", "\\|")


def field_table(rows, values):
    lines = ["| field | type | meaning | example |", "|---|---|---|---|"]
    for name, title, kind, blurb in rows:
        value = values.get(name, "")
        example = f"`{cell(value)}`" if value else ""
        lines.append(f"| `{name}` | {kind} | {cell(blurb or title)} | {example} |")
    return lines


def fields_page(tshark, tokens):
    means = meanings(tokens)
    lines = [MADE, "# Fields", ""]
    lines += [
        "What Wireshark and tshark know by name: for display filters (`-Y`), columns, `-T fields -e`, "
        "JSON, and the colours of a profile. The values of text fields are the same in every display "
        "language, but for `tcp_phase.label`, `tcp_phase.explanation` and `tcp_phase.summary`, and these "
        "three below `tcp_phase.answer`.",
        "",
    ]
    for protocol, title in (("tcp_phase", "TCP Phases"), ("fecho", "Framed Echo Protocol")):
        rows = fields(tshark, protocol)
        plain = [row for row in rows if ".expert." not in row[0]]
        experts = [row for row in rows if ".expert." in row[0]]
        values = examples(tshark, [row[0] for row in plain])
        lines += [f"## `{protocol}`: {title}", "", *field_table(plain, values), ""]
        lines += [f"### Expert infos of `{protocol}`", "", "| field | meaning |", "|---|---|"]
        lines += [f"| `{row[0]}` | {cell(row[1])} |" for row in experts] + [""]
    lines += ["## Vocabularies of `tcp_phase`", ""]
    for field, words in tokens.items():
        names = [field, *(name for name, like in SAME.items() if like == field)]
        lines += [" and ".join(f"`tcp_phase.{name}`" for name in names) + ":", ""]
        lines += ["| value | meaning |", "|---|---|"]
        lines += [f"| `{word}` | {cell(means[field, word])} |" for word in words] + [""]
    return "\n".join(lines)


def states_page(states):
    events = list(next(iter(states.values())))
    lines = [MADE, "# One endpoint's states", ""]
    lines += [
        "What moves an endpoint from one state of RFC 9293 to another, as an onlooker can follow it: every "
        "event is a segment that leaves the endpoint or arrives at it. This is the table that the "
        "engine works by (`plugin/engine/tcp_fsm.c`, where each cell has its reason and section).",
        "",
        "![The states and what moves an endpoint between them](images/states.svg)",
        "",
        "A dot: nothing changes, or it cannot happen.",
        "",
        "| state | " + " | ".join(events) + " |",
        "|---|" + "---|" * len(events),
    ]
    for state, row in states.items():
        cells = ["·" if row[event] == state else row[event] for event in events]
        lines.append(f"| **{state}** | " + " | ".join(cells) + " |")
    lines += [
        "",
        "A conversation is two of these: what leaves one end arrives at the other. When that is, and "
        "which RST and FIN count, is told in [how states are inferred](inference.md).",
        "",
    ]
    return "\n".join(lines)


def drawing(states):
    """The table for dot; RST leads to CLOSED from everywhere and is not drawn."""
    arrows = collections.defaultdict(list)
    for state, row in states.items():
        for event, to in row.items():
            if to != state and "RST" not in event and "middle" not in event:
                arrows[state, to].append(event)
    lines = [
        "digraph states {",
        '  graph [fontname="Helvetica", rankdir=TB, nodesep=0.5, ranksep=0.6, bgcolor="white"];',
        '  node [fontname="Helvetica", fontsize=12, shape=box, style="rounded,filled", '
        'fillcolor="#eef4fb", color="#35618f"];',
        '  edge [fontname="Helvetica", fontsize=10, color="#555555"];',
    ]
    for state in states:
        lines.append(f'  {state} [label="{state}"];')
    for (state, to), events in arrows.items():
        label = "\\n".join(events)
        lines.append(f'  {state} -> {to} [label="{label}"];')
    return "\n".join([*lines, "}", ""])


def check(path, text):
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    if old == text:
        return True
    print(f"{path.relative_to(TOP)} is not up to date: docs/make/reference.py writes it")
    print("\n".join(list(difflib.unified_diff(old.splitlines(), text.splitlines(), lineterm=""))[:20]))
    return False


def main():
    parser = argument_parser(__doc__)
    parser.add_argument("--tables", required=True, help="the program that prints the engine's tables")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    try:
        tokens, states = tables(options.tables)
        with Tshark(options.plugins, program=options.tshark) as tshark:
            pages = {"fields.md": fields_page(tshark, tokens), "states.md": states_page(states)}
    except TestFailure as problem:
        print(problem, file=sys.stderr)
        return 1
    picture = drawing(states)
    pages["images/states.dot"] = picture
    if options.check:
        return 0 if all([check(HERE.parent / name, text) for name, text in pages.items()]) else 1
    for name, text in pages.items():
        (HERE.parent / name).write_text(text, encoding="utf-8")
    command = ["dot", "-Tsvg", "-o", HERE.parent / "images" / "states.svg"]
    subprocess.run(command, input=picture, text=True, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
