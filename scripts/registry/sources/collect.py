"""Collecting: every source at once, each bounded, none able to stop another."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import httpx

from registry import user_agent
from registry.facts.model import Kind, Missing, SourceRun
from registry.facts.state import State
from registry.github.access import Access
from registry.net.http import Http, Traffic, get_bytes, origin
from registry.net.room import Room
from registry.registration.model import Registration
from registry.settings import Settings
from registry.sources import abandonment, github, usage
from registry.sources.base import mistake
from registry.sources.usage_belief import Belief
from registry.system.progress import Progress
from registry.system.workers import Workers
from registry.text.problems import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What one run learned, and what it cost."""

    runs: tuple[SourceRun, ...]
    traffic: Traffic
    seconds: Mapping[Kind, float]
    points: int = 0
    """Of GitHub's rate limit."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """Plugin id to what people should know."""


async def collect(
    registrations: Sequence[Registration],
    known: State,
    settings: Settings,
    access: Access,
    now: datetime,
    transport: httpx.AsyncBaseTransport | None = None,
    *,
    everyone: Collection[str] = (),
    accept_usage: bool = False,
    accept_repositories: Collection[str] = (),
) -> Collected:
    """Ask every source that is on; return what they said. Never raises for a source's sake.

    `everyone` names all plugins of the registry where only some are asked for: by the figures of all of them
    an export is believed or not. `accept_usage` believes every export.
    `accept_repositories` names plugins whose repository is taken over although it is another than before.
    """
    traffic = Traffic(), Traffic(), Traffic()  # one for each thread that counts
    room = Room()
    agent = user_agent(settings.url)
    ids = [registration.id for registration in registrations]
    exports = settings.usage.exports
    belief = Belief(factor=settings.usage.max_factor, days=settings.usage.doubt_days, accept=accept_usage)
    judge = partial(usage.collect, belief=belief, everyone=everyone)
    week, month, (repositories, points, notes) = await asyncio.gather(
        _usage("usage_week", exports.week, ids, known, settings, now, agent, traffic[0], room, judge),
        _usage("usage_month", exports.month, ids, known, settings, now, agent, traffic[1], room, judge),
        _github(
            registrations,
            known,
            settings,
            access,
            now,
            agent,
            traffic[2],
            room,
            transport,
            accept_repositories,
        ),
    )
    first, second = usage.together(week[0], month[0])
    timed = ((first, week[1]), (second, month[1]), *repositories)
    return Collected(
        runs=tuple(_with_words(run) for run, _ in timed),
        traffic=sum(traffic, Traffic()),
        seconds={run.kind: seconds for run, seconds in timed},
        points=points,
        notes=notes,
    )


def _with_words(run: SourceRun) -> SourceRun:
    """Return `run`, with the commonest reason as its trouble where a source gave nothing at all."""
    silent = [found for found in run.found.values() if isinstance(found, Missing) and not found.gone]
    if run.trouble or not silent or len(silent) < len(run.found):
        return run
    reason, count = Counter(found.reason for found in silent).most_common(1)[0]
    words = f"gave nothing of {counted(len(silent), 'plugin')}: {reason}"
    return replace(run, trouble=words + (f" ({count} of them)" if count < len(silent) else ""))


Timed = tuple[SourceRun, float]


async def _usage(
    kind: Kind,
    export: str | None,
    ids: Collection[str],
    known: State,
    settings: Settings,
    now: datetime,
    agent: str,
    traffic: Traffic,
    room: Room,
    judge: Callable[..., SourceRun],
) -> Timed:
    if not settings.sources.usage:
        return SourceRun(kind=kind, found={}, trouble="switched off in the settings", asked=False), 0.0

    def read() -> SourceRun:
        limits = settings.limits
        with room.share() as share:
            fetch = partial(
                get_bytes,
                user_agent=agent,
                timeout_s=limits.timeout_s,
                patience_s=limits.patience_s,
                traffic=traffic,
                limit_bytes=usage.MAX_EXPORT_BYTES,
                share=share,
            )
            try:
                return judge(kind, address, ids, known, now, fetch)
            except Exception as error:  # noqa: BLE001 - whatever it is, the other sources are not to blame
                return SourceRun(kind=kind, found={}, trouble=f"{address}: {mistake(error)}")

    started = time.monotonic()
    address = export
    if export and not export.startswith(("http://", "https://")):
        address = str(settings.root / export)
    run = await asyncio.to_thread(read)
    return run, time.monotonic() - started


async def _github(
    registrations: Sequence[Registration],
    known: State,
    settings: Settings,
    access: Access,
    now: datetime,
    agent: str,
    traffic: Traffic,
    room: Room,
    transport: httpx.AsyncBaseTransport | None,
    accept_repositories: Collection[str],
) -> tuple[tuple[Timed, ...], int, Mapping[str, str]]:
    threads = abandonment.wanted(registrations, known, access.server_url)
    reason = ""
    if not settings.sources.github:
        reason = "switched off in the settings"
    elif not access.token:
        reason = "GITHUB_TOKEN is not set"
    if reason:
        first, second = github.not_asked(reason)
        third = abandonment.not_asked(reason if threads else "")
        return ((first, 0.0), (second, 0.0), (third, 0.0)), 0, {}
    started = time.monotonic()
    limits = settings.limits
    total = sum(registration.repo is not None for registration in registrations)
    with Workers() as workers, Progress("GitHub", total, "repositories") as progress:
        async with Http(
            user_agent=agent,
            timeout_s=limits.timeout_s,
            patience_s=limits.patience_s,
            concurrency=limits.concurrency,
            tokens={origin(access.graphql_url): access.token},
            transport=transport,
            traffic=traffic,
            room=room,
        ) as http:
            collector = github.Collector(
                http=http,
                url=access.graphql_url,
                settings=settings,
                now=now,
                progress=progress.add,
                clock=time.monotonic,
                accepted=frozenset(accept_repositories),
                workers=workers,
            )
            try:
                await collector.run(registrations, known)
            except Exception as error:  # noqa: BLE001 - what came before it is kept, as where GitHub is given up
                collector.give_up(registrations, mistake(error))
            seconds = time.monotonic() - started
            dated = abandonment.Collector(
                http=http,
                url=access.graphql_url,
                batch_size=limits.batch_size,
                patience_s=limits.patience_s,
                now=now,
                trouble=collector.stopped,
            )
            taken = {name.lower() for name in collector.strangers.values()}
            threads = {key: it for key, it in threads.items() if it.repo.full_name.lower() not in taken}
            try:
                await dated.run(threads)
            except Exception as error:  # noqa: BLE001 - one kind of facts
                dated.give_up(
                    {key: it for key, it in threads.items() if key not in dated.found}, mistake(error)
                )
    first, second, identities = github.runs(collector, known)
    third = abandonment.run_of(dated) if threads else abandonment.not_asked()
    more_s = time.monotonic() - started - seconds
    timed = (first, seconds), (second, seconds), (identities, 0.0), (third, more_s)
    return timed, collector.points + dated.points, collector.notes
