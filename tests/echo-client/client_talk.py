"""handshark-echo-client by hand: lines from a pipe and from a terminal.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import os
import pty
import re
import select
import signal
import time
import unittest

import programs
from programs import client, start
from running import Server


class Pipe(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(programs.SERVER)
        cls.addClassCleanup(cls.server.__exit__, None)

    def answers(self, text, *arguments):
        done = client(*arguments, self.server.name, text=text)
        self.assertEqual((done.status, done.err), (0, ""), done)
        lines = done.out.splitlines()
        self.assertRegex(lines[0], rf"^connected to {self.server.name} in [\d.]+ ms")
        return [re.sub(r"   \([\d.]+ ms(, server [\d.]+ ms)?\)$", "", line) for line in lines[1:]]

    def test_lines(self):
        self.assertEqual(self.answers("hello\n\nbäh\nQ\nnever\n"), ["hello", "", "bäh"])
        self.assertEqual(self.answers("one\nexit\nnever\n"), ["one"])
        self.assertEqual(self.answers("no line feed", "--crc"), ["no line feed"])
        self.assertEqual(self.answers(""), [])

    def test_plain(self):
        self.assertEqual(self.answers("hello\nQ\n", "--plain"), ["hello"])

    def test_long_line(self):
        self.assertEqual(self.answers("x" * 500000 + "\n"), ["x" * 500000])

    def test_server_time(self):
        done = client(self.server.name, text="hello\n")
        self.assertRegex(done.out, r"(?m)^hello   \([\d.]+ ms, server [\d.]+ ms\)$")


class Terminal(unittest.TestCase):
    def open(self, name):
        master, slave = pty.openpty()
        process = start(
            name, stdin=slave, stdout=slave, stderr=slave,
            env={**os.environ, "TERM": "vt100"},
        )  # fmt: skip
        os.close(slave)
        self.addCleanup(process.wait, 10)
        self.addCleanup(process.kill)
        self.addCleanup(os.close, master)
        self.seen = ""
        return process, master

    def wait_for(self, master, pattern):
        end = time.monotonic() + programs.LIMIT
        while not re.search(pattern, self.seen):
            if not select.select([master], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"no {pattern!r} in {self.seen!r}")
            try:
                self.seen += os.read(master, 65536).decode(errors="replace")
            except OSError:  # the terminal's other end is closed
                raise AssertionError(f"ended without {pattern!r}: {self.seen!r}") from None

    def test_talk(self):
        with Server(programs.SERVER) as server:
            process, master = self.open(server.name)
            self.wait_for(master, "> ")
            os.write(master, b"hellp\x7fo\r")
            self.wait_for(master, r"hello   \([\d.]+ ms")
            os.write(master, b"Q\r")
            self.assertEqual(process.wait(programs.LIMIT), 0)

    def test_end_of_input(self):
        with Server(programs.SERVER) as server:
            for keys in (b"\x04", b"\x03"):
                process, master = self.open(server.name)
                self.wait_for(master, "> ")
                if keys == b"\x03":
                    process.send_signal(signal.SIGINT)
                else:
                    os.write(master, keys)
                self.assertEqual(process.wait(programs.LIMIT), 0)

    def test_server_closes(self):
        """It is said at once, at the prompt."""
        with Server(programs.SERVER) as server:
            process, master = self.open(server.name)
            self.wait_for(master, "> ")
            server.kill()
            self.wait_for(master, "the server has closed the connection|reset")
            self.assertEqual(process.wait(programs.LIMIT), 1)
