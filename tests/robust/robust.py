#!/usr/bin/env python3
"""Bad input: truncated, corrupted, malformed and random captures through tshark with the plugin.

robust.py --plugins BUILD/plugins [--checker asan] [--odd [FOLDER]]

- Status and standard error are the same as without the plugin; nothing crashes or hangs.
- Whatever comes in, every token is one of the contract's, and two passes say what one says.
- With --odd: FOLDER's captures only, as they are, each in one of the modes. No folder: skipped.
- No state comes from bytes that are not there: a segment whose header is cut or wrong changes
  nothing.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import pathlib
import shutil
import struct
import subprocess
import sys

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from tshark import CAPTURES, TestFailure, Tshark, argument_parser  # noqa: E402

SEEDS = [1, 2, 3]  # of editcap -E
MODES = [["-V"], ["-2", "-V"], ["-T", "json"]]
ERRORS = "0.02"  # how likely a byte is changed
RANDOM_PACKETS = 2000

STATES = "CLOSED LISTEN SYN_SENT SYN_RCVD ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 CLOSING CLOSE_WAIT"
STATES = {*STATES.split(), "LAST_ACK", "TIME_WAIT"}
TOKENS = {
    "phase": {"handshake", "data", "teardown", "closed"},
    "event": {
        "syn", "syn-ack", "handshake-ack", "data", "ack-of-fin", "fin", "rst", "keep-alive",
        "keep-alive-ack", "zero-window", "window-update", "ack", "retransmission",
    },
    "step": {"1/3", "2/3", "3/3", "1/4", "2/4", "3/4", "4/4"},
    "sender": {"client", "server"},
    "client.state": STATES,
    "server.state": STATES,
    "evidence": {"observed", "inferred"},
}  # fmt: skip
PROSE = ["label", "explanation"]
ALWAYS = [*TOKENS.keys() - {"step"}, *PROSE]
FIELDS = [*TOKENS, "transition", "stream", "acks_frame", "exchange", "client.dwell", *PROSE]


class Bench:
    """tshark with the plugin and tshark without, and what was found."""

    def __init__(self, tshark, plain, captures, kept="."):
        """kept: the folder that captures which show a failure are copied to."""
        self.tshark, self.plain, self.captures = tshark, plain, captures
        self.folder = pathlib.Path(kept).resolve()
        self.checks = self.failures = 0

    def scratch(self, name):
        return self.tshark.scratch(name)

    LIMIT = 60  # lines; one fault can show in thousands of places

    def fail(self, line, capture=None):
        self.failures += 1
        if self.failures > self.LIMIT:
            return
        print(f"FAIL {line}")
        if capture and capture.exists():
            kept = self.folder / f"failed-{capture.name}"
            shutil.copyfile(capture, kept)
            print(f"     the capture is kept: {kept}")

    def same_as_without(self, capture, arguments):
        """Run both; the plugin must not change how it ends. Returns the run with the plugin."""
        self.checks += 1
        command = ["-r", capture, *arguments]
        try:
            result = self.tshark.run(command, check=False, timeout=120)
        except TestFailure as failure:
            self.fail(str(failure), capture)
            return None
        plain = self.plain.run(command, check=False, timeout=120)
        if result.status != plain.status:
            what = f"status {result.status}, without {plain.status}\n{result.err}"
            self.fail(f"{capture.name} {arguments}: {what}", capture)
        if result.err != plain.err:
            what = f"standard error\n--- with\n{result.err}--- without\n{plain.err}"
            self.fail(f"{capture.name} {arguments}: {what}", capture)
        return result

    def rows(self, capture, options=()):
        """Frame -> fields, or None where tshark failed. Fields without a value are left out."""
        arguments = ["-r", capture, *options, "-T", "fields", "-E", "separator=/t"]
        arguments += ["-e", "frame.number"]
        for field in FIELDS:
            arguments += ["-e", f"tcp_phase.{field}"]
        self.checks += 1
        try:
            lines = self.tshark.run(arguments, check=False, timeout=120).out.splitlines()
        except TestFailure as failure:
            self.fail(str(failure), capture)
            return None
        table = [line.split("\t") for line in lines]
        return {
            int(number): {field: cell for field, cell in zip(FIELDS, cells) if cell}
            for number, *cells in table
            if any(cells)
        }

    def sane(self, capture):
        """Every token is known, what must be there is, and both passes agree. Returns the rows."""
        once, twice = self.rows(capture), self.rows(capture, ["-2"])
        if once is None or twice is None:
            return {}
        for number, row in once.items():
            where = f"{capture.name} frame {number}"
            for field, known in TOKENS.items():
                strange = set(row.get(field, "").split(",")) - known - {""}
                if strange:
                    self.fail(f"{where}: {field}: no such token: {', '.join(strange)}", capture)
            for field in ALWAYS:
                if field not in row:
                    self.fail(f"{where}: no {field}: {row}", capture)
        if once != twice:
            frame = next(n for n in {**once, **twice} if once.get(n) != twice.get(n))
            what = f"one pass {once.get(frame)}, two {twice.get(frame)}"
            self.fail(f"{capture.name} frame {frame}: {what}", capture)
        return once

    def in_all_modes(self, capture):
        for arguments in ([], ["-2", "-V"], ["-T", "json"]):
            self.same_as_without(capture, arguments)
        return self.sane(capture)


# Captures made here: LINKTYPE_ETHERNET, IPv4, one TCP segment each.

ROLES, OPEN = ("client", "server"), ("ESTABLISHED", "ESTABLISHED")
SYN, ACK, FIN, RST, PSH = 0x02, 0x10, 0x01, 0x04, 0x08
CLIENT, SERVER = (0x0A000001, 40000), (0x0A000002, 80)


def segment(sender, flags, seq, ack, payload=b"", offset=5, cut=None, ends=(CLIENT, SERVER)):
    """A frame. offset: what the header says of its own length, in words of 4 bytes; cut: how many
    bytes of the segment the IP packet has."""
    source, destination = ends if sender == "client" else reversed(ends)
    ports = struct.pack(">HH", source[1], destination[1])
    tcp = ports + struct.pack(">IIBBHHH", seq, ack, offset << 4, flags, 1000, 0, 0)
    tcp = (tcp + payload)[:cut]
    addresses = struct.pack(">II", source[0], destination[0])
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0) + addresses
    return b"\x02\0\0\0\0\1" + b"\x02\0\0\0\0\2" + b"\x08\0" + ip + tcp


def write_pcap(path, frames):
    """frames: bytes, or (bytes, length on the wire)"""
    blocks = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)]
    for number, frame in enumerate(frames):
        data, length = frame if isinstance(frame, tuple) else (frame, len(frame))
        blocks.append(struct.pack("<IIII", 1600000000, number, len(data), length) + data)
    path.write_bytes(b"".join(blocks))
    path.chmod(0o644)
    return path


def read_frames(capture):
    """The packets of one of our captures, through editcap and pcap's simple format."""
    command = ["editcap", "-F", "pcap", capture, "-"]
    pcap = subprocess.run(command, check=True, capture_output=True).stdout
    frames, at = [], 24
    while at < len(pcap):
        length = struct.unpack_from("<I", pcap, at + 8)[0]
        frames.append(pcap[at + 16 : at + 16 + length])
        at += 16 + length
    return frames


def no_captures(bench):
    """Files that are no captures, or end too early: the same words as without the plugin."""
    whole = (bench.captures / "000" / "capture.pcapng").read_bytes()
    files = {
        "nothing": b"",
        "text": b"This is no capture. " * 20,
        "zeros": bytes(4096),
        "header-only.pcap": struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1),
        "half-header.pcap": struct.pack("<IHHi", 0xA1B2C3D4, 2, 4, 0),
        **{f"cut-at-{size}.pcapng": whole[:size] for size in (8, 100, 300, 555, len(whole) - 3)},
    }
    for name, data in files.items():
        path = bench.scratch(name)
        path.write_bytes(data)
        path.chmod(0o644)
        for arguments in ([], ["-2"], ["-T", "json"]):
            bench.same_as_without(path, arguments)
    bench.same_as_without(bench.scratch("there-is-no-such-file"), [])


def wrong_headers(bench):
    """Segments whose header cannot be right change no state, whatever flags they carry."""
    handshake = [
        segment("client", SYN, 100, 0),
        segment("server", SYN | ACK, 500, 101),
        segment("client", ACK, 101, 501),
    ]
    wrong = []
    for flags in (FIN | ACK, RST | ACK, SYN):
        wrong += [segment("client", flags, 101, 501, offset=words) for words in (0, 1, 2, 3, 4, 15)]
        wrong += [segment("server", flags, 501, 101, b"data", offset=7)]
        wrong += [segment("client", flags, 101, 501, cut=octets) for octets in range(20)]
    after = [segment("client", PSH | ACK, 101, 501, b"data"), segment("server", ACK, 501, 105)]
    path = write_pcap(bench.scratch("wrong-headers.pcap"), handshake + wrong + after)
    rows = bench.in_all_modes(path)
    first_after = len(handshake) + len(wrong) + 1
    for number in range(len(handshake) + 1, first_after):
        row = rows.get(number)
        if row and tuple(row.get(f"{role}.state") for role in ROLES) != OPEN:
            bench.fail(f"{path.name} frame {number}: a wrong header changed a state: {row}")
    for number in (first_after, first_after + 1):
        states = tuple(rows.get(number, {}).get(f"{role}.state") for role in ROLES)
        if states != OPEN:
            bench.fail(f"{path.name} frame {number}: states {states} after wrong headers")


# Addresses and ports that a hash of 32 bits (hash_end() in segments.c) does not tell apart.
SAME_HASH = (0x0A09B1E8, 20038), (0x0A092C38, 35937)


def colliding_ends(bench):
    """Ends with the same hash are two ends: as clients of one server, in turns, and as each other's
    peers."""
    first, second = SAME_HASH
    frames, expected = [], []

    def say(stream, ends, sender, *numbers):
        frames.append(segment(sender, *numbers, ends=ends))
        expected.append((str(stream), sender))

    turns = [
        ("client", SYN, 100, 0), ("server", SYN | ACK, 500, 101), ("client", ACK, 101, 501),
        ("client", FIN | ACK, 101, 501), ("server", FIN | ACK, 501, 102), ("client", ACK, 102, 502),
    ]  # fmt: skip
    for turn in turns:
        say(0, (first, SERVER), *turn)
        say(1, (second, SERVER), *turn)
    for turn in turns:
        say(2, (first, second), *turn)
    path = write_pcap(bench.scratch("colliding-ends.pcap"), frames)
    rows = bench.in_all_modes(path)
    for number, wanted in enumerate(expected, 1):
        row = rows.get(number, {})
        if (row.get("stream"), row.get("sender")) != wanted:
            bench.fail(f"{path.name} frame {number}: stream and sender {wanted} expected: {row}")
    for number in (len(turns) * 2 - 1, len(turns) * 2, len(frames)):
        states = tuple(rows.get(number, {}).get(f"{role}.state") for role in ROLES)
        if states != ("TIME_WAIT", "CLOSED"):
            bench.fail(f"{path.name} frame {number}: states {states} at the end")


def snap_lengths(bench):
    """A capture cut at every length from 14 to 80, each cut on a client port of its own. Once the
    whole TCP header is there the states are those of the whole capture; before the flags are there,
    there is nothing to say."""
    frames = read_frames(bench.captures / "close4" / "capture.pcapng")
    whole = bench.rows(bench.tshark.stage(bench.captures / "close4" / "capture.pcapng"))
    if not whole or len(whole) != len(frames):
        bench.fail(f"close4: {len(frames)} segments, tcp_phase on {len(whole or {})}")
        return
    cut = []
    lengths = range(14, 81)
    for snap in lengths:
        for frame in frames:
            port = struct.pack(">H", 20000 + snap)
            at = 34 if frame[26:30] == frames[0][26:30] else 36  # the client's port
            frame = frame[:at] + port + frame[at + 2 :]
            cut.append((frame[:snap], len(frame)))
    path = write_pcap(bench.scratch("snap-lengths.pcap"), cut)
    rows = bench.in_all_modes(path)
    compared = ["phase", "sender", "client.state", "server.state", "transition", "step"]
    for index, snap in enumerate(lengths):
        for number in whole:
            row = rows.get(index * len(frames) + number)
            where = f"{path.name}: frame {number} cut at {snap}"
            if snap < 48 and row:
                bench.fail(f"{where}: the flags are not there, yet it says {row}")
            if row is None:
                if snap >= 54:
                    bench.fail(f"{where}: the header is there, yet it has no tcp_phase")
                continue
            for field in compared:
                says, uncut = row.get(field), whole[number].get(field)
                if says != uncut:
                    bench.fail(f"{where}: {field}: {says}, uncut {uncut}")


def merge(captures, merged):
    """All captures in one file, one after the other."""
    command = ["mergecap", "-a", "-w", merged, *captures]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return merged


def with_errors(capture, path, seed, errors=ERRORS, offset=0):
    """A copy of a capture, bytes of it changed at random: editcap -E. Returns its path."""
    command = ["editcap", "-E", errors, "-o", str(offset), "--seed", str(seed), capture, path]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    path.chmod(0o644)
    return path


def random_capture(path, kind="tcp", count=RANDOM_PACKETS):
    """Packets with random contents: randpkt, which takes no seed. Returns the path."""
    command = ["randpkt", "-t", kind, "-c", str(count), path]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    path.chmod(0o644)
    return path


def corrupted(bench):
    """All captures in one file, with errors."""
    captures = sorted(bench.captures.glob("*/capture*.pcapng"))
    everything = merge(captures, bench.scratch("everything.pcapng"))
    for seed in SEEDS:
        path = bench.scratch(f"corrupted-{seed}.pcapng")
        bench.in_all_modes(with_errors(everything, path, seed))


def random_packets(bench):
    """TCP with random contents. A new file each time; a failure keeps it."""
    bench.in_all_modes(random_capture(bench.scratch("random.pcap")))


PARTS = [no_captures, wrong_headers, colliding_ends, snap_lengths, corrupted, random_packets]


def odd_captures(bench, folder):
    """Captures that others found odd, as they are; ./dev fuzz --odd takes each in all modes."""
    captures = sorted(path for path in folder.iterdir() if ".pcap" in path.name)
    if not captures:
        bench.fail(f"{folder}: no captures")
    for number, capture in enumerate(captures):
        bench.same_as_without(bench.tshark.stage(capture), MODES[number % len(MODES)])


def main():
    parser = argument_parser(__doc__)
    parser.add_argument("--checker", choices=["asan"])
    parser.add_argument("--captures", type=pathlib.Path, default=CAPTURES)
    parser.add_argument("--odd", nargs="?", type=pathlib.Path, const=False, metavar="FOLDER")
    options = parser.parse_args()
    if options.odd is False or (options.odd and not options.odd.is_dir()):
        print(f"skipped: no folder {options.odd or ''}; HANDSHARK_PEERS_DIR is to have one, robust/")
        return 77
    try:
        with Tshark(options.plugins, options.checker, options.tshark) as tshark:
            with Tshark(None, program=options.tshark) as plain:
                for one in (tshark, plain):
                    # A dissector's fault is a note in the tree otherwise.
                    one.environment["WIRESHARK_ABORT_ON_DISSECTOR_BUG"] = "1"
                bench = Bench(tshark, plain, options.captures)
                if options.odd:
                    tshark.leaks = False
                    odd_captures(bench, options.odd)
                for part in [] if options.odd else PARTS:
                    # The stacks that leaks need take minutes on the large captures.
                    tshark.leaks = part in (wrong_headers, colliding_ends, snap_lengths)
                    part(bench)
    except TestFailure as failure:
        print(f"FAIL {failure}")
        return 1
    print(f"{bench.checks} runs, {bench.failures} failures")
    return 1 if bench.failures or not bench.checks else 0


if __name__ == "__main__":
    sys.exit(main())
