#!/usr/bin/env python3
"""What is said of the captures that the guide walks through, in every language; and which language.

languages.py --plugins BUILD/plugins words        label, explanation and summary of each segment,
                                                  against words.LANGUAGE.tsv, in every mode
languages.py --plugins BUILD/plugins choice       the preference, the environment, the Info column;
                                                  all but prose is the same in every language
languages.py --plugins BUILD/plugins write        writes words.LANGUAGE.tsv anew: read the changes
             --checker asan                       ... under AddressSanitizer

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import pathlib
import sys

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "common")]

import modes  # noqa: E402
from expectations import CONVERSATION, PROSE, SEGMENT  # noqa: E402
from golden import Report, captures_of, merged_files  # noqa: E402
from tshark import CAPTURES, TestFailure, Tshark, argument_parser  # noqa: E402

LANGUAGES = ["en", "zh_CN", "zh_TW"]
CASES = ["000", "001", "002", "003", "004a", "004b"]
SAID = ["label", "explanation", "summary"]
HEADER = ["case", "frame", *SAID]

# What only its own language says of a SYN.
FIRST_LABEL = {
    "en": "Handshake 1/3: SYN",
    "zh_CN": "第一次握手：SYN",
    "zh_TW": "第一次交握：SYN",
}

# LC_ALL, LC_MESSAGES, LANG, the preference: the language.
CHOICES = [
    (None, None, None, None, "en"),
    ("C.UTF-8", None, "zh_CN.UTF-8", None, "en"),
    (None, None, "zh_CN.UTF-8", None, "zh_CN"),
    (None, None, "zh_TW.UTF-8", None, "zh_TW"),
    (None, "zh_HK.UTF-8", "zh_CN.UTF-8", None, "zh_TW"),
    ("zh_CN.UTF-8", "zh_TW.UTF-8", "en_GB.UTF-8", None, "zh_CN"),
    ("", "", "zh_Hant_SG.UTF-8", None, "zh_TW"),
    ("de_DE.UTF-8", None, "zh_CN.UTF-8", None, "en"),
    ("C.UTF-8", None, None, "zh_TW", "zh_TW"),
    ("zh_TW.UTF-8", None, None, "zh_CN", "zh_CN"),
    ("zh_TW.UTF-8", None, None, "en", "en"),
    ("zh_TW.UTF-8", None, None, "auto", "zh_TW"),
]

# A tree shows no more octets of an item than this (ITEM_LABEL_LENGTH), its name among them.
SHOWN = 240 - len("Explanation: ") - 1


def table(language):
    return HERE / f"words.{language}.tsv"


def preference(language):
    return ["-o", f"tcp_phase.language:{language}"]


def observe(tshark, language):
    """The rows of a language's table, as the second of two passes says them."""
    for case in CASES:
        capture = tshark.stage(CAPTURES / case / "capture.pcapng")
        for row in modes.fields(tshark, capture, SAID, ["-2", *preference(language)]):
            yield {"case": case, **row}


def read(language):
    lines = table(language).read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def write(_, tshark):
    for language in LANGUAGES:
        rows = [[row[column] for column in HEADER] for row in observe(tshark, language)]
        lines = ["\t".join(row) for row in [HEADER, *rows]]
        table(language).write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def words(report, tshark):
    for language in LANGUAGES:
        expected = read(language)
        got = list(observe(tshark, language))
        report.same(language, "rows", len(expected), len(got))
        for want, row in zip(expected, got):
            where = f"{language} {row['case']} frame {row['frame']}"
            for column in HEADER:
                report.same(where, column, want[column], row[column])
    for case in ("000", "004b"):
        for language in LANGUAGES:
            modes_agree(report, tshark, case, language)


def modes_agree(report, tshark, case, language):
    """Columns, JSON, PDML and the text of the tree say what -T fields says."""
    capture = tshark.stage(CAPTURES / case / "capture.pcapng")
    options = preference(language)
    reference = modes.fields(tshark, capture, SAID, options)
    others = {
        "json": modes.json_tree(tshark, capture, SAID, options),
        "pdml": modes.pdml(tshark, capture, SAID, options),
        "columns": modes.columns(tshark, capture, SAID, options),
    }
    for mode, rows in others.items():
        report.same(f"{language} {case} {mode}", "rows", reference, rows)
    trees = modes.text_labels(tshark, capture, options)
    for row in reference:
        tree = trees.get(row["frame"], "")
        where = f"{language} {case} -V frame {row['frame']}"
        report.same(where, "first line", f"[TCP Phases: {row['label']}]", tree.split("\n")[0])
        report.same(where, "explanation", True, f"[Explanation: {row['explanation']}]" in tree)


def choice(report, tshark):
    tokens_stay_english(report, tshark)
    if not tshark.checker:  # the rest comes to the same code
        the_language_is_chosen(report, tshark)
        the_info_column_follows(report, tshark)


def the_language_is_chosen(report, tshark):
    capture = tshark.stage(CAPTURES / "003" / "capture.pcapng")
    usual = dict(tshark.environment)
    for *environment, chosen, language in CHOICES:
        for name, value in zip(("LC_ALL", "LC_MESSAGES", "LANG"), environment):
            tshark.environment.pop(name, None)
            if value is not None:
                tshark.environment[name] = value
        options = preference(chosen) if chosen else []
        label = modes.fields(tshark, capture, ["label"], options)[0]["label"]
        report.same(f"{environment} {chosen}", "label", FIRST_LABEL[language], label)
    tshark.environment = usual


def the_info_column_follows(report, tshark):
    capture = tshark.stage(CAPTURES / "003" / "capture.pcapng")
    for language in LANGUAGES:
        info = ["-o", 'gui.column.format:"Info","%i"']
        out = tshark.run(["-r", capture, *preference(language), *info]).out.strip()
        report.same(language, "Info", FIRST_LABEL[language], out.split(" | ")[0])


def octets(row):
    return len(row["explanation"].encode())


def tokens_stay_english(report, tshark):
    """In all captures: whatever is no prose is the same, and prose is there, and says it all."""
    rest = [field for field in [*SEGMENT, *CONVERSATION] if field not in SAID]
    folders = sorted(path.parent for path in CAPTURES.glob("*/README.md"))
    for path, _ in merged_files(tshark, folders):
        english = modes.fields(tshark, path, [*rest, *SAID], preference("en"))
        for language in LANGUAGES[1:]:
            rows = modes.fields(tshark, path, [*rest, *SAID], preference(language))
            report.same(f"{path.name} {language}", "rows", len(english), len(rows))
            for want, row in zip(english, rows):
                where = f"{path.name} {language} frame {row['frame']}"
                for field in rest:
                    report.same(where, field, want.get(field), row.get(field))
                for field in SAID:
                    report.same(where, field, True, row[field] != want[field])
                if octets(want) <= SHOWN < octets(row):
                    report.fail(f"{where}: the tree cuts {row['explanation']}, but not the English")
        if tshark.checker:  # the first file has all but a few cases
            break


def main():
    parser = argument_parser(__doc__)
    parser.add_argument("--checker", choices=["asan"])
    parser.add_argument("what", choices=["words", "choice", "write"])
    options = parser.parse_args()

    report = Report()
    try:
        with Tshark(options.plugins, options.checker, options.tshark) as tshark:
            {"words": words, "choice": choice, "write": write}[options.what](report, tshark)
    except TestFailure as failure:
        report.fail(str(failure))
    return 0 if options.what == "write" and not report.failures else report.end()


if __name__ == "__main__":
    sys.exit(main())
