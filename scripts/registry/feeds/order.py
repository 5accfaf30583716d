"""The order of a registry's plugins by which the list and the search number them. Pure functions."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from registry.registration.frontmatter import Document
from registry.registration.visible import line

LARGEST = 10**12
"""Figures above are nonsense, and unknown."""


def by_popularity(documents: Mapping[str, Document]) -> list[str]:
    """Return the slugs, most used first (instances of the month), the unknown last, equals by title."""

    def place(slug: str) -> tuple[bool, int, tuple[str, str]]:
        data = documents[slug].data
        used = use(data, "month", "instances")
        return used is None, -(used or 0), name_key(data, slug)

    return sorted(documents, key=place)


def order_of(slugs: Iterable[str]) -> str:
    """Return a name of this order: files that carry the same one number the same plugins."""
    return sha256("\n".join(slugs).encode()).hexdigest()[:16]


def title(data: Mapping[str, Any], slug: str) -> str:
    """Return what a plugin is called: its title, else its file's name."""
    return line(data.get("title")) or slug


def name_key(data: Mapping[str, Any], slug: str) -> tuple[str, str]:
    """Return what lists by name sort by."""
    return title(data, slug).lower(), slug


def use(data: Mapping[str, Any], window: str, event: str) -> int | None:
    """Return a usage figure, None where it is unknown."""
    return count(mapping(mapping(data.get("stats")).get(window)).get(event))


def count(value: object) -> int | None:
    """Return a figure, None where it is unknown or none."""
    known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST
    return int(str(value)) if known else None


def mapping(value: object) -> Mapping[str, Any]:
    """Return a mapping; an empty one in the place of anything else."""
    return value if isinstance(value, dict) else {}
