"""What the tools have in common.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import shutil
import subprocess


class Absent(Exception):
    """The tool cannot be asked here; the message says why."""


def run(command, **options):
    """What a program prints on its standard output, whatever its exit status: some of these
    report an odd capture that way."""
    options = {"stderr": subprocess.DEVNULL, "errors": "replace", "timeout": 60, **options}
    return subprocess.run(command, stdout=subprocess.PIPE, check=False, **options).stdout


def need(*programs):
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        raise Absent(f"{' and '.join(missing)} not installed")


class Tool:
    """name: of the column. about: where its answers come from. says: question -> what of its words
    is read as an answer."""

    package = None  # Debian's name, for those who want to install it
    workers = 2  # how many of it to run at a time

    # version()            the version, or Absent
    # ask(capture, cases)  case name -> records, for the connections of one capture
    # read(record, case)   question -> answer, a set
    # word(record)         the tool's own word for the connection, for the table

    def unmoved(self, record, frames):
        """Whether the connection went on after each of these RSTs, or None: it does not say."""
        return None


class ByAddress(Tool):
    """records(capture) gives (one end, other end, record) in the order of the file; the n-th of two
    ends is the n-th connection between them. What is left over goes to the last one."""

    def ask(self, capture, cases):
        waiting = {}
        for one, other, record in self.records(capture):
            waiting.setdefault(frozenset([one, other]), []).append(record)
        between = {}
        for case in cases:
            ends = frozenset(case.ends.values())
            between.setdefault(ends, []).append(case)
        result = {}
        for ends, known in between.items():
            found = waiting.get(ends, [])
            for index, case in enumerate(known):
                last = index == len(known) - 1
                result[case.name] = found[index:] if last else found[index : index + 1]
        return result


def address_of(text, separator=":"):
    address, _, port = text.rpartition(separator)
    return address, int(port)
