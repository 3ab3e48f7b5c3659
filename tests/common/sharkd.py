"""Run sharkd, Wireshark's window without the window: one process that loads files and answers.

Loading is a first pass over the file, all that is asked afterwards is a later one, as in Wireshark.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import json
import os
import select
import shutil
import subprocess
import time

from tshark import NOBODY, TestFailure


class Refused(TestFailure):
    """sharkd answered with an error."""


class Sharkd:
    """sharkd with what a Tshark (tshark.py) set up: its plugin, configuration and user. A context
    manager; its end must be an ordinary one."""

    def __init__(self, tshark, program="sharkd", timeout=120):
        self.tshark, self.timeout = tshark, timeout
        self.asked = self.loads = 0
        self.program = shutil.which(program)
        if self.program is None:
            raise FileNotFoundError(f"no {program} here")
        identity = {}
        if os.geteuid() == 0:
            identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        environment = dict(tshark.environment)
        if tshark.checker == "asan":
            environment.update(tshark._asan(leaks=False))
        self.log = open(tshark.folder / "sharkd.log", "w+", encoding="utf-8", errors="replace")
        self.process = subprocess.Popen(
            [self.program, "-"],
            env=environment,
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            **identity,
        )
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            self.process.stdin.close()
            status = self.process.wait(self.timeout)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            status = self.process.wait()
        self.process.stdout.close()
        said = self._said()
        self.log.close()
        if kind is None and status != 0:
            raise TestFailure(f"sharkd: exit status {status}\n{said}")

    def _said(self):
        self.log.seek(0)
        return self.log.read()[-4000:]

    def _line(self):
        late = time.monotonic() + self.timeout
        out = self.process.stdout.fileno()
        while b"\n" not in self.buffer:
            if not select.select([out], [], [], max(0, late - time.monotonic()))[0]:
                raise TestFailure(f"sharkd: no answer in {self.timeout} s\n{self._said()}")
            more = os.read(out, 1 << 16)
            if not more:
                raise TestFailure(f"sharkd ended: {self.process.wait(10)}\n{self._said()}")
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line

    def ask(self, method, **parameters):
        """A request's result. Raises Refused where sharkd says that it is an error."""
        self.asked += 1
        request = {"jsonrpc": "2.0", "id": self.asked, "method": method}
        if parameters:
            request["params"] = parameters
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        line = self._line()
        try:
            answer = json.loads(line)
        except ValueError as problem:
            raise TestFailure(f"sharkd: {method}: {problem}: {line[:400]!r}") from problem
        if "error" in answer:
            raise Refused(f"sharkd: {method} {parameters}: {answer['error']}")
        return answer["result"]

    def load(self, capture):
        """Open a capture in place of the one before."""
        self.ask("load", file=str(self.tshark.stage(capture)))
        self.loads += 1

    def frames(self, text, **parameters):
        """The numbers of the frames that a display filter finds."""
        # sharkd keeps what a filter found, by its text, when it opens another file: a text of its own
        # for each file.
        text += " " * self.loads
        return [row["num"] for row in self.ask("frames", filter=text, **parameters)]
