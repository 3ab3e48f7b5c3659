"""The same segment in each of the states that a connection can be in after ESTABLISHED.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

from crafted import UNLIMITED
from scenario import scenario


def _fin_wait_1(peer, server):
    server.close()
    peer.expect("FA")


def _fin_wait_2(peer, server):
    server.shut()
    peer.expect("FA")
    peer.send("A")


def _closing(peer, server):
    server.close()
    peer.expect("FA")
    peer.ack -= 1  # as if that had not arrived
    peer.send("FA")
    peer.expect("A")


def _close_wait(peer, server):
    peer.send("FA")
    peer.expect("A")


def _last_ack(peer, server):
    _close_wait(peer, server)
    server.close()
    peer.expect("FA")


def _time_wait(peer, server):
    server.close()
    peer.expect("FA")
    peer.send("FA")
    peer.expect("A")


STATES = [_fin_wait_1, _fin_wait_2, _closing, _close_wait, _last_ack, _time_wait]


def _in_every_state(lab, act):
    """A connection for each state; act(peer) when it is reached."""
    listener = lab.listen()
    lab.peer.call(lab.server)
    for reach in STATES:
        peer = lab.peer.again()
        peer.handshake()
        reach(peer, lab.accept(listener))
        lab.settle(0.02)
        act(peer)
        lab.settle(0.02)


@scenario()
def rst_in_every_state(lab):
    """a RST with the number expected next"""
    _in_every_state(lab, lambda peer: peer.send("R"))


@scenario(live=True, sysctls=UNLIMITED)
def rst_inexact_in_every_state(lab):
    """a RST inside the window, but not exact"""
    _in_every_state(lab, lambda peer: peer.send("R", seq=peer.seq + 7))


@scenario(sysctls=UNLIMITED)
def syn_inside_the_window_in_every_state(lab):
    """a SYN inside the window: a challenge ACK, but into TIME_WAIT it opens the next connection"""
    _in_every_state(lab, lambda peer: peer.send("S", seq=peer.seq + 9))


@scenario(sysctls=UNLIMITED)
def syn_left_of_the_window_in_every_state(lab):
    """a SYN with an old number: an ACK"""
    _in_every_state(lab, lambda peer: peer.send("S", seq=peer.seq - 500))


@scenario(sysctls=UNLIMITED)
def syn_ack_in_every_state(lab):
    """a SYN-ACK inside the window: a challenge ACK"""
    _in_every_state(lab, lambda peer: peer.send("SA", seq=peer.seq + 9))


@scenario(sysctls=UNLIMITED)
def ack_of_what_was_not_sent_in_every_state(lab):
    """an ACK beyond what was sent, then the peer's FIN, if it has sent none"""

    def act(peer):
        peer.send("A", ack=peer.ack + 3000)
        lab.settle(0.02)
        peer.send("FA", seq=1001)

    _in_every_state(lab, act)


@scenario(sysctls=UNLIMITED)
def old_ack_in_every_state(lab):
    """an ACK of nothing new, from before the other end's FIN"""
    _in_every_state(lab, lambda peer: peer.send("A", ack=peer.ack - 1))


@scenario(sysctls=UNLIMITED)
def keep_alive_in_every_state(lab):
    """a keep-alive: one number back, no data"""
    _in_every_state(lab, lambda peer: peer.send("A", seq=peer.seq - 1))


@scenario(sysctls=UNLIMITED)
def fin_again_in_every_state(lab):
    """the peer's FIN: for some states the first, for others once more"""
    _in_every_state(lab, lambda peer: peer.send("FA", seq=1001))


@scenario(sysctls=UNLIMITED)
def data_in_every_state(lab):
    """data where the peer's numbers stand: taken, ignored after its own FIN, or reset where the
    application has closed"""
    _in_every_state(lab, lambda peer: peer.send("PA", b"data", seq=peer.seq))
