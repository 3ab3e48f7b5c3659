#!/usr/bin/env python3
"""Wireshark's window with the plugin, on a screen of its own: every check of checks.py.

gui.py --plugins BUILD/plugins --profiles BUILD/profiles --pictures FOLDER [--sanitized] [CHECK...]

Pictures of what was seen are left in FOLDER. Exit status 77: something that it takes is not installed
(./dev setup gui).

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from screen import PROGRAMS  # noqa: E402
from tshark import CAPTURES, NOBODY  # noqa: E402

SKIPPED = 77
LIMIT = 500  # seconds for everything; a machine that is not busy needs less than 60


def unprivileged():
    if os.geteuid() == 0:
        return {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    return {}


def find_python():
    """A Python that knows the accessibility bus; Debian's package is for Debian's Python."""
    code = "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi"
    for python in ("/usr/bin/python3", sys.executable):
        try:
            done = subprocess.run([python, "-c", code], capture_output=True, **unprivileged())
        except OSError:
            continue
        if done.returncode == 0:
            return python
    return None


def missing():
    """What is not installed, as text."""
    found = [
        f"{program} (package {package})"
        for program, package in PROGRAMS.items()
        if not shutil.which(program)
    ]
    if not find_python():
        found.append("Python's access to AT-SPI (packages python3-gi gir1.2-atspi-2.0)")
    if not pathlib.Path("/usr/share/dbus-1/services/org.a11y.Bus.service").exists():
        found.append("the accessibility bus (package at-spi2-core)")
    return ", ".join(found)


def asan_runtime(plugins):
    """The library that has to be in a program before a plugin with AddressSanitizer."""
    plugin = next(plugins.glob("*/epan/handshark.so"))
    needed = subprocess.run(["ldd", plugin], capture_output=True, text=True, check=True).stdout
    return re.search(r"=> (\S*/libasan\.so\S*)", needed)[1]


# A window that shows all columns. What the profile remembers is its own.
RECENT_COMMON = """gui.geometry_main_x: 0
gui.geometry_main_y: 0
gui.geometry_main_width: 1390
gui.geometry_main_height: 860
gui.geometry_main_maximized: FALSE
"""
RECENT = """gui.byte_view_show: FALSE
gui.geometry_main_upper_pane: 300
"""


def stage(arguments, folder):
    """What the unprivileged user needs, where he can read it."""
    shutil.copytree(arguments.plugins, folder / "plugins")
    shutil.copytree(arguments.profiles, folder / "config" / "profiles")
    (folder / "config" / "recent_common").write_text(RECENT_COMMON)
    (folder / "config" / "profiles" / "TCP Phases" / "recent").write_text(RECENT)
    for name in ("home", "run", "captures", "pictures"):
        (folder / name).mkdir()
    for case in CAPTURES.iterdir():
        if (case / "capture.pcapng").exists():
            shutil.copyfile(case / "capture.pcapng", folder / "captures" / f"{case.name}.pcapng")
            shutil.copyfile(case / "expected.tsv", folder / "captures" / f"{case.name}.tsv")
    shutil.copytree(HERE, folder / "gui")
    paths = [folder, *folder.rglob("*")]
    for path in paths:
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)
        path.chmod(0o700 if path.is_dir() else 0o600)


def keep_pictures(folder, target):
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.png"):
        old.unlink()
    for picture in sorted((folder / "pictures").glob("*.png")):
        shutil.copyfile(picture, target / picture.name)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--plugins", required=True, type=pathlib.Path, metavar="BUILD/plugins")
    parser.add_argument("--profiles", required=True, type=pathlib.Path, metavar="BUILD/profiles")
    parser.add_argument("--pictures", required=True, type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--sanitized", action="store_true", help="the plugin has AddressSanitizer")
    parser.add_argument("checks", nargs="*", metavar="CHECK")
    arguments = parser.parse_args()
    lacking = missing()
    if lacking:
        print(f"skipped; not installed: {lacking}")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="handshark-gui-") as name:
        folder = pathlib.Path(name)
        stage(arguments, folder)
        command = [find_python(), folder / "gui" / "inside.py", folder, *arguments.checks]
        environment = dict(os.environ)
        if arguments.sanitized:
            environment["HANDSHARK_ASAN"] = asan_runtime(arguments.plugins)
        # A session of its own, so that nothing that it starts is left behind.
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
            **unprivileged(),
        )
        try:
            status = process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            print(f"FAIL not finished after {LIMIT} s")
            status = 1
        finally:
            try:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(10)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
            keep_pictures(folder, arguments.pictures)
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(main())
