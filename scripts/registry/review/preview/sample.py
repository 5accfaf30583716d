"""Which of the standing registrations are built beside those that a change brings.

Those that the change has to do with come first: what it links to, what links to it, what has its names, tags
or authors in another spelling. Others fill the sample, always the same ones.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from registry.git.objects import Objects
from registry.registration.frontmatter import FrontMatterError, parse
from registry.registration.visible import lines
from registry.review.change import Change
from registry.review.staging import MAX_STANDING_BYTES, MAX_TEXT_BYTES, is_registration

USUAL = 12
"""Standing registrations that are built with any change."""
MOST = 20
"""With a change that many have to do with."""
_LINK = re.compile(r"/plugins/([A-Za-z0-9_.+-]{1,100})")


def standing_registrations(change: Change) -> dict[str, bytes]:
    """Return file name without `.md` -> content of every registration at the base. Raises ChangeError."""
    objects = Objects(change.repository)
    entries = [
        entry
        for entry in objects.tree(change.base, "_plugins/")
        if entry.is_file and is_registration(entry.path)
    ]
    sizes = objects.sizes(entry.blob for entry in entries)
    fit = [entry for entry in entries if sizes.get(entry.blob, MAX_TEXT_BYTES + 1) <= MAX_TEXT_BYTES]
    contents = objects.read((entry.blob for entry in fit), limit_bytes=MAX_STANDING_BYTES)
    found = {PurePosixPath(entry.path.decode()).stem: contents.get(entry.blob) for entry in fit}
    return {slug: raw for slug, raw in found.items() if raw is not None}


def sample(changed: Mapping[str, bytes], standing: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the standing registrations to build beside the `changed` ones, none of which is among them."""
    names = _Names.of(changed)
    ranks = {slug: names.rank(slug, raw) for slug, raw in standing.items() if slug not in changed}
    order = sorted(ranks, key=lambda slug: (-ranks[slug], sha256(slug.encode()).digest()))
    related = sum(rank > 0 for rank in ranks.values())
    return {slug: standing[slug] for slug in order[: max(USUAL, min(related, MOST))]}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """What other registrations may have to do with."""

    own: frozenset[str]
    """File names, ids and former names, by `_folded`."""
    linked: frozenset[str]
    spelt: Mapping[str, str]
    """Tags and authors by `_folded`, as they are written."""

    @classmethod
    def of(cls, changed: Mapping[str, bytes]) -> "_Names":
        own: set[str] = set()
        linked: set[str] = set()
        spelt: dict[str, str] = {}
        for slug, raw in changed.items():
            data = _front_matter(raw)
            links = set(_LINK.findall(raw.decode(errors="replace")))
            own |= {slug, *lines(data.get("id"))}
            linked |= links | {link.rstrip(".") for link in links}
            for key in ("tags", "authors", "author"):
                spelt |= {_folded(text): text for text in lines(data.get(key)) if text}
        return cls(own=frozenset(map(_folded, own)), linked=frozenset(linked - own), spelt=spelt)

    def rank(self, slug: str, raw: bytes) -> int:
        """Return how much a standing registration has to do with the changed ones, 0 for nothing."""
        if slug in self.linked or _folded(slug) in self.own:
            return 3
        text = raw.decode(errors="replace")
        links = _LINK.findall(text) if "/plugins/" in text else []
        if any(link in self.linked or _folded(link.rstrip(".")) in self.own for link in links):
            return 2
        folded = _folded(text)
        return int(any(key in folded and name not in text for key, name in self.spelt.items()))


def _folded(text: str) -> str:
    """Return what is the same for all spellings of a text."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def _front_matter(raw: bytes) -> dict[str, Any]:
    try:
        return parse(raw, "", patient=True).data
    except FrontMatterError:
        return {}
