"""GitHub's REST API, blocking: issues, pull requests, labels, contents of the registry's own repository.

The token goes to the origin of `Access.api_url` and to no other: only `download` follows redirects, and it
leaves the token behind. No message holds the token, a query or a signed address. Source of the rules:
https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from registry import user_agent
from registry.github.access import Access
from registry.github.rest_errors import (
    NotFound,
    Rejected,
    TooLarge,
    Unprocessable,
    is_unheard,
    next_page,
    rejected,
    said,
)
from registry.github.rest_paths import checked_path, is_repository, quoted, quoted_path
from registry.net.http import (
    ATTEMPTS,
    MAX_ANSWER_BYTES,
    UNTOLD_LIMIT_S,
    Limited,
    Overloaded,
    Refused,
    Traffic,
    Unavailable,
    Unreachable,
    backoff_s,
    origin,
    retry_after_s,
    tells_limit,
)
from registry.text.outside_json import JsonError, parse_json

__all__ = [
    "NotFound",
    "Rejected",
    "Rest",
    "TooLarge",
    "Unprocessable",
    "is_repository",
    "quoted",
    "quoted_path",
]

API_VERSION = "2022-11-28"
PER_PAGE = 100
"""Items of a page: the most that GitHub gives."""
MAX_HOPS = 5
"""Redirects of a download."""
REDIRECTS = (301, 302, 303, 307, 308)


class Rest:
    """A client of one GitHub's REST API.

    `timeout_s` bounds the wait for an answer's head and then the whole of its body; `patience_s` all waiting
    for rate limits together. GET, PUT, PATCH and DELETE are tried again when a connection breaks or on 5xx
    (ours set values, so twice is once); POST only when it cannot have been heard. `sleep` and `clock`
    (monotonic seconds) are seams for tests. Raises registry.net.http's Overloaded, Unreachable, Limited, or
    Refused with `rest_errors`' children of it.
    """

    def __init__(
        self,
        access: Access,
        *,
        user_agent: str = user_agent(),
        timeout_s: float = 15.0,
        patience_s: float = 120.0,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.traffic = Traffic()
        self._api_url = access.api_url.rstrip("/")
        self._token = access.token
        self._timeout_s = timeout_s
        self._patience_s = patience_s
        self._waited_s = 0.0
        self._sleep = sleep
        self._clock = clock
        self._session = requests.Session()
        self._session.headers = requests.structures.CaseInsensitiveDict(
            {
                "User-Agent": user_agent,
                "Accept": "application/vnd.github+json",
                "Accept-Encoding": "gzip",
                "X-GitHub-Api-Version": API_VERSION,
            }
        )
        # An `auth` of our own, also where there is no token: without one, requests would send what ~/.netrc
        # holds for the host.
        self._session.auth = self._authorize
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = HTTPAdapter(max_retries=0)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def get(self, path: str, **query: str | int) -> Any:
        """Return the JSON answer; `path` is like `/repos/owner/name/issues`, its segments `quoted`."""
        return self._json("GET", path, query=query)[0]

    def pages(self, path: str, *, key: str = "", limit: int = 1000, **query: str | int) -> Iterator[Any]:
        """Yield the items of all pages, at most `limit`. `key` names the list inside of an object answer."""
        query = {"per_page": min(PER_PAGE, limit), **query}
        url = self._url(path)
        left = limit
        for _ in range(limit):
            answer, headers = self._json("GET", path, url=url, query=query)
            items = answer.get(key) if key and isinstance(answer, dict) else answer
            if not isinstance(items, list):
                raise Overloaded(f"GET {path} answered with no list")
            yield from items[:left]
            left -= len(items)
            following = next_page(headers.get("link", ""))
            if not following or left <= 0:
                return
            url, query = urljoin(url, following), {}
            if origin(url) != origin(self._api_url):
                raise Refused(f"GET {path} names a next page on another host, which is not read")

    def post(self, path: str, payload: Mapping[str, Any]) -> Any:
        """Create something; return the JSON answer."""
        return self._json("POST", path, payload=payload)[0]

    def put(self, path: str, payload: Mapping[str, Any]) -> Any:
        """Put something in its place; return the JSON answer."""
        return self._json("PUT", path, payload=payload)[0]

    def patch(self, path: str, payload: Mapping[str, Any]) -> Any:
        """Change something; return the JSON answer."""
        return self._json("PATCH", path, payload=payload)[0]

    def delete(self, path: str) -> None:
        """Delete something."""
        self._json("DELETE", path)

    def download(self, path: str, *, limit_bytes: int) -> bytes:
        """Return the bytes at `path`, redirects followed, the token sent to the API's own origin alone.

        Raises TooLarge as soon as there are more than `limit_bytes`.
        """
        url = self._url(path)
        for _ in range(MAX_HOPS + 1):
            status, headers, body = self._try("GET", path, url, {}, None, limit_bytes)
            if status not in REDIRECTS:
                return body
            target = urljoin(url, headers.get("location", ""))
            if urlsplit(target).scheme not in {urlsplit(url).scheme, "https"}:
                raise Refused(f"GET {path} leads to an address that is neither http nor https, or less safe")
            url = target
        raise Refused(f"GET {path} is redirected more than {MAX_HOPS} times")

    def _json(
        self,
        method: str,
        path: str,
        *,
        url: str = "",
        query: Mapping[str, str | int] | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> tuple[Any, Mapping[str, str]]:
        """Return the JSON answer (None when it has no body) and its headers, names in lower case."""
        status, headers, body = self._try(method, path, url or self._url(path), query or {}, payload)
        if status in REDIRECTS:
            raise Refused(
                f"{method} {path} answered {status}: a redirect, which is not followed, so that no token "
                "leaves its host; correct GITHUB_API_URL or the repository's name"
            )
        if not body:
            return None, headers
        try:
            return parse_json(body), headers
        except JsonError:
            raise Overloaded(f"{method} {path} answered with no whole JSON") from None

    def _try(
        self,
        method: str,
        path: str,
        url: str,
        query: Mapping[str, str | int],
        payload: Mapping[str, Any] | None,
        limit_bytes: int = 0,
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Ask until there is an answer, within patience; return its status (below 400), headers and body."""
        what = f"{method} {path}"
        attempt = 0
        while True:
            trouble: Unavailable
            try:
                status, headers, body = self._ask(what, method, url, query, payload, limit_bytes)
            except requests.Timeout as error:
                trouble = Overloaded(f"{what}: no answer within {self._timeout_s:g} s")
                again = method != "POST" or is_unheard(error)
            except requests.RequestException as error:
                # Only the error's name: its text may hold an address that carries a secret.
                trouble = Unreachable(f"{what}: no connection: {type(error).__name__}")
                again = method != "POST" or is_unheard(error)
            except Overloaded as error:
                trouble, again = error, method != "POST"
            else:
                if status < 400:
                    return status, headers, body
                if status == 429 or (status == 403 and tells_limit(headers, body)):
                    self._wait(what, retry_after_s(headers, datetime.now(UTC)) or UNTOLD_LIMIT_S)
                    continue
                if status < 500:
                    if method == "DELETE" and status == 404 and attempt:
                        return 204, {}, b""  # the first try was heard, only its answer was lost
                    raise rejected(what, status, said(body, self._token))
                trouble, again = Overloaded(f"{what} answered {status}"), method != "POST"
            attempt += 1
            if attempt == ATTEMPTS or not again:
                raise trouble
            self.traffic.retries += 1
            self._sleep(backoff_s(attempt))

    def _ask(
        self,
        what: str,
        method: str,
        url: str,
        query: Mapping[str, str | int],
        payload: Mapping[str, Any] | None,
        limit_bytes: int,
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Ask once."""
        self.traffic.requests += 1
        answer = self._session.request(
            method,
            url,
            params=dict(query),
            json=payload,
            timeout=self._timeout_s,
            allow_redirects=False,
            stream=True,
        )
        with closing(answer):
            headers = {name.lower(): value for name, value in answer.headers.items()}
            limit = limit_bytes if limit_bytes and answer.ok else MAX_ANSWER_BYTES
            try:
                return answer.status_code, headers, self._read(what, answer.raw, limit)
            except urllib3.exceptions.TimeoutError:
                raise Overloaded(f"{what}: no whole answer within {self._timeout_s:g} s") from None
            except (urllib3.exceptions.HTTPError, OSError):
                raise Overloaded(f"{what}: the answer broke off") from None
            finally:
                self.traffic.bytes_received += answer.raw.tell()

    def _read(self, what: str, raw: urllib3.response.BaseHTTPResponse, limit: int) -> bytes:
        ends = self._clock() + self._timeout_s
        body = bytearray()
        # `read1` returns what has come: `read` would wait for a whole block, however slowly it drips.
        while chunk := raw.read1(64 * 1024, decode_content=True):
            body += chunk
            if len(body) > limit:
                raise TooLarge(f"{what} answered more than {limit} bytes")
            if self._clock() > ends:
                raise Overloaded(f"{what}: no whole answer within {self._timeout_s:g} s")
        return bytes(body)

    def _url(self, path: str) -> str:
        """Return the address of `path`. Raises ValueError where somebody's text has not been `quoted`."""
        return self._api_url + checked_path(path)

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the token where it belongs."""
        if self._token and origin(request.url or "") == origin(self._api_url):
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def _wait(self, what: str, wait_s: float) -> None:
        """Wait as a limit asks, at least a second. Raises Limited when that outlasts patience."""
        wait_s = max(1.0, wait_s)
        if self._waited_s + wait_s > self._patience_s:
            raise Limited(
                f"{what}: a rate limit asks to wait {wait_s:.0f} s, patience ends after "
                f"{self._patience_s:g} s"
            )
        self._waited_s += wait_s
        self.traffic.retries += 1
        self._sleep(wait_s)
