"""What the sources have in common: the parts of a repository that they read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from registry.text.unforeseen import whence

EntryType = Literal["blob", "tree", "commit"]
"""A `commit` is a submodule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A file at a repository's head, as GitHub's `Blob` tells it."""

    text: str | None
    """UTF-8 text; None when the file is binary or too large for the API to show."""
    byte_size: int
    truncated: bool = False
    binary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A folder at a repository's head."""

    entries: tuple[tuple[str, EntryType], ...]
    """(name, type) of each entry."""


Files = Mapping[str, Blob | Tree | None]
"""Path from the repository's root (`""` is the root folder) to what is there; None: nothing."""


def mistake(error: Exception) -> str:
    """Return in words that reading an answer ended in an error that nobody expected."""
    return f"its answer could not be read ({whence(error)}); report this as a fault of Almanac"
