"""One job on a machine of its own: its steps in order, and what they see."""

import json
from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path
from secrets import token_hex
from typing import Any

from tests.workflows import actions
from tests.workflows.breaches import Breach, look_for_breaches
from tests.workflows.commands import HARMLESS, FileCommandError, parse_log
from tests.workflows.composite import DEFAULTS_SEE, Scope, find_action, unexpected
from tests.workflows.events import Event
from tests.workflows.expressions import Surroundings
from tests.workflows.forge import REPOSITORY, Forge
from tests.workflows.machine import SHELLS, Machine, Told
from tests.workflows.results import JobResult, Outcome, Step
from tests.workflows.workflow import Keys, Workflow, WorkflowError, needs

JOB_CONTEXTS = ("github", "needs", "vars", "inputs")


class JobRunner:
    """Runs one job. It is the `Job` that actions.py asks for."""

    def __init__(
        self,
        forge: Forge,
        workflow: Workflow,
        event: Event,
        run_id: int,
        job_id: str,
        keys: Keys,
        matrix: Mapping[str, Any],
        jobs: MutableMapping[str, JobResult],
    ) -> None:
        self.forge, self.workflow, self.event, self.run_id = forge, workflow, event, run_id
        self.job_id, self.keys, self.matrix, self.jobs = job_id, keys, matrix, jobs
        self.sha, self.ref, self.repository = event.sha, event.ref, REPOSITORY
        base = f"refs/heads/{event.base_ref or 'main'}"
        self.scopes = list(dict.fromkeys([event.ref, base, "refs/heads/main"]))
        self.scope = Scope()
        self.token = f"ghs_{token_hex(18)}"
        self.permissions = workflow.permissions(keys, read_only=event.from_fork)
        self.secrets = {"GITHUB_TOKEN": self.token, **({} if event.from_fork else forge.secrets)}
        self.masks = set(self.secrets.values())
        self.env: dict[str, str] = {}
        self.exported: dict[str, str] = {}
        self.paths: list[str] = []
        self.machine = Machine(forge.folder / f"run-{run_id}-{job_id}-{len(jobs)}")
        self.workspace = self.machine.workspace
        self.result = JobResult(permissions=self.permissions, workspace=self.workspace)
        self._said: list[str] = []
        self._last: list[Callable[[], object]] = []

    # What actions ask for

    @property
    def tools(self) -> Path:
        return self.machine.tools

    def say(self, text: str) -> None:
        """Write to the step's log."""
        self._said.append(text if text.endswith("\n") or not text else f"{text}\n")

    def afterwards(self, action: Callable[[], object]) -> None:
        """Do something at the job's end, when it succeeded."""
        self._last.append(action)

    # What expressions see

    def github(self) -> dict[str, Any]:
        """Return the context `github`. Its texts, but for the token, are the variables GITHUB_… as well."""
        event = self.event
        return {
            "actor": event.actor,
            "api_url": self.forge.github.url,
            "base_ref": event.base_ref,
            "event": event.payload,
            "event_name": event.name,
            "event_path": str(self.machine.event_path),
            "graphql_url": self.forge.github.graphql_url,
            "head_ref": event.head_ref,
            "job": self.job_id,
            "ref": event.ref,
            "ref_name": event.ref.split("/", 2)[-1],
            "ref_type": "branch",
            "repository": self.repository,
            "repository_owner": self.repository.partition("/")[0],
            "run_attempt": "1",
            "run_id": str(self.run_id),
            "run_number": str(self.forge.runs),
            "server_url": "https://github.com",
            "sha": event.sha,
            "token": self.token,
            "triggering_actor": event.actor,
            "workflow": self.workflow.name,
            "workspace": str(self.workspace),
        }

    def around_job(self) -> Surroundings:
        """Return what the job's own keys see."""
        contexts = {
            "github": self.github(),
            "vars": self.forge.variables,
            "inputs": self.event.inputs,
            "needs": {name: self._told(name) for name in needs(self.keys)},
            "matrix": self.matrix,
            "strategy": {"fail-fast": (self.keys.get("strategy") or {}).get("fail-fast", True)},
        }
        waited = {self._needed(name) for name in needs(self.keys)}
        # A job that was skipped is no success: those that need it are skipped too.
        return Surroundings(contexts=contexts, status="success" if waited <= {"success"} else "failure")

    def around(
        self, scope: Scope, env: Mapping[str, str] | None = None, *, secrets: bool = True
    ) -> Surroundings:
        """Return what a step sees; `secrets` stand in no `if`."""
        contexts = {
            **self.around_job().contexts,
            "env": {**self.env, **self.exported, **scope.env, **(env or {})},
            "job": {"status": self.scope.status},
            "runner": self.machine.context,
            "steps": {name: step.for_context() for name, step in scope.steps.items()},
        }
        if secrets:
            contexts["secrets"] = self.secrets
        return Surroundings(contexts=scope.seen(contexts), status=scope.status, workspace=self.workspace)

    def _rows(self, name: str) -> list[JobResult]:
        return [job for label, job in self.jobs.items() if label == name or label.startswith(f"{name} (")]

    def _needed(self, name: str) -> Outcome:
        results = {job.result for job in self._rows(name)}
        bad: tuple[Outcome, ...] = ("failure", "cancelled", "skipped")
        return next((outcome for outcome in bad if outcome in results), "success")

    def _told(self, name: str) -> dict[str, Any]:
        outputs = {key: value for job in self._rows(name) for key, value in job.outputs.items()}
        return {"result": self._needed(name), "outputs": outputs}

    # The job

    def run(self) -> JobResult:
        """Run the job; it is skipped where its `if` does not hold."""
        evaluator, outer = self.forge.evaluator, self.around_job()
        if not evaluator.holds(self.keys.get("if", "success()"), outer.only(*JOB_CONTEXTS)):
            return self.result
        with_secrets = Surroundings(contexts={**outer.contexts, "secrets": self.secrets})
        for place in (self.workflow.keys, self.keys):
            evaluator.fill(place.get("concurrency"), outer)
            for name, value in (place.get("env") or {}).items():
                self.env[name] = evaluator.text(value, with_secrets)
        self.machine.event_path.write_text(json.dumps(self.event.payload), encoding="utf-8")
        self.forge.rest.tokens[self.token] = self.permissions
        try:
            self.run_steps(self.keys["steps"], self.scope, self.result.steps)
            for action in self._last if self.scope.status == "success" else ():
                action()
        finally:
            # A job's token ends with the job.
            del self.forge.rest.tokens[self.token]
        self.result.result = self.scope.status
        after = self.around(self.scope)
        for name, value in (self.keys.get("outputs") or {}).items():
            self.result.outputs[name] = evaluator.text(value, after)
        if isinstance(environment := self.keys.get("environment"), Mapping):
            self.result.environment_url = evaluator.text(environment.get("url"), after)
        told = {"log": self.result.log, "summary": self.result.summary, "outputs": str(self.result.outputs)}
        told["steps"] = str([step.outputs for step in self.result.every_step()])
        look_for_breaches(self.masks, told, self.workspace, self.forge.artifacts(self.run_id))
        return self.result

    def run_steps(self, steps: list[Keys], scope: Scope, done: list[Step]) -> None:
        """Run the steps one after another; `done` gets how each went."""
        for keys in steps:
            step = Step(name=str(keys.get("name") or keys.get("id") or keys.get("uses") or "run"))
            done.append(step)
            if "id" in keys:
                scope.steps[keys["id"]] = step
            self.run_step(keys, step, scope)
            if step.conclusion == "failure":
                scope.status = "failure"

    def run_step(self, keys: Keys, step: Step, scope: Scope) -> None:
        """Run one step, unless its `if` does not hold."""
        evaluator = self.forge.evaluator
        if not evaluator.holds(keys.get("if", "success()"), self.around(scope, secrets=False)):
            return
        plain = self.around(scope)
        env = {name: evaluator.text(value, plain) for name, value in (keys.get("env") or {}).items()}
        around = self.around(scope, env)
        said_outside, self._said = self._said, []
        try:
            if "run" in keys:
                self.run_script(keys, step, scope, around, env)
            else:
                given = {
                    name: evaluator.text(value, around) for name, value in (keys.get("with") or {}).items()
                }
                if keys["uses"].startswith("./"):
                    self.run_composite(keys["uses"], given, step, scope, env)
                else:
                    step.outputs = actions.find(keys["uses"], given).run(self, given)
            step.outcome = "success"
        except (actions.ActionFailed, FileCommandError) as error:
            self.say(f"Error: {error}")
            step.outcome = "failure"
        step.log, self._said = "".join(self._said), said_outside
        step.conclusion = step.outcome
        if step.outcome == "failure" and evaluator.fill(keys.get("continue-on-error", False), around) is True:
            step.conclusion = "success"

    def run_composite(
        self, uses: str, given: Mapping[str, str], step: Step, scope: Scope, env: Mapping[str, str]
    ) -> None:
        """Run the steps of an action of our own. Raises ActionFailed when one of them failed."""
        evaluator = self.forge.evaluator
        action, folder = find_action(self.workspace, uses)
        step.commands += unexpected(action, given)
        whole = self.around(scope)
        seen = {name: value for name, value in whole.contexts.items() if name in DEFAULTS_SEE}
        defaults = Surroundings(contexts=seen, workspace=self.workspace)
        inputs = {name: evaluator.text(one.get("default"), defaults) for name, one in action.inputs.items()}
        # `required` is for people: to the runner what is not given is empty.
        inner = scope.below(folder, env, {**inputs, **given})
        self.run_steps(action.steps, inner, step.steps)
        for one in step.steps:
            self.say(f"--- {one.name}: {one.outcome}\n{one.log}")
            step.commands += one.commands
        after = self.around(inner)
        step.outputs = {name: evaluator.text(one["value"], after) for name, one in action.outputs.items()}
        if inner.status == "failure":
            raise actions.ActionFailed(f"{uses}: a step of it failed")

    def run_script(
        self, keys: Keys, step: Step, scope: Scope, around: Surroundings, env: Mapping[str, str]
    ) -> None:
        """Run a script, and do what it told the runner. Raises ActionFailed when it failed."""
        evaluator = self.forge.evaluator
        defaults: dict[str, Any] = {}
        for place in () if scope.folder else (self.workflow.keys, self.keys):
            defaults |= (place.get("defaults") or {}).get("run") or {}
        shell = evaluator.text(keys.get("shell") or defaults.get("shell"), around)
        command = SHELLS.get(shell, shell)
        if "{0}" not in command:
            raise WorkflowError(f"{self.workflow.path}: {shell} is no shell")
        folder = evaluator.text(keys.get("working-directory") or defaults.get("working-directory"), around)
        seen = around.contexts["github"].items()
        github = {name: value for name, value in seen if isinstance(value, str) and name != "token"}
        told = self.machine.run(
            evaluator.text(keys["run"], around),
            command,
            self.workspace / folder,
            {**self.forge.environment, **self.env, **self.exported, **scope.env, **env},
            {f"GITHUB_{name.upper()}": value for name, value in github.items()},
            self.paths,
            limit_s=float(keys.get("timeout-minutes", self.keys.get("timeout-minutes", 360))) * 60,
        )
        self.say(told.log)
        self._obey(step, told)
        if told.code:
            raise actions.ActionFailed(f"Process completed with exit code {told.code}.")

    def _obey(self, step: Step, told: Told) -> None:
        """Do what a script told the runner: by commands in its log, and by files."""
        step.commands = parse_log(told.log)
        self.masks |= {command.data for command in step.commands if command.name == "add-mask"}
        if strange := [command for command in step.commands if command.name not in HARMLESS]:
            raise Breach(f"{step.name}: the runner was given the command {strange[0]}")
        step.outputs |= told.outputs
        self.exported |= told.exported
        self.paths[:0] = reversed(told.paths)
        self.result.summary += told.summary
