"""All addresses of a run: each once, so many at a time, with a pause between two requests to one host."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import httpcore

from registry.links.guard import UnknownName, Unresolved
from registry.links.visit import Answer, Client, OutOfTurn, Visit, host_of, visit
from registry.net.http import retry_after_s

AT_ONCE = 16
AT_ONCE_PER_HOST = 2
SILENT_AFTER = 3
"""Requests to a host that got no answer one after another, after which it is left alone."""
BELIEVED_HOSTS = 4
"""With at least so many hosts, of which more than half cannot be reached, the fault is taken to be ours."""


@dataclass(slots=True)
class _Host:
    """What a run knows of one host."""

    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE_PER_HOST))
    free_at: float = 0.0
    """When the next request may start, by the run's clock."""
    silent: int = 0
    closed: str = ""
    """Why it is not asked any more."""
    nameless: httpcore.ConnectError | None = None
    """Why its name has no address; it would be the same again."""


class Round:
    """Visits addresses through `client`.

    Seconds: `pause_s` between two requests to one host, `patience_s` that a `Retry-After` is waited for,
    `budget_s` for everything. `sleep` and `clock` are the seams of tests.
    """

    def __init__(
        self,
        client: Client,
        *,
        pause_s: float = 0.5,
        patience_s: float = 60.0,
        budget_s: float = 1_500.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._pause_s = pause_s
        self._patience_s = patience_s
        self._sleep = sleep
        self._clock = clock
        self._ends = clock() + budget_s
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._hosts: dict[str, _Host] = {}

    async def visits(self, urls: Collection[str], done: Callable[[int], None]) -> dict[str, Visit]:
        """Return what became of each address; `done` is told of each."""

        async def one(url: str) -> tuple[str, Visit]:
            try:
                found = await visit(url, self._ask)
            except (ValueError, OSError) as error:
                # No address known does this; one that does must not cost the report of all others.
                found = Visit(kind="refused", detail=f"was not judged: {type(error).__name__}")
            done(1)
            return url, found

        found = dict(await asyncio.gather(*(one(url) for url in dict.fromkeys(urls))))
        return _believed(found)

    async def _ask(self, method: str, url: str) -> Answer:
        """Ask in turn; a host that asks to wait a little is asked once more after that."""
        host = self._hosts.setdefault(host_of(url), _Host())
        answer = await self._ask_once(host, method, url)
        if answer.status in (429, 503) and "retry-after" in answer.headers:
            wait_s = retry_after_s(answer.headers, datetime.now(UTC))
            if wait_s is None or wait_s > self._patience_s:
                host.closed = "asks to be left alone for longer than this run is patient"
                return answer
            host.free_at = max(host.free_at, self._clock() + wait_s)
            answer = await self._ask_once(host, method, url)
        if answer.status == 429:
            host.closed = "asks for fewer requests (429)"
        return answer

    async def _ask_once(self, host: _Host, method: str, url: str) -> Answer:
        async with self._turn(host):
            try:
                answer = await self._client.ask(method, url)
            except (UnknownName, Unresolved) as error:
                host.nameless = error
                raise
            except (TimeoutError, httpcore.TimeoutException):
                host.silent += 1
                if host.silent >= SILENT_AFTER:
                    host.closed = "gave no answer to the addresses before this one"
                raise
            host.silent = 0
            return answer

    @asynccontextmanager
    async def _turn(self, host: _Host) -> AsyncIterator[None]:
        """Wait until a request to this host may start. Raises OutOfTurn."""
        # The host's slot comes first: whoever waits for a host takes no place from the others.
        async with host.slots:
            while (wait_s := host.free_at - self._clock()) > 0:
                if host.closed or host.nameless or self._clock() + wait_s > self._ends:
                    break
                await self._sleep(wait_s)
            if host.nameless:
                raise host.nameless
            if host.closed:
                raise OutOfTurn(host.closed)
            if self._clock() > self._ends or host.free_at > self._ends:
                raise OutOfTurn("was not visited: the time of this run was up")
            host.free_at = self._clock() + self._pause_s
            async with self._slots:
                yield


def _believed(found: dict[str, Visit]) -> dict[str, Visit]:
    """Return the visits, not judged where so much could not be reached that the fault is likely ours."""
    reached: dict[str, bool] = {}
    for url, one in found.items():
        host = host_of(url)
        reached[host] = reached.get(host, False) or not one.no_contact
    if len(reached) < BELIEVED_HOSTS or sum(reached.values()) * 2 >= len(reached):
        return found
    detail = "was not judged: this machine could not reach most of the web"
    return {
        url: replace(one, kind="refused", detail=detail) if one.no_contact else one
        for url, one in found.items()
    }
