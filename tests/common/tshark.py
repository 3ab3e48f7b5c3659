"""Run tshark with the plugin that was just built, and with nothing of the user's.

As root Wireshark ignores WIRESHARK_PLUGIN_DIR, and a plugin that cannot be loaded is no error for
tshark. So every run drops to an unprivileged user, on copies of the plugin and of the captures in a
temporary folder that this user can read, and Tshark() fails unless the plugin is there.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import argparse
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree

NOBODY = 65534
PLUGIN = "handshark.so"
CAPTURES = pathlib.Path(__file__).resolve().parents[2] / "test-captures"


def argument_parser(text):
    """What the runners' command lines have in common."""
    raw = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(description=text, formatter_class=raw)
    parser.add_argument("--plugins", required=True, type=pathlib.Path, metavar="BUILD/plugins")
    parser.add_argument("--tshark", default="tshark", help="the tshark to run")
    return parser


class TestFailure(Exception):
    """Something is wrong with the thing under test; the message says what."""


class Result:
    """What a program said: .status (negative: killed by that signal), .out, .err."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err


class Tshark:
    """tshark on a private configuration, as an unprivileged user. A context manager.

    plugins   the build's plugin folder (<build>/plugins), or None to run without the plugin
    checker   None, "asan" (the plugin is built with AddressSanitizer) or "valgrind"
    program   the tshark to run
    loads     another test has shown that the plugin loads
    """

    def __init__(self, plugins, checker=None, program="tshark", loads=False):
        self.checker = checker
        self.program = shutil.which(program) or program
        self.leaks = True  # whether AddressSanitizer looks for leaks (where it can, see run())
        self.runs = 0
        self.staged = {}
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="handshark-test-"))
        self.folder.chmod(0o755)
        self.private = self.folder / "private"  # all that tshark may write to
        self.private.mkdir()
        (self.private / "config").mkdir()
        if os.geteuid() == 0:
            for path in (self.private, self.private / "config"):
                os.chown(path, NOBODY, NOBODY)
        self.plugins = self.folder / "plugins"
        if plugins is None:
            self.plugins.mkdir()
        else:
            plugins = pathlib.Path(plugins)
            if not list(plugins.glob("*/epan/" + PLUGIN)):
                raise TestFailure(f"no */epan/{PLUGIN} in {plugins}: build the project first")
            shutil.copytree(plugins, self.plugins)
        self.release = self._release()
        self.environment = self._environment()
        if plugins is not None and not loads:
            self._assert_loaded()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def _release(self):
        """Of Wireshark, as (4, 0): the folder that the plugin is in says so."""
        folders = [path.parent.parent.name for path in self.plugins.glob("*/epan/" + PLUGIN)]
        return max((tuple(map(int, name.split("."))) for name in folders), default=(0, 0))

    def _environment(self):
        environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": str(self.private),
            "WIRESHARK_CONFIG_DIR": str(self.private / "config"),
            "WIRESHARK_PLUGIN_DIR": str(self.plugins),
            # -G plugins starts every capture helper, and those do not stand a checker.
            "WIRESHARK_EXTCAP_DIR": str(self.private / "extcap"),
            "TMPDIR": str(self.private),
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
        }
        if self.checker:
            # Wireshark's own allocators hide every fault from both checkers.
            environment["WIRESHARK_DEBUG_WMEM_OVERRIDE"] = "simple"
            environment["G_SLICE"] = "always-malloc"
        return environment

    def _assert_loaded(self):
        """A plugin that does not load is no error for tshark: look into its list."""
        listing = self.run(["-G", "plugins"])
        wanted = [str(path) for path in self.plugins.glob("*/epan/" + PLUGIN)]
        if not any(line.split("\t")[-1] in wanted for line in listing.out.splitlines()):
            raise TestFailure(f"tshark did not load {PLUGIN}:\n{listing.err.strip()}")

    def stage(self, capture):
        """A copy of a capture where the unprivileged user can read it; the same one next time."""
        capture = pathlib.Path(capture).resolve()
        if capture not in self.staged:
            copy = self.folder / f"{len(self.staged)}-{capture.parent.name}-{capture.name}"
            shutil.copyfile(capture, copy)
            copy.chmod(0o644)
            self.staged[capture] = copy
        return self.staged[capture]

    def scratch(self, name):
        """A path for a capture that the test itself makes, where tshark can read it."""
        return self.folder / name

    def run(self, arguments, check=True, timeout=300):
        """Run tshark. check: a status other than 0 is a failure. Findings of the checker always
        are."""
        command = [self.program, *map(str, arguments)]
        environment = dict(self.environment)
        self.runs += 1
        report = None
        if self.checker == "asan":
            # Stacks deep enough to name who leaked cost seconds a run: only where both passes run.
            environment.update(self._asan(leaks=self.leaks and "-2" in arguments))
        elif self.checker == "valgrind":
            report = self.private / f"valgrind-{self.runs}.xml"
            # Loaded early the plugin stays to the end, and what its variables hold is not lost.
            environment["LD_PRELOAD"] = str(next(self.plugins.glob("*/epan/" + PLUGIN), ""))
            command = [*_VALGRIND, f"--xml-file={report}", *command]
        result = _run(command, environment, timeout)
        findings = []
        if self.checker == "asan":
            logs = self.private.glob(f"asan-{self.runs}.*")
            said = [path.read_text(errors="replace") for path in logs]
            findings = asan_findings("\n".join([*said, result.err]))
        elif self.checker == "valgrind":
            findings = valgrind_findings(report)
        if findings:
            raise TestFailure(f"{_shell(command)}\n" + "\n".join(findings))
        if check and result.status != 0:
            raise TestFailure(f"{_shell(command)}\nexit status {result.status}\n{result.err}")
        return result

    def _asan(self, leaks):
        """tshark itself is not instrumented, so the plugin's runtime has to be there before it."""
        library = next(self.plugins.glob("*/epan/" + PLUGIN), None)
        if library is None:  # tshark without the plugin
            return {}
        needed = subprocess.run(["ldd", library], capture_output=True, text=True, check=True).stdout
        runtime = re.search(r"=> (\S*/libasan\.so\S*)", needed)
        if not runtime:
            raise TestFailure(f"{PLUGIN} was not built with AddressSanitizer")
        log = self.private / f"asan-{self.runs}"  # standard error stays tshark's
        deep = "detect_leaks=1:fast_unwind_on_malloc=0:malloc_context_size=20"
        return {
            "LD_PRELOAD": runtime.group(1),
            # %m: the module's name stands in every line of a stack, which asan_findings() needs.
            "ASAN_OPTIONS": f"log_path={log}:exitcode=99:"
            "stack_trace_format='    #%n in %f %S (%m)':" + (deep if leaks else "detect_leaks=0"),
            # Wireshark leaks by itself, so a leak must not decide the exit status.
            "LSAN_OPTIONS": "exitcode=0",
            "UBSAN_OPTIONS": f"log_path={log}:print_stacktrace=1:halt_on_error=1:exitcode=99",
        }


_VALGRIND = [
    "valgrind", "--quiet", "--xml=yes", "--leak-check=full",
    "--errors-for-leak-kinds=definite,possible", "--show-leak-kinds=definite,possible",
    "--keep-debuginfo=yes", "--num-callers=30",
]  # fmt: skip


def asan_findings(text):
    """What AddressSanitizer and UndefinedBehaviorSanitizer said in a standard error that counts:
    every error, and the leaks whose stack names the plugin."""
    findings = re.findall(r"^.*runtime error:.*(?:\n +#.*)*", text, re.MULTILINE)
    error = re.search(r"^==\d+==\s*ERROR: AddressSanitizer[\s\S]*", text, re.MULTILINE)
    if error:
        findings.append(error.group(0))
    if "LeakSanitizer has encountered a fatal error" in text:
        findings.append("LeakSanitizer could not run:\n" + text)
    leaks = re.findall(r"^(?:Direct|Indirect) leak of .*(?:\n +#.*)+", text, re.MULTILINE)
    return findings + [leak for leak in leaks if PLUGIN in leak]


def valgrind_findings(report):
    """The errors of an XML report whose stack names the plugin."""
    try:
        root = xml.etree.ElementTree.parse(report).getroot()
    except (OSError, xml.etree.ElementTree.ParseError) as problem:
        return [f"valgrind left no report: {problem}"]
    findings = []
    for error in root.iter("error"):
        objects = [frame.findtext("obj", "") for frame in error.iter("frame")]
        if not any(name.endswith(PLUGIN) for name in objects):
            continue
        what = error.findtext("what") or error.findtext("xwhat/text") or "error"
        places = [
            [frame.findtext(name, "?") for name in ("fn", "file", "line")]
            for frame in error.iter("frame")
        ]
        stack = [f"    {function} ({file}:{line})" for function, file, line in places]
        findings.append("\n".join([what, *stack]))
    return findings


def _run(command, environment, timeout):
    """A program as an unprivileged user: root becomes nobody."""
    identity = {}
    if os.geteuid() == 0:
        identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=timeout,
            cwd="/",
            **identity,
        )
    except subprocess.TimeoutExpired as late:
        raise TestFailure(f"{_shell(command)}\nnot finished after {timeout} s") from late
    return Result(
        done.returncode,
        done.stdout.decode("utf-8", "replace"),
        done.stderr.decode("utf-8", "replace"),
    )


def _shell(command):
    return shlex.join(map(str, command))
