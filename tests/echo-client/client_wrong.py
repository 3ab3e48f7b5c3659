"""handshark-echo-client and a server that answers wrongly: it says what, and where, and exits 1.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import socket
import threading
import unittest

import frames
from frames import ERROR, GOODBYE, REPLY, REQUEST
from programs import LIMIT, client
from running import Client


class Liar(threading.Thread):
    """Serves one connection after the other: lie(frame) is sent for each frame; None: close."""

    def __init__(self, lie):
        super().__init__(daemon=True)
        self.lie = lie
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.name = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.start()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.serve(connection)

    def serve(self, connection):
        reader = Client.__new__(Client)
        reader.socket, reader.rest = connection, b""
        try:
            while frame := reader.frame():
                answer = self.lie(frame)
                if answer is None:
                    return
                connection.sendall(answer)
        except OSError:
            pass  # the client has seen enough

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Its thread has to be gone before the descriptor is another's."""
        self.listener.shutdown(socket.SHUT_RDWR)  # accept() returns
        self.join(LIMIT)
        self.listener.close()


def reply(frame, **changes):
    """The right answer, but for the changes."""
    if frame.kind == REQUEST:
        frame.kind = REPLY
    for name, value in changes.items():
        setattr(frame, name, value)
    return bytes(frame)


def from_second(lie):
    """The first request gets its right answer."""
    return lambda frame: reply(frame) if frame.id == 1 else lie(frame)


class Wrong(unittest.TestCase):
    def lied(self, lie, pattern, *arguments, status=1):
        with Liar(lie) as liar:
            done = client("-w", 30, *(arguments or ("-c", 3)), liar.name)
        self.assertEqual(done.status, status, done)
        if pattern:
            self.assertRegex(done.err, rf"connection 1 to {liar.name}: {pattern}", done)
        return done

    def test_truth(self):
        """The liar who does not lie: all that follows is due to what is wrong."""
        self.lied(reply, None, status=0)
        self.lied(reply, None, "-c", 5, "-T", "-C", "-P", 2, status=0)

    def test_fields(self):
        for changes, pattern in (
            ({"id": 7}, "its id is 7, not 2"),
            ({"length": 63}, "its length is 63, not 64"),
            ({"kind": REQUEST}, "unknown type .its type is 1"),
            ({"kind": GOODBYE}, "its type is GOODBYE, for a REQUEST"),
            ({"flags": 8}, "bad flags or code .its flags is 8"),
            ({"code": 1}, "bad flags or code .its code is 1"),
            ({"magic": 0x1234}, "bad magic .its magic is 4660"),
            ({"version": 2}, "unsupported version .its version is 2"),
            ({"checksum": 5}, "its checksum is 5, not 0|bad checksum .its checksum is 5"),
        ):
            with self.subTest(**changes):
                lie = from_second(lambda frame, changes=changes: reply(frame, **changes))
                done = self.lied(lie, f"answer 2 is wrong: ({pattern})")
                self.assertRegex(done.out, "answers: 1 wrong, 1 missing")

    def test_payload(self):
        def lie(frame):
            if frame.kind == REQUEST:
                frame.payload = frame.payload[:41] + b"!" + frame.payload[42:]
            return reply(frame)

        self.lied(lie, "answer 1 is wrong: octet 41 of its payload is 0x21, not 0x")
        self.lied(lie, "answer 1 is wrong: its payload's checksum", "-c", 3, "-C", "--no-verify")
        self.lied(lie, None, "-c", 3, "--no-verify", status=0)

    def test_times(self):
        def lie(frame):
            return reply(frame, times=(frame.times[0] + 1, 5, 6))

        self.lied(lie, "answer 1 is wrong: its client sent", "-c", 2, "-T")

    def test_order(self):
        held = []

        def lie(frame):
            held.append(reply(frame))
            return held.pop(1) + held.pop(0) if len(held) == 2 else b""

        self.lied(lie, "answer 1 is wrong: its id is 2, not 1", "-c", 2, "-P", 2)

    def test_more_than_was_asked(self):
        self.lied(lambda frame: reply(frame) * 2, "answer 2 is wrong", "-c", 1)

    def test_error(self):
        def lie(frame):
            return bytes(frames.Frame(ERROR, b"go \x1b[31maway", code=7))

        done = self.lied(lie, r"the server answers with error 7, server busy: go \?\[31maway")
        self.assertNotIn("\x1b", done.err)

    def test_end(self):
        self.lied(lambda frame: None, "the server closed with 1 requests unanswered|Connection reset")
        self.lied(
            lambda frame: reply(frame)[:50] if frame.id == 1 else None,
            "the server closed within an answer, that to request 1|Connection reset",
            "-c", 2, "-P", 2,
        )  # fmt: skip

    def test_silence(self):
        self.lied(
            from_second(lambda frame: b""), "no answer to request 2 within 1.5 s",
            "-c", 2, "-w", 1.5,
        )  # fmt: skip

    def test_closing(self):
        """Not the end that was asked for."""
        self.lied(
            lambda frame: reply(frame) if frame.kind == REQUEST else None,
            "the server closed in order; it was asked to reset", "--close", "reset",
        )  # fmt: skip
        self.lied(
            lambda frame: reply(frame) if frame.kind == REQUEST else None,
            "the server closed before --close client was done", "--close", "client",
        )  # fmt: skip
        self.lied(
            lambda frame: reply(frame) if frame.kind == REQUEST else b"",
            r"it did not end \(--close server\) within", "--close", "server", "-w", 1.5,
        )  # fmt: skip

    def test_by_hand(self):
        def lie(frame):
            return reply(frame, payload=b"j" + frame.payload[1:])

        with Liar(lie) as liar:
            done = client(liar.name, text="hello\n")
        self.assertEqual(done.status, 1, done)
        self.assertRegex(done.err, "not the octets that were sent")
