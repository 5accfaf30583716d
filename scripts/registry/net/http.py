"""The network's edge: one client that is patient, bounded and honest about who it is.

    Unavailable             an outside host gave no usable answer
    ├── Overloaded          5xx, no answer in time, an answer cut short: a smaller question may be answered
    ├── Unreachable         no connection, after retries
    └── Stopped             asking on is pointless in this run
        ├── Refused         the host said no: token revoked, redirected, any other 4xx
        └── Limited         a rate limit that outlasts the run's patience

Only this module and `registry.github.rest` send a token, and to the origin it belongs to alone: redirects of
requests that carry one are not followed. Sockets are also opened by `links/guard.py` and
`authoring/package_index.py`, which know of no token.

All answers that are read at a time share one `Room`: whatever the hosts send, they take no more memory.
"""

import asyncio
import random
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import requests
import urllib3

from registry.net.body import Body, BodyError, TooLongError
from registry.net.clock import AHEAD
from registry.net.room import Room, Share
from registry.net.unpacking import ACCEPTED, PIECE_BYTES
from registry.text.outside_json import JsonError, parse_cost, parse_json

ATTEMPTS = 3
"""Tries of a request whose connection failed."""
UNTOLD_LIMIT_S = 60.0
"""Seconds to wait for a limit that does not tell its end: GitHub asks for at least a minute then."""
MAX_ANSWER_BYTES = 64 * 1024 * 1024
"""An answer larger than this, unpacked, is refused: no source of ours has reason to send one."""
MAX_PARSED_BYTES = 48 * 1024 * 1024
"""Memory that the JSON of one GraphQL answer may take; one that takes more is refused like one too large."""
TOLD_BYTES = 2_000
"""Of a refusal's body: what is looked at."""
MAX_HOPS = 5
"""Redirects of one request that are followed."""


@cache
def tls() -> ssl.SSLContext:
    """Return the certificate authorities that are trusted, read once: reading them takes 25 ms each time."""
    return httpx.create_ssl_context()


class Unavailable(Exception):
    """An outside host gave no usable answer."""


class Overloaded(Unavailable):
    """The host answered 5xx, not in time, or not to the end."""


class Unreachable(Unavailable):
    """No connection could be made or held, after retries."""


class Stopped(Unavailable):
    """Asking this host on is pointless in this run."""


class Refused(Stopped):
    """The host will not answer: a revoked token, a redirect, a 4xx."""

    status: int = 0
    """The HTTP status with which it refused; 0 when something else than a status was at fault."""


class Limited(Stopped):
    """A rate limit lasts longer than this run is patient."""


@dataclass(slots=True)
class Traffic:
    """What the network was asked for, and what it cost."""

    requests: int = 0
    bytes_received: int = 0
    """On the wire, packed as it came."""
    retries: int = 0

    def __add__(self, other: "Traffic") -> "Traffic":
        """Return the sum of both."""
        return Traffic(
            self.requests + other.requests,
            self.bytes_received + other.bytes_received,
            self.retries + other.retries,
        )


def backoff_s(attempt: int, jitter: float = 0.0) -> float:
    """Return the seconds to wait after failed `attempt` (0-based): 0.25, 0.5, 1 … at most 8, plus jitter.

    `jitter` from 0 to 1 lengthens it by up to half, so that concurrent requests do not return as a herd.
    """
    return float(min(8.0, 0.25 * 2**attempt) * (1 + jitter / 2))


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that the answer's headers ask us to wait, None when they ask nothing.

    Reads `Retry-After` (seconds or an HTTP date, RFC 9110 section 10.2.3), then GitHub's
    `X-RateLimit-Remaining: 0` with `X-RateLimit-Reset` (seconds since 1970).
    """
    asked = headers.get("retry-after", "").strip()
    if asked.isdecimal():
        return float(asked[:9])
    if asked:
        try:
            at = parsedate_to_datetime(asked).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
        return max(0.0, (at - now).total_seconds())
    reset = headers.get("x-ratelimit-reset", "").strip()
    if headers.get("x-ratelimit-remaining", "").strip() == "0" and reset.isdecimal():
        return max(0.0, float(reset[:12]) - now.timestamp())
    return None


def origin(url: str) -> str:
    """Return scheme, host and port of `url`, the unit to which a token belongs."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


class Http:
    """An asynchronous JSON client with bounded concurrency, for use as `async with`.

    `tokens` maps an origin (see `origin`) to the bearer token that it alone is sent; `traffic` is counted up.
    Its answers share `room` with others. `transport`, `sleep` and `clock` (monotonic seconds) are the seams
    that tests use.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        timeout_s: float,
        patience_s: float,
        concurrency: int,
        tokens: Mapping[str, str],
        traffic: Traffic,
        room: Room | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.traffic = traffic
        self._room = room or Room()
        self._timeout_s = timeout_s
        self._patience_s = patience_s
        self._tokens = dict(tokens)
        self._slots = asyncio.Semaphore(concurrency)
        self._sleep = sleep
        self._clock = clock
        self._paused_until = 0.0
        self._waited_s = 0.0
        self._stopped: Stopped | None = None
        self._client = httpx.AsyncClient(
            headers={
                "User-Agent": user_agent,
                "Accept": "application/json",
                "Accept-Encoding": ACCEPTED,
            },
            timeout=timeout_s,
            limits=httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency),
            follow_redirects=False,
            verify=tls(),
            transport=transport,
        )

    async def __aenter__(self) -> "Http":
        """Open the client."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def post_json(self, url: str, payload: bytes) -> tuple[Any, httpx.Headers]:
        """Return the JSON answer to `payload` (JSON as bytes) and its headers.

        Waits as a rate limit asks, within the run's patience; tries again when a connection fails. Raises
        Overloaded, Unreachable, Refused or Limited.
        """
        attempt = 0
        while True:
            async with self._slots:
                await self._wait_for_limit()
                if self._stopped:
                    raise self._stopped
                with self._room.share() as share:
                    try:
                        # httpx bounds each read; the whole answer is bounded here, so that one byte now and
                        # then does not hold a run for ever.
                        async with asyncio.timeout(self._timeout_s):
                            status, headers, body = await self._post(url, payload, share)
                    except (httpx.TimeoutException, TimeoutError):
                        raise Overloaded(f"no answer within {self._timeout_s:g} s") from None
                    except httpx.TransportError as error:
                        attempt += 1
                        if attempt == ATTEMPTS and isinstance(error, httpx.ConnectError):
                            raise Unreachable(f"no connection to {origin(url)}: {_words(error)}") from None
                        if attempt == ATTEMPTS:
                            raise Overloaded(f"{origin(url)} broke the connection: {_words(error)}") from None
                        self.traffic.retries += 1
                        await self._sleep(backoff_s(attempt, random.random()))  # noqa: S311 - no secret
                        continue
                    self._check_clock(url, headers)
                    if status == 200:
                        return _parsed(url, body), headers
                    body = body[:TOLD_BYTES]
            if status == 429 or (status == 403 and tells_limit(headers, body)):
                self.pause(retry_after_s(headers, datetime.now(UTC)) or UNTOLD_LIMIT_S)
                self.traffic.retries += 1
            elif status >= 500:
                raise Overloaded(f"{origin(url)} answered {status}")
            else:
                raise self._stop(Refused(f"{origin(url)} answered {status}{_cure(status)}"))

    def _stop(self, reason: Stopped) -> Stopped:
        """Keep `reason`, so that requests which wait for their turn are not sent after it."""
        self._stopped = self._stopped or reason
        return reason

    def _check_clock(self, url: str, headers: Mapping[str, str]) -> None:
        """Raise Refused when our clock is wrong: what is learned now would bear a false time."""
        now = datetime.now(UTC)
        try:
            theirs = parsedate_to_datetime(headers.get("date", "")).astimezone(UTC)
        except (ValueError, OverflowError):
            return
        if abs(theirs - now) > AHEAD:
            raise self._stop(
                Refused(
                    f"the clock of this machine says {now:%Y-%m-%d %H:%M} UTC and that of {origin(url)} "
                    f"{theirs:%Y-%m-%d %H:%M}: set the clock"
                )
            )

    def pause(self, wait_s: float) -> None:
        """Hold every request for `wait_s` seconds, at least one.

        Raises Limited when all the waiting of this run would outlast its patience.
        """
        until = self._clock() + max(1.0, wait_s)
        longer_s = max(0.0, until - max(self._paused_until, self._clock()))
        if self._waited_s + longer_s > self._patience_s:
            raise self._stop(
                Limited(
                    f"a rate limit asks to wait {wait_s:.0f} s, patience ends after {self._patience_s:g} s"
                )
            )
        self._waited_s += longer_s
        self._paused_until = max(self._paused_until, until)

    async def _wait_for_limit(self) -> None:
        while (wait_s := self._paused_until - self._clock()) > 0:
            await self._sleep(wait_s)

    async def _post(self, url: str, payload: bytes, share: Share) -> tuple[int, httpx.Headers, bytes]:
        headers = {"Content-Type": "application/json"}
        if token := self._tokens.get(origin(url)):
            headers["Authorization"] = f"bearer {token}"
        self.traffic.requests += 1
        async with self._client.stream("POST", url, content=payload, headers=headers) as response:
            try:
                # A transport that has read an answer, as those of tests do, has unpacked it, too.
                read = response.is_stream_consumed
                encoding = "" if read else response.headers.get("content-encoding", "")
                body = Body(share, encoding, MAX_ANSWER_BYTES)
                async for chunk in response.aiter_bytes() if read else response.aiter_raw():
                    body.add(chunk)
                return response.status_code, response.headers, body.whole()
            except BodyError as error:
                raise Overloaded(f"{origin(url)} {error}") from None
            except httpx.TransportError:
                raise Overloaded(f"{origin(url)} broke off its answer") from None
            finally:
                self.traffic.bytes_received += response.num_bytes_downloaded


def _parsed(url: str, body: bytes) -> Any:
    """Return the JSON of an answer. Raises Overloaded where it is none, or takes too much memory."""
    if parse_cost(body) > MAX_PARSED_BYTES:
        raise Overloaded(f"{origin(url)} answered JSON that takes more than {MAX_PARSED_BYTES >> 20} MB")
    try:
        return parse_json(body)
    except JsonError as error:
        raise Overloaded(f"{origin(url)} answered with what {error}") from None


def get_bytes(
    url: str,
    *,
    user_agent: str,
    timeout_s: float,
    patience_s: float,
    traffic: Traffic,
    limit_bytes: int = MAX_ANSWER_BYTES,
    unpack: bool = True,
    share: Share | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> bytes:
    """Return the body at `url`, read in this thread, without any token or password of ours.

    At most `limit_bytes` are read, and taken of `share`. `unpack=False` returns the body as it came over the
    wire, whatever its `Content-Encoding` says. Follows a few redirects, but none from https to http. Tries
    again on connection errors, 429 and 5xx as long as patience lasts. Raises Overloaded, Unreachable, Refused
    or Limited.
    """
    ends = clock() + patience_s
    share = share or Room(2 * limit_bytes + PIECE_BYTES).share()
    attempt = hops = 0
    while True:
        attempt += 1
        wait_s = backoff_s(attempt)
        try:
            traffic.requests += 1
            with (
                _Straight() as session,
                session.get(
                    url,
                    headers={
                        "User-Agent": user_agent,
                        "Accept": "application/json",
                        "Accept-Encoding": ACCEPTED,
                    },
                    timeout=timeout_s,
                    stream=True,
                    allow_redirects=False,
                    auth=_nobody,
                ) as answer,
            ):
                if answer.is_redirect:
                    hops, attempt = hops + 1, attempt - 1
                    url = _redirected(url, answer.headers["Location"], hops)
                    continue
                if 200 <= answer.status_code < 300:
                    encoding = answer.headers.get("Content-Encoding", "") if unpack else ""
                    body = Body(share, encoding, limit_bytes)
                    return _read_all(answer, body, clock() + timeout_s, traffic, clock)
                if answer.status_code != 429 and answer.status_code < 500:
                    refused = Refused(f"answered {answer.status_code}{_locked(answer.status_code, url)}")
                    refused.status = answer.status_code
                    raise refused
                trouble: Unavailable = Overloaded(f"answered {answer.status_code}")
                asked_s = retry_after_s(
                    {name.lower(): value for name, value in answer.headers.items()}, datetime.now(UTC)
                )
                if asked_s is not None:
                    wait_s = max(wait_s, asked_s)
                    trouble = Limited(f"answered {answer.status_code} and asks to wait {asked_s:.0f} s")
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            trouble = Overloaded(f"no answer within {timeout_s:g} s")
        except requests.RequestException as error:
            trouble = Unreachable(f"no connection: {_words(error)}")
        except TooLongError as error:
            raise Refused(str(error)) from None
        except BodyError as error:
            trouble = Overloaded(str(error))
        except urllib3.exceptions.HTTPError:
            trouble = Overloaded("broke off its answer")
        except Overloaded as error:
            trouble = error.with_traceback(None)  # whose frames would keep what was read
        share.give_back()
        if attempt == ATTEMPTS or clock() + wait_s > ends:
            raise trouble
        traffic.retries += 1
        sleep(wait_s)


class _Straight(requests.Session):
    """A session that leaves redirects to us: `requests` reads the whole body of one, however large it is."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Name no target, so that nothing is followed or read ahead."""


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Send no credentials: without this, `requests` takes those of a ~/.netrc or of the address."""
    return request


def _redirected(url: str, location: str, hops: int) -> str:
    """Return where a redirect leads. Raises Refused when it is one too many, or leads away from https."""
    if hops > MAX_HOPS:
        raise Refused(f"redirects more than {MAX_HOPS} times")
    try:
        target = urljoin(url, location)
        schemes = urlsplit(url).scheme, urlsplit(target).scheme
    except ValueError:
        raise Refused("redirects to what is no address") from None
    if schemes[1] not in ("http", "https"):
        raise Refused("redirects to what is no http or https address")
    if schemes == ("https", "http"):
        raise Refused("redirects from https to http, where anybody on the way could change the answer")
    return target


def _read_all(
    answer: requests.Response, body: Body, ends: float, traffic: Traffic, clock: Callable[[], float]
) -> bytes:
    # read1: what has come, not the whole size, so that a host that dribbles is noticed between two reads.
    while chunk := answer.raw.read1(PIECE_BYTES, decode_content=False):
        traffic.bytes_received += len(chunk)
        body.add(chunk)
        if clock() > ends:
            raise Overloaded("the answer came too slowly")
    return body.whole()


def tells_limit(headers: Mapping[str, str], body: bytes) -> bool:
    """Tell whether a 403 is a rate limit, not a refusal."""
    return (
        "retry-after" in headers
        or headers.get("x-ratelimit-remaining", "").strip() == "0"
        or b"rate limit" in body[:TOLD_BYTES].lower()
    )


def _cure(status: int) -> str:
    if status == 401:
        return ": the token is not valid; renew GITHUB_TOKEN"
    if status == 403:
        return ": the token may not read this; check GITHUB_TOKEN's permissions"
    if 300 <= status < 400:
        return ": a redirect, which is not followed, so that no token leaves its host; correct the address"
    return ""


def _locked(status: int, url: str) -> str:
    """Return the cure of a refusal where we send no token and no password."""
    if status not in (401, 403):
        return ""
    host = urlsplit(url).hostname
    return f": {host} does not let everybody read it, and no password is sent; open it or correct the address"


def _words(error: Exception) -> str:
    """Return what went wrong in words, on one line and without an address that may carry a secret."""
    return type(error).__name__
