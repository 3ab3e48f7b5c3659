/* wording_en.c
 * English.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wording.h"

#define OPENING(name) [WORDING_OPENING_FIRST + TCP_OPENING_##name]
#define CLOSING(name) [WORDING_CLOSING_FIRST + TCP_CLOSING_##name]
#define VERDICT(name) [WORDING_VERDICT_FIRST + TCP_VERDICT_##name]

/* clang-format off */
wording_table wording_en = {
    [WORDING_CLIENT] = "client",
    [WORDING_SERVER] = "server",
    [WORDING_CLIENT_CAPITAL] = "The client",
    [WORDING_SERVER_CAPITAL] = "The server",
    [WORDING_BETWEEN_SENTENCES] = " ",

    [WORDING_LABEL_SYN] = "Handshake 1/3: SYN",
    [WORDING_LABEL_SYN_ACK] = "Handshake 2/3: SYN+ACK",
    [WORDING_LABEL_SYN_ACK_UNFIT] = "Handshake: SYN+ACK with a wrong number",
    [WORDING_LABEL_HANDSHAKE_ACK] = "Handshake 3/3: ACK",
    [WORDING_LABEL_HANDSHAKE_ACK_UNFIT] = "Handshake: ACK with a wrong number",
    [WORDING_LABEL_BOTH_SYN] = "Simultaneous open {step}: SYN",
    [WORDING_LABEL_BOTH_SYN_ACK] = "Simultaneous open {step}: SYN+ACK",
    [WORDING_LABEL_BOTH_ACK] = "Simultaneous open {step}: ACK",
    [WORDING_LABEL_DATA] = "Data: {len} bytes",
    [WORDING_LABEL_ACK] = "Data: ACK",
    [WORDING_LABEL_KEEP_ALIVE] = "Keep-alive",
    [WORDING_LABEL_KEEP_ALIVE_ACK] = "Keep-alive: ACK",
    [WORDING_LABEL_WINDOW_PROBE] = "Window probe",
    [WORDING_LABEL_ZERO_WINDOW] = "Data: ACK, zero window",
    [WORDING_LABEL_WINDOW_UPDATE] = "Window update",
    [WORDING_LABEL_CHALLENGE_ACK] = "Challenge ACK",
    [WORDING_LABEL_FIN_1] = "Teardown 1/4: FIN",
    [WORDING_LABEL_ACK_OF_FIN_1] = "Teardown 2/4: ACK of FIN",
    [WORDING_LABEL_FIN_2] = "Teardown 3/4: FIN",
    [WORDING_LABEL_FIN_2_CROSSING] = "Teardown 3/4: FIN, simultaneous",
    [WORDING_LABEL_ACK_AND_FIN] = "Teardown 2+3/4: ACK and FIN",
    [WORDING_LABEL_ACK_OF_FIN_2] = "Teardown 4/4: ACK of FIN",
    [WORDING_LABEL_FIN_UNFIT] = "FIN without effect",
    [WORDING_LABEL_HALF_CLOSE_DATA] = "Half-closed: {len} bytes",
    [WORDING_LABEL_TEARDOWN_DATA] = "Teardown: {len} bytes still on their way",
    [WORDING_LABEL_TEARDOWN_ACK] = "Teardown: ACK of data",
    [WORDING_LABEL_TEARDOWN_ACK_SHORT] = "Teardown: ACK of data, not of the FIN",
    [WORDING_LABEL_REFUSED] = "Connection refused: RST",
    [WORDING_LABEL_HANDSHAKE_ABORTED] = "Handshake aborted: RST",
    [WORDING_LABEL_RESET] = "Connection reset: RST",
    [WORDING_LABEL_RESET_AFTER_FIN] = "Reset after FIN: RST",
    [WORDING_LABEL_RST_IGNORED] = "RST, ignored",
    [WORDING_LABEL_STRAY] = "Stray segment",
    [WORDING_LABEL_OUTSIDE] = "Outside the window",
    [WORDING_LABEL_AFTER_CLOSE] = "After the close: ",
    [WORDING_LABEL_WITH_DATA] = ", with {len} bytes",
    [WORDING_LABEL_AGAIN] = " (retransmission)",
    [WORDING_LABEL_COPY] = " (captured twice)",

    [WORDING_WHY_SYN] =
        "{Sender} asks to open: its numbers start at {seq}.",
    [WORDING_WHY_SYN_AGAIN] =
        "{Sender} has had no answer to its SYN and sends it again.",
    [WORDING_WHY_SYN_DATA] =
        "It carries {len} bytes of data, as TCP Fast Open does.",
    [WORDING_WHY_SYN_ACK] =
        "ACK {ack} = {ack_less_one} + 1: acknowledges the {receiver}'s SYN in frame {frame}. {Sender}'s "
        "own SYN starts its numbers at {seq}. The {receiver} is now ESTABLISHED, the {sender} is not yet.",
    [WORDING_WHY_SYN_ACK_AGAIN] =
        "{Sender} has had no ACK of its SYN and sends it again.",
    [WORDING_WHY_HANDSHAKE_ACK] =
        "ACK {ack} = {ack_less_one} + 1: acknowledges the {receiver}'s SYN in frame {frame}. Now the "
        "{receiver} is ESTABLISHED too; the {sender} was already.",
    [WORDING_WHY_HANDSHAKE_ACK_UNLINKED] =
        "ACK {ack} acknowledges the {receiver}'s SYN, which was not captured, and completes the "
        "handshake.",
    [WORDING_WHY_BOTH_SYN] =
        "{Sender} opens too: a simultaneous open, where both ends send a SYN and neither is listening.",
    [WORDING_WHY_BOTH_ACK] =
        "ACK {ack} acknowledges the {receiver}'s SYN in frame {frame}; in a simultaneous open each end "
        "acknowledges the other's SYN.",
    [WORDING_WHY_DATA] =
        "{Sender} sends {len} bytes, numbers {seq} to {last}.",
    [WORDING_WHY_DATA_AGAIN] =
        "{Sender} sends numbers {seq} to {last} again: nothing in it is new.",
    [WORDING_WHY_ACK_OF_DATA] =
        "ACK {ack}: the {sender} has received all before number {ack}, the data in frame {about} included. "
        "An ACK takes no number of its own.",
    [WORDING_WHY_ACK_AGAIN] =
        "ACK {ack} acknowledges nothing that was not acknowledged before.",
    [WORDING_WHY_KEEP_ALIVE] =
        "Number {seq} is one before the next: the {sender} asks whether the {receiver} is still there.",
    [WORDING_WHY_KEEP_ALIVE_ACK] =
        "ACK {ack} answers the {receiver}'s probe: the {sender} is still there.",
    [WORDING_WHY_WINDOW_PROBE] =
        "Number {seq} is one before the next: the {sender} asks whether the {receiver}'s window is open again.",
    [WORDING_WHY_ZERO_WINDOW] =
        "{Sender} has no room left: the {receiver} must stop sending until the window opens.",
    [WORDING_WHY_WINDOW_UPDATE] =
        "Nothing new is acknowledged: the {sender} announces how much it can take now.",
    [WORDING_WHY_FIN_1] =
        "{Sender} has no more to send and closes first: its FIN takes number {fin} and asks for ACK {end}.",
    [WORDING_WHY_FIN_2] =
        "{Sender} has no more to send either: its FIN takes number {fin} and asks for ACK {end}.",
    [WORDING_WHY_ACK_AND_FIN] =
        "ACK {ack} = {ack_less_one} + 1: acknowledges the {receiver}'s FIN in frame {frame}, and carries the "
        "{sender}'s own FIN ({fin}): three segments, not four, as nothing was left to send.",
    [WORDING_WHY_ACK_AND_FIN_ON_DATA] =
        "ACK {ack} = {ack_less_one} + 1: acknowledges the {receiver}'s FIN in frame {frame}, and carries, with "
        "the last data, the {sender}'s own FIN ({fin}): three segments, not four.",
    [WORDING_WHY_FIN_AGAIN] =
        "{Sender} has had no ACK of its FIN and sends it again.",
    [WORDING_WHY_FIN_UNFIT] =
        "This FIN changes nothing: its number does not fit, or the connection is closed already.",
    [WORDING_WHY_ACK_OF_FIN] =
        "ACK {ack} = {ack_less_one} + 1: acknowledges the {receiver}'s FIN in frame {frame}; a FIN takes "
        "one number, like a byte.",
    [WORDING_WHY_ACK_OF_FIN_AGAIN] =
        "ACK {ack} acknowledges the {receiver}'s FIN again, as it had come again.",
    [WORDING_WHY_ACK_OF_FIN_ON_DATA] =
        "ACK {ack} = {ack_less_one} + 1: also acknowledges the {receiver}'s FIN in frame {frame}: the second "
        "step of the teardown rides on data.",
    [WORDING_WHY_TIME_WAIT] =
        "{Waiter} waits in TIME_WAIT, in case this last ACK is lost.",
    [WORDING_WHY_REFUSED] =
        "RST with ACK {ack}, which acknowledges the SYN in frame {frame}: nobody listens on this port, or "
        "something on the way refuses.",
    [WORDING_WHY_HANDSHAKE_ABORTED] =
        "{Sender} gives the handshake up before it is complete.",
    [WORDING_WHY_RESET] =
        "{Sender} ends the connection at once: both ends are closed, what is on its way is lost, and no "
        "ACK answers a RST.",
    [WORDING_WHY_RESET_AFTER_FIN] =
        "{Sender} ends at once what a FIN had begun to close in order; no ACK answers a RST.",
    [WORDING_WHY_NOTHING] =
        "It brings nothing that the {receiver} does not have already: no state changes.",
    [WORDING_WHY_RST_IGNORED] =
        "The RST changes nothing.",

    [WORDING_NOTE_COPY] =
        "The same segment was captured in frame {about}: it was sent once, and nothing happens twice.",
    [WORDING_NOTE_SHORT_OF_FIN] =
        "ACK {ack} does not reach the {receiver}'s FIN in frame {about}, only what came before it.",
    [WORDING_NOTE_CROSSED_FIN] =
        "Neither FIN had reached the other end: both close at the same time.",
    [WORDING_NOTE_CROSSED_SYN_ACK] =
        "So the SYN-ACK in frame {about} had not reached the {sender} when this SYN left.",
    [WORDING_NOTE_CROSSED_ACK] =
        "So the ACK in frame {about} had not reached the {sender} when this segment left.",
    [WORDING_NOTE_CROSSED_SYN] =
        "The SYN in frame {about} had not reached it when this one left: it carries no ACK.",
    [WORDING_NOTE_RST_OUTSIDE] =
        "Its number {seq} lies outside what the {receiver} can take (RFC 9293 3.10.7.4).",
    [WORDING_NOTE_RST_INEXACT] =
        "Its number {seq} lies inside the window but is not the one expected next: the {receiver} asks with "
        "a challenge ACK (RFC 5961).",
    [WORDING_NOTE_RST_TIME_WAIT] =
        "The {receiver} waits in TIME_WAIT, which only a RST with the very number expected next cuts short.",
    [WORDING_NOTE_RST_BAD_ACK] =
        "The {receiver} is in SYN_SENT and takes only a RST that acknowledges its SYN.",
    [WORDING_NOTE_RST_CLOSED] =
        "The {receiver} has no connection that it could reset.",
    [WORDING_NOTE_RST_STAYS] =
        "This RST refuses an ACK that does not fit; the {sender} goes on opening its connection.",
    [WORDING_NOTE_CHALLENGE_ACK] =
        "A challenge ACK: it names the number that its sender expects, in answer to a segment that does "
        "not fit its connection.",
    [WORDING_NOTE_FIN_WAITS] =
        "Data before the FIN is still missing: the {receiver} takes the FIN only when that has come.",
    [WORDING_NOTE_GAP_BEFORE] =
        "Bytes before number {seq} were not captured, or are still on their way.",
    [WORDING_NOTE_ACKS_UNSEEN] =
        "ACK {ack} acknowledges data that was not captured, or never sent.",
    [WORDING_NOTE_SYN_UNSEEN] =
        "The {receiver}'s SYN was not captured, but must have been sent.",
    [WORDING_NOTE_SYN_ACK_UNSEEN] =
        "The SYN-ACK was not captured, but must have been sent.",
    [WORDING_NOTE_ACK_UNSEEN] =
        "The ACK that completes the handshake was not captured, but must have been sent.",
    [WORDING_NOTE_WINDOW_PROBE] =
        "The window was closed, so it is a window probe.",
    [WORDING_NOTE_MIDSTREAM] =
        "The capture begins inside this connection: its handshake is not in it.",
    [WORDING_NOTE_SYN_DATA_TAKEN] =
        "The SYN's data too: Fast Open saved a round trip.",
    [WORDING_NOTE_SYN_DATA_REFUSED] =
        "The SYN's data is not acknowledged: it must be sent again.",
    [WORDING_NOTE_PORT_REUSED] =
        "The same addresses and ports were used by an earlier connection.",
    [WORDING_NOTE_OLD_OPEN] =
        "There the {receiver} is still in {state}; it stays so until it answers.",
    [WORDING_NOTE_HALF_CLOSE] =
        "A FIN closes one direction only: data still goes the other way.",
    [WORDING_NOTE_BAD_HANDSHAKE_ACK] =
        "ACK {ack} is not the number after the SYN in frame {about}: it is not accepted, and answered with "
        "RST.",
    [WORDING_NOTE_NO_ACK_FLAG] =
        "No TCP sends these flags in a connection, and none accepts them; scanners send them.",
    [WORDING_NOTE_OUTSIDE] =
        "Number {seq} is none that the {receiver} can take here: it changes nothing.",
    [WORDING_NOTE_FILLS_GAP] =
        "It comes after data that follows it: out of order, or a lost segment sent again.",
    [WORDING_NOTE_LOST_DATA] =
        "Data that was never acknowledged may be lost.",
    [WORDING_NOTE_ACK_WITHOUT_SYN] =
        "An ACK of the {receiver}'s SYN opens nothing as long as no SYN comes with it.",

    OPENING(THREE_WAY) = "three-way handshake",
    OPENING(SIMULTANEOUS) = "simultaneous open",
    OPENING(FAST_OPEN) = "Fast Open",
    OPENING(REFUSED) = "the SYN was answered with RST",
    OPENING(UNANSWERED) = "a SYN and no answer",
    OPENING(INCOMPLETE) = "a SYN-ACK that was never acknowledged",
    OPENING(REJECTED) = "a SYN and an ICMP error",
    OPENING(MID_STREAM) = "handshake not captured",
    CLOSING(NONE) = "no close",
    CLOSING(HALF_CLOSED) = "one FIN only, the {closer}'s",
    CLOSING(FOUR_SEGMENT) = "four-segment close by the {closer}",
    CLOSING(THREE_SEGMENT) = "three-segment close by the {closer}",
    CLOSING(SIMULTANEOUS) = "simultaneous close",
    CLOSING(RESET) = "reset by the {closer}",
    CLOSING(RESET_AFTER_FIN) = "reset after the {closer}'s FIN",
    VERDICT(ORDERLY) = "Ended in order, with the {decider}'s FIN in frame {decided_in}",
    VERDICT(OPEN) = "Still open, since frame {decided_in}",
    VERDICT(HALF_CLOSED) = "Half-closed, by the {decider}'s FIN in frame {decided_in}",
    VERDICT(UNANSWERED) = "Never answered, since frame {decided_in}",
    VERDICT(REFUSED) = "Refused, by the {decider}'s RST in frame {decided_in}",
    VERDICT(REJECTED) = "Rejected, by the ICMP error in frame {decided_in}",
    VERDICT(HANDSHAKE_UNFINISHED) = "Handshake unfinished, since frame {decided_in}",
    VERDICT(HANDSHAKE_ABORTED) = "Handshake aborted, by the {decider}'s RST in frame {decided_in}",
    VERDICT(ABORTED) = "Aborted, by the {decider}'s RST in frame {decided_in}",
    VERDICT(LATE_RESET) = "Reset while closing, by the {decider}'s RST in frame {decided_in}",
    VERDICT(PEER_GONE) = "Left alone by the other end: no answer to the {decider} by frame {decided_in}",
    [WORDING_SUMMARY] =
        "{verdict}: {opening}, {bytes_client} bytes from the client and {bytes_server} from the server, "
        "{closing}",
    [WORDING_SUMMARY_HALF_CLOSE] = ", half-closed for a while",
    [WORDING_SUMMARY_TIME_WAIT] = ", TIME_WAIT at the {waiter}",
    [WORDING_SUMMARY_TIME_WAIT_BOTH] = ", TIME_WAIT at both",
    [WORDING_ANSWER] = "Answer",

    [WORDING_LADDER_PHASE_FIRST] = "Handshake",
    [WORDING_LADDER_PHASE_FIRST + 1] = "Data",
    [WORDING_LADDER_PHASE_FIRST + 2] = "Teardown",
    [WORDING_LADDER_PHASE_FIRST + 3] = "Reset",
    [WORDING_LADDER_PHASE_FIRST + 4] = "After the close",
    [WORDING_LADDER_ABOUT] = "TCP stream {stream}, frames {first} to {last}, {time}",
    [WORDING_LADDER_FRAME] = "frame",
    [WORDING_LADDER_TIME] = "time",
    [WORDING_LADDER_FOLD] = "… {count} segments, {size} …",
    [WORDING_LADDER_FOLD_AGAIN] = "… {count} segments, {size}, {again} of them sent again …",
    [WORDING_LADDER_PAUSE] = "{time} of silence",
    [WORDING_LADDER_SYN_UNSEEN] = "SYN, not captured",
    [WORDING_LADDER_SYN_ACK_UNSEEN] = "SYN+ACK, not captured",
    [WORDING_LADDER_ACK_UNSEEN] = "ACK, not captured",
    [WORDING_LADDER_DATA_UNSEEN] = "bytes {seq} to {end}, not captured",
    [WORDING_LADDER_DATA_LATE] = "bytes {seq} to {end}, lost or late: frame {frame}",
    [WORDING_LADDER_ICMP] = "An ICMP error quotes the SYN: frame {frame}",
    [WORDING_LADDER_KEY_AGAIN] = "sent again",
    [WORDING_LADDER_KEY_UNSEEN] = "not captured",
    [WORDING_LADDER_KEY_LOST] = "lost or late",
    [WORDING_LADDER_RELATIVE] =
        "Numbers are relative. States: after departure at the sender, after arrival at the receiver.",

    [WORDING_STORY_ABOUT] =
        "TCP stream {stream}: the client is {client}, the server {server}.",
    [WORDING_STORY_BYTE] = "one byte",
    [WORDING_STORY_BYTES] = "{count} bytes",
    [WORDING_STORY_FINE] =
        "Nothing went wrong.",
    [WORDING_STORY_REFUSED] =
        "The connection was refused: the {who}'s RST in frame {frame} answered the SYN.",
    [WORDING_STORY_UNANSWERED] =
        "Nobody answered: no reply to the SYN was captured.",
    [WORDING_STORY_NO_ANSWER] =
        "No answer was captured.",
    [WORDING_STORY_REJECTED] =
        "The connection was rejected: the ICMP error in frame {frame} answered the SYN.",
    [WORDING_STORY_UNFINISHED] =
        "The handshake was never finished: no ACK of the SYN-ACK was captured.",
    [WORDING_STORY_HANDSHAKE_ABORTED] =
        "The handshake was broken off by the {who}'s RST in frame {frame}.",
    [WORDING_STORY_ABORTED] =
        "The {who} broke the connection off with its RST in frame {frame}, without a FIN before it.",
    [WORDING_STORY_LATE_RESET] =
        "The close had begun in order, but the {who}'s RST in frame {frame} cut it short.",
    [WORDING_STORY_PEER_GONE] =
        "The {other} was gone: what the {who} sent had no answer any more.",
    [WORDING_STORY_SYN] = "The SYN",
    [WORDING_STORY_SYN_ACK] = "The SYN-ACK",
    [WORDING_STORY_FIN] = "A FIN",
    [WORDING_STORY_DATA] = "Data",
    [WORDING_STORY_AGAIN_ONCE] =
        "{What} was sent again, in frame {frame}.",
    [WORDING_STORY_AGAIN_TIMES] =
        "{What} was sent again {count} times, the first time in frame {frame}.",
    [WORDING_STORY_UNSEEN] =
        "Not all that was sent has been captured; frame {frame} is the first to show it.",
    [WORDING_STORY_OUT_OF_ORDER] =
        "Data came late, out of order or lost and sent again, first in frame {frame}.",
    [WORDING_STORY_RST_IGNORED] =
        "The {who}'s RST in frame {frame} did not fit and was ignored.",
    [WORDING_STORY_ACK_MISMATCH] =
        "Frame {frame} acknowledged a number in the handshake that was never sent.",
    [WORDING_STORY_ZERO_WINDOW] =
        "The {who} ran out of room and told the {other} to stop, in frame {frame}.",

    [WORDING_STORY_OPEN_THREE_WAY] =
        "The client opened with the SYN in frame {syn}. The server's SYN-ACK in frame {syn_ack} came {time} "
        "later, and the client's ACK in frame {ack} completed the three-way handshake after {time2} more.",
    [WORDING_STORY_OPEN_PARTLY] =
        "It opened with a three-way handshake, of which only a part was captured.",
    [WORDING_STORY_OPEN_SIMULTANEOUS] =
        "Both ends opened at once: the SYNs in frames {first} and {syn} crossed, and each end acknowledged the "
        "other's.",
    [WORDING_STORY_OPEN_FAST] =
        "The client's SYN in frame {syn} carried data already, and the server took it: TCP Fast Open, which saves a "
        "round trip.",
    [WORDING_STORY_OPEN_ASKED] =
        "The client asked for a connection with the SYN in frame {syn}.",
    [WORDING_STORY_OPEN_ANSWERED] =
        "The server answered with the SYN-ACK in frame {syn_ack}.",

    [WORDING_STORY_NO_DATA] =
        "No data was sent.",
    [WORDING_STORY_DATA_OF_ONE] =
        "Only the {who} sent data: {size}.",
    [WORDING_STORY_DATA_OF_BOTH] =
        "The client sent {size} of data and the server {size2}.",
    [WORDING_STORY_TURNS] =
        "They took turns: {count} runs of data in one direction or the other.",
    [WORDING_STORY_KEEP_ALIVE] =
        "A keep-alive in frame {frame} asked whether the other end was still there.",
    [WORDING_STORY_KEEP_ALIVES] =
        "Keep-alives asked {count} times whether the other end was still there, the first in frame {frame}.",
    [WORDING_STORY_SILENCE] =
        "The longest silence, {time}, came before frame {frame}.",

    [WORDING_STORY_END_FOUR] =
        "The {who} closed first, with its FIN in frame {fin}. The {other} acknowledged it in frame {ack} and closed "
        "with its own FIN in frame {fin2}: four segments.",
    [WORDING_STORY_END_THREE] =
        "The {who} closed first, with its FIN in frame {fin}. The {other} had nothing left to send: its own FIN in "
        "frame {fin2} acknowledged the first one too, so that three segments were enough.",
    [WORDING_STORY_END_SIMULTANEOUS] =
        "Both ends closed at once: neither of the FINs in frames {fin} and {fin2} had seen the other.",
    [WORDING_STORY_END_HALF_CLOSE] =
        "After the first FIN data still went the other way: the connection was half-closed.",
    [WORDING_STORY_END_HALF_CLOSED] =
        "The {who} closed its direction with the FIN in frame {fin}; no FIN of the {other} was captured.",
    [WORDING_STORY_END_FIRST_FIN] =
        "The {who} had begun to close, with its FIN in frame {fin}.",
    [WORDING_STORY_END_LAST_ACK] =
        "The ACK in frame {frame} was the last step.",
    [WORDING_STORY_END_NO_LAST_ACK] =
        "The last ACK was not captured.",
    [WORDING_STORY_END_RESET] =
        "From the RST in frame {frame} on both ends were CLOSED.",
    [WORDING_STORY_END_NEVER] =
        "No connection came about.",
    [WORDING_STORY_END_OPEN] =
        "Neither end had closed when the capture ended.",
    [WORDING_STORY_TIME_WAIT] =
        "The {who} waits in TIME_WAIT.",
    [WORDING_STORY_TIME_WAIT_BOTH] =
        "Both ends wait in TIME_WAIT.",
    [WORDING_STORY_TOOK] =
        "From frame {first} to frame {last} it took {time}.",
};
/* clang-format on */
