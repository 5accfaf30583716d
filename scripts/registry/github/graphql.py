"""GraphQL as GitHub answers it: one query about many things, by the aliases `r0`, `r1` …"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from registry.net.http import Http, Limited, Overloaded, retry_after_s
from registry.text.problems import printable

_LIMIT_TYPES = ("RATE_LIMITED", "RATE_LIMIT")  # GitHub has sent both
_TOO_MUCH = "RESOURCE_LIMITS_EXCEEDED"
"""Comes with HTTP 200 and names aliases, but is about the whole query: a smaller one may be answered."""


class LimitSpentError(Exception):
    """GitHub answered RATE_LIMITED: the points of this hour are spent."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What an answer says of each alias, in their order."""

    nodes: Sequence[Any]
    """None where there is none."""
    errors: Sequence[Sequence[Mapping[str, Any]]]
    """Those at or below each alias."""
    cost: int
    """Points of the rate limit."""


def parse_reply(content: Any, count: int) -> Reply:
    """Return what `content` says of `count` aliases.

    `errors` comes with HTTP 200 and names the alias in `path`. Raises LimitSpentError, and Overloaded when
    nothing was answered, when an alias has neither an answer nor an error of its own, or when the query took
    too much of GitHub: a smaller one may be answered.
    """
    content = content if isinstance(content, dict) else {}
    data, errors = content.get("data"), content.get("errors")
    by_alias: dict[str, list[Mapping[str, Any]]] = {}
    for error in errors if isinstance(errors, list) else []:
        if not isinstance(error, dict):
            continue
        if error.get("type") in _LIMIT_TYPES:
            raise LimitSpentError
        if error.get("type") == _TOO_MUCH:
            raise Overloaded(f"GitHub answered {_TOO_MUCH}: {line(error.get('message'))}")
        path = error.get("path")
        by_alias.setdefault(str(path[0]) if isinstance(path, list) and path else "", []).append(error)
    aliases = [f"r{i}" for i in range(count)]
    if not isinstance(data, dict) or not any(alias in data for alias in aliases):
        first = next((found[0] for found in by_alias.values()), {"message": "no data"})
        raise Overloaded(f"GitHub answered: {line(first.get('message'))}")
    unplaced = by_alias.get("")
    if unplaced and any(data.get(alias) is None and alias not in by_alias for alias in aliases):
        raise Overloaded(f"GitHub answered: {line(unplaced[0].get('message'))}")
    rate = data.get("rateLimit")
    cost = rate.get("cost") if isinstance(rate, dict) else 0
    return Reply(
        nodes=[data.get(alias) for alias in aliases],
        errors=[by_alias.get(alias, ()) for alias in aliases],
        cost=cost if isinstance(cost, int) else 0,
    )


def pause_for_limit(http: Http, headers: Mapping[str, str]) -> None:
    """Make all requests wait as the answer asks. Raises Limited where it tells no time."""
    wait_s = retry_after_s(headers, datetime.now(UTC))
    if wait_s is None:
        raise Limited("GitHub's rate limit is spent") from None
    http.pause(wait_s)


def line(value: Any) -> str:
    """Return text of others on one line, without what a log or page would obey."""
    return printable(value[:200]) if isinstance(value, str) else ""
