"""What is wrong with the arguments of a statistic, or with the file that it writes to: a message, an
exit status that is not 0, and nothing half-written.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import os
import re
import stat

USAGE = r"tcp_phase,jsonl: what is wanted is -z tcp_phase,jsonl,FILE\[,filter\]"
FILTER = r'tcp_phase,{}: Filter "no.such.field" is invalid'


def refused(report, tshark, where, arguments, message):
    """tshark says the message, and ends with 1 or 2."""
    result = tshark.run(["-n", "-q", *arguments], check=False)
    report.same(f"{where}: exit status", True, result.status in (1, 2))
    report.same(f"{where}: {result.err!r}", True, re.search(message, result.err) is not None)
    return result


class Folder:
    """A folder that tshark may write to, if mode says so."""

    def __init__(self, tshark, name, mode=0o777):
        self.path = tshark.folder / name
        self.path.mkdir()
        self.path.chmod(mode)

    def names(self):
        return sorted(os.listdir(self.path))


def run(report, tshark, captures):
    capture = tshark.stage(captures / "tfo" / "capture.pcapng")
    arguments(report, tshark, capture)
    files(report, tshark, capture)
    what_stood_there(report, tshark, capture)
    full(report, tshark, capture)


def arguments(report, tshark, capture):
    for rest in ("", ",", "ines", ",,tcp"):
        text = "tcp_phase,jsonl" + rest
        refused(report, tshark, text, ["-r", capture, "-z", text], USAGE)
    for name in ("conv", "states", "tree"):
        text = f"tcp_phase,{name}x"
        usage = rf"tcp_phase,{name}: what is wanted is -z tcp_phase,{name}\[,filter\]"
        refused(report, tshark, text, ["-r", capture, "-z", text], usage)
        text = f"tcp_phase,{name},no.such.field"
        message = FILTER.format(name)
        refused(report, tshark, text, ["-r", capture, "-z", text], message)
    refused(report, tshark, "no such", ["-r", capture, "-z", "tcp_phase,nothing"], "-z argument")


def files(report, tshark, capture):
    closed = Folder(tshark, "closed", 0o555)
    opened = Folder(tshark, "opened")
    for name, message in {
        closed.path / "new": "Permission denied",
        opened.path: "Is a directory",
        opened.path / "missing" / "new": "No such file or directory",
        "/dev/null/new": "Not a directory",
    }.items():
        text = f"tcp_phase,jsonl,{name}"
        message = f"tcp_phase,jsonl: {name}: {message}"
        refused(report, tshark, text, ["-r", capture, "-z", text], message)
    text = f"tcp_phase,jsonl,{opened.path / 'new'},no.such.field"
    refused(report, tshark, text, ["-r", capture, "-z", text], FILTER.format("jsonl"))
    report.same("nothing is left", ([], []), (closed.names(), opened.names()))


def what_stood_there(report, tshark, capture):
    """What is replaced keeps its mode, a link stays a link; what is not replaced stays as it was."""
    folder = Folder(tshark, "standing")
    target, link, locked = (folder.path / name for name in ("target", "link", "locked"))
    target.write_text("before\n")
    target.chmod(0o646)
    link.symlink_to("target")
    text = f"tcp_phase,jsonl,{link},no.such.field"
    refused(report, tshark, text, ["-r", capture, "-z", text], FILTER.format("jsonl"))
    report.same("not replaced", "before\n", target.read_text())
    tshark.run(["-n", "-q", "-r", capture, "-z", f"tcp_phase,jsonl,{link}"])
    report.same("replaced", 4, target.read_text().count("\n"))
    report.same("its mode", 0o646, stat.S_IMODE(target.stat().st_mode))
    report.same("the link", True, link.is_symlink())
    locked.write_text("before\n")
    locked.chmod(0o444)
    text = f"tcp_phase,jsonl,{locked}"
    refused(report, tshark, text, ["-r", capture, "-z", text], "Permission denied")
    report.same("locked", "before\n", locked.read_text())
    report.same("all there is", ["link", "locked", "target"], folder.names())


def full(report, tshark, capture):
    """No room for all of it: what else was asked for is there, and nothing of the file."""
    arguments = ["-r", capture, "-z", "tcp_phase,jsonl,/dev/full", "-z", "tcp_phase,conv"]
    result = refused(report, tshark, "/dev/full", arguments, "No space left on device")
    report.same("the other one", True, "Conversations: 4" in result.out)
    folder = Folder(tshark, "full")
    program, limited = tshark.program, tshark.scratch("limited")
    limited.write_text(f"#!/bin/sh\ntrap '' XFSZ\nulimit -f 2\nexec {program} \"$@\"\n")
    limited.chmod(0o755)
    tshark.program = limited
    try:
        text = f"tcp_phase,jsonl,{folder.path / 'new'}"
        refused(report, tshark, text, ["-r", capture, "-z", text], "File too large")
    finally:
        tshark.program = program
    report.same("nothing is left of it", [], folder.names())
