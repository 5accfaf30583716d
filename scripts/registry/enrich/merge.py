"""The merge: registration + facts + clock -> enriched front matter. Pure; the same input, the same output."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from registry.enrich.rank import ranks
from registry.facts.history import History, points, thinned
from registry.facts.model import Fact, Facts, Kind, is_push_of_any_branch, utc_text
from registry.github.threads import thread_url
from registry.net.clock import AHEAD
from registry.registration.model import Registration
from registry.registration.values import COMPUTED_KEYS

WINDOWS: Mapping[str, Kind] = {"week": "usage_week", "month": "usage_month"}
PROBES = ("2.7", *(f"3.{minor}" for minor in range(3, 21)))
"""Python versions on which two specifiers must agree to mean the same to users."""
SHOWN = 60
"""Points of a measure that a page draws."""
HISTORY_KEYS: Mapping[str, str] = {
    "instances": "instances",
    "installs_week": "installs",
    "stars": "stars",
}
"""Measure of the history to its key in enriched front matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """A registered Python compatibility that the source does not bear out."""

    id: str
    registered: str
    found: str
    path: str
    line: int
    """0 where the source has no such line."""
    reason: str
    """Why the host reads no such flag, with the cure; "" where it reads one that says something else."""


def merge_all(
    registrations: Iterable[Registration],
    known: Mapping[str, Facts],
    *,
    now: datetime,
    stale_after: timedelta,
    failed: Mapping[str, frozenset[Kind]] | None = None,
    prefer: Literal["source", "registration"] = "source",
) -> dict[str, dict[str, Any]]:
    """Return the enriched front matter of each registration by plugin id, ranks included.

    `failed` names, by plugin id, the kinds of facts that were asked for in this run and did not come.
    """
    merged = {
        registration.id: merge(
            registration,
            known.get(registration.id, {}),
            now=now,
            stale_after=stale_after,
            failed=(failed or {}).get(registration.id, frozenset()),
            prefer=prefer,
        )
        for registration in registrations
    }
    for plugin_id, places in ranks(merged).items():
        if places:
            merged[plugin_id]["ranks"] = places
    return merged


def merge(
    registration: Registration,
    facts: Facts,
    *,
    now: datetime,
    stale_after: timedelta,
    failed: frozenset[Kind] = frozenset(),
    prefer: Literal["source", "registration"] = "source",
) -> dict[str, Any]:
    """Return the registration's front matter with what is known beside it.

    A figure is stale when it speaks of a time more than `stale_after` before `now`, or when its source is
    among those that `failed` in this run. So are a repository's while their `last_push` is one to any branch;
    `last_push_any_branch` then stands beside it.
    """
    data = {key: value for key, value in registration.data.items() if key not in COMPUTED_KEYS}
    if stats := {window: _window(facts[kind].data) for window, kind in WINDOWS.items() if kind in facts}:
        data["stats"] = stats
    github = facts.get("github")
    if github and registration.repo:
        data["github"] = dict(github.data)
        data["github"].setdefault("repo", registration.repo.full_name)
        if is_push_of_any_branch(github):
            data["github"]["last_push_any_branch"] = True
        if github.gone_since:
            data["github"]["gone_since"] = utc_text(github.gone_since)
    compatibility = facts.get("compatibility") if registration.repo else None
    if compatibility and "python" in compatibility.data:
        data["compatibility_evidence"] = {
            **{key: compatibility.data.get(key) for key in ("python", "rule", "path")},
            "line": compatibility.data.get("line") or None,
            "commit": compatibility.data.get("commit"),
            "registered": registration.python,
        }
    abandonment = facts.get("abandonment")
    if abandonment and abandonment.data.get("url") == thread_url(registration.data.get("abandoned")):
        data["abandonment"] = {"url": abandonment.data["url"], "date": abandonment.data["created_at"]}
    python = _python(registration, compatibility, prefer)
    if python != registration.python:
        registered = registration.data.get("compatibility")
        data["compatibility"] = {**(registered if isinstance(registered, dict) else {}), "python": python}
    if freshness := _freshness(facts, bool(registration.repo), now, stale_after, failed):
        data["freshness"] = freshness
    return data


def history_of(history: History, plugin_id: str, today: date) -> dict[str, Any] | None:
    """Return what a page draws of a plugin's history: `{since, until, instances: [[day, value], …], …}`.

    Days are counted from `since`. Of each measure there are at most SHOWN points, over the whole span; one
    with a single point is left out. None: there is nothing to draw. `scripts/enrich.py` writes it as the key
    `history`, one plugin at a time: those of 10,000 at once would take more memory than all else.
    """
    drawn = {}
    for measure, series in history.plugins.get(plugin_id, {}).items():
        known = points(history, series, today)
        if len(known) > 1:
            drawn[HISTORY_KEYS[measure]] = thinned(known, SHOWN)
    if not drawn:
        return None
    since = min(known[0][0] for known in drawn.values())
    until = max(known[-1][0] for known in drawn.values())
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        **{
            key: [[(day - since).days, value] for day, value in drawn[key]]
            for key in HISTORY_KEYS.values()
            if key in drawn
        },
    }


def contradictions(registrations: Iterable[Registration], known: Mapping[str, Facts]) -> list[Contradiction]:
    """Return the plugins whose registered Python range and source disagree on some Python release."""
    return [
        Contradiction(
            id=registration.id,
            registered=registration.python,
            found=fact.data["python"],
            path=fact.data.get("path", ""),
            line=fact.data.get("line", 0),
            reason=fact.data.get("reason", ""),
        )
        for registration in registrations
        if registration.python
        and registration.repo
        and (fact := known.get(registration.id, {}).get("compatibility"))
        and "python" in fact.data
        and not same_pythons(registration.python, fact.data["python"])
    ]


def same_pythons(one: str, other: str) -> bool:
    """Tell whether two PEP 440 specifiers admit the same Python releases; an invalid one admits none."""
    if one == other:
        return True
    try:
        first, second = SpecifierSet(one), SpecifierSet(other)
    except InvalidSpecifier:
        return False
    return all(first.contains(version) == second.contains(version) for version in PROBES)


def _window(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: dict(value) if isinstance(value, Mapping) else value for key, value in data.items()}


def _python(
    registration: Registration, fact: Fact | None, prefer: Literal["source", "registration"]
) -> str | None:
    found = fact.data.get("python") if fact else None
    if prefer == "registration":
        return registration.python or found
    return found or registration.python


def _freshness(
    facts: Facts, on_github: bool, now: datetime, stale_after: timedelta, failed: frozenset[Kind]
) -> dict[str, dict[str, Any]]:
    """Return `{source: {as_of, stale}}` of what was read; usage is as old as its older window.

    `compatibility` is there too when the source was read and has no plugin: not found is not unread.
    """
    parts: dict[str, list[Kind]] = {"usage": [kind for kind in WINDOWS.values() if kind in facts]}
    if on_github:
        parts["github"] = ["github"] if "github" in facts else []
        parts["compatibility"] = ["compatibility"] if "compatibility" in facts else []
    freshness = {}
    for name, kinds in parts.items():
        if kinds:
            as_of = min(facts[kind].as_of for kind in kinds)
            stale = (
                now - as_of > stale_after
                or max(facts[kind].as_of for kind in kinds) - now > AHEAD  # written by a clock that was wrong
                or any(kind in failed for kind in kinds)
                or any(facts[kind].gone_since for kind in kinds)
                or (name == "github" and is_push_of_any_branch(facts["github"]))
            )
            freshness[name] = {"as_of": utc_text(as_of), "stale": bool(stale)}
    return freshness
