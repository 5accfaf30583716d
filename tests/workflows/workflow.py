"""Workflow files and our own actions, read strictly: what is not known here is an error and never ignored."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import product
from typing import Any

import yaml

Keys = Mapping[str, Any]

WORKFLOW = {"name", "run-name", "on", "permissions", "env", "defaults", "concurrency", "jobs"}
JOB = {
    "name", "needs", "if", "runs-on", "timeout-minutes", "permissions", "env", "defaults", "strategy",
    "outputs", "environment", "concurrency", "steps", "continue-on-error",
}  # fmt: skip
STEP = {
    "name", "id", "if", "run", "shell", "working-directory", "uses", "with", "env", "continue-on-error",
    "timeout-minutes",
}  # fmt: skip
# Source: GitHub's "Metadata syntax". A step of an action has no time limit of its own.
ACTION = {"name", "author", "description", "branding", "inputs", "outputs", "runs"}
INPUT = {"description", "required", "default", "deprecationMessage"}
ACTION_STEP = STEP - {"timeout-minutes"}
SCOPES = {
    "actions", "attestations", "checks", "contents", "deployments", "discussions", "id-token", "issues",
    "models", "packages", "pages", "pull-requests", "security-events", "statuses",
}  # fmt: skip
DEFAULT_TYPES = {"pull_request": ["opened", "synchronize", "reopened"]}


class WorkflowError(ValueError):
    """A workflow that GitHub would refuse, or that this runner cannot play."""


class Loader(yaml.SafeLoader):
    """YAML 1.2's words for truth, so that the key `on` is a word."""


Loader.yaml_implicit_resolvers = {
    letter: [(tag, words) for tag, words in resolvers if tag.rpartition(":")[2] not in {"bool", "timestamp"}]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def known(keys: Any, allowed: set[str], place: str) -> Keys:
    """Return a mapping that has none but the allowed keys."""
    if not isinstance(keys, Mapping):
        raise WorkflowError(f"{place}: must hold keys and values")
    if unknown := sorted(set(keys) - allowed):
        raise WorkflowError(f"{place}: {unknown[0]} is unknown")
    return keys


def read_yaml(text: str | bytes, place: str) -> Keys:
    """Return a file's mapping."""
    try:
        content = yaml.load(text, Loader=Loader)
    except yaml.YAMLError as error:
        raise WorkflowError(f"{place}: is not YAML: {error}") from None
    if not isinstance(content, Mapping):
        raise WorkflowError(f"{place}: must hold keys and values")
    return content


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A workflow file, its keys checked."""

    path: str
    keys: Keys

    @property
    def name(self) -> str:
        return str(self.keys.get("name", self.path))

    @property
    def jobs(self) -> Mapping[str, Keys]:
        jobs: Mapping[str, Keys] = self.keys["jobs"]
        return jobs

    @property
    def triggers(self) -> Mapping[str, Keys]:
        """Event -> its filters."""
        on = self.keys["on"]
        named = {on: None} if isinstance(on, str) else on if isinstance(on, Mapping) else dict.fromkeys(on)
        return {event: filters or {} for event, filters in named.items()}

    def in_order(self) -> Iterator[tuple[str, Keys]]:
        """Yield the jobs, each after those that it needs."""
        waiting = dict(self.jobs)
        while waiting:
            ready = [name for name, job in waiting.items() if not set(needs(job)) & set(waiting)]
            if not ready:
                raise WorkflowError(f"{self.path}: jobs need one another: {', '.join(waiting)}")
            for name in ready:
                yield name, waiting.pop(name)

    def permissions(self, job: Keys, *, read_only: bool) -> dict[str, str]:
        """Return what a job's token may: by its own `permissions`, else the workflow's, else reading."""
        named = job.get("permissions", self.keys.get("permissions", {"contents": "read", "packages": "read"}))
        if isinstance(named, str):
            named = dict.fromkeys(SCOPES, named.removesuffix("-all"))
        known(named, SCOPES, f"{self.path}: permissions")
        granted = {scope: level for scope, level in named.items() if level != "none"}
        if unknown := set(granted.values()) - {"read", "write"}:
            raise WorkflowError(f"{self.path}: permissions: {sorted(unknown)[0]} is no level")
        # A pull request from a fork reads at most, whatever its workflow file asks for.
        if read_only:
            return {scope: "read" for scope in granted if scope != "id-token"}
        return granted

    def wants(self, name: str, event: Keys, ref: str, changed: list[str]) -> bool:
        """Tell whether an event starts this workflow: its name, activity type, branch, paths, workflow."""
        if name not in self.triggers:
            return False
        filters = self.triggers[name]
        if name == "schedule":
            return True
        known(
            filters,
            {"branches", "paths", "types", "workflows", "inputs"},
            f"{self.path}: on: {name}",
        )
        types = filters.get("types", DEFAULT_TYPES.get(name))
        base = event["pull_request"]["base"]["ref"] if "pull_request" in event else ref.split("/", 2)[-1]
        return (
            (not types or event.get("action") in types)
            and fits(base, filters.get("branches"))
            and ("paths" not in filters or any(fits(path, filters["paths"]) for path in changed))
            and ("workflows" not in filters or event["workflow"]["name"] in filters["workflows"])
        )


def fits(name: str, patterns: list[str] | None) -> bool:
    """Tell whether a name fits one of the patterns; no patterns fit all."""
    return patterns is None or any(fnmatchcase(name, pattern) for pattern in patterns)


def needs(job: Keys) -> list[str]:
    """Return the jobs that a job waits for."""
    named = job.get("needs", [])
    return [named] if isinstance(named, str) else list(named)


def read_workflow(text: str | bytes, path: str) -> Workflow:
    """Return a workflow whose keys, jobs and steps are all known."""
    keys = known(read_yaml(text, path), WORKFLOW, path)
    workflow = Workflow(path=path, keys=keys)
    if missing := {"on", "jobs"} - set(keys):
        raise WorkflowError(f"{path}: {sorted(missing)[0]} is missing")
    for job_id, job in workflow.jobs.items():
        place = f"{path}: jobs.{job_id}"
        known(job, JOB, place)
        if unknown := set(needs(job)) - set(workflow.jobs):
            raise WorkflowError(f"{place}: needs {sorted(unknown)[0]}, which is no job")
        if "runs-on" not in job:
            raise WorkflowError(f"{place}: runs-on is missing")
        check_steps(job["steps"], place)
    return workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositeAction:
    """An action of steps that lies in the repository, its keys checked."""

    inputs: Mapping[str, Keys]
    outputs: Mapping[str, Keys]
    steps: list[Keys]


def read_action(text: str | bytes, path: str) -> CompositeAction:
    """Return a composite action whose keys and steps are all known."""
    keys = known(read_yaml(text, path), ACTION, path)
    for key in ("name", "description", "runs"):
        if key not in keys:
            raise WorkflowError(f"{path}: {key} is missing")
    runs = known(keys["runs"], {"using", "steps"}, f"{path}: runs")
    if runs.get("using") != "composite":
        raise WorkflowError(f"{path}: runs.using: only composite actions can be played")
    inputs, outputs = keys.get("inputs") or {}, keys.get("outputs") or {}
    for name, one in inputs.items():
        known(one or {}, INPUT, f"{path}: inputs.{name}")
    for name, one in outputs.items():
        if "value" not in known(one, {"description", "value"}, f"{path}: outputs.{name}"):
            raise WorkflowError(f"{path}: outputs.{name}: value is missing")
    if "steps" not in runs:
        raise WorkflowError(f"{path}: runs.steps is missing")
    check_steps(runs["steps"], path, ACTION_STEP)
    for number, step in enumerate(runs["steps"], 1):
        if "run" in step and "shell" not in step:
            raise WorkflowError(
                f"{path}: step {number}: shell is missing, which a step of an action must name"
            )
    return CompositeAction(
        inputs={name: one or {} for name, one in inputs.items()}, outputs=outputs, steps=runs["steps"]
    )


def check_steps(steps: list[Keys], place: str, allowed: set[str] = STEP) -> None:
    """Raise WorkflowError for impossible steps: `run` beside `uses`, an id twice."""
    ids = [step["id"] for step in steps if "id" in step]
    if len(ids) != len(set(ids)):
        raise WorkflowError(f"{place}: two steps have the same id")
    for number, step in enumerate(steps, 1):
        known(step, allowed, f"{place}: step {number}")
        if ("run" in step) == ("uses" in step):
            raise WorkflowError(f"{place}: step {number}: needs either run or uses")


def rows(matrix: Any) -> list[dict[str, Any]]:
    """Return a matrix's combinations, `exclude` and `include` applied as GitHub does."""
    given = dict(matrix or {})
    include, exclude = given.pop("include", []), given.pop("exclude", [])
    combined = [dict(zip(given, values, strict=True)) for values in product(*given.values())] if given else []
    combined = [row for row in combined if not any(out.items() <= row.items() for out in exclude)]
    original = list(combined)
    for extra in include:
        axes = {key: value for key, value in extra.items() if key in given}
        suited = [row for row in original if axes.items() <= row.items()]
        for row in suited:
            row.update(extra)
        if not suited:
            combined.append(dict(extra))
    return combined or [{}]
