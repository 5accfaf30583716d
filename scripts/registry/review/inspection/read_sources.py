"""What a registration's source says on GitHub, now: read by the build's own modules, never run.

One batch of GraphQL for all registrations of a change, like the build's; then one query for the branches that
their archives name.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from registry import user_agent
from registry.facts.model import Missing
from registry.github.access import Access
from registry.net.http import Http, Traffic, origin
from registry.registration.model import Registration, RepoRef
from registry.review.inspection.branches import learn_branches
from registry.review.inspection.github_queries import Asked
from registry.review.inspection.source import Source
from registry.settings import Settings
from registry.sources.base import Blob, Files
from registry.sources.compat import Evidence, NoFlag, Outcome, locate
from registry.sources.compat.packaging_files import (
    Candidate,
    from_pyproject,
    from_setup_cfg,
    from_setup_py,
)
from registry.sources.github import Wanted

MAX_INSPECTED = 5
"""Registrations of one change whose source is read; more are named."""
ROUNDS = 6

_READERS = (
    ("setup.py", from_setup_py),
    ("pyproject.toml", from_pyproject),
    ("setup.cfg", from_setup_cfg),
)


def inspect(
    registrations: Sequence[Registration], settings: Settings, access: Access
) -> tuple[list[Source], str]:
    """Return what is found of each registration's source, and the login that the token acts as ("" unknown).

    Never raises for GitHub's sake: what could not be read says why.
    """
    return asyncio.run(_inspect(registrations[:MAX_INSPECTED], settings, access))


async def _inspect(
    registrations: Sequence[Registration], settings: Settings, access: Access
) -> tuple[list[Source], str]:
    sources = {
        registration.slug: Source(slug=registration.slug, repo=registration.repo)
        for registration in registrations
    }
    if not access.token:
        return [replace(source, unread="no token was given") for source in sources.values()], ""
    limits = settings.limits
    async with Http(
        user_agent=user_agent(settings.url),
        timeout_s=limits.timeout_s,
        patience_s=limits.patience_s,
        concurrency=1,
        tokens={origin(access.graphql_url): access.token},
        traffic=Traffic(),
    ) as http:
        asked = Asked(http, access.graphql_url)
        login = await asked.login()
        wanted = [registration for registration in registrations if registration.repo]
        sources |= await _sources(wanted, settings, asked)
        await learn_branches(sources, wanted, asked, access.server_url)
    return list(sources.values()), login


@dataclass(slots=True)
class _Search:
    """One plugin's search for its flag, round by round, and the packaging files met on the way."""

    registration: Registration
    repo: RepoRef
    steps: Any
    paths: tuple[str, ...]
    files: dict[str, Any] = field(default_factory=dict)
    outcome: Outcome | None = None
    unread: bool = False

    def take(self, files: Files) -> None:
        """Hand over what was asked for; learn what is asked next, nothing when it is done."""
        self.files.update(files)
        try:
            self.paths = self.steps.send(files)
        except StopIteration as done:
            self.outcome, self.paths = done.value, ()
        except Exception as error:  # noqa: BLE001 - one plugin's hostile source must not end the run
            self.outcome, self.paths = NoFlag(reason=f"it could not be read: {type(error).__name__}"), ()


async def _sources(
    registrations: Sequence[Registration], settings: Settings, asked: Asked
) -> dict[str, Source]:
    searches = [_begin(registration, settings) for registration in registrations]
    found: dict[str, Source] = {}
    if not searches:
        return found
    wanted = [Wanted(search.registration.id, search.repo, search.paths) for search in searches]
    for search, answer in zip(searches, await asked.batch(wanted, facts=True), strict=True):
        slug = search.registration.slug
        found[slug] = Source(slug=slug, repo=search.repo)
        if isinstance(answer, Missing):
            found[slug] = replace(found[slug], unread=answer.reason, gone=answer.gone)
            search.paths = ()
            continue
        found[slug] = replace(found[slug], facts=answer.facts or {}, commit=answer.head)
        search.unread |= answer.unread
        if search.paths:
            search.take(answer.files)
    for _ in range(ROUNDS):
        going = [search for search in searches if search.paths]
        if not going:
            break
        wanted = [Wanted(search.registration.id, search.repo, search.paths) for search in going]
        for search, answer in zip(going, await asked.batch(wanted, facts=False), strict=True):
            if isinstance(answer, Missing):
                search.paths, search.unread = (), True
                continue
            search.unread |= answer.unread
            search.take(answer.files)
    for search in searches:
        slug = search.registration.slug
        if not found[slug].unread:
            declared, packaging = _declared(search, settings)
            whole = isinstance(search.outcome, Evidence) or not search.unread
            found[slug] = replace(
                found[slug],
                outcome=search.outcome if whole else None,
                declared=declared,
                packaging=packaging,
            )
    return found


def _begin(registration: Registration, settings: Settings) -> _Search:
    assert registration.repo is not None  # noqa: S101 - the caller chose those
    steps = locate(
        registration.id,
        subpath=registration.repo.subpath,
        prefix=settings.packages.prefix,
        entry_point_group=settings.entry_point_group,
        control_property=settings.compatibility.control_property,
    )
    search = _Search(registration, registration.repo, steps, ())
    try:
        search.paths = next(steps)
    except StopIteration as done:
        search.outcome = done.value
    return search


def _declared(search: _Search, settings: Settings) -> tuple[Candidate | None, str]:
    """Return the module that a packaging file names, and that file's path; the plugin's own folder first."""
    base = search.repo.subpath.strip("/")
    for folder in dict.fromkeys((f"{base}/" if base else "", "")):
        for name, reader in _READERS:
            blob = search.files.get(folder + name)
            if not isinstance(blob, Blob) or blob.text is None:
                continue
            try:
                told = reader(
                    blob.text, search.registration.id, settings.packages.prefix, settings.entry_point_group
                )
            except Exception:  # noqa: BLE001, S112 - one plugin's hostile source must not end the run
                continue
            if told.candidates:
                # The first that names an entry point says more than one that names a module alone.
                first = next((each for each in told.candidates if each.entry_point), told.candidates[0])
                return first, folder + name
    return None, ""
