"""Wrong use and bad input: a message that says what and where, the exit code, nothing half-written.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import gzip
import os
import pathlib
import unittest

import pcapng
from pcapng import Pcapng

handshark = None  # set by cli.py


class Bad(unittest.TestCase):
    def fails(self, status, message, *arguments, **more):
        """It ends so, says so, and what it says is a line or two of its own."""
        result = handshark.run(*arguments, **more)
        self.assertEqual(result.status, status, result.err)
        self.assertRegex(result.err, message)
        self.assertTrue(result.err.startswith("handshark"), result.err)
        return result

    def no_output(self, target):
        """Neither the file nor what would have become it."""
        self.assertEqual(list(target.parent.iterdir()), [])


class WrongUse(Bad):
    def test_commands(self):
        self.fails(2, "which command")
        self.fails(2, "no such command: tabel", "tabel")
        self.fails(2, "no such command: help", "help", "nothing")

    def test_options(self):
        for command in ("table", "segments", "ladder", "explain", "annotate"):
            with self.subTest(command):
                self.fails(2, "(?s)unrecognized option '--wrong'.*try: handshark", command, "--wrong")
                self.fails(2, f"try: handshark {command} --help", command)
        self.fails(2, "--language de: there are en", "annotate", "--language=de", "in", "out")
        self.fails(2, "--stream x: is not", "explain", "--stream=x", "in")
        self.fails(2, "one capture", "ladder", "in", "in")
        self.fails(2, "--view", "ladder", "--view", "-o", "-", "in")

    def test_out_is_in(self):
        source = handshark.put(handshark.capture("000").read_bytes())
        before = source.read_bytes()
        hard, soft = handshark.new("hard"), handshark.new("soft")
        os.link(source, hard)
        soft.symlink_to(source)
        for target in (source, hard, soft):
            for command in (["annotate", source, target], ["ladder", "-o", target, source]):
                self.fails(2, "are one file", *command)
        self.assertEqual(source.read_bytes(), before)


class Input(Bad):
    """In every command that reads captures."""

    def everywhere(self, status, message, capture):
        target = handshark.new()
        tshark = f"--tshark={handshark.replay()}"  # which is not to be asked
        self.fails(status, message, "annotate", tshark, capture, target)
        self.no_output(target)
        for command in ("table", "segments", "ladder", "explain"):
            result = self.fails(status, message, command, tshark, capture)
            if command != "table":  # which tells the totals
                self.assertEqual(result.out, "")

    def test_missing(self):
        self.everywhere(1, "nothing-there: No such file", handshark.new("nothing-there"))

    def test_folder(self):
        self.everywhere(1, "is a folder", handshark.new().parent)

    def test_empty(self):
        self.everywhere(1, "in: is empty", handshark.put(b""))
        self.everywhere(1, "in: is empty", handshark.put(gzip.compress(b"")))

    def test_unreadable(self):
        capture = handshark.put(b"x")
        capture.chmod(0)
        self.everywhere(1, "in: Permission denied", capture)

    def test_no_capture(self):
        letter, picture = b"Dear Sir,\n", b"\x89PNG\r\n\x1a\n" + bytes(99)
        key = b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
        for data in (letter, picture, key, b'{"json": 1}', b"\xde\xad" * 50):
            self.everywhere(1, "in: is not a capture", handshark.put(data))

    def test_pipe(self):
        pipe = handshark.new("pipe")
        os.mkfifo(pipe)
        handshark.own(pipe)
        self.everywhere(1, "pipe: is not a file; what comes from a pipe", pipe)

    def test_damaged_section(self):
        whole = handshark.capture("000").read_bytes()
        self.everywhere(1, "in: ", handshark.put(whole[:20]))


class Cut(Bad):
    """Captures that end early: what could be read is there."""

    def setUp(self):
        self.whole = handshark.capture("000").read_bytes()
        self.cut = handshark.put(self.whole[:-70], "cut")
        self.first = handshark.put(b"".join(self.blocks()[:-1]), "first")

    def blocks(self):
        rest, found = self.whole, []
        while rest:
            length = int.from_bytes(rest[4:8], "little")
            found.append(rest[:length])
            rest = rest[length:]
        return found

    def test_annotate(self):
        target, expected = handshark.new(), handshark.new()
        count = len(self.blocks()) - 3  # section, interface and the last packet
        self.fails(1, f"cut: is cut short; the {count} frames before", "annotate", self.cut, target)
        handshark.good("annotate", self.first, expected)
        self.assertEqual(target.read_bytes(), expected.read_bytes())
        self.assertEqual(len(Pcapng(target.read_bytes()).packets), count)

    def test_figures(self):
        for command in ("segments", "ladder", "explain"):
            with self.subTest(command):
                result = self.fails(1, "cut short", command, self.cut)
                self.assertEqual(result.out, handshark.good(command, self.first))

    def test_compressed(self):
        capture = handshark.put(gzip.compress(self.whole)[:-20], "cut.gz")
        target = handshark.new()
        self.fails(1, "cut.gz", "annotate", capture, target)


class Output(Bad):
    def test_no_space(self):
        source = handshark.learn(handshark.capture("000"), "comments", "text", "segments", "jsonl")
        replay = f"--tshark={handshark.replay()}"
        for command in (
            ["annotate", source, "/dev/full"],
            ["ladder", "-o", "/dev/full", source],
        ):
            self.fails(1, "/dev/full: No space left on device", *command, replay)
        with open("/dev/full", "w") as full:
            for command in ("table", "segments"):
                result = handshark.run(command, source, replay, stdout=full)
                self.assertEqual(result.status, 1)
                self.assertIn("standard output: No space left on device", result.err)
        self.assertTrue(pathlib.Path("/dev/full").is_char_device())

    def test_a_limit_in_the_middle(self):
        """As with a disk that is full: the file stays what it was."""
        data = pcapng.section() + pcapng.interface(pcapng.LINK_RAW)
        for n in range(400):
            data += pcapng.packet(0, n, pcapng.ipv4(True, pcapng.ACK, n * 9, 1, bytes(900)))
        source, target = handshark.put(data), handshark.put(b"what was there")
        handshark.learn(source, "comments")
        replay = f"--tshark={handshark.replay()}"
        script = 'ulimit -f 100; trap "" XFSZ; exec "$@"'
        command = ["-c", script, "sh", handshark.program, "annotate", source, target, replay]
        result = handshark.run(*command, program="/bin/sh")
        self.assertEqual(result.status, 1)
        self.assertRegex(result.err, f"{target}: File too large")
        self.assertEqual(target.read_bytes(), b"what was there")
        self.assertEqual(list(target.parent.iterdir()), [target])

    def test_no_folder_and_no_permission(self):
        source = handshark.learn(handshark.capture("000"), "comments", "text")
        replay = f"--tshark={handshark.replay()}"
        target = handshark.new() / "nowhere" / "out"
        self.fails(1, "nowhere/out: No such file", "annotate", source, target, replay)
        folder = handshark.new().parent
        self.fails(1, "Is a directory", "annotate", source, folder, replay)
        folder.chmod(0o555)
        self.fails(1, "Permission denied", "ladder", "-o", folder / "out", source, replay)
        folder.chmod(0o755)

    def test_a_reader_that_leaves(self):
        """handshark | head: it dies of the signal, without a word."""
        reads, writes = os.pipe()
        os.close(reads)
        capture = handshark.learn(handshark.capture("000"), "segments")
        replay = f"--tshark={handshark.replay()}"
        result = handshark.run("segments", capture, replay, stdout=writes)
        os.close(writes)
        self.assertEqual((result.status, result.err), (-13, ""))


class OtherTshark(Bad):
    def fails_with(self, tshark, message, status=1):
        capture = handshark.capture("000")
        target = handshark.new()
        option = f"--tshark={tshark}"
        self.fails(status, message, "annotate", option, capture, target)
        self.no_output(target)
        for command in ("table", "explain"):
            self.fails(status, message, command, option, capture)

    def test_none(self):
        self.fails_with("/nowhere/tshark", "/nowhere/tshark: no such program")
        capture = handshark.capture("000")
        environment = {"PATH": str(handshark.out)}
        message = "tshark is not installed"
        self.fails(1, message, "table", capture, environment=environment)

    def test_without_the_plugin(self):
        environment = {"WIRESHARK_PLUGIN_DIR": str(handshark.out)}
        result = self.fails(
            1, "has no plugin handshark", "table", handshark.capture("000"), environment=environment
        )
        self.assertIn("To install it", result.err)

    def test_another_version_of_the_plugin(self):
        tshark = handshark.fake("tshark-old", 'printf "handshark.so\\t0.0.9\\tdissector\\t/x\\n"')
        self.fails_with(tshark, r"has the plugin handshark 0\.0\.9, and the plugin handshark [\d.]+")

    def test_no_tshark_at_all(self):
        self.fails_with(handshark.fake("tshark-true", "exit 0"), "has no plugin handshark")
        self.fails_with(handshark.fake("tshark-no", "echo no >&2; exit 3"), "tshark-no: no")

    def test_killed(self):
        tshark = handshark.fake_tshark("tshark-killed", "kill -9 $$")
        self.fails_with(tshark, "tshark was ended by a signal: Killed")

    def test_killed_when_it_had_begun_to_write(self):
        script = "printf '1\\tsome words\\n2\\tmore'; kill -9 $$"
        tshark = handshark.fake_tshark("tshark-begun", script)
        target = handshark.new()
        for command in (["annotate"], ["ladder", "-o"]):
            order = [handshark.capture("000"), target]
            result = self.fails(
                1,
                "ended by a signal: Killed",
                *command,
                *(order if command == ["annotate"] else order[::-1]),
                f"--tshark={tshark}",
            )
            self.no_output(target)
            self.assertEqual(result.out, "")

    def test_failing(self):
        tshark = handshark.fake_tshark("tshark-fails", "echo 'tshark: no luck' >&2; exit 1")
        self.fails_with(tshark, r"capture.pcapng: no luck\n$")
        tshark = handshark.fake_tshark("tshark-mute", "exit 4")
        self.fails_with(tshark, "tshark failed, with exit status 4")

    def test_nonsense(self):
        tshark = handshark.fake_tshark("tshark-odd", "echo what is this")
        target = handshark.new()
        capture = handshark.capture("000")
        self.fails(1, "no comment", "annotate", f"--tshark={tshark}", capture, target)
        self.no_output(target)
        self.fails(1, "no JSON object", "table", f"--tshark={tshark}", capture)
        tshark = handshark.fake_tshark("tshark-more", r"printf '999\twords\n'")
        self.fails(1, "reads 999 frames", "annotate", f"--tshark={tshark}", capture, target)
        self.no_output(target)
