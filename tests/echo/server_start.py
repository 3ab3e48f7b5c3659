"""handshark-echo-server: how it starts, and what it says when it cannot.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

from running import LIMIT, Server

PROGRAM, SANITIZED = None, False
MAN = pathlib.Path(__file__).resolve().parents[2] / "echo-server" / "handshark-echo-server.1"
UNITS = MAN.parent / "systemd"


def run(*arguments, **options):
    """Run it to its end; returns status, standard output, standard error."""
    done = subprocess.run(
        [PROGRAM, *arguments], capture_output=True, text=True, timeout=LIMIT, **options
    )
    return done.returncode, done.stdout, done.stderr


class Options(unittest.TestCase):
    def test_help(self):
        status, out, err = run("--help")
        self.assertEqual((status, err), (0, ""))
        self.assertTrue(out.startswith("Usage: handshark-echo-server "))
        self.assertEqual(run("-h"), (status, out, err))
        self.assertTrue(all(len(line) <= 100 for line in out.splitlines()))

    def test_version(self):
        for option in ("--version", "-V"):
            status, out, err = run(option)
            self.assertRegex(out, r"^handshark-echo-server \d+\.\d+\.\d+\n$")
            self.assertEqual((status, err), (0, ""))

    def test_manual_page_has_every_option(self):
        options = set(re.findall(r"--[a-z-]+", run("--help")[1]))
        page = MAN.read_text(encoding="utf-8").replace("\\-", "-")
        self.assertGreater(len(options), 12)
        self.assertEqual({option for option in options if option not in page}, set())

    def test_wrong_use(self):
        for arguments, text in (
            (["--no-such-option"], "no-such-option"),
            (["--threads"], "threads"),
            (["--threads", "0"], "--threads 0: must be 1 to 256"),
            (["--threads", "two"], "--threads two: not a number"),
            (["--max-payload", "5G"], "--max-payload 5G: must be 1 to 4294967295"),
            (["--max-payload", "1X"], "--max-payload 1X: not a number"),
            (["--idle-time", "-1"], "--idle-time -1: must be"),
            (["--idle-time", "nan"], "--idle-time nan: not a number of seconds"),
            (["--closing-time", "0"], "--closing-time 0: must be"),
            (["--metrics", "127.0.0.1"], "--metrics 127.0.0.1: there is no port"),
            (["--tls-cert", "x"], "belong together"),
            (["--tls-client-ca", "x"], "--tls-client-ca needs"),
            (["127.0.0.1:99999"], "127.0.0.1:99999: a port is at most 65535"),
            (["host:port"], "host:port: the port is not a number"),
        ):
            with self.subTest(arguments):
                status, out, err = run(*arguments)
                self.assertEqual((status, out), (2, ""))
                self.assertIn(text, err)
                self.assertTrue(err.startswith("handshark-echo-server: "), err)
                self.assertIn("--help", err)


class Addresses(unittest.TestCase):
    def assert_fails(self, text, *arguments, **options):
        status, out, err = run(*arguments, **options)
        self.assertEqual((status, out), (1, ""), err)
        self.assertIn(text, err)

    def test_port_in_use(self):
        with Server(PROGRAM) as server:
            self.assert_fails(f"cannot listen on {server.name}: Address already in use", server.name)

    def test_address_of_another_machine(self):
        self.assert_fails("cannot listen on 192.0.2.1:7777: Cannot assign", "192.0.2.1:7777")

    def test_privileged_port(self):
        if os.geteuid() != 0:
            identity = {}
        else:
            identity = {"user": 65534, "group": 65534, "extra_groups": []}
        begin = int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
        if begin <= 1:
            self.skipTest("every port is for everyone here")
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            program = shutil.copy(PROGRAM, folder)
            done = subprocess.run(
                [program, "127.0.0.1:1"], capture_output=True, text=True, timeout=LIMIT, **identity
            )
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot listen on 127.0.0.1:1: Permission denied", done.stderr)

    def test_unix_path_in_use(self):
        with tempfile.TemporaryDirectory() as folder:
            name = f"unix:{folder}/echo"
            with Server(PROGRAM, addresses=(name,)):
                self.assert_fails(f"cannot listen on {name}: Address already in use", name)
            pathlib.Path(folder, "file").write_text("not a socket")
            self.assert_fails("Address already in use", f"unix:{folder}/file")
            self.assertTrue(pathlib.Path(folder, "file").exists())

    def test_metrics_port_in_use(self):
        with Server(PROGRAM) as server:
            self.assert_fails("cannot listen on", "--metrics", server.name, "127.0.0.1:0")

    def test_by_default_loopback(self):
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                other.bind(("127.0.0.1", 2333))
            except OSError:
                self.skipTest("port 2333 is in use")
        expected = ["127.0.0.1:2333"]
        try:
            with socket.socket(socket.AF_INET6) as other:
                other.bind(("::1", 0))
            expected.append("[::1]:2333")
        except OSError:
            pass
        with Server(PROGRAM, addresses=(), expected=len(expected)) as server:
            self.assertEqual(server.names, expected)
            self.assertEqual(
                sum("listening on" in line for line in server.lines), len(expected)
            )


class Systemd(unittest.TestCase):
    def test_sockets_by_hand(self):
        """LISTEN_FDS and LISTEN_PID, and a socket from descriptor 3 on; and READY=1."""
        with socket.socket() as listener, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            told.settimeout(LIMIT)
            told.bind(f"\0handshark-notify-{os.getpid()}")
            name = "%s:%d" % listener.getsockname()
            script = 'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$0" "$@" 3<&"$FD"'
            environment = {
                "NOTIFY_SOCKET": f"@handshark-notify-{os.getpid()}", "FD": str(listener.fileno()),
            }  # fmt: skip
            with Server(
                "/bin/sh", "-c", script, PROGRAM, addresses=(), expected=1,
                environment=environment, pass_fds=[listener.fileno()],
            ) as server:  # fmt: skip
                self.assertEqual(server.name, name)
                self.assertEqual(told.recv(100), b"READY=1")
                with server.connect() as client:
                    client.send(b"hi")
                    self.assertEqual(client.receive(2), b"hi")
                self.assertEqual(server.end(), 0)
                self.assertEqual(told.recv(100), b"STOPPING=1")

    def test_what_is_no_socket(self):
        script = 'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$0" "$@" 3</dev/null'
        done = subprocess.run(
            ["/bin/sh", "-c", script, PROGRAM], capture_output=True, text=True, timeout=LIMIT
        )
        self.assertEqual(done.returncode, 1)
        self.assertIn("the descriptor 3 that was handed over is no stream socket", done.stderr)

    def test_meant_for_another_process(self):
        environment = {"LISTEN_PID": "1", "LISTEN_FDS": "1"}
        with Server(PROGRAM, environment=environment) as server, server.connect() as client:
            client.send(b"hi")
            self.assertEqual(client.receive(2), b"hi")

    def test_socket_activate(self):
        program = shutil.which("systemd-socket-activate")
        if not program:
            self.skipTest("there is no systemd-socket-activate")
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/echo"
            # Its parent connects first: systemd-socket-activate starts the server then.
            process = subprocess.Popen(
                [program, "-l", path, PROGRAM], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
            )
            try:
                line = process.stderr.readline()
                self.assertIn(b"Listening on", line)
                with socket.socket(socket.AF_UNIX) as client:
                    client.settimeout(LIMIT)
                    client.connect(path)
                    client.sendall(b"hi")
                    self.assertEqual(client.recv(2), b"hi")
                process.terminate()
                self.assertEqual(process.wait(LIMIT), 0)
            finally:
                process.kill()
                process.communicate()

    def test_units(self):
        """systemd understands them, and finds little that could be closed further."""
        if not shutil.which("systemd-analyze"):
            self.skipTest("there is no systemd-analyze")
        with tempfile.TemporaryDirectory() as folder:
            for unit in UNITS.iterdir():
                text = unit.read_text(encoding="utf-8").replace("@SERVER@", PROGRAM)
                pathlib.Path(folder, unit.name.removesuffix(".in")).write_text(text)
            units = sorted(str(path) for path in pathlib.Path(folder).iterdir())
            self.assertEqual(len(units), 2)
            done = subprocess.run(
                ["systemd-analyze", "verify", "--man=no", *units],
                capture_output=True, text=True, timeout=LIMIT,
            )  # fmt: skip
            if "Failed to" in done.stderr and "load" not in done.stderr:
                self.skipTest(done.stderr)
            said = [line for line in done.stderr.splitlines() if "handshark" in line]
            self.assertEqual(said, [])
            done = subprocess.run(
                ["systemd-analyze", "security", "--offline=yes", "--threshold=15", units[0]],
                capture_output=True, text=True, timeout=LIMIT,
            )  # fmt: skip
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
