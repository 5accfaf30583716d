"""When a plugin was given up: the date of the issue, pull request or discussion that `abandoned` names.

That date never changes, so each address is asked for until it is known and never again: a warm run costs no
request. All that are unknown travel in one query by aliases `r0`, `r1` …; owner, name and number are
variables, so the text of a query depends on its shape alone.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from registry.facts.model import Fact, Kind, Missing, SourceRun, parse_time, utc_text
from registry.facts.state import State
from registry.github.graphql import LimitSpentError, line, parse_reply, pause_for_limit
from registry.github.threads import Thread, parse_thread
from registry.net.http import Http, Overloaded, Unavailable
from registry.registration.model import Registration

KIND: Kind = "abandonment"

_FIELDS = {"issues": "issueOrPullRequest", "pull": "issueOrPullRequest", "discussions": "discussion"}
_FRAGMENTS = {
    "issueOrPullRequest": "... on Issue { createdAt } ... on PullRequest { createdAt }",
    "discussion": "createdAt",
}


def wanted(registrations: Iterable[Registration], known: State, server_url: str) -> dict[str, Thread]:
    """Return plugin id -> thread of each abandoned plugin whose thread's date is not known yet."""
    unknown = {}
    for registration in registrations:
        thread = parse_thread(registration.data.get("abandoned"), server_url)
        fact = known.plugins.get(registration.id, {}).get(KIND)
        if thread and (fact is None or fact.data.get("url") != thread.url):
            unknown[registration.id] = thread
    return unknown


def build_payload(batch: Sequence[Thread]) -> bytes:
    """Return the JSON body that asks for the threads of `batch`."""
    variables: dict[str, str | int] = {}
    for i, thread in enumerate(batch):
        variables |= {f"o{i}": thread.repo.owner, f"n{i}": thread.repo.name, f"t{i}": thread.number}
    query = _query(tuple(_FIELDS[thread.section] for thread in batch))
    return json.dumps({"query": query, "variables": variables}).encode()


@cache
def _query(fields: tuple[str, ...]) -> str:
    variables = ", ".join(f"$o{i}: String!, $n{i}: String!, $t{i}: Int!" for i in range(len(fields)))
    aliases = [
        f"  r{i}: repository(owner: $o{i}, name: $n{i}) "
        f"{{ thread: {name}(number: $t{i}) {{ {_FRAGMENTS[name]} }} }}"
        for i, name in enumerate(fields)
    ]
    return f"query({variables}) {{\n" + "\n".join(aliases) + "\n  rateLimit { cost }\n}"


def parse_answer(content: Any, batch: Sequence[Thread], now: datetime) -> tuple[list[Fact | Missing], int]:
    """Return what `content` says of each thread of `batch`, in order, and the points that it cost.

    Raises what `parse_reply` does.
    """
    reply = parse_reply(content, len(batch))
    told = zip(reply.nodes, reply.errors, batch, strict=True)
    return [_outcome(node, errors, thread, now) for node, errors, thread in told], reply.cost


def _outcome(node: Any, errors: Sequence[Mapping[str, Any]], thread: Thread, now: datetime) -> Fact | Missing:
    told = node.get("thread") if isinstance(node, dict) else None
    if isinstance(told, dict):
        try:
            # A date that is none or yet to come would be shown as it stands in every installation.
            created = min(parse_time(told["createdAt"]), now)
        except (KeyError, TypeError, ValueError):
            return Missing(reason=f"GitHub tells no date of {thread.name}")
        data = {"url": thread.url, "created_at": utc_text(created)}
        return Fact(fetched_at=now, as_of=now, source="github", data=data)
    if not errors:
        return Missing(reason=f"GitHub left {thread.name} out of its answer")
    error = errors[0]
    if error.get("type") == "NOT_FOUND":
        return Missing(reason=f"GitHub knows no {thread.name}, which `abandoned` names")
    return Missing(
        reason=f"GitHub answered {line(error.get('type')) or 'error'} for {thread.name}: "
        f"{line(error.get('message'))}"
    )


@dataclass(slots=True, kw_only=True)
class Collector:
    """One collecting run: batches, splits, and when to give up."""

    http: Http
    url: str
    """Of the GraphQL API."""
    batch_size: int
    patience_s: float
    now: datetime
    found: dict[str, Fact | Missing] = field(default_factory=dict)
    points: int = 0
    trouble: str = ""

    async def run(self, threads: Mapping[str, Thread]) -> None:
        """Collect; afterwards `found` has an entry for each plugin of `threads`.

        With `trouble` from the start nothing is asked: GitHub was given up already.
        """
        if self.trouble:
            self.give_up(threads, self.trouble)
            return
        plugins = list(threads)
        size = self.batch_size
        batches = [
            {key: threads[key] for key in plugins[start : start + size]}
            for start in range(0, len(plugins), size)
        ]
        try:
            async with asyncio.timeout(self.patience_s):
                await asyncio.gather(*map(self._ask, batches))
        except TimeoutError:
            late = {key: thread for key, thread in threads.items() if key not in self.found}
            self.give_up(late, f"not all was answered within {self.patience_s:g} s")

    async def _ask(self, batch: Mapping[str, Thread]) -> None:
        """Ask for `batch`; split it when it is too much for GitHub."""
        too_much = ""
        try:
            while True:
                content, headers = await self.http.post_json(self.url, build_payload(list(batch.values())))
                try:
                    found, cost = parse_answer(content, list(batch.values()), self.now)
                    break
                except LimitSpentError:
                    pause_for_limit(self.http, headers)
        except Overloaded as error:
            too_much = str(error)  # the error itself would keep a whole answer while the halves are asked for
        except Unavailable as error:
            self.give_up(batch, str(error))
            return
        if not too_much:
            self.points += cost
            self.found.update(zip(batch, found, strict=True))
        elif len(batch) == 1 or self.trouble:
            self.give_up(batch, too_much)
        else:
            keys, half = list(batch), len(batch) // 2
            for part in (keys[:half], keys[half:]):  # one after the other: the host has trouble enough
                await self._ask({key: batch[key] for key in part})

    def give_up(self, batch: Mapping[str, Thread], reason: str) -> None:
        """Put a `Missing` with the reason in the place of each thread of `batch`."""
        self.trouble = self.trouble or reason
        self.found.update((key, Missing(reason=f"GitHub was given up: {reason}")) for key in batch)


def run_of(collector: Collector) -> SourceRun:
    """Return what `collector` found."""
    return SourceRun(kind=KIND, found=collector.found, trouble=collector.trouble)


def not_asked(reason: str = "") -> SourceRun:
    """Return the run of a build that cannot ask for the given reason, or need not: all is known."""
    return SourceRun(kind=KIND, found={}, trouble=reason, asked=False)
