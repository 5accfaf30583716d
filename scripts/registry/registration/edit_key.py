"""Edit one top-level key of a registration's front matter, and keep every other byte of the file.

Where a value begins and ends is what YAML's own events say, never a guess by pattern. What was edited is read
again: but for the one key it must hold what it held, else nothing is returned.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml._yaml import CParser

from registry.registration.frontmatter import Document, FrontMatterError, parse, with_front_matter
from registry.registration.yaml_reader import Reader, YamlFault, write
from registry.text.problems import quoted

__all__ = ["EditError", "set_key"]


class EditError(ValueError):
    """A file that cannot be edited; `str()` gives `path:line: message`, and the message ends with a cure."""

    def __init__(self, path: str, line: int, message: str) -> None:
        super().__init__(path, line, message)
        self.path = path
        self.line = line
        """1-based."""
        self.message = message

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def set_key(raw: bytes, key: str, value: str | bool | None, *, path: str) -> bytes:
    """Return the file `raw` with `key: value` in its front matter; None removes the key.

    A key that stands keeps its place and the comment behind it; a new one is added as the last one. With a
    removed key goes the rest of its line, its comment too. `path` is for messages. Raises EditError when
    the file cannot be read, or cannot be edited without a change to something else.
    """
    before = _parse(raw, path)
    _refuse_duplicates(before)
    if any("\ud800" <= character <= "\udfff" for text in (key, value) for character in str(text)):
        message = f"{quoted(key)} cannot hold half a character (a surrogate); write the whole one"
        raise EditError(path, before.line_of(key), message)
    if _same(before.data, key, value):
        return raw
    for front_matter in _edits(before, key, value):
        after = with_front_matter(raw, before, front_matter)
        if _holds(before, after, key, value):
            return after
    message = f"{quoted(key)} cannot be edited without a change to something else; edit it by hand"
    raise EditError(path, before.line_of(key), message)


def _parse(raw: bytes, path: str) -> Document:
    try:
        return parse(raw, path, patient=True)
    except FrontMatterError as error:
        raise EditError(path, error.line, error.message) from None


def _refuse_duplicates(document: Document) -> None:
    for fault in document.faults:
        if fault.code == "duplicate-key":
            raise EditError(document.path, fault.line, fault.message)


def _same(data: dict[str, Any], key: str, value: str | bool | None) -> bool:
    if value is None:
        return key not in data
    return type(data.get(key)) is type(value) and data[key] == value


_TELLING = ("too-large", "too-many-values", "not-a-mapping")
"""What an edit can make of a file that was in order; other codes would speak of a file that nobody sees."""


def _holds(before: Document, raw: bytes, key: str, value: str | bool | None) -> bool:
    """Tell whether `raw` says what `before` says, but for the key. Raises EditError for what is no file."""
    expected = {name: held for name, held in before.data.items() if name != key or value is not None}
    if value is not None:
        expected[key] = value
    try:
        after = parse(raw, before.path, patient=True)
    except FrontMatterError as error:
        if error.code not in _TELLING:
            return False
        message = f"{quoted(key)} cannot be edited ({error.message}); edit it by hand"
        raise EditError(before.path, before.line_of(key), message) from None
    # The written form tells types apart: true is not 1, a day is not a time.
    return write(after.data) == write(expected) and after.body == before.body


# --- where things are -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """Where a key of the front matter and its value are: characters of the front matter."""

    key_start: int
    key_end: int
    start: int
    """Where the value begins; for an empty one behind the colon."""
    end: int
    """Behind the last character of the value; blanks, comments and the line's end follow."""
    block: bool
    """The value is a list or mapping in lines of its own."""


_BLANKS = " \t\r\n\x85\u2028\u2029"
_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line to YAML 1.1; elsewhere in this project it is "\\n" alone."""
_REST_OF_LINE = re.compile(
    r"[ \t]*(?:(?<=[ \t])#[^\n\r\x85\u2028\u2029]*)?(?:\r\n|[\n\r\x85\u2028\u2029]|\Z)"
)
_BLANK_LINES = re.compile(r"(?:[ \t]*(?:\r\n|[\n\r\x85\u2028\u2029]))*")
_BEFORE_KEY = re.compile(r"[ \t]*(?:\?[ \t]+)?")
_COLON = re.compile(r"(?:[ \t]*(?:(?<=\s)#[^\n\r\x85\u2028\u2029]*)?[\n\r\x85\u2028\u2029]+)*[ \t]*:")
"""Behind a key; behind one with a `?`, in a line of its own."""


def _edits(document: Document, key: str, value: str | bool | None) -> Iterator[str]:
    """Yield the front matter with the key set, or removed for None; the first that holds is the one."""
    text = document.front_matter
    indent, entries = _entries(document)
    if value is None:
        start, end = _lines(document, key, entries[key])
        yield text[:start] + text[end:]
        # Blank lines behind it would lengthen a `|` text before it: they go with it.
        yield text[:start] + text[_behind_blank_lines(text, end) :]
    elif key in entries:
        yield _replaced(document, key, entries[key], _written(value))
    else:
        line_end = "\r\n" if text.endswith("\r\n") else "\n"
        yield f"{text}{indent}{_written(key)}: {_written(value)}{line_end}"


def _replaced(document: Document, key: str, entry: _Entry, written: str) -> str:
    text = document.front_matter
    if not entry.block:
        blank = " " if text[entry.start - 1] == ":" else ""
        old = text[entry.start : entry.end].rstrip(_BLANKS)
        return f"{text[: entry.start]}{blank}{written}{text[entry.start + len(old) :]}"
    # A list's lines go, and what stands between them and the key stays.
    colon, end = _COLON.match(text, entry.key_end), _line_end(text, entry.end)
    if colon is None or end is None:
        raise _shared(document, key)
    first = _line_start(text, entry.start)
    if first < colon.end():  # behind `? key`, a list may begin on the line of the colon
        return f"{text[: colon.end()]} {written}{text[entry.end :]}"
    return f"{text[: colon.end()]} {written}{text[colon.end() : first]}{text[end:]}"


def _lines(document: Document, key: str, entry: _Entry) -> tuple[int, int]:
    """Return where the lines of a key begin and end."""
    text = document.front_matter
    start = _line_start(text, entry.key_start)
    end = _line_end(text, entry.end)
    if end is None or not _BEFORE_KEY.fullmatch(text, start, entry.key_start):
        raise _shared(document, key)
    return start, end


def _shared(document: Document, key: str) -> EditError:
    message = f"{quoted(key)} shares its lines with something else; write 'key: value' on lines of its own"
    return EditError(document.path, document.line_of(key), message)


def _line_start(text: str, index: int) -> int:
    ends = [match.end() for match in _BREAK.finditer(text, 0, index)]
    return ends[-1] if ends else 0


def _line_end(text: str, index: int) -> int | None:
    """Return where the next line begins, None when more than a comment follows on this one."""
    if index and _BREAK.fullmatch(text, index - 1, index):
        return index  # a text in lines of its own ends with its line
    match = _REST_OF_LINE.match(text, index)
    return match.end() if match else None


def _behind_blank_lines(text: str, index: int) -> int:
    match = _BLANK_LINES.match(text, index)
    return match.end() if match else index


def _entries(document: Document) -> tuple[str, dict[str, _Entry]]:
    """Return the indentation of the keys, and where each is. Raises EditError for a mapping in braces."""
    text = document.front_matter
    events = _events(text)
    root: Any = next(event for event in events if isinstance(event, yaml.MappingStartEvent))
    if root.flow_style:
        message = "the keys stand in braces; write one 'key: value' a line"
        raise EditError(document.path, document.line_at(root.start_mark.index), message)
    indent = text[_line_start(text, root.start_mark.index) : root.start_mark.index]
    entries = {}
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        entries[event.value] = _entry(event, events, text)
    return indent, entries


def _events(text: str) -> Iterator[Any]:
    """Yield libyaml's events, the ones that `yamltext.Reader` reads: their marks count characters."""
    parser = CParser(text)
    while (event := parser.get_event()) is not None:
        yield event


def _entry(key: Any, events: Iterator[Any], text: str) -> _Entry:
    """Take the events of one value off `events`; return where it is.

    The end of a list or mapping in lines is known to YAML only when the next key begins, so what counts is
    the end of the last scalar or bracket in it.
    """
    first = event = next(events)
    end, open_collections = first.start_mark.index, []
    while True:
        if isinstance(event, yaml.CollectionStartEvent):
            open_collections.append(bool(event.flow_style))
        elif not isinstance(event, yaml.CollectionEndEvent) or open_collections.pop():
            end = max(end, _scalar_end(event, text))
        if not open_collections:
            break
        event = next(events)
    return _Entry(
        key_start=key.start_mark.index,
        key_end=key.end_mark.index,
        start=first.start_mark.index,
        end=end,
        block=isinstance(first, yaml.CollectionStartEvent) and not first.flow_style,
    )


def _scalar_end(event: Any, text: str) -> int:
    """Return the end of a scalar or bracket. A `|` or `>` text ends with its last line that is not blank."""
    start: int = event.start_mark.index
    end: int = event.end_mark.index
    if getattr(event, "style", None) not in ("|", ">"):
        return end
    header = text[start : start + 3]
    if "+" in header:
        return _line_start(text, end)  # its blank lines are part of it
    return start + len(text[start:end].rstrip(_BLANKS))


# --- how a value is written -------------------------------------------------------------------------------


_SINGLE_LETTER_FLAGS = frozenset("yYnN")
"""Flags to some readers of YAML 1.1, though not to PyYAML."""


def _written(value: str | bool) -> str:
    """Return the plainest YAML that every reader of YAML 1.1 takes for the value.

    Without quotes stands only what begins with a letter: a digit, `:` or `@` means something to one or the
    other reader.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if value[:1].isalpha() and value.isprintable() and value not in _SINGLE_LETTER_FLAGS and _reads_as(value):
        return value
    single = value.replace("'", "''")
    if value.isprintable() and ('"' in value or "\\" in value):
        return f"'{single}'"
    return write({"value": value}).removeprefix("value: ").removesuffix("\n")


def _reads_as(value: str) -> bool:
    try:
        return bool(Reader(f"value: {value}\n", values=10, depth=2).read() == {"value": value})
    except YamlFault:
        return False
