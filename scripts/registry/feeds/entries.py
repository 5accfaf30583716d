"""The entries of `/plugins.json` that can be published, and why others cannot. Pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs

from registry.feeds import plugins
from registry.feeds.plugins import Fault, Listed
from registry.feeds.site import FeedSite
from registry.registration.frontmatter import Document
from registry.text import json_schemas


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """What became of each plugin."""

    listed: list[Listed]
    """In the feed's order."""
    faults: list[tuple[str, Fault]]
    """File name without `.md`, and what its entry could not say, or why there is none."""


def list_entries(documents: Mapping[str, Document], site: FeedSite) -> Entries:
    """Return the entries that installations can read; a file named after its plugin keeps a disputed id."""
    listed: dict[str, Listed] = {}
    found: list[tuple[str, Fault]] = []
    validator = _entry_validator()
    for slug in sorted(documents, key=lambda slug: (documents[slug].data.get("id") != slug, slug)):
        document = documents[slug]
        entry, faults = plugins.make_entry(document.data, slug, site)
        if not any(fault.fatal for fault in faults):
            if entry["id"] in listed:
                message = (
                    f"{listed[entry['id']].slug}.md has the same id {entry['id']!r}; keep one of the two"
                )
                faults.append(Fault(key="id", code="duplicate-id", message=message, fatal=True))
            elif error := next(validator.iter_errors(entry), None):
                path = ".".join(map(str, error.instance_path))
                message = f"the feed's schema refuses it: {error.message}"
                faults.append(Fault(key=path, code="schema", message=message, fatal=True))
        found += [(slug, fault) for fault in faults]
        if not any(fault.fatal for fault in faults):
            listed[entry["id"]] = Listed(slug=slug, document=document, entry=entry)
    return Entries(listed=plugins.sort_entries(list(listed.values())), faults=found)


@cache
def _entry_validator() -> Any:
    schema = json_schemas.schema("plugins")
    return jsonschema_rs.validator_for(
        {**schema["items"], "$schema": schema["$schema"], "$defs": schema["$defs"]}
    )
