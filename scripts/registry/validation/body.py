"""The rules for a registration's body: Markdown in which nothing runs, neither Liquid nor script.

The build shows Liquid as text and takes out what could run, so nothing found here is a danger to the site.
It tells the author what readers will not see. Every scan takes time in proportion to the body.
"""

import html
import re
from collections.abc import Iterator
from itertools import islice, pairwise

from registry.registration.frontmatter import Document
from registry.registration.values import control_fault
from registry.text.problems import Code, Finding, quoted


def check_body(document: Document) -> Iterator[Finding]:
    """Yield what would not be shown as it was meant, each with its line in the file."""
    body = document.body
    if not body.strip():
        message = "nothing follows the front matter; describe the plugin in a few sentences of Markdown"
        yield Finding(
            path=("body",), code="body-empty", message=message, weight="warning", line=document.body_line
        )
    prose = without_code(body)
    for scan in (_control, _liquid, _script_and_html, _links):
        for index, code, message in islice(scan(prose), MOST_PER_RULE):
            line = document.body_line + body.count("\n", 0, index)
            yield Finding(path=("body",), code=code, message=message, weight="deviation", line=line)


MOST_PER_RULE = 20
"""Findings of one kind that are told; whoever mends those sees the next."""

Found = Iterator[tuple[int, Code, str]]
"""(index in the body, code, message)."""


def _control(body: str) -> Found:
    if fault := control_fault(body):
        index = next(index for index, character in enumerate(body) if control_fault(character))
        yield index, "control-character", fault


_HARMLESS_LIQUID = re.compile(
    r"""\{\{-?\s*page\.homepage\s*(?:\|\s*absolute_url\s*)?-?\}\}
    | \{\{-?\s*site\.(?:base)?url\s*-?\}\}
    | \{%-?\s*include\s+youtube\.html\s+vid="[^"{}]*"(?:\s+preview="[^"{}]*")?\s*-?%\}""",
    re.VERBOSE,
)
"""What the build translates."""


def _liquid(body: str) -> Found:
    for opening, closing in (("{{", "}}"), ("{%", "%}")):
        end = 0
        while (start := body.find(opening, end)) >= 0:
            end = body.find(closing, start + len(opening))
            if end < 0:
                break
            end += len(closing)
            form = body[start:end]
            if not _HARMLESS_LIQUID.fullmatch(form):
                message = f"{quoted(form)} is Liquid, which does not run here; write it out, or as `code`"
                yield start, "body-liquid", message


_RUNS = "{} would run a script; write an https address"

_TAG = re.compile(r"<([A-Za-z][A-Za-z0-9:-]*)([^<>]*)")
_ATTRIBUTE = re.compile(r"""([^\s"'/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']*)))?""")
_ADDRESSES = frozenset({"href", "src", "action", "formaction", "poster", "data", "xlink:href"})
_REMOVED = frozenset(
    {"applet", "base", "button", "embed", "form", "frame", "frameset", "iframe", "input", "link", "math",
     "meta", "noscript", "object", "select", "style", "svg", "template", "textarea", "xml"}
)  # fmt: skip


def _script_and_html(body: str) -> Found:
    for tag in _TAG.finditer(body):
        name, attributes = tag[1].lower(), tag[2]
        if name == "script":
            yield tag.start(), "body-script", "scripts do not run here and are taken out; remove it"
        elif name in _REMOVED:
            message = f"<{name}> is taken out of the page; write Markdown, or a link, instead"
            yield tag.start(), "body-html", message
        elif runs(name):
            yield tag.start(), "body-script", _RUNS.format(quoted(tag[0] + ">"))
        for attribute in _ATTRIBUTE.finditer(attributes):
            key, value = attribute[1].lower(), attribute[2] or attribute[3] or attribute[4] or ""
            if key.startswith("on") and "=" in attribute[0]:
                yield tag.start(), "body-script", f"the attribute {key} would run a script; remove it"
            elif key in _ADDRESSES and runs(value):
                yield tag.start(), "body-script", _RUNS.format(quoted(value))


_LINK = re.compile(
    r"\]\(\s{0,9}<?([^)>\n]{1,200})|^ {0,3}\[[^\]\n]{1,200}\]:\s{0,9}<?([^\n>]{1,200})", re.MULTILINE
)


def _links(body: str) -> Found:
    for link in _LINK.finditer(body):
        address = link[1] or link[2]
        if runs(address):
            yield link.start(), "body-script", _RUNS.format(quoted(address))


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
