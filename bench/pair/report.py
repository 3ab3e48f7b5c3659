"""Figures of what was measured, each with its limit, as tables: for a terminal and for the
document.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import measures
from measures import BULK, COUNTED_LOADS, IDLE_CONNECTIONS, LIGHT, LOADS, load_name, median
from workbench import OURS, RAW

PROCESSOR_MAX = 1.10  # of the raw server's time
CLIENT_MAX = 1.10  # of the server's time
CALLS_MAX = {(1, 64, 1): 3.05, (50, 64, 32): 0.12, (50, 4096, 8): 0.4}
CLOCKS_MAX = 2  # of a batch
MEMORY_MAX = 400
FAIRNESS_MAX = 10

LOAD_HEAD = ["connections", "octets", "in flight"]


class Table:
    """.title, .text below it, .head, .rows of strings; .missed: what is above its limit."""

    def __init__(self, title, text, head):
        self.title, self.text, self.head, self.rows, self.missed = title, text, head, [], []

    def add(self, *cells, value=None, limit=None):
        """value: what has to be no more than the limit."""
        name = " ".join(cells[: 3 if self.head[:3] == LOAD_HEAD else 1])
        self.rows.append([*cells, "" if limit is None else f"{limit:g}"])
        if limit is not None and value > limit:
            self.missed.append(f"{self.title}, {name}: {value:.4g}, not {limit:g}")

    def as_text(self):
        lines = [self.head, *self.rows]
        widths = [max(len(line[at]) for line in lines) for at in range(len(self.head))]
        yield self.title
        for line in lines:
            cells = [cell.rjust(width) for cell, width in zip(line, widths)]
            yield "  " + "  ".join(cells)

    def as_markdown(self):
        yield f"## {self.title}"
        yield ""
        yield self.text
        yield ""
        yield "| " + " | ".join(self.head) + " |"
        yield "|" + "---:|" * len(self.head)
        for line in self.rows:
            yield "| " + " | ".join(line) + " |"


def _load_cells(load):
    return [f"{number:,}" for number in load]


def _spread(values):
    return f"{min(values):.2f} to {max(values):.2f}"


def _processor(seen):
    rounds = len(seen[load_name(LOADS[0])][OURS])
    server = Table(
        "The server's processor time",
        "Microseconds for a request in the fastest round, for what else the machine does only adds "
        f"to them; the ratio is the median of {rounds} rounds' ratios, in each of which both had a "
        f"load of {seen['seconds']:g} s. `raw epoll` is "
        "[bench/pair/raw_server.c](../bench/pair/raw_server.c): the protocol on epoll, and nothing "
        "else.",
        [*LOAD_HEAD, "raw epoll", "server", "ratio", "of the rounds", "at most"],
    )
    client = Table(
        "The client's processor time",
        "The same of the client, with every answer checked, in the same runs; the ratio is to the "
        "server's time.",
        [*LOAD_HEAD, "server", "client", "ratio", "of the rounds", "at most"],
    )
    for load in LOADS:
        raw, ours = seen[load_name(load)][RAW], seen[load_name(load)][OURS]
        times = [min(run[0] for run in raw), min(run[0] for run in ours)]
        ratios = [mine[0] / other[0] for mine, other in zip(ours, raw)]
        _add_ratio(server, load, times, ratios, PROCESSOR_MAX)
        times = [times[1], min(run[1] for run in ours)]
        _add_ratio(client, load, times, [run[1] / run[0] for run in ours], CLIENT_MAX)
    return [server, client]


def _add_ratio(table, load, times, ratios, limit):
    ratio = median(ratios)
    cells = [f"{time:.3f}" for time in times] + [f"{ratio:.3f}", _spread(ratios)]
    table.add(*_load_cells(load), *cells, value=round(ratio, 3), limit=limit)


def _calls(seen):
    calls = Table(
        "System calls",
        "For a request, counted by a preloaded library "
        "([bench/pair/count_calls.c](../bench/pair/count_calls.c)).",
        [*LOAD_HEAD, "raw epoll", "server", "at most"],
    )
    for load in COUNTED_LOADS:
        each = []
        for name in (RAW, OURS):
            counts = seen[load_name(load)][name]
            each.append(measures.system_calls(counts) / counts["requests"])
        cells = [f"{value:.4f}" for value in each]
        calls.add(*_load_cells(load), *cells, value=each[1], limit=CALLS_MAX[load])
    clocks = Table(
        "Readings of the clock",
        "What a request costs with times is paid for each batch, which is what one read brings.",
        ["", "requests", "batches", "readings", "for a batch", "at most"],
    )
    counts = seen["times"]
    each = counts["clock"] / counts["recv"]
    cells = [f"{counts[name]:,}" for name in ("requests", "recv", "clock")] + [f"{each:.4f}"]
    name = "{} connections, {} octets, {} in flight".format(*COUNTED_LOADS[1])
    clocks.add(name, *cells, value=each, limit=CLOCKS_MAX)
    return [calls, clocks]


def _memory(seen):
    table = Table(
        "Memory",
        f"Octets of resident memory for each of {IDLE_CONNECTIONS:,} connections: before their "
        "first request, and after it.",
        ["", "idle", "used", "at most"],
    )
    table.add("raw epoll", f"{seen[RAW]['idle']:.0f}", f"{seen[RAW]['used']:.0f}")
    ours = seen[OURS]
    worst = max(ours["idle"], ours["used"])
    table.add("server", f"{ours['idle']:.0f}", f"{ours['used']:.0f}", value=worst, limit=MEMORY_MAX)
    return [table]


def _fairness(rounds):
    table = Table(
        "Neighbours",
        "Round trips of {connections} connections with {rate:,} requests of 64 octets a second in "
        "all (open loop), ".format(**LIGHT)
        + "alone and beside {connections} connections that send {octets:,} octets with {in_flight} "
        "requests in flight; microseconds, medians of {} rounds.".format(len(rounds), **BULK),
        ["", "p50", "p99", "p99 ratio", "of the rounds", "at most"],
    )
    alone, beside = (
        [f"{median(one[name][p] for one in rounds):.0f}" for p in ("p50", "p99")]
        for name in ("alone", "beside")
    )
    ratios = [one["beside"]["p99"] / one["alone"]["p99"] for one in rounds]
    bulk = median(one["bulk"] for one in rounds)
    ratio = round(median(ratios), 2)
    table.add("alone", *alone, "", "")
    table.add(
        f"beside {bulk:,.0f} MB/s each way", *beside, f"{ratio:.2f}", _spread(ratios),
        value=ratio, limit=FAIRNESS_MAX,
    )  # fmt: skip
    return [table]


def _dissection(seen):
    table = Table(
        "The dissector",
        f"A capture of {seen['requests']:,} real requests ({seen['frames']:,} frames), against "
        "what the octets of the streams say.",
        ["capture", "matched", "wrong matches", "with times", "not their sum", "wrong, at most"],
    )
    names = {
        "whole": "whole", "cut": "96 octets of each frame", "gaps": "without 5 % of the frames",
        "later": "the second half, begun within a frame",
    }  # fmt: skip
    for key, name in names.items():
        found = seen[key]
        wrong = found["wrong"] + found["unequal"]
        if key == "whole":
            wrong += 2 * seen["requests"] - found["matched"] - found["timed"]
        cells = [f"{found[n]:,}" for n in ("matched", "wrong", "timed", "unequal")]
        table.add(name, *cells, value=wrong, limit=0)
    return [table]


PARTS = {
    "processor": _processor,
    "calls": _calls,
    "memory": _memory,
    "fairness": _fairness,
    "dissection": _dissection,
}


def tables(report):
    """Of the parts that were measured."""
    return [
        table
        for part, make in PARTS.items()
        if part in report["parts"]
        for table in make(report["parts"][part])
    ]


def as_text(report):
    """Lines for a terminal."""
    for name, value in report["facts"].items():
        yield f"{name:<10} {value}"
    for table in tables(report):
        yield ""
        yield from table.as_text()


INTRODUCTION = """\
# What the echo pair costs

Server and client over the loopback interface, each with one thread and a processor of its own.
Runs are interleaved, and the processors exchanged in each round. Times are facts of the machine;
ratios and counts carry over. This file is written by

```sh
./dev bench --echo --write
```
"""
END = """
What it takes to begin and end the connections is not in the figures for a request: a run of one
request on each connection is subtracted. `--json FILE` keeps the numbers of every round."""


def as_markdown(report):
    """The document's lines."""
    yield INTRODUCTION
    yield "| | |"
    yield "|---|---|"
    for name, value in report["facts"].items():
        yield f"| {name} | {value} |"
    for table in tables(report):
        yield ""
        yield from table.as_markdown()
    yield END
