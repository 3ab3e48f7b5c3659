"""Wireshark's window through the accessibility bus: menus are pressed, cells are read, by their names.

Every wait is for something that can be seen, with a limit that a busy machine does not reach.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import os
import warnings

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

from screen import Trouble, end, until  # noqa: E402

warnings.simplefilter("ignore")  # PyGObject's of methods renamed in later releases

# Milliseconds. A press that opens a dialog is answered when the dialog is closed: not waited for.
ANSWER, PRESS = 10000, 300


def connect(screen):
    """Put this process on the screen's bus. Once a process."""
    os.environ.update(
        {name: screen.environment[name] for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS")}
    )
    Atspi.init()
    Atspi.set_timeout(ANSWER, ANSWER)


class Node:
    """What the accessibility bus knows of a part of the window."""

    def __init__(self, accessible):
        self.accessible = accessible

    @property
    def name(self):
        return self.accessible.get_name() or ""

    @property
    def role(self):
        """As at-spi2-core 2.46 names it; newer ones call a push button a button."""
        name = self.accessible.get_role_name()
        return "push button" if name == "button" else name

    @property
    def text(self):
        """What an entry holds."""
        return Atspi.Text.get_text(self.accessible, 0, -1)

    def children(self):
        found = []
        for index in range(self.accessible.get_child_count()):
            child = self.accessible.get_child_at_index(index)
            if child:
                found.append(Node(child))
        return found

    def has(self, state):
        return self.accessible.get_state_set().contains(getattr(Atspi.StateType, state))

    def all(self, role, name=None, depth=12):
        """Those below with this role, and this name or what a name has to begin with (NAME*)."""
        found = []
        for child in self.children() if depth else []:
            if child.role == role and _fits(child, name):
                found.append(child)
            found += child.all(role, name, depth - 1)
        return found

    def child(self, role, name=None):
        """The child with this role and name, or None."""
        for child in self.children():
            if child.role == role and _fits(child, name):
                return child
        return None

    def first(self, role, name=None, depth=12):
        """The first below with this role and name, or None; parts that lie near are looked at first."""
        level = [self]
        for _ in range(depth):
            level = [child for node in level for child in node.children()]
            for node in level:
                if node.role == role and _fits(node, name):
                    return node
        return None

    def press(self):
        """Press it; what that does is for the caller to wait for."""
        count = Atspi.Action.get_n_actions(self.accessible)
        names = [Atspi.Action.get_action_name(self.accessible, index) for index in range(count)]
        action = "Toggle" if "Toggle" in names else "Press"
        if action not in names:
            raise Trouble(f"{self} cannot be pressed, only {names}")
        application = self.accessible.get_application()
        Atspi.set_timeout(PRESS, PRESS)
        try:
            Atspi.Action.do_action(self.accessible, names.index(action))
        except GLib.Error:
            _wait_for_answers(application)
        finally:
            Atspi.set_timeout(ANSWER, ANSWER)

    def write(self, text):
        """Put a text into an entry, in place of what it holds."""
        if not Atspi.EditableText.set_text_contents(self.accessible, text):
            raise Trouble(f"{self} takes no text")

    def box(self):
        """(x, y, width, height) on the screen."""
        box = Atspi.Component.get_extents(self.accessible, Atspi.CoordType.SCREEN)
        return box.x, box.y, box.width, box.height

    def __str__(self):
        try:
            return f"{self.role} {self.name!r}"
        except GLib.Error as problem:
            return f"(gone: {problem.message})"

    def tree(self, depth=6, indent=""):
        """All below as text, for messages."""
        lines = [indent + str(self)]
        if depth:
            try:
                for child in self.children():
                    lines += child.tree(depth - 1, indent + "  ")
            except GLib.Error as problem:
                lines.append(f"{indent}  ({problem.message})")
        return lines


def _wait_for_answers(application):
    """Until a program speaks again that did not answer in time, because it is busy or in a dialog; or
    until it has ended."""

    def answers():
        while GLib.MainContext.default().iteration(False):
            pass
        try:
            application.get_child_count()
        except GLib.Error as problem:
            # libatspi's words for a program that it does not ask at the moment, and D-Bus's.
            return "hung" not in problem.message and "reply" not in problem.message
        return True

    until("an answer on the accessibility bus", answers)


def _fits(node, name):
    if name is None:
        return True
    if name.endswith("*"):
        return node.name.startswith(name[:-1])
    return node.name == name


class Wireshark:
    """A running Wireshark."""

    def __init__(self, screen, *arguments, program="wireshark"):
        self.screen, self.main = screen, None
        self.process = screen.start("wireshark", [program, *map(str, arguments)])
        self.wait("Wireshark's window on the accessibility bus", self._find_main)

    def _check_runs(self):
        if self.process.poll() is not None:
            log = self.screen.log("wireshark")
            raise Trouble(f"Wireshark ended: {self.process.returncode}\n{log}")

    def wait(self, what, condition, seconds=60):
        """until(), for what may be asked of nodes that come and go, and as long as Wireshark runs."""

        problem = None

        def careful():
            nonlocal problem
            self._check_runs()
            while GLib.MainContext.default().iteration(False):
                pass
            try:
                value, problem = condition(), None
            except (GLib.Error, AttributeError, IndexError, StopIteration, Trouble) as this:
                value, problem = None, this
            return value

        try:
            return until(what, careful, seconds)
        except Trouble as trouble:
            because = f"\n{problem!r}" if problem else ""
            lines = [line for window in self.windows()[::-1] for line in window.tree(4)[:60]]
            raise Trouble(f"{trouble}{because}\nThe windows:\n" + "\n".join(lines)) from trouble

    def windows(self):
        """The open windows and dialogs."""
        found = []
        try:
            desktop = Node(Atspi.get_desktop(0))
            desktop.accessible.set_cache_mask(Atspi.Cache.NONE)
            for application in desktop.children():
                # What is remembered of a window that comes and goes is wrong too often.
                application.accessible.set_cache_mask(Atspi.Cache.NONE)
                if application.accessible.get_process_id() == self.process.pid:
                    found += application.children()
        except GLib.Error:
            pass
        return found

    def _find_main(self):
        for window in self.windows():
            if window.child("menu bar"):
                self.main = window
        return self.main

    def dialog(self, title):
        """The window with this title (or that begins so: NAME*), when it is there."""
        return self.wait(
            f"window {title!r}",
            lambda: next((each for each in self.windows() if _fits(each, title)), None),
        )

    def gone(self, title):
        """Wait until no window has this title."""
        self.wait(
            f"end of window {title!r}",
            lambda: not any(_fits(each, title) for each in self.windows()),
        )

    def menu(self, *path):
        """Press a menu's item: menu("Statistics", "Flow Graph")."""

        def find():
            level = self.main.child("menu bar")
            for step, name in enumerate(path):
                item = level.child("menu item", name)
                if not item or step == len(path) - 1:
                    return item
                level = item.child("popup menu") or item.children()[0]

        item = self.wait("menu " + " > ".join(path), find)
        self.wait("menu " + " > ".join(path) + " in use", lambda: item.has("ENABLED"))
        item.press()

    def keys(self, *keys):
        """Press keys, by X's names, in whatever has the focus."""
        self.screen.run("xdotool", "key", "--clearmodifiers", *keys)

    def write(self, text):
        """Type a text into whatever has the focus."""
        self.screen.run("xdotool", "type", "--clearmodifiers", "--delay", "1", text)

    def click(self, node, times=1):
        """Click on the left end of a node. A window that has just opened may move once more: who clicks
        looks at what came of it, and tries again."""
        x, y, _, height = node.box()
        click = ["click", "--repeat", times, "--delay", 80, 1]
        self.screen.run("xdotool", "mousemove", x + 8, y + height // 2, *click)

    def insist(self, what, act, condition, tries=8, seconds=5):
        """Do something until it has had its effect."""
        for _ in range(tries - 1):
            act()
            try:
                return self.wait(what, condition, seconds)
            except Trouble:
                continue
        act()
        return self.wait(what, condition)

    def select(self, node):
        """Select a row by a click."""
        self.insist(f"{node} selected", lambda: self.click(node), lambda: node.has("SELECTED"))

    def expand(self, tree, node):
        """Open a row of a tree that is closed."""
        closed = tree.accessible.get_child_count()
        self.select(node)
        self.insist(
            f"{node} open",
            lambda: self.keys("Right"),
            lambda: tree.accessible.get_child_count() > closed,
        )

    def choose(self, box, entry):
        """Choose an entry of a combo box, as one does: open it and click."""

        def offered():
            item = box.first("list item", entry, 3)
            return item if item and item.has("SHOWING") and item.box()[1] > 0 else None

        def act():
            if box.name == entry:
                return
            box.press()
            self.click(self.wait(f"{entry} among the entries", offered))

        self.insist(f"{entry} chosen", act, lambda: box.name == entry)

    def fill_file_dialog(self, title, path, button, kind=None):
        """Name a file in a dialog and press its button. kind: what to choose as its type."""
        dialog = self.dialog(title)
        if kind:
            boxes = dialog.all("combo box", depth=2)
            self.choose(next(each for each in boxes if each.first("list item", kind, 2)), kind)
        dialog.first("text", "File name:", 4).write(str(path))
        press = self.wait(
            f"{button} in {title}",
            lambda: next(each for each in dialog.all("push button", button, 3) if each.has("ENABLED")),
        )
        press.press()
        self.gone(title)

    def close(self):
        """End Wireshark as a person does. Trouble unless it ends well."""
        self.menu("File", "Quit")
        until("end of Wireshark", lambda: self.process.poll() is not None)
        if self.process.returncode != 0:
            log = self.screen.log("wireshark")
            raise Trouble(f"Wireshark: exit status {self.process.returncode}\n{log}")

    def kill(self):
        end(self.process)
