"""handshark-echo-server: how it ends, and what its clients lose by that: nothing that was due.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import signal
import threading
import unittest

import frames
from frames import CLIENT_FIRST, ERROR, GOODBYE, REPLY, SHUTTING_DOWN, goodbye, request
from running import LIMIT, Server, eventually, took

PROGRAM, SANITIZED = None, False


class Ending(unittest.TestCase):
    def test_silent_connections(self):
        with Server(PROGRAM) as server:
            plain, framed, new = (server.connect() for _ in range(3))
            plain.send(b"x")
            plain.receive(1)
            framed.send(request())
            framed.frame()
            eventually(lambda: server.counters()["connections_opened"] == 3, "all are accepted")
            server.signal(signal.SIGTERM)
            self.assertEqual(plain.until_end(), b"")
            self.assertEqual(new.until_end(), b"")
            got = framed.frame()
            self.assertEqual((got.kind, got.code, got.id), (ERROR, SHUTTING_DOWN, 0))
            self.assertIsNone(framed.frame())
            with self.assertRaises(ConnectionRefusedError):
                server.connect()
            for client in (plain, framed, new):
                client.socket.close()
            self.assertEqual(server.wait(), 0)
            self.assertFalse(any("cutting off" in line for line in server.lines))

    def test_under_load(self):
        """50 connections with 400 requests each on their way: every one that the server had got is
        answered, then an ERROR 8 and a FIN."""
        with Server(PROGRAM) as server:
            clients = [server.connect() for _ in range(50)]
            data = b"".join(bytes(request(b"r" * 64, number)) for number in range(400))
            server.signal(signal.SIGSTOP)
            for client in clients:
                client.send(data)  # it fits into the kernel's buffers
            server.signal(signal.SIGTERM)
            server.signal(signal.SIGCONT)
            for client in clients:
                got = frames.parse_all(client.until_end())
                self.assertEqual([one.id for one in got[:-1]], list(range(400)))
                self.assertEqual((got[-1].kind, got[-1].code), (ERROR, SHUTTING_DOWN))
                client.socket.close()
            self.assertEqual(server.wait(), 0)

    def test_while_requests_come(self):
        """Clients that send without waiting: answers without a gap, then ERROR 8, then a FIN."""
        with Server(PROGRAM, "--drain-time", "4") as server:
            clients = [server.connect() for _ in range(8)]
            ended = threading.Event()

            def send(client):
                number = 0
                while not ended.is_set():
                    client.send(*[request(b"r" * 300, number + n) for n in range(50)])
                    number += 50
                client.fin()

            senders = [threading.Thread(target=send, args=(client,)) for client in clients]
            for sender in senders:
                sender.start()
            received = [b""] * len(clients)
            answered = threading.Barrier(len(clients) + 1)

            def receive(at):
                received[at] = clients[at].receive(100_000)
                answered.wait(LIMIT)
                received[at] += clients[at].until_end()

            receivers = [threading.Thread(target=receive, args=(at,)) for at in range(8)]
            for receiver in receivers:
                receiver.start()
            answered.wait(LIMIT)
            server.signal(signal.SIGTERM)
            for receiver in receivers:
                receiver.join()
            ended.set()
            for sender in senders:
                sender.join()
            for client in clients:
                client.socket.close()
            self.assertEqual(server.wait(), 0)
            for octets in received:
                got = frames.parse_all(octets)
                self.assertGreater(len(got), 50)
                self.assertEqual([one.id for one in got[:-1]], list(range(len(got) - 1)))
                self.assertEqual((got[-1].kind, got[-1].code), (ERROR, SHUTTING_DOWN))

    def test_connections_in_the_backlog(self):
        """Accepted by the kernel before the end: served as well."""
        with Server(PROGRAM) as server:
            server.signal(signal.SIGSTOP)
            clients = [server.connect() for _ in range(300)]
            for client in clients:
                client.send(request(b"hello"))
            server.signal(signal.SIGTERM)
            server.signal(signal.SIGCONT)
            for client in clients:
                got = frames.parse_all(client.until_end())
                self.assertEqual([one.kind for one in got], [REPLY, ERROR])
                client.socket.close()
            self.assertEqual(server.wait(), 0)

    def test_payload_that_is_coming(self):
        """A frame that passes through is finished; then comes the ERROR."""
        data = bytes(request(b"p" * 1000, 7))
        with Server(PROGRAM) as server, server.connect() as client:
            client.send(data[:500])
            self.assertEqual(len(client.receive(500)), 500)
            server.signal(signal.SIGTERM)
            server.wait_for("ending")
            client.send(data[500:])
            self.assertEqual(len(client.receive(524)), 524)
            self.assertEqual(client.frame().code, SHUTTING_DOWN)
            client.socket.close()
            self.assertEqual(server.wait(), 0)

    def test_goodbye_that_is_under_way(self):
        with Server(PROGRAM) as server, server.connect() as client:
            client.send(goodbye(CLIENT_FIRST, 200))
            self.assertEqual(client.frame().kind, GOODBYE)
            server.signal(signal.SIGTERM)
            server.wait_for("ending")
            with took(0.2):
                client.fin()
                self.assertIsNone(client.frame())
            self.assertEqual(server.wait(), 0)

    def test_busy_clients_do_not_keep_it(self):
        """Clients that send on and on: half of the drain time for them."""
        with Server(PROGRAM, "--drain-time", "3") as server:
            stops, at_work = [], threading.Barrier(9)

            def load():
                with server.connect() as client:
                    client.send(request(b"first"))
                    self.assertEqual(client.frame().kind, REPLY)
                    at_work.wait(LIMIT)
                    try:
                        while True:
                            client.send(request(b"more"))
                            got = client.frame()
                            if got.kind == ERROR:
                                stops.append(got.code)
                                return
                    except OSError as error:
                        stops.append(error)

            threads = [threading.Thread(target=load) for _ in range(8)]
            for thread in threads:
                thread.start()
            at_work.wait(LIMIT)
            server.signal(signal.SIGTERM)
            self.assertEqual(server.wait(), 0)
            for thread in threads:
                thread.join()
            self.assertEqual(stops, [SHUTTING_DOWN] * 8)
            self.assertFalse(any("cutting off" in line for line in server.lines))

    def test_drain_time(self):
        """Clients that do not close are cut off at its end."""
        with Server(PROGRAM, "--drain-time", "0.5") as server, server.connect() as client:
            client.send(request())
            client.frame()
            with took(0.5):
                server.signal(signal.SIGTERM)
                self.assertEqual(server.wait(), 0)
            self.assertTrue(any("cutting off 1 connections" in line for line in server.lines))

    def test_second_signal(self):
        for second in (signal.SIGTERM, signal.SIGINT):
            with Server(PROGRAM, "--drain-time", "1000") as server, server.connect() as client:
                client.send(request())
                client.frame()
                server.signal(signal.SIGINT)
                self.assertEqual(client.frame().code, SHUTTING_DOWN)
                server.signal(second)
                self.assertEqual(server.wait(), 0)

    def test_killed_and_started_again(self):
        """On the same port, while connections of the first are open."""
        with Server(PROGRAM) as server:
            clients = [server.connect() for _ in range(20)]
            for client in clients:
                client.send(b"x")
                client.receive(1)
            server.process.kill()
            server.process.wait()
            with Server(PROGRAM, addresses=(server.name,)) as again:
                with again.connect() as client:
                    client.send(b"hi")
                    self.assertEqual(client.receive(2), b"hi")
            for client in clients:
                client.socket.close()
