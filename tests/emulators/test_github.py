"""What the GitHub emulator promises to the tests that stand on it."""

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.emulators.github import TOKEN, Fault, GitHub, World
from tests.emulators.schema import SchemaMissingError, schema_path

WORLD: dict[str, Any] = {
    "repositories": {
        "Alice/Octo-Thing": {
            "stars": 12,
            "forks": 3,
            "watchers": 4,
            "open_issues": 5,
            "closed_issues": 6,
            "pushed_at": "2024-05-01T10:00:00Z",
            "committed_at": "2021-06-02T03:04:05Z",
            "license": "AGPL-3.0",
            "topics": ["octoprint", "plugin"],
            "default_branch": "devel",
            "releases": [
                {"name": "One", "tag": "1.0", "published_at": "2023-01-01T00:00:00Z"},
                {"name": "Two", "tag": "2.0rc1", "published_at": "2024-01-01T00:00:00Z", "prerelease": True},
                {"name": "Three", "tag": "3.0", "published_at": "2024-02-01T00:00:00Z", "draft": True},
            ],
            "files": {
                "setup.py": "from setuptools import setup\n",
                "octoprint_thing/__init__.py": {"text": "class A:\n", "filler": 3_000, "tail": "flag = 1\n"},
                "octoprint_thing/static/logo.png": {"text": "\0\1", "binary": True},
                "vendor": {"submodule": "1" * 40},
                "link": {"symlink": "setup.py"},
            },
        },
        "bob/only-prereleases": {
            "releases": [{"tag": "0.1b1", "published_at": "2020-01-01T00:00:00Z", "prerelease": True}]
        },
        "bob/empty": {"empty": True},
        "bob/secret": {"private": True},
        "bob/locked": {"stars": 1},
        "bob/large": {"files": {"big.py": {"text": "x" * 600_000}}},
    },
    "renames": {"alice/old-thing": "Alice/Octo-Thing"},
    "forbidden": ["bob/locked"],
}

STARS = "query($o:String!,$n:String!){r0:repository(owner:$o,name:$n){nameWithOwner stargazerCount}}"
TWO = '{a:repository(owner:"alice",name:"octo-thing"){id} b:repository(owner:"bob",name:"empty"){id}}'
AUTHORIZED = {"Authorization": f"bearer {TOKEN}"}


def ask(github: GitHub, query: str, *, token: str = TOKEN, **variables: Any) -> httpx.Response:
    headers = {"Authorization": f"bearer {token}"}
    with httpx.Client(timeout=5, trust_env=False, verify=False) as client:
        return client.post(github.graphql_url, json={"query": query, "variables": variables}, headers=headers)


def post(github: GitHub, **request: Any) -> httpx.Response:
    return httpx.post(github.graphql_url, trust_env=False, verify=False, **request)


def stars(github: GitHub, repository: str = "alice/octo-thing", *, token: str = TOKEN) -> httpx.Response:
    owner, name = repository.split("/")
    return ask(github, STARS, o=owner, n=name, token=token)


def data(github: GitHub, fields: str, repository: str = "alice/octo-thing") -> dict[str, Any]:
    owner, name = repository.split("/")
    answer = ask(github, f'{{r:repository(owner:"{owner}",name:"{name}"){{{fields}}}}}').json()
    assert "errors" not in answer, answer
    found = answer["data"]["r"]
    assert isinstance(found, dict)
    return found


@contextmanager
def faulty(**fault: Any) -> Iterator[GitHub]:
    with GitHub(WORLD, faults=[Fault(**fault)]) as github:
        yield github


@pytest.fixture(scope="module")
def github() -> Iterator[GitHub]:
    with GitHub(WORLD) as server:
        yield server


# What a repository answers


def test_figures_of_a_repository_answer_to_the_names_of_the_schema(github: GitHub) -> None:
    assert data(
        github,
        "nameWithOwner stargazerCount forkCount watchers{totalCount} open:issues(states:OPEN){totalCount}"
        " closed:issues(states:[CLOSED]){totalCount} issues{totalCount} pushedAt isArchived"
        " licenseInfo{spdxId} repositoryTopics(first:1){totalCount nodes{topic{name}}}"
        " defaultBranchRef{name target{__typename oid ... on Commit{committedDate}}}"
        " owner{__typename login}",
    ) == {
        "nameWithOwner": "Alice/Octo-Thing",
        "stargazerCount": 12,
        "forkCount": 3,
        "watchers": {"totalCount": 4},
        "open": {"totalCount": 5},
        "closed": {"totalCount": 6},
        "issues": {"totalCount": 11},
        "pushedAt": "2024-05-01T10:00:00Z",
        "isArchived": False,
        "licenseInfo": {"spdxId": "AGPL-3.0"},
        "repositoryTopics": {"totalCount": 2, "nodes": [{"topic": {"name": "octoprint"}}]},
        "defaultBranchRef": {
            "name": "devel",
            "target": {
                "__typename": "Commit",
                "oid": GitHub(WORLD).world.find("alice", "octo-thing").head,  # type: ignore[union-attr]
                "committedDate": "2021-06-02T03:04:05Z",
            },
        },
        "owner": {"__typename": "User", "login": "Alice"},
    }


def test_latest_release_is_the_latest_full_one(github: GitHub) -> None:
    found = data(github, "latestRelease{name tagName publishedAt url isLatest} releases{totalCount}")
    assert found == {
        "latestRelease": {
            "name": "One",
            "tagName": "1.0",
            "publishedAt": "2023-01-01T00:00:00Z",
            "url": "https://github.com/Alice/Octo-Thing/releases/tag/1.0",
            "isLatest": True,
        },
        "releases": {"totalCount": 2},
    }


def test_repository_with_prereleases_only_has_no_latest_release(github: GitHub) -> None:
    found = data(github, "latestRelease{name} releases(first:5){nodes{tagName}}", "bob/only-prereleases")
    assert found == {"latestRelease": None, "releases": {"nodes": [{"tagName": "0.1b1"}]}}


def test_releases_come_in_pages_newest_first(github: GitHub) -> None:
    order = "orderBy:{field:CREATED_AT,direction:DESC}"
    page = data(github, f"releases(first:1,{order}){{nodes{{tagName}} pageInfo{{hasNextPage endCursor}}}}")
    assert page["releases"]["nodes"] == [{"tagName": "2.0rc1"}]
    assert page["releases"]["pageInfo"]["hasNextPage"] is True
    cursor = page["releases"]["pageInfo"]["endCursor"]
    after = data(
        github, f'releases(first:1,after:"{cursor}",{order}){{nodes{{tagName}} pageInfo{{hasNextPage}}}}'
    )
    assert after["releases"] == {"nodes": [{"tagName": "1.0"}], "pageInfo": {"hasNextPage": False}}


@pytest.mark.parametrize("revision", ["HEAD", "devel", "refs/heads/devel"])
def test_file_of_the_default_branch_is_a_blob(github: GitHub, revision: str) -> None:
    fields = "... on Blob{text byteSize isBinary isTruncated oid}"
    assert data(github, f'object(expression:"{revision}:setup.py"){{{fields}}}')["object"] == {
        "text": "from setuptools import setup\n",
        "byteSize": 29,
        "isBinary": False,
        "isTruncated": False,
        # printf 'from setuptools import setup\n' | git hash-object --stdin
        "oid": "3ec4e9bd554a490aa01de9a036092a04cfc87f0a",
    }


def test_filler_stands_between_text_and_tail(github: GitHub) -> None:
    blob = data(github, 'object(expression:"HEAD:octoprint_thing/__init__.py"){... on Blob{text byteSize}}')
    text = blob["object"]["text"]
    assert text.startswith("class A:\n")
    assert text.endswith("flag = 1\n")
    assert 3_000 < blob["object"]["byteSize"] == len(text) < 4_500
    compile(text, "octoprint_thing/__init__.py", "exec")


def test_large_file_is_cut_and_says_so(github: GitHub) -> None:
    fields = "... on Blob{text byteSize isTruncated}"
    blob = data(github, f'object(expression:"HEAD:big.py"){{{fields}}}', "bob/large")["object"]
    assert (len(blob["text"]), blob["byteSize"], blob["isTruncated"]) == (512_000, 600_000, True)


def test_binary_file_has_no_text(github: GitHub) -> None:
    path = "HEAD:octoprint_thing/static/logo.png"
    assert data(github, f'object(expression:"{path}"){{... on Blob{{text isBinary}}}}')["object"] == {
        "text": None,
        "isBinary": True,
    }


@pytest.mark.parametrize("expression", ["HEAD:", "HEAD^{tree}"])
def test_root_folder_is_a_tree(github: GitHub, expression: str) -> None:
    fields = "... on Tree{entries{name type mode}}"
    assert data(github, f'object(expression:"{expression}"){{{fields}}}')["object"] == {
        "entries": [
            {"name": "link", "type": "blob", "mode": 0o120000},
            {"name": "octoprint_thing", "type": "tree", "mode": 0o040000},
            {"name": "setup.py", "type": "blob", "mode": 0o100644},
            {"name": "vendor", "type": "commit", "mode": 0o160000},
        ]
    }


@pytest.mark.parametrize(
    "expression",
    [
        "HEAD:none.py",
        "HEAD:../setup.py",
        "HEAD:/setup.py",
        "HEAD:./setup.py",
        "other:setup.py",
        "",
        "HEAD:vendor",
    ],
)
def test_what_git_does_not_find_is_null(github: GitHub, expression: str) -> None:
    assert data(github, f'object(expression:"{expression}"){{oid}}') == {"object": None}


def test_head_moves_with_a_file_and_not_with_a_name() -> None:
    world = World(WORLD)
    before = world.find("alice", "octo-thing")
    world.rename("alice/octo-thing", "carol/thing")
    renamed = world.find("alice", "octo-thing")
    world.update("carol/thing", {"files": {"setup.py": "changed"}})
    changed = world.find("carol", "thing")
    assert before is not None
    assert renamed is not None
    assert changed is not None
    assert (renamed.name_with_owner, renamed.head, renamed.id) == ("carol/thing", before.head, before.id)
    assert changed.head != before.head


def test_a_push_to_another_branch_moves_neither_the_head_nor_its_date() -> None:
    world = World({"repositories": {"bob/a": {"pushed_at": "2020-01-01T00:00:00Z"}}})
    before = world.find("bob", "a")
    world.update("bob/a", {"pushed_at": "2024-01-01T00:00:00Z", "committed_at": "2020-01-01T00:00:00Z"})
    after = world.find("bob", "a")
    assert before is not None
    assert after is not None
    assert (after.head, after.committed_at) == (before.head, before.pushed_at)
    assert after.fields["pushedAt"] == "2024-01-01T00:00:00Z"


def test_empty_repository_has_no_branch(github: GitHub) -> None:
    found = data(github, 'isEmpty defaultBranchRef{name} object(expression:"HEAD:"){oid}', "bob/empty")
    assert found == {"isEmpty": True, "defaultBranchRef": None, "object": None}


# Names


def test_names_are_found_without_regard_to_case(github: GitHub) -> None:
    assert stars(github, "ALICE/octo-THING").json() == {
        "data": {"r0": {"nameWithOwner": "Alice/Octo-Thing", "stargazerCount": 12}}
    }


def test_renamed_repository_answers_under_its_new_name(github: GitHub) -> None:
    assert stars(github, "alice/old-thing").json()["data"]["r0"]["nameWithOwner"] == "Alice/Octo-Thing"


@pytest.mark.parametrize("name", ["alice/gone", "bob/secret"])
def test_missing_and_private_repositories_are_not_found(github: GitHub, name: str) -> None:
    answer = stars(github, name)
    assert answer.status_code == 200
    assert answer.json() == {
        "data": {"r0": None},
        "errors": [
            {
                "type": "NOT_FOUND",
                "path": ["r0"],
                "locations": [{"line": 1, "column": 30}],
                "message": f"Could not resolve to a Repository with the name '{name}'.",
            }
        ],
    }


def test_repository_behind_single_sign_on_is_forbidden(github: GitHub) -> None:
    (error,) = stars(github, "bob/locked").json()["errors"]
    assert (error["type"], error["path"], error["extensions"]) == (
        "FORBIDDEN",
        ["r0"],
        {"saml_failure": True},
    )


def test_removed_repository_is_gone_from_now_on() -> None:
    with GitHub(WORLD) as github:
        github.world.remove("alice/octo-thing")
        assert stars(github).json()["errors"][0]["type"] == "NOT_FOUND"


def test_repositories_are_found_by_their_ids(github: GitHub) -> None:
    identifier = data(github, "id")["id"]
    query = "query($ids:[ID!]!){nodes(ids:$ids){... on Repository{nameWithOwner}}}"
    assert ask(github, query, ids=[identifier]).json() == {
        "data": {"nodes": [{"nameWithOwner": "Alice/Octo-Thing"}]}
    }


# What GitHub refuses


def test_unknown_field_is_refused_in_githubs_words(github: GitHub) -> None:
    answer = ask(github, '{repository(owner:"a",name:"b"){starCount}}')
    assert answer.status_code == 200
    assert answer.json() == {
        "errors": [
            {
                "extensions": {
                    "code": "undefinedField",
                    "typeName": "Repository",
                    "fieldName": "starCount",
                },
                "locations": [{"line": 1, "column": 33}],
                "message": "Field 'starCount' doesn't exist on type 'Repository'",
            }
        ]
    }


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{", "Parse error: Expected Name, found <EOF>."),
        (
            '{repository(owner:"a",name:"b",page:1){id}}',
            "Field 'repository' doesn't accept argument 'page'",
        ),
        ("query Q($o:String!){viewer{login}}", "Variable $o is declared by Q but not used"),
        (
            'query Q{repository(owner:$o,name:"b"){id}}',
            "Variable $o is used by Q but not declared",
        ),
        (STARS, "Variable $o of type String! was provided invalid value"),
    ],
)
def test_query_that_is_no_query_of_githubs_is_refused(github: GitHub, query: str, message: str) -> None:
    answer = ask(github, query)
    assert answer.status_code == 200
    assert "data" not in answer.json()
    assert answer.json()["errors"][0]["message"] == message


def test_page_without_a_size_is_refused(github: GitHub) -> None:
    (error,) = ask(github, '{repository(owner:"bob",name:"empty"){releases{nodes{id}}}}').json()["errors"]
    assert error == {
        "type": "MISSING_PAGINATION_BOUNDARIES",
        "path": ["repository", "releases"],
        "locations": [{"line": 1, "column": 39}],
        "message": "You must provide a `first` or `last` value to properly paginate the `releases`"
        " connection.",
    }


def test_page_over_a_hundred_is_refused(github: GitHub) -> None:
    query = 'query($n:Int!){repository(owner:"bob",name:"empty"){releases(first:$n){nodes{id}}}}'
    (error,) = ask(github, query, n=101).json()["errors"]
    assert error["type"] == "EXCESSIVE_PAGINATION"
    assert error["message"] == (
        "Requesting 101 records on the `releases` connection exceeds the `first` limit of 100 records."
    )


def test_more_than_half_a_million_nodes_are_refused(github: GitHub) -> None:
    inner = "issues(first:100){nodes{labels(first:100){nodes{issues(first:100){nodes{id}}}}}}"
    (error,) = ask(github, f'{{repository(owner:"bob",name:"empty"){{{inner}}}}}').json()["errors"]
    assert error == {
        "type": "MAX_NODE_LIMIT_EXCEEDED",
        "message": "This query requests up to 1,010,100 possible nodes which exceeds the maximum limit of"
        " 500,000.",
    }


def test_too_many_aliases_are_refused(github: GitHub) -> None:
    aliases = " ".join(f'r{n}:repository(owner:"bob",name:"empty"){{id}}' for n in range(501))
    assert ask(github, f"{{{aliases}}}").json() == {
        "errors": [
            {"type": "RESOURCE_LIMITS_EXCEEDED", "message": "Resource limits for this query exceeded."}
        ]
    }


def test_field_that_the_emulator_lacks_is_an_error_that_says_so() -> None:
    with GitHub(WORLD) as github:
        query = '{repository(owner:"bob",name:"empty"){planFeatures{codeowners}}}'
        assert ask(github, query).json()["errors"][0]["message"] == (
            "the GitHub emulator does not answer Repository.planFeatures yet"
        )
        assert github.not_emulated == {"the GitHub emulator does not answer Repository.planFeatures yet"}


def test_token_must_be_the_right_one(github: GitHub) -> None:
    refused = stars(github, token="another")
    assert refused.status_code == 401
    assert refused.json()["message"] == "Bad credentials"
    missing = post(github, json={"query": STARS})
    assert missing.status_code == 401
    assert missing.json()["message"] == "This endpoint requires you to be authenticated."


def test_client_must_name_itself(github: GitHub) -> None:
    headers = {"User-Agent": "", "Authorization": f"bearer {TOKEN}"}
    refused = post(github, json={"query": STARS}, headers=headers)
    assert refused.status_code == 403
    assert "Please make sure your request has a User-Agent header" in refused.text


@pytest.mark.parametrize(
    ("content", "kind", "status", "message"),
    [
        (b"{", "application/json", 400, "Problems parsing JSON"),
        (b"query=x", "application/x-www-form-urlencoded", 415, "Unsupported Media Type"),
    ],
)
def test_body_must_be_json(github: GitHub, content: bytes, kind: str, status: int, message: str) -> None:
    headers = {"Authorization": f"bearer {TOKEN}", "Content-Type": kind}
    refused = post(github, content=content, headers=headers)
    assert (refused.status_code, refused.json()["message"]) == (status, message)


def test_body_must_hold_a_query(github: GitHub) -> None:
    answer = post(github, json={"id": 1}, headers=AUTHORIZED)
    message = "A query attribute must be specified and must be a string."
    assert answer.json() == {"errors": [{"message": message}]}


# What it records


def test_requests_are_kept_with_headers_variables_and_repositories() -> None:
    with GitHub(WORLD) as github:
        stars(github, "alice/old-thing")
        httpx.get(f"{github.url}/user?x=1", verify=False, headers=AUTHORIZED)
        (query,) = github.queries
        assert query.text == STARS
        assert query.variables == {"o": "alice", "n": "old-thing"}
        assert query.repositories == ("alice/old-thing",)
        assert query.request.headers["authorization"] == f"bearer {TOKEN}"
        (other,) = github.others
        assert (other.method, other.target, other.answered) == ("GET", "/user?x=1", 404)
        counts = github.counts()
        assert counts["requests"] == counts["connections"] == 2
        assert (counts["queries"], counts["other_requests"], counts["repositories"]) == (1, 1, 1)
        github.forget()
        assert github.counts()["requests"] == 0


def test_connection_is_kept_alive() -> None:
    with GitHub(WORLD) as github, httpx.Client(headers=AUTHORIZED, verify=False) as client:
        for _ in range(3):
            assert client.post(github.graphql_url, json={"query": TWO}).status_code == 200
        assert github.connections == 1


def test_points_follow_githubs_rule_and_run_out() -> None:
    page = "releases(first:10){nodes{id}}"
    aliases = " ".join(f'r{n}:repository(owner:"bob",name:"empty"){{{page}}}' for n in range(250))
    with GitHub(WORLD, points=3) as github:
        query = f"{{{aliases} rateLimit{{cost remaining limit used nodeCount}}}}"
        first = ask(github, query)
        assert first.json()["data"]["rateLimit"] == {
            "cost": 3,
            "remaining": 0,
            "limit": 3,
            "used": 3,
            "nodeCount": 2_500,
        }
        assert first.headers["X-RateLimit-Remaining"] == "0"
        second = stars(github)
        assert (second.status_code, second.json()["errors"][0]["type"]) == (200, "RATE_LIMITED")


def test_answers_are_zipped_for_those_who_accept_it(github: GitHub) -> None:
    text = 'object(expression:"HEAD:octoprint_thing/__init__.py"){... on Blob{text}}'
    query = {"query": f'{{repository(owner:"alice",name:"octo-thing"){{{text}}}}}'}
    headers = AUTHORIZED
    zipped = post(github, json=query, headers=headers)
    plain = post(github, json=query, headers={**headers, "Accept-Encoding": "identity"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert zipped.json() == plain.json()
    assert int(zipped.headers["Content-Length"]) < int(plain.headers["Content-Length"])


def test_latency_of_many_requests_passes_at_once() -> None:
    with GitHub(WORLD, latency_ms=300, per_repository_ms=20) as github:
        stars(github)
        started = time.perf_counter()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: ask(github, TWO), range(8)))
        elapsed = time.perf_counter() - started
    assert 0.34 <= elapsed < 2  # one after the other: 2.72


def test_query_that_outlasts_the_servers_clock_is_a_bad_gateway() -> None:
    with GitHub(WORLD, per_repository_ms=20, server_clock_ms=30) as github:
        assert stars(github).status_code == 200
        assert ask(github, TWO).status_code == 502


# Faults


@pytest.mark.parametrize(
    ("fault", "status", "headers", "words"),
    [
        ({"kind": "bad-gateway"}, 502, {}, "Something went wrong while executing your query."),
        ({"kind": "gateway-timeout"}, 504, {}, "We couldn't respond to your request in time."),
        ({"kind": "server-error"}, 500, {}, '{"message":"Server Error"}'),
        ({"kind": "unavailable", "retry_after_s": 7}, 503, {"Retry-After": "7"}, "503 Service Unavailable"),
        ({"kind": "rate-limited"}, 200, {"X-RateLimit-Remaining": "0"}, '"type":"RATE_LIMITED"'),
        ({"kind": "rate-limited", "error_type": "RATE_LIMIT"}, 200, {}, '"type":"RATE_LIMIT"'),
        (
            {"kind": "rate-limited-403"},
            403,
            {"X-RateLimit-Remaining": "0"},
            "API rate limit already exceeded",
        ),
        ({"kind": "secondary-limit"}, 403, {"Retry-After": "1"}, "You have exceeded a secondary rate limit."),
        ({"kind": "secondary-limit", "status": 429, "retry_after_s": 60}, 429, {"Retry-After": "60"}, ""),
        ({"kind": "revoked"}, 401, {}, "Bad credentials"),
        ({"kind": "html"}, 200, {"Content-Type": "text/html; charset=utf-8"}, "<!DOCTYPE html>"),
        ({"kind": "redirect", "location": "http://x.test/"}, 302, {"Location": "http://x.test/"}, ""),
        ({"kind": "redirect", "status": 307, "location": "/other"}, 307, {"Location": "/other"}, ""),
        ({"kind": "null-data"}, 200, {}, '{"data":null}'),
        ({"kind": "answer", "status": 418, "body": "[]", "headers": {"X-A": "b"}}, 418, {"X-A": "b"}, "[]"),
    ],
)
def test_fault_answers_as_it_says(
    fault: dict[str, Any], status: int, headers: dict[str, str], words: str
) -> None:
    with faulty(**fault) as github:
        answer = stars(github)
        assert answer.status_code == status
        assert {name: answer.headers[name] for name in headers} == headers
        assert words in answer.text
        assert github.queries[0].fault == fault["kind"]


def test_rate_limit_tells_when_it_ends() -> None:
    fault = Fault(kind="rate-limited", reset_in_s=30)
    with GitHub(WORLD, faults=[fault], now=lambda: 1_000.0) as github:
        assert stars(github).headers["X-RateLimit-Reset"] == "1030"


def test_truncated_answer_is_no_json() -> None:
    with faulty(kind="truncated") as github:
        answer = stars(github)
        assert answer.headers["Content-Type"].startswith("application/json")
        with pytest.raises(json.JSONDecodeError):
            answer.json()


def test_empty_answer_is_a_200_without_a_body() -> None:
    with faulty(kind="empty") as github:
        assert (stars(github).status_code, stars(github).content) == (200, b"")


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("reset", httpx.ReadError),
        ("close", httpx.RemoteProtocolError),
        ("short-body", httpx.RemoteProtocolError),
    ],
)
def test_broken_connection_is_an_error_of_transport(kind: str, error: type[Exception]) -> None:
    with faulty(kind=kind) as github, pytest.raises(error):
        stars(github)


def test_hanging_request_ends_with_the_server() -> None:
    with faulty(kind="hang") as github, socket.create_connection(("127.0.0.1", github.port)) as waiting:
        body = json.dumps({"query": TWO}).encode()
        head = f"POST /graphql HTTP/1.1\r\nAuthorization: bearer {TOKEN}\r\nUser-Agent: test\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        waiting.sendall(head.encode() + body)
        assert github.wait_for(1)
        waiting.settimeout(0.1)
        with pytest.raises(TimeoutError):
            waiting.recv(1)
        github.stop()
        waiting.settimeout(5)
        assert waiting.recv(1) == b""


def test_slow_body_comes_whole_in_the_end() -> None:
    with faulty(kind="slow", chunk_bytes=20, pause_s=0.02) as github:
        started = time.perf_counter()
        assert stars(github).json()["data"]["r0"]["stargazerCount"] == 12
        assert time.perf_counter() - started > 0.06


def test_huge_body_is_a_bomb_when_zipped() -> None:
    with faulty(kind="huge", size_bytes=2_000_000) as github:
        answer = stars(github)
        assert len(answer.content) > 2_000_000
        assert int(answer.headers["Content-Length"]) < 20_000


def test_one_repository_fails_and_the_others_answer() -> None:
    with faulty(kind="repository-error", repository="bob/empty", error_type="INTERNAL") as github:
        answer = ask(github, TWO).json()
        assert answer["data"]["a"] is not None
        assert answer["data"]["b"] is None
        assert answer["errors"] == [
            {
                "type": "INTERNAL",
                "path": ["b"],
                "locations": [{"line": 1, "column": 52}],
                "message": "Something went wrong while executing your query.",
            }
        ]


def test_partial_timeout_nulls_every_alias_without_naming_one() -> None:
    with faulty(kind="partial-timeout") as github:
        answer = ask(github, TWO).json()
        assert answer["data"] == {"a": None, "b": None}
        assert "path" not in answer["errors"][0]


@pytest.mark.parametrize(
    ("condition", "statuses"),
    [
        ({"nth": 2}, [200, 500, 200]),
        ({"from_nth": 2}, [200, 500, 500]),
        ({"times": 1}, [500, 200, 200]),
        ({"repository": "Alice/octo-thing"}, [500, 500, 500]),
        ({"repository": "bob/large"}, [200, 200, 200]),
        ({"larger_than": 2}, [200, 200, 200]),
        ({"larger_than": 1, "from_nth": 2, "times": 1}, [200, 500, 200]),
    ],
)
def test_fault_strikes_when_its_conditions_are_met(condition: dict[str, Any], statuses: list[int]) -> None:
    with faulty(kind="server-error", **condition) as github:
        assert [ask(github, TWO).status_code for _ in range(3)] == statuses


def test_first_fault_that_suits_strikes() -> None:
    faults = [Fault(kind="server-error", times=1), Fault(kind="bad-gateway", times=1)]
    with GitHub(WORLD, faults=faults) as github:
        assert [stars(github).status_code for _ in range(3)] == [500, 502, 200]


def test_misspelt_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown fault 'teapot'; known are bad-gateway, "):
        Fault(kind="teapot")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="a fault has no when"):
        Fault.from_json({"kind": "hang", "when": 1})


def test_missing_schema_names_the_cure(tmp_path: Path) -> None:
    with pytest.raises(SchemaMissingError) as error:
        schema_path(tmp_path)
    assert str(error.value) == (
        "node_modules/@octokit/graphql-schema/schema.graphql is missing: `make test` and `make demo` install"
        " it, or `npm ci` (@octokit/graphql-schema, pinned in package.json)"
    )
