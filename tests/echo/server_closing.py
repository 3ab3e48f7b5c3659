"""handshark-echo-server: the ways to close, as sockets see them and as the kernel's segments show.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

import frames
from frames import CLIENT_FIRST, GOODBYE, LINGER, REPLY, RESET, SERVER_FIRST, goodbye, request
from running import LIMIT, Server, Unpunctual, eventually, took, when_punctual

PROGRAM, SANITIZED = None, False


def state(client):
    """The kernel's state of the client's end, by its number in linux/tcp_states.h."""
    return struct.unpack_from("B", client.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1))[0]


FIN_WAIT_2, CLOSE, CLOSE_WAIT = 5, 7, 8
DELAYED_ACK = 0.035  # seconds; Linux's shortest is 40 ms


class Ways(unittest.TestCase):
    OPTIONS = ()

    @classmethod
    def setUpClass(cls):
        cls.server = Server(PROGRAM, *cls.OPTIONS, "--verbose")
        cls.addClassCleanup(cls.server.__exit__, None)

    def assert_same(self, asked, got):
        self.assertIsNotNone(got)
        self.assertEqual((got.kind, got.code, got.id), (asked.kind, asked.code, asked.id))
        self.assertEqual((got.flags, got.payload), (asked.flags, asked.payload))
        if asked.times:
            self.assertEqual(got.times[0], asked.times[0])
            self.assertTrue(0 < got.times[1] <= got.times[2])

    def test_client_first(self):
        for wait in (0, 200):
            for payload in (b"", b"farewell", b"p" * 65536):
                asked = goodbye(CLIENT_FIRST, wait, payload, id=4, times=(5, 0, 0))
                with self.subTest(wait=wait), self.server.connect() as client:
                    client.send(request(b"one"), asked)
                    self.assertEqual(client.frame().kind, REPLY)
                    self.assert_same(asked, client.frame())
                    self.assertTrue(client.is_silent(0.03))
                    with took(wait / 1000):
                        client.fin()
                        self.assertIsNone(client.frame())

    def test_server_first(self):
        for wait in (0, 200):
            asked = goodbye(SERVER_FIRST, wait, b"farewell", id=4, times=(5, 0, 0))
            with self.subTest(wait=wait), self.server.connect() as client:
                with took(wait / 1000):
                    client.send(request(b"one"), asked)
                    self.assertEqual(client.frame().kind, REPLY)
                    self.assert_same(asked, client.frame())
                    self.assertIsNone(client.frame())
                self.assertEqual(state(client), CLOSE_WAIT)
                client.send(b"thrown away")
                time.sleep(0.02)
                self.assertEqual(state(client), CLOSE_WAIT)  # no RST

    def test_reset(self):
        for wait in (0, 200):
            with self.subTest(wait=wait), self.server.connect() as client:
                client.send(request(b"one"))
                self.assertEqual(client.frame().kind, REPLY)
                with took(wait / 1000):
                    client.send(goodbye(RESET, wait, b"farewell"))
                    with self.assertRaises(ConnectionResetError):
                        client.frame()

    def test_linger(self):
        for wait in (0, 200):
            asked = goodbye(LINGER, wait, b"last words", id=4, times=(5, 0, 0))
            with self.subTest(wait=wait), self.server.connect() as client:
                client.send(request(b"one"), asked)
                self.assertEqual(client.frame().kind, REPLY)
                self.assertTrue(client.is_silent(0.05))
                with took(wait / 1000):
                    client.fin()
                    got = client.frame()
                self.assertEqual((got.kind, got.code, got.id), (REPLY, 0, 4))
                self.assertEqual((got.payload, got.times[0]), (b"last words", 5))
                self.assertTrue(0 < got.times[1] <= got.times[2])
                self.assertIsNone(client.frame())

    def test_one_octet_at_a_time(self):
        for how in (CLIENT_FIRST, SERVER_FIRST):
            asked = goodbye(how, 0, b"abc", 4, times=(5, 0, 0))
            with self.server.connect() as client:
                for octet in bytes(asked):
                    client.send(bytes([octet]))
                    time.sleep(0.0005)
                self.assert_same(asked, client.frame())

    def test_what_follows_is_thrown_away(self):
        for how in (CLIENT_FIRST, SERVER_FIRST):
            with self.server.connect() as client:
                client.send(goodbye(how, 50), request(b"too late"), b"x" * 200000)
                self.assertEqual(client.frame().kind, GOODBYE)
                client.fin()
                self.assertIsNone(client.frame())

    def test_fin_during_the_wait(self):
        """Way 1: the client closes while the server waits; the server's FIN comes in its time, and
        the end of the stream, which stays readable, makes no busy loop."""
        with self.server.connect() as client:
            used = self.server.processor_time()
            with took(0.4):
                client.send(goodbye(SERVER_FIRST, 400))
                self.assertEqual(client.frame().kind, GOODBYE)
                client.fin()
                self.assertIsNone(client.frame())
            self.assertLess(self.server.processor_time() - used, 0.1)

    def test_answers_come_first(self):
        """To a reader that takes its time, in each way that has an answer."""
        asked = [request(b"%1000d" % n, n) for n in range(3000)]
        for how in (CLIENT_FIRST, SERVER_FIRST, LINGER):
            with self.server.connect(receive_buffer=20000) as client:

                def send():
                    client.send(*asked, goodbye(how, 10, id=3000))
                    if how != SERVER_FIRST:
                        client.fin()

                sender = threading.Thread(target=send)
                sender.start()
                time.sleep(0.1)
                got = frames.parse_all(client.until_end())
                sender.join()
            self.assertEqual([one.id for one in got], list(range(3001)))
            self.assertEqual(got[-1].kind, REPLY if how == LINGER else GOODBYE)


SEGMENTS = {  # of the teardown: who, flags without ACK and PSH, octets
    (CLIENT_FIRST, 200): ["client F 0", "server - 0", "server F 0", "client - 0"],
    (SERVER_FIRST, 200): ["server F 0", "client F 0", "server - 0"],
    (RESET, 100): ["server R 0"],
    (LINGER, 200): ["client F 0", "server - 0", "server - 27", "server F 0", "client - 0"],
}


def are_settled(server):
    """Are all of the server's connections over, or in TIME_WAIT?"""
    rows = pathlib.Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    ends = [row.split()[1:4] for row in rows]
    port = f":{server.port:04X}"
    states = [end[2] for end in ends if end[0].endswith(port) or end[1].endswith(port)]
    return set(states) <= {"0A", "06"}  # LISTEN, TIME_WAIT


class Segments(unittest.TestCase):
    """What goes over the loopback interface, as dumpcap records it."""

    def wait_until_captured(self, server, path, mark):
        """A datagram with the mark, to the server's port, until dumpcap has written one."""

        def is_there():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.sendto(mark, ("127.0.0.1", server.port))
            time.sleep(0.02)
            return path.exists() and mark in path.read_bytes()

        eventually(is_there, "dumpcap writes what it captures")

    def capture(self, server, folder, how, wait):
        """The segments of one connection, after the client's GOODBYE."""
        path = pathlib.Path(folder) / f"{how}.pcapng"
        dumpcap = subprocess.Popen(
            ["dumpcap", "-q", "-i", "lo", "-f", f"port {server.port}", "-w", path],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.wait_until_captured(server, path, b"the capture begins here")
        with server.connect() as client:
            client.send(goodbye(how, wait, b"bye"))
            if how in (CLIENT_FIRST, SERVER_FIRST):
                self.assertEqual(client.frame().kind, GOODBYE)
            if how in (CLIENT_FIRST, LINGER):
                client.fin()
            try:
                client.until_end()
            except ConnectionResetError:
                self.assertEqual(how, RESET)
        eventually(lambda: are_settled(server), "both ends have come to their end")
        self.wait_until_captured(server, path, b"the capture ends here")
        dumpcap.terminate()
        dumpcap.communicate(timeout=LIMIT)
        fields = ["frame.time_relative", "tcp.dstport", "tcp.flags", "tcp.len"]
        columns = [part for name in fields for part in ("-e", name)]
        told = subprocess.run(
            ["tshark", "-n", "-r", path, "-Y", "tcp", "-T", "fields", *columns],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        rows = [line.split("\t") for line in told.splitlines()]
        segments, fins = [], {}
        for moment, port, flags, size in rows:
            flags = int(flags, 0)
            name = "".join(letter for bit, letter in ((1, "F"), (2, "S"), (4, "R")) if flags & bit)
            sender = "client" if int(port) == server.port else "server"
            segments.append(f"{sender} {name or '-'} {size}")
            if name == "F":
                fins.setdefault(sender, float(moment))
        if how == SERVER_FIRST and fins["client"] - fins["server"] >= DELAYED_ACK:
            raise Unpunctual  # our kernel's ACK went first
        return segments

    @when_punctual
    def test_as_the_specification_draws_them(self):
        if not (shutil.which("dumpcap") and shutil.which("tshark")):
            self.skipTest("there is no dumpcap or no tshark")
        if os.geteuid() != 0:
            self.skipTest("only root may capture")
        with Server(PROGRAM) as server, tempfile.TemporaryDirectory() as folder:
            for (how, wait), expected in SEGMENTS.items():
                with self.subTest(how=how):
                    got = self.capture(server, folder, how, wait)
                    begin = next(
                        at for at, one in enumerate(got) if re.search(r" [FR] ", one)
                    )
                    # An ACK of data alone is not drawn.
                    drawn = [
                        one for at, one in enumerate(got)
                        if at >= begin and not (one == "client - 0" and got[at - 1] == "server - 27")
                    ]  # fmt: skip
                    self.assertEqual(drawn, expected, got)
                    if how in (CLIENT_FIRST, SERVER_FIRST):
                        self.assertIn("server - 27", got[:begin])
                    else:
                        self.assertNotIn("server - 27", got[:begin])
