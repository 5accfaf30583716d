"""When a plugin was given up, asked through an emulator that runs our query against GitHub's own schema."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from registry.facts.model import Fact, Missing, SourceRun
from registry.facts.state import State, learn
from registry.github.access import Access
from registry.github.graphql import LimitSpentError
from registry.github.threads import Thread, parse_thread
from registry.net.http import Overloaded
from registry.registration.model import Registration, RepoRef
from registry.sources.abandonment import build_payload, parse_answer, wanted
from registry.sources.collect import Collected, collect
from tests.emulators.github import TOKEN, Fault, GitHub
from tests.support.builders import NOW, registration, settings

ISSUE = "https://github.com/almanac/registry/issues/7"
PULL = "https://github.com/almanac/registry/pull/8"
DISCUSSION = "https://github.com/almanac/registry/discussions/9"
THREADS: dict[str, Any] = {
    "7": {"created_at": "2020-09-03T10:11:12Z", "title": "lamp: abandoned?"},
    "8": {"kind": "pull", "created_at": "2021-01-02T03:04:05Z"},
    "9": {"kind": "discussion", "created_at": "2022-02-03T04:05:06Z"},
}
WORLD: dict[str, Any] = {
    "repositories": {"almanac/registry": {"threads": THREADS}, "maker/Demo": {}},
}


def abandoned(plugin_id: str = "lamp", url: object = ISSUE, repo: str | None = None) -> Registration:
    return registration(plugin_id, repo=repo, abandoned=url)


def ask(
    github: GitHub,
    *registrations: Registration,
    known: State | None = None,
    token: str = TOKEN,
    **limits: Any,
) -> Collected:
    access = Access(token=token, graphql_url=github.graphql_url, server_url="https://github.com")
    limits = {"timeout_s": 3, "patience_s": 5, **limits}
    return asyncio.run(collect(registrations, known or State(), settings(**limits), access, NOW))


def run_of(collected: Collected) -> SourceRun:
    return next(run for run in collected.runs if run.kind == "abandonment")


def data_of(collected: Collected) -> dict[str, Mapping[str, Any]]:
    found = run_of(collected).found
    return {key: entry.data for key, entry in found.items() if isinstance(entry, Fact)}


def reasons(collected: Collected) -> dict[str, str]:
    found = run_of(collected).found
    return {key: entry.reason for key, entry in found.items() if isinstance(entry, Missing)}


def test_issue_pull_request_and_discussion_tell_their_date_in_one_query() -> None:
    with GitHub(WORLD) as github:
        collected = ask(
            github, abandoned(), abandoned("fan", PULL), abandoned("bed", DISCUSSION), registration("other")
        )
        queries = [query for query in github.queries if "thread:" in query.text]
    assert data_of(collected) == {
        "lamp": {"url": ISSUE, "created_at": "2020-09-03 10:11:12 +0000"},
        "fan": {"url": PULL, "created_at": "2021-01-02 03:04:05 +0000"},
        "bed": {"url": DISCUSSION, "created_at": "2022-02-03 04:05:06 +0000"},
    }
    assert len(queries) == 1
    assert not github.not_emulated
    assert run_of(collected).trouble == ""


def test_a_warm_run_costs_no_request() -> None:
    with GitHub(WORLD) as github:
        cold = ask(github, abandoned())
        known = learn(State(), cold.runs, NOW)
        github.forget()
        warm = ask(github, abandoned(), known=known)
        assert github.requests == []
        moved = ask(github, abandoned(url=PULL), known=known)
    assert (run_of(warm).asked, run_of(warm).found, run_of(warm).trouble) == (False, {}, "")
    assert data_of(moved)["lamp"]["url"] == PULL


def test_what_the_address_holds_never_reaches_the_text_of_the_query() -> None:
    threads = [parse_thread(url, "https://github.com") for url in (ISSUE, ISSUE.replace("almanac", "evil-x"))]
    first, second = (build_payload([thread]) for thread in threads if thread)
    assert b"evil-x" in second
    assert second.replace(b"evil-x", b"almanac") == first
    assert b"almanac" not in first.split(b'"variables"')[0]


def test_a_thread_that_is_not_there_is_missing_and_told() -> None:
    urls = {
        "lamp": ISSUE.replace("7", "70"),
        "fan": DISCUSSION.replace("9", "7"),
        "bed": "https://github.com/gone/gone/issues/1",
        "door": "https://github.com/secret/secret/pull/1",
        "good": ISSUE,
    }
    with GitHub({**WORLD, "forbidden": ["secret/secret"]}) as github:
        collected = ask(github, *(abandoned(key, url) for key, url in urls.items()))
    assert reasons(collected) == {
        "lamp": "GitHub knows no issue almanac/registry#70, which `abandoned` names",
        "fan": "GitHub knows no discussion almanac/registry#7, which `abandoned` names",
        "bed": "GitHub knows no issue gone/gone#1, which `abandoned` names",
        "door": "GitHub answered FORBIDDEN for pull request secret/secret#1: Resource protected by "
        "organization SAML enforcement. You must grant your OAuth token access to this organization.",
    }
    assert list(data_of(collected)) == ["good"]


def test_the_last_known_fact_stays_when_the_thread_has_gone() -> None:
    with GitHub(WORLD) as github:
        known = learn(State(), ask(github, abandoned()).runs, NOW)
        github.world.remove("almanac/registry")
        collected = ask(github, abandoned(url=PULL), known=known)
    assert (
        reasons(collected)["lamp"]
        == "GitHub knows no pull request almanac/registry#8, which `abandoned` names"
    )
    after = learn(known, collected.runs, NOW + timedelta(days=1))
    assert after.plugins["lamp"]["abandonment"].data["url"] == ISSUE
    assert after.plugins["lamp"]["abandonment"].gone_since is None


def test_without_a_token_nothing_is_asked_and_only_what_is_unknown_is_told() -> None:
    with GitHub(WORLD) as github:
        told = run_of(ask(github, abandoned(), token=""))
        silent = run_of(ask(github, registration(), token=""))
        assert github.requests == []
    assert (told.asked, told.trouble) == (False, "GITHUB_TOKEN is not set")
    assert (silent.asked, silent.trouble) == (False, "")


def test_a_batch_that_is_too_much_is_split() -> None:
    plugins = [abandoned(f"p{number}", ISSUE) for number in range(8)]
    with GitHub(WORLD, faults=[Fault(kind="bad-gateway", larger_than=3)]) as github:
        collected = ask(github, *plugins)
    assert len(data_of(collected)) == 8
    assert run_of(collected).trouble == ""


def test_a_batch_is_no_larger_than_the_settings_allow() -> None:
    with GitHub(WORLD) as github:
        collected = ask(github, *(abandoned(f"p{number}") for number in range(7)), batch_size=3)
        assert sorted(len(query.repositories) for query in github.queries) == [1, 3, 3]
    assert len(data_of(collected)) == 7


def test_a_source_that_fails_ends_the_asking_and_no_plugin_is_dated_falsely() -> None:
    plugins = [abandoned(f"p{number}") for number in range(8)]
    with GitHub(WORLD, faults=[Fault(kind="bad-gateway")]) as github:
        collected = ask(github, *plugins)
        assert len(github.queries) < 12
    assert run_of(collected).trouble.endswith("answered 502")
    assert set(reasons(collected)) == {plugin.id for plugin in plugins}


def test_where_github_was_given_up_nothing_more_is_asked() -> None:
    with GitHub(WORLD, faults=[Fault(kind="revoked")]) as github:
        collected = ask(github, registration("other", repo="maker/Demo"), abandoned())
        assert len(github.queries) == 1
    assert "the token is not valid" in run_of(collected).trouble
    assert reasons(collected)["lamp"].startswith("GitHub was given up: ")


def test_a_host_that_hangs_is_given_up_in_time() -> None:
    with GitHub(WORLD, faults=[Fault(kind="hang")]) as github:
        collected = ask(github, abandoned(), abandoned("fan", PULL), timeout_s=0.2, patience_s=0.3)
    assert "within" in run_of(collected).trouble
    assert set(reasons(collected)) == {"lamp", "fan"}


def test_a_spent_limit_is_not_waited_for_longer_than_patience_lasts() -> None:
    with GitHub(WORLD, faults=[Fault(kind="rate-limited", reset_in_s=3_000)]) as github:
        collected = ask(github, abandoned())
        assert len(github.queries) == 1
    assert run_of(collected).trouble.endswith("patience ends after 5 s")


def test_a_thread_on_our_own_server_counts() -> None:
    thread = parse_thread("https://git.example/a/b/issues/3", "https://git.example")
    assert thread == Thread(
        repo=RepoRef("a", "b"), section="issues", number=3, url="https://git.example/a/b/issues/3"
    )
    assert wanted([abandoned(url="https://git.example/a/b/issues/3")], State(), "https://github.com") == {}


def answer(**changes: Any) -> dict[str, Any]:
    return {
        "data": {"r0": {"thread": {"createdAt": "2020-09-03T10:11:12Z"}}, "rateLimit": {"cost": 1}},
        **changes,
    }


THREAD = Thread(repo=RepoRef("almanac", "registry"), section="issues", number=7, url=ISSUE)


@pytest.mark.parametrize("created", [None, 5, "yesterday", {}])
def test_a_date_that_is_none_makes_no_fact(created: object) -> None:
    content = {"data": {"r0": {"thread": {"createdAt": created}}}}
    ((outcome,), _) = parse_answer(content, [THREAD], NOW)
    assert outcome == Missing(reason="GitHub tells no date of issue almanac/registry#7")


def test_a_date_that_is_yet_to_come_is_that_of_today() -> None:
    content = {"data": {"r0": {"thread": {"createdAt": "2999-01-01T00:00:00Z"}}}}
    ((outcome,), _) = parse_answer(content, [THREAD], NOW)
    assert isinstance(outcome, Fact)
    assert outcome.data["created_at"] == "2026-05-01 06:00:00 +0000"


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {},
        {"data": None},
        {"data": None, "errors": [{"message": "Something went wrong"}]},
        {"data": {"r0": None}, "errors": [{"message": "Something went wrong"}]},
        {"errors": "no list"},
    ],
)
def test_an_answer_that_answers_nothing_may_be_tried_smaller(content: object) -> None:
    with pytest.raises(Overloaded, match=r"^GitHub answered: "):
        parse_answer(content, [THREAD], NOW)


def test_a_limit_that_is_spent_is_no_answer() -> None:
    with pytest.raises(LimitSpentError):
        parse_answer(answer(errors=[{"type": "RATE_LIMITED", "message": "x"}]), [THREAD], NOW)


def test_an_alias_that_was_left_out_is_missing_and_the_others_are_not() -> None:
    ((first, second), cost) = parse_answer(answer(), [THREAD, replace(THREAD, number=8)], NOW)
    assert isinstance(first, Fact)
    assert second == Missing(reason="GitHub left issue almanac/registry#8 out of its answer")
    assert cost == 1


def test_what_github_says_steers_no_terminal() -> None:
    error = {"type": "ODD", "path": ["r0"], "message": "\x1b[2J\n::error::x"}
    ((outcome,), _) = parse_answer({"data": {"r0": None}, "errors": [error]}, [THREAD], NOW)
    assert outcome == Missing(
        reason="GitHub answered ODD for issue almanac/registry#7: \\x1b[2J\\n::error::x"
    )
