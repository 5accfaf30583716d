"""The rules for a registration's body: Markdown in which nothing runs, neither Liquid nor script.

The build shows Liquid as text and takes out what could run, so nothing found here is a danger to the site.
It tells the author what readers will not see. Every scan takes time in proportion to the body.
"""

import re
from collections.abc import Iterator
from itertools import islice

from registry.registration.frontmatter import Document
from registry.registration.values import control_fault
from registry.text.problems import Code, Finding, quoted
from registry.text.prose import runs, without_code


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
