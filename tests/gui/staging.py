"""What has to be prepared before a window can be opened, as root or as anyone.

As root, Wireshark takes no plugin from a build folder: everything that it needs is copied to a folder of
an unprivileged user, who then runs it.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from screen import PROGRAMS  # noqa: E402
from tshark import NOBODY  # noqa: E402

ACCESSIBILITY = pathlib.Path("/usr/share/dbus-1/services/org.a11y.Bus.service")

# Bigger than its usual size, so that all columns are seen. What a profile remembers is its own.
RECENT_COMMON = """gui.geometry_main_x: 0
gui.geometry_main_y: 0
gui.geometry_main_width: {width}
gui.geometry_main_height: {height}
gui.geometry_main_maximized: FALSE
"""
RECENT = """gui.byte_view_show: FALSE
gui.geometry_main_upper_pane: {packet_list}
"""


def unprivileged():
    """What subprocess needs to know to run a program as an ordinary user."""
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
    """What is not installed, as text; empty where nothing is."""
    found = [
        f"{program} (package {package})"
        for program, package in PROGRAMS.items()
        if not shutil.which(program)
    ]
    if not find_python():
        found.append("Python's access to AT-SPI (packages python3-gi gir1.2-atspi-2.0)")
    if not ACCESSIBILITY.exists():
        found.append("the accessibility bus (package at-spi2-core)")
    return ", ".join(found)


def asan_runtime(plugins):
    """The library that has to be in a program before a plugin with AddressSanitizer."""
    plugin = next(plugins.glob("*/epan/handshark.so"))
    needed = subprocess.run(["ldd", plugin], capture_output=True, text=True, check=True).stdout
    return re.search(r"=> (\S*/libasan\.so\S*)", needed)[1]


def stage(folder, plugins, profiles, *, width=1390, height=860, packet_list=300):
    """Fill a folder: plugins, a configuration with the profile, room for what is written. Numbers are
    pixels: of the main window, and of the packet list in it."""
    shutil.copytree(plugins, folder / "plugins")
    shutil.copytree(profiles, folder / "config" / "profiles")
    (folder / "config" / "recent_common").write_text(
        RECENT_COMMON.format(width=width, height=height)
    )
    recent = RECENT.format(packet_list=packet_list)
    (folder / "config" / "profiles" / "TCP Phases" / "recent").write_text(recent)
    for name in ("home", "run", "captures", "pictures"):
        (folder / name).mkdir()
    shutil.copytree(HERE, folder / "gui")


def hand_over(folder):
    """Make all in the folder the unprivileged user's."""
    for path in [folder, *folder.rglob("*")]:
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)
        path.chmod(0o700 if path.is_dir() else 0o600)


def run(folder, script, arguments, limit, **environment):
    """Run one of the scripts beside this one, as the unprivileged user; nothing that it started is left
    behind. Its exit status; None where it was not finished after limit seconds."""
    command = [find_python(), folder / "gui" / script, folder, *arguments]
    process = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
        **unprivileged(),
    )
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        return None
    finally:
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, how)
                process.wait(10)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass
        process.wait()
