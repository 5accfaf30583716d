"""How the history grows: one point a day (UTC), however often the site is built. Pure functions.

A later build of a day replaces what it knows better. A point is a figure that was heard on that day; what was
not is unknown, and never the day before's.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from registry.facts.history import (
    DAYS,
    MEASURES,
    WEEKS,
    History,
    Series,
    Values,
    decode,
    encode,
    is_count,
    week_of,
)
from registry.facts.model import Facts

Row = Mapping[str, int | None]
"""Measure to its value of one day; what is no count makes no point."""


def day_of(now: datetime) -> date:
    """Return the day of `now`, UTC."""
    return now.astimezone(UTC).date()


def was_heard(facts: Iterable[Facts], now: datetime) -> bool:
    """Tell whether any of the facts was heard on the day of `now`: else the day has no point."""
    today = day_of(now)
    return any(day_of(fact.fetched_at) == today for each in facts for fact in each.values())


def figures(facts: Facts, now: datetime, stale_after: timedelta) -> dict[str, int]:
    """Return the measures that are known of a plugin on the day of `now`.

    A figure counts that was heard on this day, is of what is not gone, and speaks of a time at most
    `stale_after` ago. One of the day before, or of the baseline, is none of today, whoever builds on it.
    """
    today = day_of(now)
    known: dict[str, int] = {}
    for measure, (kind, figure) in MEASURES.items():
        fact = facts.get(kind)
        if fact is None or fact.gone_since or day_of(fact.fetched_at) != today:
            continue
        value = fact.data.get(figure)
        if now - fact.as_of <= stale_after and is_count(value):
            known[measure] = value
    return known


def grow(history: History, known: Mapping[str, Row], today: date) -> History:
    """Return `history` with a point of `today`: `known` is what was heard of each plugin on it.

    What is unknown now and was known earlier on the day stays. The point goes to its place in time also when
    the clock went backwards; points of days to come then stay until the bound wants their room.
    """
    days, weeks = _with_day(history.days, today), _with_week(history.weeks, today)
    day_plan, week_plan = _plan(history.days, days, _itself), _plan(history.weeks, weeks, week_of)
    at_day, at_week = days.index(today), _week_index(weeks, today)
    newest = weeks[at_week] == today

    def grown(series: Mapping[str, Series], row: Row) -> dict[str, Series]:
        found = {}
        for measure in {**series, **row}:
            old = series.get(measure, Series())
            value = row.get(measure)
            of_days = _moved(decode(old.days, len(history.days)), day_plan)
            of_weeks = _moved(decode(old.weeks, len(history.weeks)), week_plan)
            if is_count(value):
                of_days[at_day] = value
                if newest or of_weeks[at_week] is None:
                    of_weeks[at_week] = value
            if (new := Series(encode(of_days), encode(of_weeks))) != ("", ""):
                found[measure] = new
        return found

    plugins = {
        plugin_id: series
        for plugin_id in {**history.plugins, **known}
        if (series := grown(history.plugins.get(plugin_id, {}), known.get(plugin_id, {})))
    }
    registries = {folder: grown(series, {}) for folder, series in history.registries.items()}
    return History(days=days, weeks=weeks, registries=registries, plugins=plugins)


def tally(history: History, folder: str, totals: Row, today: date) -> History:
    """Return `history`, which has a point of `today`, with the `totals` of the registry in `folder`."""
    at_day, at_week = history.days.index(today), _week_index(history.weeks, today)
    newest = history.weeks[at_week] == today
    series = dict(history.registries.get(folder, {}))
    for measure, value in totals.items():
        if not is_count(value):
            continue
        old = series.get(measure, Series())
        of_days, of_weeks = decode(old.days, len(history.days)), decode(old.weeks, len(history.weeks))
        of_days[at_day] = value
        if newest or of_weeks[at_week] is None:
            of_weeks[at_week] = value
        series[measure] = Series(encode(of_days), encode(of_weeks))
    return replace(history, registries={**history.registries, folder: series})


def kept(history: History, ids: Collection[str], folders: Collection[str]) -> History:
    """Return `history` without the plugins and the registries that nothing else is known of any more."""
    return replace(
        history,
        plugins={key: series for key, series in history.plugins.items() if key in ids},
        registries={key: series for key, series in history.registries.items() if key in folders},
    )


def moved(history: History, old: str, new: str) -> History:
    """Return `history` where the registry of the folder `old` goes on in the folder `new`."""
    if old not in history.registries or new in history.registries:
        return history
    return replace(history, registries={**history.registries, new: history.registries[old]})


def united(one: History, other: History) -> History:
    """Return what both know; where they differ, what `one` says."""
    if not one or not other:
        return one or other
    newest = max(one.days[-1:] + other.days[-1:] + one.weeks[-1:] + other.weeks[-1:])
    days = _within(sorted({*one.days, *other.days}), newest, DAYS)
    by_week: dict[date, date] = {}
    for day in sorted({*one.weeks, *other.weeks}):
        by_week[week_of(day)] = day
    weeks = _within_weeks([*by_week.values()], newest)
    plans = [
        (len(each.days), _plan(each.days, days, _itself), len(each.weeks), _plan(each.weeks, weeks, week_of))
        for each in (one, other)
    ]

    def both(first: Mapping[str, Series], second: Mapping[str, Series]) -> dict[str, Series]:
        found = {}
        for measure in {**first, **second}:
            spread = [
                (_moved(decode(part.days, n), plan), _moved(decode(part.weeks, m), week_plan))
                for (n, plan, m, week_plan), part in zip(
                    plans, (first.get(measure, Series()), second.get(measure, Series())), strict=True
                )
            ]
            texts = [
                encode(b if a is None else a for a, b in zip(mine, theirs, strict=True))
                for mine, theirs in zip(*spread, strict=True)
            ]
            if any(texts):
                found[measure] = Series(*texts)
        return found

    return History(
        days=days,
        weeks=weeks,
        registries={
            key: both(one.registries.get(key, {}), other.registries.get(key, {}))
            for key in {**other.registries, **one.registries}
        },
        plugins={
            key: series
            for key in {**one.plugins, **other.plugins}
            if (series := both(one.plugins.get(key, {}), other.plugins.get(key, {})))
        },
    )


def _itself(day: date) -> date:
    return day


def _week_index(weeks: Sequence[date], day: date) -> int:
    return next(index for index, each in enumerate(weeks) if week_of(each) == week_of(day))


def _with_day(days: Sequence[date], today: date) -> tuple[date, ...]:
    return _within(sorted({*days, today}), today, DAYS)


def _with_week(weeks: Sequence[date], today: date) -> tuple[date, ...]:
    monday = week_of(today)
    same = [day for day in weeks if week_of(day) == monday]
    others = [day for day in weeks if week_of(day) != monday]
    return _within_weeks(sorted([*others, max([today, *same])]), today)


def _within(days: Sequence[date], today: date, most: int) -> tuple[date, ...]:
    """Return the days of the span that ends with `today`; of days to come only what there is room for."""
    first = today.toordinal() - most
    return tuple([day for day in days if day.toordinal() > first][:most])


def _within_weeks(weeks: Sequence[date], today: date) -> tuple[date, ...]:
    first = week_of(today).toordinal() - 7 * WEEKS
    return tuple([day for day in weeks if week_of(day).toordinal() > first][:WEEKS])


def _plan(old: Sequence[date], new: Sequence[date], key: Callable[[date], date]) -> list[int]:
    """Return for each place of the axis `new` its place in `old`, -1 for what is new there."""
    places = {key(day): place for place, day in enumerate(old)}
    return [places.get(key(day), -1) for day in new]


def _moved(values: Values, plan: Sequence[int]) -> Values:
    padded = [*values, None]
    return [padded[place] for place in plan]
