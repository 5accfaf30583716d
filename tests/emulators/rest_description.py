"""GitHub's own description of its REST API, as a judge of requests and of our answers.

The description (OpenAPI 3.0) comes with the npm package @octokit/openapi. It is turned into JSON Schema,
closed: what an object does not list, it may not have. So the emulator can neither take nor invent a field.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

DESCRIPTION = Path("node_modules/@octokit/openapi/generated/api.github.com.json")
PREFIX = "/repos/{owner}/{repo}"
OPEN = "~open"
"""Ends the name of a definition that a branch of `allOf` uses: what it does not list, another may."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What the description says of one method of one path."""

    method: str
    template: str
    described: Mapping[str, Any]

    @property
    def docs_url(self) -> str:
        return str(self.described.get("externalDocs", {}).get("url", "https://docs.github.com/rest"))


@cache
def description() -> dict[str, Any]:
    """Return the description, read once in a process."""
    path = Path(__file__).parents[2] / DESCRIPTION
    if not path.is_file():
        raise FileNotFoundError(f"{DESCRIPTION} is not there: run `npm ci`")
    data: dict[str, Any] = json.loads(path.read_bytes())
    return data


@cache
def _routes() -> list[tuple[re.Pattern[str], str]]:
    """Return (pattern, template) of every path of a repository, in the order to try them."""
    templates = [template for template in description()["paths"] if template.startswith(PREFIX)]
    # The most literal first: a placeholder may stand for several segments and swallow the rest.
    templates.sort(key=lambda template: -len([part for part in template.split("/") if part[:1] != "{"]))
    return [(re.compile(_pattern(template)), template) for template in templates]


def _pattern(template: str) -> str:
    several = {
        f"{{{parameter['name']}}}"
        for described in description()["paths"][template].values()
        for parameter in map(_resolved, described.get("parameters", ()))
        if parameter.get("x-multi-segment")
    }
    made = ""
    for part in re.split(r"(\{\w+\})", template):
        wild = part.startswith("{")
        made += f"(?P<{part[1:-1]}>{'.+' if part in several else '[^/]+'})" if wild else re.escape(part)
    return made


def find(method: str, path: str) -> tuple[Operation | None, dict[str, str]]:
    """Return the operation and the path's parameters, decoded; None when the description has no such one."""
    for pattern, template in _routes():
        if found := pattern.fullmatch(path):
            described = description()["paths"][template].get(method.lower())
            if described is not None:
                values = {name: unquote(value) for name, value in found.groupdict().items()}
                return Operation(method, template, described), values
    return None, {}


def query_faults(operation: Operation, query: Mapping[str, str]) -> list[str]:
    """Return what the description does not allow in a query."""
    known = {
        parameter["name"]: parameter["schema"]
        for parameter in map(_resolved, operation.described.get("parameters", ()))
        if parameter["in"] == "query"
    }
    faults = [f"unknown query parameter {name!r}" for name in query if name not in known]
    for name, value in query.items():
        if name not in known:
            continue
        schema = known[name]
        if schema.get("type") == "integer" and not value.isdecimal():
            faults.append(f"query parameter {name!r} is no integer: {value!r}")
        if schema.get("enum") and value not in schema["enum"]:
            faults.append(f"query parameter {name!r} may not be {value!r}")
    if query.get("per_page", "1").isdecimal() and not 1 <= int(query.get("per_page", "1")) <= 100:
        faults.append("query parameter 'per_page' goes from 1 to 100")
    return faults


def body_faults(operation: Operation, payload: Any) -> list[str]:
    """Return what the description does not allow in a request's body; `payload` is None without one."""
    body = operation.described.get("requestBody")
    if body is None:
        return [] if payload is None else ["a body where none is described"]
    if payload is None:
        return ["no body where one is required"] if body.get("required") else []
    schema = body["content"]["application/json"]["schema"]
    return _faults(_validator(json.dumps(schema)), payload)


def answer_faults(operation: Operation, status: int, payload: Any) -> list[str]:
    """Return in what an answer differs from its description; `payload` is None without a body."""
    answers = operation.described["responses"]
    if str(status) not in answers:
        return [] if status >= 400 else [f"an answer {status} is not described"]
    content = _resolved(answers[str(status)]).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    if schema is None:
        return [] if payload is None else [f"an answer {status} has no body"]
    return _faults(_validator(json.dumps(schema)), payload)


def _faults(validator: jsonschema_rs.Draft202012Validator, payload: Any) -> list[str]:
    return [
        f"{'/'.join(map(str, error.instance_path)) or '.'}: {error.message[:300]}"
        for error in validator.iter_errors(payload)
    ]


@cache
def _validator(schema_text: str) -> jsonschema_rs.Draft202012Validator:
    """Return the validator of a schema, with the definitions that it reaches and no others."""
    wanted: list[str] = []
    schema = _translated(json.loads(schema_text), wanted, is_open=False)
    definitions: dict[str, Any] = {}
    while wanted:
        name = wanted.pop()
        if name not in definitions:
            source = description()["components"]["schemas"][name.removesuffix(OPEN)]
            definitions[name] = {}
            definitions[name] = _translated(source, wanted, is_open=name.endswith(OPEN))
    return jsonschema_rs.Draft202012Validator({"$defs": definitions, "allOf": [schema]})


KEPT = {
    *("type", "enum", "required", "pattern", "uniqueItems"),
    *("minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum"),
    *("minProperties", "maxProperties"),
}


def _translated(schema: Mapping[str, Any], wanted: list[str], *, is_open: bool) -> dict[str, Any]:
    """Return JSON Schema for a schema of OpenAPI 3.0; names of definitions in use are added to `wanted`."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2] + (OPEN if is_open else "")
        wanted.append(name)
        return {"$ref": f"#/$defs/{name}"}
    made: dict[str, Any] = {key: schema[key] for key in schema if key in KEPT}
    if "properties" in schema:
        made["properties"] = {
            name: _translated(value, wanted, is_open=False) for name, value in schema["properties"].items()
        }
    if "items" in schema:
        made["items"] = _translated(schema["items"], wanted, is_open=False)
    # GitHub's `oneOf` often fits twice.
    for kind, as_kind in (("oneOf", "anyOf"), ("anyOf", "anyOf")):
        if kind in schema:
            inside = is_open or "properties" in schema
            made[as_kind] = [_translated(value, wanted, is_open=inside) for value in schema[kind]]
    if "allOf" in schema:
        made["allOf"] = [_translated(value, wanted, is_open=True) for value in schema["allOf"]]
    more = schema.get("additionalProperties")
    if isinstance(more, Mapping) and more:
        made["additionalProperties"] = _translated(more, wanted, is_open=False)
    elif not is_open and more is None and ("properties" in schema or "allOf" in schema):
        made["unevaluatedProperties"] = False
    if schema.get("nullable"):
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
        return {"anyOf": [made, {"type": "null"}]}
    return made


def _resolved(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a `$ref` to parameters or responses means, or the value itself."""
    if "$ref" not in value:
        return value
    _, _, group, name = value["$ref"].split("/")
    found: Mapping[str, Any] = description()["components"][group][name]
    return found
