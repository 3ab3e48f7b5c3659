#!/usr/bin/env python3
"""handshark-echo-client, the real program, against the real server and against one that lies.

client.py --client PROGRAM --server PROGRAM [MODULE[.CLASS[.TEST]]...]

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import argparse
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "echo"))

import client_load  # noqa: E402
import client_talk  # noqa: E402
import client_tls  # noqa: E402
import client_wrong  # noqa: E402
import programs  # noqa: E402

MODULES = [client_load, client_wrong, client_talk, client_tls]
SKIPPED = 77  # CTest's SKIP_RETURN_CODE


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--client", required=True, type=pathlib.Path, metavar="PROGRAM")
    parser.add_argument("--server", required=True, type=pathlib.Path, metavar="PROGRAM")
    parser.add_argument("--sanitized", action="store_true", help="both are slow")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("names", nargs="*", metavar="MODULE[.CLASS[.TEST]]")
    options = parser.parse_args()
    for program in (options.client, options.server):
        if not program.exists():
            print(f"{program} was not built: see what CMake says", file=sys.stderr)
            return SKIPPED
    programs.CLIENT = str(options.client.resolve())
    programs.SERVER = str(options.server.resolve())
    programs.SANITIZED = options.sanitized
    names = options.names or [module.__name__ for module in MODULES]
    suite = unittest.TestLoader().loadTestsFromNames(names)
    result = unittest.TextTestRunner(verbosity=2 if options.verbose else 1).run(suite)
    return 0 if result.testsRun > 0 and result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
