"""The programs that are measured, each on a processor of its own, and what they cost.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "echo"))

from running import Server  # noqa: E402

OURS, RAW = "handshark-echo-server", "raw_server"
CLIENT = "handshark-echo-client"
CALL_RECORD = 32, 24  # octets of count_calls.c's records, and of the name in them
PATIENCE = 60  # seconds after which an answer does not come any more


class Trouble(Exception):
    """Something that the user should read, without a traceback."""


class Cannot(Trouble):
    """This machine or user has not what it takes."""


class Cost:
    """What a load cost: .server and .client in seconds of processor time, .requests, and .said,
    which is the client's JSON."""

    def __init__(self, server, client, said):
        self.server, self.client, self.said = server, client, said
        self.requests = said["answered"]

    def each(self, start):
        """Microseconds a request (server, client) beyond a run that did little more than to begin
        and end the same connections."""
        requests = self.requests - start.requests
        return (
            (self.server - start.server) * 1e6 / requests,
            (self.client - start.client) * 1e6 / requests,
        )


class Workbench:
    """Where they are, and the processors they run on."""

    def __init__(self, build):
        self.paths = {
            OURS: build / "bin" / OURS,
            CLIENT: build / "bin" / CLIENT,
            RAW: build / "bench" / RAW,
            "calls": build / "bench" / "count_calls.so",
            "plugins": build / "plugins",
        }
        for name in (OURS, CLIENT, RAW, "calls"):
            if not self.paths[name].exists():
                raise Cannot(f"{self.paths[name]} is not there; `./dev build` says why")
        allowed = sorted(os.sched_getaffinity(0))
        # Neighbours by number may be two halves of one core.
        self.server_processor, self.client_processor = allowed[0], allowed[-1]

    def exchange(self):
        """From now on the server runs where the client did: one may be slower than the other, for
        what else its core does."""
        self.server_processor, self.client_processor = self.client_processor, self.server_processor

    def server(self, name, *options, **more):
        """A server that runs: one thread, on a free port. A context manager."""
        if name == OURS:
            options = ("--threads", "1", *options)
        return Server(str(self.paths[name]), *options, **self._on(self.server_processor), **more)

    @contextlib.contextmanager
    def counted_server(self, name):
        """The same with its calls counted. Yields the server, and what reads the counts."""
        with tempfile.NamedTemporaryFile(prefix="handshark-calls.") as file:
            environment = {"LD_PRELOAD": str(self.paths["calls"]), "HANDSHARK_CALLS": file.name}
            with self.server(name, environment=environment) as server:
                yield server, lambda: _read_counts(file.name)

    def start_client(self, server, *options, gives_way=False):
        """A client that runs. gives_way: it leaves the processor to others that want it."""
        common = ["--json", "--close", "fin", "--timeout", PATIENCE]
        command = list(map(str, [self.paths[CLIENT], *common, *options, server.name]))
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **self._on(self.client_processor, 19 if gives_way else 0),
        )

    def run_client(self, server, *options):
        """A client from begin to end: its JSON, and the processor time it took."""
        process = self.start_client(server, *options)
        with process:
            out, err = process.stdout.read(), process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        return self.result(process, out, err), usage.ru_utime + usage.ru_stime

    def finish_client(self, process):
        """The JSON of a client that was started."""
        out, err = process.communicate(timeout=2 * PATIENCE)
        return self.result(process, out, err)

    @staticmethod
    def result(process, out, err):
        if process.returncode != 0:
            command = " ".join(process.args)
            raise Trouble(f"{command}: exit status {process.returncode}\n{err.strip()}")
        return json.loads(out)

    def load(self, server, *options):
        """Run a client; returns the Cost."""
        before = processor_time(server)
        said, client = self.run_client(server, *options)
        return Cost(processor_time(server) - before, client, said)

    @staticmethod
    def _on(processor, nice=0):
        def prepare():
            os.sched_setaffinity(0, {processor})
            if nice:
                os.nice(nice)

        return {"preexec_fn": prepare}

    def version(self):
        version = subprocess.run(
            [self.paths[OURS], "--version"], capture_output=True, text=True, check=True
        ).stdout
        return " ".join(version.split())


def processor_time(server):
    """Seconds that all threads of a server have run, to the nanosecond (clock_getcpuclockid(3))."""
    return time.clock_gettime(~server.process.pid << 3 | 2)


def _read_counts(path):
    data = pathlib.Path(path).read_bytes()
    size, name = CALL_RECORD
    counts = {}
    for at in range(0, len(data), size):
        record = data[at : at + size]
        key = record[:name].rstrip(b"\0").decode()
        counts[key] = int.from_bytes(record[name:], sys.byteorder)
    return counts
