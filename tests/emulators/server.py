"""A small HTTP/1.1 server for the emulators: keep-alive, in a thread or as a process, able to misbehave.

A thread of its own runs an asyncio loop, so a delay holds up only the request that it belongs to.
"""

import asyncio
import gzip
import json
import signal
import socket
import struct
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

MAX_HEAD_BYTES = 65_536
MAX_BODY_BYTES = 16_000_000
WORTH_ZIPPING_BYTES = 512

Ending = Literal["keep", "close", "reset"]


@dataclass(slots=True, kw_only=True)
class Request:
    """One request as it came in. `answered` is told after the answer: its status, 0 for none."""

    number: int
    method: str
    target: str
    """Path and query string."""
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    connection: int
    """The number of the connection, from 1: two requests with the same number shared one."""
    answered: int = 0
    sent_bytes: int = 0
    """What the answer took on the wire, head and body."""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(slots=True, kw_only=True)
class Response:
    """What to answer, and how badly."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    ending: Ending = "keep"
    """`close`: end the connection after the body; `reset`: by RST, without an answer when `status` is 0."""
    hang: bool = False
    """Never answer: the connection stays open until the server is stopped."""
    missing_bytes: int = 0
    """Promise so many more bytes than there are, and close."""
    chunk_bytes: int = 0
    """Send the body in pieces of this size (0: at once)."""
    pause_s: float = 0.0
    """Between the pieces."""
    zip: bool = True
    """Compress where the client accepts it."""


class Server:
    """The base of the emulators: `with Emulator(…) as server:` serves on 127.0.0.1 until the block ends.

    A subclass writes `answer`. Every request is kept in `requests`, in the order of arrival.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self.port = port
        self.requests: list[Request] = []
        self.connections = 0
        self._arrival = threading.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._server: asyncio.Server | None = None
        self._stop = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    async def answer(self, request: Request) -> Response:
        raise NotImplementedError

    def counts(self) -> dict[str, Any]:
        """Return what happened since the start or the last `forget`: also at `/_emulator/counts`."""
        return {
            "requests": len(self.requests),
            "connections": len({request.connection for request in self.requests}),
            "received_bytes": sum(len(request.body) for request in self.requests),
            "sent_bytes": sum(request.sent_bytes for request in self.requests),
        }

    def forget(self) -> None:
        """Start counting anew: also at `/_emulator/counts?forget`."""
        self.requests.clear()

    def wait_for(self, requests: int, *, timeout_s: float = 10) -> bool:
        """Wait in another thread until so many requests have arrived; False when the time is up."""
        with self._arrival:
            return self._arrival.wait_for(lambda: len(self.requests) >= requests, timeout_s)

    # In a thread

    def __enter__(self) -> Self:
        ready = threading.Event()
        failed: list[BaseException] = []

        async def serve() -> None:
            await self.start()
            ready.set()
            await self.run()

        def run() -> None:
            try:
                asyncio.run(serve())
            except OSError as error:  # the port is taken
                failed.append(error)
            finally:
                ready.set()

        self._thread = threading.Thread(target=run, name=type(self).__name__, daemon=True)
        self._thread.start()
        ready.wait()
        if failed:
            raise failed[0]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._thread is not None:
            self._thread.join()

    def stop(self) -> None:
        """End the server, hanging answers included. May be called from any thread."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._stop.set)

    # In the loop

    async def start(self) -> None:
        """Listen; from now on `port` is the real one."""
        self._loop = asyncio.get_running_loop()
        self._server = await asyncio.start_server(self._connected, self.host, self.port, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]

    async def run(self) -> None:
        """Serve until `stop`."""
        await self._stop.wait()
        if self._server is not None:
            self._server.close()
        # A connection that was just accepted needs a few turns of the loop to have a task that can be ended.
        for _ in range(5):
            await asyncio.sleep(0)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self.connections += 1
        try:
            # Cancelled by `serve` only: ending quietly is what asyncio's own callback expects.
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._converse(reader, writer, self.connections)
        finally:
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int
    ) -> None:
        while True:
            request = await read_request(reader, connection)
            if request is None:
                return
            if request.path == "/_emulator/counts":
                response = self._count(request)
            else:
                self._record(request)
                response = await self.answer(request)
            if not await self._send(request, response, writer):
                return

    def _record(self, request: Request) -> None:
        with self._arrival:
            self.requests.append(request)
            request.number = len(self.requests)
            self._arrival.notify_all()

    def _count(self, request: Request) -> Response:
        body = json.dumps(self.counts()).encode()
        if request.target.endswith("?forget"):
            self.forget()
        return Response(headers={"Content-Type": "application/json"}, body=body)

    async def _send(self, request: Request, response: Response, writer: asyncio.StreamWriter) -> bool:
        """Write the answer; say whether the connection stays open."""
        if response.hang:
            await self._stop.wait()
            return False
        if response.ending == "reset":
            reset(writer)
            return False
        if response.status == 0:
            return False
        body, headers = encode(response, request.headers)
        head = [f"HTTP/1.1 {response.status} {reason(response.status)}"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        keep = (
            response.ending == "keep"
            and response.missing_bytes == 0
            and request.headers.get("connection", "").lower() != "close"
        )
        head.append(f"Connection: {'keep-alive' if keep else 'close'}")
        raw_head = ("\r\n".join(head) + "\r\n\r\n").encode("latin-1")
        request.answered = response.status
        request.sent_bytes = len(raw_head) + len(body)
        writer.write(raw_head)
        if request.method == "HEAD":
            body = b""
        step = response.chunk_bytes or len(body) or 1
        for start in range(0, len(body), step):
            writer.write(body[start : start + step])
            await writer.drain()
            if response.pause_s:
                await asyncio.sleep(response.pause_s)
        await writer.drain()
        return keep


async def serve_process(server: Server, port_file: Path | None = None) -> None:
    """Run a server as this process: tell its address on stdout and its port in a file, end at a signal."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    await server.start()
    if port_file is not None:
        partial = port_file.with_suffix(".part")
        partial.write_text(str(server.port), encoding="utf-8")
        partial.replace(port_file)  # a reader finds the whole number or no file
    print(server.url, flush=True)
    await server.run()


async def read_request(reader: asyncio.StreamReader, connection: int) -> Request | None:
    """Read one request; None when the client has hung up or writes no HTTP."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    parts = first.split(" ")
    if len(parts) != 3 or len(head) > MAX_HEAD_BYTES:
        return None
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = await read_chunks(reader)
    else:
        length = int(headers.get("content-length") or 0)
        body = await reader.readexactly(length) if 0 <= length <= MAX_BODY_BYTES else b""
    return Request(
        number=0, method=parts[0], target=parts[1], headers=headers, body=body, connection=connection
    )


async def read_chunks(reader: asyncio.StreamReader) -> bytes:
    """Read a chunked body."""
    body = bytearray()
    while True:
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        body += await reader.readexactly(size)
        await reader.readuntil(b"\r\n")
        if size == 0:
            return bytes(body)


def encode(response: Response, accepted: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """Return the body as it goes over the wire, with the headers that describe it."""
    body = response.body
    headers = dict(response.headers)
    if (
        response.zip
        and len(body) >= WORTH_ZIPPING_BYTES
        and "gzip" in accepted.get("accept-encoding", "").lower()
        and "Content-Encoding" not in headers
    ):
        # Level 1 and no time stamp: quick, and the same bytes each time.
        body = gzip.compress(body, 1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(body) + response.missing_bytes)
    return body, headers


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection by RST, as a crashed balancer does."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def reason(status: int) -> str:
    """Return the words that stand beside a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
