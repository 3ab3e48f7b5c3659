"""The wire between the hosts: it takes each frame from one and gives it to the other, later, not at
all, twice, or in another order.

A host's end of the wire is a TAP interface, and a write to it returns when the kernel has processed
the frame, in the context of this thread. So each state change that the thread's number stands
beside was caused by the segment that was being written, and sock_diag just before and just after
shows what the segment found and what it left.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import dataclasses
import heapq
import itertools
import os
import select
import threading
import time

import segments

PATIENCE = 30  # seconds that anything may take


class Stuck(Exception):
    """What a scenario waited for did not come."""


def now():
    return time.clock_gettime_ns(time.CLOCK_REALTIME)


@dataclasses.dataclass(eq=False)
class Frame:
    """What was sent once. sender: None where it was forged in the name of a host."""

    sender: object
    data: bytes
    time: int
    segment: object = None
    deliveries: list = dataclasses.field(default_factory=list)

    def __post_init__(self):
        self.segment = segments.parse(self.data)


@dataclasses.dataclass(eq=False)
class Delivery:
    """A frame arrives. before, after: the state of the socket that it was for, where its receiver
    has a kernel. start, end: when the kernel was given it and had done; looked: when after was
    read."""

    frame: Frame
    host: object
    start: int
    before: str = None
    after: str = None
    end: int = 0
    looked: int = 0


class Rule:
    """What happens to the next frames that a host sends and that fit."""

    def __init__(self, host, action, flags=None, times=1, where=None):
        self.host, self.action, self.flags = host, action, flags
        self.times, self.where = times, where

    def fits(self, frame):
        if not self.times or frame.sender is not self.host or frame.segment is None:
            return False
        if self.flags is not None and frame.segment.flags != self.flags:
            return False
        return self.where is None or self.where(frame.segment)


class Held:
    """Frames that wait until they are released."""

    def __init__(self, wire):
        self.wire, self.frames = wire, []

    def take(self, frame):
        self.frames.append(frame)

    def wait(self, count=1):
        """Until so many frames are held."""
        self.wire.until(lambda: len(self.frames) >= count, f"{count} frames to hold")
        return self.frames[0].segment

    def release(self, *order):
        """Deliver them now, in this order (indices; without any, as they came)."""
        frames, self.frames = self.frames, []
        for index in order or range(len(frames)):
            self.wire.pass_on(frames[index], 0)


class Wire(threading.Thread):
    """hosts: anything with name, delay (seconds, of what it sends), kernel (has it one?), tap,
    sockets, addresses, mac, gateway_mac, and take(frame) where it has no kernel."""

    def __init__(self):
        super().__init__(name="wire", daemon=True)
        self.hosts, self.rules, self.frames = [], [], []
        self.busy = now()  # when anything last happened
        self.problem = None
        self._waiting, self._count = [], itertools.count()
        self._lock = threading.Condition()
        self._wake, self._bell = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._stopping, self.unfinished = False, set()

    # What may happen to a frame -------------------------------------------------------------------

    def drop(self, host, flags=None, times=1, where=None):
        self.rules.append(Rule(host, lambda frame: None, flags, times, where))

    def delay(self, host, seconds, flags=None, times=1, where=None):
        """Later than the others, which may overtake it."""
        self.rules.append(Rule(host, lambda f: self.pass_on(f, seconds), flags, times, where))

    def duplicate(self, host, seconds, flags=None, where=None):
        """Once more, so many seconds after the first copy."""

        def twice(frame):
            self.pass_on(frame, host.delay)
            self.pass_on(frame, host.delay + seconds)

        self.rules.append(Rule(host, twice, flags, 1, where))

    def hold(self, host, flags=None, times=1, where=None):
        held = Held(self)
        self.rules.append(Rule(host, held.take, flags, times, where))
        return held

    def answer_unreachable(self, host, router, code, flags="S"):
        """A router answers for the other host: ICMP destination unreachable."""

        def refuse(frame):
            macs = frame.data[6:12], frame.data[:6]
            error = segments.build_unreachable(frame.data, router, code, macs[1], macs[0])
            self.frames.append(Frame(None, error, now()))
            self._schedule(self.frames[-1], host, host.delay)

        self.rules.append(Rule(host, refuse, flags))

    # Sending without a kernel ---------------------------------------------------------------------

    def send(self, frame):
        """A host without a kernel sends."""
        self.frames.append(frame)
        self._route(frame)

    def forge(self, segment, host):
        """A segment that reaches host though nobody has sent it now. Returns its frame when it has
        been delivered."""
        frame = Frame(None, segments.build(segment, host.gateway_mac, host.mac), now())
        self.frames.append(frame)
        self._schedule(frame, host, 0)
        self.until(lambda: frame.deliveries, "a forged segment to arrive")
        return frame

    def pass_on(self, frame, seconds):
        other = self._receiver(frame)
        if other is not None:
            self._schedule(frame, other, seconds)

    # Waiting --------------------------------------------------------------------------------------

    def until(self, condition, what, patience=PATIENCE):
        """Wait for a condition that the wire's doings bring about."""
        with self._lock:
            if not self._lock.wait_for(lambda: condition() or self.problem, patience):
                raise Stuck(f"waited {patience} s for {what}")
        if self.problem:
            raise Stuck(f"the wire has stopped: {self.problem}")

    def settle(self, quiet=0.06):
        """Until nothing has been on the wire for so many seconds from now on."""
        deadline = time.monotonic() + PATIENCE
        called = now()
        while time.monotonic() < deadline:
            if self.problem:
                raise Stuck(f"the wire has stopped: {self.problem}")
            rest = quiet - (now() - max(called, self.busy)) / 1e9
            if rest <= 0 and not self._waiting:
                return
            time.sleep(max(rest, 0.002))
        raise Stuck(f"the wire was not quiet for {quiet} s within {PATIENCE} s")

    # The thread -----------------------------------------------------------------------------------

    def run(self):
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        taps = {host.tap: host for host in self.hosts if host.kernel}
        for tap in taps:
            poll.register(tap, select.POLLIN)
        try:
            while not self._stopping:
                for handle, _ in poll.poll(self._patience()):
                    if handle == self._wake:
                        os.read(self._wake, 4096)
                    else:
                        self._take(taps[handle])
                self._deliver_due()
        except Exception as problem:  # the scenario must not wait for a dead wire
            self.problem = problem
        with self._lock:
            self._lock.notify_all()

    def stop(self):
        """What is on its way then is no part of the record."""
        self._stopping = True
        os.write(self._bell, b"x")
        self.join(PATIENCE)
        self.unfinished = {frame for _, _, frame, _ in self._waiting if not frame.deliveries}
        os.close(self._wake)
        os.close(self._bell)

    def _patience(self):
        """Milliseconds until the next delivery."""
        with self._lock:
            if not self._waiting:
                return 200
            return max(0, min(200, (self._waiting[0][0] - now()) / 1e6))

    def _take(self, host):
        while True:
            try:
                frame = Frame(host, os.read(host.tap, 65536), now())
            except BlockingIOError:
                return
            self.frames.append(frame)
            if frame.segment or segments.is_error(frame.data):
                self._route(frame)

    def _route(self, frame):
        self.busy = now()
        rule = next((rule for rule in self.rules if rule.fits(frame)), None)
        if rule:
            rule.times -= 1
            rule.action(frame)
        else:
            self.pass_on(frame, frame.sender.delay)
        with self._lock:
            self._lock.notify_all()

    def _receiver(self, frame):
        wanted = frame.segment.target[0] if frame.segment else None
        for host in self.hosts:
            if wanted in host.addresses or (wanted is None and host.mac == frame.data[:6]):
                return host
        return None

    def _schedule(self, frame, host, seconds):
        due = now() + int(seconds * 1e9)
        with self._lock:
            heapq.heappush(self._waiting, (due, next(self._count), frame, host))
        self.busy = max(self.busy, now())
        os.write(self._bell, b"x")

    def _deliver_due(self):
        while True:
            with self._lock:
                if not self._waiting or self._waiting[0][0] > now():
                    return
                _, _, frame, host = heapq.heappop(self._waiting)
            self._deliver(frame, host)
            self.busy = now()
            with self._lock:
                self._lock.notify_all()

    def _deliver(self, frame, host):
        if not host.kernel:
            frame.deliveries.append(Delivery(frame, host, now()))
            host.take(frame)
            return
        segment = frame.segment
        ends = (segment.target, segment.source) if segment else None
        state = host.sockets.state(*ends) if ends else None
        delivery = Delivery(frame, host, now(), before=state)
        os.write(host.tap, frame.data)
        delivery.end = now()
        delivery.after = host.sockets.state(*ends) if ends else None
        delivery.looked = now()
        frame.deliveries.append(delivery)
