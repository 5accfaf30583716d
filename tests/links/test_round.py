"""A whole round: each address once, so many at a time, polite to every host."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from registry.links.guard import Guard
from registry.links.round import AT_ONCE, AT_ONCE_PER_HOST, Round
from registry.links.visit import Client, Visit
from tests.emulators.server import Request, Response
from tests.emulators.web import Web


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with Web(tmp_path) as served:
        yield served


def visited(web: Web, *urls: str, timeout_s: float = 5.0, **options: float) -> dict[str, Visit]:
    async def run() -> dict[str, Visit]:
        network = web.network()
        async with Client(
            user_agent="Almanac/test",
            timeout_s=timeout_s,
            guard=Guard(lookup=network.lookup, backend=network.backend),
            ssl_context=network.ssl_context,
        ) as client:
            round_ = Round(client, sleep=network.sleep, clock=network.clock, **options)
            return await round_.visits(urls, lambda count: None)

    return asyncio.run(run())


def test_an_address_is_visited_once_however_often_it_stands(web: Web) -> None:
    web.put("//plugin.example/", Response())
    visited(web, *["http://plugin.example/"] * 5)
    assert web.asked() == ["HEAD plugin.example/"]


def test_between_two_requests_to_one_host_is_a_pause(web: Web) -> None:
    for number in range(4):
        web.put(f"//plugin.example/{number}", Response())
    visited(web, *(f"http://plugin.example/{number}" for number in range(4)), pause_s=2.0)
    assert web.now == 1_006.0


def test_another_host_is_not_waited_for(web: Web) -> None:
    urls = [f"http://host{number}.example/" for number in range(20)]
    for url in urls:
        web.put(url, Response())
    visited(web, *urls, pause_s=2.0)
    assert web.slept == []


class Crowd:
    """Counts the requests that are under way together, in all and per host."""

    def __init__(self) -> None:
        self.now: dict[str, int] = {}
        self.most = self.most_of_a_host = 0

    async def ask(self, method: str, url: str) -> object:
        from registry.links.visit import Answer

        host = url.split("/")[2]
        self.now[host] = self.now.get(host, 0) + 1
        self.most = max(self.most, sum(self.now.values()))
        self.most_of_a_host = max(self.most_of_a_host, self.now[host])
        for _ in range(5):
            await asyncio.sleep(0)
        self.now[host] -= 1
        return Answer(200, {})


def test_so_many_requests_are_under_way_at_once() -> None:
    crowd = Crowd()
    urls = [f"http://host{number % 40}.example/{number}" for number in range(400)]
    asyncio.run(Round(crowd, pause_s=0).visits(urls, lambda count: None))  # type: ignore[arg-type]
    assert crowd.most == AT_ONCE
    assert crowd.most_of_a_host <= AT_ONCE_PER_HOST


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_asks_to_wait_is_asked_again_after_that(web: Web, status: int) -> None:
    wait = Response(status=status, headers={"Retry-After": "30"})
    web.put("//plugin.example/", wait, Response())
    assert visited(web, "http://plugin.example/", pause_s=0)["http://plugin.example/"].kind == "ok"
    assert web.slept == [30.0]


def test_a_wait_may_be_told_as_a_date(web: Web) -> None:
    def later(request: Request) -> Response:
        until = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
        return Response(status=503, headers={"Retry-After": until})

    web.put("//plugin.example/", later, Response())
    visited(web, "http://plugin.example/", pause_s=0)
    assert len(web.slept) == 1
    assert 15 < web.slept[0] <= 20


def test_a_host_that_asks_for_too_long_a_wait_is_left_alone(web: Web) -> None:
    for number in range(5):
        web.put(f"//plugin.example/{number}", Response(status=429, headers={"Retry-After": "3600"}))
    found = visited(web, *(f"http://plugin.example/{number}" for number in range(5)))
    assert {visit.kind for visit in found.values()} == {"refused"}
    assert len(web.requests) <= AT_ONCE_PER_HOST
    assert max(web.slept, default=0) < 60


def test_a_host_that_answers_nothing_three_times_is_left_alone_and_not_judged(web: Web) -> None:
    urls = [f"http://plugin.example/{number}" for number in range(12)]
    for url in urls:
        web.put(url, Response(hang=True))
    found = visited(web, *urls, timeout_s=0.1)
    kinds = [visit.kind for visit in found.values()]
    assert kinds.count("slow") in (3, 4)
    assert kinds.count("refused") == 12 - kinds.count("slow")
    assert found[urls[-1]].detail == "gave no answer to the addresses before this one"


def test_a_name_that_nobody_has_is_looked_up_once(web: Web) -> None:
    found = visited(web, *(f"http://gone.example/{number}" for number in range(6)))
    assert {visit.kind for visit in found.values()} == {"dead"}
    assert len(web.looked_up) <= AT_ONCE_PER_HOST


def test_when_the_time_is_up_the_rest_is_not_judged(web: Web) -> None:
    urls = [f"http://plugin.example/{number}" for number in range(10)]
    for url in urls:
        web.put(url, Response())
    found = visited(web, *urls, pause_s=1.0, budget_s=4.5)
    assert [visit.kind for visit in found.values()] == ["ok"] * 5 + ["refused"] * 5
    assert found[urls[-1]].detail == "was not visited: the time of this run was up"


def test_a_machine_without_a_connection_calls_nothing_dead(web: Web) -> None:
    urls = [f"http://host{number}.example/" for number in range(8)]
    found = visited(web, *urls)
    assert {visit.kind for visit in found.values()} == {"refused"}
    assert found[urls[0]].detail == "was not judged: this machine could not reach most of the web"


def test_two_dead_hosts_among_four_are_believed(web: Web) -> None:
    web.put("//a.example/", Response())
    web.put("//b.example/", Response())
    found = visited(web, *(f"http://{name}.example/" for name in "abcd"))
    assert [visit.kind for visit in found.values()] == ["ok", "ok", "dead", "dead"]


def test_an_address_that_breaks_the_visitor_costs_no_other() -> None:
    class Odd(Crowd):
        async def ask(self, method: str, url: str) -> object:
            if "odd" in url:
                raise ValueError("surprise")
            return await super().ask(method, url)

    urls = ["http://odd.example/", "http://plugin.example/"]
    found = asyncio.run(Round(Odd(), pause_s=0).visits(urls, lambda count: None))  # type: ignore[arg-type]
    assert found == {
        urls[0]: Visit(kind="refused", detail="was not judged: ValueError"),
        urls[1]: Visit(kind="ok"),
    }
