"""The ways in which the GitHub emulator misbehaves."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from tests.emulators import answers
from tests.emulators.execution import Budget, Execution
from tests.emulators.server import Response

Kind = Literal[
    "bad-gateway",
    "gateway-timeout",
    "server-error",
    "unavailable",
    "rate-limited",
    "rate-limited-403",
    "secondary-limit",
    "revoked",
    "truncated",
    "short-body",
    "html",
    "reset",
    "close",
    "hang",
    "slow",
    "redirect",
    "empty",
    "null-data",
    "repository-error",
    "partial-timeout",
    "resource-limits",
    "huge",
    "answer",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way to misbehave, and when. Without a condition every request suffers it."""

    kind: Kind
    """
    `bad-gateway` 502, `gateway-timeout` 504, `server-error` 500, `unavailable` 503;
    `rate-limited`: HTTP 200 with an error of that type, no points left for `reset_in_s`;
    `rate-limited-403`: the same as HTTP 403; `secondary-limit`: `status` 403 (or 429) and Retry-After;
    `revoked`: HTTP 401; `truncated`: JSON cut in the middle; `short-body`: fewer bytes than promised;
    `html`: a page with HTTP 200; `reset`, `close`: no answer but the end of the connection;
    `hang`: no answer until the server stops; `slow`: the right answer, `chunk_bytes` every `pause_s`;
    `redirect`: HTTP `status` (302) to `location`; `empty`: HTTP 200 without a body; `null-data`;
    `repository-error`: the alias of `repository` is null, with an error of `error_type` at its path;
    `partial-timeout`: `data` with all aliases null and one error without a path;
    `resource-limits`: aliases but the first `spared` are null, with an error RESOURCE_LIMITS_EXCEEDED each;
    `huge`: the right answer with `size_bytes` of white space before it (zipped it is a bomb);
    `answer`: `status`, `headers` and `body` as given.
    """
    nth: int | None = None
    """Only the n-th GraphQL request, from 1."""
    from_nth: int | None = None
    """Only this GraphQL request and all later ones."""
    larger_than: int | None = None
    """Only requests that ask for more repositories than this."""
    repository: str | None = None
    """Only requests that ask for this repository (owner/name as asked, any case)."""
    times: int | None = None
    """Only so many times."""
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    location: str = ""
    error_type: str | None = None
    message: str = ""
    retry_after_s: int | None = 1
    reset_in_s: int = 3_600
    spared: int = 0
    size_bytes: int = 50_000_000
    chunk_bytes: int = 200
    pause_s: float = 0.05

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"unknown fault {self.kind!r}; known are {', '.join(get_args(Kind))}")
        if self.kind == "repository-error" and self.repository is None:
            raise ValueError("the fault 'repository-error' needs a `repository`")

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Fault":
        """Read a fault from JSON. Raises ValueError for a key that does not exist."""
        if unknown := set(data) - {known.name for known in fields(cls)}:
            raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
        return cls(**data)

    def suits(self, number: int, repositories: Collection[str], happened: int) -> bool:
        """Say whether this fault strikes the GraphQL request of that number."""
        return (
            (self.nth is None or number == self.nth)
            and (self.from_nth is None or number >= self.from_nth)
            and (self.larger_than is None or len(repositories) > self.larger_than)
            and (self.repository is None or self.repository.lower() in repositories)
            and (self.times is None or happened < self.times)
        )


def misbehave(fault: Fault, execution: Execution, budget: Budget, now: float) -> Response:
    """Return the answer that a fault turns a right one into."""
    right = answers.json_answer(execution.answer, budget)
    spent = Budget(limit=budget.limit, ends_at=int(now) + fault.reset_in_s)
    match fault.kind:
        case "bad-gateway":
            return answers.something_went_wrong(budget)
        case "gateway-timeout":
            text = "We couldn't respond to your request in time. Sorry about that."
            return answers.json_answer({"message": text}, budget, status=504)
        case "server-error":
            return answers.json_answer({"message": "Server Error"}, budget, status=500)
        case "unavailable":
            page = b"<html><body><h1>503 Service Unavailable</h1></body></html>"
            headers = {"Content-Type": "text/html", **answers.retry_header(fault.retry_after_s)}
            return Response(status=503, headers=headers, body=page)
        case "rate-limited":
            return answers.rate_limited(spent, kind=fault.error_type or "RATE_LIMITED")
        case "rate-limited-403":
            return answers.rate_limited(spent, status=403)
        case "secondary-limit":
            status = fault.status or 403
            return answers.secondary_limit(budget, status=status, retry_after_s=fault.retry_after_s)
        case "revoked":
            return answers.bad_credentials(budget)
        case "truncated":
            right.body = right.body[: len(right.body) // 2]
        case "short-body":
            right.missing_bytes = 1_000
        case "html":
            page = b"<!DOCTYPE html><title>Sign in</title><p>Welcome to this network."
            return Response(headers={"Content-Type": "text/html; charset=utf-8"}, body=page)
        case "reset":
            right.ending = "reset"
        case "close":
            right.status = 0
        case "hang":
            right.hang = True
        case "slow":
            right.chunk_bytes, right.pause_s = fault.chunk_bytes, fault.pause_s
        case "redirect":
            return Response(status=fault.status or 302, headers={"Location": fault.location})
        case "empty":
            right.body = b""
        case "null-data":
            return answers.json_answer({"data": None}, budget)
        case "repository-error":
            return answers.json_answer(spoil(execution, fault), budget)
        case "partial-timeout":
            error = {"message": "Something went wrong while executing your query."}
            return answers.json_answer({"data": dict.fromkeys(execution.asked), "errors": [error]}, budget)
        case "resource-limits":
            return answers.json_answer(limited(execution, fault.spared), budget)
        case "huge":
            right.body = b" " * fault.size_bytes + right.body
        case "answer":
            headers = {"Content-Type": "application/json", **fault.headers}
            return Response(status=fault.status or 200, headers=headers, body=fault.body.encode())
    return right


def limited(execution: Execution, spared: int) -> dict[str, Any]:
    """Leave aliases out of a right answer, as GitHub does when a query takes too much of it."""
    over = [*execution.asked][spared:]
    errors = [
        {
            "type": "RESOURCE_LIMITS_EXCEEDED",
            "path": [alias],
            "locations": execution.places[alias],
            "message": "Resource limits for this query exceeded.",
        }
        for alias in over
    ]
    data = execution.answer.get("data") or {}
    return {"data": {**data, **dict.fromkeys(over)}, "errors": [*execution.answer.get("errors", ()), *errors]}


def spoil(execution: Execution, fault: Fault) -> dict[str, Any]:
    """Make the aliases of one repository fail in an answer that is right otherwise."""
    data = dict(execution.answer["data"])
    errors = list(execution.answer.get("errors", ()))
    for alias, name in execution.asked.items():
        if fault.repository is not None and name == fault.repository.lower() and alias in data:
            data[alias] = None
            error: dict[str, Any] = {} if fault.error_type is None else {"type": fault.error_type}
            error["path"] = [alias]
            error["locations"] = execution.places[alias]
            error["message"] = fault.message or "Something went wrong while executing your query."
            errors.append(error)
    return {"data": data, "errors": errors}
