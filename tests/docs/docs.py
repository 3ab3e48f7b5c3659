#!/usr/bin/env python3
"""The commands in the documents run as they are written, and print what stands below them.

docs.py check FILE...    every block ```sh, in a folder that looks like the project's; the ```text that
                         follows one is what it prints, but for the width of the gaps; links lead
                         somewhere. What installs, needs a network or does not end is a block ```shell
docs.py write FILE...    puts what they print now below them: read the changes

In FILE.zh-CN.md the environment asks for Chinese.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import contextlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

TOP = pathlib.Path(__file__).resolve().parents[2]
LIMIT = 400  # seconds for a block

PROGRESS = re.compile(r"handshark: \d+ (of \d+, |files in these folders|captures, 0 failed)")

# A block, and the output that follows it.
BLOCK = re.compile(
    r"^(?P<indent> *)```sh\n(?P<code>.*?)^(?P=indent)```\n"
    r"(?:\n?(?P=indent)```text\n(?P<text>.*?)^(?P=indent)```\n)?",
    re.MULTILINE | re.DOTALL,
)


def run(path, code, folder):
    """(exit status, standard output, standard error) of a block's commands, all of which must succeed."""
    language = "zh_CN.UTF-8" if path.name.endswith(".zh-CN.md") else "C.UTF-8"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LC_")}
    environment.update({"LC_ALL": language, "TZ": "UTC", "NO_COLOR": "1"})
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", code],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT,
        check=False,
    )
    # The locale need not be installed for the plugin to speak its language, but bash says so. handshark
    # batch tells how far it is.
    errors = [
        line
        for line in done.stderr.decode().splitlines()
        if "setlocale: LC_ALL" not in line and not PROGRESS.match(line)
    ]
    return done.returncode, done.stdout.decode(), "\n".join(errors)


@contextlib.contextmanager
def scratch():
    """A folder with all that is in the project's: what the commands of a page write goes there."""
    with tempfile.TemporaryDirectory(prefix="handshark-docs-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)  # as the project's is: as root, tshark runs as another user
        for path in TOP.iterdir():
            (folder / path.name).symlink_to(path)
        yield folder


def plain(text):
    """Without what differs by width alone."""
    return [" ".join(line.split()) for line in text.rstrip().splitlines()]


def check(name, folder):
    """How many blocks there are, and how many are wrong."""
    path = TOP / name
    text = path.read_text(encoding="utf-8")
    count = wrong = 0
    for block in BLOCK.finditer(text):
        count += 1
        status, out, errors = run(path, block["code"], folder)
        problem = f"exit status {status}\n{errors}" if status or errors else None
        if not problem and not out.strip():
            problem = "it prints nothing"
        if not problem and block["text"] is not None and plain(out) != plain(block["text"]):
            problem = f"prints\n{out}and not\n{block['text']}"
        if problem:
            wrong += 1
            line = text.count("\n", 0, block.start()) + 1
            print(f"FAIL {name}:{line}: {block['code']}{problem}")
    return count, wrong


def missing_links(name):
    """Links and pictures of a page that lead nowhere in the project."""
    text = (TOP / name).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    here = (TOP / name).parent
    return [link for link in links if "://" not in link and not (here / link).exists()]


def table(out):
    """Lines with tabs as a table."""
    rows = [line.split("\t") for line in out.splitlines()]
    widths = [max(_width(row[i]) for row in rows if i < len(row)) for i in range(max(map(len, rows)))]
    lines = [
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths))
        for row in rows
    ]
    return "".join(line.rstrip() + "\n" for line in lines)


def _width(cell):
    return sum(2 if ord(character) > 0x2E80 else 1 for character in cell)


def write(name):
    path = TOP / name

    def renew(block):
        if block["text"] is None:
            return block[0]
        with scratch() as folder:
            status, out, errors = run(path, block["code"], folder)
        if status or errors:
            sys.exit(f"{block['code']}exit status {status}\n{errors}")
        shown = table(out) if "\t" in out else out
        lines = ["```text", *shown.rstrip().splitlines(), "```"]
        indented = "".join((block["indent"] + line).rstrip() + "\n" for line in lines)
        return f"{block['indent']}```sh\n{block['code']}{block['indent']}```\n\n{indented}"

    path.write_text(BLOCK.sub(renew, path.read_text(encoding="utf-8")), encoding="utf-8")


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("check", "write"):
        sys.exit(__doc__)
    if sys.argv[1] == "write":
        for name in sys.argv[2:]:
            write(name)
        return 0
    missing = [(name, link) for name in sys.argv[2:] for link in missing_links(name)]
    for name, link in missing:
        print(f"FAIL {name}: there is no {link}")
    counts = []
    for name in sys.argv[2:]:
        with scratch() as folder:
            counts.append(check(name, folder))
    blocks, wrong = (sum(column) for column in zip(*counts))
    print(f"{blocks} blocks of commands, {wrong} wrong")
    return 1 if missing or wrong or not all(count for count, _ in counts) else 0


if __name__ == "__main__":
    sys.exit(main())
