"""What the checks do with Wireshark's window, in their own words: open, filter, read the packets.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import csv
import functools
import re
import subprocess

from screen import Trouble
from window import Wireshark

PROFILE = "TCP Phases"
COLUMNS = "No.,Time,Source,Destination,Protocol,Step,Client state,Server state,Info".split(",")
INFO = "%i"  # Wireshark's format of the Info column
FIELDS = [
    "frame.number", "tcp_phase.step", "tcp_phase.client.state", "tcp_phase.server.state", INFO,
]  # fmt: skip


def expect(condition, what):
    if not condition:
        raise Trouble(what)


def same(found, wanted, what):
    """Trouble that names the first difference, unless two lists are equal."""
    for number, (one, other) in enumerate(zip(found, wanted), 1):
        expect(one == other, f"{what}, {number}: {one!r}, not {other!r}")
    expect(len(found) == len(wanted), f"{what}: {len(found)}, not {len(wanted)}: {found}")


class Session:
    """A Wireshark with the profile, on a capture."""

    def __init__(self, folder, screen, case, *arguments, checked=True):
        """checked: the capture has to look as it does to tshark."""
        self.folder, self.screen, self.case = folder, screen, case
        options = ["-n", "-C", PROFILE, "-r", self.capture(case)]
        self.wireshark = Wireshark(screen, *options, *arguments)
        panes = self.wireshark.main.child("filler")
        self.packet_list = self._pane(panes, "Packet list")
        self.packet_details = self._pane(panes, "Packet details")
        if checked:
            self.wait_for_case(case)
        else:
            frames = len(self.by_tshark(case))
            self.wireshark.wait(f"{frames} packets", lambda: len(self.packets()) == frames)

    def _pane(self, panes, name):
        return self.wireshark.wait(name, lambda: panes.first("tree", name))

    def capture(self, case):
        return self.folder / "captures" / f"{case}.pcapng"

    # What tshark and the test captures' expectations say ------------------------------------------

    @functools.lru_cache(maxsize=None)  # captures do not change
    def tshark(self, *arguments):
        command = ["tshark", "-n", "-C", PROFILE, *map(str, arguments)]
        done = subprocess.run(
            command,
            env=self.screen.environment_of("tshark"),
            capture_output=True,
            text=True,
            timeout=120,
        )
        expect(done.returncode == 0, f"{command}: {done.stderr}")
        return done.stdout

    def by_tshark(self, case, *options, fields=FIELDS):
        """The cells that a capture's packets must have, of the fields' columns. As columns: from
        Wireshark 4.2 on the field _ws.col.info is what stood there before any post-dissector."""
        formats = [field if field == INFO else f"%Cus:{field}:0:R" for field in fields]
        layout = ",".join(f'"{format_}","{format_}"' for format_ in formats)
        form = ["-o", f"gui.column.format:{layout}", "-T", "tabs"]
        said = self.tshark("-2", "-r", self.capture(case), *options, *form)
        return [[cell.strip() for cell in line.split("\t")] for line in said.splitlines()]

    def expected(self, case):
        """frame -> (step, client's state, server's state): what people checked."""
        with open(self.folder / "captures" / f"{case}.tsv", encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(
                (line for line in lines if not line.startswith("#")), delimiter="\t"
            )
            return {
                row["frame"]: [row["step"], row["client.state"], row["server.state"]]
                for row in rows
            }

    # The main window ------------------------------------------------------------------------------

    def picture(self, name):
        self.screen.picture(self.folder / "pictures" / f"{name}.png")

    def packets(self):
        """The packet list: a list of cells for each row."""
        names = [node.name for node in self.packet_list.children()]
        width = len(COLUMNS)
        expect(names[:width] == COLUMNS, f"columns {names[:width]}")
        return [names[at : at + width] for at in range(width, len(names), width)]

    def heads(self):
        """The packet list's columns, whatever they are."""
        nodes = self.packet_list.children()
        return [node.name for node in nodes if node.role == "table column header"]

    def phases(self):
        """The packet list's columns that FIELDS names."""
        return [[row[0], *row[5:9]] for row in self.packets()]

    def wait_for_packets(self, wanted, what):
        """Until the packet list shows these phases()."""
        found = []

        def are_there():
            found[:] = self.phases()
            return found == wanted

        try:
            self.wireshark.wait(f"packets: {what}", are_there)
        except Trouble as trouble:
            same(found, wanted, f"packets: {what}")
            raise trouble

    def wait_for_case(self, case):
        """Until the packet list shows a capture as tshark does, and as people expect it."""
        wanted = self.by_tshark(case)
        checked = self.expected(case)
        for row in wanted:
            if row[0] in checked:
                expect(row[1:4] == checked[row[0]], f"{case}: tshark says {row}")
        self.wait_for_packets(wanted, case)

    def counts(self):
        """The status bar's numbers, by name: Packets, Displayed, Ignored and others. It leaves out what
        there is none of, and Wireshark 4.6 how many are displayed where no filter is in use."""
        bar = self.wireshark.main.child("status bar")
        said = re.findall(r"(\w+): (\d+)", bar.first("label", "Packets:*", 3).name)
        found = {name: int(number) for name, number in said}
        return {"Displayed": found["Packets"], "Ignored": 0, **found}

    def wait_for_counts(self, **wanted):
        """wait_for_counts(Packets=10, Displayed=1)"""
        found = None

        def are_there():
            nonlocal found
            found = self.counts()
            return wanted.items() <= found.items()

        try:
            self.wireshark.wait(f"{wanted} in the status bar", are_there)
        except Trouble as trouble:
            raise Trouble(f"{found} in the status bar. {trouble}") from trouble

    def open(self, case):
        self.wireshark.menu("File", "Open")
        title = "Wireshark · Open Capture File"
        self.wireshark.fill_file_dialog(title, self.capture(case), "Open")
        self.wait_for_case(case)
        self.case = case

    def show(self, case):
        """Open a capture unless it is the one that is open."""
        if self.case != case:
            self.open(case)

    def select(self, frame):
        """Select a frame: its details are shown."""
        wireshark = self.wireshark
        at = 1
        wireshark.menu("Go", "First Packet")
        self._wait_for_frame(at)
        while at < frame:
            at += 1
            wireshark.menu("Go", "Next Packet")
            self._wait_for_frame(at)

    def select_last(self, frame):
        """Select the last frame, which has this number."""
        self.wireshark.menu("Go", "Last Packet")
        self._wait_for_frame(frame)

    def _wait_for_frame(self, number):
        head = f"Frame {number}:"
        self.wireshark.wait(head, lambda: self.details()[0].name.startswith(head))

    def details(self):
        """The nodes of the packet's details."""
        return [node for node in self.packet_details.children() if node.role == "table cell"]

    def open_tree(self, name):
        """Open a tree of the details that is closed: the names of all details then."""
        node = next(node for node in self.details() if node.name == name)
        self.wireshark.expand(self.packet_details, node)
        return [node.name for node in self.details()]

    def filter_entry(self):
        bar = self.wireshark.main.child("tool bar", "Display Filter Toolbar")
        return bar.first("text", "Display filter entry", 2)

    def press_in_filter(self, description):
        entry = self.filter_entry()
        button = self.wireshark.wait(
            description,
            lambda: next(
                each
                for each in entry.children()
                if each.accessible.get_description() == description and each.has("SHOWING")
            ),
        )
        button.press()

    def filter(self, text):
        self.filter_entry().write(text)
        self.press_in_filter("Apply display filter")

    def clear_filter(self):
        self.press_in_filter("Clear display filter")

    def press_button(self, label):
        """A filter button of the profile."""
        bar = self.wireshark.main.child("tool bar", "Display Filter Toolbar")
        bar.child("tool bar").child("push button", label).press()

    # Dialogs --------------------------------------------------------------------------------------

    def statistic(self, *path):
        """Open a statistic by the Statistics menu: its window."""
        self.wireshark.menu("Statistics", *path)
        title = f"Wireshark · {path[-1]}*"
        return self.wireshark.dialog(title)

    def press(self, dialog, button):
        """Press a dialog's button and wait until the dialog is gone."""
        title = dialog.name
        wait = self.wireshark.wait
        wait(f"{button} in {title}", lambda: dialog.first("push button", button, 3)).press()
        self.wireshark.gone(title)

    def preferences(self):
        """(the dialog of Edit > Preferences, its page with our preferences)"""
        wireshark = self.wireshark
        wireshark.menu("Edit", "Preferences…")
        dialog = wireshark.dialog("Wireshark · Preferences")
        tree = wireshark.wait("preferences", lambda: dialog.child("split pane").child("tree"))
        def page():
            pane = dialog.child("split pane").child("layered pane")
            shown = next(each for each in pane.children() if each.has("SHOWING"))
            return shown if shown.first("label", PROFILE, 3) else None

        head = wireshark.wait(
            "Protocols", lambda: next(node for node in tree.children() if node.name == "Protocols")
        )
        wireshark.expand(tree, head)
        # Keys that come too slowly are another search.
        found = wireshark.insist("our preferences", lambda: wireshark.write(PROFILE), page)
        return dialog, found

    def set_preference(self, label, entry):
        """Choose an entry of a preference of ours."""
        dialog, found = self.preferences()
        # A title, then a label and a box for each preference.
        labels = [node.name for node in found.all("label", depth=4)][1:]
        expect(label in labels, f"no preference {label} among {labels}")
        self.wireshark.choose(found.all("combo box", depth=4)[labels.index(label)], entry)
        self.press(dialog, "OK")

    def toggle_preference(self, label):
        """Tick a preference of ours that is a check box, or take the tick away."""
        dialog, found = self.preferences()
        box = found.first("check box", label, 4)
        before = box.has("CHECKED")
        box.press()
        self.wireshark.wait(f"{label} toggled", lambda: box.has("CHECKED") != before)
        self.press(dialog, "OK")

    def enable(self, wanted):
        """Enable or disable tcp_phase in Analyze > Enabled Protocols."""
        wireshark = self.wireshark
        wireshark.menu("Analyze", "Enabled Protocols…")
        dialog = wireshark.dialog("Wireshark · Enabled Protocols")
        dialog.child("text").write(PROFILE)
        tree = dialog.child("tree")
        wireshark.wait("our protocol alone", lambda: tree.accessible.get_child_count() < 10)
        dialog.child("push button", "Enable All" if wanted else "Disable All").press()
        self.press(dialog, "OK")

    def use_profile(self, name):
        wireshark = self.wireshark
        wireshark.menu("Edit", "Configuration Profiles…")
        dialog = wireshark.dialog("Wireshark · Configuration Profiles")
        tree = dialog.child("tree")
        cell = wireshark.wait(name, lambda: next(c for c in tree.children() if c.name == name))
        wireshark.select(cell)
        self.press(dialog, "OK")
        bar = wireshark.main.child("status bar")
        wireshark.wait(f"profile {name}", lambda: bar.first("label", f"Profile: {name}", 3))
