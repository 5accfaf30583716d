"""How steps and jobs went."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.workflows.commands import ANNOTATIONS, Command

Outcome = Literal["success", "failure", "cancelled", "skipped"]


@dataclass(slots=True, kw_only=True)
class Step:
    """A step as it went. `outcome` is before `continue-on-error`, `conclusion` after it."""

    name: str
    outcome: Outcome = "skipped"
    conclusion: Outcome = "skipped"
    log: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    commands: list[Command] = field(default_factory=list)
    steps: list["Step"] = field(default_factory=list)
    """Those of the composite action that it uses; log and commands hold theirs as well."""

    @property
    def annotations(self) -> list[Command]:
        return [command for command in self.commands if command.name in ANNOTATIONS]

    def for_context(self) -> dict[str, Any]:
        return {"outputs": self.outputs, "outcome": self.outcome, "conclusion": self.conclusion}


@dataclass(slots=True, kw_only=True)
class JobResult:
    """A job as it went."""

    result: Outcome = "skipped"
    steps: list[Step] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    permissions: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    workspace: Path = Path()
    environment_url: str = ""

    @property
    def log(self) -> str:
        return "".join(f"--- {step.name}: {step.outcome}\n{step.log}" for step in self.steps)

    def every_step(self) -> Iterator[Step]:
        """Yield the steps, and those of the actions that they use."""
        waiting = list(self.steps)
        while waiting:
            step = waiting.pop(0)
            yield step
            waiting[:0] = step.steps

    def step(self, name: str) -> Step:
        """Return the step of this name."""
        return next(step for step in self.steps if step.name == name)
