"""Large captures in parts: what comes of them is what comes of the whole, to the octet.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import gzip
import json
import pathlib
import shlex
import signal
import struct
import sys
import unittest

import test_batch
from program import CAPTURES, is_alive, until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "links"))

import wraps_links  # noqa: E402, F401, I001
import wraps_tunnels  # noqa: E402, F401
from capture import Frame, read_pcapng, write_pcap  # noqa: E402
from layers import Packet  # noqa: E402
from wraps import ETHERNET_LINK, WRAPS  # noqa: E402

handshark = None  # set by cli.py

SHARDED = ["--shards-over=0", "--ladders=0"]
AS_ONE = "is read as one"


class Shards(test_batch.Batch):
    """What the classes below share."""

    def setUp(self):
        test_batch.handshark = handshark

    def results(self, out):
        (row,) = self.manifest(out)
        self.assertFalse((out / "work").exists())
        return (out / row["result"]).read_text(encoding="utf-8"), row

    def check(self, capture, shards, *paths, is_split=True, expected=None):
        """The parts' results are the whole's."""
        expected = expected or handshark.said(capture, "jsonl")
        out = handshark.new("out")
        said = self.batch(out, f"--shards={shards}", *SHARDED, *(paths or [capture]))
        got, row = self.results(out)
        self.assertEqual(got, expected)
        self.assertGreater(len(expected.splitlines()), 0)
        self.assertEqual(row["conversations"], len(expected.splitlines()))
        self.assertEqual((row["exit"], row["reason"], row["bytes"]), (0, None, len(got.encode())))
        (self.assertNotIn if is_split else self.assertIn)(AS_ONE, said)
        self.assertNotIn("shards", row)
        return expected


def merged(*options, names=None):
    """Test captures in one file."""
    paths = sorted(CAPTURES.glob("*/capture.pcapng"))
    if names:
        paths = [path for path in paths if path.parent.name in names]
    out = handshark.new("merged.pcapng")
    handshark.tool("mergecap", *options, "-w", out, *map(handshark.tshark.stage, paths))
    return out


def packets_of(name):
    frames = read_pcapng(CAPTURES / name / "capture.pcapng")
    client = frames[0].octets[26:30]
    return [
        Packet(frame.octets[14:], frame.octets[26:30] == client, number, frame.time)
        for number, frame in enumerate(frames, 1)
    ]


def wrapped(packets, names, link=ETHERNET_LINK):
    """Packets in several wraps by turns, so that a conversation is partly in each."""
    frames = []
    for number, packet in enumerate(packets):
        made = WRAPS[names[number % len(names)]].make(packet)
        frames += [
            Frame(packet.time, octets) for octets in (made if isinstance(made, list) else [made])
        ]
    path = handshark.new("wrapped.pcap")
    write_pcap(path, frames, link)
    handshark.own(path)
    return path


class Equal(Shards):
    def test_captures(self):
        """All test captures at a time: ports used again, errors that quote, segments captured twice, IPv6."""
        self.check(merged(), 3)

    def test_one_after_the_other(self):
        """The same ends again and again, in many more parts than are needed."""
        self.check(merged("-a", names=["000", "004b", "refused", "icmp_reject_port", "ipv6"]), 8)


SCENARIOS = ["simul_close", "wrap_fin", "data_lost", "icmp_reject_port", "raw_blind_rst"]


def packets():
    return sorted(
        (packet for name in SCENARIOS for packet in packets_of(name)),
        key=lambda packet: packet.time,
    )


class Tunnels(Shards):
    """A conversation is whole though its packets came in different ways."""

    def test_ethernet(self):
        names = [name for name, wrap in WRAPS.items()
                 if wrap.link == ETHERNET_LINK and "4" in wrap.versions and not wrap.options]  # fmt: skip
        self.assertGreater(len(names), 60)
        self.check(wrapped(packets(), names), 3)

    def test_not_seen(self):
        """A tunnel that only Wireshark sees into: conversations come to lie in two parts, which is noticed."""
        sent = packets_of("data_lost")
        path = wrapped(sent, ["ethernet", "vxlan"])
        frames = []
        for number, octets in enumerate(frame for _, frame in _read_pcap(path)):
            octets = bytearray(octets)
            if number % 2 == 1:
                at = octets.index(sent[number].octets[:4], 42) + 10  # the sum of the header within
                octets[at] ^= 0x55
            frames.append(Frame(sent[number].time, bytes(octets)))
        write_pcap(path, frames, ETHERNET_LINK)
        self.check(path, 2, is_split=False)


class Links(Shards):
    def test_links(self):
        for name, is_split in (("sll", True), ("ppp", True), ("exported-tcp", False)):
            with self.subTest(name):
                capture = wrapped(packets(), [name], WRAPS[name].link)
                self.check(capture, 2, is_split=is_split)


def _read_pcap(path):
    data = path.read_bytes()
    at = 24
    while at < len(data):
        seconds, fraction, size, _ = struct.unpack_from("<IIII", data, at)
        yield (seconds, fraction), data[at + 16 : at + 16 + size]
        at += 16 + size


class Files(Shards):
    def test_compressed(self):
        capture = merged(names=["000", "004b", "refused"])
        packed = handshark.put(gzip.compress(capture.read_bytes()), "packed, with a comma.gz")
        self.check(packed, 2, expected=handshark.said(capture, "jsonl"))

    def test_rotated(self):
        """The numbers of frames go on from file to file."""
        capture = merged(names=["000", "004b", "refused", "icmp_reject_port"])
        folder = handshark.new("rotated")
        folder.mkdir()
        handshark.own(folder)
        handshark.tool("editcap", "-c", "7", capture, folder / "part.pcapng")
        parts = sorted(folder.iterdir())
        for number, part in enumerate(parts, 1):
            part.rename(folder / f"trace_{number:05}_20240101120000.pcapng")
            handshark.own(folder / f"trace_{number:05}_20240101120000.pcapng")
        self.assertGreater(len(parts), 3)
        self.check(capture, 3, folder)


class Whole(Shards):
    """What is read by one tshark all the same."""

    def test_cut(self):
        """Of a capture that is cut short there is what could be read, as from one tshark."""
        cut = handshark.put(handshark.capture("004b").read_bytes()[:-50], "cut")
        whole, out = handshark.new("whole"), handshark.new("out")
        self.batch(whole, "--ladders=0", cut, status=1)
        said = self.batch(out, "--shards=3", *SHARDED, cut, status=1)
        self.assertIn(f"{AS_ONE}: it cannot be read to the end", said)
        (row,) = self.manifest(out)
        self.assertIn("cut short", row["reason"])
        expected = {name: data for name, data in self.content(whole).items() if "work" not in name}
        got = {name: data for name, data in self.content(out).items() if not name.startswith("work/")}
        self.assertEqual(got, expected)

    def test_small(self):
        """What is not large is read by one tshark."""
        marks = handshark.new("marks")
        real = handshark.real
        counting = handshark.fake("tshark-counts", f"case $* in *tcp_phase*) echo >>{marks};; esac\n{real}")
        for options in (["--shards=3"], ["--shards=1", "--shards-over=0"]):
            self.batch(handshark.new("out"), "--ladders=0", *options, handshark.capture("000"),
                       f"--tshark={counting}")  # fmt: skip
        self.assertEqual(len(marks.read_text()), 2)


class Plugin(Shards):
    """tshark is told which part of a capture it reads."""

    def part(self, frames, number="0", file="-"):
        where = handshark.put(frames, "frames, of parts")
        name = str(where).replace("%", "%25").replace(",", "%2C")
        return handshark.run(
            "-n", "-q", "-r", handshark.capture("000"), "-z", f"tcp_phase,part,{name},{number},{file}",
            "-z", "tcp_phase,jsonl,-", program=handshark.bin / "tshark")  # fmt: skip

    def test_numbers(self):
        """Frames have the numbers of the whole, in what is said of them, too."""
        capture = handshark.capture("000")
        count = len(handshark.tshark.run(["-n", "-r", capture]).out.splitlines())
        expected = [json.loads(line) for line in handshark.said(capture, "jsonl").splitlines()]
        result = self.part(b"hspart01" + bytes(8) + bytes([7, 3, 255]) * count, "3")
        self.assertEqual(result.status, 0, result.err)
        rows = [json.loads(line) for line in result.out.splitlines()]
        (streams,) = [row["streams"] for row in rows if "streams" in row]
        rows = [row for row in rows if "stream" in row]
        self.assertEqual(streams, [row["first_frame"] for row in rows])
        for row, before in zip(rows, expected):
            for name in ("first_frame", "last_frame", "verdict.frame"):
                self.assertEqual(row[name], 3 * before[name] - 1)
            self.assertIn(f"frame {row['verdict.frame']}", row["summary"])
        self.assertEqual(len(rows), len(expected))

    def test_wrong(self):
        one = b"hspart01" + bytes(8) + bytes(1)
        for frames, number, file, reason in (
            (b"nonsense" + bytes(9), "0", "-", "does not say which frame lies in which part"),
            (b"", "0", "-", "does not say which frame lies in which part"),
            (one, "0", "-", "another number of frames"),
            (one, "255", "-", "255"),
            (one, "x", "-", "x"),
            (one, "0", "/nowhere/at/all", "No such file"),
            (one, "0", "%zz", "two digits"),
        ):
            with self.subTest(reason):
                result = self.part(frames, number, file)
                self.assertEqual(result.status, 1)
                self.assertIn("tcp_phase,part", result.err)
                self.assertIn(reason, result.err)


class Ended(Shards):
    def test_killed(self):
        """Parts that are done are not done again."""
        capture = merged(names=["000", "004b", "refused", "icmp_reject_port"])
        marks = handshark.new("marks")
        marks.mkdir()
        handshark.own(marks)
        real = handshark.real
        hang = f'echo $$ >{marks}/$$; [ $(ls {marks} | wc -l) -lt 3 ] || exec sleep 1000'
        handshark.fake("tshark-parts", f"case $* in *tcp_phase*) {hang};; esac\n{real}")
        tshark = f"--tshark={handshark.bin / 'tshark-parts'}"
        for number in (signal.SIGINT, signal.SIGKILL):
            with self.subTest(number):
                for mark in marks.iterdir():
                    mark.unlink()
                handshark.fake("tshark-parts", f"case $* in *tcp_phase*) {hang};; esac\n{real}")
                out = handshark.new("out")
                words = ["batch", "-j1", "-o", out, "--shards=4", *SHARDED, capture, tshark]
                process = handshark.start(*words)
                until(lambda: len(list(marks.iterdir())) >= 3, "a tshark to hang")
                process.send_signal(number)
                process.communicate(timeout=60)
                self.assertEqual(process.returncode, -number)
                for mark in marks.iterdir():
                    until(lambda mark=mark: not is_alive(int(mark.name)), "tshark to end")
                self.assertEqual(list((out / "conversations").iterdir()), [])
                handshark.fake("tshark-parts", f"case $* in *tcp_phase*) echo >{marks}/$$;; esac\n{real}")
                self.batch(out, "--resume", "--shards=4", *SHARDED, capture, tshark)
                self.assertEqual(len(list(marks.iterdir())), 3 + 2)
                got, _ = self.results(out)
                self.assertEqual(got, handshark.said(capture, "jsonl"))

    def test_part_fails(self):
        """One part of it failed: so did the capture, and only that part is done again."""
        capture = merged(names=["000", "004b", "refused", "icmp_reject_port"])
        real = handshark.real
        fails = "case $* in *.map,1,*) cat >/dev/null; kill -KILL $$;; esac"
        handshark.fake("tshark-fails", f"{fails}\n{real}")
        tshark = f"--tshark={handshark.bin / 'tshark-fails'}"
        out = handshark.new("out")
        said = self.batch(out, "--shards=3", *SHARDED, capture, tshark, status=1)
        self.assertIn("part 2 of 3: tshark was ended by a signal: Killed", said)
        (row,) = self.manifest(out)
        self.assertEqual((row["result"], row["exit"]), (None, 128 + signal.SIGKILL))
        handshark.fake("tshark-fails", f"case $* in *.map,[02],*) exit 3;; esac\n{real}")
        self.batch(out, "--resume", "--shards=3", *SHARDED, capture, tshark)
        got, _ = self.results(out)
        self.assertEqual(got, handshark.said(capture, "jsonl"))


class Use(Shards):
    def test_tasks(self):
        """Parts are handed to other machines as captures are."""
        capture = merged(names=["000", "004b", "refused"])
        calls = handshark.new("calls")
        handshark.fake("sbatch", f'printf "%s\\n" "$*" >>{shlex.quote(str(calls))}; echo 17')
        out = handshark.new("out")
        said = self.batch(out, "--slurm", "--tasks=3", "--shards=3", *SHARDED, capture)
        (handshark.bin / "sbatch").unlink()
        self.assertIn("job 17: 1 captures in 3 tasks", said)
        for arguments in (["--task=2"], ["--task=0"], ["--task=1"], ["--task=1"], ["--merge"]):
            result = handshark.run("batch", *arguments, "-o", out)
            self.assertEqual(result.status, 0, result.err)
        got, _ = self.results(out)
        self.assertEqual(got, handshark.said(capture, "jsonl"))

    def test_wrong_use(self):
        for arguments in (
            ["--shards=0"],
            ["--shards=256"],
            ["--shards=x"],
            ["--shards=2", "--shards-over=-1"],
            ["--shards=2", "--shards-over=64Q"],
            ["--shards=2", "--shards-over=99999999999G"],
            ["--shards=2", "--where=tcp.port == 80"],
        ):
            with self.subTest(arguments):
                self.assertEqual(handshark.run("batch", "-o", "x", *arguments, "y").status, 2)
