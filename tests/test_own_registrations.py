"""The registrations and the baseline of this repository: valid, varied, and their figures dated."""

import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from registry.facts.state import State, read_state
from registry.registration.load import load_registrations
from registry.registration.model import Registration

ROOT = Path(__file__).parents[1]
PLUGINS = ROOT / "_plugins"
BASELINE = ROOT / "_data" / "baseline.json"
SERVER = "https://github.com"
FIGURES_OF = datetime(2020, 7, 24, tzinfo=UTC)


@pytest.fixture(scope="module")
def registrations() -> tuple[Registration, ...]:
    return load_registrations(PLUGINS, SERVER).registrations


@pytest.fixture(scope="module")
def baseline() -> State:
    return read_state(BASELINE)


def test_every_registration_is_published_and_nothing_is_read_over() -> None:
    loaded = load_registrations(PLUGINS, SERVER)
    assert loaded.problems == ()
    assert loaded.left_out == {}
    assert len(loaded.registrations) == len(list(PLUGINS.iterdir())) >= 24


def test_the_validator_finds_neither_error_nor_warning() -> None:
    run = subprocess.run(
        [sys.executable, "scripts/validate.py", "--format", "json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (json.loads(run.stdout), run.returncode) == ([], 0)


def test_each_file_is_named_after_its_id(registrations: tuple[Registration, ...]) -> None:
    assert [plugin.slug for plugin in registrations] == [plugin.id for plugin in registrations]


def test_ids_with_capitals_are_among_them(registrations: tuple[Registration, ...]) -> None:
    assert {"GPX", "ScreenSquish", "customControl"} <= {plugin.id for plugin in registrations}


def test_several_are_abandoned_and_each_says_where_that_was_declared(
    registrations: tuple[Registration, ...],
) -> None:
    declared = [plugin.data["abandoned"] for plugin in registrations if "abandoned" in plugin.data]
    assert len(declared) >= 3
    assert [
        url for url in declared if not re.fullmatch(r"https://github\.com/[^/]+/[^/]+/issues/\d+", url)
    ] == []


def test_odd_cases_are_left_to_fixtures(registrations: tuple[Registration, ...]) -> None:
    odd = {"disabled", "up_for_adoption", "follow_dependency_links", "note"}
    assert [plugin.slug for plugin in registrations if odd & plugin.data.keys()] == []


def test_no_images_of_others_are_used(registrations: tuple[Registration, ...]) -> None:
    assert [
        plugin.slug for plugin in registrations if {"screenshots", "featuredimage"} & plugin.data.keys()
    ] == []
    assert [plugin.slug for plugin in registrations if "![" in plugin.body] == []


def test_some_live_outside_github(registrations: tuple[Registration, ...]) -> None:
    assert {"bedcooldown", "z_probe_offset"} <= {
        plugin.slug for plugin in registrations if plugin.repo is None
    }


def test_some_have_several_authors(registrations: tuple[Registration, ...]) -> None:
    assert sum(len(plugin.authors) > 1 for plugin in registrations) >= 3
    assert max(len(plugin.authors) for plugin in registrations) >= 3


def test_some_declare_no_python_and_some_python_3_alone(registrations: tuple[Registration, ...]) -> None:
    pythons = [plugin.python for plugin in registrations]
    assert pythons.count(None) >= 3
    assert sum(python is not None and python.startswith(">=3") for python in pythons) >= 3


def test_some_are_cloud_services_with_a_privacy_policy(registrations: tuple[Registration, ...]) -> None:
    cloud = [plugin.data for plugin in registrations if "cloud" in plugin.data.get("attributes", ())]
    assert sum("privacypolicy" in data for data in cloud) >= 3


def test_dates_are_plain_days_and_none_is_before_the_first_plugin(
    registrations: tuple[Registration, ...],
) -> None:
    dates = [plugin.data["date"] for plugin in registrations]
    assert {type(day) for day in dates} == {date}
    assert min(dates) == date(2015, 4, 11)


def test_each_body_tells_something_and_links_to_its_project(registrations: tuple[Registration, ...]) -> None:
    for plugin in registrations:
        words = re.sub(r"\]\([^)]*\)", "]", plugin.body).split()
        assert 60 <= len(words) <= 200, plugin.slug
        project = "/".join(plugin.source.split("/")[:4])
        assert project in plugin.body, plugin.slug


def test_the_baseline_speaks_of_registered_plugins_only(
    registrations: tuple[Registration, ...], baseline: State
) -> None:
    assert len(baseline.plugins) == 12
    assert baseline.plugins.keys() - {plugin.id for plugin in registrations} == set()


def test_every_fact_of_the_baseline_carries_its_date_and_origin(baseline: State) -> None:
    facts = [fact for facts in baseline.plugins.values() for fact in facts.values()]
    assert {(fact.as_of, fact.fetched_at, fact.source) for fact in facts} == {
        (FIGURES_OF, FIGURES_OF, "octoprint-plugin-repository 2020-07-24")
    }
    assert baseline.generated_at == FIGURES_OF
    assert baseline.listed == ()


def test_no_figure_of_the_baseline_is_younger_than_the_baseline(baseline: State) -> None:
    for plugin_id, facts in baseline.plugins.items():
        for key in ("last_push", "latest_release_date"):
            said = facts["github"].data.get(key) if "github" in facts else None
            assert said is None or datetime.strptime(said, "%Y-%m-%d %H:%M:%S %z") < FIGURES_OF, plugin_id


def test_the_baseline_s_repositories_are_those_of_the_registrations(
    registrations: tuple[Registration, ...], baseline: State
) -> None:
    repos = {p.id: f"{p.repo.owner}/{p.repo.name}" for p in registrations if p.repo is not None}
    known = {
        key: facts["github"].data["repo"] for key, facts in baseline.plugins.items() if "github" in facts
    }
    assert len(known) == 11
    assert {key: repos[key].casefold() for key in known} == {
        key: repo.casefold() for key, repo in known.items()
    }


def test_the_baseline_is_written_canonically() -> None:
    raw = BASELINE.read_text(encoding="utf-8")
    assert raw == json.dumps(json.loads(raw), ensure_ascii=False, sort_keys=True, indent=1) + "\n"
