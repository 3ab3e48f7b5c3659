"""What is measured of the echo pair. Each function takes the programs and the options, and returns
what it saw as numbers that JSON can hold; report.py makes figures of them.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import contextlib
import resource
import signal
import socket
import statistics
import sys

sys.dont_write_bytecode = True

from workbench import OURS, RAW, Cannot, Trouble  # noqa: E402

from frames import REPLY, request  # noqa: E402 (workbench knows where)

# (connections, octets of a payload, requests in flight on each connection)
LOADS = [(50, 64, 1), (1000, 64, 1), (50, 64, 32), (50, 4096, 8), (4, 65536, 4)]
COUNTED_LOADS = [(1, 64, 1), (50, 64, 32), (50, 4096, 8)]
COUNTED_BATCHES = 5000
CALLS_OF_REQUESTS = {  # the others open, close or begin
    "__recv_chk", "__read_chk", "epoll_ctl", "epoll_pwait", "epoll_wait", "poll", "read", "readv",
    "recv", "recvfrom", "recvmsg", "send", "sendmsg", "sendto", "syscall", "write", "writev",
}  # fmt: skip
IDLE_CONNECTIONS = 10_000
LIGHT = {"connections": 4, "rate": 2000}
BULK = {"connections": 16, "octets": 65536, "in_flight": 16}


def progress(text):
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}")
        sys.stderr.flush()


def load_name(load):
    return "{},{},{}".format(*load)


def _load_options(load):
    connections, octets, in_flight = load
    return ("-n", connections, "-s", octets, "-P", in_flight)


def processor(bench, options):
    """Microseconds of processor time a request: load -> server -> rounds of (server's, client's);
    and the "seconds" of a load."""
    seen = {load_name(load): {RAW: [], OURS: []} for load in LOADS}
    for number in range(options.rounds):
        bench.exchange()
        for load in LOADS:
            name = load_name(load)
            order = [RAW, OURS] if number % 2 == 0 else [OURS, RAW]
            for server_name in order:
                step = f"round {number + 1} of {options.rounds}: {name}, {server_name}"
                progress(f"processor: {step}")
                seen[name][server_name].append(_cost(bench, server_name, load, options.seconds))
    return {**seen, "seconds": options.seconds}


def _cost(bench, server_name, load, seconds):
    with bench.server(server_name) as server:
        start = bench.load(server, *_load_options(load), "-c", 1)
        cost = bench.load(server, *_load_options(load), "-d", seconds)
    return cost.each(start)


def calls(bench, _):
    """load -> server -> {calls of each function, "requests"}, beyond a run of one request each; and
    "times": the same for requests with times."""
    seen = {}
    for load in COUNTED_LOADS:
        for server_name in (RAW, OURS):
            progress(f"calls: {load_name(load)}, {server_name}")
            counts = _counts(bench, server_name, load)
            seen.setdefault(load_name(load), {})[server_name] = counts
    progress("calls: with times")
    seen["times"] = _counts(bench, OURS, COUNTED_LOADS[1], "--times")
    return seen


def _counts(bench, server_name, load, *more):
    connections, _, in_flight = load
    each = COUNTED_BATCHES // connections * in_flight
    with bench.counted_server(server_name) as (server, read):
        seen = []
        for count in (1, each):
            before = read()
            said, _ = bench.run_client(server, *_load_options(load), *more, "-c", count)
            after = read()
            difference = {name: after[name] - before[name] for name in after}
            seen.append({**difference, "requests": said["answered"]})
    return {name: seen[1][name] - seen[0][name] for name in seen[1]}


def system_calls(counts):
    """Of all that was counted those that are made for requests, in sum."""
    return sum(counts[name] for name in counts if name in CALLS_OF_REQUESTS)


def memory(bench, _):
    """Octets of memory for a connection: server -> {"connections", "idle", "used"}; idle ones have
    never been used, used ones have had a request of 64 octets."""
    _allow_descriptors(IDLE_CONNECTIONS + 100)
    return {server_name: _idle_memory(bench, server_name) for server_name in (RAW, OURS)}


def _idle_memory(bench, server_name):
    progress(f"memory: {server_name}")
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(bench.server(server_name))
        with server.connect() as client:  # what is made for the first one is not counted
            client.send(request(b"x" * 64))
            client.frame()
        before = server.memory()
        clients = [stack.enter_context(server.connect()) for _ in range(IDLE_CONNECTIONS)]
        _exchange(clients[-1], request(b"x" * 64), REPLY)  # it has seen those before, too
        idle = server.memory()
        for client in clients:
            client.send(request(b"x" * 64))
        for client in clients:
            if client.frame().kind != REPLY:
                raise Trouble(f"{server_name}: no REPLY")
        used = server.memory()
        for client in clients:  # not by the server: its port would be in TIME_WAIT
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    return {
        "connections": IDLE_CONNECTIONS,
        "idle": (idle - before) / IDLE_CONNECTIONS,
        "used": (used - before) / IDLE_CONNECTIONS,
    }


def _exchange(client, frame, kind):
    client.send(frame)
    if client.frame().kind != kind:
        raise Trouble("an idle connection is not served")


def _allow_descriptors(wanted):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise Cannot(f"{wanted} descriptors are needed, and {hard} allowed (ulimit -Hn)")
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def fairness(bench, options):
    """Round trips of light connections, alone and beside others that send all they can: a round's
    {"alone", "beside": microseconds by percentile, "bulk": MB a second each way}.

    The neighbours' client gives way to the light ones': whose turn it is on their processor is not
    the server's doing."""
    light = ("-n", LIGHT["connections"], "-r", LIGHT["rate"], "-d", 3 * options.seconds)
    bulk = ("-n", BULK["connections"], "-s", BULK["octets"], "-P", BULK["in_flight"], "-d", 600)
    rounds = []
    for number in range(options.rounds):
        progress(f"fairness: round {number + 1} of {options.rounds}")
        with bench.server(OURS) as server:
            bench.run_client(server, *light[:-1], 0.2)  # the first one warms up
            alone, _ = bench.run_client(server, *light)
            neighbour = bench.start_client(server, *bulk, gives_way=True)
            try:
                bench.run_client(server, *light[:-1], 0.2)
                beside, _ = bench.run_client(server, *light)
                neighbour.send_signal(signal.SIGINT)
                said = bench.finish_client(neighbour)
            finally:
                neighbour.kill()
                neighbour.wait()
        rounds.append(
            {
                "alone": alone["round_trip_us"],
                "beside": beside["round_trip_us"],
                "bulk": said["rate"] * BULK["octets"] / 1e6,
            }
        )
    return rounds


def median(values):
    return statistics.median(values)
