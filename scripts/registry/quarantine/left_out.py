"""One thing that a build leaves out because of one plugin: where, why, and what may be published of that."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from registry.text.problems import printable

Stage = Literal["registration", "source", "feed", "page", "check"]
"""A build's steps, in their order."""
STAGES: tuple[Stage, ...] = get_args(Stage)
PAGELESS: frozenset[Stage] = frozenset(("registration", "page", "check"))
"""Stages after which a plugin has a short page instead of its own."""
INTERNAL = "internal-error"
"""Code of what should not happen: a plugin for which a program of ours failed."""
MAX_MESSAGE = 500
"""Characters; what a stranger wrote may be of any length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What is left out: a registration, a fact, an entry of a feed, a page."""

    plugin: str
    """The plugin's id, or its file's name without `.md` where no id can be read; "" for the site itself."""
    stage: Stage
    code: str
    """One of `registry.text.problems.Code`, or a short word with hyphens."""
    message: str
    """A plain sentence that ends with the cure."""
    slug: str = ""
    """The registration's file name without `.md`: its page's address. "" where there is no such page."""
    file: str = ""
    """The registration's path, where it is known; `line` is one of its lines."""
    line: int = 1
    source: str = ""
    """Where the plugin's code lives, as far as that is a safe address."""

    @property
    def published(self) -> dict[str, str]:
        """Return the entry of `/api/v1/errors.json`."""
        return {"plugin": self.plugin, "stage": self.stage, "code": self.code, "message": self.message}


def left_out(
    plugin: str,
    stage: Stage,
    code: str,
    message: str,
    *,
    slug: str = "",
    file: str = "",
    line: int = 1,
    source: str = "",
) -> LeftOut:
    """Return a `LeftOut` whose texts can stand in a log and in a file: printable, and not too long."""
    return LeftOut(
        plugin=_short(plugin),
        stage=stage,
        code=code,
        message=_short(message),
        slug=slug,
        file=file,
        line=line,
        source=source,
    )


def _short(text: str) -> str:
    shown = printable(text[: MAX_MESSAGE + 1])
    return shown if len(shown) <= MAX_MESSAGE else f"{shown[: MAX_MESSAGE - 1]}…"


def in_order(entries: Iterable[LeftOut]) -> list[LeftOut]:
    """Return the entries, each once, by plugin, then in the order of the build's steps."""
    return sorted(
        set(entries),
        key=lambda entry: (entry.plugin, STAGES.index(entry.stage), entry.code, entry.message, entry.slug),
    )


def published(entries: Iterable[LeftOut]) -> list[dict[str, Any]]:
    """Return `/api/v1/errors.json`: a list of {plugin, stage, code, message}, `[]` when all is well."""
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for entry in in_order(entries):
        rows.setdefault(tuple(entry.published.values()), entry.published)
    return list(rows.values())
