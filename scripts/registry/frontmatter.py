"""Front matter: from the bytes of a registration to its data and body, and back to the enriched copy."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry.problems import Code
from registry.yamltext import FloatText, KeyPath, Reader, YamlFault, kind_of, scalar_text, write

__all__ = [
    "BUILT",
    "REGISTRATION",
    "Document",
    "FloatText",
    "FrontMatterError",
    "Limits",
    "dump",
    "parse",
    "read_bytes",
    "scalar_text",
]


class FrontMatterError(ValueError):
    """A file that cannot be read as front matter and body; `str()` gives `path:line: message`."""

    def __init__(self, path: str, line: int, code: Code, message: str) -> None:
        super().__init__(path, line, code, message)
        self.path = path
        self.line = line
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a file may hold."""

    file_bytes: int
    front_matter_bytes: int
    values: int
    """Mappings, lists, keys and scalars together."""
    depth: int


REGISTRATION = Limits(file_bytes=1_000_000, front_matter_bytes=64_000, values=1_000, depth=20)
"""What people write: the largest of the reference's 398 registrations has a tenth of it."""
BUILT = Limits(file_bytes=50_000_000, front_matter_bytes=50_000_000, values=1_000_000, depth=100)
"""What we wrote ourselves: an enriched copy holds every version that is in use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file, read: `data` of its front matter, and its `body`."""

    path: str
    """As it was given, for messages."""
    data: dict[str, Any]
    """str, int, FloatText, bool, None, date, datetime, list and dict; keys are str."""
    body: str
    """All that follows the closing line, with its line ends."""
    body_line: int
    """1-based line in the file where the body begins."""
    front_matter: str
    """YAML between the two fences."""
    faults: tuple[FrontMatterError, ...] = ()
    """What `parse(patient=True)` read over."""
    _places: dict[KeyPath, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def line_of(self, *keys: str | int) -> int:
        """Return the line in the file of the deepest part of this path that exists; 1 when none does.

        The first call reads the front matter once more, for the places; a file without fault never pays.
        """
        if not self._places:
            Reader(self.front_matter, values=BUILT.values, depth=BUILT.depth, places=self._places).read()
        for end in range(len(keys), 0, -1):
            if keys[:end] in self._places:
                return _line(self.front_matter, self._places[keys[:end]])
        return 1


_OPENING = re.compile(r"---[ \t\r\f\v]*\n")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t\r\f\v]*(?:\n|\Z)", re.MULTILINE)
"""The fences as Jekyll takes them."""
_BOM = b"\xef\xbb\xbf"


def read_bytes(path: Path) -> bytes:
    """Return what `parse` needs of a file: of one that is too large, just enough to tell. Raises OSError."""
    with path.open("rb") as file:
        return file.read(REGISTRATION.file_bytes + 1)


def parse(raw: bytes, path: str, *, patient: bool = False, limits: Limits = REGISTRATION) -> Document:
    """Return the document in the bytes of a file. Raises FrontMatterError, and never anything else.

    With `patient`, what Jekyll reads all the same is read and told in `faults`: a byte order mark, a
    duplicate key (its last value counts).
    """
    if len(raw) > limits.file_bytes:
        message = f"the file has more than {limits.file_bytes:,} bytes; link to long texts and images instead"
        raise FrontMatterError(path, 1, "too-large", message)
    text = _decode(raw, path)
    opening = _OPENING.match(text)
    if opening is None:
        message = "the file does not begin with front matter; write '---' alone on the first line"
        raise FrontMatterError(path, 1, "no-front-matter", message)
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        raise _unclosed(text, path)
    front_matter = text[opening.end() : closing.start()]
    data, faults = _read(front_matter, path, limits)
    if raw.startswith(_BOM):
        message = "the file begins with a byte order mark; save it as UTF-8 without one"
        faults.insert(0, FrontMatterError(path, 1, "bom", message))
    if faults and not patient:
        raise faults[0]
    return Document(
        path=path,
        data=data,
        body=text[closing.end() :],
        body_line=text.count("\n", 0, closing.end()) + 1,
        front_matter=front_matter,
        faults=tuple(faults),
    )


_NEARLY_CLOSING = re.compile(r"^[ \t\xa0]*(?:-{2,}|[–—][-–—]*)[ \t\r]*$", re.MULTILINE)


def _unclosed(text: str, path: str) -> FrontMatterError:
    """Return the error for front matter without an end, at the line that was probably meant to be it."""
    cure = "write '---' alone on the line after its last key"
    if nearly := _NEARLY_CLOSING.search(text, text.index("\n") + 1):
        line = text.count("\n", 0, nearly.start()) + 1
        message = f"the front matter does not end: this is no '---'; {cure}, with nothing before it"
        return FrontMatterError(path, line, "unclosed-front-matter", message)
    return FrontMatterError(path, 1, "unclosed-front-matter", f"the front matter does not end; {cure}")


def dump(data: Mapping[str, Any], body: str) -> str:
    """Return the enriched copy: `parse` and Ruby's Psych read it back to the same data and body.

    One top-level key a line, values in flow style. Raises TypeError for a value that YAML does not know.
    """
    return f"---\n{write(data)}---\n{body}"


def _decode(raw: bytes, path: str) -> str:
    """Return the text without its byte order mark."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The decoder counts behind the byte order mark.
        start = error.start + (len(_BOM) if raw.startswith(_BOM) else 0)
        message = f"byte 0x{raw[start]:02x} is not UTF-8; save the file as UTF-8"
        raise FrontMatterError(path, raw.count(b"\n", 0, start) + 1, "not-utf8", message) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise FrontMatterError(path, line, "nul", "the file holds a NUL character; delete it")
    return text


def _read(front_matter: str, path: str, limits: Limits) -> tuple[dict[str, Any], list[FrontMatterError]]:
    if len(front_matter.encode()) > limits.front_matter_bytes:
        message = (
            f"the front matter has more than {limits.front_matter_bytes:,} bytes; move long texts to the body"
        )
        raise FrontMatterError(path, 1, "too-large", message)
    reader = Reader(front_matter, values=limits.values, depth=limits.depth)
    try:
        data = reader.read()
    except YamlFault as fault:
        raise _error(fault, front_matter, path) from None
    if not isinstance(data, dict):
        message = f"the front matter is {kind_of(data)}; write one 'key: value' a line"
        raise FrontMatterError(path, 2, "not-a-mapping", message)
    return data, [_error(fault, front_matter, path) for fault in reader.faults]


def _error(fault: YamlFault, front_matter: str, path: str) -> FrontMatterError:
    return FrontMatterError(path, _line(front_matter, fault.index), fault.code, fault.message)


def _line(front_matter: str, index: int) -> int:
    """Return the line in the file. YAML's own count differs: to it, U+2028 ends a line."""
    return front_matter.count("\n", 0, index) + 2
