"""The list of scenarios. Each is a function of a Lab: its name is the behaviour, its doc line says
what happens.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import dataclasses

ALL = {}


@dataclasses.dataclass
class Scenario:
    run: object
    name: str
    doc: str
    lab: dict  # what the Lab is to be like
    live: bool  # one of CTest's selection
    programs: bool  # it needs the echo pair's


def scenario(live=False, programs=False, **lab):
    """Add a function to the list. lab: delay (seconds one way), ipv6, sysctls."""

    def add(function):
        doc = " ".join(function.__doc__.split())
        ALL[function.__name__] = Scenario(
            function, function.__name__, doc, lab, live, programs
        )
        return function

    return add
