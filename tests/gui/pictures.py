#!/usr/bin/python3
"""Takes pictures of Wireshark; started by scripts/screenshot, as an ordinary user.

pictures.py FOLDER

FOLDER is as staging.py fills it, with what to take in wanted.json: a list of objects with name, capture,
show (packets, flow, or a statistic's name in the menu), frame, language, plain, size.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import json
import pathlib
import sys
import time

sys.dont_write_bytecode = True

from screen import Screen, Trouble, environment  # noqa: E402
from window import Wireshark, connect  # noqa: E402

PROFILE = "TCP Phases"
FONT = "DejaVu Sans Mono,10,-1,5,50,0,0,0,0,0"
# The menus' names in Wireshark's own languages. What plugins add to a menu is not translated.
MENUS = {"en": ("Statistics", "Flow Graph"), "zh_CN": ("统计(S)", "流量图")}


def window_of(screen, wireshark, title):
    """X's number of a window."""
    found = screen.run("xdotool", "search", "--onlyvisible", "--pid", wireshark.process.pid)
    for number in found.split():
        if screen.run("xdotool", "getwindowname", number).strip() == title:
            return number
    raise Trouble(f"no window {title!r}")


def at_rest(screen, number, path):
    """A picture of a window that no longer changes."""
    before = None
    for _ in range(100):
        screen.run("import", "-window", number, path)
        now = path.read_bytes()
        if now == before:
            return
        before = now
        time.sleep(0.4)
    raise Trouble("the window does not come to rest")


def open_details(wireshark, wanted):
    """Open our tree, or the comments, of the selected packet."""
    head = "Packet comments" if wanted["plain"] else "[TCP Phases"

    def find():  # the panes' names are translated
        for tree in wireshark.main.child("filler").all("tree"):
            for node in tree.children():
                if node.role == "table cell" and node.name.startswith(head):
                    return tree, node
        return None

    tree, node = wireshark.wait(head, find)
    wireshark.expand(tree, node)


def open_statistic(wireshark, wanted):
    """Open a window of the Statistics menu: its title."""
    statistics, flow_graph = MENUS[wanted["language"]]
    is_flow = wanted["show"] == "flow"
    wireshark.menu(statistics, flow_graph if is_flow else wanted["show"])
    dialog = wireshark.wait(
        wanted["show"],
        lambda: next(each for each in wireshark.windows() if each.name != wireshark.main.name),
    )
    if is_flow:
        boxes = dialog.all("combo box", depth=3)
        box = next(each for each in boxes if each.first("list item", PROFILE, 3))
        wireshark.choose(box, PROFILE)
    return dialog.name


def take(folder, screen, wanted):
    language = wanted["language"]
    (folder / "config" / "language").write_text(f"language: {language}\n")
    options = ["-n", "-r", folder / "captures" / wanted["capture"]]
    options += ["-o", f"gui.qt.font_name:{FONT}", "-o", "gui.packet_list_show_minimap:FALSE"]
    if wanted["plain"]:
        options += ["--disable-protocol", "tcp_phase", "--disable-protocol", "fecho"]
    else:
        options += ["-C", PROFILE, "-o", f"tcp_phase.language:{language}"]
    if wanted["frame"]:
        options += ["-g", wanted["frame"]]
    wireshark = Wireshark(screen, *options)
    try:
        wireshark.wait("packets", lambda: wireshark.main.first("table cell", "1", 14))
        title = wireshark.main.name
        if wanted["show"] == "packets":
            open_details(wireshark, wanted)
        else:
            title = open_statistic(wireshark, wanted)
        number = window_of(screen, wireshark, title)
        if wanted["show"] != "packets":
            screen.run("xdotool", "windowsize", "--sync", number, *wanted["size"])
        screen.run("xdotool", "mousemove", 0, 0)
        at_rest(screen, number, folder / "pictures" / wanted["name"])
    finally:
        wireshark.kill()


def main(folder):
    preload = {"wireshark": {"LD_PRELOAD": str(folder / "keep.so")}}
    with Screen(folder, environment(folder), preload) as screen:
        connect(screen)
        for wanted in json.loads((folder / "wanted.json").read_text(encoding="utf-8")):
            try:
                take(folder, screen, wanted)
            except Trouble as trouble:
                print(f"{wanted['name']}: {trouble}", file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
