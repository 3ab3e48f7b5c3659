"""Signals: the program ends at once, and leaves no process and no half of a file.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import os
import signal
import unittest

import pcapng
from program import is_alive, until

handshark = None  # set by cli.py


class Signals(unittest.TestCase):
    def slow_tshark(self, more=""):
        """It has a child of its own, and would run for ever; returns it and where both write their ids."""
        ids = handshark.new("ids")
        name = f"tshark-slow-{ids.parent.name}"
        script = f"sleep 1000 & echo $$ $! >{ids}; {more} wait"
        return handshark.fake_tshark(name, script), ids

    def processes(self, ids):
        until(lambda: ids.exists() and len(ids.read_text().split()) == 2, "tshark to start")
        return [int(word) for word in ids.read_text().split()]

    def ends_by(self, number, *arguments, group=False):
        tshark, ids = self.slow_tshark()
        target = handshark.new()
        arguments = [target if word is Ellipsis else word for word in arguments]
        process = handshark.start(*arguments, f"--tshark={tshark}", start_new_session=group)
        running = self.processes(ids)
        if group:  # as a terminal does it
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, out, err), (-number, b"", b""))
        for one in running:
            until(lambda one=one: not is_alive(one), f"process {one} to end")
        self.assertEqual(list(target.parent.iterdir()), [])

    def test_ctrl_c(self):
        capture = handshark.capture("000")
        for arguments in (
            ["table", capture],
            ["ladder", "-o", Ellipsis, capture],
            ["annotate", capture, Ellipsis],
        ):
            with self.subTest(arguments[0]):
                self.ends_by(signal.SIGINT, *arguments)
        self.ends_by(signal.SIGINT, "ladder", "-o", Ellipsis, capture, group=True)

    def test_others(self):
        capture = handshark.capture("000")
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(number):
                self.ends_by(number, "ladder", "-o", Ellipsis, capture)

    def test_what_nobody_can_catch(self):
        """Its tshark ends all the same."""
        tshark, ids = self.slow_tshark()
        process = handshark.start("table", f"--tshark={tshark}", handshark.capture("000"))
        running = self.processes(ids)
        process.kill()
        process.communicate(timeout=60)
        until(lambda: not is_alive(running[0]), "tshark to end")
        os.kill(running[1], signal.SIGKILL)  # the shell's own child, which it does not look after

    def test_a_tshark_that_will_not_end(self):
        tshark, ids = self.slow_tshark('trap "" TERM;')
        process = handshark.start("table", f"--tshark={tshark}", handshark.capture("000"))
        running = self.processes(ids)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, -signal.SIGTERM)
        for one in running:
            until(lambda one=one: not is_alive(one), f"process {one} to end")

    def test_while_it_writes(self):
        data = [pcapng.section(), pcapng.interface(pcapng.LINK_RAW)]
        packet = pcapng.ipv4(True, pcapng.ACK, 1, 1, bytes(1200))
        data += [pcapng.packet(0, n, packet) for n in range(40000)]
        capture = handshark.put(b"".join(data))
        tshark = handshark.fake_tshark("tshark-silent", "exit 0")
        target = handshark.put(b"what was there")
        process = handshark.start("annotate", capture, target, f"--tshark={tshark}")
        until(lambda: len(list(target.parent.iterdir())) == 2, "the file beside it")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        # A machine that is slow to deliver the signal may have let it finish.
        self.assertIn(process.returncode, (-signal.SIGINT, 0))
        self.assertEqual(list(target.parent.iterdir()), [target])
        if process.returncode:
            self.assertEqual(target.read_bytes(), b"what was there")
