"""The tools: how each is asked, and what its words mean.

A record is what a tool said of one connection, its own words and numbers: name -> text. ask() gets
it from the tool, read() says which answers (see answers.py) it amounts to, and `says` the same for
people. Where a word may be read in two ways the reading is the one that serves the tool. Who saw no
SYN is not held to say whether there was a handshake.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

from cases import TestFailure, kernel
from suricata import Suricata
from tool import Absent, ByAddress, Tool, address_of, need, run

HERE = pathlib.Path(__file__).resolve().parent


# tshark -----------------------------------------------------------------------------------------


class Dissection:
    """One run of tshark for a capture, in two passes, for the plugin and for Wireshark's own."""

    def __init__(self, tshark):
        self.tshark = tshark
        self.known = {}
        self.plugins = tshark.run(["-G", "plugins"]).out

    def has(self, plugin):
        return re.search(rf"^{re.escape(plugin)}\s", self.plugins, re.MULTILINE) is not None

    def frames(self, capture):
        """Frame -> {field: [text]}, of the innermost TCP layer; with shown:FIELD its text form."""
        if capture not in self.known:
            arguments = ["-2", "-n", "-r", self.tshark.stage(capture), "-T", "pdml"]
            arguments += ["-J", "frame ip ipv6 tcp tcp_phase transum"]
            if self.has("transum.so"):
                arguments += ["--enable-protocol", "transum"]
                arguments += ["-o", "transum.tcp_port_ranges:1-32767"]
            root = xml.etree.ElementTree.fromstring(self.tshark.run(arguments).out)
            self.known[capture] = dict(map(_frame, root.iter("packet")))
        return self.known[capture]


def _frame(packet):
    fields = {}
    for proto in packet.iter("proto"):
        name = proto.get("name")
        if name in ("ip", "ipv6", "tcp", "tcp_phase", "transum"):
            # A later layer of the same kind is an inner one.
            fields = {key: value for key, value in fields.items() if not _belongs(key, name)}
        for field in proto.iter("field"):
            fields.setdefault(field.get("name"), []).append(field.get("show") or "")
            fields[f"shown:{field.get('name')}"] = [field.get("showname") or ""]
    return int(fields["frame.number"][0]), fields


def _belongs(key, layer):
    return key.removeprefix("shown:").startswith(layer + ".")


class _FromTshark(Tool):
    def __init__(self, dissection):
        self.dissection = dissection

    def ask(self, capture, cases):
        frames = self.dissection.frames(capture)
        result = {}
        for case in cases:
            streams = {}
            for number in case.frames:
                fields = frames.get(number, {})
                if "tcp.stream" in fields:
                    streams.setdefault(fields["tcp.stream"][0], {})[number] = fields
            records = [self.record(case, stream) for stream in streams.values()]
            result[case.name] = [record for record in records if record]
        return result


class TcpPhase(_FromTshark):
    name = "tcp_phase"
    about = "this plugin, on the second pass"
    says = {
        "established": (
            "`opening`: `three-way`, `simultaneous`, `fast-open` yes; `refused`, `unanswered`, "
            "`rejected`, `incomplete` no; `mid-stream` does not say"
        ),
        "opening": "`opening`",
        "end": (
            "`verdict`: `aborted`, `late-reset`, `handshake-aborted` are reset; `rejected` is "
            "unanswered (by TCP); `handshake-unfinished` is half-open; `peer-gone` open or "
            "half-closed or reset"
        ),
        "first": "`closed_by`",
        "again": "segments with `event` `retransmission`",
    }
    _ends = {
        "rejected": {"unanswered"},
        "handshake-unfinished": {"half-open"},
        "handshake-aborted": {"reset"},
        "aborted": {"reset"},
        "late-reset": {"reset"},
        "peer-gone": {"open", "half-closed", "reset"},
    }

    def version(self):
        found = re.search(r"^handshark\.so\s+(\S+)", self.dissection.plugins, re.MULTILINE)
        return found.group(1) if found else "?"

    def record(self, case, stream):
        def role(word, fields):
            """The record's role for the plugin's, told by a segment of either."""
            same = fields["tcp_phase.sender"][0] == case.senders[number]
            turned = {"client": "server", "server": "client"}
            return word if same else turned.get(word, word)

        stream = {n: fields for n, fields in stream.items() if "tcp_phase.event" in fields}
        if not stream:
            return None
        number = max(stream)
        fields = stream[number]
        record = {
            name: fields[f"tcp_phase.{name}"][0] for name in ("opening", "closing", "verdict")
        }
        for name in ("closed_by", "time_wait"):
            if f"tcp_phase.{name}" in fields:
                record[name] = role(fields[f"tcp_phase.{name}"][0], fields)
        record["half_close"] = fields["tcp_phase.half_close"][0].lower()
        again = [n for n, f in stream.items() if "retransmission" in f["tcp_phase.event"]]
        ignored = [n for n, f in stream.items() if "tcp_phase.expert.reset_ignored" in f]
        record["retransmissions"] = str(len(again))
        if ignored:
            record["reset_ignored"] = ",".join(map(str, ignored))
        if case.record:
            record["states"] = _states(case, stream)
        return record

    def read(self, record, case):
        opening, verdict = record["opening"], record["verdict"]
        answers = {"end": self._ends.get(verdict, {verdict}), "again": {record["retransmissions"]}}
        if opening in ("three-way", "simultaneous", "fast-open"):
            answers.update(established={"yes"}, opening={opening})
        elif opening != "mid-stream":
            answers["established"] = {"no"}
        if "closed_by" in record:
            answers["first"] = {record["closed_by"]}
        return answers

    def word(self, record):
        return f"{record['opening']}, {record['verdict']}"

    def unmoved(self, record, frames):
        return set(map(str, frames)) <= set(record.get("reset_ignored", "").split(","))


class _NoExcuse:
    """In the place of a table of tests/truth: what nobody can know counts as well."""

    def find(self, **_):
        return None


_NO_EXCUSE = {"unknowable": _NoExcuse(), "hard": _NoExcuse()}


def _states(case, stream):
    """How many of the states shown after each frame are those that the kernels recorded."""
    score, connection = kernel.Score(), kernel.Connection()
    for frame in case.record:
        fields = stream.get(frame["frame"])
        if fields:
            names = ("sender", "stream", "client.state", "server.state")
            row = {name: fields[f"tcp_phase.{name}"][0] for name in names}
            kernel.check_frame(score, _NO_EXCUSE, ("", "", ""), frame, row, connection)
    return f"{score.right + score.hard_right} of {score.right + score.wrong + score.hard}"


class Wireshark(_FromTshark):
    name = "Wireshark"
    package = "tshark"
    about = "`tcp.completeness`, and its expert infos, on the second pass"
    says = {
        "established": (
            "`tcp.completeness`: SYN, SYN-ACK and ACK (1, 2, 4) all set yes; SYN without one of "
            "the others no; without SYN it does not say"
        ),
        "end": (
            "`tcp.completeness`: RST (32) alone is reset, without SYN-ACK reset or refused; FIN "
            "(16) alone orderly or half-closed; both orderly or reset; neither open, half-open "
            "or unanswered, by the handshake's bits"
        ),
        "first": "sender of the frame with `tcp.connection.fin_active`",
        "again": (
            "frames with `tcp.analysis.retransmission`, `.fast_retransmission` or "
            "`.spurious_retransmission`"
        ),
    }
    SYN, SYN_ACK, ACK, FIN, RST = 1, 2, 4, 16, 32

    def version(self):
        text = self.dissection.tshark.run(["--version"]).out
        return re.search(r"\d+\.\d+\.\d+", text).group(0)

    def record(self, case, stream):
        last = stream[max(stream)]
        shown = last["shown:tcp.completeness"][0].partition(": ")[2].rstrip("]")
        record = {"completeness": shown}
        kinds = [f"tcp.analysis.{kind}retransmission" for kind in ("", "fast_", "spurious_")]
        again = [n for n, fields in stream.items() if any(kind in fields for kind in kinds)]
        record["retransmissions"] = str(len(again))
        for number, fields in sorted(stream.items()):
            if "tcp.connection.fin_active" in fields:
                record["fin_active"] = case.senders[number]
                break
        return record

    def read(self, record, case):
        value = int(re.search(r"(\d+)\)?$", record["completeness"]).group(1))
        answers = {"again": {record["retransmissions"]}}
        if "fin_active" in record:
            answers["first"] = {record["fin_active"]}
        begun, answered = value & self.SYN, value & self.SYN_ACK
        if begun:
            answers["established"] = {"yes" if answered and value & self.ACK else "no"}
        if value & self.FIN:
            answers["end"] = {"orderly", "reset" if value & self.RST else "half-closed"}
        elif value & self.RST:
            answers["end"] = {"reset"} if answered or not begun else {"reset", "refused"}
        elif begun and not answered:
            answers["end"] = {"unanswered"}
        elif begun:
            answers["end"] = {"open" if value & self.ACK else "half-open"}
        else:
            answers["end"] = {"open"}
        return answers

    def word(self, record):
        return record["completeness"]


class Transum(_FromTshark):
    name = "TRANSUM"
    package = "tshark"
    about = (
        "`--enable-protocol transum`, a plugin of Wireshark's, for all ports below 32768, on the second "
        "pass. It measures how long requests wait for their responses; a SYN is a request to it"
    )
    says = {
        "established": (
            "`transum.status` of the first SYN (`SYN and SYN/ACK`): `OK` yes, `Response missing` no"
        )
    }

    def version(self):
        if not self.dissection.has("transum.so"):
            raise Absent("this tshark has no transum.so")
        return Wireshark(self.dissection).version()

    def record(self, case, stream):
        """What is said of the SYN, and of how many requests and responses."""
        syn, pairs = None, 0
        for _, fields in sorted(stream.items()):
            if "transum.status" not in fields:
                continue
            status = fields["shown:transum.status"][0].partition(": ")[2]
            if "SYN" not in fields["transum.calculation"][0]:
                pairs += status == "OK"
            elif syn is None:
                syn = status
        return {"SYN": syn or "none", "pairs": str(pairs)} if syn or pairs else None

    def read(self, record, case):
        answers = {"OK": {"yes"}, "Response missing": {"no"}}
        return {"established": answers.get(record["SYN"])}

    def word(self, record):
        return record["SYN"]


# The others -------------------------------------------------------------------------------------


class Tcptrace(ByAddress):
    name = "tcptrace"
    package = "tcptrace"
    about = "`tcptrace -nl`"
    says = {
        "established": (
            "`complete conn: yes` yes; fewer than two SYNs no; two SYNs and not complete: it "
            "does not say"
        ),
        "end": (
            "`yes` orderly; `RESET` reset, with one SYN reset or refused; `no`: by the SYNs and "
            "FINs that it counts: two FINs orderly, one half-closed, none: two SYNs open or "
            "half-open, one unanswered"
        ),
        "again": "`rexmt data pkts`, both directions (it counts SYN and FIN as data)",
    }

    def version(self):
        need("tcptrace")
        return re.search(
            r"version (\S+)", run(["tcptrace", "-v"], stderr=subprocess.STDOUT)
        ).group(1)

    def records(self, capture):
        text = run(["tcptrace", "-nl", str(capture)])
        for part in re.split(r"^TCP connection \d+:$", text, flags=re.MULTILINE)[1:]:
            ends = re.findall(r"host \w+:\s+(\S+)", part)
            conn = re.search(r"complete conn: (\w+)(?:\s+\(SYNs: (\d)\)\s+\(FINs: (\d)\))?", part)
            again = re.search(r"rexmt data pkts:\s+(\d+)\s+rexmt data pkts:\s+(\d+)", part)
            if len(ends) != 2 or not conn or not again:
                continue
            record = {"complete": conn.group(1)}
            if conn.group(2):
                record.update(SYNs=conn.group(2), FINs=conn.group(3))
            record["rexmt"] = str(int(again.group(1)) + int(again.group(2)))
            yield address_of(ends[0]), address_of(ends[1]), record

    def read(self, record, case):
        complete = record["complete"]
        answers = {"again": {record["rexmt"]}}
        if complete == "yes":
            return {**answers, "established": {"yes"}, "end": {"orderly"}}
        # It counts them where one is missing.
        syns, fins = int(record.get("SYNs", 2)), int(record.get("FINs", 2))
        if syns == 1:
            answers["established"] = {"no"}
        if complete == "RESET":
            answers["end"] = {"reset", "refused"} if syns == 1 else {"reset"}
        elif fins:
            answers["end"] = {"orderly" if fins > 1 else "half-closed"}
        else:
            answers["end"] = [{"open"}, {"unanswered"}, {"open", "half-open"}][min(syns, 2)]
        return answers

    def word(self, record):
        counted = "".join(f", {name} {record[name]}" for name in ("SYNs", "FINs") if name in record)
        return record["complete"] + counted


class Tcpick(ByAddress):
    name = "tcpick"
    package = "tcpick"
    about = "`tcpick -n -C -r`: the states that it prints, one for both ends"
    says = {
        "established": "whether it printed `ESTABLISHED`",
        "end": (
            "the last state: `TIME-WAIT`, `CLOSED` orderly; `FIN-WAIT-1`, `-2` half-closed; "
            "`RESET` reset, without `ESTABLISHED` reset or refused; `SYN-SENT` unanswered; "
            "`SYN-RECEIVED` half-open; `ESTABLISHED` open"
        ),
    }
    _ends = {
        "CLOSED": {"orderly"},
        "TIME-WAIT": {"orderly"},
        "FIN-WAIT-1": {"half-closed"},
        "FIN-WAIT-2": {"half-closed"},
        "SYN-SENT": {"unanswered"},
        "SYN-RECEIVED": {"half-open"},
        "ESTABLISHED": {"open"},
    }

    def version(self):
        need("tcpick")
        return re.search(
            r"tcpick (\S+)", run(["tcpick", "--version"], stderr=subprocess.STDOUT)
        ).group(1)

    def records(self, capture):
        text = re.sub(r"\033\[[0-9;]*m", "", run(["tcpick", "-n", "-C", "-r", str(capture)]))
        sessions = {}
        for number, state, one, other in re.findall(
            r"^(\d+)\s+([A-Z][A-Z0-9-]+)\s+(\S+:\d+) > (\S+:\d+)$", text, re.MULTILINE
        ):
            sessions.setdefault(number, (one, other, []))[2].append(state)
        for one, other, states in sessions.values():
            yield address_of(one), address_of(other), {"states": ",".join(states)}

    def read(self, record, case):
        states = record["states"].split(",")
        established = "ESTABLISHED" in states
        answers = {"established": {"yes" if established else "no"}}
        if states[-1] == "RESET":
            answers["end"] = {"reset"} if established else {"reset", "refused"}
        elif states[-1] in self._ends:
            answers["end"] = self._ends[states[-1]]
        return answers

    def word(self, record):
        return record["states"].split(",")[-1]


class Argus(ByAddress):
    name = "argus"
    workers = 16  # it sleeps for a second at its end
    package = "argus-server and argus-client"
    about = "`argus -S 86400 -r … -w - | ra -z`: letters for what it saw of the connection"
    says = {
        "established": (
            "whether `E` (TCP established) is among the letters; without `s` (SYN) it does not "
            "say"
        ),
        "end": (
            "`R` reset, without `E` reset or refused; `f` or `F` (FIN transmitted, "
            "acknowledged: it has no letter for the second FIN) orderly or half-closed; else "
            "`E` open, `S` half-open, `s` unanswered"
        ),
        "again": "`sloss` and `dloss`, which it calls packets retransmitted or dropped",
    }

    def version(self):
        need("argus", "ra")
        return re.search(r"Version (\S+)", run(["argus", "-h"], stderr=subprocess.STDOUT)).group(1)

    def records(self, capture):
        flows = run(["argus", "-S", "86400", "-r", str(capture), "-w", "-"], errors=None)
        columns = ["saddr", "sport", "daddr", "dport", "state", "sloss", "dloss"]
        read = [
            "ra",
            "-F",
            "/dev/null",
            "-z",
            "-n",
            "-u",
            "-c",
            ",",
            "-r",
            "-",
            "-s",
            *columns,
            "-",
            "tcp",
        ]
        text = run(read, input=flows, errors=None).decode("utf-8", "replace")
        for line in text.splitlines():
            cells = line.split(",")
            if len(cells) != len(columns) or not cells[1].isdigit() or not cells[3].isdigit():
                continue
            one, other = (cells[0], int(cells[1])), (cells[2], int(cells[3]))
            record = {"letters": cells[4].strip() or "none"}
            record["loss"] = str(int(cells[5] or 0) + int(cells[6] or 0))
            yield one, other, record

    def read(self, record, case):
        letters = "" if record["letters"] == "none" else record["letters"]
        answers = {"again": {record["loss"]}}
        if "s" in letters:
            answers["established"] = {"yes" if "E" in letters else "no"}
        if "R" in letters:
            answers["end"] = {"reset"} if "E" in letters else {"reset", "refused"}
        elif "f" in letters or "F" in letters:
            answers["end"] = {"orderly", "half-closed"}
        else:
            for letter, end in (("E", "open"), ("S", "half-open"), ("s", "unanswered")):
                if letter in letters:
                    answers["end"] = {end}
                    break
        return answers

    def word(self, record):
        return record["letters"]


class Conntrack(Tool):
    name = "conntrack"
    package = "nftables"
    about = (
        "`nf_conntrack` of the running Linux kernel, to which the capture is replayed as a router "
        "would see it (`bench/peer/replay.py`): its state after each frame, one for both ends"
    )
    says = {
        "established": (
            "whether it was ever in `ESTABLISHED`; an entry that began there without a SYN does "
            "not say"
        ),
        "opening": "`SYN_SENT2` simultaneous; else three-way or fast-open",
        "end": (
            "the last state: `TIME_WAIT`, `LAST_ACK` orderly; `FIN_WAIT`, `CLOSE_WAIT` "
            "half-closed; `CLOSE`, or an entry taken back, reset, without `ESTABLISHED` reset "
            "or refused; `SYN_SENT`, `SYN_SENT2` unanswered; `SYN_RECV` half-open; "
            "`ESTABLISHED` open"
        ),
    }
    _ends = {
        "TIME_WAIT": {"orderly"},
        "LAST_ACK": {"orderly"},
        "FIN_WAIT": {"half-closed"},
        "CLOSE_WAIT": {"half-closed"},
        "SYN_SENT": {"unanswered"},
        "SYN_SENT2": {"unanswered"},
        "SYN_RECV": {"half-open"},
        "ESTABLISHED": {"open"},
    }

    def version(self):
        need("nft", "ip", "unshare")
        if os.geteuid() != 0:
            raise Absent("only root can make the network that it watches")
        try:
            self._replay("--check")
        except TestFailure as failure:
            last = str(failure).splitlines()[-1]
            raise Absent(f"no nf_conntrack or TUN device to replay to: {last}") from None
        return f"Linux {'.'.join(os.uname().release.split('.')[:2])}"

    def _replay(self, *arguments, text=""):
        python = [sys.executable, "-I", "-S"]  # its own modules are enough, and it starts sooner
        command = ["unshare", "--net", *python, str(HERE / "replay.py"), *arguments]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            raise TestFailure(f"replay.py {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def ask(self, capture, cases):
        ends = [" ".join(map(str, [*case.ends["client"], *case.ends["server"]])) for case in cases]
        wanted = [f"{frame} {end}" for case, end in zip(cases, ends) for frame in case.frames]
        states = dict(
            line.split() for line in self._replay(str(capture), text="\n".join(wanted)).splitlines()
        )
        result = {}
        for case in cases:
            changes, known = [], None
            for frame in case.frames:
                state = states.get(str(frame), "none")
                if state != known and (state != "none" or known is not None):
                    changes.append(f"{state}@{frame}")
                    known = state
            result[case.name] = [{"states": ",".join(changes)}] if changes else []
        return result

    def read(self, record, case):
        states = [change.split("@")[0] for change in record["states"].split(",")]
        established = "ESTABLISHED" in states
        answers = {}
        if states[0] != "ESTABLISHED":
            answers["established"] = {"yes" if established else "no"}
        if "SYN_SENT2" in states:
            answers["opening"] = {"simultaneous"}
        elif established and states[0] != "ESTABLISHED":
            answers["opening"] = {"three-way", "fast-open"}
        if states[-1] in ("CLOSE", "none"):
            answers["end"] = {"reset"} if established else {"reset", "refused"}
        else:
            answers["end"] = self._ends.get(states[-1])
        return answers

    def unmoved(self, record, frames):
        ended = [
            change
            for change in record["states"].split(",")
            if change.startswith(("CLOSE@", "none@"))
        ]
        return not {change.partition("@")[2] for change in ended} & set(map(str, frames))

    def word(self, record):
        last = record["states"].split(",")[-1].split("@")[0]
        return "taken back" if last == "none" else last


def find_ends(dissection, case):
    """The ends of a connection of which only the sender of each frame is known."""
    number = case.frames[0]
    fields = dissection.frames(case.capture)[number]
    ends = [(fields[f"ip.{end}"][0], int(fields[f"tcp.{end}port"][0])) for end in ("src", "dst")]
    roles = ("client", "server") if case.senders[number] == "client" else ("server", "client")
    case.ends = dict(zip(roles, ends))


def all_tools(dissection):
    ours = [TcpPhase(dissection), Wireshark(dissection), Transum(dissection)]
    return [*ours, Suricata(), Tcptrace(), Tcpick(), Argus(), Conntrack()]
