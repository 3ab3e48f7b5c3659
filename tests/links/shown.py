"""What tshark shows of a capture: every field of tcp_phase.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

SEPARATOR = "\x1f"  # between the values of a field


def known_fields(tshark):
    """Name -> type of every field that this plugin has, but the tree itself."""
    listed = [line.split("\t") for line in tshark.run(["-G", "fields"]).out.splitlines()]
    prefix = "tcp_phase."
    return {
        row[2].removeprefix(prefix): row[3]
        for row in listed
        if row[0] == "F" and row[2].startswith(prefix) and not row[2].startswith(prefix + "expert")
    }


def read_rows(tshark, path, options=()):
    """Frame number -> field -> its values, on the second of two passes."""
    arguments = ["-2", "-r", path, *options, "-T", "fields", "-E", "separator=/t"]
    arguments += ["-E", f"aggregator={SEPARATOR}", "-e", "frame.number", "-e", "frame.time_epoch"]
    for field in tshark.fields:
        arguments += ["-e", f"tcp_phase.{field}"]
    rows = {}
    for line in tshark.run(arguments).out.splitlines():
        number, time, *cells = line.split("\t")
        rows[int(number)] = {"time": time, **dict(zip(tshark.fields, cells))}
    return rows
