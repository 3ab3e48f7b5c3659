"""Kinds of capture file that a capture is written in: FORMATS has a function for each, from the
plain capture and its frames to the file.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import gzip
import shutil
import struct
import subprocess

from capture import ETHERNET, write_pcap
from tshark import TestFailure
from wraps import WRAPS


class Format:
    """.make(plain, frames, path); .without: scenarios that do not survive it."""

    def __init__(self, make, title, without=()):
        self.make, self.title, self.without = make, title, without


def editcap(*arguments):
    def make(plain, _, path):
        done = subprocess.run(
            ["editcap", *arguments, plain, path], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise TestFailure(f"editcap {' '.join(arguments)}: {done.stderr.strip()}")

    return make


def gzipped(plain, _, path):
    with open(plain, "rb") as source, gzip.open(path, "wb") as packed:
        shutil.copyfileobj(source, packed)


def big_endian(_, frames, path):
    write_pcap(path, frames, ETHERNET, ">")


def block(order, kind, body):
    body += bytes(-len(body) % 4)
    length = 12 + len(body)
    return struct.pack(order + "II", kind, length) + body + struct.pack(order + "I", length)


def pcapng(order):
    """Two interfaces, of nanoseconds and of 2^-10 microseconds, take turns."""

    def make(_, frames, path):
        parts = [block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))]
        for resolution in (9, 0x80 | 30):
            option = struct.pack(order + "HHB3xHH", 9, 1, resolution, 0, 0)
            parts.append(block(order, 1, struct.pack(order + "HHI", ETHERNET, 0, 0) + option))
        for number, frame in enumerate(frames):
            ticks = (10**9, 2**30)[number % 2]
            time = -(-frame.time * ticks // 10**9)
            head = struct.pack(
                order + "IIIII",
                number % 2,
                time >> 32,
                time & 0xFFFFFFFF,
                len(frame.octets),
                frame.length,
            )
            parts.append(block(order, 6, head + frame.octets))
        path.write_bytes(b"".join(parts))

    return make


def erf(_, frames, path):
    """An ERF file is its records, one after the other."""
    path.write_bytes(b"".join(WRAPS["erf-ethernet"].make(frame.packet) for frame in frames))


# editcap's name -> what it is
EDITCAP = {
    "pcap": "pcap, microseconds",
    "pcapng": "pcapng",
    "modpcap": "pcap of a patched Linux libpcap",
    "nokiapcap": "pcap of Nokia",
    "rh6_1pcap": "pcap of Red Hat 6.1",
    "suse6_3pcap": "pcap of SuSE 6.3",
    "snoop": "Sun snoop",
    "netmon1": "Microsoft Network Monitor 1, milliseconds",
    "netmon2": "Microsoft Network Monitor 2",
    "ngsniffer": "Sniffer (DOS)",
    "ngwsniffer_1_1": "NetXray, Sniffer (Windows) 1.1",
    "ngwsniffer_2_0": "Sniffer (Windows) 2.00x",
    "lanalyzer": "Novell LANalyzer",
    "5views": "InfoVista 5View",
    "visual": "Visual Networks, milliseconds",
    "commview-ncf": "TamoSoft CommView",
    "nettl": "HP-UX nettl",
    "k12text": "K12 text",
}

FORMATS = {
    f"file-{name.replace('_', '-')}": Format(editcap("-F", name), title)
    for name, title in EDITCAP.items()
}
FORMATS["file-pcap-big-endian"] = Format(big_endian, "pcap, big endian, nanoseconds")
FORMATS["file-pcapng-interfaces"] = Format(
    pcapng("<"), "pcapng with interfaces of several resolutions"
)
FORMATS["file-pcapng-big-endian"] = Format(pcapng(">"), "pcapng, big endian")
FORMATS["file-gzip"] = Format(gzipped, "pcap, compressed with gzip")
FORMATS["file-erf"] = Format(erf, "Endace ERF")
FORMATS["snap-96"] = Format(editcap("-s", "96"), "cut at 96 octets")
# What is left of an IPv6 segment, and of what an ICMP error quotes, is less than a sequence number.
CUT_OFF = ["ipv6", "icmp_reject_port"]
FORMATS["snap-68"] = Format(editcap("-s", "68"), "cut at 68 octets: options in part", CUT_OFF)
FORMATS["snap-60"] = Format(editcap("-s", "60"), "cut at 60 octets: options in part", CUT_OFF)
