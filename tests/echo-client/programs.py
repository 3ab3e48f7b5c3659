"""handshark-echo-client, run for a test.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import json
import subprocess

CLIENT = SERVER = None  # set by client.py
SANITIZED = False
LIMIT = 60  # seconds after which it hangs


class Done:
    """How it ended: .status .out .err; .json is standard output, parsed."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit status {self.status}\n{self.out}\n{self.err}"


def start(*arguments, **popen):
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([CLIENT, *map(str, arguments)], text=True, **{**options, **popen})


def finish(process, text=None):
    try:
        out, err = process.communicate(text, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        raise AssertionError(f"it hangs: {process.args}") from None
    return Done(process.returncode, out, err)


def client(*arguments, text=None, **popen):
    """Run it to its end. text: its standard input."""
    if text is not None:
        popen["stdin"] = subprocess.PIPE
    return finish(start(*arguments, **popen), text)
