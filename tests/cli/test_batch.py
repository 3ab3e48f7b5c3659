"""Many captures at once: what is found, what is written, what is left where something goes wrong.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import csv
import gzip
import hashlib
import html.parser
import json
import os
import shutil
import signal
import subprocess
import unittest

import pcapng
from program import CAPTURES, is_alive, until

handshark = None  # set by cli.py

NAMES = ["000", "004b", "syn_alone", "refused"]


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def existing(count):
    """Names of some of the project's captures, small ones."""
    found = [path.parent.name for path in sorted(CAPTURES.glob("*/capture.pcapng"))
             if path.stat().st_size < 4000]  # fmt: skip
    return found[:count]


class Batch(unittest.TestCase):
    """What the classes below share."""

    def folder(self, **files):
        """A folder with files: names and contents."""
        folder = handshark.new("captures")
        folder.mkdir()
        for name, data in files.items():
            self.put(folder / name, data)
        handshark.own(folder)
        return folder

    def put(self, path, data):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        handshark.own(path)
        handshark.own(path.parent)

    def batch(self, out, *arguments, status=0, **more):
        result = handshark.run("batch", "-j2", "-o", out, *arguments, **more)
        self.assertEqual(result.status, status, result.err)
        self.assertEqual(result.out, "")
        return result.err

    def content(self, out, without=("manifest.jsonl",)):
        """All that is in a folder of results, by name."""
        found = {}
        for path in sorted(out.rglob("*")):
            name = str(path.relative_to(out))
            if path.is_file() and name not in without:
                found[name] = path.read_bytes()
        return found

    def manifest(self, out):
        """Without what depends on the time."""
        rows = lines(out / "manifest.jsonl")
        for row in rows:
            self.assertGreaterEqual(row.pop("seconds"), 0)
            row.pop("finished")
        return rows


class Found(Batch):
    def test_by_content(self):
        one = handshark.capture("000").read_bytes()
        folder = self.folder(**{"no-name": one, "text.pcap": b"not a capture\n" * 20, "nothing": b""})
        self.put(folder / "deep" / "packed.gz", gzip.compress(one))
        out = handshark.new("out")
        said = self.batch(out, folder)
        self.assertIn("2 files in these folders are no captures", said)
        rows = self.manifest(out)
        paths = [row["files"][0]["path"] for row in rows]
        self.assertEqual(paths, [str(folder / "deep" / "packed.gz"), str(folder / "no-name")])
        expected = handshark.said(handshark.capture("000"), "jsonl")
        for row in rows:
            data = (folder.parent / row["files"][0]["path"]).read_bytes()
            self.assertEqual(row["files"][0]["size"], len(data))
            self.assertEqual(row["files"][0]["sha256"], hashlib.sha256(data).hexdigest())
            self.assertEqual((row["exit"], row["reason"]), (0, None))
            self.assertEqual(row["handshark"], handshark.version)
            self.assertIn("TShark (Wireshark)", row["tshark"])
            self.assertEqual((out / row["result"]).read_text(encoding="utf-8"), expected)
            self.assertEqual(row["conversations"], len(expected.splitlines()))
        self.assertFalse((out / "work").exists())
        # What is there is not done again, and not written over.
        self.assertIn("has manifest.jsonl already", self.batch(out, folder, status=1))
        self.assertIn("2 of 2 captures are done", self.batch(out, folder, "--resume"))

    def pieces(self, capture):
        """A capture cut into some."""
        folder = handshark.new("pieces")
        folder.mkdir()
        handshark.own(folder)
        handshark.tool("editcap", "-c", "3", capture, folder / "part.pcapng")
        return [path.read_bytes() for path in sorted(folder.iterdir())]

    def test_rotated(self):
        """Files of one capture are one: the conversations in them are whole."""
        capture = handshark.capture("004b")
        expected = handshark.said(capture, "jsonl")
        parts = self.pieces(capture)
        self.assertGreater(len(parts), 2)
        turned = parts[-1:] + parts[:-1]  # a ring: the number 0 was written last
        names = {
            "dump": lambda n: f"trace_{n + 1:05}_20240101120000.pcapng",
            "time": lambda n: f"trace_20240101120000_{n + 1:05}.pcapng",
            "C": lambda n: f"trace.pcap{n or ''}",
            "W": lambda n: f"trace.pcap{n:02}",
        }
        for kind, name in names.items():
            with self.subTest(kind):
                files = turned if kind == "W" else parts
                folder = self.folder(**{name(n): data for n, data in enumerate(files)})
                out = handshark.new("out")
                self.batch(out, folder)
                (row,) = self.manifest(out)
                self.assertEqual(len(row["files"]), len(parts))
                self.assertEqual((out / row["result"]).read_text(encoding="utf-8"), expected)

    def test_not_rotated(self):
        """Names alike for other reasons: two runs, a gap, captures of the same time."""
        one, two = self.pieces(handshark.capture("004b"))[:2]
        for names, count in (
            ({"t_00001_20240101120000.pcap": one, "t_00001_20240101130000.pcap": two}, 2),
            ({"t0": one, "t2": two}, 2),
            ({"t0": one, "t1": one}, 2),
            ({"t1": one, "t2": two}, 2),
            ({"t0": one, "t1": two}, 1),
        ):
            with self.subTest(list(names)):
                out = handshark.new("out")
                silent = handshark.fake_tshark("tshark-nothing", "cat >/dev/null")
                self.batch(out, self.folder(**names), f"--tshark={silent}")
                self.assertEqual(len(self.manifest(out)), count)
        out = handshark.new("out")
        self.batch(out, "--separate", self.folder(t0=one, t1=two), f"--tshark={silent}")
        self.assertEqual(len(self.manifest(out)), 2)


class Reader(html.parser.HTMLParser):
    """What a page wants from elsewhere."""

    def __init__(self):
        super().__init__()
        self.wanted = []
        self.pictures = 0

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("src", "href") and not (value or "").startswith("data:"):
                self.wanted.append(value)
        self.pictures += tag == "img"


class Summary(Batch):
    @classmethod
    def setUpClass(cls):
        cls.out = handshark.new("out")
        folder = handshark.new("captures")
        folder.mkdir()
        for name in existing(6):
            shutil.copy(handshark.capture(name), folder / f"{name}.pcapng")
        result = handshark.run("batch", "-o", cls.out, folder)
        assert result.status == 0, result.err
        cls.rows = [row for path in sorted((cls.out / "conversations").iterdir())
                    for row in lines(path)]  # fmt: skip

    def test_counts(self):
        summary = json.loads((self.out / "summary.json").read_text(encoding="utf-8"))
        self.assertEqual(summary["captures"], 6)
        self.assertEqual(summary["conversations"], len(self.rows))
        for name in ("segments", "client.bytes", "server.bytes"):
            self.assertEqual(summary[name], sum(row[name] for row in self.rows))
        for name, counts in (("verdict", "verdicts"), ("opening", "openings"), ("closing", "closings")):
            for word, count in summary[counts].items():
                self.assertEqual(count, sum(row[name] == word for row in self.rows), word)
        self.assertEqual(sum(kind["conversations"] for kind in summary["kinds"]), len(self.rows))

    def test_csv(self):
        with (self.out / "summary.csv").open(newline="", encoding="utf-8") as file:
            table = list(csv.DictReader(file))
        servers = {(row["server.addr"], str(row["server.port"])) for row in self.rows}
        self.assertEqual({(row["server.addr"], row["server.port"]) for row in table}, servers)
        for row in table:
            own = [one for one in self.rows
                   if (one["server.addr"], str(one["server.port"])) == (row["server.addr"], row["server.port"])]  # fmt: skip
            self.assertEqual(int(row["conversations"]), len(own))
            self.assertEqual(int(row["orderly"]), sum(one["verdict"] == "orderly" for one in own))
            resets = sum(one["closing"].startswith("reset") for one in own)
            self.assertEqual(int(row["resets"]), resets)

    def test_report(self):
        """It stands alone, and a browser shows it."""
        page = self.out / "report.html"
        reader = Reader()
        reader.feed(page.read_text(encoding="utf-8"))
        self.assertEqual(reader.wanted, [])
        self.assertGreater(reader.pictures, 0)
        browser = shutil.which("chromium")
        if not browser:
            self.skipTest("there is no chromium here")
        probe = handshark.new("probe.html")
        script = (
            "<script>onload=()=>{const i=[...document.images];document.title="
            "'seen '+i.length+' '+i.filter(p=>p.complete&&p.naturalWidth>100).length}</script>"
        )
        text = page.read_text(encoding="utf-8").replace("</body>", script + "</body>")
        self.put(probe, text.encode())
        seen = handshark.run(
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            f"--user-data-dir={handshark.new('profile')}", "--virtual-time-budget=20000",
            "--dump-dom", probe.as_uri(), program=browser)  # fmt: skip
        self.assertIn(f"<title>seen {reader.pictures} {reader.pictures}</title>", seen.out, seen.err)


class Ended(Batch):
    """Killed, and begun again."""

    def captures(self, count):
        """A folder of captures, a tshark that knows what is in them, and one that takes its time."""
        folder = self.folder()
        for n, name in enumerate(existing(3) * (count // 3)):
            known = handshark.learn(handshark.capture(name), "jsonl")
            capture = folder / f"{n:03}.pcapng"
            self.put(capture, known.read_bytes())
            self.put(folder / f"{n:03}.pcapng.jsonl", known.with_name(f"{known.name}.jsonl").read_bytes())
        quick = handshark.replay()
        marks = handshark.new("marks")
        marks.mkdir()
        handshark.own(marks)
        slow = quick.with_name("tshark-slow-replay")
        text = quick.read_text(encoding="utf-8")
        # The same, and from the fifth on it waits for ever.
        wait = f'[ "$file" ] || exit 0; echo $$ >{marks}/$$; [ $(ls {marks} | wc -l) -lt 5 ] || exec sleep 1000\nexec cat'
        slow.write_text(text.replace("exec cat", wait), encoding="utf-8")
        slow.chmod(0o755)
        return folder, quick, slow, marks

    def use(self, path):
        """The tshark of the name that all use: which one it is, is part of what results depend on."""
        link = handshark.bin / "tshark-in-use"
        shutil.copy(path, link)
        return f"--tshark={link}"

    def ended_by(self, number):
        folder, quick, slow, marks = self.captures(12)
        whole, out = handshark.new("whole"), handshark.new("out")
        self.batch(whole, folder, "--ladders=0", self.use(quick))
        process = handshark.start("batch", "-j2", "-o", out, "--ladders=0", folder, self.use(slow))
        # Two begin at the same time: both may be the fifth.
        until(lambda: len(list(marks.iterdir())) >= 5, "a tshark to hang")
        process.send_signal(number)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, -number)
        for mark in marks.iterdir():
            until(lambda mark=mark: not is_alive(int(mark.name)), "tshark to end")
        self.assertFalse((out / "manifest.jsonl").exists())
        done = [path.name for path in (out / "conversations").iterdir()]
        # A process of ours that nobody can catch a signal for ends a moment later.
        until(lambda: not [p for p in (out / "conversations").iterdir() if p.name.startswith(".")],
              "what is unfinished to go")  # fmt: skip
        self.assertGreaterEqual(len(done), 3)
        self.assertIn("of 12 captures are done",
                      self.batch(out, folder, "--ladders=0", "--resume", self.use(quick)))  # fmt: skip
        self.assertEqual(self.content(out), self.content(whole))
        self.assertEqual(self.manifest(out), self.manifest(whole))

    def test_ctrl_c(self):
        self.ended_by(signal.SIGINT)

    def test_killed(self):
        self.ended_by(signal.SIGKILL)

    def test_killed_tshark(self):
        """That one failed; the rest goes on, and a second run does it."""
        folder, quick, _, _ = self.captures(6)
        text = quick.read_text(encoding="utf-8")
        bad = quick.with_name("tshark-dies")
        bad.write_text(text.replace("exec cat", 'case $file in *003*) kill -KILL $$;; esac\nexec cat'))
        bad.chmod(0o755)
        whole, out = handshark.new("whole"), handshark.new("out")
        self.batch(whole, folder, "--ladders=0", self.use(quick))
        said = self.batch(out, folder, "--ladders=0", self.use(bad), status=1)
        self.assertIn("003.pcapng: tshark was ended by a signal: Killed", said)
        failed = [row for row in self.manifest(out) if row["reason"]]
        self.assertEqual(len(failed), 1)
        self.assertIsNone(failed[0]["result"])
        self.assertEqual(failed[0]["exit"], 128 + signal.SIGKILL)
        self.assertEqual(len(list((out / "conversations").iterdir())), 5)
        self.assertIn("5 of 6 captures are done",
                      self.batch(out, folder, "--ladders=0", "--resume", self.use(quick)))  # fmt: skip
        self.assertEqual(self.content(out), self.content(whole))

    def test_killed_worker(self):
        folder, quick, _, _ = self.captures(6)
        text = quick.read_text(encoding="utf-8")
        bad = quick.with_name("tshark-kills")
        bad.write_text(text.replace("exec cat", 'case $file in *003*) kill -KILL $PPID; sleep 9;; esac\nexec cat'))
        bad.chmod(0o755)
        out = handshark.new("out")
        said = self.batch(out, folder, "--ladders=0", self.use(bad), status=1)
        self.assertIn("003.pcapng: the process that read it was ended by a signal: Killed", said)
        self.assertEqual(sum(row["reason"] is None for row in self.manifest(out)), 5)

    def test_changed(self):
        """A capture that has changed is done again, others are not."""
        folder, quick, _, _ = self.captures(3)
        out = handshark.new("out")
        self.batch(out, folder, "--ladders=0", self.use(quick))
        before = {row["capture"]: row["finished"] for row in lines(out / "manifest.jsonl")}
        os.utime(folder / "001.pcapng", (1, 1))
        self.assertIn("2 of 3 captures are done",
                      self.batch(out, folder, "--ladders=0", "--resume", self.use(quick)))  # fmt: skip
        after = {row["capture"]: row["finished"] for row in lines(out / "manifest.jsonl")}
        changed = [name for name in before if before[name] != after[name]]
        self.assertEqual([name[:3] for name in changed], ["001"])


class Bad(Batch):
    def test_captures(self):
        """What is wrong with each is said, and what can be read is there."""
        good = handshark.capture("004b").read_bytes()
        folder = self.folder(good=good, cut=good[:-50])
        files = {name: handshark.put(data, name) for name, data in
                 {"empty": b"", "text": b"no capture\n"}.items()}  # fmt: skip
        out = handshark.new("out")
        said = self.batch(out, folder, *files.values(), folder / "missing", status=1)
        for name, reason in (
            ("empty", "is empty"),
            ("text", "is not a capture"),
            ("missing", "No such file or directory"),
            ("cut", "cut short"),
        ):
            (row,) = [row for row in self.manifest(out) if row["files"][0]["path"].endswith(f"/{name}")]
            self.assertIn(reason, row["reason"])
            self.assertRegex(said, f"{name}: .*{reason}")
            self.assertEqual(row["result"] is not None, name == "cut")
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
        self.assertEqual((summary["captures"], summary["captures.failed"]), (5, 4))
        self.assertGreater(summary["conversations"], 1)

    @unittest.skipIf(os.geteuid() == 0 and not shutil.which("setpriv"), "root may read all")
    def test_unreadable(self):
        folder = self.folder(good=handshark.capture("000").read_bytes(), bad=b"x")
        (folder / "bad").chmod(0)
        out = handshark.new("out")
        said = self.batch(out, folder, status=1)
        self.assertIn("bad: Permission denied", said)

    def test_nothing(self):
        out = handshark.new("out")
        self.assertIn("there are no captures in it", self.batch(out, self.folder(a=b"a"), status=1))
        self.assertFalse(out.exists())

    def test_no_space(self):
        """Nothing half is left. A file as large as may be is as good as a full disk."""
        folder = self.folder(good=handshark.capture("004b").read_bytes())
        out = handshark.new("out")
        limit = f'trap "" XFSZ; ulimit -f 1; exec {handshark.program} batch -o {out} {folder}'
        big = handshark.fake_tshark("tshark-big", 'yes "{\\"a\\": 1}" | head -100000')
        result = handshark.run("-c", f"{limit} --tshark={big}", program="/bin/sh")
        self.assertEqual(result.status, 1)
        self.assertRegex(result.err, "File too large|No space left")
        self.assertEqual(list((out / "conversations").iterdir()), [])

    def test_wrong_use(self):
        for arguments in (
            ["batch"],
            ["batch", "-o", "x"],
            ["batch", "-j0", "-o", "x", "y"],
            ["batch", "--slurm", "--joblog=a", "-o", "x", "y"],
            ["batch", "--merge", "-o", "x", "y"],
        ):
            with self.subTest(arguments):
                self.assertEqual(handshark.run(*arguments).status, 2)

    def test_two_at_once(self):
        """The second of two in the same folder is told so."""
        capture = handshark.capture("000")
        ids = handshark.new("ids")
        slow = handshark.fake_tshark("tshark-waits", f'[ "$1" != --version ] || exit 0; echo $$ >{ids}; exec sleep 1000')
        out = handshark.new("out")
        process = handshark.start("batch", "-o", out, capture, f"--tshark={slow}")
        until(lambda: ids.exists() and ids.read_text(), "tshark to start")
        self.assertIn("another handshark batch works in it",
                      self.batch(out, capture, "--resume", f"--tshark={slow}", status=1))  # fmt: skip
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


class Remote(Batch):
    def test_tasks(self):
        """What a job does: one task after the other, and the merge. As sbatch would be asked for."""
        folder = self.folder()
        for name in existing(4):
            self.put(folder / f"{name}.pcapng", handshark.capture(name).read_bytes())
        whole, out = handshark.new("whole"), handshark.new("out")
        self.batch(whole, folder)
        calls = handshark.new("calls")
        handshark.fake("sbatch", f'printf "%s\\n" "$*" >>{calls}; echo "17;cluster"')
        said = handshark.run("batch", "--slurm", "--tasks=2", "-o", out, "--slurm-options=--mem='4 G'", folder)
        (handshark.bin / "sbatch").unlink()
        self.assertEqual(said.status, 0, said.err)
        self.assertIn("job 17: 4 captures in 2 tasks", said.err)
        array, merge = calls.read_text(encoding="utf-8").splitlines()
        self.assertIn("--array=0-1", array)
        self.assertIn("--mem=4 G", array)
        self.assertIn("--dependency=afterany:17", merge)
        for arguments in (["--task=0"], ["--task=1"], ["--task=1"], ["--merge"]):
            result = handshark.run("batch", *arguments, "-o", out)
            self.assertEqual(result.status, 0, result.err)
        self.assertEqual(self.content(out), self.content(whole))
        self.assertEqual(self.manifest(out), self.manifest(whole))

    @unittest.skipUnless(shutil.which("parallel"), "there is no GNU Parallel here")
    def test_parallel(self):
        folder = self.folder()
        for name in existing(4):
            self.put(folder / f"{name}.pcapng", handshark.capture(name).read_bytes())
        whole, out, log = handshark.new("whole"), handshark.new("out"), handshark.new("log")
        self.batch(whole, folder)
        self.batch(out, folder, f"--joblog={log}", "--tasks=3")
        self.assertEqual(self.content(out), self.content(whole))
        self.assertEqual(len(log.read_text(encoding="utf-8").splitlines()), 4)
