"""The history: a bounded series of what was known on each day, of each plugin and of whole registries. Pure.

There is an axis of days and one of weeks, which all share; each series is a pair of texts along them.
`registry.facts.history_update` adds to it.

The text of a series, oldest first, ends at the end of its axis and begins with its first known value:
a number stands for itself, `A` to `Z` for 1 to 26 more than the last known value, `a` to `z` for as much
less, `.` for the same, `-` for unknown; a space parts two numbers. `120A.-c230 4` is 120, 121, 121, unknown,
118, 230, 4.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple, TypeGuard

from registry.facts.model import Kind

DAYS = 90
"""Days of which there is a point each."""
WEEKS = 104
"""ISO weeks of which there is a point each: the last known of the week."""
MEASURES: Mapping[str, tuple[Kind, str]] = {
    "instances": ("usage_month", "instances"),
    "installs_week": ("usage_week", "install_events"),
    "stars": ("github", "stars"),
}
"""What is kept of a plugin: name to the kind of fact and the figure in it."""
TOTALS = ("plugins", *MEASURES, "python_3", "maintained")
"""What is kept of a whole registry."""
LARGEST = 2**53 - 1

Values = list[int | None]

_STEPS = {
    ".": 0,
    **{chr(ord("A") + n - 1): n for n in range(1, 27)},
    **{chr(ord("a") + n - 1): -n for n in range(1, 27)},
}
_LETTERS = {step: letter for letter, step in _STEPS.items()}
_GRAMMAR = re.compile(r"(?:(?:(?:0|[1-9][0-9]{0,15})(?: (?=[0-9])|(?![0-9 ]))[A-Za-z.-]*)+)?")
_SIGNS = re.compile(r"[0-9]+|[^ ]")
_UNKNOWN = "-"


class HistoryError(ValueError):
    """A history that cannot be; the message names the place in it."""


class Series(NamedTuple):
    """One measure along both axes, as text."""

    days: str = ""
    weeks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All series, and the axes that they share."""

    days: tuple[date, ...] = ()
    """Days with a build that heard of something, oldest first."""
    weeks: tuple[date, ...] = ()
    """Of each ISO week with such a day the last one, oldest first."""
    registries: Mapping[str, Mapping[str, Series]] = field(default_factory=dict)
    """Folder of registrations -> measure of TOTALS -> its series: two registries may share a state."""
    plugins: Mapping[str, Mapping[str, Series]] = field(default_factory=dict)
    """Plugin id -> measure of MEASURES -> its series. What was never known has none."""

    def __bool__(self) -> bool:
        return bool(self.days or self.weeks)


def is_count(value: object) -> TypeGuard[int]:
    """Return whether a series can hold the value as a point."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST


def week_of(day: date) -> date:
    """Return the Monday that stands for the ISO week of `day`."""
    # By ordinals: the first Monday of all lies before the first date that there is.
    return date.fromordinal(max(1, day.toordinal() - day.weekday()))


# From text to values and back


def encode(values: Iterable[int | None]) -> str:
    """Return the text of a series; unknown values at its beginning are left to the axis."""
    parts: list[str] = []
    last = -LARGEST
    after_number = False
    for value in values:
        if value is None:
            if parts:
                parts.append(_UNKNOWN)
                after_number = False
            continue
        letter = _LETTERS.get(value - last)
        if letter:
            parts.append(letter)
        else:
            parts.append(f" {value}" if after_number else str(value))
        after_number = letter is None
        last = value
    return "".join(parts)


def decode(text: str, length: int) -> Values:
    """Return the values of a series along an axis of `length`. Raises HistoryError for what is no series."""
    if not _GRAMMAR.fullmatch(text):
        raise HistoryError("is no series of figures")
    values: Values = []
    last = 0
    for sign in _SIGNS.findall(text):
        step = _STEPS.get(sign)
        if step is not None:
            last += step
        elif sign == _UNKNOWN:
            values.append(None)
            continue
        else:
            last = int(sign)
        if not 0 <= last <= LARGEST:
            raise HistoryError("holds what is no count")
        values.append(last)
    if len(values) > length:
        raise HistoryError(f"has {len(values)} points, more than the {length} of its axis")
    return [None] * (length - len(values)) + values


# What is shown of it


def points(history: History, series: Series, today: date) -> list[tuple[date, int]]:
    """Return the known points of a series up to `today`, oldest first: of weeks, then of days."""
    found = []
    first = history.days[0] if history.days else date.max
    weekly = decode(series.weeks, len(history.weeks)) if series.weeks else []
    if weekly:
        found = [
            (day, value)
            for day, value in zip(history.weeks, weekly, strict=True)
            if value is not None and day < first
        ]
    if series.days:
        daily = decode(series.days, len(history.days))
        found += [(day, value) for day, value in zip(history.days, daily, strict=True) if value is not None]
    while found and found[-1][0] > today:
        found.pop()
    return found


def thinned(known: Sequence[tuple[date, int]], most: int) -> list[tuple[date, int]]:
    """Return at most `most` of the points, spread evenly over their time, first and last among them."""
    if len(known) <= most:
        return list(known)
    ordinals = [day.toordinal() for day, _ in known]
    first, span = ordinals[0], ordinals[-1] - ordinals[0]
    chosen = set()
    for step in range(most):
        target = first + span * step / (most - 1)
        place = bisect_left(ordinals, target)
        if place and (place == len(ordinals) or target - ordinals[place - 1] < ordinals[place] - target):
            place -= 1
        chosen.add(place)
    return [known[place] for place in sorted(chosen)]


# As the state holds it


def parse_history(content: Mapping[str, Any]) -> History:
    """Return the history in the JSON value `content`, which fits the schema. Raises HistoryError."""
    days, weeks = _axis(content["days"], "days"), _axis(content["weeks"], "weeks")
    mondays = [week_of(day) for day in weeks]
    if len(set(mondays)) != len(mondays):
        raise HistoryError("history/weeks: has two days of one week")
    sizes = len(days), len(weeks)
    return History(
        days=days,
        weeks=weeks,
        registries=_series(content["registries"], sizes, "registries"),
        plugins=_series(content["plugins"], sizes, "plugins"),
    )


def history_json(history: History) -> dict[str, Any]:
    """Return the history as JSON values."""

    def texts(all_series: Mapping[str, Mapping[str, Series]]) -> dict[str, Any]:
        return {
            key: {measure: series._asdict() for measure, series in each.items()}
            for key, each in all_series.items()
        }

    return {
        "days": [day.isoformat() for day in history.days],
        "weeks": [day.isoformat() for day in history.weeks],
        "registries": texts(history.registries),
        "plugins": texts(history.plugins),
    }


def _axis(texts: Sequence[str], name: str) -> tuple[date, ...]:
    try:
        days = tuple(map(date.fromisoformat, texts))
    except ValueError:
        raise HistoryError(f"history/{name}: holds what is no date") from None
    if any(second <= first for first, second in pairwise(days)):
        raise HistoryError(f"history/{name}: the days are not in order")
    return days


def _series(content: Mapping[str, Any], sizes: tuple[int, int], name: str) -> dict[str, dict[str, Series]]:
    found: dict[str, dict[str, Series]] = {}
    for key, each in content.items():
        found[key] = {}
        for measure, texts in each.items():
            for text, size in zip((texts["days"], texts["weeks"]), sizes, strict=True):
                try:
                    decode(text, size)
                except HistoryError as error:
                    raise HistoryError(f"history/{name}/{key[:100]}/{measure}: {error}") from None
            found[key][measure] = Series(texts["days"], texts["weeks"])
    return found
