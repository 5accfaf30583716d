"""A name that now belongs to another repository: nothing of it is taken over, and somebody is told."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from registry.facts.model import Fact, Facts, Missing
from registry.facts.state import State, dump_state, learn, parse_state
from registry.github.access import Access
from registry.registration.model import Registration
from registry.sources.collect import Collected, collect
from registry.sources.identity import is_stranger, parse_identity
from tests.emulators.github import TOKEN, GitHub
from tests.support.builders import NOW, fact, registration, settings

ISSUE = "https://github.com/maker/Demo/issues/7"
FILES = {
    "setup.py": 'plugin_package = "octoprint_demo"\n',
    "octoprint_demo/__init__.py": '__plugin_pythoncompat__ = ">=3.7,<4"\n',
}
OURS: dict[str, Any] = {"id": "R_ours", "created_at": "2019-05-06T00:00:00Z", "stars": 71, "files": FILES}
THEIRS: dict[str, Any] = {
    "id": "R_theirs",
    "created_at": "2026-04-30T00:00:00Z",
    "stars": 9_000,
    "releases": [{"name": "Evil", "tag": "9.9", "published_at": "2026-04-30T00:00:00Z"}],
    "files": {**FILES, "octoprint_demo/__init__.py": '__plugin_pythoncompat__ = ">=3.12"\n'},
    "threads": {"7": {"created_at": "2026-04-30T10:11:12Z"}},
}
WARNING = (
    "maker/Demo now belongs to another repository, created 2026-04-30 and the registered one 2019-05-06: "
    "nothing of it is taken over; change `source`, or pass --accept-repository demo if the plugin lives there"
)


def ask(
    repositories: dict[str, Any],
    known: State,
    *registrations: Registration,
    accept: Sequence[str] = (),
    now: datetime = NOW,
    **world: Any,
) -> Collected:
    with GitHub({"repositories": repositories, **world}) as github:
        access = Access(token=TOKEN, graphql_url=github.graphql_url)
        asked = registrations or (registration(),)
        return asyncio.run(collect(asked, known, settings(), access, now, accept_repositories=accept))


def errors(collected: Collected) -> list[str]:
    return [line for run in collected.runs for line in run.errors]


def known_of(repositories: dict[str, Any]) -> State:
    return learn(
        State(), ask(repositories, State(), now=NOW - timedelta(days=2)).runs, NOW - timedelta(days=2)
    )


def test_id_and_creation_are_kept_and_outlive_the_state_s_journey() -> None:
    known = known_of({"maker/Demo": OURS})
    assert known.plugins["demo"]["identity"].data == {
        "id": "R_ours",
        "created_at": "2019-05-06 00:00:00 +0000",
        "registered": "maker/Demo",
    }
    assert parse_state(dump_state(known), "state") == known


def test_a_name_that_belongs_to_another_repository_brings_nothing() -> None:
    known = known_of({"maker/Demo": OURS})
    collected = ask({"maker/Demo": THEIRS}, known, registration(abandoned=ISSUE))
    assert errors(collected) == [f"demo: {WARNING}"]
    after = learn(known, collected.runs, NOW).plugins["demo"]
    before = known.plugins["demo"]
    assert after["github"] == replace(before["github"], fetched_at=NOW, gone_since=NOW)
    assert after["compatibility"] == before["compatibility"]
    assert after["identity"] == before["identity"]
    assert "abandonment" not in after
    again = ask({"maker/Demo": THEIRS}, learn(known, collected.runs, NOW))
    assert errors(again) == [f"demo: {WARNING}"], "until somebody decides"


def test_a_renamed_or_transferred_repository_goes_on() -> None:
    known = known_of({"maker/Demo": OURS})
    collected = ask({"club/NewDemo": OURS}, known, renames={"maker/Demo": "club/NewDemo"})
    assert errors(collected) == []
    after = learn(known, collected.runs, NOW).plugins["demo"]
    assert after["github"].data["repo"] == "club/NewDemo"
    assert after["identity"] == known.plugins["demo"]["identity"]
    stolen = ask({"club/NewDemo": OURS, "maker/Demo": THEIRS}, known)
    assert errors(stolen) == [f"demo: {WARNING}"], "the old name was taken, so it leads no further"


def test_another_source_in_the_registration_begins_anew() -> None:
    known = known_of({"maker/Demo": OURS})
    collected = ask({"club/Demo": THEIRS}, known, registration(repo="club/Demo"))
    assert errors(collected) == []
    after = learn(known, collected.runs, NOW).plugins["demo"]
    assert after["github"].data["stars"] == 9_000
    assert after["identity"].data["registered"] == "club/Demo"
    same = ask({"maker/demo": THEIRS}, known, registration(repo="maker/demo"))
    assert len(errors(same)) == 1, "another case is the same address"


def test_an_accepted_repository_is_the_plugin_s_from_then_on() -> None:
    known = known_of({"maker/Demo": OURS})
    flagged = learn(known, ask({"maker/Demo": THEIRS}, known).runs, NOW)
    accepted = ask({"maker/Demo": THEIRS}, flagged, accept=["demo"])
    assert errors(accepted) == []
    after = learn(flagged, accepted.runs, NOW)
    assert after.plugins["demo"]["github"].data["stars"] == 9_000
    assert after.plugins["demo"]["github"].gone_since is None
    assert after.plugins["demo"]["identity"].data["id"] == "R_theirs"
    assert errors(ask({"maker/Demo": THEIRS}, after)) == []


def without_id(state: State) -> State:
    facts = {kind: fact for kind, fact in state.plugins["demo"].items() if kind != "identity"}
    return replace(state, plugins={"demo": facts})


def test_a_state_of_before_takes_the_first_id_that_it_sees() -> None:
    old = without_id(known_of({"maker/Demo": OURS}))
    collected = ask({"maker/Demo": OURS}, old)
    assert errors(collected) == []
    assert learn(old, collected.runs, NOW).plugins["demo"]["identity"].data["id"] == "R_ours"


def test_a_repository_that_was_created_after_its_figures_were_read_is_another_one() -> None:
    old = without_id(known_of({"maker/Demo": OURS}))
    collected = ask({"maker/Demo": THEIRS}, old)
    assert errors(collected) == [f"demo: {WARNING.replace(' and the registered one 2019-05-06', '')}"]
    assert "identity" not in learn(old, collected.runs, NOW).plugins["demo"]


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"github": fact({"repo": "maker/Demo"}, source="octoprint-plugin-repository 2020-07-24")},
        {"github": fact({"repo": "other/Demo"}, source="github 2")},
        {"github": fact({}, source="github")},
        {"github": fact({"repo": "maker/Demo"}, source="github 2", at=datetime(2026, 5, 3, tzinfo=UTC))},
    ],
)
def test_what_proves_nothing_flags_nobody(facts: Facts) -> None:
    identity = parse_identity({"id": "R_x", "createdAt": "2026-05-02T00:00:00Z"}, "maker/Demo")
    assert identity
    assert not is_stranger(identity, facts)


@pytest.mark.parametrize("node_id", [None, "", 7, "<b>", "x" * 101, ["R_x"]])
def test_what_is_not_an_id_is_none(node_id: Any) -> None:
    assert parse_identity({"id": node_id, "createdAt": "2026-05-02T00:00:00Z"}, "maker/Demo") is None


@pytest.mark.parametrize("created", [None, "soon", 7, {}])
def test_an_id_without_a_date_that_can_be_read_is_kept(created: Any) -> None:
    identity = parse_identity({"id": "R_x", "createdAt": created}, "maker/Demo")
    assert identity == {"id": "R_x", "registered": "maker/Demo"}


def test_new_ids_of_most_repositories_at_once_are_github_s_own() -> None:
    plugins = [registration(f"p{n}", repo=f"maker/P{n}") for n in range(24)]
    old = {f"maker/P{n}": {**OURS, "id": f"R_old{n}"} for n in range(24)}
    new = {f"maker/P{n}": {**OURS, "id": f"R_new{n}", "stars": 72} for n in range(24)}
    new["maker/P23"] = {**THEIRS, "id": "R_thief"}
    known = learn(State(), ask(old, State(), *plugins).runs, NOW)
    collected = ask(new, known, *plugins)
    assert [line[:4] for line in errors(collected)] == ["p23:"]
    after = learn(known, collected.runs, NOW).plugins
    assert {after[f"p{n}"]["github"].data["stars"] for n in range(23)} == {72}
    assert after["p0"]["identity"].data["id"] == "R_new0"
    one = ask({"maker/P0": new["maker/P0"]}, known, plugins[0])
    assert len(errors(one)) == 1, "of one alone it is a thief's"


def test_the_reason_is_that_of_the_figures_and_of_the_flag() -> None:
    known = known_of({"maker/Demo": OURS})
    collected = ask({"maker/Demo": THEIRS}, known)
    found = {run.kind: run.found.get("demo") for run in collected.runs}
    assert found["github"] == Missing(reason=WARNING, gone=True)
    assert found["compatibility"] == Missing(reason=WARNING)
    assert not isinstance(found["identity"], Fact)
