"""GitHub's expressions, evaluated by GitHub's own library `@actions/expressions` in a Node.js process."""

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

SCRIPT = Path(__file__).with_name("expressions.mjs")
EXPRESSION = re.compile(r"\$\{\{((?:'[^']*'|[^'}]|\}(?!\}))*)\}\}")

Status = Literal["success", "failure", "cancelled"]


class ExpressionError(ValueError):
    """An expression that GitHub would refuse; the message shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an expression sees where it stands. A context that is not named here cannot be named there."""

    contexts: Mapping[str, Any]
    status: Status = "success"
    workspace: Path | None = None
    """Where `hashFiles` looks; None where it may not be called."""

    def only(self, *names: str) -> "Surroundings":
        """Return the surroundings of a place that knows these contexts alone, and no files."""
        known = {name: value for name, value in self.contexts.items() if name in names}
        return Surroundings(contexts=known, status=self.status)


@dataclass(slots=True)
class Evaluator:
    """The process that evaluates; use as `with Evaluator() as evaluator`."""

    _process: subprocess.Popen[str] = field(init=False)

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            ["node", str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=10)

    def evaluate(self, expression: str, around: Surroundings) -> Mapping[str, Any]:
        """Return value, text, truthiness of an expression, and whether it asks for the status itself."""
        assert self._process.stdin
        assert self._process.stdout
        request = {
            "expression": expression.strip(),
            "contexts": around.contexts,
            "status": around.status,
            "workspace": str(around.workspace) if around.workspace else None,
        }
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: Mapping[str, Any] = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise ExpressionError(f"{expression.strip()}: {answer['error']}")
        return answer

    def fill(self, value: Any, around: Surroundings) -> Any:
        """Return a value of a workflow file with its expressions evaluated, in lists and mappings as well.

        A text that is one expression becomes its value; within a longer text it becomes its text.
        """
        if isinstance(value, Mapping):
            return {key: self.fill(item, around) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item, around) for item in value]
        if not isinstance(value, str):
            return value
        if whole := EXPRESSION.fullmatch(value.strip()):
            return self.evaluate(whole[1], around)["value"]
        return self.text(value, around)

    def text(self, value: Any, around: Surroundings) -> str:
        """Return a value as the text that a variable or an input holds."""
        if isinstance(value, bool):
            return str(value).lower()
        text = "" if value is None else str(value)
        if "${{" in EXPRESSION.sub("", text):
            raise ExpressionError(f"{text}: an expression does not end")
        return EXPRESSION.sub(lambda found: self.evaluate(found[1], around)["text"], text)

    def holds(self, condition: Any, around: Surroundings) -> bool:
        """Tell whether an `if:` holds: with `success()` implied unless it asks for the status itself."""
        text = str(condition).lower() if isinstance(condition, bool) else str(condition)
        whole = EXPRESSION.fullmatch(text.strip())
        if not whole and "${{" in text:
            raise ExpressionError(f"{text}: words around an expression make it always true")
        answer = self.evaluate(whole[1] if whole else text, around)
        return bool(answer["truthy"]) and (answer["asks_status"] or around.status == "success")
