"""How GitHub words what it answers: headers, messages and error pages."""

import json
from collections.abc import Mapping
from typing import Any

from tests.emulators.execution import Budget
from tests.emulators.server import Response

DOCS_URL = "https://docs.github.com/graphql"
REST_DOCS_URL = "https://docs.github.com/rest"


def rate_headers(budget: Budget) -> dict[str, str]:
    """Return the headers that tell what is left."""
    return {
        "X-RateLimit-Limit": str(budget.limit),
        "X-RateLimit-Remaining": str(budget.remaining),
        "X-RateLimit-Used": str(budget.limit - budget.remaining),
        "X-RateLimit-Reset": str(budget.ends_at),
        "X-RateLimit-Resource": "graphql",
    }


def json_answer(
    data: Any, budget: Budget, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer JSON with GitHub's headers."""
    return Response(
        status=status,
        headers={
            "Server": "github.com",
            "Content-Type": "application/json; charset=utf-8",
            "X-GitHub-Media-Type": "github.v4; format=json",
            "X-GitHub-Request-Id": "E000:EMULATED",
            **rate_headers(budget),
            **(headers or {}),
        },
        body=json.dumps(data, separators=(",", ":")).encode(),
    )


def message(
    status: int, text: str, budget: Budget, *, url: str = DOCS_URL, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer one of the messages that come before any query runs."""
    data = {"message": text, "documentation_url": url, "status": str(status)}
    return json_answer(data, budget, status=status, headers=headers)


def no_user_agent() -> Response:
    """Refuse a client without a name."""
    return Response(
        status=403,
        headers={"Content-Type": "text/plain; charset=utf-8"},
        body=b"\r\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent"
        b" header.\r\n",
    )


def bad_credentials(budget: Budget) -> Response:
    """Refuse a token that is wrong, expired or revoked."""
    return message(401, "Bad credentials", budget)


def something_went_wrong(budget: Budget) -> Response:
    """Answer what a query gets that took GitHub too long."""
    text = (
        "Something went wrong while executing your query. This may be the result of a timeout, or it could be"
        " a GitHub bug. Please include `E000:EMULATED` when reporting this issue."
    )
    return json_answer({"data": None, "errors": [{"message": text}]}, budget, status=502)


def rate_limited(budget: Budget, *, kind: str = "RATE_LIMITED", status: int = 200) -> Response:
    """Answer what a query gets when no points are left: HTTP 200 with an error, or HTTP 403.

    GitHub has named the error's type RATE_LIMITED and, since 2025, RATE_LIMIT.
    """
    spent = Budget(limit=budget.limit, used=budget.limit, ends_at=budget.ends_at)
    text = "API rate limit already exceeded for user ID 41898282."
    if status == 200:
        return json_answer({"errors": [{"type": kind, "message": text}]}, spent)
    return message(status, text, spent)


def secondary_limit(budget: Budget, *, status: int, retry_after_s: int | None) -> Response:
    """Answer what a client gets that asks too much at once."""
    text = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    return message(status, text, budget, headers=retry_header(retry_after_s))


def retry_header(retry_after_s: int | None) -> dict[str, str]:
    """Return `Retry-After`, or nothing."""
    return {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
