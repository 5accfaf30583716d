"""Markdown as prose: what is code in it, and which of its addresses would run. Pure functions."""

import html
import re
from itertools import pairwise


def runs(address: str) -> bool:
    """Tell whether a browser would run this address instead of going to it, however it is disguised."""
    plain = re.sub(r"[\x00-\x20]", "", html.unescape(address)).lower()
    return plain.startswith(("javascript:", "vbscript:", "data:"))


_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s")


def without_code(body: str) -> str:
    """Return the body with its code (fenced, indented, between backticks) as blanks, of the same length.

    In code, Liquid and HTML are what the author wants to show.
    """
    lines = body.split("\n")
    fence = ""
    before, in_list = "", False  # the line before, and whether indentation continues a list
    for number, line in enumerate(lines):
        opening = _FENCE.match(line)
        if fence:
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            lines[number] = _blank(line)
        elif opening:
            fence = opening[1]
            lines[number] = _blank(line)
        elif re.match(r" {4}|\t", line) and not in_list and not before.strip():
            lines[number] = _blank(line)
            continue  # what follows is code as long as it is indented
        elif (line.strip() and not line.startswith((" ", "\t"))) or _LIST_ITEM.match(line):
            in_list = _LIST_ITEM.match(line) is not None
        before = line
    return _without_spans("\n".join(lines))


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _without_spans(text: str) -> str:
    """Blank what stands between two runs of backticks of one length, within one paragraph."""
    pieces = []
    for paragraph in re.split(r"(\n[ \t\r]*\n)", text):
        if "`" not in paragraph:
            pieces.append(paragraph)
            continue
        ticks = list(re.finditer(r"`+", paragraph))
        places: dict[int, list[int]] = {}
        for position, run in enumerate(ticks):
            places.setdefault(len(run[0]), []).append(position)
        spans, position = [], 0
        for positions in places.values():
            positions.reverse()  # the next one is the last of the list
        while position < len(ticks):
            same = places[len(ticks[position][0])]
            while same and same[-1] <= position:
                same.pop()
            if same:
                spans.append((ticks[position].start(), ticks[same[-1]].end()))
                position = same[-1]
            position += 1
        cuts = [0, *(cut for span in spans for cut in span), len(paragraph)]
        pieces += [
            paragraph[start:end] if number % 2 == 0 else _blank(paragraph[start:end])
            for number, (start, end) in enumerate(pairwise(cuts))
        ]
    return "".join(pieces)
