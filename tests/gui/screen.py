"""A screen that nobody sees: an X server, a window manager, a bus for the desktop and its accessibility.

Run by an ordinary user; all that is started here is ended here.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import os
import subprocess
import time

PROGRAMS = {  # program -> Debian's package
    "wireshark": "wireshark",
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "xdotool": "xdotool",
    "import": "imagemagick",
    "dbus-daemon": "dbus",
}
SIZE = (1400, 900)


class Trouble(Exception):
    """Something does not go as it should; the message says what."""


def until(what, condition, seconds=60):
    """The first true value of condition(); Trouble when there is none in that time. What is awaited
    comes at once on a machine that is not busy."""
    late = time.monotonic() + seconds
    pause = 0.01
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > late:
            raise Trouble(f"{what}: not within {seconds} s")
        time.sleep(pause)
        pause = min(0.2, pause * 1.5)


def environment(folder):
    """What the programs get: nothing of the user's, the same language, style and time everywhere."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder / "home"),
        "XDG_RUNTIME_DIR": str(folder / "run"),
        "TMPDIR": str(folder / "run"),
        "WIRESHARK_CONFIG_DIR": str(folder / "config"),
        "WIRESHARK_PLUGIN_DIR": str(folder / "plugins"),
        "WIRESHARK_EXTCAP_DIR": str(folder / "no-extcap"),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        "QT_QPA_PLATFORM": "xcb",
        "QT_STYLE_OVERRIDE": "Fusion",
    }


class Screen:
    """A context manager. .environment is for what is to be shown on it."""

    def __init__(self, folder, environment, preload=None):
        """folder: for logs; environment: what the programs get beside DISPLAY and the bus; preload: what
        Wireshark and tshark get beside that, by name."""
        self.folder = folder
        self.environment = dict(environment)
        self.preload = preload or {}
        self.started = []  # (name, process)

    def __enter__(self):
        try:
            width, height = SIZE
            what = ["-screen", "0", f"{width}x{height}x24", "-dpi", "96", "-nolisten", "tcp"]
            # Without -noreset an X server forgets the root window's properties when its last client
            # leaves, and one of them says where the accessibility bus is. The launcher of that bus may
            # be the first client, gone before the window manager comes. Qt 5 then believes that it is
            # on the bus before it is, and never registers there.
            what.append("-noreset")
            number = self._start_and_read(["Xvfb", *what], "-displayfd")
            self.environment["DISPLAY"] = f":{number}"
            bus = ["dbus-daemon", "--session", "--nofork", "--nopidfile"]
            address = self._start_and_read(bus, "--print-address")
            self.environment["DBUS_SESSION_BUS_ADDRESS"] = address
            self.start("openbox", ["openbox", "--sm-disable"])
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for _, process in reversed(self.started):
            end(process)

    def environment_of(self, program):
        return {**self.environment, **self.preload.get(program, {})}

    def start(self, name, command, **more):
        """Start a program, its output in a log of that name."""
        with open(self.folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen(
                command,
                env=self.environment_of(name),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **more,
            )
        self.started.append((name, process))
        return process

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")[-4000:]

    def _start_and_read(self, command, option):
        """Start a program that writes a line to a file descriptor when it is ready: that line."""
        ours, theirs = os.pipe()
        name = command[0]
        option = f"{option}={theirs}" if option.startswith("--") else [option, str(theirs)]
        option = [option] if isinstance(option, str) else option
        process = self.start(name, [*command, *option], pass_fds=[theirs])
        os.close(theirs)
        with os.fdopen(ours) as pipe:
            line = pipe.readline().strip()
        if not line:
            raise Trouble(f"{name} does not start: {process.wait(10)}\n{self.log(name)}")
        return line

    def run(self, *command):
        """A short program on this screen: what it says."""
        done = subprocess.run(
            [str(part) for part in command], env=self.environment, capture_output=True, text=True,
            timeout=60,
        )  # fmt: skip
        if done.returncode != 0:
            raise Trouble(f"{command}: exit status {done.returncode}\n{done.stderr}")
        return done.stdout

    def picture(self, path):
        """A picture of the whole screen. For people to look at: the checks do not need it."""
        self.run("import", "-window", "root", path)


def end(process, seconds=10):
    """End a process of ours; its exit status."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()
