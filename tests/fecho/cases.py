"""What the dissector is to say of connections of every kind: each case sends its segments and notes,
by frame, what is expected. A frame that is not noted has nothing of fecho.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

from exchange import (
    ACK, BEGIN, ERROR, FIN, GOODBYE, PSH, REPLY, REQUEST, RST, Capture, frame,
)  # fmt: skip

CLOCK = BEGIN - 5 * 10**9  # the server's clock is no concern of the capture's

PATTERN = bytes(range(256)) * 24


class Wanted(dict):
    """Frame -> list of what each frame of the protocol in it says."""

    def add(self, number, *said):
        self.setdefault(number, []).extend(said)
        return number


def said(kind, number, **rest):
    return {"type": str(kind), "id": str(number), **{k: str(v) for k, v in rest.items()}}


def milliseconds(count):
    return f"{count / 1000:.9f}"


def ask_and_answer(x, want, number, payload=b"", text=None, **options):
    """One request and its reply, a segment each."""
    more = {"text": text} if text else {}
    asked = x.send("c", frame(REQUEST, number, payload, **options))
    got = x.send("s", frame(REPLY, number, payload, **options))
    want.add(asked, said(REQUEST, number, response_in=got, **more))
    want.add(got, said(REPLY, number, response_to=asked, rtt=milliseconds(got - asked), **more))
    return asked, got


def simple(capture, want):
    x = capture.connect().open()
    ask_and_answer(x, want, 1, b"hello\n", "hello\\n")
    ask_and_answer(x, want, 2)
    ask_and_answer(x, want, 2**64 - 1, b"\0\1\2")
    ask_and_answer(x, want, 3, "grün".encode(), "grün")
    ask_and_answer(x, want, 4, b"\xc3")
    ask_and_answer(x, want, 0, b"checked", "checked", crc=True)
    x.close()


def fast_open(capture, want):
    """A SYN's data begins after the SYN's own number."""
    x = capture.connect()
    asked = x.open_fast(frame(REQUEST, 1, b"hello\n"))
    got = x.send("s", frame(REPLY, 1, b"hello\n"))
    more = {"text": "hello\\n"}
    want.add(asked, said(REQUEST, 1, response_in=got, **more))
    want.add(got, said(REPLY, 1, response_to=asked, rtt=milliseconds(got - asked), **more))
    ask_and_answer(x, want, 2, b"again", "again")
    x.close()


def times(capture, want):
    """Server time is shown where it can be true."""
    x = capture.connect().open()
    for number, received, sent, shown in (
        (1, CLOCK, CLOCK + 400_000, ("0.000400000", "0.000600000")),
        (2, CLOCK, CLOCK, ("0.000000000", "0.001000000")),
        (3, CLOCK, CLOCK + 1_000_000, ("0.001000000", "0.000000000")),
        (4, CLOCK, CLOCK + 1_000_001, None),  # longer than the round trip
        (5, CLOCK, CLOCK - 1, None),  # the clock was set back
        (6, 0, 0, None),  # no clock
    ):
        asked = x.send("c", frame(REQUEST, number, b"x", times=(BEGIN, 0, 0)))
        got = x.send("s", frame(REPLY, number, b"x", times=(BEGIN, received, sent)))
        want.add(asked, said(REQUEST, number, response_in=got, text="x"))
        reply = said(REPLY, number, response_to=asked, rtt=milliseconds(1), text="x")
        if shown:
            reply.update(server_time=shown[0], network_time=shown[1])
        want.add(got, reply)


def several_in_a_segment(capture, want):
    x = capture.connect().open()
    asked = x.send("c", b"".join(frame(REQUEST, n, b"%d" % n) for n in (1, 2, 3)))
    first = x.send("s", b"".join(frame(REPLY, n, b"%d" % n) for n in (1, 2)))
    second = x.send("s", frame(REPLY, 3, b"3"))
    for number, got in ((1, first), (2, first), (3, second)):
        want.add(asked, said(REQUEST, number, response_in=got, text=number))
        rtt = milliseconds(got - asked)
        want.add(got, said(REPLY, number, response_to=asked, rtt=rtt, text=number))


def split(capture, want):
    """A frame over several segments, cut within header, times and payload."""
    for cuts in ((1,), (2, 3), (23,), (24,), (30,), (48,), (49, 1400, 2800), (6191,)):
        x = capture.connect().open()
        request = frame(REQUEST, 9, PATTERN, times=(BEGIN, 0, 0))
        reply = frame(REPLY, 9, PATTERN, times=(BEGIN, CLOCK, CLOCK + 1000))
        last = [0, 0]
        for index, (who, octets) in enumerate((("c", request), ("s", reply))):
            for start, end in zip((0, *cuts), (*cuts, len(octets))):
                last[index] = x.send(who, octets[start:end])
        asked, got = last
        want.add(asked, said(REQUEST, 9, response_in=got))
        rtt = got - asked
        network = f"{rtt / 1000 - 0.000001:.9f}"
        want.add(
            got,
            said(REPLY, 9, response_to=asked, rtt=milliseconds(rtt),
                 server_time="0.000001000", network_time=network),
        )  # fmt: skip


def end_and_beginning(capture, want):
    """Segments with the end of one frame and the beginning of the next."""
    x = capture.connect().open()
    stream = b"".join(frame(REQUEST, n, bytes([n]) * 100) for n in range(1, 5))
    sent = [x.send("c", stream[at : at + 150]) for at in range(0, len(stream), 150)]
    stream = stream.replace(b"\xec\x40\x01\x01", b"\xec\x40\x01\x02")
    got = [x.send("s", stream[at : at + 99]) for at in range(0, len(stream), 99)]
    for number in range(1, 5):
        end = number * 124 - 1
        asked, answered = sent[end // 150], got[end // 99]
        want.add(asked, said(REQUEST, number, response_in=answered))
        rtt = milliseconds(answered - asked)
        want.add(answered, said(REPLY, number, response_to=asked, rtt=rtt))


def sent_again(capture, want):
    """A segment that is sent again is no second request."""
    x = capture.connect().open()
    octets, answer = frame(REQUEST, 1, b"a"), frame(REPLY, 1, b"a")
    asked = x.send("c", octets)
    x.again("c", octets, len(octets))
    got = x.send("s", answer)
    x.again("s", answer, len(answer))
    want.add(asked, said(REQUEST, 1, response_in=got, text="a"))
    want.add(got, said(REPLY, 1, response_to=asked, rtt=milliseconds(got - asked), text="a"))
    ask_and_answer(x, want, 2, b"b", "b")


def middle_of_a_frame(capture, want):
    """The capture begins within frames, later than the connection."""
    x = capture.connect()
    asked = x.send("c", PATTERN[:333] + frame(REQUEST, 7, b"abc"))
    got = x.send("s", PATTERN[:99] + frame(REPLY, 6) + frame(REPLY, 7, b"abc"))
    want.add(asked, {}, said(REQUEST, 7, response_in=got, text="abc"))
    want.add(got, {}, said(REPLY, 6, expert="unexpected_reply"))
    want.add(got, said(REPLY, 7, response_to=asked, rtt=milliseconds(1), text="abc"))
    # And a whole segment within a frame: nothing tells that from a plain echo yet.
    y = capture.connect()
    want.add(y.send("s", b"\0" * 500), {"plain": "00" * 500})
    want.add(
        y.send("s", b"\0" * 10 + frame(REPLY, 1)), {}, said(REPLY, 1, expert="unexpected_reply")
    )
    ask_and_answer(y, want, 2, b"b", "b")


def lost_segments(capture, want):
    """What is between was not captured: no wrong pair."""
    x = capture.connect().open()
    asked = x.send("c", frame(REQUEST, 1, b"a"))
    want.add(asked, said(REQUEST, 1, expert="unanswered", text="a"))
    x.lost("s", frame(REPLY, 1, b"a"))
    ask_and_answer(x, want, 2, b"b", "b")
    x.lost("c", frame(REQUEST, 3, b"c"))
    got = x.send("s", frame(REPLY, 3, b"c"))
    want.add(got, said(REPLY, 3, expert="unexpected_reply", text="c"))
    # A part of a frame is missing; the next one is found.
    request = frame(REQUEST, 4, PATTERN[:3000])
    x.send("c", request[:1000])
    x.lost("c", request[1000:2000])
    x.send("c", request[2000:])
    x.lost("s", request)
    ask_and_answer(x, want, 5, b"d", "d")
    # The same id for all: the answer to the first was not captured, the others fit their own.
    y = capture.connect().open()
    asked = y.send("c", frame(REQUEST, 0, b"one"))
    want.add(asked, said(REQUEST, 0, expert="unanswered", text="one"))
    y.lost("s", frame(REPLY, 0, b"one"))
    asked = y.send("c", frame(REQUEST, 0, b"two"))
    got = y.send("s", frame(REPLY, 0, b"two"))
    want.add(asked, said(REQUEST, 0, response_in=got, text="two", expert="duplicate_id"))
    want.add(got, said(REPLY, 0, response_to=asked, rtt=milliseconds(1), text="two"))


def unanswered(capture, want):
    x = capture.connect().open()
    asked = x.send("c", frame(REQUEST, 1, b"a") + frame(REQUEST, 2, b"b"))
    got = x.send("s", frame(REPLY, 2, b"b"))
    want.add(asked, said(REQUEST, 1, text="a", expert="unanswered"))
    want.add(asked, said(REQUEST, 2, text="b", response_in=got))
    want.add(got, said(REPLY, 2, text="b", response_to=asked, rtt=milliseconds(1)))
    # It is passed over: an answer that comes after that of a later request is not its own.
    late = x.send("s", frame(REPLY, 1, b"a"))
    want.add(late, said(REPLY, 1, text="a", expert="unexpected_reply"))


def duplicate_ids(capture, want):
    x = capture.connect().open()
    first = x.send("c", frame(REQUEST, 5, b"a"))
    second = x.send("c", frame(REQUEST, 5, b"b"))
    got = x.send("s", frame(REPLY, 5, b"a") + frame(REPLY, 5, b"b"))
    want.add(first, said(REQUEST, 5, text="a", response_in=got))
    want.add(second, said(REQUEST, 5, text="b", response_in=got, expert="duplicate_id"))
    want.add(got, said(REPLY, 5, text="a", response_to=first, rtt=milliseconds(2)))
    want.add(got, said(REPLY, 5, text="b", response_to=second, rtt=milliseconds(1)))
    ask_and_answer(x, want, 5, b"c", "c")  # none is on its way any more


def wrong_answers(capture, want):
    x = capture.connect().open()
    for number, payload, options, expert in (
        (1, b"A", {}, "payload_mismatch"),
        (2, b"aa", {}, "answer_mismatch"),
        (3, b"a", {"times": (BEGIN, CLOCK, 0)}, "answer_mismatch"),
        (4, b"a", {"crc": True}, "answer_mismatch"),
    ):
        asked = x.send("c", frame(REQUEST, number, b"a"))
        got = x.send("s", frame(REPLY, number, payload, **options))
        want.add(asked, said(REQUEST, number, text="a", response_in=got))
        reply = said(REPLY, number, text=payload.decode(), response_to=asked, rtt=milliseconds(1))
        want.add(got, {**reply, "expert": expert})
    asked = x.send("c", frame(REQUEST, 5, times=(BEGIN, 0, 0)))
    got = x.send("s", frame(REPLY, 5, times=(BEGIN + 1, 0, 0)))
    want.add(asked, said(REQUEST, 5, response_in=got))
    want.add(
        got,
        said(REPLY, 5, response_to=asked, rtt=milliseconds(1), expert="answer_mismatch"),
    )
    nobody = x.send("s", frame(REPLY, 77, b"n"))
    want.add(nobody, said(REPLY, 77, text="n", expert="unexpected_reply"))


def checksums(capture, want):
    x = capture.connect().open()
    asked = x.send("c", frame(REQUEST, 1, b"123456789", crc=0x12345678))
    got = x.send("s", frame(ERROR, 1, b"bad checksum", code=5))
    request = said(REQUEST, 1, text="123456789", response_in=got, expert="bad_checksum")
    want.add(asked, request)
    error = said(ERROR, 1, text="bad checksum", response_to=asked, rtt=milliseconds(1))
    want.add(got, error)
    y = capture.connect().open()
    asked, got = ask_and_answer(y, want, 2, b"123456789", "123456789", crc=0xE3069283)
    asked = y.send("c", frame(REQUEST, 3, checksum=1))  # without the flag
    want.add(asked, said(REQUEST, 3, expert="bad_checksum"))


def bad_fields(capture, want):
    """Each bad field, an ERROR that answers it, and what comes after it."""
    for kind, expert, code, bad in (
        (REQUEST, "bad_flags", 6, {"flags": 0x8000}),
        (REQUEST, "bad_code", 6, {"code": 1}),
        (GOODBYE, "bad_code", 6, {"code": 4}),
        (REPLY, "bad_type", 3, {}),
        (ERROR, "bad_type", 3, {"code": 1}),
        (0, "bad_type", 3, {}),
        (5, "bad_type", 3, {}),
        (REQUEST, "too_large", 4, {"length": 0xFFFFFFFF}),
        (GOODBYE, "too_large", 4, {"length": 65537}),
    ):
        x = capture.connect().open()
        ask_and_answer(x, want, 1)
        asked = x.send("c", frame(kind, 2, **bad))
        got = x.send("s", frame(ERROR, 2, b"why", code=code))
        want.add(asked, said(kind, 2, response_in=got, expert=expert))
        # A frame that is too large has no end to measure from.
        rtt = {} if expert == "too_large" else {"rtt": milliseconds(1)}
        want.add(got, said(ERROR, 2, text="why", response_to=asked, **rtt))
    for expert, code, bad in (
        ("bad_magic", 1, {"magic": 0xEC41}),
        ("bad_magic", 1, {"magic": 0}),
        ("bad_version", 2, {"version": 2}),
    ):
        x = capture.connect().open()
        ask_and_answer(x, want, 1)
        asked = x.send("c", frame(REQUEST, 2, b"lost", **bad))
        got = x.send("s", frame(ERROR, 0, b"why", code=code))
        want.add(asked, {"response_in": str(got), "expert": expert})
        want.add(got, said(ERROR, 0, text="why", response_to=asked, rtt=milliseconds(1)))
    # From the server: nothing that answers.
    x = capture.connect().open()
    asked = x.send("c", frame(REQUEST, 1))
    want.add(x.send("s", frame(REQUEST, 1)), said(REQUEST, 1, expert="bad_type"))
    want.add(x.send("s", frame(REPLY, 1, code=3)), said(REPLY, 1, expert="bad_code"))
    want.add(x.send("s", frame(ERROR, 1, code=10)), said(ERROR, 1, expert="bad_code"))
    want.add(x.send("s", frame(GOODBYE, 1, code=2)), said(GOODBYE, 1, expert="bad_code"))
    want.add(asked, said(REQUEST, 1, expert="unanswered"))


def after_a_bad_frame(capture, want):
    """In one segment: what is no frame is passed over up to the next one."""
    x = capture.connect().open()
    ask_and_answer(x, want, 1)
    asked = x.send("c", frame(REQUEST, 2, magic=0xEC00) + b"garbage" + frame(REQUEST, 3))
    want.add(asked, {"expert": "bad_magic"}, said(REQUEST, 3, expert="unanswered"))


def errors(capture, want):
    for code in range(1, 10):
        x = capture.connect().open()
        asked = x.send("c", frame(REQUEST, 40 + code, b"q"))
        got = x.send("s", frame(ERROR, 40 + code, code=code))
        want.add(asked, said(REQUEST, 40 + code, text="q", response_in=got))
        error = said(ERROR, 40 + code, code=code, response_to=asked, rtt=milliseconds(1))
        want.add(got, error)
    # A server that is busy says so first.
    x = capture.connect().open()
    want.add(x.send("s", frame(ERROR, 0, b"busy", code=7)), said(ERROR, 0, code=7, text="busy"))
    # A frame that is never finished is nothing that TCP hands over.
    x = capture.connect().open()
    x.send("c", frame(REQUEST, 8, b"never whole")[:30])
    want.add(x.send("s", frame(ERROR, 8, code=9)), said(ERROR, 8, code=9))
    # With an id that nobody sent.
    x = capture.connect().open()
    ask_and_answer(x, want, 1)
    got = x.send("s", frame(ERROR, 9, code=8))
    want.add(got, said(ERROR, 9, code=8, expert="unexpected_reply"))


def goodbyes(capture, want):
    for code in (0x0000, 0x1401):
        x = capture.connect().open()
        asked = x.send("c", frame(GOODBYE, 3, code=code))
        got = x.send("s", frame(GOODBYE, 3, code=code))
        want.add(asked, said(GOODBYE, 3, code=code, response_in=got))
        answer = said(GOODBYE, 3, code=code, response_to=asked, rtt=milliseconds(1))
        want.add(got, answer)
        x.close()
    x = capture.connect().open()  # who asks for a RST gets that and nothing else
    want.add(x.send("c", frame(GOODBYE, 4, code=0x0A02)), said(GOODBYE, 4, code=0x0A02))
    x.send("s", b"", RST | ACK)
    x = capture.connect().open()
    asked = x.send("c", frame(GOODBYE, 5, b"bye", code=0x0A03), FIN | PSH | ACK)
    got = x.send("s", frame(REPLY, 5, b"bye"), FIN | PSH | ACK)
    want.add(asked, said(GOODBYE, 5, code=0x0A03, text="bye", response_in=got))
    want.add(got, said(REPLY, 5, text="bye", response_to=asked, rtt=milliseconds(1)))


def truncated(capture, want):
    """Cut by the snap length; and by a FIN."""
    x = capture.connect().open()
    asked = x.send("c", frame(REQUEST, 1, PATTERN[:500]), cut=42)
    got = x.send("s", frame(REPLY, 1, PATTERN[:500]), cut=42)
    want.add(asked, said(REQUEST, 1, response_in=got, expert="truncated"))
    reply = said(REPLY, 1, response_to=asked, rtt=milliseconds(1), expert="truncated")
    want.add(got, reply)
    asked = x.send("c", frame(REQUEST, 2, b"abc"), cut=25)  # the ends differ
    got = x.send("s", frame(REPLY, 2, b"abc"))
    want.add(asked, said(REQUEST, 2, response_in=got, expert="truncated"))
    want.add(got, said(REPLY, 2, text="abc", response_to=asked, rtt=milliseconds(1)))
    asked = x.send("c", frame(REQUEST, 3, b"abc"), cut=25)
    got = x.send("s", frame(REPLY, 3, b"Abc"))
    want.add(asked, said(REQUEST, 3, response_in=got, expert="truncated"))
    reply = said(REPLY, 3, text="Abc", response_to=asked, rtt=milliseconds(1))
    want.add(got, {**reply, "expert": "payload_mismatch"})
    asked = x.send("c", frame(REQUEST, 4, b"z" * 100, times=(BEGIN, 0, 0)), cut=30)
    got = x.send("s", frame(REPLY, 4, b"z" * 100, times=(BEGIN, 1, 2)), cut=30)
    want.add(asked, said(REQUEST, 4, response_in=got, expert="truncated"))
    reply = said(REPLY, 4, response_to=asked, rtt=milliseconds(1), expert="truncated")
    want.add(got, reply)
    x.send("c", frame(REQUEST, 5), cut=0)
    want.add(x.send("c", frame(REQUEST, 6), cut=3), {"expert": "truncated"})
    y = capture.connect().open()
    asked = y.send("c", frame(REQUEST, 1, b"whole?")[:-2], FIN | PSH | ACK)
    got = y.send("s", frame(ERROR, 1, code=9))
    want.add(asked, said(REQUEST, 1, response_in=got, expert="truncated"))
    want.add(got, said(ERROR, 1, code=9, response_to=asked))


def plain(capture, want):
    x = capture.connect().open()
    asked = x.send("c", b"hello\n")
    got = x.send("s", b"hello\n")
    want.add(asked, {"plain": b"hello\n".hex(), "text": "hello\\n", "response_in": str(got)})
    echo = {"plain": b"hello\n".hex(), "text": "hello\\n", "response_to": str(asked)}
    want.add(got, {**echo, "rtt": milliseconds(1)})
    # Several lines come back at once; one comes back in parts.
    one, two = x.send("c", b"one\n"), x.send("c", b"two\n")
    got = x.send("s", b"one\ntwo\n")
    for number, line in ((one, "one"), (two, "two")):
        octets = (line + "\n").encode().hex()
        want.add(number, {"plain": octets, "text": line + "\\n", "response_in": str(got)})
    octets = b"one\ntwo\n".hex()
    want.add(got, {"plain": octets, "text": "one\\ntwo\\n", "response_to": str(one),
                   "rtt": milliseconds(2)})  # fmt: skip
    want.add(got, {"response_to": str(two), "rtt": milliseconds(1)})
    asked = x.send("c", b"three\n")
    first, last = x.send("s", b"thr"), x.send("s", b"ee\n")
    want.add(asked, {"plain": b"three\n".hex(), "text": "three\\n", "response_in": str(last)})
    want.add(first, {"plain": b"thr".hex(), "text": "thr", "response_to": str(asked)})
    echo = {"plain": b"ee\n".hex(), "text": "ee\\n", "response_to": str(asked)}
    want.add(last, {**echo, "rtt": milliseconds(2)})
    # Lost on the way to the capture: the next ones fit all the same.
    x.lost("s", b"gone\n")
    asked = x.send("c", b"gone\n")
    want.add(asked, {"plain": b"gone\n".hex(), "text": "gone\\n", "expert": "unanswered"})
    asked = x.send("c", b"gone\n")
    got = x.send("s", b"gOne\n")
    want.add(asked, {"plain": b"gone\n".hex(), "text": "gone\\n", "response_in": str(got)})
    echo = {"plain": b"gOne\n".hex(), "text": "gOne\\n", "response_to": str(asked)}
    want.add(got, {**echo, "rtt": milliseconds(1), "expert": "payload_mismatch"})
    got = x.send("s", b"more\n")
    want.add(got, {"plain": b"more\n".hex(), "text": "more\\n", "expert": "unexpected_reply"})
    hello = b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00"  # looks like TLS, too late
    y = capture.connect().open()
    for octets in (b"a", hello):
        asked, got = y.send("c", octets), y.send("s", octets)
        more = {"text": "a"} if octets == b"a" else {}
        want.add(asked, {"plain": octets.hex(), "response_in": str(got), **more})
        echo = {"plain": octets.hex(), "response_to": str(asked), "rtt": milliseconds(1)}
        want.add(got, {**echo, **more})
    y = capture.connect().open()  # the magic's first octet decides nothing by itself
    y.send("c", b"\xec")
    asked = y.send("c", b"\x41")
    got = y.send("s", b"\xec\x41")
    want.add(asked, {"plain": "ec41", "response_in": str(got)})
    want.add(got, {"plain": "ec41", "response_to": str(asked), "rtt": milliseconds(1)})


def plain_from_the_middle(capture, want):
    """Lines tell which of the client's octets the server's are."""
    x = capture.connect()
    want.add(x.send("s", b"old\n"), {"plain": b"old\n".hex(), "text": "old\\n"})
    asked = x.send("c", b"new\n")
    got = x.send("s", b"new\n")
    want.add(asked, {"plain": b"new\n".hex(), "text": "new\\n", "response_in": str(got)})
    echo = {"plain": b"new\n".hex(), "text": "new\\n", "response_to": str(asked)}
    want.add(got, {**echo, "rtt": milliseconds(1)})


def _two_requests(capture):
    """Requests and replies of which the second was captured first: connection, frames in the order of
    capture."""
    x = capture.connect().open()
    frames = []
    for who, kind in (("c", REQUEST), ("s", REPLY)):
        first, second = frame(kind, 1, b"a"), frame(kind, 2, b"b")
        x.lost(who, first)
        frames.append(x.send(who, second))
        frames.append(x.again(who, first, len(first) + len(second)))
    return frames


def late_segments(capture, want):
    """Each is dissected where it was captured."""
    asked2, asked1, got2, got1 = _two_requests(capture)
    for number, asked, got, text in ((1, asked1, got1, "a"), (2, asked2, got2, "b")):
        want.add(asked, said(REQUEST, number, response_in=got, text=text))
        rtt = milliseconds(got - asked)
        want.add(got, said(REPLY, number, response_to=asked, rtt=rtt, text=text))


def sorted_segments(capture, want):
    """TCP waits for the first, then hands over both."""
    _, asked, _, got = _two_requests(capture)
    for number, text in ((1, "a"), (2, "b")):
        want.add(asked, said(REQUEST, number, response_in=got, text=text))
        rtt = milliseconds(got - asked)
        want.add(got, said(REPLY, number, response_to=asked, rtt=rtt, text=text))


CASES = [
    simple, fast_open, times, several_in_a_segment, split, end_and_beginning, sent_again,
    middle_of_a_frame, lost_segments, unanswered, duplicate_ids, wrong_answers, checksums, bad_fields,
    after_a_bad_frame, errors, goodbyes, truncated, plain, plain_from_the_middle,
]  # fmt: skip


def build():
    """(capture with all cases, what is wanted by frame, frame -> name of its case)"""
    capture, want, names = Capture(), Wanted(), {}
    for case in CASES:
        begin = len(capture.frames)
        case(capture, want)
        names.update({number + 1: case.__name__ for number in range(begin, len(capture.frames))})
    return capture, want, names
