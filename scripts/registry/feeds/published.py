"""What is published: the input of every part of the feeds that stands beside the lists for installations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from registry.feeds.plugins import Listed
from registry.feeds.site import FeedSite
from registry.frontmatter import Document
from registry.settings import Settings
from registry.state import State


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
