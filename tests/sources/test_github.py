"""GitHub's GraphQL API, asked through an emulator that runs our queries against GitHub's own schema."""

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.facts.model import GITHUB_SOURCE, Fact, Found, Missing, is_push_of_any_branch
from registry.facts.state import State, dump_state, learn, parse_state
from registry.github.access import Access
from registry.github.graphql import LimitSpentError
from registry.net.http import Overloaded
from registry.registration.model import Registration, RepoRef
from registry.sources.base import Blob
from registry.sources.collect import Collected, collect
from registry.sources.github import (
    Answer,
    Wanted,
    build_payload,
    build_query,
    parse_answer,
    parse_repository,
)
from tests.emulators.github import TOKEN, Fault, GitHub
from tests.support.builders import NOW, registration, settings

FILES = {
    "setup.py": 'plugin_identifier = "demo"\nplugin_package = "octoprint_demo"\n',
    "octoprint_demo/__init__.py": '# demo\n__plugin_pythoncompat__ = ">=3.7,<4"\n',
}
REPOSITORY: dict[str, Any] = {
    "stars": 71,
    "forks": 12,
    "watchers": 9,
    "open_issues": 15,
    "closed_issues": 49,
    "license": "AGPL-3.0",
    "topics": ["3d-printing", "octoprint"],
    "pushed_at": "2026-04-20T05:37:32Z",
    "releases": [
        {"name": "First", "tag": "0.1.0", "published_at": "2025-01-01T00:00:00Z"},
        {"name": "Second", "tag": "0.2.0", "published_at": "2026-02-03T04:05:06Z"},
        {"name": "Beta", "tag": "0.3.0b1", "published_at": "2026-03-01T00:00:00Z", "prerelease": True},
    ],
    "files": FILES,
}


def world(*names: str, **changes: Any) -> dict[str, Any]:
    return {"repositories": {name: {**REPOSITORY, **changes} for name in names}}


def plugins(count: int) -> list[Registration]:
    return [registration(f"p{n}", repo=f"maker/P{n}") for n in range(count)]


def ask(
    github: GitHub,
    registrations: Sequence[Registration],
    *,
    known: State | None = None,
    token: str = TOKEN,
    **limits: Any,
) -> Collected:
    limits = {"timeout_s": 3, "patience_s": 5, **limits}
    return asyncio.run(
        collect(
            registrations,
            known or State(),
            settings(**limits),
            Access(token=token, graphql_url=github.graphql_url, server_url="https://github.com"),
            NOW,
        )
    )


def found(collected: Collected, kind: str = "github") -> Found:
    return next(run.found for run in collected.runs if run.kind == kind)


def trouble(collected: Collected, kind: str = "github") -> str:
    return next(run.trouble for run in collected.runs if run.kind == kind)


def facts(found: Iterable[Fact | Missing]) -> list[Fact]:
    return [entry for entry in found if isinstance(entry, Fact)]


def test_a_repository_tells_all_of_the_github_block() -> None:
    with GitHub(world("maker/Demo")) as github:
        collected = ask(github, [registration()])
    fact = found(collected)["demo"]
    assert isinstance(fact, Fact)
    url = fact.data["latest_release_url"]
    assert url.startswith("https://github.com/maker/Demo/releases/")
    assert fact.data == {
        "repo": "maker/Demo",
        "stars": 71,
        "watchers": 9,
        "forks": 12,
        "open_issues": 15,
        "closed_issues": 49,
        "releases": 3,
        "last_push": "2026-04-20 05:37:32 +0000",
        "archived": False,
        "license": "AGPL-3.0",
        "topics": ["3d-printing", "octoprint"],
        "latest_release": "Second",
        "latest_release_tag": "0.2.0",
        "latest_release_url": url,
        "latest_release_date": "2026-02-03 04:05:06 +0000",
    }
    assert (fact.as_of, fact.source) == (NOW, GITHUB_SOURCE)
    assert not is_push_of_any_branch(fact)


def test_a_bot_s_branch_is_not_the_last_change() -> None:
    told = world("maker/Demo", pushed_at="2026-04-30T23:00:00Z", committed_at="2019-02-03T04:05:06Z")
    with GitHub(told) as github:
        collected = ask(github, [registration()])
        assert github.not_emulated == set()
    fact = found(collected)["demo"]
    assert isinstance(fact, Fact)
    assert fact.data["last_push"] == "2019-02-03 04:05:06 +0000"


def node(committed: Any = None, pushed: Any = None, **changes: Any) -> dict[str, Any]:
    """Return a repository as GitHub answers, whose head was `committed`."""
    return {
        "nameWithOwner": "o/a",
        "stargazerCount": 71,
        "forkCount": 0,
        "isArchived": False,
        **{key: {"totalCount": 0} for key in ("watchers", "openIssues", "closedIssues", "releases")},
        "pushedAt": pushed,
        "defaultBranchRef": {"target": {"oid": "a" * 40, "committedDate": committed}},
        **changes,
    }


APRIL, MAY = "2026-04-20T05:37:32Z", "2026-05-01T06:00:00Z"
"""Eleven days before NOW; NOW itself."""


@pytest.mark.parametrize(
    ("committed", "pushed", "said"),
    [
        ("2019-02-03T04:05:06Z", APRIL, "2019-02-03 04:05:06 +0000"),
        (APRIL, APRIL, "2026-04-20 05:37:32 +0000"),
        (APRIL, None, "2026-04-20 05:37:32 +0000"),
        ("2037-01-01T00:00:00Z", APRIL, "2026-04-20 05:37:32 +0000"),
        ("2037-01-01T00:00:00Z", None, "2026-05-01 06:00:00 +0000"),
        ("2037-01-01T00:00:00Z", "2038-01-01T00:00:00Z", "2026-05-01 06:00:00 +0000"),
        ("9999-12-31T23:59:59Z", MAY, "2026-05-01 06:00:00 +0000"),
        ("1970-01-01T00:00:00Z", APRIL, "1970-01-01 00:00:00 +0000"),
        ("0001-01-01T00:00:00Z", APRIL, "0001-01-01 00:00:00 +0000"),
        ("2026-04-20T01:00:00+14:00", APRIL, "2026-04-19 11:00:00 +0000"),
        ("2026-04-30T23:30:00-12:00", MAY, "2026-05-01 06:00:00 +0000"),
        ("2019-02-03T04:05:06", APRIL, "2019-02-03 04:05:06 +0000"),
        ("2019-02-03T04:05:06.999Z", APRIL, "2019-02-03 04:05:06 +0000"),
        (APRIL, "soon", "2026-04-20 05:37:32 +0000"),
    ],
)
def test_the_last_commit_is_cut_to_the_last_push_and_to_the_clock(
    committed: str, pushed: str | None, said: str
) -> None:
    assert parse_repository(node(committed, pushed), NOW)["last_push"] == said


@pytest.mark.parametrize(
    "committed",
    [
        None,
        "",
        "soon",
        0,
        1_700_000_000,
        True,
        [APRIL],
        {"date": APRIL},
        "2026-02-30T00:00:00Z",
        "2016-12-31T23:59:60Z",
        "10000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "2026-04-20T05:37:32+99:99",
        "<script>alert(1)</script>",
    ],
)
def test_a_date_that_cannot_be_read_is_unknown_and_costs_no_figure(committed: Any) -> None:
    [answer], _ = parse_answer({"data": {"r0": node(committed, APRIL)}}, BATCH, facts=True, now=NOW)
    assert isinstance(answer, Answer)
    assert answer.facts is not None
    assert answer.facts["stars"] == 71
    assert "last_push" not in answer.facts
    assert answer.head == "a" * 40


@pytest.mark.parametrize("oid", [None, 7, ["a"], "HEAD", "a" * 65, "../x", "a" * 1_000_000])
def test_what_is_no_id_of_a_commit_is_no_head_and_costs_no_figure(oid: Any) -> None:
    told = node(defaultBranchRef={"target": {"oid": oid}})
    [answer], _ = parse_answer({"data": {"r0": told}}, BATCH, facts=True, now=NOW)
    assert isinstance(answer, Answer)
    assert answer.head == ""
    assert answer.facts is not None


def test_what_is_kept_of_an_answer_is_bounded_whoever_sent_it() -> None:
    topics = {"nodes": [{"topic": {"name": f"{n:05}" * 1_000}} for n in range(500)]}
    facts = parse_repository(node(repositoryTopics=topics), NOW)
    assert len(facts["topics"]) == 20
    assert max(map(len, facts["topics"])) == 1_000
    blob = {"__typename": "Blob", "byteSize": 1, "isTruncated": False, "isBinary": False}
    batch = [Wanted("a", BATCH[0].repo, ("long", "odd"))]
    told = node(f0={**blob, "text": "x" * 1_000_001}, f1={**blob, "text": 7})
    [answer], _ = parse_answer({"data": {"r0": told}}, batch, facts=True, now=NOW)
    assert isinstance(answer, Answer)
    assert [file.text for file in answer.files.values() if isinstance(file, Blob)] == [None, None]


@pytest.mark.parametrize(
    "branch", [None, {}, {"target": None}, {"target": {}}, {"target": {"oid": "b" * 40}}]
)
def test_without_a_branch_or_a_commit_on_it_the_last_change_is_unknown(branch: Any) -> None:
    facts = parse_repository(node(APRIL, APRIL, defaultBranchRef=branch), NOW)
    assert facts["stars"] == 71
    assert "last_push" not in facts


def test_a_release_s_date_that_cannot_be_read_is_unknown_and_costs_no_figure() -> None:
    release = {"name": "One", "tagName": "1.0", "url": "https://github.com/o/a", "publishedAt": "soon"}
    facts = parse_repository(node(APRIL, APRIL, latestRelease=release), NOW)
    assert (facts["stars"], facts["latest_release"]) == (71, "One")
    assert "latest_release_date" not in facts


def test_the_flag_in_the_source_is_found_with_its_evidence() -> None:
    with GitHub(world("maker/Demo", head="c" * 40)) as github:
        collected = ask(github, [registration()])
    fact = found(collected, "compatibility")["demo"]
    assert isinstance(fact, Fact)
    assert {key: fact.data[key] for key in ("python", "path", "line", "commit")} == {
        "python": ">=3.7,<4",
        "path": "octoprint_demo/__init__.py",
        "line": 2,
        "commit": "c" * 40,
    }


@pytest.mark.parametrize(
    ("module", "data"),
    [
        (
            'try:\n    __plugin_pythoncompat__ = ">=3"\nexcept X:\n    pass\n',
            {"python": ">=2.7,<3", "rule": "setup.py:plugin_package+default", "line": 0, "problem": True},
        ),
        ("x = 1\nprint 1\n", {"python": ">=2.7,<3", "rule": "setup.py:plugin_package+syntax", "line": 2}),
    ],
)
def test_what_the_host_assumes_is_a_fact_with_its_reason(module: str, data: dict[str, Any]) -> None:
    with GitHub(world("maker/Demo", files={**FILES, "octoprint_demo/__init__.py": module})) as github:
        collected = ask(github, [registration()])
    fact = found(collected, "compatibility")["demo"]
    assert isinstance(fact, Fact)
    assert {key: fact.data[key] for key in data} == data
    assert fact.data["reason"].startswith("OctoPrint ")
    assert_fits_the_state(collected)


def assert_fits_the_state(collected: Collected) -> None:
    """Check the facts by the schema of the state, which refuses a whole state for one that does not fit."""
    parse_state(dump_state(learn(State(), collected.runs, NOW)), "state.json")


def test_one_source_that_cannot_be_read_is_missing_and_its_neighbours_are_read() -> None:
    told = world("maker/P0", "maker/P1", "maker/P2")
    nested = {**FILES, "octoprint_demo/__init__.py": f"x = {'-' * 200_000}1\n"}
    told["repositories"]["maker/P1"] = {**REPOSITORY, "files": nested}
    with GitHub(told) as github:
        collected = ask(github, plugins(3))
    answers = found(collected, "compatibility")
    assert answers["p1"] == Missing(
        reason="its source takes too much memory, or is nested too deep, to be read"
    )
    for name in ("p0", "p2"):
        fact = answers[name]
        assert isinstance(fact, Fact)
        assert fact.data["python"] == ">=3.7,<4"
    assert isinstance(found(collected)["p1"], Fact), "its figures are known all the same"


@pytest.mark.parametrize(
    "data",
    [
        {"python": ">=3,<4", "rule": "setup.py:format+constant+import", "path": "a/b.py", "line": 3},
        {"reason": "__plugin_pythoncompat__ is not set in a.py", "problem": False, "path": "a.py", "line": 1},
    ],
)
def test_what_an_older_almanac_read_is_read_anew_in_the_query_for_the_figures(data: dict[str, Any]) -> None:
    old = Fact(
        fetched_at=NOW,
        as_of=NOW,
        source="github",
        data={**data, "commit": "c" * 40, "extractor": "1 __plugin_pythoncompat__"},
    )
    known = State(plugins={f"p{n}": {"compatibility": old} for n in range(3)})
    told = world("maker/P0", "maker/P1", "maker/P2", head="c" * 40)
    files = {"setup.py": FILES["setup.py"], "octoprint_p0/__init__.py": FILES["octoprint_demo/__init__.py"]}
    told["repositories"]["maker/P0"] = {**REPOSITORY, "files": {**files, "setup.py": ""}, "head": "c" * 40}
    with GitHub(told) as github:
        collected = ask(github, plugins(1), known=known)
        assert len(github.queries) == 1
    fact = found(collected, "compatibility")["p0"]
    assert isinstance(fact, Fact)
    assert (fact.data["rule"], fact.data["line"]) == ("guess:prefix+flag", 2)


def test_a_plugin_of_one_file_is_found_by_its_archive_in_the_first_query() -> None:
    files = {"reel.py": FILES["octoprint_demo/__init__.py"], "README.md": "x"}
    plugin = replace(registration(), archive="https://github.com/maker/Demo/raw/main/reel.py")
    with GitHub(world("maker/Demo", files=files)) as github:
        collected = ask(github, [plugin])
        assert len(github.queries) == 1
    fact = found(collected, "compatibility")["demo"]
    assert isinstance(fact, Fact)
    assert (fact.data["rule"], fact.data["path"]) == ("archive+flag", "reel.py")


def test_a_module_whose_path_is_longer_than_the_state_takes_is_never_asked_for() -> None:
    module, folder = ".".join(["a" * 79] * 6), "s" * 100
    files = {"setup.py": f'plugin_package = "{module}"\n', f"{module.replace('.', '/')}/__init__.py": ""}
    plugin = replace(registration(), repo=RepoRef("maker", "Demo", folder))
    with GitHub(
        world("maker/Demo", files={f"{folder}/{path}": text for path, text in files.items()})
    ) as github:
        collected = ask(github, [plugin])
    fact = found(collected, "compatibility")["demo"]
    assert isinstance(fact, Fact)
    assert "path" not in fact.data
    assert_fits_the_state(collected)


def test_prerelease_is_not_the_latest_release_but_counts_as_a_release() -> None:
    only = [{"name": "rc", "tag": "1rc1", "published_at": "2026-03-01T00:00:00Z", "prerelease": True}]
    with GitHub(world("maker/Demo", releases=only)) as github:
        fact = found(ask(github, [registration()]))["demo"]
    assert isinstance(fact, Fact)
    assert fact.data["releases"] == 1
    assert not [key for key in fact.data if key.startswith("latest_release")]


def test_an_unrecognised_licence_is_unknown() -> None:
    with GitHub(world("maker/Demo", license="NOASSERTION")) as github:
        fact = found(ask(github, [registration()]))["demo"]
    assert isinstance(fact, Fact)
    assert "license" not in fact.data


def test_an_empty_repository_has_figures_and_no_flag() -> None:
    with GitHub({"repositories": {"maker/Demo": {"stars": 2, "empty": True}}}) as github:
        collected = ask(github, [registration()])
    fact, flag = found(collected)["demo"], found(collected, "compatibility")["demo"]
    assert isinstance(fact, Fact)
    assert isinstance(flag, Fact)
    assert fact.data["stars"] == 2
    assert "last_push" not in fact.data
    assert "python" not in flag.data


def test_a_renamed_repository_takes_its_new_name_and_is_reported() -> None:
    told = {**world("newmaker/NewDemo"), "renames": {"maker/Demo": "newmaker/NewDemo"}}
    with GitHub(told) as github:
        collected = ask(github, [registration()])
    fact = found(collected)["demo"]
    assert isinstance(fact, Fact)
    assert fact.data["repo"] == "newmaker/NewDemo"
    assert collected.notes == {"demo": "maker/Demo is now newmaker/NewDemo: update `source`"}


def test_an_address_with_a_folder_that_is_none_has_figures_and_no_flag() -> None:
    plugin = replace(registration(), repo=RepoRef("maker", "Demo", "x" * 500))
    with GitHub(world("maker/Demo")) as github:
        collected = ask(github, [plugin])
    assert isinstance(found(collected)["demo"], Fact)
    assert isinstance(found(collected, "compatibility")["demo"], Missing)


def test_a_repository_that_is_not_there_is_gone_and_the_others_are_read() -> None:
    with GitHub(world("maker/P0", "maker/P2")) as github:
        answers = found(ask(github, plugins(3)))
    assert isinstance(answers["p0"], Fact)
    assert answers["p1"] == Missing(reason="GitHub knows no repository maker/P1", gone=True)
    assert isinstance(answers["p2"], Fact)


def test_a_forbidden_repository_is_not_called_gone() -> None:
    told = {**world("maker/Demo"), "forbidden": ["maker/Demo"]}
    with GitHub(told) as github:
        answer = found(ask(github, [registration()]))["demo"]
    assert isinstance(answer, Missing)
    assert not answer.gone


def test_an_archived_repository_is_marked() -> None:
    with GitHub(world("maker/Demo", archived=True)) as github:
        fact = found(ask(github, [registration()]))["demo"]
    assert isinstance(fact, Fact)
    assert fact.data["archived"] is True


def test_registrations_elsewhere_are_not_asked_for() -> None:
    with GitHub(world()) as github:
        collected = ask(github, [registration(repo=None)])
        assert github.requests == []
    assert found(collected) == {}


def test_many_repositories_are_asked_for_in_few_requests() -> None:
    with GitHub(world(*(f"maker/P{n}" for n in range(120)))) as github:
        collected = ask(github, plugins(120))
        assert len(github.queries) <= 6
        assert github.others == []
        assert github.not_emulated == set()
        assert len({query.text for query in github.queries}) <= 6
    assert len(facts(found(collected).values())) == 120
    assert collected.points <= 6


def test_sources_are_read_only_where_the_head_has_moved() -> None:
    told = world("maker/P0", "maker/P1", "maker/P2")
    told["repositories"]["maker/P1"] = {**REPOSITORY, "head": "1" * 40}
    with GitHub(told) as github:
        cold = ask(github, plugins(3))
        known = learn(State(), cold.runs, NOW)
        github.forget()
        warm = ask(github, plugins(3), known=known)
        assert len(github.queries) == 1
        assert "object(" not in github.queries[0].text
    for name in ("p0", "p1", "p2"):
        assert found(warm, "compatibility")[name] == found(cold, "compatibility")[name]

    told["repositories"]["maker/P1"] = {
        **REPOSITORY,
        "head": "2" * 40,
        "files": {**FILES, "octoprint_demo/__init__.py": '__plugin_pythoncompat__ = ">=3.9,<4"\n'},
    }
    with GitHub(told) as github:
        moved = ask(github, plugins(3), known=known)
        asked = [query.repositories for query in github.queries if "object(" in query.text]
        assert set(asked) == {("maker/p1",)}
    fact = found(moved, "compatibility")["p1"]
    assert isinstance(fact, Fact)
    assert (fact.data["python"], fact.data["commit"]) == (">=3.9,<4", "2" * 40)


@pytest.mark.parametrize(
    "kind", ["bad-gateway", "gateway-timeout", "server-error", "truncated", "short-body"]
)
def test_a_batch_too_large_for_github_is_split_until_it_answers(kind: Any) -> None:
    with GitHub(
        world(*(f"maker/P{n}" for n in range(20))), faults=[Fault(kind=kind, larger_than=5)]
    ) as github:
        collected = ask(github, plugins(20), batch_size=20)
    assert len(facts(found(collected).values())) == 20
    assert len(facts(found(collected, "compatibility").values())) == 20
    assert trouble(collected) == ""


@pytest.mark.parametrize(
    "kind", ["bad-gateway", "truncated", "html", "empty", "null-data", "partial-timeout", "reset", "close"]
)
def test_a_fault_that_passes_costs_no_plugin_its_figures(kind: Any) -> None:
    with GitHub(world(*(f"maker/P{n}" for n in range(8))), faults=[Fault(kind=kind, nth=1)]) as github:
        collected = ask(github, plugins(8))
    assert len(facts(found(collected).values())) == 8


@pytest.mark.parametrize("spared", [0, 3])
def test_a_batch_that_takes_too_much_of_github_is_split_like_a_502(spared: int) -> None:
    fault = Fault(kind="resource-limits", larger_than=5, spared=spared)
    with GitHub(world(*(f"maker/P{n}" for n in range(20))), faults=[fault]) as github:
        collected = ask(github, plugins(20), batch_size=20)
        assert len(github.queries) == 14, "seven for the facts, seven for the files"
    assert len(facts(found(collected).values())) == 20
    assert len(facts(found(collected, "compatibility").values())) == 20
    assert trouble(collected) == ""


@pytest.mark.slow
def test_a_github_that_answers_every_alias_with_a_limit_is_given_up_and_said() -> None:
    names = [f"maker/P{n}" for n in range(46)]
    with GitHub(world(*names), faults=[Fault(kind="resource-limits")]) as github:
        collected = ask(github, plugins(46), batch_size=46, concurrency=1)
        assert len(github.queries) <= 20
    assert facts(found(collected).values()) == []
    words = "GitHub answered RESOURCE_LIMITS_EXCEEDED: Resource limits for this query exceeded."
    assert (trouble(collected), trouble(collected, "compatibility")) == (words, words)


@pytest.mark.slow
def test_many_repositories_that_no_query_can_ask_for_are_left_after_a_bounded_number_of_queries() -> None:
    faults = [Fault(kind="bad-gateway", repository=f"maker/P{n}") for n in range(80)]
    with GitHub(world(*(f"maker/P{n}" for n in range(100))), faults=faults) as github:
        collected = ask(github, list(reversed(plugins(100))), batch_size=20, concurrency=1, patience_s=60)
        assert len(github.queries) < 180, "split to the last, and each asked for three times, it is 300"
    assert len(facts(found(collected).values())) == 20
    answers = [answer for answer in found(collected).values() if isinstance(answer, Missing)]
    assert len(answers) == 80
    assert all("answered 502" in answer.reason for answer in answers)


def test_a_source_that_gave_nothing_says_so_whatever_the_reason() -> None:
    told = {**world("maker/P0", "maker/P1", "maker/P2"), "forbidden": ["maker/P0", "maker/P1", "maker/P2"]}
    with GitHub(told) as github:
        collected = ask(github, plugins(3))
    assert trouble(collected).startswith("gave nothing of 3 plugins: GitHub answered FORBIDDEN: ")
    assert trouble(collected, "compatibility") == trouble(collected)


def test_a_source_that_gave_something_is_in_no_trouble() -> None:
    with GitHub({**world("maker/P0", "maker/P1"), "forbidden": ["maker/P0"]}) as github:
        assert trouble(ask(github, plugins(2))) == ""
    with GitHub(world()) as github:
        assert trouble(ask(github, plugins(2))) == "", "that a repository is gone is an answer"


@pytest.mark.slow
def test_a_github_that_is_down_is_given_up_after_three_single_repositories_and_told_once() -> None:
    names = [f"maker/P{n}" for n in range(46)]
    with GitHub(world(*names), faults=[Fault(kind="bad-gateway")]) as github:
        collected = ask(github, plugins(46), batch_size=46, concurrency=1)
        asked = len(github.queries)
    assert asked <= 20  # 91 batches down to the single ones, and those three times each, would be 183
    assert facts(found(collected).values()) == []
    assert trouble(collected).endswith("answered 502")


@pytest.mark.slow
def test_one_repository_that_breaks_every_query_does_not_take_the_others_with_it() -> None:
    with GitHub(
        world(*(f"maker/P{n}" for n in range(8))), faults=[Fault(kind="bad-gateway", repository="maker/P3")]
    ) as github:
        collected = ask(github, plugins(8))
    assert len(facts(found(collected).values())) == 7
    answer = found(collected)["p3"]
    assert isinstance(answer, Missing)
    assert "answered 502" in answer.reason
    assert not answer.gone


def test_an_error_of_one_alias_leaves_its_last_facts_and_the_others() -> None:
    fault = Fault(kind="repository-error", repository="maker/P1")
    with GitHub(world("maker/P0", "maker/P1"), faults=[fault]) as github:
        answers = found(ask(github, plugins(2)))
    assert isinstance(answers["p0"], Fact)
    assert isinstance(answers["p1"], Missing)
    assert not answers["p1"].gone


def test_an_error_of_one_alias_that_passes_is_asked_again() -> None:
    fault = Fault(kind="repository-error", repository="maker/P1", times=1)
    with GitHub(world("maker/P0", "maker/P1"), faults=[fault]) as github:
        answers = found(ask(github, plugins(2)))
    assert len(facts(answers.values())) == 2


def test_a_hanging_request_is_cut_off_and_the_rest_is_read() -> None:
    with GitHub(
        world(*(f"maker/P{n}" for n in range(4))), faults=[Fault(kind="hang", repository="maker/P2", times=1)]
    ) as github:
        collected = ask(github, plugins(4), timeout_s=0.5)
    assert len(facts(found(collected).values())) == 4


def test_a_host_that_only_hangs_is_given_up() -> None:
    with GitHub(world(*(f"maker/P{n}" for n in range(4))), faults=[Fault(kind="hang")]) as github:
        collected = ask(github, plugins(4), timeout_s=0.3, patience_s=1)
        assert len(github.queries) <= 8
    assert facts(found(collected).values()) == []
    assert trouble(collected) == "no answer within 0.3 s"


def test_a_revoked_token_stops_the_source_at_once_and_is_never_shown() -> None:
    with GitHub(world(*(f"maker/P{n}" for n in range(8))), faults=[Fault(kind="revoked")]) as github:
        collected = ask(github, plugins(8), batch_size=2, concurrency=1)
        assert len(github.queries) == 1
    assert "the token is not valid; renew GITHUB_TOKEN" in trouble(collected)
    assert TOKEN not in repr(collected)


def test_a_spent_rate_limit_stops_the_source() -> None:
    with GitHub(
        world(*(f"maker/P{n}" for n in range(8))), faults=[Fault(kind="rate-limited", from_nth=2)]
    ) as github:
        collected = ask(github, plugins(8), batch_size=4, concurrency=1)
    assert len(facts(found(collected).values())) == 4
    assert "a rate limit asks to wait" in trouble(collected)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["rate-limited", "rate-limited-403"])
def test_a_rate_limit_that_lifts_soon_is_waited_for(kind: Any) -> None:
    with GitHub(world("maker/Demo"), faults=[Fault(kind=kind, nth=1, reset_in_s=1)]) as github:
        collected = ask(github, [registration()])
    assert isinstance(found(collected)["demo"], Fact)


@pytest.mark.slow
@pytest.mark.parametrize("status", [403, 429])
def test_the_secondary_limit_is_obeyed(status: int) -> None:
    fault = Fault(kind="secondary-limit", nth=1, status=status, retry_after_s=1)
    with GitHub(world("maker/Demo"), faults=[fault]) as github:
        collected = ask(github, [registration()])
    assert isinstance(found(collected)["demo"], Fact)
    assert collected.traffic.retries == 1


def test_a_redirect_takes_the_token_nowhere() -> None:
    with GitHub(world(), token=None) as thief:
        fault = Fault(kind="redirect", location=thief.graphql_url)
        with GitHub(world("maker/Demo"), faults=[fault]) as github:
            collected = ask(github, [registration()])
        assert thief.requests == []
    assert "a redirect, which is not followed" in trouble(collected)


def test_without_a_token_nothing_is_asked() -> None:
    with GitHub(world("maker/Demo")) as github:
        collected = ask(github, [registration()], token="")
        assert github.requests == []
    assert trouble(collected) == "GITHUB_TOKEN is not set"


def test_most_repositories_gone_at_once_is_not_believed() -> None:
    known = learn(State(), ask_all(40).runs, NOW)
    with GitHub(world(*(f"maker/P{n}" for n in range(10)))) as github:
        collected = ask(github, plugins(40), known=known)
    assert trouble(collected) == "30 of 40 repositories gone at once: not believed"
    after = learn(known, collected.runs, NOW)
    assert not any(entry["github"].gone_since for entry in after.plugins.values())


def ask_all(count: int) -> Collected:
    with GitHub(world(*(f"maker/P{n}" for n in range(count)))) as github:
        return ask(github, plugins(count))


def test_the_text_of_a_query_holds_nothing_of_a_plugin() -> None:
    hostile = registration("evil", repo="o/n")
    wanted = Wanted("evil", hostile.repo, ('x"}) { viewer { login } }', "setup.py"))  # type: ignore[arg-type]
    payload = json.loads(build_payload([wanted], facts=True))
    assert "viewer" not in payload["query"]
    assert payload["query"] == build_query([2], facts=True)
    assert payload["variables"]["e0_0"] == 'HEAD:x"}) { viewer { login } }'


BATCH = [Wanted("a", registration("a", repo="o/a").repo)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {},
        {"data": None},
        {"data": {}},
        {"data": {"other": {}}},
        {"errors": "no list"},
        {"data": None, "errors": [None, {"message": "x"}]},
    ],
)
def test_an_answer_without_data_is_an_overload(content: Any) -> None:
    with pytest.raises(Overloaded):
        parse_answer(content, BATCH, facts=True, now=NOW)


@pytest.mark.parametrize("kind", ["RATE_LIMITED", "RATE_LIMIT"])
def test_a_spent_limit_is_told_apart(kind: str) -> None:
    with pytest.raises(LimitSpentError):
        parse_answer({"errors": [{"type": kind}]}, BATCH, facts=True, now=NOW)


@pytest.mark.parametrize(
    "told", [[], "x", {}, {"nameWithOwner": 1}, {"nameWithOwner": "o/a", "stargazerCount": "71"}]
)
def test_an_answer_of_another_shape_is_missing_not_a_crash(told: Any) -> None:
    [answer], _ = parse_answer({"data": {"r0": told}}, BATCH, facts=True, now=NOW)
    assert isinstance(answer, Missing)


def test_a_failed_look_up_of_a_release_leaves_the_last_figures() -> None:
    content = {
        "data": {"r0": {"nameWithOwner": "o/a", "latestRelease": None}},
        "errors": [{"path": ["r0", "latestRelease"], "message": "timeout"}],
    }
    [answer], _ = parse_answer(content, BATCH, facts=True, now=NOW)
    assert answer == Missing(reason="GitHub answered error: timeout")


def test_a_file_that_cannot_be_read_costs_no_figures() -> None:
    blob = {"__typename": "Blob", "text": "x", "byteSize": 1, "isTruncated": False, "isBinary": False}
    batch = [Wanted("a", BATCH[0].repo, ("setup.py", "setup.cfg"))]
    told = node(f0=None, f1=blob)
    content = {"data": {"r0": told}, "errors": [{"path": ["r0", "f0"], "message": "timeout"}]}
    [answer], _ = parse_answer(content, batch, facts=True, now=NOW)
    assert isinstance(answer, Answer)
    assert answer.unread
    assert answer.facts is not None
    assert answer.facts["stars"] == 71
    assert answer.files["setup.py"] is None
    assert isinstance(answer.files["setup.cfg"], Blob)


def test_no_flag_is_not_concluded_from_files_that_could_not_be_read() -> None:
    def spoiled(content: dict[str, Any]) -> dict[str, Any]:
        for alias, node in (content.get("data") or {}).items():
            if alias.startswith("r") and isinstance(node, dict) and "f3" in node:
                node["f4"] = None
                content.setdefault("errors", []).append({"path": [alias, "f4"], "message": "timeout"})
        return content

    known = learn(State(), ask_demo(None).runs, NOW)
    moved = ask_demo(spoiled, head="d" * 40)
    assert isinstance(found(moved)["demo"], Fact)
    assert found(moved, "compatibility")["demo"] == Missing(reason="GitHub did not show all of its files")
    after = learn(known, moved.runs, NOW)
    assert after.plugins["demo"]["compatibility"] == known.plugins["demo"]["compatibility"]


def ask_demo(spoil: Callable[[dict[str, Any]], dict[str, Any]] | None, **changes: Any) -> Collected:
    """Ask for the one plugin, its answers changed by `spoil` on the way."""

    class Between(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await super().handle_async_request(request)
            content = json.loads(await response.aread())
            return httpx.Response(200, json=spoil(content) if spoil else content)

    with GitHub(world("maker/Demo", **changes)) as github:
        access = Access(token=TOKEN, graphql_url=github.graphql_url)
        asked = collect([registration()], State(), settings(), access, NOW, Between())
        return asyncio.run(asked)


UNREAD = re.compile(
    r"its answer could not be read \(IndexError in \w+\.py, line \d+\); report this as a fault of Almanac"
)


def test_an_answer_that_makes_our_reading_raise_costs_its_plugin_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def raising(identity: Any, facts: Any) -> bool:
        if identity["registered"] == "maker/P1":
            raise IndexError("no such place")
        return False

    monkeypatch.setattr("registry.sources.github.is_stranger", raising)
    with GitHub(world("maker/P0", "maker/P1", "maker/P2")) as github:
        figures, compatibility, *_ = (run for run in ask(github, plugins(3)).runs if "usage" not in run.kind)
    for run in (figures, compatibility):
        missing = run.found["p1"]
        assert isinstance(missing, Missing)
        assert UNREAD.fullmatch(missing.reason)
        assert isinstance(run.found["p0"], Fact)
        assert isinstance(run.found["p2"], Fact)


def test_a_source_that_raises_ends_no_run_and_what_it_had_found_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def raising(collector: Any, known: State) -> None:
        del collector.facts["p1"]
        raise IndexError("no such place")

    monkeypatch.setattr("registry.sources.github.Collector._take_new_ids", raising)
    with GitHub(world("maker/P0", "maker/P1")) as github:
        runs = {run.kind: run for run in ask(github, plugins(2)).runs}
    words = runs["github"].trouble
    assert UNREAD.fullmatch(words)
    assert isinstance(runs["github"].found["p0"], Fact)
    assert runs["github"].found["p1"] == Missing(reason=f"GitHub was given up: {words}")


def test_an_export_that_makes_our_reading_raise_ends_no_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def raising(raw: bytes, now: Any) -> None:
        raise IndexError("no such place")

    (tmp_path / "week.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr("registry.sources.usage.parse_export", raising)
    exports = settings().usage.exports.model_copy(update={"week": str(tmp_path / "week.json")})
    usage = settings().usage.model_copy(update={"exports": exports})
    with GitHub(world("maker/P0")) as github:
        access = Access(token=TOKEN, graphql_url=github.graphql_url, server_url="https://github.com")
        asked = settings().model_copy(update={"usage": usage})
        runs = {run.kind: run for run in asyncio.run(collect(plugins(1), State(), asked, access, NOW)).runs}
    assert UNREAD.fullmatch(runs["usage_week"].trouble.removeprefix(f"{tmp_path}/week.json: "))
    assert isinstance(runs["github"].found["p0"], Fact)
