#!/usr/bin/env python3
"""Does the client make the openings and closings that it names?

ways.py --client PROGRAM --server PROGRAM --plugins BUILD/plugins [--asan]

Client and server in a network namespace of their own, the loopback interface captured; tshark with
the plugin must call each connection by the word that its --open and --close stand for. Needs root.
Exit status: 0, 1, or 77 where this user or machine cannot.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import contextlib
import fcntl
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading

sys.dont_write_bytecode = True

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / name) for name in ("common", "echo", "oracle")]

from running import Server, eventually  # noqa: E402
from segments import write_pcap  # noqa: E402
from tshark import TestFailure, Tshark, argument_parser  # noqa: E402

CANNOT = 77  # CTest's SKIP_RETURN_CODE
FIELDS = ["opening", "closing", "closed_by", "verdict", "half_close", "time_wait"]

DELAYED_ACK = 0.035  # seconds; Linux's shortest is 40 ms
EITHER = "client or server"  # whose FIN is captured first is chance
SWAPPED = {"client": "server", "server": "client"}

# What stands in a run's list, and what the plugin must say: FIELDS, None where there is nothing.
CLOSINGS = {
    "client": ("three-way", "three-segment", "client", "orderly", "0", "client"),
    "client:150": ("three-way", "four-segment", "client", "orderly", "0", "client"),
    "server": ("three-way", "three-segment", "server", "orderly", "0", "server"),
    "reset": ("three-way", "reset", "server", "aborted", "0", None),
    "linger": ("three-way", "four-segment", "client", "orderly", "1", "client"),
    "linger:150": ("three-way", "four-segment", "client", "orderly", "1", "client"),
    "fin": ("three-way", "three-segment", "client", "orderly", "0", "client"),
    "half": ("three-way", "four-segment", "client", "orderly", "1", "client"),
    "abort": ("three-way", "reset", "client", "aborted", "0", None),
    "unread": ("three-way", "reset", "client", "aborted", "0", None),
    "fin-abort": ("three-way", "reset-after-fin", "client", "late-reset", "0", None),
    "late": ("three-way", "reset-after-fin", "client", "late-reset", "1", None),
    "vanish": ("three-way", "none", None, "open", "0", None),
    "simultaneous": ("three-way", "simultaneous", EITHER, "orderly", "0", "both"),
}
OPENINGS = {
    "data": ("three-way", "three-segment", "client", "orderly", "0", "client"),
    "fast": ("fast-open", "three-segment", "client", "orderly", "0", "client"),
    "refused": ("refused", "none", None, "refused", None, None),
    "unanswered": ("unanswered", "none", None, "unanswered", None, None),
    "incomplete": ("incomplete", "none", None, "handshake-unfinished", None, None),
    "cancelled": ("incomplete", "reset", "client", "handshake-aborted", None, None),
    "simultaneous": ("simultaneous", "three-segment", "client", "orderly", "0", "client"),
}


class Capture(threading.Thread):
    """What passes over the loopback interface, from now on until it is stopped."""

    def __init__(self):
        super().__init__(daemon=True)
        self.frames, self.over = [], False
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        with contextlib.suppress(PermissionError):  # who is root in the namespace alone does without
            self.socket.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)  # SO_RCVBUFFORCE
        self.socket.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS
        self.socket.bind(("lo", 3))  # ETH_P_ALL
        self.socket.settimeout(0.1)
        self.start()

    def run(self):
        while True:
            try:
                data, extra, _, address = self.socket.recvmsg(65536, 64)
            except TimeoutError:
                if self.over:
                    return
                continue
            if address[2] == socket.PACKET_OUTGOING:  # each passes twice
                seconds, rest = struct.unpack("qq", extra[0][2])
                self.frames.append((seconds * 10**9 + rest, data))

    def stop(self):
        self.over = True
        self.join()
        self.socket.close()
        return self.frames


def prepare():
    """The namespace's loopback interface, and Fast Open for servers."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 0x41))  # SIOCSIFFLAGS: up
    pathlib.Path("/proc/sys/net/ipv4/tcp_fastopen").write_text("3\n", encoding="ascii")


def make(client, name, *arguments):
    """Run the client. Returns the ports of its connections, the client's and the server's, in order."""
    done = subprocess.run(
        [client, "--verbose", *arguments, name], capture_output=True, text=True, timeout=120
    )
    print(done.stderr, end="")
    if done.returncode != 0:
        raise TestFailure(f"{arguments}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    lines = re.findall(
        r"^connection (\d+): \S+:(\d+) open=.*?(?: to \S+:(\d+).*)?$", done.stderr, re.MULTILINE
    )
    there = int(name.rsplit(":", 1)[1])
    return [
        (int(port), int(peer or there))
        for _, port, peer in sorted(lines, key=lambda line: int(line[0]))
    ]


LISTEN, ESTABLISHED, TIME_WAIT = "0A", "01", "06"  # linux/tcp_states.h


def is_settled(server):
    """Is every connection in a state that lasts, and has the server told of the end of all the others?

    Only then has everything been captured: on a busy machine the last ACK takes its time.
    """
    rows = pathlib.Path("/proc/self/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    states = [row.split()[3] for row in rows]
    opened, closed = (
        sum(f" {word}: " in line for line in server.lines) for word in ("opened", "closed")
    )
    return set(states) <= {LISTEN, ESTABLISHED, TIME_WAIT} and opened - closed == states.count(
        ESTABLISHED
    )


def said(tshark, capture):
    """What the plugin says, by both ports: of each conversation; of its frames, each with
    its time; the server's port, and after each frame the client's and the server's state."""
    names = ["stream", "sender", "event", "client.state", "server.state", *FIELDS]
    fields = [f"tcp_phase.{name}" for name in names]
    fields += ["tcp.srcport", "tcp.dstport", "frame.time_relative"]
    arguments = [part for field in fields for part in ("-e", field)]
    out = tshark.run(["-2", "-n", "-r", capture, "-T", "fields", *arguments]).out
    found, events, ends = {}, {}, {}
    for line in out.splitlines():
        cells = dict(zip(names + ["from", "to", "time"], (cell or None for cell in line.split("\t"))))
        if cells["stream"] is None:
            continue
        port = int(cells["from" if cells["sender"] == "client" else "to"])
        other = int(cells["to" if cells["sender"] == "client" else "from"])
        words = tuple(cells[name] for name in FIELDS)
        found[port, other] = words
        # Where the SYNs cross, either end may be called the client: by the other's port it is this.
        found[other, port] = tuple(SWAPPED.get(word, word) for word in words)
        states = (cells["client.state"], cells["server.state"])
        for one, peer, pair in ((port, other, states), (other, port, states[::-1])):
            events.setdefault((one, peer), []).append((float(cells["time"]), cells["event"]))
            ends.setdefault((one, peer), (peer, []))[1].append(pair)
    return found, events, ends


def was_late(events):
    """Was the first FIN's receiver too slow for three segments? Its kernel's ACK went first then."""
    times = {event: time for time, event in reversed(events)}
    return times.get("ack-of-fin", 0) - times.get("fin", 0) >= DELAYED_ACK


def compare(expected, got, events):
    """Where a field was expected and is another."""
    if "three-segment" in expected and was_late(events):
        expected = tuple("four-segment" if word == "three-segment" else word for word in expected)
    return [
        f"{name} is {have}, not {want}"
        for name, want, have in zip(FIELDS, expected, got)
        if want != have
        and not (want in (None, "0") and have in (None, "0"))
        and not (want == EITHER and have in SWAPPED)
    ]


def check(runs, found, events):
    problems = []
    for option, word, port, expected in runs:
        seen = events.get(port, [])
        for problem in compare(expected, found.get(port, (None,) * len(FIELDS)), seen):
            problems.append(f"{option} {word} (port {port}): {problem}; {seen}")
        # The kernel waits with the third segment for data, but not for ever.
        if (option, word) == ("--open", "data") and seen[2][0] - seen[1][0] < DELAYED_ACK and (
            seen[2][1] != "handshake-ack,data"
        ):
            problems.append(f"--open data: the third segment is {seen[2][1]}")
    return problems


def record(client, program):
    """Begin and end a connection in each way. Returns the runs (option, word, the client's port, what
    the plugin must say), the frames and what the server said."""
    prepare()
    capture, runs = Capture(), []
    server = Server(program, "--verbose", addresses=("127.0.0.1:2333",))  # fecho's port, free here
    try:
        name = server.name
        for option, table in (("--close", CLOSINGS), ("--open", OPENINGS)):
            # The first one that asks for Fast Open gets the cookie only.
            words = (["fast"] if option == "--open" else []) + list(table)
            ports = make(client, name, option, ",".join(words))
            runs += [
                (option, word, port, table[word])
                for word, port in list(zip(words, ports, strict=True))[-len(table) :]
            ]
        # Pauses, and closings of what was opened in a special way.
        four = list(CLOSINGS["server"])
        four[1] = "four-segment"
        runs += [
            ("--pause 150 --close", "server", port, tuple(four))
            for port in make(client, name, "--pause", "150", "--close", "server")
        ]
        both = ("simultaneous", "simultaneous", EITHER, "orderly", "0", "both")
        runs += [
            ("--open --close", "simultaneous", port, both)
            for port in make(client, name, "--open=simultaneous", "--close=simultaneous")
        ]
        eventually(lambda: is_settled(server), "all connections have come to their end")
        frames = capture.stop()
    finally:
        server.kill()
    return runs, frames, server.lines


def inside(options):
    runs, frames, _ = record(options.client, options.server)
    with Tshark(options.plugins, "asan" if options.asan else None, options.tshark) as tshark:
        path = tshark.scratch("ways.pcap")
        write_pcap(path, frames)
        path.chmod(0o644)
        if options.keep:
            shutil.copyfile(path, options.keep)
        problems = check(runs, *said(tshark, path)[:2])
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(runs)} connections of {len(frames)} segments, {len(problems)} problems")
    return 1 if problems else 0


def main():
    parser = argument_parser(__doc__.splitlines()[0])
    parser.add_argument("--client", required=True, type=pathlib.Path, metavar="PROGRAM")
    parser.add_argument("--server", required=True, type=pathlib.Path, metavar="PROGRAM")
    parser.add_argument("--asan", action="store_true")
    parser.add_argument("--keep", type=pathlib.Path, metavar="FILE", help="keep the capture")
    parser.add_argument("--inside", action="store_true", help="we are in the namespace")
    options = parser.parse_args()
    if options.inside:
        return inside(options)
    for program in (options.client, options.server):
        if not program.exists():
            print(f"{program} was not built", file=sys.stderr)
            return CANNOT
    if os.geteuid() != 0 or not shutil.which("unshare"):
        print("a network namespace takes root and unshare", file=sys.stderr)
        return CANNOT
    if subprocess.run(["unshare", "-n", "true"], check=False).returncode != 0:
        return CANNOT
    return subprocess.run(
        ["unshare", "-n", sys.executable, *sys.argv, "--inside"], check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
