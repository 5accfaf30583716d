"""Running one query against a world, with GitHub's schema and GitHub's shapes of errors."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, GraphQLError, execute_sync

from tests.emulators.repositories import Info, NotEmulatedError, Value, World, node_id, resolve
from tests.emulators.schema import Cost, Prepared, cost_of, github_schema, locations, prepare, refusal

MAX_REPOSITORIES = 500


@dataclass(slots=True, kw_only=True)
class Budget:
    """The points of an hour. What is spent counts up; nothing resets it while a server runs."""

    limit: int
    ends_at: int
    """Unix time at which GitHub would start anew."""
    used: int = 0

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


@dataclass(slots=True, kw_only=True)
class Execution:
    """What one run of a query left behind."""

    answer: dict[str, Any] = field(default_factory=dict)
    """The JSON of the answer: `data`, `errors`."""
    cost: Cost
    asked: dict[str, str] = field(default_factory=dict)
    """Alias at the top of the query -> owner/name in lower case."""
    places: dict[str, list[dict[str, int]]] = field(default_factory=dict)
    """Alias -> where it stands in the query."""
    not_emulated: set[str] = field(default_factory=set)


class GitHubError(GraphQLError):
    """An error with the `type` that GitHub puts beside the message."""

    def __init__(self, kind: str, message: str, extensions: dict[str, Any] | None = None) -> None:
        super().__init__(message, extensions=extensions)
        self.kind = kind


def run(
    world: World, budget: Budget, text: str, variables: Mapping[str, Any], operation: str | None = None
) -> Execution:
    """Answer a query as GitHub would, or refuse it."""
    prepared = prepare(text)
    if not isinstance(prepared, Prepared):
        errors = [refusal(error) for error in prepared]
        return Execution(answer={"errors": errors}, cost=Cost(points=1, nodes=0))
    execution = Execution(cost=cost_of(prepared, variables))
    if execution.cost.errors:
        execution.answer = {"errors": list(execution.cost.errors)}
        return execution
    result = execute_sync(
        github_schema(),
        prepared.document,
        root_value=root(world, budget, execution),
        context_value=execution,
        variable_values=dict(variables),
        operation_name=operation,
        field_resolver=resolve,
    )
    if len(execution.asked) > MAX_REPOSITORIES:
        message = "Resource limits for this query exceeded."
        execution.answer = {"errors": [{"type": "RESOURCE_LIMITS_EXCEEDED", "message": message}]}
        return execution
    started = result.data is not None or execution.asked
    execution.answer = {"data": result.data} if started else {}
    if result.errors:
        execution.answer["errors"] = [shape(error, execution) for error in result.errors]
    return execution


def root(world: World, budget: Budget, execution: Execution) -> Value:
    """Return what stands at the top of every query."""
    remaining = max(0, budget.remaining - execution.cost.points)

    def repository(info: Info, *, owner: str, name: str, **arguments: Any) -> Value | None:
        alias = str(info.path.key)
        execution.asked[alias] = asked = f"{owner}/{name}".lower()
        execution.places[alias] = locations(info.field_nodes[0])
        if world.is_forbidden(owner, name):
            raise GitHubError(
                "FORBIDDEN",
                "Resource protected by organization SAML enforcement. You must grant your OAuth token access"
                " to this organization.",
                {"saml_failure": True},
            )
        found = world.find(owner, name)
        renamed = found is not None and found.name_with_owner.lower() != asked
        if found is None or (renamed and not arguments.get("followRenames", True)):
            raise GitHubError(
                "NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'."
            )
        return found.fields

    def by_id(info: Info, identifier: str) -> Value | None:
        found = world.by_id(identifier)
        if found is None:
            raise GitHubError(
                "NOT_FOUND", f"Could not resolve to a node with the global id of '{identifier}'."
            )
        execution.asked[f"{info.path.key}:{identifier}"] = found.name_with_owner.lower()
        return found.fields

    return {
        "__typename": "Query",
        "repository": repository,
        "node": lambda info, **arguments: by_id(info, arguments["id"]),
        "nodes": lambda info, *, ids: [by_id(info, identifier) for identifier in ids],
        "rateLimit": lambda info, **_: {
            "cost": execution.cost.points,
            "limit": budget.limit,
            "remaining": remaining,
            "used": budget.limit - remaining,
            "nodeCount": execution.cost.nodes,
            "resetAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(budget.ends_at)),
        },
        "viewer": {
            "__typename": "User",
            "login": "github-actions[bot]",
            "id": node_id("User", "github-actions[bot]"),
            "name": None,
            "url": "https://github.com/apps/github-actions",
            "resourcePath": "/apps/github-actions",
            "avatarUrl": lambda info, **_: "https://avatars.githubusercontent.com/in/15368",
        },
    }


def shape(error: GraphQLError, execution: Execution) -> dict[str, Any]:
    """Give an error of execution GitHub's shape: type, path, extensions, locations, message."""
    cause = error.original_error or error
    if isinstance(cause, NotEmulatedError):
        execution.not_emulated.add(str(cause))
    if not error.path:
        return refusal(error)
    shaped: dict[str, Any] = {}
    if isinstance(cause, GitHubError):
        shaped["type"] = cause.kind
    shaped["path"] = list(error.path)
    if isinstance(cause, GitHubError) and cause.extensions:
        shaped["extensions"] = cause.extensions
    fields = [node for node in error.nodes or () if isinstance(node, FieldNode)]
    shaped["locations"] = [place for node in fields for place in locations(node)]
    shaped["message"] = error.message
    return shaped
