"""How connections open, and how some do not.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import socket

from lab import PORT, TCP_FASTOPEN, TCP_FASTOPEN_CONNECT
from scenario import scenario

CODE_PORT, CODE_PROHIBITED = 3, 13  # ICMP destination unreachable


def close_both(lab, client, server):
    """The client first."""
    client.close()
    lab.settle()
    server.close()
    lab.settle()


@scenario()
def syn_ack_lost_twice(lab):
    """the SYN-ACK is lost twice; SYN and SYN-ACK are sent again"""
    lab.wire.drop(lab.server, "SA", times=2)
    client, server = lab.pair()
    close_both(lab, client, server)


@scenario()
def handshake_ack_lost_then_data(lab):
    """the third segment is lost; the client's data completes the handshake"""
    lab.wire.drop(lab.client, "A")
    listener, client = lab.listen(), lab.end(lab.client)
    client.socket.connect(listener.local)
    lab.settle()
    client.send(b"ping")
    server = lab.accept(listener)
    server.receive(4)
    lab.settle()
    close_both(lab, client, server)


@scenario()
def handshake_ack_lost_server_speaks_first(lab):
    """the third segment is lost and the client waits: the SYN-ACK again brings another ACK"""
    lab.wire.drop(lab.client, "A")
    client, server = lab.pair()
    server.send(b"220 ready").close()
    client.receive(9)
    lab.settle()
    client.close()


@scenario(live=True)
def handshake_ack_lost_then_fin(lab):
    """the third segment is lost and the client closes at once: its FIN completes the handshake"""
    lab.wire.drop(lab.client, "A")
    listener, client = lab.listen(), lab.end(lab.client)
    client.socket.connect(listener.local)
    client.close()
    server = lab.accept(listener)
    lab.settle()
    server.close()


def _open_both(lab):
    """Both ends connect to each other."""
    ends = (lab.client.address, lab.port), (lab.server.address, PORT)
    client = lab.end(lab.client, port=lab.port).start(ends[1])
    server = lab.end(lab.server, port=PORT).start(ends[0])
    lab.wait_state(lab.client, *ends, "ESTABLISHED")
    lab.wait_state(lab.server, *ends[::-1], "ESTABLISHED")
    lab.settle()
    return client, server


@scenario(live=True, delay=0.03)
def simultaneous_open(lab):
    """both ends connect at once: the SYNs cross"""
    client, server = _open_both(lab)
    lab.echo(client, server)
    close_both(lab, client, server)


@scenario(delay=0.02)
def simultaneous_open_one_syn_lost(lab):
    """both ends connect at once; one of the SYNs is lost, and what it meets is no longer a SYN"""
    lab.wire.drop(lab.server, "S")
    client, server = _open_both(lab)
    close_both(lab, client, server)


@scenario(live=True, delay=0.02)
def simultaneous_open_syn_ack_delayed(lab):
    """both ends connect at once; the SYN-ACK of one is overtaken by its next segments"""
    lab.wire.delay(lab.client, 0.15, "SA")
    client, server = _open_both(lab)
    lab.echo(client, server)
    close_both(lab, client, server)


@scenario(delay=0.02, sysctls={"net.ipv4.tcp_fin_timeout": "2"})
def both_ends_open_and_close_at_once(lab):
    """the SYNs cross, and later the FINs"""
    client, server = _open_both(lab)
    client.close()
    server.close()


@scenario(live=True, sysctls={"net.ipv4.tcp_syncookies": "2"})
def syn_cookies(lab):
    """the server keeps nothing of a SYN: a cookie in its number, LISTEN until the ACK"""
    client, server = lab.pair()
    lab.echo(client, server)
    close_both(lab, client, server)


@scenario(sysctls={"net.ipv4.tcp_fastopen": "1027"})
def fast_open_without_cookie(lab):
    """Fast Open: data on the SYN is taken, and answered before the third segment"""
    options = [(socket.IPPROTO_TCP, TCP_FASTOPEN, 16)]
    listener, client = lab.listen(options=options), lab.end(lab.client)
    lab.client.namespace.sysctl("net.ipv4.tcp_fastopen", 5)
    client.option(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
    client.socket.connect(listener.local)
    client.send(b"request on the SYN")
    server = lab.accept(listener)
    server.receive(18)
    server.send(b"answer")
    client.receive(6)
    lab.settle()
    close_both(lab, client, server)


@scenario(live=True, sysctls={"net.ipv4.tcp_fastopen": "1027"})
def fast_open_server_closes_before_the_ack(lab):
    """Fast Open: the server answers and closes out of SYN_RCVD, its ACK still on the way"""
    options = [(socket.IPPROTO_TCP, TCP_FASTOPEN, 16)]
    listener, client = lab.listen(options=options), lab.end(lab.client)
    lab.client.namespace.sysctl("net.ipv4.tcp_fastopen", 5)
    client.option(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
    held = lab.wire.hold(lab.client, "A")
    client.socket.connect(listener.local)
    client.send(b"request on the SYN")
    server = lab.accept(listener)
    server.receive(18)
    server.send(b"answer").close()
    held.wait()
    lab.settle()
    held.release()
    client.receive(6)
    lab.settle()
    client.close()


def _two_for_one_place(lab):
    """Two handshakes for a listener that has room for one."""
    listener = lab.listen()
    ends = [lab.end(lab.client), lab.end(lab.client)]
    held = lab.wire.hold(lab.client, "A", times=2)
    for end in ends:
        end.socket.connect(listener.local)
    held.wait(2)
    listener.socket.listen(0)
    held.release()
    lab.settle()
    return listener, *ends


@scenario()
def accept_queue_full_then_accepted(lab):
    """the accept queue is full: the server drops the third segment and stays in SYN_RCVD until
    there is room"""
    listener, first, second = _two_for_one_place(lab)
    accepted = lab.accept(listener)
    again = lab.accept(listener)
    lab.settle()
    close_both(lab, first, accepted)
    close_both(lab, second, again)


@scenario(live=True, sysctls={"net.ipv4.tcp_abort_on_overflow": "1"})
def accept_queue_full_aborts(lab):
    """the accept queue is full: the third segment is answered by a RST"""
    listener, first, _ = _two_for_one_place(lab)
    close_both(lab, first, lab.accept(listener))


@scenario()
def refused(lab):
    """nobody listens"""
    client = lab.end(lab.client)
    client.start((lab.server.address, PORT))
    lab.settle()


@scenario(live=True, ipv6=True)
def refused_over_ipv6(lab):
    """nobody listens, over IPv6"""
    client = lab.end(lab.client, lab.client.address6)
    client.start((lab.server.address6, PORT))
    lab.settle()


@scenario(live=True, ipv6=True)
def orderly_over_ipv6(lab):
    """an echo over IPv6; the server closes first"""
    listener = lab.listen(address=lab.server.address6)
    client, server = lab.connect(listener, client=lab.end(lab.client, lab.client.address6))
    lab.settle()
    lab.echo(client, server)
    close_both(lab, server, client)


@scenario(live=True)
def syn_administratively_prohibited(lab):
    """a router answers the SYN: ICMP communication administratively prohibited"""
    router = lab.network + ".254"
    lab.wire.answer_unreachable(lab.client, router, CODE_PROHIBITED)
    client = lab.end(lab.client)
    client.start((lab.server.address, PORT))
    lab.settle()


@scenario()
def icmp_error_in_established_is_soft(lab):
    """ICMP port unreachable for data of an established connection: it goes on"""
    client, server = lab.pair()
    router = lab.network + ".254"
    lab.wire.answer_unreachable(lab.client, router, CODE_PORT, flags="PA")
    client.send(b"once lost")
    server.receive(9)
    lab.settle()
    close_both(lab, client, server)


@scenario()
def numbers_wrap_in_the_data(lab):
    """the client's numbers wrap in its data, the FIN is beyond; the data is lost once"""
    listener, client = lab.listen(), lab.end(lab.client)
    client.begin_at(0xFFFFFFF0)
    client, server = lab.connect(listener, client=client)
    lab.settle()
    lab.wire.drop(lab.client, "PA")
    client.send(b"x" * 40).close()
    server.receive(40)
    lab.settle()
    server.close()


@scenario()
def fin_takes_the_last_number(lab):
    """the client's FIN has sequence number 0xffffffff, and is acknowledged by 0"""
    listener, client = lab.listen(), lab.end(lab.client)
    client.begin_at(0xFFFFFFFA)
    client, server = lab.connect(listener, client=client)
    lab.settle()
    lab.echo(client, server)
    close_both(lab, client, server)
