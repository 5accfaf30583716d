"""`/api/v1/statistics.json`: every plugin is counted once, and what is unknown as unknown."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.facts import history_update
from registry.facts.history import History
from registry.facts.state import State
from registry.feeds import statistics
from registry.feeds.entries import list_entries
from registry.feeds.published import Published
from registry.feeds.site import FeedSite
from registry.registration.frontmatter import Document
from registry.text import json_schemas

NOW = datetime(2026, 5, 1, 6, 0, tzinfo=UTC)
SITE = FeedSite(root="https://plugins.example", title="", description="", default_python=">=2.7,<3")
PLAIN: Mapping[str, Any] = {
    "title": "Lamp",
    "description": "Turns a lamp on.",
    "author": "Ada",
    "license": "AGPLv3",
    "date": date(2020, 1, 2),
    "homepage": "https://example.org/",
    "source": "https://example.org/",
    "archive": "https://example.org/main.zip",
}
FRESH = {"github": {"as_of": "2026-05-01 05:00:00 +0000", "stale": False}}


def read(*plugins: Mapping[str, Any], state: State | None = None) -> dict[str, Any]:
    """Return the statistics of these plugins, which their schema accepts."""
    documents = {
        f"p{n}": Document(
            path=f"p{n}.md", data={"id": f"p{n}", **PLAIN, **data}, body="", body_line=1, front_matter=""
        )
        for n, data in enumerate(plugins)
    }
    listed = list_entries(documents, SITE).listed
    registry = Published(documents=documents, listed=listed, state=state, site=SITE, settings=None, now=NOW)
    content: dict[str, Any] = json.loads(statistics.files(registry)[statistics.PATH])
    assert not list(json_schemas.validator("statistics").iter_errors(content))
    return content


def use(instances: int, installs: int = 0) -> dict[str, Any]:
    return {"stats": {"month": {"instances": instances}, "week": {"install_events": installs}}}


def github(**keys: Any) -> dict[str, Any]:
    return {"github": keys, "freshness": FRESH}


def test_a_total_that_no_reader_s_number_holds_is_unknown() -> None:
    assert statistics._total([10**12] * 9_007) == 9_007 * 10**12
    assert statistics._total([10**12] * 9_008) is None


def test_totals_are_of_what_is_known_and_null_where_nothing_is() -> None:
    assert read({})["totals"] == {
        "plugins": 1,
        "authors": 1,
        "tags": 0,
        "instances": None,
        "installs_week": None,
        "stars": None,
    }
    known = read(use(7, 2) | {"tags": ["a", "b"]}, use(0), github(stars=3), {"authors": ["Ada", "Bob"]})
    assert known["totals"] == {
        "plugins": 4,
        "authors": 2,
        "tags": 2,
        "instances": 7,
        "installs_week": 2,
        "stars": 3,
    }
    assert known["unknown_usage"] == 2


def test_python_is_what_an_installation_would_see_and_unknown_where_nobody_said() -> None:
    evidence = {"python": ">=2.7,<3", "registered": ">=3"}
    content = read(
        {"compatibility": {"python": ">=3.7,<4"}},
        {"compatibility": {"python": ">=2.7,<4"}},
        {"compatibility": {"python": ">=2.7,<3"}, "compatibility_evidence": evidence},
        {},
        {"compatibility": {"python": "nonsense"}},
    )
    assert content["python"] == {"with_3": 2, "without_3": 1, "unknown": 2, "contradicted": 1}
    minors = dict(content["python_minors"])
    assert minors["2.7"] == 4, "the host's default admits it where nobody said"
    assert minors["3.6"] == 1
    assert minors["3.15"] == 2


def test_each_plugin_is_maintained_or_not_or_unknown_once() -> None:
    content = read(
        github(last_push="2026-04-01 00:00:00 +0000"),
        github(last_push="2020-04-01 00:00:00 +0000", latest_release_date="2026-01-01 00:00:00 +0000"),
        github(last_push="2020-04-01 00:00:00 +0000"),
        github(stars=1),
        {},
        github(archived=True, last_push="2026-04-01 00:00:00 +0000"),
        github(archived=True, gone_since="2026-04-01 00:00:00 +0000"),
        {"abandoned": "https://example.org/issues/1"} | github(last_push="2026-04-01 00:00:00 +0000"),
        {"up_for_adoption": True} | github(last_push="2026-04-01 00:00:00 +0000"),
    )
    assert content["maintenance"] == {
        "within_year": 3,
        "older": 1,
        "unknown": 2,
        "archived": 1,
        "gone": 1,
        "abandoned": 1,
        "up_for_adoption": 1,
    }


def test_figures_of_2020_tell_not_that_a_plugin_is_unmaintained_today() -> None:
    old = {"github": {"last_push": "2020-04-01 00:00:00 +0000"}}
    stale = {"freshness": {"github": {"as_of": "2020-07-24 00:00:00 +0000", "stale": True}}}
    assert read(old | stale)["maintenance"]["unknown"] == 1


def test_the_registered_are_counted_month_by_month_up_to_now() -> None:
    content = read({"date": date(2026, 1, 9)}, {"date": "2026-03-01"}, {"date": "2026-03-31"})
    assert content["registered"]["months"] == [
        ["2026-01", 1],
        ["2026-02", 1],
        ["2026-03", 3],
        ["2026-04", 3],
        ["2026-05", 3],
    ]


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31), "0000-00-00", None, 5])
def test_a_date_that_cannot_be_makes_no_endless_table(day: Any) -> None:
    months = read({"date": day}, {"date": date(2026, 4, 1)})["registered"]["months"]
    assert len(months) <= 27 * 12
    assert months[-1][0] == "2026-05"


def test_installs_are_spread_over_powers_of_ten() -> None:
    assert read(use(0), use(0), use(1), use(9), use(10), use(250), {})["installs"] == [
        {"from": 0, "to": 0, "plugins": 2},
        {"from": 1, "to": 9, "plugins": 2},
        {"from": 10, "to": 99, "plugins": 1},
        {"from": 100, "to": 999, "plugins": 1},
    ]
    assert read({})["installs"] == [{"from": 0, "to": 0, "plugins": 0}]


def test_releases_are_those_of_the_last_twelve_months() -> None:
    months = read(
        github(latest_release_date="2026-05-01 00:00:00 +0000"),
        github(latest_release_date="2025-06-30 00:00:00 +0000"),
        github(latest_release_date="2025-05-31 00:00:00 +0000"),
        {},
    )["releases"]["months"]
    assert len(months) == 12
    assert months[0] == ["2025-06", 1]
    assert months[-1] == ["2026-05", 1]
    assert sum(count for _, count in months) == 2


def test_of_months_after_the_last_look_no_release_is_told() -> None:
    released = {"github": {"repo": "o/n", "latest_release_date": "2020-06-30 00:00:00 +0000"}}
    seen = {"freshness": {"github": {"as_of": "2020-07-24 00:00:00 +0000", "stale": True}}}
    months = read({**released, **seen})["releases"]["months"]
    assert (months[0], months[-2], months[-1]) == (["2019-08", 0], ["2020-06", 1], ["2020-07", 0])
    assert read(released)["releases"]["months"] == []


def test_tags_and_licences_are_told_by_use_and_systems_as_installations_see_them() -> None:
    content = read(
        {"tags": ["Power saving", "b"], "license": "MIT", "compatibility": {"os": ["windows"]}},
        {"tags": ["power-saving", "power-saving"], "license": "Apache 2.0", "compatibility": {"os": ["nix"]}},
        {"tags": "power-saving", "license": "MIT License"},
        {"license": "", "compatibility": {"os": ["!linux"]}},
    )
    assert content["tags"] == [["power-saving", 3], ["b", 1]]
    assert content["licences"] == [["MIT", 2], ["Apache", 1], ["Unknown", 1]]
    assert content["systems"] == [["windows", 3], ["linux", 2], ["macos", 2], ["freebsd", 3]]


def test_no_more_than_twenty_tags_are_told() -> None:
    assert len(read({"tags": [f"tag{n}" for n in range(30)]})["tags"]) == 20


def test_the_history_is_the_weeks_before_the_days_and_then_the_days() -> None:
    history = History()
    for age, plugins in ((100, 1), (93, 2), (1, 3), (0, 4)):
        day = NOW.date() - timedelta(days=age)
        history = history_update.tally(
            history_update.grow(history, {}, day), "_plugins", {"plugins": plugins}, day
        )
    content = read({}, state=State(history=history, registrations="_plugins", generated_at=NOW))
    assert content["history"]["dates"] == ["2026-01-21", "2026-01-28", "2026-04-30", "2026-05-01"]
    assert content["history"]["plugins"] == [1, 2, 3, 4]
    assert content["history"]["stars"] == [None] * 4


def test_a_build_that_learned_nothing_changes_nothing() -> None:
    state = State(generated_at=NOW - timedelta(hours=30))
    assert read(use(1), state=state)["generated_at"] == "2026-04-30T00:00:00Z"
    assert read(use(1))["generated_at"] == "2026-05-01T06:00:00Z"


def test_the_newest_figures_of_each_source_are_dated() -> None:
    freshness = {"usage": {"as_of": "2026-04-01 00:00:00 +0000", "stale": True}}
    content = read({"freshness": freshness}, {"freshness": FRESH})
    assert content["as_of"] == {"usage": "2026-04-01T00:00:00Z", "github": "2026-05-01T05:00:00Z"}


ODD = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9), st.dates()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = ("tags", "authors", "license", "date", "stats", "github", "freshness", "compatibility", "abandoned")
PARTS = st.dictionaries(
    st.sampled_from(["month", "instances", "stars", "last_push", "python", "os", "github", "as_of"]), ODD
)


@pytest.mark.slow
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(st.sampled_from(KEYS), ODD | PARTS), max_size=3))
def test_whatever_a_registration_holds_the_statistics_fit_their_schema(plugins: list[dict[str, Any]]) -> None:
    content = read(*plugins)
    assert sum(content["maintenance"][key] for key in content["maintenance"]) >= len(plugins)
    python = content["python"]
    assert python["with_3"] + python["without_3"] + python["unknown"] == len(plugins)
    assert sum(row["plugins"] for row in content["installs"]) + content["unknown_usage"] == len(plugins)


def test_spellings_of_an_author_are_one_as_on_the_pages() -> None:
    told = read({"author": "Ada Lace"}, {"authors": ["ada-lace", "Bob"]}, {"authors": None, "author": "Eve"})
    assert told["totals"]["authors"] == 2


def test_nonsense_is_as_unknown_as_in_the_list() -> None:
    told = read(use(10**13), {"compatibility": {"os": ["§§"]}})
    assert (told["totals"]["instances"], told["unknown_usage"]) == (None, 2)
    assert dict(told["systems"])["linux"] == 1
