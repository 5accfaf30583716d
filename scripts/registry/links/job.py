"""The link check from registrations to report. It never fails for a link's sake."""

import asyncio
import json
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpcore

from registry import user_agent
from registry.facts.state import State, StateError, read_state
from registry.github.access import Access
from registry.github.rest import Rest
from registry.links import history, issue, report
from registry.links.addresses import Link, links_of
from registry.links.guard import Guard, Resolve, resolve
from registry.links.repositories import fates_of
from registry.links.round import Round
from registry.links.verdict import Known, Verdict, judge, to_visit
from registry.links.visit import Client, Visit
from registry.net.http import Unavailable
from registry.registration.frontmatter import FrontMatterError, parse, read_bytes
from registry.registration.load import load_registrations
from registry.registration.model import Registration
from registry.settings import Settings
from registry.system.files import write_bytes
from registry.system.progress import Progress, say
from registry.text.problems import printable

TASK = "link check"
"""As those who are visited read it in the User-Agent."""
TIMEOUT_S = 20.0


class UsageError(ValueError):
    """Options that make no sense; the message says which and what to do."""


class PostingError(Exception):
    """The report could not be brought to its issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What `scripts/check_links.py` is told."""

    plugins: Path
    state: Path
    out: Path
    post: bool = False
    only: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How the world is reached: the seams that tests use, and how patient a run is."""

    lookup: Resolve = resolve
    backend: httpcore.AsyncNetworkBackend | None = None
    ssl_context: ssl.SSLContext | None = None
    timeout_s: float = TIMEOUT_S
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic


def check(
    options: Options,
    settings: Settings,
    environment: Mapping[str, str],
    now: datetime,
    network: Network | None = None,
) -> Verdict:
    """Do the whole job; return what was found. Raises UsageError, PostingError."""
    access = Access.from_environment(environment)
    _check_options(options, access)
    try:
        registrations = load_registrations(
            options.plugins, access.server_url, only=options.only
        ).registrations
    except OSError as error:
        raise UsageError(f"{options.plugins}: {error.strerror}; name the folder by --plugins") from None
    if options.only and not registrations:
        raise UsageError(f"--only: no registration is named {', '.join(options.only)}")
    links = [link for registration in registrations for link in _links(registration)]
    file = options.out / "links.json"
    before, told_before, trouble = history.read_history(file)
    if trouble:
        say(f"check_links: {printable(trouble)}")
    fates = fates_of(registrations, _state(options.state))
    urls = to_visit(links, fates, access.server_url)
    visits = asyncio.run(_visit(urls, settings, network or Network()))
    known = Known(
        visits=visits,
        fates=fates,
        before=before,
        abandoned={registration.slug for registration in registrations if registration.data.get("abandoned")},
        has_file=lambda url: _has_file(settings.root, url),
        server_url=access.server_url,
        now=now,
    )
    verdict = judge(links, known)
    # Plugins that were not looked at keep what is known of them.
    carried: dict[str, Any] = history.as_json(before) if options.only else {}
    text = report.markdown(verdict, len(registrations), now, _files_url(access))
    _write(file, report.as_report(verdict, carried, now), text)
    _summarise(environment.get("GITHUB_STEP_SUMMARY"), text)
    for finding in report.told(verdict):
        print(printable(report.line_of(finding)))
    say(_last_line(verdict, len(urls)))
    if options.post:
        _post(access, settings, text, verdict, told_before)
    return verdict


def _check_options(options: Options, access: Access) -> None:
    if options.post and options.only:
        raise UsageError("--post tells of all plugins and --only looks at some; leave out one of the two")
    if options.post and not (access.token and access.repository):
        raise UsageError("--post needs GITHUB_TOKEN and GITHUB_REPOSITORY; set them, or leave it out")


def _links(registration: Registration) -> list[Link]:
    try:
        raw = read_bytes(Path(registration.path))
        return list(links_of(registration, parse(raw, registration.path, patient=True)))
    except (OSError, FrontMatterError) as error:
        say(f"check_links: {printable(str(error))}")  # it was there a moment ago
        return []


def _state(path: Path) -> State:
    try:
        return read_state(path)
    except FileNotFoundError:
        say(f"check_links: {path}: there is no state, so repositories are visited like any address")
    except StateError as error:
        say(f"check_links: {printable(str(error))}; repositories are visited like any address")
    return State()


async def _visit(urls: Sequence[str], settings: Settings, network: Network) -> dict[str, Visit]:
    guard = Guard(lookup=network.lookup, backend=network.backend)
    with Progress("links", len(urls), "addresses") as progress:
        async with Client(
            user_agent=user_agent(settings.url, TASK),
            timeout_s=network.timeout_s,
            guard=guard,
            ssl_context=network.ssl_context,
        ) as client:
            return await Round(client, sleep=network.sleep, clock=network.clock).visits(urls, progress.add)


def _has_file(site: Path, url: str) -> bool:
    """Tell whether the site has this file, itself and not by a link that leads elsewhere."""
    file = site / unquote(urlsplit(url).path).lstrip("/")
    try:
        return file.is_file() and file.resolve().is_relative_to(site.resolve())
    except (OSError, ValueError):
        return False


def _files_url(access: Access) -> str:
    return f"{access.server_url.rstrip('/')}/{access.repository}/blob/HEAD" if access.repository else ""


def _write(file: Path, content: dict[str, Any], text: str) -> None:
    write_bytes(file, (json.dumps(content, indent=1, ensure_ascii=True) + "\n").encode())
    write_bytes(file.with_suffix(".md"), text.encode("utf-8", "replace"))


def _summarise(summary: str | None, text: str) -> None:
    if summary:
        with Path(summary).open("a", encoding="utf-8", errors="replace") as file:
            file.write(text)


def _last_line(verdict: Verdict, visited: int) -> str:
    told = len(report.told(verdict))
    once = len(verdict.findings) - told
    return f"check_links: {visited} addresses visited, {told} to look at, {once} failed for the first time"


def _post(
    access: Access, settings: Settings, text: str, verdict: Verdict, told_before: frozenset[str]
) -> None:
    rest = Rest(access, user_agent=user_agent(settings.url, TASK))
    try:
        done = issue.post(rest, access.repository, text, report.told(verdict), told_before)
    except Unavailable as error:
        raise PostingError(f"the report was not posted: {error}") from None
    say(f"check_links: {done}")
