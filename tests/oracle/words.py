"""How a connection opened and closed, in the words of a truth file, from what its segments did to
the kernels at both ends.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

from segments import before

GONE = ("CLOSED", "LISTEN")


class Phases:
    """The part that each segment plays in its connection, by the sequence numbers."""

    def __init__(self):
        self._fins, self._acked, self._syns = {}, set(), {}
        self._shaken, self._ends = False, {}

    def name(self, segment):
        """Call once for each segment, in order."""
        parts, again = [], False
        flags, path, back = segment.flags, segment.path, segment.path[::-1]
        if "R" in flags:
            return "reset"
        if "S" in flags:
            self._syns[path] = segment
            return "handshake-2" if "A" in flags else "handshake-1"
        if "F" in flags:
            self._fins.setdefault(path, (len(self._fins) + 1, segment.end))
            parts.append(f"FIN-{self._fins[path][0]}")
        if "A" in flags:
            parts += self._acknowledged(segment, back)
            again = parts and parts[-1].endswith("-again")
        if segment.data:
            parts.append("data")
        if not parts or again and parts != [parts[-1]]:
            parts = [part for part in parts if not part.endswith("-again")]
        return "+".join(parts) or ("ack" if "A" in flags else "other")

    def _acknowledged(self, segment, back):
        """What of the other end's it is the first to acknowledge, or once more."""
        found = []
        syn = self._syns.get(back)
        if not self._shaken and syn and "A" in syn.flags and segment.ack == (syn.seq + 1) % 2**32:
            self._shaken = True
            found.append("handshake-3")
        number, end = self._fins.get(back, (0, 0))
        if number and not before(segment.ack, end):
            again = "-again" if number in self._acked else ""
            if not (again and (segment.data or "F" in segment.flags)):
                found.append(f"ACK-of-FIN-{number}{again}")
            self._acked.add(number)
        return found


def retransmissions(segments):
    """For each segment: does it bring nothing that was not sent before?"""
    ends = {}
    for segment in segments:
        if not segment.length:
            yield False
            continue
        known = ends.get(segment.path)
        old = known is not None and not before(known, segment.end)
        if not old:
            ends[segment.path] = segment.end
        yield old and "R" not in segment.flags


def counts(entry):
    """Does a RST take effect? entry: a frame of the truth. (Where SYNs follow, the opening goes on:
    RFC 9293 figures 8 and 9.)"""
    receiver, sender = entry["receiver"], entry["sender"]
    if receiver:
        return receiver[0] not in GONE and receiver[1] in GONE
    return bool(sender) and sender[1] in GONE and sender[0] != "LISTEN"


def taken(fin, entry, frames):
    """Is it a FIN of the connection? A kernel sends no other. One made by hand is one if it was
    acknowledged, and was the last that its answer can have meant."""
    if entry["sender"]:
        return True
    last = None
    for segment, _ in frames:
        if segment.path == fin.path and "F" in segment.flags and segment.end == fin.end:
            last = segment
        if segment.path == fin.path[::-1] and "A" in segment.flags and segment.ack == fin.end:
            return last is fin
    return False


def opening(frames, client):
    """frames: (segment, entry of the truth), in order, as far as they are of one connection."""
    syns = [s for s, _ in frames if s.opens]
    answers = [s for s, _ in frames if "S" in s.flags and "A" in s.flags and "R" not in s.flags]
    if not syns and not answers:
        return "mid-stream"
    if len({s.source for s in syns}) == 2:
        return "simultaneous"
    if not answers:
        ends = {syn.end for syn in syns}
        refused = any({"R", "A"} <= set(s.flags) and s.ack in ends for s, _ in frames)
        return "refused" if refused else "unanswered"
    if syns and syns[0].data and any(before(syns[0].seq + 1, s.ack) for s in answers):
        return "tfo"
    ends = {(s.seq + 1) % 2**32 for s in answers}
    for segment, _ in frames:
        flags = set(segment.flags)
        if segment.source == client and "A" in flags and not flags & {"R", "S"}:
            if any(not before(segment.ack, end) for end in ends):
                return "three-way"
    return "half-open"


class _Closing:
    """What the FINs came to."""

    def __init__(self, frames):
        self.fins, self.late, self.merged, self.crossed = [], 0, False, False
        self.reset = None
        self.without_effect = 0
        sent, syns = {}, [index for index, (s, _) in enumerate(frames) if "S" in s.flags]
        for index, (segment, entry) in enumerate(frames):
            if "R" in segment.flags:
                ends = counts(entry) and not any(syn > index for syn in syns)
                if ends and self.reset is None:
                    self.reset = segment
                self.without_effect += not ends
            if "R" in segment.flags or self.reset is not None:
                continue
            self._data(segment, sent)
            again = segment.source in [fin.source for fin in self.fins]
            if "F" in segment.flags and not again and taken(segment, entry, frames):
                self._fin(segment, frames)
            end = sent.get(segment.source, segment.seq)
            sent[segment.source] = segment.end if before(end, segment.end) else end

    def _data(self, segment, sent):
        if segment.source in [fin.source for fin in self.fins]:
            return  # beyond its own FIN, or sent again
        other = self.fins
        end = (segment.seq + len(segment.data)) % 2**32
        new = before(sent.get(segment.source, segment.seq), end)
        if segment.data and new and other and not before(segment.ack, other[0].end):
            self.late += len(segment.data)

    def _fin(self, segment, frames):
        self.fins.append(segment)
        if len(self.fins) == 2:
            first = self.fins[0]
            self.crossed = "A" not in segment.flags or before(segment.ack, first.end)
            earlier = []
            for other, _ in frames:
                if other is segment:
                    break
                earlier.append(other)
            acked = any(
                "A" in s.flags and s.source == segment.source and s.ack == first.end
                for s in earlier[earlier.index(first) :]
            )
            self.merged = not self.crossed and not acked

    def word(self):
        if not self.fins:
            return "none"
        if len(self.fins) == 1:
            return "half-close with data" if self.late and self.reset else "one FIN only"
        if self.crossed:
            return "simultaneous"
        if self.late:
            return "half-close with data"
        return "3-segment" if self.merged else "4-segment"


def closing(frames, client, opened):
    """(closing, closed_first, detail)."""
    if opened == "unanswered":
        return "none", None, {}
    seen = _Closing(frames)
    word, detail = seen.word(), {}
    role = {True: "client", False: "server"}
    first = role[seen.fins[0].source == client] if seen.fins else None
    if seen.late:
        detail["half_close_bytes"] = seen.late
    if seen.crossed:
        first = "both"
    if seen.reset is not None:
        detail["closing_before_reset"] = word
        detail["reset_by"] = role[seen.reset.source == client]
        if opened == "refused":
            return "none", None, detail
        word, first = "reset", first or detail["reset_by"]
    if seen.without_effect:
        detail["rst_frames_without_effect"] = seen.without_effect
    return word, first, detail
