"""A stand-in of GitHub's REST API for one repository, held to GitHub's own description of it.

    rest = RestWorld(repository="almanac/registry", tokens={"t0ken": {"issues": "write"}})
    rest.add_issue("Broken link", labels=["links"])
    with GitHub(rest=rest, token="t0ken") as github:
        ...  # GITHUB_API_URL=github.url, GITHUB_TOKEN=t0ken, GITHUB_REPOSITORY=almanac/registry
    assert rest.faults == []

Every request and every answer is checked against the description; what does not fit is kept in `rest.faults`.
`rest_world.py` tells what a repository holds and how to make it misbehave; `HANDLERS` lists the endpoints.
"""

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.emulators import rest_collaborators, rest_issues, rest_pulls, rest_repository
from tests.emulators.rest_calls import HANDLERS, Answer, ApiError, Call, Listing
from tests.emulators.rest_description import Operation, answer_faults, body_faults, find, query_faults
from tests.emulators.rest_shapes import Shapes
from tests.emulators.rest_world import BOT, Failure, Record, RestWorld
from tests.emulators.server import Request, Response, Server

__all__ = ["BOT", "BlobHost", "Failure", "RestApi", "RestWorld"]

MODULES = (rest_collaborators, rest_issues, rest_pulls, rest_repository)
"""They put their handlers into HANDLERS as they are imported."""

ACCEPTED = ("application/vnd.github+json", "application/vnd.github.v3+json", "application/json", "*/*")
VERSIONS = ("2022-11-28", "2026-03-10")
LEVELS = {"read": 1, "write": 2}


class BlobHost(Server):
    """The other origin that artefacts come from; a request that brings a token is a fault."""

    def __init__(self, world: RestWorld, *, host: str = "127.0.0.1") -> None:
        super().__init__(host=host)
        self.world = world

    async def answer(self, request: Request) -> Response:
        for name in ("authorization", "cookie"):
            if name in request.headers:
                self.world.faults.append(f"{name} was sent to the host of the artefacts")
        if failure := self.world.failure(request.method, request.path):
            if failure.kind == "redirect":
                return Response(status=failure.status or 302, headers={"Location": failure.location})
            return spoiled(failure, Response(body=b"PK"))
        name = request.path.removeprefix("/artifacts/").removesuffix(".zip")
        for artifacts in self.world.artifacts.values():
            for artifact in artifacts:
                if str(artifact["id"]) == name and request.target.endswith("?sig=s1gned"):
                    headers = {"Content-Type": "application/zip"}
                    return Response(headers=headers, body=artifact["zip"], zip=False)
        return Response(status=404, headers={"Content-Type": "application/xml"}, body=b"<Error/>")


class RestApi:
    """Answers requests about one repository."""

    def __init__(self, world: RestWorld, *, main_token: str | None) -> None:
        self.world = world
        self.main_token = main_token
        self.blobs = BlobHost(world)
        find("GET", "/")  # the description is read before the first client's clock runs

    def knows(self, token: str) -> bool:
        return token in self.world.tokens if self.world.tokens else token == self.main_token

    def answer(self, request: Request, api: str) -> Response:
        """Answer one request; `api` is the address of this server."""
        with self.world.lock:
            failure = self.world.failure(request.method, request.path)
            if failure is not None and not failure.heard:
                return spoiled(failure, json_response({"message": "ok"}, 200))
            response = self._answer(request, api)
            return response if failure is None else spoiled(failure, response)

    def _answer(self, request: Request, api: str) -> Response:
        operation, params = find(request.method, request.path)
        try:
            token = self._token(request)
            if operation is None:
                self._fault(request, "GitHub has no such endpoint")
                raise ApiError(404, "Not Found")
            return self._handle(request, operation, params, token, api)
        except ApiError as error:
            docs = operation.docs_url if operation else "https://docs.github.com/rest"
            data: Record = {"message": error.message}
            if error.errors is not None:
                data["errors"] = error.errors
            data |= {"documentation_url": docs, "status": str(error.status)}
            return json_response(data, error.status)

    def _token(self, request: Request) -> str:
        """Return the token of a request, "" when it brings none. Raises ApiError for a wrong one."""
        if request.headers.get("accept", "") not in ACCEPTED:
            self._fault(request, f"the header Accept asks for {request.headers.get('accept', 'nothing')!r}")
        version = request.headers.get("x-github-api-version")
        if version is not None and version not in VERSIONS:
            raise ApiError(400, f"{version} is not a supported version")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not scheme:
            return ""
        if scheme.lower() not in {"bearer", "token"} or not self.knows(token):
            raise ApiError(401, "Bad credentials")
        return token

    def _handle(
        self, request: Request, operation: Operation, params: Mapping[str, str], token: str, api: str
    ) -> Response:
        found = HANDLERS.get((operation.method, operation.template))
        if found is None:
            self._fault(request, "this endpoint is not emulated")
            raise ApiError(404, "Not Found")
        handler, needs = found
        if f"{params['owner']}/{params['repo']}".lower() != self.world.repository.lower():
            raise ApiError(404, "Not Found")
        self._permit(operation, needs, token)
        query = dict(parse_qsl(request.target.partition("?")[2], keep_blank_values=True))
        payload = self._payload(request)
        faults = [*query_faults(operation, query), *body_faults(operation, payload)]
        for fault in faults:
            self._fault(request, fault)
        if faults:
            raise ApiError(422, "Invalid request.\n\n" + "\n".join(faults))
        call = Call(
            world=self.world,
            shapes=Shapes(self.world, api),
            params=params,
            query=query,
            payload=payload,
            login=self.world.logins.get(token, BOT),
            blob_url=self.blobs.url,
        )
        answer = handler(call)
        if isinstance(answer, Listing):
            answer = paged(answer, query, f"{api}{request.path}")
        for fault in answer_faults(operation, answer.status, answer.payload):
            self._fault(request, f"the emulator's answer is wrong: {fault}")
        return json_response(answer.payload, answer.status, answer.headers)

    def _permit(self, operation: Operation, needs: str, token: str) -> None:
        """Raise ApiError unless the token holds one of the permissions that are needed."""
        if not token:
            open_to_all = operation.method == "GET" and "artifacts/{artifact_id}/" not in operation.template
            if not open_to_all:
                raise ApiError(401, "Requires authentication")
            return
        if not needs or not self.world.tokens:
            return
        held = self.world.permissions(token)
        for one in needs.split():
            name, _, level = one.partition("=")
            if LEVELS.get(held.get(name, ""), 0) >= LEVELS[level]:
                return
        raise ApiError(403, "Resource not accessible by integration")

    def _payload(self, request: Request) -> Any:
        if not request.body:
            return None
        if "json" not in request.headers.get("content-type", ""):
            self._fault(request, "the body's Content-Type is not JSON")
        try:
            return json.loads(request.body)
        except ValueError:
            raise ApiError(400, "Problems parsing JSON") from None

    def _fault(self, request: Request, text: str) -> None:
        self.world.faults.append(f"{request.method} {request.path}: {text}")


def paged(listing: Listing, query: Mapping[str, str], url: str) -> Answer:
    """Return one page of a list, with the Link header that leads to the others."""
    size, page = int(query.get("per_page", "30")), max(1, int(query.get("page", "1")))
    last = max(1, -(-len(listing.items) // size))
    steps = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    if page <= 1:
        del steps["prev"], steps["first"]
    if page >= last:
        del steps["next"], steps["last"]
    links = [
        f'<{url}?{urlencode({**query, "page": number})}>; rel="{name}"' for name, number in steps.items()
    ]
    items = listing.items[(page - 1) * size : page * size]
    payload = {"total_count": len(listing.items), listing.key: items} if listing.key else items
    return Answer(payload, headers={"Link": ", ".join(links)} if links else {})


def json_response(payload: Any, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Answer JSON with GitHub's headers; no body where there is no payload."""
    known = {
        "Server": "github.com",
        "Content-Type": "application/json; charset=utf-8",
        "X-GitHub-Media-Type": "github.v3; format=json",
        "X-GitHub-Request-Id": "E000:EMULATED",
        "X-RateLimit-Limit": "1000",
        "X-RateLimit-Remaining": "999",
        "X-RateLimit-Resource": "core",
        **(headers or {}),
    }
    body = b"" if payload is None else json.dumps(payload, separators=(",", ":")).encode()
    return Response(status=status, headers=known, body=body)


def spoiled(failure: Failure, right: Response) -> Response:
    """Return what a failure makes of the right answer."""

    def told(status: int, message: str, **headers: str) -> Response:
        return json_response({"message": message, "status": str(status)}, status, headers)

    match failure.kind:
        case "bad-gateway":
            return told(502, "Server Error")
        case "server-error":
            return told(500, "Server Error")
        case "unavailable":
            return Response(status=503, headers={"Content-Type": "text/html"}, body=b"<h1>Unavailable</h1>")
        case "secondary-limit":
            text = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
            wait = {} if failure.retry_after_s is None else {"Retry-After": str(failure.retry_after_s)}
            return told(failure.status or 403, text, **wait)
        case "rate-limited":
            response = told(403, "API rate limit exceeded for installation ID 1.")
            reset = int(time.time()) + failure.reset_in_s
            response.headers |= {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
            return response
        case "not-found":
            return told(404, "Not Found")
        case "forbidden":
            return told(403, "Resource not accessible by integration")
        case "revoked":
            return told(401, "Bad credentials")
        case "redirect":
            return told(failure.status or 302, "Moved", Location=failure.location)
        case "html":
            page = b"<!DOCTYPE html><title>Sign in</title>"
            return Response(headers={"Content-Type": "text/html; charset=utf-8"}, body=page)
        case "answer":
            headers = {"Content-Type": "application/json", **failure.headers}
            return Response(status=failure.status or 200, headers=headers, body=failure.body.encode())
        case "hang":
            right.hang = True
        case "slow":
            right.chunk_bytes, right.pause_s = failure.chunk_bytes, failure.pause_s
        case "huge":
            right.body = b" " * failure.size_bytes + right.body
        case "truncated":
            right.body = right.body[: len(right.body) // 2]
        case "short-body":
            right.missing_bytes = 1_000
        case "not-json":
            right.body = b"{not json"
        case "reset":
            right.ending = "reset"
        case "close":
            right.status = 0
    return right
