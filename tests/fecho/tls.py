"""A conversation over TLS between two ends in memory, written as segments of a connection.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import shutil
import ssl
import subprocess

SEGMENT = 1400
ALPN = "handshark-echo/1"


def _certificate(folder):
    """A certificate and its key in one file; None: no openssl."""
    path = folder / "certificate.pem"
    openssl = shutil.which("openssl")
    if not openssl:
        return None
    if not path.exists():
        command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        command += ["-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", path, "-out", "-"]
        made = subprocess.run(command, check=True, capture_output=True).stdout
        with path.open("ab") as file:
            file.write(made)
    return path


class _End:
    def __init__(self, who, context, **options):
        self.who, self.incoming, self.outgoing = who, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, **options)


def _pass_on(connection, ends, sender, size):
    """What an end has written, as segments of that size. The number of the last one; None: there was
    nothing."""
    octets, number = ends[sender].outgoing.read(), None
    for at in range(0, len(octets), size):
        number = connection.send(sender, octets[at : at + size])
    ends["s" if sender == "c" else "c"].incoming.write(octets)
    return number


def _drain(end):
    try:
        while end.tls.read(65536):
            pass
    except ssl.SSLWantReadError:
        pass


def converse(connection, exchange, folder, version, size=SEGMENT):
    """exchange: pairs of "c" or "s" and octets. The keys go to folder/keys. Returns for each of them the
    number of the frame with its last octet; None: no openssl."""
    certificate = _certificate(folder)
    if not certificate:
        return None
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.keylog_filename = str(folder / "keys")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    for context in (client, server):
        context.set_alpn_protocols([ALPN])
        context.minimum_version = context.maximum_version = version
    ends = {"c": _End("c", client), "s": _End("s", server, server_side=True)}
    connection.open()
    waiting = {"c", "s"}
    while waiting:
        for who in "cs":
            try:
                ends[who].tls.do_handshake()
                waiting.discard(who)
            except ssl.SSLWantReadError:
                pass
            _pass_on(connection, ends, who, size)
    sent = []
    for who, octets in exchange:
        ends[who].tls.write(octets)
        sent.append(_pass_on(connection, ends, who, size))
        _drain(ends["s" if who == "c" else "c"])
    (folder / "keys").chmod(0o644)
    return sent
