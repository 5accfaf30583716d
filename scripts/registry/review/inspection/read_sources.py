"""What a registration's source says on GitHub, now: read by the build's own modules, never run.

One batch of GraphQL for all registrations of a change, like the build's; then one query for the branches that
their archives name.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from registry import user_agent
from registry.facts.model import Missing
from registry.github.access import Access
from registry.net.http import Http, Traffic, origin
from registry.registration.model import Registration
from registry.review.inspection.branches import learn_branches
from registry.review.inspection.github_queries import Asked
from registry.review.inspection.source import Source
from registry.settings import Settings
from registry.sources.base import Blob, Tree
from registry.sources.compat import Evidence, Outcome, Question, Rules, Unread, advance, first_paths
from registry.sources.compat.search import first_declared
from registry.sources.github import Answer, Wanted
from registry.system.workers import Failed, Workers

MAX_INSPECTED = 5
"""Registrations of one change whose source is read; more are named."""
ROUNDS = 6


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
        with Workers(processes=1) as workers:
            sources |= await _sources(wanted, settings, asked, workers)
        await learn_branches(sources, wanted, asked, access.server_url)
    return list(sources.values()), login


@dataclass(slots=True)
class _Search:
    """One plugin's search for its flag, and the files met on the way."""

    registration: Registration
    question: Question
    wanted: Wanted
    files: dict[str, Blob | Tree | None] = field(default_factory=dict)
    outcome: Outcome | None = None
    unread: bool = False
    answered: bool = False

    @property
    def going(self) -> bool:
        """Whether more files are wanted."""
        return bool(self.wanted.paths)


async def _sources(
    registrations: Sequence[Registration], settings: Settings, asked: Asked, workers: Workers
) -> dict[str, Source]:
    searches = [_begin(registration, settings) for registration in registrations]
    found: dict[str, Source] = {}
    if not searches:
        return found
    first = await asked.batch([search.wanted for search in searches], facts=True)
    for search, answer in zip(searches, first, strict=True):
        slug = search.registration.slug
        found[slug] = Source(slug=slug, repo=search.registration.repo)
        if isinstance(answer, Missing):
            found[slug] = replace(found[slug], unread=answer.reason, gone=answer.gone)
            search.wanted = replace(search.wanted, paths=())
        else:
            found[slug] = replace(found[slug], facts=answer.facts or {}, commit=answer.head)
            search.answered = True
    await _advance(searches, first, workers)
    for _ in range(ROUNDS):
        going = [search for search in searches if search.going]
        if not going:
            break
        await _advance(going, await asked.batch([each.wanted for each in going], facts=False), workers)
    read = [search for search in searches if search.answered]
    named = await workers.map(first_declared, [(search.question, search.files) for search in read])
    for search, told in zip(read, named, strict=True):
        slug = search.registration.slug
        declared, packaging = (None, "") if isinstance(told, Failed) else told
        whole = isinstance(search.outcome, Evidence) or not search.unread
        found[slug] = replace(
            found[slug],
            outcome=search.outcome if whole else None,
            declared=declared,
            packaging=packaging,
        )
    return found


async def _advance(
    searches: Sequence[_Search], answers: Sequence[Answer | Missing], workers: Workers
) -> None:
    """Hand over what was asked for; learn what is asked next, nothing where a search is done."""
    read = []
    for search, answer in zip(searches, answers, strict=True):
        if isinstance(answer, Missing):
            search.unread = True
        elif search.going:
            search.unread |= answer.unread
            search.files.update(answer.files)
            read.append(search)
        search.wanted = replace(search.wanted, paths=())
    steps = await workers.map(advance, [(search.question, search.files) for search in read])
    for search, step in zip(read, steps, strict=True):
        if isinstance(step, Failed):
            search.outcome = Unread(reason=f"its source {step.reason}", problem=True)
        elif isinstance(step, tuple):
            search.wanted = replace(search.wanted, paths=step)
        else:
            search.outcome = step


def _begin(registration: Registration, settings: Settings) -> _Search:
    assert registration.repo is not None  # noqa: S101 - the caller chose those
    question = Question(
        plugin_id=registration.id,
        rules=Rules.of(settings),
        subpath=registration.repo.subpath,
        archive=registration.archive,
    )
    paths = first_paths(question)
    wanted = Wanted(registration.id, registration.repo, paths)
    search = _Search(registration=registration, question=question, wanted=wanted)
    if not paths:
        search.outcome = Unread(reason="the source's address names a folder that is no path", problem=True)
    return search
