"""The YAML that people write under `_data`, read with the line of every key.

What steers every installation is read more strictly than a registration: one fault and nothing is published.
"""

from dataclasses import dataclass, field
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
    """Hand-written data that cannot be published; `problems` holds every fault found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(as_text, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class HandWritten:
    """The content of one file and where each part of it stands."""

    path: str
    content: Any = None
    """Values of YAML 1.1 with text keys; None when the file is empty or not there."""
    text: str = field(default="", repr=False)
    places: dict[KeyPath, int] = field(default_factory=dict, repr=False)
    """Index in `text` of each part."""

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

    Raises HandWrittenError for what cannot be read: no UTF-8, no YAML, a duplicate key, an alias, a tag.
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
    reader = Reader(text, values=MAX_VALUES, depth=MAX_DEPTH, places=places)
    try:
        content = reader.read()
    except YamlFault as fault:
        reader.faults.append(fault)
    if reader.faults:
        raise HandWrittenError([_problem(path, text, fault) for fault in reader.faults])
    return HandWritten(path=str(path), content=content, text=text, places=places)


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
