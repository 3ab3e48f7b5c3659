"""Runs handshark with the tshark and the plugin just built, as an ordinary user.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import time

from tshark import NOBODY, Result, Tshark

TIMEOUT = 240


class Handshark:
    """The program, with a folder that it may write to. A context manager.

    .out      that folder
    .tshark   tshark with the plugin, by itself
    .real     a line of shell that becomes it
    """

    def __init__(self, options):
        self.asan = options.asan
        self.tshark = Tshark(options.plugins, "asan" if options.asan else None, options.tshark)
        folder = self.tshark.folder
        self.program = folder / "handshark"  # the build may lie where nobody can go
        shutil.copy(options.program, self.program)
        self.program.chmod(0o755)
        self.bin = folder / "bin"
        self.bin.mkdir()
        # The plugin's sanitizer has to be there before tshark; what tshark leaks is not ours.
        environment = {}
        if self.asan:
            environment = self.tshark._asan(leaks=False)
        self.real = self.exec_tshark(environment)
        self.fake("tshark", self.real)
        self.out = self.tshark.private / "out"
        self.out.mkdir()
        self.own(self.out)
        self.environment = dict(self.tshark.environment)
        self.environment["PATH"] = f"{self.bin}:{self.environment['PATH']}"
        self.environment["XDG_CACHE_HOME"] = str(self.out / "cache")
        if self.asan:
            self.environment["ASAN_OPTIONS"] = "detect_leaks=1:exitcode=99"
            self.environment["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1:exitcode=99"
        self.numbers = iter(range(1, 1 << 30))
        self.version = self.good("--version").split()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tshark.__exit__()

    def exec_tshark(self, environment):
        """A line of shell that becomes the real tshark."""
        words = [f"{name}={shlex.quote(value)}" for name, value in environment.items()]
        return " ".join(["exec env", *words, shlex.quote(self.tshark.program), '"$@"'])

    def fake(self, name, script):
        """A program of shell lines; returns its path."""
        path = self.bin / name
        path.write_text("#!/bin/sh\n" + script + "\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    def fake_tshark(self, name, script):
        """A tshark that says it has the plugin, and does something of its own when it is to read a
        capture."""
        plugin = f"handshark.so\\t{self.version}\\tdissector\\t/nowhere"
        return self.fake(name, f'[ "$1" != -G ] || exec printf "{plugin}\\n"\n{script}')

    def replay(self):
        """A tshark that knows by heart what the real one said of a capture (see learn()), and is
        quick. Filters it does not heed."""
        script = """
for word; do
    case $last in
    -r) file=$word ;;
    -z) kind=${word#tcp_phase,} ;;
    esac
    last=$word
done
kind=${kind#ladder,}
exec cat "$file.${kind%%,*}"
"""
        return self.fake_tshark("tshark-replay", script)

    def learn(self, capture, *kinds):
        """Have the real tshark say it, once. kinds: jsonl, comments, or formats of the ladder. Returns
        the capture."""
        for kind in kinds:
            said = capture.with_name(f"{capture.name}.{kind}")
            if not said.exists():
                said.write_text(self.said(capture, kind), encoding="utf-8")
        return capture

    def said(self, capture, kind, condition=None):
        """What the real tshark says."""
        what = kind if kind in ("jsonl", "comments") else f"ladder,{kind}"
        statistic = f"tcp_phase,{what},-" + (f",{condition}" if condition else "")
        return self.tshark.run(["-n", "-q", "-r", capture, "-z", statistic]).out

    def own(self, path):
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)

    def new(self, name="out"):
        """A path in a folder of its own, for a file to be written."""
        folder = self.out / str(next(self.numbers))
        folder.mkdir()
        self.own(folder)
        return folder / name

    def put(self, data, name="in"):
        """A file with this content; the user of the program owns it."""
        path = self.new(name)
        path.write_bytes(data)
        self.own(path)
        return path

    def capture(self, name):
        """A copy of one of the project's captures."""
        return self.tshark.stage(CAPTURES / name / "capture.pcapng")

    def start(self, *arguments, program=None, environment=None, **streams):
        """A process of it, or of another program; what else subprocess.Popen() takes may be given."""
        identity = {}
        if os.geteuid() == 0:
            identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        return subprocess.Popen(
            [str(program or self.program), *map(str, arguments)],
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            cwd=self.out,
            preexec_fn=_default_signals,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
            **identity,
        )

    def run(self, *arguments, **more):
        """Its status and what it said."""
        with self.start(*arguments, **more) as process:
            try:
                out, err = process.communicate(timeout=TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        out, err = ((text or b"").decode("utf-8", "surrogateescape") for text in (out, err))
        if re.search(r"runtime error:|ERROR: (Address|Leak)Sanitizer", err):
            raise AssertionError(f"{arguments}:\n{err}")
        return Result(process.returncode, out, err)

    def tool(self, name, *arguments):
        """What one of Wireshark's programs said; it has to have nothing to complain of."""
        return self.good(*arguments, program=shutil.which(name))

    def good(self, *arguments, **more):
        """What it said; it has to have succeeded, and without a complaint."""
        result = self.run(*arguments, **more)
        if result.status != 0 or result.err:
            raise AssertionError(f"{arguments}: status {result.status}\n{result.err}")
        return result.out


def _default_signals():
    """A test that runs in the background is started with these ignored, and so would the program be."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


CAPTURES = pathlib.Path(__file__).resolve().parents[2] / "test-captures"


def until(condition, what, seconds=60, pause=0.01):
    """Wait for something to be true; asked for after each pause."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(pause)


def is_alive(process):
    """Whether a process runs; one that has ended and was not waited for does not."""
    try:
        state = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"
