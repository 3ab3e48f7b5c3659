"""handshark table: a line for each conversation.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import csv
import fcntl
import io
import json
import os
import pty
import struct
import termios
import unicodedata
import unittest

import pcapng

handshark = None  # set by cli.py


def rows_of(capture):
    """What the plugin itself says."""
    said = handshark.learn(capture, "jsonl").with_name(capture.name + ".jsonl")
    return [json.loads(line) for line in said.read_text(encoding="utf-8").splitlines()]


def captures(*names):
    return [handshark.learn(handshark.capture(name), "jsonl") for name in names]


def table(*arguments, **more):
    """What it makes of what the real tshark said."""
    return handshark.run("table", f"--tshark={handshark.replay()}", *arguments, **more)


def good_table(*arguments):
    result = table(*arguments)
    assert (result.status, result.err) == (0, ""), result.err
    return result.out


def text(value):
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def width_of(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


class Machine(unittest.TestCase):
    """--json and --csv have all fields."""

    def setUp(self):
        self.captures = captures("tfo", "unanswered", "ipv6")
        self.rows = []
        for capture in self.captures:
            self.rows += [{"file": str(capture), **row} for row in rows_of(capture)]

    def test_json(self):
        out = handshark.good("table", "--json", *self.captures)
        self.assertEqual(json.loads(out), self.rows)
        self.assertEqual(len(out.splitlines()), len(self.rows) + 2)

    def test_csv(self):
        out = handshark.good("table", "--csv", *self.captures)
        rows = list(csv.DictReader(io.StringIO(out, newline="")))
        self.assertEqual(list(rows[0]), list(self.rows[0]))
        self.assertEqual([row["summary"] for row in rows], [row["summary"] for row in self.rows])
        for found, row in zip(rows, self.rows):
            for name, value in row.items():
                if isinstance(value, float):
                    self.assertEqual(float(found[name]), value, name)
                else:
                    self.assertEqual(found[name], text(value), name)

    def test_nothing(self):
        capture = handshark.put(pcapng.section() + pcapng.interface(pcapng.LINK_RAW))
        handshark.learn(capture, "jsonl")
        self.assertEqual(json.loads(good_table("--json", capture)), [])
        titles = good_table("--csv", capture).splitlines()
        self.assertEqual([title.split(",") for title in titles], [list(self.rows[0])])
        self.assertIn("0 conversations; 0 segments", good_table(capture))

    def test_names_of_files(self):
        """With what means something in JSON, in CSV and on a terminal."""
        name = 'a "b",\nc\\ \x1b[31m 檔.pcapng'
        capture = handshark.learn(handshark.put(self.captures[2].read_bytes(), name), "jsonl")
        rows = json.loads(good_table("--json", capture))
        self.assertEqual([row["file"] for row in rows], [str(capture)])
        out = good_table("--csv", capture)
        self.assertEqual(list(csv.reader(io.StringIO(out, newline="")))[1][0], str(capture))
        out = good_table(capture, self.captures[0])
        self.assertIn('a "b",?c\\ ?[31m 檔.pcapng', out)
        odd = handshark.put(self.captures[2].read_bytes(), os.fsdecode(b"\xff\xfe"))
        handshark.learn(odd, "jsonl")
        self.assertIn("\ufffd\ufffd", good_table("--json", odd))
        self.assertIn("??", good_table(odd, self.captures[0]))


class Chosen(unittest.TestCase):
    def setUp(self):
        self.captures = captures("seed_walk", "tfo", "unanswered")

    def json(self, *options):
        return json.loads(good_table("--json", *options, *self.captures))

    def real(self, *options):
        return json.loads(handshark.good("table", "--json", *options, *self.captures))

    def test_sort(self):
        rows = self.json()
        for field in ("duration", "server.bytes", "handshake.rtt", "client.port"):
            order = sorted(rows, key=lambda row: -1 if row[field] is None else row[field])
            self.assertEqual(self.json(f"--sort={field}"), order, field)
        order = sorted(rows, key=lambda row: row["opening"])
        self.assertEqual(self.json("--sort", "opening"), order)
        order = sorted(rows, key=lambda row: -row["client.bytes"] - row["server.bytes"])
        self.assertEqual(self.json("--sort=-bytes"), order)
        result = table("--sort=size", *self.captures)
        self.assertEqual((result.status, "no such field" in result.err), (2, True))

    def test_verdict(self):
        rows = self.json()
        self.assertEqual(
            self.json("--verdict=unanswered,refused"),
            [row for row in rows if row["verdict"] == "unanswered"],
        )
        self.assertEqual(self.json("--verdict=open"), [])
        result = table("--verdict=orderly,good", *self.captures)
        self.assertEqual((result.status, "good: there are orderly, open" in result.err), (2, True))

    def test_where(self):
        self.assertEqual(
            [row["stream"] for row in self.real("--where", "tcp.port in {47092, 47108} && tcp")],
            [1, 2],
        )
        found = self.real("--stream=1", "--where", "tcp.flags.syn == 1 || tcp.flags.fin == 1")
        self.assertEqual([(row["stream"], row["segments"]) for row in found], [(1, 4)])
        result = handshark.run("table", "--where=tcp.port ==", self.captures[0])
        self.assertEqual(result.status, 1)
        self.assertIn("tcp.port ==", result.err)

    def test_language(self):
        summaries = [row["summary"] for row in self.real("--language=zh_TW")]
        self.assertTrue(all(not summary.isascii() for summary in summaries))


class Text(unittest.TestCase):
    def setUp(self):
        self.captures = captures("tfo", "unanswered", "ipv6")

    def test_everything(self):
        lines = good_table(self.captures[0], self.captures[2]).splitlines()
        titles, *rows, totals = lines
        self.assertEqual(titles.split()[:4], ["file", "stream", "client", "server"])
        self.assertEqual(len(rows), 5)
        row = rows_of(self.captures[2])[0]
        self.assertEqual(
            rows[4].split(),
            [
                str(self.captures[2]), "0", "[fd77:42::1]:48244", "[fd77:42::2]:8000", "three-way",
                "four-segment", "orderly", "client", "TIME_WAIT", "CLOSED", "2026-11-21",
                "04:12:58", f"{row['duration']:.6f}", "4", "4",
            ],
        )  # fmt: skip
        self.assertEqual(
            totals,
            "5 conversations in 2 captures: 5 orderly; 39 segments, 76 bytes from clients, 15 from "
            "servers",
        )

    def test_it_fits(self):
        for width in (200, 120, 100, 80, 60, 40, 25):
            out = good_table(f"--width={width}", *self.captures)
            self.assertLessEqual(max(map(width_of, out.splitlines())), width, out)
            self.assertEqual("not shown" in out.replace("\n", " "), width < 180, out)
        self.assertNotIn("…", good_table("--width=0", *self.captures))

    def test_what_tells_files_apart(self):
        """Where the width is limited. Names that differ by a folder, by their last part, and not at all."""
        data = self.captures[0].read_bytes()
        same = [handshark.put(data, "same.pcapng") for _ in range(2)]
        other = same[0].with_name("other.pcapng")
        other.write_bytes(data)
        handshark.own(other)
        for capture in (*same, other):
            handshark.learn(capture, "jsonl")

        def names(width, *files):
            rows = [row.split() for row in good_table(f"--width={width}", *files).splitlines()]
            return {row[0] for row in rows if row[1:] and row[1] == "0"}

        for width in (100, 200):
            self.assertEqual(names(width, *same), {path.parent.name for path in same})
            self.assertEqual(names(width, same[0], other), {"same.pcapng", "other.pcapng"})
            self.assertEqual(names(width, same[0], same[0]), {"same.pcapng"})
        self.assertEqual(names(0, *same), set(map(str, same)))

    def test_wide_characters(self):
        data = self.captures[0].read_bytes()
        named = [handshark.put(data, "抓" * n + ".pcapng") for n in (1, 9, 30)]
        for capture in named:
            handshark.learn(capture, "jsonl")
        for width in (150, 99, 80, 61):
            out = good_table(f"--width={width}", *named)
            self.assertLessEqual(max(map(width_of, out.splitlines())), width, out)

    def test_on_a_terminal(self):
        for columns in (70, 111):
            try:
                leader, follower = pty.openpty()
            except OSError as problem:
                self.skipTest(f"no terminal: {problem}")
            fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            process = handshark.start(
                "table", f"--tshark={handshark.replay()}", *self.captures, stdout=follower
            )
            os.close(follower)
            out = b""
            try:
                while chunk := os.read(leader, 4096):
                    out += chunk
            except OSError:  # the end of a terminal
                pass
            os.close(leader)
            err = process.communicate()[1]
            self.assertEqual((process.returncode, err), (0, b""))
            widths = [width_of(line) for line in out.decode().splitlines()]
            self.assertLessEqual(max(widths), columns)
            self.assertGreater(max(widths), columns * 0.8)

    def test_one_of_several_is_bad(self):
        bad = handshark.put(b"")
        result = table(self.captures[0], bad, self.captures[2])
        self.assertEqual(result.status, 1)
        self.assertEqual(result.err, f"handshark: {bad}: is empty\n")
        self.assertIn("5 conversations in 2 captures", result.out)

    def test_cut(self):
        """What could be read is there."""
        cut = handshark.put(self.captures[0].read_bytes()[:-70], "cut")
        result = handshark.run("table", cut)
        self.assertEqual(result.status, 1)
        self.assertRegex(result.err, "^handshark: .*cut: .*cut short")
        self.assertIn("4 conversations", result.out)
