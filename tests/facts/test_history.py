"""The history's texts and what is shown of them: exact, bounded, and refused whole when they do not fit."""

import itertools
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.facts.history import (
    DAYS,
    LARGEST,
    WEEKS,
    History,
    HistoryError,
    Series,
    decode,
    encode,
    history_json,
    parse_history,
    points,
    thinned,
)
from registry.text.json_schemas import validator
from tests.emulators.history import make_history

TODAY = date(2026, 5, 1)

values = st.lists(
    st.one_of(st.none(), st.integers(0, 60), st.integers(0, LARGEST)),
    max_size=WEEKS,
)


@given(values, st.integers(0, 9))
def test_a_series_comes_back_as_it_was_written(known: list[int | None], before: int) -> None:
    text = encode(known)
    assert decode(text, len(known) + before) == [None] * before + known
    assert validator("state").is_valid(
        {"schema_version": 1, "listed": [], "plugins": {}, "history": history_of(days=text)}
    )


def history_of(days: str = "", weeks: str = "", **more: Any) -> dict[str, Any]:
    series = {"days": days, "weeks": weeks}
    return {"days": [], "weeks": [], "registries": {}, "plugins": {"a": {"stars": series}}, **more}


def test_a_series_is_short_where_it_moves_little() -> None:
    text = "120A.-c230 4"
    assert decode(text, 7) == [120, 121, 121, None, 118, 230, 4]
    assert encode([120, 121, 121, None, 118, 230, 4]) == text
    assert encode([None, None]) == ""
    assert encode([None, 0, 26, 53, 27, 1]) == "0Z53zz"


@pytest.mark.parametrize(
    "text",
    [
        "A",
        ".5",
        "-5",
        " 5",
        "5 ",
        "5  6",
        "5 A",
        "007",
        "0a",
        "3d",
        "9007199254740991A",
        "9999999999999999",
        "1" + "0" * 30,
        "NaN",
        "1e5",
        "1.5 ",
        "+5",
        "5,6",
        "٣",
        "5\n",
        "5\n6",
        "<script>",
        "5" + "." * 7,
    ],
)
def test_what_is_no_series_is_refused(text: str) -> None:
    with pytest.raises(HistoryError):
        decode(text, 7)


@given(st.text("0123456789AaZz.- ", max_size=200))
def test_any_text_is_a_series_of_counts_or_refused(text: str) -> None:
    try:
        known = decode(text, 200)
    except HistoryError:
        return
    assert len(known) == 200
    assert all(value is None or 0 <= value <= LARGEST for value in known)


def test_a_history_comes_back_as_it_was_written() -> None:
    history = make_history({"a": {"stars": 30, "instances": 12_000}, "b": {"installs_week": 4}}, until=TODAY)
    content = history_json(history)
    assert parse_history(content) == history
    assert len(history.days) == DAYS
    assert history.days[-1] == history.weeks[-1] == TODAY


@pytest.mark.parametrize(
    ("axes", "words"),
    [
        ({"days": ["2026-02-30"]}, "history/days: holds what is no date"),
        ({"days": ["0000-01-01"]}, "history/days: holds what is no date"),
        ({"days": ["2026-05-02", "2026-05-01"]}, "history/days: the days are not in order"),
        ({"days": ["2026-05-01", "2026-05-01"]}, "history/days: the days are not in order"),
        ({"weeks": ["2026-05-02", "2026-05-01"]}, "history/weeks: the days are not in order"),
        ({"weeks": ["2026-04-28", "2026-05-01"]}, "history/weeks: has two days of one week"),
    ],
)
def test_axes_that_cannot_be_are_refused(axes: dict[str, Any], words: str) -> None:
    with pytest.raises(HistoryError, match=f"^{words}$"):
        parse_history(history_of(**axes) | axes)


def test_a_series_that_is_longer_than_its_axis_is_refused_with_its_place() -> None:
    with pytest.raises(
        HistoryError, match=r"^history/plugins/a/stars: has 3 points, more than the 1 of its axis$"
    ):
        parse_history(history_of("5..") | {"days": ["2026-05-01"]})


def test_points_are_weeks_before_the_days_and_never_of_days_to_come() -> None:
    history = History(
        days=(date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 9)),
        weeks=(date(2026, 4, 12), date(2026, 4, 19), date(2026, 5, 1)),
    )
    known = points(history, Series("5-7", "1-7"), TODAY)
    assert known == [(date(2026, 4, 12), 1), (date(2026, 4, 30), 5)]


@given(st.sets(st.integers(0, 900), max_size=194), st.integers(2, 80))
def test_thinned_points_are_few_and_keep_first_and_last(days: set[int], most: int) -> None:
    known = [(TODAY + timedelta(days=day), day) for day in sorted(days)]
    few = thinned(known, most)
    assert len(few) <= most
    assert set(few) <= set(known)
    assert few == sorted(few)
    assert few[:1] == known[:1]
    assert few[-1:] == known[-1:]
    if len(known) <= most:
        assert few == known


def test_thinned_points_are_spread_evenly_over_the_time() -> None:
    weekly = [(TODAY + timedelta(days=7 * n), n) for n in range(91)]
    daily = [(TODAY + timedelta(days=637 + n), n) for n in range(90)]
    few = thinned(weekly + daily, 60)
    gaps = [(later[0] - sooner[0]).days for sooner, later in itertools.pairwise(few)]
    assert max(gaps) <= 14
    assert len(few) > 55
