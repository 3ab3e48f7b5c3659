"""What a capture shows, against what happened: which frames are hard for an onlooker.

An onlooker sees the order at one place. A frame is hard where the order at its ends was another:

- lost: its receiver never got it;
- network_duplicate: a copy that the network made;
- sender_behind_by: so many segments that the capture shows before it had not reached its sender
  when it left, or were sent by that after it. Below zero: so many SYNs, FINs or RSTs had been sent
  before it that the capture has not shown;
- receiver_ahead_by: so many segments that the capture shows after it, or not at all, had been sent
  or received by its receiver when it arrived. Below zero: so many that the capture shows before it
  had not arrived when it did.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import dataclasses

from segments import MODULUS, before

NEVER = float("inf")


@dataclasses.dataclass(eq=False)
class Sight:
    """One frame of a capture. Where the capture is its receiver's: which of its arrivals, and what
    the wire knows of that."""

    time: int
    frame: object
    arrival: int = 0
    delivery: object = None

    @property
    def segment(self):
        return self.frame.segment


class History:
    """When each frame left and arrived, by the order of each host's own events."""

    def __init__(self, captures):
        """captures: {host: [Sight]}, of both hosts."""
        self.left, self.arrived = {}, {}
        for host, sights in captures.items():
            for order, sight in enumerate(sights):
                if sight.frame.sender is host:
                    self.left[sight.frame] = order
                else:
                    self.arrived.setdefault(sight.frame, []).append(order)

    def leaves(self, frame):
        return self.left.get(frame, NEVER)

    def arrives(self, frame, arrival=0):
        orders = self.arrived.get(frame, ())
        return orders[arrival] if arrival < len(orders) else NEVER


def _covered(segment, others):
    """Is all that a segment brings also in others, whatever their boundaries?"""
    others = [other for other in others if "R" not in other.flags]
    if "R" in segment.flags:
        return False
    if "A" in segment.flags and not any(
        "A" in other.flags and not before(other.ack, segment.ack) for other in others
    ):
        return False
    if segment.length == 0:
        return "A" in segment.flags
    reached = segment.seq
    for _ in others:
        for other in others:
            if (reached - other.seq) % MODULUS < other.length:
                reached = other.end
        if not before(reached, segment.end):
            return True
    return False


def _missing(history, seen, direction, order):
    """How many of the frames in one direction, seen so far, had not arrived at this moment of their
    receiver, nor had what they bring."""
    seen = [sight for sight in seen if sight.segment.path == direction]
    there = [s.segment for s in seen if history.arrives(s.frame) <= order]
    return sum(
        history.arrives(sight.frame) > order and not _covered(sight.segment, there)
        for sight in seen
    )


def _unseen(history, seen, direction, order, sent):
    """How many of all frames that were sent in one direction (sent), before this moment of their
    sender, the capture has not shown so far, nor what they bring: those that change a state."""
    shown = [s.segment for s in seen if s.segment.path == direction]
    return sum(
        frame.segment.path == direction
        and bool(set("SFR") & set(frame.segment.flags))
        and history.leaves(frame) < order
        and not _covered(frame.segment, shown)
        for frame in sent
    )


def marks(history, sights, index, sent):
    """The keys that say why the frame at index in sights (those of its two ends, in the
    capture's order) is hard. sent: all frames between the two."""
    sight = sights[index]
    seen, rest = sights[:index], sights[index + 1 :]
    found = {}
    if not sight.frame.deliveries:
        found["lost"] = True
    if sight.arrival:
        found["network_duplicate"] = True
    if sight.frame.sender is not None and (behind := _behind(history, sight, seen, sent)):
        found["sender_behind_by"] = behind
    if ahead := _ahead(history, sight, seen, rest, sent):
        found["receiver_ahead_by"] = ahead
    return found


def _behind(history, sight, seen, sent):
    path, left = sight.segment.path, history.leaves(sight.frame)
    later = sum(s.segment.path == path and left < history.leaves(s.frame) < NEVER for s in seen)
    behind = _missing(history, seen, path[::-1], left) + later
    return behind or -_unseen(history, seen, path, left, sent)


def _ahead(history, sight, seen, rest, sent):
    path, arrived = sight.segment.path, history.arrives(sight.frame, sight.arrival)
    if arrived == NEVER:
        return 0
    ahead = sum(
        s.segment.path == path[::-1]
        and history.leaves(s.frame) < arrived
        or s.segment.path == path
        and history.arrives(s.frame, s.arrival) < arrived
        for s in rest
    )
    ahead = ahead or _unseen(history, seen, path[::-1], arrived, sent)
    return ahead or -_missing(history, seen, path, arrived)
