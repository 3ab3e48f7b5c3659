#!/usr/bin/env python3
"""Is there a test for each fault of README.md, and does CTest run it?

faults.py [MODULE...]: the modules that CTest runs

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import pathlib
import re
import sys
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "echo-client")]


def main():
    text = (HERE / "README.md").read_text(encoding="utf-8")
    names = re.findall(r"^\|.*\| `((?:server|client)_\w+\.\w+\.\w+)` \|$", text, re.MULTILINE)
    loader = unittest.TestLoader()
    loader.loadTestsFromNames(names)
    problems = [error.strip().splitlines()[-1] for error in loader.errors]
    problems += [
        f"{name}: CTest does not run its module"
        for name in names
        if name.split(".")[0] not in sys.argv[1:]
    ]
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(names)} faults")
    return 1 if problems or not names else 0


if __name__ == "__main__":
    sys.exit(main())
