"""handshark-echo-server: bad input, and clients that behave badly.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import contextlib
import pathlib
import random
import selectors
import signal
import socket
import struct
import threading
import time
import unittest

import frames
from frames import ERROR, GOODBYE, REPLY, Frame, request
from running import Server, eventually, need_descriptors, took

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


def every_bad_header():
    """A frame, the code of its ERROR, and its id where that can be known."""
    for bit in range(16):
        yield Frame(magic=frames.MAGIC ^ 1 << bit, id=9), frames.BAD_MAGIC, None
    for version in {*range(256)} - {frames.VERSION}:
        yield Frame(version=version, id=9), frames.BAD_VERSION, None
    for kind in {*range(256)} - {frames.REQUEST, GOODBYE}:
        yield Frame(kind, id=9), frames.BAD_TYPE, 9
    for bit in range(2, 16):
        yield Frame(flags=1 << bit, id=9), frames.BAD_FLAGS, 9
    for bit in range(16):
        yield Frame(code=1 << bit, id=9), frames.BAD_FLAGS, 9
    for how in range(4, 256):
        yield Frame(GOODBYE, code=how, id=9), frames.BAD_FLAGS, 9
    for bit in range(30, 32):
        yield Frame(length=(1 << bit) + 1, id=9), frames.TOO_LARGE, 9
    for bit in range(16, 32):
        yield Frame(GOODBYE, length=(1 << bit) + 1, id=9), frames.TOO_LARGE, 9
    for bit in range(32):
        yield Frame(flags=0, checksum=1 << bit, id=9), frames.BAD_CHECKSUM, 9


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

    def test_every_value(self):
        """Each value of each small field, each bit of the others: what is bad gets its code, while a
        bystander is in the middle of a frame."""
        unfinished = bytes(request(b"p" * 1000, 77))
        with self.server.connect() as bystander:
            bystander.send(unfinished[:500])
            got = bystander.receive(500)
            for frame, code, id in every_bad_header():
                with self.subTest(frame=frame), self.server.connect() as client:
                    client.send(request(b"good", 1), bytes(frame)[:24])
                    self.assertEqual(client.frame().kind, REPLY)
                    self.assert_error(client, code, id)
            bystander.send(unfinished[500:])
            got += bystander.receive(524)
            self.assertEqual(frames.parse(got)[0].payload, b"p" * 1000)

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
            self.assertLess(grown, 10_000_000 if SANITIZED else 1_000_000)
            with server.connect() as other, took(0):
                other.send(b"hi")
                self.assertEqual(other.receive(2), b"hi")

    def test_length_of_four_gigabytes(self):
        """No allocation takes the length's word: where it is too large, and where it is allowed."""
        most = 0xFFFFFFFF
        for options in ([], ["--max-payload", str(most)], ["--check-crc", "--max-payload", str(most)]):
            with self.subTest(options=options), Server(PROGRAM, *options) as server:
                with server.connect() as client:
                    client.send(request(b"x"))
                    client.frame()
                before = server.memory("VmSize")
                clients = [server.connect() for _ in range(20)]
                for client in clients:
                    client.send(bytes(Frame(length=most, flags=frames.CRC, id=9)) + b"x" * 1000)
                for client in clients:
                    if not options:
                        self.assertEqual(client.frame().code, frames.TOO_LARGE)
                        self.assertIsNone(client.frame())
                    elif "--check-crc" not in options:
                        self.assertEqual(len(client.receive(1024)), 1024)
                if "--check-crc" in options:  # no answer before it is whole
                    octets = 'bytes{direction="in"}'
                    eventually(lambda: server.counters()[octets] >= 20 * 1024, "all is there")
                self.assertLess(server.memory("VmSize") - before, 256 << 20)
                for client in clients:
                    client.socket.close()

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
        need_descriptors(2100)
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

    def test_neighbours(self):
        """16 connections that send and read as much as they can, in the same loop: the others are
        answered, all the time."""
        block = bytes(request(b"b" * 65536)) * 4
        received, is_over = [0] * 16, threading.Event()

        def load(clients):
            rest = [b""] * len(clients)
            with selectors.DefaultSelector() as selector:
                for number, client in enumerate(clients):
                    client.socket.setblocking(False)
                    both = selectors.EVENT_READ | selectors.EVENT_WRITE
                    selector.register(client.socket, both, number)
                while not is_over.is_set():
                    for key, mask in selector.select(1):
                        if mask & selectors.EVENT_READ:
                            received[key.data] += len(key.fileobj.recv(1 << 20))
                        if mask & selectors.EVENT_WRITE:
                            rest[key.data] = rest[key.data] or block
                            sent = key.fileobj.send(rest[key.data])
                            rest[key.data] = rest[key.data][sent:]

        with Server(PROGRAM, "--threads", "1") as server, contextlib.ExitStack() as stack:
            bulk = [stack.enter_context(server.connect()) for _ in range(16)]
            light = [stack.enter_context(server.connect()) for _ in range(4)]
            thread = threading.Thread(target=load, args=(bulk,))
            thread.start()
            try:
                eventually(lambda: min(received) > len(block), "all neighbours are at work")
                before, longest = list(received), 0
                for number in range(200):
                    for client in light:
                        begin = time.monotonic()
                        client.send(request(b"light", number))
                        self.assertEqual(client.frame().id, number)
                        longest = max(longest, time.monotonic() - begin)
                after = list(received)
            finally:
                is_over.set()
                thread.join()
        mega = (sum(after) - sum(before)) / 1e6
        print(f"beside {mega:.0f} MB of 16 neighbours: 800 answers, the slowest in {longest:.3f} s")
        for number in range(16):
            self.assertGreater(after[number], before[number], "a neighbour stood still")

    def test_urgent_data(self):
        with Server(PROGRAM) as server, server.connect() as client:
            client.send(b"a")
            client.socket.send(b"!", socket.MSG_OOB)
            client.send(b"b")
            self.assertEqual(client.receive(2), b"ab")
