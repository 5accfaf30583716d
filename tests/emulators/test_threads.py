"""The issues, pull requests and discussions of an emulated repository, by GitHub's own schema."""

from typing import Any

import pytest
import requests

from tests.emulators.github import TOKEN, GitHub

THREADS = {
    "1": {"title": "A lamp", "created_at": "2020-09-03T10:11:12Z", "author": "ada", "closed": True},
    "2": {"kind": "pull"},
    "3": {"kind": "discussion", "title": "Who adopts it?"},
}
WORLD: dict[str, Any] = {"repositories": {"maker/Demo": {"threads": THREADS, "open_issues": 4}}}


def ask(fields: str) -> dict[str, Any]:
    query = f'query {{ repository(owner: "maker", name: "Demo") {{ {fields} }} }}'
    with GitHub(WORLD) as github:
        headers = {"Authorization": f"bearer {TOKEN}"}
        answer = requests.post(github.graphql_url, json={"query": query}, headers=headers, timeout=10)
        assert not github.not_emulated
    content: dict[str, Any] = answer.json()
    return content


def test_a_thread_tells_what_github_tells() -> None:
    fields = "__typename number title createdAt closed url author { login }"
    content = ask(
        f"issue(number: 1) {{ {fields} state }} pullRequest(number: 2) {{ {fields} state }} "
        f"discussion(number: 3) {{ {fields} }} "
        "either: issueOrPullRequest(number: 2) { __typename ... on PullRequest { createdAt } }"
    )
    repository = content["data"]["repository"]
    assert repository["issue"] == {
        "__typename": "Issue",
        "number": 1,
        "title": "A lamp",
        "createdAt": "2020-09-03T10:11:12Z",
        "closed": True,
        "url": "https://github.com/maker/Demo/issues/1",
        "author": {"login": "ada"},
        "state": "CLOSED",
    }
    assert repository["pullRequest"]["url"] == "https://github.com/maker/Demo/pull/2"
    assert repository["discussion"]["title"] == "Who adopts it?"
    assert repository["either"] == {"__typename": "PullRequest", "createdAt": "2015-01-01T00:00:00Z"}
    assert "errors" not in content


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("issue(number: 9)", "an Issue with the number of 9"),
        ("issue(number: 2)", "an Issue with the number of 2"),
        ("pullRequest(number: 1)", "a PullRequest with the number of 1"),
        ("issueOrPullRequest(number: 3)", "an issue or pull request with the number of 3"),
        ("discussion(number: 1)", "a Discussion with the number of 1"),
    ],
)
def test_a_thread_of_another_kind_is_not_found(field: str, words: str) -> None:
    content = ask(f"thread: {field} {{ __typename }}")
    assert content["data"] == {"repository": {"thread": None}}
    (error,) = content["errors"]
    assert (error["type"], error["path"]) == ("NOT_FOUND", ["repository", "thread"])
    assert error["message"] == f"Could not resolve to {words}."


def test_threads_change_no_count() -> None:
    assert ask("issues { totalCount }")["data"]["repository"]["issues"] == {"totalCount": 4}
