#!/usr/bin/env python3
"""A batch by Slurm, for real: one controller and two node daemons on this machine, with a key and a
configuration of their own. 200 captures run as an array of tasks, one task is killed and requeued, and what
comes out is what a local run gives.

slurm.py --plugins BUILD/plugins --program BUILD/bin/handshark

Skipped (77) for who is not root, and where Slurm and munge are not installed (Debian: slurm-wlm, munge).

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import functools
import getpass
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from program import until as wait_until  # noqa: E402
from tshark import argument_parser  # noqa: E402

SKIPPED = 77
NEEDED = ["munged", "slurmctld", "slurmd", "sbatch", "scontrol", "squeue", "scancel"]
CAPTURES = HERE.parents[1] / "test-captures"
COUNT = 200
TASKS = 8


# What is asked of Slurm takes a process each time.
until = functools.partial(wait_until, seconds=120, pause=0.2)


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Cluster:
    """Daemons in the foreground, ended with the test. A context manager."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = dict(environment, SLURM_CONF=str(folder / "slurm.conf"))
        self.daemons = []

    def start(self, *words):
        log = (self.folder / f"{pathlib.Path(words[0]).name}-{len(self.daemons)}.out").open("wb")
        self.daemons.append(subprocess.Popen(words, env=self.environment, stdin=subprocess.DEVNULL,
                                             stdout=log, stderr=log))  # fmt: skip

    def __enter__(self):
        host = socket.gethostname().split(".")[0]
        control, one, two = free_ports(3)
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        munge = self.folder / "munge.socket"
        for name in ("state", "spool.a", "spool.b"):
            (self.folder / name).mkdir()
        self.environment["PATH"] = "/usr/sbin:/sbin:" + self.environment["PATH"]
        (self.folder / "slurm.conf").write_text(f"""
ClusterName=handshark
SlurmctldHost={host}(127.0.0.1)
SlurmUser={getpass.getuser()}
SlurmdUser={getpass.getuser()}
AuthType=auth/munge
AuthInfo=socket={munge}
CredType=cred/munge
CryptoType=crypto/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SlurmctldPort={control}
SlurmctldPidFile={self.folder}/slurmctld.pid
SlurmdPidFile={self.folder}/slurmd.%n.pid
SlurmdSpoolDir={self.folder}/spool.%n
StateSaveLocation={self.folder}/state
SwitchType=switch/none
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1
SelectType=select/cons_tres
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobRequeue=1
NodeName=a NodeHostname={host} NodeAddr=127.0.0.1 Port={one} CPUs=1 State=UNKNOWN
NodeName=b NodeHostname={host} NodeAddr=127.0.0.1 Port={two} CPUs=1 State=UNKNOWN
PartitionName=all Nodes=a,b Default=YES MaxTime=INFINITE State=UP
""".replace("CryptoType=crypto/munge\n", ""), encoding="utf-8")
        self.start("munged", "--foreground", f"--socket={munge}", f"--key-file={key}", "--force",
                   f"--pid-file={self.folder}/munged.pid", f"--seed-file={self.folder}/munge.seed",
                   f"--log-file={self.folder}/munged.log")  # fmt: skip
        until(munge.exists, "munged")
        self.start("slurmctld", "-D")
        for name in "ab":
            self.start("slurmd", "-D", "-N", name)
        until(lambda: self.said("sinfo", "-h", "-o", "%T").split() == ["idle"], "both nodes to be idle")
        return self

    def said(self, *words):
        done = subprocess.run(words, env=self.environment, capture_output=True, text=True, timeout=60)
        return done.stdout.strip()

    def __exit__(self, *problem):
        self.said("scancel", "--full", "--user", getpass.getuser())
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(30)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        if problem[0]:
            for log in sorted(self.folder.glob("*.out")):
                print(f"{log.name}:\n{log.read_text(errors='replace')[-3000:]}", file=sys.stderr)


def content(out):
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*")
            if path.is_file() and path.parts[len(out.parts)] not in ("logs", "manifest.jsonl")}  # fmt: skip


def manifest(out):
    rows = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    return [{name: row[name] for name in row if name not in ("finished", "seconds")} for row in rows]


def make_captures(folder):
    """Captures, and a tshark that knows what the real one says of them: it is not what is tried here. It says so
    slowly enough for a task to be caught at it."""
    known = sorted(CAPTURES.glob("*/capture.pcapng"), key=lambda path: path.stat().st_size)[:10]
    captures = folder / "captures"
    captures.mkdir()
    for n in range(COUNT):
        source = known[n % len(known)]
        shutil.copy(source, captures / f"c{n:03}.pcapng")
        row = {"stream": 0, "segments": n, "verdict": "orderly", "opening": "three-way",
               "closing": "none", "server.addr": "192.0.2.1", "server.port": 80}  # fmt: skip
        (captures / f"c{n:03}.pcapng.rows").write_text(json.dumps(row, separators=(",", ":")) + "\n")
    return captures


def make_tshark(folder, version):
    path = folder / "tshark"
    path.write_text(f"""#!/bin/sh
case $1 in
-G) exec printf 'handshark.so\\t{version}\\tdissector\\t/nowhere\\n' ;;
--version) exec echo known ;;
esac
while [ "$1" != -r ]; do shift; done
sleep 0.02
exec cat "$2.rows"
""")
    path.chmod(0o755)
    return path


def running(cluster, job):
    """The tasks that run, and where."""
    lines = cluster.said("squeue", "-h", "-r", "-t", "RUNNING", "-j", job, "-o", "%K").split()
    return [int(line) for line in lines]


def check(program, folder):
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    tshark = make_tshark(folder, version.split()[1])
    captures = make_captures(folder)
    whole, out = folder / "whole", folder / "out"
    common = ["--ladders=0", f"--tshark={tshark}", captures]
    subprocess.run([program, "batch", "-o", whole, *common], env=environment, check=True)
    (folder / "cluster").mkdir()
    with Cluster(folder / "cluster", environment) as cluster:
        done = subprocess.run(
            [program, "batch", "--slurm", f"--tasks={TASKS}", "-o", out, *common],
            env=cluster.environment, capture_output=True, text=True, timeout=120)  # fmt: skip
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        print(done.stderr, end="")
        job = done.stderr.split("job ")[1].split(":")[0]
        records = out / "work" / "records"
        until(lambda: running(cluster, job) and list(records.glob("task-*")), "a task to run")
        task = running(cluster, job)[0]
        requeued = subprocess.run(["scontrol", "requeue", f"{job}_{task}"], env=cluster.environment,
                                  capture_output=True, text=True)  # fmt: skip
        if requeued.returncode != 0:
            raise AssertionError(f"task {task} could not be requeued: {requeued.stderr}")

        def is_merged():
            # A task that was requeued would wait for two minutes: for its node to be cleared.
            cluster.said("scontrol", "update", f"JobId={job}_{task}", "StartTime=now")
            return (out / "manifest.jsonl").exists()

        until(is_merged, "the merge", seconds=240)
        until(lambda: not cluster.said("squeue", "-h"), "the jobs to end")
        log = (out / "logs" / f"task-{task}.log").read_text()
        print(f"task {task} was requeued; its log:\n{log}")
        if "DUE TO JOB REQUEUE" not in log and "CANCELLED" not in log:
            raise AssertionError(f"task {task} was not killed")
    if content(out) != content(whole) or manifest(out) != manifest(whole):
        raise AssertionError("the results are not those of the local run")
    rows = manifest(out)
    print(f"{len(rows)} captures, the same as by the local run")
    assert len(rows) == COUNT and not any(row["reason"] for row in rows)


def main():
    parser = argument_parser(__doc__)
    parser.add_argument("--program", required=True, type=pathlib.Path)
    options = parser.parse_args()
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    missing = [name for name in NEEDED if not shutil.which(name, path=path)]
    if os.geteuid() != 0 or missing:
        why = f"not installed: {' '.join(missing)}" if missing else "only root can run Slurm's daemons"
        print(f"skipped: {why}")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="handshark-slurm-") as folder:
        os.chmod(folder, 0o755)
        check(options.program.resolve(), pathlib.Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
