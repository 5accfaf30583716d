"""GitHub's REST API through our client: where the token goes, patience, bounds, words."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from registry import user_agent
from registry.github.access import Access
from registry.github.rest import (
    NotFound,
    Rejected,
    Rest,
    TooLarge,
    Unprocessable,
    is_repository,
    quoted,
    quoted_path,
)
from registry.net.http import Limited, Overloaded, Refused, Unavailable, Unreachable
from tests.emulators.github import GitHub
from tests.emulators.rest import Failure, RestWorld
from tests.emulators.server import Request, Response, Server

TOKEN = "t0ken-of-the-registry"
REPO = "/repos/almanac/registry"
ISSUES = f"{REPO}/issues"


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Stand:
    """An emulated GitHub and a client of it."""

    def __init__(self, github: GitHub, world: RestWorld) -> None:
        self.github, self.world, self.clock = github, world, Clock()
        self.rest = self.client()

    def client(self, token: str = TOKEN, timeout_s: float = 5.0) -> Rest:
        access = Access(token=token, api_url=self.github.url, repository="almanac/registry")
        return Rest(access, timeout_s=timeout_s, sleep=self.clock.sleep, clock=self.clock)

    def requests(self, method: str = "") -> list[Request]:
        return [one for one in self.github.requests if method in ("", one.method)]


@pytest.fixture
def stand() -> Iterator[Stand]:
    world = RestWorld()
    with GitHub(rest=world, token=TOKEN) as github:
        yield Stand(github, world)
    assert world.faults == []


class Elsewhere(Server):
    """Another host, which keeps what it is sent."""

    def __init__(self, answer: Callable[[Request], Response]) -> None:
        super().__init__()
        self.reply = answer

    async def answer(self, request: Request) -> Response:
        return self.reply(request)


def words(error: pytest.ExceptionInfo[Unavailable]) -> str:
    return str(error.value)


# Reading and writing


def test_an_issue_is_opened_changed_and_read(stand: Stand) -> None:
    made = stand.rest.post(ISSUES, {"title": "One", "body": "ö", "labels": ["links"]})
    stand.rest.patch(f"{ISSUES}/{made['number']}", {"state": "closed"})
    assert stand.rest.get(f"{ISSUES}/1")["state"] == "closed"
    assert stand.rest.get(ISSUES, state="all", per_page=1)[0]["body"] == "ö"
    comment = stand.rest.post(f"{ISSUES}/1/comments", {"body": "x"})
    stand.rest.delete(f"{ISSUES}/comments/{comment['id']}")
    assert stand.world.comments == []
    assert stand.rest.traffic.requests == 6
    assert stand.rest.traffic.bytes_received > 1_000
    assert stand.rest.traffic.retries == 0


def test_every_request_says_who_asks_and_by_which_version(stand: Stand) -> None:
    stand.rest.get(ISSUES)
    headers = stand.requests()[0].headers
    assert headers["user-agent"] == user_agent()
    assert headers["accept"] == "application/vnd.github+json"
    assert headers["x-github-api-version"] == "2022-11-28"
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert "cookie" not in headers


def test_all_pages_are_read_as_far_as_they_are_wanted(stand: Stand) -> None:
    for number in range(25):
        stand.world.add_label(f"label {number:02}")
    names = [label["name"] for label in stand.rest.pages(f"{REPO}/labels", per_page=10)]
    assert names == [f"label {number:02}" for number in range(25)]
    assert len(stand.requests()) == 3
    assert len(list(stand.rest.pages(f"{REPO}/labels", per_page=10, limit=12))) == 12
    assert len(stand.requests()) == 5
    assert len(list(stand.rest.pages(f"{REPO}/labels"))) == 25
    assert len(stand.requests()) == 6


def test_the_list_inside_of_an_answer_is_read_by_its_key(stand: Stand) -> None:
    stand.world.add_run(7)
    for number in range(3):
        stand.world.add_artifact(7, f"artefact {number}", b"zip")
    path = f"{REPO}/actions/runs/7/artifacts"
    found = [one["name"] for one in stand.rest.pages(path, key="artifacts", per_page=2)]
    assert found == ["artefact 0", "artefact 1", "artefact 2"]
    with pytest.raises(Overloaded) as error:
        list(stand.rest.pages(path))
    assert words(error) == f"GET {path} answered with no list"


# Where the token goes


def test_a_token_is_not_sent_to_a_redirect(stand: Stand) -> None:
    with Elsewhere(lambda _: Response(body=b"[]")) as other:
        stand.world.failures = [Failure(kind="redirect", location=other.url)]
        with pytest.raises(Refused) as error:
            stand.rest.get(ISSUES)
        assert other.requests == []
    assert words(error) == (
        f"GET {ISSUES} answered 302: a redirect, which is not followed, so that no token leaves its host; "
        "correct GITHUB_API_URL or the repository's name"
    )


def test_a_next_page_on_another_host_is_not_read(stand: Stand) -> None:
    with Elsewhere(lambda _: Response(body=b"[]")) as other:
        link = {"Link": f'<{other.url}/issues?page=2>; rel="next"'}
        stand.world.failures = [Failure(kind="answer", headers=link, body="[1]")]
        with pytest.raises(Refused) as error:
            list(stand.rest.pages(ISSUES))
        assert other.requests == []
    assert words(error) == f"GET {ISSUES} names a next page on another host, which is not read"


def test_an_artefact_is_downloaded_without_the_token(stand: Stand) -> None:
    artifact = stand.world.add_artifact(7, "review", b"PK" * 1_000)
    path = f"{REPO}/actions/artifacts/{artifact['id']}/zip"
    assert stand.rest.download(path, limit_bytes=2_000) == b"PK" * 1_000
    assert stand.github.rest is not None
    (request,) = stand.github.rest.blobs.requests
    assert "authorization" not in request.headers
    with pytest.raises(TooLarge) as error:
        stand.rest.download(path, limit_bytes=1_999)
    assert words(error) == f"GET {path} answered more than 1999 bytes"


def test_an_artefact_that_has_expired_is_not_found(stand: Stand) -> None:
    artifact = stand.world.add_artifact(7, "review", b"PK", expired=True)
    with pytest.raises(NotFound) as error:
        stand.rest.download(f"{REPO}/actions/artifacts/{artifact['id']}/zip", limit_bytes=10)
    assert error.value.status == 410


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://x/"])
def test_a_download_follows_no_other_scheme(stand: Stand, location: str) -> None:
    stand.world.failures = [Failure(kind="redirect", location=location)]
    with pytest.raises(Refused) as error:
        stand.rest.download(f"{REPO}/actions/artifacts/1/zip", limit_bytes=10)
    assert words(error) == (
        f"GET {REPO}/actions/artifacts/1/zip leads to an address that is neither http nor https, or less safe"
    )


def test_a_download_that_goes_round_in_circles_ends(stand: Stand) -> None:
    with Elsewhere(lambda _: Response(status=302, headers={"Location": "/again"})) as other:
        stand.world.failures = [Failure(kind="redirect", location=other.url)]
        with pytest.raises(Refused) as error:
            stand.rest.download(f"{REPO}/actions/artifacts/1/zip", limit_bytes=10)
        assert len(other.requests) == 5
        assert all("authorization" not in request.headers for request in other.requests)
    assert words(error) == f"GET {REPO}/actions/artifacts/1/zip is redirected more than 5 times"


def test_what_a_netrc_file_holds_does_not_travel(
    stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password s3cret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    artifact = stand.world.add_artifact(7, "review", b"PK")
    stand.rest.download(f"{REPO}/actions/artifacts/{artifact['id']}/zip", limit_bytes=10)
    stand.client(token="").get(ISSUES)
    assert "authorization" not in stand.requests()[-1].headers


def test_a_cookie_is_not_kept(stand: Stand) -> None:
    stand.world.failures = [Failure(kind="answer", headers={"Set-Cookie": "a=b"}, body="[]", times=1)]
    stand.rest.get(ISSUES)
    stand.rest.get(ISSUES)
    assert "cookie" not in stand.requests()[1].headers


# Errors in words


def test_errors_tell_method_path_and_what_github_says(stand: Stand) -> None:
    stand.world.add_label("plugin")
    with pytest.raises(Unprocessable) as error:
        stand.rest.post(f"{REPO}/labels", {"name": "plugin"})
    assert words(error) == (f"POST {REPO}/labels answered 422: Validation Failed; Label name already_exists")
    assert error.value.status == 422
    with pytest.raises(NotFound) as missing:
        stand.rest.get(f"{ISSUES}/9")
    assert words(missing) == f"GET {ISSUES}/9 answered 404: Not Found"


def test_a_token_that_is_refused_is_told_of_but_not_told(stand: Stand) -> None:
    with pytest.raises(Rejected) as error:
        stand.client("another-t0ken").get(ISSUES)
    assert words(error) == (
        f"GET {ISSUES} answered 401: Bad credentials; the token is not valid: renew GITHUB_TOKEN"
    )
    stand.world.tokens = {TOKEN: {"contents": "write"}}
    with pytest.raises(Rejected) as forbidden:
        stand.rest.get(ISSUES)
    assert words(forbidden) == (
        f"GET {ISSUES} answered 403: Resource not accessible by integration; the token may not do this: "
        "check GITHUB_TOKEN's permissions"
    )


def test_a_message_that_repeats_the_token_or_commands_a_terminal_is_defused(stand: Stand) -> None:
    text = f"You sent {TOKEN}\\u001b[31m\\n::error::x" + "y" * 400
    stand.world.failures = [Failure(kind="answer", status=400, body=f'{{"message": "{text}"}}')]
    with pytest.raises(Rejected) as error:
        stand.rest.get(ISSUES)
    said = words(error)
    assert said.startswith(f"GET {ISSUES} answered 400: You sent ***\\x1b[31m\\n::error::xyyy")
    assert said.endswith("y…")
    assert len(said) < 400


@pytest.mark.parametrize("body", ["", "[]", "[[", '{"message": 5}', "[" * 100_000, '{"errors": {}}'])
def test_an_error_without_a_message_is_told_by_its_number(stand: Stand, body: str) -> None:
    stand.world.failures = [Failure(kind="answer", status=409, body=body)]
    with pytest.raises(Rejected) as error:
        stand.rest.put(f"{REPO}/contents/a", {"message": "x", "content": ""})
    assert words(error) == f"PUT {REPO}/contents/a answered 409"


# Patience


@pytest.mark.parametrize(
    "kind", ["bad-gateway", "server-error", "unavailable", "reset", "close", "short-body"]
)
def test_reading_is_tried_again(stand: Stand, kind: str) -> None:
    stand.world.failures = [Failure(kind=kind, times=2)]  # type: ignore[arg-type]
    assert stand.rest.get(ISSUES) == []
    assert len(stand.requests()) == 3
    assert stand.rest.traffic.retries == 2
    assert stand.clock.slept == [0.5, 1.0]


def test_a_host_that_stays_broken_is_given_up(stand: Stand) -> None:
    stand.world.failures = [Failure(kind="bad-gateway")]
    with pytest.raises(Overloaded) as error:
        stand.rest.get(ISSUES)
    assert words(error) == f"GET {ISSUES} answered 502"
    assert len(stand.requests()) == 3


@pytest.mark.parametrize("kind", ["bad-gateway", "reset", "short-body"])
def test_what_might_have_been_heard_is_not_posted_twice(stand: Stand, kind: str) -> None:
    stand.world.failures = [Failure(kind=kind, heard=True)]  # type: ignore[arg-type]
    with pytest.raises((Overloaded, Unreachable)):
        stand.rest.post(ISSUES, {"title": "x"})
    assert len(stand.requests()) == 1
    assert len(stand.world.issues) == 1


def test_a_post_that_nobody_can_have_heard_is_tried_again(stand: Stand) -> None:
    with Elsewhere(lambda _: Response()) as gone:
        url = gone.url
    clock = Clock()
    rest = Rest(Access(api_url=url, token=TOKEN), sleep=clock.sleep)
    with pytest.raises(Unreachable) as error:
        rest.post(ISSUES, {"title": "x"})
    assert words(error) == f"POST {ISSUES}: no connection: ConnectionError"
    assert rest.traffic.requests == 3


def test_a_change_is_made_again_when_its_answer_is_lost(stand: Stand) -> None:
    stand.world.add_issue("One")
    comment = stand.world.add_comment(1, "x")
    stand.world.failures = [Failure(kind="bad-gateway", heard=True, nth=1)]
    assert stand.rest.patch(f"{ISSUES}/1", {"title": "Two"})["title"] == "Two"
    stand.world.failures = [Failure(kind="reset", method="DELETE", heard=True, times=1)]
    stand.rest.delete(f"{ISSUES}/comments/{comment['id']}")
    assert len(stand.requests("DELETE")) == 2
    assert stand.world.comments == []
    with pytest.raises(NotFound):
        stand.rest.delete(f"{ISSUES}/comments/{comment['id']}")


@pytest.mark.parametrize("status", [403, 429])
def test_a_limit_is_waited_for(stand: Stand, status: int) -> None:
    stand.world.failures = [Failure(kind="secondary-limit", status=status, retry_after_s=7, times=1)]
    assert stand.rest.post(ISSUES, {"title": "x"})["number"] == 1
    assert stand.clock.slept == [7.0]


def test_a_limit_without_an_end_is_waited_for_a_minute(stand: Stand) -> None:
    stand.world.failures = [Failure(kind="secondary-limit", retry_after_s=None, times=1)]
    assert stand.rest.get(ISSUES) == []
    assert stand.clock.slept == [60.0]


def test_a_limit_that_outlasts_patience_ends_it(stand: Stand) -> None:
    stand.world.failures = [Failure(kind="secondary-limit", retry_after_s=50)]
    with pytest.raises(Limited) as error:
        stand.rest.get(ISSUES)
    assert words(error) == f"GET {ISSUES}: a rate limit asks to wait 50 s, patience ends after 120 s"
    assert stand.clock.slept == [50.0, 50.0]
    stand.world.failures = [Failure(kind="rate-limited", reset_in_s=3_000)]
    with pytest.raises(Limited):
        stand.client().get(ISSUES)


# Bounds


def test_an_answer_that_never_comes_is_not_waited_for(stand: Stand) -> None:
    stand.world.failures = [Failure(kind="hang")]
    with pytest.raises(Overloaded) as error:
        stand.client(timeout_s=0.05).get(ISSUES)
    assert words(error) == f"GET {ISSUES}: no answer within 0.05 s"
    assert len(stand.requests()) == 3


def test_an_answer_that_drips_is_cut_off_as_a_whole(stand: Stand) -> None:
    ticking = iter(range(1_000))
    stand.world.failures = [Failure(kind="slow", chunk_bytes=1, pause_s=0.001)]
    access = Access(token=TOKEN, api_url=stand.github.url)
    rest = Rest(access, timeout_s=10, sleep=lambda _: None, clock=lambda: float(next(ticking)))
    stand.world.add_label("plugin")
    with pytest.raises(Overloaded) as error:
        rest.get(f"{REPO}/labels")
    assert words(error) == f"GET {REPO}/labels: no whole answer within 10 s"
    assert next(ticking) < 60


def test_an_answer_without_end_is_refused(stand: Stand) -> None:
    stand.world.failures = [Failure(kind="huge")]
    with pytest.raises(Refused) as error:
        stand.rest.get(ISSUES)
    assert words(error) == f"GET {ISSUES} answered more than {64 * 1024 * 1024} bytes"
    assert stand.rest.traffic.bytes_received < 2_000_000  # it came zipped
    assert len(stand.requests()) == 1


@pytest.mark.parametrize("kind", ["html", "not-json", "truncated"])
def test_an_answer_that_is_no_json_is_told(stand: Stand, kind: str) -> None:
    stand.world.add_label("plugin")
    stand.world.failures = [Failure(kind=kind, heard=True)]  # type: ignore[arg-type]
    with pytest.raises(Overloaded) as error:
        stand.rest.get(f"{REPO}/labels")
    assert words(error) == f"GET {REPO}/labels answered with no whole JSON"


def test_a_list_of_empty_pages_has_an_end(stand: Stand) -> None:
    link = {"Link": f'<{stand.github.url}{ISSUES}?page=2>; rel="next"'}
    stand.world.failures = [Failure(kind="answer", headers=link, body="[]")]
    assert list(stand.rest.pages(ISSUES, limit=20)) == []
    assert len(stand.requests()) == 20


# Paths


def test_a_segment_is_itself_and_nothing_more(stand: Stand) -> None:
    name = "a/b?c#d %2e ü\n"
    assert quoted(name) == "a%2Fb%3Fc%23d%20%252e%20%C3%BC%0A"
    stand.world.add_label(name)
    assert stand.rest.get(f"{REPO}/labels/{quoted(name)}")["name"] == name
    assert quoted_path("_plugins/a b.md") == "_plugins/a%20b.md"


@pytest.mark.parametrize("segment", ["", ".", ".."])
def test_a_segment_that_clients_take_out_is_refused(segment: str) -> None:
    with pytest.raises(ValueError, match="cannot be a segment of a path"):
        quoted(segment)


@pytest.mark.parametrize(
    "path",
    [
        "issues",
        "//evil.example/x",
        f"{REPO}/../../user",
        f"{REPO}/%2e%2e/x",
        f"{REPO}/.%2E/x",
        f"{REPO}/issues?state=all",
        f"{REPO}/labels/a b",
        f"{REPO}/labels/a#b",
        f"{REPO}/labels/a\\b",
        f"{REPO}/labels/ü",
        f"{REPO}/labels/a\r\nX: y",
    ],
)
def test_a_path_with_somebody_elses_text_in_it_is_refused(stand: Stand, path: str) -> None:
    with pytest.raises(ValueError, match=r"write its segments by registry\.github\.rest\.quoted"):
        stand.rest.get(path)
    assert stand.requests() == []


def test_a_repository_is_an_owner_and_a_name() -> None:
    assert is_repository("almanac/registry.github.io")
    for text in ("", "almanac", "a/b/c", "../..", "a/..", "./b", "a/b\n", "a b/c", "ä/b", "a/b?c", "/b"):
        assert not is_repository(text)
