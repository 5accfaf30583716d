"""Front matter: from the bytes of a registration to its data and body, and back to the enriched copy.

No other module splits or joins front matter. Here two handlers of python-frontmatter do, one for what people
write and one for enriched copies, so that anyone's `frontmatter.load(path, handler=CopyHandler())` reads a
copy. That package strips the text, changes its line ends and swallows errors before and after it asks a
handler: `parse` and `dump` ask the handlers themselves, and keep every byte.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from frontmatter import Post
from frontmatter.default_handlers import BaseHandler

from registry.registration.yaml_reader import KeyPath, Reader, YamlFault, kind_of, write
from registry.text.problems import Code
from registry.text.unforeseen import whence

__all__ = [
    "CLOSING",
    "REGISTRATION",
    "CopyHandler",
    "Document",
    "FrontMatterError",
    "Limits",
    "RegistrationHandler",
    "dump",
    "join",
    "parse",
    "read_bytes",
    "with_front_matter",
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
                return self.line_at(self._places[keys[:end]])
        return 1

    def line_at(self, index: int) -> int:
        """Return the line in the file of a character of the front matter."""
        return _line(self.front_matter, index)


_OPENING = re.compile(r"---[ \t\r\f\v]*\n")
CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t\r\f\v]*(?:\n|\Z)", re.MULTILINE)
"""The fences as Jekyll takes them."""


class RegistrationHandler(BaseHandler):
    """Split and read one file that people write, within its limits."""

    FM_BOUNDARY = _OPENING
    limits: ClassVar[Limits] = REGISTRATION

    def __init__(self, path: str = "") -> None:
        """`path` is for messages."""
        super().__init__()
        self.path = path
        self.faults: list[FrontMatterError] = []
        """What `load` read over as Jekyll does: duplicate keys, of which the last one counts."""

    def split(self, text: str) -> tuple[str, str]:
        """Return what stands between the fences, and all that follows. Raises FrontMatterError."""
        opening = _OPENING.match(text)
        if opening is None:
            message = "the file does not begin with front matter; write '---' alone on the first line"
            raise FrontMatterError(self.path, 1, "no-front-matter", message)
        closing = CLOSING.search(text, opening.end())
        if closing is None:
            raise _unclosed(text, self.path)
        return text[opening.end() : closing.start()], text[closing.end() :]

    def load(self, fm: str) -> dict[str, Any]:
        """Return the data of the YAML between the fences. Raises FrontMatterError."""
        if len(fm.encode()) > self.limits.front_matter_bytes:
            most = f"{self.limits.front_matter_bytes:,}"
            message = f"the front matter has more than {most} bytes; move long texts to the body"
            raise FrontMatterError(self.path, 1, "too-large", message)
        reader = Reader(fm, values=self.limits.values, depth=self.limits.depth)
        try:
            data = reader.read()
        except YamlFault as fault:
            raise self._error(fault, fm) from None
        if not isinstance(data, dict):
            message = f"the front matter is {kind_of(data)}; write one 'key: value' a line"
            raise FrontMatterError(self.path, 2, "not-a-mapping", message)
        self.faults = [self._error(fault, fm) for fault in reader.faults]
        return data

    def _error(self, fault: YamlFault, fm: str) -> FrontMatterError:
        return FrontMatterError(self.path, _line(fm, fault.index), fault.code, fault.message)


class CopyHandler(RegistrationHandler):
    """Split, read and write one enriched copy."""

    limits = BUILT

    def export(self, metadata: Mapping[str, Any], **_: object) -> str:
        """Return the YAML: one top-level key a line, values in flow style.

        Raises TypeError for a value that YAML does not know.
        """
        return write(metadata)

    def format(self, post: Post, **_: object) -> str:
        """Return the copy: `parse` and Ruby's Psych read it back to the same data and body."""
        return join(self.export(post.metadata), post.content)


def join(front_matter: str, body: str) -> str:
    """Return the text of a file. The front matter is whole lines of YAML, and none of them a fence."""
    return f"---\n{front_matter}---\n{body}"


_BOM = b"\xef\xbb\xbf"


def read_bytes(path: Path) -> bytes:
    """Return what `parse` needs of a file: of one that is too large, just enough to tell. Raises OSError."""
    with path.open("rb") as file:
        return file.read(REGISTRATION.file_bytes + 1)


def parse(
    raw: bytes,
    path: str,
    *,
    patient: bool = False,
    handler: type[RegistrationHandler] = RegistrationHandler,
) -> Document:
    """Return the document in the bytes of a file. Raises FrontMatterError, and never anything else.

    With `patient`, what Jekyll reads all the same is read and told in `faults`: a byte order mark, a
    duplicate key (its last value counts).
    """
    if len(raw) > handler.limits.file_bytes:
        most = f"{handler.limits.file_bytes:,}"
        message = f"the file has more than {most} bytes; link to long texts and images instead"
        raise FrontMatterError(path, 1, "too-large", message)
    text = _decode(raw, path)
    reading = handler(path)
    try:
        front_matter, body = reading.split(text)
        data = reading.load(front_matter)
    except FrontMatterError:
        raise
    except Exception as error:  # one file must not cost the others theirs
        raise FrontMatterError(path, 1, "unreadable", unforeseen(error)) from error
    faults = reading.faults
    if raw.startswith(_BOM):
        message = "the file begins with a byte order mark; save it as UTF-8 without one"
        faults = [FrontMatterError(path, 1, "bom", message), *faults]
    if faults and not patient:
        raise faults[0]
    return Document(
        path=path,
        data=data,
        body=body,
        body_line=text.count("\n", 0, len(text) - len(body)) + 1,
        front_matter=front_matter,
        faults=tuple(faults),
    )


def unforeseen(error: Exception) -> str:
    """Return in words that reading a file ended in an error that nobody expected."""
    return f"the file cannot be read ({whence(error)}); report this as a fault of Almanac"


def with_front_matter(raw: bytes, document: Document, front_matter: str) -> bytes:
    """Return the file `raw`, of which `document` was read, with other YAML between its fences."""
    start = raw.index(b"\n") + 1
    end = start + len(document.front_matter.encode())
    return raw[:start] + front_matter.encode() + raw[end:]


def dump(data: Mapping[str, Any], body: str) -> str:
    """Return the enriched copy of this data and body; see `CopyHandler`."""
    post = Post(body)
    post.metadata.update(data)  # no keywords: a registration may have a key `content`
    return CopyHandler().format(post)


_NEARLY_CLOSING = re.compile(r"^[ \t\xa0]*(?:-{2,}|[–—][-–—]*)[ \t\r]*$", re.MULTILINE)


def _unclosed(text: str, path: str) -> FrontMatterError:
    """Return the error for front matter without an end, at the line that was probably meant to be it."""
    cure = "write '---' alone on the line after its last key"
    if nearly := _NEARLY_CLOSING.search(text, text.index("\n") + 1):
        line = text.count("\n", 0, nearly.start()) + 1
        message = f"the front matter does not end: this is no '---'; {cure}, with nothing before it"
        return FrontMatterError(path, line, "unclosed-front-matter", message)
    return FrontMatterError(path, 1, "unclosed-front-matter", f"the front matter does not end; {cure}")


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


def _line(front_matter: str, index: int) -> int:
    """Return the line in the file. YAML's own count differs: to it, U+2028 ends a line."""
    return front_matter.count("\n", 0, index) + 2
