"""The checks in Wireshark's window, in the order in which they are made.

Each gets a Session whose window shows a capture, unfiltered, in English, and leaves it so.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import re

from screen import until
from session import FIELDS, PROFILE, expect, same

FIRST, SECOND = "000", "refused_then_open"
PLAIN = "001"  # an echo on a port that is not its own

# Of the segment that closes in three steps. The last is what only a second pass knows.
DETAILS = [
    "[Label: Teardown 2+3/4: ACK and FIN]",
    "[Phase: teardown]",
    "[Step: 2/4]",
    "[Step: 3/4]",
    "[Client state: TIME_WAIT]",
    "[Server state: LAST_ACK]",
    "[Transition: client FIN_WAIT_1 -> TIME_WAIT]",
    "[Transition: server CLOSE_WAIT -> LAST_ACK]",
    "[Acknowledges the SYN or FIN in frame: 8]",
    "[This SYN or FIN is acknowledged in frame: 10]",
]


def details(session):
    """The packet's tree."""
    session.select(9)
    names = session.open_tree("[TCP Phases: Teardown 2+3/4: ACK and FIN]")
    for wanted in DETAILS:
        expect(wanted in names, f"no {wanted!r} in the details: {names}")
    session.picture("details")


def buttons(session):
    """The profile's filter buttons, those too that speak of the selected packet; in a second capture
    in the same window, where nothing of the first is left."""
    session.picture("second-capture")
    more = ["tcp_phase.stream", "tcp_phase.event", "tcp_phase.phase"]
    whole = session.by_tshark(SECOND, fields=[*FIELDS, *more])
    rows = [row[: len(FIELDS)] for row in whole]
    last = whole[-1][len(FIELDS)]

    def those(condition):
        return [row[: len(FIELDS)] for row in whole if condition(row[1], *row[len(FIELDS) :])]

    cases = {
        "Resets": those(lambda step, stream, event, phase: "rst" in event.split(",")),
        "Handshakes": those(lambda step, stream, event, phase: phase == "handshake"),
        "Teardowns": those(lambda step, stream, event, phase: phase == "teardown"),
        "Unanswered": [],
        # Of the selected packet's conversation, which is the last one.
        "Story": those(lambda step, stream, event, phase: stream == last and step),
        "Conversation": those(lambda step, stream, event, phase: stream == last),
    }
    for label, wanted in cases.items():
        expect(len(wanted) < len(rows), f"{label}: nothing to leave out")
        session.select_last(len(rows))
        session.press_button(label)
        session.wait_for_counts(Packets=len(rows), Displayed=len(wanted))
        session.wait_for_packets(wanted, label)
        session.picture(f"button-{label.lower()}")
        session.clear_filter()
        session.wait_for_packets(rows, "no filter")


def _cells(dialog):
    """A statistic's heads, and its rows of cells."""
    names = [(node.role, node.name.strip()) for node in dialog.child("tree").children()]
    heads = [name for role, name in names if role == "table column header"]
    cells = [name for role, name in names if role != "table column header"]
    return heads, [cells[at : at + len(heads)] for at in range(0, len(cells), len(heads))]


def _equal(one, other):
    """Texts are equal, or numbers that they are."""
    try:
        return float(one) == float(other)
    except ValueError:
        return one == other


def _table(text):
    """The rows of one of our tables as tshark prints it: cells between bars, the heads first."""
    lines = [line for line in text.splitlines() if line.count(" | ") > 3]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def _counts(text):
    """(item, count) of what tshark prints of a tree of counts."""
    found = re.findall(r"^ *(\S.*?) {2,}(\d+)(?: |$)", text, re.MULTILINE)
    return sorted(found)


def statistics(session):
    """Each statistic's window says what tshark's says."""
    whole = ["-q", "-r", session.capture(SECOND)]
    wait = session.wireshark.wait

    def compared(dialog, name, *, only=None):
        heads, *wanted = _table(session.tshark(*whole, "-z", name))
        wanted = [row for row in wanted if only is None or row[0] == only]

        def as_wanted():
            found_heads, found = _cells(dialog)
            same(found_heads, heads, f"heads of {name}")
            expect(len(found) == len(wanted), f"{name}: {len(found)} rows, not {len(wanted)}")
            for row, other in zip(sorted(found), sorted(wanted)):
                for head, one, two in zip(heads, row, other):
                    expect(_equal(one, two), f"{name}, {head}: {one!r}, not {two!r}")
            return True

        wait(name, as_wanted)

    dialog = session.statistic("TCP Phases: Conversations")
    compared(dialog, "tcp_phase,conv")
    session.picture("statistics-conversations")
    dialog.child("text", "Display filter entry").write("tcp_phase.stream == 2")
    dialog.child("push button", "Apply").press()
    compared(dialog, "tcp_phase,conv", only="2")
    session.press(dialog, "Close")

    dialog = session.statistic("TCP Phases: Time in States")
    compared(dialog, "tcp_phase,states")
    session.picture("statistics-states")
    session.press(dialog, "Close")

    for title, name in (("TCP Phases: Counts", "tcp_phase,tree"), ("FECHO", "fecho,tree")):
        wanted = _counts(session.tshark(*whole, "-z", name))
        expect(len(wanted) > 5, f"{name}: {wanted}")
        dialog = session.statistic(title)

        def as_wanted():
            found = sorted(tuple(row[:2]) for row in _cells(dialog)[1])
            same(found, wanted, name)
            return True

        wait(name, as_wanted)
        session.picture("statistics-" + name.replace(",", "-"))
        session.press(dialog, "Close")

    session.wireshark.menu("Statistics", "Service Response Time", "FECHO")
    dialog = session.wireshark.dialog("Wireshark · FECHO Service Response Time*")
    names = {"FECHO Round Trip", "FECHO Network Time", "FECHO Server Time"}
    wait("fecho,srt", lambda: names <= {row[0] for row in _cells(dialog)[1]})
    session.press(dialog, "Close")


def conversation_filter(session):
    """Analyze > Conversation Filter > TCP Phases: the conversation of the selected packet."""
    rows = session.by_tshark(SECOND)
    streams = [row[0] for row in session.by_tshark(SECOND, fields=["tcp_phase.stream"])]
    expect(streams[-1] not in ("", streams[0]), f"one conversation only: {streams}")
    text = f"tcp_phase.stream == {streams[-1]}"
    session.select_last(len(rows))
    session.wireshark.menu("Analyze", "Conversation Filter", "TCP Phases")
    session.wireshark.wait(text, lambda: session.filter_entry().text == text)
    session.wait_for_packets([row for row, of in zip(rows, streams) if of == streams[-1]], text)
    session.clear_filter()
    session.wait_for_packets(rows, "no filter")


def flow_graph(session):
    """Statistics > Flow Graph offers the flow type, and its export is what tshark draws."""
    wireshark = session.wireshark
    wireshark.menu("Statistics", "Flow Graph")
    dialog = wireshark.dialog("Wireshark · Flow*")
    boxes = dialog.all("combo box", depth=3)
    box = next(each for each in boxes if each.first("list item", PROFILE, 3))
    wireshark.choose(box, PROFILE)
    wireshark.wait("arrows", lambda: dialog.first("label", "2 node(s), 10 item(s)*", 3))
    session.picture("flow-graph")
    path = session.folder / "run" / "flow.txt"
    dialog.first("push button", "Export", 3).press()
    title = "Wireshark · Save Graph As…"
    wireshark.fill_file_dialog(title, path, "Save", kind="ASCII (*.txt)")
    wireshark.wait("exported text", lambda: path.exists() and path.read_text().count("\n") > 20)
    drawn = path.read_text().splitlines()
    by_tshark = session.tshark(
        "-q", "-r", session.capture(FIRST), "-z", "flow,tcp_phase,standard"
    ).splitlines()
    same(drawn, by_tshark, "flow graph")
    session.press(dialog, "Close")


LANGUAGES = {
    "zh_CN": "Simplified Chinese (简体中文)",
    "zh_TW": "Traditional Chinese (繁體中文)",
    "en": "English",
}


def languages(session):
    """The language changes with the preference, at once."""
    for name, entry in LANGUAGES.items():
        session.set_preference("Language", entry)
        wanted = session.by_tshark(FIRST, "-o", f"tcp_phase.language:{name}")
        expect(wanted[0][4][0] == {"zh_CN": "第", "zh_TW": "第", "en": "H"}[name], str(wanted[0]))
        session.wait_for_packets(wanted, name)
        session.picture(f"language-{name}")


def quiz(session):
    """Labels and states are not shown before the answer is opened, of each packet anew."""
    answers = {8: "[Label: Teardown 1/4: FIN]", 9: "[Label: Teardown 2+3/4: ACK and FIN]"}
    session.toggle_preference("Quiz")
    wanted = session.by_tshark(FIRST, "-o", "tcp_phase.quiz:TRUE")
    expect(all(row[1:4] == ["?", "?", "?"] for row in wanted), f"by tshark: {wanted}")
    session.wait_for_packets(wanted, "quiz")
    session.select(8)
    if "[Answer]" not in [node.name for node in session.details()]:
        session.open_tree("[TCP Phases: ?]")
    for frame, answer in answers.items():
        session.select(frame)
        names = [node.name for node in session.details()]
        expect("[Label: ?]" in names and answer not in names, f"frame {frame}: {names}")
        session.picture(f"quiz-{frame}")
        names = session.open_tree("[Answer]")
        expect(answer in names, f"frame {frame}, answered: {names}")
        session.picture(f"quiz-{frame}-answer")
    session.toggle_preference("Quiz")
    session.wait_for_case(FIRST)


def ignored(session):
    """A packet that is ignored was not captured; and is, when it no longer is ignored."""
    whole = session.by_tshark(FIRST)
    wireshark = session.wireshark
    session.select(2)
    wireshark.menu("Edit", "Ignore/Unignore *")
    rows = wireshark.wait(
        "frame 2 ignored",
        lambda: session.phases() if session.phases()[1][4] == "<Ignored>" else None,
    )
    expect(rows[1][1:4] == ["", "", ""], f"an ignored packet: {rows[1]}")
    expect(rows[0] == whole[0], f"frame 1: {rows[0]}")
    expect(rows[9][2:4] == whole[9][2:4], f"frame 10 without frame 2: {rows[9]}")
    session.wait_for_counts(Packets=10, Displayed=10, Ignored=1)
    session.filter("tcp_phase.expert.not_captured")
    session.wait_for_counts(Packets=10, Displayed=1, Ignored=1)
    session.wait_for_packets([rows[2]], "acknowledges what was not captured")
    session.clear_filter()
    session.wait_for_packets(rows, "one ignored, no filter")
    session.wait_for_counts(Packets=10, Displayed=10, Ignored=1)
    wireshark.menu("Edit", "Unignore All Displayed")
    session.wait_for_packets(whole, "no longer ignored")
    session.wait_for_counts(Packets=10, Displayed=10, Ignored=0)


def reloaded(session):
    session.wireshark.menu("View", "Reload")
    session.wait_for_case(FIRST)


def disabled(session):
    """Without tcp_phase the columns are empty; enabled again, they are as before."""
    session.enable(False)
    session.wireshark.wait(
        "empty columns", lambda: all(row[1:4] == ["", "", ""] for row in session.phases())
    )
    session.picture("disabled")
    session.enable(True)
    session.wait_for_case(FIRST)


def profiles(session):
    """Away from the profile and back."""
    wireshark = session.wireshark
    session.use_profile("Default")
    heads = wireshark.wait(
        "Wireshark's own columns",
        lambda: session.heads() if "Client state" not in session.heads() else None,
    )
    expect("Info" in heads, f"columns {heads}")
    session.use_profile(PROFILE)
    session.wait_for_case(FIRST)


def closed_under_dialogs(session):
    """The file is closed and opened while dialogs of its statistics are there."""
    wireshark = session.wireshark
    wireshark.menu("Statistics", "Flow Graph")
    dialog = wireshark.dialog("Wireshark · Flow*")
    box = next(
        each for each in dialog.all("combo box", depth=3) if each.first("list item", PROFILE, 3)
    )
    wireshark.choose(box, PROFILE)
    wireshark.menu("File", "Close")
    wireshark.wait("no file", lambda: "No Packets" in _status(session))
    session.open(FIRST)
    for window in wireshark.windows():
        if window.name.startswith("Wireshark ·"):
            session.press(window, "Close")


def time_reference(session):
    """A packet that times are counted from says the same; the display filter finds it."""
    rows = session.by_tshark(FIRST)
    menu = session.wireshark.menu
    session.select(4)
    menu("Edit", "Set/Unset Time Reference")
    session.wireshark.wait("*REF*", lambda: session.packets()[3][1] == "*REF*")
    session.wait_for_packets(rows, "with a time reference")
    menu("Edit", "Unset All Time References")
    session.wireshark.wait("no *REF*", lambda: session.packets()[3][1] != "*REF*")
    session.wait_for_packets(rows, "without it")


def decode_as(session):
    """Analyze > Decode As: a port is the echo's, and no longer; what is said of the connection stays."""
    wireshark = session.wireshark
    plain = session.by_tshark(PLAIN)
    echo = session.by_tshark(PLAIN, "-d", "tcp.port==12345,fecho")
    expect([row[:4] for row in plain] == [row[:4] for row in echo] and plain != echo, f"{echo}")

    def dialog():
        wireshark.menu("Analyze", "Decode As…")
        found = wireshark.dialog("Wireshark · Decode As…")
        return found, found.child("tree"), found.all("push button", depth=1)

    def add():
        window, tree, (plus, *_) = dialog()
        rows = tree.accessible.get_child_count()
        plus.press()  # a row for the selected packet's port
        wireshark.wait("a row", lambda: tree.accessible.get_child_count() > rows)
        wireshark.select(tree.children()[-4])  # its value: the window does not move any more
        wireshark.click(tree.children()[-1], times=2)
        wireshark.write("FECHO")
        wireshark.keys("Return")
        session.press(window, "OK")

    def remove():
        window, tree, (_, minus, *_) = dialog()
        while tree.accessible.get_child_count() > 5:  # the heads
            rows = tree.accessible.get_child_count()
            wireshark.select(tree.children()[-1])
            minus.press()
            wireshark.wait("a row less", lambda: tree.accessible.get_child_count() < rows)
        session.press(window, "OK")

    session.select(5)
    wireshark.insist("decoded as FECHO", add, lambda: session.phases() == echo, tries=2)
    session.picture("decoded-as-fecho")
    remove()
    session.wait_for_packets(plain, "no longer decoded as FECHO")


def follow_stream(session):
    """Analyze > Follow > TCP Stream filters the conversation, whose packets say the same."""
    whole = session.by_tshark(SECOND, fields=[*FIELDS, "tcp.stream"])
    session.select_last(len(whole))
    session.wireshark.menu("Analyze", "Follow", "TCP Stream")
    dialog = session.wireshark.dialog("Wireshark · Follow TCP Stream*")
    wanted = [row[:-1] for row in whole if row[-1] == whole[-1][-1]]
    session.wait_for_packets(wanted, "followed")
    session.press(dialog, "Close")
    session.clear_filter()
    session.wait_for_packets([row[:-1] for row in whole], "no filter")


def left_to_tshark(session):
    """A statistic that writes a file: Wireshark, asked for it by -z, says what it has, and writes none."""
    path = session.folder / "run" / "conversations.jsonl"
    command = ["wireshark", "-r", str(session.capture(FIRST)), "-z", f"tcp_phase,jsonl,{path}"]
    process = session.screen.start("wireshark", command)
    until("end of Wireshark", lambda: process.poll() is not None)
    log = session.screen.log("wireshark")
    expect(process.returncode == 1, f"exit status {process.returncode}: {log}")
    expect("tcp_phase,conv" in log, f"it says: {log}")
    expect(not path.exists(), f"it wrote {path}")


def _status(session):
    bar = session.wireshark.main.child("status bar")
    return " ".join(node.name for node in bar.all("label", depth=3))


# Which capture each begins and ends with.
CHECKS = [
    (FIRST, details),
    (SECOND, buttons),
    (SECOND, conversation_filter),
    (SECOND, follow_stream),
    (SECOND, statistics),
    (PLAIN, decode_as),
    (FIRST, flow_graph),
    (FIRST, languages),
    (FIRST, quiz),
    (FIRST, ignored),
    (FIRST, time_reference),
    (FIRST, reloaded),
    (FIRST, disabled),
    (FIRST, profiles),
    (FIRST, closed_under_dialogs),
    (FIRST, left_to_tshark),
]


def enabled_later(session):
    """tcp_phase was disabled when Wireshark began: enabled, it needs no reload."""
    rows = session.phases()
    expect(all(row[1:4] == ["", "", ""] for row in rows), f"disabled, but: {rows}")
    session.enable(True)
    session.wait_for_case(FIRST)
