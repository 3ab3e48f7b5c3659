#!/usr/bin/python3
"""The checks in Wireshark's window; started by gui.py, as an ordinary user.

inside.py FOLDER [CHECK...]

FOLDER has plugins, config, captures and room for pictures. Without CHECKs: all of them.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import os
import pathlib
import sys
import time
import traceback

sys.dont_write_bytecode = True

from screen import Screen, Trouble, environment  # noqa: E402
from window import connect  # noqa: E402


def preload(folder):
    """What Wireshark and tshark are started with, see staging.py."""
    runtime = os.environ.get("HANDSHARK_ASAN")
    if not runtime:
        return {"wireshark": {"LD_PRELOAD": str(folder / "keep.so")}}
    sanitizer = {
        "LD_PRELOAD": runtime,
        "ASAN_OPTIONS": f"detect_leaks=0:log_path={folder}/asan",
        "UBSAN_OPTIONS": f"print_stacktrace=1:log_path={folder}/asan",
        # Wireshark's own allocators hide faults.
        "WIRESHARK_DEBUG_WMEM_OVERRIDE": "simple",
        "G_SLICE": "always-malloc",
    }
    return {"wireshark": sanitizer, "tshark": sanitizer}


def run(folder, wanted):
    """Make the checks; how many failed."""
    import checks
    from session import Session

    failures = 0

    def attempt(check, session):
        nonlocal failures
        began = time.monotonic()
        try:
            check(session)
            print(f"{check.__name__}: {time.monotonic() - began:.1f} s", flush=True)
        except Exception as problem:
            failures += 1
            said = str(problem) if isinstance(problem, Trouble) else traceback.format_exc()
            print(f"FAIL {check.__name__}: {said}", flush=True)
            session.picture(f"failed-{check.__name__}")
            raise Trouble("the rest is not tried") from problem

    with Screen(folder, environment(folder), preload(folder)) as screen:
        connect(screen)
        some = [pair for pair in checks.CHECKS if not wanted or pair[1].__name__ in wanted]
        later = checks.enabled_later
        try:
            if some:
                session = Session(folder, screen, checks.FIRST)
                session.picture("packet-list")
                for case, check in some:
                    session.show(case)
                    attempt(check, session)
                session.wireshark.close()
            if not wanted or later.__name__ in wanted:
                options = ["--disable-protocol", "tcp_phase"]
                session = Session(folder, screen, checks.FIRST, *options, checked=False)
                attempt(later, session)
                session.wireshark.close()
        except Trouble as trouble:
            if not failures:
                failures += 1
                print(f"FAIL {trouble}", flush=True)
                screen.picture(folder / "pictures" / "failed.png")
    for report in folder.glob("asan*"):
        failures += 1
        print(f"FAIL {report.read_text(errors='replace')}")
    return failures


if __name__ == "__main__":
    sys.exit(1 if run(pathlib.Path(sys.argv[1]), sys.argv[2:]) else 0)
