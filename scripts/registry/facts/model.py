"""What the world said of a plugin, when, and from where: the facts, and their absence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal["usage_week", "usage_month", "github", "compatibility", "abandonment", "identity"]
"""What a fact is about. One plugin has at most one fact of each kind."""

SOURCE_KINDS: tuple[Kind, ...] = ("usage_week", "usage_month", "github", "compatibility", "abandonment")
"""Kinds that are asked for, each of which may fail by itself."""
KINDS: tuple[Kind, ...] = (*SOURCE_KINDS, "identity")
"""`identity` comes along with `github`, and is a kind of its own: an older release reads a state that has a
kind which it does not know, and refuses one that has a new key.
"""

GITHUB_SOURCE = "github 2"
"""The source of a repository's figures as they are read today, with `last_push` from the default branch.

Any other (`github`, the baseline's) read it from `pushedAt`, which moves with every branch. The mark is the
source's name because an older release reads a state that has it, and refuses one that has a new key.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What one source said of one plugin."""

    fetched_at: datetime
    """When we last heard it, UTC. A source that confirms a fact renews this."""
    as_of: datetime
    """The time that the figures speak of, UTC: that of the export, or of the fetch."""
    source: str
    """Where it was said, for people: "github", "export", "octoprint-plugin-repository 2020-07-24"."""
    data: Mapping[str, Any]
    """JSON values. What is not known is not a key: absent is unknown, 0 is none."""
    gone_since: datetime | None = None
    """When the thing that the fact tells of was first found missing; the data are then its last ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Why there is no fact. Nothing is deduced from it but that the last good one stays."""

    reason: str
    """In words, for the report."""
    gone: bool = False
    """True when the source said that the thing does not exist: itself a fact."""


Facts: TypeAlias = Mapping[Kind, Fact]
"""The facts known of one plugin."""
Found: TypeAlias = Mapping[str, Fact | Missing]
"""Plugin id to what one collecting run learned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRun:
    """How the collecting of one kind of fact went."""

    kind: Kind
    found: Found
    trouble: str = ""
    """Why the source gave nothing or not everything, in words; empty when it answered."""
    errors: tuple[str, ...] = ()
    """What an operator has to look at, a sentence each that ends with the cure."""
    doubted: bool = False
    """True when the source answered, and what it said cannot be true beside what is known."""
    held: frozenset[str] = frozenset()
    """Plugins of which alone it said what cannot be true."""
    asked: bool = True
    """False when the source is off or cannot be asked (no token, no export set): nobody failed."""


def is_push_of_any_branch(fact: Fact) -> bool:
    """Return whether the `last_push` of a repository's figures is the last push to any of its branches."""
    return "last_push" in fact.data and fact.source != GITHUB_SOURCE


def utc_text(moment: datetime) -> str:
    """Return `moment` as feeds and pages carry it: `YYYY-MM-DD HH:MM:SS +0000`."""
    # Not strftime: its %Y writes the year 999 with three digits on some systems.
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(' ', 'seconds')} +0000"


def iso_text(moment: datetime) -> str:
    """Return `moment` as state and report carry it: ISO 8601, UTC, whole seconds."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def parse_time(text: str) -> datetime:
    """Return the aware UTC datetime of ISO 8601 `text`; a time without zone is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:  # the year 1 in the east, the year 9999 in the west
        raise ValueError(f"{text!r} is out of range in UTC") from None
