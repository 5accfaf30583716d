"""What the check tells people: lines of a log, annotations of a workflow, its summary. Pure functions."""

from collections.abc import Iterable, Sequence

from registry.quarantine.left_out import LeftOut
from registry.quarantine.showing import as_problem
from registry.quarantine.showing import summary as showing
from registry.site_check.verdict import Verdict
from registry.text.github_markdown import plain
from registry.text.problems import Level, Problem, printable

REASONS = 3
"""That a refusal names; each of them has a line of its own above it."""


def problems(verdict: Verdict, entries: Iterable[LeftOut]) -> list[Problem]:
    """Return a problem for each thing that refuses the whole, that is left out, or that is only a warning."""
    return [
        *(_problem(fault.file, fault.kind, fault.message, "error") for fault in verdict.refusals),
        *map(as_problem, entries),
        *(_problem(fault.file, fault.kind, fault.message, "warning") for fault in verdict.warnings),
    ]


def _problem(file: str, code: str, message: str, level: Level) -> Problem:
    return Problem(file=file, line=1, key="", level=level, code=code, message=message)


def refused(why: Sequence[str]) -> str:
    """Return why nothing is published, "" when all but what is left out is."""
    more = f" (and {len(why) - REASONS:,} more)" if len(why) > REASONS else ""
    return printable("; ".join(why[:REASONS])) + more


def summary(entries: Sequence[LeftOut], why: Sequence[str]) -> str:
    """Return Markdown for a job's summary, "" when all is well. Whatever plugins say is escaped."""
    refusal = f"**Nothing is published:** {plain(refused(why))}\n\n" if why else ""
    return refusal + showing(entries)
