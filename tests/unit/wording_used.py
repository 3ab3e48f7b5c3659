#!/usr/bin/env python3
"""Every entry of the tables of words is named in the code, but in the tables.

wording_used.py SOURCE_FOLDER

The sentences that belong to a bit or a token are not named one by one; unit.wording sees to it that
each of them is said.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import pathlib
import re
import sys

sys.dont_write_bytecode = True

# Entries in the order of something else: a bit of the annotation.
COUNTED = "WORDING_NOTE_"
# Marks in the enumeration that are no entries.
MARKS = ("WORDING_COUNT", "WORDING_OPENING_FIRST", "WORDING_CLOSING_FIRST", "WORDING_VERDICT_FIRST")


def main():
    plugin = pathlib.Path(sys.argv[1]) / "plugin"
    header = plugin / "tcp_phase" / "wording.h"
    enumeration = re.search(r"enum wording \{(.*?)\n\};", header.read_text(encoding="utf-8"), re.S)
    text = re.sub(r"/\*.*?\*/", "", enumeration.group(1), flags=re.S)
    entries = re.findall(r"^\s*(WORDING_\w+)", text, re.MULTILINE)
    entries = [e for e in entries if e not in MARKS and not e.startswith(COUNTED)]

    tables = set(plugin.glob("tcp_phase/wording_en.c")) | set(plugin.glob("tcp_phase/wording_zh_*.c"))
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in sorted(plugin.rglob("*.[ch]"))
        if path != header and path not in tables
    )
    named = set(re.findall(r"\bWORDING_\w+", code))
    unused = [entry for entry in entries if entry not in named]
    for entry in unused:
        print(f"{entry}: no code says it")
    print(f"{len(entries)} entries, {len(tables)} tables")
    return 1 if unused or len(entries) < 100 or len(tables) < 3 else 0


if __name__ == "__main__":
    sys.exit(main())
