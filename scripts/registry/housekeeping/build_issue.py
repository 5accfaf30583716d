"""The one issue about scheduled builds: that they fail, or that they leave plugins out.

Opened once, kept up to date, closed when all is well. Its body begins with a hidden comment that holds its
record as JSON. An issue is ours when github-actions[bot] wrote it, it has our label, and its body begins so:
what somebody else opens with the same words is not.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import groupby
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from registry.github.own_comments import is_ours
from registry.github.rest import Rest
from registry.quarantine.build_report import errors_of
from registry.quarantine.left_out import LeftOut, in_order
from registry.text.github_markdown import Part, assemble, code, plain
from registry.text.problems import counted

LABEL = "build-failure"
TITLE = "The scheduled build fails"
TITLE_LEFT_OUT = "The build leaves plugins out"
MARKER = "<!-- almanac:build-failure "
MARKED = re.compile(re.escape(MARKER) + r"(\{[^\n]{0,4000}\}) -->")
KEPT_RUNS = 10
KEPT_NAMES = 100
"""Plugins left out of which the record knows that people have read."""
REOPEN_WITHIN = timedelta(days=7)
COMMENT_EVERY = timedelta(days=1)
SHOWN = 10
"""Lines that the body shows of what was refused."""
MAX_BODY = 60_000
"""Characters, of 65,536 that GitHub takes."""

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
    """What the build's report says was refused or failed, line by line, as it was written."""
    left_out: tuple[LeftOut, ...] = ()
    is_known: bool = True
    """Whether the build's report was read: where it was not, nobody knows that nothing is left out."""

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
    """What the issue remembers from run to run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: AwareDatetime
    last: AwareDatetime
    count: int = Field(ge=0, le=1_000_000)
    """Failures; 0 while builds only leave plugins out."""
    told: Job | None
    """The failure that people read of last; None: that plugins are left out."""
    commented: AwareDatetime | None = None
    runs: tuple[Entry, ...] = Field(max_length=KEPT_RUNS)
    known: tuple[str, ...] = Field((), max_length=KEPT_NAMES)
    """Digests of the plugins left out that people have read of."""


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
    is_due = record.told != job and _may_comment(record, run)
    return (
        Record(
            first=record.first if record.count else run.at,
            last=run.at,
            count=min(1_000_000, record.count + (not is_again)),
            told=job if is_due else record.told,
            commented=run.at if is_due else record.commented,
            runs=(entry, *others)[:KEPT_RUNS],
            known=record.known,
        ),
        is_due,
    )


def after_success(record: Record | None, run: Run) -> tuple[Record, bool]:
    """Return the record of a run that leaves plugins out, and whether a comment is due.

    One is when a plugin is left out that nobody has read of, or when builds failed before; at most daily.
    """
    names = _digests(run.left_out)
    if record is None:
        known = names[:KEPT_NAMES]
        return Record(first=run.at, last=run.at, count=0, told=None, runs=(), known=known), False
    still = tuple(name for name in record.known if name in names)
    is_new = any(name not in still for name in names[:KEPT_NAMES])
    is_due = (is_new or record.told is not None) and _may_comment(record, run)
    return (
        Record(
            first=record.first if not record.count else run.at,
            last=run.at,
            count=0,
            told=None if is_due else record.told,
            commented=run.at if is_due else record.commented,
            runs=(),
            known=names[:KEPT_NAMES] if is_due else still,
        ),
        is_due,
    )


def _may_comment(record: Record, run: Run) -> bool:
    return record.commented is None or run.at - record.commented >= COMMENT_EVERY


def _digests(left_out: Sequence[LeftOut]) -> tuple[str, ...]:
    """Return a short name of each plugin and step: what people wrote has no place in the record."""
    names = dict.fromkeys((entry.plugin, entry.stage) for entry in in_order(left_out))
    return tuple(sha256("\0".join(name).encode(errors="replace")).hexdigest()[:8] for name in names)


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
        known=tuple(dict.fromkeys(name for record in records for name in record.known))[:KEPT_NAMES],
    )


def title(run: Run) -> str:
    """Return the issue's title."""
    return TITLE if run.failed else TITLE_LEFT_OUT


def body(record: Record, run: Run) -> str:
    """Return the issue's body. Nothing in it that others wrote is Markdown or HTML."""
    parts = [Part(f"{MARKER}{record.model_dump_json()} -->\n{_first_words(run)}")]
    if run.failed:
        parts += _failures(record, run)
    parts += _left_out(run)
    return assemble(parts, MAX_BODY) + "\n"


def _first_words(run: Run) -> str:
    if run.failed:
        return (
            f"The scheduled run of the workflow {plain(run.workflow)} fails, so the site stays as it was "
            "last published. The workflow keeps this issue: it updates it on each failure and closes it "
            "when all is well."
        )
    return (
        f"The workflow {plain(run.workflow)} publishes the site without what stands below. It keeps this "
        f"issue: it updates it with each build, last at {_time(run.at)} ([{run.id}]({run.url})), and closes "
        "it when nothing is left out."
    )


def _failures(record: Record, run: Run) -> Iterator[Part]:
    base = run.url.rpartition("/")[0]
    rows = [
        "| | |",
        "|---|---|",
        f"| First failure | {_time(record.first)} |",
        f"| Last failure | {_time(record.last)} |",
        f"| Failures | {record.count} |",
        f"| Job that failed last | {record.runs[0].job} |",
    ]
    yield Part("\n".join(rows))
    yield Part("Last failed runs:")
    runs = (f"- {_time(entry.at)}, job {entry.job}: [{entry.id}]({base}/{entry.id})" for entry in record.runs)
    yield Part("\n".join(runs))
    if run.trouble:
        lines = [f"- {plain(line)}" for line in run.trouble[:SHOWN]]
        if len(run.trouble) > SHOWN:
            lines.append(f"- and {len(run.trouble) - SHOWN} more, in the run's summary")
        yield Part("The build says:")
        yield Part("\n".join(lines))


def _left_out(run: Run) -> Iterator[Part]:
    """Yield a line for each plugin: the first step that leaves something out, and why."""
    rows = []
    for plugin, group in groupby(in_order(run.left_out), key=lambda entry: entry.plugin):
        first, *more = group
        also = f" (and {len(more)} more)" if more else ""
        name = code(plugin, 100) if plugin else "no plugin"
        rows.append(f"- {name}, {first.stage}: {plain(first.message, 300)}{also}")
    if rows:
        yield Part("Left out:")
        yield Part("", rows, more="- and {} more, in /api/v1/errors.json")


def report_lines(report: Any) -> tuple[str, ...]:
    """Return what the build's report (JSON values) says was refused or failed, line by line."""
    if not isinstance(report, Mapping):
        return ()
    refused, sources, feeds = report.get("refused"), report.get("sources"), report.get("feeds")
    lines = [f"Nothing is published: {refused}"] if isinstance(refused, str) and refused else []
    if isinstance(feeds, Mapping) and feeds.get("published") is False:
        problems = feeds.get("problems")
        lines += [
            f"feeds: {fault['message']}"
            # The last one says why the whole is refused.
            for fault in (reversed(problems) if isinstance(problems, list) else ())
            if isinstance(fault, Mapping) and fault.get("level") == "error"
            if isinstance(fault.get("message"), str)
        ]
    check = report.get("check")
    reasons = check.get("refused") if isinstance(check, Mapping) else None
    lines += [
        f"check: {reason}"
        for reason in (reasons if isinstance(reasons, list) else ())
        if isinstance(reason, str)
    ]
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
    if run.succeeded and not run.left_out:
        return _close(rest, repository, run) if run.is_known else ""
    if not run.succeeded and (job is None or run.event != "schedule"):
        return ""
    issues = f"/repos/{repository}/issues"
    found = _ours(rest, repository, run, "open") or _ours(rest, repository, run, "closed")[:1]
    known = folded([kept for one in found if (kept := read_record(one["body"]))])
    latest, is_due = after_failure(known, run, job) if job else after_success(known, run)
    content = {"title": title(run), "body": body(latest, run)}
    if not found:
        made = rest.post(issues, {**content, "labels": [LABEL]})
        return f"opened issue {made['number']}"
    oldest, *others = found
    was_closed = oldest["state"] == "closed"
    # The body first: it holds when the last comment was written, so that no failure of ours repeats one.
    rest.patch(f"{issues}/{oldest['number']}", {"state": "open", **content})
    _fold(rest, issues, oldest["number"], others)
    if is_due:
        rest.post(f"{issues}/{oldest['number']}/comments", {"body": _news(known, run)})
    return f"{'reopened' if was_closed else 'updated'} issue {oldest['number']}"


def _news(before: Record | None, run: Run) -> str:
    """Return the comment on what has changed since the record `before`."""
    if run.failed:
        return f"Now the job {run.failed} fails: {run.url}"
    plugins = counted(len({entry.plugin for entry in run.left_out}), "plugin")
    again = "It works again, but leaves out" if before and before.told else "Now left out are"
    return f"{again} {plugins}, see above: {run.url}"


def _close(rest: Rest, repository: str, run: Run) -> str:
    found = _ours(rest, repository, run, "open")
    if not found:
        return ""
    oldest, *others = found
    issues = f"/repos/{repository}/issues"
    rest.patch(f"{issues}/{oldest['number']}", {"state": "closed", "state_reason": "completed"})
    _fold(rest, issues, oldest["number"], others)
    record = read_record(oldest["body"])
    words = "Nothing is left out any more" if record and not record.count else "It works again"
    rest.post(f"{issues}/{oldest['number']}/comments", {"body": f"{words}: {run.url}"})
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


def read_report(raw: bytes) -> tuple[tuple[str, ...], tuple[LeftOut, ...]] | None:
    """Return what a report's file says was refused or failed, and what was left out; None: it is not JSON."""
    try:
        report = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return report_lines(report), tuple(errors_of(report)) if isinstance(report, Mapping) else ()
