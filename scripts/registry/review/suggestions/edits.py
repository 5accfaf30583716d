"""One fault of one file, and the edits of lines that cures are made of."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from registry.registration.frontmatter import CLOSING
from registry.text.problems import Problem
from registry.text.scalars import scalar_text

_KEY_PART = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


@dataclass(frozen=True, slots=True)
class Edit:
    """Other lines in place of the lines `first` to `last` (1-based)."""

    first: int
    last: int
    lines: tuple[str, ...]
    allows: frozenset[str] = frozenset()
    """Codes of lesser faults that may come in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known beside the file."""

    slug: str
    today: date
    license: str = ""
    """SPDX id that GitHub found in the source."""
    entry_point: str = ""
    """The plugin's id as its packaging files tell it."""
    archive: str = ""
    """Address of the archive of the source's default branch."""
    repository: str = ""
    """Address of the source's repository."""
    images: Sequence[str] = ()
    """Paths of images that the site has, as `/assets/img/plugins/…`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One fault in one file."""

    lines: Sequence[str]
    problem: Problem
    known: Known
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """The line that is named."""
        return self.lines[self.problem.line - 1]

    @property
    def path(self) -> tuple[str | int, ...]:
        """Keys and list positions of the value."""
        parts = _KEY_PART.findall(self.problem.key)
        return tuple(int(number) if number else key for number, key in parts)

    @property
    def value(self) -> Any:
        """The value that is named, None where there is none."""
        found: Any = self.data
        for part in self.path:
            try:
                found = found[part]
            except (KeyError, IndexError, TypeError):
                return None
        return found

    @property
    def text(self) -> str:
        """The value as text, "" of a list or mapping."""
        return "" if self.value is None or isinstance(self.value, list | dict) else scalar_text(self.value)

    @property
    def end(self) -> int:
        """Line of the closing fence, 0 where there is none."""
        for number, line in enumerate(self.lines[1:], 2):
            if CLOSING.fullmatch(line):
                return number
        return 0

    @property
    def in_front_matter(self) -> range:
        """Line numbers between the fences; all but the first where the second is missing."""
        return range(2, self.end or len(self.lines) + 1)


Cure = Callable[[Case], Iterator[Edit]]


def one(case: Case, line: str, *, allows: frozenset[str] = frozenset()) -> Edit:
    """Return the edit that puts `line` in place of the one that is named."""
    return Edit(case.problem.line, case.problem.line, (line,), allows)


def with_value(case: Case, written: str, *, allows: frozenset[str] = frozenset()) -> Iterator[Edit]:
    """Yield edits that put `written` (YAML) in place of the value that is named."""
    last = case.path[-1] if case.path else None
    if isinstance(last, str):
        key = rf"""(?:{re.escape(last)}|"{re.escape(last)}"|'{re.escape(last)}')"""
        if match := re.match(rf"(\s*(?:-\s+)*{key}\s*:)(?:\s[^#]*?(\s+#.*)?|\s*)$", case.line):
            yield one(case, f"{match[1]} {written}{match[2] or ''}", allows=allows)
        if match := re.match(rf"(\s*(?:-\s+)*{key}\s*:)", case.line):
            yield one(case, f"{match[1]} {written}", allows=allows)
    if match := re.match(r"(\s*-\s+)(?![-\[{])\S", case.line):
        yield one(case, f"{match[1]}{written}", allows=allows)
    for token in dict.fromkeys((case.text, f'"{case.text}"', f"'{case.text}'")):
        if len(token) > 2 or case.text:
            changed = re.sub(
                rf"(?<=[\[,{{:\s]){re.escape(token)}(?=\s*[\],}}]|\s*$)",
                lambda _: written,
                case.line,
                count=1,
            )
            yield one(case, changed, allows=allows)


def block(case: Case) -> tuple[int, int]:
    """Return first and last line of the key or list item that begins on the line that is named."""
    first = last = case.problem.line
    indent = len(case.line) - len(case.line.lstrip())
    is_item = case.line.lstrip().startswith("- ")
    for number in range(first + 1, case.end or len(case.lines) + 1):
        line = case.lines[number - 1]
        deep = len(line) - len(line.lstrip())
        inside = deep > indent or (deep == indent and not is_item and line.lstrip().startswith("- "))
        if line.strip() and not inside:
            break
        if line.strip():
            last = number
    return first, last


def without_block(case: Case) -> Iterator[Edit]:
    """Yield edits that take out the key or list item, and its parent where nothing else is left in it."""
    first, last = block(case)
    yield Edit(first, last, ())
    if first > 2 and re.fullmatch(r"\s*[\w-]+:\s*", case.lines[first - 2]):
        yield Edit(first - 1, last, ())


def without_flow_item(case: Case) -> Iterator[Edit]:
    """Yield edits that take one entry out of a list in brackets."""
    index = case.path[-1] if case.path else None
    match = re.match(r"(\s*[\w-]+:\s*\[)([^\[\]\"']*)(\].*)$", case.line)
    if match and isinstance(index, int):
        parts = match[2].split(",")
        if index < len(parts):
            kept = [part.strip() for position, part in enumerate(parts) if position != index]
            yield one(case, f"{match[1]}{', '.join(kept)}{match[3]}")
