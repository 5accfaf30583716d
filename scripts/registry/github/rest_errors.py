"""GitHub's answers that are no success: errors, limits, its own words; and where the next page is. Pure.

    Unavailable … Refused   registry.net.http's family
                  ├── Rejected          a 4xx; `status` tells which
                  │   ├── NotFound      404 or 410
                  │   └── Unprocessable 422: GitHub understood and will not
                  └── TooLarge          a download beyond its limit

No message holds the token.
"""

import requests
import urllib3

from registry.net.http import Refused
from registry.text.outside_json import JsonError, parse_json
from registry.text.problems import printable


class Rejected(Refused):
    """GitHub answered 4xx; `status` is the number."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class NotFound(Rejected):
    """404 or 410: it is not there, or the token may not know that it is."""


class Unprocessable(Rejected):
    """422: the request is well formed, and GitHub will not do it."""


class TooLarge(Refused):
    """A download is larger than its limit."""


def rejected(what: str, status: int, words: str) -> Rejected:
    """Return the error for a 4xx; `words` are GitHub's own."""
    message = f"{what} answered {status}" + (f": {words}" if words else "")
    if status == 401:
        message += "; the token is not valid: renew GITHUB_TOKEN"
    if status == 403:
        message += "; the token may not do this: check GITHUB_TOKEN's permissions"
    kind = {404: NotFound, 410: NotFound, 422: Unprocessable}.get(status, Rejected)
    return kind(message, status)


def said(body: bytes, token: str) -> str:
    """Return GitHub's own message, cut, on one line, without `token`."""
    try:
        answer = parse_json(body)
    except JsonError:
        return ""
    if not isinstance(answer, dict) or not isinstance(answer.get("message"), str):
        return ""
    parts = [answer["message"]]
    errors = answer.get("errors")
    for error in errors[:5] if isinstance(errors, list) else []:
        if isinstance(error, dict):
            told = (error.get(name) for name in ("resource", "field", "code", "message"))
            parts.append(" ".join(part for part in told if isinstance(part, str)))
        elif isinstance(error, str):
            parts.append(error)
    text = "; ".join(part for part in parts if part)
    if len(token) >= 8:
        text = text.replace(token, "***")
    return printable(text if len(text) <= 300 else f"{text[:299]}…")


def is_unheard(error: requests.RequestException) -> bool:
    """Tell whether no connection was made, so that the host cannot have heard the request."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", None)
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


def next_page(link: str) -> str:
    """Return the address of the next page in a Link header (RFC 8288), "" when this is the last."""
    for entry in requests.utils.parse_header_links(link) if link else []:
        if entry.get("rel") == "next":
            return str(entry.get("url", ""))
    return ""
