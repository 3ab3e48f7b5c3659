"""handshark annotate: the capture again, with comments; all else as it was.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import gzip
import os
import re
import struct
import unittest

import pcapng
from pcapng import COMMENT, Pcapng
from tshark import Tshark

handshark = None  # set by cli.py
PREFIX = "[handshark] "
SEPARATOR = "\x1f"
FIELDS = ["label", "client.state", "server.state", "step", "stream", "summary"]
ALL_OPTIONS = [
    (COMMENT, b"[handshark] is what a comment of ours begins with"),
    (2, struct.pack("<I", 1)),  # inbound
    (4, struct.pack("<Q", 7)),  # dropped before it
    (COMMENT, "用户的注释".encode()),
]


def annotate(source, *options):
    """The copy's path."""
    target = handshark.new("out.pcapng")
    handshark.good("annotate", *options, source, target)
    return target


def with_words(source, count):
    """An option: a tshark that has words for so many frames, whatever they are."""
    lines = "".join(f"{n}\twords on {n}\n" for n in range(1, count + 1))
    source.with_name(f"{source.name}.comments").write_text(lines, encoding="utf-8")
    return f"--tshark={handshark.replay()}"


def annotated(source, *options):
    return Pcapng(annotate(source, *options).read_bytes())


def without(options):
    """What the packet had of its own, in an order that says nothing."""
    return sorted((c, v) for c, v in options if not (c == COMMENT and v.startswith(PREFIX.encode())))


def fields(tshark, capture, *names, options=()):
    """The rows of -T fields, each value a list."""
    arguments = ["-r", capture, *options, "-T", "fields", "-E", f"aggregator={SEPARATOR}"]
    for name in names:
        arguments += ["-e", name]
    rows = [line.split("\t") for line in tshark.run(arguments).out.splitlines()]
    return [[cell.split(SEPARATOR) if cell else [] for cell in row] for row in rows]


def expected_comments(capture, language="en"):
    """What the plugin's fields say: frame number -> comments."""
    names = ["frame.number", *(f"tcp_phase.{field}" for field in FIELDS)]
    options = ["-2", "-o", f"tcp_phase.language:{language}"]
    found, seen = {}, set()
    rows = fields(handshark.tshark, capture, *names, options=options)
    for (number,), labels, clients, servers, steps, streams, summaries in rows:
        assert len(labels) <= 1, "more than one layer: which steps are whose?"
        for label, client, server in zip(labels, clients, servers):
            text = f"{PREFIX}{label} | client {client} | server {server}"
            found[int(number)] = [text + (f" | step {' '.join(steps)}" if steps else "")]
        for stream, summary in zip(streams, summaries):
            if stream not in seen:
                seen.add(stream)
                found[int(number)].append(PREFIX + summary)
    return found


class Comments(unittest.TestCase):
    def test_they_say_what_the_fields_say(self):
        """Read by a tshark that has no plugin; and capinfos and editcap have nothing against them."""
        with Tshark(None) as plain:
            for name in ["close4", "simul_open", "icmp_reject_port"]:
                with self.subTest(name):
                    capture = handshark.capture(name)
                    copy = annotate(capture)
                    rows = fields(plain, copy, "frame.number", "frame.comment")
                    self.assertEqual(
                        {int(number): texts for (number,), texts in rows if texts},
                        expected_comments(capture),
                    )
                    handshark.tool("capinfos", copy)
                    handshark.tool("editcap", copy, handshark.new())

    def test_languages(self):
        capture = handshark.capture("004b")
        for language in ("zh_CN", "zh_TW", "en"):
            expected = expected_comments(capture, language)
            copy = annotated(capture, f"--language={language}")
            for number, texts in expected.items():
                self.assertEqual(copy.comments(number - 1), texts)
            self.assertEqual(language == "en", expected[1][0].isascii())

    def test_without_tcp_there_are_none(self):
        udp = pcapng.ipv4(True, 0, 0, 0)
        udp = udp[:9] + b"\x11" + udp[10:]
        data = pcapng.section() + pcapng.interface(pcapng.LINK_RAW) + pcapng.packet(0, 1, udp)
        copy = annotated(handshark.put(data))
        self.assertEqual([(p[2], p[4]) for p in copy.packets], [(udp, [])])

    def test_no_packets(self):
        data = pcapng.section() + pcapng.interface(pcapng.LINK_RAW)
        self.assertEqual(annotated(handshark.put(data)).packets, [])
        self.assertEqual(annotated(handshark.put(pcapng.section())).packets, [])


class Kept(unittest.TestCase):
    """What stands in the capture beside our comments."""

    def everything(self):
        """A file with all kinds of blocks and options, most of them where few programs put them."""
        packets = pcapng.conversation()
        data = pcapng.section(
            (2, b"a machine"), (3, b"a system"), (4, b"a program"), (COMMENT, b"of the section")
        )
        data += pcapng.interface(
            pcapng.LINK_ETHERNET, (2, b"eth0"), (3, b"the first"), (9, b"\x09"), (COMMENT, b"of it")
        )
        data += pcapng.interface(pcapng.LINK_ETHERNET, (2, b"idle"), snap=96)
        data += pcapng.secrets(b"CLIENT_RANDOM 00 11\n")
        data += pcapng.names((pcapng.CLIENT, b"client.example"), (pcapng.SERVER, b"server.example"))
        for n, ip in enumerate(packets[:4]):
            stamp = 1_700_000_000_123_456_789 + n
            data += pcapng.packet(0, stamp, pcapng.ethernet(ip), *(ALL_OPTIONS if n == 1 else []))
        data += pcapng.interface(pcapng.LINK_RAW, (2, b"tun0"), (12, b"an OS"))
        data += pcapng.names((b"\x20\x01" + bytes(13) + b"\x01", b"six.example"))
        for n, ip in enumerate(packets[4:]):
            data += pcapng.packet(2, 1_700_000_001_000_000 + n, ip, length=len(ip) + 10 * (n == 0))
        data += pcapng.secrets(b"CLIENT_RANDOM 22 33\n")
        data += pcapng.names((pcapng.CLIENT, b"its.other.name"))
        data += pcapng.statistics(0, 1_700_000_002_000_000_000, (4, struct.pack("<Q", 4)))
        return data

    def assert_same_beside_comments(self, before, after):
        self.assertEqual(sorted(after.section), sorted(before.section))
        self.assertEqual(
            [(link, snap, sorted(options)) for link, snap, options in after.interfaces],
            [(link, snap, sorted(options)) for link, snap, options in before.interfaces],
        )
        self.assertEqual(sorted(after.names), sorted(before.names))
        self.assertEqual(after.secrets, before.secrets)
        self.assertEqual(after.statistics, before.statistics)
        self.assertEqual([p[:4] for p in after.packets], [p[:4] for p in before.packets])
        for number, (old, new) in enumerate(zip(before.packets, after.packets), 1):
            self.assertEqual(without(new[4]), without(old[4]), f"frame {number}")

    def test_everything(self):
        data = self.everything()
        before, after = Pcapng(data), annotated(handshark.put(data))
        self.assert_same_beside_comments(before, after)
        self.assertTrue(all(after.comments(n) for n in range(9)))

    def test_capinfos_shows_them(self):
        source = handshark.put(self.everything())
        text = handshark.tool("capinfos", annotate(source, with_words(source, 9)))
        self.assertIn("Number of interfaces in file: 3", text)
        self.assertIsNotNone(re.search(r"Capture comment:\s+of the section", text))

    def test_the_comment_of_someone_else_stays_and_ours_are_replaced(self):
        source = handshark.put(self.everything())
        once = annotate(source, with_words(source, 9))
        again = annotated(once, "--language=en")
        self.assert_same_beside_comments(Pcapng(once.read_bytes()), again)
        self.assertEqual(again.packets, annotated(source, "--language=en").packets)
        self.assertIn("用户的注释", again.comments(1))
        self.assertFalse(any("words" in text for n in range(9) for text in again.comments(n)))

    def test_the_projects_captures(self):
        for name in ["snaplen", "bulk_offload"]:
            with self.subTest(name):
                capture = handshark.capture(name)
                before = Pcapng(capture.read_bytes())
                after = annotated(capture, with_words(capture, len(before.packets)))
                self.assert_same_beside_comments(before, after)

    def test_units_of_time(self):
        """Also those that a nanosecond is no multiple of, and those that are finer."""
        packets = pcapng.conversation()
        for unit, stamp in [(0x03, 1_700_000_000_123), (0x8A, 1_700_000_000 << 10 | 777)]:
            with self.subTest(unit):
                data = pcapng.section() + pcapng.interface(pcapng.LINK_RAW, (9, bytes([unit])))
                for n, ip in enumerate(packets):
                    data += pcapng.packet(0, stamp + n, ip)
                source = handshark.put(data)
                times = [
                    fields(handshark.tshark, capture, "frame.time_epoch")
                    for capture in (source, annotate(source, with_words(source, 9)))
                ]
                self.assertEqual(times[0], times[1])

    def test_an_offset_of_time(self):
        data = pcapng.section()
        data += pcapng.interface(pcapng.LINK_RAW, (14, struct.pack("<q", 1_700_000_000)))
        for n, ip in enumerate(pcapng.conversation()):
            data += pcapng.packet(0, 5_000_000 + n, ip)
        source = handshark.put(data)
        copy = annotate(source, with_words(source, 9))
        times = fields(handshark.tshark, copy, "frame.time_epoch")
        self.assertEqual(times, fields(handshark.tshark, source, "frame.time_epoch"))
        self.assertEqual(times[0], [["1700000005.000000000"]])

    def test_sections(self):
        """Each numbers its interfaces from 0."""
        data = b""
        for link, wrap, text in [
            (pcapng.LINK_ETHERNET, pcapng.ethernet, b"one"),
            (pcapng.LINK_RAW, bytes, b"two"),
        ]:
            data += pcapng.section((COMMENT, text)) + pcapng.interface(link, (2, text))
            for n, ip in enumerate(pcapng.conversation((40000 + link, 80))):
                data += pcapng.packet(0, 1_700_000_000_000_000 + n, wrap(ip))
        after = annotated(handshark.put(data))
        self.assertEqual([link for link, *_ in after.interfaces], [1, 101])
        self.assertEqual([p[0] for p in after.packets], [0] * 9 + [1] * 9)
        self.assertEqual(after.packets[9][2], pcapng.conversation((40101, 80))[0])
        self.assertEqual([v for c, v in after.section if c == COMMENT], [b"one", b"two"])


class Formats(unittest.TestCase):
    """IN is what Wireshark reads."""

    def packets(self, capture):
        return [p[2] for p in Pcapng(capture.read_bytes()).packets]

    def convert(self, kind, source):
        target = handshark.new("in")
        handshark.tool("editcap", "-F", kind, source, target)
        return target

    def test_other_formats(self):
        source = handshark.capture("seed_walk")
        for kind in ["pcap", "nsecpcap", "snoop", "k12text"]:
            with self.subTest(kind):
                capture = self.convert(kind, source)
                copy = annotate(capture)
                self.assertEqual(self.packets(copy), self.packets(source))
                times = fields(handshark.tshark, copy, "frame.time_epoch")
                self.assertEqual(times, fields(handshark.tshark, capture, "frame.time_epoch"))
                self.assertEqual(
                    [Pcapng(copy.read_bytes()).comments(n) for n in range(10)],
                    list(expected_comments(capture).values()),
                )
                handshark.tool("capinfos", copy)

    def test_compressed(self):
        source = handshark.capture("seed_walk")
        capture = handshark.put(gzip.compress(source.read_bytes()), "in.pcapng.gz")
        self.assertEqual(annotate(capture).read_bytes(), annotate(source).read_bytes())

    def test_link_types_of_packets(self):
        """Of a format whose packets have each a link type, but no interface."""
        data = pcapng.section() + pcapng.interface(pcapng.LINK_RAW)
        data += pcapng.interface(pcapng.LINK_ETHERNET)
        expected = []
        for n, ip in enumerate(pcapng.conversation()):
            expected.append(pcapng.ethernet(ip) if n % 3 else ip)
            data += pcapng.packet(1 if n % 3 else 0, 1_700_000_000_000_000 + n, expected[-1])
        capture = self.convert("nettl", handshark.put(data))
        after = annotated(capture)
        self.assertEqual([p[2] for p in after.packets], expected)
        links = [after.interfaces[p[0]][0] for p in after.packets]
        self.assertEqual(links, [1 if n % 3 else 101 for n in range(9)])
        self.assertTrue(all(after.comments(n) for n in range(9)))


class Out(unittest.TestCase):
    def setUp(self):
        self.source = handshark.learn(handshark.capture("000"), "comments")
        self.replay = f"--tshark={handshark.replay()}"
        self.expected = annotate(self.source, self.replay).read_bytes()

    def test_standard_output(self):
        with handshark.start("annotate", self.replay, self.source, "-") as process:
            self.assertEqual(process.communicate()[0], self.expected)
            self.assertEqual(process.returncode, 0)

    def test_it_replaces_what_was_there(self):
        target = handshark.put(b"something else")
        os.chmod(target, 0o640)
        handshark.good("annotate", self.replay, self.source, target)
        self.assertEqual(target.read_bytes(), self.expected)
        self.assertEqual(target.stat().st_mode & 0o777, 0o640)
        self.assertEqual(list(target.parent.iterdir()), [target])

    def test_what_a_link_points_to_is_replaced(self):
        target = handshark.put(b"something else")
        link = handshark.new("link")
        link.symlink_to(target)
        handshark.good("annotate", self.replay, self.source, link)
        self.assertTrue(link.is_symlink())
        self.assertEqual(target.read_bytes(), self.expected)

    def test_a_new_file_has_the_usual_permissions(self):
        target = handshark.new()
        handshark.good("annotate", self.replay, self.source, target, umask=0o027)
        self.assertEqual(target.stat().st_mode & 0o777, 0o640)

