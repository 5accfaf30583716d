"""One address, visited: HEAD, then GET where HEAD is refused, redirects followed by hand.

Nothing of ours is sent but the request: no cookie, no credential, no token. Nothing of theirs is unpacked,
and 64 kB of it are read at most.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import httpcore
import httpx

from registry.links.guard import Forbidden, Guard, UnknownName, Unresolved
from registry.net.http import tls
from registry.registration.values import url_fault

MAX_REDIRECTS = 5
MAX_BODY_BYTES = 64 * 1024
CONNECTIONS = 32

Kind = Literal["ok", "moved", "dead", "broken", "insecure", "slow", "unsafe", "refused"]
"""`refused` is not judged: the host did not let us see, or asked us to come another day."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_NOT_JUDGED: Mapping[int, str] = {
    401: "wants a password",
    402: "wants to be paid",
    403: "does not let a program in",
    407: "wants a password",
    429: "asks for fewer requests",
    451: "is withheld for legal reasons",
    503: "is not available at the moment",
    999: "does not let a program in",  # LinkedIn's
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What became of a visit."""

    kind: Kind
    detail: str = ""
    """In words, to follow the address: "answers 404"."""
    target: str = ""
    """Where permanent redirects lead, for `moved`."""
    content_type: str = ""
    no_contact: bool = False
    """No connection was made at all: the fault may be ours."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and headers (names in lower case) of an answer."""

    status: int
    headers: Mapping[str, str]


class Asker(Protocol):
    """Sends one request. Raises httpcore's errors, TimeoutError, OutOfTurn when the host is left alone."""

    async def __call__(self, method: str, url: str) -> Answer:
        """Return the answer, redirects included."""


class OutOfTurn(Exception):
    """This host is not asked (any more) in this run; the message says why."""


class Client:
    """Requests to the world through the guard; for use as `async with`."""

    def __init__(
        self,
        *,
        user_agent: str,
        timeout_s: float,
        guard: Guard,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self.requests = 0
        self.bytes_read = 0
        self._timeout_s = timeout_s
        self._headers = {
            b"User-Agent": user_agent.encode("ascii", "replace"),
            b"Accept": b"*/*",
            b"Accept-Encoding": b"identity",
        }
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context or tls(),
            max_connections=CONNECTIONS,
            max_keepalive_connections=CONNECTIONS,
            keepalive_expiry=5.0,
            network_backend=guard,
        )

    async def __aenter__(self) -> "Client":
        """Open the client."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close its connections."""
        await self._pool.aclose()

    async def ask(self, method: str, url: str) -> Answer:
        """Send one request and read what bounds allow of the answer."""
        self.requests += 1
        address = httpx.URL(url)
        target = httpcore.URL(
            scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=address.raw_path
        )
        headers = dict(self._headers)
        if method == "GET":
            headers[b"Range"] = b"bytes=0-1023"
        async with (
            asyncio.timeout(self._timeout_s),
            self._pool.stream(
                method.encode(),
                target,
                headers=list(headers.items()),
                extensions={"timeout": {"connect": self._timeout_s / 2}},
            ) as response,
        ):
            answer = Answer(
                response.status,
                {_text(name).lower(): _text(value) for name, value in response.headers},
            )
            read = 0
            # What a page holds is not looked at; a short body is read so that the connection can be kept.
            async for chunk in response.aiter_stream():
                read += len(chunk)
                self.bytes_read += len(chunk)
                if read >= MAX_BODY_BYTES:
                    break
            return answer


async def visit(url: str, ask: Asker) -> Visit:
    """Return what became of visiting `url`. Never raises for the host's sake."""
    if not host_of(url):
        return Visit(kind="dead", detail="has no host: this can be no name")
    target, moved_to, permanent, cookies = url, "", True, False
    for _ in range(MAX_REDIRECTS + 1):
        try:
            answer = await _look(target, ask)
        except OutOfTurn as reason:
            return Visit(kind="refused", detail=str(reason))
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.TimeoutException,
            TimeoutError,
        ) as error:
            found = _failure(error)
            return found if target == url else _behind(found, target)
        location = answer.headers.get("location", "")
        if answer.status not in _REDIRECTS or not location:
            return _judged(answer, moved_to if moved_to != url else "")
        following = _join(target, location)
        fault = url_fault(following)
        if fault or not host_of(following):
            fault = fault or "this can be no name"
            return Visit(kind="broken", detail=f"redirects to what is no address: {fault.partition(';')[0]}")
        cookies = cookies or "set-cookie" in answer.headers
        permanent = permanent and answer.status in _PERMANENT
        moved_to = following if permanent else moved_to
        target = following
    if cookies:
        return Visit(kind="refused", detail="lets in only who takes its cookies")
    return Visit(kind="broken", detail=f"redirects more than {MAX_REDIRECTS} times")


async def _look(url: str, ask: Asker) -> Answer:
    """Return the answer to HEAD; where that is none to judge by, the answer to GET."""
    try:
        answer = await ask("HEAD", url)
    except (httpcore.ReadError, httpcore.WriteError, httpcore.ProtocolError):
        return await ask("GET", url)  # there are servers that hang up on HEAD
    well = 200 <= answer.status < 300 or (answer.status in _REDIRECTS and "location" in answer.headers)
    return answer if well or answer.status == 429 else await ask("GET", url)


def _text(raw: bytes) -> str:
    """Return a header as browsers read it: what is UTF-8 as such, all else byte by byte."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def host_of(url: str) -> str:
    """Return the host that an address asks for, as it goes over the wire; "" when there can be none."""
    try:
        return httpx.URL(url).raw_host.decode()
    except (httpx.InvalidURL, ValueError):
        return ""


def _join(base: str, location: str) -> str:
    """Return the address that a `Location` means, without fragment; "" when it means none."""
    try:
        return str(httpx.URL(base).join(location.strip()).copy_with(fragment=None))
    except (httpx.InvalidURL, ValueError):
        return ""


def _judged(answer: Answer, moved_to: str) -> Visit:
    status = answer.status
    content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if 200 <= status < 300 or status == 416:  # 416: there is something, but less than was asked for
        return Visit(
            kind="moved" if moved_to else "ok",
            detail="has moved" if moved_to else "",
            target=moved_to,
            content_type=content_type,
        )
    if status in (404, 410):
        return Visit(kind="dead", detail=f"answers {status}, {'not found' if status == 404 else 'gone'}")
    if status in _NOT_JUDGED:
        return Visit(kind="refused", detail=f"{_NOT_JUDGED[status]} ({status})")
    return Visit(kind="broken", detail=f"answers {status}")


def _failure(error: Exception) -> Visit:
    """Return what an exception means."""
    if isinstance(error, Forbidden):
        return Visit(kind="unsafe", detail=f"is not visited: {error}")
    if isinstance(error, UnknownName):
        return Visit(kind="dead", detail=f"has no host: {error}", no_contact=True)
    if isinstance(error, Unresolved):
        return Visit(kind="refused", detail=f"was not found out: {error}", no_contact=True)
    if fault := _tls_fault(error):
        return Visit(kind="insecure", detail=f"has no valid certificate ({fault})")
    if isinstance(error, httpcore.ConnectTimeout):
        return Visit(kind="slow", detail="takes too long to connect", no_contact=True)
    if isinstance(error, httpcore.TimeoutException | TimeoutError):
        return Visit(kind="slow", detail="takes too long to answer")
    if isinstance(error, httpcore.ConnectError):
        return Visit(kind="broken", detail="does not take a connection", no_contact=True)
    return Visit(kind="broken", detail="breaks the connection")


def _behind(found: Visit, target: str) -> Visit:
    """Return the same for an address that was only redirected to."""
    return Visit(kind=found.kind, detail=f"redirects to {host_of(target)}, which {found.detail}")


def _tls_fault(error: BaseException) -> str:
    """Return what TLS found wrong, "" when it was not TLS."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return str(cause.verify_message)
        if isinstance(cause, ssl.SSLError):
            return str(cause.reason or "no TLS").replace("_", " ").lower()
        cause = cause.__cause__ or cause.__context__
    return ""
