"""What is wrong with a registration, or with data beside it: for people, for a pull request, for programs."""

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Literal

Level = Literal["error", "warning"]

Code = Literal[
    # The file and its front matter
    "not-markdown",
    "not-a-file",
    "unreadable",
    "file-name",
    "duplicate-file-name",
    "too-large",
    "not-utf8",
    "bom",
    "nul",
    "control-character",
    "no-front-matter",
    "unclosed-front-matter",
    "not-a-mapping",
    "yaml-syntax",
    "tab",
    "several-documents",
    "alias",
    "yaml-tag",
    "merge-key",
    "duplicate-key",
    "key-not-text",
    "unreadable-value",
    "too-deep",
    "too-many-values",
    # Keys and the kind of their values
    "missing-key",
    "unknown-key",
    "computed-key",
    "wrong-type",
    "empty-key",
    "misread",
    "template-left",
    # Identity
    "layout",
    "id",
    "id-file-name",
    "duplicate-id",
    "id-changed",
    # Texts and people
    "empty-text",
    "long-text",
    "html-in-text",
    "bidi",
    "several-authors",
    "author-form",
    "tag",
    # Dates
    "date",
    "date-form",
    "date-future",
    "date-changed",
    # Addresses and images
    "url",
    "source-repository",
    "image",
    "image-folder",
    "image-missing",
    "image-remote",
    "image-insecure",
    "image-alt",
    "no-screenshots",
    "redirect",
    # Compatibility and the rest
    "python-specifier",
    "host-version",
    "os",
    "attribute",
    "pypi",
    "dependency-links",
    # The body
    "body-empty",
    "body-liquid",
    "body-script",
    "body-html",
    # Notices, blocklist and overlays
    "bad-value",
    "same-date",
    "wrong-case",
]
"""Every code that the validator prints; `docs/registering.md` tells the cure of each (tested)."""


_LONGEST_KEY = 60
"""A key can be of any length; what is told of it cannot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule found in one document, before it is settled whether the document is new."""

    path: tuple[str | int, ...]
    """Keys that lead to the value; empty for the whole file, ("body",) for the body."""
    code: Code
    message: str
    weight: Literal["error", "deviation", "warning"]
    """A deviation is an error in what is new, and a warning in what stands."""
    line: int | None = None
    """1-based; None: where the path leads."""

    @property
    def key(self) -> str:
        """The path as people write it: `screenshots[0].url`."""
        parts = (f"[{part}]" if isinstance(part, int) else f".{part[:_LONGEST_KEY]}" for part in self.path)
        return "".join(parts).removeprefix(".")

    @property
    def identity(self) -> tuple[str, ...]:
        """What stays the same when lines and list entries around the fault come and go."""
        return (*map(str, self.path[:1]), self.code, self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault of one file: where it is, what it is and how to mend it."""

    file: str
    """Path as it was given, with forward slashes."""
    line: int
    """1-based."""
    key: str
    """Path of the key, as in `screenshots[0].url`; "" for the file, "body" for a registration's body."""
    level: Level
    code: str
    """One of `Code`."""
    message: str
    """A plain sentence that ends with the cure."""


def as_json(problems: Iterable[Problem]) -> str:
    """Return the problems as a JSON list of objects with the fields of `Problem`."""
    return json.dumps([asdict(problem) for problem in problems], indent=2)


def as_text(problem: Problem) -> str:
    """Return one line for people: `_plugins/foo.md:12: error: license: … [license]`."""
    key = f"{problem.key}: " if problem.key else ""
    line = f"{problem.file}:{problem.line}: {problem.level}: {key}{problem.message} [{problem.code}]"
    return printable(line)


def as_annotation(problem: Problem) -> str:
    """Return a GitHub workflow command that marks the line in the pull request.

    Escaped as GitHub's toolkit does it, so that no file name or value can add a command of its own:
    https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts (read 2024-10).
    """
    key = f"{problem.key}: " if problem.key else ""
    place = f"file={_property(problem.file)},line={problem.line},title={_property(problem.code)}"
    return f"::{problem.level} {place}::{_escape(printable(key + problem.message))}"


_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


_COMMAND = re.compile(r"\A(\s*):(?=:)")


def printable(text: str) -> str:
    r"""Return the text with control, invisible and direction characters as `\x1b` or `\u202e`.

    A terminal or a log obeys such characters; a value of a registration may hold any of them. GitHub's runner
    reads every line of a log, and obeys `::name::` at its beginning and `##[name]` anywhere: both are broken.
    """
    shown = _UNPRINTABLE.sub(lambda match: ascii(match[0])[1:-1], text)
    return _COMMAND.sub(r"\1\\x3a", shown).replace("##[", "#\\x23[")


def quoted(value: str) -> str:
    """Return a value for a message: quoted, and cut to a length that a line can bear."""
    return f"'{value if len(value) <= 80 else value[:79] + '…'}'"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")


def errors_first(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems, warnings last, else in their order."""
    return sorted(problems, key=lambda problem: problem.level != "error")


def level_counts(problems: Collection[Problem]) -> tuple[int, int]:
    """Return the number of errors and of warnings."""
    errors = sum(problem.level == "error" for problem in problems)
    return errors, len(problems) - errors


def counted(number: int, noun: str) -> str:
    """Return `1 error`, `2 errors`, `1,000 errors`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
