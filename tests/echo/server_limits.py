"""handshark-echo-server: limits and time-outs.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import contextlib
import resource
import select
import threading
import time
import unittest

import frames
from frames import CLIENT_FIRST, ERROR, GOODBYE, LINGER, REPLY, SERVER_FIRST, goodbye, request
from running import LIMIT, Server, eventually, punctual, took, when_punctual

PROGRAM, SANITIZED = None, False

FRAME, IDLE, CLOSING = 0.8, 0.6, 0.5  # seconds


class Times(unittest.TestCase):
    """With short times; a loaded machine may be late, but nothing may come early."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server(
            PROGRAM, "--frame-deadline", str(FRAME), "--idle-time", str(IDLE), "--closing-time",
            str(CLOSING),
        )  # fmt: skip
        cls.addClassCleanup(cls.server.__exit__, None)

    def assert_late(self, client, id=0):
        got = client.frame()
        self.assertEqual((got.kind, got.code, got.id), (ERROR, frames.TIMED_OUT, id))
        self.assertIsNone(client.frame())

    def test_slow_head(self):
        """An octet now and then does not extend the deadline."""
        data = bytes(request(b"", 3, True))
        with took(FRAME), self.server.connect() as client:
            client.socket.settimeout(0.05)
            got = b""
            for octet in data:
                client.send(bytes([octet]))
                try:
                    got = client.socket.recv(100)
                    break
                except TimeoutError:
                    pass
            self.assertEqual(frames.parse(got)[0].code, frames.TIMED_OUT)

    def test_an_octet_every_half_second(self):
        """Of a head, of a GOODBYE and of a payload: closed at the frame's deadline."""
        deadline = 2
        unfinished = {
            "head": bytes(request(b"", 3, True)),
            "goodbye": bytes(goodbye(LINGER, payload=b"farewell", id=3)),
            "payload": bytes(request(b"x" * 100)),
        }
        begun = {"head": 1, "goodbye": 26, "payload": 30}
        with Server(PROGRAM, "--frame-deadline", str(deadline)) as server, took(deadline):
            clients = {name: server.connect() for name in unfinished}
            for name, client in clients.items():
                client.send(unfinished[name][: begun[name]])
                client.socket.setblocking(False)
            begin, got, ends = time.monotonic(), dict.fromkeys(clients, b""), {}
            for turn in range(LIMIT):
                if len(ends) == len(clients):
                    break
                for name in clients.keys() - ends.keys():
                    at = begun[name] + turn
                    with contextlib.suppress(ConnectionError):  # closed, and told at once
                        clients[name].send(unfinished[name][at : at + 1])
                next_turn = begin + (turn + 1) / 2
                while (left := next_turn - time.monotonic()) > 0 and len(ends) < len(clients):
                    waiting = [clients[name].socket for name in clients.keys() - ends.keys()]
                    select.select(waiting, [], [], left)
                    for name in clients.keys() - ends.keys():
                        with contextlib.suppress(BlockingIOError):
                            more = clients[name].socket.recv(65536)
                            got[name] += more
                            if not more:
                                ends[name] = time.monotonic() - begin
            for client in clients.values():
                client.socket.close()
        self.assertEqual(ends.keys(), clients.keys())
        for name, end in ends.items():
            self.assertGreaterEqual(end, deadline - 0.05, name)
        self.assertEqual(frames.parse_all(got["head"])[0].code, frames.TIMED_OUT)
        self.assertEqual(frames.parse_all(got["goodbye"])[0].code, frames.TIMED_OUT)
        self.assertTrue(30 <= len(got["payload"]) < 60)  # its REPLY had begun: a FIN and no more

    def test_deadline_of_a_head(self):
        for size, id in ((3, 0), (30, 3)):
            with took(FRAME), self.server.connect() as client:
                client.send(request(), bytes(request(b"", 3, True))[:size])
                self.assertEqual(client.frame().kind, REPLY)
                self.assert_late(client, id)

    def test_deadline_of_a_goodbye(self):
        with took(FRAME), self.server.connect() as client:
            client.send(bytes(goodbye(LINGER, payload=b"bye", id=3))[:26])
            self.assert_late(client, 3)

    def test_deadline_of_a_payload(self):
        """The REPLY has begun: nothing but a FIN can follow."""
        with took(FRAME), self.server.connect() as client:
            client.send(bytes(request(b"x" * 100))[:50])
            self.assertEqual(len(client.until_end()), 50)

    @when_punctual
    def test_each_frame_has_its_own_time(self):
        """A stream that never ends at a frame's end is none that is late."""
        data = bytes(request(b"abcd", 1))
        with self.server.connect() as client:
            client.send(data[:20])
            end = time.monotonic() + 2 * FRAME
            while time.monotonic() < end:
                with punctual(FRAME * 0.8):
                    time.sleep(0.1)
                    client.send(data[20:] + data[:20])
                    self.assertEqual(client.frame().kind, REPLY)
            with punctual(FRAME * 0.8):
                client.send(data[20:])
                self.assertEqual(client.frame().kind, REPLY)

    def test_half_of_the_magic(self):
        with took(FRAME), self.server.connect() as client:
            client.send(b"\xec")
            self.assertEqual(client.receive(1), b"\xec")

    def test_idle(self):
        for data in (b"", b"plain", bytes(request(b"x"))):
            with self.subTest(data=data), took(IDLE), self.server.connect() as client:
                client.send(data)
                self.assertEqual(len(client.receive(len(data))), len(data))
                self.assertEqual(client.until_end(), b"")

    @when_punctual
    def test_idle_time_begins_anew(self):
        with self.server.connect() as client:
            for _ in range(4):
                with punctual(IDLE * 0.8):
                    time.sleep(IDLE * 0.4)
                    client.send(request(b"x"))
                    self.assertEqual(client.frame().kind, REPLY)

    def test_waiting_for_a_fin_is_idle(self):
        """What is thrown away does not extend it."""
        for how in (CLIENT_FIRST, LINGER):
            with took(IDLE), self.server.connect() as client:
                client.send(goodbye(how))
                if how == CLIENT_FIRST:
                    self.assertEqual(client.frame().kind, GOODBYE)
                client.socket.settimeout(IDLE / 4)
                end = time.monotonic() + LIMIT
                while time.monotonic() < end:
                    try:
                        self.assertEqual(client.socket.recv(1), b"")
                        break
                    except TimeoutError:
                        client.send(b"octets")

    def test_closing_time(self):
        """A client that does not close is reset."""
        for data in (goodbye(SERVER_FIRST), frames.Frame(7)):
            with took(CLOSING), self.server.connect() as client:
                client.send(data)
                self.assertIsNotNone(client.frame())
                self.assertIsNone(client.frame())
                with self.assertRaises((ConnectionResetError, BrokenPipeError)):
                    while True:
                        time.sleep(0.05)
                        client.send(b"x")

    def test_slow_reader(self):
        """Nothing read for the idle time: reset; a slow one is waited for."""
        block = bytes(request(b"y" * 1000)) * 30
        with self.server.connect(receive_buffer=5000) as client:
            client.socket.settimeout(0.1)
            with self.assertRaises(ConnectionError), took(IDLE):
                while True:
                    try:
                        client.socket.send(block)
                    except TimeoutError:
                        pass
        before = self.server.counters().get('ended{why="slow-reader"}', 0)
        self.assertGreaterEqual(before, 1)

    @when_punctual
    def test_blocked_time_is_no_fault_of_a_frame(self):
        """Answers read for longer than a frame's deadline, a bit at a time."""
        data = bytes(request(b"y" * 1000)) * 4000
        with self.server.connect(receive_buffer=20000) as client:

            def send():
                with contextlib.suppress(OSError):  # the other side says what went wrong
                    client.send(data)
                    client.fin()

            sender = threading.Thread(target=send, daemon=True)
            sender.start()
            got = 0
            end = time.monotonic() + 2 * FRAME
            while time.monotonic() < end:
                with punctual(IDLE * 0.8):
                    got += len(client.receive(100_000))
                    time.sleep(0.05)
            got += len(client.until_end())
            sender.join()
        self.assertEqual(got, len(data))


class Sizes(unittest.TestCase):
    def test_payload(self):
        with Server(PROGRAM, "--max-payload", "1K") as server:
            for size, kind in ((1024, REPLY), (1025, ERROR)):
                with server.connect() as client:
                    client.send(request(b"x" * size))
                    self.assertEqual(client.frame().kind, kind)
            with server.connect() as client:
                client.send(goodbye(SERVER_FIRST, payload=b"x" * 1025, id=3))
                got = client.frame()
                self.assertEqual((got.code, got.id), (frames.TOO_LARGE, 3))

    def test_connections(self):
        with Server(PROGRAM, "--max-connections", "3") as server:
            clients = [server.connect() for _ in range(3)]
            for client in clients:
                client.send(request(b"x"))
                self.assertEqual(client.frame().kind, REPLY)
            for _ in range(3):
                with server.connect() as extra:
                    got = extra.frame()
                    self.assertEqual((got.kind, got.code, got.id), (ERROR, frames.BUSY, 0))
                    self.assertIsNone(extra.frame())
            clients.pop().socket.close()
            eventually(lambda: server.counters()["connections"] == 2, "one has gone")
            with server.connect() as client:
                client.send(request(b"x"))
                self.assertEqual(client.frame().kind, REPLY)
            self.assertEqual(server.counters()["connections_refused"], 3)
            for client in clients:
                client.socket.close()


class Descriptors(unittest.TestCase):
    def test_exhausted(self):
        """No busy loop, one line a second at most, well again within half a second."""
        with Server(PROGRAM) as server:
            limit = server.descriptors() + 20
            resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (limit, limit))
            clients = [server.connect() for _ in range(60)]
            clients[0].send(b"x")
            self.assertEqual(clients[0].receive(1), b"x")
            server.wait_for("cannot accept: Too many open files")
            lines, used, begin = len(server.lines), server.processor_time(), time.monotonic()
            time.sleep(1.5)
            self.assertLess(server.processor_time() - used, 0.15)
            self.assertLessEqual(len(server.lines) - lines, time.monotonic() - begin + 1)
            clients[0].send(b"y")
            self.assertEqual(clients[0].receive(1), b"y")
            times = []
            while min(times, default=1) >= 0.5 and len(times) < 5:  # it is the machine that is late
                for client in clients[:-1]:
                    client.socket.close()
                begin = time.monotonic()
                clients[-1].send(b"z")
                self.assertEqual(clients[-1].receive(1), b"z")
                times.append(time.monotonic() - begin)
                clients += [server.connect() for _ in range(59)]
            self.assertLess(min(times), 0.5)
            for client in clients:
                client.socket.close()

    def test_few_from_the_start(self):
        """The maximum of connections is what there are descriptors for."""

        def lower():
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

        with Server(PROGRAM, "--threads", "1", preexec_fn=lower) as server:
            server.wait_for(r"leaves room for \d+ connections, not 16384")
            clients = [server.connect() for _ in range(100)]
            clients[0].send(b"x")
            self.assertEqual(clients[0].receive(1), b"x")
            for client in clients:
                client.socket.close()

            def is_served():
                with server.connect() as client:
                    client.send(b"x")
                    return client.receive(1) == b"x"

            eventually(is_served, "there is room again")
