"""What a handler of the REST emulator is given and gives, and how GitHub words a refusal."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.rest_shapes import Shapes
from tests.emulators.rest_world import Record, RestWorld

MAX_BODY = 65_536
"""Characters of an issue's, a comment's or a review's body."""


class ApiError(Exception):
    """An answer other than success, in GitHub's words."""

    def __init__(self, status: int, message: str, errors: list[Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors


@dataclass(slots=True, kw_only=True)
class Call:
    """One request, understood."""

    world: RestWorld
    shapes: Shapes
    params: Mapping[str, str]
    query: Mapping[str, str]
    payload: Any
    login: str
    blob_url: str
    """The other origin, that artefacts are downloaded from."""

    def number(self, name: str) -> int:
        """Return a number in the path, refusing what is none as a thing that is not there."""
        text = self.params[name]
        if not text.isdecimal():
            raise ApiError(404, "Not Found")
        return int(text)

    def thread(self) -> Record:
        """Return the issue or pull request that the path names."""
        thread = self.world.thread(self.number("issue_number"))
        if thread is None:
            raise ApiError(404, "Not Found")
        return thread

    def pull(self) -> Record:
        pull = self.world.pulls.get(self.number("pull_number"))
        if pull is None:
            raise ApiError(404, "Not Found")
        return pull


@dataclass(slots=True)
class Answer:
    """What a handler answers."""

    payload: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Listing:
    """Items to answer in pages; `key` names the list where it stands inside of an object."""

    items: list[Any]
    key: str = ""


Handler = Callable[[Call], Answer | Listing]
HANDLERS: dict[tuple[str, str], tuple[Handler, str]] = {}
"""(method, template below the repository) -> the handler, and the permissions of which one is needed."""


def handles(method: str, template: str, needs: str) -> Callable[[Handler], Handler]:
    """Register a handler. `needs` is like `issues=write pull_requests=write`: one of them is enough."""

    def register(handler: Handler) -> Handler:
        HANDLERS[method, "/repos/{owner}/{repo}" + template] = (handler, needs)
        return handler

    return register


def invalid(resource: str, name: str, code: str, message: str = "") -> ApiError:
    """Return the 422 that names a field."""
    error = {"resource": resource, "field": name, "code": code}
    return ApiError(422, "Validation Failed", [error | ({"message": message} if message else {})])


def check_text(resource: str, name: str, text: str, limit: int = MAX_BODY) -> str:
    """Return a text that GitHub would store. Raises ApiError 422 for one that is too long."""
    if len(text) > limit:
        raise invalid(resource, name, "custom", f"{name} is too long (maximum is {limit} characters)")
    return text


def check_color(color: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{6}", color):
        raise invalid("Label", "color", "invalid")
    return color.lower()
