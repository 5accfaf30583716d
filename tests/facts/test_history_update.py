"""How the history grows: one point a day, whatever the clock, the sources and the registrations do."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.facts import history_update
from registry.facts.history import (
    DAYS,
    WEEKS,
    History,
    Series,
    decode,
    encode,
    history_json,
    parse_history,
    week_of,
)
from registry.facts.model import Fact, Facts
from registry.text.json_schemas import validator
from tests.emulators.history import day_by_day, make_history
from tests.support.builders import fact

NOW = datetime(2026, 5, 1, 6, 0, tzinfo=UTC)
TODAY = NOW.date()
STALE = timedelta(hours=48)
DAY = timedelta(days=1)


def stars(history: History, plugin_id: str = "a") -> dict[str, int | None]:
    """Return day to stars, as the days have it."""
    series = history.plugins.get(plugin_id, {}).get("stars", Series())
    return {
        str(day): value
        for day, value in zip(history.days, decode(series.days, len(history.days)), strict=True)
    }


def weekly(history: History, plugin_id: str = "a") -> dict[str, int | None]:
    series = history.plugins.get(plugin_id, {}).get("stars", Series())
    return {
        str(day): value
        for day, value in zip(history.weeks, decode(series.weeks, len(history.weeks)), strict=True)
    }


def grown(*rows: tuple[date, int | None]) -> History:
    history = History()
    for day, value in rows:
        history = history_update.grow(history, {"a": {"stars": value}} if value is not None else {}, day)
    return history


def test_the_last_build_of_a_day_replaces_its_point() -> None:
    history = grown((TODAY, 5), (TODAY, 7), (TODAY, 6))
    assert stars(history) == {"2026-05-01": 6}
    assert weekly(history) == {"2026-05-01": 6}


def test_a_build_that_knows_nothing_leaves_what_the_day_knew() -> None:
    assert stars(grown((TODAY, 5), (TODAY, None))) == {"2026-05-01": 5}
    assert stars(grown((TODAY, None), (TODAY, 5))) == {"2026-05-01": 5}


def test_a_day_of_which_nothing_is_known_is_unknown_and_the_week_keeps_its_last_value() -> None:
    history = grown((date(2026, 4, 28), 5), (date(2026, 4, 29), None), (date(2026, 5, 4), None))
    assert stars(history) == {"2026-04-28": 5, "2026-04-29": None, "2026-05-04": None}
    assert weekly(history) == {"2026-04-29": 5, "2026-05-04": None}


def test_a_gap_of_days_is_a_gap() -> None:
    assert stars(grown((TODAY - 9 * DAY, 5), (TODAY, 6))) == {"2026-04-22": 5, "2026-05-01": 6}


def test_after_months_the_days_are_gone_and_the_weeks_are_there() -> None:
    history = grown((TODAY, 5), (TODAY + 90 * DAY, 6))
    assert stars(history) == {"2026-07-30": 6}
    assert weekly(history) == {"2026-05-01": 5, "2026-07-30": 6}


def test_after_years_nothing_is_left_of_before() -> None:
    history = grown((TODAY, 5), (TODAY + 3 * 365 * DAY, 6))
    assert stars(history) == {"2029-04-30": 6}
    assert weekly(history) == {"2029-04-30": 6}
    later = history_update.grow(grown((TODAY, 5)), {}, TODAY + 3 * 365 * DAY)
    assert later.plugins == {}


def test_a_clock_that_went_backwards_puts_the_point_where_it_belongs() -> None:
    history = grown((TODAY - 4 * DAY, 4), (TODAY, 5), (TODAY - 2 * DAY, 9))
    assert stars(history) == {"2026-04-27": 4, "2026-04-29": 9, "2026-05-01": 5}
    assert weekly(history) == {"2026-05-01": 5}, "the later day of the week stands"


def test_a_clock_that_was_years_ahead_costs_no_point_of_today() -> None:
    far = [(date(2040, 1, 1) + n * DAY, n) for n in range(100)]
    history = grown(*far, (TODAY, 5), (TODAY + DAY, 6))
    assert len(history.days) <= DAYS
    known = stars(history)
    assert (known["2026-05-01"], known["2026-05-02"]) == (5, 6)
    assert weekly(history)["2026-05-02"] == 6


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1, 1, 9), date(9999, 12, 31), date(2026, 12, 31)])
def test_any_date_is_a_day_like_any_other(day: date) -> None:
    history = grown((TODAY, 5), (day, 6), (TODAY, 7))
    assert stars(history)["2026-05-01"] == 7
    assert parse_history(history_json(history)) == history


def test_a_week_is_that_of_iso_8601_also_at_new_year() -> None:
    history = grown((date(2026, 12, 28), 1), (date(2027, 1, 3), 2), (date(2027, 1, 4), 3))
    assert weekly(history) == {"2027-01-03": 2, "2027-01-04": 3}


def test_a_plugin_that_comes_later_is_unknown_before() -> None:
    history = history_update.grow(grown((TODAY - DAY, 5)), {"a": {"stars": 5}, "b": {"stars": 1}}, TODAY)
    assert stars(history, "b") == {"2026-04-30": None, "2026-05-01": 1}
    assert history.plugins["b"]["stars"] == Series("1", "1")


def test_a_plugin_that_comes_back_has_its_former_points() -> None:
    history = grown((TODAY - 3 * DAY, 5), (TODAY - 2 * DAY, None), (TODAY, 6))
    assert list(stars(history).values()) == [5, None, 6]
    assert history_update.kept(history, {"b"}, set()).plugins == {}


EVENTS = st.lists(
    st.tuples(
        st.one_of(st.integers(-5, 20), st.integers(-2_000, 2_000)),
        st.dictionaries(
            st.sampled_from(["a", "b", "c"]),
            st.dictionaries(st.sampled_from(["stars", "instances"]), st.integers(0, 10**6), max_size=2),
            max_size=3,
        ),
    ),
    max_size=30,
)


@pytest.mark.slow
@settings(deadline=None)
@given(EVENTS)
def test_whatever_the_clock_does_the_history_is_bounded_sorted_and_fits_its_schema(
    events: list[tuple[int, dict[str, dict[str, int]]]],
) -> None:
    history, day = History(), TODAY
    for step, known in events:
        day += step * DAY
        history = history_update.grow(history, known, day)
        history = history_update.tally(history, "_plugins", {"plugins": len(known), "stars": None}, day)
        assert len(history.days) <= DAYS
        assert len(history.weeks) <= WEEKS
        assert day in history.days
        assert len({week_of(each) for each in history.weeks}) == len(history.weeks)
        at = history.days.index(day)
        for plugin_id, row in known.items():
            for measure, value in row.items():
                series = history.plugins[plugin_id][measure]
                assert decode(series.days, len(history.days))[at] == value
    content = history_json(history)
    assert parse_history(content) == history
    state = {"schema_version": 1, "listed": [], "plugins": {}, "history": content}
    assert validator("state").is_valid(state)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.one_of(st.none(), st.integers(0, 99))), max_size=40))
def test_there_is_one_point_a_day_and_it_is_the_last_known_value_of_the_day(
    builds: list[tuple[int, int | None]],
) -> None:
    model: dict[date, int | None] = {}
    weeks: dict[date, int | None] = {}
    history, day = History(), TODAY
    for step, value in builds:
        day += step * DAY
        history = history_update.grow(history, {"a": {"stars": value}} if value is not None else {}, day)
        model[day] = value if value is not None else model.get(day)
        monday = week_of(day)
        weeks[monday] = value if value is not None else weeks.get(monday)
    model = {when: value for when, value in model.items() if (day - when).days < DAYS}
    assert stars(history) == {str(when): value for when, value in model.items()}
    assert list(weekly(history).values()) == list(weeks.values())


def test_two_years_of_days_fill_the_bounds_and_no_more() -> None:
    rows = [(NOW + n * DAY, {"a": {"stars": n}}) for n in range(800)]
    history = day_by_day(rows)
    assert len(history.days) == DAYS
    assert len(history.weeks) == WEEKS
    assert list(stars(history).values()) == list(range(710, 800))
    sundays = [n for n in range(800) if (TODAY + n * DAY).weekday() == 6]
    assert list(weekly(history).values()) == [*sundays, 799][-WEEKS:]


def test_a_made_up_history_goes_on_growing() -> None:
    made = make_history({"a": {"stars": 40}}, until=TODAY, days=200)
    again = history_update.grow(made, {"a": {"stars": 41}}, TODAY + DAY)
    assert len(again.days) == DAYS
    assert list(stars(again).values())[:-1] == list(stars(made).values())[1:]


# What is a figure of today


def facts(**more: Fact) -> Facts:
    return {
        "usage_month": fact({"instances": 7, "install_events": 1}),
        "usage_week": fact({"instances": 6, "install_events": 2}),
        "github": fact({"repo": "o/n", "stars": 3}),
        **more,  # type: ignore[dict-item]
    }


def test_figures_are_the_months_instances_the_weeks_installs_and_the_stars() -> None:
    assert history_update.figures(facts(), NOW, STALE) == {"instances": 7, "installs_week": 2, "stars": 3}


@pytest.mark.parametrize(
    "github",
    [
        fact({"repo": "o/n", "stars": 3}, at=NOW - DAY),
        fact({"stars": 3}, at=datetime(2020, 7, 24, tzinfo=UTC)),
        fact({"stars": 3}, gone_since=NOW),
        Fact(fetched_at=NOW, as_of=NOW - timedelta(hours=49), source="x", data={"stars": 3}),
        fact({"stars": 3}, at=NOW + DAY),
        fact({"repo": "o/n"}),
        fact({"stars": None}),
        fact({"stars": "3"}),
        fact({"stars": 3.0}),
        fact({"stars": -1}),
        fact({"stars": 2**53}),
    ],
)
def test_what_was_not_heard_today_or_is_stale_or_gone_is_unknown(github: Fact) -> None:
    assert history_update.figures(facts(github=github), NOW, STALE) == {"instances": 7, "installs_week": 2}


def test_a_figure_heard_today_counts_until_midnight_utc() -> None:
    late = NOW.replace(hour=23, minute=59)
    assert "stars" in history_update.figures(facts(), late, STALE)
    assert history_update.figures(facts(), late + timedelta(minutes=1), STALE) == {}
    assert history_update.was_heard([facts()], late)
    assert not history_update.was_heard([facts()], late + timedelta(minutes=1))
    assert not history_update.was_heard([{}], NOW)


def test_the_day_is_that_of_utc_wherever_the_clock_stands() -> None:
    away = datetime.fromisoformat("2026-05-02T01:00:00+05:00")
    assert history_update.day_of(away) == TODAY


# Uniting


def test_histories_are_united_and_the_first_one_counts() -> None:
    one = grown((TODAY - 2 * DAY, 1), (TODAY, 3))
    other = grown((TODAY - 9 * DAY, 7), (TODAY - DAY, 2), (TODAY, 9))
    both = history_update.united(one, other)
    assert stars(both) == {"2026-04-22": 7, "2026-04-29": 1, "2026-04-30": 2, "2026-05-01": 3}
    assert weekly(both) == {"2026-04-22": 7, "2026-05-01": 3}
    assert history_update.united(one, History()) == one
    assert history_update.united(History(), one) == one


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(-800, 0), st.integers(0, 9)), max_size=12),
    st.lists(st.tuples(st.integers(-800, 0), st.integers(0, 9)), max_size=12),
)
def test_what_is_united_is_bounded_and_loses_nothing_of_the_last_days(
    first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    one = grown(*sorted((TODAY + n * DAY, value) for n, value in first))
    other = grown(*sorted((TODAY + n * DAY, value) for n, value in second))
    both = history_update.united(one, other)
    assert parse_history(history_json(both)) == both
    assert len(both.days) <= DAYS
    known: Mapping[str, int | None] = {**stars(other), **stars(one)}
    assert stars(both) == {day: known[day] for day in stars(both)}
    if both:
        assert set(stars(both)) == {
            day for day in known if (both.days[-1] - date.fromisoformat(day)).days < DAYS
        }


def test_a_registry_that_moves_takes_its_history_along() -> None:
    history = history_update.tally(grown((TODAY, 1)), "old", {"plugins": 9}, TODAY)
    there = history_update.moved(history, "old", "new")
    assert there.registries["new"] == history.registries["old"] == {"plugins": Series("9", "9")}
    assert history_update.moved(there, "nowhere", "new") == there
    assert encode([9]) == "9"
