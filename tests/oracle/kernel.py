"""What is asked of the Linux kernel: namespaces, taps, its record of state changes, its sockets.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import contextlib
import ctypes
import dataclasses
import errno
import fcntl
import ipaddress
import os
import pathlib
import re
import socket
import struct
import time

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
SO_TIMESTAMPNS, SO_RCVBUFFORCE = 35, 33
ETH_P_ALL = 3
SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, NLMSG_ERROR = 20, 1, 2
NETLINK_SOCK_DIAG = 4

# The kernel's names and numbers (include/net/tcp_states.h) and RFC 9293's names.
STATES = {
    1: "ESTABLISHED", 2: "SYN_SENT", 3: "SYN_RCVD", 4: "FIN_WAIT_1", 5: "FIN_WAIT_2",
    6: "TIME_WAIT", 7: "CLOSED", 8: "CLOSE_WAIT", 9: "LAST_ACK", 10: "LISTEN", 11: "CLOSING",
    12: "SYN_RCVD",
}  # fmt: skip
WORDS = {
    "SYN_RECV": "SYN_RCVD", "NEW_SYN_RECV": "SYN_RCVD", "FIN_WAIT1": "FIN_WAIT_1",
    "FIN_WAIT2": "FIN_WAIT_2", "CLOSE": "CLOSED",
}  # fmt: skip

libc = ctypes.CDLL(None, use_errno=True)


class CannotRecord(Exception):
    """This machine, or this user, lacks something. The message says what."""


def _check(result, what):
    if result < 0:
        number = ctypes.get_errno()
        raise CannotRecord(f"{what}: {os.strerror(number)}")
    return result


# Namespaces and wires ----------------------------------------------------------------------------


class Namespace:
    """A network namespace without a name: it is gone with the process, however that ends, and two
    recorders cannot meet in one."""

    def __init__(self):
        home = _own_namespace()
        try:
            _check(libc.unshare(CLONE_NEWNET), "cannot make a network namespace")
            self.handle = _own_namespace()
        finally:
            _check(libc.setns(home, CLONE_NEWNET), "cannot return from a network namespace")
            os.close(home)

    @contextlib.contextmanager
    def inside(self):
        """This thread is in the namespace; what it opens belongs there."""
        home = _own_namespace()
        _check(libc.setns(self.handle, CLONE_NEWNET), "cannot enter a network namespace")
        try:
            yield
        finally:
            _check(libc.setns(home, CLONE_NEWNET), "cannot return from a network namespace")
            os.close(home)

    def sysctl(self, name, value):
        """Set a sysctl of this namespace; whether the kernel has it."""
        with self.inside():
            try:
                pathlib.Path("/proc/sys", name.replace(".", "/")).write_text(f"{value}\n")
            except OSError:
                return False
        return True

    def close(self):
        os.close(self.handle)


def _own_namespace():
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def open_tap(name):
    """A TAP interface in the namespace of this thread. No offloads: what is read and written are
    whole segments with their checksums. A write returns when the kernel has processed the frame."""
    try:
        handle = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as problem:
        raise CannotRecord(f"/dev/net/tun: {problem.strerror} (modprobe tun?)") from problem
    fcntl.ioctl(handle, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return handle


class Capture:
    """All frames of an interface in the namespace of this thread, kept in the socket's buffer."""

    def __init__(self, interface):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        self.socket.bind((interface, ETH_P_ALL))
        self.socket.setblocking(False)

    def frames(self):
        """(nanoseconds since 1970, "out" or "in", bytes), in the kernel's order."""
        with contextlib.suppress(BlockingIOError):
            while True:
                frame, control, _, address = self.socket.recvmsg(65535, 128)
                stamps = [data for _, kind, data in control if kind == SO_TIMESTAMPNS]
                seconds, rest = struct.unpack("qq", stamps[0][:16])
                way = "out" if address[2] == socket.PACKET_OUTGOING else "in"
                yield seconds * 10**9 + rest, way, frame

    def close(self):
        self.socket.close()


# State changes -----------------------------------------------------------------------------------


@dataclasses.dataclass
class Change:
    """One record of sock:inet_sock_set_state. time: nanoseconds since 1970, cut to microseconds.
    thread: whose context it was: the wire's where an arriving segment caused it."""

    time: int
    thread: int
    local: tuple
    remote: tuple
    old: str
    new: str
    raw: tuple


_LINE = re.compile(
    r"-(?P<thread>\d+)\s+\[\d+\].*?\s(?P<seconds>\d+)\.(?P<micro>\d{6}): inet_sock_set_state: "
    r"family=(?P<family>\w+) protocol=IPPROTO_TCP sport=(?P<sport>\d+) dport=(?P<dport>\d+) "
    r"saddr=(?P<saddr>\S+) daddr=(?P<daddr>\S+) saddrv6=(?P<saddrv6>\S+) daddrv6=(?P<daddrv6>\S+) "
    r"oldstate=TCP_(?P<old>\w+) newstate=TCP_(?P<new>\w+)"
)
EVENT = "events/sock/inet_sock_set_state"


class Tracer:
    """The tracepoint sock:inet_sock_set_state in a trace instance of its own."""

    def __init__(self):
        root = _tracefs()
        if not (root / EVENT).is_dir():
            raise CannotRecord(f"this kernel has no tracepoint sock:inet_sock_set_state in {root}")
        _remove_stale(root / "instances")
        self.folder = root / "instances" / f"handshark-{os.getpid()}"
        try:
            self.folder.mkdir()
        except OSError as problem:
            raise CannotRecord(f"no trace instance {self.folder}: {problem.strerror}") from problem
        try:
            (self.folder / "trace_clock").write_text("mono")
            (self.folder / "buffer_size_kb").write_text("1024")
            (self.folder / EVENT / "enable").write_text("1")
        except OSError as problem:
            self.close()
            raise CannotRecord(f"{problem.filename}: {problem.strerror}") from problem

    def changes(self):
        """What was recorded since the last call."""
        text = (self.folder / "trace").read_text()
        (self.folder / "trace").write_text("")
        shift = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.monotonic_ns()
        found = [_LINE.search(line) for line in text.splitlines() if "inet_sock_set_state" in line]
        return [_change(match, shift) for match in found if match]

    def close(self):
        with contextlib.suppress(OSError):
            (self.folder / EVENT / "enable").write_text("0")
        _remove_instance(self.folder)


def _change(match, shift):
    part = match.groupdict()
    v6 = "v6" if part["family"] == "AF_INET6" else ""
    local, remote = (
        str(ipaddress.ip_address(part[f"{end}addr{v6}"])).removeprefix("::ffff:") for end in "sd"
    )
    return Change(
        int(part["seconds"]) * 10**9 + int(part["micro"]) * 1000 + shift,
        int(part["thread"]),
        (local, int(part["sport"])),
        (remote, int(part["dport"])),
        WORDS.get(part["old"], part["old"]),
        WORDS.get(part["new"], part["new"]),
        (part["old"], part["new"]),
    )


def _tracefs():
    """Where tracefs is mounted; where it is not, it gets mounted for this process alone."""
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        _, where, kind = line.split()[:3]
        if kind == "tracefs":
            return pathlib.Path(where)
    place = pathlib.Path("/sys/kernel/tracing")
    if not place.is_dir():
        raise CannotRecord("no tracefs: this kernel was built without tracing")
    _check(libc.unshare(CLONE_NEWNS), "cannot make a mount namespace")
    _check(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "cannot mount")
    mounted = libc.mount(b"tracefs", str(place).encode(), b"tracefs", 0, None)
    _check(mounted, f"no tracefs: cannot mount it on {place}")
    return place


def _remove_instance(folder):
    for _ in range(50):  # busy for a moment after a reader
        try:
            folder.rmdir()
            return
        except FileNotFoundError:
            return
        except OSError as problem:
            if problem.errno != errno.EBUSY:
                return
            time.sleep(0.02)


def _remove_stale(instances):
    """What a recorder left that was killed by SIGKILL."""
    for folder in instances.glob("handshark-*"):
        if not pathlib.Path("/proc", folder.name.partition("-")[2]).exists():
            _remove_instance(folder)


# Sockets -----------------------------------------------------------------------------------------


class Sockets:
    """sock_diag of the namespace of this thread: which state a segment would find. A request by
    hand rather than ss: it takes microseconds, before and after each segment."""

    def __init__(self):
        kind = socket.SOCK_RAW | socket.SOCK_CLOEXEC
        self.socket = socket.socket(socket.AF_NETLINK, kind, NETLINK_SOCK_DIAG)
        self.socket.settimeout(30)

    def state(self, local, remote):
        """The state of the socket that a segment from remote to local is for, with half-open and
        TIME_WAIT ones, which are no sockets to the tracepoint. LISTEN: a listener's; CLOSED:
        nobody's."""
        v6 = ipaddress.ip_address(local[0]).version == 6
        ends = struct.pack("!HH", local[1], remote[1])
        for address in (local[0], remote[0]):
            ends += ipaddress.ip_address(address).packed.ljust(16, b"\0")
        family = socket.AF_INET6 if v6 else socket.AF_INET
        body = struct.pack("BBBxI", family, socket.IPPROTO_TCP, 0, 0xFFFFFFFF)
        body += ends + struct.pack("III", 0, 0xFFFFFFFF, 0xFFFFFFFF)
        head = struct.pack("IHHII", 16 + len(body), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 1, 0)
        self.socket.send(head + body)
        answer = self.socket.recv(8192)
        kind = struct.unpack_from("IH", answer)[1]
        if kind == NLMSG_ERROR:
            number = -struct.unpack_from("i", answer, 16)[0]
            if number == errno.ENOENT:
                return "CLOSED"
            raise CannotRecord(f"sock_diag: {os.strerror(number)}")
        return STATES[answer[17]]

    def close(self):
        self.socket.close()
