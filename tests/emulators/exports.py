"""A stand-in of the host that publishes the usage exports: `/week.json` and `/month.json`.

with Exports(exports_for(ids), faults={"month": "unavailable"}) as exports:
...  # registry.usage.exports: {week: exports.week_url, month: exports.month_url}
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from tests.emulators.server import Request, Response, Server, serve_process

Kind = Literal[
    "unavailable",
    "missing",
    "truncated",
    "short-body",
    "hang",
    "html",
    "empty",
    "huge",
    "reset",
    "slow",
    "list",
]
HUGE_BYTES = 100_000_000


class Exports(Server):
    """The two exports on 127.0.0.1, each right or with a fault.

    `unavailable` 503 with Retry-After, `missing` 404, `truncated` JSON cut in the middle, `short-body` fewer
    bytes than promised, `hang` no answer until the server stops, `html` a page with HTTP 200, `empty` no
    body, `huge` white space of 100 MB before the JSON, `reset` a broken connection, `slow` 200 bytes every
    50 ms, `list` JSON of another shape. A fault goes when it is taken out of `faults`.
    """

    def __init__(
        self,
        exports: Mapping[str, Any],
        *,
        faults: Mapping[str, Kind] | None = None,
        latency_ms: float = 0,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        super().__init__(host=host, port=port)
        self.exports = dict(exports)
        self.faults = dict(faults or {})
        self.latency_ms = latency_ms
        if unknown := set(self.faults.values()) - set(get_args(Kind)):
            raise ValueError(f"unknown faults {', '.join(sorted(unknown))}")

    @property
    def week_url(self) -> str:
        return f"{self.url}/week.json"

    @property
    def month_url(self) -> str:
        return f"{self.url}/month.json"

    async def answer(self, request: Request) -> Response:
        if self.latency_ms:
            await asyncio.sleep(self.latency_ms / 1_000)
        period = request.path.removeprefix("/").removesuffix(".json")
        if period not in self.exports or request.method != "GET":
            return page(404, "Not Found")
        right = Response(
            headers={"Content-Type": "application/json"}, body=json.dumps(self.exports[period]).encode()
        )
        match self.faults.get(period):
            case "unavailable":
                answer = page(503, "Service Unavailable")
                answer.headers["Retry-After"] = "1"
                return answer
            case "missing":
                return page(404, "Not Found")
            case "html":
                return page(200, "Sign in to this network")
            case "truncated":
                right.body = right.body[: len(right.body) // 2]
            case "short-body":
                right.missing_bytes = 1_000
            case "hang":
                right.hang = True
            case "empty":
                right.body = b""
            case "huge":
                right.body = b" " * HUGE_BYTES + right.body
            case "reset":
                right.ending = "reset"
            case "slow":
                right.chunk_bytes, right.pause_s = 200, 0.05
            case "list":
                right.body = b'[{"plugins": {}}]'
            case None:
                pass
        return right


def page(status: int, words: str) -> Response:
    """Answer a page of HTML, as hosts do when they are not themselves."""
    text = f"<!DOCTYPE html><title>{words}</title><h1>{words}</h1>"
    return Response(status=status, headers={"Content-Type": "text/html"}, body=text.encode())


def main(argv: list[str] | None = None) -> int:
    """Serve exports until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.exports", description=main.__doc__)
    parser.add_argument(
        "--exports", type=Path, required=True, help="JSON file: {week: EXPORT, month: EXPORT}"
    )
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--port-file", type=Path, help="write the port there once it answers")
    parser.add_argument("--latency-ms", type=float, default=0)
    options = parser.parse_args(argv)
    exports = json.loads(options.exports.read_text(encoding="utf-8"))
    server = Exports(exports, latency_ms=options.latency_ms, port=options.port)
    asyncio.run(serve_process(server, options.port_file))
    return 0


if __name__ == "__main__":
    sys.exit(main())
