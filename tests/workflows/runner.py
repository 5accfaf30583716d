"""Runs a workflow file as GitHub does: every step, in order, in a fresh clone, with GitHub's environment.

    with open_forge(folder) as forge:
        result = run_workflow(forge, "build.yml", schedule(forge))
        assert result.conclusion == "success", result.log

Scripts are run for real; actions are those of actions.py. A run that lets a token or a secret out, or that
gives the runner a command which no workflow of ours gives, raises Breach whatever its outcome.
"""

from dataclasses import dataclass, field

from tests.workflows.commands import Command
from tests.workflows.events import Event
from tests.workflows.expressions import Surroundings
from tests.workflows.forge import Forge
from tests.workflows.job import JobRunner
from tests.workflows.results import JobResult, Outcome
from tests.workflows.workflow import Workflow, WorkflowError, read_workflow, rows

FOLDER = ".github/workflows"


@dataclass(slots=True, kw_only=True)
class Result:
    """A run as it went."""

    run_id: int
    workflow: Workflow
    event: Event
    jobs: dict[str, JobResult] = field(default_factory=dict)
    """By the job's id; rows of a matrix as `id (1)`, `id (2)` …"""

    @property
    def conclusion(self) -> Outcome:
        results = [job.result for job in self.jobs.values()]
        if set(results) == {"skipped"}:
            return "skipped"
        return "failure" if "failure" in results else "success"

    @property
    def log(self) -> str:
        return "".join(f"=== {name}: {job.result}\n{job.log}" for name, job in self.jobs.items())

    @property
    def annotations(self) -> list[Command]:
        return [found for job in self.jobs.values() for step in job.steps for found in step.annotations]


def run_workflow(forge: Forge, name: str, event: Event, *, row_limit: int = 99) -> Result:
    """Run a workflow file as it stands in the event's commit, `row_limit` rows of a matrix at most.

    Raises WorkflowError when GitHub would refuse the file, or would not start it for this event.
    """
    path = f"{FOLDER}/{name}"
    workflow = read_workflow(forge.origin.read(event.sha, path), path)
    if not workflow.wants(event.name, event.payload, event.ref, forge.origin.changed(event.sha)):
        raise WorkflowError(f"{path}: {event.name} does not start it")
    forge.runs += 1
    result = Result(run_id=9_000_000 + forge.runs, workflow=workflow, event=event)
    known = {"name": workflow.name, "path": path, "event": event.name, **event.run}
    record = forge.rest.add_run(result.run_id, status="in_progress", conclusion=None, **known)
    for job_id, keys in workflow.in_order():
        matrix = (keys.get("strategy") or {}).get("matrix")
        combinations = rows(forge.evaluator.fill(matrix, Surroundings(contexts={})))
        for number, combination in enumerate(combinations[:row_limit], 1):
            label = f"{job_id} ({number})" if matrix else job_id
            job = JobRunner(forge, workflow, event, result.run_id, job_id, keys, combination, result.jobs)
            result.jobs[label] = job.run()
    record |= {"status": "completed", "conclusion": result.conclusion}
    return result
