"""What an attack is: the keys of a registration that carry it, and what a reader may see of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from registry.site_check.page import visible

EVIL = "evil.example"
"""The attacker's host: no page may ask it for anything."""
WINNING = "document.title='taken';window.taken=1;alert(1)"
"""What every payload tries to run; a dialog, a title and a global tell of it."""

Aim = Literal[
    "address", "author", "body", "description", "figure", "file", "history", "id", "layout", "licence",
    "link", "picture", "reason", "release", "source", "tag", "title", "versions",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One attack, in one registration that is innocent otherwise."""

    name: str
    """Also the file's name without `.md`, unless `slug` says another."""
    aim: Aim
    keys: Mapping[str, Any] = field(default_factory=dict)
    body: str = ""
    shows: tuple[str, ...] = ()
    """Texts that stand in its page as they were written, spaces aside."""
    hides: tuple[str, ...] = ()
    """Texts that may stand nowhere in its page, attributes included."""
    links: tuple[str, ...] = ()
    """Addresses that the page links to."""
    left_out: bool = False
    """The registration becomes no page, which the build tells by its file's name."""
    slug: str = ""

    @property
    def page(self) -> str:
        """The part of the page's address that stands for it."""
        return self.slug or self.name


def reached(name: str) -> str:
    """Return the text that proves that a body came to its page."""
    return f"reached {name}"


def on_text(aim: Aim, name: str, payload: str, **keys: Any) -> Attack:
    """Return an attack by a text that a page shows as it is. `keys`: where it stands."""
    return Attack(name=f"{aim}-{name}", aim=aim, keys=keys, shows=(visible(payload),))


def in_body(name: str, body: str, *shows: str, hides: tuple[str, ...] = (), aim: Aim = "body") -> Attack:
    """Return an attack by Markdown; `shows` beside the words that prove that the body was read."""
    full = f"body-{name}" if aim == "body" else f"{aim}-{name}"
    return Attack(
        name=full, aim=aim, body=f"{reached(full)}\n\n{body}\n", shows=(reached(full), *shows), hides=hides
    )
