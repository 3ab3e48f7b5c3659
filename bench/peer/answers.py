"""The questions, and how an answer is judged.

An answer is the set of the truths that what the tool said leaves open, by the tool's own
documentation: {"reset"} is one, {"reset", "refused"} a coarse one. None: it does not say.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

# Question -> what is asked, and the answers there are.
QUESTIONS = {
    "established": ("Was the connection established?", "yes, no"),
    "opening": ("How did it open?", "three-way, simultaneous, fast-open"),
    "end": (
        "How did it end?",
        "orderly, half-closed, reset, refused, unanswered, half-open (the handshake was begun and"
        " not finished), open",
    ),
    "first": ("Who closed first?", "client, server, both"),
    "again": ("How many of the segments captured were retransmissions?", "a number"),
}

RIGHT, COARSE, WRONG, SILENT, UNASKED = "✓", "≈", "✗", "–", "·"


def judge(truth, answer):
    """The mark of one answer. truth: a word, or None where the question is not asked."""
    if truth is None:
        return UNASKED
    if not answer:
        return SILENT
    if truth == "both" and answer < {"client", "server"}:
        return COARSE  # one of the two
    if truth not in answer:
        return WRONG
    return RIGHT if len(answer) == 1 else COARSE


def marks(case, answers):
    """Question -> mark."""
    return {name: judge(case.truth.get(name), answers.get(name)) for name in QUESTIONS}


def best(case, tool, records):
    """Where a tool makes several records of one connection, the one that serves it best."""
    order = [WRONG, SILENT, UNASKED, COARSE, RIGHT]

    def worth(record):
        given = marks(case, tool.read(record, case)).values()
        return [-list(given).count(WRONG), sum(order.index(mark) for mark in given)]

    return max(records, key=worth)
