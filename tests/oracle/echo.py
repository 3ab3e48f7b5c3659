"""The echo pair: handshark-echo-client at one host, handshark-echo-server at the other.

These scenarios need the programs (record --programs); the ends that no server can be asked for, which
the client makes by itself, are in tests/echo-client/live.py.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "echo"))

import frames  # noqa: E402
from running import Server  # noqa: E402
from scenario import scenario  # noqa: E402
from wire import Stuck  # noqa: E402

PORT = 2333
TLS_PORT = 8443
LIMIT = 60  # seconds for one run of the client

programs = None  # the folder with both; set by record


class Pair:
    """A server that runs until the wire has stopped."""

    def __init__(self, lab, *options, port=PORT, environment=None):
        self.lab, self.port = lab, port
        self.address = f"{lab.server.address}:{port}"
        with lab.server.namespace.inside():
            self.server = Server(
                programs / "handshark-echo-server", "--verbose", "--threads=1", *options,
                addresses=(self.address,), environment=environment,
            )  # fmt: skip
        lab.sockets.append(self)

    def close(self):
        self.server.kill()

    def run(self, *arguments, text=None, environment=None):
        """The client to its end, one connection after the other; text: what a person types."""
        command = [programs / "handshark-echo-client", *arguments]
        command += [] if text else ["--at-once=1"]
        with self.lab.client.namespace.inside():
            process = subprocess.Popen(
                [*command, self.address], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, env={**os.environ, **(environment or {})},
            )  # fmt: skip
        try:
            said, _ = process.communicate(text or "", timeout=LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise Stuck(f"the client does not end: {arguments}") from None
        if process.returncode != 0:
            raise Stuck(f"{arguments}: exit status {process.returncode}\n{said}")
        self.lab.settle()

    def connect(self):
        """A client of our own, for what the program does not do."""
        end = self.lab.end(self.lab.client)
        end.socket.connect((self.lab.server.address, self.port))
        return end

    def say(self, *parts, then=0):
        """A connection that says this, reads the answers, and closes after the server.
        then: octets that come before the rest is said."""
        end = self.connect()
        end.send(bytes(parts[0]))
        if then:
            end.receive(then)
        for part in parts[1:]:
            end.send(bytes(part))
        while end.socket.recv(65536):
            pass
        end.close()
        self.lab.settle()


@scenario(live=True, programs=True)
def echo_goodbyes(lab):
    """The four ways of GOODBYE, each without and with a wait: the client closes first, the server
    closes first, the server resets, the server lingers."""
    ways = "client,client:150,server,server:150,reset,reset:150,linger,linger:150"
    Pair(lab).run("--close", ways)


@scenario(live=True, programs=True)
def echo_closings(lab):
    """The client closes without a GOODBYE: in order; in order, with a request under way; by a RST, with
    nothing unread and with something; by a FIN and then a RST; at last it vanishes."""
    Pair(lab).run("--close", "fin,half,abort,unread,fin-abort,vanish")


@scenario(programs=True)
def echo_answers_the_dead(lab):
    """The client sends its FIN and is gone; the answer that comes then gets a RST."""
    Pair(lab).run("--close", "late")


@scenario(live=True, programs=True)
def echo_openings(lab):
    """A three-way handshake; one whose third segment has the request; Fast Open, which gets a cookie
    the first time and uses it the second."""
    Pair(lab).run("--open", "three-way,data,fast,fast")


@scenario(programs=True)
def echo_frames(lab):
    """Twelve frames in a segment; frames over many segments, with times and checksums; frames of
    mixed sizes, three in flight."""
    pair = Pair(lab)
    pair.run("--count=24", "--pipeline=12", "--size=20")
    pair.run("--count=2", "--size=20000", "--times", "--crc")
    pair.run("--count=9", "--pipeline=3", "--size=0-3000", "--times", "--crc")


@scenario(programs=True)
def echo_by_hand(lab):
    """Lines typed by a person: with frames, and as plain echo."""
    pair = Pair(lab)
    pair.run(text="hello\nGrüße aus dem Terminal\nQ\n")
    pair.run("--plain", text="hello\nplain echo, RFC 862\nQ\n")


@scenario(programs=True)
def echo_plain(lab):
    """Plain echo under load: lines that the server sends back together, and one larger than a
    segment."""
    pair = Pair(lab)
    pair.run("--plain", "--count=10", "--pipeline=5", "--size=30")
    pair.run("--plain", "--count=2", "--size=4000")


@scenario(programs=True)
def echo_errors(lab):
    """Every ERROR: bad magic, version, type, length, checksum and flags; busy; a frame not finished in
    time; shutting down. The server closes after each."""
    pair = Pair(lab, "--max-payload=1K", "--frame-deadline=0.3", "--max-connections=2")
    good = frames.request(b"good", 1)
    size = len(bytes(good))
    for bad in (
        b"This is no frame, for there is no magic.",
        frames.Frame(version=2, id=2),
        frames.Frame(9, id=2),
        frames.Frame(length=0xFFFFFFFF, id=2),
        frames.Frame(checksum=None, id=2, flags=0, payload=b"sum"),
        frames.Frame(flags=0x8000, id=2),
        frames.Frame(frames.GOODBYE, code=4, id=2),
        bytes(frames.request(b"", 2, times=True))[:30],
    ):
        if isinstance(bad, frames.Frame) and bad.payload == b"sum":
            bad.checksum = 0x12345678  # set, and the flag that says so is not
        pair.say(good, bad, then=size)
    others = [pair.connect() for _ in range(2)]
    for end in others:
        end.send(bytes(good)).receive(size)
    pair.say(b"")
    pair.server.signal(signal.SIGTERM)
    for end in others:
        while end.socket.recv(65536):
            pass
        end.close()
    lab.settle()


@scenario(programs=True)
def echo_tls(lab):
    """TLS 1.3: requests with times, a GOODBYE, and a client that resets."""
    folder = tempfile.TemporaryDirectory(prefix="handshark-")
    certificate, key, keys = (pathlib.Path(folder.name, name) for name in ("cert", "key", "keys"))
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", "/CN=echo.example", "-keyout", key, "-out", certificate,
        ],
        check=True, capture_output=True, timeout=LIMIT,
    )  # fmt: skip
    pair = Pair(lab, f"--tls-cert={certificate}", f"--tls-key={key}", port=TLS_PORT)
    environment = {"SSLKEYLOGFILE": str(keys)}
    pair.run("--tls-insecure", "--count=3", "--times", environment=environment)
    pair.run("--tls-insecure", "--close=abort", environment=environment)
    lab.secrets = keys.read_bytes()
    folder.cleanup()
