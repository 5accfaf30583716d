"""Cures of what keeps a file from being read: its characters, its fences, its YAML; and of its body."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from registry.registration.values import first_invisible, has_control
from registry.review.suggestions.edits import Case, Cure, Edit, one
from registry.review.suggestions.guesses import double_quoted

_KEY = re.compile(r"""(\s*(?:-\s+)*["']?[A-Za-z_][\w-]*["']?\s*:)(.*)$""")
_KEYISH = re.compile(r"""\s*(?:#|-(?:\s|\Z)|["']?[A-Za-z_][\w-]*["']?\s*:)|\s*\Z|\s+\S""")


def _tab(case: Case) -> Iterator[Edit]:
    """Tabs go from the line that is named on, for one alone would only move the fault."""
    lines = {number: case.lines[number - 1] for number in case.in_front_matter}
    indented = [number for number, line in lines.items() if "\t" in line[: len(line) - len(line.lstrip())]]
    for width in (2, 4):
        if indented:
            first, last = indented[0], indented[-1]
            changed = tuple(
                re.sub(r"^[\t ]+", lambda tabs, width=width: tabs[0].replace("\t", " " * width), line)  # type: ignore[misc]
                for line in case.lines[first - 1 : last]
            )
            yield Edit(first, last, changed)
    yield one(case, case.line.replace("\t", " "))


def _bom(case: Case) -> Iterator[Edit]:
    yield Edit(1, 1, (case.lines[0].removeprefix("\ufeff"),))


def _unseen(case: Case) -> Iterator[Edit]:
    """Characters that nobody sees go from the line, or from a value that spans lines."""

    def seen(line: str) -> str:
        return "".join(
            char for char in line if char == "\t" or not (has_control(char) or first_invisible(char))
        )

    yield one(case, seen(case.line).replace("\0", ""))
    # A text in double quotes may write the character as an escape.
    escaped = r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0abefv])"
    yield one(case, re.sub(escaped, "", case.line))
    for number in range(case.problem.line + 1, min(case.problem.line + 10, len(case.lines)) + 1):
        line = case.lines[number - 1]
        yield Edit(number, number, (seen(line),))


def _not_utf8(case: Case) -> Iterator[Edit]:
    raw = case.line.encode(errors="surrogateescape")
    try:
        yield one(case, raw.decode("cp1252"))
    except UnicodeDecodeError:
        yield one(case, raw.decode("latin-1"))


def _no_fence(case: Case) -> Iterator[Edit]:
    """The first line is almost a fence, stands behind blank ones, or is missing."""
    first = next((number for number, line in enumerate(case.lines, 1) if line.strip()), 0)
    if not first:
        return
    text = case.lines[first - 1]
    if re.fullmatch(r"\s*[-–—=+~]{1,9}\s*(?:yaml|yml)?\s*", text) or re.fullmatch(r"\s*```\s*ya?ml\s*", text):
        yield Edit(1, first, ("---",))
    if _KEY.match(text):
        yield Edit(1, first, ("---", text))


def _open_fence(case: Case) -> Iterator[Edit]:
    """The second fence is almost one, or missing after the last key."""
    for number, line in enumerate(case.lines[1:], 2):
        if re.fullmatch(r"\s*(?:-{2,9}|–{1,3}|—{1,3}|={3,9}|```)\s*", line):
            yield Edit(number, number, ("---",))
    last_key = 0
    for number, line in enumerate(case.lines[1:], 2):
        if not _KEYISH.match(line):
            break
        if _KEY.match(line) or re.match(r"\s*-\s|\s+\S", line):
            last_key = number
        elif not line.strip() and last_key and not _key_follows(case, number):
            break
    if last_key:
        yield Edit(last_key, last_key, (case.lines[last_key - 1], "---"))


def _key_follows(case: Case, number: int) -> bool:
    following = next((line for line in case.lines[number:] if line.strip()), "")
    return _KEY.match(following) is not None or following.startswith("-")


def _quote_line(case: Case) -> Iterator[Edit]:
    """A value that YAML stumbles over, on this line or the one before, in quotes."""
    for number in (case.problem.line, case.problem.line - 1):
        if not 2 <= number <= len(case.lines):
            continue
        line = case.lines[number - 1]
        for changed in _quoted(line):
            yield Edit(number, number, (changed,))


def _quoted(line: str) -> Iterator[str]:
    # Without a blank after the colon there is no key.
    if match := re.match(r"(\s*(?:-\s+)*[A-Za-z_][\w-]*):([^\s/].*)$", line):
        yield f"{match[1]}: {match[2]}"
    match = re.match(r"(\s*-\s+)(?![-\[{])(\S.*?)\s*$", line)
    if match and not _KEY.match(line):
        yield f"{match[1]}{double_quoted(match[2])}"
    if match := _KEY.match(line):
        value = match[2].strip()
        bare = value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
        if bare.startswith(('"', "'")) and bare.count(bare[0]) == 1:
            bare = bare[1:]
        if bare:
            yield f"{match[1]} {double_quoted(bare)}"
    elif match := re.match(r"(\s*(?:-\s+)*)([A-Za-z_][\w-]*)\s*[=：;]\s*(\S.*)$", line):
        yield f"{match[1]}{match[2]}: {match[3]}"
    if re.match(r"\s+\S", line):
        yield line.lstrip()
        yield "  " + line.lstrip()


def _quote_key(case: Case) -> Iterator[Edit]:
    if match := re.match(r"""(\s*(?:-\s+)*)([^\s"':]+)(\s*:.*)$""", case.line):
        yield one(case, f'{match[1]}"{match[2]}"{match[3]}')


def _one_document(case: Case) -> Iterator[Edit]:
    yield one(case, "---")
    yield Edit(case.problem.line, case.problem.line, ())


def _same_twice(case: Case) -> Iterator[Edit]:
    """A key that stands twice with the same value, or once without any."""
    match = re.match(r"([A-Za-z_][\w-]*)\s*:\s*(.*?)\s*$", case.line)
    if not match:
        return
    for number in case.in_front_matter:
        other = re.match(r"([A-Za-z_][\w-]*)\s*:\s*(.*?)\s*$", case.lines[number - 1])
        if not other or number == case.problem.line or other[1] != match[1]:
            continue
        follows = case.lines[number] if number < len(case.lines) else ""
        if other[2] in ("", match[2]) and not re.match(r"\s*-\s|\s+\S", follows):
            yield Edit(*(max(number, case.problem.line),) * 2, ()) if other[2] else Edit(number, number, ())


def _body_removed(case: Case) -> Iterator[Edit]:
    """An element that is taken out anyway goes, when it stands on lines of its own."""
    first = case.problem.line
    match = re.match(r"\s*<([A-Za-z][\w-]*)\b", case.line)
    if match:
        for last in range(first, min(first + 20, len(case.lines)) + 1):
            if re.search(rf"</{re.escape(match[1])}\s*>\s*$|/>\s*$", case.lines[last - 1], re.IGNORECASE):
                yield Edit(first, last, ())
                break
    yield one(case, re.sub(r"""\s+on\w+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]*)""", "", case.line))
    yield one(case, re.sub(r"<script\b[^>]*>.*?</script\s*>", "", case.line, flags=re.IGNORECASE).rstrip())


def _liquid(case: Case) -> Iterator[Edit]:
    """Known forms, almost written; else code."""
    line = case.line
    forms = ("page.homepage", "site.url", "site.baseurl")
    for form in re.findall(r"\{\{-?\s*([\w.]+)\s*(?:\|[^{}]*)?-?\}\}", line):
        for close in get_close_matches(form, forms, n=1, cutoff=0.8):
            yield one(
                case, re.sub(rf"\{{\{{[^{{}}]*{re.escape(form)}[^{{}}]*\}}\}}", f"{{{{ {close} }}}}", line)
            )
    yield one(case, re.sub(r"(?<!`)(\{\{[^{}]*\}\}|\{%[^{}]*%\})(?!`)", r"`\1`", line))


TEXTS: Mapping[str, Cure] = {
    "tab": _tab,
    "bom": _bom,
    "nul": _unseen,
    "control-character": _unseen,
    "bidi": _unseen,
    "not-utf8": _not_utf8,
    "no-front-matter": _no_fence,
    "unclosed-front-matter": _open_fence,
    "yaml-syntax": _quote_line,
    "not-a-mapping": _quote_line,
    "alias": _quote_line,
    "yaml-tag": _quote_line,
    "unreadable-value": _quote_line,
    "key-not-text": _quote_key,
    "several-documents": _one_document,
    "duplicate-key": _same_twice,
    "body-script": _body_removed,
    "body-html": _body_removed,
    "body-liquid": _liquid,
}
