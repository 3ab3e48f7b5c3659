"""What is wrong with a drawing: of_svg(), of_mermaid() and of_text() give the problems, as sentences.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import re
import unicodedata
import xml.etree.ElementTree

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "style", "g", "title", "desc", "text", "line", "rect", "polygon"}
LIFE = 33  # the column of the client's life line


def columns(text):
    """The columns that a text takes in a terminal."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) != 0 for c in text)


def _sizes(style):
    """Class -> size of its font in pixels."""
    return {name: int(size) for name, size in re.findall(r"\.(l-\w+)\{font-size:(\d+)px", style)}


def _text_box(text, sizes):
    """Left and right end of a text that is not turned, by an estimate on the small side."""
    classes = text.get("class").split()
    size = next(sizes[name] for name in classes if name in sizes)
    width = columns(text.text or "") * size * 0.42
    x = float(text.get("x"))
    if "l-end" in classes:
        return x - width, x
    if "l-mid" in classes:
        return x - width / 2, x + width / 2
    return x, x + width


def _overlapping(boxes):
    """Pairs of boxes (x, y, width, height) that lie on each other."""
    boxes = sorted(boxes, key=lambda box: box[1])
    for i, (x, y, width, height) in enumerate(boxes):
        for x2, y2, width2, _ in boxes[i + 1 :]:
            if y2 >= y + height:
                break
            if x < x2 + width2 and x2 < x + width:
                yield (x, y), (x2, y2)


def of_svg(text, count):
    try:
        root = xml.etree.ElementTree.fromstring(text.encode())
    except xml.etree.ElementTree.ParseError as problem:
        yield f"not well-formed: {problem}"
        return
    width, height = float(root.get("width")), float(root.get("height"))
    if root.get("viewBox") != f"0 0 {root.get('width')} {root.get('height')}":
        yield "the view box is not the drawing"
    if len(root.findall(f"{SVG}g")) != count:
        yield f"{len(root.findall(f'{SVG}g'))} drawings, not {count}"
    sizes = _sizes(root.find(f"{SVG}style").text)
    for element in root.iter():
        name = element.tag.replace(SVG, "")
        if name not in ELEMENTS:
            yield f"<{name}>"
        for key, value in element.attrib.items():
            if key.startswith("on") or "href" in key or "url(" in value or "script:" in value:
                yield f"{key}={value!r}"
            if key in ("x", "x1", "x2") and not 0 <= float(value) <= width:
                yield f"<{name} {key}={value}> is outside"
            if key in ("y1", "y2") and not 0 <= float(value) <= height:
                yield f"<{name} {key}={value}> is outside"
        if name == "text" and "transform" not in element.attrib:
            left, right = _text_box(element, sizes)
            if left < 0 or right > width:
                yield f"the text {element.text!r} does not fit"
    chips = [r for r in root.iter(f"{SVG}rect") if r.get("class") == "l-chip"]
    boxes = [[float(r.get(key)) for key in ("x", "y", "width", "height")] for r in chips]
    for one, other in _overlapping(boxes):
        yield f"the states at {one} and {other} lie on each other"


# A sequence diagram, as far as we write one: what Mermaid's grammar calls statements. Texts end at ';' or
# '#', which are there as a character's number (#59;) alone.
_TEXT = r"(?:[^#;%\n]|#\d+;)+"
_STATEMENTS = [
    rf"title {_TEXT}",
    rf"participant [CS] as {_TEXT}",
    rf"Note (?:left of C|right of S|over C,S): {_TEXT}",
    r"rect rgba\(\d+, \d+, \d+, 0\.\d\)",
    r"end",
    rf"(?:C--?(?:>>|x)S|S--?(?:>>|x)C): {_TEXT}",
]
_STATEMENT = re.compile("|".join(f"(?:{one})" for one in _STATEMENTS))
# Columns. Mermaid breaks no line: what is longer is cut off at the edge, or leaves its box.
_LONGEST = {"title": 72, "Note": 40}


def _too_long(statement):
    kind, _, text = statement.partition(" ")
    if kind == "Note":
        text = text.partition(": ")[2]
    for line in re.sub(r"#\d+;", "?", text).split("<br/>"):
        if columns(line) > _LONGEST.get(kind, 1000):
            yield f"does not fit: {line!r}"


def _of_diagram(lines):
    if not lines or lines[0] != "sequenceDiagram":
        yield "it does not begin with sequenceDiagram"
    depth = 0
    for line in lines[1:]:
        statement = line.strip()
        if not _STATEMENT.fullmatch(statement):
            yield f"no statement: {line!r}"
        yield from _too_long(statement)
        depth += statement.startswith("rect ") - (statement == "end")
        if depth not in (0, 1):
            yield f"end without rect, or rect in rect, at {line!r}"
    if depth:
        yield "a rect without end"
    participants = [line.split()[1] for line in lines if line.strip().startswith("participant ")]
    if participants != ["C", "S"]:
        yield f"participants {participants}"


def of_mermaid(text, count):
    """One diagram by itself; several in a Markdown document."""
    diagrams = [text]
    if count > 1:
        diagrams = re.findall(r"^```mermaid\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    if len(diagrams) != count:
        yield f"{len(diagrams)} diagrams, not {count}"
    for diagram in diagrams:
        yield from _of_diagram(diagram.splitlines())


def of_text(text, count):
    """Every line of a drawing has its two life lines at the same columns."""
    drawings = text.split("\n\n\n")
    if len(drawings) != count:
        yield f"{len(drawings)} drawings, not {count}"
    for drawing in drawings:
        head, _, body = drawing.partition("\n\n")
        if not head.strip():
            yield "no title"
        second = None
        for line in body.splitlines()[2:]:  # below roles and names
            at = [columns(line[:i]) for i, c in enumerate(line) if c in "|:"]
            if second is None and len(at) == 2:
                second = at[1]  # the states before all segments: nothing between the life lines
            if LIFE not in at or second not in at:
                yield f"crooked: {line!r}"
