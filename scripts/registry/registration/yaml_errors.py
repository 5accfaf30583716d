"""Why libyaml cannot read a text, in words for people: the line that is to be mended, and how.

libyaml tells where it gave up. That is often lines after the slip: a quote that is not closed ends at the
next quote. Here is looked for the slip itself.
"""

import re

import yaml

from registry.text.problems import Code

_CURES = (
    ("mapping values are not allowed", "quote a text that holds ': ', and align the keys of one level"),
    ("cannot start any token", "a text that begins with a special character goes in quotes"),
    ("could not find expected ':'", "write 'key: value', or indent the line to go on with a text"),
    ("did not find expected key", "align the keys of one level, and quote a text as a whole"),
    ("did not find expected '-' indicator", "align the entries of the list"),
    ("block sequence entries are not allowed",
     "write each entry of a list on a line of its own after '- ', or put the text in quotes"),
    ("unexpected end of stream", "close the quote that is open"),
    ("did not find expected ',' or", "close the bracket that is open, or put the text in quotes"),
    ("unknown escape character", r"use single quotes, or write \\ for a backslash"),
    ("alphabetic", "a text that begins with a special character goes in quotes"),
    ("did not find expected node content", "a text that begins with a special character goes in quotes"),
    ("did not find expected comment or line break", "a text that begins with > or | goes in quotes"),
    ("document start", "write 'key: value' on every line"),
)  # fmt: skip
_TOLD_TOO_LATE = ("unexpected end of stream", "did not find expected ',' or", "could not find expected ':'")
"""Faults that libyaml notices lines later; the line where the text or list begins is the one to mend."""

_SPACES = "\xa0\u1680\u2000-\u200b\u202f\u205f\u3000"
"""What looks like a space, and is a letter to YAML."""
_ODD_SPACE = re.compile(rf"^[ \t-]*[{_SPACES}]|^[ ]*[\w-]+:[{_SPACES}]", re.MULTILINE)
_OPEN_QUOTE = re.compile(
    r"""^[ ]*(?:-[ ]+)?(?:[\w-]+:[ ]+)? (?P<quote>"(?:[^"\\\n]|\\.)*|'[^'\n]*)$  # to the end of the line
    (?=\n\s*(?:-[ ]|[\w-]+:(?:[ ]|$)))  # and then a key or an entry""",
    re.MULTILINE | re.VERBOSE,
)
_CLOSED = {
    '"': re.compile(r"""(?>(?:[^"\\]|\\.)*)"[ \t\r]*(?:#[^\n]*)?$""", re.MULTILINE | re.DOTALL),
    "'": re.compile(r"""(?>(?:[^']|'')*)'[ \t\r]*(?:#[^\n]*)?$""", re.MULTILINE | re.DOTALL),
}
"""Behind an opening quote: a text of several lines that ends as it should."""
_ENTRY_WITHOUT_BLANK = re.compile(r"[ ]*(?:-[^\s-]|[*•–—]\s)")


def explain(error: yaml.YAMLError, text: str) -> tuple[Code, int, str]:
    """Return (code, index in `text`, message with the cure) of an error that libyaml raised."""
    problem = getattr(error, "problem", None) or "it is no YAML"
    began = any(sign in problem for sign in _TOLD_TOO_LATE)
    mark = getattr(error, "context_mark" if began else "problem_mark", None)
    index = mark.index if mark else 0
    if text[index : index + 1] == "\t" or "tab character" in problem:
        return "tab", index, "a tab cannot indent YAML; use spaces"
    line_end = text.find("\n", index)
    until = len(text) if line_end < 0 else line_end + 1
    cure = next((cure for sign, cure in _CURES if sign in problem), "see the lines before it, too")
    if space := _ODD_SPACE.search(text, 0, until):
        index, cure = space.end() - 1, "what looks like a space here is none; type a plain space"
    elif (line := _open_quote(text, until)) is not None:
        index, cure = line, "close the quote that is open"
    elif _ENTRY_WITHOUT_BLANK.match(text, text.rfind("\n", 0, index) + 1):
        cure = "begin each entry of a list with '- ', a hyphen and a blank; other texts go in quotes"
    return "yaml-syntax", index, f"the YAML cannot be read ({problem}); {cure}"


def _open_quote(text: str, until: int) -> int | None:
    """Return where a quote opens that swallows the keys after it, before the index `until`."""
    for match in _OPEN_QUOTE.finditer(text, 0, until):
        start = match.start("quote")
        if not _CLOSED[text[start]].match(text, start + 1):
            return start
    return None
