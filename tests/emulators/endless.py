"""A host whose every answer is as much as a client is willing to take: plain, packed, or JSON that swells.

with Endless("bomb") as host:
    ...  # host.url + "/week.json", host.url + "/graphql"
"""

import asyncio
import zlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import repeat
from typing import Literal, get_args

from tests.emulators.server import Request, Response, Server

Kind = Literal["plain", "bomb", "deflate", "br", "twice", "swelling", "wide", "texts", "refusal"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BLOCK = 256 * 1024


class Endless(Server):
    """On 127.0.0.1, an answer without an end to each request.

    `plain` white space; `bomb` gzip of a thousand times the size; `deflate`, `br`, `twice` bombs in encodings
    that nobody asked for; `swelling` JSON of 20 MB that takes 25 times as much when it is read; `wide` a text
    that takes four bytes a letter; `texts` 30 MB of short words; `refusal` a 403 without an end.
    """

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self.kind: Kind = kind

    async def answer(self, request: Request) -> Response:
        return Response(status=403 if self.kind == "refusal" else 200)

    async def _send(self, request: Request, response: Response, writer: asyncio.StreamWriter) -> bool:
        encoding = {"bomb": "gzip", "deflate": "deflate", "br": "br", "twice": "gzip, gzip"}.get(self.kind)
        head = f"HTTP/1.1 {response.status} Here\r\nContent-Type: application/json\r\nConnection: close\r\n"
        writer.write((head + (f"Content-Encoding: {encoding}\r\n" if encoding else "") + "\r\n").encode())
        with suppress(ConnectionError):
            for block in blocks(self.kind):
                writer.write(block)
                await writer.drain()
                await asyncio.sleep(0)  # a block may be empty: others have their turn all the same
        return False


def blocks(kind: Kind) -> Iterator[bytes]:
    """Yield the body of an answer."""
    match kind:
        case "swelling":
            yield b'{"plugins": {"a": ['
            yield from repeat(b"[]," * 80_000, 80)
            yield b'0]}, "data": {"r0": 0}}'
        case "wide":
            yield b'{"plugins": {}, "a": "\xf0\x9f\x98\x80'
            yield from repeat(b"a" * BLOCK, 120)
            yield b'"}'
        case "texts":
            yield b'{"plugins": {"a": ['
            yield from repeat(b'"word",' * 40_000, 100)
            yield b'0]}, "data": {"r0": 0}}'
        case "plain" | "refusal":
            yield from repeat(b" " * BLOCK)
        case _:
            yield from packed(2 if kind == "twice" else 1, 15 if kind == "deflate" else 31)


def packed(times: int, wbits: int) -> Iterator[bytes]:
    """Yield white space without end, packed so many times."""
    packers = [zlib.compressobj(1, zlib.DEFLATED, wbits) for _ in range(times)]
    spaces = b" " * (4 * BLOCK)
    while True:
        block = spaces
        for packer in packers:
            block = packer.compress(block)
        yield block
