"""docs/peers.md, from what was recorded.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

from answers import COARSE, QUESTIONS, RIGHT, SILENT, UNASKED, WRONG, best, marks
from tools import TcpPhase, Wireshark

HEAD = """\
# What others say of the same captures

<!-- Written by `./dev bench --peers --write`; bench/peers says how. -->

Other programs say something of TCP connections too. Here they are asked the same questions about
the same captures as the plugin: those of [test-captures/](../test-captures/README.md), {count}
connections. The truth is what the two Linux kernels recorded of their own sockets; for the six
captures rebuilt from texts it is what was worked out by hand. No answer of the plugin is part of
it. What a tool does not say is not counted as wrong, and where its words can be read in two ways,
the reading is the one that serves it.

{right} right · {coarse} right, but its word stands for something else as well · {wrong} wrong ·
{silent} it does not say · {unasked} not asked
"""


class Results:
    """What each tool said (case name -> records), and the marks."""

    def __init__(self, cases, tools, said, versions):
        self.cases, self.tools, self.versions = cases, tools, versions
        self.said = said  # (tool name, case name) -> records; absent: it was not asked yet
        self.chosen, self.marks = {}, {}
        for tool in tools:
            for case in cases:
                key = (tool.name, case.name)
                records = said.get(key, [])
                self.chosen[key] = best(case, tool, records) if records else None
                given = tool.read(self.chosen[key], case) if records else {}
                self.marks[key] = marks(case, given)

    def record(self, tool, case):
        return self.chosen[(tool.name, case.name)]

    def count(self, tool, mark, questions=tuple(QUESTIONS)):
        return sum(
            self.marks[(tool.name, case.name)][name] == mark
            for case in self.cases
            for name in questions
        )

    def cell(self, tool, case):
        key = (tool.name, case.name)
        given = "".join(self.marks[key].values())
        if key not in self.said:
            return "not run"
        if self.chosen[key] is None:
            return f"nothing {given}"
        return f"`{tool.word(self.chosen[key])}` {given}"


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


def document(results):
    parts = [
        HEAD.format(
            count=len(results.cases),
            right=RIGHT,
            coarse=COARSE,
            wrong=WRONG,
            silent=SILENT,
            unasked=UNASKED,
        ),
        "## Who gets how much right\n",
        summary(results),
        "By question: right / right, coarsely / wrong / not said.\n",
        by_question(results),
        "## What only some speak of\n",
        "How many are right, of the connections where it happened and of which the tool speaks.\n",
        specials(results),
        "## Where `tcp_phase` is wrong\n",
        own_faults(results),
        "## What is said of `tcp.completeness`, measured\n",
        claims(results),
        "## Connection by connection\n",
        "Each cell has the tool's own word for the connection and five marks: established,\n"
        "opening, end, who closed first, retransmissions.\n",
        by_connection(results),
        "## What was asked, and what counts as an answer\n",
        method(results),
    ]
    return "\n".join(parts)


def summary(results):
    rows = []
    for tool in results.tools:
        answered = sum(results.record(tool, case) is not None for case in results.cases)
        counts = [results.count(tool, mark) for mark in (RIGHT, COARSE, WRONG, SILENT)]
        rows.append(
            [f"{tool.name} {results.versions.get(tool.name, '')}".strip(), answered, *counts]
        )
    header = ["tool", "connections it speaks of", "right", "right, coarsely", "wrong", "not said"]
    return table(header, rows)


def by_question(results):
    rows = []
    for name, (text, _) in QUESTIONS.items():
        row = [text]
        for tool in results.tools:
            counts = [results.count(tool, mark, [name]) for mark in (RIGHT, COARSE, WRONG, SILENT)]
            row.append(" / ".join(map(str, counts)))
        rows.append(row)
    return table(["question", *(tool.name for tool in results.tools)], rows)


# What only some speak of ------------------------------------------------------------------------


def specials(results):
    rows = []
    for kind in ("SYN", "SYN-ACK", "FIN", "data"):
        among = [
            case for case in results.cases if kind in case.facts["again"] and "again" in case.truth
        ]
        rows.append(_special(results, f"{kind} sent again, and counted", among, _counted))
    twice = [case for case in results.cases if case.facts["copies"]]
    copied = [case for case in results.cases if case.facts["duplicates"]]
    rows.append(_special(results, "captured twice, sent once", twice, _counted))
    rows.append(_special(results, "doubled by the network, sent once", copied, _counted))
    ignored = [case for case in results.cases if case.facts["ignored"]]
    rows.append(_special(results, "a RST without effect, and it goes on", ignored, _goes_on))
    crossed = [case for case in results.cases if case.facts["simultaneous close"]]
    rows.append(_special(results, "FINs that cross", crossed, _crossed))
    half = [c for c in results.cases if c.facts["half-close"] and "first" in c.truth]
    rows.append(_special(results, "data after the other end's FIN", half, _half_close))
    waiting = [case for case in results.cases if case.facts.get("time_wait")]
    rows.append(_special(results, "who is left in TIME_WAIT", waiting, _time_wait))
    rows.append(_states(results))
    return table(["what", "where", *(tool.name for tool in results.tools)], rows)


def _states(results):
    """States of both ends after each segment, of those that a kernel recorded."""
    row = ["both ends' states after each segment", "all that a kernel recorded"]
    for tool in results.tools:
        right = total = 0
        for case in results.cases:
            said = (results.record(tool, case) or {}).get("states", "")
            if isinstance(tool, TcpPhase) and said:
                right += int(said.split(" of ")[0])
                total += int(said.split(" of ")[1])
        row.append(f"{right} of {total}" if total else SILENT)
    return row


def _special(results, what, cases, right):
    """One row. right(results, tool, case, record) is True, False or None (it does not say)."""
    names = ", ".join(case.name for case in cases)
    row = [what, names if len(cases) <= 4 else f"{len(cases)} connections"]
    for tool in results.tools:
        given = []
        for case in cases:
            record = results.record(tool, case)
            given.append(None if record is None else right(results, tool, case, record))
        known = [answer for answer in given if answer is not None]
        row.append(f"{sum(known)} of {len(known)}" if known else SILENT)
    return row


def _counted(results, tool, case, record):
    mark = results.marks[(tool.name, case.name)]["again"]
    return None if mark in (SILENT, UNASKED) else mark == RIGHT


def _goes_on(results, tool, case, record):
    answer = tool.unmoved(record, case.facts["ignored"])
    if "end" not in tool.says:
        return answer
    end = tool.read(record, case).get("end") or {"reset"}
    if answer is None and case.truth["end"] != "reset" and end <= {"reset", "refused"}:
        return False  # it took the RST for the end
    return answer


def _crossed(results, tool, case, record):
    return record["closing"] == "simultaneous" if isinstance(tool, TcpPhase) else None


def _half_close(results, tool, case, record):
    return record["half_close"] in ("1", "true") if isinstance(tool, TcpPhase) else None


def _time_wait(results, tool, case, record):
    return (
        record.get("time_wait") == case.facts["time_wait"] if isinstance(tool, TcpPhase) else None
    )


# Faults and sayings -----------------------------------------------------------------------------


def own_faults(results):
    ours = next(tool for tool in results.tools if isinstance(tool, TcpPhase))
    rows = []
    for case in results.cases:
        given = results.marks[(ours.name, case.name)]
        for name, mark in given.items():
            if mark == WRONG:
                said = ours.read(results.record(ours, case), case)[name]
                others = [
                    f"{tool.name} {results.marks[(tool.name, case.name)][name]}"
                    for tool in results.tools
                    if results.marks[(tool.name, case.name)][name] in (RIGHT, COARSE)
                ]
                text = QUESTIONS[name][0]
                rows.append(
                    [
                        case.name,
                        text,
                        case.truth[name],
                        ", ".join(said),
                        ", ".join(others) or SILENT,
                    ]
                )
    if not rows:
        return "Nowhere in these captures.\n"
    return table(["connection", "question", "truth", "`tcp_phase`", "who is right"], rows)


def claims(results):
    wireshark = next(tool for tool in results.tools if isinstance(tool, Wireshark))
    records = {case.name: results.record(wireshark, case) for case in results.cases}
    shown = {name: wireshark.word(record) for name, record in records.items() if record}
    cases = [case for case in results.cases if case.name in shown and "end" in case.truth]

    def listed(chosen):
        return ", ".join(f"{c.name} `{shown[c.name]}` ({_ending(c)})" for c in chosen)

    def begins(case, word):
        return shown[case.name].startswith(word)

    good = [case for case in cases if case.truth["established"] == "yes"]
    third = [case for case in good if case.facts["third has data"]]
    sayings = [
        (
            "“Complete”, and a FIN was never acknowledged",
            [c for c in good if c.facts["unacknowledged"] and begins(c, "Complete")],
            [c for c in good if c.facts["unacknowledged"] and not begins(c, "Complete")],
        ),
        (
            "“Incomplete”, and the connection was good: the handshake's third segment has data",
            [c for c in third if begins(c, "Incomplete")],
            [c for c in third if not begins(c, "Incomplete")],
        ),
        (
            "“ESTABLISHED”, and the client never answered the SYN-ACK",
            [c for c in cases if c.truth["end"] == "half-open" and "ESTABLISHED" in shown[c.name]],
            [
                c
                for c in cases
                if c.truth["end"] == "half-open" and "ESTABLISHED" not in shown[c.name]
            ],
        ),
    ]
    rows = [[text, listed(so) or "nowhere", listed(otherwise)] for text, so, otherwise in sayings]
    same = {}
    for case in cases:
        word = shown[case.name].rpartition(" (")[0]
        same.setdefault(word, {}).setdefault(_ending(case), []).append(case)
    looks = [[f"`{word}`", _endings(ends, shown)] for word, ends in sorted(same.items())]
    return (
        table(["said", "so it is", "otherwise"], rows)
        + "\nAnd endings that look the same: what each of its words stands for here.\n\n"
        + table(["`tcp.completeness`", "what the kernels recorded"], looks)
    )


def _ending(case):
    """The end, with what a RST ended."""
    end = case.truth["end"]
    if end == "reset" and case.truth["established"] == "no":
        return "reset in the handshake"
    if end == "reset":
        return "reset after a FIN" if case.facts["fins"] else "reset before any FIN"
    return f"{end}, with a RST that nobody took" if case.facts["ignored"] else end


def _endings(ends, shown):
    parts = []
    for end, among in sorted(ends.items()):
        values = sorted({int(shown[case.name].rpartition("(")[2].rstrip(")")) for case in among})
        names = (
            ", ".join(case.name for case in among) if len(among) <= 5 else f"{len(among)} of them"
        )
        parts.append(f"{end} ({', '.join(map(str, values))}: {names})")
    return "; ".join(parts)


# Connection by connection, and the method -------------------------------------------------------


def by_connection(results):
    rows = []
    for case in results.cases:
        truth = dict(case.truth)
        words = [truth.get("opening") or ("established" if truth["established"] == "yes" else "")]
        words += [truth.get("end", "never was"), truth.get("first", "")]
        if truth.get("again", "0") != "0":
            words.append(f"{truth['again']} again")
        text = ", ".join(word for word in words if word) + (" (by hand)" if case.by_hand else "")
        row = [case.name, text, *(results.cell(tool, case) for tool in results.tools)]
        scenario, _, number = case.name.partition("#")
        if rows and number and rows[-1][1:] == row[1:] and rows[-1][0].startswith(f"{scenario}#"):
            rows[-1][0] = f"{rows[-1][0].split(' ')[0]} to {number}"
        else:
            rows.append(row)
    return table(["connection", "truth", *(tool.name for tool in results.tools)], rows)


NOTES = """\
The truth of an opening, an end and who closed first is the record's (`truth.json`), as far as the
capture goes: one that stops before the first FIN ends “open”. A retransmission is a segment all
of whose sequence numbers that end has used before in this capture, by the record; copies do not
count. Connections are told apart by the kernels; where a tool makes two of one, the one that
serves it best counts, and where it makes one of two, it says nothing of the second. Probes of a
port scanner that belong to no connection are asked one thing: whether there was one. Who saw no
SYN is not held to say whether there was a handshake.

Of each scenario the client's capture is taken. `bench/peer/recorded.tsv` has all that the tools
said, in their own words. Those that are not installed keep what they said the last time.

Suricata is Debian 13's. Not here: Zeek, which Debian does not package, and whose words
[zeek.md](zeek.md) is about; tstat, likewise; nfdump and softflowd, whose NetFlow records hold the
flags seen and no word about them.
"""


def method(results):
    lines = [table(["question", "answers"], [[text, words] for text, words in QUESTIONS.values()])]
    for tool in results.tools:
        rows = [
            [text, tool.says.get(name, "does not say")] for name, (text, _) in QUESTIONS.items()
        ]
        package = f" (Debian: {tool.package})" if tool.package else ""
        lines.append(
            f"**{tool.name}**{package}: {tool.about}\n\n" + table(["question", "read from"], rows)
        )
    return "\n".join([*lines, NOTES])
