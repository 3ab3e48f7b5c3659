"""A handshark-echo-server that runs for a test, and a client's end of a connection to it.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import contextlib
import functools
import os
import re
import resource
import signal
import socket
import subprocess
import threading
import time
import unittest

import frames

LIMIT = 60  # seconds after which a test has failed rather than waits on
LATE = 10  # seconds by which a busy machine may be late with what has its time


class Server:
    """The real program on free ports. A context manager: at its end the program must end by itself.

    program    the executable
    options    its options
    addresses  where it listens; a port that is free is 0
    expected   on how many sockets it says it listens, if that is not one for each address
    """

    def __init__(
        self, program, *options, addresses=("127.0.0.1:0",), expected=None, environment=None, **popen
    ):
        self.lines, self.names = [], []
        self._told = threading.Condition()
        self.process = subprocess.Popen(
            [program, *options, *addresses],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
            **popen,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            for _ in range(expected or len(addresses)):
                self.wait_for(r"listening on (\S+?)(,|$)", len(self.names) + 1)
                self.names.append(self._matches(r"listening on (\S+?)(,|$)")[len(self.names)][1])
        except AssertionError:
            self.kill()
            raise
        self.name = self.names[0]

    def _read(self):
        for line in self.process.stderr:
            with self._told:
                self.lines.append(line.decode(errors="replace").rstrip("\n"))
                self._told.notify_all()
        with self._told:
            self.lines.append("(end)")
            self._told.notify_all()

    def _matches(self, pattern):
        return [match for match in (re.search(pattern, line) for line in self.lines) if match]

    def wait_for(self, pattern, count=1):
        """Wait until so many lines match; returns the last one's match."""
        with self._told:
            self._told.wait_for(
                lambda: len(self._matches(pattern)) >= count or "(end)" in self.lines, LIMIT
            )
            matches = self._matches(pattern)
        if len(matches) < count:
            raise AssertionError(f"no {pattern!r} from the server:\n" + "\n".join(self.lines))
        return matches[count - 1]

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None and kind is None:
            status = self.end()
            if status != 0:
                raise AssertionError(f"exit status {status}:\n" + "\n".join(self.lines))
        self.kill()

    def kill(self):
        """End it, however."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        self.process.stdout.close()
        self.process.stderr.close()

    def signal(self, number):
        self.process.send_signal(number)

    def end(self):
        """SIGTERM, and a second one if need be; returns the status."""
        self.signal(signal.SIGTERM)
        try:
            return self.process.wait(0.5)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGTERM)
            return self.wait()

    def wait(self):
        """Its exit status."""
        try:
            status = self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            raise AssertionError("the server does not end:\n" + "\n".join(self.lines)) from None
        self._reader.join()
        return status

    @property
    def port(self):
        return int(self.name.rsplit(":", 1)[1])

    def connect(self, name=None, **options):
        return Client(name or self.name, **options)

    def memory(self, field="VmRSS"):
        """Octets, of /proc/PID/status."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(re.search(rf"{field}:\s+(\d+) kB", file.read())[1]) * 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def processor_time(self):
        """Seconds of processor time that it has used."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def counters(self):
        """What SIGUSR1 prints, as a dictionary."""
        count = len(self._matches(r": connections=\d+"))
        self.signal(signal.SIGUSR1)
        text = self.wait_for(r": (connections=\d+.*)", count + 1)[1]
        return {name: int(value) for name, value in re.findall(r"(\S+)=(\d+)(?= |$)", text)}


def need_descriptors(count):
    """Skip the test where this process may not have so many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise unittest.SkipTest(f"the limit on open files is {hard}, not {count}")
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


class Client:
    """A client's socket, with frames. A context manager."""

    def __init__(self, name, receive_buffer=None, wrap=None):
        if name.startswith("unix:"):
            path = name[5:]
            self.socket = socket.socket(socket.AF_UNIX)
            address = "\0" + path[1:] if path.startswith("@") else path
        else:
            host, port = name.rsplit(":", 1)
            host = host.strip("[]")
            self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            address = (host, int(port))
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(LIMIT)
        try:
            self.socket.connect(address)
            if wrap:
                self.socket = wrap(self.socket)
        except BaseException:
            self.socket.close()
            raise
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *parts):
        self.socket.sendall(b"".join(map(bytes, parts)))

    def receive(self, size):
        """So many octets; fewer at the end of the stream."""
        while len(self.rest) < size:
            more = self.socket.recv(65536)
            if not more:
                break
            self.rest += more
        data, self.rest = self.rest[:size], self.rest[size:]
        return data

    def frame(self):
        """The next frame, or None at the end of the stream."""
        while True:
            found = frames.parse(self.rest)
            if found:
                self.rest = self.rest[found[1] :]
                return found[0]
            more = self.socket.recv(65536)
            if not more:
                if self.rest:
                    raise AssertionError(f"the stream ends within a frame: {self.rest[:60]!r}")
                return None
            self.rest += more

    def until_end(self):
        """All octets until the server's FIN."""
        parts = [self.rest]
        self.rest = b""
        while parts[-1] or len(parts) == 1:
            parts.append(self.socket.recv(65536))
        return b"".join(parts)

    def fin(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Close with a RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()

    def is_silent(self, seconds):
        """Does nothing come for so long?"""
        self.socket.settimeout(seconds)
        try:
            return not self.rest and self.socket.recv(1, socket.MSG_PEEK) is None
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(LIMIT)


@contextlib.contextmanager
def took(at_least, late=LATE):
    """What is within takes so long, in seconds: nothing comes early, and a busy machine may be late.

    It has to begin before what starts the server's clock: whoever looks at his own clock after that
    may be late himself.
    """
    begin = time.monotonic()
    yield
    seconds = time.monotonic() - begin
    if not at_least - 0.02 <= seconds <= at_least + late:  # the server's clock has ticks of up to 10 ms
        raise AssertionError(f"took {seconds:.3f} s, not {at_least} s (and up to {late} s more)")


class Unpunctual(Exception):
    """We were late ourselves: what the server did then says nothing."""


@contextlib.contextmanager
def punctual(seconds):
    """What is within has to be done in so many seconds, or what came of it says nothing."""
    begin = time.monotonic()
    try:
        yield
    finally:
        if time.monotonic() - begin > seconds:
            raise Unpunctual


def when_punctual(test):
    """A test that is done again, up to ten times, where it was late itself."""

    @functools.wraps(test)
    def tries(self):
        for _ in range(10):
            try:
                return test(self)
            except Unpunctual:
                pass
        return self.skipTest("this machine is too busy for a client that is punctual")

    return tries


def eventually(condition, what, limit=LIMIT):
    """Wait for something."""
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"never: {what}")
        time.sleep(0.01)
