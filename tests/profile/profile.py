#!/usr/bin/env python3
"""The profile "TCP Phases": its colours, colour rules, filter buttons, columns, and its installation.

profile.py --plugins BUILD/plugins --profiles BUILD/profiles --cmake CMAKE PART...

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import itertools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "common"))

import vision  # noqa: E402
from sharkd import Sharkd  # noqa: E402
from tshark import CAPTURES, NOBODY, TestFailure, Tshark, argument_parser  # noqa: E402

NAME = "TCP Phases"
HEADER = TOP / "plugin" / "tcp_phase" / "colours.h"
READABLE = 7  # WCAG 2.1, level AAA
LINE = 3  # WCAG 2.1 1.4.11: what is no text
APART = 9  # between grounds, of 100; what two shades of one colour hardly reach

COLUMNS = "No.,Time,Source,Destination,Protocol,Step,Client state,Server state,Info".split(",")

# What the rule "Odd" is for.
EVENTS_ODD = {"retransmission", "zero-window"}
EXPERTS_ODD = ["reset_ignored", "ack_mismatch", "not_captured"]


def expect(condition, what):
    if not condition:
        raise TestFailure(what)


class Setting:
    """What the parts work with."""

    def __init__(self, arguments):
        self.plugins, self.profiles = arguments.plugins, arguments.profiles
        self.cmake, self.program = arguments.cmake, arguments.tshark
        self.folder = arguments.profiles / NAME

    def tshark(self):
        """tshark with the profile among its own."""
        tshark = Tshark(self.plugins, program=self.program, loads=True)
        place(self.profiles, tshark.private / "config" / "profiles")
        return tshark


def place(source, target):
    """A copy that the unprivileged user may write to, as Wireshark does."""
    shutil.copytree(source, target)
    if os.geteuid() == 0:
        for path in [target, *target.rglob("*")]:
            os.chown(path, NOBODY, NOBODY)


def named_colours():
    """Name -> (ground, ink) of each pair in the header."""
    found = {}
    pattern = r"^#define COLOUR_([A-Z_]+)_(GROUND|INK)\s+0x([0-9A-F]{6})$"
    for name, part, digits in re.findall(pattern, HEADER.read_text(), re.MULTILINE):
        found.setdefault(name, {})[part] = int(digits, 16)
    expect(found, f"{HEADER}: no colours")
    return {name: (pair["GROUND"], pair["INK"]) for name, pair in found.items() if len(pair) == 2}


def rules(folder):
    """(name, filter, ground, ink) of each rule of a profile's colorfilters."""
    found = []
    for line in (folder / "colorfilters").read_text().splitlines():
        if line.startswith("#"):
            continue
        match = re.fullmatch(r"@([^@]+)@([^@]+)@\[([\d,]+)\]\[([\d,]+)\]", line)
        expect(match, f"colorfilters: not a rule: {line}")
        ground, ink = (
            int("".join(f"{int(part) // 257:02x}" for part in numbers.split(",")), 16)
            for numbers in match.groups()[2:]
        )
        found.append((match[1], match[2], ground, ink))
    return found


def buttons(folder):
    """Label -> filter of each button in use."""
    found = {}
    for line in (folder / "dfilter_buttons").read_text().splitlines():
        if line.startswith("#"):
            continue
        cells = re.fullmatch(r'"TRUE","([^"]+)","([^"]+)","([^"]+)"', line)
        expect(cells, f"dfilter_buttons: not a button: {line}")
        found[cells[1]] = cells[2].replace("\\x22", '"')
    return found


# The parts ----------------------------------------------------------------------------------------


def colours(setting):
    """The profile's colours are the header's, can be read, and can be told apart."""
    pairs = named_colours()
    used = {name: (ground, ink) for name, _, ground, ink in rules(setting.folder)}
    for name, pair in used.items():
        expect(pair in pairs.values(), f"colour rule {name}: {pair} is not in {HEADER.name}")
    for name, (ground, ink) in pairs.items():
        ratio = vision.contrast(ground, ink)
        expect(ratio >= READABLE, f"{name}: contrast {ratio:.2f}, not {READABLE}")
    for (one, (first, _)), (other, (second, _)) in itertools.combinations(used.items(), 2):
        for kind in vision.KINDS:
            apart = vision.distance(first, second, kind)
            expect(apart >= APART, f"{one} and {other}: {apart:.1f} apart to {kind}, not {APART}")
    header = HEADER.read_text()
    paper = int(re.search(r"COLOUR_PAPER\s+0x([0-9A-F]{6})", header)[1], 16)
    lines = re.findall(r"^#define COLOUR_([A-Z_]+)_LINE\s+0x([0-9A-F]{6})$", header, re.MULTILINE)
    expect({name for name, _ in lines} == set(pairs), f"lines: {lines}")
    for name, digits in lines:
        ratio = vision.contrast(int(digits, 16), paper)
        expect(ratio >= LINE, f"line of {name}: contrast {ratio:.2f}, not {LINE}")
    # The measure itself: what everyone knows of it.
    expect(abs(vision.contrast(0, 0xFFFFFF) - 21) < 1e-9, "contrast of black and white")
    red, green = 0xB05030, 0x608000
    far, near = (vision.distance(red, green, kind) for kind in list(vision.KINDS)[::2])
    expect(near < 6 < 15 < far, f"red and green: {far:.1f}, to deuteranopia {near:.1f}")


def wanted_rule(event, phase, odd):
    """The rule that a segment has to get, from what its fields say."""
    if odd or EVENTS_ODD & set(event.split(",")):
        return "Odd"
    if "rst" in event.split(","):
        return "Reset"
    names = {"handshake": "Handshake", "teardown": "Teardown", "closed": "After the end"}
    return names.get(phase, "Data")


def coloured(setting):
    """Every segment of the captures has the colour of its phase, or of what is odd about it."""
    experts = [f"tcp_phase.expert.{name}" for name in EXPERTS_ODD]
    fields = ["tcp_phase.event", "tcp_phase.phase", "frame.coloring_rule.name", *experts]
    seen = set()
    with setting.tshark() as tshark:
        whole = tshark.scratch("all.pcapng")
        captures = sorted(CAPTURES.glob("*/capture.pcapng"))
        subprocess.run(["mergecap", "-a", "-w", whole, *captures], check=True)
        whole.chmod(0o644)
        options = [part for field in fields for part in ("-e", field)]
        table = ["-C", NAME, "-r", whole, "--color", "-Y", "tcp_phase", "-T", "fields", *options]
        tshark.environment["COLORTERM"] = "truecolor"
        lines = tshark.run(["-2", *table]).out.splitlines()
    for line in lines:
        # The colour of the line itself, as the terminal is told it.
        cells = re.sub(r"\x1b\[[0-9;]*m", "", line).split("\t")
        event, phase, rule, *odd = cells
        if "," in phase:  # TCP in TCP: two segments in one frame
            continue
        wanted = wanted_rule(event, phase, any(odd))
        expect(rule == wanted, f"{event} in {phase}: colour {rule}, not {wanted}")
        seen.add(rule)
    expect(len(lines) > 500, f"only {len(lines)} segments")
    names = {name for name, *_ in rules(setting.folder)}
    expect(seen == names, f"colours that no capture has: {names - seen}")


# Button -> captures it must find something in, and captures it must not.
BUTTONS = {
    "Handshakes": (["000", "tfo", "unanswered"], []),
    "Teardowns": (["000", "refused_then_open", "simul_close"], ["003", "unanswered"]),
    "Resets": (["refused", "raw_blind_rst"], ["000", "unanswered"]),
    "Unanswered": (["unanswered"], ["000", "refused", "raw_half_open"]),
    "Half-open": (["raw_half_open", "keep_alive_gives_up"], ["000", "unanswered", "refused"]),
    "SYN/FIN again": (["syn_lost", "synack_lost", "fin_lost"], ["000", "data_lost"]),
}


def filtered(setting):
    """Each button's filter finds what its name says."""
    found = buttons(setting.folder)
    selected = {label for label, text in found.items() if "${" in text}
    expect(found.keys() - selected == BUTTONS.keys(), f"buttons: {list(found)}")
    expect(selected == {"Story", "Conversation"}, f"buttons of a conversation: {selected}")
    with setting.tshark() as tshark, Sharkd(tshark) as sharkd:

        def frames(case, text):
            sharkd.load(CAPTURES / case / "capture.pcapng")
            return sharkd.frames(text)

        for label, (those, others) in BUTTONS.items():
            for case in those:
                expect(frames(case, found[label]), f"{label}: nothing in {case}")
            for case in others:
                expect(not frames(case, found[label]), f"{label}: something in {case}")

        # The window puts the selected packet's value in for a reference.
        def of_stream(label, case, stream):
            return frames(case, found[label].replace("${tcp_phase.stream}", str(stream)))

        story = of_stream("Story", "000", 0)
        expect(story == [1, 2, 3, 8, 9, 10], f"the story of 000: {story}")
        for stream in (0, 1):
            whole = of_stream("Conversation", "refused_then_open", stream)
            story = of_stream("Story", "refused_then_open", stream)
            same = frames("refused_then_open", f"tcp.stream == {stream}")
            expect(whole == same, f"conversation {stream}: {whole}, not {same}")
            expect(set(story) <= set(whole) and story, f"story {stream}: {story}")


def shown(setting):
    """The columns, and that the names in them are fields of ours."""
    with setting.tshark() as tshark:
        capture = tshark.stage(CAPTURES / "000" / "capture.pcapng")
        said = tshark.run(["-C", NAME, "-r", capture]).out.splitlines()
        expect("2/4,3/4 TIME_WAIT LAST_ACK" in said[8], f"frame 9: {said[8]}")
        expect(len(said) == 10, f"{len(said)} lines")
    entries = (setting.folder / "preferences").read_text()
    titles = re.findall(r'"([^"]+)", "%', entries)
    expect(titles == COLUMNS, f"columns {titles}")


def installed(setting):
    """cmake --install and install-personal put it where -C finds it; a changed file is kept."""
    build = setting.profiles.parent
    files = sorted(path.name for path in setting.folder.iterdir())
    expect(files == ["colorfilters", "dfilter_buttons", "preferences"], f"files {files}")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        _installed_for_all(setting, build, folder)
        _installed_for_one(setting, folder / "home")


def _run(*command, **environment):
    environment = {**os.environ, **environment}
    for name in ("XDG_CONFIG_HOME", "WIRESHARK_CONFIG_DIR"):
        if name not in environment:
            environment.pop(name, None)
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    expect(done.returncode == 0, f"{command}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def _installed_for_all(setting, build, folder):
    _run(setting.cmake, "--install", build, DESTDIR=str(folder / "all"))
    places = [path for path in (folder / "all").rglob(NAME) if path.is_dir()]
    expect(len(places) == 1, f"installed as {places}")
    expect(places[0].parent.name == "profiles", f"installed as {places[0]}")
    data = places[0].parents[1]
    expect(data.name == "wireshark" and data.parent.name == "share", f"installed below {data}")
    with Tshark(setting.plugins, program=setting.program, loads=True) as tshark:
        # Wireshark's data folder, with our profile installed.
        place(data, tshark.folder / "data")
        tshark.environment["WIRESHARK_DATA_DIR"] = str(tshark.folder / "data")
        capture = tshark.stage(CAPTURES / "000" / "capture.pcapng")
        said = tshark.run(["-C", NAME, "-r", capture]).out
        expect("2/4,3/4 TIME_WAIT LAST_ACK" in said, f"not found when installed for all:\n{said}")
        bad = tshark.run(["-C", "No Such Profile", "-r", capture], check=False)
        expect("No Such Profile" in bad.err, "a profile that does not exist is no error here")


def _installed_for_one(setting, home):
    plugin = next(setting.plugins.glob("*/epan/handshark.so"))
    script = [setting.cmake, f"-DPLUGIN={plugin}", f"-DVERSION={plugin.parents[1].name}"]
    script += [f"-DPROFILES={setting.profiles}", "-P", TOP / "cmake" / "InstallPersonal.cmake"]
    target = home / ".config" / "wireshark" / "profiles" / NAME
    home.mkdir()
    for _ in range(2):  # the second time all is there
        said = _run(*script, HOME=str(home), XDG_CONFIG_HOME="", WIRESHARK_CONFIG_DIR="")
        expect("Warning" not in said, said)
        expect(same(target, setting.folder), f"{target} is not the profile")
    changed = target / "colorfilters"
    changed.write_text(changed.read_text() + "# mine\n")
    said = _run(*script, HOME=str(home), XDG_CONFIG_HOME="", WIRESHARK_CONFIG_DIR="")
    expect("kept as it is" in said, f"no word of a changed file: {said}")
    expect(changed.read_text().endswith("# mine\n"), "a changed file is lost")
    _run(*script, HOME=str(home), XDG_CONFIG_HOME=str(home / "xdg"), WIRESHARK_CONFIG_DIR="")
    expect(same(home / "xdg" / "wireshark" / "profiles" / NAME, setting.folder), "XDG_CONFIG_HOME")
    old = home / "old"
    (old / ".wireshark").mkdir(parents=True)
    _run(*script, HOME=str(old), XDG_CONFIG_HOME="", WIRESHARK_CONFIG_DIR="")
    expect(same(old / ".wireshark" / "profiles" / NAME, setting.folder), "~/.wireshark")


def same(one, other):
    return sorted((path.name, path.read_bytes()) for path in one.iterdir()) == sorted(
        (path.name, path.read_bytes()) for path in other.iterdir()
    )


PARTS = {
    "colours": colours,
    "rules": coloured,
    "buttons": filtered,
    "columns": shown,
    "installed": installed,
}


def main():
    parser = argument_parser(__doc__)
    parser.add_argument("--profiles", required=True, type=pathlib.Path, metavar="BUILD/profiles")
    parser.add_argument("--cmake", default="cmake", help="the cmake to install with")
    parser.add_argument("parts", nargs="+", choices=PARTS, metavar="PART")
    arguments = parser.parse_args()
    setting = Setting(arguments)
    for part in arguments.parts:
        try:
            PARTS[part](setting)
        except TestFailure as failure:
            print(f"FAIL {part}: {failure}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
