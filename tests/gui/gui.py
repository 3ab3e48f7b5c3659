#!/usr/bin/env python3
"""Wireshark's window with the plugin, on a screen of its own: every check of checks.py.

gui.py --plugins BUILD/plugins --profiles BUILD/profiles --pictures FOLDER --keep LIBRARY [CHECK...]
gui.py ... --sanitized [CHECK...]: with AddressSanitizer

Pictures of what was seen are left in FOLDER. Exit status 77: something that it takes is not installed
(./dev setup gui).

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import argparse
import pathlib
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True

import staging  # noqa: E402
from tshark import CAPTURES  # noqa: E402

SKIPPED = 77
LIMIT = 500  # seconds for everything; a machine that is not busy needs less than 60


def keep_pictures(folder, target):
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.png"):
        old.unlink()
    for picture in sorted((folder / "pictures").glob("*.png")):
        shutil.copyfile(picture, target / picture.name)


def main():
    raw = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--plugins", required=True, type=pathlib.Path, metavar="BUILD/plugins")
    parser.add_argument("--profiles", required=True, type=pathlib.Path, metavar="BUILD/profiles")
    parser.add_argument("--pictures", required=True, type=pathlib.Path, metavar="FOLDER")
    kept = parser.add_mutually_exclusive_group(required=True)
    kept.add_argument("--keep", type=pathlib.Path, metavar="LIBRARY", help="what keep.c is built to")
    kept.add_argument("--sanitized", action="store_true", help="the plugin has AddressSanitizer")
    parser.add_argument("checks", nargs="*", metavar="CHECK")
    arguments = parser.parse_args()
    lacking = staging.missing()
    if lacking:
        print(f"skipped; not installed: {lacking}")
        return SKIPPED
    environment = {}
    if arguments.sanitized:
        environment["HANDSHARK_ASAN"] = staging.asan_runtime(arguments.plugins)
    with tempfile.TemporaryDirectory(prefix="handshark-gui-") as name:
        folder = pathlib.Path(name)
        staging.stage(folder, arguments.plugins, arguments.profiles)
        for case in CAPTURES.iterdir():
            if (case / "capture.pcapng").exists():
                copy = folder / "captures" / f"{case.name}.pcapng"
                shutil.copyfile(case / "capture.pcapng", copy)
                shutil.copyfile(case / "expected.tsv", copy.with_suffix(".tsv"))
        if arguments.keep:
            shutil.copyfile(arguments.keep, folder / "keep.so")
        staging.hand_over(folder)
        status = staging.run(folder, "inside.py", arguments.checks, LIMIT, **environment)
        keep_pictures(folder, arguments.pictures)
    if status is None:
        print(f"FAIL not finished after {LIMIT} s")
    return status if status in (0, SKIPPED) else 1


if __name__ == "__main__":
    sys.exit(main())
