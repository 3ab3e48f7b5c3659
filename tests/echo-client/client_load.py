"""handshark-echo-client as probe and load generator.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import ctypes
import pathlib
import re
import signal
import socket
import tempfile
import time
import unittest

import programs
from programs import client, finish, start
from running import Server, eventually

PR_CAPBSET_DROP, CAP_NET_ADMIN = 24, 12  # Linux's numbers
EVERY_CLOSING = "client,client:50,server,reset,linger,fin,half,abort,unread,fin-abort,late"


def at_work(server):
    """Wait until five connections have had answers for a while."""

    def is_at_work():
        counters = server.counters()
        return counters["connections"] == 5 and counters.get("requests", 0) > 500

    eventually(is_at_work, "it is at work")


class Load(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="handshark-echo-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.server = Server(
            programs.SERVER, addresses=("127.0.0.1:0", f"unix:{folder.name}/socket")
        )
        cls.addClassCleanup(cls.server.__exit__, None)
        cls.name, cls.path = cls.server.names

    def answered(self, wanted, *arguments):
        """All was asked and answered; returns the JSON."""
        done = client("--json", *arguments)
        self.assertEqual(done.status, 0, done)
        result = done.json
        for name, value in (("sent", wanted), ("answered", wanted), ("wrong", 0), ("missing", 0)):
            self.assertEqual(result[name], value, done)
        self.assertEqual(result["opened"], result["ended"], done)
        self.assertEqual(result["round_trip_us"]["count"], wanted, done)
        return result

    def test_closed_loop(self):
        before = self.server.counters()
        result = self.answered(4000, "-n", 4, "-c", 1000, self.name)
        after = self.server.counters()
        self.assertEqual(after["requests"] - before["requests"], 4000)
        self.assertEqual((result["loop"], result["opened"]), ("closed", 4))

    def test_threads_pipeline_and_everything_checked(self):
        self.answered(
            9000, "-t", 3, "-n", 9, "-c", 1000, "-P", 32, "-T", "-C", "-s", "0-2000", self.name
        )

    def test_payloads_larger_than_any_buffer(self):
        self.answered(12, "-n", 2, "-c", 6, "-P", 3, "-s", 1000000, "-C", self.name)

    def test_empty_payloads(self):
        self.answered(100, "-c", 100, "-s", 0, "-P", 7, "-T", "-C", self.name)

    def test_plain(self):
        self.answered(5000, "--plain", "-n", 5, "-c", 1000, "-P", 9, "-s", "1-999", self.name)

    def test_unix(self):
        self.answered(
            100, "-n", 10, "-c", 10, "--close", "client,server,linger,reset,fin", self.path
        )

    def test_busy_poll(self):
        self.answered(300, "-c", 300, "--busy-poll", self.name)

    def test_at_once(self):
        """A thousand connections, two at a time."""
        self.answered(1000, "-n", 1000, "-c", 1, "--at-once", 2, "-x", "server", self.name)

    def test_every_closing(self):
        done = client("--json", "--close", EVERY_CLOSING, self.name)
        self.assertEqual(done.status, 0, done)
        self.assertEqual(done.json["ended"], len(EVERY_CLOSING.split(",")), done)

    def test_closings_of_a_load(self):
        done = client("--json", "-n", 60, "-c", 50, "-P", 4, "--close", EVERY_CLOSING, self.name)
        self.assertEqual(done.status, 0, done)
        self.assertEqual(done.json["ended"], 60, done)

    def test_openings(self):
        """None of them takes rights: root, too, is without those over the network here."""
        openings = "three-way,data,fast,refused,unanswered,incomplete"
        libc = ctypes.CDLL(None)

        def drop_net_admin():
            libc.prctl(PR_CAPBSET_DROP, CAP_NET_ADMIN, 0, 0, 0)

        done = client("-v", "--open", openings, self.name, preexec_fn=drop_net_admin)
        self.assertEqual(done.status, 0, done)
        self.assertEqual(len(re.findall("^connection", done.err, re.MULTILINE)), 6, done)

    def test_stopped(self):
        """Stopped and continued (Ctrl+Z, fg) while it waits for what does not come."""
        process = start("-v", "--pause", 300, "--open", "unanswered,incomplete", self.name)
        for _ in range(10):
            process.send_signal(signal.SIGSTOP)
            process.send_signal(signal.SIGCONT)
            time.sleep(0.05)
        done = finish(process)
        self.assertEqual(done.status, 0, done)

    def test_times(self):
        result = self.answered(500, "-c", 500, "--times", self.name)
        for name in ("server_us", "network_us"):
            self.assertEqual(result[name]["count"], 500)
        means = {name: result[f"{name}_us"]["mean"] for name in ("server", "network", "round_trip")}
        # The means are of the same requests, and exact.
        self.assertAlmostEqual(means["server"] + means["network"], means["round_trip"], delta=0.01)
        self.assertIsNone(self.answered(1, "-c", 1, self.name)["server_us"])

    def test_hgrm(self):
        path = self.folder / "run.hgrm"
        result = self.answered(2000, "-c", 2000, "--hgrm", path, self.name)
        rows = [
            [float(cell) for cell in line.split()]
            for line in path.read_text().splitlines()
            if re.match(r" *[0-9]", line)
        ]
        self.assertEqual(rows[-1][1:3], [1.0, 2000])
        self.assertEqual(rows, sorted(rows))
        for name in ("p50", "p99"):
            share = float(name[1:]) / 100
            value = next(row[0] for row in rows if row[1] >= share)
            self.assertAlmostEqual(value, result["round_trip_us"][name], delta=0.002)

    def test_table(self):
        done = client("-c", 10, "-T", self.name)
        self.assertEqual(done.status, 0, done)
        self.assertRegex(done.out, r"^closed loop: not corrected")
        self.assertRegex(done.out, r"10 answers to 10 requests")
        self.assertRegex(done.out, r"(?m)^ +network +\d")

    def test_duration(self):
        began = time.monotonic()
        done = client("-d", 0.5, "--json", self.name)
        self.assertEqual(done.status, 0, done)
        self.assertGreaterEqual(time.monotonic() - began, 0.5)
        self.assertGreater(done.json["answered"], 10)


class OpenLoop(unittest.TestCase):
    def test_rate(self):
        with Server(programs.SERVER) as server:
            done = client("-r", 2000, "-d", 1, "-n", 3, "-t", 2, "--json", server.name)
            self.assertEqual(done.status, 0, done)
            self.assertEqual(done.json["loop"], "open")
            planned = done.json["answered"] + done.json["unsent"]
            self.assertAlmostEqual(planned, 2000 * done.json["seconds"], delta=400)

    def test_count(self):
        """The schedule ends with the count: nothing is planned that is not sent."""
        with Server(programs.SERVER) as server:
            done = client("-r", 20000, "-c", 100, "-n", 7, "-t", 2, "--json", server.name)
            self.assertEqual(done.status, 0, done)
            self.assertEqual((done.json["answered"], done.json["unsent"]), (700, 0), done)

    def test_stall(self):
        """A server that stands still for 0.4 s of 2 delays a fifth of the plan, by 0.2 s on average.

        With one request in flight on each connection nearly all of them are sent late too: they count
        from the plan.
        """
        with Server(programs.SERVER) as server:
            process = start("-r", 1000, "-d", 2, "-n", 2, "-P", 1, "--json", server.name)
            eventually(lambda: server.counters().get("requests", 0) > 400, "it is at work")
            server.signal(signal.SIGSTOP)
            time.sleep(0.4)
            server.signal(signal.SIGCONT)
            done = finish(process)
            self.assertEqual(done.status, 0, done)
            latency = done.json["round_trip_us"]
            self.assertGreater(latency["p90"], 100000, done)
            self.assertGreater(latency["p99"], 300000, done)
            self.assertGreater(latency["max"], 350000, done)
            self.assertLess(latency["p50"], 200000, done)


class Ping(unittest.TestCase):
    def test_ping(self):
        with Server(programs.SERVER) as server:
            done = client("-i", 0.05, "-c", 3, server.name)
            self.assertEqual(done.status, 0, done)
            lines = re.findall(
                r"^64 octets from (\S+): id=(\d) time=[\d.]+ ms \(server [\d.]+ ms\)$",
                done.out, re.MULTILINE,
            )  # fmt: skip
            self.assertEqual(lines, [(server.name, str(number)) for number in (1, 2, 3)], done)

    def test_sigint(self):
        with Server(programs.SERVER) as server:
            process = start("--ping", server.name)
            process.stdout.readline()
            process.send_signal(signal.SIGINT)
            done = finish(process)
            self.assertEqual(done.status, 0, done)
            self.assertRegex(done.out, "1 answers to 1 requests")


class Faults(unittest.TestCase):
    def failed(self, pattern, *arguments, **options):
        done = client(*arguments, **options)
        self.assertEqual(done.status, 1, done)
        self.assertRegex(done.err, pattern, done)
        return done

    def test_sigint_ends_a_load(self):
        with Server(programs.SERVER) as server:
            process = start("-d", 600, "-n", 5, "--json", server.name)
            at_work(server)
            process.send_signal(signal.SIGINT)
            done = finish(process)
            self.assertEqual((done.status, done.json["ended"]), (0, 5), done)
            self.assertEqual(done.json["sent"], done.json["answered"], done)

    def test_second_sigint_ends_at_once(self):
        with Server(programs.SERVER) as server:
            process = start("-d", 600, "-n", 5, "-w", 600, "--json", server.name)
            at_work(server)
            server.signal(signal.SIGSTOP)
            time.sleep(0.1)
            while process.poll() is None:  # one signal of two that come together is lost
                process.send_signal(signal.SIGINT)
                time.sleep(0.2)
            done = finish(process)
            server.signal(signal.SIGCONT)
            self.assertEqual(done.status, 1, done)
            self.assertEqual(done.json["sent"] - done.json["answered"], done.json["missing"], done)
            self.assertGreater(done.json["missing"], 0, done)

    def test_nobody_there(self):
        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))
            name = f"127.0.0.1:{reserved.getsockname()[1]}"
            done = self.failed(f"{name}: could not connect: Connection refused", "-c", 1, name)
            self.assertRegex(done.out, "1 failed")
            self.failed("could not connect .*refused", name, text="hello\n")
        self.failed("no-such-host.invalid", "-c", 1, "no-such-host.invalid")
        self.failed("No such file", "-c", 1, "unix:/nonexistent/socket")

    def test_silence(self):
        """A server that accepts and says nothing, and one that does not accept."""
        with Server(programs.SERVER) as server:
            server.signal(signal.SIGSTOP)
            self.failed("no answer to request 1 within 0.3 s", "-w", 0.3, "-c", 1, server.name)
            self.failed("no answer within 0.3 s", "-w", 0.3, server.name, text="hello\n")
            server.signal(signal.SIGCONT)
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
            name = f"127.0.0.1:{full.getsockname()[1]}"
            with socket.create_connection(full.getsockname()):
                self.failed("no connection within 0.3 s", "-w", 0.3, "-c", 1, name)

    def test_server_dies(self):
        with Server(programs.SERVER) as server:
            process = start("-d", 600, "-n", 5, "-P", 8, "--json", server.name)
            at_work(server)
            server.process.kill()
            done = finish(process)
            self.assertEqual((done.status, done.json["failed"]), (1, 5), done)
            self.assertEqual(done.json["missing"], done.json["sent"] - done.json["answered"], done)

    def test_many_failures_are_counted(self):
        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))
            name = f"127.0.0.1:{reserved.getsockname()[1]}"
            done = self.failed("counted, not shown", "-n", 2000, "-c", 1, "--at-once", 5, name)
            self.assertRegex(done.out, "2000 failed")
            self.assertEqual(len(done.err.splitlines()), 11, done)


class WrongUse(unittest.TestCase):
    def test_wrong_use(self):
        for arguments in (
            ["--nonsense"], ["-c", "0"], ["-c", "x"], ["-s", "9-8"], ["-r", "-1"], ["a", "b"],
            ["host:99999"], ["-x", "never"], ["-o", "never"], ["--plain", "--times"],
            ["--plain", "--close", "server"], ["-r", "1", "-i", "1"], ["--tls-cert", "x"],
            ["-x", "client:9999"], ["--open", "fast", "unix:/x"], ["--plain", "-s", "0"],
        ):  # fmt: skip
            done = client(*arguments)
            self.assertEqual((done.status, done.out), (2, ""), done)
            self.assertRegex(done.err, "^handshark-echo-client: (.|\n)*--help", done)

    def test_help_and_version(self):
        done = client("--help")
        self.assertEqual((done.status, done.err), (0, ""))
        for word in ("--rate", "--close", "simultaneous", "Exit status"):
            self.assertIn(word, done.out)
        self.assertRegex(client("--version").out, r"^handshark-echo-client \d+\.\d+")
