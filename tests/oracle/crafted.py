"""What RFC 9293's figures and 3.10.7 say of segments that nobody expects: old duplicates, half-open
connections, split handshakes, challenge ACKs. Where no kernel would send a segment on its own, a
peer without a kernel does.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import contextlib

from lab import PORT
from openings import close_both
from scenario import scenario
from segments import timestamp_option, timestamps

UNLIMITED = {"net.ipv4.tcp_invalid_ratelimit": "0"}  # each unacceptable segment gets its ACK


# RFC 9293, figures 8 to 11 ------------------------------------------------------------------------


@scenario(live=True)
def figure_8_old_duplicate_syn(lab):
    """an old SYN arrives before the new one: the client resets the answer, and the new one opens"""
    listener = lab.listen()
    held = lab.wire.hold(lab.client, "S")
    client = lab.end(lab.client, port=lab.port).start(listener.local)
    syn = held.wait()
    lab.forge(lab.server, *syn.path, "S", syn.seq - 100_000, options=syn.options)
    held.release()
    lab.settle()
    server = lab.accept(listener)
    lab.echo(client, server)
    close_both(lab, client, server)


@scenario(live=True)
def figure_9_half_open_found_by_a_syn(lab):
    """the client has forgotten the connection and opens again from the same port: a challenge ACK,
    a RST, and the SYN again"""
    listener = lab.listen()
    client, server = lab.connect(listener, port=lab.port)
    lab.echo(client, server)
    client.forget()
    client = lab.end(lab.client, port=lab.port)
    client.socket.connect(listener.local)
    again = lab.accept(listener)
    lab.echo(client, again)
    close_both(lab, client, again)


@scenario(live=True)
def figure_10_half_open_found_by_data(lab):
    """the client has forgotten the connection: the server's data is answered by a RST"""
    client, server = lab.pair()
    lab.echo(client, server)
    client.forget()
    server.send(b"are you there?")
    lab.settle()


@scenario(live=True)
def figure_11_old_duplicate_syn_between_two_listeners(lab):
    """both ends listen, an old SYN arrives: the other end resets the answer, LISTEN again"""
    lab.listen()
    other = lab.listen(lab.client, port=lab.port)
    lab.forge(lab.server, other.local, (lab.server.address, PORT), "S", 5000)


# Split handshakes ---------------------------------------------------------------------------------


def _finish_with_peer(lab, peer, end):
    """The kernel's end closes first."""
    lab.settle()
    end.close()
    peer.expect("FA")
    peer.send("A")
    peer.send("FA")
    peer.expect("A")


@scenario(live=True)
def split_handshake_ack_then_syn(lab):
    """the server answers the SYN with an ACK, and then with a SYN of its own"""
    client, peer = lab.end(lab.client), lab.peer
    client.start((peer.address, PORT))
    syn = peer.answer(lab.client)
    peer.send("A", seq=peer.seq + 1, ack=syn.end)
    lab.settle()
    peer.send("S")
    peer.expect("SA")
    peer.send("A")
    _finish_with_peer(lab, peer, client)


@scenario(live=True)
def split_handshake_syn_alone(lab):
    """the server answers the SYN with a bare SYN: simultaneous open to the client"""
    client, peer = lab.end(lab.client), lab.peer
    client.start((peer.address, PORT))
    peer.answer(lab.client)
    peer.send("S")
    peer.expect("SA")
    peer.send("A")
    _finish_with_peer(lab, peer, client)


@scenario()
def split_handshake_client_sends_syn_ack(lab):
    """the client answers the SYN-ACK with a SYN-ACK, as after crossing SYNs, then with an ACK"""
    listener, peer = lab.listen(), lab.peer.call(lab.server)
    peer.send("S")
    peer.expect("SA")
    peer.send("SA", seq=peer.seq - 1)
    lab.settle()
    peer.send("A")
    _finish_with_peer(lab, peer, lab.accept(listener))


@scenario(live=True)
def third_segment_is_a_fin(lab):
    """the third segment carries a FIN: SYN_RCVD to CLOSE_WAIT at once"""
    listener, peer = lab.listen(), lab.peer.call(lab.server)
    peer.send("S")
    peer.expect("SA")
    peer.send("FA")
    server = lab.accept(listener)
    lab.settle()
    server.close()
    peer.expect("FA")
    peer.send("A")


@scenario()
def handshake_ack_with_a_wrong_number(lab):
    """an ACK in SYN_RCVD for what was not sent: RST, and the handshake goes on"""
    listener, peer = lab.listen(), lab.peer.call(lab.server)
    peer.send("S")
    peer.expect("SA")
    peer.send("A", ack=peer.ack + 1000)
    peer.expect("R")
    peer.send("A")
    _finish_with_peer(lab, peer, lab.accept(listener))


@scenario()
def syn_with_another_number_in_syn_rcvd(lab):
    """a SYN inside the window of a half-open connection resets it"""
    lab.listen()
    peer = lab.peer.call(lab.server)
    peer.send("S")
    peer.expect("SA")
    peer.send("S", seq=peer.seq + 100)
    lab.settle()


# Challenge ACKs (RFC 5961) and other segments that change nothing --------------------------------


def _established(lab, options=b""):
    listener, peer = lab.listen(), lab.peer.call(lab.server)
    peer.handshake(options)
    server = lab.accept(listener)
    lab.settle()
    return peer, server


@scenario(live=True, sysctls=UNLIMITED)
def syn_inside_the_window_is_challenged(lab):
    """a SYN in ESTABLISHED: a challenge ACK, and the connection lives"""
    peer, server = _established(lab)
    peer.send("S", seq=peer.seq + 100)
    peer.expect("A")
    peer.send("PA", b"still here")
    server.receive(10)
    _finish_with_peer(lab, peer, server)


@scenario(sysctls=UNLIMITED)
def syn_again_in_established(lab):
    """the first SYN once more, late: the server acknowledges what it has"""
    peer, server = _established(lab)
    peer.send("S", seq=peer.seq - 1)
    lab.settle()
    _finish_with_peer(lab, peer, server)


@scenario(sysctls=UNLIMITED)
def syn_ack_in_established_is_challenged(lab):
    """a SYN-ACK in ESTABLISHED, inside the window"""
    peer, server = _established(lab)
    peer.send("SA", seq=peer.seq + 10)
    peer.expect("A")
    _finish_with_peer(lab, peer, server)


@scenario(sysctls=UNLIMITED)
def ack_of_what_was_not_sent(lab):
    """ACKs beyond what was sent, alone, with data and with a FIN: answered, and nothing is taken"""
    peer, server = _established(lab)
    peer.send("A", ack=peer.ack + 5000)
    lab.settle()
    peer.send("PA", b"no", seq=peer.seq, ack=peer.ack + 5000)
    lab.settle()
    peer.send("FA", seq=peer.seq, ack=peer.ack + 5000)
    lab.settle()
    _finish_with_peer(lab, peer, server)


@scenario(sysctls=UNLIMITED)
def fin_without_ack_flag(lab):
    """a FIN without the ACK flag is dropped (RFC 9293 3.10.7.4, fifth), with it it counts"""
    peer, server = _established(lab)
    peer.send("F", seq=peer.seq)
    lab.settle()
    peer.send("FA")
    lab.settle()
    server.close()
    peer.expect("FA")
    peer.send("A")


@scenario(live=True, sysctls=UNLIMITED)
def fin_beyond_the_window(lab):
    """a FIN right of the window is not taken"""
    peer, server = _established(lab)
    peer.send("FA", seq=peer.seq + 200_000)
    lab.settle()
    peer.send("PA", b"go on")
    server.receive(5)
    _finish_with_peer(lab, peer, server)


@scenario(live=True)
def fin_first_then_data_backwards(lab):
    """FIN, then the data before it, last part first: CLOSE_WAIT when the gap is filled"""
    peer, server = _established(lab)
    first = peer.seq
    peer.send("FA", seq=first + 8)
    lab.settle()
    peer.send("PA", b"last", seq=first + 4)
    lab.settle()
    peer.send("PA", b"1st.", seq=first)
    lab.settle()
    peer.seq = first + 9
    server.receive(8)
    server.close()
    peer.expect("FA")
    peer.send("A")


@scenario()
def fin_on_other_boundaries(lab):
    """data, then again from its middle, with more and a FIN: two lost parts sent again as one"""
    peer, server = _established(lab)
    first = peer.seq
    peer.send("PA", b"abcd")
    lab.settle()
    peer.send("FPA", b"cdefgh", seq=first + 2)
    lab.settle()
    peer.seq = first + 9
    server.receive(8)
    server.close()
    peer.expect("FA")
    peer.send("A")


@scenario(sysctls=UNLIMITED)
def data_beyond_the_fin(lab):
    """data after the peer's own FIN is not taken, nor is a second FIN after the first"""
    peer, server = _established(lab)
    peer.send("FA")
    lab.settle()
    peer.send("PA", b"afterthought")
    lab.settle()
    peer.send("FA")
    lab.settle()
    server.close()
    lab.settle()


@scenario(sysctls=UNLIMITED)
def fin_with_an_old_timestamp(lab):
    """a FIN with a timestamp of long ago is dropped (RFC 7323 5.3); with a new one it counts"""
    listener, peer = lab.listen(), lab.peer.call(lab.server)
    peer.send("S", options=timestamp_option(500_000, 0))
    echo = timestamps(peer.expect("SA").options)[0]
    peer.send("A", options=timestamp_option(500_001, echo))
    server = lab.accept(listener)
    lab.settle()
    peer.send("FA", seq=peer.seq, options=timestamp_option(400_000, echo))
    lab.settle()
    peer.send("FA", options=timestamp_option(500_002, echo))
    lab.settle()
    server.close()
    peer.expect("FA")
    peer.send("A", options=timestamp_option(500_003, echo))


@scenario(sysctls=UNLIMITED)
def segment_without_flags_in_established(lab):
    """a segment without any flag, with data: dropped"""
    peer, server = _established(lab)
    peer.send("", b"nothing", seq=peer.seq)
    lab.settle()
    _finish_with_peer(lab, peer, server)


# TIME_WAIT ----------------------------------------------------------------------------------------


def _server_in_time_wait(lab):
    peer, server = _established(lab)
    server.close()
    peer.expect("FA")
    peer.send("FA")
    peer.expect("A")
    return peer


@scenario(sysctls=UNLIMITED)
def old_syn_into_time_wait(lab):
    """a SYN with a lower number into TIME_WAIT: an ACK, and TIME_WAIT stays"""
    peer = _server_in_time_wait(lab)
    peer.send("S", seq=peer.seq - 10)
    peer.expect("A")


@scenario()
def new_syn_into_time_wait(lab):
    """a SYN with a higher number into TIME_WAIT opens the next connection"""
    peer = _server_in_time_wait(lab)
    peer.seq += 70_000
    peer.send("S")
    peer.expect("SA")
    peer.send("A")
    lab.settle()


@scenario()
def time_wait_assassinated(lab):
    """old data into TIME_WAIT: its ACK meets a closed end, whose RST ends TIME_WAIT early"""
    client, server = lab.pair()
    lab.echo(client, server)
    ends = client.local, client.remote
    close_both(lab, client, server)
    old = [f.segment for f in lab.wire.frames if f.segment and f.segment.data][-1]
    lab.forge(lab.client, *old.path, "PA", old.seq, ack=old.ack, data=old.data, options=old.options)
    lab.wait_state(lab.client, *ends, "CLOSED")


@scenario(sysctls={"net.ipv4.tcp_rfc1337": "1"})
def time_wait_not_assassinated(lab):
    """the same with RFC 1337's remedy, a sysctl: the RST is ignored"""
    client, server = lab.pair()
    lab.echo(client, server)
    ends = client.local, client.remote
    close_both(lab, client, server)
    old = [f.segment for f in lab.wire.frames if f.segment and f.segment.data][-1]
    lab.forge(lab.client, *old.path, "PA", old.seq, ack=old.ack, data=old.data, options=old.options)
    lab.wait_state(lab.client, *ends, "TIME_WAIT")


@scenario()
def syn_ack_again_after_established(lab):
    """the SYN-ACK comes twice, the second long after: an ACK, and nothing else"""
    client, peer = lab.end(lab.client), lab.peer
    client.start((peer.address, PORT))
    peer.answer(lab.client)
    peer.send("SA")
    peer.expect("A")
    client.send(b"ping")
    peer.expect("PA")
    peer.send("SA", seq=peer.seq - 1)
    with contextlib.suppress(IndexError):
        lab.settle()
    peer.send("A")
    _finish_with_peer(lab, peer, client)


# Before ESTABLISHED -------------------------------------------------------------------------------


def _in_syn_rcvd(lab):
    listener, peer = lab.listen(), lab.peer.call(lab.server)
    peer.send("S")
    peer.expect("SA")
    return listener, peer


@scenario(sysctls=UNLIMITED)
def rst_inexact_in_syn_rcvd(lab):
    """a RST inside the window of a half-open connection, but not exact"""
    _, peer = _in_syn_rcvd(lab)
    peer.send("R", seq=peer.seq + 50)
    lab.settle()
    peer.send("A")
    lab.settle()


@scenario(sysctls=UNLIMITED)
def rst_outside_the_window_in_syn_rcvd(lab):
    """a RST outside the window of a half-open connection is ignored"""
    listener, peer = _in_syn_rcvd(lab)
    peer.send("R", seq=peer.seq + 500_000)
    lab.settle()
    peer.send("A")
    _finish_with_peer(lab, peer, lab.accept(listener))


@scenario(sysctls=UNLIMITED)
def syn_again_in_syn_rcvd(lab):
    """the same SYN again: the SYN-ACK again"""
    listener, peer = _in_syn_rcvd(lab)
    peer.send("S", seq=peer.seq - 1)
    peer.expect("SA")
    peer.send("A")
    _finish_with_peer(lab, peer, lab.accept(listener))


@scenario(sysctls=UNLIMITED)
def data_without_ack_in_syn_rcvd(lab):
    """data and a FIN without ACK flag in SYN_RCVD: dropped; with it the data opens"""
    listener, peer = _in_syn_rcvd(lab)
    peer.send("P", b"early", seq=peer.seq)
    lab.settle()
    peer.send("F", seq=peer.seq)
    lab.settle()
    peer.send("PA", b"early")
    server = lab.accept(listener)
    server.receive(5)
    _finish_with_peer(lab, peer, server)


@scenario(sysctls=UNLIMITED)
def strange_segments_in_syn_sent(lab):
    """an ACK alone, a FIN and data, none of them an answer; then the SYN-ACK, with data"""
    client, peer = lab.end(lab.client), lab.peer
    client.start((peer.address, PORT))
    syn = peer.answer(lab.client)
    peer.ack = syn.end
    peer.send("A", seq=peer.seq + 1)
    lab.settle(0.02)
    peer.send("FA", seq=peer.seq + 1)
    lab.settle(0.02)
    peer.send("PA", b"no", seq=peer.seq + 1)
    lab.settle(0.02)
    peer.send("SA", b"with data")  # which Linux leaves out
    peer.expect("A")
    peer.send("PA", b"with data", seq=1001)
    client.receive(9)
    _finish_with_peer(lab, peer, client)


@scenario(sysctls=UNLIMITED)
def syn_ack_with_fin(lab):
    """the SYN-ACK has a FIN: ESTABLISHED and CLOSE_WAIT with one segment"""
    client, peer = lab.end(lab.client), lab.peer
    client.start((peer.address, PORT))
    peer.answer(lab.client)
    peer.send("FSA")
    lab.settle()
    client.close()
    lab.settle()


@scenario()
def new_timestamp_opens_out_of_time_wait(lab):
    """a SYN with a lower number, but a newer timestamp, opens out of TIME_WAIT (RFC 6191)"""
    listener, peer = lab.listen(), lab.peer.call(lab.server)
    peer.send("S", options=timestamp_option(500_000, 0))
    echo = timestamps(peer.expect("SA").options)[0]
    peer.send("A", options=timestamp_option(500_001, echo))
    lab.accept(listener).close()
    peer.expect("FA")
    peer.send("FA", options=timestamp_option(500_002, echo))
    peer.expect("A")
    peer.seq -= 300
    peer.send("S", options=timestamp_option(900_000, 0))
    echo = timestamps(peer.expect("SA").options)[0]
    peer.send("A", options=timestamp_option(900_001, echo))
    lab.settle()


@scenario()
def rst_with_an_old_timestamp(lab):
    """a RST with the number expected and a timestamp of long ago: PAWS is not for RSTs"""
    listener, peer = lab.listen(), lab.peer.call(lab.server)
    peer.send("S", options=timestamp_option(500_000, 0))
    echo = timestamps(peer.expect("SA").options)[0]
    peer.send("A", options=timestamp_option(500_001, echo))
    lab.accept(listener)
    lab.settle()
    peer.send("R", options=timestamp_option(400_000, echo))
