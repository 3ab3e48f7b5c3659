"""handshark-echo-client: TLS.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import programs
from programs import client
from running import Server


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("openssl"):
            raise unittest.SkipTest("there is no openssl to make certificates")
        folder = tempfile.TemporaryDirectory(prefix="handshark-echo-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        for name in ("server", "client"):
            subprocess.run(
                [
                    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1,DNS:echo.example",
                    "-keyout", cls.folder / f"{name}.key", "-out", cls.folder / f"{name}.pem",
                ],
                check=True, capture_output=True, timeout=programs.LIMIT,
            )  # fmt: skip
        cls.server = cls.start()
        cls.addClassCleanup(cls.server.__exit__, None)
        cls.trust = ["--tls-ca", cls.folder / "server.pem"]

    @classmethod
    def start(cls, *options):
        files = ["--tls-cert", cls.folder / "server.pem", "--tls-key", cls.folder / "server.key"]
        return Server(programs.SERVER, *map(str, files), *options)

    def good(self, *arguments, **options):
        done = client(*arguments, **options)
        self.assertEqual(done.status, 0, done)
        return done

    def failed(self, pattern, *arguments):
        done = client(*arguments)
        self.assertEqual(done.status, 1, done)
        self.assertRegex(done.err, pattern, done)

    def test_load(self):
        done = self.good(
            *self.trust, "-n", 5, "-c", 200, "-P", 8, "-s", "0-20000", "-T", "-C", "--json",
            self.server.name,
        )  # fmt: skip
        self.assertEqual(done.json["answered"], 1000)

    def test_closings(self):
        ways = "client,server,reset,linger,fin,half,abort,unread,fin-abort,late"
        done = self.good(*self.trust, "--json", "--close", ways, self.server.name)
        self.assertEqual(done.json["ended"], 10, done)

    def test_by_hand(self):
        done = self.good(*self.trust, self.server.name, text="hello\nQ\n")
        self.assertRegex(done.out, "by TLS")
        self.assertRegex(done.out, "(?m)^hello ")

    def test_names(self):
        self.good(*self.trust, "--tls-name", "echo.example", "-c", 1, self.server.name)
        self.good("--tls-insecure", "-c", 1, self.server.name)
        self.failed("(?i)hostname mismatch", *self.trust, "--tls-name", "other", "-c", 1,
                    self.server.name)  # fmt: skip
        self.failed("self-signed certificate", "--tls", "-c", 1, self.server.name)
        self.failed("(?i)no such file", "--tls-ca", "/nonexistent", "-c", 1, self.server.name)

    def test_server_without(self):
        with Server(programs.SERVER) as server:
            self.failed("no TLS: ", "--tls-insecure", "-c", 1, server.name)

    def test_certificate_of_our_own(self):
        own = ["--tls-cert", self.folder / "client.pem", "--tls-key", self.folder / "client.key"]
        with self.start("--tls-client-ca", str(self.folder / "client.pem")) as server:
            self.good(*self.trust, *own, "-c", 1, server.name)
            self.failed(".", *self.trust, "-c", 1, server.name)

    def test_key_log(self):
        path = self.folder / "keys"
        environment = {**os.environ, "SSLKEYLOGFILE": str(path)}
        self.good(*self.trust, "-c", 1, self.server.name, env=environment)
        self.assertIn("CLIENT_TRAFFIC_SECRET_0 ", path.read_text())
