#!/usr/bin/env python3
"""Fuzz for a while: the targets of this folder, then tshark with the plugin on bad captures.

fuzz.py --build BUILD [SECONDS] [--seed N]     what ./dev fuzz runs
fuzz.py --build BUILD --odd FOLDER             captures as they are, every mode, and the CPU time

The targets come from BUILD/fuzz, the plugin with the sanitizers from BUILD/asan, the one whose time
is taken from BUILD/release. What is found is kept in BUILD/fuzz/findings; what the targets learn, in
BUILD/fuzz/corpus for the next time.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import resource
import shlex
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "common"), str(HERE.parent / "robust")]

from robust import MODES, Bench, merge, random_capture, with_errors  # noqa: E402
from tshark import CAPTURES, TestFailure, Tshark  # noqa: E402

TARGETS = ["tracker", "wording", "ladder", "annotations", "copies", "echo_frame"]
INPUT_MAX = 400  # octets of an input
# randpkt -t: what carries TCP, and what may be taken for it
KINDS = ["tcp", "ip", "ipv6", "eth", "icmp", "llc", "tr", "fddi"]
ERRORS = ["0.001", "0.01", "0.03", "0.1"]  # how likely a byte is changed
BEHIND_LINK = 14  # octets of a frame that errors leave alone every second time
# The time of a run beyond an empty capture's that is taken to be no noise, in seconds of CPU.
NOISE = 0.25


class Tshark2(Tshark):
    """tshark as the fuzzers run it."""

    def __init__(self, plugins, checker=None):
        super().__init__(plugins, checker)
        # A dissector's fault is a note in the tree otherwise.
        self.environment["WIRESHARK_ABORT_ON_DISSECTOR_BUG"] = "1"
        self.leaks = False  # their stacks take minutes


def run_target(name, build, seconds, seed, findings):
    """One target for some seconds. Returns what it did and whether it found something."""
    learnt = build / "fuzz" / "corpus" / name
    learnt.mkdir(parents=True, exist_ok=True)
    before = set(findings.iterdir())
    command = [
        build / "fuzz" / "tests" / "fuzz" / f"fuzz_{name}", f"-max_total_time={max(1, seconds)}",
        f"-seed={seed}", f"-max_len={INPUT_MAX}", "-timeout=10", "-print_final_stats=1",
        f"-artifact_prefix={findings}/{name}-", learnt, HERE / "corpus" / name,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    executed = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    rate = re.search(r"average_exec_per_sec: +(\d+)", done.stderr)
    covered = re.findall(r"cov: (\d+)", done.stderr)
    numbers = [found[1] if found else "?" for found in (executed, rate)]
    line = (
        f"{name}: {numbers[0]} executions, {numbers[1]} a second, "
        f"{covered[-1] if covered else '?'} edges covered, seed {seed}"
    )
    if done.returncode == 0:
        return line, 0
    kept = sorted(path.name for path in set(findings.iterdir()) - before)
    said = [text for text in (done.stdout + done.stderr).splitlines() if "rror" in text]
    said += [text for text in done.stdout.splitlines() if ": expected" in text]
    again = shlex.join([str(command[0]), *(f"{findings}/{name}" for name in kept)])
    return "\n".join([line, f"FOUND by {name}:", *said[:5], f"again: {again}"]), 1


class Tries:
    """Bad captures through tshark with the plugin, until the time is up."""

    def __init__(self, build, findings, seconds, seed):
        self.build, self.findings, self.seed = build, findings, seed
        self.end = time.monotonic() + seconds

    def run(self, name, make):
        """make(bench, number) makes a capture. Returns as run_target()."""
        number = captures = 0
        with Tshark2(self.build / "asan" / "plugins", "asan") as tshark, Tshark2(None) as plain:
            bench = Bench(tshark, plain, CAPTURES, self.findings)
            while number == 0 or time.monotonic() < self.end:
                capture, how = make(bench, number)
                before = bench.failures
                for arguments in MODES:
                    bench.same_as_without(capture, arguments)
                bench.sane(capture)
                if bench.failures > before:
                    print(f"FOUND by {name}: {how}", flush=True)
                capture.unlink()
                number += 1
                captures += 1
        line = f"{name}: {captures} captures, {bench.checks} runs of tshark, seed {self.seed}"
        return line, bench.failures

    def random(self):
        def make(bench, number):
            kind = KINDS[(self.seed + number) % len(KINDS)]
            path = bench.scratch(f"random-{kind}-{self.seed}-{number}.pcap")
            return random_capture(path, kind, 500), f"randpkt -t {kind} -c 500, the capture is kept"

        return self.run("randpkt", make)

    def errors(self):
        captures = sorted(CAPTURES.glob("*/capture*.pcapng"))

        def make(bench, number):
            seed = (self.seed + number) % (1 << 31)
            errors, offset = ERRORS[number % len(ERRORS)], BEHIND_LINK * (number % 2)
            # A few captures at a time, others each time.
            chosen = [captures[(seed * 7 + i * 11) % len(captures)] for i in range(12)]
            merged = merge(chosen, bench.scratch("merged.pcapng"))
            path = bench.scratch(f"errors-{seed}.pcapng")
            names = " ".join(f"{path.parent.name}/{path.name}" for path in chosen)
            how = f"editcap -E {errors} -o {offset} --seed {seed}, of {names} merged (mergecap -a)"
            return with_errors(merged, path, seed, errors, offset), how

        return self.run("editcap -E", make)


def fuzz(options):
    findings = options.build / "fuzz" / "findings"
    findings.mkdir(parents=True, exist_ok=True)
    seed = options.seed or int(time.time()) % (1 << 31)
    workers = os.cpu_count() or 1
    share = options.seconds * workers // (len(TARGETS) + 2)
    failures = 0
    print(f"{share} s for each of {len(TARGETS)} targets and 2 kinds of captures, {workers} at a time")
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        jobs = [
            pool.submit(run_target, name, options.build, share, seed, findings) for name in TARGETS
        ]
        # Their clocks begin when they do.
        for kind in ("random", "errors"):
            jobs.append(
                pool.submit(lambda kind=kind: getattr(Tries(options.build, findings, share, seed), kind)())
            )
        for job in concurrent.futures.as_completed(jobs):
            line, found = job.result()
            print(line, flush=True)
            failures += found
    if failures:
        print(f"{failures} findings; what shows them is in {findings}")
    return failures


# --- captures as they are ---------------------------------------------------------------------------


def cpu_time(tshark, capture, arguments):
    """Seconds of CPU that a run takes; the median of three."""
    times = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        tshark.run(["-r", capture, *arguments], check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(times)


def compare_times(build, captures):
    """How much longer tshark takes with the plugin, for captures that take any time at all. Returns
    how many take more than twice as long."""
    slow, ratios = 0, []
    with Tshark2(build / "release" / "plugins") as tshark, Tshark2(None) as plain:
        nothing = random_capture(tshark.scratch("one.pcap"), "udp", 1)
        start = [cpu_time(one, nothing, ["-V"]) for one in (tshark, plain)]
        for capture in captures:
            took = [
                cpu_time(one, one.stage(capture), ["-V"]) - begin
                for one, begin in zip((tshark, plain), start)
            ]
            ratio = max(took[0], NOISE) / max(took[1], NOISE)
            ratios.append((ratio, capture.name, took))
            slow += ratio > 2
    ratios.sort(reverse=True)
    print(f"CPU time with the plugin to without, beyond {start[0]:.2f} and {start[1]:.2f} s to start:")
    for ratio, name, took in ratios[:5]:
        print(f"  {ratio:.2f}  {name} ({took[0]:.2f} and {took[1]:.2f} s)")
    return slow


def odd(options):
    findings = options.build / "fuzz" / "findings"
    findings.mkdir(parents=True, exist_ok=True)
    captures = sorted(path for path in options.odd.iterdir() if ".pcap" in path.name)
    checks = failures = 0
    for preset, checker in (("release", None), ("asan", "asan")):
        with Tshark2(options.build / preset / "plugins", checker) as tshark, Tshark2(None) as plain:
            bench = Bench(tshark, plain, CAPTURES, findings)
            for capture in captures:
                for arguments in MODES:
                    bench.same_as_without(tshark.stage(capture), arguments)
                bench.sane(tshark.stage(capture))
            checks, failures = checks + bench.checks, failures + bench.failures
    print(f"{len(captures)} captures, {checks} runs, {failures} failures")
    slow = compare_times(options.build, captures)
    print(f"{slow} take more than twice the time")
    return failures + slow or not checks


def main():
    raw = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__, formatter_class=raw)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("seconds", nargs="?", type=int, default=60, metavar="SECONDS")
    parser.add_argument("--seed", type=int, help="of targets and editcap; by default from the clock")
    parser.add_argument("--odd", type=pathlib.Path, metavar="FOLDER")
    options = parser.parse_args()
    if options.seconds < 1:
        parser.error("SECONDS: a number from 1")
    try:
        return 1 if (odd if options.odd else fuzz)(options) else 0
    except TestFailure as failure:
        print(f"FAIL {failure}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
