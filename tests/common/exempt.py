"""Tables of exceptions to what a test expects: each with its reason, none that nothing needs.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import fnmatch

from tshark import TestFailure


class Exceptions:
    """A table of exceptions, each with its reason, and which of them were needed."""

    def __init__(self, path, columns):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line]
        rows = [line.split("\t") for line in lines if not line.startswith("#")]
        if rows[0] != columns or any(len(row) != len(columns) or not row[-1] for row in rows):
            raise TestFailure(f"{path}: expected the columns {columns}, each with a reason")
        self.path, self.needed = path, set()
        self.rows = [dict(zip(columns, row)) for row in rows[1:]]

    def find(self, **cells):
        """The entry for this place, or None. Cells in the table are patterns, numbers ranges."""
        for index, row in enumerate(self.rows):
            if all(_matches(row[column], value) for column, value in cells.items()):
                self.needed.add(index)
                return row
        return None

    def idle(self):
        return [row for index, row in enumerate(self.rows) if index not in self.needed]


def _matches(pattern, value):
    if isinstance(value, int):
        for part in pattern.split(","):
            first, _, last = part.partition("-")
            if part == "*" or int(first) <= value <= int(last or first):
                return True
        return False
    return any(fnmatch.fnmatchcase(value, part) for part in pattern.split(","))
