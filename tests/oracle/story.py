"""NAME.truth.json: the captures of a scenario, and for each frame the states that the kernels had.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import json
import platform

import segments
import words
from timeline import Timeline, attribute
from vantage import History, Sight, marks


BEGUN = ("CLOSED", "LISTEN", "SYN_SENT", "SYN_RCVD", "TIME_WAIT")  # where a SYN may open


def seconds(nanoseconds):
    return round(nanoseconds / 1e9, 6)


def _matters(data):
    """Neighbour discovery and multicast groups are not what a scenario is about."""
    return segments.parse(data) is not None or segments.is_error(data)


def _take(expected, data, bytes_of):
    """What the wire knows of the next frame of a capture: the same order, but for two that leave at
    once from two processors."""
    for index, item in enumerate(expected[:8]):
        if bytes_of(item) == data:
            return expected.pop(index)
    return None


class Story:
    """All records of a scenario that has ended."""

    def __init__(self, lab, name, doc):
        self.lab, self.name, self.doc, self.problems = lab, name, doc, []
        wire = lab.wire
        self.sights = {}  # host -> [Sight]; all frames, TCP or not
        for host in wire.hosts:
            self.sights[host] = self._sights(host)
        self.changes = self._changes()
        self.history = History(self.sights)
        self.timelines = self._timelines()
        self.connections = []

    def _sights(self, host):
        """The capture of a host, each frame with what the wire knows of it."""
        wire = self.lab.wire
        frames = [f for f in wire.frames if _matters(f.data)]
        left = [frame for frame in frames if frame.sender is host]
        arrivals = [d for frame in frames for d in frame.deliveries if d.host is host]
        arrivals.sort(key=lambda delivery: delivery.start)
        seen, sights = {}, []
        for time, way, data in host.captured():
            if not _matters(data):
                continue
            if way == "out":
                frame = _take(left, data, lambda frame: frame.data)
                if frame in wire.unfinished or frame is None and not left:
                    continue
                sight = Sight(time, frame)
            else:
                delivery = _take(arrivals, data, lambda delivery: delivery.frame.data)
                frame = delivery and delivery.frame
                sight = Sight(time, frame, seen.get(frame, 0), delivery)
                seen[frame] = sight.arrival + 1
            if frame is None:
                raise AssertionError(f"{host.name}: the capture is not what was on the wire")
            sights.append(sight)
        return sights

    def _changes(self):
        """The tracepoint's record. A socket that is not bound has no port yet when it becomes
        SYN_SENT: the next SYN tells it."""
        changes = self.lab.tracer.changes()
        syns = [
            (sight.time, sight.segment)
            for host in self.lab.hosts
            for sight in self.sights[host]
            if sight.segment and sight.segment.opens and sight.frame.sender is host
        ]
        for change in changes:
            if change.local[1] == 0 and change.new == "SYN_SENT":
                for time, segment in sorted(syns, key=lambda syn: syn[0]):
                    same = segment.target == change.remote and segment.source[0] == change.local[0]
                    if time > change.time and same:
                        change.local = segment.source
                        break
        return changes

    def _timelines(self):
        """(host, local, remote) -> Timeline."""
        found = {}
        for host in self.lab.hosts:
            deliveries = [s.delivery for s in self.sights[host] if s.delivery]
            attributed = list(attribute(self.changes, deliveries, self.lab.wire.native_id))
            ends = {}
            for sight in self.sights[host]:
                if sight.segment and sight.delivery:
                    key = (sight.segment.target, sight.segment.source)
                    ends.setdefault(key, ([], []))[0].append(sight.delivery)
                elif sight.segment:
                    departures = ends.setdefault(sight.segment.path, ([], []))[1]
                    departures.append((sight.time, sight.frame))
            for (local, remote), (arrivals, departures) in ends.items():
                own = [(c, d) for c, d in attributed if (c.local, c.remote) == (local, remote)]
                line = Timeline(local, remote, arrivals, departures, own)
                found[host, local, remote] = line
                self.problems += line.problems
        return found

    # States of a frame ----------------------------------------------------------------------------

    def _sender(self, sight):
        frame = sight.frame
        if frame.sender is None or not frame.sender.kernel:
            return None
        return self.timelines[frame.sender, frame.segment.source, frame.segment.target].sent[frame]

    def _receiver(self, sight):
        frame = sight.frame
        if not frame.deliveries:
            return None
        ordered = sorted(frame.deliveries, key=lambda d: d.start)
        delivery = sight.delivery or ordered[0]
        if not delivery.host.kernel:
            return None
        line = self.timelines[delivery.host, frame.segment.target, frame.segment.source]
        return line.received[delivery]

    # Connections ----------------------------------------------------------------------------------

    def _streams(self, sights):
        """The connections of a capture, as Wireshark's tcp.stream cuts them: a SYN with another
        number begins a new one."""
        streams, current = [], {}
        for sight in sights:
            segment = sight.segment
            if segment is None:
                continue
            pair = frozenset(segment.path)
            stream = current.get(pair)
            base = segment.seq if "S" in segment.flags else (segment.seq - 1) % segments.MODULUS
            again = stream and segment.opens and stream["bases"].get(segment.source, base) != base
            if stream is None or again:
                stream = {"pair": pair, "bases": {}, "syns": set(), "sights": []}
                streams.append(stream)
                current[pair] = stream
            stream["bases"].setdefault(segment.source, base)
            if segment.opens:
                stream["syns"].add((segment.source, segment.seq))
            stream["sights"].append(sight)
        return streams

    def _connection_of(self, stream, taken):
        """The connection that a stream of a capture shows; a new one where none had it yet."""
        for connection in self.connections:
            same = connection["pair"] == stream["pair"] and (
                connection["syns"] & stream["syns"] or not connection["syns"] | stream["syns"]
            )
            if same and connection["id"] not in taken:
                return connection
        first = stream["sights"][0].segment
        client = first.target if {"S", "A"} <= set(first.flags) else first.source
        ends = stream["pair"] - {client}
        connection = {
            "id": len(self.connections), "pair": stream["pair"], "syns": stream["syns"],
            "client": client, "server": next(iter(ends)), "stream": stream,
        }  # fmt: skip
        self.connections.append(connection)
        return connection

    # The file -------------------------------------------------------------------------------------

    def _entries(self, host, stream, connection):
        """The frames of one connection in one capture: Sight -> entry."""
        sights, pair, phases = stream["sights"], stream["pair"], words.Phases()
        again = words.retransmissions([s.segment for s in sights])
        sent = [f for f in self.lab.wire.frames if f.segment and set(f.segment.path) == pair]
        shown = [s for s in self.sights[host] if s.segment and set(s.segment.path) == pair]
        entries = {}
        for sight, repeated in zip(sights, again):
            segment = sight.segment
            entry = {
                "frame": 0,
                "t": seconds(sight.time),
                "conn": connection["id"],
                "dir": "c2s" if segment.source == connection["client"] else "s2c",
                "flags": segment.flags,
                "seq": segment.seq,
                "ack": segment.ack,
                "len": len(segment.data),
                "sender": self._sender(sight),
                "receiver": self._receiver(sight),
                "phase": phases.name(segment),
            }
            if repeated and not sight.arrival:
                entry["retransmission"] = True
            entry.update(marks(self.history, shown, shown.index(sight), sent))
            entries[sight] = entry
        return entries

    def _capture(self, host, vantage):
        sights, taken, entries = self.sights[host], set(), {}
        for stream in self._streams(sights):
            connection = self._connection_of(stream, taken)
            taken.add(connection["id"])
            found = self._entries(host, stream, connection)
            entries.update(found)
            if "frames" not in connection:
                connection["frames"] = [(s.segment, entry) for s, entry in found.items()]
        frames = []
        for number, sight in enumerate(sights, 1):
            nothing = {"frame": number, "t": seconds(sight.time), "conn": None}
            entry = entries.get(sight, {**nothing, "note": "not TCP (ICMP)"})
            frames.append({**entry, "frame": number})
        return {"vantage": vantage, "frames": frames}

    def _end(self, address, remote, connection, until):
        """One end in the record: what it was while this connection lasted."""
        host = next((h for h in self.lab.hosts if address[0] in h.addresses), None)
        end = {"addr": list(address), "kernel": host is not None}
        line = self.timelines.get((host, address, remote))
        first = connection["stream"]["sights"][0].time - 5 * 10**6
        first -= int(self.lab.delay * 1e9)

        def within(rows):
            return [row for row in rows if first <= row[0] < until]

        states = within(line.states) if line else []
        initial = states[0][1] if states else self._at_rest(line, first) if line else "CLOSED"
        initial = initial or "CLOSED"
        end.update(initial=initial, final=states[-1][2] if states else initial)
        end["states"] = [[seconds(row[0]), row[1] or "CLOSED", *row[2:]] for row in states]
        end["sequence"] = [initial, *(row[2] for row in states)]
        raw, diag = (within(line.raw), within(line.diag)) if line else ([], [])
        end["kernel_raw"] = [[seconds(row[0]), *row[1:]] for row in raw]
        end["kernel_diag"] = [[seconds(row[0]), seconds(row[1]), *row[2:]] for row in diag]
        if host is None:
            end["note"] = "crafted peer: no kernel socket at this end, no truth"
        return end

    @staticmethod
    def _at_rest(line, first):
        """The state of an end that never changed while the connection lasted."""
        pairs = [(d.start, states) for d, states in line.received.items() if d.start >= first]
        return min(pairs, key=lambda pair: pair[0])[1][0] if pairs else None

    @staticmethod
    def _open_before(connection):
        """Did the first SYN find a connection, which then went on?"""
        syn, entry = connection["frames"][0]
        found = entry["receiver"]
        more = any(s.source == syn.source and "S" not in s.flags for s, _ in connection["frames"])
        return found is not None and found[0] not in BEGUN and more

    def _rejected(self, client):
        """Did an ICMP error end the client's SYN_SENT?"""
        errors = [d for f in self.lab.wire.frames if not f.segment for d in f.deliveries]
        return any(
            change.local == client
            and (change.old, change.new) == ("SYN_SENT", "CLOSED")
            and any(d.start <= change.time + 1000 and change.time <= d.end for d in errors)
            for change in self.changes
        )

    def _record(self, connection):
        client, server = connection["client"], connection["server"]
        later = [
            other["stream"]["sights"][0].time - int(self.lab.delay * 1e9)
            for other in self.connections
            if other["pair"] == connection["pair"] and other["id"] > connection["id"]
        ]
        until = min(later, default=float("inf"))
        opened = words.opening(connection["frames"], client)
        if opened == "unanswered" and self._open_before(connection):
            opened = "mid-stream"  # a SYN inside a connection
        opened = "rejected" if opened == "unanswered" and self._rejected(client) else opened
        closed, first, detail = words.closing(connection["frames"], client, opened)
        return {
            "id": connection["id"],
            "client": list(client),
            "server": list(server),
            "t_first": seconds(connection["stream"]["sights"][0].time),
            "frames_on_wire": len(connection["stream"]["sights"]),
            "client_end": self._end(client, server, connection, until),
            "server_end": self._end(server, client, connection, until),
            "opening": opened,
            "opener": "client" if connection["syns"] else None,
            "closing": closed,
            "closed_first": first,
            "detail": detail,
            "conn_state": None,
            "history": None,
        }

    def write(self, folder, stem, ending, write_capture):
        """The captures and the truth, named after stem. Returns the path of the truth."""
        folder.mkdir(parents=True, exist_ok=True)
        lab, captures = self.lab, {}
        seen = [host for host in lab.wire.hosts if self.sights[host]]
        front = lab.peer if lab.peer in seen else lab.client  # whoever talks to the other
        if front is lab.peer and lab.server not in seen:
            views = [(lab.client, "", "client host"), (lab.peer, ".server", "server host")]
        else:
            views = [(front, "", "client host"), (lab.server, ".server", "server host")]
        for host, infix, vantage in views:
            name = f"{stem}{infix}{ending}"
            captures[name] = self._capture(host, vantage)
            sights = [(sight.time, sight.frame.data) for sight in self.sights[host]]
            write_capture(folder / name, sights)
        truth = {
            "name": self.name,
            "doc": self.doc,
            "link": "tap",
            "one_way_delay_s": lab.delay,
            "kernel": platform.release(),
            "time": "seconds, CLOCK_REALTIME, same clock as the captures",
            "sysctl": [f"{k}={v}" for k, v in lab.settings.items() if k not in lab.missing],
            "connections": [self._record(connection) for connection in self.connections],
            "captures": captures,
            "frames_total": sum(len(capture["frames"]) for capture in captures.values()),
            "notes": lab.notes,
            "problems": self.problems,
        }
        path = folder / ("truth.json" if stem == "capture" else f"{stem}.truth.json")
        path.write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
        return path
