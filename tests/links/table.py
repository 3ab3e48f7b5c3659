"""docs/links.md: its tables are what the tests run, so they cannot go stale.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

from cases import CASES
from formats import FORMATS
from wraps import WRAPS

BEGIN = "<!-- made by tests/links/links.py table: begin -->\n"
END = "<!-- end -->\n"


def tables():
    """The text between the marks."""
    groups = {}
    for name, wrap in WRAPS.items():
        note = {"4": " (IPv4)", "6": " (IPv6)"}.get(wrap.versions, "")
        groups.setdefault(wrap.group, []).append((wrap.title + note, name))
    groups["Capture files"] = [(form.title, name) for name, form in FORMATS.items()]
    groups["More than a segment a frame, or less"] = [
        (check.title, f"case-{name}") for name, check in CASES.items()
    ]
    lines = [
        f"{len(WRAPS)} wraps, {len(FORMATS)} kinds of capture file, {len(CASES)} other cases.\n"
    ]
    for group, rows in groups.items():
        lines += [f"\n### {group}\n\n", "| what | test |\n", "|---|---|\n"]
        lines += [f"| {title} | `links.{name}` |\n" for title, name in rows]
    return "".join([*lines, "\n"])


def with_tables(text):
    """The document with the tables as they have to be."""
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError("the marks of the table are missing")
    return before + BEGIN + tables() + END + after
