"""handshark-echo-server: the memory that it takes, and what it does when there is none.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import contextlib
import mmap
import os
import resource
import struct
import subprocess
import tempfile
import threading
import time
import unittest

import frames
from frames import CLIENT_FIRST, GOODBYE, LINGER, REPLY, SERVER_FIRST, goodbye, request
from running import LIMIT, Server, eventually, need_descriptors

PROGRAM, SANITIZED, NO_MEMORY = None, False, None


class Allocations:
    """What no_memory.c shares with us. A context manager."""

    def __init__(self):
        self.file = tempfile.NamedTemporaryFile(prefix="handshark-memory-")
        self.file.truncate(32)
        self.shared = mmap.mmap(self.file.fileno(), 32)
        self.environment = {
            "LD_PRELOAD": NO_MEMORY, "HANDSHARK_NO_MEMORY": self.file.name, "ASAN_OPTIONS":
            os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0",
        }  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shared.close()
        self.file.close()

    @property
    def failed(self):
        return struct.unpack_from("=Q", self.shared, 24)[0]

    def fail(self, after, count):
        """From now on so many are made, then so many fail."""
        self.shared[16:24] = struct.pack("=Q", count)
        self.shared[8:16] = struct.pack("=Q", self.made + after + 1)

    def fail_none(self):
        self.shared[8:16] = bytes(8)

    @property
    def made(self):
        return struct.unpack_from("=Q", self.shared)[0]


ASKED = [request(b"first", 1, True), request(b"y" * 5000, 2), request(b"z" * 100, 3, crc=True)]


def answers_of(octets):
    """How many of the answers to ASKED and a GOODBYE those octets are; wrong ones are a failure."""
    payloads, at = [*(one.payload for one in ASKED), b"bye"], 0
    for number, payload in enumerate(payloads):
        found = frames.parse(octets[at:])
        if not found:
            return number
        if (found[0].id, found[0].payload) != (number + 1, payload):
            raise AssertionError(f"answer {number + 1} is {found[0]}")
        at += found[1]
    return len(payloads)


def talk(client, how):
    """Frames in pieces and a GOODBYE: all that takes memory. Were all of them answered?"""
    data = b"".join(map(bytes, ASKED)) + bytes(goodbye(how, 10, b"bye", 4))
    got = bytearray()
    cuts = (0, 1, 30, 2000, len(data) - 2, len(data))
    with contextlib.suppress(ConnectionError):
        for begin, end in zip(cuts, cuts[1:]):
            client.send(data[begin:end])
            time.sleep(0.0005)  # several reads, mostly
        if how == LINGER:
            client.fin()
        while more := client.socket.recv(65536):
            got += more
    return answers_of(got) == 4


def talk_without_reading(client, how):
    """Requests until the server reads no more, and only then their answers. Did all come?"""
    block = bytes(request(b"x" * 1000)) * 100
    sent = got = 0
    with contextlib.suppress(ConnectionError):
        client.socket.settimeout(0.05)
        with contextlib.suppress(TimeoutError):
            while True:
                sent += client.socket.send(block)
        client.socket.settimeout(LIMIT)
        client.fin()
        while more := client.socket.recv(1 << 20):
            got += len(more)
    # The last frame may have been cut: its REPLY ends where the server learns that.
    return got == sent or 0 < sent % 1024 < 24 and got == sent - sent % 1024


class Memory(unittest.TestCase):
    def test_idle_connections(self):
        """Octets of memory for a connection that is open."""
        if SANITIZED:
            self.skipTest("the sanitizer's memory is not the server's")
        need_descriptors(2100)
        with Server(PROGRAM, "--threads", "1") as server:
            with server.connect() as client:
                client.send(b"x")
                client.receive(1)
            before = server.memory()
            clients = [server.connect() for _ in range(2000)]
            for client in clients:
                client.send(request(b"x" * 64))
            for client in clients:
                self.assertEqual(client.frame().kind, REPLY)
            each = (server.memory() - before) / len(clients)
            for client in clients:
                client.socket.close()
        print(f"an idle connection takes {each:.0f} octets")
        self.assertLess(each, 400)

    def test_none_left(self):
        """With no memory for more connections the others go on, and the server does."""
        if SANITIZED:
            self.skipTest("the sanitizer needs its address space")
        need_descriptors(4100)
        # One arena: others have address space set aside.
        arena = {"MALLOC_ARENA_MAX": "1"}
        with Server(PROGRAM, "--threads", "1", environment=arena) as server:
            pages = open(f"/proc/{server.process.pid}/statm", encoding="ascii").read().split()[0]
            limit = int(pages) * resource.getpagesize()
            with server.connect() as first:
                first.send(request(b"x"))
                self.assertEqual(first.frame().kind, REPLY)
                resource.prlimit(server.process.pid, resource.RLIMIT_AS, (limit, limit))
                clients = []
                for _ in range(4000):
                    with contextlib.suppress(ConnectionError):  # cut off already
                        clients.append(server.connect())
                server.wait_for("no memory")
                first.send(request(b"y"))
                self.assertEqual(first.frame().kind, REPLY)
                for client in clients:
                    client.socket.close()
                eventually(lambda: server.counters()["connections"] == 1, "the others are gone")
                self.assertGreater(server.counters()["out_of_memory"], 0)


class NoMemory(unittest.TestCase):
    """One allocation after the other fails: connections are lost by that, and nothing else."""

    def sweep(self, options, talks, **connect):
        with Allocations() as memory, contextlib.ExitStack() as stack:
            server = stack.enter_context(
                Server(PROGRAM, "--threads", "1", *options, environment=memory.environment)
            )
            bystander = stack.enter_context(server.connect())
            bystander.send(request(b"x"))
            self.assertEqual(bystander.frame().kind, REPLY)
            descriptors, failures = server.descriptors(), 0
            for talk_so, how in talks:
                for after in range(1000):
                    before = memory.failed
                    memory.fail(after, 1)
                    try:
                        with server.connect(**connect) as client:
                            is_whole = talk_so(client, how)
                    except ConnectionError:
                        is_whole = False  # it was cut off at once
                    memory.fail_none()
                    eventually(lambda: server.counters()["connections"] == 1, "it is gone")
                    if memory.failed == before:  # it takes no more than that
                        self.assertTrue(is_whole)
                        break
                    failures += 1
                    bystander.send(request(b"x" * after))
                    self.assertEqual(bystander.frame().kind, REPLY)
                else:
                    self.fail("a connection allocates on and on")
            self.assertEqual(server.descriptors(), descriptors)
            self.assertGreater(failures, 3)
            bystander.socket.close()

    def test_of_a_connection(self):
        talks = [(talk, LINGER), (talk, SERVER_FIRST)]
        self.sweep([], talks)
        self.sweep(["--verbose", "--check-crc"], talks)

    def test_of_answers_that_wait(self):
        self.sweep([], [(talk_without_reading, None)], receive_buffer=5000)

    def start(self, memory):
        """Start it, and end it if it listens. Returns whether it did, its status, what it said."""
        with subprocess.Popen(
            [PROGRAM, "--threads", "2", "--metrics", "127.0.0.1:0", "127.0.0.1:0"],
            env={**os.environ, **memory.environment}, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL, text=True,
        ) as process:  # fmt: skip
            guard = threading.Timer(LIMIT, process.kill)
            guard.start()
            said, listens = [], False
            for line in process.stderr:
                said.append(line)
                if "listening on" in line:
                    listens = True
                    process.terminate()
            status = process.wait()
            guard.cancel()
        return listens, status, said

    def test_of_the_start(self):
        """It serves, or says why not and exits with 1. Nothing crashes."""
        refused = 0
        for after in range(1000):
            with Allocations() as memory:
                memory.fail(after, 1)
                listens, status, said = self.start(memory)
                has_failed = memory.failed > 0
            if SANITIZED and any("pthread_getattr_np(" in line for line in said):
                continue  # the sanitizer's own, for a new thread
            if listens:
                self.assertEqual(status, 0, (after, said))
            else:
                self.assertEqual((status, len(said) > 0), (1, True), (after, said))
                refused += 1
            if not has_failed:
                break
        else:
            self.fail("it allocates on and on")
        print(f"of {after} allocations at the start {refused} are needed")
        self.assertTrue(listens and refused > 5)
