"""The YAML that people write under `_data`, read with the line of every key.

What cannot be read as a whole is read entry by entry, so that one fault costs one entry.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from registry.registration.yaml_reader import Reader, YamlFault
from registry.text.problems import Code, Problem, as_text

KeyPath = tuple[str | int, ...]
"""Keys and list positions that lead to a value."""

MAX_BYTES = 2_000_000
MAX_VALUES = 200_000
MAX_DEPTH = 20


class HandWrittenError(ValueError):
    """A file of which nothing can be published; `problems` says why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(as_text, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFault:
    """What is wrong with one entry."""

    plugin: str
    """The identifier that the entry is for, as far as one can be read; else ""."""
    problem: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class HandWritten:
    """The content of one file and where each part of it stands."""

    path: str
    content: Any = None
    """Values of YAML 1.1 with text keys; None when the file is empty or not there."""
    text: str = field(default="", repr=False)
    places: dict[KeyPath, int] = field(default_factory=dict, repr=False)
    """Index in `text` of each part."""
    unread: tuple[EntryFault, ...] = ()
    """Entries that `content` lacks, for they are no YAML that can be read."""

    def line_of(self, keys: KeyPath) -> int:
        """Return the 1-based line of the part at `keys`, or of the nearest one above it that there is."""
        found = (self.places[keys[:end]] for end in range(len(keys), -1, -1) if keys[:end] in self.places)
        return self.text.count("\n", 0, next(found, 0)) + 1

    def problem(self, keys: KeyPath, code: str, message: str) -> Problem:
        """Return an error about the part at `keys`; `code` is one of `Code`."""
        return Problem(
            file=self.path,
            line=self.line_of(keys),
            key=key_path(keys),
            level="error",
            code=code,
            message=message,
        )


def read_handwritten(path: Path) -> HandWritten:
    """Return the content of the YAML file `path`; a file that is not there or empty holds None.

    An entry with broken YAML, a duplicate key, an alias or a tag stands among `unread`. Raises
    HandWrittenError where that is all there is, and for a file that is too large or not UTF-8.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return HandWritten(path=str(path))
    except OSError as error:
        raise _error(path, 1, "unreadable", f"the file cannot be read: {error.strerror}") from None
    if len(raw) > MAX_BYTES:
        raise _error(path, 1, "too-large", f"the file is larger than {MAX_BYTES:,} bytes; shorten it")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _error(path, line, "not-utf8", "the file is not UTF-8; save it as UTF-8") from None
    places: dict[KeyPath, int] = {}
    try:
        content = _read(text, places)
    except YamlFault as fault:
        return _by_entry(path, text, fault)
    return HandWritten(path=str(path), content=content, text=text, places=places)


def _read(text: str, places: dict[KeyPath, int]) -> Any:
    """Return what a text of YAML holds. Raises YamlFault with the first fault."""
    reader = Reader(text, values=MAX_VALUES, depth=MAX_DEPTH, places=places)
    content = reader.read()
    if reader.faults:
        raise reader.faults[0]
    return content


_ITEM = re.compile(r"^-(?: |\r?$)", re.MULTILINE)
_KEY = re.compile(r"^[^\s#\-\[\]{}].*?:(?: |\r?$)", re.MULTILINE)
"""How an entry of a list, and one of a mapping, begins at the beginning of a line."""
_NAME = re.compile(
    r"""(?:^-? +plugin: *|\A)["']?([A-Za-z0-9_][A-Za-z0-9_.+-]*)["']? *(?:\r?$|:|#)""", re.MULTILINE
)
"""Whom an entry is for, as far as that can be seen."""


def _by_entry(path: Path, text: str, whole: YamlFault) -> HandWritten:
    """Return the entries that can be read by themselves. Raises HandWrittenError when there are none.

    What stands between the beginnings of two entries belongs to the first: no half of an entry counts.
    """
    items, keys = ([match.start() for match in each.finditer(text)] for each in (_ITEM, _KEY))
    is_list = bool(items) and (not keys or items[0] < keys[0])
    content: list[Any] | dict[str, Any] = [] if is_list else {}
    places: dict[KeyPath, int] = {}
    unread: list[EntryFault] = []
    for start, part in _parts(text, items if is_list else keys):
        found: dict[KeyPath, int] = {}
        try:
            entry = _read(part, found)
            if isinstance(content, list) and isinstance(entry, list):
                shift = len(content)
                places |= {_moved(path, shift): start + index for path, index in found.items() if path}
                content += entry
            elif isinstance(content, dict) and isinstance(entry, dict):
                if again := sorted(entry.keys() & content.keys()):
                    message = f"'{again[0]}' stands here a second time; keep one of the two"
                    raise YamlFault("duplicate-key", 0, message)
                places |= {path: start + index for path, index in found.items() if path}
                content |= entry
        except YamlFault as fault:
            moved = YamlFault(fault.code, start + fault.index, fault.message)
            name = _NAME.search(part)
            unread.append(EntryFault(plugin=name[1] if name else "", problem=_problem(path, text, moved)))
    if not content:
        problems = [fault.problem for fault in unread]
        raise HandWrittenError(problems or [_problem(path, text, whole)])
    return HandWritten(path=str(path), content=content, text=text, places=places, unread=tuple(unread))


def _parts(text: str, starts: list[int]) -> Iterator[tuple[int, str]]:
    for start, end in pairwise([*starts, len(text)]):
        yield start, text[start:end]


def _moved(keys: KeyPath, shift: int) -> KeyPath:
    first, *rest = keys
    return (first + shift if isinstance(first, int) else first, *rest)


def key_path(keys: KeyPath) -> str:
    """Return a path of keys for people: `[0].versions[2]`."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return text.removeprefix(".")


def _problem(path: Path, text: str, fault: YamlFault) -> Problem:
    line = text.count("\n", 0, fault.index) + 1
    return Problem(file=str(path), line=line, key="", level="error", code=fault.code, message=fault.message)


def _error(path: Path, line: int, code: Code, message: str) -> HandWrittenError:
    problem = Problem(file=str(path), line=line, key="", level="error", code=code, message=message)
    return HandWrittenError([problem])
