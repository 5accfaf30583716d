"""The network's edge: patience, bounds, and where the token goes."""

import asyncio
import gzip
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
import responses

from registry.net.http import (
    ATTEMPTS,
    Http,
    Limited,
    Overloaded,
    Refused,
    Traffic,
    Unreachable,
    backoff_s,
    get_bytes,
    origin,
    retry_after_s,
)
from registry.net.room import Room

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
URL = "https://api.github.example/graphql"


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def block(self, seconds: float) -> None:
        self.now += seconds


def post(
    handler: Callable[[httpx.Request], httpx.Response], *, clock: Clock | None = None, patience_s: float = 60
) -> tuple[object, Traffic]:
    """Post once through a client whose network is `handler`."""
    clock = clock or Clock()
    traffic = Traffic()

    async def run() -> object:
        async with Http(
            user_agent="Almanac/test",
            timeout_s=5,
            patience_s=patience_s,
            concurrency=2,
            tokens={origin(URL): "s3cret"},
            traffic=traffic,
            transport=httpx.MockTransport(handler),
            sleep=clock.sleep,
            clock=clock,
        ) as http:
            return (await http.post_json(URL, b"{}"))[0]

    return asyncio.run(run()), traffic


def script(*answers: httpx.Response | Exception) -> Callable[[httpx.Request], httpx.Response]:
    """Return a network that gives `answers` in turn, the last one for ever."""
    left = list(answers)

    def handler(request: httpx.Request) -> httpx.Response:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    return handler


OK = httpx.Response(200, json={"ok": True})


def test_backoff_doubles_up_to_eight_seconds() -> None:
    assert [backoff_s(attempt) for attempt in range(7)] == [0.25, 0.5, 1, 2, 4, 8, 8]
    assert backoff_s(0, jitter=1.0) == 0.375


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "Thu, 01 Jan 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Thu, 01 Jan 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 -1200"}, None),  # UTC cannot hold it
        ({"retry-after": "-5"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1767268805"}, 5.0),
        ({"x-ratelimit-remaining": "12", "x-ratelimit-reset": "1767268805"}, None),
        ({}, None),
    ],
)
def test_the_wait_that_an_answer_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, NOW) == seconds


def test_origin_tells_default_and_other_ports_apart() -> None:
    assert origin("https://API.github.com/graphql") == "https://api.github.com:443"
    assert origin("http://127.0.0.1:8080/graphql") == "http://127.0.0.1:8080"


def test_the_token_goes_to_its_origin_with_an_honest_name() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return OK

    answer, traffic = post(handler)
    assert answer == {"ok": True}
    assert seen[0].headers["authorization"] == "bearer s3cret"
    assert seen[0].headers["user-agent"] == "Almanac/test"
    assert traffic.requests == 1


def test_the_token_goes_to_no_other_origin() -> None:
    seen: list[httpx.Request] = []

    async def run() -> None:
        async with Http(
            user_agent="Almanac/test",
            timeout_s=5,
            patience_s=5,
            concurrency=1,
            tokens={origin(URL): "s3cret"},
            traffic=Traffic(),
            transport=httpx.MockTransport(lambda request: seen.append(request) or OK),  # type: ignore[func-returns-value]
        ) as http:
            for url in (
                "https://evil.example/graphql",
                "http://api.github.example/graphql",
                "https://api.github.example:8443/graphql",
                "https://api.github.example.evil.example/graphql",
            ):
                await http.post_json(url, b"{}")

    asyncio.run(run())
    assert len(seen) == 4
    assert all("authorization" not in request.headers for request in seen)


def test_a_redirect_is_not_followed() -> None:
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(302, headers={"location": "https://evil.example/"})

    with pytest.raises(Refused, match="answered 302: a redirect, which is not followed") as caught:
        post(handler)
    assert asked == [URL]
    assert "s3cret" not in str(caught.value)


def test_a_connection_that_fails_is_tried_again() -> None:
    clock = Clock()
    answer, traffic = post(script(httpx.ConnectError("no"), httpx.ReadError("reset"), OK), clock=clock)
    assert answer == {"ok": True}
    assert (traffic.requests, traffic.retries) == (3, 2)
    assert clock.now >= 1.5


def test_a_host_that_cannot_be_reached_is_given_up_after_three_tries() -> None:
    with pytest.raises(Unreachable, match=r"^no connection to https://api.github.example:443: ConnectError$"):
        post(script(httpx.ConnectError("refused")))


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_is_left_to_the_caller_to_split(status: int) -> None:
    with pytest.raises(Overloaded, match=f"answered {status}"):
        post(script(httpx.Response(status)))


def test_an_answer_out_of_time_is_an_overload() -> None:
    with pytest.raises(Overloaded, match=r"^no answer within 5 s$"):
        post(script(httpx.ReadTimeout("slow")))


@pytest.mark.parametrize("body", [b"", b'{"data": {"r0": ', b"<html>busy</html>", b"\xff\xfe"])
def test_an_answer_that_is_no_whole_json_is_an_overload(body: bytes) -> None:
    with pytest.raises(Overloaded, match="answered with what is not JSON"):
        post(script(httpx.Response(200, content=body)))


def test_a_broken_encoding_is_an_overload() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"this is no gzip")
        )

    with pytest.raises(Overloaded, match="broken encoding"):
        post(handler)


@pytest.mark.parametrize("status", [403, 429])
def test_retry_after_is_obeyed(status: int) -> None:
    clock = Clock()
    answer, traffic = post(script(httpx.Response(status, headers={"retry-after": "17"}), OK), clock=clock)
    assert answer == {"ok": True}
    assert clock.now == 17
    assert traffic.retries == 1


def test_a_limit_beyond_patience_stops_the_source() -> None:
    with pytest.raises(Limited, match="asks to wait 3600 s, patience ends after 60 s"):
        post(script(httpx.Response(403, headers={"retry-after": "3600"})))


def test_a_limit_that_never_lifts_ends_with_patience() -> None:
    clock = Clock()
    with pytest.raises(Limited):
        post(script(httpx.Response(429, headers={"retry-after": "0"})), clock=clock, patience_s=5)
    assert clock.now <= 5


def test_a_shorter_limit_does_not_end_a_longer_one() -> None:
    clock = Clock()

    async def run() -> None:
        async with Http(
            user_agent="Almanac/test",
            timeout_s=5,
            patience_s=100,
            concurrency=2,
            tokens={},
            traffic=Traffic(),
            transport=httpx.MockTransport(script(OK)),
            sleep=clock.sleep,
            clock=clock,
        ) as http:
            http.pause(60)
            http.pause(1)
            await http.post_json(URL, b"{}")

    asyncio.run(run())
    assert clock.now == 60


def test_a_secondary_limit_without_header_waits_a_minute() -> None:
    clock = Clock()
    told = httpx.Response(403, json={"message": "You have exceeded a secondary rate limit."})
    post(script(told, OK), clock=clock)
    assert clock.now == 60


@pytest.mark.parametrize(
    ("status", "cure"), [(401, "renew GITHUB_TOKEN"), (403, "permissions"), (404, "404")]
)
def test_a_refusal_is_final_and_names_the_cure(status: int, cure: str) -> None:
    with pytest.raises(Refused, match=cure) as caught:
        post(script(httpx.Response(status, json={"message": "no"})))
    assert "s3cret" not in str(caught.value)


def dated(ahead: timedelta) -> httpx.Response:
    return httpx.Response(
        200, headers={"date": format_datetime(datetime.now(UTC) + ahead)}, json={"ok": True}
    )


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=23), timedelta(hours=-23)])
def test_a_clock_may_be_some_hours_off(ahead: timedelta) -> None:
    assert post(script(dated(ahead)))[0] == {"ok": True}


@pytest.mark.parametrize("ahead", [timedelta(days=900), timedelta(hours=-25)])
def test_what_would_be_learned_by_a_wrong_clock_is_not(ahead: timedelta) -> None:
    words = (
        "the clock of this machine says .* UTC and that of https://api.github.example:443 .*: set the clock"
    )
    with pytest.raises(Refused, match=f"^{words}$"):
        post(script(dated(ahead)))


@pytest.mark.parametrize("date", ["", "soon", "Fri, 31 Feb 2026 99:99:99 GMT", "0"])
def test_a_date_that_cannot_be_read_says_nothing_of_the_clock(date: str) -> None:
    assert post(script(httpx.Response(200, headers={"date": date}, json={"ok": True})))[0] == {"ok": True}


def test_an_answer_that_swells_when_it_is_read_is_an_overload() -> None:
    with pytest.raises(Overloaded, match="answered JSON that takes more than 48 MB"):
        post(script(httpx.Response(200, content=b"[" + b"[]," * 200_000 + b"0]")))


def test_deeply_nested_json_is_an_overload() -> None:
    with pytest.raises(Overloaded, match="answered with what is not JSON that can be read: it is nested too"):
        post(script(httpx.Response(200, content=b"[" * 50_000)))


def read(clock: Clock | None = None, patience_s: float = 60) -> tuple[bytes, Traffic]:
    clock = clock or Clock()
    traffic = Traffic()
    body = get_bytes(
        "https://stats.example/week.json",
        user_agent="Almanac/test",
        timeout_s=5,
        patience_s=patience_s,
        traffic=traffic,
        sleep=clock.block,
        clock=clock,
    )
    return body, traffic


@responses.activate
def test_an_export_is_tried_again_after_503() -> None:
    responses.get("https://stats.example/week.json", status=503)
    responses.get("https://stats.example/week.json", body=b"[]")
    body, traffic = read()
    assert body == b"[]"
    assert (traffic.requests, traffic.retries) == (2, 1)
    assert responses.calls[0].request.headers["User-Agent"] == "Almanac/test"
    assert "Authorization" not in responses.calls[0].request.headers


@responses.activate
def test_an_export_that_stays_away_is_given_up() -> None:
    responses.get("https://stats.example/week.json", status=503)
    with pytest.raises(Overloaded, match="answered 503"):
        read()
    assert len(responses.calls) == ATTEMPTS


@responses.activate
def test_an_export_that_asks_to_wait_an_hour_is_not_waited_for() -> None:
    responses.get("https://stats.example/week.json", status=429, headers={"Retry-After": "3600"})
    clock = Clock()
    with pytest.raises(Limited, match="asks to wait 3600 s"):
        read(clock)
    assert clock.now == 0


@responses.activate
def test_an_export_that_is_not_there_is_refused_at_once() -> None:
    responses.get("https://stats.example/week.json", status=404)
    with pytest.raises(Refused, match="answered 404"):
        read()
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize("status", [401, 403])
def test_an_export_behind_a_door_is_blamed_on_its_host_and_not_on_a_token(status: int) -> None:
    responses.get("https://stats.example/week.json", status=status)
    with pytest.raises(Refused) as caught:
        read()
    assert str(caught.value) == (
        f"answered {status}: stats.example does not let everybody read it, and no password is sent; open it "
        "or correct the address"
    )


@responses.activate
def test_an_export_without_connection_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="no connection: ConnectionError"):
        read()


def test_json_bodies_are_sent_as_they_are() -> None:
    bodies: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        assert request.headers["content-type"] == "application/json"
        return OK

    post(handler)
    assert json.loads(bodies[0]) == {}


@responses.activate
def test_a_redirect_from_https_to_http_is_refused() -> None:
    responses.get(
        "https://stats.example/week.json", status=302, headers={"Location": "http://stats.example/week.json"}
    )
    responses.get("http://stats.example/week.json", body=b"[]")
    with pytest.raises(
        Refused, match=r"^redirects from https to http, where anybody on the way could change"
    ):
        read()
    assert len(responses.calls) == 1


@responses.activate
def test_a_redirect_is_followed_without_credentials_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("requests.sessions.get_netrc_auth", lambda _: ("me", "s3cret"))
    responses.get("https://stats.example/week.json", status=301, headers={"Location": "//cdn.example/w"})
    responses.get("https://cdn.example/w", body=b"[]")
    body, traffic = read()
    assert (body, traffic.requests, traffic.retries) == (b"[]", 2, 0)
    assert all("Authorization" not in call.request.headers for call in responses.calls)


@responses.activate
def test_a_refusal_tells_its_status() -> None:
    responses.get("https://stats.example/week.json", status=410)
    with pytest.raises(Refused) as caught:
        read()
    assert caught.value.status == 410


class _Chunked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        if packs := self.path == "/gzip":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        body = gzip.compress(b"[1, 2]" * 1000) if packs else b"[1, 2]" * 1000
        for start in range(0, len(body), 7):
            piece = body[start : start + 7]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if self.path != "/broken":
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def chunked() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Chunked) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def fetch(url: str, **more: Any) -> bytes:
    known: dict[str, Any] = {"user_agent": "x", "timeout_s": 5, "patience_s": 0, "traffic": Traffic()}
    return get_bytes(url, **known | more)


def test_an_answer_in_chunks_is_read_whole_packed_or_not(chunked: str) -> None:
    assert fetch(f"{chunked}/plain") == b"[1, 2]" * 1000
    assert fetch(f"{chunked}/gzip") == b"[1, 2]" * 1000
    assert gzip.decompress(fetch(f"{chunked}/gzip", unpack=False)) == b"[1, 2]" * 1000


def test_an_answer_in_chunks_that_breaks_off_is_no_answer(chunked: str) -> None:
    with pytest.raises(Overloaded, match=r"^broke off its answer$"):
        fetch(f"{chunked}/broken")


def test_a_broken_try_leaves_its_room_to_the_next_one(chunked: str) -> None:
    share = Room(2 * 6_000).share()
    with pytest.raises(Overloaded, match=r"^broke off its answer$"):
        fetch(f"{chunked}/broken", share=share, patience_s=60, sleep=lambda _: None)
    assert fetch(f"{chunked}/plain", share=share) == b"[1, 2]" * 1000


def test_an_answer_beyond_the_room_is_an_overload(chunked: str) -> None:
    words = r"^answered too much at once: all answers in flight may take 0 MB together$"
    with pytest.raises(Overloaded, match=words):
        fetch(f"{chunked}/plain", share=Room(5_999).share())


def test_an_answer_that_is_too_large_is_refused_while_it_is_read(chunked: str) -> None:
    with pytest.raises(Refused, match=r"^answered more than 0 MB$"):
        fetch(f"{chunked}/plain", limit_bytes=5_999)
