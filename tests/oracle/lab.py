"""Two hosts and a wire: what a scenario works with.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import contextlib
import copy
import os
import random
import socket
import struct
import subprocess
import time

import kernel
import segments
from wire import PATIENCE, Frame, Stuck, Wire, now

INTERFACE = "wire0"
PORT = 8000
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ, TCP_SEND_QUEUE = 19, 20, 21, 2
TCP_FASTOPEN, TCP_FASTOPEN_CONNECT = 23, 30

# As in most kernels' defaults, but quick to give up, and the same on every machine.
SYSCTLS = {
    "net.ipv4.tcp_congestion_control": "cubic",
    "net.ipv4.tcp_tw_reuse": "0",
    "net.ipv4.tcp_syn_retries": "2",
    "net.ipv4.tcp_synack_retries": "3",
    "net.ipv4.ip_local_port_range": "33000 60999",
    "net.ipv4.tcp_ecn": "2",
    "net.ipv4.tcp_fastopen": "3",
}


def _ip(commands):
    try:
        subprocess.run(
            ["ip", "-batch", "-"],
            input="\n".join(commands),
            text=True,
            check=True,
            capture_output=True,
            timeout=PATIENCE,
        )
    except FileNotFoundError:
        raise kernel.CannotRecord("no command ip: install iproute2") from None
    except subprocess.CalledProcessError as problem:
        raise kernel.CannotRecord(f"ip: {problem.stderr.strip()}") from None


class Host:
    """A host with a kernel: a namespace with a TAP interface."""

    kernel = True

    def __init__(self, name, number, network, ipv6):
        self.name, self.delay = name, 0.005
        self.address = f"{network}.{number}"
        self.address6 = f"fd00::{network.replace('.', ':')}:{number}" if ipv6 else None
        self.addresses = {self.address, self.address6} - {None}
        self.mac = bytes([2, 0, 0, 0, 0, number])
        self.gateway_mac = bytes([2, 0, 0, 0, 0, 254])
        self.namespace = kernel.Namespace()
        with self.namespace.inside():
            self.tap = kernel.open_tap(INTERFACE)
            self.sockets = kernel.Sockets()  # the wire's
            self.watch = kernel.Sockets()  # the scenario's
        for name, value in {"net.ipv6.conf.all.disable_ipv6": int(not ipv6), **SYSCTLS}.items():
            self.namespace.sysctl(name, value)
        self._configure(network, ipv6)

    def _configure(self, network, ipv6):
        """Addresses, and neighbours that nobody has to ask for."""
        lines = [f"addr add {self.address}/24 dev {INTERFACE}"]
        lines += [f"link set {INTERFACE} address {self.mac.hex(':')} up", "link set lo up"]
        for number in (1, 2, 3):
            if f"{network}.{number}" != self.address:
                mac = bytes([2, 0, 0, 0, 0, number]).hex(":")
                lines.append(f"neigh add {network}.{number} lladdr {mac} dev {INTERFACE}")
                if ipv6:
                    other = f"{self.address6.rpartition(':')[0]}:{number}"
                    lines.append(f"neigh add {other} lladdr {mac} dev {INTERFACE}")
        if ipv6:
            lines.append(f"addr add {self.address6}/64 dev {INTERFACE} nodad")
        with self.namespace.inside():
            _ip(lines)
            self.capture = kernel.Capture(INTERFACE)

    def socket(self, address=None):
        """A new TCP socket of this host."""
        family = socket.AF_INET6 if ":" in (address or self.address) else socket.AF_INET
        with self.namespace.inside():
            made = socket.socket(family, socket.SOCK_STREAM)
        made.settimeout(PATIENCE)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return made

    def captured(self):
        return list(self.capture.frames())

    def close(self):
        self.sockets.close()
        self.watch.close()
        self.capture.close()
        os.close(self.tap)
        self.namespace.close()


class Peer:
    """A host without a kernel: every segment of it is made by hand, and no truth is known of it.
    It counts for itself: seq is what it sends next, ack what it expects next."""

    kernel = False

    def __init__(self, wire, network, name="peer", number=3):
        self.name, self.delay, self.wire = name, 0.005, wire
        self.address, self.addresses = f"{network}.{number}", {f"{network}.{number}"}
        self.mac = bytes([2, 0, 0, 0, 0, number])
        self.log, self._unread, self._others, self._root = [], [], {}, self
        self.local = self.remote = None
        self.seq, self.ack, self.window = 1000, 0, 65535

    def call(self, host, port=PORT, local_port=None):
        """Whom it talks to."""
        self.local = (self.address, local_port or random.randrange(33000, 61000))
        self.remote, self._host = (host.address, port), host
        return self

    def answer(self, host, port=PORT):
        """Be a server: wait for the first SYN of a host."""
        self.local, self._host = (self.address, port), host
        syn = self.expect("S")
        self.remote = syn.source
        return syn

    def again(self, port=None):
        """Another peer at the same address, for another connection with the same host."""
        other = copy.copy(self)
        other.seq, other._unread = 1000, []
        other.local = (self.address, port or random.randrange(33000, 61000))
        self._others[other.local] = other
        return other

    def send(self, flags, data=b"", seq=None, ack=None, window=None, options=b"", urgent=0):
        """Send a segment; seq moves on where it is not given."""
        number = self.seq if seq is None else seq
        if ack is None:
            ack = self.ack if "A" in flags else 0
        window = self.window if window is None else window
        made = segments.Segment(
            self.local, self.remote, flags, number, ack, data, window, options, urgent
        )
        if seq is None:
            self.seq = made.end
        frame = Frame(self._root, segments.build(made, self.mac, self._host.mac), now())
        self.log.append((frame.time, "out", frame))
        self.wire.send(frame)
        return frame.segment

    def take(self, frame):
        self.log.append((now(), "in", frame))
        if frame.segment:
            self._others.get(frame.segment.target, self)._unread.append(frame.segment)

    def expect(self, flags, patience=PATIENCE):
        """Wait for a segment with these flags; ack moves on to its end."""

        def found():
            while self._unread:
                segment = self._unread.pop(0)
                if segment.flags == flags:
                    result.append(segment)
                    return True
            return False

        result = []
        self.wire.until(found, f"{flags} to reach {self.name}", patience)
        if "R" not in flags:
            self.ack = result[0].end
        return result[0]

    def handshake(self, options=b""):
        """Open a connection as a well-behaved client."""
        self.send("S", options=options)
        self.expect("SA")
        self.send("A")

    def captured(self):
        return [(time, way, frame.data) for time, way, frame in self.log]


class End:
    """A socket: what the application at one end does."""

    def __init__(self, lab, host, made):
        self.lab, self.host, self.socket = lab, host, made

    @property
    def local(self):
        return self.socket.getsockname()[:2]

    @property
    def remote(self):
        return self.socket.getpeername()[:2]

    def option(self, level, name, value):
        self.socket.setsockopt(level, name, value)
        return self

    def start(self, target):
        """Begin to connect, and do not wait."""
        self.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            self.socket.connect(target)
        self.socket.settimeout(PATIENCE)
        return self

    def send(self, data, flags=0):
        self.socket.send(data, flags)
        return self

    def receive(self, size):
        """All of size bytes, or what there is before the other end's FIN."""
        parts = []
        while size > 0 and (part := self.socket.recv(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def shut(self, how=socket.SHUT_WR):
        self.socket.shutdown(how)
        return self

    def close(self):
        self.socket.close()

    def abort(self):
        """SO_LINGER 0: RST instead of FIN."""
        self.option(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)).close()

    def forget(self):
        """The connection is gone without a segment, as if the host had restarted."""
        self.option(socket.IPPROTO_TCP, TCP_REPAIR, 1).close()

    def begin_at(self, number):
        """Choose the initial sequence number, before connecting."""
        self.option(socket.IPPROTO_TCP, TCP_REPAIR, 1)
        self.option(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, TCP_SEND_QUEUE)
        self.option(socket.IPPROTO_TCP, TCP_QUEUE_SEQ, struct.pack("I", number))
        return self.option(socket.IPPROTO_TCP, TCP_REPAIR, 0)


class Lab:
    """The two hosts, the wire, and a peer without a kernel for those scenarios that need one."""

    def __init__(self, tracer, delay=0.005, ipv6=False, sysctls=None):
        # Addresses of this process alone: the tracepoint does not name the namespace.
        self.network = f"10.{os.getpid() >> 8 & 255}.{os.getpid() & 255}"
        self.tracer, self.wire, self.sockets, self.notes = tracer, Wire(), [], []
        self.delay, self.settings = delay, {**SYSCTLS, **(sysctls or {})}
        self.port = random.randrange(33000, 61000)  # where the client's is to be the same again
        self.peer = Peer(self.wire, self.network)
        self.hosts, self.missing = [], []
        self.secrets = None  # the keys of TLS, if any, as SSLKEYLOGFILE has them
        try:
            self.client = self._host("client", 1, ipv6)
            self.server = self._host("server", 2, ipv6)
        except BaseException:
            self.close()
            raise
        self.peer.delay = delay
        self.wire.hosts = [*self.hosts, self.peer]
        tracer.changes()  # what happened before is none of ours
        self.wire.start()

    def _host(self, name, number, ipv6):
        host = Host(name, number, self.network, ipv6)
        host.delay = self.delay
        self.hosts.append(host)
        for setting, value in self.settings.items():
            if not host.namespace.sysctl(setting, value):
                self.missing.append(setting)
        return host

    def end(self, host, address=None, port=0):
        """A socket at a host, bound where a port is given."""
        made = host.socket(address)
        self.sockets.append(made)
        if port or address:
            made.bind((address or host.address, port))
        return End(self, host, made)

    def listen(self, host=None, port=PORT, backlog=16, address=None, options=()):
        """A listening socket at a host (the server)."""
        host = host or self.server
        listener = self.end(host, address or host.address, port)
        for option in options:
            listener.option(*option)
        listener.socket.listen(backlog)
        return listener

    def accept(self, listener):
        made, _ = listener.socket.accept()
        made.settimeout(PATIENCE)
        self.sockets.append(made)
        return End(self, listener.host, made)

    def connect(self, listener, port=0, client=None):
        """A connection from the client: both ends."""
        end = client or self.end(self.client, port=port)
        end.socket.connect(listener.local)
        return end, self.accept(listener)

    def pair(self, **options):
        """Listen, connect, and wait until the handshake is over."""
        ends = self.connect(self.listen(**options))
        self.settle()
        return ends

    def echo(self, client, server, data=b"ping"):
        """The data there and back."""
        client.send(data)
        server.send(server.receive(len(data)))
        client.receive(len(data))
        self.settle()

    def settle(self, quiet=0.06):
        self.wire.settle(quiet)

    def forge(self, host, source, target, flags, seq, **rest):
        """A segment reaches host that nobody has sent now: an old duplicate, or an intruder's."""
        made = segments.Segment(source, target, flags, seq % segments.MODULUS, **rest)
        self.wire.forge(made, host)
        self.settle()

    def fin_seen(self, segment):
        """Has the other end's FIN been on the wire before this segment?"""
        sent = (frame.segment for frame in list(self.wire.frames) if frame.segment)
        return any(s.path == segment.path[::-1] and "F" in s.flags for s in sent)

    def wait_state(self, host, local, remote, *states, patience=PATIENCE):
        """Until the socket of these ends is in one of the states."""
        deadline = time.monotonic() + patience
        while (state := host.watch.state(local, remote)) not in states:
            if time.monotonic() > deadline:
                raise Stuck(f"{host.name}: {state} instead of {' or '.join(states)}")
            time.sleep(0.005)

    def close(self):
        for made in self.sockets:
            made.close()
        if self.wire.is_alive():
            self.wire.stop()
        for host in self.hosts:
            host.close()
