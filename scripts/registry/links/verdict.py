"""What is told of each link, and how it is mended. Pure."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from registry.links.addresses import Link, Use
from registry.links.history import SECOND_LOOK, Failure, History, failed, key_of
from registry.links.repositories import Fates, fate_of, is_settled, renamed
from registry.links.visit import Visit
from registry.registration.values import IMAGE_FOLDER, url_fault

FAILING = frozenset({"dead", "broken", "insecure", "slow", "unsafe", "no-image"})
"""Kinds that a second run has to confirm."""
_OTHER_TYPE = re.compile(r"(?!image/|(?:application|binary)/octet-stream$).+")
"""What is no image. Stores often call a file plain bytes, or nothing; browsers look for themselves then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One link that somebody should look at."""

    link: Link
    kind: str
    """One of `FAILING`, or `moved`, `archived`, `missing` (a file of this site)."""
    message: str
    """A plain sentence to follow the address, which ends with the cure."""
    since: datetime | None = None
    confirmed: bool = True
    """False: it failed for the first time, and nothing is said of it yet."""

    @property
    def identity(self) -> str:
        """What stays the same from week to week, however lines and words move."""
        place = self.link.place
        text = "\0".join((place.slug, place.key, self.link.url, self.kind))
        return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one run found."""

    findings: tuple[Finding, ...]
    """By plugin and line."""
    history: History
    counts: Mapping[str, int]
    """Distinct addresses by what became of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What links are judged by."""

    visits: Mapping[str, Visit]
    fates: Fates
    before: History
    abandoned: Collection[str]
    """Slugs whose registration says so already."""
    has_file: Callable[[str], bool]
    """Whether the site has the file of a local address."""
    server_url: str
    now: datetime


def to_visit(links: Iterable[Link], fates: Fates, server_url: str) -> list[str]:
    """Return the addresses that have to be asked for, each once."""
    urls = (link.url for link in links if not link.is_local)
    return list(dict.fromkeys(url for url in urls if not is_settled(url, fates, server_url)))


def judge(links: Iterable[Link], known: Known) -> Verdict:
    """Return the verdict on all links."""
    findings: list[Finding] = []
    history: dict[str, Failure] = {}
    kinds: dict[str, str] = {}
    for link in links:
        kind, found = _judge(link, known, history)
        kinds[key_of(link.url, is_image=link.use == "image")] = kind
        findings += found
    counts: dict[str, int] = {}
    for kind in kinds.values():
        counts[kind] = counts.get(kind, 0) + 1
    findings.sort(key=lambda finding: (finding.link.place.slug.casefold(), finding.link.place.line))
    return Verdict(findings=tuple(findings), history=history, counts=dict(sorted(counts.items())))


def _judge(link: Link, known: Known, history: dict[str, Failure]) -> tuple[str, list[Finding]]:
    """Return what became of a link and what is to be told of it; note in `history` how it fails."""
    place = link.place
    if link.is_local:
        if known.has_file(link.url):
            return "ok", []
        message = "names a file that is not there; add it, or correct the path"
        return "missing", [Finding(link=link, kind="missing", message=message)]
    fate = fate_of(link.url, known.fates, known.server_url)
    if fate and fate.gone_since:
        cure = _cure(link.use, place.slug, place.id)
        message = f"is in a repository that GitHub does not show any more; {cure}"
        confirmed = known.now - fate.gone_since >= SECOND_LOOK
        gone = Finding(link=link, kind="dead", message=message, since=fate.gone_since, confirmed=confirmed)
        return "dead", [gone]
    archived = []
    if fate and fate.archived and link.use == "source" and place.slug not in known.abandoned:
        message = (
            "is archived: nothing changes there any more; ask in an issue (form 'Abandoned plugin') "
            "whether the plugin is given up"
        )
        archived = [Finding(link=link, kind="archived", message=message)]
    if fate and is_settled(link.url, known.fates, known.server_url):
        if target := renamed(link.url, known.fates, known.server_url):
            message = f"has moved to {target}; {_rewrite(link, target)}"
            return "moved", [Finding(link=link, kind="moved", message=message), *archived]
        return "ok", archived
    kind, found = _visited(link, known, history)
    return kind, [*found, *archived]


def _visited(link: Link, known: Known, history: dict[str, Failure]) -> tuple[str, list[Finding]]:
    visit = known.visits[link.url]
    key = key_of(link.url, is_image=link.use == "image")
    before = known.before.get(key)
    kind, detail = visit.kind, visit.detail
    if kind in ("ok", "moved") and link.use == "image" and _OTHER_TYPE.match(visit.content_type):
        failure = failed(before, "no-image", f"is no image but {visit.content_type}", known.now)
    elif kind in FAILING:
        failure = failed(before, kind, detail, known.now)
    elif kind == "refused" and before is not None:
        failure = before  # nothing new is known: what was said stands
    elif kind == "moved":
        return kind, [_moved(link, visit.target)]
    else:
        return kind, []
    history[key] = failure
    message = f"{failure.detail}; {_cure(link.use, link.place.slug, link.place.id)}"
    finding = Finding(
        link=link, kind=failure.kind, message=message, since=failure.first, confirmed=failure.confirmed
    )
    return failure.kind if kind != "refused" else kind, [finding]


def _moved(link: Link, target: str) -> Finding:
    place = link.place
    if urlsplit(target).path in ("", "/") and urlsplit(link.url).path not in ("", "/"):
        message = (
            f"leads to the front page {target}, so what was there is probably gone; "
            f"{_cure(link.use, place.slug, place.id)}"
        )
    else:
        message = f"has moved to {target}; {_rewrite(link, target)}"
    return Finding(link=link, kind="moved", message=message)


def _rewrite(link: Link, target: str) -> str:
    """Return the line to write."""
    if url_fault(target) or len(target) > 400:
        return "write the new address"
    if link.place.key == "body":
        return "write the new address in the text"
    return f"write {link.place.key.rpartition('.')[2]}: {target}"


def _cure(use: Use, slug: str, plugin_id: str) -> str:
    match use:
        case "homepage":
            return "write an address that answers; that of the repository will do"
        case "source":
            return (
                "write where the source is now; if it is nowhere, run scripts/mark_abandoned.py "
                f"{plugin_id} ISSUE-URL"
            )
        case "archive":
            return "nobody can install the plugin from here: write the address of an archive that exists"
        case "privacypolicy":
            return "write where the policy is now"
        case "image":
            return f"put a copy under {IMAGE_FOLDER}{slug}/ and write its path"
        case "body":
            return "correct the link, or take it out of the text"
