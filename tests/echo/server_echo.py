"""handshark-echo-server: what comes back.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import os
import pathlib
import random
import re
import signal
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

import frames
from frames import REPLY, request
from running import Server, need_descriptors

PROGRAM, SANITIZED = None, False


class Case(unittest.TestCase):
    """With a server of its own for all tests of the class."""

    OPTIONS = ()
    ADDRESSES = ("127.0.0.1:0",)

    @classmethod
    def setUpClass(cls):
        cls.server = Server(PROGRAM, *cls.OPTIONS, addresses=cls.ADDRESSES)
        cls.addClassCleanup(cls.server.__exit__, None)

    def assert_reply(self, asked, got):
        self.assertIsNotNone(got, "the connection ended")
        self.assertEqual(got.kind, REPLY, got)
        for field in ("flags", "id", "checksum", "payload"):
            self.assertEqual(getattr(got, field), getattr(asked, field), field)
        self.assertEqual(got.code, 0)
        self.assertEqual(got.times is None, asked.times is None)
        if asked.times:
            self.assertEqual(got.times[0], asked.times[0])


class Framed(Case):
    def test_kinds_of_request(self):
        payloads = [b"", b"hello\n", "Grüße, 世界 🌍\n".encode(), bytes(range(256)), b"\xec\x40" * 99]
        with self.server.connect() as client:
            for number, payload in enumerate(payloads):
                for times in (False, True):
                    for crc in (False, True):
                        asked = request(payload, 2**64 - 1 - number, times, crc)
                        client.send(asked)
                        self.assert_reply(asked, client.frame())

    def test_times(self):
        """Between the client's two looks at the same clock, and in order."""
        with self.server.connect() as client:
            for _ in range(20):
                before = time.time_ns()
                client.send(request(b"x" * 100, times=True))
                got = client.frame()
                after = time.time_ns()
                self.assertLessEqual(before, got.times[1])
                self.assertLessEqual(got.times[1], got.times[2])
                self.assertLessEqual(got.times[2], after)

    def test_many_in_one_write(self):
        asked = [request(b"%d" % n * (n % 50), n, n % 3 == 0, n % 5 == 0) for n in range(500)]
        with self.server.connect() as client:
            client.send(*asked)
            for one in asked:
                self.assert_reply(one, client.frame())

    def test_one_octet_at_a_time(self):
        asked = [request(b"abc", 1, True, True), request(b"", 2), request(b"defg", 3)]
        data = b"".join(map(bytes, asked))
        with self.server.connect() as client:
            for at in range(len(data)):
                client.send(data[at : at + 1])
                time.sleep(0.0005)
            for one in asked:
                self.assert_reply(one, client.frame())

    def test_every_split_point(self):
        asked = [request(b"abc", 1, True, True), request(b"", 2, True), request(b"defg", 3)]
        data = b"".join(map(bytes, asked))
        for at in range(1, len(data)):
            with self.server.connect() as client:
                client.send(data[:at])
                time.sleep(0.001)
                client.send(data[at:])
                for one in asked:
                    self.assert_reply(one, client.frame())

    def test_random_cuts(self):
        """Frames of all sizes, cut anywhere, for half a million octets."""
        chance = random.Random(862)
        asked = []
        for number in range(200):
            size = chance.choice([0, 1, 23, 24, 100, 1000, 65536 - 24, 65536])
            size = min(size, chance.choice([50, 70000]))
            asked.append(request(chance.randbytes(size), number, chance.random() < 0.5))
        data = b"".join(map(bytes, asked))
        with self.server.connect() as client:

            def send():
                at = 0
                while at < len(data):
                    size = chance.choice([1, 7, 24, 48, 1000, 65536, 65560, 200000])
                    client.send(data[at : at + size])
                    at += size

            sender = threading.Thread(target=send)
            sender.start()
            try:
                for one in asked:
                    self.assert_reply(one, client.frame())
            finally:
                sender.join()

    def test_half_close_after_pipelining(self):
        """8,000 requests and a FIN; a reader that takes its time gets every octet."""
        asked = [request(b"%1000d" % n, n) for n in range(8000)]
        data = b"".join(map(bytes, asked))
        with self.server.connect(receive_buffer=20000) as client:

            def send():
                client.send(data)
                client.fin()

            sender = threading.Thread(target=send)
            sender.start()
            time.sleep(0.2)
            got = client.until_end()
            sender.join()
        self.assertEqual(len(got), len(data))
        answers = frames.parse_all(got)
        self.assertEqual([one.id for one in answers], list(range(8000)))
        self.assertTrue(all(one.payload == asked[one.id].payload for one in answers))

    def test_large_payload_passes_through(self):
        """100 MB come back, while they come, in the memory of a few reads."""
        size = 100_000_000
        head = bytes(frames.Frame(length=size, id=5))
        block = os.urandom(1_000_000)
        with Server(PROGRAM) as server, server.connect() as client:
            base = server.memory()

            def send():
                client.send(head)
                for _ in range(size // len(block)):
                    client.send(block)

            sender = threading.Thread(target=send)
            sender.start()
            answer = client.receive(len(head))
            self.assertEqual(answer, head[:3] + bytes([REPLY]) + head[4:])
            for _ in range(size // len(block)):
                self.assertEqual(client.receive(len(block)), block)
            sender.join()
            client.fin()
            self.assertEqual(client.until_end(), b"")
            grown = server.memory("VmHWM") - base
        print(f"100 MB through one connection: the server grew by {grown} octets")
        if not SANITIZED:
            self.assertLess(grown, 1_000_000)

    def test_checksum_is_not_looked_at(self):
        asked = frames.Frame(payload=b"damaged", checksum=0x12345678)
        with self.server.connect() as client:
            client.send(asked)
            self.assert_reply(asked, client.frame())

    def test_fin_without_goodbye(self):
        with self.server.connect() as client:
            client.send(request(b"last"))
            client.fin()
            self.assertEqual(frames.parse_all(client.until_end())[0].payload, b"last")


class Checking(Case):
    """With --check-crc frames are held until they are whole."""

    OPTIONS = ("--check-crc", "--max-payload", "300K")

    def test_good(self):
        asked = [request(b"x" * size, size, True, True) for size in (0, 1, 30, 70000, 300000, 5)]
        data = b"".join(map(bytes, asked))
        with self.server.connect() as client:
            for at in range(0, len(data), 50001):
                client.send(data[at : at + 50001])
                time.sleep(0.002)
            for one in asked:
                self.assert_reply(one, client.frame())

    def test_bad(self):
        for payload in (b"damaged", b"y" * 200000):
            with self.server.connect() as client:
                good = request(b"good", 1, crc=True)
                client.send(good, frames.Frame(payload=payload, id=77, checksum=0x12345678))
                self.assert_reply(good, client.frame())
                got = client.frame()
                self.assertEqual((got.kind, got.code, got.id), (frames.ERROR, 5, 77))
                self.assertIsNone(client.frame())

    def test_bad_goodbye(self):
        for wait in (0, 0.02):
            with self.server.connect() as client:
                data = bytes(frames.goodbye(1, payload=b"bye!", id=9, checksum=0x12345678))
                client.send(data[:26])
                time.sleep(wait)
                client.send(data[26:])
                got = client.frame()
                self.assertEqual((got.kind, got.code, got.id), (frames.ERROR, 5, 9))

    def test_without_the_flag_it_passes_through(self):
        data = bytes(request(b"z" * 200000, 3))
        with self.server.connect() as client:
            client.send(data[:100000])
            self.assertEqual(len(client.receive(100000)), 100000)
            client.send(data[100000:])
            self.assertEqual(len(client.receive(100024)), 100024)


class Plain(Case):
    def test_lines(self):
        with self.server.connect() as client:
            for line in (b"hello\n", "你好，世界\r\n".encode(), b"\0\xff\xec\x40", b"E"):
                client.send(line)
                self.assertEqual(client.receive(len(line)), line)
            client.fin()
            self.assertEqual(client.until_end(), b"")

    def test_first_octets_decide(self):
        for data in (b"\xec\x41\x01\x01", b"\x40\xec", b"\xec\xec\x40", b"\n"):
            with self.server.connect() as client:
                client.send(data[:1])
                time.sleep(0.01)
                client.send(data[1:])
                self.assertEqual(client.receive(len(data)), data)

    def test_half_of_the_magic_and_fin(self):
        with self.server.connect() as client:
            client.send(b"\xec")
            self.assertTrue(client.is_silent(0.05))
            client.fin()
            self.assertEqual(client.until_end(), b"\xec")

    def test_nothing_and_fin(self):
        with self.server.connect() as client:
            client.fin()
            self.assertEqual(client.until_end(), b"")

    def test_a_lot(self):
        data = os.urandom(5_000_000)
        with self.server.connect() as client:

            def send():
                client.send(data)
                client.fin()

            sender = threading.Thread(target=send)
            sender.start()
            self.assertEqual(client.until_end(), data)
            sender.join()


class Addresses(Case):
    ADDRESSES = ("127.0.0.1:0", "[::1]:0", "unix:@handshark-test-%d" % os.getpid())

    def test_all(self):
        for name in self.server.names:
            with self.subTest(name), self.server.connect(name) as client:
                client.send(request(b"hello", 1))
                self.assertEqual(client.frame().payload, b"hello")
                client.send(frames.goodbye(frames.SERVER_FIRST))
                self.assertEqual(client.frame().kind, frames.GOODBYE)
                self.assertIsNone(client.frame())

    def test_unix_path(self):
        with tempfile.TemporaryDirectory() as folder:
            name = f"unix:{folder}/echo"
            with Server(PROGRAM, addresses=(name,)) as server:
                with server.connect() as client:
                    client.send(b"hi")
                    self.assertEqual(client.receive(2), b"hi")
                server.process.kill()  # leaves the file
                server.process.wait()
            self.assertEqual(os.listdir(folder), ["echo"])
            with Server(PROGRAM, addresses=(name,)) as server, server.connect() as client:
                client.send(b"ho")
                self.assertEqual(client.receive(2), b"ho")
            self.assertEqual(os.listdir(folder), [])


class Many(Case):
    OPTIONS = ("--threads", "2")

    def test_thousand_connections(self):
        """All are open at once, in both loops, and answered one by one."""
        need_descriptors(1100)
        clients = []
        try:
            for number in range(1000):
                clients.append(self.server.connect())
                clients[-1].send(request(b"%d" % number, number))
            for number, client in enumerate(clients):
                self.assertEqual(client.frame().payload, b"%d" % number)
            self.assertEqual(self.server.counters()["connections"], 1000)
        finally:
            for client in clients:
                client.socket.close()


    def test_in_turn(self):
        """Each loop has its share: what its epoll watches says so."""

        def watched():
            folder = f"/proc/{self.server.process.pid}/fdinfo"
            texts = [pathlib.Path(folder, name).read_text() for name in os.listdir(folder)]
            return sorted(text.count("tfd:") for text in texts if "tfd:" in text)

        before = watched()
        clients = [self.server.connect() for _ in range(10)]
        for client in clients:
            client.send(b"x")
            client.receive(1)
        self.assertEqual(sum(watched()) - sum(before), 10)
        self.assertEqual(watched()[-2:], [before[0] + 5] * 2)
        for client in clients:
            client.socket.close()


class Counting(Case):
    OPTIONS = ("--metrics", "127.0.0.1:0", "--verbose")

    def metrics(self):
        url = self.server.wait_for(r"metrics on (\S+)")[1]
        with urllib.request.urlopen(url, timeout=10) as answer:
            self.assertIn("text/plain; version=0.0.4", answer.headers["Content-Type"])
            return answer.read().decode()

    def test_counters(self):
        with self.server.connect() as client:
            client.send(request(b"12345", times=True), request(b"6"))
            client.frame(), client.frame()
            client.send(frames.Frame(9))
            self.assertEqual(client.frame().code, frames.BAD_TYPE)
        self.server.wait_for("closed: in order")
        counters = self.server.counters()
        self.assertEqual(counters["requests"], 2)
        self.assertEqual(counters['bytes{direction="in"}'], 53 + 25 + 24)
        self.assertEqual(counters['errors{code="3"}'], 1)
        text = self.metrics()
        for line in text.splitlines():
            self.assertRegex(
                line, r'^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[a-z0-9-]+"\})? \d+)$'
            )
        self.assertIn("handshark_echo_requests_total 2\n", text)
        self.assertIn('handshark_echo_errors_total{code="3"} 1\n', text)
        names = re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)
        self.assertEqual(len(names), len(set(names)))

    def test_what_verbose_says(self):
        with self.server.connect() as client:
            own = "%s:%d" % client.socket.getsockname()
            number = self.server.wait_for(rf"connection (\d+) opened: {own} to {self.server.name}")
            client.send(request(b"hello"))
            client.frame()
            client.fin()
            client.until_end()
        line = self.server.wait_for(rf"connection {number[1]} closed: (.*)")[1]
        self.assertIn("requests 1, in 29, out 29,", line)
        told = [line for line in self.server.lines if f"connection {number[1]}" in line]
        self.assertIn("state ESTABLISHED", told[0])
        self.assertTrue(any("client's FIN, state CLOSE_WAIT" in line for line in told), told)

    def test_other_paths(self):
        url = self.server.wait_for(r"metrics on (\S+)/metrics")[1]
        with self.assertRaises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(url + "/other", timeout=10)
        raised.exception.close()
        self.assertEqual(raised.exception.code, 404)


class Reporting(Case):
    def test_sigusr1_twice(self):
        self.assertEqual(self.server.counters()["connections"], 0)
        self.server.signal(signal.SIGUSR1)
        self.server.wait_for(r": connections=0", 2)


