"""How connections close in order.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import contextlib
import socket

from openings import close_both
from scenario import scenario

TCP_CORK, TCP_NODELAY, TCP_MAXSEG, TCP_LINGER2 = 3, 1, 2, 8


@scenario()
def four_segments(lab):
    """an echo; the client closes first, the server later"""
    client, server = lab.pair()
    lab.echo(client, server)
    close_both(lab, client, server)


@scenario(live=True)
def three_segments(lab):
    """the server closes as soon as it sees the client's FIN"""
    client, server = lab.pair()
    lab.echo(client, server)
    held = lab.wire.hold(lab.client, "FA")
    client.close()
    held.wait()
    server.socket.setblocking(True)
    held.release()
    server.receive(1)
    server.close()


def _close_both_at_once(lab):
    client, server = lab.pair()
    lab.echo(client, server)
    client.close()
    server.close()
    return client, server


@scenario(delay=0.02)
def fins_cross(lab):
    """both close at once"""
    _close_both_at_once(lab)


@scenario(live=True, delay=0.02)
def fins_cross_client_ack_delayed(lab):
    """the FINs cross, and the client's ACK comes much later than the server's"""
    lab.wire.delay(lab.client, 0.12, "A", where=lambda segment: lab.fin_seen(segment))
    _close_both_at_once(lab)
    lab.settle(0.15)


@scenario(live=True, delay=0.02)
def fins_cross_server_ack_delayed(lab):
    """the FINs cross, and the server's ACK comes much later than the client's"""
    lab.wire.delay(lab.server, 0.12, "A", where=lambda segment: lab.fin_seen(segment))
    _close_both_at_once(lab)
    lab.settle(0.15)


@scenario(delay=0.02)
def fins_cross_and_an_ack_is_lost(lab):
    """the FINs cross; the ACK of one is lost, so that FIN is sent again, into TIME_WAIT"""
    lab.wire.drop(lab.client, "A", where=lambda segment: lab.fin_seen(segment))
    _close_both_at_once(lab)
    lab.settle(0.5)


@scenario()
def fins_cross_and_one_is_lost(lab):
    """both close at once; one of the FINs is lost: its sender gets the other's first"""
    client, server = lab.pair()
    lab.wire.drop(lab.client, "FA")
    client.close()
    server.close()
    lab.settle(0.5)


@scenario()
def fin_crosses_data_of_the_other_end(lab):
    """the server's data is on its way when the client's FIN leaves"""
    client, server = lab.pair()
    lab.echo(client, server)
    lab.client.delay = lab.server.delay = 0.03
    client.shut()
    server.send(b"crossing")
    client.receive(8)
    lab.settle(0.1)
    server.close()


@scenario(live=True)
def fin_overtakes_data(lab):
    """the FIN arrives before the last data: it counts when the gap is filled"""
    client, server = lab.pair()
    lab.echo(client, server)
    held = lab.wire.hold(lab.client, times=2)
    client.send(b"last words")
    held.wait()
    client.close()
    held.wait(2)
    held.release(1, 0)
    lab.settle()
    server.close()


@scenario()
def data_before_the_fin_lost(lab):
    """the last data is lost, the FIN after it is not: CLOSE_WAIT when the data was sent again"""
    client, server = lab.pair()
    lab.echo(client, server)
    lab.wire.drop(lab.client, "PA")
    client.send(b"last words")
    client.close()
    lab.settle(0.4)
    server.close()


@scenario()
def data_and_fin_lost_sent_again_merged(lab):
    """two small segments and the FIN are lost; they are sent again with other boundaries"""
    client, server = lab.pair()
    client.option(socket.IPPROTO_TCP, TCP_NODELAY, 1)
    lab.wire.drop(lab.client, times=4)
    client.send(b"one").send(b"two").close()
    lab.settle(0.8)
    server.receive(6)
    server.close()


@scenario()
def fin_on_a_full_segment(lab):
    """the FIN rides on a segment of exactly the MSS"""
    client, server = lab.pair()
    size = client.socket.getsockopt(socket.IPPROTO_TCP, TCP_MAXSEG)
    client.option(socket.IPPROTO_TCP, TCP_CORK, 1)
    client.send(b"x" * (size - 1)).send(b"y").close()
    server.receive(size)
    lab.settle()
    server.close()


@scenario()
def last_ack_lost_twice(lab):
    """the ACK of the second FIN is lost twice: TIME_WAIT answers the FIN sent again"""
    client, server = lab.pair()
    client.close()
    lab.settle()
    lab.wire.drop(lab.client, "A", times=2)
    server.close()
    lab.settle(0.9)


@scenario()
def fin_duplicated(lab):
    """the network duplicates both FINs"""
    client, server = lab.pair()
    lab.echo(client, server)
    lab.wire.duplicate(lab.client, 0.02, "FA")
    lab.wire.duplicate(lab.server, 0.02, "FA")
    client.close()
    lab.settle()
    server.close()


@scenario()
def half_close_with_much_data(lab):
    """the client shuts its sending side, the server sends 60 kB after that; a segment is lost"""
    client, server = lab.pair()
    client.send(b"all of it, please").shut()
    server.receive(17)
    lab.settle()
    lab.wire.drop(lab.server, where=lambda segment: len(segment.data) > 1000)
    server.socket.sendall(b"x" * 60_000)
    server.close()
    client.receive(60_000)
    lab.settle()
    client.close()


@scenario()
def half_close_by_the_server(lab):
    """the server shuts its sending side first; the client goes on, and closes"""
    client, server = lab.pair()
    server.send(b"enough").shut()
    client.receive(6)
    lab.settle()
    client.send(b"one more").send(b"and another")
    server.receive(19)
    lab.settle()
    close_both(lab, client, server)


@scenario()
def shut_reading(lab):
    """the server shuts its receiving side: no segment says so, and data is still taken"""
    client, server = lab.pair()
    server.shut(socket.SHUT_RD)
    lab.settle()
    client.send(b"to nobody")
    lab.settle()
    close_both(lab, client, server)


@scenario(live=True)
def zero_window_then_close(lab):
    """the receiver's window is closed when the sender closes: the FIN waits behind the data"""
    listener = lab.listen(options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)])
    client, server = lab.connect(listener)
    lab.settle()
    client.socket.setblocking(False)
    client.send(b"x" * 20_000)
    lab.settle(0.1)
    client.close()
    lab.settle(0.3)
    server.receive(20_000)
    lab.settle()
    server.close()


@scenario()
def zero_window_probes_then_data(lab):
    """the window is closed; probes; then it opens and the rest goes through"""
    listener = lab.listen(options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)])
    client, server = lab.connect(listener)
    lab.settle()
    client.send(b"x" * 8_000)
    lab.settle(0.9)
    server.receive(8_000)
    lab.settle(0.3)
    close_both(lab, client, server)


@scenario(sysctls={"net.ipv4.tcp_fin_timeout": "1"})
def fin_wait_2_times_out(lab):
    """the client has closed and waits no longer for the server's FIN: data then meets nobody"""
    client, server = lab.pair()
    lab.echo(client, server)
    ends = client.local, client.remote
    client.close()
    lab.settle()
    lab.wait_state(lab.client, *ends, "CLOSED")
    server.send(b"still there?")


@scenario(sysctls={"net.ipv4.tcp_tw_reuse": "1"})
def time_wait_reused_by_its_holder(lab):
    """the client's TIME_WAIT makes room for its next connection from the same port"""
    listener = lab.listen()
    client, server = lab.connect(listener, port=lab.port)
    lab.settle()
    close_both(lab, client, server)
    lab.settle(1.2)
    client, server = lab.connect(listener, port=lab.port)
    lab.settle()
    close_both(lab, client, server)


@scenario()
def time_wait_reused_by_a_new_syn(lab):
    """the server holds TIME_WAIT; a SYN from the same port opens the next connection"""
    listener = lab.listen()
    client, server = lab.connect(listener, port=lab.port)
    lab.settle()
    close_both(lab, server, client)
    lab.settle(1.2)
    client, server = lab.connect(listener, port=lab.port)
    lab.settle()
    close_both(lab, client, server)


@scenario()
def urgent_data(lab):
    """urgent data in both directions"""
    client, server = lab.pair()
    client.send(b"a!", socket.MSG_OOB)
    server.send(b"b!", socket.MSG_OOB)
    lab.settle()
    client.send(b"more")
    lab.settle()
    close_both(lab, client, server)


@scenario()
def window_scaled_down_to_nothing(lab):
    """a small window without scaling at the server's end, closed and opened again"""
    options = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096), (socket.IPPROTO_TCP, 10, 1000)]
    client, server = lab.connect(lab.listen(options=options))
    lab.settle()
    client.send(b"x" * 4000)
    lab.settle(0.1)
    server.receive(4000)
    lab.settle()
    close_both(lab, client, server)


@scenario()
def no_data(lab):
    """a connection without data"""
    client, server = lab.pair()
    close_both(lab, server, client)


@scenario()
def close_without_fin_wait_2(lab):
    """an end that does not wait in FIN_WAIT_2 (TCP_LINGER2 below zero): data meets nobody"""
    client, server = lab.pair()
    client.option(socket.IPPROTO_TCP, TCP_LINGER2, -1).close()
    lab.settle()
    with contextlib.suppress(OSError):
        server.send(b"anyone?")
