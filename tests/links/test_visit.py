"""What one address comes to, asked for real: HEAD, GET, redirects, and every way to misbehave."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.links.guard import Guard
from registry.links.visit import MAX_BODY_BYTES, Client, Visit, visit
from tests.emulators.server import Request, Response
from tests.emulators.web import Web


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with Web(tmp_path) as served:
        yield served


def visited(web: Web, url: str, *, timeout_s: float = 5.0) -> Visit:
    return asyncio.run(_visit(web, url, timeout_s))[0]


async def _visit(web: Web, url: str, timeout_s: float = 5.0) -> tuple[Visit, Client]:
    network = web.network(timeout_s=timeout_s)
    async with Client(
        user_agent="Almanac/test",
        timeout_s=timeout_s,
        guard=Guard(lookup=network.lookup, backend=network.backend),
        ssl_context=network.ssl_context,
    ) as client:
        return await visit(url, client.ask), client


def moved(location: str, status: int = 301, **headers: str) -> Response:
    return Response(status=status, headers={"Location": location, **headers})


def only_get(answer: Response, head: Response) -> list[object]:
    def page(request: Request) -> Response:
        return head if request.method == "HEAD" else answer

    return [page]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_page_that_is_there_is_well_after_one_request(web: Web, scheme: str) -> None:
    web.put("//plugin.example/home", Response(headers={"Content-Type": "Text/HTML; charset=utf-8"}))
    assert visited(web, f"{scheme}://plugin.example/home") == Visit(kind="ok", content_type="text/html")
    assert web.asked() == ["HEAD plugin.example/home"]


def test_a_request_says_who_asks_and_carries_nothing_else_of_ours(web: Web) -> None:
    web.put("//plugin.example/", Response(status=405, headers={"Set-Cookie": "a=b"}))
    visited(web, "http://plugin.example/")
    head, get = web.requests
    assert head.headers == {
        "host": "plugin.example",
        "user-agent": "Almanac/test",
        "accept": "*/*",
        "accept-encoding": "identity",
    }
    assert get.headers == {**head.headers, "range": "bytes=0-1023"}


@pytest.mark.parametrize("status", [400, 403, 404, 405, 500, 501, 503])
def test_a_host_that_refuses_head_is_asked_by_get(web: Web, status: int) -> None:
    web.put("//plugin.example/", *only_get(Response(status=206), Response(status=status)))
    assert visited(web, "http://plugin.example/").kind == "ok"
    assert web.asked() == ["HEAD plugin.example/", "GET plugin.example/"]


def test_a_host_that_hangs_up_on_head_is_asked_by_get(web: Web) -> None:
    web.put("//plugin.example/", *only_get(Response(), Response(ending="reset")))
    assert visited(web, "http://plugin.example/").kind == "ok"


def test_an_empty_file_that_has_no_such_range_is_there(web: Web) -> None:
    web.put("//plugin.example/", *only_get(Response(status=416), Response(status=405)))
    assert visited(web, "http://plugin.example/").kind == "ok"


@pytest.mark.parametrize(("status", "words"), [(404, "answers 404, not found"), (410, "answers 410, gone")])
def test_what_is_not_found_is_dead_by_both_methods(web: Web, status: int, words: str) -> None:
    web.put("//plugin.example/", Response(status=status))
    assert visited(web, "http://plugin.example/") == Visit(kind="dead", detail=words)
    assert len(web.requests) == 2


def test_a_name_that_nobody_has_is_dead(web: Web) -> None:
    found = visited(web, "http://gone.example/")
    assert found == Visit(kind="dead", detail="has no host: there is no such name", no_contact=True)


def test_a_silent_name_server_judges_nothing(web: Web) -> None:
    web.name_servers_fail = True
    assert visited(web, "http://plugin.example/").kind == "refused"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "wants a password (401)"),
        (403, "does not let a program in (403)"),
        (429, "asks for fewer requests (429)"),
        (503, "is not available at the moment (503)"),
        (999, "does not let a program in (999)"),
    ],
)
def test_a_refusal_is_not_judged(web: Web, status: int, words: str) -> None:
    web.put("//plugin.example/", Response(status=status))
    assert visited(web, "http://plugin.example/") == Visit(kind="refused", detail=words)


def test_too_many_requests_are_not_answered_by_one_more(web: Web) -> None:
    web.put("//plugin.example/", Response(status=429))
    visited(web, "http://plugin.example/")
    assert web.asked() == ["HEAD plugin.example/"]


def test_a_fault_of_the_server_is_broken(web: Web) -> None:
    web.put("//plugin.example/", Response(status=500))
    assert visited(web, "http://plugin.example/") == Visit(kind="broken", detail="answers 500")


def test_a_permanent_redirect_is_told_with_where_it_leads(web: Web) -> None:
    web.put("//old.example/a", moved("https://new.example/b#part"))
    web.put("//new.example/b", moved("/c", 308))
    web.put("//new.example/c", Response())
    assert visited(web, "http://old.example/a") == Visit(
        kind="moved", detail="has moved", target="https://new.example/c"
    )


def test_only_the_permanent_part_of_a_chain_is_told(web: Web) -> None:
    web.put("//old.example/", moved("http://new.example/"))
    web.put("//new.example/", moved("http://cdn.example/today", 302))
    web.put("//cdn.example/today", moved("http://cdn.example/now", 301))
    web.put("//cdn.example/now", Response())
    assert visited(web, "http://old.example/").target == "http://new.example/"


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_passing_redirect_is_well(web: Web, status: int) -> None:
    web.put("//plugin.example/zip", moved("/store", status))
    web.put("//plugin.example/store", Response())
    assert visited(web, "http://plugin.example/zip").kind == "ok"


def test_a_redirect_to_what_is_not_there_is_dead(web: Web) -> None:
    web.put("//plugin.example/", moved("/gone"))
    assert visited(web, "http://plugin.example/") == Visit(kind="dead", detail="answers 404, not found")


def test_a_redirect_in_a_circle_is_broken_after_six_requests(web: Web) -> None:
    web.put("//plugin.example/", moved("/"))
    assert visited(web, "http://plugin.example/") == Visit(
        kind="broken", detail="redirects more than 5 times"
    )
    assert len(web.requests) == 6


def test_a_circle_that_only_a_cookie_would_end_is_not_judged(web: Web) -> None:
    web.put("//plugin.example/", moved("/", 302, **{"Set-Cookie": "seen=1"}))
    assert visited(web, "http://plugin.example/") == Visit(
        kind="refused", detail="lets in only who takes its cookies"
    )
    assert all("cookie" not in request.headers for request in web.requests)


@pytest.mark.parametrize(
    "location",
    [
        "ftp://plugin.example/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://me:secret@plugin.example/",
    ],
)
def test_a_redirect_to_what_is_no_web_address_is_not_followed(web: Web, location: str) -> None:
    web.put("//plugin.example/", moved(location))
    found = visited(web, "http://plugin.example/")
    assert found.kind == "broken"
    assert found.detail.startswith("redirects to what is no address: ")
    assert len(web.requests) == 1


@pytest.mark.parametrize(
    "place", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "[::1]", "[::ffff:127.0.0.1]", "168.63.129.16"]
)
@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_to_a_private_address_is_not_followed(web: Web, place: str, status: int) -> None:
    web.put("//plugin.example/", moved(f"http://{place}/latest/meta-data", status))
    found = visited(web, "http://plugin.example/")
    bare = place.strip("[]")
    assert found.kind == "unsafe"
    assert found.detail.startswith(f"redirects to {bare}, which is not visited: the name leads to ")
    assert web.connected == [("93.184.215.14", 80)]


def test_a_redirect_to_a_name_with_a_private_address_is_not_followed(web: Web) -> None:
    web.put("//inside.example/", Response(), address="192.168.0.10")
    web.put("//plugin.example/", moved("http://inside.example/"))
    assert visited(web, "http://plugin.example/") == Visit(
        kind="unsafe",
        detail="redirects to inside.example, which is not visited: the name leads to 192.168.0.10, which is "
        "not on the public internet",
    )
    assert web.connected == [("93.184.215.14", 80)]


def test_a_port_beside_the_webs_is_not_dialled(web: Web) -> None:
    web.put("//plugin.example/", Response())
    assert visited(web, "http://plugin.example:6379/") == Visit(
        kind="unsafe", detail="is not visited: port 6379 is none of the web's"
    )
    assert web.connected == []


def test_a_certificate_that_nobody_vouches_for_is_insecure(web: Web) -> None:
    web.put("//selfsigned.example/", Response())
    found = visited(web, "https://selfsigned.example/")
    assert found == Visit(kind="insecure", detail="has no valid certificate (self-signed certificate)")
    assert web.requests == []


def test_a_certificate_of_another_name_is_insecure(web: Web) -> None:
    web.put("//plugin.test/", Response())
    found = visited(web, "https://plugin.test/")
    assert found.kind == "insecure"
    assert "Hostname mismatch" in found.detail
    assert web.requests == []


def test_a_host_that_says_nothing_is_slow(web: Web) -> None:
    web.put("//plugin.example/", Response(hang=True))
    assert visited(web, "http://plugin.example/", timeout_s=0.2) == Visit(
        kind="slow", detail="takes too long to answer"
    )


def test_a_body_that_drips_is_slow(web: Web) -> None:
    drip = Response(body=b"x" * 1_000, chunk_bytes=1, pause_s=0.05)
    web.put("//plugin.example/", *only_get(drip, Response(status=405)))
    assert visited(web, "http://plugin.example/", timeout_s=0.3).kind == "slow"


def test_an_address_that_takes_no_connection_is_told(web: Web) -> None:
    web.put("//closed.example/", address="93.184.215.20")
    web.put("//hanging.example/", address="93.184.215.21")
    web.closed, web.hanging = {"93.184.215.20"}, {"93.184.215.21"}
    assert visited(web, "http://closed.example/") == Visit(
        kind="broken", detail="does not take a connection", no_contact=True
    )
    assert visited(web, "http://hanging.example/") == Visit(
        kind="slow", detail="takes too long to connect", no_contact=True
    )


@pytest.mark.parametrize("answer", [Response(ending="reset"), Response(status=0)])
def test_a_broken_connection_is_broken(web: Web, answer: Response) -> None:
    web.put("//plugin.example/", answer)
    assert visited(web, "http://plugin.example/") == Visit(kind="broken", detail="breaks the connection")


def test_of_a_huge_body_a_little_is_read(web: Web) -> None:
    huge = Response(body=b"x" * 5_000_000, chunk_bytes=16_384)
    web.put("//plugin.example/", *only_get(huge, Response(status=405)))
    found, client = asyncio.run(_visit(web, "http://plugin.example/"))
    assert found.kind == "ok"
    assert MAX_BODY_BYTES <= client.bytes_read < MAX_BODY_BYTES * 3


def test_a_packed_body_is_not_unpacked(web: Web) -> None:
    bomb = Response(body=b"no gzip at all", headers={"Content-Encoding": "gzip"})
    web.put("//plugin.example/", *only_get(bomb, Response(status=405)))
    assert visited(web, "http://plugin.example/").kind == "ok"


def test_a_name_in_another_script_is_asked_for_by_its_wire_form(web: Web) -> None:
    web.put("//xn--bcher-kva.example/%C3%BC", Response())
    assert visited(web, "http://bücher.example/ü").kind == "ok"


def test_a_redirect_in_another_script_is_followed_as_browsers_do(web: Web) -> None:
    web.put("//plugin.example/", Response(status=302, headers={"Location": "/ü".encode().decode("latin-1")}))
    web.put("//plugin.example/%C3%BC", Response())
    assert visited(web, "http://plugin.example/").kind == "ok"


@pytest.mark.parametrize(
    "url",
    ["http://xn--/", "http://a..b/", f"http://{'a' * 300}.example/", "http://\u2064.example/", "http://_/"],
)
def test_a_host_that_can_be_none_is_dead(web: Web, url: str) -> None:
    assert visited(web, url).kind == "dead"
    assert web.connected == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0" * 1_000,
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 99999 x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"x" * 300_000 + b"\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
    ],
    ids=lambda raw: repr(raw[:40]),  # the whole of one would be too long for the environment of a process
)
def test_what_is_no_http_is_broken_and_breaks_nothing(web: Web, raw: bytes) -> None:
    async def run() -> Visit:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(raw)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        web.addresses["odd.example"] = ["93.184.215.14"]
        web.port = lambda _: port  # type: ignore[method-assign]
        async with server:
            return (await _visit(web, "http://odd.example/"))[0]

    assert asyncio.run(run()) == Visit(kind="broken", detail="breaks the connection")
