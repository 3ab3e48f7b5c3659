#!/usr/bin/env python3
"""Every way in which the echo client begins and ends a connection, captured as it happens.

live.py --client PROGRAM --server PROGRAM --plugins BUILD/plugins [--asan] [--dev DEV CAPTURE]

What `./dev run --live` does, and with no DEV its test. The connections are made in a network
namespace, which takes root or what Linux calls user namespaces. A table compares the server's state at
each one's end with what its --verbose told of TCP_INFO. The capture is annotated by DEV before that.
Exit status: 0 all agree, 1 not, or this user may not capture (without DEV that is 77).

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import getpass
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys

sys.dont_write_bytecode = True

import ways  # noqa: E402
from segments import write_pcapng  # noqa: E402
from tshark import TestFailure, Tshark, argument_parser  # noqa: E402

CANNOT = 77  # CTest's SKIP_RETURN_CODE
LIMIT = 240  # seconds for all connections, which take 3
COLUMNS = "{:23} {:12} {:15} {:6} {:11} {:11} {}"  # 100 characters
# The process namespace is there so that nothing outlives it.
NAMESPACES = ["--net", "--pid", "--fork", "--kill-child"]
# Where a system may forbid user namespaces, and the value that forbids them.
SYSCTLS = [
    ("kernel.unprivileged_userns_clone", "0", "1"),
    ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
    ("user.max_user_namespaces", "0", "10000"),
]


def namespace():
    """The command that runs another in a network namespace, and why there is none."""
    if not shutil.which("unshare"):
        return None, "there is no unshare (package util-linux)"
    users = [[], ["--map-root-user"]] if os.geteuid() == 0 else [["--map-root-user"]]
    # Programs with AddressSanitizer look at their processes; a container may not allow the mount.
    commands = [
        ["unshare", *user, *NAMESPACES, *mount] for user in users for mount in (["--mount-proc"], [])
    ]
    for command in commands:
        done = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return command, None
    return None, done.stderr.strip()


def explain(why, dev):
    print(f"{getpass.getuser()} may not capture here: {why}", file=sys.stderr)
    if os.geteuid() == 0:
        print("root needs CAP_SYS_ADMIN, which a container has to be given", file=sys.stderr)
        return
    print(f"Either as root:\n  sudo {dev or './dev'} run --live", file=sys.stderr)
    print("or, for every user of this machine, allow user namespaces:", file=sys.stderr)
    for name, forbids, allows in SYSCTLS:
        path = pathlib.Path("/proc/sys", *name.split("."))
        if path.exists() and path.read_text(encoding="ascii").strip() == forbids:
            print(f"  sudo sysctl -w {name}={allows}", file=sys.stderr)


def told(lines):
    """By both ports: the states that TCP_INFO was in, and whether the server then reset."""
    numbers, states = {}, {}
    for line in lines:
        match = re.search(r": connection (\d+)( opened| closed|):? (.*), state (\w+)", line)
        if not match:
            continue
        number, step, rest, state = match.groups()
        if step == " opened":
            ends = re.search(r":(\d+) to \S+:(\d+)$", rest)
            numbers[number] = (int(ends[1]), int(ends[2]))
            states[numbers[number]] = []
        states[numbers[number]].append(state)
        # It tells before it closes the socket, and to close is to reset here.
        if step == " closed" and rest.startswith(("reset, as", "reset by the server")):
            states[numbers[number]].append("CLOSED")
    return states


def agree(states, kernel):
    """Did the server's end go through what TCP_INFO told, in that order, to the same end?

    The kernel's states are those up to the moment in which it was asked. That is before the socket is
    closed: the client's last ACK may still be on its way, and LAST_ACK becomes CLOSED after that.
    """
    states = ["CLOSED" if state == "TIME_WAIT" else state for state in states]
    seen = iter(states)
    if not all(state in seen for state in _without_repeats(kernel)):
        return False
    last = (kernel[-1], states[-1])
    return last[0] == last[1] or last == ("LAST_ACK", "CLOSED")


def _without_repeats(states):
    return [state for at, state in enumerate(states) if at == 0 or states[at - 1] != state]


def show(runs, found, ends, kernel, server_port):
    """Print the table; returns the ways that do not agree."""
    wrong = []
    print(COLUMNS.format(
        "way", "opening", "closing", "closer", "client", "server", "agrees, TCP_INFO"
    ))  # fmt: skip
    for option, word, port, _ in runs:
        way = f"{option} {word}".replace("--", "")
        opening, closing, by = (cell or "-" for cell in found.get(port, (None,) * 3)[:3])
        peer, pairs = ends.get(port, (None, [("-", "-")]))
        if port in kernel:
            agrees = "yes" if agree([pair[1] for pair in pairs], kernel[port]) else "NO"
        else:
            agrees = "NO" if peer in (None, server_port) else "-"
        if agrees == "NO":
            wrong.append(f"{way}: server {pairs}, TCP_INFO {kernel.get(port)}")
        if port in kernel:
            agrees += f", {kernel[port][-1]}"
        print(COLUMNS.format(way, opening, closing, by, *pairs[-1], agrees))
    print(
        "\nclient, server: the ends' states after the last segment. yes: the server's end went through "
        "all\nthe states that the kernel told of its socket (TCP_INFO), to the last one, which is "
        "shown; CLOSED\nstands for TIME_WAIT too, which Linux keeps apart from the socket. -: the client "
        "made both ends\nitself, there is no socket of the server's to ask."
    )
    return wrong


def ports(frame):
    """The ports of an IPv4 segment in Ethernet."""
    return frozenset(struct.unpack_from("!HH", frame, 14 + (frame[14] & 15) * 4))


def inside(options):
    runs, frames, lines = ways.record(options.client, options.server)
    wanted = {frozenset(port) for _, _, port, _ in runs}  # not where segments were to cross and did not
    write_pcapng(options.capture, [frame for frame in frames if ports(frame[1]) in wanted])
    options.inside.write_text(json.dumps([runs, lines]), encoding="utf-8")
    return 0


def run(options, tshark, command):
    scratch, notes = tshark.scratch("live.pcapng"), tshark.scratch("live.json")
    command = [
        *command, sys.executable, __file__, "--client", options.client, "--server", options.server,
        "--plugins", options.plugins, "--inside", notes, scratch,
    ]  # fmt: skip
    done = subprocess.run(command, stdout=subprocess.DEVNULL, timeout=LIMIT, check=False)
    if done.returncode != 0:
        raise TestFailure("the connections could not be made")
    scratch.chmod(0o644)
    runs, lines = json.loads(notes.read_text(encoding="utf-8"))
    runs = [(*run[:2], tuple(run[2]), tuple(run[3])) for run in runs]
    if options.capture:
        shutil.copyfile(scratch, options.capture)
        if options.dev and subprocess.call([options.dev, "run", options.capture]) != 0:
            raise TestFailure("the capture could not be annotated")
        print(flush=True)
    found, events, ends = ways.said(tshark, scratch)
    server_port = int(re.search(r"listening on \S+:(\d+)", "\n".join(lines))[1])
    wrong = show(runs, found, ends, told(lines), server_port)
    wrong += ways.check(runs, found, events)
    for problem in wrong:
        print(problem, file=sys.stderr)
    return 1 if wrong else 0


def main():
    parser = argument_parser(__doc__.splitlines()[0])
    parser.add_argument("--client", required=True, type=pathlib.Path, metavar="PROGRAM")
    parser.add_argument("--server", required=True, type=pathlib.Path, metavar="PROGRAM")
    parser.add_argument("--asan", action="store_true")
    parser.add_argument("--dev", help="annotates the capture")
    parser.add_argument("--inside", type=pathlib.Path, help="we are in the namespace")
    parser.add_argument("capture", nargs="?", type=pathlib.Path, help="where it is kept")
    options = parser.parse_args()
    if options.inside:
        return inside(options)
    cannot = 1 if options.dev else CANNOT
    for program in (options.client, options.server):
        if not program.exists():
            print(f"{program} was not built: see what CMake says", file=sys.stderr)
            return cannot
    command, why = namespace()
    if not command:
        explain(why, options.dev)
        return cannot
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # and what was started ends with us
    try:
        with Tshark(options.plugins, "asan" if options.asan else None, options.tshark) as tshark:
            return run(options, tshark, command)
    except (OSError, TestFailure, subprocess.TimeoutExpired) as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
