"""From the records of one host to the states of its ends: what each segment found there and what it
left.

Three records, merged: the capture (which segments, in which order), the tracepoint (every change of
a socket), and sock_diag just before and after each arrival (also half-open and TIME_WAIT ends,
which the tracepoint does not know).

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

GONE = ("CLOSED", "LISTEN")
MINI = ("FIN_WAIT_2", "TIME_WAIT")  # after the tracepoint's CLOSE: no socket any more, yet a state
DEPARTING = ("SYN_SENT", "FIN_WAIT_1", "LAST_ACK")  # entered by what the application does
ARRIVING = ("SYN_RCVD", "ESTABLISHED", "CLOSE_WAIT", "FIN_WAIT_2", "CLOSING", "TIME_WAIT")
OTHERWISE = "timer or application or ICMP"
RESET_FIRST = 200_000  # nanoseconds
SLACK = 2000  # nanoseconds: the tracepoint's times are cut to microseconds
DIAG_WORDS = {
    "SYN_RCVD": "SYN_RECV", "FIN_WAIT_1": "FIN_WAIT1", "FIN_WAIT_2": "FIN_WAIT2",
    "CLOSED": "NONE", "LISTEN": "NONE",
}  # fmt: skip


class Timeline:
    """One end of a 4-tuple: .sent {Frame: [before, after]}, .received {Delivery: [before, after]},
    .states [time, old, new, cause, source], .raw, .diag."""

    def __init__(self, local, remote, arrivals, departures, changes):
        """arrivals: deliveries of TCP segments; departures: (time, Frame); changes: (Change,
        Delivery that it belongs to, or None)."""
        self.local, self.remote = local, remote
        self.sent, self.received = {}, {}
        self.states, self.raw, self.diag, self.problems = [], [], [], []
        self._looks = sorted(
            [(d.start, d.before) for d in arrivals] + [(d.looked, d.after) for d in arrivals]
        )
        self._state, self._owned, self._pending = None, False, None
        self._last = self._reset = None  # arrival; RST that left
        for kind, time, what in self._items(arrivals, departures, changes):
            kind(time, what)

    def _items(self, arrivals, departures, changes):
        """Everything in order. What leaves while an arrival is processed answers it."""
        items = [((d.start, 0), self._arrive, d) for d in arrivals]
        self._others = [c for c, delivery in changes if delivery not in arrivals]
        for time, frame in departures:
            cause = next((d for d in arrivals if d.start <= time <= d.end), None)
            if cause and any(cause.start <= c.time <= time for c in self._others):
                cause = None  # the application was quick
            key = (cause.start, 1, time) if cause else (time, 2)
            items.append((key, self._depart, (time, frame)))
        self._caused = {}
        for change, delivery in changes:
            self.raw.append([change.time, *change.raw])
            if delivery in arrivals:
                self._caused.setdefault(delivery, []).append(change)
            else:  # also an ICMP error's
                items.append((_moment(change, departures), self._change, change))
        for key, kind, what in sorted(items, key=lambda item: item[0]):
            yield kind, key[0], what

    def _meaning(self, state):
        """An end that had a socket of its own does not go back to the listener."""
        return "CLOSED" if state == "LISTEN" and self._owned else state

    def _move(self, time, new, cause, source):
        if new != self._state:
            self.states.append([time, self._state, new, cause, source])
            self._state = new
        if new not in (*GONE, "SYN_RCVD"):
            self._owned = True

    def _arrive(self, time, delivery):
        segment = delivery.frame.segment
        if segment.opens and delivery.before == "LISTEN":
            self._owned = False
            self._state = "LISTEN"
        before = self._meaning(delivery.before)
        if self._state is None:
            self._state = before
        elif before != self._state:  # a timer, without a word
            self.diag.append([time, time, self._word(self._state), self._word(before)])
            self._move(time, before, OTHERWISE, "sock_diag")
        after, traced = self._left_by(delivery, before)
        if after != before and (delivery.before, delivery.after) != (before, before):
            seen = [self._word(before), self._word(after)]
            self.diag.append([delivery.start, delivery.looked, *seen])
        source = "tracepoint" if traced == after else "sock_diag"
        self._move(time, after, "recv", source)
        self.received[delivery] = [before, after]
        self._pending, self._last = None, delivery

    def _left_by(self, delivery, before):
        """The state that an arrival left, and what the tracepoint says of it."""
        caused = self._caused.get(delivery, [])
        traced = caused[-1].new if caused else None
        looked = self._meaning(delivery.after)
        if any(delivery.start <= c.time <= delivery.looked for c in self._others):
            return traced or before, traced  # the application was quicker than sock_diag
        fits = traced in (None, looked) or traced == "CLOSED" and looked in (*MINI, *GONE)
        if not fits:
            self.problems.append(f"{self.local}: the tracepoint says {traced}, sock_diag {looked}")
        return looked, traced

    def _depart(self, time, what):
        _, frame = what
        if self._state is None:
            self._state = "CLOSED"
        self.sent[frame] = [self._pending or self._state, self._state]
        if "R" in frame.segment.flags:
            if self._pending:
                self.states[-1][3] = "send"
            self._reset = (time, frame)
        self._pending = None

    def _change(self, time, change):
        """A change that no arriving segment made. Or one did while the application held the
        socket: then it was processed when that let go."""
        if change.old == "LISTEN" and change.new == "SYN_RCVD":
            return  # the child of a half-open one, which SYN_RCVD was
        new = change.new
        if new == "CLOSED":
            look = next((state for when, state in self._looks if when > time), None)
            new = look if look in MINI and self._state in ("FIN_WAIT_1", *MINI) else new
        if new in ARRIVING and self._last and change.old != "CLOSED" and new != self._state:
            self.received[self._last][1] = new
            self._move(time, new, "recv", "tracepoint")
            return
        if self._state is None:
            self._state = change.old
        if new == "CLOSED" and self._reset and time - self._reset[0] < RESET_FIRST:
            self.sent[self._reset[1]][1] = new  # a timer's: first the RST, then the state
            self._move(time, new, "send", "tracepoint")
            return
        if new != self._state:
            self._pending = self._pending or self._state
            cause = "send" if new in DEPARTING else OTHERWISE
            self._move(time, new, cause, "tracepoint")

    @staticmethod
    def _word(state):
        return DIAG_WORDS.get(state, state)


def _moment(change, departures):
    """Where a change stands among the items. The tracepoint's times are cut to microseconds: what left
    without a FIN in the same one left before the change that sends the FIN."""
    if change.new in ("FIN_WAIT_1", "LAST_ACK"):
        for time, frame in reversed(departures):
            if 0 <= time - change.time < 1000 and "F" not in frame.segment.flags:
                return time, 3
    return change.time, -1


def attribute(changes, deliveries, thread):
    """(Change, the Delivery during which the wire's thread made it, or None)."""
    for change in changes:
        cause = None
        if change.thread == thread:
            for delivery in deliveries:
                if delivery.start - SLACK <= change.time <= delivery.end + SLACK:
                    cause = delivery
        yield change, cause
