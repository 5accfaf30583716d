"""A stand-in of GitHub's GraphQL API that runs queries against GitHub's own schema, and of its REST API.

    with GitHub(world, token="t0ken", faults=[Fault(kind="bad-gateway", larger_than=20)]) as github:
        ...  # GITHUB_GRAPHQL_URL=github.graphql_url, GITHUB_API_URL=github.url, GITHUB_TOKEN=t0ken

or as a process of its own:

    python -m tests.emulators.github --world FILE --latency-ms 80 --per-repository-ms 4 --port-file F

A query that GitHub would refuse is refused here, in GitHub's words where they are known: HTTP 200, `errors`
and no `data`. `repositories.py` tells what a world is; `Fault` lists the ways to misbehave.
With `rest=RestWorld(…)` it answers the REST API of one repository too (`rest.py`); without it any other path
is 404.
"""

import argparse
import asyncio
import gc
import json
import sys
import time
from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.emulators import answers
from tests.emulators.execution import Budget, Execution, run
from tests.emulators.faults import Fault, misbehave
from tests.emulators.repositories import World
from tests.emulators.rest import RestApi, RestWorld
from tests.emulators.schema import QUERY_REQUIRED, github_schema
from tests.emulators.server import Request, Response, Server, serve_process

__all__ = ["TOKEN", "Fault", "GitHub", "Query", "RestWorld", "World"]

TOKEN = "emulated-token"
POINTS_PER_HOUR = 5_000
SERVER_CLOCK_MS = 10_000


@dataclass(slots=True, kw_only=True)
class Query:
    """A query that reached `/graphql` with a token, and what became of it."""

    request: Request
    text: str = ""
    operation: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    repositories: tuple[str, ...] = ()
    """owner/name in lower case, in the order in which they were asked for."""
    points: int = 0
    fault: str = ""
    """The kind of the fault that struck, or ''."""


class GitHub(Server):
    """GitHub's GraphQL API on 127.0.0.1.

    `latency_ms` is added to each request, `per_repository_ms` for each repository it asks for; both run
    from the request's arrival, so the emulator's own computing hides in them. Past `server_clock_ms` a query
    is answered by 502, as at GitHub. `faults` are numbered by the requests to `/graphql` since the start.
    """

    def __init__(
        self,
        world: World | MutableMapping[str, Any] | None = None,
        *,
        token: str | None = TOKEN,
        latency_ms: float = 0,
        per_repository_ms: float = 0,
        faults: Iterable[Fault] = (),
        rest: RestWorld | None = None,
        points: int = POINTS_PER_HOUR,
        server_clock_ms: float = SERVER_CLOCK_MS,
        now: Callable[[], float] = time.time,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        super().__init__(host=host, port=port)
        self.world = world if isinstance(world, World) else World(world)
        self.token = token
        self.latency_ms = latency_ms
        self.per_repository_ms = per_repository_ms
        self.server_clock_ms = server_clock_ms
        self.faults = list(faults)
        self.rest = RestApi(rest, main_token=token) if rest else None
        self.budget = Budget(limit=points, ends_at=int(now()) + 3_600)
        self.queries: list[Query] = []
        """The requests to `/graphql` that came with the token, in order."""
        self.busy_s = 0.0
        """Seconds that running queries took."""
        self.not_emulated: set[str] = set()
        """Fields that were asked for and that GitHub has but the emulator has not."""
        self._happened: dict[int, int] = {}
        self._numbers = 0
        self._now = now
        github_schema()  # built before the first client's clock runs

    @property
    def graphql_url(self) -> str:
        return f"{self.url}/graphql"

    @property
    def others(self) -> list[Request]:
        """The requests to any other path."""
        return [request for request in self.requests if request.path != "/graphql"]

    def counts(self) -> dict[str, Any]:
        return super().counts() | {
            "queries": len(self.queries),
            "other_requests": len(self.others),
            "points": sum(query.points for query in self.queries),
            "repositories": sum(len(query.repositories) for query in self.queries),
            "busy_s": round(self.busy_s, 3),
            "not_emulated": sorted(self.not_emulated),
        }

    def forget(self) -> None:
        super().forget()
        self.queries.clear()
        self.busy_s = 0.0

    async def start(self) -> None:
        if self.rest is not None:
            await self.rest.blobs.start()
        await super().start()

    async def run(self) -> None:
        await super().run()
        if self.rest is not None:
            self.rest.blobs.stop()
            await self.rest.blobs.run()

    async def answer(self, request: Request) -> Response:
        started = time.monotonic()
        if self.rest is not None and request.path != "/graphql" and request.headers.get("user-agent"):
            await self._wait(started, 0)
            return self.rest.answer(request, self.url)
        refused = self._refuse(request)
        if refused is not None:
            await self._wait(started, 0)
            return refused
        query = Query(request=request)
        self.queries.append(query)
        return await self._graphql(query, started)

    def _refuse(self, request: Request) -> Response | None:
        """Answer what GitHub answers at the door, before any query is read."""
        if not request.headers.get("user-agent"):
            return answers.no_user_agent()
        endpoint = request.path == "/graphql" and request.method == "POST"
        given = request.headers.get("authorization", "")
        scheme, _, token = given.partition(" ")
        known = token == self.token or (self.rest is not None and self.rest.knows(token))
        allowed = self.token is None or (scheme.lower() in {"bearer", "token"} and known)
        if given and not allowed:
            return answers.bad_credentials(self.budget)
        if not endpoint:
            return answers.message(404, "Not Found", self.budget, url=answers.REST_DOCS_URL)
        if not allowed:
            return answers.message(401, "This endpoint requires you to be authenticated.", self.budget)
        return None

    async def _graphql(self, query: Query, started: float) -> Response:
        self._numbers += 1
        number = self._numbers
        if problem := self._read(query):
            await self._wait(started, 0)
            return problem
        execution = self._run(query)
        query.repositories = tuple(execution.asked.values())
        query.points = execution.cost.points
        self.budget.used += query.points
        in_budget = self.budget.used <= self.budget.limit
        fault = self._fault(number, query)
        if not await self._wait(started, len(query.repositories)):
            return answers.something_went_wrong(self.budget)
        if fault is not None:
            query.fault = fault.kind
            return misbehave(fault, execution, self.budget, self._now())
        if not in_budget:
            return answers.rate_limited(self.budget)
        return answers.json_answer(execution.answer, self.budget)

    def _read(self, query: Query) -> Response | None:
        """Read the posted JSON; return the answer when it cannot be read."""
        if "json" not in query.request.headers.get("content-type", ""):
            return answers.message(415, "Unsupported Media Type", self.budget)
        try:
            body = json.loads(query.request.body)
        except ValueError:
            return answers.message(400, "Problems parsing JSON", self.budget)
        text = body.get("query") if isinstance(body, dict) else None
        if not isinstance(text, str) or not text:
            return answers.json_answer({"errors": [{"message": QUERY_REQUIRED}]}, self.budget)
        query.text = text
        query.operation = body.get("operationName")
        query.variables = body.get("variables") or {}
        return None

    def _run(self, query: Query) -> Execution:
        started = time.perf_counter()
        execution = run(self.world, self.budget, query.text, query.variables, query.operation)
        self.busy_s += time.perf_counter() - started
        self.not_emulated |= execution.not_emulated
        return execution

    def _fault(self, number: int, query: Query) -> Fault | None:
        """Return the first fault that strikes this request, counting it."""
        for index, fault in enumerate(self.faults):
            if fault.suits(number, query.repositories, self._happened.get(index, 0)):
                self._happened[index] = self._happened.get(index, 0) + 1
                return fault
        return None

    async def _wait(self, started: float, repositories: int) -> bool:
        """Let the latency pass; False when the server's own clock ran out first."""
        work_ms = self.per_repository_ms * repositories
        in_time = work_ms <= self.server_clock_ms
        wait_s = (self.latency_ms + min(work_ms, self.server_clock_ms)) / 1_000
        left_s = started + wait_s - time.monotonic()
        if left_s > 0:
            await asyncio.sleep(left_s)
        return in_time


def main(argv: list[str] | None = None) -> int:
    """Serve a world until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.github", description=main.__doc__)
    parser.add_argument("--world", type=Path, required=True, help="JSON file, see repositories.py")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--port-file", type=Path, help="write the port there once it answers")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--per-repository-ms", type=float, default=0)
    parser.add_argument("--points", type=int, default=POINTS_PER_HOUR)
    parser.add_argument(
        "--fault", action="append", default=[], metavar="JSON", help='such as {"kind": "hang", "nth": 2}'
    )
    options = parser.parse_args(argv)
    try:
        faults = [Fault.from_json(json.loads(text)) for text in options.fault]
    except (TypeError, ValueError) as error:
        parser.error(f"--fault: {error}")
    github = GitHub(
        json.loads(options.world.read_text(encoding="utf-8")),
        token=options.token,
        latency_ms=options.latency_ms,
        per_repository_ms=options.per_repository_ms,
        points=options.points,
        faults=faults,
        port=options.port,
    )
    gc.freeze()  # the schema and the world stay: do not walk them again and again
    asyncio.run(serve_process(github, options.port_file))
    return 0


if __name__ == "__main__":
    sys.exit(main())
