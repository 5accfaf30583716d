"""All feeds of a registry from enriched front matter and hand-written data: bytes by path, or nothing.

A plugin that spoils a feed is left out of all of them, whatever it did and wherever.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from registry.facts.state import State, parse_state
from registry.feeds import api, badges, history_files, statistics, syndication
from registry.feeds.enriched_copies import problem, read_documents
from registry.feeds.entries import list_entries
from registry.feeds.faults import (
    internal,
    left_out_entry,
    left_out_plugin,
    problem_of,
    sentence,
    unread_copy,
)
from registry.feeds.list import listing
from registry.feeds.plugins import Fault, Listed
from registry.feeds.published import Published
from registry.feeds.search import index as search_index
from registry.feeds.site import FeedSite
from registry.feeds.steering import Written, read_written, steering_feeds
from registry.host.handwritten_yaml import EntryFault, HandWrittenError
from registry.quarantine.left_out import INTERNAL, LeftOut, in_order, published
from registry.quarantine.sift import sift
from registry.registration.frontmatter import Document
from registry.registration.values import day_of
from registry.settings import Settings
from registry.text import json_schemas
from registry.text.feed_text import json_bytes, plain
from registry.text.problems import Problem
from registry.text.unforeseen import whence

PARTS = (history_files.files, statistics.files, listing.files, search_index.files, badges.files)
"""What is made of a whole registry, beside what installations read."""


class BuildFailed(ValueError):
    """The feeds cannot be published; `problems` holds every reason, the last feeds should stay."""

    def __init__(self, problems: list[Problem], errors: Sequence[LeftOut] = ()) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems
        self.errors = list(errors)
        """What would have been left out."""

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
    errors: list[LeftOut] = field(default_factory=list)
    """What this step left out: plugins, and entries of hand-written data."""

    def report(self) -> dict[str, Any]:
        """Return what happened, as the key `feeds` of the build's report holds it."""
        problems = list(map(asdict, self.problems))
        return {"published": True, "counts": self.counts, "left_out": self.left_out, "problems": problems}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Input:
    """What feeds are made of."""

    documents: Mapping[str, Document]
    written: Written
    state: State | None
    packed: bytes | None
    """The state as it is published."""
    site: FeedSite
    settings: Settings | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """The feeds of some plugins."""

    listed: list[Listed]
    faults: list[tuple[str, Fault]]
    entry_faults: list[EntryFault]
    files: dict[str, bytes]
    counts: dict[str, int]


def build_feeds(
    folder: Path,
    data: Path,
    site: FeedSite,
    *,
    now: datetime,
    state: bytes | None = None,
    settings: Settings | None = None,
    errors: Sequence[LeftOut] = (),
    registrations: Path | None = None,
) -> Feeds:
    """Return the feeds of the Markdown files in `folder` and the hand-written YAML in `data`.

    What an installation could not read, and what no feed can be made of, is left out and reported. `state` is
    the file of facts, published for the next build; `errors` is what earlier steps left out; `registrations`
    is the folder that the copies were made of, to name its lines. Raises BuildFailed for what concerns the
    whole: no plugin can be listed, the blocklist cannot be read.
    """
    known = known_state(state)  # before the documents, which then take the memory that this leaves
    documents, unread = read_documents(folder)
    try:
        written = read_written(data)
        given = _Input(
            documents=documents,
            written=written,
            state=known,
            packed=api.compressed(state) if state is not None else None,
            site=site,
            settings=settings,
            now=now,
        )
        # The oldest first: of two that cannot stand together the newcomer goes.
        order = sorted(
            documents, key=lambda slug: (day_of(documents[slug].data.get("date")) or date.max, slug)
        )
        made, spoilt = sift(partial(_make, given), order)
    except HandWrittenError as error:
        message = "no block can be read, and an empty blocklist would lift every block; mend the file"
        whole = problem(str(data / "blocklist.yml"), "empty-feed", message)
        raise BuildFailed([*error.problems, whole]) from None
    except BuildFailed:
        raise
    except Exception as error:
        message = f"no feed can be made of anything: {whence(error)}; report this as a fault of Almanac"
        raise BuildFailed([problem(str(folder), INTERNAL, message)]) from error
    faults = made.faults + [(slug, internal(error)) for slug, error in spoilt]
    problems = [*unread, *(problem_of(documents[slug], fault) for slug, fault in faults)]
    problems += [fault.problem for fault in made.entry_faults]
    fatal = [(slug, fault) for slug, fault in faults if fault.fatal]
    unlisted = {Path(problem.file).stem: problem.message for problem in unread}
    for slug, fault in fatal:
        unlisted.setdefault(slug, sentence(fault))
    own = [unread_copy(fault) for fault in unread]
    own += [left_out_plugin(slug, documents[slug], fault, registrations) for slug, fault in fatal]
    own += [left_out_entry(fault, data) for fault in made.entry_faults]
    if not made.listed:
        message = "no plugin can be listed, and an empty list would clear every installation's"
        whole = problem(str(folder), "empty-feed", f"{message}; mend the registrations first")
        raise BuildFailed([*problems, whole], own)
    files = made.files | {api.ERRORS: json_bytes(published([*errors, *own]))}
    return Feeds(files=files, counts=made.counts, left_out=unlisted, problems=problems, errors=in_order(own))


def _make(given: _Input, slugs: Sequence[str]) -> _Made:
    """Return the feeds of these plugins. Raises whatever one of them makes it raise."""
    site = given.site
    documents = {slug: given.documents[slug] for slug in sorted(slugs)}
    entries = list_entries(documents, site)
    listed = entries.listed
    ids = [plain(document.data.get("id")) for document in documents.values()]
    steered, entry_faults = steering_feeds(given.written, listed, ids)
    contents: dict[str, Any] = {"plugins.json": [item.entry for item in listed], **steered}
    if malformed := _malformed(contents):
        raise BuildFailed(malformed)
    files = {name: json_bytes(content) for name, content in contents.items()}
    files["feed.xml"] = syndication.news_feed(listed, site)
    files |= syndication.sitemaps(documents, site)
    if given.packed is not None:
        files["api/v1/state.json.gz"] = given.packed
    addresses = {Path(name.removesuffix(".gz")).stem: site.address(f"/{name}") for name in sorted(files)}
    for slug, document in documents.items():
        files[f"api/v1/plugins/{slug}.json"] = api.plugin_document(document, slug, site)
    whole = Published(
        documents=documents,
        listed=listed,
        state=given.state,
        site=site,
        settings=given.settings,
        now=given.now,
    )
    for part in PARTS:
        files |= part(whole)
    counts = {Path(name).stem: len(content) for name, content in contents.items() if name != "blacklist.json"}
    addresses |= {
        "errors": site.address(f"/{api.ERRORS}"),
        "plugin": site.address("/api/v1/plugins/{slug}.json"),
        "history": site.address("/api/v1/history.json"),
        "plugin_history": site.address("/api/v1/history/{id}.json"),
        "statistics": site.address("/api/v1/statistics.json"),
        "usage_badge": site.address("/badges/{id}/usage.svg"),
        "python_badge": site.address("/badges/{id}/python.svg"),
    }
    files[api.INDEX] = api.index_document(addresses, counts, now=given.now)
    return _Made(listed=listed, faults=entries.faults, entry_faults=entry_faults, files=files, counts=counts)


@lru_cache(maxsize=1)
def known_state(state: bytes | None) -> State | None:
    """Return the state without its facts, which the documents hold already; None where there is none.

    Raises StateError for one that cannot be read: it would say nothing of what is missing, and the next build
    would be handed it.
    """
    return replace(parse_state(state, "the state"), plugins={}) if state is not None else None


def _malformed(contents: Mapping[str, Any]) -> list[Problem]:
    """Return what the schemas say against the feeds; the last gate, closed only by a mistake of our own."""
    problems = []
    for name, content in contents.items():
        validator = json_schemas.validator(json_schemas.OF_FEED[name])
        if (name == "plugins.json" and not content) or validator.is_valid(content):
            continue
        for error in validator.iter_errors(content):
            key = ".".join(map(str, error.instance_path))
            problems.append(
                problem(name, "schema", f"the feed's schema refuses it: {error.message}", key=key)
            )
    return problems
