"""The table of actions: what each takes and tells, and what it may ask of a job."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.workflows.forge import Forge
from tests.workflows.workflow import WorkflowError

Inputs = Mapping[str, str]
Outputs = dict[str, str]


class ActionFailed(Exception):
    """An action fails its step."""


class Job(Protocol):
    """What an action needs of the job that runs it."""

    forge: Forge
    workspace: Path
    temporary: Path
    tools: Path
    token: str
    permissions: dict[str, str]
    run_id: int
    sha: str
    ref: str
    scopes: list[str]
    paths: list[str]
    exported: dict[str, str]
    repository: str

    def say(self, text: str) -> None:
        """Write to the step's log."""

    def afterwards(self, action: Callable[[], None]) -> None:
        """Do something at the job's end, when it succeeded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action: its pinned commit, what it takes, what it tells, and what it does."""

    commit: str
    version: str
    inputs: frozenset[str]
    outputs: frozenset[str]
    run: Callable[[Job, Inputs], Outputs]
    required: frozenset[str] = frozenset()


ACTIONS: dict[str, Action] = {}


def action(
    name: str, version: str, commit: str, inputs: str = "", outputs: str = "", required: str = ""
) -> Callable[[Callable[[Job, Inputs], Outputs]], Callable[[Job, Inputs], Outputs]]:
    """Enter a function into ACTIONS."""

    def enter(run: Callable[[Job, Inputs], Outputs]) -> Callable[[Job, Inputs], Outputs]:
        must = frozenset(required.split())
        takes = must | frozenset(inputs.split())
        tells = frozenset(outputs.split())
        ACTIONS[name] = Action(
            commit=commit, version=version, inputs=takes, outputs=tells, run=run, required=must
        )
        return run

    return enter


def find(uses: str, given: Mapping[str, object]) -> Action:
    """Return the action that `uses` names, its inputs checked."""
    name, _, commit = uses.partition("@")
    if name not in ACTIONS:
        raise WorkflowError(f"{uses}: no such action is allowed")
    found = ACTIONS[name]
    if commit != found.commit:
        raise WorkflowError(f"{uses}: must be pinned as {found.commit} ({found.version})")
    if unknown := sorted(set(given) - found.inputs):
        raise WorkflowError(f"{uses}: has no input {unknown[0]}")
    if missing := sorted(found.required - set(given)):
        raise WorkflowError(f"{uses}: needs the input {missing[0]}")
    return found


def permit(job: Job, scope: str, level: str, what: str) -> None:
    """Fail as the API does when the job's token may not do this."""
    if job.permissions.get(scope) not in {level, "write"}:
        raise ActionFailed(f"{what}: Resource not accessible by integration (needs {scope}: {level})")


def true(inputs: Inputs, name: str, default: str = "false") -> bool:
    """Read a boolean input as actions do."""
    text = inputs.get(name, default).lower()
    if text not in {"true", "false"}:
        raise ActionFailed(f"{name}: {text} is neither true nor false")
    return text == "true"


def inside(job: Job, name: str) -> Path:
    """Return a path of the workspace."""
    return job.workspace / name
