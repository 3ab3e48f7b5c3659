"""handshark segments, ladder, explain: what the plugin draws and tells, where it is wanted.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import unittest
import xml.etree.ElementTree

handshark = None  # set by cli.py
FORMATS = {"segments": "segments", "ladder": "text", "explain": "story"}


class Figures(unittest.TestCase):
    def setUp(self):
        self.capture = handshark.capture("tfo")

    def test_they_are_what_the_plugin_draws(self):
        for command, form in FORMATS.items():
            with self.subTest(command):
                expected = handshark.said(self.capture, form)
                self.assertIn("47116", expected)
                self.assertEqual(handshark.good(command, self.capture), expected)

    def test_a_chosen_conversation(self):
        self.assertEqual(
            handshark.good("segments", "--stream=2", self.capture),
            handshark.said(self.capture, "segments", "tcp_phase.stream == 2"),
        )

    def test_they_are_whole(self):
        """Of a conversation of which a filter finds one segment all are drawn."""
        where = 'tcp_phase.opening == "fast-open" && tcp.flags.syn == 1 || tcp.port == 47086'
        self.assertEqual(
            handshark.good("segments", "--where", where, self.capture),
            handshark.said(self.capture, "segments", "tcp_phase.stream in {0, 1, 2}"),
        )
        both = handshark.good("explain", "--stream=2", "--where", where + " || udp", self.capture)
        self.assertEqual(both, handshark.said(self.capture, "story", "tcp_phase.stream == 2"))

    def test_there_is_no_such_conversation(self):
        result = handshark.run("explain", "--where=udp", self.capture)
        self.assertEqual((result.status, result.out), (1, ""))
        self.assertIn("no conversation of TCP that was asked for is in it", result.err)
        target = handshark.new()
        result = handshark.run("ladder", "--stream=9", "-o", target, self.capture)
        self.assertEqual((result.status, list(target.parent.iterdir())), (1, []))

    def test_a_wrong_filter(self):
        result = handshark.run("ladder", "--where=tcp.nonsense == 1", self.capture)
        self.assertEqual((result.status, result.out), (1, ""))
        self.assertIn("tcp.nonsense", result.err)


class Ladder(unittest.TestCase):
    def setUp(self):
        self.capture = handshark.learn(handshark.capture("000"), "text", "svg", "mermaid")

    def ladder(self, *arguments, **more):
        tshark = f"--tshark={handshark.replay()}"
        return handshark.run("ladder", tshark, *arguments, self.capture, **more)

    def said(self, form):
        return self.capture.with_name(f"{self.capture.name}.{form}").read_text(encoding="utf-8")

    def test_formats(self):
        """By option, or by the name of the file; an option counts more."""
        for form, options, name in [
            ("text", [], "out"),
            ("svg", ["--svg"], "out"),
            ("svg", [], "out.svg"),
            ("mermaid", ["--mermaid"], "out"),
            ("mermaid", [], "out.mmd"),
            ("text", ["--text"], "out.svg"),
        ]:
            with self.subTest(name=name, options=options):
                target = handshark.new(name)
                self.assertEqual(self.ladder(*options, "-o", target).out, "")
                self.assertEqual(target.read_text(encoding="utf-8"), self.said(form))
        xml.etree.ElementTree.fromstring(self.ladder("--svg").out)

    def test_view(self):
        """By the viewer that is named, or the usual ones for pictures and for text."""
        seen = handshark.new("seen")
        for options, form, variables in [
            (["--svg"], "svg", {}),
            ([], "text", {"PAGER": "pager -x"}),
            ([], "text", {"PAGER": ""}),
            (["--mermaid"], "mermaid", {"HANDSHARK_VIEWER": "viewer --of 'two words'"}),
        ]:
            for name in ("xdg-open", "pager", "less", "viewer"):
                handshark.fake(name, f'echo {name} "$@" >{seen}; eval "cat \\"\\${{$#}}\\"" >>{seen}')
            self.assertEqual(self.ladder("--view", *options, environment=variables).status, 0)
            call, _, text = seen.read_text(encoding="utf-8").partition("\n")
            self.assertEqual(text, self.said(form))
            expected = {"svg": "xdg-open", "mermaid": "viewer --of two words"}.get(form, "less")
            if variables.get("PAGER"):
                expected = "pager -x"
            self.assertTrue(call.startswith(expected + " /"), call)

    def test_view_what_is_kept(self):
        seen, target = handshark.new("seen"), handshark.new("out.svg")
        viewer = handshark.fake("viewer", f'echo "$1" >{seen}; exit 3')
        environment = {"HANDSHARK_VIEWER": str(viewer)}
        result = self.ladder("--view", "-o", target, environment=environment)
        self.assertEqual((result.status, seen.read_text()), (3, f"{target}\n"))
        self.assertEqual(target.read_text(encoding="utf-8"), self.said("svg"))

    def test_no_viewer(self):
        environment = {"HANDSHARK_VIEWER": "no-such-viewer"}
        result = self.ladder("--view", environment=environment)
        self.assertEqual(result.status, 1)
        self.assertIn("cannot be shown by no-such-viewer: ", result.err)


class Languages(unittest.TestCase):
    def test_explain(self):
        """By option, or else the environment's."""
        capture = handshark.capture("refused")
        self.assertIn("遭拒", handshark.good("explain", "--language=zh_TW", capture))
        environment = {"LC_ALL": "zh_CN.UTF-8"}
        self.assertIn("被拒绝", handshark.good("explain", capture, environment=environment))
        result = handshark.good("explain", "--language=en", capture, environment=environment)
        self.assertIn("was refused", result)
