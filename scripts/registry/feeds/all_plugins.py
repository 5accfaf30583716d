"""Every plugin that has a page, as the list and the statistics see it. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry.enrich.verdicts import is_stated
from registry.feeds.order import by_popularity, mapping, title
from registry.feeds.plugins import make_entry
from registry.feeds.published import Published
from registry.host import plugin_list_rules
from registry.registration.visible import lines
from registry.text.feed_text import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """What is known of a plugin that has a page."""

    slug: str
    title: str
    data: Mapping[str, Any]
    """Enriched front matter."""
    compatibility: Mapping[str, Any]
    """As `/plugins.json` says it, also of a plugin that is not in there."""
    unclear: frozenset[str]
    """Keys that hold nothing an installation could read, such as `compatibility.os`: they fit nowhere."""
    abandoned: bool
    authors: Sequence[str]
    tags: Sequence[str]

    @property
    def python(self) -> str | None:
        """The range that somebody declared, None where nobody did or it is none."""
        return declared_python(self.data)

    @property
    def licence(self) -> str:
        """The registered licence; what GitHub recognised, where nothing is registered."""
        return plain(self.data.get("license")) or plain(mapping(self.data.get("github")).get("license"))


def all_plugins(published: Published) -> list[Plugin]:
    """Return the plugins by popularity."""
    listed = {item.slug: item.entry for item in published.listed}
    found = []
    for slug in by_popularity(published.documents):
        data, entry = published.documents[slug].data, listed.get(slug)
        unclear: frozenset[str] = frozenset()
        if entry is None:
            # What installations are not shown has a page all the same.
            entry, faults = make_entry(data, slug, published.site)
            unclear = frozenset(fault.key for fault in faults if fault.fatal)
        found.append(
            Plugin(
                slug=slug,
                title=title(data, slug),
                data=data,
                compatibility=entry["compatibility"],
                unclear=unclear,
                abandoned=is_stated(data.get("abandoned")),
                authors=lines(data["authors"] if "authors" in data else data.get("author")),
                tags=lines(data.get("tags")),
            )
        )
    return found


def declared_python(data: Mapping[str, Any]) -> str | None:
    """Return the PEP 440 range that front matter declares, None where it declares none."""
    text = plugin_list_rules.compact(plain(mapping(data.get("compatibility")).get("python")))
    return text if plugin_list_rules.is_specifier(text) else None
