#!/usr/bin/env python3
"""Replays a capture to the nf_conntrack of the network namespace that this runs in, and prints its
state after each frame. Run by tools.py under `unshare --net`; the namespace goes with the process.

replay.py --check      fails where it would not work
replay.py CAPTURE      standard input: lines "FRAME ADDRESS PORT ADDRESS PORT", the ends of the
                       connection that this frame belongs to; prints "FRAME STATE"

The frames come in by one TUN device and are routed out by another, so that the kernel tracks them
as a router does. Time is not replayed: connection tracking goes by the order alone until its
time-outs, which are of seconds at least.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import fcntl
import ipaddress
import os
import pathlib
import select
import struct
import subprocess
import sys

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000

# Bytes before the IP header, by link type (LINKTYPE_*).
HEADERS = {0: 4, 1: 14, 101: 0, 113: 16, 276: 20}

SETTINGS = {
    "net/ipv4/ip_forward": 1,
    "net/ipv6/conf/all/forwarding": 1,
    "net/ipv4/conf/all/rp_filter": 0,
    "net/ipv4/conf/in/rp_filter": 0,
    "net/ipv4/conf/in/accept_local": 1,
    "net/ipv4/conf/in/route_localnet": 1,  # captures from the loopback interface
    "net/ipv4/conf/out/route_localnet": 1,
    # An offloading card had yet to fill in the checksums of what its own host sent.
    "net/netfilter/nf_conntrack_checksum": 0,
}

LINKS = """
link set in mtu 65535 up
link set out mtu 65535 up
route add default dev out
route add ::/0 dev out
"""

PATIENCE = 1.0  # seconds, for a packet that the kernel drops

RULES = """
table inet watch {
    chain incoming { type filter hook prerouting priority 0; ct state new counter; }
}
"""


def tun(name):
    device = os.open("/dev/net/tun", os.O_RDWR)
    request = struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI)
    fcntl.ioctl(device, TUNSETIFF, request)
    return device


def _configure(command, text):
    subprocess.run(command, input=text, text=True, check=True)


def make_network():
    """Returns both devices: frames go into the first and come out of the second."""
    devices = [tun("in"), tun("out")]
    _configure(["ip", "-batch", "-"], LINKS)
    for name, value in SETTINGS.items():
        pathlib.Path("/proc/sys", name).write_text(f"{value}\n", encoding="ascii")
    _configure(["nft", "-f", "-"], RULES)
    return devices


def packets(capture):
    """The IP packets of a pcapng file, None for frames of another kind. What a short snap length
    has cut off is filled up with zeros, and the header's checksum is computed: where a card does
    that, the capture lacks it."""
    data = capture.read_bytes()
    order = "<" if data[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
    links, offset = [], 0
    while offset < len(data):
        kind, length = struct.unpack_from(order + "II", data, offset)
        if kind == 1:
            links.append(struct.unpack_from(order + "H", data, offset + 8)[0])
        elif kind == 6:
            link, _, _, captured = struct.unpack_from(order + "IIII", data, offset + 8)
            frame = data[offset + 28 : offset + 28 + captured]
            yield ip_packet(frame[HEADERS[links[link]] :])
        offset += length


def ip_packet(packet):
    if packet[:1] and packet[0] >> 4 == 4:
        size = struct.unpack_from("!H", packet, 2)[0]
        length = 4 * (packet[0] & 15)
        header = packet[:10] + b"\0\0" + packet[12:length]
        total = sum(struct.unpack(f"!{length // 2}H", header))
        while total >> 16:
            total = (total >> 16) + (total & 0xFFFF)
        packet = header[:10] + struct.pack("!H", total ^ 0xFFFF) + packet[12:]
    elif packet[:1] and packet[0] >> 4 == 6:
        size = 40 + struct.unpack_from("!H", packet, 4)[0]
    else:
        return None
    return packet[:size].ljust(size, b"\0")


def through(into, out, packet):
    """Sends a packet, and waits until it is through: then its state has been changed."""
    where = slice(12, 20) if packet[0] >> 4 == 4 else slice(8, 40)
    os.write(into, packet)
    while select.select([out], [], [], PATIENCE)[0]:
        if os.read(out, 1 << 16)[where] == packet[where]:
            return


def state(ends):
    """nf_conntrack's state of the connection between two (address, port), or "none"."""
    for line in pathlib.Path("/proc/net/nf_conntrack").read_text(encoding="ascii").splitlines():
        words = line.split()
        if words[2] != "tcp":
            continue
        said = dict([word.split("=") for word in words if "=" in word][:4])
        if {(said["src"], said["sport"]), (said["dst"], said["dport"])} == ends:
            return words[5]
    return "none"


def full(address):
    """As nf_conntrack writes it: IPv6 with all its digits."""
    return ipaddress.ip_address(address).exploded


def main():
    into, out = make_network()
    if sys.argv[1] == "--check":
        pathlib.Path("/proc/net/nf_conntrack").read_text(encoding="ascii")
        return
    wanted = {}
    for line in sys.stdin:
        frame, *ends = line.split()
        wanted[int(frame)] = {(full(ends[0]), ends[1]), (full(ends[2]), ends[3])}
    for number, packet in enumerate(packets(pathlib.Path(sys.argv[1])), 1):
        if packet is not None:
            through(into, out, packet)
        if number in wanted:
            print(number, state(wanted[number]))


if __name__ == "__main__":
    main()
