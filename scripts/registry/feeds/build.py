"""All feeds of a registry from enriched front matter and hand-written data: bytes by path, or nothing."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from registry.facts.state import State, StateError, parse_state
from registry.feeds import api, badges, history_files, plugins, statistics, syndication
from registry.feeds.enriched_copies import problem, read_documents
from registry.feeds.list import listing
from registry.feeds.plugins import Listed
from registry.feeds.published import Published
from registry.feeds.search import index as search_index
from registry.feeds.site import FeedSite
from registry.host import notices_and_blocklist
from registry.host.handwritten_yaml import HandWritten, HandWrittenError, read_handwritten
from registry.registration.frontmatter import Document
from registry.settings import Settings
from registry.text import json_schemas
from registry.text.feed_text import json_bytes
from registry.text.problems import Problem

PARTS = (history_files.files, statistics.files, listing.files, search_index.files, badges.files)
"""What is made of a whole registry, beside what installations read."""


class BuildFailed(ValueError):
    """The feeds cannot be published; `problems` holds every reason, the last feeds should stay."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems

    def report(self) -> dict[str, Any]:
        """Return what happened, as the key `feeds` of the build's report holds it."""
        return {
            "published": False,
            "counts": {},
            "left_out": {},
            "problems": list(map(asdict, self.problems)),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeds:
    """A whole set of feeds."""

    files: dict[str, bytes]
    """Path below the site's root, without a leading slash -> content."""
    counts: dict[str, int]
    """Entries by feed."""
    left_out: dict[str, str] = field(default_factory=dict)
    """File name without `.md` -> why the plugin is in no list."""
    problems: list[Problem] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        """Return what happened, as the key `feeds` of the build's report holds it."""
        problems = list(map(asdict, self.problems))
        return {"published": True, "counts": self.counts, "left_out": self.left_out, "problems": problems}


def build_feeds(
    folder: Path,
    data: Path,
    site: FeedSite,
    *,
    now: datetime,
    state: bytes | None = None,
    settings: Settings | None = None,
) -> Feeds:
    """Return the feeds of the Markdown files in `folder` and the hand-written YAML in `data`.

    A plugin that an installation could not read is left out and told; a fault in hand-written data, or a list
    without any plugin, raises BuildFailed. `state` is the file of facts, published for the next build.
    """
    known = _known(state)  # before the documents, which then take the memory that this leaves
    documents, problems = read_documents(folder)
    unread = {Path(problem.file).stem: problem.message for problem in problems}
    listed, left_out, entry_problems = _list(documents, site)
    problems += entry_problems
    if not listed:
        message = "no plugin can be listed, and an empty list would clear every installation's"
        problems.append(problem(str(folder), "empty-feed", f"{message}; mend the registrations first"))
        raise BuildFailed(problems)
    try:
        steered = _steer(_read_steering(data), listed)
    except HandWrittenError as error:
        raise BuildFailed(error.problems) from None
    contents: dict[str, Any] = {"plugins.json": [item.entry for item in listed], **steered}
    if malformed := _malformed(contents):
        raise BuildFailed(malformed)
    files = {name: json_bytes(content) for name, content in contents.items()}
    files["feed.xml"] = syndication.news_feed(listed, site)
    files |= syndication.sitemaps(documents, site)
    if state is not None:
        files["api/v1/state.json.gz"] = api.compressed(state)
    addresses = {Path(name.removesuffix(".gz")).stem: site.address(f"/{name}") for name in sorted(files)}
    for slug, document in documents.items():
        files[f"api/v1/plugins/{slug}.json"] = api.plugin_document(document, slug, site)
    published = Published(
        documents=documents,
        listed=listed,
        state=known,
        site=site,
        settings=settings,
        now=now,
    )
    for part in PARTS:
        files |= part(published)
    counts = {Path(name).stem: len(content) for name, content in contents.items() if name != "blacklist.json"}
    addresses |= {
        "plugin": site.address("/api/v1/plugins/{slug}.json"),
        "history": site.address("/api/v1/history.json"),
        "plugin_history": site.address("/api/v1/history/{id}.json"),
        "statistics": site.address("/api/v1/statistics.json"),
        "usage_badge": site.address("/badges/{id}/usage.svg"),
        "python_badge": site.address("/badges/{id}/python.svg"),
    }
    files[api.INDEX] = api.index_document(addresses, counts, now=now)
    return Feeds(files=files, counts=counts, left_out=unread | left_out, problems=problems)


def _known(state: bytes | None) -> State | None:
    """Return the state without its facts, None where there is none that can be read.

    The documents hold the facts already; without a state the pages lack its history alone.
    """
    try:
        return replace(parse_state(state, "the state"), plugins={}) if state is not None else None
    except StateError:
        return None


def _list(
    documents: Mapping[str, Document], site: FeedSite
) -> tuple[list[Listed], dict[str, str], list[Problem]]:
    """Return the entries that can be published in the feed's order, and what could not be."""
    listed: dict[str, Listed] = {}
    left_out: dict[str, str] = {}
    problems: list[Problem] = []
    validator = _entry_validator()
    # A file that is named after its plugin comes before another that claims the same one.
    for slug in sorted(documents, key=lambda slug: (documents[slug].data.get("id") != slug, slug)):
        document = documents[slug]
        entry, faults = plugins.make_entry(document.data, slug, site)
        if not any(fault.fatal for fault in faults):
            if entry["id"] in listed:
                message = (
                    f"{listed[entry['id']].slug}.md has the same id {entry['id']!r}; keep one of the two"
                )
                faults.append(plugins.Fault(key="id", code="duplicate-id", message=message, fatal=True))
            elif error := next(validator.iter_errors(entry), None):
                path = ".".join(map(str, error.instance_path))
                message = f"the feed's schema refuses it: {error.message}"
                faults.append(plugins.Fault(key=path, code="schema", message=message, fatal=True))
        for fault in faults:
            line = document.line_of(*fault.key.split("."))
            level = "error" if fault.fatal else "warning"
            problems.append(problem(document.path, fault.code, fault.message, line, fault.key, level))
        fatal = next((fault for fault in faults if fault.fatal), None)
        if fatal:
            left_out[slug] = f"{fatal.key}: {fatal.message}"
        else:
            listed[entry["id"]] = Listed(slug=slug, document=document, entry=entry)
    return plugins.sort_entries(list(listed.values())), left_out, problems


def _read_steering(data: Path) -> dict[str, HandWritten]:
    return {name: read_handwritten(data / f"{name}.yml") for name in notices_and_blocklist.READERS}


def _steer(files: Mapping[str, HandWritten], listed: list[Listed]) -> dict[str, Any]:
    """Return the steering feeds. Raises HandWrittenError with the faults of all files."""
    problems: list[Problem] = []
    ids = [item.entry["id"] for item in listed]

    def read(reader: Any, name: str) -> Any:
        try:
            return reader(files[name], ids)
        except HandWrittenError as error:
            problems.extend(error.problems)
            return None

    notices = read(notices_and_blocklist.read_notices, "notices")
    blocks = read(notices_and_blocklist.read_blocks, "blocklist")
    overlays = read(notices_and_blocklist.read_overlays, "update_check_overlays")
    overlays_py2 = read(notices_and_blocklist.read_overlays, "update_check_overlays_py2")
    if problems:
        raise HandWrittenError(problems)
    abandonments = {item.entry["id"]: item.document.data.get("abandonment") for item in listed}
    notices += notices_and_blocklist.abandonment_notices(abandonments, notices)
    blocklist = notices_and_blocklist.blocklist_feed(blocks)
    pythons = {item.entry["id"]: item.entry["compatibility"]["python"] for item in listed}
    return {
        "notices.json": notices_and_blocklist.notices_feed(notices),
        "blocklist.json": blocklist,
        "blacklist.json": blocklist,
        "update_check_overlay.json": notices_and_blocklist.overlay_feed(overlays),
        "update_check_overlay_py2.json": notices_and_blocklist.python_2_overlay_feed(overlays_py2, pythons),
    }


def _malformed(contents: Mapping[str, Any]) -> list[Problem]:
    """Return what the schemas say against the feeds; the last gate, closed only by a mistake of our own."""
    problems = []
    for name, content in contents.items():
        for error in json_schemas.validator(json_schemas.OF_FEED[name]).iter_errors(content):
            key = ".".join(map(str, error.instance_path))
            problems.append(
                problem(name, "schema", f"the feed's schema refuses it: {error.message}", key=key)
            )
    return problems


@cache
def _entry_validator() -> Any:
    schema = json_schemas.schema("plugins")
    return jsonschema_rs.validator_for(
        {**schema["items"], "$schema": schema["$schema"], "$defs": schema["$defs"]}
    )
