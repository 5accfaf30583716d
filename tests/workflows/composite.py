"""Actions of our own, as GitHub runs them: read from the workspace when their step comes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from tests.workflows.actions import ActionFailed
from tests.workflows.commands import Command
from tests.workflows.results import Step
from tests.workflows.workflow import CompositeAction, WorkflowError, read_action

# Source: github.com/actions/runner, action_yaml.json. No secrets, and nothing of the other jobs.
DEFAULTS_SEE = {"github", "strategy", "matrix", "job", "runner"}
STEPS_SEE = DEFAULTS_SEE | {"env", "inputs", "steps"}
DEEPEST = 9


@dataclass(slots=True, kw_only=True)
class Scope:
    """What steps know of one another: those of the job, or those of an action, which have theirs apart."""

    status: Literal["success", "failure"] = "success"
    steps: dict[str, Step] = field(default_factory=dict)
    """By their ids."""
    env: Mapping[str, str] = field(default_factory=dict)
    """That of the step which uses the action."""
    folder: Path | None = None
    """The action's; None for the job's own steps."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    depth: int = 0

    def seen(self, contexts: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of the job's contexts that these steps see, an action's as the action sees them."""
        if self.folder is None:
            return dict(contexts)
        seen = {name: value for name, value in contexts.items() if name in STEPS_SEE}
        return seen | {
            "github": contexts["github"] | {"action_path": str(self.folder)},
            "inputs": dict(self.inputs),
        }

    def below(self, folder: Path, env: Mapping[str, str], inputs: Mapping[str, str]) -> "Scope":
        """Return the scope of an action that one of these steps uses."""
        if self.depth == DEEPEST:
            raise WorkflowError(f"{folder.name}: actions use one another more than {DEEPEST} deep")
        return Scope(folder=folder, env={**self.env, **env}, inputs=inputs, depth=self.depth + 1)


def find_action(workspace: Path, uses: str) -> tuple[CompositeAction, Path]:
    """Return the action that `./…` names, and its folder. Raises ActionFailed when there is none."""
    if ".." in PurePosixPath(uses).parts:
        raise WorkflowError(f"{uses}: must lie in the workspace")
    folder = workspace / uses
    for name in ("action.yml", "action.yaml"):
        if (file := folder / name).is_file():
            return read_action(file.read_bytes(), file.relative_to(workspace).as_posix()), folder
    raise ActionFailed(
        f"Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '{folder}'. Did you forget to run "
        "actions/checkout before running your local action?"
    )


def unexpected(action: CompositeAction, given: Mapping[str, object]) -> list[Command]:
    """Return GitHub's warning about inputs that the action has not; it runs all the same."""
    names = [name for name in given if name not in action.inputs]
    if not names:
        return []
    listed, valid = "', '".join(names), "', '".join(action.inputs)
    words = f"Unexpected input(s) '{listed}', valid inputs are ['{valid}']"
    return [Command(name="warning", data=words)]
