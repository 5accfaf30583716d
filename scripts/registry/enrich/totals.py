"""The figures of a whole registry on one day: what its history keeps. Pure functions."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from registry.enrich.verdicts import maintained, runs_on_3
from registry.facts.history import MEASURES
from registry.facts.model import Facts
from registry.registration.model import Registration
from registry.settings import Settings

UNKNOWN_SHARE = 0.05
"""Share of the plugins that a total may know nothing new of: of more, it would show a fall that was none."""


def totals(
    registrations: Sequence[Registration],
    facts: Mapping[str, Facts],
    merged: Mapping[str, Mapping[str, Any]],
    known: Mapping[str, Mapping[str, int]],
    settings: Settings,
    now: datetime,
) -> dict[str, int | None]:
    """Return measure of `registry.facts.history.TOTALS` to its value on the day of `now`; None: unknown.

    `merged` is the enriched front matter by plugin id; `known` is what was heard of each plugin on this day.
    """
    on_github = [registration for registration in registrations if registration.repo]
    stale_after = timedelta(hours=settings.limits.stale_after_h)
    sums = {
        measure: _sum(
            measure, on_github if kind == "github" else registrations, facts, known, now, stale_after
        )
        for measure, (kind, _) in MEASURES.items()
    }
    default = settings.compatibility.default_python
    judged = [maintained(merged[registration.id], now) for registration in on_github]
    few = judged.count(None) <= UNKNOWN_SHARE * len(judged)
    return {
        "plugins": len(registrations),
        **sums,
        "python_3": sum(
            runs_on_3(python_of(merged[registration.id]), default) is True for registration in registrations
        ),
        "maintained": judged.count(True) if few and judged else None,
    }


def python_of(data: Mapping[str, Any]) -> str | None:
    """Return the Python range of enriched front matter, None where there is none."""
    compatibility = data.get("compatibility")
    python = compatibility.get("python") if isinstance(compatibility, Mapping) else None
    return python if isinstance(python, str) else None


def _sum(
    measure: str,
    registrations: Sequence[Registration],
    facts: Mapping[str, Facts],
    known: Mapping[str, Mapping[str, int]],
    now: datetime,
    stale_after: timedelta,
) -> int | None:
    """Return the sum of a measure, None when too little of it was heard today.

    What is gone has no figures. The few plugins that were not heard of count with their last figure, unless
    it is stale, so that a hiccup is no fall.
    """
    kind, figure = MEASURES[measure]
    total = heard = unheard = 0
    for registration in registrations:
        fact = facts.get(registration.id, {}).get(kind)
        value = known.get(registration.id, {}).get(measure)
        if value is not None:
            heard += 1
            total += value
        elif fact is None or not fact.gone_since:
            unheard += 1
            if fact and now - fact.as_of <= stale_after and isinstance(fact.data.get(figure), int):
                total += fact.data[figure]
    return total if heard and unheard <= UNKNOWN_SHARE * (heard + unheard) else None
