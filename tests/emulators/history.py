"""Make up histories: of each plugin a plausible growing series that ends at what is known of it.

    from tests.emulators.history import make_history, remember

They are written by the code that reads them, `registry.facts.history`, so that whoever draws one draws what a
real state holds. The same seed gives the same series.
"""

import math
import random
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))  # outside of pytest

from registry.facts import history_update
from registry.facts.history import DAYS, MEASURES, TOTALS, WEEKS, History, Series, decode, encode, week_of
from registry.facts.state import State, read_state, write_state

__all__ = ["day_by_day", "make_history", "read_state", "remember", "remembering", "write_state"]

Ends = Mapping[str, Mapping[str, int]]
"""Plugin id -> measure -> the value that its series grows to."""
NOISE = {"instances": 0.02, "installs_week": 0.25, "stars": 0.0}
"""How much a measure of a plugin goes up and down, as a share of itself."""


def make_history(
    ends: Ends,
    totals: Mapping[str, int] | None = None,
    *,
    until: date,
    days: int = 365,
    seed: int = 1,
    folder: str = "_plugins",
) -> History:
    """Return a history of the `days` that end with `until`, with a point of each day and week in its bounds.

    `totals` are what the measures of the whole registry in `folder` grow to; those that are sums of the
    plugins' and not named are summed.
    """
    first = until - timedelta(days=days - 1)
    all_days = [first + timedelta(days=n) for n in range(days)]
    day_axis = all_days[-DAYS:]
    week_axis = list({week_of(day): day for day in all_days}.values())[-WEEKS:]
    axes = day_axis, week_axis
    shown = sorted({*day_axis, *week_axis})
    times = [(day - first).days / max(1, days - 1) for day in shown]

    def along(values: Sequence[int]) -> Series:
        by_day = dict(zip(shown, values, strict=True))
        return Series(*(encode(by_day[day] for day in axis) for axis in axes))

    sums = {measure: [0] * len(shown) for measure in MEASURES}
    plugins: dict[str, dict[str, Series]] = {}
    for plugin_id, measures in ends.items():
        plugins[plugin_id] = {}
        for measure, end in measures.items():
            values = _curve(end, measure, times, f"{seed}:{plugin_id}:{measure}")
            plugins[plugin_id][measure] = along(values)
            sums[measure] = list(map(int.__add__, sums[measure], values))
    known = {"plugins": len(ends), **(totals or {})}
    registry = {
        measure: along(_curve(known[measure], "plugins", times, f"{seed}:{measure}"))
        for measure in TOTALS
        if measure in known
    }
    for measure, values in sums.items():
        if any(measure in row for row in ends.values()):
            registry[measure] = along(values)
    return History(
        days=tuple(day_axis), weeks=tuple(week_axis), registries={folder: registry}, plugins=plugins
    )


def remember(state: State, *, days: int = 365, seed: int = 1) -> State:
    """Return `state`, of a first build, with a made-up past that leads to the point which it has."""
    today = state.history.days[-1]
    last = len(state.history.days) - 1

    def values(series: Mapping[str, Series]) -> dict[str, int]:
        known = {name: decode(each.days, last + 1)[last] for name, each in series.items()}
        return {name: value for name, value in known.items() if value is not None}

    past = make_history(
        {plugin_id: values(series) for plugin_id, series in state.history.plugins.items()},
        values(state.history.registries.get(state.registrations, {})),
        until=today - timedelta(days=1),
        days=days,
        seed=seed,
        folder=state.registrations,
    )
    return replace(state, history=history_update.united(state.history, past))


def remembering(history: History, ids: Collection[str], folder: str) -> State:
    """Return the state of a registry of which nothing is known any more but the plugins and their history."""
    return State(
        plugins={plugin_id: {} for plugin_id in ids},
        listed=tuple(sorted(ids)),
        registrations=folder,
        history=history,
    )


def day_by_day(rows: Sequence[tuple[datetime, Ends]]) -> History:
    """Return the history of builds at these times, each of which heard these figures: the slow way."""
    history = History()
    for now, known in rows:
        history = history_update.grow(history, known, history_update.day_of(now))
    return history


def _curve(end: int, measure: str, times: Sequence[float], seed: str) -> list[int]:
    """Return the values at the `times` from 0 to 1: a curve from a part of `end` to about `end`."""
    rng = random.Random(seed)
    start = rng.uniform(0.75, 0.95) if measure == "plugins" else rng.uniform(0.1, 0.9)
    bend = rng.uniform(0.6, 1.8)
    noise = NOISE.get(measure, 0.0)
    return [
        max(0, math.floor(end * (start + (1 - start) * time**bend) * (1 + rng.uniform(-noise, noise))))
        for time in times
    ]
