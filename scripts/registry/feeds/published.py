"""What is published: the input of every part of the feeds that stands beside the lists for installations."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from registry.facts.state import State
from registry.feeds.plugins import Listed
from registry.feeds.site import FeedSite
from registry.registration.frontmatter import Document
from registry.registration.model import is_slug
from registry.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A registry as one build publishes it."""

    documents: Mapping[str, Document]
    """File name without `.md` -> enriched registration, of all that have a page."""
    listed: Sequence[Listed]
    """Those that installations are shown, in the order of `/plugins.json`."""
    state: State | None
    """The state without its facts, which the documents hold; None: there is none that can be read."""
    site: FeedSite
    settings: Settings | None
    now: datetime

    def by_id(self) -> Iterator[tuple[str, Listed]]:
        """Yield the listed plugins that may have files of their own, by id.

        An id is a file's name only when it is a safe one, and where two ids differ only in case the first of
        them has the files: on some disks they would be one.
        """
        taken: set[str] = set()
        for item in sorted(self.listed, key=lambda item: str(item.entry["id"])):
            plugin_id = item.entry["id"]
            if is_slug(plugin_id) and plugin_id.casefold() not in taken:
                taken.add(plugin_id.casefold())
                yield plugin_id, item
