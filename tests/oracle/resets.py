"""Resets, aborts, and ends that fall silent.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import socket

from crafted import UNLIMITED, _established
from lab import PORT
from openings import close_both
from scenario import scenario

TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_USER_TIMEOUT = 4, 5, 6, 18


# What a RST finds ---------------------------------------------------------------------------------


@scenario()
def rst_in_syn_rcvd(lab):
    """a half-open scan: the SYN-ACK is answered by a RST"""
    lab.listen()
    peer = lab.peer.call(lab.server)
    peer.send("S")
    peer.expect("SA")
    peer.send("R")


@scenario(sysctls=UNLIMITED)
def rst_in_syn_sent(lab):
    """RSTs in SYN_SENT: without ACK, with a wrong ACK, both ignored; with the right one"""
    client, peer = lab.end(lab.client), lab.peer
    client.start((peer.address, PORT))
    syn = peer.answer(lab.client)
    peer.send("R", seq=0)
    lab.settle()
    peer.send("RA", seq=0, ack=syn.end + 5)
    lab.settle()
    peer.send("RA", seq=0, ack=syn.end)


@scenario(live=True, sysctls=UNLIMITED)
def rst_at_the_edges_of_the_window(lab):
    """RSTs just left of the window, at its last number, right of it; then the one expected"""
    peer, _ = _established(lab)
    window = [f.segment.window for f in lab.wire.frames if f.sender is lab.server and f.segment][-1]
    for number in (-1, 1, window - 1, window, window + 1):
        peer.send("R", seq=peer.seq + number)
        lab.settle()
    peer.send("R")


@scenario()
def rst_with_data_and_a_wrong_ack(lab):
    """a RST with a text and an ACK of what was never sent: its number counts, no more"""
    peer, _ = _established(lab)
    peer.send("RA", b"go away", ack=peer.ack + 77)


@scenario(sysctls=UNLIMITED)
def rst_with_the_number_of_the_fin(lab):
    """in CLOSE_WAIT, a RST that does not count the peer's own FIN: taken all the same"""
    peer, _ = _established(lab)
    peer.send("FA")
    peer.expect("A")
    peer.send("R", seq=peer.seq - 1)
    lab.settle()


@scenario(sysctls=UNLIMITED)
def rst_after_data_on_its_way(lab):
    """the peer's data is lost, its RST after that is inexact: a challenge ACK, and the RST to it"""
    peer, _ = _established(lab)
    lab.wire.drop(lab.peer, "PA")
    peer.send("PA", b"lost")
    peer.send("R")
    peer.expect("A")
    peer.send("R", seq=peer.seq - 4)


# Aborts -------------------------------------------------------------------------------------------


@scenario()
def abort_in_established(lab):
    """SO_LINGER 0 in ESTABLISHED"""
    client, server = lab.pair()
    lab.echo(client, server)
    client.abort()


@scenario()
def abort_in_close_wait(lab):
    """the client has closed, the server aborts"""
    client, server = lab.pair()
    client.shut()
    lab.settle()
    server.abort()


@scenario()
def abort_in_fin_wait_1(lab):
    """the client shuts, and aborts before its FIN is acknowledged: the RST may overtake it"""
    client, server = lab.pair()
    held = lab.wire.hold(lab.client, "FA")
    client.shut()
    held.wait()
    client.abort()
    held.release()
    lab.settle()
    server.close()


@scenario()
def abort_in_fin_wait_2(lab):
    """the client shuts, waits for the ACK, and aborts"""
    client, _ = lab.pair()
    client.shut()
    lab.settle()
    client.abort()


@scenario()
def abort_in_syn_sent(lab):
    """the client gives up before the SYN-ACK arrives: the answer to that is the first sign"""
    listener = lab.listen()
    held = lab.wire.hold(lab.server, "SA")
    client = lab.end(lab.client).start(listener.local)
    held.wait()
    client.close()
    held.release()


@scenario()
def close_with_unread_data(lab):
    """the server closes and has not read everything: RST instead of FIN"""
    client, server = lab.pair()
    client.send(b"unread")
    lab.settle()
    server.close()


@scenario()
def close_with_unread_data_in_close_wait(lab):
    """the client has sent and closed; the server closes and has not read it"""
    client, server = lab.pair()
    client.send(b"unread").close()
    lab.settle()
    server.close()


@scenario(live=True)
def data_for_an_end_that_has_closed(lab):
    """the client has closed; the server's data is answered by a RST"""
    client, server = lab.pair()
    client.close()
    lab.settle()
    server.send(b"too late")


@scenario()
def rst_crosses_data(lab):
    """data of the other end is on its way when the client aborts"""
    client, server = lab.pair()
    lab.client.delay = lab.server.delay = 0.03
    client.abort()
    server.send(b"crossing")
    lab.settle(0.1)


@scenario()
def rst_overtaken_by_fin(lab):
    """both close, one aborting: FIN and RST cross"""
    client, server = lab.pair()
    lab.client.delay = lab.server.delay = 0.03
    client.abort()
    server.close()
    lab.settle(0.1)


# Silence ------------------------------------------------------------------------------------------


def _cut(lab):
    """Nothing arrives any more."""
    for host in lab.hosts:
        lab.wire.drop(host, times=1000)


@scenario()
def keep_alive_gives_up(lab):
    """the other end is gone without a word: keep-alives, and a RST that nobody gets"""
    client, _ = lab.pair()
    client.option(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name in (TCP_KEEPIDLE, TCP_KEEPINTVL):
        client.option(socket.IPPROTO_TCP, name, 1)
    client.option(socket.IPPROTO_TCP, TCP_KEEPCNT, 2)
    _cut(lab)
    lab.wait_state(lab.client, client.local, client.remote, "CLOSED")


@scenario()
def keep_alive_answered(lab):
    """keep-alives that are answered, and a close"""
    client, server = lab.pair()
    client.option(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name in (TCP_KEEPIDLE, TCP_KEEPINTVL):
        client.option(socket.IPPROTO_TCP, name, 1)
    seen = len(lab.wire.frames)
    lab.wire.until(lambda: len(lab.wire.frames) >= seen + 4, "two keep-alives with their answers")
    close_both(lab, client, server)


@scenario()
def data_never_acknowledged(lab):
    """the other end is gone without a word: data again and again, until the user timeout"""
    client, _ = lab.pair()
    client.option(socket.IPPROTO_TCP, TCP_USER_TIMEOUT, 700)
    ends = client.local, client.remote
    _cut(lab)
    client.send(b"hello?")
    lab.wait_state(lab.client, *ends, "CLOSED")


@scenario(sysctls={"net.ipv4.tcp_orphan_retries": "2"})
def fin_never_acknowledged(lab):
    """the other end is gone without a word: the FIN again and again, until the kernel gives up"""
    client, _ = lab.pair()
    ends = client.local, client.remote
    _cut(lab)
    client.close()
    lab.wait_state(lab.client, *ends, "CLOSED")


@scenario()
def syn_never_answered(lab):
    """every SYN is lost"""
    lab.client.namespace.sysctl("net.ipv4.tcp_syn_retries", 1)
    _cut(lab)
    client = lab.end(lab.client).start((lab.server.address, PORT))
    lab.settle(1.2)
    client.close()
