"""GitHub's own GraphQL schema, and what GitHub checks of a query before it runs it."""

import gc
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Source,
    VariableDefinitionNode,
    VariableNode,
    build_ast_schema,
    get_named_type,
    parse,
    print_ast,
    validate,
)
from graphql.type import GraphQLInterfaceType, GraphQLNamedType, GraphQLObjectType
from graphql.utilities import value_from_ast_untyped

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "@octokit/graphql-schema"
MAX_NODES = 500_000
MAX_PAGE = 100
QUERY_REQUIRED = "A query attribute must be specified and must be a string."


class SchemaMissingError(RuntimeError):
    """GitHub's schema is not installed."""


def schema_path(root: Path = ROOT) -> Path:
    """Return where npm puts the schema. Raises SchemaMissingError with the cure."""
    path = root / "node_modules" / PACKAGE / "schema.graphql"
    if not path.is_file():
        raise SchemaMissingError(
            f"{path.relative_to(root)} is missing: `make test` and `make demo` install it, or `npm ci`"
            f" ({PACKAGE}, pinned in package.json)"
        )
    return path


@contextmanager
def without_collector() -> Iterator[None]:
    """Hold the garbage collector off while a million small objects are made that stay: a third quicker."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@cache
def github_schema() -> GraphQLSchema:
    """Build the schema, once a process: half a second."""
    with without_collector():
        document = parse(schema_path().read_text(encoding="utf-8"), no_location=True)
        return build_ast_schema(document, assume_valid=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A paginated field of a query."""

    path: tuple[str, ...]
    name: str
    nodes: FieldNode
    outer: tuple[int | str, ...]
    """The page sizes of the connections around it: numbers, or names of variables."""
    size: int | str | None
    """Its own `first` or `last`."""
    argument: str
    """`first` or `last`."""
    lists: bool
    """Whether it asks for more than `totalCount`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A query that GitHub would run, parsed."""

    document: DocumentNode
    connections: tuple[Connection, ...]


@cache
def prepare(query: str) -> Prepared | tuple[GraphQLError, ...]:
    """Parse and validate a query, once for each text; return the errors when GitHub would refuse it."""
    try:
        document = parse(Source(query))
    except GraphQLError as error:
        return (error,)
    errors = validate(github_schema(), document)
    if errors:
        return tuple(errors)
    return Prepared(document=document, connections=tuple(connections_of(document)))


def connections_of(document: DocumentNode) -> Iterator[Connection]:
    """Walk a valid query's paginated fields, fragments included."""
    schema = github_schema()
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }

    def walk(
        selections: SelectionSetNode | None,
        parent: GraphQLNamedType,
        path: tuple[str, ...],
        outer: tuple[int | str, ...],
    ) -> Iterator[Connection]:
        for node in selections.selections if selections else ():
            if isinstance(node, FragmentSpreadNode):
                fragment = fragments[node.name.value]
                inner = schema.get_type(fragment.type_condition.name.value)
                if inner is not None:
                    yield from walk(fragment.selection_set, inner, path, outer)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                inner = schema.get_type(condition.name.value) if condition else parent
                if inner is not None:
                    yield from walk(node.selection_set, inner, path, outer)
            elif isinstance(node, FieldNode) and isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
                field = parent.fields.get(node.name.value)
                if field is None:  # __typename
                    continue
                kind = get_named_type(field.type)
                here = (*path, node.alias.value if node.alias else node.name.value)
                around = outer
                if kind.name.endswith("Connection"):
                    connection = describe(node, here, outer)
                    yield connection
                    if connection.size is not None:
                        around = (*outer, connection.size)
                yield from walk(node.selection_set, kind, here, around)

    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            root = schema.get_root_type(node.operation)
            if root is not None:
                yield from walk(node.selection_set, root, (), ())


def describe(node: FieldNode, path: tuple[str, ...], outer: tuple[int | str, ...]) -> Connection:
    """Read the page size of a paginated field."""
    size: int | str | None = None
    argument = "first"
    for given in node.arguments or ():
        if given.name.value in {"first", "last"}:
            if isinstance(given.value, VariableNode):
                size, argument = given.value.name.value, given.name.value
            elif isinstance(given.value, IntValueNode):
                size, argument = value_from_ast_untyped(given.value), given.name.value
    fields = node.selection_set.selections if node.selection_set else ()
    lists = any(not isinstance(field, FieldNode) or field.name.value != "totalCount" for field in fields)
    return Connection(
        path=path, name=node.name.value, nodes=node, outer=outer, size=size, argument=argument, lists=lists
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a query costs by GitHub's published rule, or why it is refused."""

    points: int
    nodes: int
    errors: tuple[dict[str, Any], ...] = ()


def cost_of(prepared: Prepared, variables: Mapping[str, Any]) -> Cost:
    """Count points and nodes as GitHub's rules for its GraphQL API tell.

    A point is a hundred pages asked for, at least one; a page has its size, times those around it, of nodes.
    """

    def number(size: int | str | None) -> int:
        value = variables.get(size) if isinstance(size, str) else size
        return value if isinstance(value, int) else 0

    pages = nodes = 0
    errors = []
    for connection in prepared.connections:
        outer = 1
        for size in connection.outer:
            outer *= number(size)
        own = number(connection.size)
        if connection.lists and not own:
            errors.append(
                pagination_error(
                    connection,
                    "MISSING_PAGINATION_BOUNDARIES",
                    "You must provide a `first` or `last` value to properly paginate the"
                    f" `{connection.name}` connection.",
                )
            )
        elif own > MAX_PAGE:
            errors.append(
                pagination_error(
                    connection,
                    "EXCESSIVE_PAGINATION",
                    f"Requesting {own} records on the `{connection.name}` connection exceeds the"
                    f" `{connection.argument}` limit of {MAX_PAGE} records.",
                )
            )
        if own:
            pages += outer
            nodes += outer * own
    if nodes > MAX_NODES:
        errors.append(
            {
                "type": "MAX_NODE_LIMIT_EXCEEDED",
                "message": f"This query requests up to {nodes:,} possible nodes which exceeds the maximum"
                f" limit of {MAX_NODES:,}.",
            }
        )
    return Cost(points=max(1, int(pages / 100 + 0.5)), nodes=nodes, errors=tuple(errors))


def pagination_error(connection: Connection, kind: str, message: str) -> dict[str, Any]:
    """Shape a refusal of a page size as GitHub does."""
    return {
        "type": kind,
        "path": list(connection.path),
        "locations": locations(connection.nodes),
        "message": message,
    }


def locations(node: FieldNode) -> list[dict[str, int]]:
    """Return where a field stands in the query."""
    token = node.loc.start_token if node.loc else None
    return [{"line": token.line, "column": token.column}] if token else []


UNKNOWN_FIELD = re.compile(r"Cannot query field '(\w+)' on type '(\w+)'")
UNKNOWN_ARGUMENT = re.compile(r"Unknown argument '(\w+)' on field '(\w+)\.(\w+)'")
UNUSED_VARIABLE = re.compile(r"Variable '\$(\w+)' is never used(?: in operation '(\w+)')?")
UNDEFINED_VARIABLE = re.compile(r"Variable '\$(\w+)' is not defined(?: by operation '(\w+)')?")
BAD_VARIABLE = re.compile(r"Variable '\$(\w+)' has invalid value: (.+)")


def refusal(error: GraphQLError) -> dict[str, Any]:
    """Shape an error of parsing, validating or reading variables as GitHub does: HTTP 200 and these words."""
    message, extensions = error.message, dict[str, Any]()
    if found := UNKNOWN_FIELD.match(message):
        field, kind = found.groups()
        message = f"Field '{field}' doesn't exist on type '{kind}'"
        extensions = {"code": "undefinedField", "typeName": kind, "fieldName": field}
    elif found := UNKNOWN_ARGUMENT.match(message):
        argument, _, field = found.groups()
        message = f"Field '{field}' doesn't accept argument '{argument}'"
        extensions = {
            "code": "argumentNotAccepted",
            "name": field,
            "typeName": "Field",
            "argumentName": argument,
        }
    elif found := UNUSED_VARIABLE.match(message):
        variable, operation = found.groups()
        message = f"Variable ${variable} is declared by {operation or 'anonymous query'} but not used"
        extensions = {"code": "variableNotUsed", "variableName": variable}
    elif found := UNDEFINED_VARIABLE.match(message):
        variable, operation = found.groups()
        message = f"Variable ${variable} is used by {operation or 'anonymous query'} but not declared"
        extensions = {"code": "variableNotDefined", "variableName": variable}
    elif found := BAD_VARIABLE.match(message):
        variable, explanation = found.groups()
        (definition,) = (node for node in error.nodes or () if isinstance(node, VariableDefinitionNode))
        message = f"Variable ${variable} of type {print_ast(definition.type)} was provided invalid value"
        extensions = {"problems": [{"path": [], "explanation": explanation}]}
    elif message.startswith("Syntax Error: "):
        message = "Parse error: " + message.removeprefix("Syntax Error: ")
    shaped: dict[str, Any] = {}
    if extensions:
        shaped["extensions"] = extensions
    if error.locations:
        shaped["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    shaped["message"] = message
    return shaped
