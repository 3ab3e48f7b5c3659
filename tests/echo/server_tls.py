"""handshark-echo-server: TLS.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

import frames
from frames import CLIENT_FIRST, ERROR, GOODBYE, LINGER, REPLY, RESET, SERVER_FIRST, goodbye, request
from running import LIMIT, Server, eventually, took
from server_closing import CLOSE, state

PROGRAM, SANITIZED = None, False
ALPN = "handshark-echo/1"


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("openssl"):
            raise unittest.SkipTest("there is no openssl to make certificates")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="handshark-tls-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        for name in ("server", "client", "stranger"):
            subprocess.run(
                [
                    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                    f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", cls.folder / f"{name}.key", "-out", cls.folder / f"{name}.pem",
                ],
                check=True, capture_output=True, timeout=LIMIT,
            )  # fmt: skip
        cls.files = [
            "--tls-cert", str(cls.folder / "server.pem"), "--tls-key", str(cls.folder / "server.key"),
        ]  # fmt: skip
        cls.server = cls.start()
        cls.addClassCleanup(cls.server.__exit__, None)

    @classmethod
    def start(cls, *options, **others):
        return Server(PROGRAM, *cls.files, *options, **others)

    def wrapper(self, certificate=None, protocols=(ALPN,), version=None):
        context = ssl.create_default_context(cafile=self.folder / "server.pem")
        if certificate:
            context.load_cert_chain(
                self.folder / f"{certificate}.pem", self.folder / f"{certificate}.key"
            )
        if protocols:
            context.set_alpn_protocols(list(protocols))
        if version:
            context.maximum_version = context.minimum_version = version
        return lambda plain: context.wrap_socket(
            plain, server_hostname="127.0.0.1", suppress_ragged_eofs=False
        )

    def connect(self, server=None, **options):
        return (server or self.server).connect(wrap=self.wrapper(**options))

    def test_requests(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.connect(version=version) as client:
                self.assertEqual(client.socket.selected_alpn_protocol(), ALPN)
                asked = [request(b"x" * size, size, True, True) for size in (0, 1, 5000, 70000)]
                for one in asked:
                    client.send(one)
                    self.assertEqual(client.frame().payload, one.payload)

    def test_split_points(self):
        data = bytes(request(b"abc", 1, True)) + bytes(request(b"d", 2))
        for at in range(1, len(data), 5):
            with self.connect() as client:
                client.send(data[:at])
                time.sleep(0.001)
                client.send(data[at:])
                self.assertEqual([client.frame().payload, client.frame().payload], [b"abc", b"d"])

    def test_plain_echo_and_no_alpn(self):
        with self.connect(protocols=()) as client:
            client.send("Grüße\n".encode())
            self.assertEqual(client.receive(8).decode(), "Grüße\n")

    def test_other_alpn(self):
        with self.assertRaises(ssl.SSLError):
            self.connect(protocols=("http/1.1",))
        with self.connect(protocols=("http/1.1", ALPN)) as client:
            self.assertEqual(client.socket.selected_alpn_protocol(), ALPN)

    def test_goodbyes(self):
        for how in (CLIENT_FIRST, SERVER_FIRST, LINGER, RESET):
            with self.subTest(how=how), self.connect() as client:
                client.send(request(b"one"), goodbye(how, 50, b"bye", id=4))
                if how != RESET:
                    self.assertEqual(client.frame().kind, REPLY)
                if how in (CLIENT_FIRST, SERVER_FIRST):
                    self.assertEqual(client.frame().kind, GOODBYE)
                if how in (CLIENT_FIRST, LINGER):
                    # Python cannot close one direction of TLS alone and read on: the FIN does.
                    half_close(client)
                if how == LINGER:
                    got = client.frame()
                    self.assertEqual((got.kind, got.id, got.payload), (REPLY, 4, b"bye"))
                if how == RESET:
                    with self.assertRaises((ConnectionResetError, ssl.SSLEOFError)):
                        while client.frame():
                            pass
                    self.assertEqual(state(client), CLOSE)  # by its RST; else CLOSE_WAIT
                else:  # close_notify; without it, SSLEOFError
                    self.assertIsNone(client.frame())

    def test_fin_during_the_wait(self):
        """The end of the stream makes no busy loop."""
        with self.connect() as client:
            used = self.server.processor_time()
            with took(0.4):
                client.send(goodbye(SERVER_FIRST, 400))
                self.assertEqual(client.frame().kind, GOODBYE)
                half_close(client)
                self.assertIsNone(client.frame())
            self.assertLess(self.server.processor_time() - used, 0.1)

    def test_half_close_after_pipelining(self):
        with self.connect() as client:
            client.send(*[request(b"%1000d" % n, n) for n in range(300)])
            half_close(client)
            got = frames.parse_all(client.until_end())
            self.assertEqual([one.id for one in got], list(range(300)))

    def test_error(self):
        with self.connect() as client:
            client.send(request(b"a"), frames.Frame(7, id=5), b"x" * 100000)
            self.assertEqual(client.frame().kind, REPLY)
            got = client.frame()
            self.assertEqual((got.kind, got.code, got.id), (ERROR, frames.BAD_TYPE, 5))
            self.assertIsNone(client.frame())

    def test_large_payload(self):
        """20 MB pass through, in the memory of some records."""
        size, block = 20_000_000, os.urandom(100_000)
        with self.start() as server, self.connect(server) as client:
            before = server.memory()
            client.send(bytes(frames.Frame(length=size)))
            self.assertEqual(len(client.receive(24)), 24)
            for _ in range(size // len(block)):
                client.send(block)
                self.assertEqual(client.receive(len(block)), block)
            if not SANITIZED:
                self.assertLess(server.memory("VmHWM") - before, 2_000_000)

    def test_never_reads(self):
        with self.start() as server, self.connect(server) as client:
            before = server.memory()
            block = bytes(request(b"y" * 1000)) * 16
            client.socket.settimeout(1)
            sent = 0
            with self.assertRaises(TimeoutError):
                while sent < 500_000_000:
                    sent += client.socket.send(block)
            if not SANITIZED:
                self.assertLess(server.memory() - before, 2_000_000)

    def test_no_handshake(self):
        """It is given the time of a frame."""
        with self.start("--frame-deadline", "1") as server:
            with took(1), server.connect() as client:
                with self.assertRaises(ConnectionResetError):
                    client.receive(1)

    def test_no_tls(self):
        with self.server.connect() as client:
            client.send(request(b"hello" * 10))
            try:
                self.assertNotIn(b"hello", client.until_end())
            except ConnectionResetError:
                pass
        eventually(lambda: self.server.counters().get("tls_failures", 0) > 0, "it is counted")

    def test_client_certificates(self):
        authority = str(self.folder / "client.pem")
        with self.start("--tls-client-ca", authority) as server:
            with self.connect(server, certificate="client") as client:
                client.send(b"hi")
                self.assertEqual(client.receive(2), b"hi")
            for certificate in (None, "stranger"):
                with self.assertRaises((ssl.SSLError, ConnectionError)):
                    with self.connect(server, certificate=certificate) as client:
                        client.send(b"hi")
                        client.receive(2)

    def test_end(self):
        with self.start() as server:
            clients = [self.connect(server) for _ in range(5)]
            for client in clients:
                client.send(*[request(b"r", number) for number in range(100)])
            server.signal(signal.SIGTERM)
            for client in clients:
                got = [client.frame() for _ in range(101)]
                self.assertEqual([one.id for one in got[:100]], list(range(100)))
                self.assertEqual((got[100].kind, got[100].code), (ERROR, frames.SHUTTING_DOWN))
                self.assertIsNone(client.frame())
                client.socket.close()
            self.assertEqual(server.wait(), 0)

    def test_full(self):
        with self.start("--max-connections", "1") as server:
            with self.connect(server) as client:
                client.send(b"x")
                client.receive(1)
                with self.connect(server) as other:
                    self.assertEqual(other.frame().code, frames.BUSY)

    def test_key_log(self):
        path = self.folder / "keys"
        with self.start(environment={"SSLKEYLOGFILE": str(path)}) as server:
            with self.connect(server) as client:
                client.send(b"x")
                client.receive(1)
        self.assertIn("CLIENT_TRAFFIC_SECRET_0 ", path.read_text())
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)

    def test_s_client(self):
        """What a user would try."""
        command = [
            "openssl", "s_client", "-quiet", "-connect", self.server.name, "-alpn", ALPN,
            "-verify_return_error", "-CAfile", self.folder / "server.pem",
        ]  # fmt: skip
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
            watch = threading.Timer(LIMIT, process.kill)
            watch.start()
            process.stdin.write(b"hello\n")
            process.stdin.flush()
            line = process.stdout.readline()
            process.terminate()
            watch.cancel()
            self.assertEqual(line, b"hello\n", process.stderr.read())

    def test_bad_files(self):
        missing, key, certificate = (str(self.folder / n) for n in ("none", "server.key", "client.pem"))
        encrypted = str(self.folder / "encrypted.key")
        subprocess.run(
            ["openssl", "ec", "-aes128", "-passout", "pass:x", "-in", key, "-out", encrypted],
            check=True, capture_output=True, timeout=LIMIT,
        )  # fmt: skip
        for cert, private, authority, text in (
            (missing, key, None, f"--tls-cert {missing}: No such file"),
            (key, key, None, f"--tls-cert {key}: "),
            (certificate, missing, None, f"--tls-key {missing}: No such file"),
            (certificate, key, None, f"--tls-key {key}: key values mismatch"),
            (certificate, encrypted, None, f"--tls-key {encrypted}: the key is encrypted"),
            (str(self.folder / "server.pem"), key, missing, f"--tls-client-ca {missing}: No such"),
        ):
            options = ["--tls-cert", cert, "--tls-key", private]
            options += ["--tls-client-ca", authority] if authority else []
            done = subprocess.run(
                [PROGRAM, *options, "127.0.0.1:0"], capture_output=True, text=True, timeout=LIMIT
            )
            self.assertEqual(done.returncode, 1)
            self.assertIn(text, done.stderr)


    def test_unreadable_files(self):
        """That may not be read by whom the server runs as."""
        if os.geteuid() != 0:
            identity = {}
        else:
            identity = {"user": 65534, "group": 65534, "extra_groups": []}
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            folder.chmod(0o755)
            program = shutil.copy(PROGRAM, folder)
            files = [shutil.copy(self.folder / f"server.{kind}", folder) for kind in ("pem", "key")]
            for which, option in enumerate(("--tls-cert", "--tls-key")):
                for path in files:
                    os.chmod(path, 0o644)
                os.chmod(files[which], 0)
                done = subprocess.run(
                    [program, "--tls-cert", files[0], "--tls-key", files[1], "127.0.0.1:0"],
                    capture_output=True, text=True, timeout=LIMIT, **identity,
                )  # fmt: skip
                self.assertEqual(done.returncode, 1)
                self.assertIn(f"{option} {files[which]}: Permission denied", done.stderr)


def half_close(client):
    """The client's FIN, without close_notify."""
    os_socket = socket.socket(fileno=os.dup(client.socket.fileno()))
    os_socket.shutdown(socket.SHUT_WR)
    os_socket.close()
