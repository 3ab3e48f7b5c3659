#!/usr/bin/env python3
"""The command handshark, the real program, on the real tshark and on others that misbehave.

cli.py --plugins BUILD/plugins --program BUILD/bin/handshark [MODULE[.CLASS[.TEST]]...]
       --asan    both are built with AddressSanitizer

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import importlib
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

import program  # noqa: E402
from tshark import argument_parser  # noqa: E402

SKIPPED = 77  # CTest's SKIP_RETURN_CODE


def main():
    parser = argument_parser(__doc__)
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--asan", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("names", nargs="*", metavar="MODULE[.CLASS[.TEST]]")
    options = parser.parse_args()
    if not options.program.exists():
        print(f"{options.program} was not built: see what CMake says", file=sys.stderr)
        return SKIPPED
    names = options.names or [f"test_{path.stem}" for path in HERE.glob("test_*.py")]
    names = [name if name.startswith("test_") else f"test_{name}" for name in names]
    with program.Handshark(options) as handshark:
        for name in names:
            importlib.import_module(name.split(".")[0]).handshark = handshark
        suite = unittest.TestLoader().loadTestsFromNames(names)
        result = unittest.TextTestRunner(verbosity=2 if options.verbose else 1).run(suite)
    return 0 if result.testsRun > 0 and result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
