#!/usr/bin/env python3
"""handshark-echo-server, the real program over real sockets.

server.py --server PROGRAM [--no-memory LIBRARY] [MODULE[.CLASS[.TEST]]...]

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import argparse
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True

import server_bad  # noqa: E402
import server_closing  # noqa: E402
import server_echo  # noqa: E402
import server_ending  # noqa: E402
import server_limits  # noqa: E402
import server_memory  # noqa: E402
import server_start  # noqa: E402
import server_tls  # noqa: E402

MODULES = [
    server_echo, server_bad, server_closing, server_limits, server_ending, server_memory, server_start,
    server_tls,
]  # fmt: skip
SKIPPED = 77  # CTest's SKIP_RETURN_CODE


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", required=True, type=pathlib.Path, metavar="PROGRAM")
    parser.add_argument("--no-memory", metavar="LIBRARY", help="no_memory.c, built")
    parser.add_argument("--sanitized", action="store_true", help="its memory is not its own")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("names", nargs="*", metavar="MODULE[.CLASS[.TEST]]")
    options = parser.parse_args()
    if not options.server.exists():
        print(f"{options.server} was not built: libevent or OpenSSL is not there", file=sys.stderr)
        return SKIPPED
    for module in MODULES:
        module.PROGRAM = str(options.server.resolve())
        module.SANITIZED = options.sanitized
    server_memory.NO_MEMORY = options.no_memory and str(pathlib.Path(options.no_memory).resolve())
    loader = unittest.TestLoader()
    names = options.names or [module.__name__ for module in MODULES]
    suite = loader.loadTestsFromNames(names)
    result = unittest.TextTestRunner(verbosity=2 if options.verbose else 1).run(suite)
    if result.testsRun == 0:
        return 1
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
