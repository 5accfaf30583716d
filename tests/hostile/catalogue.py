"""Every attack that a registration carries, by name; what steers installations and pages stands beside it."""

from functools import cache
from types import MappingProxyType
from typing import Any

from tests.hostile import addresses, bodies, figures, texts
from tests.hostile.attack import Attack

BASE: dict[str, Any] = {
    "layout": "plugin",
    "description": "A description.",
    "author": "Somebody",
    "license": "MIT",
    "date": "2020-01-02",
    "homepage": "https://example.org/home",
    "source": "https://github.com/owner/name",
    "archive": "https://example.org/archive.zip",
}
"""A registration that nothing is wrong with, but for its title and id."""


@cache
def catalogue() -> MappingProxyType[str, Attack]:
    """Return name -> attack. Raises ValueError when two have the same name."""
    made: dict[str, Attack] = {}
    for attack in (*texts.attacks(), *addresses.attacks(), *bodies.attacks(), *figures.attacks()):
        if attack.name in made:
            raise ValueError(f"two attacks are called {attack.name}")
        made[attack.name] = attack
    return MappingProxyType(made)


def pages() -> list[Attack]:
    """Return the attacks that become a page."""
    return [attack for attack in catalogue().values() if not attack.left_out]


def front_matter(attack: Attack) -> dict[str, Any]:
    """Return the enriched front matter of the registration that carries `attack`."""
    return {"id": attack.page, "title": attack.name, **BASE, **attack.keys}
