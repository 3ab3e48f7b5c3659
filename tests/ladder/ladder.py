#!/usr/bin/env python3
"""-z tcp_phase,ladder through tshark.

ladder.py --plugins BUILD/plugins PART...    all parts without a name
          --checker asan                     ... under a checker

en zh_CN zh_TW
          the founding captures in every format, in one pass and in two, in that language
captures  all captures of test-captures: SVG that xmllint takes, with nothing over anything else; life lines
          that are straight; what Mermaid can read
names     names that mean harm
files     what is written where, and what is left where that fails
limits    more conversations than can be looked at, filters, captures without any

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "golden"), str(HERE.parent / "common")]

import drawings  # noqa: E402
import pcapng  # noqa: E402
from golden import captures_of, merge  # noqa: E402
from tshark import CAPTURES, NOBODY, TestFailure, Tshark, argument_parser  # noqa: E402

FORMATS = ["text", "svg", "mermaid", "segments", "story"]
LANGUAGES = ["en", "zh_CN", "zh_TW"]
CASES = ["000", "001", "002", "003", "004a", "004b"]
# What docs/ladder.md shows beside them.
SHOWN = {
    "simul_close": "capture.pcapng",
    "synack_lost": "capture.server.pcapng",
    "bulk_offload": "capture.pcapng",
}
PICTURES = HERE.parents[1] / "docs" / "images"
MOST = 50  # conversations


def golden(case, language, kind):
    """Where the text is kept. The SVGs are the pictures of docs/ladder.md."""
    if kind == "svg":
        suffix = "" if language == "en" else f".{language}"
        return PICTURES / f"ladder-{case}{suffix}.svg"
    return HERE / "golden" / f"{case}.{language}.{kind}"


class Report:
    LIMIT = 40

    def __init__(self):
        self.checks = self.failures = 0

    def check(self, where, holds, what):
        self.checks += 1
        if not holds:
            self.failures += 1
            if self.failures <= self.LIMIT:
                print(f"FAIL {where}: {what}")

    def same(self, where, expected, got):
        if expected == got:
            return self.check(where, True, "")
        expected, got = expected.splitlines(), got.splitlines()
        for number, (was, now) in enumerate(zip(expected, got), 1):
            if was != now:
                return self.check(where, False, f"line {number}\n  expected {was!r}\n  got      {now!r}")
        return self.check(where, False, f"{len(expected)} lines expected, {len(got)} got")

    def end(self):
        print(f"{self.checks} checks, {self.failures} failed")
        return 1 if self.failures or not self.checks else 0


def draw(tshark, capture, options=(), filter_="", kinds=FORMATS, check=True):
    """What each format says of a capture, all in one run."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=tshark.private))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    arguments = ["-n", *options, "-r", capture, "-q"]
    for kind in kinds:
        arguments += ["-z", f"tcp_phase,ladder,{kind},{folder / kind}" + (filter_ and "," + filter_)]
    tshark.run(arguments, check=check)
    texts = {kind: (folder / kind).read_bytes().decode("utf-8") for kind in kinds}
    left = sorted(path.name for path in folder.iterdir())
    if left != sorted(kinds):
        raise TestFailure(f"{capture}: files left: {left}")
    shutil.rmtree(folder)
    return texts


def founding(tshark, language, options=()):
    """(case, kind, text) of what is kept in a language."""
    chosen = ["-o", f"tcp_phase.language:{language}", *options]
    for case in CASES[::3] if tshark.checker else CASES:
        capture = tshark.stage(CAPTURES / case / "capture.pcapng")
        for kind, text in draw(tshark, capture, chosen).items():
            yield case, kind, text
    for case, name in SHOWN.items() if language == "en" else ():
        capture = tshark.stage(CAPTURES / case / name)
        yield case, "svg", draw(tshark, capture, chosen, kinds=["svg"])["svg"]


def check_golden(report, tshark, language):
    for options in [["-2"]] if tshark.checker else [[], ["-2"]]:
        for case, kind, text in founding(tshark, language, options):
            path = golden(case, language, kind)
            report.same(" ".join([path.name, *options]), path.read_text(encoding="utf-8"), text)


def part_en(report, tshark):
    check_golden(report, tshark, "en")
    # What docs/ladder.md quotes.
    page = (PICTURES.parent / "ladder.md").read_text(encoding="utf-8")
    simultaneous = tshark.stage(CAPTURES / "simul_close" / "capture.pcapng")
    figure = draw(tshark, simultaneous, kinds=["segments"])["segments"]
    report.check("ladder.md", f"```\n{figure}```" in page, "the figure is another now")
    story = golden("000", "en", "story").read_text(encoding="utf-8")
    report.check("ladder.md", f"```\n{story}```" in page, "the story is another now")


def part_zh_CN(report, tshark):
    check_golden(report, tshark, "zh_CN")


def part_zh_TW(report, tshark):
    check_golden(report, tshark, "zh_TW")


def check_drawings(report, tshark, where, texts, count):
    for problem in drawings.of_svg(texts["svg"], count):
        report.check(where, False, f"SVG: {problem}")
    for problem in drawings.of_mermaid(texts["mermaid"], count):
        report.check(where, False, f"Mermaid: {problem}")
    for problem in drawings.of_text(texts["text"], count):
        report.check(where, False, f"text: {problem}")
    for kind in "segments", "story":
        report.check(where, texts[kind].strip(), f"{kind}: nothing")
    if shutil.which("xmllint"):
        done = subprocess.run(
            ["xmllint", "--noout", "--nonet", "-"],
            input=texts["svg"].encode(),
            stderr=subprocess.PIPE,
            check=False,
        )
        report.check(where, done.returncode == 0, f"xmllint: {done.stderr.decode()}")
    report.check(where, True, "")


def part_captures(report, tshark):
    """Captures behind each other in one file, as many conversations at a time as are drawn."""
    cases = [captures_of(folder.parent) for folder in sorted(CAPTURES.glob("*/README.md"))]
    drawn = 0
    for index in range(max(map(len, cases))):
        captures = [case[index] for case in cases if index < len(case)]
        path, expected = merge(tshark, f"ladder-{index}.pcapng", captures)
        streams = sorted({int(row["stream"]) for row in expected.segments})
        for at in range(0, len(streams), MOST):
            some = streams[at : at + MOST]
            chosen = f"tcp.stream >= {some[0]} && tcp.stream <= {some[-1]}"
            # A conversation may have several streams (tcp_tracker_continues()).
            rows = ["-q", "-r", path, "-z", f"tcp_phase,jsonl,-,{chosen}"]
            count = len(tshark.run(rows).out.splitlines())
            report.check(chosen, 0 < count <= len(some), f"{count} rows of {len(some)} streams")
            texts = draw(tshark, path, filter_=chosen)
            check_drawings(report, tshark, f"{path.name}, {chosen}", texts, count)
            drawn += count
            if tshark.checker:
                return
    print(f"{drawn} conversations drawn")


HARM = [
    b"<script>alert(1)</script>",
    b"a&b\"c'd]]>",
    b"#35;%%{init};end\nS->>C: x",
    b"\x1b[31mred\x07",
    b"\xff\xfe\xc3(",
    "\u202egnp.exe".encode(),
    "主机名".encode(),
    b"x" * 250,
    b"wrap: end",
    b"{server}{who}",
]


def part_names(report, tshark):
    """Names from the capture's own name resolution block."""
    original = (CAPTURES / "000" / "capture.pcapng").read_bytes()
    for number, name in enumerate(HARM[::4] if tshark.checker else HARM):
        path = tshark.scratch(f"names-{number}.pcapng")
        path.write_bytes(pcapng.with_names(original, {"192.168.78.128": name}))
        path.chmod(0o644)
        texts = draw(tshark, path, ["-N", "n"])
        check_drawings(report, tshark, f"name {number}", texts, 1)
        for word in re.findall(r"\w{2,60}", name.decode("utf-8", "ignore"), re.ASCII):
            report.check(f"name {number}", word in texts["story"], f"no {word!r} in the story")


def refuses(report, tshark, statistic, words, capture):
    """Exit status 1, one message with these words, nothing on standard output."""
    done = tshark.run(["-n", "-q", "-r", capture, "-z", statistic], check=False)
    report.check(statistic, done.status in (1, 2), f"exit status {done.status}")
    report.check(statistic, done.out == "", f"written: {done.out[:80]!r}")
    for word in words:
        report.check(statistic, word in done.err, f"no {word!r} in {done.err!r}")


def part_files(report, tshark):
    capture = tshark.stage(CAPTURES / "000" / "capture.pcapng")
    texts = draw(tshark, capture, kinds=["text"])
    out = tshark.run(["-n", "-q", "-r", capture, "-z", "tcp_phase,ladder,text,-"]).out
    report.same("standard output", texts["text"], out)

    folder = tshark.private / "files"
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    refused = folder / "refused"
    refused.mkdir(mode=0o555)
    for statistic, words in [
        ("tcp_phase,ladder", ["FORMAT,FILE[,filter]"]),
        ("tcp_phase,ladder,svg", ["FORMAT,FILE[,filter]"]),
        ("tcp_phase,ladder,svg,", ["FORMAT,FILE[,filter]"]),
        ("tcp_phase,ladder,png,-", ["png", *FORMATS]),
        (f"tcp_phase,ladder,svg,{folder}", [str(folder), "directory"]),
        (f"tcp_phase,ladder,svg,{folder}/none/x.svg", ["none/x.svg", "No such file"]),
        (f"tcp_phase,ladder,svg,{refused}/x.svg", ["refused/x.svg", "ermission denied"]),
        ("tcp_phase,ladder,svg,/dev/full", ["/dev/full", "No space left"]),
        ("tcp_phase,ladder,svg,-,tcp.nonsense == 1", ["tcp.nonsense"]),
        ("tcp_phase,ladder,svg,-,(", ["("]),
    ]:
        refuses(report, tshark, statistic, words, capture)
    report.same("what is left", "refused", "\n".join(path.name for path in folder.iterdir()))

    # What stands there is replaced as a whole; a link stays one, a file's mode is kept.
    target, link = folder / "target", folder / "link"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to("target")
    if os.geteuid() == 0:
        os.chown(target, NOBODY, NOBODY)
    tshark.run(["-n", "-q", "-r", capture, "-z", f"tcp_phase,ladder,text,{link}"])
    report.same("through a link", texts["text"], target.read_text(encoding="utf-8"))
    report.check("through a link", link.is_symlink(), "the link is gone")
    report.check("its mode", stat.S_IMODE(target.stat().st_mode) == 0o640, oct(target.stat().st_mode))


def part_limits(report, tshark):
    folders = sorted(path.parent for path in CAPTURES.glob("*/README.md"))
    many = tshark.scratch("many.pcapng")
    captures = [capture for folder in folders for capture in captures_of(folder)[:1]]
    subprocess.run(["mergecap", "-a", "-w", many, *captures[:70]], check=True)
    many.chmod(0o644)
    kept = tshark.private / "kept.svg"
    kept.write_text("what was there")
    if os.geteuid() == 0:
        os.chown(kept, NOBODY, NOBODY)
    refuses(report, tshark, f"tcp_phase,ladder,svg,{kept}", [str(MOST), "filter", "tcp.stream=="], many)
    report.same("after a refusal", "what was there", kept.read_text())
    # As many as there may be; and one more.
    draw(tshark, many, filter_=f"tcp.stream < {MOST}", kinds=["text"])
    refuses(report, tshark, f"tcp_phase,ladder,text,-,tcp.stream < {MOST + 1}", [str(MOST)], many)

    # On a second pass a filter can ask for what the whole conversation amounts to.
    texts = draw(tshark, many, ["-2"], 'tcp_phase.closing == "simultaneous"', ["story"])
    told = texts["story"].count("TCP stream ")
    report.check("filter", told > 1, f"{told} conversations")
    report.check("filter", texts["story"].count("Both ends closed at once") == told, "others too")

    # Nothing to draw.
    refuses(report, tshark, f"tcp_phase,ladder,svg,{kept},udp", ["no conversation"], many)
    report.same("nothing to draw", "what was there", kept.read_text())
    done = tshark.run(["-n", "-q", "-r", many, "-z", "tcp_phase,ladder,svg,-,udp"])
    report.same("nothing to draw", "", done.out)

    # Other statistics are not lost where one fails.
    arguments = ["-n", "-q", "-r", many, "-z", f"tcp_phase,ladder,svg,{kept}"]
    done = tshark.run([*arguments, "-z", "tcp_phase,ladder,text,-,tcp.stream==0"], check=False)
    report.check("two statistics", done.status == 1 and "SYN_SENT" in done.out, done.err)


def main():
    parts = {name[5:]: part for name, part in globals().items() if name.startswith("part_")}
    parser = argument_parser(__doc__)
    parser.add_argument("--checker", choices=["asan"])
    parser.add_argument("parts", nargs="*", choices=[*parts, []], metavar="PART")
    options = parser.parse_args()
    report = Report()
    with Tshark(options.plugins, options.checker, program=options.tshark) as tshark:
        for name in options.parts or parts:
            parts[name](report, tshark)
    return report.end()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except TestFailure as failure:
        sys.exit(str(failure))
