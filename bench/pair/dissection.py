"""Does the dissector match a hundred thousand real requests with their answers?

Client and server talk on a loopback interface of their own, with Ethernet's segment size, which
takes root or what Linux calls user namespaces. Which answer belongs to which request is worked out
here from the octets of each stream, and tshark's fields are compared with that: of the whole
capture, of one whose frames are cut, one with gaps, one that begins later.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import bisect
import collections
import ctypes
import fcntl
import pathlib
import random
import shutil
import socket
import struct
import subprocess
import sys
from decimal import Decimal

sys.dont_write_bytecode = True

TESTS = pathlib.Path(__file__).resolve().parents[2] / "tests"
sys.path[:0] = [str(TESTS / name) for name in ("common", "echo", "echo-client", "oracle")]

from live import CANNOT, namespace  # noqa: E402
from workbench import CLIENT, OURS, Cannot, Trouble  # noqa: E402
from running import Server  # noqa: E402
from segments import write_pcap  # noqa: E402
from tshark import TestFailure, Tshark  # noqa: E402
from ways import Capture, prepare  # noqa: E402

PORT = 2333  # the dissector's
LOAD = ["-n", 20, "-P", 8, "-s", "0-400", "--times", "--close", "fin", "--timeout", 60]
CONNECTIONS = LOAD[1]
SNAP = 96
LOST = 0.05
SEGMENTS = 1500  # octets of a packet
BUFFER = 1 << 28  # octets that may wait to be captured
HEADER, TIMES = 24, 24
FIELDS = ["response_to", "rtt", "server_time", "network_time"]


# The capture ------------------------------------------------------------------------------------


def record(server_program, client_program, path, requests):
    """In the namespace: capture a load."""
    prepare()
    _use_short_segments()
    capture = Capture()
    try:
        capture.socket.setsockopt(socket.SOL_SOCKET, 33, BUFFER)  # SO_RCVBUFFORCE
    except PermissionError:
        raise Cannot("only root may have a buffer in which nothing is lost") from None
    with Server(server_program, "--threads", "1", addresses=(f"127.0.0.1:{PORT}",)) as server:
        count = requests // CONNECTIONS
        command = [client_program, *map(str, LOAD), "--count", str(count), server.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    frames = capture.stop()
    if done.returncode != 0:
        raise Trouble(f"the client failed: {done.stderr}")
    write_pcap(path, frames)


def _use_short_segments():
    """The loopback interface has segments of 64 KiB otherwise."""
    with socket.socket() as any_socket:
        request = struct.pack("16si12x", b"lo", SEGMENTS)
        fcntl.ioctl(any_socket, 0x8922, request)  # SIOCSIFMTU
        for feature in (0x1F, 0x24):  # ETHTOOL_STSO, ETHTOOL_SGSO
            value = ctypes.create_string_buffer(struct.pack("II", feature, 0))
            request = struct.pack("16sP16x", b"lo", ctypes.addressof(value))
            fcntl.ioctl(any_socket, 0x8946, request)  # SIOCETHTOOL


def read_pcap(path):
    """What write_pcap() wrote."""
    data = pathlib.Path(path).read_bytes()
    frames, at = [], 24
    while at < len(data):
        seconds, rest, size, _ = struct.unpack_from("<IIII", data, at)
        frames.append((seconds * 10**9 + rest, data[at + 16 : at + 16 + size]))
        at += 16 + size
    return frames


# The truth --------------------------------------------------------------------------------------


class Stream:
    """What one end sends: its octets in order, and the frames that each came in."""

    def __init__(self):
        self.first, self.octets = None, bytearray()
        self.begins, self.frames, self.again = [], [], []

    def add(self, number, seq, octets, is_syn):
        if is_syn:
            self.first = (seq + 1) % 2**32
        if not octets:
            return
        if self.first is None:
            raise Trouble("the capture lost a SYN")
        at = (seq - self.first) % 2**32
        if at == len(self.octets):
            self.begins.append(at)
            self.frames.append(number)
            self.octets += octets
        elif at + len(octets) <= len(self.octets):
            self.again.append((at, at + len(octets), number))
        else:
            raise Trouble("the capture lost frames")

    def messages(self):
        """(id, offset of its first octet, of its last) of each."""
        at = 0
        while at < len(self.octets):
            flags, number, length = struct.unpack_from(">4xH2xQI", self.octets, at)
            end = at + HEADER + (TIMES if flags & 1 else 0) + length
            yield number, at, end - 1
            at = end

    def frame(self, offset):
        """The frame that an octet came in first."""
        return self.frames[bisect.bisect_right(self.begins, offset) - 1]

    def copies(self, offset):
        """All the frames that it came in."""
        again = {number for begin, end, number in self.again if begin <= offset < end}
        return again | {self.frame(offset)}


class Truth:
    """.requests; .answered: frame -> how often it ends the answer to a request of which frame;
    .touched: frame -> frames of the requests whose answers begin or end in it, sent again or
    not."""

    def __init__(self, frames):
        streams = collections.defaultdict(Stream)
        for number, (_, frame) in enumerate(frames, 1):
            source, target, seq = struct.unpack_from(">HHI", frame, _tcp(frame))
            is_syn = frame[_tcp(frame) + 13] & 2
            streams[source, target].add(number, seq, _octets(frame), is_syn)
        self.requests = 0
        self.answered = collections.defaultdict(collections.Counter)
        self.touched = collections.defaultdict(set)
        for source, target in [ends for ends in streams if ends[1] == PORT]:
            self._match(streams[source, target], streams[target, source])

    def _match(self, client, server):
        asked = {number: last for number, _, last in client.messages()}
        self.requests += len(asked)
        for number, first, last in server.messages():
            self.answered[server.frame(last)][client.frame(asked[number])] += 1
            for frame in server.copies(first) | server.copies(last):
                self.touched[frame] |= client.copies(asked[number])


def _tcp(frame):
    """Where its TCP header begins."""
    return 14 + 4 * (frame[14] & 15)


def _octets(frame):
    tcp, size = _tcp(frame), struct.unpack_from(">H", frame, 16)[0]
    return frame[tcp + 4 * (frame[tcp + 12] >> 4) : 14 + size]


# What the dissector says ------------------------------------------------------------------------


def _said(tshark, path):
    """Frame -> field -> values."""
    arguments = ["-n", "-r", path, "-Y", "fecho.response_to", "-T", "fields", "-e", "frame.number"]
    arguments += [part for field in FIELDS for part in ("-e", f"fecho.{field}")]
    rows = {}
    for line in tshark.run(arguments).out.splitlines():
        number, *cells = line.split("\t")
        rows[int(number)] = [cell.split(",") if cell else [] for cell in cells]
    return rows


def _check(tshark, path, truth, names=None, is_whole=False):
    """names: the frames' numbers in the whole capture. Returns {"matched", "wrong", "timed",
    "unequal"}: pairs, pairs that are none, times that were there, and of those the ones that do not
    add up."""
    seen = {"matched": 0, "wrong": 0, "timed": 0, "unequal": 0}
    for number, (requests, *times) in _said(tshark, path).items():
        name = names[number - 1] if names else number
        for request in map(int, requests):
            real = names[request - 1] if names else request
            seen["matched"] += 1
            seen["wrong"] += real not in truth.touched[name]
        if is_whole and collections.Counter(map(int, requests)) != truth.answered[name]:
            seen["wrong"] += 1
        if len({len(values) for values in times}) == 1:
            for rtt, server, network in zip(*times):
                seen["timed"] += 1
                seen["unequal"] += Decimal(rtt) != Decimal(server) + Decimal(network)
        if is_whole and collections.Counter(map(int, requests)) != truth.answered[name]:
            seen["wrong"] += 1
    return seen


def dissection(bench, options):
    """Capture -> what _check() found; "requests" and "frames" there are."""
    command, why = namespace()
    if not command:
        raise Cannot(f"this user may not capture: {why}")
    with Tshark(bench.paths["plugins"], program=options.tshark) as tshark:
        whole = tshark.scratch("whole.pcap")
        inside = [__file__, bench.paths[OURS], bench.paths[CLIENT], whole, options.requests]
        done = subprocess.run([*command, sys.executable, *map(str, inside)], check=False)
        if done.returncode == CANNOT:
            raise Cannot("there is no capture")
        if done.returncode != 0:
            raise Trouble("there is no capture")
        whole.chmod(0o644)
        frames = read_pcap(whole)
        truth = Truth(frames)
        result = {"requests": truth.requests, "frames": len(frames)}
        result["whole"] = _check(tshark, whole, truth, is_whole=True)
        result["cut"] = _check(tshark, _cut(tshark, whole), truth)
        every = range(1, len(frames) + 1)
        chance = random.Random(1)
        gaps = [number for number in every if chance.random() >= LOST]
        later = list(every[_middle_of_a_message(frames, truth) - 1 :])
        for name, kept in (("gaps", gaps), ("later", later)):
            path = tshark.scratch(f"{name}.pcap")
            write_pcap(path, [frames[number - 1] for number in kept])
            path.chmod(0o644)
            result[name] = _check(tshark, path, truth, kept)

    return result


def _cut(tshark, whole):
    editcap = shutil.which("editcap")
    if not editcap:
        raise Cannot("there is no editcap (it is installed with tshark)")
    path = tshark.scratch("cut.pcap")
    subprocess.run([editcap, "-F", "nsecpcap", "-s", str(SNAP), whole, path], check=True)
    path.chmod(0o644)
    return path


def _middle_of_a_message(frames, truth):
    """The first frame of the second half whose first octet is not a message's first."""
    for number in range(len(frames) // 2, len(frames) + 1):
        octets = _octets(frames[number - 1][1])
        if number in truth.touched and octets[:2] != b"\xec\x40":
            return number
    raise Trouble("no message of the capture takes more than one frame")


if __name__ == "__main__":
    try:
        record(*sys.argv[1:4], int(sys.argv[4]))
    except Cannot as reason:
        print(reason, file=sys.stderr)
        sys.exit(CANNOT)
    except Trouble as trouble:
        sys.exit(str(trouble))
