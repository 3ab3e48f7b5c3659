"""handshark-echo-server: bad input, and clients that behave badly.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import pathlib
import random
import signal
import socket
import struct
import threading
import time
import unittest

import frames
from frames import ERROR, GOODBYE, REPLY, Frame, request
from running import Server, eventually, took

PROGRAM, SANITIZED = None, False

# A header and the code of its ERROR; those without an id have None.
HEADERS = [
    (Frame(magic=0xEC41, id=9), frames.BAD_MAGIC, None),
    (Frame(magic=0x0000, id=9), frames.BAD_MAGIC, None),
    (Frame(version=0, id=9), frames.BAD_VERSION, None),
    (Frame(version=2, id=9), frames.BAD_VERSION, None),
    (Frame(0, id=9), frames.BAD_TYPE, 9),
    (Frame(REPLY, id=9), frames.BAD_TYPE, 9),
    (Frame(ERROR, id=9, code=1), frames.BAD_TYPE, 9),
    (Frame(5, id=9), frames.BAD_TYPE, 9),
    (Frame(255, id=9), frames.BAD_TYPE, 9),
    (Frame(flags=4, id=9), frames.BAD_FLAGS, 9),
    (Frame(flags=0x8000, id=9), frames.BAD_FLAGS, 9),
    (Frame(code=1, id=9), frames.BAD_FLAGS, 9),
    (Frame(GOODBYE, code=4, id=9), frames.BAD_FLAGS, 9),
    (Frame(GOODBYE, code=255, id=9), frames.BAD_FLAGS, 9),
    (Frame(length=0xFFFFFFFF, id=9), frames.TOO_LARGE, 9),
    (Frame(length=(1 << 30) + 1, id=9), frames.TOO_LARGE, 9),
    (Frame(GOODBYE, length=65537, id=9), frames.TOO_LARGE, 9),
    (Frame(flags=0, checksum=1, id=9), frames.BAD_CHECKSUM, 9),
]


def retransmissions(client):
    """How many segments the client's kernel has sent again: tcpi_total_retrans of linux/tcp.h."""
    info = client.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    return struct.unpack_from("=I", info, 100)[0]


class Headers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(PROGRAM)
        cls.addClassCleanup(cls.server.__exit__, None)

    def assert_error(self, client, code, id):
        got = client.frame()
        self.assertIsNotNone(got)
        self.assertEqual((got.kind, got.code, got.flags), (ERROR, code, 0), got)
        self.assertEqual(got.id, id or 0)
        self.assertGreater(len(got.payload.decode()), 5)
        self.assertIsNone(client.frame())  # its FIN, no RST

    def test_each(self):
        """After a good request; whole or in two parts; with more behind it; others are unharmed."""
        with self.server.connect() as bystander:
            for frame, code, id in HEADERS:
                for cut in (0, 1, 2, 3, 12, 23):
                    with self.subTest(frame=frame, cut=cut), self.server.connect() as client:
                        client.send(request(b"good", 1))
                        self.assertEqual(client.frame().kind, REPLY)
                        client.send(bytes(frame)[:cut])
                        if cut:
                            time.sleep(0.001)
                        client.send(bytes(frame)[cut:24])
                        self.assert_error(client, code, id)
            bystander.send(request(b"still here"))
            self.assertEqual(bystander.frame().payload, b"still here")

    def test_as_first_frame(self):
        for frame, code, id in HEADERS[2:]:
            with self.subTest(frame=frame), self.server.connect() as client:
                client.send(frame)
                self.assert_error(client, code, id)

    def test_early(self):
        """Magic and version are judged by their first octet that differs."""
        for data, code in ((b"x", 1), (b"\xec\x41", 1), (b"\xec\x40\x02", 2)):
            with self.server.connect() as client:
                client.send(request(), data)
                self.assertEqual(client.frame().kind, REPLY)
                self.assert_error(client, code, None)

    def test_what_follows_does_no_harm(self):
        """A megabyte behind a bad header does not destroy the ERROR on its way."""
        for _ in range(5):
            with self.server.connect() as client:
                client.send(request(b"first"), Frame(7, id=3))
                client.send(b"x" * 1_000_000)
                self.assertEqual(client.frame().payload, b"first")
                self.assert_error(client, frames.BAD_TYPE, 3)
                client.fin()

    def test_answers_come_first(self):
        with self.server.connect() as client:
            client.send(*[request(b"%d" % n, n) for n in range(1000)], Frame(flags=8, id=1000))
            for number in range(1000):
                self.assertEqual(client.frame().id, number)
            self.assert_error(client, frames.BAD_FLAGS, 1000)

    def test_fin_within_a_frame(self):
        """ERROR 9 within a head or a GOODBYE; nothing within a payload that passes through."""
        head = bytes(request(b"", 6, times=True))
        goodbye = bytes(frames.goodbye(frames.LINGER, payload=b"bye", id=8))
        for data, id in ((head[:3], 0), (head[:23], 0), (head[:24], 6), (head[:47], 6), (goodbye[:25], 8)):
            with self.subTest(data=data), self.server.connect() as client:
                client.send(request(b"a"), data)
                client.fin()
                self.assertEqual(client.frame().kind, REPLY)
                self.assert_error(client, frames.TIMED_OUT, id)
        with self.server.connect() as client:
            data = bytes(request(b"x" * 100))
            client.send(data[:50])
            client.fin()
            self.assertEqual(len(client.until_end()), 50)

    def test_noise(self):
        """Any octets, often with a good beginning: the server goes on."""
        chance = random.Random(2333)
        for _ in range(300):
            data = bytearray(chance.randbytes(chance.randrange(100)))
            data[:4] = bytes(request())[: chance.randrange(5)]
            with self.server.connect() as client:
                client.send(data)
                client.fin()
                client.until_end()
        self.assertEqual(self.server.process.poll(), None)


class Clients(unittest.TestCase):
    def test_vanish_with_answers_on_the_way(self):
        """2,000 clients that send and are gone: no SIGPIPE, no descriptor lost."""
        with Server(PROGRAM) as server:
            data = bytes(request(b"x" * 100)) * 150
            before = server.descriptors()
            for number in range(2000):
                client = server.connect()
                client.send(data)
                if number % 2:
                    client.reset()
                else:
                    client.socket.close()

            def are_gone():
                counters = server.counters()
                return counters["connections_opened"] == 2000 and counters["connections"] == 0

            eventually(are_gone, "all are accepted and closed")
            self.assertEqual(server.descriptors(), before)

    def test_reset_storm(self):
        with Server(PROGRAM) as server:
            before = server.descriptors()
            for _ in range(3000):
                server.connect().reset()

            def are_gone():  # some were gone before they were accepted
                return server.counters()["connections"] == 0 and server.descriptors() == before

            eventually(are_gone, "all are closed")
            with server.connect() as client:
                client.send(b"hi")
                self.assertEqual(client.receive(2), b"hi")

    def test_never_reads(self):
        """The server stops reading; its memory stays flat."""
        with Server(PROGRAM) as server, server.connect(receive_buffer=10000) as client:
            before = server.memory()
            block = bytes(request(b"y" * 1000)) * 100
            client.socket.settimeout(1)
            sent = 0
            with self.assertRaises(TimeoutError):
                while sent < 500_000_000:
                    sent += client.socket.send(block)
            grown = server.memory() - before
            print(f"a client that never reads was stopped after {sent} octets; {grown} more in use")
            if not SANITIZED:
                self.assertLess(grown, 1_000_000)
            with server.connect() as other, took(0):
                other.send(b"hi")
                self.assertEqual(other.receive(2), b"hi")

    def test_many_that_declare_much(self):
        """50 clients that declare 16 MB each and send 2: all of it passes through."""
        with Server(PROGRAM) as server:
            before = server.memory()
            clients = [server.connect() for _ in range(50)]
            for client in clients:
                client.send(Frame(length=16 << 20))
                client.receive(24)

            def run(mine):
                for _ in range(20):
                    for client in mine:
                        client.send(b"z" * 100_000)
                        client.receive(100_000)

            threads = [threading.Thread(target=run, args=(clients[n::2],)) for n in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            grown = server.memory("VmHWM") - before
            for client in clients:
                client.socket.close()
        print(f"50 unfinished payloads of 16 MB: {grown} octets more in use")
        if not SANITIZED:
            self.assertLess(grown, 50 * 65536)

    def test_burst(self):
        """2,000 connections before the server can look: all are accepted, none by a second SYN."""
        somaxconn = int(pathlib.Path("/proc/sys/net/core/somaxconn").read_text(encoding="ascii"))
        if somaxconn < 2000:
            self.skipTest(f"net.core.somaxconn is {somaxconn}: the kernel lets no more wait")
        with Server(PROGRAM) as server:
            server.signal(signal.SIGSTOP)
            clients = []
            try:
                for _ in range(2000):
                    clients.append(server.connect())
                self.assertEqual([retransmissions(client) for client in clients], [0] * 2000)
                server.signal(signal.SIGCONT)
                for client in clients:
                    client.send(b"x")
                for client in clients:
                    self.assertEqual(client.socket.recv(1), b"x")
            finally:
                server.signal(signal.SIGCONT)
                for client in clients:
                    client.socket.close()

    def test_urgent_data(self):
        with Server(PROGRAM) as server, server.connect() as client:
            client.send(b"a")
            client.socket.send(b"!", socket.MSG_OOB)
            client.send(b"b")
            self.assertEqual(client.receive(2), b"ab")
