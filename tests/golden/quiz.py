#!/usr/bin/env python3
"""The preference tcp_phase.quiz: what a student is to name says "?" everywhere, and the answers say what
is said without it.

quiz.py --plugins BUILD/plugins [--checker asan]

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import pathlib
import re
import sys

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "common")]

import modes  # noqa: E402
from expectations import CONVERSATION, KIND, SEGMENT  # noqa: E402
from golden import SELECTION, Report, merged_files  # noqa: E402
from tshark import CAPTURES, TestFailure, Tshark, argument_parser  # noqa: E402

HIDDEN = ["label", "explanation", "step", "client.state", "server.state", "transition", "summary"]
ANSWERS = [f"answer.{field}" for field in HIDDEN]
SHOWN = [field for field in [*SEGMENT, *CONVERSATION] if field not in HIDDEN]
QUIZ = ["-o", "tcp_phase.quiz:TRUE"]

KIND.update({f"answer.{field}": KIND[field] for field in HIDDEN})
modes.PROSE.update({field: KIND[field] for field in ANSWERS if field.endswith(("label", "nation"))})


def only_questions(cell):
    """One for each layer of the frame."""
    return set(cell.split(",")) == {"?"}


def compare(report, where, plain, asked):
    """Rows without the quiz and rows with it."""
    report.same(where, "rows", len(plain), len(asked))
    for want, row in zip(plain, asked):
        here = f"{where} frame {row['frame']}"
        for field in HIDDEN:
            report.same(here, f"{field} is hidden", True, only_questions(row.get(field, "")))
            report.same(here, f"answer.{field}", want.get(field), row.get(f"answer.{field}"))
        for field in SHOWN:
            report.same(here, field, want.get(field), row.get(field))


def check_modes(report, tshark, path):
    wanted = [*SHOWN, *HIDDEN, *ANSWERS]
    ways = {"fields": modes.fields, "json": modes.json_tree, "columns": modes.columns}
    for way, read in ways.items():
        plain = read(tshark, path, wanted, [])
        for row in plain:
            report.same(path.name, "answers without a quiz", [], [f for f in ANSWERS if f in row])
        compare(report, f"{path.name} {way}", plain, read(tshark, path, wanted, QUIZ))
        if tshark.checker and way == "json":
            break


def check_text(report, tshark, path):
    """The tree: nothing but questions in front of the answers, then everything."""
    plain = modes.text_labels(tshark, path)
    asked = modes.text_labels(tshark, path, QUIZ)
    report.same(path.name, "trees", sorted(plain), sorted(asked))
    for frame, tree in asked.items():
        where = f"{path.name} -V frame {frame}"
        for layer in re.split(r"^(?=\[TCP Phases)", tree, flags=re.MULTILINE)[1:]:
            questions, answers = layer.split("    [Answer]\n")
            lines = [line.strip() for line in questions.splitlines()]
            told = [line for line in lines if not re.fullmatch(r"\[[A-Za-z ]+: \?\]", line)]
            report.same(where, "told before the answer", [], told)
            report.same(where, "questions", len(HIDDEN) + 1, len(lines))
            label = re.search(r"\[Label: (.*)\]", answers).group(1)
            report.same(where, "the answer's label", True, f"[Label: {label}]" in plain[frame])


def check_info(report, tshark, path):
    layout = 'gui.column.format:"Stream","%Cus:tcp_phase.stream:0:R","Info","%i"'
    info = ["-r", path, "-T", "tabs", "-o", layout]
    for line in tshark.run([*info, *QUIZ]).out.splitlines():
        stream, text = (cell.strip() for cell in line.split("\t", 1))
        report.same(path.name, f"Info {text}", stream != "", text.startswith("? | "))
    off = tshark.run([*info, *QUIZ, "-o", "tcp_phase.info_column:off"]).out
    report.same(path.name, "Info, when it is off", False, "? | " in off)


def check_filters(report, tshark, path):
    """Tokens are filtered as ever, what is hidden by its answer."""
    pairs = [
        ('tcp_phase.phase == "teardown"', 'tcp_phase.phase == "teardown"'),
        ('tcp_phase.event == "rst"', 'tcp_phase.event == "rst"'),
        ('tcp_phase.expert.half_close', 'tcp_phase.expert.half_close'),
        ('tcp_phase.step == "2/4"', 'tcp_phase.answer.step == "2/4"'),
        ('tcp_phase.server.state == "TIME_WAIT"', 'tcp_phase.answer.server.state == "TIME_WAIT"'),
    ]
    for plain, asked in pairs:
        frames = [
            tshark.run(["-r", path, *options, "-Y", text, "-T", "fields", "-e", "frame.number"]).out
            for text, options in ((plain, []), (asked, QUIZ))
        ]
        report.same(path.name, asked, frames[0], frames[1])
        report.same(path.name, f"{asked} finds some", True, frames[1] != "")


def main():
    parser = argument_parser(__doc__)
    parser.add_argument("--checker", choices=["asan"])
    options = parser.parse_args()

    report = Report()
    folders = [CAPTURES / case for case in SELECTION]
    try:
        with Tshark(options.plugins, options.checker, options.tshark) as tshark:
            path, _ = next(merged_files(tshark, folders))
            check_modes(report, tshark, path)
            check_text(report, tshark, path)
            check_info(report, tshark, path)
            if not tshark.checker:  # many runs, and nothing new for it
                check_filters(report, tshark, path)
    except TestFailure as failure:
        report.fail(str(failure))
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
