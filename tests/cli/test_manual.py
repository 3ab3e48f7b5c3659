"""The manual page, the completion and --help: they agree, and the examples run as they stand.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import pathlib
import re
import shutil
import subprocess
import unittest

handshark = None  # set by cli.py
SOURCES = pathlib.Path(__file__).resolve().parents[2] / "cli"
MANUAL = (SOURCES / "handshark.1").read_text(encoding="utf-8")


def commands():
    return re.findall(r"^  ([a-z]+)  ", handshark.good("--help"), re.MULTILINE)


def options_of(command):
    """As --help has them, without =VALUE."""
    text = handshark.good(command, "--help").partition("\n\n")[2]
    return set(re.findall(r"^ {2,6}(?:-\w, )?(--[a-z-]+)", text, re.MULTILINE))


class Manual(unittest.TestCase):
    def test_examples(self):
        """Each in a shell, in a folder with a capture of that name."""
        folder = handshark.new().parent
        shutil.copy(handshark.capture("tfo"), folder / "trace.pcapng")
        examples = re.findall(r"^\.Dl (.*)$", MANUAL, re.MULTILINE)
        self.assertGreater(len(examples), 5)
        handshark.fake("handshark", f'exec {handshark.program} "$@"')
        for example in examples:
            with self.subTest(example):
                if "jq" in example and not shutil.which("jq"):
                    continue
                script = f"cd {folder} && {example}"
                done = handshark.run("-c", script, program=shutil.which("bash"))
                self.assertEqual(done.status, 0, done.err)
                if " batch " not in example:  # which says how far it is
                    self.assertEqual(done.err, "")
        made = {path.name for path in folder.iterdir()}
        self.assertEqual(
            made, {"trace.pcapng", "trace.csv", "ladder.svg", "commented.pcapng", "results"}
        )
        self.assertTrue(all((folder / name).stat().st_size for name in made))

    def test_it_has_every_command_and_option(self):
        for command in commands():
            self.assertRegex(MANUAL, rf"(?m)^\.Ss {command}$")
            for option in options_of(command):
                name = option[2:].replace("-", "[\\\\]?-")
                self.assertRegex(MANUAL, rf"(?m)^\.It.* -?-{name}\b", f"{command} {option}")

    def test_help_of_a_command(self):
        for command in commands():
            self.assertEqual(
                handshark.good("help", command), handshark.good(command, "--help"), command
            )
            lines = handshark.good(command, "--help").splitlines()
            self.assertLessEqual(max(map(len, lines)), 100)

    @unittest.skipUnless(shutil.which("groff"), "no groff")
    def test_it_is_set_without_complaint(self):
        done = subprocess.run(
            ["groff", "-mdoc", "-Tutf8", "-ww", "-b", "-z", SOURCES / "handshark.1"],
            capture_output=True,
            text=True,
            check=True,
        )
        self.assertEqual(done.stderr, "")


@unittest.skipUnless(shutil.which("bash"), "no bash")
class Completion(unittest.TestCase):
    def complete(self, line, folder="/"):
        """What bash offers behind such a line; it makes words of "=" too."""
        words = re.findall(r"=|[^ =]+", line)
        if line.endswith((" ", "=")):
            words.append("")
        if len(words) > 2 and words[-2] == "=" and words[-1] == "":
            words.pop()
        before = words[-2] if len(words) > 1 else ""
        script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
        script += f'_handshark handshark "${{COMP_WORDS[-1]}}" {before!r}; printf "%s\\n" "${{COMPREPLY[@]}}"'
        done = subprocess.run(
            ["bash", "-c", script, "bash", SOURCES / "handshark.bash", *words],
            capture_output=True,
            text=True,
            check=True,
            cwd=folder,
        )
        self.assertEqual(done.stderr, "")
        return set(done.stdout.split())

    def test_commands(self):
        self.assertEqual(self.complete("handshark "), {*commands(), "help", "--help", "--version"})
        self.assertEqual(self.complete("handshark help "), set(commands()))
        self.assertEqual(self.complete("handshark se"), {"segments"})

    def test_options(self):
        for command in commands():
            offered = {word.rstrip("=") for word in self.complete(f"handshark {command} --")}
            self.assertEqual(offered, options_of(command), command)

    def test_values(self):
        help_text = handshark.run("table", "--verdict=x", "y").err
        verdicts = set(re.findall(r"[a-z-]+", help_text.partition("there are")[2].splitlines()[0]))
        self.assertEqual(self.complete("handshark table --verdict="), verdicts)
        self.assertEqual(self.complete("handshark table --verdict=open,ref"), {"open,refused"})
        fields = handshark.good("table", "--csv", handshark.capture("000")).splitlines()[0]
        self.assertEqual(
            self.complete("handshark table --sort="), {"bytes", *fields.split(",")} - {"file"}
        )
        self.assertEqual(self.complete("handshark explain --language=zh"), {"zh_CN", "zh_TW"})

    def test_files(self):
        folder = handshark.new("one.pcapng").parent
        (folder / "one.pcapng").touch()
        self.assertEqual(self.complete("handshark annotate o", folder), {"one.pcapng"})
        self.assertEqual(self.complete("handshark ladder -o one", folder), {"one.pcapng"})
        self.assertEqual(self.complete("handshark table --tshark=on", folder), {"one.pcapng"})
