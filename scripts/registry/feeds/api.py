"""The documents below `/api/v1/`: what is known of each plugin, and an index. Pure functions."""

import gzip
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from registry.feeds.site import FeedSite
from registry.registration.frontmatter import Document
from registry.text.feed_text import iso_moment, json_bytes, plain_data

SCHEMA_VERSION = 1
"""Moves when the shape of a document below `/api/v1/` changes; `docs/API.md` tells how."""
INDEX = "api/v1/index.json"
ERRORS = "api/v1/errors.json"
"""What a build leaves out, and why: always there, `[]` when it is nothing."""


def plugin_document(document: Document, slug: str, site: FeedSite) -> bytes:
    """Return `/api/v1/plugins/<slug>.json`: the enriched front matter, and where the page is.

    The history has a document of its own.
    """
    own = {"schema_version": SCHEMA_VERSION, "slug": slug, "page": site.page(slug)}
    return json_bytes({**plain_data(_without_history(document.data)), **own})


def _without_history(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != "history"}


def index_document(addresses: Mapping[str, str], counts: Mapping[str, int], *, now: datetime) -> bytes:
    """Return `/api/v1/index.json`; `addresses` maps names of feeds to where they are."""
    content: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "generated_at": iso_moment(now),
        "counts": dict(counts),
        "feeds": dict(addresses),
    }
    return json_bytes(content, indent=2)


def compressed(content: bytes) -> bytes:
    """Return `content` gzipped; the same content gives the same bytes.

    Level 9 would take a second more for the state of 10,000 plugins and save 4 % of it.
    """
    return gzip.compress(content, compresslevel=6, mtime=0)
