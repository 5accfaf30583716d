"""The merge: what is known goes beside the registration, what is unknown stays unknown."""

from datetime import date, timedelta

import pytest

from registry.enrich.merge import contradictions, history_of, merge, merge_all, same_pythons
from registry.enrich.rank import growth
from registry.facts.history import History
from registry.facts.history_update import grow
from registry.facts.model import GITHUB_SOURCE, Fact, Facts
from tests.support.builders import NOW, fact, registration

STALE = timedelta(hours=48)
OLD = NOW - timedelta(days=400)
FLAG = {
    "python": ">=3.7,<4",
    "rule": "setup.py:plugin_package",
    "path": "octoprint_demo/__init__.py",
    "line": 12,
    "commit": "a" * 40,
    "extractor": "1",
}


def compatibility(**data: object) -> Facts:
    return {"compatibility": fact({**FLAG, **data})}


def test_without_facts_a_registration_stays_as_it_is() -> None:
    plugin = registration(python=">=3,<4", tags=["a"])
    assert merge(plugin, {}, now=NOW, stale_after=STALE) == plugin.data


def test_facts_stand_beside_the_registered_keys() -> None:
    plugin = registration(python=">=3,<4", tags=["a"])
    facts: dict[str, Fact] = {
        "usage_week": fact(
            {"instances": 5, "install_events": 1, "uninstall_events": 0, "versions": {"1.0": 5}}
        ),
        "usage_month": fact({"instances": 9, "install_events": 3, "uninstall_events": 1, "versions": {}}),
        "github": fact({"repo": "maker/Renamed", "stars": 7}),
    }
    merged = merge(plugin, facts, now=NOW, stale_after=STALE)  # type: ignore[arg-type]
    assert {key: merged[key] for key in plugin.data} == plugin.data
    assert merged["stats"] == {
        "week": {"instances": 5, "install_events": 1, "uninstall_events": 0, "versions": {"1.0": 5}},
        "month": {"instances": 9, "install_events": 3, "uninstall_events": 1, "versions": {}},
    }
    assert merged["github"] == {"repo": "maker/Renamed", "stars": 7}
    assert merged["freshness"] == {
        "usage": {"as_of": "2026-05-01 06:00:00 +0000", "stale": False},
        "github": {"as_of": "2026-05-01 06:00:00 +0000", "stale": False},
    }


def test_unknown_usage_is_not_none() -> None:
    merged = merge(registration(), {"usage_week": fact({"instances": 0})}, now=NOW, stale_after=STALE)
    assert merged["stats"] == {"week": {"instances": 0}}
    assert "stats" not in merge(registration(), {}, now=NOW, stale_after=STALE)


def test_the_flag_in_the_source_counts_more_than_the_registered_one() -> None:
    plugin = registration(python=">=2.7,<4", compatibility={"python": ">=2.7,<4", "octoprint": ["1.4.0"]})
    merged = merge(plugin, compatibility(), now=NOW, stale_after=STALE)
    assert merged["compatibility"] == {"python": ">=3.7,<4", "octoprint": ["1.4.0"]}
    assert merged["compatibility_evidence"] == {
        "python": ">=3.7,<4",
        "rule": "setup.py:plugin_package",
        "path": "octoprint_demo/__init__.py",
        "line": 12,
        "commit": "a" * 40,
        "registered": ">=2.7,<4",
    }
    assert plugin.data["compatibility"]["python"] == ">=2.7,<4", "the registration itself is never changed"


def test_the_registered_range_counts_where_the_settings_prefer_it() -> None:
    merged = merge(
        registration(python=">=2.7,<4"), compatibility(), now=NOW, stale_after=STALE, prefer="registration"
    )
    assert merged["compatibility"]["python"] == ">=2.7,<4"
    assert merged["compatibility_evidence"]["python"] == ">=3.7,<4"


def test_a_flag_is_shown_where_none_is_registered() -> None:
    merged = merge(registration(), compatibility(), now=NOW, stale_after=STALE)
    assert merged["compatibility"] == {"python": ">=3.7,<4"}
    assert merged["compatibility_evidence"]["registered"] is None


def test_no_flag_in_the_source_leaves_the_registered_range() -> None:
    none = {"compatibility": fact({"commit": "a" * 40, "extractor": "1", "reason": "no flag"})}
    merged = merge(registration(python=">=3,<4"), none, now=NOW, stale_after=STALE)  # type: ignore[arg-type]
    assert merged["compatibility"] == {"python": ">=3,<4"}
    assert "compatibility_evidence" not in merged
    assert merged["freshness"]["compatibility"]["stale"] is False, "read, and found to have none"


@pytest.mark.parametrize(
    ("kind", "line", "shown"), [("default", 0, None), ("syntax", 7, 7), ("syntax", 0, None)]
)
def test_what_the_host_assumes_counts_more_than_the_registered_range(
    kind: str, line: int, shown: int | None
) -> None:
    data = {
        "commit": "a" * 40,
        "extractor": "2",
        "python": ">=2.7,<3",
        "rule": f"setup.py:format+{kind}",
        "path": "octoprint_demo/__init__.py",
        "line": line,
        "reason": "yours stands inside `try`, line 12",
        "problem": True,
    }
    plugin = registration("a", python=">=3,<4")
    known: Facts = {"compatibility": fact(data)}
    merged = merge(plugin, known, now=NOW, stale_after=STALE)
    assert merged["compatibility"] == {"python": ">=2.7,<3"}
    assert merged["compatibility_evidence"] == {
        "python": ">=2.7,<3",
        "rule": f"setup.py:format+{kind}",
        "path": "octoprint_demo/__init__.py",
        "line": shown,
        "commit": "a" * 40,
        "registered": ">=3,<4",
    }
    [contradiction] = contradictions([plugin], {"a": known})
    assert (contradiction.found, contradiction.line, contradiction.reason) == (
        ">=2.7,<3",
        line,
        data["reason"],
    )


def test_old_figures_and_failed_sources_are_stale() -> None:
    facts: Facts = {
        "usage_week": fact({"instances": 1}),
        "usage_month": fact({"instances": 1}, at=OLD),
        "github": fact({"repo": "maker/Demo"}),
    }
    merged = merge(registration(), facts, now=NOW, stale_after=STALE, failed=frozenset({"github"}))
    assert merged["freshness"] == {
        "usage": {"as_of": "2025-03-27 06:00:00 +0000", "stale": True},
        "github": {"as_of": "2026-05-01 06:00:00 +0000", "stale": True},
    }


def test_a_repository_that_is_gone_is_marked() -> None:
    facts: Facts = {"github": fact({"repo": "maker/Demo", "stars": 4}, at=NOW, gone_since=NOW)}
    merged = merge(registration(), facts, now=NOW, stale_after=STALE)
    assert merged["github"] == {
        "repo": "maker/Demo",
        "stars": 4,
        "gone_since": "2026-05-01 06:00:00 +0000",
    }
    assert merged["freshness"]["github"]["stale"] is True


PUSHED = {"repo": "maker/Demo", "stars": 4, "last_push": "2026-04-20 05:37:32 +0000"}


@pytest.mark.parametrize("source", ["github", "octoprint-plugin-repository 2020-07-24", "github 20"])
def test_a_push_to_any_branch_is_stale_and_marked_however_young(source: str) -> None:
    merged = merge(registration(), {"github": fact(PUSHED, source=source)}, now=NOW, stale_after=STALE)
    assert merged["github"] == {**PUSHED, "last_push_any_branch": True}
    assert merged["freshness"] == {"github": {"as_of": "2026-05-01 06:00:00 +0000", "stale": True}}


def test_the_default_branch_s_last_commit_is_fresh() -> None:
    merged = merge(registration(), {"github": fact(PUSHED, source=GITHUB_SOURCE)}, now=NOW, stale_after=STALE)
    assert merged["github"] == PUSHED
    assert merged["freshness"]["github"]["stale"] is False


def test_figures_without_a_push_are_not_stale_for_it() -> None:
    facts: Facts = {"github": fact({"repo": "maker/Demo", "stars": 4}, source="github"), **compatibility()}
    merged = merge(registration(), facts, now=NOW, stale_after=STALE)
    assert merged["github"] == {"repo": "maker/Demo", "stars": 4}
    assert {name: each["stale"] for name, each in merged["freshness"].items()} == {
        "github": False,
        "compatibility": False,
    }


def test_only_the_repository_s_figures_are_stale_for_a_push_to_any_branch() -> None:
    facts: Facts = {"github": fact(PUSHED, source="github"), **compatibility()}
    merged = merge(registration(), facts, now=NOW, stale_after=STALE)
    assert merged["freshness"]["compatibility"]["stale"] is False


def test_a_repository_elsewhere_has_no_github_block() -> None:
    facts: Facts = {"github": fact({"repo": "maker/Demo"}), **compatibility()}
    merged = merge(registration(repo=None), facts, now=NOW, stale_after=STALE)
    assert "github" not in merged
    assert "compatibility_evidence" not in merged


def test_computed_keys_in_a_registration_are_not_passed_on() -> None:
    plugin = registration(stats={"month": {"instances": 10**6}}, ranks={"stars": 1}, github={"stars": 10**6})
    merged = merge(plugin, {}, now=NOW, stale_after=STALE)
    assert not {"stats", "ranks", "github"} & set(merged)


def test_ranks_are_places_by_each_measure_and_absent_where_unknown() -> None:
    plugins = [registration(name) for name in ("a", "b", "c", "d")]
    facts: dict[str, Facts] = {
        "a": {"usage_month": fact({"instances": 10, "install_events": 100}), "github": fact({"stars": 5})},
        "b": {"usage_month": fact({"instances": 30, "install_events": 40}), "github": fact({"stars": 5})},
        "c": {"usage_month": fact({"instances": 20, "install_events": 4})},
    }
    for name, installs in (("a", 20), ("b", 30), ("c", 3)):
        facts[name] = {**facts[name], "usage_week": fact({"install_events": installs})}
    merged = merge_all(plugins, facts, now=NOW, stale_after=STALE)
    assert merged["a"]["ranks"] == {
        "instances_month": 3,
        "install_events_week": 2,
        "growth": 2,
        "stars": 1,
    }
    assert merged["b"]["ranks"] == {
        "instances_month": 1,
        "install_events_week": 1,
        "growth": 1,
        "stars": 2,
    }
    assert merged["c"]["ranks"] == {"instances_month": 2, "install_events_week": 3}
    assert "ranks" not in merged["d"]


@pytest.mark.parametrize(
    ("week", "month", "expected"),
    [(70, 300, 1.0), (140, 300, 2.0), (9, 9, None), (None, 30, None), (30, 0, None), (30, None, None)],
)
def test_growth_compares_the_week_with_the_months_average(
    week: int | None, month: int | None, expected: float | None
) -> None:
    stats = {
        window: {"install_events": figure}
        for window, figure in (("week", week), ("month", month))
        if figure is not None
    }
    assert growth({"stats": stats}) == (pytest.approx(expected) if expected is not None else None)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (">=3,<4", ">=3.0,<4", True),
        (">=2.7,<4", ">=3,<4", False),
        (">=3.7,<4", ">=3.7, <4.0", True),
        (">=3.7,<4", ">=3.8,<4", False),
        ("three", ">=3", False),
    ],
)
def test_two_ranges_are_the_same_when_they_admit_the_same_pythons(one: str, other: str, same: bool) -> None:
    assert same_pythons(one, other) is same


def test_a_contradiction_names_both_sides_and_the_place() -> None:
    plugins = [
        registration("a", python=">=2.7,<4"),
        registration("b", python=">=3.7,<4"),
        registration("c"),
    ]
    found = contradictions(plugins, {name: compatibility() for name in "abc"})
    assert [(c.id, c.registered, c.found, c.path, c.line) for c in found] == [
        ("a", ">=2.7,<4", ">=3.7,<4", "octoprint_demo/__init__.py", 12)
    ]


ISSUE = "https://github.com/almanac/registry/issues/7"
GIVEN_UP: Facts = {"abandonment": fact({"url": ISSUE, "created_at": "2020-09-03 10:11:12 +0000"}, at=OLD)}


@pytest.mark.parametrize("registered", [ISSUE, f"{ISSUE}#issuecomment-1", f" {ISSUE}/ "])
def test_an_abandoned_plugin_is_dated_by_its_issue(registered: str) -> None:
    data = merge(registration(abandoned=registered), GIVEN_UP, now=NOW, stale_after=STALE)
    assert data["abandonment"] == {"url": ISSUE, "date": "2020-09-03 10:11:12 +0000"}
    assert data["abandoned"] == registered
    assert "freshness" not in data, "a date that never changes cannot be stale"


@pytest.mark.parametrize(
    "keys", [{}, {"abandoned": True}, {"abandoned": False}, {"abandoned": None}, {"abandoned": [ISSUE]},
             {"abandoned": ISSUE.replace("7", "8")}, {"abandoned": "https://example.org/forum/7"}],
)  # fmt: skip
def test_the_date_of_another_issue_or_of_none_is_not_shown(keys: dict[str, object]) -> None:
    data = merge(registration(**keys), GIVEN_UP, now=NOW, stale_after=STALE)
    assert "abandonment" not in data


def test_nobody_registers_a_date_of_abandonment() -> None:
    plugin = registration(abandoned=True, abandonment={"url": ISSUE, "date": "2020-01-01 00:00:00 +0000"})
    assert "abandonment" not in merge(plugin, {}, now=NOW, stale_after=STALE)


def test_a_page_draws_the_measures_that_have_two_points() -> None:
    first = {"a": {"instances": 120, "installs_week": 4}, "b": {"stars": 1}}
    history = grow(History(), first, date(2026, 4, 20))
    history = grow(history, {"a": {"instances": 121, "stars": 9}}, date(2026, 5, 1))
    drawn = {"since": "2026-04-20", "until": "2026-05-01", "instances": [[0, 120], [11, 121]]}
    assert history_of(history, "a", date(2026, 5, 1)) == drawn
    assert history_of(history, "a", date(2026, 4, 30)) is None, "a point that is yet to come is not drawn"
    assert history_of(history, "b", date(2026, 5, 1)) is None
    assert history_of(history, "nobody", date(2026, 5, 1)) is None
