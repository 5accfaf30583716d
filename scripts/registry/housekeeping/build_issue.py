"""The one issue that tells that scheduled builds fail: opened once, kept up to date, closed by a success.

Its body begins with a hidden comment that holds its record as JSON. An issue is ours when github-actions[bot]
wrote it, it has our label, and its body begins so: what somebody else opens with the same words is not.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from registry.github.own_comments import is_ours
from registry.github.rest import Rest
from registry.text.github_markdown import plain

LABEL = "build-failure"
TITLE = "The scheduled build fails"
MARKER = "<!-- almanac:build-failure "
MARKED = re.compile(re.escape(MARKER) + r"(\{[^\n]{0,4000}\}) -->")
KEPT_RUNS = 10
REOPEN_WITHIN = timedelta(days=7)
COMMENT_EVERY = timedelta(days=1)
TOLD = 10
"""Lines that the body tells of the enrichment's report."""

Job = Literal["build", "deploy"]
Result = Literal["success", "failure", "cancelled", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of the workflow, and how it ended."""

    id: int
    url: str
    workflow: str
    event: str
    build: Result
    deploy: Result
    at: datetime
    trouble: tuple[str, ...] = ()
    """What the enrichment's report says, line by line, as it was written."""

    @property
    def failed(self) -> Job | None:
        """Return the job that failed; the other one then did not run, or ran before it."""
        if "cancelled" in (self.build, self.deploy):
            return None
        return "build" if self.build == "failure" else "deploy" if self.deploy == "failure" else None

    @property
    def succeeded(self) -> bool:
        """Tell whether the site was built and published."""
        return self.build == self.deploy == "success"


class Entry(BaseModel):
    """One failed run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int = Field(ge=1)
    at: AwareDatetime
    job: Job


class Record(BaseModel):
    """What the issue remembers from failure to failure."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: AwareDatetime
    last: AwareDatetime
    count: int = Field(ge=1, le=1_000_000)
    told: Job
    """The failure that people were told of last."""
    commented: AwareDatetime | None = None
    runs: tuple[Entry, ...] = Field(max_length=KEPT_RUNS)


def read_record(body: str) -> Record | None:
    """Return the record in an issue's body, None where there is none that can be used."""
    found = MARKED.match(body)
    if found is None:
        return None
    try:
        return Record.model_validate_json(found[1])
    except ValidationError:
        return None


def after_failure(record: Record | None, run: Run, job: Job) -> tuple[Record, bool]:
    """Return the record with `run` in it, and whether a comment is due: another job fails, at most daily."""
    entry = Entry(id=run.id, at=run.at, job=job)
    if record is None:
        return Record(first=run.at, last=run.at, count=1, told=job, runs=(entry,)), False
    others = tuple(known for known in record.runs if known.id != run.id)
    is_again = len(others) < len(record.runs)  # the same run, tried again: no further failure
    is_due = record.told != job and (record.commented is None or run.at - record.commented >= COMMENT_EVERY)
    return (
        Record(
            first=record.first,
            last=run.at,
            count=min(1_000_000, record.count + (not is_again)),
            told=job if is_due else record.told,
            commented=run.at if is_due else record.commented,
            runs=(entry, *others)[:KEPT_RUNS],
        ),
        is_due,
    )


def folded(records: Sequence[Record]) -> Record | None:
    """Return one record for several issues that tell of the same failures; None for none."""
    if not records:
        return None
    runs = {entry.id: entry for record in records for entry in record.runs}
    newest = sorted(runs.values(), key=lambda entry: (entry.at, entry.id), reverse=True)
    comments = [record.commented for record in records if record.commented]
    return Record(
        first=min(record.first for record in records),
        last=max(record.last for record in records),
        # Those that a record no longer lists cannot be the same run twice.
        count=min(1_000_000, len(runs) + sum(max(0, record.count - len(record.runs)) for record in records)),
        told=records[0].told,
        commented=max(comments, default=None),
        runs=tuple(newest[:KEPT_RUNS]),
    )


def body(record: Record, run: Run) -> str:
    """Return the issue's body. Nothing in it that others wrote is Markdown or HTML."""
    base = run.url.rpartition("/")[0]
    lines = [
        f"{MARKER}{record.model_dump_json()} -->",
        f"The scheduled run of the workflow {plain(run.workflow)} fails, so the site stays as it was last "
        "published. The workflow keeps this issue: it updates it on each failure and closes it when a run "
        "succeeds.",
        "",
        "| | |",
        "|---|---|",
        f"| First failure | {_time(record.first)} |",
        f"| Last failure | {_time(record.last)} |",
        f"| Failures | {record.count} |",
        f"| Job that failed last | {record.runs[0].job} |",
        "",
        "Last failed runs:",
        "",
        *(f"- {_time(entry.at)}, job {entry.job}: [{entry.id}]({base}/{entry.id})" for entry in record.runs),
    ]
    if run.trouble:
        lines += ["", "The enrichment says:", "", *(f"- {plain(line)}" for line in run.trouble[:TOLD])]
        if len(run.trouble) > TOLD:
            lines.append(f"- and {len(run.trouble) - TOLD} more, in the run's summary")
    return "\n".join(lines) + "\n"


def report_lines(report: Any) -> tuple[str, ...]:
    """Return what the enrichment's report (JSON values) says of trouble; nothing for what is no report."""
    if not isinstance(report, Mapping):
        return ()
    refused, sources = report.get("refused"), report.get("sources")
    lines = [f"Nothing is published: {refused}"] if isinstance(refused, str) and refused else []
    for kind, source in sources.items() if isinstance(sources, Mapping) else ():
        trouble = source.get("trouble") if isinstance(source, Mapping) else None
        if isinstance(trouble, str) and trouble:
            lines.append(f"{kind}: {trouble}")
    return tuple(lines)


def keep(rest: Rest, repository: str, run: Run) -> str:
    """Open, update or close the issue as `run` ended; return what was done, "" for nothing.

    Asks nothing of GitHub when nothing can be to do. Raises registry.net.http.Unavailable.
    """
    job = run.failed
    if run.succeeded:
        return _close(rest, repository, run)
    if job is None or run.event != "schedule":
        return ""
    issues = f"/repos/{repository}/issues"
    found = _ours(rest, repository, run, "open") or _ours(rest, repository, run, "closed")[:1]
    if not found:
        record, _ = after_failure(None, run, job)
        made = rest.post(issues, {"title": TITLE, "body": body(record, run), "labels": [LABEL]})
        return f"opened issue {made['number']}"
    oldest, *others = found
    known = [kept for one in found if (kept := read_record(one["body"]))]
    latest, is_due = after_failure(folded(known), run, job)
    was_closed = oldest["state"] == "closed"
    # The body first: it holds when the last comment was written, so that no failure of ours repeats one.
    rest.patch(f"{issues}/{oldest['number']}", {"state": "open", "body": body(latest, run)})
    _fold(rest, issues, oldest["number"], others)
    if is_due:
        text = f"Now the job {job} fails: {run.url}"
        rest.post(f"{issues}/{oldest['number']}/comments", {"body": text})
    return f"{'reopened' if was_closed else 'updated'} issue {oldest['number']}"


def _close(rest: Rest, repository: str, run: Run) -> str:
    found = _ours(rest, repository, run, "open")
    if not found:
        return ""
    oldest, *others = found
    issues = f"/repos/{repository}/issues"
    rest.patch(f"{issues}/{oldest['number']}", {"state": "closed", "state_reason": "completed"})
    _fold(rest, issues, oldest["number"], others)
    rest.post(f"{issues}/{oldest['number']}/comments", {"body": f"It works again: {run.url}"})
    return f"closed issue {oldest['number']}"


def _fold(rest: Rest, issues: str, number: int, others: Sequence[Mapping[str, Any]]) -> None:
    """Close the issues that two runs at once have opened beside issue `number`."""
    for other in others:
        rest.patch(f"{issues}/{other['number']}", {"state": "closed", "state_reason": "duplicate"})
        rest.post(f"{issues}/{other['number']}/comments", {"body": f"Goes on in #{number}."})


def _ours(rest: Rest, repository: str, run: Run, state: Literal["open", "closed"]) -> list[dict[str, Any]]:
    """Return our open issues, the oldest first; or those that were closed of late, the last one first."""
    path = f"/repos/{repository}/issues"
    if state == "open":
        issues = (issue for issue in rest.pages(path, state=state, labels=LABEL) if is_ours(issue, MARKER))
        return sorted(issues, key=lambda issue: int(issue["number"]))
    since = _iso(run.at - REOPEN_WITHIN)
    late = [
        issue
        for issue in rest.pages(path, state=state, labels=LABEL, since=since)
        if is_ours(issue, MARKER)
        and issue.get("state_reason") != "duplicate"
        and str(issue.get("closed_at") or "") >= since
    ]
    return sorted(late, key=lambda issue: str(issue["closed_at"]), reverse=True)


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def read_report(raw: bytes) -> tuple[str, ...]:
    """Return what a report's file says of trouble; nothing where it is not JSON."""
    try:
        return report_lines(json.loads(raw))
    except (ValueError, RecursionError):
        return ()
